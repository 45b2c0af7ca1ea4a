"""``sampler estimate``: results in, pass rates with their intervals, warnings and reports out."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sampler.cli.console import (
    FINDINGS,
    JsonOption,
    LangOption,
    Output,
    QuietOption,
    StrictOption,
    failures_told,
    finding_text,
    option_help,
    output,
)
from sampler.cli.options import families_of

if TYPE_CHECKING:
    from sampler.analysis import Analysis
    from sampler.domains import Evidence
    from sampler.errors import Issue
    from sampler.estimate import Estimates
    from sampler.files.sources import PlanResults, Source
    from sampler.plan import Plan
    from sampler.results import Results
    from sampler.stats.stratified import Side

REPORTS = (".xlsx", ".html", ".json", ".csv")
_SHOWN = 5  # findings told on the terminal; reports and --json have them all


def estimate(
    results: Annotated[list[Path] | None, typer.Argument(help=option_help("results"), show_default=False)] = None,
    plan: Annotated[Path | None, typer.Option("--plan", help=option_help("estimate_plan"))] = None,
    tested: Annotated[int | None, typer.Option(help=option_help("tested"))] = None,
    passed: Annotated[int | None, typer.Option(help=option_help("passed"))] = None,
    population: Annotated[int | None, typer.Option(help=option_help("population"))] = None,
    by: Annotated[list[str] | None, typer.Option("--by", help=option_help("by"), metavar="COLUMN[,COLUMN]")] = None,
    confidence: Annotated[float, typer.Option(help=option_help("confidence"))] = 0.95,
    method: Annotated[str, typer.Option(help=option_help("method"))] = "auto",
    target: Annotated[list[str] | None, typer.Option("--target", help=option_help("target"))] = None,
    side: Annotated[str, typer.Option(help=option_help("side"))] = "two-sided",
    date: Annotated[str | None, typer.Option(help=option_help("ordered"), metavar="YYYY-MM-DD")] = None,
    out: Annotated[list[Path] | None, typer.Option("--out", help=option_help("estimate_out"))] = None,
    public: Annotated[Path | None, typer.Option("--public", help=option_help("estimate_public"))] = None,
    latest: Annotated[bool, typer.Option("--latest", help=option_help("latest"))] = False,
    csv: Annotated[bool, typer.Option("--csv", help=option_help("csv"))] = False,
    strict: StrictOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Estimate pass rates; the help people read is in the catalogue."""
    say = output("estimate", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.errors import UsageError
        from sampler.files.sources import PlanResults

        paths, reports = results or [], out or []
        _check_reports(reports, [*paths, plan])
        reported = _side(side)
        if csv and say.json:
            raise UsageError("usage.csv_and_json")
        analysis = _analysis(by or [], confidence, method, reported, target or [], reports)
        ordered = _date(date)
        unused = "--latest" if latest else "--date" if date is not None else None  # for a table or counts
        with say.progress("estimate.reading"):
            source = _source(_given(tested, passed, population), paths, plan, latest=latest)
            if public is not None and not isinstance(source, PlanResults):
                raise UsageError("estimate.public_needs_plan")
            if unused and not isinstance(source, PlanResults):
                raise UsageError("estimate.needs_returns", option=unused)
            figures, notes = _read(source)
        with say.progress("estimate.computing"):
            found = _estimates(say, figures, notes, analysis, ordered, reports)
        for path in reports:
            _write(path, found, say)
            say.say("estimate.written", file=path)
        if public is not None and isinstance(source, PlanResults):
            _publish(public, source.plan, source.results, say)
        found = found.only(analysis.by)
        _show(say, found, csv=csv)
        _tell_findings(say, found.issues, reports)
        if strict and (found.alerts or any(i.severity == "error" for i in found.issues)):
            raise typer.Exit(FINDINGS)


def _check_reports(reports: Sequence[Path], inputs: Sequence[Path | None]) -> None:
    """Refuse a report of a kind that is not known, in a folder that is not there, or in place of an input."""
    from sampler.errors import UsageError
    from sampler.files.inputs import refuse_nowhere, refuse_overwriting

    for path in reports:
        if path.suffix.lower() not in REPORTS:
            raise UsageError("estimate.bad_out", found=path)
        refuse_nowhere(path)
        refuse_overwriting(path, inputs)


def _side(given: str) -> Side:
    from sampler.analysis import SIDES
    from sampler.errors import UsageError

    for side in SIDES:
        if side == given:
            return side
    raise UsageError("estimate.bad_side", found=given)


def _analysis(
    by: Sequence[str], confidence: float, method: str, side: Side, target: Sequence[str], reports: Sequence[Path]
) -> Analysis:
    """What the options ask, and what the reports show beyond that: a map of district × category in any case."""
    from sampler.analysis import Analysis

    overall, of_categories = _targets(target)
    return Analysis(
        by=families_of(by) or None,
        also=(("district", "category"),) if any(p.suffix.lower() in (".xlsx", ".html") for p in reports) else (),
        confidence=confidence,
        method=method,
        side=side,
        target=overall,
        targets=of_categories,
    )


def _source(given: Evidence | None, paths: Sequence[Path], plan: Path | None, *, latest: bool) -> Source | Evidence:
    """What to estimate from: the counts on the command line, or what the arguments are."""
    from sampler.errors import UsageError
    from sampler.files.sources import find_source

    if given is not None and (paths or plan):
        raise UsageError("estimate.both_inputs")
    if given is not None:
        return given
    if not paths and plan is None:
        raise UsageError("estimate.no_input")
    return find_source(paths, plan, latest=latest)


def _read(source: Source | Evidence) -> tuple[PlanResults | Evidence, list[Issue]]:
    """The source with its tables read, and what was seen in them."""
    from sampler.files.counts import read_counts
    from sampler.files.sources import CountTables

    notes: list[Issue] = []
    if isinstance(source, CountTables):
        return read_counts(source.paths, strata=source.strata, notes=notes), notes
    return source, notes


def _estimates(
    say: Output,
    figures: PlanResults | Evidence,
    notes: list[Issue],
    analysis: Analysis,
    ordered: dt.date | None,
    reports: list[Path],
) -> Estimates:
    from dataclasses import replace

    from sampler.estimate import estimate_counts, estimate_plan
    from sampler.files.findings import in_order
    from sampler.files.sources import PlanResults

    if not isinstance(figures, PlanResults):
        return replace(estimate_counts(figures, analysis), issues=in_order(notes))
    say.follow(figures.plan.design.bureau.language)
    found = estimate_plan(
        figures.plan,
        figures.results,
        analysis,
        ordered=_ordered(figures) if ordered is None else ordered,
        digests=figures.digests,
        people=figures.people,
        untested=True,
    )
    if found.total.tested == 0:
        _fail_untested(say, figures, found, reports)
    return found


def _ordered(figures: PlanResults) -> dt.date | dict[str, dt.date]:
    """The day of the orders to correct where none was given: that on which a run first read of the failure, else today."""
    batches = figures.results.batches
    today = dt.date.today()
    failed = batches.filter(batches["final"] == "fail")["batch_id"]
    days = {batch: figures.first_read.get(batch, today) for batch in failed}
    return days if figures.first_read and days else today


def _show(say: Output, found: Estimates, *, csv: bool) -> None:
    """Put the estimates on stdout: as a document, as CSV, or as tables for people."""
    if say.json:
        say.document(found.to_json())
    elif csv:
        from sampler.files.report_table import csv_text

        sys.stdout.write(csv_text(found))
    else:
        from sampler.cli.estimate_table import show

        show(say.out, found, say.lang)


def _fail_untested(say: Output, figures: PlanResults, found: Estimates, reports: list[Path]) -> NoReturn:
    """Say that there is no rate yet, and all the same what came back and what was found about it, in the reports too."""
    from sampler.cli.estimate_table import completion_lines, work_lines
    from sampler.errors import InputError
    from sampler.estimate import what_returned

    for path in reports:
        _write(path, found, say)
        say.say("estimate.written", file=path)
    returned = what_returned(figures.plan, figures.results, people=figures.people)
    if not say.quiet:
        for line in (*completion_lines(returned.completion, say.lang), *work_lines(returned.work, say.lang)):
            say.err.print(line, markup=False, soft_wrap=True)
    _tell_findings(say, returned.issues, reports)
    say.fail(InputError("estimate.nothing_tested"), **returned.to_json())


def _tell_findings(say: Output, issues: Sequence[Issue], out: list[Path]) -> None:
    """The first findings about the files, and where they all are."""
    asked = [i for i in issues if i.severity != "info"]
    if not (asked if say.quiet else issues):
        return
    from sampler.files.report_table import findings_note
    from sampler.text import text

    say.warn("estimate.issues_line", count=len(issues), counts=findings_note(issues, say.lang))
    shown = (asked or list(issues))[:_SHOWN]
    for issue in shown:
        say.err.print(f"  {finding_text(issue).render(say.lang)}", markup=False, soft_wrap=True)
    if len(shown) < len(issues):
        books = [p for p in out if p.suffix.lower() != ".csv"]
        names = text("common.comma", say.lang).join(map(str, books))
        where = text("estimate.issues_in" if books else "estimate.issues_elsewhere", say.lang, files=names)
        say.err.print(f"  {where}", markup=False, soft_wrap=True)


def _targets(given: Sequence[str]) -> tuple[float | None, dict[str, float]]:
    """One target for all, and targets of categories, from ``0.95``, ``95%`` and ``food=0.96``."""
    from sampler.errors import UsageError
    from sampler.files.counts import parse_share

    overall: float | None = None
    categories: dict[str, float] = {}
    for text in given:
        category, separator, share = text.rpartition("=")
        try:
            value = parse_share(share)
            if "%" not in share and "％" not in share and value != float(share):
                raise ValueError("an option is a fraction or says %, as --confidence is")  # 2 may mean 2% or a slip
        except ValueError:
            raise UsageError("estimate.bad_target", found=text) from None
        if category.strip() in categories if separator else overall is not None:
            raise UsageError("estimate.target_twice", found=text)
        if separator:
            categories[category.strip()] = value
        else:
            overall = value
    return overall, categories


def _date(given: str | None) -> dt.date | None:
    from sampler.errors import UsageError

    if given is None:
        return None
    try:
        return dt.date.fromisoformat(given)
    except ValueError:
        raise UsageError("estimate.bad_date", found=given) from None


def _given(tested: int | None, passed: int | None, population: int | None) -> Evidence | None:
    """The evidence of ``--tested`` and ``--passed``, None where neither was given."""
    from sampler.errors import UsageError
    from sampler.estimate import one_proportion
    from sampler.stats.numbers import MOST_UNITS

    if tested is None and passed is None and population is None:
        return None
    if tested is None or passed is None:
        raise UsageError("estimate.tested_and_passed")
    for name, value in (("tested", tested), ("passed", passed), ("population", population)):
        if value is not None and value < 0:
            raise UsageError("estimate.option_negative", option=name, found=value)
        if value is not None and value > MOST_UNITS:
            raise UsageError("usage.too_large", name=f"--{name}", bound=f"{MOST_UNITS:,}", found=value)
    if passed > tested:
        raise UsageError("estimate.option_more_than_tested", passed=passed, tested=tested)
    if population is not None and tested > population:
        raise UsageError("estimate.option_more_than_population", tested=tested, population=population)
    return one_proportion(tested=tested, passed=passed, population=population)


def _publish(folder: Path, plan: Plan, results: Results, say: Output) -> None:
    from sampler.errors import InputError, refusal
    from sampler.files.public import public_results, write_public

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in write_public(folder, "results", public_results(plan, results, say.lang)):
            say.say("estimate.written", file=path)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=folder, **refusal(error)) from None


def _write(path: Path, found: Estimates, say: Output) -> None:
    from sampler.errors import InputError, refusal
    from sampler.files.swap import replaced

    try:
        with replaced(path) as (temporary,):
            _write_as(path.suffix.lower(), temporary, found, say)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=path, **refusal(error)) from None


def _write_as(suffix: str, path: Path, found: Estimates, say: Output) -> None:
    if suffix == ".json":
        from sampler.documents import document
        from sampler.files.report_table import write_json

        write_json(path, document("estimate", found.to_json()))
    elif suffix == ".csv":
        from sampler.files.machine_csv import write_csv
        from sampler.files.report_table import estimates_table

        write_csv(estimates_table(found), path)
    elif suffix == ".xlsx":
        from sampler.files.report_book import write_book

        write_book(path, found, say.lang)
    else:
        from sampler.files.report_page import write_page

        write_page(path, found, say.lang)
