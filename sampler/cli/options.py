"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sampler.cli.console import option_help

CONFIG = Path("configs/guangzhou.toml")
WEIGHTS = Path("configs/risk_weights.toml")

ConfigOption = Annotated[Path, typer.Option("--config", help=option_help("config"))]
WeightsOption = Annotated[Path, typer.Option("--weights", help=option_help("weights"))]
RegistryArgument = Annotated[list[Path], typer.Argument(help=option_help("registry"), show_default=False)]
SheetOption = Annotated[str | None, typer.Option("--sheet", help=option_help("sheet"))]
