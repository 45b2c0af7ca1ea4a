"""Reading the roster of inspectors: any spreadsheet with a name and an id in every row.

A cell that cannot be read never makes a person more available than the roster says: who they are, where they may go and
how long their certificate holds must be certain, else they are left out with an error that names the cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.assignment import Inspector
from sampler.design import Design
from sampler.errors import InputError, Issue, Severity
from sampler.text import Text

if TYPE_CHECKING:
    from sampler.files.tables import RawTable
    from sampler.intake.places import Districts
    from sampler.intake.source import Column


@dataclass(frozen=True)
class Roster:
    """The inspectors of a roster and the findings about it, errors first."""

    inspectors: tuple[Inspector, ...]
    issues: tuple[Issue, ...]


def read_inspectors(path: str | Path, design: Design) -> Roster:
    """The inspectors in a spreadsheet.

    Columns (Chinese or English, any order): name 姓名 and id 工号; optional district 区, qualified categories 资质类别,
    certificate valid until 证书有效期, recusals 回避企业 (codes or names), leave 请假, maximum load 最大任务数. Empty cells
    mean: whole city, all categories, no end, none, none, no bound.

    Raises:
        InputError: the file cannot be read, has no name or id column, or no usable row.
    """
    from sampler.files.tables import read_tables
    from sampler.intake.places import Districts
    from sampler.intake.roster import HEADERS, REQUIRED, fields_of, recognise

    try:
        reading = read_tables([path], recognise=recognise)
    except InputError as error:
        if error.key != "reading.no-header":
            raise
        raise InputError("assignment.no_header", file=str(path), headers=error.params["headers"]) from None
    issues = list(reading.all_notes)
    places = Districts(design)
    people: dict[str, Inspector] = {}
    for table in reading.tables:
        fields = fields_of(table.columns)
        if missing := [HEADERS[f][0] for f in REQUIRED if f not in fields]:
            raise InputError(
                "assignment.missing_columns",
                file=table.file,
                missing=", ".join(missing),
                seen=", ".join(c.header for c in table.columns if c.header),
            )
        for row in _rows(table, fields):
            try:
                person = _person(row, design, places, issues)
                if person.id in people:
                    raise _LeftOutError(
                        "inspector-duplicate-id", "id", "assignment.expect_id", "assignment.second_left_out"
                    )
                people[person.id] = person
            except _LeftOutError as reason:
                issues.append(row.issue("error", *reason.args))
    if not people:
        raise InputError("assignment.no_inspector", file=str(path))
    severities = ("error", "warning", "info")
    return Roster(tuple(people.values()), tuple(sorted(issues, key=lambda i: severities.index(i.severity))))


class _LeftOutError(Exception):
    """A row that cannot be used: code of the issue, field, what was expected, what was done."""


@dataclass(frozen=True)
class _Row:
    """A row of a roster: its cells as they stand and as they are read, by field."""

    table: RawTable
    number: int
    headers: Mapping[str, str]
    raw: Mapping[str, str]
    cells: Mapping[str, str | None]

    def cell(self, field: str) -> str | None:
        """The tidy text of a field, None where it is empty or there is no such column."""
        return self.cells.get(field)

    def issue(self, severity: Severity, code: str, field: str, expected: str, done: str) -> Issue:
        """A finding about one cell."""
        return Issue(
            severity,
            code,
            self.table.file,
            self.table.sheet,
            self.number,
            self.headers[field],
            self.raw[field],
            Text.of(expected),
            Text.of(done),
        )


def _rows(table: RawTable, fields: Mapping[str, Column]) -> Iterator[_Row]:
    from sampler.files.grid import ROW
    from sampler.intake.values import tidy, tidy_labels, tidy_names

    tidiers = {"name": tidy_names, "id": tidy_labels}
    raw = {field: table.data[f"c{column.index}"] for field, column in fields.items()}
    clean = {field: tidiers.get(field, tidy)(values).to_list() for field, values in raw.items()}
    headers = {field: column.header for field, column in fields.items()}
    for i, number in enumerate(table.data[ROW].to_list()):
        yield _Row(
            table,
            number,
            headers,
            {field: values[i] or "" for field, values in raw.items()},
            {field: values[i] for field, values in clean.items()},
        )


def _person(row: _Row, design: Design, places: Districts, issues: list[Issue]) -> Inspector:
    """The inspector of a row.

    Raises:
        _LeftOutError: something that must be certain is not.
    """
    from sampler.intake.roster import leave_days, parts

    name, number = row.cell("name"), row.cell("id")
    if name is None:
        raise _LeftOutError("inspector-no-name", "name", "assignment.expect_name", "assignment.left_out")
    if number is None:
        raise _LeftOutError("inspector-no-id", "id", "assignment.expect_id", "assignment.left_out")
    leave = leave_days(row.cell("leave") or "")
    if leave is None:
        raise _LeftOutError("inspector-leave", "leave", "assignment.expect_leave", "assignment.left_out")
    return Inspector(
        id=number,
        name=name,
        district=_district(row, design, places),
        categories=_categories(row, design, issues),
        valid_until=_valid_until(row),
        recused=frozenset(parts(row.cell("recused") or "")),
        leave=leave,
        maximum=_maximum(row),
    )


def _district(row: _Row, design: Design, places: Districts) -> str | None:
    import polars as pl

    from sampler.intake.roster import means_whole_city

    text = row.cell("district")
    if text is None or means_whole_city(text, design.bureau.city):
        return None
    if not design.districts:
        return text
    found = places.find(pl.Series([text]), pl.Series([None], dtype=pl.String), whole=True)[0]
    if found is None:
        raise _LeftOutError(
            "inspector-district", "district", "assignment.expect_district", "assignment.left_out"
        )
    return str(found)


def _categories(row: _Row, design: Design, issues: list[Issue]) -> frozenset[str]:
    import polars as pl

    from sampler.intake.roster import category_parts, means_all
    from sampler.intake.terms import matched

    named = category_parts(row.cell("categories") or "")
    if not named or any(means_all(part) for part in named):
        return frozenset()
    keys = matched(pl.Series(named), design.categories).to_list()
    known = frozenset(key for key in keys if key is not None)
    told = ("inspector-category", "categories", "assignment.expect_category")
    if not known:
        raise _LeftOutError(*told, "assignment.left_out")
    if None in keys:
        issues.append(row.issue("warning", *told, "assignment.category_ignored"))
    return known


def _valid_until(row: _Row) -> dt.date | None:
    import polars as pl

    from sampler.intake.roster import means_no_end
    from sampler.intake.values import dates

    text = row.cell("valid_until")
    if text is None or means_no_end(text):
        return None
    found = dates(pl.Series([text]))[0]
    if not isinstance(found, dt.date):
        raise _LeftOutError(
            "inspector-certificate", "valid_until", "assignment.expect_date", "assignment.as_expired"
        )
    return found


def _maximum(row: _Row) -> int | None:
    import polars as pl

    from sampler.intake.values import counts

    text = row.cell("maximum")
    if text is None:
        return None
    found = counts(pl.Series([text]))[0]
    if found is None:
        raise _LeftOutError(
            "inspector-maximum", "maximum", "assignment.expect_maximum", "assignment.left_out"
        )
    return int(found)
