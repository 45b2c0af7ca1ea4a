"""Notes of the reader: what it did with rows, sheets and files, and what it saw beside the values, as issues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import Issue, Severity, refusal
from sampler.files.grid import ROW, Column, Grid
from sampler.files.rows import REASONS
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl


def note(
    severity: Severity,
    code: str,
    file: str,
    sheet: str | None,
    *,
    row: int | None = None,
    column: str | None = None,
    found: str = "",
    expected: str = "reading.nothing",
    done: str | Text,
) -> Issue:
    """An issue of the reading layer; ``expected`` and ``done`` are keys of the catalogue (or a `Text`)."""
    told = done if isinstance(done, Text) else Text.of(done)
    return Issue(severity, code, file, sheet, row, column, found, Text.of(expected), told)


def unreadable(path: Path, error: OSError) -> Issue:
    """The note about a folder that may not be looked into, or a link that leads nowhere."""
    told = Text.of("reading.unreadable-folder", reason=refusal(error)["reason"])
    return note("error", "unreadable-folder", str(path), None, done=told)


def fact_notes(grid: Grid, columns: Sequence[Column], file: str) -> Iterator[Issue]:
    """What the file said beside its values: hidden parts, filters, cells that hold no value but should."""
    facts, sheet = grid.facts, grid.sheet
    labels = {c.index: c.header or c.letter for c in columns}
    for remark in grid.remarks:
        yield note("warning", remark.key.partition(".")[2], file, sheet, done=remark)
    if facts.hidden:
        yield note("info", "hidden-sheet", file, sheet, done="reading.hidden-sheet")
    if facts.hidden_rows:
        told = Text.of("reading.hidden-rows", count=facts.hidden_rows)
        yield note("info", "hidden-rows", file, sheet, found=str(facts.hidden_rows), done=told)
    for index in facts.hidden_columns:
        if index in labels:
            yield note("info", "hidden-column", file, sheet, column=labels[index], done="reading.hidden-column")
    if facts.filtered:
        yield note("info", "filter", file, sheet, done="reading.filter")
    for row, index, text in facts.error_cells:
        if index in labels:
            yield note(
                "warning",
                "error-cell",
                file,
                sheet,
                row=row,
                column=labels[index],
                found=text,
                expected="reading.a-value",
                done="reading.read-as-empty",
            )
    if facts.error_count > len(facts.error_cells):
        told = Text.of("reading.more-error-cells", count=facts.error_count, shown=len(facts.error_cells))
        yield note("warning", "error-cells", file, sheet, found=str(facts.error_count), done=told)
    for code, cells in (("uncalculated", facts.uncalculated), ("external-link", facts.external)):
        for index, (count, row) in sorted(cells.items()):
            if index in labels:
                told = Text.of(f"reading.{code}-note", count=count)
                yield note("warning", code, file, sheet, row=row, column=labels[index], found=str(count), done=told)


def skip_notes(skipped: pl.DataFrame, file: str, sheet: str | None) -> Iterator[Issue]:
    """One note for each reason rows were skipped for, with their count and the first of them."""
    by_reason = skipped.partition_by("reason", as_dict=True) if skipped.height else {}
    for reason in REASONS:
        if (rows := by_reason.get((reason,))) is not None:
            told = Text.of(f"reading.skipped-{reason}", count=rows.height)
            first = int(rows[ROW][0])
            yield note("info", f"skipped-{reason}", file, sheet, row=first, found=rows["text"][0], done=told)
