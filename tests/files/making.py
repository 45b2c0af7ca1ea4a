"""Files as people hand them over, made small."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl

from sampler.files.tables import RawTable, Reading, read_tables

KNOWN = frozenset(
    [
        "企业名称",
        "统一社会信用代码",
        "登记状态",
        "住所",
        "所属区",
        "产品类别",
        "成立日期",
        "上次抽查日期",
        "不合格次数",
        "name",
        "code",
        "district",
    ]
)
HEADER = ["企业名称", "统一社会信用代码", "所属区", "产品类别"]
A = ["甲食品有限公司", "914403001922038216", "越秀区", "糕点"]
B = ["乙服装有限公司", "91330100799655058B", "天河区", "童装"]
C = ["丙建材有限公司", "91110108551385082Q", "天河区", "防水卷材"]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def recognise(cells: Sequence[str]) -> int:
    return sum(cell in KNOWN for cell in cells)


def read(*paths: Path, **options: object) -> Reading:
    return read_tables(paths, recognise=recognise, **options)  # type: ignore[arg-type]


def one(path: Path, **options: object) -> RawTable:
    """The only table of a file, its account checked."""
    (table,) = read(path, **options).tables
    assert table.rows == table.data.height + table.skipped.height
    numbers = sorted(table.data["__row__"].to_list() + table.skipped["__row__"].to_list())
    assert numbers == list(range(numbers[0], numbers[0] + table.rows)) if numbers else table.rows == 0
    return table


def cells(table: RawTable) -> list[tuple[str | None, ...]]:
    """The rows of a table without their numbers."""
    return table.data.drop("__row__").rows()


def book(path: Path, rows: Iterable[Sequence[object]], *, merge: Iterable[str] = (), title: str = "名录") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for region in merge:
        sheet.merge_cells(region)
    workbook.save(path)
    return path


def with_sheet(source: Path, path: Path, xml: str, extra: Mapping[str, bytes] | None = None) -> Path:
    """A copy of a workbook whose first sheet is ``xml``, with some parts added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else old.read(name))
        for name, content in (extra or {}).items():
            new.writestr(name, content)
    return path


def sheet_xml(rows: str, *, before: str = "", after: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/>'
        f"<sheetData>{rows}</sheetData>{after}</worksheet>"
    )


def text_row(number: int, texts: Sequence[str]) -> str:
    inner = "".join(
        f'<c r="{chr(65 + i)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for i, text in enumerate(texts)
    )
    return f'<row r="{number}">{inner}</row>'


def open_document(path: Path, rows: str, *, after: str = "", manifest: str = "") -> Path:
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="名录">{rows}</table:table>{after}'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", manifest or "<manifest/>")
    return path


def ods_cell(text: str, attributes: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{attributes}><text:p>{text}</text:p></table:table-cell>'


def ods_row(texts: Sequence[str], attributes: str = "") -> str:
    return f"<table:table-row{attributes}>{''.join(ods_cell(t) for t in texts)}</table:table-row>"
