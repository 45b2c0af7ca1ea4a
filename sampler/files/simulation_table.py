"""A simulation as one flat table: a row per domain and design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from sampler.simulate import DomainFigures

_FIGURES = (
    "sample", "bias", "rmse", "half_width", "half_width_sd", "coverage", "coverage_error", "too_low", "too_high",
    "detection", "found_per_100",
)  # fmt: skip


def simulation_table(rows: Sequence[DomainFigures]) -> pl.DataFrame:
    """``by`` (the domain's columns), every column of a domain (null where it has none), the design, its figures."""
    import polars as pl

    domains = list(dict.fromkeys(c for row in rows for c in row.domain))
    schema = {
        "by": pl.String,
        **dict.fromkeys(domains, pl.String),
        "population": pl.Int64,
        "rate": pl.Float64,
    }
    schema |= {"design": pl.String, **dict.fromkeys(_FIGURES, pl.Float64), "methods": pl.String}
    records = [
        {"by": ",".join(row.domain), "population": row.population, "rate": row.rate, "design": name}
        | {c: row.domain.get(c) for c in domains}
        | {figure: getattr(found, figure) for figure in _FIGURES}
        | {"methods": ",".join(found.methods)}
        for row in rows
        for name, found in row.designs.items()
    ]
    return pl.DataFrame(records, schema=schema, orient="row")


def csv_text(rows: Sequence[DomainFigures]) -> str:
    """The table as CSV text; text that begins like a formula is guarded as in `sampler.files.machine_csv`."""
    import io

    from sampler.files.machine_csv import guarded

    buffer = io.BytesIO()
    guarded(simulation_table(rows)).write_csv(buffer)
    return buffer.getvalue().decode()
