"""Delimited text: which encoding, which delimiter, and its records as a grid."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError
from sampler.files.grid import MAX_CELL_CHARS, MAX_COLUMNS, Grid, check_cells
from sampler.text import Text, listed

if TYPE_CHECKING:
    import polars as pl

DELIMITERS = ",\t;|"
_CELLS_PER_BYTE = 2  # a cell takes a delimiter or a line break at least; rows shorter than the longest take less
_SAMPLE_BYTES = 1 << 16
_SAMPLE_RECORDS = 100
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(raw: bytes, *, file: str) -> tuple[bytes, str]:
    """``raw`` as UTF-8 without a byte order mark, and the encoding it was in.

    A byte order mark decides; without one strict UTF-8 is tried, then strict GB18030, which includes GBK and GB2312.

    Raises:
        InputError: the bytes are no text in any of them.
    """
    for bom, encoding in _BOMS:
        if raw.startswith(bom):
            try:
                return raw[len(bom) :].decode(encoding).encode(), encoding
            except UnicodeError:
                raise InputError("reading.encoding", file=file, tried=encoding) from None
    if b"\0" in raw:
        raise InputError("reading.binary", file=file)
    if _is_utf8(raw):
        return raw, "utf-8"
    try:
        return raw.decode("gb18030").encode(), "gb18030"
    except UnicodeError:
        raise InputError("reading.encoding", file=file, tried=listed(["UTF-8", "GB18030"])) from None


def _is_utf8(raw: bytes) -> bool:
    """Whether ``raw`` is strict UTF-8; the text itself is never made."""
    import pyarrow as pa

    offsets = pa.array([0, len(raw)], pa.int64()).buffers()[1]
    try:
        pa.LargeStringArray.from_buffers(1, offsets, pa.py_buffer(raw)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def detect_delimiter(sample: str) -> str:
    """The delimiter that gives most records of ``sample`` the same number (two or more) of fields; else a comma."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        if delimiter not in sample:
            continue
        records = _records(sample, delimiter)
        widths = Counter(len(r) for _, r in zip(range(_SAMPLE_RECORDS), records, strict=False) if any(r))
        shared = [(count, width) for width, count in widths.items() if width > 1]
        if shared:
            count, width = max(shared)
            score = (count / widths.total(), width)
            if score > best_score:
                best, best_score = delimiter, score
    return best


def _records(sample: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def read_delimited(path: Path, *, file: str) -> Grid:
    """The records of a delimited text file; blank lines are rows, a record's row number is its ordinal.

    Raises:
        InputError: no text, too many columns, or a field longer than a cell can hold.
    """
    raw = path.read_bytes()
    text, _encoding = decode(raw, file=file)
    del raw
    if not re.search(rb"\S", text):
        raise InputError("reading.empty-file", file=file)
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    return _parse(text, detect_delimiter(_head(text)), file=file)


def _head(text: bytes) -> str:
    """The first whole lines of ``text``, enough to see how it is made."""
    sample = text[:_SAMPLE_BYTES]
    if len(text) > _SAMPLE_BYTES and (cut := sample.rfind(b"\n")) > 0:
        sample = sample[:cut]
    return sample.decode("utf-8", "ignore")


def _parse(text: bytes, delimiter: str, *, file: str) -> Grid:
    import polars as pl

    sample = _head(text)
    width = max((len(r) for r in _records(sample, delimiter)), default=1)
    text = _without_blank_end(text)
    lines = text.count(b"\n") + 1
    remarks: list[Text] = []
    while True:
        if width > MAX_COLUMNS:
            raise InputError("reading.too-many-columns", file=file, sheet="", columns=width, limit=MAX_COLUMNS)
        check_cells(lines, width, _CELLS_PER_BYTE * len(text), file=file)
        # Our own header line gives every record the same room: short records end in nulls, and a record longer than all
        # seen so far is an error that we answer with more room, so that no cell is cut off.
        names = ",".join(f"c{i}" for i in range(width)).replace(",", delimiter)
        try:
            frame = pl.read_csv(
                io.BytesIO(b"".join((names.encode(), b"\n", text))),
                separator=delimiter,
                infer_schema=False,
            )
            break
        except pl.exceptions.ComputeError as error:
            if "more fields" in str(error) and width < MAX_COLUMNS:
                width = min(2 * width + 8, MAX_COLUMNS)
                continue
            frame, remark = _parse_leniently(text.rstrip(b"\r\n").decode(), delimiter, file=file)
            if remark:
                remarks.append(Text.of(remark))
            break
    return Grid(None, _without_empty_tail(frame), remarks=tuple(remarks))


def _without_blank_end(text: bytes) -> bytes:
    """``text`` without the blank lines at its end. Most texts have none, and are too long to be copied for nothing."""
    last = text[-3:].removesuffix(b"\n").removesuffix(b"\r")
    return text.rstrip(b"\r\n") if last.endswith((b"\r", b"\n")) or text.endswith(b"\r") else text


def _parse_leniently(text: str, delimiter: str, *, file: str) -> tuple[pl.DataFrame, str | None]:
    """Records of text whose quotes polars refuses; a quote that is never closed is taken as a character, and said."""
    import polars as pl

    remark = None
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        records = []
    if not records or _swallowed(records, text, delimiter):
        lines = text.replace("\r\n", "\n").split("\n")
        records = [line.split(delimiter) for line in (lines[:-1] if lines[-1] == "" else lines)]
        remark = "reading.stray-quotes"
    width = max(map(len, records), default=1)
    if width > MAX_COLUMNS:
        raise InputError("reading.too-many-columns", file=file, sheet="", columns=width, limit=MAX_COLUMNS)
    check_cells(len(records), width, _CELLS_PER_BYTE * len(text), file=file)
    if any(len(f) > MAX_CELL_CHARS for r in records for f in r):
        raise InputError("reading.cell-too-long", file=file, sheet="", limit=MAX_CELL_CHARS)
    columns = {
        f"c{i}": pl.Series([r[i] or None if i < len(r) else None for r in records], dtype=pl.String)
        for i in range(width)
    }
    return pl.DataFrame(columns), remark


def _swallowed(records: list[list[str]], text: str, delimiter: str) -> bool:
    """Whether a quote that is never closed, or closed by the next stray one, has made one field of several records."""
    last = next((record[-1] for record in reversed(records) if record), "")
    if "\n" in last.strip() and not text.rstrip().endswith('"'):
        return True
    widths = sorted(len(record) for record in records if len(record) > 1)
    width = widths[len(widths) // 2] if widths else 1
    return any(
        line.count(delimiter) >= max(2, width - 1)
        for record in records
        for field in record
        if "\n" in field
        for line in field.split("\n")
    )


def _without_empty_tail(frame: pl.DataFrame) -> pl.DataFrame:
    """``frame`` without the columns on its right that hold nothing."""
    import polars as pl

    counts = frame.select(pl.all().count()).row(0) if frame.height else ()
    width = next((i for i in range(len(counts), 0, -1) if counts[i - 1]), 0)
    return frame.select(frame.columns[:width])
