"""The run log of a plan folder, ``log.jsonl``: one JSON object a line for everything sampler did to the folder."""

from __future__ import annotations

import datetime as dt
import json
import platform
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sampler import __version__

LOG = "log.jsonl"


def log_entry(event: str, /, **facts: object) -> dict[str, object]:
    """An event with its time (UTC), the versions it ran with and its facts."""
    return {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "event": event,
        "sampler": __version__,
        "versions": versions(),
        **facts,
    }


def versions() -> dict[str, str]:
    """Python, platform and libraries."""
    found = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for name in ("polars", "numpy", "openpyxl", "fastexcel"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # pragma: no cover  (they are dependencies)
            continue
    return found


def append_log(folder: Path, entry: Mapping[str, object]) -> None:
    """Add a line to a folder's log. Raises OSError."""
    line = json.dumps(entry, ensure_ascii=False, default=str) + "\n"
    with (folder / LOG).open("ab+") as file:
        # A full disk may have cut the last line short: it must not swallow this one.
        if file.tell():
            file.seek(-1, 2)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write(line.encode())
