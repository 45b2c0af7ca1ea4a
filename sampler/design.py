"""The design of a plan, as values: what a configuration says once it has been read and found sound.

`config` makes these values from TOML; everything else takes them as arguments. Field names are the keys of the
TOML file. Numbers carry their bounds in their types (``Annotated``), so that there is one place to look for what is allowed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Interval, Le, Lt, MinLen

from sampler.text import Lang

Share = Annotated[float, Interval(ge=0, le=1)]
Probability = Annotated[float, Gt(0), Lt(1)]
Count = Annotated[int, Interval(ge=0, le=1_000_000)]
Positive = Annotated[int, Interval(ge=1, le=1_000_000_000)]
Money = Annotated[float, Interval(ge=0, le=1e12)]
Label = Annotated[str, MinLen(1)]

Rule = Literal["risk", "neyman", "proportional", "power", "equal"]


class Strict:
    """Unknown keys are errors, and text is never taken for a number."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, kw_only=True)
class Bureau(Strict):
    """Who makes the plan."""

    city: Label
    city_en: Label
    language: Lang = "zh"


@dataclass(frozen=True, kw_only=True)
class Term(Strict):
    """One value of a closed vocabulary: a machine name, its two names for people, and what registries call it."""

    key: Label
    name: Label
    name_en: Label
    aliases: tuple[str, ...] = ()

    def label(self, lang: Lang) -> str:
        """The name a person reads."""
        return self.name if lang == "zh" else self.name_en


@dataclass(frozen=True, kw_only=True)
class District(Term):
    """A district; ``key`` is its division code (GB/T 2260) where it has one.

    ``city`` is given only where two districts of the design share a name; ``capacity`` is the batches a quarter its
    inspectors can do.
    """

    city: str = ""
    capacity: Count | None = None


@dataclass(frozen=True, kw_only=True)
class Category(Term):
    """A product category, how a registry row falls into it, and what is expected of it.

    Attributes:
        keywords: words in a product, licence or business-scope cell that put a row here.
        industry: prefixes of GB/T 4754 codes that put a row here; ``industry_except`` prefixes that do not.
        licences: prefixes of licence numbers that put a row here.
        target: pass rate asked for, with its source.
        prior: pass rate assumed when planning, with its source.
        batches: batches taken at one unit.
        cost_per_batch: purchase and test of one batch, in yuan; ``cost_by_stage``: where it differs, by stage.
    """

    keywords: tuple[str, ...] = ()
    industry: tuple[str, ...] = ()
    industry_except: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    target: Probability
    target_source: str = ""
    prior: Probability
    prior_source: str = ""
    batches: Positive = 1
    cost_per_batch: Money = 0.0
    cost_by_stage: Mapping[str, Money] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Status(Strict):
    """Registration status: what is in scope, what is out, what a person is asked about (kept, with a warning)."""

    in_scope: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unit(Strict):
    """What one sampling unit is: enterprise × category, and × stage where ``by_stage``."""

    by_stage: bool = False


@dataclass(frozen=True, kw_only=True)
class Tier(Strict):
    """A class of risk scores: those at or above ``at_least`` and below the next higher tier's; their order is free."""

    key: Label
    name: Label
    name_en: Label
    at_least: Annotated[float, Ge(0)]

    def label(self, lang: Lang) -> str:
        """The name a person reads."""
        return self.name if lang == "zh" else self.name_en


@dataclass(frozen=True, kw_only=True)
class Strata(Strict):
    """The crossing that makes the strata: frame columns, and ``tier`` for the risk tier.

    ``smallest`` is the size below which a tier's stratum is merged with its neighbour within the other keys.
    """

    keys: Annotated[tuple[str, ...], MinLen(1)] = ("district", "category", "tier")
    smallest: Positive = 5


@dataclass(frozen=True, kw_only=True)
class Sample(Strict):
    """How many batches, by which rule, with which floors and reserves.

    Attributes:
        budget: batches to take; None where money, margins or detection alone decide.
        budget_yuan: money to spend at most, on batches and visits.
        cost_per_visit: one visit to one enterprise, in yuan, whatever is taken there.
        rule: the choice of a_h (DESIGN §3): risk N·w, neyman N·S, proportional N, power, equal.
        power: exponent of the power rule.
        floor_cell: least tasks in every non-empty district × category.
        floor_stratum: least tasks in every stratum that has so many units.
        reserves: reserves drawn per task, and the least number per stratum (as far as it has units left).
        notice: share of failing units for which the plan reports its probability of finding one.
    """

    budget: Positive | None = None
    budget_yuan: Annotated[float, Interval(gt=0, le=1e12)] | None = None
    cost_per_visit: Money = 0.0
    rule: Rule = "risk"
    power: Share = 0.5
    confidence: Probability = 0.95
    floor_cell: Count = 1
    floor_stratum: Count = 2
    reserves: Annotated[float, Ge(0), Le(5)] = 0.5
    reserves_least: Count = 1
    notice: Probability = 0.05


EVERY = "every"
"""In a domain: one requirement for each value of the column."""

CERTAINTY = "certainty"
NOTHING = "-"
"""What stands in a stratum's id in place of the tier of units taken with certainty, and for a missing value."""


DomainOf = Mapping[str, Label]
"""Column of the strata keys (not the tier) → value or `EVERY`; no column at all is the whole population."""


@dataclass(frozen=True, kw_only=True)
class Precision(Strict):
    """The pass rate of a domain is to be known to within ``margin``: half the width of the interval to expect."""

    domain: DomainOf = field(default_factory=dict)
    margin: Annotated[float, Gt(0), Lt(0.5)]
    confidence: Probability | None = None


@dataclass(frozen=True, kw_only=True)
class Detection(Strict):
    """If at least a share of a domain's units fails, one of them is to be found with a probability.

    ``risk``: ``equal`` takes every unit to be as likely to fail as any other; ``assumed`` takes the strata's assumed
    failure rates as their relative risks, so that tests where the risk is higher count for more.
    """

    domain: DomainOf = field(default_factory=dict)
    share: Annotated[float, Gt(0), Le(1)]
    probability: Probability = 0.95
    risk: Literal["equal", "assumed"] = "equal"


@dataclass(frozen=True, kw_only=True)
class ShareBound(Strict):
    """Least and most of a domain's units that are drawn, as shares; units taken with certainty do not count."""

    domain: DomainOf = field(default_factory=dict)
    at_least: Share = 0.0
    at_most: Share = 1.0


@dataclass(frozen=True, kw_only=True)
class Certainty(Strict):
    """Which units are taken with certainty, each with its reason on record."""

    blacklisted: bool = True
    follow_up: bool = True


@dataclass(frozen=True, kw_only=True)
class Rest(Strict):
    """Units checked less than ``months`` ago are out of this quarter's frame (the six-month lock)."""

    months: Annotated[int, Interval(ge=0, le=1200)] = 6


@dataclass(frozen=True, kw_only=True)
class Caps(Strict):
    """What no enterprise is to be burdened with more of; None is no limit.

    ``visits_per_year``: an enterprise that earlier plans visited so often in the calendar year is out of this quarter's
    frame, unless a failure is to be followed up there.
    ``batches_per_enterprise``: of an enterprise whose units would give more batches in one quarter, as many units as fit
    stay in the frame, those taken with certainty first and the others by lot.
    """

    visits_per_year: Positive | None = None
    batches_per_enterprise: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class Learning(Strict):
    """How earlier results move the pass rates assumed when planning (`sampler.history.assumed_rates`).

    Attributes:
        quarters: how many quarters back results count.
        prior_size: how many tests a category's ``prior`` is worth.
    """

    quarters: Positive = 4
    prior_size: Annotated[float, Gt(0)] = 200.0


@dataclass(frozen=True, kw_only=True)
class Campaign(Strict):
    """A special campaign (专项整治): restricts a plan; an empty list restricts nothing."""

    categories: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inspectors(Strict):
    """The second half of double random: how teams are drawn."""

    team: Annotated[int, Interval(ge=2, le=100)] = 2
    across_districts: bool = False


@dataclass(frozen=True, kw_only=True)
class Fieldwork(Strict):
    """The workbooks: days from the period's start to their deadline; whether each visit has a form to sign."""

    deadline_days: Annotated[int, Interval(ge=1, le=3660)] = 60
    forms: bool = False


@dataclass(frozen=True, kw_only=True)
class Design(Strict):
    """Everything a plan is decided by, apart from the frame, the risk weights, the period and the seed."""

    schema_version: Literal[1]
    bureau: Bureau
    districts: tuple[District, ...] = ()
    categories: Annotated[tuple[Category, ...], MinLen(1)]
    stages: tuple[Term, ...] = ()
    area_types: tuple[Term, ...] = ()
    credit_classes: tuple[Term, ...] = ()
    risk_grades: tuple[Term, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: Status = field(default_factory=Status)
    unit: Unit = field(default_factory=Unit)
    tiers: tuple[Tier, ...] = ()
    strata: Strata = field(default_factory=Strata)
    sample: Sample
    precision: tuple[Precision, ...] = ()
    detection: tuple[Detection, ...] = ()
    shares: tuple[ShareBound, ...] = ()
    certainty: Certainty = field(default_factory=Certainty)
    rest: Rest = field(default_factory=Rest)
    caps: Caps = field(default_factory=Caps)
    history: Learning = field(default_factory=Learning)
    campaign: Campaign = field(default_factory=Campaign)
    inspectors: Inspectors = field(default_factory=Inspectors)
    fieldwork: Fieldwork = field(default_factory=Fieldwork)

    def vocabulary(self, column: str) -> tuple[Term, ...]:
        """The closed vocabulary of a frame column, empty where its values are taken as they are."""
        vocabularies: dict[str, tuple[Term, ...]] = {
            "district": self.districts,
            "category": self.categories,
            "stage": self.stages,
            "area_type": self.area_types,
            "credit_class": self.credit_classes,
            "risk_grade": self.risk_grades,
        }
        return vocabularies.get(column, ())

    def label(self, column: str, key: str, lang: Lang) -> str:
        """What a person reads for the value ``key`` of a frame column, or the key itself where nothing names it."""
        if column == "tier" and "+" in key:  # tiers merged into one stratum
            return "+".join(self.label(column, part, lang) for part in key.split("+"))
        named: tuple[Term | Tier, ...] = self.tiers if column == "tier" else self.vocabulary(column)
        return next((t.label(lang) for t in named if t.key == key), key)


@dataclass(frozen=True, kw_only=True)
class Weight(Strict):
    """One line of the risk weights: what a unit's score is multiplied by, and who says so.

    Either ``value`` (the unit's ``field`` equals it) or ``at_least`` (the unit's ``field`` is a number at or above
    it; of several the largest ``at_least`` counts).
    """

    field: Label
    value: str | None = None
    at_least: float | None = None
    weight: Annotated[float, Interval(gt=0, le=1000)]
    source: Label
    date: dt.date


@dataclass(frozen=True, kw_only=True)
class RiskWeights(Strict):
    """The table of risk weights. A field without a matching line weighs 1."""

    schema_version: Literal[1]
    weights: Annotated[tuple[Weight, ...], MinLen(1)]

    def fields(self) -> tuple[str, ...]:
        """The frame columns that bear on risk, in the order of the table."""
        return tuple(dict.fromkeys(w.field for w in self.weights))


@dataclass(frozen=True, kw_only=True)
class RecordedDesign(Strict):
    """What a plan folder has on record of its design (``inputs/design.json``)."""

    design: Design
    weights: RiskWeights
