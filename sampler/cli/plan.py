"""``sampler plan``: registry in, plan folder out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.cli.options import CONFIG, ConfigOption, RegistryArgument, SheetOption, WeightsOption
from sampler.files.layout import PLANS
from sampler.text import Lang, text

if TYPE_CHECKING:
    from rich.table import Table

    from sampler.design import Design
    from sampler.drawing import Drawn
    from sampler.frame import Frame
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
    out_ = output("plan", lang, json=json, quiet=quiet)
    _plan(
        out_,
        registry,
        config,
        weights,
        period,
        seed,
        inspectors,
        archive,
        out,
        budget,
        sheet,
        dry_run,
        force,
        why,
    )


@guarded
def _plan(
    say: Output,
    registry: list[Path],
    config: Path,
    weights_given: Path | None,
    period_name: str | None,
    seed: str | None,
    inspectors_file: Path | None,
    archive: Path | None,
    out: Path | None,
    budget: int | None,
    sheet: str | None,
    dry_run: bool,
    force: bool,
    why: str | None,
) -> None:
    from dataclasses import replace

    from sampler.cli.plan_lines import margin_lines, money_lines
    from sampler.cli.sources import tell_files
    from sampler.config import load_design, load_weights, weights_beside
    from sampler.drawing import Order, draw
    from sampler.errors import UsageError
    from sampler.period import Period
    from sampler.precision import expected_margins, expected_precision

    if seed is not None and not seed.strip():
        raise UsageError("usage.empty", option="--seed")
    design = load_design(config)
    say.follow(design.bureau.language)
    weights_file = weights_given or weights_beside(config)
    weights = load_weights(weights_file, design)
    if budget is not None:
        design = replace(design, sample=replace(design.sample, budget=budget))
    period = Period.parse(period_name) if period_name else Period.of(dt.date.today())
    folder = out or Path(PLANS) / period.name
    if archive is None and out is None and Path(PLANS).is_dir():
        archive = Path(PLANS)
    order = Order(
        registry=registry,
        design=design,
        weights=weights,
        period=period,
        seed=seed,
        inspectors=inspectors_file,
        archive=archive,
        out=None if dry_run else folder,
        sheet=sheet,
        force=force,
        why=why,
        lang=say.lang,
        settings={"config": str(config), "weights": str(weights_file), "budget": budget, "sheet": sheet},
    )
    drawn = draw(order, progress=say.progress)
    made, frame = drawn.plan, drawn.frame
    tell_files(say, registry, frame.files)
    for issue in drawn.issues:
        say.finding(issue)
    sample = design.sample
    batches = int(made.tasks["batches"].sum())
    if (
        sample.budget is not None
        and batches < sample.budget
        and bool((made.strata["sample"] == made.strata["population"]).all())
    ):
        say.warn("plan.whole_frame", budget=sample.budget, batches=batches, left=sample.budget - batches)
    expected = expected_precision(
        made.strata, ("district", "category"), confidence=sample.confidence, notice=sample.notice
    )
    margins = expected_margins(made.strata, made.margins, notice=sample.notice)
    if say.json:
        say.document(_document(drawn, expected, margins, None if dry_run else folder))
    else:
        _print(say, made, frame, expected)
        for line in [*margin_lines(made, margins, say.lang), *money_lines(made, say.lang)]:
            say.out.print(line, markup=False, soft_wrap=True)
        for line in history_lines(drawn, say.lang):
            say.out.print(line, markup=False, soft_wrap=True)
    if dry_run:
        say.say("plan.dry_run")
    else:
        say.say("plan.written", folder=folder)


def history_lines(drawn: Drawn, lang: Lang) -> list[str]:
    """What the archive said about the quarter, for people; no line without an archive."""
    from sampler.history import COVERAGE_QUARTERS
    from sampler.percent import percent

    history, changes, previous = drawn.past.history, drawn.past.changes, drawn.past.previous
    if previous is None or changes is None:
        return []
    units = drawn.frame.units["unit_id"].to_list()
    four, twelve = (percent(history.coverage(units, drawn.plan.period, q), 1) for q in COVERAGE_QUARTERS)
    design = drawn.plan.design
    lines = [
        text(
            "past.line",
            lang,
            count=len(history.quarters),
            first=history.quarters[0],
            last=history.quarters[-1],
            follow_ups=len(history.follow_ups),
            four=four,
            twelve=twelve,
        )
    ]
    if history.rates:
        listed = [f"{design.label('category', c, lang)} {percent(r, 1)}" for c, r in history.rates.items()]
        comma = text("common.comma", lang)
        lines.append(text("past.rates_line", lang, listed=comma.join(listed)))
    if any(changes.counts().values()):
        lines.append(text("past.changes_line", lang, period=previous.period, **changes.counts()))
    return lines


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
    from sampler.costs import spending, stratum_costs

    plan, frame = drawn.plan, drawn.frame
    costs = stratum_costs(plan.selection, plan.design)
    expected_of = stratum_intervals(plan)
    keys = plan.design.strata.keys
    set_aside = plan.set_aside["reason"].value_counts(sort=True).rows()
    return {
        "period": plan.period.name,
        "seed": plan.seed,
        "out": str(folder) if folder else None,
        "files": list(frame.files),
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
    listed = reasons.join(f"{text(f'reasons.{r}', lang)} {n}" for r, n in sorted(excluded.items(), key=lambda i: -i[1]))
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
    if "district" in plan.strata.columns:
        say.out.print(_tasks_table(plan, design, expected, lang))
    if "category" in plan.strata.columns:
        say.out.print(_categories_table(plan, design, expected, lang))
    if "district" not in plan.strata.columns:  # the footer of the table by district tells it otherwise
        total = next(e for e in expected if not e.domain)
        line = text("plan.total_line", lang, units=f"{total.population:,}", tasks=total.sample, points=_points(total))
        say.out.print(line, markup=False, soft_wrap=True)


def _tasks_table(plan: Plan, design: Design, expected: list[Expected], lang: Lang) -> Table:
    """Tasks by district and category, with the interval to expect in each margin."""
    import polars as pl
    from rich.table import Table

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
    for district in plan.strata["district"].unique().sort().drop_nulls() if "district" in plan.strata.columns else ():
        e = precision[(district,)]
        cells = [str(counts.get((district, c), 0)) for c in categories]
        table.add_row(design.label("district", district, lang), f"{e.population:,}", *cells, str(e.sample), _points(e))
    table.add_section()
    return table


def _categories_table(plan: Plan, design: Design, expected: list[Expected], lang: Lang) -> Table:
    """Tasks by category, with the interval to expect in each."""
    from rich.table import Table

    precision = {e.domain["category"]: e for e in expected if set(e.domain) == {"category"}}
    table = Table(title=text("plan.categories_title", lang), title_justify="left")
    table.add_column(text("terms.category", lang))
    for key in ("terms.units", "terms.tasks", "plan.expected_column"):
        table.add_column(text(key, lang), justify="right")
    for category in (c.key for c in design.categories if c.key in precision):
        e = precision[category]
        table.add_row(design.label("category", category, lang), f"{e.population:,}", str(e.sample), _points(e))
    return table


def stratum_intervals(plan: Plan) -> dict[str, Expected]:
    """Stratum → the interval to expect in it."""
    from sampler.precision import expected_precision

    sample = plan.design.sample
    found = expected_precision(plan.strata, ("stratum",), confidence=sample.confidence, notice=sample.notice)
    return {e.domain["stratum"]: e for e in found if e.domain}


def _points(e: Expected) -> str:
    return f"{100 * e.rate:.1f} % ± {100 * e.half_width:.1f}"
