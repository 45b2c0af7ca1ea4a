"""What a file holds beside the values of its cells, as the readers of each format find it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


class Beside(NamedTuple):
    """Something that somebody wrote or drew.

    Attributes:
        code: the finding that tells of it: ``comment``, ``text-box``, ``picture``, or what could not be read.
        sheet: the sheet it is on, None where that is not known.
        row: 1-based, None where it is not known.
        column: 0-based, None where it is not known.
        words: what it says.
        number: of pictures, how many there are.
    """

    code: str
    sheet: str | None
    row: int | None = None
    column: int | None = None
    words: str = ""
    number: int = 1


class Struck(NamedTuple):
    """A cell that is crossed out, or a part of its text: 1-based row, 0-based column. It may be empty."""

    sheet: str
    row: int
    column: int


Parts: TypeAlias = Iterator[tuple[str | None, Iterator[Beside | Struck]]]
"""The sheet of each part of a file, and what is found in it; the crossed-out cells come first."""


class Pictures:
    """The pictures and drawn shapes of one sheet, counted to be told of once, by their names and the place of the first."""

    def __init__(self, sheet: str | None) -> None:
        self._sheet = sheet
        self._first: tuple[int | None, int | None] = (None, None)
        self._names: list[str] = []

    def add(self, name: str, row: int | None = None, column: int | None = None) -> None:
        """Count one more."""
        if not self._names:
            self._first = (row, column)
        self._names.append(name.strip())

    def told(self) -> Iterator[Beside]:
        """What there is to tell, if anything."""
        if self._names:
            names = " | ".join(filter(None, self._names))
            yield Beside("picture", self._sheet, *self._first, names, len(self._names))
