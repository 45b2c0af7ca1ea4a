"""Texts that several commands share."""

ENTRIES: dict[str, tuple[str, str]] = {
    "common.error": ("错误：", "error: "),
    "common.warning": ("提醒：", "warning: "),
    "common.bad_language": ("没有语言“{found}”；可用 zh 或 en。", "no language {found!r}; use zh or en."),
    "common.interrupted": (
        "已中断；没有留下写了一半的文件。",
        "interrupted; nothing half-written is left behind.",
    ),
    "common.bug": (
        "sampler 内部错误：{error}。请把命令和这一行发给维护者；设置 SAMPLER_DEBUG=1 可看到详情。",
        "a bug in sampler: {error}. Send the command and this line to its maintainers; SAMPLER_DEBUG=1 shows the details.",
    ),
    "common.bug_at": (
        "sampler 内部错误（正在处理 {place}）：{error}。请把命令和这一行发给维护者；可先把所指的文件移走再运行；设置 SAMPLER_DEBUG=1 可看到详情。",
        "a bug in sampler at work on {place}: {error}. Send the command and this line to its maintainers; meanwhile you may set aside the file it names and run again; SAMPLER_DEBUG=1 shows the details.",
    ),
    "common.finding": (
        "{place}：{found:?原值“*”，}{expected:?应为：*；}处理：{done}",
        "{place}: {found:?found “*”, }{expected:?expected *; }done: {done}",
    ),
    "common.findings_more": (
        "同类的另有 {count} 处。",
        "and {count} more of the same kind.",
    ),
    "common.place": (
        "{file}{sheet:?，工作表“*”}{row:?，第 * 行}{column:?，“*”列}",
        "{file}{sheet:?, sheet “*”}{row:?, row *}{column:?, column “*”}",
    ),
    "common.comma": ("、", ", "),
    "common.listed": ("{zh}{en:.0}", "{zh:.0}{en}"),
    "common.bad_period": (
        "“{found}”不是季度；请写成 2026Q4 的形式，年份在 1900 到 8999 之间。",
        "not a quarter: {found!r}; write it as 2026Q4, with a year from 1900 to 8999.",
    ),
}
