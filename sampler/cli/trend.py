"""``sampler trend``: pass rates over the quarters, and what has really changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, QuietOption, failures_told, option_help, output
from sampler.cli.options import families_of
from sampler.text import Lang, text

if TYPE_CHECKING:
    from rich.table import Table

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
        say.out.print(_table(found, say.lang))
        if found.compared:
            say.say("trend.guarantee", confidence=f"{100 * confidence:g}%")


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


def _table(found: Trend, lang: Lang) -> Table:
    from rich.markup import escape
    from rich.table import Table

    title = text("trend.title", lang, confidence=f"{100 * found.confidence:g}%")
    table = Table(title=title, title_justify="left")
    table.add_column(text("trend.domain", lang), no_wrap=True)
    for period in found.periods:
        table.add_column(period.name, justify="right", no_wrap=True)
    if found.compared:
        before, after = found.compared
        table.add_column(text("trend.change", lang, before=before, after=after), justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
    family: tuple[str, ...] | None = None
    for row in found.rows:
        if family is not None and family != tuple(row.domain):
            table.add_section()
        family = tuple(row.domain)
        rates = {r.period: r for r in row.rates}
        cells = [_rate(rates.get(p), lang) for p in found.periods]
        line = (_name(row, found, lang), *cells, *(_change(row, lang) if found.compared else ()))
        table.add_row(*map(escape, line))
    return table


def _name(row: DomainTrend, found: Trend, lang: Lang) -> str:
    from sampler.wording import domain_label

    return domain_label(row.domain, found.design, lang)


def _rate(rate: QuarterRate | None, lang: Lang) -> str:
    from sampler.percent import interval, percent

    if rate is None:
        return "–"
    if rate.rate is None:
        return text("trend.none_tested", lang)
    return f"{percent(rate.rate, 1)}  [{interval(rate.lower, rate.upper, 1)}]"


def _change(row: DomainTrend, lang: Lang) -> tuple[str, str]:
    """The change with its interval in points, limits rounded outwards, and whether it is proven."""
    import math

    change = row.change
    if change is None or change.difference is None:
        return "–", ""
    low, high = math.floor(1000 * change.lower + 1e-9) / 10, math.ceil(1000 * change.upper - 1e-9) / 10
    verdict = "not_proven" if not row.is_real else "up" if change.lower > 0 else "down"
    return f"{100 * change.difference:+.1f}  [{low:+.1f} – {high:+.1f}]", text(f"trend.{verdict}", lang)
