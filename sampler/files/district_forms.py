"""The forms of a district workbook: a page per visit, in the manner of a sampling sheet (抽样单), ready to sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openpyxl.utils import get_column_letter

from sampler.files.columns import CHOICES, tick_box
from sampler.files.district_rows import DistrictPapers, Listing, Row
from sampler.files.styles import (
    FILLED,
    HEAD,
    PLAIN,
    PRESET_TEXT,
    TITLE,
    Look,
    lines_needed,
    merge_cells,
    page_break,
    protect,
    row_height,
    set_widths,
    styled_cell,
)
from sampler.text import Lang, text

_COLUMNS, _WIDTH = 8, 13.0
_PAGE_POINTS = 740.0
"""Height of an upright A4 page within the margins of `sampler.files.styles.set_page`."""

# Lines of labels with their values: field, columns that its value takes beside the one of its label.
_PARTY = (
    (("name", 3), ("code", 3)),
    (("address", 7),),
    (("street_office", 3), ("contact", 3)),
    (("inspector_a", 3), ("inspector_b", 3)),
    (("sheet_no", 3), ("sampled_on", 3)),
)
_BATCH = (
    (("task_id", 2), ("category", 1), ("stage", 2)),
    (("sample_name", 3), ("model", 1), ("trademark", 1)),
    (("batch_no", 1), ("base", 1), ("quantity", 1), ("reserve_quantity", 1)),
)
_LINE, _HEADING, _BY_HAND, _REMARK, _TICK, _SIGNATURE = 26.0, 22.0, 40.0, 26.0, 20.0, 44.0
"""Heights in points; three signatures beside each other's seal make a box about 46 mm high."""

_REMARK_LINES = 3
_WRITE = replace(FILLED, align="left", number_format="@")
_TICK_BOX = replace(_WRITE, size=9)
_LABEL = HEAD
_BOLD = replace(PLAIN, bold=True)


@dataclass(frozen=True)
class _Part:
    """A cell, merged over some columns to the right and some lines down."""

    look: Look
    value: object = None
    across: int = 1
    down: int = 1


@dataclass(frozen=True)
class _Line:
    """A line of a form, from margin to margin; a part with ``down`` lines covers the parts of the lines below it."""

    height: float
    parts: tuple[_Part, ...]


class _Pages:
    """Lines below each other, in blocks that no end of a page parts."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._row = 0
        self._used = 0.0

    @property
    def room(self) -> float:
        """Points left on the page."""
        return _PAGE_POINTS - self._used

    def block(self, *lines: _Line) -> None:
        """Write lines that stand on one page."""
        if self._used and sum(line.height for line in lines) > self.room:
            self.end()
        for line in lines:
            self._write(line)

    def end(self) -> None:
        """The next line begins a page."""
        page_break(self._sheet, self._row)
        self._used = 0.0

    def _write(self, line: _Line) -> None:
        self._row += 1
        self._used += line.height
        self._sheet.row_dimensions[self._row].height = line.height
        cells: list[Any] = []
        for part in line.parts:
            if part.across > 1 or part.down > 1:
                first, last = (get_column_letter(len(cells) + n) for n in (1, part.across))
                if part.down > 0:
                    merge_cells(self._sheet, f"{first}{self._row}:{last}{self._row + part.down - 1}")
            cells += [styled_cell(self._sheet, part.look, part.value if i == 0 else None) for i in range(part.across)]
        self._sheet.append(cells)


def write_forms(sheet: Any, papers: DistrictPapers) -> None:
    """A form per visit of the task list, in the list's order, and an empty one for reserves; each begins a page."""
    lang = papers.lang
    set_widths(sheet, [_WIDTH] * _COLUMNS)
    sheet.sheet_view.showGridLines = False
    pages = _Pages(sheet)
    headline = text(
        "workbook.form_headline", lang, district=papers.district, period=papers.quarter, plan=papers.plan_id
    )
    fields = [c.field for c in papers.tasks.columns]
    visits: list[tuple[str, list[dict[str, object]]]] = [
        (headline, [dict(zip(fields, row, strict=True)) for row in rows]) for rows in _visits(papers.tasks)
    ]
    if papers.reserves.rows:
        visits.append((text("workbook.form_blank", lang), [{}]))
    for headline, batches in visits:
        pages.block(
            _across(text("workbook.form_title", lang), replace(TITLE, align="center"), 30),
            _across(headline, PLAIN, 20),
            *(_fields(line, batches[0], lang, _LINE) for line in _PARTY),
            _heading("form_product", lang),
        )
        for batch in batches:
            named, *filled = _BATCH
            pages.block(_fields(named, batch, lang, _LINE), *(_fields(line, batch, lang, _BY_HAND) for line in filled))
        pages.block(*_unsampled(lang, several=len(batches) > 1))
        # Remarks take what the page has left above the signatures.
        below = [*_signatures(lang)]
        left = pages.room - _HEADING - sum(line.height for line in below)
        lines = max(int(left // _REMARK), _REMARK_LINES)
        remarks = [_across(None, _WRITE, _REMARK) for _ in range(lines)]
        pages.block(_heading("form_remarks", lang), *remarks, *below)
        pages.end()
    protect(sheet)


def _across(words: str | None, look: Look, height: float) -> _Line:
    return _Line(height, (_Part(look, words, _COLUMNS),))


def _heading(key: str, lang: Lang) -> _Line:
    return _across(text(f"workbook.{key}", lang), _BOLD, _HEADING)


def _fields(line: Sequence[tuple[str, int]], values: Mapping[str, object], lang: Lang, least: float) -> _Line:
    """Labels, each with its value or room to write it."""
    parts: list[_Part] = []
    lines = 1
    for field, across in line:
        label = text(f"workbook.{field}", lang)
        value = str(values.get(field) or "").replace("\n", "  ") or None
        lines = max(lines, lines_needed(label, _WIDTH), lines_needed(value, across * _WIDTH))
        parts += [_Part(_LABEL, label), _Part(PRESET_TEXT if value else _WRITE, value, across)]
    return _Line(row_height(lines, least=least), tuple(parts))


def _unsampled(lang: Lang, *, several: bool) -> Iterator[_Line]:
    """The reasons for no sample, each with a box to tick, three a line; of several batches, which ones."""
    ticks = [tick_box("reason", key, lang) for key in CHOICES["reason"]]
    lines = [ticks[i : i + 3] for i in range(0, len(ticks), 3)]
    label = text("workbook.form_unsampled", lang)
    for number, line in enumerate(lines):
        line += [""] * (3 - len(line))
        boxes = [_Part(_TICK_BOX, words or None, across) for words, across in zip(line, (2, 2, 3), strict=True)]
        height = row_height(max(lines_needed(box.value, box.across * _WIDTH) for box in boxes), least=_TICK)
        down = len(lines) if number == 0 else 0
        yield _Line(height, (_Part(_LABEL, label if number == 0 else None, 1, down), *boxes))
    if several:
        which = _Part(_LABEL, text("workbook.form_which", lang), 2)
        yield _Line(_LINE, (which, _Part(_WRITE, None, _COLUMNS - 2)))


def _signatures(lang: Lang) -> Iterator[_Line]:
    """Both inspectors and the day on the left, the party's seal on the right."""
    labels = ("form_inspector", "form_inspector", "form_date")
    seal = replace(_WRITE, top=True, bold=True)
    for number, key in enumerate(labels):
        party = text("workbook.form_party", lang) if number == 0 else None
        down = len(labels) if number == 0 else 0
        parts = (_Part(_LABEL, text(f"workbook.{key}", lang)), _Part(_WRITE, None, 3), _Part(seal, party, 4, down))
        yield _Line(_SIGNATURE, parts)


def _visits(tasks: Listing) -> Iterator[list[Row]]:
    """The list's rows by visit, visits in the order of their first row."""
    groups: dict[str, list[Row]] = {}
    for visit, row in zip(tasks.visits, tasks.rows, strict=True):
        groups.setdefault(visit, []).append(row)
    yield from groups.values()
