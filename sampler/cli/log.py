"""What a command tells on stderr as JSON, one object a line, for those who collect logs: English, whatever people read."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping
from numbers import Integral, Real

from sampler.text import Text


def log_line(level: str, what: Text, **facts: object) -> str:
    """The line of an event: when, how grave, its name, what people would read in English, and its facts with their types.

    Args:
        level: ``info``, ``warning`` or ``error``.
        facts: what else there is to know; they stand in for parameters of the same name.
    """
    head = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": what.key,
        "message": what.render("en"),
    }
    entry = dict(what.params) | facts | head
    ordered = head | {key: _plain(value) for key, value in entry.items() if key not in head}
    return json.dumps(ordered, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: object) -> object:
    """A value as JSON has it: numbers stay numbers, lists lists, and texts are English."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real) and math.isfinite(value):
        return float(value)
    if isinstance(value, Text):
        return value.render("en")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value)
