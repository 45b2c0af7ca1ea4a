"""Texts about what came back from the field: vocabularies first, then findings."""

ENTRIES: dict[str, tuple[str, str]] = {
    "results.status_sampled": ("已抽样", "sampled"),
    "results.status_unsampled": ("未抽样", "not sampled"),
    "results.verdict_pass": ("合格", "pass"),
    "results.verdict_fail": ("不合格", "fail"),
    "results.reason_closed": ("停业", "closed down"),
    "results.reason_no_longer_makes": ("转产", "no longer makes it"),
    "results.reason_moved": ("搬迁无法联系", "moved or not found"),
    "results.reason_no_stock": ("无待销产品", "no stock for sale"),
    "results.reason_insufficient_stock": ("抽样基数不足", "stock below the minimum"),
    "results.reason_export_only": ("仅出口", "export only"),
    "results.reason_within_six_months": ("六个月内已抽查", "checked within six months"),
    "results.reason_refused": ("拒检", "refused"),
    "results.reason_other": ("其他", "other"),
    # errors that end the reading
    "results.no_files": (
        "{paths} 中没有收回的工作簿；请把填好的文件放进去再运行。",
        "no returned workbook in {paths}; put the filled-in files there and run again.",
    ),
    "results.only_in_districts": (
        "returned 里没有文件，而 {files} 已经填写：请把填好的任务表放进 returned 再运行（districts 里保留空白原表）。",
        "nothing lies in returned/, but {files} has been filled in: move filled-in workbooks to returned/ and run again "
        "(districts/ keeps the blank ones).",
    ),
    "results.other_period": (
        "文件 {file} 是 {found} 计划的结果，不是 {plan} 的（{all} 行中有 {rows} 行）；请换成本计划的文件，或指定那个计划",
        "{file} holds results of plan {found}, not of {plan} ({rows} of {all} rows); give this plan's files, or name that plan",
    ),
    "results.other_draw": (
        "文件 {file} 的任务编号属于 {plan}，但系统标识或企业与本计划不符（{all} 行中有 {rows} 行）；它来自另一次抽取，请核对计划文件夹",
        "{file} has task IDs of {plan}, but its system marks or enterprises are not this plan's ({rows} of {all} rows); it "
        "comes from another draw, check the plan folder",
    ),
    # files and sheets
    "results.unreadable_file_done": ("未读取，其他文件照常读取。{reason}", "not read, the other files are. {reason}"),
    "results.file_not_read_expected": (
        "表格文件，如 .xlsx、.csv",
        "a spreadsheet, such as .xlsx or .csv",
    ),
    "results.file_not_read_done": (
        "未读取；其中如有结果，请填入任务表后放回 returned",
        "not read; results in it belong into a workbook in returned/",
    ),
    "results.workbook_not_returned_expected": (
        "填好的任务表放在 returned",
        "filled-in workbooks in returned/",
    ),
    "results.workbook_not_returned_done": (
        "未读取（其中所填批次数见左）；请移到 returned 后重新运行",
        "not read (it has answers for so many batches); move it to returned/ and run again",
    ),
    "results.paper_not_read_done": (
        "districts 中的这份任务表读不出来；其中如有填写内容，请去掉密码或修复后放入 returned 再运行，并从备份恢复原表",
        "this workbook in districts/ cannot be read; if it was filled in, remove the password or mend it, move it to "
        "returned/ and run again, and restore the blank one from a backup",
    ),
    "results.file_without_list_expected": (
        "含有任务编号等表头的任务清单或替补名单",
        "a list of tasks or reserves with its headers",
    ),
    "results.file_without_list_done": ("没有可用的行", "no row of it could be used"),
    "results.sheet_not_read_expected": ("任务清单或替补名单", "a list of tasks or reserves"),
    "results.sheet_not_read_done": (
        "该工作表有 {count} 个单元格未读取，请人工查看",
        "{count} {count:|cell|cells} of the sheet {count:|was|were} not read; look at it",
    ),
    "results.text_outside_lists_expected": (
        "只在清单的白色栏填写",
        "entries in the white columns of the lists only",
    ),
    "results.text_outside_lists_done": ("列在此处，未计入", "listed here, not counted"),
    "results.rows_without_header_expected": (
        "清单中的行，上方有表头（任务编号、状态、检验结果等）",
        "rows of a list, below a header (Task ID, Status, Result …)",
    ),
    "results.rows_without_header_done": (
        "{count} 行写有任务编号，但上方没有表头，未计入；请补上表头或填入清单后重新运行",
        "rows with a task ID and no header above them, not counted: {count}; add the header or enter them in a list and run again",
    ),
    "results.remark_expected": ("—", "—"),
    "results.remark_done": ("写在“其他情况”处，请阅读", "written under 'Remarks', to be read"),
    "results.comment_expected": ("内容写在“备注”栏", "words in the column for notes"),
    "results.comment_done": ("批注列在此处，未计入", "the comment is listed here, not counted"),
    "results.text_box_expected": ("内容写在“备注”栏", "words in the column for notes"),
    "results.text_box_done": (
        "文本框的文字列在此处，未计入",
        "the words of the text box are listed here, not counted",
    ),
    "results.picture_expected": ("结果用文字填在各栏", "answers written in the columns"),
    "results.picture_done": (
        "工作表上有 {count} 个图片或图形，其中的内容读不出来；请打开查看",
        "pictures or drawn shapes on the sheet: {count}; what they show cannot be read, open the file and look",
    ),
    "results.comments_not_read_expected": (
        "内容写在“备注”栏，或另存为 .xlsx",
        "words in the column for notes, or the file saved as .xlsx",
    ),
    "results.comments_not_read_done": (
        "批注、文本框或划掉的内容有读不出来的，划掉的结果可能已计入；请打开文件查看",
        "some comments, text boxes or words crossed out cannot be read, and an answer crossed out may have counted; open the "
        "file and look",
    ),
    "results.struck_out_not_read_expected": (
        "作废的内容清空或改正，不用删除线；或另存为 .xlsx",
        "what is void emptied or put right, not crossed out; or the file saved as .xlsx",
    ),
    "results.struck_out_not_read_done": (
        "文件用了删除线，这种格式看不出划掉了哪些文字，划掉的结果可能已计入；请打开文件查看",
        "something is crossed out, and of this format it cannot always be told what; an answer crossed out may have counted; "
        "open the file and look",
    ),
    "results.struck_out_expected": (
        "作废的内容清空或改正，不用删除线",
        "what is void emptied or put right, not crossed out",
    ),
    "results.struck_out_done": (
        "划掉的结果不计入，该批次待定；其他划掉的内容照常计入；请核实",
        "an answer that is crossed out does not count and leaves the batch pending, anything else counts as it stands; look into it",
    ),
    "results.column_not_known_expected": ("计划印发的栏目", "the columns that were printed"),
    "results.column_not_known_done": (
        "{count} 个单元格列在此处，未计入",
        "cells listed here and not counted: {count}",
    ),
    "results.column_renamed_expected": (
        "栏目“{near}”（是否改了名？）",
        "the column “{near}” (was it renamed?)",
    ),
    "results.column_renamed_done": (
        "{count} 个单元格列在此处，未计入；如确是该栏，请把表头改回“{near}”后重新运行",
        "cells listed here and not counted: {count}; if it is that column, call it “{near}” again and run again",
    ),
    "results.ids_gone_expected": ("“任务编号”一栏", "the column of task IDs"),
    "results.ids_gone_done": (
        "该栏缺失，{count} 行按系统标识对应并计入",
        "the column is gone; rows matched by their system marks and counted: {count}",
    ),
    # rows
    "results.row_without_task_expected": ("任务编号或系统标识", "a task ID or a system mark"),
    "results.row_without_task_done": ("无法对应到任务，未计入", "belongs to no task, not counted"),
    "results.task_not_known_expected": (
        "本计划的任务编号或替补编号",
        "the ID of a task or reserve of this plan",
    ),
    "results.task_not_known_done": ("本计划没有这个编号，未计入", "this plan has no such ID, not counted"),
    "results.batch_not_named_expected": (
        "带批次号的编号，如末尾为 -1 到 -{batches}",
        "an ID with its batch, ending in -1 to -{batches}",
    ),
    "results.batch_not_named_done": (
        "不知是哪一批次，未计入",
        "which batch it is cannot be told, not counted",
    ),
    "results.mark_differs_expected": (
        "{id} 的系统标识是 {unit}",
        "{id} has the system mark {unit}",
    ),
    "results.mark_differs_done": (
        "本行的任务编号与系统标识属于两家不同的企业（可能只排序了部分栏目），未计入；请对照原表改正",
        "the row's ID and its system mark belong to two different enterprises (perhaps only some columns were sorted); "
        "not counted: put it right as in the workbook that was sent",
    ),
    "results.party_differs_expected": ("{id} 是 {name}（{uscc}）", "{id} is {name} ({uscc})"),
    "results.party_differs_done": (
        "本行的企业名称和代码都不是该任务的，未计入；查了替补的，请填在替补名单；确是该企业更名换码的，请恢复印发的名称和代码，"
        "并在备注说明",
        "name and code are both another enterprise's; not counted: a reserve belongs into the list of reserves; if the "
        "enterprise has a new name and code, put the printed ones back and say so in the notes",
    ),
    "results.matched_by_mark_expected": ("任务编号", "a task ID"),
    "results.matched_by_mark_done": (
        "编号缺失，按系统标识对应并计入；请核实",
        "the ID is gone; matched by the system mark and counted; look into it",
    ),
    "results.printed_cell_changed_expected": ("印发内容：{printed}", "as printed: {printed}"),
    "results.printed_cell_changed_done": (
        "结果照常计入，以计划内容为准；请核实",
        "the answer counts, the plan's words stand; look into it",
    ),
    "results.printed_row_changed_expected": ("印发内容：{printed}", "as printed: {printed}"),
    "results.printed_row_changed_done": (
        "该行多处与印发内容不同；结果照常计入，以计划内容为准；请核实",
        "the row differs from what was printed in many cells; the answer counts, the plan's words stand; look into it",
    ),
    # cells
    "results.status_unreadable_expected": ("已抽样 或 未抽样", "sampled or not sampled"),
    "results.status_unreadable_done": ("无法识别，该批次按待定处理", "cannot be read; the batch stays pending"),
    "results.verdict_unreadable_expected": ("合格 或 不合格", "pass or fail"),
    "results.verdict_unreadable_done": (
        "无法识别，该批次按待检处理",
        "cannot be read; the batch stays pending",
    ),
    "results.item_beside_verdict_expected": (
        "合格 或 不合格，项目写在“不合格项目”栏",
        "pass or fail, the item in its own column",
    ),
    "results.item_beside_verdict_done": (
        "按不合格计；“不合格项目”为空时取括号中的项目",
        "counted as fail; the item is taken where its own column is empty",
    ),
    "results.date_unreadable_expected": ("日期，如 2026-10-18", "a date, such as 2026-10-18"),
    "results.date_unreadable_done": ("日期留空，其余照常计入", "no date is taken; the rest counts"),
    "results.number_unreadable_expected": ("数字", "a number"),
    "results.number_unreadable_done": ("数量留空，其余照常计入", "no number is taken; the rest counts"),
    "results.unit_left_out_expected": ("只填数字", "a number alone"),
    "results.unit_left_out_done": ("只取数字，万、千等已换算", "the number was taken, times 万, 千 and the like"),
    "results.reason_not_in_list_expected": ("字典中的原因", "a reason of the list"),
    "results.reason_not_in_list_done": ("按“其他”计", "counted as “other”"),
    "results.date_before_period_expected": ("计划期内的日期", "a date in the plan's period"),
    "results.date_before_period_done": ("照填写的日期计入，请核实", "taken as it is; look into it"),
    "results.date_after_period_expected": ("计划期内的日期", "a date in the plan's period"),
    "results.date_after_period_done": ("照填写的日期计入，请核实", "taken as it is; look into it"),
    # answers
    "results.answers_differ_expected": (
        "{batch} 的“{field}”只有一个答案；另一处为 {other}（{in_file}，{in_sheet:?工作表“*”，}第 {in_row} 行）",
        "one answer for {batch}, “{field}”; the other is {other} ({in_file}{in_sheet:?, sheet “*”}, row {in_row})",
    ),
    "results.answers_differ_done": (
        "两处都不采用，该批次按待定处理，待人工确定（或用 --latest 以最后修改的文件为准）",
        "neither counts; the batch stays pending until somebody decides (or --latest takes the file changed last)",
    ),
    "results.details_differ_expected": (
        "{batch} 的“{field}”只有一个内容；另一处为 {other}（{in_file}，{in_sheet:?工作表“*”，}第 {in_row} 行）",
        "one entry for {batch}, “{field}”; the other is {other} ({in_file}{in_sheet:?, sheet “*”}, row {in_row})",
    ),
    "results.details_differ_done": (
        "该项留空，其余照常计入（或用 --latest 以最后修改的文件为准）",
        "neither is taken; the rest counts (or --latest takes the file changed last)",
    ),
    "results.answer_superseded_expected": (
        "{batch} 的“{field}”只有一个答案；另一处为 {other}（{in_file}，{in_sheet:?工作表“*”，}第 {in_row} 行）",
        "one answer for {batch}, “{field}”; the other is {other} ({in_file}{in_sheet:?, sheet “*”}, row {in_row})",
    ),
    "results.answer_superseded_done": ("以最后修改的文件为准", "the file changed last counts"),
    "results.contradiction_expected": (
        "已抽样并有结果，或未抽样并有原因",
        "a sample with a result, or a reason for none",
    ),
    "results.contradiction_done": (
        "前后矛盾，该批次按待定处理",
        "it contradicts itself; the batch stays pending",
    ),
    "results.item_of_pass_expected": (
        "合格的不填不合格项目；不合格的，检验结果选“不合格”",
        "no failing item beside a pass, or the result fail",
    ),
    "results.item_of_pass_done": (
        "前后矛盾，该批次按待定处理",
        "it contradicts itself; the batch stays pending",
    ),
    "results.note_without_answer_expected": (
        "状态、检验结果或未抽样原因；备注只作说明",
        "a status, a result or a reason; a note only explains",
    ),
    "results.note_without_answer_done": (
        "只有备注，没有答案，该批次仍按待定处理",
        "a note and no answer; the batch stays pending",
    ),
    "results.note_against_answer_expected": (
        "备注与状态、检验结果、未抽样原因一致",
        "a note that agrees with status, result and reason",
    ),
    "results.note_against_answer_done": (
        "以各栏所填为准，备注与之不符，请核实并改正",
        "what the columns say stands and the note says otherwise; look into it and put it right",
    ),
    "results.reason_missing_expected": ("未抽样的原因", "a reason why no sample was taken"),
    "results.reason_missing_done": (
        "按未抽样计入，原因待补",
        "counted as not sampled; the reason is wanting",
    ),
    "results.date_missing_expected": ("抽样日期", "the day the sample was taken"),
    "results.date_missing_done": ("照常计入，日期待补", "counted; the date is wanting"),
    "results.retest_without_result_expected": ("复检之前的检验结果", "the result before the re-test"),
    "results.retest_without_result_done": ("以复检结果为最终结果", "the re-test's verdict is final"),
    "results.failing_item_missing_expected": ("不合格项目", "the item that failed"),
    "results.failing_item_missing_done": ("照常计入，项目待补", "counted; the item is wanting"),
    # reserves
    "results.replaces_unknown_task_expected": ("本计划的任务编号", "the ID of a task of this plan"),
    "results.replaces_unknown_task_done": (
        "替补对象不明；结果照常计入",
        "whom it replaces is not known; its answer counts",
    ),
    "results.reserve_without_task_expected": ("替补对象（任务编号）", "the ID of the task it replaces"),
    "results.reserve_without_task_done": (
        "替补对象不明；结果照常计入",
        "whom it replaces is not known; its answer counts",
    ),
    "results.reserve_without_reason_expected": ("替补原因", "why the task was replaced"),
    "results.reserve_without_reason_done": (
        "结果照常计入，原因待补",
        "its answer counts; the reason is wanting",
    ),
    "results.reserve_of_another_group_expected": (
        "与 {other} 同组别的替补",
        "a reserve of the same group as {other}",
    ),
    "results.reserve_of_another_group_done": ("结果照常计入，请核实", "its answer counts; look into it"),
    "results.reserve_out_of_order_expected": ("先启用 {other}", "{other} used first"),
    "results.reserve_out_of_order_done": ("结果照常计入，请核实", "its answer counts; look into it"),
    "results.replaced_task_answered_expected": (
        "被替补的任务 {other} 没有抽到样品",
        "no sample of the task it replaces, {other}",
    ),
    "results.replaced_task_answered_done": ("两者都计入，请核实", "both count; look into it"),
    "results.replaced_task_open_expected": (
        "被替补的任务 {other} 注明未抽样及原因",
        "the task it replaces, {other}, marked as not sampled, with the reason",
    ),
    "results.replaced_task_open_done": (
        "替补的结果照常计入；该任务仍按待定处理，请补填",
        "the reserve's answer counts; the task stays pending, fill it in",
    ),
    "results.task_replaced_twice_expected": (
        "一个任务只启用一个替补；已有 {other}",
        "one reserve for a task; there is {other} already",
    ),
    "results.task_replaced_twice_done": ("两者都计入，请核实", "both count; look into it"),
}
