"""The worst case over every way the failures can lie in the strata, bounded by one pass of dynamic programming.

Wendell & Schmee (1996, JASA 91:825-831) test "M failures in all" by the largest probability that any division of M
over the strata gives to a result as extreme as the one seen. That maximum is bounded here by letting an adversary
place the failures stratum after stratum, looking at what the sample showed in the strata already played. An adversary
who may look does at least as well as one who may not, so the bound is never too small.

Everything here speaks of *live* strata, those with 0 < tested < population; r counts the failures among their
untested units, and the score of a sample is S = Σ score_h · X_h with whole-number scores.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sampler.stats.hypergeometric import hypergeometric_table

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.int64]

Tail = Literal["few", "many"]
"""`few`: P(S ≤ s), which limits M from above. `many`: P(S ≥ s), which limits M from below."""

NEGLIGIBLE = 1e-10
"""Values of the game below this are not followed up. A stage averages the values before it, so a pass of H strata loses
at most H times as much, and values so small belong to totals far from those that decide; the enumerations of the tests
and of ``benchmarks/coverage.py`` are passed with it."""

_VANISHING = 1e-15
_SINGLE_FROM = 30_000_000
"""Comparisons from which a pass runs in single precision, its rounding errors (some 1e-4 of a p-value) added on."""

_BATCH = 16
_PRODUCT = 260_000
"""Multiplications of one matrix product: small enough to stay on one thread."""

_SLAB = 8 * _PRODUCT
"""Multiplications of the products made in one call: enough to outweigh the call, few enough to stay in cache."""


@dataclass(frozen=True)
class LiveStrata:
    """Strata that are sampled but not exhausted: integer arrays of shape (H,), 0 < tested < population."""

    population: Integers
    tested: Integers
    failed: Integers
    scores: Integers

    @property
    def untested(self) -> Integers:
        """Units not tested, shape (H,): the room for failures that were not seen."""
        return self.population - self.tested

    @property
    def observed(self) -> int:
        """The score of the sample seen."""
        return int(self.scores @ self.failed)

    def __len__(self) -> int:
        return len(self.population)

    @property
    def key(self) -> Hashable:
        """Equal for equal strata in equal order."""
        arrays = (self.population, self.tested, self.failed, self.scores)
        return tuple(array.astype(np.int64, copy=False).tobytes() for array in arrays)


def design_scores(population: Integers, tested: Integers, exponent: float) -> Integers:
    """Whole-number scores k_h ∝ (N_h/n_h)^exponent that order the samples, shape (H,).

    They depend on the design and never on the data, which is all that validity asks of them; the resolution K grows
    with the spread of the weights, and common factors are divided out.
    """
    weight = population / tested
    resolution = np.clip(np.ceil(8 * weight.max() * tested.sum() / population.sum()), 4, 120)
    scaled = weight**exponent
    scores = np.maximum(1, np.rint(resolution * scaled / scaled.max())).astype(np.int64)
    divided: Integers = scores // np.gcd.reduce(scores)
    return divided


@dataclass(frozen=True)
class _Move:
    """One stratum in the order of play: room for `steps` placements, told apart by `width` outcomes.

    columns: the thresholds the value before this stratum is needed at. lookup[j]: for every threshold needed after
    it, the column to continue in when X = j; len(columns) stands for "lost".
    """

    stratum: int
    steps: int
    width: int
    columns: NDArray[np.int32]
    lookup: NDArray[np.int32]


def _reachable(widths: Sequence[int], scores: Sequence[int], threshold: int, tail: Tail) -> list[NDArray[np.bool_]]:
    """Which partial scores 0 … threshold the first h strata can produce, for h = 0 … H (more counts as threshold)."""
    reach = np.zeros(threshold + 1, dtype=np.bool_)
    reach[0] = True
    stages = [reach]
    for width, score in zip(widths, scores, strict=True):
        grown = reach.copy()
        for j in range(1, width):
            rest = max(0, threshold + 1 - score * j)
            grown[score * j :] |= reach[:rest]
            if tail == "many" and reach[max(0, rest - 1) :].any():
                grown[threshold] = True
        reach = grown
        stages.append(reach)
    return stages


def _moves(strata: LiveStrata, tail: Tail, grid: int, most: int) -> list[_Move]:
    """Order the strata and work out, from the last one back, which thresholds each stage has to know.

    P(S ≤ t) changes only at scores the earlier strata can reach, and only thresholds that later strata lead to are
    asked for. With a few distinct weights this leaves a small part of 0 … threshold.
    """
    # ties are broken by the counts, so that the order in which strata are listed changes nothing
    order = np.lexsort((strata.failed, strata.tested, strata.population, strata.scores)).tolist()
    scores = strata.scores[order].tolist()
    threshold = strata.observed
    enough = [threshold // k if tail == "few" else -(-threshold // k) for k in scores]
    widths = [min(int(strata.tested[h]), e) + 1 for h, e in zip(order, enough, strict=True)]
    stages = _reachable(widths, scores, threshold, tail)
    needed = np.array([threshold], dtype=np.int32)
    moves: list[_Move] = []
    partial = np.arange(threshold + 1, dtype=np.int32)  # the tables are the largest part of a pass's memory
    for at in range(len(order) - 1, -1, -1):
        rest = needed - scores[at] * np.arange(widths[at], dtype=np.int32)[:, None]
        if tail == "few":  # lost: the score is above the threshold
            nearest = np.maximum.accumulate(np.where(stages[at], partial, np.int32(-1)))
            after = np.where(rest < 0, np.int32(-1), nearest[np.maximum(rest, 0)])
        else:  # lost: the earlier strata cannot reach the threshold any more
            reached = np.where(stages[at], partial, np.int32(threshold + 1))
            nearest = np.minimum.accumulate(reached[::-1])[::-1]
            after = nearest[np.maximum(rest, 0)]
            after[after > threshold] = -1
        asked = np.zeros(threshold + 2, dtype=np.bool_)  # the last is read by −1
        asked[after] = True
        columns = np.flatnonzero(asked[:-1]).astype(np.int32)
        place = np.cumsum(asked, dtype=np.int32) - 1
        place[-1] = len(columns)
        lookup = place[after]
        room = int(strata.untested[order[at]])
        steps = min(most, room // grid if tail == "few" else -(-room // grid)) + 1
        moves.append(_Move(order[at], steps, widths[at], columns, lookup))
        needed = columns
    return moves[::-1]


def _support(value: Floats) -> tuple[Integers, Integers]:
    """For every threshold, the range of totals r whose value matters; an empty range where none does."""
    matters = value > NEGLIGIBLE
    some = matters.any(axis=1)
    begin = np.where(some, matters.argmax(axis=1), value.shape[1])
    end = np.where(some, value.shape[1] - matters[:, ::-1].argmax(axis=1), 0)
    return begin, end


def _play(table: Floats, lookup: NDArray[np.int32], value: Floats, most: int) -> Floats:
    """One stage: the best number of failures to place in this stratum, for every threshold and every total.

    value[c, r] belongs to the strata before, its last row is zero; lookup[j, c] is the row to continue in when X = j.
    Returns the same for the strata up to this one, shape (thresholds + 1, totals). Placing a failures more shifts a
    row by a; products are written that much further on, so that one maximum over a batch serves all its shifts.
    """
    steps, width = table.shape
    rows, size = value.shape[1], lookup.shape[1]
    grown = min(rows + steps - 1, most + 1)
    kind = value.dtype
    best = np.zeros((size + 1, grown), dtype=kind)
    begin, end = _support(value)
    piece = max(_BATCH, min(rows, 16 * _BATCH, _PRODUCT // (_BATCH * width)))
    block = max(1, _SLAB // (_BATCH * width * (piece + _BATCH)))
    batches = []
    for first in range(0, steps, _BATCH):
        part = table[first : first + _BATCH]
        used = np.flatnonzero(part.max(axis=0) > _VANISHING)
        if len(used) == 0:
            break
        batches.append((first, slice(int(used[0]), int(used[-1]) + 1), part[:, used[0] : used[-1] + 1]))
    for column in range(0, size, block):
        sources = lookup[:, column : column + block]
        last = int(end[sources].max())
        for start in range(int(begin[sources].min()), last, piece):
            length = min(piece, last - start)
            stack = np.ascontiguousarray(value[sources, start : start + length]).transpose(1, 0, 2)
            buffer = np.zeros((_BATCH, len(stack), length + _BATCH), dtype=kind)
            along_rows, along_columns, one = buffer.strides
            shifted = np.lib.stride_tricks.as_strided(
                buffer, (len(stack), _BATCH, length), (along_columns, along_rows + one, one)
            )
            for first, outcomes, part in batches:
                left = grown - start - first
                if left <= 0:
                    break
                # what lies beyond the totals asked for is neither multiplied nor read
                np.matmul(part, stack[:, outcomes, :left], out=shifted[:, : len(part), :left])
                top = buffer[: len(part), :, :left].max(axis=0)
                here = start + first
                target = best[column : column + len(stack), here : here + top.shape[1]]
                np.maximum(target, top[:, : target.shape[1]], out=target)
    return best


def loss(strata: LiveStrata, grid: int) -> int:
    """How many failures counting in multiples of the grid can cost at most."""
    return int(np.minimum(strata.untested, grid - 1).sum())


class Game:
    """A pass for up to `largest` unseen failures, placed in multiples of `grid`.

    With grid > 1 the true placements are rounded in the adversary's favour: down where few failures are to be found
    (each stratum then hides up to grid − 1 more), up where many are. The bound stays guaranteed; it gives away at
    most H·(grid − 1) failures.
    """

    def __init__(self, strata: LiveStrata, tail: Tail, largest: int, grid: int = 1) -> None:
        self._strata, self._tail, self.grid = strata, tail, grid
        self._hidden = loss(strata, grid)
        self.steps = self.step(largest)
        self._moves = _moves(strata, tail, grid, self.steps)

    def step(self, r: int) -> int:
        """The step that stands for r unseen failures."""
        if self._tail == "few":
            return max(0, -(-(r - self._hidden) // self.grid))
        return (r + (self.grid - 1) * min(len(self._strata), r)) // self.grid

    def edge(self, steps: Integers) -> Integers:
        """The r of every step that is hardest to refute at equal levels: `few` the last, `many` the first."""
        if self._tail == "few":
            return self._hidden + steps * self.grid
        H = len(self._strata)
        return np.where(steps < H, steps, steps * self.grid - (self.grid - 1) * H)

    @property
    def key(self) -> Hashable:
        """Equal for passes that differ at most in how far they go."""
        return self._strata.key, self._tail, self.grid, self._kind

    @property
    def _kind(self) -> type[np.floating[Any]]:
        return np.float32 if self.cost > _SINGLE_FROM else np.float64

    @cached_property
    def cost(self) -> int:
        """Numbers the pass compares: Σ over strata of placements × totals so far × thresholds."""
        rows, cost = 1, 0
        for move in self._moves:
            cost += move.steps * rows * move.lookup.shape[1]
            rows = min(rows + move.steps - 1, self.steps + 1)
        return cost

    def _rounding(self, kind: type[np.floating[Any]]) -> float:
        """Bound on the relative error of a pass: sums of positive products, one after the other."""
        if kind is np.float64:
            return 0.0  # some 1e-13, which the tolerance of the limits covers
        return math.expm1(sum(move.width + 2 for move in self._moves) * float(np.finfo(kind).eps))

    def _table(self, move: _Move) -> Floats:
        """P(X = j) of one stratum for every placement; the last column gathers what needs no detail."""
        h = move.stratum
        strata = self._strata
        population, tested, failed = int(strata.population[h]), int(strata.tested[h]), int(strata.failed[h])
        placed = np.minimum(np.arange(move.steps, dtype=np.int64) * self.grid, population - tested)
        table = hypergeometric_table(population, tested, failed + placed, move.width)
        if self._tail == "many":
            table[:, -1] = np.maximum(0.0, 1.0 - table[:, :-1].sum(axis=1))
        return table

    def play(self) -> Floats:
        """Bounds on the p-values step by step; `step` says which is whose, `edge` what the steps cover.

        `few`: of exactly r unseen failures, falling, the last one 0 for an r that there is no room for; `many`: of at
        most r, rising.
        """
        kind = self._kind
        value: Floats = np.array([[1.0], [0.0]], dtype=kind)
        for move in self._moves:
            value = _play(self._table(move).astype(kind), move.lookup, value, self.steps)
        p: Floats = np.minimum(1.0, value[0].astype(np.float64) * (1.0 + self._rounding(kind)))
        if self._tail == "many":
            return np.asarray(np.maximum.accumulate(p))
        return np.append(np.maximum.accumulate(p[::-1])[::-1], 0.0)
