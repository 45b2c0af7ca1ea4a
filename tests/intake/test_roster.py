"""Cells of a roster: until when a certificate is valid."""

from __future__ import annotations

import datetime as dt

import pytest

from sampler.intake.roster import last_day, means_no_end


@pytest.mark.parametrize(
    "cell",
    ["2027-02-28", "2027-02-28 00:00:00", "46446", "有效期至2027-02-28", "2021-03-01 至 2027-02-28",
     "2021-03-01至2027-02-28", "2021.03.01-2027.02.28", "20210301-20270228", "2021年3月1日—2027年2月28日",
     "自2021年3月1日起至2027年2月28日止"],
)  # fmt: skip
def test_the_last_day_of_a_span(cell: str) -> None:
    assert last_day(cell) == dt.date(2027, 2, 28)


@pytest.mark.parametrize(
    "cell",
    ["不详", "2027-02-30", "2021-03-01起", "2021-03-01 起三年", "2021-03-01（发证）", "2021-03-01（换证2024-03-01）",
     "2027-02-28 至 2021-03-01"],
)  # fmt: skip
def test_a_last_day_that_nobody_can_tell(cell: str) -> None:
    assert last_day(cell) is None
    assert not means_no_end(cell)


@pytest.mark.parametrize("cell", ["长期", "2021-03-01至长期", "2021年3月1日 — 长期有效", "自2021-03-01起长期"])
def test_a_certificate_without_an_end(cell: str) -> None:
    assert means_no_end(cell)
