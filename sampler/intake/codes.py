"""Codes of enterprises: the unified social credit code (GB 32100-2015), older registration numbers, damaged codes."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from sampler.intake.values import EMPTY, mended

BoolArray = npt.NDArray[np.bool_]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified code: no I, O, S, V, Z."""

BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The 36 characters of an organisation code (GB 11714), positions 9–17 of a unified code."""

_LENGTH = 18
_BODY_CHECK = 16  # where the body's check digit stands, behind its eight characters
_WEIGHTS = (*(pow(3, i, 31) for i in range(17)), 1)
_BODY_WEIGHTS = dict(zip(range(8, _BODY_CHECK), (3, 7, 9, 10, 5, 8, 4, 2), strict=True))

# What the characters of a code add up to, each sum in bits of its own: 18 characters of at most 30 stay below 2^10.
_BITS = 10
_WHOLE, _BODY, _UNTYPED, _UNKNOWN, _NO_DIGIT = (_BITS * i for i in range(5))
_SLICE = 1 << 16


@functools.cache
def _tables() -> tuple[npt.NDArray[np.uint64], ...]:
    """For each of the nine pairs of neighbouring characters, what its two bytes (little-endian) add to the sums."""
    ones = [np.array([_summand(chr(byte), place) for byte in range(256)], np.uint64) for place in range(_LENGTH)]
    return tuple(np.add.outer(ones[i + 1], ones[i]).ravel() for i in range(0, _LENGTH, 2))


def _summand(character: str, place: int) -> int:
    """What a character adds: with its check digit the sum of the whole is a multiple of 31, that of the body of 11."""
    value, own = ALPHABET.find(character), BODY_ALPHABET.find(character)
    whole = max(value, 0) * _WEIGHTS[place] % 31
    body = max(own, 0) * _BODY_WEIGHTS.get(place, 0) % 11
    no_digit = False
    if place == _BODY_CHECK:
        body = "0123456789X".find(character)
        no_digit, body = body < 0, max(body, 0)
    return whole << _WHOLE | body << _BODY | (own < 0) << _UNTYPED | (value < 0) << _UNKNOWN | no_digit << _NO_DIGIT


class CheckDigits(NamedTuple):
    """What is right about some codes: arrays of shape (n,).

    Attributes:
        typed: all characters are digits or capital letters.
        known: all characters are of the unified code's alphabet.
        body: and the body's check digit (GB 11714) is right: 11 − Σ value·weight mod 11 over positions 9–16, 10 being X and
            11 being 0.
        whole: and the whole's check digit (GB 32100-2015) is right: (31 − Σ value·3^(i−1) mod 31) mod 31 over positions
            1–17.
    """

    typed: BoolArray
    known: BoolArray
    body: BoolArray
    whole: BoolArray


def check_digits(codes: pl.Series) -> CheckDigits:
    """Whether the characters and the check digits of unified codes are right.

    Args:
        codes: n texts of exactly 18 bytes.
    """
    sums = np.zeros(len(codes), np.uint64)
    for start in range(0, len(codes), _SLICE):
        text = str(codes.slice(start, _SLICE).str.join("").item()).encode()
        pairs = np.frombuffer(text, "<u2").reshape(-1, _LENGTH // 2)
        for table, pair in zip(_tables(), pairs.T, strict=True):
            sums[start : start + _SLICE] += table[pair]

    def part(of: int) -> npt.NDArray[np.uint64]:
        return sums >> np.uint64(of) & np.uint64((1 << _BITS) - 1)

    known = part(_UNKNOWN) == 0
    body = known & (part(_NO_DIGIT) == 0) & (part(_BODY) % 11 == 0)
    return CheckDigits(part(_UNTYPED) == 0, known, body, known & (part(_WHOLE) % 31 == 0))


def is_valid(code: str) -> bool:
    """Whether a text is a unified social credit code with both check digits right."""
    if len(code) != 18 or not code.isascii():
        return False
    found = check_digits(pl.Series([code]))
    return bool(found.body[0] and found.whole[0])


_WITHIN = rf"(?:^|[^0-9A-Z])([{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}})(?:$|[^0-9A-Z])"
"""A unified code that begins and ends inside a text."""


def clean_codes(values: pl.Series) -> pl.Series:
    """Codes in canonical text: NFKC, upper case, without quotes, blanks and a trailing ``.0``; null where there is none.

    Of a longer text that holds one unified code (代码：…, code/registration number, code(1-1)) that code is taken.
    """

    def mend(dirty: pl.Series) -> pl.Series:
        text = dirty.str.normalize("NFKC").str.to_uppercase()
        text = text.str.replace_all(r"[\s\u200b-\u200f\u202a-\u202e\u2060\ufeff'’‘`\"“”=|]+", "")
        text = text.str.replace(r"^(\d+)\.0+$", "${1}")
        # Doubled, so that neighbouring codes do not share what divides them.
        within = text.str.replace_all("([^0-9A-Z])", "${1}${1}").str.extract_all(_WITHIN)
        text = within.list.first().str.extract(_WITHIN).zip_with(within.list.len() == 1, text)
        return text.set(text.str.contains(rf"{EMPTY}|^0*$"), None)

    return mended(values, r"[^0-9A-Z]|^0*$", mend)


_SCIENTIFIC = r"^\d(?:\.\d+)?E\+\d+$|^\d\.\d+E\d+$"

NONE, VALID, FAILING, LEGACY, DAMAGED, OTHER = range(6)
"""What a code is: see `code_kinds`."""


def code_kinds(codes: pl.Series) -> pl.Series:
    """What each cleaned code is (UInt8).

    ``VALID``: a unified code with both check digits; ``FAILING``: 18 letters and digits, some check digit wrong;
    ``LEGACY``: a registration number of 15 or 13 digits; ``DAMAGED``: 9.14E+17, or 18 digits that fail and that `_numbers`
    knows; both lost digits on being taken for a number; ``OTHER``: anything else; ``NONE``: null.
    """
    kinds = np.full(len(codes), OTHER, dtype=np.uint8)
    kinds[codes.is_null().to_numpy()] = NONE
    length = codes.str.len_bytes()
    where = (length != 18).fill_null(False).arg_true()
    others = codes.gather(where)
    found = np.full(len(where), OTHER, dtype=np.uint8)
    found[others.str.contains(r"^(?:\d{15}|\d{13})$").to_numpy()] = LEGACY
    found[others.str.contains(_SCIENTIFIC).to_numpy()] = DAMAGED
    kinds[where.to_numpy()] = found
    where = (length == 18).fill_null(False).arg_true()
    if len(where):
        candidates = codes.gather(where)
        digits = check_digits(candidates)
        found = np.where(digits.body & digits.whole, VALID, np.where(digits.typed, FAILING, OTHER)).astype(np.uint8)
        wrong = np.flatnonzero(found != VALID)
        suspects = candidates.gather(wrong)
        cut = suspects.str.contains(_SCIENTIFIC).to_numpy() | _numbers(suspects)
        found[wrong[cut]] = DAMAGED
        kinds[where.to_numpy()] = found
    return pl.Series("code_kind", kinds)


def _numbers(codes: pl.Series) -> BoolArray:
    """Whether codes of 18 digits are what is left of one that a program took for a number.

    Excel keeps 15 digits and shows 000 for the others; in its file stands the double nearest to that, and doubles of this
    size lie 16 to 128 apart, so that hardly any other code is one.
    """
    number = codes.cast(pl.Int64, strict=False)
    double = number.cast(pl.Float64).cast(pl.Int64) == number
    cut: BoolArray = (double | (number % 1_000 == 0)).fill_null(False).to_numpy()
    return cut
