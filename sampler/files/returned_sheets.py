"""One returned file → its rows by field, and everything in it that is not one of our printed words.

A workbook comes back in any state: columns moved or renamed, rows sorted or copied to another sheet, saved in another
format. A sheet is a list when its header is known; whatever else is written anywhere is listed with its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import polars as pl

from sampler.errors import InputError, Issue
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.comments import read_comments
from sampler.files.findings import finding
from sampler.files.formats import open_grids
from sampler.files.grid import ROW, Column, Grid, column_letter
from sampler.files.notes import fact_notes
from sampler.files.tables import RawTable, read_tables, table_in
from sampler.intake.headers import normal_header
from sampler.intake.values import canonical_text
from sampler.text import LANGUAGES, Text, text
from sampler.text.results import ENTRIES as RESULT_WORDS
from sampler.text.workbook import ENTRIES as WORKBOOK_WORDS

FIELDS: tuple[str, ...] = tuple(dict.fromkeys(c.field for c in (*TASK_COLUMNS, *RESERVE_COLUMNS)))
"""Every field a list can have."""

_MANY = 50
"""Cells of a foreign sheet that are listed one by one; of more, one finding tells."""

_ID = r"(?i)^\s*\d{4}Q[1-4]\s*[-–—‐_－].+\d"
"""What every id of a task or reserve looks like."""

_LIST_HEADERS = 3
"""Known headers that make a row the header of a list."""

_FIGURES = ("workbook.cover_plan", "workbook.cover_tasks", "workbook.cover_visits")
"""Labels of the cover whose figures the plan's own words do not hold."""

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
        rows: a String column per field of `FIELDS` (null where the list has none), ``sheet`` and ``row``.
        columns: sheet → field → the header it stood under.
        findings: what stands outside the lists' known columns, and what the file says beside its values.
    """

    rows: pl.DataFrame
    columns: Mapping[str | None, Mapping[str, str]]
    findings: tuple[Issue, ...]


class PrintedWords:
    """What we print outside the lists, so that it is not taken for something typed.

    Args:
        labels: the plan's words on its covers.
        facts: gives every text of its lists in canonical form (forms repeat them); asked only when a word is none of the
            others.
    """

    def __init__(self, labels: Iterable[str], facts: Callable[[], Set[str]]) -> None:
        words = [pair for entries in (WORKBOOK_WORDS, RESULT_WORDS) for pair in entries.values()]
        self._plain = {canonical_text(w) for pair in words for w in pair if "{" not in w}
        self._plain |= {canonical_text(label) for label in labels}
        self._facts = facts
        self._known: Set[str] | None = None
        templates = [w for pair in words for w in pair if "{" in w and len(re.sub(r"\{.*?\}", "", w)) > 4]
        self._patterns = [re.compile(_pattern(w)) for w in templates]
        figures = [k for k in WORKBOOK_WORDS if k in _FIGURES or k.partition(".")[2].startswith("progress_")]
        self._labels = {canonical_text(text(key, lang)) for key in figures for lang in LANGUAGES}

    def has(self, cell: str, left: str | None) -> bool:
        """Whether we print ``cell``, or the figure that stands to the right of our label ``left``."""
        form = canonical_text(cell)
        if form in self._plain or (left is not None and canonical_text(left) in self._labels):
            return True
        if any(pattern.fullmatch(form) for pattern in self._patterns):
            return True
        if self._known is None:
            self._known = self._facts()
        return form in self._known


def _pattern(template: str) -> str:
    """A regular expression for the canonical text of a filled-in template."""
    parts = Formatter().parse(template)
    return "".join(re.escape(canonical_text(words)) + (".{1,40}" if name else "") for words, name, _, _ in parts)


def read_file(path: Path, file: str, printed: PrintedWords) -> ReturnedFile:
    """Read one returned file.

    Raises:
        InputError: it cannot be read at all.
    """
    rows: list[pl.DataFrame] = []
    columns: dict[str | None, dict[str, str]] = {}
    findings: list[Issue] = list(read_comments(path, file))
    for grid in open_grids(path, file=file):
        table = None if _is_form(grid) else table_in(grid, file, recognise, _LIST_HEADERS, False)
        if not isinstance(table, RawTable) or not (fields := _fields(table)).keys() & {"task_id", "unit_id"}:
            findings += _outside(grid, grid.data, file, printed)
            continue
        columns[grid.sheet] = {field: header for field, (_, header) in fields.items()}
        rows.append(_rows(table, {field: name for field, (name, _) in fields.items()}, grid.sheet))
        findings += _outside(grid, grid.data.slice(0, table.header_row - 1), file, printed)
        findings += _unknown_columns(table, fields)
        findings += _skipped_rows(table, printed)
        notes = fact_notes(grid, table.columns, file)
        findings += [n for n in notes if n.code in _KEPT_NOTES]
    schema = dict.fromkeys(FIELDS, pl.String) | {"sheet": pl.String, "row": pl.UInt32}
    return ReturnedFile(pl.concat([pl.DataFrame(schema=schema), *rows]), columns, tuple(findings))


def _is_form(grid: Grid) -> bool:
    titles = {canonical_text(text("workbook.form_title", lang)) for lang in LANGUAGES}
    return any(canonical_text(c) in titles for row in grid.data.head(3).rows() for c in row if c)


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


def _column_of_ids(table: RawTable, fields: Mapping[str, tuple[str, str]]) -> Column | None:
    """A column whose cells are ids of tasks or reserves under another header (编号)."""
    taken = {name for field, (name, _) in fields.items() if field != "number"}
    for column in table.columns:
        cells = table.data[column.name].drop_nulls()
        if column.name not in taken and cells.str.contains(_ID).sum() > len(cells) / 2:
            return column
    return None


def _rows(table: RawTable, fields: Mapping[str, str], sheet: str | None) -> pl.DataFrame:
    cells = [pl.col(fields[f]).alias(f) if f in fields else pl.lit(None, pl.String).alias(f) for f in FIELDS]
    rows = table.data.select(*cells, pl.lit(sheet, pl.String).alias("sheet"), pl.col(ROW).alias("row"))
    # A list of tasks and reserves together has a column for either id.
    return rows.with_columns(task_id=pl.coalesce("task_id", "reserve_id"))


def _outside(grid: Grid, part: pl.DataFrame, file: str, printed: PrintedWords) -> Iterator[Issue]:
    """Every cell of a part of a sheet that we did not print; those below our heading for remarks are remarks."""
    heading = _remarks_heading(part)
    cells = [
        (row, int(part.columns[i][1:]), cell)
        for row, values in enumerate(part.iter_rows(), 1)
        for i, cell in enumerate(values)
        if cell is not None and cell.strip() and (row > heading or not printed.has(cell, _left_of(values, i)))
    ]
    for row, index, cell in cells:
        if row > heading:
            yield finding("info", "remark", file, grid.sheet, row, column_letter(index), cell)
    cells = [c for c in cells if c[0] <= heading]
    if len(cells) > _MANY:
        words = " | ".join(cell for _, _, cell in cells[:_MANY])
        yield finding("warning", "sheet-not-read", file, grid.sheet, cells[0][0], None, words, count=len(cells))
        return
    for row, index, cell in cells:
        yield finding("warning", "text-outside-lists", file, grid.sheet, row, column_letter(index), cell)


def _remarks_heading(part: pl.DataFrame) -> int:
    """Row of our heading for remarks, or the last row where there is none."""
    headings = {canonical_text(text("workbook.remarks", lang)) for lang in LANGUAGES}
    for row, values in enumerate(part.iter_rows(), 1):
        if any(v is not None and canonical_text(v) in headings for v in values):
            return row
    return part.height


def _left_of(values: Sequence[str | None], place: int) -> str | None:
    return next((v for v in reversed(values[:place]) if v is not None), None)


def _unknown_columns(table: RawTable, fields: Mapping[str, tuple[str, str]]) -> Iterator[Issue]:
    """What stands in columns under a header nobody knows, a finding for so many cells, with the header that is wanting."""
    known = {name for name, _ in fields.values()}
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


def _skipped_rows(table: RawTable, printed: PrintedWords) -> Iterator[Issue]:
    for row, reason, words in table.skipped.select(ROW, "reason", "text").iter_rows():
        if reason in ("total", "group", "note") and not printed.has(words, None):
            yield finding("warning", "row-without-task", table.file, table.sheet, row, None, words)
