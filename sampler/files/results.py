"""Reading what came back: workbooks in any state → `Results`, with every cell read or listed.

Rows are matched to the plan by the batch's id, with the unit's id as witness. What is printed is compared with the plan,
what is typed is read (`sampler.intake.answers`), and what several rows say of one batch is put together
(`sampler.intake.replies`). A batch nobody wrote anything about is not in the results: it is pending, never a pass.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from sampler.assignment import NOWHERE
from sampler.errors import InputError, Issue, Severity, at_work_on, refusal
from sampler.files.district_rows import batch_rows, in_words
from sampler.files.findings import finding, in_order
from sampler.files.printed_words import PrintedWords, SheetKind
from sampler.files.returned_rows import Matched, match_rows
from sampler.files.returned_sheets import FIELDS, ReturnedFile, read_file
from sampler.files.strays import name_below
from sampler.files.tables import list_files
from sampler.intake.answers import gainsays
from sampler.intake.replies import ANSWER, Conflict, Reply, decided, merge
from sampler.intake.reserves import Seat, misuses, resolve
from sampler.intake.values import canonical
from sampler.results import BATCH_SCHEMA, REASONS, STATUSES, VERDICTS, FileReport, Results
from sampler.text import LANGUAGES, Lang, Text, text

if TYPE_CHECKING:
    from sampler.plan import Plan


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
    root: Path | None = None,
    printed: Callable[[], Mapping[SheetKind, Set[str]]] = dict,
) -> Results:
    """Read returned workbooks and folders of them.

    Args:
        paths: files, and folders that are searched in depth.
        plan: the plan whose workbooks they are.
        names: inspector's id → name, as printed; without it the printed names of teams are not compared.
        latest: whether, of two different answers for a batch, that of the file changed last counts.
        root: a folder; files in it are called by their path below it.
        printed: gives what the plan's untouched papers say, in canonical form, by kind of sheet; asked only if need be.

    Raises:
        InputError: there is no file, none can be read, or a file holds results of another plan.
    """
    issues: list[Issue] = []
    given = [str(p) for p in paths]
    listed = [(path, name_below(path, root)) for path, _ in list_files(given, issues)]
    if not listed:
        raise InputError("results.no_files", paths=", ".join(given))
    planned = batch_rows(plan.selection, plan, names or {}, plan.deadline)
    expected = {lang: in_words(planned, plan.design, lang) for lang in LANGUAGES}

    def facts() -> Set[str]:
        return _facts(expected.values())

    files, unreadable = _read(listed, PrintedWords(_labels(plan), facts, printed))
    if not files:
        raise unreadable[0][1]
    for name, error in unreadable:
        done = Text.of("results.unreadable_file_done", reason=error.told)
        issues.append(Issue("error", "unreadable-file", name, None, None, None, "", Text.of("reading.nothing"), done))
    rows = pl.concat([f.content.rows.with_columns(file=pl.lit(f.name), changed=pl.lit(f.changed)) for f in files])
    headers = {f.name: f.content.columns for f in files}
    compared = [f for f in FIELDS if names is not None or not f.startswith("inspector_")]
    matched = match_rows(rows, expected, plan, compared=compared, headers=headers)
    for f in files:
        issues += f.content.findings
        if not f.content.columns and not f.content.paper:
            issues.append(finding("error", "file-without-list", f.name, None, None, None, None))
    issues += matched.findings
    typed, unknown = _resolved(matched, planned, plan)
    answers, found = _answers(typed, latest=latest, lang=plan.design.bureau.language)
    issues += [*unknown, *found, *_misuse_findings(answers, plan)]
    batches = answers.select(pl.col(c).cast(getattr(pl, kind)) for c, kind in BATCH_SCHEMA.items())
    unread = tuple((name, error.told) for name, error in unreadable)
    return Results(batches, in_order(issues), _reports(files, matched, batches, issues), unread)


def _read(
    listed: Iterable[tuple[Path, str]], printed: PrintedWords
) -> tuple[list[_File], list[tuple[str, InputError]]]:
    """The files that can be read, and the others with the reason; in the order listed."""

    def read(item: tuple[Path, str]) -> _File | tuple[str, InputError]:
        path, name = item
        try:
            with at_work_on(path):
                return _File(name, path.stat().st_mtime, read_file(path, name, printed))
        except InputError as error:
            return name, error
        except OSError as error:
            return name, InputError("reading.unreadable", file=name, reason=refusal(error)["reason"])

    # While the library loads one file, outside of Python's lock, the rows of another are looked through.
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(read, listed))
    return [f for f in outcomes if isinstance(f, _File)], [e for e in outcomes if not isinstance(e, _File)]


def _labels(plan: Plan) -> list[str]:
    """The plan's words on the covers of its papers."""
    quarter = Text.of("workbook.quarter", year=plan.period.year, quarter=plan.period.quarter)
    districts = [d.label(lang) for d in plan.design.districts for lang in LANGUAGES]
    keys = [key for key in plan.selection["district"].unique().to_list() if key]
    others = [plan.frame_sha256, plan.id, plan.period.name, str(plan.deadline), NOWHERE]
    return [*(quarter.render(lang) for lang in LANGUAGES), *districts, *keys, *others]


def _facts(tables: Iterable[pl.DataFrame]) -> set[str]:
    """Every text that the lists print, in canonical form."""
    texts: set[str] = set()
    for table in tables:
        for column in table.columns:
            if table[column].dtype == pl.String:
                texts.update(canonical(table[column].drop_nulls().unique()).to_list())
    return texts


def _seats(plan: Plan) -> dict[str, Seat]:
    columns = ("task_id", "role", "group", "district", "rank")
    return {row[0]: Seat(*row) for row in plan.selection.select(columns).iter_rows()}


def _resolved(matched: Matched, planned: pl.DataFrame, plan: Plan) -> tuple[pl.DataFrame, list[Issue]]:
    """The typed rows with the tasks that reserves stand in for named by their ids; ``planned`` as from `batch_rows`."""
    typed = matched.typed
    named = typed.filter(pl.col("replaces").is_not_null())
    if named.is_empty():
        return typed, []
    seats = _seats(plan)
    task_of = dict(planned.select("task_id", "task").iter_rows())
    found: dict[tuple[str, str], str | None] = {}
    issues = []
    for task_id, name, file, sheet, row in named.select("task_id", "replaces", "file", "sheet", "row").iter_rows():
        district = seats[task_id].district
        found[task_id, name] = resolve(name, seats, task_of, district=district)
        if found[task_id, name] is None:
            header = matched.header(file, sheet, "replaces")
            issues.append(finding("warning", "replaces-unknown-task", file, sheet, row, header, name))
    known = pl.DataFrame(
        [(task, name, target) for (task, name), target in found.items()],
        schema={"task_id": pl.String, "replaces": pl.String, "target": pl.String},
        orient="row",
    )
    joined = typed.join(known, on=["task_id", "replaces"], how="left", maintain_order="left")
    lost = pl.col("replaces").is_not_null() & pl.col("target").is_null()
    unread = pl.when(lost).then(pl.concat_list("unread", pl.lit("replaces"))).otherwise("unread")
    return joined.with_columns(replaces="target", unread=unread).drop("target"), issues


def _answers(typed: pl.DataFrame, *, latest: bool, lang: Lang) -> tuple[pl.DataFrame, list[Issue]]:
    """One row per batch, decided, in order of batch id; and what is wrong with each."""
    several = pl.col("batch_id").is_duplicated()
    by_batch: dict[str, list[Reply]] = {}
    for row in typed.filter(several).iter_rows(named=True):
        by_batch.setdefault(row["batch_id"], []).append(_reply(row))
    merged, issues = [], []
    clashing = set()
    for batch, replies in by_batch.items():
        answer, conflicts = merge(replies, latest=latest)
        merged.append({**asdict(answer), "unread": sorted(answer.unread)})
        issues += [_conflict_finding(c, lang) for c in conflicts]
        if any(c.field in ANSWER for c in conflicts):
            clashing.add(batch)
    parts = [typed.filter(~several)]
    if merged:
        parts.append(pl.DataFrame(merged, schema=typed.schema))
    answers = decided(pl.concat(parts)).sort("batch_id")
    issues += _note_findings(typed, answers)
    return answers, issues + _findings(answers.filter(~pl.col("batch_id").is_in(clashing)), lang)


def _reply(row: dict[str, Any]) -> Reply:
    return Reply(**{**row, "unread": frozenset(row["unread"])})


def _conflict_finding(conflict: Conflict, lang: Lang) -> Issue:
    one, other = conflict.first, conflict.second
    place = (other.file, other.sheet, other.row, None)
    severity: Severity
    if conflict.decided:
        severity, code = "info", "answer-superseded"
    elif conflict.field in ANSWER:
        severity, code = "error", "answers-differ"
    else:
        severity, code = "warning", "details-differ"
    return finding(
        severity,
        code,
        *place,
        _said(other, conflict.field, lang),
        batch=one.batch_id,
        field=Text.of(f"workbook.{conflict.field}"),
        other=_said(one, conflict.field, lang),
        in_file=one.file,
        in_sheet=one.sheet,
        in_row=one.row,
    )


_VOCABULARIES = {
    "status": ("status", STATUSES),
    "reason": ("reason", REASONS),
    "replace_reason": ("reason", REASONS),
}
_VOCABULARIES |= dict.fromkeys(("first", "retest"), ("verdict", VERDICTS))


def _said(reply: Reply, field: str, lang: Lang) -> str:
    """What a reply says in a field, and where that is empty what its answer is; in the words of the workbooks."""
    fields = (field, "reason", "retest", "first") if field == "status" else (field,)
    for name in fields:
        if (value := getattr(reply, name)) is not None:
            kind, _ = _VOCABULARIES.get(name, (None, ()))
            return text(f"results.{kind}_{value}", lang) if kind else str(value)
    return ""


def _in_words(field: str, lang: Lang) -> pl.Expr:
    """A column of keys as the words that stand for them in the workbooks."""
    kind, keys = _VOCABULARIES[field]
    return pl.col(field).replace({key: text(f"results.{kind}_{key}", lang) for key in keys})


def _findings(answers: pl.DataFrame, lang: Lang) -> list[Issue]:
    """What each answer lacks, or says twice."""
    contradiction = pl.col("contradiction")
    dated = pl.col("sampled_on").is_not_null() | pl.col("unread").list.contains("sampled_on")
    sampled = (pl.col("status") == "sampled").fill_null(False) | pl.col("final").is_not_null()
    words = [_in_words(field, lang) for field in ANSWER]
    said = pl.concat_str(words, separator=" | ", ignore_nulls=True)
    rules: tuple[tuple[Severity, str, pl.Expr, pl.Expr], ...] = (
        ("error", "contradiction", contradiction, said),
        ("error", "item-of-pass", pl.col("item_of_pass") & ~contradiction, pl.col("failing_item")),
        (
            "warning",
            "reason-missing",
            (pl.col("state") == "unsampled") & pl.col("reason").is_null(),
            pl.col("batch_id"),
        ),
        ("warning", "date-missing", ~contradiction & ~dated & sampled, pl.col("batch_id")),
        (
            "warning",
            "retest-without-result",
            (pl.col("state") == "tested") & pl.col("retest").is_not_null() & pl.col("first").is_null(),
            _in_words("retest", lang),
        ),
        (
            "info",
            "failing-item-missing",
            (pl.col("final") == "fail").fill_null(False) & pl.col("failing_item").is_null(),
            pl.col("batch_id"),
        ),
    )
    return [
        finding(severity, code, file, sheet, row, None, found)
        for severity, code, where, told in rules
        for file, sheet, row, found in answers.filter(where)
        .select("file", "sheet", "row", told.alias("told"))
        .iter_rows()
    ]


def _note_findings(typed: pl.DataFrame, answers: pl.DataFrame) -> list[Issue]:
    """The notes that stand alone, or say other than the answer of their batch."""
    noted = typed.drop_nulls("note").unique(["batch_id", "note"], keep="first", maintain_order=True)
    said = pl.any_horizontal(pl.col(f).is_not_null() for f in ANSWER)
    said |= pl.col("unread").list.eval(pl.element().is_in(ANSWER)).list.any()
    known = answers.select("batch_id", "state", "final", "first", said=said)
    rows = noted.select("batch_id", "file", "sheet", "row", "note").join(known, on="batch_id", maintain_order="left")
    code = (
        pl.when(~pl.col("said"))
        .then(pl.lit("note-without-answer"))
        .when(gainsays(rows["note"], rows))
        .then(pl.lit("note-against-answer"))
    )
    told = rows.select(code.alias("code"), "file", "sheet", "row", "note").drop_nulls("code")
    return [finding("warning", code, file, sheet, row, None, note) for code, file, sheet, row, note in told.iter_rows()]


def _misuse_findings(answers: pl.DataFrame, plan: Plan) -> list[Issue]:
    used = answers.filter(pl.col("role") == "reserve")
    if used.is_empty():
        return []
    rank = {"tested": 0, "pending": 1, "unsampled": 2}
    best = answers.group_by("task_id").agg(pl.col("state").replace_strict(rank, return_dtype=pl.Int8).min())
    states = {task: list(rank)[i] for task, i in best.iter_rows()}
    replies = [_reply(row) for row in used.select(Reply.__slots__).iter_rows(named=True)]
    return [
        finding("warning", m.rule, m.reply.file, m.reply.sheet, m.reply.row, None, m.reply.batch_id, other=m.other)
        for m in misuses(replies, states, _seats(plan))
    ]


def _reports(
    files: Iterable[_File], matched: Matched, batches: pl.DataFrame, issues: Iterable[Issue]
) -> tuple[FileReport, ...]:
    """What each file contributed."""
    found = Counter(i.file for i in issues)
    settled = decided(matched.typed).filter(pl.col("state") != "pending")
    answered = Counter(dict(settled.select("file", "sheet", "row").unique()["file"].value_counts().iter_rows()))
    used = Counter(dict(batches.filter(pl.col("state") != "pending")["file"].value_counts().iter_rows()))
    return tuple(
        FileReport(
            file=f.name,
            districts=matched.districts.get(f.name, ()),
            rows=int((~f.content.rows["again"]).sum()),
            matched=matched.counts.get(f.name, 0),
            answered=answered[f.name],
            used=used[f.name],
            issues=found[f.name],
        )
        for f in files
    )
