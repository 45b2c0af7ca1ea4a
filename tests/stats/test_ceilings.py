"""Allocation under several ceilings: against enumeration, and its laws."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sampler.stats.allocation import InfeasibleAllocation, allocate
from sampler.stats.ceilings import allocate_within


def value(a: np.ndarray, sizes: np.ndarray) -> float:
    """Σ a²/n with a stratum without units worth more than any other."""
    return float(np.where(sizes > 0, a**2 / np.maximum(sizes, 1), 1e6 * a**2).sum())


def best(a: np.ndarray, use: np.ndarray, limits: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    ranges = [range(lo, hi + 1) for lo, hi in zip(low, high, strict=True)]
    return min(value(a, np.array(n)) for n in product(*ranges) if np.all(use @ np.array(n) <= limits))


problems = st.integers(0, 2**32 - 1)


@given(problems)
@settings(deadline=None, max_examples=300)
def test_nested_ceilings_give_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strata = int(rng.integers(2, 5))
    a = rng.integers(1, 9, strata).astype(float)
    low = rng.integers(0, 2, strata)
    high = low + rng.integers(0, 5, strata)
    group = rng.integers(0, 2, strata)
    use = np.array([np.ones(strata), group == 0, group == 1]).astype(int)
    limits = use @ low + rng.integers(0, 8, 3)
    found = allocate_within(a, use, limits, lower=low, upper=high)
    assert np.all(use @ found <= limits)
    assert value(a, found) == pytest.approx(best(a, use, limits, low, high), rel=1e-12)


@given(problems)
@example(3691929)  # ceilings nested, but prices that differ
@settings(deadline=None, max_examples=200)
def test_crossing_ceilings_are_kept_and_no_exchange_improves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    strata = int(rng.integers(2, 6))
    a = rng.integers(1, 9, strata).astype(float)
    low, high = np.ones(strata, dtype=int), 1 + rng.integers(0, 6, strata)
    use = rng.integers(0, 4, (3, strata))
    limits = use @ low + rng.integers(0, 12, 3)
    found = allocate_within(a, use, limits, lower=low, upper=high, price=1 + use[0])
    assert np.all((low <= found) & (found <= high))
    assert np.all(use @ found <= limits)
    for give, take in product(range(strata), repeat=2):
        other = found.copy()
        other[give] -= give != take
        other[take] += 1
        if other[give] >= low[give] and other[take] <= high[take] and np.all(use @ other <= limits):
            assert value(a, other) >= value(a, found) * (1 - 1e-9)


def test_one_total_is_the_plain_allocation() -> None:
    a, upper = np.array([5.0, 3.0, 3.0, 1.0]), np.array([4, 20, 20, 20])
    found = allocate_within(a, np.ones((1, 4), dtype=int), [17], lower=np.zeros(4, dtype=int), upper=upper)
    assert found.tolist() == allocate(a, 17, upper=upper).tolist()


def test_a_stratum_without_weight_keeps_its_lower_bound() -> None:
    found = allocate_within([1.0, 0.0], [[1, 1]], [9], lower=[0, 1], upper=[3, 9])
    assert found.tolist() == [3, 1]


def test_lower_bounds_that_break_a_ceiling() -> None:
    with pytest.raises(InfeasibleAllocation, match="must keep ceiling 1 of 3 but use 4") as caught:
        allocate_within([1.0, 1.0], [[1, 1], [1, 1]], [9, 3], lower=[2, 2], upper=[5, 5])
    assert (caught.value.needed, caught.value.asked) == (4, 3)
    with pytest.raises(InfeasibleAllocation, match="at most its upper bound but got 2 and 1 at 0"):
        allocate_within([1.0], [[1]], [9], lower=[2], upper=[1])


@pytest.mark.parametrize(("use", "message"), [([[1]], "of shape"), ([[-1, 1]], "use must not be negative but got -1")])
def test_arguments_are_checked(use: list[list[int]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        allocate_within([1.0, 1.0], use, [9], lower=[0, 0], upper=[5, 5])
