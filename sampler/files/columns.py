"""The columns of the district workbook's lists, in print order: what they hold, how wide they are, what people call them.

The writer prints them, the reader finds them again under any of their names. A column's field is the name its values
have in `sampler.results.BATCH_SCHEMA` where there is one; ``workbook.<field>`` in the catalogue is its header.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sampler.results import REASONS, STATUSES, VERDICTS
from sampler.text import LANGUAGES, Lang, text

Kind = Literal["text", "count", "date", "number", "status", "verdict", "reason"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    Attributes:
        field: machine name.
        kind: what a cell holds; ``status``, ``verdict`` and ``reason`` are choices of a closed vocabulary.
        least, most: bounds of its width, in characters; between them it is as wide as its longest unbreakable word.
        filled: whether it is filled in in the field.
        whole: whether its words are not to be broken at hyphens.
        outside: whether it stands to the right of the print area.
        aliases: further headers it is known by when it comes back.
    """

    field: str
    kind: Kind
    least: float
    most: float
    filled: bool = False
    whole: bool = False
    outside: bool = False
    aliases: tuple[str, ...] = ()

    def header(self, lang: Lang) -> str:
        """The printed header."""
        return text(f"workbook.{self.field}", lang)

    def names(self) -> tuple[str, ...]:
        """Every header it may come back under: both languages, then the aliases."""
        return (*(self.header(lang) for lang in LANGUAGES), *self.aliases)


_NUMBER = Column("number", "count", 4.8, 6, aliases=("编号", "#", "no", "number"))
_TASK_ID = Column("task_id", "text", 9.8, 10, aliases=("任务号", "任务ID", "批次编号", "task", "task number"))
_RESERVE_ID = Column("reserve_id", "text", 9.8, 10, aliases=("替补号", "替补ID", "reserve", "reserve number"))
_GROUP = Column("group", "text", 5.2, 6.6, aliases=("组", "分组", "组号"))
_ORDER = Column("order", "count", 4.8, 5, aliases=("顺序", "替补顺序", "order"))

_PARTY = (
    Column(
        "name",
        "text",
        13.6,
        13.6,
        aliases=("名称", "单位名称", "受检单位", "被抽样单位", "enterprise name", "name"),
    ),
    Column("code", "text", 14, 14, aliases=("信用代码", "代码", "社会信用代码", "USCC", "code")),
    Column("address", "text", 13.6, 13.6, aliases=("住所", "经营场所", "企业地址")),
    Column("street_office", "text", 11, 11, aliases=("镇街", "监管所", "镇街监管所", "street", "office")),
    Column("contact", "text", 7, 16, whole=True, aliases=("联系人电话", "联系电话", "联系方式", "contact person")),
    Column("category", "text", 4.8, 12.8, aliases=("类别", "产品", "product category")),
    Column("stage", "text", 4.8, 12.8, aliases=("抽样环节",)),
    Column("batches", "count", 4.8, 4.8, aliases=("批次", "应抽批次数", "batches")),
)
_TEAM = (
    Column("inspector_a", "text", 6.8, 9, aliases=("检查员A", "抽样人员A", "人员A", "inspector A", "A")),
    Column("inspector_b", "text", 6.8, 9, aliases=("检查员B", "抽样人员B", "人员B", "inspector B", "B")),
)
_DEADLINE = Column("deadline", "date", 7.2, 7.2, aliases=("完成期限", "截止时间", "deadline"))
_REPLACING = (
    Column("replaces", "text", 9.2, 9.2, filled=True, aliases=("被替补任务", "替代任务", "replaced task")),
    Column(
        "replace_reason",
        "reason",
        8,
        10.2,
        filled=True,
        aliases=("替代原因", "更换原因", "why replaced", "replacement reason"),
    ),
)
_FILLED = (
    Column(
        "sampled_on",
        "date",
        8,
        8,
        filled=True,
        aliases=("抽样时间", "采样日期", "日期", "sampling date", "date"),
    ),
    Column("status", "status", 6.6, 9.4, filled=True, aliases=("抽样状态", "完成状态", "任务状态")),
    Column("sample_name", "text", 10, 10, filled=True, aliases=("样品", "样品名", "产品名称", "sample name")),
    Column("model", "text", 7, 7, filled=True, aliases=("规格", "型号", "型号规格", "specification")),
    Column("trademark", "text", 7, 7, filled=True, aliases=("品牌", "trademark")),
    Column("batch_no", "text", 7, 7, filled=True, aliases=("生产批号", "批号/生产日期", "lot", "batch number")),
    Column(
        "base",
        "number",
        5.4,
        5.4,
        filled=True,
        aliases=("基数", "抽样基数量", "stock sampled from", "stock", "stock size"),
    ),
    Column(
        "quantity",
        "number",
        5.4,
        5.4,
        filled=True,
        aliases=("检样数量", "检验样品数量", "抽样数量", "样品数量", "test quantity"),
    ),
    Column(
        "reserve_quantity",
        "number",
        5.4,
        5.4,
        filled=True,
        aliases=("备用样品数量", "备样量", "备样", "reserve quantity"),
    ),
    Column(
        "sheet_no",
        "text",
        8,
        8,
        filled=True,
        aliases=("抽样单编号", "抽样编号", "单号", "sampling form no.", "sampling sheet no.", "sheet no."),
    ),
    Column(
        "first",
        "verdict",
        7,
        7,
        filled=True,
        aliases=(
            "结果",
            "检验结论",
            "检测结论",
            "检测结果",
            "结论",
            "初检结果",
            "初检结论",
            "判定",
            "判定结果",
            "verdict",
        ),
    ),
    Column(
        "retest",
        "verdict",
        7,
        7,
        filled=True,
        aliases=("复检结论", "复验结果", "复验结论", "retest", "re-test result"),
    ),
    Column("failing_item", "text", 8, 8, filled=True, aliases=("不合格项", "不合格项目名称", "failing items")),
    Column("reason", "reason", 8, 10.2, filled=True, aliases=("未抽原因", "未抽到原因", "不抽样原因", "reason")),
    Column("note", "text", 9, 9, filled=True, aliases=("说明", "备考", "notes", "remark", "remarks")),
)
MARK = "unit_id"
"""Field of the mark by which the reader knows a row again; nobody has to read it."""
_UNIT_ID = Column(MARK, "text", 4, 4, outside=True, aliases=("唯一标识", "unit id"))

TASK_COLUMNS: tuple[Column, ...] = (_NUMBER, _TASK_ID, _GROUP, *_PARTY, *_TEAM, _DEADLINE, *_FILLED, _UNIT_ID)
"""The task list 任务清单."""

RESERVE_COLUMNS: tuple[Column, ...] = (
    _NUMBER, _RESERVE_ID, _GROUP, _ORDER, *_PARTY, *_REPLACING, *_FILLED, _UNIT_ID
)  # fmt: skip
"""The list of reserves 替补名单.

It names no inspectors: whoever was sent to the task goes to its reserve, as its subtitle says. Nor a deadline: most
reserves are never used, and the footer has it.
"""

LATER_FIELDS = ("first", "retest", "failing_item")
"""What is typed at a desk weeks later: the lists have these columns beside what is printed, right after it."""

SAMPLE_FIELDS = ("sample_name", "model", "trademark", "batch_no", "base", "quantity", "reserve_quantity")
"""What a form has room for: where there are forms, the lists have these columns beside what is printed."""

CHOICES: dict[Kind, tuple[str, ...]] = {"status": STATUSES, "verdict": VERDICTS, "reason": tuple(REASONS)}
"""Kind → keys of its closed vocabulary, in the order of the drop-down."""


def choice_label(kind: Kind, key: str, lang: Lang) -> str:
    """What a person reads for ``key`` of the vocabulary ``kind``."""
    return text(f"results.{kind}_{key}", lang)


def tick_box(kind: Kind, key: str, lang: Lang) -> str:
    """What stands on paper for ``key`` of the vocabulary ``kind``: a box to tick, and its label."""
    return f"□ {choice_label(kind, key, lang)}"
