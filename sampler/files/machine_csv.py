"""CSV files for scripts: UTF-8, English columns, exact numbers, and no cell that a spreadsheet would run.

A cell that begins like a formula gets an apostrophe in front when it is written and loses it when it is read, so that the
file can be opened in a spreadsheet and still be read back as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.files.parts import reading_part

if TYPE_CHECKING:
    import polars as pl

_RISKY = r"^('*[=+\-@\t\r])"
_GUARDED = r"^'('*[=+\-@\t\r])"


def write_csv(table: pl.DataFrame, path: Path) -> None:
    """Write a table; text that begins like a formula is guarded by an apostrophe."""
    guarded(table).write_csv(path)


def guarded(table: pl.DataFrame) -> pl.DataFrame:
    """The table with an apostrophe before every text that begins like a formula."""
    import polars as pl
    from polars import selectors

    return table.with_columns(selectors.by_dtype(pl.String).str.replace(_RISKY, "'${1}"))


def read_csv(path: Path, schema: Mapping[str, str], columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a table written by `write_csv`.

    Args:
        path: the file.
        schema: column → name of its polars type, all columns in order.
        columns: read only these.

    Raises:
        InputError: the file is missing, or is not such a table.
    """
    import polars as pl
    from polars import selectors

    types = {name: getattr(pl, kind) for name, kind in schema.items()}
    with reading_part(path, pl.exceptions.PolarsError, "archive.not_csv"):
        table = pl.read_csv(path, schema=types, columns=columns)
    return table.with_columns(selectors.by_dtype(pl.String).str.replace(_GUARDED, "${1}"))
