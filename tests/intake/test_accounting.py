"""Laws of intake: whatever the table, nothing crashes, every row is accounted for, and the order of rows changes nothing."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampler.design import Unit
from sampler.errors import InputError, Issue
from sampler.files.grid import ROW, Column, column_letter
from sampler.files.registry import read_registry
from sampler.frame import Frame
from sampler.intake.build import build_frame
from sampler.intake.headers import ALIASES
from tests.intake.build import TODAY, VALID, guangzhou

DIRT = [
    "",
    " ",
    "/",
    "—",
    "无",
    "合  格",
    "９",
    "9.14E+17",
    "0",
    "-1",
    "2024.1.5",
    "45000",
    "是",
    "否",
    "=1+1",
    "|",
    "\t",
    "\u3000",
    "a|b\nc",
]
LIKELY: dict[str, list[str]] = {
    "name": ["甲（广州）食品厂", "甲(广州)食品厂", "甲(广州)食品厂天河分公司", "乙", "丙店"],
    "code": [*VALID[:3], "91350203M0001QKT19", "914403001922038000", "440111650506932", "x"],
    "district": ["天河区", "440106", "越秀", "南海区", "广州市白云区市场监督管理局"],
    "category": ["食品", "食品、建材", "儿童用品；食品", "其他"],
    "product": ["糕点", "童装、防水卷材", "五金"],
    "industry": ["C1411", "5227", "零售业"],
    "stage": ["生产", "生产、流通", "电商"],
    "status": ["存续", "注销", "迁出"],
    "credit_class": ["A", "D级", "Z"],
    "city": ["广州市", "佛山市"],
}


@dataclass(frozen=True)
class Raw:
    """A table as intake takes it."""

    columns: tuple[Column, ...]
    data: pl.DataFrame
    skipped: pl.DataFrame
    rows: int
    file: str = "r.csv"
    sheet: str | None = None
    notes: tuple[Issue, ...] = ()


def raw(headers: list[str], rows: list[tuple[str | None, ...]], first: int = 2) -> Raw:
    columns = tuple(Column(h, i, column_letter(i)) for i, h in enumerate(headers))
    data = pl.DataFrame(
        {c.name: [row[c.index] for row in rows] for c in columns}, schema={c.name: pl.String for c in columns}
    )
    numbers = pl.int_range(first, first + len(rows), dtype=pl.UInt32, eager=True).alias(ROW)
    skipped = pl.DataFrame(schema={ROW: pl.UInt32, "reason": pl.String, "text": pl.String})
    return Raw(columns, data.with_columns(numbers), skipped, len(rows))


@st.composite
def tables(draw: st.DrawFn) -> Raw:
    """Random cells under real headers, in any order, with unknown and repeated ones between them."""
    needed = [
        draw(st.sampled_from(["name", "code"])),
        "district",
        draw(st.sampled_from(["category", "product", "industry"])),
    ]
    fields = [*needed, *draw(st.lists(st.sampled_from(list(ALIASES)), max_size=6))]
    headers = [draw(st.sampled_from(ALIASES[f])) for f in fields] + draw(
        st.lists(st.sampled_from(["序号", "备注", ""]), max_size=2)
    )
    fields += [""] * (len(headers) - len(fields))
    order = draw(st.permutations(range(len(headers))))
    cells = [
        st.one_of(
            st.none(),
            st.sampled_from(DIRT),
            st.text(max_size=6),
            *([st.sampled_from(LIKELY[f])] * 3 if f in LIKELY else []),
        )
        for f in (fields[i] for i in order)
    ]
    return raw([headers[i] for i in order], draw(st.lists(st.tuples(*cells), max_size=12)))


def build(*parts: Raw, by_stage: bool = False) -> Frame:
    return build_frame(parts, replace(guangzhou(), unit=Unit(by_stage=by_stage)), today=TODAY)


SLOW = settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@SLOW
@given(tables(), st.booleans())
def test_every_row_is_accounted_for(table: Raw, by_stage: bool) -> None:
    frame = build(table, by_stage=by_stage)
    assert frame.adds_up()
    assert frame.rows == len(table.data)
    assert frame.units["unit_id"].is_unique().all()
    assert frame.units["unit_id"].is_sorted()
    assert not frame.units["unit_id"].str.contains(r"[\t\r\n]").any()
    assert (frame.units["unit_id"].str.count_matches("|", literal=True) == 1 + by_stage).all()
    assert not frame.units["enterprise"].has_nulls()
    assert not frame.units["district"].has_nulls()
    used = set(range(2, 2 + frame.rows)) - set(frame.rejected["row"] if frame.rejected is not None else ())
    assert set(frame.units["source_row"]) <= used
    assert len(used) == frame.size - frame.expanded + frame.merged
    for issue in frame.issues:
        assert issue.expected.render("zh") + issue.done.render("en")


@SLOW
@given(tables(), st.integers(0, 1_000))
def test_the_order_of_rows_changes_nothing(table: Raw, seed: int) -> None:
    rows = table.data.drop(ROW).rows()
    Random(seed).shuffle(rows)
    shuffled = raw([c.header for c in table.columns], rows)
    one, other = build(table), build(shuffled)
    assert one.sha256() == other.sha256()
    assert (one.merged, one.expanded, dict(one.excluded)) == (
        other.merged,
        other.expanded,
        dict(other.excluded),
    )
    assert one.found == other.found


@SLOW
@given(tables(), st.integers(0, 12))
def test_a_registry_in_two_tables_is_the_same_registry(table: Raw, cut: int) -> None:
    headers, rows = [c.header for c in table.columns], table.data.drop(ROW).rows()
    first, second = raw(headers, rows[:cut]), raw(headers, rows[cut:], first=2 + len(rows[:cut]))
    assert build(first, second).sha256() == build(second, first).sha256() == build(table).sha256()


@SLOW
@given(tables())
def test_the_same_registry_twice_is_merged_with_itself(table: Raw) -> None:
    once, twice = build(table), build(table, table)
    assert twice.sha256() == once.sha256()
    assert twice.merged == 2 * once.merged + once.size


@settings(
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(tables(), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), st.sampled_from([",", "\t", ";"]))
def test_any_file_of_it_is_read_and_accounted_for(tmp_path: Path, table: Raw, encoding: str, delimiter: str) -> None:
    path = tmp_path / "r.csv"
    with path.open("w", encoding=encoding, errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow([c.header for c in table.columns])
        writer.writerows([[(cell or "").replace("\r", "\n") for cell in row] for row in table.data.drop(ROW).rows()])
    try:
        frame = read_registry([path], guangzhou(), today=TODAY)
    except InputError:  # the header is no longer one that anybody knows, or a character has no place in the encoding
        return
    assert frame.adds_up()
    assert len(frame.rejected if frame.rejected is not None else ()) <= sum(frame.excluded.values())
