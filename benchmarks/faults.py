"""Kill real runs at random moments, and count broken plan folders and lost answers.

    python benchmarks/faults.py [kills] [seed]

Each round starts from a saved state, starts ``sampler`` as a process of its own and kills it (SIGKILL) at a random moment
of the time that it takes undisturbed. Then every visible plan folder must be whole, every returned workbook unchanged, and
one more run must finish the work, with every answer read; in every tenth round the plan is verified before and after. Three
kinds of state take turns: no plan yet; workbooks that came back and were not read yet; a plan that is being replaced.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.cli.conftest import make_office
from tests.cli.quarter import configure, contents, run, send_back
from tests.cli.running import sampler
from tests.cli.test_faults import broken
from tests.files.fieldwork import FAIL, PASS


@dataclass
class Scene:
    """A saved state, the command that is killed in it, and how long it takes undisturbed (seconds)."""

    name: str
    saved: Path
    command: list[str]
    answers: int
    duration: float = 0.0


def scenes(root: Path) -> list[Scene]:
    """The three states."""
    found = []
    for name in ("first plan", "results", "replacement"):
        saved = root / "saved" / name.replace(" ", "-")
        saved.mkdir(parents=True)
        make_office(saved)
        configure(saved)
        answers = 0
        if name != "first plan":
            assert run(saved).code == 0
        if name == "results":
            folder = saved / "plans" / "2026Q4"
            send_back(folder, "440104", lambda n: PASS if n else FAIL)
            assert run(saved).code == 0
            send_back(folder, "440105")
            answers = 12
        found.append(Scene(name, saved, command(root / "work", name), answers))
    return found


def command(office: Path, name: str) -> list[str]:
    """What is killed."""
    python = [sys.executable, "-m", "sampler"]
    if name != "replacement":
        return [*python, "run", "--config", str(office / "design.toml")]
    options = {
        "config": "design.toml",
        "weights": "weights.toml",
        "inspectors": "inspectors.xlsx",
        "out": "plans/2026Q4",
    }
    paths = [part for key, value in options.items() for part in (f"--{key}", str(office / value))]
    more = ["--period", "2026Q4", "--seed", "78", "--force", "--why", "benchmark"]
    return [*python, "plan", str(office / "registry.xlsx"), *paths, *more]


def start(scene: Scene, work: Path) -> subprocess.Popen[bytes]:
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(scene.saved, work)
    return subprocess.Popen(
        scene.command,
        cwd=Path(__file__).parent.parent,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def check(scene: Scene, work: Path, *, thoroughly: bool) -> list[str]:
    """What is wrong after a kill; ``thoroughly`` draws the plan again as well, which takes longer than the run."""
    wrong = [f"broken {p.name}" for p in broken(work / "plans")]
    folder = work / "plans" / "2026Q4"
    if scene.name != "first plan":
        before = contents(scene.saved / "plans" / "2026Q4" / "returned")
        if thoroughly and sampler("verify", folder).code != 0:
            wrong.append("does not verify")
        if contents(folder / "returned") != before:
            wrong.append("returned files changed")
    found = run(work)
    if found.code != 0:
        wrong.append(f"next run: {found.code} {found.err}")
        return wrong
    if scene.answers:
        tested = pl.read_csv(folder / "results.csv").filter(pl.col("state") == "tested").height
        if tested != scene.answers:
            wrong.append(f"{tested} answers of {scene.answers}")
    if [p for p in (work / "plans").rglob(".*") if p.name.endswith((".tmp", ".old"))]:
        wrong.append("leftovers")
    if thoroughly and sampler("verify", folder).code != 0:
        wrong.append("does not verify after the next run")
    return wrong


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    root = Path(tempfile.mkdtemp(prefix="faults-"))
    work = root / "work"
    try:
        some = scenes(root)
        for scene in some:
            times = []
            for _ in range(3):
                began = time.monotonic()
                start(scene, work).wait()
                times.append(time.monotonic() - began)
            scene.duration = sorted(times)[1]
            print(f"{scene.name}: {scene.duration:.2f} s undisturbed", flush=True)
        survived: Counter[str] = Counter()
        rounds, killed = 0, 0
        wrong: list[str] = []
        while killed < kills:
            scene = some[rounds % len(some)]
            rounds += 1
            process = start(scene, work)
            # The first quarter is start-up, where there is nothing to break.
            time.sleep(chance.uniform(0.25, 1.0) * scene.duration)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.wait()
            found = check(scene, work, thoroughly=rounds % 10 == 0)
            wrong += [f"round {rounds} ({scene.name}): {w}" for w in found]
            survived[scene.name] += not found
            if rounds % 50 == 0:
                print(f"{killed} killed, {len(wrong)} wrong", flush=True)
        print(f"{killed} killed in {rounds} rounds, survived: {dict(survived)}")
        print("\n".join(wrong) or "0 broken folders, 0 lost answers")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
