"""Zipped packages (.xlsx, .xlsb, .ods): their limits, and their parts unpacked piece by piece."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Generator, Iterator, Sequence, Set
from contextlib import closing
from itertools import chain
from typing import Any, NamedTuple
from xml.etree import ElementTree

from sampler.errors import InputError
from sampler.files.damage import damaged
from sampler.files.grid import MAX_PART_BYTES
from sampler.text import Text

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
                    raise InputError("reading.damaged", file=file, reason=Text.of("reading.damage_utf16", part=part))
                last = piece
                yield piece
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise damaged(file, error, part) from None


def mentions(package: zipfile.ZipFile, part: str, *words: bytes, file: str) -> bool:
    """Whether one of some words stands anywhere in a part.

    Raises:
        InputError: see `pieces`.
    """
    last, length = b"", max(map(len, words))
    with closing(pieces(package, part, file=file)) as stream:
        for piece in stream:
            if any(word in piece or word in last + piece[:length] for word in words):
                return True
            last = piece[-length:]
    return False


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
        raise damaged(file, error, part) from None


def elements(
    package: zipfile.ZipFile, part: str, names: Set[str], *, file: str
) -> Iterator[tuple[Sequence[ElementTree.Element], ElementTree.Element]]:
    """The outermost elements of some names (without namespace) of a part, as each is complete, and those it stands in.

    What has been looked at is let go, so that a part of any length takes little memory.

    Raises:
        InputError: damaged, or see `pieces`.
    """
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    above: list[ElementTree.Element] = []
    outermost: Any = None
    try:
        with closing(pieces(package, part, file=file)) as stream:
            for piece in chain(stream, (None,)):
                parser.close() if piece is None else parser.feed(piece)
                for event, element in parser.read_events():
                    if event == "start":
                        above.append(element)
                        if outermost is None and tag(element) in names:
                            outermost = element
                        continue
                    above.pop()
                    if element is outermost:
                        yield above, element
                        outermost = None
                for depth, parent in enumerate(above, 1):
                    if parent is outermost:
                        break
                    parent[:] = above[depth : depth + 1]
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise damaged(file, error, part) from None


class Link(NamedTuple):
    """A relationship between two parts: the last word of its type, the part that has it, the part it leads to."""

    kind: str
    source: str
    target: str


def links(package: zipfile.ZipFile, folder: str, *, file: str) -> list[Link]:
    """The relationships of the parts in the folders below a folder; those that leave the package are left out.

    Raises:
        InputError: a part that lists them is damaged.
    """
    found = []
    for name in package.namelist():
        home, _, own = name.partition("/_rels/")
        if not home.startswith(folder) or not own.endswith(".rels"):
            continue
        for element in parse_xml(package, name, file=file):
            if tag(element) == "Relationship" and element.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", home, element.get("Target", ""))).lstrip("/")
                kind = element.get("Type", "").rpartition("/")[2]
                found.append(Link(kind, f"{home}/{own.removesuffix('.rels')}", target))
    return found


def tag(element: ElementTree.Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]
