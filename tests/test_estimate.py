"""From a plan and what came back to pass rates by domain: who counts, in which population, against which target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.analysis import Analysis
from sampler.domains import Evidence, domains, in_scope_sizes
from sampler.errors import InputError, UsageError
from sampler.estimate import Estimates, estimate_counts, estimate_plan, one_proportion
from sampler.files.counts import read_counts
from sampler.outcomes import completion, evidence, unit_outcomes
from sampler.plan import Plan
from sampler.rates import DomainEstimate, estimate_evidence
from sampler.results import REASONS
from sampler.stats import exact
from sampler.stats.stratified import StratifiedSample, estimate, warning_p_value
from tests.answers import CLEARED, FAIL, PASS, PENDING, answers, of, unsampled
from tests.planning import draw, make_design


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Three districts × three categories of 20 units; children's goods give two batches."""
    return draw(budget=120, units=20)


def tasks_only(said: Mapping[str, Any]) -> Any:
    return lambda task, _: said if task["role"] == "task" else None


def row_of(found: Estimates, **domain: str) -> DomainEstimate:
    return next(r for r in found.rows if dict(r.domain) == domain)


def by_stratum(plan: Plan, failing: set[str]) -> tuple[StratifiedSample, pl.DataFrame]:
    """The sample as a statistician would write it down from the plan."""
    strata = plan.strata.filter(pl.col("population") > 0)
    units = plan.tasks.with_columns(failed=pl.col("unit_id").is_in(failing))
    failed = dict(units.group_by("stratum").agg(pl.col("failed").sum()).iter_rows())
    x = [failed.get(s, 0) for s in strata["stratum"]]
    return StratifiedSample(strata["population"].to_numpy(), strata["sample"].to_numpy(), x), strata


def test_the_city_is_the_stratified_estimate(plan: Plan) -> None:
    failing = set(plan.tasks["unit_id"].to_list()[::11])
    results = answers(plan, lambda t, _: None if t["role"] == "reserve" else FAIL if t["unit_id"] in failing else PASS)
    found = estimate_plan(plan, results).total
    sample, _ = by_stratum(plan, failing)
    expected = estimate(sample)
    assert found.population == plan.units.height
    assert (found.tested, found.failed) == (plan.tasks.height, len(failing))
    assert found.rate == pytest.approx(expected.rate, rel=1e-14)
    assert (found.lower, found.upper) == (expected.lower, expected.upper)
    assert found.standard_error == pytest.approx(expected.standard_error)
    assert found.p_below == pytest.approx(warning_p_value(sample, 0.95))
    assert not found.conditional


def test_unions_of_strata_are_exact_and_add_up(plan: Plan) -> None:
    found = estimate_plan(plan, answers(plan, tasks_only(PASS)), Analysis(by=[("district",), ("district", "category")]))
    for family in (("district",), ("district", "category")):
        rows = found.families()[family]
        assert sum(r.population or 0 for r in rows) == plan.units.height
        assert sum(r.tested for r in rows) == plan.tasks.height
        assert not any(r.conditional for r in rows)
    one = row_of(found, district="440104")
    part = plan.strata.filter(pl.col("district") == "440104")
    expected = estimate(StratifiedSample(part["population"], part["sample"], [0] * part.height))
    assert (one.lower, one.upper) == (expected.lower, expected.upper)


def test_a_cut_uses_the_domains_own_sizes_from_the_frame(plan: Plan) -> None:
    found = estimate_plan(plan, answers(plan, tasks_only(PASS)), Analysis(by=[("stage",)]))
    for row in found.families()[("stage",)]:
        stage = row.domain["stage"]
        frame = plan.units.filter(pl.col("stage") == stage)
        drawn = plan.tasks.filter(pl.col("stage") == stage)
        assert row.conditional
        assert row.population == frame.height
        assert row.tested == drawn.height
        sizes = frame.group_by("stratum").len().sort("stratum")
        tested = dict(drawn.group_by("stratum").len().iter_rows())
        n = [tested.get(s, 0) for s in sizes["stratum"]]
        expected = estimate(StratifiedSample(sizes["len"].to_numpy(), n, [0] * len(n)))
        assert (row.lower, row.upper) == (expected.lower, expected.upper)


def test_nobody_who_was_not_tested_is_a_pass(plan: Plan) -> None:
    """Pending, refused, out of scope, not sampled and silent units change `tested`, never `passed`."""
    kinds = [PASS, PENDING, None, *(unsampled(r) for r in REASONS)]
    order = {unit: i for i, unit in enumerate(plan.tasks["unit_id"])}

    def answer(task: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
        return None if task["role"] == "reserve" else kinds[order[task["unit_id"]] % len(kinds)]

    found = estimate_plan(plan, answers(plan, answer))
    done = found.completion
    assert done is not None
    count = np.bincount(np.arange(plan.tasks.height) % len(kinds), minlength=len(kinds))
    by_kind = dict(zip(REASONS, count[3:].tolist(), strict=True))
    assert (done.tested, done.passed, done.failed) == (count[0], count[0], 0)
    assert done.pending == count[1]
    assert done.not_reached == count[2]
    assert done.out_of_scope == sum(n for r, n in by_kind.items() if REASONS[r] == "out_of_scope")
    assert done.refused == by_kind["refused"]
    assert done.no_sample == sum(n for r, n in by_kind.items() if REASONS[r] == "no_sample")
    assert done.drawn == plan.tasks.height == done.reached + done.not_reached
    assert done.reached == done.out_of_scope + done.refused + done.no_sample + done.pending + done.tested
    assert found.total.passed == count[0]
    assert sum(c.tested for c in found.completions) == done.tested


def test_out_of_scope_shrinks_the_population_in_the_share_seen(plan: Plan) -> None:
    first = plan.tasks.group_by("stratum").agg(pl.col("unit_id").first())["unit_id"].to_list()
    results = answers(
        plan,
        lambda t, _: None if t["role"] == "reserve" else unsampled("closed") if t["unit_id"] in first else PASS,
    )
    found = estimate_plan(plan, results, Analysis(by=[("district",), ("stage",)]))
    expected = sum(
        round(n - n / k) if k > 1 else n - 1 for n, k in plan.strata.select("population", "sample").iter_rows() if k
    )
    assert found.total.population == pytest.approx(expected, abs=plan.strata.height / 2)
    assert found.total.registered == plan.units.height
    assert found.total.conditional
    for family in (("district",), ("stage",)):
        assert sum(r.population or 0 for r in found.families()[family]) == found.total.population
    assert any(n.key == "estimate.note_scope" for n in found.total.notes)


def test_units_out_of_scope_say_nothing_where_nobody_else_was_seen() -> None:
    """One closed unit of one contacted must not empty the stratum."""
    sizes = in_scope_sizes(np.array([0]), np.array([50]), np.array([2]), np.array([2]))
    assert sizes.tolist() == [48]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 9), st.integers(0, 9)), min_size=1))
@settings(deadline=None)
def test_in_scope_sizes_stay_within_what_is_known(cells: list[tuple[int, int, int, int]]) -> None:
    stratum, unseen, seen, out = (np.array(c) for c in zip(*cells, strict=True))
    out = np.minimum(out, seen)
    population = unseen + seen
    sizes = in_scope_sizes(stratum, population, seen, out)
    assert np.all(sizes >= seen - out)
    assert np.all(sizes <= population - out)
    for h in set(stratum.tolist()):
        at = stratum == h
        left, reached = (seen - out)[at].sum(), seen[at].sum()
        share = left / reached if left else 1.0
        assert abs(sizes[at].sum() - (left + share * unseen[at].sum())) <= 0.5 + 1e-6


def test_refusals_give_a_pair_of_worst_cases(plan: Plan) -> None:
    refusing = set(plan.tasks["unit_id"].to_list()[::9])
    results = answers(
        plan,
        lambda t, _: None if t["role"] == "reserve" else unsampled("refused") if t["unit_id"] in refusing else PASS,
    )
    total = estimate_plan(plan, results).total
    assert total.rate == 1.0
    assert total.refused == len(refusing)
    assert total.worst_case is not None
    low, high = total.worst_case
    sample, _ = by_stratum(plan, refusing)
    assert (low, high) == (pytest.approx(estimate(sample).rate), 1.0)
    assert total.population == plan.units.height


def test_the_final_result_counts_and_the_first_is_kept(plan: Plan) -> None:
    food = plan.tasks.filter(pl.col("category") == "food")["unit_id"].to_list()
    results = answers(
        plan, lambda t, _: None if t["role"] == "reserve" else CLEARED if t["unit_id"] == food[0] else PASS
    )
    found = estimate_plan(plan, results)
    assert found.completion is not None
    assert (found.total.failed, found.completion.first_failed) == (0, 1)
    assert (found.completion.batches["retested"], found.completion.batches["changed"]) == (1, 1)
    assert found.follow_ups == ()


def test_a_retest_whose_first_result_is_not_known_is_no_first_result(plan: Plan) -> None:
    unit = plan.tasks["unit_id"][0]
    alone = {"state": "tested", "retest": "pass", "final": "pass"}
    results = answers(plan, lambda t, b: alone if t["unit_id"] == unit and b == 0 else None)
    found = completion(unit_outcomes(plan, results), results)[0]
    assert (found.batches["tested"], found.batches["passed"], found.batches["retested"]) == (1, 1, 1)
    assert (found.batches["first_passed"], found.batches["first_failed"]) == (0, 0)


def test_a_reserve_in_use_counts_as_drawn_and_is_tested(plan: Plan) -> None:
    reserve = plan.selection.filter(pl.col("role") == "reserve").row(0, named=True)
    gone = plan.tasks.filter(pl.col("stratum") == reserve["stratum"])["unit_id"][0]

    def answer(task: Mapping[str, Any], _: int) -> Mapping[str, Any] | None:
        if task["role"] == "reserve":
            return PASS if task["task_id"] == reserve["task_id"] else None
        return unsampled("no_stock") if task["unit_id"] == gone else PASS

    found = estimate_plan(plan, answers(plan, answer))
    assert found.completion is not None
    assert (found.completion.drawn, found.completion.reserves) == (plan.tasks.height + 1, 1)
    assert found.total.tested == plan.tasks.height
    assert found.completion.no_sample == 1


def test_a_unit_waits_for_its_last_batch_and_fails_by_one(plan: Plan) -> None:
    first, second, third = plan.tasks.filter(pl.col("batches") == 2)["unit_id"].to_list()[:3]

    def answer(task: Mapping[str, Any], number: int) -> Mapping[str, Any] | None:
        if task["role"] == "reserve":
            return None
        if task["unit_id"] == first:
            return FAIL if number == 0 else PENDING
        if task["unit_id"] == second:
            return PASS if number == 0 else FAIL
        return (PASS if number == 0 else unsampled("no_stock")) if task["unit_id"] == third else PASS

    results = answers(plan, answer)
    state = dict(unit_outcomes(plan, results).select("unit_id", "state").iter_rows())
    assert (state[first], state[second], state[third]) == ("pending", "tested", "tested")
    found = estimate_plan(plan, results)
    assert found.total.failed == 1
    # The failed batch of the unit that is still awaited is followed up all the same.
    assert {f.unit_id for f in found.follow_ups} == {first, second}
    assert found.total.batch is not None
    assert found.total.batch.tested - found.total.batch.passed == 1
    assert found.total.batch.rate > (found.total.rate or 0)


def test_batch_and_unit_rates_coincide_with_one_batch_each() -> None:
    one = draw(budget=60, units=20, design=single_batches())
    found = estimate_plan(one, answers(one, tasks_only(PASS)))
    assert found.total.batch is None


def single_batches() -> Any:
    design = make_design()
    return replace(design, categories=tuple(replace(c, batches=1) for c in design.categories))


def test_certainty_units_enter_with_weight_one() -> None:
    plan = draw(budget=60, units=20, design=single_batches())
    certain = plan.units.with_row_index().filter(pl.col("stratum") == plan.units["stratum"][0])["unit_id"][0]

    # The same plan with one unit in a take-all stratum of its own.
    def moved(table: pl.DataFrame) -> pl.DataFrame:
        own = pl.when(pl.col("unit_id") == certain)
        return table.with_columns(
            stratum=own.then(pl.lit("certain")).otherwise("stratum"),
            certainty=own.then(pl.lit("blacklisted")).otherwise("certainty"),
        )

    tasks = pl.concat([plan.tasks.filter(pl.col("unit_id") != certain), _task_of(plan, certain)], how="diagonal")
    plan = replace(plan, units=moved(plan.units), selection=moved(tasks))
    found = estimate_plan(plan, answers(plan, lambda t, _: FAIL if t["unit_id"] == certain else PASS)).total
    assert found.failed == 1
    assert found.rate == pytest.approx(1 - 1 / plan.units.height)
    assert found.upper == pytest.approx(1 - 1 / plan.units.height)


def _task_of(plan: Plan, unit: str) -> pl.DataFrame:
    row = plan.tasks.row(0, named=True) | {
        "unit_id": unit,
        "task_id": f"{plan.period.name}-440104-9999",
        "batches": 1,
    }
    return pl.DataFrame([row], schema=plan.tasks.schema)


def test_the_mean_of_equal_targets_is_that_target(tmp_path: Path) -> None:
    # added up in binary, 58 · 0.9 + 28 · 0.9 + 33 · 0.9 + 21 · 0.9 is a little more than 140 · 0.9
    counts = tmp_path / "counts.csv"
    counts.write_text("stratum,population,tested,passed\na,58,50,45\nb,28,24,21\nc,33,28,25\nd,21,18,15\n")
    total = estimate_counts(read_counts([counts]), Analysis(target=0.9)).total
    assert total.target == 0.9
    assert total.grade == "watch"


def test_targets_are_the_categories_and_their_mean_by_units(plan: Plan) -> None:
    design = plan.design
    targets = dict(zip([c.key for c in design.categories], (0.95, 0.90, 0.85), strict=True))
    plan = replace(
        plan,
        design=replace(design, categories=tuple(replace(c, target=targets[c.key]) for c in design.categories)),
    )
    results = answers(plan, tasks_only(PASS))
    found = estimate_plan(plan, results)
    assert row_of(found, category="food").target == pytest.approx(0.95)
    sizes = dict(plan.units.group_by("category").len().iter_rows())
    mean = sum(sizes[c] * t for c, t in targets.items()) / sum(sizes.values())
    assert found.total.target == pytest.approx(mean)
    assert estimate_plan(plan, results, Analysis(target=0.99)).total.target == 0.99
    changed = estimate_plan(plan, results, Analysis(targets={"food": 0.5}))
    assert row_of(changed, category="food").target == 0.5
    assert row_of(changed, category="building").target == pytest.approx(0.85)


def test_categories_stand_in_the_designs_order(plan: Plan) -> None:
    found = estimate_plan(plan, answers(plan, tasks_only(PASS)))
    assert [r.domain["category"] for r in found.families()[("category",)]] == ["food", "children", "building"]


def test_small_cells_get_a_model_beside_the_exact_figure(plan: Plan) -> None:
    failing = set(plan.tasks["unit_id"].to_list()[::10])
    results = answers(plan, lambda t, _: None if t["role"] == "reserve" else FAIL if t["unit_id"] in failing else PASS)
    found = estimate_plan(plan, results, Analysis(by=[("district",), ("district", "category")]))
    cells = found.families()[("district", "category")]
    assert all(r.model is not None and r.method == "exact" for r in cells)
    assert all(r.model is None for r in found.families()[("district",)])
    narrower = [r.model.upper - r.model.lower < (r.upper or 0) - (r.lower or 0) for r in cells if r.model]
    assert all(narrower)


def test_results_of_another_plan_are_refused(plan: Plan) -> None:
    results = answers(plan, tasks_only(PASS))
    other = results.batches.with_columns(task_id=pl.col("task_id").str.replace("2026Q4", "2026Q3"))
    with pytest.raises(InputError, match=r"task 2026Q3-440104-0001 is not of plan 2026Q4") as caught:
        estimate_plan(plan, replace(results, batches=other))
    assert caught.value.exit_code == 3
    stranger = results.batches.with_columns(task_id=pl.lit("2026Q4-440104-7777"))
    with pytest.raises(InputError, match="has no task 2026Q4-440104-7777"):
        estimate_plan(plan, replace(results, batches=stranger))


def test_a_batch_with_two_results_is_refused(plan: Plan) -> None:
    results = answers(plan, tasks_only(PASS))
    twice = pl.concat([results.batches, results.batches.head(1)])
    with pytest.raises(InputError, match="has two results"):
        estimate_plan(plan, replace(results, batches=twice))


def test_nothing_tested_is_an_error_not_a_number(plan: Plan) -> None:
    for results in (of([]), answers(plan, tasks_only(PENDING))):
        with pytest.raises(InputError, match="nothing has been tested"):
            estimate_plan(plan, results)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": [("colour",)]}, "no column 'colour'"),
        ({"confidence": 1.0}, "confidence must lie"),
        ({"method": "guess"}, "no method 'guess'"),
        ({"method": "jeffreys"}, "one simple random sample"),
        ({"targets": {"cars": 0.9}}, "no category 'cars'"),
    ],
)
def test_questions_that_cannot_be_answered(plan: Plan, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        estimate_plan(plan, answers(plan, tasks_only(PASS)), Analysis(**asked))


def test_what_one_may_group_by_is_listed_without_identifiers(plan: Plan) -> None:
    with pytest.raises(UsageError) as caught:
        estimate_plan(plan, answers(plan, tasks_only(PASS)), Analysis(by=[("colour",)]))
    listed = re.findall(r"\w+", caught.value.message("en").partition("there are:")[2])
    assert {"district", "category", "stage"} <= set(listed)
    assert not {"code", "phone", "address", "name", "source_file"} & set(listed)


def test_an_identifier_is_no_domain(plan: Plan) -> None:
    table = evidence(plan, unit_outcomes(plan, answers(plan, tasks_only(PASS)))).table
    wide = table.select(pl.all().repeat_by(12).explode())
    wide = wide.with_columns(serial=pl.int_range(wide.height).cast(pl.String))
    with pytest.raises(UsageError, match="looks like an identifier"):
        list(domains(Evidence(wide, ("serial",)), ("serial",)))


def test_one_proportion_finite_and_endless() -> None:
    """Clopper–Pearson 97/100: R 4.2.2 binom.test(97, 100)$conf.int = 0.91482394702572 0.99377002846169."""
    endless = estimate_counts(one_proportion(tested=100, passed=97, population=None)).total
    assert (endless.lower, endless.upper) == pytest.approx((0.91482394702572, 0.99377002846169), rel=1e-12)
    assert (endless.population, endless.method) == (None, "clopper-pearson")
    finite = estimate_counts(one_proportion(tested=100, passed=97, population=120)).total
    assert finite.lower is not None
    assert finite.lower > (endless.lower or 0)
    census = estimate_counts(one_proportion(tested=100, passed=97, population=100)).total
    assert census.lower == census.upper == census.rate == 0.97


@pytest.mark.parametrize("method", ["wilson", "jeffreys", "agresti-coull", "mid-p", "likelihood", "wald"])
def test_methods_of_one_proportion_never_lose_their_width(method: str) -> None:
    for population in (None, 5000):
        for passed in (0, 20, 50):
            asked = one_proportion(tested=50, passed=passed, population=population)
            found = estimate_counts(asked, Analysis(method=method)).total
            assert found.lower is not None
            assert found.upper is not None
            assert found.lower < found.upper


def test_what_an_exact_bound_refutes_the_warning_does_not_leave_open(monkeypatch: pytest.MonkeyPatch) -> None:
    # Passes may compare 3,000 numbers, and five times as many where the exact method is asked for by name: enough for the
    # bound, which lies at 16 failing units or more. Before, the warning stopped at 3,000 and said p = 0.23 of 15.
    monkeypatch.setattr(exact, "BUDGET", 3000)
    monkeypatch.setattr(exact, "_SMALL", -1)
    monkeypatch.setitem(warning_p_value.__kwdefaults__, "budget", 3000)
    exact._passes.clear()
    counts = {"population": [45, 78, 50, 42, 77], "tested": [6, 13, 12, 16, 6], "failed": [0, 1, 2, 2, 1]}
    same = dict.fromkeys(("drawn", "contacted", "batches_tested"), counts["tested"])
    table = pl.DataFrame(
        {"stratum": list("abcde")} | counts | same | {"batches_failed": counts["failed"]}
    ).with_columns(out_of_scope=0, refused=0, target=0.9486, certainty=False)
    row = estimate_evidence(Evidence(table, ()), Analysis(method="exact", side="upper"))[0]
    assert row.upper < 0.9486
    assert row.p_below == pytest.approx(0.0451, abs=1e-4)
    assert row.grade == "below"
    exact._passes.clear()
