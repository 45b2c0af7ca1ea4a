"""Allocation under several ceilings at once: budgets, capacities, shares.

Minimise ``Σ a_h² / n_h`` over integers with ``lower_h ≤ n_h ≤ upper_h`` and, for every ceiling ``j``,
``Σ_h use_jh n_h ≤ limit_j``. Units are handed out one at a time, always where one more lowers the sum most for its price,
and never where it would break a ceiling. Where every unit uses the same amount and the ceilings are nested or apart (a
total, and capacities of districts within it), this ends at the optimum (Federgruen and Groenevelt 1986, The greedy
procedure for resource allocation problems, *Operations Research* 34). In other cases, unequal prices among them, exchanges
of one unit for another follow while they help; the result is then one that no such exchange improves.
"""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from sampler.stats.allocation import FloatArray, InfeasibleAllocation, IntArray, checked

# Exchanges look at every pair of strata: beyond so many strata they would take too long and matter too little.
_MOST_PAIRED = 600
_MOST_EXCHANGES = 400


def allocate_within(
    a: npt.ArrayLike,
    use: npt.ArrayLike,
    limits: npt.ArrayLike,
    *,
    lower: npt.ArrayLike,
    upper: npt.ArrayLike,
    price: npt.ArrayLike | None = None,
) -> IntArray:
    """Return integers that use up the ceilings as `a` says.

    Ties go to the stratum that comes first. The first unit of every stratum with ``a_h > 0`` comes before any second.

    Args:
        a: weights as for `sampler.stats.allocation.allocate`, shape (H,). A stratum with weight 0 keeps its lower bound.
        use: what one unit of a stratum uses of each ceiling, whole, shape (J, H), not negative.
        limits: the ceilings, whole, shape (J,).
        lower, upper: bounds, whole, shape (H,).
        price: what a unit costs, shape (H,), positive: reductions of the sum are compared per unit of price; None for 1.

    Raises:
        InfeasibleAllocation: the lower bounds exceed the upper ones or break a ceiling.
        ValueError: an argument has the wrong shape, sign or type.
    """
    weights, low, high = checked(a, lower, upper)
    uses = np.asarray(use, dtype=np.int64)
    most = np.asarray(limits, dtype=np.int64)
    if uses.shape != (most.size, weights.size):
        raise ValueError(f"use must be of shape ({most.size}, {weights.size}) but got shape {uses.shape!r}")
    if np.any(uses < 0):
        raise ValueError(f"use must not be negative but got {int(uses.min())!r}")
    costs = np.ones(weights.size) if price is None else np.asarray(price, dtype=np.float64)
    assert high is not None
    if np.any(low > high):
        h = int(np.flatnonzero(low > high)[0])
        raise InfeasibleAllocation(
            f"every lower bound must be at most its upper bound but got {int(low[h])} and {int(high[h])} at {h}"
        )
    room = most - uses @ low
    if np.any(room < 0):
        j = int(np.flatnonzero(room < 0)[0])
        raise InfeasibleAllocation(
            f"the lower bounds must keep ceiling {j} of {int(most[j])} but use {int(most[j] - room[j])}",
            needed=int(most[j] - room[j]),
            asked=int(most[j]),
        )
    sizes = _handed_out(weights, uses, room, low, high, costs)
    if weights.size <= _MOST_PAIRED and not (np.ptp(costs) == 0 and _interchangeable(uses)):
        for _ in range(_MOST_EXCHANGES):
            before = sizes.copy()
            _exchange(weights, uses, most, sizes, low, high)
            sizes = _handed_out(weights, uses, most - uses @ sizes, sizes, high, costs)
            if np.array_equal(sizes, before):
                break
    return sizes


def _handed_out(
    a: FloatArray, uses: IntArray, room: IntArray, low: IntArray, high: IntArray, price: FloatArray
) -> IntArray:
    """The greedy sizes; `room` is what the lower bounds leave of the ceilings."""
    sizes, left = low.tolist(), room.tolist()
    on = [np.flatnonzero(column).tolist() for column in uses.T]
    amount = [uses[j, h].tolist() for h, j in enumerate(on)]
    worth = (a**2 / price).tolist()
    most = high.tolist()

    def entry(h: int) -> tuple[int, float, int]:
        n = sizes[h]
        return (0, -worth[h], h) if n == 0 else (1, -worth[h] / (n * (n + 1)), h)

    queue = [entry(h) for h in range(len(sizes)) if worth[h] > 0 and sizes[h] < most[h]]
    heapq.heapify(queue)
    while queue:
        h = queue[0][2]
        if any(left[j] < u for j, u in zip(on[h], amount[h], strict=True)):
            heapq.heappop(queue)  # what is left of a ceiling only shrinks
            continue
        sizes[h] += 1
        for j, u in zip(on[h], amount[h], strict=True):
            left[j] -= u
        if sizes[h] < most[h]:
            heapq.heapreplace(queue, entry(h))
        else:
            heapq.heappop(queue)
    return np.array(sizes, dtype=np.int64)


def _interchangeable(uses: IntArray) -> bool:
    """Whether the greedy sizes are the optimum: equal amounts, ceilings nested or apart."""
    if any(row[row > 0].size and np.ptp(row[row > 0]) for row in uses):
        return False
    sets = [row > 0 for row in uses]
    for i, one in enumerate(sets):
        for other in sets[:i]:
            both = one & other
            if both.any() and not (np.array_equal(both, one) or np.array_equal(both, other)):
                return False
    return True


def _exchange(a: FloatArray, uses: IntArray, most: IntArray, sizes: IntArray, low: IntArray, high: IntArray) -> None:
    """Exchange one unit for another, in place, the best exchange first, while one lowers the sum."""
    for _ in range(_MOST_EXCHANGES):
        n = sizes.astype(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            gain = np.where((a > 0) & (sizes < high), a**2 / (n * (n + 1)), -np.inf)
            loss = np.where(sizes > low, np.where(a > 0, a**2 / (n * (n - 1)), 0.0), np.inf)
            # One unit of the row's stratum for one of the column's.
            worth = gain[None, :] - loss[:, None]
        worth[np.isnan(worth)] = -np.inf
        left = most - uses @ sizes
        fits = np.all(left[:, None, None] + uses[:, :, None] - uses[:, None, :] >= 0, axis=0)
        worth[~fits] = -np.inf
        np.fill_diagonal(worth, -np.inf)
        h, k = np.unravel_index(int(np.argmax(worth)), worth.shape)
        if not worth[h, k] > 1e-12 * float(np.sum(a**2 / np.maximum(n, 1))):
            return
        sizes[h] -= 1
        sizes[k] += 1
