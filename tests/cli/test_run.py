"""``sampler run``: does what is due, once, and says what it did."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import re
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
from sampler.errors import InputError
from sampler.files import ingest as ingesting
from sampler.files import results
from sampler.files.inputs import read_seed
from sampler.files.swap import lock_of
from tests.cli.conftest import save
from tests.cli.quarter import configure, contents, once, run, send_back, tasks
from tests.cli.running import Run, sampler
from tests.files.fieldwork import CLOSED, FAIL, PASS


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at fresh files twice without waiting: every file of a test is fresh."""
    monkeypatch.setattr(ingesting, "_PAUSE", 0.0)


@pytest.fixture
def quarter(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose plan of 2026Q4 has been made by a run; the plan folder."""
    configure(office)

    def make() -> None:
        assert run(office).code == 0

    return once("quarter", office, tmp_path_factory, make) / "2026Q4"


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


def test_what_came_back_is_read_once_and_reported(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: (FAIL, CLOSED)[n] if n < 2 else PASS)
    found = run(office)
    assert found.code == 0, found.err
    done = found.json["ingested"][0]
    assert (done["files"], done["tested"], done["failed"], done["follow_ups"]) == (1, 5, 1, 1)
    assert done["problems"] == []
    names = {p.name for p in (quarter / "report").iterdir()}
    assert names == {"estimates.csv", "estimates.json", "follow_ups.csv", "report.html", "report.xlsx"}
    follow_up = pl.read_csv(quarter / "report" / "follow_ups.csv").row(0, named=True)
    assert follow_up["rectify_by"] == str(dt.date.today() + dt.timedelta(days=60))
    estimates = json.loads((quarter / "report" / "estimates.json").read_text(encoding="utf-8"))
    assert estimates["estimates"][0]["tested"] == 5
    log = [json.loads(line) for line in (quarter / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [e["event"] for e in log] == ["plan", "ingest"]
    assert list(log[1]["inputs"]) == ["returned/440104-Yuexiu.xlsx"]
    assert pl.read_csv(quarter / "results.csv")["file"].unique().to_list() == ["440104-Yuexiu.xlsx"]


def test_a_second_district_renews_the_report_and_keeps_the_first_dates(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: PASS if n else FAIL)
    run(office)
    state = json.loads((quarter / "results.json").read_text(encoding="utf-8"))
    batch = next(iter(state["failures"]))
    state["failures"][batch] = "2026-11-01"
    (quarter / "results.json").write_text(json.dumps(state), encoding="utf-8")
    send_back(quarter, "440105", reply=lambda n: PASS if n else FAIL)
    assert run(office).json["ingested"][0]["tested"] == 12
    follow_ups = pl.read_csv(quarter / "report" / "follow_ups.csv")
    today = dt.date.today()
    assert follow_ups["ordered"].to_list() == ["2026-11-01", str(today)]
    assert follow_ups["rectify_by"].to_list() == ["2026-12-31", str(today + dt.timedelta(days=60))]
    # What the report says of its dates is true of all of them.
    page = (quarter / "report" / "report.html").read_text(encoding="utf-8")
    assert f"the day each failure was first read (2026-11-01 to {today})" in page


def test_nothing_tested_yet_is_no_report(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda _: CLOSED)
    done = run(office).json["ingested"][0]
    assert (done["tested"], done["alerts"]) == (0, 0)
    assert not (quarter / "report").exists()
    assert run(office).json["state"] == "nothing"


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


def test_every_kind_of_table_is_taken_in(quarter: Path, office: Path) -> None:
    """WPS saves .et; what estimate reads run reads."""
    send_back(quarter).rename(quarter / "returned" / "440104.et")
    assert run(office).json["ingested"][0]["tested"] == 6
    assert list(json.loads((quarter / "results.json").read_text(encoding="utf-8"))["files"]) == ["440104.et"]


def test_what_nobody_read_is_told_once(quarter: Path, office: Path) -> None:
    (quarter / "returned" / "scan.pdf").write_bytes(b"%PDF-1.4")
    found = run(office, "--strict")
    assert found.code == 1
    assert "scan.pdf was left out" in found.err
    assert run(office, "--strict").json["state"] == "nothing"
    home = next((quarter / "districts").glob("440105*.xlsx"))
    home.write_bytes(send_back(quarter, "440105").read_bytes())
    (quarter / "returned" / home.name).unlink()
    send_back(quarter)
    (done,) = run(office).json["ingested"]
    assert (done["errors"], done["warnings"]) == (1, 1)
    assert [p.partition(" was left out")[0] for p in done["problems"]] == ["scan.pdf", f"districts/{home.name}"]
    (quarter / "returned" / "scan.pdf").unlink()
    assert [p.partition(" was left out")[0] for p in run(office).json["ingested"][0]["problems"]] == [
        f"districts/{home.name}"
    ]


def test_a_folder_linked_into_returned_is_read_and_missed_when_it_is_gone(
    quarter: Path, office: Path, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    send_back(quarter)
    send_back(quarter, "440105").rename(share / "海珠.xlsx")
    (quarter / "returned" / "海珠").symlink_to(share)
    assert sampler("estimate", quarter, "--json").json["estimates"][0]["tested"] == 12
    (done,) = run(office).json["ingested"]
    assert (done["files"], done["tested"], done["problems"]) == (2, 12, [])
    assert set(pl.read_csv(quarter / "results.csv")["file"]) == {"440104-Yuexiu.xlsx", "海珠/海珠.xlsx"}
    assert run(office).json["state"] == "nothing"
    share.rename(tmp_path / "not mounted")
    (done,) = run(office).json["ingested"]
    assert done["tested"] == 6
    assert [p.partition(":")[0] for p in done["problems"]] == ["海珠/ was left out", str(quarter)]
    assert "check where it leads" in done["problems"][0]
    assert "6 batches had an answer before" in done["problems"][1]


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


def test_a_seed_that_is_drawn_in_public_is_waited_for(office: Path) -> None:
    configure(office, more='seed_file = "seeds/{period}.txt"\n')
    seeds = office / "seeds"
    seeds.mkdir()
    found = run(office)
    assert (found.code, found.json["state"]) == (0, "waiting")
    assert str(seeds / "2026Q4.txt") in found.err
    assert not (office / "plans" / "2026Q4").exists()
    (seeds / "2026Q4.txt").write_text("\n", encoding="utf-8")
    empty = run(office)
    assert empty.code == 3
    assert "the seed file" in empty.err
    (seeds / "2026Q4.txt").write_text("35 19 07 22 30 11 04\n", encoding="utf-8")
    assert run(office).json["planned"]["seed"] == "35 19 07 22 30 11 04"


def test_a_seed_file_that_cannot_be_read_is_told_in_the_reader_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "seed.txt"
    path.write_bytes(b"\xd6\xd6\xd7\xd3")
    with pytest.raises(InputError) as of_other_encoding:
        read_seed(path)
    assert of_other_encoding.value.key == "reading.encoding"

    def refused(*_: Any, **__: Any) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(InputError) as of_closed:
        read_seed(path)
    assert "没有权限" in of_closed.value.message("zh")
    assert "Errno" not in of_closed.value.message("en")


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


def test_lock_files_and_hidden_files_are_nobodys_results(quarter: Path, office: Path) -> None:
    path = send_back(quarter)
    (path.parent / f"~${path.name}").write_bytes(b"owner")
    (path.parent / ".DS_Store").write_bytes(b"x")
    (path.parent / "Thumbs.db").write_bytes(b"x")
    assert run(office).json["ingested"][0]["files"] == 1
    assert run(office).json["state"] == "nothing"


def test_a_workbook_that_is_still_being_copied_waits(
    quarter: Path, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = send_back(quarter, "440105")
    whole = path.read_bytes()
    send_back(quarter, "440104")

    def grow(_: float) -> None:
        path.write_bytes(whole[: len(whole) // 2])

    monkeypatch.setattr(ingesting.time, "sleep", grow)
    found = run(office)
    assert found.code == 0
    done = found.json["ingested"][0]
    assert done["tested"] == 6
    assert done["problems"] == [f"{path} is still being copied; it will be read by the next run"]
    monkeypatch.undo()
    path.write_bytes(whole)
    assert run(office).json["ingested"][0]["tested"] == 12


def test_half_a_workbook_is_read_again_when_it_is_whole(quarter: Path, office: Path) -> None:
    send_back(quarter, "440104")
    path = send_back(quarter, "440105")
    whole = path.read_bytes()
    path.write_bytes(whole[:-2000])
    found = run(office, "--strict")
    assert found.code == 1
    done = found.json["ingested"][0]
    assert done["tested"] == 6
    assert len(done["problems"]) == 1
    assert "440105" in done["problems"][0]
    assert "1 problem needs somebody" in found.err
    assert run(office).json["state"] == "nothing"
    path.write_bytes(whole)
    assert run(office, "--strict").json["ingested"][0]["tested"] == 12


def test_answers_that_are_gone_are_kept_and_told(quarter: Path, office: Path) -> None:
    path = send_back(quarter)
    run(office)
    answers = pl.read_csv(quarter / "results.csv").filter(pl.col("state") == "tested").height
    path.unlink()
    done = run(office).json["ingested"][0]
    kept = list(quarter.glob("results-*.csv"))
    assert len(kept) == 1
    assert pl.read_csv(kept[0]).filter(pl.col("state") == "tested").height == answers == 6
    assert f"{answers} batches had an answer before" in done["problems"][0]
    assert kept[0].name in done["problems"][0]
    assert run(office).json["state"] == "nothing"


def test_answers_that_were_overwritten_are_kept_and_told(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: FAIL if n == 0 else {"note": "enquiries"} if n == 1 else PASS)
    run(office)
    failed = pl.read_csv(quarter / "results.csv").filter(pl.col("final") == "fail")["batch_id"].to_list()
    send_back(quarter)
    found = run(office, "--strict")
    done = found.json["ingested"][0]
    kept = list(quarter.glob("results-*.csv"))
    assert (found.code, done["failed"], len(failed), len(kept)) == (1, 0, 1, 1)
    assert pl.read_csv(kept[0]).filter(pl.col("final") == "fail")["batch_id"].to_list() == failed
    assert done["problems"] == [
        f"{quarter}: 1 batch has another answer than was read before ({failed[0]}); what the files say now stands, "
        f"the earlier answers are kept in {kept[0].name}; look into it"
    ]


def test_answers_that_were_added_are_no_change(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: FAIL if n == 0 else {} if n == 1 else PASS)
    run(office)
    send_back(quarter, reply=lambda n: FAIL | {"retest": PASS["first"]} if n == 0 else PASS)
    assert run(office).json["ingested"][0]["problems"] == []
    assert list(quarter.glob("results-*.csv")) == []


def test_a_note_that_was_overwritten_is_kept(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda _: PASS | {"note": "enquiries"})
    run(office)
    send_back(quarter)
    assert run(office).json["ingested"][0]["problems"] == []
    kept = list(quarter.glob("results-*.csv"))
    assert len(kept) == 1
    assert set(pl.read_csv(kept[0])["note"]) == {"enquiries"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema_version": 1, "files": {"a": {}}}', b'{"files": 3}'])
def test_a_snapshot_that_was_tampered_with_is_made_again(quarter: Path, office: Path, content: bytes) -> None:
    send_back(quarter)
    run(office)
    (quarter / "results.json").write_bytes(content)
    assert run(office).json["ingested"][0]["tested"] == 6
    assert run(office).json["state"] == "nothing"


def test_a_file_of_another_plan_does_not_keep_the_others_out(quarter: Path, office: Path) -> None:
    configure(office, "2027Q1")
    run(office)
    other = send_back(office / "plans" / "2027Q1")
    shutil.move(other, quarter / "returned" / "elsewhere.xlsx")
    send_back(quarter, "440105")
    done = run(office).json["ingested"][0]
    assert done["tested"] == 6
    assert "elsewhere.xlsx" in done["problems"][0]


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


def events(stderr: str) -> list[dict[str, Any]]:
    """The lines of a JSON log; each is an object in English that says when, how grave and what."""
    found = [json.loads(line) for line in stderr.splitlines()]
    for event in found:
        assert list(event)[:4] == ["at", "level", "event", "message"]
        assert dt.datetime.fromisoformat(event["at"]).tzinfo is not None
        assert event["level"] in ("info", "warning", "error")
        assert ENGLISH.fullmatch(event["message"]), event["message"]
    return found


ENGLISH = re.compile(r"[^；：。，]*")


def test_log_json_writes_lines_of_json_to_stderr(quarter: Path, office: Path) -> None:
    send_back(quarter)
    (event,) = events(run(office, "--log-json", "--lang", "zh").err)
    assert (event["level"], event["event"], event["period"]) == ("info", "run.done", "2026Q4")
    assert "6 batches tested" in event["message"]
    assert (event["state"], event["planned"]) == ("done", None)
    assert [(i["files"], i["tested"], i["problems"]) for i in event["ingested"]] == [(1, 6, [])]
    assert run(office, "--log-json", "--quiet").err == ""
    (nothing,) = events(run(office, "--log-json").err)
    assert nothing["event"] == "run.nothing"
    send_back(quarter, "440105")
    (dry,) = events(run(office, "--log-json", "--dry-run", "--lang", "zh").err)
    assert dry["would_read"] == [{"plan": str(quarter), "files": 2}]


def test_log_json_has_the_findings_about_the_roster(office: Path) -> None:
    configure(office)
    people = [("张一", "A1", "越秀区"), ("张一", "A2", "越秀区"), ("李二", "A3", "海珠区"), ("王五", "A4", "海珠区")]
    save(office / "inspectors.xlsx", ("姓名", "工号", "区"), [*people, ("孙六", "A5", "火星区")])
    told = events(run(office, "--log-json", "--lang", "zh").err)
    findings = [e for e in told if e["event"] == "common.finding"]
    assert [e["event"] for e in told] == ["common.finding"] * len(findings) + ["run.done"]
    mars = next(e for e in findings if e["found"] == "火星区")
    assert (mars["level"], mars["row"], mars["sheet"], mars["column"]) == ("warning", 6, "Sheet", "区")
    assert mars["file"].endswith("inspectors.xlsx")
    assert mars["severity"] in ("warning", "error")
    assert isinstance(told[-1]["planned"]["tasks"], int)


def test_log_json_tells_what_needs_somebody_with_its_types(quarter: Path, office: Path) -> None:
    """In a process of its own: whatever any library writes to stderr would be seen here."""
    send_back(quarter, "440105", reply=lambda n: PASS if n else {"status": "也许"})
    path = send_back(quarter)
    path.write_bytes(path.read_bytes()[:-2000])
    code = "import sys; from sampler.__main__ import main; main()"
    arguments = ("run", "--config", office / "design.toml", "--log-json", "--lang", "zh")
    found = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, check=True)
    told = {e["event"]: e for e in events(found.stderr.decode())}
    assert list(told) == ["run.findings", "run.problems", "run.done"]
    assert all(isinstance(told["run.findings"][n], int) for n in ("errors", "warnings"))
    assert told["run.problems"]["count"] == 1
    (problem,) = told["run.problems"]["problems"]
    assert "440104" in problem
    assert ENGLISH.fullmatch(problem)


def test_log_json_tells_what_a_run_fails_with(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fatal,) = events(sampler("run", "--config", office / "nope.toml", "--log-json", "--lang", "zh").err)
    assert (fatal["level"], fatal["event"], fatal["exit_code"]) == ("error", "config.no_file", 3)
    assert fatal["file"] == str(office / "nope.toml")
    (usage,) = events(sampler("run", "--log-json").err)
    assert (usage["level"], usage["event"], usage["exit_code"]) == ("error", "usage.missing_option", 2)
    configure(office)
    (office / "registry.xlsx").unlink()
    (during,) = events(run(office, "--log-json").err)
    assert (during["level"], during["exit_code"]) == ("error", 3)

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sampler.unattended.run_once", broken)
    (bug,) = events(run(office, "--log-json").err)
    assert (bug["level"], bug["event"], bug["exit_code"]) == ("error", "common.bug", 70)


def test_it_speaks_chinese(quarter: Path, office: Path) -> None:
    assert "没有要做的事" in run(office, "--lang", "zh").err


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (lambda o: (o / "design.toml").unlink(), 3, "design.toml"),
        (lambda o: configure(o, "2026Q9"), 3, "run.period: must be auto or a quarter such as 2026Q4, but got 2026Q9"),
        (lambda o: configure(o, more='seed_file = "seed.txt"\n'), 3, "run.seed_file: seed.txt has no {period}"),
        (lambda o: configure(o, more="lead_days = 400\n"), 3, "run.lead_days"),
        (lambda o: configure(o, more='surprise = "x"\n'), 3, "run.surprise"),
        (lambda o: (o / "registry.xlsx").unlink(), 3, "registry.xlsx"),
        (lambda o: (o / "plans").write_text("a file"), 3, "cannot write"),
    ],
)
def test_errors_say_what_to_do(office: Path, change: object, code: int, said: str) -> None:
    configure(office)
    assert callable(change)
    change(office)
    found = run(office)
    assert found.code == code
    assert said in found.err
    assert json.loads(found.out)["error"]["exit_code"] == code


def test_a_configuration_without_a_run_table_says_so(office: Path) -> None:
    found = run(office)
    assert found.code == 3
    assert "there is no [run]" in found.err


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


def recuse(office: Path, enterprises: list[str]) -> None:
    """A roster of which everybody is recused from some enterprises."""
    people = [(f"张{n}", f"A{n}", ("越秀区", "海珠区")[n % 2], "；".join(enterprises)) for n in range(6)]
    save(office / "inspectors.xlsx", ("姓名", "工号", "区", "回避企业"), people)


def by_hand(office: Path, *more: object) -> Run:
    """The plan of 2026Q4 made by ``sampler plan``."""
    out = office / "plans" / "2026Q4"
    given = ("--config", office / "design.toml", "--weights", office / "weights.toml", "--period", "2026Q4")
    return sampler("plan", office / "registry.xlsx", *given, "--out", out, *more)


def test_a_draw_that_fails_keeps_its_seed(office: Path) -> None:
    """Drawing until nobody's recusal is hit would leave the enterprises that nobody may visit out of every sample."""
    configure(office)
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    found = [run(office) for _ in range(20)]
    assert {f.code for f in found} == {4}
    assert {f.json["error"]["kind"] for f in found} == {"assignment.too_few"}
    assert len({f.json["error"]["message"] for f in found}) == 1
    kept = office / "plans" / "seed-2026Q4.json"
    assert f"is on record in {kept}" in found[0].err
    record = json.loads(kept.read_text(encoding="utf-8"))
    (attempt,) = record["used_on"]
    assert len(record["seed"]) == 32
    assert attempt["inputs"].keys() == {str(office / "registry.xlsx"), str(office / "inspectors.xlsx")}
    # A dry run fails with it too, and writes nothing.
    before = contents(office)
    foretold = run(office, "--dry-run")
    assert (foretold.code, foretold.json["error"]) == (4, found[0].json["error"])
    assert contents(office) == before
    # The roster is mended: the sample is the one that was drawn, and the plan says so itself.
    recuse(office, [])
    planned = run(office).json["planned"]
    assert planned["seed"] == record["seed"]
    folder = office / "plans" / "2026Q4"
    told = json.loads((folder / "inputs" / "seed.json").read_text(encoding="utf-8"))
    first, second = told["used_on"]
    assert first == attempt
    assert second["frame_sha256"] == attempt["frame_sha256"] == planned["frame_sha256"]
    assert second["inputs"] != attempt["inputs"]
    assert "inputs/seed.json" in json.loads((folder / "plan.json").read_text(encoding="utf-8"))["files"]
    assert sampler("verify", folder, "--archive", office / "plans").code == 0


def test_a_frame_or_design_that_changed_keeps_the_seed_and_is_recorded(office: Path) -> None:
    configure(office)
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    run(office)
    kept = office / "plans" / "seed-2026Q4.json"
    seed = json.loads(kept.read_text(encoding="utf-8"))["seed"]
    design = office / "design.toml"
    design.write_text(design.read_text(encoding="utf-8").replace("budget = 12", "budget = 14"), encoding="utf-8")
    run(office)
    record = json.loads(kept.read_text(encoding="utf-8"))
    assert record["seed"] == seed
    assert len({a["design_sha256"] for a in record["used_on"]}) == len(record["used_on"]) == 2
    # So does a plan that is made by hand.
    recuse(office, [])
    made = by_hand(office, "--archive", office / "plans", "--json")
    assert made.json["seed"] == seed


def test_a_seed_record_that_is_damaged_is_not_replaced(office: Path) -> None:
    configure(office)
    (office / "plans").mkdir()
    kept = office / "plans" / "seed-2026Q4.json"
    for content in (
        "{",
        "[]",
        "[" * 100_000,
        '{"schema_version": 1, "period": "2026Q3", "seed": "x", "used_on": []}',
        '{"schema_version": 1, "period": "2026Q4", "seed": "x", "used_on": {}}',
    ):
        kept.write_text(content, encoding="utf-8")
        found = run(office)
        assert (found.code, found.json["error"]["kind"]) == (3, "run.bad_seed_record")
        assert "Do not delete it" in found.err
        assert kept.read_text(encoding="utf-8") == content


def test_a_plan_that_fails_names_its_seed(office: Path) -> None:
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    found = by_hand(office, "--inspectors", office / "inspectors.xlsx")
    assert found.code == 4
    seed = found.err.partition("--seed ")[2].split()[0]
    again = by_hand(office, "--inspectors", office / "inspectors.xlsx", "--seed", seed)
    assert again.err.split("\n") == [line for line in found.err.split("\n") if seed not in line]


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


@pytest.mark.parametrize("first", [["440104"], ["440105"], ["440104", "440105"], []])
def test_a_file_that_took_too_long_is_read_by_the_next_run(
    quarter: Path, office: Path, monkeypatch: pytest.MonkeyPatch, first: list[str]
) -> None:
    """What is slow is the machine: nothing about the file has changed when the next run reads it."""
    for district in first:
        send_back(quarter, district)
    if first:
        run(office)
    for district in {"440104", "440105"} - set(first):
        send_back(quarter, district)
    send_back(quarter, "440104", reply=lambda n: PASS if n else FAIL)
    before = contents(quarter)
    real = results.read_file

    def slow(path: Path, name: str, printed: object) -> object:
        if "440104" in name:
            raise InputError("reading.too_slow", file=name, seconds=60, tries=2)
        return real(path, name, printed)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(results, "read_file", slow)
        found = run(office, "--strict")
    assert found.code == 1
    (done,) = found.json["ingested"]
    (problem,) = done["problems"]
    assert "the next run tries again" in problem
    assert "took longer than 60 seconds" in problem
    if "440104" in first:
        assert contents(quarter) == before  # its earlier answers must not seem gone
    else:
        assert done["tested"] == 6
    (done,) = run(office).json["ingested"]
    assert (done["tested"], done["failed"]) == (12, 1)
    assert ["1 batch has another answer" in told for told in done["problems"]] == [True] * ("440104" in first)
    assert run(office).json["state"] == "nothing"


def test_a_file_that_was_away_for_a_run_moves_no_date(quarter: Path, office: Path) -> None:
    path = send_back(quarter, reply=lambda n: PASS if n > 1 else FAIL)
    run(office)
    state = json.loads((quarter / "results.json").read_text(encoding="utf-8"))
    one, other = state["failures"]
    state["failures"] = {one: "2026-11-01", other: "2026-11-05"}
    (quarter / "results.json").write_text(json.dumps(state), encoding="utf-8")
    kept = path.rename(office / path.name)
    run(office)
    kept.rename(path)
    run(office)
    reported = pl.read_csv(quarter / "report" / "follow_ups.csv")
    assert reported["ordered"].to_list() == ["2026-11-01", "2026-11-05"]
    # What is asked for by hand says the same, unless it is told another day.
    asked = sampler("estimate", quarter, "--json").json["follow_ups"]
    assert [f["deadline"] for f in asked] == reported["deadline"].to_list() == ["2027-01-15", "2027-01-19"]
    told = sampler("estimate", quarter).out
    assert "first read (2026-11-01 to 2026-11-05), the first re-check is due by 2027-01-15" in told
    given = sampler("estimate", quarter, "--date", "2026-12-01", "--json").json
    assert {f["ordered"] for f in given["follow_ups"]} == {given["source"]["ordered"]} == {"2026-12-01"}


def test_open_work_is_told_by_name(quarter: Path, office: Path) -> None:
    refused = {"status": "未抽样", "reason": "拒检"}
    send_back(quarter, reply=lambda n: (CLOSED, refused)[n] if n < 2 else PASS)
    run(office)
    reported = json.loads((quarter / "report" / "estimates.json").read_text(encoding="utf-8"))
    asked = sampler("estimate", quarter, "--json").json
    assert asked["open"] == reported["open"]
    assert asked["corrections"] == reported["corrections"]
    # The other district has sent nothing back, and one enterprise refused; each has its team.
    assert [u["state"] for u in asked["open"]] == ["refused", *["not_reached"] * 6]
    assert all(len(u["team"]) == 2 and u["team"][0].startswith("张") for u in asked["open"])
    assert [u["reasons"] for u in asked["corrections"]] == [["closed"]]
    told = sampler("estimate", quarter).out
    assert "open tasks: 7 (not reached 6, refused 1; listed in --out or open of --json)." in told
    assert "units out of scope, to be corrected in the registry: 1 (closed down 1; " in told
    # So they are before anything was tested.
    send_back(quarter, reply=lambda _: CLOSED)
    untested = sampler("estimate", quarter, "--json")
    assert untested.code == 3
    assert len(untested.json["corrections"]) == 6
    assert "to be corrected in the registry: 6" in untested.err


def test_the_next_summary_names_what_the_field_reported(quarter: Path, office: Path) -> None:
    send_back(quarter, reply=lambda n: CLOSED if n < 2 else PASS)
    configure(office, "2027Q1")
    design = office / "design.toml"
    design.write_text(design.read_text(encoding="utf-8").replace("budget = 12", "budget = 40"), encoding="utf-8")
    assert run(office).code == 0
    book = load_workbook(office / "plans" / "2027Q1" / "summary.xlsx")
    told = [r[1] for r in book["Warnings"].iter_rows(values_only=True) if r[0] == "Field report"]
    closed = sorted(i for i in tasks(quarter)["task_id"] if "-440104-" in i)[:2]
    assert len(told) == 2
    for task in closed:
        assert [1 for t in told if f"last reported “closed down” in 2026Q4 ({task}), and still in the registry" in t]


def test_without_a_record_of_its_seed_nothing_is_drawn(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office)
    (office / "plans").mkdir()

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("sampler.files.seeds.write_whole", full)
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "archive.cannot_write")
    assert "make room on the disk" in found.err
    assert not (office / "plans" / "2026Q4").exists()
