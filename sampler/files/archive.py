"""Plan folders: written whole or not at all, read back as the `Plan` they came from.

A run killed at any moment leaves the old state or the new one (`sampler.files.swap`). ``plan.json`` is written last and
names the SHA-256 of every other file that the draw depends on, so that ``sha256sum`` alone can check them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sampler.assignment import Inspector
from sampler.design import RecordedDesign
from sampler.errors import InputError, UsageError, refusal
from sampler.files.compare import cells_sha256, parts_sha256
from sampler.files.damage import first_words
from sampler.files.layout import (
    CHANGES,
    DISTRICTS,
    FRAME,
    INPUTS,
    MANIFEST,
    PUBLIC,
    REPLACED,
    RETURNED,
    SELECTION,
    STRATA,
    SUMMARY,
    is_plan_folder,
)
from sampler.files.listing import LOCK, files_below
from sampler.files.machine_csv import read_csv, write_csv
from sampler.files.parts import reading_part
from sampler.files.swap import locked, recovered, whole
from sampler.frame import SCHEMA
from sampler.history import History
from sampler.manifest import SCHEMA_VERSION, canonical_json, sha256, wrong_keys
from sampler.period import Period
from sampler.plan import Plan
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")

PLAN_COLUMNS = {
    "score": "Float64",
    "certainty": "String",
    "tier": "String",
    "stratum": "String",
    "ticket": "String",
    "rank": "Int64",
    "reason": "String",
}
"""Columns of ``frame.parquet`` that the plan added to the frame's own, with their polars types."""

SELECTION_SCHEMA = {
    "task_id": "String",
    "role": "String",
    "unit_id": "String",
    "enterprise": "String",
    "stratum": "String",
    "group": "String",
    "district": "String",
    "category": "String",
    "stage": "String",
    "tier": "String",
    "certainty": "String",
    "batches": "Int64",
    "ticket": "String",
    "rank": "Int64",
    "probability": "Float64",
    "weight": "Float64",
    "visit": "String",
}
_STRATA_NUMBERS = {
    "certainty": "Boolean",
    "population": "Int64",
    "score": "Float64",
    "rate": "Float64",
    "sample": "Int64",
    "reserves": "Int64",
    "lower": "Int64",
    "upper": "Int64",
    "bound": "String",
    "probability": "Float64",
    "weight": "Float64",
}


@dataclass(frozen=True)
class PlanFolder:
    """A plan as it was read from its folder."""

    path: Path
    plan: Plan
    frame_units: pl.DataFrame
    inspectors: tuple[Inspector, ...]
    history: History
    manifest: dict[str, Any]
    manifest_sha256: str
    files: Mapping[str, str]
    """SHA-256 of every file that the manifest vouches for, as it is now, by its path below the folder."""


def write_plan(
    out: Path,
    plan: Plan,
    frame_units: pl.DataFrame,
    manifest: dict[str, Any],
    *,
    inputs: dict[str, bytes],
    papers: Callable[[Path], None],
    force: bool = False,
) -> None:
    """Write a plan folder.

    Args:
        out: the folder; its parent is made if need be.
        frame_units: the frame's units as read.
        manifest: what ``plan.json`` holds.
        inputs: name → content of the files that go into ``inputs/``; their digests go into the manifest.
        papers: writes workbooks and whatever else people read into the folder it is given.
        force: replace an existing plan, unless results have come back.

    Raises:
        UsageError: the folder exists (and ``force`` is off), results have come back, or another run is at work beside it.
        InputError: the folder cannot be written.
    """
    import polars as pl

    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with locked(out.parent):
            refuse_existing(out, force=force)
            inputs = inputs | _replaced(out)
            with whole(out) as folder:
                papers(folder)
                (folder / RETURNED).mkdir()
                _write_parts(folder, plan, frame_units, inputs)
                summary = folder / SUMMARY
                manifest = manifest | {
                    "files": file_digests(folder),
                    "papers": paper_digests(folder),
                    "summary": cells_sha256(summary) if summary.exists() else None,
                }
                (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8", newline="\n")
    except OSError as error:
        raise InputError("archive.cannot_write", folder=out, **refusal(error)) from error
    except pl.exceptions.PolarsError as error:
        raise InputError(
            "archive.cannot_write",
            folder=out,
            reason=Text.of("reading.damage_told", words=first_words(error)),
            remedy=Text.of("system.remedy"),
        ) from error


def _replaced(out: Path) -> dict[str, bytes]:
    """The manifest of the plan in ``out``, and those of the plans that it replaced: name in ``inputs/`` → content."""
    if not is_plan_folder(out):
        return {}
    earlier = {f"{REPLACED}/{p.name}": p.read_bytes() for p in sorted((out / INPUTS / REPLACED).glob("*.json"))}
    content = (out / MANIFEST).read_bytes()
    return earlier | {f"{REPLACED}/{hashlib.sha256(content).hexdigest()}.json": content}


def paper_digests(folder: Path) -> dict[str, str]:
    """Digest of every paper that was made from a plan, by its path below the plan folder: of a workbook's parts, else
    the file's SHA-256.

    Raises:
        InputError: a workbook is none.
    """
    districts = (p for p in (folder / DISTRICTS).glob("*.xlsx") if not p.name.startswith(LOCK))
    papers = [*districts, *(folder / PUBLIC).glob("plan.*"), folder / CHANGES]
    return {p.relative_to(folder).as_posix(): paper_digest(p) for p in sorted(papers) if p.is_file()}


def paper_digest(path: Path) -> str:
    """Digest of one paper (see `paper_digests`).

    Raises:
        InputError: a workbook is none.
    """
    return parts_sha256(path) if path.suffix == ".xlsx" else hashlib.sha256(path.read_bytes()).hexdigest()


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of the files that a draw depends on or that it made, by their path below a plan folder."""
    files = [folder / name for name in (FRAME, SELECTION, STRATA)]
    files += [p for p in sorted((folder / INPUTS).rglob("*")) if p.is_file()]
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files if p.is_file()}


def refuse_existing(out: Path, *, force: bool) -> None:
    """Raise `UsageError` where a plan may not be written to ``out``; called early, before long work."""
    if not recovered(out).exists():
        return
    if not out.is_dir():
        raise UsageError("archive.not_a_folder", file=out)
    if has_returns(out):
        raise UsageError("archive.results_have_come_back", folder=out)
    if not force:
        raise UsageError("archive.exists", folder=out)
    if not is_plan_folder(out) and any(out.iterdir()):
        raise UsageError("archive.not_a_plan", folder=out)


def has_returns(folder: Path) -> bool:
    """Whether anything lies in the folder's ``returned/``, or may lie where that leads."""
    closed: list[Path] = []
    found = files_below(folder / RETURNED, lambda path, _: closed.append(path))
    return bool(closed) or any(not path.name.startswith(".") for path in found)


def _write_parts(folder: Path, plan: Plan, frame_units: pl.DataFrame, inputs: Mapping[str, bytes]) -> None:
    import polars as pl

    added = pl.concat([plan.units, plan.set_aside], how="diagonal").select("unit_id", *PLAN_COLUMNS)
    frame_units.join(added, on="unit_id", how="left", maintain_order="left").write_parquet(folder / FRAME)
    write_csv(plan.selection, folder / SELECTION)
    write_csv(plan.strata, folder / STRATA)
    for name, content in inputs.items():
        path = folder / INPUTS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def manifest_text(manifest: dict[str, Any]) -> str:
    """The text of ``plan.json``; its SHA-256 is the plan's digest."""
    return json.dumps(json.loads(canonical_json(manifest)), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    """The manifest of a plan folder, and its digest.

    Raises:
        InputError: no plan is there, one of a later version of sampler, or a manifest that is damaged.
    """
    path = recovered(folder) / MANIFEST
    if folder.is_file():
        raise InputError("archive.not_a_folder", file=folder)
    with reading_part(path, (ValueError, RecursionError), "archive.not_json"):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise InputError("archive.no_plan", folder=folder) from None
        found: dict[str, Any] = json.loads(content.decode())
    version = found.get("schema_version") if isinstance(found, dict) else None
    if isinstance(version, int) and version != SCHEMA_VERSION:
        raise InputError("archive.other_version", folder=folder, found=version, known=SCHEMA_VERSION)
    if wrong := wrong_keys(found):
        raise InputError("archive.wrong_keys", file=path, keys=", ".join(wrong))
    return found, sha256(content.decode())


def manifest_digest(folder: Path) -> str | None:
    """SHA-256 of ``plan.json`` as it is, whole or damaged; None where it cannot be read."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return None


def read_plan(folder: Path) -> PlanFolder:
    """The plan that a folder holds.

    Raises:
        InputError: no plan is there, or a part of it is missing or broken.
    """
    import polars as pl

    manifest, digest = read_manifest(folder)
    recorded = _recorded(folder / INPUTS / "design.json", RecordedDesign)
    design, weights = recorded.design, recorded.weights
    table = read_frame(folder)
    kinds = {name: str(dtype) for name, dtype in table.schema.items()}
    if wrong := [c for c, kind in (SCHEMA | PLAN_COLUMNS).items() if kinds.get(c) != kind]:
        told = Text.of("archive.wrong_columns", columns=", ".join(wrong))
        raise InputError("archive.broken_part", file=folder / FRAME, reason=told)
    strata_schema = {"stratum": "String", **dict.fromkeys(design.strata.keys, "String"), **_STRATA_NUMBERS}
    drawn = table.filter(pl.col("reason").is_null()).drop("reason")
    aside = table.filter(pl.col("reason").is_not_null())
    plan = Plan(
        period=Period.parse(manifest["period"]),
        seed=manifest["seed"],
        design=design,
        weights=weights,
        frame_sha256=manifest["frame"]["sha256"],
        design_sha256=manifest["design"]["sha256"],
        strata=read_csv(folder / STRATA, strata_schema),
        units=drawn,
        set_aside=aside.drop(c for c in PLAN_COLUMNS if c != "reason"),
        selection=read_csv(folder / SELECTION, SELECTION_SCHEMA),
        teams={visit: tuple(team) for visit, team in manifest["teams"].items()},
    )
    return PlanFolder(
        folder,
        plan,
        table.drop(*PLAN_COLUMNS),
        _recorded(folder / INPUTS / "inspectors.json", tuple[Inspector, ...]),
        _recorded(folder / INPUTS / "history.json", History),
        manifest,
        digest,
        file_digests(folder),
    )


def read_frame(folder: Path) -> pl.DataFrame:
    """The table ``frame.parquet`` of a plan folder: the frame's units with `PLAN_COLUMNS`, unchecked.

    Raises:
        InputError: it is missing or broken.
    """
    import polars as pl

    path = folder / FRAME
    with reading_part(path, pl.exceptions.PolarsError, "archive.not_parquet"):
        return pl.read_parquet(path)


def _recorded(path: Path, kind: type[T]) -> T:
    """A value that was written as canonical JSON."""
    from pydantic import TypeAdapter, ValidationError

    with reading_part(path):
        content = path.read_bytes()
    try:
        return TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        why = Text.of("archive.wrong_key", key=key) if key else Text.of("archive.not_json")
        raise InputError("archive.broken_part", file=path, reason=why) from None
