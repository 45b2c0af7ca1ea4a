"""What ships: the sample data are what their script makes, and every step takes them."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from random import Random

import pytest
from openpyxl import load_workbook

from sampler.config import load_design, load_weights
from sampler.files.archive import read_plan
from sampler.files.results import read_results
from sampler.files.strays import printed_texts
from sampler.intake.codes import is_valid

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data"


@pytest.fixture
def make(monkeypatch):
    monkeypatch.syspath_prepend(SAMPLE)
    return import_module("make")


def as_written(value):
    """A value as a workbook keeps it."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int) and value > 2**53:
        return float(value)
    return None if value == "" else value


def test_the_registry_is_what_the_script_makes(make):
    book = load_workbook(SAMPLE / "registry.xlsx", read_only=True)
    written = [tuple(map(as_written, row[1:])) for row in book.active.iter_rows(min_row=3, values_only=True)]
    book.close()
    made = [
        tuple(as_written(getattr(e, f)) for f in make.Enterprise.__dataclass_fields__)
        for e in make.registry_rows(Random(make.SEED))
    ]
    assert written[:-1] == made
    assert len(made) > 6000
    assert (SAMPLE / "registry.xlsx").stat().st_size < 1_000_000


def test_codes_pass_both_checks_except_where_the_dirt_is_the_point(make):
    taken: set[str] = set()
    rng = Random(1)
    assert all(is_valid(make.enterprise(rng, i, taken).code) for i in range(200))
    assert make.credit_code("91", "440300", "19220382") == "914403001922038216"  # a real one, its body 19220382-1


def test_a_registration_number_has_its_check_digit(make):
    # GB/T 17710, mod 11,10: running the number through once more leaves 1.
    carry = 10
    for digit in make.registration_number("440111", 1234567):
        total = (carry + int(digit)) % 10
        carry = (total or 10) * 2 % 11
    assert total == 1


def test_the_weights_of_categories_are_the_ratios_that_their_comments_say():
    design = load_design(ROOT / "configs" / "guangzhou.toml")
    weights = load_weights(ROOT / "configs" / "risk_weights.toml", design)
    found = {w.value: w.weight for w in weights.weights if w.field == "category"}
    assert found == {c.key: pytest.approx((1 - c.prior) / (1 - c.target), abs=0.005) for c in design.categories}


def test_the_returned_set_is_read_without_a_finding():
    folder = read_plan(SAMPLE / "plan-2026Q4")
    names = {i.id: i.name for i in folder.inspectors}
    found = read_results(
        [SAMPLE / "plan-2026Q4" / "returned"], folder.plan, names=names, printed=lambda: printed_texts(folder)
    )
    assert found.issues == ()
    batches = found.batches
    tested = batches.filter(batches["state"] == "tested")
    failed = tested.filter(tested["final"] == "fail")
    assert 0.03 < failed.height / tested.height < 0.08
    assert failed["failing_item"].null_count() == 0
    changed = tested.filter((tested["first"] != tested["retest"]).fill_null(False))
    assert changed["final"].to_list() == ["pass"]
    unsampled = batches.filter(batches["state"] == "unsampled")
    assert unsampled.height > 20
    assert unsampled["reason"].null_count() == 0
    used = batches.filter(batches["role"] == "reserve")
    assert used.height > 10
    assert used["replaces"].null_count() == 0
    assert batches.filter(batches["role"] == "task").height < folder.plan.tasks.height  # some were not begun
