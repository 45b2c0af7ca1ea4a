"""What the table readers do not see: what people write into comments and text boxes, paste as pictures, or cross out.

It is looked for once the sheets could be opened. Whatever is wrong with it, the rows of the file count, and a finding tells
that something could not be read.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sampler.errors import Issue
from sampler.files import comments_ods, comments_xls, comments_xlsx
from sampler.files.beside import Parts, Struck
from sampler.files.biff import workbook_stream
from sampler.files.findings import finding
from sampler.files.grid import Grid, column_letter
from sampler.files.guard import OUR_OWN

_OLE = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Comments:
    """What a file holds beside the values of its cells.

    Attributes:
        path: the file.
        issues: a finding for each comment and text box, for the pictures of a sheet, and for what cannot be read.
        struck: sheet → row, 1-based, and 0-based column of the cells that are crossed out, or a part of their text.
    """

    path: Path
    issues: tuple[Issue, ...] = ()
    struck: Mapping[str | None, Set[tuple[int, int]]] = field(default_factory=dict)

    def struck_out(self, grid: Grid, file: str) -> list[Issue]:
        """A finding for each cell of a sheet that holds anything and is crossed out."""
        found: list[Issue] = []
        cells = set(self.struck.get(grid.sheet, ()))
        if grid.facts.struck and grid.sheet is not None:
            with _telling(found, file, grid.sheet), zipfile.ZipFile(self.path) as package:
                cells.update((c.row, c.column) for c in comments_xlsx.struck_within(package, grid.sheet, file))
        for row, column in sorted(cells):
            if row <= grid.data.height and f"c{column}" in grid.data.columns:
                words = (grid.data[f"c{column}"][row - 1] or "").strip()
                if words:
                    place = (grid.sheet, row, column_letter(column))
                    found.append(finding("warning", "struck-out", file, *place, words))
        return found


def read_comments(path: Path, file: str) -> Comments:
    """What an .xlsx, .xlsb, .ods or .xls file holds beside the values of its cells; of another file, nothing."""
    issues: list[Issue] = []
    struck: dict[str | None, set[tuple[int, int]]] = {}
    with _telling(issues, file, None):
        for sheet, found in _parts(path, file):
            with _telling(issues, file, sheet):
                for one in found:
                    if isinstance(one, Struck):
                        struck.setdefault(one.sheet, set()).add((one.row, one.column))
                        continue
                    letter = None if one.column is None else column_letter(one.column)
                    place = (file, one.sheet, one.row, letter)
                    issues.append(finding("warning", one.code, *place, one.words, count=one.number))
    return Comments(path, tuple(dict.fromkeys(issues)), struck)


@contextmanager
def _telling(issues: list[Issue], file: str, sheet: str | None) -> Iterator[None]:
    """Make a finding of whatever goes wrong in a block, but for what no file can be to blame for."""
    try:
        yield
    except OUR_OWN:
        raise
    except Exception:
        issues.append(finding("warning", "comments-not-read", file, sheet, None, None, None))


def _parts(path: Path, file: str) -> Parts:
    """What there is to look at, apart, so that a part that is damaged does not take the others with it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            spreadsheetml = any(name.startswith("xl/") for name in package.namelist())
            yield from (comments_xlsx if spreadsheetml else comments_ods).parts(package, file)
        return
    with path.open("rb") as source:
        head = source.read(len(_OLE))
        stream = workbook_stream(head + source.read()) if head == _OLE else None
    if stream is not None:
        yield from comments_xls.parts(stream)
