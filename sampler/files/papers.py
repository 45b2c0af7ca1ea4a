"""All that a plan puts on paper, into one folder; and whether papers that were made are still what they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from tempfile import TemporaryDirectory

from sampler.assignment import Inspector
from sampler.errors import InputError
from sampler.files.archive import PlanFolder, paper_digest
from sampler.files.compare import cells_sha256, text_differences, workbook_differences
from sampler.files.layout import DISTRICTS, PUBLIC, SUMMARY
from sampler.files.listing import files_below, is_litter
from sampler.files.public import public_plan, write_public
from sampler.files.summary_book import write_summary
from sampler.files.workbooks import write_districts
from sampler.frame import Frame
from sampler.history import Reported
from sampler.plan import Plan
from sampler.text import Lang, Text
from sampler.verify import MOST_SHOWN, Difference, same_format


def write_papers(
    folder: Path,
    plan: Plan,
    frame: Frame,
    inspectors: Sequence[Inspector],
    *,
    lang: Lang,
    reported: Mapping[str, Reported] | None = None,
) -> None:
    """Write all the papers of a plan below an existing folder: for the field, for the planner, for the public.

    ``reported`` is what `sampler.history.last_reported` found, for the planner.
    """
    write_field_papers(folder, plan, inspectors, lang=lang)
    write_summary(folder / SUMMARY, plan, frame, lang, inspectors=inspectors, reported=reported or {})


def write_field_papers(folder: Path, plan: Plan, inspectors: Sequence[Inspector], *, lang: Lang) -> None:
    """Write what leaves the office, which depends on the plan alone: ``districts/`` and ``public/``."""
    names = {i.id: i.name for i in inspectors}
    districts, public = folder / DISTRICTS, folder / PUBLIC
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


def paper_differences(folder: PlanFolder) -> Iterator[Difference]:
    """Where a plan folder's papers are not what they should be.

    Those of this version's format are compared with the same papers written afresh, cell by cell and line by line; those of
    another format, and those that cannot be written from the plan alone, with the digests that they had when they were made.
    """
    afresh: set[str] = set()
    if same_format(folder.manifest, "plan") and same_format(folder.manifest, "papers"):
        with TemporaryDirectory() as scratch:
            again = Path(scratch)
            write_field_papers(again, folder.plan, folder.inspectors, lang=folder.manifest["language"])
            afresh = {p.relative_to(again).as_posix() for p in again.rglob("*") if p.is_file()}
            yield from _compared(folder.path, again, afresh)
    made = folder.manifest.get("papers", {})
    yield from _as_made(folder.path, {n: digest for n, digest in made.items() if n not in afresh})
    if made or afresh:
        yield from _extra(folder.path, afresh | made.keys())
    yield from _summary(folder)


_RESULTS = re.compile(rf"{PUBLIC}/results\.(xlsx|csv|html)")
"""What `sampler estimate --public` may have written beside the plan's public tables: it is not of the plan."""


def _extra(folder: Path, known: Set[str]) -> Iterator[Difference]:
    """Files among the papers that the plan does not have."""
    for path in (*files_below(folder / DISTRICTS), *files_below(folder / PUBLIC)):
        name = path.relative_to(folder).as_posix()
        if name not in known and not is_litter(path.name) and not _RESULTS.fullmatch(name):
            yield Difference(name, Text.of("verify.extra_paper"))


def saved_again(folder: PlanFolder) -> list[str]:
    """The workbooks among a plan folder's papers that are no longer the very files that were made.

    Raises:
        InputError: one of them cannot be read.
    """
    made = folder.manifest.get("papers", {})
    return [n for n, digest in sorted(made.items()) if n.endswith(".xlsx") and paper_digest(folder.path / n) != digest]


def _compared(here: Path, again: Path, names: set[str]) -> Iterator[Difference]:
    """Differences between papers of the same names in two folders."""
    for name in sorted(names):
        if not (here / name).exists():
            yield Difference(name, Text.of("verify.no_paper"))
            continue
        compare = workbook_differences if name.endswith(".xlsx") else text_differences
        try:
            listed = list(compare(here / name, again / name))
        except InputError as error:
            listed = [error.told]
        yield from (Difference(name, what) for what in listed[:MOST_SHOWN])
        if len(listed) > MOST_SHOWN:
            yield Difference(name, Text.of("verify.more", count=len(listed) - MOST_SHOWN))


def _as_made(here: Path, made: Mapping[str, str]) -> Iterator[Difference]:
    """Papers that have no longer the digest they were made with."""
    for name, digest in sorted(made.items()):
        if not (here / name).exists():
            yield Difference(name, Text.of("verify.no_paper"))
            continue
        try:
            if paper_digest(here / name) != digest:
                yield Difference(name, Text.of("verify.changed"))
        except InputError as error:
            yield Difference(name, error.told)


def _summary(folder: PlanFolder) -> Iterator[Difference]:
    """The summary tells of the registry's rows, which only the registry knows: it is held against its digest."""
    name = SUMMARY
    made = folder.manifest.get("summary")
    if made is None:
        return
    if not (folder.path / name).exists():
        yield Difference(name, Text.of("verify.no_paper"))
        return
    try:
        if cells_sha256(folder.path / name) != made:
            yield Difference(name, Text.of("verify.changed_cells"))
    except InputError as error:
        yield Difference(name, error.told)
