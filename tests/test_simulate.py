"""Simulating a plan's design: the plain designs beside it, what is taken for the truth, the same figures everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from sampler.design import Certainty, Design, Strata
from sampler.errors import InputError, SamplerError, UsageError
from sampler.frame import Frame
from sampler.plan import Plan
from sampler.simulate import DESIGNS, Scenario, _delivered, run, scenario
from sampler.stats.simulation import _SUMS, Tally
from sampler.truth import FAILING, assumed, observed_rates, prior_rates, with_outcomes
from tests.answers import FAIL, PASS, answers
from tests.planning import draw, make_design, make_frame


@pytest.fixture(scope="module")
def plan() -> Plan:
    design = make_design()
    return draw(
        design=replace(design, categories=tuple(replace(c, batches=1) for c in design.categories)),
        teams=False,
    )


def with_priors(plan: Plan) -> pl.DataFrame:
    return assumed(plan.units, prior_rates(plan.units, plan.design, {}), ("category",))


def prepare(
    plan: Plan,
    units: pl.DataFrame | None = None,
    *,
    by: Sequence[tuple[str, ...]] | None = None,
    method: str = "conservative",
    draws: int = 60,
    known: bool = False,
    confidence: float = 0.95,
) -> Scenario:
    return scenario(
        plan,
        with_priors(plan) if units is None else units,
        known=known,
        by=by,
        confidence=confidence,
        method=method,
        seed="7",
        draws=draws,
    )


def test_assumed_rates_are_those_the_plan_was_made_with(plan: Plan) -> None:
    units = with_priors(plan)
    mean = units.group_by("stratum").agg(pl.col(FAILING).mean()).join(plan.strata, on="stratum")
    assert mean.height == plan.strata.height
    assert np.allclose(1 - mean[FAILING], mean["rate"])
    risky = units.group_by("score").agg(pl.col(FAILING).mean()).sort("score")[FAILING].to_list()
    assert risky == sorted(risky)


def test_what_earlier_quarters_taught_comes_before_the_prior(plan: Plan) -> None:
    rates = prior_rates(plan.units, plan.design, {"food": 0.8})
    assert rates == {("food",): 0.8, ("children",): 0.97, ("building",): 0.97}


def test_the_plain_designs(plan: Plan) -> None:
    scene = prepare(plan)
    planned, proportional, random = scene.study.designs
    assert scene.samples == dict.fromkeys(DESIGNS, 90)
    assert scene.strata == {"planned": plan.strata.height, "proportional": 9, "random": 1}
    assert sorted(planned.sizes) == sorted(plan.strata["sample"])
    # Nine districts × categories of twenty units each: ten of ninety tasks for every one.
    assert proportional.sizes.tolist() == [10] * 9
    room = np.bincount(proportional.stratum, scene.study.cells.size)
    assert room.tolist() == [20] * 9
    assert random.sizes.tolist() == [90]
    assert scene.study.cells.size.sum() == 180


def test_certainty_belongs_to_the_plan_alone() -> None:
    design = make_design(certainty=Certainty(blacklisted=True))
    design = replace(design, categories=tuple(replace(c, batches=1) for c in design.categories))
    frame = make_frame(design)
    listed = pl.Series("blacklisted", [i < 8 for i in range(frame.units.height)])
    plan = drawn_from(replace(frame, units=frame.units.with_columns(listed)), design)
    scene = prepare(plan, by=[])
    certain = plan.strata.filter("certainty")
    assert certain.height
    assert (certain["sample"] == certain["population"]).all()
    assert scene.strata["proportional"] == 9
    assert scene.samples["random"] == scene.samples["planned"] == int(plan.strata["sample"].sum())


def drawn_from(frame: Frame, design: Design) -> Plan:
    from sampler.period import Period
    from sampler.plan import make_plan
    from tests.test_plan import WEIGHTS

    return make_plan(frame, design, WEIGHTS, period=Period(2026, 4), seed="s", design_sha256="d" * 64)


def test_tiers_alone_leave_a_plain_design_of_one_stratum() -> None:
    design = make_design(strata=Strata(keys=("tier",)))
    plan = drawn_from(make_frame(design), design)
    scene = prepare(plan)
    assert scene.strata["proportional"] == 1
    assert [d for d in scene.domains if "category" in d] == [{"category": c} for c in ("food", "children", "building")]


def test_domains_follow_the_design_and_add_up(plan: Plan) -> None:
    rows = run(prepare(plan, by=[("district",), ("category",), ("district", "category")]), draws=60, workers=1)
    assert [r.domain for r in rows[:7]] == [
        {},
        *({"district": d} for d in ("440104", "440105", "440118")),
        *({"category": c} for c in ("food", "children", "building")),
    ]
    assert len(rows) == 1 + 3 + 3 + 9
    for family in (rows[1:4], rows[4:7], rows[7:]):
        assert sum(r.population for r in family) == rows[0].population == 180
        for name in DESIGNS:
            assert sum(r.designs[name].sample for r in family) == pytest.approx(90)
    for row in rows:
        for found in row.designs.values():
            assert found.coverage + found.too_low + found.too_high == pytest.approx(1)
            assert found.methods
            assert 0 <= found.half_width <= 0.5


def test_the_design_that_goes_where_the_risk_is_finds_more(plan: Plan) -> None:
    (total,) = run(prepare(plan, by=[], draws=400), draws=400, workers=1)
    planned, proportional, random = (total.designs[d] for d in DESIGNS)
    assert planned.found_per_100 is not None
    assert proportional.found_per_100 is not None
    assert random.found_per_100 == pytest.approx(100 * (1 - total.rate), abs=0.5)
    assert planned.found_per_100 > proportional.found_per_100 + 0.3
    for found in (planned, proportional, random):
        assert found.rmse is not None
        assert found.bias == pytest.approx(0, abs=4 * found.rmse / 20)


def test_the_number_of_workers_changes_nothing(plan: Plan) -> None:
    scene = prepare(plan, draws=110)
    seen: list[int] = []
    one = run(scene, draws=110, workers=1, progress=seen.append)
    two = run(scene, draws=110, workers=2)
    assert [r.to_json() for r in one] == [r.to_json() for r in two]
    assert seen == [50, 50, 10]
    other = run(replace(scene, study=replace(scene.study, seed="8")), draws=110, workers=1)
    assert [r.to_json() for r in one] != [r.to_json() for r in other]


def test_exact_where_affordable(plan: Plan) -> None:
    assert set(prepare(plan, method="auto", draws=1).study.methods) == {"exact"}
    assert "conservative" in prepare(plan, method="auto", draws=10**9).study.methods
    assert set(prepare(plan, method="wilson").study.methods) == {"wilson"}


def outcomes(frame: Frame, values: Sequence[str | None]) -> Frame:
    column = pl.Series("outcome", [values[i % len(values)] for i in range(frame.units.height)], dtype=pl.String)
    return replace(frame, units=frame.units.with_columns(column))


def test_outcomes_of_a_column_are_the_truth() -> None:
    design = make_design()
    frame, missing = with_outcomes(
        outcomes(make_frame(design), ["合格", "不合格", "1", "0", " PASS", "Fail", None, "待检", "1.0"]),
        "outcome",
    )
    assert missing == 2 * 180 // 9
    assert frame.units[FAILING].value_counts().sort(FAILING).rows() == [(0.0, 80), (1.0, 60)]
    plan = drawn_from(frame, design)
    rows = run(prepare(plan, plan.units, known=True, by=[("category",)]), draws=50, workers=1)
    for row in rows:
        part = plan.units.filter(**row.domain) if row.domain else plan.units
        assert row.rate == pytest.approx(1 - part[FAILING].mean())
        assert row.designs["planned"].detection == 1


@pytest.mark.parametrize(
    ("values", "column", "kind", "message"),
    [
        (["合格"], "pass", UsageError, "there is no column 'pass': name it under [columns]"),
        (
            ["合格", "maybe", "maybe", "7"],
            "outcome",
            InputError,
            "135 values that are no outcome: 'maybe', '7'",
        ),
        ([None, "-"], "outcome", InputError, "column 'outcome' has no outcome for any of the 180 units"),
    ],
)
def test_columns_that_are_no_truth(
    values: list[str | None], column: str, kind: type[SamplerError], message: str
) -> None:
    with pytest.raises(kind) as told:
        with_outcomes(outcomes(make_frame(make_design()), values), column)
    assert message in str(told.value)


def test_last_quarter_s_results_are_drawn_towards_each_other(plan: Plan) -> None:
    """Food fails in every second task in Yuexiu and nowhere else."""
    results = answers(
        plan,
        lambda task, _: (
            None
            if task["role"] == "reserve"
            else FAIL
            if task["category"] == "food" and task["district"] == "440104" and int(task["task_id"][-1]) % 2
            else PASS
        ),
    )
    rates = observed_rates(plan, results, plan.units)
    assert len(rates) == 9
    worst = rates["440104", "food"]
    others = [r for cell, r in rates.items() if cell != ("440104", "food")]
    assert worst < 0.75
    assert min(others) > 0.9
    assert max(others) < 1  # nothing failed there, but nine tasks do not make a rate of 100%
    units = assumed(plan.units, rates, ("district", "category"))
    found = units.group_by("district", "category").agg(pl.col(FAILING).mean())
    for district, category, failing in found.iter_rows():
        assert failing == pytest.approx(1 - rates[district, category], abs=0.01)


def test_a_cell_that_had_no_units_takes_its_category_s_rate(plan: Plan) -> None:
    results = answers(plan, lambda task, _: PASS if task["role"] == "task" else None)
    moved = plan.units.with_columns(district=pl.lit("440199"))
    rates = observed_rates(plan, results, moved)
    assert rates == {("440199", c): 1.0 for c in ("building", "children", "food")}
    with pytest.raises(InputError, match="know the category 'toys'"):
        observed_rates(plan, results, plan.units.with_columns(category=pl.lit("toys"), district=pl.lit("x")))


def test_too_few_results_are_not_learned_from(plan: Plan) -> None:
    results = answers(plan, lambda task, _: PASS if task["district"] == "440104" and task["role"] == "task" else None)
    with pytest.raises(InputError, match="only 0 of the districts × categories of 2026Q4 were tested; at least 4"):
        observed_rates(plan, results, plan.units)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"confidence": 1.0}, "confidence"),
        ({"method": "guess"}, "there is no method 'guess'"),
        ({"draws": 0}, "--draws must be at least 1, but got 0"),
        ({"by": [("colour",)]}, "there is no column 'colour' to group by"),
        ({"by": [("ticket",)]}, "there is no column 'ticket' to group by"),
    ],
)
def test_what_cannot_be_simulated(plan: Plan, asked: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as told:
        prepare(plan, **asked)  # type: ignore[arg-type]
    assert message in str(told.value)


def test_an_identifier_is_no_domain(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sampler.simulate.MOST_DOMAINS", 20)
    with pytest.raises(UsageError, match="code"):
        prepare(plan, by=[("code",)])


def test_the_spread_of_half_widths_is_half_that_of_widths() -> None:
    # Two draws, intervals 0.2 and 0.4 wide: widths spread by 0.1 about 0.3, half-widths by 0.05 about 0.15.
    sums = {name: np.array([[1.0]]) for name in _SUMS}
    tally = Tally(draws=2, methods=((frozenset({"exact"}),),), **sums | {
        "width": np.array([[0.6]]), "squared_width": np.array([[0.2**2 + 0.4**2]]),
    })  # fmt: skip
    found = _delivered(tally, 0, 0)
    assert (found.half_width, found.half_width_sd) == (pytest.approx(0.15), pytest.approx(0.05))
