"""Cells of a registry: what is read as a value, and what is listed as unreadable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sampler.files.registry import read_registry
from tests.intake.build import A, field, found, guangzhou, one, read, registry

# @Cells


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
