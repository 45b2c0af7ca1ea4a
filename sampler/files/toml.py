"""TOML files → their documents."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from sampler.errors import InputError, refusal
from sampler.text import Text

_SHOWN = 100
"""Characters of a line that an error shows."""


def read_toml(path: Path) -> dict[str, object]:
    """The document of a TOML file in UTF-8, with or without a byte order mark.

    Raises:
        InputError: no such file, one that cannot be read, not UTF-8, or not TOML.
    """
    content = ""
    try:
        content = path.read_bytes().decode("utf-8-sig")
        return tomllib.loads(content)
    except FileNotFoundError:
        raise InputError("config.no_file", file=path) from None
    except OSError as error:
        raise InputError("config.unreadable", file=path, **refusal(error)) from None
    except UnicodeDecodeError as error:
        raise InputError("config.not_utf8", file=path, position=error.start) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(path, content, str(error)) from None


def _syntax_error(path: Path, content: str, reason: str) -> InputError:
    """Where a document breaks the syntax, and what may be the cause; the parser's own words are for programmers."""
    lines = content.replace("\r\n", "\n").rstrip().split("\n")
    place = re.search(r"line (\d+), column (\d+)", reason)
    line, column = map(int, place.groups()) if place else (len(lines), len(lines[-1]) + 1)
    kind = "common"
    if re.match("Cannot (overwrite|declare|mutate)", reason):
        kind = "twice"
    elif not place and re.match("Unclosed|Unterminated|Expected [\"']", reason):
        kind = "open"
    row = lines[line - 1].strip() if line <= len(lines) else ""
    row = row if len(row) <= _SHOWN else row[: _SHOWN - 1] + "…"
    return InputError(
        "config.not_toml", file=path, line=line, column=column, cause=Text.of(f"config.toml_{kind}"), row=row
    )
