"""Pass rates by domain: the rate, its interval, and its grade against a target.

The rate is that of units; where units give several batches the rate of batches stands beside it, a ratio estimate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import polars as pl

from sampler.analysis import DEFAULT_ANALYSIS, Analysis
from sampler.domains import Domain, Evidence, domains
from sampler.errors import InputError, UsageError
from sampler.grading import Modelled, graded, modelled
from sampler.stats import monitoring, proportion, stratified
from sampler.stats.monitoring import Grade, MoreTests
from sampler.stats.ratio import batch_ratio
from sampler.stats.stratified import StratifiedSample
from sampler.text import Text


@dataclass(frozen=True)
class BatchRate:
    """The pass rate of batches where units give several: a ratio estimate, the unit being the cluster."""

    tested: int
    passed: int
    rate: float
    standard_error: float | None
    lower: float
    upper: float
    method: str


@dataclass(frozen=True)
class DomainEstimate:
    """One row of what is published.

    Attributes:
        domain: column → value, empty for the total; a value is None where the frame has none.
        population: units in scope (estimated where some were found out of scope), None for an endless process.
        registered: units that could be drawn, in scope or not.
        sampled, tested, passed, failed, refused: units drawn, with a final result, and so on.
        rate, lower, upper: pass rate of units; None where it has none. standard_error, design_effect: as `RateEstimate`.
        method: what gave the interval.
        worst_case: the rates if all refusals had failed, and if all had passed; None without refusals.
        conditional: the domain cuts through strata, or units were out of scope: conditional on the numbers found.
        target, grade, p_below, q_below, p_on_target, q_on_target: see `sampler.stats.monitoring`; q within the family.
        more: further tests that would settle an open grade.
        notes: what a reader must know.
    """

    domain: Mapping[str, str | None]
    population: int | None
    registered: int | None
    sampled: int
    tested: int
    passed: int
    failed: int
    refused: int
    rate: float | None
    standard_error: float | None
    design_effect: float | None
    lower: float | None
    upper: float | None
    method: str
    worst_case: tuple[float, float] | None
    conditional: bool
    target: float | None = None
    grade: Grade | None = None
    p_below: float | None = None
    q_below: float | None = None
    p_on_target: float | None = None
    q_on_target: float | None = None
    more: MoreTests | None = None
    batch: BatchRate | None = None
    model: Modelled | None = None
    notes: tuple[Text, ...] = ()

    @property
    def family(self) -> tuple[str, ...]:
        """The columns whose domains it is one of."""
        return tuple(self.domain)

    def to_json(self) -> dict[str, object]:
        """The row as scripts read it."""
        batch = self.batch and {**vars(self.batch)}
        return {
            "domain": dict(self.domain),
            "population": self.population,
            "sampled": self.sampled,
            "tested": self.tested,
            "passed": self.passed,
            "failed": self.failed,
            "rate": self.rate,
            "standard_error": self.standard_error,
            "lower": self.lower,
            "upper": self.upper,
            "method": self.method,
            "target": self.target,
            "grade": self.grade,
            "p_value": self.p_below,
            "q_value": self.q_below,
            "assurance_p_value": self.p_on_target,
            "assurance_q_value": self.q_on_target,
            "more_tests": self.more and {**vars(self.more)},
            "design_effect": self.design_effect,
            "registered": self.registered,
            "refused": self.refused,
            "worst_case": self.worst_case and {"all_failed": self.worst_case[0], "all_passed": self.worst_case[1]},
            "conditional": self.conditional,
            "batches": batch,
            "model": self.model and {**vars(self.model)},
            "notes": [note.render("en") for note in self.notes],
        }


def estimate_evidence(
    evidence: Evidence, analysis: Analysis = DEFAULT_ANALYSIS, *, untested: bool = False
) -> tuple[DomainEstimate, ...]:
    """The rows of every family of domains that the analysis asks for, the total first.

    Args:
        untested: whether there are rows, of unknown rates, where nothing was tested at all; it is an error otherwise.

    Raises:
        UsageError: an unknown column, category, method or confidence. InputError: nothing was tested at all.
    """
    analysis.check()
    if not untested and int(evidence.table["tested"].sum()) == 0:
        raise InputError("estimate.nothing_tested")
    evidence = analysis.with_targets(evidence)
    rows: list[DomainEstimate] = []
    for family in analysis.families(evidence):
        found = list(domains(evidence, family))
        made = [_row(d, analysis, evidence.several_batches) for d in found]
        made = graded(made, 1 - analysis.confidence)
        rows.extend(modelled(made, analysis.confidence) if len(family) > 1 else made)
    return tuple(rows)


def _row(domain: Domain, analysis: Analysis, several: bool) -> DomainEstimate:
    tested, failed = int(domain.tested.sum()), int(domain.failed.sum())
    row = DomainEstimate(
        domain=domain.values,
        population=None if domain.population is None else int(domain.population.sum()),
        registered=domain.registered,
        sampled=domain.drawn,
        tested=tested,
        passed=tested - failed,
        failed=failed,
        refused=int(domain.refused.sum()),
        rate=None,
        standard_error=None,
        design_effect=None,
        lower=None,
        upper=None,
        method=analysis.method,
        worst_case=_worst_case(domain),
        conditional=domain.cut or domain.out_of_scope > 0,
        target=domain.target,
    )
    notes = []
    if domain.cut:
        notes.append(Text.of("estimate.note_cut"))
    if domain.out_of_scope:
        gone = (domain.registered or 0) - (row.population or 0)
        notes.append(Text.of("estimate.note_scope", seen=domain.out_of_scope, gone=gone, left=row.population))
    if domain.population is None:
        row = _endless(row, analysis)
    elif row.population == 0:
        notes.append(Text.of("estimate.note_empty"))
    else:
        row = _finite(row, domain, analysis)
    if several and tested and row.population:
        row = replace(row, batch=_batch_rate(domain, analysis))
    return replace(row, notes=(*notes, *row.notes))


def _finite(row: DomainEstimate, domain: Domain, analysis: Analysis) -> DomainEstimate:
    confidence, method, side = analysis.confidence, analysis.method, analysis.side
    sample = StratifiedSample(domain.population, domain.tested, domain.failed)  # type: ignore[arg-type]
    if method in get_args(stratified.Method):
        found = stratified.estimate(sample, method=method, confidence=confidence, side=side)  # type: ignore[arg-type]
        lower, upper, used, notes = found.lower, found.upper, found.method, found.notes
    else:
        found = stratified.estimate(sample, method="exact", confidence=confidence, side=side)
        if len(sample.population) > 1 and not row.tested == row.population:
            raise UsageError("estimate.method_single", method=method, strata=len(sample.population))
        lower, upper, used, notes = found.lower, found.upper, found.method, found.notes
        if row.tested and row.tested < (row.population or 0):
            one = proportion.interval(row.passed, row.tested, confidence=confidence, side=side, method=method)
            if one.lower < one.upper:
                lower, upper, used = one.lower, one.upper, one.method
            else:
                notes = ("fallback-exact", *notes)
    row = replace(
        row,
        rate=found.rate,
        standard_error=found.standard_error,
        design_effect=found.design_effect,
        lower=lower,
        upper=upper,
        method=used,
        notes=tuple(Text.of(f"estimate.note_{note.replace('-', '_')}") for note in notes),
    )
    if row.target is None or not row.tested:
        return row
    # A rate seen on target is no evidence against it, nor one seen below for it: 1 is a valid p-value there, and cheap.
    below = row.rate is not None and monitoring.seen_below(row.rate, row.target)
    # As much work as the interval: what an exact bound refutes a p-value is not to leave open for want of patience.
    budget = stratified.work_budget("exact" if method in ("exact", "uneven") else "auto")
    return replace(
        row,
        p_below=stratified.warning_p_value(sample, row.target, budget=budget) if below else 1.0,
        p_on_target=1.0 if below else stratified.assurance_p_value(sample, row.target, budget=budget),
    )


def _endless(row: DomainEstimate, analysis: Analysis) -> DomainEstimate:
    """One proportion of an endless process: the sampled units are all there is to weight."""
    confidence, method, side = analysis.confidence, analysis.method, analysis.side
    asked = "exact" if method == "auto" else method
    if asked not in proportion.METHODS:
        raise UsageError("estimate.method_population", method=method)
    found = proportion.interval(row.passed, row.tested, confidence=confidence, side=side, method=asked)
    notes = [Text.of("estimate.note_endless")]
    if row.tested and not found.lower < found.upper:
        found = proportion.interval(row.passed, row.tested, confidence=confidence, side=side)
        notes.append(Text.of("estimate.note_fallback_exact"))
    rate = row.passed / row.tested if row.tested else None
    error = None if rate is None or row.tested < 2 else (rate * (1 - rate) / (row.tested - 1)) ** 0.5
    row = replace(
        row,
        rate=rate,
        standard_error=error,
        design_effect=None,
        lower=found.lower,
        upper=found.upper,
        method=found.method,
        notes=tuple(notes),
    )
    if row.target is None or not row.tested:
        return row
    return replace(
        row,
        p_below=float(monitoring.below_p_value(row.tested, row.failed, None, row.target)),
        p_on_target=float(monitoring.at_least_p_value(row.tested, row.failed, None, row.target)),
    )


def _batch_rate(domain: Domain, analysis: Analysis) -> BatchRate:
    """The rate of batches: every tested unit is a cluster of them."""
    assert domain.population is not None
    units = domain.rows.filter(pl.col("tested") > 0)
    place = {stratum: h for h, stratum in enumerate(domain.strata)}
    tested, failed = int(units["batches_tested"].sum()), int(units["batches_failed"].sum())
    found = batch_ratio(
        domain.population,
        [place[stratum] for stratum in units["stratum"]],
        units["batches_tested"].to_numpy(),
        units["batches_failed"].to_numpy(),
        confidence=analysis.confidence,
        side=analysis.side,
    )
    return BatchRate(tested, tested - failed, found.rate, found.standard_error, found.lower, found.upper, "ratio")


def _worst_case(domain: Domain) -> tuple[float, float] | None:
    """The rates if every refusal had been a test, failed by all or passed by all."""
    if domain.population is None or not domain.refused.any():
        return None
    n = domain.tested + domain.refused
    weight = np.where(n > 0, domain.population, 0)
    if not weight.sum():
        return None
    rates = [
        float(weight @ (x / np.maximum(n, 1)) / weight.sum()) for x in (domain.failed + domain.refused, domain.failed)
    ]
    return 1 - rates[0], 1 - rates[1]
