"""What may be published (公示): the plan and its results as .xlsx, .csv and a plain page.

The plan's table counts by district and category and names no enterprise, unless it is asked to: a list published before
the checks would warn everybody on it. The results' table names who was tested. None holds a credit class, a risk score or
grade, a tier, a stratum, an address, a phone number or a person.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from sampler.assignment import NOWHERE
from sampler.files.book import new_book
from sampler.files.styles import (
    DATE,
    HEAD,
    PAGE_MM,
    PLAIN,
    TITLE,
    UNIT_MM,
    UPRIGHT_MM,
    Look,
    RowStencil,
    fitted_width,
    footer_text,
    lines_needed,
    lines_of_words,
    looks_like_formula,
    merge_cells,
    row_height,
    set_page,
    set_width_unit,
    set_widths,
    sign,
    styled_cell,
    unbroken_width,
)
from sampler.files.swap import replaced
from sampler.text import Lang, text

if TYPE_CHECKING:
    from sampler.plan import Plan
    from sampler.results import Results

_RESULT_FIELDS = (
    "district", "name", "code", "category", "sample_name", "model", "trademark", "batch_no", "sampled_on", "final",
    "failing_item",
)  # fmt: skip
_LEAST, _WIDEST = 12.0, 30.0
_MARGIN = 1.0
"""What the longest code is given beyond its width: nobody is to guess a code that is published."""


@dataclass(frozen=True)
class PublicTable:
    """A table ready to be published.

    Attributes:
        columns: headers, in ``lang``.
        rows: text, whole numbers, dates and None.
        notes: sentences that belong to the table.
    """

    lang: Lang
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[str, ...]

    @property
    def wide(self) -> bool:
        """Whether it takes a page that lies on its long side."""
        return len(self.columns) > 6


def public_plan(plan: Plan, lang: Lang, *, named: bool = False) -> PublicTable:
    """The plan: by district and category, units that can be drawn, checks and batches, with a total.

    Args:
        named: whether to list the drawn enterprises instead, for bureaus that publish the list (after the checks).
    """
    fields, rows = (_drawn if named else _counts)(plan, lang)
    notes = [] if named else [text("public.units_note", lang)]
    notes.append(text("public.plan_note", lang, plan=plan.id, frame=plan.frame_sha256))
    if plan.teams:
        notes.append(text("public.teams_note", lang))
    return PublicTable(lang, _title("public.plan_title", plan, lang), _headers(fields, lang), rows, tuple(notes))


def _counts(plan: Plan, lang: Lang) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    keys = ("district", "category")
    units = plan.units.group_by(keys).agg(units=pl.len().cast(pl.Int64))
    tasks = plan.tasks.group_by(keys).agg(tasks=pl.len().cast(pl.Int64), batches=pl.col("batches").sum())
    table = units.join(tasks, on=keys, how="left", nulls_equal=True).with_columns(
        pl.col("tasks", "batches").fill_null(0), pl.col("district").fill_null(NOWHERE)
    )
    order = {c.key: i for i, c in enumerate(plan.design.categories)}
    rows = sorted(table.iter_rows(), key=lambda r: (r[0], order.get(r[1], len(order)), r[1]))
    label = plan.design.label
    named = [(i, label("district", r[0], lang), label("category", r[1], lang), *r[2:]) for i, r in enumerate(rows, 1)]
    total = (None, text("public.total", lang), None, *(sum(r[i] for r in rows) for i in (2, 3, 4)))
    return ("number", *keys, "units", "tasks", "batches"), (*named, total)


def _drawn(plan: Plan, lang: Lang) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
    table = plan.tasks.join(plan.units.select("unit_id", "name", "code"), on="unit_id", how="left")
    table = table.with_columns(pl.col("district").fill_null(NOWHERE)).sort("district", "name", "unit_id")
    label = plan.design.label
    rows = tuple(
        (i, label("district", district, lang), name, code, label("category", category, lang), batches)
        for i, (district, name, code, category, batches) in enumerate(
            table.select("district", "name", "code", "category", "batches").iter_rows(), 1
        )
    )
    return ("number", "district", "name", "code", "category", "batches"), rows


def public_results(plan: Plan, results: Results, lang: Lang) -> PublicTable:
    """The results: every batch with a final verdict, sorted by district, then name. Pending batches are not in it."""
    known = plan.selection.select("unit_id", "district", "category").unique()
    table = (
        results.batches.filter(pl.col("state") == "tested")
        .join(plan.units.select("unit_id", "name", "code"), on="unit_id", how="left")
        .join(known, on="unit_id", how="left")
        .with_columns(
            pl.col("district").fill_null(NOWHERE),
            # What a re-test has overturned is not held against the sample.
            failing_item=pl.when(pl.col("final") == "fail").then("failing_item"),
        )
        .sort("district", "name", "batch_id")
    )
    labels = {
        **{("final", v): text(f"results.verdict_{v}", lang) for v in ("pass", "fail")},
        **{
            (c, k): plan.design.label(c, k, lang) for c in ("district", "category") for k in table[c].unique().to_list()
        },
    }
    rows = [
        (i, *(labels.get((field, value), value) for field, value in zip(_RESULT_FIELDS, row, strict=True)))
        for i, row in enumerate(table.select(_RESULT_FIELDS).iter_rows(), 1)
    ]
    failed = table.filter(pl.col("final") == "fail").height
    counts = {"tested": len(rows), "passed": len(rows) - failed, "failed": failed}
    return PublicTable(
        lang=lang,
        title=_title("public.results_title", plan, lang),
        columns=_headers(("number", *_RESULT_FIELDS), lang),
        rows=tuple(rows),
        notes=(text("public.results_note", lang, **counts), text("public.wording_note", lang)),
    )


def _title(key: str, plan: Plan, lang: Lang) -> str:
    bureau = plan.design.bureau.city if lang == "zh" else plan.design.bureau.city_en
    quarter = text("workbook.quarter", lang, year=plan.period.year, quarter=plan.period.quarter)
    return text(key, lang, bureau=bureau, period=quarter)


def _headers(fields: tuple[str, ...], lang: Lang) -> tuple[str, ...]:
    return tuple(text(f"public.{field}", lang) for field in fields)


def write_public(folder: Path, stem: str, table: PublicTable) -> tuple[Path, Path, Path]:
    """Write a table into an existing folder as ``stem``.xlsx, ``stem``.csv and ``stem``.html: all three, or none."""
    paths = (folder / f"{stem}.xlsx", folder / f"{stem}.csv", folder / f"{stem}.html")
    with replaced(*paths) as (book, text_file, page):
        _write_xlsx(book, table)
        _write_csv(text_file, table)
        _write_page(page, table)
    return paths


def _write_xlsx(path: Path, table: PublicTable) -> None:
    from openpyxl.utils import get_column_letter

    with new_book(path) as book:
        set_width_unit(book)
        sign(book, table.title)
        sheet = book.create_sheet(_sheet_name(table.title))
        set_page(
            sheet,
            left=footer_text(table.title),
            centre=text("workbook.footer_page", table.lang),
            right="",
            repeat="2:2",
            landscape=table.wide,
        )
        widths = [_width(header, [row[i] for row in table.rows]) for i, header in enumerate(table.columns)]
        page = (PAGE_MM if table.wide else UPRIGHT_MM) / UNIT_MM
        widths = [max(1, page / sum(widths)) * width for width in widths]
        set_widths(sheet, widths)
        sheet.freeze_panes = "A3"
        header_lines = max(
            lines_of_words(header, width, HEAD) for header, width in zip(table.columns, widths, strict=True)
        )
        sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 30, row_height(header_lines, least=30)
        sheet.append([styled_cell(sheet, replace(TITLE, align="center"), table.title)])
        sheet.append([styled_cell(sheet, HEAD, header) for header in table.columns])
        dates = {i for row in table.rows[:1] for i, value in enumerate(row) if hasattr(value, "year")}
        stencil = RowStencil(
            sheet, [Look(number_format=DATE if i in dates else "General") for i in range(len(table.columns))]
        )
        for number, row in enumerate(table.rows, 3):
            words = [(value, width) for value, width in zip(row, widths, strict=True) if isinstance(value, str)]
            lines = max((lines_of_words(value, width, Look()) for value, width in words), default=1)
            sheet.row_dimensions[number].height = row_height(lines)
            sheet.append(stencil.cells(row))
        last = get_column_letter(len(widths))
        merge_cells(sheet, f"A1:{last}1")
        for number, note in enumerate(table.notes, len(table.rows) + 3):
            merge_cells(sheet, f"A{number}:{last}{number}")
            sheet.row_dimensions[number].height = row_height(lines_needed(note, sum(widths)))
            sheet.append([styled_cell(sheet, replace(PLAIN, wrap=True), note)])


def _width(header: str, values: Sequence[object]) -> float:
    """Column width that breaks no word, nor a code, unless it is wider than a column may be."""
    words = [unbroken_width(header, HEAD), *(unbroken_width(v, Look(), hyphens=False) for v in values if v is not None)]
    return min(max(fitted_width(header, values, _LEAST, _WIDEST), max(words) + _MARGIN), _WIDEST)


def _sheet_name(title: str) -> str:
    """A title as the name of a sheet: at most 31 characters, none that a name may not have."""
    return "".join("-" if c in r"[]*?/\'" else c for c in title.replace(":", ","))[:31].rstrip(" ,-")


def _write_csv(path: Path, table: PublicTable) -> None:
    """UTF-8 with a byte order mark, which Excel needs; a cell that begins like a formula gets an apostrophe in front."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(table.columns)
        for row in table.rows:
            writer.writerow(["" if v is None else _guarded(v) for v in row])


def _guarded(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and looks_like_formula(value.lstrip()) else value


def _write_page(path: Path, table: PublicTable) -> None:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sampler.files"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("public.html").render(table=table)
    path.write_text(page, encoding="utf-8", newline="\n")
