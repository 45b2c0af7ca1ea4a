"""The report workbook: its sheets, its colours, its charts, and no cell that a spreadsheet would run."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from sampler.estimate import Estimates, estimate_counts, estimate_plan, one_proportion
from sampler.files.report_book import outward, shown_rate, write_book
from sampler.percent import percent
from tests.answers import FAIL, PASS, answers
from tests.planning import draw

FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    plan = draw(budget=90, units=12, names=dict.fromkeys(range(200), FORMULA))
    failing = set(plan.tasks["unit_id"].to_list()[::6])

    def answer(task: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
        if task["role"] == "reserve":
            return None
        return dict(FAIL) | {"failing_item": FORMULA} if task["unit_id"] in failing else PASS

    return estimate_plan(plan, answers(plan, answer), also=[("district", "category")])


@pytest.fixture(scope="module")
def path(estimates: Estimates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.xlsx"
    write_book(path, estimates, "zh")
    return path


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return load_workbook(path)


def table(book: Workbook, name: str) -> list[dict[str, Any]]:
    header, *rows = book[name].iter_rows(min_row=4, values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows if row[0] is not None]


def test_sheets(book: Workbook) -> None:
    assert book.sheetnames == ["概览", "按区", "按类别", "按区 × 类别", "完成情况", "不合格项目", "跟踪处理"]


def test_rows_are_the_estimates_rounded_outwards(book: Workbook, estimates: Estimates) -> None:
    rows = table(book, "按区")
    assert [r["区"] for r in rows[:4]] == ["全部", "越秀区", "海珠区", "增城区"]
    for row, found in zip(rows, [estimates.total, *estimates.families()[("district",)]], strict=False):
        assert (row["检验"], row["不合格"]) == (found.tested, found.failed)
        assert row["95 % 下限"] <= (found.lower or 0) + 1e-12
        assert row["95 % 上限"] >= (found.upper or 0) - 1e-12
        assert abs(row["合格率"] - (found.rate or 0)) <= 5e-5
        assert row["合格率"] - row["下侧误差"] == pytest.approx(row["95 % 下限"], abs=1e-6)


def test_no_cell_is_a_formula(book: Workbook) -> None:
    seen = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (sheet.title, cell.coordinate)
                seen += cell.value == FORMULA
    assert seen > 2  # in the follow-ups and among the items


def test_grades_are_coloured_by_rules_and_sheets_can_be_used(book: Workbook) -> None:
    for name in ("按区", "按类别", "按区 × 类别"):
        sheet = book[name]
        rules = [r for area in sheet.conditional_formatting for r in area.rules]
        assert {r.formula[0] for r in rules} == {
            '"低于目标"',
            '"低于目标，未证实"',
            '"不低于目标，未证实"',
            '"达到目标"',
            '"数据不足"',
        }
        assert sheet.freeze_panes
        assert sheet.auto_filter.ref
        assert sheet.print_title_rows


def test_the_summary_says_why_the_rate_is_not_what_the_counts_give(book: Workbook, estimates: Estimates) -> None:
    total = estimates.total
    assert total.rate is not None
    said = "\n".join(str(c.value) for c in book["概览"]["B"])
    plain = percent(total.passed / total.tested)
    assert plain != percent(total.rate)
    assert f"故不等于 {total.passed}÷{total.tested} = {plain}" in said
    assert "区间跨过目标的，还不能下结论" in said


def test_native_charts_have_error_bars(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        charts = [package.read(n).decode() for n in package.namelist() if n.startswith("xl/charts/chart")]
    assert len(charts) == 3
    for chart in charts:
        assert "<c:errBars>" in chart or "<errBars>" in chart
        assert chart.count("cust") >= 1
        assert chart.count("ser>") == 4  # rates and targets


def test_a_book_of_two_numbers(tmp_path: Path) -> None:
    write_book(tmp_path / "r.xlsx", estimate_counts(one_proportion(tested=30, passed=29, population=400)), "en")
    assert load_workbook(tmp_path / "r.xlsx").sheetnames == ["Summary", "Total"]


@given(st.floats(0, 1))
def test_shown_numbers_are_honest(value: float) -> None:
    low, high = outward(value, up=False), outward(value, up=True)
    assert low is not None
    assert high is not None
    assert low - 1e-12 <= value <= high + 1e-12
    rate = shown_rate(value)
    assert rate is not None
    assert (rate == 1) == (round(value, 12) == 1)
