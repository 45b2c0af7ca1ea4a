"""Closed vocabularies: which of the design's terms a cell names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from sampler.design import Term
from sampler.intake.values import canonical, canonical_text

SEPARATORS = r"[、;；，,|｜\n\r/／]+"
"""What stands between the parts of a cell that names several things."""

_BRACKETED = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_SUFFIX = re.compile(r"(?:级别|等级|环节|领域|类别|类型|地区|企业|级|类|档|区)$")

_NOT = (
    r"非(?!金属|织造|遗|学科)|无(?!店铺|人|纺|线|机|公害|糖)|不(?!锈)|未|没|除|免|缺|停|禁|退出|取消|撤销|曾|拟|待|疑|是否|可能|申请"
    r"|\bnot?\b|\bnon"
)
_NOT_BEFORE = re.compile(rf"(?:{_NOT})|[原前][为系属是]*$")
"""What before a name denies it, puts it in doubt or says that it was so once (不属于高风险, 曾失信, 原农村)."""
_NOT_BEHIND = re.compile(r"除外|[以之]外|否|无|不|未|没|非|待|停|疑|撤|取消|修复|[?？]")
_SHADED_BEFORE = re.compile(
    r"(?:[较中次偏略稍轻微极最超更特准亚半近高低重趋或至到]|相对|接近|类似)(?:度|微|为|于|别|其|等)?$"
)
"""What right before a name makes another of it (中高风险, 较低风险, A级或B级)."""
_SHADED_BEHIND = re.compile(r"^(?:以[上下]|[+＋]|[或至到])|[低高轻小弱]$")
_CLAUSE = re.compile(r"[,;。、|()\[\]【】〔〕]")
_JOINED_TO_LETTERS = re.compile(r"[a-z0-9+~-]$")
_ONLY_DENIES = re.compile(r"(?:不含|不包[含括]|不是|不属于|除外|否|无|非|已?(?:撤销|取消)|拟|[待未][评核定审].*|[?？])")
"""What in brackets takes back what stands before them."""


def lookup(terms: Sequence[Term]) -> dict[str, str]:
    """Canonical text → key, for every key, name, English name and alias."""
    found: dict[str, str] = {}
    for names in ([t.key for t in terms], [t.name for t in terms], [t.name_en for t in terms]):
        for term, name in zip(terms, names, strict=True):
            found.setdefault(canonical_text(name), term.key)
    for term in terms:
        for alias in term.aliases:
            found.setdefault(canonical_text(alias), term.key)
    return found


def match_term(text: str, known: Mapping[str, str]) -> str | None:
    """The key that a canonical text names, None where it names none, several, or one in doubt.

    A name counts where the text is the name: as it stands, without brackets, without a word such as 级 or 环节; where it
    stands in brackets (信用风险低（A类）); and within more words if it has two characters or more, nothing around it
    denies or shades it (非农村, 中高风险) and no name of another key stands there too.
    """
    found = exact_terms(text, known)
    if found:
        return found[0]
    bare = _BRACKETED.sub("", text)
    if _taken_back(text):
        return None
    names = _longest(bare, known)
    keys = {known[name] for name in names}
    return keys.pop() if len(keys) == 1 and not any(_doubted(bare, name) for name in names) else None


def exact_terms(text: str, known: Mapping[str, str]) -> list[str]:
    """The keys that a canonical text names exactly: that of the whole, or that of what stands before and between brackets,
    then those of what stands in them.
    """
    if text in known:
        return [known[text]]
    if _taken_back(text):
        return []
    forms = [_BRACKETED.sub("", text), *_BRACKETED.findall(text)]
    named = (known.get(form) or known.get(_SUFFIX.sub("", form)) for form in forms)
    return list(dict.fromkeys(key for key in named if key is not None))


def mentions(text: str, known: Mapping[str, str]) -> bool:
    """Whether a name of two characters or more stands anywhere in a canonical text, doubted or not."""
    return bool(_longest(text, known))


def _taken_back(text: str) -> bool:
    return any(_ONLY_DENIES.fullmatch(inside) for inside in _BRACKETED.findall(text))


def _longest(text: str, names: Iterable[str]) -> list[str]:
    """The names of two characters or more inside ``text`` that are not part of a longer one."""
    inside = [name for name in names if len(name) >= 2 and not name.isascii() and name in text]
    return [name for name in inside if not any(name != other and name in other for other in inside)]


def _doubted(text: str, name: str) -> bool:
    """Whether what stands around a name, anywhere in ``text``, denies, doubts or shades it."""
    for at in re.finditer(re.escape(name), text):
        before = _CLAUSE.split(text[: at.start()])[-1]
        behind = _CLAUSE.split(text[at.end() :])[0]
        if _NOT_BEFORE.search(before) or _SHADED_BEFORE.search(before):
            return True
        if _NOT_BEHIND.search(behind) or _SHADED_BEHIND.search(behind):
            return True
        if name[0].isascii() and _JOINED_TO_LETTERS.search(before):
            return True
    return False


def matched(values: pl.Series, terms: Sequence[Term]) -> pl.Series:
    """The key that each text names, null where none. Give it distinct values: it goes through them one by one."""
    known = lookup(terms)
    return pl.Series([match_term(t, known) for t in canonical(values)], dtype=pl.String)


def nearest(text: str, names: Iterable[str]) -> str | None:
    """The name most like ``text``, None where none is like it."""
    by_form = {canonical_text(name): name for name in names}
    close = difflib.get_close_matches(canonical_text(text), by_form, n=1, cutoff=0.5)
    return by_form[close[0]] if close else None


def both_names(term: Term) -> str:
    """What people of either language call a term, for texts that quote it."""
    return term.name if term.name_en in (term.name, term.key) else f"{term.name} ({term.name_en})"
