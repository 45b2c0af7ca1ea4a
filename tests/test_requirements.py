"""What a design asks of its strata: bounds and ceilings, reckoned by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sampler.design import Sample, ShareBound, Strata
from sampler.requirements import Requirements, _filled, requirements
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


@given(st.data())
def test_a_floor_goes_to_its_strata_as_units_handed_out_one_by_one(data: st.DataObject) -> None:
    H = data.draw(st.integers(1, 6))
    column = st.lists(st.integers(1, 30), min_size=H, max_size=H)
    population = np.array(data.draw(column))
    lower = np.minimum(data.draw(column), population) // 2
    asked = Requirements(
        population=population, certain=np.zeros(H, bool), failing=np.full(H, 0.03), batches=np.ones(H, np.int64),
        price=np.full(H, 8_000_000), weights=np.array(data.draw(column), dtype=float), lower=lower, upper=population,
        source=np.full(H, "floor"), ceilings=(), margins=(), certain_use={"batches": 0, "yuan": 0},
    )  # fmt: skip
    inside = np.array(data.draw(st.lists(st.booleans(), min_size=H, max_size=H).filter(any)))
    total = int(lower[inside].sum()) + data.draw(st.integers(0, 60))
    expected = lower.copy()
    for _ in range(total - int(lower[inside].sum())):
        open_ = np.flatnonzero(inside & (expected < population))
        if not open_.size:
            break
        # An empty stratum first, then the largest a²/(n(n + 1)); ties to the first.
        n = expected[open_]
        worth = np.where(n == 0, np.inf, asked.weights[open_] ** 2 / np.maximum(n * (n + 1), 1))
        best = open_[np.lexsort((open_, -(asked.weights[open_] ** 2), -worth))[0]]
        expected[best] += 1
    assert _filled(asked, inside, total).tolist() == expected.tolist()
