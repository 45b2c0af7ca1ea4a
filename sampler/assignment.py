"""Double random, second half: which inspectors go where.

All that is drawn at one enterprise in one district is one visit. A visit's team are different inspectors, each of them
qualified for all its categories, with a certificate valid through the period, not on leave for all the field work, not
recused, and of its district (unless the design lets inspectors cross districts). Loads, counted in visits, are as even as
they can be (`sampler.stats.teams`), and no two people go together where they went together last time, where that is
avoidable.

Chance comes from the plan's seed alone: SHA-256 tickets of visits, of inspectors, and of every pair of them. Hence the
order of rows changes nothing, and nobody can foresee a team who does not know the seed.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
import numpy.typing as npt

from sampler.design import Design
from sampler.errors import InfeasibleError
from sampler.stats.teams import BoolArray, Filling, Teams, balanced_teams, filling
from sampler.stats.tickets import ticket, tickets
from sampler.text import Text, listed

NOWHERE = "ALL"
"""Stands for the district of a visit where the frame has none: every inspector may go."""

_SHOWN = 5  # visits or people that a message names


@dataclass(frozen=True)
class Inspector:
    """A person who can be drawn.

    Attributes:
        district: the district that the inspector works in; None: the whole city.
        categories: categories the inspector is qualified for; empty: all.
        valid_until: last day of the certificate; None: no end.
        recused: codes or names of enterprises the inspector must not visit.
        leave: first and last days of leave. Leave for a part of the field work keeps nobody out: the visit can be made on
            another day.
        maximum: most visits in the period; None: no bound.
    """

    id: str
    name: str
    district: str | None = None
    categories: frozenset[str] = frozenset()
    valid_until: dt.date | None = None
    recused: frozenset[str] = frozenset()
    leave: tuple[tuple[dt.date, dt.date], ...] = ()
    maximum: int | None = None


@dataclass(frozen=True)
class Visit:
    """All that is drawn at one enterprise in one district.

    ``previous`` are the ids of the inspectors who went there last time.
    """

    id: str
    enterprise: str
    code: str | None
    name: str
    district: str
    categories: frozenset[str]
    previous: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Swap:
    """Somebody drawn by lot who stepped back, and who goes instead."""

    visit: str
    drawn: str
    replaced_by: str
    reason: Text


@dataclass(frozen=True)
class Assignment:
    """Who goes where.

    Attributes:
        teams: visit id → inspectors' ids, the leader first.
        loads: inspector's id → number of visits, for every inspector.
        swaps: recusals of people who had been drawn by lot, by visit.
        repeats: visits where members of the last team had to go together again.
    """

    teams: Mapping[str, tuple[str, ...]]
    loads: Mapping[str, int]
    swaps: tuple[Swap, ...] = ()
    repeats: tuple[str, ...] = ()


def assign(
    visits: Iterable[Visit],
    inspectors: Iterable[Inspector],
    *,
    seed: str,
    window: tuple[dt.date, dt.date],
    valid_through: dt.date | None = None,
    team: int = 2,
    across_districts: bool = False,
    design: Design | None = None,
) -> Assignment:
    """Draw the teams of all visits.

    Args:
        visits, inspectors: each with ids of their own.
        seed: the plan's seed.
        window: first and last day of the field work; who is on leave for all of it is not drawn.
        valid_through: the day through which certificates must hold; by default the last of the field work.
        team: inspectors a visit, at least 1.
        across_districts: whether inspectors may go to other districts than theirs.
        design: names districts and categories in messages.

    Returns:
        Teams with loads whose sorted list is least: the maximum first, then the next largest, and so on. A recusal counts
        as a swap where the lot, by the tickets alone, had put the recused inspector on the team.

    Raises:
        InfeasibleError: a visit has too few people, or maximum loads are too small; the message names visits, rule and
            shortage.
        ValueError: ids occur twice, or ``team`` is below 1.
    """
    ordered = sorted(visits, key=lambda v: (ticket(seed, f"team|{v.id}"), v.id))
    people = sorted(inspectors, key=lambda p: (ticket(seed, f"inspector|{p.id}"), p.id))
    _check(ordered, people, team)
    if not ordered:
        return Assignment(MappingProxyType({}), MappingProxyType({p.id: 0 for p in sorted(people, key=lambda p: p.id)}))
    able, recused = _rules(ordered, people, window, valid_through or window[1], across_districts)
    fit = np.logical_and.reduce(able)
    free = fit & ~recused
    if (short := np.flatnonzero(free.sum(axis=1) < team)).size:
        raise _too_few(short, ordered, [*np.cumprod(able, axis=0).astype(bool), free], team, design)
    most = np.array([len(ordered) if p.maximum is None else p.maximum for p in people], dtype=np.int64)
    possible = filling(free, size=team, most=most)
    if possible.places < team * len(ordered):
        raise _too_much(possible, free, ordered, people, most, team)
    lots = _lots(seed, ordered, people, fit)
    previous = np.array([[p.id in v.previous for p in people] for v in ordered], dtype=bool).reshape(free.shape)
    drawn = balanced_teams(free, size=team, most=most, previous=previous, order=lots)
    _prove(drawn, free, previous, team, most)
    return _result(drawn, ordered, people, lots, fit, recused, previous, team)


def _check(visits: Sequence[Visit], people: Sequence[Inspector], team: int) -> None:
    if team < 1:
        raise ValueError(f"team must be at least 1, but got {team!r}")
    for what, ids in (("visits", [v.id for v in visits]), ("inspectors", [p.id for p in people])):
        if len(set(ids)) < len(ids):
            raise ValueError(f"{what} must have ids of their own, but got {sorted(ids)!r}")


def _rules(
    visits: Sequence[Visit],
    people: Sequence[Inspector],
    window: tuple[dt.date, dt.date],
    through: dt.date,
    across_districts: bool,
) -> tuple[tuple[BoolArray, ...], BoolArray]:
    """By district, qualification, certificate and leave who may go where, and who is recused; shape (V, I) each."""
    shape = (len(visits), len(people))
    local = np.zeros(shape, dtype=bool)
    qualified = np.zeros(shape, dtype=bool)
    rows: dict[tuple[str, frozenset[str]], list[int]] = {}
    for i, visit in enumerate(visits):
        rows.setdefault((visit.district, visit.categories), []).append(i)
    for (district, categories), places in rows.items():
        anywhere = across_districts or district == NOWHERE
        local[places] = [anywhere or p.district in (None, district) for p in people]
        qualified[places] = [not p.categories or categories <= p.categories for p in people]
    valid = np.broadcast_to([_certified(p, through) for p in people], shape)
    present = np.broadcast_to([not _away(p.leave, window) for p in people], shape)
    recused = np.zeros(shape, dtype=bool)
    named: dict[str, list[int]] = {}
    for j, person in enumerate(people):
        for entry in person.recused:
            named.setdefault(_plain(entry), []).append(j)
    for i, visit in enumerate(visits):
        for key in _keys(visit):
            recused[i, named.get(key, [])] = True
    return (local, qualified, valid, present), recused


def unavailable(
    person: Inspector, window: tuple[dt.date, dt.date], valid_through: dt.date
) -> Literal["maximum", "lapsed", "certificate", "leave"] | None:
    """Why a person can make no visit at all (arguments as `assign`); None where nothing speaks against it.

    ``lapsed`` is a certificate that ended before the field work, ``certificate`` one that ends before ``valid_through``.
    """
    if person.maximum == 0:
        return "maximum"
    if not _certified(person, valid_through):
        return "certificate" if _certified(person, window[0]) else "lapsed"
    return "leave" if _away(person.leave, window) else None


def _certified(person: Inspector, through: dt.date) -> bool:
    return person.valid_until is None or person.valid_until >= through


def _away(leave: Iterable[tuple[dt.date, dt.date]], window: tuple[dt.date, dt.date]) -> bool:
    """Whether leave covers every day of the window."""
    day = window[0]
    for first, last in sorted(leave):
        if first <= day <= last:
            day = last + dt.timedelta(days=1)
    return day > window[1]


def _plain(name: str) -> str:
    """A code or name without what spelling makes of it: width of characters, blanks, case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _keys(visit: Visit) -> set[str]:
    """What a list of recusals may call the visit's enterprise."""
    return {_plain(key) for key in (visit.code, visit.enterprise, visit.name) if key}


def _lots(seed: str, visits: Sequence[Visit], people: Sequence[Inspector], fit: BoolArray) -> npt.NDArray[np.uint64]:
    """Every visit's own random order of the people fit for it: the first 64 bits of their joint ticket."""
    lots = np.full(fit.shape, np.iinfo(np.uint64).max, dtype=np.uint64)
    for i, visit in enumerate(visits):
        places = [int(j) for j in np.flatnonzero(fit[i])]
        drawn = tickets(seed, (f"team|{visit.id}|{people[j].id}" for j in places))
        lots[i, places] = [int(t[:16], 16) for t in drawn]
    return lots


def _prove(drawn: Teams, free: BoolArray, previous: BoolArray, team: int, most: npt.NDArray[np.int64]) -> None:
    """Hold the result against the flow model: below the largest load, no teams fill more places.

    Raises:
        RuntimeError: they do; that is a mistake in sampler.
    """
    bound = int(drawn.loads.max(initial=0)) - 1
    if bound < 0:
        return
    best = filling(free, size=team, most=np.minimum(most, bound), previous=previous, allowed=drawn.allowed).places
    reached = int(np.minimum(drawn.loads, bound).sum())
    if best != reached:
        raise RuntimeError(f"loads must be as even as possible: {best} places within {bound}, but got {reached!r}")


def _result(
    drawn: Teams,
    visits: Sequence[Visit],
    people: Sequence[Inspector],
    lots: npt.NDArray[np.uint64],
    fit: BoolArray,
    recused: BoolArray,
    previous: BoolArray,
    team: int,
) -> Assignment:
    teams: dict[str, tuple[str, ...]] = {}
    swaps: list[Swap] = []
    for i, visit in enumerate(visits):
        able = np.flatnonzero(fit[i])
        order = [int(j) for j in able[np.argsort(lots[i, able], kind="stable")]]
        members = [j for j in order if drawn.members[i, j]]
        teams[visit.id] = tuple(people[j].id for j in members)
        if (recused[i] & fit[i]).any():
            first = order[:team]
            back = [j for j in first if recused[i, j]]
            instead = [j for j in members if j not in first]
            swaps += [
                Swap(visit.id, people[a].id, people[b].id, _reason(visit, people[a]))
                for a, b in zip(back, instead, strict=False)
            ]
    again = (drawn.members & previous).sum(axis=1) > 1
    return Assignment(
        teams=MappingProxyType(dict(sorted(teams.items()))),
        loads=MappingProxyType({p.id: int(n) for n, p in sorted(zip(drawn.loads, people, strict=True), key=_by_id)}),
        swaps=tuple(sorted(swaps, key=lambda s: (s.visit, s.drawn))),
        repeats=tuple(sorted(v.id for v, twice in zip(visits, again, strict=True) if twice)),
    )


def _by_id(item: tuple[object, Inspector]) -> str:
    return item[1].id


def _reason(visit: Visit, person: Inspector) -> Text:
    keys = _keys(visit)
    return Text.of("assignment.recused", entry=min(e for e in person.recused if _plain(e) in keys))


# ── when there are no teams ──────────────────────────────────────────────────────────────────────────────────


def _too_few(
    short: npt.NDArray[np.intp],
    visits: Sequence[Visit],
    left: Sequence[BoolArray],
    team: int,
    design: Design | None,
) -> InfeasibleError:
    """The visits that too few people are left for, rule after rule."""
    named = sorted((int(i) for i in short), key=lambda i: visits[i].id)
    places = [
        Text.of(
            "assignment.place",
            visit=visits[i].id,
            name=visits[i].name,
            district=_label(design, "district", [visits[i].district]),
            categories=_label(design, "category", sorted(visits[i].categories)),
            team=team,
            **{
                rule: int(able[i].sum())
                for rule, able in zip(("district_people", "qualified", "valid", "present", "free"), left, strict=True)
            },
        )
        for i in named[:_SHOWN]
    ]
    if len(named) > _SHOWN:
        places.append(Text.of("assignment.more", number=len(named) - _SHOWN))
    return InfeasibleError("assignment.too_few", visits=len(named), team=team, places=tuple(places))


def _label(design: Design | None, column: str, keys: Sequence[str]) -> Text:
    """The names of some keys, in the language of the reader."""
    zh, en = ([design.label(column, key, lang) if design else key for key in keys] for lang in ("zh", "en"))
    return listed(zh, en)


def _too_much(
    possible: Filling,
    free: BoolArray,
    visits: Sequence[Visit],
    people: Sequence[Inspector],
    most: npt.NDArray[np.int64],
    team: int,
) -> InfeasibleError:
    """The visits that compete for people whose maximum loads are used up."""
    tight = sorted(v.id for v, is_tight in zip(visits, possible.visits, strict=True) if is_tight)
    names = sorted(p.name for p, is_tight in zip(people, possible.members, strict=True) if is_tight)
    elsewhere = free[possible.visits][:, ~possible.members].sum()
    room = int(most[possible.members].sum())
    needed = team * len(tight) - int(elsewhere)
    return InfeasibleError(
        "assignment.too_much",
        visits=len(tight),
        examples=_some(tight),
        needed=needed,
        people=len(names),
        names=_some(names),
        possible=room,
        short=needed - room,
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
