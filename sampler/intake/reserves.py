"""The rules of reserves: in the order of their group, for a task of the same group that yielded no sample, with a reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sampler.intake.replies import Reply

Breach = Literal[
    "reserve-without-task",
    "reserve-without-reason",
    "reserve-of-another-group",
    "reserve-out-of-order",
    "replaced-task-answered",
    "replaced-task-open",
    "task-replaced-twice",
]


@dataclass(frozen=True, slots=True)
class Seat:
    """A task or reserve of the plan: its group, and its place there."""

    task_id: str
    role: str
    group: str
    district: str | None
    rank: int


@dataclass(frozen=True, slots=True)
class Misuse:
    """A reserve that was used against a rule.

    Attributes:
        reply: the reserve's row.
        other: the task or reserve that the rule speaks of.
    """

    rule: Breach
    reply: Reply
    other: str


def resolve(name: str, seats: Mapping[str, Seat], batches: Mapping[str, str], *, district: str | None) -> str | None:
    """The task or reserve that somebody named: its id, the id of a batch of it, or the end of an id within the district."""
    form = name.strip().upper()
    if form in batches:
        return batches[form]
    if form in seats:
        return form
    inside = [s.task_id for s in seats.values() if s.district == district and s.task_id.endswith(f"-{form}")]
    return inside[0] if len(inside) == 1 else None


def misuses(replies: Sequence[Reply], states: Mapping[str, str], seats: Mapping[str, Seat]) -> Iterator[Misuse]:
    """Every use of a reserve that breaks a rule.

    Args:
        replies: the answers, one per batch; ``replaces`` already resolved to ids of the plan.
        states: task or reserve → state of its batches: the first of tested, pending, unsampled that one of them has; pending
            where nothing was said of it.
        seats: id → task or reserve, of the whole plan.
    """
    used = {r.task_id: r for r in reversed(replies) if r.role == "reserve"}
    by_group: dict[str, list[Seat]] = {}
    for seat in seats.values():
        if seat.role == "reserve":
            by_group.setdefault(seat.group, []).append(seat)
    replaced: dict[str, str] = {}
    for task_id in sorted(used):
        reply, seat = used[task_id], seats[task_id]
        if reply.replaces is None:
            if "replaces" not in reply.unread:
                yield Misuse("reserve-without-task", reply, "")
        else:
            target = seats[reply.replaces]
            if target.group != seat.group or target.task_id == task_id:
                yield Misuse("reserve-of-another-group", reply, target.task_id)
            state = states.get(target.task_id, "pending")
            if state != "unsampled":
                rule: Breach = "replaced-task-answered" if state == "tested" else "replaced-task-open"
                yield Misuse(rule, reply, target.task_id)
            earlier = replaced.setdefault(target.task_id, task_id)
            if earlier != task_id and states.get(earlier) != "unsampled":
                yield Misuse("task-replaced-twice", reply, earlier)
        if reply.replace_reason is None and "replace_reason" not in reply.unread:
            yield Misuse("reserve-without-reason", reply, reply.replaces or "")
        passed_over = [s for s in by_group[seat.group] if s.rank < seat.rank and s.task_id not in used]
        if passed_over:
            yield Misuse("reserve-out-of-order", reply, min(passed_over, key=lambda s: s.rank).task_id)
