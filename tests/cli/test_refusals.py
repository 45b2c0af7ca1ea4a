"""Inputs that commands refuse, each with its reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import save
from tests.cli.running import Run, sampler

HEADER = ("企业名称", "注册号", "所属区", "产品类别")


def plan(office: Path, *more: object, registry: str = "registry.xlsx") -> Run:
    return sampler(
        "plan", office / registry, "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "77", "--dry-run", *more,
    )  # fmt: skip


def test_an_empty_seed(office: Path) -> None:
    for empty in ("", "  "):
        found = plan(office, "--seed", empty)
        assert (found.code, found.out) == (2, "")
        assert "--seed must not be empty" in found.err


def test_a_registry_of_which_nothing_can_be_drawn_says_why(office: Path) -> None:
    rows = [(f"店{n}", f"44010400000000{n}", "越秀区", "汽车") for n in range(3)]
    save(office / "gone.xlsx", HEADER, [*rows, ("店9", "440104000000009", "火星区", "食品")])
    found = plan(office, registry="gone.xlsx")
    assert found.code == 3
    assert "of the registry's 4 rows none can be drawn" in found.err
    assert "- no category: 3 rows" in found.err
    assert "- no known district: 1 row" in found.err
    save(office / "empty.xlsx", HEADER, [])
    assert "of the registry's 0 rows none can be drawn" in plan(office, registry="empty.xlsx").err


def test_a_budget_beyond_the_frame_is_a_census_and_says_so(office: Path) -> None:
    found = plan(office, "--budget", "100")
    assert found.code == 0
    assert "the budget of 100 batches is more than the 40 that the frame can give" in found.err
    assert "60 batches cannot be spent" in found.err
    assert "cannot be spent" not in plan(office, "--budget", "40").err


def test_no_header_says_what_is_needed(office: Path) -> None:
    save(office / "odd.xlsx", ("甲", "乙"), [("1", "2")])
    found = plan(office, registry="odd.xlsx")
    assert found.code == 3
    assert "no known header" in found.err
    assert "- a name or a code of the enterprise (name, code)" in found.err
    assert "- a district (district)" in found.err
    assert "[columns]" in found.err
    roster = plan(office, "--inspectors", office / "odd.xlsx")
    assert roster.code == 3
    assert "The columns name and id are needed" in roster.err
    assert "[columns]" not in roster.err


def test_a_sheet_of_a_text_file(office: Path) -> None:
    (office / "one.csv").write_text(
        "企业名称,注册号,所属区,产品类别\n甲店,440104000000001,越秀区,食品\n", encoding="utf-8"
    )
    found = plan(office, "--sheet", "nosuch", registry="one.csv")
    assert found.code == 3
    assert "there is no sheet “nosuch”" in found.err


def test_starting_nowhere_or_on_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = sampler("init", "")
    assert found.code == 2
    assert "FOLDER must not be empty" in found.err
    assert not list(tmp_path.iterdir())
    (tmp_path / "f").write_text("mine", encoding="utf-8")
    found = sampler("init", "f")
    assert found.code == 2
    assert "f is a file, not a folder" in found.err
    assert (tmp_path / "f").read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write to")
def test_a_folder_that_cannot_be_written_is_not_taken_for_a_locked_one(office: Path) -> None:
    found = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--out", "/proc/foo",
    )  # fmt: skip
    assert found.code == 3
    assert "cannot write" in found.err
    assert "another sampler" not in found.err


HUGE = "99999999999999999999"


@pytest.mark.parametrize(
    "arguments",
    [
        ("size", "--population", HUGE, "--detect", "0.01"),
        ("size", "--population", HUGE, "--margin", "0.01"),
        ("estimate", "--tested", HUGE, "--passed", "9"),
        ("estimate", "--tested", "9", "--passed", "9", "--population", HUGE),
    ],
)
def test_numbers_beyond_counting(arguments: tuple[str, ...]) -> None:
    found = sampler(*arguments)
    assert found.code == 2
    assert f"must be at most 1,000,000,000,000, but got {HUGE}" in found.err


def test_a_table_with_numbers_beyond_counting(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"stratum,population,tested,passed\na,{10**22},10,9\n", encoding="utf-8")
    found = sampler("estimate", path)
    assert found.code == 3
    assert "row 2: population must be at most 1,000,000,000,000" in found.err


def test_detection_in_a_huge_population() -> None:
    # Without a population 299 are enough: ln 0.05 / ln 0.99 = 298.07.
    found = sampler("size", "--population", 10**12, "--detect", "0.01", "--json")
    assert found.json["size"] == 299


@pytest.mark.parametrize("target", ["2", "95", "food=95", "1", "0", "-0.5", "nan"])
def test_a_target_is_a_fraction_or_says_percent(target: str) -> None:
    found = sampler("estimate", "--tested", "50", "--passed", "48", "--target", target)
    assert found.code == 2
    assert target in found.err


@pytest.mark.parametrize("targets", [("0.95", "95%"), ("food=0.9", "food = 0.95")])
def test_one_target_for_one_thing(tmp_path: Path, targets: tuple[str, str]) -> None:
    (tmp_path / "counts.csv").write_text("category,population,tested,passed\nfood,90,9,9\ntoys,90,9,9\n", "utf-8")
    one, other = targets
    found = sampler("estimate", tmp_path / "counts.csv", "--target", one, "--target", other)
    assert found.code == 2
    assert f"--target {other}: the same already has a target" in found.err
    both = sampler("estimate", tmp_path / "counts.csv", "--target", "0.9", "--target", "food=0.95", "--json").json
    assert {e["domain"].get("category"): e["target"] for e in both["estimates"][1:]} == {"food": 0.95, "toys": 0.9}


@pytest.mark.parametrize("option", [("--latest",), ("--date", "2026-10-31")])
def test_options_about_returned_workbooks_need_some(tmp_path: Path, option: tuple[str, ...]) -> None:
    (tmp_path / "counts.csv").write_text("stratum,population,tested,passed\na,90,9,9\n", "utf-8")
    for given in ((tmp_path / "counts.csv",), ("--tested", "9", "--passed", "9")):
        found = sampler("estimate", *given, *option)
        assert found.code == 2
        assert f"{option[0]} is about a plan's returned workbooks" in found.err


def test_targets_as_they_may_be_written() -> None:
    for target in ("0.95", "95%", "95％"):
        found = sampler("estimate", "--tested", "50", "--passed", "48", "--target", target, "--json")
        assert found.json["estimates"][0]["target"] == pytest.approx(0.95)


@pytest.mark.skipif(os.name != "posix", reason="other systems have other reasons")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ("init", "a_file/x"),
            "无法写入 a_file/x：路径中有一段是文件，不是文件夹。没有留下写了一半的文件；请换一个位置",
        ),
        (
            ("init", "a_file/x"),
            "cannot write a_file/x: Not a directory. Nothing half-written is left; choose another place",
        ),
        (
            ("estimate", "--tested", 3, "--passed", 2, "--out", "a_file/x.xlsx"),
            "；请换一个位置：路径的每一段都要是文件夹",
        ),
        (
            ("estimate", "--tested", 3, "--passed", 2, "--out", "no/x.xlsx"),
            "没有这个文件或文件夹。没有留下写了一半的文件；请先建好它所在的文件夹",
        ),
        (("check", "x.csv", "--config", "."), "无法读取配置文件 .：这是一个文件夹。"),
    ],
)
def test_the_system_s_reasons_come_in_both_languages_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a_file").write_text("x", encoding="utf-8")
    found = sampler(*arguments, "--lang", "en" if told.isascii() else "zh")
    assert found.code in (2, 3)
    assert told in found.err
    assert "free space" not in found.err
