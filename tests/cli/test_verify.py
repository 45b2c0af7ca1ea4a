"""``sampler verify``: agrees with a plan that is what it says, and names every difference of one that is not."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.files.archive import read_plan
from sampler.stats.tickets import ticket
from tests.cli.quarter import once
from tests.cli.running import Run, sampler


def plan(office: Path, period: str, seed: str, *more: object) -> Run:
    return sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--inspectors", office / "inspectors.xlsx", "--period", period, "--seed", seed,
        "--archive", office / "plans", "--out", office / "plans" / period, *more,
    )  # fmt: skip


@pytest.fixture
def folder(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make() -> None:
        (office / "plans").mkdir()
        assert plan(office, "2026Q4", "77").code == 0

    return once("verified", office, tmp_path_factory, make) / "2026Q4"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")


def parts(found: Run) -> set[str]:
    return {d["part"] for d in found.json["differences"]}


def test_a_plan_agrees_with_itself_and_with_its_registry(folder: Path, office: Path) -> None:
    found = sampler("verify", folder, "--registry", office / "registry.xlsx", "--archive", office / "plans")
    assert found.code == 0, found.err
    assert "verified" in found.out
    digest = hashlib.sha256((folder / "plan.json").read_bytes()).hexdigest()
    assert digest in found.out
    assert sampler("verify", folder, "--json").json == {
        "schema_version": 1,
        "command": "verify",
        "plan": str(folder),
        "sha256": digest,
        "verified": True,
        "differences": [],
    }


def test_sha256sum_alone_checks_every_file_the_draw_depends_on(folder: Path) -> None:
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    digests = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in manifest["files"]}
    assert digests == manifest["files"]
    assert digests["inputs/design.json"] == manifest["design"]["sha256"]
    assert digests["inputs/history.json"] == manifest["history"]["sha256"]
    assert digests.keys() == {
        "frame.parquet", "selection.csv", "strata.csv", "inputs/design.json", "inputs/history.json",
        "inputs/inspectors.json",
    }  # fmt: skip


def test_nothing_in_the_text_files_depends_on_the_machine(folder: Path) -> None:
    for path in (
        folder / "plan.json",
        folder / "selection.csv",
        folder / "strata.csv",
        *folder.glob("inputs/*"),
    ):
        content = path.read_bytes()
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")
        assert str(folder.parent).encode() not in content


Change = Callable[[Path], None]


def _workbook(folder: Path) -> None:
    path = next((folder / "districts").glob("440104*.xlsx"))
    book = load_workbook(path)
    book.worksheets[1]["B6"].value = "x"
    book.save(path)


def _teams(folder: Path) -> None:
    path = folder / "plan.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    visit, team = next(iter(manifest["teams"].items()))
    manifest["teams"][visit] = team[::-1]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def _frame(folder: Path) -> None:
    path = folder / "frame.parquet"
    table = pl.read_parquet(path)
    table.with_columns(pl.col("name").str.replace("店", "铺")).write_parquet(path)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda f: edit(f / "plan.json", '"seed": "77"', '"seed": "78"'), "selection.csv"),
        (lambda f: edit(f / "plan.json", '"tasks": 12', '"tasks": 11'), "plan.json"),
        (lambda f: edit(f / "selection.csv", ",task,", ",reserve,"), "selection.csv"),
        (lambda f: edit(f / "strata.csv", ",10,", ",11,"), "strata.csv"),
        (lambda f: edit(f / "inputs" / "design.json", '"budget":12', '"budget":13'), "inputs/design.json"),
        (lambda f: edit(f / "inputs" / "design.json", '"budget":12', '"budget":1'), "plan.json"),
        (
            lambda f: edit(f / "inputs" / "history.json", '"quarters":[]', '"quarters":["2026Q1"]'),
            "plan.json",
        ),
        (lambda f: (f / "strata.csv").unlink(), "strata.csv"),
        (lambda f: (f / "frame.parquet").write_bytes(b"x"), "frame.parquet"),
        (_frame, "frame.parquet"),
        (_teams, "plan.json"),
        (_workbook, "districts/440104-Yuexiu.xlsx"),
        (lambda f: next((f / "districts").glob("440105*")).unlink(), "districts/440105-Haizhu.xlsx"),
        (
            lambda f: shutil.copy(next((f / "districts").glob("*")), f / "districts" / "z.xlsx"),
            "districts/z.xlsx",
        ),
    ],
)
def test_every_change_is_found_and_named(folder: Path, change: Change, part: str) -> None:
    change(folder)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert found.json["verified"] is False
    assert part in parts(found)
    told = sampler("verify", folder)
    assert told.code == 5
    assert part in told.err
    assert "Do not use this plan" in told.err


def test_another_registry_is_not_the_one(folder: Path, office: Path) -> None:
    book = load_workbook(office / "registry.xlsx")
    book.active["A2"].value = "改名店"
    book.save(office / "registry.xlsx")
    found = sampler("verify", folder, "--registry", office / "registry.xlsx", "--json")
    assert found.code == 5
    assert parts(found) == {"registry"}
    assert any("改名店" in d["what"] for d in found.json["differences"])


def test_the_chain_shows_a_plan_that_was_replaced_behind_its_successor(folder: Path, office: Path) -> None:
    assert plan(office, "2027Q1", "99").code == 0
    later = office / "plans" / "2027Q1"
    assert sampler("verify", later, "--archive", office / "plans").code == 0
    named = json.loads((later / "plan.json").read_text(encoding="utf-8"))["previous"]
    assert named == {
        "period": "2026Q4",
        "sha256": hashlib.sha256((folder / "plan.json").read_bytes()).hexdigest(),
    }
    assert plan(office, "2026Q4", "78", "--force", "--why", "a typing error").code == 0
    told = sampler("verify", later, "--archive", office / "plans")
    assert told.code == 5
    assert "was replaced after this plan was made, because: a typing error" in told.err
    # Replaced in silence: by a folder that was made elsewhere.
    shutil.rmtree(folder)
    elsewhere = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "80", "--out", folder,
    )  # fmt: skip
    assert elsewhere.code == 0
    silent = sampler("verify", later, "--archive", office / "plans", "--json")
    assert silent.code == 5
    assert parts(silent) == {"2027Q1/plan.json"}
    assert "previous.sha256" in silent.json["differences"][0]["what"]


def test_a_plan_that_names_no_predecessor_breaks_the_chain(folder: Path, office: Path) -> None:
    run = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2027Q1", "--seed", "5", "--out", office / "plans" / "2027Q1",
    )  # fmt: skip
    assert run.code == 0
    told = sampler("verify", folder, "--archive", office / "plans")
    assert told.code == 5
    assert "names no predecessor (it should be 2026Q4)" in told.err


def test_two_plans_for_one_quarter_are_refused(folder: Path, office: Path) -> None:
    shutil.copytree(folder, office / "plans" / "copy")
    told = sampler("verify", folder, "--archive", office / "plans")
    assert told.code == 3
    assert "two plans for 2026Q4" in told.err


def test_tickets_for_others_to_check(folder: Path, tmp_path: Path) -> None:
    assert sampler("verify", folder, "--tickets", tmp_path / "t.csv").code == 0
    table = pl.read_csv(tmp_path / "t.csv")
    assert table.height == 40
    assert table["ticket"].to_list() == [ticket("77", u) for u in table["unit_id"]]
    ordered = table.sort("group", "ticket")
    assert ordered["rank"].to_list() == table.sort("group", "rank")["rank"].to_list()
    assert table.filter(pl.col("role") == "task").height == 12


def test_a_workbook_of_another_version_is_what_it_was(folder: Path) -> None:
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    edit(folder / "plan.json", f'"sampler": "{manifest["sampler"]}"', '"sampler": "0.0.1"')
    assert sampler("verify", folder).code == 0
    _workbook(folder)
    assert parts(sampler("verify", folder, "--json")) == {"districts/440104-Yuexiu.xlsx"}


def test_no_plan_at_all(tmp_path: Path) -> None:
    found = sampler("verify", tmp_path)
    assert found.code == 3
    assert "there is no plan in" in found.err


def test_the_example_in_the_documentation_is_true() -> None:
    text = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    example = re.search(r"printf '%s\\n%s' '(.+?)' '(.+?)' \| sha256sum\n +([0-9a-f]{64}) ", text)
    assert example is not None
    assert ticket(example[1], example[2]) == example[3]


def test_the_frame_digest_is_that_of_the_text_the_documentation_describes(folder: Path) -> None:
    manifest = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    frame = read_plan(folder).frame_units.drop("source_file", "source_sheet", "source_row")
    lines = [frame.columns, *sorted(frame.rows())]
    assert frame.columns[0] == "unit_id"
    text = "".join(
        "\t".join("" if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in line) + "\n"
        for line in lines
    )
    assert hashlib.sha256(text.encode()).hexdigest() == manifest["frame"]["sha256"]
