"""Texts about configuration files."""

ENTRIES: dict[str, tuple[str, str]] = {
    "config.no_weights": (
        "找不到方案 {config} 的风险权重 {file}；请把它放在方案旁边，或用 --weights 指定文件。",
        "there are no risk weights {file} for {config}; put them beside the design, or name them with --weights.",
    ),
    "config.no_file": (
        "找不到配置文件 {file}；请检查路径，或用“sampler init 目录”生成一份。",
        "no such configuration file: {file}; check the path, or make one with “sampler init DIR”.",
    ),
    "config.unreadable": (
        "无法读取配置文件 {file}：{reason}。",
        "cannot read the configuration file {file}: {reason}.",
    ),
    "config.not_utf8": (
        "配置文件 {file} 不是 UTF-8 文本（第 {position} 字节）；请另存为 UTF-8。",
        "the configuration file {file} is not UTF-8 text (byte {position}); save it as UTF-8.",
    ),
    "config.not_toml": (
        "配置文件 {file} 第 {line} 行第 {column} 列不符合 TOML 语法。{cause}\n  {row}",
        "the configuration file {file} is not valid TOML at line {line}, column {column}. {cause}\n  {row}",
    ),
    "config.toml_twice": (
        "同一个名称在这里写了第二次；请删去其中一处。这一行是：",
        "The name is written here for the second time; delete one of the two. This line is:",
    ),
    "config.toml_open": (
        "引号或括号没有成对；请补上缺的那一半。读到的最后一行是：",
        "A quotation mark or bracket is not closed; add the missing one. The last line read is:",
    ),
    "config.toml_common": (
        "常见原因：文字没有加英文双引号，用了中文引号、逗号、冒号或等号，数字带了百分号（95% 应写 0.95），"
        "写了“是”“否”（应写 true、false），等号左右缺了内容。这一行是：",
        "Common causes: text without straight double quotes; Chinese quotation marks, commas or colons; a number with a percent "
        "sign (write 0.95 for 95%); yes or no (write true or false); nothing on one side of the equals sign. This line is:",
    ),
    "config.problems": (
        "配置文件 {file} 有 {count} 处问题：{problems}",
        "the configuration file {file} has {count} {count:|problem|problems}:{problems}",
    ),
    "config.problem_other": (
        "{key}：{found} 不能用；程序的技术细节：{reason}",
        "{key}: {found} cannot be used; technical detail of the program: {reason}",
    ),
    "config.problem_not_finite": (
        "{key}：应为普通的数字，不能是 inf 或 nan",
        "{key}: expected an ordinary number, not inf or nan",
    ),
    "config.problem_bad_key": (
        '{key}：{found} 不能作键；键里不能有空格、控制字符和 / \\ = | + , × : * ? " < >，不能以点开头，也不能是 every、certainty 或 -',
        '{key}: {found} cannot be a key; keys hold no spaces, no control characters and none of / \\ = | + , × : * ? " < >, do not begin with a dot and are not every, certainty or -',
    ),
    "config.problem_missing": ("{key}：缺少这一项", "{key}: this key is missing"),
    "config.problem_unknown_key": (
        "{key}：没有这个键；请检查拼写",
        "{key}: there is no such key; check its spelling",
    ),
    "config.problem_literal_error": (
        "{key}：应为 {bound}，实为 {found}",
        "{key}: expected {bound} but got {found}",
    ),
    "config.problem_greater_than": (
        "{key}：应大于 {bound}，实为 {found}",
        "{key}: must be above {bound} but got {found}",
    ),
    "config.problem_greater_than_equal": (
        "{key}：不得小于 {bound}，实为 {found}",
        "{key}: must be at least {bound} but got {found}",
    ),
    "config.problem_less_than": (
        "{key}：应小于 {bound}，实为 {found}",
        "{key}: must be below {bound} but got {found}",
    ),
    "config.problem_less_than_equal": (
        "{key}：不得大于 {bound}，实为 {found}",
        "{key}: must be at most {bound} but got {found}",
    ),
    "config.problem_too_short": (
        "{key}：至少要有 {bound} 项，实为 {found}",
        "{key}: needs at least {bound} {bound:|item|items} but got {found}",
    ),
    "config.problem_string_too_short": ("{key}：不能为空", "{key}: must not be empty"),
    "config.problem_int_type": (
        "{key}：应为整数，实为 {found}",
        "{key}: expected a whole number but got {found}",
    ),
    "config.problem_int_from_float": (
        "{key}：应为整数，实为 {found}",
        "{key}: expected a whole number but got {found}",
    ),
    "config.problem_float_type": (
        "{key}：应为数字，实为 {found}",
        "{key}: expected a number but got {found}",
    ),
    "config.problem_bool_type": (
        "{key}：应为 true 或 false，实为 {found}",
        "{key}: expected true or false but got {found}",
    ),
    "config.problem_string_type": (
        "{key}：应为带引号的文字，实为 {found}",
        "{key}: expected text in quotes but got {found}",
    ),
    "config.problem_tuple_type": (
        "{key}：应为方括号中的列表，实为 {found}",
        "{key}: expected a list in square brackets but got {found}",
    ),
    "config.problem_dict_type": (
        "{key}：应为一个表，实为 {found}",
        "{key}: expected a table but got {found}",
    ),
    "config.problem_dataclass_type": (
        "{key}：应为一个表，实为 {found}",
        "{key}: expected a table but got {found}",
    ),
    "config.problem_date_type": (
        "{key}：应为 2026-01-31 形式的日期，实为 {found}",
        "{key}: expected a date like 2026-01-31 but got {found}",
    ),
    "config.problem_date_parsing": (
        "{key}：应为 2026-01-31 形式的日期，实为 {found}",
        "{key}: expected a date like 2026-01-31 but got {found}",
    ),
    "config.problem_date_from_datetime_parsing": (
        "{key}：应为 2026-01-31 形式的日期，实为 {found}",
        "{key}: expected a date like 2026-01-31 but got {found}",
    ),
    "config.problem_period": (
        "run.period：应为 auto 或季度（如 2026Q4），实为 {found}",
        "run.period: must be auto or a quarter such as 2026Q4, but got {found}",
    ),
    "config.problem_seed_file": (
        "run.seed_file：{found} 中没有 {{period}}，每个季度会用同一个种子，下一季度的名单就能被推算出来；请写成如 seeds/{{period}}.txt",
        "run.seed_file: {found} has no {{period}}, so every quarter would use one seed and the next list could be foreseen; write seeds/{{period}}.txt or the like",
    ),
    "config.problem_repeated": ("{key}：{found} 出现了不止一次", "{key}: {found} occurs more than once"),
    "config.problem_claimed_twice": (
        "{key}：“{found}”同时归到了两处；只能归到一处",
        "{key}: {found!r} is claimed by two entries; it can belong to one only",
    ),
    "config.problem_unknown_value": (
        "{key}：未知的值“{found}”；可用的有：{known}",
        "{key}: unknown value {found!r}; known are: {known}",
    ),
    "config.problem_not_a_stratum_key": (
        "{key}：{found} 不在 [strata] 的 keys（{known}）里。一层之内每家机会相同，对它的要求无法由抽样保证；请把它加进 keys",
        "{key}: {found} is not among the keys of [strata] ({known}). Inside a stratum every unit has the same chance, so nothing can be promised for it; add it to the keys",
    ),
    "config.problem_no_bound": (
        "{key}：没有要求任何事；请写上 at_least（大于 0）或 at_most（小于 1）",
        "{key}: asks for nothing; write at_least (above 0) or at_most (below 1)",
    ),
    "config.problem_crossed": (
        "{key}：at_least（{least:g}）大于 at_most（{most:g}）",
        "{key}: at_least ({least:g}) is above at_most ({most:g})",
    ),
    "config.problem_no_size": (
        "sample：budget、budget_yuan、[[precision]]、[[detection]] 至少要写一项，否则不知道抽多少",
        "sample: one of budget, budget_yuan, [[precision]] or [[detection]] is needed to say how much to take",
    ),
    "config.problem_no_cost": (
        "{key}：写了 budget_yuan，类别“{found}”就要写每批的费用",
        "{key}: with budget_yuan the category {found!r} needs the cost of a batch",
    ),
    "config.problem_cap_below_unit": (
        "{key}：上限 {cap} 批，而类别“{found}”每户要抽 {batches} 批",
        "{key}: the cap is {cap}, but one unit of {found!r} gives {batches} {batches:|batch|batches}",
    ),
    "config.problem_no_lowest_tier": (
        "{key}：必须有一档的下限为 0，使每个企业都有风险档",
        "{key}: one tier must start at 0, so that every unit has a tier",
    ),
    "config.problem_value_or_at_least": (
        "{key}：value 与 at_least 必须恰好写一个",
        "{key}: exactly one of value and at_least must be given",
    ),
    "config.problem_numeric": (
        "{key}：{found} 是数字项，应写 at_least",
        "{key}: {found} is a number, so the line needs at_least",
    ),
    "config.problem_not_numeric": (
        "{key}：{found} 不是数字项，应写 value",
        "{key}: {found} is not a number, so the line needs value",
    ),
    "config.problem_category_without_weight": (
        '{key}：类别“{found}”没有风险权重；请加一行 field = "category", value = "{found}"',
        '{key}: the category {found!r} has no weight; add a line with field = "category", value = "{found}"',
    ),
}
