"""Early warnings (区域性, 行业性, 系统性), failing items that turn up in several districts, and what must be followed up.

A warning is raised where a rate is *proven* to be below its target, the false discovery rate held within each family of
domains. Nothing here ever says that an enterprise complies: a sample without failures proves nothing of the kind.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from sampler.rates import DomainEstimate
from sampler.text import Text
from sampler.wording import domain_label, statement

if TYPE_CHECKING:
    from sampler.design import Design
    from sampler.plan import Plan
    from sampler.results import Results
    from sampler.text import Lang

Kind = Literal["regional", "industry", "systemic", "combined", "item"]

KINDS: dict[tuple[str, ...], Kind] = {
    (): "systemic",
    ("district",): "regional",
    ("category",): "industry",
    ("industry",): "industry",
    ("stage",): "industry",
}
"""Family → kind of its warnings; any other family's are ``combined``."""

SEVERAL_DISTRICTS = 3
"""Districts in which a failing item must turn up to be systemic rather than a coincidence."""

RECTIFY_DAYS = 60
RECHECK_DAYS = 75
"""Days from the order to correct: the enterprise's to correct, the authority's to re-check (产品质量监督抽查管理暂行办法,
SAMR order 18 of 2019, articles 46 and 47). Food has rules of its own (食品安全抽样检验管理办法, SAMR order 15 of 2019): the
report says so."""


@dataclass(frozen=True)
class Alert:
    """An early warning.

    Attributes:
        kind: regional, industry, systemic, combined, or item (a failing item in several districts).
        domain: what it is about; empty for the whole and for items.
        estimate: the row that gave it; None for items.
        item: the item; None for rates.
    """

    kind: Kind
    domain: Mapping[str, str | None]
    estimate: DomainEstimate | None = None
    item: FailingItem | None = None
    confidence: float = 0.95
    design: Design | None = None

    def sentence(self, lang: Lang) -> str:
        """The warning in a plain sentence with its numbers."""
        kind = Text.of(f"estimate.kind_{self.kind}")
        if self.item is not None:
            districts = [domain_label({"district": d}, self.design, lang) for d in self.item.districts]
            return Text.of(
                "estimate.alert_item",
                kind=kind,
                item=self.item.item,
                batches=self.item.batches,
                enterprises=self.item.enterprises,
                count=len(districts),
                districts=Text.of("common.comma").render(lang).join(districts),
            ).render(lang)
        assert self.estimate is not None
        return statement(self.estimate, self.confidence, self.design, lang, kind=kind)

    def to_json(self) -> dict[str, object]:
        """The warning as scripts read it."""
        body: dict[str, object] = {"kind": self.kind, "domain": dict(self.domain)}
        if self.estimate is not None:
            e = self.estimate
            body |= {
                "grade": e.grade, "rate": e.rate, "lower": e.lower, "upper": e.upper, "target": e.target,
                "tested": e.tested, "failed": e.failed, "p_value": e.p_below, "q_value": e.q_below,
            }  # fmt: skip
        if self.item is not None:
            body |= self.item.to_json()
        return body | {"message": {"zh": self.sentence("zh"), "en": self.sentence("en")}}


@dataclass(frozen=True)
class FailingItem:
    """An item that batches failed on, and where."""

    item: str
    batches: int
    enterprises: int
    districts: tuple[str, ...]
    categories: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """The item as scripts read it."""
        return {
            "item": self.item,
            "batches": self.batches,
            "enterprises": self.enterprises,
            "districts": list(self.districts),
            "categories": list(self.categories),
        }


def split_items(typed: str) -> tuple[str, ...]:
    """The items in a cell 不合格项目 as typed: split at 、,;/ and line breaks, blanks and widths made even.

    Of items that differ in capitals alone (pH值, PH值) the first is kept.
    """
    text = unicodedata.normalize("NFKC", typed)
    parts = (re.sub(r"\s+", " ", part).strip(" .。:") for part in re.split(r"[、,;/\n\r。]", text))
    items: dict[str, str] = {}
    for part in parts:
        if part and part not in ("-", "—"):
            items.setdefault(part.casefold(), part)
    return tuple(items.values())


def failing_items(failures: pl.DataFrame) -> tuple[FailingItem, ...]:
    """The items of some failed batches, those in most districts first.

    Args:
        failures: rows with ``failing_item``, ``district``, ``category``, ``enterprise``.
    """
    places: dict[str, list[tuple[str, str, str]]] = {}
    names: dict[str, str] = {}
    for typed, *place in failures.select("failing_item", "district", "category", "enterprise").iter_rows():
        for item in split_items(typed or ""):
            names.setdefault(item.casefold(), item)
            places.setdefault(item.casefold(), []).append(tuple(place))
    found = [
        FailingItem(
            item=names[key],
            batches=len(where),
            enterprises=len({e for _, _, e in where}),
            districts=tuple(sorted({d for d, _, _ in where if d})),
            categories=tuple(sorted({c for _, c, _ in where if c})),
        )
        for key, where in places.items()
    ]
    return tuple(sorted(found, key=lambda i: (-len(i.districts), -i.batches, i.item)))


_AS_TYPED = (
    "batch_id", "unit_id", "code", "district", "category", "address", "sample_name", "batch_no", "failing_item",
    "first", "retest", "sampled_on",
)  # fmt: skip


@dataclass(frozen=True)
class FollowUp:
    """A failed batch that somebody must return to."""

    batch_id: str
    unit_id: str
    enterprise: str
    code: str | None
    district: str
    category: str
    address: str | None
    sample_name: str | None
    batch_no: str | None
    failing_item: str | None
    first: str | None
    retest: str | None
    sampled_on: dt.date | None
    ordered: dt.date
    rectify_by: dt.date
    deadline: dt.date

    def to_json(self) -> dict[str, object]:
        """The failure as scripts read it, dates as ISO 8601."""
        return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in vars(self).items()}


def failed_batches(plan: Plan, results: Results) -> pl.DataFrame:
    """The batches whose final result is a failure, with their unit's columns."""
    units = plan.units.select("unit_id", "enterprise", "name", "code", "district", "category", "address")
    failed = results.batches.filter((pl.col("state") == "tested") & (pl.col("final") == "fail"))
    return failed.join(units, on="unit_id", how="left").sort("district", "batch_id")


def follow_ups(failures: pl.DataFrame, *, ordered: Callable[[str], dt.date]) -> tuple[FollowUp, ...]:
    """The follow-up list: every failed batch with its dates, counted from the day its order to correct is issued.

    Args:
        failures: as `failed_batches`.
        ordered: batch's id → that day.
    """
    found = []
    for r in failures.iter_rows(named=True):
        day = ordered(r["batch_id"])
        found.append(
            FollowUp(
                **{k: r[k] for k in _AS_TYPED},
                enterprise=r["name"],
                ordered=day,
                rectify_by=day + dt.timedelta(days=RECTIFY_DAYS),
                deadline=day + dt.timedelta(days=RECHECK_DAYS),
            )
        )
    return tuple(found)


def alerts(
    rows: Sequence[DomainEstimate],
    items: Sequence[FailingItem] = (),
    *,
    confidence: float = 0.95,
    design: Design | None = None,
) -> tuple[Alert, ...]:
    """The early warnings: rates proven to be below target, the whole first, then items in several districts."""
    below = [
        Alert(KINDS.get(row.family, "combined"), row.domain, estimate=row, confidence=confidence, design=design)
        for row in rows
        if row.grade == "below"
    ]
    systemic = [
        Alert("item", {}, item=item, confidence=confidence, design=design)
        for item in items
        if len(item.districts) >= SEVERAL_DISTRICTS
    ]
    return (*below, *systemic)
