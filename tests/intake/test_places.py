"""Districts: by name, former name, code, and as part of a longer text."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from sampler.design import District
from sampler.intake.places import Districts, by_city
from tests.intake.build import guangzhou


def find(text: str | None, *, whole: bool, city: str | None = None, districts: tuple[District, ...] = ()) -> str | None:
    design = replace(guangzhou(), districts=districts) if districts else guangzhou()
    texts, cities = (pl.Series([t], dtype=pl.String) for t in (text, city))
    (key,) = Districts(design).find(texts, cities, whole=whole).to_list()
    assert key is None or isinstance(key, str)
    return key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("越秀区", "440104"),
        ("越秀", "440104"),
        ("Yuexiu", "440104"),
        ("yuexiu district", "440104"),
        ("东山区", "440104"),
        ("440102", "440104"),
        ("芳村区", "440103"),
        ("440107", "440103"),
        ("萝岗区", "440112"),
        ("440116", "440112"),
        ("增城市", "440118"),
        ("440183", "440118"),
        ("从化市", "440117"),
        ("440184", "440117"),
        ("440106", "440106"),
        ("440106.0", "440106"),
        ("４４０１０６", "440106"),
        ("440104001", "440104"),
        ("440104001002", "440104"),
        ("广州市越秀区市场监督管理局", "440104"),
        ("440104 越秀区", "440104"),
        ("白 云 区", "440111"),
        ("广东省广州市增城区", "440118"),
        ("黄埔（原萝岗）", "440112"),
        ("广州市市场监督管理局白云分局", "440111"),
        ("广州市工商行政管理局白云分局", "440111"),
        ("白云分局", "440111"),
        ("白云工商分局", "440111"),
        ("广州市荔湾工商分局", "440103"),
        ("广州市市场监督管理局天河分局石牌所", "440106"),
        ("白云市场监督管理局同和市场监督管理所", "440111"),
        ("广州南沙经济技术开发区行政审批局", "440115"),
        ("广州开发区市场监督管理局", None),
        ("贵阳市工商行政管理局白云分局", None),
        ("贵阳市白云分局", None),
        ("白云市场监管所", None),
        ("广州市公安局白云分局", None),
        ("南海区", None),
        ("佛山市南海区", None),
        ("贵阳市白云区", None),
        ("天河区、越秀区", None),
        ("广州市", None),
        ("4401", None),
        ("1440106", None),
        (None, None),
    ],
)
def test_a_cell_for_the_district(text: str | None, key: str | None) -> None:
    assert find(text, whole=True) == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("广州市白云区机场路1号", "440111"),
        ("白云区机场路1号", "440111"),
        ("广东省广州市番禺区市桥街", "440113"),
        ("白云路1号", None),
        ("天河路385号", None),
        ("贵阳市白云区云峰大道", None),
        ("越秀区与天河区交界", None),
        ("天河区/越秀区", None),
        ("天河区越秀区", None),
        ("广州市天河区华润超市天河区体育西店", "440106"),
        ("广州天河区体育西路永辉超市天河区店", "440106"),
        ("广州市白云区京溪路永辉超市白云区店", "440111"),
        ("广东省广州市番禺区大石街105国道南沙区段", "440113"),
        ("广州市黄埔区开创大道1号（原萝岗区）", "440112"),
        ("白云区机场路1号（已迁至天河区）", None),
        ("中山大道永辉超市白云区店", None),
        ("石井市场白云区1号", "440111"),
        ("佛山市南海区黄岐白云区物流城", None),
        ("贵州省贵阳市白云区云峰大道南沙区店", None),
        ("440106", None),
        (None, None),
    ],
)
def test_an_address_tells_the_district_only_where_it_names_one(text: str | None, key: str | None) -> None:
    assert find(text, whole=False) == key


@pytest.mark.parametrize(
    ("text", "only_city"),
    [
        ("国家市场监督管理总局", True),
        ("国家工商行政管理总局", True),
        ("广东省市场监督管理局", True),
        ("广州市行政审批局", True),
        ("广州开发区市场监督管理局", False),
        ("佛山市市场监督管理局", False),
    ],
)
def test_an_authority_above_the_districts_tells_none(text: str, only_city: bool) -> None:
    assert Districts(guangzhou()).whole_city(pl.Series([text])).to_list() == [only_city]


def test_a_zone_is_in_the_district_that_the_design_says() -> None:
    districts = (District(key="440112", name="黄埔区", name_en="Huangpu", aliases=("广州开发区",)),)
    assert find("广州开发区市场监督管理局", whole=True, districts=districts) == "440112"


SHARED = (
    District(key="370103", name="市中区", name_en="Shizhong", city="济南市"),
    District(key="370402", name="市中区", name_en="Shizhong", city="枣庄市"),
    District(key="370102", name="历下区", name_en="Lixia", city="济南市"),
)


@pytest.mark.parametrize(
    ("text", "city", "key"),
    [
        ("市中区", "济南市", "370103"),
        ("市中区", "枣庄", "370402"),
        ("市中区", None, None),
        ("枣庄市市中区", None, "370402"),
        ("370402", None, "370402"),
        ("历下区", None, "370102"),
    ],
)
def test_districts_of_equal_name_are_told_apart_by_their_city(text: str, city: str | None, key: str | None) -> None:
    assert find(text, whole=True, city=city, districts=SHARED) == key


def test_names_that_occur_in_two_cities_get_their_city() -> None:
    districts = pl.Series("district", ["市中区", "市中区", "历下区", "市中区", None])
    cities = pl.Series(["济南市", "枣庄市", "济南市", "济南市", "济南市"])
    assert by_city(districts, cities).to_list() == [
        "济南市市中区",
        "枣庄市市中区",
        "历下区",
        "济南市市中区",
        None,
    ]


def test_names_of_one_city_stay_as_they_are() -> None:
    districts = pl.Series("district", ["高新区", "高新区"])
    assert by_city(districts, pl.Series(["济南市", None])).to_list() == ["高新区", "高新区"]


@pytest.mark.parametrize(
    ("sheet", "file", "key"),
    [
        ("越秀", "名录.xlsx", "440104"),
        ("天河分局", "名录.xlsx", "440106"),
        ("海珠区局", "名录.xlsx", "440105"),
        ("03-白云（120家）", "名录.xlsx", "440111"),
        ("番禺市场监管局", "名录.xlsx", "440113"),
        ("花都企业名录", "名录.xlsx", "440114"),
        ("440115", "名录.xlsx", "440115"),
        ("Sheet1", "in/越秀.xlsx", "440104"),
        (None, "天河区2026.csv", "440106"),
        ("越秀", "天河区.xlsx", "440104"),
        ("白云路", "名录.xlsx", None),
        ("Sheet1", "名录.xlsx", None),
    ],
)
def test_a_sheet_named_after_its_district(sheet: str | None, file: str, key: str | None) -> None:
    assert Districts(guangzhou()).of_sheets([(sheet, file)]).to_list() == [key]
