"""What earlier quarters say about this one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class History:
    """The facts that a plan takes from earlier plans and their results.

    Attributes:
        follow_ups: unit id → where it failed last (a task id): taken with certainty, and exempt from the rest period.
        inspected: unit id → last day a batch was taken there; counts beside the registry's own date.
        teams: enterprise → the inspectors of its last visit.
    """

    follow_ups: Mapping[str, str] = field(default_factory=dict)
    inspected: Mapping[str, dt.date] = field(default_factory=dict)
    teams: Mapping[str, frozenset[str]] = field(default_factory=dict)


NO_HISTORY = History()
