"""Tables of results: counts by stratum, or one row per batch, read into the evidence that estimates are made of.

**Counts**: one row per stratum with ``population``, ``tested`` and ``passed`` (or ``failed``), a ``stratum`` id and any
columns that name domains. **Units**: one row per batch with the strata's columns, ``population`` (of the stratum, on each
of its rows) and ``result``. Headers may be Chinese; a column nobody knows is a domain column under its own name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sampler.domains import Evidence
from sampler.errors import InputError, Issue
from sampler.files.count_columns import BLANK, DOMAINS, FAIL, NAMES, PASS, field_of, fields_of
from sampler.files.grid import ROW
from sampler.files.tables import RawTable, read_tables
from sampler.files.total_rows import total_rows
from sampler.stats.numbers import MOST_UNITS
from sampler.text import Text, listed

if TYPE_CHECKING:
    import polars as pl

_MOST_PROBLEMS = 20
_NO_NEWS = ("skipped-blank", "skipped-header")


@dataclass(frozen=True)
class _Row:
    """One row of a table: where it stands, its cells by column name, and the headers of these columns as typed."""

    file: str
    row: int
    cells: dict[str, str]
    headers: Mapping[str, str]

    def problem(self, key: str, **params: object) -> Text:
        """What to say of the row; a ``field`` is named as its header has it."""
        if "field" in params:
            field = str(params["field"])
            params["field"] = self.headers.get(field, field)
        return Text.of(key, file=self.file, row=self.row, **params)


def read_counts(
    paths: Iterable[str | Path], *, strata: Sequence[str] | None = None, notes: list[Issue] | None = None
) -> Evidence:
    """The evidence in some tables of counts or units.

    Args:
        paths: files (or folders of them) as `read_tables` takes them.
        strata: ids of the strata of a plan; a table that names another is refused.
        notes: takes what the reader saw: rows of totals and remarks that were skipped, hidden rows, files left out.

    Raises:
        InputError: no such table, or cells that cannot be; the message lists every problem with its file and row.
    """
    reading = read_tables(paths, recognise=lambda cells: sum(field_of(c) is not None for c in cells))
    rows = [row for table in reading.tables for row in _rows(table)]
    if notes is not None:
        seen = (*reading.notes, *(n for table in reading.tables for n in table.notes))
        notes.extend(n for n in seen if n.code not in _NO_NEWS)
    columns = list(dict.fromkeys(c for row in rows for c in row.cells))
    if not rows:
        raise InputError("estimate.no_rows", files=", ".join(map(str, paths)))
    plans = sorted({row.cells["plan"] for row in rows if row.cells.get("plan")})
    if len(plans) > 1:
        raise InputError("estimate.mixed_plans", plans=", ".join(plans))
    by_unit = "result" in columns and "tested" not in columns
    missing = [] if by_unit or "tested" in columns else ["tested"]
    if not by_unit and not {"passed", "failed"} & set(columns):
        missing.append("passed")
    if not missing:
        try:
            return _units(rows, columns, strata) if by_unit else _counts(rows, columns, strata)
        except InputError as error:
            if error.key != "estimate.population_unknown" or "population" in columns:
                raise
            missing = ["population"]
    raise InputError(
        "estimate.missing_columns",
        file=rows[0].file,
        missing=tuple(Text.of(f"estimate.needs_{field}") for field in missing),
        found=listed(c.header for c in reading.tables[0].columns),
    )


def _rows(table: RawTable) -> list[_Row]:
    names: dict[str, str] = {}
    first: dict[str, str] = {}
    for column, field in zip(table.columns, fields_of(c.header for c in table.columns), strict=True):
        name = field or column.header.strip()
        other = first.setdefault(name, column.header)
        if name in names.values() and name not in ("unit", "ignored"):
            raise InputError("estimate.column_twice", file=table.file, column=column.header, other=other)
        if name:
            names[column.name] = name
    headers = {names[c.name]: " ".join(c.header.split()) for c in table.columns if c.name in names}
    out = []
    for cells in table.data.rows(named=True):
        values: dict[str, str] = {}
        for source, name in names.items():
            text = unicodedata.normalize("NFKC", cells[source] or "").strip()
            if name != "unit" or not values.get("unit"):
                values[name] = text
        out.append(_Row(table.file, int(cells[ROW]), values, headers))
    return out


def _refuse(problems: Sequence[Text]) -> None:
    if len(problems) == 1:
        raise InputError(problems[0].key, **dict(problems[0].params))
    if problems:
        shown = tuple(problems[:_MOST_PROBLEMS])
        raise InputError("estimate.problems", count=len(problems), problems=shown)


def _number(row: _Row, field: str, problems: list[Text]) -> int | None:
    """A count, or None where the cell is empty; anything else is a problem."""
    text = row.cells.get(field, "").replace(",", "")
    if text in BLANK:
        return None
    if text.endswith("%"):
        problems.append(row.problem("estimate.percentage", field=field, found=row.cells[field]))
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        problems.append(row.problem("estimate.not_a_number", field=field, found=row.cells[field]))
    elif value < 0:
        problems.append(row.problem("estimate.negative", field=field, found=row.cells[field]))
    elif value > MOST_UNITS:
        problems.append(row.problem("estimate.too_large", field=field, found=row.cells[field], bound=f"{MOST_UNITS:,}"))
    elif value != int(value):
        problems.append(row.problem("estimate.fractional", field=field, found=row.cells[field]))
    else:
        return int(value)
    return None


def _target(row: _Row, problems: list[Text]) -> float | None:
    text = row.cells.get("target", "")
    if text in BLANK:
        return None
    try:
        return parse_share(text)
    except ValueError:
        problems.append(row.problem("estimate.bad_target_cell", found=text))
        return None


def parse_share(text: str) -> float:
    """A pass rate as people write it, ``0.95``, ``95%`` or ``95``, as a share strictly between 0 and 1.

    Raises:
        ValueError: it is none.
    """
    cleaned = unicodedata.normalize("NFKC", text).strip()
    value = float(cleaned.removesuffix("%"))
    share = value / 100 if cleaned.endswith("%") or value > 1 else value
    if not 0 < share < 1:
        raise ValueError(f"a pass rate must lie between 0 and 1, but got {text!r}")
    return share


def _counts(rows: Sequence[_Row], columns: Sequence[str], strata: Sequence[str] | None) -> Evidence:
    problems: list[Text] = []
    domains = _domain_columns(columns)
    totals = _totals(rows, domains)
    seen: dict[tuple[str, ...], _Row] = {}
    records: list[dict[str, object]] = []
    for position, row in enumerate(rows):
        if position in totals:
            problems.append(totals[position])
            continue
        before = len(problems)
        stratum = _stratum(row, domains, strata, problems)
        key = (stratum, *(row.cells.get(c, "") for c in domains))
        if key in seen:
            problems.append(row.problem("estimate.stratum_twice", stratum=stratum, other=seen[key].row))
        seen[key] = row
        counts = {f: _number(row, f, problems) for f in ("population", "sampled", "tested", "passed", "failed",
                                                         "out_of_scope", "refused")}  # fmt: skip
        target = _target(row, problems)
        if len(problems) == before:
            problems.extend(_impossible(row, stratum, counts))
        if len(problems) == before:
            records.append(_record(row, stratum, domains, counts, target))
    _refuse(problems)
    return _evidence(records, domains, by_unit=False)


def _totals(rows: Sequence[_Row], domains: Sequence[str]) -> dict[int, Text]:
    """What to say of the rows that stand for other rows, by their position."""
    labels = [[row.cells.get(c, "") for c in ("stratum", *domains)] for row in rows]
    counts = []
    for row in rows:
        population, tested, passed, failed = (_number(row, f, []) for f in ("population", "tested", "passed", "failed"))
        if passed is None and tested is not None and failed is not None:
            passed = tested - failed
        counts.append((population, tested, passed))
    return {
        k: rows[k].problem(f"estimate.total_{kind}", label=" | ".join(filter(None, labels[k])) or "-")
        for k, kind in total_rows(labels, counts).items()
    }


def _impossible(row: _Row, stratum: str, counts: dict[str, int | None]) -> Iterable[Text]:
    """What cannot be in one row of counts."""
    population, tested = counts["population"], counts["tested"]
    if tested is None:
        yield row.problem("estimate.empty", field="tested", stratum=stratum)
        return
    if counts["passed"] is None and counts["failed"] is None:
        field = "passed" if "passed" in row.headers else "failed"
        yield row.problem("estimate.empty", field=field, stratum=stratum)
        return
    passed = counts["passed"] if counts["passed"] is not None else tested - (counts["failed"] or 0)
    failed = counts["failed"] if counts["failed"] is not None else tested - passed
    for field, value in (("passed", passed), ("failed", failed)):
        if value > tested:
            yield row.problem("estimate.more_than_tested", field=field, value=value, tested=tested, stratum=stratum)
            return
    if passed + failed != tested:
        yield row.problem("estimate.does_not_add_up", passed=passed, failed=failed, tested=tested, stratum=stratum)
    reached = tested + (counts["out_of_scope"] or 0) + (counts["refused"] or 0)
    if population is not None and reached > population:
        yield row.problem("estimate.more_than_population", tested=reached, population=population, stratum=stratum)
    sampled = counts["sampled"]
    if sampled is not None and reached > sampled:
        yield row.problem("estimate.more_than_sampled", tested=reached, sampled=sampled, stratum=stratum)


def _record(
    row: _Row, stratum: str, domains: Sequence[str], counts: dict[str, int | None], target: float | None
) -> dict[str, object]:
    tested = counts["tested"] or 0
    failed = counts["failed"] if counts["failed"] is not None else tested - (counts["passed"] or 0)
    out, refused = counts["out_of_scope"] or 0, counts["refused"] or 0
    sampled = counts["sampled"]
    return {
        "stratum": stratum,
        **{c: row.cells.get(c) or None for c in domains},
        "population": counts["population"],
        "drawn": tested + out + refused if sampled is None else sampled,
        "contacted": tested + out + refused,
        "out_of_scope": out,
        "refused": refused,
        "tested": tested,
        "failed": failed,
        "batches_tested": tested,
        "batches_failed": failed,
        "target": target,
        "certainty": False,
    }


def _domain_columns(columns: Sequence[str]) -> tuple[str, ...]:
    fields = set(NAMES) - set(DOMAINS)
    return tuple(c for c in columns if c not in fields)


def _stratum(row: _Row, domains: Sequence[str], strata: Sequence[str] | None, problems: list[Text]) -> str:
    stratum = row.cells.get("stratum") or "|".join(row.cells.get(c, "") for c in domains) or "-"
    if strata is not None and stratum not in strata:
        problems.append(row.problem("estimate.unknown_stratum", stratum=stratum))
    return stratum


def _units(rows: Sequence[_Row], columns: Sequence[str], strata: Sequence[str] | None) -> Evidence:
    problems: list[Text] = []
    domains = _domain_columns(columns)
    groups: dict[str, list[tuple[_Row, str]]] = {}
    sizes: dict[str, tuple[int | None, _Row]] = {}
    targets: dict[str, float | None] = {}
    for row in rows:
        stratum = _stratum(row, domains, strata, problems)
        size = _number(row, "population", problems)
        if stratum in sizes and sizes[stratum][0] != size:
            known, other = sizes[stratum]
            problems.append(
                row.problem("estimate.population_differs", stratum=stratum, found=size, known=known, other=other.row)
            )
        sizes.setdefault(stratum, (size, row))
        targets.setdefault(stratum, _target(row, problems))
        result = row.cells.get("result", "").lower().replace(" ", "").removesuffix(".0")
        if result not in PASS | FAIL | BLANK:
            problems.append(row.problem("estimate.bad_result", found=row.cells["result"]))
        verdict = "pass" if result in PASS else "fail" if result in FAIL else ""
        groups.setdefault(stratum, []).append((row, verdict))
    if "stratum" not in columns and len(rows) > 20 and len(groups) > len(rows) / 2:
        many = max(domains, key=lambda c: len({r.cells.get(c) for r in rows}), default="-")
        raise InputError("estimate.strata_of_one", column=many, strata=len(groups), rows=len(rows))
    nested = tuple(c for c in domains if all(len({r.cells.get(c) for r, _ in g}) == 1 for g in groups.values()))
    records: list[dict[str, object]] = []
    for stratum, members in groups.items():
        made = _unit_records(stratum, members, nested, sizes[stratum][0], targets[stratum])
        tested = sum(int(str(r["tested"])) for r in made)
        size, first = sizes[stratum]
        if size is not None and tested > size:
            problems.append(
                first.problem("estimate.more_than_population", tested=tested, population=size, stratum=stratum)
            )
        records.extend(made)
    _refuse(problems)
    return _evidence(records, nested, by_unit=True)


def _unit_records(
    stratum: str,
    members: Sequence[tuple[_Row, str]],
    domains: Sequence[str],
    population: int | None,
    target: float | None,
) -> list[dict[str, object]]:
    """One record per unit, the last one standing for all units of the stratum without a row.

    A unit with a batch that has no result yet is drawn and not tested.
    """
    units: dict[str, list[str]] = {}
    for row, verdict in members:
        units.setdefault(row.cells.get("unit") or f"{row.file}:{row.row}", []).append(verdict)
    base: dict[str, object] = {
        "stratum": stratum,
        **{c: members[0][0].cells.get(c) or None for c in domains},
        "out_of_scope": 0,
        "refused": 0,
        "target": target,
        "certainty": False,
    }
    zeros = {"drawn": 0, "contacted": 0, "tested": 0, "failed": 0, "batches_tested": 0, "batches_failed": 0}
    records = []
    for verdicts in units.values():
        tested = all(verdicts)
        records.append(
            base
            | {
                "population": None if population is None else 1,
                "drawn": 1,
                "contacted": int(any(verdicts)),
                "tested": int(tested),
                "failed": int(tested and "fail" in verdicts),
                "batches_tested": len(verdicts) if tested else 0,
                "batches_failed": verdicts.count("fail") if tested else 0,
            }
        )
    if population is not None:
        # Fewer units than rows is told as tested > population by the caller.
        records.append(base | zeros | {"population": max(population - len(units), 0)})
    return records


def _evidence(records: Sequence[dict[str, object]], domains: Sequence[str], *, by_unit: bool) -> Evidence:
    import polars as pl

    from sampler.domains import COUNTS

    schema: dict[str, type[pl.DataType]] = {
        "stratum": pl.String,
        **dict.fromkeys(domains, pl.String),
        **dict.fromkeys(COUNTS, pl.Int64),
        "target": pl.Float64,
        "certainty": pl.Boolean,
    }
    table = pl.DataFrame(list(records), schema=schema, orient="row")
    unknown = table.filter(pl.col("population").is_null())
    strata = table["stratum"].n_unique()
    if unknown.height and strata > 1:
        named = ", ".join(unknown["stratum"].unique(maintain_order=True).head(5).to_list())
        raise InputError("estimate.population_unknown", strata=named, count=unknown["stratum"].n_unique(), all=strata)
    return Evidence(table, tuple(domains), by_unit=by_unit)


def looks_like_counts(paths: Iterable[str | Path]) -> bool:
    """Whether the files hold a table of counts or units rather than returned workbooks, by their headers."""

    def wanted(cells: Sequence[str]) -> int:
        fields = {field_of(c) for c in cells}
        # One such column by itself stands in other tables too: a published plan tells its batches.
        told = fields & {"population", "tested", "passed", "failed", "result"}
        return len(fields - {None}) if len(told) > 1 else 0

    try:
        return bool(read_tables(paths, recognise=wanted).tables)
    except InputError:
        return False
