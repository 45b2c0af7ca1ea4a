"""The planner's summary workbook: frame, strata, precision, certainty units, cost, inspectors, warnings, charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl.chart import BarChart, Reference
from openpyxl.utils import get_column_letter

from sampler.files import summary_tables
from sampler.files.book import new_book
from sampler.files.styles import (
    HEAD,
    PLAIN,
    SHARE,
    TITLE,
    Look,
    RowStencil,
    fitted_width,
    footer_text,
    lines_needed,
    page_break,
    row_height,
    set_page,
    set_widths,
    sign,
    styled_cell,
    text_width,
)
from sampler.files.summary_tables import Table
from sampler.precision import Expected, expected_precision
from sampler.text import Lang, text

if TYPE_CHECKING:
    from sampler.assignment import Inspector
    from sampler.frame import Frame
    from sampler.history import Reported
    from sampler.plan import Plan

_FORMATS = {
    "count": "#,##0",
    "share": SHARE.format("0.0"),
    "number": "0.00",
    "points": "0.0",
    "money": "#,##0.00",
    "date": "yyyy-mm-dd",
}
_WIDEST = 60.0
_CHARTED = ("district", "category")
_POPULATION_SHARE, _SAMPLE_SHARE = 5, 6
"""Columns of the precision tables that the charts show, from 1."""


def write_summary(
    path: Path,
    plan: Plan,
    frame: Frame,
    lang: Lang,
    *,
    inspectors: Sequence[Inspector] = (),
    expected: Sequence[Expected] | None = None,
    reported: Mapping[str, Reported] | None = None,
) -> None:
    """Write the summary of a plan.

    Args:
        frame: the frame that the plan was drawn from, with its account.
        inspectors: everybody who could be drawn; those without a visit are listed too.
        expected: intervals to expect of the whole, the districts, the categories and the strata; computed if None.
        reported: what was last reported of units that no sample could be taken from (`sampler.history.last_reported`).
    """
    if expected is None:
        by = ("district", "category", "stratum")
        expected = expected_precision(plan.strata, by, confidence=plan.design.sample.confidence)
    with new_book(path) as book:
        quarter = text("workbook.quarter", lang, year=plan.period.year, quarter=plan.period.quarter)
        bureau = plan.design.bureau.city if lang == "zh" else plan.design.bureau.city_en
        title = text("summary.title", lang, bureau=bureau, period=quarter)
        sign(book, title)
        domains = [e for e in expected if "stratum" not in e.domain]
        precision = summary_tables.precision(plan, domains, lang)
        sheets: list[tuple[str, Sequence[Table]]] = [
            ("overview", summary_tables.overview(plan, frame, lang)),
            ("precision", tuple(precision.values())),
            ("strata", (summary_tables.strata(plan, expected, lang),)),
            ("certainty", (summary_tables.certainty(plan, lang),)),
            ("cost", (summary_tables.cost(plan, lang),)),
            ("inspectors", (summary_tables.load(plan, inspectors, lang),)),
            ("swaps", (summary_tables.swaps(plan, inspectors, lang),)),
            ("warnings", (summary_tables.warnings(plan, frame, lang, reported or {}),)),
        ]
        for name, tables in sheets:
            sheet = book.create_sheet(text(f"summary.sheet_{name}", lang))
            set_page(
                sheet,
                left=footer_text(f"{plan.id}  {plan.frame_sha256[:12]}"),
                centre=text("workbook.footer_page", lang),
                right=footer_text(title),
                single=name == "overview",
            )
            opening = (title, text("summary.internal", lang)) if name == "overview" else ()
            starts = _write_tables(sheet, opening, tables, lang)
            if name == "precision":
                _add_charts(sheet, precision, starts, lang)


def _write_tables(sheet: Any, opening: Sequence[str], tables: Sequence[Table], lang: Lang) -> list[int]:
    """Write tables below each other; the row of each table's header."""
    widths = _widths(tables)
    set_widths(sheet, widths)
    row = 0

    def add(cells: list[Any], height: float) -> None:
        nonlocal row
        row += 1
        sheet.row_dimensions[row].height = height
        sheet.append(cells)

    for i, words in enumerate(opening):
        look = TITLE if i == 0 else replace(PLAIN, bold=True, colour="C00000")
        add([styled_cell(sheet, look, words)], 30 if i == 0 else 20)
    starts = []
    if len(tables) == 1:
        sheet.freeze_panes = f"A{len(opening) + 3}"
        sheet.print_title_rows = f"{len(opening) + 2}:{len(opening) + 2}"
    for table in tables:
        add([styled_cell(sheet, replace(TITLE, size=13), table.title)], 26)
        starts.append(row + 1)
        lines = max(lines_needed(header, width) for (header, _), width in zip(table.columns, widths, strict=False))
        add([styled_cell(sheet, HEAD, header) for header, _ in table.columns], row_height(lines, least=22))
        stencil = RowStencil(
            sheet,
            [
                Look(number_format=_FORMATS.get(kind, "General"), align="left" if kind == "text" else "right")
                for _, kind in table.columns
            ],
        )
        for values in table.rows:
            shown = (_shown(v, kind) for v, (_, kind) in zip(values, table.columns, strict=True))
            lines = max(lines_needed(v, w) for v, w in zip(shown, widths, strict=False))
            add(stencil.cells(values), row_height(lines))
        if not table.rows:
            add([styled_cell(sheet, PLAIN, text("summary.no_rows", lang))], 20)
        if len(tables) == 1 and table.rows:
            sheet.auto_filter.ref = f"A{starts[0]}:{get_column_letter(len(table.columns))}{row}"
        add([], 10)
    return starts


def _shown(value: object, kind: str) -> object:
    """A value about as wide as its format shows it."""
    if not isinstance(value, float):
        return value
    return f"{value:.1%}" if kind == "share" else f"{value:,.2f}"


def _widths(tables: Sequence[Table]) -> list[float]:
    """Widths that fit the texts of all tables that stand below each other."""
    widths = [9.0] * max(len(t.columns) for t in tables)
    for table in tables:
        for i, (header, kind) in enumerate(table.columns):
            shown = (_shown(row[i], kind) for row in table.rows)
            # A header takes at most two lines.
            fitted = max(fitted_width(header, shown, 9.0, _WIDEST), text_width(header) / 2 + 3)
            widths[i] = max(widths[i], fitted)
    return widths


def _add_charts(sheet: Any, precision: dict[str, Table], starts: Sequence[int], lang: Lang) -> None:
    """Bars of the share of the population beside the share of the sample, below the tables."""
    bottom = starts[-1] + len(list(precision.values())[-1].rows) + 3
    page_break(sheet, bottom - 1)
    for place, (column, start) in enumerate((c, s) for c, s in zip(precision, starts, strict=True) if c in _CHARTED):
        rows = len(precision[column].rows)
        chart = BarChart()
        chart.type, chart.grouping = "col", "clustered"
        chart.title = text("summary.chart", lang, by=text(f"summary.{column}", lang))
        data = Reference(sheet, min_col=_POPULATION_SHARE, max_col=_SAMPLE_SHARE, min_row=start, max_row=start + rows)
        chart.add_data(data, titles_from_data=True)
        chart.set_categories(Reference(sheet, min_col=1, min_row=start + 1, max_row=start + rows))
        for series, colour in zip(chart.series, ("8497B0", "C55A11"), strict=True):
            series.graphicalProperties.solidFill = colour
        chart.y_axis.scaling.min = 0
        chart.y_axis.number_format, chart.y_axis.majorGridlines = SHARE.format("0"), None
        # Without these two openpyxl's axes are hidden in newer versions of Excel.
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.legend.position = "b"
        chart.gapWidth, chart.overlap = 60, 0
        chart.width, chart.height = 24, 7.5
        sheet.add_chart(chart, f"A{bottom + 1 + place * 17}")
