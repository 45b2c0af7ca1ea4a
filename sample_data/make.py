"""Make the sample data: a synthetic registry of Guangzhou, its inspectors, and a plan that came back filled in.

    python sample_data/make.py [registry] [inspectors] [starter] [returned] [returned]

Everything is drawn from one fixed seed, so the content never changes. No enterprise, person or telephone number is
real: the body of every social credit code begins with XN (虚拟, made up), and no number in Guangzhou begins with 0.
"""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TypeVar

from fill import fill
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from words import (
    DISTRICTS,
    ELSEWHERE,
    FIRST,
    FORMER,
    GIVEN,
    OUTSIDE,
    ROADS,
    SECOND,
    SURNAMES,
    TRADES,
    Trade,
)

HERE = Path(__file__).parent
SEED = 20261001
ENTERPRISES = 6000
STARTERS = 400
AS_OF = dt.date(2026, 9, 25)
"""The day the registry was exported; the plan is for 2026Q4."""

T = TypeVar("T")

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FULL_WIDTH = str.maketrans({chr(c): chr(c + 0xFEE0) for c in range(0x21, 0x7F)})
ROOMS = ("", "首层", "101铺", "二楼")
COMPANY_SIZES = ((2, "大型"), (8, "中型"), (70, "小型"), (20, None))
HOUSEHOLD_SIZES = ((20, "小型"), (75, "微型"), (5, None))
SEVERAL = ("食品、建材", "食品;儿童用品", "儿童用品/食品", "食品，儿童用品，建材")
SCOPES = ("食品、儿童用品、建材", "食品", "食品、儿童用品", "食品;建材", "儿童用品、建材")
EMPTY = (None, None, None, "/", "—", "-", "无", "")


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────


def credit_code(kind: str, division: str, body: str) -> str:
    """A unified social credit code with both check digits (GB 32100-2015, GB 11714-1997)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    remainder = 11 - sum(LETTERS.index(c) * w for c, w in zip(body, weights, strict=True)) % 11
    code = kind + division + body + {10: "X", 11: "0"}.get(remainder, str(remainder))
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + ALPHABET[(31 - total % 31) % 31]


def registration_number(division: str, serial: int) -> str:
    """A 15-digit registration number of a household business, with its check digit (GB/T 17710, mod 11,10)."""
    digits = f"{division}6{serial:07d}"
    carry = 10
    for d in digits:
        carry = ((carry + int(d)) % 10 or 10) * 2 % 11
    return digits + str((11 - carry) % 10)


# ── the enterprises, clean ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Enterprise:
    """One row of the registry; the order of the fields is the order of the columns."""

    name: str
    code: object
    district: str
    street: str
    office: str
    address: str
    person: str
    phone: str
    category: str | None
    product: str | None
    industry: str | None
    stage: str | None
    area: str | None
    size: str | None
    licence: str | None
    status: str
    credit: str | None
    grade: str | None
    established: object
    inspected: object
    failures: object
    complaints: object
    penalties: object
    blacklisted: str | None
    abnormal: str | None


HEADERS = (
    "企业名称", "统一社会信用代码\n/注册号", "所属区", "镇街", "市场监管所", "经营场所", "法定代表人(负责人)",
    "联系电话", "产品类别（可多选）", "主营产品", "行业代码", "环节", "区域类型", "企业规模", "许可证号", "登记状态",
    "信用等级", "风险等级", "成立日期", "上次抽查日期", "不合格次数", "投诉次数", "处罚次数", "是否黑名单", "经营异常",
)  # fmt: skip
WIDTHS = (34, 23, 9, 11, 16, 32, 10, 15, 12, 16, 9, 8, 12, 8, 18, 22, 8, 8, 12, 13, 8, 8, 8, 8, 8)


def weighted(rng: Random, choices: Sequence[tuple[float, T]]) -> T:
    """One of the choices, with chances in proportion to the first number of each."""
    return rng.choices([c for _, c in choices], [w for w, _ in choices])[0]


def some_date(rng: Random, first: dt.date, last: dt.date) -> dt.date:
    """A date between the two, both included."""
    return first + dt.timedelta(days=rng.randrange((last - first).days + 1))


def enterprise(rng: Random, serial: int, taken: set[str]) -> Enterprise:
    """One invented enterprise, clean."""
    division = weighted(rng, [(share, code) for code, (_, share, _) in DISTRICTS.items()])
    district, _, streets = DISTRICTS[division]
    street = rng.choice(list(streets))
    category = weighted(rng, [(62, "食品"), (16, "儿童用品"), (22, "建材")])
    stage, trade = weighted(rng, [(t[0], (s, t)) for s, trades in TRADES[category].items() for t in trades])
    firm = trade[4][0] if len(trade[4]) == 1 else rng.choice(trade[4])
    company = firm.endswith(("公司", "厂"))
    name = unique_name(rng, district, street, firm, company, taken)
    body = f"XN{serial:04d}" + "".join(rng.choices(ALPHABET, k=2))
    inspected = last_check(rng)
    grades = [(45, "A"), (35, "B"), (15, "C"), (5, "D"), (8, None)]
    return Enterprise(
        name=name,
        code=credit_code("91" if company else "92", "440101" if company and rng.random() < 0.5 else division, body),
        district=district,
        street=street,
        office=f"{street.rstrip('街镇')}市场监督管理所",
        address=f"广州市{district}{street}{rng.choice(ROADS)}{rng.randrange(1, 400)}号{rng.choice(ROOMS)}",
        person=rng.choice(SURNAMES) + rng.choice(GIVEN),
        phone=f"020-0{rng.randrange(10**6, 10**7)}",
        category=category,
        product=trade[1],
        industry=trade[2],
        stage=stage,
        area=streets[street],
        size=weighted(rng, COMPANY_SIZES if company else HOUSEHOLD_SIZES),
        licence=licence(rng, trade, division),
        status=weighted(rng, [(78, "存续（在营、开业、在册）"), (10, "在业"), (5, "存续"), (3, "开业"), (4, "正常")]),
        credit=weighted(rng, [(4, "AA"), (61, "A"), (25, "B"), (8, "C"), (1.5, "D"), (3, None)]),
        grade=weighted(rng, grades) if category == "食品" else None,
        established=some_date(rng, dt.date(1996, 1, 1), dt.date(2021, 12, 31) if inspected else dt.date(2026, 6, 30)),
        inspected=inspected,
        failures=weighted(rng, [(970, 0), (20, 1), (5, 2)]),
        complaints=weighted(rng, [(76, 0), (14, 1), (5, 2), (3, 4), (1.5, 7), (0.5, 13)]),
        penalties=weighted(rng, [(94, 0), (5, 1), (1, 2)]),
        blacklisted="否",
        abnormal="是" if rng.random() < 0.015 else "否",
    )


def unique_name(rng: Random, district: str, street: str, firm: str, company: bool, taken: set[str]) -> str:
    """A name that no other enterprise of the registry has."""
    while True:
        brand = rng.choice(FIRST) + rng.choice(SECOND)
        place = "广州市" if company else f"广州市{district}{street.rstrip('街镇')}"
        name = f"{place}{brand}{firm}"
        if company and rng.random() < 0.05:
            name = f"{brand}（广州）{firm}"
        if name not in taken:
            taken.add(name)
            return name


def licence(rng: Random, trade: Trade, division: str) -> str | None:
    """A licence number with the trade's prefix, or None where the trade needs none."""
    prefix = trade[3]
    if not prefix:
        return None
    if prefix.startswith("XK"):
        return f"{prefix}-{rng.randrange(10000, 99999)}"
    return f"{prefix}{division[2:]}{rng.randrange(10**6, 10**7)}"


def last_check(rng: Random) -> dt.date | None:
    """The last spot check: never for half of them, within the six-month lock for one in sixteen."""
    draw = rng.random()
    if draw < 0.50:
        return None
    if draw < 0.56:
        return some_date(rng, dt.date(2026, 4, 2), AS_OF)
    return some_date(rng, dt.date(2022, 1, 4), dt.date(2026, 3, 31))


# ── the dirt ─────────────────────────────────────────────────────────────────────────────────────────────────


def shown(rng: Random, day: dt.date) -> object:
    """A date as clerks write it: mostly a date cell, else a serial number or one of several texts."""
    return weighted(rng, [
        (80, day),
        (4, (day - dt.date(1899, 12, 30)).days),
        (5, f"{day.year}年{day.month}月{day.day}日"),
        (5, f"{day.year}.{day.month}.{day.day}"),
        (3, day.strftime("%Y%m%d")),
        (3, day.isoformat()),
    ])  # fmt: skip


def as_typed(rng: Random, e: Enterprise) -> Enterprise:
    """The row as it stands in a sheet: dates in several forms, empty cells in several forms."""

    def cell(value: object) -> object:
        return rng.choice(EMPTY) if value is None else shown(rng, value) if isinstance(value, dt.date) else value

    return Enterprise(*(cell(getattr(e, f)) for f in Enterprise.__dataclass_fields__))  # type: ignore[arg-type]


Change = Callable[[Random, Enterprise], Enterprise]

CHANGES: tuple[tuple[int, Change], ...] = (
    # intake must read through these
    (60, lambda r, e: replace(e, code=str(e.code).translate(FULL_WIDTH))),
    (40, lambda r, e: replace(e, code=f" {str(e.code)[:8]} {str(e.code)[8:].lower()} ")),
    (60, lambda r, e: replace(e, name=e.name.replace("（", "(").replace("）", ")")[:4] + " " + e.name[4:])),
    (50, lambda r, e: replace(e, product=e.product and e.product[:2] + " " + e.product[2:])),
    (40, lambda r, e: replace(e, stage=e.stage and e.stage + "环节", area=f"　{e.area}")),
    (40, lambda r, e: replace(e, credit=e.credit and e.credit.translate(FULL_WIDTH))),
    (40, lambda r, e: replace(e, credit=e.credit and e.credit + "级", status="存续(在营、开业、在册)")),
    (
        90,
        lambda r, e: replace(
            e,
            district={n: f for c, f in FORMER.items() for n in [DISTRICTS[c][0]]}.get(e.district, e.district),
        ),
    ),
    (60, lambda r, e: replace(e, district=e.district.rstrip("区"))),
    (60, lambda r, e: replace(e, district=next(c for c, d in DISTRICTS.items() if d[0] == e.district))),
    # the category must come from the product, the industry or the licence
    (160, lambda r, e: replace(e, category=None)),
    (60, lambda r, e: replace(e, category=None, product=None)),
    # several categories in one cell
    (
        400,
        lambda r, e: replace(e, category=r.choice(SEVERAL), product="日用百货") if e.stage == "流通" else e,
    ),
    # worth a warning
    (
        25,
        lambda r, e: replace(e, code=str(e.code)[:-1] + r.choice([c for c in ALPHABET if c != str(e.code)[-1]])),
    ),
    (12, lambda r, e: replace(e, code=int("9144010100" + f"{r.randrange(10**5):05d}000"))),
    (6, lambda r, e: replace(e, code=f"9.1440{r.randrange(1, 9)}E+17")),
    (8, lambda r, e: replace(e, code=str(e.code)[:17])),
    (60, lambda r, e: replace(e, code=registration_number("440111", r.randrange(10**7)))),
    (30, lambda r, e: replace(e, code=None)),
    (9, lambda r, e: replace(e, status=r.choice(["迁出", "歇业", "筹建"]))),
    (10, lambda r, e: replace(e, complaints=r.choice(["多次", "2次", "约3", "-1"]))),
    (8, lambda r, e: replace(e, established=r.choice(["不详", "2031-05-06", "2019.13.2", "1905-01-02"]))),
    (6, lambda r, e: replace(e, inspected=r.choice(["2026年2月30日", "去年", "2027-03-01"]))),
    # out of the frame
    (80, lambda r, e: replace(e, status="注销")),
    (40, lambda r, e: replace(e, status=r.choice(["吊销", "吊销，未注销", "撤销", "停业"]))),
    (14, lambda r, e: replace(e, district=r.choice(ELSEWHERE))),
    (6, lambda r, e: replace(e, district="")),
    (40, lambda r, e: outside(r, e)),
    (3, lambda r, e: replace(e, name="")),
    # taken with certainty
    (18, lambda r, e: replace(e, blacklisted=r.choice(["是", "是", "√", "Y"]), credit="D")),
)
"""(number of rows, what happens to each)."""


def outside(rng: Random, e: Enterprise) -> Enterprise:
    """The row with a trade outside every category."""
    product, industry, ends = rng.choice(OUTSIDE)
    name = f"广州市{e.district}{e.name[-5:-3]}{rng.choice(ends)}"
    e = replace(e, name=name, category=None, product=product, industry=industry)
    return replace(e, licence=None, stage="流通", grade=None)


def twins(rng: Random, clean: Sequence[Enterprise]) -> list[Enterprise]:
    """The same firm twice: typed again, exported twice with news, or with a branch that is a firm of its own."""
    again = [replace(e, name=e.name.replace("（", "(").replace("）", ")"), phone="/") for e in rng.sample(clean, 30)]
    newer = [replace(e, complaints=5, inspected=dt.date(2025, 11, 3)) for e in rng.sample(clean, 15)]
    branch = [
        replace(e, name=e.name + "第一分公司", code=credit_code("91", "440101", f"XN{7000 + i}AB"))
        for i, e in enumerate(rng.sample([e for e in clean if e.name.endswith("有限公司")], 12))
    ]
    return [*again, *newer, *branch]


def registry_rows(rng: Random) -> list[Enterprise]:
    """All rows of the registry, dirt and all, by district."""
    taken: set[str] = set()
    rows = [enterprise(rng, i, taken) for i in range(ENTERPRISES)]
    extra = twins(rng, rows)
    places = list(range(len(rows)))
    rng.shuffle(places)
    for number, change in CHANGES:
        for _ in range(number):
            i = places.pop()
            rows[i] = change(rng, rows[i])
    for i, name in ((places.pop(), n) for n in ("@家便利店", "+1早餐店", "=味源小吃店")):
        rows[i] = replace(rows[i], name=name)
    rows += extra
    order = [name for name, _, _ in DISTRICTS.values()]
    rows.sort(key=lambda e: order.index(e.district) if e.district in order else len(order))
    return [as_typed(rng, e) for e in rows]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────


def put(sheet: Worksheet, row: int, values: Iterable[object]) -> None:
    """Write a row; text stays text even where it begins with = ."""
    for column, value in enumerate(values, start=1):
        if value is None:
            continue
        cell = sheet.cell(row, column, value)
        if isinstance(value, str):
            cell.data_type = "s"
        elif isinstance(value, dt.date):
            cell.number_format = "yyyy-mm-dd"
        elif isinstance(value, int) and value > 10**14:
            cell.number_format = "0"


def layout(sheet: Worksheet, title: str, headers: Sequence[str], widths: Sequence[int]) -> None:
    """A title row over the header row, as offices export them."""
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(headers))
    put(sheet, 1, [title])
    sheet["A1"].font = Font(name="SimSun", size=16, bold=True)
    sheet["A1"].alignment = Alignment(horizontal="center")
    put(sheet, 2, headers)
    for column, width in enumerate(widths, start=1):
        sheet.cell(2, column).font = Font(name="SimSun", bold=True)
        sheet.cell(2, column).alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.row_dimensions[2].height = 32
    sheet.freeze_panes = "C3"


def starter_rows(rng: Random) -> list[Enterprise]:
    """The rows of the small registry that ``sampler init`` hands out: clean, by district."""
    taken: set[str] = set()
    order = [name for name, _, _ in DISTRICTS.values()]
    return sorted((enterprise(rng, i, taken) for i in range(STARTERS)), key=lambda e: order.index(e.district))


def write_registry(path: Path, rows: Sequence[Enterprise]) -> None:
    """A registry: a title, headers, the rows, a total at the end, a filter left on and two rows hidden by it."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "企业名录"
    layout(
        sheet,
        f"广州市重点产品生产经营企业名录(模拟数据)  截至{AS_OF:%Y年%m月%d日}",
        ("序号", *HEADERS),
        (6, *WIDTHS),
    )
    for i, e in enumerate(rows, start=1):
        put(sheet, i + 2, (i, *(getattr(e, f) for f in Enterprise.__dataclass_fields__)))
    put(sheet, len(rows) + 3, ("合计", f"{len(rows)}家"))
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(HEADERS) + 1)}{len(rows) + 2}"
    sheet.row_dimensions[40].hidden = sheet.row_dimensions[41].hidden = True
    book.save(path)


INSPECTOR_HEADERS = (
    "姓名",
    "工号",
    "所属区",
    "资质类别",
    "证书有效期至",
    "回避企业",
    "请假",
    "最大任务数",
    "备注",
)


def inspector_rows(rng: Random, registry: Sequence[Enterprise]) -> list[tuple[object, ...]]:
    """Eight to twelve inspectors for every district, of whom at least three are qualified for every category.

    Some are recused from enterprises of the registry.
    """
    rows: list[tuple[object, ...]] = []
    names: set[str] = set()
    for code, (district, share, _) in DISTRICTS.items():
        local = [e for e in registry if e.district == district and isinstance(e.code, str) and len(e.code) == 18]
        for i in range(min(12, 8 + share // 4)):
            name = next(n for n in iter(lambda: rng.choice(SURNAMES) + rng.choice(GIVEN), None) if n not in names)
            names.add(name)
            scope = "全部" if i < 3 else rng.choice(SCOPES)
            expires: object = some_date(rng, dt.date(2027, 1, 31), dt.date(2030, 12, 31))
            if i == 7 and share in (9, 14):
                expires = dt.date(2026, 6, 30)  # lapsed before the quarter
            refuses = [rng.choice([e.name, str(e.code)]) for e in rng.sample(local, rng.choice([0, 0, 0, 1, 2]))]
            leave = weighted(rng, [
                (12, None),
                (2, "2026-10-08至2026-10-20"),
                (1, "2026年11月2日—11月13日"),
                (1 if i > 4 else 0, "2026-10-01至2026-12-31"),
            ])  # fmt: skip
            most = rng.choice([None, None, 40, 50]) if i else 45
            number = f"{code}{i + 1:02d}"
            rows.append((name, number, district, scope, expires, "；".join(refuses) or "无", leave, most, None))
    return rows


def write_inspectors(path: Path, registry: Sequence[Enterprise]) -> None:
    """The roster of inspectors for a registry."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "检查人员"
    widths = (10, 11, 10, 24, 14, 44, 26, 12, 14)
    layout(sheet, "广州市产品质量监督抽查检查人员名录(模拟数据)", INSPECTOR_HEADERS, widths)
    for i, row in enumerate(inspector_rows(Random(SEED + 1), registry), start=3):
        put(sheet, i, row)
    book.save(path)


def make_starter(folder: Path) -> None:
    """What ``sampler init`` hands out: a small registry and the inspectors."""
    folder.mkdir(exist_ok=True)
    rows = starter_rows(Random(SEED))
    write_registry(folder / "registry.xlsx", rows)
    write_inspectors(folder / "inspectors.xlsx", rows)


def make_returned(folder: Path) -> None:
    """A plan of the registry, drawn anew, with its workbooks filled in; the shipped configurations and a fixed seed."""
    if folder.exists():
        shutil.rmtree(folder)
    options = {
        "inspectors": "sample_data/inspectors.xlsx",
        "period": "2026Q4",
        "seed": "20261008",
        "out": folder,
    }
    # Names relative to the project: the plan records where every unit stood.
    command = [sys.executable, "-m", "sampler", "plan", "sample_data/registry.xlsx", "--quiet"]
    arguments = [f"--{name}={value}" for name, value in options.items()]
    subprocess.run([*command, *arguments], check=True, cwd=HERE.parent)
    retests = {"440111": "合格", "440113": "不合格"}
    for path in sorted((folder / "districts").glob("*.xlsx")):
        fill(path, folder / "returned" / path.name, retest=retests.get(path.name[:6]))


WHAT: dict[str, Callable[[], None]] = {
    "registry": lambda: write_registry(HERE / "registry.xlsx", registry_rows(Random(SEED))),
    "inspectors": lambda: write_inspectors(HERE / "inspectors.xlsx", registry_rows(Random(SEED))),
    "starter": lambda: make_starter(HERE.parent / "sampler" / "starter"),
    "returned": lambda: make_returned(HERE / "plan-2026Q4"),
}


def main(names: Sequence[str]) -> None:
    """Make what is named, or everything."""
    for name in names or list(WHAT):
        WHAT[name]()
        print(f"made {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
