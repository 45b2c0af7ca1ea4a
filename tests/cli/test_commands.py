"""The command line itself: what it refuses, its help, and its two outputs wherever they go."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from unicodedata import east_asian_width

import pytest

from sampler.cli.app import app
from sampler.text import LANGUAGES, text
from tests.cli.running import sampler


def run(*arguments: object, env: dict[str, str] | None = None, **how: object) -> subprocess.CompletedProcess[bytes]:
    """Run a process of its own: what becomes of its streams shows in no other way."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "PYTHON", "SAMPLER", "COLUMNS"))}
    call = [sys.executable, "-m", "sampler", *map(str, arguments)]
    return subprocess.run(call, env=surroundings | (env or {}), **({"capture_output": True} | how))  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        (["plan"], "usage.missing_argument", "缺少参数 登记表；用“sampler plan --help”查看用法。"),
        (["plan", "x", "--budget", "0"], "usage.too_small", "--budget 不得小于 1，实为“0”。"),
        (["plan", "x", "--budget", "abc"], "usage.not_whole", "--budget 应为整数，实为“abc”。"),
        (["size", "--detect", "abc"], "usage.not_a_number", "--detect 应为数字，实为“abc”。"),
        (["size", "--detect"], "usage.option_without_value", "选项 --detect 后面要有一个值"),
        (["size", "--detetc", "1"], "usage.similar_option", "没有选项 --detetc；是否要写 --detect"),
        (["size", "--zzz"], "usage.no_such_option", "没有选项 --zzz"),
        (["size", "a", "b"], "usage.extra_argument", "多余的参数：a b"),
        (["size", "--quiet=3"], "usage.option_with_value", "选项 --quiet 后面不带值"),
    ],
)
def test_what_the_parser_refuses(arguments: list[str], kind: str, told: str) -> None:
    # `--json` first: an option that waits for its value must not swallow it.
    found = sampler(arguments[0], "--json", "--lang", "zh", *arguments[1:])
    assert found.code == 2
    assert (found.json["error"]["kind"], found.json["error"]["exit_code"]) == (kind, 2)
    assert found.json["command"] == arguments[0]
    assert told in found.err
    english = sampler(*arguments)
    assert (english.code, english.out) == (2, "")
    assert english.err.isascii() or "“sampler" in english.err


def test_an_unknown_command_and_none() -> None:
    found = sampler("estimat", "--json")
    assert (found.code, found.json["error"]["kind"]) == (2, "usage.no_such_command")
    assert "there is no command 'estimat'; there are: check, estimate," in found.err
    assert sampler().code == 2
    assert "Usage: " in sampler().err


COMMANDS = [str(command.name) for command in app.registered_commands]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_wholly_in_one_language_and_breaks_no_word(command: str, lang: str) -> None:
    found = run(*([command] if command else []), "--help", env={"SAMPLER_LANG": lang, "COLUMNS": "64"})
    assert (found.returncode, found.stderr) == (0, b"")
    page = found.stdout.decode()
    for internal in "<>{}":
        assert internal not in page
    lines = page.splitlines()
    assert max(sum(2 if east_asian_width(c) in "WF" else 1 for c in line) for line in lines) < 64
    assert not [line for line in lines if line.strip()[:1] in "，。；：、）？！" and line.strip()]
    joined = re.sub(r"\s+", "" if lang == "zh" else " ", page)
    said = text(f"help.{command}_command" if command else "help.app", lang)
    assert (re.sub(r"\s+", "", said) if lang == "zh" else said) in joined
    if not command:
        for name in COMMANDS:  # each whole, none cut
            summary = text(f"help.{name}_command", lang)
            assert (re.sub(r"\s+", "", summary) if lang == "zh" else summary) in joined
    if command in ("estimate", "simulate"):
        methods = re.findall(r"[a-z]{4,}", text("help.simulate_method", "en").removeprefix("Interval"))
        assert set(methods) <= set(re.findall(r"[a-z-]+", page))
    if lang == "zh":
        assert page.startswith("用法：sampler")
        assert "显示本帮助后退出。" in page
        for word in ("Usage", "Options", "default", "OPTIONS", "Show", "Arguments", "Commands", "required", "FILE"):
            assert word not in page
    else:
        assert page.isascii() or set(re.findall(r"[^\x00-\x7f]", page)) <= set("×“”")


def test_the_language_may_stand_before_the_command() -> None:
    assert "用法：sampler" in run("--lang", "zh", "--help").stdout.decode()
    assert "若至少 5% 不合格" in run("--lang", "zh", "size", "--detect", "0.05").stdout.decode()


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "gbk"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=["gbk", "cp1252", "posix"],
)
def test_output_into_files_and_pipes_is_utf8(env: dict[str, str]) -> None:
    found = run("estimate", "--tested", "5", "--passed", "5", "--lang", "zh", env=env)
    assert found.returncode == 0
    assert "合格" in found.stdout.decode()
    failed = run("size", "--lang", "zh", env=env)
    assert failed.returncode == 2
    assert "请在 --margin" in failed.stderr.decode()


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_streams_that_take_nothing() -> None:
    command = f"{sys.executable} -m sampler estimate --tested 5 --passed 5"
    closed = subprocess.run(f"{command} >&-", shell=True, capture_output=True, check=False)
    assert (closed.returncode, closed.stderr) == (0, b"")
    if Path("/dev/full").exists():
        for more in ("", " --json", " --csv"):
            full = subprocess.run(
                f"{command}{more} --lang en > /dev/full", shell=True, capture_output=True, check=False
            )
            assert full.returncode == 3
            assert b"the output cannot be written (No space left on device)" in full.stderr
            assert b"bug" not in full.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [("size --margin 9", 2), ("size --zzz", 2), ("check none.csv", 3), ("size --margin 0.03", 0)],
)
def test_errors_that_nobody_hears_keep_their_exit_code(arguments: str, code: int, tmp_path: Path) -> None:
    command = f"{sys.executable} -m sampler {arguments} 2> /dev/full"
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    found = subprocess.run(command, shell=True, capture_output=True, check=False, cwd=tmp_path, env=env)
    assert found.returncode == code


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe without a reader")
@pytest.mark.parametrize("more", [[], ["--json"], ["--csv"]])
def test_a_reader_that_has_gone_is_no_finding(more: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        how = {"stdout": writer, "stderr": subprocess.PIPE, "capture_output": False}
        found = run("estimate", "--tested", 5, "--passed", 5, *more, **how)  # type: ignore[arg-type]
    finally:
        os.close(writer)
    assert (found.returncode, found.stderr) == (0, b"")


@pytest.mark.parametrize("module", ["typer", "sampler.cli.app", "sampler.cli.console"])
def test_an_interrupt_while_the_program_loads_is_quiet(module: str) -> None:
    code = f"""
import sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupting())
from sampler.__main__ import main
main()
"""
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (found.returncode, found.stdout, found.stderr) == (130, b"", b"")
