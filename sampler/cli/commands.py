"""The group and the commands as the parser sees them: its help and its complaints in the language of the catalogue.

The parser's exceptions are told apart by their names, which are the same in click and in the copy that typer carries.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from sampler.cli.console import Output, abandon_stdout, arguments_language, language_of_environment
from sampler.cli.pages import command_page, group_page
from sampler.errors import InputError, UsageError, refusal
from sampler.text import Text, listed


class Command(TyperCommand):
    """A command whose help is wholly in the language of the environment."""

    def get_help(self, ctx: Any) -> str:
        """The page of help."""
        lang = language_of_environment()
        return command_page(ctx.command_path, str(self.name), str(self.help), self.params, lang)


class Commands(TyperGroup):
    """The group of all commands; what the parser refuses is told as every other error is."""

    def get_help(self, ctx: Any) -> str:
        """The page of help."""
        summaries = {name: str(command.help) for name, command in self.commands.items()}
        return group_page(ctx.command_path, str(self.help), self.params, summaries, language_of_environment())

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()  # what cannot be written is told here, not by the interpreter when it ends
        except typer.Abort:
            code = 130
        except BrokenPipeError:
            abandon_stdout()  # the reader has gone: nobody is left to tell
            code = 0
        except Exception as error:
            code = self._refused(error, given)
        if not standalone_mode:
            return code
        sys.exit(code if isinstance(code, int) else 0)

    def _refused(self, error: Exception, given: list[str]) -> int:
        """Tell what the parser refused or what could not be written; the exit code. Other errors are raised again."""
        lang = arguments_language(given) or language_of_environment()
        name = next((a for a in given if a in self.commands), "sampler")
        command = "sampler" if name == "sampler" else f"sampler {name}"
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(getattr(error, "message", ""), err=True)
            return UsageError.exit_code
        told: UsageError | InputError
        if isinstance(error, OSError):
            if error.filename is not None:
                raise error
            abandon_stdout()
            told = InputError("usage.not_written", **refusal(error))
        elif hasattr(error, "format_message"):
            told = parser_error(error, command=command, known=sorted(self.commands))
        else:
            raise error
        log_json = "--log-json" in given
        out = Output(name, lang, json="--json" in given, quiet=False, chosen=True, log_json=log_json)
        try:
            out.fail(told)
        except typer.Exit as leaving:
            return leaving.exit_code


def parser_error(error: Any, *, command: str, known: list[str]) -> UsageError:
    """What the parser complains of, as an error of the catalogue.

    Args:
        error: its exception.
        command: the command that was being parsed, as it is typed.
        known: names of all commands.
    """
    kind, message = type(error).__name__, str(error.message)
    found = getattr(error, "option_name", "")
    if kind == "MissingParameter":
        of = "argument" if getattr(error.param, "param_type_name", "") == "argument" else "option"
        return UsageError(f"usage.missing_{of}", name=_name(error, command), command=command)
    if kind == "NoSuchOption" and error.possibilities:
        return UsageError("usage.similar_option", found=found, known=listed(sorted(error.possibilities)))
    if kind == "NoSuchOption":
        return UsageError("usage.no_such_option", found=found, command=command)
    if kind == "BadOptionUsage":
        which = "option_with_value" if "not take a value" in message else "option_without_value"
        return UsageError(f"usage.{which}", found=found, command=command)
    if kind == "BadParameter":
        return _bad_value(error, message, command)
    unknown = re.match(r"No such command '(.*?)'\.", message) or re.match(r"No such command '(.*)'", message)
    if unknown:
        return UsageError("usage.no_such_command", found=unknown[1], known=listed(known))
    if message.startswith("Missing command"):
        return UsageError("usage.no_command", known=listed(known))
    superfluous = re.search(r"unexpected extra arguments?(?:\(s\))? \((.*)\)", message)
    if superfluous:
        return UsageError("usage.extra_argument", found=superfluous[1], command=command)
    return UsageError("usage.other", reason=message)


def _bad_value(error: Any, message: str, command: str) -> UsageError:
    problems: list[Any] = getattr(error.__cause__, "errors", list)()
    name = _name(error, command)
    if not problems:
        return (
            UsageError("usage.bad_value", name=name, reason=message)
            if name
            else UsageError("usage.other", reason=message)
        )
    kind, found, bounds = str(problems[0]["type"]), problems[0]["input"], problems[0].get("ctx", {})
    if kind.startswith("int_"):
        return UsageError("usage.not_whole", name=name, found=str(found))
    if kind.startswith("float_") or kind == "finite_number":
        return UsageError("usage.not_a_number", name=name, found=str(found))
    if kind == "greater_than_equal":
        return UsageError("usage.too_small", name=name, bound=bounds.get("ge"), found=str(found))
    if kind == "less_than_equal":
        return UsageError("usage.too_large", name=name, bound=bounds.get("le"), found=str(found))
    return UsageError("usage.bad_value", name=name, reason=message)


def _name(error: Any, command: str) -> Text | str:
    """The argument or option at fault, as the page of help names it."""
    if error.param is None:
        return ""
    if getattr(error.param, "param_type_name", "") == "argument":
        from sampler.cli.pages import metavar

        return metavar(command.split()[-1], error.param)
    return str(error.param.opts[0])
