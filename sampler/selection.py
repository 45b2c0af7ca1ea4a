"""The selection: units ranked by ticket, tasks and reserves numbered along each district's route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sampler.allocation import Sizes
from sampler.assignment import NOWHERE
from sampler.period import Period
from sampler.stats.selection import ranks
from sampler.stats.tickets import ticket, tickets

if TYPE_CHECKING:
    import polars as pl

SELECTION = (
    "task_id",
    "role",
    "unit_id",
    "enterprise",
    "stratum",
    "group",
    "district",
    "category",
    "stage",
    "tier",
    "certainty",
    "batches",
    "ticket",
    "rank",
    "probability",
    "weight",
    "visit",
)
"""Columns of `sampler.plan.Plan.selection`, in this order."""


def drawn(units: pl.DataFrame, seed: str) -> pl.DataFrame:
    """The units with ticket and rank, in the frame's order."""
    import polars as pl

    ids = units["unit_id"].to_list()
    drawn = tickets(seed, ids)
    _, codes = np.unique(units["stratum"].to_numpy(), return_inverse=True)
    return units.with_columns(pl.Series("ticket", drawn), pl.Series("rank", ranks(codes, drawn, ids)))


def selection(units: pl.DataFrame, sizes: Sizes, batches: Mapping[str, int], seed: str, period: Period) -> pl.DataFrame:
    """Tasks and reserves, numbered along each district's route."""
    import polars as pl

    strata = sizes.table.select("stratum", "sample", "reserves", "probability", "weight")
    chosen = (
        units.join(strata, on="stratum", how="left")
        .filter(pl.col("rank") <= pl.col("sample") + pl.col("reserves"))
        .with_columns(
            pl.when(pl.col("rank") <= pl.col("sample")).then(pl.lit("task")).otherwise(pl.lit("reserve")).alias("role"),
            pl.col("district").fill_null(NOWHERE).alias("_area"),
            pl.coalesce("office", "street", pl.lit("")).alias("_place"),
            pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64).alias("batches"),
        )
    )

    # Labels of strata for the field, in random order: an order by id would give the risk tier away.
    in_field = sorted(set(chosen["stratum"]), key=lambda s: ticket(seed, f"group|{s}"))
    width = max(2, len(str(len(in_field))))
    groups = {s: f"G{i:0{width}d}" for i, s in enumerate(in_field, start=1)}

    def lot(kind: str, *columns: str) -> pl.Series:
        keys = chosen.select(pl.concat_str([pl.lit(kind), *columns], separator="|")).to_series()
        return pl.Series(f"_{kind}", tickets(seed, keys.to_list()))

    chosen = chosen.with_columns(
        pl.col("stratum").replace_strict(groups, return_dtype=pl.String).alias("group"),
        lot("place", "_area", "_place"),
        lot("visit", "_area", "enterprise"),
    )
    # An enterprise is one visit, at the place where its first unit (by id) is.
    chosen = chosen.sort("unit_id").with_columns(pl.col("_place").first().over("role", "_area", "enterprise"))
    tasks = chosen.filter(pl.col("role") == "task").sort("_area", "_place", "_visit", "unit_id")
    reserves = chosen.filter(pl.col("role") == "reserve").sort("_area", "group", "rank")

    def numbered(letter: str) -> pl.Expr:
        number = pl.int_range(1, pl.len() + 1).over("_area").cast(pl.String).str.zfill(4)
        return pl.concat_str([pl.lit(f"{period.name}-"), pl.col("_area"), pl.lit(f"-{letter}"), number])

    tasks = tasks.with_columns(
        numbered("").alias("task_id"),
        pl.concat_str(
            [
                pl.lit(f"{period.name}-"),
                pl.col("_area"),
                pl.lit("-V"),
                pl.col("enterprise").rle_id().rank("dense").over("_area").cast(pl.String).str.zfill(4),
            ]
        ).alias("visit"),
    )
    reserves = reserves.with_columns(numbered("R").alias("task_id"), pl.lit(None, dtype=pl.String).alias("visit"))
    return pl.concat([tasks.select(SELECTION), reserves.select(SELECTION)])
