"""Status: whether a registration status is in scope, out of it, to ask about, or unknown."""

from __future__ import annotations

import re

import polars as pl

from sampler.design import Status
from sampler.intake.values import canonical_text, through_distinct

IN_SCOPE, UNKNOWN, ASK, OUT = range(4)
"""What a status says; of several parts of one, the later of these."""

_AROUND = re.compile(
    r"^[\d年月日.-]*(?:已|被|因?个转企|依法|强制|主动|自行|自愿)*|(?:企业|登记|状态|备案|整顿|中)?[\d年月日.-]*$"
)
"""What may stand around a status: 已注销企业 is 注销, and a business closed for rectification (停业整顿) is closed."""

_NOW = re.compile(r"^[已被]*|(?:企业|登记|状态)?$")
"""What around a status leaves it what it is now."""

_THEN = re.compile(r"->|[后转并且再又→]")
"""What joins the steps of a status: 吊销后注销."""

_DOUBTED = re.compile(r"[误错疑待拟?？]|申请|公[告示]|恢复|复[业工产]|重新|更正|取消|撤销|未[办完结核]|核实")
"""What in a remark makes a status out of scope one to ask about: 注销（误）, 停业（已恢复）."""

_SAME = {
    "active": "存续", "cancelled": "注销", "deregistered": "注销", "revoked": "吊销", "closed": "停业",
    "关闭": "停业", "关停": "停业", "倒闭": "停业", "结业": "停业",
}  # fmt: skip
"""Words that mean another, where the design does not say otherwise."""


def status_kinds(status: pl.Series, lists: Status) -> pl.Series:
    """What each status says (UInt8): `IN_SCOPE`, `UNKNOWN`, `ASK` or `OUT`. No status, or no lists, is in scope."""
    if not (lists.in_scope or lists.out_of_scope or lists.ask):
        return pl.Series([IN_SCOPE], dtype=pl.UInt8).new_from_index(0, len(status))
    kinds = {
        _form(term): kind
        for kind, terms in ((OUT, lists.out_of_scope), (ASK, lists.ask), (IN_SCOPE, lists.in_scope))
        for term in terms
    }
    kinds = {same: kinds[word] for same, word in _SAME.items() if word in kinds} | kinds

    def of_part(part: str) -> int:
        bare = _AROUND.sub("", part)
        if bare in kinds:
            return kinds[bare]
        steps = {kinds.get(_AROUND.sub("", step)) for step in _THEN.split(bare)}
        return OUT if steps == {OUT} else UNKNOWN

    def kind(text: str) -> int:
        form = _form(text)
        if form in kinds:
            return kinds[form]
        head, *remarks = [part for part in re.split(r"[(),/]+", form) if part] or [""]
        said = of_part(head)
        if said == OUT:
            doubted = any(_DOUBTED.search(remark.replace(head, "")) for remark in remarks)
            return ASK if doubted else OUT
        beside = {remark: of_part(remark) for remark in remarks}
        if said == IN_SCOPE:
            # Beside a status in scope one that says when, or for how long, is a remark: ask.
            beside |= {r: ASK for r, k in beside.items() if k == OUT and _NOW.sub("", r) not in kinds}
        return max((k for k in (said, *beside.values()) if k != UNKNOWN), default=UNKNOWN)

    def clean(texts: pl.Series) -> pl.Series:
        return pl.Series([kind(text) for text in texts], dtype=pl.UInt8)

    return through_distinct(status, clean).fill_null(IN_SCOPE)


def _form(text: str) -> str:
    form = canonical_text(text)
    for mark in "、，;；":
        form = form.replace(mark, ",")
    return form
