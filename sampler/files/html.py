"""Tables of an HTML page, which many systems export under the name of .xls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Literal

from sampler.errors import InputError
from sampler.files.damage import not_a_table
from sampler.files.grid import MAX_COLUMNS, MAX_SHEETS, Facts, Grid, Span, check_cells

_CELLS_PER_BYTE = 1  # a cell takes its tag at least

# A tag with what stands in it; quotes after = hide a >. No part is tried twice, so that it takes no longer for half a tag.
_TAG = re.compile(r"""</?([a-zA-Z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+)>""")
_TAG_START = re.compile(r"</?[a-zA-Z]")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+("[^"]*"|'[^']*'|[^\s>"']++))?""")
_RAW = ("style", "script")  # what stands between these tags is no markup


def _pieces(page: str) -> Iterator[tuple[Literal["text", "start", "end"], str, str]]:
    """A page piece by piece: kind, then the text or the tag's name in small letters, then what stands in the tag.

    In time proportional to the page's length, whatever is in it: where comments or tags are never closed, that is found
    out once. (The standard library's parser looks for the end of each anew.)
    """
    at, comments = 0, True
    while at < len(page):
        start = page.find("<", at)
        if start < 0:
            yield "text", page[at:], ""
            return
        if start > at:
            yield "text", page[at:start], ""
        at = start + 1
        if comments and page.startswith("<!--", start):
            end = page.find("-->", start + 2)
            comments = end >= 0
            if comments:
                at = end + 3
                continue
        if not _TAG_START.match(page, start):
            if page.startswith(("<!", "<?"), start):
                at = page.find(">", start) + 1
                if at:
                    continue
                at = len(page)
            yield "text", page[start:at], ""
            continue
        found = _TAG.match(page, start)
        if found is None:
            yield "text", page[start:], ""
            return
        at = found.end()
        name, more = found[1].lower(), found[2]
        if page.startswith("</", start):
            yield "end", name, ""
            continue
        yield "start", name, more
        if more.endswith("/"):
            yield "end", name, ""
        elif name in _RAW:
            close = re.compile(rf"</{name}\b", re.IGNORECASE).search(page, at)
            at = close.start() if close else len(page)


def _spans(more: str) -> tuple[int, int]:
    """The rows and columns that a cell says it takes."""
    if "span" not in more.lower():
        return 1, 1
    said = {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(more)}
    return _span(said.get("rowspan")), _span(said.get("colspan"))


class _Tables:
    """Collects the rows of every table; a table inside a cell is a table of its own, and the cell goes on behind it."""

    def __init__(self) -> None:
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self._open: list[int] = []
        self._around: list[tuple[list[str] | None, tuple[int, int]]] = []  # the cell that each open table stands in
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._mute = 0

    def feed(self, page: str) -> None:
        """Read a whole page."""
        for kind, what, more in _pieces(page):
            if kind == "text":
                self._add(what)
            elif kind == "start":
                self._start(what, more)
            else:
                self._end(what)
        while self._open:  # of a page that was cut short
            self._end("table")

    def _start(self, tag: str, more: str) -> None:
        if tag in ("style", "script", "title"):
            self._mute += 1
        elif tag == "table":
            self._around.append((self._text, self._span))
            self._text = None
            self.tables.append([])
            self._open.append(len(self.tables) - 1)
        elif tag == "tr" and self._open:
            self._end_cell()
            self.tables[self._open[-1]].append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            self._span = _spans(more)
            self._text = []
        elif tag in ("br", "p", "div") and self._text:
            self._text.append("\n")

    def _end(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._mute = max(0, self._mute - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
            self._text, self._span = self._around.pop()
            if self._text:
                self._text.append("\n")

    def _add(self, text: str) -> None:
        if self._text is not None and not self._mute:
            self._text.append(text)

    def _end_cell(self) -> None:
        if self._text is not None and self._open:
            table = self.tables[self._open[-1]]
            if not table:
                table.append([])
            text = unescape("".join(self._text)).replace("\xa0", " ").strip()
            table[-1].append((text, *self._span))
        self._text = None


def _span(value: str | None) -> int:
    return max(1, min(int(value), 65_535)) if value and value.isdecimal() and len(value) < 6 else 1


def read_html(page: str, *, file: str) -> Iterator[Grid]:
    """The tables of a page that have any text, each as a grid; a cell over several rows is a merged region.

    Raises:
        InputError: no table, too many of them, or one that is too wide.
    """
    parser = _Tables()
    parser.feed(page)
    tables = [t for t in parser.tables if any(text for row in t for text, _, _ in row)]
    if not tables:
        raise not_a_table(file, "page", "HTML")
    if len(tables) > MAX_SHEETS:
        raise InputError("reading.too-many-sheets", file=file, sheets=len(tables), limit=MAX_SHEETS)
    for number, table in enumerate(tables, 1):
        yield _grid(table, None if len(tables) == 1 else f"table {number}", file, _CELLS_PER_BYTE * len(page))


def _grid(table: list[list[tuple[str, int, int]]], name: str | None, file: str, most: int) -> Grid:
    import polars as pl

    columns: list[list[str | None]] = []
    spans: list[Span] = []
    taken: dict[int, int] = {}  # column → first row that is free again
    for r, row in enumerate(table):
        c = 0
        for text, down, across in row:
            while taken.get(c, 0) > r:
                c += 1
            if c + across > MAX_COLUMNS:
                raise InputError(
                    "reading.too-many-columns",
                    file=file,
                    sheet=name or "",
                    columns=c + across,
                    limit=MAX_COLUMNS,
                )
            if len(columns) < c + across:
                check_cells(len(table), c + across, most, file=file, sheet=name or "")
                columns += ([] for _ in range(c + across - len(columns)))
            cells = columns[c]
            cells.extend([None] * (r - len(cells)))
            cells.append(text or None)
            if down > 1 or across > 1:
                bottom = min(r + down, len(table))
                spans.append(Span(r + 1, c, bottom, c + across - 1))
                for k in range(c, c + across):
                    taken[k] = bottom
            c += across
    for cells in columns:
        cells.extend([None] * (len(table) - len(cells)))
    data = pl.DataFrame({f"c{i}": pl.Series(cells, dtype=pl.String) for i, cells in enumerate(columns)})
    return Grid(name, data, Facts(merged=tuple(spans)))
