"""Where a row of a registry is: the district, and what stands in for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sampler.design import District, Strata
from tests.intake.build import (
    HEADERS,
    A,
    B,
    C,
    D,
    E,
    G,
    field,
    found,
    guangzhou,
    one,
    read,
    registry,
    workbook,
)

# @Where


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
