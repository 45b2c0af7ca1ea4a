"""The columns of tables of counts and of units: what people call them, and what stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NAMES: dict[str, str] = {
    "stratum": "stratum strata 层 分层 抽样层 层号 层编号",
    "population": "population n_population 总体 总体数 总体量 总体单位数 总体批次数 单位总数 批次总数 企业数 企业总数",
    "sampled": "sampled drawn 抽样数 抽样批次 抽样批次数 应抽数 计划批次",
    "tested": "tested 检验 检验数 检验批次 检验批次数 检测 检测数 检测批次 检测批次数 抽检 抽检数 抽检批次 抽检批次数 "
    "抽查批次 抽查批次数 已检 已检批次",
    "passed": "passed pass 合格 合格数 合格批次 合格批次数",
    "failed": "failed fail 不合格 不合格数 不合格批次 不合格批次数",
    "out_of_scope": "out_of_scope 范围外 不在范围",
    "refused": "refused 拒检 拒检数",
    "target": "target 目标 目标值 合格率目标 目标合格率",
    "result": "result verdict 结果 检验结果 检验结论 判定 结论 是否合格",
    "unit": "unit unit_id enterprise code name 企业 企业名称 单位名称 名称 统一社会信用代码 信用代码 单位编号",
    "ignored": "batch batch_id batch_no task_id id no date note sample_name failing_item 批次号 批号 样品编号 抽样单号 "
    "任务编号 编号 序号 日期 抽样日期 备注 样品名称 不合格项目 address 地址 "
    "合格率 批次合格率 不合格率 pass_rate rate failure_rate",
    "plan": "plan plan_id period 计划 计划编号 期次 季度",
    "district": "district 区 区县 行政区 辖区 所属区 县市区",
    "category": "category 类别 产品类别 食品类别 品类",
    "stage": "stage 环节 抽样环节",
    "tier": "tier 风险层 风险等级 风险分级",
    "area_type": "area_type 区域类型 城乡分类",
    "credit_class": "credit_class 信用等级 信用分类",
}
FIELDS: dict[str, str] = {name: field for field, names in NAMES.items() for name in names.split()}
"""Normalised header → field."""

_TAKEN = frozenset(["抽检", "抽检数", "抽检批次", "抽检批次数", "抽查批次", "抽查批次数"])
"""What counts the batches that were taken; the tests too where no other column does."""

DOMAINS = ("district", "category", "stage", "tier", "area_type", "credit_class")
PASS = frozenset(["合格", "pass", "passed", "1", "true", "yes", "是", "符合", "通过", "ok", "√", "✓", "✔"])
FAIL = frozenset(["不合格", "fail", "failed", "0", "false", "no", "否", "不符合", "未通过", "×", "✗", "✘", "x"])
BLANK = frozenset(("", "-", "—", "/", "无", "待检", "未检", "检验中", "pending", "未抽样", "n/a", "na"))


def field_of(header: str) -> str | None:
    """The field that a header names where it stands alone, or None."""
    return FIELDS.get(_normal(header))


def fields_of(headers: Iterable[str]) -> list[str | None]:
    """The field that each header of a table names, or None; beside 检验批次, 抽查批次 are the batches sampled."""
    forms = [_normal(header) for header in headers]
    found = [FIELDS.get(form) for form in forms]
    if any(field == "tested" and form not in _TAKEN for form, field in zip(forms, found, strict=True)):
        found = ["sampled" if form in _TAKEN else field for form, field in zip(forms, found, strict=True)]
    return found


def _normal(header: str) -> str:
    text = unicodedata.normalize("NFKC", header)
    return re.sub(r"[\[(【].*?[\])】]|[\s*:]", "", text).lower()
