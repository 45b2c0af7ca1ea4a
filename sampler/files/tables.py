"""Reading tables: any file or folder a person may hand over, as columns of text with the rows they came from.

Nothing here knows what the tables are about; the caller tells which column names it knows (`recognise`). Every sheet
whose header is recognised becomes one `RawTable`. Every source row below its header is in ``data`` or in ``skipped``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError, Issue, at_work_on
from sampler.files.formats import open_grids
from sampler.files.grid import MAX_CELL_CHARS, MAX_COLUMNS, ROW, Column, Grid, Span, column_letter
from sampler.files.header import SCAN_ROWS, Header, Recognise, best_guess, find_header
from sampler.files.listing import LOCK, files_below, is_table
from sampler.files.notes import fact_notes, note, skip_notes, unreadable
from sampler.files.rows import classify

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RawTable:
    """One table as it stands in its source, every cell a text.

    Attributes:
        file: the file's name as given.
        sheet: the sheet's name, or None where the format has none.
        columns: its columns from left to right; equal headers stay apart by index.
        data: a String column ``c{index}`` per column (null: an empty cell), and `ROW` (UInt32), ascending.
        skipped: `ROW` (UInt32), ``reason`` (one of `rows.REASONS`) and ``text`` (the row's cells joined by " | ").
        header_row: 1-based row of the (first) header row.
        rows: source rows below the header, up to the last that holds anything; ``data.height + skipped.height``.
        score: how many of the headers ``recognise`` knew.
        notes: what the reader had to do or saw: hidden rows, filters, skipped rows with their count.
    """

    file: str
    sheet: str | None
    columns: tuple[Column, ...]
    data: pl.DataFrame
    skipped: pl.DataFrame
    header_row: int
    rows: int
    score: int
    notes: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What some files held.

    Attributes:
        tables: every recognised table, in the order of the files and their sheets.
        notes: what concerns no table: files and sheets left out, with the reason.
        unread: for each sheet without a known header, (file, sheet, its fullest row among the first).
    """

    tables: tuple[RawTable, ...]
    notes: tuple[Issue, ...] = ()
    unread: tuple[tuple[str, str | None, tuple[str, ...]], ...] = ()

    @property
    def all_notes(self) -> tuple[Issue, ...]:
        """The notes of the reading and of each of its tables."""
        return self.notes + tuple(note for table in self.tables for note in table.notes)


_TOP_ROWS = (SCAN_ROWS + 5, 200)  # where a header is looked for: the second, where the first are mostly blank


def read_tables(
    paths: Iterable[str | Path],
    *,
    recognise: Recognise,
    sheet: str | None = None,
    minimum: int = 2,
    require_values: bool = True,
) -> Reading:
    """Every table with a known header in files and folders.

    Args:
        paths: files and folders; a folder is searched in depth for files that `is_table` knows, in order of name.
        recognise: how many of some cells are known column names; called with rows and with single cells.
        sheet: read only the sheet of this name (blanks around and case do not matter).
        minimum: known names that make a row a header (fewer where the row has fewer cells).
        require_values: refuse a sheet where a known column has formulas without a stored result, or values that come from
            another workbook; otherwise these are noted.

    Raises:
        InputError: a file that cannot be read, no file at all, no sheet of that name, or no known header anywhere.
    """
    notes: list[Issue] = []
    unread: list[tuple[str, str | None, tuple[str, ...]]] = []
    tables: list[RawTable] = []
    sheets: list[str] = []
    files = list(list_files(paths, notes))
    if not files:
        raise InputError("reading.no-files", paths=", ".join(map(str, paths)))
    for path, name in files:
        with at_work_on(name):
            for grid in open_grids(path, file=name, sheet=sheet, seen=sheets):
                table = table_in(grid, name, recognise, minimum, require_values)
                if isinstance(table, RawTable):
                    tables.append(table)
                    continue
                unread.append((name, grid.sheet, table))
                notes.append(
                    note(
                        "warning" if table else "info",
                        "sheet-without-header",
                        name,
                        grid.sheet,
                        found=_brief(table),
                        expected="reading.known-header",
                        done="reading.sheet-left-out",
                    )
                )
    if sheet is not None and tables and all(table.sheet is None for table in tables):
        # Text files have no sheets: what was asked for is not among the files.
        raise InputError("reading.no-sheet", sheet=sheet, sheets=", ".join(dict.fromkeys(sheets)))
    if tables:
        return Reading(tuple(tables), tuple(notes), tuple(unread))
    if sheet is not None and not unread:
        raise InputError("reading.no-sheet", sheet=sheet, sheets=", ".join(dict.fromkeys(sheets)))
    headers = "; ".join(f"{f}{f' [{s}]' if s else ''}: {_brief(cells) or '—'}" for f, s, cells in unread[:10])
    raise InputError("reading.no-header", rows=SCAN_ROWS, headers=headers or "—")


def list_files(paths: Iterable[str | Path], notes: list[Issue]) -> Iterator[tuple[Path, str]]:
    """The files to read with the names to call them by, each once; files and folders passed over are noted."""

    done: set[Path] = set()
    for given in map(Path, paths):
        if given.is_dir():
            found = files_below(given, lambda path, error: notes.append(unreadable(path, error)))
        elif given.is_file():
            found = [given]
        else:
            raise InputError("reading.no-such-file", file=str(given))
        for path in found:
            if path.name.startswith(LOCK):
                notes.append(note("info", "lock-file", str(path), None, done="reading.lock-file"))
                continue
            if path != given and not is_table(path.relative_to(given)):
                continue
            if (resolved := path.resolve()) not in done:
                done.add(resolved)
                yield path, str(path)


def table_in(
    grid: Grid, file: str, recognise: Recognise, minimum: int, require_values: bool
) -> RawTable | tuple[str, ...]:
    """The table of a grid, or, where it has no known header, the row most like one."""
    data = grid.data
    _check_size(data, file, grid.sheet)
    if not data.width:
        return ()
    top = _top(data)
    merged = _relative(grid.facts.merged, data.columns)
    header = find_header(top, recognise, merged=merged, minimum=minimum)
    if header is None:
        return best_guess(top[: SCAN_ROWS + 5])
    if require_values:
        _check_values(grid, header, file, recognise)
    return _body(grid, header, file)


def _top(data: pl.DataFrame) -> list[list[str]]:
    """The first rows of a sheet, among them `SCAN_ROWS` and one more that are not blank unless there are fewer."""
    rows: list[list[str]] = []
    for height in _TOP_ROWS:
        rows = [[(cell or "").strip() for cell in row] for row in data.slice(0, height).rows()]
        if sum(map(any, rows)) > SCAN_ROWS:
            break
    return rows


def _relative(merged: Sequence[Span], names: Sequence[str]) -> tuple[Span, ...]:
    """Merged regions with columns counted among those of the grid, regions outside them left out."""
    place = {int(name[1:]): i for i, name in enumerate(names)}
    if not place:
        return ()
    low, high = min(place), max(place)
    out = []
    for s in merged:
        left, right = max(s.left, low), min(s.right, high)
        if left in place and right in place and left <= right:
            out.append(Span(s.top, place[left], s.bottom, place[right]))
    return tuple(out)


def _body(grid: Grid, header: Header, file: str) -> RawTable:
    import polars as pl

    data = grid.data.slice(header.last + 1)
    first_row = header.last + 2
    keep = [
        i
        for i, (name, text) in enumerate(zip(data.columns, header.names, strict=True))
        if text or data[name].null_count() < data.height
    ]
    data = data.select([data.columns[i] for i in keep])
    header = Header(
        header.first,
        header.last,
        tuple(header.names[i] for i in keep),
        header.score,
        tuple(tuple(row[i] for i in keep) for row in header.rows),
    )
    rows = _used_rows(data)
    data = data.slice(0, rows)
    columns = tuple(
        Column(text, index := int(name[1:]), column_letter(index))
        for name, text in zip(data.columns, header.names, strict=True)
    )
    merged = _relative(grid.facts.merged, data.columns)
    data, carried = _carry_down(data, merged, first_row)
    reasons = classify(data, first_row=first_row, header_rows=header.rows, merged=merged)
    numbers = pl.int_range(first_row, first_row + rows, dtype=pl.UInt32, eager=True).alias(ROW)
    data = data.with_columns(numbers)
    skip = reasons.is_not_null()
    if skip.any():
        skipped = data.filter(skip).select(
            ROW,
            reasons.filter(skip).alias("reason"),
            pl.concat_str([pl.col(c.name).str.strip_chars() for c in columns], separator=" | ", ignore_nulls=True)
            .fill_null("")
            .alias("text"),
        )
        data = data.filter(~skip)
    else:
        skipped = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String, "text": pl.String})
    notes = (*fact_notes(grid, columns, file), *skip_notes(skipped, file, grid.sheet))
    if header.last > header.first:
        lower = _brief([cell for cell in header.rows[1] if cell])
        joined = note(
            "info",
            "two-row-header",
            file,
            grid.sheet,
            row=header.last + 1,
            found=lower,
            done="reading.two-rows",
        )
        notes = (*notes, joined)
    if carried:
        notes = (
            *notes,
            note("info", "merged-cells", file, grid.sheet, found=str(carried), done="reading.merged"),
        )
    return RawTable(file, grid.sheet, columns, data, skipped, header.first + 1, rows, header.score, notes)


def _used_rows(data: pl.DataFrame) -> int:
    """The rows of ``data`` up to the last that holds anything."""
    import polars as pl

    height = data.height
    step = 16  # as a rule the last row holds something
    while height:
        low = max(0, height - step)
        filled = (
            data.slice(low, height - low)
            .select(pl.concat_str(pl.all(), ignore_nulls=True).str.contains(r"\S"))
            .to_series()
            .arg_true()
        )
        if len(filled):
            return low + int(filled[-1]) + 1
        height, step = low, step * 4
    return 0


def _carry_down(data: pl.DataFrame, merged: Sequence[Span], first_row: int) -> tuple[pl.DataFrame, int]:
    """``data`` with the value of each region merged over rows in all of its rows, and how many cells that filled."""
    import numpy as np
    import polars as pl

    last_row = first_row + data.height - 1
    by_column: dict[int, list[Span]] = {}
    for s in merged:
        if s.bottom > s.top and s.bottom >= first_row and s.top <= last_row:
            by_column.setdefault(s.left, []).append(s)
    if not by_column:
        return data, 0
    filled = 0
    blank = ~data.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    columns = []
    for c, spans in by_column.items():
        source = np.arange(data.height, dtype=np.uint32)
        for s in spans:
            top, bottom = max(s.top, first_row) - first_row, min(s.bottom, last_row) - first_row
            source[top : bottom + 1] = top
        moved = (source != np.arange(data.height)) & ~blank.to_numpy()
        source[~moved] = np.arange(data.height, dtype=np.uint32)[~moved]
        filled += int(moved.sum())
        columns.append(data.to_series(c).gather(pl.Series(source)))
    return data.with_columns(columns), filled


def _check_size(data: pl.DataFrame, file: str, sheet: str | None) -> None:
    """Refuse a table too wide, or with a cell no spreadsheet can hold."""
    import polars as pl

    if data.width > MAX_COLUMNS:
        raise InputError(
            "reading.too-many-columns", file=file, sheet=sheet or "", columns=data.width, limit=MAX_COLUMNS
        )
    if not data.height or not data.width:
        return
    longest = data.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item() or 0
    if longest > MAX_CELL_CHARS:
        chars = data.select(pl.max_horizontal(pl.all().str.len_chars().max())).item()
        if chars > MAX_CELL_CHARS:
            raise InputError("reading.cell-too-long", file=file, sheet=sheet or "", limit=MAX_CELL_CHARS)


def _check_values(grid: Grid, header: Header, file: str, recognise: Recognise) -> None:
    """Refuse a sheet whose known columns are not what they seem: formulas without results, values of another file."""
    names = {int(c[1:]): text for c, text in zip(grid.data.columns, header.names, strict=True)}
    for key, cells in (
        ("reading.uncalculated", grid.facts.uncalculated),
        ("reading.external-link", grid.facts.external),
    ):
        for index, (count, row) in sorted(cells.items()):
            if recognise([names.get(index, "")]):
                raise InputError(key, file=file, sheet=grid.sheet or "", column=names[index], count=count, row=row)


def _brief(cells: Sequence[str], limit: int = 12) -> str:
    shown = [re.sub(r"\s+", " ", cell)[:20] for cell in cells[:limit]]
    return ", ".join(shown) + (" …" if len(cells) > limit else "")


def skipped_counts(tables: Iterable[RawTable]) -> Mapping[str, int]:
    """Reason → skipped rows, over some tables."""
    counts: dict[str, int] = {}
    for table in tables:
        for reason, count in table.skipped.group_by("reason").len().sort("reason").iter_rows():
            counts[reason] = counts.get(reason, 0) + count
    return counts


__all__ = ["ROW", "Column", "RawTable", "Reading", "list_files", "read_tables", "skipped_counts", "table_in"]
