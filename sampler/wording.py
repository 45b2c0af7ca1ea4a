"""How estimates are worded: names of domains and columns, numbers as text, and a row's statement about its target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampler.grading import more_words
from sampler.percent import confidence_text, interval, percent
from sampler.rates import DomainEstimate
from sampler.text import Text, text

if TYPE_CHECKING:
    from sampler.design import Design
    from sampler.text import Lang


@dataclass(frozen=True)
class Label:
    """A value of a domain as a person reads it, in either language."""

    column: str
    value: str | None
    design: Design | None = None

    def render(self, lang: Lang) -> str:
        """The value's name, or the value itself where nothing names it."""
        if self.value is None:
            return Text.of("estimate.missing_value").render(lang)
        return self.design.label(self.column, self.value, lang) if self.design else self.value


def domain_label(domain: Mapping[str, str | None], design: Design | None, lang: Lang) -> str:
    """A domain's name for people, e.g. ``越秀区 · 食品``; the total's where it has no column."""
    if not domain:
        return Text.of("estimate.total").render(lang)
    return " · ".join(Label(c, v, design).render(lang) for c, v in domain.items())


def column_name(column: str, lang: Lang) -> str:
    """A column as people call it; its own name where nothing names it."""
    try:
        return text(f"estimate.column_name_{column}", lang)
    except KeyError:
        return column


def column_names(family: tuple[str, ...], lang: Lang) -> str:
    """The columns of a family as people call them."""
    return " × ".join(column_name(c, lang) for c in family)


def family_title(family: tuple[str, ...], lang: Lang) -> str:
    """The title of a family's table."""
    return text("estimate.by", lang, columns=column_names(family, lang)) if family else text("estimate.by_total", lang)


def target_text(target: float | None) -> str:
    """A target as a percentage: one decimal, two where it is a mean of several."""
    return "–" if target is None else percent(target, 1 if round(target * 1000, 9) % 1 == 0 else 2)


def statement(
    row: DomainEstimate, confidence: float, design: Design | None, lang: Lang, *, kind: Text | None = None
) -> str:
    """What a row's figures say about its target, in a sentence."""
    key = f"estimate.says_{row.grade or 'nothing'}"
    if row.rate is None:
        key = "estimate.says_untested"
    elif row.grade in ("watch", "not_proven", "too_little") and row.more is not None:
        key += f"_{row.more.direction}"
    said = Text.of(
        key,
        domain=domain_label(row.domain, design, lang),
        rate=percent(row.rate),
        tested=row.tested,
        failed=row.failed,
        interval=interval(row.lower, row.upper),
        confidence=confidence_text(confidence),
        target=target_text(row.target),
        p=p_text(row.q_below if row.grade in ("below", "watch") else row.q_on_target),
        more=more_words(row.more) if row.more else "",
    ).render(lang)
    return f"{kind.render(lang)}{said}" if kind else said


def weighting(row: DomainEstimate, lang: Lang, *, planned: bool) -> str:
    """Why a rate is not what its counts give, as a reader will work it out; empty where it is.

    Args:
        planned: whether the sample follows a plan, where allocation goes by risk.
    """
    if not row.tested or row.rate is None:
        return ""
    plain = percent(row.passed / row.tested)
    if plain == percent(row.rate):
        return ""
    key = "estimate.weighted_risk" if planned else "estimate.weighted"
    return text(key, lang, passed=row.passed, tested=row.tested, plain=plain)


def p_text(p: float | None) -> str:
    """A p-value with its sign: ``= 0.013``, ``< 0.001``; rounded up, so that it never looks smaller than it is."""
    if p is None:
        return "–"
    if p < 0.001:
        return "< 0.001"
    return f"= {min(-(-p * 1000 // 1) / 1000, 1.0):.3f}"


def method_name(method: str, lang: Lang) -> str:
    """A method of intervals as people call it; machine files keep its own name."""
    return text(f"estimate.method_name_{method.replace('-', '_')}", lang)


def marked(row: DomainEstimate) -> bool:
    """Whether a row's rate bears the mark † of figures that say too little; `note_lines` tells why."""
    return row.grade == "too_little" or row.rate is None


def note_lines(
    rows: Sequence[DomainEstimate], design: Design | None, lang: Lang, *, most: int = 6
) -> Iterator[tuple[str, str]]:
    """Each note once, as the domains it is about and its words.

    How many more tests would settle a grade is one note for all that are open, each domain with its number; what is to
    be watched has its own sentences.

    Args:
        rows: the total first.
        most: domains named per note, apart from those with numbers.
    """
    comma = text("common.comma", lang)
    said: dict[str, list[str]] = {}
    wanted: dict[str, list[str]] = {}
    for row in rows:
        name = domain_label(row.domain, design, lang)
        if row.grade == "too_little":
            said.setdefault(text("estimate.note_too_little", lang), []).append(name)
        for note in row.notes:
            if note.key == "estimate.note_scope" and row.domain:
                continue  # told once, for the total: the rows' own numbers are in their populations
            if row.more is not None and note.key in (
                "estimate.note_more_on_target",
                "estimate.note_more_below",
            ):
                if row.grade != "watch":
                    key = "estimate.note_number_census" if row.more.census else "estimate.note_number"
                    number = text(key, lang, domain=name, tests=row.more.tests)
                    wanted.setdefault(row.more.direction, []).append(number)
                continue
            said.setdefault(note.render(lang), []).append(name)
    for words, about in said.items():
        yield comma.join(about[:most]) + (" …" if len(about) > most else ""), words
    for direction, numbers in wanted.items():
        yield text(f"estimate.note_wanted_{direction}", lang), comma.join(numbers)
