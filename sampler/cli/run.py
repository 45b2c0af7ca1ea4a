"""``sampler run``: the unattended quarter, for cron and systemd."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import (
    FINDINGS,
    JsonOption,
    LangOption,
    Output,
    QuietOption,
    StrictOption,
    failure,
    failures_told,
    option_help,
    output,
)
from sampler.text import Text

if TYPE_CHECKING:
    from sampler.errors import SamplerError
    from sampler.unattended import Outcome, Setup


def run(
    config: Annotated[Path, typer.Option("--config", help=option_help("run_config"))],
    dry_run: Annotated[bool, typer.Option("--dry-run", help=option_help("run_dry_run"))] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help=option_help("log_json"))] = False,
    strict: StrictOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Do what is due this quarter; the help people read is in the catalogue."""
    # One JSON line on stdout in any case: `--json` is taken like on every command and changes nothing.
    say = output("run", lang, json=True, quiet=quiet, log_json=log_json)
    with failures_told(say):
        from sampler.config import load_language, load_run
        from sampler.errors import InputError, UsageError, refusal
        from sampler.files.swap import locked
        from sampler.unattended import run_once, setup

        settings = load_run(config)
        say.follow(load_language(config))
        here = setup(config, settings, today=dt.date.today(), lang=say.lang)
        if dry_run:
            _foretell(say, here)
            return
        try:
            here.archive.mkdir(parents=True, exist_ok=True)
            with locked(here.archive):
                outcome = run_once(here)
        except OSError as error:
            raise InputError("archive.cannot_write", folder=here.archive, **refusal(error)) from error
        except UsageError as error:
            if error.key != "archive.locked":
                raise
            say.document(_body(here, "busy"))
            say.say("run.busy", folder=here.archive)
            return
        _report(say, here, outcome)
        if outcome.error is not None:
            raise typer.Exit(outcome.error.exit_code)
        if strict and (outcome.problems or any(i.alerts or i.errors for i in outcome.ingested)):
            raise typer.Exit(FINDINGS)


def _body(here: Setup, state: str, **facts: object) -> dict[str, object]:
    return {"period": here.period.name, "archive": str(here.archive), "state": state, **facts}


def _foretell(say: Output, here: Setup) -> None:
    from sampler.unattended import foretell

    found = foretell(here)
    error = found.error
    would = {
        "would_read": [{"plan": str(path), "files": files} for path, files in found.reading],
        "would_plan": str(here.folder) if found.drawing else None,
        "waiting": None if found.waiting is None else str(found.waiting),
    }
    say.document(_body(here, "dry-run", **would, **_failure(error)))
    listed = [Text.of("run.would_read", plan=path, files=files) for path, files in found.reading]
    if found.drawing:
        listed.append(Text.of("run.would_plan", folder=here.folder))
    if found.waiting is not None:
        listed.append(Text.of("run.would_wait", file=found.waiting))
    if listed:
        say.tell("info", Text.of("run.would", period=here.period, listed=_joined(listed)), **would)
    elif error is None:
        say.say("run.would_nothing", period=here.period)
    if error is not None:
        say.blame(error)
        raise typer.Exit(error.exit_code)


def _failure(error: SamplerError | None) -> dict[str, object]:
    """The document's account of what went wrong."""
    return failure(error) if error else {}


def _joined(parts: list[Text]) -> Text:
    """Some texts as one."""
    return reduce(lambda one, other: Text.of("run.and", one=one, other=other), parts)


def _report(say: Output, here: Setup, outcome: Outcome) -> None:
    did: list[Text] = []
    for done in outcome.ingested:
        counts = {n: getattr(done, n) for n in ("files", "tested", "failed", "alerts", "follow_ups")}
        did.append(Text.of("run.read", plan=done.plan.name, **counts))
    planned: dict[str, object] | None = None
    if outcome.drawn is not None:
        from sampler.cli.plan import history_document

        plan = outcome.drawn.plan
        did.append(Text.of("run.planned", folder=here.folder, tasks=plan.tasks.height))
        planned = {"folder": str(here.folder), "seed": plan.seed, "tasks": plan.tasks.height}
        planned |= {"frame_sha256": plan.frame_sha256, "design_sha256": plan.design_sha256}
        planned |= history_document(outcome.drawn)
    if outcome.waiting is not None:
        did.append(Text.of("run.waiting", file=outcome.waiting))
    error = outcome.error
    ingested = [i.to_json() for i in outcome.ingested]
    state = "error" if error else "done" if outcome.ingested or planned else "waiting" if outcome.waiting else "nothing"
    say.document(
        _body(
            here,
            state,
            planned=planned,
            ingested=ingested,
            waiting=None if outcome.waiting is None else str(outcome.waiting),
            **_failure(error),
        )
    )  # fmt: skip
    say.findings(outcome.drawn.issues if outcome.drawn else ())
    for done in outcome.ingested:
        if done.errors or done.warnings:
            counts = {"errors": done.errors, "warnings": done.warnings}
            say.warn("run.findings", plan=done.plan, **counts)
    if outcome.problems:
        say.warn("run.problems", count=len(outcome.problems), problems=outcome.problems)
    if did:
        told = Text.of("run.done", period=here.period, listed=_joined(did))
        say.tell("info", told, state=state, ingested=ingested, planned=planned)
    elif error is None:
        say.say("run.nothing", period=here.period)
    if error is not None:
        say.blame(error)
