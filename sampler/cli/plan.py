"""``sampler plan``: registry in, plan folder out."""

from __future__ import annotations

import datetime as dt
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.cli.options import CONFIG, WEIGHTS, ConfigOption, RegistryArgument, SheetOption, WeightsOption
from sampler.text import text

if TYPE_CHECKING:
    from sampler.design import Design
    from sampler.frame import Frame
    from sampler.plan import Plan
    from sampler.precision import Expected


def plan(
    registry: RegistryArgument,
    config: ConfigOption = CONFIG,
    weights: WeightsOption = WEIGHTS,
    period: Annotated[str | None, typer.Option(help=option_help("period"))] = None,
    seed: Annotated[str | None, typer.Option(help=option_help("seed"))] = None,
    inspectors: Annotated[Path | None, typer.Option(help=option_help("inspectors"))] = None,
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
    out_ = output("plan", lang, json=json, quiet=quiet)
    _plan(out_, registry, config, weights, period, seed, inspectors, out, budget, sheet, dry_run, force, why)


@guarded
def _plan(
    say: Output,
    registry: list[Path],
    config: Path,
    weights_file: Path,
    period_name: str | None,
    seed: str | None,
    inspectors_file: Path | None,
    out: Path | None,
    budget: int | None,
    sheet: str | None,
    dry_run: bool,
    force: bool,
    why: str | None,
) -> None:
    from dataclasses import replace

    from sampler.config import load_design, load_weights
    from sampler.errors import UsageError
    from sampler.files.archive import read_manifest, refuse_existing, write_plan
    from sampler.files.inspectors import read_inspectors
    from sampler.files.papers import write_papers
    from sampler.files.registry import read_registry
    from sampler.history import NO_HISTORY
    from sampler.manifest import canonical_json, design_sha256, design_text, manifest
    from sampler.period import Period
    from sampler.plan import make_plan
    from sampler.precision import expected_precision

    design = load_design(config)
    say.follow(design.bureau.language)
    weights = load_weights(weights_file, design)
    if budget is not None:
        design = replace(design, sample=replace(design.sample, budget=budget))
    period = Period.parse(period_name) if period_name else Period.of(dt.date.today())
    folder = out or Path("plans") / period.name
    if not dry_run:
        if force and not why:
            raise UsageError("plan.force_needs_why")
        refuse_existing(folder, force=force)
    replaced = read_manifest(folder)[1] if force and folder.exists() else None

    with say.progress("plan.reading"):
        frame = read_registry(registry, design, sheet=sheet)
        roster = read_inspectors(inspectors_file, design) if inspectors_file else None
        team_pool = roster.inspectors if roster else ()
    for issue in roster.issues if roster else ():
        say.finding(issue)
    with say.progress("plan.drawing"):
        made = make_plan(
            frame,
            design,
            weights,
            period=period,
            seed=seed if seed is not None else secrets.token_hex(16),
            design_sha256=design_sha256(design, weights),
            inspectors=team_pool,
        )
        expected = expected_precision(
            made.strata, ("district", "category"), confidence=design.sample.confidence
        )
    if not dry_run:
        record = manifest(
            made,
            frame,
            NO_HISTORY,
            why=why,
            replaces=replaced,
            created=dt.datetime.now(dt.UTC),
            lang=say.lang,
        )
        inputs = {
            "design.json": design_text(design, weights).encode(),
            "inspectors.json": canonical_json(list(team_pool)).encode(),
            "history.json": canonical_json(NO_HISTORY).encode(),
        }
        with say.progress("plan.writing"):
            write_plan(
                folder,
                made,
                frame.units,
                record,
                inputs=inputs,
                papers=lambda to: write_papers(to, made, team_pool, lang=say.lang),
                force=force,
            )
    if say.json:
        say.document(_document(made, frame, expected, None if dry_run else folder))
    else:
        _print(say, made, frame, expected)
    if dry_run:
        say.say("plan.dry_run")
    else:
        say.say("plan.written", folder=folder)


def _document(plan: Plan, frame: Frame, expected: list[Expected], folder: Path | None) -> dict[str, object]:
    keys = plan.design.strata.keys
    set_aside = plan.set_aside["reason"].value_counts(sort=True).rows()
    return {
        "period": plan.period.name,
        "seed": plan.seed,
        "out": str(folder) if folder else None,
        "frame": {
            "rows": frame.rows,
            "units": frame.size,
            "excluded": {**frame.excluded, **dict(set_aside)},
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
            }
            for row in plan.strata.iter_rows(named=True)
        ],
        "tasks": plan.tasks.height,
        "expected": [{"domain": e.domain, "rate": e.rate, "half_width": e.half_width} for e in expected],
    }


def _print(say: Output, plan: Plan, frame: Frame, expected: list[Expected]) -> None:
    lang = say.lang
    design = plan.design
    say.out.print(
        text(
            "plan.title",
            lang,
            period=plan.period.name,
            city=design.bureau.city if lang == "zh" else design.bureau.city_en,
        ),
        style="bold",
        markup=False,
    )
    rest = dict(plan.set_aside["reason"].value_counts().rows())
    excluded = {**frame.excluded, **rest}
    reasons = "、" if lang == "zh" else ", "
    listed = reasons.join(
        f"{text(f'reasons.{r}', lang)} {n}" for r, n in sorted(excluded.items(), key=lambda i: -i[1])
    )
    lines = [
        text(
            "plan.frame_line",
            lang,
            rows=frame.rows,
            units=frame.size,
            merged=frame.merged,
            expanded=frame.expanded,
        ),
        text("plan.excluded_line", lang, listed=listed or text("plan.none", lang)),
        text(
            "plan.strata_line",
            lang,
            strata=plan.strata.height,
            certain=int(plan.strata["certainty"].sum()),
            mergers=len(plan.mergers),
        ),
        text(
            "plan.tasks_line",
            lang,
            tasks=plan.tasks.height,
            batches=int(plan.tasks["batches"].sum()),
            visits=plan.tasks["visit"].n_unique(),
            reserves=plan.selection.height - plan.tasks.height,
        ),
        text("plan.seed_line", lang, seed=plan.seed),
        text("plan.digest_line", lang, frame=plan.frame_sha256, design=plan.design_sha256),
    ]
    for line in lines:
        say.out.print(line, markup=False, soft_wrap=True)
    say.out.print(_tasks_table(plan, design, expected, lang))


def _tasks_table(plan: Plan, design: Design, expected: list[Expected], lang: str) -> Table:
    """Tasks by district and category, with the interval to expect in each margin."""
    import polars as pl

    assert lang in ("zh", "en")
    categories = [c.key for c in design.categories if c.key in set(plan.tasks["category"])]
    counts = {(d, c): n for d, c, n in plan.tasks.group_by("district", "category").len().iter_rows()}
    precision = {tuple(e.domain.values()): e for e in expected}
    table = Table(title=text("plan.table_title", lang), title_justify="left", show_footer=True)
    total = precision[()]
    table.add_column(text("terms.district", lang), footer=text("terms.city_total", lang))
    table.add_column(text("terms.units", lang), justify="right", footer=f"{total.population:,}")
    for c in categories:
        table.add_column(
            design.label("category", c, lang),
            justify="right",
            footer=str(plan.tasks.filter(pl.col("category") == c).height),
        )
    table.add_column(text("terms.tasks", lang), justify="right", footer=str(plan.tasks.height))
    table.add_column(text("plan.expected_column", lang), justify="right", footer=_points(total))
    for district in (
        plan.strata["district"].unique().sort().drop_nulls() if "district" in plan.strata.columns else ()
    ):
        e = precision[(district,)]
        cells = [str(counts.get((district, c), 0)) for c in categories]
        table.add_row(
            design.label("district", district, lang), f"{e.population:,}", *cells, str(e.sample), _points(e)
        )
    table.add_section()
    return table


def _points(e: Expected) -> str:
    return f"{100 * e.rate:.1f} % ± {100 * e.half_width:.1f}"
