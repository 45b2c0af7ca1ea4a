"""Registries: files of any known format → a `Frame`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

from sampler.design import Design
from sampler.files.tables import read_tables
from sampler.frame import Frame
from sampler.intake.build import build_frame
from sampler.intake.headers import recogniser

__all__ = ["build_frame", "read_registry"]


def read_registry(
    paths: Iterable[str | Path], design: Design, *, sheet: str | None = None, today: dt.date | None = None
) -> Frame:
    """The frame of a registry.

    Args:
        paths: its files and folders; all sheets with a known header are read.
        design: the design the frame is for: its categories, districts, vocabularies, [columns].
        sheet: read only the sheet of this name.
        today: dates after it are listed as lying in the future; by default the present day. The frame does not depend on it.

    Raises:
        InputError: a file is not usable, or a field that no unit can do without is in no table.
    """
    reading = read_tables(paths, recognise=recogniser(design), sheet=sheet)
    return build_frame(reading.tables, design, today=today or dt.date.today(), notes=reading.all_notes)
