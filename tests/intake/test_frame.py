"""The frame's digest: of its canonical text, and of nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib

import polars as pl

from sampler import frame as module
from sampler.frame import Frame, canonical_text


def frame(units: pl.DataFrame) -> Frame:
    return Frame(units, rows=units.height, merged=0, expanded=0, excluded={})


UNITS = pl.DataFrame(
    {
        "unit_id": ["b|food", "a|food"],
        "name": ['乙"店', "甲\t\r\n店"],
        "complaints": [None, 3],
        "established": [dt.date(2020, 1, 5), None],
        "blacklisted": [True, False],
        "source_row": [2, 3],
    }
)
TEXT = 'unit_id\tname\tcomplaints\testablished\tblacklisted\na|food\t甲 店\t3\t\tfalse\nb|food\t乙"店\t\t2020-01-05\ttrue\n'


def test_the_canonical_text() -> None:
    assert canonical_text(UNITS) == TEXT
    assert frame(UNITS).sha256() == hashlib.sha256(TEXT.encode()).hexdigest()


def test_where_a_unit_stood_is_not_part_of_what_it_is() -> None:
    moved = UNITS.reverse().with_columns(source_row=pl.Series([7, 8]))
    assert frame(moved).sha256() == frame(UNITS).sha256()


def test_anything_else_is() -> None:
    other = UNITS.with_columns(blacklisted=pl.Series([True, None]))
    assert frame(other).sha256() != frame(UNITS).sha256()


def test_many_units_are_digested_as_few(monkeypatch: object) -> None:
    many = pl.DataFrame({"unit_id": [f"{i:06}" for i in range(1_000)], "n": list(range(1_000))})
    whole = canonical_text(many)
    monkeypatch.setattr(module, "_SLICE", 7)  # type: ignore[attr-defined]
    assert canonical_text(many) == whole


def test_no_units() -> None:
    assert canonical_text(UNITS.clear()) == "unit_id\tname\tcomplaints\testablished\tblacklisted\n"


def test_the_account() -> None:
    assert frame(UNITS).adds_up()
    assert not Frame(UNITS, rows=3, merged=0, expanded=0, excluded={}).adds_up()
    assert Frame(UNITS, rows=5, merged=2, expanded=1, excluded={"status": 2}).adds_up()
