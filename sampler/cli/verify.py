"""``sampler verify``: does a plan folder say the truth about itself?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sampler import __version__
from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, failures_told, option_help, output
from sampler.files.layout import DISTRICTS
from sampler.text import Text, text

MOST_LISTED = 40
"""Differences shown to people; the JSON document has all."""

DAMAGE = ("archive.missing_part", "archive.broken_part", "archive.wrong_keys")
"""Errors of reading that are themselves what verification is to find."""

if TYPE_CHECKING:
    from sampler.errors import InputError
    from sampler.files.archive import PlanFolder
    from sampler.frame import Frame
    from sampler.verify import Difference


def verify(
    plan_dir: Annotated[Path, typer.Argument(help=option_help("plan_dir"), show_default=False)],
    registry: Annotated[list[Path] | None, typer.Option(help=option_help("verify_registry"))] = None,
    archive: Annotated[Path | None, typer.Option(help=option_help("verify_archive"))] = None,
    sha256: Annotated[str | None, typer.Option("--sha256", help=option_help("verify_sha256"), metavar="DIGEST")] = None,
    tickets: Annotated[Path | None, typer.Option(help=option_help("verify_tickets"))] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Verify a plan folder."""
    say = output("verify", lang, json=json, quiet=quiet)
    with failures_told(say):
        from sampler.errors import InputError
        from sampler.files.archive import manifest_digest, read_plan
        from sampler.files.inputs import refuse_nowhere, refuse_overwriting
        from sampler.files.papers import saved_again
        from sampler.files.registry import read_registry
        from sampler.manifest import FORMAT

        if tickets is not None:
            refuse_nowhere(tickets)
            refuse_overwriting(tickets, registry or [])
        try:
            with say.progress("verify.reading"):
                folder = read_plan(plan_dir)
        except InputError as error:
            if error.key not in DAMAGE:
                raise
            _tell(say, plan_dir, manifest_digest(plan_dir), True, [_damage(plan_dir, error)])
            return
        say.follow(folder.plan.design.bureau.language)
        compared = _compares(folder.manifest)
        if compared is not None:
            say.warn(
                "verify.other_format",
                version=folder.manifest["sampler"],
                made=_format(folder.manifest.get("format", {})),
                own=__version__,
                known=_format(FORMAT),
                compared=compared,
            )
        but = (plan_dir, archive, tickets)
        frame = read_registry(registry, folder.plan.design, but=but) if registry else None
        with say.progress("verify.redrawing"):
            found = _published(folder, sha256) + _compared(folder, frame)
            if archive is not None:
                found += _chain(archive, folder)
        if tickets is not None:
            _write_tickets(folder, tickets)
        again = [] if found else saved_again(folder)
        _tell(say, plan_dir, folder.manifest_sha256, compared is None, found, again)
        if not say.json:
            _praise(say, folder, compared, again)


def _format(versions: Mapping[str, int]) -> str:
    """The version of a plan's format, e.g. ``1.2``: that of the method, then that of the papers."""
    return f"{versions.get('plan', 0)}.{versions.get('papers', 0)}"


def _compares(record: Mapping[str, Any]) -> Text | None:
    """What can be compared of a plan of another format than this version's; None where everything can."""
    from sampler.verify import same_format

    if not same_format(record, "plan"):
        return Text.of("verify.compares_draw")
    return None if same_format(record, "papers") else Text.of("verify.compares_papers")


def _damage(plan_dir: Path, error: InputError) -> Difference:
    """A part that cannot be read, as a difference: the manifest says that it is there."""
    from sampler.verify import Difference

    part = Path(str(error.params["file"])).relative_to(plan_dir).as_posix()
    return Difference(part, error.told)


def _praise(say: Output, folder: PlanFolder, compared: Text | None, again: list[str]) -> None:
    """Say that everything agrees."""
    plan, record = folder.plan, folder.manifest
    done = (
        text("verify.good_draw", say.lang, folder=folder.path, compared=compared)
        if compared is not None
        else text(
            "verify.good",
            say.lang,
            folder=folder.path,
            strata=plan.strata.height,
            units=plan.units.height,
            selected=plan.selection.height,
            books=len(list((folder.path / DISTRICTS).glob("*.xlsx"))),
        )
    )
    say.out.print(done, markup=False, soft_wrap=True)
    if again:
        line = text("verify.saved_again", say.lang, files=", ".join(again))
        say.out.print(line, markup=False, soft_wrap=True)
    if record.get("replaces"):
        line = text("verify.replaces", say.lang, digest=record["replaces"], why=record.get("why") or "-")
        say.out.print(line, markup=False, soft_wrap=True)
    line = text("verify.digest", say.lang, digest=folder.manifest_sha256)
    say.out.print(line, markup=False, soft_wrap=True)


def _tell(
    say: Output,
    plan_dir: Path,
    digest: str | None,
    complete: bool,
    found: list[Difference],
    again: Sequence[str] = (),
) -> None:
    """Say what differs, if anything does, and leave with the exit code for it."""
    from sampler.errors import VerificationError

    if say.json:
        differences = [{"part": d.part, "what": d.what.render("en")} for d in found]
        say.document(
            {
                "plan": str(plan_dir),
                "sha256": digest,
                "verified": not found,
                "complete": complete,
                "differences": differences,
                "saved_again": list(again),
            }
        )
    if found:
        listed = tuple(Text.of("verify.in_part", part=d.part, what=d.what) for d in found[:MOST_LISTED])
        if len(found) > MOST_LISTED:
            listed += (Text.of("verify.more", count=len(found) - MOST_LISTED),)
        error = VerificationError("verify.bad", folder=plan_dir, count=len(found), differences=listed)
        say.tell("error", error.told)
        raise typer.Exit(error.exit_code)


def _compared(folder: PlanFolder, registry: Frame | None) -> list[Difference]:
    from sampler.files.papers import paper_differences
    from sampler.files.record import record_differences
    from sampler.verify import Difference, verify_plan

    found = [*record_differences(folder)]
    found += verify_plan(
        folder.plan,
        folder.frame_units,
        folder.manifest,
        files=folder.files,
        inspectors=folder.inspectors,
        history=folder.history,
        registry=registry,
    )
    try:
        return [*found, *paper_differences(folder)]
    except Exception:
        # Of a record that makes no sense no papers can be written; of any other they can, or it is a bug.
        if not found:
            raise
        return [*found, Difference(DISTRICTS, Text.of("verify.broken"))]


def _published(folder: PlanFolder, digest: str | None) -> list[Difference]:
    """Whether the plan is the one whose digest was made public."""
    from sampler.verify import Difference

    if digest is None or digest.strip().lower() == folder.manifest_sha256:
        return []
    told = Text.of("verify.not_published", published=digest.strip(), here=folder.manifest_sha256)
    return [Difference("plan.json", told)]


def _chain(archive: Path, folder: PlanFolder) -> list[Difference]:
    from sampler.files.history import plans_in
    from sampler.verify import chain_differences

    return chain_differences(plans_in(archive), folder.manifest_sha256)


def _write_tickets(folder: PlanFolder, path: Path) -> None:
    """Every unit that could be drawn, with the label of its stratum, ticket, rank and role: a draw to check by hand."""
    import polars as pl

    from sampler.errors import InputError, refusal
    from sampler.files.machine_csv import write_csv
    from sampler.files.swap import replaced

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
        with replaced(path) as (temporary,):
            write_csv(table, temporary)
    except OSError as error:
        raise InputError("archive.cannot_write", folder=path, **refusal(error)) from error
