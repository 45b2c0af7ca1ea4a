"""What people type, and what it is read as; what nobody can read is told apart from what says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.intake.answers import Read, days, failed_items, quantities, reasons, statuses, verdicts
from sampler.period import Period
from sampler.results import REASONS, STATUSES, VERDICTS
from sampler.text import LANGUAGES, Lang, text

Reader = Callable[[pl.Series], Read]
Q4 = Period(2026, 4)
NOTHING = ("", "  ", "/", "-", "—", "无", "待检", "检验中", "pending", "N/A")
PASSES = (
    "合格",
    " 合 格 ",
    "合格。",
    "PASS",
    "pass",
    "1",
    "1.0",
    "√",
    "合格√",
    "√合格",
    "符合",
    "是",
    "true",
    "ok",
)


def said(read: Reader, cell: str) -> tuple[object, bool]:
    found = read(pl.Series([cell, None], dtype=pl.String))
    assert found.values[1] is None
    assert not found.unread[1]
    return found.values[0], found.unread[0]


@pytest.mark.parametrize("cell", PASSES)
def test_a_pass(cell: str) -> None:
    assert said(verdicts, cell) == ("pass", False)


@pytest.mark.parametrize("cell", ["不合格", "不 合格", "FAIL", "0", "×", "x", "不符合", "否", "false"])
def test_a_fail(cell: str) -> None:
    assert said(verdicts, cell) == ("fail", False)


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [("合格√", "pass"), ("✔合格", "pass"), ("符合要求", "pass"), ("所检项目符合要求", "pass"), ("所检项目均合格", "pass"),
     ("检验结论：合格", "pass"), ("经检验，合格", "pass"),
     ("经检验所检项目均符合标准要求。", "pass"), ("该批产品合格", "pass"),
     ("符合规定", "pass"), ("不合格×", "fail"), ("不符合要求", "fail"), ("所检项目不符合标准要求", "fail"),
     ("检验结果:不合格", "fail"), ("合格×", None), ("不合格√", None), ("部分项目合格", None), ("所检项目基本符合要求", None),
     ("所检项目未全部合格", None), ("符合要求，标签不合格", None), ("除标签外符合要求", None)],
)  # fmt: skip
def test_a_conclusion_in_a_report_s_words(cell: str, verdict: str | None) -> None:
    assert said(verdicts, cell) == (verdict, verdict is None)


@pytest.mark.parametrize("cell", ["基本合格", "合格？", "不合格/合格", "A", "2", "合格率95%", "未检测"])
def test_what_is_neither(cell: str) -> None:
    assert said(verdicts, cell) == (None, True)


@pytest.mark.parametrize("cell", NOTHING)
@pytest.mark.parametrize("read", [verdicts, statuses, reasons, quantities])
def test_what_says_nothing(read: Reader, cell: str) -> None:
    assert said(read, cell) == (None, False)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(PASSES),
    st.text(alphabet="未不基本率？?/、约1a合格", min_size=1, max_size=3),
    st.booleans(),
)
def test_a_pass_with_anything_else_to_it_is_no_pass(word: str, more: str, before: bool) -> None:
    cell = more + word if before else word + more
    form = "".join(cell.lower().split()).strip("。.")
    if form not in {"".join(p.split()).strip("。") for p in PASSES} | {"1"}:
        assert said(verdicts, cell)[0] != "pass"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_label_of_the_drop_downs_is_read_as_its_key(lang: Lang) -> None:
    vocabularies = (
        ("status", STATUSES, statuses),
        ("verdict", VERDICTS, verdicts),
        ("reason", tuple(REASONS), reasons),
    )
    for kind, keys, read in vocabularies:
        for key in keys:
            assert said(read, text(f"results.{kind}_{key}", lang)) == (key, False)
            assert said(read, key) == (key, False)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("企业已停业", "closed"), ("拒绝检查", "refused"), ("其他：设备检修", "other"), ("不再生产该产品", "no_longer_makes"),
     ("查无此企业", "moved"), ("6个月内抽过", "within_six_months"), ("仓库无货", "no_stock")],
)  # fmt: skip
def test_a_reason_in_words(cell: str, reason: str) -> None:
    assert said(reasons, cell) == (reason, False)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("停业后搬迁", "closed"), ("已搬迁，注销", "closed"), ("停业（六个月以上）", "closed"),
     ("转产，已迁出", "no_longer_makes"),
     ("无库存，抽样基数不足", "no_stock")],
)  # fmt: skip
def test_of_several_reasons_that_mean_the_same_the_first_of_the_list(cell: str, reason: str) -> None:
    assert said(reasons, cell) == (reason, False)


@pytest.mark.parametrize("cell", ["门锁着", "已搬迁，拒检", "停业，无库存", "其他：停业"])
def test_a_reason_that_is_none_or_several(cell: str) -> None:
    assert said(reasons, cell) == (None, True)


@pytest.mark.parametrize(
    "cell", ["未拒检", "不是拒检", "未搬迁", "企业未停业但无货", "6个月内未抽查", "已抽查", "not refused", "没有停业"]
)
def test_a_reason_that_is_negated_or_none(cell: str) -> None:
    assert said(reasons, cell) == (None, True)


@pytest.mark.parametrize(
    "cell",
    [
        "已抽查",
        "已抽样（数量不够备样）",
        "已抽样，企业不配合",
        "已抽样未拒检",
        "企业未停业，已抽样",
        "sampled, stock insufficient",
    ],
)
def test_a_status_that_speaks_of_a_sample_is_not_read_as_none(cell: str) -> None:
    assert said(statuses, cell) == (None, True)


def test_a_reason_typed_as_a_status_says_that_no_sample_was_taken() -> None:
    assert said(statuses, "停业") == ("unsampled", False)
    assert said(statuses, "六个月内已抽查") == ("unsampled", False)
    assert said(statuses, "未抽样，企业已停业") == ("unsampled", False)
    assert said(statuses, "嗯") == (None, True)


@pytest.mark.parametrize(
    "cell",
    ["2026-11-03", "2026/11/3", "2026.11.3", "2026年11月3日", "2026年11月03号", "20261103", "26-11-03", "26.11.3",
     "26年11月3日", "11月3日", "11-3", "二〇二六年十一月三日", "二零二六年十一月三日", "十一月三日", "46329",
     "2026-11-03 09:30:00", "2026年11月3日10:30", "2026年11月3日上午", "2026-11-03（周二）",
     "2026 - 11 - 03 ", "２０２６年１１月３日"],
)  # fmt: skip
def test_a_date_in_any_form(cell: str) -> None:
    assert said(lambda s: days(s, Q4), cell) == (dt.date(2026, 11, 3), False)


@pytest.mark.parametrize(
    ("cell", "day"),
    [("1月5日", dt.date(2027, 1, 5)), ("十二月三十一日", dt.date(2026, 12, 31)), ("十月十日", dt.date(2026, 10, 10)),
     ("十月二十一日", dt.date(2026, 10, 21)), ("9月30日", dt.date(2027, 9, 30))],
)  # fmt: skip
def test_a_day_without_year_is_the_next_such_day_from_the_plans_first(cell: str, day: dt.date) -> None:
    assert said(lambda s: days(s, Q4), cell) == (day, False)


@pytest.mark.parametrize("cell", ["上周二", "13月1日", "2026-02-30", "11月", "99"])
def test_no_date(cell: str) -> None:
    assert said(lambda s: days(s, Q4), cell) == (None, True)


@pytest.mark.parametrize("cell", ["2026-11-03 11-20", "2026-10-20 至 11-05", "2026-11-03 起", "11-03 11-20", "12-3 1"])
def test_more_than_one_date_is_none(cell: str) -> None:
    assert said(lambda s: days(s, Q4), cell) == (None, True)


@settings(deadline=None, max_examples=60)
@given(st.dates(Q4.start, dt.date(2027, 9, 30)))
def test_every_day_is_read_back_from_how_a_workbook_shows_it(day: dt.date) -> None:
    forms = [
        f"{day:%y-%m-%d}",
        f"{day:%Y-%m-%d}",
        f"{day.month}月{day.day}日",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert days(pl.Series(forms), Q4).values.to_list() == [day] * 4


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("200", 200),
        ("200盒", 200),
        ("1,200", 1200),
        ("12.5kg", 12.5),
        ("2千克", 2),
        ("1.5千瓦", 1.5),
        ("2万件", 20_000),
        ("1.2万", 12_000),
        ("3千余件", 3_000),
        ("5百箱", 500),
        ("2百万只", 2_000_000),
        ("2万千克", 20_000),
        ("1亿", 100_000_000),
        ("2打", 24),
        ("约30", 30),
        ("0", 0),
        ("３００", 300),
        ("2.50", 2.5),
    ],
)
def test_a_number(cell: str, number: float) -> None:
    assert said(quantities, cell) == (number, False)


@pytest.mark.parametrize("cell", ["很多", "-3", "2+1", "1,2", "3/4", "1e3", "2k", "2w", "2万3千", "2打鸡蛋"])
def test_no_number(cell: str) -> None:
    assert said(quantities, cell) == (None, True)


@pytest.mark.parametrize(
    ("cell", "item"),
    [
        ("不合格（小零件）", "小零件"),
        ("不合格(Lead、标签)。", "Lead、标签"),
        ("不合格：菌落总数", "菌落总数"),
        ("Fail: label", "label"),
    ],
)
def test_a_fail_that_names_its_item(cell: str, item: str) -> None:
    assert said(verdicts, cell) == ("fail", False)
    assert failed_items(pl.Series([cell, None])).to_list() == [item, None]


@pytest.mark.parametrize(
    "cell",
    ["不合格（复检合格）", "合格（小零件）", "不合格（待复检）", "不合格（？）", "不合格（初检）/合格"],
)
def test_a_verdict_with_another_beside_it_is_neither(cell: str) -> None:
    assert said(verdicts, cell) == (None, True)
    assert failed_items(pl.Series([cell])).to_list() == [None]
