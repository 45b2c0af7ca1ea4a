"""A rule's allocation within a budget, as far as the margins of several domains let it have its way.

Minimise ``Σ a_h² / n_h`` subject to a budget and, for every domain ``d``, ``Σ_h A_dh (1/n_h − 1/N_h) ≤ V_d``. The rule's sum
is of the same form as the domains' variances: it becomes one more of them, and its limit is lowered until the budget is used
up. The continuous problem is solved by its multipliers (Bethel 1989), the limit by Newton steps on the cost, which is convex
in it; integers come from the local search of `sampler.stats.domain_solver`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sampler.stats.allocation import FloatArray, IntArray
from sampler.stats.domain_solver import Problem, multipliers, search

_STEPS = 40
_ROUNDS = 200
_SLACK = 1e-9


def balanced(
    a: npt.ArrayLike,
    contributions: FloatArray,
    limits: FloatArray,
    *,
    population: IntArray,
    price: npt.ArrayLike,
    budget: float,
    lower: IntArray,
    upper: IntArray,
) -> tuple[IntArray, FloatArray] | None:
    """Return integers that meet the limits within the budget, and the multipliers of the limits.

    Args:
        a: the rule's weights, shape (H,).
        contributions: ``A_dh``, shape (D, H); a stratum that contributes must have an upper bound of at least 1.
        limits: ``V_d``, shape (D,), positive, and attainable within the budget.
        population, lower, upper: units and bounds, shape (H,).
        price: cost of a unit, shape (H,), positive.
        budget: in the unit of `price`.

    Returns:
        Sizes, shape (H,), within the bounds, the limits and the budget, some of which may be left; and multipliers, shape
        (D,): what a unit less of ``V_d`` would cost, 0 for limits that do not bind. None where no integers were found: the
        limits then take (nearly) all of the budget.
    """
    weights, prices = np.asarray(a, dtype=np.float64), np.asarray(price, dtype=np.float64)
    reciprocal = 1.0 / np.maximum(population, 1)
    scale = limits + contributions @ reciprocal
    loads = contributions / (scale * (1 + _SLACK))[:, None]
    low = np.where((contributions > 0).any(axis=0) | (weights > 0), np.clip(1, lower, upper), lower)

    def problem(rule: float) -> Problem:
        rows = sparse.csr_array(np.vstack([loads, weights**2 / rule]))
        return Problem(rows, prices, low, upper)

    rule = _lowest_sum(weights, prices, budget, low, upper)
    start = None
    for _ in range(_STEPS):
        dual, sizes, value = multipliers(problem(rule), start)
        spare = budget - value
        if spare >= -1e-7 * budget:
            break
        slope = dual[-1] / rule  # what the rule's limit saves per unit that it is raised
        if slope <= 0:
            return None  # the limits alone take more than the budget
        rule *= 1 + max(-spare / (slope * rule), 1e-9)
        start = dual
    # Whole numbers need a little more than the continuous optimum: give the rule's sum some room.
    for _ in range(12):
        found = search(problem(rule), sizes, dual, rounds=_ROUNDS, good_enough=budget)
        if float(prices @ found) <= budget:
            return found, dual[:-1] / scale
        rule *= 1.004
        dual, sizes, value = multipliers(problem(rule), dual)
    return None


def _lowest_sum(a: FloatArray, price: FloatArray, budget: float, low: IntArray, high: IntArray) -> float:
    """A sum ``Σ a²/n`` that no continuous sizes within the budget can beat: the rule's own optimum."""
    below, above = 0.0, 1.0

    def sizes(scale: float) -> FloatArray:
        return np.clip(a / np.sqrt(price) * scale, low, high)

    while float(price @ sizes(above)) < budget and not np.all(sizes(above)[a > 0] >= high[a > 0]):
        below, above = above, 2 * above
    for _ in range(60):
        middle = (below + above) / 2
        below, above = (middle, above) if float(price @ sizes(middle)) <= budget else (below, middle)
    used = a > 0
    return float((a[used] ** 2 / np.maximum(sizes(above)[used], 1e-300)).sum())
