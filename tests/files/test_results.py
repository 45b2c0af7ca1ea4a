"""Whatever happens to a workbook on its way, what was typed is read or listed, and nothing pending is a pass."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.design import Sample
from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.returned_sheets import KNOWN_HEADERS
from sampler.intake.headers import normal_header
from sampler.plan import Plan
from sampler.results import BATCH_SCHEMA
from sampler.text import LANGUAGES
from sampler.text.results import ENTRIES
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, fill, rows_of, write
from tests.files.returning import answer, batches_of, codes, read
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


# @the state of the file
# @several files
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
