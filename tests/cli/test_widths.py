"""Tables on terminals and off them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from sampler.analysis import Analysis
from sampler.cli.estimate_table import show
from sampler.estimate import estimate_counts
from sampler.files.counts import read_counts
from sampler.percent import percent
from tests.cli.running import sampler

ROOT = Path(__file__).parents[2]
STARTER = ROOT / "sampler" / "starter" / "registry.xlsx"
SAMPLE = ROOT / "sample_data" / "plan-2026Q4"
CONFIGURATION = ("--config", ROOT / "configs" / "guangzhou.toml", "--weights", ROOT / "configs" / "risk_weights.toml")


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(
        "district,population,tested,passed,target\nYuexiu,1200,120,118,0.95\nHaizhu,900,90,84,0.95\n",
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(("width", "bar"), [(60, False), (100, False), (160, True)])
def test_a_narrow_terminal_goes_without_the_bar_first(counts: Path, width: int, bar: bool) -> None:
    console = Console(width=width, record=True, file=(counts.parent / "shown").open("w", encoding="utf-8"))
    show(console, estimate_counts(read_counts([counts]), Analysis(by=(("district",),))), "en")
    shown = console.export_text()
    console.file.close()
    assert ("━━●" in shown) == bar
    assert ("● pass rate" in shown) == bar  # a bar is explained where there is one
    for cell in ("Yuexiu", "Haizhu", "120", "90", "98.3", "93.3"):
        assert any(cell in line for line in shown.splitlines() if "│" in line), (cell, shown)


def test_a_narrow_terminal_keeps_failures_and_targets_before_decimals_of_bounds_and_grades(counts: Path) -> None:
    table = [line for line in sampler("estimate", counts, env={"COLUMNS": "75"}).out.splitlines() if "┃" in line]
    assert "failed" in table[0]
    assert "target" in table[0]
    assert "grade" not in table[0]
    # Bounds rounded outwards to one decimal.
    total = next(r for r in sampler("estimate", counts, "--json").json["estimates"])
    shown = sampler("estimate", counts, env={"COLUMNS": "75"}).out
    assert f"{percent(total['lower'], 1, 'down')} – {percent(total['upper'], 1, 'up')}" in shown


def test_columns_counts_off_a_terminal_too(counts: Path) -> None:
    narrow = sampler("estimate", counts, env={"COLUMNS": "70"}).out
    wide = sampler("estimate", counts, env={"COLUMNS": "170"}).out
    assert max(len(line) for line in narrow.splitlines() if "│" in line) <= 70
    assert max(len(line) for line in wide.splitlines() if "│" in line) > 70
    for odd in ("", "0", "wide"):
        assert sampler("estimate", counts, env={"COLUMNS": odd}).code == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_fits_sixty_columns_with_names_and_figures_whole(lang: str) -> None:
    shown = {}
    for command in (
        ("check", STARTER, *CONFIGURATION),
        ("plan", STARTER, *CONFIGURATION, "--dry-run", "--seed", 1, "--budget", 100, "--period", "2026Q4"),
        ("explain", SAMPLE, "2026Q4-440104-0003"),
    ):
        found = sampler(*command, "--lang", lang, env={"COLUMNS": "60"})
        assert found.code == 0, found.err
        lines = [line for line in found.out.splitlines() if line[:1] in "│┃"]
        assert lines
        assert max(map(cell_len, lines)) <= 60
        assert not any("…" in line for line in lines)
        shown[command[0]] = found.out
    assert re.search(r"│ +\d+ │ +\d\d\.\d% ± \d+\.\d │", shown["plan"])
    assert ("白云区" if lang == "zh" else "Zengcheng") in shown["plan"]
    wide = sampler("plan", STARTER, *CONFIGURATION, "--dry-run", "--budget", 100, "--lang", "en")
    assert "building materials" in next(line for line in wide.out.splitlines() if "┃" in line)
