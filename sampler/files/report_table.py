"""The estimates as one flat table, and as a JSON document in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

    from sampler.estimate import Estimates

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
