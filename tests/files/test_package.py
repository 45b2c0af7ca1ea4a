"""Parts of zipped packages, looked through piece by piece."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sampler.errors import InputError
from sampler.files.package import PIECE, Link, elements, links, mentions


def test_a_part_of_any_length_is_looked_through_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    rows = "".join(f"<group><other>{'x' * 50}</other><row><c>{n}</c></row> </group>" for n in range(30_000))
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.xml", f"<sheet><rows>{rows}</rows></sheet>")
        package.writestr("b.xml", f"<sheet><rows>{rows}</rows>")
    with zipfile.ZipFile(path) as package:
        found = [
            ([e.tag for e in above], len(above[1]), row[0].text)
            for above, row in elements(package, "a.xml", {"row"}, file="a")
        ]
        # Cut short, it fails; not before everything in it was given.
        cut = elements(package, "b.xml", {"row"}, file="a")
        assert [next(cut)[1][0].text for _ in range(30_000)] == [text for _, _, text in found]
        with pytest.raises(InputError):
            next(cut)
    assert [text for _, _, text in found] == [str(n) for n in range(30_000)]
    assert {tuple(tags) for tags, _, _ in found} == {("sheet", "rows", "group")}
    assert max(kept for _, kept, _ in found) < 20_000


@pytest.mark.parametrize("before", [0, PIECE - 3, PIECE, 2 * PIECE - 1])
def test_a_word_is_found_wherever_the_pieces_end(tmp_path: Path, before: int) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("a.xml", b"x" * before + b"strike" + b"x" * 9)
    with zipfile.ZipFile(path) as package:
        assert mentions(package, "a.xml", b"bold", b"strike", file="a")
        assert not mentions(package, "a.xml", b"bold", b"struck", file="a")


def test_relationships_say_from_where_to_where(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    listed = (
        '<Relationship Type="http://b/comments" Target="../comments1.xml"/><Relationship Target="/xl/d.xml" Type="drawing"/>'
        '<Relationship Type="http://b/hyperlink" Target="http://c/" TargetMode="External"/>'
    )
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("xl/worksheets/_rels/sheet1.xml.rels", f"<Relationships>{listed}</Relationships>")
        package.writestr("xl/_rels/workbook.xml.rels", "<Relationships")
        package.writestr("_rels/.rels", "<Relationships")
    with zipfile.ZipFile(path) as package:
        assert links(package, "xl/", file="a") == [
            Link("comments", "xl/worksheets/sheet1.xml", "xl/comments1.xml"),
            Link("drawing", "xl/worksheets/sheet1.xml", "xl/d.xml"),
        ]
