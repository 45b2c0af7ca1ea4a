"""``sampler verify``: does a plan folder say the truth about itself?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler import __version__
from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.text import Text, text

MOST_LISTED = 40
"""Differences shown to people; the JSON document has all."""

if TYPE_CHECKING:
    from sampler.files.archive import PlanFolder
    from sampler.frame import Frame
    from sampler.verify import Difference


def verify(
    plan_dir: Annotated[Path, typer.Argument(help=option_help("plan_dir"), show_default=False)],
    registry: Annotated[list[Path] | None, typer.Option(help=option_help("verify_registry"))] = None,
    archive: Annotated[Path | None, typer.Option(help=option_help("verify_archive"))] = None,
    tickets: Annotated[Path | None, typer.Option(help=option_help("verify_tickets"))] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Verify a plan folder."""
    say = output("verify", lang, json=json, quiet=quiet)
    _verify(say, plan_dir, registry or [], archive, tickets)


@guarded
def _verify(
    say: Output, plan_dir: Path, registry: list[Path], archive: Path | None, tickets: Path | None
) -> None:
    from sampler.errors import InputError
    from sampler.files.archive import read_manifest, read_plan
    from sampler.files.registry import read_registry
    from sampler.verify import Difference

    record, digest = read_manifest(plan_dir)
    try:
        with say.progress("verify.reading"):
            folder = read_plan(plan_dir)
    except InputError as error:
        if error.key not in ("archive.missing_part", "archive.broken_part"):
            raise
        # The manifest says that the part is there: its absence is what verification is to find.
        part = Path(str(error.params["file"])).relative_to(plan_dir).as_posix()
        _tell(say, plan_dir, digest, [Difference(part, Text.of(error.key, **error.params))])
        return
    say.follow(folder.plan.design.bureau.language)
    frame = read_registry(registry, folder.plan.design) if registry else None
    with say.progress("verify.redrawing"):
        found = _compared(folder, frame)
        if archive is not None:
            found += _chain(archive)
    if tickets is not None:
        _write_tickets(folder, tickets)
    _tell(say, plan_dir, digest, found)
    if not say.json:
        done = text(
            "verify.good",
            say.lang,
            folder=plan_dir,
            strata=folder.plan.strata.height,
            units=folder.plan.units.height,
            selected=folder.plan.selection.height,
            books=len(list((plan_dir / "districts").glob("*.xlsx"))),
        )
        say.out.print(done, markup=False, soft_wrap=True)
        why = record.get("why")
        if record.get("replaces"):
            line = text("verify.replaces", say.lang, digest=record["replaces"], why=why or "-")
            say.out.print(line, markup=False, soft_wrap=True)
        say.out.print(text("verify.digest", say.lang, digest=digest), markup=False, soft_wrap=True)


def _tell(say: Output, plan_dir: Path, digest: str, found: list[Difference]) -> None:
    """Say what differs, if anything does, and leave with the exit code for it."""
    from sampler.errors import VerificationError

    if say.json:
        differences = [{"part": d.part, "what": d.what.render("en")} for d in found]
        say.document(
            {"plan": str(plan_dir), "sha256": digest, "verified": not found, "differences": differences}
        )
    if found:
        listed = tuple(Text.of("verify.in_part", part=d.part, what=d.what) for d in found[:MOST_LISTED])
        if len(found) > MOST_LISTED:
            listed += (Text.of("verify.more", count=len(found) - MOST_LISTED),)
        error = VerificationError("verify.bad", folder=plan_dir, count=len(found), differences=listed)
        say.alarm(error.message(say.lang))
        raise typer.Exit(error.exit_code)


def _compared(folder: PlanFolder, registry: Frame | None) -> list[Difference]:
    from sampler.verify import verify_plan

    found = verify_plan(
        folder.plan,
        folder.frame_units,
        folder.manifest,
        files=folder.files,
        inspectors=folder.inspectors,
        history=folder.history,
        registry=registry,
    )
    return found + _papers(folder)


def _chain(archive: Path) -> list[Difference]:
    from sampler.files.history import plans_in
    from sampler.verify import chain_differences

    return chain_differences(plans_in(archive))


def _write_tickets(folder: PlanFolder, path: Path) -> None:
    """Every unit that could be drawn, with the label of its stratum, ticket, rank and role: a draw to check by hand."""
    import polars as pl

    from sampler.errors import InputError
    from sampler.files.machine_csv import write_csv

    plan = folder.plan
    groups = plan.selection.select("stratum", "group").unique()
    roles = plan.selection.select("unit_id", "role", "task_id")
    table = (
        plan.units.select("unit_id", "stratum", "ticket", "rank")
        .join(groups, on="stratum", how="left")
        .join(roles, on="unit_id", how="left")
        .select("group", "rank", "ticket", "unit_id", "role", "task_id")
        .sort(pl.col("group"), "rank", nulls_last=True)
    )
    try:
        write_csv(table, path)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=path, reason=error.strerror or error) from error


def _papers(folder: PlanFolder) -> list[Difference]:
    """Differences between the folder's workbooks and the same written afresh."""
    from tempfile import TemporaryDirectory

    from sampler.files.papers import write_field_papers

    with TemporaryDirectory() as scratch:
        again = Path(scratch)
        write_field_papers(again, folder.plan, folder.inspectors, lang=folder.manifest["language"])
        known = {} if folder.manifest["sampler"] == __version__ else folder.manifest.get("papers", {})
        return list(_differences(folder.path / "districts", again / "districts", known))


def _differences(here: Path, again: Path, known: Mapping[str, str]) -> Iterator[Difference]:
    """Differences between the workbooks of two folders.

    Another version of sampler may lay a workbook out in another way: one that still has the digest it was made with
    (``known``) is what it was, and is not compared.
    """
    from sampler.files.compare import parts_sha256, workbook_differences
    from sampler.verify import MOST_SHOWN, Difference

    found = {p.name for p in here.glob("*.xlsx") if not p.name.startswith("~$")}
    expected = {p.name for p in again.glob("*.xlsx")}
    for name in sorted(expected - found):
        yield Difference(f"districts/{name}", Text.of("verify.no_workbook"))
    for name in sorted(found - expected):
        yield Difference(f"districts/{name}", Text.of("verify.extra_workbook"))
    for name in sorted(found & expected):
        if known.get(name) == parts_sha256(here / name):
            continue
        listed = list(workbook_differences(here / name, again / name))
        for what in listed[:MOST_SHOWN]:
            yield Difference(f"districts/{name}", what)
        if len(listed) > MOST_SHOWN:
            yield Difference(f"districts/{name}", Text.of("verify.more", count=len(listed) - MOST_SHOWN))
