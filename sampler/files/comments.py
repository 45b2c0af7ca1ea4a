"""What the table readers do not see: comments, which people write where a cell is locked, and cells that are crossed out."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sampler.errors import Issue
from sampler.files.findings import finding
from sampler.files.grid import column_letter

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


_STRUCK = re.compile(rb"<strike(?:\s*/>|\s+val=\"(?:1|true|on)\")")


def read_comments(path: Path, file: str) -> Iterator[Issue]:
    """A finding for each comment and each cell crossed out of an .xlsx or .xlsm file, and each comment of an .ods file.

    Where an .xlsb file has comments a finding says so; of .xls files `Facts.comments` does.
    """
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        commented = any(name.startswith("xl/") and "comments" in name for name in names)
        parts = [name for name in ("xl/styles.xml", "xl/sharedStrings.xml") if name in names]
        struck = any(_STRUCK.search(package.read(name)) for name in parts)
    if "xl/workbook.bin" in names:
        if commented:
            yield finding("warning", "comments-not-read", file, None, None, None, None)
    elif commented or struck:
        yield from _of_xlsx(path, file)
    elif "content.xml" in names:
        yield from _of_ods(path, file)


def _of_xlsx(path: Path, file: str) -> Iterator[Issue]:
    from openpyxl import load_workbook

    with path.open("rb") as stream:
        book = load_workbook(stream, rich_text=True)
        for sheet in book.worksheets:
            for cells in sheet.iter_rows():
                for cell in cells:
                    if cell.comment is not None and cell.comment.text.strip():
                        place = (sheet.title, cell.row, cell.column_letter)
                        yield finding("warning", "comment", file, *place, cell.comment.text.strip())
                    if cell.value is not None and _is_struck(cell):
                        place = (sheet.title, cell.row, cell.column_letter)
                        yield finding("warning", "struck-out", file, *place, str(cell.value).strip())


def _is_struck(cell: Any) -> bool:
    """Whether a cell or a part of its text is crossed out."""
    blocks = cell.value if isinstance(cell.value, list) else ()  # a rich text is a list of strings and blocks
    return bool(cell.font.strike) or any(getattr(getattr(b, "font", None), "strike", False) for b in blocks)


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
