"""The workbook of ``sampler check --out``: what was found, the rows left out as they were, and how columns were read.

It is for the clerk who mends the source, so every line says file, sheet, row and column. No text of the registry
becomes a formula.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from sampler.errors import Issue, Severity, UsageError
from sampler.files.styles import HEAD, PLAIN, TITLE, Look, RowStencil, set_page, set_widths, styled_cell
from sampler.frame import Frame
from sampler.text import Lang, text
from sampler.text.intake import ENTRIES

MOST_ROWS = 100_000
"""Rows of one sheet. Whoever has more to mend mends the export, not its rows."""

_CELL = Look(align="left", border=False)
_ISSUE_COLUMNS = ("kind", "file", "sheet", "row", "column", "found", "expected", "done")
_ISSUE_WIDTHS = (22, 22, 14, 8, 20, 34, 44, 44)


def write_issues(path: Path, frame: Frame, lang: Lang) -> None:
    """Write the workbook of a frame's issues; a file that is there is replaced once the new one is whole.

    Raises:
        UsageError: the file cannot be written there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        # Opened first: a book half made cannot be thrown away in silence.
        with temporary.open("wb") as file:
            _book(frame, lang).save(file)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError("intake.cannot_write", file=path, reason=error.strerror or str(error)) from error


def _book(frame: Frame, lang: Lang) -> Workbook:
    book = Workbook(write_only=True)
    book.properties.creator = "sampler"
    book.properties.title = text("intake.book_title", lang)
    _write_summary(book.create_sheet(text("intake.sheet_summary", lang)), frame, lang)
    for severity in get_args(Severity):
        issues = [issue for issue in frame.issues if issue.severity == severity]
        _write_issues(book.create_sheet(text(f"intake.sheet_{severity}", lang)), issues, lang)
    _write_rejected(book.create_sheet(text("intake.sheet_rejected", lang)), frame, lang)
    _write_mapping(book.create_sheet(text("intake.sheet_mapping", lang)), frame, lang)
    return book


def kind_of(code: str, lang: Lang) -> str:
    """What people call the issues of a code, or the code itself where nothing names it."""
    base = code.removesuffix("-more")
    key = f"intake.kind_{base.replace('-', '_')}"
    return text(key, lang) if key in ENTRIES else base


def _write_summary(sheet: Any, frame: Frame, lang: Lang) -> None:
    _set_up(sheet, (34, 16, 16, 16))
    sheet.append([styled_cell(sheet, TITLE, text("intake.book_title", lang))])
    used = frame.size - frame.expanded + frame.merged
    account: list[tuple[str, int | None]] = [
        (text("intake.account_rows", lang), frame.rows),
        (text("intake.account_used", lang), used),
        *((text("intake.account_excluded", lang, reason=_reason(r, lang)), n) for r, n in frame.excluded.items()),
        (text("intake.account_expanded", lang), frame.expanded),
        (text("intake.account_merged", lang), frame.merged),
        (text("intake.account_units", lang), frame.size),
    ]
    stencil = RowStencil(sheet, (_CELL, replace(PLAIN, align="right", number_format="#,##0")))
    for row in account:
        sheet.append(stencil.cells(row))
    sheet.append([])
    heads = ("kind", "severity", "times", "listed")
    sheet.append([styled_cell(sheet, HEAD, text(f"intake.column_{h}", lang)) for h in heads])
    stencil = RowStencil(
        sheet, (_CELL, _CELL, replace(PLAIN, number_format="#,##0"), replace(PLAIN, number_format="#,##0"))
    )
    listed = Counter((i.severity, i.code) for i in frame.issues if not i.code.endswith("-more"))
    for (severity, code), number in listed.items():
        times = max(number, frame.found.get(code, 0))
        sheet.append(stencil.cells((kind_of(code, lang), text(f"intake.severity_{severity}", lang), times, number)))


def _write_issues(sheet: Any, issues: Sequence[Issue], lang: Lang) -> None:
    rows = (
        (
            kind_of(i.code, lang),
            i.file,
            i.sheet,
            i.row,
            i.column,
            i.found,
            i.expected.render(lang),
            i.done.render(lang),
        )
        for i in issues
    )
    heads = [text(f"intake.column_{c}", lang) for c in _ISSUE_COLUMNS]
    _write_table(sheet, heads, _ISSUE_WIDTHS, rows, len(issues), lang)


def _write_rejected(sheet: Any, frame: Frame, lang: Lang) -> None:
    rejected = frame.rejected
    if rejected is None or not rejected.height:
        _write_table(sheet, [text("intake.no_rejected", lang)], (60,), (), 0, lang)
        return
    own = ("file", "sheet", "row", "reason")
    heads = [text(f"intake.column_{c}", lang) for c in own] + rejected.columns[len(own) :]
    widths = (22, 14, 8, 18, *([18] * (rejected.width - len(own))))
    reasons = {r: _reason(r, lang) for r in rejected["reason"].unique()}
    rows = ((f, s, n, reasons[r], *cells) for f, s, n, r, *cells in rejected.head(MOST_ROWS).iter_rows())
    _write_table(sheet, heads, widths, rows, rejected.height, lang)


def _write_mapping(sheet: Any, frame: Frame, lang: Lang) -> None:
    columns = ("field", "header", "file", "sheet", "letter", "values", "examples")
    rows = ((m.field, m.header, m.file, m.sheet, m.column, m.values, " | ".join(m.examples)) for m in frame.mapping)
    heads = [text(f"intake.column_{c}", lang) for c in columns]
    _write_table(sheet, heads, (18, 30, 24, 18, 8, 12, 60), rows, len(frame.mapping), lang)


def _write_table(
    sheet: Any,
    heads: Sequence[str],
    widths: Sequence[float],
    rows: Iterable[Sequence[object]],
    height: int,
    lang: Lang,
) -> None:
    """One header row that stays in view and can be filtered, then the rows, at most `MOST_ROWS`."""
    _set_up(sheet, widths)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{min(height, MOST_ROWS) + 1}"
    sheet.append([styled_cell(sheet, HEAD, head) for head in heads])
    stencil = RowStencil(sheet, [_CELL] * len(heads))
    for number, row in enumerate(rows):
        if number == MOST_ROWS:
            break
        sheet.append(stencil.cells(row))
    if height > MOST_ROWS:
        sheet.append([styled_cell(sheet, PLAIN, text("intake.more_rows", lang, rest=f"{height - MOST_ROWS:,}"))])


def _set_up(sheet: Any, widths: Sequence[float]) -> None:
    set_widths(sheet, widths)
    set_page(sheet, left="", centre="&P / &N", right="", repeat="1:1")


def _reason(code: str, lang: Lang) -> str:
    return text(f"reasons.{code}", lang)
