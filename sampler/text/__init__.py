"""The catalogue: everything a person reads, in Chinese and in English.

An entry is one line of a subject module of this package: ``ENTRIES = {"subject.name": (chinese, english)}``, where
``subject`` is the module's own name, so that a key says where it is written and a command loads only the subjects it
speaks of. Texts are ``str.format`` templates; both languages take the same parameters (a test holds it). A part that
stands only where there is something to say is written into its parameter, a star for the value: ``{sheet:? (sheet *)}``.
Words that go by a number name it, for one and for several: ``{count} {count:|row is|rows are} left out``.

JSON keys, columns of machine files and codes of issues are not texts: they stay English everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from string import Formatter
from typing import Literal, get_args

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = get_args(Lang)


def text(key: str, lang: Lang, /, **params: object) -> str:
    """The text of ``key`` in ``lang``, its parameters filled in.

    A parameter that is itself a `Text` is rendered in the same language; a tuple of them becomes a list, one a line.

    Raises:
        KeyError: the catalogue has no such entry, or a parameter of the template is missing.
    """
    subject = key.partition(".")[0]
    entries: dict[str, tuple[str, str]] = import_module(f"{__name__}.{subject}").ENTRIES
    template = entries[key][LANGUAGES.index(lang)]
    filled = {name: _rendered(value, lang) for name, value in params.items()}
    if ":?" in template or ":|" in template:
        return _Parts().format(template, **filled)
    return template.format(**filled) if filled else template


_NOTHING = ("", "—")
"""What stands in a table's cell that has nothing to say."""


class _Parts(Formatter):
    """A formatter of ``?part with *``, left out where the value says nothing, and of ``|one|several``, by the value."""

    def format_field(self, value: object, format_spec: str) -> str:
        if format_spec.startswith("|"):
            one, several = format_spec[1:].split("|")
            return one if str(value) == "1" else several
        if not format_spec.startswith("?"):
            return str(super().format_field(value, format_spec))
        return "" if value in (None, *_NOTHING) else format_spec[1:].replace("*", str(value))


def _rendered(value: object, lang: Lang) -> object:
    if isinstance(value, Text):
        return value.render(lang)
    if isinstance(value, tuple) and value and all(isinstance(item, Text) for item in value):
        return "".join(f"\n  - {item.render(lang)}" for item in value)
    return value


@dataclass(frozen=True, slots=True)
class Text:
    """A catalogue entry with its parameters, not yet in any language: what values carry until a person reads them."""

    key: str
    params: tuple[tuple[str, object], ...] = ()

    @classmethod
    def of(cls, key: str, /, **params: object) -> Text:
        """`Text` from keyword parameters."""
        return cls(key, tuple(params.items()))

    def render(self, lang: Lang) -> str:
        """The text in ``lang``."""
        return text(self.key, lang, **dict(self.params))

    def __str__(self) -> str:
        return self.render("en")


def listed(names: Iterable[str], english: Iterable[str] | None = None) -> Text:
    """Names one after the other, with the comma of either language; ``english`` where they have other names in English."""
    zh = list(names)
    return Text.of("common.listed", zh="、".join(zh), en=", ".join(zh if english is None else english))
