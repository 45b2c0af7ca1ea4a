"""The planner's summary: its figures are the plan's, and add up."""

from __future__ import annotations

import datetime as dt
import zipfile
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.assignment import Inspector, Swap
from sampler.errors import Issue
from sampler.files import summary_tables
from sampler.files.summary_book import write_summary
from sampler.files.summary_tables import Table
from sampler.frame import Frame
from sampler.plan import Plan
from sampler.precision import expected_precision
from sampler.strata import Merger
from sampler.text import LANGUAGES, Lang, Text, text
from tests.planning import INSPECTORS, draw, make_design, make_frame

PEOPLE = [Inspector(i, name, district="440104", maximum=40) for i, name in INSPECTORS.items()]


@pytest.fixture(scope="module")
def frame() -> Frame:
    issue = Issue(
        "warning",
        "code-check-digit",
        "r.xlsx",
        "Sheet1",
        7,
        "代码",
        "=bad",
        Text.of("terms.units"),
        Text.of("terms.tasks"),
    )
    counted = {"rows": 200, "merged": 15, "expanded": 4, "excluded": {"status": 6, "blank": 3}}
    return replace(make_frame(make_design(), 20), issues=(issue, issue), **counted)


@pytest.fixture(scope="module")
def plan() -> Plan:
    plan = draw(budget=120)
    swap = Swap("2026Q4-440104-V0001", "I00", "I01", Text.of("terms.units"))
    tasks = plan.selection.with_row_index().with_columns(
        certainty=pl.when(pl.col("index") < 3).then(pl.lit("blacklisted")).otherwise(pl.col("certainty"))
    )
    merger = Merger(("440104", "food"), ("low", "high"), 12, "size")
    return replace(plan, swaps=(swap,), selection=tasks.drop("index"), mergers=(merger,))


def figures(table: Table) -> dict[object, object]:
    return {row[0]: row[1] for row in table.rows}


def test_the_account_of_the_frame_adds_up(plan: Plan, frame: Frame) -> None:
    facts, account, reasons, amounts = summary_tables.overview(plan, frame, "en")
    values = [row[1] for row in account.rows]
    rows, merged, excluded, expanded, units, aside, left = values
    assert rows - merged - excluded + expanded == units  # type: ignore[operator]
    assert units - aside == left == plan.units.height  # type: ignore[operator]
    assert sum(row[1] for row in reasons.rows) == excluded + aside  # type: ignore[misc, operator]
    assert figures(facts)["Seed"] == plan.seed
    assert figures(facts)["Frame digest"] == plan.frame_sha256
    assert figures(facts)["Period"] == "2026 Q4 (2026-10-01 – 2026-12-31)"
    assert (
        figures(summary_tables.overview(plan, frame, "zh")[0])["计划周期"]
        == "2026年第4季度（2026-10-01 至 2026-12-31）"
    )
    assert figures(amounts)["Batches"] == plan.tasks["batches"].sum()
    assert figures(amounts)["of the tasks, certain"] == 3


def test_shares_and_costs_add_up(plan: Plan) -> None:
    expected = expected_precision(plan.strata, ("district", "category"), confidence=0.95)
    tables = summary_tables.precision(plan, expected, "zh")
    for column in ("district", "category"):
        for i in (4, 5):
            assert sum(row[i] for row in tables[column].rows) == pytest.approx(1)  # type: ignore[misc]
        for row in tables[column].rows:
            assert row[7] <= row[6] <= row[8]  # type: ignore[operator]
    *rows, total = summary_tables.cost(plan, "zh").rows
    assert sum(r[4] for r in rows) == total[4] == plan.tasks["batches"].sum() * 800  # type: ignore[misc]


def test_categories_are_in_the_order_of_the_design_and_half_widths_in_points(plan: Plan) -> None:
    order = [c.label("zh") for c in plan.design.categories]
    *rows, _ = summary_tables.cost(plan, "zh").rows
    by_district: dict[object, list[int]] = {}
    for district, category, *_ in rows:
        if category is not None:
            by_district.setdefault(district, []).append(order.index(str(category)))
    assert by_district
    assert all(found == sorted(found) for found in by_district.values())
    found = summary_tables.precision(plan, expected_precision(plan.strata, ("category",), confidence=0.95), "zh")
    assert [row[0] for row in found["category"].rows] == order
    (whole,) = expected_precision(plan.strata, (), confidence=0.95)
    table = summary_tables.precision(plan, [whole], "zh")[""]
    assert "置信水平 95%" in table.title
    assert table.columns[-1][0] == "半宽（百分点）"
    assert table.rows[0][-1] == pytest.approx(100 * whole.half_width)


def test_strata_certainty_units_load_and_recusals_are_told(plan: Plan) -> None:
    expected = expected_precision(plan.strata, ("stratum",), confidence=0.95)
    strata = summary_tables.strata(plan, expected, "zh")
    assert [row[0] for row in strata.rows] == plan.strata["stratum"].to_list()
    assert all(isinstance(bound, float) for row in strata.rows for bound in row[-2:])
    # Where all of a stratum is taken there is no interval to expect.
    taken = plan.strata.with_columns(sample=pl.col("population"))
    told = summary_tables.strata(replace(plan, strata=taken), expected, "zh")
    assert {row[-2:] for row in told.rows} == {("–", "–")}
    certain = summary_tables.certainty(plan, "zh")
    assert [row[-1] for row in certain.rows] == ["质量失信黑名单"] * 3
    load = summary_tables.load(plan, PEOPLE, "en")
    swaps = summary_tables.swaps(plan, PEOPLE, "en")
    assert sum(row[3] for row in load.rows) == sum(map(len, plan.teams.values()))  # type: ignore[misc]
    assert {row[1] for row in load.rows} == set(INSPECTORS.values())
    assert all((row[3] == 0) == (row[-1] is not None) for row in load.rows)
    assert swaps.rows == (("2026Q4-440104-V0001", INSPECTORS["I00"], INSPECTORS["I01"], "units"),)


def test_an_inspector_without_a_visit_has_a_reason(plan: Plan) -> None:
    first, last = plan.period.start, plan.period.end
    idle = [
        Inspector("Z1", "a", maximum=0),
        Inspector("Z2", "b", valid_until=last - dt.timedelta(days=1)),
        Inspector("Z5", "e", valid_until=first - dt.timedelta(days=1)),
        Inspector("Z3", "c", leave=((first, plan.deadline),)),
        Inspector("Z4", "d", leave=((first, plan.deadline - dt.timedelta(days=1)),)),
    ]
    rows = {row[0]: row[-1] for row in summary_tables.load(plan, [*PEOPLE, *idle], "zh").rows}
    assert [rows[i.id] for i in idle] == [
        "最大任务数为 0", "证书在季度内到期", "证书在季度开始前已到期", "任务期间都在请假", "没有抽中"
    ]  # fmt: skip


def test_warnings_name_mergers_thin_strata_and_the_registrys_issues(plan: Plan, frame: Frame) -> None:
    thin = plan.strata.with_columns(sample=pl.when(pl.int_range(pl.len()) == 0).then(1).otherwise(pl.col("sample")))
    told = [row[1] for row in summary_tables.warnings(replace(plan, strata=thin), frame, "en").rows]
    assert any("one unit of" in str(w) for w in told)
    assert any(str(w).startswith("Yuexiu · food: tiers low tier + high tier became one stratum") for w in told)
    assert any(str(w).startswith("check digit wrong: 2, e.g. ") for w in told)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_workbook_has_every_sheet_its_charts_and_no_formula(
    plan: Plan, frame: Frame, tmp_path: Path, lang: Lang
) -> None:
    path = tmp_path / "summary.xlsx"
    write_summary(path, plan, frame, lang, inspectors=PEOPLE)
    book = load_workbook(path)
    assert len(book.sheetnames) == 8
    assert all(len(name) <= 31 for name in book.sheetnames)
    kinds = {c.data_type for sheet in book for row in sheet.iter_rows() for c in row}
    assert kinds <= {"s", "n"}
    with zipfile.ZipFile(path) as package:
        charts = [n for n in package.namelist() if n.startswith("xl/charts/chart")]
        assert len(charts) == 2
        assert all(b'<c:delete val="0"' in package.read(n) or b'<delete val="0"' in package.read(n) for n in charts)
    overview, *others = book.worksheets
    assert overview.page_setup.orientation == "landscape"
    assert (overview.page_setup.fitToWidth, overview.page_setup.fitToHeight) == (1, 1)
    # Every sheet of one table repeats its header on every page.
    assert [s.title for s in others if not s.print_title_rows] == [text("summary.sheet_precision", lang)]


def test_a_plan_without_inspectors_or_certainty_is_summed_up_too(frame: Frame, tmp_path: Path) -> None:
    bare = draw(budget=60, teams=False)
    write_summary(tmp_path / "s.xlsx", bare, frame, "zh")
    cells = [c.value for c in load_workbook(tmp_path / "s.xlsx").worksheets[3]["A"]]
    assert "无" in cells
