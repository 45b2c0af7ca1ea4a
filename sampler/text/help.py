"""Help of commands and options."""

ENTRIES: dict[str, tuple[str, str]] = {
    "help.app": (
        "分层抽查:读取企业登记表,抽出带置信界限的抽查计划,写出各区任务表,并由回收结果估计合格率。",
        "Stratified spot checks: registry in, plan and district workbooks out; returned workbooks in, pass rates with "
        "confidence bounds out.",
    ),
    "help.version": ("显示版本后退出。", "Show the version and leave."),
    "help.lang": ("阅读语言:zh 中文,en 英文。", "Language for people: zh or en."),
    "help.json": ("在标准输出上只写一个 JSON 文档。", "Write one JSON document to stdout."),
    "help.quiet": ("不显示进度和说明;警告和错误仍会显示。", "No progress, no remarks; warnings and errors still show."),
    "help.strict": ("有需要人处理的发现时,以代码 1 退出。", "Leave with code 1 when something needs a person."),
}
