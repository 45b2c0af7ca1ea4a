"""Why a row or unit is not in the draw."""

ENTRIES: dict[str, tuple[str, str]] = {
    "reasons.rest": ("六个月内已抽查", "checked within the rest period"),
    "reasons.campaign": ("不在专项范围", "outside the campaign"),
}
