"""Estimates: what a plan and its results, or a table of counts, say about the pass rates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from sampler.alerts import Alert, FailingItem, FollowUp, alerts, failed_batches, failing_items, follow_ups
from sampler.analysis import DEFAULT_ANALYSIS, DEFAULT_BY, Analysis, By
from sampler.domains import COUNTS, Evidence
from sampler.open_work import NOTHING_OPEN, OpenWork, open_work
from sampler.outcomes import Completion, completion, evidence, unit_outcomes
from sampler.rates import DomainEstimate, estimate_evidence
from sampler.stats.stratified import Side

if TYPE_CHECKING:
    from sampler.design import Design
    from sampler.errors import Issue
    from sampler.plan import Plan
    from sampler.results import FileReport, Results


@dataclass(frozen=True)
class Returned:
    """What came back for a plan, whether or not anything was tested.

    Attributes:
        completion: the denominators; completions: of each district.
        work: what is left to be done.
        issues: what was found about the files, errors first; files: what each contributed.
    """

    completion: Completion
    completions: tuple[Completion, ...]
    work: OpenWork
    issues: tuple[Issue, ...]
    files: tuple[FileReport, ...]

    def to_json(self) -> dict[str, Any]:
        """The parts of the command's document that need no rate."""
        return {
            "completion": _with_parts(self.completion, self.completions),
            **self.work.to_json(),
            "files": [file.to_json() for file in self.files],
            "issues": [issue.to_json() for issue in self.issues],
        }


def _with_parts(whole: Completion, parts: Sequence[Completion]) -> dict[str, object]:
    return whole.to_json() | {"by": [{"domain": dict(c.domain), **c.to_json()} for c in parts]}


def what_returned(
    plan: Plan,
    results: Results,
    outcomes: pl.DataFrame | None = None,
    *,
    people: Mapping[str, str] | None = None,
) -> Returned:
    """What came back for a plan.

    Args:
        outcomes: the plan's `unit_outcomes` where they are known already.
        people: inspector's id → name.

    Raises:
        InputError: results of another plan.
    """
    if outcomes is None:
        outcomes = unit_outcomes(plan, results)
    by_district = ("district",) if outcomes["district"].is_not_null().any() else ()
    parts = completion(outcomes, results, by_district) if by_district else ()
    work = open_work(plan, results, outcomes, people)
    return Returned(completion(outcomes, results)[0], parts, work, results.issues, results.files)


@dataclass(frozen=True)
class Estimates:
    """Everything `estimate` says.

    Attributes:
        confidence, side, method: as asked for.
        rows: the total first, then each family of domains that was asked for.
        alerts: early warnings, whatever families were asked for (`Analysis.watched`); empty means that nothing was proven.
        items: failing items with the districts they turned up in.
        follow_ups: failures that somebody must return to.
        completion: the denominators; completions: of each district. None and empty for a table of counts.
        work: what is left to be done; nothing for a table of counts.
        design: names the values of domains; None for a table of counts.
        set_aside: units of the frame that could not be drawn, and that no rate speaks for; 0 for a table of counts.
        issues: what was found about the files the figures come from, errors first; files: what each contributed.
    """

    confidence: float
    side: Side
    method: str
    rows: tuple[DomainEstimate, ...]
    alerts: tuple[Alert, ...] = ()
    items: tuple[FailingItem, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    completion: Completion | None = None
    completions: tuple[Completion, ...] = ()
    work: OpenWork = NOTHING_OPEN
    design: Design | None = None
    set_aside: int = 0
    source: Mapping[str, str] = field(default_factory=dict)
    issues: tuple[Issue, ...] = ()
    files: tuple[FileReport, ...] = ()

    @property
    def total(self) -> DomainEstimate:
        """The whole population's row."""
        return self.rows[0]

    def families(self) -> dict[tuple[str, ...], list[DomainEstimate]]:
        """The rows by family, in order."""
        out: dict[tuple[str, ...], list[DomainEstimate]] = {}
        for row in self.rows:
            out.setdefault(row.family, []).append(row)
        return out

    def only(self, by: By | None) -> Estimates:
        """These estimates without the rows of families that ``by`` (None: `DEFAULT_BY`) does not ask for; all warnings."""
        asked = {(), *map(tuple, DEFAULT_BY if by is None else by)}
        return replace(self, rows=tuple(r for r in self.rows if r.family in asked))

    def to_json(self) -> dict[str, Any]:
        """The document of the command, without its head."""
        total = self.total
        completion: dict[str, object] = (
            _with_parts(self.completion, self.completions)
            if self.completion
            else {"drawn": total.sampled, "tested": total.tested, "passed": total.passed, "failed": total.failed,
                  "refused": total.refused}
        )  # fmt: skip
        return {
            "confidence": self.confidence,
            "side": self.side,
            "estimates": [row.to_json() for row in self.rows],
            "alerts": [alert.to_json() for alert in self.alerts],
            "completion": completion,
            "items": [item.to_json() for item in self.items],
            "follow_ups": [follow_up.to_json() for follow_up in self.follow_ups],
            **self.work.to_json(),
            "source": dict(self.source),
            "files": [file.to_json() for file in self.files],
            "issues": [issue.to_json() for issue in self.issues],
        }


def estimate_plan(
    plan: Plan,
    results: Results,
    analysis: Analysis = DEFAULT_ANALYSIS,
    *,
    ordered: dt.date | Mapping[str, dt.date] | None = None,
    digests: Mapping[str, str] | None = None,
    people: Mapping[str, str] | None = None,
    untested: bool = False,
) -> Estimates:
    """The estimates of a plan from what came back.

    Targets are the design's, by category; a district's or the city's is the mean of its units' targets.

    Args:
        plan, results: the plan and the results of its workbooks.
        analysis: what is asked of them.
        ordered: the day the orders to correct are issued, from which re-checks are due, for all or by batch; by default
            the period's last.
        digests: what identifies plan and results, for the report.
        people: inspector's id → name, for the list of open work.
        untested: whether a plan of which nothing was tested yet has estimates, of unknown rates, too.

    Raises:
        InputError: results of another plan, or nothing tested. UsageError: see `estimate_evidence`.
    """
    outcomes = unit_outcomes(plan, results)
    rows, watched = _rows(evidence(plan, outcomes), analysis, untested=untested)
    failures = failed_batches(plan, results)
    items = failing_items(failures)
    by_batch = ordered if isinstance(ordered, Mapping) else {}
    day = plan.period.end if ordered is None or isinstance(ordered, Mapping) else ordered
    returned = what_returned(plan, results, outcomes, people=people)
    return Estimates(
        confidence=analysis.confidence,
        side=analysis.side,
        method=analysis.method,
        rows=rows,
        alerts=alerts(watched, items, confidence=analysis.confidence, design=plan.design),
        items=items,
        follow_ups=follow_ups(failures, ordered=lambda batch: by_batch.get(batch, day)),
        completion=returned.completion,
        completions=returned.completions,
        work=returned.work,
        design=plan.design,
        set_aside=plan.set_aside.height,
        source={
            "period": plan.period.name,
            "plan": plan.id,
            "seed": plan.seed,
            "frame_sha256": plan.frame_sha256,
            "design_sha256": plan.design_sha256,
            **({} if by_batch else {"ordered": day.isoformat()}),
            **(digests or {}),
        },
        issues=results.issues,
        files=results.files,
    )


def estimate_counts(counts: Evidence, analysis: Analysis = DEFAULT_ANALYSIS) -> Estimates:
    """The estimates of a table of counts or units (`sampler.files.counts`).

    Raises:
        InputError: nothing tested. UsageError: see `estimate_evidence`.
    """
    rows, watched = _rows(counts, analysis)
    return Estimates(
        confidence=analysis.confidence,
        side=analysis.side,
        method=analysis.method,
        rows=rows,
        alerts=alerts(watched, confidence=analysis.confidence),
    )


def _rows(
    known: Evidence, analysis: Analysis, *, untested: bool = False
) -> tuple[tuple[DomainEstimate, ...], tuple[DomainEstimate, ...]]:
    """The rows of the families that the analysis asks for, and those of all families that warnings are looked for in."""
    watched = estimate_evidence(known, replace(analysis, also=analysis.watched(known)), untested=untested)
    asked = {tuple(dict.fromkeys(family)) for family in analysis.families(known)}
    return tuple(row for row in watched if row.family in asked), watched


def one_proportion(*, tested: int, passed: int, population: int | None) -> Evidence:
    """The evidence of one simple random sample, counts as checked by the caller."""
    values = {
        "population": population,
        "drawn": tested,
        "contacted": tested,
        "out_of_scope": 0,
        "refused": 0,
        "tested": tested,
        "failed": tested - passed,
        "batches_tested": tested,
        "batches_failed": tested - passed,
    }
    table = pl.DataFrame(
        {"stratum": ["-"], **{c: [values[c]] for c in COUNTS}, "target": [None], "certainty": [False]},
        schema_overrides={**dict.fromkeys(COUNTS, pl.Int64), "target": pl.Float64},
    )
    return Evidence(table, ())
