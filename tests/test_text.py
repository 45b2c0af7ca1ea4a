"""The catalogue speaks both languages, and says in both what it is given."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from sampler.text import LANGUAGES, Text, text

PACKAGE = Path(__file__).parent.parent / "sampler"
SUBJECTS = sorted(p.stem for p in (PACKAGE / "text").glob("*.py") if p.stem != "__init__")
ENTRIES = {key: pair for s in SUBJECTS for key, pair in import_module(f"sampler.text.{s}").ENTRIES.items()}


def parameters(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("subject", SUBJECTS)
def test_an_entry_lives_in_the_module_its_key_names(subject: str) -> None:
    assert all(key.startswith(f"{subject}.") for key in import_module(f"sampler.text.{subject}").ENTRIES)


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_both_languages_say_something_with_the_same_parameters(key: str) -> None:
    zh, en = ENTRIES[key]
    assert zh.strip()
    assert en.strip()
    assert parameters(zh) == parameters(en)


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_english_is_english(key: str) -> None:
    # Chinese words are quoted in English texts where a workbook shows them (合格, 任务清单), never a whole sentence.
    assert len(re.findall(r"[\u4e00-\u9fff]", ENTRIES[key][1])) <= 24


def test_every_key_written_in_the_code_is_in_the_catalogue() -> None:
    suffixes = "json|jsonl|csv|html|xlsx|parquet|toml|md"  # "plan.json" is a file
    pattern = re.compile(rf'"((?:{"|".join(SUBJECTS)})\.(?!(?:{suffixes})")[a-z0-9_]+)"')
    used = {
        key
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "text"
        for key in pattern.findall(path.read_text(encoding="utf-8"))
    }
    assert used
    assert used <= ENTRIES.keys()


def test_texts_nest_and_list() -> None:
    inner = Text.of("common.error")
    assert inner.render("zh") != inner.render("en")
    assert LANGUAGES == ("zh", "en")
    listed = text("config.problems", "en", file="f", count=2, problems=(inner, inner))
    assert listed.endswith("\n  - error: \n  - error: ")


def test_a_part_with_nothing_to_say_is_left_out() -> None:
    whole = {"file": "r.xlsx", "sheet": "名录", "row": 7, "column": "代码"}
    assert text("common.place", "zh", **whole) == "r.xlsx，工作表“名录”，第 7 行，“代码”列"
    assert text("common.place", "en", **whole) == "r.xlsx, sheet “名录”, row 7, column “代码”"
    bare = {"file": "r.csv", "sheet": None, "row": None, "column": ""}
    assert text("common.place", "zh", **bare) == text("common.place", "en", **bare) == "r.csv"


def test_words_go_by_their_number() -> None:
    said = [text("intake.more_rows", "en", rest=rest) for rest in (1, "1", 0, 2, "1,001")]
    assert said == [
        "1 more row is not listed",
        "1 more row is not listed",
        "0 more rows are not listed",
        "2 more rows are not listed",
        "1,001 more rows are not listed",
    ]


def test_chinese_stands_only_in_the_catalogue_and_in_vocabularies() -> None:
    """A string literal with Chinese outside the catalogue would bypass the other language."""
    allowed = re.compile(r"(text|intake)/|headers\.py|values\.py|vocabular|columns\.py|rows\.py|header\.py")
    offenders = []
    for path in PACKAGE.rglob("*.py"):
        where = path.relative_to(PACKAGE).as_posix()
        if allowed.search(where):
            continue
        source = re.sub(r'""".*?"""|#.*', "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        offenders += [f"{where}: {s}" for s in re.findall(r'"[^"\n]*[\u4e00-\u9fff][^"\n]*"', source)]
    assert not offenders


CHINESE = "\u4e00-\u9fff，。；：、（）“”？！《》「」"


def in_words(template: str) -> str:
    """A template with a Chinese character for each parameter, and its optional parts in."""
    optional = re.sub(r"\{\w+:\?([^}]*)\}", lambda part: part[1].replace("*", "字"), template)
    return re.sub(r"\{\w*(?:![rs])?(?::[^}]*)?\}", "字", optional)


@pytest.mark.parametrize("key", sorted(ENTRIES))
def test_chinese_is_set_as_chinese_is(key: str) -> None:
    zh = in_words(ENTRIES[key][0])
    assert not re.search(r" “|” ", zh), "no blank beside a quotation mark"
    assert not re.search(r" [，。；：、）？！]|[，。；：、（？！] (?! )", zh), "no blank beside a full-width mark"
    assert not re.search(rf"[{CHINESE}] ?[,:;?!(]|[)] ?[{CHINESE}]|[,;?!] ?[{CHINESE}]", zh), "no half-width mark"
    assert not re.search(r"\d %|字 %", zh), "no blank before a percent sign"
    assert not re.search(r"(\d|\}) %(?!\w)", ENTRIES[key][1]), "no blank before a percent sign"


def test_errors_end_as_sentences_do() -> None:
    """Except where a list or a quoted line follows."""
    raised = {
        key
        for path in PACKAGE.rglob("*.py")
        for key in re.findall(r"Error\(\s*\"([a-z]+\.[a-z0-9_-]+)\"", path.read_text(encoding="utf-8"))
    }
    followed = {"config.not_toml", "config.problems", "estimate.problems", "intake.missing_fields", "plan.infeasible"}
    reasons = {"usage.bad_value", "usage.other"}
    assert len(raised) > 100
    for key in sorted((raised | {k for k in ENTRIES if k.startswith("usage.missing")}) - followed - reasons):
        zh, en = ENTRIES[key]
        assert zh[-1] in "。？", key
        assert en[-1] in ".?", key


def test_an_error_of_the_reader_says_what_to_do() -> None:
    raised = {
        key
        for path in PACKAGE.rglob("*.py")
        for key in re.findall(r"InputError\(\s*\"(reading\.[a-z0-9_-]+)\"", path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 15
    for key in sorted(raised):
        assert re.search("请|支持|{remedy}", ENTRIES[key][0]), key
