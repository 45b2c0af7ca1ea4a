"""Allocation of a total: published examples, exhaustive enumeration, and the laws it must obey."""

import itertools
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.allocation import MAX_TOTAL, InfeasibleAllocation, allocate, allocation_weights


def objective(a, sizes):
    """Σ a²/n in exact arithmetic, as (number of infinite terms' squares, finite rest): least is best."""
    infinite = sum(Fraction(x) ** 2 for x, n in zip(a, sizes, strict=True) if n == 0)
    finite = sum(Fraction(x) ** 2 / n for x, n in zip(a, sizes, strict=True) if n > 0)
    return infinite, finite


@st.composite
def problems(draw, max_strata=8):
    strata = draw(st.integers(1, max_strata))
    weight = st.one_of(st.integers(0, 6).map(float), st.floats(1e-3, 1e3))
    a = draw(st.lists(weight, min_size=strata, max_size=strata))
    lower = draw(st.lists(st.integers(0, 4), min_size=strata, max_size=strata))
    room = draw(st.lists(st.integers(0, 60), min_size=strata, max_size=strata))
    upper = [low + more for low, more in zip(lower, room, strict=True)]
    total = draw(st.integers(sum(lower), sum(upper)))
    return a, total, lower, upper


# --- published examples -------------------------------------------------------------------------------


def test_wright_2017_algorithm_iii():
    # R package allocation (A. Raim), README, "an example in Wright (2017)":
    #   N_str = c(47, 61, 41); S_str = sqrt(c(100, 36, 16)); lo_str = c(1,2,3); hi_str = c(5,6,4); n = 10
    #   algIII(n, N_str, S_str, lo_str, hi_str)  ->  4 3 3, Achieved v: 101,290.3333
    population, variance = np.array([47, 61, 41]), np.array([100, 36, 16])
    a = allocation_weights("neyman", population=population, sd=np.sqrt(variance))
    sizes = allocate(a, 10, lower=[1, 2, 3], upper=[5, 6, 4])
    assert sizes.tolist() == [4, 3, 3]
    achieved = np.sum(population * (population - sizes) * variance / sizes)
    assert achieved == pytest.approx(101290.3333, abs=5e-5)


A = [3000.0, 4000.0, 5000.0, 2000.0]


@pytest.mark.parametrize(
    ("total", "lower", "upper", "expected"),
    [
        # R package stratallo, tests/testthat/test-opt.R and test-alg_rnabox.R: a = c(3000, 4000, 5000, 2000),
        # m = c(100, 90, 70, 50), M = c(300, 400, 200, 90). Optimal over real numbers and whole, so optimal here.
        (896, None, None, [192, 256, 320, 128]),
        (310, [100, 90, 70, 50], [300, 400, 200, 90], [100, 90, 70, 50]),
        (463, [100, 90, 70, 50], [300, 400, 200, 90], [100, 132, 165, 66]),
        (596, [100, 90, 70, 50], [300, 400, 200, 90], [132, 176, 200, 88]),
        (366, [100, 90, 70, 50], [300, 400, 200, 90], [100, 96, 120, 50]),
        (976, [100, 90, 70, 50], [300, 400, 200, 90], [294, 392, 200, 90]),
        (990, [100, 90, 70, 50], [300, 400, 200, 90], [300, 400, 200, 90]),
        (1283, [100, 90, 500, 50], [300, 400, 800, 90], [297, 396, 500, 90]),
        (748, [100, 90, 500, 50], [300, 400, 800, 90], [100, 98, 500, 50]),
        (1174, [100, 90, 700, 50], [300, 100, 900, 90], [284, 100, 700, 90]),
        (1284, [100, 90, 700, 50], [300, 100, 900, 90], [300, 100, 794, 90]),
        (490, [100, 90, 70, 50], None, [105, 140, 175, 70]),
        (962, None, [300, 400, 200, 90], [288, 384, 200, 90]),
        (1200, None, [300, 100, 900, 90], [300, 100, 710, 90]),
    ],
)
def test_stratallo_examples_with_whole_solutions(total, lower, upper, expected):
    assert allocate(A, total, lower=lower, upper=upper).tolist() == expected


def test_stratallo_vertex_of_ten_strata():
    # stratallo, test-alg_rnabox.R, "rnabox works well for m and M, H = 10 (vertex)": all at m but the second.
    population = np.array([454, 10, 116, 2500, 2240, 260, 39, 3000, 2500, 400])
    sd = np.array([0.9, 5000, 32, 0.1, 3, 5, 300, 13, 20, 7])
    lower = np.array([322, 3, 57, 207, 715, 121, 9, 1246, 1095, 294])
    sizes = allocate(population * sd, 4076, lower=lower, upper=population)
    assert sizes.tolist() == [322, 10, 57, 207, 715, 121, 9, 1246, 1095, 294]


def test_stratallo_fractions_become_whole():
    # stratallo, test-alg_rnabox.R, "some example population": 30, 26.666667, 10, 13.333333 over real numbers.
    a = 100 * np.array([10.4, 1.8, 0.3, 0.9])
    assert allocate(a, 80, lower=[10] * 4, upper=[30] * 4).tolist() == [30, 27, 10, 13]


def test_lohr_caribou():
    # Data of Lohr, Sampling: Design and Analysis, example 3.10 (Siniff and Skoog 1964). The continuous
    # allocation of 225, computed from these, is 96.26, 4.81, 44.04, 2.89, 67.38, 9.63.
    population = np.array([400, 30, 61, 18, 70, 120])
    a = allocation_weights("neyman", population=population, sd=[3000, 2000, 9000, 2000, 12000, 1000])
    assert np.round(225 * a / a.sum(), 2).tolist() == [96.26, 4.81, 44.04, 2.89, 67.38, 9.63]
    assert allocate(a, 225, upper=population).tolist() == [96, 5, 44, 3, 67, 10]


def test_rounding_is_not_optimal_where_exact_allocation_is():
    # Continuous: 4.70, 3.66, 1.64 (allocation README, neyman()); rounded 5 + 4 + 2 = 11 is not even the total.
    a = np.array([470.0, 366.0, 164.0])
    sizes = allocate(a, 10)
    best = min(itertools.product(range(1, 9), repeat=3), key=lambda n: (sum(n) != 10, objective(a, n)))
    assert sizes.tolist() == list(best)


# --- the optimum, by exhaustive enumeration -----------------------------------------------------------


def test_optimal_on_two_thousand_small_problems():
    rng = random.Random(20171)
    for _ in range(2000):
        strata = rng.randint(1, 4)
        a = [rng.choice([0.0, 1.0, 2.0, 3.0, rng.random() * 5]) for _ in range(strata)]
        lower = [rng.randint(0, 2) for _ in a]
        upper = [low + rng.randint(0, 5) for low in lower]
        total = rng.randint(sum(lower), sum(upper))
        sizes = allocate(a, total, lower=lower, upper=upper).tolist()
        ranges = [range(low, up + 1) for low, up in zip(lower, upper, strict=True)]
        best = min(objective(a, n) for n in itertools.product(*ranges) if sum(n) == total)
        assert sum(sizes) == total
        assert objective(a, sizes) == best, (a, total, lower, upper, sizes)


def test_same_as_a_queue_of_priorities_on_larger_problems():
    rng = np.random.default_rng(7)
    for _ in range(30):
        strata = int(rng.integers(2, 40))
        a = rng.lognormal(0, 2, strata)
        lower = rng.integers(0, 3, strata)
        upper = lower + rng.integers(0, 200, strata)
        total = int(rng.integers(lower.sum(), upper.sum() + 1))
        expected = lower.copy()
        for _ in range(total - int(lower.sum())):
            with np.errstate(divide="ignore"):
                priority = np.where(expected == 0, 1e300 * a, a**2 / (expected * (expected + 1.0)))
            expected[np.argmax(np.where(expected < upper, priority, -1))] += 1
        assert allocate(a, total, lower=lower, upper=upper).tolist() == expected.tolist()


# --- laws ---------------------------------------------------------------------------------------------


@given(problems())
@settings(deadline=None, max_examples=150)
def test_sum_and_bounds_hold_and_no_exchange_improves(problem):
    a, total, lower, upper = problem
    sizes = allocate(a, total, lower=lower, upper=upper).tolist()
    assert sum(sizes) == total
    assert all(low <= n <= up for low, n, up in zip(lower, sizes, upper, strict=True))
    attained = objective(a, sizes)
    for giver, taker in itertools.permutations(range(len(a)), 2):
        if sizes[giver] > lower[giver] and sizes[taker] < upper[taker]:
            other = list(sizes)
            other[giver] -= 1
            other[taker] += 1
            assert objective(a, other) >= attained


@given(problems())
@settings(deadline=None, max_examples=100)
def test_a_larger_total_contains_the_smaller(problem):
    a, total, lower, upper = problem
    if total < sum(upper):
        smaller = allocate(a, total, lower=lower, upper=upper)
        larger = allocate(a, total + 1, lower=lower, upper=upper)
        assert (larger - smaller).min() >= 0


@given(problems(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=100)
def test_order_of_strata_changes_nothing_without_ties(problem, rng):
    a, total, lower, upper = problem
    a = [x + i * 1e-7 * np.sqrt(2) + 1e-3 for i, x in enumerate(a)]
    order = list(range(len(a)))
    rng.shuffle(order)
    sizes = allocate(a, total, lower=lower, upper=upper)
    shuffled = allocate([a[i] for i in order], total, lower=[lower[i] for i in order], upper=[upper[i] for i in order])
    assert shuffled.tolist() == [sizes[i] for i in order]


@given(problems(), st.integers(-40, 40))
@settings(deadline=None, max_examples=100)
def test_scale_of_the_weights_changes_nothing(problem, exponent):
    a, total, lower, upper = problem
    sizes = allocate(a, total, lower=lower, upper=upper)
    scaled = allocate([x * 2.0**exponent for x in a], total, lower=lower, upper=upper)
    assert scaled.tolist() == sizes.tolist()


# --- ties, empty strata, extremes ---------------------------------------------------------------------


def test_ties_go_to_the_first_stratum():
    assert allocate([1, 1, 1], 5).tolist() == [2, 2, 1]
    assert allocate([1, 1, 1], 2).tolist() == [1, 1, 0]
    # Weights are compared as stored: 0.1 + 0.2 is larger than 0.3 by one unit in the last place.
    assert allocate([0.3, 0.1 + 0.2], 3).tolist() == [1, 2]


@pytest.mark.parametrize("weight", [0.1, 1 / 3, 1e-30, 12345.678])
def test_equal_weights_tie_whatever_their_scale(weight):
    assert allocate([weight] * 7, 7 * 13 + 3).tolist() == [14, 14, 14, 13, 13, 13, 13]


def test_different_weights_tie_exactly():
    # 8 · 9 = 36 · (1 · 2): the ninth unit of weight 6 ties with the second unit of weight 1.
    assert allocate([6, 1], 10).tolist() == [9, 1]
    assert allocate([1, 6], 10).tolist() == [2, 8]


def test_too_small_a_total_leaves_out_the_smallest_weights():
    assert allocate([5, 1, 3, 2], 2).tolist() == [1, 0, 1, 0]


def test_zero_weights_are_filled_last_and_evenly():
    assert allocate([0, 2, 0], 4, upper=[3, 3, 3]).tolist() == [1, 3, 0]
    assert allocate([0, 2, 0], 7, upper=[3, 3, 3]).tolist() == [2, 3, 2]
    assert allocate([0, 0, 0], 5).tolist() == [2, 2, 1]
    assert allocate([0, 2], 10).tolist() == [0, 10]


def test_no_strata_and_no_units():
    assert allocate([], 0).tolist() == []
    assert allocate([1, 2], 0).tolist() == [0, 0]


def test_weights_of_very_different_size():
    sizes = allocate([1e-150, 1.0, 1e150], 1000, upper=[400, 400, 400])
    assert sizes.tolist() == [200, 400, 400]


def test_a_million_units_to_ten_thousand_strata_match_the_continuous_solution():
    a = np.random.default_rng(1).lognormal(0, 1, 10_000)
    sizes = allocate(a, 1_000_000)
    assert sizes.sum() == 1_000_000
    # At the optimum every unit given is worth at least every unit withheld (up to ties).
    given_last = a / np.sqrt(np.where(sizes > 1, (sizes - 1.0) * sizes, np.nan))
    withheld = a / np.sqrt(sizes * (sizes + 1.0))
    assert np.nanmin(given_last) >= withheld.max()


# --- errors -------------------------------------------------------------------------------------------


def test_total_below_the_lower_bounds():
    with pytest.raises(InfeasibleAllocation, match="at least the sum of the lower bounds, 7, but got 6") as caught:
        allocate([1, 1], 6, lower=[3, 4])
    assert (caught.value.needed, caught.value.allowed, caught.value.asked) == (7, None, 6)


def test_total_above_the_upper_bounds():
    with pytest.raises(InfeasibleAllocation, match="at most the sum of the upper bounds, 7, but got 8") as caught:
        allocate([1, 1], 8, upper=[3, 4])
    assert (caught.value.needed, caught.value.allowed) == (0, 7)
    with pytest.raises(InfeasibleAllocation, match="at most the sum of the upper bounds, 0, but got 1"):
        allocate([], 1)


def test_crossed_bounds_name_the_strata():
    with pytest.raises(InfeasibleAllocation, match="fails in 2 of 3 strata, first at 1") as caught:
        allocate([1, 1, 1], 9, lower=[1, 5, 4], upper=[2, 3, 3])
    assert caught.value.strata == (1, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"a": [1, -2], "total": 3}, "a must be finite and not negative but got -2.0"),
        ({"a": [1, np.nan], "total": 3}, "a must be finite and not negative but got nan"),
        ({"a": [[1, 2]], "total": 3}, "a must be one-dimensional but got shape"),
        ({"a": [1, 2], "total": 2.5}, "total must be a whole number but got 2.5"),
        ({"a": [1, 2], "total": True}, "total must be a whole number but got True"),
        ({"a": [1, 2], "total": -1}, "total must be between 0 and .* but got -1"),
        ({"a": [1, 2], "total": MAX_TOTAL + 1}, "total must be between 0 and"),
        ({"a": [1, 2], "total": 3, "lower": [1]}, r"lower must be of shape \(2,\) but got shape \(1,\)"),
        ({"a": [1, 2], "total": 3, "upper": [1.5, 2]}, "upper must be whole numbers but got"),
        ({"a": [1, 2], "total": 3, "lower": [-1, 0]}, "lower must not be negative but got -1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        allocate(**arguments)


# --- the rules ----------------------------------------------------------------------------------------


def test_each_rule_is_its_formula():
    population, rate = np.array([100, 400, 1]), np.array([0.9, 0.5, 0.8])
    sd = np.sqrt(rate * (1 - rate) * np.array([100 / 99, 400 / 399, 1]))
    assert allocation_weights("proportional", population=population).tolist() == [100, 400, 1]
    assert allocation_weights("equal", population=population).tolist() == [1, 1, 1]
    assert allocation_weights("risk", population=population, risk=[2, 1, 0.5]).tolist() == [200, 400, 0.5]
    assert allocation_weights("neyman", population=population, rate=rate) == pytest.approx(population * sd)
    assert allocation_weights("neyman", population=population, sd=[3, 2, 1]).tolist() == [300, 800, 1]
    assert allocation_weights("power", population=population) == pytest.approx([10, 20, 1])
    power = allocation_weights("power", population=population, rate=rate, mean=rate, power=0.25)
    assert power == pytest.approx(population**0.25 * sd / rate)


def test_finite_population_variance_of_a_rate():
    # All values of a stratum of 4 with one failure: 1, 1, 1, 0; the variance with divisor N - 1.
    expected = 4 * np.std([1, 1, 1, 0], ddof=1)
    assert allocation_weights("neyman", population=[4], rate=[0.75]) == pytest.approx([expected])


def test_power_spans_equal_precision_and_neyman():
    population, sd = [100, 900], [2.0, 3.0]
    neyman = allocation_weights("neyman", population=population, sd=sd)
    assert allocation_weights("power", population=population, sd=sd, power=1) == pytest.approx(neyman)
    assert allocation_weights("power", population=population, sd=sd, power=0) == pytest.approx(sd)


def test_cost_divides_by_its_square_root():
    plain = allocation_weights("proportional", population=[10, 20])
    assert allocation_weights("proportional", population=[10, 20], cost=[4, 9]) == pytest.approx(plain / [2, 3])


@pytest.mark.parametrize("rule", ["equal", "power", "proportional"])
def test_an_empty_stratum_gets_weight_zero(rule):
    assert allocation_weights(rule, population=[0, 5], power=0)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rule": "optimal"}, "rule must be one of risk, neyman, .* but got 'optimal'"),
        ({"rule": "risk"}, "risk must be given for the rule 'risk' but got None"),
        ({"rule": "neyman"}, "rate or sd must be given for the rule 'neyman' but got None for both"),
        (
            {"rule": "neyman", "rate": [0.5, 0.5], "sd": [1, 1]},
            "only one of rate and sd may be given but got both",
        ),
        ({"rule": "neyman", "rate": [0.5, 1.5]}, "rate must be between 0 and 1 but got 1.5"),
        ({"rule": "power", "power": 1.5}, "power must be between 0 and 1 but got 1.5"),
        ({"rule": "power", "mean": [1, 0]}, "mean must be finite and positive but got 0.0"),
        ({"rule": "equal", "cost": [1, 0]}, "cost must be finite and positive but got 0.0"),
        ({"rule": "risk", "risk": [1]}, r"risk must be of shape \(2,\) but got shape \(1,\)"),
    ],
)
def test_bad_rules(arguments, message):
    with pytest.raises(ValueError, match=message):
        allocation_weights(population=[3, 4], **arguments)
