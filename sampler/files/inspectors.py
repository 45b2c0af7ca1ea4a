"""Reading the roster of inspectors: any spreadsheet with a name and an id in every row.

A cell that cannot be read never makes a person more available than the roster says: who they are, where they may go and
how long their certificate holds must be certain, else they are left out with an error that names the cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.assignment import Inspector
from sampler.design import Design
from sampler.errors import InputError, Issue, Severity
from sampler.text import Text

if TYPE_CHECKING:
    import polars as pl

    from sampler.files.tables import RawTable
    from sampler.frame import Frame
    from sampler.intake.source import Column


@dataclass(frozen=True)
class Roster:
    """The inspectors of a roster and the findings about it, errors first."""

    inspectors: tuple[Inspector, ...]
    issues: tuple[Issue, ...]


def read_inspectors(path: str | Path, design: Design, frame: Frame | None = None) -> Roster:
    """The inspectors in a spreadsheet.

    Columns (Chinese or English, any order): name 姓名 and id 工号; optional district 区, qualified categories 资质类别,
    certificate valid until 证书有效期, recusals 回避企业 (codes or names), leave 请假, maximum load 最大任务数. Empty cells
    mean: whole city, all categories, no end, none, none, no bound.

    Args:
        frame: the registry's: a recusal that names none of its enterprises is told of.

    Raises:
        InputError: the file cannot be read, has no name or id column, or no usable row.
    """
    from sampler.files.tables import read_tables
    from sampler.intake.roster import HEADERS, REQUIRED, fields_of, recognise

    try:
        reading = read_tables([path], recognise=recognise)
    except InputError as error:
        if error.key != "reading.no-header":
            raise
        raise InputError("assignment.no_header", file=str(path), headers=error.params["headers"]) from None
    issues = list(reading.all_notes)
    known = None if frame is None else _enterprises(frame, reading.tables)
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
        for row in _rows(table, fields, design):
            try:
                person = _person(row, design, known, issues)
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
    """A row of a roster: its cells as they stand, as texts, and as values, by field."""

    table: RawTable
    number: int
    headers: Mapping[str, str]
    raw: Mapping[str, str]
    cells: Mapping[str, str | None]
    values: Mapping[str, object]

    def cell(self, field: str) -> str | None:
        """The tidy text of a field, None where it is empty or there is no such column."""
        return self.cells.get(field)

    def issue(
        self, severity: Severity, code: str, field: str, expected: str, done: str, *, found: str | None = None
    ) -> Issue:
        """A finding about one cell, or about what is ``found`` in it."""
        return Issue(
            severity,
            code,
            self.table.file,
            self.table.sheet,
            self.number,
            self.headers[field],
            self.raw[field] if found is None else found,
            Text.of(expected),
            Text.of(done),
        )


def _rows(table: RawTable, fields: Mapping[str, Column], design: Design) -> Iterator[_Row]:
    """The rows. Columns are read as a whole: a cell at a time takes twenty times as long."""
    from sampler.files.grid import ROW
    from sampler.intake.values import tidy, tidy_labels, tidy_names

    tidiers = {"name": tidy_names, "id": tidy_labels, "recused": _tidy_list}
    raw = {field: table.data[f"c{column.index}"] for field, column in fields.items()}
    clean = {field: tidiers.get(field, tidy)(cells) for field, cells in raw.items()}
    values = {field: _values(field, cells, design) for field, cells in clean.items()}
    headers = {field: column.header for field, column in fields.items()}
    for i, number in enumerate(table.data[ROW].to_list()):
        yield _Row(
            table,
            number,
            headers,
            {field: cells[i] or "" for field, cells in raw.items()},
            {field: cells[i] for field, cells in clean.items()},
            {field: read[i] for field, read in values.items()},
        )


def _values(field: str, cells: pl.Series, design: Design) -> list[object]:
    """What the texts of a column say; None where a text says nothing that is understood."""
    import polars as pl

    from sampler.intake.places import Districts
    from sampler.intake.roster import category_parts, last_day
    from sampler.intake.terms import matched
    from sampler.intake.values import counts

    if field == "valid_until":
        return [None if text is None else last_day(text) for text in cells]
    if field == "maximum":
        return counts(cells).to_list()
    if field == "district" and design.districts:
        nowhere = pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
        return Districts(design).find(cells, nowhere, whole=True).to_list()
    if field == "categories":
        named = [category_parts(text or "") for text in cells]
        distinct = list(dict.fromkeys(part for parts in named for part in parts))
        keys = dict(zip(distinct, matched(pl.Series(distinct, dtype=pl.String), design.categories), strict=True))
        return [[keys[part] for part in parts] for parts in named]
    return cells.to_list()


class _Asked(set[str]):
    """Takes down what it is asked for and has nothing."""

    def __contains__(self, name: object) -> bool:
        self.add(str(name))
        return False


def _enterprises(frame: Frame, tables: Sequence[RawTable]) -> Set[str]:
    """What the recusals of some rosters may mean, as far as the registry has it as a name or code; in canonical form."""
    import polars as pl

    from sampler.intake.roster import fields_of, recusals
    from sampler.intake.values import canonical

    # A registry can be large and a roster is not: only what the roster may mean is looked for.
    asked = _Asked()
    for table in tables:
        if column := fields_of(table.columns).get("recused"):
            for cell in _tidy_list(table.data[f"c{column.index}"]).drop_nulls():
                recusals(cell, asked)
    if not asked:
        return frozenset()
    columns = [frame.units[c] for c in ("name", "code", "enterprise")]
    if frame.rejected is not None:
        headers = {m.header for m in frame.mapping if m.field in ("name", "code")} & set(frame.rejected.columns)
        columns += [frame.rejected[h] for h in sorted(headers)]
    forms = [canonical(c.drop_nulls()) for c in columns]
    wanted = pl.Series(sorted(asked), dtype=pl.String).implode()
    return {form for column in forms for form in column.filter(column.is_in(wanted)).unique()}


def _tidy_list(cells: pl.Series) -> pl.Series:
    """Tidy texts in which a line break parts as a semicolon does."""
    from sampler.intake.values import tidy_names

    return tidy_names(cells.str.replace_all(r"[\r\n]+", ";"))


def _person(row: _Row, design: Design, known: Set[str] | None, issues: list[Issue]) -> Inspector:
    """The inspector of a row.

    Raises:
        _LeftOutError: something that must be certain is not.
    """
    from sampler.intake.roster import leave_days, recusals

    name, number = row.cell("name"), row.cell("id")
    if name is None:
        raise _LeftOutError("inspector-no-name", "name", "assignment.expect_name", "assignment.left_out")
    if number is None:
        raise _LeftOutError("inspector-no-id", "id", "assignment.expect_id", "assignment.left_out")
    leave = leave_days(row.cell("leave") or "")
    if leave is None:
        raise _LeftOutError("inspector-leave", "leave", "assignment.expect_leave", "assignment.left_out")
    recused, strangers = recusals(row.cell("recused") or "", known)
    told = ("inspector-recusal", "recused", "assignment.expect_recusal", "assignment.recusal_of_nobody")
    issues += [row.issue("warning", *told, found=stranger) for stranger in strangers]
    return Inspector(
        id=number,
        name=name,
        district=_district(row, design),
        categories=_categories(row, design, issues),
        valid_until=_valid_until(row),
        recused=frozenset(recused),
        leave=leave,
        maximum=_maximum(row),
    )


def _district(row: _Row, design: Design) -> str | None:
    from sampler.intake.roster import means_whole_city

    text = row.cell("district")
    if text is None or means_whole_city(text, design.bureau.city):
        return None
    found = row.values["district"]
    if found is None:
        raise _LeftOutError("inspector-district", "district", "assignment.expect_district", "assignment.left_out")
    return str(found)


def _categories(row: _Row, design: Design, issues: list[Issue]) -> frozenset[str]:
    from sampler.intake.roster import category_parts, means_all, negates
    from sampler.intake.terms import lookup

    named = category_parts(row.cell("categories") or "")
    told = ("inspector-category", "categories", "assignment.expect_category")
    known_names = lookup(design.categories)
    if any(negates(part, known_names) for part in named if not means_all(part)):
        raise _LeftOutError(*told, "assignment.left_out")
    if not named or any(means_all(part) for part in named):
        return frozenset()
    keys = row.values["categories"]
    assert isinstance(keys, list)
    known = frozenset(key for key in keys if key is not None)
    if not known:
        raise _LeftOutError(*told, "assignment.left_out")
    if None in keys:
        issues.append(row.issue("warning", *told, "assignment.category_ignored"))
    return known


def _valid_until(row: _Row) -> dt.date | None:
    from sampler.intake.roster import means_no_end

    text = row.cell("valid_until")
    if text is None or means_no_end(text):
        return None
    found = row.values["valid_until"]
    if not isinstance(found, dt.date):
        raise _LeftOutError("inspector-certificate", "valid_until", "assignment.expect_date", "assignment.as_expired")
    return found


def _maximum(row: _Row) -> int | None:
    if row.cell("maximum") is None:
        return None
    found = row.values["maximum"]
    if not isinstance(found, int):
        raise _LeftOutError("inspector-maximum", "maximum", "assignment.expect_maximum", "assignment.left_out")
    return found
