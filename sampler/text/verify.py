"""Texts about verification."""

ENTRIES: dict[str, tuple[str, str]] = {
    "verify.value": ("{key}：记录为 {here}，重算为 {again}", "{key}: on record {here}, computed {again}"),
    "verify.only_here": ("{row}：重算后没有这一行", "{row}: is on record, but the draw does not give it"),
    "verify.missing": (
        "{row}：重算有这一行，记录里没有",
        "{row}: the draw gives it, but it is not on record",
    ),
    "verify.order": ("各行的次序不同", "the rows are in another order"),
    "verify.more": ("另有 {count} 处不同", "and {count} more {count:|difference|differences}"),
    "verify.good": (
        "{folder}：核对一致。抽样框、方案、{strata} 层、{units} 个抽签号、{selected} 个抽中单元、检查人员、{books} 份任务表、公示表和汇总表的各单元格都与记录相符。",
        "{folder}: verified. Frame, design, {strata} {strata:|stratum|strata}, {units} {units:|ticket|tickets}, {selected} selected {selected:|unit|units}, teams, {books} district {books:|workbook|workbooks}, public tables and the cells of the summary agree with the record.",
    ),
    "verify.saved_again": (
        "{files} 生成后重新保存过：各单元格、样式、打印设置、保护和输入检查都与记录相符；公式保存的结果无法核对，打开时由 Excel 重新计算。",
        "{files}: saved again since made. Cells, styles, print settings, protection and checks of what is typed agree; the stored results of formulas cannot be compared: recalculate them.",
    ),
    "verify.bad": (
        "{folder}：有 {count} 处与记录不符：{differences}\n请不要使用这份计划，先查明谁改了什么。",
        "{folder}: differences from the record, {count} in all:{differences}\nDo not use this plan before it is clear who changed what.",
    ),
    "verify.in_part": ("{part}：{what}", "{part}: {what}"),
    "verify.digest": (
        "计划摘要（plan.json 的 SHA-256）：{digest}",
        "digest of the plan (SHA-256 of plan.json): {digest}",
    ),
    "verify.replaces": (
        "本计划替换了 {digest}，原因：{why}",
        "this plan replaced {digest}, because: {why}",
    ),
    "verify.not_drawn": ("按记录无法重新抽取：{reason}", "what is on record cannot be drawn again: {reason}"),
    "verify.no_file": ("缺少这个文件", "this file is missing"),
    "verify.chain_open": (
        "没有写明上一份计划（应为 {earlier}）；做计划时没有用 --archive",
        "names no predecessor (it should be {earlier}); it was made without --archive",
    ),
    "verify.chain_absent": (
        "档案中没有这份计划；请给出它所在的档案文件夹",
        "the archive does not hold this plan; name the archive that it lies in",
    ),
    "verify.chain_lost": (
        "它写明的上一份计划 {earlier} 不在档案中",
        "its predecessor {earlier} is not in the archive",
    ),
    "verify.chain_replaced": (
        "上一份计划 {earlier} 在这份计划之后被替换，原因：{why}",
        "its predecessor {earlier} was replaced after this plan was made, because: {why}",
    ),
    "verify.cell": (
        "工作表 {sheet} 的 {cell}：按记录应为“{again}”，实为“{here}”",
        "sheet {sheet}, cell {cell}: should be {again!r} but is {here!r}",
    ),
    "verify.sheets": ("工作表应为 {again}，实为 {here}", "should have the sheets {again} but has {here}"),
    "verify.hidden_row": ("工作表 {sheet} 的第 {name} 行被隐藏", "sheet {sheet}, row {name} is hidden"),
    "verify.hidden_column": ("工作表 {sheet} 的 {name} 列被隐藏", "sheet {sheet}, column {name} is hidden"),
    "verify.hidden_sheet": ("工作表 {sheet} 被隐藏", "sheet {sheet} is hidden"),
    "verify.unhidden_row": ("工作表 {sheet} 的第 {name} 行本应隐藏", "sheet {sheet}, row {name} should be hidden"),
    "verify.unhidden_column": ("工作表 {sheet} 的 {name} 列本应隐藏", "sheet {sheet}, column {name} should be hidden"),
    "verify.unhidden_sheet": ("工作表 {sheet} 本应隐藏", "sheet {sheet} should be hidden"),
    "verify.unprotected": ("工作表 {sheet} 的保护被取消", "sheet {sheet} is no longer protected"),
    "verify.trait": (
        "工作表 {sheet} 的{trait}：按记录应为“{again}”，实为“{here}”",
        "sheet {sheet}, {trait}: should be {again!r} but is {here!r}",
    ),
    "verify.trait_at": ("{trait}（{places}）", "{trait} at {places}"),
    "verify.trait_number_format": ("数字格式", "number format"),
    "verify.trait_locked": ("锁定", "locking"),
    "verify.locked": ("锁定", "locked"),
    "verify.unlocked": ("未锁定", "unlocked"),
    "verify.trait_font": ("字体", "font"),
    "verify.trait_fill": ("填充", "fill"),
    "verify.trait_border": ("边框", "border"),
    "verify.trait_alignment": ("对齐方式", "alignment"),
    "verify.trait_comment": ("批注", "comment"),
    "verify.trait_link": ("超链接", "hyperlink"),
    "verify.trait_height": ("行高", "row height"),
    "verify.trait_width": ("列宽", "column width"),
    "verify.trait_validation": ("下拉列表和输入检查", "drop-downs and checks of what is typed"),
    "verify.trait_conditional": ("条件格式", "conditional formats"),
    "verify.trait_merged": ("合并单元格", "merged cells"),
    "verify.trait_page": ("页面设置", "page set-up"),
    "verify.trait_protection": ("保护选项", "options of protection"),
    "verify.trait_view": ("显示选项", "options of the view"),
    "verify.trait_header": ("页眉", "header"),
    "verify.trait_footer": ("页脚", "footer"),
    "verify.foreign_part": (
        "含有 {name}，不是 sampler 写的，内容无法核对",
        "holds {name}, which sampler did not write and nothing compares",
    ),
    "verify.misled": (
        "{name} 指向的部件与核对的不同，打开时显示的内容无法核对",
        "{name} leads to other parts than those that are compared: what is shown cannot be told",
    ),
    "verify.foreign_element": (
        "工作表 {sheet} 含有 {name}，不是 sampler 写的，内容无法核对",
        "sheet {sheet} holds {name}, which sampler did not write and nothing compares",
    ),
    "verify.line": (
        "第 {line} 行：按记录应为“{again}”，实为“{here}”",
        "line {line}: should be {again!r} but is {here!r}",
    ),
    "verify.not_published": (
        "不是公布的那份计划：公布的 SHA-256 为 {published}，实为 {here}",
        "is not the plan that was published: SHA-256 published {published}, here {here}",
    ),
    "verify.not_canonical": (
        "文字排列与 sampler 写的不同，说明有人改过这个文件",
        "is not laid out as sampler writes it: somebody changed the file",
    ),
    "verify.unknown_key": ("{key}：sampler 不写这个键", "{key}: sampler writes no such key"),
    "verify.no_record": ("{key}：记录里缺少", "{key}: is not on record"),
    "verify.wrong_name": (
        "文件名不是它的 SHA-256（{digest}）",
        "its name is not its SHA-256 ({digest})",
    ),
    "verify.changed": (
        "生成之后被改过，或重新保存过",
        "was changed or saved again since it was made",
    ),
    "verify.changed_cells": ("生成之后单元格被改过", "cells were changed since it was made"),
    "verify.broken": ("记录不成立", "the record makes no sense"),
    "verify.other_format": (
        "这份计划由另一版本的 sampler（{version}，格式 {made}）生成，算法或版式与本版本（{own}，格式 {known}）不同。以下只核对不依赖版本的内容：{compared}。",
        "This plan was made by another version of sampler ({version}, format {made}), which computes or lays out differently from this one ({own}, format {known}). Only what does not depend on it is compared: {compared}.",
    ),
    "verify.compares_draw": (
        "各项摘要、抽签号、名次、抽中与替补、任务表自生成后是否改动",
        "digests, tickets, ranks, who is drawn by them, and whether the papers changed since they were made",
    ),
    "verify.compares_papers": (
        "抽取的全部内容，以及任务表和公示表自生成后是否改动",
        "the whole draw; of workbooks and public tables, whether they changed since they were made",
    ),
    "verify.good_draw": (
        "{folder}：能核对的都与记录相符：{compared}。",
        "{folder}: what can be compared agrees with the record: {compared}.",
    ),
    "verify.no_paper": ("缺少这份文件", "this file is missing"),
    "verify.extra_paper": ("这份文件不属于本计划", "this file is not of the plan"),
    "verify.reading": ("读取计划", "reading the plan"),
    "verify.redrawing": ("重新抽取并核对", "drawing again and comparing"),
}
