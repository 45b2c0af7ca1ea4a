"""What all tests share: laws are explored at random by hand, and checked on the same examples every time in CI."""

from __future__ import annotations

import os

# Workbooks are written as on a plain installation: with lxml, which a test tool brings along, openpyxl writes other XML.
os.environ.setdefault("OPENPYXL_LXML", "False")

from hypothesis import settings

settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
