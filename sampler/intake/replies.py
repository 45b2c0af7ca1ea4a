"""Replies: the rows that came back for one batch, put together into one answer or found to contradict each other.

Rows add to each other: what one leaves open another may say. Two rows that say different things decide nothing, unless the
later file is to count. Nothing is a pass but a result that says so (DOMAIN, section 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from sampler.intake.values import EMPTY
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
        latest: whether, where rows contradict each other, the file changed last counts. Rows of equally old files still
            contradict.
    """
    if len(replies) == 1:
        return replies[0], ()
    deciding = _last_answers(replies) if latest else replies
    conflicts = [c for field in ANSWER for c in _conflicts(deciding, field)]
    values: dict[str, object] = {field: _first(deciding, field) for field in ANSWER}
    for field in DETAILS:
        last = _last_words(replies, field) if latest else replies
        conflicts += _conflicts(last, field)
        values[field] = _first(last, field)
    values |= {f: "; ".join(dict.fromkeys(v for r in replies if (v := getattr(r, f)))) or None for f in ADDED_UP}
    # A field that contradicts itself is as little known as one that cannot be read.
    undecided = {c.field for c in conflicts}
    unread = frozenset().union(undecided, *(r.unread for r in deciding))
    merged = replace(replies[0], **values | dict.fromkeys(undecided), unread=unread)  # type: ignore[arg-type]
    if not conflicts and (across := _across_fields(deciding, merged)):
        conflicts.append(across)
    if latest and not (merged.says_sampled and merged.says_unsampled) and not unread & set(ANSWER):
        older = [r for r in replies if r not in deciding]
        merged, added = _completed(merged, older)
        conflicts += [*added, *_superseded(merged, older, deciding[0])]
    return merged, tuple(conflicts)


def _completed(merged: Reply, older: Sequence[Reply]) -> tuple[Reply, list[Conflict]]:
    """A decided answer with what it leaves open taken from older rows, the newer first, as far as that fits it."""
    conflicts: list[Conflict] = []
    for age in sorted({r.changed for r in older}, reverse=True):
        rows = [r for r in older if r.changed == age]
        for field in ANSWER:
            if getattr(merged, field) is None and field not in merged.unread:
                fitting = [r for r in rows if _fits(merged, field, getattr(r, field))]
                found = _conflicts(fitting, field)
                conflicts += found
                if found:
                    merged = replace(merged, unread=merged.unread | {field})
                else:
                    merged = replace(merged, **{field: _first(fitting, field)})  # type: ignore[arg-type]
    return merged, conflicts


def _fits(merged: Reply, field: str, value: object) -> bool:
    """Whether a value does not contradict what is already said."""
    without = field == "reason" or value == "unsampled"
    return not (merged.says_sampled if without else merged.says_unsampled)


def _superseded(merged: Reply, older: Sequence[Reply], deciding: Reply) -> Iterator[Conflict]:
    """Every field of an older reply that says something else than what now counts."""
    for reply in older:
        for field in (*ANSWER, *DETAILS):
            said = getattr(reply, field)
            if said is not None and said != getattr(merged, field) and field not in merged.unread:
                yield Conflict(field, deciding, reply, decided=True)


def _last_answers(replies: Sequence[Reply]) -> Sequence[Reply]:
    """The replies of the file changed last among those that answer at all."""
    answering = [r for r in replies if r.answers]
    if not answering:
        return replies
    last = max(r.changed for r in answering)
    return [r for r in answering if r.changed == last]


def _last_words(replies: Sequence[Reply], field: str) -> Sequence[Reply]:
    """The replies of the file changed last among those that fill a field."""
    filled = [r for r in replies if getattr(r, field) is not None]
    last = max((r.changed for r in filled), default=0.0)
    return [r for r in filled if r.changed == last]


def _first(replies: Sequence[Reply], field: str) -> object:
    """What the first reply that fills a field says."""
    return next((v for r in replies if (v := getattr(r, field)) is not None), None)


def _conflicts(replies: Sequence[Reply], field: str) -> list[Conflict]:
    """The first reply that fills a field against every other that says something else there."""
    said = [r for r in replies if getattr(r, field) is not None]
    return [
        Conflict(field, said[0], r, decided=False) for r in said[1:] if getattr(r, field) != getattr(said[0], field)
    ]


def _across_fields(replies: Sequence[Reply], merged: Reply) -> Conflict | None:
    """Two rows of which one says that no sample was taken and the other that one was, each in a field of its own."""
    if not (merged.says_sampled and merged.says_unsampled):
        return None
    if any(r.says_sampled and r.says_unsampled for r in replies):
        return None
    without = next(r for r in replies if r.says_unsampled)
    sampled = next(r for r in replies if r.says_sampled)
    return Conflict("status", without, sampled, decided=False)


_NO_ITEM = rf"{EMPTY}|^\s*(?:无|没有|全部|均|都|皆|none)|^\s*(?:合格|pass)"
"""A failing item that names none."""


def decided(table: pl.DataFrame) -> pl.DataFrame:
    """Replies, one per batch and a column per field, with ``state``, ``final``, ``contradiction`` (a sample and none) and
    ``item_of_pass`` (an item that failed, and no result but a pass).

    Whatever contradicts itself, or has a part of its answer that cannot be read, is pending. The re-test's verdict is final
    where there is one.
    """
    verdict = pl.coalesce("retest", "first")
    unread = pl.col("unread").list.eval(pl.element().is_in(ANSWER)).list.any()
    without = (pl.col("status") == "unsampled").fill_null(False) | pl.col("reason").is_not_null()
    sampled = (pl.col("status") == "sampled").fill_null(False) | verdict.is_not_null()
    named = ~pl.col("failing_item").str.contains(_NO_ITEM).fill_null(True)
    item_of_pass = named & (pl.col("first") == "pass").fill_null(False) & pl.col("retest").is_null()
    state = (
        pl.when((without & sampled) | item_of_pass | unread)
        .then(pl.lit("pending"))
        .when(without)
        .then(pl.lit("unsampled"))
        .when(verdict.is_not_null())
        .then(pl.lit("tested"))
        .otherwise(pl.lit("pending"))
    )
    return table.with_columns(state=state, contradiction=without & sampled, item_of_pass=item_of_pass).with_columns(
        final=pl.when(pl.col("state") == "tested").then(verdict)
    )
