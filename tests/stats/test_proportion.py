"""Intervals for one proportion: other software's numbers, published values, laws, coverage by enumeration."""

import csv
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.stats.hypergeometric import hypergeometric_pmf, hypergeometric_table
from sampler.stats.proportion import METHODS, SIDES, Interval, hypergeometric_limits, interval

HERE = Path(__file__).parent
BINOMIAL = tuple(m for m in METHODS if m != "exact")


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def groups(rows: list[dict[str, str]]) -> Iterator[tuple[float, str, str, list[dict[str, str]]]]:
    for confidence, side, method in sorted({(r["confidence"], r["side"], r["method"]) for r in rows}):
        some = [r for r in rows if (r["confidence"], r["side"], r["method"]) == (confidence, side, method)]
        yield float(confidence), side, method, some


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(r[name]) for r in rows])


# --- other software -----------------------------------------------------------------------------------------------


def test_equal_to_r() -> None:
    # R 4.2.2, reference_proportion.R beside this file: binom.test (Clopper–Pearson), prop.test(correct = FALSE)
    # (Wilson), qbeta (Jeffreys), uniroot on pbinom and on the log-likelihood (mid-P, likelihood), phyper tried at every
    # M (exact). R package binom 1.1 has the same formulas, but does not clip Agresti–Coull or Wald to [0, 1].
    rows = read("reference_proportion.csv")
    assert len(rows) > 2500
    compared = 0
    for confidence, side, method, some in groups(rows):
        population = column(some, "population") if method == "exact" else None
        found = interval(
            column(some, "count"),
            column(some, "n"),
            population=population,
            confidence=confidence,
            side=side,
            method=method,
        )
        np.testing.assert_allclose(found.lower, column(some, "lower"), rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(found.upper, column(some, "upper"), rtol=1e-9, atol=1e-13)
        compared += len(some)
    assert compared == len(rows)


def test_equal_to_statsmodels() -> None:
    # statsmodels 0.15.0, proportion_confint(count, n, alpha=1 - confidence, method=..., alternative=...), where its
    # alternative "smaller" gives the lower bound and "larger" the upper one.
    rows = read("reference_statsmodels.csv")
    assert len(rows) == 975
    for confidence, side, method, some in groups(rows):
        count, n = column(some, "count"), column(some, "n")
        found = interval(count, n, confidence=confidence, side=side, method=method)
        # It keeps the Jeffreys quantile at 0/n and n/n, an interval that leaves its own estimate out: see `interval`.
        lower = np.where((count == 0) & (method == "jeffreys"), 0.0, column(some, "lower"))
        upper = np.where((count == n) & (method == "jeffreys"), 1.0, column(some, "upper"))
        np.testing.assert_allclose(found.lower, lower, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(found.upper, upper, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("count", "n", "population", "confidence", "limits"),
    [
        (3, 20, 100, 0.90, (5, 32)),
        (3, 20, 100, 0.95, (5, 35)),
        (3, 20, 100, 0.99, (3, 42)),
        (45, 100, 300, 0.95, (111, 160)),
        (2, 100, 300, 0.95, (2, 18)),
        (50, 60, 61, 0.95, (50, 51)),
        (10, 20, 20, 0.95, (10, 10)),
        (17, 250, 1234, 0.95, (53, 126)),
        (12, 400, 90000, 0.95, (1406, 4659)),
        (39, 39, 40, 0.95, (40, 40)),
    ],
)
def test_equal_to_sprop(count: int, n: int, population: int, confidence: float, limits: tuple[int, int]) -> None:
    # R samplingbook, Sprop(m = count, n = n, N = population, level = confidence)$nr$exact, development version, whose
    # loops stop at the first M not rejected. Releases up to 1.2.4 step one unit back from there and are one unit wider on
    # either side than the definition, as is the book (Kauermann and Küchenhoff 2011, p. 53: 110–161 and 2–19 for the
    # fourth and fifth case).
    found = interval(count, n, population=population, confidence=confidence)
    assert (found.lower, found.upper) == (limits[0] / population, limits[1] / population)
    assert found.method == "exact"


# --- published values ---------------------------------------------------------------------------------------------

# Newcombe (1998), "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, Table I:
# methods 1 (simple asymptotic), 3 (score), 5 (exact binomial), 6 (mid-P), 7 (likelihood).
NEWCOMBE = {
    (81, 263): [(0.2522, 0.3638), (0.2553, 0.3662), (0.2527, 0.3676), (0.2544, 0.3658), (0.2542, 0.3655)],
    (15, 148): [(0.0527, 0.1500), (0.0624, 0.1605), (0.0578, 0.1617), (0.0601, 0.1581), (0.0596, 0.1567)],
    (0, 20): [(0.0, 0.0), (0.0, 0.1611), (0.0, 0.1684), (0.0, 0.1391), (0.0, 0.0916)],
    (1, 29): [(0.0, 0.1009), (0.0061, 0.1718), (0.0009, 0.1776), (0.0017, 0.1585), (0.0020, 0.1432)],
}


@pytest.mark.parametrize("case", NEWCOMBE)
def test_newcombe_table_1(case: tuple[int, int]) -> None:
    # His simple asymptotic limit for 1/29 is −0.0319; ours is clipped to 0.
    for method, limits in zip(
        ("wald", "wilson", "clopper-pearson", "mid-p", "likelihood"), NEWCOMBE[case], strict=True
    ):
        found = interval(*case, method=method)
        assert (found.lower, found.upper) == pytest.approx(limits, abs=5.1e-5)


def test_mendel_in_the_manual_of_binom_test() -> None:
    # R, ?binom.test, Mendel's peas: 95 percent confidence interval: 0.7076683 0.7654066
    found = interval(682, 925)
    assert (found.lower, found.upper) == pytest.approx((0.7076683, 0.7654066), abs=5e-8)
    assert found.method == "clopper-pearson"


# --- conventions at the ends --------------------------------------------------------------------------------------

Z = 1.959963984540054


@pytest.mark.parametrize("n", [1, 2, 10, 59, 3000, 10**7])
@pytest.mark.parametrize(
    ("method", "upper"),
    [
        ("clopper-pearson", lambda n: -math.expm1(math.log(0.025) / n)),
        ("wilson", lambda n: Z * Z / (n + Z * Z)),
        ("mid-p", lambda n: -math.expm1(math.log(0.05) / n)),
        ("likelihood", lambda n: -math.expm1(-Z * Z / 2 / n)),
        ("wald", lambda n: 0.0),
    ],
)
def test_nothing_found(n, method, upper) -> None:
    none, all_ = interval(0, n, method=method), interval(n, n, method=method)
    assert none.lower == 0.0
    assert none.upper == pytest.approx(upper(n), rel=1e-9)
    assert all_.upper == 1.0
    assert all_.lower == pytest.approx(1.0 - upper(n), abs=1e-14)


@pytest.mark.parametrize("method", ["jeffreys", "agresti-coull"])
def test_ends_are_closed(method: str) -> None:
    for n in (1, 5, 10**7):
        assert interval(0, n, method=method).lower == 0.0
        assert interval(n, n, method=method).upper == 1.0
        assert 0.0 < interval(0, n, method=method).upper < 1.0


def test_rule_of_three() -> None:
    assert interval(0, 299, side="upper").upper < 0.01 < interval(0, 298, side="upper").upper
    assert interval(299, 299, side="lower").lower > 0.99


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", SIDES)
def test_nothing_tested_says_nothing(method: str, side: str) -> None:
    for population in (None, 1, 40):
        found = interval(0, 0, population=population, method=method, side=side)
        assert (found.lower, found.upper) == (0.0, 1.0)


def test_everything_tested_is_a_point() -> None:
    for n in (1, 2, 7, 4_000_000):
        for count in {0, 1, n // 2, n}:
            found = interval(count, n, population=n)
            assert found.lower == found.upper == count / n


def test_one_sided_bounds_keep_the_certain_limit() -> None:
    low, high = interval(3, 20, population=100, side="lower"), interval(3, 20, population=100, side="upper")
    assert low.upper == 83 / 100  # 17 units are known not to have it
    assert high.lower == 3 / 100
    assert interval(3, 20, side="lower").upper == 1.0
    assert interval(3, 20, side="upper").lower == 0.0


def test_a_tail_equal_to_its_level_rejects() -> None:
    # N = 40, n = 39, M = 1: P(X = 0) is 1/40 = 0.025 exactly, so M = 1 is outside the 95% interval of 0/39.
    assert interval(0, 39, population=40).upper == 0.0
    assert interval(0, 39, population=40, confidence=0.951).upper == 1 / 40
    # the same at 90%, where 1 − 0.9 is not a tenth in binary: N = 20, n = 19, P = 0.05
    assert interval(0, 19, population=20, confidence=0.9).upper == 0.0


# --- laws ---------------------------------------------------------------------------------------------------------


@st.composite
def samples(draw: st.DrawFn, most: int = 400) -> tuple[int, int, int]:
    population = draw(st.integers(1, most))
    n = draw(st.integers(1, population))
    return draw(st.integers(0, n)), n, population


confidences = st.floats(0.5, 0.9999)


@settings(deadline=None, max_examples=60)
@given(samples(), confidences, st.sampled_from(METHODS))
def test_interval_contains_its_estimate_and_mirrors(
    sample: tuple[int, int, int], confidence: float, method: str
) -> None:
    count, n, population = sample
    found = interval(count, n, population=population, confidence=confidence, method=method)
    mirror = interval(n - count, n, population=population, confidence=confidence, method=method)
    assert 0.0 <= found.lower <= found.upper <= 1.0
    assert mirror.lower == pytest.approx(1.0 - found.upper, abs=1e-12)
    assert mirror.upper == pytest.approx(1.0 - found.lower, abs=1e-12)
    if method != "mid-p" or confidence > 0.7:  # a half of P(X = x) may exceed a high level
        # Whole units: the exact interval holds the integers on both sides of N·count/n or the one equal to it.
        slack = 1.0 / population if method == "exact" else 1e-12
        assert found.lower - slack <= count / n <= found.upper + slack


@settings(deadline=None, max_examples=60)
@given(samples(), st.floats(0.01, 0.99), st.sampled_from(METHODS))
def test_one_sided_bound_is_the_limit_of_a_wider_interval(
    sample: tuple[int, int, int], confidence: float, method: str
) -> None:
    count, n, population = sample
    both = interval(count, n, population=population, confidence=confidence, method=method)
    one = (1.0 + confidence) / 2.0
    lower = interval(count, n, population=population, confidence=one, side="lower", method=method)
    upper = interval(count, n, population=population, confidence=one, side="upper", method=method)
    assert lower.lower == pytest.approx(both.lower, abs=1e-12)
    assert upper.upper == pytest.approx(both.upper, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(samples(), st.floats(0.6, 0.999), st.sampled_from(METHODS))
def test_limits_rise_with_the_count_and_widen_with_confidence(
    sample: tuple[int, int, int], confidence: float, method: str
) -> None:
    _, n, population = sample
    found = interval(np.arange(n + 1), n, population=population, confidence=confidence, method=method)
    # Wald is not monotone near its ends: no width at 0/n, some at 1/n. Agresti–Coull's lower limit falls there too.
    if method not in ("wald", "agresti-coull"):
        assert (np.diff(found.lower) >= -1e-12).all()
        assert (np.diff(found.upper) >= -1e-12).all()
    wider = interval(np.arange(n + 1), n, population=population, confidence=confidence + 0.0005, method=method)
    assert (wider.lower <= found.lower + 1e-12).all()
    assert (wider.upper >= found.upper - 1e-12).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from(SIDES))
def test_an_endless_population_is_the_limit_of_large_ones(sample: tuple[int, int], side: str) -> None:
    endless = interval(*sample, side=side)
    gaps = []
    for population in (10**4, 10**6, 10**9):
        finite = interval(*sample, population=population, side=side)
        gaps.append(max(abs(finite.lower - endless.lower), abs(finite.upper - endless.upper)))
    if side == "two-sided":
        assert gaps[0] < 0.02
    assert gaps[1] <= gaps[0] + 1e-6
    assert gaps[2] < 1e-6


@settings(deadline=None, max_examples=30)
@given(samples(most=60), st.floats(0.0, 0.6), st.floats(0.0, 0.6))
def test_hypergeometric_limits_invert_the_tests(sample: tuple[int, int, int], a_low: float, a_up: float) -> None:
    x, n, N = sample
    ways = [[math.comb(M, k) * math.comb(N - M, n - k) / math.comb(N, n) for k in range(n + 1)] for M in range(N + 1)]
    possible = range(x, N - (n - x) + 1)
    low, high = hypergeometric_limits(x, n, N, a_low, a_up)
    if a_low > 0.0:
        assert low == min(M for M in possible if math.fsum(ways[M][x:]) > a_low * (1 + 1e-11))
    else:
        assert low == x
    if a_up > 0.0:
        assert high == max(M for M in possible if math.fsum(ways[M][: x + 1]) > a_up * (1 + 1e-11))
    else:
        assert high == N - (n - x)


# --- coverage -----------------------------------------------------------------------------------------------------


def coverages(N: int, n: int, confidence: float, side: str, method: str = "exact") -> np.ndarray:
    """Coverage at every number M of units with the attribute, from whole-number binomial coefficients."""
    found = interval(np.arange(n + 1), n, population=N, confidence=confidence, side=side, method=method)
    low, high = np.rint(found.lower * N), np.rint(found.upper * N)
    total = math.comb(N, n)
    return np.array(
        [
            sum(math.comb(M, k) * math.comb(N - M, n - k) for k in range(n + 1) if low[k] <= M <= high[k]) / total
            for M in range(N + 1)
        ]
    )


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.95, 0.99])
def test_exact_interval_never_covers_less_than_it_says(confidence: float, side: str) -> None:
    designs = [(N, n) for N in range(1, 17) for n in range(1, N + 1)] + [(31, 9), (40, 25), (60, 12)]
    for N, n in designs:
        least = coverages(N, n, confidence, side).min()
        assert least >= confidence - 1e-12, (N, n, least)


def test_enumeration_notices_a_bad_interval() -> None:
    # Clopper–Pearson in a small population is too wide, never too narrow; Jeffreys is too narrow somewhere.
    jeffreys = interval(np.arange(6), 5, method="jeffreys")
    worst = min(
        sum(
            math.comb(5, k) * p**k * (1 - p) ** (5 - k) for k in range(6) if jeffreys.lower[k] <= p <= jeffreys.upper[k]
        )
        for p in np.linspace(0.001, 0.999, 999)
    )
    assert worst < 0.93


@pytest.mark.parametrize("n", [1, 5, 30, 100])
@pytest.mark.parametrize("side", SIDES)
def test_clopper_pearson_never_covers_less_than_it_says(n: int, side: str) -> None:
    found = interval(np.arange(n + 1), n, side=side)
    # coverage is least just outside a limit: look on both sides of each
    edges = np.concatenate([found.lower, found.upper])
    rates = np.clip(np.concatenate([edges - 1e-9, edges + 1e-9, np.linspace(0, 1, 101)]), 0.0, 1.0)
    for p in rates:
        chance = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
        inside = (found.lower <= p) & (p <= found.upper)
        assert math.fsum(np.array(chance)[inside]) >= 0.95 - 1e-7


# --- shapes, sizes, errors ----------------------------------------------------------------------------------------


def test_scalars_give_floats_and_arrays_broadcast() -> None:
    one = interval(3, 30)
    assert isinstance(one.lower, float)
    assert isinstance(one.upper, float)
    assert one == Interval(one.lower, one.upper, 0.95, "two-sided", "clopper-pearson")
    many = interval(np.arange(4)[:, None], [30, 60], population=[[100, 200]])
    assert many.lower.shape == many.upper.shape == (4, 2)
    assert many.upper[3, 0] == interval(3, 30, population=100).upper
    assert interval(np.zeros(0), 5).lower.shape == (0,)


@pytest.mark.parametrize("method", METHODS)
def test_large_numbers(method: str) -> None:
    n = 10**7
    found = interval([0, 1, 12, n // 2, n - 1, n], n, population=4 * n, method=method)
    assert np.isfinite(found.lower).all()
    assert np.isfinite(found.upper).all()
    if method != "wald":
        assert (found.upper > found.lower).all()
    # Half of ten million: every method agrees with the normal approximation.
    factor = math.sqrt(0.75) if method == "exact" else 1.0
    assert found.upper[3] - 0.5 == pytest.approx(Z * 0.5 / math.sqrt(n) * factor, rel=2e-3)


def test_exact_limits_of_a_city_registry() -> None:
    # R 4.2.2: phyper(12, M, 4e6 - M, 400) is 0.0250006444 at M = 207264, 0.02499941487 at 207265; and
    # phyper(11, M, 4e6 - M, 400, lower.tail = FALSE) is 0.02499840697 at M = 62384, 0.02500105864 at 62385.
    found = interval(12, 400, population=4_000_000)
    assert (found.lower, found.upper) == (62385 / 4e6, 207264 / 4e6)


@pytest.mark.parametrize("confidence", [1e-9, 0.01, 0.3, 0.999999, 1 - 1e-12])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("side", SIDES)
def test_any_confidence(confidence: float, method: str, side: str) -> None:
    for count, n in ((0, 1), (1, 1), (0, 30), (3, 30), (29, 30), (30, 30)):
        found = interval(count, n, population=90, confidence=confidence, method=method, side=side)
        assert 0.0 <= found.lower <= 1.0
        assert 0.0 <= found.upper <= 1.0
        assert found.confidence == confidence


def test_bounds_move_steadily_through_one_half() -> None:
    for method in METHODS:
        levels = np.linspace(0.02, 0.98, 49)
        uppers = [interval(7, 30, population=200, confidence=c, side="upper", method=method).upper for c in levels]
        assert all(b >= a - 1e-12 for a, b in pairwise(uppers)), method


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: interval(-1, 10), "count must be a whole number, 0 or more, but got -1"),
        (lambda: interval(2.5, 10), "count must be a whole number, 0 or more, but got 2.5"),
        (lambda: interval(math.nan, 10), "count must be a whole number, 0 or more, but got nan"),
        (lambda: interval("three", 10), "count must be a whole number, 0 or more, but got 'three'"),
        (lambda: interval([1, 11], 10), "count must not exceed n 10, but got 11"),
        (lambda: interval(1, -10), "n must be a whole number, 0 or more, but got -10"),
        (lambda: interval(1, 10.5), "n must be a whole number, 0 or more, but got 10.5"),
        (lambda: interval(1, 10, population=[20, 9]), "n must not exceed population 9, but got 10"),
        (lambda: interval(0, 0, population=0), "population must be at least 1, but got 0"),
        (lambda: interval(0, 0, population=1.5), "population must be a whole number, 0 or more, but got 1.5"),
        (lambda: interval(1, 10, confidence=1), "confidence must lie strictly between 0 and 1, but got 1"),
        (lambda: interval(1, 10, confidence=95), "confidence must lie strictly between 0 and 1, but got 95"),
        (
            lambda: interval(1, 10, confidence=math.nan),
            "confidence must lie strictly between 0 and 1, but got nan",
        ),
        (
            lambda: interval(1, 10, side="larger"),
            "side must be one of two-sided, lower, upper, but got 'larger'",
        ),
        (
            lambda: interval(1, 10, method="normal"),
            "method must be one of exact, clopper-pearson, wilson, jeffreys, agresti-coull, mid-p, likelihood, wald, "
            "but got 'normal'",
        ),
    ],
)
def test_errors(call, message: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the whole message is compared
        call()
    assert str(caught.value) == message


@settings(deadline=None, max_examples=40)
@given(st.integers(2, 400), st.data())
def test_a_table_is_the_probabilities(N: int, data: st.DataObject) -> None:
    n = data.draw(st.integers(1, N - 1))
    failing = np.array(data.draw(st.lists(st.integers(0, N), min_size=1, max_size=30)))
    columns = data.draw(st.integers(1, n + 3))
    table = hypergeometric_table(N, n, failing, columns)
    assert table.shape == (len(failing), columns)
    expected = hypergeometric_pmf(np.arange(columns)[None, :], failing[:, None], n, N)
    np.testing.assert_allclose(table, expected, rtol=1e-11, atol=0)


@pytest.mark.parametrize("N", [100_000, 1_000_000])
def test_a_table_of_a_large_stratum(N: int) -> None:
    failing = np.arange(0, N // 2, 7)
    expected = hypergeometric_pmf(np.arange(30)[None, :], failing[:, None], 300, N)
    np.testing.assert_allclose(hypergeometric_table(N, 300, failing, 30), expected, rtol=1e-10, atol=1e-300)
