"""Folders and files that appear whole or not at all, whatever stops the program.

A folder is written to a hidden sibling ``.name.PID.tmp`` and renamed when everything in it is on disk. Replacing one takes
two renames; between them the old folder is ``.name.PID.old``. What a killed run leaves behind is told by these names:
nobody reads it, and `recovered` puts an old folder back, or finishes the job, under the lock of the parent folder.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import UsageError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".sampler.lock"
_LEFTOVER = re.compile(r"\.(?P<name>.+)\.\d+\.(?P<kind>tmp|old)")


def lock_of(parent: Path) -> BaseFileLock:
    """The lock that whoever changes the folders below ``parent`` holds; the kernel releases it when a process dies.

    The same object for the same folder, so that one process may take it again inside.
    """
    from filelock import FileLock

    return FileLock(parent.resolve() / LOCK, is_singleton=True, thread_local=False)


@contextlib.contextmanager
def locked(parent: Path) -> Iterator[None]:
    """Hold the lock of an existing folder while a block runs, leftovers of killed runs cleared away.

    Raises:
        UsageError: another run holds it.
        OSError: the folder cannot be written.
    """
    from filelock import Timeout

    lock = lock_of(parent)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not (parent / LOCK).exists():  # filelock waits for a file that can never be made
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(parent)) from None
        raise UsageError("archive.locked", folder=parent) from None
    try:
        clear_leftovers(parent)
        yield
    finally:
        lock.release()


def clear_leftovers(parent: Path) -> list[Path]:
    """Put back or remove what killed runs left in ``parent``; the caller holds its lock. Returns what was dealt with."""
    found = []
    for path in sorted(parent.iterdir()):
        leftover = _LEFTOVER.fullmatch(path.name)
        if leftover is None or path.is_symlink():
            continue
        home = parent / leftover["name"]
        if not path.is_dir():
            path.unlink(missing_ok=True)
        elif leftover["kind"] == "old" and not home.exists():
            path.rename(home)
        else:
            shutil.rmtree(path, ignore_errors=True)
        found.append(path)
    return found


def recovered(folder: Path) -> Path:
    """``folder``, put back if a run was killed just when it replaced it."""
    if not folder.exists() and any(_olds(folder)):
        from filelock import Timeout

        with contextlib.suppress(Timeout, OSError), lock_of(folder.parent).acquire(timeout=0):
            old = next(_olds(folder), None)
            if old is not None and not folder.exists():
                old.rename(folder)
    return folder


def _olds(folder: Path) -> Iterator[Path]:
    if not folder.parent.is_dir():
        return
    for path in sorted(folder.parent.glob(".*.old")):
        leftover = _LEFTOVER.fullmatch(path.name)
        if leftover is not None and leftover["name"] == folder.name and path.is_dir():
            yield path


@contextlib.contextmanager
def whole(out: Path) -> Iterator[Path]:
    """A new folder that takes the name ``out`` when the block is done, and is gone when it fails.

    The caller holds the lock of ``out.parent``. An existing ``out`` is replaced; it stays as it was if anything goes wrong.
    """
    temporary = out.with_name(f".{out.name}.{os.getpid()}.tmp")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        yield temporary
        _sync(temporary)
        if out.exists():
            old = out.with_name(f".{out.name}.{os.getpid()}.old")
            out.rename(old)
            try:
                temporary.rename(out)
            except BaseException:
                old.rename(out)
                raise
            sync_folder(out.parent)
            shutil.rmtree(old, ignore_errors=True)
        else:
            temporary.rename(out)
        sync_folder(out.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def replaced(*paths: Path) -> Iterator[tuple[Path, ...]]:
    """Other names to write some files under; the files take their own when the block is done and all are on disk.

    Raises:
        OSError: they cannot be written; what had their names is still there.
    """
    temporary = tuple(path.with_name(f".{path.name}.{os.getpid()}.tmp") for path in paths)
    try:
        yield temporary
        for written in temporary:
            with written.open("rb+") as file:
                os.fsync(file.fileno())
        for written, path in zip(temporary, paths, strict=True):
            written.replace(path)
        for folder in {path.parent for path in paths}:
            sync_folder(folder)
    finally:
        for written in temporary:
            with contextlib.suppress(OSError):  # a folder that cannot be written to holds nothing of ours
                written.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name always stands for the old content or the new, on disk.

    Raises:
        OSError: it cannot be written; the old content is still there.
    """
    with replaced(path) as (temporary,):
        temporary.write_bytes(content)


def _sync(folder: Path) -> None:
    """Have everything below a folder on disk before its name says that it is whole."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        else:
            sync_folder(path)
    sync_folder(folder)


def sync_folder(path: Path) -> None:
    """Have a folder's names on disk."""
    if os.name == "posix":  # Windows has no handle for a folder, and needs none
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
