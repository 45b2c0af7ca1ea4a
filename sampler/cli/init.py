"""``sampler init``: a working folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, QuietOption, failures_told, option_help, output
from sampler.text import text


def init(
    folder: Annotated[str, typer.Argument(help=option_help("init_folder"), show_default=False)],
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Make a working folder."""
    say = output("init", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.errors import UsageError
        from sampler.files.starter import write_starter

        if not folder.strip():  # an empty path would be the current folder
            raise UsageError("usage.empty", option="FOLDER")
        path = Path(folder)
        written = write_starter(path, say.lang if say.chosen else "zh")
        if say.json:
            say.document({"folder": str(path), "written": [str(p) for p in written]})
            return
        for file in written:
            say.out.print(str(file), markup=False, soft_wrap=True)
        say.say("init.next", folder=path)
        say.out.print(text("init.command", say.lang), markup=False, soft_wrap=True)
