"""Headers: what registries call their columns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sampler.errors import InputError
from sampler.files.grid import Column, column_letter
from sampler.intake.headers import ALIASES, field_order, map_headers, normal_header, recogniser
from tests.intake.build import guangzhou

SEEN = {
    "name": "企业名称 名称 单位名称 市场主体名称 经营主体名称 经营者名称 主体名称 字号 被抽样单位(名称) 被抽样单位 受检单位"
    " company_name 店名 户名 厂名 生产企业 企业名稱",
    "code": "统一社会信用代码 统一社会信用代码/注册号 注册号 社会信用代码 信用代码 营业执照号 USCC uniscid CreditCode",
    "status": "登记状态 经营状态 企业状态 监管状态",
    "address": "住所 经营场所 营业场所 主要经营场所 注册地址 地址 营业地址",
    "district": "区 所属区 区县 县(市、区) 行政区 行政区划(代码) 行政区划代码 辖区 登记机关",
    "street": "镇街 乡镇街道 街道",
    "office": "监管所 市场监管所 管辖单位",
    "category": "产品类别 食品类别",
    "product": "主营产品 产品名称 许可项目",
    "industry": "行业代码 行业门类 国民经济行业 所属行业",
    "stage": "环节 抽样环节 主体业态 业态",
    "area_type": "区域类型 城乡分类",
    "licence": "许可证号 SC编号 备案号",
    "risk_grade": "风险等级 风险分级 量化等级",
    "credit_class": "信用风险分类 信用等级 质量信用等级",
    "established": "成立日期 注册日期 核准日期",
    "last_inspected": "上次抽查日期 最近检查日期",
    "failures": "不合格次数",
    "complaints": "投诉次数",
    "penalties": "处罚次数",
    "blacklisted": "是否黑名单 严重违法",
    "abnormal": "经营异常",
    "contact": "法定代表人 法人 负责人 经营者",
    "phone": "电话 联系电话 手机",
}
"""Headers of published plans, forms and systems. 类别 is the category, 主营产品 and the like the product."""


def columns(*headers: str) -> list[Column]:
    return [Column(h, i, column_letter(i)) for i, h in enumerate(headers)]


@pytest.mark.parametrize(("field", "header"), [(f, h) for f, hs in SEEN.items() for h in hs.split()])
def test_headers_that_occur(field: str, header: str) -> None:
    assert list(map_headers(columns(header), guangzhou()).fields) == [field]


@pytest.mark.parametrize(
    "written",
    ["企业名称", " 企业\n名称 ", "*企业名称：", "企业名称（全称）", "企业名称(必填)", "【企业名称】", "1.企业名称",
     "企业\u3000名称", "企业\u00a0名称", "2、企业名称", "企业名称[以执照为准]"],
)  # fmt: skip
def test_ways_of_writing_one_header(written: str) -> None:
    assert normal_header(written) == "企业名称"


@pytest.mark.parametrize("written", ["Company Name", "company_name", "COMPANY-NAME", "ＣｏｍｐａｎｙＮａｍｅ"])
def test_ways_of_writing_an_english_header(written: str) -> None:
    assert list(map_headers(columns(written), guangzhou()).fields) == ["name"]


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ("企业名称 Company Name", ["name"]),
        ("所属区/District", ["district"]),
        ("地址 (Address)", ["address"]),
        ("名称 Code", []),
        ("地址GPS", []),
    ],
)
def test_a_header_in_two_languages_counts_where_both_mean_the_same(written: str, fields: list[str]) -> None:
    assert list(map_headers(columns(written), guangzhou()).fields) == fields


def test_a_header_all_in_brackets_is_what_is_in_them() -> None:
    assert normal_header("（地址）") == "地址"


def test_no_alias_names_two_fields() -> None:
    forms = [normal_header(alias) for aliases in ALIASES.values() for alias in {normal_header(a) for a in aliases}]
    assert len(forms) == len(set(forms))


def test_unknown_headers_are_not_read() -> None:
    header = map_headers(columns("序号", "备注", ""), guangzhou())
    assert not header.fields
    assert header.unread == ("序号", "备注")


def test_the_better_header_comes_first() -> None:
    header = map_headers(columns("住所", "经营场所", "名称"), guangzhou())
    assert [c.header for c in header.fields["address"]] == ["经营场所", "住所"]


def test_the_design_overrides_the_aliases() -> None:
    design = replace(guangzhou(), columns={"name": ("店招",), "ward": ("选区", "Ward")})
    header = map_headers(columns("企业名称", "店招", "ward"), design)
    assert {f: [c.header for c in cs] for f, cs in header.fields.items()} == {
        "name": ["店招"],
        "ward": ["ward"],
    }
    assert header.unread == ("企业名称",)
    assert field_order(design)[-1] == "ward"


def test_an_exact_header_of_the_design_tells_brackets_apart() -> None:
    design = replace(guangzhou(), columns={"ward": ("选区(新)",), "old_ward": ("选区(旧)",)})
    header = map_headers(columns("选区(旧)", "选区(新)"), design)
    assert {f: [c.header for c in cs] for f, cs in header.fields.items()} == {
        "ward": ["选区(新)"],
        "old_ward": ["选区(旧)"],
    }


@pytest.mark.parametrize("name", ["unit_id", "enterprise", "source_row", "tier"])
def test_columns_that_are_made_cannot_be_read(name: str) -> None:
    with pytest.raises(InputError, match=name):
        field_order(replace(guangzhou(), columns={name: ("x",)}))


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("企业名秤", "name"),
        ("社会统一信用代码", "code"),
        ("上次抽查的日期", "last_inspected"),
        ("企业联系电话号码", "phone"),
    ],
)
def test_suggestions(header: str, field: str) -> None:
    (suggestion,) = map_headers(columns(header), guangzhou()).suggestions
    assert suggestion.field == field


@pytest.mark.parametrize("header", ["last_inspection_id", "n_inspections", "序号", "备注", "latitude"])
def test_no_suggestion_for_what_is_something_else(header: str) -> None:
    assert not map_headers(columns(header), guangzhou()).suggestions


def test_no_suggestion_for_a_field_that_is_there() -> None:
    assert not map_headers(columns("企业名称", "企业名稱"), guangzhou()).suggestions


def test_recognising_counts_fields_not_cells() -> None:
    recognise = recogniser(guangzhou())
    assert recognise(["企业名称", "名称", "电话", "序号", ""]) == 2
    assert recognise(["广州市2026年第四季度抽查企业名录"]) == 0
