"""Native readers on damaged files: what is the file's fault, and what is ours."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from sampler.errors import InputError
from sampler.files.guard import call_native


class Panic(BaseException):
    """What a panic of native code is raised as."""


def failing(error: BaseException) -> object:
    def read() -> None:
        raise error

    return read


@pytest.mark.parametrize("error", [ValueError("bad block"), Panic("index out of bounds"), OSError("short read")])
def test_whatever_goes_wrong_in_a_file_is_told_of_the_file(error: BaseException) -> None:
    with pytest.raises(InputError, match="damaged or incomplete") as caught:
        call_native(failing(error), file="r.xlsx")  # type: ignore[arg-type]
    assert f"（程序的技术细节：{error}）" in caught.value.message("zh")


@pytest.mark.parametrize("error", [ModuleNotFoundError("No module named 'pyarrow'"), AttributeError("no such option")])
def test_a_broken_installation_is_no_damaged_file(error: Exception) -> None:
    with pytest.raises(type(error)):
        call_native(failing(error), file="r.xlsx")  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), InputError("reading.empty-file", file="r.xlsx")])
def test_what_was_decided_stays_decided(error: BaseException) -> None:
    with pytest.raises(type(error)):
        call_native(failing(error), file="r.xlsx")  # type: ignore[arg-type]


@pytest.mark.parametrize("well", [True, False])
def test_standard_error_is_held_back_until_the_last_reader_is_done(
    capfd: pytest.CaptureFixture[str], well: bool
) -> None:
    """A panic's backtrace is withheld; what a reader writes that goes well comes out when nobody reads any more."""
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        first_in.set()
        second_in.wait(10)
        os.write(2, b"a warning of the first\n")
        if not well:
            raise Panic("index out of bounds")

    def second() -> None:
        second_in.set()
        first_out.wait(10)
        os.write(2, b"a warning of the second\n")

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(call_native, first, file="a.xlsx")
        first_in.wait(10)
        other = pool.submit(call_native, second, file="b.xlsx")
        assert (one.exception(10) is None) == well
        assert capfd.readouterr().err == ""
        first_out.set()
        other.result(10)
    assert capfd.readouterr().err == ("a warning of the first\na warning of the second\n" if well else "")
    os.write(2, b"afterwards\n")
    assert capfd.readouterr().err == "afterwards\n"


def test_an_interrupted_reader_is_no_damaged_file() -> None:
    def read() -> None:
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as stopped:  # as a library does that calls Python back
            raise ValueError("could not determine which columns to use") from stopped

    with pytest.raises(KeyboardInterrupt):
        call_native(read, file="r.xlsx")
