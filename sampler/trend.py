"""The trend: pass rates of a domain over several quarters, and whether the last change is more than chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.domains import Domain, Evidence, domains
from sampler.errors import UsageError
from sampler.period import Period
from sampler.stats.difference import RateChange, rate_change
from sampler.stats.stratified import StratifiedSample, estimate
from sampler.text import listed

if TYPE_CHECKING:
    from sampler.design import Design

Key = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class QuarterRate:
    """A domain's pass rate in one quarter.

    Attributes:
        population: units that could be drawn that quarter, in scope: estimated where some were found out of scope.
        out_of_scope: units found out of scope; interval and change are conditional on the population where there are any.
        rate, lower, upper, method: as `sampler.stats.stratified.RateEstimate`; None where nothing was tested.
    """

    period: Period
    population: int
    out_of_scope: int
    tested: int
    failed: int
    rate: float | None
    lower: float | None
    upper: float | None
    method: str | None


@dataclass(frozen=True)
class DomainTrend:
    """A domain over the quarters.

    Attributes:
        domain: column → value; empty for the whole.
        rates: one per quarter, oldest first; a quarter whose frame lacks the domain is left out.
        change: between the quarters compared, at the confidence asked for; None where one of them has no result.
        is_real: whether the change is proven, all domains of the family taken together: with the confidence asked for, no
            domain of the family is called changed that is not (Bonferroni).
    """

    domain: Mapping[str, str | None]
    rates: tuple[QuarterRate, ...]
    change: RateChange | None = None
    is_real: bool = False


@dataclass(frozen=True)
class Trend:
    """Pass rates over some quarters.

    Attributes:
        compared: the two quarters whose change is told; None for a single quarter.
        rows: the whole first, then the domains of each family.
        design: the latest plan's; names the domains.
    """

    periods: tuple[Period, ...]
    compared: tuple[Period, Period] | None
    confidence: float
    rows: tuple[DomainTrend, ...]
    design: Design | None = None

    @property
    def estimated(self) -> tuple[Period, ...]:
        """The quarters whose populations are estimated, units having been found out of scope."""
        return tuple(rate.period for row in self.rows[:1] for rate in row.rates if rate.out_of_scope)


def trend(
    quarters: Mapping[Period, Evidence],
    *,
    by: Sequence[tuple[str, ...]],
    confidence: float = 0.95,
    compared: tuple[Period, Period] | None = None,
    design: Design | None = None,
) -> Trend:
    """The trend of every domain of the families ``by``, the whole first.

    Args:
        quarters: the evidence of each quarter.
        by: families of domains; the whole is told whether it is asked for or not.
        confidence: of every interval, in (0, 1).
        compared: the two quarters whose change is told; by default the last two in which anything was tested.

    Raises:
        UsageError: a quarter to compare that is not there, or a column that a quarter's evidence lacks.
    """
    periods = tuple(sorted(quarters))
    if compared is None:
        compared = _last_two(quarters, periods)
    for period in compared or ():
        if period not in quarters:
            raise UsageError("trend.no_such_quarter", found=period, known=listed(p.name for p in periods))
    rows: list[DomainTrend] = []
    for family in dict.fromkeys(((), *by)):
        found = {p: {_key(d): d for d in domains(quarters[p], family)} for p in periods}
        known = quarters[periods[-1]].order if periods else {}
        keys = sorted({k for some in found.values() for k in some}, key=lambda key: _place(key, known))
        rows += _family(keys, found, confidence, compared)
    return Trend(periods, compared, confidence, tuple(rows), design)


def _last_two(quarters: Mapping[Period, Evidence], periods: Sequence[Period]) -> tuple[Period, Period] | None:
    """The last two quarters with tests, for a plan just made has none; None without two quarters."""
    tested = [p for p in periods if quarters[p].table["tested"].sum() > 0]
    last = (tested if len(tested) > 1 else periods)[-2:]
    return (last[0], last[1]) if len(last) > 1 else None


def _key(domain: Domain) -> Key:
    return tuple(domain.values.items())


def _place(key: Key, known: Mapping[str, Sequence[str]]) -> list[tuple[bool, int, str]]:
    """Where a domain stands: in the order of the last quarter's design, what that does not name by its text."""
    ranks = [known.get(column, ()) for column, _ in key]
    return [
        (value is None, order.index(value) if value in order and value is not None else len(order), str(value))
        for (_, value), order in zip(key, ranks, strict=True)
    ]


def _family(
    keys: Sequence[Key],
    found: Mapping[Period, Mapping[Key, Domain]],
    confidence: float,
    compared: tuple[Period, Period] | None,
) -> list[DomainTrend]:
    """The domains of one family."""
    pairs = {}
    for key in keys:
        both = [found[p].get(key) for p in compared or ()]
        samples = [None if d is None else _sample(d) for d in both]
        if len(samples) == 2 and samples[0] is not None and samples[1] is not None:
            pairs[key] = (samples[0], samples[1])
    strict = 1 - (1 - confidence) / max(len(pairs), 1)
    rows = []
    for key in keys:
        rates = tuple(_rate(p, found[p][key], confidence) for p in found if key in found[p])
        change = rate_change(*pairs[key], confidence=confidence) if key in pairs else None
        real = change is not None and change.is_real
        if real and strict > confidence:
            real = rate_change(*pairs[key], confidence=strict).is_real
        rows.append(DomainTrend(dict(key), rates, change, real))
    return rows


def _sample(domain: Domain) -> StratifiedSample | None:
    """The domain's sample; None where it has no population, or nothing of it was tested."""
    if domain.population is None or not domain.population.sum() or not domain.tested.sum():
        return None
    return StratifiedSample(domain.population, domain.tested, domain.failed)


def _rate(period: Period, domain: Domain, confidence: float) -> QuarterRate:
    sample = _sample(domain)
    population = 0 if domain.population is None else int(domain.population.sum())
    counts = (period, population, domain.out_of_scope, int(domain.tested.sum()), int(domain.failed.sum()))
    if sample is None:
        return QuarterRate(*counts, None, None, None, None)
    e = estimate(sample, confidence=confidence)
    return QuarterRate(*counts, e.rate, e.lower, e.upper, e.method)
