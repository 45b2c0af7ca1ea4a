"""The sheets of a report workbook: a page with a footer, a title, a table that prints one page wide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sampler.files.styles import (
    HEAD,
    PLAIN,
    TITLE,
    Look,
    footer_text,
    lines_needed,
    put,
    row_height,
    set_page,
    styled_cell,
    text_width,
)
from sampler.text import text

if TYPE_CHECKING:
    from openpyxl import Workbook

    from sampler.estimate import Estimates
    from sampler.text import Lang

HEAD_ROW = 4
"""Row of the header of every table sheet."""

_WORDS = Look(align="left", indent=1)
_NUMBER = Look(align="right", wrap=False, indent=1)
_LEAST, _MOST = 8.0, 62.0
_CHECKED = 2_000
"""Rows whose texts decide on the widths of columns, and whose heights are fitted to them."""


def new_sheet(made: Workbook, name: str, estimates: Estimates, lang: Lang) -> Any:
    """A new sheet; its name without what Excel forbids in one, at most 31 characters."""
    allowed = "".join("-" if c in "[]:*?/\\" else c for c in name).strip("'")[:31] or "-"
    taken = {s.title.casefold() for s in made.worksheets}
    number = 2
    unique = allowed
    while unique.casefold() in taken:
        unique = f"{allowed[:27]} {number}"
        number += 1
    sheet = made.create_sheet(unique)
    source = estimates.source
    plan = ""
    if "plan" in source:
        parts = {"plan": source["plan"], "frame": source["frame_sha256"][:12]}
        plan = text("workbook.footer_plan", lang, **{k: footer_text(v) for k, v in parts.items()})
    set_page(
        sheet,
        left=plan,
        centre=text("workbook.footer_page", lang),
        right=text("report.internal_mark", lang) if estimates.completion else "",
    )
    return sheet


def write_cell(sheet: Any, row: int, column: int, value: object, look: Look) -> None:
    """Put a value into a cell; text never becomes a formula."""
    cell = sheet.cell(row, column)
    cell._style = copy(styled_cell(sheet, look, value)._style)
    put(cell, value)


def write_title(sheet: Any, words: str, note: str = "") -> None:
    """The sheet's title, and a line below it."""
    write_cell(sheet, 1, 1, words, replace(TITLE, size=14))
    sheet.row_dimensions[1].height = 24
    if note:
        write_cell(sheet, 2, 1, note, replace(PLAIN, size=9))


def write_table(
    sheet: Any,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    formats: Sequence[str | None],
    *,
    widths: Sequence[float] | None = None,
    least: float = _LEAST,
    beside: int = 0,
) -> int:
    """A table from the header row on, with a filter and a freeze; returns its last row.

    Args:
        formats: number format of each column, None of those that hold text.
        widths: of the columns; fitted to what they hold if None. Texts wrap.
        least: width of the first column at least.
        beside: the last columns so many stand to the right of what is printed: their texts do not wrap.
    """
    from openpyxl.utils import get_column_letter

    if widths is None:
        widths = _widths(headers, rows, least)
    for c, (header, width) in enumerate(zip(headers, widths, strict=True), 1):
        sheet.column_dimensions[get_column_letter(c)].width = width
        write_cell(sheet, HEAD_ROW, c, header, HEAD)
    _fit(sheet, HEAD_ROW, headers, widths)
    looks = [_WORDS if f is None else replace(_NUMBER, number_format=f) for f in formats]
    words = [replace(_WORDS, wrap=i < len(headers) - beside) for i in range(len(headers))]
    last = HEAD_ROW
    for last, values in enumerate(rows, HEAD_ROW + 1):
        for c, value in enumerate(values):
            write_cell(sheet, last, c + 1, value, words[c] if isinstance(value, str) else looks[c])
        if last <= _CHECKED:
            _fit(sheet, last, values[: len(headers) - beside], widths)
    sheet.freeze_panes = sheet.cell(HEAD_ROW + 1, 2)
    sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    if last > HEAD_ROW:
        sheet.auto_filter.ref = f"A{HEAD_ROW}:{get_column_letter(len(headers))}{last}"
    return last


def _widths(headers: Sequence[str], rows: Sequence[Sequence[object]], least: float) -> list[float]:
    found = [shown_width(h) for h in headers]
    for values in rows[:_CHECKED]:
        for c, value in enumerate(values):
            found[c] = max(found[c], shown_width(value) if isinstance(value, str) else 9)
    fitted = [min(max(w + 3.5, _LEAST), _MOST) for w in found]
    return [max(fitted[0], least), *fitted[1:]]


def shown_width(words: str) -> float:
    """Width of a text on one line, also where a font of wider letters stands in for the Song typeface."""
    return text_width(words) + 0.2 * sum(c.isascii() for c in words)


def _fit(sheet: Any, row: int, values: Iterable[object], widths: Sequence[float]) -> None:
    """Make a row as high as its wrapped texts need."""
    lines = max(
        (lines_needed(v, w - 2.5) for v, w in zip(values, widths, strict=False) if isinstance(v, str)), default=1
    )
    sheet.row_dimensions[row].height = row_height(lines)
