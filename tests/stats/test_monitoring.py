"""Several tests at once, grades, and how many more tests would settle one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sampler.stats.hypergeometric import hypergeometric_pmf
from sampler.stats.monitoring import (
    MoreTests,
    adjusted_p_values,
    at_least_p_value,
    below_p_value,
    equivalent_tests,
    failing_allowed,
    grade,
    more_tests,
    proven,
)

P_VALUES = [
    0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341,
    0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
]  # fmt: skip
# R 4.2.2, stats: p.adjust(p, "BH")
ADJUSTED = [
    0.025, 0.1, 0.21, 0.21, 0.21, 0.25, 0.264285714285714, 0.491071428571429, 0.491071428571429, 0.491071428571429,
    0.491071428571429, 0.491071428571429, 0.491071428571429, 0.491071428571429, 0.5328125, 0.5328125,
    0.564705882352941, 0.781578947368421, 0.781578947368421, 0.87, 0.907142857142857, 0.986, 0.986, 0.986, 0.986,
]  # fmt: skip


def test_adjusted_p_values_are_those_of_r() -> None:
    assert adjusted_p_values(P_VALUES) == pytest.approx(ADJUSTED, rel=1e-13)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
@settings(deadline=None, max_examples=60)
def test_adjustment_keeps_order_and_never_helps(p: list[float]) -> None:
    q = adjusted_p_values(p)
    assert np.all(q >= np.array(p) - 1e-15)
    assert np.all(q <= 1)
    order = np.argsort(p, kind="stable")
    assert np.all(np.diff(q[order]) >= 0)
    assert np.array_equal(adjusted_p_values(p[::-1])[::-1], q)


def test_a_test_that_was_not_made_does_not_count() -> None:
    q = adjusted_p_values([0.01, float("nan"), 0.04])
    assert q[[0, 2]] == pytest.approx([0.02, 0.04])
    assert np.isnan(q[1])


@pytest.mark.parametrize("p", [[-0.1], [1.1]])
def test_what_is_no_p_value_is_refused(p: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1, but got"):
        adjusted_p_values(p)


def test_p_values_are_those_of_r() -> None:
    # R 4.2.2: phyper(3-1, 10, 90, 20, lower.tail=FALSE); phyper(1, 11, 89, 40)
    assert float(below_p_value(20, 3, 100, 0.9)) == pytest.approx(0.318779936182311, rel=1e-12)
    assert float(at_least_p_value(40, 1, 100, 0.9)) == pytest.approx(0.0237129553090277, rel=1e-12)
    # R 4.2.2: pbinom(2, 30, 0.05, lower.tail=FALSE); pbinom(0, 59, 0.05)
    assert float(below_p_value(30, 3, None, 0.95)) == pytest.approx(0.18782118685304, rel=1e-12)
    assert float(at_least_p_value(59, 0, None, 0.95)) == pytest.approx(0.0484945252494232, rel=1e-12)


def test_p_values_at_the_edges() -> None:
    assert float(below_p_value(5, 0, None, 0.9)) == 1.0
    assert float(at_least_p_value(5, 5, None, 0.9)) == 1.0
    # Ten units may have one failure at 90%: in binary 10·(1 − 0.9) is less than 1.
    assert float(below_p_value(10, 1, 10, 0.9)) == 1.0
    assert float(below_p_value(10, 2, 10, 0.9)) == 0.0
    assert float(at_least_p_value(10, 1, 10, 0.9)) == 0.0


def test_fifty_nine_passes_prove_ninety_five_percent() -> None:
    """The textbook figure: ln 0.05 / ln 0.95 = 58.4."""
    found = more_tests(tested=0, failed=0, population=None, target=0.95, level=0.05)
    assert found is not None
    assert (found.direction, found.tests) == ("on_target", 59)
    found = more_tests(tested=40, failed=0, population=None, target=0.95, level=0.05)
    assert found is not None
    assert found.tests == 19


@given(
    population=st.integers(20, 400),
    share=st.floats(0.05, 0.9),
    rate=st.floats(0, 0.4),
    target=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
)
@settings(deadline=None, max_examples=80)
def test_more_tests_prove_what_they_say(population: int, share: float, rate: float, target: float) -> None:
    tested = max(1, int(share * population))
    failed = int(rate * tested)
    found = more_tests(tested=tested, failed=failed, population=population, target=target, level=0.05)
    assert found is not None  # testing everything always settles it
    assert 1 <= found.tests <= population - tested
    total = tested + found.tests
    assert found.census == (total == population)
    if total == population:
        return
    exact = round(failed / tested * total, 9)
    if found.direction == "below":
        assert failed / tested > 1 - target + 1e-12
        proven = below_p_value(total, np.floor(exact), population, target)
    else:
        proven = at_least_p_value(total, min(np.ceil(exact), total), population, target)
    assert float(proven) <= 0.05


@settings(deadline=None, max_examples=150)
@given(
    st.integers(0, 100),
    st.floats(0, 0.4),
    st.one_of(st.none(), st.integers(1, 1500)),
    st.sampled_from([0.8, 0.9, 0.95, 0.98]),
    st.sampled_from([0.7, 1.0, 1.0, 1.7, 2.5]),
)
def test_more_tests_are_the_very_fewest(
    tested: int, share: float, left: int | None, target: float, effect: float
) -> None:
    # Every smaller number is tried: a failure that is due makes the p-value jump, so that numbers that would do and such
    # that would not take turns.
    failed = int(share * tested)
    population = None if left is None else tested + left
    found = more_tests(
        tested=tested, failed=failed, population=population, target=target, level=0.05, design_effect=effect
    )
    if found is None or found.tests > 20_000:
        return
    more = np.arange(1, found.tests + 1)
    total = np.floor(tested / effect + more / effect + 1e-9)
    if population is not None:
        total = np.where(tested + more >= population, population, np.minimum(total, population))
    due = np.round(failed / tested * total, 9) if tested else 0 * total
    if found.direction == "below":
        p = below_p_value(total, np.floor(due), population, target)
    else:
        p = at_least_p_value(total, np.minimum(np.ceil(due), total), population, target)
    enough = proven(p, 0.05)
    assert not enough[:-1].any()
    assert enough[-1] or found.tests == left


def test_further_tests_in_a_tooth_of_the_p_value() -> None:
    # 10 of 59 failed at a target of 90 %, of 1,013. At 65 tests the 11th failure is due, and P(X ≥ 11) = 0.0497; at 66 it is
    # 0.0548 again, and goes on like that: 0.0414 at 71, 0.0345 at 77. Doubling and halving had found the last.
    found = more_tests(tested=59, failed=10, population=1013, target=0.9, level=0.05)
    assert found == MoreTests("below", 6)


def test_more_tests_grow_with_the_design_effect_and_stop_at_the_population() -> None:
    counts = [
        more_tests(tested=50, failed=1, population=2000, target=0.95, level=0.05, design_effect=d)
        for d in (1.0, 2.0, 4.0)
    ]
    numbers = [c.tests for c in counts if c]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[2]
    close = more_tests(tested=100, failed=5, population=150, target=0.95, level=0.05)
    assert close is not None
    assert close.tests <= 50


def test_nothing_is_left_to_test_of_a_census() -> None:
    assert more_tests(tested=20, failed=1, population=20, target=0.9, level=0.05) is None


MILLIONTHS = st.sampled_from([950_000, 960_000, 900_000, 980_000, 996_000])


@pytest.mark.parametrize(("looks", "wrong"), [([300], 0.0354), ([150, 300], 0.0559), (range(25, 301, 25), 0.1415)])
def test_error_rates_of_docs_intervals_on_repeated_looks(looks: list[int], wrong: float) -> None:
    # Every path of failures found, look by look, in a population exactly on its target; the document gives the sums.
    population, target, level = 2_000, 0.95, 0.05
    failing = failing_allowed(population, target)
    still_open, called, tested = np.array([1.0]), 0.0, 0
    for look in looks:
        more, known = look - tested, np.arange(len(still_open))
        found = np.arange(more + 1)
        step = hypergeometric_pmf(found[:, None], failing - known, more, population - tested)
        reached = np.zeros(look + 1)
        for x, probability in enumerate(still_open):
            reached[x : x + more + 1] += probability * step[:, x]
        below = proven(below_p_value(look, np.arange(look + 1), population, target), level)
        called += reached[below].sum()
        still_open, tested = np.where(below, 0.0, reached), look
    assert called == pytest.approx(wrong, abs=5e-5)


@given(st.integers(1, 4_000_000), st.floats(0, 1), MILLIONTHS, MILLIONTHS)
@example(3_848_506, 1_929_812 / 3_848_506, 980_000, 960_000)
@example(2_713_068, 1_330_476 / 2_713_068, 950_000, 900_000)
def test_failing_units_allowed_by_the_mean_of_two_targets(population: int, part: float, one: int, other: int) -> None:
    # Counted in whole millionths of a unit: one of them short of a whole unit is not that unit.
    share = round(part * population)
    passing = share * one + (population - share) * other
    assert failing_allowed(population, passing / (population * 10**6)) == (population * 10**6 - passing) // 10**6


@pytest.mark.parametrize("level", [0.05, 1e-9, 1e-10])
def test_what_is_certain_is_proven_at_every_level(level: float) -> None:
    # All of a population were tested and failed: nothing is left to chance, however much confidence is asked for.
    p = float(below_p_value(20, 20, 20, 0.9))
    asked = {"rate": 0.0, "target": 0.9, "tested": 20, "population": 20, "at_least": 1.0, "level": level}
    assert grade(below=p, **asked) == "below"  # type: ignore[arg-type]
    assert not proven([level, 1.0], level).any()


def test_an_endless_process_exactly_on_its_target_is_never_settled() -> None:
    assert more_tests(tested=100, failed=5, population=None, target=0.95, level=0.05) is None


def test_a_rate_exactly_on_its_target_is_not_seen_below_it() -> None:
    """In binary 2/10 exceeds 1 − 0.8 by a rounding error."""
    found = more_tests(tested=10, failed=2, population=20, target=0.8, level=0.05)
    assert found is not None
    assert (found.direction, found.tests) == ("on_target", 10)
    asked = {"target": 0.8, "tested": 10, "population": 20, "below": 1.0, "at_least": 1.0, "level": 0.05}
    assert grade(rate=1 - 0.2 - 2**-54, **asked) == "not_proven"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"target": 1.0}, "`target` must lie"), ({"failed": 11}, "`failed` must lie")],
)
def test_impossible_questions_are_refused(changes: dict[str, float], message: str) -> None:
    asked = {"tested": 10, "failed": 0, "population": 100, "target": 0.9, "level": 0.05} | changes
    with pytest.raises(ValueError, match=message):
        more_tests(**asked)  # type: ignore[arg-type]


def test_a_simple_random_sample_is_worth_its_size() -> None:
    p = float(at_least_p_value(200, 4, 1000, 0.95))
    worth = equivalent_tests(tested=200, failed=4, population=1000, target=0.95, p=p, direction="on_target")
    assert 190 <= worth <= 200
    less = equivalent_tests(tested=200, failed=4, population=1000, target=0.95, p=4 * p, direction="on_target")
    assert less < worth


@pytest.mark.parametrize(
    ("rate", "tested", "below", "at_least", "expected"),
    [
        (0.90, 100, 0.01, 1.0, "below"),
        (0.99, 100, 1.0, 0.01, "on_target"),
        (0.93, 100, 0.30, 0.9, "watch"),
        (0.97, 100, 0.90, 0.3, "not_proven"),
        (1.0, 2, 1.0, 0.9, "not_proven"),  # two failures of two would have proven it below: 0.0036
        (1.0, 1, 1.0, 0.95, "too_little"),  # neither a pass nor a failure of one proves anything
        (None, 0, 1.0, 1.0, "too_little"),
        (
            0.0,
            1,
            0.06,
            1.0,
            "too_little",
        ),  # one failure of one has probability 0.06 at the target: nothing is proven by it
    ],
)
def test_grades(rate: float | None, tested: int, below: float, at_least: float, expected: str) -> None:
    found = grade(rate=rate, target=0.94, tested=tested, population=1000, below=below, at_least=at_least, level=0.05)
    assert found == expected


def test_more_tests_are_worth_as_little_as_those_made_so_far() -> None:
    # Without a failure 0.97^n falls to 5% at n = 99 (0.0490); 100 tests at a design effect of 2 are worth 50, and the 49
    # that are wanting take 98 more.
    found = more_tests(tested=100, failed=0, population=None, target=0.97, level=0.05, design_effect=2.0)
    assert found == MoreTests("on_target", 98)
