"""Every format, decided by its content, gives the same table."""

from __future__ import annotations

import codecs
import datetime as dt
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from sampler.errors import InputError
from sampler.files import isolated
from sampler.files.delimited import detect_delimiter
from sampler.files.formats import sniff
from sampler.files.html import read_html

from .making import HEADER, A, B, book, cells, ods_cell, ods_row, one, open_document, read

TEXT = "\n".join(",".join(row) for row in (HEADER, A, B)) + "\n"
XLS = Path(__file__).parent / "data" / "registry.xls"
"""Written by LibreOffice 24 from a workbook with title, merged cells, a hidden row, column and sheet, dates and an error."""


OLD_BOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "Workbook".encode("utf-16-le")
"""A container of old Office files that claims to hold a workbook."""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-be-bom"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = TEXT.replace(",", delimiter)
    raw = codecs.BOM_UTF16_BE + text.encode("utf-16-be") if encoding == "utf-16-be-bom" else text.encode(encoding)
    (tmp_path / "a.csv").write_bytes(raw)
    table = one(tmp_path / "a.csv")
    assert [c.header for c in table.columns] == HEADER
    assert cells(table) == [tuple(A), tuple(B)]
    assert table.data["__row__"].to_list() == [2, 3]
    assert table.sheet is None


def test_a_date_loses_its_midnight_and_a_text_keeps_its_own(tmp_path: Path) -> None:
    """What somebody typed is not shortened because a date of the same column is."""
    typed = "见抽样单 00:00:00"
    rows = [
        ["甲", dt.datetime(2026, 5, 1), "越秀区"],
        ["乙", typed, "越秀区"],
        ["丙", dt.datetime(2026, 5, 1, 9), "越秀区"],
    ]
    table = one(book(tmp_path / "a.xlsx", [HEADER, *rows]))
    assert [row[1] for row in cells(table)] == ["2026-05-01", typed, "2026-05-01 09:00:00"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    (tmp_path / "a.csv").write_bytes(TEXT.replace("\n", ending).encode())
    assert cells(one(tmp_path / "a.csv")) == [tuple(A), tuple(B)]


def test_quoted_fields_blank_lines_and_ragged_rows(tmp_path: Path) -> None:
    lines = ["名录", "", ",".join(HEADER), '甲,"1,\n2",越秀区', "", 'x"y,2,"说""好""",d,多出,,的', "\n"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    table = one(tmp_path / "a.csv")
    assert [c.letter for c in table.columns] == ["A", "B", "C", "D", "E", "G"]
    assert cells(table) == [
        ("甲", "1,\n2", "越秀区", None, None, None),
        ('x"y', "2", '说"好"', "d", "多出", "的"),
    ]
    assert table.data["__row__"].to_list() == [4, 6]
    assert table.skipped.rows() == [(5, "blank", "")]


def test_record_longer_than_all_in_the_sample(tmp_path: Path) -> None:
    rows = [",".join(A)] * 5_000
    (tmp_path / "a.csv").write_text("\n".join([",".join(HEADER), *rows, ",".join([*A, *"abcdefgh"])]))
    table = one(tmp_path / "a.csv")
    assert cells(table)[-1] == (*A, *"abcdefgh")


def test_quote_that_never_closes_is_a_character_and_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(",".join(HEADER) + '\n"甲,1,2,3\n乙,4,5,6\n', encoding="utf-8")
    table = one(tmp_path / "a.csv")
    assert cells(table) == [('"甲', "1", "2", "3"), ("乙", "4", "5", "6")]
    assert [n.code for n in table.notes] == ["stray-quotes"]


def test_text_in_no_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff\xff\xff,2\n")
    with pytest.raises(InputError, match="no known encoding"):
        read(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_bytes(codecs.BOM_UTF16_LE + b"\x00\xd8a")
    with pytest.raises(InputError, match="utf-16-le"):
        read(tmp_path / "a.csv")
    (tmp_path / "a.csv").write_bytes(b"a,b\n\0,2\n")
    with pytest.raises(InputError, match="NUL"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [("a;b,c;d\n1;2;3\n", ";"), ("a,b\n1;2,3\n", ","), ("one\ntwo\n", ","), ('"a|b",c\n"d|e",f\n', ",")],
)
def test_delimiter(sample: str, delimiter: str) -> None:
    assert detect_delimiter(sample) == delimiter


@pytest.mark.parametrize("name", ["a.xls", "a.csv", "a.dat", "a.ods"])
def test_content_decides_not_the_name(tmp_path: Path, name: str) -> None:
    book(tmp_path / "b.xlsx", [HEADER, A])
    (tmp_path / "b.xlsx").rename(tmp_path / name)
    assert cells(one(tmp_path / name)) == [tuple(A)]


def test_csv_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xls").write_bytes(TEXT.encode("gb18030"))
    assert cells(one(tmp_path / "a.xls")) == [tuple(A), tuple(B)]


def test_page_under_the_name_of_a_workbook(tmp_path: Path) -> None:
    header = "".join(f"<th>{h}" for h in HEADER)
    page = f"""<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=gbk><style>td {{}}</style></head>
        <body><table><tr><td colspan=4>名录</td></tr><tr>{header}</tr>
        <tr><td rowspan="2">甲&amp;乙<td>1<td>越秀区<td>糕点</tr>
        <tr><td>2<td>天河&nbsp;区<td>a<br>b</tr></table></body></html>"""
    (tmp_path / "a.xls").write_bytes(page.encode("gbk"))
    table = one(tmp_path / "a.xls")
    assert cells(table) == [("甲&乙", "1", "越秀区", "糕点"), ("甲&乙", "2", "天河 区", "a\nb")]
    (tmp_path / "b.xls").write_text("<html><body>请登录</body></html>")
    with pytest.raises(InputError, match=r"HTML\) and holds no table"):
        read(tmp_path / "b.xls")


def test_an_xls_that_takes_too_long_is_tried_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = subprocess.run, 0

    def slow(times: int) -> None:
        def run(*asked: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls <= times:
                raise subprocess.TimeoutExpired("", more["timeout"])
            return real(*asked, **more)

        nonlocal calls
        calls = 0
        monkeypatch.setattr(isolated.subprocess, "run", run)

    slow(1)
    assert len(read(XLS).tables) == 2
    slow(99)
    with pytest.raises(InputError, match="took longer than 60 seconds, 2 times") as caught:
        read(XLS)
    assert (caught.value.key, calls) == ("reading.too_slow", 2)


def test_legacy_workbook() -> None:
    first, second = read(XLS).tables
    assert (first.sheet, second.sheet, first.header_row) == ("天河", "越秀", 3)
    assert cells(first)[:3] == [
        ("甲公司", "914403001922038216", "2024-01-05", "1", "true", "a\nb"),
        ("甲公司", "x2", "2024-01-05 13:30:00", "1.5", "false", None),
        ("乙公司", "x3", "08:30:00", "45000", None, None),
    ]
    assert {n.code: (n.row, n.column, n.found) for n in first.notes if n.code != "filter"} == {
        "hidden-rows": (None, None, "1"),
        "hidden-column": (None, "数量", ""),
        "error-cell": (6, "备注", "#DIV/0!"),
        "skipped-blank": (7, None, ""),
        "merged-cells": (None, None, "1"),
    }
    assert [n.code for n in second.notes] == ["hidden-sheet"]


def test_open_document(tmp_path: Path) -> None:
    rows = (
        '<table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>'
        '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row>"
        + ods_row(HEADER)
        + "<table:table-row>"
        + ods_cell("甲", ' table:number-rows-spanned="2" table:number-columns-spanned="1"')
        + '<table:table-cell office:value-type="date" office:date-value="2024-01-05T13:30:00"/>'
        '<table:table-cell office:value-type="time" office:time-value="PT08H30M00S"/>'
        '<table:table-cell office:value-type="float" office:value="2"/>'
        '<table:table-cell table:number-columns-repeated="16380"/></table:table-row>'
        '<table:table-row table:visibility="filter"><table:covered-table-cell/>'
        + ods_cell("x", ' table:number-columns-repeated="3"')
        + "</table:table-row>"
        + ods_row(B, ' table:number-rows-repeated="2"')
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    )
    after = (
        '<table:database-ranges><table:database-range table:target-range-address="名录.A3:名录.D8"'
        ' table:display-filter-buttons="true"/></table:database-ranges>'
    )
    table = one(open_document(tmp_path / "a.ods", rows, after=after))
    assert table.header_row == 3
    assert cells(table) == [
        ("甲", "2024-01-05 13:30:00", "08:30:00", "2"),
        ("甲", "x", "x", "x"),
        tuple(B),
        tuple(B),
    ]
    assert {n.code for n in table.notes} == {"hidden-rows", "hidden-column", "filter", "merged-cells"}


def test_parquet_of_any_type(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "name": ["甲", None],
            "code": [914403001922038216, 1],
            "district": pl.Series(["越秀", "天河"], dtype=pl.Categorical),
            "住所": [1.0, 2.5],
            "成立日期": [dt.date(2024, 1, 5), None],
            "上次抽查日期": [dt.datetime(2024, 1, 5), dt.datetime(2024, 1, 5, 13, 30)],
            "产品类别": [["糕点", "饮料"], []],
            "登记状态": [True, False],
            "x": pl.Series(["1.50", "2.00"]).cast(pl.Decimal(10, 2)),
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    table = one(tmp_path / "a.parquet")
    assert cells(table) == [
        ("甲", "914403001922038216", "越秀", "1", "2024-01-05", "2024-01-05", "糕点、饮料", "true", "1.5"),
        (None, "1", "天河", "2.5", None, "2024-01-05 13:30:00", "", "false", "2"),
    ]
    assert table.data["__row__"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"  \n \n", "is empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n", "PNG"),
        (b"MIME-Version: 1.0\r\n", "MHTML"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "XML Spreadsheet",
        ),
        (b"PK\x05\x06" + b"\0" * 18, "ZIP"),
        (b"PK\x03\x04 cut", "damaged"),
        (b"PAR1 cut", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "OLE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError, match=told) as caught:
        read(tmp_path / "a.xlsx")
    assert caught.value.exit_code == 3
    assert "a.xlsx" in caught.value.message("zh")


def test_the_encodings_that_were_tried_are_listed_in_either_language(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xff\xfe,abc\n\xff")
    with pytest.raises(InputError, match="tried UTF-8, GB18030") as caught:
        read(tmp_path / "a.csv")
    assert "已尝试 UTF-8、GB18030" in caught.value.message("zh")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"PK\x03\x04 cut",
            "文件 a.xlsx 已损坏或不完整，无法读取（压缩包不完整，可能没有传完）；请重新导出或重新传送。",
        ),
        (b"PAR1 cut", "文件 a.xlsx 已损坏或不完整，无法读取（文件没有结尾，后面的部分丢失）；请重新导出或重新传送。"),
        (OLD_BOOK, "文件 a.xlsx 已损坏或不完整，无法读取（内部结构前后矛盾）；请重新导出或重新传送。"),
        (b"%PDF-1.7 ...", "文件 a.xlsx 是文档（PDF），其中没有能读取的表格；请给出表格原件，如 .xlsx 或 .csv。"),
        (b"Rar!...", "文件 a.xlsx 是压缩包（RAR），其中没有能读取的表格；请先解压，再给出其中的表格文件。"),
        (
            b"MIME-Version: 1.0\r\n",
            "文件 a.xlsx 是网页（MHTML），其中没有能读取的表格；请用 Excel 或 WPS 打开后另存为 .xlsx。",
        ),
    ],
)
def test_a_chinese_refusal_says_in_chinese_why_and_what_helps(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.xlsx")
    assert caught.value.message("zh").replace(str(tmp_path / "a.xlsx"), "a.xlsx") == told


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"xl/styles.xml": b""}, "其中缺少 xl/workbook.xml"),
        ({"xl/workbook.xml": b"<workbook"}, "其中的 xl/workbook.xml 不是完好的 XML"),
        (
            {"xl/workbook.xml": "<workbook/>".encode("utf-16")},
            "其中的 xl/workbook.xml 是 UTF-16 编码，Excel 和 WPS 不这样保存",
        ),
        ({"xl/workbook.bin": b""}, "其中缺少 xl/_rels/workbook.bin.rels"),
        (
            {"content.xml": b"", "mimetype": b"spreadsheet", "META-INF/manifest.xml": b"\xff\xfe"},
            "其中的 META-INF/manifest.xml 是 UTF-16 编码，Excel 和 WPS 不这样保存",
        ),
    ],
)
def test_what_is_wrong_in_a_package_is_told_of_its_part(tmp_path: Path, parts: dict[str, bytes], reason: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.xlsx")
    assert f"（{reason}）" in caught.value.message("zh")


def test_a_part_that_is_altered_is_named(tmp_path: Path) -> None:
    book(tmp_path / "a.xlsx", [HEADER])
    with zipfile.ZipFile(tmp_path / "a.xlsx") as package:
        at = package.getinfo("xl/workbook.xml").header_offset
    raw = bytearray((tmp_path / "a.xlsx").read_bytes())
    raw[at + 60] ^= 0xFF
    (tmp_path / "a.xlsx").write_bytes(raw)
    with pytest.raises(InputError) as caught:
        read(tmp_path / "a.xlsx")
    assert "（其中的 xl/workbook.xml 已损坏）" in caught.value.message("zh")


def test_sniff_names_the_kinds(tmp_path: Path) -> None:
    book(tmp_path / "a", [HEADER])
    shutil.copy(XLS, tmp_path / "b")
    open_document(tmp_path / "c", ods_row(HEADER))
    assert [sniff(tmp_path / name, file=name) for name in "abc"] == ["xlsx", "xls", "ods"]


@pytest.mark.parametrize("end", ["</td><td>d</td></tr></table>", "</td><td>d"])
def test_a_cell_goes_on_behind_a_table_in_it(end: str) -> None:
    """Nothing of a page is lost, be it cut short."""
    outer, inner = read_html(f"<table><tr><td>a<table><tr><td>b</td></tr></table>c{end}", file="a.xls")
    assert outer.data.rows() == [("a\nc", "d")]
    assert inner.data.rows() == [("b",)]
