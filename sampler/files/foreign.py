"""What a workbook holds beside the sheets that sampler writes: parts and elements that nothing compares, by name."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

from sampler.files.damage import damaged
from sampler.files.ooxml import worksheets
from sampler.files.package import parse_xml, tag
from sampler.text import Text

_COMPARED = frozenset(
    (
        "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
        "autoFilter", "mergeCells", "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks",
        "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "ignoredErrors",
        # These are parts of the package.
        "drawing", "legacyDrawing", "legacyDrawingHF", "picture", "oleObjects", "controls", "tableParts",
    )
)  # fmt: skip
"""Elements of a worksheet that are compared, or that show nothing."""

_OFFICE_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|(docProps|docMetadata|customXml)/.*"
    r"|xl/(workbook|styles|sharedStrings|calcChain)\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/(theme|persons|printerSettings)/.*|xl/worksheets/[^/]+\.xml|xl/worksheets/_rels/.*"
)
"""Parts that every program may write: they are compared, or show nothing."""
_LINKS = "xl/_rels/workbook.xml.rels"
_NAMED = ("xl/styles.xml", "xl/sharedStrings.xml")
_DRAWING = re.compile(r"xl/drawings/[^/]+\.xml")


def foreign_content(here: Path, again: Path) -> Iterator[Text]:
    """Parts of the workbook ``here``, and elements of its sheets, that ``again`` does not have and nothing compares.

    Raises:
        InputError: a part is damaged.
    """
    file = str(here)
    with ZipFile(here) as package, ZipFile(again) as model:
        names = package.namelist()
        for name in sorted({n for n in names if names.count(n) > 1}):
            yield Text.of("verify.foreign_part", name=name)
        for name in sorted(set(names)):
            if name.endswith("/") or _OFFICE_PARTS.fullmatch(name):
                continue
            if _DRAWING.fullmatch(name) and not len(parse_xml(package, name, file=file)):
                continue  # LibreOffice writes one for the buttons of a filter, with nothing in it.
            if name not in model.namelist() or package.read(name) != model.read(name):
                yield Text.of("verify.foreign_part", name=name)
        if _misled(package, file):
            yield Text.of("verify.misled", name=_LINKS)
        known = {part.name: _elements(model, part.part, str(again)) for part in worksheets(model, file=str(again))}
        for part in worksheets(package, file=file):
            for name in sorted(_elements(package, part.part, file) - known.get(part.name, set()) - _COMPARED):
                yield Text.of("verify.foreign_element", sheet=part.name, name=name)


def _misled(package: ZipFile, file: str) -> bool:
    """Whether the parts that are compared are not those that a program is led to, which follows the package's links."""
    names = {name for name in _NAMED if name in package.namelist()}
    kinds = {posixpath.splitext(posixpath.basename(name))[0] for name in _NAMED}
    links = [link for link in parse_xml(package, _LINKS, file=file) if link.get("Type", "").rpartition("/")[2] in kinds]
    targets = [posixpath.normpath(posixpath.join("/xl", link.get("Target", "")))[1:] for link in links]
    sheets = sum(tag(element) == "sheet" for element in parse_xml(package, "xl/workbook.xml", file=file).iter())
    return sorted(targets) != sorted(names) or sheets != len(worksheets(package, file=file))


def _elements(package: ZipFile, part: str, file: str) -> set[str]:
    """The names of what a worksheet's part is made of."""
    found, depth = set(), 0
    try:
        with closing(package.open(part)) as stream:
            for event, element in ElementTree.iterparse(stream, events=("start", "end")):
                if event == "start":
                    depth += 1
                    if depth == 2:
                        found.add(tag(element))
                else:
                    depth -= 1
                    if depth <= 2:
                        element.clear()
    except ElementTree.ParseError as error:
        raise damaged(file, error, part) from None
    return found
