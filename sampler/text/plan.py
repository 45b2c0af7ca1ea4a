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
    "plan.excluded_line": ("未进入抽样：{listed}", "not in the draw: {listed}"),
    "plan.strata_line": (
        "分层：{strata} 层，其中必抽层 {certain}；合并风险档 {mergers} 处",
        "strata: {strata}, of which {certain} taken with certainty; {mergers} mergers of risk tiers",
    ),
    "plan.tasks_line": (
        "任务：{tasks} 个（{batches} 批次，{visits} 次上门），替补 {reserves} 个",
        "tasks: {tasks} ({batches} batches, {visits} visits), {reserves} reserves",
    ),
    "plan.seed_line": ("随机种子：{seed}", "seed: {seed}"),
    "plan.digest_line": ("摘要：抽样框 {frame}，方案 {design}", "digests: frame {frame}, design {design}"),
    "plan.none": ("无", "none"),
    "plan.table_title": ("各区任务与预期精度", "Tasks by district, and the precision to expect"),
    "plan.expected_column": ("预期合格率 ± 半宽（百分点）", "expected rate ± half-width (points)"),
    "plan.dry_run": ("试算：没有写任何文件。", "dry run: nothing was written."),
    "plan.written": (
        "计划已写入 {folder}；各区任务表在 {folder}/districts，收回后放入 {folder}/returned。",
        "the plan is in {folder}; district workbooks are in {folder}/districts, filled ones go to {folder}/returned.",
    ),
    "plan.force_needs_why": (
        "--force 会替换已有计划，必须用 --why 写明原因；原因会记入新计划。",
        "--force replaces a plan: give the reason with --why; it goes on record in the new plan.",
    ),
    "plan.nothing_to_draw": (
        "没有可抽的单元：抽样框 {units} 个，其中六个月内已抽查 {rest} 个，已到年度上门次数上限 {cap} 个，不在专项范围 {campaign} 个；请检查登记表、[rest]、[caps] 和 [campaign]。",
        "no unit is left to draw: {units} in the frame, {rest} checked within the rest period, {cap} visited as often as [caps] allows, {campaign} outside the campaign; check the registry, [rest], [caps] and [campaign].",
    ),
    "plan.budget_below_floors": (
        "预算 {budget} 批次不够：必抽 {certain} 批次，{strata} 层的最低数共 {floors} 批次。最小可行预算是 {needed} 批次（--budget {needed}），或调低 [sample] 的 floor_stratum 和 floor_cell。",
        "the budget of {budget} batches is too small: {certain} are certain, and the floors of {strata} strata need {floors}. The smallest budget that works is {needed} (--budget {needed}); or lower floor_stratum and floor_cell in [sample].",
    ),
}
