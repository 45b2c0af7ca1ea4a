"""Verification: everything a plan folder says of itself, computed again from its own record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sampler.assignment import Inspector
from sampler.frame import Frame
from sampler.history import History
from sampler.manifest import design_sha256, table_sha256
from sampler.plan import Plan, make_plan
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

MOST_SHOWN = 20
"""Differences listed of one table; the count is exact."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as the record says.

    Attributes:
        part: which part of the folder, e.g. ``selection.csv``.
        what: what differs, with both values.
    """

    part: str
    what: Text


def verify_plan(
    recorded: Plan,
    frame_units: pl.DataFrame,
    manifest: dict[str, Any],
    *,
    inspectors: Sequence[Inspector],
    history: History,
    registry: Frame | None = None,
) -> list[Difference]:
    """Draw the plan again and compare.

    Args:
        recorded: the plan as its folder says.
        frame_units: the frame's units on record.
        manifest: ``plan.json``.
        inspectors, history: what else the draw depended on, as on record.
        registry: the frame read afresh from a registry, if it is to be compared as well.
    """
    frame = Frame(units=frame_units, rows=frame_units.height, merged=0, expanded=0, excluded={})
    found = list(_digests(recorded, frame, manifest, registry))
    redrawn = make_plan(
        frame,
        recorded.design,
        recorded.weights,
        period=recorded.period,
        seed=recorded.seed,
        design_sha256=recorded.design_sha256,
        inspectors=inspectors,
        history=history,
    )
    found += _tables("strata.csv", "stratum", recorded.strata, redrawn.strata)
    found += _tables("selection.csv", "task_id", recorded.selection, redrawn.selection)
    columns = ["unit_id", "score", "certainty", "tier", "stratum", "ticket", "rank"]
    found += _tables(
        "frame.parquet", "unit_id", recorded.units.select(columns), redrawn.units.select(columns)
    )
    for visit in sorted(recorded.teams.keys() | redrawn.teams.keys()):
        here, again = recorded.teams.get(visit, ()), redrawn.teams.get(visit, ())
        if here != again:
            found.append(_value("plan.json", f"teams.{visit}", ", ".join(here), ", ".join(again)))
    return found


def _digests(
    recorded: Plan, frame: Frame, manifest: dict[str, Any], registry: Frame | None
) -> Iterator[Difference]:
    computed = {
        "frame.sha256": (manifest["frame"]["sha256"], frame.sha256()),
        "design.sha256": (manifest["design"]["sha256"], design_sha256(recorded.design, recorded.weights)),
        "strata.sha256": (manifest["strata"]["sha256"], table_sha256(recorded.strata)),
        "selection.sha256": (manifest["selection"]["sha256"], table_sha256(recorded.selection)),
    }
    for key, (here, again) in computed.items():
        if here != again:
            yield _value("plan.json", key, here, again)
    if registry is not None and registry.sha256() != manifest["frame"]["sha256"]:
        yield _value("registry", "frame.sha256", manifest["frame"]["sha256"], registry.sha256())
        yield from _tables(
            "registry", "unit_id", frame.units, registry.units, but=("source_file", "source_sheet")
        )


def _value(part: str, key: str, here: object, again: object) -> Difference:
    return Difference(part, Text.of("verify.value", key=key, here=here, again=again))


def _tables(
    part: str, key: str, here: pl.DataFrame, again: pl.DataFrame, but: Sequence[str] = ()
) -> list[Difference]:
    """Differences of two tables whose rows are named by ``key``, the first of them listed."""
    if here.equals(again):
        return []
    found: list[Difference] = []
    if here.columns != again.columns:
        return [_value(part, "columns", ", ".join(here.columns), ", ".join(again.columns))]
    rows = {row[key]: row for row in here.iter_rows(named=True)}
    redone = {row[key]: row for row in again.iter_rows(named=True)}
    for name in [*rows, *(n for n in redone if n not in rows)]:
        if name not in redone:
            found.append(Difference(part, Text.of("verify.only_here", row=name)))
        elif name not in rows:
            found.append(Difference(part, Text.of("verify.missing", row=name)))
        else:
            for column, value in rows[name].items():
                if column not in but and value != redone[name][column]:
                    found.append(_value(part, f"{name} · {column}", value, redone[name][column]))
    if not found and list(rows) != list(redone):
        found.append(Difference(part, Text.of("verify.order")))
    if len(found) > MOST_SHOWN:
        rest = Difference(part, Text.of("verify.more", count=len(found) - MOST_SHOWN))
        found = [*found[:MOST_SHOWN], rest]
    return found
