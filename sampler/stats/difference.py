"""The change of a pass rate between two stratified samples of two finite populations, with a guaranteed interval.

The exact interval of each sample at confidence √(1 − α) misses its rate with probability at most 1 − √(1 − α), the later
one whatever happened before it was drawn. So both hold together with probability at least 1 − α, and then the change lies
between the differences of opposite limits. This is wider than the square-and-add intervals in use (MOVER: Zou and Donner
2008), which add the distances of the limits as if they were standard errors; those are nominal for large samples only, and
a worst case over strata, on which the exact limits rest, has no standard error. Fisher's combination of the two p-values
is guaranteed too; it was no narrower in trials, for the exact limits are least sharp at high levels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sampler.stats import exact
from sampler.stats.stratified import StratifiedSample, estimate


@dataclass(frozen=True)
class RateChange:
    """Pass rate of the later sample less that of the earlier.

    Attributes:
        difference: of the estimates; None where one of the samples has none.
        lower, upper: guaranteed limits at ``confidence``, in [−1, 1].
    """

    difference: float | None
    lower: float
    upper: float
    confidence: float

    @property
    def is_real(self) -> bool:
        """Whether "no change" is refuted."""
        return self.lower > 0 or self.upper < 0


def rate_change(before: StratifiedSample, after: StratifiedSample, *, confidence: float = 0.95) -> RateChange:
    """The change of the pass rate from one sample to a later, independently drawn one.

    Coverage is at least ``confidence`` for any two populations, which need not be the same: each rate speaks for its own.

    Raises:
        ValueError: ``confidence`` is not in (0, 1).
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, but got {confidence!r}")
    single = math.sqrt(confidence)
    one, other = (
        estimate(sample, method="exact", confidence=single, budget=exact.BUDGET) for sample in (before, after)
    )
    difference = None if one.rate is None or other.rate is None else other.rate - one.rate
    return RateChange(difference, other.lower - one.upper, other.upper - one.lower, confidence)
