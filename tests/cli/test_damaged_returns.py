"""One returned file that is damaged in whatever way: it is told of by its name, and all the others count."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest

from sampler.files import ingest as ingesting
from sampler.text import text
from tests.cli.quarter import configure, run, send_back
from tests.cli.running import sampler
from tests.files.packing import COMMENTS_LOST, READ_ALL_THE_SAME, UNREADABLE, comment_on

DAMAGES = {**READ_ALL_THE_SAME, **COMMENTS_LOST, **UNREADABLE}

CODES = ("comment", "comments-not-read", "unreadable-file")
EXPECTED = [
    *((name, "comment") for name in (*READ_ALL_THE_SAME, *COMMENTS_LOST)),
    *((name, "comments-not-read") for name in COMMENTS_LOST),
    *((name, "unreadable-file") for name in UNREADABLE),
]


@pytest.fixture
def returned(office: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of what came back for a plan: a sound workbook, and one of the other district in every damaged state."""
    monkeypatch.setattr(ingesting, "_PAUSE", 0.0)
    configure(office)
    assert run(office).code == 0
    folder = office / "plans" / "2026Q4"
    send_back(folder, "440104")
    source = send_back(folder, "440105")
    comment_on(source, text("workbook.sheet_tasks", "en"), "D5", "closed down")
    for name, damage in DAMAGES.items():
        damage(Path(shutil.copy(source, source.with_name(f"{name}.xlsx"))))
    source.unlink()
    return folder / "returned"


def test_estimate_counts_what_can_be_read(returned: Path) -> None:
    found = sampler("estimate", returned.parent, "--json")
    assert found.code == 0, found.err
    body = found.json
    assert body["estimates"][0]["tested"] == 12
    told = Counter((Path(i["file"]).stem, i["code"]) for i in body["issues"] if i["code"] in CODES)
    assert told == Counter(EXPECTED)


def test_a_run_counts_what_can_be_read(office: Path, returned: Path) -> None:
    found = run(office)
    assert (found.code, found.json["state"]) == (0, "done"), found.err
    (done,) = found.json["ingested"]
    assert (done["tested"], done["files"]) == (12, 1 + len(DAMAGES))
    assert [sum(name in p for p in done["problems"]) for name in UNREADABLE] == [1] * len(UNREADABLE)
    assert run(office).json["state"] == "nothing"
