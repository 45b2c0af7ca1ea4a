"""What a plan leaves to be done: drawn units that are awaited or that refused, and what the registry has wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sampler.results import REASONS

if TYPE_CHECKING:
    import polars as pl

    from sampler.plan import Plan
    from sampler.results import Results

OPEN_STATES = ("not_reached", "pending", "refused")
"""States of a unit (`sampler.outcomes.UNIT_STATES`) that somebody must still deal with."""


@dataclass(frozen=True)
class DrawnUnit:
    """A drawn unit and what has come of it.

    Attributes:
        enterprise: its name.
        team: names of the inspectors who go there, ids where no names are known: of a reserve in use those of the task it
            stands in for; empty where no teams were drawn.
        state: one of `sampler.outcomes.UNIT_STATES`.
        batches: asked for; awaited: those that are neither tested nor given up with a reason.
        reasons: why batches were not taken, keys of `sampler.results.REASONS` in their order.
        note: what was written beside its batches.
    """

    task_id: str
    unit_id: str
    enterprise: str
    code: str | None
    district: str
    category: str
    address: str | None
    team: tuple[str, ...]
    state: str
    batches: int
    awaited: int
    reasons: tuple[str, ...]
    note: str

    def to_json(self) -> dict[str, object]:
        """The unit as scripts read it."""
        return {**vars(self), "team": list(self.team), "reasons": list(self.reasons)}


@dataclass(frozen=True)
class OpenWork:
    """What is left to be done, in order of districts and tasks.

    Attributes:
        units: those not reached, pending, and those that refused.
        corrections: units that turned out not to belong to the population, which the registry should say as well.
    """

    units: tuple[DrawnUnit, ...] = ()
    corrections: tuple[DrawnUnit, ...] = ()

    def counts(self) -> dict[str, int]:
        """How many units are open in each of `OPEN_STATES`."""
        found = Counter(unit.state for unit in self.units)
        return {state: found[state] for state in OPEN_STATES}

    def reasons(self) -> dict[str, int]:
        """Why units are out of scope → how many, by the first reason given for each; in the order of the vocabulary."""
        found = Counter(unit.reasons[0] for unit in self.corrections)
        return {reason: found[reason] for reason in REASONS if found[reason]}

    def to_json(self) -> dict[str, object]:
        """The lists as scripts read them."""
        return {
            "open": [unit.to_json() for unit in self.units],
            "corrections": [unit.to_json() for unit in self.corrections],
        }


NOTHING_OPEN = OpenWork()


def open_work(
    plan: Plan, results: Results, outcomes: pl.DataFrame, people: Mapping[str, str] | None = None
) -> OpenWork:
    """What a plan leaves to be done.

    Args:
        outcomes: the plan's `sampler.outcomes.unit_outcomes`.
        people: inspector's id → name.
    """
    import polars as pl

    typed = (
        results.batches.sort("batch_id")
        .group_by("task_id", maintain_order=True)
        .agg(
            pl.col("reason").drop_nulls().unique(),
            pl.col("note").drop_nulls().unique(maintain_order=True),
            replaces=pl.col("replaces").drop_nulls().first(),
        )
    )
    visits = plan.selection.select(replaces="task_id", replaced_visit="visit")
    rows = (
        outcomes.filter(pl.col("state").is_in([*OPEN_STATES, "out_of_scope"]))
        .select("task_id", "unit_id", "state", "batches", "batches_tested", "batches_unsampled", "visit")
        .join(plan.units.select("unit_id", "name", "code", "district", "category", "address"), on="unit_id", how="left")
        .join(typed, on="task_id", how="left")
        .join(visits, on="replaces", how="left")
        .with_columns(visit=pl.coalesce("visit", "replaced_visit"))
        .sort("district", "task_id", nulls_last=True)
    )
    found = [_unit(row, plan, people or {}) for row in rows.iter_rows(named=True)]
    return OpenWork(
        tuple(unit for unit in found if unit.state != "out_of_scope"),
        tuple(unit for unit in found if unit.state == "out_of_scope"),
    )


def _unit(row: Mapping[str, Any], plan: Plan, people: Mapping[str, str]) -> DrawnUnit:
    typed = set(row["reason"] or ())
    return DrawnUnit(
        task_id=row["task_id"],
        unit_id=row["unit_id"],
        enterprise=row["name"],
        code=row["code"],
        district=row["district"],
        category=row["category"],
        address=row["address"],
        team=tuple(people.get(i, i) for i in plan.teams.get(row["visit"] or "", ())),
        state=row["state"],
        batches=row["batches"],
        awaited=max(row["batches"] - row["batches_tested"] - row["batches_unsampled"], 0),
        reasons=tuple(reason for reason in REASONS if reason in typed),
        note="; ".join(row["note"] or ()),
    )
