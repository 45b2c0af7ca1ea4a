"""Eligibility: the lot among the units of an enterprise that has too many."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl

from sampler.design import Caps, RiskWeights, Sample, Weight
from sampler.eligibility import eligible
from sampler.explain import explain
from sampler.history import NO_HISTORY, History
from sampler.period import Period
from sampler.plan import make_plan
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


def test_a_day_that_has_not_come_yet_is_a_slip_of_the_pen_for_rest_score_and_explanation() -> None:
    # Weight 0.8 within two years of a check, 1.5 beyond. The registry says 2052 of two units; of one of them an earlier
    # plan knows better. A third was checked in the quarter itself, before the plan was drawn.
    day = dt.date(2026, 1, 1)
    lines = [(0.0, 0.8), (24.0, 1.5)]
    weights = RiskWeights(
        schema_version=1,
        weights=tuple(
            Weight(field="months_since_inspection", at_least=a, weight=w, source="test", date=day) for a, w in lines
        ),
    )
    design, period, slip = make_design(sample=Sample(budget=90)), Period(2026, 4), dt.date(2052, 3, 1)
    frame = make_frame(design)
    never, known, late, *_ = frame.units["unit_id"].to_list()
    said = {never: slip, known: slip, late: dt.date(2026, 10, 8)}
    days = pl.Series("last_inspected", [said.get(u) for u in frame.units["unit_id"]], dtype=pl.Date)
    frame = replace(frame, units=frame.units.with_columns(days))
    history = History(inspected={known: dt.date(2025, 3, 1)})
    made = make_plan(frame, design, weights, period=period, seed="s", design_sha256="x", history=history)
    assert made.set_aside["unit_id"].to_list() == [late]
    assert dict(made.units.select("unit_id", "score").iter_rows())[never] == 1.5
    assert dict(made.units.select("unit_id", "score").iter_rows())[known] == 0.8
    for unit, months in ((never, None), (known, 19)):
        (factor,) = explain(made, frame.units, history, unit).factors
        assert factor.value == months
