"""Allocation for several domains at once: a published problem, enumeration, duality, relaxations."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import minimize

from sampler.stats.allocation import InfeasibleAllocation, allocate
from sampler.stats.cost_allocation import allocate_variance
from sampler.stats.domain_allocation import InfeasibleDomains, allocate_domains


def variances(contributions, sizes, population):
    parts = np.zeros_like(contributions)
    for h, (n, units) in enumerate(zip(sizes, population, strict=True)):
        if n > 0:
            parts[:, h] = contributions[:, h] * (1 / n - 1 / units)
        else:
            parts[:, h] = np.where(contributions[:, h] > 0, np.inf, 0)
    return parts.sum(axis=1)


def small_problem(rng):
    strata, domains = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    population = rng.integers(1, 8, strata)
    contributions = rng.uniform(0, 1, (domains, strata)) * (rng.random((domains, strata)) < 0.7)
    contributions *= 10.0 ** rng.integers(-3, 4)
    lower = np.minimum(rng.integers(0, 3, strata), population)
    upper = np.maximum(lower, np.minimum(population, rng.integers(0, 9, strata)))
    cost = np.ones(strata) if rng.random() < 0.5 else rng.integers(1, 6, strata).astype(float)
    sizes = [int(rng.integers(max(low, min(1, up)), up + 1)) for low, up in zip(lower, upper, strict=True)]
    limits = variances(contributions, sizes, population)
    if rng.random() < 0.8:  # otherwise limits that some sizes attain exactly
        limits = limits * rng.uniform(0.8, 1.5)
    limits = np.where(np.isfinite(limits), limits, 1.0)
    return contributions, limits, population, cost, lower, upper


def enumerate_feasible(contributions, limits, population, lower, upper):
    slack = 1e-10 * (limits + (contributions / population).sum(axis=1))
    ranges = [range(low, up + 1) for low, up in zip(lower.tolist(), upper.tolist(), strict=True)]
    return [
        sizes
        for sizes in itertools.product(*ranges)
        if np.all(variances(contributions, sizes, population) <= limits + slack)
    ]


def test_bracken_and_mccormick_1968():
    # Bracken and McCormick, Selected Applications of Nonlinear Programming (1968), chapter 10.2, as stated in
    # the GAMS Model Library, SAMPLE (SEQ=27): data, limits and n.lo = 100. The library says the book's own
    # printed optimum is inconsistent with its equations, so the optimum here comes from another solver.
    population = np.array([400_000, 300_000, 200_000, 100_000])
    weight = population / population.sum()
    contributions = weight**2 * np.array([[25, 25, 25, 25], [1, 4, 16, 64]])
    limits = np.array([0.04, 0.01])
    result = allocate_domains(contributions, limits, population=population, lower=[100] * 4)

    def slack(n):
        return 100 * (limits - (contributions * (1 / n - 1 / population)).sum(axis=1))

    other = minimize(
        lambda n: n.sum(),
        np.full(4, 220.0),
        jac=lambda n: np.ones(4),
        constraints=[{"type": "ineq", "fun": slack}],
        bounds=[(100, None)] * 4,
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    assert result.continuous_cost == pytest.approx(other.fun, rel=1e-8)
    assert result.continuous == pytest.approx(other.x, rel=1e-5)
    assert result.binding.tolist() == [True, True]
    # 730.35 over real numbers: 731 whole ones cannot be beaten.
    assert (result.cost, result.bound, result.gap) == (731, 731, 0)
    assert np.all(result.variance <= limits)


def test_optimal_on_three_hundred_small_problems():
    rng = np.random.default_rng(1989)
    solved = unproven = 0
    for _ in range(300):
        contributions, limits, population, cost, lower, upper = small_problem(rng)
        feasible = enumerate_feasible(contributions, limits, population, lower, upper)
        call = {"population": population, "cost": cost, "lower": lower, "upper": upper, "rounds": 200}
        if not feasible:
            with pytest.raises(InfeasibleDomains):
                allocate_domains(contributions, limits, **call)
            continue
        result = allocate_domains(contributions, limits, **call)
        best = min(float(cost @ np.array(n)) for n in feasible)
        assert tuple(result.sizes.tolist()) in feasible
        assert result.continuous_cost <= best * (1 + 1e-9)
        assert result.bound <= best + 1e-9
        assert result.cost == pytest.approx(best, abs=1e-9)
        solved += 1
        unproven += result.gap > 0
    assert solved > 240
    assert unproven < 0.05 * solved


def two_way_design(rng, districts=5, categories=6):
    """District × category × two tiers; a limit for every district, category, some cells and the total."""
    cells = [(d, c, t) for d in range(districts) for c in range(categories) for t in range(2)]
    district, category, tier = np.array(cells).T
    population = rng.integers(5, 300, len(cells))
    rate = np.clip(1 - rng.beta(2, 20, len(cells)) * (1 + tier), 0.5, 0.99)
    members = [district == d for d in range(districts)] + [category == c for c in range(categories)]
    members += [(district == d) & (category == d) for d in range(districts)]
    members += [np.ones(len(cells), dtype=bool)]
    contributions = np.array([(population * m / population[m].sum()) ** 2 * rate * (1 - rate) for m in members])
    margins = rng.uniform(0.03, 0.08, len(members))
    return contributions, (margins / 1.96) ** 2, population


@pytest.mark.parametrize("seed", range(3))
def test_two_way_design_has_a_small_proven_gap_and_right_prices(seed):
    contributions, limits, population = two_way_design(np.random.default_rng(seed))
    result = allocate_domains(contributions, limits, population=population)
    assert np.all(variances(contributions, result.sizes.tolist(), population) <= limits * (1 + 1e-9))
    assert result.continuous_cost <= result.bound <= result.cost
    assert result.gap <= 0.005
    # A price is the slope of the continuous cost: compare with a small change of each limit.
    for d in range(limits.size):
        changed = limits.copy()
        changed[d] *= 1 - 1e-5
        more = allocate_domains(contributions, changed, population=population, rounds=1).continuous_cost
        slope = (more - result.continuous_cost) / (limits[d] - changed[d])
        assert slope == pytest.approx(result.price[d], rel=1e-2, abs=1e-3 * result.continuous_cost)
        assert result.binding[d] == (result.price[d] > 0)


def test_one_domain_is_the_one_domain_problem():
    rng = np.random.default_rng(8)
    population = rng.integers(20, 500, 30)
    a = population * rng.uniform(0.1, 0.5, 30)
    variance = float(np.sum(a**2 / np.minimum(population, 7)))
    alone = allocate_variance(a, variance, upper=population)
    result = allocate_domains([a**2], [variance - np.sum(a**2 / population)], population=population, upper=population)
    assert result.cost == alone.cost
    assert result.gap == 0


@given(st.lists(st.tuples(st.integers(2, 20_000), st.floats(0.001, 0.999)), min_size=1, max_size=3))
@settings(deadline=None, max_examples=60)
def test_domains_of_one_stratum_each_take_their_own_least_size(strata):
    # With A = 1 the limit is 1/n - 1/N ≤ V: the least n is 1/(V + 1/N), rounded up. V lies halfway between what n - 1 and
    # n units give, so n is what each stratum must have, and nothing else can stand in for it.
    population = np.array([units for units, _ in strata])
    least = np.array([max(2, math.ceil(share * units)) for units, share in strata])
    limits = (1 / least + 1 / (least - 1)) / 2 - 1 / population
    result = allocate_domains(np.eye(len(strata)), limits, population=population)
    assert result.required.tolist() == least.tolist()
    assert result.gap == pytest.approx(0)


@pytest.mark.parametrize("seed", range(20))
def test_whole_sizes_are_never_dearer_than_the_continuous_ones_rounded_up(seed):
    rng = np.random.default_rng(seed)
    strata = int(rng.integers(1, 8))
    population = rng.integers(50, 5000, strata)
    contributions = rng.uniform(0, 1, (strata, strata)) * (rng.random((strata, strata)) < 0.4) + np.eye(strata)
    limits = (contributions / population).sum(axis=1) * rng.uniform(1, 40, strata)
    result = allocate_domains(contributions, limits, population=population, rounds=40)
    assert result.cost <= np.ceil(result.continuous * (1 + 1e-9)).sum()


def test_dense_and_sparse_agree_and_repeat():
    contributions, limits, population = two_way_design(np.random.default_rng(4))
    dense = allocate_domains(contributions, limits, population=population)
    for matrix in (sparse.csr_array(contributions), sparse.coo_array(contributions)):
        again = allocate_domains(matrix, limits, population=population)
        assert again.sizes.tolist() == dense.sizes.tolist()
        assert again.bound == dense.bound


@given(st.integers(0, 10_000), st.sampled_from([0.5, 2.0, 1e-6, 1e6]))
@settings(deadline=None, max_examples=25)
def test_units_of_measurement_change_nothing(seed, scale):
    contributions, limits, population, cost, lower, upper = small_problem(np.random.default_rng(seed))
    call = {"population": population, "cost": cost, "lower": lower, "upper": upper, "rounds": 200}
    try:
        first = allocate_domains(contributions, limits, **call)
    except InfeasibleDomains:
        return
    second = allocate_domains(contributions * scale, limits * scale, **call)
    assert second.cost == first.cost


def test_limits_that_ask_nothing_leave_the_lower_bounds():
    result = allocate_domains([[1.0, 2.0]], [np.inf], population=[5, 5], lower=[1, 2])
    assert result.sizes.tolist() == [1, 2]
    assert (result.cost, result.bound, result.gap) == (3, 3, 0)
    assert result.price.tolist() == [0]
    none = allocate_domains(np.zeros((0, 2)), [], population=[5, 5], lower=[1, 2])
    assert none.sizes.tolist() == [1, 2]


def test_limit_zero_is_a_census_of_the_domain():
    result = allocate_domains([[1.0, 2.0, 0.0]], [0.0], population=[5, 7, 9])
    assert result.sizes.tolist() == [5, 7, 0]
    assert result.gap == 0


def test_a_stratum_that_contributes_is_never_empty():
    result = allocate_domains([[1e-12, 1.0]], [10.0], population=[5, 7])
    assert result.sizes.tolist() == [1, 1]


# --- a fixed total ------------------------------------------------------------------------------------


def test_the_rule_has_its_way_where_it_meets_every_limit():
    contributions, limits, population = two_way_design(np.random.default_rng(5))
    result = allocate_domains(contributions, limits, population=population, a=population, total=6000)
    assert result.sizes.tolist() == allocate(population, 6000, upper=population).tolist()
    assert result.required.sum() < 6000


def test_the_rest_goes_on_top_where_the_rule_alone_misses_a_limit():
    contributions, limits, population = two_way_design(np.random.default_rng(5))
    least = int(allocate_domains(contributions, limits, population=population).cost)
    total = least + 50
    alone = allocate(population, total, lower=np.ones_like(population), upper=population)
    assert np.any(variances(contributions, alone.tolist(), population) > limits)
    result = allocate_domains(contributions, limits, population=population, a=population, total=total)
    assert result.sizes.sum() == total
    assert (result.sizes - result.required).min() >= 0
    assert np.all(result.variance <= limits * (1 + 1e-9))


def test_too_small_a_total():
    contributions, limits, population = two_way_design(np.random.default_rng(5))
    least = int(allocate_domains(contributions, limits, population=population).cost)
    with pytest.raises(InfeasibleAllocation, match=rf"total must be at least {least} .* but got 100") as caught:
        allocate_domains(contributions, limits, population=population, a=population, total=100)
    assert (caught.value.needed, caught.value.asked) == (least, 100)
    exact = allocate_domains(contributions, limits, population=population, a=population, total=least)
    assert exact.sizes.sum() == least


# --- infeasible designs and their relaxation ----------------------------------------------------------


def test_unreachable_limits_are_named_with_what_is_reachable():
    contributions = np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 4.0], [0.0, 2.0, 0.0]])
    population = [10, 10, 10]
    with pytest.raises(InfeasibleDomains, match=r"fails in 2 of 3, first in domain 0, .* limit 0\.1") as caught:
        allocate_domains(contributions, [0.1, 0.1, 5.0], population=population, upper=[5, 5, 5])
    assert caught.value.domains == (0, 1)
    assert caught.value.limits == (0.1, 0.1)
    assert caught.value.reachable == pytest.approx((0.2, 0.4))
    # What is said to be reachable is.
    allocate_domains(contributions, [0.2, 0.4, 5.0], population=population, upper=[5, 5, 5])


def test_a_domain_with_a_closed_stratum_reaches_nothing():
    with pytest.raises(InfeasibleDomains) as caught:
        allocate_domains([[1.0, 1.0]], [9.0], population=[10, 10], upper=[5, 0])
    assert caught.value.reachable == (math.inf,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"contributions": [[1.0, -1.0]]}, "contributions must be finite and not negative but got -1.0"),
        ({"limits": [1.0, 2.0]}, r"limits must be of shape \(1,\) but got shape \(2,\)"),
        ({"limits": [-1.0]}, "limits must not be negative but got -1.0"),
        ({"limits": [np.nan]}, "limits must not be negative but got nan"),
        ({"population": [5]}, r"population must be of shape \(2,\) but got shape \(1,\)"),
        ({"cost": [1.0, 0.0]}, "cost must be finite and positive but got 0.0"),
        ({"total": 9}, "total must come with a, and without cost"),
        ({"total": 9, "a": [1, 1], "cost": [1.0, 2.0]}, "total must come with a, and without cost"),
        ({"lower": [6, 0]}, "every lower bound must be at most its upper bound"),
    ],
)
def test_bad_arguments(change, message):
    arguments = {"contributions": [[1.0, 1.0]], "limits": [1.0], "population": [5, 5]} | change
    with pytest.raises(ValueError, match=message):
        allocate_domains(arguments.pop("contributions"), arguments.pop("limits"), **arguments)
