"""Which returned files are read: damaged ones, those of other plans, and none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from sampler.cli.console import finding_text
from sampler.errors import InputError
from sampler.files import results as reading
from sampler.files.findings import finding, in_order
from sampler.plan import Plan
from tests.files.fieldwork import PASS, columns_of, fill
from tests.files.returning import answer, codes, read
from tests.planning import draw


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


def test_errors_of_whole_files_are_listed_before_those_of_cells() -> None:
    """The terminal shows the first few: a missing district may not stand behind wrong cells of another."""
    cell = finding("error", "status-unreadable", "a.xlsx", "任务", 9, "状态", "?")
    file = finding("error", "file-without-list", "b.xlsx", None, None, None, None)
    warning = finding("warning", "status-unreadable", "a.xlsx", None, None, None, "?")
    assert in_order([warning, cell, file]) == (file, cell, warning)
