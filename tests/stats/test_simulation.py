"""Drawing counts: the same distribution as drawing tickets, and the same figures as enumerating every sample."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom, multivariate_hypergeom

from sampler.stats.selection import ranks
from sampler.stats.simulation import (
    CHUNK,
    Cells,
    SampleDesign,
    Study,
    adopt,
    affordable_method,
    chunks,
    draw_counts,
    generator,
    simulate_adopted,
    simulate_chunk,
    total,
)
from sampler.stats.stratified import StratifiedSample, estimate
from sampler.stats.tickets import tickets

TINY = (np.array([14, 9]), np.array([4, 3]), np.array([7, 5]))
"""Two strata: units, tested, failing."""


def array(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def study(
    size: np.ndarray,
    failing: np.ndarray,
    *designs: SampleDesign,
    known: bool = True,
    domains: tuple[np.ndarray, ...] | None = None,
    method: str = "exact",
    seed: str = "s",
) -> Study:
    inside = domains or (np.arange(len(size)),)
    cells = Cells(size, failing.astype(float), known)
    return Study(cells, designs, inside, (method,) * len(inside), 0.95, seed)  # type: ignore[arg-type]


def drawn(what: Study, draws: int) -> object:
    return total(simulate_chunk(what, i, draws) for i in chunks(draws))


def test_counts_have_the_distribution_of_tickets() -> None:
    """A stratum of cells of 3, 2 and 1 units, 3 drawn: simulated counts and counts of real tickets against the law."""
    cells, draws = array(3, 2, 1), 6000
    design = SampleDesign(array(0, 0, 0), array(3))
    simulated = Counter(map(tuple, draw_counts(generator("x", 0), cells, design, draws).tolist()))
    ids = [f"u{i}" for i in range(6)]
    cell = np.repeat([0, 1, 2], cells)
    hashed: Counter[tuple[int, ...]] = Counter()
    for seed in range(draws):
        taken = ranks(np.zeros(6), tickets(str(seed), ids), ids) <= 3
        hashed[tuple(np.bincount(cell[taken], minlength=3).tolist())] += 1
    possible = [c for c in itertools.product(range(4), range(3), range(2)) if sum(c) == 3]
    assert set(simulated) | set(hashed) <= set(possible)
    for counts in possible:
        p = multivariate_hypergeom.pmf(counts, cells, 3)
        for seen in (simulated, hashed):
            assert abs(seen[counts] - draws * p) <= 4 * sqrt(draws * p * (1 - p))


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_stratum_gets_its_size_and_no_cell_more_than_it_has(data: st.DataObject) -> None:
    size = np.array(data.draw(st.lists(st.integers(1, 30), min_size=1, max_size=12)))
    stratum = np.unique(
        data.draw(st.lists(st.integers(0, 4), min_size=len(size), max_size=len(size))), return_inverse=True
    )[1]
    room = np.bincount(stratum, size).astype(np.int64)
    sizes = np.array([data.draw(st.integers(0, int(r))) for r in room])
    found = draw_counts(generator("x", 0), size, SampleDesign(stratum, sizes), 20)
    assert (found >= 0).all()
    assert (found <= size).all()
    for h, n in enumerate(sizes):
        assert (found[:, stratum == h].sum(axis=1) == n).all()


@pytest.mark.parametrize("method", ["exact", "conservative", "beta"])
def test_the_figures_are_those_of_enumerating_every_sample(method: str) -> None:
    N, n, M = TINY
    draws = 4000
    width = coverage = detection = mean = error = 0.0
    spread = 0.0
    truth = 1 - M.sum() / N.sum()
    for x in itertools.product(*(range(min(k, m) + 1) for k, m in zip(n, M, strict=True))):
        p = float(np.prod(hypergeom.pmf(x, N, M, n)))
        found = estimate(StratifiedSample(N, n, np.array(x)), method=method, confidence=0.95)  # type: ignore[arg-type]
        assert found.rate is not None
        width += p * (found.upper - found.lower)
        spread += p * (found.upper - found.lower) ** 2
        coverage += p * (found.lower - 1e-12 <= truth <= found.upper + 1e-12)
        detection += p * (sum(x) > 0)
        mean += p * found.rate
        error += p * (found.rate - truth) ** 2
    tally = drawn(study(N, M, SampleDesign(array(0, 1), n), method=method), draws)
    assert mean == pytest.approx(truth)

    def close(seen: np.ndarray, expected: float, sd: float) -> bool:
        return abs(float(seen[0, 0]) / draws - expected) <= 4 * sd / sqrt(draws) + 1e-12

    assert tally.draws == draws
    assert close(tally.width, width, sqrt(max(spread - width**2, 0)))
    assert close(tally.covered, coverage, sqrt(max(coverage * (1 - coverage), 0)))
    assert close(tally.detected, detection, sqrt(max(detection * (1 - detection), 0)))
    assert close(tally.error, 0, sqrt(error))
    assert close(tally.squared_error, error, 0.05)
    assert (tally.covered + tally.too_low + tally.too_high == draws).all()
    assert tally.failing[0, 0] == draws
    if method == "exact":
        assert coverage >= 0.95
    else:
        assert coverage < 1  # so that the share counted above is one that could be wrong


def test_estimates_are_unbiased_and_exact_intervals_hold_the_truth() -> None:
    """Five cells in three strata, one taken whole, beside a plain random sample; and a domain that cuts a stratum."""
    size, failing = array(40, 60, 80, 30, 6), array(4, 1, 10, 6, 2)
    planned = SampleDesign(array(0, 0, 1, 1, 2), array(15, 20, 6))
    random = SampleDesign(array(0, 0, 0, 0, 0), array(41))
    domains = (np.arange(5), array(0, 2, 4))
    draws = 600
    tally = drawn(study(size, failing, planned, random, domains=domains), draws)
    for d, k in itertools.product(range(2), range(2)):
        mean = tally.error[d, k] / tally.estimated[d, k]
        assert abs(mean) <= 4 * sqrt(tally.squared_error[d, k] / tally.estimated[d, k] / draws)
        assert tally.covered[d, k] / draws >= 0.95 - 3 * sqrt(0.95 * 0.05 / draws)
    assert (tally.tested[:, 0] == 41 * draws).all()
    assert tally.truth[0, 0] / draws == pytest.approx(1 - 23 / 216)
    assert tally.truth[0, 1] / draws == pytest.approx(1 - 16 / 126)
    assert all("exact" in methods for row in tally.methods for methods in row)


def test_assumed_rates_make_a_population_of_their_own_each_time() -> None:
    size = array(50, 200)
    what = study(
        size,
        np.array([2.5, 60.0]),
        SampleDesign(array(0, 1), array(10, 10)),
        known=False,
        method="conservative",
    )
    found = np.concatenate([what.cells.populations(generator("s", i), 500) for i in range(4)])
    assert abs(found.mean(axis=0) - [2.5, 60]).max() < 4 * sqrt(60 * 0.7 / 2000)
    assert found.var(axis=0) == pytest.approx([2.5 * 0.95, 60 * 0.7], rel=0.15)
    tally = drawn(what, 400)
    assert tally.truth[0, 0] / 400 == pytest.approx(1 - 62.5 / 250, abs=0.01)


def test_nothing_failing_is_never_found_and_nothing_tested_is_no_estimate() -> None:
    size = array(20, 30)
    design = SampleDesign(array(0, 1), array(5, 0))
    tally = drawn(study(size, array(0, 0), design, domains=(array(0), array(1))), 10)
    assert tally.failing.tolist() == tally.detected.tolist() == [[0, 0]]
    assert tally.estimated.tolist() == [[10, 0]]
    assert tally.width[0, 1] == 10
    assert tally.covered.tolist() == [[10, 10]]


def test_chunks_stand_for_themselves() -> None:
    """What a chunk draws depends on its number, not on which chunks were drawn before, by whom, or how many there are."""
    N, n, M = TINY
    what = study(N, M, SampleDesign(array(0, 1), n))
    assert len(chunks(CHUNK)) == 1
    assert len(chunks(CHUNK + 1)) == 2
    alone = simulate_chunk(what, 1, 2 * CHUNK)
    simulate_chunk(what, 0, 2 * CHUNK)
    again = simulate_chunk(what, 1, 5 * CHUNK)
    adopt(what, 2 * CHUNK)
    adopted = simulate_adopted(1)
    for other in (again, adopted):
        assert np.array_equal(alone.width, other.width)
        assert np.array_equal(alone.failed, other.failed)
    elsewhere = simulate_chunk(replace(what, seed="another"), 1, 2 * CHUNK)
    assert not np.array_equal(alone.width, elsewhere.width)
    assert simulate_chunk(what, 2, 2 * CHUNK + 3).draws == 3


def test_the_exact_interval_is_used_where_it_is_affordable() -> None:
    small = Cells(array(40, 60), np.array([2.0, 3.0]), False)
    design = SampleDesign(array(0, 1), array(10, 10))
    assert affordable_method(small, (design,), array(0, 1), 0.95, 1e9) == "exact"
    assert affordable_method(small, (design,), array(0, 1), 0.95, 1e3) == "conservative"
    large = Cells(np.full(50, 20_000), np.full(50, 1_000.0), False)
    wide = SampleDesign(np.arange(50), np.full(50, 60))
    assert affordable_method(large, (wide,), np.arange(50), 0.95, 1e9) == "conservative"
    # A census has nothing to compute, whatever it costs elsewhere.
    whole = SampleDesign(array(0, 1), array(40, 60))
    assert affordable_method(small, (whole,), array(0, 1), 0.95, 0.0) == "exact"


@pytest.mark.parametrize(
    ("size", "failing", "known", "message"),
    [
        (array(3, 0), np.array([1.0, 0.0]), True, "cell 1 must have a unit, but got 0"),
        (
            array(3, 2),
            np.array([1.0, 3.0]),
            True,
            "cell 1: of 2 units between 0 and all may fail, but got 3.0",
        ),
        (
            array(3, 2),
            np.array([np.nan, 1.0]),
            False,
            "cell 0: of 3 units between 0 and all may fail, but got nan",
        ),
        (array(3, 2), np.array([1.0, 0.5]), True, "cell 1: known failures must be whole, but got 0.5"),
    ],
)
def test_impossible_cells(size: np.ndarray, failing: np.ndarray, known: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Cells(size, failing, known)


def test_a_sample_beyond_its_stratum_is_refused() -> None:
    N, _, M = TINY
    with pytest.raises(ValueError, match=r"stratum 1: the sample must lie between 0 and its 9 units, but got 10"):
        study(N, M, SampleDesign(array(0, 1), array(1, 10)))


def test_no_tally_has_no_sum() -> None:
    with pytest.raises(ValueError, match="at least one tally"):
        total([])


def test_errors_and_misses_have_their_direction() -> None:
    # A hundred units that all fail and are never tested, a hundred of which two fail: the rate seen is about 0.98, the truth
    # 0.49. A method that speaks for the tested part alone lies above it; the other way round, below.
    design = SampleDesign(array(0, 1), array(0, 50))
    above = drawn(study(array(100, 100), array(100, 2), design, method="design"), 20)
    assert above.error.item() / 20 == pytest.approx(0.49, abs=0.02)
    assert above.too_high.item() > 10
    assert above.too_low.item() == 0
    below = drawn(study(array(100, 100), array(0, 98), design, method="design"), 20)
    assert below.error.item() / 20 == pytest.approx(-0.49, abs=0.02)
    assert below.too_low.item() > 10
    assert below.too_high.item() == 0
