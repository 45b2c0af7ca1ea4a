"""Fill in district workbooks as inspectors would, so that there is something to estimate from.

What is found is invented: every category has a chance of failing, higher for online shops and lower in production. One
failure is overturned by a re-test and one is confirmed; some tasks find no sample, some have no result yet, some were
not begun. Reserves stand in for tasks of their group, in their order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sampler.files.styles import LineBreakingFooter

TASKS, RESERVES = "任务清单", "替补名单"
FIRST_DAY, DAYS = dt.date(2026, 10, 9), 50

FAILS = {"食品": 0.02, "儿童用品": 0.1, "建材": 0.06}
BY_STAGE = {"生产": 0.6, "网络销售": 1.7}
REASONS = {
    "停业": 30,
    "搬迁无法联系": 20,
    "无待销产品": 15,
    "转产": 10,
    "抽样基数不足": 8,
    "拒检": 6,
    "其他": 3,
}
REPLACED = frozenset(("停业", "搬迁无法联系", "转产", "无待销产品", "抽样基数不足"))
NOTES = {"其他": "仓库上锁,负责人不在", "拒检": "已现场告知法律后果并拍照"}
# category: (sign in the enterprise's name, sample, what it may fail in)
SAMPLES = {
    "食品": (
        ("饭店 酒家 餐厅 餐饮 快餐 小吃 粥粉 食堂", "餐具(餐饮环节)", "大肠菌群"),
        ("饭店 酒家 餐厅 餐饮 快餐 小吃 粥粉 食堂", "油条(自制)", "铝的残留量"),
        ("奶茶 甜品", "珍珠奶茶", "菌落总数"),
        ("酒行 酒业", "米酒", "酒精度"),
        ("茶行 茶叶", "乌龙茶", "草甘膦"),
        ("水果 果业", "皇帝柑", "丙溴磷"),
        ("水产 海产", "冷冻虾仁", "镉(以Cd计)"),
        ("饼业", "鸡仔饼", "过氧化值"),
        ("腊味 肉制品", "广式腊肠", "亚硝酸盐"),
        ("酱园 调味", "酿造酱油", "氨基酸态氮"),
        ("粮油 米业", "丝苗米", "镉(以Cd计)"),
        ("豆制品", "腐竹", "铝的残留量"),
        ("饮品 饮料", "竹蔗水", "菌落总数"),
        ("商行 店 超市 商场 食品 公司", "五香花生", "过氧化值"),
        ("商行 店 超市 商场 食品 公司", "沙琪玛", "菌落总数"),
    ),
    "儿童用品": (
        ("鞋", "儿童运动鞋", "邻苯二甲酸酯"),
        ("鞋", "儿童皮鞋", "耐折性能"),
        ("服装 服饰 童装", "儿童连帽卫衣", "绳带要求"),
        ("服装 服饰 童装 婴", "婴幼儿连体衣", "纤维含量"),
        ("皮具 箱包", "学生书包", "缝合强度"),
        ("家具", "儿童学习桌", "甲醛释放量"),
        ("文具 文化", "水彩笔", "可迁移元素"),
        ("玩具 电子商务 商贸 贸易 超市 商场 商行 店", "毛绒玩具", "小零件"),
        ("电子商务 商贸 婴 贸易", "婴儿推车", "制动装置"),
    ),
    "建材": (
        ("涂料 油漆 装饰", "内墙乳胶漆", "耐洗刷性"),
        ("陶瓷 建材 洁具", "釉面陶瓷砖", "吸水率"),
        ("洁具 五金 电子商务", "陶瓷片密封水嘴", "金属污染物析出"),
        ("钢铁 五金", "热轧带肋钢筋", "重量偏差"),
        ("管业 建筑材料", "PVC-U排水管", "落锤冲击"),
        ("木业 地板 装饰", "细木工板", "甲醛释放量"),
        ("防水", "SBS改性沥青防水卷材", "可溶物含量"),
        ("铝材 门窗", "铝合金型材", "膜厚"),
        ("水泥 建材 建筑材料", "通用硅酸盐水泥", "氯离子"),
    ),
}
QUANTITIES = ((1, 1), (3, 2), (6, 4), (20, 10))


@dataclass(frozen=True)
class Row:
    """A row of a list, its cells by header."""

    sheet: Worksheet
    number: int
    columns: Mapping[str, int]

    def __getitem__(self, header: str) -> str:
        return str(self.sheet.cell(self.number, self.columns[header]).value or "")

    def fill(self, **cells: object) -> None:
        """Write what is known into the cells of these headers."""
        for header, value in cells.items():
            self.sheet.cell(self.number, self.columns[header]).value = value


def rows(sheet: Worksheet, key: str) -> Iterator[Row]:
    """The rows below the header that holds ``key``."""
    header = next(r for r in range(1, 16) if key in [c.value for c in sheet[r]])
    columns = {str(c.value): c.column for c in sheet[header] if c.value}
    for number in range(header + 1, sheet.max_row + 1):
        if sheet.cell(number, columns[key]).value:
            yield Row(sheet, number, columns)


def sampled(rng: Random, row: Row, number: str) -> str:
    """A sample was taken; what it may fail in."""
    kinds = SAMPLES[row["产品类别"]]
    fitting = [kind for kind in kinds if any(sign in row["企业名称"] for sign in kind[0].split())]
    _, sample, item = rng.choice(fitting or kinds)
    day = FIRST_DAY + dt.timedelta(days=rng.randrange(DAYS))
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    quantity, reserve = rng.choice(QUANTITIES)
    row.fill(
        抽样日期=day if rng.random() < 0.95 else f"{day.year}.{day.month}.{day.day}",
        状态="已抽样",
        样品名称=sample,
        规格型号=rng.choice(["500g/袋", "1.8L/瓶", "均码", "M", "A型", "600×600mm", "/"]),
        商标=rng.choice(["粤恒", "南和", "嘉瑞", "泰顺", "/"]),
        批号=f"{day - dt.timedelta(days=rng.randrange(20, 200)):%Y%m%d}",
        抽样基数=rng.randrange(4, 40) * (quantity + reserve),
        检验数量=quantity,
        备样数量=reserve,
        抽样单号=number,
    )
    return item


def tested(rng: Random, row: Row, item: str) -> bool:
    """The laboratory's result came; whether it is a failure."""
    fails = rng.random() < FAILS[row["产品类别"]] * BY_STAGE.get(row["环节"], 1.0)
    row.fill(检验结果="不合格" if fails else rng.choice(["合格"] * 30 + ["合 格"]))
    if fails:
        row.fill(不合格项目=item)
    return fails


def fill(path: Path, to: Path, *, retest: str | None) -> None:
    """Fill in one district's workbook.

    Args:
        path: as the plan wrote it.
        to: where the filled one goes.
        retest: result of the re-test of the first failure, None for no re-test.
    """
    code = path.name.partition("-")[0]
    rng = Random(f"20261008|{code}")
    book = load_workbook(path)
    waiting: dict[str, list[Row]] = {}
    for row in rows(book[RESERVES], "替补编号"):
        waiting.setdefault(row["组别"], []).append(row)
    for group in waiting.values():
        group.sort(key=lambda row: int(row["组内顺序"]))
    for serial, row in enumerate(rows(book[TASKS], "任务编号"), start=1):
        chance, number = rng.random(), f"GZ26Q4-{code}-{serial:04d}"
        if chance < 0.02:
            continue
        if chance < 0.08:
            reason = rng.choices(list(REASONS), list(REASONS.values()))[0]
            row.fill(状态="未抽样", 未抽样原因=reason, 备注=NOTES.get(reason))
            if reason not in REPLACED or not waiting.get(row["组别"]):
                continue
            reserve = waiting[row["组别"]].pop(0)
            reserve.fill(**{"替补对象（任务编号）": row["任务编号"], "替补原因": reason})
            row = reserve
        item = sampled(rng, row, number)
        if rng.random() < 0.02:
            row.fill(备注="样品在检")
        elif tested(rng, row, item) and retest:
            row.fill(复检结果=retest, 备注="企业提出异议,已复检")
            retest = None
    for sheet in book:
        keep_line_breaks(sheet)
    book.save(to)


def keep_line_breaks(sheet: Worksheet) -> None:
    """Make openpyxl write the footer's lines as it read them."""
    footer = LineBreakingFooter()
    for place in ("left", "center", "right"):
        setattr(footer, place, getattr(sheet.HeaderFooter.oddFooter, place))
    sheet.HeaderFooter.oddFooter = footer
