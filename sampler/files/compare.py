"""Papers compared by content: every cell of every sheet, what is hidden or unprotected, what is printed below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError
from sampler.files.parts import reading_part
from sampler.text import Text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class _Sheet:
    """What a sheet says and shows.

    Attributes:
        cells: (row, column) → value of every cell that has one.
        hidden: rows (``5``) and columns (``C``) that are not shown.
        shown: whether the sheet itself is.
        protected: whether its locked cells are.
        footer: the texts at the left, in the middle and at the right of the foot of a printed page.
    """

    cells: Mapping[tuple[int, int], object]
    hidden: frozenset[str]
    shown: bool
    protected: bool
    footer: tuple[str, ...]


def workbook_differences(here: Path, again: Path) -> Iterator[Text]:
    """What differs between the workbook ``here`` and the one that it should be; nothing if it was merely saved again.

    Raises:
        InputError: ``here`` is not a workbook.
    """
    if parts_sha256(here) == parts_sha256(again):
        return
    found, expected = _sheets(here), _sheets(again)
    if list(found) != list(expected):
        yield Text.of("verify.sheets", here=", ".join(found), again=", ".join(expected))
    for sheet in [s for s in found if s in expected]:
        yield from _sheet_differences(sheet, found[sheet], expected[sheet])


def _sheet_differences(sheet: str, here: _Sheet, again: _Sheet) -> Iterator[Text]:
    for cell in sorted(here.cells.keys() | again.cells.keys()):
        one, other = here.cells.get(cell), again.cells.get(cell)
        if one != other:
            yield Text.of("verify.cell", sheet=sheet, cell=_name(cell), here=_shown(one), again=_shown(other))
    for name in sorted(here.hidden - again.hidden):
        yield Text.of("verify.hidden", sheet=sheet, name=name)
    for name in sorted(again.hidden - here.hidden):
        yield Text.of("verify.unhidden", sheet=sheet, name=name)
    if here.shown != again.shown:
        yield Text.of("verify.unhidden" if here.shown else "verify.hidden", sheet=sheet, name=sheet)
    if again.protected and not here.protected:
        yield Text.of("verify.unprotected", sheet=sheet)
    for one, other in zip(here.footer, again.footer, strict=True):
        if one != other:
            yield Text.of("verify.footer", sheet=sheet, here=one, again=other)


def text_differences(here: Path, again: Path) -> Iterator[Text]:
    """The lines in which a text file differs from what it should be, however its lines end.

    Raises:
        InputError: ``here`` is not a text in UTF-8.
    """
    with reading_part(here, UnicodeDecodeError, "archive.not_text"):
        found = here.read_text(encoding="utf-8").splitlines()
    expected = again.read_text(encoding="utf-8").splitlines()
    for number, (one, other) in enumerate(zip_longest(found, expected), 1):
        if one != other:
            yield Text.of("verify.line", line=number, here=_shown(one), again=_shown(other))


def parts_sha256(path: Path) -> str:
    """Digest of what a workbook's package holds, apart from its properties: they carry the time of saving.

    Equal digests mean equal workbooks; a workbook that was merely saved again has another one.

    Raises:
        InputError: it is not a package.
    """
    import zlib
    from zipfile import BadZipFile, ZipFile

    digest = sha256()
    damage = (BadZipFile, ValueError, EOFError, NotImplementedError, zlib.error)
    with reading_part(path, damage, "archive.not_workbook"), ZipFile(path) as package:
        for name in sorted(n for n in package.namelist() if not n.startswith("docProps/")):
            part = package.read(name)
            digest.update(f"{name}\n{len(part)}\n".encode() + part)
    return digest.hexdigest()


def cells_sha256(path: Path) -> str:
    """Digest of the values in a workbook's cells; saving the workbook again does not change it.

    Raises:
        InputError: it is not a workbook.
    """
    digest = sha256()
    for title, sheet in _sheets(path).items():
        for cell, value in sorted(sheet.cells.items()):
            digest.update(f"{title}\n{_name(cell)}\n{_plain(value)}\n".encode())
    return digest.hexdigest()


def _plain(value: object) -> str:
    """A value as text; a whole number is the same whether it was saved with a decimal point or not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.12g}"
    return str(value)


def _sheets(path: Path) -> dict[str, _Sheet]:
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path)
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError):
        raise InputError("archive.broken_part", file=path, reason=Text.of("archive.not_workbook")) from None
    return {sheet.title: _sheet(sheet) for sheet in book.worksheets}


def _sheet(sheet: Worksheet) -> _Sheet:
    foot = sheet.oddFooter
    return _Sheet(
        cells={
            (cell.row, cell.column): cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        },
        hidden=frozenset(_hidden(sheet)),
        shown=sheet.sheet_state == "visible",
        protected=bool(sheet.protection.sheet),
        footer=tuple(part.text or "" for part in (foot.left, foot.center, foot.right)),
    )


def _hidden(sheet: Worksheet) -> Iterator[str]:
    from openpyxl.utils import get_column_letter

    yield from (str(number) for number, row in sheet.row_dimensions.items() if row.hidden)
    for column in sheet.column_dimensions.values():
        if column.hidden:
            # Neighbours that look alike are one entry of the file.
            yield from (get_column_letter(i) for i in range(column.min, min(column.max, 1_000) + 1))


def _name(cell: tuple[int, int]) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(cell[1])}{cell[0]}"


def _shown(value: object) -> str:
    return "" if value is None else str(value)
