"""Texts about the command line itself: what cannot be parsed, what cannot be written, and the words of the help."""

ENTRIES: dict[str, tuple[str, str]] = {
    "usage.missing_argument": (
        "缺少参数 {name}；用“{command} --help”查看用法。",
        "the argument {name} is missing; “{command} --help” shows the usage.",
    ),
    "usage.missing_option": (
        "缺少选项 {name}；用“{command} --help”查看用法。",
        "the option {name} is missing; “{command} --help” shows the usage.",
    ),
    "usage.no_such_option": (
        "没有选项 {found}；用“{command} --help”查看用法。",
        "there is no option {found}; “{command} --help” shows the usage.",
    ),
    "usage.similar_option": (
        "没有选项 {found}；是否要写 {known}？",
        "there is no option {found}; did you mean {known}?",
    ),
    "usage.option_without_value": (
        "选项 {found} 后面要有一个值；用“{command} --help”查看用法。",
        "the option {found} needs a value; “{command} --help” shows the usage.",
    ),
    "usage.option_with_value": (
        "选项 {found} 后面不带值；用“{command} --help”查看用法。",
        "the option {found} takes no value; “{command} --help” shows the usage.",
    ),
    "usage.no_such_command": (
        "没有命令“{found}”；可用的有：{known}。",
        "there is no command {found!r}; there are: {known}.",
    ),
    "usage.no_command": ("请给出一个命令；可用的有：{known}。", "give a command; there are: {known}."),
    "usage.extra_argument": (
        "多余的参数：{found}；用“{command} --help”查看用法。",
        "too many arguments: {found}; “{command} --help” shows the usage.",
    ),
    "usage.not_whole": (
        "{name} 应为整数，实为“{found}”。",
        "{name} must be a whole number, but got {found!r}.",
    ),
    "usage.not_a_number": (
        "{name} 应为数字，实为“{found}”。",
        "{name} must be a number, but got {found!r}.",
    ),
    "usage.too_small": (
        "{name} 不得小于 {bound}，实为“{found}”。",
        "{name} must be at least {bound}, but got {found!r}.",
    ),
    "usage.too_large": (
        "{name} 不得大于 {bound}，实为“{found}”。",
        "{name} must be at most {bound}, but got {found!r}.",
    ),
    "usage.bad_value": ("{name}：{reason}", "{name}: {reason}"),
    "usage.other": ("{reason}", "{reason}"),
    "usage.empty": ("{option} 不能为空。", "{option} must not be empty."),
    "usage.csv_and_json": (
        "--csv 与 --json 只能选一个；两种都要时，请用 --out 写成文件。",
        "--csv and --json cannot be given together; to have both, write files with --out.",
    ),
    "usage.not_written": (
        "输出写不出去（{reason}）；请检查重定向的目标和磁盘空间后再试。",
        "the output cannot be written ({reason}); check where it is sent and the free space, then try again.",
    ),
    "usage.help_usage": ("用法：", "Usage: "),
    "usage.help_options_word": ("[选项]", "[OPTIONS]"),
    "usage.help_command_word": ("命令 [参数…]", "COMMAND [ARGS]..."),
    "usage.help_arguments": ("参数：", "Arguments:"),
    "usage.help_options": ("选项：", "Options:"),
    "usage.help_commands": ("命令：", "Commands:"),
    "usage.help_default": ("[默认：{value}]", "[default: {value}]"),
    "usage.help_required": ("[必填]", "[required]"),
    "usage.help_help": ("显示本帮助后退出。", "Show this message and exit."),
    # what stands for a value
    "usage.meta_column": ("列", "COLUMN"),
    "usage.meta_columns": ("列", "COLUMN[,COLUMN]"),
    "usage.meta_date": ("年-月-日", "YYYY-MM-DD"),
    "usage.meta_digest": ("摘要", "SHA256"),
    "usage.meta_file": ("文件", "FILE"),
    "usage.meta_folder": ("文件夹", "FOLDER"),
    "usage.meta_lang": ("zh|en", "zh|en"),
    "usage.meta_method": ("方法", "METHOD"),
    "usage.meta_name": ("名称", "NAME"),
    "usage.meta_number": ("数", "N"),
    "usage.meta_plan": ("计划文件夹", "PLAN_DIR"),
    "usage.meta_quarter": ("季度", "QUARTER"),
    "usage.meta_registry": ("登记表", "REGISTRY"),
    "usage.meta_results": ("结果", "RESULTS"),
    "usage.meta_share": ("小数", "SHARE"),
    "usage.meta_side": ("哪一侧", "SIDE"),
    "usage.meta_target": ("合格率", "RATE"),
    "usage.meta_text": ("文字", "TEXT"),
    "usage.meta_unit": ("单元", "UNIT"),
}
