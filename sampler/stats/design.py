"""Design-based precision and intervals, for comparison with other survey software (R package survey)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from sampler.stats.game import Integers


@dataclass(frozen=True)
class Summary:
    """Weighted failure rate of the sampled strata, its standard error and design effect, n − H degrees of freedom."""

    rate: float | None
    standard_error: float | None
    degrees_of_freedom: int
    design_effect: float | None


def summarise(population: Integers, tested: Integers, failed: Integers) -> Summary:
    """Linearised variance with finite population correction, for arrays of shape (H,).

    The standard error is None where a stratum that is not exhausted has a single test: one value has no variance.
    The design effect compares with a simple random sample without replacement of as many units (R `svymean`,
    deff=TRUE), None where all tests agree.
    """
    sampled = tested > 0
    N, n, x = (a[sampled].astype(np.float64) for a in (population, tested, failed))
    freedom = int(n.sum()) - len(n)
    if len(n) == 0:
        return Summary(None, None, 0, None)
    size, p = N.sum(), x / n
    rate = float(N @ p / size)
    if ((n == 1) & (N > 1)).any():
        return Summary(rate, None, freedom, None)
    within = np.where(n > 1, p * (1 - p) / np.maximum(n - 1, 1), 0.0)
    variance = float(((N / size) ** 2 * (1 - n / N)) @ within)
    total = float(n.sum())
    simple = rate * (1 - rate) / max(total - 1, 1) * (1 - total / size)
    return Summary(rate, math.sqrt(variance), freedom, float(variance / simple) if simple > 0 else None)


def limits(
    population: Integers,
    tested: Integers,
    failed: Integers,
    method: Literal["design", "logit", "beta", "wilson"],
    level: float,
) -> tuple[float, float] | None:
    """Limits of the failure rate of the sampled strata, each at one-sided `level`; None where the method has none.

    R survey `svyciprop` with method "mean" (design), "logit", "beta" (Korn & Graubard 1998) and "wilson" (survey 4.5),
    at n − H degrees of freedom. None where R answers NaN, an error or zero width: no variance or no degrees of
    freedom.
    """
    summary = summarise(population, tested, failed)
    rate, error, freedom = summary.rate, summary.standard_error, summary.degrees_of_freedom
    if rate is None or not error or freedom < 1 or level >= 0.5:
        return None  # from level ½ on the t quantile has no sign to stand on
    t = -float(special.stdtrit(freedom, level))
    if method == "design":
        return rate - t * error, rate + t * error
    if method == "logit":
        centre, spread = special.logit(rate), error / (rate * (1 - rate))
        return float(special.expit(centre - t * spread)), float(special.expit(centre + t * spread))
    total = float(tested.sum())
    size = rate * (1 - rate) / error**2
    if method == "beta":
        size *= (float(special.stdtrit(total - 1, level)) / t) ** 2
        low = special.betaincinv(size * rate, size * (1 - rate) + 1, level)
        high = special.betainccinv(size * rate + 1, size * (1 - rate), level)
        return float(low), float(high)
    centre = (rate + t * t / (2 * size)) / (1 + t * t / size)
    spread = t / (1 + t * t / size) * math.sqrt(rate * (1 - rate) / size + (t / (2 * size)) ** 2)
    return centre - spread, centre + spread
