"""Percentages as they may be printed: a bound is never made to look better than it is, and nothing becomes 100%."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Literal

Direction = Literal["nearest", "down", "up"]
_SCALES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
_ROUNDING = {"nearest": ROUND_HALF_EVEN, "down": ROUND_FLOOR, "up": ROUND_CEILING}


def percent(value: float | None, digits: int = 2, direction: Direction = "nearest") -> str:
    """A share in [0, 1] as a percentage with ``digits`` decimals, ``–`` for None.

    ``down`` is for lower limits and ``up`` for upper ones, so that the printed interval holds the computed one. The
    nearest value is kept off 0% and 100% unless the share is exactly that: 0.99999 is 99.99%, not 100%.
    """
    if value is None:
        return "–"
    # Twelve significant decimals: below them are the rounding errors of 1 − M/N, which must not move a bound.
    share = Decimal(repr(round(float(value), 12))) * 100
    step = Decimal(1).scaleb(-digits)
    rounded = share.quantize(step, rounding=_ROUNDING[direction])
    if direction == "nearest":
        if rounded >= 100 > share:
            rounded = 100 - step
        elif rounded <= 0 < share:
            rounded = step
    return f"{rounded:f}%"


def interval(lower: float | None, upper: float | None, digits: int = 2) -> str:
    """An interval, each limit rounded outwards."""
    if lower is None or upper is None:
        return "–"
    return f"{percent(lower, digits, 'down')} – {percent(upper, digits, 'up')}"


def scale_start(rows: Iterable[tuple[float | None, float | None]]) -> float:
    """The left end of a scale that ends at 1: the largest round one that shows every target and most lower limits.

    Args:
        rows: lower limit and target of each row, None where there is none.
    """
    pairs = list(rows)
    limits = sorted(lower for lower, _ in pairs if lower is not None)
    if not limits:
        return 0.0
    least = min([limits[len(limits) // 4], *(target - 0.01 for _, target in pairs if target is not None)])
    return max((end for end in _SCALES if end <= least), default=0.0)


def confidence_text(confidence: float) -> str:
    """A confidence level as a percentage, with decimals only where it has them."""
    return percent(confidence, 0 if round(confidence * 100, 9) % 1 == 0 else 2)
