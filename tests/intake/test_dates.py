"""Dates as people type them."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.intake.dates import dates, impossible_dates, latest_dates


def one(clean: object, text: str | None) -> object:
    (result,) = clean(pl.Series([text], dtype=pl.String)).to_list()  # type: ignore[operator]
    return result


@pytest.mark.parametrize(
    "typed",
    ["2024-01-05", "2024/1/5", "2024.1.5", "2024、1、5", "2024年1月5日", "2024年01月05日", "2024 年 1 月 5 日", "20240105",
     "45296", "45296.75",
     "2024年1月5日10:30", "2024年1月5日上午", "2024年1月5日 10时30分", "2024-01-05 下午3点", "2024-01-05（3批次）",
     "2024-01-05T13:30:00+08:00",
     "２０２４年１月５日", "2024-01-05 13:30:00", "2024-01-05T13:30", "2024年1月5号", " 2024/01/05 ", "2024-1-5星期五"],
)  # fmt: skip
def test_dates(typed: str) -> None:
    assert one(dates, typed) == dt.date(2024, 1, 5)


@pytest.mark.parametrize("typed", ["13/1/2024", "1/13/2024", "13.01.2024"])
def test_dates_that_can_be_read_one_way_only(typed: str) -> None:
    assert one(dates, typed) == dt.date(2024, 1, 13)


def test_a_month_is_its_first_day() -> None:
    assert one(dates, "2024年3月") == dt.date(2024, 3, 1)


@pytest.mark.parametrize(
    "typed",
    [
        "2024-02-30",
        "2019.13.2",
        "1/2/2024",
        "2024",
        "不详",
        "去年",
        "123",
        "2024-1-5-6",
        "18990101",
        "999999",
        "2024-01-05 2024-08-09",
        "2024.1.5(2024.8.9)",
        "2024-01-05 08-09",
        "2024-01-05 至今",
        "2024-01-05 起",
        "2024-01-05 20",
        None,
    ],
)
def test_what_is_no_date(typed: str | None) -> None:
    assert one(dates, typed) is None


@pytest.mark.parametrize(
    "typed",
    ["2026-08-09", "2025-01-05 2026-08-09", "2025-01-05 / 2026-08-09", "2025-01-05 至 2026-08-09", "2025.1.5(2026.8.9)",
     "2026-08-09、2025-01-05", "2025-01-05-2026-08-09", "20250105-20260809", "2025/1/5\n2026/8/9",
     "2025-01-05 09:00，2026-08-09 10:30",
     "2025年1月5日双随机；2026年8月9日专项", "2026年8月5日至8月9日", "2026年8月5日至9日",
     "2026.8.5-8.9", "2026年8月5日、9日", "2026年1月5日抽检，8月9日复检"],
)  # fmt: skip
def test_the_latest_of_several_dates(typed: str) -> None:
    assert one(latest_dates, typed) == dt.date(2026, 8, 9)


@pytest.mark.parametrize(
    "typed",
    ["2025-01-05 2026-02-30", "2025-01-05（计划2026-08-09）", "2025-01-05，下次2026-08-09", "2025-01-05 (2026)",
     "2025年8月9日至1月5日", "2024-1-5-6", None],
)  # fmt: skip
def test_several_dates_that_cannot_all_be_told(typed: str | None) -> None:
    assert one(latest_dates, typed) is None


@pytest.mark.parametrize(
    "typed",
    ["2025-01-05抽检2.5吨", "2025-01-05（3/5批次合格）", "2025年1月5日 抽3-5批", "2025-01-05 电话12-15",
     "2025年1月5日抽样3批，15日出报告", "2025-01-05，20日内整改", "2025-01-05，2025-03-02前整改"],
)  # fmt: skip
def test_figures_behind_a_date_are_no_later_date(typed: str) -> None:
    assert one(latest_dates, typed) is None


@pytest.mark.parametrize(
    ("typed", "impossible"),
    [
        ("2024-02-30", True),
        ("20241301", True),
        ("2024年1月5日至2024年2月30日", True),
        ("2024-01-05 2026-08-09", False),
        ("2024年1月5日10:30", False),
        ("1899-12-31", False),
        ("18991231", False),
        ("去年", False),
        (None, False),
    ],
)
def test_only_a_date_that_never_was_is_impossible(typed: str | None, impossible: bool) -> None:
    assert one(impossible_dates, typed) is impossible


@given(st.dates(dt.date(1928, 1, 1), dt.date(2173, 1, 1)))
def test_a_serial_is_the_day_excel_shows(day: dt.date) -> None:
    # Excel's day 1 is 1900-01-01, and it counts a 29 February 1900 that never was.
    serial = (day - dt.date(1899, 12, 30)).days
    assert one(dates, str(serial)) == day
