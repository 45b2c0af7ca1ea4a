"""Texts about why a unit was or was not drawn."""

ENTRIES: dict[str, tuple[str, str]] = {
    "explain.several": (
        "“{name}”有 {count} 个抽样单元，请指明其中一个：{units}。",
        "{name!r} has {count} sampling {count:|unit|units}; name one of them: {units}.",
    ),
    "explain.unknown": (
        "计划里没有“{name}”；请给出任务编号、单元编号（代码|类别）、统一社会信用代码或企业全称。",
        "the plan has no {name!r}; give a task id, a unit id (code|category), the credit code or the full name.",
    ),
    "explain.source": ("登记表位置：{source}", "in the registry: {source}"),
    "explain.factors_title": ("风险因素", "Risk factors"),
    "explain.field_column": ("因素", "factor"),
    "explain.value_column": ("取值", "value"),
    "explain.weight_column": ("权重", "weight"),
    "explain.source_column": ("依据", "source"),
    "explain.dated": ("{source}（{date}）", "{source} ({date})"),
    "explain.no_line": ("无加权，按 1 计", "no weight, counts as 1"),
    "explain.never": ("从未查过", "never"),
    "explain.yes": ("是", "yes"),
    "explain.no": ("否", "no"),
    "explain.set_aside": ("本季度不参加抽取：{reason}。", "Not in this quarter's draw: {reason}."),
    "explain.score": ("风险分 {score}，风险档：{tier}", "score {score}, tier: {tier}"),
    "explain.stratum": (
        "所在层 {stratum}：{population} 个单元，抽 {sample} 个，替补 {reserves} 个",
        "stratum {stratum}: {population} {population:|unit|units}, {sample} {sample:|task|tasks}, {reserves} {reserves:|reserve|reserves}",
    ),
    "explain.ticket": (
        "抽签号 {ticket}\n层内第 {rank} 名；任务的最后一个抽签号 {cut_off}",
        "ticket {ticket}\nrank {rank} in its stratum; the last ticket that is a task is {cut_off}",
    ),
    "explain.recompute": (
        "抽签号 =“种子、换行、单元编号”的 SHA-256；种子 {seed}，单元编号 {unit}",
        "the ticket is the SHA-256 of seed, line feed, unit id; seed {seed}, unit id {unit}",
    ),
    "explain.certain": ("必抽：{reason}。", "taken with certainty: {reason}."),
    "explain.blacklisted": ("列入黑名单", "blacklisted"),
    "explain.follow_up": ("上次不合格，跟踪抽查", "failed last time, followed up"),
    "explain.task": ("结果：抽中，任务 {task}。", "Result: drawn, task {task}."),
    "explain.reserve": ("结果：替补 {task}。", "Result: reserve {task}."),
    "explain.neither": ("结果：未抽中。", "Result: not drawn."),
    "explain.internal": (
        "内部资料：风险分、档和层不得写进任何发出去的材料。",
        "internal: score, tier and stratum must not appear on anything that leaves the office.",
    ),
}
