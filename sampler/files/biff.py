"""What is inside an .xls file (BIFF8 in an OLE container), looked at before a library loads it.

The records of the workbook's stream are walked once, without their values: how far the cells reach, which are merged, what
is hidden. Structures: Microsoft, [MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from sampler.errors import InputError
from sampler.files.damage import damaged, not_a_table
from sampler.files.grid import MAX_COLUMNS, MAX_ERROR_CELLS, Facts, Span

_END = 0xFFFFFFFA  # sector numbers from here on are marks, not places
_FREE_NAMES = ("Workbook", "Book")
_BOF, _EOF, _FILEPASS, _BOUNDSHEET = 0x0809, 0x000A, 0x002F, 0x0085
_ROW, _COLINFO, _MERGECELLS, _FILTER, _BOOLERR = 0x0208, 0x007D, 0x00E5, 0x009D, 0x0205
_DIMENSIONS, _SST = 0x0200, 0x00FC
_MAX_ROWS, _MAX_COLUMNS = 65_536, 256  # of a BIFF8 sheet
CELLS = {0x0006, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E, 0x00BD, 0x00D6}
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def workbook_stream(raw: bytes) -> bytes | None:
    """The stream ``Workbook`` (or ``Book``) of an OLE container, or None where it has none.

    Raises:
        ValueError, struct.error, IndexError: the container is damaged.
    """
    shift, mini_shift = struct.unpack_from("<HH", raw, 30)
    if not (7 <= shift <= 16 and mini_shift == 6):
        raise ValueError("sector size")
    size = 1 << shift
    # The library sets aside what these numbers claim before it looks.
    claims = [struct.unpack_from("<I", raw, at)[0] for at in (40, 44, 64, 72)]
    if max(claims) > len(raw) >> shift:
        raise ValueError("sectors beyond the end")
    directory, mini_limit, mini_fat = struct.unpack_from("<I4xII", raw, 48)
    first_difat, _count = struct.unpack_from("<II", raw, 68)
    places = [s for s in struct.unpack_from("<109I", raw, 76) if s < _END]
    seen: set[int] = set()
    while first_difat < _END and first_difat not in seen:
        seen.add(first_difat)
        block = struct.unpack_from(f"<{size // 4}I", raw, (first_difat + 1) << shift)
        places += [s for s in block[:-1] if s < _END]
        first_difat = block[-1]
    fat: list[int] = []
    for place in places:
        fat += struct.unpack_from(f"<{size // 4}I", raw, (place + 1) << shift)
    entries = b"".join(_chain(raw, fat, directory, shift, header=1))
    root_start = struct.unpack_from("<I", entries, 116)[0]
    for at in range(0, len(entries) - 127, 128):
        if entries[at + 66] and struct.unpack_from("<Q" if shift == 12 else "<I", entries, at + 120)[0] > len(raw):
            raise ValueError("a stream beyond the end")
        length = struct.unpack_from("<H", entries, at + 64)[0]
        name = entries[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
        if name not in _FREE_NAMES or entries[at + 66] != 2:
            continue
        start, stream_size = struct.unpack_from("<II", entries, at + 116)
        if stream_size >= mini_limit:
            return b"".join(_chain(raw, fat, start, shift, header=1))[:stream_size]
        container = b"".join(_chain(raw, fat, root_start, shift, header=1))
        table = b"".join(_chain(raw, fat, mini_fat, shift, header=1))
        mini = list(struct.unpack(f"<{len(table) // 4}I", table))
        return b"".join(_chain(container, mini, start, 6, header=0))[:stream_size]
    return None


def _chain(raw: bytes, fat: list[int], sector: int, shift: int, *, header: int) -> Iterator[bytes]:
    """The sectors of a chain; one that runs in a circle ends where it has passed every sector."""
    for _ in range(len(fat)):
        if sector >= _END:
            return
        yield raw[(sector + header) << shift : (sector + header + 1) << shift]
        sector = fat[sector]


def records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind, place and size of the records from ``at`` on to the end of that substream."""
    depth = 0
    end = len(stream) - 4
    while at <= end:
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, at + 4, size
        at += 4 + size
        # A chart inside a sheet is a substream of its own.
        depth += (kind == _BOF) - (kind == _EOF)
        if depth <= 0:
            return


def scan_sheets(path: Path, *, file: str) -> dict[str, Facts]:
    """The facts of every worksheet of an .xls file, by name.

    Raises:
        InputError: damaged, protected by a password, or beyond the limits of `grid`.
    """
    facts: dict[str, Facts] = {}
    try:
        stream = workbook_stream(path.read_bytes())
        if stream is None:
            raise not_a_table(file, "office", "OLE")
        for kind, at, size in list(records(stream, 0)):
            if kind == _FILEPASS:
                raise InputError("reading.password", file=file)
            if kind == _SST and size >= 8 and max(struct.unpack_from("<II", stream, at)) > len(stream):
                raise ValueError("more strings than bytes")
        for name, place, hidden in worksheets(stream):
            facts[name] = _scan_sheet(stream, place, name, hidden=hidden, file=file)
    except (struct.error, ValueError, IndexError, OSError, OverflowError, MemoryError) as error:
        raise damaged(file, error) from None
    return facts


def is_old(stream: bytes) -> bool:
    """Whether a workbook's stream is BIFF5, which has no Unicode."""
    return bool(struct.unpack_from("<H", stream, 4)[0] < 0x0600)


def worksheets(stream: bytes) -> Iterator[tuple[str, int, bool]]:
    """The name of each worksheet, the place of its records, and whether it is hidden.

    Raises:
        struct.error, IndexError: the stream is damaged.
    """
    for kind, at, size in list(records(stream, 0)):
        if kind != _BOUNDSHEET or size < 8:
            continue
        place, state, sort, length = struct.unpack_from("<IBBB", stream, at)
        if is_old(stream):
            name = stream[at + 7 : at + 7 + length].decode("gb18030", "replace")
        else:
            wide = stream[at + 7] & 1
            raw = stream[at + 8 : at + 8 + (length << wide)]
            name = raw.decode("utf-16-le" if wide else "latin-1", "replace")
        if sort == 0:
            yield name, place, state & 3 != 0


def _scan_sheet(stream: bytes, place: int, name: str, *, hidden: bool, file: str) -> Facts:
    columns = hidden_rows = 0
    hidden_columns: list[int] = []
    merged: list[Span] = []
    errors: list[tuple[int, int, str]] = []
    filtered = False
    for kind, at, size in records(stream, place):
        if kind in CELLS and size >= 6:
            row, column = struct.unpack_from("<HH", stream, at)
            columns = max(columns, column + 1)
            if kind == 0x00BD:
                columns = max(columns, column + (size - 6) // 6)
            elif kind == _BOOLERR and stream[at + 7]:
                errors.append((row + 1, column, _ERRORS.get(stream[at + 6], "#")))
            elif kind == 0x0006 and stream[at + 6] == 2 and stream[at + 12 : at + 14] == b"\xff\xff":
                errors.append((row + 1, column, _ERRORS.get(stream[at + 8], "#")))
        elif kind == _DIMENSIONS and size in (10, 14):
            # The library sets aside the room that is claimed here before it reads a cell.
            first, last, left, right = struct.unpack_from("<IIHH" if size == 14 else "<HHHH", stream, at)
            if last - first > _MAX_ROWS or right - left > _MAX_COLUMNS:
                raise InputError(
                    "reading.too-many-cells", file=file, sheet=name, rows=last - first, columns=right - left
                )
        elif kind == _ROW and size >= 16:
            hidden_rows += stream[at + 12] >> 5 & 1
        elif kind == _COLINFO and size >= 10:
            first, last, _width, _style, flags = struct.unpack_from("<5H", stream, at)
            if flags & 1:
                hidden_columns += range(first, min(last, 255) + 1)
        elif kind == _MERGECELLS and size >= 2:
            (count,) = struct.unpack_from("<H", stream, at)
            for k in range(min(count, (size - 2) // 8)):
                top, bottom, left, right = struct.unpack_from("<4H", stream, at + 2 + 8 * k)
                merged.append(Span(top + 1, left, bottom + 1, right))
        elif kind == _FILTER:
            filtered = True
    if columns > MAX_COLUMNS:
        raise InputError("reading.too-many-columns", file=file, sheet=name, columns=columns, limit=MAX_COLUMNS)
    return Facts(
        hidden=hidden,
        hidden_rows=hidden_rows,
        hidden_columns=tuple(hidden_columns),
        filtered=filtered,
        merged=tuple(merged),
        error_cells=tuple(errors[:MAX_ERROR_CELLS]),
        error_count=len(errors),
    )
