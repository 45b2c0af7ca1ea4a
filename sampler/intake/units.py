"""Units: from usable rows to sampling units, each once.

A row becomes a unit for each of its categories (and stages). Units with the same id are one unit, merged. An enterprise
is its code; a code that stands for two names or in two districts cannot be one enterprise, and until a person has
mended it each name, or district, is kept as a unit of its own, so that nobody is lost and nobody is taken for another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from sampler.design import Design
from sampler.frame import SCHEMA
from sampler.intake.classify import parts_of
from sampler.intake.findings import Finding, Place
from sampler.intake.rows import COUNTS, FLAGS, Rows
from sampler.intake.values import canonical, mended
from sampler.text import Text

_TYPES: dict[str, pl.DataType] = {
    "String": pl.String(),
    "Int64": pl.Int64(),
    "Date": pl.Date(),
    "Boolean": pl.Boolean(),
    "UInt32": pl.UInt32(),
}


@dataclass(frozen=True)
class Units:
    """The units of some rows.

    Attributes:
        table: as `sampler.frame.Frame.units`.
        used: rows that became units.
        pairs: pairs of a row and a unit, before merging.
        findings: what was found about enterprises that occur more than once.
    """

    table: pl.DataFrame
    used: int
    pairs: int
    findings: tuple[Finding, ...]


def id_part(values: pl.Series) -> pl.Series:
    """A text as part of a unit id: NFKC, upper case, no bar, tab or line break."""

    def mend(text: pl.Series) -> pl.Series:
        text = text.str.normalize("NFKC").str.to_uppercase().str.replace_all("|", "/", literal=True)
        return text.str.replace_all(r"\s+", " ").str.strip_chars()

    return mended(values, r"[^0-9A-Z\p{Han}]", mend)


def _key_part(column: str) -> pl.Expr:
    """A key of the design as part of a unit id: as it is, without the bar that divides the parts."""
    return pl.col(column).fill_null("").str.replace_all(r"[|\s]", "_")


def base_name(names: pl.Series) -> pl.Series:
    """A firm's name for comparison: `canonical`, without what follows that makes it a branch (分公司, 分店)."""
    form = canonical(names).str.replace_all(r"[()\[\]·.,，。-]", "")
    return form.str.replace(
        r"^(.{2,}?(?:公司|厂|店|社|中心|集团|行|部)).{0,20}?分(?:公司|店|厂|部|行|社)$", "${1}"
    )


def units_of(rows: Rows) -> Units:
    """The units of the rows that are used, sorted by unit id."""
    design = rows.design
    used = rows.clean.select(pl.arg_where(pl.col("excluded").is_null())).to_series()
    table = rows.clean if len(used) == rows.clean.height else rows.clean[used]
    table = table.with_columns(used.alias("at"))
    enterprise, findings = _enterprises(table, rows)
    table = table.with_columns(enterprise)
    pairs = _pairs(table, rows)
    ids = [pairs["enterprise"], _key_part("category")]
    if design.unit.by_stage and "stage" in rows.has:
        ids.append(_key_part("stage"))
    pairs = pairs.with_columns(pl.concat_str(ids, separator="|").alias("unit_id"))
    units, merged = _merged(pairs, rows)
    findings = [*findings, *merged]
    return Units(_shaped(units, rows), len(used), pairs.height, tuple(findings))


def _enterprises(table: pl.DataFrame, rows: Rows) -> tuple[pl.Series, list[Finding]]:
    """What identifies the enterprise of each row, and the codes that stand for more than one."""
    height = table.height
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, height)
    code = table["code"] if "code" in rows.has else nothing
    name = table["name"] if "name" in rows.has else nothing
    district = table["district"]
    enterprise = code.alias("enterprise")
    findings: list[Finding] = []

    repeated = (code.is_not_null() & code.is_duplicated()).arg_true()
    if len(repeated):
        same = pl.DataFrame(
            {
                "k": repeated,
                "code": code.gather(repeated),
                "name": base_name(name.gather(repeated)),
                "full": id_part(name.gather(repeated)),
                "district": district.gather(repeated),
            }
        ).with_columns(
            (pl.col("name").n_unique().over("code") - pl.col("name").is_null().any().over("code") > 1).alias(
                "names"
            ),
            (pl.col("district").n_unique().over("code") > 1).alias("districts"),
        )
        split = same.filter(pl.col("names") | pl.col("districts"))
        if split.height:
            parts = [
                pl.col("code"),
                pl.when("districts").then(id_part(split["district"].fill_null(""))),
                pl.when("names").then(id_part(split["name"].fill_null(""))),
            ]
            ids = split.select(pl.concat_str(parts, separator="@", ignore_nulls=True)).to_series()
            enterprise = enterprise.clone().scatter(split["k"], ids)
            findings += _conflicts(split, table, rows)
    codeless = code.is_null()
    if codeless.any():
        where = codeless.arg_true()
        form, place = id_part(name), id_part(district.fill_null(""))
        by_name = pl.concat_str([pl.lit("name=", pl.String), form, pl.lit("@"), place])
        texts = pl.select(by_name).to_series().gather(where)
        adopted = _adopted(form, place, enterprise, where)
        enterprise = enterprise.clone().scatter(where, adopted.fill_null(texts))
        hit = adopted.is_not_null()
        if hit.any():
            positions = where.filter(hit)
            targets = adopted.filter(hit).to_list()
            findings.append(
                Finding(
                    "warning",
                    "name-matched",
                    table["at"].gather(positions),
                    "name",
                    Text.of("intake.expected_code"),
                    lambda at: [Text.of("intake.done_matched", code=targets[k]) for k in at],
                )
            )
    return enterprise.alias("enterprise"), findings


def _adopted(form: pl.Series, place: pl.Series, enterprise: pl.Series, where: pl.Series) -> pl.Series:
    """For rows without a code: the one enterprise with a code that has the same name in the same district, or null."""
    known = (
        pl.DataFrame([form.alias("form"), place.alias("place"), enterprise.alias("enterprise")])
        .filter(
            pl.col("enterprise").is_not_null() & pl.col("form").is_in(form.gather(where).unique().implode())
        )
        .group_by("form", "place")
        .agg(pl.col("enterprise").first(), pl.col("enterprise").n_unique().alias("n"))
        .filter(pl.col("n") == 1)
    )
    asked = pl.DataFrame([form.gather(where).alias("form"), place.gather(where).alias("place")])
    return asked.join(known, on=["form", "place"], how="left", maintain_order="left")["enterprise"]


def _conflicts(split: pl.DataFrame, table: pl.DataFrame, rows: Rows) -> Iterator[Finding]:
    for column, code, key in (
        ("names", "code-two-names", "intake.expected_one_name"),
        ("districts", "code-two-districts", "intake.expected_one_district"),
    ):
        some = split.filter(column).sort("k")
        if some.height:
            field = "name" if column == "names" else "district"
            found = table[field].gather(some["k"])
            if field == "district":
                names = {d.key: d.name for d in rows.design.districts}
                found = pl.Series([names.get(key, key) for key in found], dtype=pl.String)
            codes = pl.concat_str([some["code"], found.fill_null("")], separator=" ")
            yield Finding(
                "warning",
                code,
                table["at"].gather(some["k"]),
                field,
                Text.of(key),
                Text.of("intake.done_kept_apart"),
                pl.select(codes).to_series(),
            )


def _pairs(table: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """A row for each pair of a row and a unit, with ``category``, ``product`` and ``stage`` of the unit."""
    design = rows.design
    several = (table["categories"].list.len() > 1).any()
    said = "product" if "product" in rows.has else "category" if "category" in rows.has else None
    columns = [pl.col("category").alias("_said_category")] if "category" in rows.has else []
    table = table.with_columns(columns)
    table = (
        table.with_columns(
            (pl.col("categories").list.len() > 1).alias("_several"), pl.col("categories").alias("category")
        )
        .drop("categories")
        .explode("category")
        if several
        else table.with_columns(pl.col("categories").list.first().alias("category")).drop("categories")
    )
    if "product" not in rows.has:
        table = table.with_columns(pl.lit(None, pl.String).alias("product"))
    if "category" in rows.has:
        table = table.with_columns(pl.coalesce("product", "_said_category").alias("product"))
    if several and said:
        where = table["_several"].arg_true()
        part = parts_of(table.select("product", "category")[where], "product", design.categories)
        whole = table["product"].gather(where)
        table = table.with_columns(
            table["product"].clone().scatter(where, part.fill_null(whole)).alias("product")
        )
    if design.unit.by_stage and "stage" in rows.has:
        table = table.with_columns(pl.col("stages").alias("stage")).explode("stage")
    return table.drop("stages", "_said_category", "_several", strict=False)


def _merged(pairs: pl.DataFrame, rows: Rows) -> tuple[pl.DataFrame, list[Finding]]:
    """The pairs with those of one unit id merged into one.

    Of several rows the fullest speaks for the unit (of equals, the first by its content), and the others fill what it
    leaves empty. What bears on risk is taken at its worst: the largest counts, any flag, the worse class or grade (later in
    the design's list). The last inspection is the latest date, for that is when the unit was last inspected.
    """
    repeated = pairs["unit_id"].is_duplicated()
    if not repeated.any():
        return pairs, []
    same = pairs.filter(repeated)
    content = [
        c for c in same.columns if c not in ("at", "code_kind", "district_from", "status_kind", "excluded")
    ]
    texts = [c for c in content if c != "unit_id"]
    same = (
        same.with_columns(pl.sum_horizontal(pl.col(c).is_not_null() for c in texts).alias("_filled"))
        .sort(
            ["unit_id", "_filled", *texts, "at"],
            descending=[False, True, *([False] * len(texts)), False],
            nulls_last=True,
        )
        .drop("_filled")
    )
    one = same.group_by("unit_id", maintain_order=True).agg(
        pl.col("at").first(),
        *(_together(c, rows.design) for c in same.columns if c not in ("unit_id", "at")),
    )
    away = (
        same.select("unit_id", "at")
        .with_columns(pl.col("at").first().over("unit_id").alias("into"))
        .filter(pl.col("at") != pl.col("into"))
        .unique("at", keep="first", maintain_order=True)
        .sort("at")
    )
    findings = []
    if away.height:
        into = away["into"]
        findings.append(
            Finding(
                "warning",
                "duplicate",
                away["at"],
                "code" if "code" in rows.has else "name",
                Text.of("intake.expected_once"),
                lambda at: _merged_into(into.head(len(at)), rows),
            )
        )
    rest = pairs.filter(~repeated)
    return pl.concat([rest, one.select(rest.columns)]), findings


def _together(column: str, design: Design) -> pl.Expr:
    cell = pl.col(column)
    if column in COUNTS or column in ("last_inspected", *FLAGS):
        return cell.max()
    if column in ("credit_class", "risk_grade") and design.vocabulary(column):
        order = {t.key: i for i, t in enumerate(design.vocabulary(column))}
        return cell.sort_by(cell.replace_strict(order, default=-1, return_dtype=pl.Int32)).drop_nulls().last()
    return cell.drop_nulls().first()


def _merged_into(into: pl.Series, rows: Rows) -> list[Text]:
    tables, numbers = rows.raw["table"].gather(into).to_list(), rows.raw["row"].gather(into).to_list()
    return [
        Text.of("intake.done_merged", where=_where(rows.places[t]), row=r)
        for t, r in zip(tables, numbers, strict=True)
    ]


def _where(place: Place) -> str:
    return place.sheet or place.file


def _shaped(units: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """The units with the columns of the frame's schema and the design's own, sorted by unit id."""
    tables = rows.raw["table"].gather(units["at"])
    units = units.with_columns(
        pl.Series([p.file for p in rows.places], dtype=pl.String).gather(tables).alias("source_file"),
        pl.Series([p.sheet for p in rows.places], dtype=pl.String).gather(tables).alias("source_sheet"),
        rows.raw["row"].gather(units["at"]).alias("source_row"),
    )
    columns = {name: _TYPES[kind] for name, kind in SCHEMA.items()}
    columns |= {name: pl.String() for name in rows.design.columns if name not in SCHEMA}
    return units.select(
        (pl.col(name).cast(kind) if name in units.columns else pl.lit(None, kind)).alias(name)
        for name, kind in columns.items()
    ).sort("unit_id")
