"""The plan: (frame, design, weights, seed) → strata, selection and teams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.design import Design, RiskWeights
from sampler.period import Period

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Plan:
    """A quarter's plan.

    Attributes:
        strata: one row per stratum in canonical order: ``stratum`` (id), one column per key of the design's strata (a certainty
            stratum has a null tier), ``certainty``, ``population``, ``sample``, ``reserves``, ``score`` (mean), ``probability``
            (n/N), ``weight`` (N/n), ``lower`` and ``upper`` (the allocation's bounds).
        units: the units that could be drawn: the frame's columns, then ``score``, ``tier``, ``stratum``, ``certainty`` (reason
            or null), ``ticket``, ``rank``.
        selection: one row per task or reserve: ``task_id``, ``role``, ``unit_id``, ``enterprise``, ``stratum``, ``group``,
            ``district``, ``category``, ``stage``, ``tier``, ``certainty``, ``batches``, ``ticket``, ``rank``, ``probability``,
            ``weight``, ``visit``.
        teams: visit → inspectors' ids, the leader first; empty where no inspectors were given.
    """

    period: Period
    seed: str
    design: Design
    weights: RiskWeights
    frame_sha256: str
    design_sha256: str
    strata: pl.DataFrame
    units: pl.DataFrame
    selection: pl.DataFrame
    teams: Mapping[str, tuple[str, ...]]


def batch_ids(task_id: str, batches: int) -> tuple[str, ...]:
    """The ids of a task's batch rows: the task's own id for a single batch, else ``task-1`` … ``task-k``."""
    return (task_id,) if batches == 1 else tuple(f"{task_id}-{b}" for b in range(1, batches + 1))
