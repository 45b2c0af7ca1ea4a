"""What is left to be done: every unit that is awaited or refused, and every one that the registry should not list."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.estimate import Estimates, estimate_plan, what_returned
from sampler.files.report_book import write_book
from sampler.files.report_page import page
from sampler.files.styles import UNIT_MM
from sampler.open_work import OPEN_STATES
from sampler.outcomes import unit_outcomes
from sampler.plan import Plan
from tests.answers import PASS, PENDING, answers, mixed, unsampled
from tests.planning import INSPECTORS, draw


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12)


@pytest.fixture(scope="module")
def estimates(plan: Plan) -> Estimates:
    return estimate_plan(plan, mixed(plan), people=INSPECTORS)


def test_every_drawn_unit_that_is_not_settled_is_listed(plan: Plan, estimates: Estimates) -> None:
    outcomes = unit_outcomes(plan, mixed(plan))
    work, done = estimates.work, estimates.completion
    assert done is not None
    assert work.counts() == {state: getattr(done, state) for state in OPEN_STATES}
    assert {u.task_id for u in work.units} == set(outcomes.filter(pl.col("state").is_in(OPEN_STATES))["task_id"])
    assert sum(u.awaited for u in work.units) == done.batches["pending"] + done.batches["not_reached"]
    assert [(u.district, u.task_id) for u in work.units] == sorted((u.district, u.task_id) for u in work.units)
    names = {row["unit_id"]: row["name"] for row in plan.units.iter_rows(named=True)}
    visits = dict(plan.selection.select("task_id", "visit").iter_rows())
    for unit in work.units:
        assert unit.enterprise == names[unit.unit_id]
        assert list(unit.team) == [INSPECTORS[i] for i in plan.teams.get(visits[unit.task_id], ())]
        assert unit.reasons == (("refused",) if unit.state == "refused" else ())


def test_what_is_out_of_scope_is_for_the_registry(plan: Plan, estimates: Estimates) -> None:
    assert estimates.completion is not None
    assert len(estimates.work.corrections) == estimates.completion.out_of_scope > 0
    assert {u.reasons for u in estimates.work.corrections} == {("closed",)}
    moved = plan.tasks["unit_id"][0]
    said = unsampled("moved") | {"note": "新址不详"}
    results = answers(plan, lambda t, _: said if t["unit_id"] == moved else PASS if t["role"] == "task" else None)
    (only,) = estimate_plan(plan, results).work.corrections
    assert (only.unit_id, only.reasons, only.note) == (moved, ("moved",), "新址不详")


def test_a_reserve_goes_with_the_team_of_the_task_it_stands_in_for(plan: Plan) -> None:
    task = plan.tasks.row(0, named=True)
    reserve = plan.selection.filter(role="reserve", stratum=task["stratum"])["task_id"][0]
    used = PENDING | {"replaces": task["task_id"]}
    results = answers(plan, lambda t, _: used if t["task_id"] == reserve else PASS if t["role"] == "task" else None)
    (only,) = estimate_plan(plan, results, people=INSPECTORS).work.units
    assert (only.task_id, only.state) == (reserve, "pending")
    assert list(only.team) == [INSPECTORS[i] for i in plan.teams[task["visit"]]]


def test_it_is_listed_before_anything_was_tested(plan: Plan) -> None:
    results = answers(plan, lambda t, _: unsampled("refused") if t["task_id"] == plan.tasks["task_id"][0] else None)
    told = what_returned(plan, results, people=INSPECTORS).to_json()
    assert isinstance(told["open"], list)
    assert len(told["open"]) == plan.tasks.height
    assert [u["task_id"] for u in told["open"] if u["state"] == "refused"] == [plan.tasks["task_id"][0]]
    assert told["corrections"] == []


def test_the_workbook_lists_both(estimates: Estimates, tmp_path: Path) -> None:
    write_book(tmp_path / "report.xlsx", estimates, "zh")
    made = load_workbook(tmp_path / "report.xlsx")
    for name, units in (("未了结", estimates.work.units), ("登记表待更正", estimates.work.corrections)):
        header, *rows = made[name].iter_rows(min_row=4, values_only=True)
        assert [row[0] for row in rows] == [unit.task_id for unit in units]
        across = sum(d.width for d in made[name].column_dimensions.values()) * UNIT_MM
        assert 10.5 * 287 / across >= 9
        assert {"任务编号", "企业", "区"} <= set(header)
    first = dict(zip(*made["未了结"].iter_rows(min_row=4, max_row=5, values_only=True), strict=True))
    unit = estimates.work.units[0]
    assert first["检查人员"] == "、".join(unit.team)
    assert first["待定批次"] == unit.awaited
    assert first["状态"] in ("未到", "待检", "拒检")
    assert {row[4] for row in made["登记表待更正"].iter_rows(min_row=5, values_only=True)} == {"停业"}


def test_the_page_lists_both(estimates: Estimates) -> None:
    said = page(estimates, "en")
    for unit in (*estimates.work.units, *estimates.work.corrections):
        assert f'<th scope="row">{unit.task_id}</th>' in said
    assert f"Tasks not reached, pending or refused: {len(estimates.work.units)}." in said
    assert f"Units found out of scope: {len(estimates.work.corrections)}." in said
