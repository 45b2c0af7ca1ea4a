"""Rows of returned lists → replies: matched to the plan's batches, compared with what was printed, their cells read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from sampler.errors import InputError, Issue, Severity
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS, Kind
from sampler.files.district_rows import LABELLED
from sampler.files.findings import finding
from sampler.files.returned_sheets import FIELDS
from sampler.intake.answers import (
    Read,
    days,
    failed_items,
    quantities,
    reasons,
    statuses,
    verdicts,
    with_units,
)
from sampler.intake.dates import dates
from sampler.intake.values import canonical
from sampler.text import LANGUAGES, Lang, text

if TYPE_CHECKING:
    from sampler.plan import Plan

Headers = Mapping[str, Mapping[str | None, Mapping[str, str]]]
"""File → sheet → field → the header it stood under."""

_COLUMNS = {c.field: c for c in (*RESERVE_COLUMNS, *TASK_COLUMNS)}
_TYPED = tuple(f for f in FIELDS if _COLUMNS[f].filled)
_PARTY = ("name", "code")
_NOT_COMPARED = ("number", "task_id", "reserve_id", "unit_id", "order")
_NUMBER = r"^[\s(（第]*\d*(?:\.0*)?[\s)）.、号]*$"
_NO_ROWS = [text("workbook.no_reserves", lang) for lang in LANGUAGES]
_MANY_CELLS = 4
"""Printed cells of a row that are told of one by one when they were changed."""
_ID_MARKS = {"–": "-", "—": "-", "‐": "-", "_": "-", "－": "-"}


@dataclass(frozen=True)
class Matched:
    """The rows that belong to the plan.

    Attributes:
        typed: rows in which something was typed, in the order read, with a column per field of
            `sampler.intake.replies.Reply`.
        findings: rows and cells that could not be used, or are not as printed.
        counts: file → rows that belong to a batch.
        districts: file → districts of those rows.
        headers: where each field stood.
    """

    typed: pl.DataFrame
    findings: tuple[Issue, ...]
    counts: Mapping[str, int]
    districts: Mapping[str, tuple[str, ...]]
    headers: Headers

    def header(self, file: str, sheet: str | None, field: str) -> str | None:
        """The header that a field stood under."""
        return self.headers[file].get(sheet, {}).get(field)


def match_rows(
    rows: pl.DataFrame,
    expected: Mapping[Lang, pl.DataFrame],
    plan: Plan,
    *,
    compared: Sequence[str],
    headers: Headers,
) -> Matched:
    """Match rows to the plan.

    Args:
        rows: a String column per field, ``file``, ``sheet``, ``row``, ``changed``, ``again`` (see `ReturnedFile`).
        expected: what was printed, by language (`sampler.files.district_rows.printed_rows`).
        plan: the plan.
        compared: fields whose printed text is compared with the plan.
        headers: where each field stood.

    Raises:
        InputError: most rows of a file belong to another plan.
    """
    printed = expected["zh"]
    # Where rows are only numbered, words are somebody's; but for the sentence of a list without rows.
    numbered = pl.col("number").str.contains(_NUMBER) | pl.col("number").str.strip_chars().is_in(_NO_ROWS)
    no_rows = pl.col("task_id").str.strip_chars().is_in(_NO_ROWS).fill_null(False)
    rows = rows.with_columns(task_id=pl.when(~no_rows).then("task_id"))
    rows = rows.with_columns(
        number=pl.when(~numbered).then("number"),
        id=_clean_id(rows["task_id"]),
        mark=canonical(rows["unit_id"]).replace("", None),
    )
    typed = pl.any_horizontal(pl.col(f).str.contains(r"\S").fill_null(False) for f in _typed_fields(plan))
    key = printed.select(
        id="task_id", task="task", unit="unit_id", role="role", area="district",
        unit_mark=canonical(printed["unit_id"]), **{f"printed_{f}": f for f in _PARTY},
    )  # fmt: skip
    found = rows.join(key, on="id", how="left", maintain_order="left").with_columns(typed=typed)
    found, by_mark = _matched_by_mark(found, key)
    same_mark = pl.col("mark").is_null() | (pl.col("mark") == pl.col("unit_mark"))
    found = found.with_columns(same_mark=same_mark, agrees=same_mark & ~_other_party(found))
    _refuse_other_plans(found, plan, printed["code"])
    known = found.filter(pl.col("task").is_not_null() & pl.col("agrees"))
    once = known.filter(~pl.col("again"))
    findings = [
        *_strangers(found.filter(~pl.col("again")), plan, headers),
        *_without_ids(by_mark, headers),
        *_changed_cells(once, expected, compared, headers),
        *_beside_numbers(once, headers),
    ]
    replies, unread = _read_cells(known.filter("typed"), plan, headers)
    counts = once.group_by("file").agg(pl.len(), pl.col("area").drop_nulls().unique().sort())
    return Matched(
        typed=replies,
        findings=(*findings, *unread),
        counts={file: n for file, n, _ in counts.iter_rows()},
        districts={file: tuple(areas) for file, _, areas in counts.iter_rows()},
        headers=headers,
    )


def _typed_fields(plan: Plan) -> tuple[str, ...]:
    """The fields that are filled in by hand; without teams the inspectors' names are too."""
    return _TYPED if plan.teams else (*_TYPED, "inspector_a", "inspector_b")


def _clean_id(ids: pl.Series) -> pl.Series:
    plain = canonical(ids).str.to_uppercase()
    return plain.str.replace_many(list(_ID_MARKS), list(_ID_MARKS.values()))


def _matched_by_mark(found: pl.DataFrame, key: pl.DataFrame) -> tuple[pl.DataFrame, list[dict[str, Any]]]:
    """Rows whose id is gone but whose mark is that of a unit with one batch take that batch; and which rows those are."""
    lost = pl.col("id").is_null() & pl.col("mark").is_not_null() & pl.col("typed")
    if found.filter(lost).is_empty():
        return found, []
    names = tuple(key.columns)
    single = key.with_columns(mark="unit_mark").filter(pl.col("mark").is_unique())
    joined = found.join(single, on="mark", how="left", suffix="_by_mark", maintain_order="left")
    taken = joined.filter(lost & ~pl.col("again") & pl.col("task_by_mark").is_not_null()).with_columns(
        id=pl.col("id_by_mark")
    )
    filled = joined.with_columns(
        pl.when(lost).then(pl.col(f"{c}_by_mark")).otherwise(pl.col(c)).alias(c) for c in names
    )
    return filled.drop(f"{c}_by_mark" for c in names), taken.to_dicts()


def _without_ids(rows: Sequence[Mapping[str, Any]], headers: Headers) -> Iterator[Issue]:
    """Rows that were matched by their marks: each where its id was cleared, a sheet once where the column is gone."""
    gone: dict[tuple[str, str | None], list[int]] = {}
    for row in rows:
        if "task_id" in headers[row["file"]].get(row["sheet"], {}):
            yield _at(row, "warning", "matched-by-mark", "task_id", row["id"], headers)
        else:
            gone.setdefault((row["file"], row["sheet"]), []).append(row["row"])
    for (file, sheet), lost in gone.items():
        yield finding("warning", "ids-gone", file, sheet, lost[0], None, None, count=len(lost))


def _other_party(found: pl.DataFrame) -> pl.Series:
    """Whether a row names another enterprise: by name and by code, for either alone may have been put right by hand."""
    other = pl.all_horizontal((pl.col(f) != pl.col(f"printed_{f}")).fill_null(False) for f in _PARTY)
    apart = found.select(other).to_series()
    where = apart.arg_true()
    odd = found[where]  # hardly any: most cells are exactly what was printed
    for field in _PARTY:
        said = canonical(odd[field])
        apart = apart.scatter(where, apart[where] & (said != canonical(odd[f"printed_{field}"])) & (said != ""))
    return apart


def _refuse_other_plans(found: pl.DataFrame, plan: Plan, codes: pl.Series) -> None:
    """End where most rows of a file that look like ours are of another plan: of another period, with marks of other units,
    or of enterprises that are not among the plan's ``codes``.
    """
    unknown = pl.col("task").is_null() & pl.col("mark").is_not_null()
    elsewhere = ~pl.col("agrees") & ~(pl.col("same_mark") & pl.col("code").is_in(codes.drop_nulls().implode()))
    ours = found.select(
        "file", period=pl.col("id").str.extract(r"^(\d{4}Q[1-4])-"), other=unknown | elsewhere.fill_null(False)
    ).drop_nulls("period")
    foreign = (pl.col("period") != plan.period.name) | pl.col("other")
    counted = ours.group_by("file", maintain_order=True).agg(
        foreign.sum().alias("foreign"), pl.len().alias("rows"), pl.col("period").mode().sort().first()
    )
    for file, foreign_rows, rows, found_period in counted.iter_rows():
        if foreign_rows * 2 > rows:
            key = "results.other_period" if found_period != plan.period.name else "results.other_draw"
            raise InputError(key, file=file, found=found_period, plan=plan.period.name, rows=foreign_rows, all=rows)


def _strangers(found: pl.DataFrame, plan: Plan, headers: Headers) -> Iterator[Issue]:
    """Rows that belong to no batch of the plan, or whose mark or enterprise is another unit's."""
    several = dict(plan.selection.filter(pl.col("batches") > 1).select("task_id", "batches").iter_rows())
    words = pl.concat_str(FIELDS, separator=" | ", ignore_nulls=True).alias("words")
    odd = found.filter(pl.col("task").is_null() | ~pl.col("agrees")).with_columns(words)
    for row in odd.iter_rows(named=True):
        if row["task"] is not None and not row["same_mark"]:
            yield _at(row, "error", "mark-differs", "unit_id", row["unit_id"], headers, unit=row["unit"], id=row["id"])
        elif row["task"] is not None:
            party = {"name": row["printed_name"], "uscc": row["printed_code"]}
            yield _at(row, "error", "party-differs", "name", row["words"], headers, id=row["id"], **party)
        elif row["id"] in several:
            yield _at(row, "error", "batch-not-named", "task_id", row["words"], headers, batches=several[row["id"]])
        elif row["id"] is not None:
            yield _at(row, "error", "task-not-known", "task_id", row["words"], headers)
        elif row["words"].strip():
            yield _at(
                row,
                "error" if row["typed"] else "warning",
                "row-without-task",
                "task_id",
                row["words"],
                headers,
            )


def _at(
    row: Mapping[str, Any],
    severity: Severity,
    code: str,
    field: str,
    found: object,
    headers: Headers,
    **params: object,
) -> Issue:
    """A finding about a field of a row that has ``file``, ``sheet`` and ``row``."""
    header = headers[row["file"]].get(row["sheet"], {}).get(field)
    return finding(severity, code, row["file"], row["sheet"], row["row"], header, found, **params)


def _changed_cells(
    known: pl.DataFrame, expected: Mapping[Lang, pl.DataFrame], compared: Sequence[str], headers: Headers
) -> Iterator[Issue]:
    """Printed cells that no longer say what was printed, many of a row as one; columns that are gone say nothing."""
    printed = expected["zh"]
    fields = [f for f in compared if f in printed.columns and f not in _NOT_COMPARED and not _COLUMNS[f].filled]
    # Most of what is printed is the same in every language.
    wordings = {f: tuple(expected) if f in LABELLED else ("zh",) for f in fields}
    texts = printed.select(id="task_id").with_columns(
        expected[lang][f].cast(pl.String).alias(f"{lang}:{f}") for f, langs in wordings.items() for lang in langs
    )
    known = known.select("id", "file", "sheet", "row", *fields).join(texts, on="id", how="left", maintain_order="left")
    lists = [(file, sheet, there) for file, sheets in headers.items() for sheet, there in sheets.items()]
    changed: dict[tuple[str, str | None, int], list[tuple[str, dict[str, Any]]]] = {}
    for field in fields:
        told = [f"{lang}:{field}" for lang in wordings[field]]
        # Most cells are exactly what was printed; only the others are worth a closer look.
        odd = known.select("file", "sheet", "row", field, *told).filter(
            ~pl.any_horizontal(pl.col(field).eq_missing(pl.col(words)) for words in told)
        )
        gone = [(file, sheet) for file, sheet, there in lists if field not in there]
        if gone and odd.height:
            places = pl.DataFrame(gone, schema={"file": pl.String, "sheet": pl.String}, orient="row")
            odd = odd.join(places, on=["file", "sheet"], how="anti", nulls_equal=True, maintain_order="left")
        if odd.is_empty():
            continue
        found = _comparable(odd[field], field)
        same = [found == _comparable(odd[words], field) for words in told]
        for row in odd.filter(~pl.any_horizontal(same)).iter_rows(named=True):
            changed.setdefault((row["file"], row["sheet"], row["row"]), []).append((field, row))
    for cells in changed.values():
        if len(cells) > _MANY_CELLS:
            said, words = (" | ".join(row[p + f] or "—" for f, row in cells) for p in ("", "zh:"))
            yield _at(cells[0][1], "warning", "printed-row-changed", "", said, headers, printed=words)
            continue
        for field, row in cells:
            words = row[f"zh:{field}"] or ""
            yield _at(row, "warning", "printed-cell-changed", field, row[field], headers, printed=words)


def _beside_numbers(known: pl.DataFrame, headers: Headers) -> Iterator[Issue]:
    """What somebody wrote where the rows are only numbered."""
    for row in known.drop_nulls("number").iter_rows(named=True):
        yield _at(row, "warning", "text-outside-lists", "number", row["number"], headers)


def _comparable(values: pl.Series, field: str) -> pl.Series:
    """Texts as they are compared: blanks, widths, the way a date or a whole number is written make no difference."""
    form = canonical(values).fill_null("")
    if _COLUMNS[field].kind == "count":
        return form.str.replace(r"\.0+$", "")
    if _COLUMNS[field].kind == "date":
        whole = form.str.replace(r"^(\d{2})([-/.])(\d{1,2}[-/.]\d{1,2})$", "20${1}${2}${3}")
        return dates(whole).cast(pl.String).fill_null(form)
    return form


def _read_cells(typed: pl.DataFrame, plan: Plan, headers: Headers) -> tuple[pl.DataFrame, list[Issue]]:
    """The rows' cells read, and the cells that could not be."""
    read = {field: _read(typed[field], _COLUMNS[field].kind, plan) for field in _TYPED}
    issues: list[Issue] = []
    unread: list[pl.Series] = []

    def tell(where: pl.Series, severity: Severity, code: str, field: str) -> None:
        if where.any():
            places = typed.filter(where).select("file", "sheet", "row", field).iter_rows(named=True)
            issues.extend(_at(place, severity, code, field, place[field], headers) for place in places)

    values = {field: result.values for field, result in read.items()}
    for field, result in read.items():
        kind = _COLUMNS[field].kind
        if kind == "reason":
            tell(result.unread, "warning", "reason-not-in-list", field)
            values[field] = result.values.set(result.unread, "other")
            continue
        decides = kind in ("status", "verdict")
        tell(result.unread, "error" if decides else "warning", f"{kind}-unreadable", field)
        if result.unread.any():
            unread.append(pl.Series([field]).new_from_index(0, typed.height).set(~result.unread, None))
        if kind == "number":
            tell(with_units(typed[field]) & result.values.is_not_null(), "info", "unit-left-out", field)
        if kind == "date":
            # The clock is not asked: what is said of the same files must be the same tomorrow.
            tell((result.values < plan.period.start).fill_null(False), "warning", "date-before-period", field)
            tell((result.values > plan.period.end).fill_null(False), "warning", "date-after-period", field)
    for field in ("retest", "first"):
        items = failed_items(typed[field])
        tell(items.is_not_null(), "info", "item-beside-verdict", field)
        values["failing_item"] = pl.select(pl.coalesce(values["failing_item"], items)).to_series()
    # A reason typed where the status belongs is a reason all the same.
    spoken = reasons(typed["status"]).values
    spoken = spoken.set((values["status"] != "unsampled").fill_null(True), None)
    values["reason"] = pl.select(pl.coalesce(values["reason"], spoken)).to_series()
    pair = [pl.col(c).str.strip_chars() for c in ("inspector_a", "inspector_b")]
    inspectors = pl.concat_str(pair, separator="、", ignore_nulls=True).replace("", None)
    marks = pl.concat_list(unread).list.drop_nulls() if unread else pl.lit([], pl.List(pl.String))
    table = typed.select(
        "role", "file", "sheet", "row", "changed", batch_id="id", task_id="task", unit_id="unit",
        inspectors=inspectors, unread=marks,
    ).with_columns(series.alias(field) for field, series in values.items())  # fmt: skip
    return table, issues


def _read(values: pl.Series, kind: Kind, plan: Plan) -> Read:
    if kind == "status":
        return statuses(values)
    if kind == "verdict":
        return verdicts(values)
    if kind == "reason":
        return reasons(values)
    if kind == "number":
        return quantities(values)
    if kind == "date":
        return days(values, plan.period)
    words = values.str.strip_chars().replace("", None)
    return Read(words, words.is_null() & False)
