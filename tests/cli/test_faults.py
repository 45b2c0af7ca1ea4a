"""Whatever stops the program: never a half-written plan, never a lost answer, always a message that says what to do.

A killed process leaves exactly what is in the file system at that moment. So one undisturbed run gives the state after a
kill at every operation: before each of them the folder is copied. benchmarks/faults.py kills real processes at random.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sampler.files import archive, inputs, swap
from sampler.files import ingest as ingesting
from sampler.files.archive import read_manifest, read_plan
from tests.cli.quarter import configure, contents, run, send_back
from tests.cli.running import Run, sampler
from tests.files.fieldwork import FAIL, PASS

pytestmark = pytest.mark.usefixtures("impatient")

CHANGES = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"}
_watchers: list[Callable[[str, tuple[Any, ...]], None]] = []


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for watcher in tuple(_watchers):
        watcher(event, arguments)


sys.addaudithook(_hear)  # there is no way to take a hook away again: it does nothing without watchers


@contextmanager
def every_moment(folder: Path, into: Path) -> Iterator[list[Path]]:
    """Copy ``folder`` before every change below it while a block runs; yields the copies made so far.

    The first copies and every few later ones are enough: a plan's workbooks alone make hundreds.
    """
    states: list[Path] = []
    seen: set[str] = set()

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in CHANGES or not str(arguments[0]).startswith(str(folder)):
            return
        if event == "open" and not (isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")):
            return
        _watchers.clear()
        shape = hashlib.sha256()
        for path in sorted(folder.rglob("*")):
            shape.update(f"{path.relative_to(folder)} {path.stat().st_size if path.is_file() else '-'}\n".encode())
        if shape.hexdigest() not in seen:
            seen.add(shape.hexdigest())
            states.append(into / f"{len(states):03}")
            shutil.copytree(folder, states[-1])
        _watchers.append(watch)

    _watchers.append(watch)
    try:
        yield states
    finally:
        _watchers.clear()


def broken(plans: Path) -> list[Path]:
    """Folders that look like plans and are not whole."""
    found = []
    for path in plans.iterdir() if plans.is_dir() else ():
        if path.is_dir() and not path.name.startswith("."):
            if not (path / "plan.json").exists():
                found.append(path)
                continue
            manifest = read_manifest(path)[0]
            digests = {n: hashlib.sha256((path / n).read_bytes()).hexdigest() for n in manifest["files"]}
            papers = [*(path / "districts").glob("*.xlsx"), *(path / "public").glob("plan.*")]
            papers += path.glob("changes.csv")
            names = {p.relative_to(path).as_posix() for p in papers}
            if digests != manifest["files"] or names != manifest["papers"].keys():
                found.append(path)
    return found


def plan(office: Path, *more: object) -> Run:
    return sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "77", "--out", office / "plans" / "2026Q4", *more,
    )  # fmt: skip


def test_killed_while_a_plan_is_written(office: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    configure(office)
    (office / "plans").mkdir()
    with every_moment(office / "plans", tmp_path_factory.mktemp("states")) as states:
        assert run(office).code == 0
    assert len(states) > 10
    assert not [b for state in states for b in broken(state)]
    drawn = [s for s in states if (s / "2026Q4").exists()]
    assert len(drawn) < len(states)
    # The next run makes the plan that the killed one did not, and clears away what it left.
    shutil.rmtree(office / "plans")
    half = next(s for s in reversed(states) if not (s / "2026Q4").exists())
    shutil.copytree(half, office / "plans")
    assert list((office / "plans").glob(".2026Q4.*.tmp"))
    assert run(office).json["planned"]["tasks"] == 12
    assert not list((office / "plans").glob(".2026Q4.*"))


def test_killed_while_a_plan_is_replaced(office: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert plan(office).code == 0
    old = read_manifest(office / "plans" / "2026Q4")[1]
    with every_moment(office / "plans", tmp_path_factory.mktemp("states")) as states:
        assert plan(office, "--seed", "78", "--force", "--why", "the seed was read wrongly").code == 0
    new = read_manifest(office / "plans" / "2026Q4")[1]
    between = 0
    for state in states:
        between += not (state / "2026Q4").exists()
        # Even between the two renames the old plan is found, and put back.
        assert read_manifest(state / "2026Q4")[1] in (old, new)
        assert not broken(state)
    assert between
    manifest = json.loads((office / "plans" / "2026Q4" / "plan.json").read_text(encoding="utf-8"))
    assert (manifest["replaces"], manifest["why"]) == (old, "the seed was read wrongly")
    kept = office / "plans" / "2026Q4" / "inputs" / "replaced" / f"{old}.json"
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == old


def test_killed_while_results_are_read(office: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    configure(office)
    run(office)
    folder = office / "plans" / "2026Q4"
    send_back(folder, "440104", lambda n: PASS if n else FAIL)
    run(office)
    send_back(folder, "440105")
    with every_moment(office / "plans", tmp_path_factory.mktemp("states")) as states:
        assert run(office).code == 0
    answers = pl.read_csv(folder / "results.csv")
    report = contents(folder / "report").keys()
    assert len(states) > 8
    returned = contents(folder / "returned")
    for number, state in enumerate(states):
        assert not broken(state)
        assert contents(state / "2026Q4" / "returned") == returned
        if number % 4 and number < len(states) - 3:
            continue
        shutil.rmtree(office / "plans")
        shutil.copytree(state, office / "plans")
        assert run(office).code == 0
        assert pl.read_csv(folder / "results.csv").equals(answers)
        assert contents(folder / "report").keys() == report
        assert not [p for p in folder.rglob(".*") if p.name.endswith((".tmp", ".old"))]
        assert run(office).json["state"] == "nothing"


def test_a_file_that_was_read_and_is_being_copied_again_puts_the_whole_plan_off(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(office)
    run(office)
    folder = office / "plans" / "2026Q4"
    path = send_back(folder, "440104")
    run(office)
    send_back(folder, "440105")
    before = contents(folder)
    entire = path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(ingesting.time, "sleep", lambda _: path.write_bytes(entire[: len(entire) // 2]))
        (done,) = run(office).json["ingested"]
    # Without this file six answers would seem to be gone, and the report would be made of half the results.
    assert done["problems"] == [f"{path} is still being copied; it will be read by the next run"]
    assert done["files"] == 0
    assert contents(folder) == before | {path.relative_to(folder).as_posix(): path.read_bytes()}
    path.write_bytes(entire)
    assert run(office).json["ingested"][0]["tested"] == 12


def test_a_file_that_was_read_and_cannot_be_opened_now_puts_the_whole_plan_off(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(office)
    run(office)
    folder = office / "plans" / "2026Q4"
    path = send_back(folder, "440104")
    run(office)
    send_back(folder, "440105")
    before = contents(folder)
    digest = ingesting.file_sha256

    def held(file: Path) -> str:
        if file == path:  # a spreadsheet program has it open
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return digest(file)

    with monkeypatch.context() as patch:
        patch.setattr(ingesting, "file_sha256", held)
        (done,) = run(office).json["ingested"]
    assert done["files"] == 0
    assert [str(path) in problem and "Permission denied" in problem for problem in done["problems"]] == [True]
    assert contents(folder) == before
    assert run(office).json["ingested"][0]["tested"] == 12


def test_what_a_killed_run_left_in_a_plan_folder_is_cleared_away_or_put_back(office: Path) -> None:
    configure(office)
    run(office)
    folder = office / "plans" / "2026Q4"
    send_back(folder)
    run(office)
    before = contents(folder)
    # Killed between the two renames that replace the report, and while the snapshot was written.
    (folder / "report").rename(folder / ".report.4242.old")
    (folder / ".report.4242.tmp").mkdir()
    (folder / ".results.csv.4242.tmp").write_bytes(b"half")
    assert run(office).json["state"] == "nothing"
    assert contents(folder) == before
    assert not list(folder.glob(".*"))


def test_a_full_disk(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office)
    (office / "plans").mkdir()
    real = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name == "history.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    found = run(office)
    assert found.code == 3
    assert "No space left on device" in found.err
    assert "make room on the disk" in found.err
    assert {p.name for p in (office / "plans").iterdir()} == {swap.LOCK, "seed-2026Q4.json"}


def test_a_full_disk_while_results_are_kept(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office)
    run(office)
    folder = office / "plans" / "2026Q4"
    send_back(folder)
    before = contents(folder)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(swap.os, "fsync", full)
    found = run(office)
    assert found.code == 3
    assert "cannot write" in found.err
    assert contents(folder) == before
    monkeypatch.undo()
    monkeypatch.setattr(ingesting, "_PAUSE", 0.0)
    assert run(office).json["ingested"][0]["tested"] == 6


def test_a_folder_that_cannot_be_written(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office)

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))

    monkeypatch.setattr(Path, "mkdir", refuse)
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "archive.cannot_write")
    assert "Permission denied" in found.err


@pytest.mark.parametrize("name", ["registry.xlsx", "inspectors.xlsx"])
def test_an_input_replaced_while_it_is_read(office: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    configure(office)
    real, calls = inputs.input_digests, []

    def replaced_meanwhile(paths: Any) -> dict[str, str]:
        if calls:
            (office / name).write_bytes((office / name).read_bytes() + b" ")
        calls.append(1)
        return real(paths)

    monkeypatch.setattr(inputs, "input_digests", replaced_meanwhile)
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "run.input_changed")
    assert f"{name} was changed or replaced while it was read" in found.err
    assert not (office / "plans" / "2026Q4").exists()


def test_a_second_draw_of_a_quarter_needs_a_reason(office: Path) -> None:
    lost = plan(office, "--archive", office / "nowhere")
    assert lost.code == 3
    assert "there is no archive folder" in lost.err
    plan(office)
    elsewhere = sampler(
        "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
        "--period", "2026Q4", "--seed", "luckier", "--archive", office / "plans", "--out", office / "plans" / "b",
    )  # fmt: skip
    assert elsewhere.code == 2
    assert "2026Q4 has been drawn already" in elsewhere.err
    again = plan(office, "--seed", "luckier")
    assert again.code == 2
    assert "--force --why" in again.err
    assert plan(office, "--seed", "luckier", "--force").code == 2


def test_returned_results_are_never_replaced(office: Path) -> None:
    plan(office)
    send_back(office / "plans" / "2026Q4")
    before = contents(office / "plans" / "2026Q4")
    found = plan(office, "--seed", "78", "--force", "--why", "x")
    assert found.code == 2
    assert "results have come back" in found.err
    assert contents(office / "plans" / "2026Q4") == before


def test_an_error_in_the_replacing_step_puts_the_old_plan_back(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(office)
    folder = office / "plans" / "2026Q4"
    before = contents(folder)
    real = Path.rename

    def fails(path: Path, target: Path) -> Path:
        if path.name.endswith(".tmp"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(path, target)

    monkeypatch.setattr(Path, "rename", fails)
    found = plan(office, "--seed", "78", "--force", "--why", "x")
    assert found.code == 3
    assert contents(folder) == before
    assert read_plan(folder).plan.seed == "77"
    assert archive.has_returns(folder) is False
