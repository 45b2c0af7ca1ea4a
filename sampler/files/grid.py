"""What every format is opened as: a grid of text cells, what its format knows beside them, and the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from sampler.errors import InputError
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

MAX_COLUMNS = 702
"""Columns A to ZZ. No registry is wider; a sheet that claims more is damaged or meant to exhaust the memory."""

MAX_CELL_CHARS = 32_767
"""Excel's own limit of one cell, kept for every format."""

MAX_ROWS = 100_000_000
"""Rows of one table, whatever the format."""

MAX_PART_BYTES = 2 << 30
"""Uncompressed size of one part of a zipped workbook: a full sheet of 1,048,576 rows takes some 50 columns to reach it."""

MAX_GRID_CELLS = 100_000_000
"""Rows × columns from the first to the last cell of a sheet: its size in memory, however few of them are filled."""

SMALL_GRID_CELLS = 10_000_000
"""Rows × columns that a file may ask for however small it is: half a gigabyte."""

MAX_SHEETS = 1_000
"""Sheets of one workbook, tables of one page."""


ROW = "__row__"
"""Name of the column that holds the source row, 1-based as a spreadsheet shows it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        header: its name as it stands, line breaks and all; "" where it has none.
        index: 0-based source column; its data are in ``data[f"c{index}"]``.
        letter: the letters a spreadsheet shows above it.
    """

    header: str
    index: int
    letter: str

    @property
    def name(self) -> str:
        """The column of ``RawTable.data`` that holds it."""
        return f"c{self.index}"


class Span(NamedTuple):
    """A merged region, 1-based rows and 0-based columns, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True)
class Facts:
    """What a sheet's file says beside its values.

    Attributes:
        hidden: the sheet itself is hidden.
        hidden_rows: number of hidden rows (by hand or by a filter).
        hidden_columns: 0-based indices of hidden columns.
        filtered: an autofilter is set on the sheet.
        struck: texts that stand in the sheet itself may be crossed out in part.
        merged: its merged regions.
        uncalculated: 0-based column → (cells with a formula and no stored value, row of the first).
        external: 0-based column → (cells computed from another workbook, row of the first).
        error_cells: (row, 0-based column, text) of cells such as #N/A, at most `MAX_ERROR_CELLS` of them.
        error_count: the number of such cells.
        texts: (row, 0-based column, text) of values that the library does not give.
    """

    hidden: bool = False
    hidden_rows: int = 0
    hidden_columns: tuple[int, ...] = ()
    filtered: bool = False
    struck: bool = False
    merged: tuple[Span, ...] = ()
    uncalculated: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    external: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    error_cells: tuple[tuple[int, int, str], ...] = ()
    error_count: int = 0
    texts: tuple[tuple[int, int, str], ...] = ()


MAX_ERROR_CELLS = 1_000


@dataclass(frozen=True)
class Grid:
    """One sheet: text cells by source column, from source row ``first_row`` on.

    Attributes:
        sheet: its name, or None where the format has no sheets.
        data: String columns ``c{i}``, i the 0-based source column; an empty cell is null. Row k is source row k + 1.
        facts: what else the file says.
        remarks: what the format's reader had to do.
    """

    sheet: str | None
    data: pl.DataFrame
    facts: Facts = field(default_factory=Facts)
    remarks: tuple[Text, ...] = ()


def column_letter(index: int) -> str:
    """The letters a spreadsheet shows above 0-based column ``index``: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, remainder = divmod(index - 1, 26)
        letters = chr(65 + remainder) + letters
    return letters


@lru_cache(maxsize=1024)
def column_index(letters: str) -> int:
    """The 0-based index of a column's letters: A → 0, AA → 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def check_cells(rows: int, columns: int, most: int, *, file: str, sheet: str = "") -> None:
    """Refuse a table of more cells than a file of its size holds: short rows and blank ones cost as much as full ones.

    Args:
        rows, columns: what the table is laid out as.
        most: cells that a file of this size may have if it asks for more than `SMALL_GRID_CELLS`.

    Raises:
        InputError: it has more.
    """
    if rows * columns > max(most, SMALL_GRID_CELLS):
        raise InputError("reading.too-many-cells", file=file, sheet=sheet, rows=rows, columns=columns)
