"""Values: cells as people type them → texts, whole numbers and flags. Series in, series of equal length out.

Cells that need no mending are found with one regular expression and left alone; the others are few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl

EMPTY = (
    r"^(?i:[\s\-‐‑‒–—―－_＿/／\\*＊.．。·、,，?？]*|(?:无|空|暂无|没有|未知|\(空\)|（空）|\(无\)|（无）"
    r"|null|none|nan|nil|n/?a|#n/a|<na>)[。.]?)$"
)
"""What stands for an empty cell."""

_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
_BLANK = r"[\s\u00a0\u3000]"
_HAN = r"\p{Han}、，；：（）《》“”。"
_DIRT = (
    rf"^{_BLANK}|{_BLANK}$|{_BLANK}{{2}}|[\t\r\n\u00a0\u3000]|[０-９Ａ-Ｚａ-ｚ]"
    rf"|[{_HAN}]{_BLANK}+[{_HAN}]|{_CONTROL}"
)
_WIDE = {chr(c + 0xFEE0): chr(c) for c in range(0x21, 0x7F) if chr(c).isalnum()}


def mended(values: pl.Series, pattern: str, mend: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``values`` with ``mend`` applied to those that match ``pattern``."""
    where = values.str.contains(pattern).fill_null(False).arg_true()
    if not len(where):
        return values
    # A series of its own: `scatter` writes in place.
    return values.clone().scatter(where, mend(values.gather(where)))


def through_distinct(values: pl.Series, clean: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``clean`` applied to the distinct values only; null stays null."""
    distinct = values.drop_nulls().unique().alias("value")
    if not len(distinct):
        return clean(distinct).extend_constant(None, len(values)).alias(values.name)
    cleaned = clean(distinct)
    if cleaned.dtype == values.dtype and cleaned.equals(distinct):
        return values
    table = pl.DataFrame([distinct, cleaned.alias("clean")])
    joined = values.alias("value").to_frame().join(table, on="value", how="left", maintain_order="left")
    return joined["clean"].alias(values.name)


def tidy(values: pl.Series) -> pl.Series:
    """Texts without invisible characters, outer and doubled blanks, and blanks between Chinese characters.

    Full-width letters and digits become half-width; Chinese punctuation stays. What stands for an empty cell is null.
    """

    def join(text: pl.Series) -> pl.Series:
        between = rf"([{_HAN}]) ([{_HAN}])"
        return text.str.replace_all(between, "${1}${2}").str.replace_all(between, "${1}${2}")

    return _tidied(values, join)


def tidy_names(values: pl.Series) -> pl.Series:
    """As `tidy`, but two-part texts keep the blank between their parts (people: 张三 李四)."""

    return _tidied(values, lambda text: text.str.replace(r"^(\p{Han}) (\p{Han})$", "${1}${2}"))


def _tidied(values: pl.Series, join: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """Texts without what `tidy` and `tidy_names` take away, and ``join`` for the blanks between Chinese characters."""

    def mend(dirty: pl.Series) -> pl.Series:
        text = dirty.str.replace_all(_CONTROL, "").str.replace_all(rf"{_BLANK}+", " ").str.strip_chars()
        text = join(text.str.replace_many(list(_WIDE), list(_WIDE.values())))
        return text.set(text.str.contains(EMPTY), None)

    return mended(values, rf"{_DIRT}|{EMPTY}", mend)


def tidy_labels(values: pl.Series) -> pl.Series:
    """As `tidy`, and a whole number that a spreadsheet made a decimal is whole again (42.0 → 42)."""
    return tidy(values).str.replace(r"^(\d+)\.0+$", "${1}")


def canonical(values: pl.Series) -> pl.Series:
    """Texts for comparison: NFKC, without any blanks and invisible characters, lower case."""
    # Of ASCII without blanks, and of Chinese characters but those kept for compatibility, NFKC changes nothing.
    plain = values.str.contains(r"^[!-~\u3400-\u4dbf\u4e00-\u9fff]*$")
    if plain.all():
        return values.str.to_lowercase()
    return values.str.normalize("NFKC").str.replace_all(rf"{_BLANK}|{_CONTROL}", "").str.to_lowercase()


_INVISIBLE = re.compile(rf"{_BLANK}|{_CONTROL}")


def canonical_text(text: str) -> str:
    """`canonical` of one text."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).lower()


def filled(values: pl.Series) -> pl.Series:
    """Whether a cell holds something: neither null nor one of the signs for an empty cell."""
    return ~values.str.contains(EMPTY).fill_null(True)


def counts(values: pl.Series) -> pl.Series:
    """Whole numbers at or above 0, with or without a unit (3次, 1,204 起); null where there is none."""

    def clean(text: pl.Series) -> pl.Series:
        unit = r"(?:次|起|件|批次?|家|个|项|宗|回|条|户|times?|cases?)?"
        number = canonical(text).str.extract(rf"^\+?(\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.0*)?{unit}$")
        return number.str.replace_all(",", "").cast(pl.Int64, strict=False)

    return through_distinct(values, clean)


_YES_WORDS = (
    "是 有 y yes true t 1 √ ✓ ✔ ☑ v 列入 已列入 在列 黑名单 严重违法 严重违法失信 经营异常 异常 失信 严重失信 on"
)
_YES = frozenset(_YES_WORDS.split())
_NO_WORDS = (
    "否 无 没有 n no false f 0 × ✗ ✘ x ☐ 未列入 不在列 不是 不属于 非 正常 未 未见 未发现 不 移出 已移出 已修复 off"
)
_NO = frozenset(_NO_WORDS.split())

_CLAUSES = re.compile(r"[,;。、()|]+")
_REMOVED = r"(?:移出|移除|撤销|撤出|退出|解除|取消|修复)"
_STILL_THERE = re.compile(rf"(?:[尚仍从]?未[被予能]?|没有?|不予?|无){_REMOVED}(?:记录)?")
_REMOVAL_FAILED = re.compile(
    rf"{_REMOVED}[^,;。、()|]{{0,4}}(?:失败|未果|未成|未获|不成|驳回|被拒|无效|被?(?:撤销|取消))"
    r"|(?:撤销|取消|驳回|拒绝|不同意|暂缓|暂停)(?:了|其|原|该)?(?:移出|移除|撤出|退出|解除|修复)(?:决定|申请)?"
)
_UNSURE = re.compile(
    rf"[待未需](?:核|确认|定|知|明|审|批)|不[详明清确]|无法|是否|[拟疑将]|申请|正在|[非不]正常|{_REMOVED}(?:中|条件)"
    rf"|(?:[可应]|到期[^,;。、()|]{{0,3}}){_REMOVED}"
)
_DENIED = re.compile(r"[无没未非不].*(?:列入|纳入|进入|在列|名单|名录|违法|失信|异常|记录)|^否")
_LISTED = re.compile(r"列入|纳入|在列|黑名单|严重违法|严重失信|失信企业|异常名录|经营异常")

_AGAIN = r"(?:又|再次?|重新|二次|恢复|仍|现|目前)[已被予为系在于]*"
_NEVER_AGAIN = re.compile(r"[未没不无]有?[被予]?(?:又|再|重新)[^,;。、()|]*")
_SAME_BREATH = rf"(?:(?!{_REMOVED}|{_AGAIN}|[后且并但而])[^,;。、()|0-9])*"
_EVENT = re.compile(
    # What follows a removal in its clause is what was taken away: 移出黑名单 lists nobody.
    rf"(?P<out>{_REMOVED}{_SAME_BREATH})|(?P<again>{_AGAIN})?(?:{_LISTED.pattern}|进入){_SAME_BREATH}"
)
_YEAR = re.compile(r"(?:19|20)\d\d")


def flag(text: str) -> bool | None:
    """What a yes-or-no cell says, in its canonical text; None where it says neither, both, or is not sure.

    Who was taken off a list is not on it, unless listed again since; whose removal is denied (未移出) or came to nothing
    (移出失败) is told by the rest of the text.
    """
    if text in _YES:
        return True
    if text in _NO:
        return False
    if re.fullmatch(r"\d+(\.0+)?次?", text):
        return float(text.rstrip("次")) > 0
    text = _STILL_THERE.sub("", _REMOVAL_FAILED.sub("", text))
    if _UNSURE.search(text):
        return None
    if re.search(_REMOVED, text):
        return _since_removed(_NEVER_AGAIN.sub("", text))
    said = {_clause(clause) for clause in _CLAUSES.split(text)} - {None}
    return said.pop() if len(said) == 1 else None


def _since_removed(text: str) -> bool | None:
    """What a text that speaks of a removal says of now, by the years of the last removal and listing or by their order."""
    removed: tuple[int, str | None] | None = None
    listed: tuple[int, str | None] | None = None
    again = in_brackets = False
    end = 0
    for event in _EVENT.finditer(text):
        before = _CLAUSES.split(text[end : event.start()])[-1]
        end = event.end()
        years = _YEAR.findall(before) or _YEAR.findall(_CLAUSES.split(text[end:])[0])
        happened = (event.start(), years[-1] if years else None)
        if event["out"]:
            removed = happened
        elif not re.search(r"[曾原]", before):
            listed = happened
            again = bool(event["again"])
            in_brackets = text.count("(", 0, event.start()) > text.count(")", 0, event.start())
    if removed is None or listed is None:
        return None if re.search(r"又|再|重新", text) else False
    if removed[1] and listed[1] and removed[1] != listed[1]:
        return listed[1] > removed[1]
    if listed[0] < removed[0]:
        return None if again else False
    return True if again else False if in_brackets else None


def _clause(text: str) -> bool | None:
    """What one clause of a yes-or-no cell says; what once was (曾) says nothing."""
    if text in _YES:
        return True
    if text in _NO or _DENIED.search(text):
        return False
    return True if _LISTED.search(text) and "曾" not in text else None


def flags(values: pl.Series) -> pl.Series:
    """Yes and no in their many forms; null where the cell says neither."""

    def clean(text: pl.Series) -> pl.Series:
        return pl.Series([flag(t) for t in canonical(text)], dtype=pl.Boolean)

    return through_distinct(values, clean)
