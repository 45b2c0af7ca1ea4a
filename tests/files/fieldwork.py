"""What inspectors do to a workbook, done with openpyxl."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.district_book import HEADER_ROW, write_papers
from sampler.files.district_rows import district_papers
from sampler.plan import Plan
from sampler.text import LANGUAGES, Lang, text
from tests.planning import INSPECTORS

LABELS = {c.header(lang): c.field for c in (*TASK_COLUMNS, *RESERVE_COLUMNS) for lang in LANGUAGES}
SAMPLED = {"status": "已抽样", "sampled_on": dt.date(2026, 11, 3), "sheet_no": "0012"}
PASS = SAMPLED | {"first": "合格"}
FAIL = SAMPLED | {"first": "不合格", "failing_item": "菌落总数"}
CLOSED = {"status": "未抽样", "reason": "停业"}


def write(path: Path, plan: Plan, district: str = "440104", lang: Lang = "zh", **options: Any) -> Path:
    """Write the workbook of one district."""
    papers = district_papers(plan, lang, inspectors=INSPECTORS, plan_id="2026Q4", deadline=plan.deadline, **options)
    write_papers(path, papers[district])
    return path


def sheet_of(book: Any, which: str) -> Any:
    """The list of tasks or reserves, in whichever language it is."""
    return next(book[name] for lang in LANGUAGES if (name := text(f"workbook.sheet_{which}", lang)) in book.sheetnames)


def columns_of(sheet: Any) -> dict[str, int]:
    """Field → column."""
    return {LABELS[c.value]: c.column for c in sheet[HEADER_ROW] if c.value in LABELS}


def rows_of(sheet: Any) -> dict[str, int]:
    """Batch id → row."""
    columns = columns_of(sheet)
    column = columns.get("task_id") or columns["reserve_id"]
    return {sheet.cell(r, column).value: r for r in range(HEADER_ROW + 1, sheet.max_row + 1)}


def fill(path: Path, replies: Mapping[str, Mapping[str, object]]) -> Path:
    """Type replies into a workbook, by batch id and field."""
    book = load_workbook(path)
    for which in ("tasks", "reserves"):
        sheet = sheet_of(book, which)
        columns, rows = columns_of(sheet), rows_of(sheet)
        for batch, cells in replies.items():
            if batch in rows:
                for field, value in cells.items():
                    sheet.cell(rows[batch], columns[field]).value = value
    book.save(path)
    return path
