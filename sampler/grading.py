"""Grades of pass rates against their targets, and the model's figures for small cells: what a family's rows say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sampler.stats import monitoring
from sampler.stats.monitoring import MoreTests
from sampler.stats.shrinkage import beta_binomial
from sampler.text import Text

if TYPE_CHECKING:
    from sampler.rates import DomainEstimate

FEWEST_CELLS = 4
"""Cells with a test below which a model of cells has nothing to learn from."""

_WORST_EFFECT = 4.0  # a p-value near 1 says little about what a sample is worth; it is trusted so far


@dataclass(frozen=True)
class Modelled:
    """A pass rate from the model of `sampler.stats.shrinkage`: beside the exact figure, never in its place."""

    rate: float
    lower: float
    upper: float


def modelled(rows: Sequence[DomainEstimate], confidence: float) -> list[DomainEstimate]:
    """The rows of small cells with the model's rates beside them; as they are where cells are too few to learn from."""
    if sum(row.tested > 0 for row in rows) < FEWEST_CELLS:
        return list(rows)
    # A design effect below 1 comes of stratification and of luck; only losses are taken for granted.
    size = np.array([row.tested / max(row.design_effect or 1.0, 1.0) for row in rows])
    failed = np.array([0.0 if row.rate is None else s * (1 - row.rate) for row, s in zip(rows, size, strict=True)])
    untested = np.array([(row.population or 0) - row.tested for row in rows])
    found = beta_binomial(failed, size, untested=untested, confidence=confidence)
    out = []
    for row, rate, lower, upper in zip(rows, found.rate, found.lower, found.upper, strict=True):
        if row.population:
            # What was tested is known; the model speaks for the rest.
            known = row.tested / row.population
            passing = known * (row.rate or 0.0) + (1 - known) * (1 - np.array([rate, upper, lower]))
            row = replace(row, model=Modelled(*(float(p) for p in passing)))
        out.append(row)
    return out


def graded(rows: Sequence[DomainEstimate], level: float) -> list[DomainEstimate]:
    """The rows of one family with q-values and grades."""
    nan = float("nan")
    below = monitoring.adjusted_p_values([nan if r.p_below is None else r.p_below for r in rows])
    above = monitoring.adjusted_p_values([nan if r.p_on_target is None else r.p_on_target for r in rows])
    return [_grade(r, float(b), float(a), level) for r, b, a in zip(rows, below, above, strict=True)]


def _grade(row: DomainEstimate, q_below: float, q_on_target: float, level: float) -> DomainEstimate:
    if row.target is None or row.population == 0:
        return row
    tested = row.p_below is not None
    grade = monitoring.grade(
        rate=row.rate,
        target=row.target,
        tested=row.tested,
        population=row.population,
        below=q_below if tested else 1.0,
        at_least=q_on_target if tested else 1.0,
        level=level,
    )
    # Where nothing was tested there is no rate that could stay the same.
    open_still = row.rate is not None and grade in ("watch", "not_proven", "too_little")
    more = _more(row, q_below, q_on_target, level) if open_still else None
    notes = row.notes if more is None else (*row.notes, more_note(more))
    if not tested:
        return replace(row, grade=grade, more=more, notes=notes)
    return replace(row, grade=grade, more=more, notes=notes, q_below=q_below, q_on_target=q_on_target)


def more_note(more: MoreTests) -> Text:
    """How many more tests would settle an open grade, in a sentence."""
    return Text.of(f"estimate.note_more_{more.direction}", more=more_words(more))


def more_words(more: MoreTests) -> Text:
    """How many more tests would settle an open grade, in words that begin a clause."""
    return Text.of("estimate.more_census" if more.census else "estimate.more_tests", tests=more.tests)


def _more(row: DomainEstimate, q_below: float, q_on_target: float, level: float) -> MoreTests | None:
    """How many more tests would settle an open grade, judged by what the tests so far were worth."""
    assert row.target is not None
    failed = row.tested * (1 - row.rate) if row.rate is not None else 0.0
    effect = max(row.design_effect or 1.0, 0.1)
    if row.rate is not None and row.p_below is not None and row.p_on_target is not None:
        below = monitoring.seen_below(row.rate, row.target)
        p, q = (row.p_below, q_below) if below else (row.p_on_target, q_on_target)
        # Beside others of its family a domain needs a smaller p-value: by about as much as its q-value is larger.
        level *= p / q if q > 0 else 1.0
        worth = monitoring.equivalent_tests(
            tested=row.tested,
            failed=failed,
            population=row.population,
            target=row.target,
            p=p,
            direction="below" if below else "on_target",
        )
        effect = min(max(row.tested / worth, effect), _WORST_EFFECT * effect)
    return monitoring.more_tests(
        tested=row.tested,
        failed=failed,
        population=row.population,
        target=row.target,
        level=level,
        design_effect=effect,
    )
