"""The frame: one row per sampling unit, with a documented schema, and the account of the rows it came from.

A sampling unit is an enterprise × a product category (× a stage, where the design says so). The frame is a polars table
with the columns of `SCHEMA`, in that order, then the design's own extra columns as text. It is sorted by unit id, so that
the order of the registry's rows changes nothing.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sampler.errors import Issue

if TYPE_CHECKING:
    import polars as pl

SCHEMA: dict[str, str] = {
    "unit_id": "String",  # code|category[|stage]: the canonical text that tickets are drawn from
    "enterprise": "String",  # canonical code, or name=…@district where there is no code
    "code": "String",  # unified social credit code or registration number as cleaned, null if none
    "name": "String",
    "city": "String",  # null unless the registry has the column
    "district": "String",  # key of the design's district, or the text itself where the design lists none
    "street": "String",
    "office": "String",
    "address": "String",
    "contact": "String",
    "phone": "String",
    "category": "String",  # key of the design's category
    "product": "String",  # what the registry says it makes or sells
    "industry": "String",
    "stage": "String",  # key, or null
    "area_type": "String",  # key, or null
    "credit_class": "String",  # key, or null
    "risk_grade": "String",  # key, or null
    "licence": "String",
    "status": "String",
    "complaints": "Int64",
    "failures": "Int64",
    "penalties": "Int64",
    "established": "Date",
    "last_inspected": "Date",
    "blacklisted": "Boolean",
    "abnormal": "Boolean",
    "source_file": "String",
    "source_sheet": "String",
    "source_row": "UInt32",
}
"""Column → polars type. Missing values are null."""

IDENTIFYING = frozenset(
    {"unit_id", "enterprise", "code", "name", "address", "contact", "phone", "licence", "source_file", "source_sheet"}
)
"""Columns that tell one unit from another: nobody groups by them, and an error that lists groups leaves them out."""

SOURCE_COLUMNS = ("source_file", "source_sheet", "source_row")
"""Where a unit stood in the registry: not part of what it is, so not part of the digest."""


@dataclass(frozen=True)
class ColumnMapping:
    """One registry column and the field it was read as."""

    field: str
    header: str
    sheet: str | None
    column: str
    values: int
    examples: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class Frame:
    """The units of a registry and the account of its rows.

    Attributes:
        units: table with the columns of `SCHEMA` (and extras), one row per unit, sorted by unit id.
        rows: rows read from the registry, below its headers.
        merged: pairs of a row and a unit that another row had already made: pairs − units.
        expanded: units beyond the first that a row stands for, summed over the rows: pairs − rows used.
        excluded: reason → rows that became no unit; the reasons are codes, e.g. ``"status"``.
        mapping: which column was read as what.
        issues: every finding, errors first.
        rejected: the excluded rows as they were, for the clerk who mends the source: ``file``, ``sheet``, ``row``,
            ``reason``, then every cell below its own header.
        found: code of an issue → how often it was found; of one code at most 1,000 are listed in ``issues``, and one more
            issue says how many there are.
        files: the files that the rows came from.
    """

    units: pl.DataFrame
    rows: int
    merged: int
    expanded: int
    excluded: Mapping[str, int]
    mapping: tuple[ColumnMapping, ...] = ()
    issues: tuple[Issue, ...] = ()
    rejected: pl.DataFrame | None = field(default=None, repr=False)
    found: Mapping[str, int] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of units."""
        return self.units.height

    def adds_up(self) -> bool:
        """Whether every row is accounted for: rows = units − expanded + merged + excluded."""
        return self.rows == self.size - self.expanded + self.merged + sum(self.excluded.values())

    def sha256(self) -> str:
        """Digest of the frame's canonical text.

        The text is one line per unit in order of unit id, fields joined by tabs in the order of the table's columns without
        the source columns, null as the empty field, tabs and line breaks inside a field as one blank, in UTF-8; its first
        line holds the column names.
        """
        digest = hashlib.sha256()
        for text in _canonical_slices(self.units):
            digest.update(text)
        return digest.hexdigest()


_SLICE = 1 << 14  # units whose text is made at once: it stays within the processor's caches


def canonical_text(units: pl.DataFrame) -> str:
    """The text whose SHA-256 is the frame's digest (see `Frame.sha256`)."""
    return b"".join(_canonical_slices(units)).decode()


def _canonical_slices(units: pl.DataFrame) -> Iterator[bytes | memoryview]:
    """The canonical text in UTF-8, its first line first, then so many lines at a time."""
    columns = [c for c in units.columns if c not in SOURCE_COLUMNS]
    yield ("\t".join(columns) + "\n").encode()
    ordered = units if units["unit_id"].is_sorted() else units.sort("unit_id")
    parts = [part for part in ordered.select(columns).iter_slices(_SLICE) if part.height]
    # The next slices are written while one is digested: all three work without Python's lock.
    with ThreadPoolExecutor(max_workers=2) as pool:
        ahead = deque(pool.submit(_lines, part) for part in parts[:2])
        for part in parts[2:]:
            text = ahead.popleft().result()
            ahead.append(pool.submit(_lines, part))
            yield text
        yield from (text.result() for text in ahead)


def _lines(part: pl.DataFrame) -> memoryview:
    """The lines of some units, without the column names."""
    import numpy as np
    import polars as pl

    text = _joined(part.select(pl.all().cast(pl.String)))
    # Cells with tabs or line breaks of their own are rare; counting finds them faster than looking into every cell.
    if np.count_nonzero(np.frombuffer(text, np.uint8) < ord(" ")) == part.height * part.width:
        return text
    return _joined(part.select(pl.all().cast(pl.String).str.replace_all(r"[\t\r\n]+", " ")))


def _joined(cells: pl.DataFrame) -> memoryview:
    """The rows of a table of texts as lines, in UTF-8: its cells joined by tabs, null as the empty text.

    Arrow's kernel writes all lines into one buffer, which is faster than writing CSV.
    """
    import polars as pl
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = pa.large_string()
    last = cells.columns[-1]
    ended = cells.with_columns(pl.col(last).fill_null("") + "\n")
    columns = [
        pa.scalar("", kind) if column.null_count() == len(column) else column.to_arrow().cast(kind) for column in ended
    ]
    lines = pc.binary_join_element_wise(*columns, pa.scalar("\t", kind), null_handling="replace", null_replacement="")
    _, offsets, data = lines.buffers()
    return memoryview(data)[: memoryview(offsets).cast("q")[len(lines)]]
