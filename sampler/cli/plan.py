"""``sampler plan``: registry in, plan folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, failures_told, option_help, output
from sampler.cli.options import (
    CONFIG,
    ConfigOption,
    RegistryArgument,
    SheetOption,
    WeightsOption,
    default_archive,
)
from sampler.files.layout import PLANS, plan_folders

if TYPE_CHECKING:
    from sampler.drawing import Drawn
    from sampler.plan import Plan
    from sampler.precision import Expected


def plan(
    registry: RegistryArgument,
    config: ConfigOption = CONFIG,
    weights: WeightsOption = None,
    period: Annotated[str | None, typer.Option(help=option_help("period"))] = None,
    seed: Annotated[str | None, typer.Option(help=option_help("seed"))] = None,
    inspectors: Annotated[Path | None, typer.Option(help=option_help("inspectors"))] = None,
    archive: Annotated[Path | None, typer.Option(help=option_help("archive"))] = None,
    out: Annotated[Path | None, typer.Option(help=option_help("plan_out"))] = None,
    budget: Annotated[int | None, typer.Option(min=1, help=option_help("budget"))] = None,
    sheet: SheetOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=option_help("dry_run"))] = False,
    force: Annotated[bool, typer.Option("--force", help=option_help("force"))] = False,
    why: Annotated[str | None, typer.Option(help=option_help("why"))] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Draw a plan and write its folder."""
    say = output("plan", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.cli.sources import period_named, read_configuration, tell_files
        from sampler.config import weights_beside
        from sampler.drawing import Order, draw
        from sampler.errors import UsageError

        if seed is not None and not seed.strip():
            raise UsageError("usage.empty", option="--seed")
        weights = weights or weights_beside(config)
        design, risk_weights = read_configuration(say, config, weights, budget=budget)
        quarter = period_named(period)
        folder = out or (archive or Path(PLANS)) / quarter.name
        seeds = archive or (Path(PLANS) if out is None else None)
        if archive is None and out is None:
            archive = default_archive()
        order = Order(
            registry=registry,
            design=design,
            weights=risk_weights,
            period=quarter,
            seed=seed,
            seeds=seeds,
            inspectors=inspectors,
            archive=archive,
            out=folder,
            dry_run=dry_run,
            sheet=sheet,
            force=force,
            why=why,
            lang=say.lang,
            settings={"config": str(config), "weights": str(weights), "budget": budget, "sheet": sheet},
        )
        drawn = draw(order, progress=say.progress)
        tell_files(say, registry, drawn.frame.files)
        if archive is None and any(path.resolve() != folder.resolve() for path in plan_folders(Path(PLANS))):
            say.warn("past.unused", archive=PLANS)
        say.findings(drawn.issues)
        _warn_of_whole_frame(say, drawn.plan)
        _show(say, drawn, None if dry_run else folder)
        if drawn.hindrance is not None:
            say.warn("plan.dry_run_refused", reason=drawn.hindrance.told)
        if dry_run:
            say.say("plan.dry_run")
        else:
            say.say("plan.written", folder=folder)


def _warn_of_whole_frame(say: Output, plan: Plan) -> None:
    """Say so where every unit is drawn and part of the budget is left all the same."""
    budget, batches = plan.design.sample.budget, int(plan.tasks["batches"].sum())
    if budget is None or batches >= budget:
        return
    if bool((plan.strata["sample"] == plan.strata["population"]).all()):
        say.warn("plan.whole_frame", budget=budget, batches=batches, left=budget - batches)


def _show(say: Output, drawn: Drawn, folder: Path | None) -> None:
    """Put the plan on stdout: as a document, or as tables and lines for people."""
    from sampler.precision import expected_margins, expected_precision

    plan, sample = drawn.plan, drawn.plan.design.sample
    expected = expected_precision(
        plan.strata, ("district", "category"), confidence=sample.confidence, notice=sample.notice
    )
    margins = expected_margins(plan.strata, plan.margins, notice=sample.notice)
    if say.json:
        say.document(_document(drawn, expected, margins, folder))
        return
    from sampler.cli.plan_lines import history_lines, margin_lines, money_lines
    from sampler.cli.plan_table import show

    show(say.out, plan, drawn.frame, expected, say.lang)
    for line in [
        *margin_lines(plan, margins, say.lang),
        *money_lines(plan, say.lang),
        *history_lines(drawn, say.lang),
    ]:
        say.out.print(line, markup=False, soft_wrap=True)


def history_document(drawn: Drawn) -> dict[str, object]:
    """What the archive said about the quarter, for scripts; nothing without an archive."""
    from sampler.history import COVERAGE_QUARTERS

    history, changes, previous = drawn.past.history, drawn.past.changes, drawn.past.previous
    if previous is None or changes is None:
        return {}
    units = drawn.frame.units["unit_id"].to_list()
    return {
        "history": {
            "quarters": list(history.quarters),
            "previous": {"period": previous.period.name, "sha256": previous.sha256},
            "follow_ups": dict(history.follow_ups),
            "coverage": {str(q): history.coverage(units, drawn.plan.period, q) for q in COVERAGE_QUARTERS},
            "rates": dict(history.rates),
        },
        "changes": {"since": previous.period.name, **changes.counts(), "ids": dict(changes.ids)},
    }


def _document(
    drawn: Drawn, expected: list[Expected], margins: list[Expected], folder: Path | None
) -> dict[str, object]:
    from sampler.cli.plan_lines import set_aside_counts
    from sampler.costs import spending, stratum_costs

    plan, frame = drawn.plan, drawn.frame
    costs = stratum_costs(plan.selection, plan.design)
    expected_of = _stratum_intervals(plan)
    keys = plan.design.strata.keys
    return {
        "period": plan.period.name,
        "seed": plan.seed,
        "out": str(folder) if folder else None,
        "files": list(frame.files),
        "frame": {
            "rows": frame.rows,
            "units": frame.size,
            "merged": frame.merged,
            "expanded": frame.expanded,
            "excluded": dict(frame.excluded),
            "set_aside": set_aside_counts(plan),
            "sha256": plan.frame_sha256,
        },
        "design": {"sha256": plan.design_sha256},
        "strata": [
            {
                "stratum": {k: row[k] for k in keys} | ({"certainty": True} if row["certainty"] else {}),
                "population": row["population"],
                "sample": row["sample"],
                "reserves": row["reserves"],
                "weight": row["weight"],
                "fraction": row["probability"],
                "rate": row["rate"],
                "lower": interval.lower,
                "upper": interval.upper,
                "detection": {"share": interval.notice, "probability": interval.detection},
                "cost": costs.get(row["stratum"], 0.0),
                "bound": row["bound"],
            }
            for row in plan.strata.iter_rows(named=True)
            for interval in [expected_of[row["stratum"]]]
        ],
        "tasks": plan.tasks.height,
        "expected": [e.to_json() for e in expected],
        "margins": [e.to_json() for e in margins],
        "needed": plan.needed and vars(plan.needed),
        "spending": spending(plan.selection, plan.design).to_json(),
        **history_document(drawn),
    }


def _stratum_intervals(plan: Plan) -> dict[str, Expected]:
    """Stratum → the interval to expect in it."""
    from sampler.precision import expected_precision

    sample = plan.design.sample
    found = expected_precision(plan.strata, ("stratum",), confidence=sample.confidence, notice=sample.notice)
    return {e.domain["stratum"]: e for e in found if e.domain}
