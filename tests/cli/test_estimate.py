"""``sampler estimate`` as scripts and people see it."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from sampler.files.compare import parts_sha256
from tests.cli.conftest import save
from tests.cli.running import sampler
from tests.files.fieldwork import CLOSED, FAIL, PASS, fill

COUNTS = """stratum,district,category,population,tested,passed
a,Yuexiu,food,500,40,39
b,Yuexiu,toys,200,20,12
c,Haizhu,food,800,60,60
"""


CONFIG = Path(__file__).parents[2] / "configs" / "guangzhou.toml"


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS, encoding="utf-8")
    return path


@pytest.fixture
def folder(office: Path) -> Path:
    """A plan whose two workbooks came back: a failure, a closed shop, the rest passed."""
    out = office / "plan"
    run = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "s", "--out", out, "--lang", "zh",
    )  # fmt: skip
    assert run.code == 0, run.err
    with (out / "selection.csv").open(encoding="utf-8") as file:
        tasks = [row["task_id"] for row in csv.DictReader(file) if row["role"] == "task"]
    replies = dict.fromkeys(tasks, PASS) | {tasks[0]: FAIL, tasks[1]: CLOSED}
    for book in sorted((out / "districts").glob("*.xlsx")):
        copy = out / "returned" / book.name
        copy.write_bytes(book.read_bytes())
        fill(copy, replies)
    return out


def test_the_document_of_counts(counts: Path) -> None:
    run = sampler("estimate", counts, "--target", "0.9", "--json")
    assert run.code == 0
    found = run.json
    assert (found["schema_version"], found["command"], found["confidence"]) == (1, "estimate", 0.95)
    assert list(found["estimates"][0])[:12] == [
        "domain", "population", "sampled", "tested", "passed", "failed", "rate", "standard_error", "lower", "upper",
        "method", "target",
    ]  # fmt: skip
    assert [e["domain"] for e in found["estimates"]] == [
        {}, {"district": "Haizhu"}, {"district": "Yuexiu"}, {"category": "food"}, {"category": "toys"},
    ]  # fmt: skip
    total = found["estimates"][0]
    assert (total["population"], total["tested"], total["passed"]) == (1500, 120, 111)
    assert total["rate"] == pytest.approx((500 * 39 / 40 + 200 * 12 / 20 + 800) / 1500)
    assert total["lower"] < total["rate"] < total["upper"]
    assert [a["kind"] for a in found["alerts"]] == ["industry", "combined"]
    assert set(found["alerts"][0]["message"]) == {"zh", "en"}
    assert found["completion"]["tested"] == 120


def test_strict_says_with_its_exit_code_that_there_are_warnings(counts: Path) -> None:
    assert sampler("estimate", counts, "--target", "0.9", "--strict").code == 1
    assert sampler("estimate", counts, "--target", "0.5", "--strict").code == 0
    assert sampler("estimate", counts, "--strict").code == 0


def test_people_get_tables_in_their_language(counts: Path) -> None:
    english = sampler("estimate", counts, "--target", "0.9", "--lang", "en")
    assert "By district" in english.out
    assert "Industry warning: toys: 8 of 20 tested failed" in english.out
    chinese = sampler("estimate", counts, "--target", "0.9", "--lang", "zh")
    assert "按类别" in chinese.out
    assert "【行业性预警】toys：检验 20 个，不合格 8 个" in chinese.out
    lines = [line for line in chinese.out.splitlines() if line.startswith(("│", "┃"))]
    assert lines
    assert all("●" in line or "范围" in line for line in lines)


def test_columns_cross_and_answer_to_their_chinese_names(counts: Path) -> None:
    run = sampler("estimate", counts, "--by", "区,类别", "--json")
    assert [e["domain"] for e in run.json["estimates"][1:]] == [
        {"district": "Haizhu", "category": "food"},
        {"district": "Yuexiu", "category": "food"},
        {"district": "Yuexiu", "category": "toys"},
    ]


def test_csv_on_stdout(counts: Path) -> None:
    run = sampler("estimate", counts, "--csv", "--by", "district")
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [r["district"] for r in rows] == ["", "Haizhu", "Yuexiu"]
    assert float(rows[0]["rate"]) == pytest.approx(sampler("estimate", counts, "--json").json["estimates"][0]["rate"])


def test_one_sided_bounds(counts: Path) -> None:
    both, lower = (
        sampler("estimate", counts, "--side", side, "--json").json["estimates"][0] for side in ("two-sided", "lower")
    )
    assert lower["upper"] == 1.0
    assert lower["lower"] > both["lower"]


def test_the_largest_population_that_is_accepted_is_estimated() -> None:
    run = sampler("estimate", "--tested", 1000, "--passed", 990, "--population", 10**12, "--target", 0.98, "--json")
    assert run.code == 0, run.err
    (total,) = run.json["estimates"]
    assert (total["method"], total["grade"]) == ("exact", "on_target")
    assert (total["lower"], total["upper"]) == pytest.approx((0.9816868, 0.9951945), abs=1e-6)  # Clopper-Pearson


def test_two_numbers() -> None:
    run = sampler("estimate", "--tested", "100", "--passed", "97", "--population", "2000", "--json")
    only = run.json["estimates"][0]
    assert (only["rate"], only["method"]) == (0.97, "exact")
    assert 0.91 < only["lower"] < 0.97 < only["upper"] < 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "nothing to estimate"),
        (("--tested", 10), 2, "--tested and --passed are given together"),
        (("--tested", 10, "--passed", 11), 2, "11 passed, more than the 10 tested"),
        (("--tested", 10, "--passed", 5, "--population", 4), 2, "10 tested, more than the population of 4"),
        (("--tested", -1, "--passed", 0), 2, "--tested must not be negative"),
        (("--tested", 0, "--passed", 0), 3, "nothing has been tested"),
        (("--tested", 9, "--passed", 9, "--confidence", 1.5), 2, "confidence must lie"),
        (("--tested", 9, "--passed", 9, "--method", "magic"), 2, "no method 'magic'"),
        (("--tested", 9, "--passed", 9, "--method", "logit"), 2, "needs the population"),
        (("--tested", 9, "--passed", 9, "--side", "left"), 2, "--side must be"),
        (("--tested", 9, "--passed", 9, "--target", "two"), 2, "--target must be"),
        (("--tested", 9, "--passed", 9, "--target", "food=0.9"), 2, "needs a column category"),
        (("--tested", 9, "--passed", 9, "--date", "soon"), 2, "--date is written"),
        (("--tested", 9, "--passed", 9, "--out", "x.pdf"), 2, "--out must end in"),
        (("--tested", 9, "--passed", 9, "--by", "colour"), 2, "cannot group by 'colour'"),
        (("nowhere.csv",), 3, "nowhere.csv"),
    ],
)
def test_each_error_has_its_words_and_its_code(arguments: tuple[Any, ...], code: int, words: str) -> None:
    run = sampler("estimate", *arguments)
    assert (run.code, run.out) == (code, "")
    assert words in " ".join(run.err.split())
    failed = sampler("estimate", *arguments, "--json")
    assert failed.json["error"]["exit_code"] == code
    assert "estimates" not in failed.json


def test_no_number_is_printed_of_counts_that_cannot_be(counts: Path) -> None:
    counts.write_text(COUNTS.replace("40,39", "40,41"), encoding="utf-8")
    run = sampler("estimate", counts)
    assert (run.code, run.out) == (3, "")
    assert "row 2 (stratum a): passed is 41, more than the 40 tested" in " ".join(run.err.split())


def test_a_plan_folder(folder: Path) -> None:
    run = sampler("estimate", folder, "--json", "--date", "2026-12-01")
    assert run.code == 0, run.err
    found = run.json
    done = found["completion"]
    assert (done["drawn"], done["tested"], done["failed"], done["out_of_scope"]) == (12, 11, 1, 1)
    assert done["reasons"] == {"closed": 1}
    assert [e["domain"] for e in found["estimates"][:3]] == [
        {},
        {"district": "440104"},
        {"district": "440105"},
    ]
    assert found["estimates"][0]["population"] < found["estimates"][0]["registered"] == 40
    assert [e["target"] for e in found["estimates"] if "category" in e["domain"]] == [0.95, 0.9]
    (follow_up,) = found["follow_ups"]
    assert (follow_up["failing_item"], follow_up["deadline"]) == ("菌落总数", "2027-02-14")
    assert len(found["source"]["plan_sha256"]) == 64


def test_returned_workbooks_know_their_plan(folder: Path) -> None:
    whole = sampler("estimate", folder, "--json").json["estimates"][0]
    assert sampler("estimate", folder / "returned", "--json").json["estimates"][0] == whole
    elsewhere = folder.parent / "mail"
    (folder / "returned").rename(elsewhere)
    assert sampler("estimate", elsewhere, "--plan", folder, "--json").json["estimates"][0] == whole


def test_a_plan_without_results_gives_no_rate(folder: Path) -> None:
    for book in (folder / "returned").iterdir():
        book.unlink()
    run = sampler("estimate", folder)
    assert (run.code, run.out) == (3, "")


def test_while_nothing_is_tested_what_came_back_is_told_all_the_same(folder: Path) -> None:
    for path in (folder / "returned").glob("*.xlsx"):
        book = load_workbook(path)
        for sheet in book.worksheets[1:3]:
            for cell in sheet[3]:
                cell.value = {"检验结果": "化验", "状态": "完成情况"}.get(cell.value, cell.value)
        book.save(path)
    run = sampler("estimate", folder, "--json", "--lang", "en")
    assert run.code == 3
    assert run.json["error"]["kind"] == "estimate.nothing_tested"
    assert run.json["completion"]["tested"] == 0
    assert run.json["completion"]["drawn"] == run.json["completion"]["reached"] + run.json["completion"]["not_reached"]
    assert {i["code"] for i in run.json["issues"]} >= {"column-not-known"}
    assert len(run.json["files"]) == 2
    assert "tested 0: 0 passed, 0 failed" in run.err
    assert "findings about the files of results" in run.err


def test_counts_of_a_stratum_the_plan_does_not_have(folder: Path, counts: Path) -> None:
    run = sampler("estimate", counts, "--plan", folder)
    assert run.code == 3
    assert "the plan has no stratum a" in run.err


def test_two_plans_are_not_mixed(folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    (other / "plan.json").write_text("{}", encoding="utf-8")
    (other / "inputs").mkdir()
    run = sampler("estimate", folder, other)
    assert run.code == 2
    assert "one plan at a time" in run.err
    assert sampler("estimate", "--plan", folder.parent).code == 3


def test_every_kind_of_report_is_written(folder: Path, tmp_path: Path) -> None:
    outs = [tmp_path / f"report.{s}" for s in ("xlsx", "html", "json", "csv")]
    run = sampler("estimate", folder, *(a for o in outs for a in ("--out", o)))
    assert run.code == 0, run.err
    assert all(o.stat().st_size > 500 for o in outs)
    document = json.loads(outs[2].read_text(encoding="utf-8"))
    assert document["command"] == "estimate"
    # The reports cross district and category; what is printed does not unless it was asked for.
    assert any(len(e["domain"]) == 2 for e in document["estimates"])
    assert "district × category" not in run.out


def test_a_report_that_cannot_be_written_is_no_bug(counts: Path, tmp_path: Path) -> None:
    for suffix in ("xlsx", "html", "json", "csv"):
        (tmp_path / f"r.{suffix}").mkdir()
        run = sampler("estimate", counts, "--out", tmp_path / f"r.{suffix}")
        assert run.code == 3, (suffix, run.err)
        assert "cannot write" in " ".join(run.err.split())


def test_a_folder_that_is_not_there_is_told_before_anything_is_read(tmp_path: Path) -> None:
    out = tmp_path / "nowhere" / "r.xlsx"
    for lang, said in (("en", "make the folder it lies in first"), ("zh", "请先建好它所在的文件夹")):
        for asked in (("estimate", "missing.csv"), ("check", "missing.xlsx", "--config", CONFIG)):
            run = sampler(*asked, "--out", out, "--lang", lang)
            assert run.code == 3
            assert said in run.err
            assert "missing." not in run.err


def test_what_may_be_published(folder: Path) -> None:
    out = folder.parent / "public"
    run = sampler("estimate", folder, "--public", out, "--lang", "zh")
    assert run.code == 0, run.err
    assert sorted(p.name for p in out.iterdir()) == ["results.csv", "results.html", "results.xlsx"]
    with (out / "results.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.reader(file))
    assert len(rows) > 2
    assert not {"信用等级", "风险等级", "风险档", "联系人", "电话", "检查人员"} & {cell for row in rows for cell in row}


def test_publishing_needs_a_plan(counts: Path) -> None:
    run = sampler("estimate", counts, "--public", counts.parent / "public")
    assert run.code == 2
    assert "--public needs a plan" in run.err
    assert not (counts.parent / "public").exists()


def test_contradictions_decide_nothing_unless_the_latest_may(folder: Path) -> None:
    book = next((folder / "returned").glob("*440104*"))
    with (folder / "selection.csv").open(encoding="utf-8") as file:
        chosen = [
            row["task_id"] for row in csv.DictReader(file) if "440104" in row["task_id"] and row["role"] == "task"
        ]
    before = sampler("estimate", folder, "--json").json["estimates"][0]
    task = next(t for t in chosen if t.endswith("0003"))
    again = folder / "returned" / "again.xlsx"
    again.write_bytes((folder / "districts" / book.name).read_bytes())
    fill(again, {task: FAIL})
    os.utime(again, (book.stat().st_mtime + 60,) * 2)
    conflict = sampler("estimate", folder, "--json")
    assert conflict.json["estimates"][0]["tested"] == before["tested"] - 1
    decided = sampler("estimate", folder, "--latest", "--json").json["estimates"][0]
    assert decided["tested"] == before["tested"]
    assert decided["passed"] == before["passed"] - 1


def jot(folder: Path, words: list[str]) -> Path:
    """Write remarks below the instructions of the first returned workbook."""
    path = min((folder / "returned").glob("*.xlsx"))
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for i, word in enumerate(words):
        sheet.cell(60 + i, 2).value = word
    book.save(path)
    return path


def test_every_finding_and_what_each_file_gave_is_in_every_report(folder: Path, tmp_path: Path) -> None:
    words = [f"remark number {i}" for i in range(12)]
    path = jot(folder, words)
    run = sampler(
        "estimate", folder, "--json", "--out", tmp_path / "r.xlsx", "--out", tmp_path / "r.html", "--out",
        tmp_path / "r.json", "--lang", "en",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert {i["found"] for i in run.json["issues"]} >= set(words)
    assert {i["file"] for i in run.json["issues"]} == {path.name}
    assert [f["file"] for f in run.json["files"]] == sorted(p.name for p in (folder / "returned").iterdir())
    assert sum(f["used"] for f in run.json["files"]) == run.json["completion"]["batches"]["tested"] + 1
    assert all(f["matched"] == f["rows"] > 0 for f in run.json["files"])
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["issues"] == run.json["issues"]
    book = load_workbook(tmp_path / "r.xlsx")
    assert set(words) <= {c.value for row in book["Findings"].iter_rows() for c in row}
    assert path.name in {c.value for row in book["Returned files"].iter_rows() for c in row}
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert all(word in page for word in words)
    # The terminal tells the first and where the rest are.
    assert run.err.count("remark number") == 5
    assert "expected entries in the white columns of the lists only; done: listed here, not counted" in run.err
    assert f"all of them are listed in {tmp_path / 'r.xlsx'}" in run.err
    assert "issues of --json" in sampler("estimate", folder, "--lang", "en").err
    chinese = sampler("estimate", folder, "--lang", "zh").err
    assert "应为：只在清单的白色栏填写；处理：列在此处，未计入" in chinese


def test_a_file_that_is_no_table_is_named(folder: Path) -> None:
    (folder / "returned" / "scan.pdf").write_bytes(b"%PDF-1.4")
    (folder / "returned" / "deep").mkdir()
    (folder / "returned" / "deep" / "letter.docx").write_bytes(b"PK")
    (folder / "returned" / ".hidden.xlsx").write_bytes(b"PK")
    (folder / "returned" / "Thumbs.db").write_bytes(b"")
    found = [i for i in sampler("estimate", folder, "--json").json["issues"] if i["code"] == "file-not-read"]
    assert [i["file"] for i in found] == [".hidden.xlsx", "deep/letter.docx", "scan.pdf"]


def test_what_a_stray_workbook_holds_is_cut_on_the_terminal(folder: Path) -> None:
    save(folder / "returned" / "list.xlsx", ("甲", "乙", "丙"), [("x" * 30, "y" * 30, n) for n in range(300)])
    lines = [x for x in sampler("estimate", folder, "--lang", "en").err.splitlines() if "list.xlsx" in x]
    assert lines
    assert max(map(len, lines)) < 250
    assert any("…”" in line for line in lines)
    whole = sampler("estimate", folder, "--json", "--quiet").json["issues"]
    assert max(len(i["found"]) for i in whole if i["file"] == "list.xlsx") > 1000


def test_a_workbook_filled_in_where_it_was_printed_is_named(folder: Path) -> None:
    returned = sorted((folder / "returned").glob("*.xlsx"))
    home = folder / "districts" / returned[0].name
    home.write_bytes(returned[0].read_bytes())
    # All of its answers came back as well.
    codes = [i["code"] for i in sampler("estimate", folder, "--json").json["issues"]]
    assert "workbook-not-returned" not in codes
    returned[0].unlink()
    found = sampler("estimate", folder, "--json").json["issues"][0]
    assert (found["code"], found["severity"]) == ("workbook-not-returned", "error")
    assert found["file"] == f"districts/{home.name}"
    assert int(found["found"]) > 0
    for path in returned[1:]:
        path.unlink()
    nothing = sampler("estimate", folder, "--lang", "en")
    assert nothing.code == 3
    assert f"districts/{home.name} has been filled in" in nothing.err


def test_two_documents_at_once_are_refused(counts: Path) -> None:
    run = sampler("estimate", counts, "--csv", "--json")
    assert run.code == 2
    assert run.json["error"]
    assert "--csv and --json cannot be given together" in run.err + run.out


def test_one_proportion_has_no_groups() -> None:
    run = sampler("estimate", "--tested", 9, "--passed", 8, "--by", "district")
    assert run.code == 2
    assert "cannot group by 'district'" in run.err


def test_rows_of_a_table_that_were_skipped_are_told(counts: Path) -> None:
    counts.write_text(COUNTS + "合计,,,1500,120,111\n", encoding="utf-8")
    run = sampler("estimate", counts, "--json")
    (issue,) = run.json["issues"]
    assert (issue["code"], issue["row"]) == ("skipped-total", 5)
    assert run.json["estimates"][0]["tested"] == 120
    assert "total rows skipped: 1" in run.err


def test_ticks_and_crosses_are_results(tmp_path: Path) -> None:
    path = tmp_path / "units.csv"
    path.write_text("stratum,population,result\na,50,√\na,50,×\na,50,√\n", encoding="utf-8")
    total = sampler("estimate", path, "--json").json["estimates"][0]
    assert (total["tested"], total["failed"]) == (3, 1)


def test_people_read_the_names_of_methods_and_scripts_their_keys(counts: Path) -> None:
    assert "精确" in sampler("estimate", counts, "--lang", "zh").out
    assert sampler("estimate", counts, "--lang", "zh", "--json").json["estimates"][0]["method"] == "exact"


def test_words_of_an_earlier_version_are_printed_words(folder: Path) -> None:
    """What the untouched workbook in districts/ says was not typed; what it does not say was."""
    name = min(p.name for p in (folder / "returned").glob("*.xlsx"))
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    for place in ("districts", "returned"):
        book = load_workbook(folder / place / name)
        book.worksheets[0].cell(60, 2).value = "an instruction of an earlier version"
        if place == "returned":
            book.worksheets[0].cell(61, 2).value = "typed by hand"
        book.save(folder / place / name)
    manifest["papers"][f"districts/{name}"] = parts_sha256(folder / "districts" / name)
    (folder / "plan.json").write_text(json.dumps(manifest), encoding="utf-8")
    found = {i["found"] for i in sampler("estimate", folder, "--json").json["issues"]}
    assert "typed by hand" in found
    assert "an instruction of an earlier version" not in found


def test_an_unreadable_workbook_is_told_whatever_is_silenced(folder: Path) -> None:
    book = min((folder / "returned").glob("*.xlsx"))
    book.write_bytes(book.read_bytes()[:3000])
    run = sampler("estimate", folder, "--quiet", "--strict", "--csv")
    assert run.code == 1
    assert book.name in run.err


@pytest.mark.parametrize("suffix", ["xlsx", "html", "json", "csv"])
def test_a_report_that_fails_leaves_the_old_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    out = tmp_path / f"report.{suffix}"
    out.write_text("old", encoding="utf-8")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    run = sampler("estimate", folder, "--out", out)
    assert run.code == 3
    assert "No space left" in run.err
    assert [p.name for p in tmp_path.glob("*report*")] == [out.name]
    assert out.read_text(encoding="utf-8") == "old"


def test_a_stray_plan_json_above_is_no_plan(counts: Path) -> None:
    (counts.parent / "plan.json").write_text('{"name": "my project"}', encoding="utf-8")
    assert sampler("estimate", counts).code == 0


def test_returned_workbooks_without_their_plan_ask_for_it(folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "mail"
    away.mkdir()
    for book in (folder / "returned").glob("*.xlsx"):
        (away / book.name).write_bytes(book.read_bytes())
    run = sampler("estimate", away)
    assert run.code == 2
    assert "is a returned workbook of a plan; name the plan's folder with --plan" in run.err
    assert sampler("estimate", away, "--plan", folder).code == 0


def test_a_folder_of_plans_names_them(folder: Path) -> None:
    run = sampler("estimate", folder.parent)
    assert run.code == 2
    assert "one plan is estimated at a time" in run.err
    assert str(folder) in run.err
