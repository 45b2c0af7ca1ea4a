"""Pass rates from stratified samples of a finite population: the estimate, its precision and its interval.

Strata h = 1 … H of N_h units, n_h of them tested, a simple random sample without replacement in each, x_h failed.
The default interval is exact (`exact.py`); the others are offered for comparison with other software or where the
exact interval is wider than a user can afford (`effective.py`, `design.py`). No method returns NaN, an error or an
interval of zero width for a sample that is not a census: what a method cannot say, the exact one says instead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from sampler.stats import design, effective, exact
from sampler.stats.game import Integers
from sampler.stats.monitoring import failing_allowed

Method = Literal[
    "auto", "exact", "uneven", "chernoff", "conservative", "effective", "design", "logit", "beta", "wilson"
]
Side = Literal["two-sided", "lower", "upper"]
Note = Literal[
    "untested", "unsampled-strata", "sampled-strata-only", "census", "fallback-exact", "coarse-grid", "work-limit"
]
"""What a result may remark; the catalogue has the words under ``estimate.note_…``."""


PATIENCE = 5
"""How many times the work of `auto` the exact method may do when it is asked for by name."""


@dataclass(frozen=True, eq=False)
class StratifiedSample:
    """Counts by stratum, integer arrays of shape (H,) with 0 ≤ failed ≤ tested ≤ population.

    A take-all stratum has tested == population, an unsampled one tested == 0; strata without units are dropped.
    Raises ValueError, naming the first offending stratum by its position from 0.
    """

    population: Integers
    tested: Integers
    failed: Integers

    def __init__(self, population: ArrayLike, tested: ArrayLike, failed: ArrayLike) -> None:
        named = {"population": population, "tested": tested, "failed": failed}
        counts = {name: _counts(name, value) for name, value in named.items()}
        N, n, x = counts.values()
        if not len(N) == len(n) == len(x):
            raise ValueError(
                f"population, tested and failed must have one count per stratum, but got {len(N)}, {len(n)} and {len(x)}"
            )
        if N.sum() == 0:
            raise ValueError(f"the population must have at least one unit, but got {N.tolist()!r}")
        for h in np.flatnonzero(n > N)[:1]:
            raise ValueError(
                f"stratum {h}: tested must not exceed the population of {int(N[h])}, but got {int(n[h])!r}"
            )
        for h in np.flatnonzero(x > n)[:1]:
            raise ValueError(f"stratum {h}: failed must not exceed the {int(n[h])} tested, but got {int(x[h])!r}")
        for name, array in counts.items():
            kept = array[N > 0]
            kept.flags.writeable = False
            object.__setattr__(self, name, kept)


def _counts(name: str, value: ArrayLike) -> Integers:
    raw = np.atleast_1d(np.asarray(value))
    if raw.ndim != 1 or raw.size == 0:
        raise ValueError(f"{name} must list one count per stratum, but got an array of shape {raw.shape!r}")
    if raw.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be whole numbers, but got {raw.tolist()[0]!r}")
    for h in np.flatnonzero(~np.isfinite(raw) | (raw != np.floor(raw)))[:1]:
        raise ValueError(f"stratum {h}: {name} must be a whole number, but got {raw[h].item()!r}")
    for h in np.flatnonzero(raw < 0)[:1]:
        raise ValueError(f"stratum {h}: {name} must not be negative, but got {raw[h].item()!r}")
    return raw.astype(np.int64)


@dataclass(frozen=True)
class RateEstimate:
    """A pass rate and its interval.

    rate: the weighted pass rate of the strata that were sampled, None when nothing was tested. standard_error and
    design_effect: None where a stratum with a single test leaves the variance unknown, or the rate has none.
    lower, upper: limits of the pass rate of the whole population; a one-sided interval has the trivial limit, 0 or
    1, on its other side. failures_lower, failures_upper: the same limits as numbers of failing units (exact methods
    only). requested, method: the method asked for and the one that gave the interval. notes: machine-readable
    remarks, each a `Note`.
    """

    population: int
    tested: int
    failed: int
    rate: float | None
    standard_error: float | None
    degrees_of_freedom: int
    design_effect: float | None
    lower: float
    upper: float
    failures_lower: int | None
    failures_upper: int | None
    confidence: float
    side: Side
    method: str
    requested: str
    notes: tuple[Note, ...] = ()


def estimate(
    sample: StratifiedSample,
    *,
    method: Method = "auto",
    confidence: float = 0.95,
    side: Side = "two-sided",
    budget: int | None = None,
) -> RateEstimate:
    """The pass rate of a stratified sample with its interval at `confidence`, in (0, 1).

    `side` names the bound reported: "lower" is the bound of "at least … pass". Methods: "auto" is "exact" where its
    work stays within `budget` (numbers compared in a pass, by default a second or two) and "conservative" otherwise;
    "exact" itself may work `PATIENCE` times as long before it counts coarsely or falls back on "chernoff". The result
    names the method used; docs/intervals.md describes each. Raises ValueError for an unknown method or side, or a
    confidence outside (0, 1).
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(get_args(Method))}, but got {method!r}")
    if side not in get_args(Side):
        raise ValueError(f"side must be one of {', '.join(get_args(Side))}, but got {side!r}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, but got {confidence!r}")
    level = (1.0 - confidence) / (2.0 if side == "two-sided" else 1.0)
    if budget is None:
        budget = exact.BUDGET if method == "auto" else PATIENCE * exact.BUDGET
    interval = _interval(sample, method, level, side, budget)
    summary = design.summarise(sample.population, sample.tested, sample.failed)
    return RateEstimate(
        population=int(sample.population.sum()),
        tested=int(sample.tested.sum()),
        failed=int(sample.failed.sum()),
        rate=None if summary.rate is None else 1.0 - summary.rate,
        standard_error=summary.standard_error,
        degrees_of_freedom=summary.degrees_of_freedom,
        design_effect=summary.design_effect,
        lower=interval.lower,
        upper=interval.upper,
        failures_lower=interval.failures_lower,
        failures_upper=interval.failures_upper,
        confidence=confidence,
        side=side,
        method=interval.method,
        requested=method,
        notes=interval.notes,
    )


@dataclass(frozen=True)
class _Interval:
    lower: float
    upper: float
    failures_lower: int | None
    failures_upper: int | None
    method: str
    notes: tuple[Note, ...]


def _interval(sample: StratifiedSample, method: Method, level: float, side: Side, budget: int) -> _Interval:
    N, n, x = sample.population, sample.tested, sample.failed
    if n.sum() == 0:
        return _guaranteed(sample, level, side, budget, ("untested",))
    if (n == N).all():
        return _guaranteed(sample, level, side, budget, ("census",))
    unsampled = bool((n == 0).any())
    notes: tuple[Note, ...] = ("unsampled-strata",) if unsampled else ()
    if method == "uneven":
        return _guaranteed(sample, level, side, budget, notes, uneven=side == "two-sided")
    if method == "auto" or method == "exact":
        found = _guaranteed(sample, level, side, budget, notes)
        if method == "exact" or found.method == "exact":
            return found
        rescued = _modelled(sample, "conservative", level, side)
        return replace(rescued, notes=(*rescued.notes, "work-limit"))
    if method == "chernoff":
        return _guaranteed(sample, level, side, 0, notes)
    if method == "effective" or method == "conservative":
        return _modelled(sample, method, level, side)
    limits = design.limits(N, n, x, method, level)
    if limits is None:
        found = _guaranteed(sample, level, side, budget, notes)
        return replace(found, notes=("fallback-exact", *found.notes))
    return _one_sided(limits, side, method, ("sampled-strata-only",) if unsampled else ())


def _one_sided(failing: tuple[float, float], side: Side, method: str, notes: tuple[Note, ...]) -> _Interval:
    """Turn limits of the failure rate into the asked-for limits of the pass rate."""
    lower = 0.0 if side == "upper" else min(max(1.0 - failing[1], 0.0), 1.0)
    upper = 1.0 if side == "lower" else min(max(1.0 - failing[0], 0.0), 1.0)
    return _Interval(lower, upper, None, None, method, notes)


def _guaranteed(
    sample: StratifiedSample,
    level: float,
    side: Side,
    budget: int,
    notes: tuple[Note, ...],
    uneven: bool = False,
) -> _Interval:
    counts = (sample.population, sample.tested, sample.failed)
    total = int(sample.population.sum())
    most, fewest = exact.Finding(total, 1), exact.Finding(0, 1)
    if uneven:
        fewest, most = exact.uneven_limits(*counts, 2 * level, budget=budget)
    elif side != "upper":
        most = exact.most_failures(*counts, level, budget=budget)
    if side != "lower" and not uneven:
        fewest = exact.fewest_failures(*counts, level, budget=budget)
    if fewest.value > most.value:  # only at confidences far below one half, where either side may refute too much
        most, fewest = fewest, most
    if (sample.tested < sample.population).any():
        most, fewest = _opened(sample, most, fewest, side)
    grids = (most.grid, fewest.grid)
    if max(grids) > 1:
        notes = (*notes, "coarse-grid")
    return _Interval(
        lower=(total - int(most.value)) / total,
        upper=(total - int(fewest.value)) / total,
        failures_lower=int(fewest.value),
        failures_upper=int(most.value),
        method="chernoff" if 0 in grids else "uneven" if uneven else "exact",
        notes=notes,
    )


def _opened(
    sample: StratifiedSample, most: exact.Finding, fewest: exact.Finding, side: Side
) -> tuple[exact.Finding, exact.Finding]:
    """Limits that keep the untested units in sight.

    Where all but a few units were tested, two limits may meet, and a bound may say that no untested unit fails, or that
    every one does. One unit more keeps it open: a sample is no certificate of what it did not test.
    """
    seen = int(sample.failed.sum())
    possible = int(sample.population.sum()) - int((sample.tested - sample.failed).sum())
    meet = side == "two-sided" and fewest.value == most.value
    if side != "upper" and (most.value == seen or (meet and most.value < possible)):
        return replace(most, value=most.value + 1), fewest
    if side != "lower" and (fewest.value == possible or meet):
        return most, replace(fewest, value=fewest.value - 1)
    return most, fewest


def _modelled(
    sample: StratifiedSample, method: Literal["effective", "conservative"], level: float, side: Side
) -> _Interval:
    """Effective-sample-size limits for the sampled strata, opened up by what the unsampled ones could hold."""
    sampled = sample.tested > 0
    N, n, x = sample.population[sampled], sample.tested[sampled], sample.failed[sampled]
    low, high = effective.limits(N, n, x, method, level)
    share = int(N.sum()) / int(sample.population.sum())
    if share == 1.0:
        return _one_sided((low, high), side, method, ())
    return _one_sided((low * share, high * share + 1.0 - share), side, method, ("unsampled-strata",))


def warning_p_value(sample: StratifiedSample, target: float, *, budget: int = exact.BUDGET) -> float:
    """P-value of "the pass rate is at least `target`" (in [0, 1]): small means proven to be below the target.

    Guaranteed: under that hypothesis P(p ≤ a) ≤ a for every a, whatever the strata look like.
    """
    allowed = failing_allowed(int(sample.population.sum()), target)
    return exact.p_value_at_most(sample.population, sample.tested, sample.failed, allowed, budget=budget).value


def assurance_p_value(sample: StratifiedSample, target: float, *, budget: int = exact.BUDGET) -> float:
    """P-value of "the pass rate is below `target`" (in [0, 1]): small means proven to reach the target.

    Units of strata without a test count as failing here. Guaranteed as `warning_p_value`.
    """
    allowed = failing_allowed(int(sample.population.sum()), target)
    return exact.p_value_at_least(sample.population, sample.tested, sample.failed, allowed + 1, budget=budget).value
