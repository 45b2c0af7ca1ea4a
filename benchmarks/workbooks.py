"""Writing and reading workbooks, against openpyxl's write-only mode and fastexcel putting and loading the same cells.

    python benchmarks/workbooks.py            # 20,000 tasks in 11 workbooks; then 11 returned workbooks of 2,000 rows

Prints seconds (best of three), the two ratios, and the peak memory of this process and of its largest child.

Last figures, two cores, nothing else running: writing 4.8 s, styled write-only 5.6 s (× 0.85), plain 2.9 s; reading 11
workbooks of 2,000 rows (20,000 tasks) 0.44–0.56 s, fastexcel alone 0.24–0.31 s (× 1.77–1.90; it was 0.71 s, × 2.9). Peak
461 MB. Of 0.65 s of processor time some 40 % is loading, a sixth the scan of the XML, a tenth the matching of rows to the
plan, the rest small queries; two files are loaded at once. Where every visit has a form too, 2,000 tasks in two workbooks
take 0.73 s of processor time (it was 0.98 s), loading alone 0.16 s.

`sampler plan` on the sample registry with inspectors (600 batches, 11 workbooks): 3.1 → 2.2 s of processor time,
2.9 → 2.2 s with nothing else running, since the style of a look is made once per workbook and the roster is read by columns.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import fastexcel
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side

from sampler.design import District, Sample
from sampler.files.columns import TASK_COLUMNS
from sampler.files.district_rows import DistrictPapers, district_papers
from sampler.files.results import read_results
from sampler.files.workbooks import write_districts
from sampler.plan import Plan
from tests.planning import CATEGORIES, INSPECTORS, draw, make_design


def make(tasks: int, districts: int) -> Plan:
    """A plan with about so many tasks of one batch."""
    design = make_design(
        districts=tuple(District(key=f"4401{i:02d}", name=f"第{i}区", name_en=f"D{i}") for i in range(districts)),
        sample=Sample(budget=tasks, reserves=0.1),
    )
    design = replace(design, categories=tuple(replace(c, batches=1) for c in design.categories))
    per_cell = round(tasks * 2.2 / districts / len(CATEGORIES))
    return draw(budget=tasks, units=per_cell, design=design)


def best(what: Callable[[], object], times: int = 3) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        found.append(time.perf_counter() - start)
    return min(found)


def put_the_same_cells(folder: Path, papers: dict[str, DistrictPapers]) -> None:
    """The rows of the lists in write-only mode, every cell with a style that is made once and shared; nothing else."""
    for key, p in papers.items():
        book = Workbook(write_only=True)
        for name, listing in (("tasks", p.tasks), ("reserves", p.reserves)):
            sheet = book.create_sheet(name)
            model = WriteOnlyCell(sheet)
            side = Side(style="thin")
            model.font = Font(name="SimSun", size=10.5)
            model.border = Border(left=side, right=side, top=side, bottom=side)
            model.alignment = Alignment(wrap_text=True, vertical="center")
            model.fill = PatternFill("solid", start_color="F2F2F2")
            model.protection = Protection(locked=False)
            for row in listing.rows:
                cells = []
                for value in row:
                    cell = WriteOnlyCell(sheet, value)
                    cell._style = model._style
                    cells.append(cell)
                sheet.append(cells)
        book.save(folder / f"{key}.xlsx")


def put_plain_values(folder: Path, papers: dict[str, DistrictPapers]) -> None:
    """The same values without any style: the least that write-only mode can take (an empty cell is not written)."""
    for key, p in papers.items():
        book = Workbook(write_only=True)
        for name, listing in (("tasks", p.tasks), ("reserves", p.reserves)):
            sheet = book.create_sheet(name)
            for row in listing.rows:
                sheet.append(["" if v is None else v for v in row])
        book.save(folder / f"{key}.xlsx")


def fill_in(folder: Path) -> None:
    for path in folder.glob("*.xlsx"):
        book = load_workbook(path)
        sheet = book.worksheets[1]
        column = {c.value: c.column for c in sheet[3]}
        headers = {c.field: c.header("zh") for c in TASK_COLUMNS}
        for row in range(4, sheet.max_row + 1):
            sheet.cell(row, column[headers["status"]]).value = "已抽样"
            sheet.cell(row, column[headers["sampled_on"]]).value = "2026-11-03"
            sheet.cell(row, column[headers["first"]]).value = "合格" if row % 20 else "不合格"
            sheet.cell(row, column[headers["sheet_no"]]).value = f"GZ{row:05d}"
            sheet.cell(row, column[headers["sample_name"]]).value = f"样品{row}"
        book.save(path)


def load_only(folder: Path) -> None:
    for path in sorted(folder.glob("*.xlsx")):
        reader = fastexcel.read_excel(path)
        for name in reader.sheet_names:
            reader.load_sheet(name, header_row=None, dtypes="string").to_polars()


def peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--tasks", type=int, default=20_000)
    arguments.add_argument("--districts", type=int, default=11)
    arguments.add_argument("--times", type=int, default=3)
    given = arguments.parse_args()
    plan = make(given.tasks, given.districts)
    options: dict[str, Any] = {"inspectors": INSPECTORS, "plan_id": plan.id, "deadline": plan.deadline}
    papers = district_papers(plan, "zh", **options)
    rows = sum(len(p.tasks.rows) + len(p.reserves.rows) for p in papers.values())
    print(f"{plan.tasks.height} tasks, {rows} rows in {len(papers)} workbooks")
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours", Path(name) / "theirs"
        ours.mkdir()
        theirs.mkdir()
        both = best(lambda: write_districts(ours, plan, "zh", **options), given.times)
        one = best(lambda: write_districts(ours, plan, "zh", workers=1, **options), 1)
        styled = best(lambda: put_the_same_cells(theirs, papers), given.times)
        plain = best(lambda: put_plain_values(theirs, papers), given.times)
        print(f"write: {both:.2f} s, one process {one:.2f} s; write-only styled {styled:.2f} s, plain {plain:.2f} s")
        print(
            f"ratio: {both / styled:.2f} of styled, {both / plain:.2f} of plain; one process {one / plain:.2f} of plain"
        )
        fill_in(ours)
        read = best(lambda: read_results([ours], plan, names=INSPECTORS), given.times)
        load = best(lambda: load_only(ours), given.times)
        print(f"read: {read:.2f} s; fastexcel loading alone {load:.2f} s; ratio {read / load:.2f}")
    print(f"peak: {peak_mb(resource.RUSAGE_SELF):.0f} MB, largest child {peak_mb(resource.RUSAGE_CHILDREN):.0f} MB")


if __name__ == "__main__":
    main()
