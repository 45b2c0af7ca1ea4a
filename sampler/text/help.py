"""Help of commands and options."""

ENTRIES: dict[str, tuple[str, str]] = {
    "help.app": (
        "分层抽查：读取企业登记表，随机抽取，生成抽查计划和各区任务表，再由回收结果估计合格率及其置信区间。",
        "Stratified spot checks: registry in, plan and district workbooks out; returned workbooks in, pass rates with "
        "confidence bounds out.",
    ),
    "help.version": ("显示版本后退出。", "Show the version and leave."),
    "help.lang": ("阅读语言：zh 中文，en 英文。", "Language for people: zh or en."),
    "help.json": ("在标准输出上只写一个 JSON 文档。", "Write one JSON document to stdout."),
    "help.quiet": (
        "不显示进度和说明；提醒和错误仍会显示。",
        "No progress, no remarks; warnings and errors still show.",
    ),
    "help.strict": (
        "有需要人处理的发现时，以代码 1 退出。",
        "Leave with code 1 when something needs a person.",
    ),
    "help.results": (
        "计划文件夹，或收回的任务表（文件或文件夹），或结果表（按层计数，或逐批结果）。",
        "A plan folder, returned workbooks (files or folders), or a table of results (counts by stratum, or one row per batch).",
    ),
    "help.estimate_plan": ("结果所属的计划文件夹。", "Plan folder that the results belong to."),
    "help.tested": ("检验数（没有结果表时）。", "Number tested (without a table)."),
    "help.passed": ("合格数。", "Number passed."),
    "help.population": ("总体数；不给则按无限总体。", "Population; endless if not given."),
    "help.by": (
        "分组的列，可多次给出；两列用逗号交叉，如 district,category。默认：全市、各区、各类别。",
        "Column to group by; may be repeated; two columns crossed with a comma, as district,category. Default: the city, districts, categories.",
    ),
    "help.method": (
        "区间方法：auto、exact、uneven、chernoff（以上覆盖率有保证）、effective、conservative、beta、wilson、logit、design；单个样本还有 clopper-pearson、jeffreys 等。",
        "Interval: auto, exact, uneven, chernoff (coverage guaranteed), effective, conservative, beta, wilson, logit, design; for one sample also clopper-pearson, jeffreys and others.",
    ),
    "help.target": (
        "目标合格率，写成小数（0.95）或带百分号（95%）；或 类别=合格率，可多次给出。默认取计划中各类别的目标，区和全市按单元数加权。",
        "Pass rate asked for, as a fraction (0.95) or with a percent sign (95%); or category=rate, may be repeated. Default: the plan's targets of categories, weighted by units for districts and the city.",
    ),
    "help.side": ("报告哪一侧的界：two-sided、lower、upper。", "Bound to report: two-sided, lower, upper."),
    "help.csv": ("在标准输出上写 CSV。", "Write CSV to stdout."),
    "help.estimate_out": (
        "报告文件：.xlsx、.html、.json 或 .csv；可多次给出。",
        "Report: .xlsx, .html, .json or .csv; may be repeated.",
    ),
    "help.ordered": (
        "责令改正的日期，复查期限由此算起；默认是 sampler run 首次读到该不合格的日期，没有则为今天。",
        "Day the orders to correct are issued; re-checks are due from it. Default: the day on which sampler run first read of a failure, else today.",
    ),
    "help.estimate_public": (
        "把可公布的结果表（不含等级、分数、人员、电话）写进这个文件夹，如 计划/public。",
        "Write the table of results that may be published (no class, score, phone or person) into this folder, such as PLAN/public.",
    ),
    "help.latest": (
        "同一批次有两个不同答案时，以较新的文件为准；不写则两个都不算，列出请人决定。",
        "Where two files contradict each other the newer decides; without this neither does, and both are listed.",
    ),
    "help.init_command": (
        "建立工作文件夹：带注释的配置、小型样例。",
        "Make a working folder: commented configurations, small samples.",
    ),
    "help.init_folder": ("要建立的文件夹。", "The folder to make."),
    "help.check_command": (
        "检查登记表：各列读作什么、每一行的去向、发现的问题、可公布的摘要。",
        "Check a registry: how its columns were read, where every row went, what is wrong, digests to publish.",
    ),
    "help.check_out": ("把问题清单写成工作簿（xlsx）。", "Write the findings to a workbook (xlsx)."),
    "help.plan_command": (
        "读取登记表，抽取一个季度的计划，写出计划文件夹。",
        "Read a registry, draw a quarter's plan, write the plan folder.",
    ),
    "help.simulate_command": (
        "模拟一个方案：反复抽样，看各区、各类别的区间宽度、覆盖率、发现概率，并与按比例抽样、简单随机抽样比较。",
        "Simulate a design: draw it many times and see interval widths, coverage and detection by domain, beside a proportional and a plain random sample.",
    ),
    "help.truth": (
        "以登记表中的这一列为真实结果（1/0、合格/不合格）；该列须在方案的 [columns] 中写明。",
        "Take this registry column for the truth (1/0, pass/fail); it must be named under [columns] in the design.",
    ),
    "help.simulate_results": (
        "以这个计划文件夹的结果为假定的合格率（区 × 类别）。",
        "Take the assumed pass rates (district × category) from this plan folder's results.",
    ),
    "help.draws": ("抽样次数。", "How often to draw."),
    "help.simulate_method": (
        "区间方法：auto、exact、uneven、chernoff、conservative、effective、beta、wilson、logit、design。",
        "Interval: auto, exact, uneven, chernoff, conservative, effective, beta, wilson, logit, design.",
    ),
    "help.simulate_confidence": ("置信水平；默认取方案的。", "Level of confidence; by default the design's."),
    "help.simulate_seed": (
        "模拟的种子：同一种子结果相同。",
        "Seed of the simulation: the same seed gives the same figures.",
    ),
    "help.workers": (
        "并行进程数；默认等于处理器数。不影响结果。",
        "Processes; by default one per processor. The figures do not depend on it.",
    ),
    "help.size_command": ("算样本量：按误差，或按发现概率。", "Sample sizes, for a margin or for detection."),
    "help.explain_command": (
        "说明为什么抽中（或没有抽中）一家企业：风险因素、权重及依据、层、抽签号、名次。",
        "Why this enterprise: its risk factors, weights and their sources, stratum, ticket and rank.",
    ),
    "help.explain_unit": (
        "任务编号、单元编号、统一社会信用代码或企业全称。",
        "A task id, a unit id, the enterprise's code or its full name.",
    ),
    "help.verify_command": (
        "核对计划文件夹：重算摘要、分层、抽签号、检查人员，逐格比较任务表。",
        "Verify a plan folder: recompute digests, strata, tickets and teams, compare the workbooks cell by cell.",
    ),
    "help.registry": (
        "企业登记表：xlsx、xls、ods、csv、parquet 文件或文件夹，可给多个。",
        "The enterprise registry: xlsx, xls, ods, csv or parquet files, or folders of them.",
    ),
    "help.config": ("抽查方案（TOML）。", "The design (TOML)."),
    "help.weights": (
        "风险权重（TOML）；默认为方案 [run] 中写明的文件，否则为方案旁边的 risk_weights.toml。",
        "The risk weights (TOML); by default the file that [run] of the design names, else risk_weights.toml beside the design.",
    ),
    "help.period": (
        "季度，如 2026Q4；默认本季度。",
        "The quarter, such as 2026Q4; by default the present one.",
    ),
    "help.seed": (
        "随机种子（公开摇号的结果）；不给则由操作系统产生，抽取前记入档案，每季度只产生一个。",
        "The seed, e.g. of a public draw; without it one is taken from the operating system once a quarter, on record in the archive before the draw.",
    ),
    "help.inspectors": ("检查人员名单（xlsx、csv）。", "The inspectors (xlsx, csv)."),
    "help.archive": (
        "以往计划所在的文件夹：六个月、年度上限、跟踪抽查、上次人员、预计合格率都由此得出；默认 plans（未给 --out 时）。",
        "Folder of earlier plans: the rest period, annual caps, follow-ups, last teams and assumed rates come from it; by default plans (unless --out is given).",
    ),
    "help.simulate_archive": (
        "以往计划所在的文件夹，与 plan 一样影响抽样框和预计合格率；默认 plans（有这个文件夹时）。",
        "Folder of earlier plans; they bear on frame and assumed rates as in plan. Default: plans, if it is there.",
    ),
    "help.plan_out": (
        "计划文件夹；默认为 --archive 的文件夹下的季度文件夹，未给 --archive 时为 plans/季度。",
        "The plan folder; by default PERIOD in the folder of --archive, or plans/PERIOD without it.",
    ),
    "help.budget": ("批次预算，代替方案中的 budget。", "Batches to take, instead of the design's budget."),
    "help.sheet": ("只读这张工作表。", "Read this sheet only."),
    "help.dry_run": ("只计算和显示，不写文件。", "Compute and show, write nothing."),
    "help.force": (
        "替换已有计划（须写 --why；已有回收结果的不能替换）；不给 --seed 则沿用原来的种子。",
        "Replace a plan (needs --why; never once results have come back); it keeps the seed unless --seed gives another.",
    ),
    "help.why": ("替换已有计划的原因，会记录在案。", "Why a plan is replaced; goes on record."),
    "help.plan_dir": ("计划文件夹。", "The plan folder."),
    "help.verify_registry": (
        "再与登记表核对（可重复给出）。",
        "Compare with a registry as well (may be repeated).",
    ),
    "help.verify_archive": (
        "再核对计划之间的链：每份计划写明上一份的摘要。",
        "Check the chain as well: every plan names the digest of the one before.",
    ),
    "help.verify_sha256": (
        "公布过的 plan.json 的 SHA-256，与计划核对。",
        "The published SHA-256 of plan.json, to compare with.",
    ),
    "help.verify_tickets": (
        "把每个单元的抽签号和名次写成表（csv），供旁人用电子表格核对。",
        "Write every unit's ticket and rank to a table (csv), for others to check in a spreadsheet.",
    ),
    "help.trend_command": (
        "各季度的合格率和区间，以及两个季度之间真正的变化。",
        "Pass rates over the quarters with intervals, and what has really changed between two of them.",
    ),
    "help.trend_plans": ("计划文件夹，或放它们的文件夹。", "Plan folders, or the folder that holds them."),
    "help.trend_by": (
        "分组的列，可多次给出；两列用逗号交叉。默认：各区、各类别。",
        "Column to group by; may be repeated; two columns crossed with a comma. Default: districts, categories.",
    ),
    "help.trend_from": (
        "与哪个季度比（与 --to 一起）；默认有检验结果的倒数第二个。",
        "Quarter to compare with (needs --to); by default the last but one with test results.",
    ),
    "help.trend_to": (
        "比到哪个季度；默认有检验结果的最后一个。",
        "Quarter to compare; by default the last with test results.",
    ),
    "help.run_command": (
        "无人值守：到期就出计划，收回的结果就更新报告和跟踪清单；可反复运行，适合 cron。",
        "The unattended quarter: plan what is due, read what has come back, renew report and follow-ups; safe to run again, made for cron.",
    ),
    "help.run_config": (
        "配置文件，其中的 [run] 写明登记表、人员和计划文件夹在哪里。",
        "The configuration; its [run] says where registry, inspectors and plans are.",
    ),
    "help.run_dry_run": ("只说会做什么，不写任何文件。", "Say what would be done, write nothing."),
    "help.log_json": (
        "标准错误上逐行写 JSON 日志，代替给人看的文字。",
        "Write the log as JSON lines to stderr, instead of text for people.",
    ),
    "help.size_population": (
        "单元总数；不给则视为无限总体。",
        "Units in all; without it the population is taken as endless.",
    ),
    "help.size_margin": (
        "允许的误差（置信区间半宽），如 0.03。",
        "Margin: half the width of the interval, such as 0.03.",
    ),
    "help.size_rate": ("假定的合格率。", "Pass rate assumed."),
    "help.size_detect": (
        "不合格率达到多少时要能发现，如 0.05。",
        "Share of failing units that must not go unnoticed, such as 0.05.",
    ),
    "help.confidence": ("置信水平，如 0.95。", "Level of confidence, such as 0.95."),
    "help.estimate_command": (
        "由计划的回收结果或结果表估计合格率，给出置信区间、早期预警和跟踪清单。",
        "Estimate pass rates from a plan's results or a table: confidence intervals, early warnings, follow-ups.",
    ),
}
