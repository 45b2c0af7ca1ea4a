"""How many units to test for a margin.

Margins are those of the interval `estimate` reports (`sampler.stats.proportion.interval`), not of the normal
approximation, whose promise is broken at the pass rates above 95% that spot checks meet. Sizes for finding at least one
failing unit are in `sampler.stats.detection`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from sampler.stats.detection import (
    detection_probability,
    failing_units,
    risk_detection_probability,
    size_for_detection,
    size_for_risk_detection,
)
from sampler.stats.hypergeometric import binomial_pmf, hypergeometric_pmf
from sampler.stats.numbers import checked_confidence, fraction, open_fraction, whole_number
from sampler.stats.proportion import interval

__all__ = [
    "detection_probability",
    "expected_half_width",
    "failing_units",
    "risk_detection_probability",
    "size_for_detection",
    "size_for_margin",
    "size_for_risk_detection",
]

# Counts of failures this far from their mean, in standard deviations, do not move an expected width by 1e-12.
_REACH = 9.0
# Limits that the search for a size may evaluate one by one: some seconds of work.
_MOST_EVALUATIONS = 1.5e5
# Counts of failures that an expected width is summed over when there are too many of them.
_MOST_COUNTS = 61


def expected_half_width(
    n: int,
    *,
    rate: float,
    population: int | None = None,
    confidence: float = 0.95,
    method: str = "exact",
) -> float:
    """Expected half-width of the interval that testing `n` units will give, if the pass rate is `rate`.

    The mean of (upper − lower)/2 over the number of failures X that the sample can show, each weighted with its
    probability. The width at the single most likely X would flatter at high pass rates, where that X is 0. Half the width
    is meant even where an interval lies unevenly about its estimate, as it does near 100%.

    Args:
        n: units tested, whole, 0 ≤ n ≤ population. n = 0 gives one half.
        rate: assumed pass rate, 0 to 1. A population of N has round(N(1 − rate)) failing units, halves upwards.
        population: units in the population; None for an endless process, where X is binomial.
        confidence: of the two-sided interval, between 0 and 1.
        method: as in `interval`; "exact" is what `estimate` uses, Clopper–Pearson where there is no population.

    Returns:
        The expected half-width, a fraction: 0.03 is "to within 3 points".

    Raises:
        ValueError: for an argument outside its range.
    """
    tested, units = (
        whole_number("n", n),
        None if population is None else whole_number("population", population, least=1),
    )
    if units is not None and tested > units:
        raise ValueError(f"n must not exceed population {units}, but got {n!r}")
    return _expected_half_width(tested, fraction("rate", rate), units, checked_confidence(confidence), method)


def _expected_half_width(
    n: int,
    rate: float,
    population: int | None,
    confidence: float,
    method: str,
    *,
    most: int | None = None,
) -> float:
    """As `expected_half_width`; ``most`` evaluates that many evenly spaced counts of failures instead of all."""
    fail = 1.0 - rate
    failing = 0
    if population is not None:
        failing = math.floor(population * fail + 0.5)
        fail = failing / population
    spread = _REACH * math.sqrt(n * fail * (1.0 - fail)) + _REACH
    lowest = 0 if population is None else max(0, n - (population - failing))
    highest = n if population is None else min(n, failing)
    x = np.arange(max(lowest, math.floor(n * fail - spread)), min(highest, math.ceil(n * fail + spread)) + 1.0)
    if most is not None and len(x) > most:
        # The width is smooth in X but for steps of 1/N: evenly spaced counts weighted by the distribution are enough.
        x = np.unique(np.linspace(x[0], x[-1], most).round())
    endless = population is None
    weight = binomial_pmf(x, n, fail) if endless else hypergeometric_pmf(x, failing, n, population or 0)
    use = weight > 1e-16
    x, weight = x[use], weight[use]
    found = interval(x, n, population=population, confidence=confidence, method=method)
    return float(np.dot(weight, found.upper - found.lower) / weight.sum() / 2.0)


def _evaluations(start: int, rate: float, margin: float, population: int | None) -> float:
    """About how many limits the search evaluates: counts of failures, times steps of bisection and of looking ahead."""
    tests = start if population is None else start / (1.0 + start / population)
    ahead = 0.0 if population is None else 2.0 * tests / population / margin
    return (2.0 * math.log2(start) + ahead) * 2.0 * _REACH * math.sqrt(tests * rate * (1.0 - rate))


def _large_size(start: int, margin: float, rate: float, population: int | None, confidence: float, method: str) -> int:
    """The size for a margin so narrow that every exact width would be too much work.

    The expected width is summed over `_MOST_COUNTS` counts of failures, and the size is the one that is 1/population
    under the margin, beyond which no rise comes back to it: it meets the margin, and so do all larger ones, but it may be
    larger than it need be by what 1/population under the margin takes, up to about one in a hundred.
    """
    goal = margin if population is None else margin - min(1.0 / population, margin / 2.0)

    def fits(n: int) -> bool:
        return _expected_half_width(n, rate, population, confidence, method, most=_MOST_COUNTS) <= goal

    guess = start if population is None else math.ceil(start / (1.0 + start / population))
    step = max(1, guess // 1000)
    low, high = guess, guess
    while low > 0 and fits(low):
        low, high = max(0, low - step), low
        step *= 4
    step = max(1, guess // 1000)
    while high == low or not fits(high):
        if high == population:
            raise ValueError(
                f"margin cannot be reached by method {method!r} even with all {population} units tested, "
                f"but got {margin!r}"
            )
        low, high = high, high + step if population is None else min(high + step, population)
        step *= 4
    while high - low > max(1, high // 1_000_000):
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def size_for_margin(
    margin: float,
    *,
    rate: float,
    population: int | None = None,
    confidence: float = 0.95,
    method: str = "exact",
) -> int:
    """Smallest n from which on the expected half-width stays at or below `margin`.

    The expected half-width (see `expected_half_width`) falls with n, but in a finite population not without small
    rises: limits move in steps of whole units. The n returned meets the margin, n − 1 does not, and n + 1, n + 2, …
    meet it too. Enumeration found no rise above 0.51/population (tests, `benchmarks/proportion.py`), so the search
    follows the curve until it is 1/population under the margin.
    Where that would evaluate more than `_MOST_EVALUATIONS` limits, the size is found from a sum over fewer counts of
    failures and is the one that is 1/population under the margin: it may be larger than the smallest by about 1%.

    Args:
        margin: wanted half-width, above 0 and below one half.
        rate: assumed pass rate, 0 to 1. The size is right for this rate; at a lower one the interval comes out wider.
        population: units in the population; None for an endless process.
        confidence: of the two-sided interval.
        method: as in `interval`, except "wald", whose width starts at nothing and says little.

    Raises:
        ValueError: for an argument outside its range, and where a method that takes no account of the population
            does not reach the margin even when every unit is tested.
    """
    wanted = open_fraction("margin", margin, below=0.5)
    p = fraction("rate", rate)
    level = checked_confidence(confidence)
    units = None if population is None else whole_number("population", population, least=1)
    if method == "wald":
        raise ValueError(f"method must be one whose width falls as more units are tested, but got {method!r}")
    known: dict[int, float] = {}

    def width(n: int) -> float:
        if n not in known:
            known[n] = _expected_half_width(n, p, units, level, method)
        return known[n]

    # Wald's size is where the bracketing starts; the answer does not depend on it.
    z = float(special.ndtri(0.5 + level / 2.0))
    start = max(8, math.ceil(z * z * max(p * (1.0 - p), wanted / 4.0) / (wanted * wanted)))
    if _evaluations(start, p, wanted, units) > _MOST_EVALUATIONS:
        return _large_size(start, wanted, p, units, level, method)
    low, high = 0, start if units is None else min(start, units)
    while width(high) > wanted:
        if high == units:
            raise ValueError(
                f"margin cannot be reached by method {method!r} even with all {units} units tested, but got {margin!r}"
            )
        low, high = high, high * 2 if units is None else min(high * 2, units)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= wanted else (middle, high)
    if units is None:
        return high
    # The bracket holds one crossing; a rise may lift the curve above the margin once more a little later.
    ahead = high
    while ahead < units and width(ahead) > wanted - 1.0 / units:
        ahead += 1
        if width(ahead) > wanted:
            high = ahead + 1
    return high
