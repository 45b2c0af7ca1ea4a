"""Options that several commands take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from sampler.cli.console import option_help
from sampler.files.layout import PLANS

CONFIG = Path("configs/guangzhou.toml")

ConfigOption = Annotated[Path, typer.Option("--config", help=option_help("config"))]
WeightsOption = Annotated[Path | None, typer.Option("--weights", help=option_help("weights"))]
RegistryArgument = Annotated[list[Path], typer.Argument(help=option_help("registry"), show_default=False)]
SheetOption = Annotated[str | None, typer.Option("--sheet", help=option_help("sheet"))]


def typed(ctx: typer.Context, name: str) -> bool:
    """Whether an option was written on the command line, be it with its default."""
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def default_archive() -> Path | None:
    """The archive where none is named: the folder ``plans``, if it is there."""
    return Path(PLANS) if Path(PLANS).is_dir() else None


def families_of(by: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """The families of domains that ``--by`` asks for: columns by any name they are known by, crossed by commas."""
    from sampler.files.count_columns import field_of

    def column(given: str) -> str:
        field = field_of(given)
        return given if field is None or field in ("unit", "ignored") else field

    return tuple(tuple(column(c.strip()) for c in given.replace("×", ",").split(",") if c.strip()) for given in by)
