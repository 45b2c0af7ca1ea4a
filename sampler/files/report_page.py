"""The report as one self-contained HTML page: opens offline, on a phone, in print, in light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler import __version__
from sampler.alerts import RECHECK_DAYS, RECTIFY_DAYS
from sampler.files.forest_plot import ForestRow, forest_plot
from sampler.files.report_table import FILE_COLUMNS, ISSUE_COLUMNS, file_rows, findings_note, issue_rows
from sampler.percent import confidence_text, interval, percent, scale_start
from sampler.text import text
from sampler.wording import (
    column_names,
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
    from sampler.estimate import Estimates
    from sampler.open_work import DrawnUnit
    from sampler.outcomes import Completion
    from sampler.rates import DomainEstimate
    from sampler.text import Lang

LEAST_FAVOURABLE = frozenset(("exact", "uneven", "chernoff"))
"""Methods that hold whatever way the failures lie in the strata."""

MOST_PLOTTED = 60
"""Rows of a family that are still drawn; more are told by their table alone."""

MOST_FINDINGS = 2_000
"""Findings that the page lists; it tells where the others are."""

COMPLETION_COLUMNS = (
    "drawn", "reserves", "reached", "not_reached", "out_of_scope", "refused", "no_sample", "pending", "tested", "passed",
    "failed", "first_failed",
)  # fmt: skip
FOLLOW_UP_COLUMNS = (
    "batch_id", "enterprise", "code", "district", "category", "address", "sample_name", "batch_no", "failing_item",
    "first", "retest", "sampled_on", "rectify_by", "deadline",
)  # fmt: skip

OPEN_COLUMNS = (
    "task_id", "enterprise", "district", "category", "team", "state", "awaited", "reason", "note", "code", "address",
)  # fmt: skip
CORRECTION_COLUMNS = ("task_id", "enterprise", "district", "category", "reason", "note", "code", "address")

MOST_UNITS = 1_000
"""Units of the lists of open work that the page shows; the workbook has them all."""

_FREE = ("enterprise", "address", "sample_name", "batch_no", "failing_item", "team", "reason", "note")
"""Columns of the lists of batches and units that hold words of any length; the others stay on one line."""


def write_page(path: Path, estimates: Estimates, lang: Lang) -> None:
    """Write the page."""
    path.write_text(page(estimates, lang), encoding="utf-8")


def page(estimates: Estimates, lang: Lang) -> str:
    """The page's HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sampler.files"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(_content(estimates, lang))


def _content(estimates: Estimates, lang: Lang) -> dict[str, Any]:
    def t(key: str, **params: object) -> str:
        return text(key, lang, **params)

    total = estimates.total
    design = estimates.design
    sure = confidence_text(estimates.confidence)
    return {
        "t": t,
        "lang": lang,
        "title": report_title(estimates, lang),
        "sure": sure,
        "side": estimates.side,
        "headline": t("report.headline", rate=percent(total.rate)),
        "headline_interval": t(
            "report.headline_interval",
            confidence=sure,
            interval=interval(total.lower, total.upper),
            tested=f"{total.tested:,}",
            failed=f"{total.failed:,}",
            population="∞" if total.population is None else f"{total.population:,}",
        ),
        "weighting": weighting(total, lang, planned=design is not None),
        "reading": reading_aid(estimates, lang),
        "headline_says": statement(total, estimates.confidence, design, lang) if total.target is not None else "",
        "worst_case": _worst_case(total, lang),
        "targets": any(r.target is not None for r in estimates.rows),
        "alerts": [a.sentence(lang) for a in estimates.alerts],
        "watched": [statement(r, estimates.confidence, design, lang) for r in estimates.rows if r.grade == "watch"],
        "notes": list(note_lines(estimates.rows, design, lang)),
        "families": list(_families(estimates, lang)),
        "heat_map": _heat_map(estimates, lang),
        "completion": _completion(estimates, lang),
        "completion_columns": COMPLETION_COLUMNS,
        "reasons": _reasons(estimates.completion, lang),
        "items": [
            {**i.to_json(), "names": [domain_label({"district": d}, design, lang) for d in i.districts]}
            for i in estimates.items
        ],
        "planned": estimates.completion is not None,
        "follow_up_columns": FOLLOW_UP_COLUMNS,
        "follow_up_free": _FREE,
        "follow_ups": follow_up_rows(estimates, lang),
        "follow_up_note": follow_up_note(estimates, lang),
        "unit_lists": list(_unit_lists(estimates, lang)) if estimates.completion is not None else [],
        "file_columns": FILE_COLUMNS,
        "files": file_rows(estimates, lang),
        "issue_columns": ISSUE_COLUMNS,
        "issues": issue_rows(estimates.issues[:MOST_FINDINGS], lang),
        "issues_note": findings_note(estimates.issues, lang),
        "issues_left": max(len(estimates.issues) - MOST_FINDINGS, 0),
        "method": method_lines(estimates, lang),
        "sources": sources(estimates, lang),
    }


def follow_up_note(estimates: Estimates, lang: Lang) -> str:
    """From which day, or days, the dates of the follow-up list count."""
    days = sorted({f.ordered for f in estimates.follow_ups})
    key = "report.follow_up_note" if len(days) < 2 else "report.follow_up_note_each"
    ends = {"ordered": days[0], "last": days[-1]} if days else {"ordered": "–", "last": "–"}
    return text(key, lang, rectify=RECTIFY_DAYS, recheck=RECHECK_DAYS, **ends)


def report_title(estimates: Estimates, lang: Lang) -> str:
    """The report's title, with city and period where there is a plan."""
    design = estimates.design
    if design is None:
        return text("report.title", lang)
    city = design.bureau.city if lang == "zh" else design.bureau.city_en
    return text("report.of_period", lang, city=city, period=estimates.source.get("period", ""))


def reading_aid(estimates: Estimates, lang: Lang) -> list[str]:
    """What an interval is and, where there are targets, what it says about one."""
    lines = [text("report.reading_interval", lang, times=confidence_text(estimates.confidence).removesuffix("%"))]
    if any(row.target is not None for row in estimates.rows):
        lines.append(text("report.reading_target", lang))
    return lines


def method_lines(estimates: Estimates, lang: Lang) -> list[str]:
    """The method in words, the last line the one on what a spot check can show."""
    lines = [text("report.method_estimate", lang)]
    if estimates.set_aside:
        lines.append(text("report.method_aside", lang, count=estimates.set_aside))
    used = {row.method for row in estimates.rows} - {"none", "census", "clopper-pearson"}
    if used & LEAST_FAVOURABLE:
        lines.append(text("report.method_exact", lang, confidence=confidence_text(estimates.confidence)))
    if others := [method_name(m, lang) for m in sorted(used - LEAST_FAVOURABLE)]:
        lines.append(text("report.method_near", lang, methods=", ".join(others)))
    if any(row.target is not None for row in estimates.rows):
        lines.append(text("report.method_target", lang))
        if estimates.completion is not None and estimates.completion.pending + estimates.completion.not_reached:
            lines.append(text("report.method_interim", lang))
    if estimates.completion is not None:
        lines.append(text("report.method_scope", lang))
    return [*lines, text("report.method_wording", lang)]


def sources(estimates: Estimates, lang: Lang) -> list[tuple[str, str]]:
    """What identifies plan, results and software, as label and value."""
    named = [(text(f"report.source_{key}", lang), value) for key, value in estimates.source.items()]
    return [*named, (text("report.source_version", lang), f"sampler {__version__}")]


def follow_up_rows(estimates: Estimates, lang: Lang) -> list[list[str]]:
    """The follow-up list as cells, in the order of `FOLLOW_UP_COLUMNS`."""
    out = []
    for follow_up in estimates.follow_ups:
        values: dict[str, Any] = dict(follow_up.to_json())
        for column in ("district", "category"):
            values[column] = domain_label({column: values[column]}, estimates.design, lang)
        for column in ("first", "retest"):
            values[column] = text(f"results.verdict_{values[column]}", lang) if values[column] else ""
        out.append(["" if values[c] is None else str(values[c]) for c in FOLLOW_UP_COLUMNS])
    return out


def unit_rows(
    units: Sequence[DrawnUnit], columns: Sequence[str], estimates: Estimates, lang: Lang
) -> list[list[str | int]]:
    """Drawn units as cells, in the order of ``columns``."""
    comma = text("common.comma", lang)
    out = []
    for unit in units:
        values: dict[str, Any] = dict(vars(unit))
        for column in ("district", "category"):
            values[column] = domain_label({column: values[column]}, estimates.design, lang)
        values |= {
            "team": comma.join(unit.team),
            "state": text(f"report.column_{unit.state}", lang),
            "reason": comma.join(text(f"results.reason_{reason}", lang) for reason in unit.reasons),
        }
        out.append(["" if values[c] is None else values[c] for c in columns])
    return out


def _unit_lists(estimates: Estimates, lang: Lang) -> Iterator[dict[str, Any]]:
    """What is left to be done, as tables of the page."""
    lists = (
        ("open", estimates.work.units, OPEN_COLUMNS),
        ("corrections", estimates.work.corrections, CORRECTION_COLUMNS),
    )
    for name, units, columns in lists:
        yield {
            "id": name,
            "title": text(f"report.{name}", lang),
            "note": unit_note(name, units, lang),
            "columns": columns,
            "rows": unit_rows(units[:MOST_UNITS], columns, estimates, lang),
            "left": max(len(units) - MOST_UNITS, 0),
        }


def unit_note(name: str, units: Sequence[DrawnUnit], lang: Lang) -> str:
    """What the list ``open`` or ``corrections`` holds, in a sentence."""
    return text(f"report.{name}_note", lang, count=len(units)) if units else text(f"report.no_{name}", lang)


def _families(estimates: Estimates, lang: Lang) -> list[dict[str, Any]]:
    families = estimates.families()
    left = scale_start([(r.lower, r.target) for r in estimates.rows if len(r.domain) < 2])
    out = []
    for number, (family, rows) in enumerate(families.items()):
        if not family and len(families) > 1:
            continue
        shown = [estimates.total, *rows] if family else rows
        title = family_title(family, lang)
        out.append(
            {
                "id": f"f{number}",
                "title": title,
                "columns": column_names(family, lang),
                "plot": _plot(estimates, shown, title, f"f{number}", left, lang) if len(shown) <= MOST_PLOTTED else "",
                "batches": any(r.batch for r in shown),
                "models": any(r.model for r in shown),
                "rows": [_cells(estimates, r, lang) for r in shown],
            }
        )
    return out


def _plot(estimates: Estimates, rows: Sequence[DomainEstimate], title: str, name: str, left: float, lang: Lang) -> str:
    from markupsafe import Markup

    drawn = [
        ForestRow(
            label=domain_label(r.domain, estimates.design, lang),
            figure=percent(r.rate),
            rate=r.rate,
            lower=r.lower,
            upper=r.upper,
            target=r.target,
            grade=r.grade,
            total=not r.domain,
        )
        for r in rows
    ]
    rated = sorted((r for r in drawn if r.rate is not None), key=lambda r: r.rate or 0.0)
    description = text(
        "report.figure_alt",
        lang,
        title=title,
        count=len(drawn),
        low=rated[0].figure if rated else "–",
        lowest=rated[0].label if rated else "–",
        high=rated[-1].figure if rated else "–",
        highest=rated[-1].label if rated else "–",
    )
    svg = forest_plot(drawn, left=left, axis=text("report.axis", lang), title=title, description=description, name=name)
    return Markup(svg)


def _cells(estimates: Estimates, row: DomainEstimate, lang: Lang) -> dict[str, Any]:
    return {
        "label": domain_label(row.domain, estimates.design, lang),
        "total": not row.domain,
        "population": "∞" if row.population is None else f"{row.population:,}",
        "tested": f"{row.tested:,}",
        "failed": f"{row.failed:,}",
        "rate": percent(row.rate) + (" †" if marked(row) else ""),
        "interval": interval(row.lower, row.upper),
        "target": target_text(row.target),
        "grade": row.grade or "none",
        "grade_text": text(f"estimate.grade_{row.grade or 'none'}", lang),
        "batch": f"{percent(row.batch.rate)} ({interval(row.batch.lower, row.batch.upper)})" if row.batch else "–",
        "model": f"{percent(row.model.rate, 1)} ({interval(row.model.lower, row.model.upper, 1)})"
        if row.model
        else "–",
        "method": method_name(row.method, lang),
    }


def _heat_map(estimates: Estimates, lang: Lang) -> dict[str, Any] | None:
    """The crossing of district and category: its rows and columns, and a cell or None for each pair."""
    rows = estimates.families().get(("district", "category"))
    if not rows:
        return None

    def values(column: str) -> list[str | None]:
        return list(dict.fromkeys(r.domain[column] for r in rows))

    cells: Mapping[tuple[str | None, str | None], dict[str, Any]] = {
        (r.domain["district"], r.domain["category"]): _cells(estimates, r, lang) for r in rows
    }
    return {
        "columns": [domain_label({"category": c}, estimates.design, lang) for c in values("category")],
        "rows": [
            (
                domain_label({"district": d}, estimates.design, lang),
                [cells.get((d, c)) for c in values("category")],
            )
            for d in values("district")
        ],
    }


def _completion(estimates: Estimates, lang: Lang) -> list[tuple[str, list[int]]]:
    if estimates.completion is None:
        return []
    named = [
        (domain_label(c.domain, estimates.design, lang), c) for c in (estimates.completion, *estimates.completions)
    ]
    return [(name, [getattr(c, column) for column in COMPLETION_COLUMNS]) for name, c in named]


def _reasons(completion: Completion | None, lang: Lang) -> list[tuple[str, int]]:
    if completion is None:
        return []
    found = sorted(completion.reasons.items(), key=lambda r: -r[1])
    return [(text(f"results.reason_{reason}", lang), count) for reason, count in found]


def _worst_case(total: DomainEstimate, lang: Lang) -> str:
    if total.worst_case is None:
        return ""
    low, high = total.worst_case
    return text("estimate.worst_case_line", lang, refused=total.refused, low=percent(low), high=percent(high))
