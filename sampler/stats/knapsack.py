"""The core of a separable convex knapsack: which integer sizes can still beat a known solution.

A Lagrangian bound splits into strata: a solution's distance from it is the sum of the losses of its sizes, each
known and not negative, plus the price of the resource it leaves unused. A size that alone loses more than the
best known distance belongs to no better solution. What remains, the core (Balas and Zemel 1980), is small enough
for dynamic programming over undominated pairs of resource used and loss (Nemhauser and Ullmann 1969).

E. Balas, E. Zemel (1980), An algorithm for large zero-one knapsack problems, *Operations Research* 28,
1130-1154. G. L. Nemhauser, Z. Ullmann (1969), Discrete dynamic programming and capital allocation, *Management
Science* 15, 494-505.
"""

from __future__ import annotations

import numpy as np

from sampler.stats.allocation import FloatArray, IntArray

# Effort of one search: options of all strata × states kept. Strata beyond it stay at their Lagrangian sizes.
MAX_WORK = 40_000_000


class Core:
    """The sizes that a better solution may still have, near the Lagrangian ones.

    ``loss_h(n) = a_h²/n + value c_h n``, less its minimum, which `base` attains.
    """

    def __init__(
        self, a: FloatArray, price: FloatArray, value: float, base: IntArray, low: IntArray, high: IntArray
    ) -> None:
        self.a, self.price, self.value = a, price, value
        self.base, self.low, self.high = base, low, high

    def search(
        self, use_price: FloatArray | None, *, room: float, slack_price: float, distance: float, width: int
    ) -> tuple[IntArray | None, bool]:
        """Look for sizes closer to the bound than `distance`; say whether none can have been missed.

        The resource a unit uses is money (`use_price`) or, if that is None, variance; `room` is what `base`
        leaves of it (negative if it uses too much), and leaving some unused costs `slack_price` a unit.
        """
        options, complete = self._options(distance, width)
        uses, losses = [], []
        for h, sizes in options:
            base = float(self.base[h])
            spent = self.a[h] ** 2 / sizes - self.a[h] ** 2 / base
            money = self.price[h] * (sizes - base)
            uses.append(spent if use_price is None else money)
            losses.append(np.maximum(spent + self.value * money, 0.0))
        least = np.concatenate(([0.0], np.cumsum([u.min() for u in uses[::-1]])))[::-1]
        most = np.concatenate(([0.0], np.cumsum([u.max() for u in uses[::-1]])))[::-1]
        used, lost = np.zeros(1), np.zeros(1)
        steps: list[tuple[IntArray, IntArray]] = []
        for i, (use, loss) in enumerate(zip(uses, losses, strict=True)):
            new_used = np.add.outer(used, use).ravel()
            new_lost = np.add.outer(lost, loss).ravel()
            unused = np.maximum(room - new_used - most[i + 1], 0.0)
            alive = (new_used + least[i + 1] <= room) & (new_lost + slack_price * unused < distance)
            keep = np.flatnonzero(alive)
            keep = keep[_undominated(new_used[keep], new_lost[keep] - slack_price * new_used[keep])]
            if keep.size > width:
                complete = False
                keep = np.sort(keep[np.argsort(new_lost[keep], kind="stable")[:width]])
            if keep.size == 0:
                return None, complete
            steps.append((keep // use.size, keep % use.size))
            used, lost = new_used[keep], new_lost[keep]
        if not steps:
            return None, complete
        state = int(np.argmin(lost + slack_price * (room - used)))
        found = self.base.copy()
        for (h, sizes), (parent, choice) in zip(options[::-1], steps[::-1], strict=True):
            found[h] = int(sizes[choice[state]])
            state = int(parent[state])
        return found, complete

    def _options(self, distance: float, width: int) -> tuple[list[tuple[int, FloatArray]], bool]:
        """List per stratum the sizes that lose less than `distance`, strata with the largest steps first."""
        slope = self.value * self.price
        # a²/n + slope n ≤ best + distance is a quadratic inequality in n; one more on each side for rounding.
        most = self.a**2 / self.base + slope * self.base + distance
        root = np.sqrt(np.maximum(most**2 - 4 * slope * self.a**2, 0.0))
        first = np.maximum(np.ceil((most - root) / (2 * slope)) - 1, self.low)
        last = np.minimum(np.floor((most + root) / (2 * slope)) + 1, self.high)
        first, last = np.minimum(first, self.base), np.maximum(last, self.base)
        count = last - first + 1
        # Where not all fit the effort allowed, the strata with the finest steps matter most: they fill gaps.
        order = np.argsort(slope, kind="stable")
        affordable = np.cumsum(np.where(count[order] > 1, count[order], 0)) * width <= MAX_WORK
        chosen = order[affordable & (count[order] > 1)]
        complete = bool(chosen.size == np.count_nonzero(count > 1))
        return [(int(h), np.arange(first[h], last[h] + 1)) for h in chosen[::-1]], complete


def _undominated(used: FloatArray, rest: FloatArray) -> IntArray:
    """Positions, in order of use, of the states that no other beats in both resource used and objective."""
    order = np.lexsort((rest, used))
    ranked = rest[order]
    best_before = np.concatenate(([np.inf], np.minimum.accumulate(ranked)[:-1])) if ranked.size else ranked
    return np.asarray(order[ranked < best_before], dtype=np.int64)
