"""Results made by hand: what came back for a plan, without any file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from sampler.plan import Plan
from sampler.results import BATCH_SCHEMA, Results
from tests.planning import batch_ids

PASS: Mapping[str, Any] = {"state": "tested", "first": "pass", "final": "pass"}
FAIL: Mapping[str, Any] = {"state": "tested", "first": "fail", "final": "fail", "failing_item": "菌落总数"}
CLEARED: Mapping[str, Any] = {"state": "tested", "first": "fail", "retest": "pass", "final": "pass"}
PENDING: Mapping[str, Any] = {"state": "pending"}


def unsampled(reason: str) -> Mapping[str, Any]:
    return {"state": "unsampled", "reason": reason}


def answers(plan: Plan, answer: Callable[[Mapping[str, Any], int], Mapping[str, Any] | None]) -> Results:
    """Results in which ``answer(selection row, batch number from 0)`` says what came back, None for nothing."""
    rows = []
    for task in plan.selection.iter_rows(named=True):
        for number, batch_id in enumerate(batch_ids(task["task_id"], task["batches"])):
            said = answer(task, number)
            if said is not None:
                rows.append(
                    dict.fromkeys(BATCH_SCHEMA)
                    | {
                        "batch_id": batch_id,
                        "task_id": task["task_id"],
                        "unit_id": task["unit_id"],
                        "role": task["role"],
                        "sampled_on": dt.date(2026, 11, 3),
                        "file": "returned.xlsx",
                        "sheet": "任务清单",
                        "row": len(rows) + 5,
                    }
                    | said
                )
    return of(rows)


def mixed(plan: Plan) -> Results:
    """Answers of every kind in turn, to tasks and to every tenth reserve."""
    kinds = (PASS, FAIL, PENDING, None, unsampled("closed"), unsampled("refused"), unsampled("no_stock"), CLEARED)
    order = {task: i for i, task in enumerate(plan.selection["task_id"])}

    def answer(row: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
        place = order[row["task_id"]]
        return kinds[place % len(kinds)] if row["role"] == "task" or place % 10 == 0 else None

    return answers(plan, answer)


def of(rows: list[dict[str, Any]]) -> Results:
    """Results with these batch rows."""
    schema = {name: getattr(pl, kind) for name, kind in BATCH_SCHEMA.items()}
    return Results(pl.DataFrame(rows, schema=schema, orient="row"), (), ())
