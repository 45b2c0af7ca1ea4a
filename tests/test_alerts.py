"""Early warnings, failing items and follow-ups: what is raised, and the sentences it is told in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest

from sampler.alerts import failing_items, split_items
from sampler.analysis import METHODS, Analysis
from sampler.domains import Evidence
from sampler.estimate import Estimates, estimate_counts, estimate_plan
from sampler.files.counts import read_counts
from sampler.percent import interval
from sampler.plan import Plan
from sampler.rates import DomainEstimate
from sampler.text import LANGUAGES, Text
from sampler.wording import marked, method_name, note_lines, p_text, statement
from tests.answers import FAIL, PASS, answers
from tests.planning import draw


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=160, units=25)


def table(*rows: tuple[str, str, int, int, int]) -> Evidence:
    """Counts of district, category, population, tested, failed."""
    return Evidence(
        pl.DataFrame(
            [
                {
                    "stratum": f"{d}|{c}", "district": d, "category": c, "population": n, "drawn": t, "contacted": t,
                    "out_of_scope": 0, "refused": 0, "tested": t, "failed": x, "batches_tested": t,
                    "batches_failed": x, "target": None, "certainty": False,
                }
                for d, c, n, t, x in rows
            ],
            schema_overrides={"target": pl.Float64},
        ),
        ("district", "category"),
    )  # fmt: skip


def found() -> Estimates:
    """A district proven below target, one to watch, one proven on target, and one that nothing is proven of."""
    evidence = table(
        ("A", "food", 400, 60, 12), ("B", "food", 400, 40, 3), ("C", "food", 400, 200, 0), ("D", "food", 400, 8, 0)
    )  # fmt: skip
    return estimate_counts(evidence, Analysis(target=0.95))


def by_district(estimates: Estimates) -> dict[str | None, DomainEstimate]:
    return {r.domain["district"]: r for r in estimates.families()[("district",)]}


def one_test() -> Estimates:
    """At a target of 90% a single failure has probability 0.1: one test proves nothing, whatever its outcome."""
    return estimate_counts(table(("D", "food", 400, 8, 0), ("E", "food", 400, 1, 0)), Analysis(target=0.9))


def test_the_five_grades() -> None:
    rows = by_district(found())
    assert {d: r.grade for d, r in rows.items()} == {
        "A": "below",
        "B": "watch",
        "C": "on_target",
        "D": "not_proven",
    }
    assert {d: r.grade for d, r in by_district(one_test()).items()} == {"D": "not_proven", "E": "too_little"}
    assert rows["A"].more is None
    assert rows["B"].more is not None
    assert rows["B"].more.direction == "below"
    assert rows["D"].more is not None
    assert rows["D"].more.direction == "on_target"
    # Of 400 units 20 may fail: about 55 passes without a failure are needed for 95% confidence, and more beside others.
    assert 40 <= rows["D"].more.tests <= 120


def test_where_nothing_was_tested_no_number_of_further_tests_is_told() -> None:
    """There is no rate that could stay the same."""
    rows = by_district(
        estimate_counts(table(("D", "food", 400, 50, 1), ("E", "food", 400, 0, 0)), Analysis(target=0.9))
    )
    assert (rows["E"].rate, rows["E"].grade, rows["E"].more) == (None, "too_little", None)
    assert rows["E"].to_json()["more_tests"] is None


def test_warnings_are_looked_for_in_each_family_once_and_not_among_too_many_cells() -> None:
    few = table(("A", "food", 400, 60, 12), ("B", "toys", 400, 40, 3))
    both = ("district", "category")
    assert Analysis(by=[("category",)]).watched(few) == ((), ("category",), ("district",), both)
    assert Analysis(by=[both[::-1]]).watched(few) == ((), both[::-1], ("district",), ("category",))
    # 50 districts × 50 categories: nobody asked for 2,500 cells, and what was asked for is told.
    many = table(*((f"{d}", f"{c}", 9, 1, 0) for d in range(50) for c in range(50)))
    assert Analysis().watched(many) == ((), ("district",), ("category",))


def test_where_every_remaining_unit_must_be_tested_it_says_a_census() -> None:
    """At exactly its target, 40 of 400 failing, only the last unit decides whether a rate reaches 90 %."""
    rows = by_district(estimate_counts(table(("D", "food", 400, 100, 10)), Analysis(target=0.9)))
    more = rows["D"].more
    assert more is not None
    assert (more.tests, more.census) == (300, True)
    assert rows["D"].to_json()["more_tests"] == {"direction": "on_target", "tests": 300, "census": True}
    said = {lang: statement(rows["D"], 0.95, None, lang) for lang in LANGUAGES}
    assert "若后续检验的合格率不变，只有把其余 300 个全部检验（普查）才可以证实达到目标" in said["zh"]
    assert "; only a full census, all 300 that are left, at the same pass rate would prove it" in said["en"]
    lines = [f"{about} {words}" for about, words in note_lines(list(rows.values()), None, "en")]
    assert any("D 300 (all that are left: a full census)" in line for line in lines)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_only_too_little_data_bears_a_mark_and_every_open_grade_says_how_many_more_tests(lang: Any) -> None:
    estimates = one_test()
    rows = by_district(estimates)
    assert [d for d, r in rows.items() if marked(r)] == ["E"]
    lines = [f"{about} {words}" for about, words in note_lines(estimates.rows, None, lang)]
    assert [line for line in lines if "†" in line and line.startswith("E")]
    (numbers,) = [line for line in lines if ("more tests" in line or "再检验" in line)]
    for district in "DE":
        more = rows[district].more
        assert more is not None
        assert f"{district} {more.tests}" in numbers
        assert any(str(more.tests) in note.render(lang) for note in rows[district].notes)
    # What is to be watched is told in its own sentence.
    assert not [1 for about, words in note_lines(found().rows, None, lang) if "B " in f"{about} {words}"]


def test_the_sentence_of_an_open_grade_tells_the_p_value_that_decided() -> None:
    """0.03 among twenty districts is 0.6 after correction: told as 0.03 it would look proven."""
    evidence = table(("A", "food", 1_000, 40, 5), *((f"Z{i:02d}", "food", 1_000, 40, 0) for i in range(19)))
    row = by_district(estimate_counts(evidence, Analysis(target=0.95)))["A"]
    assert row.q_below is not None
    assert row.q_below > 0.05
    assert f"adjusted p {p_text(row.q_below)}" in statement(row, 0.95, None, "en")
    assert f"校正 p {p_text(row.q_below)}" in statement(row, 0.95, None, "zh")


@pytest.mark.parametrize("method", [*METHODS, "ratio"])
def test_every_method_has_a_name(method: str) -> None:
    assert all(method_name(method, lang) for lang in LANGUAGES)


def test_warnings_are_proven_and_of_their_kind() -> None:
    alerts = found().alerts
    assert [(a.kind, dict(a.domain)) for a in alerts if a.kind == "regional"] == [("regional", {"district": "A"})]
    for alert in alerts:
        assert alert.estimate is not None
        assert alert.estimate.q_below is not None
        assert alert.estimate.q_below <= 0.05
        assert alert.estimate.upper is not None


def test_the_false_discovery_rate_is_held_within_each_family() -> None:
    """A p-value of 0.03 alone is a warning; beside nineteen districts in order it is not."""
    one = table(("A", "food", 1_000, 40, 5))
    many = table(("A", "food", 1_000, 40, 5), *((f"Z{i:02d}", "food", 1_000, 40, 0) for i in range(19)))
    alone, among = (by_district(estimate_counts(e, Analysis(target=0.95)))["A"] for e in (one, many))
    assert alone.p_below == among.p_below
    assert 0.01 < (alone.p_below or 0) < 0.05
    assert (alone.grade, among.grade) == ("below", "watch")
    assert among.q_below == pytest.approx(20 * (among.p_below or 0))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_has_its_numbers_and_certifies_nobody(lang: Any) -> None:
    estimates = found()
    for row in estimates.rows:
        said = statement(row, 0.95, None, lang)
        assert str(row.tested) in said
        assert str(row.failed) in said
        assert "95.0%" in said
        assert not re.search(r"(?<!不证明任何)企业(均|都|全部)?合格|complies|compliant", said)
    for alert in estimates.alerts:
        assert "{" not in alert.sentence(lang)
    certain = statement(by_district(estimates)["C"], 0.95, None, lang)
    assert ("不证明任何企业合格" if lang == "zh" else "certifies no enterprise") in certain


def test_a_sentence_in_full() -> None:
    row = by_district(found())["A"]
    assert statement(row, 0.95, None, "zh", kind=Text.of("estimate.kind_regional")) == (
        "【区域性预警】A：检验 60 个，不合格 12 个，合格率 80.00%"
        f"（95% 置信区间 {interval(row.lower, row.upper)}），已证实低于目标 95.0%（校正 p < 0.001）。"
    )
    assert statement(row, 0.95, None, "en") == (
        f"A: 12 of 60 tested failed; the pass rate of 80.00% (95% interval {interval(row.lower, row.upper)}) "
        "is proven to be below the target of 95.0% (adjusted p < 0.001)."
    )


@pytest.mark.parametrize(
    ("p", "said"),
    [(0.0, "< 0.001"), (0.00099, "< 0.001"), (0.0123, "= 0.013"), (1.0, "= 1.000"), (None, "–")],
)
def test_p_values_are_never_made_smaller(p: float | None, said: str) -> None:
    assert p_text(p) == said


@pytest.mark.parametrize(
    ("typed", "items"),
    [
        ("标签、 铅含量", ("标签", "铅含量")),
        ("甲醛,甲醛;色牢度\n标签", ("甲醛", "色牢度", "标签")),
        ("铅（Pb）/镉", ("铅(Pb)", "镉")),
        (" - ", ()),
        ("pH值、PH值、标签", ("pH值", "标签")),
    ],
)
def test_items_are_split_where_people_split_them(typed: str, items: tuple[str, ...]) -> None:
    assert split_items(typed) == items


def test_items_are_counted_by_batch_enterprise_and_district() -> None:
    failures = pl.DataFrame(
        {
            "failing_item": ["Lead、label", "lead", "LEAD", None],
            "district": ["A", "B", "A", "C"],
            "category": ["toys", "toys", "food", "food"],
            "enterprise": ["1", "2", "1", "3"],
        }
    )
    lead, label = failing_items(failures)
    assert (lead.item, lead.batches, lead.enterprises, lead.districts) == ("Lead", 3, 2, ("A", "B"))
    assert lead.categories == ("food", "toys")
    assert (label.item, label.batches) == ("label", 1)


def test_an_item_in_three_districts_is_systemic(plan: Plan) -> None:
    def failing_in(districts: set[str]) -> Any:
        seen: set[str] = set()

        def answer(task: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
            if task["role"] == "reserve":
                return None
            if task["district"] in districts and task["district"] not in seen:
                seen.add(task["district"])
                return FAIL
            return PASS

        return estimate_plan(plan, answers(plan, answer))

    three = failing_in({"440104", "440105", "440118"})
    alert = next(a for a in three.alerts if a.kind == "item")
    assert alert.sentence("zh") == (
        "【系统性预警】“菌落总数”在 3 个区（越秀区、海珠区、增城区）的 3 家企业、3 个批次中不合格。"
    )
    assert "in 3 districts (Yuexiu, Haizhu, Zengcheng)" in alert.sentence("en")
    two = failing_in({"440104", "440105"})
    assert not [a for a in two.alerts if a.kind == "item"]
    assert two.items[0].districts == ("440104", "440105")


def test_failures_are_followed_up_with_their_dates(plan: Plan) -> None:
    unit = plan.tasks.filter(pl.col("batches") == 1)["unit_id"][3]
    results = answers(plan, lambda t, _: None if t["role"] == "reserve" else FAIL if t["unit_id"] == unit else PASS)
    (only,) = estimate_plan(plan, results, ordered=dt.date(2026, 11, 30)).follow_ups
    row = plan.units.row(by_predicate=pl.col("unit_id") == unit, named=True)
    assert (only.enterprise, only.code, only.district) == (row["name"], row["code"], row["district"])
    assert (only.failing_item, only.first) == ("菌落总数", "fail")
    # 60 and 75 days from the order: SAMR order 18 of 2019, articles 46 and 47.
    assert (only.rectify_by, only.deadline) == (dt.date(2027, 1, 29), dt.date(2027, 2, 13))
    assert only.to_json()["deadline"] == "2027-02-13"


def test_counts_know_no_plan_and_no_follow_up(tmp_path: Any) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("stratum,population,tested,passed\na,100,50,20\n", encoding="utf-8")
    estimates = estimate_counts(read_counts([path]), Analysis(target=0.9))
    assert [a.kind for a in estimates.alerts] == ["systemic"]
    assert estimates.completion is None
