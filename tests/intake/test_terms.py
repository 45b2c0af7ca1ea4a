"""Cells of closed vocabularies: what names a term, what only sounds like one, and which of several counts."""

from __future__ import annotations

import polars as pl
import pytest

from sampler.intake.rows import cleaned
from tests.intake.build import guangzhou


def read(field: str, cell: str) -> object:
    (key,) = cleaned(pl.Series([cell]), field, guangzhou()).to_list()
    return key


@pytest.mark.parametrize(
    ("field", "cell", "key"),
    [
        ("credit_class", "守信企业", "A"),
        ("credit_class", "信用等级A级", "A"),
        ("credit_class", "2023年度B级", "B"),
        ("credit_class", "严重失信主体", "D"),
        ("risk_grade", "风险等级：高风险", "D"),
        ("risk_grade", "属较高风险", "C"),
        ("risk_grade", "D级高风险", "D"),
        ("area_type", "偏远农村", "rural"),
        ("area_type", "广州市城区", "urban"),
        ("area_type", "城乡\n结合部", "fringe"),
        ("stage", "食品生产加工小作坊", "production"),
        ("stage", "不锈钢制品生产", "production"),
        ("stage", "无店铺零售", "circulation"),
        ("stage", "01-生产", "production"),
        ("stage", "中式餐饮", "catering"),
    ],
)
def test_a_name_within_more_words(field: str, cell: str, key: str) -> None:
    assert read(field, cell) == key


@pytest.mark.parametrize(
    ("field", "cells"),
    [
        (
            "credit_class",
            "不守信 非失信 未失信 无失信记录 非严重失信 无严重失信 未列入严重失信 曾失信 原D级 失信已修复 疑似失信 "
            "拟降为D级 轻微失信 失信风险低 BB级 AAA级 A+级 A级+ B或A级 notA级",
        ),
        (
            "risk_grade",
            "非低风险 较低风险 中低风险 非高风险 中高风险 偏高风险 次高风险 不属于高风险 未列为高风险 相对低风险 较为高风险 "
            "低风险以上 高风险除外 低风险？ 高风险：否",
        ),
        ("area_type", "非农村 非城区 不在城区 不是农村 原农村 农村以外"),
        ("stage", "非生产 不含生产 不再生产 停止生产 未从事生产 拟生产 除生产外 已取消零售"),
    ],
)
def test_a_name_that_is_denied_doubted_or_shaded_is_not_understood(field: str, cells: str) -> None:
    assert {cell: key for cell in cells.split() if (key := read(field, cell)) is not None} == {}


@pytest.mark.parametrize(
    ("field", "cell", "key"),
    [
        ("credit_class", "信用风险低（A类）", "A"),
        ("credit_class", "信用风险一般（B类）", "B"),
        ("credit_class", "信用风险较高（C类）", "C"),
        ("credit_class", "信用风险高（D类）", "D"),
        ("credit_class", "信用风险低【A类】", "A"),
        ("credit_class", "A类（信用风险低）", "A"),
        ("credit_class", "A级（原C级）", "A"),
        ("credit_class", "A级（待定）", None),
        ("risk_grade", "较低风险（B类）", "B"),
        ("risk_grade", "C级（较高风险）", "C"),
        ("risk_grade", "高风险（不含）", None),
        ("area_type", "城区（非农村）", "urban"),
        ("stage", "流通（电商）", "online"),
        ("stage", "流通（餐饮）", "circulation"),
        ("stage", "餐饮服务（不含网络经营）", "catering"),
        ("stage", "生产（不含）", None),
    ],
)
def test_what_stands_in_brackets(field: str, cell: str, key: str | None) -> None:
    assert read(field, cell) == key


@pytest.mark.parametrize(
    ("field", "cell", "key"),
    [
        ("credit_class", "A/D", "D"),
        ("credit_class", "D、A", "D"),
        ("credit_class", "AA/A", "A"),
        ("credit_class", "A\nD", "D"),
        ("credit_class", "A\nA", "A"),
        ("credit_class", "A（D）", "D"),
        ("credit_class", "A，见附件", "A"),
        ("risk_grade", "A/D", "D"),
        ("risk_grade", "低风险；高风险企业", "D"),
        ("risk_grade", "低风险/中高风险", None),
        ("stage", "餐饮、生产", "production"),
        ("stage", "生产、不含餐饮", "production"),
        ("area_type", "城区，非农村", "urban"),
    ],
)
def test_of_several_grades_the_worst_counts_unless_one_is_in_doubt(field: str, cell: str, key: str | None) -> None:
    assert read(field, cell) == key
