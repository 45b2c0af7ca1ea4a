"""Shrinkage of small cells: a published example, its laws, and how often its intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.shrinkage import beta_binomial

# Tumours in 71 groups of rats (Tarone 1982; Gelman et al., Bayesian Data Analysis, 3rd ed., table 5.1).
RATS = (
    "0/20 0/20 0/20 0/20 0/20 0/20 0/20 0/19 0/19 0/19 0/19 0/18 0/18 0/17 1/20 1/20 1/20 1/20 1/19 1/19 1/18 1/18 "
    "2/25 2/24 2/23 2/20 2/20 2/20 2/20 2/20 2/20 1/10 5/49 2/19 5/46 3/27 2/17 7/49 7/47 3/20 3/20 2/13 9/48 10/50 "
    "4/20 4/20 4/20 4/20 4/20 4/20 4/20 10/48 4/19 4/19 4/19 5/22 11/46 12/49 5/20 5/20 6/23 5/19 6/22 6/20 6/20 "
    "6/20 16/52 15/47 15/46 9/24 4/14"
)


def test_rat_tumours() -> None:
    """The book (section 5.3) gives E(α|y) = 2.4, E(β|y) = 14.3: mean 0.144, size 16.7; group 71 moves in from 0.286."""
    failed, tested = np.array([[int(v) for v in pair.split("/")] for pair in RATS.split()]).T
    found = beta_binomial(failed, tested)
    assert found.mean == pytest.approx(0.1437, abs=0.002)
    assert 10 < found.size < 25
    assert 0.19 < found.rate[70] < 0.23
    assert np.all(found.rate[:7] > 0.03)
    # Same data, same rate.
    assert found.rate[0] == pytest.approx(found.rate[6], abs=1e-12)


cells = st.lists(st.integers(0, 30).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=9)


@given(cells)
@settings(deadline=None, max_examples=25)
def test_rates_lie_in_their_intervals_and_between_cell_and_mean(data: list[tuple[int, int]]) -> None:
    failed, tested = np.array(data).T
    if not tested.sum():
        return
    found = beta_binomial(failed, tested)
    assert np.all((found.lower >= 0) & (found.upper <= 1))
    assert np.all((found.lower <= found.rate) & (found.rate <= found.upper))
    order = np.argsort(failed / np.maximum(tested, 1))
    same = tested == tested[0]
    ranked = [i for i in order if same[i]]
    assert np.all(np.diff(found.rate[ranked]) >= -1e-9)


def test_cells_that_agree_are_drawn_together_and_cells_that_differ_are_not() -> None:
    alike = beta_binomial([1] * 8, [20] * 8)
    apart = beta_binomial([0, 20] * 4, [20] * 8)
    assert alike.upper[0] - alike.lower[0] < 0.15
    assert apart.rate[1] - apart.rate[0] > 0.9
    assert alike.size > apart.size


def test_an_untested_cell_gets_the_others_mean_and_a_wide_interval() -> None:
    found = beta_binomial([1, 0, 3, 0], [20, 20, 20, 0])
    assert found.rate[3] == pytest.approx(found.mean, abs=0.02)
    assert found.upper[3] - found.lower[3] > found.upper[1] - found.lower[1]


def test_intervals_hold_the_truth_when_the_model_is_true() -> None:
    rng = np.random.default_rng(20261)
    held = []
    for _ in range(12):
        truth = rng.beta(0.05 * 40, 0.95 * 40, 33)
        tested = rng.integers(2, 30, 33)
        found = beta_binomial(rng.binomial(tested, truth), tested)
        held.append(np.mean((found.lower - 1e-9 <= truth) & (truth <= found.upper)))
    # 396 intervals of 95%: four standard errors below that is 0.906.
    assert np.mean(held) > 0.906


@pytest.mark.parametrize(
    ("failed", "tested", "confidence", "message"),
    [
        ([1, 2], [3], 0.95, "one and the same"),
        ([4], [3], 0.95, "`failed` must lie"),
        ([-1], [3], 0.95, "`failed` must lie"),
        ([0, 0], [0, 0], 0.95, "at least one test"),
        ([0], [3], 1.0, "`confidence` must lie"),
    ],
)
def test_impossible_cells_are_refused(failed: list[int], tested: list[int], confidence: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        beta_binomial(failed, tested, confidence=confidence)


def test_untested_units_widen_the_interval_by_their_own_luck() -> None:
    failed, tested = [1, 0, 3, 2, 0], [20, 20, 20, 20, 20]
    endless = beta_binomial(failed, tested)
    many = beta_binomial(failed, tested, untested=[10**7] * 5)
    few = beta_binomial(failed, tested, untested=[5, 5, 5, 5, 0])
    assert many.rate == pytest.approx(endless.rate)
    assert many.lower == pytest.approx(endless.lower, abs=1e-5)
    assert many.upper == pytest.approx(endless.upper, abs=1e-5)
    assert np.all(few.upper[:4] >= endless.upper[:4])
    # Whole units of five; a cell without untested units has nothing left to guess.
    assert few.upper[:4] * 5 == pytest.approx(np.rint(few.upper[:4] * 5))
    assert few.lower[4] == few.upper[4] == few.rate[4]


def test_limits_of_untested_units_are_those_of_the_beta_binomial() -> None:
    """Many cells pin μ and φ down; SciPy's beta-binomial at these then gives the limits to within a unit."""
    from scipy import stats

    rng = np.random.default_rng(7)
    tested = np.full(200, 25)
    failed = rng.binomial(tested, rng.beta(3, 27, 200))
    found = beta_binomial(failed, tested, untested=np.full(200, 40))
    a, b = found.mean * found.size + failed, (1 - found.mean) * found.size + tested - failed
    low, high = stats.betabinom.ppf([[0.025], [0.975]], 40, a, b)
    inwards = np.rint(np.array([low - found.lower * 40, found.upper * 40 - high]))
    assert np.all((inwards >= 0) & (inwards <= 1))


def test_untested_counts_must_fit() -> None:
    with pytest.raises(ValueError, match="`untested` must hold"):
        beta_binomial([1, 0], [9, 9], untested=[1])
