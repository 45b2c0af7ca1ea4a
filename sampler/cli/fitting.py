"""Tables that fit the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def fitting(
    console: Console, spared: Sequence[str], make: Callable[[Sequence[str]], Table]
) -> tuple[Table, Sequence[str]]:
    """A table with as many columns as the console has room for, and what it goes without.

    Args:
        spared: what a narrow console goes without, first to last: names and figures must stay whole.
        make: the table without some of them.
    """
    free = console.options.update(max_width=10_000)
    for number in range(len(spared) + 1):
        without = spared[:number]
        table = make(without)
        if console.measure(table, options=free).maximum <= console.width:
            break
    return table, without
