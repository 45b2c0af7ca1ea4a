"""All that a plan puts on paper, into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sampler.assignment import Inspector
from sampler.files.workbooks import write_districts
from sampler.plan import Plan
from sampler.text import Lang


def write_papers(folder: Path, plan: Plan, inspectors: Sequence[Inspector], *, lang: Lang) -> None:
    """Write the district workbooks of a plan below an existing folder."""
    names = {i.id: i.name for i in inspectors}
    districts = folder / "districts"
    districts.mkdir()
    write_districts(districts, plan, lang, inspectors=names, plan_id=plan.id, deadline=plan.deadline)
