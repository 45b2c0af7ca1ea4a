"""What lies in a plan's ``returned/``, and the snapshot of it that is kept beside: ``results.csv`` and ``results.json``.

The snapshot makes a history of many quarters quick to read and a run with nothing to do cheap. It is never the truth: it
counts only while ``results.json`` names exactly the files that lie in ``returned/`` and the digest of ``results.csv``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sampler.errors import InputError
from sampler.files.layout import RETURNED
from sampler.files.listing import files_below, is_litter, is_table
from sampler.files.swap import write_whole

if TYPE_CHECKING:
    import polars as pl

    from sampler.files.archive import PlanFolder
    from sampler.results import Results

SNAPSHOT = "results.csv"
STATE = "results.json"

_ANSWER = ("state", "reason", "first", "retest")
_ENTRIES = (
    *("reason", "sampled_on", "sample_name", "model", "trademark", "batch_no", "base", "quantity", "reserve_quantity"),
    *("sheet_no", "first", "retest", "failing_item", "replaces", "replace_reason", "note"),
)
"""The columns of a snapshot that hold what was typed."""


@dataclass(frozen=True)
class Stamp:
    """A file as it stood at one moment: size in bytes, time of the last change in nanoseconds."""

    size: int
    changed: int

    @classmethod
    def of(cls, path: Path) -> Stamp:
        """The stamp of a file now. Raises OSError."""
        found = path.stat()
        return cls(found.st_size, found.st_mtime_ns)


def returned_files(folder: Path) -> dict[str, Path]:
    """The returned workbooks of a plan folder, by their path below ``returned/``; no lock files, nothing hidden."""
    root = folder / RETURNED
    named = ((p.relative_to(root), p) for p in files_below(root))
    return {below.as_posix(): path for below, path in named if is_table(below)}


def unread_names(folder: Path) -> list[str]:
    """What else lies in ``returned/``, by its path there: files that are no tables, folders that cannot be opened."""
    root = folder / RETURNED
    denied: list[Path] = []
    below = [p.relative_to(root) for p in files_below(root, lambda path, _: denied.append(path))]
    others = [b.as_posix() for b in below if not is_table(b) and not is_litter(b.name)]
    return sorted([*others, *(path.relative_to(root).as_posix() + "/" for path in denied)])


def stamps(files: Mapping[str, Path]) -> dict[str, Stamp]:
    """The stamps of some files; a file that has gone meanwhile is left out."""
    found = {}
    for name, path in files.items():
        try:
            found[name] = Stamp.of(path)
        except FileNotFoundError:
            continue
    return found


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_state(folder: Path) -> dict[str, Any]:
    """What ``results.json`` says; empty where there is none, or none that can be used."""
    try:
        state = json.loads((folder / STATE).read_bytes())
        whole = state["schema_version"] == 1 and isinstance(state["sha256"], str)
        for record in state["files"].values():
            whole &= {"size", "changed", "sha256"} <= record.keys()
        return state if whole else {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def first_read(state: Mapping[str, Any]) -> dict[str, dt.date]:
    """The day on which each failed batch was first read, as far as a state says so."""
    found = {}
    for batch, day in state.get("failures", {}).items():
        with suppress(TypeError, ValueError):
            found[batch] = dt.date.fromisoformat(day)
    return found


def is_current(folder: Path, state: Mapping[str, Any]) -> bool:
    """Whether a state names exactly what lies in ``returned/``.

    Size and time of change decide; where only the time differs (a folder that was copied) the digest does.
    """
    files = returned_files(folder)
    known = state.get("files", {})
    if files.keys() != known.keys():
        return False
    for name, stamp in stamps(files).items():
        record = known[name]
        if record["size"] != stamp.size:
            return False
        if record["changed"] != stamp.changed and record["sha256"] != file_sha256(files[name]):
            return False
    return True


def read_snapshot(folder: Path, state: Mapping[str, Any], columns: Sequence[str] | None = None) -> pl.DataFrame | None:
    """The batches of the snapshot that a state describes, or some columns of them; None where the file is not that one."""
    from sampler.files.machine_csv import read_csv
    from sampler.results import BATCH_SCHEMA

    path = folder / SNAPSHOT
    try:
        if file_sha256(path) != state.get("sha256"):
            return None
        return read_csv(path, BATCH_SCHEMA, columns)
    except (OSError, InputError):
        return None


def write_snapshot(
    folder: Path, batches: pl.DataFrame, files: Mapping[str, tuple[Stamp, str]], extra: Mapping[str, object]
) -> None:
    """Keep what was read from ``returned/``.

    Args:
        batches: as `sampler.results.Results.batches`.
        files: name below ``returned/`` → stamp and digest as they were when it was read.
        extra: what else to keep in the state.

    A snapshot with entries that the new one no longer has is kept under another name: what was typed once is never lost
    because a file was overwritten or taken away. Raises OSError.
    """
    import polars as pl

    from sampler.files.machine_csv import guarded

    before = read_state(folder)
    earlier = read_snapshot(folder, before)
    if earlier is not None and _anything_lost(earlier, batches):
        kept = folder / f"results-{before['sha256'][:12]}.csv"
        if not kept.exists():
            write_whole(kept, (folder / SNAPSHOT).read_bytes())
    content = guarded(batches.sort("batch_id").select(pl.all())).write_csv().encode()
    write_whole(folder / SNAPSHOT, content)
    state = {
        "schema_version": 1,
        "files": {
            name: {"size": stamp.size, "changed": stamp.changed, "sha256": digest}
            for name, (stamp, digest) in sorted(files.items())
        },
        "sha256": hashlib.sha256(content).hexdigest(),
        "batches": batches.height,
        **extra,
    }
    write_state(folder, state)


def write_state(folder: Path, state: Mapping[str, object]) -> None:
    """Write ``results.json``. Raises OSError."""
    write_whole(folder / STATE, (json.dumps(state, ensure_ascii=False, indent=1) + "\n").encode())


def missing_answers(before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """The batches that had an answer before and have none now."""
    answered = [b.filter(b["state"] != "pending")["batch_id"] for b in (before, now)]
    return sorted(set(answered[0]) - set(answered[1]))


def changed_answers(before: pl.DataFrame, now: pl.DataFrame) -> list[str]:
    """The batches that had an answer before and have another one now; a result or a reason that was added is none."""
    before, now = (b.filter(b["state"] != "pending") for b in (before, now))
    return _replaced(before.join(now, on="batch_id", how="semi"), now, _ANSWER)


def _anything_lost(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Whether an answer or another entry was there before and is not there, or not the same, now."""
    return any((missing_answers(before, now), changed_answers(before, now), _replaced(before, now, _ENTRIES)))


def _replaced(before: pl.DataFrame, now: pl.DataFrame, columns: Sequence[str]) -> list[str]:
    """The batches of which some column held something before and does not hold the same now."""
    import polars as pl

    both = before.select("batch_id", *columns).join(
        now.select("batch_id", *columns), on="batch_id", how="left", suffix=" now"
    )
    other = (pl.col(c).is_not_null() & pl.col(c).ne_missing(pl.col(f"{c} now")) for c in columns)
    return sorted(both.filter(pl.any_horizontal(other))["batch_id"])


def read_returned(folder: PlanFolder, names: Iterable[str]) -> Results:
    """The results of a plan from workbooks in ``returned/``.

    Args:
        folder: the plan.
        names: the files, by their path below ``returned/``.

    Raises:
        InputError: none of the files can be read, or one holds results of another plan.
    """
    from sampler.files.results import read_results
    from sampler.files.strays import printed_texts

    root = folder.path / RETURNED
    people = {i.id: i.name for i in folder.inspectors} or None
    chosen = [root / name for name in names]
    return read_results(chosen, folder.plan, names=people, root=root, printed=lambda: printed_texts(folder))


def returned_batches(path: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """The batches that came back for the plan in a folder: the snapshot while it is current, else the workbooks.

    Args:
        path: the plan folder.
        columns: only these columns of `sampler.results.BATCH_SCHEMA`.

    Raises:
        InputError: the workbooks cannot be read.
    """
    import polars as pl

    from sampler.results import BATCH_SCHEMA

    state = read_state(path)
    if state and is_current(path, state) and (kept := read_snapshot(path, state, columns)) is not None:
        return kept
    files = returned_files(path)
    if not files:
        empty = pl.DataFrame(schema={c: getattr(pl, t) for c, t in BATCH_SCHEMA.items()})
        return empty.select(columns or list(BATCH_SCHEMA))
    from sampler.files.archive import read_plan

    return read_returned(read_plan(path), files).batches.select(columns or list(BATCH_SCHEMA))
