"""The change between two samples: guaranteed for every pair of populations."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from sampler.stats.difference import rate_change
from sampler.stats.stratified import StratifiedSample, estimate


def outcomes(
    population: tuple[int, ...], tested: tuple[int, ...], failing: tuple[int, ...]
) -> dict[tuple[int, ...], float]:
    """Every sample that can come of a population, with its probability."""
    parts = [
        [(x, float(hypergeom.pmf(x, N, M, n))) for x in range(n + 1)]
        for N, n, M in zip(population, tested, failing, strict=True)
    ]
    found = {}
    for combination in product(*parts):
        p = float(np.prod([q for _, q in combination]))
        if p > 0:
            found[tuple(x for x, _ in combination)] = p
    return found


DESIGNS = [((6, 4), (3, 2)), ((7,), (3,))]


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_coverage_by_enumeration(confidence: float) -> None:
    """Every pair of populations of two tiny designs: the least coverage is at least nominal."""
    (N1, n1), (N2, n2) = DESIGNS
    samples1 = {x: StratifiedSample(N1, n1, x) for x in product(*(range(n + 1) for n in n1))}
    samples2 = {x: StratifiedSample(N2, n2, x) for x in product(*(range(n + 1) for n in n2))}
    limits = {
        (x, y): rate_change(a, b, confidence=confidence)
        for (x, a), (y, b) in product(samples1.items(), samples2.items())
    }
    least = 1.0
    for M1 in product(*(range(N + 1) for N in N1)):
        chances1 = outcomes(N1, n1, M1)
        for M2 in product(*(range(N + 1) for N in N2)):
            truth = sum(M1) / sum(N1) - sum(M2) / sum(N2)
            covered = sum(
                p * q
                for (x, p), (y, q) in product(chances1.items(), outcomes(N2, n2, M2).items())
                if limits[x, y].lower - 1e-12 <= truth <= limits[x, y].upper + 1e-12
            )
            least = min(least, covered)
    assert least >= confidence - 1e-9
    assert least < 1  # the test can fail


counts = st.integers(2, 60).flatmap(
    lambda N: st.integers(1, N).flatmap(lambda n: st.tuples(st.just(N), st.just(n), st.integers(0, n)))
)
samples = st.lists(counts, min_size=1, max_size=3).map(lambda rows: StratifiedSample(*zip(*rows, strict=True)))


@settings(deadline=None, max_examples=40)
@given(samples, samples)
def test_laws(before: StratifiedSample, after: StratifiedSample) -> None:
    change = rate_change(before, after)
    assert -1 <= change.lower <= change.upper <= 1
    assert change.difference is not None
    assert change.lower - 1e-12 <= change.difference <= change.upper + 1e-12
    back = rate_change(after, before)
    assert (back.lower, back.upper) == pytest.approx((-change.upper, -change.lower))
    wider = rate_change(before, after, confidence=0.99)
    assert wider.lower <= change.lower + 1e-12
    assert wider.upper >= change.upper - 1e-12


def test_limits_are_those_of_the_two_intervals() -> None:
    before, after = (
        StratifiedSample([200, 100], [40, 20], [6, 4]),
        StratifiedSample([150, 80], [30, 30], [0, 1]),
    )
    one, other = (estimate(s, method="exact", confidence=sqrt(0.95)) for s in (before, after))
    change = rate_change(before, after)
    assert (change.lower, change.upper) == (other.lower - one.upper, other.upper - one.lower)
    assert change.difference == pytest.approx(other.rate - one.rate)


def test_real_only_when_no_change_is_refuted() -> None:
    many, few = StratifiedSample([1000], [200], [60]), StratifiedSample([1000], [200], [4])
    assert rate_change(many, few).is_real
    assert rate_change(few, many).upper < 0
    assert not rate_change(many, many).is_real


def test_two_censuses_leave_nothing_open() -> None:
    change = rate_change(StratifiedSample([10], [10], [4]), StratifiedSample([20], [20], [2]))
    assert change.lower == pytest.approx(0.3)
    assert change.upper == pytest.approx(0.3)


@pytest.mark.parametrize("confidence", [0, 1, -0.5, 1.5])
def test_bad_confidence(confidence: float) -> None:
    sample = StratifiedSample([10], [5], [1])
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, but got"):
        rate_change(sample, sample, confidence=confidence)
