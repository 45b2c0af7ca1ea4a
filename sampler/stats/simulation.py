"""Simulation: what a stratified design finds and how well it estimates, drawn many times from an assumed population.

Units are counted, never listed. The ranks of independent uniform tickets within a stratum are a random order of its
units, so the first n_h are a simple random sample without replacement, and all that the estimates use of it, the
numbers of units and of failing units drawn from each *cell* (the part of a stratum that lies in the same domains), is
multivariate hypergeometric. Drawing these numbers gives exactly the distribution that drawing tickets would.

A population is either given, with its failing units, or assumed: then each draw makes one of its own, every cell with
Binomial(N_c, rate_c) failing units, and all designs are drawn from the same population.

Draws are made in chunks, each with a Philox generator spawned from the seed by the chunk's number, and the sums of the
chunks are added in that order. What comes out depends on the seed and the version of numpy, not on who did which chunk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sampler.stats.chernoff import ChernoffBound
from sampler.stats.game import Game, LiveStrata, Tail, design_scores
from sampler.stats.stratified import Method, StratifiedSample, estimate

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

CHUNK = 50
"""Draws made with one generator."""

EXACT_WORK = 60_000_000_000
"""Numbers that exact intervals may compare in a whole simulation, about half a minute of one processor."""

_STRATUM_WORK = 8_000_000
"""What a stratum costs the exact interval besides: a few milliseconds, counted in numbers compared."""

_FEW = 16
"""Strata of a domain up to which the same outcome comes up often enough to be remembered."""

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Cells:
    """The population by cell, arrays of shape (C,).

    size: units, at least 1. failing: failing units, 0 … size; where they are not ``known``, the number to expect.
    """

    size: IntArray
    failing: FloatArray
    known: bool

    def __post_init__(self) -> None:
        for c in np.flatnonzero(self.size < 1)[:1]:
            raise ValueError(f"cell {c} must have a unit, but got {int(self.size[c])!r}")
        for c in np.flatnonzero(~((self.failing >= 0) & (self.failing <= self.size)))[:1]:
            raise ValueError(
                f"cell {c}: of {int(self.size[c])} units between 0 and all may fail, but got {float(self.failing[c])!r}"
            )
        for c in np.flatnonzero(self.failing % 1 > 0)[: int(self.known)]:
            raise ValueError(f"cell {c}: known failures must be whole, but got {float(self.failing[c])!r}")

    def populations(self, rng: np.random.Generator, draws: int) -> IntArray:
        """Failing units of so many populations, shape (draws, C)."""
        shape = (draws, len(self.size))
        if self.known:
            return np.broadcast_to(self.failing.astype(np.int64), shape)
        return rng.binomial(self.size, self.failing / self.size, shape)


@dataclass(frozen=True, eq=False)
class SampleDesign:
    """Simple random samples of strata that are unions of cells.

    stratum: the stratum of each cell, 0 … S − 1, shape (C,). sizes: units drawn from each stratum, shape (S,).
    """

    stratum: IntArray
    sizes: IntArray


@dataclass(frozen=True, eq=False)
class Study:
    """Designs to be drawn from a population, and the domains to be estimated.

    domains: positions of each domain's cells. methods: the interval of each domain (see `stratified.estimate`).
    """

    cells: Cells
    designs: tuple[SampleDesign, ...]
    domains: tuple[IntArray, ...]
    methods: tuple[Method, ...]
    confidence: float
    seed: str

    def __post_init__(self) -> None:
        for design in self.designs:
            room = np.bincount(design.stratum, self.cells.size, len(design.sizes))
            for h in np.flatnonzero((design.sizes < 0) | (design.sizes > room))[:1]:
                raise ValueError(
                    f"stratum {h}: the sample must lie between 0 and its {int(room[h])} units, "
                    f"but got {int(design.sizes[h])!r}"
                )


@dataclass(frozen=True, eq=False)
class Tally:
    """Sums over draws, each of shape (designs, domains).

    Attributes:
        draws: how many draws were made (a number).
        tested, failed: units tested and found failing.
        failing: draws in which the domain had a failing unit at all; detected: those in which one was found.
        estimated: draws that gave an estimate (something was tested); truth: true pass rate, over all draws.
        error, squared_error: estimate less truth, over the draws that gave one.
        width, squared_width: width of the interval.
        covered, too_low, too_high: intervals that hold the truth, that lie below it, that lie above it.
        methods: what gave the intervals, a set per design and domain.
    """

    draws: int
    tested: FloatArray
    failed: FloatArray
    failing: FloatArray
    detected: FloatArray
    estimated: FloatArray
    truth: FloatArray
    error: FloatArray
    squared_error: FloatArray
    width: FloatArray
    squared_width: FloatArray
    covered: FloatArray
    too_low: FloatArray
    too_high: FloatArray
    methods: tuple[tuple[frozenset[str], ...], ...]


_SUMS = tuple(name for name in Tally.__annotations__ if name not in ("draws", "methods"))


def chunks(draws: int) -> range:
    """The numbers of the chunks that so many draws take."""
    return range(-(-draws // CHUNK))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of tallies, added in their order.

    Raises:
        ValueError: there are none.
    """
    found: Tally | None = None
    for tally in tallies:
        if found is None:
            found = tally
            continue
        sums = {name: getattr(found, name) + getattr(tally, name) for name in _SUMS}
        methods = tuple(
            tuple(a | b for a, b in zip(one, other, strict=True))
            for one, other in zip(found.methods, tally.methods, strict=True)
        )
        found = replace(found, draws=found.draws + tally.draws, methods=methods, **sums)
    if found is None:
        raise ValueError("there must be at least one tally, but got none")
    return found


def simulate_chunk(study: Study, number: int, draws: int) -> Tally:
    """Make the draws of one chunk of a simulation of ``draws`` in all."""
    count = min(CHUNK, draws - number * CHUNK)
    rng = generator(study.seed, number)
    cells = study.cells
    failing = cells.populations(rng, count)
    sums = {name: np.zeros((len(study.designs), len(study.domains))) for name in _SUMS}
    methods = []
    for d, design in enumerate(study.designs):
        tested = draw_counts(rng, cells.size, design, count)
        failed = rng.hypergeometric(failing, cells.size - failing, tested)
        used = []
        for k, (inside, method) in enumerate(zip(study.domains, study.methods, strict=True)):
            by_stratum = inside[np.argsort(design.stratum[inside], kind="stable")]
            _, starts = np.unique(design.stratum[by_stratum], return_index=True)
            size = np.add.reduceat(cells.size[by_stratum], starts)
            seen, bad = (np.add.reduceat(a[:, by_stratum], starts, axis=1) for a in (tested, failed))
            truth = 1 - failing[:, inside].sum(axis=1) / size.sum()
            limits_of = _interval if len(size) <= _FEW else _interval.__wrapped__
            found = [
                limits_of(size.tobytes(), n.tobytes(), x.tobytes(), method, study.confidence)
                for n, x in zip(seen, bad, strict=True)
            ]
            used.append(frozenset(how for *_, how in found))
            rate, lower, upper = np.array([limits for *limits, _ in found], dtype=np.float64).T
            known = ~np.isnan(rate)
            error = np.where(known, rate - truth, 0.0)
            below, above = upper < truth - _ROUNDING, lower > truth + _ROUNDING
            for name, value in {
                "tested": seen.sum(axis=1),
                "failed": bad.sum(axis=1),
                "failing": truth < 1,
                "detected": bad.any(axis=1),
                "estimated": known,
                "truth": truth,
                "error": error,
                "squared_error": error**2,
                "width": upper - lower,
                "squared_width": (upper - lower) ** 2,
                "covered": ~below & ~above,
                "too_low": below,
                "too_high": above,
            }.items():
                sums[name][d, k] = value.sum()
        methods.append(tuple(used))
    return Tally(draws=count, methods=tuple(methods), **sums)


def generator(seed: str, number: int) -> np.random.Generator:
    """The generator of a chunk: Philox, keyed by SHA-256 of the seed's UTF-8 text and the chunk's number."""
    entropy = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy, spawn_key=(number,))))


def draw_counts(rng: np.random.Generator, size: IntArray, design: SampleDesign, draws: int) -> IntArray:
    """Units drawn from every cell, shape (draws, C): multivariate hypergeometric in each stratum.

    The cells of a stratum are drawn one after the other, each from what the earlier ones left over.
    """
    order = np.argsort(design.stratum, kind="stable")
    lengths = np.bincount(design.stratum, minlength=len(design.sizes))
    starts = np.cumsum(lengths) - lengths
    units = np.bincount(design.stratum, size, len(design.sizes)).astype(np.int64)
    left = np.broadcast_to(design.sizes, (draws, len(design.sizes))).copy()
    drawn = np.zeros((draws, len(size)), dtype=np.int64)
    for place in range(int(lengths.max())):
        strata = np.flatnonzero(lengths > place)
        cells = order[starts[strata] + place]
        units[strata] -= size[cells]
        drawn[:, cells] = rng.hypergeometric(size[cells], units[strata], left[:, strata])
        left[:, strata] -= drawn[:, cells]
    return drawn


@lru_cache(maxsize=1 << 16)
def _interval(
    size: bytes, tested: bytes, failed: bytes, method: Method, confidence: float
) -> tuple[float, float, float, str]:
    """Rate (NaN where nothing was tested), limits and method of a sample; the same outcome comes up again and again."""
    counts = (np.frombuffer(c, dtype=np.int64) for c in (size, tested, failed))
    found = estimate(StratifiedSample(*counts), method=method, confidence=confidence)
    return float("nan") if found.rate is None else found.rate, found.lower, found.upper, found.method


def affordable_method(
    cells: Cells, designs: Sequence[SampleDesign], inside: IntArray, confidence: float, work: float
) -> Method:
    """The interval that a domain can afford: "exact" if one for every design stays within ``work``, else "conservative".

    Judged by the outcome that is likeliest, so it does not depend on the machine or on the draws. One method for all
    designs, so that their widths can be compared.
    """
    needed = 0.0
    for design in designs:
        room = np.bincount(design.stratum, cells.size, len(design.sizes))
        fraction = (design.sizes / np.maximum(room, 1))[design.stratum[inside]]
        _, part = np.unique(design.stratum[inside], return_inverse=True)
        size = np.bincount(part, cells.size[inside]).astype(np.int64)
        tested = np.minimum(_rounded(np.bincount(part, cells.size[inside] * fraction)), size)
        failed = np.minimum(_rounded(np.bincount(part, cells.failing[inside] * fraction)), tested)
        needed += exact_work(size, tested, failed, (1 - confidence) / 2)
        if needed > work:
            return "conservative"
    return "exact"


def _rounded(mean: npt.NDArray[Any]) -> IntArray:
    """Whole numbers near ``mean`` whose sum is near its sum."""
    whole: IntArray = np.diff(np.rint(np.cumsum(mean)), prepend=0.0).astype(np.int64)
    return whole


def exact_work(population: IntArray, tested: IntArray, failed: IntArray, level: float) -> float:
    """Numbers that the exact interval compares, roughly: the cost of its two passes and of getting there."""
    live = (tested > 0) & (tested < population)
    if not live.any():
        return 0.0
    N, n, x = population[live], tested[live], failed[live]
    work = float(_STRATUM_WORK * len(N))
    tails: tuple[tuple[Tail, float], ...] = (("few", 1.0), ("many", 0.7))
    for tail, exponent in tails if x.any() else ():
        strata = LiveStrata(N, n, x, design_scores(N, n, exponent))
        work += Game(strata, tail, max(ChernoffBound(strata, tail).limit(level), 1)).cost
    return work


_adopted: tuple[Study, int] | None = None


def adopt(study: Study, draws: int) -> None:
    """Take on a study once, so that a process need not be told it with every chunk."""
    global _adopted
    _adopted = study, draws


def simulate_adopted(number: int) -> Tally:
    """Make the draws of one chunk of the study adopted before."""
    if _adopted is None:
        raise RuntimeError("a study must be adopted first")
    study, draws = _adopted
    return simulate_chunk(study, number, draws)
