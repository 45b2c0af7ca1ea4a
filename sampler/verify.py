"""Verification: everything a plan folder says of itself, computed again from its own record."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sampler.assignment import Inspector
from sampler.errors import SamplerError
from sampler.files.layout import FRAME, MANIFEST, SELECTION, STRATA
from sampler.frame import SOURCE_COLUMNS, Frame
from sampler.history import History
from sampler.manifest import FORMAT, manifest, table_sha256
from sampler.plan import Plan, make_plan
from sampler.stats.selection import ranks
from sampler.stats.tickets import tickets
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

    from sampler.files.history import Record

TOLERANCE = 1e-9
"""Relative difference up to which computed fractions count as the same: far more than machines and libraries differ by,
far less than anybody could gain by."""

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


def same_format(record: Mapping[str, Any], part: str) -> bool:
    """Whether this version of sampler computes a ``part`` of a plan (a key of `FORMAT`) as the one that made the plan."""
    return bool(record.get("format", {}).get(part) == FORMAT[part])


def verify_plan(
    recorded: Plan,
    frame_units: pl.DataFrame,
    record: dict[str, Any],
    *,
    files: Mapping[str, str],
    inspectors: Sequence[Inspector],
    history: History,
    registry: Frame | None = None,
) -> list[Difference]:
    """Draw the plan again and compare.

    Whole numbers and texts must be the same; of computed fractions the last digits may differ between machines and do not
    count (`TOLERANCE`). The digests are those of the files themselves. Of a plan of another format (`same_format`) only
    what needs no computing is compared: digests, tickets, ranks, and who is drawn by them.

    Args:
        recorded: the plan as its folder says.
        frame_units: the frame's units on record.
        record: ``plan.json``.
        files: SHA-256 of the folder's files, by their path below it.
        inspectors, history: what else the draw depended on, as on record.
        registry: the frame read afresh from a registry, if it is to be compared as well.
    """
    frame = Frame(units=frame_units, rows=frame_units.height, merged=0, expanded=0, excluded={})
    found = [*_digests(recorded, frame, record, files), *_registry(frame, record, registry)]
    if not same_format(record, "plan"):
        return [*found, *_by_ticket(recorded)]
    try:
        return [*found, *_redrawn(recorded, frame, record, inspectors, history)]
    except SamplerError as error:
        why = error.told
    except Exception:
        # A record that was changed may be one that no registry could have given; without a change it is a bug.
        if not found:
            raise
        why = Text.of("verify.broken")
    return [*found, Difference("plan.json", Text.of("verify.not_drawn", reason=why))]


def _redrawn(
    recorded: Plan, frame: Frame, record: dict[str, Any], inspectors: Sequence[Inspector], history: History
) -> list[Difference]:
    """What differs when the plan is drawn again."""
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
    found = _tables(STRATA, "stratum", recorded.strata, redrawn.strata)
    found += _tables(SELECTION, "task_id", recorded.selection, redrawn.selection)
    columns = ["unit_id", "score", "certainty", "tier", "stratum", "ticket", "rank"]
    found += _tables(FRAME, "unit_id", recorded.units.select(columns), redrawn.units.select(columns))
    found += _tables(
        FRAME,
        "unit_id",
        recorded.set_aside.select("unit_id", "reason"),
        redrawn.set_aside.select("unit_id", "reason"),
    )
    for visit in sorted(recorded.teams.keys() | redrawn.teams.keys()):
        here, again = recorded.teams.get(visit, ()), redrawn.teams.get(visit, ())
        if here != again:
            found.append(_value("plan.json", f"teams.{visit}", ", ".join(here), ", ".join(again)))
    return found + _counts(record, redrawn, frame, history)


def _by_ticket(recorded: Plan) -> Iterator[Difference]:
    """Where tickets, ranks, tasks and reserves do not follow from the seed, the strata and their sizes on record."""
    import polars as pl

    units = recorded.units
    ids, strata = units["unit_id"].to_list(), units["stratum"].to_list()
    codes = {stratum: code for code, stratum in enumerate(sorted({s or "" for s in strata}))}
    drawn = tickets(recorded.seed, ids)
    again = units.with_columns(
        pl.Series("ticket", drawn), pl.Series("rank", ranks([codes[s or ""] for s in strata], drawn, ids))
    )
    columns = ["unit_id", "ticket", "rank"]
    yield from _tables(FRAME, "unit_id", units.select(columns), again.select(columns))
    last_task, last = pl.col("sample"), pl.col("sample") + pl.col("reserves")
    chosen = (
        again.join(recorded.strata.select("stratum", "sample", "reserves"), on="stratum", how="left")
        .filter(pl.col("rank") <= last)
        .with_columns(role=pl.when(pl.col("rank") <= last_task).then(pl.lit("task")).otherwise(pl.lit("reserve")))
    )
    columns = ["unit_id", "role", "stratum", "ticket", "rank"]
    here, there = (t.select(columns).sort("unit_id") for t in (recorded.selection, chosen))
    yield from _tables(SELECTION, "unit_id", here, there)


def _digests(recorded: Plan, frame: Frame, record: dict[str, Any], files: Mapping[str, str]) -> Iterator[Difference]:
    computed = {
        "frame.sha256": (record["frame"]["sha256"], frame.sha256()),
        "design.sha256": (record["design"]["sha256"], files.get("inputs/design.json")),
        "history.sha256": (record["history"]["sha256"], files.get("inputs/history.json")),
        "strata.sha256": (record["strata"]["sha256"], table_sha256(recorded.strata)),
        "selection.sha256": (record["selection"]["sha256"], table_sha256(recorded.selection)),
    }
    for key, (here, again) in computed.items():
        if here != again:
            yield _value("plan.json", key, here, again)
    for name, digest in record.get("files", {}).items():
        if name not in files:
            yield Difference(name, Text.of("verify.no_file"))
        elif files[name] != digest:
            yield _value(name, "sha256", digest, files[name])


def _registry(frame: Frame, record: dict[str, Any], registry: Frame | None) -> Iterator[Difference]:
    """Where the frame on record, or its account of the registry's rows, is not that of the registry read afresh."""
    made = record["frame"]
    if registry is None:
        # Whatever its parts were, the account adds up (`Frame.adds_up`).
        rows = frame.size - made["expanded"] + made["merged"] + sum(made["excluded"].values())
        if made["rows"] != rows:
            yield _value(MANIFEST, "frame.rows", made["rows"], rows)
        return
    for key in ("rows", "merged", "expanded"):
        if made[key] != getattr(registry, key):
            yield _value(MANIFEST, f"frame.{key}", made[key], getattr(registry, key))
    for reason in sorted(made["excluded"].keys() | registry.excluded.keys()):
        here, again = made["excluded"].get(reason, 0), registry.excluded.get(reason, 0)
        if here != again:
            yield _value(MANIFEST, f"frame.excluded.{reason}", here, again)
    if registry.sha256() == made["sha256"]:
        return
    yield _value("registry", "frame.sha256", record["frame"]["sha256"], registry.sha256())
    yield from _tables("registry", "unit_id", frame.units, registry.units, but=SOURCE_COLUMNS)


def _counts(record: dict[str, Any], redrawn: Plan, frame: Frame, history: History) -> list[Difference]:
    """What the manifest counts, counted again. What only the registry can tell is left as it is."""
    again = manifest(
        redrawn,
        frame,
        history,
        created=dt.datetime.fromisoformat(record["created"]),
        lang=record["language"],
    )
    asked = {
        "frame": ("units", "set_aside"),
        "strata": ("count",),
        "selection": ("tasks", "reserves"),
        "history": ("quarters", "follow_ups", "coverage", "rates"),
    }
    found = []
    for part, keys in asked.items():
        for key in keys:
            here, there = record[part].get(key), again[part][key]
            if key in record[part] and not _same(here, there):
                found.append(_value("plan.json", f"{part}.{key}", here, there))
    return found


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=TOLERANCE)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(v, other[k]) for k, v in one.items())
    return one == other


def chain_differences(records: Sequence[Record], verified: str) -> list[Difference]:
    """Where the plans of an archive do not name their predecessors by the digests these have now.

    Args:
        records: the plans that stand, oldest first.
        verified: digest of the plan that is to be one of them.
    """
    found = []
    if all(record.sha256 != verified for record in records):
        found.append(Difference(MANIFEST, Text.of("verify.chain_absent")))
    for first in records[:1]:
        if lost := first.manifest.get("previous"):
            part = f"{first.path.name}/{MANIFEST}"
            found.append(Difference(part, Text.of("verify.chain_lost", earlier=lost.get("period"))))
    for earlier, later in pairwise(records):
        named = later.manifest.get("previous") or {}
        part = f"{later.path.name}/{MANIFEST}"
        if not named:
            found.append(Difference(part, Text.of("verify.chain_open", earlier=earlier.period)))
        elif named.get("period") != earlier.period.name:
            found.append(_value(part, "previous.period", named.get("period"), earlier.period.name))
        elif named.get("sha256") != earlier.sha256:
            if earlier.manifest.get("replaces") == named.get("sha256"):
                why = earlier.manifest.get("why") or "-"
                found.append(Difference(part, Text.of("verify.chain_replaced", earlier=earlier.period, why=why)))
            else:
                found.append(_value(part, "previous.sha256", named.get("sha256"), earlier.sha256))
    return found


def _value(part: str, key: str, here: object, again: object) -> Difference:
    return Difference(part, Text.of("verify.value", key=key, here=here, again=again))


def _tables(part: str, key: str, here: pl.DataFrame, again: pl.DataFrame, but: Sequence[str] = ()) -> list[Difference]:
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
                if column not in but and not _same(value, redone[name][column]):
                    found.append(_value(part, f"{name} · {column}", value, redone[name][column]))
    if not found and here[key].to_list() != again[key].to_list():
        found.append(Difference(part, Text.of("verify.order")))
    if len(found) > MOST_SHOWN:
        rest = Difference(part, Text.of("verify.more", count=len(found) - MOST_SHOWN))
        found = [*found[:MOST_SHOWN], rest]
    return found
