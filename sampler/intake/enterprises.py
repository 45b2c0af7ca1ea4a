"""Enterprises: what identifies the enterprise of a row, and which codes cannot.

An enterprise is its code. A row without a code is the enterprise of the same name in the same district that has one, if
there is exactly one; otherwise it is its name and district. A code that stands for two names or in two districts is not
one enterprise: until a person has mended it each name, or district, is kept apart, so that nobody is lost and nobody is
taken for another.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from sampler.intake.findings import Finding
from sampler.intake.rows import Rows
from sampler.intake.values import canonical, mended
from sampler.text import Text


def id_part(values: pl.Series) -> pl.Series:
    """A text as part of an id: NFKC, upper case, without the bar that divides the parts, tabs and line breaks."""

    def mend(text: pl.Series) -> pl.Series:
        text = text.str.normalize("NFKC").str.to_uppercase().str.replace_all("|", "/", literal=True)
        return text.str.replace_all(r"\s+", " ").str.strip_chars()

    return mended(values, r"[^0-9A-Z\p{Han}]", mend)


def base_name(names: pl.Series) -> pl.Series:
    """A firm's name for comparison: `canonical`, without brackets, points and what makes it a branch (分公司)."""
    form = canonical(names).str.replace_all(r"[()\[\]·.,，。-]", "")
    branch = r"^(.+(?:公司|厂|店|社|中心|集团|行|部)).{0,20}分(?:公司|店|厂|部|行|社)$"
    return form.str.replace(branch, "${1}")


def enterprises(rows: Rows, used: pl.Series) -> tuple[pl.Series, list[Finding]]:
    """The canonical text of each used row's enterprise, and what was found about codes and names.

    Args:
        rows: all rows.
        used: positions of those that are used, ascending.
    """

    def cells(field: str) -> pl.Series:
        if field not in rows.clean.columns:
            return pl.Series(field, [None], dtype=pl.String).new_from_index(0, len(used))
        column = rows.clean[field]
        return column if len(used) == len(column) else column.gather(used)

    code, name, district = cells("code"), cells("name"), cells("district")
    enterprise = code.alias("enterprise")
    findings: list[Finding] = []
    split = _ambiguous(code, name, district, _repeated(code))
    if split.height:
        parts = [
            pl.col("code"),
            pl.when("districts").then(id_part(split["district"].fill_null(""))),
            pl.when("names").then(id_part(split["name"].fill_null(""))),
        ]
        ids = split.select(pl.concat_str(parts, separator="@", ignore_nulls=True)).to_series()
        enterprise = enterprise.clone().scatter(split["k"], ids)
        findings += _conflicts(split, name, used, rows)
    findings += _two_codes(code, name, district, used)
    without = code.is_null().arg_true()
    if len(without):
        form, place = id_part(name), id_part(district.fill_null(""))
        own = pl.DataFrame([form.gather(without).alias("form"), place.gather(without).alias("place")]).select(
            pl.format("name={}@{}", "form", "place")
        )
        adopted = _adopted(form, place, enterprise, without)
        enterprise = enterprise.clone().scatter(without, adopted.fill_null(own.to_series()))
        same = adopted.is_not_null()
        codes = adopted.filter(same).to_list()
        findings.append(
            Finding(
                "warning",
                "name-matched",
                used.gather(without.filter(same)),
                "name",
                Text.of("intake.expected_code"),
                lambda at: [Text.of("intake.done_matched", code=codes[k]) for k in at],
            )
        )
    return enterprise, findings


def _repeated(texts: pl.Series) -> pl.Series:
    """Positions of the texts that occur more than once. Most occur once, and their hashes in order say so quickly."""
    hashes = texts.hash()
    ordered = hashes.filter(texts.is_not_null()).sort()
    again = ordered.filter(ordered == ordered.shift(1)).unique()
    maybe = (hashes.is_in(again.implode()) & texts.is_not_null()).arg_true()
    return maybe.filter(texts.gather(maybe).is_duplicated())


def _ambiguous(code: pl.Series, name: pl.Series, district: pl.Series, repeated: pl.Series) -> pl.DataFrame:
    """Rows (position ``k``) whose code stands for several ``names`` or in several ``districts``."""
    return (
        pl.DataFrame(
            {
                "k": repeated,
                "code": code.gather(repeated),
                "name": base_name(name.gather(repeated)),
                "district": district.gather(repeated),
            }
        )
        .with_columns(
            (pl.col("name").drop_nulls().n_unique().over("code") > 1).alias("names"),
            (pl.col("district").drop_nulls().n_unique().over("code") > 1).alias("districts"),
        )
        .filter(pl.col("names") | pl.col("districts"))
    )


def _conflicts(split: pl.DataFrame, name: pl.Series, used: pl.Series, rows: Rows) -> Iterator[Finding]:
    labels = {d.key: d.name for d in rows.design.districts}
    split = split.with_columns(
        name.gather(split["k"]).alias("name"), pl.col("district").replace(labels).alias("district")
    )
    for mark, code, field, key in (
        ("names", "code-two-names", "name", "intake.expected_one_name"),
        ("districts", "code-two-districts", "district", "intake.expected_one_district"),
    ):
        some = split.filter(mark).sort("k")
        yield Finding(
            "warning",
            code,
            used.gather(some["k"]),
            field,
            Text.of(key),
            Text.of("intake.done_kept_apart"),
            some.select(pl.concat_str(pl.col("code", field), separator=" ", ignore_nulls=True)).to_series(),
        )


def _two_codes(code: pl.Series, name: pl.Series, district: pl.Series, used: pl.Series) -> Iterator[Finding]:
    """Rows of one name in one district that have different codes: one enterprise twice, or two of one name."""
    again = _repeated(name)
    again = again.filter(code.gather(again).is_not_null())
    if not len(again):
        return
    place = {"name": name.gather(again), "district": district.gather(again)}
    some = pl.DataFrame({"k": again, "code": code.gather(again), **place}).filter(
        pl.col("code").n_unique().over("name", "district") > 1
    )
    yield Finding(
        "warning",
        "name-two-codes",
        used.gather(some["k"]),
        "code",
        Text.of("intake.expected_one_code"),
        Text.of("intake.done_kept_apart"),
        some.select(pl.concat_str("code", "name", separator=" ")).to_series(),
    )


def _adopted(form: pl.Series, place: pl.Series, enterprise: pl.Series, without: pl.Series) -> pl.Series:
    """For rows without a code: the one enterprise that has one, and the same name in the same district; or null."""
    known = (
        pl.DataFrame([form.alias("form"), place.alias("place"), enterprise.alias("enterprise")])
        .filter(pl.col("enterprise").is_not_null() & pl.col("form").is_in(form.gather(without).unique().implode()))
        .group_by("form", "place")
        .agg(pl.col("enterprise").first(), pl.col("enterprise").n_unique().alias("n"))
        .filter(pl.col("n") == 1)
    )
    asked = pl.DataFrame([form.gather(without).alias("form"), place.gather(without).alias("place")])
    return asked.join(known, on=["form", "place"], how="left", maintain_order="left")["enterprise"]
