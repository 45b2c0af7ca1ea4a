"""What came of a drawn unit: its state from its batches, and what that makes of it for an estimate (DOMAIN: none but a
result that says so is a pass; only what turned out not to belong to the population shrinks it).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from sampler.outcomes import completion, evidence, unit_outcomes
from sampler.plan import Plan
from tests.answers import CLEARED, FAIL, PASS, PENDING, answers, mixed, unsampled
from tests.planning import draw

CLOSED, REFUSED, NO_STOCK = (unsampled(reason) for reason in ("closed", "refused", "no_stock"))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12)


def outcome(plan: Plan, *batches: Mapping[str, Any] | None) -> dict[str, Any]:
    """The unit of the first task with two batches, these having come back for it: its outcome and its evidence."""
    task = plan.tasks.filter(pl.col("batches") == 2).row(0, named=True)
    results = answers(plan, lambda row, number: batches[number] if row["task_id"] == task["task_id"] else None)
    outcomes = unit_outcomes(plan, results)
    found = outcomes.filter(pl.col("task_id") == task["task_id"]).row(0, named=True)
    table = evidence(plan, outcomes).table
    assert table["population"].sum() == plan.units.height  # every unit of the frame is there, drawn or not
    sums = table.select(pl.col("contacted", "out_of_scope", "refused", "tested", "failed").sum()).row(0, named=True)
    return found | {f"counts_{name}": value for name, value in sums.items()}


@pytest.mark.parametrize(
    ("batches", "state", "contacted", "out_of_scope", "refused", "tested", "failed"),
    [
        ((None, None), "not_reached", 0, 0, 0, 0, 0),
        ((PASS, None), "pending", 1, 0, 0, 0, 0),
        ((CLOSED, None), "pending", 1, 0, 0, 0, 0),
        ((PASS, PENDING), "pending", 1, 0, 0, 0, 0),
        ((PASS, PASS), "tested", 1, 0, 0, 1, 0),
        ((PASS, FAIL), "tested", 1, 0, 0, 1, 1),
        ((PASS, CLOSED), "tested", 1, 0, 0, 1, 0),
        ((CLOSED, CLOSED), "out_of_scope", 1, 1, 0, 0, 0),
        # One batch closed and one refused: the enterprise is there, and the population is not smaller for it.
        ((CLOSED, REFUSED), "refused", 1, 0, 1, 0, 0),
        ((CLOSED, NO_STOCK), "no_sample", 1, 0, 0, 0, 0),
        ((REFUSED, NO_STOCK), "refused", 1, 0, 1, 0, 0),
        ((NO_STOCK, NO_STOCK), "no_sample", 1, 0, 0, 0, 0),
    ],
)
def test_the_state_of_a_unit_and_what_it_counts_as(
    plan: Plan,
    batches: tuple[Mapping[str, Any] | None, ...],
    state: str,
    contacted: int,
    out_of_scope: int,
    refused: int,
    tested: int,
    failed: int,
) -> None:
    found = outcome(plan, *batches)
    assert found["state"] == state
    counts = tuple(found[f"counts_{n}"] or 0 for n in ("contacted", "out_of_scope", "refused", "tested", "failed"))
    assert counts == (contacted, out_of_scope, refused, tested, failed)


def retested(first: str | None, retest: str) -> Mapping[str, Any]:
    return {"state": "tested", "first": first, "retest": retest, "final": retest}


@pytest.mark.parametrize(
    ("batches", "first_failed", "first_passed", "retested_", "changed", "failed"),
    [
        ((CLEARED, FAIL), 2, 0, 1, 1, 1),
        ((retested("fail", "fail"), PASS), 1, 1, 1, 0, 1),
        # A re-test may find against the enterprise too.
        ((retested("pass", "fail"), PASS), 0, 2, 1, 1, 1),
        ((retested("pass", "pass"), PASS), 0, 2, 1, 0, 0),
        # Where only the re-test is known it is no first result, and nobody can say that it changed one.
        ((retested(None, "fail"), PASS), 0, 1, 1, 0, 1),
        ((retested(None, "pass"), PASS), 0, 1, 1, 0, 0),
    ],
)
def test_first_results_and_re_tests_are_counted_apart(
    plan: Plan,
    batches: tuple[Mapping[str, Any], ...],
    first_failed: int,
    first_passed: int,
    retested_: int,
    changed: int,
    failed: int,
) -> None:
    found = outcome(plan, *batches)
    names = ("first_failed", "first_passed", "retested", "changed", "batches_failed", "batches_tested")
    assert tuple(found[n] for n in names) == (first_failed, first_passed, retested_, changed, failed, 2)


def test_batches_are_counted_as_units_are(plan: Plan) -> None:
    results = mixed(plan)
    outcomes = unit_outcomes(plan, results)
    (every,) = completion(outcomes, results)
    b = every.batches
    assert b["planned"] == plan.tasks["batches"].sum()
    assert b["planned"] + b["reserves"] == b["tested"] + b["unsampled"] + b["pending"] + b["not_reached"]
    # With one batch a unit both are counted alike.
    (single,) = completion(outcomes.filter(pl.col("batches") == 1), results)
    b = single.batches
    assert single.reserves > 0
    assert single.not_reached > 0
    assert single.pending > 0
    assert (b["planned"], b["reserves"]) == (single.drawn - single.reserves, single.reserves)
    assert (b["not_reached"], b["pending"]) == (single.not_reached, single.pending)
    assert b["unsampled"] == single.out_of_scope + single.refused + single.no_sample
    assert (b["tested"], b["passed"], b["failed"]) == (single.tested, single.passed, single.failed)
    assert b["first_failed"] == single.first_failed
