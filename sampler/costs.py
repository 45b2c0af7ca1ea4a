"""What a plan costs: purchase and test of batches by category and stage, and visits to enterprises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.design import Design

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Spending:
    """What the tasks of a plan cost, in yuan. Reserves cost only when they replace a task.

    Attributes:
        by_category: category → (batches, cost of their purchase and test).
        visits, per_visit: visits, and the cost of one.
        budget: the design's budget in yuan, if it has one.
    """

    by_category: dict[str, tuple[int, float]]
    visits: int
    per_visit: float
    budget: float | None

    @property
    def batches_cost(self) -> float:
        """Purchase and test of all batches."""
        return sum(cost for _, cost in self.by_category.values())

    @property
    def visits_cost(self) -> float:
        """All visits."""
        return self.visits * self.per_visit

    @property
    def total(self) -> float:
        """Batches and visits."""
        return self.batches_cost + self.visits_cost

    def to_json(self) -> dict[str, object]:
        """The spending as scripts read it."""
        return {
            "by_category": {c: {"batches": n, "cost": cost} for c, (n, cost) in self.by_category.items()},
            "visits": {"count": self.visits, "cost": self.visits_cost},
            "total": self.total,
            "budget_yuan": self.budget,
        }


def batch_cost(design: Design, *, category: str = "category", stage: str = "stage") -> pl.Expr:
    """Purchase and test of one batch of each row, in yuan, from its columns of these names."""
    import polars as pl

    cost = pl.lit(0.0)
    for c in design.categories:
        own = pl.lit(c.cost_per_batch)
        for key, price in c.cost_by_stage.items():
            own = pl.when(pl.col(stage).eq_missing(pl.lit(key))).then(pl.lit(price)).otherwise(own)
        cost = pl.when(pl.col(category) == c.key).then(own).otherwise(cost)
    return cost.cast(pl.Float64)


def unit_price(design: Design) -> pl.Expr:
    """What taking one unit costs at most, in yuan: its batches, and a visit of its own.

    Several categories of one enterprise share a visit, but which enterprises these are is only known after the draw. A
    budget kept at this price is kept whatever is drawn.
    """
    import polars as pl

    batches = {c.key: c.batches for c in design.categories}
    number = pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64)
    return number * batch_cost(design) + design.sample.cost_per_visit


def stratum_costs(selection: pl.DataFrame, design: Design) -> dict[str, float]:
    """Stratum → purchase and test of its tasks' batches, in yuan; visits serve several strata and are not in it."""
    import polars as pl

    tasks = selection.filter(pl.col("role") == "task").with_columns(
        (pl.col("batches") * batch_cost(design)).alias("_cost")
    )
    return {s: float(c) for s, c in tasks.group_by("stratum").agg(pl.col("_cost").sum()).iter_rows()}


def spending(selection: pl.DataFrame, design: Design) -> Spending:
    """What the tasks of a selection (`sampler.plan.Plan.selection`) cost."""
    import polars as pl

    tasks = selection.filter(pl.col("role") == "task").with_columns(
        (pl.col("batches") * batch_cost(design)).alias("_cost")
    )
    sums = tasks.group_by("category").agg(pl.col("batches").sum(), pl.col("_cost").sum())
    found = {c: (int(n), float(cost)) for c, n, cost in sums.iter_rows()}
    return Spending(
        by_category={c.key: found[c.key] for c in design.categories if c.key in found},
        visits=tasks["visit"].n_unique() if tasks.height else 0,
        per_visit=design.sample.cost_per_visit,
        budget=design.sample.budget_yuan,
    )
