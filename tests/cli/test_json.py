"""docs/json.md is what the commands write: every key of their documents is in it, and every key in it is written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from openpyxl import load_workbook

from sampler.cli.app import app
from sampler.files import ingest as ingesting
from sampler.files.archive import read_plan
from tests.cli.conftest import make_office
from tests.cli.quarter import configure, run, send_back
from tests.cli.running import sampler
from tests.files import fieldwork

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "sample_data" / "plan-2026Q4"
STARTER = ROOT / "sampler" / "starter" / "registry.xlsx"

RARE = {
    ("estimate", "estimates[].batches.*"),
    ("plan", "margins[].more"),
    ("plan", "changes.ids.*"),
    ("run", "planned.changes.ids.*"),
    ("run", "ingested[].problems[]"),
}
"""Documented keys that no document here has: command and key, or the beginning of it."""

MARGINS = """
[[precision]]
domain = { category = "food" }
margin = 0.2
"""
TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}


@dataclass(frozen=True)
class Row:
    """A line of a table of keys."""

    key: str
    types: tuple[str, ...]
    nullable: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """What it fits."""
        return re.compile(re.escape(self.key).replace(r"\*", r"[^.]+"))


def tables() -> dict[str, list[Row]]:
    """Command → its rows; those of every document under an empty name."""
    found: dict[str, list[Row]] = {}
    for section in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        rows = re.findall(r"^\| `([^`]+)`(?: †)? \| ([^|]+) \| ([^|]+) \|", body, flags=re.MULTILINE)
        found[title.removeprefix("sampler ") if title.startswith("sampler ") else ""] = [
            Row(key, tuple(types.split(", ")), null.strip() != "–") for key, types, null in rows
        ]
    return found


TABLES = tables()


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value of a document that holds no others: where it stands, and its type."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key.replace('.', '_')}" if path else key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, TYPES[type(value)]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Command → documents it wrote."""
    folder = tmp_path_factory.mktemp("json")
    office = make_office(folder)
    found: dict[str, list[Any]] = {command.name or "": [] for command in app.registered_commands}

    def add(command: str, *arguments: object, code: int = 0) -> None:
        written = sampler(command, *arguments, "--json")
        assert written.code == code, written.err
        found[command].append(written.json)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingesting, "_PAUSE", 0.0)
        add("init", folder / "new")
        config = office / "design.toml"
        configure(office, "2025Q4", 'seed_file = "{period}.txt"\n')
        add("run", "--config", config)  # waits for the seed
        (office / "2025Q4.txt").write_text("88", encoding="utf-8")
        add("run", "--config", config, "--dry-run")
        add("run", "--config", config)
        for district in ("440104", "440105"):
            send_back(office / "plans" / "2025Q4", district, lambda n: fieldwork.PASS if n else fieldwork.FAIL)
        configure(office, "2026Q4")
        add("run", "--config", config, "--dry-run")
        add("run", "--config", config)
        send_back(office / "plans" / "2026Q4", "440104")
        assert run(office).code == 0
    configuration = ("--config", office / "design.toml", "--weights", office / "weights.toml")
    registry = office / "registry.xlsx"
    add("trend", office / "plans")
    add("trend", office / "plans" / "2026Q4")
    design = office / "design.toml"
    plain = design.read_text(encoding="utf-8")
    design.write_text(plain.replace("[[districts]]", MARGINS + "[[districts]]", 1), encoding="utf-8")
    add("plan", registry, *configuration, "--archive", office / "plans", "--period", "2027Q2", "--dry-run")
    add("plan", registry, *configuration, "--period", "2027Q2", "--out", office / "made")
    design.write_text(plain, encoding="utf-8")
    add("check", STARTER, *configuration)
    shipped = ("--config", ROOT / "configs" / "guangzhou.toml", "--weights", ROOT / "configs" / "risk_weights.toml")
    add("plan", STARTER, *shipped, "--budget", 100, "--period", "2026Q4", "--dry-run")
    (office / "r.csv").write_text(
        "企业名称,注册号,所属区,产品类别\n甲,9,越秀区,食品\n甲,9,越秀区,玩具\n乙,x,别处,食品\n", "utf-8"
    )
    add("check", office / "r.csv", *configuration)
    add("plan", office / "r.csv", *configuration, "--period", "2027Q2", "--dry-run")
    add("simulate", registry, *configuration, "--draws", 5, "--workers", 1, "--period", "2027Q2")
    add("simulate", registry, *configuration, "--draws", 5, "--workers", 1, "--results", office / "plans" / "2025Q4")
    add("size", "--margin", 0.03)
    add("size", "--detect", 0.05, "--population", 500)
    add("size", code=2)
    add("verify", SAMPLE)
    damaged = shutil.copytree(office / "made", folder / "damaged")
    next((damaged / "districts").glob("*.xlsx")).unlink()
    add("verify", damaged, code=5)
    again = shutil.copytree(office / "made", folder / "again")
    paper = next((again / "districts").glob("*.xlsx"))
    load_workbook(paper).save(paper)
    add("verify", again)
    plan = read_plan(SAMPLE).plan
    drawn = plan.selection["unit_id"].implode()
    for unit in (
        plan.tasks["unit_id"][0],
        plan.selection.filter(pl.col("role") == "reserve")["unit_id"][0],
        plan.selection.filter(pl.col("certainty").is_not_null())["unit_id"][0],
        plan.units.filter(~pl.col("unit_id").is_in(drawn))["unit_id"][0],
        plan.set_aside["unit_id"][0],
    ):
        add("explain", SAMPLE, unit)
    add("estimate", SAMPLE)
    add("estimate", SAMPLE, "--by", "district,category")
    add("estimate", office / "plans" / "2025Q4")
    add("estimate", "--tested", 30, "--passed", 20, "--population", 400, "--target", 0.95)
    (office / "c.csv").write_text("district,population,tested,passed,target\n甲,400,80,40,0.9\n乙,300,1,1,\n", "utf-8")
    add("estimate", office / "c.csv")
    return found


def test_every_command_has_a_table() -> None:
    assert {command.name for command in app.registered_commands} | {""} == TABLES.keys()


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_list_and_object_is_documented_be_it_empty(command: str, documents: dict[str, list[Any]]) -> None:
    known = {re.split(r"[.\[]", row.key)[0] for row in (*TABLES[""], *TABLES[command])}
    assert {key for document in documents[command] for key in document} <= known


@pytest.mark.parametrize("command", [command.name for command in app.registered_commands])
def test_every_key_written_is_documented(command: str, documents: dict[str, list[Any]]) -> None:
    rows = [*TABLES[""], *TABLES[command]]
    exact = {row.key: row for row in rows}
    seen: dict[str, set[str]] = {}
    for document in documents[command]:
        for path, kind in leaves(document):
            row = exact.get(path) or next((r for r in rows if r.pattern.fullmatch(path)), None)
            assert row is not None, f"{path} ({kind}) is not in docs/json.md"
            fits = (
                row.nullable if kind == "null" else kind in row.types or (kind == "integer" and "number" in row.types)
            )
            assert fits, f"{path} is {kind}, documented as {row}"
            seen.setdefault(row.key, set()).add(kind)
    rare = [re.compile(re.escape(key).replace(r"\*", ".*") + r"(\..*)?") for of, key in RARE if of == command]
    unseen = {r.key for r in TABLES[command]} - seen.keys()
    assert not {key for key in unseen if not any(r.fullmatch(key) for r in rare)}
    assert all(any(r.fullmatch(key) for key in unseen) for r in rare), "no longer rare"
