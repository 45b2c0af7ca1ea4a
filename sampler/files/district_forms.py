"""The forms of a district workbook: one page per visit, in the manner of a sampling sheet (抽样单), ready to sign."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from openpyxl.utils import get_column_letter

from sampler.files.district_rows import DistrictPapers, Listing, Row
from sampler.files.styles import (
    FILLED,
    HEAD,
    PLAIN,
    PRESET_TEXT,
    TITLE,
    lines_needed,
    page_break,
    protect,
    row_height,
    set_widths,
    styled_cell,
)
from sampler.text import text

_WIDTHS = (22.0, 16.0, 14.0, 14.0, 14.0, 12.0, 12.0, 12.0)
_PARTY = ("name", "code", "address", "street_office", "contact", "inspector_a", "inspector_b")
_ONCE = ("sheet_no", "sampled_on")
_PRODUCT = ("task_id", "category", "sample_name", "model", "batch_no", "base", "quantity", "reserve_quantity")
_REMARK_LINES = 3


def write_forms(sheet: Any, papers: DistrictPapers) -> None:
    """A page per visit of the task list, in the list's order."""
    lang = papers.lang
    set_widths(sheet, _WIDTHS)
    sheet.sheet_view.showGridLines = False
    row = 0

    def add(cells: list[Any], height: float, merges: tuple[tuple[int, int], ...] = ()) -> None:
        nonlocal row
        row += 1
        sheet.row_dimensions[row].height = height
        for first, last in merges:
            sheet.merged_cells.add(f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}")
        sheet.append(cells)

    width = len(_WIDTHS)
    title = replace(TITLE, align="center")
    headline = text(
        "workbook.form_headline", lang, district=papers.district, period=papers.quarter, plan=papers.plan_id
    )
    for rows in _visits(papers.tasks):
        fields = {c.field: rows[0][i] for i, c in enumerate(papers.tasks.columns)}
        add([styled_cell(sheet, title, text("workbook.form_title", lang))], 30, ((1, width),))
        add([styled_cell(sheet, PLAIN, headline)], 20, ((1, width),))
        for field in (*_PARTY, *_ONCE):
            label = text(f"workbook.{field}", lang)
            value = str(fields.get(field) or "").replace("\n", "  ") or None
            height = row_height(lines_needed(value, sum(_WIDTHS[1:])), least=24)
            cells = [styled_cell(sheet, HEAD, label)]
            look = PRESET_TEXT if value else replace(FILLED, align="left", number_format="@")
            cells += [styled_cell(sheet, look, value if i == 0 else None) for i in range(width - 1)]
            add(cells, height, ((2, width),))
        add(
            [styled_cell(sheet, replace(PLAIN, bold=True), text("workbook.form_product", lang))],
            24,
            ((1, width),),
        )
        add([styled_cell(sheet, HEAD, text(f"workbook.{f}", lang)) for f in _PRODUCT], 36)
        for line in rows:
            values = {c.field: line[i] for i, c in enumerate(papers.tasks.columns)}
            add([_product_cell(sheet, f, values.get(f)) for f in _PRODUCT], 36)
        add(
            [styled_cell(sheet, replace(PLAIN, bold=True), text("workbook.form_remarks", lang))],
            24,
            ((1, width),),
        )
        for _ in range(_REMARK_LINES):
            add([styled_cell(sheet, replace(FILLED, align="left")) for _ in range(width)], 26, ((1, width),))
        add([], 20)
        for key in ("sign_inspectors", "sign_party", "sign_date"):
            add([styled_cell(sheet, PLAIN, text(f"workbook.{key}", lang))], 30, ((1, width),))
        page_break(sheet, row)
    protect(sheet)


def _product_cell(sheet: Any, field: str, value: object) -> Any:
    look = PRESET_TEXT if field in ("task_id", "category") else replace(FILLED, number_format="@")
    return styled_cell(sheet, look, value)


def _visits(tasks: Listing) -> Iterator[list[Row]]:
    """The list's rows by visit, visits in the order of their first row."""
    groups: dict[str, list[Row]] = {}
    for visit, row in zip(tasks.visits, tasks.rows, strict=True):
        groups.setdefault(visit, []).append(row)
    yield from groups.values()
