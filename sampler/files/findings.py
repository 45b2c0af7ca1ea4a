"""Findings about returned workbooks, as issues: of each code the catalogue says what was expected and what was done."""

from __future__ import annotations

from collections.abc import Iterable

from sampler.errors import Issue, Severity
from sampler.text import Text


def finding(
    severity: Severity,
    code: str,
    file: str,
    sheet: str | None,
    row: int | None,
    column: str | None,
    found: object,
    **params: object,
) -> Issue:
    """An issue whose texts are ``results.<code>_expected`` and ``results.<code>_done`` with ``params``."""
    key = code.replace("-", "_")
    return Issue(
        severity,
        code,
        file,
        sheet,
        row,
        column,
        "" if found is None else str(found),
        Text.of(f"results.{key}_expected", **params),
        Text.of(f"results.{key}_done", **params),
    )


_SEVERITY: dict[Severity, int] = {"error": 0, "warning": 1, "info": 2}


def in_order(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """Issues, errors first, of each severity those of whole files first, then by their place."""
    return tuple(
        sorted(issues, key=lambda i: (_SEVERITY[i.severity], i.row is not None, i.file, i.sheet or "", i.row or 0))
    )
