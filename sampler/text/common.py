"""Texts that several commands share."""

ENTRIES: dict[str, tuple[str, str]] = {
    "common.bad_period": (
        "“{found}” 不是季度;请写成 2026Q4 的形式。",
        "not a quarter: {found!r}; write it as 2026Q4.",
    ),
}
