"""The checks: each a function of all rows that returns every finding of its kind.

A check never changes a row. What was done is decided in `rows` and `units`; a check tells it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import polars as pl

from sampler.intake import codes
from sampler.intake.classify import TELLING, by_words
from sampler.intake.dates import impossible_dates
from sampler.intake.findings import LISTED, Finding
from sampler.intake.places import Districts
from sampler.intake.rows import (
    ADDRESS,
    COUNTS,
    DATES,
    FLAGS,
    LAST,
    OFFICE,
    ONLY,
    SHEET,
    TERMS,
    Rows,
    needs_district,
)
from sampler.intake.status import ASK, UNKNOWN
from sampler.intake.terms import SEPARATORS, both_names, nearest
from sampler.intake.values import filled, through_distinct, tidy_labels
from sampler.text import Text, listed

KEPT = Text.of("intake.done_kept")
EXCLUDED = Text.of("intake.done_excluded")
EMPTIED = Text.of("intake.done_emptied")
NOTHING = Text.of("intake.expected_nothing")

_NEVER = r"^\s*(?:从未|尚未|未|没有|无)被?(?:抽查|抽检|检查|抽样|查)?过?(?:记录)?\s*$"


def _at(rows: Rows, mask: pl.Series | pl.Expr, *, used: bool = True) -> pl.Series:
    """Positions where ``mask`` holds, among the rows that are used (or among all)."""
    if isinstance(mask, pl.Series):
        mask = pl.lit(mask)
    if used:
        mask = mask & pl.col("excluded").is_null()
    return rows.clean.select(pl.arg_where(mask.fill_null(False))).to_series()


def check_identity(rows: Rows) -> Iterator[Finding]:
    """Rows with neither a name nor a code that identifies, and rows that have only one of the two."""
    excluded = pl.col("excluded") == "identity"
    nobody = _at(rows, excluded, used=False)
    said = pl.concat_str([c for c in rows.raw.columns if c in rows.has], separator=" | ", ignore_nulls=True)
    yield Finding(
        "error",
        "no-identity",
        nobody,
        "name" if "name" in rows.has else "code",
        Text.of("intake.expected_name_or_code"),
        EXCLUDED,
        rows.raw[nobody].select(said.alias("said"))["said"],
    )
    if {"name", "code"} <= rows.has:
        yield Finding(
            "warning",
            "name-missing",
            _at(rows, pl.col("name").is_null()),
            "name",
            Text.of("intake.expected_name"),
            Text.of("intake.done_by_code"),
        )
        yield Finding(
            "warning",
            "code-missing",
            _at(rows, pl.col("code").is_null() & (pl.col("code_kind") == codes.NONE)),
            "code",
            Text.of("intake.expected_code"),
            Text.of("intake.done_by_name"),
        )


def check_codes(rows: Rows) -> Iterator[Finding]:
    """Codes that fail a check digit, have lost digits, have another length, or are old registration numbers."""
    if "code" not in rows.has:
        return
    kind = pl.col("code_kind")
    failing = _at(rows, kind == codes.FAILING)
    yield Finding(
        "warning",
        "code-check-digit",
        failing,
        "code",
        lambda at: _why_failing(rows.clean["code"].gather(failing.head(len(at)))),
        KEPT,
    )
    yield Finding(
        "warning",
        "code-damaged",
        _at(rows, kind == codes.DAMAGED),
        "code",
        Text.of("intake.expected_undamaged"),
        Text.of("intake.done_by_name"),
    )
    unified = rows.clean.select((kind == codes.VALID).any() | (kind == codes.FAILING).any()).item()
    if unified:
        yield Finding(
            "warning",
            "code-length",
            _at(rows, kind == codes.OTHER),
            "code",
            Text.of("intake.expected_18"),
            KEPT,
        )
        legacy = _at(rows, kind == codes.LEGACY)
        yield _summary("info", "code-legacy", legacy, "code", Text.of("intake.done_legacy", count=len(legacy)))


def _why_failing(failing: pl.Series) -> list[Text]:
    digits = codes.check_digits(failing)
    keys = [
        "intake.expected_alphabet"
        if not k
        else "intake.expected_both_checks"
        if not (b or w)
        else "intake.expected_body_check"
        if not b
        else "intake.expected_check"
        for k, b, w in zip(digits.known, digits.body, digits.whole, strict=True)
    ]
    return [Text.of(key) for key in keys]


def _summary(severity: str, code: str, at: pl.Series, field: str | None, done: Text) -> Finding:
    """One finding for many rows, at the first of them."""
    first = at.head(1)
    return Finding(severity, code, first, field, NOTHING, done, whole=True)  # type: ignore[arg-type]


def check_status(rows: Rows) -> Iterator[Finding]:
    """Statuses out of scope, statuses to ask about, statuses nobody knows."""
    if "status" not in rows.has:
        return
    kind = pl.col("status_kind")
    lists = rows.design.status
    for severity, code, at, key, done in (
        (
            "info",
            "status-out",
            _at(rows, pl.col("excluded") == "status", used=False),
            "intake.expected_in_scope",
            EXCLUDED,
        ),
        ("warning", "status-ask", _at(rows, kind == ASK), "intake.expected_status_asked", KEPT),
        ("warning", "status-unknown", _at(rows, kind == UNKNOWN), "intake.expected_status", KEPT),
    ):
        known = Text.of(key, known=_some(lists.in_scope))
        yield Finding(severity, code, at, "status", known, done)  # type: ignore[arg-type]


def check_districts(rows: Rows) -> Iterator[Finding]:
    """Districts that are missing, unknown, or read from something else; cities that are not the bureau's."""
    if not needs_district(rows.design):
        return
    missing = _at(rows, pl.col("excluded") == "district", used=False)
    unknown = missing.clear()
    if "district" in rows.has:
        given = filled(rows.raw["district"].gather(missing))
        missing, unknown = missing.filter(~given), missing.filter(given)
    expected = Text.of("intake.expected_district")
    yield Finding("error", "district-missing", missing, "district", expected, EXCLUDED, _asked(rows, missing))
    if "district" in rows.has:
        texts = rows.raw["district"].gather(unknown.head(LISTED))
        other = _elsewhere(rows).gather(unknown.head(LISTED))
        yield Finding(
            "error",
            "district-unknown",
            unknown,
            "district",
            lambda at: _nearest_district(rows, texts, other, at),
            EXCLUDED,
            _asked(rows, unknown),
        )
    for origin, source in ((OFFICE, "office"), (ADDRESS, "address")):
        at = _at(rows, pl.col("district_from") == origin)
        names = _names_of(rows, "district", rows.clean["district"].gather(at.head(LISTED)))
        yield Finding(
            "warning",
            "district-inferred",
            at,
            source,
            Text.of("intake.expected_district"),
            lambda positions, names=names: [Text.of("intake.done_inferred", value=names[k]) for k in positions],  # type: ignore[misc]
        )
    for origin, key in ((SHEET, "intake.done_from_sheet"), (ONLY, "intake.done_only_district")):
        at = _at(rows, pl.col("district_from") == origin)
        for first, count in _by_table(rows, at):
            yield _summary("info", "district-inferred", first, "district", Text.of(key, count=count))
    if not rows.design.districts and {"city", "district"} <= rows.has:
        with_city = rows.clean["district"] != through_distinct(rows.raw["district"], tidy_labels)
        for first, count in _by_table(rows, _at(rows, with_city)):
            yield _summary("info", "district-by-city", first, "district", Text.of("intake.done_by_city", count=count))
    if rows.design.districts and "city" in rows.has:
        yield Finding(
            "warning",
            "city-other",
            _at(rows, _elsewhere(rows)),
            "city",
            Text.of("intake.expected_city", city=rows.design.bureau.city),
            KEPT,
        )


def _asked(rows: Rows, at: pl.Series) -> pl.Series:
    """The cells that were to tell the district of some rows: its own, and where it says none the office and address."""
    cells = rows.raw[at]
    own = cells["district"] if "district" in rows.has else pl.Series([None], dtype=pl.String).new_from_index(0, len(at))
    if not rows.design.districts:
        return own
    silent = ~filled(own) | Districts(rows.design).whole_city(own)
    shown = [own.set(~filled(own), None).alias("district")]
    shown += [cells[f].set(~(silent & filled(cells[f])), None) for f in ("office", "address") if f in rows.has]
    joined = pl.DataFrame(shown).select(pl.concat_str(pl.all(), separator=" | ", ignore_nulls=True)).to_series()
    return joined.set(joined == "", None).fill_null(own)


def _by_table(rows: Rows, at: pl.Series) -> Iterator[tuple[pl.Series, int]]:
    """Of each table that has some of the rows: the first of them, and how many."""
    table = pl.DataFrame({"at": at, "table": rows.raw["table"].gather(at)})
    for first, count in (
        table.group_by("table", maintain_order=True).agg(pl.col("at").first(), pl.len()).select("at", "len").rows()
    ):
        yield pl.Series([first], dtype=pl.UInt32), count


def _elsewhere(rows: Rows) -> pl.Series:
    """Whether a row's city is neither the bureau's nor one of a district's."""
    if "city" not in rows.has:
        return pl.Series([False]).new_from_index(0, rows.raw.height)
    return Districts(rows.design).elsewhere(rows.clean["city"], rows.design)


def _nearest_district(rows: Rows, texts: pl.Series, other: pl.Series, at: Sequence[int]) -> list[Text]:
    """What was expected instead of texts that name no district; ``other``: whether the row's city is another."""
    names = {n: d for d in rows.design.districts for n in (d.name, d.name_en, *d.aliases)}
    districts = Districts(rows.design)
    said = []
    for k in at:
        if districts.shared(texts[k]):
            said.append(Text.of("intake.expected_district_city"))
            continue
        if districts.several(texts[k]):
            said.append(Text.of("intake.expected_one_of_districts"))
            continue
        if other[k] or districts.of_other_city(texts[k]):
            said.append(Text.of("intake.expected_own_district", city=rows.design.bureau.city))
            continue
        near = nearest(texts[k], names)
        shown = None if near is None else listed([names[near].name], [both_names(names[near])])
        said.append(
            Text.of("intake.expected_known_district", known=_some([d.name for d in rows.design.districts], 12))
            if shown is None
            else Text.of("intake.expected_nearest_district", near=shown)
        )
    return said


def _names_of(rows: Rows, column: str, keys: pl.Series) -> list[str]:
    names = {term.key: both_names(term) for term in rows.design.vocabulary(column)}
    return [names.get(key, key) for key in keys]


def check_categories(rows: Rows) -> Iterator[Finding]:
    """Rows of no category, with the texts that no category knows by frequency; texts partly unknown."""
    out = _at(rows, pl.col("excluded") == "category", used=False)
    asked = [f for f in TELLING if f in rows.has]
    if len(out) and not asked:
        yield Finding("warning", "category-none", out, None, Text.of("intake.expected_category"), EXCLUDED)
    elif len(out):
        speaks = pl.coalesce(*(pl.when(pl.col(f).is_not_null()).then(pl.lit(f)) for f in asked), pl.lit(asked[0]))
        said = rows.clean[out].select(pl.coalesce(asked).alias("text"), speaks.alias("field")).with_columns(at=out)
        yield from _frequent(said)
        for field in asked:
            mine = said.filter(pl.col("field") == field)
            expected = Text.of("intake.expected_category")
            yield Finding("warning", "category-none", mine["at"], field, expected, EXCLUDED, mine["text"])
    for field in ("category", "product"):
        if field in rows.has:
            yield from _unknown_parts(rows, field)


def _frequent(said: pl.DataFrame) -> Iterator[Finding]:
    """The commonest texts that fall into no category (``text``, ``field``, ``at``), one finding each."""
    common = (
        said.drop_nulls("text")
        .group_by("text")
        .agg(pl.len(), pl.col("at", "field").first())
        .sort(["len", "text"], descending=[True, False])
        .head(20)
    )
    for text, count, first, field in common.rows():
        yield Finding(
            "warning",
            "category-frequent",
            pl.Series([first], dtype=pl.UInt32),
            field,
            Text.of("intake.expected_category"),
            Text.of("intake.done_frequent", count=count),
            pl.Series([text]),
            whole=True,
        )


def _unknown_parts(rows: Rows, field: str) -> Iterator[Finding]:
    """Parts of cells that name other things too, and that no category knows."""
    decides = pl.col("category").is_null() if field == "product" and "category" in rows.has else pl.lit(True)
    used = _at(rows, decides & pl.col(field).str.contains(SEPARATORS))
    if not len(used):
        return
    texts = rows.clean[field].gather(used)
    parts = by_words(texts.unique(), rows.design.categories)
    unknown = parts.filter(pl.col("category").is_null()).select("text", "part")
    hits = pl.DataFrame({"text": texts, "at": used}).join(unknown, on="text", maintain_order="left")
    if hits.height:
        common = hits.group_by("part").len().sort(["len", "part"], descending=[True, False]).head(10)
        told = "; ".join(f"{part} ({count})" for part, count in common.rows())
        yield Finding(
            "info",
            "category-parts",
            hits["at"].head(1),
            field,
            Text.of("intake.expected_category"),
            Text.of("intake.done_parts", count=hits.height),
            pl.Series([told]),
            whole=True,
        )


def check_terms(rows: Rows) -> Iterator[Finding]:
    """Cells that name no term of their vocabulary."""
    for field in TERMS:
        terms = rows.design.vocabulary(field)
        if field in rows.has and terms:
            expected = Text.of("intake.expected_term", known=_some([t.name for t in terms], 12))
            yield from _unreadable(rows, field, f"{field.replace('_', '-')}-unknown", expected)


def check_counts(rows: Rows) -> Iterator[Finding]:
    """Cells that should hold a count and do not."""
    for field in COUNTS:
        if field in rows.has:
            yield from _unreadable(rows, field, "number-unreadable", Text.of("intake.expected_count"))


def check_flags(rows: Rows) -> Iterator[Finding]:
    """Cells that should say yes or no and do not."""
    for field in FLAGS:
        if field in rows.has:
            yield from _unreadable(rows, field, "flag-unreadable", Text.of("intake.expected_flag"))


def _unreadable(rows: Rows, field: str, code: str, expected: Text) -> Iterator[Finding]:
    """Cells of a field that hold something and say nothing, those of columns that do not speak for their row too."""
    silent = _at(rows, pl.col(field).is_null())
    at = silent.filter(filled(rows.raw[field].gather(silent)))
    yield Finding("warning", code, at, field, expected, EMPTIED)
    used = rows.clean["excluded"].is_null()
    for cells in rows.overlooked.get(field, ()):
        kept = used.gather(cells.at)
        done = Text.of("intake.done_other_column")
        at, texts = cells.at.filter(kept), cells.texts.filter(kept)
        yield Finding("warning", code, at, field, expected, done, texts, column=cells.column)


def check_dates(rows: Rows) -> Iterator[Finding]:
    """Dates that cannot be, cannot be read, lie in the future, or come in the wrong order."""
    for field in DATES:
        if field not in rows.has:
            continue
        for finding in _unreadable(rows, field, "date-unreadable", Text.of("intake.expected_date")):
            texts = rows.raw[field].gather(finding.at) if finding.found is None else finding.found
            never = texts.str.contains(_NEVER).fill_null(False) & (field == LAST)
            never_was = impossible_dates(texts)
            for code, kind in (("date-impossible", never_was), ("date-unreadable", ~never_was & ~never)):
                yield replace(finding, code=code, at=finding.at.filter(kind), found=texts.filter(kind))
        yield Finding(
            "warning",
            "date-future",
            _at(rows, pl.col(field) > rows.today),
            field,
            Text.of("intake.expected_past", today=rows.today.isoformat()),
            KEPT,
        )
    if set(DATES) <= rows.has:
        yield Finding(
            "warning",
            "date-order",
            _at(rows, pl.col("last_inspected") < pl.col("established")),
            "last_inspected",
            Text.of("intake.expected_order"),
            KEPT,
        )


def _some(names: Sequence[str], limit: int = 6) -> str:
    return " / ".join(names[:limit]) + (" / …" if len(names) > limit else "")


CHECKS: tuple[Callable[[Rows], Iterator[Finding]], ...] = (
    check_identity,
    check_status,
    check_districts,
    check_categories,
    check_codes,
    check_terms,
    check_counts,
    check_flags,
    check_dates,
)
"""The checks of rows, in the order of what they decide. `units` adds those of enterprises that occur more than once."""
