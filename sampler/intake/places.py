"""Districts: which of the design's districts a cell names, by name, former name, code, or as part of a longer text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

import polars as pl

from sampler.design import Design, District
from sampler.intake.terms import SEPARATORS
from sampler.intake.values import canonical, canonical_text, through_distinct

_UNIT = re.compile(r"[区县市旗]$")
_BRACKETED = re.compile(r"\([^()]*\)")
_SHEET = re.compile(
    r"^\d{1,3}[-._、]*(?=\D)"
    r"|(?:市场监督管理|市场监管|市监|监管)?(?:分局|局|所)$"
    r"|(?:企业)?(?:名录|名单|登记表)$|企业$"
)
"""What stands around a district in the name of its sheet: a number before it, the office or the list behind it."""
_AUTHORITY = (
    r"^国家(?:市场监督管理|工商行政管理)总局$|^\p{Han}{2,3}省|市场监督管理局|市场监管局|工商行政管理局|工商局|行政审批局"
    r"|市本级|本级|市级|市局"
)
_STATION = re.compile(r"(?<=局)[^局]{1,14}所$")
_BUREAU = re.compile(
    r"(?:市场(?:监督管理|监管|和质量监督管理|和质量监管)|市监|工商(?:行政管理)?|行政审批|质量技术监督|食品药品监督管理)局?"
    r"|(?:分局|局)$"
)
"""The parts of an authority's name that say what it does; what is left says where."""
_ZONE = re.compile(r"(?:国家级)?(?:经济技术|高新技术(?:产业)?|经济)?开发区$|新区$")
_LEFT = re.compile(r"[迁搬]|移[至到往]|变更|现[址在为]|原|交[界汇]")
"""What behind the first of two districts says that an address is there no longer, or in both."""
_JOINT = r"[与和及跟同、,/或至~—-]*"
_OTHER_CITY = r"\p{Han}{2}市\p{Han}+[区县]"
_BEGINS_ELSEWHERE = r"^(?:中国)?(?:\p{Han}{2,3}省)?[^省市]{2,3}市[^场]\p{Han}{1,3}[区县]"
_DIVISION = r"^(\d{6})(?:\d{3}|\d{6})?(?:\.0+)?$"


class Districts:
    """The districts of a design, ready to be found in texts."""

    def __init__(self, design: Design) -> None:
        cities = {canonical_text(c) for c in (design.bureau.city, *(d.city for d in design.districts)) if c}
        self._own = cities | {f"{_stem(city)}市" for city in cities}
        spelt = sorted(self._own | {_stem(city) for city in cities}, key=lambda city: (-len(city), city))
        own = "|".join(map(re.escape, spelt)) or "(?!)"
        self._city_first = re.compile(rf"^(?:中国)?(?:\w{{2,3}}省|\w{{2,6}}自治区|\w{{2,3}}?(?={own}))?(?:{own})?")
        self._exact: dict[str, set[str]] = {}
        self._inside: dict[str, set[str]] = {}
        self._city_of = {d.key: _stem(canonical_text(d.city)) for d in design.districts if d.city}
        for district in design.districts:
            for name in _names(district):
                form = canonical_text(name)
                self._exact.setdefault(form, set()).add(district.key)
                if _UNIT.search(form) and len(form) >= 3 and not form.isdigit():
                    self._exact.setdefault(form[:-1], set()).add(district.key)
                if _stands_alone(form):
                    self._inside.setdefault(form, set()).add(district.key)
        longest_first = sorted(self._inside, key=lambda form: (-len(form), form))
        self._pattern = "|".join(map(re.escape, longest_first))

    def find(self, texts: pl.Series, cities: pl.Series, *, whole: bool) -> pl.Series:
        """The district that each text names, null where it names none or several.

        Args:
            texts: n texts.
            cities: n names of cities, null where not known; they decide between districts of equal name.
            whole: whether the text is the name of a place (a short name or a code will do), or only holds one.
        """
        if cities.null_count() == len(cities):
            return through_distinct(texts, lambda distinct: self._named(distinct, [None] * len(distinct), whole=whole))
        asked = pl.DataFrame([texts.alias("text"), cities.alias("city")])
        distinct = asked.unique().filter(pl.col("text").is_not_null())
        keys = self._named(distinct["text"], distinct["city"].to_list(), whole=whole)
        # Nulls do not join; a city that is not known is "".
        return asked.with_columns(pl.col("city").fill_null("")).join(
            distinct.with_columns(pl.col("city").fill_null(""), keys.alias("key")),
            on=["text", "city"],
            how="left",
            maintain_order="left",
        )["key"]

    def _named(self, texts: pl.Series, cities: Sequence[str | None], *, whole: bool) -> pl.Series:
        """`find` for texts of which none is null, one by one."""
        forms = canonical(texts)
        keys: list[str | None] = [None] * len(forms)
        rest = list(range(len(forms)))
        offices = forms.str.contains("局").to_list()
        if whole:
            division = forms.str.extract(_DIVISION).to_list()
            for i, form in enumerate(forms):
                bare = _BRACKETED.sub("", form)
                named = self._exact.get(form) or self._exact.get(division[i] or "") or self._exact.get(bare)
                if named:
                    keys[i] = self._one(named, cities[i], form)
            rest = [i for i, key in enumerate(keys) if key is None]
        if rest and self._pattern:
            for i, inside in zip(rest, self._held(forms.gather(rest), whole=whole), strict=True):
                named = {key for form in inside for key in self._inside[form]}
                if not inside and offices[i]:
                    named = self._of_office(forms[i])
                keys[i] = self._one(named, cities[i], forms[i])
        return pl.Series("key", keys, dtype=pl.String)

    def of_sheets(self, sheets: Sequence[tuple[str | None, str]]) -> pl.Series:
        """The district that each sheet is about, by its own name, then by that and the file's, then by the file's alone.

        Args:
            sheets: the sheet's name, None where the format has none, and the file's.
        """
        stems = [PurePath(file).stem for _, file in sheets]
        names = [sheet or "" for sheet, _ in sheets]
        no_city = pl.Series([None] * len(sheets), dtype=pl.String)

        def named(texts: Sequence[str], *, whole: bool) -> pl.Series:
            return self.find(pl.Series(texts, dtype=pl.String), no_city, whole=whole)

        both = [f"{name} {stem}" for name, stem in zip(names, stems, strict=True)]
        found = named([_around_removed(name) for name in names], whole=True)
        found = found.fill_null(named(both, whole=False))
        return found.fill_null(named([_around_removed(stem) for stem in stems], whole=True))

    def whole_city(self, texts: pl.Series) -> pl.Series:
        """Whether a text names no more than the bureau's own city or its authority (广州市市场监督管理局)."""
        own = sorted(self._own, key=lambda city: (-len(city), city))

        def only_city(distinct: pl.Series) -> pl.Series:
            rest = canonical(distinct).str.replace_many(own, [""] * len(own))
            return rest.str.replace_all(_AUTHORITY, "") == ""

        return through_distinct(texts, only_city).fill_null(False)

    def of_other_city(self, text: str) -> bool:
        """Whether a text names a district of a city that is none of the design's (佛山市南海区)."""
        rest = canonical_text(text)
        for city in self._own:
            rest = rest.replace(city, "")
        return bool(pl.Series([rest]).str.contains(_OTHER_CITY).item())

    def several(self, text: str) -> bool:
        """Whether a text lists several districts (天河、越秀)."""
        parts = [canonical_text(part) for part in re.split(SEPARATORS, text)]
        return len({key for part in parts for key in self._exact.get(part, ())}) > 1 and len(parts) > 1

    def _of_office(self, form: str) -> set[str]:
        """The districts after which an authority is named (白云分局, 广州市工商行政管理局白云分局, 南沙开发区行政审批局)."""
        place = _BUREAU.sub("", _STATION.sub("", _BRACKETED.sub("", form)))
        if place == form:
            return set()
        local = self._city_first.sub("", place)
        names = (place, local, _ZONE.sub("", local))
        return next((named for name in names if (named := self._exact.get(name))), set())

    def _held(self, forms: pl.Series, *, whole: bool) -> Iterable[list[str]]:
        """The names inside each text, none where a name stands behind another city's.

        An address is in the district that it begins with, whatever stands behind it (天河区…路1号华润超市天河区店).
        """
        own = sorted(self._own, key=lambda city: (-len(city), city))
        local = forms.str.replace_many(own, [""] * len(own))
        elsewhere = local.str.contains(rf"[^省市]市(?:{self._pattern})")
        begins = local.str.contains(_BEGINS_ELSEWHERE)
        if begins.any():
            elsewhere |= begins & ~local.str.contains(rf"^(?:{self._pattern})")
        inside = local.str.extract_all(self._pattern).to_list()
        for form, names, foreign in zip(forms, inside, elsewhere.to_list(), strict=True):
            if whole or not names or not (foreign or self._differ(names)):
                yield [] if foreign else names
            else:
                yield self._first(form)

    def _differ(self, names: Sequence[str]) -> bool:
        """Whether several names are not all of the same districts."""
        return len(names) > 1 and any(self._inside[name] != self._inside[names[0]] for name in names)

    def _first(self, form: str) -> list[str]:
        """The name that an address begins with, and the one joined to it if there is one; none where one is left behind."""
        local = self._city_first.sub("", form)
        first = re.match(self._pattern, local)
        if first is None or _LEFT.search(local, first.end()):
            return []
        second = re.match(rf"{_JOINT}({self._pattern})", local[first.end() :])
        return [first[0], second[1]] if second else [first[0]]

    def _one(self, named: set[str], city: str | None, form: str) -> str | None:
        """The only district of ``named``, or the only one whose city is named in ``city`` or ``form``."""
        if len(named) > 1 and self._city_of:
            where = canonical_text(city) if city else form
            named = {key for key in named if (stem := self._city_of.get(key, "")) and stem in where}
        return next(iter(named)) if len(named) == 1 else None

    def shared(self, text: str) -> bool:
        """Whether a text is the name of several districts."""
        return len(self._exact.get(canonical_text(text), ())) > 1

    def elsewhere(self, cities: pl.Series, design: Design) -> pl.Series:
        """Whether a text names a city that is neither the bureau's nor one of a district's."""
        own = [_stem(canonical_text(c)) for c in (design.bureau.city, design.bureau.city_en)]
        known = [c for c in [*own, *self._city_of.values()] if c]
        return ~canonical(cities).str.contains_any(known).fill_null(True)


def _around_removed(name: str) -> str:
    """A sheet's name without brackets and what stands around a district."""
    return _SHEET.sub("", _BRACKETED.sub("", canonical_text(name)))


def _names(district: District) -> Sequence[str]:
    return (district.key, district.name, district.name_en, *district.aliases)


def _stem(city: str) -> str:
    return city[:-1] if city.endswith("市") and len(city) > 2 else city


def _stands_alone(form: str) -> bool:
    """Whether a name cannot be taken for part of a street's: 天河区 is a district wherever it stands, 天河 is not."""
    return (bool(_UNIT.search(form)) and len(form) >= 3) or (len(form) >= 4 and not form[0].isdigit())


def by_city(districts: pl.Series, cities: pl.Series) -> pl.Series:
    """District names as they are, with the city before those that occur under more than one city."""
    table = pl.DataFrame([districts.alias("district"), cities.alias("city")])
    shared = table.drop_nulls().unique().group_by("district").len().filter(pl.col("len") > 1).get_column("district")
    if not len(shared):
        return districts
    # Where the district already begins with the city's name, it needs no second one.
    prefixed = pl.concat_str(pl.col("city").fill_null(""), "district")
    many = pl.col("district").is_in(shared.to_list())
    return table.select(pl.when(many).then(prefixed).otherwise("district").alias(districts.name)).to_series()
