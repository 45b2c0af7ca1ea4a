"""Tables of a registry as they are: titles, totals, notes, several sheets and files, headers, and what is said of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sampler.errors import InputError
from sampler.files.registry import read_registry
from sampler.frame import SCHEMA
from tests.intake.build import (
    HEADERS,
    A,
    B,
    C,
    D,
    field,
    found,
    guangzhou,
    one,
    read,
    registry,
    workbook,
)


def test_a_plain_registry(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲食品厂", A, "天河区", "食品"), ("乙童装店", B, "越秀区", "儿童用品")))
    assert (frame.rows, frame.size, frame.merged, frame.expanded, dict(frame.excluded)) == (2, 2, 0, 0, {})
    assert field(frame, "unit_id") == [f"{A}|food", f"{B}|children"]
    assert field(frame, "district") == ["440106", "440104"]
    assert field(frame, "source_row") == [2, 3]
    assert not frame.issues
    assert [(m.field, m.header, m.sheet, m.column, m.values) for m in frame.mapping] == [
        ("name", "企业名称", "名录", "A", 2),
        ("code", "统一社会信用代码", "名录", "B", 2),
        ("district", "所属区", "名录", "C", 2),
        ("category", "产品类别", "名录", "D", 2),
    ]
    assert frame.mapping[0].examples == ("甲食品厂", "乙童装店")


def test_the_schema_and_the_design_s_own_columns(tmp_path: Path) -> None:
    design = replace(guangzhou(), columns={"firm_size": ("企业规模",)})
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "小型"), more=("企业规模",)), design)
    assert {c: str(t) for c, t in frame.units.schema.items()} == {**SCHEMA, "firm_size": "String"}
    assert list(frame.units.columns) == [*SCHEMA, "firm_size"]
    assert field(frame, "firm_size") == ["小型"]


# @Tables


def test_titles_totals_repeated_headers_and_notes_are_accounted_for(tmp_path: Path) -> None:
    rows = [
        ("广州市2026年第四季度抽查企业名录",),
        (),
        HEADERS,
        ("甲", A, "天河区", "食品"),
        (),
        HEADERS,
        ("乙", B, "天河区", "食品"),
        ("合计", "2家", None, None),
        ("注：截至九月",),
    ]
    frame = read(workbook(tmp_path / "r.xlsx", rows))
    assert frame.size == 2
    assert dict(frame.excluded) == {"blank": 1, "header": 1, "total": 1, "note": 1}
    assert frame.rejected is not None
    assert frame.rejected.select("row", "reason", "企业名称").rows() == [
        (6, "header", "企业名称 | 统一社会信用代码 | 所属区 | 产品类别"),
        (8, "total", "合计 | 2家"),
        (9, "note", "注：截至九月"),
    ]


def test_several_files_with_columns_in_different_order(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [HEADERS, ("甲", A, "天河区", "食品")])
    (tmp_path / "b.csv").write_text(f"类别,区县,名称,信用代码\n食品,越秀区,乙,{B}\n", encoding="gb18030")
    frame = read(tmp_path)
    assert sorted(map(str, field(frame, "name"))) == ["乙", "甲"]
    assert {Path(str(f)).name for f in field(frame, "source_file")} == {"a.xlsx", "b.csv"}


def test_rejected_rows_stand_as_they_were(tmp_path: Path) -> None:
    rows = [
        ("企业名称", "企业名称", "所属区", "产品类别", "", "reason"),
        ("甲 ", "乙", "火星区", "＝食品", "备", "x"),
    ]
    frame = read(workbook(tmp_path / "r.xlsx", rows))
    assert frame.rejected is not None
    assert frame.rejected.drop("file").rows(named=True) == [
        {"sheet": "名录", "row": 2, "reason": "district", "企业名称": "甲 ", "企业名称 [B]": "乙",
         "所属区": "火星区", "产品类别": "＝食品",
         "E": "备",
         "reason [F]": "x"}
    ]  # fmt: skip


def test_two_columns_of_one_field(tmp_path: Path) -> None:
    rows = [
        (*HEADERS, "住所", "经营场所", "许可项目", "主营产品"),
        ("甲", A, "天河区", "/", "甲路", "—", "糕点", "童装"),
    ]
    frame = read(workbook(tmp_path / "r.xlsx", rows))
    assert field(frame, "address") == ["甲路", "甲路"]
    assert field(frame, "category") == ["children", "food"]
    assert {(i.severity, i.done.key) for i in found(frame, "columns-share-field")} == {
        ("info", "intake.done_first"),
        ("info", "intake.done_joined"),
    }


TWICE = ("是否黑名单", "是否严重违法失信", "投诉次数（2024年）", "投诉次数（2025年）", "上次抽查日期", "最近检查日期",
         "信用等级", "信用分类")  # fmt: skip


def test_of_two_columns_that_bear_on_risk_the_worse_counts(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "天河区", "食品", "否", "是", 0, 12, "2024-01-01", "2026-08-30", "A", "C"),
        ("乙", B, "天河区", "食品", "是", None, 3, 1, "2025-01-01", "/", "D", "B"),
        ("丙", C, "天河区", "食品", "否", "/", None, None, None, None, None, "B"),
    ]
    frame = read(registry(tmp_path, *rows, more=TWICE))
    units = frame.units.sort("source_row")
    assert units.select("blacklisted", "complaints", "last_inspected", "credit_class").rows() == [
        (True, 12, dt.date(2026, 8, 30), "C"),
        (True, 3, dt.date(2025, 1, 1), "D"),
        (False, None, None, "B"),
    ]
    assert {i.done.key for i in found(frame, "columns-share-field")} == {
        f"intake.done_{rule}" for rule in ("any", "largest", "latest", "worse")
    }


def test_what_cannot_be_read_is_listed_at_its_own_column(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "天河区", "食品", "否", "待核实", "约30", 2, "2024-02-30", "去年", None, None),
        ("乙", B, "天河区", "食品", None, "待核实", 2, "约30", "2024-01-01", "2099-01-01", None, None),
    ]
    frame = read(registry(tmp_path, *rows, more=TWICE))
    assert field(frame, "complaints") == [2, 2]
    codes = ("flag-unreadable", "number-unreadable", "date-impossible", "date-unreadable", "date-future")
    assert [(i.row, i.column, i.found, i.done.key) for c in codes for i in found(frame, c)] == [
        (2, "是否严重违法失信", "待核实", "intake.done_other_column"),
        (3, "是否严重违法失信", "待核实", "intake.done_emptied"),
        (2, "投诉次数（2024年）", "约30", "intake.done_other_column"),
        (3, "投诉次数（2025年）", "约30", "intake.done_other_column"),
        (2, "上次抽查日期", "2024-02-30", "intake.done_emptied"),
        (2, "最近检查日期", "去年", "intake.done_other_column"),
        (3, "最近检查日期", "2099-01-01", "intake.done_kept"),
    ]


def test_what_falls_into_no_category_is_listed_at_the_column_it_stands_in(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "天河区", None, None, "美容"),
        ("乙", B, "天河区", "/", "洗车", "美容"),
        ("丙", C, "天河区", "其他", None, None),
        ("丁", D, "天河区", None, None, None),
    ]
    frame = read(registry(tmp_path, *rows, more=("主营产品", "主要产品")))
    assert [(i.row, i.column, i.found) for i in found(frame, "category-none")] == [
        (2, "主要产品", "美容"),
        (3, "主营产品", "洗车；美容"),
        (4, "产品类别", "其他"),
        (5, "产品类别", ""),
    ]
    assert {i.found: i.column for i in found(frame, "category-frequent")} == {
        "美容": "主要产品", "洗车；美容": "主营产品", "其他": "产品类别",
    }  # fmt: skip


def test_the_scope_speaks_where_no_product_names_a_category(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "天河区", None, "糕点", "玩具销售；水泥销售"),
        ("乙", B, "天河区", None, "杂货", "玩具销售；水泥销售"),
        ("丙", C, "天河区", None, None, "玩具销售；水泥销售"),
    ]
    frame = read(registry(tmp_path, *rows, more=("主营产品", "经营范围")))
    assert list(zip(field(frame, "name"), field(frame, "category"), field(frame, "product"), strict=True)) == [
        ("甲", "food", "糕点"),
        ("乙", "building", "杂货"),
        ("乙", "children", "杂货"),
        ("丙", "building", "水泥销售"),
        ("丙", "children", "玩具销售"),
    ]


def test_a_header_that_nearly_matches(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "2024-01-01"), more=("上次抽查的日期",)))
    issue = one(frame, "header-unread")
    assert (issue.severity, issue.column) == ("warning", "上次抽查的日期")
    assert "last_inspected" in issue.expected.render("zh")


def test_the_line_to_configure_keeps_what_other_sheets_are_read_by(tmp_path: Path) -> None:
    sheets = {
        "甲": [HEADERS, ("甲", A, "天河区", "食品")],
        "乙": [("企业名秤", *HEADERS[1:]), ("乙", B, "天河区", "食品")],
    }
    path = workbook(tmp_path / "r.xlsx", sheets)
    line = 'name = ["企业名称", "企业名秤"]'
    assert line in one(read(path), "header-unread").expected.render("zh")
    design = replace(guangzhou(), columns={"name": ("企业名称", "企业名秤")})
    assert sorted(map(str, field(read(path, design), "name"))) == ["乙", "甲"]


def test_a_table_without_names_or_codes_is_told(tmp_path: Path) -> None:
    sheets = {
        "甲": [("主体", *HEADERS[1:]), ("甲", A, "天河区", "食品")],
        "乙": [("企业名称", "信用号", *HEADERS[2:]), ("乙", B, "天河区", "食品")],
        "丙": [HEADERS, ("丙", C, "天河区", "食品")],
    }
    frame = read(workbook(tmp_path / "r.xlsx", sheets))
    told = [one(frame, f"{column}-column-missing") for column in ("name", "code")]
    assert [(i.severity, i.sheet, i.found) for i in told] == [("warning", "甲", "主体"), ("warning", "乙", "信用号")]


def test_two_lists_side_by_side(tmp_path: Path) -> None:
    rows = [
        (*HEADERS, None, *HEADERS),
        ("甲", A, "天河区", "食品", None, "乙", B, "越秀区", "食品"),
        ("丙", C, "天河区", "食品", None, None, None, None, None),
    ]
    frame = read(workbook(tmp_path / "r.xlsx", rows))
    told = found(frame, "lists-side-by-side")
    assert [(i.severity, i.column, dict(i.done.params)["count"]) for i in told] == [
        ("error", "企业名称", 1),
        ("error", "统一社会信用代码", 1),
    ]
    alike = [(*HEADERS, "企业名称"), ("甲（广州）店", A, "天河区", "食品", "甲(广州)店")]
    assert not found(read(workbook(tmp_path / "s.xlsx", alike)), "lists-side-by-side")


def test_a_configured_column_that_is_not_there(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品")), replace(guangzhou(), columns={"ward": ("选区",)}))
    assert (one(frame, "column-missing").severity, one(frame, "column-missing").found) == ("info", "选区")
    assert field(frame, "ward") == [None]
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品")), replace(guangzhou(), columns={"address": ("门牌",)}))
    assert one(frame, "column-missing").severity == "warning"


def test_a_column_that_is_taken_from_the_field_it_names(tmp_path: Path) -> None:
    path = workbook(tmp_path / "r.xlsx", [(*HEADERS, "风险等级"), ("甲", A, "天河区", "食品", "A")])
    issue = one(read(path, replace(guangzhou(), columns={"scale": ("风险等级",)})), "header-taken")
    assert (issue.severity, issue.column) == ("warning", "风险等级")
    assert issue.done.render("en") == (
        "read as “scale”, as [columns] of the configuration says; “risk grade” stays empty"
    )
    # Nothing is taken where the field has a column all the same, where the design names its columns, or where it is its own.
    both = workbook(tmp_path / "b.xlsx", [(*HEADERS, "风险等级", "量化等级"), ("甲", A, "天河区", "食品", "A", "A")])
    assert not found(read(both, replace(guangzhou(), columns={"scale": ("风险等级",)})), "header-taken")
    named = {"scale": ("风险等级",), "risk_grade": ("量化等级",)}
    assert not found(read(path, replace(guangzhou(), columns=named)), "header-taken")
    assert not found(read(path, replace(guangzhou(), columns={"risk_grade": ("风险等级",)})), "header-taken")


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        (("所属区", "产品类别", "地址"), "a name or a code"),
        (("企业名称", "产品类别", "电话"), "a district"),
        (("企业名称", "所属区", "电话"), "something that tells the category"),
        (("企业名称", "所属区", "产品的类别"), 'category = ["产品的类别"]'),
    ],
)
def test_columns_no_unit_can_do_without(tmp_path: Path, headers: tuple[str, ...], missing: str) -> None:
    path = workbook(tmp_path / "r.xlsx", [headers, ("甲", "天河区", "食品")])
    with pytest.raises(InputError) as error:
        read(path)
    assert error.value.exit_code == 3
    assert missing in error.value.message("en")
    assert headers[-1] in error.value.message("zh")


def test_no_header_at_all(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no known header"):
        read(workbook(tmp_path / "r.xlsx", [("甲", "乙"), ("丙", "丁")]))


def test_a_million_findings_are_counted_and_some_listed(tmp_path: Path) -> None:
    rows = 2_500
    table = pl.DataFrame(
        {
            "企业名称": [f"店{i}" for i in range(rows)],
            "所属区": ["火星区"] * rows,
            "产品类别": ["食品"] * rows,
        }
    )
    table.write_csv(tmp_path / "r.csv")
    frame = read(tmp_path / "r.csv")
    assert frame.found["district-unknown"] == rows
    assert len(found(frame, "district-unknown")) == 1_000
    assert dict(one(frame, "district-unknown-more").done.params)["rest"] == 1_500


def test_issues_come_errors_first_and_speak_both_languages(tmp_path: Path) -> None:
    rows = [
        ("甲", "9.14E+17", "天河区", "食品"),
        ("乙", B, "火星区", "食品"),
        ("丙", C, "天河区", "食品", "注销"),
    ]
    frame = read(registry(tmp_path, *rows, more=("登记状态",)))
    order = [i.severity for i in frame.issues]
    assert order == sorted(order, key=["error", "warning", "info"].index)
    for issue in frame.issues:
        for words in (issue.expected, issue.done):
            assert words.render("zh")
            assert words.render("en")


def test_today_is_today(tmp_path: Path) -> None:
    path = registry(tmp_path, ("甲", A, "天河区", "食品", "2199-01-01"), more=("成立日期",))
    assert one(read_registry([path], guangzhou()), "date-future").code == "date-future"
