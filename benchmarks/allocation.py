"""Speed and proven gaps of the allocation solvers.

    python -m benchmarks.allocation

Figures to reach: 10,000 strata and a total of 1,000,000 in under 0.5 s; 1,000 strata with 200 domain limits to
a proven gap of at most 0.2% in under 10 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np

from sampler.stats.allocation import allocate
from sampler.stats.cost_allocation import allocate_cost, allocate_variance
from sampler.stats.domain_allocation import allocate_domains

T = TypeVar("T")


def timed(call: Callable[[], T], repeat: int = 3) -> tuple[float, T]:
    """Return the median time in seconds and the last result."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = call()
        times.append(time.perf_counter() - start)
    return float(np.median(times)), result


def totals() -> None:
    rng = np.random.default_rng(0)
    strata, total = 10_000, 1_000_000
    upper = rng.integers(2, 2000, strata)
    weights = {
        "log-normal": rng.lognormal(0, 2, strata),
        "all equal": np.ones(strata),
        "whole 1-49": rng.integers(1, 50, strata).astype(float),
    }
    print(f"\nallocate: {strata:,} strata, total {total:,}")
    for name, a in weights.items():
        free, _ = timed(partial(allocate, a, total))
        bounded, _ = timed(partial(allocate, a, total, lower=np.full(strata, 2), upper=upper))
        print(f"  {name:12} {free * 1000:7.1f} ms   with bounds {bounded * 1000:7.1f} ms")


def money() -> None:
    print("\nallocate_cost and allocate_variance: a price per stratum, drawn from 300.00-3,000.00")
    for strata in (10, 100, 1000, 10_000):
        rng = np.random.default_rng(strata)
        a, upper = rng.lognormal(3, 1, strata), rng.integers(5, 2000, strata)
        cost, lower = np.round(rng.uniform(300, 3000, strata), 2), np.full(strata, 2)
        budget = float(round(cost.sum() * 20, 2))
        seconds, bought = timed(partial(allocate_cost, a, cost, budget, lower=lower, upper=upper), 1)
        back, least = timed(partial(allocate_variance, a, bought.variance, cost=cost, lower=lower, upper=upper), 1)
        print(
            f"  {strata:6,} strata: budget {seconds:6.3f} s, gap {bought.gap:.1e};"
            f" variance {back:6.3f} s, gap {least.gap:.1e}"
        )


def two_way(seed: int, low: float, high: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """11 districts × 30 categories × 3 tiers and 10 more strata; limits for 200 domains.

    The domains are the districts, the categories, the whole, and 158 single cells of district × category.
    """
    rng = np.random.default_rng(seed)
    strata = [(d, c, t) for d in range(11) for c in range(30) for t in range(3)] + [(d, 30, 0) for d in range(10)]
    district, category, tier = np.array(strata).T
    share = np.array([1, 0.5, 0.2])[tier]
    population = np.maximum(2, rng.lognormal(0, 1, len(strata)) * share * 200).astype(int)
    rate = np.clip(1 - rng.beta(2, 20, len(strata)) * np.array([0.6, 1, 2])[tier], 0.5, 0.995)
    members = [district == d for d in range(11)] + [category == c for c in range(30)]
    members += [np.ones(len(strata), dtype=bool)]
    cells = rng.choice(330, 158, replace=False)
    members += [(district == cell // 30) & (category == cell % 30) for cell in cells]
    return limits_of(members, population, rate, rng.uniform(low, high, len(members)))


def scattered(seed: int, largest: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """200 random, overlapping domains of 3 to `largest` of 1,000 strata."""
    rng = np.random.default_rng(seed)
    population = np.maximum(2, rng.lognormal(5, 1, 1000)).astype(int)
    rate = rng.uniform(0.8, 0.99, 1000)
    members = []
    for _ in range(200):
        member = np.zeros(1000, dtype=bool)
        member[rng.choice(1000, rng.integers(3, largest), replace=False)] = True
        members.append(member)
    return limits_of(members, population, rate, rng.uniform(0.02, 0.05, 200))


def limits_of(
    members: list[np.ndarray], population: np.ndarray, rate: np.ndarray, margins: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    spread = rate * (1 - rate) * population / (population - 1)
    contributions = [(population * m / (population * m).sum()) ** 2 * spread for m in members]
    # Cells have few strata and units: twice the margin of the larger domains.
    small = np.array([m.sum() <= 10 for m in members])
    return np.array(contributions), (margins * np.where(small, 2, 1) / 1.96) ** 2, population


def domains() -> None:
    print("\nallocate_domains: 1,000 strata, 200 domain limits, floors of 2")
    designs = {
        "two-way, margins 3-6 points": [two_way(seed, 0.03, 0.06) for seed in range(3)],
        "two-way, margins 1.5-3 points": [two_way(seed, 0.015, 0.03) for seed in range(3)],
        "scattered, up to 30 strata": [scattered(seed, 30) for seed in range(3)],
        "scattered, up to 200 strata": [scattered(seed, 200) for seed in range(3)],
    }
    for name, instances in designs.items():
        for contributions, limits, population in instances:
            lower = np.minimum(2, population)
            solve = partial(allocate_domains, contributions, limits, population=population, lower=lower)
            seconds, found = timed(solve, 1)
            print(
                f"  {name:30} {seconds:5.2f} s  total {found.cost:8,.0f}  continuous {found.continuous_cost:11,.1f}"
                f"  bound {found.bound:8,.0f}  gap {100 * found.gap:.3f}%  binding {found.binding.sum()}"
            )


if __name__ == "__main__":
    totals()
    money()
    domains()
