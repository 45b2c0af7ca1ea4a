"""The district workbook: what it holds, what it must never hold, how it prints, and that no program complains of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from sampler.files.columns import CHOICES, LATER_FIELDS, RESERVE_COLUMNS, SAMPLE_FIELDS, TASK_COLUMNS, choice_label
from sampler.files.district_book import HEADER_ROW
from sampler.files.district_rows import district_papers
from sampler.files.styles import PRESET, cell_text, choice_list, footer_text, lines_needed, lines_of_words, text_width
from sampler.files.workbooks import file_names, file_stem, write_districts
from sampler.plan import Plan
from sampler.text import LANGUAGES, Lang, text
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, columns_of, fill, rows_of, sheet_of, write
from tests.planning import INSPECTORS, batch_ids, draw

TRICKY = ["=1+1", "+86 20", "-甲", "@sum", "\t制表", "0012", "_x0041_", "a\x0bb", "长" * 300]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12, names=dict(enumerate(TRICKY * 4)))


@pytest.fixture(scope="module")
def path(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("books") / "440104.xlsx", plan, forms=True)


@pytest.fixture(scope="module")
def book(path: Path) -> Any:
    return load_workbook(path)


def printed(sheet: Any, plan: Plan, field: str) -> dict[str, object]:
    """Batch id → what the list says in a field."""
    columns = columns_of(sheet)
    return {batch: sheet.cell(row, columns[field]).value for batch, row in rows_of(sheet).items()}


@pytest.mark.parametrize("role", ["task", "reserve"])
def test_every_batch_is_one_row_in_order_of_its_id(book: Any, plan: Plan, role: str) -> None:
    chosen = plan.selection.filter((pl.col("role") == role) & (pl.col("district") == "440104")).sort("task_id")
    wanted = [b for t, k in chosen.select("task_id", "batches").iter_rows() for b in batch_ids(t, k)]
    assert list(rows_of(sheet_of(book, f"{role}s"))) == wanted
    assert len(wanted) > chosen.height


def test_a_row_says_what_the_plan_says(book: Any, plan: Plan) -> None:
    sheet = sheet_of(book, "tasks")
    units = plan.units.rows_by_key("unit_id", named=True, unique=True, include_key=True)
    tasks = plan.selection.rows_by_key("task_id", named=True, unique=True, include_key=True)
    columns = columns_of(sheet)
    for batch, row in rows_of(sheet).items():
        task = tasks[batch[:18]]
        unit = units[task["unit_id"]]
        said = {f: sheet.cell(row, c).value for f, c in columns.items()}
        assert said["name"] == cell_text(unit["name"])
        assert (said["code"], said["unit_id"], said["group"]) == (
            unit["code"],
            unit["unit_id"],
            task["group"],
        )
        assert said["contact"] == f"{unit['contact']}\n{unit['phone']}"
        assert said["street_office"] == f"{unit['street']}\n{unit['office']}"
        assert said["category"] == plan.design.label("category", unit["category"], "zh")
        assert said["batches"] == task["batches"]
        assert [said["inspector_a"], said["inspector_b"]] == [INSPECTORS[i] for i in plan.teams[task["visit"]]]
        assert said["deadline"] == str(plan.deadline)


def test_reserves_are_listed_in_the_order_of_their_group(book: Any, plan: Plan) -> None:
    sheet = sheet_of(book, "reserves")
    groups, orders = printed(sheet, plan, "group"), printed(sheet, plan, "order")
    reserves = plan.selection.filter(pl.col("role") == "reserve")
    for group in set(groups.values()):
        ranks = reserves.filter(pl.col("group") == group).sort("rank")["task_id"].to_list()
        by_order = sorted((orders[b], b[:19]) for b in groups if groups[b] == group)
        assert [task for _, task in dict.fromkeys(by_order)] == ranks
        assert [order for order, _ in dict.fromkeys(by_order)] == list(range(1, len(ranks) + 1))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_class_grade_tier_score_or_stratum_is_printed(plan: Plan, tmp_path: Path, lang: Lang) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang=lang, forms=True)
    with zipfile.ZipFile(path) as package:
        said = "\n".join(package.read(n).decode() for n in package.namelist() if n.endswith(".xml"))
    secret = set(plan.strata["stratum"].to_list()) | set(plan.units["ticket"].to_list()) | {plan.seed}
    for terms in (plan.design.tiers, plan.design.credit_classes, plan.design.risk_grades):
        secret |= {t.label(language) for t in terms for language in LANGUAGES}
    assert [s for s in secret if s in said] == []


def test_no_text_becomes_a_formula(book: Any) -> None:
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert sheet.title == "填写说明"
                elif isinstance(cell.value, str):
                    assert cell.data_type == "s"
                    assert cell.quotePrefix == cell.value.startswith(("=", "+", "-", "@", "\t"))


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_any_text_can_stand_in_a_cell(value: str) -> None:
    shown = cell_text(value)
    ElementTree.fromstring(f"<t>{shown.replace('&', '&amp;').replace('<', '&lt;')}</t>")
    assert len(shown) <= 32_767


def test_preset_cells_are_locked_and_the_others_are_not(book: Any) -> None:
    for which in ("tasks", "reserves"):
        sheet = sheet_of(book, which)
        assert sheet.protection.sheet
        assert sheet.protection.password is None
        # False: what the protection forbids not. Excel would refuse to sort locked cells even where it did not.
        assert sheet.protection.sort
        assert {sheet.protection.autoFilter, sheet.protection.formatColumns, sheet.protection.formatRows} == {False}
        columns = columns_of(sheet)
        known = RESERVE_COLUMNS if which == "reserves" else TASK_COLUMNS
        filled = {columns[c.field] for c in known if c.filled}
        for cell in sheet[HEADER_ROW + 1]:
            assert cell.protection.locked == (cell.column not in filled)


def test_without_teams_the_inspectors_names_are_filled_in_by_hand(tmp_path: Path) -> None:
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", draw(budget=60, units=12, teams=False))), "tasks")
    cell = sheet.cell(HEADER_ROW + 1, columns_of(sheet)["inspector_a"])
    assert cell.value is None
    assert not cell.protection.locked


@pytest.mark.parametrize("lang", LANGUAGES)
def test_choices_dates_and_numbers_are_checked_as_they_are_typed(plan: Plan, tmp_path: Path, lang: Lang) -> None:
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", plan, lang=lang)), "reserves")
    columns, last = columns_of(sheet), sheet.max_row
    rules: dict[str, Any] = {}
    for rule in sheet.data_validations.dataValidation:
        for area in rule.sqref.ranges:
            assert (area.min_row, area.max_row, area.min_col) == (HEADER_ROW + 1, last, area.max_col)
            rules[next(f for f, c in columns.items() if c == area.min_col)] = rule
    assert set(rules) == {
        "status", "first", "retest", "reason", "replace_reason", "sampled_on", "base", "quantity", "reserve_quantity"
    }  # fmt: skip
    for field, kind in (
        ("status", "status"),
        ("first", "verdict"),
        ("reason", "reason"),
        ("replace_reason", "reason"),
    ):
        labels = rules[field].formula1.strip('"').split(",")
        assert labels == [choice_label(kind, key, lang) for key in CHOICES[kind]]  # type: ignore[arg-type, index]
    first, after = (
        (date(2026, 10, 1) - date(1899, 12, 30)).days,
        (date(2027, 12, 31) - date(1899, 12, 30)).days,
    )
    assert (rules["sampled_on"].formula1, rules["sampled_on"].formula2) == (str(first), str(after))
    for rule in set(map(id, rules.values())):
        found = next(r for r in rules.values() if id(r) == rule)
        assert found.showErrorMessage
        assert len(found.errorTitle) <= 32
        assert len(found.error) <= 255
        assert len(found.error.splitlines()) == 2
        assert len(found.formula1) <= 257


def test_every_page_fits_and_says_what_it_belongs_to(book: Any, plan: Plan) -> None:
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        # The cover is one page, however long its language.
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, int(sheet is book.worksheets[0]))
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        footer = sheet.oddFooter
        assert "2026Q4" in footer.left.text
        assert plan.frame_sha256[:12] in footer.left.text
        assert footer.center.text.endswith("第 &P 页 共 &N 页")
        assert len(str(footer)) <= 255
        assert sheet.page_setup.orientation == ("portrait" if sheet.title == "抽样单" else "landscape")
    for which in ("tasks", "reserves"):
        sheet = sheet_of(book, which)
        columns = columns_of(sheet)
        # Every page repeats who fills in what, or when a reserve is used and by whom.
        assert sheet.print_title_rows == f"${HEADER_ROW - 1}:${HEADER_ROW}"
        # What every page repeats is there in full.
        width = sum(sheet.column_dimensions[get_column_letter(c)].width for c in on_paper(sheet).values())
        assert lines_needed(sheet["A2"].value, width) * 13 <= sheet.row_dimensions[2].height
        assert sheet["A2"].alignment.wrap_text
        # The mark stands outside of what is printed and can be filtered, and the header stays in sight.
        assert columns["unit_id"] == max(columns.values())
        last = get_column_letter(columns["unit_id"] - 1)
        assert sheet.auto_filter.ref == f"A{HEADER_ROW}:{last}{sheet.max_row}"
        assert sheet.print_area == f"'{sheet.title}'!$A$1:${get_column_letter(len(on_paper(sheet)))}${sheet.max_row}"
        assert sheet.freeze_panes.endswith(str(HEADER_ROW + 1))


def test_signatures_stand_where_they_are_given(book: Any, plan: Plan, tmp_path: Path) -> None:
    bare = load_workbook(write(tmp_path / "a.xlsx", plan))
    for made in (book, bare):
        for which in ("tasks", "reserves"):
            footer = sheet_of(made, which).oddFooter
            assert "检查人员（签名）" in footer.left.text
            assert "日期：" in footer.right.text
            # The party seals a form that is about itself, and never a list that names others.
            assert "受检单位（签章）" not in str(footer)
        for name in ("填写说明", "字典与其他情况"):
            assert not [w for w in ("签名", "签章", "日期：") if w in str(made[name].oddFooter)]
        cover = [c.value for row in made["填写说明"].iter_rows() for c in row]
        assert any("现场请勿出示全表" in str(c) for c in cover)
    forms = [c.value for row in book["抽样单"].iter_rows() for c in row]
    assert any("受检单位（签章）" in str(c) for c in forms)


def test_rows_are_high_enough_for_their_texts(book: Any) -> None:
    sheet = sheet_of(book, "tasks")
    for row in range(HEADER_ROW + 1, sheet.max_row + 1):
        height = sheet.row_dimensions[row].height
        for cell in sheet[row]:
            width = sheet.column_dimensions[cell.column_letter].width
            if cell.alignment.wrap_text and isinstance(cell.value, str):
                assert min(lines_needed(cell.value, width) * 13, 409) <= height


A4_ACROSS = 297.0
UNIT = 7 * 25.4 / 96
"""Millimetres of a unit of column width: 7 pixels (see `sampler.files.styles.set_width_unit`)."""
WORDS = {
    "sample_name",
    "model",
    "trademark",
    "batch_no",
    "sheet_no",
    "failing_item",
    "reason",
    "note",
    "status",
    "replaces",
}


def on_paper(sheet: Any) -> dict[str, int]:
    """Field → column of what is printed of a list."""
    area = CellRange(sheet.print_area.partition("!")[2].replace("$", ""))
    return {f: c for f, c in columns_of(sheet).items() if c <= area.max_col}


def scale(sheet: Any) -> float:
    """How much a list is made smaller to be one page wide."""
    margins = (sheet.page_margins.left + sheet.page_margins.right) * 25.4
    widths = [sheet.column_dimensions[get_column_letter(c)].width for c in on_paper(sheet).values()]
    return float((A4_ACROSS - margins) / (sum(widths) * UNIT))


@pytest.mark.parametrize(
    ("which", "forms", "points"),
    [("tasks", True, 10.4), ("tasks", False, 8.8), ("reserves", True, 10.4), ("reserves", False, 8.6)],
)
def test_print_can_be_read_and_there_is_room_to_write(
    plan: Plan, tmp_path: Path, which: str, forms: bool, points: float
) -> None:
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", plan, forms=forms)), which)
    assert {sheet.cell(row, 2).font.size for row in (HEADER_ROW, HEADER_ROW + 1)} == {10.5}
    assert scale(sheet) * 10.5 >= points
    assert sheet.row_dimensions[HEADER_ROW + 1].height / 72 * 25.4 * scale(sheet) >= 14
    for field, column in on_paper(sheet).items():
        if field in WORDS:
            width = sheet.column_dimensions[get_column_letter(column)].width
            assert width * UNIT * scale(sheet) >= 9.9, field


@pytest.mark.parametrize(
    ("lang", "which", "millimetres", "points"),
    [("zh", "tasks", 333, 9), ("zh", "reserves", 350, 8.6), ("en", "tasks", 372, 8.1), ("en", "reserves", 397, 7.6)],
)
def test_lists_of_single_batches_are_no_wider_than_their_print_allows(
    plan: Plan, tmp_path: Path, lang: Lang, which: str, millimetres: float, points: float
) -> None:
    single = replace(plan, selection=plan.selection.with_columns(batches=pl.lit(1, pl.Int64)))
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", single, lang=lang)), which)
    widths = [sheet.column_dimensions[get_column_letter(c)].width for c in on_paper(sheet).values()]
    assert sum(widths) * UNIT <= millimetres
    assert scale(sheet) * 10.5 >= points


def test_what_is_typed_at_a_desk_stands_right_behind_the_page(plan: Plan, tmp_path: Path) -> None:
    for forms in (True, False):
        book = load_workbook(write(tmp_path / "a.xlsx", plan, forms=forms))
        for which in ("tasks", "reserves"):
            sheet = sheet_of(book, which)
            columns = columns_of(sheet)
            behind = [field for field, column in columns.items() if column > max(on_paper(sheet).values())]
            assert behind[:3] == list(LATER_FIELDS)
            typed = [f for f in behind if not sheet.cell(HEADER_ROW + 1, columns[f]).protection.locked]
            assert typed == behind[: len(typed)]
            assert max(on_paper(sheet), key=lambda f: columns[f]) == "note"
        told = [str(c.value) for c in book["填写说明"]["A"]]
        assert any("检验结果、复检结果和不合格项目三栏不打印，在“备注”栏右边" in words for words in told)


def test_the_street_is_printed_where_addresses_do_not_name_it(plan: Plan, tmp_path: Path) -> None:
    plain = plan.units.with_columns(address=pl.col("address").str.replace(r"[^区]+路", "商业路"))
    for made, printed in ((plan, False), (replace(plan, units=plain), True)):
        for which in ("tasks", "reserves"):
            sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", made)), which)
            assert ("street_office" in on_paper(sheet)) is printed
            assert "street_office" in columns_of(sheet)


def test_a_heavy_line_parts_the_tasks_of_different_offices(book: Any, plan: Plan) -> None:
    offices = dict(plan.units.select("unit_id", "office").iter_rows())
    for which in ("tasks", "reserves"):
        sheet = sheet_of(book, which)
        mark = columns_of(sheet)["unit_id"]
        here = [offices[sheet.cell(row, mark).value] for row in range(HEADER_ROW + 1, sheet.max_row + 1)]
        heavy = [sheet.cell(row, 1).border.top.style == "medium" for row in range(HEADER_ROW + 1, sheet.max_row + 1)]
        changes = [False] + [a != b for a, b in pairwise(here)]
        assert heavy == (changes if which == "tasks" else [False] * len(here))
        assert len(set(here)) > 1


# As LibreOffice breaks them in columns of these widths.
@pytest.mark.parametrize(
    ("words", "width", "lines"),
    [
        ("广州市荔湾区西村街学院路118号101铺", 13.6, 3),
        ("广州市荔湾区石围塘街中山路235号101铺", 13.6, 4),
        ("广州市荔湾区石围塘街工业大道257号首层", 13.6, 4),
        ("广州市荔湾区石围塘街新市路261号二楼", 13.6, 3),
        ("2026Q4-440103-0001", 9.8, 3),
        ("92440103XN1368WM7K", 14, 2),
        ("李佩珊\n020-02281575", 16, 2),
        ("产品类别", 4.8, 2),
        ("", 5, 1),
    ],
)
def test_lines_break_between_words_and_chinese_characters(words: str, width: float, lines: int) -> None:
    assert lines_of_words(words, width, PRESET) == lines


def test_where_there_are_forms_the_lists_have_the_samples_beside_the_page(plan: Plan, tmp_path: Path) -> None:
    for forms in (True, False):
        book = load_workbook(write(tmp_path / "a.xlsx", plan, forms=forms))
        for which in ("tasks", "reserves"):
            sheet = sheet_of(book, which)
            columns, paper = columns_of(sheet), on_paper(sheet)
            assert columns.keys() >= set(SAMPLE_FIELDS)
            assert bool(set(SAMPLE_FIELDS) & paper.keys()) is not forms
            for field in SAMPLE_FIELDS:
                assert not sheet.cell(HEADER_ROW + 1, columns[field]).protection.locked
                assert sheet.cell(HEADER_ROW, columns[field]).font.size == 10.5
    # Reserves have no form of their own: an empty one is there to copy.
    form = load_workbook(write(tmp_path / "b.xlsx", plan, forms=True))["抽样单"]
    assert text("workbook.form_blank", "zh") in [c.value for c in form["A"]]


def test_what_all_tasks_have_alike_is_said_once(plan: Plan, tmp_path: Path) -> None:
    assert plan.tasks["batches"].n_unique() > 1
    single = replace(plan, selection=plan.selection.with_columns(batches=pl.lit(1, pl.Int64)))
    for made, alike in ((plan, {"deadline"}), (single, {"deadline", "batches"})):
        sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", made)), "tasks")
        beside = {*LATER_FIELDS, "number", "street_office", "unit_id"}
        assert columns_of(sheet).keys() - on_paper(sheet).keys() == alike | beside
        assert str(plan.deadline) in sheet["A2"].value
        assert ("每项任务 1 个批次" in sheet["A2"].value) is ("batches" in alike)


def test_codes_take_two_lines_and_telephone_numbers_one(book: Any) -> None:
    sheet = sheet_of(book, "tasks")
    columns = columns_of(sheet)
    code = sheet.column_dimensions[get_column_letter(columns["code"])].width
    # Where another font stands in for the Song typeface a character is up to 1.4 units wide.
    assert 9 * 1.4 <= code < 18
    contacts = [str(sheet.cell(r, columns["contact"]).value).split("\n")[-1] for r in range(4, sheet.max_row + 1)]
    width = sheet.column_dimensions[get_column_letter(columns["contact"])].width
    size = sheet.cell(HEADER_ROW + 1, columns["contact"]).font.size
    assert size == 9
    assert max(1.3 * len(c) for c in contacts) * size / 10.5 <= width


def test_a_unit_of_column_width_is_a_digit_of_a_font_that_every_system_has(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        styles = ElementTree.fromstring(package.read("xl/styles.xml"))
    fonts = styles.find(f"{MAIN}fonts")
    normal = styles.find(f"{MAIN}cellStyleXfs/{MAIN}xf")
    assert fonts is not None
    assert normal is not None
    for font in (fonts[0], fonts[int(normal.get("fontId", "-1"))]):
        name, size = font.find(f"{MAIN}name"), font.find(f"{MAIN}sz")
        assert name is not None
        assert size is not None
        # Verdana's digits are 0.636 em wide.
        assert (name.get("val"), round(float(size.get("val", "0")) * 0.636 * 96 / 72)) == ("Verdana", 7)


@pytest.mark.parametrize("which", ["tasks", "reserves"])
def test_no_english_word_is_broken(plan: Plan, tmp_path: Path, which: str) -> None:
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", plan, lang="en")), which)
    columns = columns_of(sheet)
    for field, column in columns.items():
        width = sheet.column_dimensions[get_column_letter(column)].width
        rows = range(HEADER_ROW, sheet.max_row + 1) if field in ("category", "stage") else (HEADER_ROW,)
        for row in rows if field != "unit_id" else ():
            cell = sheet.cell(row, column)
            longest = max(map(len, re.split(r"[\s-]", str(cell.value))))
            assert longest * cell.font.size / 10.5 + 0.5 <= width, cell.value
    for field, kind in (("status", "status"), ("first", "verdict"), ("reason", "reason")):
        width = sheet.column_dimensions[get_column_letter(columns[field])].width
        words = [w for key in CHOICES[kind] for w in choice_label(kind, key, "en").split()]  # type: ignore[arg-type, index]
        assert max(map(len, words)) + 0.5 <= width, field


def test_the_deadline_is_printed_in_full_on_two_lines(book: Any, plan: Plan) -> None:
    sheet = sheet_of(book, "tasks")
    cell = sheet.cell(HEADER_ROW + 1, columns_of(sheet)["deadline"])
    assert (cell.value, cell.alignment.wrap_text) == (str(plan.deadline), True)
    assert 5.5 <= sheet.column_dimensions[cell.column_letter].width < 10
    day = sheet.cell(HEADER_ROW + 1, columns_of(sheet)["sampled_on"])
    # A date that does not fit is shown as #### unless it shrinks.
    assert (day.number_format, day.alignment.shrink_to_fit, bool(day.alignment.wrap_text)) == (
        "yyyy-mm-dd",
        True,
        False,
    )
    assert f"截止 {plan.deadline}" in sheet_of(book, "reserves").oddFooter.right.text


def test_a_reserve_says_which_inspectors_go_there(book: Any) -> None:
    told = [sheet_of(book, "reserves")["A2"].value]
    told += [c.value for c in book["填写说明"]["A"] if str(c.value).startswith("4.")]
    assert len(told) == 2
    assert all("被替补任务的检查人员A、B前往" in words for words in told)


def test_instructions_promise_only_what_the_protection_allows(book: Any) -> None:
    (line,) = [c.value for c in book["填写说明"]["A"] if str(c.value).startswith("6.")]
    assert "可以筛选、调整列宽和行高，不能排序" in line


def test_colours_are_explained_and_differ_without_colour(book: Any) -> None:
    cover = book["填写说明"]
    labels = {
        c.value: cover.cell(c.row, c.column - 1).fill for row in cover.iter_rows(min_col=2) for c in row if c.value
    }
    swatches = [labels[words] for words in ("缺内容，请补填", "前后矛盾，请核对", "已抽样，等检验结果")]
    rules = [r for area in sheet_of(book, "tasks").conditional_formatting for r in area.rules]
    used = {(r.dxf.fill.patternType, r.dxf.fill.bgColor.rgb) for r in rules}
    assert {(f.patternType, f.bgColor.rgb) for f in swatches} == used
    missing, _, waiting = swatches
    assert (missing.patternType, waiting.patternType) == ("solid", "lightUp")
    # Where a program prints no hatching, and no colours, the boxes still differ.
    boxes = {c.value for row in cover.iter_rows() for c in row if c.fill.bgColor.rgb in {b for _, b in used}}
    assert {"缺", "错", "待"} <= boxes


def test_what_every_sample_has_is_asked_for(book: Any) -> None:
    sheet = sheet_of(book, "tasks")
    columns = columns_of(sheet)
    asked = {
        next(iter(area.sqref.ranges)).min_col
        for area in sheet.conditional_formatting
        if any('"已抽样"' in r.formula[0] for r in area.rules)
    }
    wanted = ("sampled_on", "sheet_no", "sample_name", "base", "quantity", "first", "reason")
    assert asked == {columns[field] for field in wanted}


def test_a_re_test_is_told_whatever_it_found(book: Any) -> None:
    (line,) = [c.value for c in book["填写说明"]["A"] if str(c.value).startswith("5.")]
    assert "经复检的，保留原检验结果，在“复检结果”栏填写复检结论（维持或改变都要填）" in line
    assert "多个项目用顿号（、）隔开" in line


def test_the_choices_share_their_page_with_room_for_remarks(book: Any) -> None:
    sheet = book["字典与其他情况"]
    heights = [sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1)]
    across = sum(d.width for d in sheet.column_dimensions.values()) * UNIT
    down = 210 - (sheet.page_margins.top + sheet.page_margins.bottom) * 25.4
    assert across <= A4_ACROSS - 2 * sheet.page_margins.left * 25.4
    assert 0.8 * down <= sum(heights) / 72 * 25.4 <= down
    free = [row for row in sheet.iter_rows() if not any(c.protection.locked for c in row)]
    assert len(free) >= 5
    assert all(c.value is None and c.alignment.wrap_text for row in free for c in row[:1])
    merged = {str(r) for r in sheet.merged_cells.ranges}
    assert {f"A{row[0].row}:D{row[0].row}" for row in free} <= merged


def forms_of(sheet: Any) -> list[list[int]]:
    """The rows of each form, from its title on."""
    starts = [c.row for c in sheet["A"] if c.value == text("workbook.form_title", "zh")]
    return [list(range(a, b)) for a, b in zip(starts, [*starts[1:], sheet.max_row + 1], strict=True)]


def test_a_form_has_a_page_for_every_visit(book: Any, plan: Plan) -> None:
    sheet = book["抽样单"]
    visits = plan.tasks.filter(pl.col("district") == "440104")["visit"].n_unique()
    forms = forms_of(sheet)
    assert len(forms) == visits + 1  # and one to copy for reserves
    # Every form begins a page.
    assert {rows[-1] for rows in forms} <= {brk.id for brk in sheet.row_breaks.brk}
    batches = [c.value for c in sheet["B"] if re.fullmatch(r"2026Q4-440104-\d{4}(-\d)?", str(c.value))]
    assert batches == list(rows_of(sheet_of(book, "tasks")))


def test_a_form_has_room_for_what_is_written_signed_and_sealed_on_it(book: Any) -> None:
    sheet = book["抽样单"]
    merged = {r.min_row: {} for r in sheet.merged_cells.ranges}
    for area in sheet.merged_cells.ranges:
        merged[area.min_row][area.min_col] = area

    def across(area: Any) -> float:
        widths = (sheet.column_dimensions[get_column_letter(c)].width for c in range(area.min_col, area.max_col + 1))
        return sum(widths) * UNIT

    def down(rows: Any) -> float:
        return sum(sheet.row_dimensions[r].height for r in rows) / 72 * 25.4

    assert sum(d.width for d in sheet.column_dimensions.values()) * UNIT <= 200  # printed as large as it is
    page = 297 - (sheet.page_margins.top + sheet.page_margins.bottom) * 25.4
    breaks = {brk.id for brk in sheet.row_breaks.brk}
    for rows in forms_of(sheet):
        said = {str(sheet.cell(r, c).value): (r, c) for r in rows for c in range(1, sheet.max_column + 1)}
        labels = {
            text(f"workbook.{f}", "zh") for f in ("trademark", "stage", "batch_no", "base", "sample_name", "code")
        }
        assert labels <= said.keys()
        assert {f"□ {choice_label('reason', key, 'zh')}" for key in CHOICES["reason"]} <= said.keys()
        row, column = said["受检单位（签章）"]
        seal = merged[row][column]
        assert down(range(seal.min_row, seal.max_row + 1)) >= 45
        assert not sheet.cell(row, column).protection.locked
        for line in range(seal.min_row, seal.max_row):
            assert sheet.cell(line, 1).value == "检查人员（签名）"
            assert across(merged[line][2]) >= 60
        for field in ("sample_name", "batch_no"):
            assert down([said[text(f"workbook.{field}", "zh")][0]]) >= 14
        pages = [rows[: rows.index(b) + 1] for b in sorted(breaks & set(rows))]
        start = 0
        for until in map(len, pages):
            assert down(rows[start:until]) <= page
            start = until
        assert len(pages) > 1 or down(rows) >= 0.9 * page


def test_a_district_without_reserves_says_so(plan: Plan, tmp_path: Path) -> None:
    bare = replace(plan, selection=plan.tasks)
    sheet = sheet_of(load_workbook(write(tmp_path / "a.xlsx", bare)), "reserves")
    assert sheet["A4"].value == "本区没有替补。"
    assert not sheet.data_validations.dataValidation


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_every_district_gets_its_file_whatever_the_number_of_processes(
    plan: Plan, tmp_path: Path, workers: int
) -> None:
    options: dict[str, Any] = {"inspectors": INSPECTORS, "plan_id": "2026Q4", "deadline": plan.deadline}
    paths = write_districts(tmp_path, plan, "zh", workers=workers, **options)
    assert [p.name for p in paths.values()] == [
        "440104-越秀区.xlsx",
        "440105-海珠区.xlsx",
        "440118-增城区.xlsx",
    ]
    assert sorted(tmp_path.iterdir()) == sorted(paths.values())
    for district, path in paths.items():
        alone = write(tmp_path / f"{workers}.xlsx", plan, district)
        assert parts(path) == parts(alone)


def parts(path: Path) -> dict[str, bytes]:
    """The parts of a workbook that do not hold the time it was written."""
    with zipfile.ZipFile(path) as package:
        return {n: package.read(n) for n in package.namelist() if n != "docProps/core.xml"}


def test_an_unknown_district_is_an_error(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write(tmp_path / "a.xlsx", plan, "440199")


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_of_a_district_leaves_the_folder(
    tmp_path_factory: pytest.TempPathFactory, key: str, label: str
) -> None:
    stem = file_stem(key, label)
    assert stem
    assert Path(stem).name == stem
    assert not re.search(r'[\x00-\x1f<>:"/\\|?*]', stem)
    assert not stem.endswith((".", " "))
    assert stem.casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.parametrize(
    ("key", "label", "stem"),
    [("440104", "越秀区", "440104-越秀区"), ("..", "..", "_"), ("../../etc", "x", "_.._etc-x"), ("CON", "", "_CON")],
)  # fmt: skip
def test_names_of_files(key: str, label: str, stem: str) -> None:
    assert file_stem(key, label) == stem


def test_districts_that_would_share_a_file_get_files_of_their_own() -> None:
    names = file_names({"a/b": "", "a:b": "", "A_B": "", "c": ""})
    assert len({n.casefold() for n in names.values()}) == 4
    assert names["c"] == "c.xlsx"


# --- what spreadsheets would complain of -------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_package_has_nothing_a_spreadsheet_would_repair(plan: Plan, tmp_path: Path, lang: Lang) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang=lang, forms=True)
    order = [
        "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetProtection", "autoFilter",
        "mergeCells", "conditionalFormatting", "dataValidations", "printOptions", "pageMargins", "pageSetup",
        "headerFooter", "rowBreaks",
    ]  # fmt: skip
    with zipfile.ZipFile(path) as package:
        workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))
        styles = ElementTree.fromstring(package.read("xl/styles.xml"))
        names = [s.get("name", "") for s in workbook.iter(f"{MAIN}sheet")]
        assert all(0 < len(n) <= 31 and not re.search(r"[\[\]:*?/\\]", n) for n in names)
        assert len({n.casefold() for n in names}) == len(names)
        formats = len(styles.find(f"{MAIN}cellXfs") or ())
        colours = len(styles.find(f"{MAIN}dxfs") or ())
        for part in (n for n in package.namelist() if n.startswith("xl/worksheets/sheet")):
            sheet = ElementTree.fromstring(package.read(part))
            tags = [e.tag.removeprefix(MAIN) for e in sheet]
            assert [order.index(t) for t in tags] == sorted(order.index(t) for t in tags)
            assert all(int(c.get("s", "0")) < formats for c in sheet.iter(f"{MAIN}c"))
            rows = [int(r.get("r", "0")) for r in sheet.iter(f"{MAIN}row")]
            assert rows == sorted(set(rows))
            assert all(float(r.get("ht", "15")) <= 409 for r in sheet.iter(f"{MAIN}row"))
            for rule in sheet.iter(f"{MAIN}cfRule"):
                assert int(rule.get("dxfId", "-1")) in range(colours)
                (formula,) = rule.iter(f"{MAIN}formula")
                assert not (formula.text or "").startswith("=")
                assert (formula.text or "").count("(") == (formula.text or "").count(")")
            for check in sheet.iter(f"{MAIN}dataValidation"):
                formula1 = check.find(f"{MAIN}formula1")
                assert formula1 is not None
                assert len(formula1.text or "") <= 257
            merged = [m.get("ref") for m in sheet.iter(f"{MAIN}mergeCell")]
            assert len(set(merged)) == len(merged)


def test_a_drop_down_too_long_for_a_spreadsheet_is_refused() -> None:
    for labels in (["a" * 130, "b" * 130], ["a,b"], ['a"b']):
        with pytest.raises(ValueError, match="but got"):
            choice_list(labels, "title", "message")


def test_a_footer_writes_an_ampersand_twice() -> None:
    assert footer_text("A&B") == "A&&B"


@pytest.mark.parametrize(("value", "width"), [("越秀区", 6), ("abc", 3), ("越a\n秀", 3), ("", 0), (12, 2)])
def test_widths_count_chinese_characters_twice(value: object, width: int) -> None:
    assert text_width(value) == width


def test_libreoffice_counts_the_progress_and_shows_no_error(plan: Plan, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    book = write(tmp_path / "a.xlsx", plan)
    ids = list(rows_of(sheet_of(load_workbook(book), "tasks")))
    replies = [
        PASS,
        FAIL,
        FAIL | {"retest": "合格"},
        CLOSED,
        SAMPLED,
        {"status": "未抽样"},
        {"status": "已抽样"},
    ]
    fill(book, dict(zip(ids, replies, strict=False)))
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    command = [office, profile, "--headless", "--convert-to", "xlsx", "--outdir", tmp_path / "out", book]
    subprocess.run(command, check=True, capture_output=True)
    counted = load_workbook(tmp_path / "out" / "a.xlsx", data_only=True)
    cells = [c.value for row in counted["填写说明"].iter_rows() for c in row]
    figures = {
        label: cells[cells.index(label) + 1]
        for key in (
            "total",
            "open",
            "sampled",
            "unsampled",
            "pass",
            "fail",
            "waiting",
            "no_date",
            "no_reason",
            "reserves",
        )
        if (label := text(f"workbook.progress_{key}", "zh"))
    }
    assert figures == {
        "任务批次": len(ids), "尚未填写": len(ids) - 7, "已抽样": 5, "未抽样": 2, "检验合格": 2, "检验不合格": 1,
        "已抽样待结果": 2, "缺抽样日期": 1, "缺未抽样原因": 1, "已启用替补": 0,
    }  # fmt: skip
    assert not [c for sheet in counted for row in sheet.iter_rows() for c in row if c.data_type == "e"]


def test_papers_hold_only_what_is_printed(plan: Plan) -> None:
    papers = district_papers(plan, "zh", inspectors=INSPECTORS, plan_id="x", deadline=plan.deadline)
    assert list(papers) == ["440104", "440105", "440118"]
    fields = {c.field for p in papers.values() for c in (*p.tasks.columns, *p.reserves.columns)}
    assert not fields & {
        "tier",
        "score",
        "stratum",
        "credit_class",
        "risk_grade",
        "ticket",
        "probability",
        "weight",
    }
