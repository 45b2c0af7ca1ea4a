"""Findings: what a check says about many rows at once, and the issues that are listed of it.

A finding holds row numbers, not objects, so that a million findings cost a million integers. Of each code at most
`LISTED` issues are listed, in the order of the registry; one more issue then says how many there are. Counts are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampler.errors import Issue, Severity
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

LISTED = 1_000
"""Issues listed of one code."""

_ORDER: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def kind_of(code: str) -> Text:
    """What people call the issues of a code."""
    return Text.of(f"intake.kind_{code.removesuffix('-more').replace('-', '_')}")


Words = Text | Callable[[Sequence[int]], Sequence[Text]]
"""What is said of every row alike, or a function from positions in `Finding.at` to what is said of each."""


@dataclass(frozen=True)
class Place:
    """Where a table's rows come from, and the headers of the columns of its fields."""

    file: str
    sheet: str | None
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)


def spoken(field: str) -> str:
    """The column of the rows that says which of a field's columns speaks for each of them."""
    return f"{field} from"


@dataclass(frozen=True)
class Finding:
    """What a check says about some rows.

    Attributes:
        severity, code, expected, done: as in `Issue`.
        at: positions of the rows among all rows, ascending.
        field: the field it is about, None for the row as a whole.
        found: what stands there, a text per row of ``at``; by default the cell as it is.
        whole: whether it is about the whole table, and its row only an example.
        column: which of the field's columns it is about, where that is not the one that speaks for the row.
    """

    severity: Severity
    code: str
    at: pl.Series
    field: str | None
    expected: Words
    done: Words
    found: pl.Series | None = None
    whole: bool = False
    column: int | None = None


def issues_of(
    findings: Iterable[Finding], raw: pl.DataFrame, places: Sequence[Place]
) -> tuple[list[Issue], dict[str, int]]:
    """The issues that are listed, and code → number of findings.

    Args:
        findings: in any order.
        raw: the rows as they stood: ``table`` (position in ``places``), ``row``, the fields and which column `spoken`.
        places: where each table's rows come from.
    """
    issues: list[Issue] = []
    counts: dict[str, int] = {}
    cut: dict[str, None] = {}
    for finding in findings:
        total = len(finding.at)
        if not total:
            continue
        room = max(0, LISTED - counts.get(finding.code, 0))
        counts[finding.code] = counts.get(finding.code, 0) + total
        if total > room:
            cut[finding.code] = None
        issues += _listed(finding, min(room, total), raw, places)
    for code in cut:
        issues.append(
            Issue(
                "info",
                f"{code}-more",
                "",
                None,
                None,
                None,
                str(counts[code]),
                Text.of("intake.expected_nothing"),
                Text.of(
                    "intake.done_more",
                    kind=kind_of(code),
                    listed=LISTED,
                    rest=counts[code] - LISTED,
                ),
            )
        )
    return issues, counts


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Issues, errors first, then as they come in the registry."""
    return tuple(
        sorted(
            issues,
            key=lambda i: (_ORDER[i.severity], i.file, i.sheet or "", i.row or 0, i.code, i.column or ""),
        )
    )


def _listed(finding: Finding, number: int, raw: pl.DataFrame, places: Sequence[Place]) -> list[Issue]:
    if not number:
        return []
    at = finding.at.head(number)
    tables, rows = raw["table"].gather(at).to_list(), raw["row"].gather(at).to_list()
    if finding.found is not None:
        found = finding.found.head(number).to_list()
    elif finding.field in raw.columns:
        found = raw[finding.field].gather(at).to_list()
    else:
        found = [None] * number
    expected, done = _said(finding.expected, number), _said(finding.done, number)
    columns = [finding.column or 0] * number
    if finding.column is None and finding.field is not None and spoken(finding.field) in raw.columns:
        columns = raw[spoken(finding.field)].gather(at).to_list()
    issues = []
    for k in range(number):
        place = places[tables[k]]
        headers = () if finding.field is None else place.headers.get(finding.field, ())
        cell = "" if found[k] is None else str(found[k])
        issues.append(
            Issue(
                finding.severity,
                finding.code,
                place.file,
                place.sheet,
                None if finding.whole else rows[k],
                headers[columns[k]] if headers else None,
                _short(cell),
                expected[k],
                done[k],
            )
        )
    return issues


def _said(words: Words, number: int) -> Sequence[Text]:
    return [words] * number if isinstance(words, Text) else words(range(number))


def _short(text: str, limit: int = 200) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
