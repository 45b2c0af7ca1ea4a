"""What earlier quarters say about this one: their plans and what came back, as the facts that a draw needs.

Nothing is kept beside the plan folders. Facts about units that a registry no longer lists are dropped, and an enterprise
whose id changed carries its facts along (`sampler.changes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import TYPE_CHECKING

from sampler.design import Design
from sampler.period import Period

if TYPE_CHECKING:
    import polars as pl

COVERAGE_QUARTERS = (4, 12)
"""Quarters over which coverage is told."""

SELECTION_COLUMNS = ("task_id", "role", "unit_id", "enterprise", "category", "stratum", "batches", "weight", "visit")
BATCH_COLUMNS = ("task_id", "state", "reason", "final", "sampled_on", "sheet_no", "sample_name", "quantity")
"""What of earlier plans and their results a history is made of."""

_SIGNS = ("sampled_on", "sheet_no", "sample_name", "quantity")
"""Columns that show that a sample was taken, also where its result is awaited."""

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
        selection: as `sampler.plan.Plan.selection`; `SELECTION_COLUMNS` are used.
        teams: visit id → inspectors' ids.
        batches: as `sampler.results.Results.batches`; `BATCH_COLUMNS` are used.
    """

    period: Period
    selection: pl.DataFrame
    teams: Mapping[str, tuple[str, ...]]
    batches: pl.DataFrame


def history_of(
    quarters: Sequence[Quarter], period: Period, design: Design, *, renamed: Mapping[str, str] | None = None
) -> History:
    """The facts of the quarters before a period.

    A unit *failed* a plan as soon as the final result of any of its batches was a failure. It is to be followed up until
    a later plan has tested it without a failure and awaits nothing more of it (as in `sampler.outcomes`); being closed,
    refused, out of stock or still at the laboratory does not clear it. The day a batch was taken is the one typed; where
    none was typed, or one far off the period, it is the period's last day, so that a missing date never shortens the
    rest. A visit counts for the year of its plan once anything came back from it.

    Args:
        quarters: earlier plans; those not before ``period`` are passed over.
        period: the period to be planned.
        design: says how rates are learned.
        renamed: former id of an enterprise → present id.
    """
    import polars as pl

    earlier = sorted((q for q in quarters if q.period < period), key=lambda q: q.period)
    renames = dict(renamed or {})
    if not earlier:
        return History(renamed=renames)
    facts = pl.concat([_facts(q).with_columns(order=pl.lit(i)) for i, q in enumerate(earlier)])
    facts = _renamed(facts, "unit_id", renames).sort("order", "task_id")
    failing = pl.col("failed") > 0
    decided = (
        facts.filter(failing | (pl.col("settled") & (pl.col("tested") > 0)))
        .sort("order", failing, "task_id")
        .group_by("unit_id", maintain_order=True)
        .agg(
            pl.col("task_id").last(),
            failing.last().alias("open"),
            pl.col("order").filter(failing).n_unique().alias("failed"),
        )
        .sort("unit_id")
    )
    days = facts.group_by("unit_id").agg(pl.col("day").max()).drop_nulls("day").sort("unit_id")
    made = pl.concat([_visits(q).with_columns(order=pl.lit(i)) for i, q in enumerate(earlier)])
    made = _renamed(made, "enterprise", renames).sort("order", "visit")
    this_year = [i for i, q in enumerate(earlier) if q.period.year == period.year]
    visits = made.filter(pl.col("order").is_in(this_year)).group_by("enterprise").agg(pl.col("n").sum())
    recent = [q for q in earlier if q.period >= _back(period, design.history.quarters)]
    return History(
        follow_ups=dict(decided.filter("open").select("unit_id", "task_id").iter_rows()),
        inspected=dict(days.iter_rows()),
        teams=_last_teams(made, earlier),
        failures=dict(decided.filter(pl.col("failed") > 0).select("unit_id", "failed").iter_rows()),
        visits=dict(visits.sort("enterprise").iter_rows()),
        rates=assumed_rates(recent, design),
        renamed=renames,
        quarters=tuple(q.period.name for q in earlier),
    )


@dataclass(frozen=True)
class Reported:
    """What was last reported of a unit: why no sample was taken (a key of `sampler.results.REASONS`), where and when."""

    reason: str
    task_id: str
    period: Period


NOT_IN_THE_MARKET = ("closed", "moved", "no_longer_makes", "export_only")
"""Reasons that speak of the enterprise as such: the registry should say so too."""


def last_reported(quarters: Sequence[Quarter], *, renamed: Mapping[str, str] | None = None) -> dict[str, Reported]:
    """Unit id → what was last reported of it, for units last found to be none that a sample can be taken from.

    Nothing of it bears on a draw: who belongs to the population is for the registry to say. What was found at a later plan
    replaces what was found before, a sample that was taken as well as a refusal.

    Args:
        quarters: earlier plans, oldest first.
        renamed: former id of an enterprise → present id.
    """
    import polars as pl

    found: dict[str, Reported] = {}
    for quarter in quarters:
        given_up = pl.col("state") == "unsampled"
        signs = [pl.col(c).is_not_null() for c in _SIGNS]
        answered = quarter.batches.filter(given_up | (pl.col("state") == "tested") | pl.any_horizontal(signs))
        units = (
            answered.group_by("task_id")
            .agg(
                pl.col("reason").min(),
                gone=(given_up & pl.col("reason").is_in(NOT_IN_THE_MARKET)).fill_null(False).all(),
            )
            .join(quarter.selection.select("task_id", "unit_id"), on="task_id")
            .sort("task_id")
        )
        for task, reason, gone, unit in _renamed(units, "unit_id", renamed or {}).iter_rows():
            found.pop(unit, None)
            if gone:
                found[unit] = Reported(reason, task, quarter.period)
    return found


def assumed_rates(quarters: Sequence[Quarter], design: Design) -> dict[str, float]:
    """Pass rate to assume of each category when planning: its prior, moved by what was found.

    The posterior mean of a beta-binomial model whose prior is worth m tests at the design's pass rate π₀:
    π = (m·π₀ + n·p̂) / (m + n). p̂ is the weighted pass rate of the tested units of all ``quarters`` of which nothing is
    awaited, each standing for N_h/n_h units of its stratum (n_h those tested), and n = (Σw)²/Σw² is what so uneven a
    sample is worth (Kish 1965, Survey Sampling, section 11.7). Categories in which nothing was tested are left out.
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


def _facts(quarter: Quarter) -> pl.DataFrame:
    """What a quarter found at the units that something came back from: one row per task.

    ``task_id``, ``unit_id``, ``tested`` and ``failed`` (batches), ``settled`` (nothing of it is awaited), ``day`` (the last
    on which a batch was taken, or null).
    """
    import polars as pl

    first, last = quarter.period.start - _EARLIEST, quarter.period.end + _LATEST
    tested = (pl.col("state") == "tested") & pl.col("final").is_not_null()
    signs = [pl.col(c).is_not_null() for c in _SIGNS]
    taken = tested | ((pl.col("state") == "pending") & pl.any_horizontal(signs))
    likely = pl.col("sampled_on").is_between(pl.lit(first), pl.lit(last))
    day = pl.when(likely.fill_null(False)).then("sampled_on").otherwise(pl.lit(quarter.period.end))
    return (
        quarter.batches.group_by("task_id")
        .agg(
            tested=tested.sum(),
            failed=(tested & (pl.col("final") == "fail")).sum(),
            answered=(tested | (pl.col("state") == "unsampled")).sum(),
            day=day.filter(taken).max(),
        )
        .join(quarter.selection.select("task_id", "unit_id", "batches"), on="task_id")
        .with_columns(settled=pl.col("answered") >= pl.col("batches"))
        .drop("answered", "batches")
    )


def _visits(quarter: Quarter) -> pl.DataFrame:
    """The enterprises that something came back from: ``enterprise``, ``visit`` (the last, or null) and ``n``, how many."""
    import polars as pl

    return (
        quarter.selection.join(quarter.batches.select("task_id").unique(), on="task_id", how="semi")
        .group_by("enterprise")
        .agg(
            pl.col("visit").max(),
            pl.max_horizontal(pl.col("visit").drop_nulls().n_unique(), pl.lit(1)).alias("n"),
        )
    )


def _last_teams(made: pl.DataFrame, quarters: Sequence[Quarter]) -> dict[str, frozenset[str]]:
    """Enterprise → the team of its last visit that had one."""
    teams = {
        enterprise: frozenset(quarters[order].teams[visit])
        for enterprise, visit, order in made.select("enterprise", "visit", "order").iter_rows()
        if visit in quarters[order].teams
    }
    return dict(sorted(teams.items()))


def _renamed(table: pl.DataFrame, column: str, renamed: Mapping[str, str]) -> pl.DataFrame:
    """A table with former enterprises, or units of theirs, under their present ids."""
    import polars as pl

    if not renamed:
        return table
    text = pl.col(column)
    enterprise, rest = text.str.extract(r"^([^|]*)"), text.str.extract(r"^[^|]*(.*)$")
    return table.with_columns((enterprise.replace(renamed) + rest).alias(column))


def _weighted(quarter: Quarter) -> pl.DataFrame:
    """The tested units of a quarter with their category, whether they failed, and how many units each stands for."""
    import polars as pl

    found = _facts(quarter).filter(pl.col("settled") & (pl.col("tested") > 0))
    tasks = quarter.selection.filter(pl.col("role") == "task")
    sizes = tasks.group_by("stratum").agg(population=(pl.col("weight").first() * pl.len()).round())
    return (
        quarter.selection.select("task_id", "category", "stratum")
        .join(found.select("task_id", pl.col("failed") > 0), on="task_id")
        .join(sizes, on="stratum")
        .with_columns(weight=pl.col("population") / pl.len().over("stratum"))
        .select("category", "weight", "failed")
    )


def _back(period: Period, quarters: int) -> Period:
    number = 4 * period.year + period.quarter - 1 - quarters
    return Period(number // 4, number % 4 + 1)
