"""Risk: a unit's score is the product of its weights, and its tier the class that the score falls into."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def score(factors: Sequence[npt.ArrayLike]) -> FloatArray:
    """Product of the factors' weights.

    Args:
        factors: one array of shape (U,) a factor, all above 0; at least one.
    """
    product: FloatArray = np.prod(np.stack([np.asarray(f, dtype=np.float64) for f in factors]), axis=0)
    return product


def tiers(scores: npt.ArrayLike, bounds: npt.ArrayLike) -> IntArray:
    """Tier of every score: the number of the last bound that it reaches.

    Args:
        scores: shape (U,), 0 or more.
        bounds: shape (T,), increasing, the first 0.

    Returns:
        Shape (U,), 0 … T − 1. A score equal to a bound is in the tier that begins there. Products of decimal weights carry
        rounding errors (0.1 · 3 > 0.3), so scores are compared at twelve significant digits.
    """
    values = np.asarray(scores, dtype=np.float64)
    with np.errstate(divide="ignore"):
        magnitude = np.where(values > 0, 10.0 ** (11 - np.floor(np.log10(np.where(values > 0, values, 1.0)))), 1.0)
    rounded = np.round(values * magnitude) / magnitude
    return np.searchsorted(np.asarray(bounds, dtype=np.float64), rounded, side="right").astype(np.int64) - 1


def assumed_failure_rates(
    base: npt.ArrayLike, mean_score: npt.ArrayLike, group_mean_score: npt.ArrayLike
) -> FloatArray:
    """Failure rate assumed of a stratum when planning: its group's base rate times its relative risk.

    The relative risk is the stratum's mean score over its group's, so that the group's mean failure rate is its base rate
    (adjusted risks: P. A. J. Martin, A. R. Cameron & M. Greiner 2007, Prev. Vet. Med. 79, 71-97). Rates stop at 1.

    Args:
        base: shape (H,), assumed failure rate of the stratum's group (category), in [0, 1].
        mean_score: shape (H,), mean score of the stratum's units, above 0.
        group_mean_score: shape (H,), mean score of all units of the group, above 0.
    """
    relative = np.asarray(mean_score, dtype=np.float64) / np.asarray(group_mean_score, dtype=np.float64)
    return np.minimum(np.asarray(base, dtype=np.float64) * relative, 1.0)
