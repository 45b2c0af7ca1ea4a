"""The batch pass rate as a ratio estimate: R's numbers, and the case of one batch a unit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.ratio import batch_ratio
from sampler.stats.stratified import StratifiedSample, estimate

# R 4.2.2, survey 4.1-1 (Debian), one row per unit, m batches of which p pass:
#   des <- svydesign(id = ~1, strata = ~h, fpc = ~N, data = d);  r <- svyratio(~p, ~m, des);  coef(r);  SE(r)
R_SVYRATIO = [
    (
        [40, 25, 6],
        [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 2],
        [3, 1, 2, 5, 1, 4, 2, 3, 3, 1, 2, 2, 4],
        [1, 0, 0, 2, 0, 4, 0, 0, 1, 0, 0, 0, 0],
        0.6490909090909091,
        0.140217037851,
    ),
    (
        [100, 60],
        [0, 0, 0, 0, 0, 1, 1, 1, 1],
        [2, 2, 2, 1, 1, 3, 1, 1, 2],
        [0, 0, 1, 0, 1, 0, 0, 0, 1],
        0.7924528301886793,
        0.1098948633520186,
    ),
    (
        [50, 40],
        [0] * 6 + [1] * 5,
        [1] * 11,
        [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0],
        0.7259259259259261,
        0.137785742501765,
    ),
]


@pytest.mark.parametrize(("population", "stratum", "batches", "failed", "rate", "error"), R_SVYRATIO)
def test_agrees_with_svyratio(population, stratum, batches, failed, rate, error):
    result = batch_ratio(population, stratum, batches, failed)
    assert result.rate == pytest.approx(rate, abs=1e-12)
    assert result.standard_error == pytest.approx(error, abs=1e-12)
    assert result.lower < result.rate < result.upper


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_one_batch_a_unit_is_the_stratified_estimate(data):
    H = data.draw(st.integers(1, 4))
    N = data.draw(st.lists(st.integers(2, 60), min_size=H, max_size=H))
    n = [data.draw(st.integers(1, size)) for size in N]
    x = [data.draw(st.integers(0, k)) for k in n]
    stratum = np.repeat(np.arange(H), n)
    failed = np.concatenate([np.arange(k) < bad for k, bad in zip(n, x, strict=True)]).astype(int)
    ratio = batch_ratio(N, stratum, np.ones(len(stratum)), failed)
    units = estimate(StratifiedSample(N, n, x), method="conservative")
    assert ratio.rate == pytest.approx(units.rate, abs=1e-12)
    assert ratio.standard_error == pytest.approx(units.standard_error, abs=1e-9)
    assert 0 <= ratio.lower <= ratio.rate + 1e-12
    assert ratio.rate - 1e-12 <= ratio.upper <= 1
    # never narrower than the units' interval: batches of one unit add nothing to it
    assert ratio.lower <= units.lower + 1e-9
    assert ratio.upper >= units.upper - 1e-9


@pytest.mark.parametrize("of_three", [1, 2, 3])
def test_a_further_failing_unit_never_raises_a_bound(of_three):
    found = [batch_ratio([1000], [0] * 30, [3] * 30, [of_three] * k + [0] * (30 - k)) for k in range(30)]
    assert all(b.lower <= a.lower and b.upper <= a.upper for a, b in itertools.pairwise(found))


def test_alike_batches_say_no_more_than_one():
    once = batch_ratio([100], [0] * 20, [1] * 20, [1, 1] + [0] * 18)
    five_times = batch_ratio([100], [0] * 20, [5] * 20, [5, 5] + [0] * 18)
    assert five_times.rate == once.rate
    assert five_times.standard_error == pytest.approx(once.standard_error, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([10], [0, 0], [1, 0], [0, 0]), "batches must hold one count ≥ 1"),
        (([10], [0, 0], [1, 1], [0, 2]), "failed must lie between 0 and batches"),
        (([1], [0, 0], [1, 1], [0, 0]), "tested units must not exceed the population"),
    ],
)
def test_bad_counts(arguments, message):
    with pytest.raises(ValueError, match=message):
        batch_ratio(*arguments)
