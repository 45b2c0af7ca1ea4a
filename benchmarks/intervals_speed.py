"""How long the exact interval takes.  Repeat with  python benchmarks/intervals_speed.py

One row per design: strata, units, tests, failures, spread of the sampling fractions; then the interval as failures,
the method used, seconds of wall and of processor time, for both sides together.

Processor seconds on two shared cores, before → after passes were played in larger slabs with tables made of factors:
33 strata, 5,000 units, 30 failures 0.4 / 0.8 / 0.7 → 0.2 / 0.4 / 0.3 (spread 1 / 5 / 20); 20,000 units 1.3 / 4.8 / 4.1 →
0.5 / 2.4 / 2.1; 150 strata, 5,000 units, 60 failures 1.1 / 1.2 / 1.0 → 0.7 / 0.7 / 0.8; 17,000 units, 39 failures
2.7 / 3.9 / 4.7 → 1.4 / 2.1 / 2.6; 4,000,000 units, 30 failures 9.2 / 9.5 / 9.0 → 5.3 / 5.1 / 4.3. The exact limits are
the same; Chernoff's lower limit of the failures is up to 4 units tighter, its tails being added up now.

`sampler estimate PLAN --by district --by category --by district,category --json` for 11 returned workbooks of 300 tasks
(28,000 units in 104 strata, 186 failures): 11.9 → 5.7 s of processor time; 11.6 → 5.6 s with nothing else running;
315 MB, of which 247 for reading the plan and the workbooks.
"""

from __future__ import annotations

import time

import numpy as np

from sampler.stats.stratified import StratifiedSample, estimate

CASES = [
    (33, 5_000, 600, 30),
    (33, 20_000, 1_000, 30),
    (150, 5_000, 1_500, 60),
    (150, 17_000, 2_000, 39),
    (150, 17_000, 3_000, 120),
    (33, 100_000, 1_000, 10),
    (33, 4_000_000, 1_000, 0),
    (33, 4_000_000, 1_000, 5),
    (33, 4_000_000, 1_000, 30),
]


def design(H: int, units: int, tests: int, spread: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Strata of log-normal sizes; sampling fractions up to `spread` times each other."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(0, 0.8, H)
    N = np.maximum(3, np.rint(units * size / size.sum())).astype(int)
    weight = N * np.exp(rng.uniform(0, np.log(spread), H)) if spread > 1 else N * 1.0
    return N, np.clip(np.rint(tests * weight / weight.sum()), 1, N).astype(int)


def main() -> None:
    print("| strata | units | tests | failures | spread | failing units | method | wall s | cpu s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for H, units, tests, failures in CASES:
        for spread in (1, 5, 20):
            N, n = design(H, units, tests, spread, seed=1)
            rng = np.random.default_rng(2)
            failing = rng.choice(np.repeat(np.arange(H), n), failures, replace=False)
            sample = StratifiedSample(N, n, np.bincount(failing, minlength=H))
            wall, cpu = time.perf_counter(), time.process_time()
            result = estimate(sample, method="exact")
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            limits = f"{result.failures_lower}–{result.failures_upper}"
            method = " ".join((result.method, *result.notes))
            print(
                f"| {H} | {units} | {tests} | {failures} | {spread} | {limits} | {method} | {wall:.2f} | {cpu:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
