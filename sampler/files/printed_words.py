"""What we print outside the lists, by kind of sheet: whatever else stands there was typed by somebody.

A word is printed only where we print it. The words of an answer (合格, 拒检 …) stand at their own place in the dictionary,
two of them on the cover; anywhere else they are an answer that somebody gave in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, lru_cache
from string import Formatter
from typing import Literal, NamedTuple

import polars as pl

from sampler.files.columns import CHOICES, RESERVE_COLUMNS, TASK_COLUMNS, choice_label, tick_box
from sampler.files.grid import Grid
from sampler.intake.values import canonical_text
from sampler.text import LANGUAGES, text
from sampler.text.workbook import ENTRIES

SheetKind = Literal["cover", "list", "form", "choices"]


class Typed(NamedTuple):
    """A cell that somebody typed: row from 1, source column from 0, words, and whether it stands where remarks belong."""

    row: int
    column: int
    words: str
    remark: bool


def _words(*keys: str) -> frozenset[str]:
    """The texts of some keys in every language, in canonical form."""
    return frozenset(canonical_text(text(f"workbook.{key}", lang)) for key in keys for lang in LANGUAGES)


_NAMES: dict[SheetKind, frozenset[str]] = {
    "cover": _words("sheet_cover"),
    "form": _words("sheet_forms"),
    "choices": _words("sheet_choices"),
}
_TITLES: dict[SheetKind, frozenset[str]] = {
    "cover": _words("cover_frame", "progress"),
    "form": _words("form_title", "form_title_earlier"),
    "choices": _words("choices"),
}
_TITLE_ROWS = 8
_ROWS = 4096
"""Rows of a sheet that are remembered: of a thousand forms most rows say the same."""

_OF_KIND = {
    kind: {canonical_text(choice_label(kind, key, lang)) for key in keys for lang in LANGUAGES}
    for kind, keys in CHOICES.items()
}
_CHOICES = frozenset[str]().union(*_OF_KIND.values())
"""The words of an answer."""

_DICTIONARY = {heading: words for kind, words in _OF_KIND.items() for heading in _words(f"choices_{kind}")}
"""Heading of a column of the dictionary → the answers that stand below it."""

_BOXES = {canonical_text(tick_box("reason", key, lang)) for key in CHOICES["reason"] for lang in LANGUAGES}
"""The reasons of a form before one of them is ticked."""

_PROGRESS = _words(*(name for key in ENTRIES if (name := key.partition(".")[2]).startswith("progress_")))
_LABELS = _PROGRESS | _words("cover_plan", "cover_tasks", "cover_visits")
"""Labels of the cover whose figures the plan's own words do not hold."""
_FIGURE = re.compile(r"[0-9a-z.,%/_-]+")

_IDS = _words("task_id", "reserve_id")
_TO_FILL = _words(*(c.field for c in (*TASK_COLUMNS, *RESERVE_COLUMNS) if c.filled), "sheet_no_earlier")
_SWATCHES = _words("mark_missing", "mark_wrong", "mark_waiting")
"""What stands in the boxes of the cover's legend; anywhere else it is somebody's."""
_REMARKS = _words("remarks")
_FORM_REMARKS = _words("form_remarks")

_ID = r"(?i)^\s*\d{4}Q[1-4]\s*[-–—‐_－].+\d"
"""What every id of a task or reserve looks like."""

_is_id = re.compile(_ID).match


def column_of_ids(cells: pl.Series) -> bool:
    """Whether most cells of a column are ids of tasks or reserves."""
    said = cells.drop_nulls()
    return bool(said.str.contains(_ID).sum() > len(said) / 2)


def names_batch(cell: str | None) -> bool:
    """Whether a cell is the id of a task or reserve."""
    return cell is not None and _is_id(cell) is not None


def titled(grid: Grid) -> SheetKind | None:
    """Which of our sheets has the headings of this one; lists are known by their columns."""
    top = {canonical_text(c) for row in grid.data.head(_TITLE_ROWS).rows() for c in row if c}
    return next((kind for kind, titles in _TITLES.items() if top & titles), None)


def sheet_kind(grid: Grid) -> SheetKind | None:
    """What a sheet that is no list is, by its headings or its name; None for anybody else's."""
    name = canonical_text(grid.sheet or "")
    return titled(grid) or next((kind for kind, names in _NAMES.items() if name in names), None)


class PrintedWords:
    """What we print outside the lists, so that it is not taken for something typed.

    Args:
        labels: the plan's words on its covers.
        facts: gives every text of its lists in canonical form, which forms repeat; asked only when a word is none of ours.
        papers: gives what the plan's untouched workbooks say, by kind of sheet: an earlier version may have printed them.
    """

    def __init__(
        self,
        labels: Iterable[str],
        facts: Callable[[], Set[str]],
        papers: Callable[[], Mapping[SheetKind, Set[str]]],
    ) -> None:
        ours = [words for pair in ENTRIES.values() for words in pair]
        self._plain = {canonical_text(w) for w in ours if "{" not in w} | {canonical_text(label) for label in labels}
        self._plain = (self._plain | _BOXES) - _CHOICES
        templates = [w for w in ours if "{" in w and len(re.sub(r"\{.*?\}", "", w)) > 4]
        self._filled_in = re.compile("|".join(map(_pattern, templates)))
        self._facts, self._papers = cache(facts), cache(papers)

    def has(self, cell: str, kind: SheetKind) -> bool:
        """Whether we print ``cell`` on such a sheet, wherever it stands there; no word of an answer is one."""
        return self._has(canonical_text(cell), kind)

    def _has(self, form: str, kind: SheetKind) -> bool:
        if form in _CHOICES or (form in _SWATCHES and kind != "cover"):
            return False
        if form in self._plain or self._filled_in.fullmatch(form):
            return True
        return (kind == "form" and form in self._facts()) or form in self._papers().get(kind, ())

    def typed(self, part: pl.DataFrame, kind: SheetKind | None) -> Iterator[Typed]:
        """Every cell of a part of a sheet that we did not print there; on a sheet that is not ours every one."""
        columns = [int(c[1:]) for c in part.columns]
        answers = _Answers(kind)
        free = False  # whether these are the lines where people write what they like
        fill = frozenset[int]()  # places below a heading that people fill in

        @lru_cache(maxsize=_ROWS)
        def read(row: tuple[str | None, ...]) -> tuple[Sequence[str], Sequence[int]]:
            """The canonical forms of a row's cells, and the places where we print what stands there."""
            forms = [canonical_text(c) if c is not None else "" for c in row]
            return forms, [i for i, f in enumerate(forms) if f and kind and self._prints(forms, i, kind)]

        for number, row in enumerate(part.iter_rows(), 1):
            if not any(row):
                continue
            forms, printed = read(row)
            if kind == "form" and not _IDS.isdisjoint(forms):  # as a heading: forms of earlier plans had a table
                fill = frozenset(i for i, f in enumerate(forms) if f in _TO_FILL)
            typed = fill if fill and any(map(names_batch, row)) else frozenset[int]()
            ours = [i for i in printed if i not in typed]
            ours += answers.at_their_place(forms)
            heads = {forms[i] for i in ours} & self._plain
            if kind == "form" and heads:
                free = bool(heads & _FORM_REMARKS)
            elif free:
                ours = []
            yield from (
                Typed(number, columns[i], row[i] or "", free and kind == "choices")
                for i, form in enumerate(forms)
                if form and i not in ours
            )
            free |= kind == "choices" and bool(heads & _REMARKS)

    def _prints(self, forms: Sequence[str], place: int, kind: SheetKind) -> bool:
        """Whether we print the text at a place of a row."""
        form = forms[place]
        left = next((f for f in reversed(forms[:place]) if f), None)
        if kind == "cover" and left in _LABELS and _FIGURE.fullmatch(form):
            return True
        if kind == "form" and left in _TO_FILL and form not in _TO_FILL:
            return False  # where somebody fills in, a word of ours is typed too
        return self._has(form, kind)


class _Answers:
    """The words of an answer that we print outside the lists: below their heading in the dictionary, and among the labels
    of the cover's progress block; each once.
    """

    def __init__(self, kind: SheetKind | None) -> None:
        self._kind = kind
        self._below: dict[int, Set[str]] = {}
        self._seen: set[tuple[int, str]] = set()

    def at_their_place(self, forms: Sequence[str]) -> Iterator[int]:
        """The places in the sheet's next row where such a word stands."""
        if self._kind not in ("cover", "choices"):
            return
        progress = _PROGRESS if self._kind == "cover" and len(_PROGRESS.intersection(forms)) > 1 else frozenset[str]()
        for i, form in enumerate(forms):
            if self._kind == "choices" and form in _DICTIONARY:
                self._below[i] = _DICTIONARY[form]
            place = -1 if form in progress else i
            due = form in progress or form in self._below.get(i, frozenset())
            if due and form in _CHOICES and (place, form) not in self._seen:
                self._seen.add((place, form))
                yield i


def _pattern(template: str) -> str:
    """A regular expression for the canonical text of a filled-in template."""
    parts = Formatter().parse(template)
    return "".join(re.escape(canonical_text(words)) + (".{1,40}" if name else "") for words, name, _, _ in parts)
