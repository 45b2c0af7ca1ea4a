"""Allocation of money and to a required variance: published examples, enumeration, duality."""

import itertools
import math
import random

import numpy as np
import pytest

from sampler.stats.allocation import InfeasibleAllocation
from sampler.stats.cost_allocation import allocate_cost, allocate_variance

# --- published examples -------------------------------------------------------------------------------


def test_wright_2017_algorithm_iv():
    # R package allocation (A. Raim), README, "an example in Wright (2017)":
    #   v0 = mpfr(388910760, 256)^2; N_str, lo_str, S_str as below; algIV(v0, N_str, S_str, lo_str)
    #   -> 4 5 3 3 3 3 3 3 13 13, Achieved v: 149,400,057,961,841,025.6410
    population = np.array([819, 672, 358, 196, 135, 83, 53, 40, 35, 13])
    sd = np.array([33e4, 518e3, 488e3, 634e3, 1126e3, 2244e3, 2468e3, 5869e3, 29334e3, 1233311e3])
    correction = float(np.sum(population * sd**2))
    lower = [3] * 9 + [13]
    result = allocate_variance(population * sd, 388910760.0**2 + correction, lower=lower, upper=population)
    assert result.sizes.tolist() == [4, 5, 3, 3, 3, 3, 3, 3, 13, 13]
    achieved = np.sum(population * (population - result.sizes) * sd**2 / result.sizes)
    assert achieved == pytest.approx(149400057961841025.6410, rel=1e-12)
    assert (result.gap, result.bound, result.cost) == (0, 53, 53)


A = np.array([3000.0, 4000.0, 5000.0, 2000.0])
A0 = 70000.0  # stratallo subtracts it from the sum: V = Σ a²/n - a0


def test_stratallo_minimum_sample_for_a_variance():
    # stratallo, tests/testthat/test-optcost.R: optcost(560000, a, 70000, c(100, 90, 70, Inf)) -> 100 90 70 787.5
    upper = [100, 90, 70, 10**9]
    assert allocate_variance(A, 560000 + A0, upper=upper).sizes.tolist() == [100, 90, 70, 788]
    # optcost(1500, a, 70000) -> 587.4126 783.2168 979.0210 391.6084, a total of 2741.2588: whole ones need 2742.
    result = allocate_variance(A, 1500 + A0)
    assert result.sizes.sum() == 2742
    assert np.abs(result.sizes - [587.4126, 783.2168, 979.0210, 391.6084]).max() < 1


def test_stratallo_exactly_attained_variance():
    # optcost(sum(a^2/M) - a0, a, a0, M) -> M, where the target is met with equality.
    upper = np.array([100, 90, 70, 80])
    assert allocate_variance(A, float(np.sum(A**2 / upper)), upper=upper).sizes.tolist() == upper.tolist()


def test_stratallo_minimum_cost_for_a_variance():
    # optcost(1500, a, 70000, unit_costs = c(0.4, 5, 1.5, 10)) -> 1545.0879 582.6891 1329.7999 206.0117
    unit_costs = np.array([0.4, 5, 1.5, 10])
    continuous = np.array([1545.0879, 582.6891, 1329.7999, 206.0117])
    result = allocate_variance(A, 1500 + A0, cost=unit_costs)
    assert result.variance <= (1500 + A0) * (1 + 1e-12)
    assert continuous @ unit_costs - 1e-3 <= result.bound <= result.cost
    assert result.cost == pytest.approx(continuous @ unit_costs, rel=1e-4)
    # The same the other way round: that money buys that variance.
    assert allocate_cost(A, unit_costs, round(result.cost, 4)).variance <= result.variance * (1 + 1e-12)


# --- the optimum, by exhaustive enumeration -----------------------------------------------------------


def _small(rng):
    strata = rng.randint(1, 4)
    a = [rng.choice([0, 1, 2, 3, rng.random() * 5]) for _ in range(strata)]
    cents = [rng.choice([100, 200, 350, rng.randint(1, 900)]) for _ in range(strata)]
    lower = [rng.randint(0, 2) for _ in range(strata)]
    upper = [low + rng.randint(0, 5) for low in lower]
    ranges = [range(low, up + 1) for low, up in zip(lower, upper, strict=True)]
    return a, cents, lower, upper, list(itertools.product(*ranges))


def _variance(a, sizes, upper):
    """Σ a²/n over strata that count: weighted and not closed by an upper bound of 0."""
    terms = [(x, n) for x, n, up in zip(a, sizes, upper, strict=True) if x > 0 and up > 0]
    return math.inf if any(n == 0 for _, n in terms) else sum(x * x / n for x, n in terms)


def _cents(cents, sizes):
    return sum(c * n for c, n in zip(cents, sizes, strict=True))


def test_best_within_a_budget_on_a_thousand_small_problems():
    rng = random.Random(5)
    for _ in range(1000):
        a, cents, lower, upper, everything = _small(rng)
        budget = rng.randint(_cents(cents, lower), max(_cents(cents, upper), 1))
        best = min(_variance(a, n, upper) for n in everything if _cents(cents, n) <= budget)
        prices = [c / 100 for c in cents]
        if best == math.inf:
            with pytest.raises(InfeasibleAllocation, match="budget must be at least"):
                allocate_cost(a, prices, budget / 100, lower=lower, upper=upper)
            continue
        result = allocate_cost(a, prices, budget / 100, lower=lower, upper=upper)
        assert tuple(result.sizes.tolist()) in everything
        assert _cents(cents, result.sizes.tolist()) <= budget
        assert result.variance == pytest.approx(best, rel=1e-12)
        assert result.gap == 0


def test_cheapest_for_a_variance_on_a_thousand_small_problems():
    rng = random.Random(6)
    for _ in range(1000):
        a, cents, lower, upper, everything = _small(rng)
        values = [v for n in everything if 0 < (v := _variance(a, n, upper)) < math.inf]
        if not values:
            continue
        # Half of the targets are attained exactly by some sizes, the hard case for rounding.
        target = rng.choice(values) if rng.random() < 0.5 else rng.uniform(min(values), max(values))
        enough = [n for n in everything if _variance(a, n, upper) <= target * (1 + 1e-12)]
        result = allocate_variance(a, target, cost=[c / 100 for c in cents], lower=lower, upper=upper)
        assert tuple(result.sizes.tolist()) in everything
        assert _variance(a, result.sizes.tolist(), upper) <= target * (1 + 1e-11)
        assert result.cost * 100 == pytest.approx(min(_cents(cents, n) for n in enough), abs=1e-6)
        assert result.gap == 0
        fewest = allocate_variance(a, target, lower=lower, upper=upper)
        assert fewest.sizes.sum() == min(sum(n) for n in enough)


# --- larger problems ----------------------------------------------------------------------------------


def test_forty_strata_are_solved_to_proven_optimality_and_mirror_each_other():
    rng = np.random.default_rng(3)
    a, upper = rng.lognormal(3, 1, 40), rng.integers(5, 300, 40)
    cost = np.round(rng.uniform(300, 3000, 40), 2)
    bought = allocate_cost(a, cost, 900_000, lower=np.minimum(2, upper), upper=upper)
    assert bought.cost <= 900_000
    assert bought.gap == 0
    # No cheaper sizes reach that variance than the ones found from the other side, and they cost no more.
    back = allocate_variance(a, bought.variance, cost=cost, lower=np.minimum(2, upper), upper=upper)
    assert back.gap == 0
    assert back.cost <= bought.cost
    assert back.variance <= bought.variance * (1 + 1e-11)


def test_the_bound_holds_where_the_optimum_is_not_proven():
    rng = np.random.default_rng(4)
    a, cost = rng.lognormal(3, 1, 1500), np.round(rng.uniform(300, 3000, 1500), 2)
    result = allocate_cost(a, cost, float(round(20 * cost.sum(), 2)))
    scale = (a @ np.sqrt(cost)) / (20 * cost.sum())
    continuous = scale * float(a @ np.sqrt(cost))  # (Σ a √c)² / budget: Cochran 1977, section 5.5
    assert continuous <= result.bound <= result.variance
    assert result.gap < 1e-6


def test_more_money_never_buys_less():
    a, cost = [5.0, 3.0, 8.0, 1.0], [120.0, 80.5, 333.25, 60.0]
    bought = [allocate_cost(a, cost, float(budget)).variance for budget in range(600, 6000, 37)]
    assert all(more <= less for less, more in itertools.pairwise(bought))


# --- what is not spent, and errors --------------------------------------------------------------------


def test_money_that_lowers_nothing_is_not_spent():
    result = allocate_cost([2, 0], [10, 1], 1000, lower=[0, 3], upper=[5, 50])
    assert result.sizes.tolist() == [5, 3]
    assert result.cost == 53


def test_decimal_amounts_are_exact():
    # 3 × 0.1 is more than 0.3 in binary floating point; in money it is not.
    assert allocate_cost([1, 1], [0.1, 0.2], 0.3).sizes.tolist() == [1, 1]
    assert allocate_cost([1], [0.1], 0.3).sizes.tolist() == [3]


def test_empty():
    assert allocate_cost([], [], 5.0).sizes.tolist() == []
    assert allocate_variance([], 1.0).sizes.tolist() == []


def test_too_small_a_budget_says_what_would_do():
    with pytest.raises(InfeasibleAllocation, match="at least 35, the cost of the least sizes, but got 34") as caught:
        allocate_cost([1, 1], [10, 15], 34, lower=[2, 0])
    assert (caught.value.needed, caught.value.asked) == (35, 34)


def test_a_variance_out_of_reach_says_what_is_reached():
    with pytest.raises(InfeasibleAllocation, match=r"variance must be at least 0\.5, .* but got 0\.4") as caught:
        allocate_variance([1, 1], 0.4, upper=[4, 4])
    assert caught.value.needed == 0.5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: allocate_cost([1], [0.00001], 1), "cost must have at most four decimals but got 1e-05"),
        (lambda: allocate_cost([1], [1], 1 / 3), "budget must have at most four decimals but got 0.333"),
        (lambda: allocate_cost([1], [1], 1e15), "budget must be at most .* but got 1000000000000000.0"),
        (lambda: allocate_cost([1], [0], 1), "cost must be finite and positive but got 0.0"),
        (lambda: allocate_cost([1], [1], math.inf), "budget must be finite and not negative but got inf"),
        (lambda: allocate_variance([1], 0), "variance must be finite and positive but got 0"),
        (lambda: allocate_variance([1], math.nan), "variance must be finite and positive but got nan"),
        (
            lambda: allocate_variance([1], 1, cost=[1, 2]),
            r"cost must be of shape \(1,\) but got shape \(2,\)",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
