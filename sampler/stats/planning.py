"""The interval to expect of a stratified sample before it is drawn, and what a margin asks of the strata.

The method is `conservative` of `sampler.stats.effective`: Clopper-Pearson for n_eff tests with n_eff·q failures, q the
failure rate. Before the draw its counts are expected numbers, not whole: x_h = n_h·q_h. The half-width so defined falls
smoothly with the sizes, and a margin becomes a least effective size. Both effective sizes are of the form

    1/n_eff = Σ A_h (1/n_h − 1/N_h),

with A_h = W_h² N_h/(N_h − 1) (weights and finite populations only) or A_h = W_h² N_h/(N_h − 1) · p̃_h(1 − p̃_h)/(p̃(1 − p̃))
(how the variance differs between strata), which is the form that allocation for several domains takes (Bethel 1989).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special

from sampler.stats.effective import effective_size

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def half_width(size: float, failing: float, confidence: float) -> float:
    """Half the Clopper-Pearson interval for size·failing failures in `size` tests, neither of them whole.

    Args:
        size: effective number of tests, above 0; infinity is a census.
        failing: failure rate, 0 to 1.
        confidence: of the two-sided interval, between 0 and 1.
    """
    if size == math.inf:
        return 0.0
    low, high = _limits(size, failing, confidence)
    return (high - low) / 2


def _limits(size: float, failing: float, confidence: float) -> tuple[float, float]:
    level = (1 - confidence) / 2
    bad, good = size * failing, size * (1 - failing)
    low = special.betaincinv(bad, good + 1, level) if bad > 0 else 0.0
    high = special.betainccinv(bad + 1, good, level) if good > 0 else 1.0
    return float(low), float(high)


def size_for_half_width(margin: float, failing: float, confidence: float) -> float:
    """The smallest effective size, not whole, whose `half_width` is at most `margin`; relative precision 1e-9.

    Args:
        margin: above 0 and below one half.
        failing, confidence: as for `half_width`.
    """
    low, high = 0.0, 1.0
    while half_width(high, failing, confidence) > margin:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if half_width(middle, failing, confidence) <= margin else (middle, high)
    return high


def expected_interval(
    population: npt.ArrayLike, sizes: npt.ArrayLike, failing: npt.ArrayLike, *, confidence: float
) -> tuple[float, float]:
    """Limits of the failure rate to expect, for arrays of shape (H,).

    Strata without a test could hold any rate: they are left out of the estimate and open the limits, as in `estimate`.

    Args:
        population: units N_h ≥ 1.
        sizes: tests 0 ≤ n_h ≤ N_h, whole or not.
        failing: assumed failure rates, 0 to 1.
        confidence: of the two-sided interval.
    """
    N, n, q = (np.asarray(v, dtype=np.float64) for v in (population, sizes, failing))
    sampled = n > 0
    if not sampled.any():
        return 0.0, 1.0
    share = float(N[sampled].sum() / N.sum())
    N_, n_, q_ = N[sampled], n[sampled], q[sampled]
    size = effective_size(N_, n_, n_ * q_)
    rate = float(N_ @ q_ / N_.sum())
    low, high = (rate, rate) if size == math.inf else _limits(size, rate, confidence)
    return low * share, high * share + 1 - share


def variance_terms(
    population: npt.ArrayLike, sizes: npt.ArrayLike, failing: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """The two A_h of the module's equation, for one domain; arrays of shape (H,).

    The second draws the rates of strata towards the domain's by two pseudo-tests, as the interval does, and so depends a
    little on the sizes: at other sizes it is an approximation.
    """
    N, n, q = (np.asarray(v, dtype=np.float64) for v in (population, sizes, failing))
    share = N / N.sum()
    weights_only = np.where(N > 1, share**2 * N / np.maximum(N - 1, 1), 0.0)
    overall = (float(n @ q) + 0.5) / (n.sum() + 1)
    smoothed = (n * q + 2 * overall) / (n + 2)
    mean = float(share @ smoothed)
    return weights_only, weights_only * smoothed * (1 - smoothed) / (mean * (1 - mean))
