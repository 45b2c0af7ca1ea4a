"""The interval to expect before a sample is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.effective import effective_size, limits
from sampler.stats.planning import expected_interval, half_width, size_for_half_width, variance_terms
from sampler.stats.proportion import interval

rates = st.floats(0.0, 0.3)


@pytest.mark.parametrize(("failures", "tests"), [(0, 59), (1, 20), (7, 93), (30, 200)])
def test_whole_numbers_give_clopper_pearson(failures: int, tests: int) -> None:
    known = interval(failures, tests, confidence=0.9)
    assert half_width(tests, failures / tests, 0.9) == pytest.approx((known.upper - known.lower) / 2, rel=1e-12)


@given(st.floats(0.005, 0.45), rates, st.sampled_from([0.8, 0.95, 0.99]))
@settings(deadline=None, max_examples=100)
def test_the_size_for_a_half_width_is_the_smallest(margin: float, failing: float, confidence: float) -> None:
    size = size_for_half_width(margin, failing, confidence)
    assert half_width(size, failing, confidence) <= margin
    assert half_width(size * (1 - 1e-6), failing, confidence) > margin


def test_a_census_has_no_width() -> None:
    assert half_width(math.inf, 0.1, 0.95) == 0
    assert expected_interval([10, 5], [10, 5], [0.1, 0.2], confidence=0.95) == pytest.approx((2 / 15, 2 / 15))


def test_nothing_tested_is_nothing_known() -> None:
    assert expected_interval([10, 5], [0, 0], [0.1, 0.2], confidence=0.95) == (0.0, 1.0)


def test_an_untested_stratum_opens_the_limits() -> None:
    low, high = expected_interval([60], [20], [0.1], confidence=0.95)
    assert expected_interval([60, 40], [20, 0], [0.1, 0.5], confidence=0.95) == pytest.approx(
        (0.6 * low, 0.6 * high + 0.4)
    )


def test_whole_expected_numbers_give_the_conservative_interval() -> None:
    population, tested, failed = np.array([100, 300]), np.array([20, 30]), np.array([2, 3])
    found = expected_interval(population, tested, failed / tested, confidence=0.95)
    assert found == pytest.approx(limits(population, tested, failed, "conservative", 0.025), rel=1e-12)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=100)
def test_the_terms_add_up_to_the_effective_sizes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    population = rng.integers(2, 400, 6)
    sizes = np.minimum(population, rng.integers(1, 40, 6))
    failing = rng.uniform(0.0, 0.3, 6)
    spread = 1 / sizes - 1 / population
    by_terms = [1 / float(a @ spread) if a @ spread else math.inf for a in variance_terms(population, sizes, failing)]
    assert min(by_terms) == pytest.approx(effective_size(population, sizes, sizes * failing), rel=1e-9)
