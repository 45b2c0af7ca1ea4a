"""What came back from the field, as values: the vocabularies of a filled-in workbook, and `Results`.

Keys are what machine files and functions speak; their names for people are in the catalogue under ``results``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sampler.errors import Issue
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

State = Literal["tested", "pending", "unsampled"]
Verdict = Literal["pass", "fail"]
ReasonKind = Literal["out_of_scope", "refused", "no_sample"]

STATUSES = ("sampled", "unsampled")
"""What an inspector says of a batch; nothing said is pending."""

VERDICTS = ("pass", "fail")
"""What a laboratory says of a batch, first or after a re-test."""

REASONS: dict[str, ReasonKind] = {
    "closed": "out_of_scope",
    "no_longer_makes": "out_of_scope",
    "moved": "out_of_scope",
    "no_stock": "no_sample",
    "insufficient_stock": "no_sample",
    "export_only": "out_of_scope",
    "within_six_months": "out_of_scope",
    "refused": "refused",
    "other": "no_sample",
}
"""Why no sample was taken → what that means for an estimate; in the order of the drop-down.

``out_of_scope`` shrinks the estimated population; ``refused`` and ``no_sample`` are non-response. None is ever a pass.
"""

BATCH_SCHEMA: dict[str, str] = {
    "batch_id": "String",
    "task_id": "String",
    "unit_id": "String",
    "role": "String",  # task | reserve
    "state": "String",  # tested | pending | unsampled
    "reason": "String",  # key of REASONS, or null
    "sampled_on": "Date",
    "sample_name": "String",
    "model": "String",
    "trademark": "String",
    "batch_no": "String",
    "base": "Float64",  # what the sample was taken from (抽样基数)
    "quantity": "Float64",
    "reserve_quantity": "Float64",
    "sheet_no": "String",
    "first": "String",  # pass | fail | null
    "retest": "String",
    "final": "String",  # the re-test's where there is one, else the first
    "failing_item": "String",
    "replaces": "String",  # task id a used reserve stands in for
    "replace_reason": "String",
    "note": "String",
    "inspectors": "String",  # as typed or printed
    "file": "String",
    "sheet": "String",
    "row": "UInt32",
}
"""Column → polars type of `Results.batches`."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What one returned file contributed.

    Attributes:
        file: its path as given.
        districts: the districts of the plan that its rows belong to.
        rows: rows below a recognised header that held anything.
        matched: rows that belong to a batch of the plan.
        answered: matched rows with an answer: a result, or a reason for none.
        used: answers in `Results.batches` because of this file; of the same answer in two files the first counts.
        issues: findings about the file.
    """

    file: str
    districts: tuple[str, ...]
    rows: int
    matched: int
    answered: int
    used: int
    issues: int

    def to_json(self) -> dict[str, object]:
        """The report as scripts read it."""
        return {name: getattr(self, name) for name in self.__slots__} | {"districts": list(self.districts)}


@dataclass(frozen=True)
class Results:
    """The answers that came back.

    Attributes:
        batches: one row per batch in which something was typed, with the columns of `BATCH_SCHEMA`, sorted by batch id.
        issues: every finding with its place, errors first.
        files: what each file contributed, in the order read.
        unread: the files that could not be read, each with the reason.
    """

    batches: pl.DataFrame
    issues: tuple[Issue, ...]
    files: tuple[FileReport, ...]
    unread: tuple[tuple[str, Text], ...] = ()
