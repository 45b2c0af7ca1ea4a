"""Chernoff bounds on the worst case: wider than the game of `game.py`, equally guaranteed, and cheap at any size.

For every tilt λ > 0, P(S ≤ s) ≤ exp(λ s) Π E[exp(−λ k_h X_h)], and likewise with the sign turned for P(S ≥ s). The
logarithm of each factor is a concave function of the failures M_h of the stratum, so its increments can be sorted: the
best way to place r failures collects the r largest of them. An adversary who looks at earlier strata gains nothing here,
because the factors multiply. At λ → ∞ and s = 0 this is the exact worst case.

What the concavity rests on: the factor is e_n of M values y = e^∓λk and N − M ones, divided by the binomial coefficient.
With A, B, C for e_n, e_(n−1), e_(n−2) of all but two of the units, the square of the value at M less the product of its
neighbours is (B² − AC)(1 − y)², and B² ≥ AC is Newton's inequality. Where outcomes from some number on are taken
together (`_capped`) that proof does not hold; there it is checked in whole numbers, on random cases, by
``test_moments_are_log_concave_in_the_failures``. Hoeffding's bound n ln(1 + (M/N)(y − 1)) is concave as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from sampler.stats.game import Floats, Integers, LiveStrata, Tail
from sampler.stats.hypergeometric import hypergeometric_pmf, hypergeometric_table

_DETAILED = 512
"""Untested units of a stratum up to which every number of failures has its own increment; beyond, blocks do."""

_STEEPEST = 600.0
"""Tilts per failure beyond which exponentials overflow; they say nothing, and the search passes them over."""

LISTED = 50_000
"""Untested units that are listed one by one."""

_SLACK = 1e-12
"""What rounding may have moved a level, as a share of it."""

_LARGEST_TABLE = 1_000_000
"""Table entries beyond which Hoeffding's (1963) bound on the moments of a stratum replaces the exact ones."""


@dataclass(frozen=True)
class _Stratum:
    """What one stratum contributes.

    left: the first number of failures of every block, widths: how many each covers. table: outcome probabilities at
    `left` and `left + 1`, in order; None where Hoeffding's bound is used. at: the row of `left`, followed by that of
    `left + 1`.
    """

    score: int
    left: Integers
    widths: Integers
    at: Integers
    table: Floats | None
    population: int
    tested: int
    failed: int


def _stratum(strata: LiveStrata, h: int, tail: Tail) -> _Stratum:
    population, tested, failed, score = (
        int(a[h]) for a in (strata.population, strata.tested, strata.failed, strata.scores)
    )
    room = population - tested
    fine = room <= _DETAILED
    # further out the increments change slowly, so blocks may grow with the number of failures
    edges = np.arange(room + 1) if fine else np.unique(np.geomspace(1, room + 1, _DETAILED // 2).astype(np.int64)) - 1
    left, widths = edges[:-1].astype(np.int64), np.diff(edges).astype(np.int64)
    columns = tested + 1
    if tail == "many":
        columns = min(columns, -(-strata.observed // score) + 1)
    numbers = np.union1d(left, left + 1)
    at = np.searchsorted(numbers, left).astype(np.int64)
    table: Floats | None = None
    if 2 * len(left) * columns <= _LARGEST_TABLE and (tail == "few" or fine):
        outcomes = _capped if tail == "many" else hypergeometric_table
        table = outcomes(population, tested, failed + numbers, columns)
    return _Stratum(score, left, widths, at, table, population, tested, failed)


def _capped(population: int, tested: int, failing: Integers, columns: int) -> Floats:
    """Outcome probabilities, everything from the last column on in the last column.

    Cutting X at the first value that is enough leaves S ≥ s as it is, and the moments small.
    """
    if len(failing) * (tested + 1) <= _LARGEST_TABLE:
        # added up: what the others leave of 1 is rounding where the rest is small, and a steep tilt makes it large
        table = hypergeometric_table(population, tested, failing, tested + 1)
        rest = table[:, columns - 1 :].sum(axis=1)
        return np.column_stack([table[:, : columns - 1], rest])
    table = hypergeometric_table(population, tested, failing, columns)
    table[:, -1] = np.maximum(0.0, 1.0 - table[:, :-1].sum(axis=1))
    return table


def _log_moments(stratum: _Stratum, tilt: float) -> tuple[float, Floats]:
    """Log E[exp(tilt · k X)] with nothing placed, and the first, that is largest, increment of every block."""
    rate = tilt * stratum.score
    if stratum.table is None:
        if rate > _STEEPEST:
            return float("inf"), np.zeros(len(stratum.left))
        u = stratum.left.astype(np.float64)
        first = _hoeffding(stratum, rate, np.zeros(1))
        return float(first[0]), _hoeffding(stratum, rate, u + 1.0) - _hoeffding(stratum, rate, u)
    j = np.arange(stratum.table.shape[1], dtype=np.float64)
    top = max(0.0, rate * (len(j) - 1))
    moments = stratum.table @ np.exp(rate * j - top)
    here, after = moments[stratum.at], moments[stratum.at + 1]
    known = np.minimum(here, after) > 1e-250
    if not known[0]:
        return float("inf"), np.zeros(len(here))
    increments = np.zeros(len(here))
    increments[known] = np.log(after[known] / here[known])
    if not known.all():
        # concave: where a moment is too small for a float, no increment exceeds the last one known
        last = int(np.argmin(known))
        increments[last:] = increments[last - 1]
    return float(np.log(here[0]) + top), increments


def _hoeffding(stratum: _Stratum, rate: float, u: Floats) -> Floats:
    """Upper bound on log E[exp(rate · X)] after placing u failures: the smaller of two binomial ones, concave in u."""
    growth, m = np.expm1(rate), stratum.failed + u
    share = m / stratum.population
    with np.errstate(divide="ignore"):
        # ln(1 − share + share · exp(rate)): where nearly all fail, 1 + share · growth would leave nothing but rounding.
        far = np.logaddexp(np.log((stratum.population - m) / stratum.population), np.log(share) + rate)
        by_tested = stratum.tested * np.where(share * growth < -0.5, far, np.log1p(share * growth))
    by_failures = m * np.log1p(stratum.tested / stratum.population * growth)
    smaller: Floats = np.minimum(by_tested, by_failures)
    return smaller


class ChernoffBound:
    """Bounds on the p-value of r unseen failures, for a fixed sample and tail."""

    def __init__(self, strata: LiveStrata, tail: Tail) -> None:
        self._tail = tail
        self._observed = strata.observed
        self._strata = [_stratum(strata, h, tail) for h in range(len(strata))]
        self._room = int(strata.untested.sum())
        self._sign = -1.0 if tail == "few" else 1.0
        self._curves: dict[float, tuple[float, Floats, Integers]] = {}

    def _curve(self, log_tilt: float) -> tuple[float, Floats, Integers]:
        """Log bound with nothing placed, cumulative best increments, and the units they stand for."""
        if log_tilt not in self._curves:
            tilt = self._sign * float(np.exp(log_tilt))
            parts = [_log_moments(stratum, tilt) for stratum in self._strata]
            start = sum(p[0] for p in parts) - tilt * self._observed
            increments = np.concatenate([p[1] for p in parts])
            widths = np.concatenate([stratum.widths for stratum in self._strata])
            order = np.argsort(-increments, kind="stable")
            units = np.concatenate([[0], np.cumsum(widths[order])])
            total = np.concatenate([[0.0], np.cumsum(increments[order] * widths[order])])
            self._curves[log_tilt] = (start, total, units.astype(np.int64))
        return self._curves[log_tilt]

    def _minimise(self, objective: Callable[[float], float]) -> float:
        """Smallest objective over the tilt: a coarse scan of log λ, then thirds around its best point."""
        scan = np.linspace(-9.0, 3.0, 13)
        values = [objective(float(x)) for x in scan]
        at = int(np.argmin(values))
        low, high, best = float(scan[max(0, at - 1)]), float(scan[min(12, at + 1)]), values[at]
        for _ in range(7):
            left, right = low + (high - low) * 0.382, low + (high - low) * 0.618
            f_left, f_right = objective(left), objective(right)
            best = min(best, f_left, f_right)
            if f_left <= f_right:
                high = right
            else:
                low = left
        return best

    def p_value(self, r: int) -> float:
        """Upper bound on the p-value of r unseen failures (`many`: of at most r), 0 ≤ r ≤ units not tested."""

        def log_bound(log_tilt: float) -> float:
            start, total, units = self._curve(log_tilt)
            return start + float(np.interp(r, units, total))

        return float(np.exp(min(0.0, self._minimise(log_bound))))

    def limit(self, level: float) -> int:
        """The last r (`few`) or the first (`many`) whose bound is still at least `level`, among 0 … units not tested.

        `few`: −1 if not even r = 0 is; `many`: one more than the untested units if none is.
        """
        target = float(np.log(level))

        def reach(log_tilt: float) -> float:
            start, total, units = self._curve(log_tilt)
            need = target - start
            if self._tail == "few":  # total falls from 0
                if need > 0:
                    return -1.0
                if total[-1] >= need:
                    return float(self._room)
                i = int(np.argmax(total < need))
                return float(np.floor(units[i - 1] + _part(need, total, units, i) + 1e-9))
            if need <= 0:
                return 0.0
            if total[-1] < need:
                return -float(self._room + 1)
            i = int(np.argmax(total >= need))
            return -float(np.ceil(units[i - 1] + _part(need, total, units, i) - 1e-9))

        return int(abs(self._minimise(reach))) if self._tail == "many" else int(self._minimise(reach))


def _part(need: float, total: Floats, units: Integers, i: int) -> float:
    """How far into step i the running total meets `need`, in units."""
    return float((need - total[i - 1]) / (total[i] - total[i - 1]) * (units[i] - units[i - 1]))


def worst_case_without_failures(strata: LiveStrata, unseen: ArrayLike) -> Floats:
    """The exact p-value of so many unseen failures when the tested units show none: the largest P(all X = 0).

    That probability is a product over strata. A failure placed in stratum h as its (u + 1)-th multiplies it by
    1 − n_h/(N_h − u), so the worst case places r failures where (N_h − u)/n_h is largest. Up to `LISTED` untested units
    are listed and sorted.

    Args:
        unseen: whole numbers ≥ 0, shape (R,); 0 is returned for more failures than there are untested units.
    """
    r = np.asarray(unseen, dtype=np.int64)
    if strata.untested.sum() > LISTED:
        return _without_failures(strata, r)
    parts = [
        np.log1p(-tested / np.arange(population, tested, -1.0))
        for population, tested in zip(strata.population.tolist(), strata.tested.tolist(), strict=True)
    ]
    p = np.exp(np.cumsum(np.append(0.0, np.sort(np.concatenate(parts))[::-1])))
    return np.append(p, 0.0)[np.minimum(r, len(p))]


def _without_failures(strata: LiveStrata, r: Integers) -> Floats:
    """`worst_case_without_failures` for populations too large to be listed.

    The failures fill the strata down to a common level of (N_h − u)/n_h, which is near the w of
    Σ max(0, N_h − n_h w) = r and is found by bisection.
    """
    order = np.argsort(-strata.population / strata.tested, kind="stable")
    N, n, room = (a[order].astype(np.float64) for a in (strata.population, strata.tested, strata.untested))
    units, tests = np.cumsum(N), np.cumsum(n)
    # How many failures bring the level of the strata so far down to where the next one begins, or to 1: no room left.
    full = units - tests * np.append(N[1:] / n[1:], 1.0)
    at = np.minimum(np.searchsorted(full, r), len(N) - 1)
    wanted = np.minimum(r, room.sum())
    level = (units[at] - wanted) / tests[at]

    def placed(down_to: Floats) -> Floats:
        return np.asarray(np.clip(np.floor(N - n * down_to[:, None]) + 1.0, 0.0, room))

    low, high = level - _SLACK * level, level + 1.0 / n.min() + _SLACK * level
    while True:
        middle = (low + high) / 2
        between = (low < middle) & (middle < high) & (placed(high).sum(axis=1) < wanted)
        if not between.any():
            break
        few = placed(middle).sum(axis=1) <= wanted
        low, high = np.where(few, low, middle), np.where(few, middle, high)
    found = placed(high)
    # What is left lies at one level, and it makes no difference where.
    spare = np.maximum(placed(low) - found, 0.0)
    before = np.cumsum(spare, axis=1) - spare
    left = wanted - found.sum(axis=1)
    found += np.clip(left[:, None] - before, 0.0, spare)
    p = hypergeometric_pmf(0, found, n, N).prod(axis=1)
    return np.where(r <= room.sum(), p, 0.0)
