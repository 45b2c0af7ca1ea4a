"""``sampler run`` and the seed: one for a quarter, on record before anything is drawn."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from sampler.errors import InputError
from sampler.files.inputs import read_seed
from tests.cli.conftest import save
from tests.cli.quarter import configure, contents, run
from tests.cli.running import Run, sampler

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_seed_that_is_drawn_in_public_is_waited_for(office: Path) -> None:
    configure(office, more='seed_file = "seeds/{period}.txt"\n')
    seeds = office / "seeds"
    seeds.mkdir()
    found = run(office)
    assert (found.code, found.json["state"]) == (0, "waiting")
    assert str(seeds / "2026Q4.txt") in found.err
    assert not (office / "plans" / "2026Q4").exists()
    (seeds / "2026Q4.txt").write_text("\n", encoding="utf-8")
    empty = run(office)
    assert empty.code == 3
    assert "the seed file" in empty.err
    (seeds / "2026Q4.txt").write_text("35 19 07 22 30 11 04\n", encoding="utf-8")
    assert run(office).json["planned"]["seed"] == "35 19 07 22 30 11 04"


def test_a_seed_file_that_cannot_be_read_is_told_in_the_reader_s_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "seed.txt"
    path.write_bytes(b"\xd6\xd6\xd7\xd3")
    with pytest.raises(InputError) as of_other_encoding:
        read_seed(path)
    assert of_other_encoding.value.key == "reading.encoding"

    def refused(*_: Any, **__: Any) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(InputError) as of_closed:
        read_seed(path)
    assert "没有权限" in of_closed.value.message("zh")
    assert "Errno" not in of_closed.value.message("en")


def recuse(office: Path, enterprises: list[str]) -> None:
    """A roster of which everybody is recused from some enterprises."""
    people = [(f"张{n}", f"A{n}", ("越秀区", "海珠区")[n % 2], "；".join(enterprises)) for n in range(6)]
    save(office / "inspectors.xlsx", ("姓名", "工号", "区", "回避企业"), people)


def by_hand(office: Path, *more: object) -> Run:
    """The plan of 2026Q4 made by ``sampler plan``."""
    out = office / "plans" / "2026Q4"
    given = ("--config", office / "design.toml", "--weights", office / "weights.toml", "--period", "2026Q4")
    return sampler("plan", office / "registry.xlsx", *given, "--out", out, *more)


def test_a_draw_that_fails_keeps_its_seed(office: Path) -> None:
    """Drawing until nobody's recusal is hit would leave the enterprises that nobody may visit out of every sample."""
    configure(office)
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    found = [run(office) for _ in range(20)]
    assert {f.code for f in found} == {4}
    assert {f.json["error"]["kind"] for f in found} == {"assignment.too_few"}
    assert len({f.json["error"]["message"] for f in found}) == 1
    kept = office / "plans" / "seed-2026Q4.json"
    assert f"is on record in {kept}" in found[0].err
    record = json.loads(kept.read_text(encoding="utf-8"))
    (attempt,) = record["used_on"]
    assert len(record["seed"]) == 32
    assert attempt["inputs"].keys() == {str(office / "registry.xlsx"), str(office / "inspectors.xlsx")}
    # A dry run fails with it too, and writes nothing.
    before = contents(office)
    foretold = run(office, "--dry-run")
    assert (foretold.code, foretold.json["error"]) == (4, found[0].json["error"])
    assert contents(office) == before
    # The roster is mended: the sample is the one that was drawn, and the plan says so itself.
    recuse(office, [])
    planned = run(office).json["planned"]
    assert planned["seed"] == record["seed"]
    folder = office / "plans" / "2026Q4"
    told = json.loads((folder / "inputs" / "seed.json").read_text(encoding="utf-8"))
    first, second = told["used_on"]
    assert first == attempt
    assert second["frame_sha256"] == attempt["frame_sha256"] == planned["frame_sha256"]
    assert second["inputs"] != attempt["inputs"]
    assert "inputs/seed.json" in json.loads((folder / "plan.json").read_text(encoding="utf-8"))["files"]
    assert sampler("verify", folder, "--archive", office / "plans").code == 0


def test_a_frame_or_design_that_changed_keeps_the_seed_and_is_recorded(office: Path) -> None:
    configure(office)
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    run(office)
    kept = office / "plans" / "seed-2026Q4.json"
    seed = json.loads(kept.read_text(encoding="utf-8"))["seed"]
    design = office / "design.toml"
    design.write_text(design.read_text(encoding="utf-8").replace("budget = 12", "budget = 14"), encoding="utf-8")
    run(office)
    record = json.loads(kept.read_text(encoding="utf-8"))
    assert record["seed"] == seed
    assert len({a["design_sha256"] for a in record["used_on"]}) == len(record["used_on"]) == 2
    # So does a plan that is made by hand.
    recuse(office, [])
    made = by_hand(office, "--archive", office / "plans", "--json")
    assert made.json["seed"] == seed


def test_a_seed_record_that_is_damaged_is_not_replaced(office: Path) -> None:
    configure(office)
    (office / "plans").mkdir()
    kept = office / "plans" / "seed-2026Q4.json"
    for content in (
        "{",
        "[]",
        "[" * 100_000,
        '{"schema_version": 1, "period": "2026Q3", "seed": "x", "used_on": []}',
        '{"schema_version": 1, "period": "2026Q4", "seed": "x", "used_on": {}}',
    ):
        kept.write_text(content, encoding="utf-8")
        found = run(office)
        assert (found.code, found.json["error"]["kind"]) == (3, "run.bad_seed_record")
        assert "Do not delete it" in found.err
        assert kept.read_text(encoding="utf-8") == content


def test_a_plan_that_fails_names_its_seed(office: Path) -> None:
    recuse(office, [f"{d}第{n}食品店" for d in ("越秀区", "海珠区") for n in range(10)])
    found = by_hand(office, "--inspectors", office / "inspectors.xlsx")
    assert found.code == 4
    seed = found.err.partition("--seed ")[2].split()[0]
    again = by_hand(office, "--inspectors", office / "inspectors.xlsx", "--seed", seed)
    assert again.err.split("\n") == [line for line in found.err.split("\n") if seed not in line]


def test_without_a_record_of_its_seed_nothing_is_drawn(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(office)
    (office / "plans").mkdir()

    def full(_path: Path, _content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("sampler.files.seeds.write_whole", full)
    found = run(office)
    assert (found.code, found.json["error"]["kind"]) == (3, "archive.cannot_write")
    assert "make room on the disk" in found.err
    assert not (office / "plans" / "2026Q4").exists()
