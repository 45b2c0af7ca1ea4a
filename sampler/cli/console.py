"""What every command shares: its language, its two outputs, how it fails.

Data goes to stdout, everything else to stderr. With ``--json`` stdout holds exactly one JSON document, also when the
command fails. Nothing ever asks a question.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Annotated, Any, Literal, NoReturn, TextIO

import typer

from sampler.documents import document
from sampler.errors import InputError, Issue, SamplerError, bug, refusal
from sampler.text import LANGUAGES, Lang, Text, text

FINDINGS = 1
BUG = 70
MOST_ALIKE = 5
"""Findings of one kind that are told one by one."""

_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC))
"""What writing to a stream fails with."""

Level = Literal["info", "warning", "error"]


def arguments_language(arguments: Sequence[str]) -> Lang | None:
    """The language that ``--lang`` chooses among arguments that may not be parsed yet."""
    for position, argument in enumerate(arguments):
        given = argument.removeprefix("--lang=") if argument.startswith("--lang=") else None
        if argument == "--lang" and position + 1 < len(arguments):
            given = arguments[position + 1]
        if given in LANGUAGES:
            return given
    return None


def language_of_environment() -> Lang:
    """The language asked for on the command line, by SAMPLER_LANG, or by the locale; English where nothing is said."""
    asked = arguments_language(sys.argv[1:])
    if asked is not None:
        return asked
    for variable in ("SAMPLER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value and (variable != "SAMPLER_LANG" or value in LANGUAGES):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def ready_streams() -> None:
    """Make the standard streams able to take every text: UTF-8 into files and pipes, and none that is not there.

    The locale's encoding (cp936 and cp1252 on Windows, ASCII under POSIX) has no room for all that is written here. A
    terminal keeps its encoding; what it cannot show becomes a question mark.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller (`>&-`)
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def abandon_stdout() -> None:
    """Send what is still to be written to stdout nowhere, so that the interpreter does not fail on it when it ends."""
    _abandon(sys.stdout)


def _abandon(stream: TextIO) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def option_help(key: str) -> str:
    """Help text of an option or command, in the language of the environment."""
    return text(f"help.{key}", language_of_environment())


@dataclass
class Output:
    """Where a command speaks, and how.

    Attributes:
        command: its name, for the JSON document.
        lang: language for people; `follow` sets it from a configuration unless the command line chose one.
        json, quiet: the options of these names.
        chosen: whether somebody chose the language.
        log_json: whether stderr takes one JSON object a line instead of text for people.
    """

    command: str
    lang: Lang
    json: bool
    quiet: bool
    chosen: bool
    log_json: bool = False

    def __post_init__(self) -> None:
        # rich is imported where it is used: asking for help should not wait for it.
        from rich.console import Console

        class Pipe(Console):
            """A console that leaves it to the command what becomes of a reader that has gone."""

            def on_broken_pipe(self) -> None:
                raise  # the BrokenPipeError that rich is handling when it calls this

        class Voice(Pipe):
            """A console for remarks and errors: where it takes nothing, the command goes on and its exit code tells."""

            def print(self, *objects: Any, **how: Any) -> None:
                try:
                    super().print(*objects, **how)
                except OSError:
                    _abandon(sys.stderr)

        # A pipe or a log file has no width: tables must not be folded to 80 columns there.
        columns = os.environ.get("COLUMNS", "")
        width = None if sys.stdout.isatty() else int(columns) if columns.isdecimal() and int(columns) else 160
        self.out = Pipe(file=sys.stdout, width=width, highlight=False, soft_wrap=False)
        self.err = Voice(file=sys.stderr, highlight=False, soft_wrap=True)

    def follow(self, lang: Lang) -> None:
        """Take a configuration's language, unless ``--lang`` or SAMPLER_LANG chose one."""
        if not self.chosen:
            self.lang = lang

    def tell(self, level: Level, what: Text, /, **facts: object) -> None:
        """Something on stderr: a remark, which ``--quiet`` silences, a warning or an error.

        Args:
            facts: what a JSON log says besides; people do not read it.
        """
        if level == "info" and self.quiet:
            return
        if self.log_json:
            from sampler.cli.log import log_line

            sys.stderr.write(log_line(level, what, **facts))
        elif level == "info":
            self.err.print(what.render(self.lang), markup=False)
        else:
            from rich.markup import escape

            style, label = {"warning": ("yellow", "common.warning"), "error": ("bold red", "common.error")}[level]
            self.err.print(f"[{style}]{escape(text(label, self.lang))}[/]{escape(what.render(self.lang))}")

    def say(self, key: str, /, **params: object) -> None:
        """A line for people on stderr; silent with ``--quiet``."""
        self.tell("info", Text.of(key, **params))

    def warn(self, key: str, /, **params: object) -> None:
        """A warning on stderr; ``--quiet`` does not silence it."""
        self.tell("warning", Text.of(key, **params))

    def findings(self, issues: Iterable[Issue]) -> None:
        """Findings about an input, on stderr as warnings, the first of each kind; remarks are silent with ``--quiet``."""
        kinds: dict[str, list[Issue]] = {}
        for issue in issues:
            if issue.severity != "info" or not self.quiet:
                kinds.setdefault(issue.code, []).append(issue)
        for alike in kinds.values():
            for issue in alike[:MOST_ALIKE]:
                self.tell("warning", finding_text(issue), **issue.to_json())
            if len(alike) > MOST_ALIKE:
                self.warn("common.findings_more", count=len(alike) - MOST_ALIKE)

    def document(self, body: dict[str, Any]) -> None:
        """The command's JSON document on stdout."""
        whole = document(self.command, body)
        sys.stdout.write(json.dumps(whole, ensure_ascii=False, allow_nan=False, default=str) + "\n")

    @contextmanager
    def progress(self, key: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """A progress bar on stderr while a block runs, on a terminal only. Yields what to call with the steps done."""
        if self.quiet or self.log_json or not self.err.is_terminal:
            yield lambda _done: None
            return
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        with Progress(*columns, console=self.err, transient=True) as bar:
            task = bar.add_task(text(key, self.lang), total=total)
            yield lambda done: bar.advance(task, done)

    def blame(self, error: SamplerError) -> None:
        """An expected error on stderr, and what else must be known to act on it."""
        self.tell("error", error.told, exit_code=error.exit_code)
        if error.note is not None:
            self.tell("warning", error.note)

    def fail(self, error: SamplerError, **more: object) -> NoReturn:
        """Tell an expected error and leave with its exit code; ``more`` stands beside it in the document."""
        if self.json:
            self.document({**failure(error), **more})
        self.blame(error)
        raise typer.Exit(error.exit_code)


def failure(error: SamplerError) -> dict[str, object]:
    """What a JSON document says of an expected error."""
    kind = "bug" if error.exit_code == BUG else error.key
    told = {"kind": kind, "message": str(error), "exit_code": error.exit_code}
    return {"error": told} | ({} if error.note is None else {"note": error.note.render("en")})


def finding_text(issue: Issue) -> Text:
    """A finding about an input in a line: its place, what stands there, what was expected, what was done."""
    place = Text.of("common.place", file=issue.file, sheet=issue.sheet, row=issue.row, column=issue.column)
    found = shortened(issue.found)
    return Text.of("common.finding", place=place, found=found, expected=issue.expected, done=issue.done)


def shortened(found: str, most: int = 40) -> str:
    """A value as it stands in a cell, cut where it is long: reports and JSON documents have the whole of it."""
    return found if len(found) <= most else found[: most - 1] + "…"


def plain(value: str) -> str:
    """A cell's text as it stands: brackets in data are not markup, and control characters do not reach the terminal."""
    from rich.markup import escape

    return escape("".join(c if c.isprintable() or c == "\n" else " " for c in value))


def _known_language(given: str | None) -> str | None:
    if given is not None and given not in LANGUAGES:
        raise typer.BadParameter(text("common.bad_language", language_of_environment(), found=given))
    return given


LangOption = Annotated[
    str | None, typer.Option("--lang", help=option_help("lang"), metavar="zh|en", callback=_known_language)
]
JsonOption = Annotated[bool, typer.Option("--json", help=option_help("json"))]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help=option_help("quiet"))]
StrictOption = Annotated[bool, typer.Option("--strict", help=option_help("strict"))]


def output(command: str, lang: str | None, *, json: bool, quiet: bool, log_json: bool = False) -> Output:
    """The `Output` of a command from its options; without ``lang`` in the language of the environment."""
    for known in LANGUAGES:
        if lang == known:
            return Output(command, known, json=json, quiet=quiet, chosen=True, log_json=log_json)
    chosen = os.environ.get("SAMPLER_LANG") in LANGUAGES or arguments_language(sys.argv[1:]) is not None
    return Output(command, language_of_environment(), json=json, quiet=quiet, chosen=chosen, log_json=log_json)


@contextmanager
def failures_told(out: Output) -> Iterator[None]:
    """A command's work, whose expected errors become a message and an exit code, and whose bugs say that they are bugs."""
    try:
        yield
    except SamplerError as error:
        out.fail(error)
    except BrokenPipeError:
        abandon_stdout()  # the reader of a pipe has gone (`| head`): nobody is left to tell
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        if out.log_json:
            out.tell("error", Text.of("common.interrupted"), exit_code=130)
        else:
            out.err.print(text("common.interrupted", out.lang))
        raise typer.Exit(130) from None
    except typer.Exit:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None and error.errno in _NO_ROOM:
            abandon_stdout()
            out.fail(InputError("usage.not_written", **refusal(error)))
        if os.environ.get("SAMPLER_DEBUG"):
            raise
        out.fail(bug(error))
