"""The manifest of a plan: canonical JSON, digests, and what ``plan.json`` says.

Digests are SHA-256 of canonical text, never of a spreadsheet: two saves of one workbook differ in their bytes.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

from sampler import __version__
from sampler.design import Design, RecordedDesign, RiskWeights
from sampler.errors import UsageError
from sampler.frame import Frame
from sampler.history import COVERAGE_QUARTERS, History
from sampler.period import Period
from sampler.text import LANGUAGES, Lang

if TYPE_CHECKING:
    import polars as pl

    from sampler.plan import Plan

SCHEMA_VERSION = 1
"""Version of ``plan.json``: of its keys, and of what the keys mean."""

FORMAT = {"plan": 3, "papers": 4}
"""Versions of what verification computes again: ``plan``, how a plan follows from its inputs, and ``papers``, what the
workbooks and public tables show of it. Whoever changes what comes out of either for the same inputs raises its number:
plans on record are then checked by digests, tickets and ranks, and not taken for forgeries."""


def canonical_json(value: object) -> str:
    """JSON with sorted keys, no blanks, no escapes beyond the necessary: one text for one value.

    Raises:
        ValueError: the value holds a NaN or an infinity.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def sha256(text: str) -> str:
    """SHA-256 of a text's UTF-8, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def design_text(design: Design, weights: RiskWeights) -> str:
    """Everything a plan is decided by apart from frame, period, seed and history: ``inputs/design.json``."""
    return canonical_json(RecordedDesign(design=design, weights=weights))


def design_sha256(design: Design, weights: RiskWeights) -> str:
    """Digest of `design_text`."""
    return sha256(design_text(design, weights))


def table_sha256(table: pl.DataFrame) -> str:
    """Digest of a table: its columns and rows as canonical JSON."""
    return sha256(canonical_json({"columns": table.columns, "rows": table.rows()}))


def manifest(
    plan: Plan,
    frame: Frame,
    history: History,
    *,
    why: str | None = None,
    replaces: str | None = None,
    previous: tuple[str, str] | None = None,
    created: dt.datetime,
    lang: Lang,
) -> dict[str, Any]:
    """What ``plan.json`` holds: everything that says how the plan came about, and the digests of its parts.

    Args:
        why: reason given for replacing a plan of the same period.
        replaces: digest of the manifest that this one replaces.
        previous: period and digest of the last earlier plan of the archive: the chain.
        created: when the plan was made.
        lang: language of the workbooks.
    """
    reasons = plan.set_aside.group_by("reason").len().sort("reason").rows()
    return {
        "schema_version": SCHEMA_VERSION,
        "format": dict(FORMAT),
        "period": plan.period.name,
        "seed": plan.seed,
        "created": created.isoformat(timespec="seconds"),
        "sampler": __version__,
        "language": lang,
        "frame": {
            "rows": frame.rows,
            "units": frame.size,
            "merged": frame.merged,
            "expanded": frame.expanded,
            "excluded": dict(frame.excluded),
            "set_aside": {str(reason): int(count) for reason, count in reasons},
            "sha256": plan.frame_sha256,
        },
        "design": {"sha256": plan.design_sha256},
        "strata": {"count": plan.strata.height, "sha256": table_sha256(plan.strata)},
        "selection": {
            "tasks": plan.tasks.height,
            "reserves": plan.selection.height - plan.tasks.height,
            "sha256": table_sha256(plan.selection),
        },
        "teams": {visit: list(team) for visit, team in sorted(plan.teams.items())},
        "history": {
            "sha256": sha256(canonical_json(history)),
            "quarters": list(history.quarters),
            "follow_ups": len(history.follow_ups),
            "coverage": {
                str(q): history.coverage(frame.units["unit_id"].to_list(), plan.period, q) for q in COVERAGE_QUARTERS
            },
            "rates": dict(history.rates),
        },
        "previous": None if previous is None else {"period": previous[0], "sha256": previous[1]},
        "replaces": replaces,
        "why": why,
    }


_KEYS: dict[str, tuple[type, ...]] = {
    "schema_version": (int,),
    "period": (str,),
    "seed": (str,),
    "created": (str,),
    "sampler": (str,),
    "language": (str,),
    "frame": (dict,),
    "frame.rows": (int,),
    "frame.units": (int,),
    "frame.merged": (int,),
    "frame.expanded": (int,),
    "frame.excluded": (dict,),
    "frame.set_aside": (dict,),
    "frame.sha256": (str,),
    "design": (dict,),
    "design.sha256": (str,),
    "strata": (dict,),
    "strata.count": (int,),
    "strata.sha256": (str,),
    "selection": (dict,),
    "selection.tasks": (int,),
    "selection.reserves": (int,),
    "selection.sha256": (str,),
    "teams": (dict,),
    "history": (dict,),
    "history.sha256": (str,),
    "replaces": (str, type(None)),
    "why": (str, type(None)),
}
"""What every manifest holds: path of the key → types of its value."""

_MORE_KEYS: dict[str, tuple[type, ...]] = {
    "format": (dict,),
    "history.quarters": (list,),
    "history.follow_ups": (int,),
    "history.coverage": (dict,),
    "history.rates": (dict,),
    "previous": (dict, type(None)),
    "previous.period": (str,),
    "previous.sha256": (str,),
    "files": (dict,),
    "papers": (dict,),
    "summary": (str, type(None)),
}
"""What the first manifests lacked."""

_TABLES = (
    "teams",
    "format",
    "files",
    "papers",
    "frame.excluded",
    "frame.set_aside",
    "history.coverage",
    "history.rates",
)
"""Keys whose values are tables with keys of their own."""


def wrong_keys(record: object) -> list[str]:
    """The keys that a manifest lacks or whose values are not what they must be, by path, e.g. ``frame.sha256``."""
    if not isinstance(record, dict):
        return ["{}"]
    flat = _flat(record)
    found = [k for k, kinds in _KEYS.items() if k not in flat or not _is(flat[k], kinds)]
    found += [k for k, kinds in _MORE_KEYS.items() if k in flat and not _is(flat[k], kinds)]
    if found:
        return found
    teams = record["teams"].items()
    found += [f"teams.{v}" for v, t in teams if not (_is(t, (list,)) and all(_is(i, (str,)) for i in t))]
    for table in ("files", "papers"):
        found += [f"{table}.{k}" for k, v in record.get(table, {}).items() if not _is(v, (str,))]
    for table in ("excluded", "set_aside"):
        found += [f"frame.{table}.{k}" for k, v in record["frame"][table].items() if not _is(v, (int,))]
    found += [f"format.{k}" for k, v in record.get("format", {}).items() if not _is(v, (int,))]
    if record["language"] not in LANGUAGES:
        found.append("language")
    try:
        Period.parse(record["period"])
    except UsageError:
        found.append("period")
    try:
        if dt.datetime.fromisoformat(record["created"]).tzinfo is None:
            found.append("created")
    except ValueError:
        found.append("created")
    return found


def unknown_keys(record: dict[str, Any]) -> list[str]:
    """The keys of a manifest that sampler does not write, by path."""
    return sorted(k for k in _flat(record) if k not in _KEYS and k not in _MORE_KEYS)


def _flat(record: dict[str, Any]) -> dict[str, object]:
    """Path → value of the keys of a manifest and of its parts; the tables among them are left whole."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        flat[key] = value
        if isinstance(value, dict) and key not in _TABLES:
            flat |= {f"{key}.{inner}": v for inner, v in value.items()}
    return flat


def _is(value: object, kinds: tuple[type, ...]) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool)
