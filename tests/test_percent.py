"""Percentages as they are printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.percent import interval, percent, scale_start


@pytest.mark.parametrize(
    ("value", "digits", "direction", "said"),
    [
        (1.0, 2, "nearest", "100.00%"),
        (0.99999, 2, "nearest", "99.99%"),
        (1 - 1e-8, 2, "nearest", "99.99%"),
        (0.1 + 0.2 + 0.7 - 2**-53, 2, "nearest", "100.00%"),  # one, but for the rounding of a sum
        (0.00001, 2, "nearest", "0.01%"),
        (0.0, 2, "nearest", "0.00%"),
        (0.95, 2, "down", "95.00%"),
        (1 - 0.05, 2, "down", "95.00%"),
        (0.97139, 2, "down", "97.13%"),
        (0.97131, 2, "up", "97.14%"),
        (0.999961, 2, "up", "100.00%"),
        (0.5, 0, "nearest", "50%"),
        (None, 2, "nearest", "–"),
    ],
)
def test_examples(value: float | None, digits: int, direction: str, said: str) -> None:
    assert percent(value, digits, direction) == said  # type: ignore[arg-type]


@given(st.floats(0, 1), st.integers(0, 4))
def test_a_printed_interval_holds_the_computed_one(value: float, digits: int) -> None:
    low, high = (float(s.removesuffix("%")) for s in interval(value, value, digits).split(" – "))
    assert low - 1e-9 <= 100 * value <= high + 1e-9
    assert high - low <= 10.0**-digits + 1e-9


def test_a_scale_shows_targets_and_most_limits() -> None:
    assert scale_start([]) == 0.0
    assert scale_start([(0.97, 0.95), (0.96, 0.95)]) == 0.9
    assert scale_start([(0.97, None), (0.99, None)]) == 0.95
    assert scale_start([(0.0, 0.95)]) == 0.0
