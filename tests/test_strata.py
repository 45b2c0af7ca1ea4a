"""Strata: when tiers are merged for a budget, reckoned by hand."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from sampler.design import Sample, Strata
from sampler.strata import stratified
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
