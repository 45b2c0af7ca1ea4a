"""Names of quarters."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sampler.errors import UsageError
from sampler.period import Period
from tests.cli.running import sampler

CONFIG = Path(__file__).parents[1] / "configs" / "guangzhou.toml"


def test_a_quarter_ends_before_the_next_begins() -> None:
    assert Period.parse(" 2026-q4 ") == Period(2026, 4)
    assert (Period(2026, 4).start, Period(2026, 4).end) == (dt.date(2026, 10, 1), dt.date(2026, 12, 31))
    assert Period(2026, 4).next() == Period(2027, 1)


@pytest.mark.parametrize("name", ["9999Q4", "0000Q1", "0001Q1", "2026Q5", "26Q4", ""])
def test_what_is_no_quarter_that_has_dates_is_refused(name: str) -> None:
    assert not Period.is_name(name)
    with pytest.raises(UsageError, match="with a year from 1900 to 8999"):
        Period.parse(name)


@pytest.mark.parametrize("name", ["9999Q4", "0000Q1", ""])
def test_a_year_without_dates_is_a_slip_of_the_command_line_and_no_bug(name: str) -> None:
    run = sampler("plan", "registry.xlsx", "--config", CONFIG, "--period", name, "--lang", "en")
    assert run.code == 2
    assert f"not a quarter: '{name}'" in run.err
