"""Strata: when tiers are merged for a budget, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.design import Sample, Strata
from sampler.strata import _Block, _merge_for_budget, stratified
from tests.planning import make_design


@pytest.mark.parametrize(
    ("sample", "merged"),
    [
        (Sample(budget=14), False),
        (Sample(budget=13), True),
        (Sample(budget_yuan=11_900.0, cost_per_visit=100.0), False),
        (Sample(budget_yuan=11_899.0, cost_per_visit=100.0), True),
    ],
)
def test_tiers_are_merged_for_what_certain_units_leave_of_the_budget(sample: Sample, merged: bool) -> None:
    # Three certain units and two tiers with floors of two: 3 + 2·2 units at 2 batches each are 14 batches; at 2·800 yuan
    # and a visit of 100, 1,700 yuan each, they are 11,900 yuan. The tiers alone would fit into 8 batches or 6,800 yuan.
    base = make_design(sample=sample, strata=Strata(keys=("category", "tier"), smallest=1))
    design = replace(base, categories=tuple(replace(c, batches=2) for c in base.categories))
    units = pl.DataFrame(
        {
            "unit_id": [f"u{i}" for i in range(15)],
            "category": "food",
            "stage": "production",
            "score": [1.0, 3.0, 3.0] * 5,
        }
    )
    certainty = dict.fromkeys(("u0", "u1", "u2"), "blacklisted")
    table, mergers = stratified(units, design, certainty=certainty, batches={"food": 2})
    free = ["food|low+high"] if merged else ["food|high", "food|low"]
    assert sorted(table["stratum"].unique()) == ["food|certainty", *free]
    assert [(m.tiers, m.population, m.reason) for m in mergers] == [(("low", "high"), 12, "budget")] * merged


@given(
    st.dictionaries(
        st.sampled_from("abcdef").map(lambda c: (c,)),
        st.lists(st.integers(1, 12), min_size=1, max_size=5),
        min_size=1,
    ),
    st.integers(0, 40),
)
def test_of_all_neighbours_those_with_the_fewest_units_are_merged_first(
    tiers: dict[tuple[str, ...], list[int]], budget: int
) -> None:
    # Every merger is looked for among all pairs again, as the rule says; floors are two units at a batch each.
    design = make_design(strata=Strata(keys=("district", "tier")))
    cells = {cell: [_Block((i,), n) for i, n in enumerate(sizes)] for cell, sizes in tiers.items()}
    expected = {cell: [((i,), n) for i, n in enumerate(sizes)] for cell, sizes in tiers.items()}

    def floors() -> int:
        return sum(min(design.sample.floor_stratum, n) for blocks in expected.values() for _, n in blocks)

    while floors() > budget and any(len(blocks) > 1 for blocks in expected.values()):
        _, cell, i = min(
            (blocks[i][1] + blocks[i + 1][1], cell, i)
            for cell, blocks in expected.items()
            for i in range(len(blocks) - 1)
        )
        (left, m), (right, n) = expected[cell][i : i + 2]
        expected[cell][i : i + 2] = [(left + right, m + n)]
    _merge_for_budget(cells, ["district"], design, {}, budget)
    assert {cell: [(b.tiers, b.population) for b in blocks] for cell, blocks in cells.items()} == expected
