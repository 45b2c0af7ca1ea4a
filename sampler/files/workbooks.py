"""The papers for the field: one workbook per district, written by as many processes as there are cores."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from sampler.files.district_book import write_papers
from sampler.files.district_rows import DistrictPapers, district_papers
from sampler.plan import Plan
from sampler.text import Lang

PARALLEL_FROM = 3_000
"""Rows from which a second process earns the third of a second that it takes to start."""

# What Windows, macOS and Linux between them do not take in a file name, and what would leave the folder.
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_LONGEST_NAME = 80


def file_stem(key: str, label: str) -> str:
    """A file name without suffix from a district's key and name, e.g. ``440104-越秀区``; it stays in its folder."""
    words = dict.fromkeys(w for w in (key.strip(), label.strip()) if w)
    stem = _FORBIDDEN.sub("_", "-".join(words)).strip(" .")[:_LONGEST_NAME].rstrip(" .")
    return f"_{stem}" if not stem or _RESERVED.match(stem) else stem


def file_names(labels: Mapping[str, str]) -> dict[str, str]:
    """District's key → name of its workbook; different districts get different names on any file system."""
    stems = {key: file_stem(key, label) for key, label in labels.items()}
    folded = [stem.casefold() for stem in stems.values()]
    return {
        key: f"{stem}{'' if folded.count(stem.casefold()) == 1 else '-' + sha256(key.encode()).hexdigest()[:8]}.xlsx"
        for key, stem in stems.items()
    }


def write_districts(
    folder: Path,
    plan: Plan,
    lang: Lang,
    *,
    inspectors: Mapping[str, str],
    plan_id: str,
    deadline: dt.date,
    forms: bool = False,
    workers: int | None = None,
) -> dict[str, Path]:
    """Write the workbooks of all districts into an existing folder; district's key → its file, in order of key.

    Args:
        inspectors: inspector's id → name.
        plan_id: what identifies the plan on every page.
        deadline: the day by which they are to be sent back.
        forms: whether to add a page per visit to fill in and sign.
        workers: how many processes write them, on which the files do not depend; by default as many as cores, once there
            is enough to write.
    """
    papers = district_papers(plan, lang, inspectors=inspectors, plan_id=plan_id, deadline=deadline, forms=forms)
    names = file_names({key: p.district for key, p in papers.items()})
    paths = {key: folder / name for key, name in names.items()}
    jobs = [(paths[key], p) for key, p in papers.items()]
    rows = sum(map(_rows, papers.values()))
    if workers is None:
        workers = 1 if rows < PARALLEL_FROM else min(os.cpu_count() or 1, len(jobs))
    _write_all(jobs, workers)
    return paths


def _rows(papers: DistrictPapers) -> int:
    return len(papers.tasks.rows) + len(papers.reserves.rows)


def _write_all(jobs: Iterable[tuple[Path, DistrictPapers]], workers: int) -> None:
    largest_first = sorted(jobs, key=lambda job: -_rows(job[1]))
    if workers <= 1:
        for path, papers in largest_first:
            write_papers(path, papers)
        return
    # Started afresh rather than forked: a fork copies the locks of polars' threads, and Windows has none.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for done in [pool.submit(write_papers, path, papers) for path, papers in largest_first]:
            done.result()
