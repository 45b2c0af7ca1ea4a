"""Teams: the exchange algorithm against every possible assignment, and against scipy's maximum flow."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampler.stats.teams import balanced_teams, filling


@st.composite
def problems(draw, visits=5, people=5):
    """(eligible, size, most, previous, order), small enough for brute force."""
    v, i = draw(st.integers(1, visits)), draw(st.integers(2, people))
    eligible = np.array(
        draw(st.lists(st.lists(st.sampled_from([True, True, False]), min_size=i, max_size=i), min_size=v, max_size=v))
    )
    previous = np.array(draw(st.lists(st.lists(st.booleans(), min_size=i, max_size=i), min_size=v, max_size=v)))
    most = np.array(draw(st.lists(st.integers(0, 5), min_size=i, max_size=i)))
    order = np.random.default_rng(draw(st.integers(0, 2**32))).integers(0, 2**60, (v, i))
    return eligible, draw(st.integers(1, 3)), most, previous, order


def all_loads(eligible, size, most, previous=None, allowed=None):
    """Every load vector that teams can have, sorted from the largest, by trying all teams."""
    people = eligible.shape[1]
    choices = [
        [
            c
            for c in combinations(np.flatnonzero(row), size)
            if previous is None or previous[v, list(c)].sum() <= allowed[v]
        ]
        for v, row in enumerate(eligible)
    ]
    found = set()
    for teams in product(*choices):
        loads = np.bincount(np.concatenate(teams), minlength=people)
        if (loads <= most).all():
            found.add(tuple(sorted(loads.tolist(), reverse=True)))
    return found


@given(problems())
@settings(deadline=None, max_examples=80)
def test_loads_are_the_best_of_all_assignments(problem):
    eligible, size, most, previous, order = problem
    assume(all_loads(eligible, size, most))
    teams = balanced_teams(eligible, size=size, most=most, previous=previous, order=order)
    reachable = all_loads(eligible, size, most, previous, teams.allowed)
    loads = tuple(sorted(teams.loads.tolist(), reverse=True))
    assert loads == min(reachable)  # the maximum first, then the next
    assert sum(n * n for n in loads) == min(sum(n * n for n in other) for other in reachable)


@given(problems())
@settings(deadline=None, max_examples=80)
def test_last_teams_are_parted_where_any_assignment_parts_them(problem):
    eligible, size, most, previous, order = problem
    assume(all_loads(eligible, size, most))
    unavoidable = np.maximum(1, size - (eligible & ~previous).sum(axis=1))
    teams = balanced_teams(eligible, size=size, most=most, previous=previous, order=order)
    assert (teams.allowed >= unavoidable).all()
    assert ((teams.members & previous).sum(axis=1) <= teams.allowed).all()
    if all_loads(eligible, size, most, previous, unavoidable):
        assert (teams.allowed == unavoidable).all()


@given(problems())
@settings(deadline=None, max_examples=80)
def test_teams_exist_exactly_where_the_flow_says_so(problem):
    eligible, size, most, previous, order = problem
    full = filling(eligible, size=size, most=most).places == size * len(eligible)
    assert full == bool(all_loads(eligible, size, most))
    if full:
        teams = balanced_teams(eligible, size=size, most=most, previous=previous, order=order)
        assert (teams.members <= eligible).all()
        assert (teams.members.sum(axis=1) == size).all()
        assert (teams.loads <= most).all()
    else:
        with pytest.raises(ValueError, match="no teams exist within most, but got"):
            balanced_teams(eligible, size=size, most=most, previous=previous, order=order)


@given(problems())
@settings(deadline=None, max_examples=60)
def test_a_cut_proves_the_shortage(problem):
    eligible, size, most, _, _ = problem
    found = filling(eligible, size=size, most=most)
    missing = size * len(eligible) - found.places
    tight = eligible[found.visits]
    needed = size * len(tight) - tight[:, ~found.members].sum()
    assert missing == (needed - most[found.members].sum() if missing else 0)


@pytest.mark.parametrize("with_previous", [False, True])
def test_loads_of_a_city_are_the_best_for_every_bound(with_previous):
    """Σ min(load, c) reaches the maximum flow within c for every c: no other loads are evener anywhere."""
    rng = np.random.default_rng(20261001)
    district, home = rng.integers(0, 4, 150), np.arange(30) % 4
    eligible = (district[:, None] == home) & (rng.random((150, 30)) < 0.7)
    eligible[:, :8] |= district[:, None] == home[:8]  # two in every district go anywhere there
    previous = eligible & (rng.random(eligible.shape) < 0.3) if with_previous else np.zeros_like(eligible)
    order = rng.integers(0, 2**60, eligible.shape)
    teams = balanced_teams(eligible, size=2, most=np.full(30, 150), previous=previous, order=order)
    for bound in range(int(teams.loads.max()) + 1):
        best = filling(eligible, size=2, most=bound, previous=previous, allowed=teams.allowed)
        assert np.minimum(teams.loads, bound).sum() == best.places


def test_one_visit_is_freed_of_the_rule_where_bounds_leave_no_other_way():
    # Both must go twice, so the second visit, whose last team they were, gets them again.
    eligible = np.ones((2, 3), dtype=bool)
    previous = np.array([[False, False, False], [True, True, False]])
    teams = balanced_teams(eligible, size=2, most=[2, 2, 0], previous=previous, order=np.zeros((2, 3), dtype=np.uint64))
    assert teams.loads.tolist() == [2, 2, 0]
    assert teams.allowed.tolist() == [1, 2]


def test_among_equals_the_visits_own_order_decides():
    order = np.array([[3, 1, 0, 2], [0, 1, 2, 3]])
    teams = balanced_teams(np.ones((2, 4), dtype=bool), size=2, most=[9] * 4, previous=np.zeros((2, 4)), order=order)
    assert np.flatnonzero(teams.members[0]).tolist() == [1, 2]
    assert np.flatnonzero(teams.members[1]).tolist() == [0, 3]


def test_no_visits_and_no_people():
    assert filling(np.zeros((2, 0), dtype=bool), size=2, most=0).places == 0
    teams = balanced_teams(
        np.zeros((0, 3), dtype=bool), size=2, most=[1] * 3, previous=np.zeros((0, 3)), order=np.zeros((0, 3))
    )
    assert teams.loads.tolist() == [0, 0, 0]
