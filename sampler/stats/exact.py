"""Exact limits and p-values for the number of failures in a stratified finite population.

The unknown is M = Σ M_h, the failures among N = Σ N_h units; X_h ~ Hypergeometric(N_h, M_h, n_h) independently. A
number M is refuted when no way to divide it over the strata makes a sample as extreme as the one seen likely. How
extreme a sample is, is its score Σ k_h x_h, with k_h close to the weight N_h/n_h (to its 0.7th power for the lower
limit): see `game.design_scores`. Coverage is at least nominal for every population and every number of strata.

Where no test or every test failed, or where there is one stratum (a large one; a small one is soon played), the worst case
has a closed form and needs no pass. Where the exact pass would cost too much its placements are counted in coarser units,
and the Chernoff bound is computed beside it; both bound the same p-value from above, so the smaller one is as guaranteed
as either.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sampler.stats.chernoff import LISTED, ChernoffBound, worst_case_without_failures
from sampler.stats.game import Floats, Game, Integers, LiveStrata, Tail, design_scores, loss
from sampler.stats.hypergeometric import hypergeometric_tails
from sampler.stats.monitoring import TIE

BUDGET = 1_000_000_000
"""Numbers one pass may compare, a second or two, before its placements are made coarser; 0 asks for Chernoff's bound."""

_USELESS = 0.1
"""Coarse counting that can cost this share of the failures is no better than the Chernoff bound, and slower."""

_SMALL = 3_000_000
"""Passes of fewer comparisons are played without asking the Chernoff bound how far they have to reach."""

_SETTLED = 1e-6
"""A Chernoff bound below this settles a p-value; playing the game would only make it smaller."""

_TRIED = 16
"""Numbers of failures whose closed-form p-values are computed together while a limit is searched."""

_REMEMBERED = 32
"""Passes kept. A p-value is asked for after the interval of the same sample, whose pass has often found it already."""

_EXPONENT: dict[Tail, float] = {"few": 1.0, "many": 0.7}


@dataclass(frozen=True)
class Finding:
    """A limit for the unseen failures, or a p-value, and how it was found.

    grid: 1 for the exact pass, more when placements were counted in multiples of it, 0 when only the Chernoff bound
    was used.
    """

    value: float
    grid: int


_passes: dict[Hashable, tuple[int, Floats]] = {}
_bounds: dict[Hashable, ChernoffBound] = {}
V = TypeVar("V")


def _remember(memory: dict[Hashable, V], key: Hashable, value: V, most: int) -> V:
    memory.pop(key, None)
    while len(memory) >= most:
        memory.pop(next(iter(memory), None), None)
    memory[key] = value
    return value


def _played(game: Game) -> Floats:
    """The p-values of a game's steps, from a pass of before where one went as far."""
    known = _passes.get(game.key)
    if known is None or known[0] < game.steps:
        known = _remember(_passes, game.key, (game.steps, game.play()), _REMEMBERED)
    return known[1]


def _p_value(game: Game, r: int) -> float:
    p = _played(game)
    return float(p[min(game.step(r), len(p) - 1)])


def _chernoff(strata: LiveStrata, tail: Tail) -> ChernoffBound:
    key = strata.key, tail
    return _bounds.get(key) or _remember(_bounds, key, ChernoffBound(strata, tail), 2)


def _live(population: Integers, tested: Integers, failed: Integers, tail: Tail) -> LiveStrata | None:
    live = (tested > 0) & (tested < population)
    if not live.any():
        return None
    N, n = population[live], tested[live]
    return LiveStrata(N, n, failed[live], design_scores(N, n, _EXPONENT[tail]))


def _affordable(strata: LiveStrata, tail: Tail, largest: int, budget: int) -> Game | None:
    """The finest game within the budget; None where it would be too coarse to say anything."""
    grid = 1
    while budget > 0 and loss(strata, grid) <= _USELESS * largest:
        game = Game(strata, tail, largest, grid)
        cost = game.cost
        if cost <= budget:
            return game
        del game  # it is large, and the next one is made before this name is given away
        grid = max(grid + 1, math.ceil(grid * math.sqrt(cost / budget)))
    return None


def _closed(strata: LiveStrata, tail: Tail, budget: int) -> Callable[[Integers], Floats] | None:
    """The p-values of any numbers of unseen failures, where they have a closed form."""
    room = int(strata.untested.sum())
    if tail == "few" and strata.observed == 0:
        return lambda r: worst_case_without_failures(strata, r)
    if (strata.failed == strata.tested).all():
        # The same with passes for failures: so many fail unseen that room − r pass unseen.
        return lambda r: np.ones(r.shape) if tail == "few" else worst_case_without_failures(strata, room - r)
    if len(strata) > 1 or budget == 0 or room * room * strata.observed <= _SMALL:
        return None
    N, n, x = (int(a[0]) for a in (strata.population, strata.tested, strata.failed))
    if tail == "few":
        return lambda r: hypergeometric_tails(x, x + r, n, N)[0]
    return lambda r: hypergeometric_tails(x - 1, x + r, n, N)[1]


@dataclass(frozen=True)
class _Levels:
    """The level a p-value must reach for M failures not to be refuted: `at(M)`, nowhere below `least`.

    `at` may fall, and falls suddenly only after M = `turn`, if anywhere.
    """

    least: float
    at: Callable[[Integers], Floats]
    turn: int = -1

    @property
    def rough(self) -> float:
        """The level for bounds that are looked at first, and must not refute more than `kept` does; positive."""
        return max(self.least - TIE, TIE * TIE)

    def reached(self, game: Game, certain: int, largest: int) -> Integers:
        """Numbers of unseen failures up to `largest` that a game does not refute, with the first and the last of them."""
        p = _played(game)
        steps = np.arange(min(game.steps + 1, len(p)))
        r = np.clip(np.append(game.edge(steps), self.turn + 1 - certain), 0, largest)
        p = np.append(p[steps], _p_value(game, int(r[-1])))
        return np.sort(r[self._kept(p, certain + r)])

    def last(self, p: Callable[[Integers], Floats], certain: int, room: int) -> int:
        """The largest r ≤ `room` that is not refuted, for p-values that fall from 1."""
        low, high = 0, room  # `low` is not refuted, all above `high` are
        together = _TRIED if room > LISTED else LISTED
        while low < high:
            r = np.unique(np.linspace(low + 1, high, num=min(high - low, together)).astype(np.int64))
            kept = self._kept(p(r), certain + r)
            refuted = int(np.argmin(kept)) if not kept.all() else len(r)
            low, high = int(r[refuted - 1]) if refuted else low, int(r[refuted]) - 1 if refuted < len(r) else high
        return low

    def first(self, p: Callable[[Integers], Floats], certain: int, room: int) -> int:
        """The smallest r ≤ `room` that is not refuted, for p-values that rise to 1 at `room`."""
        turn = self.turn - certain
        if 0 <= turn < room:
            found = self._first(p, certain, 0, turn + 1)
            return found if found <= turn else self._first(p, certain, turn + 1, room)
        return self._first(p, certain, 0, room)

    def _first(self, p: Callable[[Integers], Floats], certain: int, low: int, high: int) -> int:
        """The smallest r from `low` that is not refuted, `high` if none below it is."""
        while low < high:
            r = np.unique(np.linspace(low, high - 1, num=min(high - low, _TRIED)).astype(np.int64))
            kept = self._kept(p(r), certain + r)
            found = int(np.argmax(kept)) if kept.any() else len(r)
            low, high = int(r[found - 1]) + 1 if found else low, int(r[found]) if found < len(r) else high
        return low

    def _kept(self, p: Floats, M: Integers) -> NDArray[np.bool_]:
        return np.asarray(p >= self.at(M) - TIE)


def _constant(level: float) -> _Levels:
    return _Levels(level, lambda M: np.full(len(M), level))


def _most_unseen(strata: LiveStrata, levels: _Levels, certain: int, budget: int) -> Finding:
    """The largest number of unseen failures that is not refuted."""
    room = int(strata.untested.sum())
    closed = _closed(strata, "few", budget)
    if closed is not None:
        return Finding(levels.last(closed, certain, room), 1)
    if budget >= BUDGET and room * room * strata.observed <= _SMALL:
        rough = room
    else:
        rough = _chernoff(strata, "few").limit(levels.rough)
    game = _affordable(strata, "few", rough, budget)
    if game is None:
        return Finding(rough, 0)
    return _found(int(levels.reached(game, certain, rough)[-1]), game, rough)


def _found(limit: int, game: Game, rough: int) -> Finding:
    """A limit of the game, or Chernoff's where a coarse game does no better."""
    by_chernoff = game.grid > 1 and limit == rough
    return Finding(limit, 0 if by_chernoff else game.grid)


def _fewest_unseen(strata: LiveStrata, levels: _Levels, certain: int, budget: int) -> Finding:
    """The smallest number of unseen failures that is not refuted."""
    if strata.observed == 0:
        return Finding(0, 1)
    room = int(strata.untested.sum())
    closed = _closed(strata, "many", budget)
    if closed is not None:
        return Finding(levels.first(closed, certain, room), 1)
    if budget >= BUDGET and room * room * strata.observed <= _SMALL:
        rough = 0
    else:
        rough = _chernoff(strata, "many").limit(levels.rough)
    expected = int(strata.failed @ (strata.population / strata.tested - 1.0))
    largest = rough + max(8, (expected - rough) // 5)
    while True:
        largest = min(largest, room)
        game = _affordable(strata, "many", largest, budget)
        if game is None:
            return Finding(rough, 0)
        possible = levels.reached(game, certain, largest)
        if len(possible):
            return _found(max(int(possible[0]), rough), game, rough)
        largest += 1 + (largest - rough)


def _most(population: Integers, tested: Integers, failed: Integers, levels: _Levels, budget: int) -> Finding:
    certain = int(failed.sum()) + int(population[tested == 0].sum())
    strata = _live(population, tested, failed, "few")
    if strata is None:
        return Finding(certain, 1)
    unseen = _most_unseen(strata, levels, certain, budget)
    return replace(unseen, value=certain + unseen.value)


def _fewest(population: Integers, tested: Integers, failed: Integers, levels: _Levels, budget: int) -> Finding:
    certain = int(failed.sum())
    strata = _live(population, tested, failed, "many")
    if strata is None:
        return Finding(certain, 1)
    unseen = _fewest_unseen(strata, levels, certain, budget)
    return replace(unseen, value=certain + unseen.value)


def most_failures(
    population: Integers, tested: Integers, failed: Integers, level: float, *, budget: int = BUDGET
) -> Finding:
    """Upper limit of M at one-sided `level`, in (0, 1): the largest M not refuted.

    Arrays of shape (H,), 0 ≤ failed ≤ tested ≤ population. Units of strata without a test may all have failed.
    """
    return _most(population, tested, failed, _constant(level), budget)


def fewest_failures(
    population: Integers, tested: Integers, failed: Integers, level: float, *, budget: int = BUDGET
) -> Finding:
    """Lower limit of M at one-sided `level`, in (0, 1): the smallest M not refuted. Arguments as `most_failures`."""
    return _fewest(population, tested, failed, _constant(level), budget)


def uneven_limits(
    population: Integers, tested: Integers, failed: Integers, alpha: float, *, budget: int = BUDGET
) -> tuple[Finding, Finding]:
    """Both limits of M at confidence 1 − alpha, alpha shared between the sides according to M; arguments as above.

    Let M* be the upper limit, at level 0.9·alpha, of a sample of this design without a failure. Up to M* nothing is
    refuted from above, so the lower side may spend all of alpha; beyond, the upper side spends
    alpha·(½ + 0.4·√(M*/M)) and the lower side the rest. At every M the two add up to alpha, and M* depends on the
    design alone: coverage is at least 1 − alpha.
    """
    star = int(most_failures(population, tested, np.zeros_like(failed), 0.9 * alpha, budget=budget).value)

    def above(M: Integers) -> Floats:
        return np.asarray(alpha * (0.5 + 0.4 * np.sqrt(star / np.maximum(M, max(star, 1)))))

    def below(M: Integers) -> Floats:
        return np.where(star >= M, alpha, alpha - above(M))

    most = _most(population, tested, failed, _Levels(0.5 * alpha, above), budget)
    fewest = _fewest(population, tested, failed, _Levels(0.1 * alpha, below, star), budget)
    return fewest, replace(most, value=max(most.value, star))


def p_value_at_most(
    population: Integers, tested: Integers, failed: Integers, failures: int, *, budget: int = BUDGET
) -> Finding:
    """P-value of "at most `failures` failures in the population" against "more"; small: too many were found."""
    unseen = failures - int(failed.sum())
    if unseen < 0:
        return Finding(0.0, 1)
    strata = _live(population, tested, failed, "many")
    if strata is None or strata.observed == 0:
        return Finding(1.0, 1)
    unseen = min(unseen, int(strata.untested.sum()))
    return _smaller_p(strata, "many", unseen, budget)


def p_value_at_least(
    population: Integers, tested: Integers, failed: Integers, failures: int, *, budget: int = BUDGET
) -> Finding:
    """P-value of "at least `failures` failures in the population" against "fewer"; small: too few were found."""
    unseen = failures - int(failed.sum()) - int(population[tested == 0].sum())
    if unseen <= 0:
        return Finding(1.0, 1)
    strata = _live(population, tested, failed, "few")
    if strata is None or unseen > int(strata.untested.sum()):
        return Finding(0.0, 1)
    return _smaller_p(strata, "few", unseen, budget)


def _smaller_p(strata: LiveStrata, tail: Tail, unseen: int, budget: int) -> Finding:
    closed = _closed(strata, tail, budget)
    if closed is not None:
        return Finding(float(closed(np.array([unseen]))[0]), 1)
    if budget >= BUDGET and unseen * unseen * strata.observed <= _SMALL:
        return Finding(_p_value(Game(strata, tail, unseen), unseen), 1)
    bound = _chernoff(strata, tail).p_value(unseen)
    if bound >= 1.0:  # far from refuted either way: not worth much work
        budget = min(budget, BUDGET // 20)
    game = None if bound < _SETTLED else _affordable(strata, tail, unseen, budget)
    if game is None:
        return Finding(bound, 0)
    p = _p_value(game, unseen)
    return Finding(p, game.grid) if game.grid == 1 or p <= bound else Finding(bound, 0)
