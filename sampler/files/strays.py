"""Strays: files that were handed in where nothing reads them, so that somebody is told of each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

from sampler.errors import InputError, Issue
from sampler.files.compare import DAMAGED, parts_sha256
from sampler.files.findings import finding, in_order
from sampler.files.formats import open_grids
from sampler.files.layout import DISTRICTS, RETURNED
from sampler.files.listing import LOCK, files_below, is_litter, is_table
from sampler.files.parts import reading_part
from sampler.files.printed_words import SheetKind, sheet_kind
from sampler.intake.values import canonical_text
from sampler.text import Text

if TYPE_CHECKING:
    from sampler.files.archive import PlanFolder
    from sampler.results import Results


def find_strays(
    results: Results, folder: PlanFolder, roots: Iterable[Path], names: Mapping[str, str] | None
) -> list[Issue]:
    """A finding for every file below ``roots`` that was not read, and for work left in ``districts/``.

    Files below the plan's own ``returned/`` are named by their path there.
    """
    issues: list[Issue] = []
    for root in roots:
        own = root.resolve() == (folder.path / RETURNED).resolve()
        issues += unread_files(root, below=root if own else None)
    return [*issues, *filled_papers(folder, results, names)]


def with_issues(results: Results, more: Iterable[Issue]) -> Results:
    """Results with further findings."""
    return replace(results, issues=in_order([*results.issues, *more]))


def unread_files(root: Path, *, below: Path | None = None) -> list[Issue]:
    """A finding for every file in a folder of returned workbooks that is none (a scan, a letter) or is hidden.

    Args:
        root: the folder; searched in depth.
        below: the folder that names are given below; as they are by default.
    """
    return [
        finding("warning", "file-not-read", name_below(path, below), None, None, None, path.suffix)
        for path in files_below(root)
        if not is_litter(path.name) and not is_table(path.relative_to(root))
    ]


def name_below(path: Path, root: Path | None) -> str:
    """What a file is called: its path below ``root`` where it lies there."""
    return path.relative_to(root).as_posix() if root and path.is_relative_to(root) else str(path)


def filled_papers(folder: PlanFolder, results: Results | None, names: Mapping[str, str] | None) -> list[Issue]:
    """A finding for every workbook in ``districts/`` with answers that ``results`` do not have: filled in, never sent back.

    Only workbooks that are not as the plan wrote them are opened. One that cannot be read may have been filled in and
    then given a password: it has a finding too.
    """
    from sampler.files.results import read_results

    have = set() if results is None else set(results.batches["batch_id"])
    found = []
    for path in _papers(folder):
        place = f"{DISTRICTS}/{path.name}"
        try:
            if _as_written(path, folder):
                continue
            typed = set(read_results([path], folder.plan, names=names).batches["batch_id"]) - have
        except InputError as error:
            done = Text.of("results.paper_not_read_done")
            found.append(Issue("warning", "paper-not-read", place, None, None, None, "", error.told, done))
            continue
        if typed:
            found.append(finding("error", "workbook-not-returned", place, None, None, None, len(typed)))
    return found


def printed_texts(folder: PlanFolder) -> dict[SheetKind, set[str]]:
    """What the workbooks that are as the plan wrote them say outside the lists, in canonical form, by kind of sheet.

    A plan may have been printed by an earlier version, whose instructions read differently from today's.
    """
    texts: dict[SheetKind, set[str]] = {}
    for path in _papers(folder):
        try:
            if _as_written(path, folder):
                for grid in list(open_grids(path, file=path.name)):
                    kind = sheet_kind(grid)
                    rows = grid.data if kind else grid.data.head(2)  # a list's title and what stands below it
                    texts.setdefault(kind or "list", set()).update(
                        canonical_text(c) for r in rows.rows() for c in r if c
                    )
        except InputError:
            continue
    return texts


def _papers(folder: PlanFolder) -> list[Path]:
    found = sorted((folder.path / DISTRICTS).glob("*.xlsx"))
    return [path for path in found if not path.name.startswith(LOCK)]


def _as_written(path: Path, folder: PlanFolder) -> bool:
    """Whether a workbook is as the plan wrote it: by its digest, and where the plan has none by its time of saving.

    Raises:
        InputError: it is no workbook.
    """
    known: Mapping[str, str] = folder.manifest.get("papers", {})
    if known:
        return parts_sha256(path) == known.get(f"{DISTRICTS}/{path.name}")
    with reading_part(path, DAMAGED, "archive.not_workbook"), ZipFile(path) as package:
        properties = package.read("docProps/core.xml").decode("utf-8", "replace")
    times = re.findall(r"<dcterms:(?:created|modified)[^>]*>([^<]+)<", properties)
    return len(times) == 2 and times[0] == times[1]
