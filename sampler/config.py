"""Configuration: TOML documents → `Design` and `RiskWeights`, or one error that lists everything wrong with them.

Shapes and bounds are the types of `sampler.design`, checked by pydantic; what two keys say together is checked here.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from annotated_types import Interval, MinLen

from sampler.design import CERTAINTY, EVERY, NOTHING, Design, RiskWeights, Strict, Term
from sampler.errors import InputError
from sampler.files.toml import read_toml
from sampler.frame import SCHEMA
from sampler.period import Period
from sampler.text import Lang, Text, listed

T = TypeVar("T")

NUMERIC_RISK_FIELDS = ("complaints", "failures", "penalties", "months_since_inspection")
"""Risk fields that take ``at_least``; every other field takes ``value``."""

BOOLEAN_FIELDS = ("blacklisted", "abnormal")

_NOT_STRATA = {
    "unit_id",
    "enterprise",
    "code",
    "name",
    "address",
    "contact",
    "phone",
    "source_file",
    "source_sheet",
}
_NOT_IN_KEYS = re.compile(r"[\x00-\x20\x7f-\xa0/\\\\=|+,×:*?\"<>]")
"""What no key may hold: keys become parts of file names, of strata's names and of options such as ``food=0.95``."""

_KNOWN_PROBLEMS = {
    "missing",
    "missing_argument",
    "missing_keyword_only_argument",
    "unexpected_keyword_argument",
    "literal_error",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "too_short",
    "string_too_short",
    "int_type",
    "float_type",
    "bool_type",
    "string_type",
    "tuple_type",
    "dict_type",
    "dataclass_type",
    "int_from_float",
    "date_from_datetime_parsing",
    "date_parsing",
    "date_type",
}
"""pydantic error types that the catalogue has words of its own for."""


def load_design(path: Path) -> Design:
    """The design written in a TOML file.

    Raises:
        InputError: no such file, not TOML, an unknown key, a value of the wrong type or out of its bounds, keys that
            contradict each other; the message lists every problem with its key.
    """
    document = read_toml(path)
    _run_settings(path, document)
    document.pop("run", None)  # where things lie is no part of the design
    design = _validated(path, Design, document)
    _reject(path, _design_problems(design))
    return design


@dataclass(frozen=True, kw_only=True)
class RunSettings(Strict):
    """The table ``[run]`` of a configuration: what ``sampler run`` works on. Paths are relative to the configuration.

    Attributes:
        registry: its files or folders.
        weights: the risk weights.
        inspectors: the roster; empty for none.
        archive: folder of the plan folders.
        period: ``auto`` (the quarter of the day, ``lead_days`` ahead) or a quarter such as ``2026Q4``.
        lead_days: how many days before a quarter begins its plan is made.
        seed_file: file that holds the seed, ``{period}`` standing for the quarter; no plan is made before it is there.
            Empty takes a seed from the operating system's entropy.
    """

    registry: Annotated[tuple[str, ...], MinLen(1)]
    weights: str = "risk_weights.toml"
    inspectors: str = ""
    archive: Annotated[str, MinLen(1)]
    period: str = "auto"
    lead_days: Annotated[int, Interval(ge=0, le=90)] = 0
    seed_file: str = ""


@dataclass(frozen=True, kw_only=True)
class _Runnable(Strict):
    run: RunSettings | None = None


def load_run(path: Path) -> RunSettings:
    """The table ``[run]`` of a configuration.

    Raises:
        InputError: as `load_design`; also a configuration without that table.
    """
    found = _run_settings(path, read_toml(path))
    if found is None:
        raise InputError("run.not_configured", file=path)
    return found


def load_language(path: Path) -> Lang:
    """The language that a configuration asks for, without a look at the rest of it.

    Raises:
        InputError: no such file, or not TOML.
    """
    bureau = read_toml(path).get("bureau")
    return "en" if isinstance(bureau, dict) and bureau.get("language") == "en" else "zh"


def _run_settings(path: Path, document: Mapping[str, object]) -> RunSettings | None:
    found = _validated(path, _Runnable, {"run": document["run"]} if "run" in document else {}).run
    if found is not None:
        _reject(path, _run_problems(found))
    return found


def _run_problems(run: RunSettings) -> Iterator[Text]:
    if run.period.strip().lower() != "auto" and not Period.is_name(run.period):
        yield Text.of("config.problem_period", found=run.period)
    if run.seed_file and "{period}" not in run.seed_file:
        yield Text.of("config.problem_seed_file", found=run.seed_file)


def weights_beside(config: Path) -> Path:
    """The file of risk weights that goes with a configuration: the one its ``[run]`` names, as `RunSettings` says.

    Raises:
        InputError: as `load_design`; also no such file.
    """
    settings = _run_settings(config, read_toml(config))
    path = config.parent / (RunSettings.weights if settings is None else settings.weights)
    if not path.exists():
        raise InputError("config.no_weights", file=path, config=config)
    return path


def load_weights(path: Path, design: Design) -> RiskWeights:
    """The risk weights written in a TOML file, checked against the design they go with.

    Raises:
        InputError: as `load_design`; also a category of the design without a weight.
    """
    weights = _validated(path, RiskWeights, read_toml(path))
    _reject(path, _weight_problems(weights, design))
    return weights


def _validated(path: Path, kind: type[T], document: dict[str, object]) -> T:
    from pydantic import TypeAdapter, ValidationError

    _reject(path, (Text.of("config.problem_not_finite", key=key) for key in _endless(document)))
    adapter = TypeAdapter(kind)
    try:
        # JSON mode, because strict tuples and dates have a JSON form and a Python form, and TOML gives lists.
        return adapter.validate_json(json.dumps(document, default=str))
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A list whose entries are at fault is reported as too short besides: the entries say it all.
        inner = {e["loc"][:depth] for e in found for depth in range(len(e["loc"]))}
        kept = [e for e in found if e["type"] != "too_short" or e["loc"] not in inner]
        problems = [_problem(dict(e)) for e in kept]
    _reject(path, problems)
    raise AssertionError("a validation error without problems")  # pragma: no cover


def _endless(value: object, key: str = "") -> Iterator[str]:
    """Keys of numbers that TOML can write and nothing can be reckoned with: inf and nan."""
    if isinstance(value, float) and not math.isfinite(value):
        yield key
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _endless(inner, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for position, inner in enumerate(value, start=1):
            yield from _endless(inner, f"{key}[{position}]")


def _problem(error: dict[str, object]) -> Text:
    location, kind, context = error["loc"], str(error["type"]), error.get("ctx") or {}
    assert isinstance(location, tuple)
    assert isinstance(context, dict)
    key = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")
    found = error.get("input")
    if kind not in _KNOWN_PROBLEMS:
        return Text.of("config.problem_other", key=key, reason=error["msg"], found=_shown(found))
    if kind.startswith("missing"):
        return Text.of("config.problem_missing", key=key)
    if kind == "unexpected_keyword_argument":
        return Text.of("config.problem_unknown_key", key=key)
    bound = next((context[name] for name in ("gt", "ge", "lt", "le", "expected", "min_length") if name in context), "")
    shown: object = f"{bound:g}" if isinstance(bound, float) else bound
    if kind == "literal_error":
        shown = listed(str(bound).replace(" or ", ", ").split(", "))  # pydantic lists the values in English
    return Text.of(f"config.problem_{kind}", key=key, bound=shown, found=_shown(found))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def _reject(path: Path, problems: Iterable[Text]) -> None:
    found = tuple(problems)
    if found:
        raise InputError("config.problems", file=path, count=len(found), problems=found)


def _repeated(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def _key_problems(section: str, keys: Iterable[str]) -> Iterator[Text]:
    for position, key in enumerate(keys, start=1):
        if _NOT_IN_KEYS.search(key) or key.startswith(".") or key in (EVERY, CERTAINTY, NOTHING):
            yield Text.of("config.problem_bad_key", key=f"{section}[{position}].key", found=_shown(key))


def _vocabulary_problems(section: str, terms: Sequence[Term]) -> Iterator[Text]:
    yield from _key_problems(section, (t.key for t in terms))
    for key in _repeated(t.key for t in terms):
        yield Text.of("config.problem_repeated", key=f"{section}.key", found=key)
    claims = Counter((name, getattr(t, "city", "")) for t in terms for name in {t.key, t.name, *t.aliases})
    for (name, _), times in claims.items():
        if times > 1:
            yield Text.of("config.problem_claimed_twice", key=f"{section}.aliases", found=name)


def frame_columns(design: Design) -> tuple[str, ...]:
    """The columns a frame of this design has: the schema's, then the design's own."""
    return (*SCHEMA, *(name for name in design.columns if name not in SCHEMA))


def _design_problems(design: Design) -> Iterator[Text]:
    for section in ("districts", "categories", "stages", "area_types", "credit_classes", "risk_grades"):
        yield from _vocabulary_problems(section, getattr(design, section))

    strata_columns = [c for c in frame_columns(design) if c not in _NOT_STRATA]
    for position, key in enumerate(design.strata.keys, start=1):
        if key != "tier" and key not in strata_columns:
            known = ", ".join([*strata_columns, "tier"])
            yield Text.of("config.problem_unknown_value", key=f"strata.keys[{position}]", found=key, known=known)
    for key in _repeated(design.strata.keys):
        yield Text.of("config.problem_repeated", key="strata.keys", found=key)

    if "tier" in design.strata.keys and not design.tiers:
        yield Text.of("config.problem_missing", key="tiers")
    if design.tiers and min(t.at_least for t in design.tiers) != 0:
        yield Text.of("config.problem_no_lowest_tier", key="tiers.at_least")
    yield from _key_problems("tiers", (t.key for t in design.tiers))
    for key in _repeated(t.key for t in design.tiers):
        yield Text.of("config.problem_repeated", key="tiers.key", found=key)
    for bound in _repeated(str(t.at_least) for t in design.tiers):
        yield Text.of("config.problem_repeated", key="tiers.at_least", found=bound)

    for section, values in (
        ("categories", design.campaign.categories),
        ("districts", design.campaign.districts),
        ("stages", design.campaign.stages),
    ):
        keys = [t.key for t in getattr(design, section)]
        for value in values:
            if keys and value not in keys:
                yield Text.of(
                    "config.problem_unknown_value",
                    key=f"campaign.{section}",
                    found=value,
                    known=", ".join(keys),
                )

    yield from _column_problems(design)
    yield from _requirement_problems(design)
    yield from _money_problems(design)
    for value in _repeated([*design.status.in_scope, *design.status.out_of_scope, *design.status.ask]):
        yield Text.of("config.problem_claimed_twice", key="status", found=value)


def _column_problems(design: Design) -> Iterator[Text]:
    from sampler.intake.headers import exact_header

    claims = Counter(header for headers in design.columns.values() for header in {exact_header(h) for h in headers})
    for header, times in claims.items():
        if times > 1:
            yield Text.of("config.problem_claimed_twice", key="columns", found=header)


def _requirement_problems(design: Design) -> Iterator[Text]:
    """Margins, detection and shares: their domains must be unions of strata, since within one all chances are equal."""
    allowed = [k for k in design.strata.keys if k != "tier"]
    for section in ("precision", "detection", "shares"):
        for position, entry in enumerate(getattr(design, section), start=1):
            key = f"{section}[{position}].domain"
            for column, value in entry.domain.items():
                if column not in allowed:
                    yield Text.of("config.problem_not_a_stratum_key", key=key, found=column, known=", ".join(allowed))
                known = [t.key for t in design.vocabulary(column)]
                if value != EVERY and known and value not in known:
                    yield Text.of(
                        "config.problem_unknown_value",
                        key=f"{key}.{column}",
                        found=value,
                        known=", ".join([*known, EVERY]),
                    )
    for position, bound in enumerate(design.shares, start=1):
        if bound.at_least == 0 and bound.at_most == 1:
            yield Text.of("config.problem_no_bound", key=f"shares[{position}]")
        if bound.at_least > bound.at_most:
            yield Text.of("config.problem_crossed", key=f"shares[{position}]", least=bound.at_least, most=bound.at_most)
    sample = design.sample
    if sample.budget is None and sample.budget_yuan is None and not design.precision and not design.detection:
        yield Text.of("config.problem_no_size")


def _money_problems(design: Design) -> Iterator[Text]:
    stages = [t.key for t in design.stages]
    cap = design.caps.batches_per_enterprise
    for position, category in enumerate(design.categories, start=1):
        key = f"categories[{position}]"
        for stage in category.cost_by_stage:
            if stage not in stages:
                yield Text.of(
                    "config.problem_unknown_value",
                    key=f"{key}.cost_by_stage",
                    found=stage,
                    known=", ".join(stages) or "-",
                )
        if design.sample.budget_yuan is not None and category.cost_per_batch == 0:
            yield Text.of("config.problem_no_cost", key=f"{key}.cost_per_batch", found=category.key)
        if cap is not None and category.batches > cap:
            yield Text.of(
                "config.problem_cap_below_unit",
                key="caps.batches_per_enterprise",
                found=category.key,
                batches=category.batches,
                cap=cap,
            )


def _weight_problems(table: RiskWeights, design: Design) -> Iterator[Text]:
    columns = (*frame_columns(design), "months_since_inspection")
    seen: set[tuple[str, str | float | None]] = set()
    for position, line in enumerate(table.weights, start=1):
        key = f"weights[{position}]"
        if (line.value is None) == (line.at_least is None):
            yield Text.of("config.problem_value_or_at_least", key=key)
            continue
        if line.field not in columns:
            yield Text.of(
                "config.problem_unknown_value", key=f"{key}.field", found=line.field, known=", ".join(columns)
            )
            continue
        numeric = line.field in NUMERIC_RISK_FIELDS
        if numeric != (line.at_least is not None):
            yield Text.of(
                "config.problem_numeric" if numeric else "config.problem_not_numeric",
                key=key,
                found=line.field,
            )
        known = ["true", "false"] if line.field in BOOLEAN_FIELDS else [t.key for t in design.vocabulary(line.field)]
        if line.value is not None and known and line.value not in known:
            yield Text.of("config.problem_unknown_value", key=f"{key}.value", found=line.value, known=", ".join(known))
        mark = (line.field, line.value if line.value is not None else line.at_least)
        if mark in seen:
            yield Text.of("config.problem_repeated", key=key, found=f"{mark[0]} = {mark[1]}")
        seen.add(mark)
    for category in design.categories:
        if ("category", category.key) not in seen:
            yield Text.of("config.problem_category_without_weight", key="weights", found=category.key)
