"""How the cells of a sheet look: their styles resolved, each property with one way to be written.

Two cells have the same look whichever program saved their workbook: a typeface that stands in for one that is not installed
and a hatching that was saved as one colour do not count.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from sampler.files.styles import FONT
from sampler.text import Text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

Cell = tuple[int, int]

SONG = frozenset(
    (
        FONT,
        "NSimSun",
        "STSong",
        "Songti SC",
        "\u5b8b\u4f53",
        "Noto Sans CJK SC",
        "Noto Serif CJK SC",
        "Source Han Serif SC",
        "WenQuanYi Micro Hei",
        "WenQuanYi Zen Hei",
        "AR PL UMing CN",
        "Droid Sans Fallback",
    )
)
"""Typefaces by which the Song typeface of our papers is replaced, by name, on machines that do not have it."""


class Look(NamedTuple):
    """A cell's style, resolved; each field is named by the entry ``verify.trait_<field>`` of the catalogue."""

    number_format: str
    locked: Text
    font: str
    fill: str
    border: str
    alignment: str


class Looks:
    """The looks of a sheet's cells; a cell that the file does not name looks like its row, else like its column."""

    def __init__(self, sheet: Worksheet) -> None:
        from openpyxl.cell.cell import MergedCell

        self._sheet, self._merged_type = sheet, MergedCell
        self._known: dict[Any, Look] = {}
        self._columns = {
            i: column
            for column in sheet.column_dimensions.values()
            for i in range(column.min or 1, min(column.max or 1, sheet.max_column + 1_000) + 1)
        }

    def at(self, cell: Cell) -> Look:
        """The look of a cell; of cells that are merged the first one's is shown."""
        styled = self._sheet._cells.get(cell)
        if styled is None:
            styled = self._sheet.row_dimensions.get(cell[0])
            if styled is None or not styled.has_style:
                styled = self._columns.get(cell[1])
        look = self._resolved(styled)
        value = getattr(styled, "value", None)
        return look._replace(font=_runs(value, look.font, self._sheet.parent)) if isinstance(value, list) else look

    def covers(self, cell: Cell) -> bool:
        """Whether nothing is seen of a cell, because it is merged with one before it."""
        return isinstance(self._sheet._cells.get(cell), self._merged_type)

    def _resolved(self, styled: Any) -> Look:
        key = None if styled is None or styled._style is None else tuple(styled._style)
        if key not in self._known:
            self._known[key] = _look(self._sheet, styled)
        return self._known[key]


def _look(sheet: Worksheet, styled: Any) -> Look:
    from openpyxl.cell import Cell as Plain

    if styled is None or styled._style is None:
        styled = Plain(sheet, row=1, column=1)
    book = sheet.parent
    protection, border, alignment = styled.protection, styled.border, styled.alignment
    return Look(
        number_format=_number_format(styled.number_format),
        locked=Text.of("verify.locked" if protection.locked else "verify.unlocked"),
        font=font_words(styled.font, book),
        fill=fill_words(styled.fill, book),
        border=border_words(border, book),
        alignment=listed(
            horizontal=unless(alignment.horizontal, "general"),
            vertical=unless(alignment.vertical, "bottom"),
            textRotation=alignment.textRotation,
            wrapText=alignment.wrapText,
            shrinkToFit=alignment.shrinkToFit,
            indent=int(alignment.indent or 0),
            readingOrder=int(alignment.readingOrder or 0),
        ),
    )


def listed(**attributes: object) -> str:
    """Attributes that are set, by the names that the file format gives them."""
    return " ".join(k if v is True else f"{k}={v}" for k, v in attributes.items() if v)


def unless(value: object, default: object) -> object:
    """``value``, nothing where it is the default."""
    return None if value == default else value


def _number_format(code: str) -> str:
    """A number format without the backslashes that some programs put before signs that stand for themselves."""
    plain = re.sub(r"\\([-/:() ])", r"\1", code)
    return "General" if plain.lower() == "general" else plain


def _colour(colour: Any, book: Workbook) -> str:
    if colour is None:
        return ""
    if colour.type == "rgb" and isinstance(colour.rgb, str):
        return colour.rgb[-6:].upper()
    if colour.type == "indexed" and 0 <= colour.indexed < len(book._colors):
        return str(book._colors[colour.indexed])[-6:].upper()
    return f"{colour.type}:{colour.value}:{colour.tint:g}"


def font_words(font: Any, book: Workbook) -> str:
    """A typeface with its size, colour and marks; also that of a piece of a text (there the name is ``rFont``)."""
    name = getattr(font, "rFont", None) or getattr(font, "name", None)
    return listed(
        name=FONT if name in SONG else name,
        scheme=font.scheme,
        sz=f"{font.sz:g}" if font.sz else None,
        color=_colour(font.color, book),
        b=bool(font.b),
        i=bool(font.i),
        u=unless(font.u, "none"),
        strike=bool(font.strike),
        outline=bool(font.outline),
        shadow=bool(font.shadow),
        vertAlign=unless(font.vertAlign, "baseline"),
    )


def _runs(value: list[Any], whole: str, book: Workbook) -> str:
    """The font of a text that is made of pieces: the one that all of them have, else each with its length."""
    runs: list[tuple[str, int]] = []
    for piece in value:
        font = whole if isinstance(piece, str) else font_words(piece.font, book)
        length = len(str(piece))
        if runs and runs[-1][0] == font:
            font, length = font, runs.pop()[1] + length
        if length:
            runs.append((font, length))
    return runs[0][0] if len(runs) == 1 else "; ".join(f"{length}: {font}" for font, length in runs)


def fill_words(fill: Any, book: Workbook, *, conditional: bool = False) -> str:
    """The colour of a cell's ground; a conditional one is the background of its pattern, any other the foreground."""
    if fill is None:
        return ""
    if not hasattr(fill, "patternType"):
        return f"gradient {fill.type}"
    front, back, pattern = _colour(fill.fgColor, book), _colour(fill.bgColor, book), fill.patternType
    if conditional and pattern in (None, "none", "solid"):
        return back
    if pattern in (None, "none"):
        return ""
    if pattern == "lightUp" and re.fullmatch("[0-9A-F]{12}", front + back):
        return _mixed(front, back, 0.25)
    return front if pattern == "solid" else f"{pattern} {front} {back}"


def _mixed(front: str, back: str, share: float) -> str:
    """The one colour that a hatching of two is saved as by programs that have no hatchings."""
    pairs = ((int(front[i : i + 2], 16), int(back[i : i + 2], 16)) for i in (0, 2, 4))
    return "".join(f"{round(share * f + (1 - share) * b):02X}" for f, b in pairs)


def border_words(border: Any, book: Workbook) -> str:
    """The lines around and across a cell."""
    sides = {}
    for name in ("left", "right", "top", "bottom", "diagonal"):
        side = getattr(border, name)
        if side is not None and side.style not in (None, "none"):
            sides[name] = f"{side.style}/{_colour(side.color, book)}"
    if "diagonal" in sides:
        sides["diagonal"] += f"/{'up' * bool(border.diagonalUp)}{'down' * bool(border.diagonalDown)}"
    return listed(**sides)
