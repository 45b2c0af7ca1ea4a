"""Pages of help, wholly in one language and wrapped as it is written: Chinese between any two characters, but no word and
no name is ever broken, and no line begins with a closing mark."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sampler.text import Lang, Text, text

WIDEST = 110
"""Columns of a page; longer lines are hard to read."""

_NARROWEST = 50
_NAMES = 30
"""Columns for names at most; the help of a longer one begins on the next line."""

_METAVARS = {
    "archive": "folder", "budget": "number", "by": "columns", "check out": "file", "confidence": "share",
    "config": "file", "date": "date", "detect": "share", "draws": "number", "estimate out": "file",
    "first": "quarter", "folder": "folder", "inspectors": "file", "lang": "lang", "last": "quarter",
    "margin": "share", "method": "method", "passed": "number", "period": "quarter", "plan": "plan",
    "plan out": "folder", "plan_dir": "plan", "plans": "plan", "population": "number", "public": "folder",
    "rate": "share", "registry": "registry", "results": "results", "seed": "text", "sha256": "digest",
    "sheet": "name", "side": "side", "simulate results": "plan", "target": "target", "tested": "number",
    "tickets": "file", "truth": "column", "unit": "unit", "weights": "file", "simulate seed": "number", "why": "text",
    "workers": "number",
}  # fmt: skip
"""Parameter, or command and parameter → entry ``usage.meta_…`` of what stands for its value."""

_PIECE = re.compile(
    r"\s+|\[[^\]]+\]|[（“《「]*(?:[^\s\u2e80-\uffef（“《「]+|[\u2e80-\uffef])(?:[，。；：、）”？！》」]|[…,.;:)]+(?=\s|[\u2e80-\uffef]))*"
)
"""What a line may not break: a word, what stands in brackets, or one Chinese character, with the marks that open or close
it; or blanks."""


def metavar(command: str, parameter: Any) -> Text:
    """What stands for the value of an argument or option.

    Raises:
        KeyError: nothing is written for it.
    """
    name = str(parameter.name)
    kind = _METAVARS.get(f"{command} {name}") or _METAVARS[name]
    return Text.of(f"usage.meta_{kind}")


def command_page(path: str, name: str, summary: str, parameters: Sequence[Any], lang: Lang) -> str:
    """The page of one command.

    Args:
        path: the command as it is typed.
        name: its own name.
        summary: what it does.
        parameters: its arguments and options, as the parser holds them.
    """
    arguments = [p for p in parameters if p.param_type_name == "argument"]
    options = [p for p in parameters if p.param_type_name == "option"]
    usage = [path, text("usage.help_options_word", lang), *(_usage(name, a, lang) for a in arguments)]
    rows = [(metavar(name, a).render(lang), _help(a, lang)) for a in arguments]
    return _page(" ".join(usage), summary, {"arguments": rows, "options": _options(name, options, lang)}, lang)


def group_page(path: str, summary: str, parameters: Sequence[Any], commands: Mapping[str, str], lang: Lang) -> str:
    """The page of all commands: name → what it does."""
    usage = [path, text("usage.help_options_word", lang), text("usage.help_command_word", lang)]
    sections = {"options": _options("", parameters, lang), "commands": list(commands.items())}
    return _page(" ".join(usage), summary, sections, lang)


def _usage(name: str, argument: Any, lang: Lang) -> str:
    word = metavar(name, argument).render(lang)
    if argument.nargs != 1:
        word += "…" if lang == "zh" else "..."
    return word if argument.required else f"[{word}]"


def _options(name: str, options: Sequence[Any], lang: Lang) -> list[tuple[str, str]]:
    rows = []
    for option in options:
        if not getattr(option, "hidden", False):
            names = ", ".join(sorted(option.opts, key=len))
            rows.append(
                (names if option.is_flag else f"{names} {metavar(name, option).render(lang)}", _help(option, lang))
            )
    return [*rows, ("-h, --help", text("usage.help_help", lang))]


def _help(parameter: Any, lang: Lang) -> str:
    said = str(parameter.help or "")
    if parameter.required:
        return f"{said} {text('usage.help_required', lang)}"
    if parameter.default is None or getattr(parameter, "is_flag", False) or not parameter.show_default:
        return said
    return f"{said} {text('usage.help_default', lang, value=parameter.default)}"


def _page(usage: str, summary: str, sections: Mapping[str, Sequence[tuple[str, str]]], lang: Lang) -> str:
    width = max(min(shutil.get_terminal_size().columns, WIDEST), _NARROWEST) - 1
    head = text("usage.help_usage", lang)
    lines = [
        head + line if i == 0 else " " * _width(head) + line
        for i, line in enumerate(wrapped(usage, width - _width(head)))
    ]
    lines += ["", *(f"  {line}" for line in wrapped(summary, width - 2))]
    for title, rows in sections.items():
        if rows:
            lines += ["", text(f"usage.help_{title}", lang), *_table(rows, width)]
    return "\n".join(lines)


def _table(rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    first = min(max(_width(name) for name, _ in rows), _NAMES) + 4
    for name, said in rows:
        start = f"  {name}"
        if _width(start) + 2 > first:
            yield start
            start = ""
        for line in wrapped(said, width - first):
            yield start + " " * (first - _width(start)) + line
            start = ""


def wrapped(words: str, width: int) -> list[str]:
    """Lines of a text that are no wider than ``width`` columns of a terminal, except where one word alone is."""
    lines = [""]
    for piece in _PIECE.findall(words):
        if piece.isspace():
            lines[-1] += " " if lines[-1] else ""
        elif not lines[-1] or _width(lines[-1] + piece) <= width:
            lines[-1] += piece
        else:
            lines[-1] = lines[-1].rstrip()
            lines.append(piece)
    return [*lines[:-1], lines[-1].rstrip()]


def _width(words: str) -> int:
    """Columns of a terminal that a text takes."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in words)
