"""What tests of returned workbooks share: reading them, and what was read of a batch."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sampler.files.results import read_results
from sampler.plan import Plan
from sampler.results import Results
from tests.planning import INSPECTORS, batch_ids

PLACE = ("file", "sheet", "row")
"""Where an answer was read, which moving it changes."""


def batches_of(plan: Plan, role: str, district: str = "440104") -> list[str]:
    chosen = plan.selection.filter((pl.col("role") == role) & (pl.col("district") == district))
    return [b for t, k in chosen.select("task_id", "batches").iter_rows() for b in batch_ids(t, k)]


def read(path: Path | list[Path], plan: Plan, **options: Any) -> Results:
    return read_results(path if isinstance(path, list) else [path], plan, names=INSPECTORS, **options)


def codes(results: Results) -> dict[str, int]:
    return dict(Counter(i.code for i in results.issues))


def answer(results: Results, batch: str) -> dict[str, Any]:
    rows = results.batches.filter(pl.col("batch_id") == batch)
    assert rows.height == 1
    return rows.row(0, named=True)


def saved_by_office(book: Path, tmp_path: Path, suffix: str) -> Path:
    """The folder with what LibreOffice makes of a workbook."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    # Every sheet goes to a file of its own (the last -1), UTF-8 (76), cells as they are shown.
    target = (
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1" if suffix == "csv" else suffix
    )
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    out = tmp_path / "saved"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", target, "--outdir", out, book],
        check=True,
        capture_output=True,
    )
    return out
