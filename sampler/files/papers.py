"""All that a plan puts on paper, into one folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sampler.assignment import Inspector
from sampler.files.public import public_plan, write_public
from sampler.files.summary_book import write_summary
from sampler.files.workbooks import write_districts
from sampler.frame import Frame
from sampler.plan import Plan
from sampler.text import Lang


def write_papers(
    folder: Path, plan: Plan, frame: Frame, inspectors: Sequence[Inspector], *, lang: Lang
) -> None:
    """Write all the papers of a plan below an existing folder: for the field, for the planner, for the public."""
    write_field_papers(folder, plan, inspectors, lang=lang)
    write_summary(folder / "summary.xlsx", plan, frame, lang, inspectors=inspectors)


def write_field_papers(folder: Path, plan: Plan, inspectors: Sequence[Inspector], *, lang: Lang) -> None:
    """Write what leaves the office, which depends on the plan alone: ``districts/`` and ``public/``."""
    names = {i.id: i.name for i in inspectors}
    districts, public = folder / "districts", folder / "public"
    districts.mkdir()
    public.mkdir()
    write_districts(
        districts,
        plan,
        lang,
        inspectors=names,
        plan_id=plan.id,
        deadline=plan.deadline,
        forms=plan.design.fieldwork.forms,
    )
    write_public(public, "plan", public_plan(plan, lang))
