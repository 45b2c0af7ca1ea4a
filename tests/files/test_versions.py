"""Several rows and several files for one batch: they add to each other, or contradict each other and decide nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from sampler.plan import Plan
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, fill, rows_of
from tests.files.returning import PLACE, answer, batches_of, codes, read


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
