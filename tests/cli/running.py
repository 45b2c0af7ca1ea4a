"""Running the command line in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from sampler.cli.app import app


@dataclass(frozen=True)
class Run:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def sampler(*arguments: object, env: dict[str, str] | None = None) -> Run:
    """Run a command, in English unless it is told otherwise."""
    surroundings = {
        "LANG": "en_US.UTF-8",
        "LC_ALL": "",
        "SAMPLER_LANG": "",
        "SAMPLER_DEBUG": "",
        "COLUMNS": "200",
    }
    found = CliRunner().invoke(app, [str(a) for a in arguments], env=surroundings | (env or {}))
    return Run(found.exit_code, found.stdout, found.stderr)
