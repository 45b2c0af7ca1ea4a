"""Texts about simulating a design."""

ENTRIES: dict[str, tuple[str, str]] = {
    "simulate.reading": ("读取登记表", "reading the registry"),
    "simulate.preparing": ("分层、分配、准备模拟", "stratifying, allocating, preparing"),
    "simulate.drawing": ("反复抽样", "drawing"),
    "simulate.title": (
        "{city} {period} 方案模拟：抽 {draws} 次，每次 {sample} 个单元",
        "Simulation of the design {period}, {city}: {draws} {draws:|draw|draws} of {sample} {sample:|unit|units}",
    ),
    "simulate.truth_prior": (
        "假定的合格率：各类别的预计合格率 × 相对风险；每次抽样前按此重新生成一个总体。",
        "truth: the categories' assumed pass rates × relative risk; every draw has a population of its own.",
    ),
    "simulate.truth_column": (
        "真实结果：列“{column}”；{missing} 个单元没有结果，未计入。",
        "truth: the outcomes in column {column!r}; {missing} {missing:|unit without one is|units without one are} left out.",
    ),
    "simulate.truth_results": (
        "假定的合格率：{period} 的结果（区 × 类别，向总体收缩）× 相对风险；每次抽样前按此重新生成一个总体。",
        "truth: the results of {period} (district × category, shrunken) × relative risk; every draw has a population of its own.",
    ),
    "simulate.designs": (
        "本方案：{planned} 层；按比例：{proportional} 层（不分风险档、无必抽），按单元数分配；随机：全体简单随机。三者样本量相同。",
        "planned: {planned} strata; proportional: {proportional} strata without risk tiers or certainty, sizes by their units; random: one simple random sample. All take as many units.",
    ),
    "simulate.by_total": ("总体", "The whole"),
    "simulate.planned": ("本方案", "planned"),
    "simulate.proportional": ("按比例", "proportional"),
    "simulate.random": ("随机", "random"),
    "simulate.column_domain": ("范围", "domain"),
    "simulate.column_units": ("单元", "units"),
    "simulate.column_rate": ("真实合格率", "true rate"),
    "simulate.column_design": ("方案", "design"),
    "simulate.column_tested": ("检验", "tested"),
    "simulate.column_half_width": ("区间半宽（百分点）", "± points"),
    "simulate.column_coverage": ("覆盖率", "coverage"),
    "simulate.column_detection": ("发现概率", "detects"),
    "simulate.column_found": ("每百个发现不合格", "failing per 100"),
    "simulate.column_rmse": ("估计误差（百分点）", "error, points"),
    "simulate.column_method": ("区间方法", "interval"),
    "simulate.legend": (
        "区间半宽：{confidence} 置信区间宽度之半的平均；覆盖率：区间包含真实合格率的比例（模拟误差约 ±{error} 个百分点）；发现概率：有不合格时至少发现一个；估计误差：均方根误差。",
        "± points: half the width of the {confidence} interval, on average; coverage: how often it holds the true rate (simulated to ±{error} points); detects: finds at least one failing unit where there is one; error: root mean squared error.",
    ),
    "simulate.conservative": (
        "区间方法为“保守”的行：每次都算精确区间太慢，改用保守近似；要看 estimate 将报告的精确区间，请用 --method exact 并减少 --draws。",
        "rows marked conservative: an exact interval in every draw would take too long; for the one that estimate reports use --method exact with fewer --draws.",
    ),
    "simulate.two_truths": (
        "--truth 和 --results 只能给一个。",
        "give --truth or --results, not both.",
    ),
    "simulate.bad_draws": (
        "--draws 至少为 1，实为 {found}。",
        "--draws must be at least 1, but got {found}.",
    ),
    "simulate.no_column": (
        '没有列“{column}”；要用登记表里的结果列，请先在方案的 [columns] 中写明，如 outcome = ["{column}"]。现有的自定义列：{columns}。',
        'there is no column {column!r}: name it under [columns] in the design, such as outcome = ["{column}"], and ask for --truth outcome. Columns of the design\'s own: {columns}.',
    ),
    "simulate.strange_outcome": (
        "列“{column}”有 {count} 个值不是结果：{values}。合格请写 1 或 合格，不合格请写 0 或 不合格。",
        "column {column!r} has {count} {count:|value that is|values that are} no outcome: {values}. Write 1 or pass, 0 or fail.",
    ),
    "simulate.no_outcome": (
        "列“{column}”在 {units} 个单元中都没有结果；请核对列名，并写明每个单元的结果（1 或 合格，0 或 不合格）。",
        "column {column!r} has no outcome for any of the {units} units; check its name, and write 1 or pass, 0 or fail.",
    ),
    "simulate.not_results": (
        "--results 要给一个已有回收结果的计划文件夹，实为 {path}。",
        "--results takes a plan folder whose results have come back, but got {path}.",
    ),
    "simulate.few_results": (
        "{plan} 只有 {cells} 个“区 × 类别”有检验结果，至少要 {least} 个才能推算。",
        "only {cells} of the districts × categories of {plan} were tested; at least {least} are needed to learn from.",
    ),
    "simulate.unknown_category": (
        "{plan} 的结果和方案中都没有类别“{category}”；请换一个计划，或从方案中去掉这个类别。",
        "neither the results of {plan} nor its design know the category {category!r}; take another plan, or leave it out of the design.",
    ),
}
