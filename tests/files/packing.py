"""Returned workbooks whose packages somebody or something has tampered with."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.comments import Comment

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def repack(path: Path, change: Callable[[str, bytes], bytes], extra: Mapping[str, str | bytes] | None = None) -> Path:
    """Change the parts of a package, and add some."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in {**parts, **(extra or {})}.items():
            package.writestr(name, change(name, content) if isinstance(content, bytes) else content)
    return path


def sheet_part(path: Path, title: str) -> str:
    """The part of a sheet in a workbook of openpyxl's making."""
    return f"xl/worksheets/sheet{load_workbook(path, read_only=True).sheetnames.index(title) + 1}.xml"


def comment_on(path: Path, sheet: str, cell: str, words: str) -> Path:
    book = load_workbook(path)
    book[sheet][cell].comment = Comment(words, "张三")
    book.save(path)
    return path


def draw_on(path: Path, sheet: str, anchors: str) -> Path:
    """Lay shapes over a sheet that has neither comments nor drawings."""
    part = sheet_part(path, sheet)
    number = part.removeprefix("xl/worksheets/sheet").removesuffix(".xml")
    drawing = (
        '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
        ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        f' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">{anchors}</xdr:wsDr>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId77" Type="{RELATIONS}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    reference = f'<drawing xmlns:r="{RELATIONS}" r:id="rId77"/></worksheet>'.encode()
    return repack(
        path,
        lambda name, content: content.replace(b"</worksheet>", reference) if name == part else content,
        {"xl/drawings/drawing1.xml": drawing, f"xl/worksheets/_rels/sheet{number}.xml.rels": relations},
    )


def shape(row: int, column: int, body: str) -> str:
    """A shape whose upper left corner lies in a cell, 1-based row and 0-based column."""
    corner = f"<xdr:from><xdr:col>{column}</xdr:col><xdr:row>{row - 1}</xdr:row></xdr:from>"
    return f"<xdr:oneCellAnchor>{corner}{body}<xdr:clientData/></xdr:oneCellAnchor>"


def text_box(*paragraphs: str) -> str:
    lines = "".join(f"<a:p><a:r><a:t>{p}</a:t></a:r></a:p>" for p in paragraphs)
    return f'<xdr:sp><xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1"/></xdr:nvSpPr><xdr:txBody>{lines}</xdr:txBody></xdr:sp>'


def _in(part: str, pattern: bytes, new: bytes) -> Callable[[Path], Path]:
    def change(name: str, content: bytes) -> bytes:
        if not re.search(part, name):
            return content
        changed = re.sub(pattern, new, content, count=1)
        assert changed != content
        return changed

    return lambda path: repack(path, change)


READ_ALL_THE_SAME: dict[str, Callable[[Path], Path]] = {
    "a fill without content": _in("styles", rb"<fill>.*?</fill>", b"<fill/>"),
    "an unknown pattern": _in("styles", rb'patternType="\w+"', b'patternType="bogus"'),
    "an unknown kind of validation": _in("sheet2.xml$", rb'type="list"', b'type="bogus"'),
    "a date that is none": _in("core", rb"(<dcterms:created[^>]*>)[^<]*", rb"\1yesterday"),
    "margins that are none": _in("sheet2.xml$", rb"<pageMargins [^>]*/>", b'<pageMargins left="x"/>'),
}
"""What does not keep the sheets or the comments of a workbook from being read, though openpyxl fails on it."""


def _cut_comments(path: Path) -> Path:
    return _in("comments?1.xml", rb"(?s).{20}$", b"")(path)


def _flip(path: Path) -> Path:
    """Turn eight bytes of the packed styles over."""
    with zipfile.ZipFile(path) as package:
        entry = package.getinfo("xl/styles.xml")
    raw = bytearray(path.read_bytes())
    start = entry.header_offset
    start += 30 + sum(int.from_bytes(raw[start + k : start + k + 2], "little") for k in (26, 28))
    for k in range(start + entry.compress_size // 2, start + entry.compress_size // 2 + 8):
        raw[k] ^= 0x5A
    path.write_bytes(raw)
    return path


def _encrypt(path: Path) -> Path:
    """Say of every part that it is encrypted."""
    raw = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + flags] |= 1
            at = raw.find(mark, at + 4)
    path.write_bytes(raw)
    return path


def _bomb(path: Path) -> Path:
    return repack(path, lambda _, content: content, {"xl/sharedStrings.xml": b" " * (65 << 20)})


def _broken_document(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", '<a><table:table table:name="甲"><table:table-row><office:annotation>')
    return path


COMMENTS_LOST: dict[str, Callable[[Path], Path]] = {"half the comments": _cut_comments}
"""What keeps only the comments from being read."""

UNREADABLE: dict[str, Callable[[Path], Path]] = {
    "bytes turned over": _flip,
    "said to be encrypted": _encrypt,
    "far too large when unpacked": _bomb,
    "a document cut short": _broken_document,
}
"""What no program can read."""
