"""The archive: which earlier plans a command goes by, and where a plan joins them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.quarter import send_back
from tests.cli.running import Run, sampler
from tests.files.fieldwork import PASS


@pytest.fixture(autouse=True)
def here(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in the office, as its planner does."""
    monkeypatch.chdir(office)


def command(name: str, period: str, *more: object) -> Run:
    inputs = ("registry.xlsx", "--config", "design.toml", "--weights", "weights.toml")
    return sampler(name, *inputs, "--period", period, *more)


def plan(period: str, *more: object, seed: str = "77") -> Run:
    return command("plan", period, "--seed", seed, *more)


def test_a_plan_joins_the_archive_it_goes_by() -> None:
    Path("old").mkdir()
    first = plan("2026Q4", "--archive", "old", "--json")
    assert (first.code, first.json["out"]) == (0, str(Path("old", "2026Q4")))
    assert Path("old", "2026Q4", "plan.json").is_file()
    assert not Path("plans").exists()
    second = plan("2027Q1", "--archive", "old")
    assert second.code == 2
    assert "this seed was used for the plan of 2026Q4" in second.err
    third = plan("2027Q1", "--archive", "old", "--json", seed="78")
    assert third.json["history"]["quarters"] == ["2026Q4"]


def test_a_plan_of_its_own_says_that_it_goes_by_none() -> None:
    alone = plan("2026Q4", "--out", "elsewhere/2026Q4")
    assert "no earlier plans were used" not in alone.err
    assert plan("2026Q4").code == 0
    apart = plan("2027Q1", "--out", "elsewhere/2027Q1", "--json", "--quiet")
    assert apart.code == 0
    assert "no earlier plans were used" in apart.err
    assert "--archive plans uses them" in apart.err
    assert "history" not in apart.json
    with_them = plan("2027Q1", "--out", "elsewhere/2027Q1b", "--archive", "plans", seed="78")
    assert (with_them.code, "no earlier plans" in with_them.err) == (0, False)


@pytest.mark.parametrize("more", [(), ("--archive", "old")])
def test_a_simulation_goes_by_the_archive_that_the_plan_goes_by(more: tuple[str, ...]) -> None:
    archive = Path(more[1] if more else "plans")
    archive.mkdir()
    assert plan("2026Q4", *more).code == 0
    send_back(archive / "2026Q4", reply=lambda _: PASS)
    dry = plan("2027Q1", "--dry-run", "--json", *more, seed="78").json
    population = sum(s["population"] for s in dry["strata"])
    assert population < 40  # who was checked last quarter rests
    simulated = command("simulate", "2027Q1", "--draws", "2", "--workers", "1", "--json", *more)
    assert simulated.json["frame"]["units"] == population
