"""New workbooks: written when they are done, and thrown away without a trace when they cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

if TYPE_CHECKING:
    from openpyxl import Workbook


@contextmanager
def new_book(to: Path | IO[bytes], *, write_only: bool = True) -> Iterator[Workbook]:
    """A workbook to fill in a block; it is written to ``to`` when the block is done.

    openpyxl writes sheets through generators and temporary files. Where a block or the disk fails they are closed here, in
    the order that they need; thrown away as they are, each would print a traceback that nobody can act on.

    Args:
        to: a path, or a file open for writing bytes.
        write_only: rows are written as they are appended; otherwise any cell can be set until the end.

    Raises:
        OSError: it cannot be written.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=write_only)
    try:
        yield book
        _write(book, to)
    except BaseException:
        for sheet in book.worksheets:
            _abandon(sheet)
        raise


def _write(book: Workbook, to: Path | IO[bytes]) -> None:
    from openpyxl.writer.excel import ExcelWriter

    archive = ZipFile(to, "w", ZIP_DEFLATED)
    try:
        book.properties.modified = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        ExcelWriter(book, archive).save()
    except BaseException:
        with suppress(Exception):  # what it still has to write fails as well
            archive.close()
        raise


def _abandon(sheet: Any) -> None:
    """Close what a sheet of a write-only book goes through: its rows, which write into its stream, then the stream."""
    writer = getattr(sheet, "_writer", None)
    if writer is None:
        return
    for close in (getattr(sheet, "_rows", None), writer.xf):
        with suppress(Exception):
            if close is not None:
                close.close()
    with suppress(OSError, ValueError):  # it is gone already where the sheet was packed
        writer.cleanup()
