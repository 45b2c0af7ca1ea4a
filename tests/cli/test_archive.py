"""The archive: which earlier plans a command goes by, and where a plan joins them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.quarter import contents, send_back
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


def test_a_dry_run_is_held_to_what_the_plan_is_held_to() -> None:
    assert plan("2026Q4").code == 0
    before = contents(Path("plans"))
    used = plan("2027Q1", "--dry-run")
    assert used.code == 2
    assert "this seed was used for the plan of 2026Q4" in used.err
    # What is drawn already may be looked at again, with a word about what would become of it.
    again = plan("2026Q4", "--dry-run", "--quiet", "--json")
    assert again.code == 0
    assert "without --dry-run this plan would be refused: plans" in again.err
    assert "exists and is not overwritten" in again.err
    elsewhere = plan("2026Q4", "--dry-run", "--archive", "plans", "--out", "other")
    assert "2026Q4 has been drawn already" in elsewhere.err
    assert "would be refused" not in plan("2026Q4", "--dry-run", "--force", "--why", "a new registry").err
    assert contents(Path("plans")) == before


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_reason_to_replace_goes_with_replacing(more: tuple[str, ...]) -> None:
    found = plan("2026Q4", "--why", "because", *more)
    assert found.code == 2
    assert "--why puts on record why a plan is replaced and goes with --force" in found.err
    assert plan("2026Q4", "--force", *more).code == 2


def drawn(*more: object) -> dict[str, object]:
    """The document of a plan of 2026Q4 without ``--seed``."""
    found = command("plan", "2026Q4", "--json", *more)
    assert found.code == 0, found.err
    return found.json


@pytest.mark.parametrize("archive", [(), ("--archive", "old")])
def test_a_quarter_has_one_seed_however_often_it_is_drawn(archive: tuple[str, ...]) -> None:
    """Whoever takes the plan away and draws anew, until the list pleases, draws the same list."""
    home = Path(archive[1] if archive else "plans")
    if archive:
        home.mkdir()
    first = drawn(*archive)
    record = json.loads((home / "seed-2026Q4.json").read_text(encoding="utf-8"))
    assert record["seed"] == first["seed"]
    assert record["used_on"][0]["frame_sha256"] == first["frame"]["sha256"]  # type: ignore[index]
    shutil.rmtree(home / "2026Q4")
    before = contents(home)
    assert drawn("--dry-run", *archive)["seed"] == first["seed"]
    assert contents(home) == before
    assert drawn(*archive) == first
    assert (home / "2026Q4" / "inputs" / "seed.json").read_bytes() == (home / "seed-2026Q4.json").read_bytes()


def test_a_dry_run_draws_no_seed_for_the_record() -> None:
    assert drawn("--dry-run")["seed"] != drawn("--dry-run")["seed"]
    assert not Path("plans").exists()


def test_a_plan_without_an_archive_has_no_record_of_its_seed() -> None:
    drawn("--out", "elsewhere/trial")
    assert [p.name for p in Path("elsewhere").iterdir() if not p.name.startswith(".")] == ["trial"]


@pytest.mark.parametrize("seed", [(), ("--seed", "77")])
def test_a_plan_that_replaces_another_keeps_its_seed(seed: tuple[str, ...]) -> None:
    why = ("--force", "--why", "a larger budget", "--budget", "20")
    first = drawn(*seed)
    assert drawn(*why)["seed"] == first["seed"]
    assert drawn(*why, "--seed", "another public draw")["seed"] == "another public draw"


def test_a_quarter_before_one_that_is_drawn_is_refused() -> None:
    """A slip of the year would put a plan behind its successor's back, which would then no longer verify."""
    assert plan("2026Q4").code == 0
    before = contents(Path("plans"))
    found = plan("2025Q4", seed="78")
    assert found.code == 2
    assert "holds the plan of a later quarter, 2026Q4" in found.err
    dry = plan("2025Q4", "--dry-run", seed="78")
    assert dry.code == 0
    assert "without --dry-run this plan would be refused: the archive holds the plan of a later quarter" in dry.err
    assert contents(Path("plans")) == before
    assert plan("2025Q4", "--out", "elsewhere/2025Q4", seed="78").code == 0
    assert sampler("verify", "plans/2026Q4", "--archive", "plans").code == 0
