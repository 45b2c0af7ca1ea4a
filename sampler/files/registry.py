"""Registries: files of any known format → a `Frame`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from sampler.design import Design
from sampler.errors import InputError, Issue
from sampler.files.folders import registry_files
from sampler.files.tables import read_tables
from sampler.frame import Frame
from sampler.intake.build import build_frame
from sampler.intake.headers import recogniser
from sampler.text import Text

NEEDED = tuple(Text.of(f"intake.field_{field}") for field in ("identity", "district", "category"))
"""What a registry must say of every row, for people."""

__all__ = ["build_frame", "read_registry"]


def read_registry(
    paths: Iterable[str | Path],
    design: Design,
    *,
    sheet: str | None = None,
    today: dt.date | None = None,
    but: Iterable[Path | None] = (),
) -> Frame:
    """The frame of a registry.

    Args:
        paths: its files and folders (see `registry_files`); all sheets with a known header are read.
        design: the design the frame is for: its categories, districts, vocabularies, [columns].
        sheet: read only the sheet of this name.
        today: dates after it are listed as lying in the future; by default the present day. The frame does not depend on it.
        but: what the command names for another purpose; not read where it lies in one of the folders.

    Raises:
        InputError: a file is not usable, or a field that no unit can do without is in no table.
    """
    left_out: list[Issue] = []
    files = registry_files(list(paths), but=but, notes=left_out)
    try:
        reading = read_tables(files, recognise=recogniser(design), sheet=sheet)
    except InputError as error:
        if error.key != "reading.no-header":
            raise
        raise InputError("intake.no_header", needed=NEEDED, **error.params) from None
    notes = (*left_out, *reading.all_notes)
    frame = build_frame(reading.tables, design, today=today or dt.date.today(), notes=notes)
    return replace(frame, files=tuple(dict.fromkeys(table.file for table in reading.tables)))
