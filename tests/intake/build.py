"""Registries for tests: small workbooks written cell by cell, and the design they are read with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from openpyxl import Workbook

from sampler.config import load_design
from sampler.design import Design
from sampler.errors import Issue
from sampler.files.registry import read_registry
from sampler.frame import Frame

ROOT = Path(__file__).parent.parent.parent
TODAY = dt.date(2026, 9, 30)

HEADERS = ("企业名称", "统一社会信用代码", "所属区", "产品类别")
VALID = ("914403001922038216", "91330100799655058B", "91110108551385082Q", "91110000710926094P", "9152000071430580XT",
         "91310000741627329A", "92340602MA2PBMEM24")  # fmt: skip
"""Real codes with both check digits right."""
A, B, C, D, E, F, G = VALID

Rows = Sequence[Sequence[object]]


@cache
def guangzhou() -> Design:
    """The design that ships, without columns of its own."""
    return replace(load_design(ROOT / "configs" / "guangzhou.toml"), columns={})


def workbook(path: Path, sheets: dict[str, Rows] | Rows) -> Path:
    """A workbook at ``path`` whose sheets hold these rows from row 1 on."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in (sheets if isinstance(sheets, dict) else {"名录": sheets}).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.data_type = "s"  # also what begins with =
    book.save(path)
    return path


def registry(path: Path, *rows: tuple[object, ...], more: tuple[str, ...] = ()) -> Path:
    """A registry of one sheet below the usual headers and ``more``."""
    return workbook(path / "名录.xlsx", [(*HEADERS, *more), *rows])


def read(path: Path, design: Design | None = None, *, sheet: str | None = None) -> Frame:
    frame = read_registry([path], design or guangzhou(), sheet=sheet, today=TODAY)
    assert frame.adds_up()
    return frame


def found(frame: Frame, code: str) -> list[Issue]:
    return [issue for issue in frame.issues if issue.code == code]


def one(frame: Frame, code: str) -> Issue:
    (issue,) = found(frame, code)
    return issue


def field(frame: Frame, name: str) -> list[object]:
    """A column of the units in order of the rows they came from."""
    return frame.units.sort("source_file", "source_sheet", "source_row", "category")[name].to_list()
