"""What a design would deliver: drawn many times from an assumed or known population, beside two plain designs.

The plain designs take as many units: *proportional* draws from every crossing of the strata keys without the risk tier
(n_h ∝ N_h, as exactly as whole numbers allow), *random* draws from the whole frame. Neither takes anything with
certainty. The trial is the unit: several batches at one unit count as one test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from sampler.domains import MOST_DOMAINS
from sampler.errors import UsageError
from sampler.frame import IDENTIFYING
from sampler.stats import simulation
from sampler.stats.allocation import allocate
from sampler.stats.simulation import Cells, SampleDesign, Study, Tally
from sampler.stats.stratified import Method
from sampler.text import listed
from sampler.truth import FAILING

if TYPE_CHECKING:
    import polars as pl

    from sampler.design import Design
    from sampler.plan import Plan

DesignName = Literal["planned", "proportional", "random"]
DESIGNS: tuple[DesignName, ...] = get_args(DesignName)
METHODS: tuple[Method, ...] = get_args(Method)
DEFAULT_BY: tuple[tuple[str, ...], ...] = (("district",), ("category",))


@dataclass(frozen=True)
class Delivered:
    """What one design delivers in one domain, over the draws.

    Attributes:
        sample: mean number of units tested.
        bias, rmse: mean error and root mean squared error of the estimated pass rate; None where it never gave one.
        half_width, half_width_sd: mean and standard deviation of half the interval's width.
        coverage: share of the intervals that hold the true pass rate; coverage_error: its standard error.
        too_low, too_high: shares of the intervals that lie wholly below, wholly above the truth.
        detection: share of the draws in which a failing unit was found, of those in which there was one; None where there
            never was.
        found_per_100: failing units found per 100 tested; None where nothing was tested.
        methods: what gave the intervals.
    """

    sample: float
    bias: float | None
    rmse: float | None
    half_width: float
    half_width_sd: float
    coverage: float
    coverage_error: float
    too_low: float
    too_high: float
    detection: float | None
    found_per_100: float | None
    methods: tuple[str, ...]


@dataclass(frozen=True)
class DomainFigures:
    """One domain: column → value (empty for the whole), its units, their mean true pass rate, and each design's figures."""

    domain: Mapping[str, str | None]
    population: int
    rate: float
    designs: Mapping[DesignName, Delivered]

    def to_json(self) -> dict[str, Any]:
        """The row as scripts read it."""
        designs = {name: vars(found) | {"methods": list(found.methods)} for name, found in self.designs.items()}
        return {
            "domain": dict(self.domain),
            "population": self.population,
            "rate": self.rate,
            "designs": designs,
        }


@dataclass(frozen=True, eq=False)
class Scenario:
    """A study with the names of its domains: what `run` needs, and what its figures belong to.

    strata, samples: strata and units drawn, by design.
    """

    study: Study
    domains: tuple[Mapping[str, str | None], ...]
    strata: Mapping[DesignName, int]
    samples: Mapping[DesignName, int]
    known: bool


def scenario(
    plan: Plan,
    units: pl.DataFrame,
    *,
    known: bool,
    by: Sequence[tuple[str, ...]] | None,
    confidence: float,
    method: str,
    seed: str,
    draws: int,
) -> Scenario:
    """What is to be drawn.

    Args:
        plan: the plan whose design is to be judged.
        units: its units with `FAILING`.
        known: whether `FAILING` is an outcome (1 or 0), or a probability.
        by: families of domains beside the whole; None for `DEFAULT_BY` as far as the units have values there.
        confidence: of the intervals, in (0, 1).
        method: of the intervals. "auto" is "exact" in domains where that is affordable in every draw and "conservative"
            elsewhere (`simulation.affordable_method`).
        seed, draws: of the simulation.

    Raises:
        UsageError: an unknown column or method, too many domains, a confidence outside (0, 1), or fewer than one draw.
    """
    import polars as pl

    if not 0 < confidence < 1:
        raise UsageError("estimate.bad_confidence", found=confidence)
    if method not in METHODS:
        raise UsageError("estimate.bad_method", found=method, methods=listed(METHODS))
    if draws < 1:
        raise UsageError("simulate.bad_draws", found=draws)
    families = _families(units, by)
    keys = [k for k in plan.design.strata.keys if k != "tier"]
    columns = list(dict.fromkeys([*keys, *(c for family in families for c in family)]))
    table = (
        units.group_by("stratum", *columns)
        .agg(pl.len().cast(pl.Int64).alias("units"), pl.col(FAILING).sum())
        .sort("stratum", *columns, nulls_last=True)
    )
    size = table["units"].to_numpy()
    # A sum of probabilities may exceed the number of units by its rounding errors.
    cells = Cells(size, np.minimum(table[FAILING].to_numpy(), size), known)
    designs = _designs(plan, table, keys, cells)
    domains = list(_domains(table, families, plan.design))
    share = simulation.EXACT_WORK / len(domains) / draws
    methods = tuple(
        simulation.affordable_method(cells, designs, inside, confidence, share)
        if method == "auto"
        else next(m for m in METHODS if m == method)
        for _, inside in domains
    )
    return Scenario(
        Study(cells, designs, tuple(inside for _, inside in domains), methods, confidence, seed),
        tuple(values for values, _ in domains),
        dict(zip(DESIGNS, (len(d.sizes) for d in designs), strict=True)),
        dict(zip(DESIGNS, (int(d.sizes.sum()) for d in designs), strict=True)),
        known,
    )


def _families(units: pl.DataFrame, by: Sequence[tuple[str, ...]] | None) -> list[tuple[str, ...]]:
    import polars as pl

    if by is None:
        return [f for f in DEFAULT_BY if all(units[c].is_not_null().any() for c in f)]
    allowed = [c for c in units.columns if units.schema[c] in (pl.String, pl.Boolean) and c not in _NO_DOMAIN]
    for column in (c for family in by for c in family):
        if column not in allowed:
            groups_by = listed(c for c in allowed if c not in IDENTIFYING)
            raise UsageError("estimate.unknown_column", column=column, columns=groups_by)
    return list(dict.fromkeys(tuple(dict.fromkeys(family)) for family in by))


_NO_DOMAIN = frozenset({"unit_id", "stratum", "certainty", "ticket"})


def _designs(plan: Plan, table: pl.DataFrame, keys: Sequence[str], cells: Cells) -> tuple[SampleDesign, ...]:
    """The three designs, in the order of `DESIGNS`."""
    sizes = dict(plan.strata.select("stratum", "sample").iter_rows())
    names = table["stratum"].unique().sort().to_list()
    planned = SampleDesign(_codes(table.select("stratum").rows()), np.array([sizes[s] for s in names], dtype=np.int64))
    total = int(planned.sizes.sum())
    plain = _codes(table.select(keys).rows()) if keys else np.zeros(table.height, dtype=np.int64)
    room = np.bincount(plain, cells.size).astype(np.int64)
    return (
        planned,
        SampleDesign(plain, allocate(room, total, upper=room)),
        SampleDesign(np.zeros(table.height, dtype=np.int64), np.array([total], dtype=np.int64)),
    )


def _codes(rows: Sequence[tuple[object, ...]]) -> simulation.IntArray:
    """Numbers of the distinct rows, in order of their text."""
    order = sorted(set(rows), key=lambda row: [(v is None, str(v)) for v in row])
    place = {row: i for i, row in enumerate(order)}
    return np.array([place[row] for row in rows], dtype=np.int64)


def _domains(
    table: pl.DataFrame, families: Sequence[tuple[str, ...]], design: Design
) -> Iterator[tuple[dict[str, str | None], simulation.IntArray]]:
    """The whole, then every family's domains in the order of the design's vocabularies, with their cells."""
    yield {}, np.arange(table.height, dtype=np.int64)
    for family in families:
        rows = table.select(family).rows()
        places = [{term.key: i for i, term in enumerate(design.vocabulary(c))} for c in family]

        def rank(row: tuple[object, ...], places: Sequence[Mapping[str, int]] = places) -> list[tuple[bool, int, str]]:
            return [(v is None, p.get(str(v), len(p)), str(v)) for v, p in zip(row, places, strict=True)]

        found = set(rows)
        if len(found) > MOST_DOMAINS:
            column = ", ".join(family)
            raise UsageError("estimate.too_many_domains", column=column, count=len(found), most=MOST_DOMAINS)
        for values in sorted(found, key=rank):
            inside = np.array([i for i, row in enumerate(rows) if row == values], dtype=np.int64)
            yield {c: None if v is None else str(v) for c, v in zip(family, values, strict=True)}, inside


def run(
    scene: Scenario,
    *,
    draws: int,
    workers: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> tuple[DomainFigures, ...]:
    """Make the draws and tell what each design delivers; the figures do not depend on the number of workers.

    Args:
        scene: what to draw.
        draws: how often, 1 or more.
        workers: processes; None for as many as there are processors.
        progress: called with the draws of every chunk that is done.
    """
    numbers = simulation.chunks(draws)
    count = min(workers or _processors(), len(numbers))
    done: list[Tally] = []
    with _mapper(scene.study, draws, count) as tallies:
        for tally in tallies(numbers):
            done.append(tally)
            progress(tally.draws)
    found = simulation.total(done)
    units = scene.study.cells.size
    return tuple(
        DomainFigures(
            values,
            int(units[inside].sum()),
            float(found.truth[0, k] / found.draws),
            {name: _delivered(found, d, k) for d, name in enumerate(DESIGNS)},
        )
        for k, (values, inside) in enumerate(zip(scene.domains, scene.study.domains, strict=True))
    )


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _mapper(study: Study, draws: int, workers: int) -> Iterator[Callable[[Sequence[int]], Iterator[Tally]]]:
    """What makes tallies of chunks, in order: this process, or several new ones (which load no tables and no console)."""
    if workers == 1:
        yield lambda numbers: (simulation.simulate_chunk(study, i, draws) for i in numbers)
        return
    pool = ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=simulation.adopt, initargs=(study, draws)
    )
    try:
        yield lambda numbers: pool.map(simulation.simulate_adopted, numbers)
    finally:
        pool.shutdown(cancel_futures=True)


def _delivered(t: Tally, d: int, k: int) -> Delivered:
    draws = t.draws
    estimated, tested, failing = (float(a[d, k]) for a in (t.estimated, t.tested, t.failing))
    mean = t.width[d, k] / draws
    coverage = float(t.covered[d, k] / draws)
    return Delivered(
        sample=tested / draws,
        bias=float(t.error[d, k] / estimated) if estimated else None,
        rmse=sqrt(t.squared_error[d, k] / estimated) if estimated else None,
        half_width=float(mean / 2),
        half_width_sd=sqrt(max(float(t.squared_width[d, k] / draws - mean**2), 0.0)) / 2,
        coverage=coverage,
        coverage_error=sqrt(coverage * (1 - coverage) / draws),
        too_low=float(t.too_low[d, k] / draws),
        too_high=float(t.too_high[d, k] / draws),
        detection=float(t.detected[d, k] / failing) if failing else None,
        found_per_100=float(100 * t.failed[d, k] / tested) if tested else None,
        methods=tuple(sorted(t.methods[d][k])),
    )
