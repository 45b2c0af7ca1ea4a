"""One returned file → its rows by field, and everything in it that is not one of our printed words.

A workbook comes back in any state: columns moved or renamed, rows sorted or copied to another sheet, saved in another
format. A sheet is a list when its header is known; whatever else is written anywhere is listed with its place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from sampler.errors import InputError, Issue, Severity
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.comments import Comments, read_comments
from sampler.files.findings import finding
from sampler.files.formats import open_grids
from sampler.files.grid import ROW, Column, Grid, column_letter
from sampler.files.notes import fact_notes
from sampler.files.printed_words import PrintedWords, SheetKind, column_of_ids, names_batch, sheet_kind, titled
from sampler.files.tables import RawTable, read_tables, table_in
from sampler.intake.answers import names_answer
from sampler.intake.headers import normal_header
from sampler.intake.replies import ANSWER
from sampler.text import LANGUAGES, Text

_T = TypeVar("_T")

FIELDS: tuple[str, ...] = tuple(dict.fromkeys(c.field for c in (*TASK_COLUMNS, *RESERVE_COLUMNS)))
"""Every field a list can have."""

_TYPED = frozenset(c.field for c in (*TASK_COLUMNS, *RESERVE_COLUMNS) if c.filled)

_MANY = 50
"""Cells of a sheet that are listed one by one; of more, a finding tells of up to `_VERY_MANY`."""

_VERY_MANY = 1_000

_NUMBER = re.compile(r"\d{2}")
"""What a remark has that may name a task."""

_LIST_HEADERS = 3
"""Known headers that make a row the header of a list."""

_KEPT_NOTES = frozenset({"error-cell", "error-cells", "uncalculated", "external-link"})


def _known_headers() -> dict[str, tuple[str, int]]:
    """Normal form of a header → its field, and 0 for a header we print, 1 for another name."""
    known: dict[str, tuple[str, int]] = {}
    for column in (*TASK_COLUMNS, *RESERVE_COLUMNS):
        for i, name in enumerate(column.names()):
            known.setdefault(normal_header(name), (column.field, int(i >= len(LANGUAGES))))
    return known


KNOWN_HEADERS = _known_headers()


def recognise(cells: Sequence[str]) -> int:
    """How many of some cells are headers of a list, each field once."""
    return len({field for c in cells if c and len(c) <= 60 and (field := _field_of(c))})


@lru_cache(maxsize=4096)
def _field_of(cell: str) -> str | None:
    """The field whose header a cell is; asked of the first rows of every sheet again and again."""
    known = KNOWN_HEADERS.get(normal_header(cell))
    return known[0] if known else None


def looks_returned(paths: Iterable[str | Path]) -> str | None:
    """The first of some files and folders that holds a list of tasks as a plan's workbooks do; None where none does."""

    def listed(cells: Sequence[str]) -> int:
        fields = {field for c in cells if c and len(c) <= 60 and (field := _field_of(c))}
        return len(fields) if fields >= {"task_id", "first"} or fields >= {"unit_id", "first"} else 0

    try:
        tables = read_tables(paths, recognise=listed, minimum=_LIST_HEADERS, require_values=False).tables
    except InputError:
        return None
    return tables[0].file if tables else None


@dataclass(frozen=True)
class ReturnedFile:
    """One file as it came back.

    Attributes:
        rows: a String column per field of `FIELDS` (null where the list has none), ``sheet``, ``row``, and ``again``:
            whether the row is there once more, for a second column of a field that decides.
        columns: sheet → field → the header it stood under.
        paper: whether it is one of our sheets that is no list, saved alone as text: instructions, choices or forms.
        findings: what stands outside the lists' known columns, and what the file says beside its values.
    """

    rows: pl.DataFrame
    columns: Mapping[str | None, Mapping[str, str]]
    paper: bool
    findings: tuple[Issue, ...]


def read_file(path: Path, file: str, printed: PrintedWords) -> ReturnedFile:
    """Read one returned file.

    Raises:
        InputError: it cannot be read at all.
    """
    rows: list[pl.DataFrame] = []
    columns: dict[str | None, dict[str, str]] = {}
    findings: list[Issue] = []
    comments: Comments | None = None
    paper = False
    for grid in open_grids(path, file=file):
        if comments is None:  # not before the file was found fit to be opened
            comments = read_comments(path, file)
            findings += comments.issues
        struck = comments.struck_out(grid, file)
        findings += struck
        table = None if titled(grid) == "form" else table_in(grid, file, recognise, _LIST_HEADERS, False)
        if not isinstance(table, RawTable) or not (fields := _fields(table)).keys() & {"task_id", "unit_id"}:
            findings += _outside(grid, grid.data, file, sheet_kind(grid), printed)
            paper = grid.sheet is None and titled(grid) is not None
            continue
        columns[grid.sheet] = {field: header for field, (_, header) in fields.items()}
        table = _with_marks(table, struck)
        rows.append(_rows(table, {field: name for field, (name, _) in fields.items()}, grid.sheet))
        findings += _outside(grid, grid.data.slice(0, table.header_row - 1), file, "list", printed)
        further = _further_answers(table, fields)
        rows += [_rows(table, _same_but(fields, field, name), grid.sheet, again=True) for field, name in further]
        findings += _unknown_columns(table, fields, {name for _, name in further})
        findings += _skipped_rows(table, printed)
        findings += _beside_headers(table, grid)
        notes = fact_notes(grid, table.columns, file)
        findings += [n for n in notes if n.code in _KEPT_NOTES]
    schema = dict.fromkeys(FIELDS, pl.String) | {"sheet": pl.String, "row": pl.UInt32, "again": pl.Boolean}
    return ReturnedFile(pl.concat([pl.DataFrame(schema=schema), *rows]), columns, paper, tuple(findings))


def _with_marks(table: RawTable, struck: Sequence[Issue]) -> RawTable:
    """The list with a mark around the answers that are crossed out, so that they are read as neither pass nor failure."""
    deciding = {
        c.letter: c.name for c in table.columns if KNOWN_HEADERS.get(normal_header(c.header), ("", 0))[0] in ANSWER
    }
    rows: dict[str, list[int]] = {}
    for issue in struck:
        if issue.row is not None and (name := deciding.get(issue.column or "")) is not None:
            rows.setdefault(name, []).append(issue.row)
    marked = [
        pl.when(pl.col(ROW).is_in(here)).then(pl.format("~~{}~~", name)).otherwise(name).alias(name)
        for name, here in rows.items()
    ]
    return replace(table, data=table.data.with_columns(marked)) if marked else table


def _fields(table: RawTable) -> dict[str, tuple[str, str]]:
    """Field → the column that holds it and that column's header; of several the printed header, then the leftmost."""
    found: dict[str, tuple[int, str, str]] = {}
    for column in table.columns:
        known = KNOWN_HEADERS.get(normal_header(column.header)) if column.header else None
        if known and (known[0] not in found or known[1] < found[known[0]][0]):
            found[known[0]] = (known[1], column.name, column.header)
    fields = {field: (name, header) for field, (_, name, header) in found.items()}
    if "task_id" not in fields and "reserve_id" in fields:
        fields["task_id"] = fields.pop("reserve_id")
    if "task_id" not in fields and (ids := _column_of_ids(table, fields)):
        fields = {f: place for f, place in fields.items() if place[0] != ids.name}
        fields["task_id"] = (ids.name, ids.header or ids.letter)
    return fields


def _further_answers(table: RawTable, fields: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Field and column of what is not the first column of a field that decides, and holds anything."""
    first = {name for name, _ in fields.values()}
    found = [(KNOWN_HEADERS.get(normal_header(c.header), ("", 0))[0], c.name) for c in table.columns if c.header]
    further = [(field, name) for field, name in found if field in ANSWER and name not in first]
    return [(field, name) for field, name in further if table.data[name].str.contains(r"\S").any()]


def _same_but(fields: Mapping[str, tuple[str, str]], field: str, column: str) -> dict[str, str]:
    """The columns of a list as they are printed, and of those that are filled in one other column of a field."""
    kept = {f: name for f, (name, _) in fields.items() if f not in _TYPED}
    return kept | {field: column}


def _column_of_ids(table: RawTable, fields: Mapping[str, tuple[str, str]]) -> Column | None:
    """A column whose cells are ids of tasks or reserves under another header (编号)."""
    taken = {name for field, (name, _) in fields.items() if field != "number"}
    for column in table.columns:
        if column.name not in taken and column_of_ids(table.data[column.name]):
            return column
    return None


def _rows(table: RawTable, fields: Mapping[str, str], sheet: str | None, *, again: bool = False) -> pl.DataFrame:
    cells = {f: pl.col(fields[f]) if f in fields else pl.lit(None, pl.String) for f in FIELDS}
    # A list of tasks and reserves together has a column for either id.
    cells["task_id"] = pl.coalesce(cells["task_id"], cells["reserve_id"])
    return table.data.select(**cells, sheet=pl.lit(sheet, pl.String), row=pl.col(ROW), again=pl.lit(again))


def _outside(
    grid: Grid, part: pl.DataFrame, file: str, kind: SheetKind | None, printed: PrintedWords
) -> Iterator[Issue]:
    """Every cell of a part of a sheet that we did not print; rows that name a batch as a whole, for they are answers."""
    typed = list(printed.typed(part, kind))
    several = Counter(cell.row for cell in typed)
    named = {c.row for c in typed if not c.remark and several[c.row] > 1 and names_batch(c.words)}
    rows = {row: " | ".join(c.words for c in cells) for row, cells in groupby(typed, lambda c: c.row) if row in named}
    for some in _slices(list(rows.items()), _MANY):
        words = "\n".join(text for _, text in some)
        yield finding("error", "rows-without-header", file, grid.sheet, some[0][0], None, words, count=len(some))
    others = [c for c in typed if c.row not in named]
    if sum(not c.remark for c in others) > _MANY:
        for cells in _slices([c for c in others if not c.remark], _VERY_MANY):
            words = " | ".join(c.words for c in cells)
            yield finding("warning", "sheet-not-read", file, grid.sheet, cells[0].row, None, words, count=len(cells))
        others = [c for c in others if c.remark]
    for cell in others:
        explains = cell.remark and not (_NUMBER.search(cell.words) and names_answer(cell.words))
        severity: Severity = "info" if explains else "warning"
        code = "remark" if cell.remark else "text-outside-lists"
        yield finding(severity, code, file, grid.sheet, cell.row, column_letter(cell.column), cell.words)


def _slices(things: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def _unknown_columns(table: RawTable, fields: Mapping[str, tuple[str, str]], further: Set[str]) -> Iterator[Issue]:
    """What stands in columns under a header nobody knows, a finding for so many cells, with the header that is wanting."""
    known = {name for name, _ in fields.values()} | further
    for column in table.columns:
        if column.name in known:
            continue
        filled = table.data.select(ROW, column.name).filter(pl.col(column.name).str.contains(r"\S"))
        near = _nearest(column.header, fields) if column.header else None
        code = "column-not-known" if near is None else "column-renamed"
        params: dict[str, Any] = {"near": Text.of(f"workbook.{near}")} if near else {}
        for part in filled.iter_slices(_MANY):
            place = (table.file, table.sheet, part[ROW][0], column.header or column.letter)
            cells = " | ".join(part[column.name])
            yield finding("warning", code, *place, cells, **{"count": part.height, **params})


def _nearest(header: str, fields: Mapping[str, object]) -> str | None:
    """The field without a column whose name is most like a header."""
    missing = {name: field for name, (field, _) in KNOWN_HEADERS.items() if field not in fields}
    found = get_close_matches(normal_header(header), missing, n=1, cutoff=0.5)
    return missing[found[0]] if found else None


def _beside_headers(table: RawTable, grid: Grid) -> Iterator[Issue]:
    """What somebody typed in a row of headers: above a column that is empty, or where the headers are repeated."""
    empty = {c.letter for c in table.columns if not table.data[c.name].str.contains(r"\S").any()}
    headers = {normal_header(c.header) for c in table.columns}
    repeated = table.skipped.filter(pl.col("reason") == "header")[ROW].to_list()
    for row in (table.header_row, *repeated):
        for name, cell in grid.data.row(row - 1, named=True).items():
            letter = column_letter(int(name[1:]))
            typed = letter in empty if row == table.header_row else normal_header(cell or "") not in headers
            if cell and cell.strip() and typed and _field_of(cell) is None:
                yield finding("info", "text-outside-lists", table.file, table.sheet, row, letter, cell)


def _skipped_rows(table: RawTable, printed: PrintedWords) -> Iterator[Issue]:
    for row, reason, words in table.skipped.select(ROW, "reason", "text").iter_rows():
        if reason in ("total", "group", "note") and not printed.has(words, "list"):
            yield finding("warning", "row-without-task", table.file, table.sheet, row, None, words)
