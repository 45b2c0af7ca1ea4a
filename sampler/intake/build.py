"""From tables to a frame: read the headers, understand the rows, check them, make units, and account for every row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from sampler.design import Design
from sampler.errors import Issue
from sampler.frame import ColumnMapping, Frame
from sampler.intake.checks import CHECKS
from sampler.intake.columns import header_issues, require
from sampler.intake.findings import Place, in_order, issues_of
from sampler.intake.headers import HeaderMap, field_order, map_headers
from sampler.intake.rows import Rows, understood
from sampler.intake.source import ROW, Table
from sampler.intake.stack import stacked
from sampler.intake.units import units_of
from sampler.intake.values import filled


def build_frame(tables: Sequence[Table], design: Design, *, today: dt.date, notes: Iterable[Issue] = ()) -> Frame:
    """The frame of a registry's tables.

    Args:
        tables: its tables in any order; the order changes nothing but the order of what is listed.
        design: what the frame is for.
        today: dates after it are listed as lying in the future (and kept: the frame does not depend on the day).
        notes: what the reader had to say, to stand among the issues.

    Raises:
        InputError: a field that no unit can do without is in none of the tables.
    """
    maps = [map_headers(table.columns, design) for table in tables]
    has = {field for m in maps for field in m.fields}
    require(has, tables, maps, design)
    fields = [f for f in field_order(design) if f in has]
    raw, overlooked = stacked(tables, maps, fields, design)
    places = tuple(
        Place(t.file, t.sheet, {f: [" ".join(c.header.split()) for c in columns] for f, columns in m.fields.items()})
        for t, m in zip(tables, maps, strict=True)
    )
    rows = understood(raw, places, design, today=today, overlooked=overlooked)
    units = units_of(rows)
    findings = (*(f for check in CHECKS for f in check(rows)), *units.findings)
    issues, counts = issues_of(findings, rows.raw, places)
    every = in_order([*notes, *header_issues(tables, maps, has, design), *issues])
    excluded = _excluded(rows, tables)
    frame = Frame(
        units=units.table,
        rows=sum(t.rows for t in tables),
        merged=units.pairs - units.table.height,
        expanded=units.pairs - units.used,
        excluded=excluded,
        mapping=tuple(_mapping(tables, maps)),
        issues=every,
        rejected=_rejected(rows, tables),
        found=counts,
    )
    if not frame.adds_up():
        raise RuntimeError(
            f"rows must be units - expanded + merged + excluded, but got {frame.rows} rows, {frame.size} units, "
            f"{frame.expanded} expanded, {frame.merged} merged, {dict(frame.excluded)} excluded"
        )
    return frame


def _mapping(tables: Sequence[Table], maps: Sequence[HeaderMap]) -> Iterator[ColumnMapping]:
    for table, header in zip(tables, maps, strict=True):
        for field, columns in header.fields.items():
            for column in columns:
                cells = table.data[f"c{column.index}"]
                some = cells.drop_nulls().head(50).unique(maintain_order=True)
                examples = tuple(" ".join(text.split())[:40] for text in some.filter(filled(some)).head(3))
                values = len(cells) - cells.null_count()
                yield ColumnMapping(
                    field,
                    " ".join(column.header.split()),
                    table.sheet,
                    column.letter,
                    values,
                    examples,
                    table.file,
                )


def _excluded(rows: Rows, tables: Sequence[Table]) -> dict[str, int]:
    """Reason → rows that became no unit: those the reader skipped, then those that could not be used."""
    skipped = pl.concat([table.skipped["reason"] for table in tables]).value_counts().sort("reason")
    unused = rows.clean["excluded"].drop_nulls().alias("reason").value_counts().sort("reason")
    return dict((*skipped.rows(), *unused.rows()))


def _rejected(rows: Rows, tables: Sequence[Table]) -> pl.DataFrame:
    """The rows that became no unit, as they stood: file, sheet, row, reason, then the cells below their headers."""
    out = rows.clean.select(pl.arg_where(pl.col("excluded").is_not_null())).to_series()
    reasons, owners = rows.clean["excluded"].gather(out), rows.raw["table"].gather(out)
    start = 0
    parts = []
    for number, table in enumerate(tables):
        mine = owners == number
        positions = out.filter(mine).cast(pl.Int64) - start
        start += table.data.height
        names = _unique_names(table)
        cells = table.data[positions] if len(positions) else table.data.clear()
        kept = cells.select(pl.col(ROW).alias("row"), reasons.filter(mine).alias("reason"), *names)
        skipped = table.skipped.filter(pl.col("reason") != "blank")
        first = next(iter(names), pl.lit("").alias("text")).meta.output_name()
        told = skipped.select(pl.col(ROW).alias("row"), "reason", pl.col("text").alias(first))
        part = pl.concat([kept, told], how="diagonal").sort("row")
        if part.height:
            place = (pl.lit(table.file).alias("file"), pl.lit(table.sheet, pl.String).alias("sheet"))
            parts.append(part.select(*place, pl.all()))
    keys = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "reason": pl.String}
    return pl.concat(parts, how="diagonal") if parts else pl.DataFrame(schema=keys)


def _unique_names(table: Table) -> list[pl.Expr]:
    """The table's cells under their headers, a header that occurs twice with its column's letter."""
    taken = {"file", "sheet", "row", "reason"}
    cells = []
    for column in table.columns:
        name = " ".join(column.header.split()) or column.letter
        while name in taken:
            name = f"{name} [{column.letter}]"
        taken.add(name)
        cells.append(pl.col(f"c{column.index}").alias(name))
    return cells
