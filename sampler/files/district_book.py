"""One district's workbook: cover, task list, reserves, forms, choices; written row by row, ready to print on A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from sampler.files.book import new_book
from sampler.files.columns import CHOICES, MARK, Column, Kind, choice_label
from sampler.files.district_cover import write_choices, write_cover
from sampler.files.district_forms import write_forms
from sampler.files.district_rows import DistrictPapers, Listing
from sampler.files.styles import (
    DATE,
    FILLED,
    HEAD,
    MISSING,
    PAGE_MM,
    PLAIN,
    PRESET,
    PRESET_TEXT,
    TITLE,
    UNIT_MM,
    WAITING,
    WRONG,
    Look,
    RowStencil,
    choice_list,
    colour_rule,
    footer_text,
    lines_needed,
    lines_of_words,
    merge_cells,
    protect,
    row_height,
    set_page,
    set_width_unit,
    set_widths,
    sign,
    styled_cell,
    unbroken_width,
)
from sampler.text import LANGUAGES, Lang, text

HEADER_ROW = 3
LEAST_ROW_POINTS = 48.0
"""Room for three lines of print, and to write by hand once the page has been scaled to one page wide."""

_ALWAYS_SAMPLED = ("sample_name", "base", "quantity")
"""What every sample has; a model, a brand or a batch number some have not."""

_WIDENED = ("address", "note")
"""What gets the room that a page has left."""

_SMALL = ("contact", "category", "stage")
_SMALL_POINTS = 9.0

_NARROW_CENTRE = (
    "number",
    "group",
    "order",
    "category",
    "stage",
    "batches",
    "inspector_a",
    "inspector_b",
    "deadline",
)


def write_papers(path: Path, papers: DistrictPapers) -> None:
    """Write one district's workbook to ``path``."""
    lang = papers.lang
    with new_book(path) as book:
        set_width_unit(book)
        sign(book, text("workbook.title", lang, bureau=papers.bureau, period=papers.quarter))
        book.properties.subject = papers.plan_id
        book.calculation.fullCalcOnLoad = True
        cover = book.create_sheet(text("workbook.sheet_cover", lang))
        tasks = book.create_sheet(text("workbook.sheet_tasks", lang))
        reserves = book.create_sheet(text("workbook.sheet_reserves", lang))
        _page(cover, papers, single=True)
        write_cover(cover, papers, header_row=HEADER_ROW)
        _write_list(tasks, papers, papers.tasks, "tasks")
        _write_list(reserves, papers, papers.reserves, "reserves")
        if papers.forms:
            forms = book.create_sheet(text("workbook.sheet_forms", lang))
            _page(forms, papers, landscape=False)
            write_forms(forms, papers)
        choices = book.create_sheet(text("workbook.sheet_choices", lang))
        _page(choices, papers)
        write_choices(choices, papers)


def _page(
    sheet: Any,
    papers: DistrictPapers,
    *,
    repeat: str | None = None,
    landscape: bool = True,
    single: bool = False,
    signed: bool = False,
) -> None:
    """The page with its footer: lines for the inspectors to sign if it is to be ``signed``, and which plan this is."""
    lang = papers.lang
    plan = text(
        "workbook.footer_plan",
        lang,
        plan=footer_text(papers.plan_id),
        frame=footer_text(papers.frame_sha256[:12]),
    )
    inspectors, day = (text(f"workbook.sign_{key}", lang) + "\n" if signed else "" for key in ("inspectors", "date"))
    set_page(
        sheet,
        left=inspectors + plan,
        centre=text("workbook.footer_page", lang),
        right=f"{day}{footer_text(papers.district)} "
        + text("workbook.footer_deadline", lang, day=f"{papers.deadline:%Y-%m-%d}"),
        repeat=repeat,
        landscape=landscape,
        single=single,
    )


def _write_list(sheet: Any, papers: DistrictPapers, listing: Listing, which: str) -> None:
    lang, columns = papers.lang, listing.columns
    widths = _widths(papers, listing)
    last = HEADER_ROW + max(len(listing.rows), 1)
    printed = [c for c in columns if not c.outside]
    # A party seals what is about itself alone, a form of ours or the bureau's, and never a list that names others.
    _page(sheet, papers, repeat=f"{HEADER_ROW - 1}:{HEADER_ROW}", signed=True)
    set_widths(sheet, widths)
    frozen = next((i for i, c in enumerate(columns) if c.field == "name"), 2) + 1
    sheet.freeze_panes = f"{get_column_letter(frozen + 1)}{HEADER_ROW + 1}"
    sheet.sheet_view.zoomScale = 90
    sheet.row_dimensions[1].height = 26
    subtitle = _subtitle(papers, listing, which)
    # Latin letters of a font that stands in are wider than a character.
    sheet.row_dimensions[2].height = row_height(lines_needed(subtitle, 0.85 * sum(widths[: len(printed)])))
    merge_cells(sheet, f"A2:{get_column_letter(len(printed))}2")
    read = [i for i, c in enumerate(columns) if c.field != MARK]
    header_lines = max(lines_of_words(columns[i].header(lang), widths[i], _header_look(columns[i], lang)) for i in read)
    sheet.row_dimensions[HEADER_ROW].height = row_height(max(header_lines, 2))

    title = text(f"workbook.title_{which}", lang, district=papers.district, period=papers.quarter)
    sheet.append([styled_cell(sheet, TITLE, title)])
    sheet.append([styled_cell(sheet, replace(PLAIN, wrap=True), subtitle)])
    sheet.append([styled_cell(sheet, _header_look(c, lang), c.header(lang)) for c in columns])

    looks = [_look(c, papers) for c in columns]
    within, first = RowStencil(sheet, looks), RowStencil(sheet, [replace(look, parted=True) for look in looks])
    # Tasks are in order of place; reserves are in that of their groups.
    parted = which == "tasks"
    before = listing.places[:1]
    wrapped = [(i, widths[i]) for i, c in enumerate(columns) if not (c.filled or c.outside or c.kind == "count")]
    for number, (row, place) in enumerate(zip(listing.rows, listing.places, strict=True), HEADER_ROW + 1):
        lines = max((lines_of_words(row[i], width, looks[i]) for i, width in wrapped if row[i]), default=1)
        sheet.row_dimensions[number].height = row_height(lines, least=LEAST_ROW_POINTS)
        sheet.append((first if parted and (place,) != before else within).cells(row))
        before = (place,)
    if not listing.rows:
        sheet.append([styled_cell(sheet, PLAIN, text("workbook.no_reserves", lang))])
    else:
        _add_rules(sheet, papers, columns, last)
        sheet.auto_filter.ref = f"A{HEADER_ROW}:{get_column_letter(len(read))}{last}"
    protect(sheet)
    sheet.print_area = f"A1:{get_column_letter(len(printed))}{last}"


def _subtitle(papers: DistrictPapers, listing: Listing, which: str) -> str:
    """What the inspectors are to know, and what the columns beside the printed ones say alike of every task."""
    beside = {c.field for c in listing.columns if c.outside}
    single = "_single" if which == "tasks" and "batches" in beside else ""
    return text(f"workbook.subtitle_{which}{single}", papers.lang, deadline=papers.deadline)


def _widths(papers: DistrictPapers, listing: Listing) -> list[float]:
    """The columns' widths; what is printed is at least as wide as the page."""
    widths = [
        c.least if c.field == MARK else _width(c, papers, {row[i] for row in listing.rows})
        for i, c in enumerate(listing.columns)
    ]
    spare = PAGE_MM / UNIT_MM - sum(w for c, w in zip(listing.columns, widths, strict=True) if not c.outside)
    for field in _WIDENED:
        if (i := listing.column(field)) is not None:
            widths[i] += max(spare, 0) / len(_WIDENED)
    return widths


def _width(column: Column, papers: DistrictPapers, values: Iterable[object]) -> float:
    """Width in which no word of the header breaks, nor of the values as far as the column's bounds allow."""
    words = _choice_labels(column.kind, papers) if column.kind in CHOICES else values
    wide = (unbroken_width(w, _look(column, papers), hyphens=not column.whole) for w in words if w is not None)
    longest = max(wide, default=0.0)
    header = unbroken_width(column.header(papers.lang), _header_look(column, papers.lang))
    return max(column.least, min(column.most, longest), header)


def _header_look(column: Column, lang: Lang) -> Look:
    if column.field == MARK:
        return replace(HEAD, colour="A6A6A6", size=8)
    # Words of English headers are wider than most of what stands below them.
    return HEAD if lang == "zh" else replace(HEAD, size=9)


def _look(column: Column, papers: DistrictPapers) -> Look:
    by_hand = column.field in ("inspector_a", "inspector_b") and not papers.teams
    if column.field == MARK:
        return replace(PRESET_TEXT, colour="A6A6A6", size=8, wrap=False)
    if column.filled and column.kind == "date":
        # A date too wide for its cell is shown as ####, unless it may shrink.
        return replace(FILLED, number_format=DATE, wrap=False, shrink=True)
    if column.filled or by_hand:
        return replace(FILLED, number_format="General" if column.kind == "number" else "@")
    look = PRESET if column.kind == "count" or column.field in _NARROW_CENTRE else PRESET_TEXT
    return replace(look, size=_SMALL_POINTS) if column.field in _SMALL else look


def _choice_labels(kind: Kind, papers: DistrictPapers) -> list[str]:
    return [choice_label(kind, key, papers.lang) for key in CHOICES[kind]]


def _both(key: str, papers: DistrictPapers, **params: object) -> str:
    """A message in the workbook's language, then in the other."""
    languages = sorted(LANGUAGES, key=lambda lang: lang != papers.lang)
    return "\n".join(text(key, lang, **params) for lang in languages)


def _add_rules(sheet: Any, papers: DistrictPapers, columns: Sequence[Column], last: int) -> None:
    """Drop-downs, checks of what is typed, and colours for what is missing, over the rows of the list."""
    where = {c.field: get_column_letter(i) for i, c in enumerate(columns, 1)}
    for kind in CHOICES:
        rule = choice_list(
            _choice_labels(kind, papers),
            text("workbook.bad_choice_title", papers.lang),
            _both("workbook.bad_choice", papers),
        )
        _apply(sheet, rule, [where[c.field] for c in columns if c.kind == kind], last)
    _apply(sheet, _date_rule(papers), [where[c.field] for c in columns if c.kind == "date" and c.filled], last)
    number = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True)
    number.errorStyle, number.showErrorMessage = "warning", True
    number.errorTitle = text("workbook.bad_number_title", papers.lang)
    number.error = _both("workbook.bad_number", papers)
    _apply(sheet, number, [where[c.field] for c in columns if c.kind == "number"], last)
    for field, formula, colour in _colour_rules(where, papers):
        letter = where[field]
        area = f"{letter}{HEADER_ROW + 1}:{letter}{last}"
        sheet.conditional_formatting.add(area, colour_rule(formula, colour))


def _apply(sheet: Any, rule: Any, letters: Sequence[str], last: int) -> None:
    for letter in letters:
        rule.add(f"{letter}{HEADER_ROW + 1}:{letter}{last}")
    if letters:
        sheet.data_validations.append(rule)


def _date_rule(papers: DistrictPapers) -> Any:
    """A date from the plan's first day to a year after its end: late samples are dates too, typing errors are not."""
    first, last = papers.start, papers.end + dt.timedelta(days=365)
    days = [(day - dt.date(1899, 12, 30)).days for day in (first, last)]
    rule = DataValidation(
        type="date", operator="between", formula1=str(days[0]), formula2=str(days[1]), allow_blank=True
    )
    rule.showErrorMessage = True
    rule.errorTitle = text("workbook.bad_date_title", papers.lang)
    rule.error = _both("workbook.bad_date", papers, first=first, last=last, example=first + dt.timedelta(days=17))
    return rule


def _colour_rules(where: dict[str, str], papers: DistrictPapers) -> list[tuple[str, str, str]]:
    """(field, formula, colour): what a filled-in row lacks, and what in it contradicts something else."""
    at = {field: f"${letter}{HEADER_ROW + 1}" for field, letter in where.items()}
    sampled, unsampled = (f'{at["status"]}="{choice_label("status", k, papers.lang)}"' for k in CHOICES["status"])
    failed = f'"{choice_label("verdict", "fail", papers.lang)}"'
    result = f'OR({at["first"]}<>"",{at["retest"]}<>"")'
    rules = [
        ("status", f'AND({at["status"]}="",OR({at["sampled_on"]}<>"",{at["reason"]}<>"",{result}))', MISSING),
        ("sampled_on", f'AND({at["sampled_on"]}="",OR({sampled},{result}))', MISSING),
        ("sheet_no", f'AND({at["sheet_no"]}="",OR({sampled},{result}))', MISSING),
        *((field, f'AND({at[field]}="",OR({sampled},{result}))', MISSING) for field in _ALWAYS_SAMPLED),
        ("first", f"AND({unsampled},{result})", WRONG),
        ("first", f'AND({at["first"]}="",{at["retest"]}<>"")', MISSING),
        ("first", f'AND({at["first"]}="",{sampled})', WAITING),
        (
            "failing_item",
            f'AND({at["failing_item"]}="",OR({at["first"]}={failed},{at["retest"]}={failed}))',
            MISSING,
        ),
        ("reason", f'AND({at["reason"]}="",{unsampled})', MISSING),
        ("reason", f'AND({at["reason"]}<>"",OR({sampled},{result}))', WRONG),
    ]
    if "replaces" in at:
        used = f'OR({at["status"]}<>"",{at["sampled_on"]}<>"",{at["reason"]}<>"",{result})'
        rules += [(f, f'AND({at[f]}="",{used})', MISSING) for f in ("replaces", "replace_reason")]
    return rules
