"""``sampler trend``: pass rates over the quarters, and what has really changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, QuietOption, failures_told, option_help, output
from sampler.cli.options import families_of
from sampler.text import Lang, listed, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console
    from rich.table import Table

    from sampler.period import Period
    from sampler.trend import DomainTrend, QuarterRate, Trend


def trend(
    plans: Annotated[list[Path], typer.Argument(help=option_help("trend_plans"), show_default=False)],
    by: Annotated[
        list[str] | None, typer.Option("--by", help=option_help("trend_by"), metavar="COLUMN[,COLUMN]")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help=option_help("trend_from"))] = None,
    last: Annotated[str | None, typer.Option("--to", help=option_help("trend_to"))] = None,
    confidence: Annotated[float, typer.Option(help=option_help("confidence"))] = 0.95,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Pass rates over the quarters; the help people read is in the catalogue."""
    say = output("trend", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.errors import UsageError
        from sampler.files.quarters import read_quarters
        from sampler.percent import confidence_text
        from sampler.period import Period
        from sampler.trend import trend as compute

        if not 0 < confidence < 1:
            raise UsageError("trend.bad_confidence", found=confidence)
        if (first is None) != (last is None):
            raise UsageError("trend.from_and_to")
        compared = (Period.parse(first), Period.parse(last)) if first is not None and last is not None else None
        if compared and compared[0] == compared[1]:
            raise UsageError("trend.one_quarter", period=compared[0])
        families = families_of(by or ("district", "category"))
        with say.progress("trend.reading"):
            quarters, design = read_quarters(plans)
        say.follow(design.bureau.language)
        with say.progress("trend.computing"):
            found = compute(quarters, by=families, confidence=confidence, compared=compared, design=design)
        if say.json:
            say.document(_document(found))
            return
        for table in _tables(say.out, found, say.lang):
            say.out.print(table)
        if found.compared:
            say.say("trend.guarantee", confidence=confidence_text(confidence))
        if found.estimated:
            say.say("trend.scope", periods=listed(period.name for period in found.estimated))


def _document(found: Trend) -> dict[str, object]:
    return {
        "confidence": found.confidence,
        "periods": [p.name for p in found.periods],
        "compared": None if found.compared is None else [p.name for p in found.compared],
        "trend": [
            {
                "domain": dict(row.domain),
                "rates": [vars(r) | {"period": r.period.name} for r in row.rates],
                "change": None
                if row.change is None
                else {
                    "difference": row.change.difference,
                    "lower": row.change.lower,
                    "upper": row.change.upper,
                    "real": row.is_real,
                },
            }
            for row in found.rows
        ],
    }


def _tables(console: Console, found: Trend, lang: Lang) -> Iterator[Table]:
    """The trend as one table or, where the console has no room for every quarter, several below each other."""
    from sampler.percent import confidence_text

    columns = [(period.name, _rates(found, period, lang)) for period in found.periods]
    if found.compared:
        before, after = found.compared
        header = text("trend.change", lang, before=before, after=after)
        columns.append((header, [_change(row, lang) for row in found.rows]))
    title = text("trend.title", lang, confidence=confidence_text(found.confidence))
    free = console.options.update(max_width=10_000)
    while columns:
        shown = len(columns)
        while shown > 1:
            if console.measure(_table(found, columns[:shown], title, lang), options=free).maximum <= console.width:
                break
            shown -= 1
        yield _table(found, columns[:shown], title, lang)
        columns, title = columns[shown:], ""


def _table(found: Trend, columns: Sequence[tuple[str, Sequence[str]]], title: str, lang: Lang) -> Table:
    """A table of some columns, each with its header and a cell per domain."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, title_justify="left")
    table.add_column(text("trend.domain", lang), no_wrap=True)
    for header, _ in columns:
        table.add_column(header, justify="right", no_wrap=True)
    family: tuple[str, ...] | None = None
    for i, row in enumerate(found.rows):
        if family is not None and family != tuple(row.domain):
            table.add_section()
        family = tuple(row.domain)
        table.add_row(*map(escape, (_name(row, found, lang), *(cells[i] for _, cells in columns))))
    return table


def _rates(found: Trend, period: Period, lang: Lang) -> list[str]:
    """The rates of a quarter, a cell per domain."""
    return [_rate(next((r for r in row.rates if r.period == period), None), lang) for row in found.rows]


def _name(row: DomainTrend, found: Trend, lang: Lang) -> str:
    from sampler.wording import domain_label

    return domain_label(row.domain, found.design, lang)


def _rate(rate: QuarterRate | None, lang: Lang) -> str:
    """A rate, and its interval on a line of its own."""
    from sampler.percent import interval, percent

    if rate is None:
        return "–"
    if rate.rate is None:
        return text("trend.none_tested", lang)
    return f"{percent(rate.rate, 1)}\n[{interval(rate.lower, rate.upper, 1)}]"


def _change(row: DomainTrend, lang: Lang) -> str:
    """The change in points and whether it is proven; on a line of its own its interval, limits rounded outwards."""
    import math

    change = row.change
    if change is None or change.difference is None:
        return "–"
    low, high = math.floor(1000 * change.lower + 1e-9) / 10, math.ceil(1000 * change.upper - 1e-9) / 10
    verdict = "not_proven" if not row.is_real else "up" if change.lower > 0 else "down"
    return f"{text(f'trend.{verdict}', lang)}  {100 * change.difference:+.1f}\n[{low:+.1f} – {high:+.1f}]"
