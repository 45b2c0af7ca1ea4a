"""The batch pass rate where units give several batches: a ratio estimate, the unit being the cluster.

Batches of one unit are alike, so their number says too much about precision. The rate is Σ w y / Σ w m, with m_i the
batches tested at unit i and y_i those that failed, and its variance is linearised over the units (Särndal, Swensson and
Wretman 1992, section 5.6; R survey, `svyratio`). The interval is Clopper–Pearson at an effective number of batches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from sampler.stats.effective import effective_size

SIDES = ("two-sided", "lower", "upper")

_ROUNDING = 1e-18
"""A variance of so small a share of that of one batch is 0, and what differs from it rounding."""


@dataclass(frozen=True)
class RatioEstimate:
    """A batch pass rate.

    Attributes:
        rate: share of batches that pass; standard_error: linearised, None where a stratum with a single unit leaves it
            unknown.
        lower, upper: its interval; effective: the number of batches the interval is computed for.
    """

    rate: float
    standard_error: float | None
    lower: float
    upper: float
    effective: float


def batch_ratio(
    population: ArrayLike,
    stratum: ArrayLike,
    batches: ArrayLike,
    failed: ArrayLike,
    *,
    confidence: float = 0.95,
    side: str = "two-sided",
) -> RatioEstimate:
    """The batch pass rate of a stratified sample of units.

    The effective number of batches is R(1 − R)/V, V the linearised variance, but at most the effective number of units
    (`effective_size`, a unit failing when a batch of it does) times the batches per unit. Where no batch failed, all
    did, V is unknown, or V is 0 because the same share failed at every unit, V tells nothing and batches of a unit are
    taken to be wholly alike: the effective number of units itself. What can be said then bounds what is said of any
    sample of these units, or a first failure would raise the lower bound: V, seen from one or two failing units, knows
    little of how alike batches are.
    Strata without a tested unit may hold anything, and open the interval by their share of the units.

    Args:
        population: units per stratum, shape (H,).
        stratum: 0-based stratum of each tested unit, shape (n,).
        batches, failed: batches tested at each unit, ≥ 1, and failures among them, shape (n,).
        confidence: in (0, 1). side: ``two-sided``, or the bound reported.

    Raises:
        ValueError: impossible counts, no unit, or an unknown side.
    """
    N = np.asarray(population, dtype=np.float64)
    h = np.asarray(stratum, dtype=np.int64)
    m, y = np.asarray(batches, dtype=np.float64), np.asarray(failed, dtype=np.float64)
    if side not in SIDES:
        raise ValueError(f"side must be one of {', '.join(SIDES)}, but got {side!r}")
    if not len(m) or np.any(m < 1):
        raise ValueError(f"batches must hold one count ≥ 1 for each tested unit, but got {batches!r}")
    if np.any(y < 0) or np.any(y > m):
        raise ValueError(f"failed must lie between 0 and batches, but got {failed!r}")
    order = np.lexsort((y, m, h))  # sums are rounded alike, however the rows are listed
    h, m, y = h[order], m[order], y[order]
    n = np.bincount(h, minlength=len(N)).astype(np.float64)
    if np.any(n > N):
        raise ValueError(f"tested units must not exceed the population, but got {n.tolist()!r}")
    weight = (N / np.maximum(n, 1))[h]
    total = float(weight @ m)
    bad = float(weight @ y) / total
    variance = _variance(N, n, h, y - bad * m, total)
    if variance is not None and variance <= _ROUNDING * bad * (1 - bad):
        variance = 0.0
    level = (1.0 - confidence) / (2.0 if side == "two-sided" else 1.0)
    sampled = n > 0
    share = float(N[sampled].sum() / N.sum())
    failing = np.bincount(h, y > 0, minlength=len(N)).astype(np.int64)
    counts = (N[sampled].astype(np.int64), n[sampled].astype(np.int64))
    units = effective_size(*counts, failing[sampled])
    error = None if variance is None else math.sqrt(variance)
    if math.isinf(units):
        low, high, size = bad, bad, math.inf
    else:
        size = units
        if variance:
            size = min(bad * (1 - bad) / variance, units * float(m.sum()) / len(m))
        none, every = (effective_size(*counts, k) for k in (np.zeros_like(counts[1]), counts[1]))
        low = min(_limits(size, bad, level)[0], _limits(every, 1.0, level)[0])
        high = max(_limits(size, bad, level)[1], _limits(none, 0.0, level)[1])
    lower, upper = (1 - high) * share, (1 - low) * share + 1 - share
    return RatioEstimate(
        rate=1 - bad,
        standard_error=error,
        lower=0.0 if side == "upper" else lower,
        upper=1.0 if side == "lower" else min(upper, 1.0),
        effective=size,
    )


def _limits(size: float, bad: float, level: float) -> tuple[float, float]:
    """Clopper–Pearson limits of a share of failures `bad` seen in `size` tests, each at one-sided `level`."""
    x = size * bad
    low = 0.0 if bad <= 0 else float(special.betaincinv(x, size - x + 1, level))
    high = 1.0 if bad >= 1 else float(special.betainccinv(x + 1, size - x, level))
    return low, high


def _variance(N: np.ndarray, n: np.ndarray, h: np.ndarray, residual: np.ndarray, total: float) -> float | None:
    """Linearised variance of the ratio; None where a stratum that is not exhausted has a single unit."""
    if np.any((n == 1) & (N > 1)):
        return None
    mean = np.bincount(h, residual, minlength=len(N)) / np.maximum(n, 1)
    square = np.bincount(h, (residual - mean[h]) ** 2, minlength=len(N)) / np.maximum(n - 1, 1)
    per_stratum = np.where(n > 0, N**2 * (1 - n / N) * square / np.maximum(n, 1), 0.0)
    return float(per_stratum.sum()) / total**2
