"""Calling a native reader on a file that may be damaged: whatever it does, the caller sees a result or an `InputError`."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import IO, TypeVar

from sampler.errors import InputError
from sampler.files.damage import first_words, refused

OUR_OWN = (ImportError, AttributeError, NameError, AssertionError)
"""A part of the installation that is missing, or a bug."""

_T = TypeVar("_T")


def call_native(read: Callable[[], _T], *, file: str) -> _T:
    """The outcome of ``read``.

    Raises:
        InputError: whatever went wrong in the library, a panic of its Rust code included. What no file can be to blame for
            (`OUR_OWN`) is raised as it is.
    """
    try:
        with _held_back:
            return read()
    except (InputError, KeyboardInterrupt, SystemExit, *OUR_OWN):
        raise
    except BaseException as error:  # pyo3 raises a panic as an exception that derives from BaseException alone
        if _interrupted(error):
            raise KeyboardInterrupt from None
        words = first_words(error)
        if "password" in words.lower():
            raise InputError("reading.password", file=file) from None
        raise refused(file, words) from None


def _interrupted(error: BaseException) -> bool:
    """Whether a person stopped the program: a library that calls Python back takes that for a failure of its own."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, KeyboardInterrupt):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


class _HeldBack:
    """What is written to the process's standard error while some threads hold it back: passed on only if all goes well.

    A panic prints its backtrace there before anyone can catch it; the message of the `InputError` says it better. Standard
    error is the whole process's: the first to hold it back turns it aside, the last to let go turns it to where it was.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._well = True
        self._aside: tuple[int, IO[bytes]] | None = None

    def __enter__(self) -> None:
        with self._lock:
            self._holders += 1
            if self._holders == 1:
                self._well = True
                self._aside = _turned_aside()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            self._holders -= 1
            self._well = self._well and kind is None
            if self._holders or self._aside is None:
                return
            (real, kept), self._aside = self._aside, None
            os.dup2(real, 2)
            os.close(real)
            with kept, contextlib.suppress(OSError):
                if self._well:
                    kept.seek(0)
                    os.write(2, kept.read())


def _turned_aside() -> tuple[int, IO[bytes]] | None:
    """The process's standard error as it was and what takes it in instead; None where there is none to speak of."""
    with contextlib.ExitStack() as stack:
        try:
            sys.stderr.flush()
            kept = stack.enter_context(tempfile.TemporaryFile())
            real = os.dup(2)
            stack.callback(os.close, real)
            os.dup2(kept.fileno(), 2)
        except (OSError, AttributeError, ValueError):
            return None
        stack.pop_all()
        return real, kept


_held_back = _HeldBack()
