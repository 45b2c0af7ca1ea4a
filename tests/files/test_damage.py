"""Damaged files and arbitrary content: an `InputError` or a table whose account adds up, never anything else."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sampler.errors import InputError

from .making import HEADER, A, B, book, ods_row, open_document, read
from .test_formats import TEXT, XLS


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("originals")
    rows = [HEADER, *[A, B] * 20]
    book(folder / "a.xlsx", rows)
    open_document(folder / "a.ods", "".join(map(ods_row, rows)))
    pl.DataFrame(rows[1:], schema=HEADER, orient="row").write_parquet(folder / "a.parquet")
    page = "".join(f"<tr>{''.join(f'<td>{c}' for c in row)}</tr>" for row in rows)
    (folder / "a.htm").write_text(f"<html><table>{page}</table></html>", encoding="gb18030")
    (folder / "a.csv").write_text(TEXT, encoding="gb18030")
    (folder / "a.xls").write_bytes(XLS.read_bytes())
    return {path.suffix: path.read_bytes() for path in folder.iterdir()}


def check(path: Path) -> str:
    try:
        reading = read(path)
    except InputError as error:
        return error.key if error.message("zh") and error.message("en") else "no message"
    for table in reading.tables:
        assert table.rows == table.data.height + table.skipped.height
    return "read"


@pytest.mark.parametrize(
    ("suffix", "tries"),
    [(".xlsx", 60), (".ods", 60), (".parquet", 40), (".htm", 30), (".csv", 30), (".xls", 12)],
)
def test_cut_and_flipped_files(
    originals: dict[str, bytes], tmp_path: Path, suffix: str, tries: int, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = originals[suffix]
    path = tmp_path / f"a{suffix}"
    path.write_bytes(whole)
    assert check(path) == "read"
    rng = random.Random(suffix)
    outcomes = set()
    for number in range(tries):
        damaged = bytearray(whole)
        if number % 3 == 0:
            del damaged[rng.randrange(len(damaged)) :]
        else:
            for _ in range(rng.choice([1, 5, 30])):
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        path.write_bytes(damaged)
        outcomes.add(check(path))
    assert outcomes - {"read"}
    if suffix in (".xlsx", ".ods", ".parquet", ".xls"):
        assert "reading.damaged" in outcomes
    assert "panicked" not in capfd.readouterr().err


def test_whole_zip_with_a_broken_sheet(tmp_path: Path) -> None:
    from .making import with_sheet

    source = book(tmp_path / "s.xlsx", [HEADER, A])
    for xml in (
        "",
        "<worksheet",
        "<worksheet><sheetData><row><c r='@'><v>1</v></c></row></sheetData>",
        "\0" * 100,
    ):
        assert check(with_sheet(source, tmp_path / "a.xlsx", xml)) in ("reading.damaged", "reading.no-header")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6) | st.sampled_from(
    ["合计", "合  计", "小计：3", "越秀区（92所）", "注：x", "/", "1", " ", ""]
)
ROWS = st.lists(st.lists(TEXTS, min_size=1, max_size=6) | st.just(HEADER), max_size=12)


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=ROWS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    delimiter=st.sampled_from(",\t;|"),
)
def test_any_text_table_is_accounted_for(tmp_path: Path, rows: list[list[str]], encoding: str, delimiter: str) -> None:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEADER, *rows])
    (tmp_path / "a.csv").write_bytes(stream.getvalue().encode(encoding))
    (table,) = read(tmp_path / "a.csv").tables
    last = max((i for i, row in enumerate(rows, 2) if any(cell.strip() for cell in row)), default=1)
    numbers = sorted(table.data["__row__"].to_list() + table.skipped["__row__"].to_list())
    # A row right below the header that has texts only under its last columns cannot be told from a second header row.
    joined = any(note.code == "two-row-header" and note.row == 2 for note in table.notes)
    assert numbers == list(range(3 if joined else 2, last + 1))
    for *texts, number in table.data.rows():
        given_row = rows[number - 2]
        for column, text in zip(table.columns, texts, strict=True):
            source = given_row[column.index] if column.index < len(given_row) else ""
            assert (text or "") == source


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_workbook_is_accounted_for(tmp_path: Path, rows: list[list[str]]) -> None:
    safe = [["".join(ch for ch in c if ch >= " " and ch not in "\ufffe\uffff") for c in row] for row in rows]
    path = book(tmp_path / "a.xlsx", [HEADER, *[[f"'{c}" if c.startswith("=") else c for c in row] for row in safe]])
    assert check(path) == "read"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.xlsx", "a.xls"]))
def test_any_bytes(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    check(tmp_path / name)
