"""What intake takes: tables of text with the rows they came from, whoever read them.

`sampler.files.tables.RawTable` is such a table; intake opens no file itself and knows of it only by this shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from sampler.errors import Issue

if TYPE_CHECKING:
    import polars as pl

ROW = "__row__"
"""Name of the column of ``data`` and ``skipped`` that holds the source row, 1-based as a spreadsheet shows it."""


class Column(Protocol):
    """A column: its header as it stands, and where it is."""

    @property
    def header(self) -> str:
        """The header, "" where there is none."""

    @property
    def index(self) -> int:
        """0-based source column; the values are in ``data[f"c{index}"]``."""

    @property
    def letter(self) -> str:
        """The letters a spreadsheet shows above it."""


class Table(Protocol):
    """A table below one header."""

    @property
    def file(self) -> str:
        """The file's name."""

    @property
    def sheet(self) -> str | None:
        """The sheet's name, None where the format has none."""

    @property
    def columns(self) -> Sequence[Column]:
        """Its columns from left to right."""

    @property
    def data(self) -> pl.DataFrame:
        """A String column ``c{index}`` for each column (null: an empty cell), and `ROW`."""

    @property
    def skipped(self) -> pl.DataFrame:
        """Rows below the header that are no rows of the table: `ROW`, ``reason``, ``text``."""

    @property
    def rows(self) -> int:
        """Rows below the header: those of ``data`` and of ``skipped``."""

    @property
    def notes(self) -> Sequence[Issue]:
        """What the reader had to say."""
