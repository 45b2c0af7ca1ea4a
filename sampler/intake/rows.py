"""Rows: the cells of a registry as values, and beside each row that cannot be used the reason."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from sampler.design import Design
from sampler.intake import codes
from sampler.intake.classify import TELLING, Classes, classified
from sampler.intake.dates import dates, latest_dates
from sampler.intake.findings import Place
from sampler.intake.headers import field_order
from sampler.intake.places import Districts, by_city
from sampler.intake.status import OUT, status_kinds
from sampler.intake.terms import SEPARATORS, exact_terms, lookup, match_term, matched, mentions
from sampler.intake.values import (
    canonical,
    counts,
    flags,
    through_distinct,
    tidy,
    tidy_labels,
    tidy_names,
)

COUNTS = ("complaints", "failures", "penalties")
DATES = ("established", "last_inspected")
FLAGS = ("blacklisted", "abnormal")
TERMS = ("stage", "area_type", "credit_class", "risk_grade")
"""Fields with a vocabulary of their own in the design, beside district and category."""

GRADES = ("credit_class", "risk_grade")
LAST = "last_inspected"

COLUMN, SHEET, OFFICE, ADDRESS, ONLY = range(5)
"""Where a district was read from."""


@dataclass(frozen=True)
class Overlooked:
    """Cells that hold something unreadable, in rows where another column of their field speaks.

    Attributes:
        at: positions of the rows among all rows, ascending.
        texts: the cells.
        column: position of their column among those of the field.
    """

    at: pl.Series
    texts: pl.Series
    column: int


@dataclass(frozen=True)
class Rows:
    """All rows of a registry.

    Attributes:
        raw: as `stack.stacked`: ``table`` (position in ``places``), ``row``, and a String column for every field that some
            table has.
        clean: the same fields as values, and ``code_kind``, ``district_from``, ``status_kind`` (UInt8),
            ``classes`` (number among ``classes``), ``stages`` (list of keys, where stages make units of their own) and
            ``excluded`` (reason, null for a row that is used).
        classes: the sets of categories that rows fall into.
        places: where each table comes from.
        overlooked: field → unreadable cells of columns that do not speak for their row.
        has: the fields that some table has.
    """

    raw: pl.DataFrame
    clean: pl.DataFrame
    places: tuple[Place, ...]
    has: frozenset[str]
    classes: tuple[tuple[str, ...], ...]
    design: Design
    today: dt.date
    overlooked: Mapping[str, Sequence[Overlooked]] = field(default_factory=dict)


def understood(
    raw: pl.DataFrame,
    places: tuple[Place, ...],
    design: Design,
    *,
    today: dt.date,
    overlooked: Mapping[str, Sequence[Overlooked]] | None = None,
) -> Rows:
    """The rows as values, with the reason beside each that cannot be used."""
    has = frozenset(raw.columns) & set(field_order(design))
    # Columns are understood side by side: the work is done without Python's lock.
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        cleaning = {f: pool.submit(cleaned, raw[f], f, design) for f in field_order(design) if f in has}
        nothing = pl.Series([None], dtype=pl.String).new_from_index(0, raw.height)

        def column(name: str) -> pl.Series:
            return cleaning[name].result() if name in has else nothing.alias(name)

        # What follows from some columns waits for them alone; all were handed out before it.
        coded = pool.submit(lambda: _codes(column("code")))
        placed = pool.submit(_districts, raw, column, places, design)
        registered = pool.submit(lambda: status_kinds(column("status"), design.status))
        clean = pl.DataFrame([column(f) for f in cleaning])
        classes = _classes(clean, has, design)
        (code, kinds), (district, origin) = coded.result(), placed.result()
        clean = clean.with_columns(
            *([code] if "code" in has else []),
            kinds.alias("code_kind"),
            district.alias("district"),
            origin.alias("district_from"),
            registered.result().alias("status_kind"),
            classes.number.alias("classes"),
        )
    if design.unit.by_stage and "stage" in has:
        clean = clean.with_columns(_stages(raw["stage"], design).alias("stages"))
    clean = clean.with_columns(_excluded(has, design))
    return Rows(raw, clean, places, has, classes.sets, design, today, overlooked or {})


def _codes(code: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The codes that identify, and what each cell holds."""
    kinds = codes.code_kinds(code)
    if not _unified(kinds):
        kinds = kinds.set(kinds != codes.NONE, codes.OTHER)
    damaged = kinds == codes.DAMAGED
    return code.set(damaged, None) if damaged.any() else code, kinds


def cleaned(cells: pl.Series, field: str, design: Design) -> pl.Series:
    """The cells of a field as values, null where they hold nothing or cannot be read."""
    if field in COUNTS:
        return counts(cells)
    if field in DATES:
        return latest_dates(cells) if field == LAST else dates(cells)
    if field in FLAGS:
        return flags(cells)
    if field == "code":
        return codes.clean_codes(cells)
    if field in TERMS and design.vocabulary(field):
        return through_distinct(cells, lambda texts: _terms(texts, field, design))
    if field in ("contact", "phone"):
        return tidy_names(cells)
    if field in ("name", "address", "licence", "product", "scope"):
        return tidy(cells)
    return through_distinct(cells, tidy_labels)


def worse(column: str, design: Design) -> pl.Expr:
    """Numbers in whose order a field's values bear ever more on risk: counts, flags, dates, grades as they are listed."""
    if column in GRADES:
        order = {term.key: i for i, term in enumerate(design.vocabulary(column))}
        return pl.col(column).replace_strict(order, default=None, return_dtype=pl.Int64)
    return pl.col(column).cast(pl.Int64)


def _terms(texts: pl.Series, field: str, design: Design) -> pl.Series:
    """The keys that distinct cells name: of several the worst grade, or the first stage or area in the design's order."""
    terms = design.vocabulary(field)
    known, order = lookup(terms), [t.key for t in terms]
    choose = _worst if field in GRADES else _first
    forms = canonical(tidy(texts).fill_null(""))
    keys = [choose(text, form, known, order) for text, form in zip(texts, forms, strict=True)]
    return pl.Series(keys, dtype=pl.String)


def _parts(text: str) -> list[str]:
    """The parts of a cell that names several things, in canonical writing."""
    return canonical(tidy(pl.Series(re.split(SEPARATORS, text), dtype=pl.String)).drop_nulls()).to_list()


def _first(text: str, form: str, known: Mapping[str, str], order: Sequence[str]) -> str | None:
    whole = match_term(form, known)
    if whole is not None or not re.search(SEPARATORS, text):
        return whole
    keys = {key for part in _parts(text) if (key := match_term(part, known))}
    return min(keys, key=order.index, default=None)


def _worst(text: str, form: str, known: Mapping[str, str], order: Sequence[str]) -> str | None:
    """The worst of the grades that a cell names; None too where one of them is in doubt (A级、中高风险)."""
    if form in known and not re.search(r"[\r\n]", text.strip()):
        return known[form]
    keys: set[str] = set()
    for part in _parts(text) if re.search(SEPARATORS, text) else [form]:
        named = exact_terms(part, known) or [key for key in [match_term(part, known)] if key]
        if not named and mentions(part, known):
            return None
        keys.update(named)
    return max(keys, key=order.index) if keys else match_term(form, known)


def _stages(cells: pl.Series, design: Design) -> pl.Series:
    """All stages that a cell names, in the design's order."""
    terms = design.stages

    def split(texts: pl.Series) -> pl.Series:
        lists: list[list[str] | None] = []
        order = [t.key for t in terms]
        for cell in tidy(texts).str.replace_all(SEPARATORS, "\x1f").str.split("\x1f"):
            if cell is None:
                lists.append(None)
                continue
            parts = tidy(cell).drop_nulls()
            keys = matched(parts, terms).drop_nulls().unique().to_list() if terms else parts.unique().to_list()
            lists.append(sorted(keys, key=order.index if terms else None) or None)
        return pl.Series(lists, dtype=pl.List(pl.String))

    return through_distinct(cells, split)


def _unified(kinds: pl.Series) -> bool:
    """Whether the codes of a registry are meant to be unified codes: most of them look like it."""
    filled = int((kinds != codes.NONE).sum())
    other = int((kinds == codes.OTHER).sum())
    return filled == 0 or other <= filled / 2


def _districts(
    raw: pl.DataFrame, column: Callable[[str], pl.Series], places: Sequence[Place], design: Design
) -> tuple[pl.Series, pl.Series]:
    """The district of each row, and where it was read from."""
    text, city = column("district"), column("city")
    origin = pl.Series("district_from", [COLUMN], dtype=pl.UInt8).new_from_index(0, raw.height)
    if not design.districts:
        return by_city(text, city), origin
    districts = Districts(design)
    found = districts.find(text, city, whole=True)
    silent = text.is_null() | districts.whole_city(text)
    sheets = districts.of_sheets([(place.sheet, place.file) for place in places])
    for source, cells in (
        (SHEET, sheets.gather(raw["table"])),
        (OFFICE, column("office")),
        (ADDRESS, column("address")),
    ):
        where = (found.is_null() & silent & cells.is_not_null()).arg_true()
        if not len(where):
            continue
        said = cells.gather(where)
        named = said if source == SHEET else districts.find(said, city.gather(where), whole=False)
        hit = named.is_not_null()
        if hit.any():
            found = found.scatter(where.filter(hit), named.filter(hit))
            origin = origin.scatter(where.filter(hit), source)
    if len(design.districts) == 1:
        empty = found.is_null() & text.is_null()
        found = found.set(empty, design.districts[0].key)
        origin = origin.set(empty, ONLY)
    return found, origin


def _classes(clean: pl.DataFrame, has: frozenset[str], design: Design) -> Classes:
    if not has & set(TELLING) and len(design.categories) == 1:
        number = pl.Series("number", [0], dtype=pl.UInt32).new_from_index(0, clean.height)
        return Classes(number, ((design.categories[0].key,),))
    cells = clean.select(pl.col(f) if f in has else pl.lit(None, pl.String).alias(f) for f in TELLING)
    return classified(cells, design.categories)


def needs_district(design: Design) -> bool:
    """Whether a unit without a district cannot be placed."""
    return bool(design.districts) or "district" in design.strata.keys


def _excluded(has: frozenset[str], design: Design) -> pl.Expr:
    """Why a row cannot be used, the first of these reasons that holds; null where it can."""
    missing = [pl.col(f).is_null() for f in ("name", "code") if f in has]
    no_district = pl.col("district").is_null() if needs_district(design) else pl.lit(False)
    return (
        pl.when(pl.all_horizontal(missing))
        .then(pl.lit("identity"))
        .when(pl.col("status_kind") == OUT)
        .then(pl.lit("status"))
        .when(no_district)
        .then(pl.lit("district"))
        .when(pl.col("classes").is_null())
        .then(pl.lit("category"))
        .alias("excluded")
    )
