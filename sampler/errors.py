"""What can go wrong, and how it is told: errors that end a command, and issues that are listed.

Every expected error is a `SamplerError`: its class owns the exit code, its catalogue key owns the message. An `Issue`
is a finding about one place of an input; it ends nothing.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Literal

from sampler.text import Lang, Text

Severity = Literal["error", "warning", "info"]


class SamplerError(Exception):
    """An error that a person can act on.

    Args:
        key: entry of the catalogue, e.g. ``"reading.no-header"``.
        params: the entry's parameters.

    Attributes:
        note: what else must be known to act on it; None where the message says all.
    """

    exit_code: ClassVar[int] = 70
    note: Text | None = None

    def __init__(self, key: str, /, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    @property
    def told(self) -> Text:
        """The message, not yet in any language."""
        return Text.of(self.key, **self.params)

    def message(self, lang: Lang) -> str:
        """What went wrong, where, and what to do, in ``lang``."""
        return self.told.render(lang)

    def __str__(self) -> str:
        return self.message("en")


class UsageError(SamplerError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class InputError(SamplerError):
    """An input file (registry, results, configuration) is not usable."""

    exit_code = 3


class InfeasibleError(SamplerError):
    """No plan meets the design's constraints."""

    exit_code = 4


class VerificationError(SamplerError):
    """A plan folder does not agree with what it says of itself."""

    exit_code = 5


@contextmanager
def at_work_on(place: object) -> Iterator[None]:
    """Note on an error that nobody foresaw which file or folder a block was at work on, for `bug` to tell."""
    try:
        yield
    except SamplerError:
        raise
    except Exception as error:
        error.add_note(str(place))
        raise


def bug(error: Exception) -> SamplerError:
    """An error that nobody foresaw as one that is told, with what sampler was at work on where that was noted."""
    places = dict.fromkeys(reversed(getattr(error, "__notes__", ())))
    if not places:
        return SamplerError("common.bug", error=repr(error))
    return SamplerError("common.bug_at", error=repr(error), place=": ".join(places))


_REMEDIES = {
    errno.ENOENT: "folder",
    errno.ENOTDIR: "place",
    errno.EISDIR: "place",
    errno.EEXIST: "place",
    errno.ENOSPC: "room",
    errno.EACCES: "rights",
    errno.EPERM: "rights",
    errno.EROFS: "rights",
}
"""What helps where a file cannot be written, by the system's reason."""


def refusal(error: OSError) -> dict[str, Text]:
    """Why the operating system refused, as parameters of an error.

    Returns:
        ``reason``: the system's reason in both languages, or its own words, said to be those, where the catalogue has none;
        ``remedy``: what helps against it where something cannot be written.
    """
    from sampler.text.system import ENTRIES

    key = f"system.{errno.errorcode.get(error.errno or 0, '').lower()}"
    kind = _REMEDIES.get(error.errno or 0)
    return {
        "reason": Text.of(key) if key in ENTRIES else Text.of("system.other", words=error.strerror or str(error)),
        "remedy": Text.of(f"system.remedy_{kind}" if kind else "system.remedy"),
    }


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one place of an input.

    Attributes:
        severity: ``error`` (a row or file could not be used), ``warning`` (used, but somebody should look) or ``info``.
        code: stable English name of the kind of finding, e.g. ``"code-check-digit"``.
        file, sheet: where; ``sheet`` is None for files without sheets.
        row: 1-based row as a spreadsheet shows it, or None for the whole sheet.
        column: the header of the column, or None.
        found: the value as it stands in the source.
        expected: what was expected instead.
        done: what was done with the row: used, merged, excluded, …
    """

    severity: Severity
    code: str
    file: str
    sheet: str | None
    row: int | None
    column: str | None
    found: str
    expected: Text
    done: Text

    def to_json(self) -> dict[str, object]:
        """The issue as scripts read it, texts in English."""
        return {
            "severity": self.severity,
            "code": self.code,
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "expected": self.expected.render("en"),
            "done": self.done.render("en"),
        }
