"""``sampler run``: the unattended quarter, for cron and systemd."""

from __future__ import annotations

import datetime as dt
import json as json_
import sys
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
    failures_told,
    option_help,
    output,
)
from sampler.text import Text, text

if TYPE_CHECKING:
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
    say = output("run", lang, json=True, quiet=quiet)
    with failures_told(say):
        from sampler.config import load_language, load_run
        from sampler.errors import InputError, UsageError
        from sampler.files.swap import locked
        from sampler.unattended import run_once, setup

        voice = _Voice(say, log_json)
        settings = load_run(config)
        say.follow(load_language(config))
        here = setup(config, settings, today=dt.date.today(), lang=say.lang)
        if dry_run:
            _foretell(say, voice, here)
            return
        try:
            here.archive.mkdir(parents=True, exist_ok=True)
            with locked(here.archive):
                outcome = run_once(here)
        except OSError as error:
            reason = error.strerror or error
            raise InputError("archive.cannot_write", folder=here.archive, reason=reason) from error
        except UsageError as error:
            if error.key != "archive.locked":
                raise
            say.document(_body(here, "busy"))
            voice.tell("info", Text.of("run.busy", folder=here.archive))
            return
        _report(say, voice, here, outcome)
        if outcome.error is not None:
            raise typer.Exit(outcome.error.exit_code)
        if strict and (outcome.problems or any(i.alerts or i.errors for i in outcome.ingested)):
            raise typer.Exit(FINDINGS)


class _Voice:
    """What is told on stderr: text for people, or with ``--log-json`` one JSON object a line."""

    def __init__(self, say: Output, log_json: bool) -> None:
        self.say, self.log_json = say, log_json

    def tell(self, level: str, what: Text) -> None:
        if self.log_json:
            at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
            params = {k: str(v) for k, v in what.params}
            entry = {"at": at, "level": level, "event": what.key, "message": what.render("en"), **params}
            sys.stderr.write(json_.dumps(entry, ensure_ascii=False) + "\n")
        elif level == "error":
            self.say.alarm(what.render(self.say.lang))
        elif level == "warning":
            self.say.warn(what.key, **dict(what.params))
        else:
            self.say.say(what.key, **dict(what.params))


def _body(here: Setup, state: str, **facts: object) -> dict[str, object]:
    return {"period": here.period.name, "archive": str(here.archive), "state": state, **facts}


def _foretell(say: Output, voice: _Voice, here: Setup) -> None:
    from sampler.unattended import due

    reading, drawing = due(here)
    would = [{"plan": str(path), "files": files} for path, files in reading]
    say.document(_body(here, "dry-run", would_read=would, would_plan=str(here.folder) if drawing else None))
    listed = [Text.of("run.would_read", plan=path, files=files) for path, files in reading]
    if drawing:
        listed.append(Text.of("run.would_plan", folder=here.folder))
    if not listed:
        voice.tell("info", Text.of("run.would_nothing", period=here.period))
        return
    voice.tell("info", Text.of("run.would", period=here.period, listed=_joined(listed, say)))


def _joined(parts: list[Text], say: Output) -> str:
    return text("run.semicolon", say.lang).join(p.render(say.lang) for p in parts)


def _report(say: Output, voice: _Voice, here: Setup, outcome: Outcome) -> None:
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
    state = "error" if error else "done" if outcome.ingested or planned else "waiting" if outcome.waiting else "nothing"
    say.document(
        _body(
            here,
            state,
            planned=planned,
            ingested=[i.to_json() for i in outcome.ingested],
            waiting=None if outcome.waiting is None else str(outcome.waiting),
            **({"error": {"kind": error.key, "message": str(error), "exit_code": error.exit_code}} if error else {}),
        )
    )  # fmt: skip
    for issue in outcome.drawn.issues if outcome.drawn else ():
        say.finding(issue)
    for done in outcome.ingested:
        if done.errors or done.warnings:
            counts = {"errors": done.errors, "warnings": done.warnings}
            voice.tell("warning", Text.of("run.findings", plan=done.plan, **counts))
    if outcome.problems:
        count = len(outcome.problems)
        voice.tell("warning", Text.of("run.problems", count=count, problems=outcome.problems))
    if did:
        voice.tell("info", Text.of("run.done", period=here.period, listed=_joined(did, say)))
    elif error is None:
        voice.tell("info", Text.of("run.nothing", period=here.period))
    if error is not None:
        voice.tell("error", Text.of(error.key, **error.params))
        if error.note is not None:
            voice.tell("warning", error.note)
