"""Texts about verification."""

ENTRIES: dict[str, tuple[str, str]] = {
    "verify.value": ("{key}：记录为 {here}，重算为 {again}", "{key}: on record {here}, computed {again}"),
    "verify.only_here": ("{row}：重算后没有这一行", "{row}: is on record, but the draw does not give it"),
    "verify.missing": (
        "{row}：重算有这一行，记录里没有",
        "{row}: the draw gives it, but it is not on record",
    ),
    "verify.order": ("各行的次序不同", "the rows are in another order"),
    "verify.more": ("另有 {count} 处不同", "and {count} more differences"),
    "verify.good": (
        "{folder}：核对一致。抽样框、方案、{strata} 层、{units} 个号码、{selected} 个抽中单元、检查人员和 {books} 份任务表都与记录相符。",
        "{folder}: verified. Frame, design, {strata} strata, {units} tickets, {selected} selected units, teams and {books} district workbooks agree with the record.",
    ),
    "verify.bad": (
        "{folder}：有 {count} 处与记录不符：{differences}\n请不要使用这份计划，先查明谁改了什么。",
        "{folder}: {count} thing(s) differ from the record:{differences}\nDo not use this plan before it is clear who changed what.",
    ),
    "verify.in_part": ("{part}:{what}", "{part}: {what}"),
    "verify.digest": (
        "计划摘要 (plan.json 的 SHA-256):{digest}",
        "digest of the plan (SHA-256 of plan.json): {digest}",
    ),
    "verify.replaces": (
        "本计划替换了 {digest},原因:{why}",
        "this plan replaced {digest}, because: {why}",
    ),
    "verify.not_drawn": ("按记录无法重新抽取:{reason}", "what is on record cannot be drawn again: {reason}"),
    "verify.no_file": ("缺少这个文件", "this file is missing"),
    "verify.chain_open": (
        "没有写明上一份计划(应为 {earlier});做计划时没有用 --archive",
        "names no predecessor (it should be {earlier}); it was made without --archive",
    ),
    "verify.chain_replaced": (
        "上一份计划 {earlier} 在这份计划之后被替换,原因:{why}",
        "its predecessor {earlier} was replaced after this plan was made, because: {why}",
    ),
    "verify.cell": (
        "工作表 {sheet} 的 {cell}：记录应为 “{again}”，实为 “{here}”",
        "sheet {sheet}, cell {cell}: should be {again!r} but is {here!r}",
    ),
    "verify.sheets": ("工作表应为 {again}，实为 {here}", "should have the sheets {again} but has {here}"),
    "verify.no_workbook": ("缺少这份任务表", "this workbook is missing"),
    "verify.extra_workbook": ("记录里没有这份任务表", "this workbook is not of the plan"),
    "verify.reading": ("读取计划", "reading the plan"),
    "verify.redrawing": ("重新抽取并核对", "drawing again and comparing"),
}
