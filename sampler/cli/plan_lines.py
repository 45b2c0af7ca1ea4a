"""What ``plan`` says about margins, money and earlier quarters, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sampler.text import Lang, text

if TYPE_CHECKING:
    from sampler.drawing import Drawn
    from sampler.plan import Plan
    from sampler.precision import Expected

MOST_MARGINS = 40
"""Lines about margins on a terminal; the JSON has them all."""


def set_aside_counts(plan: Plan) -> dict[str, int]:
    """Reason → units of the frame that are not drawn this quarter."""
    return dict(plan.set_aside["reason"].value_counts().sort("reason").iter_rows())


def margin_lines(plan: Plan, margins: list[Expected], lang: Lang) -> list[str]:
    """What the margins take, which of them decide, and what more tests would bring, in plain words."""
    from sampler.requirements import named

    lines = []
    if plan.needed is not None:
        lines.append(
            text(f"plan.needed_{plan.needed.resource}", lang, cost=f"{plan.needed.cost:,.10g}"),
        )
    elif margins:
        lines.append(text("plan.margins_met", lang))
    for e in margins[:MOST_MARGINS]:
        assert e.asked is not None
        said = text(
            "plan.margin_line",
            lang,
            domain=named(plan.design, e.domain).render(lang),
            half_width=f"{100 * e.half_width:.1f}",
            margin=f"{100 * e.asked.margin:g}",
            binding=text("plan.margin_binds" if e.asked.binding else "plan.margin_slack", lang),
        )
        if e.more is not None:
            said += text(
                "plan.margin_more",
                lang,
                units=e.more.units,
                now=f"{100 * e.half_width:.1f}",
                then=f"{100 * e.more.half_width:.1f}",
            )
        lines.append(said)
    if len(margins) > MOST_MARGINS:
        lines.append(text("plan.margins_more", lang, count=len(margins) - MOST_MARGINS))
    return lines


def money_lines(plan: Plan, lang: Lang) -> list[str]:
    """What the plan spends where; nothing where no cost is given."""
    from sampler.costs import spending

    spent = spending(plan.selection, plan.design)
    if spent.total == 0:
        return []
    parts = [
        text(
            "plan.money_category",
            lang,
            category=plan.design.label("category", category, lang),
            batches=n,
            cost=f"{cost:,.0f}",
        )
        for category, (n, cost) in spent.by_category.items()
    ]
    if spent.per_visit:
        parts.append(text("plan.money_visits", lang, visits=spent.visits, cost=f"{spent.visits_cost:,.0f}"))
    listed = text("common.comma", lang).join(parts)
    lines = [text("plan.money_line", lang, total=f"{spent.total:,.0f}", listed=listed)]
    if spent.budget is not None:
        left = f"{spent.budget - spent.total:,.0f}"
        lines.append(text("plan.money_left", lang, budget=f"{spent.budget:,.0f}", left=left))
    return lines


def history_lines(drawn: Drawn, lang: Lang) -> list[str]:
    """What the archive said about the quarter, for people; no line without an archive."""
    from sampler.history import COVERAGE_QUARTERS
    from sampler.percent import percent

    history, changes, previous = drawn.past.history, drawn.past.changes, drawn.past.previous
    if previous is None or changes is None:
        return []
    units = drawn.frame.units["unit_id"].to_list()
    four, twelve = (percent(history.coverage(units, drawn.plan.period, q), 1) for q in COVERAGE_QUARTERS)
    design = drawn.plan.design
    lines = [
        text(
            "past.line",
            lang,
            count=len(history.quarters),
            first=history.quarters[0],
            last=history.quarters[-1],
            follow_ups=len(history.follow_ups),
            four=four,
            twelve=twelve,
        )
    ]
    if history.rates:
        listed = [f"{design.label('category', c, lang)} {percent(r, 1)}" for c, r in history.rates.items()]
        comma = text("common.comma", lang)
        lines.append(text("past.rates_line", lang, listed=comma.join(listed)))
    if any(changes.counts().values()):
        lines.append(text("past.changes_line", lang, period=previous.period, **changes.counts()))
    return lines
