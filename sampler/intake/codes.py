"""Codes of enterprises: the unified social credit code (GB 32100-2015), older registration numbers, damaged codes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from sampler.intake.values import EMPTY, mended

BoolArray = npt.NDArray[np.bool_]

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified code: no I, O, S, V, Z."""

BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The 36 characters of an organisation code (GB 11714), positions 9–17 of a unified code."""

_UNKNOWN = 255


def _translation(alphabet: str) -> bytes:
    """A table for `bytes.translate`: character → its value, `_UNKNOWN` where it has none."""
    values = bytearray([_UNKNOWN] * 256)
    for value, character in enumerate(alphabet.encode()):
        values[character] = value
    return bytes(values)


_VALUES, _BODY_VALUES = _translation(ALPHABET), _translation(BODY_ALPHABET)
# A weight for each of the 18 positions; single precision is exact here (sums stay below 2^24) and multiplies fast.
_WEIGHTS = np.array([*(pow(3, i, 31) for i in range(17)), 0], dtype=np.float32)
_BODY_WEIGHTS = np.array([*[0] * 8, 3, 7, 9, 10, 5, 8, 4, 2, 0, 0], dtype=np.float32)
_SLICE = 1 << 16


def check_digits(codes: pl.Series) -> tuple[BoolArray, BoolArray, BoolArray]:
    """Whether the characters, the body's check digit and the whole's check digit of unified codes are right.

    Args:
        codes: n texts of exactly 18 ASCII characters.

    Returns:
        Three arrays of shape (n,). The whole (GB 32100-2015): (31 − Σ value·3^(i−1) mod 31) mod 31 over positions 1–17; the
        body (GB 11714): 11 − Σ value·weight mod 11 over positions 9–16, 10 being X and 11 being 0. Wrong characters fail
        all three.
    """
    parts = [part[1:] for part in _checked(codes)]
    if not parts:
        nothing = np.empty(0, dtype=np.bool_)
        return nothing, nothing, nothing
    known, body, whole = (np.concatenate(some) for some in zip(*parts, strict=True))
    return known, body, whole


def _checked(codes: pl.Series) -> Iterator[tuple[BoolArray, BoolArray, BoolArray, BoolArray]]:
    """Slice by slice, whether codes of 18 bytes are all of letters and digits; then as `check_digits`."""
    for start in range(0, len(codes), _SLICE):
        text = str(codes.slice(start, _SLICE).str.join("").item()).encode()
        value = np.frombuffer(text.translate(_VALUES), dtype=np.uint8).reshape(-1, 18)
        body_value = np.frombuffer(text.translate(_BODY_VALUES), dtype=np.uint8).reshape(-1, 18)
        typed = (body_value != _UNKNOWN).all(axis=1)
        known = (value != _UNKNOWN).all(axis=1)
        total = (value.astype(np.float32) @ _WEIGHTS).astype(np.int32)
        whole: BoolArray = known & ((31 - total % 31) % 31 == value[:, 17])
        body_check = (11 - (body_value.astype(np.float32) @ _BODY_WEIGHTS).astype(np.int32) % 11) % 11
        # 10 is written X, whose value in the body's alphabet is 33.
        body: BoolArray = known & (np.where(body_check == 10, 33, body_check) == body_value[:, 16])
        yield typed, known, body, whole


def is_valid(code: str) -> bool:
    """Whether a text is a unified social credit code with both check digits right."""
    if len(code) != 18 or not code.isascii():
        return False
    known, body, whole = check_digits(pl.Series([code]))
    return bool(known[0] and body[0] and whole[0])


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
        return text.set(text.str.contains(EMPTY), None)

    code = mended(values, r"[^0-9A-Z]", mend)
    nothing = code.str.contains(r"^0*$").fill_null(False)
    return code.set(nothing, None) if nothing.any() else code


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
        typed, _, body, whole = (np.concatenate(part) for part in zip(*_checked(candidates), strict=True))
        found = np.where(body & whole, VALID, np.where(typed, FAILING, OTHER)).astype(np.uint8)
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
