"""The READMEs' own commands work, and both languages give the same ones."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sampler.cli.app import app
from tests.cli.running import sampler

ROOT = Path(__file__).parent.parent
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def blocks(path: Path, kind: str) -> list[str]:
    return [b.strip() for b in re.findall(rf"```{kind}\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL)]


def commands(path: Path) -> list[list[str]]:
    """Every ``sampler …`` line, and the part of a set-up line that runs sampler."""
    lines = [line for block in blocks(path, "sh") for line in block.splitlines()]
    found = [re.search(r"(?:^|&& \.venv/bin/)(sampler .*)$", line) for line in lines]
    return [shlex.split(match[1])[1:] for match in found if match]


def test_every_command_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one README: the other's are the same (`test_both_languages_give_the_same_commands`)."""
    for folder in ("sample_data", "configs"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    monkeypatch.chdir(tmp_path)
    for arguments in commands(READMES[0]):
        run = sampler(*arguments)
        assert run.code == 0, (arguments, run.err)
        assert run.out
    assert (tmp_path / "plans" / "2026Q4" / "plan.json").is_file()
    assert (tmp_path / "issues.xlsx").is_file()


def test_both_languages_give_the_same_commands() -> None:
    one, other = ([[a for a in c if a not in ("--lang", "en")] for c in commands(path)] for path in READMES)
    assert one == other
    assert len(one) >= 7


@pytest.mark.parametrize("path", READMES, ids=lambda p: p.name)
def test_windows_has_a_line_for_each_set_up_line(path: Path) -> None:
    set_up = [b for b in blocks(path, "sh") if b.startswith("python3 -m venv")]
    windows = blocks(path, "bat")
    assert len(set_up) == len(windows) == 2
    for unix, other in zip(set_up, windows, strict=True):
        translated = unix.replace("python3", "py").replace(".venv/bin/", ".venv\\Scripts\\").replace("'", '"')
        assert translated.replace("sample_data/", "sample_data\\") == other


def test_every_command_is_in_the_readme() -> None:
    text = READMES[0].read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert f"sampler {command.name}" in text


@pytest.mark.parametrize("path", READMES, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
        assert (ROOT / target).exists(), target
