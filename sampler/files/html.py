"""Tables of an HTML page, which many systems export under the name of .xls."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from sampler.errors import InputError
from sampler.files.grid import MAX_COLUMNS, MAX_SHEETS, Facts, Grid, Span

_MAX_CELLS = 50_000_000


class _Tables(HTMLParser):
    """Collects the rows of every table; a table inside a cell ends as a table of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self._open: list[int] = []
        self._text: list[str] | None = None
        self._span = (1, 1)
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "title"):
            self._mute += 1
        elif tag == "table":
            self._end_cell()
            self.tables.append([])
            self._open.append(len(self.tables) - 1)
        elif tag == "tr" and self._open:
            self._end_cell()
            self.tables[self._open[-1]].append([])
        elif tag in ("td", "th") and self._open:
            self._end_cell()
            spans = {k: _span(v) for k, v in attrs if k in ("rowspan", "colspan")}
            self._span = (spans.get("rowspan", 1), spans.get("colspan", 1))
            self._text = []
        elif tag in ("br", "p", "div") and self._text:
            self._text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "title"):
            self._mute = max(0, self._mute - 1)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._text is not None and not self._mute:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is not None and self._open:
            table = self.tables[self._open[-1]]
            if not table:
                table.append([])
            text = "".join(self._text).replace("\xa0", " ").strip()
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
    parser.close()
    tables = [t for t in parser.tables if any(text for row in t for text, _, _ in row)]
    if not tables:
        raise InputError("reading.not-a-table", file=file, kind="HTML")
    if len(tables) > MAX_SHEETS:
        raise InputError("reading.too-many-sheets", file=file, sheets=len(tables), limit=MAX_SHEETS)
    for number, table in enumerate(tables, 1):
        yield _grid(table, None if len(tables) == 1 else f"table {number}", file)


def _grid(table: list[list[tuple[str, int, int]]], name: str | None, file: str) -> Grid:
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
            while len(columns) < c + across:
                columns.append([])
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
