"""The plan: (frame, design, weights, seed, history) → strata, selection and teams.

`make_plan` is the whole method, a step a line. Every step is deterministic; the only chance is in the tickets.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sampler.allocation import Binding, Needed, stratum_sizes
from sampler.assignment import Inspector, Swap, Visit, assign
from sampler.design import Design, RiskWeights
from sampler.eligibility import eligible
from sampler.errors import InputError
from sampler.frame import Frame
from sampler.history import NO_HISTORY, History
from sampler.period import Period
from sampler.scoring import scored
from sampler.selection import drawn, selection
from sampler.strata import Merger, stratified
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl


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
        selection: one row per task or reserve, with the columns of `sampler.selection.SELECTION`.
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
        return _deadline(self.design, self.period)


def make_plan(
    frame: Frame,
    design: Design,
    weights: RiskWeights,
    *,
    period: Period,
    seed: str,
    design_sha256: str,
    frame_sha256: str | None = None,
    inspectors: Sequence[Inspector] = (),
    history: History = NO_HISTORY,
) -> Plan:
    """Draw the plan of a period.

    Args:
        design_sha256, frame_sha256: digests of design and weights, and of the frame; the frame's is computed if None.

    Raises:
        InputError: no unit is left to draw from.
        InfeasibleError: no sizes meet the design's constraints, or no teams meet the inspectors' rules.
    """
    if frame.units.is_empty():
        listed = tuple(
            Text.of("plan.excluded_item", reason=Text.of(f"reasons.{reason}"), count=count)
            for reason, count in frame.excluded.items()
        )
        raise InputError("plan.empty_frame", rows=frame.rows, listed=listed or Text.of("plan.none"))
    batches = {c.key: c.batches for c in design.categories}
    found = eligible(frame.units, design, period, history, batches=batches, seed=seed)
    units = scored(found.units, weights, period=period, history=history)
    units, mergers = stratified(units, design, certainty=found.certainty, batches=batches)
    sizes = stratum_sizes(units, _learned(design, history), batches=batches)
    units = drawn(units, seed)
    chosen = selection(units, sizes, batches, seed, period)
    teams, swaps = _teams(chosen, units, inspectors, design, period, seed, history)
    return Plan(
        period=period,
        seed=seed,
        design=design,
        weights=weights,
        frame_sha256=frame.sha256() if frame_sha256 is None else frame_sha256,
        design_sha256=design_sha256,
        strata=sizes.table,
        units=units,
        set_aside=found.set_aside,
        selection=chosen,
        teams=teams,
        swaps=swaps,
        mergers=mergers,
        margins=sizes.margins,
        needed=sizes.needed,
    )


def _deadline(design: Design, period: Period) -> dt.date:
    return min(period.end, period.start + dt.timedelta(days=design.fieldwork.deadline_days))


def _learned(design: Design, history: History) -> Design:
    """The design with the pass rates that earlier results make likely."""
    return replace(
        design,
        categories=tuple(replace(c, prior=history.rates.get(c.key, c.prior)) for c in design.categories),
    )


def _teams(
    chosen: pl.DataFrame,
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

    tasks = chosen.filter(pl.col("role") == "task").join(units.select("unit_id", "code", "name"), on="unit_id")
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
        for visit, enterprise, code, name, district, categories in tasks.group_by("visit", maintain_order=True)
        .agg(pl.col("enterprise", "code", "name", "district").first(), pl.col("category").unique().sort())
        .iter_rows()
    ]
    teams = assign(
        visits,
        inspectors,
        seed=seed,
        window=(period.start, _deadline(design, period)),
        valid_through=period.end,
        team=design.inspectors.team,
        across_districts=design.inspectors.across_districts,
        design=design,
    )
    return teams.teams, teams.swaps
