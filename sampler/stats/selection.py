"""Selection: units ranked by ticket within their stratum; the first ranks are the sample, the next the reserves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


def ranks(strata: npt.ArrayLike, tickets: Sequence[str], unit_ids: Sequence[str]) -> IntArray:
    """Rank of every unit by ticket within its stratum.

    Args:
        strata: shape (U,), the stratum's number of every unit.
        tickets: U hexadecimal tickets of equal length.
        unit_ids: U ids; they settle a tie of tickets, which no one will live to see.

    Returns:
        Shape (U,), 1 for the smallest ticket of a stratum.
    """
    codes = np.asarray(strata, dtype=np.int64)
    order = np.lexsort((np.asarray(unit_ids, dtype=object), np.asarray(tickets, dtype="S64"), codes))
    found = np.empty(codes.size, dtype=np.int64)
    if codes.size:
        starts = np.flatnonzero(np.r_[True, codes[order][1:] != codes[order][:-1]])
        lengths = np.diff(np.r_[starts, codes.size])
        found[order] = np.arange(codes.size) - np.repeat(starts, lengths) + 1
    return found


def reserve_sizes(population: npt.ArrayLike, sample: npt.ArrayLike, *, share: float, least: int) -> IntArray:
    """Reserves to draw in every stratum: ``⌈share · n_h⌉``, at least ``least``, at most the units left.

    Args:
        population: shape (H,), N_h.
        sample: shape (H,), n_h; a stratum without a sample gets no reserves.
        share: reserves per sampled unit, 0 or more.
        least: least number, 0 or more.
    """
    size = np.asarray(sample, dtype=np.int64)
    wanted = np.array([math.ceil(share * n - 1e-9) for n in size.tolist()], dtype=np.int64)
    wanted = np.where(size > 0, np.maximum(wanted, least), 0)
    left: IntArray = np.asarray(population, dtype=np.int64) - size
    return np.minimum(wanted, left)
