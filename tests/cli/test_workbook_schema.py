"""Every workbook that the commands write, held against the Open XML schema and its semantic rules (openxml-audit).

The validator knows the rules that Excel itself goes by when it decides to repair a file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from openxml_audit import OpenXmlValidator, ValidationSeverity

from sampler.files.folders import made_by_sampler
from sampler.text import LANGUAGES, Lang
from tests.cli.running import sampler

STORED = Path(__file__).parents[2] / "sample_data" / "plan-2026Q4"

FONT_ORDER = re.compile(r"/styleSheet\[1\]/(?:fonts|dxfs)\[1\]/(?:dxf\[\d+\]/)?font\[\d+\]$")
"""openpyxl writes the properties of a font in an order of its own; every spreadsheet program takes them in any."""


def complaints(path: Path) -> Iterator[str]:
    for error in OpenXmlValidator(max_errors=0).validate(str(path)).errors:
        if error.severity is ValidationSeverity.ERROR and not FONT_ORDER.search(error.path or ""):
            yield f"{path.name} {error.part_uri} {error.path}: {error.description}"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_workbook_keeps_to_the_schema_and_says_who_made_it(office: Path, tmp_path: Path, lang: Lang) -> None:
    design = (office / "design.toml").read_text(encoding="utf-8")
    (office / "design.toml").write_text(f"{design}\n[fieldwork]\nforms = true\n", encoding="utf-8")
    out = tmp_path / "out"
    given = (office / "registry.xlsx", "--config", office / "design.toml", "--weights", office / "weights.toml")
    out.mkdir()
    for arguments in (
        ("check", *given, "--out", out / "issues.xlsx"),
        ("plan", *given, "--period", "2026Q4", "--seed", "s", "--out", out / "plan"),
        ("estimate", STORED, "--out", out / "report.xlsx", "--public", out / "public"),
    ):
        run = sampler(*arguments, "--lang", lang)
        assert run.code == 0, run.err
    books = sorted(out.rglob("*.xlsx"))
    assert {"issues.xlsx", "summary.xlsx", "plan.xlsx", "report.xlsx", "results.xlsx"} <= {b.name for b in books}
    assert not [line for book in books for line in complaints(book)]
    assert not [book for book in books if not made_by_sampler(book)]


def test_the_validator_sees_what_a_spreadsheet_would_repair(tmp_path: Path) -> None:
    """Two parts of a sheet in the wrong order, as the schema of worksheets forbids."""
    book = sorted((STORED / "districts").glob("*.xlsx"))[0]
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(book) as package, zipfile.ZipFile(broken, "w") as copy:
        for name in package.namelist():
            content = package.read(name)
            if name == "xl/worksheets/sheet2.xml":
                margins = re.search(rb"<pageMargins[^>]*/>", content)
                assert margins
                content = content.replace(margins[0], b"").replace(b"<sheetData>", margins[0] + b"<sheetData>")
            copy.writestr(name, content)
    assert list(complaints(broken))
