"""Names people read instead of the program's own."""

from __future__ import annotations

import re
from pathlib import Path

from sampler.config import load_design
from tests.cli.conftest import DESIGN, save
from tests.cli.running import Run, sampler

CONFIGS = Path(__file__).parents[2] / "configs"
HEADER = ("企业名称", "注册号", "所属区", "产品类别")


def call(office: Path, *arguments: object) -> Run:
    return sampler(*arguments, "--config", office / "design.toml", "--weights", office / "weights.toml")


def test_fields_have_names_in_chinese(office: Path) -> None:
    shown = call(office, "check", office / "registry.xlsx", "--lang", "zh").out
    for name in ("企业名称 name", "统一社会信用代码 code", "区 district", "镇街 street", "类别 category"):
        assert name in shown


def test_districts_without_a_list_are_sorted_as_numbers_and_none_has_a_name(office: Path) -> None:
    design = re.sub(r"\[\[districts\]\]\n(?:(?!\[\[).*\n)*", "", DESIGN).replace('"district", "category"', '"category"')
    (office / "design.toml").write_text(design, encoding="utf-8")
    rows: list[tuple[object, ...]] = [
        (f"店{n}", f"4401040000000{n:02d}", d, "食品") for n, d in enumerate(("10", "2", "1", "11", None))
    ]
    save(office / "numbers.xlsx", HEADER, rows)
    found = call(office, "check", office / "numbers.xlsx")
    assert "units by district: 1 1, 2 1, 10 1, 11 1, not given 1" in found.out
    assert list(call(office, "check", office / "numbers.xlsx", "--json").json["units_by"]["district"]) == [
        "1",
        "2",
        "10",
        "11",
        "",
    ]


def test_a_plan_without_districts_has_no_empty_table(office: Path) -> None:
    (office / "design.toml").write_text(DESIGN.replace('"district", "category"', '"category"'), encoding="utf-8")
    found = call(
        office, "plan", office / "registry.xlsx", "--period", "2026Q4", "--seed", "1", "--dry-run",
        "--archive", office,
    )  # fmt: skip
    assert found.code == 0, found.err
    assert "Tasks by district" not in found.out
    assert "Tasks by category, and the precision to expect" in found.out
    assert "city: 40 units, 12 tasks, expected rate ± half-width (points): " in found.out


def test_a_plan_shows_the_precision_of_each_category(office: Path) -> None:
    registry = office / "registry.xlsx"
    found = call(office, "plan", registry, "--period", "2026Q4", "--seed", "1", "--dry-run", "--lang", "zh")
    table = found.out.partition("各类别任务与预期精度")[2]
    assert re.search(r"食品 +│ +20 │ +\d+ │ +97\.0% ± \d+\.\d", table)
    assert re.search(r"玩具 +│ +20 │ +\d+ │ +90\.0% ± \d+\.\d", table)


def test_merged_tiers_and_strata_have_names(office: Path) -> None:
    out = office / "plans" / "2026Q4"
    assert call(office, "plan", office / "registry.xlsx", "--period", "2026Q4", "--seed", "1", "--out", out).code == 0
    found = sampler("explain", out, "越秀区第1食品店", "--lang", "zh")
    assert "所在层 越秀区 · 食品：10 个单元" in found.out
    design = load_design(CONFIGS / "guangzhou.toml")
    one, other = (design.label("tier", t.key, "zh") for t in design.tiers[:2])
    assert design.label("tier", f"{design.tiers[0].key}+{design.tiers[1].key}", "zh") == f"{one}+{other}"
    assert design.tiers[0].key != one
