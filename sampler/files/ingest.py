"""Taking in what came back for a plan: ``returned/`` → snapshot, report, follow-up list; only when something changed.

What changes while it is read is left for the next time, and so is a file that is still being copied. The state is written
last, so that a run killed on the way does everything again.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.errors import InputError, refusal
from sampler.files.layout import RETURNED
from sampler.files.returns import (
    SNAPSHOT,
    Stamp,
    changed_answers,
    file_sha256,
    first_read,
    is_current,
    missing_answers,
    read_returned,
    read_snapshot,
    read_state,
    returned_files,
    stamps,
    unread_names,
    write_snapshot,
    write_state,
)
from sampler.text import Lang, Text

if TYPE_CHECKING:
    import polars as pl

    from sampler.estimate import Estimates
    from sampler.files.archive import PlanFolder
    from sampler.results import Results

REPORT = "report"
_TOO_SLOW = "reading.too_slow"
_RECENT = 60.0
_PAUSE = 0.3
"""A file changed in the last minute is looked at twice, so many seconds apart, before it is read."""


@dataclass(frozen=True)
class Ingested:
    """What was taken in for one plan.

    Attributes:
        files: workbooks read.
        tested, failed: batches with a final result.
        alerts, follow_ups: early warnings and failed batches in the report.
        errors, warnings: findings about the workbooks.
        problems: files that were left out, answers that are gone; each needs somebody.
    """

    plan: Path
    files: int = 0
    tested: int = 0
    failed: int = 0
    alerts: int = 0
    follow_ups: int = 0
    errors: int = 0
    warnings: int = 0
    problems: tuple[Text, ...] = ()

    def to_json(self) -> dict[str, object]:
        """What scripts read."""
        counts = ("files", "tested", "failed", "alerts", "follow_ups", "errors", "warnings")
        return {
            "plan": str(self.plan),
            **{name: getattr(self, name) for name in counts},
            "problems": [p.render("en") for p in self.problems],
        }


@dataclass
class _Reading:
    """The files that are read, and why others are not; ``slow`` are those that took too long, which is not their fault."""

    files: dict[str, tuple[Stamp, str]] = field(default_factory=dict)
    problems: list[Text] = field(default_factory=list)
    postponed: bool = False
    slow: set[str] = field(default_factory=set)


def is_due(folder: Path) -> bool:
    """Whether anything in a plan's ``returned/`` is not in its snapshot and report yet. Costs a few look-ups."""
    state = read_state(folder)
    if not state:
        return bool(returned_files(folder) or unread_names(folder))
    told = state.get("reported") == state.get("sha256") and state.get("unread", []) == unread_names(folder)
    return not (told and is_current(folder, state))


def ingest(folder: Path, *, lang: Lang) -> Ingested | None:
    """Read what is in ``returned/``, renew snapshot, report and follow-up list; None where there is nothing to do.

    Raises:
        InputError: the plan cannot be read, or nothing can be written.
    """
    if not is_due(folder):
        return None
    from sampler.files.archive import read_plan

    state = read_state(folder)
    reading = _stable(folder, state)
    if reading.postponed:
        return Ingested(folder, problems=tuple(reading.problems))
    plan = read_plan(folder)
    results, reading = _read(plan, reading)
    # Without a file that was read earlier and took too long now, its answers would seem to be gone.
    if reading.slow & state.get("files", {}).keys():
        return Ingested(folder, problems=tuple(reading.problems))
    results, unread = _with_strays(plan, results, reading)
    earlier = read_snapshot(folder, state)
    if earlier is not None:
        reading.problems += _undone(folder, earlier, results.batches, kept=f"results-{state['sha256'][:12]}.csv")
    try:
        return _write(plan, results, reading, {**state, "unread": unread}, lang)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=folder, **refusal(error)) from error


def _undone(folder: Path, earlier: pl.DataFrame, now: pl.DataFrame, *, kept: str) -> Iterator[Text]:
    """What to say of answers that were read before and are no longer there, or no longer the same."""
    found = {
        "run.answers_gone": missing_answers(earlier, now),
        "run.answers_changed": changed_answers(earlier, now),
    }
    for key, batches in found.items():
        if batches:
            yield Text.of(key, plan=folder, count=len(batches), examples=", ".join(batches[:3]), kept=kept)


def _stable(folder: Path, state: Mapping[str, Any]) -> _Reading:
    """The files that nobody is writing just now, with their digests."""
    files = returned_files(folder)
    first = stamps(files)
    now = time.time()
    if any(abs(now - s.changed / 1e9) < _RECENT for s in first.values()):
        time.sleep(_PAUSE)
    second = stamps(files)
    reading = _Reading()
    for name, path in files.items():
        if name not in second:
            continue
        if first.get(name) != second[name]:
            reading.problems.append(Text.of("run.still_copying", file=path))
            # Without it, answers that were read from it earlier would seem to be gone.
            reading.postponed |= name in state.get("files", {})
            continue
        try:
            reading.files[name] = (second[name], file_sha256(path))
        except OSError as error:
            reading.problems.append(Text.of("run.incomplete", file=path, **refusal(error)))
            reading.postponed |= name in state.get("files", {})
    return reading


def _read(plan: PlanFolder, reading: _Reading) -> tuple[Results, _Reading]:
    """The results of the stable files; files that cannot be used, or that changed meanwhile, left out with the reason."""
    import polars as pl

    from sampler.results import BATCH_SCHEMA, Results

    names = dict(reading.files)
    left_out: dict[str, tuple[Stamp, str]] = {}
    while names:
        try:
            results = read_returned(plan, names)
        except InputError as error:
            culprits = _culprits(plan, names) or {next(iter(names)): error}
            for name, why in culprits.items():
                if why.key == _TOO_SLOW:
                    reading.problems.append(_set_aside(reading, names, name, why.told))
                    continue
                reading.problems.append(Text.of("run.left_out", file=name, reason=why.told))
                left_out[name] = names.pop(name)
            continue
        changed = [n for n, (_, digest) in names.items() if _digest_now(plan.path, n) != digest]
        if not changed:
            reading.problems += [
                _set_aside(reading, names, file, why)
                if why.key == _TOO_SLOW
                else Text.of("run.incomplete", file=file, reason=why)
                for file, why in sorted(results.unread, key=lambda unread: unread[0])
            ]
            reading.files = names | left_out
            return results, reading
        for name in changed:
            reading.problems.append(Text.of("run.still_copying", file=name))
            del names[name]
    reading.files = left_out
    empty = pl.DataFrame(schema={c: getattr(pl, t) for c, t in BATCH_SCHEMA.items()})
    return Results(empty, (), ()), reading


def _set_aside(reading: _Reading, names: dict[str, tuple[Stamp, str]], name: str, why: Text) -> Text:
    """Take a file that took too long from those that count as read, so that the next run reads it; what to say of it."""
    reading.slow.add(name)
    del names[name]
    return Text.of("run.too_slow", reason=why)


def _with_strays(plan: PlanFolder, results: Results, reading: _Reading) -> tuple[Results, list[str]]:
    """The results with what nobody read, each a problem too; and the names of what lies unread in ``returned/``."""
    from sampler.files.strays import find_strays, with_issues

    unread = unread_names(plan.path)
    people = {i.id: i.name for i in plan.inspectors} or None
    strays = find_strays(results, plan, [plan.path / RETURNED], people)
    left_out = {issue.file: issue.done for issue in strays}
    left_out |= {name: Text.of("reading.unreadable-folder", reason="") for name in unread if name.endswith("/")}
    reading.problems += [Text.of("run.left_out", file=file, reason=why) for file, why in left_out.items()]
    return with_issues(results, strays), unread


def _culprits(plan: PlanFolder, names: Mapping[str, object]) -> dict[str, InputError]:
    """The files that cannot be read even alone."""
    found = {}
    for name in names:
        try:
            read_returned(plan, [name])
        except InputError as error:
            found[name] = error
    return found


def _digest_now(folder: Path, name: str) -> str | None:
    try:
        return file_sha256(folder / RETURNED / name)
    except OSError:
        return None


def _write(plan: PlanFolder, results: Results, reading: _Reading, state: Mapping[str, Any], lang: Lang) -> Ingested:
    import polars as pl

    from sampler.files.runlog import append_log, log_entry

    folder = plan.path
    tested = results.batches.filter(pl.col("state") == "tested")
    failed = tested.filter(pl.col("final") == "fail")
    seen = _first_seen(failed["batch_id"].to_list(), state)
    problems = [p.render("en") for p in reading.problems]
    write_snapshot(
        folder, results.batches, reading.files, {"failures": seen, "problems": problems, "unread": state["unread"]}
    )
    estimates = _estimates(plan, results, seen)
    _write_report(folder, estimates, lang)
    done = Ingested(
        folder,
        files=len(reading.files),
        tested=tested.height,
        failed=failed.height,
        alerts=len(estimates.alerts),
        follow_ups=len(estimates.follow_ups),
        errors=sum(i.severity == "error" for i in results.issues),
        warnings=sum(i.severity == "warning" for i in results.issues),
        problems=tuple(reading.problems),
    )
    state = read_state(folder)
    append_log(
        folder,
        log_entry(
            "ingest",
            inputs={f"returned/{n}": digest for n, (_, digest) in sorted(reading.files.items())},
            results_sha256=state["sha256"],
            counts={k: v for k, v in done.to_json().items() if isinstance(v, int)},
            problems=problems,
        ),
    )
    write_state(folder, {**state, "reported": state["sha256"]})
    return done


def _first_seen(failed: list[str], state: Mapping[str, Any]) -> dict[str, str]:
    """The day each failure was first read: orders to correct are dated from it, and no later run may move them.

    A failure that is not among the results just now, its file taken away for instance, keeps its day.
    """
    known = {batch: day.isoformat() for batch, day in first_read(state).items()}
    today = dt.date.today().isoformat()
    return dict.fromkeys(failed, today) | known


def _estimates(plan: PlanFolder, results: Results, seen: Mapping[str, str]) -> Estimates:
    from sampler.analysis import Analysis
    from sampler.estimate import estimate_plan

    return estimate_plan(
        plan.plan,
        results,
        Analysis(also=(("district", "category"),), confidence=plan.plan.design.sample.confidence),
        ordered={batch: dt.date.fromisoformat(day) for batch, day in seen.items()},
        digests={
            "plan_sha256": plan.manifest_sha256,
            "results_sha256": file_sha256(plan.path / SNAPSHOT),
        },
        people={i.id: i.name for i in plan.inspectors},
        untested=True,  # samples are out for weeks: what is open and what was found is in the report from the first day
    )


def _write_report(folder: Path, estimates: Estimates, lang: Lang) -> None:
    """The report's files as one folder that is replaced whole."""
    import polars as pl

    from sampler.documents import document
    from sampler.files.machine_csv import write_csv
    from sampler.files.report_book import write_book
    from sampler.files.report_page import write_page
    from sampler.files.report_table import estimates_table, write_json
    from sampler.files.swap import whole

    with whole(folder / REPORT) as out:
        write_json(out / "estimates.json", document("estimate", estimates.to_json()))
        write_csv(estimates_table(estimates), out / "estimates.csv")
        rows = [f.to_json() for f in estimates.follow_ups]
        if rows:
            table = pl.DataFrame(
                [{k: None if v is None else str(v) for k, v in r.items()} for r in rows],
                infer_schema_length=None,
            )
            write_csv(table, out / "follow_ups.csv")
        write_book(out / "report.xlsx", estimates, lang)
        write_page(out / "report.html", estimates, lang)
