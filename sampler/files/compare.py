"""Workbooks compared by content: every cell of every sheet."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from sampler.errors import InputError
from sampler.text import Text


def workbook_differences(here: Path, again: Path) -> Iterator[Text]:
    """What differs between the workbook ``here`` and the one that it should be.

    Raises:
        InputError: ``here`` is not a workbook.
    """
    found, expected = _cells(here), _cells(again)
    if list(found) != list(expected):
        yield Text.of("verify.sheets", here=", ".join(found), again=", ".join(expected))
    for sheet in [s for s in found if s in expected]:
        for cell in sorted(found[sheet].keys() | expected[sheet].keys()):
            one, other = found[sheet].get(cell), expected[sheet].get(cell)
            if one != other:
                yield Text.of(
                    "verify.cell", sheet=sheet, cell=_name(cell), here=_shown(one), again=_shown(other)
                )


def parts_sha256(path: Path) -> str:
    """Digest of what a workbook's package holds, apart from its properties: they carry the time of saving.

    Equal digests mean equal workbooks; a workbook that was merely saved again has another one.

    Raises:
        InputError: it is not a package.
    """
    from zipfile import BadZipFile, ZipFile

    digest = sha256()
    try:
        with ZipFile(path) as package:
            for name in sorted(n for n in package.namelist() if not n.startswith("docProps/")):
                part = package.read(name)
                digest.update(f"{name}\n{len(part)}\n".encode() + part)
    except (OSError, BadZipFile) as error:
        raise InputError("archive.broken_part", file=path, reason=error) from error
    return digest.hexdigest()


def _cells(path: Path) -> dict[str, dict[tuple[int, int], object]]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise InputError("archive.broken_part", file=path, reason=error) from error
    return {
        sheet.title: {
            (cell.row, cell.column): cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value is not None
        }
        for sheet in book.worksheets
    }


def _name(cell: tuple[int, int]) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(cell[1])}{cell[0]}"


def _shown(value: object) -> str:
    return "" if value is None else str(value)
