"""Texts about the trend of pass rates."""

ENTRIES: dict[str, tuple[str, str]] = {
    "trend.title": (
        "合格率走势，{confidence} 置信区间",
        "Pass rates over the quarters, {confidence} intervals",
    ),
    "trend.domain": ("范围", "domain"),
    "trend.change": ("{before} → {after}\n变化（百分点）", "{before} → {after}\nchange (points)"),
    "trend.up": ("上升", "higher"),
    "trend.down": ("下降", "lower"),
    "trend.not_proven": ("不能断定", "not proven"),
    "trend.none_tested": ("无检验结果", "nothing tested"),
    "trend.guarantee": (
        "变化区间有保证：不论不合格怎样分布在各层，包含真实变化的概率不低于 {confidence}；标明上升或下降的，是同一组范围合起来仍能断定的。"
        "每个季度的合格率只针对当季可抽的单元（六个月内查过的不在内）。",
        "The interval of a change is guaranteed: wherever in the strata the failures lie, it holds the true change with a probability of at least {confidence}; "
        "“higher” and “lower” are said only of what is proven for all domains of a group together. Each quarter's rate speaks for the units that could be drawn then (not for those checked within the rest period).",
    ),
    "trend.scope": (
        "{periods} 联系到的单元中有不在范围内的（如停业、搬迁），总体按各层所见的比例估计；这些季度的区间和相关的变化以此为条件，上述保证不含这一估计的误差。",
        "Of the units contacted in {periods} some were out of scope (closed, moved …), and the populations are estimated from the share seen in each stratum: "
        "the intervals of these quarters, and changes from or to them, are conditional on that, and what is said to be guaranteed or proven leaves the error of this estimate out.",
    ),
    "trend.no_such_quarter": (
        "没有 {found} 的计划；已有：{known}。",
        "there is no plan of {found}; there are {known}.",
    ),
    "trend.no_plans": (
        "{paths} 里没有计划文件夹；请给出一个或几个计划文件夹，或放它们的文件夹。",
        "there is no plan folder in {paths}; give one or more plan folders, or the folder that holds them.",
    ),
    "trend.two_plans": (
        "{period} 有两份计划：{one} 和 {other}；每个季度只给一份。",
        "there are two plans of {period}: {one} and {other}; give one for each quarter.",
    ),
    "trend.bad_confidence": (
        "--confidence 应在 0 和 1 之间（如 0.95），实为 {found}。",
        "--confidence must lie between 0 and 1 (such as 0.95), but got {found}.",
    ),
    "trend.nothing_tested": (
        "这些计划都还没有检验结果；请把收回的任务表放进各计划的 returned/。",
        "nothing has been tested in any of these plans yet; put the returned workbooks into each plan's returned/.",
    ),
    "trend.from_and_to": ("--from 和 --to 要一起给出。", "give --from and --to together."),
    "trend.one_quarter": (
        "--from 和 --to 都是 {period}；要比较的是两个季度。",
        "--from and --to are both {period}; a change is between two quarters.",
    ),
    "trend.reading": ("读取各季度的计划和结果", "reading plans and results of the quarters"),
    "trend.computing": ("计算区间", "computing intervals"),
}
