"""``sampler run`` and what came back from the field: read once, kept, told and reported."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.errors import InputError
from sampler.files import ingest as ingesting
from sampler.files import results
from tests.cli.quarter import configure, contents, run, send_back, tasks
from tests.cli.running import sampler
from tests.files.fieldwork import CLOSED, FAIL, PASS

pytestmark = pytest.mark.usefixtures("impatient")


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


@pytest.mark.parametrize("districts", [["440104"], ["440104", "440105"]])
def test_before_anything_is_tested_the_report_lists_what_is_open_and_what_was_found(
    quarter: Path, office: Path, districts: list[str]
) -> None:
    for district in districts:
        send_back(quarter, district, reply=lambda _: CLOSED | {"batch_no": "17", "retest": "?"})
    (done,) = run(office).json["ingested"]
    reported = json.loads((quarter / "report" / "estimates.json").read_text(encoding="utf-8"))
    total = reported["estimates"][0]
    assert (done["tested"], total["tested"], total["rate"], reported["alerts"]) == (0, 0, None, [])
    assert len(reported["corrections"]) == 6 * len(districts)
    assert len(reported["open"]) == 12 - 6 * len(districts)
    sheets = load_workbook(quarter / "report" / "report.xlsx")
    assert {"Open", "Registry corrections", "Findings"} <= set(sheets.sheetnames)
    assert "nothing was tested" in (quarter / "report" / "report.html").read_text(encoding="utf-8")
    # So does a report that somebody asks for; that there is no rate is an error all the same.
    out = office / "asked.xlsx"
    asked = sampler("estimate", quarter, "--out", out)
    assert asked.code == 3
    assert "nothing has been tested" in asked.err
    assert [[c.value for c in r] for r in load_workbook(out)["Findings"]] == [
        [c.value for c in r] for r in sheets["Findings"]
    ]


def test_a_report_does_not_outlive_the_results_that_it_tells_of(quarter: Path, office: Path) -> None:
    path = send_back(quarter)
    run(office)
    path.unlink()
    send_back(quarter, "440105", reply=lambda _: CLOSED)
    run(office)
    reported = json.loads((quarter / "report" / "estimates.json").read_text(encoding="utf-8"))
    assert (reported["completion"]["tested"], reported["estimates"][0]["rate"]) == (0, None)


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
