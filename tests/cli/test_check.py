"""``sampler check``: mapping, account, findings."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.cli.conftest import save
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
    assert frame["rows"] == frame["units"] - frame["expanded"] + frame["merged"] + sum(
        frame["excluded"].values()
    )
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
