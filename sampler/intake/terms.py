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

_BRACKETED = re.compile(r"\([^()]*\)")
_SUFFIX = re.compile(r"(?:级别|等级|环节|领域|类别|类型|地区|企业|级|类|档|区)$")


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
    """The key that a canonical text names: as it stands, without brackets, without a word such as 级 or 环节, or holding
    exactly one term's name of two characters or more.
    """
    bare = _BRACKETED.sub("", text)
    for form in (text, bare, _SUFFIX.sub("", bare)):
        if form in known:
            return known[form]
    inside = {known[name] for name in _longest(bare, known)}
    return inside.pop() if len(inside) == 1 else None


def _longest(text: str, names: Iterable[str]) -> list[str]:
    """The names of two characters or more inside ``text`` that are not part of a longer one."""
    inside = [name for name in names if len(name) >= 2 and not name.isascii() and name in text]
    return [name for name in inside if not any(name != other and name in other for other in inside)]


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
