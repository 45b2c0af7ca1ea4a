"""What a simulation takes for the truth: outcomes that a column knows, rates assumed when planning, or rates observed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sampler.errors import InputError, UsageError
from sampler.frame import SCHEMA
from sampler.grading import FEWEST_CELLS
from sampler.stats.risk import assumed_failure_rates

if TYPE_CHECKING:
    import polars as pl

    from sampler.design import Design
    from sampler.frame import Frame
    from sampler.plan import Plan
    from sampler.results import Results

FAILING = "_failing"
"""Column of the units: 1 or 0 where outcomes are known, else the probability to fail."""


def with_outcomes(frame: Frame, column: str) -> tuple[Frame, int]:
    """The frame's units whose outcome a column knows, with `FAILING`, and how many units have none.

    Raises:
        UsageError: the frame has no such column. InputError: it holds something that is no outcome, or nothing at all.
    """
    import polars as pl

    from sampler.files.count_columns import BLANK, FAIL, PASS

    if column not in frame.units.columns:
        extras = [c for c in frame.units.columns if c not in SCHEMA]
        raise UsageError("simulate.no_column", column=column, columns=", ".join(extras) or "-")
    said = frame.units[column].cast(pl.String).str.normalize("NFKC").str.strip_chars().str.to_lowercase()
    said = said.str.replace(r"^([01])\.0+$", "${1}")
    failing = said.replace_strict(
        {**dict.fromkeys(FAIL, 1.0), **dict.fromkeys(PASS, 0.0)}, default=None, return_dtype=pl.Float64
    )
    strange = said.filter(failing.is_null() & said.is_not_null() & ~said.is_in(sorted(BLANK)))
    if len(strange):
        values = strange.value_counts(sort=True)[strange.name].head(5).to_list()
        raise InputError(
            "simulate.strange_outcome", column=column, count=len(strange), values=", ".join(map(repr, values))
        )
    units = frame.units.with_columns(failing.alias(FAILING)).filter(failing.is_not_null())
    if units.is_empty():
        raise InputError("simulate.no_outcome", column=column, units=frame.size)
    return replace(frame, units=units), frame.size - units.height


def assumed(units: pl.DataFrame, rates: Mapping[tuple[str | None, ...], float], by: Sequence[str]) -> pl.DataFrame:
    """The units with `FAILING`, their assumed probability to fail: the group's rate times the unit's relative risk.

    Args:
        units: a plan's units, with ``score``.
        rates: pass rate of each group, keyed by its values of ``by``; every group of the units is there.
        by: the columns that make the groups.
    """
    import polars as pl

    groups = units.select(by).rows()
    base = np.array([1 - rates[group] for group in groups])
    mean = units.select(pl.col("score").mean().over(*by)).to_series().to_numpy()
    return units.with_columns(pl.Series(FAILING, assumed_failure_rates(base, units["score"].to_numpy(), mean)))


def prior_rates(
    units: pl.DataFrame, design: Design, learned: Mapping[str, float]
) -> dict[tuple[str | None, ...], float]:
    """Pass rate to assume of each category: what earlier results taught, else the design's prior."""
    priors = {c.key: c.prior for c in design.categories}
    return {(c,): learned.get(c, priors[c]) for c in units["category"].unique()}


def observed_rates(plan: Plan, results: Results, units: pl.DataFrame) -> dict[tuple[str | None, ...], float]:
    """Pass rate of each district × category of ``units`` from a plan's results, drawn towards the others.

    Each is the posterior mean of the beta-binomial model that `estimate` shows beside small cells. A cell in which the
    plan has no units takes the mean of its category there, or the design's prior.

    Raises:
        InputError: too few cells were tested to learn from.
    """
    from sampler.analysis import Analysis
    from sampler.outcomes import evidence, unit_outcomes
    from sampler.rates import estimate_evidence

    by = ("district", "category")
    analysis = Analysis(by=[by, ("category",)], method="effective")
    rows = estimate_evidence(evidence(plan, unit_outcomes(plan, results)), analysis)
    found = {tuple(r.domain.values()): r.model.rate for r in rows if r.family == by and r.model is not None}
    if len(found) < FEWEST_CELLS:
        raise InputError("simulate.few_results", plan=plan.period.name, cells=len(found), least=FEWEST_CELLS)
    priors = {c.key: c.prior for c in plan.design.categories}
    of_category = {r.domain["category"]: r.rate for r in rows if r.family == ("category",) and r.rate is not None}
    rates: dict[tuple[str | None, ...], float] = {}
    for district, category in units.select(by).unique().sort(by, nulls_last=True).rows():
        other = of_category.get(category, priors.get(category))
        rate = found.get((district, category), other)
        if rate is None:
            raise InputError("simulate.unknown_category", plan=plan.period.name, category=category)
        rates[district, category] = rate
    return rates
