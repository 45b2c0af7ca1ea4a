"""Does every interval hold what it promises?  Repeat with

    python benchmarks/coverage.py enumerate --designs 1000
    python benchmarks/coverage.py study --samples 100

`enumerate` computes the exact interval of every possible sample of many tiny designs and the exact coverage at every
vector M of failures; one value below nominal is a failure of the method (exit code 1). `study` draws samples from
realistic designs and failure patterns and prints one row per method, as in docs/intervals.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Iterator

import numpy as np
from scipy.stats import hypergeom

from sampler.stats import exact
from sampler.stats.stratified import Method, StratifiedSample, estimate

CONFIDENCE = 0.95


def tiny_designs(how_many: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Designs of 1-4 strata, small enough that every M and every sample can be listed; some unsampled, some taken whole."""
    rng = np.random.default_rng(seed)
    while how_many:
        H = int(rng.integers(1, 5))
        N = rng.integers(1, (25, 12, 8, 6)[H - 1], H)
        n = np.array([rng.integers(0, min(size, (8, 5, 3, 2)[H - 1]) + 1) for size in N])
        if n.any():
            how_many -= 1
            yield N.tolist(), n.tolist()


def coverages(N: list[int], n: list[int], budget: int) -> np.ndarray:
    """Coverage at every M of the two-sided interval, its two sides, one-sided 95% bounds, uneven; shape (6, vectors)."""
    samples = list(itertools.product(*(range(k + 1) for k in n)))
    population, tested = np.array(N, dtype=np.int64), np.array(n, dtype=np.int64)
    alpha = 1 - CONFIDENCE
    limits = []
    for x in samples:
        counts = population, tested, np.array(x, dtype=np.int64)
        row = [
            f(*counts, a, budget=budget).value
            for a in (alpha / 2, alpha)
            for f in (exact.fewest_failures, exact.most_failures)
        ]
        row += [found.value for found in exact.uneven_limits(*counts, alpha, budget=budget)]
        limits.append(row)
    low, high, low_one, high_one, low_uneven, high_uneven = np.array(limits).T
    pmf = [
        hypergeom.pmf(np.arange(k + 1)[None, :], size, np.arange(size + 1)[:, None], k)
        for size, k in zip(N, n, strict=True)
    ]
    found = []
    for M in itertools.product(*(range(size + 1) for size in N)):
        probability = np.ones(1)
        for h, m in enumerate(M):
            probability = np.multiply.outer(probability, pmf[h][m]).ravel()
        m = sum(M)
        right = [(low <= m) & (m <= high), low <= m, m <= high, low_one <= m, m <= high_one]
        right.append((low_uneven <= m) & (m <= high_uneven))
        found.append([probability @ r for r in right])
    return np.array(found).T


def enumerate_designs(how_many: int, seed: int) -> int:
    names = [
        "two-sided 95%",
        "its lower side",
        "its upper side",
        "one-sided, failures ≥",
        "one-sided, failures ≤",
        "uneven 95%",
    ]
    nominal = np.array([0.95, 0.975, 0.975, 0.95, 0.95, 0.95])
    status = 0
    for title, budgets in (("exact", [exact.BUDGET]), ("coarse and Chernoff", [0, 25, 120])):
        least, vectors, below, started = np.ones(6), 0, 0, time.process_time()
        for i, (N, n) in enumerate(tiny_designs(how_many, seed)):
            found = coverages(N, n, budgets[i % len(budgets)])
            vectors += found.shape[1]
            least = np.minimum(least, found.min(axis=1))
            below += int((found < nominal[:, None] - 1e-9).sum())
        seconds = time.process_time() - started
        print(f"{title}: {how_many} designs, {vectors} vectors M, {below} below nominal, {seconds:.0f} s")
        for name, value in zip(names, least, strict=True):
            print(f"  {name:24} least coverage {value:.4f}")
        status |= below > 0
    return status


def designs(seed: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Designs by number of strata and by how unequal the sampling fractions are."""
    rng = np.random.default_rng(seed)
    for H, total, tests in ((3, 400, 60), (12, 1200, 120), (33, 2000, 250)):
        spread = rng.lognormal(0, 0.7, H)
        N = np.maximum(6, np.rint(total * spread / spread.sum())).astype(int)
        for name, ratio in (("proportional", 1), ("risk 5", 5), ("risk 20", 20)):
            size = N * np.exp(rng.uniform(0, np.log(ratio), H)) if ratio > 1 else N * 1.0
            n = np.clip(np.rint(tests * size / size.sum()), 2, N).astype(int)
            yield f"H={H} {name}", N, n
        taken = n.copy()
        taken[: H // 3] = N[: H // 3]
        yield f"H={H} take-all third", N, taken


def patterns(N: np.ndarray, n: np.ndarray, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Where the failures lie: everywhere alike, in some strata, hardly anywhere, all in the least sampled stratum."""
    yield "even 2%", rng.binomial(N, 0.02)
    yield "even 10%", rng.binomial(N, 0.10)
    yield "clustered", rng.binomial(N, rng.beta(0.2, 2.5, len(N)))
    yield "rare", rng.multinomial(3, N / N.sum())
    killer = np.zeros_like(N)
    h = int(np.argmax(np.where(n < N, N / n, 0)))
    killer[h] = max(1, int(0.3 * N[h]))
    yield "killer", killer


METHODS: tuple[Method, ...] = (
    "exact",
    "uneven",
    "chernoff",
    "conservative",
    "effective",
    "beta",
    "wilson",
    "logit",
    "design",
)


def study(samples: int, seed: int) -> int:
    rng = np.random.default_rng(seed)
    rows = []
    for design, N, n in designs(seed):
        for pattern, M in patterns(N, n, rng):
            M = np.minimum(M, N)
            truth = 1 - M.sum() / N.sum()
            covered, width = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0.0)
            for _ in range(samples):
                sample = StratifiedSample(N, n, rng.hypergeometric(M, N - M, n))
                for method in METHODS:
                    result = estimate(sample, method=method, confidence=CONFIDENCE)
                    covered[method] += result.lower - 1e-12 <= truth <= result.upper + 1e-12
                    width[method] += result.upper - result.lower
            rows.append((design, pattern, covered, width))
            print(
                f"{design:24}{pattern:12}" + "".join(f"{covered[m] / samples:9.3f}" for m in METHODS),
                flush=True,
            )
    print(f"\n{len(rows)} scenarios of {samples} samples\n")
    print(
        "| method | least coverage | mean coverage | scenarios < 90% | width relative to exact | same, even 2% | killer |"
    )
    print("|---|---|---|---|---|---|---|")
    for method in METHODS:
        coverage = np.array([row[2][method] for row in rows]) / samples
        relative = np.array([row[3][method] / row[3]["exact"] for row in rows])
        even = np.array([row[1] == "even 2%" for row in rows])
        killer = np.array([row[1] == "killer" for row in rows])
        print(
            f"| {method} | {coverage.min():.3f} | {coverage.mean():.3f} | {(coverage < 0.90).sum()} "
            f"| {relative.mean():.2f} | {relative[even].mean():.2f} | {coverage[killer].min():.3f} |"
        )
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("enumerate")
    listing.add_argument("--designs", type=int, default=1000)
    drawing = commands.add_parser("study")
    drawing.add_argument("--samples", type=int, default=100)
    for command in (listing, drawing):
        command.add_argument("--seed", type=int, default=20260101)
    arguments = parser.parse_args()
    if arguments.command == "enumerate":
        return enumerate_designs(arguments.designs, arguments.seed)
    return study(arguments.samples, arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
