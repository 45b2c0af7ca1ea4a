"""Units: from usable rows to sampling units, each once.

A row becomes a unit for each of its categories (and stages). Units of the same id are one unit, and their rows are merged.
Pairs of a row and a unit are kept thin (a position, a category, an id); what the rows say is fetched once, at the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from sampler.design import Design
from sampler.frame import SCHEMA
from sampler.intake.classify import parts_of
from sampler.intake.enterprises import enterprises
from sampler.intake.findings import Finding
from sampler.intake.rows import COUNTS, FLAGS, GRADES, LAST, Rows, worse
from sampler.text import Text

_TYPES: dict[str, pl.DataType] = {
    "String": pl.String(),
    "Int64": pl.Int64(),
    "Date": pl.Date(),
    "Boolean": pl.Boolean(),
    "UInt32": pl.UInt32(),
}
_MADE = ("unit_id", "enterprise", "category", "product", "stage")
"""Columns of a unit that are not simply its row's."""


@dataclass(frozen=True)
class Units:
    """The units of some rows.

    Attributes:
        table: as `sampler.frame.Frame.units`.
        used: rows that became units.
        pairs: pairs of a row and a unit, before merging.
        findings: what was found about enterprises that occur more than once.
    """

    table: pl.DataFrame
    used: int
    pairs: int
    findings: tuple[Finding, ...]


def units_of(rows: Rows) -> Units:
    """The units of the rows that are used, sorted by unit id."""
    used = rows.clean.select(pl.arg_where(pl.col("excluded").is_null())).to_series().alias("at")
    enterprise, findings = enterprises(rows, used)
    # By two columns: the rows are then compared as bytes, which is faster than comparing texts.
    pairs = _pairs(rows, used, enterprise).sort("unit_id", "at")
    ids = pairs["unit_id"]
    again = (ids == ids.shift(1)).fill_null(False)
    if not again.any():
        return Units(_table(pairs, None, rows), len(used), pairs.height, tuple(findings))
    repeated = again | again.shift(-1, fill_value=False)
    merged, away = _merged(pairs.filter(repeated), rows)
    # Both are sorted: the k-th merged unit belongs at the k-th first of several equal ids.
    first = pairs.filter(~again)
    merged = merged.with_columns(repeated.filter(~again).arg_true().alias("place"))
    if away is not None:
        findings.append(away)
    return Units(_table(first, merged, rows), len(used), pairs.height, tuple(findings))


def _pairs(rows: Rows, used: pl.Series, enterprise: pl.Series) -> pl.DataFrame:
    """A row per pair: ``at`` (position of the row), and the columns `_MADE` of the unit."""
    clean = rows.clean
    number = clean["classes"].gather(used)
    first = {n: keys[0] for n, keys in enumerate(rows.classes)}
    several = [n for n, keys in enumerate(rows.classes) if len(keys) > 1]
    said = [f for f in ("product", "scope", "category") if f in rows.has]
    product = clean.select(pl.coalesce(said)).to_series().gather(used) if said else pl.lit(None, pl.String)
    pairs = pl.DataFrame([used, enterprise]).with_columns(
        product.alias("product"),
        number.replace_strict(first, default=None, return_dtype=pl.String).alias("category"),
    )
    many = number.is_in(several)
    if many.any():
        sets = pl.Series("category", [list(rows.classes[n]) for n in several], dtype=pl.List(pl.String))
        table = pl.DataFrame([pl.Series("n", several, dtype=pl.UInt32), sets])
        wide = (
            pairs.filter(many)
            .drop("category")
            .with_columns(number.filter(many).alias("n"))
            .join(table, on="n", maintain_order="left")
            .explode("category")
        )
        part = parts_of(wide, "product", rows.design.categories)
        wide = wide.with_columns(part.fill_null(wide["product"]))
        pairs = pl.concat([pairs.filter(~many), wide.select(pairs.columns)])
    stage = clean["stage"].gather(pairs["at"]) if "stage" in rows.has else pl.lit(None, pl.String)
    pairs = pairs.with_columns(stage.alias("stage"))
    parts = [pl.col("enterprise"), _key_part("category")]
    if rows.design.unit.by_stage:
        if "stages" in clean.columns:
            pairs = pairs.with_columns(clean["stages"].gather(pairs["at"]).alias("stage")).explode("stage")
        parts.append(_key_part("stage"))
    return pairs.with_columns(pl.concat_str(parts, separator="|").alias("unit_id"))


def _key_part(column: str) -> pl.Expr:
    """A key of the design as part of a unit id: as it is, without the bar that divides the parts."""
    return pl.col(column).fill_null("").str.replace_all(r"[|\s]", "_")


def _merged(pairs: pl.DataFrame, rows: Rows) -> tuple[pl.DataFrame, Finding | None]:
    """One row for each unit that several rows stand for.

    Of several rows the fullest speaks for the unit (of equals, the first by its content), and the others fill what it
    leaves empty. What bears on risk is taken at its worst: the largest counts, any flag, the worse class or grade (later in
    the design's list). The last inspection is the latest date: the last day somebody was there.
    """
    every = rows.clean[pairs["at"]].drop([c for c in _MADE if c in rows.clean.columns])
    every = pl.concat([pairs, every], how="horizontal")
    content = [c for c in every.columns if c in SCHEMA or c in rows.design.columns]
    every = (
        every.with_columns(pl.sum_horizontal(pl.col(c).is_not_null() for c in content).alias("filled"))
        .sort(
            ["unit_id", "filled", *content, "at"],
            descending=[False, True, *([False] * len(content)), False],
            nulls_last=True,
        )
        .select("at", *content)
    )
    one = every.group_by("unit_id", maintain_order=True).agg(
        pl.col("at").first(), *(_together(c, rows.design) for c in content if c != "unit_id")
    )
    away = (
        every.select("unit_id", "at")
        .with_columns(pl.col("at").first().over("unit_id").alias("into"))
        .filter(pl.col("at") != pl.col("into"))
        .unique("at", keep="first", maintain_order=True)
        .sort("at")
    )
    if not away.height:
        return one, None
    into = away["into"]
    finding = Finding(
        "warning",
        "duplicate",
        away["at"],
        "code" if "code" in rows.has else "name",
        Text.of("intake.expected_once"),
        lambda at: _merged_into(into.head(len(at)), rows),
    )
    return one, finding


def _together(column: str, design: Design) -> pl.Expr:
    """What several rows say in one column, best row first, as one value."""
    cell = pl.col(column)
    if column in (*COUNTS, *FLAGS, LAST):
        return cell.max()
    if column in GRADES and design.vocabulary(column):
        return cell.sort_by(worse(column, design), nulls_last=False).last()
    return cell.drop_nulls().first()


def _merged_into(into: pl.Series, rows: Rows) -> list[Text]:
    tables, numbers = rows.raw["table"].gather(into).to_list(), rows.raw["row"].gather(into).to_list()
    several = len({place.file for place in rows.places}) > 1
    names = [
        " ".join(filter(None, (PurePath(place.file).name if several or not place.sheet else "", place.sheet)))
        for place in rows.places
    ]
    return [Text.of("intake.done_merged", where=names[t], row=r) for t, r in zip(tables, numbers, strict=True)]


def _table(pairs: pl.DataFrame, merged: pl.DataFrame | None, rows: Rows) -> pl.DataFrame:
    """The units with the columns of the frame's schema and the design's own.

    Args:
        pairs: one pair per unit, in the order of the table.
        merged: the units of several rows, with their ``place`` among ``pairs``.
    """
    at = pairs["at"] if merged is None else pairs["at"].clone().scatter(merged["place"], merged["at"])
    tables = rows.raw["table"].gather(at)
    source = {
        "source_file": pl.Series([p.file for p in rows.places], dtype=pl.String).gather(tables),
        "source_sheet": pl.Series([p.sheet for p in rows.places], dtype=pl.String).gather(tables),
        "source_row": rows.raw["row"].gather(at),
    }
    kinds = {name: _TYPES[kind] for name, kind in SCHEMA.items()}
    kinds |= {name: pl.String() for name in rows.design.columns if name not in SCHEMA}
    simple = [n for n in kinds if n in rows.clean.columns and n not in _MADE]
    fetched = rows.clean.select(pl.col(simple).gather(at))
    columns: list[pl.Series | pl.Expr] = []
    for name, kind in kinds.items():
        if name in source:
            columns.append(source[name].alias(name))
        elif name in _MADE or name in simple:
            cells = pairs[name] if name in _MADE else fetched[name]
            if merged is not None:
                cells = cells.clone().scatter(merged["place"], merged[name].cast(cells.dtype))
            columns.append(cells.cast(kind))
        else:
            columns.append(pl.lit(None, kind).alias(name))
    return pairs.select(columns)
