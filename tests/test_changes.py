"""Changes of a registry between two quarters."""

from __future__ import annotations

import polars as pl

from sampler.changes import registry_changes


def frame(*units: tuple[str, str, str, str, str]) -> pl.DataFrame:
    """Units from (enterprise, class, name, district, address); an enterprise called name=… has no code."""
    rows = [
        {
            "unit_id": f"{e}|{c}",
            "enterprise": e,
            "code": None if e.startswith("name=") else e,
            "name": n,
            "district": d,
            "address": a,
        }
        for e, c, n, d, a in units
    ]
    schema = ("unit_id", "enterprise", "code", "name", "district", "address")
    return pl.DataFrame(rows, schema=dict.fromkeys(schema, pl.String))


SAME = ("914403001922038216", "food", "甲公司", "440104", "一路1号")


def test_nothing_changed() -> None:
    found = registry_changes(frame(SAME), frame(SAME))
    assert found.table.is_empty()
    assert not found.ids
    assert registry_changes(frame(), frame()).counts() == dict.fromkeys(found.counts(), 0)


def test_every_kind_of_change() -> None:
    before = frame(
        SAME,
        ("440100000000001", "food", "老店(广州)", "440104", "二路"),
        ("91330100799655058B", "food", "乙公司", "440104", "三路"),
        ("91110108551385082Q", "food", "丙公司", "440104", "四路"),
        ("91110000710926094P", "food", "丁公司", "440104", "五路"),
        ("9152000071430580XT", "food", "戊公司", "440104", "六路"),
    )
    now = frame(
        SAME,
        ("92340602MA2PBMEM24", "food", "老店（广州）", "440104", "二路"),
        ("91330100799655058B", "food", "乙集团公司", "440104", "三路"),
        ("91110108551385082Q", "food", "丙公司", "440105", "四路"),
        ("91110000710926094P", "food", "丁公司", "440104", "五路"),
        ("91110000710926094P", "toys", "丁公司", "440104", "五路"),
        ("91310000741627329A", "food", "己公司", "440104", "七路"),
        ("91310000741627329A", "toys", "己公司", "440104", "七路"),
    )
    found = registry_changes(before, now)
    assert found.counts() == {"new": 2, "gone": 1, "id": 1, "renamed": 1, "moved": 1, "reclassified": 1}
    assert found.ids == {"440100000000001": "92340602MA2PBMEM24"}
    assert found.table.filter(pl.col("kind") != "new").rows() == [
        ("gone", "9152000071430580XT", "戊公司", "food", ""),
        ("id", "92340602MA2PBMEM24", "老店（广州）", "440100000000001", "92340602MA2PBMEM24"),
        ("renamed", "91330100799655058B", "乙集团公司", "乙公司", "乙集团公司"),
        ("moved", "91110108551385082Q", "丙公司", "440104 四路", "440105 四路"),
        ("reclassified", "91110000710926094P", "丁公司", "food", "food, toys"),
    ]
    assert found.table.filter(pl.col("kind") == "new")["is"].to_list() == ["food", "toys"]


def test_an_organisation_code_outlives_name_and_district() -> None:
    before = frame(("192203821", "food", "旧名", "440104", "a"))
    now = frame(("914403001922038216", "food", "新名", "440105", "b"))
    found = registry_changes(before, now)
    assert found.ids == {"192203821": "914403001922038216"}
    assert found.counts()["renamed"] == found.counts()["moved"] == 1


def test_a_code_that_was_filled_in_is_matched_by_name_and_district() -> None:
    before = frame(("name=甲店@440104", "food", "甲店", "440104", "a"))
    now = frame(("92340602MA2PBMEM24", "food", "甲 店", "440104", "a"))
    assert registry_changes(before, now).ids == {"name=甲店@440104": "92340602MA2PBMEM24"}


def test_what_is_ambiguous_is_not_matched() -> None:
    before = frame(("440100000000001", "food", "甲店", "440104", "a"))
    now = frame(
        ("92340602MA2PBMEM24", "food", "甲店", "440104", "a"),
        ("92340602MA2PBMEM25", "food", "甲店", "440104", "b"),
    )
    found = registry_changes(before, now)
    assert not found.ids
    assert (found.counts()["new"], found.counts()["gone"]) == (2, 1)
    elsewhere = frame(("92340602MA2PBMEM24", "food", "甲店", "440105", "a"))
    assert not registry_changes(before, elsewhere).ids
