"""Time and memory of checking a registry of 1,000,000 rows × 12 columns, against the bare libraries.

    python benchmarks/intake.py [ROWS]

makes the files in a temporary folder, runs every measurement in a process of its own, alternating, and prints the best of
several runs with the ratios (Linux only: it reads /proc). pandas with openpyxl is measured on 100,000 rows at most, and
only where pandas is installed.

1,000,000 rows, best of three, two cores, nothing else running: fastexcel 6.29 s, 1,224 MB; read_tables 6.34 s, 1,109 MB
(× 1.01, 0.91); check 7.88 s, 1,143 MB (× 1.25, 0.93). Reading csv takes 1/8.0 and parquet 1/26 of the .xlsx time; check
takes 2.4 s of csv (1/3.3) and 1.8 s of parquet (1/4.4), since what follows the reading, some 1.5 s, is the same. 25 µs a
row for 10,000 rows, of which the start is the most, 9.3 for 100,000, 7.7 for 1,000,000.
"""

from __future__ import annotations

import importlib.util
import json
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

HEADER = """
    企业名称 统一社会信用代码 登记状态 住所 所属区 街道 产品类别 行业代码 环节 成立日期 不合格次数 联系电话
""".split()  # noqa: SIM905
DISTRICTS = [
    "越秀区",
    "海珠区",
    "荔湾区",
    "天河区",
    "白云区",
    "黄埔区",
    "番禺区",
    "花都区",
    "南沙区",
    "从化区",
    "增城区",
]
DATE = HEADER.index("成立日期")
CONFIG = Path(__file__).parent.parent / "configs" / "guangzhou.toml"

BARE = """
import fastexcel
frame = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars()
assert frame.height == rows
"""
OURS = """
from sampler.files.tables import read_tables
known = set(header)
(table,) = read_tables([path], recognise=lambda cells: sum(c in known for c in cells)).tables
assert table.data.height == rows and len(table.columns) == len(header)
"""
CHECK = """
from pathlib import Path
from sampler.config import load_design
from sampler.files.registry import read_registry
frame = read_registry([path], load_design(Path(config)))
assert frame.rows == rows and frame.adds_up() and frame.sha256()
"""
PANDAS = """
import pandas
assert len(pandas.read_excel(path, engine="openpyxl", dtype=str)) == rows
"""
CHILD = """
import json, sys, time
path, rows, header, config, code = json.load(sys.stdin)
import fastexcel, numpy, polars
if "pandas" in code: import pandas, openpyxl
if "sampler" in code: import sampler.files.tables, sampler.files.excel
if "registry" in code: import pydantic, sampler.config, sampler.intake.build
before = time.perf_counter()
exec(code)
seconds = time.perf_counter() - before
# Not ru_maxrss: it keeps the peak of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([seconds, peak / 1024]))
"""


def enterprises(rows: int) -> list[list[str]]:
    """A registry of plausible texts; the columns of numbers and dates are numbers in the workbook."""
    rng = random.Random(1)
    out = []
    for i in range(rows):
        district = rng.choice(DISTRICTS)
        out.append(
            [
                f"广州市{district}第{i}号食品有限公司",
                f"91440101MA{rng.randrange(10**8):08d}",
                "存续（在营、开业、在册）",
                f"广州市{district}某某路{rng.randrange(2000)}号{rng.randrange(30)}楼{i % 997}",
                district,
                f"{district[:2]}{rng.randrange(20)}街道",
                rng.choice(["糕点", "童装", "防水卷材"]),
                str(rng.randrange(1000, 9999)),
                "生产",
                str(rng.randrange(36_000, 45_000)),
                str(rng.randrange(4)),
                str(13_000_000_000 + rng.randrange(10**9)),
            ]
        )
    return out


def write_xlsx(path: Path, table: list[list[str]]) -> None:
    """A workbook as Excel would write it (shared strings, dates as serials), straight as XML: it takes seconds."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active.append(["x"])
    workbook.active["A1"].number_format = "yyyy-mm-dd"
    workbook.save(path.with_suffix(".tmp"))
    strings: dict[str, int] = {}
    numeric = {HEADER.index(name) for name in ("行业代码", "成立日期", "不合格次数", "联系电话")}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    shared = "/relationships/sharedStrings"
    with (
        zipfile.ZipFile(path.with_suffix(".tmp")) as frame,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>'.encode())
            for number, row in enumerate([HEADER, *table], 1):
                cells = []
                for c, text in enumerate(row):
                    place = f"{chr(65 + c)}{number}"
                    if c in numeric and number > 1:
                        style = ' s="1"' if c == DATE else ""
                        cells.append(f'<c r="{place}"{style}><v>{text}</v></c>')
                    else:
                        cells.append(f'<c r="{place}" t="s"><v>{strings.setdefault(text, len(strings))}</v></c>')
                sheet.write(f'<row r="{number}" spans="1:12">{"".join(cells)}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        with package.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<?xml version="1.0"?><sst xmlns="{main}" uniqueCount="{len(strings)}">'.encode())
            part.writelines(f"<si><t>{escape(text)}</t></si>".encode() for text in strings)
            part.write(b"</sst>")
        for name in frame.namelist():
            raw = frame.read(name).decode()
            if name.endswith("workbook.xml.rels") and shared not in raw:
                office = "http://schemas.openxmlformats.org/officeDocument/2006"
                link = f'<Relationship Id="rShared" Type="{office}{shared}" Target="sharedStrings.xml"/>'
                raw = raw.replace("</Relationships>", link + "</Relationships>")
            if name == "[Content_Types].xml" and "sharedStrings" not in raw:
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                part_type = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
                raw = raw.replace("</Types>", part_type + "</Types>")
            if name not in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"):
                package.writestr(name, raw)
    path.with_suffix(".tmp").unlink()


def make(folder: Path, rows: int) -> None:
    import polars as pl

    table = enterprises(rows)
    write_xlsx(folder / f"{rows}.xlsx", table)
    frame = pl.DataFrame(table, schema=HEADER, orient="row")
    frame.write_csv(folder / f"{rows}.csv")
    frame.write_parquet(folder / f"{rows}.parquet")


def measure(code: str, path: Path, rows: int) -> tuple[float, float]:
    """Seconds and peak MB of ``code`` in a process of its own, the libraries imported before."""
    request = json.dumps([str(path), rows, HEADER, str(CONFIG), code])
    done = subprocess.run([sys.executable, "-c", CHILD], input=request, capture_output=True, text=True, check=True)
    seconds, memory = json.loads(done.stdout)
    return seconds, memory


def best(measured: list[tuple[float, float]]) -> tuple[float, float]:
    return min(s for s, _ in measured), min(m for _, m in measured)


def main(rows: int = 1_000_000, repeats: int = 3) -> None:
    small = min(rows, 100_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in {rows, small, rows // 100}:
            make(folder, count)
        workbook = folder / f"{rows}.xlsx"
        bare, ours, checks = [], [], []
        for _ in range(repeats):
            bare.append(measure(BARE, workbook, rows))
            ours.append(measure(OURS, workbook, rows))
            checks.append(measure(CHECK, workbook, rows))
        (bare_s, bare_mb), (ours_s, ours_mb), (check_s, check_mb) = best(bare), best(ours), best(checks)
        print(f"{rows:,} rows × {len(HEADER)} columns, best of {repeats}")
        print(f"fastexcel, strings   {bare_s:7.2f} s  {bare_mb:7.0f} MB")
        ratios = f"time × {ours_s / bare_s:.2f}, memory × {ours_mb / bare_mb:.2f}"
        print(f"read_tables .xlsx    {ours_s:7.2f} s  {ours_mb:7.0f} MB  {ratios}")
        ratios = f"time × {check_s / bare_s:.2f}, memory × {check_mb / bare_mb:.2f}"
        print(f"check .xlsx          {check_s:7.2f} s  {check_mb:7.0f} MB  {ratios}")
        for what, code, whole in (("read_tables", OURS, ours_s), ("check", CHECK, check_s)):
            for suffix in (".csv", ".parquet"):
                seconds, memory = best([measure(code, workbook.with_suffix(suffix), rows) for _ in range(repeats)])
                label, share = f"{what} {suffix}", f"1/{whole / seconds:.1f} of the .xlsx time"
                print(f"{label:20} {seconds:7.2f} s  {memory:7.0f} MB  {share}")
        for count in sorted({rows // 100, small, rows}):
            seconds, _ = best([measure(CHECK, folder / f"{count}.xlsx", count) for _ in range(repeats)])
            print(f"check .xlsx {count:>9,} rows {seconds:7.3f} s  {1e6 * seconds / count:6.2f} µs a row")
        if importlib.util.find_spec("pandas"):
            quick, _ = best([measure(CHECK, folder / f"{small}.xlsx", small) for _ in range(repeats)])
            slow, _ = measure(PANDAS, folder / f"{small}.xlsx", small)
            print(f"pandas with openpyxl {small:,} rows {slow:7.2f} s  × {slow / quick:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
