"""Comments, text boxes, pictures and crossed-out cells of .xlsx and .xlsm packages, read straight from their parts.

The drawings of an .xlsb package are the same; its comments and what is crossed out in it are not read, which is told.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence, Set
from xml.etree.ElementTree import Element

from sampler.files import xlsb
from sampler.files.beside import Beside, Parts, Pictures, Struck
from sampler.files.grid import column_index
from sampler.files.ooxml import Part, worksheets
from sampler.files.package import elements, links, mentions, parse_xml, tag

_KINDS = frozenset({"comments", "threadedComment", "drawing", "chartUserShapes"})
_ANCHORS = frozenset(
    {"twoCellAnchor", "oneCellAnchor", "absoluteAnchor", "relSizeAnchor", "absSizeAnchor", "AlternateContent"}
)
_PICTURES = frozenset({"pic", "graphicFrame", "contentPart"})
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})\b")


def parts(package: zipfile.ZipFile, file: str) -> Parts:
    """What to look at: styles and texts for what is crossed out, then each part that belongs to a sheet."""
    names = {name.replace("\\", "/").lower(): name for name in package.namelist()}
    binary = "xl/workbook.bin" in names
    if binary:
        yield None, _struck_of_xlsb(package, names.get("xl/styles.bin"))
    else:
        yield None, _struck(package, names, file)
    told = sorted(link for link in links(package, "xl/", file=file) if link.kind in _KINDS)
    if not told:
        return
    sheets = xlsb.worksheets(package, file=file) if binary else worksheets(package, file=file)
    titles = {sheet.part.lower(): sheet.name for sheet in sheets}
    said: dict[tuple[str | None, str], str] = {}
    for kind, source, target in told:
        sheet = titles.get(source.lower())
        part = names.get(target.lower())
        if part is None or not part.lower().endswith(".xml"):
            yield sheet, iter([Beside("comments-not-read", sheet)])
        elif kind in ("comments", "threadedComment"):
            yield sheet, _comments(package, part, sheet, said, file)
        else:
            yield sheet, _drawn(package, part, sheet, file)


def _comments(
    package: zipfile.ZipFile, part: str, sheet: str | None, said: dict[tuple[str | None, str], str], file: str
) -> Iterator[Beside]:
    """The comments of a part; of a thread only what the comment that stands for it in older programs does not say."""
    for _, comment in elements(package, part, {"comment", "threadedComment"}, file=file):
        words = "".join(e.text or "" for e in comment.iter() if tag(e) in ("t", "text")).strip()
        reference = comment.get("ref", "")
        known = said.get((sheet, reference), "")
        packed = "".join(words.split())
        if not words or (tag(comment) == "threadedComment" and packed in known):
            continue
        said[sheet, reference] = known + packed
        yield Beside("comment", sheet, *_place(reference), words)


def _place(reference: str) -> tuple[int | None, int | None]:
    """The 1-based row and 0-based column of a reference such as ``D5``."""
    place = _REFERENCE.match(reference)
    return (int(place[2]), column_index(place[1])) if place else (None, None)


def _drawn(package: zipfile.ZipFile, part: str, sheet: str | None, file: str) -> Iterator[Beside]:
    """The words of each shape of a drawing, and how many pictures and wordless shapes (a line, a circle) there are."""
    pictures = Pictures(sheet)
    for _, anchor in elements(package, part, _ANCHORS, file=file):
        shown = list(_shown(anchor))
        place = _anchored(shown)
        texts = [words for e in shown if tag(e) == "txBody" and (words := _paragraphs(e))]
        for words in texts:
            yield Beside("text-box", sheet, *place, words)
        if not texts or any(tag(e) in _PICTURES for e in shown):
            named = next((e for e in shown if tag(e) == "cNvPr"), None)
            pictures.add("" if named is None else named.get("descr") or named.get("name") or "", *place)
    yield from pictures.told()


def _shown(element: Element) -> Iterator[Element]:
    """What an element holds, in order, without what stands in for it in older programs."""
    waiting = [element]
    while waiting:
        one = waiting.pop()
        if tag(one) != "Fallback":
            yield one
            waiting.extend(reversed(one))


def _anchored(shown: Sequence[Element]) -> tuple[int | None, int | None]:
    """The 1-based row and 0-based column of a shape's upper left corner."""
    corner = next((e for e in shown if tag(e) == "from"), None)
    if corner is None:
        return None, None
    at = {tag(e): int(e.text) for e in corner if e.text and e.text.isdecimal() and len(e.text) < 8}
    return at["row"] + 1 if "row" in at else None, at.get("col")


def _paragraphs(body: Element) -> str:
    """The words of a shape, a line for each paragraph."""
    lines = []
    for paragraph in body.iter():
        if tag(paragraph) == "p":
            said = (e for e in paragraph.iter() if tag(e) in ("t", "br"))
            lines.append("".join("\n" if tag(e) == "br" else e.text or "" for e in said))
    return "\n".join(lines).strip()


def _struck(package: zipfile.ZipFile, names: Mapping[str, str], file: str) -> Iterator[Struck]:
    """The cells whose format is struck through, and those of whose shared text a part is."""
    styles, strings = names.get("xl/styles.xml"), names.get("xl/sharedstrings.xml")
    formats = _struck_formats(package, styles, file) if styles else frozenset()
    texts = _struck_texts(package, strings, file) if strings else frozenset()
    if formats or texts:
        for sheet in worksheets(package, file=file):
            yield from _struck_cells(package, sheet, formats, texts, file)


def struck_within(package: zipfile.ZipFile, name: str, file: str) -> Iterator[Struck]:
    """The cells of a sheet whose text stands in the sheet itself and is struck through in part (see `Facts.struck`).

    Raises:
        InputError: the sheet is damaged.
    """
    for sheet in worksheets(package, file=file):
        if sheet.name == name:
            yield from _struck_cells(package, sheet, frozenset(), frozenset(), file)


def _struck_formats(package: zipfile.ZipFile, part: str, file: str) -> Set[str]:
    """The numbers of the cell formats whose font is struck through."""
    if not mentions(package, part, b"strike", file=file):
        return frozenset()
    lists: Mapping[str, Element] = {tag(e): e for e in parse_xml(package, part, file=file)}
    fonts = [e for e in lists.get("fonts", ()) if tag(e) == "font"]
    struck = {str(i) for i, font in enumerate(fonts) if _is_struck(font)}
    formats = [e for e in lists.get("cellXfs", ()) if tag(e) == "xf"]
    return {str(i) for i, xf in enumerate(formats) if xf.get("fontId", "0") in struck}


def _struck_texts(package: zipfile.ZipFile, part: str, file: str) -> Set[str]:
    """The numbers of the shared texts of which a part is struck through."""
    if not mentions(package, part, b"strike", file=file):
        return frozenset()
    texts = enumerate(text for _, text in elements(package, part, {"si"}, file=file))
    return {str(i) for i, text in texts if _is_struck_in_part(text)}


def _struck_cells(
    package: zipfile.ZipFile, sheet: Part, formats: Set[str], texts: Set[str], file: str
) -> Iterator[Struck]:
    row = 0
    for _, line in elements(package, sheet.part, {"row"}, file=file):
        number = line.get("r", "")
        row = int(number) if number.isdecimal() and len(number) < 8 else row + 1
        column = -1
        for cell in line:
            _, place = _place(cell.get("r", ""))
            column = column + 1 if place is None else place
            value = next((e.text for e in cell if tag(e) == "v"), None) if cell.get("t") == "s" else None
            if cell.get("s", "0") in formats or (value or "").strip() in texts or _is_struck_in_part(cell):
                yield Struck(sheet.name, row, column)


def _is_struck(properties: Element) -> bool:
    """Whether the properties of a font say that it is struck through."""
    return any(tag(e) == "strike" and e.get("val", "1") not in ("0", "false", "off") for e in properties)


def _is_struck_in_part(text: Element) -> bool:
    """Whether a run of a text that is not blank is struck through."""
    for run in text.iter():
        struck = tag(run) == "r" and any(tag(e) == "rPr" and _is_struck(e) for e in run)
        if struck and any((e.text or "").strip() for e in run if tag(e) == "t"):
            return True
    return False


def _struck_of_xlsb(package: zipfile.ZipFile, styles: str | None) -> Iterator[Beside]:
    if styles and xlsb.has_struck_font(package.read(styles)):
        yield Beside("struck-out-not-read", None)
