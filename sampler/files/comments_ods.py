"""Comments, text boxes, pictures and crossed-out cells of .ods packages. Names: OASIS, OpenDocument 1.3, part 3."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from itertools import chain
from xml.etree.ElementTree import Element

from sampler.files.beside import Beside, Parts, Pictures, Struck
from sampler.files.grid import MAX_COLUMNS
from sampler.files.package import elements, mentions, tag

_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CONTENT, _STYLES = "content.xml", "styles.xml"
_MOST_REPEATED = 65_536
"""Rows with content that one row of the file may stand for; nobody crosses out more by hand."""


def parts(package: zipfile.ZipFile, file: str) -> Parts:
    """What to look at: the styles for what is crossed out, then what stands in and above the cells."""
    yield None, _struck(package, file)
    if mentions(package, _CONTENT, b"annotation", b"<draw:", file=file):
        yield None, _written(package, file)


def _rows(package: zipfile.ZipFile, file: str) -> Iterator[tuple[str, int, Element]]:
    """The columns (row 0), the rows with their 1-based number and the shapes (row 0) of each sheet, with its name."""
    present, after = None, 1
    for above, element in elements(package, _CONTENT, {"table-column", "table-row", "shapes"}, file=file):
        table = next((e for e in above if e.tag == f"{_TABLE}table"), None)
        if table is None:
            continue
        if table is not present:
            present, after = table, 1
        row = 0
        if element.tag == f"{_TABLE}table-row":
            row, after = after, after + _number(element, "number-rows-repeated")
        yield table.get(f"{_TABLE}name", ""), row, element


def _cells(row: Element) -> Iterator[tuple[int, int, Element]]:
    """The cells of a row: 0-based column, number of columns, cell."""
    column = 0
    for cell in row:
        repeated = _number(cell, "number-columns-repeated")
        yield column, repeated, cell
        column += repeated


def _number(element: Element, name: str) -> int:
    value = element.get(f"{_TABLE}{name}", "")
    return int(value) if value.isdecimal() and len(value) < 8 else 1


def _written(package: zipfile.ZipFile, file: str) -> Iterator[Beside]:
    """The comments, the words of each shape, and how many pictures and wordless shapes a sheet has."""
    pictures: dict[str, Pictures] = {}
    for sheet, row, element in _rows(package, file):
        held: Iterator[tuple[int | None, Element]] = iter(())
        if row:
            held = ((column, e) for column, _, cell in _cells(element) for e in cell)
        elif tag(element) == "shapes":
            held = ((None, e) for e in element)
        for column, one in held:
            words = _words(one)
            if one.tag == f"{_OFFICE}annotation":
                if words:
                    yield Beside("comment", sheet, row, column, words)
            elif one.tag.startswith(_DRAW):
                if words:
                    yield Beside("text-box", sheet, row or None, column, words)
                if not words or next(one.iter(f"{_DRAW}image"), None) is not None:
                    pictures.setdefault(sheet, Pictures(sheet)).add(one.get(f"{_DRAW}name", ""), row or None, column)
    yield from chain.from_iterable(found.told() for found in pictures.values())


def _words(element: Element) -> str:
    """The paragraphs in an element, a line for each."""
    return "\n".join("".join(p.itertext()) for p in element.iter(f"{_TEXT}p")).strip()


def _struck(package: zipfile.ZipFile, file: str) -> Iterator[Struck]:
    """The cells whose style is struck through, and those of whose text a part is."""
    styles = _Styles(package, file)
    if not styles.any():
        return
    columns: list[tuple[int, str]] = []
    present = None
    for sheet, row, element in _rows(package, file):
        if sheet != present:
            present, columns = sheet, []
        if tag(element) == "table-column":
            style = element.get(f"{_TABLE}default-cell-style-name", "")
            columns.append((_number(element, "number-columns-repeated"), style))
        if not row:
            continue
        of_row = element.get(f"{_TABLE}default-cell-style-name")
        for column, repeated, cell in _cells(element):
            paragraphs = cell.findall(f"{_TEXT}p")
            if not paragraphs:
                continue
            style = cell.get(f"{_TABLE}style-name") or of_row or _style_at(columns, column)
            spans = (s for p in paragraphs for s in p.iter(f"{_TEXT}span") if "".join(s.itertext()).strip())
            if styles.struck("table-cell", style) or any(
                styles.struck("text", s.get(f"{_TEXT}style-name", "")) for s in spans
            ):
                rows = range(row, row + min(_number(element, "number-rows-repeated"), _MOST_REPEATED))
                for k in range(min(repeated, MAX_COLUMNS)):
                    yield from (Struck(sheet, r, column + k) for r in rows)


def _style_at(columns: Sequence[tuple[int, str]], index: int) -> str:
    """The style that a column gives to its cells that have none of their own."""
    end = 0
    for repeated, style in columns:
        end += repeated
        if index < end:
            return style
    return ""


class _Styles:
    """The styles of a package by family and name: the style each builds on, and whether it strikes through."""

    def __init__(self, package: zipfile.ZipFile, file: str) -> None:
        self._styles: dict[tuple[str, str], tuple[str, bool | None]] = {}
        struck = False
        for part in (_STYLES, _CONTENT):
            if part in package.namelist() and mentions(package, part, b"text-line-through", file=file):
                struck = True
        if not struck:
            return
        for part, group in ((_STYLES, "styles"), (_CONTENT, "automatic-styles")):
            if part in package.namelist():
                # The styles stand before the rows: the rest of the part is left alone.
                _, styles = next(elements(package, part, {group}, file=file), ((), ()))
                for style in styles:
                    key = (style.get(f"{_STYLE}family", ""), style.get(f"{_STYLE}name", ""))
                    self._styles[key] = (style.get(f"{_STYLE}parent-style-name", ""), _line_through(style))

    def any(self) -> bool:
        """Whether any style strikes through."""
        return any(line for (family, _), (_, line) in self._styles.items() if family in ("table-cell", "text"))

    def struck(self, family: str, name: str) -> bool:
        """Whether a style strikes through, or the nearest of those it builds on that says anything about it."""
        passed: set[str] = set()
        while name not in passed:
            passed.add(name)
            name, line = self._styles.get((family, name), ("", None))
            if line is not None:
                return line
        return False


def _line_through(style: Element) -> bool | None:
    """Whether a style strikes through; None where it does not say."""
    said = [
        value
        for properties in style.iter(f"{_STYLE}text-properties")
        for name in ("text-line-through-style", "text-line-through-type")
        if (value := properties.get(f"{_STYLE}{name}")) is not None
    ]
    return "none" not in said if said else None
