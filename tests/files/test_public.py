"""What is published says nothing that is not for the public, in three formats that say the same."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.files.public import PublicTable, _sheet_name, public_plan, public_results, write_public
from sampler.files.results import read_results
from sampler.files.styles import lines_needed
from sampler.plan import Plan
from sampler.results import Results
from sampler.text import LANGUAGES, Lang
from tests.files.fieldwork import CLOSED, FAIL, PASS, SAMPLED, fill, write
from tests.planning import INSPECTORS, draw

TRICKY = '=HYPERLINK("http://x")<b>&公司'


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12, names=dict.fromkeys(range(36), TRICKY))


@pytest.fixture(scope="module")
def results(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Results:
    book = write(tmp_path_factory.mktemp("book") / "a.xlsx", plan)
    single = plan.tasks.filter((pl.col("district") == "440104") & (pl.col("batches") == 1))["task_id"].to_list()
    replies = [PASS | {"sample_name": "@甲"}, FAIL, CLOSED, SAMPLED, FAIL | {"retest": "合格"}]
    return read_results([fill(book, dict(zip(single, replies, strict=False)))], plan)


def tables(plan: Plan, results: Results, lang: Lang) -> list[PublicTable]:
    return [public_plan(plan, lang), public_plan(plan, lang, named=True), public_results(plan, results, lang)]


def words(table: PublicTable) -> str:
    cells = [c for row in (table.columns, *table.rows) for c in row if c is not None]
    return "\n".join([table.title, *map(str, cells), *table.notes])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_of_class_score_phone_or_person_is_published(plan: Plan, results: Results, lang: Lang) -> None:
    hidden: set[str] = set(INSPECTORS.values()) | set(INSPECTORS)
    for column in ("phone", "contact", "address", "stratum", "ticket"):
        hidden |= set(plan.units[column].drop_nulls().to_list())
    for terms in (plan.design.tiers, plan.design.credit_classes, plan.design.risk_grades):
        hidden |= {t.label(language) for t in terms for language in LANGUAGES}
    hidden |= set(plan.selection["group"].to_list()) | {plan.seed}
    for table in tables(plan, results, lang):
        said = words(table)
        assert [h for h in hidden if h in said] == []


def test_the_plan_adds_up_and_names_nobody(plan: Plan) -> None:
    table = public_plan(plan, "zh")
    *rows, total = table.rows
    tasks = plan.tasks
    assert len(rows) == 9
    assert total[3:] == (plan.units.height, tasks.height, tasks["batches"].sum())
    assert [sum(r[i] for r in rows) for i in (3, 4, 5)] == list(total[3:])  # type: ignore[misc]
    said = words(table)
    assert not [n for n in (*plan.units["name"].to_list(), *plan.units["code"].to_list()) if n in said]
    assert plan.frame_sha256 in said


def test_the_plan_says_what_it_counts(plan: Plan) -> None:
    table = public_plan(plan, "zh")
    assert table.columns[3:] == ("可抽单元数（企业×类别）", "抽查任务数", "抽查批次数")
    said = words(table)
    assert "同一企业涉及多个类别的分别计数" in said
    # Certainty units are not drawn with equal chances.
    assert "等概率抽取（必抽单位除外）" in said
    assert "在册" not in said


def test_the_list_of_those_drawn_is_published_only_when_asked_for(plan: Plan) -> None:
    table = public_plan(plan, "en", named=True)
    drawn = plan.tasks.join(plan.units.select("unit_id", "code"), on="unit_id")
    assert sorted(str(r[3]) for r in table.rows) == sorted(drawn["code"].to_list())


def test_results_hold_final_verdicts_only(plan: Plan, results: Results) -> None:
    table = public_results(plan, results, "zh")
    verdict = table.columns.index("检验结果")
    assert sorted(str(r[verdict]) for r in table.rows) == ["不合格", "合格", "合格"]
    assert "共检验 3 批次，合格 2 批次，不合格 1 批次" in table.notes[0]
    assert "不等于认定该产品合格" in table.notes[1]


def test_a_failing_item_is_published_of_failures_only(plan: Plan, results: Results) -> None:
    assert results.batches["failing_item"].drop_nulls().len() == 2  # one of them overturned by a re-test
    table = public_results(plan, results, "zh")
    verdict, item = table.columns.index("检验结果"), table.columns.index("不合格项目")
    assert sorted((str(r[verdict]), str(r[item] or "")) for r in table.rows) == [
        ("不合格", "菌落总数"), ("合格", ""), ("合格", ""),
    ]  # fmt: skip


def test_results_of_nothing_are_an_empty_table(plan: Plan, results: Results, tmp_path: Path) -> None:
    none = Results(results.batches.clear(), (), ())
    table = public_results(plan, none, "en")
    assert table.rows == ()
    for path in write_public(tmp_path, "results", table):
        assert path.stat().st_size > 0


class Cells(HTMLParser):
    """The cells of a page, as a browser shows them."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] in (["td"], ["th"]):
            self.rows[-1][-1] += data

    def handle_endtag(self, tag: str) -> None:
        self.tags.append("/" + tag)


def test_the_three_formats_say_the_same_and_hold_no_formula(plan: Plan, results: Results, tmp_path: Path) -> None:
    table = public_results(plan, results, "zh")
    assert any(TRICKY in row for row in table.rows)
    book, comma, page = write_public(tmp_path, "results", table)
    wanted = [["" if c is None else str(c) for c in row] for row in (table.columns, *table.rows)]

    sheet = load_workbook(book).active
    cells = [c for row in sheet.iter_rows() for c in row]
    assert {c.data_type for c in cells} <= {"s", "n", "d"}
    shown = [[getattr(c, "date", lambda c=c: c)() if c is not None else "" for c in row] for row in sheet.values]
    assert [list(map(str, row)) for row in shown[1 : 1 + len(wanted)]] == wanted
    assert all(c.quotePrefix for c in cells if isinstance(c.value, str) and c.value.startswith(("=", "@")))

    raw = comma.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(raw.decode("utf-8-sig").splitlines()))
    assert [[c.removeprefix("'") for c in row] for row in lines] == wanted
    assert not [c for row in lines for c in row if re.match(r"[=+\-@\t\r]", c)]

    parser = Cells()
    parser.feed(page.read_text(encoding="utf-8"))
    assert parser.rows == wanted
    assert "b" not in parser.tags


def test_a_page_can_be_read_on_a_phone_and_printed(plan: Plan, results: Results, tmp_path: Path) -> None:
    pages = {}
    for stem, table in (("plan", public_plan(plan, "zh")), ("results", public_results(plan, results, "zh"))):
        _, _, path = write_public(tmp_path, stem, table)
        pages[stem] = path.read_text(encoding="utf-8")
    for page in pages.values():
        # The table keeps its width and scrolls in its own box; no word is broken to make it narrower.
        assert re.search(r"\.scroll \{ overflow-x: auto; \}", page)
        assert re.search(r"table \{[^}]*min-width: \d+em", page)
        assert "anywhere" not in page
        assert page.index('<div class="scroll"') < page.index("<table>")
    assert "@page { size: A4 landscape; margin: 12mm;" in pages["results"]
    assert "@page { size: A4; margin: 12mm;" in pages["plan"]


@pytest.mark.parametrize("words", ["=1+1", " =1+1", "\u3000@sum", "\t+1", "-1"])
def test_a_formula_is_guarded_whatever_stands_before_it(tmp_path: Path, words: str) -> None:
    table = PublicTable(lang="zh", title="表", columns=("名称",), rows=((words,),), notes=())
    paths = write_public(tmp_path, "t", table)
    assert f"'{words}" in paths[1].read_text(encoding="utf-8-sig")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_codes_and_headers_stand_on_one_line_and_the_table_fills_the_page(
    plan: Plan, results: Results, tmp_path: Path, lang: Lang
) -> None:
    wide = "92440103XN1368WM7K"
    coded = replace(plan, units=plan.units.with_columns(code=pl.lit(wide)))
    for table in tables(coded, results, lang):
        path = write_public(tmp_path, "a", table)[0]
        sheet = load_workbook(path).active
        widths = [sheet.column_dimensions[c.column_letter].width for c in sheet[2]]
        unit = 7 * 25.4 / 96  # millimetres
        assert sum(widths) * unit >= (280 if sheet.page_setup.orientation == "landscape" else 195)
        for cell, width in zip(sheet[2], widths, strict=True):
            longest = max(str(cell.value).split(), key=len) if lang == "en" else ""
            assert len(longest) * 1.3 <= width, cell.value
            # In the serif font that Linux shows, a digit is 1.27 units wide, these letters 8.77 together.
            if sheet.cell(3, cell.column).value == wide:
                assert width >= 13 * 1.27 + 8.77 + 1
            assert sheet.row_dimensions[2].height >= 13 * lines_needed(cell.value, width)


def test_the_name_of_the_sheet_is_the_title_as_far_as_it_goes() -> None:
    assert _sheet_name("广州市2026年第4季度监督抽查结果") == "广州市2026年第4季度监督抽查结果"
    assert _sheet_name("Guangzhou spot checks, 2026 Q4: results") == "Guangzhou spot checks, 2026 Q4"
    assert _sheet_name("a/b [c]: d?") == "a-b -c-, d"
