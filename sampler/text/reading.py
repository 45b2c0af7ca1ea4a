"""Texts about reading files."""

ENTRIES: dict[str, tuple[str, str]] = {}
