"""Forest plots as SVG that takes its colours and fonts from the page it stands in.

Matplotlib lays the plot out; texts stay texts, and colours are names that the page's style sheet fills in, so that one
picture serves light, dark and print. Row labels are put in afterwards: the layout must not need the page's fonts.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

# Colours nobody would choose, each standing for a custom property of the page.
_VARIABLES = {
    "#010101": "--ink",
    "#020202": "--muted",
    "#030303": "--rule",
    "#040404": "--target",
    "#050505": "--below",
    "#060606": "--watch",
    "#070707": "--on-target",
    "#080808": "--too-little",
    "#090909": "--not-proven",
}
_INK, _MUTED, _RULE, _TARGET = list(_VARIABLES)[:4]
_GRADES = dict(zip(("below", "watch", "on_target", "too_little", "not_proven"), list(_VARIABLES)[4:], strict=True))
_POINTS = 360  # width of the picture: its texts stay readable on a phone, and it is not blown up on a desk
_ROW = 19
_UNIT, _MOST_MARGIN = 6.6, 205
"""Width of a Latin letter of a label in the widest fonts that a page may choose, and of all labels at most, in points."""


@dataclass(frozen=True)
class ForestRow:
    """One line of a forest plot; numbers are shares in [0, 1], None where there is none."""

    label: str
    figure: str
    rate: float | None
    lower: float | None
    upper: float | None
    target: float | None
    grade: str | None
    total: bool = False


def forest_plot(rows: Sequence[ForestRow], *, left: float, axis: str, title: str, description: str, name: str) -> str:
    """The plot as an ``<svg>`` element.

    Args:
        rows: from top to bottom.
        left: left end of the axis, below 1; intervals that reach further end in an arrow there.
        axis: label of the axis. title, description: what a screen reader says.
        name: prefix of the ids in the picture, unique on its page.
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    height = _ROW * (len(rows) + 3)
    margin = min(max(_units(row.label) for row in rows) * _UNIT + 10, _MOST_MARGIN)
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 10.5, "font.family": ["DejaVu Sans"]}):
        figure = Figure(figsize=(_POINTS / 72, height / 72))
        figure.patch.set_visible(False)
        axes = figure.add_axes(
            (margin / _POINTS, 2.4 * _ROW / height, 1 - (margin + 64) / _POINTS, 1 - 2.6 * _ROW / height)
        )
        axes.patch.set_visible(False)
        _draw(axes, rows, left)
        axes.set_xlabel(_token(len(rows)), color=_MUTED, fontsize=9.5)
        buffer = io.StringIO()
        FigureCanvasSVG(figure)
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    texts = [row.label for row in rows] + [axis]
    return _for_page(buffer.getvalue(), texts, title, description, name)


def _units(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)


def _token(number: int) -> str:
    return f"LABEL{number:04d}X"


def _draw(axes, rows: Sequence[ForestRow], left: float) -> None:  # type: ignore[no-untyped-def]
    """Everything inside the frame, in percent."""
    start = 100 * left
    axes.set_xlim(start, 100 + (100 - start) * 0.01)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    for y, row in enumerate(rows):
        colour = _GRADES.get(row.grade or "", _INK)
        if row.lower is not None and row.upper is not None:
            low = max(100 * row.lower, start)
            axes.plot(
                [low, 100 * row.upper],
                [y, y],
                color=colour,
                linewidth=3.2 if row.total else 2,
                solid_capstyle="butt",
            )
            if row.lower < left:
                axes.plot([start], [y], marker="<", color=colour, markersize=4, clip_on=False)
        if row.rate is not None and row.rate >= left:
            marker = "D" if row.total else "o"
            axes.plot([100 * row.rate], [y], marker=marker, color=colour, markersize=5.5, clip_on=False)
        if row.target is not None and row.target >= left:
            axes.plot([100 * row.target] * 2, [y - 0.38, y + 0.38], color=_TARGET, linewidth=1.6)
        axes.text(1.02, y, row.figure, transform=axes.get_yaxis_transform(), va="center", ha="left", color=_INK)
        axes.text(-0.035, y, _token(y), transform=axes.get_yaxis_transform(), va="center", ha="right", color=_INK)
    axes.set_yticks([])
    axes.tick_params(axis="x", colors=_MUTED, labelsize=9, length=3)
    axes.grid(axis="x", color=_RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(_RULE)


def _for_page(svg: str, texts: Sequence[str], title: str, description: str, name: str) -> str:
    """The element alone: ids made unique, colours and fonts left to the page, the labels filled in."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<style[^>]*>.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
    svg = re.sub(r'(xlink:)?href="#([^"]+)"', rf'href="#{name}-\2"', svg)
    for colour, variable in _VARIABLES.items():
        svg = svg.replace(colour, f"var({variable})")
    # Families are the page's own; sizes and anchors stay.
    svg = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"font-family: [^;\"]*;?", "", svg)
    for number, text in enumerate(texts):
        svg = svg.replace(_token(number), html.escape(text))
    head = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" '
        f'stroke-linejoin="round" style="stroke-linecap: butt"'
    )
    svg = re.sub(r"<svg", head, svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    described = (
        f'<title id="{name}-title">{html.escape(title)}</title><desc id="{name}-desc">{html.escape(description)}</desc>'
    )
    end = svg.index(">") + 1
    return svg[:end] + described + svg[end:]
