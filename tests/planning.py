"""A plan made by hand, for tests of what is written from a plan and read back into it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import polars as pl

from sampler.design import Bureau, Category, Design, District, RiskWeights, Sample, Term, Tier, Weight
from sampler.frame import SCHEMA, Frame
from sampler.period import Period
from sampler.plan import Plan, make_plan

DISTRICTS = (
    ("440104", "越秀区", "Yuexiu"),
    ("440105", "海珠区", "Haizhu"),
    ("440118", "增城区", "Zengcheng"),
)
CATEGORIES = (
    ("food", "食品", "food", 1),
    ("children", "儿童用品", "children's goods", 2),
    ("building", "建材", "building", 1),
)
STREETS = ("洪桥街道", "北京街道", "六榕街道", "流花街道", "光塔街道", "人民街道", "东山街道", "农林街道")
SURNAMES = "陈李张黄何林梁罗欧阳郑邓冯彭曾"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

INSPECTORS = {
    f"I{i:02d}": f"{SURNAMES[i]}{given}" for i, given in enumerate(("伟明", "丽华", "志强", "秀英", "建国", "敏"))
}


def make_design(**changes: object) -> Design:
    fields: dict[str, object] = {
        "schema_version": 1,
        "bureau": Bureau(city="广州市", city_en="Guangzhou"),
        "districts": tuple(District(key=k, name=zh, name_en=en) for k, zh, en in DISTRICTS),
        "categories": tuple(
            Category(key=k, name=zh, name_en=en, batches=b, target=0.95, prior=0.97, cost_per_batch=800.0)
            for k, zh, en, b in CATEGORIES
        ),
        "stages": (
            Term(key="production", name="生产", name_en="production"),
            Term(key="circulation", name="流通", name_en="circulation"),
        ),
        "credit_classes": tuple(Term(key=c, name=f"信用{c}类", name_en=f"credit class {c}") for c in "ABCD"),
        "risk_grades": tuple(Term(key=c, name=f"风险{c}级", name_en=f"risk grade {c}") for c in "ABCD"),
        "tiers": (
            Tier(key="low", name="低风险档", name_en="low tier", at_least=0.0),
            Tier(key="high", name="高风险档", name_en="high tier", at_least=2.0),
        ),
        "sample": Sample(budget=100),
    }
    return Design(**{**fields, **changes})  # type: ignore[arg-type]


def make_frame(design: Design, units: int = 20, *, seed: int = 1, names: Mapping[int, str] | None = None) -> Frame:
    """A frame with so many units in each district × category; ``names`` gives some enterprises' names by number from 0."""
    rng = random.Random(seed)
    rows = [
        _unit(rng, number, district, category.key, names or {})
        for number, (district, category, _) in enumerate(product(design.districts, design.categories, range(units)))
    ]
    table = pl.DataFrame(rows, schema={c: getattr(pl, t) for c, t in SCHEMA.items()}).sort("unit_id")
    return Frame(table, rows=len(rows), merged=0, expanded=0, excluded={})


def draw(
    *,
    budget: int = 90,
    units: int = 20,
    design: Design | None = None,
    seed: str = "红棉",
    names: Mapping[int, str] | None = None,
    teams: bool = True,
) -> Plan:
    """A plan of ``budget`` batches; every visit has a team of two, drawn here without the rules of assignment."""
    design = design or make_design()
    design = replace(design, sample=replace(design.sample, budget=budget))
    weights = RiskWeights(
        schema_version=1,
        weights=(Weight(field="complaints", at_least=3.0, weight=2.5, source="test", date=dt.date(2026, 1, 1)),),
    )
    frame = make_frame(design, units, names=names)
    plan = make_plan(frame, design, weights, period=Period(2026, 4), seed=seed, design_sha256="51ab" * 16)
    visits = dict.fromkeys(plan.tasks["visit"].to_list()) if teams else {}
    rng = random.Random(seed)
    return replace(plan, teams={visit: tuple(rng.sample(sorted(INSPECTORS), 2)) for visit in visits})


def _unit(
    rng: random.Random, number: int, district: District, category: str, names: Mapping[int, str]
) -> dict[str, object]:
    code = "91440101MA" + "".join(rng.choice(ALPHABET) for _ in range(8))
    trade = {"food": "食品", "children": "玩具", "building": "建材"}.get(category, "商贸")
    words = "".join(rng.sample("华粤穗南新百丰源盛达兴荣美佳宝", 2))
    kind = rng.choice(("有限公司", "科技有限公司", "商行", "进出口贸易有限责任公司"))
    street = rng.choice(STREETS)
    room = rng.choice(("", "之一首层", f"{rng.randint(2, 30)}楼自编A{rng.randint(1, 99)}房"))
    return dict.fromkeys(SCHEMA) | {
        "unit_id": f"{code}|{category}",
        "enterprise": code,
        "code": code,
        "name": names.get(number, f"广州市{words}{trade}{kind}"),
        "district": district.key,
        "street": street,
        "office": f"{street[:2]}监管所",
        "address": f"广州市{district.name}{street[:2]}路{rng.randint(1, 900)}号{room}",
        "contact": rng.choice(SURNAMES) + rng.choice(("先生", "女士", "志明")),
        "phone": f"13{rng.randint(10**8, 10**9 - 1)}",
        "category": category,
        "product": trade,
        "stage": rng.choice(("production", "circulation")),
        "credit_class": rng.choice("ABCD"),
        "risk_grade": rng.choice("ABCD"),
        "status": "存续",
        "complaints": rng.randint(0, 4),
        "source_file": "registry.xlsx",
        "source_sheet": "Sheet1",
        "source_row": number + 2,
    }


def batch_ids(task_id: str, batches: int) -> tuple[str, ...]:
    """The ids of a task's batch rows: the task's own id for a single batch, else ``task-1`` … ``task-k``."""
    return (task_id,) if batches == 1 else tuple(f"{task_id}-{b}" for b in range(1, batches + 1))
