"""The hypergeometric distribution at registry scale: probabilities, tails and limits for the number of failures.

X is the number of failures among n units drawn without replacement from N units of which M fail.
Probabilities follow Loader (2000, "Fast and accurate computation of binomial probabilities"), the saddle-point form
R uses too: differences of log-gamma functions lose seven digits at N = 10⁷, this form loses none that matter.
Tails are sums of term ratios from the observed value outwards, so small tails keep their relative precision.

Written here because `scipy.stats.hypergeom` costs a second of import and its tails are slow for the 10⁴ limits at once
that planning needs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

__all__ = [
    "binomial_pmf",
    "hypergeometric_limits",
    "hypergeometric_pmf",
    "hypergeometric_table",
    "hypergeometric_tails",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_STIRLING_TABLE = np.array(
    [0.0] + [math.lgamma(k + 1.0) - (k + 0.5) * math.log(k) + k - _HALF_LOG_2PI for k in range(1, 16)]
)
# A tail this close to its level (relative) counts as equal to it: rounding must not decide what arithmetic leaves open.
_TIE = 1e-11
# Units from which a table is computed entry by entry: logarithms that large would cost it digits.
_LARGEST_FACTORED = 100_000
# Term ratios evaluated at once; bounds the memory of a vectorised tail.
_BLOCK = 1 << 19


def _stirling_error(n: Floats) -> Floats:
    """ln n! − ln(√(2πn) (n/e)ⁿ) for whole n ≥ 1 (0 where n = 0, which callers treat separately)."""
    large = np.maximum(n, 16.0)
    inverse = 1.0 / (large * large)
    series = np.full_like(large, 1.0 / 1188.0)
    for coefficient in (1.0 / 1680.0, 1.0 / 1260.0, 1.0 / 360.0, 1.0 / 12.0):
        series = coefficient - inverse * series
    table = _STIRLING_TABLE[np.minimum(n, 15.0).astype(np.int64)]
    return np.where(n < 16.0, table, series / large)


def deviance_part(x: Floats, mean: Floats) -> Floats:
    """x ln(x/mean) + mean − x for x ≥ 0, mean > 0, without cancellation when x is near mean (Loader 2000, bd0)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(x > 0.0, x * np.log(np.where(x > 0.0, x, 1.0) / mean), 0.0) + mean - x
        v = (x - mean) / (x + mean)
    # x ln(x/mean) = 2x·artanh(v) and mean − x = −v (x + mean); the first terms cancel exactly in (x − mean)·v.
    v2 = v * v
    series = np.zeros_like(v)
    for k in range(10, 0, -1):
        series = (series + 1.0 / (2 * k + 1)) * v2
    near = (x - mean) * v + 2.0 * x * v * series
    return np.where(np.abs(v) < 0.1, near, far)


def _log_binomial_pmf(x: Floats, n: Floats, p: Floats, q: Floats) -> Floats:
    """ln P(X = x) for X ~ Binomial(n, p), q = 1 − p given separately, 0 ≤ x ≤ n, 0 < p < 1."""
    inner = (x > 0.0) & (x < n)
    xs, ns = np.where(inner, x, 1.0), np.where(inner, n, 2.0)
    ys = ns - xs
    value = (
        _stirling_error(ns)
        - _stirling_error(xs)
        - _stirling_error(ys)
        - deviance_part(xs, ns * p)
        - deviance_part(ys, ns * q)
        - _HALF_LOG_2PI
        - 0.5 * (np.log(xs) + np.log1p(-xs / ns))
    )
    return np.where(inner, value, np.where(x > 0.0, n * np.log(p), n * np.log1p(-p)))


def _log_pmf(x: Floats, M: Floats, n: Floats, N: Floats) -> Floats:
    """ln P(X = x), −∞ outside the support; 0 < n < N wherever the support has more than one value."""
    possible = (x >= 0.0) & (x <= n) & (x <= M) & (n - x <= N - M)
    certain = (n <= 0.0) | (n >= N)
    use = possible & ~certain
    x_, n_, N_, M_ = (np.where(use, a, b) for a, b in ((x, 0.0), (n, 1.0), (N, 2.0), (M, 1.0)))
    p, q = n_ / N_, (N_ - n_) / N_
    value = (
        _log_binomial_pmf(x_, M_, p, q) + _log_binomial_pmf(n_ - x_, N_ - M_, p, q) - _log_binomial_pmf(n_, N_, p, q)
    )
    return np.where(use, value, np.where(possible, 0.0, -np.inf))


def _floats(*values: ArrayLike) -> list[Floats]:
    return [np.array(a, dtype=np.float64) for a in np.broadcast_arrays(*(np.asarray(v, float) for v in values))]


def binomial_pmf(x: ArrayLike, tested: ArrayLike, rate: ArrayLike) -> Floats:
    """Probability of exactly `x` failures among `tested` units of an endless process that fails at `rate`, 0 to 1.

    Whole x and tested, broadcast against rate; 0 outside 0 ≤ x ≤ tested.
    """
    x_, n, p = _floats(x, tested, rate)
    possible = (x_ >= 0.0) & (x_ <= n)
    inner = (p > 0.0) & (p < 1.0)
    p_ = np.where(inner, p, 0.5)
    value = np.exp(_log_binomial_pmf(np.clip(x_, 0.0, n), n, p_, 1.0 - p_))
    return np.where(possible, np.where(inner, value, x_ == np.where(p > 0.5, n, 0.0)), 0.0)


def hypergeometric_pmf(x: ArrayLike, failing: ArrayLike, tested: ArrayLike, population: ArrayLike) -> Floats:
    """Probability of exactly `x` failures among `tested` of `population` units of which `failing` fail.

    Whole numbers, broadcast against each other; 0 outside the support. Relative error about 1e-13 up to N = 10⁷.
    """
    return np.exp(_log_pmf(*_floats(x, failing, tested, population)))


def hypergeometric_table(population: int, tested: int, failing: Integers, columns: int) -> Floats:
    """P(X = x) for x = 0 … columns − 1 and every number of failing units, shape (U, columns).

    For any rate p the probability is b(x; n) · b(M − x; N − n) / b(M; N) with binomial probabilities b(·) at p, three
    functions of one variable each, so a table costs one exponential per entry. At the middle rate p their logarithms
    stay small; the relative error is some 1e-16 times the largest of them, below 1e-10.

    Args:
        population, tested: 0 < tested < population.
        failing: shape (U,), 0 ≤ failing ≤ population.
        columns: at least 1.
    """
    passing = population - tested
    low, high = max(0, int(failing.min()) - columns + 1), min(int(failing.max()), passing)
    if population > _LARGEST_FACTORED or high - low > len(failing) * columns or high < low:
        return hypergeometric_pmf(np.arange(columns)[None, :], failing[:, None], tested, population)
    middle = (0.5 * float(failing.min() + failing.max()) + 0.5) / (population + 1.0)
    p, q = np.array(middle), np.array(1.0 - middle)

    def log_binomial(x: Floats, n: int) -> Floats:
        return _log_binomial_pmf(x, np.full_like(x, n), p, q)

    found = np.arange(min(columns, tested + 1), dtype=np.float64)
    # One more on either side for what cannot be: more failures found than there are, or fewer left than not found.
    unfound = np.full(high - low + 3, -np.inf)
    unfound[1:-1] = log_binomial(np.arange(low, high + 1, dtype=np.float64), passing)
    at = np.clip(failing[:, None] - np.arange(len(found)) - (low - 1), 0, len(unfound) - 1)
    table = np.zeros((len(failing), columns))
    exponent = unfound[at]
    exponent += log_binomial(found, tested)
    exponent -= log_binomial(failing.astype(np.float64), population)[:, None]
    np.exp(exponent, out=table[:, : len(found)])
    return table


def _downward_sum(x: Floats, M: Floats, n: Floats, N: Floats) -> Floats:
    """Σ_{j ≤ x} P(X = j) / P(X = x), summed from x downwards; meant for x below the mode, where terms shrink."""
    total = np.ones_like(x)
    last = np.ones_like(x)
    active = np.flatnonzero(x > 0.0)
    done = 0
    while active.size:
        # Most tails end after a few terms: blocks start narrow and double.
        width = int(min(max(_BLOCK // active.size, 16), max(done, 16), x[active].max() - done))
        j = x[active, None] - done - np.arange(width)
        M_, n_, N_ = M[active, None], n[active, None], N[active, None]
        ratio = np.maximum(j, 0.0) * np.maximum(N_ - M_ - n_ + j, 0.0)
        ratio /= np.maximum(M_ - j + 1.0, 1.0) * np.maximum(n_ - j + 1.0, 1.0)
        terms = last[active, None] * np.cumprod(ratio, axis=1)
        total[active] += terms.sum(axis=1)
        last[active] = terms[:, -1]
        done += width
        active = active[(last[active] > 1e-17 * total[active]) & (x[active] > done)]
    return total


def hypergeometric_tails(
    x: ArrayLike, failing: ArrayLike, tested: ArrayLike, population: ArrayLike
) -> tuple[Floats, Floats]:
    """P(X ≤ x) and P(X > x), each to about 1e-12 relative precision where it is below one half.

    Whole numbers, broadcast against each other. `x` may lie outside the support.
    """
    arrays = _floats(x, failing, tested, population)
    shape = arrays[0].shape
    x_, M, n, N = (a.ravel() for a in arrays)
    least, most = np.maximum(0.0, n + M - N), np.minimum(n, M)
    below = np.where(x_ >= most, 1.0, 0.0)
    inside = np.flatnonzero((x_ >= least) & (x_ < most))
    xs, Ms, ns, Ns = x_[inside], M[inside], n[inside], N[inside]
    lower = xs < (ns + 1.0) * (Ms + 1.0) / (Ns + 2.0)
    # The upper tail P(X ≥ x + 1) is the lower tail of the number passing, n − X ≤ n − x − 1.
    start = np.where(lower, xs, ns - xs - 1.0)
    kind = np.where(lower, Ms, Ns - Ms)
    tail = np.exp(_log_pmf(start, kind, ns, Ns)) * _downward_sum(start, kind, ns, Ns)
    tail = np.minimum(tail, 1.0)
    above = 1.0 - below
    below[inside] = np.where(lower, tail, 1.0 - tail)
    above[inside] = np.where(lower, 1.0 - tail, tail)
    return below.reshape(shape), above.reshape(shape)


def _largest_failing(x: Floats, n: Floats, N: Floats, level: Floats) -> Floats:
    """max{M : P(X ≤ x | N, M, n) > level} for flat arrays, by a bracketed search (the tail falls as M grows).

    The tail's normal score is nearly linear in M, so interpolating it finds the limit in about five evaluations where
    bisection takes log₂ N. Bracket and stopping rule are bisection's: the answer does not depend on the guesses.
    """
    low, high = x.copy(), N - (n - x)  # at M = x the tail is 1; more than `high` failures are impossible
    low = np.where(level > 0.0, low, high)
    open_ = np.flatnonzero(low < high)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = -special.ndtri(np.clip(level, 1e-300, 0.999))
        size = n * (N - 1.0) / np.maximum(N - n, 1.0)  # effective size: Wilson's limit is the first guess
        rate = (x + 0.5) / (n + 1.0)
        centre = rate + z * z / (2.0 * size)
        spread = np.sqrt(rate * (1.0 - rate) / size + z * z / (4.0 * size * size))
        test = np.floor(N * (centre + z * spread) / (1.0 + z * z / size))
        step = N * np.sqrt((x + 1.0) * (n - x + 1.0) / (n + 2.0) ** 2 / size)
    # Normal scores relative to the level's, at `low` and at `high` + 1; not a number while that end is untested.
    score_low, score_high = np.full_like(low, np.nan), np.full_like(low, np.nan)
    for round_ in range(200):
        if not open_.size:
            break
        lo, hi = low[open_], high[open_]
        if round_ == 0:
            guess = test[open_]
        else:
            below, above = score_low[open_], score_high[open_]
            guess = lo + (hi + 1.0 - lo) * below / (below - above)
            guess = np.where(np.isnan(above), lo + below * step[open_], guess)
            guess = np.where(np.isnan(below), hi + 1.0 + above * step[open_], guess)
            # Every third round halves the bracket, so that no shape of tail can make the search slow.
            halve = (round_ % 3 == 0) | ~np.isfinite(guess)
            guess = np.where(halve, np.floor((lo + hi + 1.0) / 2.0), np.floor(guess))
        guess = np.clip(np.nan_to_num(guess), lo + 1.0, hi)
        below_x, above_x = hypergeometric_tails(x[open_], guess, n[open_], N[open_])
        keep = below_x > level[open_] * (1.0 + _TIE)
        tiny = 1e-300
        score = np.where(
            below_x < 0.5, special.ndtri(np.maximum(below_x, tiny)), -special.ndtri(np.maximum(above_x, tiny))
        )
        score = np.clip(score, -37.0, 37.0) + z[open_]
        low[open_] = np.where(keep, guess, lo)
        high[open_] = np.where(keep, hi, guess - 1.0)
        score_low[open_] = np.where(keep, score, score_low[open_])
        score_high[open_] = np.where(keep, score_high[open_], score)
        open_ = open_[low[open_] < high[open_]]
    return low


def hypergeometric_limits(
    failures: ArrayLike,
    tested: ArrayLike,
    population: ArrayLike,
    alpha_lower: ArrayLike,
    alpha_upper: ArrayLike,
) -> tuple[Integers, Integers]:
    """Exact limits for the number of failing units M, by inverting the two one-sided tests.

    M_L = min{M : P(X ≥ failures | M) > alpha_lower}, M_U = max{M : P(X ≤ failures | M) > alpha_upper}
    (Buonaccorsi 1987): a tail equal to its level rejects. P(M < M_L) ≤ alpha_lower and
    P(M > M_U) ≤ alpha_upper for every M.

    Args:
        failures: failures seen, 0 ≤ failures ≤ tested; whole numbers, taken as checked (`interval` checks).
        tested: units tested, 0 ≤ tested ≤ population.
        population: units in the population.
        alpha_lower: error level of the lower limit, in [0, 1); 0 gives the certain limit, M ≥ failures.
        alpha_upper: error level of the upper limit; 0 gives the certain limit, M ≤ population − passes seen.

    Returns:
        M_L and M_U as integer arrays of the broadcast shape.
    """
    arrays = _floats(failures, tested, population, alpha_lower, alpha_upper)
    shape: Any = arrays[0].shape
    x, n, N, a_lower, a_upper = (a.ravel() for a in arrays)
    upper = _largest_failing(x, n, N, a_upper)
    lower = N - _largest_failing(n - x, n, N, a_lower)
    return lower.astype(np.int64).reshape(shape), upper.astype(np.int64).reshape(shape)
