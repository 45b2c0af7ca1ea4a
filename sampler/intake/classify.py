"""Categories: which of the design's categories a row falls into.

A row is asked in this order, and the first answer counts: its category cell, its product cell, its business scope, the
codes of its industry cell, the words of its industry cell, its licence number. A cell may name several categories; each
gets the parts that speak of it. Everything works on distinct texts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sampler.design import Category
from sampler.intake.terms import SEPARATORS, lookup
from sampler.intake.values import canonical, canonical_text

TELLING = ("category", "product", "scope", "industry", "licence")
"""Fields that can tell the category."""

_BRACKETED = r"\([^()]*\)"
_OTHERWISE = r"不含|不包含|不包括|除外"
_WITHIN = r"[^、;；，,。|｜\n\r/／()（）]*"
_EXCEPTED = rf"[(（][^()（）]*(?:{_OTHERWISE})[^()（）]*[)）]|(?:不含|不包含|不包括){_WITHIN}|{_WITHIN}除外"
"""What a text says it is not about."""

_INDUSTRY_CODE = r"(?:^|[^0-9])[a-t]?(\d{2,4})(?:[^0-9]|$)"


def by_words(texts: pl.Series, categories: Sequence[Category]) -> pl.DataFrame:
    """What each part of some texts says.

    A part that is the name or an alias of a category, as it stands or without brackets and a final 类, is of that category.
    Any other part is of the categories whose keywords are in it; of keywords that overlap the leftmost, then the longest
    counts (婴幼儿配方乳粉 is 婴幼儿配方, not 婴幼儿). What is excepted (不含…, …除外) or denied (非食品) says nothing.

    Args:
        texts: distinct texts without nulls.

    Returns:
        A row per text, part and category: ``text``, ``part`` and ``category`` (null where the part is of none).
    """
    parts = (
        texts.alias("text")
        .to_frame()
        .with_columns(
            pl.col("text")
            .str.replace_all(_EXCEPTED, "")
            .str.replace_all(SEPARATORS, "\x1f")
            .str.split("\x1f")
            .alias("part")
        )
        .explode("part")
        .with_columns(pl.col("part").str.strip_chars(" 。.：:"))
        .filter(pl.col("part").str.len_chars() > 0)
    )
    distinct = parts.select(pl.col("part").unique()).to_series()
    form = canonical(distinct)
    bare = form.str.replace_all(_BRACKETED, "").str.replace(r"类$", "")
    known = lookup(categories)
    names, keys = list(known), list(known.values())
    exact = form.replace_strict(names, keys, default=None, return_dtype=pl.String)
    exact = exact.fill_null(bare.replace_strict(names, keys, default=None, return_dtype=pl.String))
    owners: dict[str, list[str]] = {}
    for category in categories:
        for word in category.keywords:
            owners.setdefault(canonical_text(word), []).append(category.key)
    found = pl.DataFrame({"part": distinct, "category": exact})
    if owners:
        longest_first = sorted(owners, key=lambda word: (-len(word), word))
        pattern = "|".join(map(re.escape, longest_first))
        words = pl.DataFrame(
            {"word": list(owners), "category": list(owners.values())},
            schema={"word": pl.String, "category": pl.List(pl.String)},
        )
        stated = form.str.replace_all(f"非(?:{pattern})", "")
        inside = (
            pl.DataFrame({"part": distinct, "form": stated})
            .filter(exact.is_null())
            .select("part", pl.col("form").str.extract_all(pattern).alias("word"))
            .explode("word")
            .drop_nulls()
            .unique()
            .join(words, on="word")
            .explode("category")
            .select("part", "category")
            .unique()
        )
        found = pl.concat(
            [
                found.filter(pl.col("category").is_not_null() | ~pl.col("part").is_in(inside["part"].implode())),
                inside,
            ]
        )
    return parts.join(found, on="part", how="left").unique(maintain_order=True)


def by_industry(texts: pl.Series, categories: Sequence[Category]) -> pl.DataFrame:
    """The categories of the industry codes (GB/T 4754: a letter, two to four digits) in each distinct text.

    Returns:
        A row per text and category: ``text``, ``category``.
    """
    # A letter beside the digits belongs to the code; doubling the separators lets neighbouring codes both match.
    spaced = canonical(texts).str.replace_all(r"([^0-9a-t])", "${1}${1}")
    codes = (
        pl.DataFrame({"text": texts, "code": spaced.str.extract_all(_INDUSTRY_CODE)})
        .explode("code")
        .with_columns(pl.col("code").str.extract(r"(\d{2,4})"))
        .drop_nulls()
    )
    parts = [
        codes.filter(_begins("code", c.industry) & ~_begins("code", c.industry_except)).select(
            "text", pl.lit(c.key).alias("category")
        )
        for c in categories
        if c.industry
    ]
    return pl.concat(parts).unique() if parts else _nothing()


def by_licence(texts: pl.Series, categories: Sequence[Category]) -> pl.DataFrame:
    """The categories whose licence prefixes begin each distinct text (``text``, ``category``)."""
    forms = pl.DataFrame({"text": texts, "form": canonical(texts).str.replace_all(r"[-_.:()]", "")})
    parts = [
        forms.filter(_begins("form", [canonical_text(p) for p in c.licences])).select(
            "text", pl.lit(c.key).alias("category")
        )
        for c in categories
        if c.licences
    ]
    return pl.concat(parts).unique() if parts else _nothing()


def _begins(column: str, prefixes: Sequence[str]) -> pl.Expr:
    if not prefixes:
        return pl.lit(False)
    return pl.any_horizontal(pl.col(column).str.starts_with(p) for p in prefixes)


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema={"text": pl.String, "category": pl.String})


@dataclass(frozen=True)
class Classes:
    """The categories of rows: ``number`` (UInt32) of each row among ``sets``, null where it falls into none."""

    number: pl.Series
    sets: tuple[tuple[str, ...], ...]


def classified(rows: pl.DataFrame, categories: Sequence[Category]) -> Classes:
    """The categories of rows, in the design's order.

    Args:
        rows: String columns `TELLING` as tidied.
    """
    order = {c.key: i for i, c in enumerate(categories)}
    sets: dict[str, int] = {}
    number = pl.Series("number", [None], dtype=pl.UInt32).new_from_index(0, rows.height)
    asked: pl.Series | None = None
    for column, method in (
        ("category", by_words),
        ("product", by_words),
        ("scope", by_words),
        ("industry", by_industry),
        ("industry", by_words),
        ("licence", by_licence),
    ):
        if asked is not None and not len(asked):
            break
        cells = rows[column] if asked is None else rows[column].gather(asked)
        distinct = cells.drop_nulls().unique()
        if not len(distinct):
            continue
        told = method(distinct, categories).drop_nulls("category").select("text", "category").unique()
        if not told.height:
            continue
        told = (
            told.sort("text", pl.col("category").replace_strict(order, return_dtype=pl.Int32))
            .group_by("text", maintain_order=True)
            .agg(pl.col("category").str.join("\x1f"))
        )
        for keys in told["category"].unique().sort():
            sets.setdefault(keys, len(sets))
        told = told.select("text", pl.col("category").replace_strict(sets, return_dtype=pl.UInt32).alias("n"))
        said = cells.alias("text").to_frame().join(told, on="text", how="left", maintain_order="left")["n"]
        number = said.alias("number") if asked is None else number.clone().scatter(asked, said)
        asked = number.is_null().arg_true()
    return Classes(number, tuple(tuple(keys.split("\x1f")) for keys in sets))


def parts_of(pairs: pl.DataFrame, column: str, categories: Sequence[Category]) -> pl.Series:
    """For each (``column``, ``category``) pair the parts of the text that speak of the category, joined by 、; null where
    none does.
    """
    distinct = pairs[column].drop_nulls().unique()
    if not len(distinct):
        return pl.Series(column, [None], dtype=pl.String).new_from_index(0, pairs.height)
    told = (
        by_words(distinct, categories)
        .drop_nulls("category")
        .group_by("text", "category", maintain_order=True)
        .agg(pl.col("part").unique(maintain_order=True).str.join("、"))
    )
    return pairs.join(
        told, left_on=[column, "category"], right_on=["text", "category"], how="left", maintain_order="left"
    )["part"].alias(column)
