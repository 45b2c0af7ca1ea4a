"""The estimates as one flat table, and as a JSON document in a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.text import text
from sampler.wording import domain_label

if TYPE_CHECKING:
    import polars as pl

    from sampler.errors import Issue
    from sampler.estimate import Estimates
    from sampler.text import Lang

FILE_COLUMNS = ("file", "districts", "rows", "matched", "answered", "used", "issues")
"""What each returned file contributed, as `sampler.results.FileReport` has it."""

ISSUE_COLUMNS = ("severity", "file", "sheet", "row", "column", "found", "expected", "done")
"""A finding, as `sampler.errors.Issue` has it."""

_COLUMNS: dict[str, str] = {
    "population": "Int64",
    "sampled": "Int64",
    "tested": "Int64",
    "passed": "Int64",
    "failed": "Int64",
    "rate": "Float64",
    "standard_error": "Float64",
    "lower": "Float64",
    "upper": "Float64",
    "method": "String",
    "target": "Float64",
    "grade": "String",
    "p_value": "Float64",
    "q_value": "Float64",
    "design_effect": "Float64",
    "refused": "Int64",
}


def estimates_table(estimates: Estimates) -> pl.DataFrame:
    """One row per domain: ``by`` (its columns), the columns of every family (null where it has none), then the figures."""
    import polars as pl

    domains = list(dict.fromkeys(c for row in estimates.rows for c in row.domain))
    schema = {"by": pl.String, **dict.fromkeys(domains, pl.String)}
    schema |= {name: getattr(pl, kind) for name, kind in _COLUMNS.items()}
    records = []
    for row in estimates.rows:
        figures = row.to_json()
        records.append(
            {"by": ",".join(row.domain)}
            | {c: row.domain.get(c) for c in domains}
            | {name: figures[name] for name in _COLUMNS}
        )
    return pl.DataFrame(records, schema=schema, orient="row")


def csv_text(estimates: Estimates) -> str:
    """The table as CSV text; text that begins like a formula is guarded as in `sampler.files.machine_csv`."""
    import io

    from sampler.files.machine_csv import guarded

    buffer = io.BytesIO()
    guarded(estimates_table(estimates)).write_csv(buffer)
    return buffer.getvalue().decode()


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a JSON document."""
    path.write_text(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n", encoding="utf-8")


def file_rows(estimates: Estimates, lang: Lang) -> list[list[str | int]]:
    """What each returned file contributed, in the order of `FILE_COLUMNS`."""
    comma = text("common.comma", lang)

    def cell(value: object) -> str | int:
        if isinstance(value, tuple):
            return comma.join(domain_label({"district": d}, estimates.design, lang) for d in value)
        return value if isinstance(value, int) else str(value)

    return [[cell(getattr(file, column)) for column in FILE_COLUMNS] for file in estimates.files]


def issue_rows(issues: Iterable[Issue], lang: Lang) -> list[list[str | int]]:
    """Findings in the order of `ISSUE_COLUMNS`; what is unknown is empty."""
    return [
        [
            text(f"intake.severity_{i.severity}", lang), i.file, i.sheet or "", i.row or "", i.column or "", i.found,
            i.expected.render(lang), i.done.render(lang),
        ]
        for i in issues
    ]  # fmt: skip


def findings_note(issues: Sequence[Issue], lang: Lang) -> str:
    """How many findings there are of each severity."""
    if not issues:
        return text("report.no_findings", lang)
    found = Counter(i.severity for i in issues)
    return text("report.findings_note", lang, errors=found["error"], warnings=found["warning"], infos=found["info"])
