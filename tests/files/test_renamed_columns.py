"""Headers that were renamed, ids that were cleared, days that cannot be: read where that is safe, told where it is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sampler.files.results import read_results
from sampler.plan import Plan
from sampler.results import Results
from tests.files.fieldwork import CLOSED, PASS, columns_of, fill, rows_of, write
from tests.planning import INSPECTORS, batch_ids, draw


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12)


@pytest.fixture
def book(plan: Plan, tmp_path: Path) -> Path:
    return write(tmp_path / "440104.xlsx", plan)


@pytest.fixture(scope="module")
def ids(plan: Plan) -> list[str]:
    chosen = plan.tasks.sort("task_id").select("task_id", "batches", "district").iter_rows()
    return [b for task, k, district in chosen if district == "440104" for b in batch_ids(task, k)]


def read(path: Path, plan: Plan) -> Results:
    return read_results([path], plan, names=INSPECTORS)


def rename(path: Path, field: str, header: str | None) -> Path:
    """Give the column of a field in the task list another header."""
    book = load_workbook(path)
    sheet = book["任务清单"]
    head = next(r for r in range(1, 12) if "任务编号" in {c.value for c in sheet[r]})
    sheet.cell(head, columns_of(sheet)[field]).value = header
    book.save(path)
    return path


@pytest.mark.parametrize("header", ["检测结论", "检测结果", "结论", "判定结果"])
def test_near_names_of_the_result_are_known(book: Path, plan: Plan, ids: list[str], header: str) -> None:
    results = read(rename(fill(book, dict.fromkeys(ids, PASS)), "first", header), plan)
    assert results.batches["final"].to_list() == ["pass"] * len(ids)
    assert results.issues == ()


def test_a_column_nobody_knows_is_one_finding_with_all_it_holds_and_the_header_that_is_wanting(
    book: Path, plan: Plan, ids: list[str]
) -> None:
    results = read(rename(fill(book, dict.fromkeys(ids, PASS)), "first", "检验的结果"), plan)
    assert results.batches["state"].to_list() == ["pending"] * len(ids)
    (issue,) = [i for i in results.issues if i.column == "检验的结果"]
    assert (issue.code, issue.found) == ("column-renamed", " | ".join(["合格"] * len(ids)))
    assert "检验结果" in issue.expected.render("zh")
    assert "Result" in issue.done.render("en")


def test_a_column_like_no_other_suggests_nothing(book: Path, plan: Plan, ids: list[str]) -> None:
    results = read(rename(fill(book, dict.fromkeys(ids, PASS)), "sheet_no", "xyz"), plan)
    (issue,) = [i for i in results.issues if i.column == "xyz"]
    assert issue.code == "column-not-known"


@pytest.mark.parametrize("header", ["编号", "ID号", None])
def test_ids_are_known_under_any_header(book: Path, plan: Plan, ids: list[str], header: str | None) -> None:
    results = read(rename(fill(book, dict.fromkeys(ids, PASS)), "task_id", header), plan)
    assert results.batches["batch_id"].to_list() == sorted(ids)
    assert results.issues == ()


def test_a_column_of_ids_that_is_gone_is_told_once(book: Path, plan: Plan, ids: list[str]) -> None:
    single = [i for i in ids if len(i) == 18]
    fill(book, dict.fromkeys(single, PASS))
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    for row in rows_of(sheet).values():
        sheet.cell(row, columns_of(sheet)["task_id"]).value = None
    workbook.save(book)
    results = read(rename(book, "task_id", None), plan)
    assert results.batches["batch_id"].to_list() == sorted(single)
    (issue,) = [i for i in results.issues if i.code == "ids-gone"]
    assert f"counted: {len(single)}" in issue.done.render("en")


def test_an_id_that_was_cleared_is_told_as_a_warning(book: Path, plan: Plan, ids: list[str]) -> None:
    single = next(i for i in ids if len(i) == 18)
    results = read(fill(book, {single: PASS | {"task_id": None}}), plan)
    (issue,) = results.issues
    assert (issue.code, issue.severity, issue.found) == ("matched-by-mark", "warning", single)


def test_a_day_after_the_period_is_told(book: Path, plan: Plan, ids: list[str]) -> None:
    results = read(
        fill(book, {ids[0]: PASS | {"sampled_on": "2030-01-01"}, ids[1]: PASS | {"sampled_on": "2026-12-31"}}),
        plan,
    )
    (issue,) = results.issues
    assert (issue.code, issue.found) == ("date-after-period", "2030-01-01")
    assert results.batches["sampled_on"][0] == dt.date(2030, 1, 1)


def test_contradictions_are_told_in_the_words_of_the_workbook(book: Path, plan: Plan, ids: list[str]) -> None:
    results = read(fill(book, {ids[0]: CLOSED | {"first": "合格"}}), plan)
    (issue,) = [i for i in results.issues if i.code == "contradiction"]
    assert issue.found == "未抽样 | 停业 | 合格"


def test_an_item_beside_a_failure_is_its_failing_item(book: Path, plan: Plan, ids: list[str]) -> None:
    cells = {
        ids[0]: PASS | {"first": "不合格（小零件）"},
        ids[1]: PASS | {"first": "不合格（小零件）", "failing_item": "标签"},
    }
    results = read(fill(book, cells), plan)
    assert results.batches["final"].to_list() == ["fail", "fail"]
    assert results.batches["failing_item"].to_list() == ["小零件", "标签"]
    assert [(i.code, i.severity, i.found) for i in results.issues] == [
        ("item-beside-verdict", "info", "不合格（小零件）")
    ] * 2
