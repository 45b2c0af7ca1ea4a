"""Teams of inspectors: the rules, the balance, the lot, and what is said when there are no teams."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.assignment import NOWHERE, Inspector, Visit, assign
from sampler.config import load_design
from sampler.errors import InfeasibleError
from sampler.stats.tickets import ticket

WINDOW = (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
CATEGORIES = ("building", "children", "food")
DISTRICTS = ("440104", "440111")


def visit(number, district="440104", categories=("food",), **more):
    code = f"92440104XN{number:08d}"
    return Visit(f"V{number:04d}", code, code, f"商行{number}", district, frozenset(categories), **more)


def inspector(number, district="440104", **more):
    return Inspector(f"{number:03d}", f"检查员{number}", district, **more)


def draw(visits, inspectors, seed="20261008", **more):
    return assign(visits, inspectors, seed=seed, window=WINDOW, **more)


some_categories = st.frozensets(st.sampled_from(CATEGORIES), min_size=1)
some_dates = st.dates(dt.date(2026, 9, 1), dt.date(2027, 1, 31))


@st.composite
def cities(draw, visits=5, people=6):
    """Visits and inspectors under every rule."""
    many = draw(st.integers(2, people))
    staff = [
        inspector(
            n,
            draw(st.sampled_from((*DISTRICTS, None, None))),
            categories=draw(st.one_of(st.just(frozenset()), some_categories)),
            valid_until=draw(st.one_of(st.none(), some_dates)),
            recused=draw(st.frozensets(st.sampled_from(["商行1", "92440104XN00000002"]), max_size=1)),
            leave=tuple(
                (d, d + dt.timedelta(days=n))
                for d, n in draw(st.lists(st.tuples(some_dates, st.integers(0, 99)), max_size=2))
            ),
            maximum=draw(st.one_of(st.none(), st.integers(1, 5))),
        )
        for n in range(many)
    ]
    places = [
        visit(
            n,
            draw(st.sampled_from(DISTRICTS)),
            draw(some_categories),
            previous=draw(st.frozensets(st.sampled_from([p.id for p in staff]), max_size=2)),
        )
        for n in range(draw(st.integers(1, visits)))
    ]
    return places, staff


def may_go(person, place):
    """The rules, written down a second time."""
    days = {WINDOW[0] + dt.timedelta(days=n) for n in range((WINDOW[1] - WINDOW[0]).days + 1)}
    for first, last in person.leave:
        days -= {d for d in days if first <= d <= last}
    return (
        person.district in (None, place.district)
        and (not person.categories or place.categories <= person.categories)
        and (person.valid_until is None or person.valid_until >= WINDOW[1])
        and bool(days)
        and not person.recused & {place.code, place.name}
    )


def best_loads(places, staff, *, parted):
    """The least sorted loads of all assignments, by trying all; None where there is none."""
    choices = [
        [
            pair
            for pair in combinations([p for p in staff if may_go(p, v)], 2)
            if not parted or not {p.id for p in pair} <= v.previous
        ]
        for v in places
    ]
    best = None
    for teams in product(*choices):
        loads = Counter(p.id for pair in teams for p in pair)
        if all(p.maximum is None or loads[p.id] <= p.maximum for p in staff):
            key = sorted((loads[p.id] for p in staff), reverse=True)
            best = key if best is None else min(best, key)
    return best


@given(cities())
@settings(deadline=None, max_examples=50)
def test_the_rules_hold_and_loads_are_the_best_there_are(city):
    places, staff = city
    best = best_loads(places, staff, parted=False)
    if best is None:
        with pytest.raises(InfeasibleError):
            draw(places, staff)
        return
    found = draw(places, staff)
    by_id = {p.id: p for p in staff}
    assert set(found.teams) == {v.id for v in places}
    for place in places:
        team = found.teams[place.id]
        assert len(set(team)) == 2
        assert all(may_go(by_id[i], place) for i in team)
        assert (place.id in found.repeats) == (set(team) <= place.previous)
    assert found.loads == {p.id: sum(p.id in team for team in found.teams.values()) for p in staff}
    assert all(p.maximum is None or found.loads[p.id] <= p.maximum for p in staff)
    if parted_best := best_loads(places, staff, parted=True):
        assert not found.repeats
        assert sorted(found.loads.values(), reverse=True) == parted_best


@given(cities(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_the_order_of_rows_changes_nothing(city, random):
    places, staff = city
    try:
        found = draw(places, staff)
    except InfeasibleError as error:
        message = error.message("en")
        with pytest.raises(InfeasibleError) as again:
            draw(random.sample(places, len(places)), random.sample(staff, len(staff)))
        assert again.value.message("en") == message
        return
    assert draw(random.sample(places, len(places)), random.sample(staff, len(staff))) == found


def quarter(visits=80, people=10, seed=5):
    """A district's quarter with mixed qualifications, always feasible."""
    random = Random(seed)
    places = [visit(n, categories=random.sample(CATEGORIES, random.choice([1, 1, 1, 2]))) for n in range(visits)]
    scopes = [(), (), (), ("food",), ("food", "children"), ("building", "food")]
    staff = [inspector(n, categories=frozenset(scopes[n % 6])) for n in range(people)]
    return places, staff


def test_seeds_give_different_teams():
    places, staff = quarter()
    one, two = draw(places, staff, seed="a"), draw(places, staff, seed="b")
    assert sum(one.teams[v.id] != two.teams[v.id] for v in places) > 60
    assert draw(places, staff, seed="a") == one


def test_every_pair_of_equals_has_the_same_chance():
    """Chi-squared over the 15 pairs of six equals, 200 seeds × 6 visits: within the 99.9% point of 14 degrees (36.1)."""
    staff = [inspector(n) for n in range(6)]
    places = [visit(n) for n in range(6)]
    pairs = Counter(
        frozenset(team) for seed in range(200) for team in draw(places, staff, seed=str(seed)).teams.values()
    )
    expected = 200 * 6 / 15
    assert len(pairs) == 15
    assert sum((n - expected) ** 2 / expected for n in pairs.values()) < 36.1


def test_the_leader_is_drawn_too():
    staff = [inspector(n) for n in range(2)]
    leaders = Counter(draw([visit(1)], staff, seed=str(s)).teams["V0001"][0] for s in range(100))
    assert min(leaders.values()) > 30  # two-sided 99.99% range of a fair coin: 31 … 69


def test_loads_differ_by_one_at_most_among_equals():
    found = draw([visit(n) for n in range(77)], [inspector(n) for n in range(9)])
    assert set(found.loads.values()) == {17, 18}
    assert sum(found.loads.values()) == 154


def test_specialists_spare_the_others():
    """Whoever can do food only does food, so that the others are free for what only they can do."""
    staff = [inspector(n, categories=frozenset({"food"} if n < 4 else CATEGORIES)) for n in range(6)]
    places = [visit(n, categories=["food"]) for n in range(20)] + [
        visit(n, categories=["building"]) for n in range(20, 30)
    ]
    found = draw(places, staff)
    assert [found.loads[f"{n:03d}"] for n in range(6)] == [10] * 6


def test_a_team_of_three_and_a_lone_inspector():
    found = draw([visit(n) for n in range(8)], [inspector(n) for n in range(4)], team=3)
    assert {len(set(t)) for t in found.teams.values()} == {3}
    assert set(found.loads.values()) == {6}
    assert set(map(len, draw([visit(1)], [inspector(1)], team=1).teams.values())) == {1}


def test_leave_for_a_part_of_the_quarter_keeps_nobody_out():
    early, late = (dt.date(2026, 9, 1), dt.date(2026, 11, 15)), (dt.date(2026, 11, 16), dt.date(2027, 1, 5))
    staff = [inspector(1), inspector(2), inspector(3, leave=(early,))]
    assert draw([visit(n) for n in range(3)], staff).loads == {"001": 2, "002": 2, "003": 2}
    away = [*staff[:2], replace(staff[2], leave=(late, early))]
    assert draw([visit(n) for n in range(3)], away).loads["003"] == 0
    nearly = [*staff[:2], replace(staff[2], leave=(early, (dt.date(2026, 11, 17), WINDOW[1])))]
    assert draw([visit(n) for n in range(3)], nearly).loads["003"] == 2


def test_a_certificate_must_hold_to_the_last_day():
    staff = [inspector(1), inspector(2), inspector(3, valid_until=WINDOW[1])]
    assert draw([visit(n) for n in range(3)], staff).loads["003"] == 2
    lapsed = [*staff[:2], replace(staff[2], valid_until=WINDOW[1] - dt.timedelta(days=1))]
    assert draw([visit(n) for n in range(3)], lapsed).loads["003"] == 0


@pytest.mark.parametrize(
    "entry",
    [
        "广州（恒源）商行",
        "广州(恒源) 商行",
        "92440104xn00000001",
        " ９２440104XN00000001",
        "name=恒源@440104",
    ],
)
def test_recusals_by_code_or_name_however_typed(entry):
    place = Visit("V1", "name=恒源@440104", "92440104XN00000001", "广州(恒源)商行", "440104", frozenset({"food"}))
    staff = [inspector(1), inspector(2), inspector(3, recused=frozenset({entry}))]
    assert all("003" not in draw([place], staff, seed=str(s)).teams["V1"] for s in range(20))


def test_a_recusal_is_a_swap_where_the_lot_had_chosen_the_person():
    place = visit(1)
    staff = [inspector(n, recused=frozenset({"商行1"} if n == 0 else ())) for n in range(4)]
    seen = set()
    for seed in map(str, range(40)):
        found = draw([place], staff, seed=seed)
        lot = sorted((p.id for p in staff), key=lambda i: ticket(seed, f"team|V0001|{i}"))
        seen.add("000" in lot[:2])
        if "000" not in lot[:2]:
            assert found.swaps == ()
            continue
        (swap,) = found.swaps
        assert (swap.visit, swap.drawn, swap.replaced_by) == ("V0001", "000", lot[2])
        assert set(found.teams["V0001"]) == {*lot[:3]} - {"000"}
        assert swap.reason.render("zh") == "回避：检查人员名单列有“商行1”"
        assert "商行1" in swap.reason.render("en")
    assert seen == {True, False}


def test_the_last_pair_does_not_go_again():
    staff = [inspector(n) for n in range(3)]
    places = [visit(n, previous=frozenset({"000", "001"})) for n in range(9)]
    for seed in map(str, range(10)):
        found = draw(places, staff, seed=seed)
        assert found.repeats == ()
        assert all("002" in team for team in found.teams.values())


def test_the_last_pair_goes_again_where_nobody_else_can():
    found = draw([visit(1, previous=frozenset({"000", "001"}))], [inspector(0), inspector(1)])
    assert found.repeats == ("V0001",)


def test_districts_and_those_who_work_everywhere():
    staff = [inspector(n, DISTRICTS[n % 2]) for n in range(4)] + [inspector(9, None)]
    places = [visit(n, DISTRICTS[n % 2]) for n in range(10)]
    found = draw(places, staff)
    assert set(found.loads.values()) == {4}
    assert all({"001", "003"}.isdisjoint(found.teams[v.id]) for v in places if v.district == DISTRICTS[0])
    crossing = draw(places, staff[:2], across_districts=True)
    assert set(crossing.loads.values()) == {10}
    assert set(draw([visit(1, NOWHERE)], staff[:2]).teams["V0001"]) == {"000", "001"}


def test_no_visits_no_teams():
    found = draw([], [inspector(1)])
    assert (dict(found.teams), dict(found.loads)) == ({}, {"001": 0})


# ── what is said when there are no teams ─────────────────────────────────────────────────────────────────────


def test_too_few_people_for_a_visit_names_visit_rule_and_numbers():
    design = load_design(Path(__file__).parents[1] / "configs" / "guangzhou.toml")
    staff = [
        inspector(1),
        inspector(2, categories=frozenset({"food"})),
        inspector(3, valid_until=dt.date(2026, 11, 30)),
        inspector(4, leave=(WINDOW,)),
        inspector(5, recused=frozenset({"商行7"})),
        inspector(6, "440111"),
    ]
    with pytest.raises(InfeasibleError) as caught:
        draw([visit(7, categories=["food", "building"])], staff, design=design)
    assert caught.value.exit_code == 4
    assert caught.value.message("zh") == (
        "有 1 次检查凑不齐 2 人的检查组：\n"
        "  - V0007 商行7（越秀区）：需 2 人；可到该区 5 人，其中具备建材、食品资质 4 人，证书在季度内有效 3 人，"
        "截止日期前未全程请假 2 人，无需回避 1 人\n"
        "请增加检查人员，或放宽资质、回避、请假，或在配置 [inspectors] 中设 across_districts = true。"
    )
    assert caught.value.message("en").startswith(
        "No team of 2 can be found for 1 of the visits:\n"
        "  - V0007 商行7 (Yuexiu): 2 needed; 5 inspectors for the district, of whom 4 qualified for "
        "building materials, food, 3 with a certificate valid through the quarter, "
        "2 not on leave all the time to the deadline, 1 not recused\n"
    )


def test_many_visits_without_a_team_are_counted():
    with pytest.raises(InfeasibleError) as caught:
        draw([visit(n) for n in range(12)], [])
    message = caught.value.message("en")
    assert "No team of 2 can be found for 12 of the visits" in message
    assert "V0000" in message
    assert "V0004" in message
    assert "V0005" not in message
    assert "further visits: 7" in message


def test_maximum_loads_that_are_too_small_name_people_visits_and_shortage():
    staff = [inspector(n, maximum=3) for n in range(3)] + [inspector(n, "440111") for n in range(5, 9)]
    places = [visit(n) for n in range(6)] + [visit(n, "440111") for n in range(6, 9)]
    with pytest.raises(InfeasibleError) as caught:
        draw(places, staff)
    assert caught.value.params == {
        "visits": 6,
        "examples": "V0000, V0001, V0002, V0003, V0004 …",
        "needed": 12,
        "people": 3,
        "names": "检查员0, 检查员1, 检查员2",
        "possible": 9,
        "short": 3,
    }
    assert "3 short" in caught.value.message("en")
    assert "缺 3 人次" in caught.value.message("zh")
    enough = [replace(p, maximum=4) if p.maximum else p for p in staff]
    assert set(draw(places, enough).loads.values()) == {4, 1, 2}


@given(cities(visits=6, people=4))
@settings(deadline=None, max_examples=25)
def test_maximum_loads_are_blamed_only_where_they_are_to_blame(city):
    places, staff = city
    unbound = [replace(p, maximum=None) for p in staff]
    if best_loads(places, staff, parted=False) is None and best_loads(places, unbound, parted=False):
        with pytest.raises(InfeasibleError) as caught:
            draw(places, staff)
        assert caught.value.key == "assignment.too_much"
        params = caught.value.params
        assert params["short"] == params["needed"] - params["possible"] > 0
        draw(places, unbound)


def test_ids_must_be_their_own_and_a_team_has_people():
    with pytest.raises(ValueError, match="inspectors must have ids of their own, but got"):
        draw([visit(1)], [inspector(1), inspector(1)])
    with pytest.raises(ValueError, match="visits must have ids of their own, but got"):
        draw([visit(1), visit(1)], [inspector(1), inspector(2)])
    with pytest.raises(ValueError, match="team must be at least 1, but got 0"):
        draw([visit(1)], [inspector(1)], team=0)


def test_a_whole_city_is_drawn_and_balanced():
    """600 visits, 11 districts: within a district nobody who could take another's visit has two fewer."""
    random = Random(7)
    codes = [f"4401{n:02d}" for n in range(11)]
    staff = [
        inspector(n, codes[n % 11], categories=frozenset(() if n < 33 else random.sample(CATEGORIES, 2)))
        for n in range(110)
    ]
    places = [visit(n, random.choice(codes), [random.choice(CATEGORIES)]) for n in range(600)]
    found = draw(places, staff)
    able = {
        (p.id, v.id): p.district == v.district and (not p.categories or v.categories <= p.categories)
        for p in staff
        for v in places
    }
    for place in places:
        team = found.teams[place.id]
        assert all(able[i, place.id] for i in team)
        most = max(found.loads[i] for i in team)
        assert all(found.loads[p.id] >= most - 1 for p in staff if p.id not in team and able[p.id, place.id])
    assert np.sum(list(found.loads.values())) == 1200
