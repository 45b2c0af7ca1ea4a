"""``sampler size``: how many units a margin or a detection asks for."""

from __future__ import annotations

from typing import Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, QuietOption, failures_told, option_help, output
from sampler.cli.options import typed
from sampler.text import text

NARROWEST, WIDEST = 0.0001, 0.5
"""No survey asks for a margin of less than a hundredth of a point, and hundreds of millions of tests would be counted out
for it; plus and minus a half holds every rate, without a test."""

_EXAMPLES = {"--margin": 0.03, "--rate": 0.95, "--detect": 0.05, "--confidence": 0.95}
"""What an error shows of each."""


def size(
    ctx: typer.Context,
    population: Annotated[int | None, typer.Option(min=1, help=option_help("size_population"))] = None,
    margin: Annotated[float | None, typer.Option(help=option_help("size_margin"))] = None,
    rate: Annotated[float, typer.Option(help=option_help("size_rate"))] = 0.95,
    detect: Annotated[float | None, typer.Option(help=option_help("size_detect"))] = None,
    confidence: Annotated[float, typer.Option(help=option_help("confidence"))] = 0.95,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Sample size for a margin or for detection."""
    say = output("size", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.errors import UsageError
        from sampler.percent import confidence_text
        from sampler.stats.numbers import MOST_UNITS
        from sampler.stats.size import size_for_detection, size_for_margin

        if population is not None and population > MOST_UNITS:
            raise UsageError("usage.too_large", name="--population", bound=f"{MOST_UNITS:,}", found=population)
        if (margin is None) == (detect is None):
            raise UsageError("size.margin_or_detect")
        if detect is not None and typed(ctx, "rate"):
            raise UsageError("size.rate_with_detect")
        for name, value in (
            ("--margin", margin),
            ("--rate", rate),
            ("--detect", detect),
            ("--confidence", confidence),
        ):
            # A pass rate of exactly 1 is a possible assumption; the other three are not possible at their ends.
            if value is not None and not (0 < value < 1 or (name == "--rate" and value in (0, 1))):
                raise UsageError("size.not_a_share", option=name, example=_EXAMPLES[name], found=value)
        if margin is not None and not NARROWEST <= margin < WIDEST:
            raise UsageError("size.bad_margin", found=margin, least=f"{NARROWEST:g}", most=f"{WIDEST:g}")
        if margin is not None:
            found = size_for_margin(margin, rate=rate, population=population, confidence=confidence)
            asked: dict[str, float] = {"margin": margin, "rate": rate}
        else:
            assert detect is not None
            found = size_for_detection(detect, probability=confidence, population=population)
            asked = {"detect": detect}
        if say.json:
            say.document({"population": population, **asked, "confidence": confidence, "size": found})
            return
        key = "size.for_margin" if margin is not None else "size.for_detection"
        of = (
            text("size.of_population", say.lang, population=f"{population:,}")
            if population
            else text("size.of_any", say.lang)
        )
        shown = {name: f"{100 * value:g}" for name, value in asked.items()}
        say.out.print(
            text(key, say.lang, size=f"{found:,}", of=of, confidence=confidence_text(confidence), **shown),
            markup=False,
            soft_wrap=True,
        )
