"""``sampler explain``: the facts, weights and tickets behind a choice."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sampler.design import RiskWeights, Weight
from sampler.explain import explain
from sampler.files.archive import PlanFolder, read_plan
from sampler.history import NO_HISTORY
from tests.cli.running import Run, sampler

SAMPLE = Path(__file__).parents[2] / "sample_data" / "plan-2026Q4"


@pytest.fixture(scope="module")
def folder() -> PlanFolder:
    return read_plan(SAMPLE)


def explained(name: str, *more: str, lang: str = "en") -> Run:
    return sampler("explain", SAMPLE, name, "--lang", lang, *more)


def test_factors_multiply_to_the_score_and_name_their_lines(folder: PlanFolder) -> None:
    units = folder.plan.units["unit_id"].gather_every(97).to_list()
    for unit in units:
        found = explain(folder.plan, folder.frame_units, folder.history, unit)
        assert found.drawn is not None
        assert math.prod(f.weight for f in found.factors) == pytest.approx(found.drawn["score"], rel=1e-12)
        for factor in found.factors:
            # Whatever moves the score has a line with a source; where no line applies the weight is 1.
            assert factor.line is not None or factor.weight == 1
            assert factor.line is None or factor.line.weight == factor.weight


def test_what_is_not_known_has_the_line_that_scored_it(folder: PlanFolder) -> None:
    # Not known to be listed is not listed, no count is a count of none, never inspected is longest ago; and a weight of 1
    # that no line gave is not given the line of other units that happens to say 1.
    day = dt.date(2026, 1, 1)
    lines = [
        Weight(field="blacklisted", value="false", weight=0.8, source="not listed", date=day),
        Weight(field="blacklisted", value="true", weight=3.0, source="listed", date=day),
        Weight(field="failures", at_least=0.0, weight=0.9, source="none so far", date=day),
        Weight(field="failures", at_least=1.0, weight=2.0, source="one", date=day),
        Weight(field="complaints", at_least=3.0, weight=2.0, source="three", date=day),
        Weight(field="complaints", at_least=10.0, weight=1.0, source="ten or more", date=day),
        Weight(field="credit_class", value="A", weight=1.0, source="class A", date=day),
        Weight(field="months_since_inspection", at_least=24.0, weight=1.5, source="long ago", date=day),
    ]
    plan = replace(folder.plan, weights=RiskWeights(schema_version=1, weights=tuple(lines)))
    unit = plan.units["unit_id"][0]
    unknown = [
        pl.lit(None).cast(t).alias(c) for c, t in folder.frame_units.schema.items() if c not in ("unit_id", "code")
    ]
    frame = folder.frame_units.with_columns(unknown)
    found = explain(plan, frame, NO_HISTORY, unit)
    assert [(f.field, f.value, f.weight, f.line and f.line.source) for f in found.factors] == [
        ("blacklisted", None, 0.8, "not listed"),
        ("failures", None, 0.9, "none so far"),
        ("complaints", None, 1.0, None),
        ("credit_class", None, 1.0, None),
        ("months_since_inspection", None, 1.5, "long ago"),
    ]


def test_tasks_are_at_or_below_the_cut_off(folder: PlanFolder) -> None:
    for task, role in folder.plan.selection.select("task_id", "role").gather_every(53).iter_rows():
        found = explain(folder.plan, folder.frame_units, folder.history, task)
        assert found.drawn is not None
        assert found.cut_off is not None
        assert (found.drawn["ticket"] <= found.cut_off) == (role == "task")


def test_the_ticket_can_be_recomputed_from_what_is_printed() -> None:
    found = explained("2026Q4-440104-0001", "--json").json
    digest = hashlib.sha256(f"20261008\n{found['unit']['unit_id']}".encode()).hexdigest()
    assert found["drawn"]["ticket"] == digest
    assert digest in explained("2026Q4-440104-0001").out


def test_a_unit_at_rest_is_explained_too(folder: PlanFolder) -> None:
    unit = folder.plan.set_aside.filter(pl.col("reason") == "rest")["unit_id"][0]
    run = explained(unit)
    assert run.code == 0
    assert "Not in this quarter's draw: checked within the rest period" in run.out


def test_a_certain_unit_says_why(folder: PlanFolder) -> None:
    unit = folder.plan.units.drop_nulls("certainty")["unit_id"][0]
    assert "taken with certainty: blacklisted" in explained(unit).out
    assert "必抽：列入黑名单" in explained(unit, lang="zh").out


def test_an_enterprise_with_several_units_asks_which(folder: PlanFolder) -> None:
    several = folder.frame_units.group_by("code").len().filter(pl.col("len") > 1).drop_nulls("code")["code"][0]
    run = explained(several)
    assert run.code == 2
    assert f"{several}|" in run.err


def test_an_unknown_name_says_what_can_be_given() -> None:
    run = explained("nobody", "--json")
    assert run.code == 2
    assert "give a task id, a unit id" in run.err
    assert run.json["error"]["kind"] == "explain.unknown"


def test_what_says_nothing_has_words_of_its_own() -> None:
    """A unit that was never checked, and weights that have no line for a value."""
    frame = pl.read_parquet(SAMPLE / "frame.parquet")
    never = frame.filter(pl.col("last_inspected").is_null())["unit_id"][0]
    for lang, words in (
        ("zh", ("从未查过", "无加权，按 1 计", "抽签号")),
        ("en", ("never", "no weight, counts as 1", "ticket")),
    ):
        told = sampler("explain", SAMPLE, never, "--lang", lang).out
        assert all(w in told for w in words), (lang, told)


def test_the_place_in_the_registry_is_told_in_words() -> None:
    shown = explained("2026Q4-440104-0003", lang="zh").out
    assert "登记表位置：sample_data/registry.xlsx，工作表“企业名录”，第 686 行" in shown
    assert "（2026-09-01）" in shown, "the date of a source in the brackets of the language"
    assert " (2026-09-01)" not in shown
    assert "registry.xlsx, sheet “企业名录”, row 686" in explained("2026Q4-440104-0003").out
