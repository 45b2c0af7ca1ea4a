"""Districts: which of the design's districts a cell names, by name, former name, code, or as part of a longer text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import polars as pl

from sampler.design import Design, District
from sampler.intake.values import canonical, canonical_text

_UNIT = re.compile(r"[区县市旗]$")
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
        distinct = pl.DataFrame([texts.alias("text"), cities.alias("city")]).unique()
        distinct = distinct.filter(pl.col("text").is_not_null())
        forms = canonical(distinct["text"])
        keys: list[str | None] = [None] * len(forms)
        rest = list(range(len(forms)))
        if whole:
            division = forms.str.extract(_DIVISION).to_list()
            for i, form in enumerate(forms):
                named = self._exact.get(form) or self._exact.get(division[i] or "")
                if named:
                    keys[i] = self._one(named, distinct["city"][i], form)
            rest = [i for i, key in enumerate(keys) if key is None]
        if rest and self._pattern:
            for i, inside in zip(rest, self._held(forms.gather(rest)), strict=True):
                named = {key for form in inside for key in self._inside[form]}
                keys[i] = self._one(named, distinct["city"][i], forms[i])
        found = distinct.with_columns(pl.Series("key", keys, dtype=pl.String))
        asked = pl.DataFrame([texts.alias("text"), cities.alias("city")])
        # Nulls do not join; a city that is not known is "".
        return asked.with_columns(pl.col("city").fill_null("")).join(
            found.with_columns(pl.col("city").fill_null("")),
            on=["text", "city"],
            how="left",
            maintain_order="left",
        )["key"]

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
