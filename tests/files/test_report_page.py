"""The report page: self-contained, accessible, and saying what the estimates say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from sampler.analysis import Analysis
from sampler.design import Campaign
from sampler.estimate import Estimates, estimate_counts, estimate_plan, one_proportion
from sampler.files.forest_plot import ForestRow, forest_plot
from sampler.files.report_page import page
from sampler.percent import interval, percent
from sampler.text import LANGUAGES
from tests.answers import FAIL, PASS, PENDING, answers, unsampled
from tests.planning import draw, make_design

HOSTILE = '<script>alert("x")</script>&'
VOID = {"meta", "link", "br", "img", "path", "use", "rect"}


@pytest.fixture(scope="module")
def estimates() -> Estimates:
    plan = draw(budget=110, units=15, names=dict.fromkeys(range(200), HOSTILE))
    failing = set(plan.tasks["unit_id"].to_list()[::7])

    def answer(task: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
        if task["role"] == "reserve":
            return None
        if task["unit_id"] in failing:
            return dict(FAIL) | {"failing_item": HOSTILE}
        return unsampled("refused") if task["rank"] == 3 else PASS

    return estimate_plan(plan, answers(plan, answer), Analysis(also=[("district", "category")]))


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest, estimates: Estimates) -> str:
    return page(estimates, request.param)


class Outline(HTMLParser):
    """Checks nesting while it collects elements and what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)


def outline(html: str) -> Outline:
    parsed = Outline()
    parsed.feed(html)
    assert parsed.open == []
    return parsed


def test_nothing_is_fetched_and_nothing_runs(shown: str) -> None:
    assert "<script" not in shown
    assert "@import" not in shown
    addresses = re.findall(r'(?:src|href|action|data)="([^"]*)"', shown) + re.findall(r"url\(([^)]*)\)", shown)
    assert addresses
    assert all(a.startswith("#") or a == "data:," for a in addresses), addresses
    remote = set(re.findall(r"https?://[^\s\"'<]+", shown))
    assert remote <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_what_was_typed_in_the_field_is_text(shown: str) -> None:
    assert HOSTILE not in shown
    assert HOSTILE in "".join(outline(shown).words)


def test_every_figure_of_every_row_is_there(shown: str, estimates: Estimates) -> None:
    words = "\n".join(outline(shown).words)
    for row in estimates.rows:
        assert percent(row.rate) in words
        assert interval(row.lower, row.upper) in words
    for value in ("frame_sha256", "design_sha256"):
        assert estimates.source[value] in words


def test_it_can_be_read_without_seeing_it(shown: str) -> None:
    found = outline(shown)
    tags = [tag for tag, _ in found.elements]
    assert tags.count("table") == tags.count("caption") == shown.count("<caption>")
    headers = [attributes for tag, attributes in found.elements if tag == "th"]
    assert headers
    assert all(a.get("scope") in ("col", "row") for a in headers)
    plots = [attributes for tag, attributes in found.elements if tag == "svg"]
    assert len(plots) == 3
    ids = [a["id"] for _, a in found.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for plot in plots:
        assert plot["role"] == "img"
        assert set((plot["aria-labelledby"] or "").split()) <= set(ids)
    for tag, attributes in found.elements:
        if tag == "a":
            assert (attributes["href"] or "")[1:] in ids
        if "scroll" in (attributes.get("class") or "").split():
            assert attributes["tabindex"] == "0"
            assert attributes["aria-label"]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


def test_language_viewport_and_schemes(estimates: Estimates) -> None:
    chinese, english = page(estimates, "zh"), page(estimates, "en")
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in english
    for html in (chinese, english):
        assert 'name="viewport"' in html
        assert "prefers-color-scheme: dark" in html
        assert "@media print" in html


def test_the_same_estimates_make_the_same_page(estimates: Estimates) -> None:
    assert page(estimates, "en") == page(estimates, "en")


def test_a_page_of_two_numbers() -> None:
    html = page(estimate_counts(one_proportion(tested=30, passed=29, population=None)), "en")
    found = outline(html)
    assert "96.67%" in "".join(found.words)
    assert "follow-ups" not in html


@pytest.mark.parametrize(("confidence", "times"), [(0.95, "about 95 or more"), (0.99999, "about 99.99 or more")])
def test_no_interval_is_said_to_hold_the_rate_every_time(confidence: float, times: str) -> None:
    counts = one_proportion(tested=30, passed=29, population=None)
    assert times in page(estimate_counts(counts, Analysis(confidence=confidence)), "en")


def test_a_plot_takes_its_colours_and_fonts_from_the_page() -> None:
    rows = [
        ForestRow("全市", "95%", 0.95, 0.9, 0.98, 0.93, "on_target", total=True),
        ForestRow("a<b", "60%", 0.6, 0.2, 0.9, 0.93, "below"),
        ForestRow("c", "–", None, None, None, None, None),
    ]
    svg = forest_plot(rows, left=0.5, axis="%", title="t & t", description="d", name="p")
    parsed = outline(svg)
    texts = "".join(parsed.words)
    assert "全市" in texts
    assert "a<b" in texts
    assert "t & t" in texts
    assert "LABEL" not in svg
    assert not re.search(r"#[0-9a-f]{6}", svg)
    assert "font-family" not in svg
    for colour in ("--on-target", "--below", "--target", "--ink"):
        assert f"var({colour})" in svg


def test_the_follow_up_list_has_pages_wide_enough_and_the_report_is_marked_internal(estimates: Estimates) -> None:
    html = page(estimates, "zh")
    (section,) = re.findall(r'<section id="follow-ups" class="([^"]*)"', html)
    assert "wide" in section.split()
    print_rules = html[html.rindex("@media print") : html.index("</style>")]
    assert re.search(r"section\.wide \{ page: wide; \}", print_rules)
    assert re.search(r"@page wide \{ size: A4 landscape;", print_rules)
    # A cell of any length breaks, on paper as on the screen: nothing runs over the edge of the page.
    assert re.search(r"\n  th, td \{ white-space: normal;", print_rules)
    assert re.search(r"section\.wide td\.wrap \{ white-space: normal; overflow-wrap: anywhere; min-width: 0; \}", html)
    assert re.search(r"h2, h3, caption \{ break-after: avoid; \}", print_rules)
    assert "内部资料" in "".join(outline(html).words)
    counted = page(estimate_counts(one_proportion(tested=30, passed=29, population=None)), "zh")
    assert "内部资料" not in counted


def test_the_page_says_how_to_read_it_and_why_its_rate_is_not_what_the_counts_give(estimates: Estimates) -> None:
    total = estimates.total
    words = "".join(outline(page(estimates, "en")).words)
    assert f"not {total.passed}/{total.tested} = {percent(total.passed / total.tested)}" in words
    assert "How to read this" in words
    assert "One that crosses the target decides nothing yet" in words
    # One sample weights nothing, and without a target there is nothing to cross.
    words = "".join(outline(page(estimate_counts(one_proportion(tested=30, passed=29, population=None)), "en")).words)
    assert "weighted:" not in words
    assert "decides nothing yet" not in words


def test_a_report_says_how_many_units_its_rates_do_not_speak_for(estimates: Estimates) -> None:
    # A sample speaks for the units that had a chance to be drawn: Särndal, Swensson and Wretman (1992), chapter 1.
    assert "set aside" not in page(estimates, "en")
    design = make_design()
    campaign = Campaign(categories=("food",))
    plan = draw(budget=40, design=replace(design, campaign=campaign))
    found = estimate_plan(plan, answers(plan, lambda task, _: PASS if task["role"] == "task" else None))
    assert found.set_aside == plan.set_aside.height > 0
    assert found.total.registered == plan.units.height
    assert f"not for {found.set_aside:,} others that were set aside" in page(found, "en")
    assert f"另有 {found.set_aside:,} 个单元本季不抽" in page(found, "zh")


def test_a_report_made_while_work_is_open_says_that_its_grades_are_not_the_last() -> None:
    # Armitage, McPherson and Rowe (1969), Repeated significance tests on accumulating data, JRSS A 132.
    plan = draw(budget=110, units=15)
    tasks = plan.tasks["task_id"].to_list()

    def made(answered: list[str], kind: Mapping[str, Any]) -> Estimates:
        return estimate_plan(
            plan, answers(plan, lambda task, _: PASS if task["task_id"] in answered else kind if kind else None)
        )

    whole = made(tasks, {})
    assert whole.completion is not None
    assert whole.completion.not_reached + whole.completion.pending == 0
    last = "the one on all results is the one to act on"
    assert last not in page(whole, "en")
    assert last in page(made(tasks[1:], {}), "en")
    assert last in page(made(tasks[1:], PENDING), "en")
    assert last not in page(estimate_counts(one_proportion(tested=30, passed=29, population=None)), "en")


def test_labels_of_a_plot_have_room_in_a_wide_font() -> None:
    label = "Zengcheng · building materials"
    svg = forest_plot(
        [ForestRow(label, "95%", 0.95, 0.9, 0.98, 0.93, "on_target")],
        left=0.5, axis="%", title="t", description="d", name="p",
    )  # fmt: skip
    (element,) = re.findall(rf"<text ([^>]*)>{label}</text>", svg)
    (right,) = re.findall(r'x="([\d.]+)"', element)
    # DejaVu Sans, which Linux takes where a page asks for no font of its own, is about 0.6 em a letter.
    assert float(right) >= 0.6 * 10.5 * len(label)
