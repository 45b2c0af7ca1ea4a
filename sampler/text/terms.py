"""Terms: the words that tables, workbooks and reports share."""

ENTRIES: dict[str, tuple[str, str]] = {
    "terms.district": ("区", "district"),
    "terms.category": ("类别", "category"),
    "terms.city_total": ("全市", "city"),
    "terms.units": ("单元", "units"),
    "terms.tasks": ("任务", "tasks"),
}
