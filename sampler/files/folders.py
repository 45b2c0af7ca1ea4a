"""Folders given as a registry: which of their files are the registry, and which sampler wrote itself or belong elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from sampler.errors import InputError, Issue
from sampler.files.layout import is_plan_folder
from sampler.files.listing import LOCK, SUFFIXES, walk
from sampler.files.notes import note, unreadable

CREATOR = "sampler"
"""Who the workbooks that sampler writes say made them."""

_PROPERTIES = {".xlsx": "docProps/core.xml", ".xlsm": "docProps/core.xml", ".ods": "meta.xml"}
"""Which part of a workbook says who made it, also where another program saved it since."""

_CREATED = re.compile(rb"[:-]creator\b[^>]*>" + CREATOR.encode() + b"</")
"""The property that says so; where lxml writes the XML, its tag holds the namespace."""


def registry_files(
    paths: Sequence[str | Path], *, but: Iterable[Path | None] = (), notes: list[Issue] | None = None
) -> list[Path]:
    """The files of a registry: those given by name, and the tables that lie in the folders given.

    A folder is searched in depth, in order of name, linked folders last. Left out are plan folders with everything in
    them, workbooks that sampler wrote, lock files of Office and whatever is hidden.

    Args:
        but: files and folders that the command names for another purpose (inspectors, an archive); left out as well.
        notes: takes a note for everything that was left out and might have been a registry.

    Raises:
        InputError: a folder holds no file to read.
    """
    told: list[Issue] = [] if notes is None else notes
    others = {path.resolve() for path in but if path is not None}
    found: list[Path] = []
    for given in map(Path, paths):
        found += _below(given, others, told) if given.is_dir() else [given]
    if not found:
        raise InputError("reading.no-files", paths=", ".join(map(str, paths)))
    return found


def _below(folder: Path, others: set[Path], notes: list[Issue]) -> Iterator[Path]:
    for here, folders, names in walk(folder, lambda path, error: notes.append(unreadable(path, error))):
        if is_plan_folder(here):
            notes.append(note("info", "plan-folder", str(here), None, done="reading.plan-folder"))
            folders.clear()
            continue
        folders[:] = [f for f in folders if not f.startswith(".") and (here / f).resolve() not in others]
        for path in (here / name for name in names):
            if path.name.startswith(LOCK):
                notes.append(note("info", "lock-file", str(path), None, done="reading.lock-file"))
            elif path.name.startswith(".") or path.suffix.lower() not in SUFFIXES:
                continue
            elif path.resolve() in others:
                notes.append(note("info", "other-purpose", str(path), None, done="reading.other-purpose"))
            elif made_by_sampler(path) or _published(path):
                notes.append(note("info", "own-file", str(path), None, done="reading.own-file"))
            else:
                yield path


def _published(path: Path) -> bool:
    """Whether it is the text or the page of a table that sampler wrote for the public in three forms."""
    forms = [path.with_suffix(suffix) for suffix in (".xlsx", ".csv", ".html")]
    return path in forms and all(form.is_file() for form in forms) and made_by_sampler(forms[0])


def made_by_sampler(path: Path) -> bool:
    """Whether a workbook says that sampler made it."""
    from zipfile import BadZipFile, ZipFile

    properties = _PROPERTIES.get(path.suffix.lower())
    if properties is None:
        return False
    try:
        with ZipFile(path) as package, package.open(properties) as part:
            return _CREATED.search(part.read(1 << 16)) is not None
    except (OSError, BadZipFile, KeyError, RuntimeError, NotImplementedError):
        return False
