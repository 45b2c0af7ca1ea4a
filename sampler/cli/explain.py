"""``sampler explain``: why this enterprise?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sampler.cli.console import (
    JsonOption,
    LangOption,
    QuietOption,
    failures_told,
    option_help,
    output,
    plain,
)
from sampler.cli.fitting import fitting
from sampler.text import Lang, Text, text

if TYPE_CHECKING:
    from rich.table import Table

    from sampler.explain import Explanation, Factor
    from sampler.plan import Plan


def explain(
    plan_dir: Annotated[Path, typer.Argument(help=option_help("plan_dir"), show_default=False)],
    unit: Annotated[str, typer.Argument(help=option_help("explain_unit"), show_default=False)],
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Explain one unit of a plan."""
    say = output("explain", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.explain import explain as explanation_of
        from sampler.files.archive import read_plan

        folder = read_plan(plan_dir)
        say.follow(folder.plan.design.bureau.language)
        found = explanation_of(folder.plan, folder.frame_units, folder.history, unit)
        if say.json:
            say.document(_document(found))
            return
        for line in _lines(found, folder.plan, say.lang):
            say.out.print(plain(line), soft_wrap=True)
        make = partial(_table, found.factors, folder.plan, say.lang)
        say.out.print(make(fitting(say.out, ("source",), partial(make, most=_FOLDED))[1]))
        for line in _draw(found, folder.plan, say.lang):
            say.out.print(plain(line), soft_wrap=True)
        say.say("explain.internal")


def _document(found: Explanation) -> dict[str, object]:
    return {
        "unit": found.unit,
        "factors": [
            {
                "field": f.field,
                "value": f.value,
                "weight": f.weight,
                "source": f.line.source if f.line else None,
                "date": f.line.date.isoformat() if f.line else None,
            }
            for f in found.factors
        ],
        "set_aside": found.set_aside,
        "stratum": found.stratum,
        "drawn": {k: found.drawn[k] for k in ("score", "certainty", "tier", "stratum", "ticket", "rank")}
        if found.drawn
        else None,
        "cut_off": found.cut_off,
        "selected": {k: found.selected[k] for k in ("task_id", "role", "probability", "weight", "visit")}
        if found.selected
        else None,
    }


def _lines(found: Explanation, plan: Plan, lang: Lang) -> list[str]:
    unit = found.unit
    place = " · ".join(
        plan.design.label(c, unit[c], lang) for c in ("district", "category", "stage") if unit[c] is not None
    )
    source = Text.of("common.place", **{k: unit[f"source_{k}"] for k in ("file", "sheet", "row")}, column=None)
    return [
        f"{unit['name'] or ''}  {unit['unit_id']}",
        place,
        text("explain.source", lang, source=source),
    ]


_FOLDED = 13
"""Columns of a terminal that a folded text takes at least."""


def _table(
    factors: tuple[Factor, ...], plan: Plan, lang: Lang, without: Sequence[str] = (), *, most: int | None = None
) -> Table:
    """The factors with their weights; no text wider than ``most``."""
    from rich.table import Table

    from sampler.wording import column_name

    table = Table(title=text("explain.factors_title", lang), title_justify="left")
    columns = [column for column in ("field", "value", "weight", "source") if column not in without]
    for column in columns:
        justify: Literal["left", "right"] = "right" if column == "weight" else "left"
        width = None if column == "weight" else most
        head = text(f"explain.{column}_column", lang)
        table.add_column(head, justify=justify, overflow="fold", no_wrap=column == "weight", max_width=width)
    for f in factors:
        value = _shown(f, plan, lang)
        line = f.line
        source = (
            text("explain.dated", lang, source=line.source, date=line.date) if line else text("explain.no_line", lang)
        )
        cells = {
            "field": column_name(f.field, lang),
            "value": value,
            "weight": f"× {f.weight:g}",
            "source": source,
        }
        table.add_row(*(plain(cells[column]) for column in columns))
    return table


def _shown(f: Factor, plan: Plan, lang: Lang) -> str:
    if isinstance(f.value, bool):
        return text("explain.yes" if f.value else "explain.no", lang)
    if f.value is None:
        return text("explain.never", lang) if f.field == "months_since_inspection" else ""
    return plan.design.label(f.field, str(f.value), lang)


def _draw(found: Explanation, plan: Plan, lang: Lang) -> list[str]:
    """From the score to the draw."""
    if found.drawn is None or found.stratum is None:
        return [text("explain.set_aside", lang, reason=text(f"reasons.{found.set_aside}", lang))]
    drawn, stratum = found.drawn, found.stratum
    tier = plan.design.label("tier", drawn["tier"], lang) if drawn["tier"] else ""
    lines = [
        text("explain.score", lang, score=f"{drawn['score']:.4g}", tier=tier or "—"),
        text(
            "explain.stratum",
            lang,
            stratum=" · ".join(
                plan.design.label(k, stratum[k], lang) for k in plan.design.strata.keys if stratum.get(k)
            )
            or drawn["stratum"],
            population=stratum["population"],
            sample=stratum["sample"],
            reserves=stratum["reserves"],
        ),
        text("explain.ticket", lang, ticket=drawn["ticket"], rank=drawn["rank"], cut_off=found.cut_off or "—"),
        text("explain.recompute", lang, seed=plan.seed, unit=found.unit["unit_id"]),
    ]
    if drawn["certainty"] is not None:
        lines.append(text("explain.certain", lang, reason=text(f"explain.{drawn['certainty']}", lang)))
    role = found.selected["role"] if found.selected else "neither"
    task = found.selected["task_id"] if found.selected else ""
    lines.append(text(f"explain.{role}", lang, task=task))
    return lines
