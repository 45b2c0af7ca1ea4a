"""Workbooks that cannot be finished: the error is told, and nothing else is."""

from __future__ import annotations

import errno
import gc
import io
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from sampler.files.book import new_book

FILES = Path(__file__).parents[2] / "sampler" / "files"


class FullDisk(io.BytesIO):
    """A file for which there is room only at its beginning."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, data: Any) -> int:
        if self.tell() + len(data) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data)


@pytest.fixture
def complaints(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the interpreter complains of where nobody can catch it."""
    found: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", found.append)
    return found


def fill(to: Any, write_only: bool, error: BaseException | None = None) -> None:
    with new_book(to, write_only=write_only) as book:
        first, second = (book.create_sheet(name) for name in ("a", "b"))
        for number in range(300):
            first.append([number, "text" * 20])
            second.append([number])
        if error is not None:
            raise error


@pytest.mark.parametrize("write_only", [True, False])
@pytest.mark.parametrize("room", [0, 1, 600, 2_000, 4_000])
def test_a_full_disk_is_one_error(write_only: bool, room: int, complaints: list[Any]) -> None:
    with pytest.raises(OSError, match="No space left"):
        fill(FullDisk(room), write_only)
    gc.collect()
    assert not complaints


@pytest.mark.parametrize("write_only", [True, False])
@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("row")])
def test_whatever_stops_it_is_the_only_thing_told(
    write_only: bool, error: BaseException, complaints: list[Any], tmp_path: Path
) -> None:
    with pytest.raises(type(error)):
        fill(tmp_path / "a.xlsx", write_only, error)
    gc.collect()
    assert not complaints
    assert not any(tmp_path.iterdir())


def test_temporary_files_go_with_the_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(OSError, match="No space left"):
        fill(FullDisk(600), True)
    fill(io.BytesIO(), True)
    assert not any(tmp_path.iterdir())


def test_a_book_that_can_be_written_is(tmp_path: Path) -> None:
    fill(tmp_path / "a.xlsx", True)
    assert load_workbook(tmp_path / "a.xlsx")["a"].max_row == 300


def test_every_workbook_is_written_so() -> None:
    for path in FILES.glob("*.py"):
        if path.name != "book.py":
            assert not re.search(r"\bWorkbook\(|\.save\(", path.read_text(encoding="utf-8")), path.name
