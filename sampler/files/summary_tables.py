"""What the planner's summary says, as plain tables: one function per subject, values in, values out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from types import MappingProxyType
from typing import Literal

import polars as pl

from sampler.assignment import Inspector, unavailable
from sampler.costs import batch_cost, spending
from sampler.errors import Issue
from sampler.frame import Frame
from sampler.history import Reported
from sampler.intake.findings import kind_of
from sampler.percent import confidence_text
from sampler.plan import Plan
from sampler.precision import Expected
from sampler.text import Lang, text

Kind = Literal["text", "count", "share", "number", "points", "money", "date"]


@dataclass(frozen=True)
class Table:
    """A table of the summary.

    Attributes:
        columns: header and kind of each.
        rows: values; shares are between 0 and 1.
    """

    title: str
    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[object, ...], ...]


def _columns(lang: Lang, **kinds: Kind) -> tuple[tuple[str, Kind], ...]:
    """Headers from the catalogue with their kinds."""
    return tuple((text(f"summary.{name}", lang), kind) for name, kind in kinds.items())


def overview(plan: Plan, frame: Frame, lang: Lang) -> tuple[Table, ...]:
    """What the plan is, where its units come from, and how much of everything it takes."""

    def t(key: str) -> str:
        return text(f"summary.{key}", lang)

    quarter = text("workbook.quarter", lang, year=plan.period.year, quarter=plan.period.quarter)
    facts: list[tuple[object, ...]] = [
        (t("plan_id"), plan.id),
        (
            t("period"),
            text("summary.period_days", lang, quarter=quarter, first=plan.period.start, last=plan.period.end),
        ),
        (t("deadline"), str(plan.deadline)),
        (t("seed"), plan.seed),
        (t("frame_sha256"), plan.frame_sha256),
        (t("design_sha256"), plan.design_sha256),
    ]
    aside = Counter(plan.set_aside["reason"].to_list())
    account: list[tuple[object, ...]] = [
        (t("frame_rows"), frame.rows),
        (t("frame_merged"), frame.merged),
        (t("frame_excluded"), sum(frame.excluded.values())),
        (t("frame_expanded"), frame.expanded),
        (t("frame_units"), frame.size),
        (t("frame_aside"), aside.total()),
        (t("frame_drawn_from"), plan.units.height),
    ]
    reasons = [
        (text(f"reasons.{reason}", lang), count)
        for reason, count in [*sorted(frame.excluded.items()), *sorted(aside.items())]
        if count
    ]
    tasks = plan.tasks
    amounts: list[tuple[object, ...]] = [
        (t("strata"), plan.strata.height),
        (t("tasks"), tasks.height),
        (t("certain"), tasks["certainty"].drop_nulls().len()),
        (t("batches"), int(tasks["batches"].sum())),
        (t("visits"), tasks["visit"].n_unique()),
        (t("reserves"), plan.selection.height - tasks.height),
        (t("cost"), spending(plan.selection, plan.design).total),
    ]
    return (
        Table(t("plan"), _columns(lang, item="text", value="text"), tuple(facts)),
        Table(t("frame"), _columns(lang, item="text", count="count"), tuple(account)),
        Table(t("exclusions"), _columns(lang, reason="text", count="count"), tuple(reasons)),
        Table(t("sample"), _columns(lang, item="text", count="count"), tuple(amounts)),
    )


def precision(plan: Plan, expected: Sequence[Expected], lang: Lang) -> dict[str, Table]:
    """Column of the domains (``""`` for the whole) → population, sample and interval to expect of each."""
    title = text("summary.precision_title", lang, confidence=confidence_text(plan.design.sample.confidence))
    population, sample = plan.units.height, plan.tasks.height
    found: dict[str, list[tuple[object, ...]]] = {}
    order = {c.key: i for i, c in enumerate(plan.design.categories)}
    # Other domains stay as they come.
    for e in sorted(expected, key=lambda e: order.get(e.domain.get("category", ""), -1)):
        column, value = next(iter(e.domain.items()), ("", ""))
        label = plan.design.label(column, value, lang) if column else text("summary.all", lang)
        found.setdefault(column, []).append(
            (label, e.population, e.sample, e.sample / e.population, e.population / population,
             e.sample / sample if sample else None, e.rate, e.lower, e.upper, 100 * e.half_width)
        )  # fmt: skip
    return {
        column: Table(
            title if not column else text(f"summary.{column}", lang),
            _columns(
                lang, domain="text", population="count", sample="count", fraction="share", population_share="share",
                sample_share="share", rate="share", lower="share", upper="share", half_width="points",
            ),
            tuple(rows),
        )
        for column, rows in found.items()
    }  # fmt: skip


def strata(plan: Plan, expected: Sequence[Expected], lang: Lang) -> Table:
    """Every stratum: its keys, what was allocated to it and why, and the interval to expect of it; none where all of it is
    taken."""
    keys = plan.design.strata.keys
    interval = {e.domain["stratum"]: e for e in expected if "stratum" in e.domain}
    rows = []
    for row in plan.strata.iter_rows(named=True):
        named = [None if row[k] is None else plan.design.label(k, str(row[k]), lang) for k in keys]
        e = interval.get(row["stratum"])
        rows.append(
            (row["stratum"], *named, text(f"summary.bound_{row['bound']}", lang), row["population"], row["sample"],
             row["sample"] / row["population"], row["reserves"], row["weight"], row["score"],
             *(("–", "–") if row["sample"] == row["population"] or not e else (e.lower, e.upper)))
        )  # fmt: skip
    headers = _columns(
        lang, bound="text", population="count", sample="count", fraction="share", reserves="count", weight="number",
        score="number", lower="share", upper="share",
    )  # fmt: skip
    by_key: tuple[tuple[str, Kind], ...] = tuple((_key_header(k, lang), "text") for k in keys)
    title = text("summary.sheet_strata", lang)
    return Table(title, ((text("summary.stratum", lang), "text"), *by_key, *headers), tuple(rows))


def _key_header(key: str, lang: Lang) -> str:
    return text(f"summary.{key}", lang) if key in ("district", "category", "tier") else key


def certainty(plan: Plan, lang: Lang) -> Table:
    """The units that were taken with certainty, each with its reason."""
    table = (
        plan.tasks.filter(pl.col("certainty").is_not_null())
        .join(plan.units.select("unit_id", "name", "code"), on="unit_id", how="left")
        .sort("task_id")
        .select("task_id", "name", "code", "district", "category", "certainty")
    )
    label = plan.design.label
    rows = tuple(
        (task, name, code, label("district", str(district), lang), label("category", category, lang),
         text(f"summary.certainty_{reason}", lang))
        for task, name, code, district, category, reason in table.iter_rows()
    )  # fmt: skip
    columns = _columns(lang, task_id="text", name="text", code="text", district="text", category="text", reason="text")
    return Table(text("summary.certainty_title", lang), columns, rows)


def cost(plan: Plan, lang: Lang) -> Table:
    """Batches and money by district and category, then visits, with a total."""
    label = plan.design.label
    money = spending(plan.selection, plan.design)
    counted = (
        plan.tasks.with_columns((pl.col("batches") * batch_cost(plan.design)).alias("cost"))
        .group_by("district", "category")
        .agg(pl.col("batches").sum(), pl.col("cost").sum())
    )
    order = {c.key: i for i, c in enumerate(plan.design.categories)}
    rows: list[tuple[object, ...]] = [
        (
            label("district", d, lang) if d is not None else None,
            label("category", c, lang),
            n,
            yuan / n if n else None,
            yuan,
        )
        for d, c, n, yuan in sorted(counted.iter_rows(), key=lambda r: (r[0] or "", order.get(r[1], len(order)), r[1]))
    ]
    if money.per_visit:
        visits = text("summary.visits_row", lang)
        rows.append((visits, None, money.visits, money.per_visit, money.visits_cost))
    batches = int(plan.tasks["batches"].sum())
    rows.append((text("summary.total", lang), None, batches, None, money.total))
    columns = _columns(lang, district="text", category="text", batches="count", unit_cost="money", total_cost="money")
    return Table(text("summary.cost_title", lang), columns, tuple(rows))


def load(plan: Plan, inspectors: Sequence[Inspector], lang: Lang) -> Table:
    """The visits of every inspector, and why there are none of some."""
    led = Counter(team[0] for team in plan.teams.values())
    visits = Counter(i for team in plan.teams.values() for i in team)
    known = {i.id: i for i in inspectors}
    window = (plan.period.start, plan.deadline)

    def row(number: str) -> tuple[object, ...]:
        person = known.get(number, Inspector(number, number))
        home = plan.design.label("district", person.district, lang) if person.district else None
        why = (
            None
            if visits[number]
            else text(f"summary.idle_{unavailable(person, window, plan.period.end) or 'not_drawn'}", lang)
        )
        return (number, person.name, home, visits[number], led[number], person.maximum, why)

    columns = _columns(
        lang,
        inspector_id="text",
        inspector_name="text",
        district="text",
        visits="count",
        led="count",
        maximum="count",
        idle="text",
    )
    return Table(text("summary.load_title", lang), columns, tuple(row(i) for i in sorted({*known, *visits})))


def swaps(plan: Plan, inspectors: Sequence[Inspector], lang: Lang) -> Table:
    """Who was drawn and recused, with the reason, and who goes instead."""
    names = {i.id: i.name for i in inspectors}
    rows = tuple(
        (s.visit, names.get(s.drawn, s.drawn), names.get(s.replaced_by, s.replaced_by), s.reason.render(lang))
        for s in plan.swaps
    )
    columns = _columns(lang, visit="text", drawn="text", replaced_by="text", reason="text")
    return Table(text("summary.swaps_title", lang), columns, rows)


def warnings(plan: Plan, frame: Frame, lang: Lang, reported: Mapping[str, Reported] = MappingProxyType({})) -> Table:
    """Mergers of tiers, strata too thin to estimate or without reserves, units that are drawn although the field last found
    them gone (``reported``, see `sampler.history.last_reported`), and the registry's issues by kind."""

    def t(key: str, **params: object) -> str:
        return text(f"summary.{key}", lang, **params)

    keys = [k for k in plan.design.strata.keys if k != "tier"]
    rows: list[tuple[object, ...]] = []
    for m in plan.mergers:
        cell = " · ".join(plan.design.label(k, v, lang) for k, v in zip(keys, m.cell, strict=True))
        tiers = " + ".join(plan.design.label("tier", tier, lang) for tier in m.tiers)
        told = t("warning_merger", cell=cell, tiers=tiers, population=m.population, reason=t(f"merger_{m.reason}"))
        rows.append((t("kind_merger"), told))
    for row in plan.strata.iter_rows(named=True):
        stratum = " · ".join(plan.design.label(k, row[k], lang) for k in plan.design.strata.keys if row[k])
        place = {"stratum": stratum or row["stratum"], "population": row["population"]}
        if row["sample"] == 0:
            rows.append((t("kind_sample"), t("warning_none", **place)))
        elif row["sample"] == 1 < row["population"]:
            rows.append((t("kind_sample"), t("warning_single", **place)))
        if row["sample"] and not row["reserves"] and not row["certainty"]:
            rows.append((t("kind_sample"), t("warning_reserves", **place, sample=row["sample"])))
    names = dict(plan.units.select("unit_id", "name").iter_rows())
    for task, unit in plan.tasks.sort("task_id").select("task_id", "unit_id").iter_rows():
        if (last := reported.get(unit)) is not None:
            reason = text(f"results.reason_{last.reason}", lang)
            told = t(
                "warning_reported", task=task, name=names[unit], reason=reason, period=last.period, earlier=last.task_id
            )
            rows.append((t("kind_reported"), told))
    listed = Counter(issue.code for issue in frame.issues)
    first: dict[str, Issue] = {}
    for issue in frame.issues:
        if issue.severity != "info":
            first.setdefault(issue.code, issue)
    for code, issue in first.items():
        where = issue.sheet or PurePath(issue.file).name
        told = t(
            "warning_issue" if issue.found else "warning_issue_empty",
            kind=kind_of(code),
            count=frame.found.get(code, listed[code]),
            place=t("place_row", place=where, row=issue.row) if issue.row else where,
            found=issue.found,
        )
        rows.append((t("kind_issue"), told))
    return Table(t("warnings_title"), _columns(lang, kind="text", what="text"), tuple(rows))
