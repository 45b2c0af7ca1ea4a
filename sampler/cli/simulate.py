"""``sampler simulate``: what a design would deliver, before anyone goes out."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, QuietOption, failures_told, option_help, output
from sampler.cli.options import (
    CONFIG,
    ConfigOption,
    RegistryArgument,
    SheetOption,
    WeightsOption,
    default_archive,
    families_of,
)

if TYPE_CHECKING:
    import polars as pl

    from sampler.frame import Frame
    from sampler.history import History
    from sampler.plan import Plan
    from sampler.simulate import DomainFigures, Scenario
    from sampler.text import Text


def simulate(
    registry: RegistryArgument,
    config: ConfigOption = CONFIG,
    weights: WeightsOption = None,
    period: Annotated[str | None, typer.Option(help=option_help("period"))] = None,
    archive: Annotated[Path | None, typer.Option(help=option_help("simulate_archive"))] = None,
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
    with failures_told(say):
        from sampler.cli.sources import period_named, read_configuration, tell_files
        from sampler.config import weights_beside
        from sampler.errors import UsageError
        from sampler.files.history import NO_PAST, read_history
        from sampler.files.registry import read_registry
        from sampler.manifest import design_sha256
        from sampler.plan import make_plan
        from sampler.simulate import run, scenario

        if csv and say.json:
            raise UsageError("usage.csv_and_json")
        if truth is not None and results is not None:
            raise UsageError("simulate.two_truths")
        design, risk_weights = read_configuration(say, config, weights or weights_beside(config), budget=budget)
        quarter = period_named(period)
        archive = archive or default_archive()
        with say.progress("simulate.reading"):
            frame = read_registry(registry, design, sheet=sheet, but=(archive, results))
            past = read_history(archive, quarter, frame.units, design) if archive else NO_PAST
        tell_files(say, registry, frame.files)
        with say.progress("simulate.preparing"):
            frame, missing = _with_outcomes(frame, truth)
            plan = make_plan(
                frame,
                design,
                risk_weights,
                period=quarter,
                seed=seed,
                design_sha256=design_sha256(design, risk_weights),
                history=past.history,
            )
            assumed = _truth(plan, past.history, column=truth, missing=missing, results=results)
            scene = scenario(
                plan,
                assumed.units,
                known=truth is not None,
                by=families_of(by or ()) or None,
                confidence=design.sample.confidence if confidence is None else confidence,
                method=method,
                seed=seed,
                draws=draws,
            )
        with say.progress("simulate.drawing", total=draws) as advance:
            found = run(scene, draws=draws, workers=workers, progress=advance)
        if say.json:
            say.document(_head(plan, frame, assumed, seed, draws, scene.study.confidence) | _figures(scene, found))
        elif csv:
            from sampler.files.simulation_table import csv_text

            sys.stdout.write(csv_text(found))
        else:
            from sampler.cli.simulate_table import show

            show(say.out, plan, scene, found, assumed.told, draws, say.lang)


@dataclass(frozen=True)
class _Truth:
    """What is taken for the truth.

    Attributes:
        units: the plan's units with their failures or their probabilities to fail.
        told: what these rest on, for people; source: the same for scripts.
    """

    units: pl.DataFrame
    told: Text
    source: Mapping[str, object]


def _with_outcomes(frame: Frame, column: str | None) -> tuple[Frame, int]:
    """The units whose outcome a column knows, and how many units have none; without a column all of them."""
    from sampler.truth import with_outcomes

    return (frame, 0) if column is None else with_outcomes(frame, column)


def _truth(plan: Plan, history: History, *, column: str | None, missing: int, results: Path | None) -> _Truth:
    """What a column knows, what an earlier plan's results teach, or else what was assumed when planning."""
    from sampler.errors import InputError
    from sampler.files.sources import PlanResults, find_source
    from sampler.text import Text
    from sampler.truth import assumed, observed_rates, prior_rates

    about: dict[str, object] = {"source": "prior", "column": column, "results": None, "units_without_outcome": missing}
    if column is not None:
        told = Text.of("simulate.truth_column", column=column, missing=missing)
        return _Truth(plan.units, told, about | {"source": "column"})
    if results is None:
        rates = prior_rates(plan.units, plan.design, history.rates)
        return _Truth(assumed(plan.units, rates, ("category",)), Text.of("simulate.truth_prior"), about)
    source = find_source([results], None)
    if not isinstance(source, PlanResults):
        raise InputError("simulate.not_results", path=results)
    rates = observed_rates(source.plan, source.results, plan.units)
    return _Truth(
        assumed(plan.units, rates, ("district", "category")),
        Text.of("simulate.truth_results", period=source.plan.period.name),
        about | {"source": "results", "results": str(results)},
    )


def _head(plan: Plan, frame: Frame, truth: _Truth, seed: str, draws: int, confidence: float) -> dict[str, object]:
    return {
        "period": plan.period.name,
        "seed": seed,
        "draws": draws,
        "confidence": confidence,
        "truth": truth.source,
        "frame": {"rows": frame.rows, "units": plan.units.height},
        "design": {"sha256": plan.design_sha256},
    }


def _figures(scene: Scenario, found: Sequence[DomainFigures]) -> dict[str, object]:
    return {
        "designs": [{"design": n, "strata": scene.strata[n], "sample": scene.samples[n]} for n in scene.strata],
        "domains": [row.to_json() for row in found],
    }
