"""What is typed outside the lists: all of it is listed with its place."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sampler.files.district_book import HEADER_ROW
from sampler.files.grid import column_letter
from sampler.files.printed_words import PrintedWords, SheetKind, Typed
from sampler.plan import Plan
from sampler.text import LANGUAGES, Lang, text
from tests.files.fieldwork import FAIL, columns_of, fill, sheet_of, write
from tests.files.returning import read


def test_rows_somebody_added_and_words_anywhere_are_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    columns = columns_of(sheet)
    below = sheet.max_row + 1
    sheet.cell(below, columns["name"]).value = "计划外企业"
    sheet.cell(below, columns["first"]).value = "合格"
    sheet.cell(below + 3, 1).value = "以上情况属实"
    sheet.cell(1, 12).value = "张三代填"
    sheet.cell(6, columns["unit_id"] + 2).value = "右边的话"
    workbook["填写说明"]["B22"] = "收到"
    workbook["字典与其他情况"]["F9"] = "新原因"
    extra = workbook.create_sheet("照片")
    extra["A1"] = "见附件"
    workbook.save(book)
    results = read(book, plan)
    assert results.batches.is_empty()
    found = {(i.sheet, i.found) for i in results.issues}
    for place in [
        ("任务清单", "以上情况属实"),
        ("任务清单", "张三代填"),
        ("任务清单", "右边的话"),
        ("填写说明", "收到"),
        ("字典与其他情况", "新原因"),
        ("照片", "见附件"),
    ]:
        assert place in found
    (added,) = [i for i in results.issues if i.row == below]
    assert (added.code, added.severity) == ("row-without-task", "error")
    assert "计划外企业" in added.found
    assert "合格" in added.found
    assert len(results.issues) == 7


def test_letters_of_the_legend_are_printed_on_the_cover_alone(plan: Plan, tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", plan, forms=True)
    assert read(path, plan).issues == ()
    workbook = load_workbook(path)
    typed = {"任务清单": "待", "字典与其他情况": "错", "抽样单": "缺"}
    for name, word in typed.items():
        workbook[name].cell(1, 12).value = word
    workbook.save(path)
    assert {(str(i.sheet), i.found) for i in read(path, plan).issues} == set(typed.items())


def test_words_of_ours_typed_where_we_do_not_print_them_are_listed(plan: Plan, tmp_path: Path, ids: list[str]) -> None:
    path = write(tmp_path / "a.xlsx", plan, forms=True)
    workbook = load_workbook(path)
    form = workbook["抽样单"]
    remarks = next(c for c in form["A"] if c.value == "现场情况及异议").row + 1
    product = next(c for c in form["B"] if c.value == ids[0]).row + 1
    name = plan.units["name"][0]
    typed = {
        ("抽样单", form.cell(remarks, 1)): "拒检",
        ("抽样单", form.cell(remarks + 1, 1)): name,
        ("抽样单", form.cell(product, 2)): "食品",
        ("填写说明", workbook["填写说明"]["H16"]): "不合格",
        ("填写说明", workbook["填写说明"]["I3"]): "未抽样",
        ("填写说明", workbook["填写说明"]["H20"]): name,
        ("任务清单", workbook["任务清单"]["L1"]): "停业",
        ("字典与其他情况", workbook["字典与其他情况"]["E3"]): "不合格",
        ("字典与其他情况", workbook["字典与其他情况"]["A6"]): "已抽样",
        ("便签", workbook.create_sheet("便签")["A1"]): "合格",
        ("便签", workbook["便签"]["A2"]): ids[0],
    }
    for (_, cell), words in typed.items():
        cell.value = words
    below = workbook["任务清单"].max_row + 3
    workbook["任务清单"].cell(below, 1).value = "不合格"
    workbook.save(path)
    found = {(i.sheet, i.row, i.column, i.found) for i in read(path, plan).issues}
    places = {(sheet, cell.row, cell.column_letter, words) for (sheet, cell), words in typed.items()}
    assert found == places | {("任务清单", below, None, "不合格")}


def test_what_is_written_on_an_earlier_plans_form_is_listed(book: Path, plan: Plan, ids: list[str]) -> None:
    """Its products stood in a table: an id in the first column, what was filled in below the headers."""
    workbook = load_workbook(book)
    form = workbook.create_sheet("抽样单")
    form.append(["产品质量监督抽查抽样单"])
    form.append(["任务编号", "产品类别", "样品名称", "批号", "抽样基数"])
    form.append([ids[0], "食品", "食品", None, None])
    workbook.save(book)
    assert [(i.sheet, i.row, i.column, i.found) for i in read(book, plan).issues] == [("抽样单", 3, "C", "食品")]


def test_rows_that_name_a_task_below_no_header_are_errors(book: Path, plan: Plan, ids: list[str]) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("补报")
    extra.append([ids[0], "不合格"])
    extra.append([ids[1], "拒检"])
    workbook["填写说明"]["H18"] = ids[2]
    workbook["填写说明"]["I18"] = "不合格"
    workbook.save(book)
    results = read(book, plan)
    assert results.batches.is_empty()
    assert [(i.code, i.severity, i.sheet, i.row, i.found) for i in results.issues] == [
        ("rows-without-header", "error", "填写说明", 18, f"{ids[2]} | 不合格"),
        ("rows-without-header", "error", "补报", 1, f"{ids[0]} | 不合格\n{ids[1]} | 拒检"),
    ]


def test_a_list_whose_header_is_gone_is_an_error(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: FAIL})
    workbook = load_workbook(book)
    workbook["任务清单"].delete_rows(3)
    workbook.save(book)
    found = [i for i in read(book, plan).issues if i.code == "rows-without-header"]
    assert {(i.sheet, i.severity) for i in found} == {("任务清单", "error")}
    assert "菌落总数" in "".join(i.found for i in found)


def test_every_cell_of_a_foreign_sheet_is_quoted(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("统计")
    for i in range(90):
        extra.append([f"第{i}行"])
    workbook.save(book)
    (issue,) = read(book, plan).issues
    assert issue.found == " | ".join(f"第{i}行" for i in range(90))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_remarks_are_listed_word_for_word(plan: Plan, tmp_path: Path, lang: Lang) -> None:
    path = write(tmp_path / "a.xlsx", plan, lang=lang)
    workbook = load_workbook(path)
    sheet = workbook[text("workbook.sheet_choices", lang)]
    lines = [row[0] for row in sheet.iter_rows() if not row[0].protection.locked]
    # Words that stand in the workbook elsewhere too are a remark here.
    said = ["区内两家企业已搬离，见附件", text("results.reason_closed", lang), plan.units["name"][0]]
    for cell, words in zip(lines, said, strict=False):
        cell.value = words
    workbook.save(path)
    results = read(path, plan)
    assert results.batches.is_empty()
    found = [(i.code, i.severity, i.sheet, i.row, i.found) for i in results.issues]
    assert found == [("remark", "info", sheet.title, cell.row, words) for cell, words in zip(lines, said, strict=False)]


def test_a_foreign_sheet_full_of_cells_is_one_issue(book: Path, plan: Plan) -> None:
    workbook = load_workbook(book)
    extra = workbook.create_sheet("统计")
    for _ in range(30):
        extra.append(["甲", "乙", "丙"])
    workbook.save(book)
    (issue,) = read(book, plan).issues
    assert (issue.code, issue.sheet) == ("sheet-not-read", "统计")
    assert "90" in issue.done.render("en")


_OURS = ["任务编号", "抽样单号", "现场情况及异议", "检查人员（签名）", "□ 停业", "停业", "合格", "其他情况", "企业甲"]
_CELLS = [*_OURS, "2026Q4-440104-0001", "7", None]


@given(
    st.lists(st.lists(st.sampled_from(_CELLS), min_size=3, max_size=3), min_size=1, max_size=8),
    st.sampled_from(["cover", "form", "choices", None]),
    st.integers(1, 3),
)  # fmt: skip
def test_neither_rows_seen_before_nor_blank_rows_between_change_what_is_listed(
    rows: list[list[str | None]], kind: SheetKind | None, times: int
) -> None:
    words = PrintedWords(["企业甲"], frozenset, dict)

    def typed(rows: list[list[str | None]]) -> list[Typed]:
        part = pl.DataFrame(rows, schema=dict.fromkeys(("c0", "c1", "c4"), pl.String), orient="row")
        return list(words.typed(part, kind))

    found = typed(rows * times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sampler.files.printed_words._ROWS", 0)  # nothing is remembered
        assert typed(rows * times) == found
    blank: list[str | None] = [None, None, None]
    assert typed([r for row in rows * times for r in (blank, row)]) == [t._replace(row=2 * t.row) for t in found]


def test_words_in_a_row_of_headers_are_listed(book: Path, plan: Plan) -> None:
    """Beside the last header above nothing, and in the middle of the list where somebody repeated the headers."""
    made = load_workbook(book)
    sheet = sheet_of(made, "tasks")
    headers = [c.value for c in sheet[HEADER_ROW]]
    beside = len(headers) + 2
    sheet.cell(HEADER_ROW, beside, "已电话告知企业")
    middle = HEADER_ROW + 3
    sheet.insert_rows(middle)
    for column, header in enumerate(headers, 1):
        sheet.cell(middle, column, header)
    sheet.cell(middle, beside, "以下由二组抽样")
    made.save(book)
    results = read(book, plan)
    assert [(i.code, i.severity, i.row, i.column, i.found) for i in results.issues] == [
        ("text-outside-lists", "info", row, column_letter(beside - 1), words)
        for row, words in ((HEADER_ROW, "已电话告知企业"), (middle, "以下由二组抽样"))
    ]
