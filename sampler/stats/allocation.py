"""Allocation of a total to strata: the exact integer optimum, and the rules that say what is optimal.

One problem covers every rule: minimise ``Σ a_h² / n_h`` over integers with ``lower_h ≤ n_h ≤ upper_h`` and
``Σ n_h = total``. The sum is convex in each ``n_h``, so handing out the units one at a time, always to the
stratum where one more unit lowers the sum most, ends at the optimum (Wright 2012; 2017, algorithm III). The
``m``-th unit of stratum ``h`` lowers it by ``a_h² / ((m - 1) m)``, its squared *priority value*. A list of
priorities sorted once serves every total; therefore a larger total always contains the smaller one, which
rounding a continuous allocation does not give.

A rule (risk, Neyman, proportional, power, equal) is only a choice of ``a_h``: `allocation_weights`.

Money and required variances are in `sampler.stats.cost_allocation`, several domains at once in
`sampler.stats.domain_allocation`.

Sources: T. Wright (2012), The equivalence of Neyman optimum allocation for sampling and equal proportions for
apportioning the U.S. House of Representatives, *The American Statistician* 66(4), 217-224. T. Wright (2017), Exact
optimal sample allocation: more efficient than Neyman, *Statistics & Probability Letters* 129, 50-57. M. D. Bankier
(1988), Power allocations: determining sample sizes for subnational areas, *The American Statistician* 42(3), 174-177.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

Rule = Literal["risk", "neyman", "proportional", "power", "equal"]

# Totals beyond this would need more than the 53 bits in which the threshold search counts.
MAX_TOTAL = 10**12

# Units whose priorities agree to this relative distance are compared in exact arithmetic. It is far wider
# than the rounding of the few operations behind a priority (about 1e-15), and far narrower than a unit.
_NEAR = 1e-12


class InfeasibleAllocation(ValueError):  # noqa: N818 - it names a state of the design, not a slip of the caller
    """No integers satisfy the bounds together with what is asked.

    Attributes:
        needed: the least total (or cost) that the lower bounds allow; None where that is not what fails.
        allowed: the greatest total that the upper bounds allow; None where there is no limit.
        asked: the total, budget or variance that was asked for.
        strata: positions of the strata whose lower bound exceeds their upper bound; empty if that is not the reason.
    """

    def __init__(
        self,
        message: str,
        *,
        needed: float | None = None,
        allowed: float | None = None,
        asked: float | None = None,
        strata: tuple[int, ...] = (),
    ) -> None:
        super().__init__(message)
        self.needed = needed
        self.allowed = allowed
        self.asked = asked
        self.strata = strata


def allocate(
    a: npt.ArrayLike,
    total: int,
    *,
    lower: npt.ArrayLike | None = None,
    upper: npt.ArrayLike | None = None,
) -> IntArray:
    """Return the integers that minimise ``Σ a_h² / n_h`` for a total, within bounds.

    The result is defined by one fixed order of the units, so a larger total contains the smaller:

    1. The lower bounds.
    2. The first unit of every stratum with ``a_h > 0`` (an empty stratum makes the sum infinite), largest
       ``a_h`` first. A total too small for all of them thus leaves out the least ``Σ a_h²``.
    3. Further units by their priority ``a_h / sqrt((m - 1) m)``, compared in exact rational arithmetic.
    4. When every stratum with ``a_h > 0`` is at its upper bound: the strata with ``a_h = 0``, by rules 2 and
       3 as if their weights were equal.

    Ties go to the stratum that comes first in the arrays. The caller therefore passes the strata in a
    canonical order (sorted by their keys) and the order of rows in a registry cannot change the result.

    Args:
        a: weights, shape (H,), finite and not negative; only their ratios matter. See `allocation_weights`.
        total: the sum to hand out, 0 … 10¹².
        lower: least sizes, whole, shape (H,), not negative; None for 0.
        upper: greatest sizes, whole, shape (H,), usually the stratum populations; None for no limit.

    Returns:
        Sizes, shape (H,), that sum to `total`. No other sizes within the bounds have a smaller sum of ``a_h² / n_h``.

    Raises:
        InfeasibleAllocation: a lower bound exceeds its upper bound, or `total` is outside ``[Σ lower, Σ upper]``.
        ValueError: an argument has the wrong shape, sign or type.
    """
    weights, low, up = checked(a, lower, upper)
    units = whole(total, "total")
    if not 0 <= units <= MAX_TOTAL:
        raise ValueError(f"total must be between 0 and {MAX_TOTAL} but got {total!r}")
    check_bounds(low, up, units)
    cap = np.full_like(low, units) if up is None else np.minimum(up, units)
    # The cap at `total` may undercut a lower bound only if the sum of lower bounds does too, checked above.
    sizes = low.copy()
    for tier in (weights > 0, weights == 0):
        left = units - int(sizes.sum())
        if left == 0:
            break
        room = int((cap[tier] - low[tier]).sum())
        share = int(low[tier].sum()) + min(left, room)
        tier_weights = weights[tier] if weights[tier].any() else np.ones(int(tier.sum()))
        sizes[tier] = _allocate_positive(tier_weights, share, low[tier], cap[tier])
    return sizes


def check_bounds(lower: IntArray, upper: IntArray | None, total: int | None = None) -> None:
    """Raise InfeasibleAllocation if bounds cross, or if no sizes between them sum to `total`.

    Sums are taken in Python integers, so bounds near the limit of int64 cannot wrap around.
    """
    if upper is not None:
        crossed = np.flatnonzero(lower > upper)
        if crossed.size:
            h = int(crossed[0])
            raise InfeasibleAllocation(
                f"every lower bound must be at most its upper bound, which fails in {crossed.size} of "
                f"{lower.size} strata, first at {h} but got lower {int(lower[h])} and upper {int(upper[h])}",
                strata=tuple(int(i) for i in crossed),
            )
    if total is None:
        return
    needed = sum(lower.tolist())
    allowed = None if upper is None else sum(upper.tolist())
    if lower.size == 0:
        allowed = 0
    if total < needed:
        raise InfeasibleAllocation(
            f"the total must be at least the sum of the lower bounds, {needed}, but got {total!r}",
            needed=needed,
            allowed=allowed,
            asked=total,
        )
    if allowed is not None and total > allowed:
        raise InfeasibleAllocation(
            f"the total must be at most the sum of the upper bounds, {allowed}, but got {total!r}",
            needed=needed,
            allowed=allowed,
            asked=total,
        )


def allocation_weights(
    rule: Rule,
    *,
    population: npt.ArrayLike,
    risk: npt.ArrayLike | None = None,
    rate: npt.ArrayLike | None = None,
    sd: npt.ArrayLike | None = None,
    mean: npt.ArrayLike | None = None,
    power: float = 0.5,
    cost: npt.ArrayLike | None = None,
) -> FloatArray:
    """Return the ``a_h`` that make `allocate` follow a rule.

    ==============  ======================  ====================================================
    rule            ``a_h``                 without bounds ``n_h`` is proportional to
    ==============  ======================  ====================================================
    proportional    ``N_h``                 the population
    equal           1 (0 if ``N_h`` = 0)    nothing: the same in every stratum
    neyman          ``N_h S_h``             population times standard deviation (Neyman 1934)
    risk            ``N_h w_h``             population times mean relative risk
    power           ``N_h^q S_h / Ȳ_h``     Bankier (1988): importance ``N_h^q`` times the c. v.
    ==============  ======================  ====================================================

    Args:
        rule: one of the table's.
        population: units in each stratum, ``N_h ≥ 0``, shape (H,). An empty stratum always has weight 0.
        risk: mean relative risk ``w_h ≥ 0`` of a stratum's units, shape (H,); required by "risk".
        rate: assumed pass rate ``p_h`` in [0, 1], shape (H,). It gives ``S_h² = p_h (1 - p_h) N_h / (N_h - 1)``, the
            finite population variance (Cochran 1977, eq. 3.5). A stratum of one has no such variance; there
            ``p_h (1 - p_h)`` is used, so that it is not left out. A rate of exactly 0 or 1 gives weight 0.
        sd: standard deviation ``S_h ≥ 0``, shape (H,), instead of `rate`. "neyman" needs one of the two; "power" takes
            ``S_h = 1`` if neither is given; the other rules ignore both.
        mean: stratum means ``Ȳ_h > 0``, shape (H,), for "power". None for 1: precision is then measured in the units of
            the variable (percentage points) and not relative to each stratum's mean.
        power: Bankier's exponent ``q`` in [0, 1]: 1 is Neyman (best for the whole), 0 gives every stratum the same
            precision, between them a compromise.
        cost: cost of one unit, ``c_h > 0``, shape (H,); ``a_h`` is divided by ``sqrt(c_h)`` (Cochran 1977, eq. 5.21).
            For a total in units. For a total in money pass the plain ``a_h`` and the costs to ``allocate_cost``.

    Returns:
        The weights, shape (H,).

    Raises:
        ValueError: the rule is unknown, an argument it needs is missing, or a value is outside its range.
    """
    if rule not in get_args(Rule):
        raise ValueError(f"rule must be one of {', '.join(get_args(Rule))} but got {rule!r}")
    size = vector(population, "population")
    if rule == "proportional":
        weights = size.copy()
    elif rule == "equal":
        weights = np.ones_like(size)
    elif rule == "risk":
        if risk is None:
            raise ValueError("risk must be given for the rule 'risk' but got None")
        weights = size * vector(risk, "risk", size.size)
    else:
        spread = _spread(size, rate, sd)
        if spread is None and rule == "neyman":
            raise ValueError("rate or sd must be given for the rule 'neyman' but got None for both")
        if not 0 <= power <= 1:
            raise ValueError(f"power must be between 0 and 1 but got {power!r}")
        importance = size if rule == "neyman" else size**power
        weights = importance if spread is None else importance * spread
        if rule == "power" and mean is not None:
            weights = weights / vector(mean, "mean", size.size, positive=True)
    if cost is not None:
        weights = weights / np.sqrt(vector(cost, "cost", size.size, positive=True))
    return np.where(size > 0, weights, 0.0)


def _spread(size: FloatArray, rate: npt.ArrayLike | None, sd: npt.ArrayLike | None) -> FloatArray | None:
    if rate is not None and sd is not None:
        raise ValueError("only one of rate and sd may be given but got both")
    if sd is not None:
        return vector(sd, "sd", size.size)
    if rate is None:
        return None
    p = vector(rate, "rate", size.size)
    if np.any(p > 1):
        raise ValueError(f"rate must be between 0 and 1 but got {float(p.max())!r}")
    correction = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)
    return np.sqrt(p * (1 - p) * correction)


def _allocate_positive(a: FloatArray, total: int, lower: IntArray, upper: IntArray) -> IntArray:
    """Allocate when every ``a_h > 0`` and ``Σ lower ≤ total ≤ Σ upper``."""
    first = np.clip(1, lower, upper)
    if total <= int(first.sum()):
        sizes = lower.copy()
        empty = np.flatnonzero(first > lower)
        by_weight = empty[np.argsort(-a[empty], kind="stable")]
        sizes[by_weight[: total - int(lower.sum())]] += 1
        return sizes
    # Dividing by a power of two is exact: it moves no comparison and keeps products in range.
    a = a / 2.0 ** int(np.frexp(a.max())[1])
    below, above = bracket(lambda scale: int(sizes_at(a, scale, lower, upper).sum()) <= total)
    # One step outwards, by more than the rounding of a size: what is inside is settled exactly.
    below, above = below * (1 - _NEAR), above * (1 + _NEAR)
    sizes = sizes_at(a, below, lower, upper)
    extra = sizes_at(a, above, lower, upper) - sizes
    left = total - int(sizes.sum())
    stratum = np.repeat(np.arange(a.size), extra)
    # Units of one stratum stand next to each other, so this counts them from sizes + 1 upwards.
    offset = np.arange(stratum.size) - np.repeat(np.cumsum(extra) - extra, extra)
    number = sizes[stratum] + 1 + offset
    chosen = stratum[_by_exact_priority(a[stratum], number)[:left]]
    np.add.at(sizes, chosen, 1)
    return sizes


def sizes_at(a: FloatArray, scale: float, lower: IntArray, upper: IntArray) -> IntArray:
    """Units with a priority of at least ``1 / scale``: the largest m with (m - 1) m ≤ (a · scale)²."""
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.floor(0.5 + np.hypot(0.5, a * scale))
    return np.maximum(np.minimum(units, upper).astype(np.int64), lower)


def bracket(fits: Callable[[float], bool]) -> tuple[float, float]:
    """Return two neighbouring doubles in [0, ∞] such that `fits` holds for the first and not for the second.

    `fits` must hold up to some scale and fail beyond it; 0 counts as fitting and infinity as not. Bisection
    over bit patterns: those of the doubles from 0 to infinity are ordered like the numbers, so the search
    ends after 63 steps whatever the range.
    """
    low_bits, high_bits = 0, int(np.float64(np.inf).view(np.int64))
    while high_bits - low_bits > 1:
        middle = (low_bits + high_bits) // 2
        scale = float(np.int64(middle).view(np.float64))
        if fits(scale):
            low_bits = middle
        else:
            high_bits = middle
    return float(np.int64(low_bits).view(np.float64)), float(np.int64(high_bits).view(np.float64))


def _by_exact_priority(a: FloatArray, number: IntArray) -> IntArray:
    """Order units by falling ``a² / ((m - 1) m)`` in rational arithmetic; ties keep their order."""
    if a.size == 0:
        return np.empty(0, dtype=np.int64)
    # Equal strata are common (equal allocation of 10,000 strata): compare each distinct pair once.
    pairs, inverse = np.unique(np.column_stack((a, number.astype(np.float64))), axis=0, return_inverse=True)
    exact = [Fraction(weight) ** 2 / (int(m) * (int(m) - 1)) for weight, m in pairs.tolist()]
    rank_of = {value: rank for rank, value in enumerate(sorted(set(exact), reverse=True))}
    ranks = np.array([rank_of[value] for value in exact], dtype=np.int64)
    return np.argsort(ranks[inverse.reshape(-1)], kind="stable").astype(np.int64)


def checked(
    a: npt.ArrayLike, lower: npt.ArrayLike | None, upper: npt.ArrayLike | None
) -> tuple[FloatArray, IntArray, IntArray | None]:
    """Return `a`, `lower` (default 0) and `upper` as arrays, or raise ValueError."""
    weights = vector(a, "a")
    low = np.zeros(weights.size, dtype=np.int64) if lower is None else _counts(lower, "lower", weights.size)
    return weights, low, None if upper is None else _counts(upper, "upper", weights.size)


def vector(values: npt.ArrayLike, name: str, size: int | None = None, *, positive: bool = False) -> FloatArray:
    """Return finite, non-negative (or positive) numbers of one dimension, or raise ValueError."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or (size is not None and array.size != size):
        expected = "one-dimensional" if size is None else f"of shape ({size},)"
        raise ValueError(f"{name} must be {expected} but got shape {array.shape!r}")
    bad = ~np.isfinite(array) | (array <= 0 if positive else array < 0)
    if bad.any():
        kind = "positive" if positive else "not negative"
        raise ValueError(f"{name} must be finite and {kind} but got {float(array[bad][0])!r}")
    return array


def _counts(values: npt.ArrayLike, name: str, size: int) -> IntArray:
    array = np.asarray(values)
    if array.shape != (size,):
        raise ValueError(f"{name} must be of shape ({size},) but got shape {array.shape!r}")
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"{name} must be whole numbers but got an array of {array.dtype!r}")
    if np.any(array < 0):
        raise ValueError(f"{name} must not be negative but got {int(array.min())!r}")
    return array.astype(np.int64)


def whole(value: int, name: str) -> int:
    """Return a whole number as int, or raise ValueError."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be a whole number but got {value!r}")
    return int(value)
