"""What a design asks of its strata: bounds and ceilings, reckoned by hand."""

from __future__ import annotations

import polars as pl

from sampler.design import Sample, ShareBound, Strata
from sampler.requirements import requirements
from tests.planning import make_design


def test_units_taken_with_certainty_count_for_no_share() -> None:
    # Food: 10 units are certain, 10 are not. Half to eight tenths of the 10 are to be drawn, so 5 to 8. With the certain
    # units counted in, half of 20 would have been drawn before anything was drawn by lot.
    table = pl.DataFrame({
        "stratum": ["food|certainty", "food|low"], "category": "food", "certainty": [True, False],
        "population": [10, 10], "score": 1.0, "rate": 0.97, "batches": 1, "price": 800.0,
        "all_batches": 10, "all_price": 8000.0,
    })  # fmt: skip
    share = ShareBound(domain={"category": "food"}, at_least=0.5, at_most=0.8)
    design = make_design(strata=Strata(keys=("category", "tier")), sample=Sample(), shares=(share,))
    asked = requirements(table, design)
    assert asked.lower.tolist() == [10, 5]
    assert asked.source.tolist() == ["certainty", "share"]
    (ceiling,) = asked.ceilings
    assert (ceiling.kind, ceiling.use.tolist(), ceiling.limit) == ("share", [0, 1], 8)
