"""The period of a plan: a calendar quarter."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from sampler.errors import UsageError

_NAME = re.compile(r"(\d{4})\s*-?\s*[Qq]([1-4])")
_YEARS = range(1900, 9000)
"""Years whose quarters are accepted: dates some years before and after them still exist."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A calendar quarter, ordered by time."""

    year: int
    quarter: int

    @classmethod
    def parse(cls, name: str) -> Period:
        """The period called ``name``, e.g. ``2026Q4``.

        Raises:
            UsageError: the name is not that of a quarter.
        """
        found = _NAME.fullmatch(name.strip())
        if not found or int(found[1]) not in _YEARS:
            raise UsageError("common.bad_period", found=name)
        return cls(int(found[1]), int(found[2]))

    @staticmethod
    def is_name(name: str) -> bool:
        """Whether a text is the name of a quarter."""
        found = _NAME.fullmatch(name.strip())
        return found is not None and int(found[1]) in _YEARS

    @classmethod
    def of(cls, day: dt.date) -> Period:
        """The quarter that holds ``day``."""
        return cls(day.year, (day.month + 2) // 3)

    @property
    def name(self) -> str:
        """``2026Q4``."""
        return f"{self.year}Q{self.quarter}"

    @property
    def start(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, 3 * self.quarter - 2, 1)

    @property
    def end(self) -> dt.date:
        """Its last day."""
        return self.next().start - dt.timedelta(days=1)

    def next(self) -> Period:
        """The quarter after it."""
        return Period(self.year + self.quarter // 4, self.quarter % 4 + 1)

    def __str__(self) -> str:
        return self.name
