"""Dates: cells as people type them → dates, of several in a cell none or the latest. Series in, series of equal length."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

import polars as pl

from sampler.intake.values import through_distinct

_HOUR = r"\d{1,2}\s*(?:[:时点]\s*(?:\d{1,2}\s*(?:[:分]\s*(?:\d{1,2}(?:\.\d+)?\s*秒?)?)?)?)"
_COUNTER = r"(?:批次?|次|件|家|人|份|组|个|项)"
_COUNTED = rf"第?\d+\s*{_COUNTER}"
_NO_DATE = rf"(?:(?:{_HOUR}|{_COUNTED})[^0-9]*)*"
_BEHIND = (
    r"(?:(?:[\sT(星周]|礼拜|[上下中]午|凌晨|早|晚)\s*"
    rf"(?:[^0-9\s至到起止以之前后~—–/-][^0-9]*)?{_NO_DATE})?$"
)
"""What may stand behind a date: a time, a weekday, a remark; not another date, nor what makes a span of it (至今)."""


def dates(values: pl.Series) -> pl.Series:
    """Dates from 1900 to 2199; null where there is none, or more than one.

    Read are year-month-day with any usual separator (2024-01-05, 2024/1/5, 2024.1.5, 2024、1、5, 2024年1月5日, 20240105),
    with a time, a weekday or a remark without another date behind it, Excel serial numbers of five digits, day-month-year
    and month-day-year where one of the two cannot be a month, and a month alone (2024年1月: its first day).
    """
    return through_distinct(values, _dates)


def latest_dates(values: pl.Series) -> pl.Series:
    """As `dates`, and of several dates in a cell the latest, unless it speaks of what was not done (下次2027-01-05)."""

    def clean(text: pl.Series) -> pl.Series:
        found = _dates(text)
        several = (found.is_null() & text.str.contains(_SEVERAL)).arg_true()
        if not len(several):
            return found
        latest = [_latest(cell) for cell in text.gather(several)]
        return found.clone().scatter(several, pl.Series(latest, dtype=pl.Date))

    return through_distinct(values, clean)


def _dates(text: pl.Series) -> pl.Series:
    plain = text.str.normalize("NFKC").str.strip_chars(" \t\r\n'\"")
    table = plain.alias("t").to_frame()
    t = pl.col("t")
    ymd = t.str.extract_groups(
        r"^(\d{4})\s*[-/.、,年]\s*(\d{1,2})\s*[-/.、,月]\s*(\d{1,2})\s*"
        rf"(?:[日号]?{_BEHIND}|[日号]{_HOUR}[^0-9]*{_NO_DATE}$)"
    )
    run = t.str.extract_groups(rf"^((?:19|20)\d\d)(\d\d)(\d\d){_BEHIND}")
    month = t.str.extract_groups(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
    short = t.str.extract_groups(rf"^(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}}){_BEHIND}")
    table = table.select(
        *(ymd.struct.field(f"{g}").alias(f"y{g}") for g in (1, 2, 3)),
        *(run.struct.field(f"{g}").alias(f"r{g}") for g in (1, 2, 3)),
        *(month.struct.field(f"{g}").alias(f"m{g}") for g in (1, 2)),
        *(short.struct.field(f"{g}").cast(pl.Int32).alias(f"s{g}") for g in (1, 2, 3)),
        t.str.extract(r"^(\d{5})(?:\.\d+)?$").cast(pl.Int32).alias("serial"),
    )
    day_first = pl.col("s1") > 12
    one_way = day_first != (pl.col("s2") > 12)
    written = pl.coalesce(
        pl.concat_str("y1", pl.lit("-"), _two_digits("y2"), pl.lit("-"), _two_digits("y3")),
        pl.concat_str("r1", pl.lit("-"), "r2", pl.lit("-"), "r3"),
        pl.concat_str("m1", pl.lit("-"), _two_digits("m2"), pl.lit("-01")),
        pl.when(one_way).then(
            pl.concat_str(
                pl.col("s3").cast(pl.String),
                pl.lit("-"),
                pl.when(day_first).then(_two_digits("s2")).otherwise(_two_digits("s1")),
                pl.lit("-"),
                pl.when(day_first).then(_two_digits("s1")).otherwise(_two_digits("s2")),
            )
        ),
    ).str.to_date("%Y-%m-%d", strict=False)
    serial = pl.lit("1899-12-30").str.to_date() + pl.duration(days=pl.col("serial"))
    found = pl.coalesce(written, serial)
    return table.select(pl.when(found.dt.year().is_between(1900, 2199)).then(found)).to_series()


_DATE = re.compile(
    r"(?<!\d)(?:(?P<year>\d{4})\s*[-/.、,年]\s*(?P<month>\d{1,2})\s*[-/.、,月]\s*(?P<day>\d{1,2})(?!\d)\s*[日号]?"
    r"|(?P<run>(?:19|20)\d{6})(?!\d)"
    rf"|(?P<later_month>\d{{1,2}})\s*[-/.月]\s*(?P<later_day>\d{{1,2}})(?!\d|\s*{_COUNTER})\s*[日号]?"
    r"|(?P<last_day>\d{1,2})\s*[日号](?!内))"
)
_BOTH_SIGNS = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]")
_JOINED = re.compile(r"[\s,，、;；.。/~～—–(（-]*(?:至|到|和|及|与|并|又|以及)?\s*")
"""What may stand between a date and a later one that is shortened and has not both signs."""
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?!\d)|\d{1,2}[时点](?:\d{1,2}分(?:\d{1,2}秒)?)?")
_SEVERAL = r"\d{4}\D+\d{1,2}\D+\d{1,2}\D+\d|\d{8}\D+\d"
_NOT_DONE = re.compile(r"下次|下一次|计划|[拟应将待未]|取消|有效|到期|截止|期限|\d\s*[日号]?[前内]")


def dates_in(text: str) -> tuple[list[dt.date], str] | None:
    """All dates of a text and what is left without them and times; None where one does not exist or digits are left.

    A later date may leave out the year, or year and month, of the one before it if it comes after it (2025年1月5日至8日).
    Unless it has both signs, as 3月2日 has, it must be joined to the one before it: 抽检2.5吨 tells no date.
    """
    plain = _CLOCK.sub(" ", unicodedata.normalize("NFKC", text))
    found: list[dt.date] = []
    end = 0
    for at in _DATE.finditer(plain):
        between, end = plain[end : at.start()], at.end()
        shortened = at["run"] is None and at["year"] is None
        if shortened and not (_BOTH_SIGNS.fullmatch(at[0]) or _JOINED.fullmatch(between)):
            return None
        day = _date(at, found[-1] if found else None)
        if day is None:
            return None
        found.append(day)
    rest = re.sub(_COUNTED, "", _DATE.sub(" ", plain))
    return None if re.search(r"\d", rest) else (found, rest.strip())


def _date(at: re.Match[str], before: dt.date | None) -> dt.date | None:
    try:
        if run := at["run"]:
            day = dt.date(int(run[:4]), int(run[4:6]), int(run[6:]))
        elif at["year"]:
            day = dt.date(int(at["year"]), int(at["month"]), int(at["day"]))
        elif before is None:
            return None
        else:
            day = before.replace(
                month=int(at["later_month"] or before.month), day=int(at["later_day"] or at["last_day"])
            )
            return day if day >= before else None
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


def _latest(text: str) -> dt.date | None:
    found = None if _NOT_DONE.search(text) else dates_in(text)
    return max(found[0]) if found and len(found[0]) > 1 else None


def impossible_dates(values: pl.Series) -> pl.Series:
    """Whether a text holds a date, with year, month and day, that does not exist (2024-02-30); false for null."""

    def never(text: str) -> bool:
        for at in _DATE.finditer(unicodedata.normalize("NFKC", text)):
            year, month, day = at["year"], at["month"], at["day"]
            if run := at["run"]:
                year, month, day = run[:4], run[4:6], run[6:]
            if year and not _exists(int(year), int(month), int(day)):
                return True
        return False

    def clean(text: pl.Series) -> pl.Series:
        return pl.Series([never(cell) for cell in text], dtype=pl.Boolean)

    return through_distinct(values, clean).fill_null(False)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _two_digits(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).str.zfill(2)
