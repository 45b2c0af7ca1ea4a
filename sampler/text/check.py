"""Texts about checking a registry."""

ENTRIES: dict[str, tuple[str, str]] = {
    "check.mapping_title": ("各列读作什么", "Columns, and what they were read as"),
    "check.field_column": ("字段", "field"),
    "check.header_column": ("表头", "header"),
    "check.place_column": ("位置", "place"),
    "check.values_column": ("有值", "values"),
    "check.examples_column": ("例", "examples"),
    "check.issues_title": ("发现的问题（每类的第一处）", "Findings (the first of each kind)"),
    "check.severity_column": ("级别", "severity"),
    "check.count_column": ("处", "places"),
    "check.found_column": ("原值", "found"),
    "check.expected_column": ("应为", "expected"),
    "check.done_column": ("处理", "done"),
    "check.error": ("错误", "error"),
    "check.warning": ("提醒", "warning"),
    "check.info": ("说明", "note"),
    "check.account": (
        "行数核对：{rows} 行 = {units} 个抽样单元 − 展开 {expanded} + 合并 {merged} + 未用 {left}",
        "account of rows: {rows} rows = {units} units − {expanded} expanded + {merged} merged + {left} left out",
    ),
    "check.excluded": ("未用的行：{listed}", "left out: {listed}"),
    "check.units_by": ("按{column}：{listed}", "units by {column}: {listed}"),
    "check.digests": (
        "摘要（可在摇号前公布）：抽样框 {frame}，方案 {design}",
        "digests (to publish before the seed is drawn): frame {frame}, design {design}",
    ),
    "check.issues": ("共：{listed}", "in all: {listed}"),
    "check.more": (
        "每类只列出第一处；用 --out issues.xlsx 或 --json 得到全部。",
        "only the first of each kind is shown; --out issues.xlsx or --json gives them all.",
    ),
    "check.bad_out": (
        "问题清单是 Excel 工作簿，--out 的文件名要以 .xlsx 结尾，实为“{found}”。",
        "the findings are written as an Excel workbook: --out needs a name ending in .xlsx, got “{found}”.",
    ),
    "check.written": ("问题清单已写入 {file}。", "the findings are in {file}."),
}
