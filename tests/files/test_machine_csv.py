"""CSV files for scripts: safe to open in a spreadsheet, and read back as they were."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from sampler.files.machine_csv import read_csv, write_csv

texts = st.lists(st.text("'=+-@\t\n\r\" ,甲1", min_size=1, max_size=6), min_size=1, max_size=5)


@given(texts)
@example(["'=1+1", "''@x", "=1", "'甲", "-"])
def test_what_is_written_is_read_back(values: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        table = pl.DataFrame(
            {"text": values, "number": range(len(values))}, schema={"text": pl.String, "number": pl.Int64}
        )
        write_csv(table, path)
        assert read_csv(path, {"text": "String", "number": "Int64"}).equals(table)
        with path.open(encoding="utf-8", newline="") as file:
            cells = [row[0] for row in csv.reader(file)][1:]
        assert not [cell for cell in cells if cell.startswith(tuple("=+-@\t\r"))]
