"""Categories: what a row says, and where it falls."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from sampler.design import Category
from sampler.intake.classify import TELLING, by_industry, by_licence, by_words, classified, parts_of
from tests.intake.build import guangzhou

FOOD, CHILDREN, BUILDING = "food", "children", "building"


def category(key: str, name: str, **more: tuple[str, ...]) -> Category:
    return Category(key=key, name=name, name_en=key, target=0.95, prior=0.95, **more)  # type: ignore[arg-type]


def classes(**cells: str) -> list[str] | None:
    row = {f: cells.get(f) for f in TELLING}
    result = classified(pl.DataFrame([row], schema=dict.fromkeys(row, pl.String)), guangzhou().categories)
    (number,) = result.number.to_list()
    return None if number is None else list(result.sets[number])


@pytest.mark.parametrize(
    ("cells", "keys"),
    [
        ({"category": "食品"}, [FOOD]),
        ({"category": "食品类"}, [FOOD]),
        ({"category": "食品（含酒类）"}, [FOOD]),
        ({"category": "food"}, [FOOD]),
        ({"category": "Building Materials"}, [BUILDING]),
        ({"category": "建材、食品"}, [FOOD, BUILDING]),
        *(({"category": f"食品{mark}童装"}, [FOOD, CHILDREN]) for mark in "、;；，,/\n"),
        ({"product": "防水卷材"}, [BUILDING]),
        ({"product": "婴幼儿配方奶粉"}, [FOOD]),
        ({"category": "食品", "product": "童装"}, [FOOD]),
        ({"category": "其他", "product": "童装"}, [CHILDREN]),
        ({"category": "其他"}, None),
        ({"industry": "1411"}, [FOOD]),
        ({"industry": "C1411"}, [FOOD]),
        ({"industry": "C1411 糕点、面包制造"}, [FOOD]),
        ({"industry": "C14"}, [FOOD]),
        ({"industry": "5227"}, None),
        ({"industry": "F5226"}, [FOOD]),
        ({"industry": "2450;3034"}, [CHILDREN, BUILDING]),
        ({"industry": "C1411,C2451"}, [FOOD, CHILDREN]),
        ({"industry": "24"}, None),
        ({"industry": "食品制造业"}, [FOOD]),
        ({"industry": "零售业"}, None),
        ({"product": "五金", "industry": "5281"}, [BUILDING]),
        ({"product": "糕点", "industry": "5281"}, [FOOD]),
        ({"licence": "SC10144010500017"}, [FOOD]),
        ({"licence": "sc10144010500017"}, [FOOD]),
        ({"licence": "XK08-005-64115"}, [BUILDING]),
        ({"licence": "A-SC1"}, None),
        ({"industry": "1411", "licence": "XK08-005-64115"}, [FOOD]),
        ({"product": "糕点", "scope": "玩具销售；建筑材料销售"}, [FOOD]),
        ({"product": "杂货", "scope": "玩具销售；建筑材料销售"}, [CHILDREN, BUILDING]),
        ({"scope": "玩具销售", "industry": "1411"}, [CHILDREN]),
        ({"product": "日用百货零售（不含食品、饮料）"}, None),
        ({"product": "建筑材料销售(不含玩具)"}, [BUILDING]),
        ({"product": "玩具除外的百货"}, None),
        ({"product": "非食品类百货；童装"}, [CHILDREN]),
        ({"scope": "百货，不包括食品；水泥；糕点除外"}, [BUILDING]),
        ({}, None),
    ],
)
def test_guangzhou(cells: dict[str, str], keys: list[str] | None) -> None:
    assert classes(**cells) == keys


def test_overlapping_keywords_the_leftmost_longest_counts() -> None:
    terms = (category("a", "甲", keywords=("婴幼儿配方",)), category("b", "乙", keywords=("婴幼儿", "童装")))
    said = by_words(pl.Series(["婴幼儿配方乳粉", "婴幼儿服装", "婴幼儿配方乳粉和童装"]), terms)
    found = {t: sorted(said.filter(pl.col("text") == t)["category"]) for t in said["text"].unique()}
    assert found == {"婴幼儿配方乳粉": ["a"], "婴幼儿服装": ["b"], "婴幼儿配方乳粉和童装": ["a", "b"]}


def test_a_keyword_of_two_categories_is_of_both() -> None:
    terms = (category("a", "甲", keywords=("书包",)), category("b", "乙", keywords=("书包",)))
    assert sorted(by_words(pl.Series(["学生书包"]), terms)["category"]) == ["a", "b"]


def test_an_exact_name_goes_before_keywords() -> None:
    terms = (category("a", "儿童食品"), category("b", "食品", keywords=("食品",)))
    assert by_words(pl.Series(["儿童食品"]), terms)["category"].to_list() == ["a"]


def test_keywords_are_words_not_patterns() -> None:
    terms = (category("a", "甲", keywords=("C++ (x)", ".")),)
    assert by_words(pl.Series(["课程C++（X）", "无"]), terms)["category"].to_list() == ["a", None]


def test_nothing_to_go_by() -> None:
    terms = (category("a", "甲"),)
    assert by_words(pl.Series(["乙"]), terms)["category"].to_list() == [None]
    assert not by_industry(pl.Series(["1411"]), terms).height
    assert not by_licence(pl.Series(["SC1"]), terms).height


def test_each_category_gets_the_parts_that_speak_of_it() -> None:
    pairs = pl.DataFrame(
        {
            "product": ["糕点、童装；饼干", "糕点、童装；饼干", "糕点", None],
            "category": [FOOD, CHILDREN, BUILDING, FOOD],
        }
    )
    assert parts_of(pairs, "product", guangzhou().categories).to_list() == ["糕点、饼干", "童装", None, None]


def test_the_order_of_categories_is_the_design_s() -> None:
    design = guangzhou()
    turned = replace(design, categories=design.categories[::-1])
    rows = pl.DataFrame(
        {f: ["食品、建材"] if f == "category" else [None] for f in TELLING}, schema=dict.fromkeys(TELLING, pl.String)
    )
    assert classified(rows, turned.categories).sets == ((BUILDING, FOOD),)
