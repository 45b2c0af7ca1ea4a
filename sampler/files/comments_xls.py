"""Comments, text boxes, pictures and crossed-out cells of an .xls file. Structures: Microsoft, [MS-XLS].

That a part of a cell's text is crossed out stands among the runs of the shared texts, which are not looked at: where a
font is struck through at all, a finding tells that this cannot be seen.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Set

from sampler.files.beside import Beside, Parts, Pictures, Struck
from sampler.files.biff import CELLS, is_old, records, worksheets

_FONT, _XF, _MULRK = 0x0031, 0x00E0, 0x00BD
_NOTE, _OBJ, _TXO, _CONTINUE = 0x001C, 0x005D, 0x01B6, 0x003C
_STRUCK = 8
_NO_PICTURES = {0x07, 0x0B, 0x0C, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x13, 0x14, 0x19}
"""Kinds of objects that nobody draws: controls, the arrows of lists and filters, the boxes of comments."""


def parts(stream: bytes) -> Parts:
    """What to look at in a workbook's stream."""
    fonts, formats = _struck_formats(stream)
    if fonts:
        yield None, iter([Beside("struck-out-not-read", None)])
    for name, place, _ in worksheets(stream):
        if formats:
            yield name, _struck_cells(stream, place, name, formats)
        yield name, _old_comments(stream, place, name) if is_old(stream) else _drawn(stream, place, name)


def _struck_formats(stream: bytes) -> tuple[Set[int], Set[int]]:
    """The numbers of the fonts that are struck through, and of the cell formats that have one."""
    fonts: set[int] = set()
    formats: set[int] = set()
    font = xf = 0
    for kind, at, size in records(stream, 0):
        if kind == _FONT and size >= 4:
            if stream[at + 2] & _STRUCK:
                fonts.add(font)
            font += 2 if font == 3 else 1  # there is no font number 4
        elif kind == _XF and size >= 2:
            if struct.unpack_from("<H", stream, at)[0] in fonts:
                formats.add(xf)
            xf += 1
    return fonts, formats


def _struck_cells(stream: bytes, place: int, sheet: str, formats: Set[int]) -> Iterator[Struck]:
    for kind, at, size in records(stream, place):
        if kind not in CELLS or size < 6:
            continue
        row, column, xf = struct.unpack_from("<3H", stream, at)
        if kind != _MULRK:
            if xf in formats:
                yield Struck(sheet, row + 1, column)
            continue
        for k in range((size - 6) // 6):
            if struct.unpack_from("<H", stream, at + 4 + 6 * k)[0] in formats:
                yield Struck(sheet, row + 1, column + k)


def _old_comments(stream: bytes, place: int, sheet: str) -> Iterator[Beside]:
    """The comments of a BIFF5 sheet; a long one goes on in further records without a place."""
    where: tuple[int, int] = (0, 0)
    raw = b""
    for kind, at, size in records(stream, place):
        if kind != _NOTE or size < 6:
            continue
        row, column, _ = struct.unpack_from("<3H", stream, at)
        if row != 0xFFFF:
            if raw:
                yield Beside("comment", sheet, *where, raw.decode("gb18030", "replace").strip())
            where, raw = (row + 1, column), b""
        raw += stream[at + 6 : at + size]
    if raw:
        yield Beside("comment", sheet, *where, raw.decode("gb18030", "replace").strip())


def _drawn(stream: bytes, place: int, sheet: str) -> Iterator[Beside]:
    """The comments, the words of other shapes, and how many pictures and wordless shapes there are."""
    notes: dict[int, tuple[int, int]] = {}
    objects: dict[int, int] = {}
    said: dict[int, str] = {}
    number = wanting = 0
    for kind, at, size in records(stream, place):
        if kind == _OBJ and size >= 8:
            sort, number = struct.unpack_from("<4x2H", stream, at)
            objects[number] = sort
        elif kind == _TXO and size >= 12:
            (wanting,) = struct.unpack_from("<10xH", stream, at)
            said[number] = ""
        elif kind == _CONTINUE and size and wanting:
            wide = stream[at] & 1
            raw = stream[at + 1 : at + min(size, 1 + (wanting << wide))]
            said[number] += raw.decode("utf-16-le" if wide else "latin-1", "replace")
            wanting -= len(raw) >> wide
        elif kind == _NOTE and size >= 8:
            row, column, _, identity = struct.unpack_from("<4H", stream, at)
            notes[identity] = (row + 1, column)
    pictures = Pictures(sheet)
    for number, sort in {**dict.fromkeys(said, 0), **objects}.items():
        words = said.get(number, "").strip()
        if number in notes:
            yield Beside("comment" if words else "comments-not-read", sheet, *notes.pop(number), words)
        elif words:
            yield Beside("text-box", sheet, words=words)
        elif sort not in _NO_PICTURES:
            pictures.add("")
    for lost in notes.values():
        yield Beside("comments-not-read", sheet, *lost)
    yield from pictures.told()
