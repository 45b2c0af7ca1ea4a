"""Tickets are SHA-256 of seed, line feed, unit id, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.stats.tickets import ticket, tickets

# Made with Python's hashlib; the first also with GNU coreutils:
#   printf '%s\n%s' 20261008 '914403001922038216|food' | sha256sum
VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "tickets.json").read_text(encoding="utf-8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=[v["note"] for v in VECTORS])
def test_vectors(vector: dict[str, str]) -> None:
    assert ticket(vector["seed"], vector["unit_id"]) == vector["ticket"]


def test_by_hand() -> None:
    expected = "28634d9e9def5538994b20fc3f354addeaafdd046d9a76a3016139ee1c8089d2"
    assert ticket("20261008", "914403001922038216|food") == expected


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]))),
)
def test_many_are_each(seed: str, ids: list[str]) -> None:
    assert tickets(seed, ids) == [ticket(seed, i) for i in ids]


def test_vectors_differ() -> None:
    assert len({v["ticket"] for v in VECTORS}) == len(VECTORS)
