"""A small registry, its configuration and its inspectors, as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from sampler.files import ingest as ingesting
from tests.cli.quarter import configure, once, run
from tests.test_config import SMALL_WEIGHTS

DESIGN = """
schema_version = 1
bureau = { city = "广州市", city_en = "Guangzhou", language = "en" }
strata = { keys = ["district", "category"] }
sample = { budget = 12 }
[[districts]]
key = "440104"
name = "越秀区"
name_en = "Yuexiu"
[[districts]]
key = "440105"
name = "海珠区"
name_en = "Haizhu"
[[categories]]
key = "food"
name = "食品"
name_en = "food"
target = 0.95
prior = 0.97
[[categories]]
key = "toys"
name = "玩具"
name_en = "toys"
target = 0.90
prior = 0.90
"""
WEIGHTS = SMALL_WEIGHTS + SMALL_WEIGHTS.partition("schema_version = 1")[2].replace('"food"', '"toys"')


def make_office(folder: Path) -> Path:
    """A working folder: design.toml, weights.toml, registry.xlsx (40 rows), inspectors.xlsx (6 people)."""
    (folder / "design.toml").write_text(DESIGN, encoding="utf-8")
    (folder / "weights.toml").write_text(WEIGHTS, encoding="utf-8")
    rows = [
        (f"{district}第{n}{category}店", f"4401{4 + d}{n:09d}", district, category, f"第{n % 3}街")
        for d, district in enumerate(("越秀区", "海珠区"))
        for category in ("食品", "玩具")
        for n in range(10 * (category == "玩具"), 10 + 10 * (category == "玩具"))
    ]
    save(folder / "registry.xlsx", ("企业名称", "注册号", "所属区", "产品类别", "街道"), rows)
    people = [(f"张{n}", f"A{n}", ("越秀区", "海珠区")[n % 2]) for n in range(6)]
    save(folder / "inspectors.xlsx", ("姓名", "工号", "区"), people)
    return folder


@pytest.fixture
def office(tmp_path: Path) -> Path:
    return make_office(tmp_path)


def save(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Write a table to a workbook."""
    book = Workbook()
    for row in (header, *rows):
        book.active.append(row)
    book.save(path)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at fresh files twice without waiting: every file of a test is fresh."""
    monkeypatch.setattr(ingesting, "_PAUSE", 0.0)


@pytest.fixture
def quarter(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office whose plan of 2026Q4 has been made by a run; the plan folder."""
    configure(office)

    def make() -> None:
        assert run(office).code == 0

    return once("quarter", office, tmp_path_factory, make) / "2026Q4"
