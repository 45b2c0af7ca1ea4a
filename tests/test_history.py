"""What earlier quarters say about the next one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.design import Caps, Learning, RiskWeights, Weight
from sampler.history import NO_HISTORY, History, Quarter, assumed_rates, history_of, last_reported
from sampler.period import Period
from sampler.plan import Plan, make_plan
from tests.answers import CLEARED, FAIL, PASS, PENDING, answers, unsampled
from tests.planning import draw, make_design, make_frame

LAST, NEXT = Period(2026, 4), Period(2027, 1)
WEIGHTS = RiskWeights(
    schema_version=1,
    weights=(
        Weight(field="failures", at_least=1.0, weight=4.0, source="test", date=dt.date(2026, 1, 1)),
        Weight(
            field="months_since_inspection",
            at_least=12.0,
            weight=3.0,
            source="test",
            date=dt.date(2026, 1, 1),
        ),
    ),
)


def quarter(plan: Plan, said: Mapping[str, Mapping[str, Any]], period: Period = LAST) -> Quarter:
    """A quarter in which these replies came back, by unit id."""
    results = answers(plan, lambda task, _: said.get(task["unit_id"]))
    return Quarter(period, plan.selection, plan.teams, results.batches)


def again(history: History, **design: Any) -> Plan:
    """The next quarter's plan from the same frame."""
    made = make_design(sample=replace(make_design().sample, budget=90), **design)
    return make_plan(make_frame(made), made, WEIGHTS, period=NEXT, seed="s", design_sha256="51ab" * 16, history=history)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw()


@pytest.fixture
def units(plan: Plan) -> list[str]:
    """Units with one batch, each of an enterprise of its own."""
    return plan.tasks.filter(pl.col("category") == "food")["unit_id"].to_list()


def test_a_failure_is_followed_up_with_certainty(plan: Plan, units: list[str]) -> None:
    history = history_of([quarter(plan, {units[0]: FAIL, units[1]: PASS, units[2]: CLEARED})], NEXT, plan.design)
    task = plan.tasks.filter(pl.col("unit_id") == units[0])["task_id"].item()
    assert history.follow_ups == {units[0]: task}
    assert history.failures == {units[0]: 1}
    drawn = again(history).tasks.filter(pl.col("unit_id") == units[0])
    assert drawn["certainty"].to_list() == ["follow_up"]
    assert drawn["probability"].to_list() == [1.0]


@pytest.mark.parametrize(
    ("later", "open_"),
    [
        (PASS, False),
        (FAIL, True),
        (unsampled("closed"), True),
        (unsampled("refused"), True),
        (PENDING, True),
    ],
)
def test_a_failure_is_followed_up_until_it_passes(
    plan: Plan, units: list[str], later: Mapping[str, Any], open_: bool
) -> None:
    quarters = [
        quarter(plan, {units[0]: later}, Period(2026, 4)),
        quarter(plan, {units[0]: FAIL}, Period(2026, 2)),
    ]
    history = history_of(quarters, NEXT, plan.design)
    assert (units[0] in history.follow_ups) is open_
    assert history.failures[units[0]] == (2 if later is FAIL else 1)


def of_batches(plan: Plan, period: Period, said: Mapping[str, tuple[Mapping[str, Any] | None, ...]]) -> Quarter:
    """A quarter with an answer for every batch of some units; None: nothing came back for it."""
    results = answers(plan, lambda task, number: said[task["unit_id"]][number] if task["unit_id"] in said else None)
    return Quarter(period, plan.selection, plan.teams, results.batches)


@pytest.mark.parametrize(
    ("first", "later", "open_"),
    [
        ((FAIL, FAIL), (PASS, PENDING), True),  # one batch passed, the other is still at the laboratory
        ((FAIL, FAIL), (PASS, None), True),
        ((FAIL, FAIL), (PASS, PASS), False),
        ((FAIL, FAIL), (PASS, unsampled("no_stock")), False),  # nothing more will come
        ((FAIL, FAIL), (unsampled("closed"), unsampled("closed")), True),
        ((PASS, PASS), (FAIL, PENDING), True),  # a failure counts at once
        ((PASS, PASS), (PASS, PENDING), False),
        ((FAIL, PENDING), (PASS, PASS), False),
    ],
)
def test_a_unit_is_cleared_once_nothing_of_it_is_awaited_and_fails_at_once(
    plan: Plan,
    first: tuple[Mapping[str, Any] | None, ...],
    later: tuple[Mapping[str, Any] | None, ...],
    open_: bool,
) -> None:
    unit, task = plan.tasks.filter(pl.col("batches") == 2).select("unit_id", "task_id").row(0)
    quarters = [of_batches(plan, Period(2026, 3), {unit: first}), of_batches(plan, LAST, {unit: later})]
    history = history_of(quarters, NEXT, plan.design)
    assert history.follow_ups == ({unit: task} if open_ else {})
    assert history.failures == ({unit: 1} if FAIL in first + later else {})


def test_rates_are_learned_from_units_of_which_nothing_is_awaited(plan: Plan) -> None:
    units = plan.tasks.filter((pl.col("batches") == 2) & (pl.col("certainty").is_null()))["unit_id"].to_list()
    whole = of_batches(plan, LAST, dict.fromkeys(units[2:], (PASS, PASS)) | {units[0]: (FAIL, PASS)})
    half = of_batches(
        plan, LAST, dict.fromkeys(units[2:], (PASS, PASS)) | {units[0]: (FAIL, PASS), units[1]: (PASS, PENDING)}
    )
    assert assumed_rates([half], plan.design) == assumed_rates([whole], plan.design)


def test_six_months_from_the_last_day_a_batch_was_taken(plan: Plan, units: list[str]) -> None:
    said: dict[str, Mapping[str, Any]] = {
        units[0]: PASS | {"sampled_on": dt.date(2026, 7, 1)},
        units[1]: PASS | {"sampled_on": dt.date(2026, 7, 2)},
        units[2]: PASS | {"sampled_on": None},  # not known: the period's last day, so that the rest is never cut short
        units[3]: PASS | {"sampled_on": dt.date(2062, 7, 2)},  # a slip of the pen
        units[4]: unsampled("no_stock") | {"sampled_on": dt.date(2026, 9, 1)},
        units[5]: PENDING | {"sampled_on": dt.date(2026, 8, 8), "sheet_no": "7"},
    }
    history = history_of([quarter(plan, said, Period(2026, 3))], NEXT, plan.design)
    assert [history.inspected.get(u) for u in units[:6]] == [
        dt.date(2026, 7, 1),
        dt.date(2026, 7, 2),
        dt.date(2026, 9, 30),
        dt.date(2026, 9, 30),
        None,
        dt.date(2026, 8, 8),
    ]
    aside = dict(again(history).set_aside.select("unit_id", "reason").iter_rows())
    assert aside == {units[1]: "rest", units[2]: "rest", units[3]: "rest", units[5]: "rest"}


def test_a_failure_is_followed_up_although_it_rests(plan: Plan, units: list[str]) -> None:
    recent = FAIL | {"sampled_on": dt.date(2026, 12, 20)}
    history = history_of([quarter(plan, {units[0]: recent})], NEXT, plan.design)
    assert units[0] in again(history).tasks["unit_id"].to_list()


def test_visits_are_counted_within_the_year_and_capped(plan: Plan, units: list[str]) -> None:
    old = {"sampled_on": dt.date(2026, 1, 2)}
    quarters = [quarter(plan, {units[0]: PASS | old, units[1]: FAIL | old}, Period(2026, q)) for q in (1, 2)]
    quarters.append(quarter(plan, {units[2]: PASS | old}, Period(2025, 4)))
    period = Period(2026, 4)
    history = history_of(quarters, period, plan.design)
    firms = [u.partition("|")[0] for u in units]
    assert history.visits == {firms[0]: 2, firms[1]: 2}
    design = make_design(caps=Caps(visits_per_year=2), rest=replace(plan.design.rest, months=0))
    made = make_plan(make_frame(design), design, WEIGHTS, period=period, seed="s", design_sha256="x", history=history)
    # A failure that is to be followed up is exempt.
    assert made.set_aside.select("unit_id", "reason").rows() == [(units[0], "cap")]
    assert units[1] in made.tasks["unit_id"].to_list()


def test_the_last_team_is_that_of_the_last_visit_something_came_back_from(plan: Plan, units: list[str]) -> None:
    visits = dict(plan.tasks.select("unit_id", "visit").iter_rows())
    others = dict.fromkeys(plan.teams, ("I97", "I98"))
    earlier = quarter(plan, {units[0]: PASS, units[1]: PASS}, Period(2026, 2))
    later = replace(quarter(plan, {units[0]: unsampled("closed")}, Period(2026, 3)), teams=others)
    history = history_of([later, earlier], NEXT, plan.design)
    assert history.teams == {
        units[0].partition("|")[0]: frozenset({"I97", "I98"}),
        units[1].partition("|")[0]: frozenset(plan.teams[visits[units[1]]]),
    }


def test_the_last_team_outlives_a_quarter_without_inspectors(plan: Plan, units: list[str]) -> None:
    earlier = quarter(plan, {units[0]: PASS}, Period(2026, 2))
    later = replace(quarter(plan, {units[0]: PASS}, Period(2026, 3)), teams={})
    known = history_of([earlier], NEXT, plan.design).teams
    assert known
    assert history_of([earlier, later], NEXT, plan.design).teams == known


def test_risk_takes_the_larger_count_of_failures_and_the_later_check(plan: Plan) -> None:
    frame = make_frame(plan.design)
    one, other = frame.units["unit_id"].to_list()[:2]
    history = History(failures={one: 1}, inspected={other: dt.date(2026, 5, 1)})
    scores = dict(again(history).units.select("unit_id", "score").iter_rows())
    untouched = dict(again(NO_HISTORY).units.select("unit_id", "score").iter_rows())
    assert scores[one] == untouched[one] * 4
    assert scores[other] == untouched[other] / 3  # no longer a year without a check
    assert all(scores[u] == untouched[u] for u in scores if u not in (one, other))


def test_assumed_rates_by_hand(plan: Plan) -> None:
    # Two strata of one category: 20 units, 4 tested, 1 failed; 20 units, 2 tested, none failed. Prior 0.9, worth 10 tests.
    selection = pl.DataFrame(
        {
            "task_id": [f"t{i}" for i in range(6)],
            "unit_id": [f"u{i}" for i in range(6)],
            "role": ["task"] * 6,
            "batches": [1] * 6,
            "category": ["food"] * 6,
            "stratum": ["a"] * 4 + ["b"] * 2,
            "weight": [5.0] * 4 + [10.0] * 2,
        }
    )
    batches = pl.DataFrame(
        {
            "task_id": [f"t{i}" for i in range(6)],
            "state": ["tested"] * 6,
            "final": ["fail", *["pass"] * 5],
        }
        | {name: [None] * 6 for name in ("sampled_on", "sheet_no", "sample_name", "quantity")}
    )
    food = replace(plan.design.categories[0], prior=0.9)
    design = replace(plan.design, categories=(food,), history=Learning(prior_size=10.0))
    worth = 40**2 / (4 * 25 + 2 * 100)
    expected = (10 * 0.9 + worth * 35 / 40) / (10 + worth)
    found = assumed_rates([Quarter(Period(2026, 4), selection, {}, batches)], design)
    assert found == {"food": pytest.approx(expected, rel=1e-14)}
    assert assumed_rates([], design) == {}


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.floats(1, 1e4))
def test_assumed_rates_lie_between_prior_and_result(random: Any, size: float) -> None:
    plan = draw()
    said = {u: random.choice((FAIL, PASS, PASS)) for u in plan.tasks["unit_id"]}
    design = replace(plan.design, history=Learning(prior_size=size))
    plain = assumed_rates([quarter(plan, said)], replace(design, history=Learning(prior_size=1e-9)))
    for category, rate in assumed_rates([quarter(plan, said)], design).items():
        prior = next(c.prior for c in design.categories if c.key == category)
        low, high = sorted((prior, plain[category]))
        assert low - 1e-9 <= rate <= high + 1e-9
        assert 0 < rate < 1


def test_rates_bear_on_the_next_plan_and_only_recent_ones(plan: Plan, units: list[str]) -> None:
    said = dict.fromkeys(plan.tasks.filter(pl.col("category") == "food")["unit_id"], FAIL)
    history = history_of([quarter(plan, said)], NEXT, plan.design)
    assert history.rates["food"] < 0.97
    rates = again(replace(NO_HISTORY, rates=history.rates)).strata.filter(pl.col("category") == "food")["rate"]
    assert rates.mean() == pytest.approx(history.rates["food"], abs=0.02)
    old = history_of([quarter(plan, said, Period(2025, 4))], NEXT, plan.design)
    assert old.rates == {}
    assert len(old.follow_ups) == len(said)


def test_facts_follow_a_changed_id_and_drop_what_is_gone(plan: Plan, units: list[str]) -> None:
    old = units[0].partition("|")[0]
    history = history_of([quarter(plan, {units[0]: FAIL, units[1]: FAIL})], NEXT, plan.design, renamed={old: "NEW"})
    assert history.follow_ups.keys() == {"NEW|food", units[1]}
    kept = history.within(["NEW|food"], ["NEW"])
    assert kept.follow_ups.keys() == kept.failures.keys() == kept.inspected.keys() == {"NEW|food"}
    assert kept.teams.keys() == {"NEW"}
    assert kept.renamed == {old: "NEW"}
    assert kept.quarters == ("2026Q4",)


def test_coverage_counts_units_sampled_in_so_many_quarters() -> None:
    history = History(
        inspected={
            "a": dt.date(2026, 1, 1),
            "b": dt.date(2025, 12, 31),
            "c": dt.date(2024, 1, 1),
            "x": dt.date(2026, 5, 5),
        }
    )
    assert history.coverage(["a", "b", "c", "d"], NEXT, 4) == 0.25
    assert history.coverage(["a", "b", "c", "d"], NEXT, 12) == 0.75
    assert history.coverage([], NEXT, 4) == 0.0


def test_the_present_and_later_quarters_are_no_history(plan: Plan, units: list[str]) -> None:
    assert history_of([quarter(plan, {units[0]: FAIL}, NEXT)], NEXT, plan.design) == NO_HISTORY


def test_the_order_of_quarters_and_rows_changes_nothing(plan: Plan, units: list[str]) -> None:
    quarters = [quarter(plan, {u: (FAIL, PASS)[i % 2] for i, u in enumerate(units)}, Period(2026, q)) for q in (2, 3)]
    shuffled = [replace(q, selection=q.selection.reverse(), batches=q.batches.reverse()) for q in reversed(quarters)]
    assert history_of(quarters, NEXT, plan.design) == history_of(shuffled, NEXT, plan.design)


def test_what_was_last_reported_of_a_unit_counts(plan: Plan, units: list[str]) -> None:
    a, b, c, d, e, f = units[:6]
    closed, moved = unsampled("closed"), unsampled("moved")
    before = quarter(plan, {a: closed, b: closed, c: closed, d: unsampled("export_only")}, Period(2026, 3))
    # Tested, found again, taken though its result is awaited; nothing heard; refused and out of stock are no corrections.
    now = quarter(
        plan,
        {a: PASS, b: moved, c: PENDING, e: unsampled("refused"), f: unsampled("no_stock")},
    )
    found = last_reported([before, now])
    assert {unit: (r.reason, r.period) for unit, r in found.items()} == {
        b: ("moved", LAST),
        d: ("export_only", Period(2026, 3)),
    }
    tasks = dict(plan.tasks.select("unit_id", "task_id").iter_rows())
    assert found[b].task_id == tasks[b]
    # A line on which only a remark was written tells nothing.
    remark = {"state": "pending", "note": "明天再去", "sampled_on": None}
    assert last_reported([before, quarter(plan, {d: remark})]).keys() == {a, b, c, d}
    former = d.partition("|")[0]
    assert f"NEW|{d.partition('|')[2]}" in last_reported([before], renamed={former: "NEW"})
