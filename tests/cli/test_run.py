"""``sampler run``: does what is due, once, and says what it did."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from sampler.cli.app import app
from sampler.files import ingest as ingesting
from sampler.files import results
from sampler.files.swap import lock_of
from tests.cli.quarter import configure, contents, run, send_back, tasks
from tests.cli.running import sampler
from tests.files.fieldwork import FAIL, PASS

pytestmark = pytest.mark.usefixtures("impatient")


def test_the_first_run_makes_the_plan(office: Path) -> None:
    configure(office)
    found = run(office)
    assert found.code == 0, found.err
    assert found.json["state"] == "done"
    assert found.json["planned"]["tasks"] == 12
    assert len(found.json["planned"]["seed"]) == 32
    folder = office / "plans" / "2026Q4"
    assert f"made the plan in {folder}, 12 tasks" in found.err
    assert sampler("verify", folder).code == 0
    entry = json.loads((folder / "log.jsonl").read_text(encoding="utf-8"))
    assert entry["event"] == "plan"
    assert entry["inputs"].keys() == {str(office / "registry.xlsx"), str(office / "inspectors.xlsx")}
    assert entry["counts"]["tasks"] == 12
    assert entry["settings"]["command"] == "run"
    assert entry["versions"].keys() >= {"python", "platform", "polars"}


def test_a_second_run_does_nothing(quarter: Path, office: Path) -> None:
    send_back(quarter)
    assert run(office).json["state"] == "done"
    before = contents(office)
    found = run(office)
    assert (found.code, found.json["state"], found.json["ingested"]) == (0, "nothing", [])
    assert found.err == "2026Q4: nothing to do.\n"
    assert contents(office) == before


def test_results_become_the_history_of_the_next_plan(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: PASS if n else FAIL)
    failed = sorted(i for i in tasks(quarter)["task_id"] if "-440104-" in i)[0]
    configure(office, "2027Q1")
    found = run(office)
    assert found.code == 0, found.err
    # One run read the results first and then drew the plan with them.
    assert [i["tested"] for i in found.json["ingested"]] == [6]
    history = found.json["planned"]["history"]
    assert list(history["follow_ups"].values()) == [failed]
    assert history["quarters"] == ["2026Q4"]
    assert history["coverage"] == {"4": 0.15, "12": 0.15}
    again = tasks(office / "plans" / "2027Q1")
    assert again.filter(pl.col("certainty") == "follow_up")["unit_id"].to_list() == list(history["follow_ups"])
    assert sampler("verify", office / "plans" / "2027Q1", "--archive", office / "plans").code == 0


def test_dry_run_writes_nothing(quarter: Path, office: Path) -> None:
    send_back(quarter)
    configure(office, "2027Q1")
    before = contents(office)
    found = run(office, "--dry-run")
    assert found.code == 0
    assert found.json["would_read"] == [{"plan": str(quarter), "files": 1}]
    assert found.json["would_plan"] == str(office / "plans" / "2027Q1")
    assert "dry run, nothing was written" in found.err
    assert contents(office) == before
    shutil.rmtree(quarter / "returned")
    configure(office)
    assert run(office, "--dry-run").err == "dry run. 2026Q4: nothing to do.\n"


def _broken(folder: Path) -> None:
    send_back(folder)
    (folder / "selection.csv").unlink()


DUE = "2027Q1"


@pytest.mark.parametrize(
    "change",
    [
        lambda _: None,
        lambda o: send_back(o / "plans" / "2026Q4"),
        lambda o: _broken(o / "plans" / "2026Q4"),
        lambda o: configure(o, "2026Q4"),
        lambda o: configure(o, "2024Q1"),  # the archive holds a later one
        lambda o: configure(o, DUE, 'seed_file = "{period}.txt"\n'),
        lambda o: (configure(o, DUE, 'seed_file = "{period}.txt"\n'), (o / f"{DUE}.txt").write_text("\n")),
        lambda o: (configure(o, DUE, 'seed_file = "{period}.txt"\n'), (o / f"{DUE}.txt").write_text("35 19")),
        lambda o: (o / "registry.xlsx").unlink(),
        lambda o: (o / "inspectors.xlsx").unlink(),
        lambda o: (o / "weights.toml").unlink(),
        lambda o: (o / "weights.toml").write_text("schema_version = 1"),
        lambda o: (o / "plans" / DUE).mkdir(),
        lambda o: (o / "plans" / DUE).write_text("a file"),
        lambda o: (shutil.rmtree(o / "plans"), (o / "plans").write_text("a file")),
        lambda o: shutil.rmtree(o / "plans"),
        lambda o: (o / "design.toml").write_text((o / "design.toml").read_text("utf-8").replace("= 12", "= 2"), "utf-8"),
    ],
)  # fmt: skip
def test_a_dry_run_foretells_the_run(quarter: Path, office: Path, change: Callable[[Path], object]) -> None:
    configure(office, DUE)
    change(office)
    before = contents(office)
    foretold = run(office, "--dry-run")
    assert contents(office) == before
    real = run(office)
    assert foretold.code == real.code
    would, did = foretold.json, real.json
    assert would.get("error") == did.get("error")
    if "state" not in did:  # it failed before it knew what was to be done
        return
    assert (would["waiting"], would["would_plan"]) == (did["waiting"], did["planned"] and did["planned"]["folder"])
    assert would["would_read"] == [{"plan": i["plan"], "files": i["files"]} for i in did["ingested"]]


def test_the_second_of_two_at_once_says_so_and_leaves(quarter: Path, office: Path) -> None:
    send_back(quarter)
    holder = (
        "import sys, pathlib; from sampler.files.swap import locked\n"
        "with locked(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(office / "plans")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        found = run(office)
        refused = sampler("plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights",
                          office / "weights.toml", "--period", "2027Q2", "--out", office / "plans" / "x")  # fmt: skip
        other.kill()  # the kernel releases the lock, whatever the process was doing
    assert (found.code, found.json["state"]) == (0, "busy")
    assert "another sampler run is at work" in found.err
    assert not (quarter / "results.json").exists()
    assert refused.code == 2
    assert "another sampler is at work" in refused.err
    assert run(office).json["state"] == "done"


def test_the_period_is_that_of_the_day_or_of_the_days_ahead(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Day(dt.date):
        @classmethod
        def today(cls) -> dt.date:
            return dt.date(2026, 12, 28)

    # Not `datetime.date` itself, which all that reads and draws goes by.
    monkeypatch.setattr("sampler.cli.run.dt", SimpleNamespace(date=Day))
    configure(office, "auto")
    assert run(office, "--dry-run").json["period"] == "2026Q4"
    configure(office, "auto", "lead_days = 7\n")
    assert run(office, "--dry-run").json["period"] == "2027Q1"


def test_an_earlier_quarter_is_not_planned_after_a_later_one(quarter: Path, office: Path) -> None:
    configure(office, "2024Q1")
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "run.later_plan")
    assert "check the clock" in found.err
    assert not (office / "plans" / "2024Q1").exists()


def test_a_clock_set_back_is_noticed(quarter: Path, office: Path) -> None:
    manifest = json.loads((quarter / "plan.json").read_text(encoding="utf-8"))
    manifest["created"] = "2999-01-01T00:00:00+00:00"
    (quarter / "plan.json").write_text(json.dumps(manifest), encoding="utf-8")
    configure(office, "2027Q1")
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "past.clock")
    assert "set the clock" in found.err


def test_a_broken_plan_folder_is_told_and_the_others_are_read(quarter: Path, office: Path) -> None:
    send_back(quarter)
    broken = office / "plans" / "2026Q3"
    shutil.copytree(quarter, broken)
    (broken / "selection.csv").unlink()
    found = run(office)
    assert found.code == 3
    assert found.json["state"] == "error"
    assert [Path(i["plan"]).name for i in found.json["ingested"]] == ["2026Q4"]
    assert "selection.csv is missing" in found.err


def test_a_bug_that_one_plan_meets_is_told_with_the_file_and_the_others_are_read(
    quarter: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(office, "2027Q1")
    assert run(office).code == 0
    later = office / "plans" / "2027Q1"
    path = send_back(quarter, name="odd.xlsx")
    send_back(later)
    before = contents(quarter)
    real = results.read_file

    def stumbles(file: Path, *more: Any) -> Any:
        if file == path:
            raise KeyError("unforeseen")
        return real(file, *more)

    monkeypatch.setattr(results, "read_file", stumbles)
    configure(office, "2027Q2")
    found = run(office)
    assert (found.code, found.json["state"]) == (70, "error")
    assert [Path(i["plan"]).name for i in found.json["ingested"]] == ["2027Q1"]
    assert found.json["ingested"][0]["tested"] == 6
    assert found.json["error"]["kind"] == "bug"
    for told in (found.err, found.json["error"]["message"]):
        assert f"a bug in sampler at work on {quarter}: {path}: KeyError('unforeseen')" in told
    assert contents(quarter) == before
    # No plan is drawn on half a history, and what went wrong is told again until somebody has seen to it.
    assert not (office / "plans" / "2027Q2").exists()
    assert run(office).code == 70
    assert f"（正在处理 {quarter}: {path}）" in run(office, "--lang", "zh").err
    alone = sampler("estimate", quarter, "--json")
    assert (alone.code, alone.json["error"]["kind"]) == (70, "bug")
    assert f"at work on {path}: KeyError" in alone.err
    monkeypatch.undo()
    monkeypatch.setattr(ingesting, "_PAUSE", 0.0)
    assert run(office).json["ingested"][0]["tested"] == 6


def test_a_bug_in_the_draw_is_told_after_what_was_read(
    quarter: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: Any) -> None:
        raise KeyError("unforeseen")

    send_back(quarter)
    configure(office, "2027Q1")
    monkeypatch.setattr("sampler.drawing.draw", stumbles)
    foretold = run(office, "--dry-run")
    assert (foretold.code, foretold.json["error"]["kind"], len(foretold.json["would_read"])) == (70, "bug", 1)
    found = run(office)
    assert (found.code, found.json["ingested"][0]["tested"]) == (70, 6)
    assert f"at work on {office / 'plans' / '2027Q1'}: KeyError('unforeseen')" in found.err
    with pytest.raises(KeyError):
        CliRunner().invoke(
            app,
            ["run", "--config", str(office / "design.toml")],
            env={"SAMPLER_DEBUG": "1"},
            catch_exceptions=False,
        )


def test_nothing_to_do_loads_nothing_heavy(quarter: Path, office: Path) -> None:
    code = (
        "import sys; from sampler.cli.app import app\n"
        "try: app(['run', '--config', sys.argv[1]])\n"
        "except SystemExit: pass\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}), file=sys.stderr)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, str(office / "design.toml")],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"LC_ALL": "C.UTF-8"},
    )
    assert json.loads(found.stdout)["state"] == "nothing"
    assert not {"numpy", "scipy", "polars", "openpyxl", "fastexcel"} & set(found.stderr.split())


def test_the_lock_is_one_object_for_one_folder(tmp_path: Path) -> None:
    with lock_of(tmp_path).acquire(timeout=0), lock_of(tmp_path / "." / "").acquire(timeout=0):
        assert lock_of(tmp_path).is_locked


def test_warnings_are_the_same_wherever_they_are_told(quarter: Path, office: Path) -> None:
    """One failure among the ten food shops of a district proves that not 95 % of them pass: only the cell can show it."""
    ours = tasks(quarter).filter(pl.col("task_id").str.contains("-440104-")).sort("task_id")
    food = ours["category"].to_list().index("food")
    send_back(quarter, reply=lambda n: FAIL if n == food else PASS)
    (done,) = run(office).json["ingested"]
    reported = json.loads((quarter / "report" / "estimates.json").read_text(encoding="utf-8"))
    asked = sampler("estimate", quarter, "--json").json
    by_stage = sampler("estimate", quarter, "--by", "district", "--json").json
    sampler("estimate", quarter, "--out", office / "x.json")
    written = json.loads((office / "x.json").read_text(encoding="utf-8"))
    assert [a["domain"] for a in reported["alerts"]] == [{"district": "440104", "category": "food"}]
    assert done["alerts"] == 1
    assert reported["alerts"] == asked["alerts"] == by_stage["alerts"] == written["alerts"]
    assert {tuple(e["domain"]) for e in by_stage["estimates"]} == {(), ("district",)}
    sheets = load_workbook(quarter / "report" / "report.xlsx").sheetnames
    assert "By district × category" in sheets
