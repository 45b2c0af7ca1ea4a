"""Eligibility: which units of the frame can be drawn this quarter, which are certain, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.design import Design
from sampler.errors import InputError
from sampler.history import History
from sampler.period import Period
from sampler.scoring import with_history
from sampler.stats.tickets import tickets

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Eligible:
    """The units of a frame, sorted out.

    Attributes:
        units: those that can be drawn.
        set_aside: the others, in the frame's order, with ``reason``: ``campaign``, ``rest``, ``cap`` or ``batches``.
        certainty: unit id → why it is taken with certainty.
    """

    units: pl.DataFrame
    set_aside: pl.DataFrame
    certainty: Mapping[str, str]


def eligible(
    units: pl.DataFrame,
    design: Design,
    period: Period,
    history: History,
    *,
    batches: Mapping[str, int],
    seed: str,
) -> Eligible:
    """Sort out the units of a frame.

    Args:
        units: the frame's units.
        batches: category → batches taken at one unit.
        seed: the plan's seed, for the lot among an enterprise's units beyond its cap.

    Raises:
        InputError: no unit is left to draw from.
    """
    import polars as pl

    free, set_aside = _free(units, design, period, history)
    certainty = _certain(free, design, history)
    within, over_cap = _capped(free, design, certainty, batches, seed)
    if over_cap.height:
        both = pl.concat([set_aside, over_cap])
        # In the frame's order, in which the archive reads them back.
        in_order = units.select("unit_id").join(both, on="unit_id", maintain_order="left")
        set_aside = in_order.select(both.columns)
    return Eligible(within, set_aside, certainty)


def _free(units: pl.DataFrame, design: Design, period: Period, history: History) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units that can be drawn this quarter, and the others with the reason."""
    import polars as pl

    allowed = pl.lit(True)
    for column, values in (
        ("category", design.campaign.categories),
        ("district", design.campaign.districts),
        ("stage", design.campaign.stages),
    ):
        if values:
            allowed = allowed & pl.col(column).is_in(values).fill_null(False)
    inspected = with_history(units, history, period)["last_inspected"].alias("_inspected")
    visits = pl.Series("_visits", [history.visits.get(e, 0) for e in units["enterprise"]], dtype=pl.Int64)
    exempt = pl.Series("_exempt", [u in history.follow_ups for u in units["unit_id"]], dtype=pl.Boolean)
    free_again = pl.col("_inspected").dt.offset_by(f"{design.rest.months}mo")
    resting = (free_again > period.start).fill_null(False) & ~pl.col("_exempt")
    most = design.caps.visits_per_year
    capped = pl.lit(False) if most is None else (pl.col("_visits") >= most) & ~pl.col("_exempt")
    reason = (
        pl.when(~allowed).then(pl.lit("campaign")).when(resting).then(pl.lit("rest")).when(capped).then(pl.lit("cap"))
    )
    table = (
        units.with_columns(inspected, exempt, visits)
        .with_columns(reason.alias("reason"))
        .drop("_inspected", "_exempt", "_visits")
    )
    free = table.filter(pl.col("reason").is_null()).drop("reason")
    if free.is_empty():
        counts = {str(r): int(n) for r, n in table.group_by("reason").len().sort("reason").iter_rows()}
        raise InputError(
            "plan.nothing_to_draw",
            units=units.height,
            rest=counts.get("rest", 0),
            cap=counts.get("cap", 0),
            campaign=counts.get("campaign", 0),
        )
    return free, table.filter(pl.col("reason").is_not_null())


def _certain(units: pl.DataFrame, design: Design, history: History) -> dict[str, str]:
    """Unit id → why it is taken with certainty."""
    found: dict[str, str] = {}
    if design.certainty.blacklisted:
        found = dict.fromkeys(units.filter(units["blacklisted"].fill_null(False))["unit_id"].to_list(), "blacklisted")
    if design.certainty.follow_up:
        found |= dict.fromkeys((u for u in units["unit_id"].to_list() if u in history.follow_ups), "follow_up")
    return found


def _capped(
    units: pl.DataFrame,
    design: Design,
    certainty: Mapping[str, str],
    batches: Mapping[str, int],
    seed: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The units that fit the most batches of an enterprise, and the others with the reason.

    An enterprise keeps the units taken with certainty, then others by lot while they fit. The lot has tickets of its own:
    by those of the draw itself it would keep the units that the draw takes first.
    """
    import polars as pl

    reason = pl.lit("batches").alias("reason")
    most = design.caps.batches_per_enterprise
    number = pl.col("category").replace_strict(batches, default=1, return_dtype=pl.Int64)
    if most is None:
        return units, units.head(0).with_columns(reason)
    table = units.with_columns(number.alias("_batches"))
    crowded = table.filter(pl.col("_batches").sum().over("enterprise") > most)
    ids = crowded["unit_id"].to_list()
    order = {u: (u not in certainty, t) for u, t in zip(ids, tickets(seed, [f"cap|{u}" for u in ids]), strict=True)}
    out: list[str] = []
    taken: dict[str, int] = {}
    rows = sorted(crowded.select("unit_id", "enterprise", "_batches").iter_rows(), key=lambda r: order[r[0]])
    for unit, enterprise, size in rows:
        if unit not in certainty and taken.get(enterprise, 0) + size > most:
            out.append(unit)
        else:
            taken[enterprise] = taken.get(enterprise, 0) + size
    over = pl.col("unit_id").is_in(out)
    return units.filter(~over), units.filter(over).with_columns(reason)
