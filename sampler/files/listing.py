"""What lies below a folder: which files are tables to read, and which are litter that no person made.

It loads nothing heavy: a run with nothing to do does no more than look.
"""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable
from pathlib import Path

SUFFIXES = frozenset(
    (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".tsv", ".txt", ".parquet", ".htm", ".html")
)
"""Names that a folder is searched for; a file given by name is read whatever its name."""

LOCK = "~$"
"""How the lock files of Office begin."""

_LITTER = (".ds_store", "._*", "thumbs.db", "ehthumbs.db", "desktop.ini", ".gitkeep", ".~lock.*#", f"{LOCK}*")
"""What operating systems and office programs leave behind; nobody ever types into it."""


def files_below(folder: Path, denied: Callable[[Path, OSError], object] | None = None) -> list[Path]:
    """Every file below a folder, in order of path; ``denied`` is told of each folder that cannot be looked into."""

    def tell(error: OSError) -> None:
        if denied is not None and not isinstance(error, FileNotFoundError):
            denied(Path(error.filename), error)

    found = (Path(root) / name for root, _, names in os.walk(folder, onerror=tell) for name in names)
    return sorted(path for path in found if path.is_file())


def is_table(below: Path) -> bool:
    """Whether a file, by its path below the folder that is searched, is a table to read: known by name, and not hidden."""
    hidden = any(part.startswith((".", LOCK)) for part in below.parts)
    return not hidden and below.suffix.lower() in SUFFIXES


def is_litter(name: str) -> bool:
    """Whether a file is one that no person made."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in _LITTER)
