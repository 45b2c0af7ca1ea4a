"""Reading what came back: workbooks in any state → `Results`, with every cell read or listed.

Rows are matched to the plan by the batch's id, with the unit's id as witness. What is printed is compared with the plan,
what is typed is read (`sampler.intake.answers`), and what several rows say of one batch is put together
(`sampler.intake.replies`). A batch nobody wrote anything about is not in the results: it is pending, never a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from sampler.errors import InputError, Issue
from sampler.files.district_rows import printed_rows
from sampler.files.findings import finding
from sampler.files.returned_rows import Matched, match_rows
from sampler.files.returned_sheets import FIELDS, PrintedWords, ReturnedFile, read_file
from sampler.files.tables import list_files
from sampler.intake.replies import Conflict, Reply, contradicts_itself, final_verdict, merge, state_of
from sampler.intake.reserves import Seat, misuses, resolve
from sampler.intake.values import canonical
from sampler.results import BATCH_SCHEMA, FileReport, Results
from sampler.text import LANGUAGES, Text

if TYPE_CHECKING:
    from sampler.plan import Plan

_SEVERITY = {"error": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class _File:
    """A returned file with what it is called and when it was last changed."""

    name: str
    changed: float
    content: ReturnedFile


def read_results(
    paths: Iterable[str | Path],
    plan: Plan,
    *,
    names: Mapping[str, str] | None = None,
    latest: bool = False,
) -> Results:
    """Read returned workbooks and folders of them.

    Args:
        paths: files, and folders that are searched in depth.
        plan: the plan whose workbooks they are.
        names: inspector's id → name, as printed; without it the printed names of teams are not compared.
        latest: whether, of two different answers for a batch, that of the file changed last counts.

    Raises:
        InputError: there is no file, none can be read, or a file holds results of another plan.
    """
    issues: list[Issue] = []
    given = [str(p) for p in paths]
    listed = list(list_files(given, issues))
    if not listed:
        raise InputError("results.no_files", paths=", ".join(given))
    expected = {
        lang: printed_rows(plan.selection, plan, lang, names or {}, plan.deadline) for lang in LANGUAGES
    }
    files, unreadable = _read(listed, PrintedWords(_facts(expected.values(), plan)))
    if not files:
        raise unreadable[0][1]
    for name, error in unreadable:
        done = Text.of("results.unreadable_file_done")
        issues.append(
            Issue(
                "error",
                "unreadable-file",
                name,
                None,
                None,
                None,
                "",
                Text.of(error.key, **error.params),
                done,
            )
        )
    rows = pl.concat(
        [
            f.content.rows.with_columns(
                file=pl.lit(f.name), changed=pl.lit(f.changed), order=pl.lit(i, pl.UInt32)
            )
            for i, f in enumerate(files)
        ]
    )
    headers = {f.name: f.content.columns for f in files}
    compared = [f for f in FIELDS if names is not None or not f.startswith("inspector_")]
    matched = match_rows(rows, expected, plan, compared=compared, headers=headers)
    for f in files:
        issues += f.content.findings
        if not f.content.columns:
            issues.append(finding("error", "file-without-list", f.name, None, None, None, None))
    issues += matched.findings
    seats = _seats(plan)
    answers, found = _answers(_resolved(matched, seats, issues), latest=latest)
    issues += found
    issues += _misuse_findings(answers, seats)
    batches = _table(answers)
    issues.sort(key=lambda i: (_SEVERITY[i.severity], i.file, i.sheet or "", i.row or 0))
    return Results(batches, tuple(issues), _reports(files, matched, batches, issues))


def _read(
    listed: Iterable[tuple[Path, str]], printed: PrintedWords
) -> tuple[list[_File], list[tuple[str, InputError]]]:
    """The files that can be read, and the others with the reason."""
    files: list[_File] = []
    errors: list[tuple[str, InputError]] = []
    for path, name in listed:
        try:
            files.append(_File(name, path.stat().st_mtime, read_file(path, name, printed)))
        except InputError as error:
            errors.append((name, error))
    return files, errors


def _facts(tables: Iterable[pl.DataFrame], plan: Plan) -> set[str]:
    """The plan's own words on its papers, in canonical form."""
    texts: set[str] = set()
    for table in tables:
        words = [table[c].drop_nulls().unique() for c in table.columns if table[c].dtype == pl.String]
        texts.update(str(t) for series in words for t in canonical(series).to_list())
    quarters = {
        Text.of("workbook.quarter", year=plan.period.year, quarter=plan.period.quarter).render(lang)
        for lang in LANGUAGES
    }
    districts = {d.label(lang) for d in plan.design.districts for lang in LANGUAGES}
    dates = {f"{plan.deadline:%Y-%m-%d}"}
    others = [*quarters, *districts, *dates, plan.frame_sha256, plan.period.name]
    return texts | set(canonical(pl.Series(others)).to_list())


def _seats(plan: Plan) -> dict[str, Seat]:
    columns = ("task_id", "role", "group", "district", "rank")
    return {row[0]: Seat(*row) for row in plan.selection.select(columns).iter_rows()}


def _resolved(matched: Matched, seats: Mapping[str, Seat], issues: list[Issue]) -> list[Reply]:
    """The rows with the tasks that reserves stand in for named by their ids."""
    from dataclasses import replace

    replies = []
    for reply in matched.replies:
        if reply.replaces is not None:
            task = resolve(reply.replaces, seats, matched.task_of, district=seats[reply.task_id].district)
            if task is None:
                place = (reply.file, reply.sheet, reply.row, matched.header(reply, "replaces"))
                issues.append(finding("warning", "replaces-unknown-task", *place, reply.replaces))
                reply = replace(reply, unread=reply.unread | {"replaces"})
            reply = replace(reply, replaces=task)
        replies.append(reply)
    return replies


def _answers(replies: Iterable[Reply], *, latest: bool) -> tuple[list[Reply], list[Issue]]:
    """One reply per batch, in order of batch id, with what is wrong with each."""
    by_batch: dict[str, list[Reply]] = {}
    for reply in replies:
        by_batch.setdefault(reply.batch_id, []).append(reply)
    answers, issues = [], []
    for _, rows in sorted(by_batch.items()):
        answer, conflicts = merge(rows, latest=latest)
        answers.append(answer)
        issues += [_conflict_finding(c) for c in conflicts]
        if not conflicts:
            issues += _findings(answer)
    return answers, issues


def _conflict_finding(conflict: Conflict) -> Issue:
    one, other = conflict.first, conflict.second
    code = "answer-superseded" if conflict.decided else "answers-differ"
    place = (other.file, other.sheet, other.row, None)
    return finding(
        "info" if conflict.decided else "error",
        code,
        *place,
        _said(other, conflict.field),
        batch=one.batch_id,
        field=Text.of(f"workbook.{conflict.field}"),
        other=_said(one, conflict.field),
        in_file=one.file,
        in_sheet=one.sheet or "-",
        in_row=one.row,
    )


def _said(reply: Reply, field: str) -> str:
    """What a reply says in a field, and where that is empty what its answer is."""
    value = getattr(reply, field)
    if value is None and field == "status":
        value = reply.reason or reply.retest or reply.first
    return "" if value is None else str(value)


def _findings(answer: Reply) -> list[Issue]:
    """What one answer lacks, or says twice."""
    place = (answer.file, answer.sheet, answer.row, None)
    found: list[Issue] = []
    if contradicts_itself(answer):
        said = [answer.status, answer.reason, answer.first, answer.retest]
        found.append(finding("error", "contradiction", *place, " | ".join(s for s in said if s)))
        return found
    final = final_verdict(answer)
    state = state_of(answer)
    if state == "unsampled" and answer.reason is None:
        found.append(finding("warning", "reason-missing", *place, answer.batch_id))
    if (
        answer.sampled_on is None
        and "sampled_on" not in answer.unread
        and (answer.status == "sampled" or final)
    ):
        found.append(finding("warning", "date-missing", *place, answer.batch_id))
    if answer.retest is not None and answer.first is None:
        found.append(finding("warning", "retest-without-result", *place, answer.retest))
    if final == "fail" and answer.failing_item is None:
        found.append(finding("info", "failing-item-missing", *place, answer.batch_id))
    return found


def _misuse_findings(answers: list[Reply], seats: Mapping[str, Seat]) -> list[Issue]:
    rank = {"tested": 0, "pending": 1, "unsampled": 2}
    states: dict[str, str] = {}
    for answer in answers:
        state = state_of(answer)
        known = states.get(answer.task_id, "unsampled")
        states[answer.task_id] = min(state, known, key=rank.__getitem__)
    return [
        finding(
            "warning", m.rule, m.reply.file, m.reply.sheet, m.reply.row, None, m.reply.batch_id, other=m.other
        )
        for m in misuses(answers, states, seats)
    ]


def _table(answers: list[Reply]) -> pl.DataFrame:
    """The answers with the columns of `BATCH_SCHEMA`."""
    rows = [
        {c: getattr(a, c, None) for c in BATCH_SCHEMA} | {"state": state_of(a), "final": _final(a)}
        for a in answers
    ]
    return pl.DataFrame(rows, schema={c: getattr(pl, t) for c, t in BATCH_SCHEMA.items()})


def _final(answer: Reply) -> str | None:
    return final_verdict(answer) if state_of(answer) == "tested" else None


def _reports(
    files: Iterable[_File], matched: Matched, batches: pl.DataFrame, issues: Iterable[Issue]
) -> tuple[FileReport, ...]:
    """What each file contributed."""
    found = list(issues)
    used = batches.filter(pl.col("state") != "pending")["file"].to_list()
    reports = []
    for f in files:
        replies = [r for r in matched.replies if r.file == f.name]
        reports.append(
            FileReport(
                file=f.name,
                districts=matched.districts.get(f.name, ()),
                rows=f.content.rows.height,
                matched=matched.counts.get(f.name, 0),
                answered=sum(state_of(r) != "pending" for r in replies),
                used=used.count(f.name),
                issues=sum(i.file == f.name for i in found),
            )
        )
    return tuple(reports)
