"""Codes: GB 32100-2015 on real codes, and what spreadsheets do to them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.intake import codes
from tests.intake.build import VALID

IN_USE_BUT_FAILING = "91350203M0001QKT19"
"""A code of a real enterprise whose check digit is wrong: a failing code is no reason to drop a row."""


@pytest.mark.parametrize("code", VALID)
def test_real_codes_are_valid(code: str) -> None:
    assert codes.is_valid(code)


def test_a_code_in_use_that_fails() -> None:
    found = codes.check_digits(pl.Series([IN_USE_BUT_FAILING]))
    assert found.known.tolist() == [True]
    assert (found.body & found.whole).tolist() == [False]


@given(st.sampled_from(VALID), st.integers(0, 17), st.sampled_from(codes.ALPHABET))
def test_one_wrong_character_is_always_found(code: str, place: int, character: str) -> None:
    # Every weight is prime to 31, so no single character can change unnoticed.
    wrong = code[:place] + character + code[place + 1 :]
    assert codes.is_valid(wrong) == (wrong == code)


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_do_not_occur(letter: str) -> None:
    found = codes.check_digits(pl.Series([letter + VALID[0][1:]]))
    assert [part.tolist() for part in found] == [[True], [False], [False], [False]]


def digits_of(code: str) -> list[bool]:
    """As `check_digits`, character by character and in the words of the standards."""
    known = all(c in codes.ALPHABET for c in code)
    own = [codes.BODY_ALPHABET.find(c) for c in code[8:16]]
    body = 11 - sum(value * weight for value, weight in zip(own, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    total = sum(codes.ALPHABET.find(c) * 3**i for i, c in enumerate(code[:17]))
    return [
        all(c in codes.BODY_ALPHABET for c in code),
        known,
        known and code[16] == {10: "X", 11: "0"}.get(body, str(body)),
        known and code[17] == codes.ALPHABET[(31 - total % 31) % 31],
    ]


@given(st.lists(st.text(codes.BODY_ALPHABET, min_size=18, max_size=18), min_size=1, max_size=20), st.data())
def test_check_digits_are_those_of_the_standards(texts: list[str], data: st.DataObject) -> None:
    # Most characters at random fail; replacing some of a valid code's by others comes closer to what people type.
    for _ in range(5):
        code = list(data.draw(st.sampled_from(VALID)))
        for place in data.draw(st.lists(st.integers(0, 17), max_size=3)):
            code[place] = data.draw(st.sampled_from("0123456789XWIOa"))
        texts.append("".join(code))
    found = codes.check_digits(pl.Series(texts))
    assert [list(map(bool, row)) for row in zip(*found, strict=True)] == [digits_of(code) for code in texts]


@pytest.mark.parametrize("text", ["", "9144", "９１４４０３００１９２２０３８２１６", VALID[0] + "1"])
def test_what_is_no_code_is_not_valid(text: str) -> None:
    assert not codes.is_valid(text)


def test_many_codes_are_checked_as_one_by_one() -> None:
    many = [*VALID, IN_USE_BUT_FAILING] * 10_000
    found = codes.check_digits(pl.Series(many))
    assert (found.body & found.whole).tolist() == [True] * 7 + [False] + (([True] * 7 + [False]) * 9_999)


def test_no_codes() -> None:
    assert codes.code_kinds(pl.Series([], dtype=pl.String)).to_list() == []
    assert [len(part) for part in codes.check_digits(pl.Series([], dtype=pl.String))] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        (" 9144 0300 1922 0382 16 ", VALID[0]),
        ("９１４４０３００１９２２０３８２１６", VALID[0]),
        ("'914403001922038216", VALID[0]),
        ("“914403001922038216”", VALID[0]),
        ("91330100799655058b", VALID[1]),
        ("440111650506932.0", "440111650506932"),
        ("\ufeff914403001922038216\u200b", VALID[0]),
        (f"统一社会信用代码：{VALID[1]}", VALID[1]),
        (f"{VALID[0]}/440106000012345", VALID[0]),
        (f"440106000012345 / {VALID[0]}", VALID[0]),
        (f"{VALID[0]}（1-1）", VALID[0]),
        (f"{VALID[0]}/{VALID[1]}", f"{VALID[0]}/{VALID[1]}"),
        (f"{VALID[0]}-1234", VALID[0]),
        (f"{VALID[0]}1", f"{VALID[0]}1"),
        ("/", None),
        ("无", None),
        ("—", None),
        ("", None),
        ("0", None),
        ("000000000000000000", None),
        (None, None),
    ],
)
def test_cleaning(typed: str | None, clean: str | None) -> None:
    assert codes.clean_codes(pl.Series([typed], dtype=pl.String)).to_list() == [clean]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (VALID[0], codes.VALID),
        (IN_USE_BUT_FAILING, codes.FAILING),
        ("440111650506932", codes.LEGACY),
        ("4401116505069", codes.LEGACY),
        ("9.14E+17", codes.DAMAGED),
        ("9.14403001922038E+17", codes.DAMAGED),
        ("9.14403E17", codes.DAMAGED),
        ("914403001922038000", codes.DAMAGED),
        (str(int(float("914403001922038000"))), codes.DAMAGED),
        (str(int(float("914403001922038216"))), codes.DAMAGED),
        ("914403001922038210", codes.FAILING),
        ("91440300192203821", codes.OTHER),
        ("12E4", codes.OTHER),
        (None, codes.NONE),
    ],
)
def test_kinds(code: str | None, kind: int) -> None:
    assert codes.code_kinds(pl.Series([code], dtype=pl.String)).to_list() == [kind]
