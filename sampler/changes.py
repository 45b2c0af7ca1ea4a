"""Changes of a registry between two quarters: which units are new, gone, moved, renamed, reclassified, and whose id changed.

An enterprise that stands in only one of two frames may be the same one under another id: a 15-digit registration number
became an 18-digit unified code, a missing code was filled in, a wrong one mended. It is matched, where that is unambiguous,
by its organisation code (positions 9-17 of a unified code, GB 32100-2015, which outlives everything else), else by its
name within its district.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sampler.intake.values import canonical

if TYPE_CHECKING:
    import polars as pl

Kind = Literal["new", "gone", "id", "renamed", "moved", "reclassified"]
KINDS: tuple[Kind, ...] = ("new", "gone", "id", "renamed", "moved", "reclassified")
COLUMNS = ("kind", "enterprise", "name", "was", "is")


@dataclass(frozen=True)
class Changes:
    """What changed.

    Attributes:
        table: one row per change, sorted: ``kind``, ``enterprise`` (its present id, or the last it had), ``name``, ``was``
            and ``is``. ``new`` and ``gone`` are units of enterprises that were not, or are no longer, listed; ``moved`` is
            another district or address; ``reclassified`` another set of categories (and stages) of an enterprise.
        ids: former id of an enterprise → present id.
    """

    table: pl.DataFrame
    ids: Mapping[str, str]

    def counts(self) -> dict[str, int]:
        """Kind → how many, for every kind."""
        found = dict(self.table["kind"].value_counts().iter_rows())
        return {kind: int(found.get(kind, 0)) for kind in KINDS}


def registry_changes(before: pl.DataFrame, now: pl.DataFrame) -> Changes:
    """The changes between two frames.

    Args:
        before, now: units of the earlier and of the present frame, with ``unit_id``, ``enterprise``, ``code``, ``name``,
            ``district`` and ``address``.
    """
    import polars as pl

    old, new = _enterprises(before), _enterprises(now)
    ids = _changed_ids(old, new)
    rows: list[tuple[str, ...]] = []
    names = {e: str(name or "") for e, name in new.select("enterprise", "name").iter_rows()}
    rows += [("id", is_, names[is_], was, is_) for was, is_ in ids.items()]
    old = old.with_columns(pl.col("enterprise").replace(ids).alias("enterprise"))
    rows += _only(new, old, "new") + _only(old, new, "gone")
    both = old.join(new, on="enterprise", suffix="_now")
    for kind, columns in (
        ("renamed", ("name",)),
        ("moved", ("district", "address")),
        ("reclassified", ("classes",)),
    ):
        rows += list(_differing(both, kind, columns))
    table = pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    order = pl.col("kind").replace_strict({k: i for i, k in enumerate(KINDS)}, return_dtype=pl.Int64)
    return Changes(table.sort(order, "enterprise", "was", "is"), dict(sorted(ids.items())))


def _enterprises(units: pl.DataFrame) -> pl.DataFrame:
    """One row per enterprise: its id, code, name, district, address, and its classes as one text."""
    import polars as pl

    return (
        units.with_columns(pl.col("unit_id").str.replace(r"^[^|]*\|", "").alias("class"))
        .sort("unit_id")
        .group_by("enterprise", maintain_order=True)
        .agg(
            pl.col("code", "name", "district", "address").first(),
            pl.col("class").str.join(", ").alias("classes"),
            pl.col("class"),
        )
    )


def _changed_ids(old: pl.DataFrame, new: pl.DataFrame) -> dict[str, str]:
    import polars as pl

    gone = old.join(new, on="enterprise", how="anti")
    come = new.join(old, on="enterprise", how="anti")
    code = pl.col("code").str.replace_all("-", "")
    body = (
        pl.when(code.str.contains(r"^[0-9A-Z]{18}$"))
        .then(code.str.slice(8, 9))
        .when(code.str.contains(r"^[0-9A-Z]{8}[0-9X]$"))
        .then(code)
    )

    def named(table: pl.DataFrame) -> pl.DataFrame:
        name = canonical(table["name"])
        return table.with_columns(
            body.alias("_body"),
            pl.concat_str([name, pl.col("district").fill_null("")], separator="@").alias("_named"),
        )

    gone, come = named(gone), named(come)
    ids: dict[str, str] = {}
    for key in ("_body", "_named"):
        one, other = (t.filter(pl.col(key).is_not_null() & ~pl.col(key).is_duplicated()) for t in (gone, come))
        ids |= dict(one.join(other, on=key, suffix="_now").select("enterprise", "enterprise_now").iter_rows())
        gone = gone.filter(~pl.col("enterprise").is_in(list(ids)))
        come = come.filter(~pl.col("enterprise").is_in(list(ids.values())))
    return ids


def _only(here: pl.DataFrame, there: pl.DataFrame, kind: str) -> list[tuple[str, ...]]:
    """The units of enterprises that stand in one table alone."""
    found = here.join(there, on="enterprise", how="anti").explode("class")
    return [
        (kind, enterprise, name or "", value if kind == "gone" else "", value if kind == "new" else "")
        for enterprise, name, value in found.select("enterprise", "name", "class").iter_rows()
    ]


def _differing(both: pl.DataFrame, kind: str, columns: tuple[str, ...]) -> Iterator[tuple[str, str, str, str, str]]:
    """The enterprises whose texts in some columns are no longer the same; width and blanks make no difference."""
    import polars as pl

    pairs = [[canonical(both[c].fill_null("")) for c in (column, f"{column}_now")] for column in columns]
    changed = pl.any_horizontal(*(was != is_ for was, is_ in pairs))
    for row in both.filter(pl.select(changed).to_series()).iter_rows(named=True):
        was, is_ = (" ".join(row[f"{c}{end}"] or "-" for c in columns) for end in ("", "_now"))
        yield kind, row["enterprise"], row["name_now"] or "", was, is_
