"""``sampler check``: what a registry holds, what is wrong with it, and the digests to publish before the draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sampler.cli.console import (
    FINDINGS,
    JsonOption,
    LangOption,
    Output,
    QuietOption,
    StrictOption,
    failures_told,
    option_help,
    output,
    plain,
    shortened,
)
from sampler.cli.fitting import fitting
from sampler.cli.options import CONFIG, ConfigOption, RegistryArgument, SheetOption, WeightsOption
from sampler.text import Lang, text

if TYPE_CHECKING:
    from rich.table import Table

    from sampler.design import Design
    from sampler.errors import Issue
    from sampler.frame import Frame


def check(
    registry: RegistryArgument,
    config: ConfigOption = CONFIG,
    weights: WeightsOption = None,
    sheet: SheetOption = None,
    out: Annotated[Path | None, typer.Option(help=option_help("check_out"))] = None,
    strict: StrictOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Check a registry."""
    say = output("check", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.cli.sources import read_configuration, tell_files
        from sampler.config import weights_beside
        from sampler.errors import UsageError
        from sampler.files.inputs import refuse_nowhere, refuse_overwriting
        from sampler.files.registry import read_registry
        from sampler.manifest import design_sha256

        weights = weights or weights_beside(config)
        if out is not None:
            if out.suffix.lower() != ".xlsx":
                raise UsageError("check.bad_out", found=out)
            refuse_nowhere(out)
            refuse_overwriting(out, [*registry, config, weights])
        design, risk_weights = read_configuration(say, config, weights)
        digest = design_sha256(design, risk_weights)
        with say.progress("plan.reading"):
            frame = read_registry(registry, design, sheet=sheet, but=(out,))
        tell_files(say, registry, frame.files)
        if out is not None:
            from sampler.files.issues_book import write_issues

            write_issues(out, frame, say.lang)
        if say.json:
            say.document(_document(frame, design, digest))
        else:
            _print(say, frame, design, digest)
        if out is not None:
            say.say("check.written", file=out)
        if strict and any(issue.severity != "info" for issue in frame.issues):
            raise typer.Exit(FINDINGS)


def _document(frame: Frame, design: Design, digest: str) -> dict[str, object]:
    return {
        "frame": {
            "rows": frame.rows,
            "units": frame.size,
            "merged": frame.merged,
            "expanded": frame.expanded,
            "excluded": dict(frame.excluded),
            "sha256": frame.sha256(),
        },
        "design": {"sha256": digest},
        "files": list(frame.files),
        "mapping": [
            {
                "field": m.field,
                "header": m.header,
                "file": m.file,
                "sheet": m.sheet,
                "column": m.column,
                "values": m.values,
                "examples": list(m.examples),
            }
            for m in frame.mapping
        ],
        "issues": [issue.to_json() for issue in frame.issues],
        "units_by": {column: _units_by(frame, design, column) for column in ("district", "category")},
    }


def _units_by(frame: Frame, design: Design, column: str) -> dict[str, int]:
    counts = frame.units[column].value_counts().sort(column, nulls_last=True)
    found = {str(value) if value is not None else "": int(n) for value, n in counts.iter_rows()}
    # In the design's order; values it does not name are sorted as numbers where they are numbers (1, 2, 10).
    known = {term.key: position for position, term in enumerate(design.vocabulary(column))}
    return dict(
        sorted(
            found.items(),
            key=lambda i: (
                i[0] == "",
                known.get(i[0], len(known)),
                (0, int(i[0]), "") if i[0].isdecimal() else (1, 0, i[0]),
            ),
        )
    )


def _value(design: Design, column: str, key: str, lang: Lang) -> str:
    return design.label(column, key, lang) if key else text("estimate.missing_value", lang)


_FOLDED = 11
"""Columns of a terminal that a folded text takes at least."""


def _print(say: Output, frame: Frame, design: Design, digest: str) -> None:
    lang = say.lang
    say.out.print(fitting(say.out, ("examples", "values"), partial(_mapping, frame, lang))[0])
    comma = text("common.comma", lang)
    excluded = comma.join(f"{text(f'reasons.{r}', lang)} {n:,}" for r, n in frame.excluded.items())
    lines = [
        text(
            "check.account",
            lang,
            rows=f"{frame.rows:,}",
            units=f"{frame.size:,}",
            merged=f"{frame.merged:,}",
            expanded=f"{frame.expanded:,}",
            left=f"{sum(frame.excluded.values()):,}",
        ),
        text("check.excluded", lang, listed=excluded or text("plan.none", lang)),
        *(
            text(
                "check.units_by",
                lang,
                column=text(f"terms.{column}", lang),
                listed=comma.join(
                    f"{_value(design, column, k, lang)} {n:,}" for k, n in _units_by(frame, design, column).items()
                ),
            )
            for column in ("district", "category")
        ),
        text("check.digests", lang, frame=frame.sha256(), design=digest),
    ]
    for line in lines:
        say.out.print(line, markup=False, soft_wrap=True)
    if frame.issues:
        # Texts fold; a column in which hardly a word of them fits is spared.
        _, without = fitting(say.out, ("found", "severity"), partial(_issues, frame, lang, most=_FOLDED))
        say.out.print(_issues(frame, lang, without))
        counts: Counter[str] = Counter()
        for (severity, code), times in Counter((issue.severity, issue.code) for issue in frame.issues).items():
            counts[severity] += frame.found.get(code, times)
        listed = comma.join(
            f"{text(f'check.{s}', lang)} {counts[s]:,}" for s in ("error", "warning", "info") if counts[s]
        )
        say.out.print(text("check.issues", lang, listed=listed), markup=False)
        say.say("check.more")


def _mapping(frame: Frame, lang: Lang, without: Sequence[str] = ()) -> Table:
    from rich.table import Table

    from sampler.wording import column_name

    table = Table(title=text("check.mapping_title", lang), title_justify="left")
    keys = [key for key in ("field", "header", "place", "values", "examples") if key not in without]
    for key in keys:
        table.add_column(text(f"check.{key}_column", lang), justify="right" if key == "values" else "left")
    for m in frame.mapping:
        place = "!".join(p for p in (m.sheet, m.column) if p)
        examples = text("common.comma", lang).join(shortened(e, 20) for e in m.examples)
        name = column_name(m.field, lang)
        field = name if lang == "en" or name == m.field else f"{name} {m.field}"
        cells = {
            "field": field,
            "header": m.header,
            "place": place,
            "values": f"{m.values:,}",
            "examples": examples,
        }
        table.add_row(*(plain(cells[key]) for key in keys))
    return table


def _issues(frame: Frame, lang: Lang, without: Sequence[str] = (), *, most: int | None = None) -> Table:
    """The findings by kind: how many, and the first of each; no column wider than ``most``."""
    from rich.table import Table

    table = Table(title=text("check.issues_title", lang), title_justify="left")
    keys = [key for key in ("severity", "count", "place", "found", "expected", "done") if key not in without]
    for key in keys:
        head, narrow = text(f"check.{key}_column", lang), key in ("severity", "count")
        justify: Literal["left", "right"] = "right" if key == "count" else "left"
        table.add_column(head, overflow="fold", justify=justify, no_wrap=narrow, max_width=None if narrow else most)
    kinds: dict[tuple[str, str], list[Issue]] = {}
    for issue in frame.issues:
        kinds.setdefault((issue.severity, issue.code), []).append(issue)
    for (severity, code), alike in kinds.items():
        first = alike[0]
        place = " ".join(str(p) for p in (first.sheet, first.row, first.column) if p is not None)
        cells = {
            "severity": text(f"check.{severity}", lang),
            "count": f"{frame.found.get(code, len(alike)):,}",
            "place": place or first.file,
            "found": shortened(first.found),
            "expected": first.expected.render(lang),
            "done": first.done.render(lang),
        }
        table.add_row(*(plain(cells[key]) for key in keys))
    return table
