"""Imports run one way, and each library has its one place."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "sampler"
MODULES = sorted(ROOT.rglob("*.py"))

# A module may import from its own layer and from those below it.
LAYERS = [
    {"text", "errors", "percent", "documents"},
    {"stats", "design", "period"},
    {"frame", "history", "intake", "results"},
    {"assignment", "changes", "eligibility", "scoring"},
    {"strata", "costs", "requirements", "margins", "relaxation", "allocation", "precision"},
    {"selection"},
    {"plan"},
    {"outcomes", "open_work", "domains"},
    {"analysis"},
    {"estimate", "alerts", "trend", "grading", "rates", "wording"},
    {"config", "manifest", "files", "simulate", "truth", "verify", "explain"},
    {"drawing", "unattended"},
    {"cli", "__main__"},
]
STATS_MAY_IMPORT = {"numpy", "scipy", "sampler.stats"} | set(sys.stdlib_module_names)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module imported anywhere in a file, functions included, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.module or "", node.lineno


def part(module: str) -> str:
    """The part of the house that ``sampler.part.…`` names."""
    return module.split(".")[1]


def layer(name: str) -> int:
    found = [i for i, names in enumerate(LAYERS) if name in names]
    assert len(found) == 1, f"sampler.{name} has no place in the layers"
    return found[0]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").parts[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = name_of(path)
    if own == "__init__":
        assert not [m for m, _ in imports(path) if m.startswith("sampler")]
        return
    for module, line in imports(path):
        if module.startswith("sampler."):
            assert layer(part(module)) <= layer(own), f"{path}:{line}: {own} imports {module}"


@pytest.mark.parametrize("path", sorted((ROOT / "stats").glob("*.py")), ids=lambda p: p.name)
def test_statistics_know_arrays_only(path: Path) -> None:
    for module, line in imports(path):
        allowed = module.split(".")[0] in STATS_MAY_IMPORT or module.startswith("sampler.stats")
        assert allowed, f"{path}:{line}: imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_command_line_talks_to_the_terminal(path: Path) -> None:
    if name_of(path) not in {"cli", "__main__"}:
        assert not {m.split(".")[0] for m, _ in imports(path)} & {"typer", "rich"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_file_layer_opens_spreadsheets(path: Path) -> None:
    if name_of(path) not in {"files"}:
        assert not {m.split(".")[0] for m, _ in imports(path)} & {
            "openpyxl",
            "fastexcel",
            "jinja2",
            "matplotlib",
        }


OPENING = {"open", "fdopen", "read_text", "read_bytes", "write_text", "write_bytes", "ZipFile"}
READING = ("read_", "scan_")
"""How the names of polars' functions that open a file begin."""


def opened(path: Path) -> Iterator[int]:
    """Lines of the calls that open a file; the null device is none."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        target = node.func
        name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
        of_polars = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "pl"
        nothing = bool(node.args) and ast.unparse(node.args[0]) == "os.devnull"
        if not nothing and (name in OPENING or (of_polars and name.startswith(READING))):
            yield node.lineno


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_the_file_layer_opens_files(path: Path) -> None:
    if name_of(path) != "files":
        assert not list(opened(path)), f"{path} opens a file"


def test_calls_that_open_a_file_are_seen() -> None:
    seen = {p.name for p in (ROOT / "files").glob("*.py") if list(opened(p))}
    assert {"toml.py", "archive.py", "compare.py", "delimited.py", "layout.py"} <= seen


def test_starting_the_command_line_loads_nothing_heavy() -> None:
    code = "import sys, sampler.cli.app; print(*sorted(m for m in sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "numpy",
        "scipy",
        "scipy.stats",
        "polars",
        "openpyxl",
        "fastexcel",
        "pydantic",
        "matplotlib",
        "jinja2",
    }
    assert not heavy & set(loaded)
