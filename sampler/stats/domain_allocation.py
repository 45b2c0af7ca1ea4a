"""Allocation that gives several domains their precision at once (Bethel 1989; Chromy 1987).

Every district and every category may ask for a margin of its own; one stratum serves all domains it belongs
to. The problem is to find the cheapest integers with ``lower_h ≤ n_h ≤ upper_h`` such that for every domain
``d`` the variance ``Σ_h A_dh (1/n_h - 1/N_h)`` is at most ``V_d``. For a proportion estimated in domain ``d``
by its stratum rates, ``A_dh = (N_h / N_d)² S_h²`` over the strata of the domain and ``V_d = (margin / z)²``.

The continuous problem is convex and solved to machine precision; its multipliers are the shadow prices. The
integers come from a local search, with a proven bound on how much cheaper any integers could be.

Sources: J. Bethel (1989), Sample allocation in multivariate surveys, *Survey Methodology* 15, 47-57. J. R. Chromy (1987),
Design optimization with multiple objectives, *Proceedings of the Section on Survey Research Methods*, American
Statistical Association, 194-199.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from sampler.stats.allocation import (
    FloatArray,
    InfeasibleAllocation,
    IntArray,
    allocate,
    check_bounds,
    checked,
    vector,
    whole,
)
from sampler.stats.domain_solver import Problem, attained, lower_bound, multipliers, search

# A variance limit counts as met within this share of V_d + Σ A_dh / N_h.
LIMIT_TOLERANCE = 1e-10

_ROUNDS = 3000


class InfeasibleDomains(InfeasibleAllocation):
    """Some domains miss their limit even at the upper bounds.

    Attributes:
        domains: positions of the domains that fail.
        limits: their limits ``V_d`` as asked.
        reachable: the least variance each can have, at the upper bounds: the smallest relaxation that helps. Infinite if
            a stratum of the domain cannot be sampled at all.
    """

    def __init__(
        self,
        message: str,
        *,
        domains: tuple[int, ...],
        limits: tuple[float, ...],
        reachable: tuple[float, ...],
    ) -> None:
        super().__init__(message)
        self.domains = domains
        self.limits = limits
        self.reachable = reachable


@dataclass(frozen=True)
class DomainAllocation:
    """An allocation for several domains, with what it costs, gives, and leaves unproven.

    Attributes:
        sizes: the allocation, shape (H,). Meets every limit.
        required: the cheapest sizes found that meet every limit, shape (H,); equal to `sizes` unless a larger total was
            asked for.
        cost: ``Σ c_h n_h`` of `required`.
        bound: proven lower bound of that cost over all integer sizes.
        gap: ``(cost - bound) / cost``; 0 if `required` is proven optimal.
        continuous: the optimum if sizes need not be whole, shape (H,); continuous_cost: its cost.
        variance: ``Σ_h A_dh (1/n_h - 1/N_h)`` at `sizes`, shape (D,).
        price: shadow prices, shape (D,): the cost that a unit less of ``V_d`` adds at the continuous optimum. The cost is
            convex in the limits, so lowering ``V_d`` to ``V`` costs at least ``price_d (V_d - V)``.
        binding: domains with a price above 0, shape (D,): the ones that decide the cost.
    """

    sizes: IntArray
    required: IntArray
    cost: float
    bound: float
    gap: float
    continuous: FloatArray
    continuous_cost: float
    variance: FloatArray
    price: FloatArray
    binding: npt.NDArray[np.bool_]


def allocate_domains(
    contributions: npt.ArrayLike | sparse.sparray,
    limits: npt.ArrayLike,
    *,
    population: npt.ArrayLike,
    cost: npt.ArrayLike | None = None,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
    a: npt.ArrayLike | None = None,
    total: int | None = None,
    rounds: int = _ROUNDS,
) -> DomainAllocation:
    """Return the cheapest integers that meet the variance limits of all domains together.

    Args:
        contributions: ``A_dh ≥ 0``, an array or a sparse array of shape (D, H): what stratum ``h`` adds to the variance of
            domain ``d`` is ``A_dh (1/n_h - 1/N_h)``.
        limits: ``V_d ≥ 0``, shape (D,), or infinity for a domain without a limit. 0 asks for a census of the domain.
        population: ``N_h``, whole, shape (H,); no size exceeds it.
        cost: cost of a unit, shape (H,), positive; None for 1: the least total.
        lower, upper: bounds, whole, shape (H,); None for 0 and the population. A lower bound may come from a detection
            requirement.
        a: the rule's weights, shape (H,); needed with `total`.
        total: units to allocate in all. If the rule's own allocation of them meets every limit it is the result;
            otherwise what the limits leave over is handed out by the rule on top of `required`.
        rounds: steps of the local search. Its result depends on nothing but the arguments.

    Raises:
        InfeasibleDomains: limits cannot be met even at the upper bounds.
        InfeasibleAllocation: bounds cross, or `total` is less than the domains need; `needed` is the least total found to
            work.
        ValueError: an argument has the wrong shape, sign or type.
    """
    design = _design(contributions, limits, population, cost, lower, upper)
    if total is not None and (a is None or cost is not None):
        raise ValueError("total must come with a, and without cost, but got a total that does not")
    dual, continuous, value = multipliers(design.problem)
    bound = _on_grid(lower_bound(design.problem, continuous), design.problem.cost)
    required = search(design.problem, continuous, dual, rounds=rounds, good_enough=bound)
    spent = _spent(design.problem, required)
    bound = min(bound, spent)
    sizes = required if total is None or a is None else _spend(design.problem, required, a, total, bound)
    return DomainAllocation(
        sizes=sizes,
        required=required,
        cost=spent,
        bound=bound,
        gap=0.0 if spent == 0 else (spent - bound) / spent,
        continuous=continuous,
        continuous_cost=float(design.problem.cost @ continuous),
        variance=design.variance(sizes),
        price=design.spread(dual / design.scale),
        binding=design.spread(dual) > 1e-9 * max(value, 1.0),
    )


@dataclass(frozen=True)
class _Design:
    """The arguments as arrays, and the normalised problem of the domains that have a limit.

    `rows` are those domains, `scale` their ``V_d + Σ A_dh / N_h``, by which their loads are divided.
    """

    contributions: sparse.csr_array
    limits: FloatArray
    reciprocal: FloatArray
    rows: IntArray
    scale: FloatArray
    problem: Problem

    def spread(self, values: FloatArray) -> FloatArray:
        """Put values of the limited domains at their positions among all."""
        everywhere = np.zeros(self.limits.size)
        everywhere[self.rows] = values
        return everywhere

    def variance(self, sizes: IntArray) -> FloatArray:
        """``Σ_h A_dh (1/n_h - 1/N_h)``; infinite where a stratum that contributes has no units."""
        missing = (sizes == 0) & (self.reciprocal > 0)
        part = np.where(sizes > 0, 1.0 / np.maximum(sizes, 1) - self.reciprocal, 0.0)
        value = np.asarray(self.contributions @ part, dtype=np.float64)
        value[np.asarray(self.contributions @ missing.astype(np.float64)) > 0] = np.inf
        return np.maximum(value, 0.0)


def _design(
    contributions: npt.ArrayLike | sparse.sparray,
    limits: npt.ArrayLike,
    population: npt.ArrayLike,
    cost: npt.ArrayLike | None,
    lower: npt.ArrayLike | None,
    upper: npt.ArrayLike | None,
) -> _Design:
    """Check the arguments and the reach of the upper bounds."""
    matrix = sparse.csr_array(contributions, dtype=np.float64)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    domains, strata = matrix.shape
    vector(matrix.data, "contributions")
    asked = np.asarray(limits, dtype=np.float64)
    if asked.shape != (domains,):
        raise ValueError(f"limits must be of shape ({domains},) but got shape {asked.shape!r}")
    if not np.all(asked >= 0):
        raise ValueError(f"limits must not be negative but got {float(asked[~(asked >= 0)][0])!r}")
    units, low, up = checked(population, lower, upper)
    if units.size != strata:
        raise ValueError(f"population must be of shape ({strata},) but got shape {units.shape!r}")
    prices = vector(np.ones(strata) if cost is None else cost, "cost", strata, positive=True)
    high = units.astype(np.int64) if up is None else np.minimum(up, units.astype(np.int64))
    check_bounds(low, high)
    reciprocal = np.where(units > 0, 1.0 / np.maximum(units, 1), 0.0)
    design = _normalise(matrix, asked, reciprocal, prices, low, high)
    reachable = design.variance(high)
    slack = LIMIT_TOLERANCE * design.spread(design.scale)
    failing = np.flatnonzero(reachable > np.where(np.isfinite(asked), asked, np.inf) + slack)
    if failing.size:
        d = int(failing[0])
        raise InfeasibleDomains(
            f"the upper bounds must let every domain meet its limit, which fails in {failing.size} of {domains}, "
            f"first in domain {d}, which reaches {reachable[d]:g} but got the limit {asked[d]:g}",
            domains=tuple(int(i) for i in failing),
            limits=tuple(float(asked[i]) for i in failing),
            reachable=tuple(float(reachable[i]) for i in failing),
        )
    return design


def _normalise(
    matrix: sparse.csr_array,
    limits: FloatArray,
    reciprocal: FloatArray,
    prices: FloatArray,
    low: IntArray,
    high: IntArray,
) -> _Design:
    """Write each limit as ``Σ_h A_dh / n_h ≤ V_d + Σ_h A_dh / N_h`` and divide by the right-hand side."""
    rows = np.flatnonzero(np.isfinite(limits) & (np.diff(matrix.indptr) > 0))
    part = matrix[rows]
    scale = limits[rows] + np.asarray(part @ reciprocal, dtype=np.float64)
    scale = np.where(scale > 0, scale, 1.0)
    loads = sparse.csr_array(sparse.diags_array(1 / (scale * (1 + LIMIT_TOLERANCE))) @ part)
    # A stratum that contributes to a limited domain cannot stay empty.
    needed = np.asarray(loads.sum(axis=0), dtype=np.float64) > 0
    least = np.where(needed, np.maximum(low, np.minimum(1, high)), low)
    return _Design(matrix, limits, reciprocal, rows, scale, Problem(loads, prices, least, high))


def _spend(problem: Problem, required: IntArray, a: npt.ArrayLike, total: int, bound: float) -> IntArray:
    """Allocate a total by the rule, on top of what the limits require where it alone would miss one."""
    asked, least = whole(total, "total"), int(required.sum())
    most = int(problem.high.sum())
    if asked < least:
        raise InfeasibleAllocation(
            f"total must be at least {least} for the domains to meet their limits "
            f"(no allocation can do with fewer than {math.ceil(bound)}) but got {total!r}",
            needed=least,
            allowed=most,
            asked=asked,
        )
    own = allocate(a, asked, lower=problem.low, upper=problem.high)
    if attained(problem, own).max(initial=0.0) <= 1:
        return own
    return allocate(a, asked, lower=required, upper=problem.high)


def _spent(problem: Problem, sizes: IntArray) -> float:
    return math.fsum((problem.cost * sizes).tolist())


def _on_grid(bound: float, prices: FloatArray) -> float:
    """Raise a bound to the next cost that whole units can have, if all prices are whole multiples of one."""
    if prices.size == 0:
        return bound
    cents = np.rint(prices * 10_000)
    if np.any(np.abs(prices * 10_000 - cents) > 1e-9 * prices) or prices.max() > 1e9:
        return bound
    grid = math.gcd(*cents.astype(np.int64).tolist()) / 10_000
    return math.ceil(bound / grid - 1e-6) * grid
