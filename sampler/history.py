"""What earlier quarters say about this one: their plans and what came back, as the facts that a draw needs.

Nothing is kept beside the plan folders. Facts about units that a registry no longer lists are dropped, and an enterprise
whose id changed carries its facts along (`sampler.changes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import TYPE_CHECKING

from sampler.design import Design
from sampler.period import Period

if TYPE_CHECKING:
    import polars as pl

COVERAGE_QUARTERS = (4, 12)
"""Quarters over which coverage is told."""

_EARLIEST = dt.timedelta(days=31)
_LATEST = dt.timedelta(days=183)
"""How far from its period a sampling date may lie before it is taken for a slip of the pen."""


@dataclass(frozen=True)
class History:
    """The facts that a plan takes from earlier plans and their results.

    Attributes:
        follow_ups: unit id → where it failed last (a task id): taken with certainty, and exempt from the rest period.
        inspected: unit id → last day a batch was taken there; counts beside the registry's own date.
        teams: enterprise → the inspectors of its last visit.
        failures: unit id → plans in which it failed; the larger of this and the registry's own count bears on risk.
        visits: enterprise → visits made earlier in the calendar year of the period; see ``[caps]``.
        rates: category → pass rate to assume when planning, instead of the design's ``prior``.
        renamed: enterprise's former id → its present one, through all changes of the registry so far.
        quarters: names of the earlier plans, oldest first.
    """

    follow_ups: Mapping[str, str] = field(default_factory=dict)
    inspected: Mapping[str, dt.date] = field(default_factory=dict)
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)
    rates: Mapping[str, float] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    quarters: tuple[str, ...] = ()

    def coverage(self, units: Sequence[str], period: Period, quarters: int) -> float:
        """Share of some units of which a batch was taken in so many quarters before a period; 0 for no unit."""
        since = _back(period, quarters).start
        seen = sum(1 for unit in units if (day := self.inspected.get(unit)) is not None and day >= since)
        return seen / len(units) if units else 0.0

    def within(self, units: Sequence[str], enterprises: Sequence[str]) -> History:
        """The facts about some units and their enterprises alone."""
        known, firms = set(units), set(enterprises)
        return replace(
            self,
            follow_ups={u: t for u, t in self.follow_ups.items() if u in known},
            inspected={u: d for u, d in self.inspected.items() if u in known},
            failures={u: n for u, n in self.failures.items() if u in known},
            teams={e: t for e, t in self.teams.items() if e in firms},
            visits={e: n for e, n in self.visits.items() if e in firms},
            renamed={old: new for old, new in self.renamed.items() if new in firms},
        )


NO_HISTORY = History()


@dataclass(frozen=True)
class Quarter:
    """An earlier plan and what came back.

    Attributes:
        selection: as `sampler.plan.Plan.selection`; ``task_id``, ``role``, ``unit_id``, ``enterprise``, ``category``,
            ``stratum``, ``weight`` and ``visit`` are used.
        teams: visit id → inspectors' ids.
        batches: as `sampler.results.Results.batches`.
    """

    period: Period
    selection: pl.DataFrame
    teams: Mapping[str, tuple[str, ...]]
    batches: pl.DataFrame


def history_of(
    quarters: Sequence[Quarter], period: Period, design: Design, *, renamed: Mapping[str, str] | None = None
) -> History:
    """The facts of the quarters before a period.

    A unit *failed* a plan if the final result of any of its batches was a failure. It is to be followed up until a later
    plan has tested it without a failure; being closed, refused or out of stock does not clear it. The day a batch was
    taken is the one typed; where none was typed, or one far off the period, it is the period's last day, so that a missing
    date never shortens the rest. A visit counts for the year of its plan once anything came back from it.

    Args:
        quarters: earlier plans; those not before ``period`` are passed over.
        period: the period to be planned.
        design: says how rates are learned.
        renamed: former id of an enterprise → present id.
    """
    earlier = sorted((q for q in quarters if q.period < period), key=lambda q: q.period)
    renames = dict(renamed or {})
    follow_ups: dict[str, str] = {}
    inspected: dict[str, dt.date] = {}
    teams: dict[str, frozenset[str]] = {}
    failures: dict[str, int] = {}
    visits: dict[str, int] = {}
    for quarter in earlier:
        for fact in _facts(quarter, renames):
            if fact.failed:
                follow_ups[fact.unit] = fact.task
                failures[fact.unit] = failures.get(fact.unit, 0) + 1
            elif fact.passed:
                follow_ups.pop(fact.unit, None)
            if fact.day is not None:
                inspected[fact.unit] = max(fact.day, inspected.get(fact.unit, fact.day))
        for enterprise, visit, count in _visits(quarter, renames):
            if visit is not None and visit in quarter.teams:
                teams[enterprise] = frozenset(quarter.teams[visit])
            if quarter.period.year == period.year:
                visits[enterprise] = visits.get(enterprise, 0) + count
    recent = [q for q in earlier if q.period >= _back(period, design.history.quarters)]
    return History(
        follow_ups=follow_ups,
        inspected=inspected,
        teams=teams,
        failures=failures,
        visits=visits,
        rates=assumed_rates(recent, design),
        renamed=renames,
        quarters=tuple(q.period.name for q in earlier),
    )


def assumed_rates(quarters: Sequence[Quarter], design: Design) -> dict[str, float]:
    """Pass rate to assume of each category when planning: its prior, moved by what was found.

    The posterior mean of a beta-binomial model whose prior is worth m tests at the design's pass rate π₀:
    π = (m·π₀ + n·p̂) / (m + n). p̂ is the weighted pass rate of the tested units of all ``quarters``, each standing for
    N_h/n_h units of its stratum (n_h those tested), and n = (Σw)²/Σw² is what so uneven a sample is worth (Kish 1965,
    Survey Sampling, section 11.7). Categories in which nothing was tested are left out.
    """
    import polars as pl

    parts = [_weighted(q) for q in quarters]
    if not parts:
        return {}
    sums = (
        pl.concat(parts)
        .sort("category", "weight", "failed")
        .group_by("category", maintain_order=True)
        .agg(pl.col("weight"), pl.col("failed"))
    )
    m = design.history.prior_size
    priors = {c.key: c.prior for c in design.categories}
    rates = {}
    for category, weights, failed in sums.iter_rows():
        if category not in priors:
            continue
        total = fsum(weights)
        passed = fsum(w for w, f in zip(weights, failed, strict=True) if not f)
        worth = total**2 / fsum(w * w for w in weights)
        rates[category] = (m * priors[category] + worth * passed / total) / (m + worth)
    return rates


@dataclass(frozen=True, slots=True)
class _Fact:
    """What one quarter found at one drawn unit."""

    unit: str
    task: str
    failed: bool
    passed: bool
    day: dt.date | None


def _facts(quarter: Quarter, renamed: Mapping[str, str]) -> Iterator[_Fact]:
    import polars as pl

    first, last = quarter.period.start - _EARLIEST, quarter.period.end + _LATEST
    tested = (pl.col("state") == "tested") & pl.col("final").is_not_null()
    signs = [pl.col(c).is_not_null() for c in ("sampled_on", "sheet_no", "sample_name", "quantity")]
    taken = tested | ((pl.col("state") == "pending") & pl.any_horizontal(signs))
    likely = pl.col("sampled_on").is_between(pl.lit(first), pl.lit(last))
    day = pl.when(likely.fill_null(False)).then("sampled_on").otherwise(pl.lit(quarter.period.end))
    found = (
        quarter.batches.group_by("task_id")
        .agg(
            tested=tested.sum(),
            failed=(tested & (pl.col("final") == "fail")).sum(),
            day=day.filter(taken).max(),
        )
        .join(quarter.selection.select("task_id", "unit_id"), on="task_id")
        .sort("task_id")
    )
    for task, n, failed, when, unit in found.iter_rows():
        yield _Fact(_renamed_unit(unit, renamed), task, failed > 0, n > 0 and failed == 0, when)


def _visits(quarter: Quarter, renamed: Mapping[str, str]) -> Iterator[tuple[str, str | None, int]]:
    """Enterprise, its last visit and the number of its visits, of those from which something came back."""
    import polars as pl

    made = (
        quarter.selection.join(quarter.batches.select("task_id").unique(), on="task_id", how="semi")
        .group_by("enterprise")
        .agg(pl.col("visit").max(), pl.col("visit").drop_nulls().n_unique().alias("n"))
        .sort("enterprise")
    )
    for enterprise, visit, count in made.iter_rows():
        yield renamed.get(enterprise, enterprise), visit, max(count, 1)


def _weighted(quarter: Quarter) -> pl.DataFrame:
    """The tested units of a quarter with their category, whether they failed, and how many units each stands for."""
    import polars as pl

    tested = (pl.col("state") == "tested") & pl.col("final").is_not_null()
    found = quarter.batches.filter(tested).group_by("task_id").agg(failed=(pl.col("final") == "fail").any())
    tasks = quarter.selection.filter(pl.col("role") == "task")
    sizes = tasks.group_by("stratum").agg(population=(pl.col("weight").first() * pl.len()).round())
    return (
        quarter.selection.select("task_id", "category", "stratum")
        .join(found, on="task_id")
        .join(sizes, on="stratum")
        .with_columns(weight=pl.col("population") / pl.len().over("stratum"))
        .select("category", "weight", "failed")
    )


def _renamed_unit(unit: str, renamed: Mapping[str, str]) -> str:
    enterprise, bar, rest = unit.partition("|")
    return f"{renamed.get(enterprise, enterprise)}{bar}{rest}"


def _back(period: Period, quarters: int) -> Period:
    number = 4 * period.year + period.quarter - 1 - quarters
    return Period(number // 4, number % 4 + 1)
