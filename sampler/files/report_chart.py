"""The native chart of a report workbook: a forest plot that Excel, WPS and LibreOffice draw from the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def add_chart(
    sheet: Any,
    title: str,
    labels: int,
    places: Mapping[str, int],
    columns: int,
    *,
    rows: tuple[int, int],
    left: float,
    room: tuple[float, float],
) -> None:
    """Add a chart below a table: rates as dots with their intervals as error bars, targets as dashes.

    Args:
        sheet: the openpyxl worksheet that holds the table.
        labels: its first columns so many name a domain.
        places: figure (``rate``, ``target``) → column, from 1.
        columns: its columns; the last two hold the lengths of the error bars, below and above.
        rows: the header's row and the last.
        left: least value of the scale, in [0, 1).
        room: the width that the page has room for, and the height, in centimetres.
    """
    from openpyxl.chart import LineChart, Reference, Series
    from openpyxl.chart.data_source import NumDataSource, NumRef
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.utils import get_column_letter, quote_sheetname

    from sampler.files.styles import SHARE

    head, last = rows

    def block(column: int) -> str:
        letter = get_column_letter(column)
        return f"{quote_sheetname(sheet.title)}!${letter}${head + 1}:${letter}${last}"

    chart = LineChart()
    chart.title = title
    chart.height, chart.width = room[1], min(max(12, 1.1 * (last - head) + 6), room[0])
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = left, 1
    chart.y_axis.number_format = SHARE.format("0")
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    marks = [("rate", "circle", 8, "1F4E79")]
    if "target" in places:
        marks.append(("target", "dash", 9, "C00000"))
    for figure, symbol, size, colour in marks:
        series = Series(Reference(sheet, min_col=places[figure], min_row=head, max_row=last), title_from_data=True)
        series.marker.symbol, series.marker.size = symbol, size
        series.marker.graphicalProperties = GraphicalProperties(solidFill=colour)
        series.marker.graphicalProperties.line.solidFill = colour
        series.graphicalProperties = GraphicalProperties()
        series.graphicalProperties.line.noFill = True
        series.smooth = False
        if figure == "rate":
            minus, plus = (NumDataSource(numRef=NumRef(f=block(c))) for c in (columns - 1, columns))
            series.errBars = _error_bars(plus, minus)
        chart.series.append(series)
    chart.set_categories(Reference(sheet, min_col=1, max_col=labels, min_row=head + 1, max_row=last))
    sheet.add_chart(chart, f"A{last + 3}")


def _error_bars(plus: Any, minus: Any) -> Any:
    """Error bars of lengths of their own above and below.

    openpyxl writes ``minus`` before ``plus``; the schema has them the other way round (ECMA-376, CT_ErrBars), and Excel
    takes a chart that breaks the schema away.
    """
    from openpyxl.chart.error_bar import ErrorBars

    bars = ErrorBars(errDir="y", errBarType="both", errValType="cust", noEndCap=False, plus=plus, minus=minus)
    bars.__elements__ = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus", "val", "spPr")
    return bars
