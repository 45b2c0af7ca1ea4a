"""What lies below a folder: which files are tables to read, and which are litter that no person made.

It loads nothing heavy: a run with nothing to do does no more than look.
"""

from __future__ import annotations

import errno
import fnmatch
import os
from collections.abc import Callable, Iterator
from pathlib import Path

SUFFIXES = frozenset(
    (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".csv", ".tsv", ".txt", ".parquet", ".htm", ".html")
)
"""Names that a folder is searched for; a file given by name is read whatever its name."""

LOCK = "~$"
"""How the lock files of Office begin."""

_LITTER = (".ds_store", "._*", "thumbs.db", "ehthumbs.db", "desktop.ini", ".gitkeep", ".~lock.*#", f"{LOCK}*")
"""What operating systems and office programs leave behind; nobody ever types into it."""


Denied = Callable[[Path, OSError], object]
"""Is told of a folder that cannot be looked into, or of a link that leads nowhere, and why."""


def walk(folder: Path, denied: Denied | None = None) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Every folder below a folder and itself, each once, with the names of its folders and of its files in order.

    Folders that are linked are entered after all others; whoever takes names of folders out of the list keeps them from
    being entered. A link that leads to where the search began, or above it, is not followed but `denied`, like one that
    leads nowhere.
    """

    def tell(error: OSError) -> None:
        if denied is not None and not isinstance(error, FileNotFoundError):
            denied(Path(error.filename), error)

    start = folder.resolve()
    seen: set[Path] = set()
    waiting = [folder]
    while waiting:
        for root, folders, names in os.walk(waiting.pop(0), onerror=tell):
            here = Path(root)
            if (real := here.resolve()) in seen:
                folders.clear()
                continue
            seen.add(real)
            folders.sort()
            yield here, folders, sorted(names)
            for link in (path for name in (*folders, *sorted(names)) if (path := here / name).is_symlink()):
                try:
                    target = Path(os.path.realpath(link, strict=True))
                    if start.is_relative_to(target):
                        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
                except OSError as error:
                    # The locks of some editors are hidden links to nothing.
                    if denied is not None and not link.name.startswith("."):
                        denied(link, error)
                    continue
                if target.is_dir():
                    waiting.append(link)


def files_below(folder: Path, denied: Denied | None = None) -> list[Path]:
    """Every file below a folder, in order of path, linked folders entered as `walk` does."""
    found = (here / name for here, _, names in walk(folder, denied) for name in names)
    return sorted(path for path in found if os.path.isfile(path))


def is_table(below: Path) -> bool:
    """Whether a file, by its path below the folder that is searched, is a table to read: known by name, and not hidden."""
    hidden = any(part.startswith((".", LOCK)) for part in below.parts)
    return not hidden and below.suffix.lower() in SUFFIXES


def is_litter(name: str) -> bool:
    """Whether a file is one that no person made."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in _LITTER)
