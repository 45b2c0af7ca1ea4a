"""Texts about plan folders."""

ENTRIES: dict[str, tuple[str, str]] = {
    "archive.exists": (
        "{folder} 已经存在，不会覆盖；请用 --out 换一个文件夹，或用 --force --why 原因 重做。",
        "{folder} exists and is not overwritten; choose another folder with --out, or replace it with --force --why TEXT.",
    ),
    "archive.results_have_come_back": (
        "{folder} 的 returned/ 里已有回收的结果，计划不能再重做；请用 --out 换一个文件夹。",
        "results have come back to {folder}/returned, so this plan can no longer be replaced; choose another folder with --out.",
    ),
    "archive.not_a_plan": (
        "{folder} 不是计划文件夹（没有 plan.json），不会替换；请用 --out 换一个文件夹。",
        "{folder} is not a plan folder (it has no plan.json) and is not replaced; choose another folder with --out.",
    ),
    "archive.cannot_write": (
        "无法写入 {folder}：{reason}。没有留下写了一半的文件；{remedy}。",
        "cannot write {folder}: {reason}. Nothing half-written is left; {remedy}.",
    ),
    "archive.locked": (
        "另一个 sampler 正在 {folder} 里工作；请等它完成后再试。",
        "another sampler is at work in {folder}; try again when it is done.",
    ),
    "archive.no_plan": (
        "{folder} 里没有计划（找不到 plan.json）；请给出“sampler plan”生成的文件夹。",
        "there is no plan in {folder} (no plan.json); give a folder made by “sampler plan”.",
    ),
    "archive.missing_part": (
        "计划文件夹不完整：缺少 {file}；请从备份恢复。",
        "the plan folder is incomplete: {file} is missing; restore it from a backup.",
    ),
    "archive.broken_part": (
        "计划文件夹里的 {file} 读不出来（{reason}）；请从备份恢复。",
        "{file} in the plan folder cannot be read ({reason}); restore it from a backup.",
    ),
    "archive.other_version": (
        "{folder} 由另一版本的 sampler 生成（格式 {found}，本版本只认 {known}）；请升级 sampler。",
        "{folder} was made by another version of sampler (format {found}, this one reads {known}); upgrade sampler.",
    ),
    "archive.not_a_folder": (
        "{file} 是一个文件，不是计划文件夹；请给出“sampler plan”生成的文件夹。",
        "{file} is a file, not a plan folder; give a folder made by “sampler plan”.",
    ),
    "archive.wrong_keys": (
        "{file} 被改动或损坏：{keys} 缺失，或不是应有的值；请从备份恢复。",
        "{file} was changed or damaged: {keys} missing or not what it must be; restore it from a backup.",
    ),
    "archive.not_json": ("内容不是 JSON", "it is not JSON"),
    "archive.not_text": ("内容不是 UTF-8 文本", "it is not text in UTF-8"),
    "archive.not_workbook": ("内容不是 Excel 工作簿", "it is not an Excel workbook"),
    "archive.not_workbook_but": (
        "内容不是完好的 Excel 工作簿；程序的技术细节：{reason}",
        "it is no sound Excel workbook; technical detail of the program: {reason}",
    ),
    "archive.not_parquet": ("内容不是 Parquet 表", "it is not a Parquet table"),
    "archive.not_csv": ("内容不是应有的表格", "it is not the table it should be"),
    "archive.wrong_key": ("{key} 缺失，或不是应有的值", "{key} is missing or not what it must be"),
    "archive.wrong_columns": (
        "{columns} 列缺失，或类型不对",
        "columns missing or of a wrong type: {columns}",
    ),
}
