"""``sampler plan``: the folder it leaves, what it prints, how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from tests.cli.conftest import save
from tests.cli.running import Run, sampler

HEADER = ("企业名称", "注册号", "所属区", "产品类别")


def plan(
    office: Path, *more: object, registry: str = "registry.xlsx", out: str = "plan", env: dict[str, str] | None = None
) -> Run:
    return sampler(
        "plan", office / registry, "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "77", "--out", office / out, *more, env=env,
    )  # fmt: skip


def test_the_folder(office: Path) -> None:
    run = plan(office, "--inspectors", office / "inspectors.xlsx")
    assert run.code == 0, run.err
    folder = office / "plan"
    names = {p.relative_to(folder).as_posix() for p in folder.rglob("*")}
    assert {
        "plan.json", "selection.csv", "strata.csv", "frame.parquet", "inputs/design.json", "returned",
        "districts/440104-Yuexiu.xlsx", "districts/440105-Haizhu.xlsx",
    } <= names  # fmt: skip
    assert not [p for p in office.iterdir() if p.suffix in (".tmp", ".old")]
    selection = pl.read_csv(folder / "selection.csv")
    assert selection.filter(pl.col("role") == "task").height == 12
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == "77"
    assert {len(team) for team in manifest["teams"].values()} == {2}
    assert "Yuexiu" in run.out
    assert "12" in run.out
    assert f"the plan is in {folder}" in run.err


def test_json_is_one_document_of_the_promised_shape(office: Path) -> None:
    run = plan(office, "--json", "--quiet")
    assert run.err == ""
    found = run.json
    assert list(found)[:2] == ["schema_version", "command"]
    assert (found["schema_version"], found["command"], found["period"], found["seed"]) == (
        1,
        "plan",
        "2026Q4",
        "77",
    )
    assert found["tasks"] == sum(s["sample"] for s in found["strata"]) == 12
    counts = {"rows": 40, "units": 40, "merged": 0, "expanded": 0, "excluded": {}, "set_aside": {}}
    assert found["frame"] == counts | {"sha256": found["frame"]["sha256"]}
    assert {"stratum", "population", "sample", "reserves", "weight"} <= set(found["strata"][0])
    assert {"fraction", "rate", "lower", "upper", "detection", "cost", "bound"} <= set(found["strata"][0])
    assert found["strata"][0]["stratum"] == {"district": "440104", "category": "food"}
    assert found["expected"][0]["domain"] == {}
    assert {"rate", "half_width"} <= set(found["expected"][0])
    assert len(found["expected"]) == 1 + 2 + 2


def test_the_same_inputs_give_the_same_plan(office: Path) -> None:
    one, other = plan(office, "--json", out="a"), plan(office, "--json", out="b")
    for name in ("selection.csv", "strata.csv", "inputs/design.json"):
        assert (office / "a" / name).read_bytes() == (office / "b" / name).read_bytes()
    assert one.json["strata"] == other.json["strata"]


def test_without_a_seed_one_is_drawn_and_recorded(office: Path) -> None:
    arguments = (
        "plan",
        office / "registry.xlsx",
        "--config",
        office / "design.toml",
        "--weights",
        office / "weights.toml",
    )
    one, other = (sampler(*arguments, "--dry-run", "--json").json["seed"] for _ in range(2))
    assert len(one) == len(other) == 32
    assert one != other


def test_a_dry_run_writes_nothing(office: Path) -> None:
    run = plan(office, "--dry-run")
    assert run.code == 0
    assert not (office / "plan").exists()
    assert "nothing was written" in run.err


def test_chinese(office: Path) -> None:
    run = plan(office, "--lang", "zh")
    assert "越秀区" in run.out
    assert "计划已写入" in run.err
    book = load_workbook(office / "plan" / "districts" / "440104-越秀区.xlsx")
    assert "任务清单" in book.sheetnames


def test_an_existing_plan_is_not_overwritten(office: Path) -> None:
    plan(office)
    before = (office / "plan" / "selection.csv").read_bytes()
    run = plan(office, "--budget", "20")
    assert (run.code, (office / "plan" / "selection.csv").read_bytes()) == (2, before)
    assert "exists and is not overwritten" in run.err


def test_force_needs_a_reason_and_records_it(office: Path) -> None:
    plan(office)
    assert plan(office, "--force").code == 2
    run = plan(office, "--force", "--why", "wrong registry", "--budget", "20")
    assert run.code == 0, run.err
    manifest = json.loads((office / "plan" / "plan.json").read_text(encoding="utf-8"))
    assert manifest["why"] == "wrong registry"
    assert len(manifest["replaces"]) == 64
    assert manifest["selection"]["tasks"] == 20


def test_a_plan_with_returned_results_is_never_replaced(office: Path) -> None:
    plan(office)
    (office / "plan" / "returned" / "a.xlsx").write_bytes(b"x")
    run = plan(office, "--force", "--why", "because")
    assert run.code == 2
    assert "results have come back" in run.err
    assert (office / "plan" / "returned" / "a.xlsx").exists()


def test_a_folder_that_is_no_plan_is_never_replaced(office: Path) -> None:
    (office / "plan").mkdir()
    (office / "plan" / "letter.txt").write_text("dear")
    assert plan(office, "--force", "--why", "because").code == 2
    assert (office / "plan" / "letter.txt").read_text() == "dear"


def test_a_failure_while_writing_leaves_nothing(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("sampler.files.papers.write_districts", full)
    before = {*office.iterdir(), office / ".sampler.lock"}
    run = plan(office)
    assert run.code == 3
    assert "No space left on device" in run.err
    assert set(office.iterdir()) <= before


def test_a_budget_below_the_floors(office: Path) -> None:
    run = plan(office, "--budget", "7", "--json")
    assert run.code == 4
    assert "--budget 8" in run.err
    assert run.json["error"]["exit_code"] == 4
    assert not (office / "plan").exists()


def with_design(office: Path, extra: str) -> None:
    """Add lines to the office's design."""
    path = office / "design.toml"
    path.write_text(path.read_text(encoding="utf-8") + extra, encoding="utf-8")


def test_margins_are_met_and_told(office: Path) -> None:
    with_design(office, '[[precision]]\ndomain = { category = "food" }\nmargin = 0.06\n')
    run = plan(office, "--budget", "25")
    assert run.code == 0, run.err
    assert "the requirements by themselves take" in run.out
    assert "food: ±" in run.out
    assert "±6 asked (binding). Another" in run.out
    (food,) = plan(office, "--budget", "25", "--json", "--dry-run").json["margins"]
    assert food["domain"] == {"category": "food"}
    assert food["half_width"] <= food["asked"]["margin"] == 0.06
    assert sampler("verify", office / "plan").code == 0


def test_a_plan_with_every_cap_is_verified(office: Path) -> None:
    with_design(office, "[caps]\nbatches_per_enterprise = 1\n")
    rows = [
        (
            f"第{n}店",
            f"440104{n:09d}",
            ("越秀区", "海珠区")[n % 2],
            "食品、玩具",
            "2026-09-01" if n % 7 == 0 else "",
        )
        for n in range(30)
    ]
    save(office / "both.xlsx", (*HEADER, "上次抽查日期"), rows)
    run = plan(office, "--json", registry="both.xlsx")
    assert run.code == 0, run.err
    assert run.json["frame"]["set_aside"] == {"batches": 25, "rest": 10}
    assert sampler("verify", office / "plan").code == 0


def test_the_account_adds_up_in_rows_and_in_units(office: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (f"第{n}店", f"440104{n:09d}", ("越秀区", "海珠区")[n % 2], "食品、玩具", "2026-09-01" if n % 7 == 0 else "")
        for n in range(30)
    ]
    rows += [
        rows[3],
        ("第99店", "440104000000099", "火星区", "食品", ""),
        ("第98店", "440104000000098", "越秀区", "石头", ""),
    ]
    save(office / "mixed.xlsx", (*HEADER, "上次抽查日期"), rows)
    found = plan(office, "--json", "--dry-run", registry="mixed.xlsx").json
    frame = found["frame"]
    assert frame["excluded"] == {"category": 1, "district": 1}
    assert (frame["merged"], frame["expanded"], frame["set_aside"]) == (2, 31, {"rest": 10})
    assert frame["rows"] == frame["units"] - frame["expanded"] + frame["merged"] + sum(frame["excluded"].values())
    assert frame["units"] - sum(frame["set_aside"].values()) == sum(s["population"] for s in found["strata"])
    out = plan(office, "--dry-run", registry="mixed.xlsx").out
    assert "rows not in the frame: no category 1, no known district 1" in out
    assert "units not drawn this quarter: checked within the rest period 10" in out


def test_a_margin_beyond_the_budget(office: Path) -> None:
    with_design(office, '[[precision]]\ndomain = { category = "food" }\nmargin = 0.05\n')
    run = plan(office, "--json")
    assert run.code == 4
    assert run.json["error"]["kind"].startswith("plan.infeasible")
    assert "works (--budget " in run.err
    assert "Any one of these changes alone would do as well" in " ".join(run.err.split())


def test_money_is_told(office: Path) -> None:
    text = (office / "design.toml").read_text(encoding="utf-8")
    text = text.replace("budget = 12", "budget_yuan = 9000.0, cost_per_visit = 50.0")
    text = text.replace("target = 0.95", "cost_per_batch = 400.0\ntarget = 0.95")
    text = text.replace("target = 0.90", "cost_per_batch = 700.0\ntarget = 0.90")
    (office / "design.toml").write_text(text, encoding="utf-8")
    run = plan(office)
    assert run.code == 0, run.err
    assert "cost: " in run.out
    assert "of a budget of 9,000 yuan" in run.out
    spent = plan(office, "--json", "--dry-run").json["spending"]
    by_category = spent["by_category"]
    assert by_category["food"]["cost"] == 400 * by_category["food"]["batches"]
    assert spent["visits"]["cost"] == 50 * spent["visits"]["count"]
    total = sum(c["cost"] for c in by_category.values()) + spent["visits"]["cost"]
    assert spent["total"] == total <= 9000


def test_no_file(office: Path) -> None:
    run = plan(office, registry="none.xlsx")
    assert run.code == 3
    assert "none.xlsx" in run.err


def test_not_a_spreadsheet(office: Path) -> None:
    (office / "bad.xlsx").write_bytes(b"PK\x03\x04 broken")
    run = plan(office, registry="bad.xlsx")
    assert run.code == 3
    assert "bad.xlsx" in run.err
    assert "Traceback" not in run.err


def test_an_empty_sheet(office: Path) -> None:
    Workbook().save(office / "empty.xlsx")
    run = plan(office, registry="empty.xlsx")
    assert run.code == 3
    assert "empty.xlsx" in run.err


def test_no_known_header_says_which_were_seen(office: Path) -> None:
    save(office / "other.xlsx", ("colour", "weight"), [("red", 3)])
    run = plan(office, registry="other.xlsx")
    assert run.code == 3
    assert "colour" in run.err


def test_a_missing_field_is_named(office: Path) -> None:
    save(office / "short.xlsx", HEADER[:3], [("甲店", "440104000000001", "越秀区")])
    run = plan(office, registry="short.xlsx")
    assert run.code == 3
    assert "category" in run.err


def test_no_unit_left(office: Path) -> None:
    save(
        office / "gone.xlsx",
        (*HEADER, "上次抽查日期"),
        [("甲店", "440104000000001", "越秀区", "食品", "2026-09-01")],
    )
    run = plan(office, registry="gone.xlsx")
    assert run.code == 3
    assert "no unit is left to draw" in run.err


def test_two_inspectors_short(office: Path) -> None:
    save(office / "few.xlsx", ("姓名", "工号", "区"), [("张一", "A1", "越秀区"), ("李二", "A2", "海珠区")])
    run = plan(office, "--inspectors", office / "few.xlsx")
    assert run.code == 4
    assert "2026Q4-440104" in run.err


@pytest.mark.parametrize("name", ["=1+1", "+861380000", "-x", "@cmd", '=HYPERLINK("http://x")'])
def test_text_that_looks_like_a_formula_stays_text(office: Path, name: str) -> None:
    save(office / "risky.xlsx", HEADER, [(name, "440104000000001", "越秀区", "食品")])
    book = load_workbook(office / "risky.xlsx")
    book.active["A2"].data_type = "s"
    book.active["A2"].value = name
    book.active["A2"].data_type = "s"
    book.save(office / "risky.xlsx")
    run = plan(office, registry="risky.xlsx")
    assert run.code == 0, run.err
    cells = [
        cell
        for sheet in load_workbook(office / "plan" / "districts" / "440104-Yuexiu.xlsx").worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value == name
    ]
    assert cells
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_district_s_name_cannot_leave_the_folder(office: Path) -> None:
    text = (office / "design.toml").read_text(encoding="utf-8").replace("越秀区", "../../越秀")
    (office / "design.toml").write_text(text, encoding="utf-8")
    save(office / "r.xlsx", HEADER, [("甲店", "440104000000001", "../../越秀", "食品")])
    run = plan(office, registry="r.xlsx")
    assert run.code == 0, run.err
    assert len(list((office / "plan" / "districts").glob("*.xlsx"))) == 1
    assert not list(office.glob("*越秀*"))


def test_bad_period_and_language(office: Path) -> None:
    run = sampler("plan", office / "registry.xlsx", "--config", office / "design.toml", "--period", "Q9")
    assert run.code == 2 or "weights" in run.err
    assert sampler("plan", office / "registry.xlsx", "--lang", "fr").code == 2
    assert sampler("--lang", "fr", "size", "--margin", "0.03").code == 2
    # A language that nobody knows is none: the configuration's is used.
    assert "Spot-check plan" in plan(office, "--dry-run", env={"SAMPLER_LANG": "xx", "LANG": "zh_CN.UTF-8"}).out


def test_a_bug_is_called_a_bug(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sampler.plan.make_plan", broken)
    run = plan(office, "--json")
    assert run.code == 70
    assert "a bug in sampler" in run.err
    assert run.json["error"]["kind"] == "bug"


def test_forms_to_sign_are_a_choice_of_the_design(office: Path) -> None:
    plan(office, out="without")
    text = (office / "design.toml").read_text(encoding="utf-8")
    (office / "design.toml").write_text(f"fieldwork = {{ forms = true }}\n{text}", encoding="utf-8")
    plan(office, out="with")
    names = [load_workbook(office / o / "districts" / "440104-Yuexiu.xlsx").sheetnames for o in ("without", "with")]
    assert len(names[1]) == len(names[0]) + 1


def test_the_papers_for_planner_and_public(office: Path) -> None:
    assert plan(office, "--inspectors", office / "inspectors.xlsx").code == 0
    assert load_workbook(office / "plan" / "summary.xlsx").sheetnames
    published = (office / "plan" / "public" / "plan.html").read_text(encoding="utf-8")
    assert "Yuexiu" in published
    assert "张" not in published  # neither inspectors nor enterprises


def test_a_file_is_no_folder_to_replace(office: Path) -> None:
    (office / "plan").write_text("a file", encoding="utf-8")
    run = plan(office, "--force", "--why", "x")
    assert run.code == 2
    assert "is a file, not a plan folder" in run.err


def test_findings_of_one_kind_are_told_five_times(office: Path) -> None:
    people = [(f"张{n}", f"A{n}", ("越秀区", "海珠区")[n % 2], f"无此企业{n}", "是" * (n == 0)) for n in range(9)]
    save(office / "many.xlsx", ("姓名", "工号", "区", "回避企业", "请假"), people)
    run = plan(office, "--inspectors", office / "many.xlsx", "--dry-run", "--lang", "zh")
    assert run.code == 0, run.err
    told = run.err.splitlines()
    where = f"{office / 'many.xlsx'}，工作表“Sheet”"
    leave = "原值“是”，应为：起止日期，例如 2026-10-08至2026-10-20，多段用分号隔开；处理：此人不参加抽取"
    assert f"提醒：{where}，第 2 行，“请假”列：{leave}" in told
    strangers = [line for line in told if "处理：登记表中找不到，不据此回避" in line]
    assert len(strangers) == 5
    assert strangers[0].startswith(f"提醒：{where}，第 3 行，“回避企业”列：原值“无此企业1”，应为：")
    assert "提醒：同类的另有 3 处。" in told
