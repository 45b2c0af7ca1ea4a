"""Designs that ask for too much: which requirements clash, the least change of each that would help, a budget that would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from sampler.design import EVERY, Design, Detection, District, Precision, Sample, ShareBound
from sampler.errors import InfeasibleError
from sampler.margins import Calibration, Cheapest, by_rule, cheapest, meets
from sampler.requirements import MONEY, Ceiling, Clash, Requirements, Resource, named, requirements
from sampler.text import Lang, Text, text

if TYPE_CHECKING:
    import polars as pl

E = TypeVar("E")

_CHECKS = 3
_CENT = MONEY // 100
_SCALE: dict[Resource, int] = {"batches": 1, "yuan": MONEY}


@dataclass(frozen=True)
class _Knob:
    """One requirement and the steps in which it can be loosened, the last the loosest."""

    steps: Sequence[float]
    loosened: Callable[[float], Design]
    told: Callable[[float], Text]


def price_of(asked: Requirements, design: Design, *, known: Calibration | None = None) -> Cheapest:
    """The cheapest sizes that meet everything but the budgets, in the resource in which they fit the budgets if in any.

    Raises:
        Clash: the requirements contradict each other.
    """
    kinds: list[Resource] = [c.kind for c in asked.ceilings if c.kind in ("batches", "yuan")]
    found: list[Cheapest] = []
    for resource in kinds or ["batches"]:
        found.append(cheapest(asked, design, resource, known=known))
        if _fits(asked, found[-1]):
            break
    return found[-1] if _fits(asked, found[-1]) else found[0]


def _fits(asked: Requirements, least: Cheapest) -> bool:
    return all(int(c.use @ least.sizes) <= c.limit for c in asked.ceilings if c.kind in ("batches", "yuan"))


def feasible(table: pl.DataFrame, design: Design, *, known: Calibration | None = None) -> bool:
    """Whether any sizes meet the design; with ``known`` by the quick interval, calibrated so."""
    try:
        asked = requirements(table, design)
        rule = by_rule(asked)
        if not asked.margins or (known is None and meets(asked, rule)):
            return True
        return _fits(asked, price_of(asked, design, known=known))
    except Clash:
        return False


def infeasible(table: pl.DataFrame, design: Design, clash: Clash) -> InfeasibleError:
    """What to tell the planner whose design cannot be met."""
    why, budget, known = _why(table, design, clash)
    changes = [c for knob in _knobs(table, design) if (c := _least_change(table, knob, known)) is not None]
    return InfeasibleError(
        "plan.infeasible" if changes else "plan.infeasible_alone",
        why=why,
        budget=budget,
        **({"changes": tuple(changes)} if changes else {}),
    )


def _why(table: pl.DataFrame, design: Design, clash: Clash) -> tuple[Text, Text, Calibration]:
    """What clashes, the budget that works, and the calibration for looking at loosened designs.

    For floors, shares and detection it is the smallest. Whether margins are met goes up and down with the budget, so there
    it is one that works while one batch less does not.
    """
    if clash.text.key not in ("plan.clash_budget", "plan.clash_margins_budget"):
        return clash.text, Text.of("plan.no_budget_works"), {}
    sample = design.sample
    try:
        asked = requirements(table, replace(design, sample=replace(sample, budget=None, budget_yuan=None)))
        resource: Resource = "yuan" if sample.budget is None else "batches"
        least = cheapest(asked, design, resource) if asked.margins else None
    except Clash as other:
        return other.text, Text.of("plan.no_budget_works"), {}
    known = {} if least is None else least.calibration
    one = sample.budget is None or sample.budget_yuan is None
    sizes = asked.lower if least is None else least.sizes
    needed = {r: asked.spent(sizes, r) for r in _SCALE}
    if least is not None and one:
        refused = sample.budget if sample.budget is not None else round((sample.budget_yuan or 0.0) * MONEY)
        needed[resource] = _fewest(asked, resource, needed[resource], refused)
    over = _exceeded(sample, needed)
    why = _budget_clash(asked, design, over, None if least is None else needed[over])
    batches, yuan = needed["batches"], f"{needed['yuan'] / MONEY:,.2f}"
    if not one:
        return why, Text.of("plan.least_both", batches=batches, yuan=yuan), known
    kind = "least" if least is None else "works"
    return why, Text.of(f"plan.{kind}_{resource}", needed=batches if resource == "batches" else yuan), known


def _fewest(asked: Requirements, resource: Resource, works: int, refused: int) -> int:
    """A budget between one that is refused and one that works, which works while one step less does not.

    Below what the cheapest sizes found take, a budget still works if the rule's own sizes happen to keep every margin.
    """
    use = (asked.batches if resource == "batches" else asked.price) * ~asked.certain
    step, leap = 1, 1
    if resource == "yuan":  # a yuan at least, and the price of the cheapest unit where that is more
        step = max(int(use[use > 0].min(initial=int(use.max()))) // MONEY, 1) * MONEY
        works = -(-works // _CENT) * _CENT

    def enough(budget: int) -> bool:
        ceiling = Ceiling(resource, {}, use, budget - asked.certain_use[resource])
        within = replace(asked, ceilings=(ceiling, *asked.ceilings))
        try:
            return budget > refused and meets(within, by_rule(within))
        except Clash:
            return False

    while True:
        if enough(works - leap * step):
            works, leap = works - leap * step, 2 * leap
        elif leap > 1:
            leap = 1
        else:
            return works


def _exceeded(sample: Sample, needed: Mapping[Resource, int]) -> Resource:
    """The budget that is too small."""
    return "batches" if sample.budget is not None and needed["batches"] > sample.budget else "yuan"


def _budget_clash(asked: Requirements, design: Design, over: Resource, needed: int | None) -> Text:
    """The sentence about a budget that is too small for the lower bounds, or for the margins if `needed` is given."""
    sample, scale = design.sample, _SCALE[over]
    certain = asked.certain_use[over]
    floors = asked.spent(asked.lower, over) - certain
    figures: dict[str, object] = {
        "budget": f"{(sample.budget if over == 'batches' else sample.budget_yuan) or 0:,.10g}",
        "certain": f"{certain / scale:,.10g}",
        "floors": f"{floors / scale:,.10g}",
    }
    if needed is None:
        return Text.of(f"plan.clash_floors_{over}", **figures, strata=int((~asked.certain).sum()))
    return Text.of(f"plan.clash_margins_{over}", **figures, needed=f"{needed / scale:,.10g}")


def _least_change(table: pl.DataFrame, knob: _Knob, known: Calibration) -> Text | None:
    """The first step of a knob that makes the design feasible; None if not even the last does."""
    steps = list(knob.steps)
    if not steps or not feasible(table, knob.loosened(steps[-1]), known=known):
        return None
    low, high = -1, len(steps) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if feasible(table, knob.loosened(steps[middle]), known=known):
            high = middle
        else:
            low = middle
    # The quick answer may be a step short of what the intervals themselves allow; what is told is tried.
    for _ in range(_CHECKS):
        if not known or feasible(table, knob.loosened(steps[high])):
            return knob.told(steps[high])
        high = min(high + 1 + high // 10, len(steps) - 1)
    return knob.told(steps[-1]) if feasible(table, knob.loosened(steps[-1])) else None


def _knobs(table: pl.DataFrame, design: Design) -> Iterator[_Knob]:
    sample = design.sample
    yield _floor(design, "floor_stratum", sample.floor_stratum, lambda n: replace(sample, floor_stratum=n))
    yield _floor(design, "floor_cell", sample.floor_cell, lambda n: replace(sample, floor_cell=n))
    for i, precision in enumerate(design.precision):
        yield _margin(design, i, precision)
    for i, detection in enumerate(design.detection):
        yield _detection(design, i, detection)
    for i, share in enumerate(design.shares):
        yield from _share(design, i, share)
    if "district" in table.columns:
        import polars as pl

        batches = table.group_by("district").agg(pl.col("all_batches").sum())
        most: dict[str, int] = dict(batches.iter_rows())
        for i, district in enumerate(design.districts):
            if district.capacity is not None:
                yield _capacity(design, i, district, district.capacity, most.get(district.key, 0))


def _floor(design: Design, key: str, now: int, lowered: Callable[[int], Sample]) -> _Knob:
    return _Knob(
        range(now - 1, -1, -1),
        lambda v: replace(design, sample=lowered(int(v))),
        lambda v: Text.of("plan.relax_floor", key=key, value=int(v), now=now),
    )


def _margin(design: Design, i: int, p: Precision) -> _Knob:
    return _Knob(
        [v / 1000 for v in range(int(p.margin * 1000 + 1e-9) + 1, 500)],
        lambda v: replace(design, precision=_with(design.precision, i, replace(p, margin=v))),
        lambda v: _told("precision", i, p.domain, design, "margin", v, p.margin),
    )


def _detection(design: Design, i: int, d: Detection) -> _Knob:
    return _Knob(
        [v / 100 for v in range(int(d.probability * 100 - 1e-9), 0, -1)],
        lambda v: replace(design, detection=_with(design.detection, i, replace(d, probability=v))),
        lambda v: _told("detection", i, d.domain, design, "probability", v, d.probability),
    )


def _share(design: Design, i: int, s: ShareBound) -> Iterator[_Knob]:
    yield _Knob(
        [v / 100 for v in range(int(s.at_least * 100 - 1e-9), -1, -1)] if s.at_least > 0 else [],
        lambda v: replace(design, shares=_with(design.shares, i, replace(s, at_least=v))),
        lambda v: _told("shares", i, s.domain, design, "at_least", v, s.at_least),
    )
    yield _Knob(
        [v / 100 for v in range(int(s.at_most * 100 + 1e-9) + 1, 101)],
        lambda v: replace(design, shares=_with(design.shares, i, replace(s, at_most=v))),
        lambda v: _told("shares", i, s.domain, design, "at_most", v, s.at_most),
    )


def _capacity(design: Design, i: int, district: District, now: int, most: int) -> _Knob:
    """The capacity of a district, up to the batches ``most`` that all its units would give."""
    return _Knob(
        range(now + 1, most + 1),
        lambda v: replace(design, districts=_with(design.districts, i, replace(district, capacity=int(v)))),
        lambda v: Text.of(
            "plan.relax_capacity", domain=named(design, {"district": district.key}), value=int(v), now=now
        ),
    )


def _with(entries: tuple[E, ...], position: int, entry: E) -> tuple[E, ...]:
    return (*entries[:position], entry, *entries[position + 1 :])


def _told(
    section: str, position: int, domain: Mapping[str, str], design: Design, key: str, value: float, now: float
) -> Text:
    return Text.of(
        "plan.relax_entry",
        section=section,
        number=position + 1,
        domain=entry_name(design, domain),
        key=key,
        value=f"{value:g}",
        now=f"{now:g}",
    )


def entry_name(design: Design, domain: Mapping[str, str]) -> Text:
    """A requirement's domain as a person reads it; ``every`` stays a word."""
    if not domain:
        return Text.of("terms.city_total")

    def part(column: str, value: str, lang: Lang) -> str:
        if value != EVERY:
            return design.label(column, value, lang)
        name = text(f"terms.{column}", lang) if column in ("district", "category") else column
        return text("plan.every", lang, column=name)

    zh, en = (" · ".join(part(c, v, lang) for c, v in domain.items()) for lang in ("zh", "en"))
    return Text.of("plan.named", zh=zh, en=en)
