"""How our workbooks look, and how a value gets into a cell without ever becoming a formula."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal
from weakref import WeakKeyDictionary

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.properties import PageSetupProperties

from sampler.files.folders import CREATOR

FONT = "SimSun"
DATE = "yyyy-mm-dd"
SHARE = "{}%"
"""Number format of shares, of the digits put in: as texts have them."""
GREY = "F2F2F2"
HEADER = "D9E2EC"
MISSING = "FFE699"
WRONG = "F8B4B4"
WAITING = "DDEBF7"
_HATCH = "6C8EBF"

LINE_POINTS = 14.5
"""Height of one line of 10.5-point text."""

UNIT_MM = 7 * 25.4 / 96
"""Millimetres of a unit of column width of 7 pixels (see `set_width_unit`)."""

PAGE_MM, UPRIGHT_MM = 286.0, 199.0
"""Width of an A4 page on its long and on its short side within the margins of `set_page`, in millimetres, less what
rounding takes."""

_HIGHEST_ROW = 409.0

# What XML 1.0 cannot hold: control characters other than tab and line breaks, lone surrogates, non-characters.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ inside a cell's text as the character 0041; escaping the underscore keeps the text as it is.
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_LONGEST = 32_767
# Widths of DejaVu Serif, in characters: what Linux shows where there is no Song typeface.
_LETTERS = (("fijlrt-'.,:;()/", 0.8), ("mw", 1.8), ("MW", 2.1), ("abcdeghknopqsuvxyz", 1.2), ("ABCDEGHKNOQRUVXY", 1.6))
_PADDING = 0.7
"""Of a column's width, in characters, what stays free beside its words."""
_WORD = re.compile(r"[!-,.-~]+-?|.")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Place = Literal["left", "center", "right"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks and what may be done with it."""

    size: float = 10.5
    bold: bool = False
    colour: str = "000000"
    fill: str | None = None
    border: bool = True
    locked: bool = True
    align: Place = "center"
    wrap: bool = True
    number_format: str = "General"
    quoted: bool = False
    shrink: bool = False
    top: bool = False
    indent: int = 0
    parted: bool = False
    """Whether a heavy line parts it from the cell above."""


PRESET = Look(fill=GREY)
PRESET_TEXT = replace(PRESET, align="left")
FILLED = Look(locked=False)
HEAD = Look(bold=True, fill=HEADER)
TITLE = Look(size=16, bold=True, border=False, align="left", wrap=False)
PLAIN = Look(border=False, align="left", wrap=False)


def cell_text(value: object) -> str:
    """``value`` as text that a cell can hold: unprintable characters as U+FFFD, at most 32,767 characters."""
    text = str(value)
    if text.isprintable() and "_x" not in text:
        return text[:_LONGEST]
    return _ESCAPE_LIKE.sub("_x005F_", _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text))[:_LONGEST]


def looks_like_formula(value: str) -> bool:
    """Whether a spreadsheet might take ``value`` for a formula when it is typed, pasted or imported."""
    return value.startswith(_FORMULA_STARTS)


_made: WeakKeyDictionary[Any, dict[Look, Any]] = WeakKeyDictionary()
"""Workbook → look → its style there: making the objects of a style takes longer than writing the cell."""


def styled_cell(sheet: Any, look: Look, value: object = None) -> Any:
    """A new cell of a write-only sheet with a look and a value (see `put`)."""
    if isinstance(value, str) and looks_like_formula(value):
        look = replace(look, quoted=True)
    styles = _made.setdefault(sheet.parent, {})
    if look not in styles:
        styles[look] = _style(sheet, look)
    cell = Cell(sheet, row=1, column=1, style_array=styles[look])
    put(cell, value)
    return cell


def _style(sheet: Any, look: Look) -> Any:
    cell = WriteOnlyCell(sheet)
    cell.font = Font(name=FONT, size=look.size, bold=look.bold, color=look.colour, charset=134)
    if look.fill:
        cell.fill = _fill(look.fill)
    if look.border:
        side = Side(style="thin", color="808080")
        top = Side(style="medium", color="404040") if look.parted else side
        cell.border = Border(left=side, right=side, top=top, bottom=side)
    cell.alignment = Alignment(
        horizontal=look.align,
        vertical="top" if look.top else "center",
        wrap_text=look.wrap,
        shrink_to_fit=look.shrink or None,
        indent=look.indent,
    )
    cell.protection = Protection(locked=look.locked)
    cell.number_format = look.number_format
    if look.quoted:
        cell.quotePrefix = True
    return cell._style


def put(cell: Any, value: object) -> None:
    """Write a value into a cell. Text stays text, whatever it begins with; anything else stays what it is."""
    if isinstance(value, str):
        cell.value = cell_text(value)
        cell.data_type = "s"
    else:
        cell.value = value


def formula_cell(sheet: Any, look: Look, formula: str) -> Any:
    """A cell that holds a formula of ours; never used for anything that came from outside."""
    cell = styled_cell(sheet, look)
    cell.value = formula
    return cell


def _fill(colour: str) -> Any:
    """A colour all over, hatched where it means waiting: without colours it is not to be taken for what is missing."""
    if colour == WAITING:
        return PatternFill("lightUp", start_color=_HATCH, end_color=colour)
    return PatternFill("solid", start_color=colour, end_color=colour)


class _ReusedCell(Cell):  # type: ignore[misc]
    """A cell that is handed to a write-only sheet again and again.

    The sheet first takes every cell for a plain value and formats it into the message of an error that it then drops.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "cell"


class RowStencil:
    """One cell per column, made once and filled for every row: styles are resolved per column instead of per cell.

    A write-only sheet writes a row at once, so its cells are free again for the next one.
    """

    def __init__(self, sheet: Any, looks: Sequence[Look]) -> None:
        self._plain = [_reused(sheet, look) for look in looks]
        self._quoted = [_reused(sheet, replace(look, quoted=True)) for look in looks]

    def cells(self, values: Iterable[object]) -> list[Any]:
        """The row's cells, to be appended before the next call."""
        row = []
        for plain, quoted, value in zip(self._plain, self._quoted, values, strict=True):
            cell = quoted if isinstance(value, str) and looks_like_formula(value) else plain
            if value is not None or cell.value is not None:
                put(cell, value)
            row.append(cell)
        return row


def _reused(sheet: Any, look: Look) -> Any:
    model = styled_cell(sheet, look)
    return _ReusedCell(sheet, column=1, row=1, style_array=model._style)


@lru_cache(maxsize=65_536, typed=True)  # 1 and 1.0 are equal, and written differently
def text_width(value: object) -> int:
    """Columns of a fixed-width screen that ``value`` takes: 2 for a Chinese character, 1 for a Latin one."""
    return max((len(line.encode("gbk", "replace")) for line in str(value).splitlines()), default=0)


def fitted_width(header: str, values: Iterable[object], least: float, most: float) -> float:
    """Column width between ``least`` and ``most`` that holds the longest value, and no word of the header broken."""
    longest = max((text_width(v) for v in values if v is not None), default=0)
    word = max(map(len, re.findall(r"[!-~]+", header)), default=0)
    return max(min(max(least, longest + 1.2), most), word + 1.6 if word > 3 else 0)


def unbroken_width(value: object, look: Look, *, hyphens: bool = True) -> float:
    """Column width that holds the longest word of ``value``: a line breaks at blanks and, if so wanted, at ``hyphens``;
    in Chinese anywhere."""
    words = re.findall(r"[!-,.-~]+-?" if hyphens else r"[!-~]+", str(value))
    if not words:
        return 0.0
    return max(_word_width(word, look.bold) for word in words) * look.size / Look().size + _PADDING


def _word_width(word: str, bold: bool) -> float:
    """Width of a Latin word: a character a letter in the font, and more where a font of wider letters stands in for it."""
    wide = sum(next((w for letters, w in _LETTERS if c in letters), 1.3) for c in word)
    return max(wide * (1.2 if bold else 1.0), len(word))


def lines_needed(value: object, width: float) -> int:
    """Lines that ``value`` takes in a wrapped column of ``width`` characters."""
    room = max(width - 1, 1)
    lines = [] if value is None else str(value).splitlines()
    return max(1, sum(max(1, math.ceil(text_width(line) / room)) for line in lines))


def lines_of_words(value: object, width: float, look: Look) -> int:
    """Lines that ``value`` takes in a wrapped column of ``width`` characters, every word whole that fits a line."""
    room, smaller = width - _PADDING, look.size / Look().size
    lines = 0
    for line in str(value).splitlines():
        lines, used = lines + 1, 0.0
        for word in _WORD.findall(line):
            wide = (_word_width(word, look.bold) if word.isascii() else text_width(word)) * smaller
            if used and used + wide > room and word != " ":
                lines, used = lines + 1, 0.0
            used += wide
            while used > room and word != " ":
                lines, used = lines + 1, used - room
    return max(lines, 1)


def row_height(lines: int, *, least: float = 0.0) -> float:
    """Height in points of a row of ``lines`` lines, at least ``least``, at most what a spreadsheet allows."""
    return min(max(least, LINE_POINTS * lines + 4), _HIGHEST_ROW)


def set_width_unit(book: Any) -> None:
    """Make a unit of column width 7 pixels wide in every program; before the book's first sheet.

    The unit is a digit of the book's default font. openpyxl's is missing on most machines without Office, where what stands
    in for it is a third wider: the page then shrinks to fit, and its print with it. Verdana is part of Windows and
    macOS, and its free substitute DejaVu Sans has digits of the same width.
    """
    font = Font(name="Verdana", size=8)
    book._fonts[0] = font
    book._named_styles["Normal"].font = font


def set_widths(sheet: Any, widths: Sequence[float]) -> None:
    """Set the widths of a sheet's first columns; before its first row."""
    from openpyxl.utils import get_column_letter

    for i, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(i)].width = width


def merge_cells(sheet: Any, area: str) -> None:
    """Merge an area of a write-only sheet that overlaps no other.

    openpyxl's own way compares it with every area before it, which takes seconds for a sheet of many.
    """
    sheet.merged_cells.ranges.add(CellRange(area))


class LineBreakingFooter(HeaderFooterItem):  # type: ignore[misc]
    """A footer of several lines: openpyxl escapes the break, which Excel undoes and LibreOffice prints as it stands."""

    def to_tree(self, tagname: str) -> Any:
        """The footer's element, its lines parted by line feeds."""
        tree = super().to_tree(tagname)
        tree.text = tree.text.replace("_x000a_", "\n")
        return tree


def sign(book: Any, title: str) -> None:
    """Say in a workbook's properties what it is, and that sampler made it (`folders.made_by_sampler` asks for that)."""
    book.properties.title, book.properties.creator = title, CREATOR


def set_page(
    sheet: Any,
    *,
    left: str,
    centre: str,
    right: str,
    repeat: str | None = None,
    landscape: bool = True,
    single: bool = False,
) -> None:
    """A4, one page wide, as many high as it takes, with a footer; before the sheet's first row.

    Args:
        left, centre, right: the footer's texts, in which ``&`` begins a code (see `footer_text`).
        repeat: rows to print on every page, e.g. ``"3:3"``.
        landscape: whether the page lies on its long side.
        single: whether all stands on one page, printed smaller if need be.
    """
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = int(single)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins.left = sheet.page_margins.right = 0.2
    sheet.page_margins.top, sheet.page_margins.bottom = 0.4, 0.9
    sheet.page_margins.header, sheet.page_margins.footer = 0.2, 0.3
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.oddFooter = LineBreakingFooter()
    for part, words in (("left", left), ("center", centre), ("right", right)):
        item = getattr(sheet.HeaderFooter.oddFooter, part)
        item.text, item.font, item.size = words, f"{FONT},Regular", 9
    if repeat:
        sheet.print_title_rows = repeat


def footer_text(value: str) -> str:
    """``value`` as the text of a footer, where ``&`` is a code and is written twice."""
    return value.replace("&", "&&")


def protect(sheet: Any) -> None:
    """Lock what is not unlocked, without a password; filtering, formats, widths and heights stay allowed.

    Sorting is not: Excel refuses to sort locked cells even where it is.
    """
    protection = sheet.protection
    protection.sheet = True
    protection.autoFilter = False
    protection.formatCells = protection.formatColumns = protection.formatRows = False


def colour_rule(formula: str, colour: str) -> Any:
    """A conditional colour; ``formula`` is written for the first cell of its range, without ``=``."""
    return FormulaRule(formula=[formula], fill=_fill(colour))


def choice_list(labels: Sequence[str], title: str, message: str) -> Any:
    """A drop-down of ``labels``, written into the sheet itself so that it survives the sheet being copied elsewhere.

    Raises:
        ValueError: a label holds a comma, or all of them together are past the 255 characters a list may have.
    """
    joined = ",".join(labels)
    if any("," in label or '"' in label for label in labels) or len(joined) > 255:
        raise ValueError(f"a drop-down's labels have no commas and 255 characters in all, but got {labels!r}")
    rule = DataValidation(type="list", formula1=f'"{joined}"', allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = title, message
    return rule


def page_break(sheet: Any, row: int) -> None:
    """Begin a new page after ``row``."""
    sheet.row_breaks.append(Break(id=row))
