"""Texts about what a registry says and what was made of it."""

ENTRIES: dict[str, tuple[str, str]] = {
    # errors that end the reading
    "intake.missing_fields": (
        "登记表 {files} 缺少必需的列；见到的表头:{headers}。请核对表头，或在配置文件 [columns] 中写明对应的列:{problems}",
        "{files} lacks columns that no unit can do without; headers seen: {headers}. Check them, or name the columns under"
        " [columns] of the configuration:{problems}",
    ),
    "intake.field_identity": (
        "企业名称 (name) 或 统一社会信用代码 (code)",
        "a name or a code of the enterprise (name, code)",
    ),
    "intake.field_district": (
        "所属区 (district)，或能看出所属区的地址、监管所、工作表名",
        "a district (district), or an address, office or sheet name that tells it",
    ),
    "intake.field_category": (
        "能归类的列:产品类别 (category)、主营产品 (product)、行业代码 (industry) 或许可证号 (licence)",
        "something that tells the category: category, product, industry or licence",
    ),
    "intake.hint": (
        '表头“{header}”与字段 {field} 相近:可写 {field} = ["{header}"]',
        '“{header}” is close to the field {field}: write {field} = ["{header}"]',
    ),
    "intake.reserved_column": (
        "配置文件 [columns] 中的 {name} 由程序生成，不能从登记表读取；请换一个名称",
        "{name} under [columns] of the configuration is made by the program, not read from a registry; choose another name",
    ),
    # what was expected
    "intake.expected_nothing": ("—", "—"),
    "intake.expected_name_or_code": ("企业名称或有效代码，至少一项", "a name, or a code that identifies"),
    "intake.expected_name": ("企业名称", "a name"),
    "intake.expected_code": (
        "统一社会信用代码或注册号",
        "a unified social credit code or registration number",
    ),
    "intake.expected_18": ("18 位统一社会信用代码", "a unified social credit code of 18 characters"),
    "intake.expected_undamaged": (
        "完整的代码；Excel 把代码当数字，丢了末尾几位，请改为文本格式重新导出",
        "the whole code; a spreadsheet took it for a number and lost its last digits: export it again as text",
    ),
    "intake.expected_alphabet": (
        "18 位代码只用数字和字母，不用 I、O、S、V、Z",
        "digits and letters other than I, O, S, V, Z",
    ),
    "intake.expected_check": ("正确的校验码（第 18 位）", "a right check digit (position 18)"),
    "intake.expected_body_check": (
        "正确的主体标识码校验位（第 17 位）",
        "a right check digit of the body (position 17)",
    ),
    "intake.expected_both_checks": (
        "正确的校验码（第 17、18 位）",
        "right check digits (positions 17 and 18)",
    ),
    "intake.expected_in_scope": ("在抽查范围内的登记状态:{known}", "a status in scope: {known}"),
    "intake.expected_status_asked": (
        "请核实登记状态；在范围内的有:{known}",
        "somebody to look: the status is to be verified; in scope are {known}",
    ),
    "intake.expected_status": (
        "已知的登记状态:{known}；可补入配置 [status]",
        "a known status: {known}; add it to [status] of the configuration",
    ),
    "intake.expected_district": ("所属区", "a district"),
    "intake.expected_known_district": ("本市的一个区:{known}", "one of the districts {known}"),
    "intake.expected_nearest_district": (
        "本市的一个区；最接近的是 {near}。若是同一个区，请补入配置的 aliases",
        "a known district; the nearest is {near}. If it is the same, add it to its aliases in the configuration",
    ),
    "intake.expected_city": ("本市:{city}", "the bureau's own city: {city}"),
    "intake.expected_category": (
        "能归入某一类别的产品、行业代码或许可证；可在配置的 keywords、industry、licences 中补充",
        "a product, industry code or licence of a category; extend keywords, industry or licences in the configuration",
    ),
    "intake.expected_term": ("其中之一:{known}", "one of {known}"),
    "intake.expected_count": ("次数（0、1、2 …）", "a count (0, 1, 2 …)"),
    "intake.expected_flag": ("是 或 否", "yes or no"),
    "intake.expected_date": ("真实存在的日期，如 2024-01-05", "a date that exists, such as 2024-01-05"),
    "intake.expected_past": ("不晚于 {today} 的日期", "a date not after {today}"),
    "intake.expected_order": ("不早于成立日期", "a date not before the enterprise was established"),
    "intake.expected_once": ("同一企业、同一类别只有一行", "one row for an enterprise and category"),
    "intake.expected_one_name": ("一个代码对应一个企业名称", "one name for one code"),
    "intake.expected_one_district": ("一个代码对应一个区", "one district for one code"),
    "intake.expected_header": (
        "若是 {field}（通常写作“{alias}”），请在配置 [columns] 中写明",
        "if it is {field} (usually “{alias}”), name it under [columns] of the configuration",
    ),
    "intake.expected_column": (
        "配置 [columns] 写明的列",
        "a column named under [columns] of the configuration",
    ),
    # what was done
    "intake.done_kept": ("保留使用", "used as it is"),
    "intake.done_excluded": ("该行未纳入", "the row is left out"),
    "intake.done_emptied": ("该项按空处理，该行照常使用", "read as empty; the row is used"),
    "intake.done_by_code": ("按代码识别企业", "the enterprise is identified by its code"),
    "intake.done_by_name": ("按名称和区识别企业", "the enterprise is identified by name and district"),
    "intake.done_matched": (
        "与同区同名、有代码的企业视为同一家:{code}",
        "taken for the enterprise of the same name and district that has a code: {code}",
    ),
    "intake.done_inferred": ("按 {value} 处理", "taken to be in {value}"),
    "intake.done_from_sheet": (
        "{count} 行的区取自工作表名或文件名",
        "{count} rows have the district of their sheet's or file's name",
    ),
    "intake.done_only_district": (
        "{count} 行未写区，按配置中唯一的区处理",
        "{count} rows without a district are in the only one configured",
    ),
    "intake.done_only_category": (
        "没有可归类的列，全部按配置中唯一的类别 {category} 处理",
        "nothing tells the category; all rows are of the only one configured: {category}",
    ),
    "intake.done_frequent": (
        "{count} 行未归入任何类别，未纳入",
        "{count} rows with this text fall into no category and are left out",
    ),
    "intake.done_parts": (
        "{count} 处内容不属于任何类别，该行按其余内容归类",
        "{count} parts of cells are of no category; the rows are used for their other parts",
    ),
    "intake.done_legacy": (
        "{count} 行使用旧注册号，照常使用",
        "{count} rows have an old registration number; they are used",
    ),
    "intake.done_merged": (
        "并入 {where} 第 {row} 行；次数取大、等级取差、黑名单取有、检查日期取近",
        "merged with row {row} of {where}: the larger counts, worse grades, any flag and latest inspection count",
    ),
    "intake.done_kept_apart": (
        "暂按不同企业分别保留，请核实后修改登记表",
        "kept apart as different enterprises until the registry is mended",
    ),
    "intake.done_more": (
        "{code} 只列出 {listed} 条，另有 {rest} 条同类未列",
        "of {code} {listed} are listed; {rest} more are not",
    ),
    "intake.done_not_read": (
        "列“{header}”未读取，字段 {field} 为空",
        "the column “{header}” is not read; the field {field} stays empty",
    ),
    "intake.done_joined": (
        "字段 {field} 有多列，全部读取:{columns}",
        "several columns are read together as {field}: {columns}",
    ),
    "intake.done_first": (
        "字段 {field} 有多列，取最先有内容的:{columns}",
        "several columns are {field}; the first that is filled counts: {columns}",
    ),
    "intake.done_no_column": (
        "登记表中没有这一列，字段 {field} 为空",
        "no table has it; the field {field} stays empty",
    ),
}
