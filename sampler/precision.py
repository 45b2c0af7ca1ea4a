"""What a plan buys: the interval to expect in every domain, at the pass rates assumed when planning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sampler.stats.stratified import StratifiedSample, estimate

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Expected:
    """The interval to expect in one domain.

    Attributes:
        domain: column → value; empty for the whole.
        population, sample: units, and how many of them are tasks.
        rate: assumed pass rate.
        lower, upper: limits of the interval at the outcome that this rate makes likeliest.
    """

    domain: dict[str, str]
    population: int
    sample: int
    rate: float
    lower: float
    upper: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.upper - self.lower) / 2


def expected_precision(strata: pl.DataFrame, by: Sequence[str], *, confidence: float) -> list[Expected]:
    """The interval to expect for the whole and for every value of the columns ``by``.

    The failures assumed of a domain are its expected number, rounded, put into its strata by largest remainder. The
    interval is the guaranteed one whose cost does not grow with the design (``conservative``): at most as narrow as
    what ``estimate`` will report.

    Args:
        strata: as `sampler.plan.Plan.strata`.
        by: columns of ``strata``; a column it lacks is passed over.
        confidence: in (0, 1).
    """
    return [_expected(domain, part, confidence) for domain, part in _domains(strata, by)]


def _domains(strata: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, str], pl.DataFrame]]:
    yield {}, strata
    for column in by:
        if column in strata.columns:
            for (value,), part in strata.drop_nulls(column).group_by(column, maintain_order=True):
                yield {column: str(value)}, part


def _expected(domain: dict[str, str], strata: pl.DataFrame, confidence: float) -> Expected:
    population, sample = strata["population"].to_numpy(), strata["sample"].to_numpy()
    rate = strata["rate"].to_numpy()
    failed = _likeliest(sample * (1 - rate), sample)
    found = estimate(StratifiedSample(population, sample, failed), method="conservative", confidence=confidence)
    mean = float((population * rate).sum() / population.sum())
    return Expected(domain, found.population, found.tested, mean, found.lower, found.upper)


def _likeliest(mean: npt.NDArray[np.float64], most: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Whole numbers close to ``mean`` with its rounded sum, none above ``most``."""
    whole = np.floor(mean).astype(np.int64)
    missing = round(float(mean.sum())) - int(whole.sum())
    order = np.argsort(-(mean - whole), kind="stable")
    whole[order[:missing]] += 1
    return np.minimum(whole, most)
