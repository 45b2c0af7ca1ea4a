"""``sampler verify`` on papers that show, print or admit something else than they were made with, or cannot be read."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.pagebreak import Break

from sampler.files.archive import read_plan
from sampler.files.strays import filled_papers
from tests.cli.quarter import once, send_back
from tests.cli.running import sampler

NAME = "districts/440104-Yuexiu.xlsx"
PLACE = "D5"  # an enterprise's name in the list of tasks


@pytest.fixture
def folder(office: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    def make() -> None:
        (office / "plans").mkdir()
        made = sampler(
            "plan", office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml",
            "--inspectors", office / "inspectors.xlsx", "--period", "2026Q4", "--seed", "77",
            "--out", office / "plans" / "2026Q4",
        )  # fmt: skip
        assert made.code == 0, made.err

    return once("verified papers", office, tmp_path_factory, make) / "2026Q4"


def found(folder: Path, part: str = NAME) -> list[str]:
    """What verification tells, all of it about one part."""
    run = sampler("verify", folder, "--json")
    assert run.code == 5, run.out + run.err
    assert {d["part"] for d in run.json["differences"]} == {part}
    return [d["what"] for d in run.json["differences"]]


def _every_cell(sheet: Any, **style: object) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            for name, value in style.items():
                setattr(cell, name, value)


def _row(sheet: Any, **style: object) -> None:
    for cell in sheet[5]:
        for name, value in style.items():
            setattr(cell, name, value)


def _rich(sheet: Any) -> None:
    name = sheet[PLACE].value
    sheet[PLACE].value = CellRichText(TextBlock(InlineFont(color="FFFFFF"), name[:1]), name[1:])


def _first_rule(sheet: Any) -> Any:
    return next(iter(sheet.conditional_formatting)).rules[0]


Edit = Callable[[Any], object]
EDITS: list[tuple[str, Edit, str]] = [
    ("number format", lambda s: setattr(s[PLACE], "number_format", ';;;"another name"'), "number format at D5"),
    ("print area", lambda s: setattr(s, "print_area", "A1:J5"), "printArea=A1:J5"),
    ("titles", lambda s: setattr(s, "print_title_rows", "1:1"), "printTitleRows"),
    ("white font", lambda s: _row(s, font=Font(name="SimSun", size=10.5, color="FFFFFF")), "color=FFFFFF"),
    ("tiny font", lambda s: _row(s, font=Font(name="SimSun", size=1)), "sz=1"),
    ("symbols", lambda s: _row(s, font=Font(name="Wingdings", size=10.5, color="000000")), "name=Wingdings"),
    ("struck out", lambda s: _row(s, font=Font(name="SimSun", size=10.5, color="000000", strike=True)), "strike"),
    ("white pieces", _rich, "font at D5"),
    ("black fill", lambda s: _row(s, fill=PatternFill("solid", start_color="000000")), "fill at"),
    ("crossed out", lambda s: _row(s, border=Border(diagonal=Side("thick"), diagonalUp=True)), "border at"),
    ("turned", lambda s: setattr(s[PLACE], "alignment", Alignment(textRotation=90)), "alignment at D5"),
    ("row height", lambda s: setattr(s.row_dimensions[5], "height", 0.1), "row height at 5: should be"),
    ("column width", lambda s: setattr(s.column_dimensions["D"], "width", 0.1), "column width at D: should be"),
    ("comment", lambda s: setattr(s[PLACE], "comment", Comment("closed down", "x")), "'closed down'"),
    ("link", lambda s: setattr(s[PLACE], "hyperlink", "https://example.org/"), "https://example.org/"),
    ("no drop-downs", lambda s: s.data_validations.dataValidation.clear(), "drop-downs"),
    ("other drop-down", lambda s: setattr(s.data_validations.dataValidation[0], "formula1", '"yes,no"'), "yes,no"),
    ("drop-down cut", lambda s: setattr(s.data_validations.dataValidation[0], "sqref", "N4"), "drop-downs"),
    ("unlocked", lambda s: _every_cell(s, protection=Protection(locked=False)), "should be 'locked' but is 'unlocked'"),
    ("locked", lambda s: _every_cell(s, protection=Protection(locked=True)), "should be 'unlocked' but is 'locked'"),
    ("permission", lambda s: setattr(s.protection, "deleteRows", False), "deleteRows=0"),
    ("header", lambda s: setattr(s.oddHeader.center, "text", "void"), "header: should be '' but is 'void"),
    ("other first page", lambda s: setattr(s.HeaderFooter, "differentFirst", True), "footer"),
    ("condition", lambda s: s.conditional_formatting.add(
        "A4:L9", FormulaRule(["TRUE"], font=Font(color="FFFFFF"))), "conditional formats at"),
    ("conditional colour", lambda s: setattr(_first_rule(s).dxf, "font", Font(color="FFFFFF")), "conditional formats at"),
    ("landscape", lambda s: setattr(s.page_setup, "orientation", "portrait"), "orientation=portrait"),
    ("pages", lambda s: setattr(s.page_setup, "fitToHeight", 1), "fitToHeight"),
    ("page break", lambda s: s.row_breaks.append(Break(5)), "breaks=5"),
    ("margins", lambda s: setattr(s.page_margins, "left", 5), "margins"),
    ("zeros", lambda s: setattr(s.sheet_view, "showZeros", False), "showZeros=0"),
    ("formula", lambda s: setattr(s[PLACE], "value", '=IF(TRUE,"other","")'), "cell D5: should be"),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "told"), [pytest.param(e, t, id=n) for n, e, t in EDITS])
def test_whatever_a_paper_shows_prints_or_admits_is_compared(folder: Path, edit: Edit, told: str) -> None:
    book = load_workbook(folder / NAME)
    edit(book.worksheets[1])
    book.save(folder / NAME)
    assert any(told in what for what in found(folder)), found(folder)


def rewritten(path: Path, change: Callable[[str, bytes], bytes], more: dict[str, bytes] | None = None) -> None:
    """Change the parts of a package one by one, and add some."""
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in (parts | (more or {})).items():
            package.writestr(name, change(name, content) if name in parts else content)


def in_list(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    def change(name: str, content: bytes) -> bytes:
        if name != "xl/worksheets/sheet2.xml":
            return content
        assert old in content
        return content.replace(old, new)

    return change


def in_links(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, content: content.replace(old, new) if name == "xl/_rels/workbook.xml.rels" else content


_BOX = (
    b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing">'
    b"<xdr:absoluteAnchor/></xdr:wsDr>"
)


@pytest.mark.parametrize(
    ("change", "more", "told"),
    [
        (lambda _, content: content, {"xl/drawings/drawing9.xml": _BOX}, "holds xl/drawings/drawing9.xml"),
        (lambda _, content: content, {"xl/media/image1.png": b"x"}, "holds xl/media/image1.png"),
        (lambda _, content: content, {"xl/vbaProject.bin": b"x"}, "holds xl/vbaProject.bin"),
        (in_list(b"<autoFilter", b'<protectedRanges><protectedRange name="a" sqref="A1:Z99"/></protectedRanges><autoFilter'),
            {}, "holds protectedRanges"),
        (in_links(b"styles.xml", b"others.xml"), {"xl/others.xml": b"x"}, "leads to other parts"),
        (in_links(b"relationships/styles", b"relationships/none"), {}, "leads to other parts"),
        (in_links(b"relationships/worksheet", b"relationships/dialogsheet"), {}, "leads to other parts"),
        (in_list(b"</worksheet>", b'<extLst><ext uri="a"/></extLst></worksheet>'), {}, "holds extLst"),
    ],
)  # fmt: skip
def test_what_nothing_compares_is_named(
    folder: Path, change: Callable[[str, bytes], bytes], more: dict[str, bytes], told: str
) -> None:
    rewritten(folder / NAME, change, more)
    assert any(told in what for what in found(folder)), found(folder)


@pytest.mark.parametrize(
    "name", ["districts/440199-New.xls", "districts/sub/a.xlsx", "public/plan-2.csv", "public/list.html", "public/a/b"]
)
def test_files_that_are_not_of_the_plan_are_named(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    shutil.copy(folder / NAME, folder / name)
    assert found(folder, name) == ["this file is not of the plan"]


def test_differences_are_told_in_chinese_too(folder: Path) -> None:
    book = load_workbook(folder / NAME)
    _every_cell(book.worksheets[1], protection=Protection(locked=False))
    book.save(folder / NAME)
    told = sampler("verify", folder, "--lang", "zh")
    assert told.code == 5
    assert re.search("的锁定（A1, .*）：按记录应为“锁定”，实为“未锁定”", told.err)


def test_litter_and_published_results_are_no_papers(folder: Path) -> None:
    for name in ("districts/Thumbs.db", "public/.DS_Store", f"districts/~${NAME[10:]}", "public/results.csv"):
        (folder / name).write_bytes(b"x")
    assert sampler("verify", folder).code == 0


def _encrypted(path: Path) -> None:
    """Set the flag of encryption for every part, as an archiver does that is given a password."""
    raw = bytearray(path.read_bytes())
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        while at >= 0:
            raw[at + flag] |= 1
            at = raw.find(mark, at + 4)
    path.write_bytes(bytes(raw))


def _no_fill(path: Path) -> None:
    rewritten(path, lambda n, c: re.sub(rb"<fill>.*?</fill>", b"<fill/>", c, count=1) if n == "xl/styles.xml" else c)


def _cut(path: Path) -> None:
    rewritten(path, lambda n, c: c[:-30] if n == "xl/worksheets/sheet1.xml" else c)


def _merged(path: Path) -> None:
    area = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    rewritten(
        path,
        lambda n, c: (
            re.sub(rb"(?:<mergeCells.*</mergeCells>)?<printOptions", area + b"<printOptions", c)
            if n == "xl/worksheets/sheet1.xml"
            else c
        ),
    )


def _scrambled(path: Path) -> None:
    with zipfile.ZipFile(path) as package:
        entry = package.getinfo("xl/styles.xml")
    raw = bytearray(path.read_bytes())
    at = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    raw[at : at + 8] = bytes(b ^ 0x5A for b in raw[at : at + 8])
    path.write_bytes(bytes(raw))


DAMAGE = [_encrypted, _no_fill, _cut, _merged, _scrambled]


@pytest.mark.parametrize("name", [NAME, "summary.xlsx", "public/plan.xlsx"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_workbook_is_named(folder: Path, damage: Callable[[Path], None], name: str) -> None:
    damage(folder / name)
    found(folder, name)


@pytest.mark.parametrize("damage", [_encrypted, _scrambled])
def test_an_estimate_names_a_paper_that_cannot_be_read(folder: Path, damage: Callable[[Path], None]) -> None:
    send_back(folder)
    damage(folder / NAME)
    run = sampler("estimate", folder, "--json")
    assert run.code == 0, run.err
    (issue,) = [i for i in run.json["issues"] if i["code"] == "paper-not-read"]
    assert (issue["file"], issue["severity"]) == (NAME, "warning")
    assert "move it to returned/" in issue["done"]


def test_a_sheet_that_is_protected_no_longer_is_told_once(folder: Path) -> None:
    book = load_workbook(folder / NAME)
    title = book.worksheets[1].title
    book.worksheets[1].protection.sheet = False
    book.save(folder / NAME)
    assert found(folder) == [f"sheet {title} is no longer protected"]


def test_what_is_wrong_with_a_paper_of_a_plan_without_digests_is_told_in_either_language(folder: Path) -> None:
    (folder / NAME).write_bytes(b"no workbook")
    plan = read_plan(folder)
    (issue,) = filled_papers(replace(plan, manifest={**plan.manifest, "papers": {}}), None, None)
    assert (issue.code, issue.file) == ("paper-not-read", NAME)
    assert "不是 Excel 工作簿" in issue.expected.render("zh")
    assert "it is not an Excel workbook" in issue.expected.render("en")


def test_a_paper_that_cannot_be_read_is_no_filled_one(folder: Path) -> None:
    _encrypted(folder / NAME)
    run = sampler("estimate", folder)
    assert run.code == 3
    assert "no returned workbook" in run.err


def test_a_paper_saved_again_is_said_to_be(folder: Path) -> None:
    load_workbook(folder / NAME).save(folder / NAME)
    assert sampler("verify", folder, "--json").json["saved_again"] == [NAME]
    told = sampler("verify", folder)
    assert told.code == 0
    assert f"{NAME}: saved again since made" in told.out
    assert "stored results of formulas cannot be compared" in told.out


def test_papers_saved_by_libreoffice_are_what_they_were(folder: Path, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here")
    names = [NAME, "public/plan.xlsx"]
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    kind = "xlsx:Calc MS Excel 2007 XML"
    for name in names:
        out = tmp_path / "saved"
        command = [office, profile, "--headless", "--convert-to", kind, "--outdir", out, folder / name]
        subprocess.run(command, check=True, capture_output=True)
        shutil.copyfile(out / Path(name).name, folder / name)
    run = sampler("verify", folder, "--json")
    assert run.code == 0, run.out
    assert run.json["saved_again"] == names
