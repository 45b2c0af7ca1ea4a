"""Stratified estimates: R's numbers, fallbacks, notes, p-values, bad input."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from sampler.stats.effective import effective_size
from sampler.stats.monitoring import proven
from sampler.stats.stratified import (
    Note,
    StratifiedSample,
    assurance_p_value,
    estimate,
    warning_p_value,
)

METHODS = [
    "auto",
    "exact",
    "uneven",
    "chernoff",
    "conservative",
    "effective",
    "design",
    "logit",
    "beta",
    "wilson",
]

# R 4.2.2, survey 4.1-1 (Debian), one row per tested unit, y = 1 for a pass:
#   des <- svydesign(id = ~1, strata = ~h, fpc = ~N, data = d)
#   m <- svymean(~y, des, deff = TRUE);  coef(m);  SE(m);  deff(m)
#   confint(svyciprop(~y, des, method = "mean" | "logit" | "beta", level = level))
# "wilson" entered svyciprop with survey 4.5. Its value here is that function's formula on 4.1-1's svymean:
#   v <- vcov(m)[1]; n <- p*(1-p)/v; t <- qt(1-(1-level)/2, degf(des))
#   (p + t^2/(2*n) -+ t/(2*n)*sqrt(4*n*p*(1-p) + t^2)) / (1 + t^2/n)
# Columns: N, n, failed, level, mean, SE, deff, intervals.
R_SURVEY = [
    (
        (50, 40, 30, 10), (10, 8, 5, 10), (1, 0, 1, 2), 0.95, 0.9, 0.05439282932204211, 1.409815842805533,
        {
            "design": (0.7887541731510946, 1.011245826848906),
            "logit": (0.7233539632198976, 0.9687288656321157),
            "beta": (0.7353462546621193, 0.9787491346430948),
            "wilson": (0.7366779029002823, 0.9666144450242348),
        },
    ),
    (
        (400, 1200, 60), (20, 30, 15), (3, 1, 0), 0.95, 0.9397590361445783, 0.0305986146968682, 1.101596334699784,
        {
            "design": (0.8785932769048599, 1.000924795384297),
            "logit": (0.8411530767914861, 0.978703982763149),
            "beta": (0.8470759909133895, 0.9846967969772823),
            "wilson": (0.8472878453339419, 0.9777095903466552),
        },
    ),
    (
        (400, 1200, 60), (20, 30, 15), (3, 1, 0), 0.9, 0.9397590361445783, 0.0305986146968682, 1.101596334699784,
        {
            "design": (0.8886653419566466, 0.9908527303325101),
            "logit": (0.8635091199696386, 0.9746622388008996),
            "beta": (0.8626083685035517, 0.980543975340788),
            "wilson": (0.8667900341656372, 0.9739583568110209),
        },
    ),
    (
        (3000, 500, 120, 80, 44), (40, 25, 12, 10, 44), (2, 0, 5, 1, 6), 0.99,
        0.9428418803418804, 0.02821320594909529, 1.989753651737581,
        {
            "design": (0.8690527193588452, 1.016631041324916),
            "logit": (0.8075003462158704, 0.9848173840489207),
            "beta": (0.8281448455614322, 0.9906354689213243),
            "wilson": (0.8209863611452348, 0.9834244120399523),
        },
    ),
    (
        (1000,), (50,), (4,), 0.95, 0.92, 0.03777484315665919, 0.9999999999999983,
        {
            "design": (0.8440886106059369, 0.9959113893940632),
            "logit": (0.8039145246745627, 0.969931629614274),
            "beta": (0.8099635517178589, 0.9771784381967598),
            "wilson": (0.8102941629885287, 0.9687131715556008),
        },
    ),
    (
        (90, 90), (30, 30), (15, 29), 0.95, 0.2666666666666667, 0.04027364888336525, 0.7340321316614417,
        {
            "design": (0.1860501995465082, 0.3472831337868251),
            "logit": (0.1940596401226043, 0.3544906753372187),
            "beta": (0.1902345509444436, 0.354920399689345),
            "wilson": (0.1945080680365372, 0.3538354358406708),
        },
    ),
]  # fmt: skip


class TestAgainstRSurvey:
    @pytest.mark.parametrize(("N", "n", "failed", "level", "mean", "error", "effect", "intervals"), R_SURVEY)
    def test_estimate_precision_and_intervals(self, N, n, failed, level, mean, error, effect, intervals):
        sample = StratifiedSample(N, n, failed)
        for method, (low, high) in intervals.items():
            result = estimate(sample, method=method, confidence=level)
            assert result.method == method
            assert result.notes == ()
            assert result.rate == pytest.approx(mean, abs=1e-12)
            assert result.standard_error == pytest.approx(error, abs=1e-12)
            assert result.design_effect == pytest.approx(effect, abs=1e-12)
            assert result.degrees_of_freedom == sum(n) - len(n)
            # R's linearised interval may leave [0, 1]; a pass rate does not
            assert result.lower == pytest.approx(max(low, 0), abs=1e-8)
            assert result.upper == pytest.approx(min(high, 1), abs=1e-8)

    @pytest.mark.parametrize("method", ["design", "logit", "beta", "wilson"])
    @pytest.mark.parametrize(
        ("N", "n", "failed"),
        [
            # svyciprop answers NaN, an error, or an interval of width zero in each of these
            ((100, 50), (10, 5), (0, 0)),
            ((100, 50), (10, 5), (10, 5)),
            ((100, 50), (10, 50), (0, 7)),
            ((100, 50), (1, 5), (0, 1)),
            ((100,), (1,), (1,)),
        ],
    )
    def test_where_r_has_no_answer_the_exact_method_has(self, method, N, n, failed):
        sample = StratifiedSample(N, n, failed)
        result = estimate(sample, method=method)
        best = estimate(sample, method="exact")
        assert (result.lower, result.upper) == (best.lower, best.upper)
        assert result.lower < result.upper
        assert (result.requested, result.method) == (method, "exact")
        assert "fallback-exact" in result.notes


@st.composite
def samples(draw):
    H = draw(st.integers(1, 5))
    N = draw(st.lists(st.integers(1, 50), min_size=H, max_size=H))
    n = [draw(st.integers(0, min(size, 10))) for size in N]
    x = [draw(st.integers(0, k)) for k in n]
    return StratifiedSample(N, n, x)


class TestEveryMethod:
    @settings(deadline=None, max_examples=80)
    @given(
        samples(),
        st.sampled_from(METHODS),
        st.sampled_from(["two-sided", "lower", "upper"]),
        st.sampled_from([0.8, 0.95, 0.999]),
    )
    def test_never_nan_and_never_certain_without_a_census(self, sample, method, side, confidence):
        result = estimate(sample, method=method, side=side, confidence=confidence)
        assert 0 <= result.lower <= result.upper <= 1
        assert (result.lower < result.upper) or result.tested == result.population
        assert set(result.notes) <= set(get_args(Note))
        if result.rate is not None and "unsampled-strata" not in result.notes:
            # a score interval moves towards one half and may leave the estimate behind only at rates of 0 and 1
            assert result.lower - 1e-9 <= result.rate <= result.upper + 1e-9

    @settings(deadline=None, max_examples=40)
    @given(samples(), st.sampled_from(METHODS))
    def test_more_confidence_is_never_narrower(self, sample, method):
        narrow, wide = (estimate(sample, method=method, confidence=c) for c in (0.9, 0.99))
        assert wide.lower <= narrow.lower + 1e-12
        assert wide.upper >= narrow.upper - 1e-12

    @settings(deadline=None, max_examples=40)
    @given(samples(), st.sampled_from([m for m in METHODS if m != "uneven"]))
    def test_one_sided_bounds_are_two_sided_ones_at_twice_the_level(self, sample, method):
        both = estimate(sample, method=method, confidence=0.9)
        lower = estimate(sample, method=method, confidence=0.95, side="lower")
        upper = estimate(sample, method=method, confidence=0.95, side="upper")
        assert lower.lower == pytest.approx(both.lower, abs=1e-12)
        assert upper.upper == pytest.approx(both.upper, abs=1e-12)

    @pytest.mark.parametrize("method", METHODS)
    def test_a_census_is_a_point(self, method):
        result = estimate(StratifiedSample([5, 4], [5, 4], [1, 0]), method=method)
        assert result.lower == result.upper == result.rate == 8 / 9
        assert result.standard_error == 0
        assert result.notes == ("census",)

    @pytest.mark.parametrize("method", METHODS)
    def test_nothing_tested_says_nothing(self, method):
        result = estimate(StratifiedSample([5, 4], [0, 0], [0, 0]), method=method)
        assert (result.rate, result.lower, result.upper) == (None, 0.0, 1.0)
        assert result.notes == ("untested",)

    @pytest.mark.parametrize("method", METHODS)
    def test_strata_without_units_are_dropped(self, method):
        with_empty = estimate(StratifiedSample([50, 0, 40], [9, 0, 8], [1, 0, 1]), method=method)
        assert with_empty == estimate(StratifiedSample([50, 40], [9, 8], [1, 1]), method=method)

    @pytest.mark.parametrize("method", ["exact", "chernoff", "conservative", "effective"])
    def test_unsampled_strata_widen_the_interval(self, method):
        sampled = estimate(StratifiedSample([60, 40], [12, 8], [1, 1]), method=method)
        result = estimate(StratifiedSample([60, 40, 25], [12, 8, 0], [1, 1, 0]), method=method)
        assert result.rate == sampled.rate
        assert result.lower == pytest.approx(sampled.lower * 100 / 125)
        assert result.upper == pytest.approx((sampled.upper * 100 + 25) / 125)
        assert "unsampled-strata" in result.notes

    def test_r_methods_speak_for_the_sampled_strata(self):
        sampled = estimate(StratifiedSample([60, 40], [12, 8], [1, 1]), method="beta")
        result = estimate(StratifiedSample([60, 40, 25], [12, 8, 0], [1, 1, 0]), method="beta")
        assert (result.lower, result.upper) == (sampled.lower, sampled.upper)
        assert result.notes == ("sampled-strata-only",)


class TestExact:
    def test_limits_are_whole_units(self):
        result = estimate(StratifiedSample([50, 40, 30, 10], [10, 8, 5, 10], [1, 0, 1, 2]), method="exact")
        assert result.lower == (130 - result.failures_upper) / 130
        assert result.upper == (130 - result.failures_lower) / 130

    def test_auto_turns_conservative_when_the_work_is_too_much(self):
        sample = StratifiedSample([500] * 6, [20, 25, 30, 35, 40, 45], [2, 1, 3, 0, 4, 2])
        assert estimate(sample).method == "exact"
        hurried = estimate(sample, budget=10_000)
        assert hurried.method == "conservative"
        assert "work-limit" in hurried.notes
        by_name = estimate(sample, method="exact", budget=10_000)
        assert by_name.method == "chernoff"

    def test_coarse_counting_is_said_and_is_a_little_wider(self):
        sample = StratifiedSample([3000, 5000], [60, 70], [3, 4])
        fine, coarse = estimate(sample), estimate(sample, budget=300_000)
        assert (fine.notes, coarse.notes) == ((), ("coarse-grid",))
        assert coarse.method == "exact"
        assert fine.lower - 0.02 < coarse.lower <= fine.lower
        assert fine.upper <= coarse.upper < fine.upper + 0.02

    def test_millions_of_units(self):
        population = [400_000] * 10
        result = estimate(StratifiedSample(population, [60] * 10, [0] * 10))
        assert (result.method, result.upper) == ("exact", 1.0)
        # Without failures the worst case is known: 4,000,000 units, the rate that hides with probability 2.5%.
        assert 1 - result.lower == pytest.approx(1 - 0.025 ** (1 / 600), rel=0.02)
        with_failures = estimate(StratifiedSample(population, [60] * 10, [1, 0, 2] + [0] * 7))
        assert with_failures.lower < 1 - 3 / 600 < with_failures.upper

    @pytest.mark.parametrize("spread", [1, 5, 20])
    @pytest.mark.parametrize("method", ["auto", "chernoff"])
    def test_large_unequal_designs(self, spread, method):
        # large strata take the Chernoff bound through blocks and Hoeffding's moments; no warning, no NaN
        rng = np.random.default_rng(spread)
        N = np.maximum(3, 20_000 * (w := rng.lognormal(0, 0.8, 33)) / w.sum()).astype(int)
        a = N * np.exp(rng.uniform(0, np.log(spread), 33)) if spread > 1 else N * 1.0
        n = np.clip(np.rint(1000 * a / a.sum()), 1, N).astype(int)
        x = rng.binomial(n, 0.02)
        sample = StratifiedSample(N, n, x)
        result = estimate(sample, method=method, budget=10_000_000)
        assert result.lower < result.rate < result.upper < 1
        assert result.method in ("exact", "conservative", "chernoff")
        assert 0 <= warning_p_value(sample, 0.95, budget=0) <= 1
        assert 0 <= assurance_p_value(sample, 0.95, budget=0) <= 1

    @pytest.mark.parametrize(("failed", "limits"), [(0, (0, 1)), (200, (200, 201)), (7, (7, 8))])
    def test_two_sided_limits_never_meet_short_of_a_census(self, failed, limits):
        # 200 of 201 tested: the hypergeometric limits coincide although one unit is unknown
        result = estimate(StratifiedSample([201], [200], [failed]), method="exact")
        assert (result.failures_lower, result.failures_upper) == limits

    @pytest.mark.parametrize(("population", "tested"), [([41], [40]), ([100], [99]), ([10, 30], [9, 30])])
    def test_a_one_sided_bound_vouches_for_no_untested_unit(self, population, tested):
        # P(no failure among 40 of 41 | 1 fails) = 1/41 refutes it at 5%: "at least 100% pass" although one is unknown.
        sample, none = sum(population), [0] * len(population)
        passed = estimate(StratifiedSample(population, tested, none), side="lower")
        failed = estimate(StratifiedSample(population, tested, tested), side="upper")
        assert (passed.lower, passed.failures_upper) == (1 - 1 / sample, 1)
        assert (failed.upper, failed.failures_lower) == (pytest.approx(1 / sample), sample - 1)

    @settings(deadline=None, max_examples=100)
    @given(st.data(), st.sampled_from(METHODS), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
    def test_no_bound_speaks_for_all_that_was_not_tested(self, data, method, confidence):
        N = data.draw(st.lists(st.integers(1, 60), min_size=1, max_size=4))
        n = [data.draw(st.integers(max(0, size - 2), size)) for size in N]
        x = [data.draw(st.integers(0, k)) for k in n]
        if n == N:
            return
        sample = StratifiedSample(N, n, x)
        lower, upper = (estimate(sample, method=method, side=s, confidence=confidence) for s in ("lower", "upper"))
        failing, passing = sum(x) / sum(N), (sum(n) - sum(x)) / sum(N)
        if lower.failures_upper is not None:
            assert lower.lower < 1 - failing
            assert upper.upper > passing
        else:
            assert lower.lower < 1
            assert upper.upper > 0


class TestUneven:
    def test_narrower_where_failures_are_few(self):
        sample = StratifiedSample([300, 200, 100, 80], [30, 25, 20, 16], [1, 0, 0, 1])
        even, uneven = estimate(sample, method="exact"), estimate(sample, method="uneven")
        assert uneven.upper - uneven.lower < 0.95 * (even.upper - even.lower)
        assert uneven.method == "uneven"

    def test_without_failures_the_limit_is_that_of_nine_tenths_of_the_level(self):
        sample = StratifiedSample([300, 200], [30, 25], [0, 0])
        assert estimate(sample, method="uneven").lower == estimate(sample, side="lower", confidence=0.955).lower

    def test_one_sided_bounds_are_the_exact_ones(self):
        sample = StratifiedSample([300, 200], [30, 25], [1, 2])
        for side in ("lower", "upper"):
            exact, uneven = (estimate(sample, method=m, side=side) for m in ("exact", "uneven"))
            assert (exact.lower, exact.upper) == (uneven.lower, uneven.upper)


class TestEffective:
    def test_one_stratum_is_jeffreys_at_the_corrected_size(self):
        N, n, x = 1000, 50, 4
        size = n * (N - 1) / (N - n)
        p, smoothed = x / n, (x + 2 * (x + 0.5) / (n + 1)) / (n + 2)
        assert effective_size(*(np.array([a]) for a in (N, n, x))) == pytest.approx(size)
        assert 0 < smoothed < 1
        result = estimate(StratifiedSample([N], [n], [x]), method="effective")
        low, high = beta.ppf([0.025, 0.975], size * p + 0.5, size * (1 - p) + 0.5)
        assert (1 - result.upper, 1 - result.lower) == pytest.approx((low, high), abs=1e-12)

    def test_conservative_is_clopper_pearson_at_the_same_size(self):
        sample = StratifiedSample([400, 1200, 60], [20, 30, 15], [3, 1, 0])
        size = effective_size(sample.population, sample.tested, sample.failed)
        result = estimate(sample, method="conservative")
        bad = size * (1 - result.rate)
        low, high = beta.ppf(0.025, bad, size - bad + 1), beta.ppf(0.975, bad + 1, size - bad)
        assert (1 - result.upper, 1 - result.lower) == pytest.approx((low, high), abs=1e-12)

    def test_limits_at_the_ends(self):
        passed = estimate(StratifiedSample([100, 50], [10, 5], [0, 0]), method="effective")
        failed = estimate(StratifiedSample([100, 50], [10, 5], [10, 5]), method="effective")
        assert passed.upper == 1
        assert failed.lower == 0


class TestPValues:
    def test_known_failures_beyond_the_allowance_prove_it(self):
        assert warning_p_value(StratifiedSample([20, 30], [5, 6], [2, 2]), 0.95) == 0

    def test_no_failure_is_no_warning(self):
        assert warning_p_value(StratifiedSample([20, 30], [5, 6], [0, 0]), 1.0) == 1

    def test_take_all_failures_alone_leave_room(self):
        assert warning_p_value(StratifiedSample([20, 30], [5, 30], [0, 2]), 0.9) == 1

    def test_the_allowance_is_decimal(self):
        # 10 · (1 − 0.9) is 0.99999… in binary; one failure in ten still is a pass rate of 90%
        census = StratifiedSample([10], [10], [1])
        assert warning_p_value(census, 0.9) == 1
        assert assurance_p_value(census, 0.9) == 0
        assert assurance_p_value(census, 0.91) == 1

    @pytest.mark.parametrize("target", [0.9, 0.9000000000000001, 0.8999999999999999])
    def test_a_target_of_many_parts_drifts_and_is_still_that_target(self, target):
        # 14 of 140 failing is 90% exactly; with 13 allowed the test of 5% would reject that with up to .25
        sample = StratifiedSample([58, 28, 33, 21], [50, 24, 28, 18], [5, 3, 3, 3])
        assert warning_p_value(sample, target) == pytest.approx(0.105, abs=5e-4)

    def test_what_is_proven_is_what_the_bound_excludes(self):
        # P(one failure in one test | N = 20, M = 1) is 0.05: neither the bound nor the warning refutes M = 1
        sample = StratifiedSample([20], [1], [1])
        assert estimate(sample, side="upper").upper == 0.95
        assert warning_p_value(sample, 0.95) == pytest.approx(0.05)
        assert not proven(warning_p_value(sample, 0.95), 0.05)

    def test_almost_certain_limits_are_limits(self):
        sample = StratifiedSample([60] * 20, [6] * 20, [1, 0] * 10)
        for method in ("exact", "uneven", "chernoff"):
            near, nearer = (estimate(sample, method=method, confidence=c) for c in (0.9999999, 1 - 1e-12))
            assert nearer.lower <= near.lower < near.upper <= nearer.upper

    def test_unsampled_units_cannot_be_vouched_for(self):
        # 21 failures at least: 20 may sit in the unsampled stratum, one must have escaped a sample of half the other
        sample = StratifiedSample([80, 20], [40, 0], [0, 0])
        assert assurance_p_value(sample, 0.8) == pytest.approx(0.5)
        assert assurance_p_value(sample, 0.81) == 1
        assert assurance_p_value(sample, 0.7) < 0.01

    @settings(deadline=None, max_examples=50)
    @given(samples(), st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]), st.sampled_from([0.05, 0.2]))
    def test_duality_with_the_bounds(self, sample, target, level):
        if not sample.tested.any():
            return
        lower = estimate(sample, method="exact", side="lower", confidence=1 - level).lower
        upper = estimate(sample, method="exact", side="upper", confidence=1 - level).upper
        assert (warning_p_value(sample, target) < level - 1e-9) == (upper < target - 1e-12)
        assert (assurance_p_value(sample, target) < level - 1e-9) == (lower >= target - 1e-12)

    @settings(deadline=None, max_examples=30)
    @given(samples(), st.floats(0, 1))
    def test_they_are_probabilities_and_cannot_both_be_small(self, sample, target):
        warning, assurance = warning_p_value(sample, target), assurance_p_value(sample, target)
        assert 0 <= warning <= 1
        assert 0 <= assurance <= 1
        if warning < 0.5 and assurance < 0.5:
            pytest.fail(f"{warning} and {assurance}")

    def test_hurried_p_values_are_larger_never_smaller(self):
        sample = StratifiedSample([500] * 4, [20, 25, 30, 35], [2, 1, 3, 0])
        for target in (0.9, 0.95, 0.99):
            assert warning_p_value(sample, target, budget=0) >= warning_p_value(sample, target)
            assert assurance_p_value(sample, target, budget=0) >= assurance_p_value(sample, target)


class TestBadInput:
    @pytest.mark.parametrize(
        ("N", "n", "x", "message"),
        [
            ([], [], [], r"population must list one count per stratum, but got an array of shape (0,)"),
            ([10], [3, 4], [0, 0], "one count per stratum, but got 1, 2 and 2"),
            ([10, -1], [3, 0], [0, 0], "stratum 1: population must not be negative, but got -1"),
            ([10], [3.5], [0], "stratum 0: tested must be a whole number, but got 3.5"),
            ([10], [math.nan], [0], "stratum 0: tested must be a whole number, but got nan"),
            ([10, 5], [3, 6], [0, 0], "stratum 1: tested must not exceed the population of 5, but got 6"),
            ([10, 5], [3, 3], [4, 0], "stratum 0: failed must not exceed the 3 tested, but got 4"),
            ([0, 0], [0, 0], [0, 0], "the population must have at least one unit, but got [0, 0]"),
            (["ten"], [3], [0], "population must be whole numbers, but got 'ten'"),
            (
                [[10]],
                [[3]],
                [[0]],
                "population must list one count per stratum, but got an array of shape (1, 1)",
            ),
        ],
    )
    def test_counts(self, N, n, x, message):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is compared below)
            StratifiedSample(N, n, x)
        assert message in str(caught.value)

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"method": "wald"}, "method must be one of auto, exact, .*, but got 'wald'"),
            ({"side": "left"}, "side must be one of two-sided, lower, upper, but got 'left'"),
            ({"confidence": 1.0}, r"confidence must lie between 0 and 1, but got 1\.0"),
            ({"confidence": 95}, "confidence must lie between 0 and 1, but got 95"),
        ],
    )
    def test_options(self, options, message):
        with pytest.raises(ValueError, match=message):
            estimate(StratifiedSample([10], [3], [0]), **options)

    @pytest.mark.parametrize("target", [-0.1, 1.1, math.nan, 95])
    def test_target(self, target):
        with pytest.raises(ValueError, match="target must lie between 0 and 1, but got"):
            warning_p_value(StratifiedSample([10], [3], [0]), target)

    def test_counts_cannot_be_changed_afterwards(self):
        sample = StratifiedSample([10], [3], [0])
        with pytest.raises(ValueError, match="read-only"):
            sample.failed[0] = 2
