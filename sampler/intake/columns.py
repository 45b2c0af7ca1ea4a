"""Columns: what the headers of all tables together leave to be said, and what no frame can be made without."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from sampler.design import Design
from sampler.errors import InputError, Issue, Severity
from sampler.intake.checks import NOTHING
from sampler.intake.classify import TELLING
from sampler.intake.headers import ALIASES, HeaderMap, Suggestion, field_by_itself, normal_header
from sampler.intake.places import Districts
from sampler.intake.rows import needs_district
from sampler.intake.source import Column, Table
from sampler.intake.stack import rule
from sampler.intake.terms import both_names
from sampler.intake.values import canonical, filled
from sampler.text import Text
from sampler.text.estimate import ENTRIES


def field_name(field: str) -> Text | str:
    """A field as people call it; its own name where nothing names it."""
    key = f"estimate.column_name_{field}"
    return Text.of(key) if key in ENTRIES else field


def one_line(header: str) -> str:
    """A header without its line breaks."""
    return " ".join(header.split())


def require(has: set[str], tables: Sequence[Table], maps: Sequence[HeaderMap], design: Design) -> None:
    """Raise an error where nothing in any table can say who, where, or what.

    Args:
        has: the fields that some table has.

    Raises:
        InputError: with the headers seen, and what might be meant by them.
    """
    missing = []
    if not has & {"name", "code"}:
        missing.append(Text.of("intake.field_identity"))
    sources = {"district", "office", "address"} if design.districts else {"district"}
    if needs_district(design) and len(design.districts) != 1 and not has & sources:
        named = Districts(design).of_sheets([(table.sheet, table.file) for table in tables])
        if not design.districts or named.is_null().all():
            missing.append(Text.of("intake.field_district"))
    if len(design.categories) > 1 and not has & set(TELLING):
        missing.append(Text.of("intake.field_category"))
    if missing:
        headers = dict.fromkeys(one_line(c.header) for t in tables for c in t.columns if c.header)
        nearly = [
            Text.of("intake.hint", header=one_line(s.column.header), line=_line(s, maps, design))
            for m in maps
            for s in m.suggestions
        ]
        raise InputError(
            "intake.missing_fields",
            files=", ".join(dict.fromkeys(t.file for t in tables)),
            headers=", ".join(headers) or "—",
            problems=(*missing, *dict.fromkeys(nearly)),
        )


def header_issues(tables: Sequence[Table], maps: Sequence[HeaderMap], has: set[str], design: Design) -> Iterator[Issue]:
    """Headers that nearly are a field's, tables that do not say who, fields with several columns, columns that the design
    takes from the field they name, lists side by side, headers of the design that nowhere occur, a registry without a row.
    """

    def issue(
        severity: Severity, code: str, table: Table | None, column: str | None, expected: Text, done: Text
    ) -> Issue:
        file, sheet = (table.file, table.sheet) if table else ("", None)
        return Issue(severity, code, file, sheet, None, column, column or "", expected, done)

    for table, header in zip(tables, maps, strict=True):
        for s in header.suggestions:
            expected = Text.of("intake.expected_header", alias=s.alias, line=_line(s, maps, design))
            done = Text.of("intake.done_not_read", header=one_line(s.column.header), field=field_name(s.field))
            yield issue("warning", "header-unread", table, s.column.header, expected, done)
        for field, other in (("name", "code"), ("code", "name")):
            if field not in header.fields and other in header.fields:
                expected = Text.of(f"intake.expected_{field}_column", field=field)
                done = Text.of(f"intake.done_no_{field}_column")
                unread = ", ".join(dict.fromkeys(map(one_line, header.unread)))
                yield replace(issue("warning", f"{field}-column-missing", table, None, expected, done), found=unread)
        for field, columns in header.fields.items():
            if len(columns) > 1:
                named = ", ".join(f"{one_line(c.header)} [{c.letter}]" for c in columns)
                done = Text.of(f"intake.done_{rule(field, design)}", field=field_name(field), columns=named)
                yield issue("info", "columns-share-field", table, columns[1].header, NOTHING, done)
        for column, field, own in _taken(header, design):
            expected = Text.of("intake.expected_own_field", field=field_name(own))
            done = Text.of("intake.done_taken", field=field_name(field), own=field_name(own))
            yield issue("warning", "header-taken", table, column.header, expected, done)
        for first, second, rows in _side_by_side(table, header):
            expected = Text.of("intake.expected_one_list")
            done = Text.of("intake.done_left_list", left=first.letter, right=second.letter, count=rows)
            yield issue("error", "lists-side-by-side", table, second.header, expected, done)
    for name, headers in design.columns.items():
        if name not in has:
            done = Text.of("intake.done_no_column", field=field_name(name))
            yield issue(
                "warning" if name in ALIASES else "info",
                "column-missing",
                None,
                " / ".join(headers),
                Text.of("intake.expected_column"),
                done,
            )
    if tables and not any(table.data.height for table in tables):
        done = Text.of("intake.done_no_rows")
        yield issue("error", "no-rows", tables[0], None, Text.of("intake.expected_rows"), done)
    if len(design.categories) == 1 and not has & set(TELLING):
        category = design.categories[0]
        done = Text.of("intake.done_only_category", category=both_names(category))
        yield issue("info", "category-only", None, None, NOTHING, done)


def _line(suggestion: Suggestion, maps: Sequence[HeaderMap], design: Design) -> str:
    """The line of [columns] that has a field read from its present columns and the suggested one.

    For a field that is named there nothing else counts, so that the line has to name them all.
    """
    field = suggestion.field
    present = [one_line(c.header) for m in maps for c in m.fields.get(field, ())]
    named = dict.fromkeys([*design.columns.get(field, ()), *present, one_line(suggestion.column.header)])
    return f"{field} = {json.dumps(list(named), ensure_ascii=False)}"


def _taken(header: HeaderMap, design: Design) -> Iterator[tuple[Column, str, str]]:
    """Columns that the design has read as one field and whose header names another, which is left without a column."""
    for field, columns in header.fields.items():
        for column in columns if field in design.columns else ():
            own = field_by_itself(column.header)
            if own not in (None, field) and own not in header.fields and own not in design.columns:
                yield column, field, own


def _side_by_side(table: Table, header: HeaderMap) -> Iterator[tuple[Column, Column, int]]:
    """Pairs of columns of equal header that name different enterprises in the same row, with the number of such rows."""
    for field in ("name", "code"):
        first, *others = header.fields.get(field, ()) or (None,)
        for other in others:
            if first is None or normal_header(first.header) != normal_header(other.header):
                continue
            left, right = table.data[f"c{first.index}"], table.data[f"c{other.index}"]
            rows = int((filled(left) & filled(right) & (canonical(left) != canonical(right))).sum())
            if rows:
                yield first, other, rows
