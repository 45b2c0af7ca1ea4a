"""The seed of a quarter that has no plan yet: drawn once, on record before the draw, and used until there is a plan.

A draw may fail once its seed is known: the lot falls on an enterprise that no team may visit. A new seed for every attempt
would leave out the samples that cannot be carried out, and π = n_h/N_h would no longer hold (rejective sampling: Hájek 1964,
Annals of Mathematical Statistics 35, 1491-1523). So the seed stays, whatever is mended meanwhile; its record says what
frame and design it was drawn on and what it was used on since.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampler.errors import InputError, refusal
from sampler.files.swap import write_whole
from sampler.period import Period
from sampler.text import Text

_SCHEMA_VERSION = 1


def seed_record(archive: Path, period: Period) -> Path:
    """The file of an archive that holds the seed of a period."""
    return archive / f"seed-{period.name}.json"


def seed_on_record(archive: Path, period: Period) -> str | None:
    """The seed that stands in an archive for a period; None where none was drawn.

    Raises:
        InputError: there is a record and it cannot be used.
    """
    record = _read(seed_record(archive, period), period)
    return None if record is None else str(record["seed"])


def record_content(archive: Path, period: Period) -> bytes | None:
    """The record of a period's seed as it stands in an archive; None where there is none. Raises OSError."""
    path = seed_record(archive, period)
    return path.read_bytes() if path.is_file() else None


def kept_seed(archive: Path, period: Period, used_on: Mapping[str, object]) -> str:
    """The seed of a period: the one on record, else a new one of 128 bits from the operating system, put on record first.

    Args:
        archive: the folder; it is made if it is not there.
        used_on: what identifies that which is about to be drawn; an attempt at the same as before is recorded once.

    Raises:
        InputError: there is a record and it cannot be used, or none can be written.
    """
    path = seed_record(archive, period)
    record = _read(path, period)
    if record is None:
        seed = secrets.token_hex(16)
        record = {"schema_version": _SCHEMA_VERSION, "period": period.name, "seed": seed, "used_on": []}
    attempts: list[dict[str, object]] = record["used_on"]
    if not attempts or {k: v for k, v in attempts[-1].items() if k != "at"} != dict(used_on):
        attempts.append({"at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), **used_on})
        try:
            archive.mkdir(parents=True, exist_ok=True)
            write_whole(path, (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode())
        except OSError as error:
            raise InputError("archive.cannot_write", folder=archive, **refusal(error)) from error
    return str(record["seed"])


def _read(path: Path, period: Period) -> dict[str, Any] | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError("run.bad_seed_record", file=path, period=period, reason=refusal(error)["reason"]) from None
    try:
        record: dict[str, Any] = json.loads(content)
        whole = record["schema_version"] == _SCHEMA_VERSION and record["period"] == period.name
        whole &= isinstance(record["seed"], str) and bool(record["seed"])
        whole &= isinstance(record["used_on"], list) and all(isinstance(attempt, dict) for attempt in record["used_on"])
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise InputError("run.bad_seed_record", file=path, period=period, reason=Text.of("run.not_a_seed_record"))
    return record
