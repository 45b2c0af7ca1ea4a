"""How long an archive of many quarters takes to read.

    python benchmarks/history.py [quarters] [tasks]

The archive is made up: one plan folder is written by sampler, then repeated for every quarter with its period changed and
with results for nine tasks in ten, in a snapshot as ``sampler run`` leaves it.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from sampler.files.archive import write_plan
from sampler.files.history import read_history
from sampler.files.returns import write_snapshot
from sampler.history import NO_HISTORY
from sampler.manifest import canonical_json, design_text, manifest
from sampler.period import Period
from tests.answers import FAIL, PASS, answers
from tests.planning import draw, make_frame


def main() -> None:
    quarters = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    tasks = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    with tempfile.TemporaryDirectory() as scratch:
        archive = Path(scratch)
        units = tasks // 3
        plan = draw(units=units, budget=tasks * 4 // 3)
        frame = make_frame(plan.design, units)
        period = Period(2026, 4)
        for number in range(quarters):
            back = 4 * 2026 + 2 - number
            period = Period(back // 4, back % 4 + 1)
            named = replace(plan, period=period)
            folder = archive / period.name
            record = manifest(named, frame, NO_HISTORY, created=dt.datetime.now(dt.UTC), lang="zh")
            inputs = {
                "design.json": design_text(plan.design, plan.weights).encode(),
                "inspectors.json": b"[]",
                "history.json": canonical_json(NO_HISTORY).encode(),
            }
            write_plan(folder, named, frame.units, record, inputs=inputs, papers=lambda to: None)
            found = answers(
                named,
                lambda task, _: None if hash(task["ticket"]) % 10 == 0 else FAIL if task["rank"] % 17 == 0 else PASS,
            )
            write_snapshot(folder, found.batches, {}, {})
        total = sum(
            json.loads((archive / p.name / "plan.json").read_bytes())["selection"]["tasks"]
            for p in archive.iterdir()
            if p.is_dir()
        )
        began, busy = time.perf_counter(), time.process_time()
        past = read_history(archive, Period(2026, 4), frame.units, plan.design)
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
        answered = pl.read_csv(archive / period.name / "results.csv").height
        print(
            f"{quarters} quarters, {total // quarters} tasks each, {answered} answers each: "
            f"{seconds:.2f} s ({busy:.2f} s of processor time)"
        )
        print(f"{len(past.history.follow_ups)} to follow up, {len(past.history.inspected)} inspected")


if __name__ == "__main__":
    main()
