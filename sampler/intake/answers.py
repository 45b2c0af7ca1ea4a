"""Answers: what people type into a returned workbook → keys, dates and numbers. Series in, series of equal length out.

A cell that says nothing (blank, ``/``, 待检 …) is null; a cell that says something nobody can read is null too, and true in
the second series that each function returns, so that it can be listed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from sampler.intake.dates import dates
from sampler.intake.values import canonical, canonical_text, filled, through_distinct
from sampler.results import REASONS, STATUSES, VERDICTS
from sampler.text import LANGUAGES, text

if TYPE_CHECKING:
    from sampler.period import Period


class Read(NamedTuple):
    """What was read, and where something stood that could not be."""

    values: pl.Series
    unread: pl.Series


def _table(**names: str) -> dict[str, str]:
    """Name → key, from the names of each key separated by blanks."""
    return {name: key for key, spaced in names.items() for name in spaced.split()}


_SAYS_NOTHING = frozenset(
    _table(
        nothing="待定 待检 检验中 检测中 送检 送检中 未检 未出 未出结果 待出 待抽 待抽样 进行中 pending tbd waiting / \\ -"
    )
)
_STATUS = _table(
    sampled="已抽 抽样 已采样 已完成 完成 已抽检 是 有 √ ✓ ✔ 1 y yes done true",
    unsampled="未抽 未采样 未抽到 无法抽样 未能抽样 未抽检 否 × ✗ ✘ x 0 n no notsampled unsampled false",
)
# "pass" cannot be the name of an argument.
_VERDICT = _table(
    **{
        "pass": "符合 通过 passed ok p 1 1.0 √ ✓ ✔ y yes true 是 合格品 检验合格",
        "fail": "不符合 未通过 不通过 failed f 0 0.0 × ✗ ✘ x n no false 否 不合格品 检验不合格",
    }
)
_REASON_WORDS: dict[str, tuple[str, ...]] = {
    "closed": ("停业", "歇业", "关闭", "倒闭", "注销", "停产", "closed"),
    "no_longer_makes": ("转产", "不再生产", "不再经营", "不生产", "不经营", "nolongermakes", "nolongersells"),
    "moved": ("搬迁", "迁出", "无法联系", "失联", "查无", "地址不符", "找不到", "moved", "notfound"),
    "no_stock": ("无待销", "无库存", "无货", "无产品", "无样品", "缺货", "nostock"),
    "insufficient_stock": ("基数不足", "数量不足", "库存不足", "不够", "belowtheminimum", "insufficient"),
    "export_only": ("仅出口", "只出口", "全部出口", "出口产品", "exportonly"),
    "within_six_months": ("六个月", "6个月", "半年内", "sixmonths", "6months"),
    "refused": ("拒检", "拒绝", "拒不", "不配合", "refus"),
    "other": ("其他", "其它", "other"),
}
_CHINESE_DIGITS = {digit: str(i) for i, digit in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0"}


def _names(kind: str, keys: Iterable[str]) -> dict[str, str]:
    """Canonical text → key, for each key and its label in each language."""
    known = {canonical_text(key): key for key in keys}
    return known | {canonical_text(text(f"results.{kind}_{key}", lang)): key for key in keys for lang in LANGUAGES}


def _choose(values: pl.Series, known: Mapping[str, str], guess: Callable[[str], str | None] | None = None) -> Read:
    def read(said: pl.Series) -> pl.Series:
        forms = [f.strip("。.;；!！") for f in canonical(said).to_list()]
        return pl.Series([known.get(f) or (guess(f) if guess else None) for f in forms], dtype=pl.String)

    return _read(values, read)


def _read(values: pl.Series, read: Callable[[pl.Series], pl.Series]) -> Read:
    """``read`` applied to the distinct values but those that are blank or say that nothing is known yet."""
    distinct = values.drop_nulls().unique().alias("value")
    said = distinct.filter(filled(distinct) & ~canonical(distinct).is_in(_SAYS_NOTHING))
    found = read(said)
    if said.is_empty():
        nothing = found.extend_constant(None, len(values)).alias(values.name)
        return Read(nothing, nothing.is_not_null())
    table = pl.DataFrame([said, found.alias("clean"), found.is_null().alias("unread")])
    joined = values.alias("value").to_frame().join(table, on="value", how="left", maintain_order="left")
    return Read(joined["clean"].alias(values.name), joined["unread"].fill_null(False).alias(values.name))


def statuses(values: pl.Series) -> Read:
    """Keys of `STATUSES`. A reason for no sample typed as a status says ``unsampled``, unless a sample is spoken of too."""
    known = dict.fromkeys(_names("reason", [r for r in REASONS if r != "other"]), "unsampled")
    known |= _STATUS | _names("status", STATUSES)

    def guess(form: str) -> str | None:
        return "unsampled" if _reason(form) not in (None, "other") and not _SPEAKS_OF_SAMPLE.search(form) else None

    return _choose(values, known, guess)


def verdicts(values: pl.Series) -> Read:
    """Keys of `VERDICTS`: 合格, 不合格, pass, fail, 1, 0, √, × and their like, and a report's sentence of conclusion
    (所检项目符合要求), nothing vaguer.

    A failure may name its item in brackets or behind a colon (不合格（小零件）); a pass with anything beside it but its own
    sign (合格√) is vague.
    """
    return _choose(values, _VERDICT | _names("verdict", VERDICTS), lambda form: _concluded(form) or _failed_on(form))


_CONCLUSION = re.compile(
    r"(?:检[验测](?:结论|结果):?)?(?:经?(?:检[验测]|抽[检查]),?)?(?:本次)?(?:(?:所检|检[验测]|抽[检查]|全部|各)?(?:项目|指标)|该批次?(?:产品|样品)?)?"
    r"[均都]?(?P<verdict>不?合格|不?符合(?:(?:相关|有关|规定|标准|质量)*的?(?:要求|标准|规定))?)"
)


def _concluded(form: str) -> str | None:
    """The verdict of a form, in canonical writing, that is a sentence of conclusion or a verdict with its own sign."""
    for key, signs, words in (("pass", "√✓✔", "合格"), ("fail", "×✗✘", "不合格")):
        if any(form in (sign + words, words + sign) for sign in signs):
            return key
    found = _CONCLUSION.fullmatch(form)
    return None if found is None else "fail" if found["verdict"].startswith("不") else "pass"


_FAILED_ON = re.compile(r"^(?:不合格|不符合|fail(?:ed)?)[(\[:](.+?)[)\]]?$")
_OTHER_VERDICT = re.compile(r"合格|符合|通过|pass|fail|复检|复验|retest|re-test|待|[?？]")


def _failed_on(form: str) -> str | None:
    """``fail`` where a form, in canonical writing, is a failure with its item and says nothing else."""
    found = _FAILED_ON.match(form)
    return "fail" if found and not _OTHER_VERDICT.search(found[1]) else None


def failed_items(values: pl.Series) -> pl.Series:
    """The item named beside a failure, as typed; null where none is."""

    def read(distinct: pl.Series) -> pl.Series:
        items = distinct.str.normalize("NFKC").str.extract(r"[(\[:]\s*(.+?)\s*[)\]]?[\s.。;!]*$")
        known = [form is not None and _failed_on(form.strip("。.;；!！")) is not None for form in canonical(distinct)]
        return items.set(~pl.Series(known, dtype=pl.Boolean), None)

    return through_distinct(values, read)


def reasons(values: pl.Series) -> Read:
    """Keys of `REASONS`, also from a phrase that negates none (未停业) and speaks of one of them (企业已停业), or of several
    that mean the same for an estimate (已搬迁，注销): the first of them in the list.
    """
    return _choose(values, _names("reason", REASONS), _reason)


_SPEAKS_OF_SAMPLE = re.compile(r"已抽|已采|抽到|采到|(?<!not)(?<!un)sampled")
_ANY_REASON = "|".join(word for words in _REASON_WORDS.values() for word in words)
_NEGATED = re.compile(rf"(?:[未没非无]|没有|不是?|not|never)(?:{_ANY_REASON})|[未没]有?被?[抽检]?查")


def _reason(form: str) -> str | None:
    if _NEGATED.search(form):
        return None
    spoken = {key for key, words in _REASON_WORDS.items() if any(word in form for word in words)}
    kinds = {REASONS[key] for key in spoken}
    return min(spoken, key=list(REASONS).index) if len(kinds) == 1 else None


_VOID = "作废|无效|更正|改为|有误|填错|取消|撤销|void|wrong|correct"
_FAILED = "不合格|不符合|未通过|不通过|fail"
_PASSED = "(?:^|[^不])(?:合格|符合)|pass"
_WHY_NOT = "|".join(word for key, words in _REASON_WORDS.items() if key != "other" for word in words)


_NAMES_ANSWER = re.compile(f"{_VOID}|{_FAILED}|{_PASSED}|{_WHY_NOT}")


def names_answer(words: str) -> bool:
    """Whether words outside the columns of an answer name one: a verdict, a reason for no sample, that something is void."""
    return _NAMES_ANSWER.search(canonical_text(words)) is not None


def gainsays(notes: pl.Series, answers: pl.DataFrame) -> pl.Series:
    """Whether a note says other than the answer beside it: that it is void, another verdict, a reason for no sample.

    Args:
        answers: ``state``, ``final``, ``first``; as many rows.
    """
    form = canonical(notes)
    state, final, first = answers["state"], answers["final"], answers["first"]
    failed_once = ((final == "fail") | (first == "fail")).fill_null(False)
    passed_once = ((final == "pass") | (first == "pass")).fill_null(False)
    fails, passes = form.str.contains(_FAILED), form.str.contains(_PASSED)
    other = (fails & ~failed_once) | (passes & ~passed_once) | (form.str.contains(_WHY_NOT) & (state != "unsampled"))
    return (form.str.contains(_VOID) | other).fill_null(False)


def quantities(values: pl.Series) -> Read:
    """Numbers at or above 0. A unit behind the number is let be (200盒 → 200), but 百, 千, 万, 亿 and 打 multiply it
    (2万件 → 20000).
    """

    def read(said: pl.Series) -> pl.Series:
        parts = canonical(said).str.extract_groups(
            r"^约?\+?(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?<behind>(?:[\p{Han}a-z]\D{0,7})?)$"
        )
        number = parts.struct.field("number").str.replace_all(",", "").cast(pl.Float64, strict=False)
        times = [1.0 if behind is None else _times(behind) for behind in parts.struct.field("behind")]
        return number * pl.Series(times, dtype=pl.Float64)

    return _read(values, read)


_MULTIPLIER = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}
_METRIC = re.compile(r"[百千](?=[克瓦米升卡帕伏欧赫焦安牛])")
"""What is part of a unit: 千克, 百帕."""


def _times(behind: str) -> float | None:
    """What the words behind a number multiply it by; None where nobody can tell."""
    if behind.startswith("打"):
        return 12.0 if behind in ("打", "打装") else None
    if behind in ("k", "w"):
        return None
    times = 1.0
    for i, sign in enumerate(behind):
        if sign not in _MULTIPLIER or _METRIC.match(behind, i):
            break
        times *= _MULTIPLIER[sign]
    return times


def with_units(values: pl.Series) -> pl.Series:
    """Where a number has something behind it that `quantities` lets be."""

    def find(distinct: pl.Series) -> pl.Series:
        return ~canonical(distinct).str.contains(r"^\+?[\d.,]*$")

    return through_distinct(values, find).fill_null(False)


def days(values: pl.Series, period: Period) -> Read:
    """Dates, also with two digits of the year (26-11-03), without one (11月3日) or in Chinese digits (二〇二六年十一月三日).

    A day without a year is the first such day on or after the period's first.
    """

    def read(said: pl.Series) -> pl.Series:
        found = dates(said)
        rest = found.is_null().arg_true()
        if not len(rest):
            return found
        # Two numbers side by side are not one: 12-3 1 is not the 31st.
        apart = said.gather(rest).str.contains(r"\d\s+\d")
        forms = canonical(said.gather(rest)).to_list()
        others = [None if two else _short_date(form, period) for form, two in zip(forms, apart, strict=True)]
        return found.clone().scatter(rest, pl.Series(others, dtype=pl.Date))

    return _read(values, read)


_YEAR_DIGITS = re.compile(r"^(\d{2})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?$")
_NO_YEAR = re.compile(r"^(\d{1,2})[-/.月](\d{1,2})[日号]?$")
_FULL = re.compile(r"^(\d{4})年(\d{1,2})月(\d{1,2})[日号]?$")


def _short_date(form: str, period: Period) -> dt.date | None:
    form = _arabic(form)
    if found := _FULL.match(form):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _YEAR_DIGITS.match(form):
        return _day(period.year // 100 * 100 + int(found[1]), int(found[2]), int(found[3]))
    if found := _NO_YEAR.match(form):
        years = (period.year, period.year + 1)
        candidates = [day for year in years if (day := _day(year, int(found[1]), int(found[2])))]
        return next((day for day in candidates if day >= period.start), None)
    return None


def _arabic(form: str) -> str:
    """Chinese numerals up to 99 and years written digit by digit as Arabic digits."""
    form = re.sub(r"([一二三四五六七八九])?十([一二三四五六七八九])?", _tens, form)
    return "".join(_CHINESE_DIGITS.get(c, c) for c in form)


def _tens(found: re.Match[str]) -> str:
    tens, ones = (_CHINESE_DIGITS.get(found[i] or "", "") for i in (1, 2))
    return (tens or "1") + (ones or "0")


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
