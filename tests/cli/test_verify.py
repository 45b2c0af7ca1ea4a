"""``sampler verify``: agrees with a plan that is what it says, and names every difference of one that is not."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.files.archive import manifest_text, read_plan
from sampler.manifest import FORMAT
from sampler.stats.tickets import ticket
from tests.cli.quarter import once, send_back
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
        "complete": True,
        "differences": [],
        "saved_again": [],
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


@pytest.mark.parametrize("key", ["rows", "merged", "expanded"])
def test_an_account_of_rows_that_does_not_add_up_is_told(folder: Path, key: str) -> None:
    rewrite(folder, lambda m: m["frame"].update({key: m["frame"][key] + 1}))
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert [d["part"] for d in found.json["differences"]] == ["plan.json"]
    assert "frame.rows: on record" in found.json["differences"][0]["what"]


def test_an_account_of_rows_that_adds_up_is_compared_with_the_registry(folder: Path, office: Path) -> None:
    def forge(record: dict[str, Any]) -> None:
        record["frame"]["rows"] += 30
        record["frame"]["merged"] += 10
        record["frame"]["excluded"]["status"] = 20

    rewrite(folder, forge)
    assert sampler("verify", folder).code == 0  # nothing in the folder contradicts it
    found = sampler("verify", folder, "--registry", office / "registry.xlsx", "--json")
    assert found.code == 5
    assert {d["what"].partition(":")[0] for d in found.json["differences"]} == {
        "frame.rows", "frame.merged", "frame.excluded.status",
    }  # fmt: skip


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


def test_a_chain_without_its_first_plan_is_broken(folder: Path, office: Path) -> None:
    assert plan(office, "2027Q1", "99").code == 0
    shutil.rmtree(folder)
    told = sampler("verify", office / "plans" / "2027Q1", "--archive", office / "plans")
    assert told.code == 5
    assert "its predecessor 2026Q4 is not in the archive" in told.err


def test_another_archive_proves_nothing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = sampler("verify", folder, "--archive", tmp_path / "empty")
    assert told.code == 5
    assert "the archive does not hold this plan" in told.err


def test_a_seed_is_used_for_one_quarter(folder: Path, office: Path) -> None:
    again = plan(office, "2027Q1", "77")
    assert again.code == 2
    assert "this seed was used for the plan of 2026Q4" in again.err
    assert not (office / "plans" / "2027Q1").exists()
    assert plan(office, "2026Q4", "77", "--force", "--why", "the registry was mended").code == 0


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


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest as somebody would who knows how it is written."""
    path = folder / "plan.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    change(record)
    path.write_text(manifest_text(record), encoding="utf-8", newline="\n")


def test_only_plans_of_another_format_are_held_to_less(folder: Path) -> None:
    rewrite(folder, lambda m: m.update(sampler="0.0.1"))
    whole = sampler("verify", folder, "--json")
    assert (whole.code, whole.json["complete"]) == (0, True)
    rewrite(folder, lambda m: m["format"].update(papers=99))
    told = sampler("verify", folder)
    assert told.code == 0
    assert f"made by another version of sampler (0.0.1, format {FORMAT['plan']}.99)" in told.err
    assert "whether they changed since they were made" in told.out
    _workbook(folder)
    (folder / "public" / "plan.csv").unlink()
    assert parts(sampler("verify", folder, "--json")) == {
        "districts/440104-Yuexiu.xlsx", "public/plan.csv",
    }  # fmt: skip


def test_values_that_another_version_would_compute_otherwise_are_no_forgery(folder: Path) -> None:
    """Another way to compute scores and rates: what was computed differs in every row, the draw stands."""
    path = folder / "frame.parquet"
    pl.read_parquet(path).with_columns(pl.col("score") * 1.5).write_parquet(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rewrite(folder, lambda m: m["files"].update({"frame.parquet": digest}))
    assert sampler("verify", folder).code == 5
    rewrite(folder, lambda m: m["format"].update(plan=99))
    told = sampler("verify", folder, "--json")
    assert told.code == 0
    assert (told.json["verified"], told.json["complete"]) == (True, False)
    assert "Only what does not depend on it is compared: digests, tickets, ranks" in told.err


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda f: rewrite(f, lambda m: m.update(seed="78")), "frame.parquet"),
        (lambda f: edit(f / "selection.csv", ",task,", ",reserve,"), "selection.csv"),
        (lambda f: edit(f / "strata.csv", ",rule,0.3", ",floor,0.3"), "plan.json"),
    ],
)
def test_the_draw_of_another_format_is_still_held_to_its_tickets(folder: Path, change: Change, part: str) -> None:
    rewrite(folder, lambda m: m["format"].update(plan=99))
    change(folder)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert part in parts(found)


def test_the_last_digits_of_a_fraction_do_not_count(folder: Path) -> None:
    def shifted(by: float) -> int:
        table = before.with_columns(pl.col("score") * (1 + by))
        table.write_parquet(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        rewrite(folder, lambda m: m["files"].update({"frame.parquet": digest}))
        return sampler("verify", folder).code

    path = folder / "frame.parquet"
    before = pl.read_parquet(path)
    assert shifted(1e-11) == 0
    assert shifted(1e-8) == 5


def damaged(folder: Path, key: str, value: object) -> None:
    """Give a key of the manifest another value, or (with ``...``) take it out."""

    def change(record: dict[str, Any]) -> None:
        *above, last = key.split(".")
        for name in above:
            record = record[name]
        if value is ...:
            del record[last]
        else:
            record[last] = value

    rewrite(folder, change)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("seed", ...),
        ("seed", 5),
        ("frame", None),
        ("frame.sha256", ...),
        ("teams", []),
        ("strata.count", "many"),
        ("created", "yesterday"),
        ("period", "2026"),
        ("language", "fr"),
        ("files", {"strata.csv": 1}),
        ("frame.excluded", {"status": "many"}),
    ],
)
def test_a_damaged_manifest_is_named_by_its_key(folder: Path, key: str, value: object) -> None:
    damaged(folder, key, value)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert parts(found) == {"plan.json"}
    assert key in found.json["differences"][0]["what"]
    assert sampler("estimate", folder).code == 3


@pytest.mark.parametrize("content", ["", "[]", '"plan"', "{", "[" * 100_000])
def test_a_manifest_that_is_none_is_said_to_be_none(folder: Path, content: str) -> None:
    (folder / "plan.json").write_text(content, encoding="utf-8")
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert parts(found) == {"plan.json"}


@pytest.mark.parametrize("column", ["unit_id", "stratum", "reason", "failures"])
def test_a_column_that_the_frame_lost_is_named(folder: Path, column: str) -> None:
    path = folder / "frame.parquet"
    pl.read_parquet(path).drop(column).write_parquet(path)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert column in found.json["differences"][0]["what"]


def test_a_design_that_lost_a_key_is_told_without_a_parsers_words(folder: Path) -> None:
    path = folder / "inputs" / "design.json"
    design = json.loads(path.read_text(encoding="utf-8"))
    del design["design"]["bureau"]
    path.write_text(json.dumps(design), encoding="utf-8")
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert "design.bureau is missing" in found.json["differences"][0]["what"]
    assert "validation" not in found.out


def test_a_frame_no_registry_could_give_is_not_taken_for_a_bug(folder: Path) -> None:
    path = folder / "frame.parquet"
    pl.read_parquet(path).with_columns(category=pl.lit("nothing")).write_parquet(path)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert "frame.parquet" in parts(found)


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (lambda b: setattr(b.worksheets[1].row_dimensions[5], "hidden", True), "sheet Tasks, row 5 is hidden"),
        (lambda b: setattr(b.worksheets[1].column_dimensions["D"], "hidden", True), "sheet Tasks, column D is hidden"),
        (lambda b: setattr(b.worksheets[1].protection, "sheet", False), "no longer protected"),
        (lambda b: setattr(b.worksheets[1].oddFooter.right, "text", "2026Q4-other"), "footer: should be"),
        (lambda b: setattr(b.worksheets[2], "sheet_state", "hidden"), "sheet Reserves is hidden"),
    ],
)
def test_what_a_workbook_hides_or_lets_be_changed_is_compared(
    folder: Path, tamper: Callable[[Any], None], told: str
) -> None:
    path = next((folder / "districts").glob("440104*.xlsx"))
    book = load_workbook(path)
    tamper(book)
    book.save(path)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert parts(found) == {"districts/440104-Yuexiu.xlsx"}
    assert any(told in d["what"] for d in found.json["differences"]), found.out


def test_papers_that_were_merely_saved_again_are_what_they_were(folder: Path) -> None:
    for path in (
        *(folder / "districts").glob("*.xlsx"),
        folder / "public" / "plan.xlsx",
        folder / "summary.xlsx",
    ):
        load_workbook(path).save(path)
    found = sampler("verify", folder)
    assert found.code == 0, found.err


def _summary(folder: Path) -> None:
    book = load_workbook(folder / "summary.xlsx")
    book.worksheets[0]["A1"].value = "x"
    book.save(folder / "summary.xlsx")


def _public(folder: Path) -> None:
    book = load_workbook(folder / "public" / "plan.xlsx")
    book.active["D3"].value = 7_777
    book.save(folder / "public" / "plan.xlsx")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (
            lambda f: (f / "plan.json").write_text(json.dumps(json.loads((f / "plan.json").read_text()))),
            "plan.json",
        ),
        (lambda f: rewrite(f, lambda m: m.update(remark="all is well")), "plan.json"),
        (lambda f: rewrite(f, lambda m: m["frame"].update(remark="all is well")), "plan.json"),
        (lambda f: rewrite(f, lambda m: m.pop("summary")), "plan.json"),
        (lambda f: edit(f / "plan.json", '"seed"', '"seed": "1",\n "seed"'), "plan.json"),
        (_public, "public/plan.xlsx"),
        (lambda f: edit(f / "public" / "plan.csv", ",1", ",9"), "public/plan.csv"),
        (lambda f: edit(f / "public" / "plan.html", "Yuexiu", "Haizhu"), "public/plan.html"),
        (lambda f: shutil.rmtree(f / "public"), "public/plan.html"),
        (lambda f: (f / "public" / "plan.csv").write_bytes(b"\xff\xfe\x00"), "public/plan.csv"),
        (_summary, "summary.xlsx"),
        (lambda f: (f / "summary.xlsx").unlink(), "summary.xlsx"),
        (lambda f: (f / "summary.xlsx").write_bytes(b"x"), "summary.xlsx"),
        (lambda f: next((f / "districts").glob("440104*")).write_bytes(b"x"), "districts/440104-Yuexiu.xlsx"),
        (lambda f: edit(f / "selection.csv", "\n", "\nbroken,"), "selection.csv"),
    ],
)
def test_no_part_of_the_folder_can_be_changed_unseen(folder: Path, change: Change, part: str) -> None:
    change(folder)
    found = sampler("verify", folder, "--json")
    assert found.code == 5
    assert part in parts(found), found.out


def test_a_plan_that_agrees_with_itself_may_not_be_the_one_published(folder: Path) -> None:
    digest = hashlib.sha256((folder / "plan.json").read_bytes()).hexdigest()
    assert sampler("verify", folder, "--sha256", f" {digest.upper()}\n").code == 0
    rewrite(folder, lambda m: m.update(created="2026-01-01T00:00:00+00:00"))
    assert sampler("verify", folder).code == 0
    found = sampler("verify", folder, "--sha256", digest, "--json")
    assert found.code == 5
    assert "is not the plan that was published" in found.json["differences"][0]["what"]


def test_a_key_that_sampler_does_not_write_is_named(folder: Path) -> None:
    rewrite(folder, lambda m: m["frame"].update(remark="all is well"))
    assert "frame.remark: sampler writes no such key" in sampler("verify", folder).err


def test_a_replaced_manifest_keeps_the_name_of_its_digest(folder: Path, office: Path) -> None:
    assert plan(office, "2026Q4", "78", "--force", "--why", "a typing error").code == 0
    assert sampler("verify", folder).code == 0
    kept = next((folder / "inputs" / "replaced").glob("*.json"))
    edit(kept, '"seed": "77"', '"seed": "76"')
    assert parts(sampler("verify", folder, "--json")) == {f"inputs/replaced/{kept.name}"}


def test_a_file_is_not_a_plan_folder(folder: Path) -> None:
    found = sampler("verify", folder / "plan.json")
    assert found.code == 3
    assert "is a file, not a plan folder" in found.err
    assert "Errno" not in found.err


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


@pytest.mark.parametrize("name", ["selection.csv", "returned/t.csv", "public/plan.csv", "inputs/t.csv"])
def test_tickets_do_not_overwrite_the_plan(folder: Path, name: str) -> None:
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    told = sampler("verify", folder, "--tickets", folder / name)
    assert told.code == 2
    assert "a part of the plan folder" in told.err
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("name", ["summary.xlsx", "plan.json", "returned/440104-Yuexiu.xlsx", "districts/new.xlsx"])
def test_an_estimate_does_not_overwrite_the_plan(folder: Path, name: str) -> None:
    send_back(folder)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    told = sampler("estimate", folder, "--out", folder / name)
    assert told.code == 2
    assert "a part of the plan folder" in told.err
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert sampler("estimate", folder, "--out", folder / "report.xlsx").code == 0


def test_an_estimate_does_not_overwrite_its_table(tmp_path: Path) -> None:
    table = tmp_path / "counts.csv"
    table.write_text("类别,抽检数,合格数\n食品,10,9\n", encoding="utf-8")
    told = sampler("estimate", table, "--out", table)
    assert told.code == 2
    assert "is an input" in told.err
    assert "食品,10,9" in table.read_text(encoding="utf-8")
