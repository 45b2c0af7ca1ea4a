"""The registration status of a row: in scope, out of scope, or for a person to look at."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sampler.design import Status
from tests.intake.build import A, B, guangzhou, one, read, registry

# @Status


@pytest.mark.parametrize(
    "status",
    [
        "存续（在营、开业、在册）",
        "存续(在营、开业、在册)",
        "存续",
        "在业",
        "在营(开业)企业",
        "开业",
        "正常",
        "登记成立",
        "存续（2019年成立）",
        "Active",
        "/",
        None,
    ],
)
def test_in_scope(tmp_path: Path, status: str | None) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", status), more=("登记状态",)))
    assert frame.size == 1
    assert not frame.issues


@pytest.mark.parametrize(
    "status",
    [
        "注销",
        "吊销",
        "吊销未注销",
        "吊销，未注销",
        "撤销",
        "停业",
        "已注销",
        "注 销",
        "注销（2019年）",
        "正常（已注销）",
        "存续（吊销，未注销）",
        "存续/注销",
        "注销企业",
        "已注销企业",
        "吊销企业",
        "停业整顿",
        "停业中",
        "撤销登记",
        "被吊销",
        "吊销后注销",
        "吊销转注销",
        "个转企注销",
        "依法注销",
        "关闭",
        "已关闭",
        "倒闭",
        "吊销（未注销）",
        "停业（2019年停业）",
    ],
)
def test_out_of_scope(tmp_path: Path, status: str) -> None:
    frame = read(
        registry(
            tmp_path,
            ("甲", A, "天河区", "食品", status),
            ("乙", B, "天河区", "食品", "存续"),
            more=("登记状态",),
        )
    )
    assert dict(frame.excluded) == {"status": 1}
    assert (one(frame, "status-out").severity, one(frame, "status-out").found) == ("info", status)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("迁出", "status-ask"),
        ("筹建", "status-ask"),
        ("歇业", "status-ask"),
        ("未知状态", "status-unknown"),
        ("在业(已迁出)", "status-ask"),
        ("歇业备案", "status-ask"),
        ("未注销", "status-unknown"),
        ("正常(2023年停业整顿)", "status-ask"),
        ("正常，2023年停业整顿", "status-ask"),
        ("存续（停业整顿）", "status-ask"),
        ("存续（2024年注销）", "status-ask"),
        ("注销（误）", "status-ask"),
        ("注销（公告期）", "status-ask"),
        ("停业（已恢复营业）", "status-ask"),
        ("吊销（已撤销）", "status-ask"),
        ("注销后恢复", "status-unknown"),
        ("拟注销", "status-unknown"),
        ("暂时关闭", "status-unknown"),
    ],
)
def test_status_to_ask_about(tmp_path: Path, status: str, code: str) -> None:
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", status), more=("登记状态",)))
    assert frame.size == 1
    assert one(frame, code).severity == "warning"


def test_a_status_in_the_design_goes_before_what_its_word_means_elsewhere(tmp_path: Path) -> None:
    design = replace(guangzhou(), status=Status(in_scope=("存续",), out_of_scope=("停业",), ask=("关闭",)))
    frame = read(registry(tmp_path, ("甲", A, "天河区", "食品", "关闭"), more=("登记状态",)), design)
    assert one(frame, "status-ask").found == "关闭"


def test_without_a_list_no_status_is_out(tmp_path: Path) -> None:
    frame = read(
        registry(tmp_path, ("甲", A, "天河区", "食品", "注销"), more=("登记状态",)),
        replace(guangzhou(), status=Status()),
    )
    assert frame.size == 1
    assert not frame.issues
