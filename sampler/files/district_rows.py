"""What a district workbook says, as plain values: the plan's rows of one district, in the words that get printed.

Risk tier, score, stratum, credit class and risk grade are not among them: an inspector carries these papers into the
enterprise. Reserves are matched to tasks by a neutral group label.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import polars as pl

from sampler.assignment import NOWHERE
from sampler.design import Design
from sampler.files.columns import LATER_FIELDS, MARK, RESERVE_COLUMNS, SAMPLE_FIELDS, TASK_COLUMNS, Column
from sampler.plan import Plan
from sampler.text import Lang, text

Row = tuple[object, ...]

LABELLED = ("category", "stage")
"""The printed columns that differ with the language."""

_STREET = "(街道|街|镇|乡)$"
"""What addresses may leave out or shorten of a street's name."""

_DROPPED_WHERE_EMPTY = ("stage", "contact", "street_office", "group")


@dataclass(frozen=True)
class Listing:
    """One list of a workbook: its columns, and its rows in print order.

    ``visits`` names the visit that each row belongs to, ``places`` the office or street, or None where neither is known.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    visits: tuple[str, ...]
    places: tuple[str | None, ...]

    def column(self, field: str) -> int | None:
        """Position of a field's column from 0, or None where the list has no such column."""
        return next((i for i, c in enumerate(self.columns) if c.field == field), None)


@dataclass(frozen=True)
class DistrictPapers:
    """Everything one district's workbook is written from; small, and cheap to hand to another process."""

    lang: Lang
    bureau: str
    district: str
    period: str
    quarter: str
    start: dt.date
    end: dt.date
    plan_id: str
    frame_sha256: str
    deadline: dt.date
    teams: bool
    task_count: int
    enterprise_count: int
    tasks: Listing
    reserves: Listing
    forms: bool


def district_papers(
    plan: Plan,
    lang: Lang,
    *,
    inspectors: Mapping[str, str],
    plan_id: str,
    deadline: dt.date,
    forms: bool = False,
) -> dict[str, DistrictPapers]:
    """The papers of every district that has a task or reserve, by district, in order of key.

    Args:
        inspectors: inspector's id → name.
        plan_id: what identifies the plan on every page.
        deadline: the day by which the workbook is to be sent back.
        forms: whether to add a page per visit to fill in and sign.
    """
    selection = plan.selection.with_columns(pl.col("district").fill_null(NOWHERE))
    rows = in_words(batch_rows(selection, plan, inspectors, deadline), plan.design, lang)
    bureau = plan.design.bureau.city if lang == "zh" else plan.design.bureau.city_en
    sampled = SAMPLE_FIELDS if forms else ()
    papers: dict[str, DistrictPapers] = {}
    for (key,), part in sorted(rows.partition_by("district", as_dict=True).items(), key=lambda kv: str(kv[0][0])):
        tasks = part.filter(pl.col("role") == "task")
        papers[str(key)] = DistrictPapers(
            lang=lang,
            bureau=bureau,
            district=plan.design.label("district", str(key), lang),
            period=plan.period.name,
            quarter=text("workbook.quarter", lang, year=plan.period.year, quarter=plan.period.quarter),
            start=plan.period.start,
            end=plan.period.end,
            plan_id=plan_id,
            frame_sha256=plan.frame_sha256,
            deadline=deadline,
            teams=bool(plan.teams),
            task_count=tasks["unit_id"].n_unique(),
            enterprise_count=tasks["visit_key"].n_unique(),
            tasks=_listing(tasks, TASK_COLUMNS, (*_alike(tasks), *sampled)),
            # A reserve's rows say how many batches it has.
            reserves=_listing(part.filter(pl.col("role") == "reserve"), RESERVE_COLUMNS, ("batches", *sampled)),
            forms=forms,
        )
    return papers


def batch_rows(selection: pl.DataFrame, plan: Plan, inspectors: Mapping[str, str], deadline: dt.date) -> pl.DataFrame:
    """One row per batch, sorted by district and id: the selection's columns, and every printed column of either list,
    those of `LABELLED` as keys.

    ``task`` is the task's or reserve's id; ``task_id`` and ``reserve_id``, the printed ones, are the batch's.
    """
    known = ("unit_id", "name", "code", "address", "street", "office", "contact", "phone")
    selection = selection.with_columns(
        order=pl.col("rank").rank("dense").over("role", "stratum").cast(pl.Int64),
        visit_key=pl.coalesce("visit", "enterprise"),
    )
    return (
        selection.drop([c for c in known if c != "unit_id" and c in selection.columns])
        .join(plan.units.select(known), on="unit_id", how="left", maintain_order="left")
        .join(_teams(plan, inspectors), on="visit", how="left", maintain_order="left")
        .with_columns(
            street_office=_joined("street", "office", "\n"),
            contact=_joined("contact", "phone", "\n"),
            deadline=pl.lit(deadline),
            batch=pl.int_ranges(1, pl.col("batches") + 1),
        )
        .sort("district", "role", "task_id", maintain_order=True)
        .explode("batch")
        .with_columns(task=pl.col("task_id"), task_id=_batch_id())
        .with_columns(reserve_id=pl.col("task_id"))
    )


def in_words(rows: pl.DataFrame, design: Design, lang: Lang) -> pl.DataFrame:
    """`batch_rows` as they are printed: the columns of `LABELLED` in the words of a language."""
    return rows.with_columns(_labels(column, design, lang) for column in LABELLED)


def _batch_id() -> pl.Expr:
    """Ids of batch rows, over a table exploded by ``batch`` = 1 … ``batches``: a task's own id for a single batch, else
    ``task-1`` … ``task-k``.
    """
    return (
        pl.when(pl.col("batches") == 1)
        .then(pl.col("task_id"))
        .otherwise(pl.format("{}-{}", pl.col("task_id"), pl.col("batch")))
    )


def _joined(first: str, second: str, separator: str) -> pl.Expr:
    return pl.concat_str(first, second, separator=separator, ignore_nulls=True).replace("", None)


def _labels(column: str, design: Design, lang: Lang) -> pl.Expr:
    names = {t.key: t.label(lang) for t in design.vocabulary(column)}
    return pl.col(column).replace(list(names), list(names.values())) if names else pl.col(column)


def _teams(plan: Plan, inspectors: Mapping[str, str]) -> pl.DataFrame:
    """A row per ``visit``: the first of its team, and the others."""
    # The same few teams go on many visits.
    named = {ids: [inspectors.get(i, i) for i in ids] for ids in set(plan.teams.values())}
    first = {ids: names[0] if names else None for ids, names in named.items()}
    others = {ids: "、".join(names[1:]) or None for ids, names in named.items()}
    columns = {
        "visit": list(plan.teams),
        "inspector_a": [first[ids] for ids in plan.teams.values()],
        "inspector_b": [others[ids] for ids in plan.teams.values()],
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def _printed(column: Column) -> pl.Expr:
    """What a column's cells say. A preset date is text, which breaks into two lines where a date would not."""
    if column.filled:
        return pl.lit(None).alias(column.field)
    return pl.col(column.field).cast(pl.String) if column.kind == "date" else pl.col(column.field)


def _alike(tasks: pl.DataFrame) -> tuple[str, ...]:
    """The columns that say the same of every task, so that the list's subtitle can say it."""
    return ("deadline", "batches") if tasks["batches"].eq(1).all() else ("deadline",)


def _listing(table: pl.DataFrame, columns: tuple[Column, ...], beside: Collection[str]) -> Listing:
    """A list with the columns of ``beside`` to the right of what is printed, the mark last."""
    kept = [c for c in columns if c.field not in _DROPPED_WHERE_EMPTY or table[c.field].null_count() < table.height]
    beside = {*beside, *LATER_FIELDS, "number", *(("street_office",) if _addresses_name_streets(table) else ())}
    kept = [replace(c, outside=c.outside or c.field in beside) for c in kept]
    kept = [c for c in kept if not c.outside] + sorted((c for c in kept if c.outside), key=_order_beside)
    values = table.with_columns(number=pl.int_range(1, pl.len() + 1)).select(_printed(c) for c in kept)
    places = table.select(pl.coalesce("office", "street")).to_series()
    return Listing(tuple(kept), tuple(values.rows()), tuple(table["visit_key"].to_list()), tuple(places.to_list()))


def _order_beside(column: Column) -> tuple[bool, bool, bool]:
    """Beside the page stand the results first, then what else is typed, then what the plan says; the mark last."""
    return column.field == MARK, not column.filled, column.field not in LATER_FIELDS


def _addresses_name_streets(table: pl.DataFrame) -> bool:
    """Whether most addresses say the street themselves; the others stand among rows of the same street."""
    street = pl.col("street").str.replace(_STREET, "")
    said = pl.col("address").str.contains(street, literal=True) & (street != "")
    return bool(table.select(said.fill_null(False).sum() * 2 > pl.len()).item())
