"""A roster of inspectors: what its columns are called, and what its cells mean."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence

import polars as pl

from sampler.intake.dates import dates, dates_in
from sampler.intake.headers import normal_header
from sampler.intake.source import Column
from sampler.intake.terms import SEPARATORS
from sampler.intake.values import canonical_text

HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "检查人员", "检查员", "执法人员", "抽样人员", "人员姓名", "name", "inspector"),
    "id": ("工号", "编号", "人员编号", "执法证号", "执法证编号", "证件号", "id", "inspector_id", "staff_no", "badge"),
    "district": ("区", "所属区", "所在区", "区域", "单位", "所属单位", "辖区", "部门", "district", "office"),
    "categories": (
        "资质类别", "资质", "可查类别", "检查类别", "专业类别", "专业", "类别", "categories", "qualified",
        "qualified_categories",
    ),
    "valid_until": (
        "证书有效期", "证书有效期至", "证件有效期", "有效期", "有效期至", "证书到期日", "valid_until",
        "certificate_valid_until",
    ),
    "recused": ("回避企业", "回避", "应回避企业", "回避单位", "回避对象", "recused", "recusals", "recusal"),
    "leave": ("请假", "休假", "请假时间", "请假日期", "leave", "absence"),
    "maximum": ("最大任务数", "任务上限", "最多任务数", "最大任务量", "maximum", "maximum_load", "max_load"),
}  # fmt: skip
"""Field → headers it is known by, the better first."""

REQUIRED = ("name", "id")

_FIELD_OF = {normal_header(h): (field, rank) for field, hs in HEADERS.items() for rank, h in enumerate(hs)}
_ALL = frozenset(("全部", "全部类别", "所有", "所有类别", "各类", "不限", "综合", "all", "any"))
_WHOLE_CITY = frozenset(("全市", "市局", "市本级", "市级", "机动", "不限", "all", "city"))
_NO_END = frozenset(("长期", "长期有效", "永久", "无期限", "不限", "permanent"))

_SINCE = re.compile(r"^[自从]?[\d\s年月日号./-]{8,}(?:至|到|起|[-—–~～])+\s*")
_UNTIL = re.compile(r"(?:有效期?限?|证书|到期日?|截[至止]|[自从起至到止前日为\s,.。;:()~—–-])*")
_FROM_THEN_ON = re.compile(r"[自从起]")

_PARTS = re.compile(r"[;、,|\n]+")
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RTUWXYa-hj-np-rtuwxy]{18}(?![0-9A-Za-z])")
_AROUND_CODE = re.compile(r"(?:统一)?(?:社会)?信用代码|代码|\(\s*[:：]?\s*\)")
_MAY_PART = re.compile(r"(\s+|[/／。]+|[和与及])")
_REMARK = re.compile(r"[(（][^()（）]*[)）]$")
_TIME = re.compile(r"(?<=\d)[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
_DAY = re.compile(
    r"(?P<run>(?:19|20)\d{6})(?!\d)"
    r"|(?:(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*)?(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?"
)


_ONE_DAY = re.compile(
    r"(?:\s|[()（）:：,.]|[请休年病事产婚丧公调补]+假?|(?:陪产|护理|哺乳|探亲|育儿|工伤)假?|学习|培训|出差|外出|会议|住院|手术|因|"
    r"[上下]午|[全半当][天日]|(?:周|星期)[一二三四五六日天]|annual|sick|maternity|paternity|leave|on)*",
    re.IGNORECASE,
)
"""What may stand beside a day without saying that there are more days."""
_OTHER_DAYS = re.compile(r"[除外非前后]|以[来上]|至今|起\s*$|except|after|before|since", re.IGNORECASE)
"""What beside a first and a last day makes other days of them."""
_NOT_QUALIFIED = re.compile(
    r"[除不无非未暂停待禁缺外]|取消|撤销|吊销|过期|except|not?|without|suspend|pending|expired", re.IGNORECASE
)


def recognise(cells: Sequence[str]) -> int:
    """The number of fields named by some cells."""
    return len({found[0] for cell in cells if (found := _FIELD_OF.get(normal_header(cell)))})


def fields_of(columns: Iterable[Column]) -> dict[str, Column]:
    """Field → its column; of several the best name, then the leftmost."""
    found = sorted(
        (known[1], column.index, known[0], column)
        for column in columns
        if (known := _FIELD_OF.get(normal_header(column.header)))
    )
    fields: dict[str, Column] = {}
    for _, _, field, column in found:
        fields.setdefault(field, column)
    return fields


def means_all(text: str) -> bool:
    """Whether a cell of categories says all of them."""
    return text.strip().lower() in _ALL


def means_whole_city(text: str, city: str) -> bool:
    """Whether a cell of districts says the whole city."""
    return text.strip().lower() in _WHOLE_CITY or text.strip() in (city, city.removesuffix("市"))


def means_no_end(text: str) -> bool:
    """Whether a certificate's last day is said to never come (长期, 2021-03-01至长期)."""
    return _SINCE.sub("", text.strip()).lower() in _NO_END


def last_day(text: str) -> dt.date | None:
    """The last day that a certificate is valid: the date of a cell, or the second of the two that make a span. None where
    it cannot be told for certain (2021-03-01起, two dates with words between them).
    """
    found = dates_in(text)
    if found is None or not found[0]:
        (day,) = dates(pl.Series([text])).to_list()
        return day if isinstance(day, dt.date) else None
    days, rest = found
    if not _UNTIL.fullmatch(rest) or len(days) > 2 or days[-1] < days[0]:
        return None
    return days[-1] if len(days) == 2 or not _FROM_THEN_ON.search(rest) else None


def parts(text: str) -> list[str]:
    """The things that a cell lists."""
    return [part for p in _PARTS.split(text.replace("；", ";").replace("，", ",")) if (part := p.strip())]


def recusals(text: str, known: Container[str] | None = None) -> tuple[list[str], list[str]]:
    """The enterprises that a cell of recusals lists, and what of it is none of ``known``.

    A code is found wherever it stands. What also stands in names (a blank, a stroke, 和) parts them only where it makes
    names that are known.

    Args:
        text: the cell, with a separator for each of its line breaks.
        known: names and codes in canonical form; None: nothing is known of them.
    """
    entries: list[str] = []
    strangers: list[str] = []
    for part in parts(text.replace("。", ";")):
        plain = unicodedata.normalize("NFKC", part)
        codes = [code.upper() for code in _CODE.findall(plain)]
        rest = _AROUND_CODE.sub("", _CODE.sub("", plain)).strip(" ()[]:") if codes else part
        entries += codes
        if known is None:
            entries += [rest] if rest else []
            continue
        unknown = [code for code in codes if canonical_text(code) not in known]
        names, others = _names_in(rest, known)
        entries += names or ([rest] if rest else [])
        strangers += unknown
        if names or len(unknown) == len(codes):  # beside a code that is known a name may be spelt as it likes
            strangers += others
    return entries, strangers


def _names_in(text: str, known: Container[str]) -> tuple[list[str], list[str]]:
    """The known names in a text, each as long as can be, and what is left of it."""
    names: list[str] = []
    left: list[str] = []
    pieces = _MAY_PART.split(text)  # texts, and between them what parts them
    start = 0
    while start < len(pieces):
        for end in range(len(pieces), start, -2):
            name = "".join(pieces[start:end]).strip()
            if bare := next((n for n in (name, _REMARK.sub("", name)) if canonical_text(n) in known), None):
                names.append(bare)
                start = end + 1
                break
        else:
            left += [pieces[start]] if pieces[start].strip() else []
            start += 2
    return names, left if names else [text] if text else []


def category_parts(text: str) -> list[str]:
    """The categories that a cell lists."""
    return [part for p in re.split(SEPARATORS, text) if (part := p.strip())]


def negates(text: str, names: Iterable[str]) -> bool:
    """Whether a cell of categories takes some away or puts them in doubt (除食品外, 建材（待考核）).

    Args:
        names: the categories' names in canonical form; what they say themselves negates nothing.
    """
    form = canonical_text(text)
    for name in sorted(names, key=len, reverse=True):
        form = form.replace(name, " ")
    return _NOT_QUALIFIED.search(form) is not None


def leave_days(text: str) -> tuple[tuple[dt.date, dt.date], ...] | None:
    """First and last day of every leave in a cell, None where it cannot be read for certain: an open end (2026-10-08起)
    is not one day.

    A last day without a year is in the year of the first, or in the next where it would come before it:
    2026-10-08至2026-10-20, 2026年12月20日—1月5日, 2026.11.2.
    """
    found = []
    for part in parts(unicodedata.normalize("NFKC", text)):
        plain = _TIME.sub("", part)
        days = list(_DAY.finditer(plain))
        rest = _DAY.sub("", plain)
        if not 1 <= len(days) <= 2 or any(c.isdigit() for c in rest):
            return None
        if _OTHER_DAYS.search(rest) if len(days) == 2 else not _ONE_DAY.fullmatch(rest):
            return None
        first = _date(days[0], None)
        last = _date(days[-1], first)
        if first is None or last is None or last < first:
            return None
        found.append((first, last))
    return tuple(found)


def _date(found: re.Match[str], after: dt.date | None) -> dt.date | None:
    try:
        if run := found["run"]:
            return dt.date(int(run[:4]), int(run[4:6]), int(run[6:]))
        month, day = int(found["month"]), int(found["day"])
        if found["year"]:
            return dt.date(int(found["year"]), month, day)
        if after is None:
            return None
        same = dt.date(after.year, month, day)
        return same if same >= after else dt.date(after.year + 1, month, day)
    except ValueError:
        return None
