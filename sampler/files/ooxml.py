"""What is inside an .xlsx package, looked at before a library loads it: its limits, and what it hides.

The library lays a sheet out as a dense grid from its first to its last cell, so a small file can ask for any amount of
memory, and it tells nothing of hidden rows, merged cells, errors or formulas without values. This module streams the parts
once, unpacked piece by piece, and searches each piece for a few byte strings; regular expressions run only where a search
has hit.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sampler.errors import InputError
from sampler.files.grid import (
    MAX_CELL_CHARS,
    MAX_COLUMNS,
    MAX_ERROR_CELLS,
    MAX_GRID_CELLS,
    Facts,
    Span,
    column_index,
)
from sampler.files.package import PIECE, parse_xml, pieces, tag
from sampler.text import Text

_MAX_TEXT = 12 * MAX_CELL_CHARS  # bytes of one cell's XML: every character may be written as &#x10FFFF;
_SHORT_ROW = 15 * MAX_COLUMNS  # a row of fewer bytes cannot hold more than MAX_COLUMNS cells

_N = rb"<(?:\w+:)?"  # the beginning of a tag, with or without a namespace prefix
_ROW = re.compile(_N + rb"row\b[^>]*?\sr=[\"'](\d+)")
# Only cells with content: a cell that is all format (<c r="XFD1" s="1"/>) takes no room.
_CELL = re.compile(_N + rb"c\b[^>]*?\sr=[\"'][A-Z]+(\d+)[^>]*(?<!/)>")
_PLACELESS_CELL = re.compile(_N + rb"c\b(?![^>]*\sr=)[^>]*(?<!/)>")
_WIDE_CELL = rb"\sr=[\"']%b\d[^>]*(?<!/)>"
_FEW_NAMES = 40  # names of columns that are looked for one by one
_WIDE_NAME = re.compile(rb"[\"']([A-Z]{3,})\d")
_ANY_CELL = re.compile(_N + rb"c(?:\s[^>]*)?(?<!/)>")
_HIDDEN_ROW = re.compile(_N + rb"row\b[^>]*?\shidden=[\"'](?:1|true)[\"']")
_HIDDEN_COLUMN = re.compile(_N + rb"col\b[^>]*?\shidden=[\"'](?:1|true)[\"'][^>]*>")
_ATTRIBUTE = re.compile(rb"\s(min|max)=[\"'](\d+)")
_ERROR = re.compile(
    _N
    + rb"c\b[^>]*?\sr=\"([A-Z]+)(\d+)\"[^>]*?\st=\"e\"[^>]*>(?:"
    + _N
    + rb"f\b[^>]*?(?:/>|>[^<]*</[^>]*>))?"
    + _N
    + rb"v>([^<]*)<"
)
_FORMULA = re.compile(
    _N + rb"c\b([^>]*)>\s*" + _N + rb"f\b[^>]*?(?:/>|>([^<]*)</[^>]*>)\s*"
    rb"(</[^>]*>|<(?:\w+:)?v\s*/>|<(?:\w+:)?v></[^>]*>)?"
)
_REFERENCE = re.compile(rb"\sr=\"([A-Z]+)(\d+)\"")
_MERGED = re.compile(_N + rb"mergeCell\s+ref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)")
_FILTER = re.compile(_N + rb"autoFilter\b")

Pairs = npt.NDArray[np.uint16]


@dataclass(frozen=True)
class Part:
    """One worksheet of a package: its name, its part, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


def worksheets(package: zipfile.ZipFile, *, file: str) -> list[Part]:
    """The worksheets of a package in order; charts and macro sheets are none.

    Raises:
        InputError: the parts that list them are missing or damaged.
    """
    names = {n.replace("\\", "/").lower(): n for n in package.namelist()}
    try:
        book = parse_xml(package, names["xl/workbook.xml"], file=file)
        links = parse_xml(package, names["xl/_rels/workbook.xml.rels"], file=file)
    except KeyError as error:
        missing = Text.of("reading.damage_missing", part=error.args[0])
        raise InputError("reading.damaged", file=file, reason=missing) from None
    targets = {e.get("Id"): (e.get("Type", ""), e.get("Target", "")) for e in links.iter() if tag(e) == "Relationship"}
    found = []
    for element in book.iter():
        if tag(element) != "sheet":
            continue
        identity = next((v for k, v in element.attrib.items() if k.endswith("}id")), None)
        kind, target = targets.get(identity, ("", ""))
        if not kind.endswith("/worksheet"):
            continue
        part = names.get(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/").lower())
        if part is None:
            raise InputError("reading.damaged", file=file, reason=Text.of("reading.damage_missing", part=target))
        found.append(Part(element.get("name", ""), part, element.get("state", "visible") != "visible"))
    return found


def check_strings(package: zipfile.ZipFile, *, file: str) -> None:
    """Refuse shared strings, styles and the like that are damaged, declare entities or hold a text longer than a cell.

    Raises:
        InputError: see `pieces`; or a text longer than a cell can hold.
    """
    for entry in package.infolist():
        name = entry.filename.replace("\\", "/").lower()
        if not name.startswith("xl/") or not name.endswith((".xml", ".rels", ".bin")):
            continue
        if name.startswith(("xl/worksheets/", "xl/media/", "xl/drawings/", "xl/pivot", "xl/external")):
            continue
        run = 0
        with closing(pieces(package, entry.filename, file=file)) as stream:
            for piece in stream:
                run = _longest_text(piece, run) if name.endswith("strings.xml") else 0
                if run > _MAX_TEXT:
                    raise InputError("reading.cell-too-long", file=file, sheet="", limit=MAX_CELL_CHARS)


def _longest_text(piece: bytes, before: int, tag: bytes = b"<si") -> int:
    """Bytes since the last ``tag``, or `_MAX_TEXT` + 1 as soon as two of them are further apart than that.

    Leaps from tag to tag by as many bytes as a text may have, so that it looks at few of them.
    """
    at = -before
    while True:
        step = piece.rfind(tag, max(at + 1, 0), max(at + _MAX_TEXT + len(tag), 0))
        if step < 0:
            step = piece.rfind(b":" + tag[1:], max(at + 1, 0), max(at + _MAX_TEXT + len(tag), 0))
        if step < 0:
            return min(len(piece) - at, _MAX_TEXT + 1)
        at = step


def _after_last_row(block: bytes) -> int:
    """The place after the last ``</row>``, 0 if there is none."""
    end = block.rfind(b"row>")
    while end > 0 and block[end - 1] not in b"/:":
        end = block.rfind(b"row>", 0, end)
    return max(end, 0) and end + 4


def _pairs(block: bytes) -> tuple[Pairs, Pairs]:
    """The bytes of a block two by two, from the first on and from the second on: numbers that are compared all at once."""
    codes = np.frombuffer(block, np.uint8)
    even, odd = (codes[start : start + (len(codes) - start) // 2 * 2] for start in (0, 1))
    return even.view(np.uint16), odd.view(np.uint16)


def _has(pairs: tuple[Pairs, Pairs], two: bytes) -> bool:
    """Whether ``two`` bytes stand side by side anywhere."""
    (wanted,) = np.frombuffer(two, np.uint16)
    return any(bool((half == wanted).any()) for half in pairs)


def _wide_names(block: bytes) -> set[str]:
    """Names of two letters or more that stand in quotes before a digit, as those of the columns from AA on do.

    Their places are found all at once: a wide sheet is full of them, and a match for each takes longer than the rest.
    """
    codes = np.frombuffer(block, np.uint8)
    capital = codes - np.uint8(65) < 26
    at = np.flatnonzero(capital[1:-2] & capital[2:-1]) + 1
    at = at[(codes[at - 1] == 34) | (codes[at - 1] == 39)]
    names = set()
    if capital[at + 2].any():
        names |= {name.decode() for name in _WIDE_NAME.findall(block)}
    at = at[codes[at + 2] - np.uint8(48) < 10]
    for pair in np.unique(codes[at].astype(np.uint16) * 256 + codes[at + 1]).tolist():
        names.add(chr(pair >> 8) + chr(pair & 255))
    return names


class SheetScan:
    """Facts of one worksheet, gathered from its XML piece by piece."""

    def __init__(self, *, file: str, sheet: str, external: bool) -> None:
        self._file, self._sheet, self._external = file, sheet, external
        self._rows = 0
        self._columns = 26
        self._hidden_rows = 0
        self._hidden_columns: list[int] = []
        self._filtered = False
        self._struck = False
        self._merged: list[Span] = []
        self._uncalculated: dict[int, tuple[int, int]] = {}
        self._linked: dict[int, tuple[int, int]] = {}
        self._errors: list[tuple[int, int, str]] = []
        self._error_count = 0

    def run(self, stream: Iterator[bytes]) -> None:
        """Look at all of the sheet."""
        rest = b""
        for piece in stream:
            block = rest + piece if rest else piece
            # Whole rows: below, no tag of a cell is ever cut in two.
            cut = _after_last_row(block)
            rows = cut > 0
            if not rows:
                cut = block.rfind(b">") + 1 if len(block) < _MAX_TEXT else 0
                if len(block) > 2 * _MAX_TEXT + PIECE:
                    self._check_long(block)
                    cut = max(block.rfind(b"<"), 0)
                elif b"<row" in block or b":row" in block:
                    cut = 0
            self._look(block[:cut], rows=rows)
            rest = block[cut:]
        self._look(rest, rows=False)

    def _check_long(self, block: bytes) -> None:
        at = 0
        while at < len(block) - _MAX_TEXT:
            step = block.rfind(b"<", at + 1, at + _MAX_TEXT)
            if step < 0:
                raise InputError("reading.cell-too-long", file=self._file, sheet=self._sheet, limit=MAX_CELL_CHARS)
            at = step

    def _look(self, block: bytes, *, rows: bool) -> None:
        """Look at whole rows, or at what stands before and after the rows."""
        if not block:
            return
        self._extent(block)
        # Two letters are found many times faster than a word: they guard the search for the word.
        pairs = _pairs(block)
        if _has(pairs, b"n=") and b"hidden=" in block:
            self._hidden_rows += len(_HIDDEN_ROW.findall(block))
            for tag in _HIDDEN_COLUMN.findall(block):
                ends = {k: int(v) for k, v in _ATTRIBUTE.findall(tag)}
                low, high = ends.get(b"min", 1), ends.get(b"max", 1)
                self._hidden_columns += range(low - 1, min(high, MAX_COLUMNS))
        if _has(pairs, b'"e') and b't="e"' in block:
            self._note_errors(block)
        if _has(pairs, b"ke") and b"strike" in block:
            self._struck = True
        if _has(pairs, b"<f") or _has(pairs, b":f"):
            self._note_formulas(block)
        if not rows:
            self._filtered = self._filtered or _FILTER.search(block) is not None
            for left, top, right, bottom in _MERGED.findall(block):
                span = Span(int(top), column_index(left.decode()), int(bottom), column_index(right.decode()))
                self._merged.append(span)

    def _extent(self, block: bytes) -> None:
        """Keep the bounds of the grid the cells so far ask for, and refuse one beyond the limits."""
        # The last row with content decides; rows of formats alone may follow it.
        starts = (block.rfind(b"<row"), len(block) - 2 * _SHORT_ROW)
        for start in (*(s for s in starts if s > 0), 0):
            tail = block[start:]
            numbers = _CELL.findall(tail)
            if not numbers or _PLACELESS_CELL.search(tail):
                numbers += _ROW.findall(tail) if _ANY_CELL.search(tail) else []
            if numbers:
                self._rows = max(self._rows, *map(int, numbers))
                break
        self._columns = max(self._columns, self._widest(block))
        at = 0
        while len(block) - at > _SHORT_ROW:
            end = block.rfind(b"row>", at + 1, at + _SHORT_ROW)
            if end < 0:
                end = block.find(b"row>", at + 1)
                row = block[at : end if end > 0 else len(block)]
                self._columns = max(self._columns, len(_ANY_CELL.findall(row)))
                if end < 0:
                    break
            at = end
        if self._columns > MAX_COLUMNS and self._rows <= 1:
            self._refuse_columns()
        if self._columns > MAX_COLUMNS or self._columns * self._rows > MAX_GRID_CELLS:
            if self._rows > 100_000:
                raise InputError(
                    "reading.too-many-cells",
                    file=self._file,
                    sheet=self._sheet,
                    rows=self._rows,
                    columns=self._columns,
                )
            self._refuse_columns()

    def _widest(self, block: bytes) -> int:
        """Columns up to the last cell with content that lies beyond those known of so far, else 0."""
        names = [name for name in _wide_names(block) if column_index(name) >= self._columns]
        if len(names) > _FEW_NAMES:
            found = {name.decode() for name in re.findall(_WIDE_CELL % rb"([A-Z]{2,})", block)}
            return max(map(column_index, found), default=-1) + 1
        for name in sorted(names, key=column_index, reverse=True):
            if re.search(_WIDE_CELL % name.encode(), block):
                return column_index(name) + 1
        return 0

    def _refuse_columns(self) -> None:
        raise InputError(
            "reading.too-many-columns",
            file=self._file,
            sheet=self._sheet,
            columns=self._columns,
            limit=MAX_COLUMNS,
        )

    def _note_errors(self, block: bytes) -> None:
        for letters, row, text in _ERROR.findall(block):
            self._error_count += 1
            if len(self._errors) < MAX_ERROR_CELLS:
                place = (int(row), column_index(letters.decode()))
                self._errors.append((*place, text.decode("utf-8", "replace")))

    def _note_formulas(self, block: bytes) -> None:
        for attributes, formula, empty in _FORMULA.findall(block):
            place = _REFERENCE.search(b" " + attributes)
            if place is None:
                continue
            column, row = column_index(place[1].decode()), int(place[2])
            # A formula whose result is the empty text says so with its type.
            if empty and b't="str"' not in attributes:
                count, first = self._uncalculated.get(column, (0, row))
                self._uncalculated[column] = (count + 1, first)
            if self._external and re.search(rb"\[\d+\]", formula):
                count, first = self._linked.get(column, (0, row))
                self._linked[column] = (count + 1, first)

    def facts(self, *, hidden: bool) -> Facts:
        """What was found."""
        return Facts(
            hidden=hidden,
            hidden_rows=self._hidden_rows,
            hidden_columns=tuple(self._hidden_columns),
            filtered=self._filtered,
            struck=self._struck,
            merged=tuple(self._merged),
            uncalculated=self._uncalculated,
            external=self._linked,
            error_cells=tuple(self._errors),
            error_count=self._error_count,
        )


def scan_sheet(path: Path, part: Part, *, file: str) -> Facts:
    """The facts of one worksheet.

    Raises:
        InputError: the sheet is damaged, or beyond the limits of `grid`.
    """
    with zipfile.ZipFile(path) as package:
        external = any("externallinks/" in n.lower() for n in package.namelist())
        scan = SheetScan(file=file, sheet=part.name, external=external)
        with closing(pieces(package, part.part, file=file)) as stream:
            scan.run(stream)
    return scan.facts(hidden=part.hidden)
