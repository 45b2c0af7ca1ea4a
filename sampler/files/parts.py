"""Reading the parts of a plan folder: whatever is wrong with one is an error that names it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sampler.errors import InputError, refusal
from sampler.text import Text

Errors = type[Exception] | tuple[type[Exception], ...]


@contextmanager
def reading_part(path: Path, broken: Errors = (), reason: str = "") -> Iterator[None]:
    """Read a part of a plan folder in a block.

    Args:
        path: the part.
        broken: what the block raises where the part is not of its kind.
        reason: key of the text that says so.

    Raises:
        InputError: the part is missing, cannot be read, or is not of its kind.
    """
    try:
        yield
    except FileNotFoundError:
        raise InputError("archive.missing_part", file=path) from None
    except OSError as error:
        raise InputError("archive.broken_part", file=path, **refusal(error)) from None
    except broken:
        raise InputError("archive.broken_part", file=path, reason=Text.of(reason)) from None
