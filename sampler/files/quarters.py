"""The quarters that a trend is made of: plan folders with what came back for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.errors import InputError, UsageError
from sampler.files.archive import read_plan
from sampler.files.history import plans_in
from sampler.files.layout import PLANS, is_plan_folder
from sampler.files.returns import returned_batches
from sampler.period import Period

if TYPE_CHECKING:
    from sampler.design import Design
    from sampler.domains import Evidence


def read_quarters(paths: Iterable[Path]) -> tuple[dict[Period, Evidence], Design]:
    """The evidence of every quarter, oldest first, and the design of the latest.

    Args:
        paths: plan folders, folders that hold them, and working folders whose ``plans`` holds them.

    Raises:
        UsageError: no plan, or two of one quarter. InputError: a plan or its results cannot be read, or nothing was
            tested in any of them.
    """
    from sampler.outcomes import evidence, unit_outcomes
    from sampler.results import Results

    given = list(paths)
    quarters: dict[Period, Evidence] = {}
    designs: dict[Period, Design] = {}
    places: dict[Period, Path] = {}
    for path in _folders(given):
        plan = read_plan(path).plan
        if plan.period in places:
            raise UsageError("trend.two_plans", period=plan.period, one=places[plan.period], other=path)
        outcomes = unit_outcomes(plan, Results(returned_batches(path), (), ()))
        quarters[plan.period] = evidence(plan, outcomes)
        designs[plan.period] = plan.design
        places[plan.period] = path
    if not quarters:
        raise UsageError("trend.no_plans", paths=", ".join(map(str, given)))
    if not any(int(q.table["tested"].sum()) for q in quarters.values()):
        raise InputError("trend.nothing_tested")
    return dict(sorted(quarters.items())), designs[max(designs)]


def _folders(paths: Iterable[Path]) -> list[Path]:
    found: dict[Path, Path] = {}
    for path in paths:
        inside = [path] if is_plan_folder(path) else [r.path for r in plans_in(path)]
        if not inside and (path / PLANS).is_dir():  # the working folder that holds the archive
            inside = [r.path for r in plans_in(path / PLANS)]
        found |= {p.resolve(): p for p in inside}
    return list(found.values())
