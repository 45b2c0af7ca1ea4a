"""A simulation on a terminal: a table per family of domains, the designs under one another."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.table import Table

from sampler.cli.fitting import fitting
from sampler.percent import confidence_text, percent
from sampler.text import text
from sampler.wording import domain_label, family_title, method_name

if TYPE_CHECKING:
    from rich.console import Console

    from sampler.plan import Plan
    from sampler.simulate import DomainFigures, Scenario
    from sampler.text import Lang, Text

_RIGHT = ("units", "rate", "tested", "half_width", "coverage", "detection", "found", "rmse")


def show(
    console: Console,
    plan: Plan,
    scene: Scenario,
    rows: Sequence[DomainFigures],
    truth: Text,
    draws: int,
    lang: Lang,
) -> None:
    """Print the tables and what they rest on."""
    bureau, confidence = plan.design.bureau, scene.study.confidence
    title = text(
        "simulate.title",
        lang,
        city=bureau.city if lang == "zh" else bureau.city_en,
        period=plan.period.name,
        draws=f"{draws:,}",
        sample=f"{scene.samples['planned']:,}",
    )
    console.print(title, style="bold", markup=False)
    console.print(truth.render(lang), markup=False, soft_wrap=True)
    console.print(
        text("simulate.designs", lang, **{str(d): n for d, n in scene.strata.items()}),
        markup=False,
        soft_wrap=True,
    )
    families: dict[tuple[str, ...], list[DomainFigures]] = {}
    for row in rows:
        families.setdefault(tuple(row.domain), []).append(row)
    for family, members in families.items():
        table, _ = fitting(console, _SPARED, partial(_table, plan, family, members, lang))
        console.print(table)
    error = 200 * (confidence * (1 - confidence) / draws) ** 0.5
    legend = text("simulate.legend", lang, confidence=confidence_text(confidence), error=f"{error:.1f}")
    console.print(legend, style="dim", markup=False, soft_wrap=True)
    used = {m for row in rows for found in row.designs.values() for m in found.methods}
    if "conservative" in used and "conservative" in scene.study.methods:
        console.print(text("simulate.conservative", lang), style="dim", markup=False, soft_wrap=True)


_COLUMNS = ("domain", "units", "rate", "design", *_RIGHT[2:], "method")
_SPARED = ("method", "units", "rmse", "found", "detection", "rate", "tested")
"""What a narrow terminal goes without, first to last; how wide intervals are and how often they hold is what is asked."""


def _table(
    plan: Plan, family: tuple[str, ...], rows: Sequence[DomainFigures], lang: Lang, without: Sequence[str]
) -> Table:
    title = family_title(family, lang) if family else text("simulate.by_total", lang)
    table = Table(title=title, title_justify="left", title_style="bold", pad_edge=False)
    for name in _COLUMNS:
        if name not in without:
            justify = "right" if name in _RIGHT else "left"
            table.add_column(text(f"simulate.column_{name}", lang), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for row in rows:
        first = (domain_label(row.domain, plan.design, lang), f"{row.population:,}", percent(row.rate))
        for design, found in row.designs.items():
            cells = (
                *first,
                text(f"simulate.{design}", lang),
                f"{found.sample:,.1f}",
                f"{100 * found.half_width:.1f}",
                percent(found.coverage, 1),
                percent(found.detection, 1),
                "–" if found.found_per_100 is None else f"{found.found_per_100:.1f}",
                "–" if found.rmse is None else f"{100 * found.rmse:.2f}",
                text("common.comma", lang).join(method_name(m, lang) for m in found.methods),
            )
            table.add_row(*(cell for name, cell in zip(_COLUMNS, cells, strict=True) if name not in without))
            first = ("", "", "")
        table.add_section()
    return table
