"""``sampler simulate``: what it prints, its documents, how it refuses."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from rich.cells import cell_len

from sampler.text import text
from tests.cli.conftest import DESIGN, save
from tests.cli.running import Run, sampler

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"


def simulate(
    office: Path,
    *more: object,
    registry: str = "registry.xlsx",
    draws: int = 40,
    env: dict[str, str] | None = None,
) -> Run:
    return sampler(
        "simulate", office / registry, "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--draws", draws, "--workers", 1, *more, env=env,
    )  # fmt: skip


@pytest.mark.parametrize(("width", "lang"), [(80, "zh"), (80, "en"), (60, "en")])
def test_a_narrow_terminal_goes_without_columns_and_keeps_the_others_whole(office: Path, width: int, lang: str) -> None:
    shown = simulate(office, "--lang", lang, draws=5, env={"COLUMNS": str(width)}).out
    lines = [line for line in shown.splitlines() if "│" in line or "┃" in line]
    assert lines
    assert all(cell_len(line) <= width for line in lines)
    assert not [line for line in lines if "…" in line]
    for key in ("domain", "design", "half_width", "coverage"):
        assert text(f"simulate.column_{key}", lang) in shown  # type: ignore[arg-type]


@pytest.fixture
def known(office: Path) -> Path:
    """The office with a registry whose outcomes are known: every fourth fails, two are blank."""
    (office / "design.toml").write_text(DESIGN + '[columns]\noutcome = ["结果"]\n', encoding="utf-8")
    rows = [
        (
            f"{district}第{n}{category}店",
            f"4401{4 + d}{n:09d}",
            district,
            category,
            "" if n == 7 and d else ("合格", "不合格")[n % 4 == 0],
        )
        for d, district in enumerate(("越秀区", "海珠区"))
        for category in ("食品", "玩具")
        for n in range(10 * (category == "玩具"), 10 + 10 * (category == "玩具"))
    ]
    save(office / "known.xlsx", ("企业名称", "注册号", "所属区", "产品类别", "结果"), rows)
    return office


def test_three_designs_side_by_side(office: Path) -> None:
    run = simulate(office)
    assert run.code == 0, run.err
    for word in (
        "Total",
        "Yuexiu",
        "Haizhu",
        "food",
        "toys",
        "planned",
        "proportional",
        "random",
        "coverage",
        "detects",
    ):
        assert word in run.out
    assert "40 draws of 12 units" in run.out
    assert "assumed pass rates × relative risk" in run.out
    assert run.err == ""


def test_chinese(office: Path) -> None:
    run = simulate(office, "--lang", "zh")
    assert "本方案" in run.out
    assert "简单随机" in run.out
    assert "精确" in run.out
    assert "exact" not in run.out


def test_one_document(office: Path) -> None:
    found = simulate(office, "--json", "--quiet").json
    assert (found["schema_version"], found["command"], found["period"], found["draws"]) == (
        1,
        "simulate",
        "2026Q4",
        40,
    )
    assert found["truth"] == {"source": "prior", "column": None, "results": None, "units_without_outcome": 0}
    assert [d["design"] for d in found["designs"]] == ["planned", "proportional", "random"]
    assert {d["sample"] for d in found["designs"]} == {12}
    assert [row["domain"] for row in found["domains"]][:2] == [{}, {"district": "440104"}]
    whole = found["domains"][0]
    assert whole["population"] == found["frame"]["units"] == 40
    assert set(whole["designs"]) == {"planned", "proportional", "random"}
    assert set(whole["designs"]["planned"]) == {
        "sample", "bias", "rmse", "half_width", "half_width_sd", "coverage", "coverage_error", "too_low", "too_high",
        "detection", "found_per_100", "methods",
    }  # fmt: skip


def test_the_same_seed_gives_the_same_figures(office: Path) -> None:
    one, again = (simulate(office, "--json", "--seed", "5").json for _ in range(2))
    other = simulate(office, "--json", "--seed", "6").json
    assert one == again
    assert one["domains"] != other["domains"]


def test_csv_has_a_row_per_domain_and_design(office: Path) -> None:
    run = simulate(office, "--csv", "--by", "category")
    rows = list(csv.DictReader(io.StringIO(run.out)))
    assert [(r["by"], r["category"], r["design"]) for r in rows[:4]] == [
        ("", "", "planned"),
        ("", "", "proportional"),
        ("", "", "random"),
        ("category", "food", "planned"),
    ]
    assert all(0 <= float(r["coverage"]) <= 1 for r in rows)


def test_known_outcomes(known: Path) -> None:
    run = simulate(known, "--truth", "outcome", "--json", registry="known.xlsx")
    assert run.code == 0, run.err
    found = run.json
    assert found["truth"] == {
        "source": "column",
        "column": "outcome",
        "results": None,
        "units_without_outcome": 1,
    }
    whole = found["domains"][0]
    # Of 39 units 3 foods (0, 4, 8) and 2 toys (12, 16) fail in either district.
    assert whole["population"] == 39
    assert whole["rate"] == pytest.approx(1 - 10 / 39)
    assert "1 unit without one is left out" in simulate(known, "--truth", "outcome", registry="known.xlsx").out


def test_another_budget_and_confidence(office: Path) -> None:
    narrow = simulate(office, "--json", "--budget", 20, "--confidence", 0.8).json
    wide = simulate(office, "--json").json
    assert narrow["confidence"] == 0.8
    assert {d["sample"] for d in narrow["designs"]} == {20}
    assert (
        narrow["domains"][0]["designs"]["planned"]["half_width"]
        < wide["domains"][0]["designs"]["planned"]["half_width"]
    )


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (("--truth", "x", "--results", "y"), 2, "give --truth or --results, not both"),
        (("--truth", "pass"), 2, "there is no column 'pass': name it under [columns]"),
        (("--results", "."), 3, "--results takes a plan folder whose results have come back"),
        (("--method", "guess"), 2, "there is no method 'guess'"),
        (("--by", "colour"), 2, "there is no column 'colour' to group by"),
        (("--confidence", "95"), 2, "95"),
        (("--budget", "3"), 4, "the budget of 3 batches is too small"),
        (("--draws", "0"), 2, "--draws"),
        (("--workers", "0"), 2, "--workers"),
    ],
)
def test_refusals(
    office: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], code: int, message: str
) -> None:
    monkeypatch.chdir(office)
    run = simulate(office, *more)
    assert run.code == code
    assert message in run.err
    assert run.out == ""


def test_values_that_are_no_outcome(known: Path) -> None:
    text = (known / "design.toml").read_text(encoding="utf-8").replace("结果", "企业名称")
    (known / "design.toml").write_text(text + 'name = ["注册号"]\n', encoding="utf-8")
    run = simulate(known, "--truth", "outcome", registry="known.xlsx")
    assert run.code == 3
    assert "values that are no outcome" in run.err


def test_last_quarter_s_results() -> None:
    run = sampler(
        "simulate", SAMPLES / "registry.xlsx", "--config", SAMPLES.parent / "configs" / "guangzhou.toml",
        "--weights", SAMPLES.parent / "configs" / "risk_weights.toml", "--period", "2027Q1", "--draws", 20,
        "--workers", 1, "--results", SAMPLES / "plan-2026Q4", "--method", "conservative", "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    found = run.json
    assert found["truth"]["source"] == "results"
    rates = {tuple(d["domain"].items()): d["rate"] for d in found["domains"]}
    # In 2026Q4 children's goods did far worse than food.
    assert rates[(("category", "children"),)] < 0.93 < rates[(("category", "food"),)]


def test_two_documents_at_once_are_refused(office: Path) -> None:
    run = sampler("simulate", office / "registry.xlsx", "--csv", "--json")
    assert run.code == 2
    assert "--csv and --json cannot be given together" in run.err
