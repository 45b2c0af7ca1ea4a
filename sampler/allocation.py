"""Sizes of the strata: the design's rule, floors and budget put to the exact solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sampler.design import Design
from sampler.errors import InfeasibleError
from sampler.stats.allocation import allocate, allocation_weights
from sampler.stats.risk import assumed_failure_rates
from sampler.stats.selection import reserve_sizes

if TYPE_CHECKING:
    import polars as pl

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sizes:
    """The strata with their sizes.

    Attributes:
        table: as `sampler.plan.Plan.strata`, with ``rate``, the pass rate assumed when planning.
    """

    table: pl.DataFrame


def stratum_sizes(units: pl.DataFrame, design: Design, *, batches: Mapping[str, int]) -> Sizes:
    """Give every stratum its sample and its reserves.

    Args:
        units: units with ``score``, ``certainty``, ``tier`` and ``stratum``.
        design: rule, budget, floors and reserves.
        batches: category → batches taken at one unit; a unit of a category uses up so much of the budget.

    Raises:
        InfeasibleError: the certainty units and the floors together need more than the budget.
    """
    import polars as pl

    table = _strata(units, design)
    population = table["population"].to_numpy()
    certain = table["certainty"].to_numpy()
    cost = np.array([batches.get(c, 1) for c in table["category"].to_list()], dtype=np.int64)
    upper = population.copy()
    lower = np.where(certain, population, np.minimum(design.sample.floor_stratum, population))
    weights = _weights(table, design)
    lower = _with_cell_floors(lower, upper, weights, table, design)
    sample = _sizes(weights, lower, upper, cost, certain, design.sample.budget)
    reserves = reserve_sizes(
        population, sample, share=design.sample.reserves, least=design.sample.reserves_least
    )
    bound = np.select(
        [certain, sample == upper, sample == lower], ["certainty", "all", "floor"], default="rule"
    ).tolist()
    table = table.with_columns(
        pl.Series("sample", sample),
        pl.Series("reserves", reserves),
        pl.Series("lower", lower),
        pl.Series("upper", upper),
        pl.Series("bound", bound, dtype=pl.String),
    ).with_columns(
        (pl.col("sample") / pl.col("population")).alias("probability"),
        pl.when(pl.col("sample") > 0).then(pl.col("population") / pl.col("sample")).alias("weight"),
    )
    return Sizes(table.drop("category") if "category" not in design.strata.keys else table)


def _strata(units: pl.DataFrame, design: Design) -> pl.DataFrame:
    """One row per stratum: keys, certainty, population, mean score, assumed pass rate."""
    import polars as pl

    base = {c.key: 1 - c.prior for c in design.categories}
    failure = pl.col("category").replace_strict(base, default=None, return_dtype=pl.Float64)
    rates = assumed_failure_rates(
        units.select(failure).to_series().to_numpy(),
        units["score"].to_numpy(),
        units["category"].replace_strict(_mean_scores(units), return_dtype=pl.Float64).to_numpy(),
    )
    keys = [k for k in (*design.strata.keys, "category") if k != "stratum"]
    return (
        units.with_columns(pl.Series("rate", 1 - rates))
        .group_by("stratum")
        .agg(
            pl.col(*dict.fromkeys(keys)).first(),
            pl.col("certainty").is_not_null().first(),
            pl.len().cast(pl.Int64).alias("population"),
            pl.col("score"),
            pl.col("rate"),
        )
        .sort("stratum")
        .with_columns(_exact_mean("score"), _exact_mean("rate"))
    )


def _exact_mean(column: str) -> pl.Expr:
    """The mean of every list of a column, its sum rounded once: the same to the last digit on every machine."""
    import polars as pl

    return pl.col(column).map_elements(lambda v: fsum(v) / len(v), return_dtype=pl.Float64)


def _mean_scores(units: pl.DataFrame) -> dict[str, float]:
    import polars as pl

    lists = units.group_by("category").agg(pl.col("score"))
    return {category: fsum(scores) / len(scores) for category, scores in lists.iter_rows()}


def _weights(table: pl.DataFrame, design: Design) -> FloatArray:
    return allocation_weights(
        design.sample.rule,
        population=table["population"].to_numpy(),
        risk=table["score"].to_numpy(),
        rate=table["rate"].to_numpy(),
        power=design.sample.power,
    )


def _with_cell_floors(
    lower: IntArray, upper: IntArray, weights: FloatArray, table: pl.DataFrame, design: Design
) -> IntArray:
    """Lower bounds that give every district × category its floor.

    The floor of a cell goes to its strata by the same priorities as the whole total. Floors are nested in the total, and
    for nested constraints handing units out by priority, innermost first, stays optimal (Federgruen & Groenevelt 1986,
    greedy procedures on polymatroids).
    """
    cell_keys = [k for k in ("district", "category") if k in design.strata.keys]
    cells = table.select(cell_keys).rows() if cell_keys else [()] * table.height
    raised = lower.copy()
    for cell in dict.fromkeys(cells):
        inside = np.array([c == cell for c in cells])
        floor = min(design.sample.floor_cell, int(upper[inside].sum()))
        if raised[inside].sum() < floor:
            raised[inside] = allocate(weights[inside], floor, lower=raised[inside], upper=upper[inside])
    return raised


def _sizes(
    weights: FloatArray,
    lower: IntArray,
    upper: IntArray,
    cost: IntArray,
    certain: npt.NDArray[np.bool_],
    budget: int,
) -> IntArray:
    needed = int((lower * cost).sum())
    if needed > budget:
        raise InfeasibleError(
            "plan.budget_below_floors",
            budget=budget,
            needed=needed,
            certain=int((lower * cost)[certain].sum()),
            floors=int((lower * cost)[~certain].sum()),
            strata=int((~certain).sum()),
        )
    if int((upper * cost).sum()) <= budget:
        return upper
    if (cost == cost[0]).all():
        return allocate(weights, budget // int(cost[0]), lower=lower, upper=upper)
    from sampler.stats.cost_allocation import allocate_cost

    return allocate_cost(weights, cost, budget, lower=lower, upper=upper).sizes
