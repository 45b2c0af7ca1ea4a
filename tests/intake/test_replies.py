"""Laws of putting replies together: order decides nothing, silence is no pass, and two answers are never settled by us."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import permutations
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.intake.replies import ANSWER, Reply, decided, merge
from sampler.results import BATCH_SCHEMA, REASONS, STATUSES, VERDICTS

BLANK = Reply(**{f: None for f in Reply.__dataclass_fields__ if f not in ("changed", "unread")})  # type: ignore[arg-type]
NAMED = replace(BLANK, batch_id="b", task_id="t", unit_id="u", role="task", file="f", row=1)

replies = st.builds(
    lambda status, reason, first, retest, changed, unread: replace(
        NAMED,
        status=status,
        reason=reason,
        first=first,
        retest=retest,
        changed=changed,
        unread=frozenset(unread),
    ),
    st.sampled_from([None, *STATUSES]),
    st.sampled_from([None, *REASONS]),
    st.sampled_from([None, *VERDICTS]),
    st.sampled_from([None, *VERDICTS]),
    st.sampled_from([1.0, 2.0]),
    st.sets(st.sampled_from(["status", "first", "retest"]), max_size=1),
).map(lambda r: replace(r, **dict.fromkeys(r.unread)))  # what could not be read has no value
several = st.lists(replies, min_size=1, max_size=3)


def outcome(reply: Reply) -> tuple[str, str | None]:
    schema: dict[str, Any] = {c: getattr(pl, BATCH_SCHEMA.get(c, "String")) for c in asdict(reply)}
    schema |= {"unread": pl.List(pl.String), "changed": pl.Float64}
    table = pl.DataFrame([{**asdict(reply), "unread": sorted(reply.unread)}], schema=schema)
    return decided(table).select("state", "final").row(0)  # type: ignore[return-value]


@settings(deadline=None, max_examples=150)
@given(several, st.booleans())
def test_the_order_of_rows_decides_nothing(rows: list[Reply], latest: bool) -> None:
    outcomes = {outcome(merge(list(order), latest=latest)[0]) for order in permutations(rows)}
    assert len(outcomes) == 1


@settings(deadline=None, max_examples=300)
@given(several, st.booleans())
def test_a_verdict_is_one_that_somebody_gave_and_nobody_gainsaid(rows: list[Reply], latest: bool) -> None:
    state, final = outcome(merge(rows, latest=latest)[0])
    assert (final is not None) == (state == "tested")
    if final is not None:
        assert final in {r.retest for r in rows} | {r.first for r in rows}
    if state == "tested" and not latest:
        assert not any(r.reason or r.status == "unsampled" for r in rows)
        assert not any(r.unread for r in rows)
        firsts, retests = ({getattr(r, f) for r in rows} - {None} for f in ("first", "retest"))
        assert len(firsts) <= 1
        assert len(retests) <= 1
        assert (retests or firsts) == {final}


@settings(deadline=None, max_examples=150)
@given(several)
def test_different_answers_leave_the_batch_open_unless_the_latest_is_to_count(rows: list[Reply]) -> None:
    merged, conflicts = merge(rows, latest=False)
    if conflicts:
        assert outcome(merged) == ("pending", None)
    assert not any(c.decided for c in conflicts)


@given(replies)
def test_a_row_alone_is_itself(row: Reply) -> None:
    assert merge([row], latest=True) == (row, ())


@settings(deadline=None)
@given(several, replies)
def test_the_last_file_is_never_gainsaid(earlier: list[Reply], last: Reply) -> None:
    last = replace(last, changed=3.0)
    merged, conflicts = merge([*earlier, last], latest=True)
    if last.answers:
        said = {f: v for f in ANSWER if (v := getattr(last, f)) is not None}
        assert {f: getattr(merged, f) for f in said} == said
        state, _ = outcome(last)
        if state != "pending":
            assert outcome(merged)[0] in (state, "pending")
        if len(earlier) == 1 and state != "pending":
            assert outcome(merged)[0] == state
            assert all(c.decided for c in conflicts)


@settings(deadline=None, max_examples=150)
@given(several)
def test_latest_changes_nothing_where_nobody_contradicts(rows: list[Reply]) -> None:
    strict, conflicts = merge(rows, latest=False)
    # A row that names a reason and a result contradicts itself: that is told of the row, and the later file may settle it.
    contradictory = strict.says_sampled and strict.says_unsampled
    if not conflicts and not strict.unread and not contradictory:
        assert outcome(merge(rows, latest=True)[0]) == outcome(strict)


def test_a_later_file_settles_an_older_row_that_contradicts_itself() -> None:
    older = replace(NAMED, reason="closed", retest="pass", changed=1.0)
    newer = replace(NAMED, retest="pass", changed=2.0)
    assert outcome(merge([newer, older], latest=False)[0]) == ("pending", None)
    assert outcome(merge([newer, older], latest=True)[0]) == ("tested", "pass")


def test_nothing_said_is_pending() -> None:
    assert outcome(NAMED) == ("pending", None)
    assert outcome(replace(NAMED, status="sampled")) == ("pending", None)
