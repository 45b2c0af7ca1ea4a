"""What the sheets of a workbook show, print and let be changed, beside the values of their cells.

Every property has one way to be written, so that two workbooks compare equal whichever program saved them: what programs
change of their own accord, such as heights and widths in pixels, is allowed for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sampler.files.looks import SONG, Cell, Look, Looks, border_words, fill_words, font_words, listed, unless
from sampler.files.styles import FONT
from sampler.text import Text

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

_SHOWN_PLACES = 6


def appearance_differences(here: Workbook, again: Workbook) -> Iterator[Text]:
    """What the sheets that two workbooks have in common show, print or let be changed differently."""
    for sheet in again.worksheets:
        if sheet.title in here.sheetnames and hasattr(here[sheet.title], "iter_rows"):
            yield from _sheet_differences(here[sheet.title], sheet)


def _sheet_differences(here: Worksheet, again: Worksheet) -> Iterator[Text]:
    yield from _cell_differences(here, again)
    for what, read in (("comment", _comments), ("link", _links)):
        yield from _told(again, what, read(here), read(again), _cell_name)
    rows, columns = again.max_row, again.max_column
    yield from _told(again, "height", _heights(here, rows), _heights(again, rows), str, _about)
    yield from _told(again, "width", _widths(here, columns), _widths(again, columns), _letter, _about)
    for what, rules in (("validation", _validations), ("conditional", _conditional)):
        yield from _told(again, what, _by_column(rules(here)), _by_column(rules(again)), _letter)
    for what, whole in (("merged", _merged), ("page", _page), ("view", _view)):
        yield from _told(again, what, whole(here), whole(again), None)
    if here.protection.sheet and again.protection.sheet:  # that it is protected no longer is said by itself
        yield from _told(again, "protection", _protection(here), _protection(again), None)
    for what, part in (("header", "Header"), ("footer", "Footer")):
        yield from _told(again, what, _edges(here, part), _edges(again, part), None)


def _told(
    sheet: Worksheet,
    what: str,
    here: Mapping[Any, Any],
    again: Mapping[Any, Any],
    named: Callable[[Any], str] | None,
    agree: Callable[[Any, Any], bool] = lambda one, other: one == other,
) -> Iterator[Text]:
    """One text for all places at which a property differs alike.

    Args:
        sheet: the sheet.
        what: the property; the catalogue has ``verify.trait_<what>``.
        here, again: place → value; nothing is the empty text.
        named: gives the name of a place; without it places are not named.
        agree: whether two values are the same.
    """
    alike: dict[tuple[Any, Any], list[Any]] = {}
    for place in [*again, *(p for p in here if p not in again)]:
        one, other = here.get(place, ""), again.get(place, "")
        if not agree(one, other):
            alike.setdefault((one, other), []).append(place)
    for (one, other), places in alike.items():
        trait = Text.of(f"verify.trait_{what}")
        if named is not None:
            shown = ", ".join(map(named, places[:_SHOWN_PLACES]))
            more = f" … ({len(places)})" if len(places) > _SHOWN_PLACES else ""
            trait = Text.of("verify.trait_at", trait=trait, places=shown + more)
        yield Text.of("verify.trait", sheet=sheet.title, trait=trait, here=one, again=other)


def _about(one: object, other: object) -> bool:
    """Whether two lengths are the same up to the pixels of a screen."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= max(1.0, 0.05 * other)
    return one == other


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(column))


def _cell_name(cell: Cell) -> str:
    return f"{_letter(cell[1])}{cell[0]}"


# --- cells


def _cell_differences(here: Worksheet, again: Worksheet) -> Iterator[Text]:
    ours, theirs = Looks(again), Looks(here)
    cells = sorted(c for c in again._cells.keys() | here._cells.keys() if not (ours.covers(c) and theirs.covers(c)))
    pairs = [(cell, theirs.at(cell), ours.at(cell)) for cell in cells]
    differing = [(cell, one, other) for cell, one, other in pairs if one != other]
    for i, what in enumerate(Look._fields):
        yield from _told(
            again,
            what,
            {cell: one[i] for cell, one, _ in differing},
            {cell: other[i] for cell, _, other in differing},
            _cell_name,
        )


def _comments(sheet: Worksheet) -> dict[Cell, str]:
    return {at: str(cell.comment.text) for at, cell in sheet._cells.items() if getattr(cell, "comment", None)}


def _links(sheet: Worksheet) -> dict[Cell, str]:
    links = {at: getattr(cell, "hyperlink", None) for at, cell in sheet._cells.items()}
    return {at: str(link.target or link.location) for at, link in links.items() if link is not None}


# --- rows and columns


def _heights(sheet: Worksheet, rows: int) -> dict[int, float]:
    """Row → its height in points."""
    usual = float(sheet.sheet_format.defaultRowHeight or 15)
    heights = {n: row.height for n, row in sheet.row_dimensions.items() if row.height is not None}
    return {n: float(heights.get(n, usual)) for n in range(1, rows + 1)}


def _widths(sheet: Worksheet, columns: int) -> dict[int, float]:
    """Column → its width in characters."""
    usual = float(sheet.sheet_format.defaultColWidth or 8.43)
    widths = dict.fromkeys(range(1, columns + 1), usual)
    for column in sheet.column_dimensions.values():
        for i in range(column.min or 1, min(column.max or 1, columns) + 1):
            widths[i] = float(column.width or usual)
    return widths


# --- rules


def _validations(sheet: Worksheet) -> Iterator[tuple[Any, str]]:
    """What may be typed: range, rule."""
    for rule in sheet.data_validations.dataValidation:
        choice = rule.type == "list"
        pair = not choice and rule.operator in (None, "between", "notBetween")
        words = listed(
            type=rule.type,
            operator=None if choice else rule.operator or "between",
            formula1=_formula(rule.formula1),
            formula2=_formula(rule.formula2) if pair else None,
            errorStyle=unless(rule.errorStyle, "stop"),
            allowBlank=bool(rule.allowBlank),
            showDropDown=bool(rule.showDropDown),
            error=f"{rule.errorTitle}: {rule.error}" if rule.showErrorMessage else None,
            prompt=f"{rule.promptTitle}: {rule.prompt}" if rule.showInputMessage and rule.prompt else None,
        )
        yield from ((area, words) for area in rule.sqref.ranges)


def _conditional(sheet: Worksheet) -> Iterator[tuple[Any, str]]:
    """What looks otherwise under a condition: range, rule."""
    book = sheet.parent
    for formatting in sheet.conditional_formatting:
        for rule in formatting.rules:
            style = rule.dxf
            words = listed(
                type=rule.type,
                operator=rule.operator,
                formula="; ".join(_formula(f) for f in rule.formula),
                font=font_words(style.font, book) if style is not None and style.font is not None else None,
                fill=fill_words(style.fill, book, conditional=True) if style is not None else None,
                numFmt=style.numFmt.formatCode if style is not None and style.numFmt is not None else None,
                border=border_words(style.border, book) if style is not None and style.border is not None else None,
            )
            yield from ((area, words) for area in formatting.sqref.ranges)


def _formula(formula: object) -> str:
    return unquoted("" if formula is None else str(formula))


def unquoted(formula: str) -> str:
    """A formula without the quotes around names of sheets that some programs write and others do not."""
    return re.sub(r"'([^'\[\]!]+)'!", r"\1!", formula)


def _by_column(rules: Iterable[tuple[Any, str]]) -> dict[int, str]:
    """Column → its rules, each with the rows from and to which it applies."""
    found: dict[int, dict[str, list[tuple[int, int]]]] = {}
    for area, words in rules:
        for column in range(area.min_col, area.max_col + 1):
            found.setdefault(column, {}).setdefault(words, []).append((area.min_row, area.max_row))
    return {
        column: "\n".join(f"{_joined(spans)} {words}" for words, spans in sorted(by_rule.items()))
        for column, by_rule in found.items()
    }


def _joined(spans: list[tuple[int, int]]) -> str:
    """Spans of rows with those that touch made one."""
    whole: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if whole and first <= whole[-1][1] + 1:
            first, last = whole[-1][0], max(whole.pop()[1], last)
        whole.append((first, last))
    return ",".join(f"{first}-{last}" for first, last in whole)


# --- sheet and page


def _merged(sheet: Worksheet) -> dict[str, str]:
    return {str(area): str(area) for area in sheet.merged_cells.ranges}


def _page(sheet: Worksheet) -> dict[str, str]:
    """How a sheet is printed: property → it and its value."""
    setup, options, margins = sheet.page_setup, sheet.print_options, sheet.page_margins
    fitted = bool(sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage)
    values = {
        "printArea": re.sub(r"(^|,)[^,]*!|\$", r"\1", str(sheet.print_area or "")),
        "printTitleRows": sheet.print_title_rows,
        "printTitleColumns": sheet.print_title_cols,
        "paperSize": setup.paperSize,
        "orientation": unless(setup.orientation, "default"),
        "fitToWidth": (1 if setup.fitToWidth is None else setup.fitToWidth) if fitted else None,
        "fitToHeight": (1 if setup.fitToHeight is None else setup.fitToHeight) if fitted else None,
        "scale": None if fitted else unless(setup.scale, 100),
        "pageOrder": unless(setup.pageOrder, "downThenOver"),
        "firstPageNumber": setup.firstPageNumber if setup.useFirstPageNumber else None,
        "blackAndWhite": setup.blackAndWhite,
        "draft": setup.draft,
        "cellComments": unless(setup.cellComments, "none"),
        "errors": unless(setup.errors, "displayed"),
        "gridLines": options.gridLines,
        "headings": options.headings,
        "margins": " ".join(f"{getattr(margins, side):.1f}" for side in ("left", "right", "top", "bottom", "footer")),
        "breaks": " ".join(str(b.id) for axis in (sheet.row_breaks, sheet.col_breaks) for b in axis.brk if b.man),
    }
    return {key: f"{key}={value}" for key, value in values.items() if value or type(value) is int}


def _edges(sheet: Worksheet, part: str) -> dict[tuple[str, str], str]:
    """What is printed above (``Header``) or below (``Footer``) odd, even and first pages: (pages, place) → text."""
    found = {}
    differs = {"odd": True, "even": sheet.HeaderFooter.differentOddEven, "first": sheet.HeaderFooter.differentFirst}
    for which, own in differs.items():
        item = getattr(sheet, f"{which if own else 'odd'}{part}")
        for place in ("left", "center", "right"):
            piece = getattr(item, place)
            words = (piece.text or "").replace("_x000a_", "\n").replace("\r\n", "\n")
            face = (piece.font or "").partition(",")[0]
            style = listed(font=FONT if face in SONG else face, size=piece.size, color=piece.color)
            if words:
                found[which, place] = words + (f" [{style}]" if style else "")
    return found


def _protection(sheet: Worksheet) -> dict[str, str]:
    """What may not be done with a sheet that is protected."""
    protection = sheet.protection
    flags = (
        "selectLockedCells", "selectUnlockedCells", "formatCells", "formatColumns", "formatRows", "insertColumns",
        "insertRows", "insertHyperlinks", "deleteColumns", "deleteRows", "sort", "autoFilter", "pivotTables", "objects",
        "scenarios",
    )  # fmt: skip
    values = {flag: bool(getattr(protection, flag)) for flag in flags}
    values["password"] = bool(protection.password or protection.hashValue)
    return {name: f"{name}={int(value)}" for name, value in values.items()}


def _view(sheet: Worksheet) -> dict[str, str]:
    """How a sheet is shown on the screen."""
    view = sheet.sheet_view
    values = {
        "showFormulas": bool(view.showFormulas),
        "showZeros": view.showZeros is None or bool(view.showZeros),
        "rightToLeft": bool(view.rightToLeft),
        "zeroHeight": bool(sheet.sheet_format.zeroHeight),
    }
    return {name: f"{name}={int(value)}" for name, value in values.items()}
