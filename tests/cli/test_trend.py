"""``sampler trend``: rates over the quarters, and changes called so only when they are proven."""

from __future__ import annotations

import math
import shutil
from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console

from sampler.cli.trend import _tables
from sampler.domains import Evidence
from sampler.outcomes import evidence, unit_outcomes
from sampler.percent import interval
from sampler.period import Period
from sampler.stats.difference import rate_change
from sampler.stats.stratified import StratifiedSample
from sampler.text import LANGUAGES, Lang
from sampler.trend import trend
from tests.answers import FAIL, PASS, answers
from tests.cli.quarter import configure, once, run, send_back
from tests.cli.running import sampler
from tests.files import fieldwork
from tests.planning import draw


@pytest.fixture
def plans(office: Path, impatient: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two quarters, nothing of the first failing, everything of the second."""

    def make() -> None:
        for period, reply in (("2025Q4", fieldwork.PASS), ("2026Q4", fieldwork.FAIL)):
            configure(office, period)
            assert run(office).code == 0
            for district in ("440104", "440105"):
                send_back(office / "plans" / period, district, lambda _, reply=reply: reply)
        assert run(office).code == 0

    return once("trend", office, tmp_path_factory, make)


def test_rates_and_the_change(plans: Path) -> None:
    found = sampler("trend", plans, "--json").json
    assert found["periods"] == found["compared"] == ["2025Q4", "2026Q4"]
    total = found["trend"][0]
    assert total["domain"] == {}
    assert [r["period"] for r in total["rates"]] == ["2025Q4", "2026Q4"]
    assert [(r["tested"], r["failed"]) for r in total["rates"]] == [(12, 0), (12, 12)]
    assert total["change"]["real"] is True
    assert -1 <= total["change"]["lower"] <= total["change"]["difference"] <= total["change"]["upper"] < 0
    assert {tuple(row["domain"]) for row in found["trend"]} == {(), ("district",), ("category",)}
    sure = sampler("trend", plans, "--confidence", "0.9999999")
    assert "99.99% intervals" in sure.out
    assert "100%" not in sure.err
    shown = sampler("trend", plans)
    assert shown.code == 0
    assert "Yuexiu" in shown.out
    assert "lower" in shown.out
    assert "guaranteed" in shown.err
    assert "下降" in sampler("trend", plans, "--lang", "zh").out


def test_folders_one_by_one_and_the_quarters_to_compare(plans: Path) -> None:
    both = sampler("trend", plans / "2026Q4", plans / "2025Q4", "--from", "2026Q4", "--to", "2025Q4", "--json").json
    assert both["compared"] == ["2026Q4", "2025Q4"]
    assert both["trend"][0]["change"]["lower"] > 0
    one = sampler("trend", plans / "2026Q4", "--by", "district,category", "--json").json
    assert one["compared"] is None
    assert one["trend"][0]["change"] is None
    assert len(one["trend"]) == 1 + 4


def test_columns_by_the_names_that_estimate_takes(plans: Path) -> None:
    for by in ("区", "District", "所属区"):
        found = sampler("trend", plans, "--by", by, "--json")
        assert found.code == 0, found.err
        assert [set(row["domain"]) for row in found.json["trend"]] == [set(), {"district"}, {"district"}]
    assert len(sampler("trend", plans, "--by", "区×类别", "--json").json["trend"]) == 1 + 4


def test_a_working_folder_that_holds_the_archive(plans: Path) -> None:
    assert plans.name == "plans"
    assert sampler("trend", plans.parent, "--json").json == sampler("trend", plans, "--json").json


def test_results_are_read_without_a_snapshot_too(plans: Path) -> None:
    with_it = sampler("trend", plans, "--json").json
    for path in plans.glob("*/results.*"):
        path.unlink()
    assert sampler("trend", plans, "--json").json == with_it


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--from", "2025Q4"], 2, "--from and --to together"),
        (["--from", "2024Q4", "--to", "2026Q4"], 2, "no plan of 2024Q4"),
        (["--from", "2026Q4", "--to", "2026Q4"], 2, "--from and --to are both 2026Q4"),
        (["--from", "", "--to", ""], 2, "not a quarter"),
        (["--confidence", "95"], 2, "between 0 and 1"),
        (["--by", "colour"], 2, "colour"),
    ],
)
def test_usage(plans: Path, arguments: list[str], code: int, said: str) -> None:
    found = sampler("trend", plans, *arguments)
    assert found.code == code
    assert said in found.err


def test_what_is_no_plan(plans: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert (run_ := sampler("trend", empty)).code == 2
    assert "no plan folder" in run_.err
    shutil.copytree(plans / "2026Q4", empty / "copy")
    twice = sampler("trend", plans, empty / "copy")
    assert twice.code == 2
    assert "two plans of 2026Q4" in twice.err
    shutil.rmtree(empty / "copy" / "returned")
    for path in (empty / "copy").glob("results.*"):
        path.unlink()
    nothing = sampler("trend", empty)
    assert nothing.code == 3
    assert "nothing has been tested" in nothing.err


def of_quarter(failing: int) -> Evidence:
    """A quarter in which so many of the first tasks fail."""
    plan = draw()
    failed = set(plan.tasks["task_id"][:failing])
    results = answers(
        plan,
        lambda task, _: None if task["role"] == "reserve" else FAIL if task["task_id"] in failed else PASS,
    )
    return evidence(plan, unit_outcomes(plan, results))


def test_what_is_not_proven_is_not_called_a_change() -> None:
    quarters = {Period(2026, 3): of_quarter(3), Period(2026, 4): of_quarter(6)}
    found = trend(quarters, by=[("district",)])
    assert not any(row.is_real for row in found.rows)
    assert all(row.change is not None and row.change.lower < 0 < row.change.upper for row in found.rows)


def counted(failed: int) -> Evidence:
    """Two districts of 1,000 units, 60 tested in each; so many of the first's failed."""
    rows = {
        "stratum": ["a", "b"], "district": ["a", "b"], "population": [1000, 1000], "drawn": [60, 60], "contacted": [60, 60],
        "out_of_scope": [0, 0], "refused": [0, 0], "tested": [60, 60], "failed": [failed, 0], "batches_tested": [60, 60],
        "batches_failed": [failed, 0], "target": [None, None], "certainty": [False, False],
    }  # fmt: skip
    return Evidence(pl.DataFrame(rows, schema_overrides={"target": pl.Float64}), ("district",))


def test_a_change_that_is_proven_alone_but_not_among_two_is_no_change() -> None:
    def sample(failed: int) -> StratifiedSample:
        return StratifiedSample([1000], [60], [failed])

    def real(failed: int, confidence: float) -> bool:
        return rate_change(sample(0), sample(failed), confidence=confidence).is_real

    failed = next(x for x in range(1, 60) if real(x, 0.95) and not real(x, 0.975))
    quarters = {Period(2026, 3): counted(0), Period(2026, 4): counted(failed)}
    district = next(r for r in trend(quarters, by=[("district",)]).rows if r.domain == {"district": "a"})
    assert district.change is not None
    assert district.change.is_real
    assert not district.is_real


def test_a_group_of_domains_is_judged_together() -> None:
    quarters = {Period(2026, 3): of_quarter(0), Period(2026, 4): of_quarter(24)}
    found = trend(quarters, by=[("district",)])
    alone = [row for row in found.rows if row.change is not None and row.change.is_real]
    together = [row for row in found.rows if row.is_real]
    assert set(map(id, together)) <= set(map(id, alone))
    assert found.rows[0].is_real


def test_domains_stand_in_the_order_of_the_design() -> None:
    found = trend({Period(2026, 3): of_quarter(3), Period(2026, 4): of_quarter(6)}, by=[("category",)])
    assert [row.domain["category"] for row in found.rows[1:]] == ["food", "children", "building"]


def untested() -> Evidence:
    """A quarter whose plan has just been made."""
    made = counted(0)
    none = dict.fromkeys(("contacted", "tested", "batches_tested"), pl.lit(0, pl.Int64))
    return Evidence(made.table.with_columns(**none), made.columns)


def closed(out: int) -> Evidence:
    """A quarter that takes 100 units whole, all of which fail, and contacts 30 of 1,000, of which so many are closed."""
    tested = 30 - out
    rows = {
        "stratum": ["a", "b"], "population": [1000, 100], "drawn": [30, 100], "contacted": [30, 100],
        "out_of_scope": [out, 0],
        "refused": [0, 0], "tested": [tested, 100], "failed": [0, 100], "batches_tested": [tested, 100],
        "batches_failed": [0, 100], "target": [None, None], "certainty": [False, True],
    }  # fmt: skip
    return Evidence(pl.DataFrame(rows, schema_overrides={"target": pl.Float64}), ())


def test_an_estimated_population_is_told_for_no_guarantee_covers_its_error(
    plans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Särndal, Swensson and Wretman (1992), section 10.3: a size that the frame does not tell is estimated, and
    # the estimate has a variance. Half of the 1,000 are closed, so 5 in 6 of the 600 pass both times: no change.
    first, second = Period(2026, 3), Period(2026, 4)
    found = trend({first: closed(0), second: closed(15)}, by=[])
    assert [r.out_of_scope for r in found.rows[0].rates] == [0, 15]
    assert found.estimated == (second,)
    census = pl.Series([500, 100])
    true = Evidence(closed(0).table.with_columns(population=census, contacted=census, tested=census), ())
    missed = 0.0
    for out in range(31):
        change = trend({first: true, second: closed(out)}, by=[]).rows[0].change
        if change is None or not change.lower <= 0 <= change.upper:
            missed += math.comb(500, out) * math.comb(500, 30 - out) / math.comb(1000, 30)
    assert missed > 0.3
    monkeypatch.setattr("sampler.trend.trend", lambda *_args, **_how: found)
    assert "Of the units contacted in 2026Q4 some were out of scope" in " ".join(sampler("trend", plans).err.split())
    monkeypatch.setattr("sampler.trend.trend", lambda *_args, **_how: trend({first: true, second: true}, by=[]))
    assert "out of scope" not in sampler("trend", plans).err


def test_the_last_two_quarters_with_tests_are_compared() -> None:
    first, second, third = (Period(2026, q) for q in (2, 3, 4))
    quarters = {first: counted(0), second: counted(9), third: untested()}
    found = trend(quarters, by=[("district",)])
    assert found.compared == (first, second)
    assert all(row.change is not None for row in found.rows)
    assert trend({first: counted(0), third: untested()}, by=[]).compared == (first, third)
    assert trend({first: counted(0)}, by=[]).compared is None
    assert trend(quarters, by=[], compared=(second, third)).compared == (second, third)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [50, 80, 100, 160])
def test_five_quarters_are_told_in_tables_that_fit(width: int, lang: Lang) -> None:
    quarters = {Period(2025 + q // 4, q % 4 + 1): counted(q) for q in range(5)}
    found = trend(quarters, by=[("district",)])
    console = Console(width=width, record=True, file=StringIO())
    tables = list(_tables(console, found, lang))
    for table in tables:
        console.print(table)
    shown = console.export_text()
    assert "…" not in shown
    assert max(map(cell_len, shown.splitlines())) <= width
    for row in found.rows:
        for rate in row.rates:
            assert f"[{interval(rate.lower, rate.upper, 1)}]" in shown
        assert row.change is not None
        assert row.change.difference is not None
        assert f"{100 * row.change.difference:+.1f}\n" in shown.replace(" │", "\n")
    headers = [str(column.header) for table in tables for column in table.columns[1:]]
    assert headers[:-1] == [p.name for p in found.periods]
    assert (len(tables) == 1) == (width == 160)
