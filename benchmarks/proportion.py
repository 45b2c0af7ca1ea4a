"""Times of intervals for one proportion, and the rises that sample sizes for a margin have to look past.

Run: python benchmarks/proportion.py            times (a few seconds)
     python benchmarks/proportion.py --rises    enumerates expected half-widths (some minutes)
"""

import sys
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from sampler.stats.hypergeometric import hypergeometric_limits
from sampler.stats.proportion import METHODS, interval
from sampler.stats.size import (
    expected_half_width,
    risk_detection_probability,
    size_for_detection,
    size_for_margin,
)


def best(call: Callable[[], object], repeats: int = 5) -> float:
    """Least wall time of `repeats` calls, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1e3


def times() -> None:
    random = np.random.default_rng(20260101)
    n = random.integers(1, 3000, 10_000)
    x = random.binomial(n, random.uniform(0.0, 0.2, 10_000))
    population = n + random.integers(0, 20_000, 10_000)
    for method in METHODS:
        finite = population if method == "exact" else None
        taken = best(partial(interval, x, n, population=finite, method=method))
        print(f"10,000 intervals, {method:16} {taken:9.1f} ms")
    for failed, tested, units in (
        (0, 400, 4_000_000),
        (12, 400, 4_000_000),
        (300, 10_000, 4_000_000),
        (500_000, 10**6, 4_000_000),
    ):
        taken = best(partial(hypergeometric_limits, failed, tested, units, 0.025, 0.025))
        print(f"exact limits, x, n, N = {(failed, tested, units)}: {taken:.1f} ms")
    for margin, N in ((0.03, None), (0.03, 2000), (0.01, 100_000), (0.003, 4_000_000)):
        size = size_for_margin(margin, rate=0.97, population=N)
        taken = best(partial(size_for_margin, margin, rate=0.97, population=N), 3)
        print(f"size for ±{margin} at 97%, N = {N}: {size}, {taken:.0f} ms")
    print(
        f"size for detection, 0.1% of 4,000,000: {best(lambda: size_for_detection(1e-3, population=4_000_000)):.1f} ms"
    )
    tiers = ([500_000, 1_500_000, 2_000_000], [100, 50, 20], [5, 3, 1], 0.01)
    print(f"risk detection, three tiers of 4,000,000: {best(lambda: risk_detection_probability(*tiers)):.1f} ms")


def rises() -> None:
    print("population  largest rise of the expected half-width from any n to a later one, in units of 1/population")
    for N in (5, 10, 20, 37, 60, 100, 250, 600):
        worst = 0.0
        for rate in (1.0, 0.999, 0.99, 0.97, 0.95, 0.9, 0.8, 0.5, 0.1):
            for confidence in (0.8, 0.9, 0.95, 0.99):
                widths = np.array(
                    [expected_half_width(n, rate=rate, population=N, confidence=confidence) for n in range(N + 1)]
                )
                later = np.maximum.accumulate(widths[::-1])[::-1]
                worst = max(worst, float((later - widths).max()) * N)
        print(f"{N:10}  {worst:.4f}")


if __name__ == "__main__":
    rises() if "--rises" in sys.argv[1:] else times()
