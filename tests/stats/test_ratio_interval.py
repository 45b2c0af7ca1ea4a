"""The interval of the batch pass rate: what batches of one unit are worth, and its laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.ratio import batch_ratio


def test_batches_of_a_unit_that_are_wholly_alike_add_nothing() -> None:
    one = batch_ratio([500], [0] * 20, [1] * 20, [1, 1] + [0] * 18)
    three = batch_ratio([500], [0] * 20, [3] * 20, [3, 3] + [0] * 18)
    assert three.rate == one.rate
    assert three.effective == pytest.approx(one.effective, rel=0.06)
    none = batch_ratio([500], [0] * 20, [3] * 20, [0] * 20)
    assert none.upper == 1.0
    assert none.effective == pytest.approx(20 * 499 / 480, rel=1e-9)  # the units, with their finite population


def test_failures_spread_over_units_are_worth_more_than_units() -> None:
    apart = batch_ratio([500], [0] * 20, [3] * 20, [1] * 6 + [0] * 14)
    together = batch_ratio([500], [0] * 20, [3] * 20, [3, 3] + [0] * 18)
    assert apart.rate == together.rate
    assert apart.effective > together.effective


def test_a_census_is_a_point_and_an_unsampled_stratum_opens_the_interval() -> None:
    census = batch_ratio([3], [0, 0, 0], [2, 2, 2], [1, 0, 0])
    assert (census.lower, census.upper) == pytest.approx((census.rate, census.rate), rel=1e-14)
    assert math.isinf(census.effective)
    open_ = batch_ratio([3, 3], [0, 0, 0], [2, 2, 2], [0, 0, 0])
    assert open_.lower == pytest.approx(0.5)
    assert open_.upper == 1.0


@given(st.integers(1, 12), st.data())
@settings(deadline=None, max_examples=60)
def test_the_interval_holds_the_rate(units: int, data: st.DataObject) -> None:
    batches = data.draw(st.lists(st.integers(1, 4), min_size=units, max_size=units))
    failed = [data.draw(st.integers(0, m)) for m in batches]
    stratum = data.draw(st.lists(st.integers(0, 1), min_size=units, max_size=units))
    found = batch_ratio([20, 30], stratum, batches, failed)
    assert 0 <= found.lower < found.upper <= 1
    if len(set(stratum)) == 2:
        assert found.lower - 1e-12 <= found.rate <= found.upper + 1e-12
    lower = batch_ratio([20, 30], stratum, batches, failed, side="lower")
    assert lower.upper == 1.0
    assert lower.lower >= found.lower - 1e-12
    assert np.isfinite(found.effective)


def test_where_the_same_share_fails_at_every_unit_batches_are_taken_to_be_alike() -> None:
    # 1 of 5, 1 of 5 and 2 of 10: every residual is 0, but 0.2·5 − 1 is rounded. In one order the variance came out as
    # 10⁻³³, and the interval for 19 batches; in another as 0, and the interval for 3 units.
    for order in itertools.permutations([(5, 1), (5, 1), (10, 2)]):
        batches, failed = zip(*order, strict=True)
        found = batch_ratio([61], [0, 0, 0], batches, failed)
        assert found.standard_error == 0.0
        assert found.effective == pytest.approx(3 * 60 / 58, rel=1e-9)  # three units, with their finite population


@given(st.data())
@settings(deadline=None, max_examples=150)
def test_the_order_of_rows_changes_nothing(data: st.DataObject) -> None:
    share = data.draw(st.sampled_from([3, 5, 7]))
    alike = st.integers(1, 3).map(lambda k: (share * k, k))
    any_ = st.integers(1, 6).flatmap(lambda m: st.tuples(st.just(m), st.integers(0, m)))
    one = data.draw(st.sampled_from([alike, any_]))
    rows = data.draw(st.lists(st.tuples(st.integers(0, 1), one), min_size=1, max_size=12))
    shuffled = data.draw(st.permutations(rows))
    first, second = (
        batch_ratio([61, 40], [h for h, _ in r], [m for _, (m, _) in r], [y for _, (_, y) in r])
        for r in (rows, shuffled)
    )
    assert first == second
