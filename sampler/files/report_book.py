"""The report as a workbook: a sheet per family of domains with a native chart, completion, failing items, follow-ups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.files.book import new_book
from sampler.files.report_chart import add_chart
from sampler.files.report_page import (
    COMPLETION_COLUMNS,
    CORRECTION_COLUMNS,
    FOLLOW_UP_COLUMNS,
    OPEN_COLUMNS,
    follow_up_note,
    follow_up_rows,
    method_lines,
    reading_aid,
    report_title,
    sources,
    unit_note,
    unit_rows,
)
from sampler.files.report_sheet import HEAD_ROW, new_sheet, shown_width, write_cell, write_table, write_title
from sampler.files.report_table import FILE_COLUMNS, ISSUE_COLUMNS, file_rows, findings_note, issue_rows
from sampler.files.styles import (
    LINE_POINTS,
    PLAIN,
    SHARE,
    UNIT_MM,
    Look,
    lines_needed,
    row_height,
    set_width_unit,
    sign,
)
from sampler.percent import confidence_text, percent, scale_start
from sampler.text import text
from sampler.wording import (
    column_name,
    column_names,
    domain_label,
    family_title,
    note_lines,
    statement,
    weighting,
)

if TYPE_CHECKING:
    from openpyxl import Workbook

    from sampler.estimate import Estimates
    from sampler.open_work import DrawnUnit
    from sampler.rates import DomainEstimate
    from sampler.text import Lang

_FILLS = {
    "below": "F8CBC6",
    "watch": "FBE7A8",
    "on_target": "CDEBD3",
    "not_proven": "E9E1F7",
    "too_little": "E4E7EA",
}
_SHARE = SHARE.format("0.00")
_WORDS = 110  # width of the column that holds sentences
_CHARTED = 15  # domains that a chart can name legibly
_CHART_CM = (5.5, 9.0)  # its least and greatest height
_CHART_ROW_CM = 0.45  # of the rows that it covers
_PAGE_POINTS, _PAGE_MM = 495.0, 287.0  # within the margins of a page that lies on its long side
_BESIDE = 3

MOST_FINDINGS = 100_000
"""Findings that the workbook lists; the JSON document has them all."""

# Tables of many words fill the page's width and no more, so that they can be read on paper.
_FOLLOW_UP_WIDTHS = (12.0, 17.0, 16.0, 13.0, 12.5, 19.5, 13.0, 11.0, 13.0, 8.5, 8.5, 12.0, 12.0, 12.0)
_UNIT_WIDTHS = {
    "open": (18.0, 21.0, 12.5, 12.5, 17.0, 13.5, 10.0, 14.0, 18.0, 18.0, 25.5),
    "corrections": (18.0, 27.0, 12.0, 14.0, 20.0, 35.0, 18.0, 36.0),
}
_FINDING_WIDTHS = (11.0, 20.0, 12.0, 7.0, 13.0, 26.0, 36.0, 36.0)

_FIGURES = (
    "population", "sampled", "tested", "failed", "rate", "lower", "upper", "target", "grade", "p_value", "q_value",
)  # fmt: skip


def write_book(path: Path, estimates: Estimates, lang: Lang) -> None:
    """Write the workbook."""
    with new_book(path, write_only=False) as book:
        _fill(book, estimates, lang)


def _fill(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sign(made, report_title(estimates, lang))
    set_width_unit(made)
    made.remove(made.active)
    _summary(made, estimates, lang)
    families = estimates.families()
    for family, rows in families.items():
        if family or len(families) == 1:
            _family(made, estimates, family, [estimates.total, *rows] if family else rows, lang)
    if estimates.completion is not None:
        _completion(made, estimates, lang)
        if estimates.items:
            _items(made, estimates, lang)
        _follow_ups(made, estimates, lang)
        _units(made, estimates, "open", estimates.work.units, OPEN_COLUMNS, lang)
        _units(made, estimates, "corrections", estimates.work.corrections, CORRECTION_COLUMNS, lang)
    if estimates.files:
        _files(made, estimates, lang)
    if estimates.files or estimates.issues:
        _findings(made, estimates, lang)


def outward(value: float | None, *, up: bool) -> float | None:
    """A bound rounded outwards to hundredths of a percent, as it is shown."""
    if value is None:
        return None
    scaled = round(value * 1e4, 8)
    return (math.ceil(scaled) if up else math.floor(scaled)) / 1e4


def shown_rate(value: float | None) -> float | None:
    """A rate as `percent` shows it: never 100% or 0% unless it is."""
    return None if value is None else round(float(percent(value).removesuffix("%")) / 100, 6)


def _summary(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sheet = new_sheet(made, text("report.sheet_summary", lang), estimates, lang)
    sheet.column_dimensions["A"].width = 24
    sheet.column_dimensions["B"].width = _WORDS
    write_title(sheet, report_title(estimates, lang))
    if estimates.completion is not None:
        write_cell(sheet, 2, 1, text("report.internal", lang), replace(PLAIN, bold=True, colour="C00000"))
    total = estimates.total
    lines: list[tuple[str, str]] = [
        (text("report.rates", lang), statement(total, estimates.confidence, estimates.design, lang))
    ]
    if why := weighting(total, lang, planned=estimates.design is not None):
        lines.append(("", why))
    if total.worst_case is not None:
        low, high = map(percent, total.worst_case)
        worst = text("estimate.worst_case_line", lang, refused=total.refused, low=low, high=high)
        lines.append((text("report.column_refused", lang), worst))
    aid = reading_aid(estimates, lang)
    lines += [(text("report.how_to_read", lang) if i == 0 else "", s) for i, s in enumerate(aid)]
    if any(row.target is not None for row in estimates.rows) or estimates.alerts:
        said = [a.sentence(lang) for a in estimates.alerts] or [text("estimate.no_warnings", lang)]
        lines += [(text("report.warnings", lang) if i == 0 else "", s) for i, s in enumerate(said)]
    watched = [r for r in estimates.rows if r.grade == "watch"]
    lines += [
        (
            text("report.watch", lang) if i == 0 else "",
            statement(r, estimates.confidence, estimates.design, lang),
        )
        for i, r in enumerate(watched)
    ]
    lines += [(text("report.method", lang) if i == 0 else "", s) for i, s in enumerate(method_lines(estimates, lang))]
    remarks = note_lines(estimates.rows, estimates.design, lang)
    notes = [text("estimate.note_line", lang, about=about, words=words) for about, words in remarks]
    lines += [(text("estimate.notes", lang) if i == 0 else "", s) for i, s in enumerate(notes)]
    lines += [("", text("report.bounds_note", lang)), *sources(estimates, lang)]
    for r, (label, value) in enumerate(lines, 3):
        write_cell(sheet, r, 1, label, replace(PLAIN, bold=True, wrap=True, top=True))
        write_cell(sheet, r, 2, value, replace(PLAIN, wrap=True, top=True))
        sheet.row_dimensions[r].height = row_height(lines_needed(value, _WORDS))


def _family(
    made: Workbook,
    estimates: Estimates,
    family: tuple[str, ...],
    rows: Sequence[DomainEstimate],
    lang: Lang,
) -> None:
    from openpyxl.utils import get_column_letter

    name = (
        text("report.sheet_by", lang, columns=column_names(family, lang))
        if family
        else text("report.sheet_total", lang)
    )
    sheet = new_sheet(made, name, estimates, lang)
    sure = confidence_text(estimates.confidence)
    write_title(sheet, family_title(family, lang), text("report.bounds_note", lang))
    figures = [f for f in _FIGURES if any(_figure(r, f, lang) not in (None, "–") for r in rows)]
    extra = [e for e in ("batch", "model") if any(getattr(r, e) for r in rows)]
    headers = [column_name(c, lang) for c in family] or [text("estimate.column_domain", lang)]
    places = {f: len(headers) + i for i, f in enumerate(figures, 1)}
    headers += [_header(f, sure, lang) for f in figures]
    headers += [text(f"estimate.column_{e}", lang) for e in extra]
    headers += [text(f"report.column_{c}", lang) for c in ("says", "minus", "plus")]
    formats = (
        [None] * max(len(family), 1) + [_format(f) for f in figures] + [None] * len(extra) + [None, _SHARE, _SHARE]
    )
    cells = [
        [*_labels(estimates, r, family, lang), *(_figure(r, f, lang) for f in figures)]
        + [_extra(r, e) for e in extra]
        + [statement(r, estimates.confidence, estimates.design, lang), *_errors(r)]
        for r in rows
    ]
    # Sentences and error bars stand to the right of what is printed.
    last = write_table(sheet, headers, cells, formats, beside=_BESIDE)
    printed = [get_column_letter(c) for c in range(1, len(headers) - _BESIDE + 1)]
    sheet.print_area = f"A1:{printed[-1]}{last}"
    if "grade" in places:
        _colour(sheet, places["grade"], last, lang)
    if "rate" in places and sum(bool(r.domain) for r in rows) <= _CHARTED:
        title = text("report.chart_title", lang, confidence=sure)
        across = sum(sheet.column_dimensions[letter].width for letter in printed) * UNIT_MM
        # Table and chart stand on one page: the chart takes the room that is left, and if that is not enough the page is
        # made smaller. A sheet wider than the page is made smaller as well, and more rows go on it.
        table_points = sum(row.height or LINE_POINTS for row in sheet.row_dimensions.values()) + 3 * LINE_POINTS
        left_over = (_PAGE_POINTS * max(across / _PAGE_MM, 1) - table_points) / 72 * 2.54
        height = min(max(left_over, _CHART_CM[0]), _CHART_CM[1])
        sheet.print_area = f"A1:{printed[-1]}{last + 3 + math.ceil(height / _CHART_ROW_CM)}"
        sheet.page_setup.fitToHeight = 1
        add_chart(
            sheet, title, max(len(family), 1), places, len(headers),
            rows=(HEAD_ROW, last), left=_scale(rows), room=(across / 10, height),
        )  # fmt: skip


def _scale(rows: Sequence[DomainEstimate]) -> float:
    """The left end of a scale that holds every interval and target of a chart whole: a bar cut off would look short."""
    lower = [r.lower for r in rows if r.lower is not None]
    target = [r.target for r in rows if r.target is not None]
    return scale_start([(min(lower, default=None), min(target, default=None))])


def _labels(estimates: Estimates, row: DomainEstimate, family: tuple[str, ...], lang: Lang) -> list[str]:
    if not row.domain:
        return [domain_label({}, estimates.design, lang)] + [""] * (max(len(family), 1) - 1)
    return [domain_label({c: row.domain[c]}, estimates.design, lang) for c in family]


def _figure(row: DomainEstimate, figure: str, lang: Lang) -> object:
    match figure:
        case "rate" | "target":
            return shown_rate(getattr(row, figure))
        case "lower" | "upper":
            return outward(getattr(row, figure), up=figure == "upper")
        case "grade":
            return text(f"estimate.grade_{row.grade or 'none'}", lang)
        case "p_value":
            return row.p_below
        case "q_value":
            return row.q_below
    value: object = getattr(row, figure)
    return value


def _header(figure: str, sure: str, lang: Lang) -> str:
    if figure in ("lower", "upper"):
        return f"{sure} {text(f'report.column_{figure}', lang)}"
    subject = "report" if figure in ("p_value", "q_value") else "estimate"
    return text(f"{subject}.column_{figure}", lang)


def _format(figure: str) -> str | None:
    if figure in ("rate", "lower", "upper", "target"):
        return _SHARE
    return "0.0000" if figure in ("p_value", "q_value") else "#,##0"


def _extra(row: DomainEstimate, kind: str) -> str:
    found = row.batch if kind == "batch" else row.model
    if found is None:
        return "–"
    return f"{percent(found.rate)} ({percent(found.lower, direction='down')} – {percent(found.upper, direction='up')})"


def _errors(row: DomainEstimate) -> tuple[float | None, float | None]:
    """The lengths of the error bars, below and above the rate."""
    rate, lower, upper = shown_rate(row.rate), outward(row.lower, up=False), outward(row.upper, up=True)
    if rate is None or lower is None or upper is None:
        return None, None
    return round(max(rate - lower, 0), 6), round(max(upper - rate, 0), 6)


def _colour(sheet: Any, column: int, last: int, lang: Lang) -> None:
    """Colour the grades by rules, so that sorting and editing keep them right."""
    from openpyxl.formatting.rule import CellIsRule
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    letter = get_column_letter(column)
    for grade, fill in _FILLS.items():
        words = text(f"estimate.grade_{grade}", lang)
        style = PatternFill("solid", start_color=fill, end_color=fill)
        sheet.conditional_formatting.add(
            f"{letter}{HEAD_ROW + 1}:{letter}{last}",
            CellIsRule(operator="equal", formula=[f'"{words}"'], fill=style),
        )


def _completion(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    assert estimates.completion is not None
    sheet = new_sheet(made, text("report.sheet_completion", lang), estimates, lang)
    write_title(sheet, text("report.completion", lang))
    headers = [
        text("estimate.column_domain", lang),
        *(text(f"report.column_{c}", lang) for c in COMPLETION_COLUMNS),
    ]
    rows = [
        [
            domain_label(c.domain, estimates.design, lang),
            *(getattr(c, column) for column in COMPLETION_COLUMNS),
        ]
        for c in (estimates.completion, *estimates.completions)
    ]
    reasons = [
        (text(f"results.reason_{reason}", lang), count)
        for reason, count in sorted(estimates.completion.reasons.items(), key=lambda r: -r[1])
    ]
    least = max((shown_width(reason) for reason, _ in reasons), default=0) + 3.5
    last = write_table(sheet, headers, rows, [None] + ["#,##0"] * len(COMPLETION_COLUMNS), least=least)
    if reasons:
        write_cell(sheet, last + 2, 1, text("report.reasons", lang), replace(PLAIN, bold=True))
    for r, (reason, count) in enumerate(reasons, last + 3):
        write_cell(sheet, r, 1, reason, Look(align="left", indent=1))
        write_cell(sheet, r, 2, count, Look(align="right", indent=1))
        sheet.row_dimensions[r].height = row_height(lines_needed(reason, sheet.column_dimensions["A"].width - 2.5))


def _items(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sheet = new_sheet(made, text("report.sheet_items", lang), estimates, lang)
    write_title(sheet, text("report.items", lang))
    comma = text("common.comma", lang)
    headers = [text(f"report.column_{c}", lang) for c in ("item", "batches", "enterprises", "districts")]

    def names(districts: Iterable[str]) -> str:
        return comma.join(domain_label({"district": d}, estimates.design, lang) for d in districts)

    rows = [[i.item, i.batches, i.enterprises, names(i.districts)] for i in estimates.items]
    write_table(sheet, headers, rows, [None, "#,##0", "#,##0", None])


def _follow_ups(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sheet = new_sheet(made, text("report.sheet_follow_ups", lang), estimates, lang)
    write_title(
        sheet,
        text("report.follow_ups", lang),
        follow_up_note(estimates, lang) if estimates.follow_ups else text("report.no_follow_ups", lang),
    )
    headers = [text(f"report.column_{c}", lang) for c in FOLLOW_UP_COLUMNS]
    write_table(sheet, headers, follow_up_rows(estimates, lang), [None] * len(headers), widths=_FOLLOW_UP_WIDTHS)


def _units(
    made: Workbook, estimates: Estimates, name: str, units: Sequence[DrawnUnit], columns: Sequence[str], lang: Lang
) -> None:
    """The list of open work, or that of what the registry has wrong."""
    sheet = new_sheet(made, text(f"report.sheet_{name}", lang), estimates, lang)
    write_title(sheet, text(f"report.{name}", lang), unit_note(name, units, lang))
    headers = [text(f"report.column_{c}", lang) for c in columns]
    rows = unit_rows(units, columns, estimates, lang)
    formats = ["#,##0" if c == "awaited" else None for c in columns]
    write_table(sheet, headers, rows, formats, widths=_UNIT_WIDTHS[name])


def _files(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sheet = new_sheet(made, text("report.sheet_files", lang), estimates, lang)
    write_title(sheet, text("report.files", lang), text("report.files_note", lang))
    headers = [text(f"report.column_{c}", lang) for c in FILE_COLUMNS]
    write_table(sheet, headers, file_rows(estimates, lang), [None, None] + ["#,##0"] * (len(headers) - 2))


def _findings(made: Workbook, estimates: Estimates, lang: Lang) -> None:
    sheet = new_sheet(made, text("report.sheet_findings", lang), estimates, lang)
    write_title(sheet, text("report.findings", lang), findings_note(estimates.issues, lang))
    headers = [text(f"intake.column_{c}", lang) for c in ISSUE_COLUMNS]
    rows = issue_rows(estimates.issues[:MOST_FINDINGS], lang)
    formats = ["0" if c == "row" else None for c in ISSUE_COLUMNS]
    write_table(sheet, headers, rows, formats, widths=_FINDING_WIDTHS)
