"""Allocation under a budget of money, or to a required variance, when a unit's cost differs by stratum.

Two mirror problems over integers with ``lower_h ≤ n_h ≤ upper_h``:

* `allocate_cost`: minimise ``Σ a_h² / n_h`` subject to ``Σ c_h n_h ≤ budget``;
* `allocate_variance`: minimise ``Σ c_h n_h`` subject to ``Σ a_h² / n_h ≤ variance`` (Wright 2017,
  algorithm IV, where the costs are equal).

With equal costs both reduce to `sampler.stats.allocation.allocate`. With unequal costs they are knapsack
problems. They are solved in three steps (Everett 1963; Fisher 1981 for the bound):

1. Handing out units by ``a_h² / (c_h (m - 1) m)``, reduction per unit of money, gives the best sizes for every
   budget that it spends exactly. Where it stops at the given budget, Lagrangian duality turns its price into
   a lower bound that no integer sizes can beat.
2. Each stratum's departure from those sizes has a known, non-negative loss, and the losses of a solution plus
   the price of what it leaves unspent add up to its distance from the bound. So a size that alone loses
   more than the best known solution's distance belongs to no better solution, and few sizes remain.
3. Dynamic programming over what remains keeps the undominated pairs (resource used, loss). If none had to be
   dropped, the result is the optimum; otherwise it comes with its proven distance from the bound.

H. Everett (1963), Generalized Lagrange multiplier method, *Operations Research* 11, 399-417.
M. L. Fisher (1981), The Lagrangian relaxation method, *Management Science* 27, 1-18.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sampler.stats.allocation import (
    MAX_TOTAL,
    FloatArray,
    InfeasibleAllocation,
    IntArray,
    allocate,
    bracket,
    check_bounds,
    checked,
    sizes_at,
    vector,
)
from sampler.stats.knapsack import Core

# A required variance counts as met within this relative distance: a design computed to attain it exactly
# must not fail for the rounding of a sum.
VARIANCE_TOLERANCE = 1e-12

# Amounts of money are compared exactly, as whole ten-thousandths.
_MONEY_UNIT = 10_000

# Widths of the dynamic programme, tried in turn while the optimum is not proven.
_WIDTHS = (256, 4096)
# Relative distances below this are rounding: the solution is optimal.
_PROVEN = 1e-12


@dataclass(frozen=True)
class CostAllocation:
    """Sizes, what they cost and give, and how far from the optimum they can be at most.

    Attributes:
        sizes: shape (H,).
        variance: ``Σ a_h² / n_h`` over the strata with ``a_h > 0`` that can be sampled.
        cost: ``Σ c_h n_h``.
        bound: a proven lower bound of the quantity that was minimised (variance for `allocate_cost`, cost for
            `allocate_variance`). Equal to it if the sizes are proven optimal.
        gap: ``(attained - bound) / attained``, 0 if the sizes are proven optimal.
    """

    sizes: IntArray
    variance: float
    cost: float
    bound: float
    gap: float


def allocate_cost(
    a: npt.ArrayLike,
    cost: npt.ArrayLike,
    budget: float,
    *,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
) -> CostAllocation:
    """Return integers that minimise ``Σ a_h² / n_h`` within a budget of money.

    Args:
        a: weights, shape (H,), finite and not negative, without the costs in them.
        cost: cost of one unit, shape (H,), positive, with at most four decimals.
        budget: money to spend at most, with at most four decimals.
        lower, upper: bounds, whole, shape (H,); None for 0 and for no limit.

    Returns:
        Sizes where every stratum with ``a_h > 0`` that can be sampled has at least one unit (without it the sum is
        infinite), and one with ``a_h = 0`` its lower bound: money that would lower nothing is not spent.

    Raises:
        InfeasibleAllocation: bounds cross, or the budget does not pay for the least sizes; `needed` is the smallest
            budget that does.
        ValueError: an argument has the wrong shape, sign or type, or an amount has more than four decimals.
    """
    weights, low, up = checked(a, lower, upper)
    prices = _money(vector(cost, "cost", weights.size, positive=True), "cost")
    money = int(_money(vector([budget], "budget"), "budget")[0])
    check_bounds(low, up)
    low, high = _useful_bounds(weights, low, up)
    least = sum(p * n for p, n in zip(prices.tolist(), low.tolist(), strict=True))
    if least > money:
        raise InfeasibleAllocation(
            f"budget must be at least {least / _MONEY_UNIT:g}, the cost of the least sizes, but got {budget!r}",
            needed=least / _MONEY_UNIT,
            asked=float(budget),
        )
    # Nothing can take more than the money left over would buy in it alone; this also keeps sums in range.
    high = np.minimum(high, low + (money - least) // prices)
    price = prices / _MONEY_UNIT
    most = sum(p * n for p, n in zip(prices.tolist(), high.tolist(), strict=True))
    if most <= money:
        return _result(weights, price, high, None, of="variance")
    if np.all(prices == prices[0]):
        sizes = allocate(weights, money // int(prices[0]), lower=low, upper=high)
        return _result(weights, price, sizes, None, of="variance")
    active = (weights > 0) & (high > 0)
    sizes = low.copy()
    money -= int(prices[~active] @ low[~active])
    sizes[active], bound = _least_variance(
        weights[active], prices[active].astype(np.float64), float(money), low[active], high[active]
    )
    return _result(weights, price, sizes, bound, of="variance")


def allocate_variance(
    a: npt.ArrayLike,
    variance: float,
    *,
    cost: npt.ArrayLike | None = None,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
) -> CostAllocation:
    """Return the cheapest integers with ``Σ a_h² / n_h ≤ variance``.

    Args:
        a: weights, shape (H,), finite and not negative.
        variance: the sum to reach, positive. With ``a_h = N_h S_h`` the variance of an estimated total is
            ``Σ a_h² / n_h - Σ N_h S_h²``: add the last term (the finite population correction) to the variance that is
            wanted. Met within a relative distance of 1e-12.
        cost: cost of one unit, shape (H,), positive, with at most four decimals; None for 1: the least total.
        lower, upper: bounds, whole, shape (H,); None for 0 and for no limit.

    Returns:
        Sizes where strata with ``a_h = 0`` have their lower bound. With equal costs they are the smallest total of
        `sampler.stats.allocation.allocate` that reaches the variance, exactly optimal.

    Raises:
        InfeasibleAllocation: bounds cross, or the upper bounds do not reach the variance; `needed` is what they reach.
        ValueError: an argument has the wrong shape, sign or type, or a cost has more than four decimals.
    """
    weights, low, up = checked(a, lower, upper)
    price = vector(np.ones(weights.size) if cost is None else cost, "cost", weights.size, positive=True)
    if not (math.isfinite(variance) and variance > 0):
        raise ValueError(f"variance must be finite and positive but got {variance!r}")
    check_bounds(low, up)
    target = float(variance) * (1 + VARIANCE_TOLERANCE)
    low, high = _useful_bounds(weights, low, up)
    reached = _variance(weights, high)
    if reached > target:
        raise InfeasibleAllocation(
            f"variance must be at least {reached!r}, what the upper bounds reach, but got {variance!r}",
            needed=reached,
            asked=float(variance),
        )
    if _variance(weights, low) <= target:
        return _result(weights, price, low, None, of="cost")
    if np.all(price == price[0]):
        return _result(weights, price, _least_total(weights, target, low, high), None, of="cost")
    active = (weights > 0) & (high > 0)
    sizes = low.copy()
    sizes[active], bound = _least_cost(weights[active], price[active], target, low[active], high[active])
    if bound is not None:
        bound += math.fsum((price * low)[~active].tolist())
    return _result(weights, price, sizes, bound, of="cost")


def _least_variance(
    a: FloatArray, price: FloatArray, budget: float, low: IntArray, high: IntArray
) -> tuple[IntArray, float | None]:
    """Sizes within a budget that pays for `low` but not for `high`; a bound unless they are proven optimal."""
    rate = a / np.sqrt(price)
    scale, _ = bracket(lambda s: float(price @ sizes_at(rate, s, low, high)) <= budget)
    base = sizes_at(rate, scale, low, high)
    value = 1 / scale**2  # variance bought by a unit of money where the greedy order stops
    spare = budget - float(price @ base)
    bound = _variance(a, base) - value * spare
    sizes = _fill(a, price, budget, base, high)
    if _close(_variance(a, sizes), bound):
        return sizes, None
    core = Core(a, price, value, base, low, high)
    for width in _WIDTHS:
        distance = _variance(a, sizes) - bound
        found, complete = core.search(price, room=spare, slack_price=value, distance=distance, width=width)
        if found is not None and _variance(a, found) < _variance(a, sizes):
            sizes = found
        if complete or _close(_variance(a, sizes), bound):
            return sizes, None
    return sizes, bound


def _least_cost(
    a: FloatArray, price: FloatArray, target: float, low: IntArray, high: IntArray
) -> tuple[IntArray, float | None]:
    """Sizes for a variance that `high` reaches but `low` does not; a bound unless they are proven optimal."""
    rate = a / np.sqrt(price)
    scale, above = bracket(lambda s: _variance(a, sizes_at(rate, s, low, high)) > target)
    base = sizes_at(rate, scale, low, high)
    value = 1 / scale**2
    room = target - _variance(a, base)
    bound = float(price @ base) - room / value
    sizes = _trim(a, price, target, low, sizes_at(rate, above, low, high))
    if _close(float(price @ sizes), bound):
        return sizes, None
    core = Core(a, price, value, base, low, high)
    for width in _WIDTHS:
        distance = (float(price @ sizes) - bound) * value
        # A hair inside the target, so that rounding in the sums of the search cannot carry a result past it.
        safe = room - 1e-14 * target
        found, complete = core.search(None, room=safe, slack_price=1.0, distance=distance, width=width)
        if found is not None and price @ found < price @ sizes:
            sizes = found
        if complete or _close(float(price @ sizes), bound):
            return sizes, None
    return sizes, bound


def _least_total(a: FloatArray, target: float, low: IntArray, high: IntArray) -> IntArray:
    """Return the smallest allocation that reaches the target, found between two neighbouring thresholds."""
    below, above = bracket(lambda s: _variance(a, sizes_at(a, s, low, high)) > target)
    least = int(sizes_at(a, below, low, high).sum())
    most = int(sizes_at(a, above, low, high).sum())
    # The sizes at a threshold may differ from the exact order by a unit where priorities nearly tie.
    least = max(least - 2, int(low.sum()))
    if most > MAX_TOTAL:
        raise InfeasibleAllocation(
            f"reaching the variance must take at most {MAX_TOTAL} units but it takes {most!r}",
            needed=most,
            allowed=MAX_TOTAL,
        )
    while least < most:
        middle = (least + most) // 2
        if _variance(a, allocate(a, middle, lower=low, upper=high)) <= target:
            most = middle
        else:
            least = middle + 1
    return allocate(a, most, lower=low, upper=high)


def _fill(a: FloatArray, price: FloatArray, budget: float, base: IntArray, high: IntArray) -> IntArray:
    """Spend what is left: one more unit wherever it still fits, the best value for money first."""
    sizes = base.copy()
    spare = budget - float(price @ sizes)
    gain = a**2 / (price * (sizes * (sizes + 1.0)))
    for h in np.argsort(-gain, kind="stable").tolist():
        if price[h] <= spare and sizes[h] < high[h]:
            sizes[h] += 1
            spare -= float(price[h])
    return sizes


def _trim(a: FloatArray, price: FloatArray, target: float, low: IntArray, start: IntArray) -> IntArray:
    """Save what can be saved: one unit less wherever the target still holds, the dearest units first."""
    sizes = start.copy()
    spare = target * (1 - 1e-14) - _variance(a, sizes)
    loss = a**2 / np.maximum(sizes * (sizes - 1.0), 0.5)
    for h in np.argsort(loss / price, kind="stable").tolist():
        if loss[h] <= spare and sizes[h] > low[h]:
            sizes[h] -= 1
            spare -= float(loss[h])
    return sizes


def _useful_bounds(a: FloatArray, low: IntArray, up: IntArray | None) -> tuple[IntArray, IntArray]:
    """At least one unit where the weight is positive, no more than the lower bound where it is zero."""
    high = np.full(low.size, MAX_TOTAL, dtype=np.int64) if up is None else up
    least = np.where(a > 0, np.maximum(low, np.minimum(1, high)), low)
    return least, np.where(a > 0, np.maximum(high, least), least)


def _variance(a: FloatArray, sizes: IntArray) -> float:
    counted = (a > 0) & (sizes > 0)
    return math.fsum((a[counted] ** 2 / sizes[counted]).tolist())


def _close(attained: float, bound: float) -> bool:
    return attained - bound <= _PROVEN * abs(attained)


def _money(amounts: FloatArray, name: str) -> IntArray:
    """Amounts as whole ten-thousandths, so that sums of money are exact."""
    scaled = amounts * _MONEY_UNIT
    if np.any(scaled > 2.0**53):
        raise ValueError(f"{name} must be at most {2**53 // _MONEY_UNIT} but got {float(amounts.max())!r}")
    whole = np.rint(scaled)
    fine = np.abs(scaled - whole) > 1e-9 * np.maximum(scaled, 1)
    if fine.any():
        raise ValueError(f"{name} must have at most four decimals but got {float(amounts[fine][0])!r}")
    return whole.astype(np.int64)


def _result(
    a: FloatArray, price: FloatArray, sizes: IntArray, bound: float | None, *, of: Literal["variance", "cost"]
) -> CostAllocation:
    """`bound` None: the sizes are proven optimal."""
    variance, cost = _variance(a, sizes), math.fsum((price * sizes).tolist())
    attained = variance if of == "variance" else cost
    proven = attained if bound is None else min(bound, attained)
    gap = 0.0 if attained == 0 else (attained - proven) / attained
    return CostAllocation(sizes=sizes, variance=variance, cost=cost, bound=proven, gap=gap)
