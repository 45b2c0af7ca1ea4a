"""Finding the header of a table: which row, or which two rows, name the columns.

What a known column name is, the caller knows: it passes ``recognise``, which counts how many of some cells are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sampler.files.grid import Span

Recognise = Callable[[Sequence[str]], int]
"""How many of these cells are known column names."""

_DATA = re.compile(r"\d{4,}")  # codes, dates and telephone numbers stand in no header

_NUMBER = re.compile(r"^[-+]?\d[\d.,]*%?$")

SCAN_ROWS = 15
"""A header begins in one of the first 15 rows that are not blank."""


@dataclass(frozen=True)
class Header:
    """The header of a table.

    Attributes:
        first, last: 0-based first and last row of the header in the grid.
        names: one text per column, empty where the column has no name.
        score: how many of the names are known.
        rows: the header's rows as they stand.
    """

    first: int
    last: int
    names: tuple[str, ...]
    score: int
    rows: tuple[tuple[str, ...], ...]


def find_header(
    top: Sequence[Sequence[str]], recognise: Recognise, *, merged: Sequence[Span] = (), minimum: int = 2
) -> Header | None:
    """The header among the first rows of a sheet, or None.

    The row with the most known names wins, the upper one of equals; a second row joins it when it names the columns
    below a merged or wide cell of the first.

    Args:
        top: the sheet's first rows from row 1 on, "" for an empty cell; they should hold `SCAN_ROWS` + 1 filled rows.
        recognise: counts the known names among cells.
        merged: the sheet's merged regions.
        minimum: known names a header must have (fewer where the row has fewer cells).
    """
    best: Header | None = None
    seen = 0
    for r, cells in enumerate(top):
        filled = sum(map(bool, cells))
        if not filled:
            continue
        seen += 1
        if seen > SCAN_ROWS:
            break
        candidates = [Header(r, r, tuple(cells), recognise(cells), (tuple(cells),))]
        if r + 1 < len(top) and any(top[r + 1]) and filled > 1 and not _DATA.search(" ".join(top[r + 1])):
            candidates.append(_two_rows(r, cells, top[r + 1], recognise, merged))
        for candidate in candidates:
            if candidate.score < min(minimum, filled):
                continue
            joined = candidate.last > candidate.first and _is_subheader(r, cells, top[r + 1], merged)
            if best is None or candidate.score > best.score or (candidate.first == best.first and joined):
                best = candidate
    return best


def _two_rows(
    r: int, upper: Sequence[str], lower: Sequence[str], recognise: Recognise, merged: Sequence[Span]
) -> Header:
    spread = _spread(r, upper, lower, merged)
    names = tuple(_joined(*cells, recognise) for cells in zip(upper, spread, lower, strict=True))
    score = recognise(names)
    # A lower row that is itself a header needs no help from above: the row above it is a title or a group.
    if score <= recognise(lower):
        score = 0
    return Header(r, r + 1, names, score, (tuple(upper), tuple(lower)))


def _spread(r: int, upper: Sequence[str], lower: Sequence[str], merged: Sequence[Span]) -> list[str]:
    """The upper row with the text of each merged or wide cell repeated over the columns it covers."""
    out = list(upper)
    spans = [s for s in merged if s.top <= r + 1 <= s.bottom and s.right > s.left]
    for span in spans:
        for c in range(span.left, min(span.right + 1, len(out))):
            out[c] = upper[span.left]
    if not spans:
        for c in range(1, len(out)):
            if not out[c] and lower[c]:
                out[c] = out[c - 1]
    return out


def _joined(own: str, above: str, below: str, recognise: Recognise) -> str:
    """The name of a column from its two header cells: the first of both together, lower, upper that is known.

    The upper cell counts alone only in its own column, not in those it is spread over.
    """
    if not below or above == below:
        return above
    if not above:
        return below
    both = above + below
    return next((name for name in (both, below, own) if name and recognise([name])), both)


def _is_subheader(r: int, upper: Sequence[str], lower: Sequence[str], merged: Sequence[Span]) -> bool:
    """Whether the lower row only names parts of the upper row's wide cells, and so is no row of data.

    A row of data goes on beside the wide cells; a second header row leaves the columns there alone.
    """
    if _DATA.search(" ".join(lower)) or any(_NUMBER.match(cell) for cell in lower):
        return False
    spans = [s for s in merged if s.top == r + 1 and s.right > s.left and any(lower[s.left : s.right + 1])]
    beside = [c for c, cell in enumerate(upper) if cell and not any(s.left <= c <= s.right for s in spans)]
    if spans:
        return bool(beside) and all(lower[c] in ("", upper[c]) for c in beside)
    under_gap = [c for c, cell in enumerate(lower) if cell and not upper[c]]
    # Below a wide cell all of its columns have names, the first one too.
    for c in under_gap:
        owner = next((k for k in range(c, -1, -1) if upper[k]), None)
        if owner is None or not lower[owner]:
            return False
    left_alone = sum(1 for c in beside if not lower[c])
    return bool(under_gap) and left_alone >= max(2, len(beside) / 2)


def best_guess(top: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The row that looks most like a header to someone who knows no names: the first of the fullest."""
    row: Sequence[str] = max(top, key=lambda cells: sum(map(bool, cells)), default=())
    return tuple(cell for cell in row if cell)
