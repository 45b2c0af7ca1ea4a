"""``sampler size`` and ``sampler init``."""

from __future__ import annotations

from pathlib import Path

import pytest

from sampler.config import load_design
from tests.cli.running import sampler


def test_a_margin_below_all_use() -> None:
    found = sampler("size", "--margin", "0.00001")
    assert found.code == 2
    assert "--margin must be at least 0.0001 and below 0.5 (0.03 is ±3 points), but got 1e-05" in found.err


def test_detection_is_the_textbook_s_59() -> None:
    # 0.95^59 < 0.05 < 0.95^58: the classical sample to find 5% with 95% in a large population.
    assert sampler("size", "--detect", "0.05", "--json").json["size"] == 59


def test_no_confidence_is_told_as_certainty() -> None:
    for asked in (("--detect", "0.05"), ("--margin", "0.03")):
        told = sampler("size", *asked, "--confidence", "0.9999999").out
        assert "99.99%" in told
        assert "100%" not in told


def test_margin() -> None:
    run = sampler("size", "--population", "5000", "--margin", "0.03", "--rate", "0.95")
    assert run.code == 0
    assert run.out.startswith("223 of 5,000 units")
    assert "预期半宽" in sampler("size", "--margin", "0.03", "--lang", "zh").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "exactly one of --margin and --detect"),
        (("--margin", "0.1", "--detect", "0.1"), "exactly one of --margin and --detect"),
        (("--margin", "0.5"), "--margin must be at least 0.0001 and below 0.5 (0.03 is ±3 points), but got 0.5"),
        (("--margin", "3"), "--margin must be a fraction between 0 and 1, such as 0.03, but got 3.0"),
        (("--detect", "0"), "--detect must be a fraction between 0 and 1, such as 0.05, but got 0.0"),
        (("--margin", "0.1", "--rate", "95"), "--rate must be a fraction between 0 and 1, such as 0.95, but got"),
        (("--detect", "0.1", "--rate", "0.9"), "--rate goes with --margin"),
        (("--detect", "0.1", "--rate", "0.95"), "--rate goes with --margin"),  # the default, but somebody wrote it
        (("--margin", "0.1", "--confidence", "95"), "--confidence must be a fraction between 0 and 1, such as 0.95"),
    ],
)
def test_refusals(arguments: tuple[str, ...], message: str) -> None:
    run = sampler("size", *arguments)
    assert run.code == 2
    assert message in run.err


def test_a_new_folder_is_ready_to_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sampler("init", tmp_path / "office")
    assert run.code == 0, run.err
    monkeypatch.chdir(tmp_path / "office")
    command = run.out.splitlines()[-1].split()
    assert command[:2] == ["sampler", "plan"]
    planned = sampler(*command[1:], "--dry-run", "--json", "--lang", "zh")
    assert planned.code == 0, planned.err
    assert not [line for line in planned.err.splitlines() if line.startswith(("提醒", "注意"))]
    assert planned.json["tasks"] < planned.json["frame"]["units"] / 2
    assert sampler("init", tmp_path / "office").code == 2


@pytest.mark.parametrize(
    ("more", "env", "lang"),
    [
        (["--lang", "en"], {}, "en"),
        (["--lang", "zh"], {}, "zh"),
        ([], {"SAMPLER_LANG": "en"}, "en"),
        ([], {}, "zh"),  # a locale tells the language of a machine, not of its office's papers
    ],
)
def test_a_new_folder_speaks_the_language_asked_for(
    tmp_path: Path, more: list[str], env: dict[str, str], lang: str
) -> None:
    assert sampler("init", tmp_path / "office", *more, env=env).code == 0
    design = load_design(tmp_path / "office" / "configs" / "guangzhou.toml")
    assert design.bureau.language == lang
    assert design.sample.budget == 100


def test_version_and_help() -> None:
    assert sampler("--version").out.startswith("sampler ")
    help_ = sampler("--help").out
    for command in ("init", "check", "size", "plan", "verify"):
        assert command in help_
