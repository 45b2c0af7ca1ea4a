"""Why a row or unit is not in the draw."""

ENTRIES: dict[str, tuple[str, str]] = {
    "reasons.rest": ("六个月内已抽查", "checked within the rest period"),
    "reasons.cap": ("已到年度上门次数上限", "visited as often this year as [caps] allows"),
    "reasons.batches": ("超过每家企业的批次上限", "beyond the batches [caps] allows one enterprise"),
    "reasons.campaign": ("不在专项范围", "outside the campaign"),
    "reasons.status": ("登记状态不在范围", "status out of scope"),
    "reasons.district": ("区不明", "no known district"),
    "reasons.category": ("不属于任何类别", "no category"),
    "reasons.identity": ("无名称和有效代码", "neither name nor code"),
    "reasons.blank": ("空行", "blank row"),
    "reasons.header": ("重复的表头", "repeated header"),
    "reasons.group": ("分组行", "group row"),
    "reasons.total": ("合计行", "total row"),
    "reasons.note": ("表下说明", "note below the table"),
}
