"""Whatever happens to a workbook on its way, what was typed is read or listed, and nothing pending is a pass."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font

from sampler.design import Sample
from sampler.errors import InputError
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.results import read_results
from sampler.files.returned_sheets import KNOWN_HEADERS
from sampler.intake.headers import normal_header
from sampler.plan import Plan
from sampler.results import BATCH_SCHEMA, Results
from sampler.text import LANGUAGES, Lang, text
from sampler.text.results import ENTRIES
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, columns_of, fill, rows_of, sheet_of, write
from tests.planning import INSPECTORS, batch_ids, draw, make_design


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12)


@pytest.fixture(scope="module")
def blank(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("blank") / "440104.xlsx", plan)


@pytest.fixture
def book(blank: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(blank, tmp_path / "440104.xlsx"))


@pytest.fixture(scope="module")
def ids(plan: Plan) -> list[str]:
    """The batches of Yuexiu's tasks."""
    return batches_of(plan, "task")


def batches_of(plan: Plan, role: str, district: str = "440104") -> list[str]:
    chosen = plan.selection.filter((pl.col("role") == role) & (pl.col("district") == district))
    return [b for t, k in chosen.select("task_id", "batches").iter_rows() for b in batch_ids(t, k)]


def read(path: Path | list[Path], plan: Plan, **options: Any) -> Results:
    return read_results(path if isinstance(path, list) else [path], plan, names=INSPECTORS, **options)


def codes(results: Results) -> dict[str, int]:
    return dict(Counter(i.code for i in results.issues))


def answer(results: Results, batch: str) -> dict[str, Any]:
    rows = results.batches.filter(pl.col("batch_id") == batch)
    assert rows.height == 1
    return rows.row(0, named=True)


def test_an_untouched_workbook_says_nothing(blank: Path, plan: Plan, ids: list[str]) -> None:
    results = read(blank, plan)
    assert results.batches.is_empty()
    assert dict(results.batches.schema) == {c: getattr(pl, t) for c, t in BATCH_SCHEMA.items()}
    assert results.issues == ()
    (report,) = results.files
    reserves = batches_of(plan, "reserve")
    assert (report.rows, report.matched, report.answered, report.used) == (len(ids) + len(reserves),) * 2 + (
        0,
        0,
    )
    assert report.districts == ("440104",)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("forms", [False, True])
def test_untouched_workbooks_in_either_language_raise_no_issue(
    plan: Plan, tmp_path: Path, lang: Any, forms: bool
) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang=lang, forms=forms)
    assert read(path, plan).issues == ()


@pytest.mark.parametrize("title", [None, "产品质量监督抽查抽样单", "Spot check: sampling form"])
def test_a_form_is_no_list_whichever_plan_printed_it(plan: Plan, tmp_path: Path, title: str | None) -> None:
    path = write(tmp_path / "a.xlsx", plan, forms=True)
    book = load_workbook(path)
    form = book["抽样单"]
    form["A1"].value = title or form["A1"].value
    box = next(c for row in form.iter_rows() for c in row if c.value == "□ 拒检")
    box.value = "☑ 拒检"
    book.save(path)
    told = read(path, plan).issues
    # What is written on a form is told, nothing of it is taken for an answer.
    assert [(i.found, i.sheet, i.code) for i in told] == [("☑ 拒检", "抽样单", "text-outside-lists")]


def test_a_district_without_reserves_raises_no_issue(tmp_path: Path) -> None:
    """Its list of reserves holds one sentence, which is no row."""
    plan = draw(design=make_design(sample=Sample(budget=60, reserves=0.0, reserves_least=0)), budget=60, units=12)
    files = [write(tmp_path / f"{d}.xlsx", plan, d) for d in ("440104", "440105")]
    assert read(files, plan).issues == ()


def test_what_was_typed_is_read(book: Path, plan: Plan, ids: list[str]) -> None:
    typed = {
        ids[0]: PASS | {"sample_name": "瓷砖", "base": 200, "quantity": 2.5, "reserve_quantity": 1, "batch_no": "007"},
        ids[1]: FAIL | {"retest": "合格", "note": "已复检"},
        ids[2]: CLOSED,
        ids[3]: SAMPLED,
        ids[4]: {"status": "未抽样", "reason": "拒检"},
    }
    results = read(fill(book, typed), plan)
    first = answer(results, ids[0])
    assert first | {"state": "tested", "first": "pass", "retest": None, "final": "pass"} == first
    assert first | {"sampled_on": dt.date(2026, 11, 3), "sample_name": "瓷砖", "base": 200.0} == first
    assert first | {"quantity": 2.5, "reserve_quantity": 1.0, "sheet_no": "0012", "batch_no": "007"} == first
    assert first["file"] == str(book)
    assert first["sheet"] == "任务清单"
    assert first["role"] == "task"
    team = plan.teams[plan.selection.row(by_predicate=pl.col("task_id") == first["task_id"], named=True)["visit"]]
    assert first["inspectors"] == "、".join(INSPECTORS[i] for i in team)
    second = answer(results, ids[1])
    assert (second["first"], second["retest"], second["final"]) == ("fail", "pass", "pass")
    assert second["note"] == "已复检"
    assert [answer(results, i)["state"] for i in ids[2:5]] == ["unsampled", "pending", "unsampled"]
    assert [answer(results, i)["reason"] for i in ids[2:5]] == ["closed", None, "refused"]
    assert answer(results, ids[3])["final"] is None
    assert results.issues == ()
    assert results.batches["batch_id"].to_list() == sorted(typed)
    assert (results.files[0].answered, results.files[0].used) == (4, 4)


def test_a_plan_in_english_is_read_in_english(plan: Plan, tmp_path: Path, ids: list[str]) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang="en")
    fill(
        path,
        {ids[0]: {"status": "sampled", "sampled_on": dt.date(2026, 10, 9), "first": "pass", "sheet_no": "1"}},
    )
    fill(path, {ids[1]: {"status": "not sampled", "reason": "stock below the minimum"}})
    results = read(path, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert answer(results, ids[1])["reason"] == "insufficient_stock"
    assert results.issues == ()


def test_verdicts_and_dates_in_the_forms_that_a_spreadsheet_gives_them(book: Path, plan: Plan, ids: list[str]) -> None:
    said = [1, 0, True, False, "√", " 合 格 "]
    days = [
        46329,
        dt.datetime(2026, 11, 3, 9, 30),
        dt.date(2026, 11, 3),
        "26-11-03",
        "2026年11月3日",
        "11月3日",
    ]
    typed = {
        batch: PASS | {"first": verdict, "sampled_on": day, "failing_item": "-"}
        for batch, verdict, day in zip(ids, said, days, strict=False)
    }
    results = read(fill(book, typed), plan)
    assert [answer(results, i)["final"] for i in typed] == ["pass", "fail", "pass", "fail", "pass", "pass"]
    assert results.batches["sampled_on"].to_list() == [dt.date(2026, 11, 3)] * 6


def test_no_verdict_is_pending(book: Path, plan: Plan, ids: list[str]) -> None:
    typed = {
        batch: SAMPLED | {"first": said} for batch, said in zip(ids, ("待检", "检验中", "/", "-", "  "), strict=False)
    }
    results = read(fill(book, typed), plan)
    assert results.batches.select("state", "final").unique().rows() == [("pending", None)]
    assert results.batches.height == 5


@pytest.mark.parametrize("field", ["first", "retest"])
def test_a_verdict_nobody_can_read_is_listed_and_pending(book: Path, plan: Plan, ids: list[str], field: str) -> None:
    said = "基本合格"
    results = read(fill(book, {ids[0]: PASS | {field: said}}), plan)
    row = answer(results, ids[0])
    assert (row["state"], row["final"]) == ("pending", None)
    (issue,) = [i for i in results.issues if i.code == "verdict-unreadable"]
    assert (issue.found, issue.severity, issue.column) == (
        said,
        "error",
        {"first": "检验结果", "retest": "复检结果"}[field],
    )
    assert (issue.file, issue.sheet, issue.row) == (
        str(book),
        "任务清单",
        rows_of(load_workbook(book)["任务清单"])[ids[0]],
    )


@pytest.mark.parametrize(
    ("field", "said", "code", "value"),
    [
        ("sampled_on", "上周二", "date-unreadable", None),
        ("sampled_on", "13月1日", "date-unreadable", None),
        ("sampled_on", "2025-11-03", "date-before-period", dt.date(2025, 11, 3)),
        ("base", "很多", "number-unreadable", None),
        ("base", "2+1", "number-unreadable", None),
        ("base", "200盒", "unit-left-out", 200.0),
        ("status", "嗯", "status-unreadable", None),
    ],
)
def test_a_cell_nobody_can_read_is_listed_with_its_place(
    book: Path, plan: Plan, ids: list[str], field: str, said: str, code: str, value: object
) -> None:
    results = read(fill(book, {ids[0]: PASS | {field: said}}), plan)
    if field != "status":
        assert answer(results, ids[0])[field] == value
        assert answer(results, ids[0])["final"] == "pass"
    else:
        assert answer(results, ids[0])["state"] == "pending"
    assert codes(results) == {code: 1}
    assert results.issues[0].found == said
    assert results.issues[0].row == rows_of(load_workbook(book)["任务清单"])[ids[0]]


def test_a_reason_that_is_not_in_the_list_counts_as_other(book: Path, plan: Plan, ids: list[str]) -> None:
    typed = {ids[0]: CLOSED | {"reason": "企业已停业"}, ids[1]: CLOSED | {"reason": "门锁着"}}
    results = read(fill(book, typed), plan)
    assert [answer(results, i)["state"] for i in typed] == ["unsampled", "unsampled"]
    assert [answer(results, i)["reason"] for i in typed] == ["closed", "other"]
    (issue,) = results.issues
    assert (issue.code, issue.found) == ("reason-not-in-list", "门锁着")


def test_a_reason_typed_as_the_status_is_a_reason(book: Path, plan: Plan, ids: list[str]) -> None:
    results = read(fill(book, {ids[0]: {"status": "停业"}}), plan)
    assert (answer(results, ids[0])["state"], answer(results, ids[0])["reason"]) == ("unsampled", "closed")
    assert results.issues == ()


@pytest.mark.parametrize(
    "cells",
    [
        CLOSED | {"first": "合格"},
        PASS | {"reason": "停业"},
        SAMPLED | {"reason": "拒检"},
        {"first": "合格", "reason": "其他"},
    ],
)
def test_an_answer_that_contradicts_itself_decides_nothing(
    book: Path, plan: Plan, ids: list[str], cells: dict[str, object]
) -> None:
    results = read(fill(book, {ids[0]: cells}), plan)
    assert (answer(results, ids[0])["state"], answer(results, ids[0])["final"]) == ("pending", None)
    assert codes(results)["contradiction"] == 1


def test_a_pass_with_an_item_that_failed_is_none(book: Path, plan: Plan, ids: list[str]) -> None:
    typed = {
        ids[0]: PASS | {"failing_item": "铅含量"},
        ids[1]: PASS | {"failing_item": "无"},
        ids[2]: FAIL | {"retest": "合格"},
    }
    results = read(fill(book, typed), plan)
    assert [answer(results, i)["final"] for i in typed] == [None, "pass", "pass"]
    (issue,) = results.issues
    assert (issue.code, issue.severity, issue.found) == ("item-of-pass", "error", "铅含量")


def test_a_note_that_stands_alone_or_says_otherwise_is_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    notes = {
        ids[0]: PASS | {"note": "此结果作废，企业拒检"},
        ids[1]: {"note": "不合格"},
        ids[2]: PASS | {"note": "初检不合格"},
        ids[3]: CLOSED | {"note": "已张贴停业告示"},
        ids[4]: FAIL | {"retest": "合格", "note": "初检不合格，复检合格"},
        ids[5]: SAMPLED | {"note": "送检中"},
    }
    results = read(fill(book, notes), plan)
    assert {(i.code, i.severity, i.found) for i in results.issues} == {
        ("note-against-answer", "warning", "此结果作废，企业拒检"),
        ("note-without-answer", "warning", "不合格"),
        ("note-against-answer", "warning", "初检不合格"),
    }


def test_a_remark_that_names_a_task_and_an_answer_is_a_warning(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    sheet = workbook["字典与其他情况"]
    lines = [row[0] for row in sheet.iter_rows() if not row[0].protection.locked]
    lines[0].value, lines[1].value = "0001 实际不合格", "2026 年底再查一次"
    workbook.save(book)
    assert [(i.code, i.severity) for i in read(book, plan).issues] == [("remark", "warning"), ("remark", "info")]


def test_what_is_wanting_is_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    typed: dict[str, dict[str, object]] = {
        ids[0]: {"first": "合格"},
        ids[1]: {"status": "未抽样"},
        ids[2]: SAMPLED | {"retest": "合格"},
        ids[3]: SAMPLED | {"first": "不合格"},
        ids[4]: {"note": "下周再去"},
    }
    results = read(fill(book, typed), plan)
    assert [answer(results, i)["state"] for i in ids[:5]] == [
        "tested",
        "unsampled",
        "tested",
        "tested",
        "pending",
    ]
    assert codes(results) == {
        "date-missing": 1, "reason-missing": 1, "retest-without-result": 1, "failing-item-missing": 1,
        "note-without-answer": 1,
    }  # fmt: skip


# --- the state of the file -------------------------------------------------------------------------------------------

REPLIES: list[dict[str, Any]] = [
    PASS | {"sample_name": "=1+1", "note": "第一行\n第二行"},
    FAIL | {"retest": "合格"},
    CLOSED,
    SAMPLED,
]


def filled(book: Path, ids: list[str]) -> dict[str, dict[str, Any]]:
    replies = dict(zip(ids, REPLIES, strict=False))
    replies[ids[0]] = replies[ids[0]] | {"sample_name": "普通样品"}
    fill(book, replies)
    return replies


PLACE = ("file", "sheet", "row")


def test_rows_sorted_deleted_and_columns_moved_and_renamed(
    book: Path, plan: Plan, ids: list[str], tmp_path: Path
) -> None:
    filled(book, ids)
    before = read(book, plan).batches.drop(PLACE)
    source = load_workbook(book)["任务清单"]
    table = [[c.value for c in row] for row in source.iter_rows(min_row=3)]
    header, body = table[0], [r for r in table[1:] if r[1] in ids[:4]]
    order = list(range(len(header)))[::-1]
    renamed = {"检验结果": "检验 结论*", "抽样日期": "抽样时间", "任务编号": "任务号", "备注": "Note"}
    other = Workbook()
    sheet = other.active
    sheet.title = "我的清单"
    for row in [header, *sorted(body, key=lambda r: str(r[3]))]:
        sheet.append([renamed.get(str(row[i]), row[i]) for i in order])
    other.save(tmp_path / "moved.xlsx")
    results = read(tmp_path / "moved.xlsx", plan)
    assert results.batches.drop(PLACE).equals(before)
    assert results.issues == ()
    assert results.files[0].rows == 4


def test_rows_copied_to_another_sheet_are_the_same_answer(book: Path, plan: Plan, ids: list[str]) -> None:
    filled(book, ids)
    before = read(book, plan).batches
    workbook = load_workbook(book)
    copy = workbook.copy_worksheet(workbook["任务清单"])
    copy.title = "副本"
    workbook.save(book)
    results = read(book, plan)
    assert results.batches.equals(before)
    assert results.issues == ()
    assert results.files[0].answered == 6
    assert results.files[0].used == 3


def as_csv(book: Path, which: str, target: Path, encoding: str) -> Path:
    sheet = sheet_of(load_workbook(book), which)
    with target.open("w", newline="", encoding=encoding) as stream:
        for row in sheet.iter_rows(values_only=True):
            cells = [c.date() if isinstance(c, dt.datetime) else c for c in row]
            csv.writer(stream).writerow(["" if c is None else c for c in cells])
    return target


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_saved_as_csv(book: Path, plan: Plan, ids: list[str], tmp_path: Path, encoding: str) -> None:
    filled(book, ids)
    before = read(book, plan)
    after = read(
        [
            as_csv(book, "tasks", tmp_path / "a.csv", encoding),
            as_csv(book, "reserves", tmp_path / "b.csv", encoding),
        ],
        plan,
    )
    assert after.batches.drop(PLACE).equals(before.batches.drop(PLACE))
    assert after.issues == before.issues == ()


def saved_by_office(book: Path, tmp_path: Path, suffix: str) -> Path:
    """The folder with what LibreOffice makes of a workbook."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    # Every sheet goes to a file of its own (the last -1), UTF-8 (76), cells as they are shown.
    target = (
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1" if suffix == "csv" else suffix
    )
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    out = tmp_path / "saved"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", target, "--outdir", out, book],
        check=True,
        capture_output=True,
    )
    return out


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "xls", "csv"])
def test_saved_by_libreoffice(book: Path, plan: Plan, ids: list[str], tmp_path: Path, suffix: str) -> None:
    filled(book, ids)
    before = read(book, plan)
    after = read(saved_by_office(book, tmp_path, suffix), plan)
    assert after.batches.drop(PLACE).equals(before.batches.drop(PLACE))
    assert [i for i in after.issues if i.code != "file-without-list"] == []


def test_rows_somebody_added_and_words_anywhere_are_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    columns = columns_of(sheet)
    below = sheet.max_row + 1
    sheet.cell(below, columns["name"]).value = "计划外企业"
    sheet.cell(below, columns["first"]).value = "合格"
    sheet.cell(below + 3, 1).value = "以上情况属实"
    sheet.cell(1, 12).value = "张三代填"
    sheet.cell(6, columns["unit_id"] + 2).value = "右边的话"
    workbook["填写说明"]["B22"] = "收到"
    workbook["字典与其他情况"]["F9"] = "新原因"
    extra = workbook.create_sheet("照片")
    extra["A1"] = "见附件"
    workbook.save(book)
    results = read(book, plan)
    assert results.batches.is_empty()
    found = {(i.sheet, i.found) for i in results.issues}
    for place in [
        ("任务清单", "以上情况属实"),
        ("任务清单", "张三代填"),
        ("任务清单", "右边的话"),
        ("填写说明", "收到"),
        ("字典与其他情况", "新原因"),
        ("照片", "见附件"),
    ]:
        assert place in found
    (added,) = [i for i in results.issues if i.row == below]
    assert (added.code, added.severity) == ("row-without-task", "error")
    assert "计划外企业" in added.found
    assert "合格" in added.found
    assert len(results.issues) == 7


def test_words_of_ours_typed_where_we_do_not_print_them_are_listed(plan: Plan, tmp_path: Path, ids: list[str]) -> None:
    path = write(tmp_path / "a.xlsx", plan, forms=True)
    workbook = load_workbook(path)
    form = workbook["抽样单"]
    remarks = next(c for c in form["A"] if c.value == "现场情况及异议").row + 1
    product = next(c for c in form["B"] if c.value == ids[0]).row + 1
    name = plan.units["name"][0]
    typed = {
        ("抽样单", form.cell(remarks, 1)): "拒检",
        ("抽样单", form.cell(remarks + 1, 1)): name,
        ("抽样单", form.cell(product, 2)): "食品",
        ("填写说明", workbook["填写说明"]["H16"]): "不合格",
        ("填写说明", workbook["填写说明"]["I3"]): "未抽样",
        ("填写说明", workbook["填写说明"]["H20"]): name,
        ("任务清单", workbook["任务清单"]["L1"]): "停业",
        ("字典与其他情况", workbook["字典与其他情况"]["E3"]): "不合格",
        ("字典与其他情况", workbook["字典与其他情况"]["A6"]): "已抽样",
        ("便签", workbook.create_sheet("便签")["A1"]): "合格",
        ("便签", workbook["便签"]["A2"]): ids[0],
    }
    for (_, cell), words in typed.items():
        cell.value = words
    below = workbook["任务清单"].max_row + 3
    workbook["任务清单"].cell(below, 1).value = "不合格"
    workbook.save(path)
    found = {(i.sheet, i.row, i.column, i.found) for i in read(path, plan).issues}
    places = {(sheet, cell.row, cell.column_letter, words) for (sheet, cell), words in typed.items()}
    assert found == places | {("任务清单", below, None, "不合格")}


def test_what_is_written_on_an_earlier_plans_form_is_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    """Its products stood in a table: an id in the first column, what was filled in below the headers."""
    workbook = load_workbook(book)
    form = workbook.create_sheet("抽样单")
    form.append(["产品质量监督抽查抽样单"])
    form.append(["任务编号", "产品类别", "样品名称", "批号", "抽样基数"])
    form.append([ids[0], "食品", "食品", None, None])
    workbook.save(book)
    assert [(i.sheet, i.row, i.column, i.found) for i in read(book, plan).issues] == [("抽样单", 3, "C", "食品")]


def test_rows_that_name_a_task_below_no_header_are_errors(book: Path, plan: Plan, ids: list[str]) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("补报")
    extra.append([ids[0], "不合格"])
    extra.append([ids[1], "拒检"])
    workbook["填写说明"]["H18"] = ids[2]
    workbook["填写说明"]["I18"] = "不合格"
    workbook.save(book)
    results = read(book, plan)
    assert results.batches.is_empty()
    assert [(i.code, i.severity, i.sheet, i.row, i.found) for i in results.issues] == [
        ("rows-without-header", "error", "填写说明", 18, f"{ids[2]} | 不合格"),
        ("rows-without-header", "error", "补报", 1, f"{ids[0]} | 不合格\n{ids[1]} | 拒检"),
    ]


def test_a_list_whose_header_is_gone_is_an_error(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: FAIL})
    workbook = load_workbook(book)
    workbook["任务清单"].delete_rows(3)
    workbook.save(book)
    found = [i for i in read(book, plan).issues if i.code == "rows-without-header"]
    assert {(i.sheet, i.severity) for i in found} == {("任务清单", "error")}
    assert "菌落总数" in "".join(i.found for i in found)


def test_every_cell_of_a_foreign_sheet_is_quoted(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("统计")
    for i in range(90):
        extra.append([f"第{i}行"])
    workbook.save(book)
    (issue,) = read(book, plan).issues
    assert issue.found == " | ".join(f"第{i}行" for i in range(90))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_remarks_are_listed_word_for_word(plan: Plan, tmp_path: Path, lang: Lang) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang=lang)
    workbook = load_workbook(path)
    sheet = workbook[text("workbook.sheet_choices", lang)]
    lines = [row[0] for row in sheet.iter_rows() if not row[0].protection.locked]
    # Words that stand in the workbook elsewhere too are a remark here.
    said = ["区内两家企业已搬离，见附件", text("results.reason_closed", lang), plan.units["name"][0]]
    for cell, words in zip(lines, said, strict=False):
        cell.value = words
    workbook.save(path)
    results = read(path, plan)
    assert results.batches.is_empty()
    found = [(i.code, i.severity, i.sheet, i.row, i.found) for i in results.issues]
    assert found == [("remark", "info", sheet.title, cell.row, words) for cell, words in zip(lines, said, strict=False)]


def test_a_foreign_sheet_full_of_cells_is_one_issue(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("统计")
    for _ in range(30):
        extra.append(["甲", "乙", "丙"])
    workbook.save(book)
    (issue,) = read(book, plan).issues
    assert (issue.code, issue.sheet) == ("sheet-not-read", "统计")
    assert "90" in issue.done.render("en")


def test_comments_are_listed(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    workbook["任务清单"]["D5"].comment = Comment("地址有误", "张三")
    workbook.save(book)
    (issue,) = read(book, plan).issues
    assert (issue.code, issue.sheet, issue.row, issue.column, issue.found) == (
        "comment",
        "任务清单",
        5,
        "D",
        "地址有误",
    )


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_comments_in_other_formats_are_listed_or_told(book: Path, plan: Plan, tmp_path: Path, suffix: str) -> None:
    workbook = load_workbook(book)
    workbook["任务清单"]["D5"].comment = Comment("地址有误", "张三")
    workbook.save(book)
    (issue,) = [i for i in read(saved_by_office(book, tmp_path, suffix), plan).issues if i.severity != "info"]
    assert (issue.code, issue.sheet) == ("comments-not-read" if suffix == "xls" else "comment", "任务清单")


def test_an_answer_that_is_crossed_out_does_not_count(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: PASS, ids[1]: PASS})
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    column = columns_of(sheet)["first"]
    rows = [rows_of(sheet)[i] for i in ids[:2]]
    sheet.cell(rows[0], column).font = Font(strike=True)
    sheet.cell(rows[1], column).value = CellRichText("不", TextBlock(InlineFont(strike=True), "合格"))
    workbook.save(book)
    results = read(book, plan)
    assert [answer(results, i)["state"] for i in ids[:2]] == ["pending", "pending"]
    found = results.issues
    assert [(i.code, i.row, i.found) for i in found if i.code == "struck-out"] == [
        ("struck-out", rows[0], "合格"),
        ("struck-out", rows[1], "不合格"),
    ]


def test_a_printed_cell_that_was_changed_is_listed_and_the_answer_counts(
    book: Path, plan: Plan, ids: list[str]
) -> None:
    fill(
        book,
        {
            ids[0]: PASS
            | {
                "name": "另一家企业",
                "category": "家具",
                "deadline": dt.date(2027, 1, 1),
                "inspector_a": "外人",
            }
        },
    )
    results = read(book, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert [(i.code, i.column) for i in results.issues] == [
        ("printed-cell-changed", c) for c in ("企业名称", "产品类别", "检查人员A", "截止日期")
    ]
    name = plan.units.row(by_predicate=pl.col("unit_id") == answer(results, ids[0])["unit_id"], named=True)["name"]
    assert name in results.issues[0].expected.render("zh")


def test_words_in_the_column_of_numbers_are_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: {"number": "拒检"}, ids[1]: PASS | {"number": 2.0}})
    workbook = load_workbook(book)
    below = workbook["任务清单"].max_row + 1
    workbook["任务清单"].cell(below, 1).value = "0003 复检不合格"
    workbook["任务清单"].cell(below + 1, 1).value = "0004 拒检"
    workbook.save(book)
    results = read(book, plan)
    first = rows_of(load_workbook(book)["任务清单"])[ids[0]]
    assert {(i.row, i.found) for i in results.issues} == {
        (first, "拒检"),
        (below, "0003 复检不合格"),
        (below + 1, "0004 拒检"),
    }


def test_a_row_typed_anew_is_one_finding(book: Path, plan: Plan, ids: list[str]) -> None:
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    columns, below = columns_of(sheet), sheet.max_row + 1
    for field, value in ({"task_id": ids[0]} | PASS).items():
        sheet.cell(below, columns[field]).value = value
    workbook.save(book)
    results = read(book, plan)
    assert answer(results, ids[0])["final"] == "pass"
    (issue,) = results.issues
    assert (issue.code, issue.row) == ("printed-row-changed", below)
    assert answer_unit(plan, ids[0]).partition("|")[0] in issue.expected.render("zh")


def test_an_id_that_lost_its_unit_is_not_used(book: Path, plan: Plan, ids: list[str]) -> None:
    other = answer_unit(plan, ids[5])
    fill(book, {ids[0]: PASS | {"unit_id": other}})
    results = read(book, plan)
    assert results.batches.is_empty()
    (issue,) = results.issues
    assert (issue.code, issue.found) == ("mark-differs", other)
    assert answer_unit(plan, ids[0]) in issue.expected.render("en")


@pytest.mark.parametrize("marked", [True, False])
def test_a_row_of_another_enterprise_is_not_used(book: Path, plan: Plan, ids: list[str], marked: bool) -> None:
    reserve = plan.selection.filter((pl.col("role") == "reserve") & (pl.col("district") == "440104"))["unit_id"][0]
    other = plan.units.row(by_predicate=pl.col("unit_id") == reserve, named=True)
    cells = {f: other[f] for f in ("name", "code", "address")} | ({} if marked else {"unit_id": None})
    results = read(fill(book, {ids[0]: PASS | cells}), plan)
    assert results.batches.is_empty()
    (issue,) = results.issues
    assert (issue.code, issue.severity, issue.column) == ("party-differs", "error", "企业名称")
    assert other["name"] in issue.found
    assert answer_unit(plan, ids[0]).partition("|")[0] in issue.expected.render("zh")


def test_a_name_or_a_code_put_right_is_the_same_enterprise(book: Path, plan: Plan, ids: list[str]) -> None:
    cells = {"unit_id": None}
    fill(book, {ids[0]: PASS | cells | {"name": "新名称"}, ids[1]: PASS | cells | {"code": "91440101MA00000000"}})
    assert [answer(read(book, plan), i)["final"] for i in ids[:2]] == ["pass", "pass"]


def answer_unit(plan: Plan, batch: str) -> str:
    return str(plan.selection.filter(pl.col("task_id") == batch[:18])["unit_id"][0])


def test_a_row_without_its_id_is_matched_by_its_mark(book: Path, plan: Plan, ids: list[str]) -> None:
    single = next(i for i in ids if len(i) == 18)
    fill(book, {single: PASS | {"task_id": None}})
    results = read(book, plan)
    assert answer(results, single)["final"] == "pass"
    assert codes(results) == {"matched-by-mark": 1}


def test_ids_nobody_knows_and_ids_without_their_batch(book: Path, plan: Plan, ids: list[str]) -> None:
    double = next(i for i in ids if len(i) > 18)
    fill(
        book,
        {
            double: PASS | {"task_id": double[:18]},
            ids[-1]: PASS | {"task_id": "2026Q4-440104-9999", "unit_id": None},
        },
    )
    results = read(book, plan)
    assert results.batches.is_empty()
    assert codes(results) == {"batch-not-named": 1, "task-not-known": 1}


def test_an_id_typed_in_another_way_is_the_same_id(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: PASS | {"task_id": " " + ids[0].lower().replace("-", "－")}})
    assert answer(read(book, plan), ids[0])["final"] == "pass"


# --- several files ---------------------------------------------------------------------------------------------------


def version(book: Path, name: str, replies: dict[str, dict[str, Any]], changed: float) -> Path:
    path = Path(shutil.copy(book, book.parent / name))
    fill(path, replies)
    os.utime(path, (changed, changed))
    return path


def test_versions_add_to_each_other(book: Path, plan: Plan, ids: list[str], tmp_path: Path) -> None:
    one = version(book, "v1.xlsx", {ids[0]: SAMPLED, ids[1]: CLOSED}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: PASS, ids[2]: FAIL}, 2e9)
    results = read([one, two], plan)
    assert [answer(results, i)["state"] for i in ids[:3]] == ["tested", "unsampled", "tested"]
    assert results.issues == ()
    assert [(f.answered, f.used) for f in results.files] == [(1, 2), (2, 1)]


def test_two_answers_decide_nothing_and_both_files_are_named(book: Path, plan: Plan, ids: list[str]) -> None:
    one = version(book, "v1.xlsx", {ids[0]: PASS, ids[1]: CLOSED, ids[2]: PASS}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: FAIL, ids[1]: {"first": "合格"}, ids[2]: PASS}, 2e9)
    results = read([one, two], plan)
    for batch in ids[:2]:
        assert (answer(results, batch)["state"], answer(results, batch)["final"]) == ("pending", None)
    assert answer(results, ids[2])["final"] == "pass"
    found = [i for i in results.issues if i.code == "answers-differ"]
    assert len(found) == 2
    for issue in found:
        assert issue.file == str(two)
        assert str(one) in issue.expected.render("zh")
        assert issue.severity == "error"


def test_results_that_differ_leave_the_batch_open_whatever_a_retest_says(
    book: Path, plan: Plan, ids: list[str]
) -> None:
    one = version(book, "v1.xlsx", {ids[0]: FAIL}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: PASS | {"retest": "合格"}}, 2e9)
    results = read([one, two], plan)
    assert (answer(results, ids[0])["state"], answer(results, ids[0])["final"]) == ("pending", None)
    assert codes(results)["answers-differ"] == 1


def test_an_unreadable_result_leaves_the_batch_open_whatever_a_retest_says(
    book: Path, plan: Plan, ids: list[str]
) -> None:
    results = read(fill(book, {ids[0]: PASS | {"first": "送检中?", "retest": "合格"}}), plan)
    assert (answer(results, ids[0])["state"], answer(results, ids[0])["final"]) == ("pending", None)
    assert codes(results) == {"verdict-unreadable": 1}


def test_details_that_differ_are_left_out_and_the_answer_counts(book: Path, plan: Plan, ids: list[str]) -> None:
    one = version(book, "v1.xlsx", {ids[0]: PASS | {"sample_name": "甲"}}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: PASS | {"sample_name": "乙"}}, 2e9)
    results = read([one, two], plan)
    assert (answer(results, ids[0])["final"], answer(results, ids[0])["sample_name"]) == ("pass", None)
    assert codes(results) == {"details-differ": 1}
    assert results.issues[0].severity == "warning"


@pytest.mark.parametrize("header", ["检验结果", "检验结论"])
def test_two_columns_of_results_must_say_the_same(book: Path, plan: Plan, ids: list[str], header: str) -> None:
    fill(book, {ids[0]: PASS, ids[1]: PASS, ids[2]: SAMPLED, ids[3]: PASS})
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    rows, column = rows_of(sheet), sheet.max_column + 1
    sheet.cell(3, column).value = header
    for batch, said in zip(ids, ("不合格", "合格", "合格"), strict=False):
        sheet.cell(rows[batch], column).value = said
    workbook.save(book)
    results = read(book, plan)
    assert [answer(results, i)["final"] for i in ids[:4]] == [None, "pass", "pass", "pass"]
    (issue,) = results.issues
    assert (issue.code, issue.row, issue.found) == ("answers-differ", rows[ids[0]], "不合格")
    (report,) = results.files
    assert report.rows == report.matched == len(ids) + len(batches_of(plan, "reserve"))
    assert report.used == 3


def test_latest_takes_the_file_changed_last_whatever_its_order(book: Path, plan: Plan, ids: list[str]) -> None:
    old = version(book, "z.xlsx", {ids[0]: PASS | {"note": "初次"}, ids[1]: CLOSED, ids[2]: CLOSED}, 1e9)
    new = version(book, "a.xlsx", {ids[0]: FAIL, ids[1]: PASS, ids[2]: {"note": "仍关门"}}, 2e9)
    for order in ([old, new], [new, old]):
        results = read(order, plan, latest=True)
        assert [answer(results, i)["state"] for i in ids[:3]] == ["tested", "tested", "unsampled"]
        assert [answer(results, i)["final"] for i in ids[:3]] == ["fail", "pass", None]
        assert answer(results, ids[0])["note"] == "初次"
        assert answer(results, ids[2])["note"] == "仍关门"
        assert set(codes(results)) == {"answer-superseded"}


def test_latest_cannot_choose_between_files_of_the_same_age(book: Path, plan: Plan, ids: list[str]) -> None:
    one = version(book, "v1.xlsx", {ids[0]: PASS}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: FAIL}, 1e9)
    results = read([one, two], plan, latest=True)
    assert answer(results, ids[0])["final"] is None
    assert "answers-differ" in codes(results)


def test_the_order_of_files_changes_no_answer(book: Path, plan: Plan, ids: list[str]) -> None:
    one = version(book, "v1.xlsx", {ids[0]: SAMPLED | {"note": "甲"}, ids[1]: CLOSED}, 1e9)
    two = version(book, "v2.xlsx", {ids[0]: PASS, ids[1]: PASS}, 2e9)
    ahead, back = read([one, two], plan).batches, read([two, one], plan).batches
    same = [c for c in ahead.columns if c not in (*PLACE, "note")]
    assert ahead.select(same).equals(back.select(same))


def test_a_folder_with_a_damaged_file_is_read_but_for_that_file(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: PASS})
    (book.parent / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (book.parent / "memo.xlsx").write_bytes(b"")
    results = read(book.parent, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert codes(results) == {"unreadable-file": 2}
    assert {Path(i.file).name for i in results.issues} == {"broken.xlsx", "memo.xlsx"}


def test_what_may_not_be_opened_is_named_and_the_rest_is_read(
    book: Path, plan: Plan, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(book, {ids[0]: PASS})
    locked = book.parent / "locked"
    locked.mkdir()
    closed = Path(shutil.copy(book, book.parent / "closed.xlsx"))
    look, opened = os.scandir, Path.open

    def scan(path: Any) -> Any:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    def open_(path: Path, *args: Any, **options: Any) -> Any:
        if path == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **options)

    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(Path, "open", open_)
    results = read(book.parent, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert {(i.code, i.severity, Path(i.file).name) for i in results.issues} == {
        ("unreadable-file", "error", "closed.xlsx"),
        ("unreadable-folder", "error", "locked"),
    }


def test_a_file_without_a_list_is_listed(book: Path, plan: Plan, tmp_path: Path) -> None:
    other = Workbook()
    other.active["A1"] = "会议纪要"
    other.save(tmp_path / "memo.xlsx")
    results = read([book, tmp_path / "memo.xlsx"], plan)
    assert codes(results) == {"file-without-list": 1, "text-outside-lists": 1}


def test_results_of_another_quarter_are_refused(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    for sheet in (workbook["任务清单"], workbook["替补名单"]):
        for row in sheet.iter_rows(min_row=4, min_col=2, max_col=2):
            row[0].value = str(row[0].value).replace("2026Q4", "2026Q3")
    workbook.save(book)
    with pytest.raises(InputError, match=r"holds results of plan 2026Q3, not of 2026Q4") as caught:
        read(book, plan)
    assert "440104.xlsx" in caught.value.message("zh")
    assert caught.value.exit_code == 3


def test_results_of_another_draw_of_the_same_quarter_are_refused(book: Path, ids: list[str]) -> None:
    other = draw(budget=60, units=12, seed="another")
    with pytest.raises(InputError, match="it comes from another draw"):
        read(book, other)


def test_results_of_another_draw_are_refused_without_their_marks_too(book: Path) -> None:
    workbook = load_workbook(book)
    for name in ("任务清单", "替补名单"):
        workbook[name].delete_cols(columns_of(workbook[name])["unit_id"])
    workbook.save(book)
    with pytest.raises(InputError, match="it comes from another draw"):
        read(book, draw(budget=60, units=400, seed="another"))


def test_no_file_is_an_error(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no returned workbook in"):
        read(tmp_path, plan)


# --- reserves --------------------------------------------------------------------------------------------------------


def groups(plan: Plan) -> dict[str, tuple[list[str], list[str]]]:
    """Group → its tasks and its reserves of one batch, in order, in Yuexiu."""
    chosen = plan.selection.filter((pl.col("district") == "440104") & (pl.col("batches") == 1)).sort("rank")
    found: dict[str, tuple[list[str], list[str]]] = {}
    for group, role, task in chosen.select("group", "role", "task_id").iter_rows():
        found.setdefault(group, ([], []))[role == "reserve"].append(task)
    return {g: (t, r) for g, (t, r) in found.items() if len(t) >= 2 and len(r) >= 2}


def used(task: str | None, **more: object) -> dict[str, object]:
    return PASS | {"replaces": task, "replace_reason": "停业"} | more


def test_a_reserve_used_by_the_rules_is_no_issue(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    results = read(fill(book, {tasks[0]: CLOSED, reserves[0]: used(tasks[0])}), plan)
    row = answer(results, reserves[0])
    assert (row["role"], row["replaces"], row["replace_reason"]) == ("reserve", tasks[0], "closed")
    assert results.issues == ()


def test_the_end_of_an_id_names_the_task(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    results = read(fill(book, {tasks[0]: CLOSED, reserves[0]: used(tasks[0][-4:])}), plan)
    assert answer(results, reserves[0])["replaces"] == tasks[0]
    assert results.issues == ()


def test_a_reserve_may_stand_in_for_a_reserve_that_yielded_nothing(book: Path, plan: Plan) -> None:
    tasks, reserves = next(iter(groups(plan).values()))
    replies = {
        tasks[0]: CLOSED,
        reserves[0]: CLOSED | {"replaces": tasks[0], "replace_reason": "停业"},
        reserves[1]: used(tasks[0]),
    }
    assert read(fill(book, replies), plan).issues == ()


@pytest.mark.parametrize(
    ("breach", "code"),
    [
        ("order", "reserve-out-of-order"),
        ("nobody", "reserve-without-task"),
        ("reason", "reserve-without-reason"),
        ("stranger", "replaces-unknown-task"),
        ("group", "reserve-of-another-group"),
        ("answered", "replaced-task-answered"),
        ("open", "replaced-task-open"),
        ("twice", "task-replaced-twice"),
    ],
)
def test_each_misuse_of_a_reserve_is_an_issue(book: Path, plan: Plan, breach: str, code: str) -> None:
    group, (tasks, reserves) = next(iter(groups(plan).items()))
    elsewhere = (pl.col("district") == "440104") & (pl.col("group") != group) & (pl.col("batches") == 1)
    chosen = plan.tasks.filter(elsewhere)
    others = chosen["task_id"].to_list()
    replies: dict[str, dict[str, Any]] = {
        "order": {tasks[0]: CLOSED, reserves[1]: used(tasks[0])},
        "nobody": {reserves[0]: used(None)},
        "reason": {tasks[0]: CLOSED, reserves[0]: used(tasks[0], replace_reason=None)},
        "stranger": {reserves[0]: used("隔壁那家")},
        "group": {others[0]: CLOSED, reserves[0]: used(others[0])},
        "answered": {tasks[0]: PASS, reserves[0]: used(tasks[0])},
        "open": {reserves[0]: used(tasks[0])},
        "twice": {tasks[0]: CLOSED, reserves[0]: used(tasks[0]), reserves[1]: used(tasks[0])},
    }[breach]
    results = read(fill(book, replies), plan)
    assert codes(results) == {code: 1}
    assert answer(results, reserves[0] if breach != "order" else reserves[1])["final"] == "pass"


# --- the vocabulary --------------------------------------------------------------------------------------------------


def test_every_header_and_alias_names_one_field() -> None:
    owners: dict[str, set[str]] = {}
    for column in (*TASK_COLUMNS, *RESERVE_COLUMNS):
        for name in column.names():
            owners.setdefault(normal_header(name), set()).add(column.field)
    assert {name: fields for name, fields in owners.items() if len(fields) > 1} == {}
    assert {name: {field} for name, (field, _) in KNOWN_HEADERS.items()} == owners


def test_every_finding_says_what_was_expected_and_what_was_done() -> None:
    ends = {key.rpartition("_")[2]: key for key in ENTRIES}
    assert {"expected", "done"} <= ends.keys()
    expected = {k.removesuffix("_expected") for k in ENTRIES if k.endswith("_expected")}
    done = {k.removesuffix("_done") for k in ENTRIES if k.endswith("_done")} - {"results.unreadable_file"}
    assert expected == done
