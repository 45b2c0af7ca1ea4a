"""A plan on a terminal: what was drawn from what, and tables of tasks with the intervals to expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from rich.table import Table

from sampler.cli.fitting import fitting
from sampler.cli.plan_lines import set_aside_counts
from sampler.text import Lang, text

if TYPE_CHECKING:
    from rich.console import Console

    from sampler.design import Design
    from sampler.frame import Frame
    from sampler.plan import Plan
    from sampler.precision import Expected


_SPARED = ("units", "categories")
"""What a narrow terminal goes without: districts, tasks and the interval to expect stay whole."""


def show(console: Console, plan: Plan, frame: Frame, expected: list[Expected], lang: Lang) -> None:
    """Print what was drawn from what, and the tasks with the intervals to expect."""
    bureau, design = plan.design.bureau, plan.design
    title = text("plan.title", lang, period=plan.period.name, city=bureau.city if lang == "zh" else bureau.city_en)
    console.print(title, style="bold", markup=False)
    for line in _lines(plan, frame, lang):
        console.print(line, markup=False, soft_wrap=True)
    if "district" in plan.strata.columns:
        console.print(fitting(console, _SPARED, partial(_tasks_table, plan, design, expected, lang))[0])
    if "category" in plan.strata.columns:
        console.print(fitting(console, _SPARED, partial(_categories_table, design, expected, lang))[0])
    if "district" not in plan.strata.columns:  # the footer of the table by district tells it otherwise
        total = next(e for e in expected if not e.domain)
        line = text(
            "plan.total_line", lang, units=f"{total.population:,}", tasks=f"{total.sample:,}", points=_points(total)
        )
        console.print(line, markup=False, soft_wrap=True)


def _lines(plan: Plan, frame: Frame, lang: Lang) -> list[str]:
    """The frame, what was left out of it, the strata, the tasks, the seed and the digests."""
    return [
        text(
            "plan.frame_line",
            lang,
            rows=f"{frame.rows:,}",
            units=f"{frame.size:,}",
            merged=f"{frame.merged:,}",
            expanded=f"{frame.expanded:,}",
        ),
        text("plan.excluded_line", lang, listed=_reasons(frame.excluded, lang)),
        text("plan.set_aside_line", lang, listed=_reasons(set_aside_counts(plan), lang)),
        text(
            "plan.strata_line",
            lang,
            strata=f"{plan.strata.height:,}",
            certain=f"{int(plan.strata['certainty'].sum()):,}",
            mergers=f"{len(plan.mergers):,}",
        ),
        text(
            "plan.tasks_line",
            lang,
            tasks=f"{plan.tasks.height:,}",
            batches=f"{int(plan.tasks['batches'].sum()):,}",
            visits=f"{plan.tasks['visit'].n_unique():,}",
            reserves=f"{plan.selection.height - plan.tasks.height:,}",
        ),
        text("plan.seed_line", lang, seed=plan.seed),
        text("plan.digest_line", lang, frame=plan.frame_sha256, design=plan.design_sha256),
    ]


def _reasons(counts: Mapping[str, int], lang: Lang) -> str:
    """Reasons with their counts, the most frequent first."""
    most_first = sorted(counts.items(), key=lambda entry: -entry[1])
    listed = text("common.comma", lang).join(f"{text(f'reasons.{reason}', lang)} {n:,}" for reason, n in most_first)
    return listed or text("plan.none", lang)


def _tasks_table(
    plan: Plan, design: Design, expected: list[Expected], lang: Lang, without: Sequence[str] = ()
) -> Table:
    """Tasks by district and category, with the interval to expect in each margin."""
    drawn = set() if "categories" in without else set(plan.tasks["category"])
    categories = [c.key for c in design.categories if c.key in drawn]
    counts = {(d, c): n for d, c, n in plan.tasks.group_by("district", "category").len().iter_rows()}
    precision = {tuple(e.domain.values()): e for e in expected}
    table = Table(title=text("plan.table_title", lang), title_justify="left", show_footer=True)
    total = precision[()]
    table.add_column(text("terms.district", lang), footer=text("terms.city_total", lang))
    if "units" not in without:
        table.add_column(text("terms.units", lang), justify="right", footer=f"{total.population:,}")
    for c in categories:
        table.add_column(
            design.label("category", c, lang),
            justify="right",
            footer=f"{plan.tasks.filter(pl.col('category') == c).height:,}",
        )
    table.add_column(text("terms.tasks", lang), justify="right", footer=f"{plan.tasks.height:,}")
    table.add_column(text("plan.expected_column", lang), justify="right", footer=_points(total))
    for district in plan.strata["district"].unique().sort().drop_nulls() if "district" in plan.strata.columns else ():
        e = precision[(district,)]
        units = [] if "units" in without else [f"{e.population:,}"]
        cells = [f"{counts.get((district, c), 0):,}" for c in categories]
        table.add_row(design.label("district", district, lang), *units, *cells, f"{e.sample:,}", _points(e))
    table.add_section()
    return table


def _categories_table(design: Design, expected: list[Expected], lang: Lang, without: Sequence[str] = ()) -> Table:
    """Tasks by category, with the interval to expect in each."""
    precision = {e.domain["category"]: e for e in expected if set(e.domain) == {"category"}}
    table = Table(title=text("plan.categories_title", lang), title_justify="left")
    table.add_column(text("terms.category", lang))
    for key in ("units", "tasks"):
        if key not in without:
            table.add_column(text(f"terms.{key}", lang), justify="right")
    table.add_column(text("plan.expected_column", lang), justify="right")
    for category in (c.key for c in design.categories if c.key in precision):
        e = precision[category]
        units = [] if "units" in without else [f"{e.population:,}"]
        table.add_row(design.label("category", category, lang), *units, f"{e.sample:,}", _points(e))
    return table


def _points(e: Expected) -> str:
    return f"{100 * e.rate:.1f}% ± {100 * e.half_width:.1f}"
