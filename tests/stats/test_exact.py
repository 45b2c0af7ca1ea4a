"""The exact limits: coverage by enumeration, agreement with the one-stratum case, laws."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, hypergeom

from sampler.stats import chernoff, exact
from sampler.stats.chernoff import ChernoffBound, worst_case_without_failures
from sampler.stats.game import Game, LiveStrata, design_scores
from sampler.stats.hypergeometric import hypergeometric_limits, hypergeometric_pmf
from sampler.stats.monitoring import TIE

LEVEL = 0.025


def counts(*rows):
    return [np.array(row, dtype=np.int64) for row in zip(*rows, strict=True)]


def limits(N, n, x, level, budget=exact.BUDGET):
    arrays = [np.asarray(a, dtype=np.int64) for a in (N, n, x)]
    low = exact.fewest_failures(*arrays, level, budget=budget)
    high = exact.most_failures(*arrays, level, budget=budget)
    return int(low.value), int(high.value)


def uneven(N, n, x, level, budget=exact.BUDGET):
    arrays = [np.asarray(a, dtype=np.int64) for a in (N, n, x)]
    low, high = exact.uneven_limits(*arrays, 2 * level, budget=budget)
    return int(low.value), int(high.value)


def p_values(game, largest):
    """The p-values of r = 0 … largest unseen failures by a pass."""
    p = game.play()
    return p[np.minimum([game.step(r) for r in range(largest + 1)], len(p) - 1)]


def live(N, n, x, exponent=1.0):
    arrays = [np.asarray(a, dtype=np.int64) for a in (N, n, x)]
    return LiveStrata(*arrays, design_scores(*arrays[:2], exponent))


def least_coverage(N, n, level, budget=exact.BUDGET, method=limits):
    """Smallest probability, over every vector M, that the limits at one-sided `level` are right: (both, low, high)."""
    samples = list(itertools.product(*(range(k + 1) for k in n)))
    low, high = np.array([method(N, n, x, level, budget) for x in samples]).T
    pmf = [
        hypergeom.pmf(np.arange(k + 1)[None, :], size, np.arange(size + 1)[:, None], k)
        for size, k in zip(N, n, strict=True)
    ]
    worst = np.ones(3)
    for M in itertools.product(*(range(size + 1) for size in N)):
        probability = np.ones(1)
        for h, m in enumerate(M):
            probability = np.multiply.outer(probability, pmf[h][m]).ravel()
        right_low, right_high = low <= sum(M), high >= sum(M)
        covered = [probability @ (right_low & right_high), probability @ right_low, probability @ right_high]
        worst = np.minimum(worst, covered)
    return worst


def tiny_designs(how_many, seed):
    rng = np.random.default_rng(seed)
    while how_many:
        H = int(rng.integers(1, 5))
        N = rng.integers(1, (25, 11, 7, 5)[H - 1], H)
        n = np.array([rng.integers(0, min(size, (8, 5, 3, 2)[H - 1]) + 1) for size in N])
        if n.any():
            how_many -= 1
            yield N.tolist(), n.tolist()


class TestCoverageByEnumeration:
    """Every vector M of several hundred tiny designs; benchmarks/coverage.py does thousands."""

    @pytest.mark.parametrize("level", [0.025, 0.05, 0.1])
    def test_exact(self, level):
        for N, n in tiny_designs(45, seed=int(level * 1000)):
            both, low, high = least_coverage(N, n, level)
            assert both >= 1 - 2 * level - 1e-9, (N, n)
            assert low >= 1 - level - 1e-9, (N, n)
            assert high >= 1 - level - 1e-9, (N, n)

    @pytest.mark.parametrize("budget", [0, 20, 150])
    def test_coarse_and_chernoff(self, budget):
        for N, n in tiny_designs(20, seed=budget):
            both, low, high = least_coverage(N, n, LEVEL, budget)
            assert min(low, high) >= 1 - LEVEL - 1e-9, (N, n)
            assert both >= 1 - 2 * LEVEL - 1e-9, (N, n)

    def test_moments_by_hoeffding(self, monkeypatch):
        monkeypatch.setattr(chernoff, "_LARGEST_TABLE", 0)
        for N, n in tiny_designs(20, seed=3):
            both, low, high = least_coverage(N, n, LEVEL, budget=0)
            assert min(low, high) >= 1 - LEVEL - 1e-9, (N, n)
            assert both >= 1 - 2 * LEVEL - 1e-9, (N, n)

    @pytest.mark.parametrize("budget", [exact.BUDGET, 50])
    def test_uneven(self, budget):
        for N, n in tiny_designs(20, seed=7):
            assert least_coverage(N, n, LEVEL, budget, uneven)[0] >= 1 - 2 * LEVEL - 1e-9, (N, n)

    def test_the_enumeration_can_fail(self):
        # the same enumeration at half the level finds the limits of the full level too narrow
        shortfalls = [least_coverage(N, n, 0.1)[2] < 0.95 for N, n in tiny_designs(20, seed=1)]
        assert any(shortfalls)


@pytest.fixture(scope="class")
def always_closed():
    """However small a stratum is, it is not played."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, "_SMALL", -1)
        yield


class TestOneLiveStratum:
    @settings(deadline=None, max_examples=40)
    @given(st.data())
    def test_is_the_exact_hypergeometric_interval(self, data):
        N = data.draw(st.integers(2, 80))
        n = data.draw(st.integers(1, N - 1))
        x = data.draw(st.integers(0, n))
        possible = np.arange(x, N - n + x + 1)
        high = possible[hypergeom.cdf(x, N, possible, n) >= LEVEL - 1e-9].max()
        low = possible[hypergeom.sf(x - 1, N, possible, n) >= LEVEL - 1e-9].min()
        assert limits([N], [n], [x], LEVEL) == (low, high)

    @settings(deadline=None, max_examples=60)
    @given(st.data(), st.sampled_from([1e-9, 0.0025, 0.025, 0.05, 0.2]))
    def test_the_closed_form_answers_as_the_game_does(self, always_closed, data, level):
        N = data.draw(st.integers(2, 150))
        n = data.draw(st.integers(1, N - 1))
        x = data.draw(st.integers(0, n))
        strata, room = live([N], [n], [x]), N - n
        few, many = (p_values(Game(strata, tail, room), room) for tail in ("few", "many"))
        kept = np.flatnonzero(few >= level - TIE), np.flatnonzero(many >= level - TIE)
        assert limits([N], [n], [x], level) == (x + kept[1][0], x + kept[0][-1])
        for failures in range(x, N - n + x + 1):
            arrays = [np.array([v]) for v in (N, n, x)]
            at_least = exact.p_value_at_least(*arrays, failures).value
            at_most = exact.p_value_at_most(*arrays, failures).value
            assert at_least == pytest.approx(few[failures - x], rel=1e-9, abs=1e-12)
            assert at_most == pytest.approx(many[failures - x], rel=1e-9, abs=1e-12)

    @pytest.mark.parametrize("alpha", [0.05, 0.2])
    def test_uneven_limits_answer_as_the_game_does(self, always_closed, alpha):
        for N, n in ((12, 5), (40, 17), (90, 8), (150, 60)):
            star = limits([N], [n], [0], 0.9 * alpha)[1]
            for x in range(n + 1):
                M = x + np.arange(N - n + 1)
                above = alpha * (0.5 + 0.4 * np.sqrt(star / np.maximum(M, star)))
                below = np.where(star >= M, alpha, alpha - above)
                most = M[hypergeom.cdf(x, N, M, n) >= above - TIE].max()
                fewest = M[hypergeom.sf(x - 1, N, M, n) >= below - TIE].min()
                assert uneven([N], [n], [x], alpha / 2) == (fewest, max(most, star))

    @pytest.mark.parametrize("population", [10**8, 10**9, 10**12])
    def test_any_population_takes_a_moment(self, population):
        # Enumerating 10⁸ totals took minutes, 10⁹ more memory than there is.
        low, high = (int(v) for v in hypergeometric_limits(10, 1000, population, LEVEL, LEVEL))
        # A tie is 10⁻⁹ of a p-value: a thousandth of a unit at 10⁸, a thousand units at 10¹².
        assert limits([population], [1000], [10], LEVEL) == pytest.approx((low, high), rel=1e-6)
        endless = beta.ppf(LEVEL, 10, 991), beta.ppf(1 - LEVEL, 11, 990)  # Clopper-Pearson
        assert (low / population, high / population) == pytest.approx(endless, rel=1e-4)

    def test_several_strata_of_any_population_take_no_more_memory_than_their_passes(self):
        # About what the same sample says of an endless process, where both strata are worth the same.
        low, high = limits([5 * 10**11] * 2, [50, 50], [1, 1], LEVEL)
        endless = beta.ppf(LEVEL, 2, 99), beta.ppf(1 - LEVEL, 3, 98)
        assert (low / 10**12, high / 10**12) == pytest.approx(endless, rel=0.01)

    def test_take_all_strata_only_add_what_was_seen(self):
        low, high = limits([50], [10], [2], LEVEL)
        assert limits([50, 7, 5], [10, 7, 5], [2, 3, 0], LEVEL) == (low + 3, high + 3)

    def test_unsampled_strata_add_all_their_units_above_and_none_below(self):
        low, high = limits([50], [10], [2], LEVEL)
        assert limits([50, 13], [10, 0], [2, 0], LEVEL) == (low, high + 13)


class TestNoFailures:
    def test_no_smaller_bound_is_valid(self):
        # A valid upper limit of M for x = 0 must be at least every M that some vector hides with probability > level.
        N, n = [12, 8, 5], [4, 2, 1]
        hidden = [
            sum(M)
            for M in itertools.product(*(range(size + 1) for size in N))
            if np.prod([hypergeom.pmf(0, size, m, k) for size, m, k in zip(N, M, n, strict=True)]) >= LEVEL
        ]
        assert limits(N, n, [0, 0, 0], LEVEL) == (0, max(hidden))

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.tuples(st.integers(2, 60), st.integers(1, 59)), min_size=1, max_size=8))
    def test_the_worst_case_is_what_placing_one_by_one_finds(self, design):
        N = np.array([units for units, _ in design])
        n = np.minimum([tests for _, tests in design], N - 1)
        # Every failure goes where it makes finding none the least improbable.
        falls = np.sort(
            np.concatenate([np.log1p(-k / (size - np.arange(size - k))) for size, k in zip(N, n, strict=True)])
        )
        p = np.exp(np.append(0.0, np.cumsum(falls[::-1])))
        found = worst_case_without_failures(live(N, n, 0 * N), np.arange(len(p) + 1))
        assert found == pytest.approx(np.append(p, 0.0), rel=1e-9, abs=1e-300)

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.tuples(st.integers(2, 60), st.integers(1, 59)), min_size=1, max_size=8))
    def test_the_worst_case_of_large_populations_is_that_of_small_ones(self, design):
        N = np.array([units for units, _ in design])
        strata = live(N, np.minimum([tests for _, tests in design], N - 1), 0 * N)
        r = np.arange(int(strata.untested.sum()) + 2)
        assert chernoff._without_failures(strata, r) == pytest.approx(
            worst_case_without_failures(strata, r), rel=1e-9, abs=1e-300
        )

    def test_the_worst_case_of_many_units_takes_no_more_memory(self):
        # Two strata alike: the failures share themselves between them, and an odd one makes no difference.
        strata = live([5 * 10**11] * 2, [500] * 2, [0, 0])
        r = np.array([0, 1, 10**9, 10**9 + 1])
        each = hypergeometric_pmf(0, r // 2, 500, 5 * 10**11) * hypergeometric_pmf(0, r - r // 2, 500, 5 * 10**11)
        assert worst_case_without_failures(strata, r) == pytest.approx(each, rel=1e-9)

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.tuples(st.integers(2, 30), st.integers(1, 29)), min_size=1, max_size=4))
    def test_all_failed_is_what_the_game_finds(self, design):
        N, n = np.array([(size, min(k, size - 1)) for size, k in design], dtype=np.int64).T
        strata = {tail: live(N, n, n, exponent) for tail, exponent in exact._EXPONENT.items()}
        room, seen = int((N - n).sum()), int(n.sum())
        few, many = (p_values(Game(strata[tail], tail, room), room) for tail in ("few", "many"))
        for r in range(room + 1):
            assert exact.p_value_at_least(N, n, n, seen + r).value == pytest.approx(few[r], rel=1e-9)
            assert exact.p_value_at_most(N, n, n, seen + r).value == pytest.approx(many[r], rel=1e-9, abs=1e-9)
        assert limits(N, n, n, LEVEL) == (seen + np.flatnonzero(many >= LEVEL - TIE)[0], N.sum())

    def test_all_failed_is_the_mirror_image_of_none(self):
        # Failures and passes change places: no design is so large that it would be counted coarsely.
        N, n, none = counts(*[(20_000, 30, 0)] * 33)
        most = exact.most_failures(N, n, none, LEVEL)
        fewest = exact.fewest_failures(N, n, n, LEVEL)
        assert (fewest.value, fewest.grid) == (N.sum() - most.value, 1)

    def test_the_closed_form_is_what_the_game_finds(self):
        N, n, x = counts((40, 6, 0), (25, 3, 0), (9, 4, 0))
        strata = LiveStrata(N, n, x, design_scores(N, n, 1.0))
        p = p_values(Game(strata, "few", 40), 40)
        assert limits(N, n, x, LEVEL)[1] == np.flatnonzero(p >= LEVEL)[-1]


@st.composite
def samples(draw, most=60):
    H = draw(st.integers(1, 6))
    N = draw(st.lists(st.integers(1, most), min_size=H, max_size=H))
    n = [draw(st.integers(0, min(size, 12))) for size in N]
    x = [draw(st.integers(0, k)) for k in n]
    return N, n, x


class TestLaws:
    @settings(deadline=None, max_examples=25)
    @given(samples(), st.randoms(use_true_random=False))
    def test_order_of_strata_changes_nothing(self, sample, random):
        rows = list(zip(*sample, strict=True))
        random.shuffle(rows)
        assert limits(*zip(*rows, strict=True), LEVEL) == limits(*sample, LEVEL)

    @settings(deadline=None, max_examples=25)
    @given(samples())
    def test_limits_are_possible_and_ordered(self, sample):
        N, n, x = sample
        low, high = limits(*sample, LEVEL)
        assert sum(x) <= low <= high <= sum(N) - sum(n) + sum(x)

    @settings(deadline=None, max_examples=25)
    @given(samples())
    def test_more_confidence_is_never_narrower(self, sample):
        low, high = limits(*sample, 0.05)
        wider_low, wider_high = limits(*sample, 0.005)
        assert wider_low <= low
        assert wider_high >= high

    @settings(deadline=None, max_examples=25)
    @given(samples(), st.integers(0, 100))
    def test_coarser_is_never_narrower(self, sample, budget):
        low, high = limits(*sample, LEVEL)
        wider_low, wider_high = limits(*sample, LEVEL, budget)
        assert wider_low <= low
        assert wider_high >= high

    @settings(deadline=None, max_examples=25)
    @given(samples(), st.integers(0, 200), st.sampled_from([0.01, 0.025, 0.2]))
    def test_limits_are_where_p_values_cross_the_level(self, sample, failures, level):
        arrays = [np.asarray(a, dtype=np.int64) for a in sample]
        failures = min(failures, sum(sample[0]))
        low, high = limits(*sample, level)
        at_most = exact.p_value_at_most(*arrays, failures).value
        at_least = exact.p_value_at_least(*arrays, failures).value
        assert (at_most >= level - TIE) == (failures >= low)
        assert (at_least >= level - TIE) == (failures <= high)


class TestCoarseCounting:
    @settings(deadline=None, max_examples=80)
    @given(samples(most=30), st.integers(1, 5), st.sampled_from([0.025, 0.2]), st.booleans())
    def test_limits_are_those_of_every_number_of_failures(self, sample, grid, alpha, constant):
        N, n, x = (np.asarray(a, dtype=np.int64) for a in sample)
        some = (n > 0) & (n < N)
        if not some.any():
            return
        certain, star = int(x.sum()), 12
        for tail, exponent in (("few", 1.0), ("many", 0.7)):
            strata = live(N[some], n[some], x[some], exponent)
            room = int(strata.untested.sum())
            game = Game(strata, tail, room, grid)
            exact._passes.clear()

            def at(M, tail=tail):
                above = alpha * (0.5 + 0.4 * np.sqrt(star / np.maximum(M, star)))
                return above if tail == "few" else np.where(star >= M, alpha, alpha - above)

            levels = exact._constant(alpha) if constant else exact._Levels(0.1 * alpha, at, star)
            r = np.arange(room + 1)
            every = r[p_values(game, room) >= levels.at(certain + r) - TIE]
            found = levels.reached(game, certain, room)
            assert set(found) <= set(every)
            assert found[[0, -1]].tolist()[tail == "few"] == every[[0, -1]].tolist()[tail == "few"]


class TestBounds:
    @settings(deadline=None, max_examples=30)
    @given(samples(most=30), st.sampled_from(["few", "many"]))
    def test_chernoff_is_never_below_the_game(self, sample, tail):
        N, n, x = (np.asarray(a, dtype=np.int64) for a in sample)
        live = (n > 0) & (n < N)
        if not live.any():
            return
        strata = LiveStrata(N[live], n[live], x[live], design_scores(N[live], n[live], 1.0))
        room = int(strata.untested.sum())
        p = p_values(Game(strata, tail, room), room)
        bound = ChernoffBound(strata, tail)
        assert all(bound.p_value(r) >= p[r] - 1e-9 for r in range(0, room + 1, max(1, room // 7)))

    def test_a_stratum_of_which_all_fail_is_possible_where_all_its_tests_failed(self):
        # So many tests that the moments are Hoeffding's (1963, theorem 4: a sample without replacement is bounded by one
        # with); where all units of a stratum fail they are exact, exp(rate · n). All but the pass that was seen may fail:
        # P(X ≤ 1999) is then the probability that it is found, 2000/2500.
        N, n, x = counts((1490, 980, 980), (2500, 2000, 1999))
        assert exact.most_failures(N, n, x, LEVEL, budget=0).value == N.sum() - 1
        assert exact.p_value_at_least(N, n, x, int(N.sum()) - 1, budget=0).value >= 0.8

    @settings(deadline=None, max_examples=60)
    @given(st.data(), st.fractions(0, 10**6).filter(bool))
    def test_moments_are_log_concave_in_the_failures(self, data, y):
        # In whole numbers, of min(X, cap): Chernoff's bound sorts the increments of their logarithms.
        N = data.draw(st.integers(3, 18))
        n = data.draw(st.integers(1, N - 1))
        cap = data.draw(st.integers(1, n)) if y > 1 else n  # only the upper tail is capped
        moments = [
            sum(math.comb(M, j) * math.comb(N - M, n - j) * y ** min(j, cap) for j in range(min(n, M) + 1))
            for M in range(N + 1)
        ]
        assert all(b * b >= a * c for a, b, c in zip(moments, moments[1:], moments[2:], strict=False))

    def test_the_game_is_never_below_any_fixed_placement(self):
        N, n, x = counts((9, 3, 1), (6, 2, 0), (5, 3, 2))
        for tail, exponent in (("few", 1.0), ("many", 0.7)):
            strata = LiveStrata(N, n, x, design_scores(N, n, exponent))
            room = strata.untested
            p = p_values(Game(strata, tail, int(room.sum())), int(room.sum()))
            outcomes = list(itertools.product(*(range(k + 1) for k in n)))
            score = np.array(outcomes) @ strata.scores
            extreme = score <= strata.observed if tail == "few" else score >= strata.observed
            for u in itertools.product(*(range(r + 1) for r in room)):
                chance = sum(
                    np.prod([hypergeom.pmf(j, N[h], x[h] + u[h], n[h]) for h, j in enumerate(o)])
                    for o, e in zip(outcomes, extreme, strict=True)
                    if e
                )
                assert p[sum(u)] >= chance - 1e-12


class TestScores:
    def test_equal_weights_count_alike(self):
        assert design_scores(*counts((30, 6), (50, 10), (5, 1)), 1.0).tolist() == [1, 1, 1]

    def test_scores_follow_the_weights(self):
        scores = design_scores(*counts((400, 4), (100, 10), (30, 20)), 1.0)
        assert scores[0] > scores[1] > scores[2] >= 1


class TestAnswersStay:
    """What was found before passes were made faster and shared between interval and p-value: they may only be quicker.

    Two districts and a category of a made-up quarter: population, tested, failed by stratum; limits at 0.025; the
    question asked of the sample, about how many failures, and its p-value.
    """

    CASES = (
        (
            "1 58 175 136 1 123 30 133 2 63 704 261",
            "1 15 8 15 1 47 2 17 2 17 26 30",
            "0 1 0 3 1 4 0 1 0 0 1 0",
            (34, 193),
            ("at_least", 118, 0.2702637976859702),
        ),
        (
            "3 189 294 391 1 338 73 320 14 199 1395 669",
            "2 43 14 40 1 118 4 41 13 51 59 75",
            "0 3 0 3 0 11 0 2 1 1 0 3",
            (74, 252),
            ("at_least", 273, 0.012742513499413048),
        ),
        (
            "31 6 28 27 5 28 38 8 34 66 13 45 87 12 69 49 9 42 57 11 55 44 13 31 22 27 19 5 11 41 13 31",
            "11 2 3 8 2 3 10 2 4 18 2 4 27 2 8 16 1 5 20 1 6 15 2 3 7 3 5 2 2 16 2 3",
            "1 1 1 0 0 1 0 0 0 0 0 0 2 0 0 3 0 1 3 0 2 2 0 0 2 1 1 0 0 2 0 0",
            (66, 166),
            ("at_most", 97, 0.8588306654728642),
        ),
    )

    @pytest.mark.parametrize(("N", "n", "x", "found", "question"), CASES)
    def test_limits_and_p_values(self, N, n, x, found, question):
        which, failures, p = question
        asked = getattr(exact, f"p_value_{which}")
        arrays = [np.array(a.split(), dtype=np.int64) for a in (N, n, x)]
        exact._passes.clear()
        first = asked(*arrays, failures).value
        assert limits(*arrays, LEVEL) == found
        assert asked(*arrays, failures).value == pytest.approx(first, rel=1e-9)
        assert first == pytest.approx(p, rel=1e-9)

    @settings(deadline=None, max_examples=25)
    @given(samples(), st.integers(0, 200), st.sampled_from(["at_most", "at_least"]))
    def test_a_pass_of_before_answers_alike(self, sample, failures, which):
        arrays = [np.asarray(a, dtype=np.int64) for a in sample]
        asked = getattr(exact, f"p_value_{which}")
        failures = min(failures, sum(sample[0]))
        exact._passes.clear()
        alone = asked(*arrays, failures).value
        exact._passes.clear()
        limits(*sample, LEVEL)
        assert asked(*arrays, failures).value == pytest.approx(alone, rel=1e-9, abs=1e-12)
