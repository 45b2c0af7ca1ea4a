"""Finding the table: titles, headers of every shape, and the rows that are not rows of the table."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.errors import InputError
from sampler.files.grid import column_index, column_letter
from sampler.files.header import find_header
from sampler.files.rows import classify

from .making import HEADER, A, B, C, book, cells, one, read, recognise


def test_plain_table_keeps_text_rows_and_places(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [HEADER, A, B]))
    assert [(c.header, c.index, c.letter, c.name) for c in table.columns][1] == (
        "统一社会信用代码",
        1,
        "B",
        "c1",
    )
    assert cells(table) == [tuple(A), tuple(B)]
    assert table.data["__row__"].to_list() == [2, 3]
    assert (table.sheet, table.header_row, table.score, table.skipped.height) == ("名录", 1, 4, 0)


@pytest.mark.parametrize("titles", [1, 3, 14])
def test_header_below_titles(tmp_path: Path, titles: int) -> None:
    rows = [[f"广州市企业名录 {i}"] for i in range(titles)]
    table = one(book(tmp_path / "a.xlsx", [*rows, HEADER, A], merge=["A1:D1"]))
    assert table.header_row == titles + 1
    assert table.data["__row__"].to_list() == [titles + 2]


def test_blank_rows_do_not_count_among_the_first_fifteen(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [["名录"], *[[]] * 40, HEADER, A]))
    assert table.header_row == 42


def test_header_deeper_than_that_is_not_searched(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no known header in the first 15 rows"):
        one(book(tmp_path / "a.xlsx", [*[["说明", "x"]] * 15, HEADER, A]))


def test_table_that_does_not_begin_in_column_a(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [[None, None, *HEADER], [None, None, *A]]))
    assert [c.letter for c in table.columns] == ["C", "D", "E", "F"]
    assert cells(table) == [tuple(A)]


def test_two_row_header_under_merged_cells(tmp_path: Path) -> None:
    upper = ["企业名称", "统一社会信用代码", "企业信息", None, "上次抽查", None]
    lower = [None, None, "住所", "所属区", "日期", "结果"]
    row = ["甲", "1", "路1号", "越秀区", "2024-01-05", "合格"]
    merge = ["A1:A2", "B1:B2", "C1:D1", "E1:F1"]
    for regions in (merge, []):  # with the merges known, and in formats that do not tell of them
        table = one(book(tmp_path / "a.xlsx", [upper, lower, row], merge=regions))
        assert [c.header for c in table.columns] == [
            "企业名称", "统一社会信用代码", "住所", "所属区", "上次抽查日期", "上次抽查结果",
        ]  # fmt: skip
        assert cells(table) == [tuple(row)]
        assert table.data["__row__"].to_list() == [3]


def test_unknown_second_row_under_a_merged_cell_is_no_data(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "统一社会信用代码", "数量", None],
        [None, None, "检验", "备样"],
        ["甲", "1", "2", "3"],
    ]
    table = one(book(tmp_path / "a.xlsx", rows, merge=["A1:A2", "B1:B2", "C1:D1"]))
    assert [c.header for c in table.columns] == ["企业名称", "统一社会信用代码", "数量检验", "数量备样"]
    assert table.rows == 1


def test_enterprise_below_a_merged_header_cell_is_data(tmp_path: Path) -> None:
    header = ["企业名称", "所属区", "产品类别", None, "登记状态"]
    rows = [["甲店", "天河区", "糕点", "面包", "存续"], ["乙店", "天河区", "糕点", "面包", "存续"]]
    table = one(book(tmp_path / "a.xlsx", [header, *rows], merge=["C1:D1"]))
    assert cells(table) == [tuple(row) for row in rows]
    assert not [n for n in table.notes if n.code == "two-row-header"]


def test_header_row_that_needs_no_help_keeps_the_group_row_above_out(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [["基本信息", None, "监管信息", None], HEADER, A]))
    assert (table.header_row, [c.header for c in table.columns]) == (2, HEADER)


def test_duplicate_names_stay_apart(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [["企业名称", "住所", "住所", "所属区"], ["甲", "一", "二", "三"]]))
    assert [(c.header, c.index) for c in table.columns][1:3] == [("住所", 1), ("住所", 2)]
    assert cells(table) == [("甲", "一", "二", "三")]


def test_line_breaks_and_brackets_reach_the_caller(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [[*HEADER, "许可证\n编号（SC）"], [*A, "x"]]))
    assert table.columns[-1].header == "许可证\n编号（SC）"


def test_columns_without_name_are_kept_if_they_hold_anything(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [[*HEADER, None, None, "x"], [*A, "想起的", None, None]]))
    assert [(c.header, c.letter) for c in table.columns][4:] == [("", "E"), ("x", "G")]


def test_rows_that_are_not_of_the_table_are_listed_with_reason(tmp_path: Path) -> None:
    rows = [
        ["名录"], HEADER,
        ["越秀区（1所）"], A, ["小计", None, None, 1],
        [], HEADER,
        ["天河区 (共 2 家)"], B, C, ["小  计", "/", None, "2"],
        ["合计", None, None, 3], [], ["注：数据截至2024年。"], ["制表人：张三", None, "审核：李四"],
    ]  # fmt: skip
    table = one(book(tmp_path / "a.xlsx", rows))
    assert cells(table) == [tuple(A), tuple(B), tuple(C)]
    assert table.data["__row__"].to_list() == [4, 9, 10]
    assert table.skipped.select("__row__", "reason").rows() == [
        (3, "group"), (5, "total"), (6, "blank"), (7, "header"), (8, "group"),
        (11, "total"), (12, "total"), (13, "blank"), (14, "note"), (15, "note"),
    ]  # fmt: skip
    assert table.skipped["text"][-1] == "制表人：张三 | 审核：李四"
    counts = {n.code: n.done.render("zh") for n in table.notes if n.code.startswith("skipped")}
    assert counts["skipped-total"] == "跳过合计行 3 行"
    assert len(counts) == 5


@pytest.mark.parametrize(
    "tail",
    [
        [["填表说明：1、本表由各区局填报。"], ["单位（盖章）：", None, "联系电话：020-123"]],
        [["填表说明：本表由各区局填报"], ["单位（盖章）", None, None, "分管领导签字"], ["注1：截至9月"]],
        [["填报单位（盖章）：", None, "审核人：李四"], ["分管领导签字："]],
    ],
)
def test_notes_and_signatures_below_the_table(tmp_path: Path, tail: list[list[str | None]]) -> None:
    table = one(book(tmp_path / "a.xlsx", [[*HEADER, *"一二三四"], A, ["公章刻制店", "2", "越秀区", "糕点"], *tail]))
    assert [row[0] for row in cells(table)] == [A[0], "公章刻制店"]
    assert table.skipped["reason"].to_list() == ["note"] * len(tail)


def test_merged_row_without_a_count_is_a_group(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [HEADER, ["第一分局"], A, B], merge=["A2:D2"]))
    assert table.skipped.rows() == [(2, "group", "第一分局")]


def test_enterprises_that_look_like_totals_or_notes_are_kept(tmp_path: Path) -> None:
    rows = [
        ["合计会计师事务所有限公司", "1", "越秀区", "糕点"],
        ["小计餐饮店", "2", "越秀区", "糕点"],
        ["合计", "3", "越秀区", "糕点"],
        ["注册企业", "4", "越秀区", "糕点"],
        ["只有名称的企业", None, None, None],
        ["甲（3店）", "5", None, None],
    ]
    table = one(book(tmp_path / "a.xlsx", [HEADER, *rows]))
    assert [r[0] for r in cells(table)] == [r[0] for r in rows]


@given(st.integers(1, 6).flatmap(lambda width: st.tuples(
    st.lists(st.sampled_from(["", "甲", "乙", "丙"]), min_size=width, max_size=width),
    st.lists(st.lists(st.sampled_from([None, "甲", "乙", "丙"]), min_size=width, max_size=width), max_size=5),
)))  # fmt: skip
def test_rows_that_repeat_three_quarters_of_the_header(table: tuple[list[str], list[list[str | None]]]) -> None:
    header, rows = table
    body = pl.DataFrame(rows, schema={f"c{i}": pl.String for i in range(len(header))}, orient="row")
    same = [sum(cell == name != "" for cell, name in zip(row, header, strict=True)) for row in rows]
    expected = [count >= max(2, 0.75 * sum(map(bool, header))) for count in same]
    reasons = classify(body, first_row=2, header_rows=[header], merged=()).to_list()
    assert [reason == "header" for reason in reasons] == expected


def test_row_of_column_numbers_below_the_header(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [HEADER, ["(1)", "(2)", "(3)", "(4)"], A]))
    assert table.skipped.select("__row__", "reason").rows() == [(2, "header")]


def test_merged_data_cells_are_carried_down(tmp_path: Path) -> None:
    rows = [HEADER, A, [None, None, None, "饮料"], [None, None, None, "肉制品"], B]
    table = one(book(tmp_path / "a.xlsx", rows, merge=["A2:A4", "B2:B4", "C2:C4"]))
    assert cells(table) == [tuple(A), (*A[:3], "饮料"), (*A[:3], "肉制品"), tuple(B)]
    assert [n.found for n in table.notes if n.code == "merged-cells"] == ["6"]


def test_blank_cells_that_are_not_merged_stay_blank(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [HEADER, A, [None, "x", "y", "z"]]))
    assert cells(table)[1] == (None, "x", "y", "z")


def test_values_come_out_as_text(tmp_path: Path) -> None:
    row = [
        dt.date(2024, 1, 5),
        dt.datetime(2024, 1, 5, 13, 30),
        dt.time(8, 30),
        45000,
        1.5,
        True,
        914403001922038216,
    ]
    header = ["企业名称", "统一社会信用代码", "所属区", "产品类别", "住所", "成立日期", "name"]
    table = one(book(tmp_path / "a.xlsx", [header, row]))
    assert cells(table)[0][:6] == ("2024-01-05", "2024-01-05 13:30:00", "08:30:00", "45000", "1.5", "true")


def test_hidden_parts_and_filters_are_read_and_said(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    for row in (HEADER, A, B, C):
        sheet.append(row)
    sheet.auto_filter.ref = "A1:D4"
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.sheet_state = "hidden"
    workbook.create_sheet("空")
    workbook.save(tmp_path / "a.xlsx")
    table = one(tmp_path / "a.xlsx")
    assert cells(table) == [tuple(A), tuple(B), tuple(C)]
    assert {n.code: (n.found, n.column) for n in table.notes} == {
        "hidden-sheet": ("", None), "hidden-rows": ("2", None), "hidden-column": ("", "所属区"), "filter": ("", None),
    }  # fmt: skip


def test_every_sheet_with_a_header_and_the_others_named(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "说明"
    workbook.active.append(["请填写", "谢谢"])
    for name, row in (("越秀", A), (" 天河 ", B)):
        sheet = workbook.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(row)
    workbook.save(tmp_path / "a.xlsx")
    reading = read(tmp_path / "a.xlsx")
    assert [t.sheet for t in reading.tables] == ["越秀", " 天河 "]
    assert [(n.code, n.sheet, n.found) for n in reading.notes] == [("sheet-without-header", "说明", "请填写, 谢谢")]
    assert [t.sheet for t in read(tmp_path / "a.xlsx", sheet="天河").tables] == [" 天河 "]
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.xlsx", sheet="白云")
    assert "白云" in caught.value.message("zh")
    assert "越秀" in caught.value.message("en")
    assert caught.value.exit_code == 3


def test_nothing_recognised_says_what_was_seen(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="甲列, 乙列") as caught:
        read(book(tmp_path / "a.xlsx", [["甲列", "乙列"], [1, 2]]))
    assert caught.value.key == "reading.no-header"


def test_folders_in_order_without_lock_and_hidden_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    book(tmp_path / "sub" / "b.xlsx", [HEADER, B])
    book(tmp_path / "a.xlsx", [HEADER, A])
    (tmp_path / "~$a.xlsx").write_bytes(b"lock")
    (tmp_path / ".hidden.xlsx").write_bytes(b"x")
    (tmp_path / "readme.md").write_text("x")
    reading = read(tmp_path, tmp_path / "a.xlsx")
    assert [Path(t.file).name for t in reading.tables] == ["a.xlsx", "b.xlsx"]
    assert [n.code for n in reading.notes] == ["lock-file"]


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no readable file"):
        read(tmp_path)
    with pytest.raises(InputError, match="there is no file"):
        read(tmp_path / "none.xlsx")


def test_formulas_with_stored_results_are_values_and_errors_are_said(tmp_path: Path) -> None:
    from .making import sheet_xml, text_row, with_sheet

    rows = text_row(1, HEADER) + (
        '<row r="2"><c r="A2" t="str"><f>B2</f><v>甲</v></c><c r="B2"><v>1</v></c>'
        '<c r="C2" t="e"><f>NA()</f><v>#N/A</v></c><c r="D2" t="str"><f>""</f><v></v></c></row>'
    )
    source = book(tmp_path / "s.xlsx", [HEADER])
    table = one(with_sheet(source, tmp_path / "a.xlsx", sheet_xml(rows)))
    assert cells(table) == [("甲", "1", None, None)]
    assert [(n.code, n.row, n.column, n.found) for n in table.notes] == [("error-cell", 2, "所属区", "#N/A")]


@pytest.mark.parametrize(("letters", "index"), [("A", 0), ("Z", 25), ("AA", 26), ("ZZ", 701), ("XFD", 16383)])
def test_column_letters(letters: str, index: int) -> None:
    assert column_letter(index) == letters
    assert column_index(letters) == index


def test_header_of_a_single_known_column() -> None:
    header = find_header([["", ""], ["code", ""], ["1", ""]], recognise)
    assert header is not None
    assert header.first == 1
    assert find_header([["code", "x"], ["1", "2"]], recognise) is None
