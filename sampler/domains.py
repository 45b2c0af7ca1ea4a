"""Domains: the parts of the population a rate is asked for, and what the sample says about each of them, stratum by stratum.

A domain may be a union of strata or may cut through them. Either way its part of stratum h has a known size N_dh (the
frame says so), and given that n_dh of its units were tested these are a simple random sample of the N_dh: so every
domain is a stratified sample of its own (Särndal, Swensson and Wretman 1992, section 10.3). For a union of strata this is
exact; for a cut it is conditional on n_dh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from sampler.errors import UsageError
from sampler.frame import IDENTIFYING
from sampler.text import listed

IntArray = npt.NDArray[np.int64]

COUNTS = (
    "population", "drawn", "contacted", "out_of_scope", "refused", "tested", "failed", "batches_tested", "batches_failed"
)  # fmt: skip
_TARGET_UNIT = 10**6
"""Targets are added up in whole millionths: the mean of equal targets is that target, not a little more or less."""

MOST_DOMAINS = 2_000
"""Domains of one ``--by``. Beyond it the column is an identifier, not a domain."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the units, one row per unit or per group of units of one stratum.

    Attributes:
        table: ``stratum``, the domain columns (String), `COUNTS` (Int64), ``target`` (Float64, null where none) and
            ``certainty`` (Boolean). ``population`` is null only where the whole is one endless process.
        columns: the domain columns one may ask for.
        by_unit: whether each row is one unit, so that batches within units can be told apart.
        order: column → its values in the order of a design; others follow in order of their text.
    """

    table: pl.DataFrame
    columns: tuple[str, ...]
    by_unit: bool = False
    order: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def several_batches(self) -> bool:
        """Whether some unit gave more than one tested batch."""
        return self.by_unit and bool((self.table["batches_tested"] > 1).any())


@dataclass(frozen=True)
class Domain:
    """One domain's sample by stratum: integer arrays of shape (H,), its strata in order of their ids.

    Attributes:
        values: column → value, empty for the whole; a value is None where the frame has none.
        strata: their ids.
        population: units in scope, estimated where units were found out of scope; None for an endless process.
        tested, failed, refused: units with a final result, those that failed it, those that refused.
        registered: units of it that could be drawn, out of scope or not.
        drawn: tasks and used reserves.
        out_of_scope: of those something came back from, those that turned out not to belong to the population.
        cut: whether the domain takes only a part of some stratum, so that its figures are conditional on n_dh.
        target: pass rate asked for, the mean over its units of their targets; None where any has none.
        rows: the rows of the evidence, for estimates that need the units.
    """

    values: dict[str, str | None]
    strata: tuple[str, ...]
    population: IntArray | None
    tested: IntArray
    failed: IntArray
    refused: IntArray
    registered: int | None
    drawn: int
    out_of_scope: int
    cut: bool
    target: float | None
    rows: pl.DataFrame


def in_scope_sizes(stratum: IntArray, population: IntArray, contacted: IntArray, out_of_scope: IntArray) -> IntArray:
    """Units in scope of each cell, from the share found in scope among the stratum's contacted units.

    A contacted unit is known; the others of its stratum are in scope in the proportion seen. Where every contacted unit
    was out of scope nothing says that the others are too, and they stay in. The cells of a stratum are rounded so that
    they add up to the stratum's rounded size (largest remainders, earlier cells first).

    Args:
        stratum: 0-based stratum of each cell, shape (C,).
        population, contacted, out_of_scope: counts per cell, shape (C,), out_of_scope ≤ contacted ≤ population.
    """
    strata = int(stratum.max()) + 1 if len(stratum) else 0
    reached = np.bincount(stratum, contacted, strata)
    left = np.bincount(stratum, contacted - out_of_scope, strata)
    share = np.where(left > 0, left / np.maximum(reached, 1), 1.0)[stratum]
    expected = (contacted - out_of_scope) + share * (population - contacted)
    sizes = np.floor(expected + 1e-9).astype(np.int64)
    total = np.floor(np.bincount(stratum, expected, strata) + 0.5 + 1e-9)
    short = (total - np.bincount(stratum, sizes, strata)).astype(np.int64)
    for h in np.flatnonzero(short > 0):
        cells = np.flatnonzero(stratum == h)
        order = cells[np.argsort(-(expected - sizes)[cells], kind="stable")]
        sizes[order[: short[h]]] += 1
    return np.asarray(sizes, dtype=np.int64)


def domains(evidence: Evidence, by: Sequence[str]) -> Iterator[Domain]:
    """The domains that the columns ``by`` make, in order (see `Evidence`); the whole population for no column.

    Raises:
        UsageError: a column that the evidence does not have, or one that makes too many domains.
    """
    for column in by:
        if column not in evidence.columns:
            key = "estimate.unknown_column" if evidence.columns else "estimate.no_columns"
            groups_by = [c for c in evidence.columns if c not in IDENTIFYING]
            raise UsageError(key, column=column, columns=listed(groups_by))
    by = tuple(dict.fromkeys(by))
    cells = (
        evidence.table.with_columns(
            weighted_target=(pl.col("target") * _TARGET_UNIT).round().cast(pl.Int64)
            * pl.col("population").fill_null(1),
            no_target=pl.col("target").is_null(),
        )
        .group_by("stratum", *by)
        .agg(
            *(pl.col(c).sum() for c in COUNTS),
            pl.col("population").is_null().any().alias("endless"),
            pl.col("weighted_target").sum(),
            pl.col("no_target").any(),
            pl.len(),
        )
        .sort("stratum", *by, nulls_last=True)
    )
    whole = dict(evidence.table.group_by("stratum").agg(pl.col("population").sum()).iter_rows())
    ids = {s: i for i, s in enumerate(cells["stratum"].unique(maintain_order=True))}
    sizes = in_scope_sizes(
        np.array([ids[s] for s in cells["stratum"]], dtype=np.int64),
        *(cells[c].to_numpy() for c in ("population", "contacted", "out_of_scope")),
    )
    cells = cells.with_columns(in_scope=pl.Series(sizes, dtype=pl.Int64))
    groups = cells.partition_by(by, maintain_order=True, as_dict=True) if by else {(): cells}
    if len(groups) > MOST_DOMAINS:
        raise UsageError("estimate.too_many_domains", column=", ".join(by), count=len(groups), most=MOST_DOMAINS)
    places = [{value: i for i, value in enumerate(evidence.order.get(c, ()))} for c in by]

    def place(values: tuple[object, ...]) -> list[tuple[bool, int, str]]:
        found = [ranks.get(str(v), len(ranks)) for ranks, v in zip(places, values, strict=True)]
        return [(v is None, rank, str(v)) for rank, v in zip(found, values, strict=True)]

    order = sorted(groups, key=place)
    rows = evidence.table.partition_by(by, as_dict=True) if by else {(): evidence.table}
    for values in order:
        part = groups[values]
        endless = bool(part["endless"].any())
        registered = int(part["population"].sum())
        units = 1 if endless else max(registered, 1)
        rated = int(part["len"].sum()) if endless else units
        yield Domain(
            values={c: None if v is None else str(v) for c, v in zip(by, values, strict=True)},
            strata=tuple(part["stratum"].to_list()),
            population=None if endless else part["in_scope"].to_numpy(),
            tested=part["tested"].to_numpy(),
            failed=part["failed"].to_numpy(),
            refused=part["refused"].to_numpy(),
            registered=None if endless else registered,
            drawn=int(part["drawn"].sum()),
            out_of_scope=int(part["out_of_scope"].sum()),
            cut=any(n < whole[s] for s, n in part.select("stratum", "population").iter_rows()),
            target=None
            if part["no_target"].any() or not registered + endless
            else int(part["weighted_target"].sum()) / (rated * _TARGET_UNIT),
            rows=rows[values],
        )
