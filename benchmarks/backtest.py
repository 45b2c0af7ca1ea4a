"""Real coverage on a population whose every outcome is known. Repeat with

    python benchmarks/backtest.py population.csv --config benchmarks/chicago.toml \
        --weights benchmarks/chicago_weights.toml --truth outcome --keys category,risk_class --repeats 200

The file is taken for the registry and read as one, with the columns the configuration names. Each repeat draws a plan
with a new seed, looks up the outcomes of the drawn units, estimates, and notes whether each interval holds the truth.
One line per method and family: the share of intervals that hold it, the least share of any domain, the mean width, and how
many intervals were worked out (of one line, what gave them: a method may fall back on another). `model` is the
beta-binomial figure of small cells.

--truth names a column of the configuration's [columns] that holds 1 (pass) or 0; units without an outcome are left out.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from sampler.analysis import Analysis
from sampler.config import load_design, load_weights
from sampler.files.registry import read_registry
from sampler.outcomes import evidence, unit_outcomes
from sampler.period import Period
from sampler.plan import Plan, make_plan
from sampler.rates import estimate_evidence
from sampler.results import BATCH_SCHEMA, Results
from sampler.truth import FAILING, with_outcomes

Family = tuple[str, ...]
Domain = tuple[str | None, ...]


def results_of(plan: Plan) -> Results:
    """What the inspections of the plan's tasks found."""
    verdict = pl.when(pl.col(FAILING) == 1).then(pl.lit("fail")).otherwise(pl.lit("pass"))
    found = plan.tasks.join(plan.units.select("unit_id", FAILING), on="unit_id").with_columns(verdict=verdict)
    known = found.select(
        "task_id",
        "unit_id",
        "role",
        batch_id="task_id",
        state=pl.lit("tested"),
        first="verdict",
        final="verdict",
    )
    empty = [
        pl.lit(None, dtype=getattr(pl, kind)).alias(name)
        for name, kind in BATCH_SCHEMA.items()
        if name not in known.columns
    ]
    return Results(known.with_columns(empty).select(*BATCH_SCHEMA), (), ())


def true_rates(units: pl.DataFrame, families: Sequence[Family]) -> dict[Family, dict[Domain, float]]:
    """Pass rate of every domain of every family."""
    passing = 1 - pl.col(FAILING).mean()
    return {
        family: {
            tuple(domain): rate
            for *domain, rate in (units.group_by(family).agg(passing) if family else units.select(passing)).iter_rows()
        }
        for family in families
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("population", type=Path)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--truth", required=True, help="column of the configuration that holds the outcome")
    parser.add_argument("--keys", help="columns whose crossing makes the strata, instead of the configuration's")
    parser.add_argument("--rule", help="rule of allocation, instead of the configuration's")
    parser.add_argument("--budget", type=int, help="tests, instead of the configuration's")
    parser.add_argument("--by", action="append", help="family of domains, such as category or district,category")
    parser.add_argument("--methods", default="exact,conservative,effective,beta,wilson")
    parser.add_argument("--repeats", type=int, default=100)
    arguments = parser.parse_args()

    design = load_design(arguments.config)
    weights = load_weights(arguments.weights, design)
    sample = design.sample
    sample = replace(sample, budget=arguments.budget or sample.budget, rule=arguments.rule or sample.rule)
    design = replace(design, sample=sample)
    if arguments.keys:
        design = replace(design, strata=replace(design.strata, keys=tuple(arguments.keys.split(","))))
    families: list[Family] = [(), *(tuple(by.split(",")) for by in arguments.by or ("district", "category"))]
    methods = arguments.methods.split(",")

    frame, unknown = with_outcomes(read_registry([arguments.population], design), arguments.truth)
    print(
        f"{frame.rows} rows, {frame.size} units with an outcome, {unknown} without; excluded: {frame.excluded or '-'}"
    )
    truth = true_rates(frame.units, families)
    print(f"{truth[()][()]:.4f} pass")
    held: dict[tuple[str, Family], dict[Domain, list[bool]]] = defaultdict(lambda: defaultdict(list))
    widths: dict[tuple[str, Family], list[float]] = defaultdict(list)
    used: dict[tuple[str, Family], Counter[str]] = defaultdict(Counter)
    started = time.perf_counter()
    for repeat in range(arguments.repeats):
        seed = f"backtest {repeat}"
        plan = make_plan(frame, design, weights, period=Period(2026, 4), seed=seed, design_sha256="0" * 64)
        found = evidence(plan, unit_outcomes(plan, results_of(plan)))
        # Without targets nothing is graded: p-values cost as much as intervals, and are not looked at here.
        found = replace(found, table=found.table.with_columns(target=pl.lit(None, dtype=pl.Float64)))
        for method in methods:
            for row in estimate_evidence(found, Analysis(by=families, method=method)):
                spans = [(method, row.lower, row.upper)]
                if method == methods[0] and row.model is not None:
                    spans.append(("model", row.model.lower, row.model.upper))
                for name, lower, upper in spans:
                    rate = truth[row.family][tuple(row.domain.values())]
                    assert lower is not None
                    assert upper is not None
                    held[name, row.family][tuple(row.domain.values())].append(lower - 1e-12 <= rate <= upper + 1e-12)
                    widths[name, row.family].append(upper - lower)
                    used[name, row.family][row.method if name == method else "model"] += 1
    print(
        f"{plan.strata.height} strata ({' × '.join(design.strata.keys)}), {plan.tasks.height} tasks, "
        f"{arguments.repeats} plans, {time.perf_counter() - started:.0f} s; nominal 0.95\n"
    )
    print("| family | method | coverage | least of a domain | mean width | intervals |")
    print("|---|---|---|---|---|---|")
    for family in families:
        for name in (*methods, "model"):
            domains = held.get((name, family))
            if not domains:
                continue
            each = [sum(d) / len(d) for d in domains.values()]
            every = [right for d in domains.values() for right in d]
            mean = sum(widths[name, family]) / len(widths[name, family])
            by_method = used[name, family]
            intervals = (
                f"{len(every)}" if set(by_method) == {name} else ", ".join(f"{n} {m}" for m, n in by_method.items())
            )
            print(
                f"| {' × '.join(family) or 'city'} | {name} | {sum(every) / len(every):.4f} | {min(each):.3f} | "
                f"{mean:.4f} | {intervals} |"
            )


if __name__ == "__main__":
    main()
