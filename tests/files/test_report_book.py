"""The report workbook: its sheets, its colours, its charts, and no cell that a spreadsheet would run."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from sampler.analysis import Analysis
from sampler.estimate import Estimates, estimate_counts, estimate_plan, one_proportion
from sampler.files.counts import read_counts
from sampler.files.report_book import outward, shown_rate, write_book
from sampler.files.styles import LINE_POINTS, UNIT_MM, lines_needed, text_width
from sampler.percent import percent
from sampler.results import REASONS
from sampler.text import LANGUAGES, Lang, text
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

    return estimate_plan(plan, answers(plan, answer), Analysis(also=[("district", "category")]))


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
    assert book.sheetnames == ["概览", "按区", "按类别", "按区 × 类别", "完成情况", "不合格项目", "跟踪处理",
                               "未了结", "登记表待更正"]  # fmt: skip


def test_rows_are_the_estimates_rounded_outwards(book: Workbook, estimates: Estimates) -> None:
    rows = table(book, "按区")
    assert [r["区"] for r in rows[:4]] == ["全部", "越秀区", "海珠区", "增城区"]
    for row, found in zip(rows, [estimates.total, *estimates.families()[("district",)]], strict=False):
        assert (row["检验"], row["不合格"]) == (found.tested, found.failed)
        assert row["95% 下限"] <= (found.lower or 0) + 1e-12
        assert row["95% 上限"] >= (found.upper or 0) - 1e-12
        assert abs(row["合格率"] - (found.rate or 0)) <= 5e-5
        assert row["合格率"] - row["下侧误差"] == pytest.approx(row["95% 下限"], abs=1e-6)


def test_cells_show_shares_as_texts_do(book: Workbook) -> None:
    shares = {c.number_format for c in book["按区"][5] if "%" in c.number_format}
    assert shares == {"0.00%"}  # 95.93%, as in sentences


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


def test_every_sheet_prints_with_a_footer_one_page_wide(book: Workbook, estimates: Estimates) -> None:
    for sheet in book:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth) == ("landscape", 1)
        assert estimates.source["plan"] in sheet.oddFooter.left.text
        assert "第 &P 页" in sheet.oddFooter.center.text
        assert "内部资料" in sheet.oddFooter.right.text
    # The follow-up list stays within what still prints at nine points.
    across = sum(d.width for d in book["跟踪处理"].column_dimensions.values()) * UNIT_MM
    assert 10.5 * 287 / across >= 9
    for row in book["跟踪处理"].iter_rows(min_row=5):
        height = book["跟踪处理"].row_dimensions[row[0].row].height
        for cell in row:
            assert cell.border.left.style == "thin"
            width = book["跟踪处理"].column_dimensions[cell.column_letter].width
            assert lines_needed(cell.value, width) * 13 <= height


def test_numbers_keep_off_the_next_column_and_reasons_fit_theirs(book: Workbook) -> None:
    sheet = book["完成情况"]
    assert sheet["B5"].alignment.indent == 1
    width = sheet.column_dimensions["A"].width
    assert all(text_width(c.value) < width for c in sheet["A"][4:] if c.value)


def test_a_chart_holds_every_interval_and_is_not_parted(path: Path, book: Workbook, estimates: Estimates) -> None:
    with zipfile.ZipFile(path) as package:
        charts = [package.read(n).decode() for n in sorted(package.namelist()) if n.startswith("xl/charts/chart")]
    for chart, (family, rows) in zip(charts, list(estimates.families().items())[1:], strict=True):
        least = float(re.findall(r'<(?:c:)?min val="([\d.]+)"', chart)[0])
        lowest = min(r.lower for r in [estimates.total, *rows] if r.lower is not None)
        assert least <= lowest, family


@pytest.mark.parametrize("domains", [3, 11, 13, 15, 16, 34])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_chart_stands_on_the_page_of_its_table_or_is_left_out(tmp_path: Path, domains: int, lang: Lang) -> None:
    counts = tmp_path / "counts.csv"
    rows = [f"D{i},60,20,{20 - i % 5},0.95" for i in range(domains)]
    counts.write_text("\n".join(["district,population,tested,passed,target", *rows]), encoding="utf-8")
    found = estimate_counts(read_counts([counts]), Analysis(by=(("district",),)))
    write_book(tmp_path / "r.xlsx", found, lang)
    sheet = load_workbook(tmp_path / "r.xlsx").worksheets[1]
    last = 4 + 1 + domains  # the total among them
    bottom = CellRange(sheet.print_area.partition("!")[2].replace("$", "")).max_row
    assert not sheet.row_breaks.brk
    # Names of more domains than these cannot be read below a chart.
    if domains > 15:
        assert not sheet._charts
        assert (bottom, sheet.page_setup.fitToHeight) == (last, 0)
        return
    (chart,) = sheet._charts
    assert chart.anchor._from.row >= last
    height = chart.anchor.ext.height / 360_000  # centimetres
    assert 5.5 <= height <= 9
    assert (bottom - chart.anchor._from.row) * 0.45 >= height
    assert sheet.page_setup.fitToHeight == 1
    # The page is not made smaller for the sake of the chart where the chart itself can be.
    down = sum(sheet.row_dimensions[r].height or LINE_POINTS for r in range(1, last + 1)) / 72 * 2.54 + height
    assert height == 5.5 or down <= 17.5 * max(1, across(sheet) / 287)


def across(sheet: Any) -> float:
    """Millimetres from the first column printed to the last."""
    area = CellRange(sheet.print_area.partition("!")[2].replace("$", ""))
    return UNIT_MM * sum(sheet.column_dimensions[get_column_letter(c)].width for c in range(1, area.max_col + 1))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_reason_lies_over_the_next(estimates: Estimates, tmp_path: Path, lang: Lang) -> None:
    assert estimates.completion is not None
    reasons = dict.fromkeys(REASONS, 3)
    every = replace(estimates, completion=replace(estimates.completion, reasons=reasons))
    write_book(tmp_path / "r.xlsx", every, lang)
    sheet = load_workbook(tmp_path / "r.xlsx")[text("report.sheet_completion", lang)]
    width = sheet.column_dimensions["A"].width
    said = {c.value: sheet.row_dimensions[c.row].height for c in sheet["A"]}
    for reason in reasons:
        words = text(f"results.reason_{reason}", lang)
        assert said[words] >= 13 * lines_needed(words, width - 2)
        assert text_width(words) * (1.2 if lang == "en" else 1) <= width


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
