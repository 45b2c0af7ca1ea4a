"""Real coverage on a population whose every outcome is known. Repeat with

    python benchmarks/backtest.py population.csv --id licence_id --district police_district --category facility_type \
        --risk risk_class=1 --outcome pass --budget 1200 --repeats 100

The file is taken for the registry: each repeat draws a plan with a new seed, looks up the outcomes of the drawn units,
estimates, and notes whether each interval holds the truth. One line per method and family: the share of intervals that
hold it, the least share of any domain, and the mean width. `model` is the beta-binomial figure of small cells.

The population is a CSV file of one row per unit with an outcome of 1 (pass) or 0. Rows without a district are left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import polars as pl

from sampler.design import Bureau, Category, Design, RiskWeights, Sample, Strata, Tier, Weight
from sampler.frame import SCHEMA, Frame
from sampler.outcomes import evidence, unit_outcomes
from sampler.period import Period
from sampler.plan import Plan, make_plan
from sampler.rates import estimate_evidence
from sampler.results import BATCH_SCHEMA, Results

METHODS = ("exact", "effective", "beta", "wilson")
FAMILIES = ((), ("district",), ("category",), ("district", "category"))


def population(path: Path, arguments: argparse.Namespace) -> pl.DataFrame:
    """The file as units: ``unit_id``, ``district``, ``category``, ``risky``, ``passes``."""
    raw = pl.read_csv(path, infer_schema_length=None)
    column, _, value = arguments.risk.partition("=")
    units = raw.select(
        code=pl.col(arguments.id).cast(pl.String),
        district=pl.col(arguments.district).cast(pl.String),
        category=pl.col(arguments.category).cast(pl.String),
        risky=(pl.col(column).cast(pl.String) == value).cast(pl.String),
        passes=pl.col(arguments.outcome).cast(pl.Int64),
    ).drop_nulls()
    common = units["category"].value_counts(sort=True).head(arguments.categories)["category"]
    units = units.with_columns(
        category=pl.when(pl.col("category").is_in(common.implode())).then("category").otherwise(pl.lit("other"))
    ).with_columns(unit_id=pl.concat_str("code", "category", separator="|"))
    print(f"{raw.height} rows, {units.height} with district, category and outcome; {units['passes'].mean():.4f} pass")
    return units.unique("unit_id", maintain_order=True)


def design_of(units: pl.DataFrame, arguments: argparse.Namespace) -> tuple[Design, RiskWeights]:
    """A design with the population's own categories, two tiers, and the rule asked for."""
    design = Design(
        schema_version=1,
        bureau=Bureau(city="backtest", city_en="backtest", language="en"),
        categories=tuple(
            Category(key=c, name=c, name_en=c, target=0.9, prior=0.8) for c in sorted(set(units["category"]))
        ),
        tiers=(
            Tier(key="low", name="low", name_en="low", at_least=0.0),
            Tier(key="high", name="high", name_en="high", at_least=2.0),
        ),
        strata=Strata(keys=tuple(arguments.keys.split(",")), smallest=5),
        sample=Sample(budget=arguments.budget, rule=arguments.rule, reserves=0.0, reserves_least=0),
    )
    weight = Weight(field="risky", value="true", weight=arguments.weight, source="backtest", date=dt.date(2014, 12, 31))
    return design, RiskWeights(schema_version=1, weights=(weight,))


def frame_of(units: pl.DataFrame) -> Frame:
    """The population as a registry that was read."""
    given = units.select("unit_id", "code", "district", "category", "risky").with_columns(
        enterprise="code", name="code", status=pl.lit("open")
    )
    empty = [
        pl.lit(None, dtype=getattr(pl, kind)).alias(name) for name, kind in SCHEMA.items() if name not in given.columns
    ]
    table = given.with_columns(empty).select(*SCHEMA, "risky").sort("unit_id")
    return Frame(table, rows=units.height, merged=0, expanded=0, excluded={})


def outcomes(plan: Plan, passes: pl.DataFrame) -> Results:
    """What the inspections of the plan's tasks found."""
    found = plan.tasks.join(passes, on="unit_id").with_columns(
        verdict=pl.when(pl.col("passes") == 1).then(pl.lit("pass")).otherwise(pl.lit("fail"))
    )
    known = found.select(
        "task_id", "unit_id", "role", batch_id="task_id", state=pl.lit("tested"), first="verdict", final="verdict"
    )
    empty = [
        pl.lit(None, dtype=getattr(pl, kind)).alias(name) for name, kind in BATCH_SCHEMA.items() if name not in known.columns
    ]
    return Results(known.with_columns(empty).select(*BATCH_SCHEMA), (), ())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("population", type=Path)
    for name in ("id", "district", "category", "outcome"):
        parser.add_argument(f"--{name}", required=True, help=f"column of the {name}")
    parser.add_argument("--risk", required=True, help="column=value that makes a unit risky")
    parser.add_argument("--categories", type=int, default=3, help="most frequent categories kept; the rest is `other`")
    parser.add_argument("--keys", default="category,tier", help="columns whose crossing makes the strata")
    parser.add_argument("--rule", default="risk")
    parser.add_argument("--weight", type=float, default=3.0, help="risk weight of risky units")
    parser.add_argument("--budget", type=int, default=1200)
    parser.add_argument("--repeats", type=int, default=100)
    arguments = parser.parse_args()

    units = population(arguments.population, arguments)
    design, weights = design_of(units, arguments)
    frame = frame_of(units)
    truth = {
        family: {
            tuple(key): rate
            for *key, rate in (
                units.group_by(*family).agg(pl.col("passes").mean()).iter_rows()
                if family
                else [(units["passes"].mean(),)]
            )
        }
        for family in FAMILIES
    }
    held: dict[tuple[str, tuple[str, ...]], dict[tuple[str, ...], list[bool]]] = defaultdict(lambda: defaultdict(list))
    widths: dict[tuple[str, tuple[str, ...]], list[float]] = defaultdict(list)
    started = time.perf_counter()
    for repeat in range(arguments.repeats):
        plan = make_plan(
            frame, design, weights, period=Period(2026, 4), seed=f"backtest {repeat}", design_sha256="0" * 64
        )
        known = evidence(plan, unit_outcomes(plan, outcomes(plan, units.select("unit_id", "passes"))))
        # Without targets no p-value is computed: the intervals alone are on trial.
        known = replace(known, table=known.table.with_columns(target=pl.lit(None, dtype=pl.Float64)))
        for method in METHODS:
            for row in estimate_evidence(known, by=FAMILIES, method=method):
                domain = tuple(str(v) for v in row.domain.values())
                spans = [(method, row.lower, row.upper)]
                if method == "exact" and row.model is not None:
                    spans.append(("model", row.model.lower, row.model.upper))
                for name, lower, upper in spans:
                    assert lower is not None
                    assert upper is not None
                    right = lower - 1e-12 <= truth[row.family][domain] <= upper + 1e-12
                    held[name, row.family][domain].append(right)
                    widths[name, row.family].append(upper - lower)
    strata = f"{plan.strata.height} strata, {plan.tasks.height} tasks, {arguments.repeats} plans"
    print(f"{strata}, {time.perf_counter() - started:.0f} s; nominal 0.95")
    print(f"{'family':<20} {'method':<10} {'intervals':>9} {'coverage':>8} {'least':>6} {'width':>7}")
    for family in FAMILIES:
        for name in (*METHODS, "model"):
            if domains := held.get((name, family)):
                each = [sum(d) / len(d) for d in domains.values()]
                every = [right for d in domains.values() for right in d]
                mean = sum(widths[name, family]) / len(widths[name, family])
                print(
                    f"{' × '.join(family) or 'city':<20} {name:<10} {len(every):>9} {sum(every) / len(every):>8.4f} "
                    f"{min(each):>6.3f} {mean:>7.4f}"
                )


if __name__ == "__main__":
    main()
