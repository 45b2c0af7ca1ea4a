"""``sampler verify``: does a plan folder say the truth about itself?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sampler.cli.console import JsonOption, LangOption, Output, QuietOption, guarded, option_help, output
from sampler.text import Text, text

if TYPE_CHECKING:
    from sampler.files.archive import PlanFolder
    from sampler.verify import Difference


def verify(
    plan_dir: Annotated[Path, typer.Argument(help=option_help("plan_dir"), show_default=False)],
    registry: Annotated[list[Path] | None, typer.Option(help=option_help("verify_registry"))] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
    lang: LangOption = None,
) -> None:
    """Verify a plan folder."""
    _verify(output("verify", lang, json=json, quiet=quiet), plan_dir, registry or [])


@guarded
def _verify(say: Output, plan_dir: Path, registry: list[Path]) -> None:
    from sampler.errors import VerificationError
    from sampler.files.archive import read_plan
    from sampler.files.registry import read_registry
    from sampler.verify import verify_plan

    with say.progress("verify.reading"):
        folder = read_plan(plan_dir)
        say.follow(folder.plan.design.bureau.language)
        frame = read_registry(registry, folder.plan.design) if registry else None
    with say.progress("verify.redrawing"):
        found = verify_plan(
            folder.plan,
            folder.frame_units,
            folder.manifest,
            inspectors=folder.inspectors,
            history=folder.history,
            registry=frame,
        )
        found += _papers(folder)
    if say.json:
        say.document(
            {
                "plan": str(plan_dir),
                "verified": not found,
                "differences": [{"part": d.part, "what": d.what.render("en")} for d in found],
            }
        )
    if found:
        listed = tuple(Text.of("verify.in_part", part=d.part, what=d.what) for d in found)
        error = VerificationError("verify.bad", folder=plan_dir, count=len(found), differences=listed)
        say.err.print(error.message(say.lang), markup=False)
        raise typer.Exit(error.exit_code)
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


def _papers(folder: PlanFolder) -> list[Difference]:
    """Differences between the folder's workbooks and the same written afresh."""
    from tempfile import TemporaryDirectory

    from sampler.files.papers import write_papers

    with TemporaryDirectory() as scratch:
        again = Path(scratch)
        write_papers(again, folder.plan, folder.inspectors, lang=folder.manifest["language"])
        return list(_differences(folder.path / "districts", again / "districts"))


def _differences(here: Path, again: Path) -> Iterator[Difference]:
    from sampler.files.compare import workbook_differences
    from sampler.verify import Difference

    found = {p.name for p in here.glob("*.xlsx") if not p.name.startswith("~$")}
    expected = {p.name for p in again.glob("*.xlsx")}
    for name in sorted(expected - found):
        yield Difference(f"districts/{name}", Text.of("verify.no_workbook"))
    for name in sorted(found - expected):
        yield Difference(f"districts/{name}", Text.of("verify.extra_workbook"))
    for name in sorted(found & expected):
        for what in workbook_differences(here / name, again / name):
            yield Difference(f"districts/{name}", what)
