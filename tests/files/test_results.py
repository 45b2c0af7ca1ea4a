"""Whatever happens to a workbook on its way, what was typed is read or listed, and nothing pending is a pass."""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from sampler.cli.console import finding_text
from sampler.design import Sample
from sampler.errors import InputError
from sampler.files import results as reading
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.district_book import HEADER_ROW
from sampler.files.returned_sheets import KNOWN_HEADERS
from sampler.intake.headers import normal_header
from sampler.plan import Plan
from sampler.results import BATCH_SCHEMA
from sampler.text import LANGUAGES, text
from sampler.text.results import ENTRIES
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, columns_of, fill, rows_of, sheet_of, write
from tests.files.returning import PLACE, answer, batches_of, codes, read, saved_by_office
from tests.planning import INSPECTORS, draw, make_design


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


EARLIER = {
    "tasks": [c.field for c in TASK_COLUMNS if c.field not in ("deadline", "unit_id")] + ["deadline", "unit_id"],
    "reserves": [c.field for c in RESERVE_COLUMNS if c.field not in ("batches", "unit_id")] + ["batches", "unit_id"],
}
"""The columns of the lists as plans printed them before their papers were laid out anew."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("forms", [False, True])
def test_a_list_of_the_earlier_layout_says_the_same(plan: Plan, tmp_path: Path, lang: Any, forms: bool) -> None:
    new, old = tmp_path / "new", tmp_path / "old"
    new.mkdir()
    old.mkdir()
    path = write(new / "a.xlsx", plan, lang=lang, forms=forms)
    tasks, reserves = (batches_of(plan, role) for role in ("task", "reserve"))
    used = PASS | {"replaces": tasks[2], "replace_reason": "停业", "note": "甲", "base": "30 袋", "quantity": 2}
    fill(path, dict(zip(tasks, REPLIES, strict=False)) | {tasks[5]: {"first": "送检中?"}, reserves[0]: used})
    book = load_workbook(path)
    for which, fields in EARLIER.items():
        sheet = sheet_of(book, which)
        columns = columns_of(sheet)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=HEADER_ROW)]
        for number, row in enumerate(rows, HEADER_ROW):
            for column, field in enumerate(fields, 1):
                said = row[columns[field] - 1]
                sheet.cell(number, column).value = "Sampling form no." if said == "Form no." else said
    book.save(old / "a.xlsx")
    one, other = (read(folder / "a.xlsx", plan, root=folder) for folder in (new, old))
    assert other.batches.equals(one.batches)
    assert other.issues == one.issues
    assert one.batches.height == 6


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("header", ["reserve_id", "number"])
def test_a_list_without_reserves_says_nothing(plan: Plan, tmp_path: Path, lang: Any, header: str) -> None:
    path = write(tmp_path / "a.xlsx", replace(plan, selection=plan.tasks), lang=lang)
    book = load_workbook(path)
    sheet = sheet_of(book, "reserves")
    columns = columns_of(sheet)
    # Where the rows' numbers were printed first, the sentence stood below their header.
    for field, column in {"reserve_id": columns[header], header: columns["reserve_id"]}.items():
        sheet.cell(HEADER_ROW, column).value = text(f"workbook.{field}", lang)
    book.save(path)
    assert read(path, plan).issues == ()
    sheet.cell(HEADER_ROW + 1, columns["first"]).value = "合格"
    book.save(path)
    assert codes(read(path, plan)) == {"row-without-task": 1}


def test_rows_sorted_deleted_and_columns_moved_and_renamed(
    book: Path, plan: Plan, ids: list[str], tmp_path: Path
) -> None:
    filled(book, ids)
    before = read(book, plan).batches.drop(PLACE)
    source = load_workbook(book)["任务清单"]
    table = [[c.value for c in row] for row in source.iter_rows(min_row=3)]
    header, body = table[0], [r for r in table[1:] if r[0] in ids[:4]]
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


@pytest.mark.parametrize("suffix", ["xlsx", "ods", "xls", "csv"])
def test_saved_by_libreoffice(book: Path, plan: Plan, ids: list[str], tmp_path: Path, suffix: str) -> None:
    filled(book, ids)
    before = read(book, plan)
    after = read(saved_by_office(book, tmp_path, suffix), plan)
    assert after.batches.drop(PLACE).equals(before.batches.drop(PLACE))
    assert [i for i in after.issues if i.code != "file-without-list"] == []


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


def test_a_folder_with_a_damaged_file_is_read_but_for_that_file(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: PASS})
    (book.parent / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (book.parent / "memo.xlsx").write_bytes(b"")
    results = read(book.parent, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert codes(results) == {"unreadable-file": 2}
    assert {Path(i.file).name for i in results.issues} == {"broken.xlsx", "memo.xlsx"}
    memo = book.parent / "memo.xlsx"
    told = [finding_text(i).render("zh") for i in results.issues if i.file == str(memo)]
    assert told == [f"{memo}：处理：未读取，其他文件照常读取。文件 {memo} 是空的；请重新导出或重新传送。"]


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


def test_a_file_that_has_gone_since_it_was_listed_is_told_and_the_others_count(
    book: Path, plan: Plan, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(book, {ids[0]: PASS})
    gone = Path(shutil.copy(book, book.parent / "gone.xlsx"))
    real = reading.list_files

    def list_files(*arguments: Any) -> Any:
        yield from real(*arguments)
        gone.unlink()

    monkeypatch.setattr(reading, "list_files", list_files)
    results = read(book.parent, plan)
    assert answer(results, ids[0])["final"] == "pass"
    assert [(i.code, Path(i.file).name) for i in results.issues] == [("unreadable-file", "gone.xlsx")]
    assert "No such file" in results.issues[0].done.render("en")


def test_a_file_without_a_list_is_listed(book: Path, plan: Plan, tmp_path: Path) -> None:
    other = Workbook()
    other.active["A1"] = "会议纪要"
    other.save(tmp_path / "memo.xlsx")
    results = read([book, tmp_path / "memo.xlsx"], plan)
    assert codes(results) == {"file-without-list": 1, "text-outside-lists": 1}


def test_results_of_another_quarter_are_refused(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    for sheet in (workbook["任务清单"], workbook["替补名单"]):
        for row in sheet.iter_rows(min_row=4, min_col=1, max_col=1):
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
    unreadable = {
        "results.unreadable_file",
        "results.paper_not_read",
    }  # what is expected of them, the reader's error says
    done = {k.removesuffix("_done") for k in ENTRIES if k.endswith("_done")} - unreadable
    assert expected == done
