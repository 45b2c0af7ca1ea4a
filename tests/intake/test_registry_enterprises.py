"""Who a row of a registry is: codes, names, and the same enterprise more than once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from sampler.design import Strata
from tests.intake.build import (
    HEADERS,
    VALID,
    A,
    B,
    C,
    field,
    found,
    guangzhou,
    one,
    read,
    registry,
    workbook,
)

# @Codes


@pytest.mark.parametrize(
    ("code", "kind", "kept"),
    [
        ("91350203M0001QKT19", "code-check-digit", True),
        ("914403001922038217", "code-check-digit", True),
        ("91440300192203821", "code-length", True),
        ("9.14E+17", "code-damaged", False),
        (914403001922038216, "code-damaged", False),
        ("914403001922038000", "code-damaged", False),
        ("/", "code-missing", False),
    ],
)
def test_codes_to_look_at(tmp_path: Path, code: object, kind: str, kept: bool) -> None:
    frame = read(
        registry(tmp_path, ("甲食品厂", code, "天河区", "食品"), *[("x", v, "天河区", "食品") for v in VALID[1:]])
    )
    assert one(frame, kind).row == 2
    assert one(frame, kind).severity == "warning"
    unit = frame.units.filter(pl.col("source_row") == 2).row(0, named=True)
    assert unit["code"] == (code if kept else None)
    assert unit["enterprise"] == (code if kept else "name=甲食品厂@440106")
    assert frame.size == 7


def test_old_registration_numbers_are_no_errors(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "440111650506932", "天河区", "食品"), ("乙", A, "天河区", "食品")))
    issue = one(frame, "code-legacy")
    assert (issue.severity, issue.row) == ("info", None)
    assert field(frame, "enterprise")[0] == "440111650506932"


def test_what_failed_is_told(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "91440300192203821O", "天河区", "食品"), ("乙", A, "天河区", "食品")))
    assert one(frame, "code-check-digit").expected.key == "intake.expected_alphabet"


def test_a_code_typed_as_a_number_or_text_is_one_enterprise(tmp_path: Path) -> None:
    frame = read(
        registry(tmp_path, ("甲", "440111650506932", "天河区", "食品"), ("甲", 440111650506932, "天河区", "食品"))
    )
    assert (frame.size, frame.merged) == (1, 1)


def test_identifiers_that_are_no_unified_codes(tmp_path: Path) -> None:
    design = replace(
        guangzhou(),
        columns={"code": ("licence_id",), "district": ("ward",)},
        districts=(),
        strata=Strata(keys=("district",)),
    )
    rows = [
        ("licence_id", "name", "ward", "category"),
        (2, "COSI", 42, "food"),
        (9, "Café  Ａ", "42.0", "food"),
        (40, "X", None, "food"),
    ]
    frame = read(workbook(tmp_path / "chicago.xlsx", rows), design)
    assert field(frame, "unit_id") == ["2|food", "9|food"]
    assert field(frame, "district") == ["42", "42"]
    assert field(frame, "name") == ["COSI", "Café A"]
    assert dict(frame.excluded) == {"district": 1}
    assert {i.code for i in frame.issues} == {"district-missing"}


# @Who


def test_neither_name_nor_code(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("/", "—", "天河区", "食品"),
            (None, "9.14E+17", "天河区", "食品"),
            ("甲", A, "天河区", "食品"),
        )
    )
    assert dict(frame.excluded) == {"identity": 2}
    assert [(i.severity, i.found) for i in found(frame, "no-identity")] == [
        ("error", "/ | — | 天河区 | 食品"),
        ("error", "9.14E+17 | 天河区 | 食品"),
    ]


def test_a_code_without_a_name_is_enough(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, (None, A, "天河区", "食品")))
    assert field(frame, "enterprise") == [A]
    assert one(frame, "name-missing").row == 2


def test_a_name_in_an_id_has_one_form(tmp_path: Path) -> None:
    frame = read(
        workbook(tmp_path / "r.xlsx", [("企业名称", "所属区", "产品类别"), ("甲|乙（Ａ）Ltd", "天河区", "食品")])
    )
    assert field(frame, "unit_id") == ["name=甲/乙(A)LTD@440106|food"]
    assert field(frame, "name") == ["甲|乙（A）Ltd"]


# @The same enterprise more than once


RISK = ("投诉次数", "不合格次数", "信用等级", "风险等级", "是否黑名单", "上次抽查日期", "地址")


def test_duplicates_are_merged_and_the_worse_facts_kept(tmp_path: Path) -> None:
    rows = [
        ("广州（华南）食品有限公司", A, "天河区", "食品", 1, 0, "A", "C", "否", "2024-01-01", None),
        ("广州(华南)食品有限公司", A, "天河区", "食品", 0, 2, "C", "A", "是", "2025-01-01", "天河路1号"),
        ("广州（华南）食品有限公司天河分公司", A, "天河", "食品", None, None, None, None, None, None, None),
    ]
    frame = read(registry(tmp_path, *rows, more=RISK))
    assert (frame.size, frame.merged) == (1, 2)
    unit = frame.units.row(0, named=True)
    assert (unit["complaints"], unit["failures"], unit["credit_class"], unit["risk_grade"]) == (
        1,
        2,
        "C",
        "C",
    )
    assert (unit["blacklisted"], unit["last_inspected"], unit["address"]) == (
        True,
        dt.date(2025, 1, 1),
        "天河路1号",
    )
    assert unit["source_row"] == 3
    assert [(i.row, dict(i.done.params)["row"]) for i in found(frame, "duplicate")] == [(2, 3), (4, 3)]


def test_the_row_merged_into_is_named_with_its_file_where_there_are_several(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [HEADERS, ("甲", A, "天河区", "食品")])
    workbook(tmp_path / "b.xlsx", [HEADERS, ("甲", A, "天河区", "食品")])
    assert dict(one(read(tmp_path), "duplicate").done.params)["where"] == "a.xlsx 名录"
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品"), ("甲", A, "天河区", "食品")))
    assert dict(one(frame, "duplicate").done.params)["where"] == "名录"


def test_merging_counts_pairs_of_a_row_and_a_unit(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品、建材"), ("甲", A, "天河区", "食品")))
    assert (frame.rows, frame.size, frame.expanded, frame.merged) == (2, 2, 1, 1)


def test_one_code_two_names_is_for_a_person_and_nobody_is_lost(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲食品厂", A, "天河区", "食品"), ("乙面包店", A, "天河区", "食品")))
    assert (frame.size, frame.merged) == (2, 0)
    assert sorted(map(str, field(frame, "enterprise"))) == [f"{A}@乙面包店", f"{A}@甲食品厂"]
    assert [i.found for i in found(frame, "code-two-names")] == [f"{A} 甲食品厂", f"{A} 乙面包店"]
    assert field(frame, "code") == [A, A]


def test_one_code_two_districts_is_for_a_person(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲食品厂", A, "天河区", "食品"), ("甲食品厂", A, "越秀区", "食品")))
    assert sorted(map(str, field(frame, "enterprise"))) == [f"{A}@440104", f"{A}@440106"]
    assert [i.found for i in found(frame, "code-two-districts")] == [f"{A} 天河区", f"{A} 越秀区"]
    assert not found(frame, "code-two-names")


def test_one_name_two_codes_is_for_a_person(tmp_path: Path) -> None:
    rows = [
        ("甲食品厂", A, "天河区", "食品"),
        ("甲食品厂", "440106000012345", "天河区", "食品"),
        ("甲食品厂", C, "越秀区", "食品"),
        ("甲食品厂", A, "天河区", "食品"),
    ]
    frame = read(registry(tmp_path, *rows))
    assert (frame.size, frame.merged) == (3, 1)
    told = found(frame, "name-two-codes")
    assert [(i.row, i.column, i.found) for i in told][:2] == [
        (2, "统一社会信用代码", f"{A} 甲食品厂"),
        (3, "统一社会信用代码", "440106000012345 甲食品厂"),
    ]
    assert [i.row for i in told] == [2, 3, 5]


def test_a_row_without_a_code_is_the_enterprise_of_its_name_and_district(tmp_path: Path) -> None:
    rows = [
        ("甲（广州）食品厂", A, "天河区", "食品"),
        ("甲(广州)食品厂", "9.14E+17", "天河区", "食品"),
        ("甲(广州)食品厂", None, "越秀区", "食品"),
    ]
    frame = read(registry(tmp_path, *rows))
    assert (frame.size, frame.merged) == (2, 1)
    assert field(frame, "enterprise") == [A, "name=甲(广州)食品厂@440104"]
    assert one(frame, "name-matched").row == 3


def test_enterprises_whose_codes_were_damaged_alike_are_not_one(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", "9.14E+17", "天河区", "食品"), ("乙", "9.14E+17", "天河区", "食品")))
    assert frame.size == 2


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows: list[tuple[object, ...]] = [
        ("甲", A, "天河区", "食品", 1, "2024-01-01", "路1号"),
        ("甲", A, "天河区", "食品、建材", 2, None, "路2号"),
        ("甲", A, "天河区", "食品", None, "2023-01-01", "路3号"),
        ("乙", B, "天河区", "食品", 1, None, None),
        ("丙", B, "天河区", "食品", 1, None, None),
        ("丁", None, "越秀区", "建材", 1, None, None),
        ("丁", "/", "越秀", "建材", 5, None, "路4号"),
    ]
    more = ("投诉次数", "上次抽查日期", "地址")
    one_way = read(registry(tmp_path, *rows, more=more))
    other_way = read(registry(tmp_path, *rows[::-1], more=more))
    assert one_way.sha256() == other_way.sha256()
    assert one_way.merged == other_way.merged == 3
