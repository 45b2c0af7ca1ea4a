"""Time a plan's sizes with many strata and many margins.

    python benchmarks/margins.py [STRATA] [DISTRICTS]

A made-up city of STRATA strata in DISTRICTS districts, a margin for every district, a budget a third above what they take.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from sampler.design import Bureau, Category, Design, Sample
from sampler.margins import cheapest, within_budget
from sampler.requirements import Ceiling, Margin, Requirements


def made_up(strata: int, districts: int, margin: float) -> Requirements:
    """Strata of 20 to 300 units dealt out to districts."""
    rng = np.random.default_rng(1)
    population = rng.integers(20, 300, strata)
    zero = np.zeros(strata, dtype=np.int64)
    risk = rng.uniform(0.5, 3.0, strata)
    return Requirements(
        population=population,
        certain=zero.astype(bool),
        failing=0.03 * risk,
        batches=zero + 1,
        price=zero + 10_000,
        weights=population * risk,
        lower=zero + 2,
        upper=population,
        source=np.full(strata, "floor"),
        ceilings=(),
        margins=tuple(
            Margin({"district": str(d)}, np.arange(strata) % districts == d, margin, 0.95, 0) for d in range(districts)
        ),
        certain_use={"batches": 0, "yuan": 0},
    )


def main() -> None:
    """Run once and print."""
    strata, districts = (int(v) for v in (sys.argv[1:] + ["1000", "200"][len(sys.argv) - 1 :])[:2])
    design = Design(
        schema_version=1,
        bureau=Bureau(city="-", city_en="-"),
        categories=(Category(key="-", name="-", name_en="-", target=0.9, prior=0.9),),
        sample=Sample(),
    )
    asked = made_up(strata, districts, 0.08)
    start = time.perf_counter()
    least = cheapest(asked, design, "batches")
    middle = time.perf_counter()
    print(f"cheapest: {least.cost:g} units, {middle - start:.1f} s", flush=True)
    limit = int(least.cost * 4 / 3)
    asked = replace(asked, ceilings=(Ceiling("batches", {}, asked.batches, limit),))
    sizes, _ = within_budget(asked, least)
    print(f"within {limit}: {sizes.sum()} units, {time.perf_counter() - middle:.1f} s")


if __name__ == "__main__":
    main()
