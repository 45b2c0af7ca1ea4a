"""Sizes that give every domain its margin: the cheapest, and those a rule makes of a budget.

A margin is half the width of the interval that `estimate` will report (method ``auto``) if the sample shows what the assumed
pass rates let expect. Three steps make it honest and fast. The margin becomes a least effective sample size for the interval
of `sampler.stats.planning`, hence two limits of the form that allocation for several domains takes. Sizes that meet them are
tried with the interval `estimate` uses. Where that one is wider the limits are tightened, until every margin holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sampler.design import Design
from sampler.requirements import MONEY, Clash, Margin, Requirements, Resource, named
from sampler.stats import exact
from sampler.stats.allocation import InfeasibleAllocation, allocate
from sampler.stats.balance import balanced
from sampler.stats.ceilings import allocate_within
from sampler.stats.cost_allocation import allocate_cost
from sampler.stats.domain_allocation import allocate_domains
from sampler.stats.planning import expected_interval, size_for_half_width, variance_terms
from sampler.stats.stratified import StratifiedSample, estimate
from sampler.text import Text

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

Calibration = Mapping[tuple[tuple[tuple[str, str], ...], float], float]

_CALIBRATIONS = 1
_AIM = 0.975
_BALANCINGS = 2
_OUTCOMES = 4
_WORK = exact.BUDGET // 20
"""What one interval may cost while planning. Domains that would cost more are planned with failures counted in coarser
units, which is never narrower, or with the interval that `estimate` falls back on."""

_TIGHTENINGS = 25
_DEARER = 11
_MOST_IN_SEARCH = 3000


@dataclass(frozen=True, eq=False)
class Cheapest:
    """The cheapest sizes found that meet every requirement but the budgets.

    There may be cheaper ones: the width that counts goes in steps and is searched through a smooth one near it.

    Attributes:
        sizes: shape (H,).
        cost: what they take of the resource, certainty units included.
        limits: the effective-size limits that made them, for `sampler.stats.balance`.
        prices: what a unit less of each limit costs, in batches or yuan, shape (2 · margins,).
        calibration: what half-width of the quick interval stands for a margin, as a ratio, by domain and confidence.
    """

    sizes: IntArray
    resource: Resource
    cost: float
    contributions: FloatArray
    limits: FloatArray
    prices: FloatArray
    calibration: Calibration = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedInterval:
    """Limits of a pass rate, and the method that gives them."""

    lower: float
    upper: float
    method: str

    @property
    def half_width(self) -> float:
        """Half the width."""
        return (self.upper - self.lower) / 2


def planned_interval(
    population: IntArray, sizes: IntArray, failing: FloatArray, *, confidence: float
) -> PlannedInterval:
    """The interval that `estimate` will report of a domain, the mean over outcomes that the assumed rates let expect.

    The outcomes are a systematic sample of the expected numbers of failures, strata in the order of their weights: each
    stratum's mean over the outcomes is its expected number, none is off by more than one, and the failures that weigh
    much and little are balanced. Putting rounded numbers into every stratum instead would leave the strata that weigh most
    without any.
    """
    counts = np.asarray(population, np.int64).tobytes(), np.asarray(sizes, np.int64).tobytes()
    return _planned(*counts, np.asarray(failing, np.float64).tobytes(), confidence)


@lru_cache(maxsize=4096)
def _planned(units: bytes, tested: bytes, rates: bytes, confidence: float) -> PlannedInterval:
    # Domains whose sizes one step leaves alone need no second computation in the next, nor when they are told.
    population, sizes = np.frombuffer(units, np.int64), np.frombuffer(tested, np.int64)
    failing = np.frombuffer(rates, np.float64)
    expected = sizes * failing
    order = np.argsort(population / np.maximum(sizes, 1e-9), kind="stable")
    ends = np.concatenate(([0.0], np.cumsum(expected[order])))
    found = []
    for outcome in range(_OUTCOMES):
        marks = np.floor(ends + (outcome + 0.5) / _OUTCOMES + 1e-9)
        failures = np.zeros(sizes.size, dtype=np.int64)
        failures[order] = np.diff(marks).astype(np.int64)
        sample = StratifiedSample(population, sizes, np.minimum(failures, sizes))
        found.append(estimate(sample, method="auto", confidence=confidence, budget=_WORK))
    return PlannedInterval(
        lower=sum(e.lower for e in found) / _OUTCOMES,
        upper=sum(e.upper for e in found) / _OUTCOMES,
        method="exact" if all(e.method == "exact" for e in found) else "conservative",
    )


def by_rule(asked: Requirements, lower: IntArray | None = None) -> IntArray:
    """The rule's sizes within bounds and ceilings, on top of `lower`; the lower bounds themselves without a budget.

    Raises:
        Clash: the lower bounds take more than a budget.
    """
    least = asked.lower if lower is None else lower
    budgets = [c for c in asked.ceilings if c.kind in ("batches", "yuan")]
    for budget in budgets:
        if int(budget.use @ least) > budget.limit:
            raise Clash(Text.of("plan.clash_budget"))
    if not budgets:
        return least.copy()
    for budget in budgets:
        sizes = _exact(asked, budget.use, budget.limit, least)
        if np.all(asked.uses @ sizes <= asked.limits):
            return sizes
    free = ~asked.certain
    uses, limits = asked.uses[:, free], asked.limits
    tried = [
        allocate_within(
            asked.weights[free], uses, limits, lower=least[free], upper=asked.upper[free], price=price[free]
        )
        for price in _prices(asked)
    ]
    weights = asked.weights[free]
    best = min(tried, key=lambda n: float((weights**2 / np.maximum(n, 1e-9)).sum()))
    whole = least.copy()
    whole[free] = best
    return whole


def _exact(asked: Requirements, use: IntArray, limit: int, least: IntArray) -> IntArray:
    """The optimum for one budget alone."""
    free = ~asked.certain
    used, upper = use[free], asked.upper[free]
    sizes = least.copy()
    if int(used @ upper) <= limit:
        sizes[free] = upper
    elif np.all(used == used[:1]):
        sizes[free] = allocate(asked.weights[free], limit // int(used[0]), lower=least[free], upper=upper)
    else:
        try:
            sizes[free] = allocate_cost(
                asked.weights[free], used / 10_000, limit / 10_000, lower=least[free], upper=upper
            ).sizes
        except InfeasibleAllocation:
            # One unit in every stratum is more than the budget; some stay empty.
            sizes[free] = allocate_within(
                asked.weights[free], used[None, :], [limit], lower=least[free], upper=upper, price=used
            )
    return sizes


def _prices(asked: Requirements) -> list[FloatArray]:
    """Prices to try where more than one ceiling decides: each budget's own, and mixtures of two."""
    budgets = [c for c in asked.ceilings if c.kind in ("batches", "yuan")]
    shares = [(asked.batches if c.kind == "batches" else asked.price) / max(c.limit, 1) for c in budgets]
    if len(shares) < 2:
        return [np.asarray(s, dtype=np.float64) for s in shares]
    return [shares[0] * (1 - w) + shares[1] * w for w in np.linspace(0, 1, 9)]


def widths(asked: Requirements, sizes: IntArray, margins: Sequence[Margin]) -> FloatArray:
    """The planned half-width of every margin's domain."""
    intervals = (
        planned_interval(asked.population[m.inside], sizes[m.inside], asked.failing[m.inside], confidence=m.confidence)
        for m in margins
    )
    return np.array([i.half_width for i in intervals])


def meets(asked: Requirements, sizes: IntArray) -> bool:
    """Whether every margin holds, by the interval `estimate` uses."""
    wanted = np.array([m.margin for m in asked.margins])
    # The likeliest to fail by the quick interval first: most designs that fail are done with one interval.
    quick = np.array([_quick_half_width(asked, m, sizes) for m in asked.margins])
    order = np.argsort(-quick / wanted, kind="stable").tolist()
    return all(widths(asked, sizes, [asked.margins[i]])[0] <= wanted[i] * (1 + 1e-9) for i in order)


def _quick_half_width(asked: Requirements, m: Margin, sizes: IntArray) -> float:
    low, high = expected_interval(
        asked.population[m.inside], sizes[m.inside], asked.failing[m.inside], confidence=m.confidence
    )
    return (high - low) / 2


def _limits(asked: Requirements, aims: FloatArray, sizes: IntArray) -> tuple[FloatArray, FloatArray]:
    """Contributions (2D, H) and limits (2D,) of the margins, for half-widths `aims` of the quick interval."""
    rows = np.zeros((2 * len(asked.margins), asked.population.size))
    limits = np.zeros(2 * len(asked.margins))
    for i, (m, aim) in enumerate(zip(asked.margins, aims, strict=True)):
        N, q = asked.population[m.inside], asked.failing[m.inside]
        rate = float(N @ q / N.sum())
        rows[2 * i, m.inside], rows[2 * i + 1, m.inside] = variance_terms(N, sizes[m.inside], q)
        limits[2 * i : 2 * i + 2] = 1 / size_for_half_width(min(float(aim), 0.49), rate, m.confidence)
    return rows, limits


def cheapest(asked: Requirements, design: Design, resource: Resource, *, known: Calibration | None = None) -> Cheapest:
    """The cheapest sizes that meet everything but the budgets.

    The quick interval is first brought to agree with the one `estimate` uses, domain by domain, so that no more is asked
    than is needed; then what is still too wide is tightened until it holds.

    Args:
        known: how the two intervals compare, from an earlier result; then it is taken for granted and nothing is checked.

    Raises:
        Clash: margins and ceilings contradict each other.
    """
    wanted = np.array([m.margin for m in asked.margins])
    scale = np.array([(known or {}).get(_key(m), 1.0) for m in asked.margins])
    sizes = np.maximum(asked.lower, np.minimum(2, asked.population))
    best: Cheapest | None = None
    for step in range(_TIGHTENINGS):
        found = _cheapest_once(asked, design, resource, *_limits(asked, wanted * scale, sizes))
        found = replace(found, calibration={_key(m): s for m, s in zip(asked.margins, scale.tolist(), strict=True)})
        sizes = found.sizes
        if known is not None:
            return found
        reached = widths(asked, sizes, asked.margins)
        quick = np.array([_quick_half_width(asked, m, sizes) for m in asked.margins])
        wide = reached > wanted * (1 + 1e-9)
        if not wide.any() and (best is None or found.cost < best.cost):
            best = found
        if best is not None and step >= _CALIBRATIONS:
            return best
        if step < _CALIBRATIONS:
            # Widths of whole outcomes go in steps: aim a little below.
            scale = np.where(reached > 0, _AIM * quick / np.maximum(reached, 1e-12), scale)
        else:
            scale = np.where(wide, scale * np.minimum(wanted / reached, 0.99), scale)
    if best is None:  # pragma: no cover - a census has no width
        raise Clash(Text.of("plan.clash_width"))
    return best


def _key(m: Margin) -> tuple[tuple[tuple[str, str], ...], float]:
    return tuple(sorted(m.domain.items())), m.confidence


def _cheapest_once(
    asked: Requirements, design: Design, resource: Resource, rows: FloatArray, limits: FloatArray
) -> Cheapest:
    unit = (asked.batches if resource == "batches" else asked.price).astype(np.float64)
    unit = unit / (1 if resource == "batches" else MONEY)
    local = [c for c in asked.ceilings if c.kind in ("capacity", "share")]
    dearer = np.zeros(len(local))
    over: list[int] = []
    for _ in range(_DEARER):
        cost = unit * (1 + sum((d * (c.use > 0) for d, c in zip(dearer, local, strict=True)), np.zeros(unit.size)))
        made = allocate_domains(
            rows,
            limits,
            population=asked.population,
            cost=cost,
            lower=asked.lower,
            upper=asked.upper,
            rounds=min(_MOST_IN_SEARCH, 40 + 4 * unit.size),
        )
        over = [j for j, c in enumerate(local) if int(c.use @ made.required) > c.limit]
        if not over:
            break
        dearer[over] = 2.5 * dearer[over] + 0.3
    else:
        ceiling = local[over[0]]
        raise Clash(
            Text.of(
                f"plan.clash_margin_{ceiling.kind}",
                domain=named(design, ceiling.domain),
                limit=max(ceiling.limit, 0),
                needed=int(ceiling.use @ made.required),
            )
        )
    free = ~asked.certain
    taken = asked.certain_use[resource] / (1 if resource == "batches" else MONEY)
    return Cheapest(
        sizes=made.required,
        resource=resource,
        cost=taken + float(unit[free] @ made.required[free]),
        contributions=rows,
        limits=limits,
        prices=made.price,
    )


def within_budget(asked: Requirements, least: Cheapest) -> tuple[IntArray, FloatArray]:
    """Sizes that use a budget as the rule says, as far as the margins allow, and the prices of the limits.

    The prices are in batches or yuan, as those of `least`.

    Raises:
        Clash: even the cheapest sizes take more than a budget.
    """
    budgets = [c for c in asked.ceilings if c.kind in ("batches", "yuan")]
    if any(int(c.use @ least.sizes) > c.limit for c in budgets):
        raise Clash(Text.of("plan.clash_margins_budget"))
    budget = next((c for c in budgets if c.kind == least.resource), budgets[0])
    free = ~asked.certain
    rows, limits = least.contributions, least.limits
    wanted = np.array([m.margin for m in asked.margins])
    best: tuple[IntArray, FloatArray] | None = None
    for step in range(_BALANCINGS):
        made = balanced(
            asked.weights[free],
            rows[:, free],
            limits,
            population=asked.population[free],
            price=budget.use[free],
            budget=budget.limit,
            lower=asked.lower[free],
            upper=asked.upper[free],
        )
        if made is None:
            break
        sizes = asked.lower.copy()
        sizes[free] = made[0]
        if np.any(asked.uses @ sizes > asked.limits):
            break
        sizes = by_rule(asked, sizes)
        reached = widths(asked, sizes, asked.margins)
        if np.all(reached <= wanted * (1 + 1e-9)):
            best = sizes, made[1] / (MONEY if budget.kind == "yuan" else 1)
            if step >= _CALIBRATIONS:
                break
        # At other sizes the quick interval compares otherwise: what has room is loosened, as long as it is early.
        factor = np.clip(0.998 * wanted / np.maximum(reached, 1e-12), 0.6, 1.0 if step >= _CALIBRATIONS else 1.5)
        limits = limits * np.repeat(factor**2, 2)
    if best is not None:
        return best
    filled = by_rule(asked, least.sizes)
    return (filled if meets(asked, filled) else least.sizes), least.prices
