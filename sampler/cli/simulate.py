"""``sampler simulate``: what a design would deliver, before anyone goes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.cli.options import (
    CONFIG,
    ConfigOption,
    RegistryArgument,
    SheetOption,
    WeightsOption,
    families_of,
)

if TYPE_CHECKING:
    import polars as pl

    from sampler.design import Design
    from sampler.frame import Frame
    from sampler.history import History
    from sampler.plan import Plan
    from sampler.text import Text


def simulate(
    registry: RegistryArgument,
    config: ConfigOption = CONFIG,
    weights: WeightsOption = None,
    period: Annotated[str | None, typer.Option(help=option_help("period"))] = None,
    archive: Annotated[Path | None, typer.Option(help=option_help("archive"))] = None,
    budget: Annotated[int | None, typer.Option(min=1, help=option_help("budget"))] = None,
    truth: Annotated[str | None, typer.Option(help=option_help("truth"), metavar="COLUMN")] = None,
    results: Annotated[Path | None, typer.Option(help=option_help("simulate_results"), metavar="PLAN_DIR")] = None,
    draws: Annotated[int, typer.Option(min=1, help=option_help("draws"))] = 1000,
    by: Annotated[list[str] | None, typer.Option("--by", help=option_help("by"), metavar="COLUMN[,COLUMN]")] = None,
    method: Annotated[str, typer.Option(help=option_help("simulate_method"))] = "auto",
    confidence: Annotated[float | None, typer.Option(help=option_help("simulate_confidence"))] = None,
    seed: Annotated[str, typer.Option(help=option_help("simulate_seed"))] = "1",
    workers: Annotated[int | None, typer.Option(min=1, help=option_help("workers"))] = None,
    sheet: SheetOption = None,
    csv: Annotated[bool, typer.Option("--csv", help=option_help("csv"))] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Simulate a design; the help people read is in the catalogue."""
    say = output("simulate", lang, json=json, quiet=quiet)
    files = (registry, config, weights, archive, sheet)
    _simulate(say, files, period, budget, truth, results, draws, by, method, confidence, seed, workers, csv)


@guarded
def _simulate(
    say: Output,
    files: tuple[list[Path], Path, Path | None, Path | None, str | None],
    period_name: str | None,
    budget: int | None,
    column: str | None,
    results: Path | None,
    draws: int,
    by: list[str] | None,
    method: str,
    confidence: float | None,
    seed: str,
    workers: int | None,
    csv: bool,
) -> None:
    from dataclasses import replace

    from sampler.cli.sources import tell_files
    from sampler.config import load_design, load_weights, weights_beside
    from sampler.errors import UsageError
    from sampler.files.history import NO_PAST, read_history
    from sampler.files.registry import read_registry
    from sampler.manifest import design_sha256
    from sampler.period import Period
    from sampler.plan import make_plan
    from sampler.simulate import run, scenario
    from sampler.text import Text
    from sampler.truth import with_outcomes

    if csv and say.json:
        raise UsageError("usage.csv_and_json")
    if column is not None and results is not None:
        raise UsageError("simulate.two_truths")
    registry, config, weights_given, archive, sheet = files
    design = load_design(config)
    say.follow(design.bureau.language)
    weights = load_weights(weights_given or weights_beside(config), design)
    if budget is not None:
        design = replace(design, sample=replace(design.sample, budget=budget))
    period = Period.parse(period_name) if period_name else Period.of(dt.date.today())
    with say.progress("simulate.reading"):
        frame = read_registry(registry, design, sheet=sheet, but=(archive, results))
        past = read_history(archive, period, frame.units, design) if archive else NO_PAST
    tell_files(say, registry, frame.files)
    with say.progress("simulate.preparing"):
        missing = 0
        if column is not None:
            frame, missing = with_outcomes(frame, column)
        plan = make_plan(
            frame,
            design,
            weights,
            period=period,
            seed=seed,
            design_sha256=design_sha256(design, weights),
            history=past.history,
        )
        if column is None:
            units, told = _assumed(plan, design, past.history, results)
        else:
            units, told = plan.units, Text.of("simulate.truth_column", column=column, missing=missing)
        scene = scenario(
            plan,
            units,
            known=column is not None,
            by=families_of(by or ()) or None,
            confidence=design.sample.confidence if confidence is None else confidence,
            method=method,
            seed=seed,
            draws=draws,
        )
    with say.progress("simulate.drawing", total=draws) as advance:
        found = run(scene, draws=draws, workers=workers, progress=advance)
    if say.json:
        truth = {
            "source": "column" if column else "results" if results else "prior",
            "column": column,
            "results": str(results) if results else None,
            "units_without_outcome": missing,
        }
        say.document(_head(plan, frame, truth, seed, draws, scene.study.confidence) | {
            "designs": [{"design": n, "strata": scene.strata[n], "sample": scene.samples[n]} for n in scene.strata],
            "domains": [row.to_json() for row in found],
        })  # fmt: skip
    elif csv:
        import sys

        from sampler.files.simulation_table import csv_text

        sys.stdout.write(csv_text(found))
    else:
        from sampler.cli.simulate_table import show

        show(say.out, plan, scene, found, told, draws, say.lang)


def _assumed(plan: Plan, design: Design, history: History, results: Path | None) -> tuple[pl.DataFrame, Text]:
    """The units with their assumed failure rates, and what these rest on."""
    from sampler.errors import InputError
    from sampler.files.sources import find_source
    from sampler.text import Text
    from sampler.truth import assumed, observed_rates, prior_rates

    if results is None:
        rates = prior_rates(plan.units, design, history.rates)
        return assumed(plan.units, rates, ("category",)), Text.of("simulate.truth_prior")
    source = find_source([results], None)
    if source.plan is None or source.results is None:
        raise InputError("simulate.not_results", path=results)
    rates = observed_rates(source.plan, source.results, plan.units)
    told = Text.of("simulate.truth_results", period=source.plan.period.name)
    return assumed(plan.units, rates, ("district", "category")), told


def _head(
    plan: Plan, frame: Frame, truth: Mapping[str, object], seed: str, draws: int, confidence: float
) -> dict[str, object]:
    return {
        "period": plan.period.name,
        "seed": seed,
        "draws": draws,
        "confidence": confidence,
        "truth": truth,
        "frame": {"rows": frame.rows, "units": plan.units.height},
        "design": {"sha256": plan.design_sha256},
    }
