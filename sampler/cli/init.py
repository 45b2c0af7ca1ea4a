"""``sampler init``: a working folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.text import text


def init(
    folder: Annotated[str, typer.Argument(help=option_help("init_folder"), show_default=False)],
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Make a working folder."""
    _init(output("init", lang, json=json, quiet=quiet), folder)


@guarded
def _init(say: Output, given: str) -> None:
    from sampler.errors import UsageError
    from sampler.files.starter import write_starter

    if not given.strip():  # an empty path would be the current folder
        raise UsageError("usage.empty", option="FOLDER")
    folder = Path(given)
    written = write_starter(folder)
    if say.json:
        say.document({"folder": str(folder), "written": [str(p) for p in written]})
        return
    for path in written:
        say.out.print(str(path), markup=False, soft_wrap=True)
    say.say("init.next", folder=folder)
    say.out.print(text("init.command", say.lang), markup=False, soft_wrap=True)
