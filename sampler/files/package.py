"""Zipped packages (.xlsx, .xlsb, .ods): their limits, and their parts unpacked piece by piece."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator
from xml.etree import ElementTree

from sampler.errors import InputError
from sampler.files.grid import MAX_PART_BYTES

PIECE = 1 << 20
"""Bytes unpacked at a time."""

_MAX_RATIO = 400  # deflate packs at most 1,032 : 1; sheets of nothing but repeated rows stay below 100 : 1
_MAX_SMALL = 64 << 20  # a part below this size is harmless at any ratio


def check_package(package: zipfile.ZipFile, *, file: str) -> None:
    """Refuse a package whose directory already says that it unpacks to too much.

    Raises:
        InputError: a part above the limit of size or of compression, or a part that is encrypted.
    """
    for entry in package.infolist():
        bomb = entry.file_size > _MAX_SMALL and entry.file_size > _MAX_RATIO * max(entry.compress_size, 1)
        if entry.file_size > MAX_PART_BYTES or bomb:
            raise InputError("reading.zip-bomb", file=file, limit=MAX_PART_BYTES if not bomb else _MAX_SMALL)
        if entry.flag_bits & 1:
            raise InputError("reading.password", file=file)


def pieces(package: zipfile.ZipFile, part: str, *, file: str) -> Generator[bytes, None, None]:
    """A part's bytes, unpacked piece by piece, whatever its directory says of their number.

    Raises:
        InputError: more bytes than a part may have, a declaration of entities, or a damaged stream.
    """
    total, last = 0, b""
    try:
        with package.open(part) as stream:
            while piece := stream.read(PIECE):
                total += len(piece)
                if total > MAX_PART_BYTES:
                    raise InputError("reading.zip-bomb", file=file, limit=MAX_PART_BYTES)
                if b"!" in piece or b"!" in last:
                    joint = last[-16:] + piece
                    if b"<!DOCTYPE" in joint or b"<!ENTITY" in joint:
                        raise InputError("reading.xml-entities", file=file, part=part)
                elif total == len(piece) and piece.startswith((b"\xff\xfe", b"\xfe\xff")):
                    raise InputError("reading.damaged", file=file, reason=f"{part}: UTF-16")
                last = piece
                yield piece
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise InputError("reading.damaged", file=file, reason=f"{part}: {error}") from None


def parse_xml(package: zipfile.ZipFile, part: str, *, file: str) -> ElementTree.Element:
    """A small part of a package as an element tree.

    Raises:
        InputError: too large to be one, damaged, or declaring entities.
    """
    if package.getinfo(part).file_size > _MAX_SMALL:
        raise InputError("reading.zip-bomb", file=file, limit=_MAX_SMALL)
    try:
        return ElementTree.fromstring(b"".join(pieces(package, part, file=file)))
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError("reading.damaged", file=file, reason=f"{part}: {error}") from None


def tag(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
