"""The JSON documents that commands give, on stdout or as a file."""

from __future__ import annotations

from collections.abc import Mapping

SCHEMA_VERSION = 1
"""Version of these documents: of their keys, and of what the keys mean."""


def document(command: str, body: Mapping[str, object]) -> dict[str, object]:
    """The document of a command: its head, then ``body``."""
    return {"schema_version": SCHEMA_VERSION, "command": command, **body}
