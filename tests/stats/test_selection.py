"""Ranks and reserves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.selection import ranks, reserve_sizes
from sampler.stats.tickets import tickets

units = st.lists(st.tuples(st.integers(0, 4), st.text("abc0123", min_size=1, max_size=6)), unique_by=lambda u: u[1])


def ranked(seed: str, chosen: list[tuple[int, str]]) -> dict[str, tuple[int, int]]:
    ids = [u for _, u in chosen]
    found = ranks([s for s, _ in chosen], tickets(seed, ids), ids)
    return {u: (s, int(r)) for (s, u), r in zip(chosen, found, strict=True)}


def test_by_hand() -> None:
    # Tickets are compared as text of equal length; strata 5 and 3 are ranked apart.
    assert ranks([5, 3, 5, 3, 5], ["cc", "aa", "bb", "ff", "dd"], list("vwxyz")).tolist() == [2, 1, 1, 2, 3]


def test_equal_tickets_are_settled_by_id() -> None:
    assert ranks([0, 0, 0], ["aa", "aa", "00"], ["z", "y", "x"]).tolist() == [3, 2, 1]


@given(units, st.randoms())
@settings(deadline=None, max_examples=60)
def test_row_order_changes_nothing(chosen: list[tuple[int, str]], random: object) -> None:
    shuffled = list(chosen)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert ranked("s", chosen) == ranked("s", shuffled)


@given(units)
@settings(deadline=None, max_examples=60)
def test_every_stratum_is_numbered_from_one(chosen: list[tuple[int, str]]) -> None:
    found = ranked("s", chosen)
    for stratum in {s for s, _ in chosen}:
        numbers = sorted(r for s, r in found.values() if s == stratum)
        assert numbers == list(range(1, len(numbers) + 1))


@given(units, units)
@settings(deadline=None, max_examples=60)
def test_strata_are_independent(chosen: list[tuple[int, str]], others: list[tuple[int, str]]) -> None:
    """Units added to other strata leave a stratum's order as it was."""
    taken = {u for _, u in chosen}
    more = [(s + 10, u) for s, u in others if u not in taken]
    assert ranked("s", chosen).items() <= ranked("s", chosen + more).items()


def test_every_unit_has_the_same_chance_in_its_stratum() -> None:
    """4,000 seeds, 3 of 10 units: each unit is drawn in 30% of the draws, within five standard errors."""
    ids = [f"{i:02d}|food" for i in range(10)]
    times = np.zeros(10)
    for seed in range(4000):
        times += ranks(np.zeros(10), tickets(str(seed), ids), ids) <= 3
    assert np.abs(times / 4000 - 0.3).max() < 5 * np.sqrt(0.3 * 0.7 / 4000)


@pytest.mark.parametrize(
    ("population", "sample", "share", "least", "expected"),
    [
        (10, 4, 0.5, 1, 2),
        (10, 3, 0.5, 1, 2),
        (10, 1, 0.0, 1, 1),
        (4, 4, 0.5, 1, 0),
        (5, 4, 1.0, 1, 1),
        (9, 0, 1.0, 2, 0),
    ],
)
def test_reserves(population: int, sample: int, share: float, least: int, expected: int) -> None:
    assert reserve_sizes([population], [sample], share=share, least=least).tolist() == [expected]


def test_a_share_without_binary_form_is_not_rounded_up_for_nothing() -> None:
    assert reserve_sizes([100], [10], share=0.3, least=0).tolist() == [3]  # 0.3 · 10 is 3.0000000000000004 in halves
