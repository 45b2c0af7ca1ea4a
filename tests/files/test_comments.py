"""Comments, text boxes, pictures and what is crossed out, in each format, whole and damaged."""

from __future__ import annotations

import shutil
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from sampler.errors import InputError, Issue
from sampler.files import comments_xls, comments_xlsx
from sampler.files.beside import Beside, Struck
from sampler.files.comments import read_comments
from sampler.plan import Plan
from tests.files.fieldwork import PASS, columns_of, fill, rows_of
from tests.files.packing import (
    COMMENTS_LOST,
    READ_ALL_THE_SAME,
    RELATIONS,
    UNREADABLE,
    comment_on,
    draw_on,
    repack,
    shape,
    text_box,
)
from tests.files.returning import answer, read, saved_by_office

TASKS = "任务清单"


def told(issues: Iterable[Issue]) -> list[tuple[str, str | None, int | None, str | None, str]]:
    return [(i.code, i.sheet, i.row, i.column, i.found) for i in issues]


@pytest.fixture
def commented(book: Path, ids: list[str]) -> Path:
    """A workbook with one answer and one comment."""
    return comment_on(fill(book, {ids[0]: PASS}), TASKS, "D5", "已停业")


@pytest.mark.parametrize("damage", READ_ALL_THE_SAME)
def test_what_only_openpyxl_cannot_read_keeps_nothing_from_being_read(
    commented: Path, plan: Plan, ids: list[str], damage: str
) -> None:
    READ_ALL_THE_SAME[damage](commented)
    results = read(commented, plan)
    assert answer(results, ids[0])["state"] == "tested"
    assert told(results.issues) == [("comment", TASKS, 5, "D", "已停业")]


@pytest.mark.parametrize("damage", COMMENTS_LOST)
def test_comments_that_cannot_be_read_are_told_and_the_rows_count(
    commented: Path, plan: Plan, ids: list[str], damage: str
) -> None:
    COMMENTS_LOST[damage](commented)
    results = read(commented, plan)
    assert answer(results, ids[0])["state"] == "tested"
    assert ("comments-not-read", TASKS, None, None, "") in told(results.issues)
    assert {i.file for i in results.issues} == {str(commented)}


@pytest.mark.parametrize("damage", UNREADABLE)
def test_a_file_that_cannot_be_read_is_told_and_the_others_count(
    commented: Path, plan: Plan, ids: list[str], damage: str
) -> None:
    spoilt = UNREADABLE[damage](Path(shutil.copy(commented, commented.with_name("b.xlsx"))))
    results = read([commented, spoilt], plan)
    assert answer(results, ids[0])["state"] == "tested"
    assert [i.file for i in results.issues if i.code == "unreadable-file"] == [str(spoilt)]
    with pytest.raises(InputError):
        read(spoilt, plan)


def test_a_sheet_of_comments_without_a_part_is_told(commented: Path, plan: Plan) -> None:
    repack(
        commented,
        lambda name, content: content.replace(b"comment1", b"comment9") if name.endswith(".rels") else content,
    )
    assert ("comments-not-read", TASKS, None, None, "") in told(read(commented, plan).issues)


def test_what_no_file_can_be_to_blame_for_is_no_finding(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise AttributeError("ours")

    monkeypatch.setattr(comments_xlsx, "parts", bug)
    with pytest.raises(AttributeError):
        read_comments(book, "a")


def test_a_thread_is_listed_where_no_comment_stands_for_it(commented: Path) -> None:
    thread = (
        '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
        '<threadedComment ref="D5"><text>已 停业</text></threadedComment>'
        '<threadedComment ref="D5"><text>何时？</text></threadedComment></ThreadedComments>'
    )
    link = b'<Relationship Id="rId78" Type="x/threadedComment" Target="/xl/threadedComments/threadedComment1.xml"/>'
    repack(
        commented,
        lambda name, content: (
            content.replace(b"</Relationships>", link + b"</Relationships>") if "worksheets/_rels" in name else content
        ),
        {"xl/threadedComments/threadedComment1.xml": thread},
    )
    assert [i[2:] for i in told(read_comments(commented, "a").issues)] == [(5, "D", "已停业"), (5, "D", "何时？")]


def test_the_words_of_text_boxes_are_listed_and_pictures_counted(book: Path, plan: Plan) -> None:
    choice = shape(9, 1, text_box("新版"))
    older = shape(9, 1, text_box("旧版"))
    picture = '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="3" name="图片 1"/></xdr:nvPicPr></xdr:pic>'
    draw_on(
        book,
        TASKS,
        shape(5, 3, text_box("此批作废，0003 检验不合格", "见附件"))
        + shape(7, 2, f"<xdr:grpSp>{text_box('甲')}{text_box(' ')}{text_box('乙')}</xdr:grpSp>")
        + f"<mc:AlternateContent><mc:Choice>{choice}</mc:Choice><mc:Fallback>{older}</mc:Fallback></mc:AlternateContent>"
        + f"<xdr:absoluteAnchor>{text_box('不知在何处')}</xdr:absoluteAnchor>"
        + shape(6, 0, picture)
        + shape(8, 0, '<xdr:cxnSp><xdr:nvCxnSpPr><xdr:cNvPr id="4" name="线 2"/></xdr:nvCxnSpPr></xdr:cxnSp>'),
    )
    results = read(book, plan)
    assert set(told(results.issues)) == {
        ("text-box", TASKS, 5, "D", "此批作废，0003 检验不合格\n见附件"),
        ("text-box", TASKS, 7, "C", "甲"),
        ("text-box", TASKS, 7, "C", "乙"),
        ("text-box", TASKS, 9, "B", "新版"),
        ("text-box", TASKS, None, None, "不知在何处"),
        ("picture", TASKS, 6, "A", "图片 1 | 线 2"),
    }
    assert {i.severity for i in results.issues} == {"warning"}
    (pictures,) = [i for i in results.issues if i.code == "picture"]
    assert ": 2;" in pictures.done.render("en")
    assert "2 个图片" in pictures.done.render("zh")


def test_a_drawing_that_declares_entities_is_not_read(book: Path, plan: Plan) -> None:
    draw_on(book, TASKS, shape(5, 3, text_box("&x;")))
    entity = b'<!DOCTYPE a [<!ENTITY x "y">]>'
    repack(book, lambda name, content: entity + content if name == "xl/drawings/drawing1.xml" else content)
    assert told(read(book, plan).issues) == [("comments-not-read", TASKS, None, None, "")]


def test_a_drawing_over_a_chart_has_no_sheet(book: Path, plan: Plan) -> None:
    words = '<c:userShapes xmlns:c="c" xmlns:xdr="x" xmlns:a="a"><relSizeAnchor><xdr:from><xdr:x>0.1</xdr:x></xdr:from>'
    repack(
        book,
        lambda _, content: content,
        {
            "xl/drawings/drawing7.xml": f"{words}{text_box('图上的话')}</relSizeAnchor></c:userShapes>",
            "xl/charts/_rels/chart1.xml.rels": f'<Relationships><Relationship Id="rId1" Type="{RELATIONS}/chartUserShapes"'
            ' Target="../drawings/drawing7.xml"/></Relationships>',
        },
    )
    assert told(read(book, plan).issues) == [("text-box", None, None, None, "图上的话")]


def struck_in(sheet: str, *, styles: str = "", strings: str | None = None) -> list[tuple[int, int]]:
    """Row and column of what is crossed out in the only sheet of a package made of these parts."""
    path = Path("a.xlsx")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>'
        )
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{RELATIONS}"><sheets><sheet name="s" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships><Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
        )
        package.writestr("xl/styles.xml", f'<styleSheet xmlns="{main}">{styles}</styleSheet>')
        if strings is not None:
            package.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{strings}</sst>')
    with zipfile.ZipFile(path) as package:
        found = [one for _, some in comments_xlsx.parts(package, "a") for one in some]
    assert all(isinstance(one, Struck) for one in found)
    return [(one[1], one[2]) for one in found]  # type: ignore[misc]


def test_an_answer_that_is_crossed_out_does_not_count(book: Path, plan: Plan, ids: list[str]) -> None:
    fill(book, {ids[0]: PASS, ids[1]: PASS})
    workbook = load_workbook(book)
    sheet = workbook["任务清单"]
    column = columns_of(sheet)["first"]
    rows = [rows_of(sheet)[i] for i in ids[:2]]
    sheet.cell(rows[0], column).font = Font(strike=True)
    sheet.cell(rows[1], column).value = CellRichText("不", TextBlock(InlineFont(strike=True), "合格"))
    workbook.save(book)
    results = read(book, plan)
    assert [answer(results, i)["state"] for i in ids[:2]] == ["pending", "pending"]
    found = results.issues
    assert [(i.code, i.row, i.found) for i in found if i.code == "struck-out"] == [
        ("struck-out", rows[0], "合格"),
        ("struck-out", rows[1], "不合格"),
    ]


FONTS = '<fonts><font/><font><strike{}/></font></fonts><cellXfs><xf fontId="0"/><xf fontId="1"/></cellXfs>'


@pytest.mark.parametrize(
    ("value", "struck"),
    [("", True), (' val="1"', True), (' val="true"', True), (' val="0"', False), (' val="false"', False)],
)
def test_a_font_strikes_through_unless_it_says_that_it_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str, struck: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = '<row r="3"><c r="B3" s="1"><v>1</v></c><c r="C3" s="0"><v>2</v></c></row>'
    assert struck_in(rows, styles=FONTS.format(value)) == ([(3, 1)] if struck else [])


def test_rows_and_cells_without_a_place_follow_those_before_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    struck = '<c s="1"><v>1</v></c>'
    rows = f'<row r="3">{struck}<c r="D3"><v>1</v></c>{struck}</row><row>{struck}</row>'
    assert struck_in(rows, styles=FONTS.format("")) == [(3, 0), (3, 4), (4, 0)]


RUNS = '<r><rPr><b/></rPr><t>不</t></r><r><rPr><strike/></rPr><t xml:space="preserve">{}</t></r>'


@pytest.mark.parametrize(("words", "struck"), [("合格", True), (" ", False)])
def test_a_part_of_a_text_is_crossed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, struck: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    runs = RUNS.format(words)
    strings = f"<si><t>strike</t></si><si>{runs}</si>"
    shared = '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2" t="s"><v>1</v></c><c r="C2"><v>1</v></c></row>'
    assert struck_in(shared, strings=strings) == ([(2, 1)] if struck else [])
    inline = f'<row r="2"><c r="C2" t="inlineStr"><is>{runs}</is></c></row>'
    assert struck_in(inline) == []
    with zipfile.ZipFile("a.xlsx") as package:
        assert [(c.row, c.column) for c in comments_xlsx.struck_within(package, "s", "a")] == (
            [(2, 2)] if struck else []
        )


def test_an_answer_that_is_crossed_out_only_in_part_does_not_count(book: Path, plan: Plan, ids: list[str]) -> None:
    """openpyxl writes a text of several fonts into the sheet itself, though all others are shared."""
    fill(book, {ids[0]: PASS, ids[1]: PASS})
    workbook = load_workbook(book)
    sheet = workbook[TASKS]
    place = (rows_of(sheet)[ids[1]], columns_of(sheet)["first"])
    sheet.cell(*place).value = CellRichText("不", TextBlock(InlineFont(strike=True), "合格"))
    workbook.save(book)
    results = read(book, plan)
    assert [answer(results, i)["state"] for i in ids[:2]] == ["tested", "pending"]
    assert [(i.row, i.found) for i in results.issues if i.code == "struck-out"] == [(place[0], "不合格")]


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_every_format_tells_of_comments_text_boxes_and_what_is_crossed_out(
    book: Path, plan: Plan, tmp_path: Path, ids: list[str], suffix: str
) -> None:
    fill(book, dict.fromkeys(ids[:3], PASS))
    workbook = load_workbook(book)
    sheet = workbook[TASKS]
    rows, column = rows_of(sheet), columns_of(sheet)["first"]
    sheet.cell(rows[ids[1]], column).font = Font(strike=True)
    workbook.save(book)
    picture = '<xdr:cxnSp><xdr:nvCxnSpPr><xdr:cNvPr id="4" name="线 2"/></xdr:nvCxnSpPr><xdr:spPr><a:xfrm/>'
    picture += '<a:prstGeom prst="line"/></xdr:spPr></xdr:cxnSp>'
    size = '<xdr:ext cx="900000" cy="300000"/>'
    box = text_box("此批作废", "第二行 not Latin-1 only").replace("<xdr:txBody>", "<xdr:spPr/><xdr:txBody><a:bodyPr/>")
    draw_on(book, TASKS, shape(5, 3, size + box) + shape(8, 0, size + picture))
    comment = Workbook()
    comment.active["A1"] = "x"  # openpyxl loses drawings: the comment goes into a workbook of its own
    comment.save(tmp_path / "comment.xlsx")
    comment_on(tmp_path / "comment.xlsx", "Sheet", "D5", "地址有误\n应为乙街")
    results = read(saved_by_office(book, tmp_path, suffix), plan)
    assert [answer(results, i)["state"] for i in ids[:3]] == ["tested", "pending", "tested"]
    found = [i for i in results.issues if i.code in ("struck-out", "text-box", "picture", "comments-not-read")]
    assert {(i.code, i.sheet) for i in found} == {("struck-out", TASKS), ("text-box", TASKS), ("picture", TASKS)}
    (struck,) = [i for i in found if i.code == "struck-out"]
    assert (struck.row, struck.found) == (rows[ids[1]], "合格")
    (words,) = [i.found for i in found if i.code == "text-box"]
    assert words == "此批作废\n第二行 not Latin-1 only"
    assert (suffix == "xls") == any(i.code == "struck-out-not-read" for i in results.issues)
    (other,) = saved_by_office(tmp_path / "comment.xlsx", tmp_path, suffix).glob(f"comment.{suffix}")
    assert told(read_comments(other, "a").issues) == [("comment", "Sheet", 5, "D", "地址有误\n应为乙街")]


DOCUMENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0">'
)


def document(path: Path, styles: str, rows: str, *, named: str = "", shapes: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        end = "</office:document-content>"
        package.writestr("styles.xml", f"{DOCUMENT}<office:styles>{named}</office:styles>{end}")
        package.writestr(
            "content.xml",
            f"{DOCUMENT}<office:automatic-styles>{styles}</office:automatic-styles><office:body><office:spreadsheet>"
            f'<table:table table:name="甲">{shapes}{rows}</table:table></office:spreadsheet></office:body>{end}',
        )
    return path


def style(name: str, line: str = "", *, parent: str = "", family: str = "table-cell") -> str:
    said = f'<style:text-properties style:text-line-through-style="{line}"/>' if line else ""
    above = f' style:parent-style-name="{parent}"' if parent else ""
    return f'<style:style style:name="{name}" style:family="{family}"{above}>{said}</style:style>'


def cell(style_name: str = "", words: str = "合格", more: str = "") -> str:
    given = f' table:style-name="{style_name}"' if style_name else ""
    return f"<table:table-cell{given}{more}><text:p>{words}</text:p></table:table-cell>"


def test_styles_of_open_documents_strike_through_by_themselves_or_by_what_they_build_on(tmp_path: Path) -> None:
    styles = style("own", "solid") + style("heir", parent="named") + style("freed", "none", parent="named")
    styles += (
        style("turns", parent="turns") + style("span", "solid", family="text") + style("unknown", parent="nowhere")
    )
    cells = "".join(map(cell, ["own", "heir", "freed", "turns", "unknown", "", "own"]))
    twice = ' table:number-columns-repeated="2"'
    part = '<text:span text:style-name="span">合</text:span>格'
    rows = (
        '<table:table-column table:number-columns-repeated="2"/><table:table-column table:default-cell-style-name="own"/>'
        f"<table:table-header-rows><table:table-row>{cell()}</table:table-row></table:table-header-rows>"
        '<table:table-row table:number-rows-repeated="4"/>'
        f"<table:table-row>{cells}</table:table-row>"
        f'<table:table-row table:default-cell-style-name="own">{cell()}{cell("freed")}</table:table-row>'
        f"<table:table-row>{cell()}{cell(words=part)}{cell()}</table:table-row>"
        f"<table:table-row>{cell('own', more=twice)}</table:table-row>"
        f'<table:table-row table:number-rows-repeated="3">{cell("own")}</table:table-row>'
        '<table:table-row><table:table-cell table:style-name="own"/></table:table-row>'
    )
    path = document(tmp_path / "a.ods", styles, rows, named=style("named", "solid"))
    assert read_comments(path, "a").struck == {"甲": {(6, 0), (6, 1), (6, 6), (7, 0), (8, 1), (8, 2), (9, 0), (9, 1),
                                                          (10, 0), (11, 0), (12, 0)}}  # fmt: skip
    plain = document(tmp_path / "b.ods", style("own", "none"), rows)
    assert read_comments(plain, "a").struck == {}


def test_what_stands_in_and_above_the_cells_of_an_open_document(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>已停业</text:p><text:p>见附件</text:p></office:annotation>"
    box = "<draw:frame><draw:text-box><text:p>作废</text:p></draw:text-box></draw:frame>"
    picture = '<draw:frame draw:name="图片 1"><draw:image/></draw:frame>'
    shapes = f"<table:shapes><draw:custom-shape><text:p>见下</text:p></draw:custom-shape>{picture}</table:shapes>"
    rows = (
        '<table:table-row table:number-rows-repeated="x"/>'
        f'<table:table-row><table:table-cell table:number-columns-repeated="3"/><table:table-cell>{note}</table:table-cell>'
        f"<table:table-cell>{box}<text:p>合格</text:p></table:table-cell></table:table-row>"
    )
    path = document(tmp_path / "a.ods", "", rows, shapes=shapes)
    assert told(read_comments(path, "a").issues) == [
        ("text-box", "甲", None, None, "见下"),
        ("comment", "甲", 2, "D", "已停业\n见附件"),
        ("text-box", "甲", 2, "E", "作废"),
        ("picture", "甲", None, None, "图片 1"),
    ]


def test_a_damaged_open_document_is_told(tmp_path: Path) -> None:
    path = document(tmp_path / "a.ods", "", "")
    repack(path, lambda name, content: b"<a>office:annotation" if name == "content.xml" else content)
    assert told(read_comments(path, "a").issues) == [("comments-not-read", None, None, None, "")]


def record(kind: int, body: bytes) -> bytes:
    """A record of an .xlsb part: kind and size seven bits to a byte."""

    def packed(number: int) -> bytes:
        return bytes([number & 127 | 128, number >> 7]) if number > 127 else bytes([number])

    return packed(kind) + packed(len(body)) + body


def wide(words: str) -> bytes:
    return struct.pack("<I", len(words)) + words.encode("utf-16-le")


def test_the_drawings_of_a_binary_workbook_are_read_and_what_else_it_has_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsb"
    relation = f'<Relationship Id="%s" Type="{RELATIONS}/%s" Target="%s"/>'
    drawing = f'<wsDr xmlns:xdr="x" xmlns:a="a">{shape(5, 3, text_box("作废"))}</wsDr>'
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/workbook.bin", record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("甲")))
        package.writestr("xl/worksheets/sheet1.bin", b"")
        package.writestr("xl/styles.bin", record(43, struct.pack("<HH", 220, 8)))
        package.writestr("xl/comments1.bin", b"")
        package.writestr("xl/drawings/drawing1.xml", drawing)
        links = relation % ("rId1", "worksheet", "worksheets/sheet1.bin")
        package.writestr("xl/_rels/workbook.bin.rels", f"<Relationships>{links}</Relationships>")
        links = relation % ("rId1", "comments", "../comments1.bin") + relation % (
            "rId2",
            "drawing",
            "../drawings/drawing1.xml",
        )
        package.writestr("xl/worksheets/_rels/sheet1.bin.rels", f"<Relationships>{links}</Relationships>")
    assert told(read_comments(path, "a").issues) == [
        ("struck-out-not-read", None, None, None, ""),
        ("comments-not-read", "甲", None, None, ""),
        ("text-box", "甲", 5, "D", "作废"),
    ]


def stream(version: int, book: Iterable[tuple[int, bytes]], sheet: Iterable[tuple[int, bytes]]) -> bytes:
    """The stream of an .xls file with one sheet, called s."""

    def records(some: Iterable[tuple[int, bytes]]) -> bytes:
        return b"".join(struct.pack("<HH", kind, len(body)) + body for kind, body in some)

    beginning, end = (0x0809, struct.pack("<HH", version, 5)), (0x000A, b"")
    name = b"\x01s" if version == 0x500 else b"\x01\x00s"
    size = len(records([beginning, *book, (0x0085, struct.pack("<IBB", 0, 0, 0) + name), end]))
    return records([beginning, *book, (0x0085, struct.pack("<IBB", size, 0, 0) + name), end, beginning, *sheet, end])


def in_stream(content: bytes) -> list[Beside | Struck]:
    return [one for _, some in comments_xls.parts(content) for one in some]


def test_the_records_of_an_old_workbook() -> None:
    fonts = [(0x0031, struct.pack("<HH", 220, 8 * (n == 5))) for n in range(6)]  # the sixth is number 6: there is no 4
    formats = [(0x00E0, struct.pack("<H", n)) for n in (0, 5, 6)]
    cells = [
        (0x00FD, struct.pack("<HHHI", 2, 1, 2, 0)),
        (0x00FD, struct.pack("<HHHI", 2, 2, 1, 0)),
        (0x00BD, struct.pack("<HH", 3, 4) + struct.pack("<HI", 0, 0) + struct.pack("<HI", 2, 0) + struct.pack("<H", 5)),
    ]
    drawn = [
        (0x005D, struct.pack("<4H", 0x15, 18, 0x19, 1)),
        (0x01B6, struct.pack("<10xHH4x", 6, 0)),
        (0x003C, b"\x00abc"),
        (0x003C, b"\x01" + "停业了".encode("utf-16-le")),
        (0x003C, b"\x01formats"),
        (0x005D, struct.pack("<4H", 0x15, 18, 6, 2)),
        (0x01B6, struct.pack("<10xHH4x", 2, 0)),
        (0x003C, b"\x01" + "作废".encode("utf-16-le")),
        (0x005D, struct.pack("<4H", 0x15, 18, 8, 3)),
        (0x005D, struct.pack("<4H", 0x15, 18, 0x14, 4)),
        (0x001C, struct.pack("<4H", 4, 3, 0, 1)),
        (0x001C, struct.pack("<4H", 6, 3, 0, 9)),
    ]
    assert in_stream(stream(0x600, [*fonts, *formats], [*cells, *drawn])) == [
        Beside("struck-out-not-read", None),
        Struck("s", 3, 1),
        Struck("s", 4, 5),
        Beside("comment", "s", 5, 3, "abc停业了"),
        Beside("text-box", "s", words="作废"),
        Beside("comments-not-read", "s", 7, 3),
        Beside("picture", "s"),
    ]


def test_comments_before_excel_97() -> None:
    first, second = "已停业".encode("gb18030"), "，见附件".encode("gb18030")
    notes = [
        (0x001C, struct.pack("<3H", 4, 3, 14) + first),
        (0x001C, struct.pack("<3H", 0xFFFF, 0, 8) + second),
        (0x001C, struct.pack("<3H", 5, 0, 6) + first),
    ]
    assert in_stream(stream(0x500, [], notes)) == [
        Beside("comment", "s", 5, 3, "已停业，见附件"),
        Beside("comment", "s", 6, 0, "已停业"),
    ]
