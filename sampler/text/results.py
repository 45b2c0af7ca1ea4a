"""Texts about what came back from the field: vocabularies first, then findings."""

ENTRIES: dict[str, tuple[str, str]] = {
    "results.status_sampled": ("已抽样", "sampled"),
    "results.status_unsampled": ("未抽样", "not sampled"),
    "results.verdict_pass": ("合格", "pass"),
    "results.verdict_fail": ("不合格", "fail"),
    "results.reason_closed": ("停业", "closed down"),
    "results.reason_no_longer_makes": ("转产", "no longer makes it"),
    "results.reason_moved": ("搬迁无法联系", "moved or not found"),
    "results.reason_no_stock": ("无待销产品", "no stock for sale"),
    "results.reason_insufficient_stock": ("抽样基数不足", "stock below the minimum"),
    "results.reason_export_only": ("仅出口", "export only"),
    "results.reason_within_six_months": ("六个月内已抽查", "checked within six months"),
    "results.reason_refused": ("拒检", "refused"),
    "results.reason_other": ("其他", "other"),
}
