"""Eligibility: the lot among the units of an enterprise that has too many."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from sampler.design import Caps
from sampler.eligibility import eligible
from sampler.history import NO_HISTORY
from sampler.period import Period
from sampler.stats.tickets import ticket
from tests.planning import make_design, make_frame


def test_the_lot_of_the_cap_does_not_favour_the_units_that_the_draw_takes_first() -> None:
    # 180 units, two to an enterprise, of which one may stay. By a lot of its own the unit with the lower ticket of the draw
    # stays in half of the 90 pairs: 45 give or take 4.7, so 26 to 64 within four deviations. By the draw's tickets it
    # would stay in all of them, and capped enterprises would be drawn more often than others.
    design = make_design(caps=Caps(batches_per_enterprise=1))
    design = replace(design, categories=tuple(replace(c, batches=1) for c in design.categories))
    frame = make_frame(design)
    pairs = [f"e{i // 2}" for i in range(frame.size)]
    units = frame.units.with_columns(pl.Series("enterprise", pairs))
    found = eligible(
        units, design, Period(2026, 4), NO_HISTORY, batches={c.key: 1 for c in design.categories}, seed="s"
    )
    stays, leaves = found.units.sort("enterprise"), found.set_aside.sort("enterprise")
    assert stays["enterprise"].to_list() == leaves["enterprise"].to_list() == sorted(set(pairs))
    first = [ticket("s", a) < ticket("s", b) for a, b in zip(stays["unit_id"], leaves["unit_id"], strict=True)]
    assert 26 <= sum(first) <= 64
