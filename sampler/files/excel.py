"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods) through fastexcel (calamine), as grids."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.errors import InputError
from sampler.files import biff, opendocument, xlsb
from sampler.files.damage import damaged
from sampler.files.grid import MAX_COLUMNS, MAX_SHEETS, Facts, Grid
from sampler.files.guard import call_native
from sampler.files.isolated import load_isolated
from sampler.files.ooxml import check_strings, scan_sheet, worksheets
from sampler.files.package import check_package

if TYPE_CHECKING:
    import fastexcel
    import polars as pl

_SUFFIXES = {"xlsx": (".xlsx", ".xlsm"), "xlsb": (".xlsb",), "xls": (".xls",), "ods": (".ods",)}
_MIDNIGHT = r"^\d{4}-\d\d-\d\d 00:00:00$"
_ISO_TIME = r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?$"


def read_workbook(path: Path, kind: str, *, file: str, sheet: str | None, seen: list[str]) -> Iterator[Grid]:
    """The sheets of a workbook, each loaded once.

    Args:
        path: the workbook.
        kind: what it is by content: xlsx, xlsb, xls or ods.
        file: the name to call it by.
        sheet: only the sheet of this name, or None for all.
        seen: the names of all its sheets are appended here.

    Raises:
        InputError: damaged, protected, or beyond the limits of `grid`.
    """
    if kind == "xlsx":
        yield from _read_xlsx(path, file, sheet, seen)
        return
    scan = {"xls": biff.scan_sheets, "ods": opendocument.scan_sheets, "xlsb": xlsb.scan_sheets}[kind]
    facts = scan(path, file=file)
    seen += facts
    _check_sheets(list(facts), file)
    wanted = [name for name in facts if _wanted(name, sheet)]
    if kind == "xls":
        for name, frame in load_isolated(path, wanted, file=file) if wanted else ():
            yield Grid(name, _plain_dates(frame, iso=False), facts[name])
    elif wanted:
        reader = call_native(lambda: open_reader(path, kind), file=file)
        for name in wanted:
            yield _load(reader, name, file, facts[name], iso=kind == "ods")


def _wanted(name: str, sheet: str | None) -> bool:
    return sheet is None or name.strip().casefold() == sheet.strip().casefold()


def _check_sheets(names: Sequence[str], file: str) -> None:
    if len(names) > MAX_SHEETS:
        raise InputError("reading.too-many-sheets", file=file, sheets=len(names), limit=MAX_SHEETS)


def _read_xlsx(path: Path, file: str, sheet: str | None, seen: list[str]) -> Iterator[Grid]:
    """The sheets of an .xlsx package: no part is loaded before it has been looked at.

    The library works without Python's lock, so a second thread looks at the next sheet while it loads one.
    """
    try:
        with zipfile.ZipFile(path) as package:
            check_package(package, file=file)
            parts = worksheets(package, file=file)
            seen += [p.name for p in parts]
            _check_sheets([p.name for p in parts], file)
            wanted = [p for p in parts if _wanted(p.name, sheet)]
            if not wanted:
                return
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(file, error) from None
    with ThreadPoolExecutor(max_workers=1) as pool:
        opening = pool.submit(_open_checked, path, file)
        facts = scan_sheet(path, wanted[0], file=file)
        reader = opening.result()
        for part, following in zip(wanted, [*wanted[1:], None], strict=True):
            looking = pool.submit(scan_sheet, path, following, file=file) if following else None
            yield _load(reader, part.name, file, facts)
            if looking:
                facts = looking.result()


def _open_checked(path: Path, file: str) -> fastexcel.ExcelReader:
    with zipfile.ZipFile(path) as package:
        check_strings(package, file=file)
    return call_native(lambda: open_reader(path, "xlsx"), file=file)


def open_reader(path: Path, kind: str) -> fastexcel.ExcelReader:
    """The library's reader of a workbook that has been looked at."""
    import fastexcel

    # The library goes by the suffix of a path, and by the content of bytes; it takes no name that is not Unicode.
    named = path.suffix.lower() in _SUFFIXES[kind] and _is_unicode(str(path))
    source: str | bytes = str(path) if named else path.read_bytes()
    return fastexcel.read_excel(source)


def _is_unicode(name: str) -> bool:
    """Whether a name holds no bytes that the locale's encoding does not know."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _load(reader: fastexcel.ExcelReader, name: str, file: str, facts: Facts, *, iso: bool = False) -> Grid:
    frame = call_native(lambda: load_frame(reader, name, file=file), file=file)
    return Grid(name, _with_texts(_plain_dates(frame, iso=iso), facts), facts)


def load_frame(reader: fastexcel.ExcelReader, name: str, *, file: str) -> pl.DataFrame:
    """One sheet from its row 1 on as String columns ``c{i}``, i the source column.

    Loaded eagerly, of an .xlsx the library keeps no second copy of every text: a fifth less time and memory.

    Raises:
        InputError: more columns than a table may have.
    """
    import polars as pl

    places: list[int] = []

    def seen(column: Any) -> bool:
        """Note where a column stands, which the loaded table does not tell; all are taken."""
        places.append(column.absolute_index)
        return True

    loaded = reader.load_sheet(
        name,
        header_row=None,
        skip_rows=0,
        use_columns=seen,
        dtypes="string",
        whitespace_as_null=True,
        eager=True,
    )
    if len(places) > MAX_COLUMNS:
        raise InputError("reading.too-many-columns", file=file, sheet=name, columns=len(places), limit=MAX_COLUMNS)
    frame = pl.DataFrame(pl.from_arrow(loaded))
    frame.columns = [f"c{i}" for i in places]
    return frame


def _plain_dates(frame: pl.DataFrame, *, iso: bool) -> pl.DataFrame:
    """Dates without the midnight, times of day without the day zero, and a blank between date and time.

    Each change is made only in columns that call for it: on a large sheet most do not, and hold no text of such a length.
    """
    import polars as pl

    if not frame.height or not frame.width:
        return frame
    fitting = frame.select(pl.all().str.len_bytes().is_between(19, 29).any()).row(0, named=True)
    names = [name for name, fits in fitting.items() if fits]
    if not names:
        return frame
    text = pl.col(names).str
    tests = {"timed": text.starts_with("1899-12-3"), "dated": text.ends_with(" 00:00:00")}
    if iso:
        tests["parted"] = text.contains(_ISO_TIME)
    found = frame.select(test.any().name.suffix(f"|{name}") for name, test in tests.items()).row(0, named=True)
    changes = []
    for name in names:
        timed, dated, parted = (found.get(f"{name}|{test}", False) for test in ("timed", "dated", "parted"))
        column = pl.col(name)
        if timed:
            column = column.str.strip_prefix("1899-12-30 ").str.strip_prefix("1899-12-31 ")
        if dated:
            column = pl.when(column.str.contains(_MIDNIGHT)).then(column.str.head(10)).otherwise(column)
        if parted:
            column = column.str.replace(_ISO_TIME, "$1 $2")
        if timed or dated or parted:
            changes.append(column)
    return frame.with_columns(changes) if changes else frame


def _with_texts(frame: pl.DataFrame, facts: Facts) -> pl.DataFrame:
    """``frame`` with the values that the library does not give."""
    import polars as pl

    columns: dict[str, dict[int, str]] = {}
    for row, column, text in facts.texts:
        if row <= frame.height and f"c{column}" in frame.columns:
            columns.setdefault(f"c{column}", {})[row - 1] = text
    changed = [
        frame[name].scatter(list(cells), pl.Series(list(cells.values()), dtype=pl.String))
        for name, cells in columns.items()
    ]
    return frame.with_columns(changed) if changed else frame
