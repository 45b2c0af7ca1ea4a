"""The plan: (frame, design, weights, seed, history) → strata, selection and teams.

`make_plan` is the whole method, a step a line. Every step is deterministic; the only chance is in the tickets.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sampler.allocation import Binding, Needed, Sizes, stratum_sizes
from sampler.assignment import Inspector, Swap, Visit, assign
from sampler.design import Design, RiskWeights
from sampler.frame import Frame
from sampler.history import NO_HISTORY, History
from sampler.period import Period
from sampler.scoring import scored
from sampler.stats.selection import ranks
from sampler.stats.tickets import ticket, tickets
from sampler.strata import Merger, stratified
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

NOWHERE = "ALL"
"""Stands for the district where a frame has none."""

SELECTION = (
    "task_id",
    "role",
    "unit_id",
    "enterprise",
    "stratum",
    "group",
    "district",
    "category",
    "stage",
    "tier",
    "certainty",
    "batches",
    "ticket",
    "rank",
    "probability",
    "weight",
    "visit",
)
"""Columns of `Plan.selection`, in this order."""


@dataclass(frozen=True)
class Plan:
    """A quarter's plan.

    Attributes:
        strata: one row per stratum, sorted by id: ``stratum``, one column per key of the design's strata (a certainty
            stratum has a null tier), ``certainty``, ``population``, ``sample``, ``reserves``, ``score`` (mean),
            ``probability`` (n/N), ``weight`` (N/n, null where n = 0), ``lower`` and ``upper`` (the allocation's bounds),
            ``bound`` (what fixed the size: ``certainty``, ``all``, ``floor``, ``share``, ``detection``,
            ``precision``, ``capacity``, ``ceiling`` or ``rule``).
        units: the units that could be drawn: the frame's columns, then ``score``, ``certainty`` (reason or null),
            ``tier``, ``stratum``, ``ticket``, ``rank``.
        set_aside: the frame's other units, with ``reason``: ``campaign``, ``rest``, ``cap`` or ``batches``.
        selection: one row per task or reserve, with the columns of `SELECTION`.
        teams: visit → inspectors' ids, the leader first; empty where no inspectors were given.
        swaps: inspectors who stepped back, with the reason.
        mergers: the risk tiers that were merged, with the reason.
        margins: the design's margins by domain, with their prices; needed: what they and the other requirements take by
            themselves, None where the rule's own sizes meet them. Not on record: empty for a plan read from its folder.
    """

    period: Period
    seed: str
    design: Design
    weights: RiskWeights
    frame_sha256: str
    design_sha256: str
    strata: pl.DataFrame
    units: pl.DataFrame
    set_aside: pl.DataFrame
    selection: pl.DataFrame
    teams: Mapping[str, tuple[str, ...]]
    swaps: tuple[Swap, ...] = ()
    mergers: tuple[Merger, ...] = ()
    margins: tuple[Binding, ...] = ()
    needed: Needed | None = None

    @property
    def id(self) -> str:
        """What names this plan on paper: the period and eight digits that frame, design and seed decide."""
        decided_by = "\n".join((self.period.name, self.frame_sha256, self.design_sha256, self.seed))
        return f"{self.period.name}-{hashlib.sha256(decided_by.encode()).hexdigest()[:8]}"

    @property
    def tasks(self) -> pl.DataFrame:
        """The rows of the selection that are tasks."""
        return self.selection.filter(self.selection["role"] == "task")

    @property
    def deadline(self) -> dt.date:
        """The day by which tasks are done: the design's days from the period's first, at most its last day."""
        return min(
            self.period.end, self.period.start + dt.timedelta(days=self.design.fieldwork.deadline_days)
        )


def make_plan(
    frame: Frame,
    design: Design,
    weights: RiskWeights,
    *,
    period: Period,
    seed: str,
    design_sha256: str,
    inspectors: Sequence[Inspector] = (),
    history: History = NO_HISTORY,
) -> Plan:
    """Draw the plan of a period.

    Raises:
        InputError: no unit is left to draw from.
        InfeasibleError: no sizes meet the design's constraints, or no teams meet the inspectors' rules.
    """
    import polars as pl

    from sampler.errors import InputError

    if frame.units.is_empty():
        listed = tuple(
            Text.of("plan.excluded_item", reason=Text.of(f"reasons.{reason}"), count=count)
            for reason, count in frame.excluded.items()
        )
        raise InputError("plan.empty_frame", rows=frame.rows, listed=listed or Text.of("plan.none"))
    units, set_aside = _eligible(frame.units, design, period, history)
    certainty = _certain(units, design, history)
    batches = {c.key: c.batches for c in design.categories}
    units, over_cap = _capped(units, design, certainty, batches, seed)
    if over_cap.height:
        both = pl.concat([set_aside, over_cap])
        # In the frame's order, in which the archive reads them back.
        in_order = frame.units.select("unit_id").join(both, on="unit_id", maintain_order="left")
        set_aside = in_order.select(both.columns)
    units = _scored(units, weights, period, history)
    units, mergers = stratified(units, design, certainty=certainty, batches=batches)
    sizes = stratum_sizes(units, _learned(design, history), batches=batches)
    units = _drawn(units, seed)
    selection = _selection(units, sizes, batches, seed, period)
    teams, swaps = _teams(selection, units, inspectors, design, period, seed, history)
    return Plan(
        period=period,
        seed=seed,
        design=design,
        weights=weights,
        frame_sha256=frame.sha256(),
        design_sha256=design_sha256,
        strata=sizes.table,
        units=units,
        set_aside=set_aside,
        selection=selection,
        teams=teams,
        swaps=swaps,
        mergers=mergers,
        margins=sizes.margins,
        needed=sizes.needed,
    )


def batch_ids(task_id: str, batches: int) -> tuple[str, ...]:
    """The ids of a task's batch rows: the task's own id for a single batch, else ``task-1`` … ``task-k``."""
    return (task_id,) if batches == 1 else tuple(f"{task_id}-{b}" for b in range(1, batches + 1))


def _eligible(
    units: pl.DataFrame, design: Design, period: Period, history: History
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units that can be drawn this quarter, and the others with the reason."""
    import polars as pl

    from sampler.errors import InputError

    allowed = pl.lit(True)
    for column, values in (
        ("category", design.campaign.categories),
        ("district", design.campaign.districts),
        ("stage", design.campaign.stages),
    ):
        if values:
            allowed = allowed & pl.col(column).is_in(values).fill_null(False)
    earlier = pl.Series("_earlier", [history.inspected.get(u) for u in units["unit_id"]], dtype=pl.Date)
    visits = pl.Series("_visits", [history.visits.get(e, 0) for e in units["enterprise"]], dtype=pl.Int64)
    exempt = pl.Series("_exempt", [u in history.follow_ups for u in units["unit_id"]], dtype=pl.Boolean)
    # A day that has not come yet is a slip of the pen (2052 for 2025): it must not lock a unit for ever.
    registered = pl.when(pl.col("last_inspected") <= period.end).then(pl.col("last_inspected"))
    free_again = pl.max_horizontal(registered, "_earlier").dt.offset_by(f"{design.rest.months}mo")
    resting = (free_again > period.start).fill_null(False) & ~pl.col("_exempt")
    most = design.caps.visits_per_year
    capped = pl.lit(False) if most is None else (pl.col("_visits") >= most) & ~pl.col("_exempt")
    reason = (
        pl.when(~allowed)
        .then(pl.lit("campaign"))
        .when(resting)
        .then(pl.lit("rest"))
        .when(capped)
        .then(pl.lit("cap"))
    )
    table = (
        units.with_columns(earlier, exempt, visits)
        .with_columns(reason.alias("reason"))
        .drop("_earlier", "_exempt", "_visits")
    )
    free = table.filter(pl.col("reason").is_null()).drop("reason")
    if free.is_empty():
        counts = {str(r): int(n) for r, n in table.group_by("reason").len().sort("reason").iter_rows()}
        raise InputError(
            "plan.nothing_to_draw",
            units=units.height,
            rest=counts.get("rest", 0),
            cap=counts.get("cap", 0),
            campaign=counts.get("campaign", 0),
        )
    return free, table.filter(pl.col("reason").is_not_null())


def _scored(units: pl.DataFrame, weights: RiskWeights, period: Period, history: History) -> pl.DataFrame:
    """The units with their score."""
    return units.with_columns(scored(with_history(units, history), weights, day=period.start)["score"])


def with_history(units: pl.DataFrame, history: History) -> pl.DataFrame:
    """The units with what earlier plans found beside what the registry says: more failures, later inspections."""
    import polars as pl

    ids = units["unit_id"].to_list()
    return units.with_columns(
        pl.Series("_failures", [history.failures.get(u) for u in ids], dtype=pl.Int64),
        pl.Series("_inspected", [history.inspected.get(u) for u in ids], dtype=pl.Date),
    ).with_columns(
        # A registry that is kept well has counted our failures already: adding would count them twice.
        pl.max_horizontal("failures", "_failures").alias("failures"),
        pl.max_horizontal("last_inspected", "_inspected").alias("last_inspected"),
    )


def _learned(design: Design, history: History) -> Design:
    """The design with the pass rates that earlier results make likely."""
    return replace(
        design,
        categories=tuple(replace(c, prior=history.rates.get(c.key, c.prior)) for c in design.categories),
    )


def _certain(units: pl.DataFrame, design: Design, history: History) -> dict[str, str]:
    """Unit id → why it is taken with certainty."""
    found: dict[str, str] = {}
    if design.certainty.blacklisted:
        found = dict.fromkeys(
            units.filter(units["blacklisted"].fill_null(False))["unit_id"].to_list(), "blacklisted"
        )
    if design.certainty.follow_up:
        found |= dict.fromkeys(
            (u for u in units["unit_id"].to_list() if u in history.follow_ups), "follow_up"
        )
    return found


def _capped(
    units: pl.DataFrame,
    design: Design,
    certainty: Mapping[str, str],
    batches: Mapping[str, int],
    seed: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units that fit the most batches of an enterprise, and the others with the reason.

    An enterprise keeps the units taken with certainty, then others by lot while they fit. The lot has tickets of its own:
    by those of the draw itself it would keep the units that the draw takes first.
    """
    import polars as pl

    reason = pl.lit("batches").alias("reason")
    most = design.caps.batches_per_enterprise
    number = pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64)
    if most is None:
        return units, units.head(0).with_columns(reason)
    table = units.with_columns(number.alias("_batches"))
    crowded = table.filter(pl.col("_batches").sum().over("enterprise") > most)
    ids = crowded["unit_id"].to_list()
    order = {
        u: (u not in certainty, t) for u, t in zip(ids, tickets(seed, [f"cap|{u}" for u in ids]), strict=True)
    }
    out: list[str] = []
    taken: dict[str, int] = {}
    rows = sorted(crowded.select("unit_id", "enterprise", "_batches").iter_rows(), key=lambda r: order[r[0]])
    for unit, enterprise, size in rows:
        if unit not in certainty and taken.get(enterprise, 0) + size > most:
            out.append(unit)
        else:
            taken[enterprise] = taken.get(enterprise, 0) + size
    over = pl.col("unit_id").is_in(out)
    return units.filter(~over), units.filter(over).with_columns(reason)


def _drawn(units: pl.DataFrame, seed: str) -> pl.DataFrame:
    """The units with ticket and rank, in the frame's order."""
    import polars as pl

    ids = units["unit_id"].to_list()
    drawn = tickets(seed, ids)
    _, codes = np.unique(units["stratum"].to_numpy(), return_inverse=True)
    return units.with_columns(pl.Series("ticket", drawn), pl.Series("rank", ranks(codes, drawn, ids)))


def _selection(
    units: pl.DataFrame, sizes: Sizes, batches: Mapping[str, int], seed: str, period: Period
) -> pl.DataFrame:
    """Tasks and reserves, numbered along each district's route."""
    import polars as pl

    strata = sizes.table.select("stratum", "sample", "reserves", "probability", "weight")
    chosen = (
        units.join(strata, on="stratum", how="left")
        .filter(pl.col("rank") <= pl.col("sample") + pl.col("reserves"))
        .with_columns(
            pl.when(pl.col("rank") <= pl.col("sample"))
            .then(pl.lit("task"))
            .otherwise(pl.lit("reserve"))
            .alias("role"),
            pl.col("district").fill_null(NOWHERE).alias("_area"),
            pl.coalesce("office", "street", pl.lit("")).alias("_place"),
            pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64).alias("batches"),
        )
    )

    # Labels of strata for the field, in random order: an order by id would give the risk tier away.
    in_field = sorted(set(chosen["stratum"]), key=lambda s: ticket(seed, f"group|{s}"))
    width = max(2, len(str(len(in_field))))
    groups = {s: f"G{i:0{width}d}" for i, s in enumerate(in_field, start=1)}

    def drawn(kind: str, *columns: str) -> pl.Series:
        keys = chosen.select(pl.concat_str([pl.lit(kind), *columns], separator="|")).to_series()
        return pl.Series(f"_{kind}", tickets(seed, keys.to_list()))

    chosen = chosen.with_columns(
        pl.col("stratum").replace_strict(groups, return_dtype=pl.String).alias("group"),
        drawn("place", "_area", "_place"),
        drawn("visit", "_area", "enterprise"),
    )
    # An enterprise is one visit, at the place where its first unit (by id) is.
    chosen = chosen.sort("unit_id").with_columns(pl.col("_place").first().over("role", "_area", "enterprise"))
    tasks = chosen.filter(pl.col("role") == "task").sort("_area", "_place", "_visit", "unit_id")
    reserves = chosen.filter(pl.col("role") == "reserve").sort("_area", "group", "rank")

    def numbered(table: pl.DataFrame, letter: str) -> pl.Expr:
        number = pl.int_range(1, pl.len() + 1).over("_area").cast(pl.String).str.zfill(4)
        return pl.concat_str([pl.lit(f"{period.name}-"), pl.col("_area"), pl.lit(f"-{letter}"), number])

    tasks = tasks.with_columns(
        numbered(tasks, "").alias("task_id"),
        pl.concat_str(
            [
                pl.lit(f"{period.name}-"),
                pl.col("_area"),
                pl.lit("-V"),
                pl.col("enterprise").rle_id().rank("dense").over("_area").cast(pl.String).str.zfill(4),
            ]
        ).alias("visit"),
    )
    reserves = reserves.with_columns(
        numbered(reserves, "R").alias("task_id"), pl.lit(None, dtype=pl.String).alias("visit")
    )
    return pl.concat([tasks.select(SELECTION), reserves.select(SELECTION)])


def _teams(
    selection: pl.DataFrame,
    units: pl.DataFrame,
    inspectors: Sequence[Inspector],
    design: Design,
    period: Period,
    seed: str,
    history: History,
) -> tuple[Mapping[str, tuple[str, ...]], tuple[Swap, ...]]:
    if not inspectors:
        return {}, ()
    import polars as pl

    tasks = selection.filter(pl.col("role") == "task").join(
        units.select("unit_id", "code", "name"), on="unit_id"
    )
    visits = [
        Visit(
            id=visit,
            enterprise=enterprise,
            code=code,
            name=name,
            district=district,
            categories=frozenset(categories),
            previous=history.teams.get(enterprise, frozenset()),
        )
        for visit, enterprise, code, name, district, categories in tasks.group_by(
            "visit", maintain_order=True
        )
        .agg(pl.col("enterprise", "code", "name", "district").first(), pl.col("category").unique().sort())
        .iter_rows()
    ]
    drawn = assign(
        visits,
        inspectors,
        seed=seed,
        window=(period.start, period.end),
        team=design.inspectors.team,
        across_districts=design.inspectors.across_districts,
        design=design,
    )
    return drawn.teams, drawn.swaps
