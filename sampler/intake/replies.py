"""Replies: the rows that came back for one batch, put together into one answer or found to contradict each other.

Rows add to each other: what one leaves open another may say. Two rows that say different things decide nothing, unless the
later file is to count. Nothing is a pass but a result that says so (DOMAIN, section 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from sampler.results import Verdict

ANSWER = ("status", "reason", "first", "retest")
"""What makes a reply an answer; a contradiction here leaves the batch open."""

DETAILS = (
    "sampled_on", "sample_name", "model", "trademark", "batch_no", "base", "quantity", "reserve_quantity", "sheet_no",
    "failing_item", "replaces", "replace_reason",
)  # fmt: skip
"""What is told beside the answer; a contradiction here leaves the detail out."""

ADDED_UP = ("note", "inspectors")
"""What cannot contradict: different texts stand side by side."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One row that came back, or several put together.

    Attributes:
        unread: fields in which something stood that could not be read.
        changed: when its file was last changed, in seconds.
        file, sheet, row: where it stands; of several, the first.
    """

    batch_id: str
    task_id: str
    unit_id: str
    role: str
    status: str | None
    reason: str | None
    sampled_on: dt.date | None
    sample_name: str | None
    model: str | None
    trademark: str | None
    batch_no: str | None
    base: float | None
    quantity: float | None
    reserve_quantity: float | None
    sheet_no: str | None
    first: Verdict | None
    retest: Verdict | None
    failing_item: str | None
    replaces: str | None
    replace_reason: str | None
    note: str | None
    inspectors: str | None
    file: str
    sheet: str | None
    row: int
    changed: float = 0.0
    unread: frozenset[str] = frozenset()

    @property
    def says_sampled(self) -> bool:
        """Whether it says that a sample was taken."""
        return self.status == "sampled" or self.first is not None or self.retest is not None

    @property
    def says_unsampled(self) -> bool:
        """Whether it says that none was."""
        return self.status == "unsampled" or self.reason is not None

    @property
    def answers(self) -> bool:
        """Whether it says anything that decides, readable or not."""
        return bool(self.unread & set(ANSWER)) or any(getattr(self, f) is not None for f in ANSWER)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two rows that say different things in one field.

    Attributes:
        decided: whether the later one was taken.
    """

    field: str
    first: Reply
    second: Reply
    decided: bool


def merge(replies: Sequence[Reply], *, latest: bool) -> tuple[Reply, tuple[Conflict, ...]]:
    """One reply of all the rows of a batch, and where they contradict each other.

    Args:
        replies: at least one, in the order read.
        latest: whether the answer of the file changed last counts. Rows of equally old files still contradict.
    """
    if len(replies) == 1:
        return replies[0], ()
    conflicts = [c for field in (*ANSWER, *DETAILS) for c in _conflicts(replies, field, latest=latest)]
    values: dict[str, object] = {f: _only(replies, f) for f in (*ANSWER, *DETAILS)}
    if latest:
        newest_first = sorted(replies, key=lambda r: -r.changed)
        values |= {
            f: next((v for r in newest_first if (v := getattr(r, f)) is not None), None) for f in DETAILS
        }
        deciding = next((r for r in newest_first if r.answers), newest_first[0])
        values |= {f: getattr(deciding, f) for f in ANSWER}
    values |= {
        f: "; ".join(dict.fromkeys(v for r in replies if (v := getattr(r, f)))) or None for f in ADDED_UP
    }
    undecided = {c.field for c in conflicts if not c.decided}
    values |= dict.fromkeys(undecided)
    unread = deciding.unread if latest else frozenset().union(*(r.unread for r in replies))
    # A field that contradicts itself is as little known as one that cannot be read.
    merged = replace(replies[0], **values, unread=unread | undecided)  # type: ignore[arg-type]
    if not conflicts and (across := _across_fields(replies, merged)):
        conflicts.append(across)
    return merged, tuple(conflicts)


def _only(replies: Sequence[Reply], field: str) -> object:
    """What the replies that fill a field say, the first of them where they differ."""
    return next((v for r in replies if (v := getattr(r, field)) is not None), None)


def _conflicts(replies: Sequence[Reply], field: str, *, latest: bool) -> list[Conflict]:
    said = [r for r in replies if getattr(r, field) is not None]
    if not said:
        return []
    last_change = max(r.changed for r in said)
    last_words = {getattr(r, field) for r in said if r.changed == last_change}
    decided = latest and len(last_words) == 1
    others = [r for r in said[1:] if getattr(r, field) != getattr(said[0], field)]
    return [Conflict(field, said[0], other, decided) for other in others]


def _across_fields(replies: Sequence[Reply], merged: Reply) -> Conflict | None:
    """Two rows of which one says that no sample was taken and the other that one was, each in a field of its own."""
    if not (merged.says_sampled and merged.says_unsampled):
        return None
    if any(r.says_sampled and r.says_unsampled for r in replies):
        return None
    without = next(r for r in replies if r.says_unsampled)
    sampled = next(r for r in replies if r.says_sampled)
    return Conflict("status", without, sampled, decided=False)


def decided(table: pl.DataFrame) -> pl.DataFrame:
    """Replies, one per batch and a column per field, with ``state``, ``final`` and ``contradiction``.

    Whatever contradicts itself or cannot be read is pending. The re-test's verdict is final where there is one.
    """

    def unread(field: str) -> pl.Expr:
        return pl.col("unread").list.contains(field)

    verdict = pl.coalesce("retest", "first")
    known = ~unread("retest") & (~unread("first") | pl.col("retest").is_not_null())
    without = (pl.col("status") == "unsampled").fill_null(False) | pl.col("reason").is_not_null()
    sampled = (pl.col("status") == "sampled").fill_null(False) | verdict.is_not_null()
    undecided = (without & sampled) | unread("status") | unread("reason")
    state = (
        pl.when(undecided)
        .then(pl.lit("pending"))
        .when(without)
        .then(pl.lit("unsampled"))
        .when(known & verdict.is_not_null())
        .then(pl.lit("tested"))
        .otherwise(pl.lit("pending"))
    )
    return table.with_columns(state=state, contradiction=without & sampled).with_columns(
        final=pl.when(pl.col("state") == "tested").then(verdict)
    )
