"""Why a file cannot be read, told by a closed set of reasons; the words of a library only where none of them fits."""

from __future__ import annotations

import re
import struct
import zlib
from xml.etree import ElementTree
from zipfile import BadZipFile

from sampler.errors import InputError, refusal
from sampler.text import Text

_MOST = 200  # characters of a library's own words

_NO_ITEM = re.compile(r"There is no item named (['\"])(.*)\1 in the archive")
_STRUCTURE = (struct.error, ValueError, LookupError, OverflowError, MemoryError)


def damaged(file: str, error: Exception, part: str = "") -> InputError:
    """The error of a damaged file, for what reading it raised.

    Args:
        file: the name to call it by.
        error: what was raised.
        part: the part of a package that was being read; empty for the file as a whole.
    """
    return InputError("reading.damaged", file=file, reason=_reason(error, part))


def refused(file: str, words: str) -> InputError:
    """The error of a file that a library refuses for a reason that only the library's own words tell."""
    return InputError("reading.damaged", file=file, reason=Text.of("reading.damage_told", words=words))


def not_a_table(file: str, kind: str, name: str) -> InputError:
    """The error of a sound file that is no table.

    Args:
        file: the name to call it by.
        kind: document, picture, packed, page, book or office: what it is, and so what helps.
        name: the format's own name.
    """
    remedy = {"packed": "unpack", "page": "save", "book": "save"}.get(kind, "table")
    return InputError(
        "reading.not-a-table",
        file=file,
        kind=Text.of(f"reading.kind_{kind}", name=name),
        remedy=Text.of(f"reading.remedy_{remedy}"),
    )


def first_words(error: BaseException) -> str:
    """What an exception says, in one line of bounded length; its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:_MOST]


def _reason(error: Exception, part: str) -> Text:
    if isinstance(error, OSError) and error.strerror:
        return refusal(error)["reason"]
    missing = _NO_ITEM.fullmatch(str(error.args[0])) if isinstance(error, KeyError) and error.args else None
    if missing:
        return Text.of("reading.damage_missing", part=missing[2])
    if isinstance(error, ElementTree.ParseError):
        return Text.of("reading.damage_xml", part=part)
    if isinstance(error, NotImplementedError):
        return Text.of("reading.damage_packing", part=part)
    if isinstance(error, RuntimeError) and "encrypted" in str(error):
        return Text.of("reading.damage_encrypted", part=part)
    if isinstance(error, BadZipFile | EOFError | zlib.error | OSError):
        return Text.of("reading.damage_part", part=part) if part else Text.of("reading.damage_zip")
    if isinstance(error, _STRUCTURE):
        return Text.of("reading.damage_part", part=part) if part else Text.of("reading.damage_structure")
    return Text.of("reading.damage_told", words=first_words(error))
