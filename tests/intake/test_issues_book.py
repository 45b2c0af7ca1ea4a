"""The workbook of findings: everything is in it, in either language, and nothing in it is a formula."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from sampler.errors import UsageError
from sampler.files import issues_book
from sampler.files.issues_book import kind_of, write_issues
from sampler.frame import Frame
from sampler.text import Lang
from sampler.text.intake import ENTRIES
from tests.intake.build import HEADERS, VALID, read, workbook

EVIL = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x")')


@pytest.fixture
def frame(tmp_path: Path) -> Frame:
    rows = [
        (*HEADERS, "=备注", "登记状态"),
        ("=1+1", VALID[0], "=天河", "食品", EVIL[1], "存续"),
        (EVIL[2], VALID[1], "天河区", EVIL[3], EVIL[4], "存续"),
        ("甲\x0b".replace("\x0b", ""), "9.14E+17", "天河区", "食品、建材", "", "存续"),
        ("乙", VALID[2], "天河区", "食品", "", "注销"),
    ]
    return read(workbook(tmp_path / "=r.xlsx", rows))


def written(frame: Frame, path: Path, lang: Lang) -> Workbook:
    write_issues(path, frame, lang)
    return load_workbook(path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_cell_is_a_formula(frame: Frame, tmp_path: Path, lang: Lang) -> None:
    book = written(frame, tmp_path / "issues.xlsx", lang)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    texts = {cell.value for cell in cells}
    assert {"=天河", EVIL[1], EVIL[3], EVIL[4], "=备注"} <= texts


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_issue_is_on_the_sheet_of_its_severity(frame: Frame, tmp_path: Path, lang: Lang) -> None:
    book = written(frame, tmp_path / "issues.xlsx", lang)
    for severity in ("error", "warning", "info"):
        sheet = book[ENTRIES[f"intake.sheet_{severity}"][lang == "en"]]
        listed = [row[1:] for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert listed == [
            (i.file, i.sheet, i.row, i.column, i.found or None, i.expected.render(lang), i.done.render(lang))
            for i in frame.issues
            if i.severity == severity
        ]
        assert sheet.freeze_panes == "A2"


def test_rows_left_out_stand_as_they_were(frame: Frame, tmp_path: Path) -> None:
    sheet = written(frame, tmp_path / "issues.xlsx", "zh")["未纳入的行"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert head == ("文件", "工作表", "行", "原因", *HEADERS, "=备注", "登记状态")
    assert [row[2:] for row in rows] == [
        (2, "区不明", "=1+1", VALID[0], "=天河", "食品", EVIL[1], "存续"),
        (3, "不属于任何类别", EVIL[2], VALID[1], "天河区", EVIL[3], EVIL[4], "存续"),
        (5, "登记状态不在范围", "乙", VALID[2], "天河区", "食品", None, "注销"),
    ]


def test_the_account_adds_up_on_paper(frame: Frame, tmp_path: Path) -> None:
    sheet = written(frame, tmp_path / "issues.xlsx", "en")["summary"]
    numbers = {row[0]: row[1] for row in sheet.iter_rows(values_only=True) if isinstance(row[1], int)}
    left_out = sum(n for what, n in numbers.items() if what.startswith("of them left out"))
    assert numbers["rows read"] == numbers["of them used"] + left_out == 4
    units = (
        numbers["of them used"]
        + numbers["added, where a row stands for several units"]
        - numbers["merged with other rows"]
    )
    assert units == numbers["sampling units"] == frame.size == 2


def test_the_columns_and_what_they_were_read_as(frame: Frame, tmp_path: Path) -> None:
    sheet = written(frame, tmp_path / "issues.xlsx", "zh")["列的对应"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [(r[0], r[1], r[4]) for r in rows][:2] == [
        ("name", "企业名称", "A"),
        ("code", "统一社会信用代码", "B"),
    ]


def test_nothing_left_out(tmp_path: Path) -> None:
    frame = read(workbook(tmp_path / "r.xlsx", [HEADERS, ("甲", VALID[0], "天河区", "食品")]))
    book = written(frame, tmp_path / "issues.xlsx", "en")
    assert book["rows left out"]["A1"].value == "no row was left out"
    assert book["errors"].max_row == 1


def test_more_rows_than_a_clerk_can_mend(frame: Frame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issues_book, "MOST_ROWS", 2)
    sheet = written(frame, tmp_path / "issues.xlsx", "en")["rows left out"]
    assert sheet.max_row == 4
    assert sheet["A4"].value == "1 more rows are not listed"


def test_characters_that_no_workbook_can_hold(frame: Frame, tmp_path: Path) -> None:
    assert frame.rejected is not None
    odd = frame.rejected.with_columns(pl.lit("a\x00b\x1f").alias("企业名称"))
    sheet = written(replace(frame, rejected=odd), tmp_path / "issues.xlsx", "zh")["未纳入的行"]
    assert sheet["E2"].value == "a\ufffdb\ufffd"


def test_a_place_that_cannot_be_written(frame: Frame, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write") as error:
        write_issues(tmp_path / "no" / "issues.xlsx", frame, "zh")
    assert error.value.exit_code == 2
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_is_there_is_replaced(frame: Frame, tmp_path: Path) -> None:
    (tmp_path / "issues.xlsx").write_text("old")
    assert written(frame, tmp_path / "issues.xlsx", "zh").sheetnames[0] == "汇总"
    assert not list(tmp_path.glob(".*"))


def test_every_kind_has_a_name_and_unknown_ones_keep_theirs() -> None:
    assert kind_of("code-two-names", "zh") == kind_of("code-two-names-more", "zh") == "一码多名"
    assert kind_of("hidden-rows", "zh") == "hidden-rows"
