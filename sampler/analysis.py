"""What is asked of results: for which domains, with which intervals, against which targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import get_args

import polars as pl

from sampler.domains import MOST_DOMAINS, Evidence
from sampler.errors import UsageError
from sampler.stats import proportion, stratified
from sampler.stats.stratified import Side
from sampler.text import listed

By = Sequence[tuple[str, ...]]
DEFAULT_BY: tuple[tuple[str, ...], ...] = ((), ("district",), ("category",))
WATCHED: tuple[tuple[str, ...], ...] = ((), ("district",), ("category",), ("district", "category"))
"""Families that early warnings are looked for in, whatever families are asked for."""
METHODS = tuple(dict.fromkeys((*get_args(stratified.Method), *proportion.METHODS)))
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """An analysis of results: the domains of interest, the intervals, and the targets that rates are tested against.

    Attributes:
        by: families of domains; None for `DEFAULT_BY` as far as the evidence has its columns.
        also: further families, left out where the evidence lacks a column.
        confidence: of every interval and, less from 1, the level of every test; in (0, 1).
        method: one of `METHODS`; those of one proportion only need a single stratum.
        side: ``two-sided``, or the bound reported.
        target: pass rate asked of every domain, in place of the evidence's own.
        targets: category → pass rate, in place of the evidence's own for that category.
    """

    by: By | None = None
    also: By = ()
    confidence: float = 0.95
    method: str = "auto"
    side: Side = "two-sided"
    target: float | None = None
    targets: Mapping[str, float] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse what no evidence could answer.

        Raises:
            UsageError: an unknown method, or a confidence outside (0, 1).
        """
        if not 0 < self.confidence < 1:
            raise UsageError("estimate.bad_confidence", found=self.confidence)
        if self.method not in METHODS:
            raise UsageError("estimate.bad_method", found=self.method, methods=listed(METHODS))

    def families(self, evidence: Evidence) -> tuple[tuple[str, ...], ...]:
        """The families of domains to estimate from this evidence, the whole population first whether asked for or not."""
        if_known = (*(DEFAULT_BY if self.by is None else ()), *self.also)
        known = [f for f in if_known if set(f) <= set(evidence.columns)]
        return tuple(dict.fromkeys(((), *map(tuple, self.by or ()), *map(tuple, known))))

    def watched(self, evidence: Evidence) -> tuple[tuple[str, ...], ...]:
        """The families that early warnings are looked for in: those asked for, then `WATCHED` as far as they are known.

        A family's warnings depend on its own rows alone (`sampler.grading.graded`), so that the others change none of them.
        A crossing that makes too many domains is left out: nobody asked for it.
        """
        asked = self.families(evidence)
        known = {frozenset(family) for family in asked}
        more = [f for f in WATCHED if frozenset(f) not in known and set(f) <= set(evidence.columns)]
        return (*asked, *(f for f in more if evidence.table.select(f).unique().height <= MOST_DOMAINS))

    def with_targets(self, evidence: Evidence) -> Evidence:
        """The evidence with the targets asked for in place of its own.

        Raises:
            UsageError: a target of a category that the evidence does not know.
        """
        table = evidence.table
        if self.target is not None:
            table = table.with_columns(target=pl.lit(self.target))
        if self.targets:
            if "category" not in evidence.columns:
                raise UsageError("estimate.no_category")
            known = set(table["category"].drop_nulls())
            for category in self.targets:
                if category not in known:
                    raise UsageError(
                        "estimate.unknown_category", found=category, categories=listed(sorted(known) or ["-"])
                    )
            given = pl.col("category").replace_strict(self.targets, default=None, return_dtype=pl.Float64)
            table = table.with_columns(target=pl.coalesce(given, "target"))
        return replace(evidence, table=table)


DEFAULT_ANALYSIS = Analysis()
"""What is asked where nothing else is: two-sided 95% intervals by `DEFAULT_BY`, against the evidence's own targets."""
