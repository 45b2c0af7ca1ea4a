"""Telling which files a registry was read from, where a folder left that open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sampler.cli.console import Output
from sampler.text import text


def tell_files(say: Output, given: Sequence[Path], files: Sequence[str]) -> None:
    """Name the files on stderr if a folder was among the arguments."""
    if any(path.is_dir() for path in given):
        listed = text("common.comma", say.lang).join(files)
        say.say("reading.files_read", count=len(files), listed=listed)
