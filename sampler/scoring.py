"""Risk scores of a frame: which weight every unit gets from every factor, and their product."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sampler.design import RiskWeights
from sampler.history import NO_HISTORY, History
from sampler.period import Period
from sampler.stats import risk

if TYPE_CHECKING:
    import polars as pl


NEVER = 10_000
"""Months that stand for "never inspected": beyond any bound of the weights."""


def months_between(earlier: pl.Expr, day: dt.date) -> pl.Expr:
    """Whole calendar months from a date to ``day``; null where the date is null."""
    import polars as pl

    months = (day.year - earlier.dt.year().cast(pl.Int64)) * 12 + (day.month - earlier.dt.month().cast(pl.Int64))
    return months - (earlier.dt.day() > day.day).cast(pl.Int64)


def with_months(units: pl.DataFrame, day: dt.date) -> pl.DataFrame:
    """The units with ``months_since_inspection``, counted to ``day``; null where there was none."""
    import polars as pl

    return units.with_columns(months_between(pl.col("last_inspected"), day).alias("months_since_inspection"))


def factors(units: pl.DataFrame, weights: RiskWeights, *, day: dt.date) -> pl.DataFrame:
    """The weight of every unit from every factor.

    Args:
        units: the frame's units.
        weights: the table of weights.
        day: the day that ``months_since_inspection`` is counted to, the period's first.

    Returns:
        One Float64 column a field of ``weights``, in its order; 1 where no line applies. A unit never inspected has the
        weight of the longest time.
    """
    import polars as pl

    table = with_months(units, day).with_columns(pl.col("months_since_inspection").fill_null(NEVER))
    columns = []
    for name in weights.fields():
        lines = [w for w in weights.weights if w.field == name]
        value = pl.col(name)
        if lines[0].at_least is None:
            text = value.cast(pl.String) if table.schema[name] != pl.Boolean else value.fill_null(False).cast(pl.String)
            weight = text.replace_strict(
                [w.value for w in lines], [w.weight for w in lines], default=1.0, return_dtype=pl.Float64
            )
        else:
            weight = pl.lit(1.0)
            for line in sorted(lines, key=lambda w: w.at_least or 0.0):
                weight = pl.when(value.fill_null(0) >= line.at_least).then(line.weight).otherwise(weight)
        columns.append(weight.cast(pl.Float64).alias(name))
    return table.select(columns)


def scored(units: pl.DataFrame, weights: RiskWeights, *, period: Period, history: History = NO_HISTORY) -> pl.DataFrame:
    """The units with their ``score``, the product of their weights; what earlier plans found counts as well."""
    import polars as pl

    table = factors(with_history(units, history, period), weights, day=period.start)
    values = risk.score([table[name].to_numpy() for name in table.columns])
    return units.with_columns(pl.Series("score", values, dtype=pl.Float64))


def with_history(units: pl.DataFrame, history: History, period: Period) -> pl.DataFrame:
    """The units with what earlier plans found beside what the registry says: more failures, later inspections.

    A day after the period's end that a registry gives for the last inspection is a slip of the pen (2052 for 2025) and
    says nothing: neither locks it a unit for ever, nor lowers it its risk, nor hides it what earlier plans know.
    """
    import polars as pl

    ids = units["unit_id"].to_list()
    registered = pl.when(pl.col("last_inspected") <= period.end).then(pl.col("last_inspected"))
    return units.with_columns(
        pl.Series("_failures", [history.failures.get(u) for u in ids], dtype=pl.Int64),
        pl.Series("_inspected", [history.inspected.get(u) for u in ids], dtype=pl.Date),
    ).with_columns(
        # A registry that is kept well has counted our failures already: adding would count them twice.
        pl.max_horizontal("failures", "_failures").alias("failures"),
        pl.max_horizontal(registered, "_inspected").alias("last_inspected"),
    )
