"""Rows of a sheet that are not rows of its table: blank rows, repeated headers, group and total rows, notes below.

Every row below the header is either kept or listed here with the reason, so that the account adds up.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sampler.files.grid import Span

if TYPE_CHECKING:
    import polars as pl

REASONS = ("blank", "header", "group", "total", "note")
"""Why a row below the header is not a row of the table."""

_TAIL = 60
_GROUP = re.compile(r"^.{1,40}[（(]\s*[共计合]*\s*\d+\s*[所家户个批次条件项名人间]*\s*[)）]\s*[:：]?$", re.DOTALL)
_TOTAL = re.compile(
    r"^(?P<of>\D{0,15}?)(?:合计|小计|总计|共计|累计|(?:sub|grand)?total)(?:[:：]?\d[\d,.]*)?[所家户个批次条件项名人]*[:：]?(?:[（(].*[)）])?$",
    re.IGNORECASE | re.DOTALL,
)
_TOTAL_WORDS = (
    "合计",
    "小计",
    "总计",
    "共计",
    "累计",
    "合 ",
    "小 ",
    "总 ",
    "合　",
    "小　",
    "总　",
    "otal",
    "OTAL",
)
_NOTE = re.compile(
    r"^(?:备?注|(?:填表|填报|使用|编制)?说明|附注?|填?制?表(?:人|单位|日期)?|填报(?:人|单位|日期)?|审[核批]人?|复核人?|打印|导出|制表|"
    r"统计(?:人|日期)|联系人|单位负责人|负责人|数据来源|note|notes|source|prepared by)\s*\d*\s*"
    r"(?:[（(][^（()）]*[)）])?\s*[:：]|^.{0,12}(?:盖章|公章|签章|签字|签名)\s*[)）]?\s*(?:[:：].*)?$",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"^[-+]?[\d,]*\.?\d*(?:%|[所家户个批次条件项名人元]{0,2})$")
_PLACEHOLDER = frozenset({"/", "-", "—", "——", "－", "\\"})


def classify(
    body: pl.DataFrame, *, first_row: int, header_rows: Sequence[Sequence[str]], merged: Sequence[Span]
) -> pl.Series:
    """Why each row of ``body`` is skipped: a String series of `REASONS`, null for a row of the table.

    Args:
        body: String columns ``c{i}``, merged cells carried down; row k is source row ``first_row + k``.
        first_row: 1-based source row of the first row of ``body``.
        header_rows: the rows of the header as they stand, one text per column of ``body``.
        merged: the sheet's merged regions.
    """
    import polars as pl

    names = body.columns
    found: dict[int, str] = {}
    headers = [_named(names, header) for header in dict.fromkeys(map(tuple, header_rows))]
    # All that takes a look at every cell is asked at once.
    marks = body.select(
        few=pl.sum_horizontal(pl.all().is_not_null()) <= 2,
        header=pl.any_horizontal(pl.lit(False), *map(_may_repeat, headers)),
        total=_may_be_total(names),
    )
    few = marks["few"].arg_true().to_list()
    sparse = body[few].rows() if few else []
    wide = {s.top: s for s in merged if s.top == s.bottom and s.right - s.left + 1 > max(2, len(names) // 2)}
    for k, cells in zip(few, sparse, strict=True):
        texts = [t for cell in cells if cell is not None and (t := cell.strip())]
        if not texts:
            found[k] = "blank"
        elif len(texts) == 1 and len(names) > 2 and (first_row + k in wide or _GROUP.match(texts[0])):
            found[k] = "group"

    _mark_repeats(body, marks["header"].arg_true(), headers, found)
    _mark_column_numbers(body, found)
    _mark_totals(body, marks["total"].arg_true(), found)
    _mark_notes(body, found, wide_rows={row - first_row for row in wide})

    reasons = pl.Series("reason", [None], dtype=pl.String).new_from_index(0, body.height)
    ordered = sorted(found)
    return reasons.scatter(ordered, [found[k] for k in ordered]) if ordered else reasons


def _named(names: Sequence[str], header: Sequence[str]) -> list[tuple[str, str]]:
    """The columns that a row of the header names, with what it says there."""
    return [(c, text) for c, text in zip(names, header, strict=True) if text]


def _enough(header: Sequence[tuple[str, str]]) -> int:
    """The cells of a header that a row must repeat: at least three quarters, and two of them."""
    return max(2, math.ceil(0.75 * len(header)))


def _may_repeat(header: Sequence[tuple[str, str]]) -> pl.Expr:
    """Whether a row repeats one of a header's first cells: so many that whoever repeats none of them repeats too few."""
    import polars as pl

    first = header[: max(len(header) - _enough(header) + 1, 0)]
    return pl.any_horizontal(pl.lit(False), *((pl.col(c) == text).fill_null(False) for c, text in first))


def _mark_repeats(
    body: pl.DataFrame, rows: pl.Series, headers: Sequence[Sequence[tuple[str, str]]], found: dict[int, str]
) -> None:
    """Of some ``rows``, those that repeat enough of a row of the header."""
    import polars as pl

    if not len(rows):
        return
    part = body[rows]
    for header in headers:
        if len(header) < 2:
            continue
        same = part.select(pl.sum_horizontal(pl.col(c) == text for c, text in header)).to_series()
        for k in rows.filter(same >= _enough(header)).to_list():
            found.setdefault(k, "header")


def _mark_column_numbers(body: pl.DataFrame, found: dict[int, str]) -> None:
    """A row right below the header that numbers the columns: 1, 2, 3 … or (1), (2), (3) …"""
    if body.height and body.width > 2:
        cells = [re.sub(r"[()（）\s]", "", cell or "") for cell in body.row(0)]
        if cells == [str(i) for i in range(1, len(cells) + 1)]:
            found.setdefault(0, "header")


def _may_be_total(names: Sequence[str]) -> pl.Expr:
    """Whether a row has a word for a total near its beginning."""
    import polars as pl

    words = "|".join(_TOTAL_WORDS)
    return pl.any_horizontal(pl.col(c).str.contains(words).fill_null(False) for c in names[:3])


def _mark_totals(body: pl.DataFrame, rows: pl.Series, found: dict[int, str]) -> None:
    """Of some ``rows``, those whose first text is a word for a total and whose other cells are numbers or empty."""
    for k, cells in zip(rows.to_list(), body[rows].iter_rows(), strict=True):
        texts = [t for cell in cells if cell is not None and (t := re.sub(r"\s+", "", cell))]
        words = [t for t in texts if not _NUMBER.match(t) and t not in _PLACEHOLDER]
        if len(words) == 1 and _TOTAL.match(words[0]) and words[0] in texts[:3]:
            found.setdefault(k, "total")


def _mark_notes(body: pl.DataFrame, found: dict[int, str], *, wide_rows: set[int]) -> None:
    """Notes and signature lines below the table, going up from its end to the first row that is neither."""
    start = max(0, body.height - _TAIL)
    tail = body.slice(start).rows()
    notes: list[int] = []
    lone: list[int] = []
    for k in range(body.height - 1, start - 1, -1):
        reason = found.get(k)
        if reason == "blank":
            # A lone text below a blank row is a note, whatever it says.
            notes += lone
            lone = []
            continue
        if reason in ("total", "header"):
            continue
        texts = [t for cell in tail[k - start] if cell is not None and (t := cell.strip())]
        if not texts:
            continue
        if _NOTE.match(texts[0]) and len(texts) <= max(1, body.width // 2):
            notes.append(k)
        elif len(texts) == 1 and body.width > 2 and (k in wide_rows or not reason):
            (notes if k in wide_rows or len(texts[0]) > 40 else lone).append(k)
        else:
            break
    for k in notes:
        found[k] = "note"
