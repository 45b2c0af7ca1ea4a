"""What is inside an .ods package, looked at before a library loads it: repeated cells, merged cells, hidden rows.

OpenDocument writes equal neighbours once, with a number: a few bytes can ask for any number of cells.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from sampler.errors import InputError
from sampler.files.damage import damaged
from sampler.files.grid import MAX_COLUMNS, MAX_ERROR_CELLS, MAX_GRID_CELLS, Facts, Span
from sampler.files.package import check_package, pieces
from sampler.text import Text

_ROW_END = b"</table:table-row>"
_MAX_ROW = 64 << 20
_TAG = re.compile(
    rb"<table:(table|table-row|table-column|(?:covered-)?table-cell|database-range)(\s[^>]*?)?(/?)>|</table:(table)>"
)
_ATTRIBUTE = re.compile(rb"([\w:-]+)=\"([^\"]*)\"")
_TELLING = re.compile(rb"repeated|spanned|\"time\"|\"error\"")
_TIME = re.compile(r"^PT(\d+)H(\d+)M(\d+)")
_HIDDEN = (b"collapse", b"filter")
_TABLE_STYLE = re.compile(
    rb"<style:style(\s[^>]*\sstyle:family=\"table\"[^>]*|\sstyle:family=\"table\"[^>]*)>\s*<style:table-properties(\s[^>]*)>"
)


@dataclass
class _Sheet:
    """What is known of one sheet so far; ``row`` is the number of rows above the present one."""

    hidden: bool = False
    row: int = 0
    next_row: int = 0
    last_row: int = 0
    columns: int = 0
    next_column: int = 0
    hidden_rows: int = 0
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)
    errors: list[tuple[int, int, str]] = field(default_factory=list)
    times: list[tuple[int, int, str]] = field(default_factory=list)
    filtered: bool = False

    def facts(self) -> Facts:
        return Facts(
            hidden=self.hidden,
            hidden_rows=self.hidden_rows,
            hidden_columns=tuple(self.hidden_columns),
            filtered=self.filtered,
            merged=tuple(self.merged),
            error_cells=tuple(self.errors[:MAX_ERROR_CELLS]),
            error_count=len(self.errors),
            texts=tuple(self.times),
        )


def scan_sheets(path: Path, *, file: str) -> dict[str, Facts]:
    """The facts of every sheet of an .ods package, by name.

    Raises:
        InputError: the package is damaged, protected by a password, or beyond the limits of `grid`.
    """
    sheets: dict[str, _Sheet] = {}
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package, file=file)
            if "META-INF/manifest.xml" in package.namelist() and any(
                b"encryption-data" in piece for piece in pieces(package, "META-INF/manifest.xml", file=file)
            ):
                raise InputError("reading.password", file=file)
            scan = _Scan(file, sheets)
            with closing(pieces(package, "content.xml", file=file)) as stream:
                for rows in _whole_rows(stream, file):
                    scan.look(rows)
    except (zipfile.BadZipFile, OSError, ValueError, KeyError) as error:
        raise damaged(file, error) from None
    return {name: sheet.facts() for name, sheet in sheets.items()}


def _whole_rows(stream: Iterator[bytes], file: str) -> Iterator[bytes]:
    rest = b""
    for piece in stream:
        block = rest + piece
        cut = block.rfind(_ROW_END) + 1
        if cut:
            cut += len(_ROW_END) - 1
            yield block[:cut]
        elif len(block) > _MAX_ROW:
            raise InputError("reading.damaged", file=file, reason=Text.of("reading.damage_part", part="content.xml"))
        rest = block[cut:]
    yield rest


class _Scan:
    def __init__(self, file: str, sheets: dict[str, _Sheet]) -> None:
        self._file, self._sheets = file, sheets
        self._sheet, self._name = _Sheet(), ""
        self._column = 0
        self._repeat = 1
        self._hidden_styles: set[bytes] = set()

    def look(self, block: bytes) -> None:
        """Look at whole rows and what stands between them, tag by tag; a sheet is hidden by its style."""
        for style, properties in _TABLE_STYLE.findall(block) if b"table:display" in block else ():
            if b'table:display="false"' in properties:
                self._hidden_styles.add(dict(_ATTRIBUTE.findall(style)).get(b"style:name", b""))
        for match in _TAG.finditer(block):
            kind, text, closed = match[1], match[2], match[3]
            if kind is None:
                continue
            # Most cells are plain: only tags that say more are taken apart.
            if kind == b"table-cell" and not closed and text and not _TELLING.search(text):
                self._fill(self._column)
                self._column += 1
                continue
            attributes = dict(_ATTRIBUTE.findall(text)) if text else {}
            if kind in (b"table-cell", b"covered-table-cell"):
                self._cell(attributes, empty=b"office:value-type" not in attributes)
            elif kind == b"table-row":
                self._row(attributes)
            elif kind == b"table-column":
                self._columns(attributes)
            elif kind == b"table":
                self._name = html.unescape(attributes.get(b"table:name", b"").decode("utf-8", "replace"))
                hidden = attributes.get(b"table:style-name") in self._hidden_styles
                self._sheet = self._sheets.setdefault(self._name, _Sheet(hidden))
            elif attributes.get(b"table:display-filter-buttons") == b"true":
                target = attributes.get(b"table:target-range-address", b"").decode("utf-8", "replace")
                name = html.unescape(target).rpartition(":")[0].rpartition(".")[0].strip("'$").replace("''", "'")
                if name in self._sheets:
                    self._sheets[name].filtered = True

    def _row(self, attributes: dict[bytes, bytes]) -> None:
        sheet = self._sheet
        sheet.row = sheet.next_row
        self._repeat = _number(attributes, b"table:number-rows-repeated")
        sheet.next_row = sheet.row + self._repeat
        self._column = 0
        if attributes.get(b"table:visibility") in _HIDDEN and self._repeat < 1_000_000:
            sheet.hidden_rows += self._repeat

    def _columns(self, attributes: dict[bytes, bytes]) -> None:
        sheet, repeat = self._sheet, _number(attributes, b"table:number-columns-repeated")
        if attributes.get(b"table:visibility") in _HIDDEN:
            end = min(sheet.next_column + repeat, MAX_COLUMNS)
            sheet.hidden_columns += range(sheet.next_column, end)
        sheet.next_column += repeat

    def _cell(self, attributes: dict[bytes, bytes], *, empty: bool) -> None:
        sheet, at = self._sheet, self._column
        repeat = _number(attributes, b"table:number-columns-repeated")
        self._column += repeat
        down = _number(attributes, b"table:number-rows-spanned")
        across = _number(attributes, b"table:number-columns-spanned")
        if down > 1 or across > 1:
            sheet.merged.append(Span(sheet.row + 1, at, sheet.row + down, at + across - 1))
        if empty:
            return
        self._fill(at + repeat - 1)
        if attributes.get(b"calcext:value-type") == b"error":
            sheet.errors.append((sheet.row + 1, at, "#"))
        time = _TIME.match(attributes.get(b"office:time-value", b"").decode("ascii", "replace"))
        if time and len(sheet.times) < 1_000_000:
            hours, minutes, seconds = map(int, time.groups())
            sheet.times.append((sheet.row + 1, at, f"{hours:02}:{minutes:02}:{seconds:02}"))

    def _fill(self, column: int) -> None:
        sheet = self._sheet
        sheet.columns = max(sheet.columns, column + 1)
        sheet.last_row = max(sheet.last_row, sheet.row + self._repeat)
        if sheet.columns > MAX_COLUMNS:
            raise InputError(
                "reading.too-many-columns",
                file=self._file,
                sheet=self._name,
                columns=sheet.columns,
                limit=MAX_COLUMNS,
            )
        if sheet.columns * sheet.last_row > MAX_GRID_CELLS:
            raise InputError(
                "reading.too-many-cells",
                file=self._file,
                sheet=self._name,
                rows=sheet.last_row,
                columns=sheet.columns,
            )


def _number(attributes: dict[bytes, bytes], name: bytes) -> int:
    value = attributes.get(name, b"1")
    return int(value) if value.isdigit() and len(value) < 12 else 1
