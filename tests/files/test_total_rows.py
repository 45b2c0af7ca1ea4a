"""Rows of totals in tables of counts: refused where they would count everything twice, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.errors import InputError
from sampler.files.counts import read_counts
from sampler.files.total_rows import total_rows

HEAD = "区,类别,总体,检验批次,合格批次\n"
ROWS = "越秀区,食品,500,40,39\n越秀区,玩具,300,20,18\n海珠区,食品,200,20,19\n海珠区,玩具,100,12,10\n"


def refused(folder: Path, text: str) -> list[int]:
    """The rows that are refused as totals."""
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    try:
        read_counts([path])
    except InputError as error:
        told = error.params["problems"] if error.key == "estimate.problems" else (error,)
        assert isinstance(told, tuple)
        assert {t.key for t in told} <= {"estimate.total_named", "estimate.total_sum"}
        return [dict(t.params)["row"] for t in told]
    return []


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ("", []),
        ("合计,,1100,92,86\n", []),  # skipped by the reader of tables
        ("全市,,1100,92,86\n", [6]),
        ("全市,合计,1100,92,86\n", [6]),
        ("广州市,,1100,92,86\n", [6]),
        ("广州市,全部产品,1100,92,86\n", [6]),
        (",,1100,92,86\n", [6]),
        ("Total,all,1100,92,86\n", [6]),
        ("越秀区,小计,800,60,57\n", [6]),
        ("越秀区,,800,60,57\n海珠区,,300,32,29\n,,1100,92,86\n", [6, 7, 8]),
        ("广州市,食品,700,60,58\n广州市,玩具,400,32,28\n", [6, 7]),
        ("广州市,食品,700,60,58\n广州市,玩具,400,32,28\n广州市,,1100,92,86\n", [6, 7, 8]),
        # a sum in two counts out of three, or of some rows only, is no total
        ("天河区,食品,1100,92,85\n", []),
        ("天河区,食品,1101,92,86\n", []),
        ("天河区,食品,700,60,58\n", []),
        ("天河区,食品,700,60,58\n天河区,玩具,350,32,28\n", []),
    ],
)
def test_what_stands_for_other_rows_is_refused(tmp_path: Path, more: str, rows: list[int]) -> None:
    assert refused(tmp_path, HEAD + ROWS + more) == rows


def test_a_total_above_the_others(tmp_path: Path) -> None:
    assert refused(tmp_path, HEAD + "广州市,,1100,92,86\n" + ROWS) == [2]
    # Where a stratum is the sum of all others by chance, it may stand between them.
    one, *others = ROWS.splitlines(keepends=True)
    assert refused(tmp_path, HEAD + one + "天河区,食品,1100,92,86\n" + "".join(others)) == []


def test_failures_instead_of_passes(tmp_path: Path) -> None:
    table = "分层,总体,检验批次,不合格批次\na,500,40,1\nb,300,20,2\n广州,800,60,3\n"
    assert refused(tmp_path, table) == [4]


def test_the_message_says_which_row_and_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(HEAD + ROWS + "广州市,,1100,92,86\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_counts([path])
    assert caught.value.exit_code == 3
    said = caught.value.message("en")
    assert "counts.csv row 6 (广州市) is the sum of other rows and would count them twice; delete it" in said
    assert "请删去这一行" in caught.value.message("zh")


@pytest.mark.parametrize(
    "table",
    [
        "区,总体,检验批次,合格批次\n全市,800,60,57\n",  # alone it stands for nothing else
        "区,环节,总体,检验批次,合格批次\n越秀区,all,500,40,39\n海珠区,all,300,20,18\n",  # one word in every row
        "区,类别,总体,检验批次,合格批次\n越秀区,小计,500,40,39\n海珠区,小计,300,20,18\n",
        "分层,总体,检验批次,合格批次\na,100,10,10\nb,100,10,10\n",  # each is the sum of the one other
        "分层,总体,检验批次,合格批次\na,100,10,10\nb,100,10,10\nc,0,0,0\n",
        # a small district of which one category happens to be the sum of the two others
        HEAD + ROWS + "南沙区,食品,20,2,2\n南沙区,玩具,10,1,1\n南沙区,建材,10,1,1\n",
    ],
)
def test_what_only_looks_like_a_total_is_counted(tmp_path: Path, table: str) -> None:
    assert refused(tmp_path, table) == []


COUNTS = st.tuples(st.integers(1, 500), st.integers(1, 50), st.integers(0, 50))


@given(counts=st.lists(COUNTS, min_size=2, max_size=12), label=st.sampled_from(["", "广州市"]), first=st.booleans())
def test_the_sum_of_all_rows_is_found(counts: list[tuple[int, int, int]], label: str, first: bool) -> None:
    labels = [(f"s{k}",) for k in range(len(counts))]
    total = tuple(map(sum, zip(*counts, strict=True)))
    at = 0 if first else len(counts)
    labels.insert(at, (label,))
    found = total_rows(labels, [*counts[:at], total, *counts[at:]])
    assert found == {at: "sum"}
