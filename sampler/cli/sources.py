"""What several commands read first: a configuration with its weights, a period, a registry's files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.cli.console import Output
from sampler.text import text

if TYPE_CHECKING:
    from sampler.design import Design, RiskWeights
    from sampler.period import Period


def read_configuration(
    say: Output, config: Path, weights: Path, *, budget: int | None = None
) -> tuple[Design, RiskWeights]:
    """The design, with ``budget`` batches in place of its own where given, and the weights.

    From then on ``say`` follows the design's language.
    """
    from sampler.config import load_design, load_weights

    design = load_design(config)
    say.follow(design.bureau.language)
    found = load_weights(weights, design)
    if budget is not None:
        design = replace(design, sample=replace(design.sample, budget=budget))
    return design, found


def period_named(name: str | None) -> Period:
    """The period of this name; without a name the one that today is in."""
    from sampler.period import Period

    return Period.of(dt.date.today()) if name is None else Period.parse(name)


def tell_files(say: Output, given: Sequence[Path], files: Sequence[str]) -> None:
    """Name the files on stderr if a folder was among the arguments."""
    if any(path.is_dir() for path in given):
        listed = text("common.comma", say.lang).join(files)
        say.say("reading.files_read", count=len(files), listed=listed)
