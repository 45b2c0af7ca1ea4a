"""Texts of the district workbook: names of sheets, headers, instructions, messages of cells."""

ENTRIES: dict[str, tuple[str, str]] = {
    # sheets
    "workbook.sheet_cover": ("填写说明", "Instructions"),
    "workbook.sheet_tasks": ("任务清单", "Tasks"),
    "workbook.sheet_reserves": ("替补名单", "Reserves"),
    "workbook.sheet_forms": ("抽样单", "Forms"),
    "workbook.sheet_choices": ("字典与其他情况", "Choices and remarks"),
    # headers: printed by the plan
    "workbook.number": ("序号", "No."),
    "workbook.task_id": ("任务编号", "Task ID"),
    "workbook.reserve_id": ("替补编号", "Reserve ID"),
    "workbook.group": ("组别", "Group"),
    "workbook.order": ("组内顺序", "Order in group"),
    "workbook.name": ("企业名称", "Enterprise"),
    "workbook.code": ("统一社会信用代码", "Credit code"),
    "workbook.address": ("地址", "Address"),
    "workbook.street_office": ("镇街/监管所", "Street / office"),
    "workbook.contact": ("联系人", "Contact"),
    "workbook.category": ("产品类别", "Category"),
    "workbook.stage": ("环节", "Stage"),
    "workbook.batches": ("批次数", "Batch count"),
    "workbook.inspector_a": ("检查人员A", "Insp. A"),
    "workbook.inspector_b": ("检查人员B", "Insp. B"),
    "workbook.deadline": ("截止日期", "Due"),
    "workbook.unit_id": ("系统标识（勿改）", "System mark (do not change)"),
    # headers: filled in in the field
    "workbook.replaces": ("替补对象（任务编号）", "Replaces (task ID)"),
    "workbook.replace_reason": ("替补原因", "Why used"),
    "workbook.sampled_on": ("抽样日期", "Sampled on"),
    "workbook.status": ("状态", "Status"),
    "workbook.sample_name": ("样品名称", "Sample"),
    "workbook.model": ("规格型号", "Model"),
    "workbook.trademark": ("商标", "Brand"),
    "workbook.batch_no": ("批号", "Batch no."),
    "workbook.base": ("抽样基数", "Lot size"),
    "workbook.quantity": ("检验数量", "Test qty"),
    "workbook.reserve_quantity": ("备样数量", "Spare qty"),
    "workbook.sheet_no": ("抽样单号", "Form no."),
    "workbook.sheet_no_earlier": ("抽样单号", "Sampling form no."),
    "workbook.first": ("检验结果", "Result"),
    "workbook.retest": ("复检结果", "Re-test"),
    "workbook.failing_item": ("不合格项目", "Failing item"),
    "workbook.reason": ("未抽样原因", "Why not sampled"),
    "workbook.note": ("备注", "Note"),
    # titles
    "workbook.quarter": ("{year}年第{quarter}季度", "{year} Q{quarter}"),
    "workbook.title": ("{bureau}{period}监督抽查任务书", "{bureau} spot checks, {period}: assignment"),
    "workbook.title_tasks": ("{district}{period}监督抽查任务清单", "{district}, {period}: tasks"),
    "workbook.title_reserves": ("{district}{period}监督抽查替补名单", "{district}, {period}: reserves"),
    "workbook.subtitle_tasks": (
        "截止日期：{deadline}。灰色栏由计划预填，请勿改动；白色栏由检查人员填写。",
        "Due {deadline}. Grey columns are printed by the plan, please leave them; white ones are for the inspectors.",
    ),
    "workbook.subtitle_tasks_single": (
        "截止日期：{deadline}；每项任务 1 个批次。灰色栏由计划预填，请勿改动；白色栏由检查人员填写。",
        "Due {deadline}; every task is one batch. Grey columns are printed by the plan, please leave them; white ones are for "
        "the inspectors.",
    ),
    "workbook.subtitle_reserves": (
        "仅当任务无法抽样时启用；只能替补同一组别的任务，按组内顺序依次启用，写明替补对象和原因。"
        "检查人员：由被替补任务的检查人员A、B前往；需要回避的，由计划部门另派，并在“备注”栏写明姓名。",
        "Only when a task yields no sample: same group, in its order; give the task replaced and why. The inspectors of that "
        "task go; if one is recused the planner sends another (write who under 'Note').",
    ),
    "workbook.no_reserves": ("本区没有替补。", "This district has no reserves."),
    # cover
    "workbook.discretion": (
        "任务清单和替补名单含其他受检单位的信息，现场请勿出示全表。",
        "The lists of tasks and reserves tell of other enterprises too: do not show them whole on site.",
    ),
    "workbook.cover_district": ("区", "District"),
    "workbook.cover_period": ("计划周期", "Period"),
    "workbook.cover_plan": ("计划编号", "Plan"),
    "workbook.cover_frame": ("抽样框摘要", "Frame digest"),
    "workbook.cover_deadline": ("完成期限", "Deadline"),
    "workbook.cover_tasks": ("任务数 / 批次数", "Tasks / batches"),
    "workbook.cover_visits": ("受检企业数", "Enterprises"),
    "workbook.tasks_batches": ("{tasks} / {batches}", "{tasks} / {batches}"),
    "workbook.progress": ("进度（自动统计，请勿填写）", "Progress (counts itself)"),
    "workbook.progress_total": ("任务批次", "Batches to do"),
    "workbook.progress_sampled": ("已抽样", "Sampled"),
    "workbook.progress_unsampled": ("未抽样", "Not sampled"),
    "workbook.progress_open": ("尚未填写", "Not yet filled in"),
    "workbook.progress_done": ("完成率", "Done"),
    "workbook.progress_pass": ("检验合格", "Passed"),
    "workbook.progress_fail": ("检验不合格", "Failed"),
    "workbook.progress_waiting": ("已抽样待结果", "Sampled, no result yet"),
    "workbook.progress_no_date": ("缺抽样日期", "Date missing"),
    "workbook.progress_no_reason": ("缺未抽样原因", "Reason missing"),
    "workbook.progress_reserves": ("已启用替补", "Reserves used"),
    "workbook.how": ("填写要求", "How to fill it in"),
    "workbook.how_1": (
        "1. 由两名以上检查人员共同前往，出示证件；与受检单位有利害关系的应当回避，并告知计划部门。",
        "1. Go in teams of at least two and show your inspection ID; whoever has an interest in the enterprise is recused and tells the planner.",
    ),
    "workbook.how_2": (
        "2. 每行一个批次，任务按监管所或镇街排列，换一处画一条粗线。抽到样品的，状态选“已抽样”并填写抽样日期、样品信息和抽样单号；检验结果出来后再填。",
        "2. One row is one batch; tasks are in order of office or street, with a heavy line where it changes. Where a sample was taken "
        "choose 'sampled' and give the date, the sample and the number of the sampling form; the result follows.",
    ),
    "workbook.how_3": (
        "3. 没有抽到样品的，状态选“未抽样”并选择原因；不得填写检验结果。未抽样和待检都不算合格。",
        "3. Where no sample was taken choose 'not sampled' and the reason, and no result. Neither that nor a pending test is ever a pass.",
    ),
    "workbook.how_4": (
        "4. 需要替补时，只能使用“替补名单”中组别相同的企业，按组内顺序启用，并写明替补对象和替补原因；"
        "由被替补任务的检查人员A、B前往，需要回避的由计划部门另派，并在“备注”栏写明姓名。",
        "4. A replacement comes from the sheet of reserves: same group, in the order of the group, with the task replaced and the "
        "reason. The inspectors of that task go there; if one is recused the planner sends another, named under 'Note'.",
    ),
    "workbook.how_5": (
        "5. 检验结果、复检结果和不合格项目三栏不打印，在“备注”栏右边，收到检验报告后在电脑上填写。"
        "不合格的，在“不合格项目”栏按标准填写项目名称，多个项目用顿号（、）隔开。"
        "经复检的，保留原检验结果，在“复检结果”栏填写复检结论（维持或改变都要填）。",
        "5. The result, the re-test and the failing item have columns to the right of 'Note' that are not printed: fill them in on the "
        "computer when the test report is there. Of a failure give the failing item under its name in the standard, several separated by "
        "semicolons. If a batch was re-tested, keep the first result and enter the re-test result, whether or not it changed.",
    ),
    "workbook.how_6": (
        "6. 灰色栏和任务编号请勿改动；可以筛选、调整列宽和行高，不能排序。填写后变色的格子：",
        "6. Leave grey cells and task IDs as they are. You can filter, and change widths and heights; you cannot sort. "
        "Cells that take a colour as you fill in the row:",
    ),
    "workbook.mark_missing": ("缺", "M"),
    "workbook.mark_wrong": ("错", "C"),
    "workbook.mark_waiting": ("待", "W"),
    "workbook.legend_missing": ("缺内容，请补填", "missing: fill it in"),
    "workbook.legend_wrong": ("前后矛盾，请核对", "contradiction: check"),
    "workbook.legend_waiting": ("已抽样，等检验结果", "sampled, no result yet"),
    "workbook.how_7": (
        "7. 某一批次的说明写在“备注”栏，其他情况写在最后一张工作表的“其他情况”处。"
        "请不晚于 {deadline} 把本文件发回；可以分次发回，后一次补充前一次。",
        "7. What concerns one batch goes under 'Note', anything else on the last sheet under 'Remarks'. Send this file back by "
        "{deadline}; it may be returned in parts, the later adding to the earlier.",
    ),
    # choices
    "workbook.choices_status": ("状态", "Status"),
    "workbook.choices_verdict": ("检验结果/复检结果", "Result / re-test"),
    "workbook.choices_reason": ("未抽样原因/替补原因", "Why not sampled / replaced"),
    "workbook.choices_meaning": ("在统计中的含义", "What it means in the figures"),
    "workbook.meaning_out_of_scope": ("不在抽查范围，不计入合格率", "out of scope, not part of the rate"),
    "workbook.meaning_refused": ("拒检，按无回答计，单独列出", "refusal: non-response, shown apart"),
    "workbook.meaning_no_sample": ("未抽到样品，按无回答计", "no sample: non-response"),
    "workbook.choices": ("字典：各栏可选的内容", "Permitted entries"),
    "workbook.remarks": (
        "其他情况（清单以外的说明写在下面空格内）",
        "Remarks (whatever the lists have no place for goes into the lines below)",
    ),
    # cells
    "workbook.bad_date_title": ("日期", "Date"),
    "workbook.bad_date": (
        "请填写 {first} 至 {last} 之间的日期，如 {example}。",
        "Give a date from {first} to {last}, such as {example}.",
    ),
    "workbook.bad_number_title": ("数量", "Number"),
    "workbook.bad_number": ("请只填数字（0 或以上）。", "A number only, 0 or more."),
    "workbook.bad_choice_title": ("选项", "Choice"),
    "workbook.bad_choice": ("请从下拉列表中选择。", "Choose from the list."),
    # print
    "workbook.footer_page": ("第 &P 页 共 &N 页", "Page &P of &N"),
    "workbook.footer_deadline": ("截止 {day}", "due {day}"),
    "workbook.footer_plan": ("计划 {plan} 抽样框 {frame}", "Plan {plan} Frame {frame}"),
    "workbook.sign_inspectors": (
        "检查人员（签名）：____________ ____________",
        "Inspectors (signed): ____________ ____________",
    ),
    "workbook.sign_date": ("日期：____年__月__日", "Date: ______________"),
    # form
    "workbook.form_title": ("监督抽查抽样单", "Supervisory spot check: sampling form"),
    "workbook.form_title_earlier": ("产品质量监督抽查抽样单", "Spot check: sampling form"),
    "workbook.form_headline": ("{district}{period}，计划编号 {plan}", "{district}, {period}, plan {plan}"),
    "workbook.form_blank": (
        "空白抽样单：启用替补时复印使用",
        "Blank form: copy it where a reserve is used",
    ),
    "workbook.form_product": ("抽样产品", "Products to sample"),
    "workbook.form_unsampled": ("未抽样（勾选原因）", "No sample (tick why)"),
    "workbook.form_which": ("未抽样的任务编号", "Task IDs without a sample"),
    "workbook.form_remarks": ("现场情况及异议", "What was found; objections"),
    "workbook.form_inspector": ("检查人员（签名）", "Signature of inspector"),
    "workbook.form_party": ("受检单位（签章）", "Inspected party (signature, seal)"),
    "workbook.form_date": ("日期", "Date"),
}
