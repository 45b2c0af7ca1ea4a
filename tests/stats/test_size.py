"""Sample sizes: brute force over every sample, other software's numbers, laws."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.detection import unit_risks
from sampler.stats.proportion import METHODS, interval
from sampler.stats.size import (
    detection_probability,
    expected_half_width,
    failing_units,
    risk_detection_probability,
    size_for_detection,
    size_for_margin,
    size_for_risk_detection,
)

# --- margins ------------------------------------------------------------------------------------------------------


def brute_half_width(n: int, failing: int, population: int, **options: object) -> float:
    total = 0.0
    for x in range(max(0, n - (population - failing)), min(n, failing) + 1):
        chance = math.comb(failing, x) * math.comb(population - failing, n - x) / math.comb(population, n)
        found = interval(x, n, population=population, **options)
        total += chance * (found.upper - found.lower) / 2
    return total


@pytest.mark.parametrize("method", METHODS)
def test_expected_half_width_is_the_mean_over_all_samples(method: str) -> None:
    for n, failing, population in ((0, 1, 8), (1, 0, 3), (5, 2, 12), (30, 4, 60), (12, 12, 12), (7, 3, 40)):
        expected = brute_half_width(n, failing, population, confidence=0.9, method=method)
        found = expected_half_width(
            n, rate=1 - failing / population, population=population, confidence=0.9, method=method
        )
        assert found == pytest.approx(expected, abs=1e-12)


def test_expected_half_width_of_an_endless_process() -> None:
    for n, rate in ((1, 0.9), (20, 0.95), (60, 1.0), (60, 0.0), (200, 0.5)):
        x = np.arange(n + 1)
        weight = np.array([math.comb(n, k) * (1 - rate) ** k * rate ** (n - k) for k in range(n + 1)])
        found = interval(x, n)
        expected = float(weight @ (found.upper - found.lower)) / 2
        assert expected_half_width(n, rate=rate) == pytest.approx(expected, rel=1e-10)


def test_failing_units_of_the_assumed_rate_are_rounded_to_the_nearest() -> None:
    # 50 × 3% = 1.5 failing units: 2
    assert expected_half_width(10, rate=0.97, population=50) == pytest.approx(brute_half_width(10, 2, 50), abs=1e-12)


def test_everything_or_nothing_tested() -> None:
    assert expected_half_width(0, rate=0.9, population=20) == 0.5
    assert expected_half_width(20, rate=0.9, population=20) == 0.0


@pytest.mark.parametrize("population", [7, 20, 41, 100])
@pytest.mark.parametrize("rate", [1.0, 0.98, 0.9, 0.5])
@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1, 0.2])
def test_size_for_margin_against_every_n(population: int, rate: float, margin: float) -> None:
    widths = [expected_half_width(n, rate=rate, population=population) for n in range(population + 1)]
    misses = [n for n, width in enumerate(widths) if width > margin]
    assert size_for_margin(margin, rate=rate, population=population) == misses[-1] + 1


def test_rises_of_the_expected_half_width_stay_below_one_unit() -> None:
    # What size_for_margin relies on: from no n to any later n does the half-width rise by 1/population.
    rises = []
    for population in (3, 10, 37):
        for rate in (1.0, 0.95, 0.5):
            for confidence in (0.8, 0.9):
                widths = np.array(
                    [
                        expected_half_width(n, rate=rate, population=population, confidence=confidence)
                        for n in range(population + 1)
                    ]
                )
                later = np.maximum.accumulate(widths[::-1])[::-1]
                rises.append(float((later - widths).max()) * population)
    assert max(rises) < 0.6
    assert max(rises) > 0.1  # there are rises: the search has to look ahead


@settings(deadline=None, max_examples=25)
@given(
    st.floats(0.01, 0.3),
    st.floats(0.5, 1.0),
    st.one_of(st.none(), st.integers(1, 5000)),
    st.floats(0.7, 0.99),
    st.sampled_from([m for m in METHODS if m not in ("wald", "agresti-coull")]),
)
def test_size_for_margin_is_the_first_from_which_it_holds(
    margin: float, rate: float, population: int | None, confidence: float, method: str
) -> None:
    options = {"rate": rate, "population": population, "confidence": confidence, "method": method}
    try:
        n = size_for_margin(margin, **options)
    except ValueError:
        assert population is not None
        assert method != "exact"
        assert expected_half_width(population, **options) > margin
        return
    assert expected_half_width(n, **options) <= margin
    assert expected_half_width(n - 1, **options) > margin
    for more in (1, 2, 3, 10, 100):
        if population is None or n + more <= population:
            assert expected_half_width(n + more, **options) <= margin


@pytest.mark.parametrize("population", [905, 5000])
def test_small_populations_are_searched_one_by_one(population: int) -> None:
    n = size_for_margin(0.01, rate=0.5, population=population, confidence=0.875)
    widths = [expected_half_width(k, rate=0.5, population=population, confidence=0.875) for k in range(n - 1, n + 60)]
    assert widths[0] > 0.01 >= max(widths[1:])


def test_sizes_a_planner_sees() -> None:
    # The normal approximation asks for z² p(1 − p)/E² = 125 at 97% ± 3 points: too few by a fifth.
    n = size_for_margin(0.03, rate=0.97)
    assert n == 155
    assert expected_half_width(125, rate=0.97) > 0.0335
    assert size_for_margin(0.03, rate=0.97, population=10**9) == n
    assert size_for_margin(0.03, rate=0.97, population=2000) == 144
    assert size_for_margin(0.003, rate=0.97, population=4_000_000) == 12711
    assert size_for_margin(0.05, rate=1.0, population=1) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: size_for_margin(0, rate=0.9), "margin must lie strictly between 0 and 0.5, but got 0"),
        (lambda: size_for_margin(0.5, rate=0.9), "margin must lie strictly between 0 and 0.5, but got 0.5"),
        (lambda: size_for_margin("3%", rate=0.9), "margin must lie strictly between 0 and 0.5, but got '3%'"),
        (lambda: size_for_margin(0.1, rate=1.2), "rate must lie between 0 and 1, but got 1.2"),
        (
            lambda: size_for_margin(0.1, rate=0.9, population=0),
            "population must be a whole number, 1 or more, but got 0",
        ),
        (
            lambda: size_for_margin(0.1, rate=0.9, confidence=2),
            "confidence must lie strictly between 0 and 1, but got 2",
        ),
        (
            lambda: size_for_margin(0.1, rate=0.9, method="wald"),
            "method must be one whose width falls as more units are tested, but got 'wald'",
        ),
        (
            lambda: size_for_margin(0.02, rate=0.9, population=30, method="wilson"),
            "margin cannot be reached by method 'wilson' even with all 30 units tested, but got 0.02",
        ),
        (lambda: expected_half_width(-1, rate=0.9), "n must be a whole number, 0 or more, but got -1"),
        (lambda: expected_half_width(9, rate=0.9, population=8), "n must not exceed population 8, but got 9"),
        (
            lambda: expected_half_width([1, 2], rate=0.9),
            "n must be a whole number, 0 or more, but got [1, 2]",
        ),
    ],
)
def test_margin_errors(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        call()
    assert str(caught.value) == message


# --- detection ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("population", "share", "sensitivity", "size", "probability"),
    [
        (65, 3 / 65, 0.95, 43, 0.952201061699),
        (1000, 0.01, 1.0, 258, 0.950204196727),
        (1000, 0.05, 1.0, 57, 0.950763160973),
        (150, 0.10, 0.9, 29, 0.950492715263),
        (500, 0.02, 0.8, 161, 0.950298815656),
        (100, 0.02, 1.0, 78, 0.953333333333),
    ],
)
def test_equal_to_freecalc(population: int, share: float, sensitivity: float, size: int, probability: float) -> None:
    # R epiR 2.0.57: rsu.sssep.rsfreecalc(N, pstar, mse.p = 0.95, msp.p = 0.95, se.u, sp.u = 1)$summary, n and se.p.
    # The approximation in epiR rsu.sssep.rs gives 44, 259, 59, 31, 162 and 78: up to two tests too many.
    assert size_for_detection(share, population=population, sensitivity=sensitivity) == size
    found = detection_probability(size, share=share, population=population, sensitivity=sensitivity)
    assert found == pytest.approx(probability, abs=1e-12)


@pytest.mark.parametrize(
    ("share", "sensitivity", "size"),
    [(0.01, 1.0, 299), (0.05, 1.0, 59), (0.2, 1.0, 14), (0.01, 0.9, 332), (0.05, 0.9, 66), (0.2, 0.9, 16)],
)
def test_endless_population_equal_to_epir(share: float, sensitivity: float, size: int) -> None:
    # R epiR 2.0.57: rsu.sssep.rs(N = NA, pstar = share, se.p = 0.95, se.u = sensitivity)
    assert size_for_detection(share, sensitivity=sensitivity) == size


def brute_detection(n: int, failing: int, population: int, sensitivity: float) -> float:
    miss = sum(
        math.comb(failing, y) * math.comb(population - failing, n - y) * (1 - sensitivity) ** y
        for y in range(max(0, n - population + failing), min(n, failing) + 1)
    )
    return 1 - miss / math.comb(population, n)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_detection_by_brute_force(data: st.DataObject) -> None:
    population = data.draw(st.integers(1, 120))
    n = data.draw(st.integers(0, population))
    share = data.draw(st.floats(0.001, 1.0))
    sensitivity = data.draw(st.sampled_from([1.0, 0.9, 0.5, 0.01]))
    failing = failing_units(share, population)
    expected = brute_detection(n, failing, population, sensitivity)
    found = detection_probability(n, share=share, population=population, sensitivity=sensitivity)
    assert found == pytest.approx(expected, abs=1e-12)
    # more failing units, more tests: never less likely to be found
    if n < population:
        more = detection_probability(n + 1, share=share, population=population, sensitivity=sensitivity)
        assert more >= found - 1e-12
    twice = detection_probability(n, share=min(1.0, 2 * share), population=population, sensitivity=sensitivity)
    assert twice >= found - 1e-12


@settings(deadline=None, max_examples=100)
@given(
    st.floats(0.0005, 1.0),
    st.floats(0.01, 0.999),
    st.one_of(st.none(), st.integers(1, 50_000)),
    st.sampled_from([1.0, 0.95, 0.4]),
)
def test_size_for_detection_is_the_smallest(
    share: float, probability: float, population: int | None, sensitivity: float
) -> None:
    options = {"population": population, "sensitivity": sensitivity}
    try:
        n = size_for_detection(share, probability=probability, **options)
    except ValueError:
        assert sensitivity < 1.0
        assert population is not None
        assert detection_probability(population, share=share, **options) < probability
        return
    assert detection_probability(n, share=share, **options) >= probability - 1e-12
    assert n >= 1
    assert n == 1 or detection_probability(n - 1, share=share, **options) < probability
    if population is not None:
        assert n <= size_for_detection(share, probability=probability, sensitivity=sensitivity)


def test_rounding_of_the_share() -> None:
    assert failing_units(0.07, 100) == 7  # 7.000000000000001 in binary
    assert failing_units(0.29, 100) == 29  # 28.999999999999996
    assert failing_units(0.05, 65) == 4  # 3.25: "at least 5%" is 4 units
    assert failing_units(0.001, 20) == 1
    assert failing_units(1.0, 7) == 7


def test_large_registry() -> None:
    assert size_for_detection(0.001, population=4_000_000) == 2994
    assert size_for_detection(0.05, population=4_000_000) == 59
    assert detection_probability(4_000_000, share=1e-9, population=4_000_000) == 1.0


# --- risk tiers ---------------------------------------------------------------------------------------------------


def brute_risk_detection(N: list[int], n: list[int], p: list[float], failing: int, sensitivity: float) -> float:
    """Every way in which `failing` of the units can fail, weighted by the units' odds."""
    units = [(p[i], j < n[i]) for i in range(len(N)) for j in range(N[i])]
    weight_all = weight_missed = 0.0
    for chosen in itertools.combinations(range(len(units)), failing):
        weight = math.prod(risk if u in chosen else 1 - risk for u, (risk, _) in enumerate(units))
        weight_all += weight
        weight_missed += weight * (1 - sensitivity) ** sum(units[u][1] for u in chosen)
    return 1 - weight_missed / weight_all


@pytest.mark.parametrize(
    ("N", "n", "risks", "share", "sensitivity"),
    [
        ([4, 6], [2, 1], [3.0, 1.0], 0.2, 1.0),
        ([4, 6], [2, 1], [3.0, 1.0], 0.2, 0.7),
        ([3, 3, 5], [3, 0, 2], [2.0, 1.5, 0.5], 0.3, 0.9),
        ([1, 0, 8], [1, 0, 0], [5.0, 9.0, 1.0], 0.1, 1.0),
        ([5, 5], [5, 0], [1.0, 0.2], 0.5, 1.0),
        ([2, 6], [1, 3], [4.0, 1.0], 0.25, 0.6),
    ],
)
def test_risk_detection_by_brute_force(
    N: list[int], n: list[int], risks: list[float], share: float, sensitivity: float
) -> None:
    failing = failing_units(share, sum(N))
    p = unit_risks(N, risks, failing / sum(N)).tolist()
    expected = brute_risk_detection(N, n, p, failing, sensitivity)
    found = risk_detection_probability(N, n, risks, share, sensitivity=sensitivity)
    assert found == pytest.approx(expected, abs=1e-12)


def test_a_tier_that_fails_for_certain() -> None:
    # Two of eight units fail, and the risks say it is the first tier's two.
    assert unit_risks([2, 6], [1.0, 1e-18], 0.25)[0] == pytest.approx(1.0)
    assert risk_detection_probability([2, 6], [1, 0], [1.0, 1e-18], 0.25) == pytest.approx(1.0)
    assert risk_detection_probability([2, 6], [0, 6], [1.0, 1e-18], 0.25) == pytest.approx(0.0, abs=1e-12)
    assert risk_detection_probability([2, 6], [1, 3], [1.0, 1e-18], 0.25, sensitivity=0.7) == pytest.approx(0.7)
    assert risk_detection_probability([2, 3], [1, 1], [1.0, 1.0], 1.0, sensitivity=0.5) == pytest.approx(0.75)


def test_martin_2007_is_the_limit_of_large_tiers() -> None:
    # R epiR 2.0.57: rsu.sep.rb1rf(n = c(5,5,5), rr = c(5,3,1), ppr = c(.1,.1,.8), pstar = .1, se.u = .9,
    # method = "binomial"): se.p 0.9430056, epi 0.3125 0.1875 0.0625
    np.testing.assert_allclose(unit_risks([10, 10, 80], [5, 3, 1], 0.1), [0.3125, 0.1875, 0.0625], rtol=1e-14)
    big = risk_detection_probability([10**6, 10**6, 8 * 10**6], [5, 5, 5], [5, 3, 1], 0.1, sensitivity=0.9)
    assert big == pytest.approx(0.9430056, abs=1e-6)
    # With N = c(10,10,80), method = "hypergeometric" approximates 0.9623211; exactly it is a little more.
    assert risk_detection_probability([10, 10, 80], [5, 5, 5], [5, 3, 1], 0.1, sensitivity=0.9) == pytest.approx(
        0.9625626946, abs=1e-9
    )


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_equal_risks_are_one_population(data: st.DataObject) -> None:
    N = data.draw(st.lists(st.integers(0, 3000), min_size=1, max_size=5).filter(sum))
    n = [data.draw(st.integers(0, size)) for size in N]
    share = data.draw(st.floats(0.001, 0.9))
    sensitivity = data.draw(st.sampled_from([1.0, 0.8, 0.2]))
    tiers = risk_detection_probability(N, n, [2.5] * len(N), share, sensitivity=sensitivity)
    one = detection_probability(sum(n), share=share, population=sum(N), sensitivity=sensitivity)
    assert tiers == pytest.approx(one, abs=1e-9)


def test_fewest_tests_by_trying_them_all() -> None:
    N, risks, share = [6, 8, 10], [4.0, 2.0, 1.0], 0.15
    for probability in (0.5, 0.8, 0.95):
        found = size_for_risk_detection(N, risks, share, probability=probability)
        assert risk_detection_probability(N, found, risks, share) >= probability
        smaller = [
            n
            for n in itertools.product(*(range(size + 1) for size in N))
            if sum(n) == found.sum() - 1 and risk_detection_probability(N, n, risks, share) >= probability
        ]
        assert smaller == []


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_size_for_risk_detection_keeps_its_bounds(data: st.DataObject) -> None:
    N = data.draw(st.lists(st.integers(1, 400), min_size=2, max_size=4))
    risks = [data.draw(st.floats(1.0, 3.0)) for _ in N]
    lower = [data.draw(st.integers(0, size)) for size in N]
    upper = [data.draw(st.integers(low, size)) for low, size in zip(lower, N, strict=True)]
    split = [data.draw(st.integers(0, 4)) for _ in N] if data.draw(st.booleans()) else None
    if split is not None and not sum(split):
        split = None
    options = {"lower": lower, "upper": upper, "split": split, "probability": 0.9}
    if risk_detection_probability(N, upper, risks, 0.05) < 0.9:
        with pytest.raises(ValueError, match="probability cannot exceed"):
            size_for_risk_detection(N, risks, 0.05, **options)
        return
    if split is not None and 0 in split:  # a tier without a part gets its floor only, which may not be enough
        options["split"] = split = [part + 1 for part in split]
    found = size_for_risk_detection(N, risks, 0.05, **options)
    assert (found >= lower).all()
    assert (found <= upper).all()
    assert risk_detection_probability(N, found, risks, 0.05) >= 0.9 - 1e-12
    if split is None and found.sum() > sum(lower):
        # take the last test away where it is worth least: the lowest risk above its floor
        spare = [i for i in range(len(N)) if found[i] > lower[i]]
        last = min(spare, key=lambda i: (risks[i], -i))
        fewer = found.copy()
        fewer[last] -= 1
        assert risk_detection_probability(N, fewer, risks, 0.05) < 0.9


def test_a_given_split_as_in_epir() -> None:
    # R epiR 2.0.57: rsu.sssep.rbsrg(pstar = .1, rr = c(5,3,1), ppr = c(.1,.1,.8), spr = c(.5,.3,.2), se.p = .95,
    # se.u = .9): n 7 5 2. It gives the last tier what rounding left over; 7 4 3 has the same 14 tests.
    N = [10**5, 10**5, 8 * 10**5]
    found = size_for_risk_detection(N, [5, 3, 1], 0.1, sensitivity=0.9, split=[0.5, 0.3, 0.2])
    assert found.tolist() == [7, 4, 3]
    assert risk_detection_probability(N, found, [5, 3, 1], 0.1, sensitivity=0.9) >= 0.95


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: size_for_detection(0), "share must lie above 0 and be at most 1, but got 0"),
        (lambda: size_for_detection(5), "share must lie above 0 and be at most 1, but got 5"),
        (
            lambda: size_for_detection(0.1, probability=1),
            "probability must lie strictly between 0 and 1, but got 1",
        ),
        (
            lambda: size_for_detection(0.1, sensitivity=0),
            "sensitivity must lie above 0 and be at most 1, but got 0",
        ),
        (
            lambda: size_for_detection(0.1, population=0),
            "population must be a whole number, 1 or more, but got 0",
        ),
        (
            lambda: size_for_detection(0.1, population=10, sensitivity=0.8),
            "probability cannot exceed 0.8 even with all 10 units tested at sensitivity 0.8, but got 0.95",
        ),
        (
            lambda: detection_probability(11, share=0.1, population=10),
            "n must not exceed population 10, but got 11",
        ),
        (lambda: detection_probability(1.5, share=0.1), "n must be a whole number, 0 or more, but got 1.5"),
        (
            lambda: risk_detection_probability([5, 5], [1], [2, 1], 0.1),
            "sizes must have one value per tier, 2, but got [1]",
        ),
        (
            lambda: risk_detection_probability([5, 5], [1, 6], [2, 1], 0.1),
            "sizes must not exceed populations [5, 5], but got [1, 6]",
        ),
        (
            lambda: risk_detection_probability([5, 5], [1, 1], [2, 0], 0.1),
            "relative_risks must be above 0, but got [2, 0]",
        ),
        (
            lambda: risk_detection_probability([5, 5], [1, 1], [2], 0.1),
            "relative_risks must have one value per tier, 2, but got [2]",
        ),
        (
            lambda: risk_detection_probability([0, 0], [0, 0], [2, 1], 0.1),
            "populations must hold at least one unit, but got [0, 0]",
        ),
        (
            lambda: unit_risks([5, 5], [9, 1], 0.6),
            "relative_risks and share 0.6 put the risk of a tier at 1.08, above 1, but got [9, 1]",
        ),
        (
            lambda: size_for_risk_detection([5, 5], [2, 1], 0.1, lower=[3, 0], upper=[2, 5]),
            "lower must not exceed upper and populations [2, 5], but got [3, 0]",
        ),
        (
            lambda: size_for_risk_detection([5, 5], [2, 1], 0.1, split=[0, 0]),
            "split must be shares of 0 or more, not all 0, but got [0, 0]",
        ),
    ],
)
def test_detection_errors(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        call()
    assert str(caught.value) == message


def test_bounds_that_do_not_allow_the_probability() -> None:
    with pytest.raises(ValueError, match=r"probability cannot exceed 0\.\d+ within these tiers, but got 0\.95"):
        size_for_risk_detection([50, 50], [2, 1], 0.1, upper=[5, 5])


def test_sizes_too_large_to_search_exactly_meet_the_margin_and_are_hardly_too_large() -> None:
    # The exact expected width decides: the size found meets the margin, and one percent less does not.
    for margin, rate, population in ((0.005, 0.5, 1_000_000), (0.004, 0.9, None)):
        n = size_for_margin(margin, rate=rate, population=population)
        assert expected_half_width(n, rate=rate, population=population) <= margin
        assert expected_half_width(round(n * 0.99), rate=rate, population=population) > margin
