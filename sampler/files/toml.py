"""TOML files → their documents."""

from __future__ import annotations

import tomllib
from pathlib import Path

from sampler.errors import InputError


def read_toml(path: Path) -> dict[str, object]:
    """The document of a TOML file in UTF-8, with or without a byte order mark.

    Raises:
        InputError: no such file, one that cannot be read, not UTF-8, or not TOML.
    """
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError("config.no_file", file=path) from None
    except OSError as error:
        raise InputError("config.unreadable", file=path, reason=error.strerror or error) from None
    except UnicodeDecodeError as error:
        raise InputError("config.not_utf8", file=path, position=error.start) from None
    except tomllib.TOMLDecodeError as error:
        raise InputError("config.not_toml", file=path, reason=error) from None
