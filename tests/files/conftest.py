"""A small plan, one of its workbooks, and its batches."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sampler.plan import Plan
from tests.files.fieldwork import write
from tests.files.returning import batches_of
from tests.planning import draw


@pytest.fixture(scope="module")
def plan() -> Plan:
    return draw(budget=60, units=12)


@pytest.fixture(scope="module")
def blank(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("blank") / "440104.xlsx", plan)


@pytest.fixture
def book(blank: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(blank, tmp_path / "440104.xlsx"))


@pytest.fixture(scope="module")
def ids(plan: Plan) -> list[str]:
    """The batches of Yuexiu's tasks."""
    return batches_of(plan, "task")
