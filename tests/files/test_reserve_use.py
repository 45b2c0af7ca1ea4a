"""Reserves that were used: by the rules no issue, against them one that says which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sampler.plan import Plan
from tests.files.fieldwork import CLOSED, PASS, fill
from tests.files.returning import answer, codes, read


def groups(plan: Plan) -> dict[str, tuple[list[str], list[str]]]:
    """Group → its tasks and its reserves of one batch, in order, in Yuexiu."""
    chosen = plan.selection.filter((pl.col("district") == "440104") & (pl.col("batches") == 1)).sort("rank")
    found: dict[str, tuple[list[str], list[str]]] = {}
    for group, role, task in chosen.select("group", "role", "task_id").iter_rows():
        found.setdefault(group, ([], []))[role == "reserve"].append(task)
    return {g: (t, r) for g, (t, r) in found.items() if len(t) >= 2 and len(r) >= 2}


def used(task: str | None, **more: object) -> dict[str, object]:
    return PASS | {"replaces": task, "replace_reason": "停业"} | more


def test_a_reserve_used_by_the_rules_is_no_issue(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    results = read(fill(book, {tasks[0]: CLOSED, reserves[0]: used(tasks[0])}), plan)
    row = answer(results, reserves[0])
    assert (row["role"], row["replaces"], row["replace_reason"]) == ("reserve", tasks[0], "closed")
    assert results.issues == ()


def test_the_end_of_an_id_names_the_task(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    results = read(fill(book, {tasks[0]: CLOSED, reserves[0]: used(tasks[0][-4:])}), plan)
    assert answer(results, reserves[0])["replaces"] == tasks[0]
    assert results.issues == ()


def test_a_reserve_may_stand_in_for_a_reserve_that_yielded_nothing(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    replies = {
        tasks[0]: CLOSED,
        reserves[0]: CLOSED | {"replaces": tasks[0], "replace_reason": "停业"},
        reserves[1]: used(tasks[0]),
    }
    assert read(fill(book, replies), plan).issues == ()


@pytest.mark.parametrize(
    ("breach", "code"),
    [
        ("order", "reserve-out-of-order"),
        ("nobody", "reserve-without-task"),
        ("reason", "reserve-without-reason"),
        ("stranger", "replaces-unknown-task"),
        ("group", "reserve-of-another-group"),
        ("answered", "replaced-task-answered"),
        ("open", "replaced-task-open"),
        ("twice", "task-replaced-twice"),
    ],
)
def test_each_misuse_of_a_reserve_is_an_issue(book: Path, plan: Plan, breach: str, code: str) -> None:
    group, (tasks, reserves) = next(iter(groups(plan).items()))
    elsewhere = (pl.col("district") == "440104") & (pl.col("group") != group) & (pl.col("batches") == 1)
    chosen = plan.tasks.filter(elsewhere)
    others = chosen["task_id"].to_list()
    replies: dict[str, dict[str, Any]] = {
        "order": {tasks[0]: CLOSED, reserves[1]: used(tasks[0])},
        "nobody": {reserves[0]: used(None)},
        "reason": {tasks[0]: CLOSED, reserves[0]: used(tasks[0], replace_reason=None)},
        "stranger": {reserves[0]: used("隔壁那家")},
        "group": {others[0]: CLOSED, reserves[0]: used(others[0])},
        "answered": {tasks[0]: PASS, reserves[0]: used(tasks[0])},
        "open": {reserves[0]: used(tasks[0])},
        "twice": {tasks[0]: CLOSED, reserves[0]: used(tasks[0]), reserves[1]: used(tasks[0])},
    }[breach]
    results = read(fill(book, replies), plan)
    assert codes(results) == {code: 1}
    assert answer(results, reserves[0] if breach != "order" else reserves[1])["final"] == "pass"


# --- the vocabulary --------------------------------------------------------------------------------------------------
