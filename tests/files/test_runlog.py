"""The run log: a line an event, whatever happened to the line before."""

from __future__ import annotations

import json
from pathlib import Path

from sampler import __version__
from sampler.files.runlog import LOG, append_log, log_entry


def test_a_line_an_event(tmp_path: Path) -> None:
    append_log(tmp_path, log_entry("plan", period="2026Q4", name="越秀"))
    append_log(tmp_path, log_entry("ingest", counts={"files": 2}))
    lines = (tmp_path / LOG).read_text(encoding="utf-8").splitlines()
    first, second = map(json.loads, lines)
    assert (first["event"], first["name"], first["sampler"]) == ("plan", "越秀", __version__)
    assert second["counts"] == {"files": 2}
    assert first["at"] <= second["at"]
    assert b"\r" not in (tmp_path / LOG).read_bytes()


def test_a_line_that_was_cut_short_swallows_no_other(tmp_path: Path) -> None:
    (tmp_path / LOG).write_bytes(b'{"event": "pl')
    append_log(tmp_path, {"event": "ingest"})
    assert (tmp_path / LOG).read_bytes() == b'{"event": "pl\n{"event": "ingest"}\n'
