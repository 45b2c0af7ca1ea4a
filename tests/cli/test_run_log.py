"""What ``sampler run`` says: lines of JSON, either language, and errors."""

from __future__ import annotations

import datetime as dt
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import save
from tests.cli.quarter import configure, run, send_back
from tests.cli.running import sampler
from tests.files.fieldwork import PASS

pytestmark = pytest.mark.usefixtures("impatient")


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
