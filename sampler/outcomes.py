"""Outcomes: what each unit of a plan came to, and the denominators that are printed beside every rate.

A unit's batches are read together. It is *tested* once something of it was tested and nothing of it is still awaited, and
then it failed if any batch failed. Waiting for the last batch of failed and of passing units alike keeps an interim rate
from leaning towards failures. Not reached, pending, refused and not sampled are never passes (DOMAIN, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from sampler.domains import Evidence
from sampler.errors import InputError
from sampler.results import REASONS

if TYPE_CHECKING:
    from sampler.plan import Plan
    from sampler.results import Results

UNIT_STATES = ("tested", "pending", "out_of_scope", "refused", "no_sample", "not_reached")
"""What a drawn unit can have come to; every drawn unit has exactly one."""


@dataclass(frozen=True)
class Completion:
    """The denominators, of units and of batches.

    Attributes:
        drawn: units asked for: tasks, and reserves in use. reached + not_reached = drawn.
        reached: units something came back from: out_of_scope + refused + no_sample + pending + tested = reached.
        tested, passed, failed: units with a final result.
        first_failed: tested units with a batch that failed at first; re-tests can only have made them fewer or more.
        reserves: reserves in use.
        batches: the same of batches. planned (those of tasks) + reserves (those of reserves in use) = tested + unsampled +
            pending + not_reached (those of units that nothing came back from); passed, failed, first_passed, first_failed,
            retested, changed are of those tested; of a batch of which only the re-test is known neither first_passed nor
            first_failed.
        reasons: why no sample was taken → batches.
        domain: the part of the plan these count, empty for all of it.
    """

    drawn: int
    reached: int
    not_reached: int
    out_of_scope: int
    refused: int
    no_sample: int
    pending: int
    tested: int
    passed: int
    failed: int
    first_failed: int
    reserves: int
    batches: Mapping[str, int]
    reasons: Mapping[str, int]
    domain: Mapping[str, str | None]

    def to_json(self) -> dict[str, object]:
        """The denominators as scripts read them."""
        names = (
            "drawn", "reached", "not_reached", "out_of_scope", "refused", "no_sample", "pending", "tested", "passed",
            "failed", "first_failed", "reserves",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "batches": dict(self.batches),
            "reasons": dict(self.reasons),
        }


def unit_outcomes(plan: Plan, results: Results) -> pl.DataFrame:
    """One row per drawn unit: the selection's columns, ``state`` and its counts of batches.

    Reserves count as drawn once something was typed for them.

    Raises:
        InputError: a row belongs to no task of the plan (results of another plan), or a batch stands there twice.
    """
    batches = results.batches
    _check(plan, batches)
    kind = pl.col("reason").replace_strict(REASONS, default="no_sample", return_dtype=pl.String)
    tested = (pl.col("state") == "tested") & pl.col("final").is_not_null()
    unsampled = pl.col("state") == "unsampled"
    counted = batches.group_by("task_id").agg(
        typed=pl.len(),
        batches_tested=tested.sum(),
        batches_failed=(tested & (pl.col("final") == "fail")).sum(),
        first_passed=(tested & (pl.col("first") == "pass")).sum(),
        first_failed=(tested & (pl.col("first") == "fail")).sum(),
        retested=(tested & pl.col("retest").is_not_null()).sum(),
        changed=(tested & pl.col("retest").is_not_null() & (pl.col("retest") != pl.col("first"))).sum(),
        batches_unsampled=unsampled.sum(),
        out=(unsampled & (kind == "out_of_scope")).sum(),
        refusals=(unsampled & (kind == "refused")).sum(),
    )
    joined = plan.selection.join(counted, on="task_id", how="left").with_columns(
        pl.col(c).fill_null(0).cast(pl.Int64) for c in counted.columns if c != "task_id"
    )
    drawn = joined.filter((pl.col("role") == "task") | (pl.col("typed") > 0))
    settled = pl.col("batches_tested") + pl.col("batches_unsampled") >= pl.col("batches")
    state = (
        pl.when(pl.col("typed") == 0)
        .then(pl.lit("not_reached"))
        .when(~settled)
        .then(pl.lit("pending"))
        .when(pl.col("batches_tested") > 0)
        .then(pl.lit("tested"))
        .when(pl.col("out") == pl.col("typed"))
        .then(pl.lit("out_of_scope"))
        .when(pl.col("refusals") > 0)
        .then(pl.lit("refused"))
        .otherwise(pl.lit("no_sample"))
    )
    return drawn.with_columns(state=state)


def _check(plan: Plan, batches: pl.DataFrame) -> None:
    strangers = batches.join(plan.selection.select("task_id", "unit_id"), on="task_id", how="anti")
    if strangers.height:
        first = strangers.row(0, named=True)
        place = {
            "task": first["task_id"],
            "file": first["file"],
            "sheet": first["sheet"],
            "row": first["row"],
        }
        other = [t for t in strangers["task_id"] if not str(t).startswith(f"{plan.period.name}-")]
        key = "estimate.other_plan" if other else "estimate.unknown_task"
        raise InputError(key, plan=plan.period.name, count=strangers.height, **place)
    twice = batches.filter(pl.col("batch_id").is_duplicated())
    if twice.height:
        first = twice.row(0, named=True)
        raise InputError("estimate.batch_twice", batch=first["batch_id"], file=first["file"], row=first["row"])


def evidence(plan: Plan, outcomes: pl.DataFrame) -> Evidence:
    """The plan's units with their outcomes: every unit of the frame is a row, drawn or not."""
    targets = {c.key: c.target for c in plan.design.categories}
    tested = pl.col("state") == "tested"
    drawn = outcomes.select(
        "unit_id",
        drawn=pl.lit(1),
        contacted=(pl.col("state") != "not_reached").cast(pl.Int64),
        out_of_scope=(pl.col("state") == "out_of_scope").cast(pl.Int64),
        refused=(pl.col("state") == "refused").cast(pl.Int64),
        tested=tested.cast(pl.Int64),
        failed=(tested & (pl.col("batches_failed") > 0)).cast(pl.Int64),
        batches_tested=pl.when(tested).then("batches_tested").otherwise(0),
        batches_failed=pl.when(tested).then("batches_failed").otherwise(0),
    )
    counts = [c for c in drawn.columns if c != "unit_id"]
    units = plan.units
    clash = [c for c in (*counts, "population", "target") if c in units.columns]
    columns = tuple(
        c for c in units.columns
        if c not in {"unit_id", "stratum", "certainty", "ticket", "rank", "score", *clash}
        and units[c].dtype in (pl.String, pl.Boolean, pl.Categorical)
    )  # fmt: skip
    table = (
        units.select(
            "unit_id",
            "stratum",
            *(pl.col(c).cast(pl.String) for c in columns),
            certainty=pl.col("certainty").is_not_null(),
            population=pl.lit(1, dtype=pl.Int64),
            target=pl.col("category").replace_strict(targets, default=None, return_dtype=pl.Float64),
        )
        .join(drawn, on="unit_id", how="left")
        .with_columns(pl.col(c).fill_null(0).cast(pl.Int64) for c in counts)
        .sort("unit_id")
    )
    order = {c: [term.key for term in plan.design.vocabulary(c)] for c in columns}
    order["tier"] = [tier.key for tier in plan.design.tiers]
    return Evidence(table, columns, by_unit=True, order=order)


def completion(outcomes: pl.DataFrame, results: Results, by: Sequence[str] = ()) -> tuple[Completion, ...]:
    """The denominators of each domain that the selection's columns ``by`` make; one for the whole plan without."""
    reasons = results.batches.filter(pl.col("state") == "unsampled").select(
        "task_id", pl.col("reason").fill_null("other")
    )
    groups = outcomes.partition_by(list(by), as_dict=True, maintain_order=True) if by else {(): outcomes}
    return tuple(
        _count(groups[v], reasons, dict(zip(by, v, strict=True)))
        for v in sorted(groups, key=lambda v: [(x is None, str(x)) for x in v])
    )


def _count(part: pl.DataFrame, reasons: pl.DataFrame, domain: Mapping[str, str | None]) -> Completion:
    states = dict(part.group_by("state").len().iter_rows())
    tested = part.filter(pl.col("state") == "tested")
    failed = int((tested["batches_failed"] > 0).sum())
    why = reasons.join(part.select("task_id"), on="task_id", how="semi")["reason"].value_counts()
    counted = dict(why.iter_rows())
    total = {c: int(part[c].sum()) for c in ("batches", "typed", "batches_tested", "batches_failed", "first_passed",
                                             "first_failed", "retested", "changed", "batches_unsampled")}  # fmt: skip
    by_state = {s: int(states.get(s, 0)) for s in UNIT_STATES}
    of_reserves, unreached = (
        int(part.filter(rows)["batches"].sum())
        for rows in (pl.col("role") == "reserve", pl.col("state") == "not_reached")
    )
    return Completion(
        drawn=part.height,
        reached=part.height - by_state["not_reached"],
        not_reached=by_state["not_reached"],
        out_of_scope=by_state["out_of_scope"],
        refused=by_state["refused"],
        no_sample=by_state["no_sample"],
        pending=by_state["pending"],
        tested=tested.height,
        passed=tested.height - failed,
        failed=failed,
        first_failed=int((tested["first_failed"] > 0).sum()),
        reserves=int((part["role"] == "reserve").sum()),
        batches={
            "planned": total["batches"] - of_reserves,
            "reserves": of_reserves,
            "tested": total["batches_tested"],
            "passed": total["batches_tested"] - total["batches_failed"],
            "failed": total["batches_failed"],
            "first_passed": total["first_passed"],
            "first_failed": total["first_failed"],
            "retested": total["retested"],
            "changed": total["changed"],
            "unsampled": total["batches_unsampled"],
            "pending": total["batches"] - total["batches_tested"] - total["batches_unsampled"] - unreached,
            "not_reached": unreached,
        },
        reasons={r: counted[r] for r in REASONS if r in counted},
        domain=domain,
    )
