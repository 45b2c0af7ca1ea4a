"""Files small enough to mail that would take all memory, or for ever: read by processes with little of both."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from .making import A, cells, one

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bounds what a process may take as Linux does")

MEMORY = 4 << 30  # of addresses: the libraries claim some for themselves
SECONDS = 60  # of the processor: each file takes about one

CHILD = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory}))
resource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from sampler.errors import InputError
from tests.files.making import read
try:
    tables = read(Path(sys.argv[1])).tables
except InputError as error:
    print(error.key)
    sys.exit(error.exit_code)
print(sum(table.data.height for table in tables), "rows")
"""

HEAD = "企业名称,所属区,产品类别"
WIDE = HEAD + ",x" * 690
PAGE = "<table><tr><td>企业名称<td>所属区<td>产品类别</tr><tr><td>甲<td>天河<td>食品</tr></table>"


def outcome(path: Path) -> tuple[int, str]:
    """Exit code and last line of a process that reads a file."""
    code = CHILD.format(memory=MEMORY, seconds=SECONDS)
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=Path(__file__).parents[2],
        check=False,
    )
    return done.returncode, (done.stdout.splitlines() or [done.stderr[-500:]])[-1]


def refused(path: Path) -> None:
    assert path.stat().st_size < 10_000_000
    assert outcome(path) == (3, "reading.too-many-cells")


@pytest.mark.parametrize("blank", ["\n", "\r\n", "x\n"])
def test_a_wide_header_over_short_lines(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{WIDE}\n甲,天河,食品\n{blank * 250_000}乙,天河,食品\n", encoding="utf-8", newline="")
    refused(path)


def test_a_wide_line_below_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + "\n甲,天河,食品" * 250_000 + "," * 690 + "\n", encoding="utf-8")
    refused(path)


def test_a_wide_line_where_quotes_do_not_pair(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f'{WIDE}\n"甲,天河,食品\n' + "乙,天河,食品\n" * 250_000, encoding="utf-8")
    refused(path)


@pytest.mark.parametrize(
    "rows",
    [
        "<td colspan=700>x</tr>" + "<tr>" * 300_000 + "<tr><td>a<td>b",
        "<tr>" * 300_000 + "<tr>" + "<td>a" * 700,
    ],
)
def test_pages_of_empty_rows(tmp_path: Path, rows: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<table><tr><td>企业名称<td>所属区{rows}</table>", encoding="utf-8")
    refused(path)


def test_parquet_of_constants(tmp_path: Path) -> None:
    rows = 100_000
    constant = pl.Series(["y"]).new_from_index(0, rows)
    names = ("name", "district", *(f"x{i}" for i in range(300)))
    pl.DataFrame(dict.fromkeys(names, constant)).write_parquet(
        tmp_path / "a.parquet", compression="zstd", row_group_size=rows
    )
    refused(tmp_path / "a.parquet")


@pytest.mark.parametrize(
    "junk",
    ["<!--", "<!-- >", "<a ", "</", "<![CDATA[", "<", "&", "<!", '<a b="', "<a b='\">", "<?", "<a", "<script></scrip"],
)
def test_pages_in_which_nothing_is_ever_closed(tmp_path: Path, junk: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(PAGE + junk * (1_000_000 // len(junk)), encoding="utf-8")
    assert outcome(path) == (0, "1 rows")


def test_a_page_that_begins_with_many_comments(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("<!---->" * 500 + "x", encoding="utf-8")
    assert outcome(path) == (3, "reading.no-header")
    path.write_text("<!-- - -->" * 300 + PAGE, encoding="utf-8")
    assert outcome(path) == (0, "1 rows")


def test_blank_lines_cost_nothing_at_the_end_and_keep_their_numbers_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    line = ",".join(A)
    path.write_text(
        f"企业名称,统一社会信用代码,所属区,产品类别\n{line}\n\n\n{line}" + "\n" * 5_000_000, encoding="utf-8"
    )
    table = one(path)
    assert cells(table) == [tuple(A), tuple(A)]
    assert table.data["__row__"].to_list() == [2, 5]
    assert table.rows == 4


def test_full_rows_are_never_too_many(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(WIDE + ("\n甲" + "," * 692) * 20_000, encoding="utf-8")
    assert one(path).rows == 20_000


PIECES = [
    ("<td title=O'Neil>甲", "甲"),
    ("<td title=\"a>b\">甲", "甲"),
    ("<td x='>'>甲", "甲"),
    ("<td>1 < 2 &lt; 3", "1 < 2 < 3"),
    ("<td>a&amp;b&nbsp;c&#30002;", "a&b c甲"),
    ("<td>a<!-- <td>b --><![if x]><?xml a?>c", "ac"),
    ("<td>a<script>if (a < b) { '<td>' }</script>b", "ab"),
    ("<TD>a<BR/>b<b>c</b>", "a\nbc"),
    ("<td data-colspan=3 x:colspan=2>a", "a"),
    ("<td>a<!-- never closed ", "a<!-- never closed"),
    ("<td>a<b", "a<b"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "text"), PIECES)
def test_odd_markup_is_read_as_browsers_do_and_no_word_is_lost(tmp_path: Path, cell: str, text: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<table><tr><td>企业名称<td>所属区<tr><td>x{cell}", encoding="utf-8")
    assert cells(one(path)) == [("x", text)]


def test_spans_in_any_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    page = "<table><tr><td>企业名称<td>所属区<td>产品类别"
    page += "<tr><td ROWSPAN = '2' >甲<td\ncolspan=\"2\">乙<tr><td>丙<td>丁</table>"
    path.write_text(page, encoding="utf-8")
    assert cells(one(path)) == [("甲", "乙", None), ("甲", "丙", "丁")]
