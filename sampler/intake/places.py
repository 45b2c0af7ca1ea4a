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
_AUTHORITY = r"^\p{Han}{2,3}省|市场监督管理局|市场监管局|工商行政管理局|工商局|行政审批局|市本级|本级|市级|市局"
_OTHER_CITY = r"\p{Han}{2}市\p{Han}+[区县]"
_DIVISION = r"^(\d{6})(?:\d{3}|\d{6})?(?:\.0+)?$"


class Districts:
    """The districts of a design, ready to be found in texts."""

    def __init__(self, design: Design) -> None:
        cities = {canonical_text(c) for c in (design.bureau.city, *(d.city for d in design.districts)) if c}
        self._own = cities | {f"{_stem(city)}市" for city in cities}
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
        if whole:
            division = forms.str.extract(_DIVISION).to_list()
            for i, form in enumerate(forms):
                bare = _BRACKETED.sub("", form)
                named = self._exact.get(form) or self._exact.get(division[i] or "") or self._exact.get(bare)
                if named:
                    keys[i] = self._one(named, cities[i], form)
            rest = [i for i, key in enumerate(keys) if key is None]
        if rest and self._pattern:
            for i, inside in zip(rest, self._held(forms.gather(rest)), strict=True):
                named = {key for form in inside for key in self._inside[form]}
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

    def _held(self, forms: pl.Series) -> Iterable[list[str]]:
        """The names inside each text, none where a name stands behind another city's."""
        own = sorted(self._own, key=lambda city: (-len(city), city))
        local = forms.str.replace_many(own, [""] * len(own))
        elsewhere = local.str.contains(rf"[^省市]市(?:{self._pattern})")
        inside = local.str.extract_all(self._pattern)
        return ([] if foreign else names for names, foreign in zip(inside.to_list(), elsewhere.to_list(), strict=True))

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
