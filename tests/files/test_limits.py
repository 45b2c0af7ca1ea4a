"""Files that are meant to exhaust the memory, to reach other files, or that hold no values: each has its own message."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.errors import InputError
from sampler.files.grid import column_index
from sampler.files.ooxml import SheetScan, _has, _pairs

from .making import (
    HEADER,
    A,
    book,
    cells,
    ods_cell,
    ods_row,
    one,
    open_document,
    read,
    sheet_xml,
    text_row,
    with_sheet,
)

HEAD = text_row(1, HEADER)
ROW = text_row(2, A)
REPEATED = ' table:number-columns-repeated="16384"'
LONG = "x" * 10_000_000


def refusal(path: Path) -> InputError:
    with pytest.raises(InputError) as caught:
        read(path)
    assert caught.value.exit_code == 3
    assert caught.value.message("zh") != caught.value.message("en")
    assert path.name in caught.value.message("en")
    return caught.value


@pytest.fixture
def xlsx(tmp_path: Path) -> Callable[..., Path]:
    source = book(tmp_path / "source.xlsx", [HEADER, A])

    def make(rows: str, **options: object) -> Path:
        extra = options.pop("extra", None)
        return with_sheet(source, tmp_path / "a.xlsx", sheet_xml(HEAD + rows, **options), extra)  # type: ignore[arg-type]

    return make


@pytest.mark.parametrize(
    "rows",
    [
        ROW,
        ROW + '<row r="3"><c r="XFD3" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>',
        ROW + '<row r="1048576" spans="1:16384"/>',
    ],
)
def test_claimed_dimensions_and_empty_formats_cost_nothing(xlsx: Callable[..., Path], rows: str) -> None:
    assert cells(one(xlsx(rows))) == [tuple(A)]


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        (ROW + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "too-many-cells"),
        (ROW + '<row r="3"><c r="ZZ3"><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>', "too-many-cells"),
        (f'<row r="2">{"<c><v>1</v></c>" * 16_384}</row><row r="900000"><c><v>1</v></c></row>', "too-many-cells"),
        (ROW + '<row r="4294967295"><c r="A4294967295"><v>1</v></c></row>', "too-many-cells"),
        (ROW + '<row r="3"><c r="AAA3"><v>1</v></c></row>', "too-many-columns"),
        (f'<row r="2">{"<c><v>1</v></c>" * 1_000}</row>', "too-many-columns"),
        (f'<row r="2"><c r="A2" t="inlineStr"><is><t>{LONG}</t></is></c></row>', "cell-too-long"),
        (text_row(2, ["x" * 40_000]), "cell-too-long"),
        (ROW + " " * 100_000_000, "zip-bomb"),
    ],
)  # fmt: skip
def test_sheets_that_ask_for_too_much(xlsx: Callable[..., Path], rows: str, key: str) -> None:
    assert refusal(xlsx(rows)).key == f"reading.{key}"


def test_long_shared_string(xlsx: Callable[..., Path]) -> None:
    strings = f'<?xml version="1.0"?><sst xmlns="x"><si><t>a</t></si><si><t>{LONG}</t></si></sst>'.encode()
    assert refusal(xlsx(ROW, extra={"xl/sharedStrings.xml": strings})).key == "reading.cell-too-long"


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/theme/theme1.xml", "xl/styles.xml"]
)
def test_entities_and_external_references(tmp_path: Path, part: str) -> None:
    doctype = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&a;&a;">]>'
    source = book(tmp_path / "source.xlsx", [HEADER, A])
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            raw = old.read(name)
            end = raw.index(b"?>") + 2 if raw.startswith(b"<?xml") else 0
            new.writestr(name, raw[:end] + doctype + raw[end:] if name == part else raw)
    error = refusal(tmp_path / "a.xlsx")
    assert (error.key, error.params["part"]) == ("reading.xml-entities", part)


def test_formulas_without_results_in_a_known_column(xlsx: Callable[..., Path]) -> None:
    rows = (
        '<row r="2"><c r="A2"><f>"甲"</f><v></v></c><c r="B2"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><f>A2</f></c></row>'
    )
    path = xlsx(rows)
    error = refusal(path)
    assert (error.key, error.params["count"], error.params["row"]) == ("reading.uncalculated", 2, 2)
    table = one(path, require_values=False)
    assert [(n.code, n.column, n.row) for n in table.notes] == [("uncalculated", "企业名称", 2)]


def test_values_of_another_workbook_in_a_known_column(xlsx: Callable[..., Path]) -> None:
    rows = '<row r="2"><c r="A2" t="str"><f>[1]名录!A2</f><v>甲</v></c><c r="B2"><v>1</v></c></row>'
    link = {"xl/externalLinks/externalLink1.xml": b"<externalLink/>"}
    assert refusal(xlsx(rows, extra=link)).key == "reading.external-link"
    assert [n.code for n in one(xlsx(rows, extra=link), require_values=False).notes] == ["external-link"]
    assert cells(one(xlsx(ROW, extra=link))) == [tuple(A)]


def test_formulas_in_columns_nobody_asks_for_are_noted(tmp_path: Path) -> None:
    table = one(book(tmp_path / "a.xlsx", [[*HEADER, "序号"], [*A, "=ROW()-1"], [*A, "=ROW()-1"]]))
    assert [(n.code, n.column, n.found) for n in table.notes] == [("uncalculated", "序号", "2")]


def test_package_with_a_password(tmp_path: Path) -> None:
    path = open_document(tmp_path / "a.ods", ods_row(HEADER), manifest="<m><manifest:encryption-data/></m>")
    assert refusal(path).key == "reading.password"


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        (f'<table:table-row>{ods_cell("x", REPEATED)}</table:table-row>', "too-many-columns"),
        (ods_row(HEADER, ' table:number-rows-repeated="100000000"'), "too-many-cells"),
        (f'<table:table-row><table:table-cell{REPEATED}/>{ods_cell("x")}</table:table-row>', "too-many-columns"),
    ],
)  # fmt: skip
def test_repeated_cells_of_open_document(tmp_path: Path, rows: str, key: str) -> None:
    assert refusal(open_document(tmp_path / "a.ods", rows)).key == f"reading.{key}"


def test_delimited_text_beyond_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(HEADER) + "\n" + ",".join(["x"] * 1_000) + "\n")
    assert refusal(path).key == "reading.too-many-columns"
    path.write_text(",".join(HEADER) + "\n" + LONG + ",1\n")
    assert refusal(path).key == "reading.cell-too-long"


def test_pages_beyond_the_limits(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_text("<table><tr><td colspan=60000>x</table>")
    assert refusal(path).key == "reading.too-many-columns"
    path.write_text("<table><tr><td>x</table>" * 1_001)
    assert refusal(path).key == "reading.too-many-sheets"


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "Z", "AA", "AD", "AZ", "BA", "ZZ", "AAA", "XFD", "ABCDE"]),
            st.sampled_from(['<c r="%s7"><v>1</v></c>', "<x:c s='1' r='%s7'><v>1</v></x:c>", '<c r="%s7" s="1"/>']),
            st.sampled_from(["", '<t>a="AC1"</t>', "<t>91440101MA5CK</t>"]),
        ),
        max_size=8,
    ),
    st.booleans(),
)  # fmt: skip
def test_the_widest_cell_with_content_decides(cells: list[tuple[str, str, str]], many: bool) -> None:
    extra = [(f"A{chr(65 + i)}", '<c r="%s7" s="1"/>', "") for i in range(26)] * many
    extra += [(f"B{chr(65 + i)}", '<c r="%s7" s="1"/>', "") for i in range(26)] * many
    block = "".join(cell % name + text for name, cell, text in [*extra, *cells]).encode()
    filled = [name.decode() for name in re.findall(rb"\sr=[\"']([A-Z]{2,})\d[^>]*(?<!/)>", block)]
    expected = max(map(column_index, filled), default=-1) + 1
    scan = SheetScan(file="a.xlsx", sheet="1", external=False)
    assert max(scan._widest(block), 26) == max(expected, 26)


@given(st.text('=n"e<f:', min_size=1, max_size=9), st.sampled_from(["n=", '"e', "<f", ":f"]))
def test_two_bytes_are_found_wherever_they_stand(text: str, two: str) -> None:
    assert _has(_pairs(text.encode()), two.encode()) == (two in text)


@pytest.mark.parametrize("before", ["", " "])
def test_what_a_sheet_hides_is_seen_at_even_and_odd_places(before: str) -> None:
    cells = '<c r="B7" t="e"><v>#N/A</v></c><c r="C7"><f>A1</f></c><c r="D7"><x:f>A1</x:f></c>'
    scan = SheetScan(file="a.xlsx", sheet="1", external=False)
    scan.run(iter([f'{before}<row r="7" hidden="1">{cells}</row>'.encode()]))
    found = scan.facts(hidden=False)
    assert (found.hidden_rows, found.error_cells) == (1, ((7, 1, "#N/A"),))
    assert found.uncalculated == {2: (1, 7), 3: (1, 7)}


def test_a_sheet_is_named_where_there_is_one(tmp_path: Path) -> None:
    wide = [f"c{i}" for i in range(20_000)]
    (tmp_path / "wide.csv").write_text(",".join(wide) + "\n" + ",".join(wide) + "\n", encoding="utf-8")
    told = refusal(tmp_path / "wide.csv")
    assert "工作表" not in told.message("zh")
    assert re.search(r"wide\.csv 占用 \d+ 列以上，超过上限 702 列", told.message("zh"))
    assert re.search(r"wide\.csv uses \d+ columns or more; the limit is 702", told.message("en"))
    told = refusal(book(tmp_path / "wide.xlsx", [wide[:800], wide[:800]], title="名录"))
    assert "wide.xlsx 的工作表“名录”占用 800 列以上" in told.message("zh")
    assert "wide.xlsx, sheet “名录” uses 800 columns or more" in told.message("en")


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_sheet_that_is_not_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.csv":
        path.write_text("企业名称,代码\n甲,1\n", encoding="utf-8")
    else:
        book(path, [HEADER, A])
    with pytest.raises(InputError) as caught:
        read(path, sheet="表")
    assert ("现有工作表：名录" in caught.value.message("zh")) == (name == "a.xlsx")
    assert "—" not in caught.value.message("zh")
