"""The numerical parts of allocation for several domains: multipliers, a proven bound, good integers.

All functions work on one normalised problem over integers with ``low ≤ n ≤ high`` and ``low ≥ 1`` where it
matters: minimise ``Σ c_h n_h`` subject to ``Σ_h A_dh / n_h ≤ 1`` for every domain ``d``.

* `multipliers` solves the continuous problem through its dual, which is smooth and concave: Newton's
  method on the non-negative multipliers (Bethel 1989 gives the optimum in terms of them, Chromy 1987 the
  multiplicative steps that start the iteration).
* `lower_bound` proves how cheap integers can be. Each domain alone needs a least number of units, an
  integer that one-domain allocation gives exactly; adding ``Σ n_h ≥ that number`` (a *cover*) to the problem
  leaves every integer solution in and lifts the continuous bound markedly. A linear program gives multipliers
  for both kinds of constraint, and the bound is then evaluated here from these multipliers: weak duality holds for
  any of them, so its validity does not rest on the accuracy of the linear program.
* `search` looks for cheap integers by local search with row weights, as for set covering: give back the
  unit that matters least, add units where constraints are broken, and weigh up constraints that stay broken.
  It uses no random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sampler.stats.allocation import FloatArray, IntArray
from sampler.stats.cost_allocation import allocate_variance

# Distance kept between sums of constraint covers and 1, for rounding in sums over many strata.
_ROUNDING = 1e-12
# Domains up to this many strata get their one-domain problem solved in money where costs differ.
_SMALL_DOMAIN = 30
# Integers this far around the continuous solution are modelled exactly in the linear program.
_REACH = 2
# Continuous sizes are accurate to a hundredth of this share.
_ACCURACY = 1e-9


@dataclass(frozen=True)
class Problem:
    """``loads`` is (D, H), sparse, not negative; ``cost``, ``low`` and ``high`` are (H,)."""

    loads: sparse.csr_array
    cost: FloatArray
    low: IntArray
    high: IntArray


def attained(problem: Problem, sizes: FloatArray | IntArray) -> FloatArray:
    """Return ``Σ_h A_dh / n_h`` for every domain, 1 being the limit."""
    with np.errstate(divide="ignore"):
        reciprocal = np.where(sizes > 0, 1.0 / np.maximum(sizes.astype(np.float64), 1e-300), 0.0)
    return np.asarray(problem.loads @ reciprocal, dtype=np.float64)


def multipliers(problem: Problem, start: FloatArray | None = None) -> tuple[FloatArray, FloatArray, float]:
    """Return the dual multipliers (D,), the continuous sizes (H,) and the dual value, a lower bound."""
    loads, cost = problem.loads, problem.cost
    # With one domain alone the multiplier is (Σ sqrt(A c))²; it sets the scale of each domain.
    alone = np.asarray(loads.sqrt() @ np.sqrt(cost), dtype=np.float64) ** 2
    scale = np.where(alone > 0, alone, 1.0)
    current = alone.copy() if start is None else start.copy()
    value, sizes, excess = _dual(problem, current)
    if start is None:
        for _ in range(30):
            current = current * np.clip(excess + 1, 1e-3, 1e3)
            value, sizes, excess = _dual(problem, current)
    damping = 1e-6
    for _ in range(200):
        if excess.max(initial=0.0) <= 1e-11 and abs(current @ excess) <= 1e-12 * abs(value):
            break
        moving = np.flatnonzero((current > 0) | (excess > 0))
        free = (sizes > problem.low) & (sizes < problem.high)
        curvature = np.where(free, 0.5 / (cost * np.maximum(sizes, 1.0) ** 3), 0.0)
        part = loads[moving]
        hessian = (part.multiply(curvature).tocsr() @ part.T).toarray()
        for _ in range(40):
            step = np.linalg.solve(hessian + damping * np.diag(1 / scale[moving]), excess[moving])
            trial = current.copy()
            trial[moving] = np.maximum(0.0, current[moving] + step)
            new_value, new_sizes, new_excess = _dual(problem, trial)
            if new_value >= value + 1e-4 * float(excess @ (trial - current)) - 1e-14 * abs(value):
                break
            damping = max(damping, 1e-12) * 10
        else:
            break
        if new_value <= value and np.array_equal(trial, current):
            break
        damping = max(damping / 10, 1e-15)
        current, value, sizes, excess = trial, new_value, new_sizes, new_excess
    return current, sizes, value


def lower_bound(problem: Problem, around: FloatArray) -> float:
    """Return a proven lower bound of the cost of integer sizes; `around` is the continuous solution."""
    loads, cost, low, high = problem.loads, problem.cost, problem.low, problem.high
    covers, least = _covers(problem)
    on_loads, on_covers = _bound_multipliers(problem, covers, least, around)
    # Weak duality: any multipliers ≥ 0 give a bound, the sum of one-stratum minima, taken over integers.
    weight = np.asarray(loads.T @ on_loads, dtype=np.float64)
    slope = cost - np.asarray(covers.T @ on_covers, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.where(slope > 0, np.sqrt(weight / np.where(slope > 0, slope, 1.0)), high)
    best = np.clip(best, low, high)
    options = [slope * n + weight / np.maximum(n, 1) for n in (np.floor(best), np.ceil(best))]
    value = float(np.minimum(*options).sum() + on_covers @ least - on_loads.sum())
    return max(value, float(cost @ low))


def search(problem: Problem, around: FloatArray, prices: FloatArray, *, rounds: int, good_enough: float) -> IntArray:
    """Return feasible integers, the cheapest met in `rounds` steps from the continuous solution `around`.

    They are never dearer than `around` rounded up, which is feasible: where one stratum alone can mend a constraint, a
    walk that has just given back a unit of it may find nothing. `prices` (D,) weigh the constraints against each other
    and against cost. The search ends early only at a cost of at most `good_enough`; if that is a lower bound, the result
    does not depend on it.
    """
    walk = _Walk(problem, np.clip(np.rint(around).astype(np.int64), problem.low, problem.high), prices)
    best = _rounded_up(problem, around)
    best_cost = float(problem.cost @ best)
    for step in range(rounds):
        if walk.feasible():
            cost = float(problem.cost @ walk.sizes)
            if cost < best_cost - 1e-9 * abs(best_cost) or step == 0:
                best, best_cost = walk.sizes.astype(np.int64), cost
            if best_cost <= good_enough * (1 + _ROUNDING):
                break
        walk.give_back(step)
        if not walk.feasible():
            walk.repair(step, below=best_cost)
            walk.weigh_up()
    return best


def _rounded_up(problem: Problem, around: FloatArray) -> IntArray:
    """The continuous solution rounded up; the upper bounds should it be less accurate than it is meant to be."""
    above = np.where(around > problem.low, np.ceil(around * (1 + _ACCURACY)), problem.low)
    sizes = np.minimum(above.astype(np.int64), problem.high)
    return sizes if attained(problem, sizes).max(initial=0.0) <= 1 + _ROUNDING else problem.high.copy()


class _Walk:
    """Sizes on their way, with the excess of every constraint kept up to date."""

    def __init__(self, problem: Problem, start: IntArray, prices: FloatArray) -> None:
        columns = problem.loads.tocsc()
        self.problem = problem
        self.load, self.row = columns.data, columns.indices
        self.first = columns.indptr
        self.column = np.repeat(np.arange(start.size), np.diff(self.first))
        self.sizes = start.astype(np.float64)
        self.excess = attained(problem, self.sizes) - 1
        self.no_giving = np.full(start.size, -1)
        self.no_adding = np.full(start.size, -1)
        largest = np.zeros(prices.size)
        np.maximum.at(largest, self.row, self._gains())
        # A constraint without a price still counts if it breaks: a tenth of a unit of cost per largest step.
        tenth = 0.1 * float(problem.cost.min(initial=1.0))
        self.unit_weight = np.maximum(prices, tenth / np.maximum(largest, 1e-300))
        self.weight = self.unit_weight.copy()

    def feasible(self) -> bool:
        if self.excess.max(initial=0.0) > _ROUNDING:
            return False
        self.excess = attained(self.problem, self.sizes) - 1  # drop the rounding of many small steps
        return bool(self.excess.max(initial=0.0) <= _ROUNDING)

    def give_back(self, step: int) -> None:
        harm = np.maximum(self.excess[self.row] + self._losses(), 0) - np.maximum(self.excess, 0)[self.row]
        score = self._by_stratum(self.weight[self.row] * harm) / self.problem.cost
        score[(self.sizes <= self.problem.low) | (self.no_giving >= step)] = np.inf
        h = int(np.argmin(score)) if score.size else -1
        if h >= 0 and np.isfinite(score[h]):
            self._move(h, -1)
            self.no_adding[h] = step + 1

    def repair(self, step: int, *, below: float) -> None:
        cost = self.problem.cost
        spent = float(cost @ self.sizes)
        while self.excess.max() > _ROUNDING:
            help_ = np.minimum(np.maximum(self.excess, 0)[self.row], self._gains())
            score = self._by_stratum(self.weight[self.row] * help_) / cost
            dear = spent + cost >= below * (1 - 1e-12)
            score[(self.sizes >= self.problem.high) | (self.no_adding >= step) | dear] = -1.0
            h = int(np.argmax(score))
            if score[h] <= 0:
                return
            self._move(h, 1)
            spent += float(cost[h])
            # Ages of varying length keep the walk from going round in circles.
            self.no_giving[h] = step + 2 + step % 5

    def weigh_up(self) -> None:
        broken = self.excess > _ROUNDING
        self.weight[broken] += 0.05 * self.unit_weight[broken]

    def _gains(self) -> FloatArray:
        n = self.sizes
        return np.asarray(self.load / (n * (n + 1))[self.column], dtype=np.float64)

    def _losses(self) -> FloatArray:
        n = self.sizes
        return np.asarray(self.load / (n * np.maximum(n - 1, 0.5))[self.column], dtype=np.float64)

    def _by_stratum(self, values: FloatArray) -> FloatArray:
        total = np.bincount(self.column, weights=values, minlength=self.sizes.size)
        return np.asarray(total, dtype=np.float64)

    def _move(self, h: int, change: int) -> None:
        part = slice(self.first[h], self.first[h + 1])
        n = self.sizes[h]
        self.excess[self.row[part]] += self.load[part] * (1 / (n + change) - 1 / n)
        self.sizes[h] = n + change


def _dual(problem: Problem, current: FloatArray) -> tuple[float, FloatArray, FloatArray]:
    """Value of the dual function, the sizes that attain it, and its gradient (the excess)."""
    weight = np.asarray(problem.loads.T @ current, dtype=np.float64)
    sizes = np.clip(np.sqrt(weight / problem.cost), problem.low, problem.high)
    excess = attained(problem, sizes) - 1
    return float(problem.cost @ sizes + current @ excess), sizes, excess


def _covers(problem: Problem) -> tuple[sparse.csr_array, FloatArray]:
    """What each domain needs for itself: rows of ``Σ_h k_dh n_h ≥ least_d`` that every solution satisfies.

    ``k_dh`` is 1, or the cost where the costs within a domain differ and it is small enough for the one-domain
    problem in money to matter; in large domains whole numbers cost little.
    """
    coefficients, least = [], np.zeros(problem.loads.shape[0])
    for d in range(least.size):
        row = problem.loads[[d]]
        strata, cost = row.indices, problem.cost[row.indices]
        uniform = strata.size > _SMALL_DOMAIN or bool(np.all(cost == cost[:1]))
        unit = np.ones(strata.size) if uniform else cost
        coefficients.append(unit)
        if strata.size:
            low, high = problem.low[strata], problem.high[strata]
            alone = allocate_variance(np.sqrt(row.data), 1 + _ROUNDING, cost=unit, lower=low, upper=high)
            least[d] = alone.bound
    data = np.concatenate(coefficients) if coefficients else np.zeros(0)
    shape = problem.loads.shape
    return sparse.csr_array((data, problem.loads.indices, problem.loads.indptr), shape=shape), least


def _bound_multipliers(
    problem: Problem, covers: sparse.csr_array, least: FloatArray, around: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Multipliers of the loads and of the covers, from a linear program.

    ``1 / n`` is replaced by its chords between neighbouring integers near `around`, and beyond them by the
    last chord, which lies below it.
    """
    from scipy.optimize import linprog

    low, high = problem.low, problem.high
    centre = np.floor(around + 1e-9).astype(np.int64)
    base = np.clip(centre - _REACH, low, high)
    top = np.clip(centre + 1 + _REACH, base, high)
    strata, change, gain, most = [], [], [], []
    below = np.flatnonzero(base > low)
    strata.append(below)
    change.append(np.full(below.size, -1.0))
    gain.append(-1.0 / (base[below] * (base[below] - 1.0)))
    most.append((base - low)[below].astype(np.float64))
    for offset in range(2 * _REACH + 1):
        here = np.flatnonzero(base + offset < top)
        n = base[here] + offset
        strata.append(here)
        change.append(np.ones(here.size))
        gain.append(1.0 / (np.maximum(n, 1) * (n + 1.0)))
        most.append(np.ones(here.size))
    above = np.flatnonzero(top < high)
    strata.append(above)
    change.append(np.ones(above.size))
    gain.append(1.0 / (np.maximum(top[above], 1) * (top[above] + 1.0)))
    most.append((high - top)[above].astype(np.float64))

    stratum, step = np.concatenate(strata), np.concatenate(change)
    size, domains = stratum.size, problem.loads.shape[0]
    if size == 0 or domains == 0:
        return np.zeros(domains), np.zeros(domains)
    pick = sparse.csr_array((np.concatenate(gain), (stratum, np.arange(size))), shape=(base.size, size))
    count = sparse.csr_array((step, (stratum, np.arange(size))), shape=(base.size, size))
    solution = linprog(
        step * problem.cost[stratum],
        A_ub=-sparse.vstack([problem.loads @ pick, covers @ count]).tocsr(),
        b_ub=-np.concatenate([attained(problem, base) - 1, least - covers @ base.astype(np.float64)]),
        bounds=np.column_stack([np.zeros(size), np.concatenate(most)]),
        method="highs",
    )
    if solution.x is None:
        return multipliers(problem)[0], np.zeros(domains)
    found = np.maximum(-np.asarray(solution.ineqlin.marginals, dtype=np.float64), 0.0)
    return found[:domains], found[domains:]
