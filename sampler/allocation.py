"""Sizes of the strata: everything the design asks, put to the solvers as one problem.

Floors, shares and detection become lower bounds; budgets, capacities and shares become ceilings; margins become limits on
the variance of domains. Within them the design's rule decides, and each stratum says what fixed its size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sampler.costs import unit_price
from sampler.design import Design
from sampler.margins import Cheapest, by_rule, meets, within_budget
from sampler.relaxation import infeasible, price_of
from sampler.requirements import Clash, Requirements, requirements
from sampler.stats.risk import assumed_failure_rates
from sampler.stats.selection import reserve_sizes

if TYPE_CHECKING:
    import polars as pl

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Binding:
    """A margin that decided sizes.

    Attributes:
        domain: column → value.
        margin, confidence: as asked.
        price: what one percentage point less of margin would cost, in batches or yuan (first order); 0 where it does not
            decide anything.
    """

    domain: Mapping[str, str]
    margin: float
    confidence: float
    price: float

    @property
    def binding(self) -> bool:
        """Whether a wider margin would save anything."""
        return self.price > 0


@dataclass(frozen=True)
class Needed:
    """What the requirements take without the rule, by the cheapest sizes found.

    Attributes:
        resource: ``batches`` or ``yuan``.
        cost: what they take of it, certainty units included.
    """

    resource: str
    cost: float


@dataclass(frozen=True)
class Sizes:
    """The strata with their sizes.

    Attributes:
        table: as `sampler.plan.Plan.strata`, with ``rate``, the pass rate assumed when planning.
        margins: the design's margins by domain; needed: None where the rule's own sizes meet them all.
    """

    table: pl.DataFrame
    margins: tuple[Binding, ...] = ()
    needed: Needed | None = None


def stratum_sizes(units: pl.DataFrame, design: Design, *, batches: Mapping[str, int]) -> Sizes:
    """Give every stratum its sample and its reserves.

    Args:
        units: units with ``score``, ``certainty``, ``tier`` and ``stratum``.
        design: what is asked.
        batches: category → batches taken at one unit; a unit of a category uses up so much of the budget.

    Raises:
        InfeasibleError: no sizes were found that meet the design; says what clashes, what would help, and what budget
            would do.
    """
    import polars as pl

    table = _strata(units, design, batches)
    try:
        asked = requirements(table, design)
        sample, least, prices = _solved(asked, design)
    except Clash as clash:
        raise infeasible(table, design, clash) from None
    reserves = reserve_sizes(asked.population, sample, share=design.sample.reserves, least=design.sample.reserves_least)
    table = table.with_columns(
        pl.Series("sample", sample),
        pl.Series("reserves", reserves),
        pl.Series("lower", asked.lower),
        pl.Series("upper", asked.upper),
        pl.Series("bound", _bounds(asked, sample, least), dtype=pl.String),
    ).with_columns(
        (pl.col("sample") / pl.col("population")).alias("probability"),
        pl.when(pl.col("sample") > 0).then(pl.col("population") / pl.col("sample")).alias("weight"),
    )
    table = table.drop("batches", "price", "all_batches", "all_price")
    return Sizes(
        table.drop("category") if "category" not in design.strata.keys else table,
        tuple(Binding(m.domain, m.margin, m.confidence, price) for m, price in zip(asked.margins, prices, strict=True)),
        None if least is None else Needed(least.resource, least.cost),
    )


def _solved(asked: Requirements, design: Design) -> tuple[IntArray, Cheapest | None, list[float]]:
    """Sizes; the cheapest ones where margins decided; and what each margin's last percentage point costs."""
    free = [0.0] * len(asked.margins)
    rule = by_rule(asked)
    if not asked.margins or meets(asked, rule):
        return rule, None, free
    least = price_of(asked, design)
    if not any(c.kind in ("batches", "yuan") for c in asked.ceilings):
        return least.sizes, least, _per_point(asked, least, least.prices)
    sizes, prices = within_budget(asked, least)
    return sizes, least, _per_point(asked, least, prices)


def _per_point(asked: Requirements, least: Cheapest, prices: FloatArray) -> list[float]:
    """Prices of the limits 1/n_eff, two a margin, as prices of a percentage point of half-width."""
    from sampler.stats.planning import size_for_half_width

    found = []
    least_told = 1e-6 if least.resource == "batches" else 0.01
    for i, m in enumerate(asked.margins):
        rate = float(asked.population[m.inside] @ asked.failing[m.inside] / asked.population[m.inside].sum())
        step = m.margin * 1e-3
        slope = (
            1 / size_for_half_width(m.margin, rate, m.confidence)
            - 1 / size_for_half_width(m.margin - step, rate, m.confidence)
        ) / step
        price = float(prices[2 * i] + prices[2 * i + 1]) * slope / 100
        found.append(price if price > least_told else 0.0)
    return found


def _bounds(asked: Requirements, sample: IntArray, least: Cheapest | None) -> list[str]:
    """What fixed every stratum's size."""
    ruled = asked.lower if least is None else by_rule(asked)
    room = asked.limits - asked.uses @ sample
    found = []
    for h, n in enumerate(sample.tolist()):
        full = [c.kind for c, left in zip(asked.ceilings, room, strict=True) if c.use[h] > left]
        if asked.certain[h]:
            found.append("certainty")
        elif n == asked.population[h]:
            found.append("all")
        elif n == asked.lower[h]:
            found.append(str(asked.source[h]))
        elif least is not None and n > ruled[h]:
            found.append("precision")
        elif "capacity" in full:
            found.append("capacity")
        elif "share" in full:
            found.append("ceiling")
        else:
            found.append("rule")
    return found


def _strata(units: pl.DataFrame, design: Design, batches: Mapping[str, int]) -> pl.DataFrame:
    """One row per stratum: keys, certainty, population, mean score, assumed pass rate, what its units take."""
    import polars as pl

    base = {c.key: 1 - c.prior for c in design.categories}
    failure = pl.col("category").replace_strict(base, default=None, return_dtype=pl.Float64)
    rates = assumed_failure_rates(
        units.select(failure).to_series().to_numpy(),
        units["score"].to_numpy(),
        units["category"].replace_strict(_mean_scores(units), return_dtype=pl.Float64).to_numpy(),
    )
    keys = [k for k in (*design.strata.keys, "category") if k != "stratum"]
    number = pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64)
    return (
        units.with_columns(pl.Series("rate", 1 - rates), number.alias("_batches"), unit_price(design).alias("_price"))
        .group_by("stratum")
        .agg(
            pl.col(*dict.fromkeys(keys)).first(),
            pl.col("certainty").is_not_null().first(),
            pl.len().cast(pl.Int64).alias("population"),
            pl.col("score"),
            pl.col("rate"),
            # Where the units of a stratum differ, a budget must hold whichever are drawn.
            pl.col("_batches").max().alias("batches"),
            pl.col("_price").max().alias("price"),
            pl.col("_batches").sum().alias("all_batches"),
            pl.col("_price").sum().alias("all_price"),
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
