"""Tables of counts and of units: what is read, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from sampler.analysis import Analysis
from sampler.domains import Evidence
from sampler.errors import InputError
from sampler.estimate import estimate_counts
from sampler.files.count_columns import field_of
from sampler.files.counts import looks_like_counts, parse_share, read_counts

SAMPLES = Path(__file__).parent.parent.parent / "sample_data"
HEAD = "stratum,district,population,tested,passed\n"


def counts(folder: Path, text: str, name: str = "counts.csv") -> Evidence:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_counts([path])


def refused(folder: Path, text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        counts(folder, text)
    assert caught.value.exit_code == 3
    assert caught.value.message("zh") != caught.value.message("en")
    return caught.value


def test_counts_by_stratum(tmp_path: Path) -> None:
    found = counts(tmp_path, HEAD + "a,越秀区,500,40,39\nb,天河区,200,20,16\n")
    assert found.columns == ("district",)
    assert found.table.select("stratum", "district", "population", "tested", "failed").rows() == [
        ("a", "越秀区", 500, 40, 1),
        ("b", "天河区", 200, 20, 4),
    ]


def test_chinese_headers_failures_and_thousands(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["分层", "区", "环节", "总体单位数", "检验批次", "不合格批次", "目标合格率"],
                ["一", "越秀区", "生产", "1,200", 40, 1, "95%"], ["二", "越秀区", "流通", 300.0, 20, 0, 0.9],
                ["合计", None, None, 1500, 60, 1, None]):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "结果.xlsx")
    found = read_counts([tmp_path / "结果.xlsx"])
    assert found.columns == ("district", "stage")
    assert found.table["population"].to_list() == [1200, 300]
    assert found.table["failed"].to_list() == [1, 0]
    assert found.table["target"].to_list() == [0.95, 0.9]


def test_a_stratum_may_be_split_by_a_domain(tmp_path: Path) -> None:
    """Its parts are one stratum for the whole, and strata of their own for the domain."""
    text = "stratum,stage,population,tested,passed\na,p,100,10,9\na,c,300,30,30\n"
    found = estimate_counts(counts(tmp_path, text), Analysis(by=[("stage",)]))
    assert found.total.rate == pytest.approx(39 / 40)
    parts = {r.domain["stage"]: r for r in found.rows[1:]}
    assert (parts["p"].population, parts["p"].rate) == (100, pytest.approx(0.9))
    assert parts["p"].conditional


def test_units_one_row_a_batch(tmp_path: Path) -> None:
    first = "越秀区,食品,500,合格\n越秀区,食品,500,不合格\n越秀区,食品,500,\n"
    text = f"区,类别,总体,检验结果\n{first}天河区,食品,50,PASS\n天河区,食品,50,1\n"
    found = estimate_counts(counts(tmp_path, text), Analysis(by=[("district",)]))
    assert found.total.population == 550
    assert (found.total.sampled, found.total.tested, found.total.failed) == (5, 4, 1)
    assert found.total.rate == pytest.approx((500 * 0.5 + 50) / 550)
    assert found.total.batch is None


def test_units_with_several_batches_are_clusters(tmp_path: Path) -> None:
    text = "stratum,unit,population,result\n" + "".join(
        f"a,店{i},100,{'0' if (i, b) == (3, 1) else '1'}\n" for i in range(8) for b in range(3)
    )
    total = estimate_counts(counts(tmp_path, text)).total
    assert (total.tested, total.failed) == (8, 1)
    assert total.batch is not None
    assert (total.batch.tested, total.batch.passed) == (24, 23)
    assert total.batch.rate == pytest.approx(23 / 24)


def test_a_column_that_varies_within_a_stratum_is_no_domain_of_a_units_table(tmp_path: Path) -> None:
    """The sizes of such domains are not in the table, so nothing exact could be said of them."""
    found = counts(tmp_path, "stratum,stage,population,result\na,p,50,1\na,c,50,0\nb,p,50,1\n")
    assert found.columns == ()


@pytest.mark.parametrize(
    ("row", "key", "words"),
    [
        (
            "a,X,100,50,60",
            "estimate.more_than_tested",
            "row 2 (stratum a): passed is 60, more than the 50 tested",
        ),
        (
            "a,X,100,150,60",
            "estimate.more_than_population",
            "150 tested (with refusals and out of scope), more than",
        ),
        ("a,X,100,-5,3", "estimate.negative", "tested must not be negative, but got -5"),
        ("a,X,100,5.5,3", "estimate.fractional", "tested is a count and must be whole, but got 5.5"),
        ("a,X,100,five,3", "estimate.not_a_number", "tested must be a whole number, but got 'five'"),
        ("a,X,100,,3", "estimate.empty", "tested is empty"),
        ("a,X,100,5,", "estimate.empty", "passed is empty"),
        ("a,X,,5,3", "estimate.population_unknown", "population of 1 of 2 strata is unknown (a)"),
        ("b,Y,80,5,3", "estimate.stratum_twice", "stratum b already stands in row 2"),
        ("a,X,nan,5,3", "estimate.not_a_number", "population must be a whole number, but got 'nan'"),
    ],
)
def test_each_problem_has_its_own_words(tmp_path: Path, row: str, key: str, words: str) -> None:
    error = refused(tmp_path, f"{HEAD}{row}\nb,Y,80,10,10\n")
    assert error.key == key
    assert words in error.message("en")
    assert "counts.csv" in error.message("en") or key == "estimate.population_unknown"


def test_a_column_is_named_in_quotation_marks_in_chinese(tmp_path: Path) -> None:
    told = refused(tmp_path, f"{HEAD}a,X,100,five,3\nb,Y,80,10,12\n").message("zh")
    assert "第 2 行：“tested”应是整数，实为“five”。" in told
    assert "第 3 行（层 b）：“passed”为 12，多于检验数 10。" in told


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    error = refused(tmp_path, HEAD + "a,X,100,50,60\nb,Y,100,-1,0\nc,Z,10,20,20\n")
    assert error.key == "estimate.problems"
    said = error.message("en")
    assert said.startswith("the table of results has 3 problems:")
    assert [line.split("row ")[1][0] for line in said.splitlines()[1:]] == ["2", "3", "4"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("stratum,district,population,passed\na,X,1,1\n", "estimate.missing_columns"),
        ("stratum,population,tested,remark\na,5,1,x\n", "estimate.missing_columns"),
        ("tested,tested,passed\n1,1,1\n", "estimate.column_twice"),
        ("plan,stratum,population,tested,passed\n2026Q3,a,9,1,1\n2026Q4,b,9,1,1\n", "estimate.mixed_plans"),
        ("stratum,population,tested,passed,failed\na,9,5,3,1\n", "estimate.does_not_add_up"),
        ("stratum,population,sampled,tested,passed\na,9,4,5,5\n", "estimate.more_than_sampled"),
        ("stratum,population,tested,passed,target\na,9,5,5,200%\n", "estimate.bad_target_cell"),
        ("stratum,population,result\na,9,maybe\n", "estimate.bad_result"),
        ("stratum,population,result\na,9,1\na,8,1\n", "estimate.population_differs"),
        ("stratum,population,result\na,1,1\na,1,1\n", "estimate.more_than_population"),
        ("serial,population,result\n" + "".join(f"s{i},9,1\n" for i in range(25)), "estimate.strata_of_one"),
    ],
)
def test_tables_that_cannot_be(tmp_path: Path, text: str, key: str) -> None:
    assert refused(tmp_path, text).key == key


@pytest.mark.parametrize(
    ("population", "sampled", "key"),
    [
        (25, 25, None),  # 20 tested, 3 out of scope and 2 that refused: 25 reached
        (24, 25, "estimate.more_than_population"),
        (25, 24, "estimate.more_than_sampled"),
    ],
)
def test_who_refused_or_is_out_of_scope_is_of_the_population_and_of_the_sample(
    tmp_path: Path, population: int, sampled: int, key: str | None
) -> None:
    header = "stratum,population,sampled,tested,passed,out_of_scope,refused\n"
    text = f"{header}a,{population},{sampled},20,20,3,2\n"
    if key is None:
        assert counts(tmp_path, text).table.select("contacted", "drawn").row(0) == (25, 25)
    else:
        error = refused(tmp_path, text)
        assert error.key == key
        assert "row 2 (stratum a): 25 tested (with refusals and out of scope)" in error.message("en")


def test_one_stratum_without_a_population_is_an_endless_process(tmp_path: Path) -> None:
    total = estimate_counts(counts(tmp_path, "stratum,tested,passed\na,100,97\n")).total
    assert (total.population, total.method) == (None, "clopper-pearson")


def test_a_stratum_the_plan_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(HEAD + "a,X,100,5,5\nz,X,100,5,5\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 3: the plan has no stratum z"):
        read_counts([path], strata=["a", "b"])


def test_out_of_scope_and_refused_counts(tmp_path: Path) -> None:
    total = estimate_counts(
        counts(tmp_path, "stratum,population,sampled,tested,passed,out_of_scope,refused\na,100,25,18,18,4,2\n")
    ).total
    assert (total.population, total.registered, total.sampled) == (83, 100, 25)  # 100·20/24
    assert total.worst_case == pytest.approx((0.9, 1.0))


@pytest.mark.parametrize(("text", "share"), [("0.95", 0.95), ("95%", 0.95), ("９５％", 0.95), ("97.5", 0.975)])
def test_shares(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["0", "1", "100%", "-3", "x", "nan"])
def test_no_shares(text: str) -> None:
    with pytest.raises(ValueError, match=r"between 0 and 1|convert"):
        parse_share(text)


def test_headers() -> None:
    assert field_of(" 检验批次（个） ") == "tested"
    assert field_of("*Population:") == "population"
    assert field_of("颜色") is None


@pytest.mark.parametrize("header", ["检验", "检测", "抽检", "抽查批次", "抽查批次数", "检测批次数", "抽检（批次）"])
def test_what_bureaus_call_the_number_tested(tmp_path: Path, header: str) -> None:
    text = f"区,总体,{header},合格,合格率,不合格率\n越秀区,500,40,39,97.5%,2.5%\n天河区,200,20,16,80%,20%\n"
    found = counts(tmp_path, text)
    assert found.columns == ("district",)
    assert found.table["tested"].to_list() == [40, 20]


@pytest.mark.parametrize("taken", ["抽查批次", "抽检数", "抽检（批次）", "抽样批次"])
@pytest.mark.parametrize("tested", ["检验批次", "检测数", "已检"])
def test_beside_the_number_tested_stands_the_number_taken(tmp_path: Path, taken: str, tested: str) -> None:
    found = counts(tmp_path, f"区,总体,{taken},{tested},合格\n越秀区,500,42,40,39\n天河区,200,20,20,16\n")
    assert found.columns == ("district",)
    assert found.table["drawn"].to_list() == [42, 20]
    assert found.table["tested"].to_list() == [40, 20]


def test_two_columns_for_one_number_are_named(tmp_path: Path) -> None:
    for first, second in (("抽查批次", "抽检批次"), ("检验批次", "检测批次")):
        error = refused(tmp_path, f"区,总体,{first},{second},合格\n越秀区,500,42,40,39\n")
        assert error.message("en").endswith(
            f"the columns '{first}' and '{second}' hold the same thing; remove one of them."
        )


@pytest.mark.parametrize(
    "text",
    [
        "区,检验批次,合格批次\n越秀区,40,39\n天河区,20,16\n",
        "区,检验结果\n越秀区,合格\n天河区,合格\n",
    ],
)
def test_several_strata_need_a_column_of_their_sizes(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, text)
    assert error.key == "estimate.missing_columns"
    assert "counts.csv lacks columns:\n  - population (总体): the units in each stratum" in error.message("en")
    assert "缺少的列：\n  - 总体（population）" in error.message("zh")
    assert f"Columns found: {', '.join(text.splitlines()[0].split(','))}" in error.message("en")


def test_all_missing_columns_are_named(tmp_path: Path) -> None:
    said = refused(tmp_path, "区,总体,备注\n越秀区,40,x\n").message("zh")
    assert "  - 检验批次（tested）\n  - 合格批次（passed），或不合格批次（failed）" in said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("越秀区,500,四十,39", "row 2: 检验 批次(批) must be a whole number, but got '四十'"),
        ("越秀区,500,40,97.5%", "row 2: 合格 takes counts, not percentages, but got '97.5%'"),
        ("越秀区,500,40,９７％", "takes counts, not percentages"),
        ("越秀区,500,40,", "合格 is empty"),
        ("越秀区,500,40,41", "合格 is 41, more than the 40 tested"),
    ],
)
def test_a_cell_is_named_by_the_header_that_was_typed(tmp_path: Path, row: str, words: str) -> None:
    header = '区,总体数,"检验\n批次(批)",合格'
    error = refused(tmp_path, f"{header}\n{row}\n天河区,200,20,16\n")
    assert words in error.message("en")


def test_counts_are_told_from_other_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "a,X,9,1,1\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("任务编号,状态,检验结果\n1,已抽样,合格\n", encoding="utf-8")
    assert looks_like_counts([tmp_path / "a.csv"])
    assert not looks_like_counts([tmp_path / "b.csv"])
    assert not looks_like_counts([SAMPLES / "plan-2026Q4" / "public" / "plan.xlsx"])
