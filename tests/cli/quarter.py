"""An office with a quarter under way, for tests of what runs unattended."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl
import pytest

from tests.cli.running import Run, sampler
from tests.files.fieldwork import PASS, fill

RUN = """
[run]
registry = ["registry.xlsx"]
weights = "weights.toml"
inspectors = "inspectors.xlsx"
archive = "plans"
period = "{period}"
"""


def configure(office: Path, period: str = "2026Q4", more: str = "") -> Path:
    """Add ``[run]`` to the office's design."""
    path = office / "design.toml"
    text = path.read_text(encoding="utf-8").partition("\n[run]")[0]
    path.write_text(text + RUN.format(period=period) + more, encoding="utf-8")
    return path


def run(office: Path, *more: object) -> Run:
    return sampler("run", "--config", office / "design.toml", *more)


def tasks(folder: Path) -> pl.DataFrame:
    return pl.read_csv(folder / "selection.csv").filter(pl.col("role") == "task")


def send_back(
    folder: Path,
    district: str = "440104",
    reply: Callable[[int], Mapping[str, object]] = lambda _: PASS,
    *,
    name: str | None = None,
) -> Path:
    """Fill a district's workbook, the n-th task with ``reply(n)``, and drop it into ``returned/``."""
    source = next((folder / "districts").glob(f"{district}*.xlsx"))
    target = folder / "returned" / (name or source.name)
    shutil.copyfile(source, target)
    ids = sorted(i for i in tasks(folder)["task_id"] if f"-{district}-" in i)
    return fill(target, {task: reply(n) for n, task in enumerate(ids)})


_made: dict[str, Path] = {}


def once(name: str, office: Path, kept: pytest.TempPathFactory, make: Callable[[], object]) -> Path:
    """The office's ``plans`` as ``make`` leaves them; made for the first test that asks and copied for the others."""
    if name not in _made:
        make()
        _made[name] = kept.mktemp("plans") / "plans"
        shutil.copytree(office / "plans", _made[name])
    else:
        shutil.copytree(_made[name], office / "plans")
    return office / "plans"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what it holds."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
