"""Configurations: the shipped ones are sound, and what is wrong with another is said with file and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sampler.config import load_design, load_weights
from sampler.design import Design
from sampler.errors import InputError

CONFIGS = Path(__file__).parent.parent / "configs"
DESIGN = (CONFIGS / "guangzhou.toml").read_text(encoding="utf-8")
WEIGHTS = (CONFIGS / "risk_weights.toml").read_text(encoding="utf-8")

SMALL = """
schema_version = 1
bureau = { city = "甲市", city_en = "A" }
strata = { keys = ["district", "category"] }
sample = { budget = 10 }
[[districts]]
key = "1"
name = "东区"
name_en = "East"
[[categories]]
key = "food"
name = "食品"
name_en = "Food"
target = 0.95
prior = 0.97
"""
SMALL_WEIGHTS = """
schema_version = 1
[[weights]]
field = "category"
value = "food"
weight = 1.0
source = "assumed"
date = 2026-01-31
"""


def design_of(tmp_path: Path, text: str) -> Design:
    path = tmp_path / "design.toml"
    path.write_text(text, encoding="utf-8")
    return load_design(path)


def refusal(tmp_path: Path, text: str, weights: str | None = None) -> InputError:
    path = tmp_path / "weights.toml"
    path.write_text(weights or SMALL_WEIGHTS, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_weights(path, design_of(tmp_path, text))
    assert caught.value.exit_code == 3
    assert ("weights.toml" if weights else "design.toml") in str(caught.value)
    return caught.value


def test_the_shipped_configuration_is_sound() -> None:
    design = load_design(CONFIGS / "guangzhou.toml")
    weights = load_weights(CONFIGS / "risk_weights.toml", design)
    assert [d.key for d in design.districts] == (
        [f"4401{n}" for n in ("03", "04", "05", "06", "11", "12", "13", "14", "15", "17", "18")]
    )
    assert {"food", "children", "building"} <= {c.key for c in design.categories}
    assert all(c.target_source and c.prior_source for c in design.categories)
    assert all(w.source for w in weights.weights)
    by_alias = {alias: d.name for d in design.districts for alias in d.aliases}
    assert (by_alias["萝岗区"], by_alias["增城市"], by_alias["从化市"]) == ("黄埔区", "增城区", "从化区")


def test_a_fourth_category_and_another_district_need_no_code(tmp_path: Path) -> None:
    more = DESIGN + (
        '\n[[categories]]\nkey = "toys"\nname = "玩具"\nname_en = "Toys"\ntarget = 0.9\nprior = 0.9\n'
        '\n[[districts]]\nkey = "440199"\nname = "新区"\nname_en = "New"\n'
    )
    design = design_of(tmp_path, more)
    assert design.label("category", "toys", "en") == "Toys"
    assert design.label("district", "440199", "zh") == "新区"
    with pytest.raises(InputError, match="toys"):
        load_weights(CONFIGS / "risk_weights.toml", design)


# Its units would fall into the stratum of those taken with certainty.
CERTAIN_TIER = """tiers = [
  { key = "low", name = "低", name_en = "low", at_least = 0.0 },
  { key = "certainty", name = "必查", name_en = "must", at_least = 2.0 },
]
sample ="""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("budget = 10", "budget = 10, bugdet = 3"), "sample.bugdet: there is no such key"),
        (("budget = 10", 'budget = "10"'), 'sample.budget: expected a whole number but got "10"'),
        (("budget = 10", "budget = 10.5"), "sample.budget: expected a whole number but got 10.5"),
        (("budget = 10", "budget = 0"), "sample.budget: must be at least 1 but got 0"),
        (("budget = 10", "budget = 10, confidence = 1"), "sample.confidence: must be below 1 but got 1"),
        (("budget = 10", 'budget = 10, rule = "lottery"'), "sample.rule: expected"),
        (("target = 0.95", "target = 95"), "categories[1].target: must be below 1 but got 95"),
        (("target = 0.95\n", ""), "categories[1].target: this key is missing"),
        (('name = "食品"', "name = 7"), "categories[1].name: expected text in quotes but got 7"),
        (('name = "食品"', 'name = ""'), "categories[1].name: must not be empty"),
        (('"category"]', '"colour"]'), "strata.keys[2]: unknown value 'colour'; known are: "),
        (('"category"]', '"category", "tier"]'), "tiers: this key is missing"),
        (('"category"]', '"category", "category"]'), "strata.keys: category occurs more than once"),
        (('["district", "category"]', '"district"'), 'strata.keys: expected a list in square brackets but got "district"'),
        (('key = "food"', 'key = "food"\naliases = ["吃的"]'), None),
        (("schema_version = 1", "schema_version = 2"), "schema_version: expected 1 but got 2"),
        (("budget = 10", "budget = 10, floor_cell = 999999999999"), "sample.floor_cell: must be at most 1000000 but got"),
        (("budget = 10", "budget = 10, power = nan"), "sample.power: expected an ordinary number, not inf or nan"),
        (("budget = 10", "budget = 10, cost_per_visit = inf"), "sample.cost_per_visit: expected an ordinary number"),
        (("target = 0.95", "target = -inf"), "categories[1].target: expected an ordinary number"),
        (('key = "food"', 'key = "../../../x"'), 'categories[1].key: "../../../x" cannot be a key'),
        (('key = "food"', 'key = "a/b"'), 'categories[1].key: "a/b" cannot be a key'),
        (('key = "food"', 'key = "a=b"'), 'categories[1].key: "a=b" cannot be a key'),
        (('key = "food"', 'key = "a|b"'), 'categories[1].key: "a|b" cannot be a key'),
        (('key = "food"', 'key = "a\\u0007b"'), "cannot be a key"),
        (('key = "food"', 'key = "every"'), 'categories[1].key: "every" cannot be a key'),
        (('key = "food"', 'key = "-"'), 'categories[1].key: "-" cannot be a key'),
        (("sample =", CERTAIN_TIER), 'tiers[2].key: "certainty" cannot be a key; keys hold no spaces'),
        (("sample =", 'campaign = { categories = ["toys"] }\nsample ='), "unknown value 'toys'"),
        (("sample =", 'status = { ask = ["存续"], in_scope = ["存续"] }\nsample ='), "claimed by two"),
        (("sample =", 'columns = { size = ["规 模"], scale = ["规模", "规 模"] }\nsample ='), "'规 模' is claimed by two"),
        (("sample =", 'columns = { new = ["选区(新)"], old = ["选区(旧)", "选区(旧)"] }\nsample ='), None),
        (("sample =", 'shares = [{ domain = { category = "food" } }]\nsample ='), "shares[1]: asks for nothing"),
        (("sample =", 'shares = [{ domain = {}, at_least = 0.0 }]\nsample ='), "shares[1]: asks for nothing"),
        (("sample =", 'shares = [{ domain = {}, at_most = 0.9 }]\nsample ='), None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, change: tuple[str, str], expected: str | None) -> None:
    assert change[0] in SMALL
    text = SMALL.replace(*change, 1)
    if expected is None:
        assert design_of(tmp_path, text)
        return
    error = refusal(tmp_path, text)
    assert expected in str(error)
    assert re.search(r"[\u4e00-\u9fff]", error.message("zh"))


def test_a_list_of_values_has_no_english_in_it(tmp_path: Path) -> None:
    error = refusal(tmp_path, SMALL.replace("budget = 10", 'budget = 10, rule = "lottery"'))
    assert "sample.rule：应为 'risk'、'neyman'、'proportional'、'power'、'equal'，实为" in error.message("zh")


def test_every_problem_is_listed_at_once(tmp_path: Path) -> None:
    text = SMALL.replace("budget = 10", "budget = -1, bugdet = 3").replace("0.95", "95")
    assert "has 3 problems" in str(refusal(tmp_path, text))


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (
            '[[districts]]\nkey = "1"\nname = "西区"\nname_en = "West"',
            "districts.key: 1 occurs more than once",
        ),
        (
            '[[districts]]\nkey = "2"\nname = "东区"\nname_en = "Other"',
            "districts.aliases: '东区' is claimed by two",
        ),
        ('[[tiers]]\nkey = "a"\nname = "甲"\nname_en = "A"\nat_least = 1.0', "one tier must start at 0"),
        (
            '[[tiers]]\nkey = "a"\nname = "甲"\nname_en = "A"\nat_least = -1.0',
            "tiers[1].at_least: must be at least 0",
        ),
    ],
)
def test_entries_that_clash(tmp_path: Path, extra: str, expected: str) -> None:
    assert expected in str(refusal(tmp_path, SMALL + extra))


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ("[[precision]]\nmargin = 0.5", "precision[1].margin: must be below 0.5 but got 0.5"),
        ('[[precision]]\ndomain = { district = "every" }\nmargin = 0.05', None),
        (
            '[[precision]]\ndomain = { district = "2" }\nmargin = 0.05',
            "precision[1].domain.district: unknown value '2'; known are: 1, every",
        ),
        (
            '[[precision]]\ndomain = { stage = "every" }\nmargin = 0.05',
            "precision[1].domain: stage is not among the keys of [strata] (district, category)",
        ),
        (
            '[[shares]]\ndomain = { credit_class = "A" }\nat_most = 0.05',
            "shares[1].domain: credit_class is not among the keys of [strata]",
        ),
        ("[[shares]]\nat_least = 0.3\nat_most = 0.2", "shares[1]: at_least (0.3) is above at_most (0.2)"),
        ("[[detection]]\nshare = 0.0", "detection[1].share: must be above 0 but got 0"),
        (
            "[[detection]]\nshare = 0.1\nprobability = 1.0",
            "detection[1].probability: must be below 1 but got 1",
        ),
        ('[[detection]]\nshare = 0.1\nrisk = "high"', "detection[1].risk: expected"),
        ("[caps]\nbatches_per_enterprise = 0", "caps.batches_per_enterprise: must be at least 1 but got 0"),
    ],
)
def test_requirements_are_checked(tmp_path: Path, extra: str, expected: str | None) -> None:
    if expected is None:
        assert design_of(tmp_path, SMALL + extra).precision
        return
    assert expected in str(refusal(tmp_path, SMALL + extra))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("{ budget = 10 }", "{}"),
            "sample: one of budget, budget_yuan, [[precision]] or [[detection]] is needed",
        ),
        (
            ("budget = 10", "budget_yuan = 5000.0"),
            "categories[1].cost_per_batch: with budget_yuan the category 'food' needs",
        ),
        (("budget = 10", "budget_yuan = 0.0"), "sample.budget_yuan: must be above 0 but got 0"),
        (
            ("prior = 0.97", "prior = 0.97\ncost_by_stage = { moon = 3.0 }"),
            "categories[1].cost_by_stage: unknown value 'moon'",
        ),
        (
            ("prior = 0.97", "prior = 0.97\nbatches = 4\n[caps]\nbatches_per_enterprise = 3"),
            "the cap is 3, but one unit of 'food' gives 4 batches",
        ),
    ],
)
def test_money_and_caps_are_checked(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    assert change[0] in SMALL
    assert expected in str(refusal(tmp_path, SMALL.replace(*change, 1)))


def line(**values: object) -> str:
    keys = {"source": '"assumed"', "date": "2026-01-31"} | values
    return "[[weights]]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items())


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (SMALL_WEIGHTS.replace("1.0", "0"), "weights[1].weight: must be above 0 but got 0"),
        (SMALL_WEIGHTS.replace("1.0", "-2.0"), "weights[1].weight: must be above 0 but got -2.0"),
        (SMALL_WEIGHTS.replace("1.0", "inf"), "weights[1].weight: expected an ordinary number, not inf or nan"),
        (SMALL_WEIGHTS.replace("1.0", "1e300"), "weights[1].weight: must be at most 1000 but got 1e+300"),
        (SMALL_WEIGHTS.replace('"food"', '"toys"'), "the category 'food' has no weight"),
        (SMALL_WEIGHTS.replace('"food"', '"toys"'), "weights[1].value: unknown value 'toys'; known are: food"),
        (SMALL_WEIGHTS.replace('source = "assumed"\n', ""), "weights[1].source: this key is missing"),
        (SMALL_WEIGHTS.replace("2026-01-31", '"soon"'), 'weights[1].date: expected a date like 2026-01-31 but got "soon"'),
        (SMALL_WEIGHTS + line(field='"colour"', value='"red"', weight=2.0), "weights[2].field: unknown value 'colour'"),
        (SMALL_WEIGHTS + line(field='"complaints"', value='"3"', weight=2.0), "so the line needs at_least"),
        (SMALL_WEIGHTS + line(field='"street"', at_least=3, weight=2.0), "so the line needs value"),
        (SMALL_WEIGHTS + line(field='"complaints"', weight=2.0), "exactly one of value and at_least"),
        (SMALL_WEIGHTS + line(field='"category"', value='"food"', weight=2.0), "weights[2]: category = food occurs more"),
        (SMALL_WEIGHTS + line(field='"blacklisted"', value='"yes"', weight=2.0), "known are: true, false"),
    ],
)  # fmt: skip
def test_wrong_weights_are_named(tmp_path: Path, weights: str, expected: str) -> None:
    assert expected in str(refusal(tmp_path, SMALL, weights))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"schema_version = ", "not valid TOML"),
        ("bureau = '广'".encode("gb18030"), "not UTF-8 text (byte 10)"),
        (b"", "schema_version: this key is missing"),
    ],
)
def test_files_that_are_no_configuration(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "design.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(expected)):
        load_design(path)


@pytest.mark.parametrize(
    ("content", "line", "column", "chinese", "english"),
    [
        ("a = 1\nname = 白云区\n", 2, 8, "没有加英文双引号", "without straight double quotes"),
        ("name = “白云区”\n", 1, 8, "用了中文引号", "Chinese quotation marks"),
        ("\ntarget = 95%\nb = 1\n", 2, 12, "95% 应写 0.95", "0.95 for 95%"),
        ("by_stage = 是\n", 1, 12, "应写 true、false", "write true or false"),
        ("list = ['a'，'b']\n", 1, 12, "中文引号、逗号", "Chinese quotation marks, commas"),
        ("a =\n", 1, 4, "等号左右缺了内容", "nothing on one side"),
        ("a = 1\nb = 2\na = 3\n", 3, 6, "写了第二次", "for the second time"),
        ("[t]\na = 1\n[t]\n", 3, 3, "写了第二次", "for the second time"),
        ("a = 1\nlist = [1, 2\n", 2, 13, "没有成对", "not closed"),
    ],
)
def test_a_syntax_error_shows_the_line_and_likely_causes(
    tmp_path: Path, content: str, line: int, column: int, chinese: str, english: str
) -> None:
    path = tmp_path / "d.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_design(path)
    row = content.split("\n")[line - 1].strip()
    zh, en = caught.value.message("zh"), caught.value.message("en")
    assert f"{path} 第 {line} 行第 {column} 列不符合" in zh
    assert chinese in zh
    assert f"{path} is not valid TOML at line {line}, column {column}." in en
    assert english in en
    assert zh.endswith(f"\n  {row}")
    assert en.endswith(f"\n  {row}")
    for word in ("Invalid", "Expected", "Cannot", "Unclosed", "Illegal"):
        assert word not in zh


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such configuration file: .*sampler init"):
        load_design(tmp_path / "none.toml")


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "design.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert load_design(path).bureau.city == "甲市"


@pytest.mark.parametrize("name", ["guangzhou.toml", "risk_weights.toml"])
def test_chinese_remarks_and_sources_are_set_as_chinese_is(name: str) -> None:
    for line in (CONFIGS / name).read_text(encoding="utf-8").splitlines():
        source = re.match(r'\w*source = "(.*?)"', line)
        quoted = re.match(r'(?:[^"#]|"[^"]*")*#(.*)', line)
        remark = source[1] if source else re.sub(r'"[^"]*"', "x", quoted[1]) if quoted else ""
        assert not re.search(r"[\u4e00-\u9fff][,:;?!(]|[,:;?!)][\u4e00-\u9fff]|\d %", remark), line
