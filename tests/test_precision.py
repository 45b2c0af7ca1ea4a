"""What a plan buys: the interval to expect, and what more tests would bring."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.allocation import Binding
from sampler.margins import planned_interval
from sampler.precision import expected_margins, expected_precision
from sampler.stats.stratified import StratifiedSample, estimate


def strata_of(*rows: tuple[str, int, int, float]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema=["district", "population", "sample", "rate"], orient="row"
    ).with_row_index("stratum").with_columns(pl.col("stratum").cast(pl.String))  # fmt: skip


STRATA = strata_of(("east", 200, 30, 0.95), ("east", 80, 20, 0.8), ("west", 400, 25, 0.97))


def binding(district: str, margin: float = 0.1) -> Binding:
    return Binding({"district": district}, margin, 0.95, 0.0)


def test_the_whole_and_every_value() -> None:
    found = expected_precision(STRATA, ("district", "colour"), confidence=0.95, notice=0.1)
    assert [dict(e.domain) for e in found] == [{}, {"district": "east"}, {"district": "west"}]
    assert [(e.population, e.sample) for e in found] == [(680, 75), (280, 50), (400, 25)]
    assert found[1].rate == pytest.approx((200 * 0.95 + 80 * 0.8) / 280)
    assert all(e.lower < e.rate < e.upper for e in found)
    assert all(0 < e.detection < 1 for e in found)


def test_more_confidence_is_wider() -> None:
    narrow, wide = (expected_precision(STRATA, (), confidence=c)[0] for c in (0.8, 0.99))
    assert narrow.half_width < wide.half_width


@given(st.lists(st.tuples(st.integers(1, 90), st.floats(0.5, 1)), min_size=1, max_size=12))
def test_limits_of_a_census_are_never_the_wrong_way_round(strata: list[tuple[int, float]]) -> None:
    whole = expected_precision(strata_of(*(("east", n, n, rate) for n, rate in strata)), (), confidence=0.95)[0]
    assert whole.lower <= whole.rate <= whole.upper
    assert 0 <= whole.half_width < 1e-12


def test_a_census_is_certain() -> None:
    (city,) = expected_precision(strata_of(("east", 20, 20, 0.9)), (), confidence=0.95, notice=0.01)
    assert (city.lower, city.upper, city.detection) == pytest.approx((0.9, 0.9, 1.0))


def test_the_planned_interval_is_the_mean_of_what_estimate_will_report() -> None:
    population, sizes, failing = np.array([150, 60, 300]), np.array([20, 15, 25]), np.array([0.05, 0.2, 0.03])
    planned = planned_interval(population, sizes, failing, confidence=0.95)
    rng = np.random.default_rng(7)
    widths = []
    for _ in range(150):
        bad = np.floor(population * failing + rng.random(3)).astype(int)
        failed = rng.hypergeometric(bad, population - bad, sizes)
        found = estimate(StratifiedSample(population, sizes, failed))
        widths.append((found.upper - found.lower) / 2)
    assert planned.method == "exact"
    assert planned.half_width == pytest.approx(float(np.mean(widths)), rel=0.05)


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=12)
def test_the_quick_interval_is_near_the_planned_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    population = rng.integers(20, 200, 4)
    sizes = rng.integers(5, 20, 4)
    rate = 1 - rng.uniform(0.01, 0.2, 4)
    rows = zip("dddd", population.tolist(), sizes.tolist(), rate.tolist(), strict=True)
    quick = expected_precision(strata_of(*rows), (), confidence=0.95)[0].half_width
    planned = planned_interval(population, sizes, 1 - rate, confidence=0.95).half_width
    assert 0.75 < quick / planned < 1.35


def test_more_tests_bring_what_is_told() -> None:
    (east,) = expected_margins(STRATA, [binding("east")], notice=0.05)
    assert east.more is not None
    assert 0 < east.more.half_width <= 0.85 * east.half_width
    assert east.more.units <= 280 - 50
    assert east.to_json()["asked"] == {"margin": 0.1, "binding": False, "price_per_point": 0.0}
    assert east.to_json()["more"] == {"units": east.more.units, "half_width": east.more.half_width}


def test_nothing_more_can_be_had_of_a_census() -> None:
    (east,) = expected_margins(strata_of(("east", 20, 20, 0.9)), [binding("east")])
    assert east.more is None
    assert east.half_width == 0
