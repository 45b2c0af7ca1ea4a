"""Stacking: the tables of a registry one below the other, field by field, each cell as it stood.

Where a table has several columns for one field, one of them speaks for each row: of what bears on risk the one that says
the worst (as where rows are merged), of anything else the first that is filled; products and scopes are read together.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from sampler.design import Design
from sampler.intake.findings import spoken
from sampler.intake.headers import HeaderMap
from sampler.intake.rows import COUNTS, FLAGS, GRADES, LAST, Overlooked, cleaned, worse
from sampler.intake.source import ROW, Column, Table
from sampler.intake.values import EMPTY, filled

JOINED = ("product", "scope")
"""Fields whose columns are all read together."""


def rule(field: str, design: Design) -> str:
    """How several columns become one value: ``joined``, ``largest``, ``any``, ``latest``, ``worse`` or ``first``."""
    if field in JOINED:
        return "joined"
    if field in COUNTS:
        return "largest"
    if field in FLAGS:
        return "any"
    if field == LAST:
        return "latest"
    return "worse" if field in GRADES and design.vocabulary(field) else "first"


def stacked(
    tables: Sequence[Table], maps: Sequence[HeaderMap], fields: Sequence[str], design: Design
) -> tuple[pl.DataFrame, dict[str, list[Overlooked]]]:
    """The tables' rows one below the other: ``table``, ``row``, the fields as they stood; and what no field took up.

    For a field that has several columns in some table, `spoken` (UInt8) says which of them the text came from.
    """
    parts = []
    overlooked: dict[str, list[Overlooked]] = {}
    several = [f for f in fields if any(len(m.fields.get(f, ())) > 1 for m in maps)]
    start = 0
    for number, (table, header) in enumerate(zip(tables, maps, strict=True)):
        cells: list[pl.Expr | pl.Series] = []
        for f in fields:
            columns = header.fields.get(f, ())
            if len(columns) > 1:
                text, which, lost = _spoken_for(table.data, columns, f, design)
                overlooked.setdefault(f, []).extend(Overlooked(o.at + start, o.texts, o.column) for o in lost)
                cells += [text.alias(f), which.alias(spoken(f))]
                continue
            cells.append((pl.col(f"c{columns[0].index}") if columns else pl.lit(None, pl.String)).alias(f))
            if f in several:
                cells.append(pl.lit(0, pl.UInt8).alias(spoken(f)))
        parts.append(table.data.select(pl.lit(number, pl.UInt32).alias("table"), pl.col(ROW).alias("row"), *cells))
        start += table.data.height
    return pl.concat(parts, rechunk=True), overlooked


def _spoken_for(
    data: pl.DataFrame, columns: Sequence[Column], field: str, design: Design
) -> tuple[pl.Series, pl.Series, list[Overlooked]]:
    """Of each row the text, the column it comes from (of joined ones the first), and unreadable cells passed over."""
    cells = [data[f"c{column.index}"] for column in columns]
    how = rule(field, design)
    numbers = range(len(cells))
    table = pl.DataFrame([cell.alias(f"c{j}") for j, cell in enumerate(cells)])
    is_filled = [~pl.col(f"c{j}").str.contains(EMPTY).fill_null(True) for j in numbers]
    first = pl.coalesce(*(pl.when(is_filled[j]).then(pl.lit(j, pl.UInt8)) for j in numbers), pl.lit(0, pl.UInt8))
    if how in ("joined", "first"):
        texts = [pl.when(is_filled[j]).then(f"c{j}") for j in numbers]
        joined = pl.concat_str(texts, separator="；", ignore_nulls=True)
        text = pl.when(joined != "").then(joined) if how == "joined" else pl.coalesce(texts)
        found = table.select(text.alias("text"), first.alias("which"))
        return found["text"], found["which"], []
    values = [cleaned(cell, field, design).alias(field).to_frame().select(worse(field, design)) for cell in cells]
    table = table.with_columns(value[field].alias(f"v{j}") for j, value in enumerate(values))
    worst = pl.max_horizontal(f"v{j}" for j in numbers)
    which = pl.coalesce(*(pl.when(pl.col(f"v{j}") == worst).then(pl.lit(j, pl.UInt8)) for j in numbers), first)
    table = table.with_columns(which.alias("which"))
    text = pl.coalesce(pl.when((pl.col("which") == j) & is_filled[j]).then(f"c{j}") for j in numbers)
    found = table.select(text.alias("text"), "which")
    lost = []
    for j, (cell, value) in enumerate(zip(cells, values, strict=True)):
        at = (filled(cell) & value[field].is_null() & (found["which"] != j)).arg_true()
        if len(at):
            lost.append(Overlooked(at, cell.gather(at), j))
    return found["text"], found["which"], lost
