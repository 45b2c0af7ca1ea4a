"""What the arguments of ``estimate`` are: a plan folder, returned workbooks, or a table of results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError, UsageError
from sampler.files.archive import read_plan
from sampler.files.layout import PLANS, RETURNED, is_plan_folder, plan_folders
from sampler.files.returns import first_read, read_state

if TYPE_CHECKING:
    from sampler.plan import Plan
    from sampler.results import Results


@dataclass(frozen=True)
class PlanResults:
    """A plan, and what came back for it.

    Attributes:
        digests: what identifies plan and results.
        people: inspector's id → name.
        first_read: failed batch → the day on which `sampler run` first read of it; empty where it never ran.
    """

    plan: Plan
    results: Results
    digests: Mapping[str, str]
    people: Mapping[str, str]
    first_read: Mapping[str, dt.date]


@dataclass(frozen=True)
class CountTables:
    """Tables of counts or units, not read yet.

    Attributes:
        paths: files, or folders of them.
        strata: ids of the strata that they may name: those of the plan given with them; None without one.
    """

    paths: tuple[Path, ...]
    strata: tuple[str, ...] | None = None


Source = PlanResults | CountTables
"""Where the figures come from."""


def find_source(paths: Sequence[Path], plan: Path | None, *, latest: bool = False) -> Source:
    """Sort the arguments out.

    A folder with a ``plan.json`` is a plan; its ``returned`` folder holds the results unless others are named. Workbooks
    that lie below a plan folder belong to that plan. Everything else is a table of counts or units. ``latest`` lets the
    newer of two files that contradict each other decide.

    Raises:
        UsageError: two plans at once. InputError: ``plan`` is no plan folder, or a file cannot be read.
    """
    if plan is not None and not is_plan_folder(plan):
        raise InputError("estimate.no_plan", path=plan)
    folders = [p for p in paths if is_plan_folder(p)]
    others = [p for p in paths if p not in folders]
    above = [] if plan or folders else [f for p in others if (f := _plan_above(p)) is not None]
    plans = list(dict.fromkeys(f.resolve() for f in (*([plan] if plan else []), *folders, *above)))
    if len(plans) > 1:
        raise UsageError("estimate.two_plans", plans=", ".join(map(str, plans)))
    if not plans:
        _refuse_what_needs_a_plan(others)
        return CountTables(tuple(others))
    from sampler.files.counts import looks_like_counts
    from sampler.files.results import read_results
    from sampler.files.strays import filled_papers, find_strays, printed_texts, with_issues

    folder = read_plan(plans[0])
    if others and looks_like_counts(others):
        return CountTables(tuple(others), tuple(folder.plan.strata["stratum"]))
    names = {inspector.id: inspector.name for inspector in folder.inspectors}
    root = plans[0] / RETURNED
    given = others or [root]
    try:
        results = read_results(
            given, folder.plan, names=names, latest=latest, root=root, printed=lambda: printed_texts(folder)
        )
    except InputError as error:
        left = filled_papers(folder, None, names) if error.key == "results.no_files" else []
        left = [i for i in left if i.code == "workbook-not-returned"]
        if left:
            raise InputError("results.only_in_districts", files=", ".join(i.file for i in left)) from None
        raise
    strays = find_strays(results, folder, [p for p in given if p.is_dir()], names)
    return PlanResults(
        folder.plan,
        with_issues(results, strays),
        {"plan_sha256": folder.manifest_sha256},
        names,
        first_read(read_state(plans[0])),
    )


def _refuse_what_needs_a_plan(paths: Sequence[Path]) -> None:
    """Refuse folders that hold plan folders, and returned workbooks whose plan nobody named.

    Raises:
        UsageError: with the plans that one may mean.
    """
    from sampler.files.returned_sheets import looks_returned

    inside = [plan for path in paths for plan in (*plan_folders(path), *plan_folders(path / PLANS))]
    if inside:
        raise UsageError("estimate.archive_given", plans=", ".join(map(str, inside)))
    if (file := looks_returned(paths)) is not None:
        raise UsageError("estimate.returned_without_plan", file=file)


def _plan_above(path: Path) -> Path | None:
    """The plan folder that a file or folder lies in."""
    resolved = path.resolve()
    return next(filter(is_plan_folder, resolved.parents), None)
