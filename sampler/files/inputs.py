"""Input files: their digests, the watch that they stay what they are while they are read, and the seed in one."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from sampler.errors import InputError, UsageError, refusal
from sampler.files import layout
from sampler.files.layout import is_plan_folder
from sampler.files.returns import file_sha256


def input_digests(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of input files and of the tables in input folders, by the names they were given by.

    Raises:
        InputError: a file is missing or cannot be read.
    """
    from sampler.files.tables import list_files

    found = {}
    for path, name in list_files(paths, []):
        try:
            found[name] = file_sha256(path)
        except OSError as error:
            raise InputError("reading.unreadable", file=name, **refusal(error)) from None
    return found


PLAN_PARTS = (
    layout.DISTRICTS,
    layout.RETURNED,
    layout.INPUTS,
    layout.MANIFEST,
    layout.FRAME,
    layout.SELECTION,
    layout.STRATA,
)
PLAN_PAPERS = (layout.SUMMARY, layout.CHANGES, *(f"{layout.PUBLIC}/plan.{form}" for form in ("xlsx", "csv", "html")))
"""What a plan folder holds that no command may write over: its parts, with all that lies in them, and its papers."""


def refuse_overwriting(out: Path, inputs: Iterable[Path | None]) -> None:
    """Refuse a file to write that is one of the inputs, lies among them, or is a part of a plan folder.

    Raises:
        UsageError: it does.
    """
    target = out.resolve()
    for given in inputs:
        if given is None or not given.exists():
            continue
        if given.is_dir():
            among = not is_plan_folder(given) and out.is_file() and given.resolve() in target.parents
            if among and not _written_by_sampler(out):
                raise UsageError("reading.out_is_input", file=out)
        elif target == given.resolve() or (out.exists() and out.samefile(given)):
            raise UsageError("reading.out_is_input", file=out)
    for folder in filter(is_plan_folder, target.parents):
        name = target.relative_to(folder)
        if name.parts[0] in PLAN_PARTS or name.as_posix() in PLAN_PAPERS:
            raise UsageError("reading.out_is_plan", file=out, folder=folder)


def refuse_nowhere(out: Path) -> None:
    """Refuse a file to write into a folder that is not there: called before long work, not after it.

    Raises:
        InputError: it is not, or is no folder.
    """
    if not out.parent.is_dir():
        there = next(place for place in out.resolve().parents if place.exists())
        number = errno.ENOENT if there.is_dir() else errno.ENOTDIR
        raise InputError("archive.cannot_write", folder=out, **refusal(OSError(number, os.strerror(number))))


def _written_by_sampler(path: Path) -> bool:
    """Whether a report that is in the way is one of sampler's own: it may be written again."""
    from sampler.files.folders import made_by_sampler
    from sampler.files.listing import SUFFIXES

    return path.suffix.lower() not in SUFFIXES or made_by_sampler(path)


def read_seed(path: Path) -> str:
    """The seed in a file: its text without what is blank around it.

    Raises:
        InputError: the file cannot be read, or holds none.
    """
    try:
        seed = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise InputError("reading.unreadable", file=path, **refusal(error)) from None
    except UnicodeDecodeError:
        raise InputError("reading.encoding", file=path, tried="UTF-8") from None
    if not seed:
        raise InputError("run.bad_seed", file=path)
    return seed


@contextlib.contextmanager
def unchanged(paths: Iterable[Path]) -> Iterator[dict[str, str]]:
    """Yield the digests of some inputs, and hold that they are still the same when the block is done.

    Raises:
        InputError: a file was changed, replaced or taken away meanwhile; what was read of it may be a mixture.
    """
    given = list(paths)
    before = input_digests(given)
    yield before
    after = input_digests(given)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            raise InputError("run.input_changed", file=name)
