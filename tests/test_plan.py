"""The plan: its laws, and what it does at the edges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.assignment import Inspector
from sampler.design import Campaign, Certainty, Design, RiskWeights, Sample, Strata, Tier, Weight
from sampler.errors import InfeasibleError, InputError
from sampler.frame import Frame
from sampler.history import NO_HISTORY, History
from sampler.period import Period
from sampler.plan import Plan, make_plan
from sampler.selection import SELECTION
from sampler.stats.tickets import ticket
from tests.planning import batch_ids, make_design, make_frame

Q4 = Period(2026, 4)
WEIGHTS = RiskWeights(
    schema_version=1,
    weights=(Weight(field="complaints", at_least=3.0, weight=2.5, source="test", date=dt.date(2026, 1, 1)),),
)


def plan_of(
    frame: Frame,
    design: Design,
    *,
    seed: str = "s",
    history: History = NO_HISTORY,
    weights: RiskWeights = WEIGHTS,
) -> Plan:
    return make_plan(frame, design, weights, period=Q4, seed=seed, design_sha256="d" * 64, history=history)


def one_batch(design: Design | None = None, **sample: object) -> Design:
    """The fixture's design with one batch a unit, so that batches are tasks."""
    design = design or make_design()
    single = tuple(replace(c, batches=1) for c in design.categories)
    return replace(design, categories=single, sample=replace(design.sample, **{"budget": 90, **sample}))  # type: ignore[arg-type]


def changed(frame: Frame, *columns: pl.Expr | pl.Series) -> Frame:
    return replace(frame, units=frame.units.with_columns(*columns))


designs = st.builds(
    one_batch,
    budget=st.integers(18, 200),
    rule=st.sampled_from(["risk", "neyman", "proportional", "power", "equal"]),
    reserves=st.sampled_from([0.0, 0.5, 1.0]),
)


@given(designs, st.integers(1, 25), st.integers(0, 3))
@settings(deadline=None, max_examples=25)
def test_laws(design: Design, units: int, seed: int) -> None:
    frame = make_frame(design, units, seed=seed)
    plan = plan_of(frame, design, seed=str(seed))
    strata = plan.strata

    assert strata["population"].sum() == frame.size
    assert (strata["sample"] <= strata["population"]).all()
    assert (strata["sample"] >= strata["lower"]).all()
    assert strata["sample"].sum() == min(design.sample.budget, frame.size)
    assert (strata["sample"] + strata["reserves"] <= strata["population"]).all()
    assert strata["stratum"].is_sorted()

    # Every stratum's lowest tickets are its sample, the next its reserves; nothing else is random.
    for row in strata.iter_rows(named=True):
        inside = plan.units.filter(pl.col("stratum") == row["stratum"]).sort("ticket")
        chosen = plan.selection.filter(pl.col("stratum") == row["stratum"]).sort("rank")
        n, r = row["sample"], row["reserves"]
        assert chosen["unit_id"].to_list() == inside["unit_id"].to_list()[: n + r]
        assert chosen["role"].to_list() == ["task"] * n + ["reserve"] * r
        assert chosen["probability"].unique().to_list() in ([], [n / row["population"]])
    assert plan.selection.columns == list(SELECTION)
    assert plan.selection["task_id"].is_unique().all()

    # Weighted up, the tasks count the population again.
    total = (plan.tasks["weight"]).sum()
    assert total == pytest.approx(frame.size)


@given(st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=10)
def test_row_order_changes_nothing(random: object) -> None:
    design = one_batch()
    frame = make_frame(design)
    order = list(range(frame.size))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = replace(frame, units=frame.units[order].sort("unit_id"))
    one, other = plan_of(frame, design), plan_of(shuffled, design)
    assert one.selection.equals(other.selection)
    assert one.id == other.id


def test_a_ticket_is_the_hash_of_seed_and_unit() -> None:
    plan = plan_of(make_frame(one_batch()), one_batch(), seed="公开")
    for unit, drawn in plan.selection.select("unit_id", "ticket").iter_rows():
        assert drawn == ticket("公开", unit)


def test_a_bigger_budget_contains_the_smaller() -> None:
    frame = make_frame(one_batch())
    small = plan_of(frame, one_batch(budget=60)).tasks["unit_id"].to_list()
    large = plan_of(frame, one_batch(budget=61)).tasks["unit_id"].to_list()
    assert set(small) < set(large)


def test_another_seed_is_another_draw_of_the_same_sizes() -> None:
    frame = make_frame(one_batch())
    one, other = plan_of(frame, one_batch(), seed="1"), plan_of(frame, one_batch(), seed="2")
    assert one.strata.equals(other.strata)
    assert set(one.tasks["unit_id"]) != set(other.tasks["unit_id"])
    assert one.id != other.id


def test_every_cell_has_a_task() -> None:
    design = one_batch(floor_stratum=0, floor_cell=1, budget=9)
    plan = plan_of(make_frame(design), design)
    assert plan.tasks.group_by("district", "category").len().height == 9


def test_the_floor_of_a_cell_goes_where_the_rule_would_put_it() -> None:
    design = one_batch(floor_stratum=0, floor_cell=1, budget=9)
    plan = plan_of(make_frame(design), design)
    for _, part in plan.strata.group_by("district", "category"):
        weight = part["population"] * part["score"]
        assert part["sample"][int(weight.arg_max() or 0)] == 1


def test_a_budget_below_the_floors_says_the_smallest_that_works() -> None:
    frame = make_frame(one_batch())
    with pytest.raises(InfeasibleError, match="--budget 18") as caught:
        plan_of(frame, one_batch(budget=17))
    assert caught.value.exit_code == 4
    assert plan_of(frame, one_batch(budget=18)).tasks.height == 18


def test_a_budget_beyond_the_frame_is_a_census() -> None:
    design = one_batch(budget=10_000)
    plan = plan_of(make_frame(design, 3), design)
    assert plan.tasks.height == 27
    assert set(plan.strata["bound"]) == {"all"}
    assert set(plan.strata["reserves"]) == {0}


def test_batches_of_several_use_up_the_budget() -> None:
    design = make_design(sample=Sample(budget=100))  # children's goods take two batches
    plan = plan_of(make_frame(design), design)
    assert int(plan.tasks["batches"].sum()) in (99, 100)
    assert batch_ids("T", 1) == ("T",)
    assert batch_ids("T", 2) == ("T-1", "T-2")


def test_blacklisted_units_are_certain_and_count_once() -> None:
    frame = make_frame(one_batch())
    bad = frame.units["unit_id"].to_list()[:4]
    frame = changed(frame, pl.col("unit_id").is_in(bad).alias("blacklisted"))
    plan = plan_of(frame, one_batch())
    certain = plan.tasks.filter(pl.col("certainty").is_not_null())
    assert sorted(certain["unit_id"]) == sorted(bad)
    assert set(certain["certainty"]) == {"blacklisted"}
    assert set(certain["weight"]) == {1.0}
    assert set(certain["tier"]) == {None}
    assert plan.strata.filter("certainty")["sample"].sum() == 4
    assert plan.tasks.height == 90


def test_certainty_can_be_switched_off() -> None:
    frame = changed(make_frame(one_batch()), pl.lit(True).alias("blacklisted"))
    design = replace(one_batch(), certainty=Certainty(blacklisted=False))
    assert plan_of(frame, design).strata["certainty"].sum() == 0


def test_more_certain_units_than_the_budget_is_infeasible() -> None:
    frame = changed(make_frame(one_batch()), pl.lit(True).alias("blacklisted"))
    with pytest.raises(InfeasibleError, match="180 are certain"):
        plan_of(frame, one_batch(budget=90))


@pytest.mark.parametrize(
    ("day", "rests"),
    [
        ("2026-04-01", False),
        ("2026-04-02", True),
        ("2026-03-31", False),
        ("2026-09-30", True),
        ("2026-10-05", True),
        ("2052-06-01", False),  # a slip of the pen
    ],
)
def test_the_six_month_lock_counts_to_the_period_s_first_day(day: str, rests: bool) -> None:
    frame = make_frame(one_batch(), 4)
    unit = frame.units["unit_id"][0]
    date = pl.when(pl.col("unit_id") == unit).then(pl.lit(dt.date.fromisoformat(day))).alias("last_inspected")
    plan = plan_of(changed(frame, date), one_batch())
    assert (unit in set(plan.set_aside["unit_id"])) == rests
    assert plan.units.height + plan.set_aside.height == frame.size


def test_a_follow_up_is_certain_and_exempt_from_the_lock() -> None:
    frame = make_frame(one_batch(), 4)
    unit = frame.units["unit_id"][0]
    history = History(follow_ups={unit: "2026Q3-440104-0001"}, inspected={unit: dt.date(2026, 9, 1)})
    plan = plan_of(frame, one_batch(), history=history)
    assert plan.tasks.filter(pl.col("unit_id") == unit)["certainty"].to_list() == ["follow_up"]


def test_earlier_plans_lock_as_the_registry_does() -> None:
    frame = make_frame(one_batch(), 4)
    unit = frame.units["unit_id"][0]
    plan = plan_of(frame, one_batch(), history=History(inspected={unit: dt.date(2026, 9, 1)}))
    assert plan.set_aside.select("unit_id", "reason").rows() == [(unit, "rest")]


def test_a_campaign_restricts_the_draw() -> None:
    design = replace(one_batch(), campaign=Campaign(categories=("food",), districts=("440104", "440105")))
    plan = plan_of(make_frame(design), design)
    assert set(plan.tasks["category"]) == {"food"}
    assert set(plan.tasks["district"]) == {"440104", "440105"}
    assert set(plan.set_aside["reason"]) == {"campaign"}


def test_nothing_left_to_draw_says_why() -> None:
    frame = changed(make_frame(one_batch(), 2), pl.lit(dt.date(2026, 9, 1)).alias("last_inspected"))
    with pytest.raises(InputError, match="18 in the frame, 18 checked within the rest period"):
        plan_of(frame, one_batch())


def test_strata_without_tiers_or_districts() -> None:
    design = replace(one_batch(), strata=Strata(keys=("category",)), tiers=())
    plan = plan_of(make_frame(design), design)
    assert plan.strata["stratum"].to_list() == ["building", "children", "food"]


def test_a_missing_value_is_a_stratum_of_its_own() -> None:
    design = replace(one_batch(), strata=Strata(keys=("category", "stage")))
    frame = changed(make_frame(design), pl.lit(None, dtype=pl.String).alias("stage"))
    assert plan_of(frame, design).strata["stratum"].to_list() == ["building|-", "children|-", "food|-"]


def tiers(*bounds: float) -> tuple[Tier, ...]:
    return tuple(Tier(key=f"t{i}", name=f"档{i}", name_en=f"tier {i}", at_least=b) for i, b in enumerate(bounds))


def with_scores(design: Design, scores: Sequence[int]) -> Plan:
    """A plan of one cell whose units have these numbers of complaints, each its own score."""
    design = replace(design, districts=design.districts[:1], categories=design.categories[:1])
    frame = make_frame(design, len(scores))
    frame = changed(frame, pl.Series("complaints", scores, dtype=pl.Int64))
    lines = tuple(
        Weight(field="complaints", at_least=float(n), weight=float(n), source="test", date=dt.date(2026, 1, 1))
        for n in sorted({s for s in scores if s > 0})
    )
    return plan_of(frame, design, weights=RiskWeights(schema_version=1, weights=lines))


def test_a_small_tier_joins_its_smaller_neighbour() -> None:
    design = replace(one_batch(), tiers=tiers(0, 2, 3, 4), strata=Strata(smallest=5))
    plan = with_scores(design, [1] * 6 + [2] * 2 + [3] * 5 + [4] * 9)
    assert plan.strata.select("tier", "population").rows() == [("t0", 6), ("t1+t2", 7), ("t3", 9)]
    assert [(m.tiers, m.population, m.reason) for m in plan.mergers] == [(("t1", "t2"), 7, "size")]


def test_tiers_merge_before_a_budget_is_refused() -> None:
    design = replace(one_batch(budget=3), tiers=tiers(0, 2), strata=Strata(smallest=1))
    plan = with_scores(design, [1] * 6 + [2] * 6)
    assert plan.strata.select("tier", "sample").rows() == [("t0+t1", 3)]
    assert [m.reason for m in plan.mergers] == ["budget"]


def test_risk_draws_more_where_the_score_is_higher() -> None:
    design = replace(one_batch(budget=20), tiers=tiers(0, 4), strata=Strata(smallest=1))
    rows = with_scores(design, [1] * 40 + [4] * 40).strata.select("tier", "sample").rows()
    assert rows == [("t0", 4), ("t1", 16)]


def test_labels_for_the_field_do_not_follow_the_order_of_strata() -> None:
    """A label by rank of the stratum's id would tell high risk from low."""
    design = one_batch()
    orders = set()
    for seed in range(20):
        plan = plan_of(make_frame(design), design, seed=str(seed))
        labels = plan.selection.unique("stratum").sort("stratum")["group"].to_list()
        orders.add(tuple(np.argsort(labels).tolist()))
    assert len(orders) == 20


def test_one_enterprise_is_one_visit() -> None:
    design = one_batch(budget=10_000)
    frame = make_frame(design, 6)
    frame = changed(frame, pl.col("unit_id").rank("dense").mod(5).cast(pl.String).alias("enterprise"))
    tasks = plan_of(frame, design).tasks
    visits = tasks.group_by("visit").agg(pl.col("enterprise").n_unique(), pl.col("district").n_unique())
    assert set(visits["enterprise"]) == set(visits["district"]) == {1}
    assert visits.height == tasks.select("district", "enterprise").n_unique()
    # The tasks of a visit stand together in the district's list.
    for _, part in tasks.group_by("district"):
        assert part.sort("task_id")["visit"].rle().len() == part["visit"].n_unique()


def test_routes_keep_a_street_together() -> None:
    tasks = plan_of(make_frame(one_batch()), one_batch())
    places = tasks.tasks.join(tasks.units.select("unit_id", "office"), on="unit_id")
    for _, part in places.group_by("district"):
        assert part.sort("task_id")["office"].rle().len() == part["office"].n_unique()


def test_a_frame_without_districts_has_one_list() -> None:
    design = replace(one_batch(), districts=(), strata=Strata(keys=("category", "tier")))
    frame = changed(make_frame(one_batch()), pl.lit(None, dtype=pl.String).alias("district"))
    plan = plan_of(frame, design)
    assert plan.tasks["task_id"].str.starts_with("2026Q4-ALL-").all()


def test_nobody_is_sent_who_is_on_leave_to_the_deadline_or_whose_certificate_ends_before_the_quarter() -> None:
    deadline = dt.date(2026, 11, 30)
    away = Inspector("away", "甲", leave=((Q4.start, deadline),))
    lapsing = Inspector("lapsing", "乙", valid_until=dt.date(2026, 12, 15))
    back = Inspector("back", "丙", leave=((Q4.start, deadline - dt.timedelta(days=1)),))
    people = [away, lapsing, back, *(Inspector(str(i), f"丁{i}") for i in range(2))]
    design = one_batch()
    plan = make_plan(
        make_frame(design), design, WEIGHTS, period=Q4, seed="s", design_sha256="d" * 64, inspectors=people
    )
    assert plan.deadline == deadline
    assert {i for team in plan.teams.values() for i in team} == {"back", "0", "1"}


def test_the_deadline_stays_in_the_period() -> None:
    plan = plan_of(make_frame(one_batch()), one_batch())
    assert plan.deadline == dt.date(2026, 11, 30)
    late = replace(plan.design, fieldwork=replace(plan.design.fieldwork, deadline_days=365))
    assert replace(plan, design=late).deadline == dt.date(2026, 12, 31)
