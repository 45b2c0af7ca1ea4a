"""Values as people type them."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.intake import values


def one(clean: object, text: str | None) -> object:
    (result,) = clean(pl.Series([text], dtype=pl.String)).to_list()  # type: ignore[operator]
    return result


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [
        ("合  格", "合格"),
        ("粮食加工 品", "粮食加工品"),
        ("粮 食 加 工 品", "粮食加工品"),
        (" ＡＢＣ１２３\u3000号 ", "ABC123 号"),
        ("广州（华南）有限公司", "广州（华南）有限公司"),
        ("天河路\n1号", "天河路 1号"),
        ("A\u00a0B", "A B"),
        ("Coffee  & Bar", "Coffee & Bar"),
        ("广州\u200b市", "广州市"),
        *((sign, None) for sign in ("/", "／", "—", "——", "-", "－", "无", "空", "暂无", "（空）")),
        *((sign, None) for sign in ("N/A", "null", "", " ", "\u3000", "\\")),
        ("无锡小吃", "无锡小吃"),
        ("空调", "空调"),
        (None, None),
    ],
)  # fmt: skip
def test_tidy(typed: str | None, tidy: str | None) -> None:
    assert one(values.tidy, typed) == tidy


@given(st.text(max_size=30))
def test_tidy_twice_is_tidy_once(text: str) -> None:
    once = values.tidy(pl.Series([text]))
    assert values.tidy(once).to_list() == once.to_list()


def test_people_keep_the_blank_between_two_names_but_not_within_one() -> None:
    typed = pl.Series(["张三 李四", "王  五", "张 三丰"])
    assert values.tidy_names(typed).to_list() == ["张三 李四", "王五", "张 三丰"]


@pytest.mark.parametrize(
    ("typed", "count"),
    [("3", 3), ("3次", 3), ("3 次", 3), ("３", 3), ("1,204起", 1204), ("3.0", 3), ("+2", 2), ("0", 0), ("12 批次", 12),
     ("2 times", 2),
     ("-1", None), ("1.5", None), ("约3", None), ("三", None), ("1,2", None), ("99999999999999999999", None), ("/", None),
     (None, None)],
)  # fmt: skip
def test_counts(typed: str | None, count: int | None) -> None:
    assert one(values.counts, typed) == count


@pytest.mark.parametrize(
    "typed",
    ["是", "有", "Y", "yes", "TRUE", "1", "√", "✓", "已列入", "黑名单", "2", "2023年列入", "１", "是（2023年）",
     "黑名单企业", "仍在列", "列入（尚未移出）", "未移出黑名单", "已列入，无移出记录",
     "2022年移出,2024年又列入", "2022年移出，2024年列入", "曾移出，现已列入", "2023年列入（2021年移出后再次列入）",
     "已移出后重新列入",
     "2022年移出，现为黑名单企业", "2022年移出异常，2024年被列为严重违法失信企业", "黑名单，移出失败",
     "2024年列入，2027年到期", "撤销移出决定，恢复列入",
     "移出时间：2022-01-05；列入时间：2024-03-01"],
)  # fmt: skip
def test_yes(typed: str) -> None:
    assert one(values.flags, typed) is True


@pytest.mark.parametrize(
    "typed",
    ["否", "无", "N", "no", "FALSE", "0", "×", "未列入", "已移出", "正常", "0次", "2023年移出", "无黑名单记录", "非黑名单",
     "没有列入黑名单", "没有被列入", "不属于黑名单", "不是黑名单", "未进入黑名单", "未纳入黑名单", "不列入", "未见列入",
     "无列入记录", "无严重违法记录", "非严重违法失信企业", "未发现严重违法", "未在经营异常名录", "无异常名录", "从未列入",
     "不在名单", "无（未列入）", "正常，未列入黑名单", "已移除黑名单", "已撤销列入", "已退出黑名单", "已解除黑名单",
     "是（已信用修复）", "曾列入，已移出", "否（2022年）", "列入后移出", "黑名单（已移出）", "移出严重违法失信企业名单",
     "2022年列入，2024年移出", "2024年移出（2022年列入）", "已移出（列入日期2022-01-05）", "已移出，未再列入",
     "2022年列入2024年移出",
     "列入时间：2022-01-05；移出时间：2024-03-01", "已移出，恢复正常"],
)  # fmt: skip
def test_no(typed: str) -> None:
    assert one(values.flags, typed) is False


@pytest.mark.parametrize(
    "typed",
    ["/", "—", "n/a", "不详", "待核实", "", None, "未移出", "未修复", "是否列入待核实", "拟列入", "曾列入", "信用修复中",
     "移出失败", "撤销移出决定", "移出决定被撤销", "移出后列入", "现列入，2021年曾移出", "重新列入后移出", "符合移出条件",
     "将于2027年移出", "到期移出",
     "移出待审批", "已移出，2024年再度失信", "非正常", "是/否", "√是□否", "列入黑名单，无其他违法", "未核实是否黑名单"],
)  # fmt: skip
def test_neither_yes_nor_no(typed: str | None) -> None:
    assert one(values.flags, typed) is None


def test_through_distinct_keeps_places_and_nulls() -> None:
    typed = pl.Series("x", ["b", None, "a", "b"])
    assert values.through_distinct(typed, lambda s: s.str.to_uppercase()).to_list() == ["B", None, "A", "B"]
    nothing = pl.Series("x", [None, None], dtype=pl.String)
    assert values.through_distinct(nothing, lambda s: s).to_list() == [None, None]


def test_mending_leaves_its_argument_alone() -> None:
    typed = pl.Series(["a b", "ab"])
    values.mended(typed, " ", lambda s: s.str.replace_all(" ", "", literal=True))
    assert typed.to_list() == ["a b", "ab"]


@given(st.lists(st.text(max_size=12), max_size=6))
def test_canonical_of_one_text_is_canonical_of_many(texts: list[str]) -> None:
    assert values.canonical(pl.Series(texts, dtype=pl.String)).to_list() == [values.canonical_text(t) for t in texts]
