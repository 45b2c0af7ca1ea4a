"""What a row of a registry makes or sells: categories and stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sampler.design import Unit
from tests.intake.build import A, B, field, found, guangzhou, one, read, registry, workbook

# @What


def test_one_row_for_several_categories(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品、儿童用品", "糕点；童鞋"), more=("主营产品",)))
    assert (frame.rows, frame.size, frame.expanded) == (1, 2, 1)
    assert field(frame, "category") == ["children", "food"]
    assert field(frame, "product") == ["童鞋", "糕点"]


def test_the_whole_product_stands_where_no_part_speaks_of_the_category(tmp_path: Path) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品、建材", "杂货"),
            ("乙", B, "天河区", "食品", None),
            more=("主营产品",),
        )
    )
    assert field(frame, "product") == ["杂货", "杂货", "食品"]


def test_what_falls_into_no_category_is_counted_by_frequency(tmp_path: Path) -> None:
    rows = [(f"店{i}", None, "天河区", "美容" if i < 3 else "洗衣") for i in range(5)]
    frame = read(registry(tmp_path, *rows, ("甲", A, "天河区", "食品、洗车")))
    assert dict(frame.excluded) == {"category": 5}
    assert [(i.found, i.row, dict(i.done.params)["count"]) for i in found(frame, "category-frequent")] == [
        ("美容", None, 3),
        ("洗衣", None, 2),
    ]
    assert len(found(frame, "category-none")) == 5
    assert one(frame, "category-parts").found == "洗车 (1)"


def test_the_only_category_needs_no_column(tmp_path: Path) -> None:
    design = replace(guangzhou(), categories=guangzhou().categories[:1])
    frame = read(workbook(tmp_path / "r.xlsx", [("企业名称", "所属区"), ("甲", "天河区")]), design)
    assert field(frame, "category") == ["food"]
    assert one(frame, "category-only").severity == "info"


def test_a_unit_for_each_stage(tmp_path: Path) -> None:
    design = replace(guangzhou(), unit=Unit(by_stage=True))
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品", "生产、流通"),
            ("乙", B, "天河区", "食品", None),
            more=("环节",),
        ),
        design,
    )
    assert set(field(frame, "unit_id")) == {f"{A}|food|production", f"{A}|food|circulation", f"{B}|food|"}
    assert (frame.rows, frame.size, frame.expanded) == (2, 3, 1)


def test_several_stages_where_a_stage_makes_no_unit(tmp_path: Path) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "餐饮、生产"), more=("环节",)))
    assert field(frame, "stage") == ["production"]
    assert not found(frame, "stage-unknown")
