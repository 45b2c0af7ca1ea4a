"""Rows of a table of counts that stand for other rows of it: counted beside them they would count everything twice.

What is plainly a total row is skipped by the reader of tables (`sampler.files.rows`); this finds the others, by a label
that is a word for a total or by counts that are the sums of those of other rows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

Counts = Sequence[int | None]
Kind = Literal["named", "sum"]

_TOTAL = re.compile(
    r".{0,15}(?:合计|小计|总计|共计|累计|汇总)|全[市区县省国部]|总体|总数"
    r"|全部|(?:.{0,15}\W)?(?:sub|grand)?total|all(?: (?:districts|categories|strata|units))?|overall",
    re.IGNORECASE,
)


def total_rows(labels: Sequence[Sequence[str]], counts: Sequence[Counts]) -> dict[int, Kind]:
    """The rows that stand for others, and whether a label or the sum tells so.

    A row is a total if its counts are the sums over all other rows and it stands first or last; over all rows with the
    same labels, where some of its own are empty; or, as the others of its label (a city among districts), over all rows
    that differ in that label alone. A row that is the sum of just some others is none: that happens by chance.

    Args:
        labels: of each row the same number of texts, empty ones included.
        counts: of each row the same counts, tests among them; None where there is none.
    """
    if len(labels) < 2:
        return {}
    found: dict[int, Kind] = dict.fromkeys(_named(labels), "named")
    for rule in (_unlabelled, _of_one_label, _of_everything):
        found |= dict.fromkeys(list(rule(labels, counts, [k for k in range(len(labels)) if k not in found])), "sum")
    return found


def _named(labels: Sequence[Sequence[str]]) -> Iterator[int]:
    """Rows with a word for a total, in a column where other rows have something else."""
    columns = list(zip(*labels, strict=True))
    words = [[bool(_TOTAL.fullmatch(re.sub(r"\s+", " ", cell))) for cell in column] for column in columns]
    for k in range(len(labels)):
        if any(column[k] and not all(column) for column in words):
            yield k


def _unlabelled(labels: Sequence[Sequence[str]], counts: Sequence[Counts], rows: Sequence[int]) -> Iterator[int]:
    """Sums over the rows that have the labels which a row has, those with the fewest empty labels first."""
    used = [c for c in range(len(labels[0])) if any(labels[k][c] for k in rows)]
    patterns = {k: tuple(c for c in used if labels[k][c]) for k in rows}
    left = set(rows)
    for kept in sorted({p for p in patterns.values() if len(p) < len(used)}, key=len, reverse=True):
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for k in sorted(left):
            groups[tuple(labels[k][c] for c in kept)].append(k)
        alike = Counter(tuple(labels[k]) for k in rows)
        for members in groups.values():
            for k in members:
                if patterns[k] == kept and alike[tuple(labels[k])] == 1 and _is_sum(k, members, counts):
                    left.discard(k)
                    yield k


def _of_one_label(labels: Sequence[Sequence[str]], counts: Sequence[Counts], rows: Sequence[int]) -> Iterator[int]:
    """Rows of a label that in every combination of the other labels is the sum of the rows of all other labels."""
    width = len(labels[0])
    for c in range(width if width > 1 else 0):
        groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for k in rows:
            groups[tuple(label for i, label in enumerate(labels[k]) if i != c)].append(k)
        sums: dict[str, list[bool]] = defaultdict(list)
        for members in groups.values():
            for k in members:
                sums[labels[k][c]].append(_is_sum(k, members, counts))
        whole = {label for label, are in sums.items() if len(are) > 1 and all(are)}
        yield from (k for k in rows if labels[k][c] in whole)


def _of_everything(_: Sequence[Sequence[str]], counts: Sequence[Counts], rows: Sequence[int]) -> Iterator[int]:
    """The first or the last row, where it is the sum of all the others."""
    for k in dict.fromkeys((rows[0], rows[-1]) if rows else ()):
        if _is_sum(k, rows, counts):
            yield k


def _is_sum(row: int, rows: Iterable[int], counts: Sequence[Counts]) -> bool:
    """Whether each count of a row is the sum over the others of some rows, of which two at least have any."""
    others = [counts[k] for k in rows if k != row]
    if sum(any(other) for other in others) < 2 or not any(counts[row]):
        return False
    columns = zip(counts[row], zip(*others, strict=True), strict=True)
    return all(value == (None if set(column) == {None} else sum(n or 0 for n in column)) for value, column in columns)
