"""``sampler check``: mapping, account, findings."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import DESIGN, save
from tests.cli.quarter import configure
from tests.cli.running import Run, sampler


def check(office: Path, *more: object, registry: str = "registry.xlsx") -> Run:
    return sampler(
        "check",
        office / registry,
        "--config",
        office / "design.toml",
        "--weights",
        office / "weights.toml",
        *more,
    )


@pytest.fixture
def flawed(office: Path) -> Path:
    rows = [
        ("甲店", "440104000000001", "越秀区", "食品、玩具"),
        ("乙店", "440104000000002", "越秀 区", "食品"),
        ("乙店", "440104000000002", "越秀区", "食品"),
        ("丙店", "440104000000003", "佛山市", "食品"),
        ("丁店", "440104000000004", "海珠区", "汽车"),
    ]
    save(office / "flawed.xlsx", ("企业名称", "注册号", "所属区", "产品类别"), rows)
    return office


def test_json_adds_up(flawed: Path) -> None:
    run = check(flawed, "--json", registry="flawed.xlsx")
    assert run.code == 0, run.err
    found = run.json
    frame = found["frame"]
    assert (found["schema_version"], found["command"]) == (1, "check")
    assert frame["rows"] == frame["units"] - frame["expanded"] + frame["merged"] + sum(frame["excluded"].values())
    assert (frame["rows"], frame["units"], frame["expanded"], frame["merged"]) == (5, 3, 1, 1)
    assert sum(frame["excluded"].values()) == 2
    assert {m["field"]: m["header"] for m in found["mapping"]} == {
        "name": "企业名称", "code": "注册号", "district": "所属区", "category": "产品类别",
    }  # fmt: skip
    issue = next(i for i in found["issues"] if i["found"] == "佛山市")
    assert (issue["severity"], issue["sheet"], issue["row"], issue["column"]) == (
        "error",
        "Sheet",
        5,
        "所属区",
    )
    assert set(issue) == {"severity", "code", "file", "sheet", "row", "column", "found", "expected", "done"}
    assert found["units_by"] == {"district": {"440104": 3}, "category": {"food": 2, "toys": 1}}


def test_the_digests_are_those_of_the_plan(office: Path) -> None:
    found = check(office, "--json").json
    made = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--dry-run", "--json",
    ).json  # fmt: skip
    assert found["frame"]["sha256"] == made["frame"]["sha256"]
    assert found["design"]["sha256"] == made["design"]["sha256"]


def test_strict_tells_findings_by_its_exit_code(flawed: Path) -> None:
    assert check(flawed, "--strict", registry="flawed.xlsx").code == 1
    assert check(flawed, registry="flawed.xlsx").code == 0


def test_a_registry_without_a_row_is_a_finding(office: Path) -> None:
    header = ("企业名称", "注册号", "所属区", "产品类别")
    save(office / "empty.xlsx", header, [])
    save(office / "blank.xlsx", header, [("合计", 0, None, None), (None, None, None, None)])
    for name in ("empty.xlsx", "blank.xlsx"):
        found = check(office, "--json", "--strict", registry=name)
        assert (found.code, found.json["frame"]["units"]) == (1, 0)
        (issue,) = [i for i in found.json["issues"] if i["severity"] == "error"]
        assert (issue["code"], Path(issue["file"]).name, issue["sheet"]) == ("no-rows", name, "Sheet")
    assert check(office, registry="empty.xlsx").code == 0
    assert "there is no row, so the frame is empty" in check(office, registry="empty.xlsx").out


def test_the_terminal_shows_the_first_of_each_kind(flawed: Path) -> None:
    run = check(flawed, registry="flawed.xlsx")
    assert "佛山市" in run.out
    assert "account of rows: 5 rows = 3 units − 1 expanded + 1 merged + 2 left out" in run.out
    assert "行数核对：5 行" in check(flawed, "--lang", "zh", registry="flawed.xlsx").out


def test_the_findings_as_a_workbook(flawed: Path) -> None:
    run = check(flawed, "--out", flawed / "issues.xlsx", registry="flawed.xlsx")
    assert run.code == 0, run.err
    cells = {
        cell.value
        for sheet in load_workbook(flawed / "issues.xlsx").worksheets
        for row in sheet.iter_rows()
        for cell in row
    }
    assert {"佛山市", "丙店", "丁店"} <= {str(c) for c in cells} or "佛山市" in cells


def test_control_characters_do_not_reach_the_terminal(office: Path) -> None:
    save(
        office / "r.xlsx",
        ("企业名称", "注册号", "所属区", "产品类别"),
        [("甲[red]店", "440104000000001", "x\u202ey", "食品")],
    )
    run = check(office, registry="r.xlsx")
    assert "\u202e" not in run.out


@pytest.mark.parametrize("name", ["registry.xlsx", "../office/registry.xlsx", "design.toml", "issues.pdf", "issues"])
def test_no_input_is_overwritten_and_only_workbooks_are_written(office: Path, name: str) -> None:
    before = {p: p.read_bytes() for p in office.iterdir() if p.is_file()}
    out = office / name.replace("../office", f"../{office.name}")
    run = check(office, "--out", out)
    assert run.code == 2
    assert "not overwritten" in run.err or "ending in .xlsx" in run.err
    assert {p: p.read_bytes() for p in office.iterdir() if p.is_file()} == before


@pytest.mark.parametrize(
    ("place", "remedy"),
    [("nowhere", "make the folder it lies in first"), ("registry.xlsx", "every part of the path must be a folder")],
)
def test_what_cannot_be_written_is_told_alike(office: Path, place: str, remedy: str) -> None:
    """By check as by estimate, and with what to do."""
    (office / "counts.csv").write_text("stratum,population,tested,passed\na,90,9,9\n", "utf-8")
    out = office / place / "out.xlsx"
    before = set(office.iterdir())
    for found in (check(office, "--out", out), sampler("estimate", office / "counts.csv", "--out", out)):
        assert found.code == 3
        assert f"cannot write {out}: " in found.err
        assert remedy in found.err
    assert set(office.iterdir()) == before


def test_a_registry_is_not_overwritten_by_another_name_of_its_file(office: Path) -> None:
    (office / "link.xlsx").hardlink_to(office / "registry.xlsx")
    run = check(office, "--out", office / "link.xlsx")
    assert run.code == 2
    assert "is an input" in run.err


def test_a_folder_is_not_written_over_either(office: Path) -> None:
    (office / "export").mkdir()
    (office / "registry.xlsx").rename(office / "export" / "registry.xlsx")
    assert check(office, "--out", office / "export" / "registry.xlsx", registry="export").code == 2
    findings = office / "export" / "issues.xlsx"
    first = check(office, "--out", findings, "--json", registry="export")
    assert first.code == 0
    assert findings.exists()
    # The findings hold rows as they were: a second run neither refuses its own report nor reads it.
    again = check(office, "--out", findings, "--json", registry="export")
    assert again.code == 0
    assert again.json["files"] == first.json["files"] == [str(office / "export" / "registry.xlsx")]
    assert again.json["frame"] == first.json["frame"]


def folder_of_everything(office: Path) -> Path:
    """A working folder after a quarter: registry, inspectors, plans, publications, reports, locks, hidden files."""
    plan = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--inspectors", office / "inspectors.xlsx", "--period", "2026Q4", "--seed", "77",
        "--out", office / "plans" / "2026Q4",
    )  # fmt: skip
    assert plan.code == 0
    assert check(office, "--out", office / "issues.xlsx").code == 0
    shutil.copytree(office / "plans" / "2026Q4" / "public", office / "public")
    for name in ("~$registry.xlsx", ".registry.xlsx", ".old/registry.xlsx"):
        (office / name).parent.mkdir(exist_ok=True)
        shutil.copy(office / "registry.xlsx", office / name)
    return office


def test_a_working_folder_is_read_without_what_sampler_wrote(office: Path) -> None:
    alone = check(office, "--json")
    run = check(folder_of_everything(office), "--json", registry=".")
    assert run.code == 0
    assert run.json["files"] == [str(office / "registry.xlsx")]
    assert run.json["frame"] == alone.json["frame"]
    assert f"files read as registry (1): {office / 'registry.xlsx'}" in run.err
    left = {(Path(i["file"]).name, i["code"]) for i in run.json["issues"]}
    assert {
        ("2026Q4", "plan-folder"),
        ("issues.xlsx", "own-file"),
        ("plan.csv", "own-file"),
        ("plan.html", "own-file"),
        ("plan.xlsx", "own-file"),
        ("~$registry.xlsx", "lock-file"),
    } <= left


def test_a_folder_that_holds_only_a_plan_is_no_registry(office: Path) -> None:
    folder_of_everything(office)
    run = check(office, registry="plans")
    assert run.code == 3
    assert "no readable file" in run.err


def test_what_the_command_names_for_another_purpose_is_not_registry(office: Path) -> None:
    names = ("企业名称", "注册号", "所属区", "产品类别", "姓名", "工号")
    save(
        office / "inspectors.xlsx",
        names,
        [(None, None, ("越秀区", "海珠区")[n % 2], None, f"张{n}", f"A{n}") for n in range(6)],
    )
    run = sampler(
        "plan", office, "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--inspectors", office / "inspectors.xlsx", "--period", "2026Q4", "--seed", "77", "--dry-run", "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert run.json["files"] == [str(office / "registry.xlsx")]
    assert run.json["frame"]["rows"] == 40


def test_a_csv_beside_a_workbook_of_findings_is_still_the_registry(office: Path) -> None:
    (office / "export").mkdir()
    (office / "export" / "r.csv").write_text(
        "企业名称,注册号,所属区,产品类别\n甲,440104000000001,越秀区,食品\n", "utf-8"
    )
    assert check(office, "--out", office / "export" / "r.xlsx", registry="export").code == 0
    run = check(office, "--json", registry="export")
    assert run.json["files"] == [str(office / "export" / "r.csv")]


COMMANDS = [
    ("check",),
    ("plan", "--dry-run", "--period", "2026Q4"),
    ("simulate", "--draws", "10", "--period", "2026Q4"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_weights_are_looked_for_beside_the_configuration(
    office: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies in ./configs belongs to another design."""
    (office / "here" / "configs").mkdir(parents=True)
    (office / "here" / "configs" / "risk_weights.toml").write_text("broken", encoding="utf-8")
    monkeypatch.chdir(office / "here")
    name, *more = command

    def run() -> Run:
        return sampler(name, office / "registry.xlsx", "--config", office / "design.toml", *more)

    missing = run()
    assert missing.code == 3
    assert f"there are no risk weights {office / 'risk_weights.toml'} for {office / 'design.toml'}" in missing.err
    assert "--weights" in missing.err
    configure(office)  # [run] names weights.toml
    assert run().code == 0
    (office / "weights.toml").rename(office / "risk_weights.toml")
    assert run().code == 3
    (office / "design.toml").write_text(DESIGN, encoding="utf-8")
    assert run().code == 0
    (office / "risk_weights.toml").rename(office / "elsewhere.toml")
    more += ["--weights", str(office / "elsewhere.toml")]
    assert run().code == 0
