"""What a plan buys: the interval to expect in every domain at the pass rates assumed, and what more tests would bring."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sampler.allocation import Binding
from sampler.margins import planned_interval
from sampler.stats.allocation import allocate
from sampler.stats.detection import detection_probability
from sampler.stats.planning import expected_interval, variance_terms

if TYPE_CHECKING:
    import polars as pl

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_NARROWER = 0.85
"""How much narrower an interval the price of more tests is told for."""


@dataclass(frozen=True)
class More:
    """What further tests in a domain would bring: so many units more, and the half-width then."""

    units: int
    half_width: float


@dataclass(frozen=True)
class Expected:
    """The interval to expect in one domain.

    Attributes:
        domain: column → value; empty for the whole.
        population, sample: units, and how many of them are tasks.
        rate: assumed pass rate.
        lower, upper: limits of the interval for the failures that this rate lets expect.
        confidence: of the interval.
        method: what gave the limits; where a margin is asked, what `estimate` uses.
        detection: probability of finding a failing unit if ``notice`` of the units fail, each unit as likely as any
            other.
        notice: that share.
        asked: the margin asked for, and whether it decided anything; None where none was asked.
        more: what more tests would bring; only where a margin is asked.
    """

    domain: Mapping[str, str]
    population: int
    sample: int
    rate: float
    lower: float
    upper: float
    confidence: float = 0.95
    method: str = "conservative"
    detection: float = 0.0
    notice: float = 0.05
    asked: Binding | None = None
    more: More | None = None

    @property
    def half_width(self) -> float:
        """Half the width of the interval."""
        return (self.upper - self.lower) / 2

    def to_json(self) -> dict[str, object]:
        """The domain as scripts read it."""
        asked = self.asked and {
            "margin": self.asked.margin,
            "binding": self.asked.binding,
            "price_per_point": self.asked.price,
        }
        return {
            "domain": dict(self.domain),
            "population": self.population,
            "sample": self.sample,
            "rate": self.rate,
            "half_width": self.half_width,
            "lower": self.lower,
            "upper": self.upper,
            "confidence": self.confidence,
            "method": self.method,
            "detection": {"share": self.notice, "probability": self.detection},
            "asked": asked,
            "more": self.more and {"units": self.more.units, "half_width": self.more.half_width},
        }


def expected_precision(
    strata: pl.DataFrame, by: Sequence[str], *, confidence: float, notice: float = 0.05
) -> list[Expected]:
    """The interval to expect for the whole and for every value of the columns ``by``.

    It is the interval of `sampler.stats.planning`: near the one `estimate` will report, at hardly any cost.

    Args:
        strata: as `sampler.plan.Plan.strata`.
        by: columns of ``strata``; a column it lacks is passed over.
        confidence: in (0, 1).
        notice: share of failing units for the probability of detection, in (0, 1).
    """
    return [_expected(domain, part, confidence, notice) for domain, part in _domains(strata, by)]


def expected_margins(strata: pl.DataFrame, margins: Sequence[Binding], *, notice: float = 0.05) -> list[Expected]:
    """The interval `estimate` will report in every domain a margin is asked of, and what more tests would bring there."""
    found = []
    for asked in margins:
        part = _inside(strata, asked.domain)
        population, sample, failing = _counts(part)
        rate = _mean_rate(population, failing)
        planned = planned_interval(population, sample, failing, confidence=asked.confidence)
        found.append(
            Expected(
                domain=asked.domain,
                population=int(population.sum()),
                sample=int(sample.sum()),
                rate=rate,
                lower=min(planned.lower, rate),
                upper=max(planned.upper, rate),
                confidence=asked.confidence,
                method=planned.method,
                detection=_detection(population, sample, notice),
                notice=notice,
                asked=asked,
                more=_more(population, sample, failing, asked.confidence, planned.half_width),
            )
        )
    return found


def _domains(strata: pl.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, str], pl.DataFrame]]:
    yield {}, strata
    for column in by:
        if column in strata.columns:
            for (value,), part in strata.drop_nulls(column).group_by(column, maintain_order=True):
                yield {column: str(value)}, part


def _inside(strata: pl.DataFrame, domain: Mapping[str, str]) -> pl.DataFrame:
    for column, value in domain.items():
        strata = strata.filter((strata[column] == value).fill_null(False))
    return strata


def _counts(strata: pl.DataFrame) -> tuple[IntArray, IntArray, FloatArray]:
    return strata["population"].to_numpy(), strata["sample"].to_numpy(), 1 - strata["rate"].to_numpy()


def _mean_rate(population: IntArray, failing: FloatArray) -> float:
    return 1 - float(population @ failing / population.sum())


def _detection(population: IntArray, sample: IntArray, notice: float) -> float:
    return detection_probability(int(sample.sum()), share=notice, population=int(population.sum()))


def _expected(domain: dict[str, str], strata: pl.DataFrame, confidence: float, notice: float) -> Expected:
    population, sample, failing = _counts(strata)
    rate = _mean_rate(population, failing)
    low, high = expected_interval(population, sample, failing, confidence=confidence)
    return Expected(
        domain=domain,
        population=int(population.sum()),
        sample=int(sample.sum()),
        rate=rate,
        lower=min(1 - high, rate),  # in a census all are the same, and rounding must not put them the wrong way round
        upper=max(1 - low, rate),
        confidence=confidence,
        detection=_detection(population, sample, notice),
        notice=notice,
    )


def _more(
    population: IntArray, sample: IntArray, failing: FloatArray, confidence: float, half_width: float
) -> More | None:
    """The fewest further units that make a domain's interval clearly narrower, put where they help it most.

    Searched with the quick interval, scaled to agree with `half_width` at the sizes as they are.
    """
    aim = math.floor(1000 * _NARROWER * half_width) / 1000
    most = int((population - sample).sum())
    if most == 0 or aim <= 0:
        return None
    only_weights, modelled = variance_terms(population, sample, failing)
    spread = 1 / np.maximum(sample, 1) - 1 / population
    a = np.sqrt(only_weights if only_weights @ spread > modelled @ spread else modelled)

    def quick(sizes: IntArray) -> float:
        low, high = expected_interval(population, sizes, failing, confidence=confidence)
        return (high - low) / 2

    scale = half_width / quick(sample)

    def width(extra: int) -> float:
        return scale * quick(allocate(a, int(sample.sum()) + extra, lower=sample, upper=population))

    low, high = 0, 1
    while high < most and width(high) > aim:
        low, high = high, min(2 * high, most)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= aim else (middle, high)
    return More(high, width(high))
