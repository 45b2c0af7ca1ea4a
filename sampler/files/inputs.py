"""Input files by their digests, and the watch that they stay what they are while they are read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from sampler.errors import InputError
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
            raise InputError("reading.unreadable", file=name, reason=error.strerror or error) from None
    return found


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
