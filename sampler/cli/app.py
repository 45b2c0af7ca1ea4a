"""The command line: every command by its name."""

from __future__ import annotations

import typer

from sampler import __version__
from sampler.cli.check import check
from sampler.cli.commands import Command, Commands
from sampler.cli.console import LangOption, option_help
from sampler.cli.estimate import estimate
from sampler.cli.explain import explain
from sampler.cli.init import init
from sampler.cli.plan import plan
from sampler.cli.run import run
from sampler.cli.simulate import simulate
from sampler.cli.size import size
from sampler.cli.trend import trend
from sampler.cli.verify import verify

app = typer.Typer(
    cls=Commands,
    help=option_help("app"),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # plain help: loading rich for it would double the time of `sampler --help`
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sampler {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help=option_help("version")),
    lang: LangOption = None,  # read where it is needed: it may stand before the command or after it
) -> None: ...


for _command in (init, check, size, simulate, plan, verify, explain, estimate, run, trend):
    app.command(_command.__name__, cls=Command, help=option_help(f"{_command.__name__}_command"))(_command)
