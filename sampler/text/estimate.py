"""Texts about pass rates: errors, grades, warnings, notes, and the tables people read."""

ENTRIES: dict[str, tuple[str, str]] = {
    # problems with a table of counts or units
    "estimate.problems": (
        "结果表有 {count} 处问题：{problems}",
        "the table of results has {count} {count:|problem|problems}:{problems}",
    ),
    "estimate.no_rows": (
        "{files} 中没有任何结果行；请核对是否给错了文件或工作表。",
        "there is no row of results in {files}; is it the right file and sheet?",
    ),
    "estimate.missing_columns": (
        "{file} 缺少的列：{missing}\n按层计数要有分层的列（如区、类别）、总体、检验批次、合格批次；逐批结果要有分层的列、总体、检验结果。找到的列：{found}。",
        "{file} lacks columns:{missing}\nA table of counts has columns for the strata (such as district, category), population, tested, passed; a table of batches has columns for the strata, population, result. Columns found: {found}.",
    ),
    "estimate.needs_population": (
        "总体（population）：每层的单元总数，各层合格率按它加权",
        "population (总体): the units in each stratum, by which the strata are weighted",
    ),
    "estimate.needs_tested": ("检验批次（tested）", "tested (检验批次)"),
    "estimate.needs_passed": ("合格批次（passed），或不合格批次（failed）", "passed (合格批次) or failed (不合格批次)"),
    "estimate.percentage": (
        "{file} 第 {row} 行：“{field}”应是批次数，不是百分比，实为“{found}”；合格率请放在另一列（合格率）。",
        "{file} row {row}: {field} takes counts, not percentages, but got {found!r}; a rate may stand in a column of its own (rate).",
    ),
    "estimate.column_twice": (
        "{file}：“{other}”和“{column}”两列是同一项；请删去一列。",
        "{file}: the columns {other!r} and {column!r} hold the same thing; remove one of them.",
    ),
    "estimate.not_a_number": (
        "{file} 第 {row} 行：“{field}”应是整数，实为“{found}”。",
        "{file} row {row}: {field} must be a whole number, but got {found!r}.",
    ),
    "estimate.too_large": (
        "{file} 第 {row} 行：“{field}”不能大于 {bound}，实为 {found}。",
        "{file} row {row}: {field} must be at most {bound}, but got {found}.",
    ),
    "estimate.negative": (
        "{file} 第 {row} 行：“{field}”不能为负数，实为 {found}。",
        "{file} row {row}: {field} must not be negative, but got {found}.",
    ),
    "estimate.fractional": (
        "{file} 第 {row} 行：“{field}”是计数，不能有小数，实为 {found}。",
        "{file} row {row}: {field} is a count and must be whole, but got {found}.",
    ),
    "estimate.empty": (
        "{file} 第 {row} 行（层 {stratum}）：“{field}”是空的；没有检验请填 0。",
        "{file} row {row} (stratum {stratum}): {field} is empty; write 0 where nothing was tested.",
    ),
    "estimate.more_than_tested": (
        "{file} 第 {row} 行（层 {stratum}）：“{field}”为 {value}，多于检验数 {tested}。",
        "{file} row {row} (stratum {stratum}): {field} is {value}, more than the {tested} tested.",
    ),
    "estimate.does_not_add_up": (
        "{file} 第 {row} 行（层 {stratum}）：合格 {passed} 加不合格 {failed} 不等于检验数 {tested}。",
        "{file} row {row} (stratum {stratum}): {passed} passed and {failed} failed do not make the {tested} tested.",
    ),
    "estimate.more_than_population": (
        "{file} 第 {row} 行（层 {stratum}）：检验（含拒检、范围外）为 {tested}，多于总体 {population}。",
        "{file} row {row} (stratum {stratum}): {tested} tested (with refusals and out of scope), more than the population of {population}.",
    ),
    "estimate.more_than_sampled": (
        "{file} 第 {row} 行（层 {stratum}）：检验（含拒检、范围外）为 {tested}，多于抽样数 {sampled}。",
        "{file} row {row} (stratum {stratum}): {tested} tested (with refusals and out of scope), more than the {sampled} sampled.",
    ),
    "estimate.stratum_twice": (
        "{file} 第 {row} 行：层 {stratum} 在第 {other} 行已经出现；每层只能有一行。",
        "{file} row {row}: stratum {stratum} already stands in row {other}; each stratum has one row.",
    ),
    "estimate.total_named": (
        "{file} 第 {row} 行（{label}）像是合计，与其他行一起计入会重复；请删去这一行（若它确是单独一层，请换一个名称）。",
        "{file} row {row} ({label}) looks like a total and would count the other rows twice; delete it (if it is a stratum of its own, give it another name).",
    ),
    "estimate.total_sum": (
        "{file} 第 {row} 行（{label}）恰是其他行之和，一起计入会重复；请删去这一行（若它确是单独一层，请写上层名，并移到其他行中间）。",
        "{file} row {row} ({label}) is the sum of other rows and would count them twice; delete it (if it is a stratum of its own, name it and move it between the others).",
    ),
    "estimate.unknown_stratum": (
        "{file} 第 {row} 行：计划中没有层 {stratum}；请核对是否为另一期计划的结果。",
        "{file} row {row}: the plan has no stratum {stratum}; are these the results of another plan?",
    ),
    "estimate.bad_target_cell": (
        "{file} 第 {row} 行：目标合格率“{found}”应在 0 与 1 之间（如 0.95 或 95%）。",
        "{file} row {row}: the target {found!r} must lie between 0 and 1 (such as 0.95 or 95%).",
    ),
    "estimate.population_differs": (
        "{file} 第 {row} 行：层 {stratum} 的总体为 {found}，而第 {other} 行是 {known}；同一层各行的总体必须相同。",
        "{file} row {row}: stratum {stratum} has a population of {found} here and of {known} in row {other}; a stratum has one size.",
    ),
    "estimate.bad_result": (
        "{file} 第 {row} 行：检验结果“{found}”无法识别；请用合格/不合格、pass/fail 或 1/0，未检的留空。",
        "{file} row {row}: the result {found!r} is not known; use 合格/不合格, pass/fail or 1/0, and leave it empty where nothing was tested.",
    ),
    "estimate.strata_of_one": (
        "{rows} 行分成了 {strata} 个层，几乎每行一层：列“{column}”像是编号而不是分层变量。请删去它，或加一列 stratum 写明每行所属的层。",
        "{rows} rows make {strata} strata, nearly one each: the column {column!r} looks like an identifier. Remove it, or add a column stratum that says which stratum a row belongs to.",
    ),
    "estimate.population_unknown": (
        "{all} 个层中有 {count} 个不知道总体数（{strata}）。各层合格率要按总体数加权，因此每层都要填 population。",
        "the population of {count} of {all} strata is unknown ({strata}). Strata are weighted by their sizes, so every one needs its population.",
    ),
    "estimate.archive_given": (
        "这个文件夹里有计划文件夹，一次只能估计一个计划；请给出其中之一：{plans}。",
        "this folder holds plan folders, and one plan is estimated at a time; name one of them: {plans}.",
    ),
    "estimate.returned_without_plan": (
        "{file} 是某个计划交回的任务表；请用 --plan 指明计划文件夹，或把它放进该计划的 returned 文件夹。",
        "{file} is a returned workbook of a plan; name the plan's folder with --plan, or put the file into its folder returned.",
    ),
    "estimate.mixed_plans": (
        "结果来自不止一个计划（{plans}）；请分开估计。",
        "these are the results of more than one plan ({plans}); estimate them one at a time.",
    ),
    # problems with a plan's results
    "estimate.other_plan": (
        "{file}{sheet:?（工作表“*”）}第 {row} 行：任务 {task} 不属于计划 {plan}，共 {count} 行如此；不要把两个计划的结果放在一起。",
        "{file}{sheet:? (sheet “*”)} row {row}: task {task} is not of plan {plan} (such rows in all: {count}); results of two plans must not be mixed.",
    ),
    "estimate.unknown_task": (
        "{file}{sheet:?（工作表“*”）}第 {row} 行：计划 {plan} 中没有任务 {task}（共 {count} 行如此）；请核对任务编号。",
        "{file}{sheet:? (sheet “*”)} row {row}: plan {plan} has no task {task} (such rows in all: {count}); check the task IDs.",
    ),
    "estimate.batch_twice": (
        "{file} 第 {row} 行：批次 {batch} 的结果出现了两次；请删去其中一行。",
        "{file} row {row}: batch {batch} has two results; delete one of the rows.",
    ),
    "estimate.nothing_tested": (
        "还没有任何检验结果，不能估计合格率。未抽样、待检和拒检都不算检验。",
        "nothing has been tested, so there is no pass rate. Not sampled, pending and refused are not tests.",
    ),
    # problems with what was asked for
    "estimate.unknown_column": (
        "没有列“{column}”可以分组；可用的列：{columns}。",
        "there is no column {column!r} to group by; there are: {columns}.",
    ),
    "estimate.no_columns": (
        "不能按“{column}”分组：结果没有任何分组列（--tested 与 --passed 只有一个总数；表格要有区、类别等列）。",
        "cannot group by {column!r}: the results have no columns that name groups (--tested and --passed are one total; a table needs columns such as district or category).",
    ),
    "estimate.too_many_domains": (
        "按 {column} 会分成 {count} 组（最多 {most} 组）；它像是编号而不是分组变量。",
        "{column} makes {count} domains (at most {most}); it looks like an identifier.",
    ),
    "estimate.bad_confidence": (
        "置信水平必须在 0 与 1 之间（如 0.95），实为 {found}。",
        "the confidence must lie between 0 and 1 (such as 0.95), but got {found}.",
    ),
    "estimate.bad_method": (
        "没有方法“{found}”；可用：{methods}。",
        "there is no method {found!r}; there are: {methods}.",
    ),
    "estimate.bad_side": (
        "--side 只能是 two-sided、lower 或 upper，实为“{found}”。",
        "--side must be two-sided, lower or upper, but got {found!r}.",
    ),
    "estimate.bad_target": (
        "--target 应是 0 与 1 之间的合格率（如 0.95 或 95%），或 类别=合格率，实为“{found}”。",
        "--target must be a pass rate between 0 and 1 (such as 0.95 or 95%), or category=rate, but got {found!r}.",
    ),
    "estimate.target_twice": (
        "--target {found}：同一对象已经给出一个目标；每个对象只能有一个。",
        "--target {found}: the same already has a target; each takes one.",
    ),
    "estimate.needs_returns": (
        "{option} 只用于计划收回的任务表；结果表和 --tested 没有这些内容，请去掉它。",
        "{option} is about a plan's returned workbooks; a table of results or --tested has nothing for it, so leave it out.",
    ),
    "estimate.no_category": (
        "按类别给出的目标需要 category（类别）列。",
        "a target for a category needs a column category.",
    ),
    "estimate.unknown_category": (
        "没有类别“{found}”；有：{categories}。",
        "there is no category {found!r}; there are: {categories}.",
    ),
    "estimate.method_single": (
        "方法 {method} 只适用于单个简单随机样本，这里有 {strata} 个层；请用 auto、exact、effective、conservative、beta、wilson、logit 或 design。",
        "method {method} is for one simple random sample, and there are {strata} strata; use auto, exact, effective, conservative, beta, wilson, logit or design.",
    ),
    "estimate.method_population": (
        "方法 {method} 需要知道总体数（--population）。",
        "method {method} needs the population (--population).",
    ),
    "estimate.no_input": (
        "没有说明要估计什么：请给出计划文件夹、收回的任务表或结果表，或 --tested 与 --passed。",
        "nothing to estimate: give a plan folder, returned workbooks or a table of results, or --tested and --passed.",
    ),
    "estimate.both_inputs": (
        "--tested、--passed 与文件不能同时给出；请去掉一种。",
        "--tested, --passed and files cannot be given together; leave one kind out.",
    ),
    "estimate.tested_and_passed": (
        "--tested 与 --passed 要一起给出。",
        "--tested and --passed are given together.",
    ),
    "estimate.option_negative": (
        "--{option} 不能为负数，实为 {found}。",
        "--{option} must not be negative, but got {found}.",
    ),
    "estimate.option_more_than_tested": (
        "合格 {passed} 多于检验 {tested}。",
        "{passed} passed, more than the {tested} tested.",
    ),
    "estimate.option_more_than_population": (
        "检验 {tested} 多于总体 {population}。",
        "{tested} tested, more than the population of {population}.",
    ),
    "estimate.no_plan": (
        "{path} 不是计划文件夹（没有 plan.json）；请给出“sampler plan”生成的文件夹。",
        "{path} is not a plan folder (it has no plan.json); give a folder made by “sampler plan”.",
    ),
    "estimate.two_plans": (
        "一次只能估计一个计划，却给出了 {plans}；请只给出其中之一。",
        "one plan at a time, but got {plans}; give one of them.",
    ),
    "estimate.bad_date": (
        "--date 应写成 2026-10-31 的形式，实为“{found}”。",
        "--date is written as 2026-10-31, but got {found!r}.",
    ),
    "estimate.bad_out": (
        "--out 的文件名要以 .xlsx、.html、.json 或 .csv 结尾，实为 {found}。",
        "--out must end in .xlsx, .html, .json or .csv, but got {found}.",
    ),
    # kinds and grades
    "estimate.kind_regional": ("【区域性预警】", "Regional warning: "),
    "estimate.kind_industry": ("【行业性预警】", "Industry warning: "),
    "estimate.kind_systemic": ("【系统性预警】", "Systemic warning: "),
    "estimate.kind_combined": ("【预警】", "Warning: "),
    "estimate.kind_item": ("【系统性预警】", "Systemic warning: "),
    "estimate.grade_below": ("低于目标", "below target"),
    "estimate.grade_watch": ("低于目标，未证实", "below target, unproven"),
    "estimate.grade_on_target": ("达到目标", "on target"),
    "estimate.grade_not_proven": ("不低于目标，未证实", "at or above target, unproven"),
    "estimate.grade_too_little": ("数据不足", "too little data"),
    "estimate.grade_none": ("–", "–"),
    # what a row says, in a sentence
    "estimate.says_below": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate}（{confidence} 置信区间 {interval}），已证实低于目标 {target}（校正 p {p}）。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} ({confidence} interval {interval}) is proven to be below the target of {target} (adjusted p {p}).",
    ),
    "estimate.says_on_target": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，总体合格率以 {confidence} 的置信度不低于目标 {target}（校正 p {p}）；这是对总体的估计，不证明任何企业合格。",
        "{domain}: {failed:,} of {tested:,} tested failed; with {confidence} confidence the pass rate of the whole is at least the target of {target} (adjusted p {p}). This speaks of the whole and certifies no enterprise.",
    ),
    "estimate.says_watch_below": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate} 低于目标 {target}，但尚不足以证实（{confidence} 置信区间 {interval}，校正 p {p}）；若后续检验的合格率不变，{more}可以证实。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} is below the target of {target}, but that is not proven ({confidence} interval {interval}, adjusted p {p}); {more} at the same pass rate would prove it.",
    ),
    "estimate.says_watch_on_target": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate} 低于目标 {target}，但尚不足以证实（{confidence} 置信区间 {interval}）。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} is below the target of {target}, but that is not proven ({confidence} interval {interval}).",
    ),
    "estimate.says_watch": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate} 低于目标 {target}，但尚不足以证实（{confidence} 置信区间 {interval}，校正 p {p}）。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} is below the target of {target}, but that is not proven ({confidence} interval {interval}, adjusted p {p}).",
    ),
    "estimate.says_not_proven_on_target": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate} 不低于目标 {target}，但尚不足以证实（{confidence} 置信区间 {interval}，校正 p {p}）；若后续检验的合格率不变，{more}可以证实达到目标。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} is not below the target of {target}, but that is not proven ({confidence} interval {interval}, adjusted p {p}); {more} at the same pass rate would prove it.",
    ),
    "estimate.says_not_proven": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate} 与目标 {target} 太近，再多检验也难以区分（{confidence} 置信区间 {interval}）。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate of {rate} is too close to the target of {target} to be told apart ({confidence} interval {interval}).",
    ),
    "estimate.says_too_little_on_target": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，数据不足：这么少的检验无论结果如何都不能证实达到或低于目标 {target}（{confidence} 置信区间 {interval}）；若后续检验的合格率不变，{more}可以证实达到目标。",
        "{domain}: {failed:,} of {tested:,} tested failed, too little data: whatever their outcome, so few tests prove the rate neither at nor below the target of {target} ({confidence} interval {interval}); {more} at the same pass rate would prove it on target.",
    ),
    "estimate.says_too_little_below": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，数据不足：这么少的检验无论结果如何都不能证实达到或低于目标 {target}（{confidence} 置信区间 {interval}）；若后续检验的合格率不变，{more}可以证实低于目标。",
        "{domain}: {failed:,} of {tested:,} tested failed, too little data: whatever their outcome, so few tests prove the rate neither at nor below the target of {target} ({confidence} interval {interval}); {more} at the same pass rate would prove it below.",
    ),
    "estimate.says_too_little": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，数据不足：这么少的检验无论结果如何都不能证实达到或低于目标 {target}（{confidence} 置信区间 {interval}）。",
        "{domain}: {failed:,} of {tested:,} tested failed, too little data: whatever their outcome, so few tests prove the rate neither at nor below the target of {target} ({confidence} interval {interval}).",
    ),
    "estimate.weighted_risk": (
        "合格率按各层单元数加权（风险高的抽得多，故不等于 {passed:,}÷{tested:,} = {plain}）。",
        "Rates are weighted: risky units are sampled more, so this is not {passed:,}/{tested:,} = {plain}.",
    ),
    "estimate.weighted": (
        "合格率按各层总体数加权（各层抽样比不同，故不等于 {passed:,}÷{tested:,} = {plain}）。",
        "Rates are weighted by the strata's populations, which are sampled at different rates, so this is not {passed:,}/{tested:,} = {plain}.",
    ),
    "estimate.says_untested": (
        "{domain}：没有检验结果，合格率未知。",
        "{domain}: nothing was tested, so the pass rate is unknown.",
    ),
    "estimate.says_nothing": (
        "{domain}：检验 {tested:,} 个，不合格 {failed:,} 个，合格率 {rate}（{confidence} 置信区间 {interval}）。",
        "{domain}: {failed:,} of {tested:,} tested failed; the pass rate is {rate} ({confidence} interval {interval}).",
    ),
    "estimate.alert_item": (
        "{kind}“{item}”在 {count} 个区（{districts}）的 {enterprises} 家企业、{batches} 个批次中不合格。",
        "{kind}{batches} batches of {enterprises} enterprises failed on {item} in {count} districts ({districts}).",
    ),
    "estimate.total": ("全部", "Total"),
    "estimate.missing_value": ("未填", "not given"),
    # notes of rows
    "estimate.note_cut": (
        "该组只含部分层的一部分：以各层中抽到该组的数目为条件。",
        "this group takes only parts of some strata: its figures are conditional on how many of its units were drawn there.",
    ),
    "estimate.note_scope": (
        "联系到的单元中有 {seen} 个不在范围内，据此估计总体为 {left:,} 个（减少 {gone:,} 个）；区间以此为条件。",
        "{seen} of the units contacted {seen:|was|were} out of scope; the population is therefore taken to be {left:,} ({gone:,} fewer), and the interval is conditional on that.",
    ),
    "estimate.note_empty": ("没有任何单元在范围内。", "no unit is in scope."),
    "estimate.note_endless": (
        "总体数未知，按无限总体计算。",
        "the population is unknown and taken to be endless.",
    ),
    "estimate.note_more_on_target": (
        "若后续检验的合格率不变，{more}可以证实达到目标。",
        "{more} at the same pass rate would prove it on target.",
    ),
    "estimate.note_more_below": (
        "若后续检验的合格率不变，{more}可以证实低于目标。",
        "{more} at the same pass rate would prove it below its target.",
    ),
    "estimate.more_tests": ("约再检验 {tests:,} 个", "about {tests:,} more {tests:|test|tests}"),
    "estimate.more_census": (
        "只有把其余 {tests:,} 个全部检验（普查）才",
        "only a full census, all {tests:,} that are left,",
    ),
    "estimate.note_too_little": (
        "† 数据不足：这么少的检验无论结果如何，都不能证实达到或低于目标。",
        "† too little data: whatever their outcome, so few tests prove a rate neither at nor below its target.",
    ),
    "estimate.note_wanted_on_target": (
        "若后续检验的合格率不变，约再检验多少个可以证实达到目标",
        "about so many more tests at the same pass rate would prove the rate on target",
    ),
    "estimate.note_wanted_below": (
        "若后续检验的合格率不变，约再检验多少个可以证实低于目标",
        "about so many more tests at the same pass rate would prove the rate below target",
    ),
    "estimate.note_number": ("{domain} {tests:,} 个", "{domain} {tests:,}"),
    "estimate.note_number_census": (
        "{domain} {tests:,} 个（其余全部，即普查）",
        "{domain} {tests:,} (all that are left: a full census)",
    ),
    "estimate.note_line": ("{about}：{words}", "{about}: {words}"),
    "estimate.note_untested": ("† 没有检验，合格率未知。", "† nothing was tested, so nothing is known."),
    "estimate.note_unsampled_strata": (
        "有的层没有检验，合格率只代表检验过的层，区间则容许其余各层为任何值。",
        "some strata have no test; the rate speaks for the others, and the interval allows for any rate in them.",
    ),
    "estimate.note_sampled_strata_only": (
        "合格率和区间只代表检验过的层。",
        "rate and interval speak for the strata with tests only.",
    ),
    "estimate.note_census": (
        "全部单元都已检验，没有抽样误差。",
        "every unit was tested, so there is no sampling error.",
    ),
    "estimate.note_fallback_exact": (
        "所选方法对该样本没有结果，改用精确方法。",
        "the method asked for has no answer for this sample; the exact one was used.",
    ),
    "estimate.note_coarse_grid": (
        "计算时把不合格数按较粗的单位计数；区间仍有保证，只是略宽。",
        "failures were counted in coarser units; the interval is still guaranteed, only a little wide.",
    ),
    "estimate.note_work_limit": (
        "精确区间计算量过大，改用保守区间。",
        "the exact interval would cost too much here; the conservative one was used.",
    ),
    # the table in the terminal
    "estimate.by_total": ("总体合格率", "Pass rate of the whole"),
    "estimate.by": ("按{columns}", "By {columns}"),
    "estimate.column_domain": ("范围", "domain"),
    "estimate.column_population": ("总体", "units"),
    "estimate.column_sampled": ("抽取", "drawn"),
    "estimate.column_tested": ("检验", "tested"),
    "estimate.column_failed": ("不合格", "failed"),
    "estimate.column_rate": ("合格率", "pass rate"),
    "estimate.column_interval": ("{confidence} 置信区间", "{confidence} interval"),
    "estimate.column_lower": ("{confidence} 置信下限", "{confidence} lower bound"),
    "estimate.column_upper": ("{confidence} 置信上限", "{confidence} upper bound"),
    "estimate.column_bar": ("{left} 至 100%", "{left} to 100%"),
    "estimate.column_target": ("目标", "target"),
    "estimate.column_grade": ("评定", "grade"),
    "estimate.column_method": ("方法", "method"),
    "estimate.method_name_auto": ("自动", "auto"),
    "estimate.method_name_exact": ("精确", "exact"),
    "estimate.method_name_uneven": ("精确（不均衡）", "exact (uneven)"),
    "estimate.method_name_chernoff": ("切尔诺夫界", "Chernoff bound"),
    "estimate.method_name_conservative": ("保守", "conservative"),
    "estimate.method_name_effective": ("有效样本量", "effective size"),
    "estimate.method_name_design": ("设计方差", "design-based"),
    "estimate.method_name_logit": ("logit", "logit"),
    "estimate.method_name_beta": ("beta", "beta"),
    "estimate.method_name_wilson": ("Wilson", "Wilson"),
    "estimate.method_name_clopper_pearson": ("Clopper–Pearson 精确", "Clopper–Pearson"),
    "estimate.method_name_jeffreys": ("Jeffreys", "Jeffreys"),
    "estimate.method_name_agresti_coull": ("Agresti–Coull", "Agresti–Coull"),
    "estimate.method_name_mid_p": ("mid-P", "mid-P"),
    "estimate.method_name_likelihood": ("似然比", "likelihood ratio"),
    "estimate.method_name_wald": ("Wald", "Wald"),
    "estimate.method_name_census": ("全数检验", "census"),
    "estimate.method_name_none": ("–", "–"),
    "estimate.method_name_ratio": ("比率估计", "ratio"),
    "estimate.column_batch": ("批次合格率", "batch pass rate"),
    "estimate.column_model": ("模型值*", "model*"),
    "estimate.model_note": (
        "* 模型值：贝塔–二项收缩估计，仅供参考，不能替代精确区间。",
        "* model: a beta-binomial shrinkage estimate, for orientation; it never replaces the exact interval.",
    ),
    "estimate.legend": (
        "━ 置信区间 ● 合格率 ┃ 目标",
        "━ interval ● pass rate ┃ target",
    ),
    "estimate.notes": ("注", "Notes"),
    "estimate.warnings": ("早期预警", "Early warnings"),
    "estimate.no_warnings": (
        "没有证实低于目标的情况。这不等于合格：没有证实，不是证实没有。",
        "nothing is proven to be below its target. That is no certificate: not proven is not disproven.",
    ),
    "estimate.to_watch": ("需要关注", "To watch"),
    "estimate.completion_line": (
        "单元：任务 {tasks}，启用替补 {reserves}；已到 {reached}，未到 {not_reached}；范围外 {out_of_scope}，拒检 {refused}，其他未抽样 {no_sample}，待检 {pending}；检验 {tested}：合格 {passed}，不合格 {failed}（初检不合格 {first_failed}）",
        "units: {tasks} tasks, {reserves} reserves in use; reached {reached}, not reached {not_reached}; out of scope {out_of_scope}, refused {refused}, no sample {no_sample}, pending {pending}; tested {tested}: {passed} passed, {failed} failed ({first_failed} at first)",
    ),
    "estimate.batches_line": (
        "批次：任务 {planned}，启用替补 {reserves}；未到 {not_reached}，未抽样 {unsampled}，待检 {pending}；检验 {tested}：合格 {passed}，不合格 {failed}；复检 {retested}，改变结论 {changed}",
        "batches: {planned} of tasks, {reserves} of reserves in use; not reached {not_reached}, not sampled {unsampled}, pending {pending}; tested {tested}: {passed} passed, {failed} failed; {retested} re-tested, {changed} changed by it",
    ),
    "estimate.worst_case_line": (
        "拒检 {refused} 个：若全部不合格，合格率为 {low}；若全部合格，为 {high}。",
        "{refused} refused: the pass rate would be {low} had they all failed, and {high} had they all passed.",
    ),
    "estimate.follow_up_line": (
        "需跟踪处理的不合格批次：{count} 个（见 --out 报告或 --json 的 follow_ups）；若 {ordered} 责令改正，复查期限为 {deadline}。",
        "failed batches to follow up: {count} (in --out or follow_ups of --json); if ordered to correct on {ordered}, the re-check is due by {deadline}.",
    ),
    "estimate.follow_up_line_each": (
        "需跟踪处理的不合格批次：{count} 个（见 --out 报告或 --json 的 follow_ups）；自首次读到各批次不合格之日（{ordered} 至 {last}）责令改正起算，最早的复查期限为 {deadline}。",
        "failed batches to follow up: {count} (in --out or follow_ups of --json); counted from an order to correct on the day each failure was first read ({ordered} to {last}), the first re-check is due by {deadline}.",
    ),
    "estimate.open_line": (
        "未了结的任务：{count} 个（{listed}；清单见 --out 报告或 --json 的 open）。",
        "open tasks: {count} ({listed}; listed in --out or open of --json).",
    ),
    "estimate.corrections_line": (
        "不在范围内、登记表待更正的单元：{count} 个（{listed}；清单见 --out 报告或 --json 的 corrections）。",
        "units out of scope, to be corrected in the registry: {count} ({listed}; listed in --out or corrections of --json).",
    ),
    "estimate.issues_line": (
        "结果文件有 {count} 处需要核对：{counts}",
        "findings about the files of results: {count}; {counts}",
    ),
    "estimate.issues_in": ("全部列在 {files}。", "all of them are listed in {files}."),
    "estimate.issues_elsewhere": (
        "全部列在 --json 的 issues；用 --out report.xlsx 可得到核对清单。",
        "all of them are in issues of --json; --out report.xlsx gives them as a list.",
    ),
    "estimate.public_needs_plan": (
        "--public 要有计划和收回的任务表；请给出计划文件夹。",
        "--public needs a plan and its returned workbooks; give the plan folder.",
    ),
    "estimate.reading": ("读取结果", "reading the results"),
    "estimate.computing": ("计算置信区间", "computing the intervals"),
    "estimate.written": ("已写入 {file}", "written: {file}"),
    "estimate.column_name_name": ("企业名称", "name"),
    "estimate.column_name_code": ("统一社会信用代码", "credit code"),
    "estimate.column_name_street": ("镇街", "street"),
    "estimate.column_name_office": ("监管所", "office"),
    "estimate.column_name_address": ("地址", "address"),
    "estimate.column_name_contact": ("联系人", "contact"),
    "estimate.column_name_phone": ("电话", "phone"),
    "estimate.column_name_product": ("主营产品", "product"),
    "estimate.column_name_scope": ("经营范围", "business scope"),
    "estimate.column_name_city": ("市", "city"),
    "estimate.column_name_licence": ("许可证号", "licence"),
    "estimate.column_name_status": ("登记状态", "status"),
    "estimate.column_name_established": ("成立日期", "established"),
    "estimate.column_name_last_inspected": ("上次抽查日期", "last checked"),
    "estimate.column_name_firm_size": ("企业规模", "firm size"),
    "estimate.column_name_district": ("区", "district"),
    "estimate.column_name_category": ("类别", "category"),
    "estimate.column_name_stage": ("环节", "stage"),
    "estimate.column_name_tier": ("风险档", "risk tier"),
    "estimate.column_name_area_type": ("区域类型", "area type"),
    "estimate.column_name_credit_class": ("信用等级", "credit class"),
    "estimate.column_name_risk_grade": ("风险等级", "risk grade"),
    "estimate.column_name_industry": ("行业", "industry"),
    "estimate.column_name_complaints": ("投诉次数", "complaints"),
    "estimate.column_name_failures": ("不合格次数", "earlier failures"),
    "estimate.column_name_penalties": ("处罚次数", "penalties"),
    "estimate.column_name_months_since_inspection": ("距上次抽查（月）", "months since the last check"),
    "estimate.column_name_blacklisted": ("黑名单", "blacklisted"),
    "estimate.column_name_abnormal": ("经营异常", "listed as abnormal"),
}
