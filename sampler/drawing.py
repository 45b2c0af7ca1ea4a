"""Drawing a quarter: inputs by their paths → a plan, and its folder. What ``plan`` and ``run`` have in common."""

from __future__ import annotations

import datetime as dt
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.design import Design, RiskWeights
from sampler.errors import InfeasibleError, InputError, UsageError
from sampler.period import Period
from sampler.text import Lang, Text

if TYPE_CHECKING:
    from sampler.assignment import Inspector
    from sampler.errors import Issue
    from sampler.files.history import Past, Record
    from sampler.frame import Frame
    from sampler.plan import Plan

Progress = Callable[[str], AbstractContextManager[object]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be drawn, from what.

    Attributes:
        seed: None takes that of the plan which is replaced, else the one on record for the period, else one from the
            operating system's entropy.
        seeds: folder where a seed from the operating system is on record before the draw (`sampler.files.seeds`); None
            keeps none.
        archive: folder of earlier plan folders; None is no history.
        out: the plan folder.
        dry_run: write nothing.
        why: reason for replacing a plan of the same period; with ``force`` only.
        settings: what else the log says about how the command was called.
    """

    registry: Sequence[Path]
    design: Design
    weights: RiskWeights
    period: Period
    seed: str | None = None
    seeds: Path | None = None
    inspectors: Path | None = None
    archive: Path | None = None
    out: Path
    dry_run: bool = False
    sheet: str | None = None
    force: bool = False
    why: str | None = None
    lang: Lang = "zh"
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """A plan that was drawn, and from what.

    Attributes:
        issues: findings about the roster of inspectors.
        manifest: what ``plan.json`` says; None for a dry run.
        hindrance: why the plan folder could not have been written; for a dry run alone.
    """

    plan: Plan
    frame: Frame
    past: Past
    issues: tuple[Issue, ...] = ()
    manifest: dict[str, Any] | None = None
    hindrance: UsageError | None = None


def draw(order: Order, *, progress: Progress = lambda _key: nullcontext()) -> Drawn:
    """Read the inputs, draw, and write the plan folder unless it is a dry run.

    Raises:
        UsageError: the period has been drawn already, or the folder may not be replaced (neither stops a dry run); the
            seed was used for another period.
        InputError, InfeasibleError: as the steps say; also an input that changed while it was read.
    """
    from sampler.files.folders import registry_files
    from sampler.files.history import NO_PAST, read_history
    from sampler.files.inputs import unchanged
    from sampler.files.inspectors import read_inspectors
    from sampler.files.registry import read_registry
    from sampler.plan import make_plan

    replaces, hindrance = _allowed(order)
    times = _Times()
    roster_files = [order.inspectors] if order.inspectors else []
    but = (order.inspectors, order.archive, order.out)
    registry = registry_files(order.registry, but=but)
    with progress("plan.reading"), unchanged([*registry, *roster_files]) as digests:
        frame = read_registry(order.registry, order.design, sheet=order.sheet, but=but)
        roster = read_inspectors(order.inspectors, order.design, frame) if order.inspectors else None
    people = roster.inspectors if roster else ()
    times.mark("reading")
    past = NO_PAST
    if order.archive is not None:
        with progress("plan.history"):
            past = read_history(order.archive, order.period, frame.units, order.design)
    times.mark("history")
    with progress("plan.drawing"):
        fixed = _fixed(order, frame)
        seed, note = _seed(order, fixed, past, digests, replaces)
        try:
            plan = make_plan(
                frame,
                order.design,
                order.weights,
                period=order.period,
                seed=seed,
                **fixed,
                inspectors=people,
                history=past.history,
            )
        except InfeasibleError as error:
            error.note = note
            raise
    times.mark("drawing")
    issues = roster.issues if roster else ()
    if order.dry_run:
        return Drawn(plan, frame, past, issues, hindrance=hindrance)
    with progress("plan.writing"):
        record = _write(order, plan, frame, people, past, replaces, digests, times)
    return Drawn(plan, frame, past, issues, record)


@dataclass(frozen=True)
class _Former:
    """The plan that a plan replaces."""

    seed: str
    sha256: str


def _allowed(order: Order) -> tuple[_Former | None, UsageError | None]:
    """The plan that this one replaces, if any, and for a dry run why it could not.

    Raises:
        UsageError, InputError: the plan may not be drawn at all.
    """
    from sampler.files.history import plans_in

    if order.force and not order.why:
        raise UsageError("plan.force_needs_why")
    if order.why is not None and not order.force:
        raise UsageError("plan.why_needs_force")
    replaces = hindrance = None
    try:
        replaces = _replaced(order)
    except UsageError as error:
        if not order.dry_run:
            raise
        hindrance = error
    if order.archive is not None and order.archive.is_dir():
        standing = plans_in(order.archive)
        _check_clock([r for r in standing if r.period < order.period])
        _check_seed([r for r in standing if r.period != order.period], order.seed)
    return replaces, hindrance


def _replaced(order: Order) -> _Former | None:
    """The plan that this one replaces, if any; an error where it may not."""
    from sampler.files.archive import read_manifest, refuse_existing
    from sampler.files.history import plans_in, same_period

    refuse_existing(order.out, force=order.force)
    replaces = None
    if order.out.exists() and any(order.out.iterdir()):
        record, digest = read_manifest(order.out)
        replaces = _Former(record["seed"], digest)
    if order.archive is None or not order.archive.is_dir():
        return replaces
    standing = plans_in(order.archive)
    other = same_period(standing, order.period, order.out)
    if other is not None and not order.force:
        raise UsageError("past.period_drawn", period=order.period, folder=other.path)
    later = next((r for r in standing if r.period > order.period), None)
    if later is not None and not order.force:
        raise UsageError("past.later_drawn", period=order.period, later=later.period, folder=later.path)
    return replaces if other is None else _Former(other.manifest["seed"], other.sha256)


def _check_clock(earlier: Sequence[Record]) -> None:
    """A clock behind the last plan's would date this one before it, and the chain would seem broken."""
    now = dt.datetime.now(dt.UTC)
    for record in earlier[-1:]:
        created = dt.datetime.fromisoformat(record.manifest["created"])
        if now < created:
            raise InputError(
                "past.clock",
                now=f"{now:%Y-%m-%d %H:%M}",
                period=record.period,
                created=f"{created:%Y-%m-%d %H:%M}",
            )


def _check_seed(others: Sequence[Record], seed: str | None) -> None:
    """With the seed of another quarter every unit would keep its ticket, and the list could be foreseen."""
    for record in others:
        if seed is not None and record.manifest["seed"] == seed:
            raise UsageError("past.seed_used", period=record.period, folder=record.path)


def _fixed(order: Order, frame: Frame) -> dict[str, str]:
    """The digests of frame and design, which must be fixed before a seed is drawn."""
    from sampler.manifest import design_sha256

    return {"frame_sha256": frame.sha256(), "design_sha256": design_sha256(order.design, order.weights)}


def _seed(
    order: Order, fixed: Mapping[str, str], past: Past, digests: Mapping[str, str], replaces: _Former | None
) -> tuple[str, Text | None]:
    """The seed of the draw, and what must be known of one that nobody gave should the draw fail."""
    from sampler.files.seeds import kept_seed, seed_on_record, seed_record
    from sampler.manifest import canonical_json, sha256

    if order.seed is not None:
        return order.seed, None
    if replaces is not None:
        return replaces.seed, Text.of("plan.seed_was", seed=replaces.seed)
    if order.seeds is None:
        fresh = secrets.token_hex(16)
        return fresh, Text.of("plan.seed_was", seed=fresh)
    standing = seed_on_record(order.seeds, order.period)
    if standing is None and order.dry_run:
        return secrets.token_hex(16), None
    used_on = {**fixed, "history_sha256": sha256(canonical_json(past.history)), "inputs": dict(digests)}
    kept = Text.of("run.seed_kept", period=order.period, file=seed_record(order.seeds, order.period))
    return standing if standing and order.dry_run else kept_seed(order.seeds, order.period, used_on), kept


def _write(
    order: Order,
    plan: Plan,
    frame: Frame,
    people: Sequence[Inspector],
    past: Past,
    replaces: _Former | None,
    digests: Mapping[str, str],
    times: _Times,
) -> dict[str, Any]:
    from sampler.files.archive import write_plan
    from sampler.files.layout import CHANGES, SEED
    from sampler.files.machine_csv import write_csv
    from sampler.files.papers import write_papers
    from sampler.files.runlog import append_log, log_entry
    from sampler.files.seeds import record_content
    from sampler.manifest import canonical_json, design_text, manifest

    record = manifest(
        plan,
        frame,
        past.history,
        why=order.why if order.force else None,
        replaces=None if replaces is None else replaces.sha256,
        previous=None if past.previous is None else (past.previous.period.name, past.previous.sha256),
        created=dt.datetime.now(dt.UTC),
        lang=order.lang,
    )

    def papers(to: Path) -> None:
        write_papers(to, plan, frame, people, lang=order.lang, reported=past.reported)
        if past.changes is not None:
            write_csv(past.changes.table, to / CHANGES)
        times.mark("writing")
        append_log(
            to,
            log_entry(
                "plan",
                period=plan.period.name,
                inputs=dict(digests),
                settings={"seed_given": order.seed is not None, "force": order.force, "why": order.why}
                | dict(order.settings),
                frame_sha256=plan.frame_sha256,
                design_sha256=plan.design_sha256,
                counts={
                    "rows": frame.rows,
                    "units": frame.size,
                    "set_aside": plan.set_aside.height,
                    "strata": plan.strata.height,
                    "tasks": plan.tasks.height,
                    "reserves": plan.selection.height - plan.tasks.height,
                    "follow_ups": len(past.history.follow_ups),
                    "quarters": len(past.history.quarters),
                },
                seconds=times.seconds,
            ),
        )  # fmt: skip

    inputs = {
        "design.json": design_text(order.design, order.weights).encode(),
        "inspectors.json": canonical_json(list(people)).encode(),
        "history.json": canonical_json(past.history).encode(),
    }
    if order.seeds is not None and (kept := record_content(order.seeds, order.period)) is not None:
        inputs[SEED] = kept
    write_plan(order.out, plan, frame.units, record, inputs=inputs, papers=papers, force=order.force)
    return record


class _Times:
    """Seconds that the steps took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def mark(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 3)
        self._last = now
