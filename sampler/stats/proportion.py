"""Confidence intervals for one proportion, from a finite population or an endless process.

`interval` is the one entry. Counts may be of passes or of failures: every method treats the two alike, so the interval
for passes is the mirror image of that for failures. Let x be the count, n the number tested, N the population.

Default with a known population: the exact hypergeometric interval, which never covers less than its confidence.
Default without: Clopper–Pearson, its binomial limit. Formulas and the names of methods follow Brown, Cai and DasGupta
(2001, "Interval estimation for a binomial proportion", Statistical Science 16).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sampler.stats.hypergeometric import deviance_part, hypergeometric_limits
from sampler.stats.numbers import checked_confidence, first_of, whole_numbers

__all__ = ["METHODS", "SIDES", "Interval", "hypergeometric_limits", "interval"]

Floats = NDArray[np.float64]

SIDES = ("two-sided", "lower", "upper")


@dataclass(frozen=True)
class Interval:
    """A confidence interval for a proportion.

    Attributes:
        lower: lower limit, 0 to 1; a float for scalar input, else an array of the broadcast shape.
        upper: upper limit, likewise.
        confidence: the nominal confidence, between 0 and 1.
        side: "two-sided", or the bound reported, "lower" or "upper"; the other limit is then the certain one.
        method: the method used (never "exact" without a population: see `interval`).
    """

    lower: Any
    upper: Any
    confidence: float
    side: str
    method: str


# Each method gives one limit at error level `a`. Upper limits are computed as such, not as 1 − the mirrored lower,
# which would leave a limit of 4e-7 (no failure in 10⁷) only nine digits. `interval` clips them to [0, 1].


def _clopper_pearson(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Clopper and Pearson (1934): the p with P(X ≥ x | p) = a below, P(X ≤ x | p) = a above."""
    if upper:
        return np.where(x < n, special.betainccinv(x + 1.0, np.maximum(n - x, 1.0), a), 1.0)
    return np.where(x > 0.0, special.betaincinv(np.maximum(x, 1.0), n - x + 1.0, a), 0.0)


def _jeffreys(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Quantiles of Beta(x + ½, n − x + ½); 0 at x = 0 and 1 at x = n (Brown, Cai and DasGupta 2001).

    Statsmodels keeps the quantile there, an interval without its own estimate.
    """
    if upper:
        return np.where(x < n, special.betainccinv(x + 0.5, n - x + 0.5, a), 1.0)
    return np.where(x > 0.0, special.betaincinv(x + 0.5, n - x + 0.5, a), 0.0)


def _wilson(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Wilson (1927): the score test without continuity correction. Exactly 0 at x = 0 and 1 at x = n."""
    z = -special.ndtri(a)
    centre, root = x + z * z / 2.0, z * np.sqrt(z * z / 4.0 + x * (n - x) / n)
    if upper:
        return np.where(x < n, (centre + root) / (n + z * z), 1.0)
    return np.where(x > 0.0, (centre - root) / (n + z * z), 0.0)


def _agresti_coull(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Agresti and Coull (1998): Wald with z²/2 added to both counts, clipped to [0, 1]. R `binom` does not clip."""
    z = -special.ndtri(a)
    return _wald(x + z * z / 2.0, n + z * z, a, upper)


def _wald(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """The normal approximation, clipped to [0, 1]. At x = 0 or n it has no width at all."""
    rate = x / n
    z = -special.ndtri(a) if upper else special.ndtri(a)
    limit: Floats = rate + z * np.sqrt(rate * (1.0 - rate) / n)
    return limit


def _mid_p(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Lancaster (1961): as Clopper–Pearson with half the probability of x itself.

    0 and 1 − (2a)^(1/n) at x = 0; (2a)^(1/n) and 1 at x = n.
    """
    # P(X ≥ x) = I_p(x, n − x + 1), so the mid-P tail is the mean of two beta distribution functions, and its root lies
    # between theirs.
    inner = (x > 0.0) & (x < n)
    x_, n_ = np.where(inner, x, 1.0), np.where(inner, n, 2.0)
    y_ = n_ - x_
    tail, inverse = (special.betaincc, special.betainccinv) if upper else (special.betainc, special.betaincinv)
    sign = -1.0 if upper else 1.0
    log_beta = special.betaln(x_, y_ + 1.0), special.betaln(x_ + 1.0, y_)

    def excess(p: Floats) -> tuple[Floats, Floats]:
        mean = 0.5 * (tail(x_, y_ + 1.0, p) + tail(x_ + 1.0, y_, p))
        mean = np.maximum(mean, 1e-300)
        log_p, log_q = np.log(p), np.log1p(-p)
        slope = np.exp((x_ - 1.0) * log_p + y_ * log_q - log_beta[0])
        slope += np.exp(x_ * log_p + (y_ - 1.0) * log_q - log_beta[1])
        return sign * (np.log(mean) - np.log(a)), 0.5 * slope / mean

    root = _rising_root(excess, inverse(x_, y_ + 1.0, a), inverse(x_ + 1.0, y_, a))
    # 2a reaches 1 only in one-sided bounds of confidence one half or less, which then pass the estimate's own end.
    log_end = np.minimum(np.log(2.0 * a), 0.0) / n
    end = -np.expm1(log_end) if upper else np.exp(log_end)
    return np.where(inner, root, np.where(x > 0.0, 1.0 if upper else end, end if upper else 0.0))


def _likelihood(x: Floats, n: Floats, a: float, upper: bool) -> Floats:
    """Signed root of the likelihood ratio: 2[l(x/n) − l(p)] = z², l the binomial log-likelihood.

    0 and 1 − exp(−z²/2n) at x = 0; exp(−z²/2n) and 1 at x = n.
    """
    z = float(-special.ndtri(a))
    target = z if upper else -z
    inner = (x > 0.0) & (x < n)
    x_, n_ = np.where(inner, x, 1.0), np.where(inner, n, 2.0)
    rate = x_ / n_

    def excess(p: Floats) -> tuple[Floats, Floats]:
        q = 1.0 - p
        root = np.sqrt(2.0 * np.maximum(deviance_part(x_, n_ * p) + deviance_part(n_ - x_, n_ * q), 0.0))
        # d(root)/dp = n (p − rate) / (p q root), which tends to the square root of the information at the estimate.
        slope = np.where(root > 1e-6, n_ * np.abs(p - rate) / (p * q * np.maximum(root, 1e-6)), np.sqrt(n_ / (p * q)))
        return np.sign(p - rate) * root - target, slope

    # A one-sided bound of confidence below one half lies on the far side of the estimate: target decides the bracket.
    low, high = (rate, np.ones_like(rate)) if target >= 0.0 else (np.zeros_like(rate), rate)
    root = _rising_root(excess, low, high)
    log_end = -(max(z, 0.0) ** 2) / (2.0 * n)
    end = -np.expm1(log_end) if upper else np.exp(log_end)
    return np.where(inner, root, np.where(x > 0.0, 1.0 if upper else end, end if upper else 0.0))


def _rising_root(function: Callable[[Floats], tuple[Floats, Floats]], low: Floats, high: Floats) -> Floats:
    """Root of a rising function in [low, high] ⊂ [0, 1]: Newton steps kept inside a shrinking bracket.

    `function` gives value and slope. A step that leaves the bracket is replaced by halving it.
    """
    low, high = low.copy(), high.copy()
    point = 0.5 * (low + high)
    for _ in range(100):
        value, slope = function(np.clip(point, 1e-300, 1.0 - 1e-16))
        low, high = np.where(value <= 0.0, point, low), np.where(value >= 0.0, point, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            step = point - value / slope
        # Newton squares the error: after a step this small only rounding is left, which may put it past the bracket.
        small = point * np.maximum(1e-9 * (1.0 - point), 2e-16)
        last = (np.abs(step - point) <= small) | (low >= high)
        # An end at 0 is approached by tenths: limits such as 1e-9 are far in halvings.
        halved = np.where(low > 0.0, 0.5 * (low + high), 0.1 * high)
        following = np.where(((step > low) & (step < high)) | last, step, halved)
        following = np.where(low < high, following, point)
        settled = last | (np.abs(following - point) <= 2e-16 * point)
        point = following
        if settled.all():
            break
    return point


_LIMITS: dict[str, Callable[[Floats, Floats, float, bool], Floats]] = {
    "clopper-pearson": _clopper_pearson,
    "wilson": _wilson,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
    "mid-p": _mid_p,
    "likelihood": _likelihood,
    "wald": _wald,
}
METHODS = ("exact", *_LIMITS)


def interval(
    count: ArrayLike,
    n: ArrayLike,
    *,
    population: ArrayLike | None = None,
    confidence: float = 0.95,
    side: str = "two-sided",
    method: str = "exact",
) -> Interval:
    """Confidence interval for the share of units with an attribute, from `count` of `n` tested.

    Arrays are broadcast against each other; scalars give floats.

    Methods:
        exact: the default. With a population, the two one-sided hypergeometric tests inverted; limits are whole
            units, so multiples of 1/population; n = population gives a point. Equal to R `samplingbook::Sprop`, exact.
            Without a population its binomial limit, Clopper–Pearson (the result names that method).
        clopper-pearson: coverage at least the confidence. 0/n gives lower 0, upper 1 − a^(1/n); n/n the mirror image.
            (a is the error level of the side: half of 1 − confidence for a two-sided interval, all for one-sided.)
        wilson: score interval. 0/n gives lower 0, upper z²/(n + z²).
        jeffreys: equal tails of Beta(x + ½, n − x + ½), but lower 0 at 0/n and upper 1 at n/n.
        agresti-coull: adds z²/2 to both counts; clipped to [0, 1], so 0/n gives lower 0.
        mid-p: coverage near the confidence on average. 0/n gives lower 0, upper 1 − (2a)^(1/n).
        likelihood: likelihood ratio. 0/n gives lower 0, upper 1 − exp(−z²/(2n)).
        wald: for comparison with other software only. It covers far less than it says at high pass rates, and 0/n and
            n/n give an interval without width.
        Methods other than exact describe the process behind the units: a population is checked but narrows nothing.

    Args:
        count: units with the attribute (passes or failures), whole, 0 ≤ count ≤ n.
        n: units tested, whole, ≥ 0. n = 0 says nothing: the interval is [0, 1] with every method.
        population: units in the population, whole, ≥ n and ≥ 1; None for an endless process.
        confidence: between 0 and 1, ends excluded.
        side: "two-sided", or the one-sided bound that is reported: "lower" or "upper". The other limit is then the
            certain one: 0 or 1, with method "exact" and a population what the units tested leave possible.
        method: one of `METHODS`.

    Raises:
        ValueError: for any argument outside its range, naming the first offending value.
    """
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, but got {method!r}")
    if side not in SIDES:
        raise ValueError(f"side must be one of {', '.join(SIDES)}, but got {side!r}")
    level = checked_confidence(confidence)
    alpha = 1.0 - level
    a = alpha / 2.0 if side == "two-sided" else alpha
    x, tested, units = _checked(count, n, population)
    if method == "exact" and units is not None:
        lower, upper = _exact(x, tested, units, 0.0 if side == "upper" else a, 0.0 if side == "lower" else a)
    else:
        method = "clopper-pearson" if method == "exact" else method
        lower, upper = np.zeros_like(x), np.ones_like(x)
        known = tested > 0.0
        size = np.where(known, tested, 1.0)
        limit = _LIMITS[method]
        if side != "upper":
            lower = np.where(known, np.clip(limit(x, size, a, False), 0.0, 1.0), 0.0)
        if side != "lower":
            upper = np.where(known, np.clip(limit(x, size, a, True), 0.0, 1.0), 1.0)
    if x.ndim == 0:
        return Interval(float(lower), float(upper), level, side, method)
    return Interval(lower, upper, level, side, method)


def _exact(x: Floats, n: Floats, N: Floats, a_lower: float, a_upper: float) -> tuple[Floats, Floats]:
    lower, upper = hypergeometric_limits(x, n, N, a_lower, a_upper)
    # Nothing tested: the certain limits, 0 and N, also at levels so high that both one-sided tests would reject.
    lower = np.where(n > 0.0, lower, 0)
    return lower / N, np.where(n > 0.0, upper, N) / N


def _checked(count: ArrayLike, n: ArrayLike, population: ArrayLike | None) -> tuple[Floats, Floats, Floats | None]:
    x, tested = whole_numbers("count", count), whole_numbers("n", n)
    units = None if population is None else whole_numbers("population", population)
    if units is None:
        x, tested = np.broadcast_arrays(x, tested)
    else:
        x, tested, units = np.broadcast_arrays(x, tested, units)
        if (units < 1.0).any():
            raise ValueError(f"population must be at least 1, but got {first_of(units, units < 1.0)!r}")
        if (tested > units).any():
            at = tested > units
            raise ValueError(f"n must not exceed population {first_of(units, at)}, but got {first_of(tested, at)!r}")
    if (x > tested).any():
        raise ValueError(f"count must not exceed n {first_of(tested, x > tested)}, but got {first_of(x, x > tested)!r}")
    return x, tested, units
