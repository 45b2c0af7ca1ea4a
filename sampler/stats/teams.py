"""Teams for visits with loads as even as possible: an exact integer algorithm, and a flow model that judges it.

Every visit takes ``size`` different members out of those eligible for it; the load of a member is the number of its
visits. The load vectors that can be reached are the bases of an integral polymatroid, so one of them is best in every
sense at once: least maximum, then least second largest, …, and least sum of squares (Federgruen & Groenevelt 1986,
Operations Research 34, 909-918). `balanced_teams` finds it as Harvey, Ladner, Lovász & Tamir (2006, J. Algorithms 59,
53-78, section 3) do for single assignments: visit after visit, each of its places goes along a shortest chain of
exchanges to the least loaded member in reach. The order of the visits and the choice among equals are the caller's,
who draws them by lot; nothing else is random, and nothing is computed in floating point.

`filling` says by a maximum flow (`scipy.sparse.csgraph.maximum_flow`) how many places can be filled when nobody's load
may pass a bound: whether teams exist at all, and, bound by bound, whether loads are as even as can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Teams:
    """Teams of visits.

    Attributes:
        members: shape (V, I), who goes where; every row has ``size`` of them.
        allowed: shape (V,), how many members of the last team each visit was allowed to see again: 1, more only where
            that could not be avoided.
    """

    members: BoolArray
    allowed: IntArray

    @property
    def loads(self) -> IntArray:
        """Visits of each member, shape (I,)."""
        loads: IntArray = self.members.sum(axis=0)
        return loads


def balanced_teams(
    eligible: npt.ArrayLike, *, size: int, most: npt.ArrayLike, previous: npt.ArrayLike, order: npt.ArrayLike
) -> Teams:
    """Teams of ``size`` eligible members for every visit, loads as even as possible.

    Args:
        eligible: shape (V, I), who may go where; rows in the order in which visits are served.
        size: members of a team, at least 1.
        most: shape (I,), the largest load of each member, 0 or more.
        previous: shape (V, I), who went there last time. No two of them go together again where that is avoidable;
            where it is not, single visits are freed of the rule, in their order, until teams exist.
        order: shape (V, I), each visit's own order of members, used to choose among equals: the lower the better.

    Returns:
        Teams whose loads, sorted, are least among all teams with the same ``allowed``: the maximum first, then the next.

    Raises:
        ValueError: no teams exist within ``most``; ask `filling` beforehand.
    """
    state = _State(
        np.asarray(eligible, dtype=bool),
        size,
        np.asarray(most, dtype=np.int64),
        np.asarray(previous, dtype=bool),
    )
    ranks = np.asarray(order)
    for visit in range(len(state.eligible)):
        for _ in range(size):
            state.fill_place(visit, ranks[visit])
    state.settle()
    return Teams(state.members, state.allowed)


class _State:
    """Teams under construction, with the exchanges that they allow.

    ``exchanges[i, j]`` counts the visits in which j could take the place of i.
    """

    def __init__(self, eligible: BoolArray, size: int, most: IntArray, previous: BoolArray) -> None:
        visits, people = eligible.shape
        self.eligible, self.size, self.most = eligible, size, most
        self.previous = previous & eligible
        fresh = (eligible & ~previous).sum(axis=1)
        self.least_allowed = np.maximum(1, size - fresh).astype(np.int64)
        self.allowed = self.least_allowed.copy()
        self.members = np.zeros_like(eligible)
        self.loads = np.zeros(people, dtype=np.int64)
        self.exchanges = np.zeros((people, people), dtype=np.int64)
        self.filled = np.zeros(visits, dtype=np.int64)

    def free(self, visit: int) -> BoolArray:
        """Who could join the visit as it is, whatever their load."""
        outside: BoolArray = self.eligible[visit] & ~self.members[visit]
        if (self.members[visit] & self.previous[visit]).sum() >= self.allowed[visit]:
            outside &= ~self.previous[visit]
        return outside

    def exchangeable(self, visit: int, member: int) -> BoolArray:
        """Who could take the member's place in the visit."""
        outside: BoolArray = self.eligible[visit] & ~self.members[visit]
        again = (self.members[visit] & self.previous[visit]).sum() - self.previous[visit, member]
        return outside & ~self.previous[visit] if again >= self.allowed[visit] else outside

    def count(self, visit: int, by: int) -> None:
        """Add (by = 1) or take away (by = -1) the visit's exchanges."""
        for member in np.flatnonzero(self.members[visit]):
            self.exchanges[member] += by * self.exchangeable(visit, int(member))

    def allow(self, visit: int, number: int) -> None:
        """Let ``number`` members of the visit's last team go together."""
        self.count(visit, -1)
        self.allowed[visit] = number
        self.count(visit, 1)

    def change(self, visit: int, leaves: int | None, joins: int) -> None:
        """Change the team of a visit."""
        self.count(visit, -1)
        if leaves is not None:
            self.members[visit, leaves] = False
            self.loads[leaves] -= 1
        self.members[visit, joins] = True
        self.loads[joins] += 1
        self.count(visit, 1)

    def reach(self, start: BoolArray) -> tuple[IntArray, IntArray]:
        """Distance in exchanges from ``start`` (-1: out of reach) and predecessor of every member."""
        distance = np.where(start, 0, -1)
        before = np.full(len(start), -1)
        frontier = np.flatnonzero(start)
        step = 0
        while len(frontier):
            step += 1
            links = self.exchanges[frontier] > 0
            new = np.flatnonzero(links.any(axis=0) & (distance < 0))
            before[new] = frontier[links[:, new].argmax(axis=0)]
            distance[new] = step
            frontier = new
        return distance, before

    def chain(self, before: IntArray, last: int) -> list[int]:
        """The members from the start of a search to ``last``."""
        found = [last]
        while before[found[-1]] >= 0:
            found.append(int(before[found[-1]]))
        return found[::-1]

    def pass_on(self, chain: list[int]) -> None:
        """Along the chain let everyone hand one visit to the next; first to last, so that each step stays possible.

        A shortest chain has no short cut, hence an exchange further on never loses its ground to one before it.
        """
        for leaves, joins in pairwise(chain):
            shared = np.flatnonzero(self.members[:, leaves] & self.eligible[:, joins] & ~self.members[:, joins])
            visit = next(int(v) for v in shared if self.exchangeable(int(v), leaves)[joins])
            self.change(visit, leaves, joins)

    def fill_place(self, visit: int, order: npt.NDArray[np.generic]) -> None:
        """Give one more place of the visit to the least loaded member in reach."""
        found = self.target(visit, order)
        if found is None:
            found = self.target_beyond_rule(visit, order)
        before, last = found
        chain = self.chain(before, last)
        self.change(visit, None, chain[0])
        self.pass_on(chain)

    def target(self, visit: int, order: npt.NDArray[np.generic]) -> tuple[IntArray, int] | None:
        """The least loaded member that the visit reaches; of several the nearest, then the first in its order."""
        distance, before = self.reach(self.free(visit))
        ready = np.flatnonzero((distance >= 0) & (self.loads < self.most))
        if not len(ready):
            return None
        return before, int(ready[np.lexsort((order[ready], distance[ready], self.loads[ready]))[0]])

    def target_beyond_rule(self, visit: int, order: npt.NDArray[np.generic]) -> tuple[IntArray, int]:
        """As `target`, with visits freed of the rule about last teams one after another until somebody is in reach."""
        for other in (visit, *range(visit)):
            if self.allowed[other] < self.previous[other].sum():
                self.allow(other, self.size)
                found = self.target(visit, order)
                if found:
                    return found
        raise ValueError(f"no teams exist within most, but got {self.most.tolist()!r}")

    def settle(self) -> None:
        """Bind visits by the rule again that do not need their freedom, and even out what it left uneven."""
        for visit in np.flatnonzero(self.allowed > self.least_allowed):
            again = int((self.members[visit] & self.previous[visit]).sum())
            self.allow(int(visit), max(again, int(self.least_allowed[visit])))
        while self.shift():
            pass

    def shift(self) -> bool:
        """Move one visit from a member to another with at least two fewer; whether there was one to move."""
        for member in np.argsort(-self.loads, kind="stable"):
            start = np.zeros(len(self.loads), dtype=bool)
            start[member] = True
            distance, before = self.reach(start)
            ready = (distance >= 0) & (self.loads < self.most) & (self.loads <= self.loads[member] - 2)
            if ready.any():
                places = np.flatnonzero(ready)
                last = int(places[np.lexsort((distance[places], self.loads[places]))[0]])
                self.pass_on(self.chain(before, last))
                return True
        return False


@dataclass(frozen=True, eq=False)
class Filling:
    """How far the places of teams can be filled.

    Attributes:
        places: the most places that can be filled at once.
        visits: shape (V,), the visits that compete for too few members (a minimum cut); none where all can be filled.
        members: shape (I,), the members they compete for, each at their bound.
    """

    places: int
    visits: BoolArray
    members: BoolArray


def filling(
    eligible: npt.ArrayLike,
    *,
    size: int,
    most: npt.ArrayLike,
    previous: npt.ArrayLike | None = None,
    allowed: npt.ArrayLike | None = None,
) -> Filling:
    """The most places of all teams that can be filled within the bounds: a maximum flow and its cut.

    The flow goes from the source over visits (``size`` each) and members (``most`` each) to the sink, one unit at most from
    a visit to a member; the members of a visit's last team are reached over a node of their own that passes ``allowed``.
    Visits with the same possibilities share a node.

    Args:
        eligible: shape (V, I), who may go where.
        size: members of a team.
        most: shape (I,) or a single number, the largest load of each member.
        previous: shape (V, I), who went there last time; together with ``allowed``, shape (V,).
    """
    can = np.asarray(eligible, dtype=bool)
    visits, people = can.shape
    last = np.zeros_like(can) if previous is None else np.asarray(previous, dtype=bool) & can
    limit = np.zeros(visits, dtype=np.int64) if allowed is None else np.asarray(allowed, dtype=np.int64)
    limit = np.where(last.any(axis=1), limit, 0)
    marks = np.column_stack([np.packbits(can, axis=1), np.packbits(last, axis=1), limit.astype(np.uint8)])
    _, first, kind, counts = np.unique(marks, axis=0, return_index=True, return_inverse=True, return_counts=True)
    places, tight_kinds, members = _cut(
        (can & ~last)[first],
        last[first],
        limit[first],
        counts.astype(np.int64),
        size,
        np.broadcast_to(np.asarray(most, dtype=np.int64), people),
    )
    return Filling(places, tight_kinds[kind.reshape(-1)], members)


def _cut(
    fresh: BoolArray, again: BoolArray, limit: IntArray, counts: IntArray, size: int, most: IntArray
) -> tuple[int, BoolArray, BoolArray]:
    """Value of the maximum flow for kinds of visits, ``counts`` of each, and the kinds and members on the source's side."""
    from scipy.sparse import coo_array, csr_array
    from scipy.sparse.csgraph import breadth_first_order, maximum_flow

    kinds, people = fresh.shape
    # nodes: source, kinds of visits, their last teams, members, sink
    visit, team, member, sink = 1, 1 + kinds, 1 + 2 * kinds, 1 + 2 * kinds + people
    kind, person = np.arange(kinds), np.arange(people)
    fresh_kind, fresh_member = np.nonzero(fresh)
    again_kind, again_member = np.nonzero(again)
    arcs = (
        (0 * kind, visit + kind, size * counts),
        (visit + kind, team + kind, limit * counts),
        (visit + fresh_kind, member + fresh_member, counts[fresh_kind]),
        (team + again_kind, member + again_member, counts[again_kind]),
        (member + person, np.full(people, sink), np.minimum(most, counts.sum())),
    )
    tails, heads, capacities = (np.concatenate(parts) for parts in zip(*arcs, strict=True))
    graph = csr_array(coo_array((capacities.astype(np.int32), (tails, heads)), shape=(sink + 1, sink + 1)))
    found = maximum_flow(graph, 0, sink)
    residual = csr_array(graph - found.flow)
    residual.eliminate_zeros()
    reached = np.zeros(sink + 1, dtype=bool)
    reached[breadth_first_order(residual, 0, return_predecessors=False)] = True
    return int(found.flow_value), reached[visit:team], reached[member:sink]
