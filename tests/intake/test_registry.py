"""Registries as they are: every kind of dirt, written into a file, read, and accounted for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sampler.design import District, Status, Strata, Unit
from sampler.errors import InputError
from sampler.files.registry import read_registry
from sampler.frame import SCHEMA
from tests.intake.build import HEADERS, VALID, field, found, guangzhou, one, read, workbook

A, B, C, D, E, F, G = VALID


def registry(path: Path, *rows: tuple[object, ...], more: tuple[str, ...] = ()) -> Path:
    return workbook(path / "名录.xlsx", [(*HEADERS, *more), *rows])


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


# Cells


@pytest.mark.parametrize(
    ("header", "name", "typed", "value"),
    [
        ("地址", "address", "天河路  1号", "天河路 1号"),
        ("地址", "address", "—", None),
        ("联系人", "contact", "王　五", "王五"),
        ("电话", "phone", "０２０-８７６５４３２１", "020-87654321"),
        ("行业代码", "industry", "1411.0", "1411"),
        ("环节", "stage", "生产环节", "production"),
        ("环节", "stage", "电商", "online"),
        ("区域类型", "area_type", "城乡结合部", "fringe"),
        ("信用等级", "credit_class", "Ｂ级", "B"),
        ("信用等级", "credit_class", "A A", "AA"),
        ("风险等级", "risk_grade", "D类", "D"),
        ("投诉次数", "complaints", "3次", 3),
        ("不合格次数", "failures", 2, 2),
        ("处罚次数", "penalties", "/", None),
        ("成立日期", "established", "2020年1月5日", dt.date(2020, 1, 5)),
        ("成立日期", "established", dt.datetime(2020, 1, 5), dt.date(2020, 1, 5)),
        ("上次抽查日期", "last_inspected", 43835, dt.date(2020, 1, 5)),
        ("上次抽查日期", "last_inspected", "从未抽查", None),
        ("上次抽查日期", "last_inspected", "未检查", None),
        ("上次抽查日期", "last_inspected", "2025-01-05 / 2026-08-09", dt.date(2026, 8, 9)),
        ("是否黑名单", "blacklisted", "√", True),
        ("是否黑名单", "blacklisted", True, True),
        ("经营异常", "abnormal", "无", False),
    ],
)
def test_cells(tmp_path: Path, header: str, name: str, typed: object, value: object) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", typed), more=(header,)))
    assert field(frame, name) == [value]
    assert not frame.issues


@pytest.mark.parametrize(
    ("header", "typed", "code"),
    [
        ("环节", "批零兼营", "stage-unknown"),
        ("区域类型", "山区", "area-type-unknown"),
        ("信用等级", "E", "credit-class-unknown"),
        ("风险等级", "五级", "risk-grade-unknown"),
        ("投诉次数", "约3", "number-unreadable"),
        ("投诉次数", "-1", "number-unreadable"),
        ("是否黑名单", "待核实", "flag-unreadable"),
        ("上次抽查日期", "去年", "date-unreadable"),
        ("上次抽查日期", "2024-02-30", "date-impossible"),
        ("上次抽查日期", "2024年13月1日", "date-impossible"),
        ("上次抽查日期", "2024-01-05、2026-02-30", "date-impossible"),
        ("上次抽查日期", "2024-01-05 20", "date-unreadable"),
        ("上次抽查日期", "1899-12-31", "date-unreadable"),
        ("成立日期", "2024-01-05 2026-08-09", "date-unreadable"),
    ],
)
def test_a_cell_that_cannot_be_read_is_listed_and_the_row_used(
    tmp_path: Path, header: str, typed: str, code: str
) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", typed), more=(header,)))
    issue = one(frame, code)
    assert (issue.severity, issue.sheet, issue.row, issue.column, issue.found) == (
        "warning",
        "名录",
        2,
        header,
        typed,
    )
    assert issue.done.key == "intake.done_emptied"
    assert frame.size == 1


def test_dates_after_today_are_kept_and_listed_so_that_the_frame_does_not_depend_on_the_day(
    tmp_path: Path,
) -> None:
    path = registry(tmp_path, ("甲", A, "天河区", "食品", "2027-01-01"), more=("上次抽查日期",))
    frame = read(path)
    assert one(frame, "date-future").found == "2027-01-01"
    assert field(frame, "last_inspected") == [dt.date(2027, 1, 1)]
    later = read_registry([path], guangzhou(), today=dt.date(2028, 1, 1))
    assert not found(later, "date-future")
    assert later.sha256() == frame.sha256()


def test_inspected_before_it_was_established(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品", "2024-05-01", "2020-01-01"),
            more=("成立日期", "上次抽查日期"),
        )
    )
    assert one(frame, "date-order").found == "2020-01-01"


# Codes


@pytest.mark.parametrize(
    ("code", "kind", "kept"),
    [
        ("91350203M0001QKT19", "code-check-digit", True),
        ("914403001922038217", "code-check-digit", True),
        ("91440300192203821", "code-length", True),
        ("9.14E+17", "code-damaged", False),
        (914403001922038216, "code-damaged", False),
        ("914403001922038000", "code-damaged", False),
        ("/", "code-missing", False),
    ],
)
def test_codes_to_look_at(tmp_path: Path, code: object, kind: str, kept: bool) -> None:
    frame = read(
        registry(tmp_path, ("甲食品厂", code, "天河区", "食品"), *[("x", v, "天河区", "食品") for v in VALID[1:]])
    )
    assert one(frame, kind).row == 2
    assert one(frame, kind).severity == "warning"
    unit = frame.units.filter(pl.col("source_row") == 2).row(0, named=True)
    assert unit["code"] == (code if kept else None)
    assert unit["enterprise"] == (code if kept else "name=甲食品厂@440106")
    assert frame.size == 7


def test_old_registration_numbers_are_no_errors(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "440111650506932", "天河区", "食品"), ("乙", A, "天河区", "食品")))
    issue = one(frame, "code-legacy")
    assert (issue.severity, issue.row) == ("info", None)
    assert field(frame, "enterprise")[0] == "440111650506932"


def test_what_failed_is_told(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "91440300192203821O", "天河区", "食品"), ("乙", A, "天河区", "食品")))
    assert one(frame, "code-check-digit").expected.key == "intake.expected_alphabet"


def test_a_code_typed_as_a_number_or_text_is_one_enterprise(tmp_path: Path) -> None:
    frame = read(
        registry(tmp_path, ("甲", "440111650506932", "天河区", "食品"), ("甲", 440111650506932, "天河区", "食品"))
    )
    assert (frame.size, frame.merged) == (1, 1)


def test_identifiers_that_are_no_unified_codes(tmp_path: Path) -> None:
    design = replace(
        guangzhou(),
        columns={"code": ("licence_id",), "district": ("ward",)},
        districts=(),
        strata=Strata(keys=("district",)),
    )
    rows = [
        ("licence_id", "name", "ward", "category"),
        (2, "COSI", 42, "food"),
        (9, "Café  Ａ", "42.0", "food"),
        (40, "X", None, "food"),
    ]
    frame = read(workbook(tmp_path / "chicago.xlsx", rows), design)
    assert field(frame, "unit_id") == ["2|food", "9|food"]
    assert field(frame, "district") == ["42", "42"]
    assert field(frame, "name") == ["COSI", "Café A"]
    assert dict(frame.excluded) == {"district": 1}
    assert {i.code for i in frame.issues} == {"district-missing"}


# Who


def test_neither_name_nor_code(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("/", "—", "天河区", "食品"),
            (None, "9.14E+17", "天河区", "食品"),
            ("甲", A, "天河区", "食品"),
        )
    )
    assert dict(frame.excluded) == {"identity": 2}
    assert [(i.severity, i.found) for i in found(frame, "no-identity")] == [
        ("error", "/ | — | 天河区 | 食品"),
        ("error", "9.14E+17 | 天河区 | 食品"),
    ]


def test_a_code_without_a_name_is_enough(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, (None, A, "天河区", "食品")))
    assert field(frame, "enterprise") == [A]
    assert one(frame, "name-missing").row == 2


def test_a_name_in_an_id_has_one_form(tmp_path: Path) -> None:
    frame = read(
        workbook(tmp_path / "r.xlsx", [("企业名称", "所属区", "产品类别"), ("甲|乙（Ａ）Ltd", "天河区", "食品")])
    )
    assert field(frame, "unit_id") == ["name=甲/乙(A)LTD@440106|food"]
    assert field(frame, "name") == ["甲|乙（A）Ltd"]


# Status


@pytest.mark.parametrize(
    "status",
    [
        "存续（在营、开业、在册）",
        "存续(在营、开业、在册)",
        "存续",
        "在业",
        "在营(开业)企业",
        "开业",
        "正常",
        "登记成立",
        "存续（2019年成立）",
        "Active",
        "/",
        None,
    ],
)
def test_in_scope(tmp_path: Path, status: str | None) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", status), more=("登记状态",)))
    assert frame.size == 1
    assert not frame.issues


@pytest.mark.parametrize(
    "status",
    [
        "注销",
        "吊销",
        "吊销未注销",
        "吊销，未注销",
        "撤销",
        "停业",
        "已注销",
        "注 销",
        "注销（2019年）",
        "正常（已注销）",
        "存续（吊销，未注销）",
        "存续/注销",
        "注销企业",
        "已注销企业",
        "吊销企业",
        "停业整顿",
        "停业中",
        "撤销登记",
        "被吊销",
        "吊销后注销",
        "吊销转注销",
        "个转企注销",
        "依法注销",
        "关闭",
        "已关闭",
        "倒闭",
        "吊销（未注销）",
        "停业（2019年停业）",
    ],
)
def test_out_of_scope(tmp_path: Path, status: str) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品", status),
            ("乙", B, "天河区", "食品", "存续"),
            more=("登记状态",),
        )
    )
    assert dict(frame.excluded) == {"status": 1}
    assert (one(frame, "status-out").severity, one(frame, "status-out").found) == ("info", status)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("迁出", "status-ask"),
        ("筹建", "status-ask"),
        ("歇业", "status-ask"),
        ("未知状态", "status-unknown"),
        ("在业(已迁出)", "status-ask"),
        ("歇业备案", "status-ask"),
        ("未注销", "status-unknown"),
        ("正常(2023年停业整顿)", "status-ask"),
        ("正常，2023年停业整顿", "status-ask"),
        ("存续（停业整顿）", "status-ask"),
        ("存续（2024年注销）", "status-ask"),
        ("注销（误）", "status-ask"),
        ("注销（公告期）", "status-ask"),
        ("停业（已恢复营业）", "status-ask"),
        ("吊销（已撤销）", "status-ask"),
        ("注销后恢复", "status-unknown"),
        ("拟注销", "status-unknown"),
        ("暂时关闭", "status-unknown"),
    ],
)
def test_status_to_ask_about(tmp_path: Path, status: str, code: str) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", status), more=("登记状态",)))
    assert frame.size == 1
    assert one(frame, code).severity == "warning"


def test_a_status_in_the_design_goes_before_what_its_word_means_elsewhere(tmp_path: Path) -> None:
    design = replace(guangzhou(), status=Status(in_scope=("存续",), out_of_scope=("停业",), ask=("关闭",)))
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "关闭"), more=("登记状态",)), design)
    assert one(frame, "status-ask").found == "关闭"


def test_without_a_list_no_status_is_out(tmp_path: Path) -> None:
    frame = read(
        registry(tmp_path, ("甲", A, "天河区", "食品", "注销"), more=("登记状态",)),
        replace(guangzhou(), status=Status()),
    )
    assert frame.size == 1
    assert not frame.issues


# Where


def test_a_district_that_nobody_knows(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "海诛区", "食品"),
        ("乙", B, "佛山市南海区", "食品"),
        ("丙", C, None, "食品"),
        ("丁", D, "天河区", "食品"),
    ]
    frame = read(registry(tmp_path, *rows))
    assert dict(frame.excluded) == {"district": 3}
    first, second = found(frame, "district-unknown")
    assert "海珠区" in first.expected.render("zh")
    assert second.expected.key == "intake.expected_own_district"
    assert one(frame, "district-missing").row == 4


def test_the_address_or_office_stands_in_for_an_empty_district_never_for_a_wrong_one(tmp_path: Path) -> None:
    more = ("地址", "监管所")
    rows = [
        ("甲", A, "/", "食品", "广州市番禺区市桥街1号", None),
        ("乙", B, None, "食品", None, "天河区市场监管局石牌所"),
        ("丙", C, "南海区", "食品", "广州市番禺区市桥街1号", None),
        ("丁", D, None, "食品", "白云路1号", None),
    ]
    frame = read(registry(tmp_path, *rows, more=more))
    assert field(frame, "district") == ["440113", "440106"]
    assert [(i.row, i.column) for i in found(frame, "district-inferred")] == [(2, "地址"), (3, "监管所")]
    assert dict(frame.excluded) == {"district": 2}
    assert [one(frame, f"district-{kind}").found for kind in ("unknown", "missing")] == ["南海区", "白云路1号"]


def test_a_sheet_for_each_district(tmp_path: Path) -> None:
    head = ("企业名称", "统一社会信用代码", "产品类别")
    path = workbook(
        tmp_path / "r.xlsx",
        {
            "天河区": [head, ("甲", A, "食品")],
            "越秀": [head, ("乙", B, "食品")],
            "海珠区企业": [head, ("丙", C, "食品")],
            "其他": [head, ("丁", D, "食品")],
        },
    )
    frame = read(path)
    assert sorted(str(d) for d in field(frame, "district")) == ["440104", "440105", "440106"]
    assert {i.sheet for i in found(frame, "district-inferred")} == {"天河区", "越秀", "海珠区企业"}
    assert dict(frame.excluded) == {"district": 1}
    assert read(path, sheet="天河区").rows == 1


def test_the_city_s_own_authority_is_no_district_and_the_address_speaks(tmp_path: Path) -> None:
    rows = [
        (*HEADERS[:2], "登记机关", "产品类别", "住所"),
        ("甲", A, "广州市市场监督管理局", "食品", "广州市番禺区市桥街1号"),
        ("乙", B, "广东省市场监督管理局", "食品", "广州市天河区体育西路1号"),
        ("丙", C, "广州市天河区市场监督管理局", "食品", "广州市番禺区市桥街1号"),
        ("丁", D, "佛山市市场监督管理局", "食品", "广州市番禺区市桥街1号"),
        ("戊", E, "广州市", "食品", "中山路1号"),
    ]
    frame = read(workbook(tmp_path / "r.xlsx", rows))
    assert dict(zip(field(frame, "name"), field(frame, "district"), strict=True)) == {
        "甲": "440113", "乙": "440106", "丙": "440106",
    }  # fmt: skip
    assert [(i.row, i.column) for i in found(frame, "district-inferred")] == [(2, "住所"), (3, "住所")]
    assert [(i.row, i.found) for i in found(frame, "district-unknown")] == [
        (5, "佛山市市场监督管理局"),
        (6, "广州市 | 中山路1号"),
    ]


def test_another_city_s_district_is_no_spelling_of_ours(tmp_path: Path) -> None:
    rows = [
        ("甲", A, "南海区", "食品", "佛山市"),
        ("乙", B, "贵阳市白云区", "食品", None),
        ("丙", C, "天河、越秀", "食品", None),
        ("丁", D, "天诃区", "食品", "广州市"),
    ]
    frame = read(registry(tmp_path, *rows, more=("所属市",)))
    assert [i.expected.key.partition("_")[2] for i in found(frame, "district-unknown")] == [
        "own_district", "own_district", "one_of_districts", "nearest_district",
    ]  # fmt: skip
    nearest = found(frame, "district-unknown")[-1].expected
    assert nearest.render("zh").startswith("本市的一个区；最接近的是 天河区。")
    assert "天河区 (Tianhe)." in nearest.render("en")


def test_never_the_district_of_the_code(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", G, None, "食品"), ("乙", A, "天河区", "食品")))
    assert dict(frame.excluded) == {"district": 1}


def test_the_only_district_needs_no_column(tmp_path: Path) -> None:
    design = replace(guangzhou(), districts=guangzhou().districts[:1])
    frame = read(workbook(tmp_path / "r.xlsx", [("企业名称", "产品类别"), ("甲", "食品")]), design)
    assert field(frame, "district") == ["440103"]
    assert one(frame, "district-inferred").severity == "info"


def test_districts_of_equal_name_in_two_cities(tmp_path: Path) -> None:
    rows = [
        ("企业名称", "市", "区", "产品类别"),
        ("甲", "济南市", "市中区", "食品"),
        ("乙", "枣庄市", "市中区", "食品"),
    ]
    path = workbook(tmp_path / "r.xlsx", rows)
    assert field(read(path, replace(guangzhou(), districts=())), "district") == [
        "济南市市中区",
        "枣庄市市中区",
    ]
    assert one(read(path, replace(guangzhou(), districts=())), "district-by-city").severity == "info"
    both = tuple(
        District(key=k, name="市中区", name_en="Shizhong", city=c)
        for k, c in (("370103", "济南市"), ("370402", "枣庄市"))
    )
    assert field(read(path, replace(guangzhou(), districts=both)), "district") == ["370103", "370402"]
    without = workbook(tmp_path / "s.xlsx", [("企业名称", "区", "产品类别"), ("甲", "市中区", "食品")])
    frame = read(without, replace(guangzhou(), districts=both))
    assert one(frame, "district-unknown").expected.key == "intake.expected_district_city"


def test_another_city_is_asked_about(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "白云区", "食品", "贵阳市"),
            ("乙", B, "白云区", "食品", "广州"),
            more=("城市",),
        )
    )
    assert one(frame, "city-other").found == "贵阳市"
    assert frame.size == 2


def test_a_district_is_not_needed_where_nothing_asks_for_it(tmp_path: Path) -> None:
    design = replace(guangzhou(), districts=(), strata=Strata(keys=("category",)))
    frame = read(workbook(tmp_path / "r.xlsx", [("企业名称", "产品类别"), ("甲", "食品")]), design)
    assert field(frame, "unit_id") == ["name=甲@|food"]


# What


def test_one_row_for_several_categories(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品、儿童用品", "糕点；童鞋"), more=("主营产品",)))
    assert (frame.rows, frame.size, frame.expanded) == (1, 2, 1)
    assert field(frame, "category") == ["children", "food"]
    assert field(frame, "product") == ["童鞋", "糕点"]


def test_the_whole_product_stands_where_no_part_speaks_of_the_category(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品、建材", "杂货"),
            ("乙", B, "天河区", "食品", None),
            more=("主营产品",),
        )
    )
    assert field(frame, "product") == ["杂货", "杂货", "食品"]


def test_what_falls_into_no_category_is_counted_by_frequency(tmp_path: Path) -> None:
    rows = [(f"店{i}", None, "天河区", "美容" if i < 3 else "洗衣") for i in range(5)]
    frame = read(registry(tmp_path, *rows, ("甲", A, "天河区", "食品、洗车")))
    assert dict(frame.excluded) == {"category": 5}
    assert [(i.found, i.row, dict(i.done.params)["count"]) for i in found(frame, "category-frequent")] == [
        ("美容", None, 3),
        ("洗衣", None, 2),
    ]
    assert len(found(frame, "category-none")) == 5
    assert one(frame, "category-parts").found == "洗车 (1)"


def test_the_only_category_needs_no_column(tmp_path: Path) -> None:
    design = replace(guangzhou(), categories=guangzhou().categories[:1])
    frame = read(workbook(tmp_path / "r.xlsx", [("企业名称", "所属区"), ("甲", "天河区")]), design)
    assert field(frame, "category") == ["food"]
    assert one(frame, "category-only").severity == "info"


def test_a_unit_for_each_stage(tmp_path: Path) -> None:
    design = replace(guangzhou(), unit=Unit(by_stage=True))
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品", "生产、流通"),
            ("乙", B, "天河区", "食品", None),
            more=("环节",),
        ),
        design,
    )
    assert set(field(frame, "unit_id")) == {f"{A}|food|production", f"{A}|food|circulation", f"{B}|food|"}
    assert (frame.rows, frame.size, frame.expanded) == (2, 3, 1)


def test_several_stages_where_a_stage_makes_no_unit(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "餐饮、生产"), more=("环节",)))
    assert field(frame, "stage") == ["production"]
    assert not found(frame, "stage-unknown")


# The same enterprise more than once


RISK = ("投诉次数", "不合格次数", "信用等级", "风险等级", "是否黑名单", "上次抽查日期", "地址")


def test_duplicates_are_merged_and_the_worse_facts_kept(tmp_path: Path) -> None:
    rows = [
        ("广州（华南）食品有限公司", A, "天河区", "食品", 1, 0, "A", "C", "否", "2024-01-01", None),
        ("广州(华南)食品有限公司", A, "天河区", "食品", 0, 2, "C", "A", "是", "2025-01-01", "天河路1号"),
        ("广州（华南）食品有限公司天河分公司", A, "天河", "食品", None, None, None, None, None, None, None),
    ]
    frame = read(registry(tmp_path, *rows, more=RISK))
    assert (frame.size, frame.merged) == (1, 2)
    unit = frame.units.row(0, named=True)
    assert (unit["complaints"], unit["failures"], unit["credit_class"], unit["risk_grade"]) == (
        1,
        2,
        "C",
        "C",
    )
    assert (unit["blacklisted"], unit["last_inspected"], unit["address"]) == (
        True,
        dt.date(2025, 1, 1),
        "天河路1号",
    )
    assert unit["source_row"] == 3
    assert [(i.row, dict(i.done.params)["row"]) for i in found(frame, "duplicate")] == [(2, 3), (4, 3)]


def test_the_row_merged_into_is_named_with_its_file_where_there_are_several(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [HEADERS, ("甲", A, "天河区", "食品")])
    workbook(tmp_path / "b.xlsx", [HEADERS, ("甲", A, "天河区", "食品")])
    assert dict(one(read(tmp_path), "duplicate").done.params)["where"] == "a.xlsx 名录"
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品"), ("甲", A, "天河区", "食品")))
    assert dict(one(frame, "duplicate").done.params)["where"] == "名录"


def test_merging_counts_pairs_of_a_row_and_a_unit(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品、建材"), ("甲", A, "天河区", "食品")))
    assert (frame.rows, frame.size, frame.expanded, frame.merged) == (2, 2, 1, 1)


def test_one_code_two_names_is_for_a_person_and_nobody_is_lost(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲食品厂", A, "天河区", "食品"), ("乙面包店", A, "天河区", "食品")))
    assert (frame.size, frame.merged) == (2, 0)
    assert sorted(map(str, field(frame, "enterprise"))) == [f"{A}@乙面包店", f"{A}@甲食品厂"]
    assert [i.found for i in found(frame, "code-two-names")] == [f"{A} 甲食品厂", f"{A} 乙面包店"]
    assert field(frame, "code") == [A, A]


def test_one_code_two_districts_is_for_a_person(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲食品厂", A, "天河区", "食品"), ("甲食品厂", A, "越秀区", "食品")))
    assert sorted(map(str, field(frame, "enterprise"))) == [f"{A}@440104", f"{A}@440106"]
    assert [i.found for i in found(frame, "code-two-districts")] == [f"{A} 天河区", f"{A} 越秀区"]
    assert not found(frame, "code-two-names")


def test_one_name_two_codes_is_for_a_person(tmp_path: Path) -> None:
    rows = [
        ("甲食品厂", A, "天河区", "食品"),
        ("甲食品厂", "440106000012345", "天河区", "食品"),
        ("甲食品厂", C, "越秀区", "食品"),
        ("甲食品厂", A, "天河区", "食品"),
    ]
    frame = read(registry(tmp_path, *rows))
    assert (frame.size, frame.merged) == (3, 1)
    told = found(frame, "name-two-codes")
    assert [(i.row, i.column, i.found) for i in told][:2] == [
        (2, "统一社会信用代码", f"{A} 甲食品厂"),
        (3, "统一社会信用代码", "440106000012345 甲食品厂"),
    ]
    assert [i.row for i in told] == [2, 3, 5]


def test_a_row_without_a_code_is_the_enterprise_of_its_name_and_district(tmp_path: Path) -> None:
    rows = [
        ("甲（广州）食品厂", A, "天河区", "食品"),
        ("甲(广州)食品厂", "9.14E+17", "天河区", "食品"),
        ("甲(广州)食品厂", None, "越秀区", "食品"),
    ]
    frame = read(registry(tmp_path, *rows))
    assert (frame.size, frame.merged) == (2, 1)
    assert field(frame, "enterprise") == [A, "name=甲(广州)食品厂@440104"]
    assert one(frame, "name-matched").row == 3


def test_enterprises_whose_codes_were_damaged_alike_are_not_one(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "9.14E+17", "天河区", "食品"), ("乙", "9.14E+17", "天河区", "食品")))
    assert frame.size == 2


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("甲", A, "天河区", "食品", 1, "2024-01-01", "路1号"),
        ("甲", A, "天河区", "食品、建材", 2, None, "路2号"),
        ("甲", A, "天河区", "食品", None, "2023-01-01", "路3号"),
        ("乙", B, "天河区", "食品", 1, None, None),
        ("丙", B, "天河区", "食品", 1, None, None),
        ("丁", None, "越秀区", "建材", 1, None, None),
        ("丁", "/", "越秀", "建材", 5, None, "路4号"),
    ]
    more = ("投诉次数", "上次抽查日期", "地址")
    one_way = read(registry(tmp_path, *rows, more=more))
    other_way = read(registry(tmp_path, *rows[::-1], more=more))
    assert one_way.sha256() == other_way.sha256()
    assert one_way.merged == other_way.merged == 3


# Tables


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
