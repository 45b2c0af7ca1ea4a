"""Intervals at an effective sample size: near-nominal, for where the exact interval is wider than one can afford.

A stratified estimate is treated as if it came from a simple random sample of n_eff units, after Dean & Pagano (2015)
and Franco, Little, Louis & Slud (2019), who recommend a modelled effective size: the observed variance is zero
exactly where an interval is needed most.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sampler.stats.game import Integers


def effective_size(population: ArrayLike, tested: ArrayLike, failed: ArrayLike) -> float:
    """The smaller of two effective sample sizes, for arrays of shape (H,) with tested ≥ 1; infinite for a census.

    One counts weights and finite populations only; the other also how the variance differs between strata, with
    rates drawn towards the overall one by two pseudo-tests a stratum.
    """
    N, n, x = (np.asarray(a, dtype=np.float64) for a in (population, tested, failed))
    share = N / N.sum()
    remaining = np.where(N > 1, (1 - n / N) * N / (np.maximum(N - 1, 1) * n), 0.0)
    if not remaining.any():
        return float("inf")
    overall = (x.sum() + 0.5) / (n.sum() + 1)
    smoothed = (x + 2 * overall) / (n + 2)
    mean = float(share @ smoothed)
    weights_only = 1 / float(share**2 @ remaining)
    by_stratum = mean * (1 - mean) / float(share**2 @ (remaining * smoothed * (1 - smoothed)))
    return min(weights_only, by_stratum)


def limits(
    population: Integers,
    tested: Integers,
    failed: Integers,
    method: Literal["effective", "conservative"],
    level: float,
) -> tuple[float, float]:
    """Limits of the failure rate, each at one-sided `level`; arrays of shape (H,), tested ≥ 1.

    "effective": Jeffreys, with the limit at 0 or 1 where the estimate is 0 or 1. "conservative": Clopper-Pearson
    with n_eff·p̂ failures in n_eff tests. A census gives a point.
    """
    rate = float(population @ (failed / tested)) / int(population.sum())
    size = effective_size(population, tested, failed)
    if size == float("inf"):
        return rate, rate
    half = 0.5 if method == "effective" else 0.0
    bad, good = size * rate, size * (1 - rate)
    none, every = not failed.any(), bool((failed == tested).all())
    low = 0.0 if none else special.betaincinv(bad + half, good + (half or 1.0), level)
    high = 1.0 if every else special.betainccinv(bad + (half or 1.0), good + half, level)
    return float(low), float(high)
