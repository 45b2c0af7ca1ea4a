"""Watching pass rates against their targets: several tests at once, grades, and how many more tests would settle it.

The tests themselves are the exact ones of `sampler.stats.stratified`; what is here turns their p-values into grades.
References: Benjamini and Hochberg (1995), Controlling the false discovery rate, JRSS B 57(1), 289-300.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sampler.stats.hypergeometric import hypergeometric_tails
from sampler.stats.numbers import fraction

Floats = NDArray[np.float64]

Grade = Literal["below", "watch", "not_proven", "on_target", "too_little"]
"""``below``: proven below its target. ``watch``: seen below it, not proven. ``not_proven``: seen at or above it, not
proven. ``on_target``: proven at or above it. ``too_little``: so few tests that no outcome would have proven either."""

Direction = Literal["on_target", "below"]
"""What further tests would prove."""

TIE = 1e-9
"""A p-value must lie so much below a level to prove anything, so that rounding never decides between the two."""

_REFINE = 2_000
_MOST = 1 << 40
_TEETH = 20_000
"""Numbers of failures that are tried one by one when the fewest further tests are looked for."""


def adjusted_p_values(p: ArrayLike) -> Floats:
    """Benjamini–Hochberg adjusted p-values (q-values): reject where q < level, and the false discovery rate is ≤ level.

    q_(i) = min over j ≥ i of m·p_(j)/j, at most 1 (Benjamini and Hochberg 1995, theorem 1, read backwards). Holds for
    independent tests, and for positively dependent ones such as a district and its cells (Benjamini and Yekutieli 2001).

    Args:
        p: p-values of one family, shape (m,); NaN marks a test that was not made: it stays NaN and does not count.
    """
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"`p` must have one dimension, but got {values.ndim!r}")
    if np.any((values < 0) | (values > 1)):
        raise ValueError(f"`p` must lie between 0 and 1, but got {p!r}")
    made = np.flatnonzero(~np.isnan(values))
    q = np.full(values.shape, np.nan)
    order = made[np.argsort(values[made], kind="stable")]
    scaled = values[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return q


def failing_allowed(population: int, target: float) -> int:
    """The largest number of failing units with which a population still meets its target, in [0, 1].

    Decimal arithmetic, and a millionth of a unit to spare: in binary 10·(1 − 0.9) is a little less than 1, and so may be
    the mean of several targets. One unit too few would reject a rate that is exactly on its target.
    """
    share = 1 - Decimal(repr(round(fraction("target", target), 12)))
    return math.floor(population * share + Decimal("1e-6"))


def seen_below(rate: float, target: float) -> bool:
    """Whether a rate is below a target by more than rounding: 1 − 2/10 is not below 0.8."""
    return rate < target - 1e-12


def below_p_value(tested: ArrayLike, failed: ArrayLike, population: int | None, target: float) -> Floats:
    """P-value of "the pass rate is at least `target`" for a simple random sample; small: it is below.

    P(X ≥ failed) with as many failures in the population as the target allows; binomial for an endless process.
    """
    n, x = (np.asarray(a, dtype=np.float64) for a in (tested, failed))
    if population is None:
        return np.where(x > 0, special.betainc(np.maximum(x, 1), n - x + 1, 1.0 - target), 1.0)
    return hypergeometric_tails(x - 1, failing_allowed(population, target), n, population)[1]


def at_least_p_value(tested: ArrayLike, failed: ArrayLike, population: int | None, target: float) -> Floats:
    """P-value of "the pass rate is below `target`" for a simple random sample; small: it is at or above.

    P(X ≤ failed) with the fewest failures in the population that violate the target; 0 where none do.
    """
    n, x = (np.asarray(a, dtype=np.float64) for a in (tested, failed))
    if population is None:
        return np.where(x < n, special.betainc(np.maximum(n - x, 1), x + 1, target), 1.0)
    violating = failing_allowed(population, target) + 1
    if violating > population:
        return np.zeros(np.broadcast(n, x).shape)
    return hypergeometric_tails(x, violating, n, population)[0]


def equivalent_tests(
    *, tested: int, failed: float, population: int | None, target: float, p: float, direction: Direction
) -> int:
    """How many simple random tests, failing at the same rate, would have given the p-value of a complex sample.

    The most of at most `tested`, at least 1: what the sample was worth in settling this question.
    """
    sizes = np.unique(np.linspace(1, tested, num=min(tested, _REFINE)).astype(np.int64))
    found = _projected(direction, sizes.astype(np.float64), failed / tested, population, target)
    enough = np.flatnonzero(found >= p)
    return int(sizes[enough[-1]]) if len(enough) else 1


def _projected(direction: Direction, size: Floats, rate: float, population: int | None, target: float) -> Floats:
    """P-values of simple random samples that fail at `rate`, rounded against the proof."""
    exact = np.round(rate * size, 9)
    if direction == "below":
        return below_p_value(size, np.floor(exact), population, target)
    return at_least_p_value(size, np.minimum(np.ceil(exact), size), population, target)


@dataclass(frozen=True)
class MoreTests:
    """How many more tests would settle a domain's grade, if they go on as the first ones went.

    Attributes:
        direction: what they would prove: ``on_target`` or ``below``.
        tests: further tests needed, at least 1; all that are left where no fewer would do: a census settles anything.
        census: whether that is so.
    """

    direction: Direction
    tests: int
    census: bool = False


def more_tests(
    *,
    tested: int,
    failed: float,
    population: int | None,
    target: float,
    level: float,
    design_effect: float = 1.0,
) -> MoreTests | None:
    """The fewest further tests that would prove a rate at or above its target, or below it where it was seen below.

    The further tests are taken to fail at the rate seen so far (rounded against the proof), and the sample to be worth
    tested/design_effect simple random tests, so the answer is a planning figure. It is the very first number that would
    do: the p-value falls and rises again with every failure that is due. Beyond `_TEETH` such failures it may be some
    tenths of a percent too large.

    Args:
        tested, failed: tests so far and failures among them; `failed` may be weighted, so it need not be whole.
        population: units in the population, None for an endless process.
        target: pass rate asked for, in (0, 1).
        level: level of the one-sided test, in (0, 1).
        design_effect: variance relative to a simple random sample of the same size, > 0.

    Returns:
        None where no number of tests would do: an endless process exactly on its target, a population that was tested
        whole.
    """
    if not 0.0 < target < 1.0:
        raise ValueError(f"`target` must lie between 0 and 1, but got {target!r}")
    if not 0 <= failed <= tested:
        raise ValueError(f"`failed` must lie between 0 and `tested`, but got {failed!r}")
    rate = failed / tested if tested else 0.0
    direction: Direction = "below" if seen_below(1.0 - rate, target) else "on_target"
    size = max(tested / design_effect, 0.0)
    room = _MOST if population is None else population - tested

    def totals(more: NDArray[np.int64]) -> Floats:
        total = np.floor(size + more / design_effect + 1e-9)
        if population is not None:
            total = np.where(tested + more >= population, population, np.minimum(total, population))
        return np.asarray(total, dtype=np.float64)

    def settled(more: NDArray[np.int64]) -> NDArray[np.bool_]:
        return proven(_projected(direction, totals(more), rate, population, target), level)

    def due(more: NDArray[np.int64]) -> Floats:
        """The failures that so many more tests are taken to have found."""
        exact = np.round(rate * totals(more), 9)
        return np.floor(exact) if direction == "below" else np.ceil(exact)

    def best(failures: NDArray[np.int64]) -> NDArray[np.int64]:
        """The numbers of tests at which so many failures prove most: the fewest, or to be on target the most."""
        beyond = failures if direction == "below" else failures + 1
        first = _first_at(due, beyond, (beyond / max(rate, 1e-300) - size) * design_effect, room)
        return np.clip(first if direction == "below" else first - 1, 1, room)

    def answer(more: int) -> MoreTests:
        return MoreTests(direction, more, census=population is not None and more == room)

    if room < 1:
        return None
    if settled(np.array([1]))[0]:
        return answer(1)
    high = 2
    while high < room and not settled(np.array([high]))[0]:
        high *= 2
    high = min(high, room)
    found = _first_tooth(lambda x: settled(best(x)), int(due(np.array([1]))[0]), int(due(np.array([high]))[0]))
    if found is None:
        return None if population is None and high == room else answer(high)
    most = int(best(np.array([found]))[0])
    if direction == "on_target":
        low = int(best(np.array([found - 1]))[0]) if found else 1
        while most - low > 1:
            middle = (low + most) // 2
            low, most = (low, middle) if settled(np.array([middle]))[0] else (middle, most)
    return answer(most)


def _first_at(
    value: Callable[[NDArray[np.int64]], Floats], bound: NDArray[np.int64], guess: Floats, room: int
) -> NDArray[np.int64]:
    """The smallest k in 1 … room + 1 with value(k) ≥ bound, for a value that rises with k, from a guess near it."""
    low, high = np.zeros(bound.shape, dtype=np.int64), np.full(bound.shape, room + 1, dtype=np.int64)
    k = np.clip(np.nan_to_num(np.ceil(guess), posinf=room), 1, room).astype(np.int64)
    step = np.ones(bound.shape, dtype=np.int64)
    while np.any(high - low > 1):
        enough = value(k) >= bound
        high, low = np.where(enough, np.minimum(high, k), high), np.where(enough, low, np.maximum(low, k))
        # Outwards from the guess in doubling steps, then by halves.
        k = np.where(enough, k - step, k + step)
        step = 2 * step
        k = np.where((k > low) & (k < high), k, (low + high) // 2)
        k = np.clip(k, 1, room)
    return high


def _first_tooth(settles: Callable[[NDArray[np.int64]], NDArray[np.bool_]], low: int, high: int) -> int | None:
    """The smallest number of failures from `low` to `high` that settles it; None if none does.

    Beyond `_TEETH` it is taken to go on once it begins, but for the `_REFINE` before, which are tried.
    """
    done, width = low, 64
    while done <= min(high, low + _TEETH):
        tried = np.arange(done, min(done + width, high + 1, low + _TEETH + 1))
        met = settles(tried)
        if met.any():
            return int(tried[np.argmax(met)])
        done, width = done + len(tried), 2 * width
    if done > high or not settles(np.array([high]))[0]:
        return None
    below, above = done - 1, high
    while above - below > 1:
        middle = (below + above) // 2
        below, above = (below, middle) if settles(np.array([middle]))[0] else (middle, above)
    tried = np.arange(max(done, above - _REFINE), above + 1)
    return int(tried[np.argmax(settles(tried))])


def proven(p: ArrayLike, level: float) -> NDArray[np.bool_]:
    """Whether p-values prove anything at a level: limits of the same level then exclude what was refuted, and only then."""
    return np.asarray(np.asarray(p, dtype=np.float64) < level - TIE)


def grade(
    *,
    rate: float | None,
    target: float,
    tested: int,
    population: int | None,
    below: float,
    at_least: float,
    level: float,
) -> Grade:
    """The grade of a pass rate against its target.

    Args:
        rate: pass rate seen, None where nothing was tested.
        target: pass rate asked for.
        tested: units tested; population: units in all, None for an endless process.
        below: adjusted p-value of "the rate is at least the target"; at_least: of "it is below the target".
        level: level of both tests.
    """
    if rate is None or not tested:
        return "too_little"
    if proven(below, level):
        return "below"
    if proven(at_least, level):
        return "on_target"
    if not provable(tested, population, target, level):
        return "too_little"
    return "watch" if seen_below(rate, target) else "not_proven"


def provable(tested: int, population: int | None, target: float, level: float) -> bool:
    """Whether so many tests could have proven anything: with failures throughout, or with none at all.

    Judged as for a simple random sample and a single test, so a domain is never called too small for want of luck.
    """
    failing = below_p_value(tested, tested, population, target)
    passing = at_least_p_value(tested, 0, population, target)
    return bool(proven(min(float(failing), float(passing)), level))
