"""Comments of cells: what people write beside a cell when the cell itself is locked. The table readers do not see them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from sampler.errors import Issue
from sampler.files.findings import finding
from sampler.files.grid import column_letter

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def read_comments(path: Path, file: str) -> Iterator[Issue]:
    """A finding for each comment of an .xlsx, .xlsm or .ods file; other formats have none that can be read."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
    if any(name.startswith("xl/") and "comments" in name for name in names):
        yield from _of_xlsx(path, file)
    elif "content.xml" in names:
        yield from _of_ods(path, file)


def _of_xlsx(path: Path, file: str) -> Iterator[Issue]:
    from openpyxl import load_workbook

    with path.open("rb") as stream:
        book = load_workbook(stream)
        for sheet in book.worksheets:
            for cells in sheet.iter_rows():
                for cell in cells:
                    if cell.comment is not None and cell.comment.text.strip():
                        place = (sheet.title, cell.row, cell.column_letter)
                        yield finding("warning", "comment", file, *place, cell.comment.text.strip())


def _of_ods(path: Path, file: str) -> Iterator[Issue]:
    with zipfile.ZipFile(path) as package:
        content = package.read("content.xml")
    if b"office:annotation" not in content:
        return
    for table in ElementTree.fromstring(content).iter(f"{_TABLE}table"):
        sheet = table.get(f"{_TABLE}name")
        row = 0
        for line in table.iter(f"{_TABLE}table-row"):
            row += 1
            column = 0
            for cell in line:
                for note in cell.iter(f"{_OFFICE}annotation"):
                    words = "\n".join("".join(p.itertext()) for p in note.iter(f"{_TEXT}p")).strip()
                    if words:
                        yield finding("warning", "comment", file, sheet, row, column_letter(column), words)
                column += int(cell.get(f"{_TABLE}number-columns-repeated", "1"))
            row += int(line.get(f"{_TABLE}number-rows-repeated", "1")) - 1
