"""Pass rates on a terminal: a table per family with a small interval bar in each row, the target marked on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text as Styled

from sampler.cli.fitting import fitting
from sampler.percent import confidence_text, interval, percent, scale_start
from sampler.text import text
from sampler.wording import (
    domain_label,
    family_title,
    marked,
    method_name,
    note_lines,
    statement,
    target_text,
    weighting,
)

if TYPE_CHECKING:
    from rich.console import Console

    from sampler.estimate import Estimates
    from sampler.open_work import OpenWork
    from sampler.outcomes import Completion
    from sampler.rates import DomainEstimate
    from sampler.text import Lang

_WIDTH = 24
_COLOURS = {
    "below": "bold red", "watch": "yellow", "not_proven": "magenta", "on_target": "green", "too_little": "dim", None: ""
}  # fmt: skip


def bar(
    lower: float | None,
    rate: float | None,
    upper: float | None,
    target: float | None,
    left: float,
    *,
    width: int = _WIDTH,
    style: str = "",
) -> Styled:
    """An interval on a scale from ``left`` to 1: ``━`` the interval, ``●`` the rate, ``┃`` the target.

    What lies left of the scale is drawn as ``◀`` at its edge.
    """
    cells = [" "] * width
    styles = ["dim"] * width

    def place(value: float) -> int:
        return min(max(int((value - left) / (1 - left) * width), 0), width - 1)

    if lower is not None and upper is not None:
        for i in range(place(lower), place(upper) + 1):
            cells[i], styles[i] = "━", style
        if lower < left:
            cells[0] = "◀"
    if target is not None and target >= left:
        cells[place(target)], styles[place(target)] = "┃", "cyan"
    if rate is not None:
        at = place(rate)
        cells[at], styles[at] = "●" if rate >= left else "◀", style
    drawn = Styled()
    for cell, cell_style in zip(cells, styles, strict=True):
        drawn.append(cell, style=cell_style)
    return drawn


def show(console: Console, estimates: Estimates, lang: Lang) -> None:
    """Print the tables, the notes, the warnings and the denominators."""
    left = scale_start([(r.lower, r.target) for r in estimates.rows])
    families = estimates.families()
    # The total is the first row of the first family that follows it: a table of one row says little.
    blocks = list(families.items())
    if len(blocks) > 1 and blocks[0][0] == ():
        (_, total), (first, rows), *rest = blocks
        blocks = [(first, [*total, *rows]), *rest]
    bars = False
    for family, rows in blocks:
        table, without = fitting(console, _SPARED, partial(_table, estimates, family, rows, left, lang))
        console.print(table)
        bars |= "bar" not in without
    if bars and any(row.target is not None for row in estimates.rows):
        console.print(text("estimate.legend", lang), style="dim", markup=False)
    if any(row.model for row in estimates.rows):
        console.print(text("estimate.model_note", lang), style="dim", markup=False)
    notes = list(note_lines(estimates.rows, estimates.design, lang))
    if notes:
        console.print(text("estimate.notes", lang), markup=False)
    for about, words in notes:
        line = text("estimate.note_line", lang, about=about, words=words)
        console.print(f"  {line}", markup=False, soft_wrap=True)
    for line, style in _says(estimates, lang):
        console.print(line, style=style, markup=False, soft_wrap=True)


_SPARED = ("bar", "method", "model", "batch", "decimals", "population", "grade", "target", "failed")
"""What a narrow terminal goes without, first to last: names and figures must stay whole. The grades are told by colours and
below the table; without ``decimals`` bounds have one, rounded outwards."""


def _table(
    estimates: Estimates,
    family: tuple[str, ...],
    rows: Sequence[DomainEstimate],
    left: float,
    lang: Lang,
    without: Sequence[str],
) -> Table:
    title = family_title(family, lang)
    table = Table(title=title, title_justify="left", title_style="bold", pad_edge=False)
    sure = confidence_text(estimates.confidence)
    limit = {"two-sided": "interval", "lower": "lower", "upper": "upper"}[estimates.side]
    batches = any(row.batch for row in rows)
    models = any(row.model for row in rows)
    targets = any(row.target is not None for row in rows)
    optional = (
        ("target", targets),
        ("grade", targets),
        ("batch", batches),
        ("model", models),
        ("method", True),
    )
    names = [
        "domain",
        "population",
        "tested",
        "failed",
        "rate",
        limit,
        "bar",
        *(n for n, asked in optional if asked),
    ]
    left_aligned = ("domain", "bar", "grade", "batch", "model", "method")
    for name in names:
        if name not in without:
            table.add_column(
                text(
                    f"estimate.column_{name}",
                    lang,
                    **{limit: {"confidence": sure}, "bar": {"left": percent(left, 0)}}.get(name, {}),
                ),
                justify="left" if name in left_aligned else "right",
                no_wrap=True,
                min_width=_WIDTH if name == "bar" else None,
            )
    for row in rows:
        style = _COLOURS[row.grade]
        cells: list[str | Styled] = [
            Styled(domain_label(row.domain, estimates.design, lang), style="bold" if not row.domain else ""),
            "∞" if row.population is None else f"{row.population:,}",
            f"{row.tested:,}",
            f"{row.failed:,}",
            Styled(percent(row.rate) + (" †" if marked(row) else ""), style=style),
            _limits(row, estimates.side, 1 if "decimals" in without else 2),
            bar(row.lower, row.rate, row.upper, row.target, left, style=style),
        ]
        if targets:
            cells += [
                target_text(row.target),
                Styled(text(f"estimate.grade_{row.grade or 'none'}", lang), style=style),
            ]
        if batches:
            cells.append(
                f"{percent(row.batch.rate)} ({interval(row.batch.lower, row.batch.upper)})" if row.batch else "–"
            )
        if models:
            cells.append(
                f"{percent(row.model.rate, 1)} ({interval(row.model.lower, row.model.upper, 1)})" if row.model else "–"
            )
        cells.append(method_name(row.method, lang))
        table.add_row(*(cell for name, cell in zip(names, cells, strict=True) if name not in without))
        if not row.domain and len(rows) > 1:
            table.add_section()
    return table


def _limits(row: DomainEstimate, side: str, digits: int) -> str:
    if side == "lower":
        return f"≥ {percent(row.lower, digits, 'down')}"
    if side == "upper":
        return f"≤ {percent(row.upper, digits, 'up')}"
    return interval(row.lower, row.upper, digits)


def completion_lines(completion: Completion, lang: Lang) -> Iterator[str]:
    """The denominators, of units and where these differ of batches."""
    numbers = {k: v for k, v in vars(completion).items() if isinstance(v, int)}
    yield text("estimate.completion_line", lang, **numbers, tasks=completion.drawn - completion.reserves)
    batches = completion.batches
    if batches["planned"] + batches["reserves"] != completion.drawn or batches["retested"]:
        yield text("estimate.batches_line", lang, **batches)


def work_lines(work: OpenWork, lang: Lang) -> Iterator[str]:
    """What is left to be done, and where it is listed."""
    comma = text("common.comma", lang)
    if work.units:
        yield text(
            "estimate.open_line",
            lang,
            count=len(work.units),
            listed=comma.join(f"{text(f'report.column_{s}', lang)} {n}" for s, n in work.counts().items() if n),
        )
    if work.corrections:
        yield text(
            "estimate.corrections_line",
            lang,
            count=len(work.corrections),
            listed=comma.join(f"{text(f'results.reason_{r}', lang)} {n}" for r, n in work.reasons().items()),
        )


def _says(estimates: Estimates, lang: Lang) -> Iterator[tuple[str, str]]:
    """Completion, warnings, what to watch, what to follow up; each line with its style."""
    if estimates.completion is not None:
        yield from ((line, "") for line in completion_lines(estimates.completion, lang))
    total = estimates.total
    if why := weighting(total, lang, planned=estimates.design is not None):
        yield why, ""
    if total.worst_case:
        low, high = total.worst_case
        yield (
            text("estimate.worst_case_line", lang, refused=total.refused, low=percent(low), high=percent(high)),
            "",
        )
    if any(row.target is not None for row in estimates.rows):
        yield text("estimate.warnings", lang), "bold"
        for alert in estimates.alerts:
            yield f"  {alert.sentence(lang)}", "red"
        if not estimates.alerts:
            yield f"  {text('estimate.no_warnings', lang)}", ""
    watched = [row for row in estimates.rows if row.grade == "watch"]
    if watched:
        yield text("estimate.to_watch", lang), "bold"
        for row in watched:
            yield f"  {statement(row, estimates.confidence, estimates.design, lang)}", "yellow"
    if estimates.follow_ups:
        days = sorted({f.ordered for f in estimates.follow_ups})
        yield (
            text(
                "estimate.follow_up_line" if len(days) == 1 else "estimate.follow_up_line_each",
                lang,
                count=len(estimates.follow_ups),
                ordered=days[0].isoformat(),
                last=days[-1].isoformat(),
                deadline=min(f.deadline for f in estimates.follow_ups).isoformat(),
            ),
            "",
        )
    yield from ((line, "") for line in work_lines(estimates.work, lang))
