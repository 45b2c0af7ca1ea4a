"""Texts about reading files."""

ENTRIES: dict[str, tuple[str, str]] = {
    # errors that end the reading
    "reading.no-files": (
        "{paths} 中没有可读的文件；支持 .xlsx .xlsm .xlsb .xls .ods .csv .tsv .txt .parquet。",
        "no readable file in {paths}; known are .xlsx .xlsm .xlsb .xls .ods .csv .tsv .txt .parquet.",
    ),
    "reading.no-such-file": (
        "找不到文件 {file}；请检查路径和文件名。",
        "there is no file {file}; check its path and name.",
    ),
    "reading.unreadable": (
        "无法打开文件 {file}：{reason}；请确认文件未被其他程序占用且有读取权限。",
        "cannot open {file}: {reason}; make sure that no other program holds it and that you may read it.",
    ),
    "reading.empty-file": ("文件 {file} 是空的；请重新导出或重新传送。", "{file} is empty; export or send it again."),
    "reading.not-a-table": (
        "文件 {file} 是{kind}，其中没有能读取的表格；{remedy}。",
        "{file} is {kind} and holds no table that can be read; {remedy}.",
    ),
    "reading.kind_document": ("文档（{name}）", "a document ({name})"),
    "reading.kind_picture": ("图片（{name}）", "a picture ({name})"),
    "reading.kind_packed": ("压缩包（{name}）", "an archive ({name})"),
    "reading.kind_page": ("网页（{name}）", "a web page ({name})"),
    "reading.kind_book": ("旧式 XML 表格（{name}）", "a workbook in an old form of XML ({name})"),
    "reading.kind_office": ("旧版 Office 文件（{name}）", "an old Office file ({name})"),
    "reading.remedy_save": ("请用 Excel 或 WPS 打开后另存为 .xlsx", "open it in Excel or WPS and save it as .xlsx"),
    "reading.remedy_unpack": ("请先解压，再给出其中的表格文件", "unpack it and give the table that is in it"),
    "reading.remedy_table": ("请给出表格原件，如 .xlsx 或 .csv", "give the table itself, such as .xlsx or .csv"),
    "reading.damaged": (
        "文件 {file} 已损坏或不完整，无法读取（{reason}）；请重新导出或重新传送。",
        "{file} is damaged or incomplete and cannot be read ({reason}); export or send it again.",
    ),
    "reading.damage_zip": (
        "压缩包不完整，可能没有传完",
        "its zip package is incomplete; perhaps it was not sent whole",
    ),
    "reading.damage_cut": ("文件没有结尾，后面的部分丢失", "its end is missing"),
    "reading.damage_structure": ("内部结构前后矛盾", "its structure contradicts itself"),
    "reading.damage_part": ("其中的 {part} 已损坏", "its part {part} is damaged"),
    "reading.damage_missing": ("其中缺少 {part}", "its part {part} is missing"),
    "reading.damage_xml": ("其中的 {part} 不是完好的 XML", "its part {part} is not sound XML"),
    "reading.damage_utf16": (
        "其中的 {part} 是 UTF-16 编码，Excel 和 WPS 不这样保存",
        "its part {part} is in UTF-16, as no spreadsheet program saves it",
    ),
    "reading.damage_encrypted": ("{part:?其中的 * }已加密", "{part:?its part * }is encrypted"),
    "reading.damage_packing": (
        "{part:?其中的 * }用了不支持的压缩方式",
        "{part:?its part * }is packed in a way that is not supported",
    ),
    "reading.damage_told": ("程序的技术细节：{words}", "technical detail of the program: {words}"),
    "reading.too_slow": (
        "读取文件 {file} 用时超过 {seconds} 秒，试了 {tries} 次都没有读完；请在机器不忙时再试，或另存为 .xlsx。",
        "reading {file} took longer than {seconds} seconds, {tries} times; try again when the machine is less busy, or save the file as .xlsx.",
    ),
    "reading.password": (
        "文件 {file} 有打开密码；请在 Excel 或 WPS 中取消密码后另存。",
        "{file} is protected by a password; remove the password in Excel or WPS and save it again.",
    ),
    "reading.binary": (
        "文件 {file} 不是表格也不是文本（含空字节）；请核对是否给错了文件。",
        "{file} is neither a workbook nor a text (it holds NUL bytes); is it the right file?",
    ),
    "reading.encoding": (
        "文件 {file} 的文字编码无法识别（已尝试 {tried}）；请另存为 UTF-8。",
        "the characters of {file} are in no known encoding (tried {tried}); save it as UTF-8.",
    ),
    "reading.zip-bomb": (
        "文件 {file} 解压后超过 {limit} 字节，拒绝读取；请核对来源，或把表格复制到新工作簿再试。",
        "{file} unpacks to more than {limit} bytes and is refused; ask where it comes from, or copy the table to a new workbook.",
    ),
    "reading.xml-entities": (
        "文件 {file} 的 {part} 含 DTD 或外部实体，可能有恶意，拒绝读取；请向提供者要一份重新导出的文件。",
        "{part} of {file} has a DTD or external entities; it may be malicious and is refused. Ask for a file that is exported anew.",
    ),
    "reading.too-many-columns": (
        "文件 {file} {sheet:?的工作表“*”}占用 {columns} 列以上，超过上限 {limit} 列；请删除表格右侧的空白列后另存。",
        "{file}{sheet:?, sheet “*”} uses {columns} columns or more; the limit is {limit}. Delete the columns right of the table.",
    ),
    "reading.too-many-rows": (
        "文件 {file} {sheet:?的工作表“*”}占用 {rows} 行，超过上限 {limit} 行；请拆成几个文件。",
        "{file}{sheet:?, sheet “*”} uses {rows} rows; the limit is {limit}. Part it into several files.",
    ),
    "reading.too-many-cells": (
        "文件 {file} {sheet:?的工作表“*”}声称有 {rows} 行 × {columns} 列，而内容很少；请复制有内容的区域到新工作簿。",
        "{file}{sheet:?, sheet “*”} claims {rows} rows × {columns} columns with little in them; copy the filled area to a new"
        " workbook.",
    ),
    "reading.too-many-sheets": (
        "文件 {file} 有 {sheets} 个工作表，超过上限 {limit} 个；请拆成几个文件。",
        "{file} has {sheets} sheets; the limit is {limit}. Part it into several files.",
    ),
    "reading.cell-too-long": (
        "文件 {file} {sheet:?的工作表“*”}有单元格超过 {limit} 个字符，超出 Excel 单元格上限；可能是引号未闭合或文件损坏，"
        "请打开核对后另存。",
        "{file}{sheet:?, sheet “*”} has a cell of more than {limit} characters, which no Excel cell can hold; a quote may be"
        " unclosed, or the file damaged: open it, look, and save it again.",
    ),
    "reading.no-sheet": (
        "没有名为“{sheet}”的工作表{sheets:?；现有工作表：*}。请改正 --sheet；没有工作表的文件（如 csv）不写 --sheet。",
        "there is no sheet “{sheet}”{sheets:?; the sheets are: *}. Correct --sheet, and leave it out for files without sheets"
        " (such as csv).",
    ),
    "reading.no-header": (
        "前 {rows} 行中没有找到可识别的表头。看到的是：{headers}。请检查列名，或在配置的 [columns] 中指定。",
        "no known header in the first {rows} rows. Seen were: {headers}. Check the column names, or name them in [columns] of"
        " the configuration.",
    ),
    "reading.uncalculated": (
        "文件 {file} {sheet:?的工作表“*”}中，“{column}”列有 {count} 个公式没有保存结果（首个在第 {row} 行）；"
        "请用 Excel 或 WPS 打开、保存后再读取，或粘贴为数值。",
        "column “{column}” of {file}{sheet:?, sheet “*”}, has {count} {count:|formula|formulas} without a stored result (the first in row"
        " {row}); open and save it in Excel or WPS, or paste the column as values.",
    ),
    "reading.external-link": (
        "文件 {file} {sheet:?的工作表“*”}中，“{column}”列有 {count} 个单元格的值取自其他工作簿（首个在第 {row} 行）；"
        "请粘贴为数值后再读取。",
        "column “{column}” of {file}{sheet:?, sheet “*”}, takes {count} {count:|value|values} from another workbook (the first in row {row});"
        " paste the column as values.",
    ),
    # what was expected
    "reading.nothing": ("—", "—"),
    "reading.known-header": ("含已知列名的表头", "a header with known column names"),
    "reading.a-value": ("一个值", "a value"),
    # what was done
    "reading.read-as-empty": ("错误值按空白读取", "the error was read as empty"),
    "reading.more-error-cells": (
        "共有 {count} 个错误值单元格，只列出前 {shown} 个，均按空白读取",
        "{count} cells hold errors, the first {shown} are listed; all were read as empty",
    ),
    "reading.uncalculated-note": (
        "该列有 {count} 个公式没有保存结果，按空白读取",
        "{count} {count:|formula|formulas} of this column {count:|has no stored result and was|have no stored result and were} read as empty",
    ),
    "reading.external-link-note": (
        "该列有 {count} 个单元格引用其他工作簿，已读取文件中保存的结果，可能过时",
        "{count} {count:|cell|cells} of this column {count:|refers|refer} to another workbook; what is stored there was read and may be out of date",
    ),
    "reading.sheet-left-out": ("该工作表未读取", "the sheet was left out"),
    "reading.plan-folder": (
        "计划文件夹，其中的文件不是登记表，已跳过",
        "a plan folder: nothing in it is a registry, left out",
    ),
    "reading.own-file": (
        "sampler 生成的工作簿，不是登记表，已跳过",
        "a workbook made by sampler, not a registry, left out",
    ),
    "reading.other-purpose": (
        "命令里另有用途，不作登记表读取",
        "named for another purpose, not read as registry",
    ),
    "reading.out_is_input": (
        "{file} 是输入文件，不会覆盖；请把结果写到另一个文件。",
        "{file} is an input and is not overwritten; write to another file.",
    ),
    "reading.out_is_plan": (
        "{file} 是计划文件夹 {folder} 的一部分，不会覆盖；请把结果写到另一个文件。",
        "{file} is a part of the plan folder {folder} and is not overwritten; write to another file.",
    ),
    "reading.files_read": ("作为登记表读取的文件 {count} 个：{listed}", "files read as registry ({count}): {listed}"),
    "reading.unreadable-folder": (
        "该文件夹或链接打不开{reason:?（*）}，其中的文件未读取；请检查它指向哪里、有没有权限",
        "the folder or link cannot be opened{reason:? (*)} and nothing in it was read; check where it leads and who may read it",
    ),
    "reading.lock-file": ("Office 的临时锁文件，已跳过", "a lock file of Office, left out"),
    "reading.stray-quotes": (
        "文件中的引号不成对，引号已按普通字符读取，请核对",
        "the file's quotes do not pair; they were read as characters, please check",
    ),
    "reading.hidden-sheet": ("工作表是隐藏的，已照常读取", "the sheet is hidden; it was read all the same"),
    "reading.hidden-rows": (
        "有 {count} 行是隐藏的，已照常读取",
        "hidden rows: {count}; they were read all the same",
    ),
    "reading.hidden-column": ("该列是隐藏的，已照常读取", "the column is hidden; it was read all the same"),
    "reading.filter": (
        "工作表设有筛选，未显示的行也已读取",
        "a filter is set; the rows it hides were read too",
    ),
    "reading.two-rows": (
        "表头占两行，第二行已并入列名",
        "the header has two rows; the second was joined to the names",
    ),
    "reading.merged": ("合并单元格的值已填入其覆盖的各行", "values of merged cells were carried down"),
    "reading.skipped-blank": ("跳过空行 {count} 行", "blank rows skipped: {count}"),
    "reading.skipped-header": ("跳过重复的表头 {count} 行", "repeated header rows skipped: {count}"),
    "reading.skipped-group": ("跳过分组行 {count} 行", "group rows skipped: {count}"),
    "reading.skipped-total": ("跳过合计行 {count} 行", "total rows skipped: {count}"),
    "reading.skipped-note": ("跳过表后说明 {count} 行", "notes below the table skipped: {count}"),
}
