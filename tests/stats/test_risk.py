"""Scores, tiers and the rates assumed when planning."""

from __future__ import annotations

import numpy as np
import pytest

from sampler.stats.risk import assumed_failure_rates, score, tiers


def test_a_score_is_a_product() -> None:
    assert score([[1.0, 2.0], [0.5, 3.0], [1.0, 1.0]]).tolist() == [0.5, 6.0]


@pytest.mark.parametrize(
    ("value", "tier"),
    [
        (0.0, 0),
        (0.49, 0),
        (0.5, 1),
        (0.1 * 5, 1),
        (1.19, 1),
        (1.2, 2),
        (0.1 * 3 * 4, 2),
        (0.4 * 3, 2),
        (99.0, 2),
    ],
)
def test_a_tier_begins_at_its_bound(value: float, tier: int) -> None:
    assert tiers([value], [0.0, 0.5, 1.2]).tolist() == [tier]


def test_rounding_errors_of_products_do_not_move_a_unit() -> None:
    product = 0.1 * 0.3 * 0.7  # 0.021 in decimals, just below it in binary
    assert product < 0.021
    assert tiers([product], [0.0, 0.021]).tolist() == [1]


def test_assumed_rates_keep_the_mean_of_their_group() -> None:
    population, mean = np.array([50, 30, 20]), np.array([0.4, 1.0, 2.5])
    group = np.full(3, (population * mean).sum() / 100)
    rates = assumed_failure_rates(np.full(3, 0.05), mean, group)
    assert (population * rates).sum() / 100 == pytest.approx(0.05, abs=1e-15)
    assert rates[2] / rates[0] == pytest.approx(2.5 / 0.4)


def test_an_assumed_rate_stops_at_one() -> None:
    assert assumed_failure_rates([0.5], [10.0], [1.0]).tolist() == [1.0]
