"""The first and last sheet of a district workbook: what it is and how to fill it in; what the choices mean."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from openpyxl.utils import get_column_letter, quote_sheetname

from sampler.files.columns import CHOICES, choice_label
from sampler.files.district_rows import DistrictPapers, Listing
from sampler.files.styles import (
    FILLED,
    HEAD,
    MISSING,
    PLAIN,
    PRESET,
    SHARE,
    TITLE,
    WAITING,
    WRONG,
    Look,
    formula_cell,
    lines_needed,
    merge_cells,
    protect,
    row_height,
    set_widths,
    styled_cell,
)
from sampler.results import REASONS
from sampler.text import text

_WIDTHS = (26.0, 25.0, 26.0, 25.0, 26.0, 25.0)
_SPARE_ROWS = 500
"""Rows below a list that the progress block counts too, for rows that inspectors add."""

_INSTRUCTIONS = 7
_COLOURS_AFTER = 6
"""The instruction that the legend of colours follows."""
_BOX = Look(bold=True)
_REMARK = replace(FILLED, align="left", number_format="@")
_REMARK_LINES = 7
_REMARK_POINTS = 32.0


def write_cover(sheet: Any, papers: DistrictPapers, *, header_row: int) -> None:
    """Title, what the workbook belongs to, the progress block, the instructions."""
    lang = papers.lang
    set_widths(sheet, _WIDTHS)
    sheet.sheet_view.showGridLines = False
    rows = _Rows(sheet, len(_WIDTHS))
    title = text("workbook.title", lang, bureau=papers.bureau, period=papers.quarter)
    rows.across(title, replace(TITLE, size=18, align="center"), 34)
    rows.across(text("workbook.discretion", lang), replace(PLAIN, bold=True, align="center", colour="C00000"), 20)
    facts = [
        ("cover_district", papers.district),
        ("cover_period", papers.quarter),
        ("cover_deadline", f"{papers.deadline:%Y-%m-%d}"),
        ("cover_plan", papers.plan_id),
        (
            "cover_tasks",
            text("workbook.tasks_batches", lang, tasks=papers.task_count, batches=len(papers.tasks.rows)),
        ),
        ("cover_visits", str(papers.enterprise_count)),
    ]
    for i in range(0, len(facts), 3):
        cells = []
        for key, value in facts[i : i + 3]:
            cells += [
                styled_cell(sheet, HEAD, text(f"workbook.{key}", lang)),
                styled_cell(sheet, _BOX, value),
            ]
        rows.cells(cells, 36)
    frame = [styled_cell(sheet, HEAD, text("workbook.cover_frame", lang))]
    frame += [styled_cell(sheet, Look(), papers.frame_sha256 if i == 0 else None) for i in range(5)]
    rows.cells(frame, 24, merge=(2, 6))
    rows.blank()
    rows.across(text("workbook.progress", lang), replace(TITLE, size=13), 24)
    counters = _counters(papers, header_row)
    for i in range(0, len(counters), 3):
        cells = []
        for key, formula in counters[i : i + 3]:
            look = replace(_BOX, number_format=SHARE.format("0")) if key == "progress_done" else _BOX
            cells += [
                styled_cell(sheet, PRESET, text(f"workbook.{key}", lang)),
                formula_cell(sheet, look, formula),
            ]
        rows.cells(cells, 22)
    rows.blank()
    rows.across(text("workbook.how", lang), replace(TITLE, size=13), 24)
    for i in range(1, _INSTRUCTIONS + 1):
        line = text(f"workbook.how_{i}", lang, deadline=f"{papers.deadline:%Y-%m-%d}")
        rows.across(line, replace(PLAIN, wrap=True), row_height(lines_needed(line, sum(_WIDTHS))))
        if i == _COLOURS_AFTER:
            legend = []
            for key, colour in (("missing", MISSING), ("wrong", WRONG), ("waiting", WAITING)):
                legend += [
                    styled_cell(sheet, Look(bold=True, fill=colour), text(f"workbook.mark_{key}", lang)),
                    styled_cell(sheet, PLAIN, text(f"workbook.legend_{key}", lang)),
                ]
            rows.cells(legend, 20)
    protect(sheet)


class _Rows:
    """Appends rows to a write-only sheet and keeps count of them."""

    def __init__(self, sheet: Any, width: int) -> None:
        self._sheet = sheet
        self._width = width
        self._count = 0

    def cells(self, cells: list[Any], height: float | None, merge: tuple[int, int] | None = None) -> None:
        self._count += 1
        if height is not None:
            self._sheet.row_dimensions[self._count].height = height
        if merge:
            first, last = (get_column_letter(i) for i in merge)
            merge_cells(self._sheet, f"{first}{self._count}:{last}{self._count}")
        self._sheet.append(cells)

    def across(self, words: str, look: Look, height: float) -> None:
        self.cells([styled_cell(self._sheet, look, words)], height, merge=(1, self._width))

    def line(self, look: Look, height: float) -> None:
        """An empty cell from margin to margin."""
        self.cells([styled_cell(self._sheet, look) for _ in range(self._width)], height, merge=(1, self._width))

    def blank(self) -> None:
        self.cells([], 8)


def _counters(papers: DistrictPapers, header_row: int) -> list[tuple[str, str]]:
    """(catalogue key, formula) of each figure of the progress block."""

    def area(sheet: str, listing: Listing, field: str) -> str:
        letter = get_column_letter((listing.column(field) or 0) + 1)
        name = quote_sheetname(text(f"workbook.sheet_{sheet}", papers.lang))
        return f"{name}!${letter}${header_row + 1}:${letter}${header_row + len(listing.rows) + _SPARE_ROWS}"

    def of(field: str) -> str:
        return area("tasks", papers.tasks, field)

    def rows(*conditions: str) -> str:
        """Rows that meet all conditions; COUNTIFS with an empty criterion is counted differently by LibreOffice."""
        return "SUMPRODUCT(" + "*".join(f"({c})" for c in conditions) + ")"

    sampled, unsampled = (f'"{choice_label("status", k, papers.lang)}"' for k in CHOICES["status"])
    passed, failed = (f'"{choice_label("verdict", k, papers.lang)}"' for k in CHOICES["verdict"])
    status, first, retest = of("status"), of("first"), of("retest")
    total = f"COUNTA({of('task_id')})"
    said = f"COUNTIF({status},{sampled})+COUNTIF({status},{unsampled})"

    def final(verdict: str) -> str:
        """Batches whose final result it is: the re-test's where there is one, else the first."""
        return f"=COUNTIF({retest},{verdict})+" + rows(f'{retest}=""', f"{first}={verdict}")

    used = area("reserves", papers.reserves, "replaces")
    return [
        ("progress_total", f"={total}"),
        ("progress_open", f"={total}-({said})"),
        ("progress_done", f'=IF({total}=0,"",({said})/{total})'),
        ("progress_sampled", f"=COUNTIF({status},{sampled})"),
        ("progress_pass", final(passed)),
        ("progress_fail", final(failed)),
        ("progress_waiting", "=" + rows(f"{status}={sampled}", f'{first}=""', f'{retest}=""')),
        ("progress_unsampled", f"=COUNTIF({status},{unsampled})"),
        ("progress_reserves", f"=COUNTA({used})" if papers.reserves.rows else "=0"),
        ("progress_no_date", "=" + rows(f"{status}={sampled}", f'{of("sampled_on")}=""')),
        ("progress_no_reason", "=" + rows(f"{status}={unsampled}", f'{of("reason")}=""')),
    ]


def write_choices(sheet: Any, papers: DistrictPapers) -> None:
    """The dictionary: every choice, and what a reason for no sample means for the figures. Below it, room for remarks."""
    lang = papers.lang
    widths = (28.0, 30.0, 34.0, 52.0)
    set_widths(sheet, widths)
    sheet.sheet_view.showGridLines = False
    rows = _Rows(sheet, len(widths))
    heading = replace(TITLE, size=13)
    rows.across(text("workbook.choices", lang), heading, 24)
    heads = ("choices_status", "choices_verdict", "choices_reason", "choices_meaning")
    rows.cells([styled_cell(sheet, HEAD, text(f"workbook.{h}", lang)) for h in heads], 20)
    left = replace(PRESET, align="left")
    for i, (reason, meaning) in enumerate(REASONS.items()):
        status, verdict = (
            choice_label(kind, CHOICES[kind][i], lang) if i < len(CHOICES[kind]) else None
            for kind in ("status", "verdict")
        )
        words = (
            status,
            verdict,
            choice_label("reason", reason, lang),
            text(f"workbook.meaning_{meaning}", lang),
        )
        rows.cells([styled_cell(sheet, left, w) for w in words], 18)
    rows.blank()
    rows.across(text("workbook.remarks", lang), heading, 24)
    for _ in range(_REMARK_LINES):
        rows.line(_REMARK, _REMARK_POINTS)
    protect(sheet)
