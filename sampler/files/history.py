"""The archive: a folder of plan folders, which is the history of the plans to come, and the chain that binds them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.changes import Changes, registry_changes
from sampler.design import Design
from sampler.errors import InputError
from sampler.files.archive import PLAN_COLUMNS, SELECTION_SCHEMA, read_frame, read_manifest
from sampler.files.layout import INPUTS, SELECTION, plan_folders
from sampler.files.machine_csv import read_csv
from sampler.files.parts import reading_part
from sampler.files.returns import returned_batches
from sampler.history import (
    BATCH_COLUMNS,
    NO_HISTORY,
    SELECTION_COLUMNS,
    History,
    Quarter,
    Reported,
    history_of,
    last_reported,
)
from sampler.period import Period

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Record:
    """A plan folder's manifest, its digest, and where it is."""

    path: Path
    period: Period
    manifest: dict[str, Any]
    sha256: str


@dataclass(frozen=True)
class Past:
    """What an archive says about a period.

    Attributes:
        history: the facts for the draw, about units of the present frame alone.
        changes: what changed in the registry since the last earlier plan; None without one.
        previous: that plan.
        reported: unit id → what was last reported of it where no sample can be taken; of units of the present frame.
    """

    history: History = NO_HISTORY
    changes: Changes | None = None
    previous: Record | None = None
    reported: Mapping[str, Reported] = field(default_factory=dict)


NO_PAST = Past()


def plans_in(archive: Path) -> list[Record]:
    """The plans of an archive that stand, oldest first: those that no other plan of the archive replaced.

    Raises:
        InputError: no such folder, a plan that cannot be read, or two plans for one period.
    """
    if not archive.is_dir():
        raise InputError("past.no_archive", folder=archive)
    records = []
    for path in plan_folders(archive):
        manifest, digest = read_manifest(path)
        records.append(Record(path, Period.parse(manifest["period"]), manifest, digest))
    replaced = {r.manifest.get("replaces") for r in records}
    standing = sorted((r for r in records if r.sha256 not in replaced), key=lambda r: (r.period, r.path))
    for one, other in pairwise(standing):
        if one.period == other.period:
            raise InputError("past.two_plans", period=one.period, one=one.path, other=other.path)
    return standing


def read_history(archive: Path, period: Period, units: pl.DataFrame, design: Design) -> Past:
    """What the earlier plans of an archive say about a period.

    Args:
        archive: a folder of plan folders; an empty one is a history without a quarter.
        period: the period to be planned; plans of it and of later periods are passed over.
        units: the units of the present frame.
        design: the design of the plan to come.

    Raises:
        InputError: the archive or something in it cannot be read.
    """
    records = [r for r in plans_in(archive) if r.period < period]
    if not records:
        return NO_PAST
    previous = records[-1]
    changes = registry_changes(read_frame(previous.path).drop(*PLAN_COLUMNS, strict=False), units)
    earlier = _renamed_before(previous.path)
    renamed = {old: changes.ids.get(new, new) for old, new in earlier.items()} | dict(changes.ids)
    quarters = [_quarter(r) for r in records]
    history = history_of(quarters, period, design, renamed=renamed)
    ids, enterprises = units["unit_id"].to_list(), units["enterprise"].to_list()
    known = set(ids)
    reported = {unit: what for unit, what in last_reported(quarters, renamed=renamed).items() if unit in known}
    return Past(history.within(ids, enterprises), changes, previous, reported)


def _quarter(record: Record) -> Quarter:
    return Quarter(
        period=record.period,
        selection=read_csv(record.path / SELECTION, SELECTION_SCHEMA, SELECTION_COLUMNS),
        teams={visit: tuple(team) for visit, team in record.manifest["teams"].items()},
        batches=returned_batches(record.path, BATCH_COLUMNS),
    )


def _renamed_before(folder: Path) -> dict[str, str]:
    """The ids that had changed before a plan was made."""
    path = folder / INPUTS / "history.json"
    with reading_part(path, (ValueError, AttributeError), "archive.not_json"):
        found = json.loads(path.read_bytes()).get("renamed", {})
        return {str(old): str(new) for old, new in found.items()}


def same_period(records: Sequence[Record], period: Period, but: Path) -> Record | None:
    """The plan of a period that stands in another folder than ``but``."""
    others = (r for r in records if r.period == period and r.path.resolve() != but.resolve())
    return next(others, None)
