"""How far the cells of an .xlsb package reach, looked at before a library loads it. Structures: Microsoft, [MS-XLSB]."""

from __future__ import annotations

import posixpath
import struct
import zipfile
from pathlib import Path

from sampler.errors import InputError
from sampler.files.damage import damaged
from sampler.files.grid import MAX_COLUMNS, MAX_GRID_CELLS, Facts, Span
from sampler.files.ooxml import Part
from sampler.files.package import check_package, parse_xml, pieces, tag

_ROW_HEADER, _BUNDLE_SHEET, _MERGE, _FILTER, _COLUMN, _FONT = 0, 156, 176, 161, 60, 43
_CELLS = range(2, 12)  # 1 is a cell without a value


def scan_sheets(path: Path, *, file: str) -> dict[str, Facts]:
    """The facts of every worksheet of an .xlsb package, by name.

    Raises:
        InputError: damaged, protected by a password, or beyond the limits of `grid`.
    """
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package, file=file)
            for name in package.namelist():
                if name.endswith((".bin", ".xml", ".rels")):
                    for _ in pieces(package, name, file=file):
                        pass  # its real size, and whether it is whole
            return {
                sheet.name: _scan_sheet(package.read(sheet.part), sheet.name, hidden=sheet.hidden, file=file)
                for sheet in worksheets(package, file=file)
            }
    except (zipfile.BadZipFile, struct.error, ValueError, IndexError, OSError, KeyError) as error:
        raise damaged(file, error) from None


def worksheets(package: zipfile.ZipFile, *, file: str) -> list[Part]:
    """The worksheets of a package in order.

    Raises:
        InputError, struct.error, ValueError, IndexError, KeyError: the parts that list them are damaged.
    """
    links = parse_xml(package, "xl/_rels/workbook.bin.rels", file=file)
    targets = {e.get("Id"): e.get("Target", "") for e in links.iter() if tag(e) == "Relationship"}
    found = []
    for kind, body in _records(package.read("xl/workbook.bin")):
        if kind != _BUNDLE_SHEET:
            continue
        (state,) = struct.unpack_from("<I", body)
        identity, after = _string(body, 8)
        name, _ = _string(body, after)
        part = posixpath.normpath(posixpath.join("/xl", targets.get(identity, ""))).lstrip("/")
        if "worksheets/" in part:
            found.append(Part(name, part, state != 0))
    return found


def has_struck_font(styles: bytes) -> bool:
    """Whether the styles of a workbook hold a font that is struck through."""
    return any(kind == _FONT and len(body) > 2 and body[2] & 8 for kind, body in _records(styles))


def _string(body: bytes, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * length
    return body[at + 4 : end].decode("utf-16-le"), end


def _records(stream: bytes) -> list[tuple[int, bytes]]:
    """Kind and body of every record: both the kind and the size are written seven bits to a byte."""
    records: list[tuple[int, bytes]] = []
    at, end = 0, len(stream)
    while at < end:
        kind = stream[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (stream[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while True:
            byte = stream[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 21:
                break
        records.append((kind, stream[at : at + size]))
        at += size
    return records


def _scan_sheet(stream: bytes, name: str, *, hidden: bool, file: str) -> Facts:
    rows = columns = row = hidden_rows = 0
    merged: list[Span] = []
    hidden_columns: list[int] = []
    filtered = False
    for kind, body in _records(stream):
        if kind in _CELLS:
            columns = max(columns, int.from_bytes(body[:4], "little") + 1)
            rows = max(rows, row + 1)
        elif kind == _ROW_HEADER:
            row = int.from_bytes(body[:4], "little")
            hidden_rows += len(body) > 11 and body[11] >> 4 & 1
        elif kind == _MERGE:
            top, bottom, left, right = struct.unpack_from("<4I", body)
            merged.append(Span(top + 1, left, bottom + 1, right))
        elif kind == _COLUMN and len(body) >= 18 and body[16] & 1:
            first, last = struct.unpack_from("<2I", body)
            hidden_columns += range(first, min(last, MAX_COLUMNS) + 1)
        elif kind == _FILTER:
            filtered = True
        if columns > MAX_COLUMNS:
            raise InputError("reading.too-many-columns", file=file, sheet=name, columns=columns, limit=MAX_COLUMNS)
        if rows * columns > MAX_GRID_CELLS:
            raise InputError("reading.too-many-cells", file=file, sheet=name, rows=rows, columns=columns)
    return Facts(
        hidden=hidden,
        hidden_rows=hidden_rows,
        hidden_columns=tuple(hidden_columns),
        filtered=filtered,
        merged=tuple(merged),
    )
