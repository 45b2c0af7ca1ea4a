"""What a file really is, by its content, and how each kind is opened as grids."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sampler.errors import InputError, refusal
from sampler.files.damage import damaged, not_a_table
from sampler.files.delimited import decode, read_delimited
from sampler.files.grid import MAX_COLUMNS, MAX_ROWS, Grid, check_cells
from sampler.files.guard import call_native
from sampler.files.html import read_html
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["xlsx", "xlsb", "ods", "xls", "parquet", "html", "text"]

_PARQUET_MARK = b"PAR1"  # the first bytes of a file and its last
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"%PDF", "document", "PDF"),
    (b"\x89PNG", "picture", "PNG"),
    (b"\xff\xd8\xff", "picture", "JPEG"),
    (b"GIF8", "picture", "GIF"),
    (b"{\\rtf", "document", "RTF"),
    (b"Rar!", "packed", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "packed", "7-Zip"),
    (b"\x1f\x8b", "packed", "gzip"),
)
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*+-->\s*+)*+<(?:!doctype\s+html|html|head|meta|style|body|table|div)\b",
    re.IGNORECASE | re.DOTALL,
)


_CELLS_PER_BYTE = 10  # a column of one value in all rows packs to nothing, names and codes of enterprises do not


def sniff(path: Path, *, file: str) -> Kind:
    """What kind of table file ``path`` is, decided by its content alone.

    Raises:
        InputError: nothing in it, protected by a password, or something that is no table.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4096)
    except OSError as error:
        raise InputError("reading.unreadable", file=file, **refusal(error)) from None
    if not head:
        raise InputError("reading.empty-file", file=file)
    if head.startswith(b"PK"):
        return _sniff_zip(path, file)
    if head.startswith(_OLE):
        return _sniff_ole(path, file)
    if head.startswith(_PARQUET_MARK):
        return "parquet"
    for magic, kind, name in _MAGIC:
        if head.startswith(magic):
            raise not_a_table(file, kind, name)
    plain = _plain(head)
    if b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        raise not_a_table(file, "book", "XML Spreadsheet 2003")
    if plain.lstrip()[:13].lower() == b"mime-version:":
        raise not_a_table(file, "page", "MHTML")
    return "html" if _HTML.match(plain) else "text"


def _plain(head: bytes) -> bytes:
    """The beginning of a text without its byte order mark, one byte per Latin character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[2:].replace(b"\0", b"")
    return head.removeprefix(b"\xef\xbb\xbf")


def _sniff_zip(path: Path, file: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            if "xl/workbook.bin" in names:
                return "xlsb"
            if any(n.startswith("xl/") for n in names):
                return "xlsx"
            if "content.xml" in names and "mimetype" in names:
                if b"spreadsheet" in package.read("mimetype")[:200]:
                    return "ods"
                raise not_a_table(file, "document", "OpenDocument")
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        NotImplementedError,
        RuntimeError,
        EOFError,
    ) as error:
        raise damaged(file, error) from None
    if any(n.startswith(("word/", "ppt/")) for n in names):
        raise not_a_table(file, "document", "Word, PowerPoint")
    raise not_a_table(file, "packed", "ZIP")


def _sniff_ole(path: Path, file: str) -> Kind:
    raw = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in raw:
        raise InputError("reading.password", file=file)
    if "Workbook".encode("utf-16-le") in raw or "Book".encode("utf-16-le") in raw:
        return "xls"
    raise not_a_table(file, "office", "OLE")


def open_grids(path: Path, *, file: str, sheet: str | None = None, seen: list[str] | None = None) -> Iterator[Grid]:
    """The sheets of a file, one after the other.

    Args:
        path: the file.
        file: the name to call it by.
        sheet: only the sheet of this name (blanks around and case do not matter); files without sheets are all read.
        seen: the names of all sheets are appended here.

    Raises:
        InputError: the file cannot be read, or is one that should not be.
    """
    kind = sniff(path, file=file)
    if kind in ("xlsx", "xlsb", "ods", "xls"):
        from sampler.files.excel import read_workbook

        yield from read_workbook(path, kind, file=file, sheet=sheet, seen=seen if seen is not None else [])
    elif kind == "parquet":
        yield _read_parquet(path, file)
    elif kind == "html":
        yield from read_html(decode(path.read_bytes(), file=file)[0].decode(), file=file)
    else:
        yield read_delimited(path, file=file)


def _read_parquet(path: Path, file: str) -> Grid:
    """A parquet file's columns as text; its row 1 is the names of the columns."""
    import polars as pl

    with path.open("rb") as stream:
        stream.seek(-min(len(_PARQUET_MARK), path.stat().st_size), 2)
        if stream.read() != _PARQUET_MARK:
            raise InputError("reading.damaged", file=file, reason=Text.of("reading.damage_cut"))

    def read() -> Grid:
        scan = pl.scan_parquet(path)
        schema = scan.collect_schema()
        if len(schema) > MAX_COLUMNS:
            raise InputError("reading.too-many-columns", file=file, sheet="", columns=len(schema), limit=MAX_COLUMNS)
        rows = int(scan.select(pl.len()).collect().item())
        if rows > MAX_ROWS:
            raise InputError("reading.too-many-rows", file=file, sheet="", rows=rows, limit=MAX_ROWS)
        check_cells(rows, len(schema), _CELLS_PER_BYTE * path.stat().st_size, file=file)
        names = [f"c{i}" for i in range(len(schema))]
        cells = [_as_text(old, dtype).alias(new) for (old, dtype), new in zip(schema.items(), names, strict=True)]
        header = pl.DataFrame([[name] for name in schema], schema=dict.fromkeys(names, pl.String))
        return Grid(None, pl.concat([header, scan.select(cells).collect()], rechunk=False))

    return call_native(read, file=file)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """A parquet column as a person would type it: whole numbers without .0, dates in ISO form."""
    import polars as pl

    column = pl.col(name)
    if dtype == pl.String:
        return column.replace("", None)
    if dtype.is_float():
        whole = (column == column.round()) & (column.abs() < 2**63)
        return (
            pl.when(column.is_nan())
            .then(None)
            .when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    if isinstance(dtype, pl.Datetime):
        return column.dt.to_string("%Y-%m-%d %H:%M:%S").str.strip_suffix(" 00:00:00")
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.String):
        return column.list.join("、", ignore_nulls=True)
    if isinstance(dtype, pl.Decimal):
        text = column.cast(pl.String)
        return (
            pl.when(text.str.contains(".", literal=True))
            .then(text.str.strip_chars_end("0").str.strip_suffix("."))
            .otherwise(text)
        )
    return column.cast(pl.String)
