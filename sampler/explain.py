"""Why this enterprise: all that decided whether a unit is inspected, from its facts to its rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sampler.design import Weight
from sampler.errors import UsageError
from sampler.history import History
from sampler.plan import Plan
from sampler.scoring import NEVER, factors, with_history, with_months

if TYPE_CHECKING:
    import polars as pl

MOST_NAMED = 10
"""Units named when a search finds several."""


@dataclass(frozen=True)
class Factor:
    """One factor of a unit's risk score.

    Attributes:
        field: frame column, or ``months_since_inspection``.
        value: what the frame says of the unit there.
        weight: what the score is multiplied by.
        line: the line of the risk weights that says so; None where none applies and the weight is 1.
    """

    field: str
    value: object
    weight: float
    line: Weight | None


@dataclass(frozen=True)
class Explanation:
    """All that decided about one unit.

    Attributes:
        unit: its row of the frame.
        factors: the factors of its score, in the order of the risk weights.
        set_aside: why it could not be drawn this quarter, or None.
        drawn: its row of the plan's units (score, certainty, tier, stratum, ticket, rank), or None.
        stratum: its stratum's row of the plan, or None.
        cut_off: the highest ticket of its stratum that is a task, or None where there is none.
        selected: its row of the selection, or None.
    """

    unit: dict[str, Any]
    factors: tuple[Factor, ...]
    set_aside: str | None
    drawn: dict[str, Any] | None
    stratum: dict[str, Any] | None
    cut_off: str | None
    selected: dict[str, Any] | None


def explain(plan: Plan, frame_units: pl.DataFrame, history: History, name: str) -> Explanation:
    """Explain one unit of a plan.

    Args:
        frame_units: the frame's units on record.
        history: what earlier plans said, on record.
        name: unit id or task id; or the enterprise's code or name, if the frame has one unit of it.

    Raises:
        UsageError: no unit has this name, or several have.
    """
    unit_id = _found(plan, frame_units, name)
    unit = frame_units.filter(frame_units["unit_id"] == unit_id)
    drawn = _row(plan.units, "unit_id", unit_id)
    aside = _row(plan.set_aside, "unit_id", unit_id)
    stratum = _row(plan.strata, "stratum", drawn["stratum"]) if drawn else None
    cut_off = None
    if drawn and stratum and stratum["sample"]:
        inside = plan.units.filter(plan.units["stratum"] == drawn["stratum"])
        cut_off = inside.filter(inside["rank"] == stratum["sample"])["ticket"].item()
    return Explanation(
        unit=unit.row(0, named=True),
        factors=tuple(_factors(plan, with_history(unit, history, plan.period))),
        set_aside=aside["reason"] if aside else None,
        drawn=drawn,
        stratum=stratum,
        cut_off=cut_off,
        selected=_row(plan.selection, "unit_id", unit_id),
    )


def _row(table: pl.DataFrame, column: str, value: str) -> dict[str, Any] | None:
    found = table.filter(table[column] == value)
    return found.row(0, named=True) if found.height else None


def _found(plan: Plan, units: pl.DataFrame, name: str) -> str:
    import polars as pl

    task = _row(plan.selection, "task_id", name)
    if task:
        return str(task["unit_id"])
    for columns in (("unit_id",), ("code", "enterprise", "name")):
        matches = pl.any_horizontal((pl.col(c) == name).fill_null(False) for c in columns)
        found = units.filter(matches)["unit_id"].to_list()
        if len(found) == 1:
            return str(found[0])
        if found:
            listed = ", ".join(found[:MOST_NAMED]) + (" …" if len(found) > MOST_NAMED else "")
            raise UsageError("explain.several", name=name, count=len(found), units=listed)
    raise UsageError("explain.unknown", name=name)


def _factors(plan: Plan, unit: pl.DataFrame) -> list[Factor]:
    applied = factors(unit, plan.weights, day=plan.period.start).row(0, named=True)
    facts = with_months(unit, plan.period.start).row(0, named=True)
    return [
        Factor(field, facts[field], weight, _line(plan, field, facts[field], weight))
        for field, weight in applied.items()
    ]


def _line(plan: Plan, field: str, value: object, weight: float) -> Weight | None:
    """The line of the risk weights that gave ``weight``: of those the value meets, the one with the largest bound."""
    lines = [line for line in plan.weights.weights if line.field == field and line.weight == weight]
    if value is None and field == "months_since_inspection":
        value = NEVER
    if isinstance(value, bool):
        value = str(value).lower()
    if isinstance(value, int | float):
        met = [line for line in lines if line.at_least is not None and value >= line.at_least]
        return max(met, key=lambda line: line.at_least or 0.0, default=None)
    return next((line for line in lines if line.value == value), None)
