"""The workbook of findings: everything is in it, in either language, and nothing in it is a formula."""

from __future__ import annotations

import ast
import errno
import os
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from sampler.errors import InputError
from sampler.files import issues_book, swap
from sampler.files.folders import made_by_sampler
from sampler.files.issues_book import write_issues
from sampler.files.rows import REASONS
from sampler.files.styles import lines_needed, row_height
from sampler.frame import Frame
from sampler.intake.findings import kind_of
from sampler.intake.rows import TERMS
from sampler.text import Lang
from sampler.text.intake import ENTRIES
from tests.intake.build import HEADERS, ROOT, VALID, read, workbook

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
            ("=r.xlsx", i.sheet, i.row, i.column, i.found or None, i.expected.render(lang), i.done.render(lang))
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
        ("企业名称", "企业名称", "A"),
        ("统一社会信用代码", "统一社会信用代码", "B"),
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
    assert sheet["A4"].value == "1 more row is not listed"


def test_characters_that_no_workbook_can_hold(frame: Frame, tmp_path: Path) -> None:
    assert frame.rejected is not None
    odd = frame.rejected.with_columns(pl.lit("a\x00b\x1f").alias("企业名称"))
    sheet = written(replace(frame, rejected=odd), tmp_path / "issues.xlsx", "zh")["未纳入的行"]
    assert sheet["E2"].value == "a\ufffdb\ufffd"


def test_a_place_that_cannot_be_written(frame: Frame, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot write") as error:
        write_issues(tmp_path / "no" / "issues.xlsx", frame, "zh")
    assert error.value.exit_code == 3
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_is_there_is_replaced(frame: Frame, tmp_path: Path) -> None:
    (tmp_path / "issues.xlsx").write_text("old")
    assert written(frame, tmp_path / "issues.xlsx", "zh").sheetnames[0] == "汇总"
    assert not list(tmp_path.glob(".*"))


def test_a_disk_that_is_full_leaves_the_file_that_was_there(
    frame: Frame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "issues.xlsx").write_text("old")
    monkeypatch.setattr(swap.os, "fsync", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_issues(tmp_path / "issues.xlsx", frame, "zh")
    assert (tmp_path / "issues.xlsx").read_text() == "old"
    assert not list(tmp_path.glob(".*"))


def test_files_of_one_name_keep_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "r.xlsx" for folder in ("a", "b")]
    for path, code in zip(paths, VALID, strict=False):
        path.parent.mkdir()
        workbook(path, [HEADERS, ("甲", code, "火星区", "食品")])
    sheet = written(read(tmp_path), tmp_path / "issues.xlsx", "zh")["错误"]
    assert [row[1] for row in sheet.iter_rows(min_row=2, values_only=True)] == [str(path) for path in paths]


def test_rows_are_as_high_as_their_text(frame: Frame, tmp_path: Path) -> None:
    sheet = written(frame, tmp_path / "issues.xlsx", "zh")["错误"]
    heights = {number: sheet.row_dimensions[number].height for number in (1, 2)}
    lines = {
        number: max(
            lines_needed(cell.value, sheet.column_dimensions[get_column_letter(cell.column)].width)
            for cell in sheet[number]
        )
        for number in heights
    }
    assert lines[2] > 1
    assert heights == {number: row_height(n) for number, n in lines.items()}
    assert {cell.alignment.vertical for cell in sheet[2]} == {"top"}
    assert {cell.border.left.style for cell in sheet[2]} == {"thin"}


def test_a_page_shows_the_first_columns_of_rows_left_out(tmp_path: Path) -> None:
    more = tuple(f"列{i}" for i in range(30))
    frame = read(workbook(tmp_path / "r.xlsx", [(*HEADERS, *more), ("甲", VALID[0], "火星区", "食品", *more)]))
    book = written(frame, tmp_path / "issues.xlsx", "zh")
    assert book["未纳入的行"].max_column == 38
    assert book["未纳入的行"].print_area == "'未纳入的行'!$A$1:$K$2"
    assert not book["错误"].print_area


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_book_is_internal_and_says_so(frame: Frame, tmp_path: Path, lang: Lang) -> None:
    book = written(frame, tmp_path / "issues.xlsx", lang)
    words = ENTRIES["intake.internal"][lang == "en"]
    assert book.worksheets[0]["A2"].value == words
    assert {sheet.oddFooter.left.text for sheet in book} == {words}


def test_the_book_is_known_as_ours_also_where_another_program_saved_it(frame: Frame, tmp_path: Path) -> None:
    written(frame, tmp_path / "issues.xlsx", "zh")
    assert made_by_sampler(tmp_path / "issues.xlsx")
    for creator in ("sampler", "张三"):
        with zipfile.ZipFile(tmp_path / "issues.ods", "w") as package:
            package.writestr(
                "meta.xml", f"<office:meta><meta:initial-creator>{creator}</meta:initial-creator></office:meta>"
            )
        assert made_by_sampler(tmp_path / "issues.ods") == (creator == "sampler")


EMITTING = ("intake/checks.py", "intake/columns.py", "intake/enterprises.py", "intake/units.py", "intake/build.py",
            "files/tables.py", "files/notes.py", "files/folders.py", "files/delimited.py")  # fmt: skip


def emitted() -> set[str]:
    """The codes of every issue that reading a registry can end in, as its modules spell them."""
    sources = [(ROOT / "sampler" / name).read_text(encoding="utf-8") for name in EMITTING]
    codes = {node.value for source in sources for node in ast.walk(ast.parse(source))
             if isinstance(node, ast.Constant) and isinstance(node.value, str)
             and re.fullmatch(r"[a-z]+(?:-[a-z]+)+|filter|duplicate|uncalculated", node.value)}  # fmt: skip
    codes |= {f"skipped-{reason}" for reason in REASONS} | {f"{term.replace('_', '-')}-unknown" for term in TERMS}
    remarks = {key for source in sources for key in re.findall(r'"reading\.(stray-[a-z-]+)"', source)}
    return codes | remarks | {"name-column-missing", "code-column-missing"}


def test_every_kind_has_a_name() -> None:
    codes = emitted()
    assert {"hidden-rows", "filter", "skipped-total", "duplicate", "code-two-names", "stray-quotes"} <= codes
    for code in codes:
        assert kind_of(code).render("zh") != kind_of(code).render("en")
    assert kind_of("code-two-names-more") == kind_of("code-two-names")


def test_no_name_is_of_a_kind_that_does_not_occur() -> None:
    named = {key.removeprefix("intake.kind_").replace("_", "-") for key in ENTRIES if key.startswith("intake.kind_")}
    assert named == emitted()
