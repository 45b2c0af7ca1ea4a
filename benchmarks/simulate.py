"""How long simulating a design takes, command line and all. Repeat with

    python benchmarks/simulate.py [UNITS] [DRAWS] [BUDGET]

makes a registry of 100,000 units in a temporary folder and runs `sampler simulate` on it with the shipped design and
2,000 draws, once with a single process and once with one per processor. The two must print the same figures.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADER = ("企业名称", "注册号", "登记状态", "所属区", "产品类别", "环节", "信用等级", "不合格次数")
DISTRICTS = (
    "越秀区",
    "海珠区",
    "荔湾区",
    "天河区",
    "白云区",
    "黄埔区",
    "番禺区",
    "花都区",
    "南沙区",
    "从化区",
    "增城区",
)


def write_registry(path: Path, units: int) -> None:
    """A registry in which districts, categories, classes and earlier failures have uneven shares."""
    rng = random.Random(1)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for i in range(units):
            district = rng.choices(DISTRICTS, range(2, 13))[0]
            category = rng.choices(("食品", "儿童用品", "建材"), (6, 2, 2))[0]
            stage = rng.choices(("生产", "流通", "网络销售"), (2, 6, 2))[0]
            credit = rng.choices("ABCD", (5, 3, 1.5, 0.5))[0]
            failures = rng.choices((0, 1, 2), (90, 8, 2))[0]
            row = (
                f"{district}第{i}号店",
                f"4401{i:011d}",
                "存续",
                district,
                category,
                stage,
                credit,
                failures,
            )
            out.writerow(row)


def main() -> None:
    given = [int(a) for a in sys.argv[1:4]]
    units, draws, budget = (*given, *(100_000, 2_000, 600)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry.csv"
        write_registry(registry, units)
        said = {}
        for workers in (os.cpu_count() or 1, 1):
            command = [
                sys.executable, "-m", "sampler", "simulate", str(registry), "--period", "2026Q4", "--json", "--quiet",
                "--draws", str(draws), "--budget", str(budget), "--workers", str(workers),
                "--config", str(ROOT / "configs/guangzhou.toml"), "--weights", str(ROOT / "configs/risk_weights.toml"),
            ]  # fmt: skip
            began = time.perf_counter()
            said[workers] = subprocess.run(command, check=True, capture_output=True).stdout
            seconds = time.perf_counter() - began
            print(
                f"{units:,} units, {draws:,} draws of {budget}, {workers} processes: {seconds:.1f} s",
                flush=True,
            )
        print("same figures" if len(set(said.values())) == 1 else "THE FIGURES DIFFER")


if __name__ == "__main__":
    main()
