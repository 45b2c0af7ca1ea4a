"""Texts of what is published (公示)."""

ENTRIES: dict[str, tuple[str, str]] = {
    "public.plan_title": ("{bureau}{period}监督抽查计划公示表", "{bureau} spot checks, {period}: plan"),
    "public.results_title": ("{bureau}{period}监督抽查结果公示表", "{bureau} spot checks, {period}: results"),
    "public.plan_note": (
        "受检单位依随机种子在各层内等概率抽取（必抽单位除外），可以复核。计划编号 {plan}，抽样框摘要 {frame}。",
        "The units are drawn from a random seed, with equal chances within each stratum (except those that must be checked); the "
        "draw can be rechecked. Plan {plan}, frame digest {frame}.",
    ),
    "public.units_note": (
        "可抽单元是企业与产品类别的组合，不含依规定排除和本季不抽的；同一企业涉及多个类别的分别计数。",
        "A unit is an enterprise in a product category; those excluded by rule or set aside this quarter are not counted. An "
        "enterprise in several categories counts once in each.",
    ),
    "public.teams_note": ("检查人员同样随机抽取（双随机）。", "The inspectors are drawn at random too."),
    "public.results_note": (
        "共检验 {tested} 批次，合格 {passed} 批次，不合格 {failed} 批次。有复检的以复检结果为准。",
        "{tested} batches tested, {passed} passed, {failed} failed. Where there was a re-test its verdict is given.",
    ),
    "public.wording_note": (
        "结果仅对所检样品负责：抽查可以认定样品不合格；未发现不合格，不等于认定该产品合格。",
        "A result speaks of the sample alone: a spot check can establish that something does not comply; a sample without "
        "failures does not certify that it does.",
    ),
    "public.number": ("序号", "No."),
    "public.district": ("区", "District"),
    "public.category": ("产品类别", "Category"),
    "public.units": ("可抽单元数（企业×类别）", "Units eligible (enterprise × category)"),
    "public.tasks": ("抽查任务数", "Checks"),
    "public.batches": ("抽查批次数", "Batches"),
    "public.total": ("合计", "Total"),
    "public.name": ("企业名称", "Enterprise"),
    "public.code": ("统一社会信用代码", "Credit code"),
    "public.sample_name": ("样品名称", "Sample"),
    "public.model": ("规格型号", "Model"),
    "public.trademark": ("商标", "Trademark"),
    "public.batch_no": ("批号", "Batch no."),
    "public.sampled_on": ("抽样日期", "Sampled on"),
    "public.final": ("检验结果", "Result"),
    "public.failing_item": ("不合格项目", "Failing item"),
}
