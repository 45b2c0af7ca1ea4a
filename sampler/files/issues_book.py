"""The workbook of ``sampler check --out``: what was found, the rows left out as they were, and how columns were read.

It is for the clerk who mends the source, so every line says file, sheet, row and column. No text of the registry
becomes a formula.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, islice
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, get_args

from openpyxl.utils import get_column_letter

from sampler.errors import InputError, Issue, Severity, refusal
from sampler.files.book import new_book
from sampler.files.styles import (
    HEAD,
    PLAIN,
    TITLE,
    Look,
    RowStencil,
    footer_text,
    lines_needed,
    row_height,
    set_page,
    set_width_unit,
    set_widths,
    sign,
    styled_cell,
)
from sampler.files.swap import replaced
from sampler.frame import Frame
from sampler.intake.findings import kind_of
from sampler.text import Lang, text
from sampler.wording import column_name

if TYPE_CHECKING:
    from openpyxl import Workbook

MOST_ROWS = 100_000
"""Rows of one sheet. Whoever has more to mend mends the export, not its rows."""

_CELL = Look(align="left", top=True)
_PAGE_WIDTH = 208.0
"""Columns that are printed are no wider together: on A4 they are then three quarters of their size or more."""
_ISSUE_COLUMNS = ("kind", "file", "sheet", "row", "column", "found", "expected", "done")
_ISSUE_WIDTHS = (22, 22, 14, 8, 20, 34, 44, 44)


def write_issues(path: Path, frame: Frame, lang: Lang) -> None:
    """Write the workbook of a frame's issues; a file that is there is replaced once the new one is whole.

    Raises:
        InputError: the file cannot be written there.
    """
    try:
        # Opened first: a place that cannot be written is told at once.
        with replaced(path) as (temporary,), temporary.open("wb") as file, new_book(file) as book:
            _fill(book, frame, lang)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=path, **refusal(error)) from error


def _fill(book: Workbook, frame: Frame, lang: Lang) -> None:
    set_width_unit(book)
    sign(book, text("intake.book_title", lang))
    names = _short_names([*(i.file for i in frame.issues), *(m.file for m in frame.mapping), *frame.files])
    _write_summary(book.create_sheet(text("intake.sheet_summary", lang)), frame, lang)
    for severity in get_args(Severity):
        issues = [issue for issue in frame.issues if issue.severity == severity]
        _write_issues(book.create_sheet(text(f"intake.sheet_{severity}", lang)), issues, names, lang)
    _write_rejected(book.create_sheet(text("intake.sheet_rejected", lang)), frame, names, lang)
    _write_mapping(book.create_sheet(text("intake.sheet_mapping", lang)), frame, names, lang)


def _write_summary(sheet: Any, frame: Frame, lang: Lang) -> None:
    _set_up(sheet, (34, 16, 16, 16), lang)
    sheet.row_dimensions[1].height, sheet.row_dimensions[2].height = 30, 20
    sheet.append([styled_cell(sheet, TITLE, text("intake.book_title", lang))])
    sheet.append([styled_cell(sheet, replace(PLAIN, bold=True, colour="C00000"), text("intake.internal", lang))])
    used = frame.size - frame.expanded + frame.merged
    account: list[tuple[str, int | None]] = [
        (text("intake.account_rows", lang), frame.rows),
        (text("intake.account_used", lang), used),
        *((text("intake.account_excluded", lang, reason=_reason(r, lang)), n) for r, n in frame.excluded.items()),
        (text("intake.account_expanded", lang), frame.expanded),
        (text("intake.account_merged", lang), frame.merged),
        (text("intake.account_units", lang), frame.size),
    ]
    stencil = RowStencil(sheet, (_CELL, replace(_CELL, align="right", number_format="#,##0")))
    for row in account:
        sheet.append(stencil.cells(row))
    sheet.append([])
    heads = ("kind", "severity", "times", "listed")
    sheet.append([styled_cell(sheet, HEAD, text(f"intake.column_{h}", lang)) for h in heads])
    number = replace(_CELL, align="right", number_format="#,##0")
    stencil = RowStencil(sheet, (_CELL, _CELL, number, number))
    listed = Counter((i.severity, i.code) for i in frame.issues if not i.code.endswith("-more"))
    for (severity, code), shown in listed.items():
        times = max(shown, frame.found.get(code, 0))
        sheet.append(
            stencil.cells((kind_of(code).render(lang), text(f"intake.severity_{severity}", lang), times, shown))
        )


def _write_issues(sheet: Any, issues: Sequence[Issue], names: Mapping[str, str], lang: Lang) -> None:
    rows = (
        (
            kind_of(i.code).render(lang),
            names[i.file],
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


def _write_rejected(sheet: Any, frame: Frame, names: Mapping[str, str], lang: Lang) -> None:
    rejected = frame.rejected
    if rejected is None or not rejected.height:
        _write_table(sheet, [text("intake.no_rejected", lang)], (60,), (), 0, lang)
        return
    own = ("file", "sheet", "row", "reason")
    heads = [text(f"intake.column_{c}", lang) for c in own] + rejected.columns[len(own) :]
    widths = (22, 14, 8, 18, *([20] * (rejected.width - len(own))))
    reasons = {r: _reason(r, lang) for r in rejected["reason"].unique()}
    rows = ((names[f], s, n, reasons[r], *cells) for f, s, n, r, *cells in rejected.head(MOST_ROWS).iter_rows())
    _write_table(sheet, heads, widths, rows, rejected.height, lang)


def _write_mapping(sheet: Any, frame: Frame, names: Mapping[str, str], lang: Lang) -> None:
    columns = ("field", "header", "file", "sheet", "letter", "values", "examples")
    rows = (
        (column_name(m.field, lang), m.header, names[m.file], m.sheet, m.column, m.values, " | ".join(m.examples))
        for m in frame.mapping
    )
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
    """One header row that stays in view and can be filtered, then the rows, at most `MOST_ROWS`.

    Printed are the first columns that one page holds; rows are as high as what is printed of them.
    """
    printed = max(1, sum(total <= _PAGE_WIDTH for total in accumulate(widths)))
    last = min(height, MOST_ROWS) + 1
    _set_up(sheet, widths, lang)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{last}"
    if printed < len(heads):
        sheet.print_area = f"A1:{get_column_letter(printed)}{last}"
    sheet.row_dimensions[1].height = row_height(_lines(heads, widths))
    sheet.append([styled_cell(sheet, HEAD, head) for head in heads])
    beyond = len(heads) - printed
    stencil = RowStencil(sheet, [*[_CELL] * printed, *[replace(_CELL, wrap=False)] * beyond])
    for number, row in enumerate(islice(rows, MOST_ROWS), 2):
        sheet.row_dimensions[number].height = row_height(_lines(row[:printed], widths))
        sheet.append(stencil.cells(row))
    if height > MOST_ROWS:
        sheet.append([styled_cell(sheet, PLAIN, text("intake.more_rows", lang, rest=f"{height - MOST_ROWS:,}"))])


def _lines(row: Sequence[object], widths: Sequence[float]) -> int:
    """Lines that the cells of a row take, those that are printed."""
    return max(lines_needed(value, width) for value, width in zip(row, widths, strict=False))


def _short_names(files: Iterable[str]) -> dict[str, str]:
    """File → its name without folders, or as it is where two have the same."""
    paths = dict.fromkeys(files)
    short = Counter(PurePath(file).name for file in paths)
    return {file: name if short[name := PurePath(file).name] == 1 else file for file in paths}


def _set_up(sheet: Any, widths: Sequence[float], lang: Lang) -> None:
    set_widths(sheet, widths)
    left = footer_text(text("intake.internal", lang))
    set_page(sheet, left=left, centre=text("workbook.footer_page", lang), right="", repeat="1:1")


def _reason(code: str, lang: Lang) -> str:
    return text(f"reasons.{code}", lang)
