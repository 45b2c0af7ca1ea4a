"""Calling a native reader on a file that may be damaged: whatever it does, the caller sees a result or an `InputError`."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from sampler.errors import InputError

OUR_OWN = (ImportError, AttributeError, NameError, AssertionError)
"""A part of the installation that is missing, or a bug."""

_T = TypeVar("_T")
_lock = threading.RLock()


def call_native(read: Callable[[], _T], *, file: str) -> _T:
    """The outcome of ``read``.

    Raises:
        InputError: whatever went wrong in the library, a panic of its Rust code included. What no file can be to blame for
            (`OUR_OWN`) is raised as it is.
    """
    try:
        with _stderr_held_back():
            return read()
    except (InputError, KeyboardInterrupt, SystemExit, *OUR_OWN):
        raise
    except BaseException as error:  # pyo3 raises a panic as an exception that derives from BaseException alone
        if _interrupted(error):
            raise KeyboardInterrupt from None
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        if "password" in reason.lower():
            raise InputError("reading.password", file=file) from None
        raise InputError("reading.damaged", file=file, reason=reason) from None


def _interrupted(error: BaseException) -> bool:
    """Whether a person stopped the program: a library that calls Python back takes that for a failure of its own."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, KeyboardInterrupt):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep what is written to the process's standard error, and pass it on only if all goes well.

    A panic prints its backtrace there before anyone can catch it; the message of the `InputError` says it better.
    """
    with _lock, contextlib.ExitStack() as stack:
        try:
            sys.stderr.flush()
            kept = stack.enter_context(tempfile.TemporaryFile())
            real = os.dup(2)
            stack.callback(os.close, real)
            os.dup2(kept.fileno(), 2)
        except (OSError, AttributeError, ValueError):  # no standard error to speak of
            yield
            return
        try:
            yield
        except BaseException:
            os.dup2(real, 2)
            raise
        os.dup2(real, 2)
        kept.seek(0)
        with contextlib.suppress(OSError):
            os.write(2, kept.read())
