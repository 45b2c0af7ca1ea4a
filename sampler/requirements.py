"""What a design asks of the sizes of its strata, as arrays: bounds, ceilings, margins.

Whoever asks for a share, a margin or a detection names a domain; here domains become sets of strata.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from sampler.design import EVERY, Design, Detection
from sampler.stats.allocation import allocate, allocation_weights
from sampler.stats.ceilings import allocate_within
from sampler.stats.detection import detection_probability, failing_units, risk_detection_probability
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

MONEY = 10_000
"""Amounts of money are counted in ten-thousandths of a yuan, so that sums are exact."""

Resource = Literal["batches", "yuan"]
Kind = Literal["batches", "yuan", "capacity", "share"]


class Clash(Exception):  # noqa: N818 - an answer, not a slip of the caller
    """Requirements that cannot be met together; ``text`` says which."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, eq=False)
class Ceiling:
    """``Σ use_h n_h ≤ limit`` over the strata that are not taken with certainty.

    Attributes:
        kind: ``batches`` or ``yuan`` (a budget), ``capacity`` of a district, ``share`` of a domain.
        domain: whose.
        use: int array (H,); yuan in units of 1 / `MONEY`.
        limit: what is left of it when certainty units are served.
    """

    kind: Kind
    domain: Mapping[str, str]
    use: IntArray
    limit: int


@dataclass(frozen=True, eq=False)
class Margin:
    """A domain's half-width: ``inside`` are its strata, shape (H,); ``entry`` numbers the design's requirement from 0."""

    domain: Mapping[str, str]
    inside: BoolArray
    margin: float
    confidence: float
    entry: int


@dataclass(frozen=True, eq=False)
class Requirements:
    """The strata and everything asked of their sizes; arrays of shape (H,) in the order of the table.

    Attributes:
        population, certain: units; whether the stratum is taken with certainty.
        failing: assumed failure rates.
        batches, price: batches of one unit, and what it costs in units of 1 / `MONEY` yuan, at most.
        weights: the rule's a_h.
        lower, upper: bounds; a stratum taken with certainty has both at its population.
        source: which requirement set the lower bound: certainty, floor, share or detection.
        ceilings: budgets first.
        margins: as the design asks.
        certain_use: what the certainty strata take of each budget.
    """

    population: IntArray
    certain: BoolArray
    failing: FloatArray
    batches: IntArray
    price: IntArray
    weights: FloatArray
    lower: IntArray
    upper: IntArray
    source: npt.NDArray[np.str_]
    ceilings: tuple[Ceiling, ...]
    margins: tuple[Margin, ...]
    certain_use: Mapping[str, int]

    @property
    def uses(self) -> IntArray:
        """The ceilings' uses, shape (J, H)."""
        return np.array([c.use for c in self.ceilings], dtype=np.int64).reshape(-1, self.population.size)

    @property
    def limits(self) -> IntArray:
        """The ceilings' limits, shape (J,)."""
        return np.array([c.limit for c in self.ceilings], dtype=np.int64)

    def spent(self, sizes: IntArray, resource: Resource) -> int:
        """What sizes take in all, certainty units included."""
        use = self.batches if resource == "batches" else self.price
        return int(use[~self.certain] @ sizes[~self.certain]) + self.certain_use[resource]


class _Asked(Protocol):
    @property
    def domain(self) -> Mapping[str, str]: ...


A = TypeVar("A", bound=_Asked)


def each_domain(entries: Sequence[A], table: pl.DataFrame) -> Iterator[tuple[int, A, dict[str, str], BoolArray]]:
    """Every domain that the entries name and the table has, with the number of the entry and its strata."""
    for number, entry in enumerate(entries):
        choices = [
            table[column].drop_nulls().unique().sort().to_list() if value == EVERY else [value]
            for column, value in entry.domain.items()
        ]
        for values in product(*choices):
            domain = dict(zip(entry.domain, values, strict=True))
            inside = np.ones(table.height, dtype=np.bool_)
            for column, value in domain.items():
                inside &= (table[column] == value).fill_null(False).to_numpy()
            if inside.any():
                yield number, entry, domain, inside


def requirements(table: pl.DataFrame, design: Design) -> Requirements:
    """What a design asks of the strata of ``table``.

    Args:
        table: one row per stratum with its keys, ``category``, ``certainty``, ``population``, ``score``, ``rate``,
            ``batches`` (of one unit, at most), ``price`` (of one unit, in yuan, at most), and ``all_batches`` and
            ``all_price``, of all its units together.

    Raises:
        Clash: floors, shares and detection contradict the ceilings.
    """
    population = table["population"].to_numpy()
    certain = table["certainty"].to_numpy()
    failing = 1 - table["rate"].to_numpy()
    batches, price = table["batches"].to_numpy(), _money(table["price"].to_numpy())
    own = {"batches": table["all_batches"].to_numpy(), "yuan": _money(table["all_price"].to_numpy())}
    weights = allocation_weights(
        design.sample.rule,
        population=population,
        risk=table["score"].to_numpy(),
        rate=table["rate"].to_numpy(),
        power=design.sample.power,
    )
    lower = np.where(certain, population, np.minimum(design.sample.floor_stratum, population))
    source = np.where(certain, "certainty", "floor")
    confidence = design.sample.confidence
    asked = Requirements(
        population=population,
        certain=certain,
        failing=failing,
        batches=batches,
        price=price,
        weights=weights,
        lower=lower,
        upper=population.copy(),
        source=source,
        ceilings=tuple(_ceilings(table, design, certain, {"batches": batches, "yuan": price}, own)),
        margins=tuple(
            Margin(domain, inside, entry.margin, entry.confidence or confidence, number)
            for number, entry, domain, inside in each_domain(design.precision, table)
        ),
        certain_use={name: int(use[certain].sum()) for name, use in own.items()},
    )
    asked = _with_cell_floors(asked, table, design)
    asked = _with_shares(asked, table, design)
    _check_ceilings(asked, design)
    return _with_detection(asked, table, design)


def _money(yuan: FloatArray) -> IntArray:
    return np.rint(yuan * MONEY).astype(np.int64)


def _ceilings(
    table: pl.DataFrame,
    design: Design,
    certain: BoolArray,
    use: Mapping[Resource, IntArray],
    own: Mapping[str, IntArray],
) -> Iterator[Ceiling]:
    def left(limit: int, taken: IntArray) -> int:
        return limit - int(taken[certain].sum())

    free = ~certain
    if design.sample.budget is not None:
        yield Ceiling("batches", {}, use["batches"] * free, left(design.sample.budget, own["batches"]))
    if design.sample.budget_yuan is not None:
        yield Ceiling("yuan", {}, use["yuan"] * free, left(round(design.sample.budget_yuan * MONEY), own["yuan"]))
    if "district" in table.columns:
        for district in design.districts:
            if district.capacity is not None:
                inside = (table["district"] == district.key).fill_null(False).to_numpy()
                limit = left(district.capacity, own["batches"] * inside)
                yield Ceiling("capacity", {"district": district.key}, use["batches"] * (inside & free), limit)
    population = table["population"].to_numpy()
    for _, bound, domain, inside in each_domain(design.shares, table):
        if bound.at_most < 1:
            most = int(np.floor(bound.at_most * population[inside & free].sum() + 1e-9))
            yield Ceiling("share", domain, (inside & free).astype(np.int64), most)


def _with_cell_floors(asked: Requirements, table: pl.DataFrame, design: Design) -> Requirements:
    """Lower bounds that give every district × category its floor.

    A floor goes to its strata by the same priorities as the whole total. Floors are nested in the total, and for nested
    constraints handing units out by priority, innermost first, stays optimal (Federgruen & Groenevelt 1986).
    """
    cell_keys = [k for k in ("district", "category") if k in design.strata.keys]
    cells = table.select(cell_keys).rows() if cell_keys else [()] * table.height
    number = {cell: i for i, cell in enumerate(dict.fromkeys(cells))}
    codes = np.array([number[c] for c in cells])
    for code in range(len(number)):
        inside = codes == code
        asked = _raised(asked, inside, min(design.sample.floor_cell, int(asked.upper[inside].sum())), "floor")
    return asked


def _with_shares(asked: Requirements, table: pl.DataFrame, design: Design) -> Requirements:
    """Lower bounds that give domains their least shares; units taken with certainty do not count."""
    for _, bound, _domain, inside in each_domain(design.shares, table):
        free = inside & ~asked.certain
        least = int(np.ceil(bound.at_least * asked.population[free].sum() - 1e-9))
        asked = _raised(asked, free, least, "share")
    return asked


def _raised(asked: Requirements, inside: BoolArray, total: int, source: str) -> Requirements:
    """The lower bounds of some strata raised to a total, by the rule's priorities."""
    if int(asked.lower[inside].sum()) >= total:
        return asked
    lower = _filled(asked, inside, total)
    changed = lower > asked.lower
    return replace(asked, lower=lower, source=np.where(changed, source, asked.source))


def _filled(asked: Requirements, inside: BoolArray, total: int) -> IntArray:
    """Lower bounds with so many units in some strata, as far as the ceilings (budgets aside) allow."""
    local = [c for c in asked.ceilings if c.kind in ("capacity", "share") and (c.use[inside] > 0).any()]
    room = [c.limit - int((c.use * ~inside) @ asked.lower) for c in local]
    used = np.array([c.use[inside] for c in local], dtype=np.int64).reshape(-1, int(inside.sum()))
    if local and np.any(np.array(room) < used @ asked.lower[inside]):
        local, room, used = [], [], used[:0]  # broken as it is: told by `_check_ceilings`
    weights = np.maximum(asked.weights[inside], 1e-9 * float(asked.weights.max(initial=1.0)))
    lower = asked.lower.copy()
    if not local:
        low, high = asked.lower[inside], asked.upper[inside]
        lower[inside] = allocate(weights, min(max(total, int(low.sum())), int(high.sum())), lower=low, upper=high)
        return lower
    lower[inside] = allocate_within(
        weights,
        np.vstack([np.ones((1, int(inside.sum())), dtype=np.int64), used]),
        [total, *room],
        lower=asked.lower[inside],
        upper=asked.upper[inside],
    )
    return lower


def _check_ceilings(asked: Requirements, design: Design) -> None:
    for ceiling in asked.ceilings:
        needed = int(ceiling.use @ asked.lower)
        if ceiling.kind in ("capacity", "share") and needed > ceiling.limit:
            raise Clash(
                Text.of(
                    f"plan.clash_{ceiling.kind}",
                    domain=named(design, ceiling.domain),
                    limit=max(ceiling.limit, 0),
                    needed=needed,
                )
            )


def _with_detection(asked: Requirements, table: pl.DataFrame, design: Design) -> Requirements:
    """Lower bounds that give domains their probability of finding a failing unit."""
    for _, entry, domain, inside in each_domain(design.detection, table):
        if detection(asked, inside, asked.lower, entry) >= entry.probability:
            continue
        low, high = int(asked.lower[inside].sum()), int(asked.upper[inside].sum())
        best = detection(asked, inside, _filled(asked, inside, high), entry)
        if best < entry.probability:
            raise Clash(
                Text.of(
                    "plan.clash_detection",
                    domain=named(design, domain),
                    share=f"{100 * entry.share:g}",
                    probability=f"{100 * entry.probability:g}",
                    best=f"{100 * best:.1f}",
                )
            )
        while high - low > 1:
            middle = (low + high) // 2
            if detection(asked, inside, _filled(asked, inside, middle), entry) >= entry.probability:
                high = middle
            else:
                low = middle
        asked = _raised(asked, inside, high, "detection")
    return asked


def detection(asked: Requirements, inside: BoolArray, sizes: IntArray, entry: Detection) -> float:
    """Probability that sizes find a failing unit of a domain, if the share of the requirement fails there."""
    population, tested = asked.population[inside], sizes[inside]
    if entry.risk == "equal":
        return detection_probability(int(tested.sum()), share=entry.share, population=int(population.sum()))
    risks = _possible_risks(population, asked.failing[inside], entry.share)
    return risk_detection_probability(population, tested, risks, entry.share)


def _possible_risks(population: IntArray, failing: FloatArray, share: float) -> FloatArray:
    """Relative risks, the highest of them cut off where a stratum would have more failing units than units.

    Cutting them off gives less credit to targeted tests, never more.
    """
    risks = np.maximum(failing, 1e-6)
    units = population.astype(np.float64)
    failures = failing_units(share, int(population.sum()))
    while failures * float(risks.max()) > float(risks @ units) * (1 + 1e-12):
        top = risks == risks.max()
        # The cut at which the strata above it fail whole, or the next risk below if that comes first.
        cut = float(risks[~top] @ units[~top]) / (failures - float(units[top].sum()))
        risks[top] = max(cut, float(risks[~top].max()))
    return risks


def named(design: Design, domain: Mapping[str, str]) -> Text:
    """A domain as a person reads it, in either language."""
    if not domain:
        return Text.of("terms.city_total")
    zh, en = (
        " · ".join(design.label(column, value, lang) for column, value in domain.items()) for lang in ("zh", "en")
    )
    return Text.of("plan.named", zh=zh, en=en)
