"""Sizes of strata: every requirement of a design is kept, and what cannot be kept is explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampler.allocation import Needed, Sizes, stratum_sizes
from sampler.design import Caps, Design, Detection, Precision, Sample, ShareBound, Strata
from sampler.errors import InfeasibleError
from sampler.margins import planned_interval
from sampler.precision import expected_margins
from sampler.stats.detection import detection_probability
from tests.planning import make_design, make_frame
from tests.test_plan import WEIGHTS, one_batch, plan_of

FRAMES = {units: make_frame(make_design(), units) for units in (20, 60)}


def units_of(design: Design, units: int = 60) -> pl.DataFrame:
    """The fixture's frame, stratified by everything but the risk tier."""
    keys = [k for k in design.strata.keys if k != "tier"]
    scores = np.random.default_rng(5).uniform(0.5, 3.0, FRAMES[units].size)
    return FRAMES[units].units.with_columns(
        pl.Series("score", scores),
        pl.lit(None, dtype=pl.String).alias("certainty"),
        pl.lit(None, dtype=pl.String).alias("tier"),
        pl.concat_str(keys, separator="|").alias("stratum"),
    )


def design_of(**changes: object) -> Design:
    design = one_batch(make_design(strata=Strata(keys=("district", "category"))))
    return replace(design, **changes)  # type: ignore[arg-type]


def sized(design: Design, units: int = 60) -> Sizes:
    batches = {c.key: c.batches for c in design.categories}
    return stratum_sizes(units_of(design, units), design, batches=batches)


def part(sizes: Sizes, domain: Mapping[str, str]) -> pl.DataFrame:
    table = sizes.table
    for column, value in domain.items():
        table = table.filter(pl.col(column) == value)
    return table


def half_width(table: pl.DataFrame, confidence: float = 0.95) -> float:
    counts = (table["population"].to_numpy(), table["sample"].to_numpy(), 1 - table["rate"].to_numpy())
    return planned_interval(*counts, confidence=confidence).half_width


@pytest.mark.parametrize("budget", [None, 150, 300])
def test_every_margin_is_met_by_the_interval_estimate_uses(budget: int | None) -> None:
    design = design_of(
        sample=Sample(budget=budget),
        precision=(
            Precision(domain={"district": "every"}, margin=0.09),
            Precision(domain={"category": "food"}, margin=0.06, confidence=0.9),
        ),
    )
    sizes = sized(design)
    assert len(sizes.margins) == 4
    for m in sizes.margins:
        assert half_width(part(sizes, m.domain), m.confidence) <= m.margin
    total = int(sizes.table["sample"].sum())
    if budget is None:
        assert sizes.needed == Needed("batches", total)
        assert any(m.binding for m in sizes.margins)
    else:
        assert total == budget


@pytest.mark.parametrize("budget", [None, 56, 60])
def test_a_margin_is_met_by_the_planned_interval_however_wide_the_quick_one_is(budget: int | None) -> None:
    # Of five small districts that hardly fail the rule takes four whole and gives the rest to the fifth. With 56 tests the
    # quick interval is ± 2.2 points and the one estimate uses ± 4.3; with 60 they are ± 1.3 and ± 2.9.
    units = [
        {"category": "food", "district": f"d{h}", "stage": "production", "score": score, "stratum": f"d{h}|food"}
        for h, (count, score) in enumerate(zip((22, 9, 17, 4, 18), (0.1, 13.0, 16.0, 3.0, 1.0), strict=True))
        for _ in range(count)
    ]
    frame = pl.DataFrame(units).with_columns(pl.lit(None, dtype=pl.String).alias("certainty"))
    design = design_of(sample=Sample(budget=budget, floor_cell=1, floor_stratum=1), precision=(Precision(margin=0.03),))
    design = replace(design, categories=tuple(replace(c, prior=0.9925) for c in design.categories))
    assert half_width(stratum_sizes(frame, design, batches={"food": 1}).table) <= 0.03


def test_margins_the_rule_meets_change_nothing() -> None:
    plain = sized(design_of(sample=Sample(budget=300)))
    asked = sized(design_of(sample=Sample(budget=300), precision=(Precision(margin=0.2),)))
    assert asked.table.equals(plain.table)
    assert asked.needed is None
    assert [m.binding for m in asked.margins] == [False]


def test_what_fixed_a_size_is_told() -> None:
    design = design_of(
        sample=Sample(budget=120),
        precision=(Precision(domain={"district": "440118", "category": "building"}, margin=0.08),),
    )
    tight = part(sized(design), {"district": "440118", "category": "building"})
    assert tight["bound"].to_list() == ["precision"]


def test_what_a_ceiling_fixed_is_told_from_what_a_capacity_fixed() -> None:
    # Of 180 units a district the first may take 20 (its capacity), the second 18 (a tenth); the third gets the other 112.
    base = design_of(sample=Sample(budget=150), shares=(ShareBound(domain={"district": "440105"}, at_most=0.1),))
    sizes = sized(replace(base, districts=(replace(base.districts[0], capacity=20), *base.districts[1:])))
    told = {
        d.key: (int(table["sample"].sum()), set(table["bound"]))
        for d in base.districts
        for table in [part(sizes, {"district": d.key})]
    }
    assert told == {"440104": (20, {"capacity"}), "440105": (18, {"ceiling"}), "440118": (112, {"rule"})}


def test_the_price_of_a_margin_is_that_of_one_percentage_point() -> None:
    # Half-widths fall as 1/√n, so n grows as 1/m² and dn/dm = 2n/m: at m = 0.02, where 328 units are needed, one point
    # (0.01) less costs about 328 to the first order, less the 1.6% that a sample of 20,000 gains from not being endless:
    # 323. (The exact interval is a little wider than the root says, and gets narrower a little faster.)
    design = design_of(strata=Strata(keys=("category",)), sample=Sample(), precision=(Precision(margin=0.02),))
    unit = {"category": "food", "stage": "production", "score": 1.0, "certainty": None, "stratum": "food"}
    units = pl.DataFrame([unit], schema_overrides={"certainty": pl.String})
    sizes = stratum_sizes(pl.concat([units] * 20_000), design, batches={"food": 1})
    assert sizes.needed is not None
    assert sizes.needed.cost == pytest.approx(328, abs=5)
    assert sizes.margins[0].price == pytest.approx(323, rel=0.1)


def test_the_price_of_a_margin_is_in_the_unit_of_the_budget() -> None:
    # Every batch costs 800 yuan: 120 batches and 96,000 yuan are the same budget, and so are the prices.
    entry = Precision(domain={"district": "440118", "category": "building"}, margin=0.08)
    by_batches = sized(design_of(sample=Sample(budget=120), precision=(entry,)))
    by_money = sized(design_of(sample=Sample(budget_yuan=96_000.0), precision=(entry,)))
    assert by_money.table.equals(by_batches.table)
    assert by_batches.margins[0].price > 0
    assert by_money.margins[0].price == pytest.approx(800 * by_batches.margins[0].price, rel=1e-3)
    (expected,) = expected_margins(by_money.table, by_money.margins)
    assert expected.to_json()["asked"] == {
        "margin": 0.08,
        "binding": True,
        "price_per_point": by_money.margins[0].price,
    }


@given(
    st.floats(0.03, 0.3),
    st.sampled_from([0.5, 0.8, 0.95]),
    st.sampled_from(["equal", "assumed"]),
    st.integers(60, 200),
)
@settings(deadline=None, max_examples=25)
def test_detection_is_kept(share: float, probability: float, risk: str, budget: int) -> None:
    entry = Detection(domain={"category": "every"}, share=share, probability=probability, risk=risk)  # type: ignore[arg-type]
    try:
        sizes = sized(design_of(sample=Sample(budget=budget), detection=(entry,)))
    except InfeasibleError:
        return
    for category in ("food", "children", "building"):
        table = part(sizes, {"category": category})
        n, units = int(table["sample"].sum()), int(table["population"].sum())
        found = detection_probability(n, share=share, population=units)
        # Credit for targeted tests can only save tests.
        assert found >= (probability if risk == "equal" else 0.0)
    assert sizes.table["sample"].sum() == budget


def test_detection_alone_takes_the_fewest_tests() -> None:
    entry = Detection(domain={"category": "food"}, share=0.05, probability=0.95)
    table = part(sized(design_of(sample=Sample(), detection=(entry,))), {"category": "food"})
    n = int(table["sample"].sum())
    assert detection_probability(n, share=0.05, population=180) >= 0.95
    assert detection_probability(n - 1, share=0.05, population=180) < 0.95
    assert set(table["bound"]) == {"detection"}


@given(st.integers(18, 300), st.integers(8, 90))
@settings(deadline=None, max_examples=40)
def test_capacity_is_kept_and_the_rest_goes_elsewhere(budget: int, capacity: int) -> None:
    base = design_of(sample=Sample(budget=budget))
    districts = (replace(base.districts[0], capacity=capacity), *base.districts[1:])
    sizes = sized(replace(base, districts=districts))
    inside = int(part(sizes, {"district": districts[0].key})["sample"].sum())
    assert inside <= capacity
    assert sizes.table["sample"].sum() == budget
    if inside == capacity < 60 and inside > 6:
        unbound = int(part(sized(base), {"district": districts[0].key})["sample"].sum())
        assert unbound >= inside


def test_shares_by_credit_class_are_kept() -> None:
    base = design_of(strata=Strata(keys=("district", "credit_class")), sample=Sample(budget=150))
    design = replace(
        base,
        shares=(
            ShareBound(domain={"credit_class": "A"}, at_most=0.06),
            ShareBound(domain={"credit_class": "D"}, at_least=0.61),
        ),
    )
    sizes = sized(design)
    drawn = {
        c: int(t["sample"].sum()) / int(t["population"].sum())
        for c in "ABCD"
        for t in [part(sizes, {"credit_class": c})]
    }
    assert drawn["A"] <= 0.06
    assert drawn["D"] >= 0.61
    assert {"share", "ceiling"} & set(sizes.table["bound"])


@given(st.integers(20_000, 400_000), st.sampled_from([0.0, 80.0]), st.sampled_from([None, 100]))
@settings(deadline=None, max_examples=30)
def test_a_budget_in_yuan_is_kept(yuan: int, visit: float, budget: int | None) -> None:
    base = design_of(sample=Sample(budget=budget, budget_yuan=float(yuan), cost_per_visit=visit))
    costs = (300.0, 800.0, 1250.5)
    categories = tuple(replace(c, cost_per_batch=p) for c, p in zip(base.categories, costs, strict=True))
    design = replace(base, categories=categories)
    price = {c.key: c.cost_per_batch + visit for c in design.categories}
    table = sized(design).table
    spent = sum(n * price[c] for c, n in table.select("category", "sample").iter_rows())
    assert spent <= yuan
    if budget is None:
        room = table.filter(pl.col("sample") < pl.col("population"))
        assert room.is_empty() or yuan - spent < max(price.values())
    else:
        assert table["sample"].sum() <= budget


def test_a_stage_with_its_own_cost_is_counted_at_the_dearest() -> None:
    base = design_of(sample=Sample(budget_yuan=60_000.0))
    categories = tuple(replace(c, cost_per_batch=500.0, cost_by_stage={"production": 1500.0}) for c in base.categories)
    table = sized(replace(base, categories=categories)).table
    assert int(table["sample"].sum()) == 40  # every stratum has both stages


def message(design: Design, units: int = 60) -> str:
    with pytest.raises(InfeasibleError) as caught:
        sized(design, units)
    assert caught.value.exit_code == 4
    assert "没有找到满足全部要求的方案" in caught.value.message("zh")
    return str(caught.value)


def test_floors_beyond_the_budget() -> None:
    said = message(design_of(sample=Sample(budget=17)))
    assert "the floors, shares and detection of 9 strata need 18" in said
    assert "The smallest budget that works is 18 (--budget 18)" in said
    assert "[sample] floor_stratum = 1 (now 2)" in said
    assert sized(design_of(sample=Sample(budget=18))).table["sample"].sum() == 18
    assert sized(design_of(sample=Sample(budget=17, floor_stratum=1))).table["sample"].sum() == 17


def test_floors_beyond_the_budget_in_yuan() -> None:
    design = design_of(sample=Sample(budget_yuan=14_000.0))
    assert "The smallest budget that works is 14,400.00 yuan" in message(design)
    assert sized(replace(design, sample=Sample(budget_yuan=14_400.0))).table["sample"].sum() == 18
    both = message(replace(design, sample=Sample(budget=12, budget_yuan=14_000.0)))
    assert "A budget of 18 batches and 14,400.00 yuan works." in both


def test_margins_beyond_the_budget_say_what_would_do() -> None:
    entry = Precision(domain={"category": "every"}, margin=0.05)
    design = design_of(sample=Sample(budget=100), precision=(entry,))
    said = message(design)
    needed = int(said.partition("(--budget ")[2].partition(")")[0])
    assert sized(replace(design, sample=Sample(budget=needed))).table["sample"].sum() == needed
    wider = float(said.partition("[[precision]] no. 1 (every category): margin = ")[2].split()[0])
    relaxed = replace(design, precision=(replace(entry, margin=wider),))
    assert sized(relaxed).table["sample"].sum() == 100


@pytest.mark.parametrize(("population", "margin", "refused"), [(200, 0.02, 100), (200, 0.03, 60), (1000, 0.03, 130)])
def test_a_budget_named_for_a_margin_works_and_one_batch_less_does_not(
    population: int, margin: float, refused: int
) -> None:
    # Widths of whole outcomes go in steps, so that budgets that work and such that do not take turns: every budget's
    # width is enumerated here, and the one that is named must be the first of a run that works.
    unit = {"category": "food", "stage": "production", "score": 1.0, "stratum": "food"}
    units = pl.DataFrame([unit] * population).with_columns(pl.lit(None, dtype=pl.String).alias("certainty"))
    design = design_of(
        strata=Strata(keys=("category",)), sample=Sample(budget=refused), precision=(Precision(margin=margin),)
    )
    with pytest.raises(InfeasibleError) as caught:
        stratum_sizes(units, design, batches={"food": 1})
    said = str(caught.value)
    assert "proven" not in said
    named = int(said.partition("A budget of ")[2].partition(" works")[0])
    assert "one batch less does not" in said
    failing = np.array([1 - next(c.prior for c in design.categories if c.key == "food")])
    works = {
        n: planned_interval(np.array([population]), np.array([n]), failing, confidence=0.95).half_width <= margin
        for n in (named - 1, named)
    }
    assert works == {named - 1: False, named: True}
    for budget in works:
        tried = replace(design, sample=Sample(budget=budget))
        if works[budget]:
            assert int(stratum_sizes(units, tried, batches={"food": 1}).table["sample"].sum()) == budget
        else:
            with pytest.raises(InfeasibleError):
                stratum_sizes(units, tried, batches={"food": 1})


def test_a_budget_in_yuan_named_for_margins_works() -> None:
    design = design_of(sample=Sample(budget_yuan=60_000.0), precision=(Precision(margin=0.04),))
    said = message(design)
    named = float(said.partition("A budget of ")[2].partition(" yuan works (budget_yuan)")[0].replace(",", ""))
    assert named > 60_000
    sizes = sized(replace(design, sample=Sample(budget_yuan=named)))
    assert half_width(sizes.table) <= 0.04


def test_capacity_below_the_floors() -> None:
    base = design_of()
    districts = (replace(base.districts[0], capacity=5), *base.districts[1:])
    said = message(replace(base, districts=districts))
    assert "Yuexiu has a capacity of 5 batches beside its certain units, but its floors and shares need 6" in said
    assert "A larger budget does not help." in said
    assert "[[districts]] Yuexiu: capacity = 6 (now 5)" in said


def test_capacity_below_what_a_margin_takes() -> None:
    base = design_of(precision=(Precision(domain={"district": "440104"}, margin=0.04),))
    districts = (replace(base.districts[0], capacity=30), *base.districts[1:])
    assert "batches in Yuexiu, but its capacity is 30" in message(replace(base, districts=districts))


def test_a_ceiling_below_the_floors() -> None:
    said = message(design_of(shares=(ShareBound(domain={"category": "food"}, at_most=0.02),)))
    assert "the ceiling (at_most) of food allows 3 units, but its floors need 6" in said
    assert "[[shares]] no. 1 (food): at_most = 0.04 (now 0.02)" in said


def test_detection_beyond_a_ceiling() -> None:
    design = design_of(
        shares=(ShareBound(domain={"category": "food"}, at_most=0.1),),
        detection=(Detection(domain={"category": "food"}, share=0.01, probability=0.9),),
    )
    said = message(design)
    assert "food: at a failing share of 1% one is to be found with 90% probability" in said
    assert "[[detection]] no. 1 (food): probability = " in said


def test_requirements_that_only_help_together() -> None:
    design = design_of(
        sample=Sample(budget=3),
        shares=(
            ShareBound(domain={"category": "food"}, at_least=0.2),
            ShareBound(domain={"category": "children"}, at_least=0.2),
        ),
    )
    assert "No other requirement helps if it alone is loosened." in message(design)


def test_the_most_batches_of_an_enterprise() -> None:
    design = replace(one_batch(budget=10_000), caps=Caps(batches_per_enterprise=2))
    frame = make_frame(design, 6)
    crowded = frame.units.with_columns(
        pl.col("unit_id").rank("ordinal").mod(10).cast(pl.String).alias("enterprise"),
        (pl.col("source_row") % 9 == 0).alias("blacklisted"),
    )
    frame = replace(frame, units=crowded)
    plan = plan_of(frame, design, weights=WEIGHTS)
    certain = set(crowded.filter("blacklisted")["unit_id"])
    kept = plan.units.group_by("enterprise").agg(pl.len(), pl.col("certainty").is_null().any().alias("free"))
    assert kept.filter(pl.col("free"))["len"].max() == 2
    assert certain <= set(plan.units["unit_id"])
    assert set(plan.set_aside["reason"]) == {"batches"}
    assert plan.units.height + plan.set_aside.height == frame.size
    again = plan_of(frame, design, weights=WEIGHTS, seed="another")
    assert set(again.units["unit_id"]) != set(plan.units["unit_id"])
