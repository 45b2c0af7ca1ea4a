"""Papers compared by content: every cell of every sheet, what is hidden, shown, printed or open to change."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from sampler.errors import InputError
from sampler.files.appearance import appearance_differences, unquoted
from sampler.files.damage import first_words
from sampler.files.foreign import foreign_content
from sampler.files.parts import reading_part
from sampler.text import Text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(frozen=True)
class _Sheet:
    """What a sheet says and shows.

    Attributes:
        cells: (row, column) → value of every cell that has one.
        hidden: rows (``5``) and columns (``C``) that are not shown.
        shown: whether the sheet itself is.
        protected: whether its locked cells are.
    """

    cells: Mapping[tuple[int, int], object]
    hidden: frozenset[str]
    shown: bool
    protected: bool


@dataclass(frozen=True)
class _Formula:
    """A formula, as it is written apart from the quotes around names of sheets; a text that begins with = is none."""

    text: str

    def __str__(self) -> str:
        return self.text


def workbook_differences(here: Path, again: Path) -> Iterator[Text]:
    """What differs between the workbook ``here`` and the one that it should be; nothing if it was merely saved again.

    Raises:
        InputError: ``here`` is not a workbook.
    """
    if parts_sha256(here) == parts_sha256(again):
        return
    ours, theirs = _load(again, rich_text=True), _load(here, rich_text=True)
    found, expected = _sheets(theirs), _sheets(ours)
    if list(found) != list(expected):
        yield Text.of("verify.sheets", here=", ".join(found), again=", ".join(expected))
    for sheet in [s for s in found if s in expected]:
        yield from _sheet_differences(sheet, found[sheet], expected[sheet])
    yield from appearance_differences(theirs, ours)
    yield from foreign_content(here, again)


def _sheet_differences(sheet: str, here: _Sheet, again: _Sheet) -> Iterator[Text]:
    for cell in sorted(here.cells.keys() | again.cells.keys()):
        one, other = here.cells.get(cell), again.cells.get(cell)
        if one != other:
            yield Text.of("verify.cell", sheet=sheet, cell=_name(cell), here=_shown(one), again=_shown(other))
    for kind, names in (("hidden", here.hidden - again.hidden), ("unhidden", again.hidden - here.hidden)):
        for name in sorted(names):
            yield Text.of(f"verify.{kind}_{'row' if name.isdigit() else 'column'}", sheet=sheet, name=name)
    if here.shown != again.shown:
        yield Text.of("verify.unhidden_sheet" if here.shown else "verify.hidden_sheet", sheet=sheet)
    if again.protected and not here.protected:
        yield Text.of("verify.unprotected", sheet=sheet)


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
        InputError: it is not a package, or a part of it is damaged, encrypted or beyond the limits.
    """
    from zipfile import ZipFile

    from sampler.files.package import check_package, pieces

    digest = sha256()
    with reading_part(path, DAMAGED, "archive.not_workbook"), ZipFile(path) as package:
        check_package(package, file=str(path))
        for name in sorted(n for n in package.namelist() if not n.startswith("docProps/")):
            digest.update(f"{name}\n{package.getinfo(name).file_size}\n".encode())
            for piece in pieces(package, name, file=str(path)):
                digest.update(piece)
    return digest.hexdigest()


DAMAGED = (BadZipFile, ValueError, EOFError, NotImplementedError, RuntimeError, LookupError, struct.error, zlib.error)
"""What the package of a damaged workbook makes the standard library raise."""


def cells_sha256(path: Path) -> str:
    """Digest of the values in a workbook's cells; saving the workbook again does not change it.

    Raises:
        InputError: it is not a workbook.
    """
    parts_sha256(path)  # refuses what would exhaust the memory
    digest = sha256()
    for title, sheet in _sheets(_load(path)).items():
        for cell, value in sorted(sheet.cells.items()):
            mark = "=" if isinstance(value, _Formula) else ""
            digest.update(f"{title}\n{_name(cell)}\n{mark}{_plain(value)}\n".encode())
    return digest.hexdigest()


def _plain(value: object) -> str:
    """A value as text; a whole number is the same whether it was saved with a decimal point or not."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.12g}"
    return str(value)


def _load(path: Path, *, rich_text: bool = False) -> Workbook:
    """A workbook by the library, which fails on odd files in any way there is."""
    import warnings

    from openpyxl import load_workbook

    _check_sheets(path)
    try:
        with path.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the library drops is told by `foreign_content`
            return load_workbook(stream, rich_text=rich_text)
    except ImportError:  # the installation, not the file
        raise
    except Exception as error:
        reason = Text.of("archive.not_workbook_but", reason=first_words(error))
        raise InputError("archive.broken_part", file=path, reason=reason) from None


def _check_sheets(path: Path) -> None:
    """Refuse sheets that are larger, or of which more is merged, than any of ours: the library makes a cell of each."""
    from zipfile import ZipFile

    from sampler.files.ooxml import scan_sheet, worksheets

    try:
        with ZipFile(path) as package:
            parts = worksheets(package, file=str(path))
    except DAMAGED:
        raise InputError("archive.broken_part", file=path, reason=Text.of("archive.not_workbook")) from None
    merged = 0
    for part in parts:
        for area in scan_sheet(path, part, file=str(path)).merged:
            rows, columns = area.bottom - area.top + 1, area.right - area.left + 1
            merged += rows * columns
            if merged > _MOST_MERGED:
                raise InputError("reading.too-many-cells", file=path, sheet=part.name, rows=rows, columns=columns)


_MOST_MERGED = 2_000_000
"""Cells of all merged areas of a workbook: far more than in any of ours."""


def _sheets(book: Workbook) -> dict[str, _Sheet]:
    return {sheet.title: _sheet(sheet) for sheet in book.worksheets}


def _sheet(sheet: Worksheet) -> _Sheet:
    return _Sheet(
        cells={(cell.row, cell.column): _value(cell) for cell in sheet._cells.values() if cell.value is not None},
        hidden=frozenset(_hidden(sheet)),
        shown=sheet.sheet_state == "visible",
        protected=bool(sheet.protection.sheet),
    )


def _value(cell: Any) -> object:
    """What a cell holds; the pieces of a text are one text."""
    if cell.data_type == "f":
        return _Formula(unquoted(str(getattr(cell.value, "text", cell.value))))
    return str(cell.value) if isinstance(cell.value, list) else cell.value


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
