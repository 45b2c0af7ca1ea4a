"""What all tests share: laws are explored at random by hand, and checked on the same examples every time in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

# Workbooks are written as on a plain installation: with lxml, which a test tool brings along, openpyxl writes other XML.
os.environ.setdefault("OPENPYXL_LXML", "False")

import pytest
from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty folder to work in: commands look for ``plans`` where they are called, and a checkout may have some."""
    here = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("elsewhere"))
    yield
    os.chdir(here)
