"""Where things lie in a plan folder, and which folders are plan folders.

It imports nothing of ours, so that whoever only has to tell a plan folder from another need not load what reads one.
"""

from __future__ import annotations

import json
from pathlib import Path

MANIFEST = "plan.json"
DISTRICTS = "districts"
PUBLIC = "public"
RETURNED = "returned"
INPUTS = "inputs"
REPLACED = "replaced"
"""Below ``inputs/``: the manifests of the plans that this one replaced, each named by its digest."""
SEED = "seed.json"
"""Below ``inputs/``: the record of the seed that the archive held for the period, whatever seed was used."""
FRAME = "frame.parquet"
SELECTION = "selection.csv"
STRATA = "strata.csv"
SUMMARY = "summary.xlsx"
CHANGES = "changes.csv"

PLANS = "plans"
"""Below a working folder: where plan folders go, and with them the history, unless another folder is named."""


def is_plan_folder(path: Path) -> bool:
    """Whether a folder holds a plan: its manifest, and anything else of it.

    A file called plan.json by itself may be anybody's.
    """
    parts = (INPUTS, SELECTION, FRAME, DISTRICTS)
    return (path / MANIFEST).is_file() and any((path / part).exists() for part in parts)


def period_in(folder: Path) -> str | None:
    """The period that a plan folder says it is of; None where that cannot be read, which whoever reads the plan reports."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
        return str(found["period"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def plan_folders(archive: Path) -> list[Path]:
    """The plan folders right below a folder, by name; none where it is not there. Hidden ones do not count."""
    if not archive.is_dir():
        return []
    return [p for p in sorted(archive.iterdir()) if not p.name.startswith(".") and is_plan_folder(p)]
