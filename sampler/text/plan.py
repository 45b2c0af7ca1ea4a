"""Texts about planning."""

ENTRIES: dict[str, tuple[str, str]] = {
    "plan.reading": ("读取登记表", "reading the registry"),
    "plan.history": ("读取以往计划", "reading the earlier plans"),
    "plan.drawing": ("分层、分配、抽取", "stratifying, allocating, drawing"),
    "plan.writing": ("写任务表", "writing the workbooks"),
    "plan.title": ("{city} {period} 抽查计划", "Spot-check plan {period}, {city}"),
    "plan.frame_line": (
        "抽样框：登记表 {rows} 行 → {units} 个抽样单元（一行多类别展开 {expanded}，重复合并 {merged}）",
        "frame: {rows} registry rows → {units} sampling units ({expanded} added by rows with several categories, {merged} duplicates merged)",
    ),
    "plan.excluded_line": ("未进入抽样框的行：{listed}", "rows not in the frame: {listed}"),
    "plan.set_aside_line": ("本季度不抽的单元：{listed}", "units not drawn this quarter: {listed}"),
    "plan.strata_line": (
        "分层：{strata} 层，其中必抽层 {certain}；合并风险档 {mergers} 处",
        "strata: {strata}, of which {certain} taken with certainty; risk tiers merged: {mergers}",
    ),
    "plan.tasks_line": (
        "任务：{tasks} 个（{batches} 批次，{visits} 次上门），替补 {reserves} 个",
        "tasks: {tasks} ({batches} {batches:|batch|batches}, {visits} {visits:|visit|visits}), {reserves} {reserves:|reserve|reserves}",
    ),
    "plan.seed_line": ("随机种子：{seed}", "seed: {seed}"),
    "plan.seed_was": (
        "这次抽取的种子是 {seed}；用 --seed {seed} 可以重复这次抽取。",
        "the seed of this draw was {seed}; --seed {seed} repeats it.",
    ),
    "plan.digest_line": ("摘要：抽样框 {frame}，方案 {design}", "digests: frame {frame}, design {design}"),
    "plan.none": ("无", "none"),
    "plan.table_title": ("各区任务与预期精度", "Tasks by district, and the precision to expect"),
    "plan.categories_title": ("各类别任务与预期精度", "Tasks by category, and the precision to expect"),
    "plan.total_line": (
        "全市：{units} 个单元，{tasks} 个任务，预期合格率 ± 半宽（百分点）：{points}",
        "city: {units} {units:|unit|units}, {tasks} {tasks:|task|tasks}, expected rate ± half-width (points): {points}",
    ),
    "plan.expected_column": ("预期合格率 ± 半宽（百分点）", "expected rate ± half-width (points)"),
    "plan.dry_run": ("试算：没有写任何文件。", "dry run: nothing was written."),
    "plan.dry_run_refused": (
        "不是试算的话，这份计划不会写出：{reason}",
        "without --dry-run this plan would be refused: {reason}",
    ),
    "plan.written": (
        "计划已写入 {folder}；各区任务表在 {folder}/districts，收回后放入 {folder}/returned。",
        "the plan is in {folder}; district workbooks are in {folder}/districts, filled ones go to {folder}/returned.",
    ),
    "plan.force_needs_why": (
        "--force 会替换已有计划，必须用 --why 写明原因；原因会记入新计划。",
        "--force replaces a plan: give the reason with --why; it goes on record in the new plan.",
    ),
    "plan.why_needs_force": (
        "--why 记录替换已有计划的原因，只与 --force 一起用；不替换时请去掉它。",
        "--why puts on record why a plan is replaced and goes with --force; leave it out where none is replaced.",
    ),
    "plan.empty_frame": (
        "登记表读到 {rows} 行，没有一行可抽。各行的去向：{listed}\n用“sampler check 登记表”查看每一行的处理。",
        "of the registry's {rows} rows none can be drawn. Where they went:{listed}\n“sampler check REGISTRY” tells what was made of each row.",
    ),
    "plan.excluded_item": ("{reason}：{count} 行", "{reason}: {count} {count:|row|rows}"),
    "plan.whole_frame": (
        "预算 {budget} 批多于抽样框所能给的 {batches} 批：所有单元都会检查，另外 {left} 批用不出去。",
        "the budget of {budget} batches is more than the {batches} that the frame can give: every unit is checked, and {left} {left:|batch|batches} cannot be spent.",
    ),
    "plan.nothing_to_draw": (
        "没有可抽的单元：抽样框 {units} 个，其中六个月内已抽查 {rest} 个，已到年度上门次数上限 {cap} 个，不在专项范围 {campaign} 个；请检查登记表、[rest]、[caps] 和 [campaign]。",
        "no unit is left to draw: {units} in the frame, {rest} checked within the rest period, {cap} visited as often as [caps] allows, {campaign} outside the campaign; check the registry, [rest], [caps] and [campaign].",
    ),
    "plan.needed_batches": (
        "满足精度和最低数等要求的方案中，找到的最省的需要 {cost} 批次。",
        "the requirements by themselves take {cost} batches, by the cheapest sizes found.",
    ),
    "plan.needed_yuan": (
        "满足精度和最低数等要求的方案中，找到的最省的需要 {cost} 元。",
        "the requirements by themselves take {cost} yuan, by the cheapest sizes found.",
    ),
    "plan.margins_met": (
        "按规则分配已满足全部精度要求。",
        "the rule's own sizes meet every margin.",
    ),
    "plan.margin_line": (
        "{domain}：预期 ±{half_width} 个百分点，要求 ±{margin}（{binding}）。",
        "{domain}: ±{half_width} points expected, ±{margin} asked ({binding}).",
    ),
    "plan.margin_binds": ("起约束作用", "binding"),
    "plan.margin_slack": ("有余", "slack"),
    "plan.margin_more": (
        "在此再抽 {units} 个，可由 ±{now} 收窄到 ±{then}。",
        " Another {units} {units:|task|tasks} there would bring ±{now} to ±{then}.",
    ),
    "plan.margins_more": ("另有 {count} 项，见 --json。", "{count} more: see --json."),
    "plan.money_line": ("费用：{total} 元（{listed}）", "cost: {total} yuan ({listed})"),
    "plan.money_category": (
        "{category} {batches} 批次 {cost} 元",
        "{category} {batches} {batches:|batch|batches} {cost}",
    ),
    "plan.money_visits": ("上门 {visits} 次 {cost} 元", "{visits} {visits:|visit|visits} {cost}"),
    "plan.money_left": (
        "预算 {budget} 元，未用 {left} 元。",
        "of a budget of {budget} yuan {left} are left.",
    ),
    "plan.named": ("{zh}{en:.0}", "{zh:.0}{en}"),
    "plan.every": ("每个{column}", "every {column}"),
    "plan.infeasible": (
        "没有找到满足全部要求的方案。{why}{budget}只改下面任何一项也可以：{changes}",
        "found no plan that meets all requirements: {why} {budget} Any one of these changes alone would do as well:{changes}",
    ),
    "plan.infeasible_alone": (
        "没有找到满足全部要求的方案。{why}{budget}单独放宽其他任何一项都不够。",
        "found no plan that meets all requirements: {why} {budget} No other requirement helps if it alone is loosened.",
    ),
    "plan.clash_floors_batches": (
        "预算 {budget} 批次不够：必抽 {certain} 批次，{strata} 层的最低数、占比和发现概率共需 {floors} 批次。",
        "the budget of {budget} batches is too small: {certain} are certain, and the floors, shares and detection of {strata} strata need {floors}.",
    ),
    "plan.clash_floors_yuan": (
        "预算 {budget} 元不够：必抽 {certain} 元，{strata} 层的最低数、占比和发现概率共需 {floors} 元。",
        "the budget of {budget} yuan is too small: {certain} go to certain units, and the floors, shares and detection of {strata} strata need {floors}.",
    ),
    "plan.clash_margins_batches": (
        "预算 {budget} 批次不够：必抽 {certain}，最低数 {floors}；要达到 [[precision]] 的精度，找到的最省的方案共需 {needed} 批次。",
        "the budget of {budget} batches is too small: {certain} are certain and the floors need {floors}; with the margins of [[precision]] the cheapest sizes found take {needed}.",
    ),
    "plan.clash_margins_yuan": (
        "预算 {budget} 元不够：必抽 {certain}，最低数 {floors}；要达到 [[precision]] 的精度，找到的最省的方案共需 {needed} 元。",
        "the budget of {budget} yuan is too small: {certain} go to certain units and {floors} to the floors; with the margins of [[precision]] the cheapest sizes found take {needed}.",
    ),
    "plan.clash_capacity": (
        "{domain}的能力（capacity）除必抽外只剩 {limit} 批次，而最低数和占比需要 {needed} 批次。",
        "{domain} has a capacity of {limit} {limit:|batch|batches} beside its certain units, but its floors and shares need {needed}.",
    ),
    "plan.clash_share": (
        "{domain}的上限（at_most）只允许 {limit} 个单元，而最低数需要 {needed} 个。",
        "the ceiling (at_most) of {domain} allows {limit} {limit:|unit|units}, but its floors need {needed}.",
    ),
    "plan.clash_detection": (
        "{domain}：若有 {share}% 不合格，要以 {probability}% 的概率发现；在能力和上限之内最高只有 {best}%。",
        "{domain}: at a failing share of {share}% one is to be found with {probability}% probability; within capacities and ceilings at most {best}% can be had.",
    ),
    "plan.clash_margin_capacity": (
        "要达到 [[precision]] 的精度，{domain}需要 {needed} 批次，而能力（capacity）除必抽外只剩 {limit}。",
        "the margins of [[precision]] take {needed} batches in {domain}, but its capacity is {limit} beside its certain units.",
    ),
    "plan.clash_margin_share": (
        "要达到 [[precision]] 的精度，{domain}需要 {needed} 个单元，而上限（at_most）只允许 {limit}。",
        "the margins of [[precision]] take {needed} units in {domain}, but its ceiling (at_most) allows {limit}.",
    ),
    "plan.clash_width": ("精度要求无法达到。", "the margins cannot be reached."),
    "plan.clash_budget": ("预算不够。", "the budget is too small."),
    "plan.clash_margins_budget": ("预算不够达到精度要求。", "the budget is too small for the margins."),
    "plan.no_budget_works": ("增加预算没有用。", "A larger budget does not help."),
    "plan.least_batches": (
        "最小可行预算是 {needed} 批次（--budget {needed}）。",
        "The smallest budget that works is {needed} (--budget {needed}).",
    ),
    "plan.least_yuan": (
        "最小可行预算是 {needed} 元（budget_yuan）。",
        "The smallest budget that works is {needed} yuan (budget_yuan).",
    ),
    "plan.works_batches": (
        "预算 {needed} 批次可行（--budget {needed}），少一批次就不行。",
        "A budget of {needed} works (--budget {needed}); one batch less does not.",
    ),
    "plan.works_yuan": (
        "预算 {needed} 元可行（budget_yuan）。",
        "A budget of {needed} yuan works (budget_yuan).",
    ),
    "plan.least_both": (
        "{batches} 批次和 {yuan} 元的预算可行。",
        "A budget of {batches} batches and {yuan} yuan works.",
    ),
    "plan.relax_floor": ("[sample] {key} = {value}（现为 {now}）", "[sample] {key} = {value} (now {now})"),
    "plan.relax_entry": (
        "[[{section}]] 第 {number} 项（{domain}）：{key} = {value}（现为 {now}）",
        "[[{section}]] no. {number} ({domain}): {key} = {value} (now {now})",
    ),
    "plan.relax_capacity": (
        "[[districts]] {domain}：capacity = {value}（现为 {now}）",
        "[[districts]] {domain}: capacity = {value} (now {now})",
    ),
}
