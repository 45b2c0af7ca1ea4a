"""Strata: which stratum every unit is in, once tiers too small to stand alone have been merged.

Units taken with certainty form take-all strata of their own, one for each cell (the crossing of the strata keys without the
tier). The other units of a cell are divided by risk tier; neighbouring tiers are merged, first where one is smaller than the
design allows, then where the floors of all strata together would exceed the budget. Every merger is reported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sampler.costs import unit_price
from sampler.design import CERTAINTY, NOTHING, Design
from sampler.stats import risk

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Merger:
    """Tiers of one cell that became one stratum.

    Attributes:
        cell: the cell's values, in the order of the strata keys without the tier.
        tiers: the merged tiers, lowest first.
        population: units of the merged stratum.
        reason: ``size`` (a tier was smaller than the design allows) or ``budget`` (the floors exceeded the budget).
    """

    cell: tuple[str, ...]
    tiers: tuple[str, ...]
    population: int
    reason: Literal["size", "budget"]


@dataclass(frozen=True)
class _Block:
    """Neighbouring tiers of a cell that are one stratum."""

    tiers: tuple[int, ...]
    population: int
    reason: Literal["size", "budget"] | None = None

    def joined(self, other: _Block, reason: Literal["size", "budget"]) -> _Block:
        return _Block(self.tiers + other.tiers, self.population + other.population, reason)


Cells = dict[tuple[str, ...], list[_Block]]


def stratified(
    units: pl.DataFrame, design: Design, *, certainty: Mapping[str, str], batches: Mapping[str, int]
) -> tuple[pl.DataFrame, tuple[Merger, ...]]:
    """The units with their ``certainty`` reason, ``tier`` and ``stratum``, and the mergers that were made.

    Args:
        units: the frame's units with their ``score``.
        design: the design; its budget decides whether tiers must be merged further.
        certainty: unit id → reason, for units taken with certainty.
        batches: category → batches taken at one unit.
    """
    import polars as pl

    tier_keys = [t.key for t in sorted(design.tiers, key=lambda t: t.at_least)]
    bounds = sorted(t.at_least for t in design.tiers)
    by_tier = "tier" in design.strata.keys
    cell_keys = [k for k in design.strata.keys if k != "tier"]

    reasons = pl.Series("certainty", [certainty.get(u) for u in units["unit_id"]], dtype=pl.String)
    numbers = risk.tiers(units["score"].to_numpy(), bounds) if by_tier else np.full(units.height, -1, dtype=np.int64)
    table = units.with_columns(reasons, pl.Series("_tier", numbers, dtype=pl.Int64))

    free = table.filter(pl.col("certainty").is_null())
    cells: Cells = {}
    counts = free.group_by([*cell_keys, "_tier"]).len().sort([*cell_keys, "_tier"], nulls_last=False)
    for *values, number, size in counts.iter_rows():
        cells.setdefault(_cell(values), []).append(_Block((number,), size))
    _merge_small(cells, design.strata.smallest)
    taken = table.filter(pl.col("certainty").is_not_null())
    if design.sample.budget is not None:
        certain = sum(batches.get(c, 1) for c in taken["category"].to_list())
        _merge_for_budget(cells, cell_keys, design, batches, design.sample.budget - certain)
    if design.sample.budget_yuan is not None:
        spent = float(taken.select(unit_price(design).sum()).item() or 0.0)
        dearest = table.group_by("category").agg(unit_price(design).max().alias("price"))
        _merge_for_budget(cells, cell_keys, design, dict(dearest.iter_rows()), design.sample.budget_yuan - spent)
    tier_of = {
        (*cell, n): _label(block, tier_keys) for cell, blocks in cells.items() for block in blocks for n in block.tiers
    }
    named = counts.drop("len").with_columns(
        pl.Series("tier", [tier_of[(*_cell(v), n)] for *v, n in counts.drop("len").iter_rows()], dtype=pl.String)
    )
    whole = [pl.col(k).fill_null(NOTHING) for k in cell_keys]
    parts = [pl.col("tier") if k == "tier" else pl.col(k).fill_null(NOTHING) for k in design.strata.keys]
    certain_id = pl.concat_str([*whole, pl.lit(CERTAINTY)], separator="|")
    done = (
        table.join(named, on=[*cell_keys, "_tier"], how="left", nulls_equal=True, maintain_order="left")
        .with_columns(pl.when(pl.col("certainty").is_null()).then(pl.col("tier")).alias("tier"))
        .with_columns(
            pl.when(pl.col("certainty").is_null())
            .then(pl.concat_str(parts, separator="|"))
            .otherwise(certain_id)
            .alias("stratum")
        )
        .drop("_tier")
    )
    mergers = tuple(
        Merger(cell, tuple(tier_keys[t] for t in block.tiers), block.population, block.reason)
        for cell, blocks in cells.items()
        for block in blocks
        if block.reason is not None
    )
    return done, mergers


def _label(block: _Block, tier_keys: Sequence[str]) -> str | None:
    return None if block.tiers == (-1,) else "+".join(tier_keys[t] for t in block.tiers)


def _cell(values: Sequence[object]) -> tuple[str, ...]:
    return tuple(NOTHING if v is None else str(v) for v in values)


def _merge_small(cells: Cells, smallest: int) -> None:
    for blocks in cells.values():
        while len(blocks) > 1 and min(b.population for b in blocks) < smallest:
            small = min(range(len(blocks)), key=lambda i: (blocks[i].population, blocks[i].tiers))
            neighbours = [i for i in (small - 1, small + 1) if 0 <= i < len(blocks)]
            other = min(neighbours, key=lambda i: (blocks[i].population, blocks[i].tiers))
            first = min(small, other)
            blocks[first : first + 2] = [blocks[first].joined(blocks[first + 1], "size")]


def _merge_for_budget(
    cells: Cells, cell_keys: Sequence[str], design: Design, price: Mapping[str, float], budget: float
) -> None:
    """Merge the pair of neighbours with the fewest units, again and again, until the floors fit the budget.

    ``price`` is what one unit of a category takes of the budget.
    """
    without_category = max(price.values(), default=1)

    def cost(cell: tuple[str, ...], block: _Block) -> float:
        category = cell[cell_keys.index("category")] if "category" in cell_keys else ""
        return min(design.sample.floor_stratum, block.population) * price.get(category, without_category)

    floors = sum(cost(cell, block) for cell, blocks in cells.items() for block in blocks)
    while floors > budget:
        pairs = [
            (blocks[i].population + blocks[i + 1].population, cell, i)
            for cell, blocks in cells.items()
            for i in range(len(blocks) - 1)
        ]
        if not pairs:
            return
        _, cell, i = min(pairs)
        blocks = cells[cell]
        joined = blocks[i].joined(blocks[i + 1], "budget")
        floors += cost(cell, joined) - cost(cell, blocks[i]) - cost(cell, blocks[i + 1])
        blocks[i : i + 2] = [joined]
