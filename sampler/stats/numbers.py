"""Checks of the numbers that statistical functions are given, with messages that name the argument and the value."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

MOST_UNITS = 10**12
"""The largest population that exact intervals and sizes are meant for; far beyond, doubles no longer hold whole numbers."""


def _number(value: Any) -> float:
    known = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return float(value) if known else math.nan


def fraction(name: str, value: Any) -> float:
    """`value` as a float from 0 to 1, ends included; ValueError otherwise."""
    number = _number(value)
    if not 0.0 <= number <= 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, but got {value!r}")
    return number


def positive_fraction(name: str, value: Any) -> float:
    """`value` as a float above 0 and at most 1; ValueError otherwise."""
    number = _number(value)
    if not 0.0 < number <= 1.0:
        raise ValueError(f"{name} must lie above 0 and be at most 1, but got {value!r}")
    return number


def open_fraction(name: str, value: Any, *, below: float = 1.0) -> float:
    """`value` as a float strictly between 0 and `below`; ValueError otherwise."""
    number = _number(value)
    if not 0.0 < number < below:
        raise ValueError(f"{name} must lie strictly between 0 and {below:g}, but got {value!r}")
    return number


def checked_confidence(confidence: Any) -> float:
    """`confidence` as a float strictly between 0 and 1; ValueError otherwise."""
    return open_fraction("confidence", confidence)


def whole_number(name: str, value: Any, *, least: int = 0) -> int:
    """`value` as an int of at least `least`; ValueError otherwise."""
    number = np.asarray(whole_numbers(name, value))
    if number.ndim or number < least:
        raise ValueError(f"{name} must be a whole number, {least} or more, but got {value!r}")
    return int(number)


def whole_numbers(name: str, values: ArrayLike) -> Floats:
    """`values` as floats, all whole and ≥ 0; ValueError naming the first that is not."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a whole number, 0 or more, but got {values!r}") from None
    bad = ~(np.isfinite(array) & (array >= 0.0) & (array == np.floor(array)))
    if bad.any():
        raise ValueError(f"{name} must be a whole number, 0 or more, but got {first_of(array, bad)!r}")
    return array


def first_of(values: Floats, where: NDArray[np.bool_]) -> int | float:
    """The first value at which `where` holds, as an int where it is whole: for messages."""
    value = float(np.asarray(values)[where].flat[0])
    return int(value) if value.is_integer() else value
