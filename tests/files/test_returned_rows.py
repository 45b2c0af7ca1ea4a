"""Rows of a returned workbook in the state in which it comes back: moved, copied, saved as something else, typed over."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import Workbook, load_workbook

from sampler.files.columns import RESERVE_COLUMNS, TASK_COLUMNS
from sampler.files.district_book import HEADER_ROW
from sampler.plan import Plan
from sampler.text import LANGUAGES, text
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, columns_of, fill, rows_of, sheet_of, write
from tests.files.returning import PLACE, answer, batches_of, codes, read, saved_by_office

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
    assert after.issues == ()


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
