"""The roster of inspectors: every cell is read, or named with what became of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from openpyxl import Workbook

from sampler.assignment import Inspector
from sampler.config import load_design
from sampler.errors import InputError
from sampler.files.inspectors import read_inspectors
from sampler.frame import ColumnMapping, Frame
from sampler.intake.roster import leave_days, negates

ROOT = Path(__file__).parents[2]
DESIGN = load_design(ROOT / "configs" / "guangzhou.toml")
HEADERS = ("姓名", "工号", "所属区", "资质类别", "证书有效期至", "回避企业", "请假", "最大任务数")


def roster(tmp_path, *rows, headers=HEADERS):
    book = Workbook()
    book.active.append(["检查人员名录"])
    book.active.append(headers)
    for row in rows:
        book.active.append(row)
    path = tmp_path / "inspectors.xlsx"
    book.save(path)
    return path


def test_every_column_is_read(tmp_path):
    path = roster(
        tmp_path,
        (
            "张 三",
            10301.0,
            "萝岗区",
            "食品、建材",
            dt.date(2027, 3, 31),
            "广州（恒源）商行；92440104XN00000001",
            "2026-10-08至2026-10-20；2026.12.1",
            20,
        ),
    )
    found = read_inspectors(path, DESIGN)
    assert found.inspectors == (
        Inspector(
            id="10301",
            name="张三",
            district="440112",
            categories=frozenset({"food", "building"}),
            valid_until=dt.date(2027, 3, 31),
            recused=frozenset({"广州（恒源）商行", "92440104XN00000001"}),
            leave=(
                (dt.date(2026, 10, 8), dt.date(2026, 10, 20)),
                (dt.date(2026, 12, 1), dt.date(2026, 12, 1)),
            ),
            maximum=20,
        ),
    )
    assert not [i for i in found.issues if i.severity != "info"]


FRAME = Frame(
    units=pl.DataFrame(
        {
            "name": ["广州（恒源）商行", "广州和达玩具厂", "越秀建材店"],
            "code": ["92440104XN00000001", "91440101MA00000002", None],
            "enterprise": ["92440104XN00000001", "91440101MA00000002", "name=越秀建材店@440104"],
        }
    ),
    rows=4,
    merged=0,
    expanded=0,
    excluded={"status": 1},
    mapping=(ColumnMapping("name", "单位 名称", None, "A", 4, (), "registry.xlsx"),),
    rejected=pl.DataFrame({"row": [5], "单位 名称": ["已注销商行"], "备注": ["隔壁厂"]}),
)


@pytest.mark.parametrize(
    ("cell", "recused"),
    [
        ("广州（恒源）商行\n广州和达玩具厂", {"广州（恒源）商行", "广州和达玩具厂"}),
        ("广州（恒源）商行\r\n越秀建材店", {"广州（恒源）商行", "越秀建材店"}),
        ("广州（恒源）商行 广州和达玩具厂", {"广州（恒源）商行", "广州和达玩具厂"}),
        ("广州（恒源）商行/广州和达玩具厂", {"广州（恒源）商行", "广州和达玩具厂"}),
        ("广州（恒源）商行和广州和达玩具厂", {"广州（恒源）商行", "广州和达玩具厂"}),
        ("广州（恒源）商行，越秀建材店。", {"广州（恒源）商行", "越秀建材店"}),
        ("广州(恒 源)商行", {"广州(恒 源)商行"}),
        ("越秀建材店（配偶所开）", {"越秀建材店"}),
        ("91440101MA00000002（和达厂）", {"91440101MA00000002", "和达厂"}),
        ("和达厂（统一社会信用代码：91440101ma00000002）", {"91440101MA00000002", "和达厂"}),
        ("已注销商行", {"已注销商行"}),
        ("91440101MA00000002 92440104XN00000001", {"91440101MA00000002", "92440104XN00000001"}),
    ],
)
def test_recusals_are_found_however_they_are_parted(tmp_path, cell, recused):
    read = read_inspectors(roster(tmp_path, ("张三", "1", None, None, None, cell)), DESIGN, FRAME)
    assert read.inspectors[0].recused == recused
    assert not [i for i in read.issues if i.severity != "info"]


@pytest.mark.parametrize(
    ("cell", "strangers"),
    [
        ("广州恒源商行", ["广州恒源商行"]),
        ("越秀建材店；92440104XN00000009", ["92440104XN00000009"]),
        ("越秀建材店和恒源", ["恒源"]),
        ("本人配偶所在单位", ["本人配偶所在单位"]),
        ("隔壁厂", ["隔壁厂"]),
    ],
)
def test_a_recusal_of_nobody_is_a_warning(tmp_path, cell, strangers):
    read = read_inspectors(roster(tmp_path, ("张三", "1", None, None, None, cell)), DESIGN, FRAME)
    found = [i for i in read.issues if i.severity != "info"]
    assert [(i.code, i.severity, i.row, i.column, i.found) for i in found] == [
        ("inspector-recusal", "warning", 3, "回避企业", stranger) for stranger in strangers
    ]


def test_english_headers_in_any_order(tmp_path):
    path = roster(
        tmp_path,
        ("440111", "food", "I-7", "Li Lei", "2027-03-31", "12"),
        headers=("District", "Categories", "ID", "Name", "Certificate valid until", "Maximum load"),
    )
    (person,) = read_inspectors(path, DESIGN).inspectors
    assert person == Inspector("I-7", "Li Lei", "440111", frozenset({"food"}), dt.date(2027, 3, 31), maximum=12)


@pytest.mark.parametrize("empty", [None, "", "/", "—", "无"])
def test_empty_cells_mean_no_restriction(tmp_path, empty):
    path = roster(tmp_path, ("张三", "1", empty, empty, empty, empty, empty, empty))
    assert read_inspectors(path, DESIGN).inspectors == (Inspector("1", "张三"),)


def test_words_for_no_restriction(tmp_path):
    path = roster(tmp_path, ("张三", "1", "市局", "全部", "长期", None, None, None), ("李四", "2", "广州市", "不限"))
    assert read_inspectors(path, DESIGN).inspectors == (Inspector("1", "张三"), Inspector("2", "李四"))


def test_a_roster_of_names_and_ids_is_enough(tmp_path):
    path = roster(tmp_path, ("张三", "1"), headers=("姓名", "工号"))
    assert read_inspectors(path, DESIGN).inspectors == (Inspector("1", "张三"),)


@pytest.mark.parametrize(
    ("cells", "code", "column", "found"),
    [
        ({"姓名": None}, "inspector-no-name", "姓名", ""),
        ({"工号": "无"}, "inspector-no-id", "工号", "无"),
        ({"工号": "1"}, "inspector-duplicate-id", "工号", "1"),
        ({"所属区": "南海区"}, "inspector-district", "所属区", "南海区"),
        ({"资质类别": "药品"}, "inspector-category", "资质类别", "药品"),
        ({"证书有效期至": "不详"}, "inspector-certificate", "证书有效期至", "不详"),
        ({"证书有效期至": "2021-03-01起"}, "inspector-certificate", "证书有效期至", "2021-03-01起"),
        ({"请假": "十月"}, "inspector-leave", "请假", "十月"),
        ({"最大任务数": "若干"}, "inspector-maximum", "最大任务数", "若干"),
    ],
)
def test_a_cell_that_must_be_certain_leaves_the_person_out(tmp_path, cells, code, column, found):
    good = dict.fromkeys(HEADERS) | {"姓名": "张三", "工号": "1"}
    bad = dict.fromkeys(HEADERS) | {"姓名": "李四", "工号": "2", "所属区": "白云区"} | cells
    read = read_inspectors(roster(tmp_path, tuple(good.values()), tuple(bad.values())), DESIGN)
    assert [p.name for p in read.inspectors] == ["张三"]
    (issue,) = [i for i in read.issues if i.severity == "error"]
    assert (issue.code, issue.row, issue.column, issue.found) == (code, 4, column, found)
    assert issue.sheet == "Sheet"
    assert read.issues[0] is issue
    for lang in ("zh", "en"):
        assert issue.expected.render(lang)
        assert issue.done.render(lang)


def test_one_unknown_category_among_known_ones_is_a_warning(tmp_path):
    read = read_inspectors(roster(tmp_path, ("张三", "1", None, "食品/药品")), DESIGN)
    assert read.inspectors[0].categories == {"food"}
    (issue,) = [i for i in read.issues if i.severity == "warning"]
    assert (issue.code, issue.row, issue.found) == ("inspector-category", 3, "食品/药品")


@pytest.mark.parametrize(
    "cell",
    ["除食品外", "不含建材", "儿童用品（不含玩具）", "食品（暂停）", "无食品资质", "非食品", "食品、建材（建材待考核）",
     "全部（除食品、建材外）", "all except food"],
)  # fmt: skip
def test_qualifications_that_are_taken_away_are_none(tmp_path, cell):
    read = read_inspectors(roster(tmp_path, ("张三", "1"), ("李四", "2", None, cell)), DESIGN)
    assert [p.name for p in read.inspectors] == ["张三"]
    (issue,) = [i for i in read.issues if i.severity == "error"]
    assert (issue.code, issue.found) == ("inspector-category", cell)


def test_a_category_whose_name_negates_something_is_a_category():
    assert not negates("非食用农产品、食品", ["非食用农产品", "食品"])
    assert negates("非食用农产品（暂停）", ["非食用农产品", "食品"])


def test_no_id_column_names_what_is_missing_and_what_was_seen(tmp_path):
    with pytest.raises(InputError) as caught:
        read_inspectors(roster(tmp_path, ("张三", "白云区"), headers=("姓名", "所属区")), DESIGN)
    assert caught.value.exit_code == 3
    assert "columns missing: 工号. Headers seen: 姓名, 所属区." in caught.value.message("en")
    assert "缺少列：工号" in caught.value.message("zh")


def test_no_usable_row_is_an_error(tmp_path):
    with pytest.raises(InputError) as caught:
        read_inspectors(roster(tmp_path, ("张三", None, "白云区")), DESIGN)
    assert caught.value.key == "assignment.no_inspector"
    assert "inspectors.xlsx" in caught.value.message("zh")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", ()),
        ("2026-10-08至2026-10-20", (((10, 8), (10, 20)),)),
        ("2026-10-08 to 2026-10-20", (((10, 8), (10, 20)),)),
        ("2026-10-08-2026-10-20", (((10, 8), (10, 20)),)),
        ("20261008~20261020", (((10, 8), (10, 20)),)),
        ("2026年10月8日—10月20日", (((10, 8), (10, 20)),)),
        ("２０２６．１０．８－１０．２０", (((10, 8), (10, 20)),)),
        ("产假 2026-10-08至2026-10-20", (((10, 8), (10, 20)),)),
        ("产假：自2026-10-08起至2026-10-20止", (((10, 8), (10, 20)),)),
        ("2026-10-08（周四）下午请事假", (((10, 8), (10, 8)),)),
        ("2026-10-08 00:00:00", (((10, 8), (10, 8)),)),
        ("2026/10/8;2026/11/2至2026/11/3", (((10, 8), (10, 8)), ((11, 2), (11, 3)))),
        ("2026年10月8日、2026年11月2日", (((10, 8), (10, 8)), ((11, 2), (11, 2)))),
    ],
)
def test_leave_is_read_as_people_write_it(text, days):
    assert leave_days(text) == tuple((dt.date(2026, *a), dt.date(2026, *b)) for a, b in days)


def test_leave_over_the_new_year_ends_in_the_next():
    assert leave_days("2026年12月20日—1月5日") == ((dt.date(2026, 12, 20), dt.date(2027, 1, 5)),)


@pytest.mark.parametrize(
    "text",
    [
        "十月",
        "10月8日",
        "2026-10-20至2026-10-08",
        "2026-13-01",
        "2026-10-01至2026-10-08至2026-10-20",
        "2026-10-08起5天",
        "2026-10-08起",
        "自2026-10-08以后",
        "2026-10-08至年底",
        "2026-10-08至",
        "2026-10-08起休产假",
        "2026-10-08—",
        "2026-10-08 onwards",
        "2026-10-08至2026-10-20以外",
    ],
)
def test_leave_that_is_not_certain_is_not_guessed(text):
    assert leave_days(text) is None


def test_the_sample_roster_is_read_whole():
    read = read_inspectors(ROOT / "sample_data" / "inspectors.xlsx", DESIGN)
    assert not [i for i in read.issues if i.severity != "info"]
    districts = Counter(p.district for p in read.inspectors)
    assert set(districts) == {d.key for d in DESIGN.districts}
    assert min(districts.values()) >= 8
    assert max(districts.values()) <= 12
