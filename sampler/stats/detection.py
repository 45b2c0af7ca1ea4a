"""Finding at least one failing unit: probability of detection and the tests it takes.

For one population, exactly hypergeometric, and for risk tiers, whose units fail with different probabilities.
Shares and probabilities are fractions, 0 to 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from sampler.stats.hypergeometric import binomial_pmf, hypergeometric_pmf
from sampler.stats.numbers import open_fraction, positive_fraction, whole_number, whole_numbers

__all__ = [
    "detection_probability",
    "failing_units",
    "risk_detection_probability",
    "size_for_detection",
    "size_for_risk_detection",
    "unit_risks",
]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def failing_units(share: float, population: int) -> int:
    """⌈share · population⌉, at least 1: the failing units meant by "at least a share fails".

    Rounded up as in R epiR and EFSA's RiBESS+; a product that is whole but for rounding (0.07 · 100) counts as whole.
    """
    product = share * population
    return max(1, math.ceil(product - 1e-9 * max(1.0, product)))


def detection_probability(n: int, *, share: float, population: int | None = None, sensitivity: float = 1.0) -> float:
    """Probability that testing `n` units finds at least one failing unit, if a share `share` of units fails.

    With D = `failing_units`(share, population) failing units and Y of them in the sample, 1 − E[(1 − sensitivity)^Y]:
    Y hypergeometric (Cannon and Roe 1982; Cameron and Baldock 1998, with perfect specificity), or binomial without a
    population. If more units fail, the probability is higher. R `epiR::rsu.sep.rsfreecalc` is equal but for rounding D
    to the nearest whole; `epiR::rsu.sssep.rs` uses Cannon's (2001) approximation.

    Args:
        n: units tested, whole, 0 ≤ n ≤ population.
        share: share of failing units to be noticed, above 0, at most 1.
        population: units in the population; None for an endless process.
        sensitivity: probability that the test of a failing unit shows it, above 0, at most 1.
    """
    tested, units = (
        whole_number("n", n),
        None if population is None else whole_number("population", population, least=1),
    )
    if units is not None and tested > units:
        raise ValueError(f"n must not exceed population {units}, but got {n!r}")
    return 1.0 - _miss(tested, positive_fraction("share", share), units, positive_fraction("sensitivity", sensitivity))


def _miss(n: int, share: float, population: int | None, sensitivity: float) -> float:
    if population is None:
        return math.exp(n * math.log1p(-share * sensitivity)) if share * sensitivity < 1.0 else float(n == 0)
    failing = failing_units(share, population)
    if sensitivity < 1.0:
        found = np.arange(max(0, n + failing - population), min(n, failing) + 1.0)
        weight = hypergeometric_pmf(found, failing, n, population)
        return float(np.dot(weight, np.exp(found * math.log1p(-sensitivity))))
    if n > population - failing:
        return 0.0
    # C(N − D, n)/C(N, n) as a product over the smaller of n and D, which change places freely.
    few, many = min(n, failing), max(n, failing)
    return float(np.exp(np.log1p(-many / (population - np.arange(float(few)))).sum()))


def size_for_detection(
    share: float,
    *,
    probability: float = 0.95,
    population: int | None = None,
    sensitivity: float = 1.0,
) -> int:
    """Smallest n that finds at least one failing unit with `probability` if at least a share `share` fails.

    See `detection_probability` for the model, the rounding of share · population and the sources.

    Raises:
        ValueError: for an argument outside its range, and where tests that miss failing units do not reach the
            probability even with every unit tested.
    """
    p, s = positive_fraction("share", share), positive_fraction("sensitivity", sensitivity)
    wanted = open_fraction("probability", probability)
    # A probability met but for rounding is met.
    allowed = (1.0 - wanted) * (1.0 + 1e-12)
    if population is None:
        if p * s >= 1.0:
            return 1
        high = max(1, math.ceil(math.log(allowed) / math.log1p(-p * s)) + 1)
        units = None
    else:
        units = whole_number("population", population, least=1)
        if _miss(units, p, units, s) > allowed:
            raise ValueError(
                f"probability cannot exceed {1.0 - _miss(units, p, units, s):.6g} even with all {units} units tested "
                f"at sensitivity {s:g}, but got {probability!r}"
            )
        # Drawing without replacement finds at least as much as drawing with it (Hoeffding 1963): a bound whatever N is.
        high = units if p * s >= 1.0 else math.ceil(math.log(allowed) / math.log1p(-p * s)) + 1
        high = min(max(high, 1), units)
        high = high if _miss(high, p, units, s) <= allowed else units
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _miss(middle, p, units, s) <= allowed else (middle, high)
    return high


def unit_risks(populations: ArrayLike, relative_risks: ArrayLike, share: float) -> Floats:
    """Probability of failing of a unit of each tier: share times its adjusted risk (Martin et al. 2007).

    Adjusted risks are relative risks scaled to a mean of 1 over all units, so that `share` stays the share overall.

    Args:
        populations: units per tier, whole; shape (tiers,).
        relative_risks: risk of a unit of the tier relative to any common reference, above 0.
        share: share of failing units overall, above 0, at most 1.

    Raises:
        ValueError: where a tier's risk would exceed 1.
    """
    sizes, risks = (
        np.atleast_1d(whole_numbers("populations", populations)),
        np.asarray(relative_risks, dtype=float),
    )
    p = positive_fraction("share", share)
    if risks.shape != sizes.shape:
        raise ValueError(f"relative_risks must have one value per tier, {sizes.size}, but got {relative_risks!r}")
    if not (np.isfinite(risks) & (risks > 0.0)).all():
        raise ValueError(f"relative_risks must be above 0, but got {relative_risks!r}")
    result: Floats = p * risks * sizes.sum() / np.dot(risks, sizes)
    if (result[sizes > 0.0] > 1.0 + 1e-12).any():
        raise ValueError(
            f"relative_risks and share {p:g} put the risk of a tier at {result[sizes > 0.0].max():.4g}, above 1, "
            f"but got {relative_risks!r}"
        )
    return np.minimum(result, 1.0)


def risk_detection_probability(
    populations: ArrayLike,
    sizes: ArrayLike,
    relative_risks: ArrayLike,
    share: float,
    *,
    sensitivity: float = 1.0,
) -> float:
    """Probability that tests spread over risk tiers find at least one failing unit.

    The model: a unit of tier i fails with probability p_i = `unit_risks`, independently, given that exactly
    D = `failing_units`(share, N) of all N units fail. Hence P(miss) = Π(1 − s p_i)^{n_i} · P(S′ = D)/P(S = D), with
    S = Σ Bin(N_i, p_i) failing units and S′ those left when tested failing units are missed with probability 1 − s.
    The product is Martin et al. (2007), as in R `epiR::rsu.sep.rb1rf(method = "binomial")`; the ratio makes it exact
    for finite tiers. With equal risks it is `detection_probability` of Σ n_i, exactly. epiR's "hypergeometric" method
    approximates both the finite tiers and D.

    Args:
        populations: units per tier, N_i.
        sizes: units tested per tier, 0 ≤ n_i ≤ N_i.
        relative_risks: relative risk per tier, above 0.
        share: share of failing units overall to be noticed.
        sensitivity: probability that the test of a failing unit shows it.
    """
    N = _tiers(populations)
    n = np.atleast_1d(whole_numbers("sizes", sizes))
    s = positive_fraction("sensitivity", sensitivity)
    _one_per_tier("sizes", n, N, sizes)
    if (n > N).any():
        raise ValueError(f"sizes must not exceed populations {N.astype(int).tolist()}, but got {sizes!r}")
    D = failing_units(positive_fraction("share", share), int(N.sum()))
    p = unit_risks(N, relative_risks, D / N.sum())
    return 1.0 - _risk_miss(N, n, p, D, s)


def _risk_miss(N: Floats, n: Floats, p: Floats, D: int, s: float) -> float:
    present = N > 0.0
    N, n, p = N[present], n[present], p[present]
    certain = p >= 1.0
    if certain.any():  # a tier whose every unit fails takes its share of D for certain
        rest = ~certain
        tested, left = int(n[certain].sum()), D - int(N[certain].sum())
        others = _risk_miss(N[rest], n[rest], p[rest], left, s) if rest.any() and left > 0 else 1.0
        return float((1.0 - s) ** tested) * others
    q = p * (1.0 - s) / (1.0 - s * p)
    whole = _log_probability_of_sum(N, p, D)
    left_over = _log_probability_of_sum(np.concatenate([N - n, n]), np.concatenate([p, q]), D)
    if left_over == -math.inf:
        return 0.0
    return min(1.0, math.exp(float(np.dot(n, np.log1p(-s * p))) + left_over - whole))


def _log_probability_of_sum(trials: Floats, p: Floats, total: int) -> float:
    """ln P(Σ Bin(trials_i, p_i) = total), exact to rounding, however unlikely.

    The binomials are tilted until their sum has mean `total` (the saddle point), so that the convolution needs only the
    terms near the centre; the tilt is undone in the end.
    """
    use = (trials > 0.0) & (p > 0.0)
    trials, p = trials[use], p[use]
    most = float(trials.sum())
    if total > most:
        return -math.inf
    if total == 0:
        return float(np.dot(trials, np.log1p(-p)))
    if total == most:
        return float(np.dot(trials, np.log(p)))
    odds = special.logit(p)
    low, high = -odds.max() - 60.0, -odds.min() + 60.0
    for _ in range(200):
        tilt = 0.5 * (low + high)
        if float(np.dot(trials, special.expit(odds + tilt))) < total:
            low = tilt
        else:
            high = tilt
        if high - low < 1e-13 * max(1.0, abs(tilt)):
            break
    tilted = special.expit(odds + tilt)
    # ln of the generating function at e^tilt, and the power of it that the coefficient carries.
    log_scale = float(np.dot(trials, np.log1p(-p) - special.log_expit(-(odds + tilt))) - tilt * total)
    pieces, offset = np.ones(1), 0
    for size, chance in sorted(zip(trials, tilted, strict=True)):
        reach = 8.0 * math.sqrt(size * chance * (1.0 - chance)) + 30.0
        first = max(0, math.floor(size * chance - reach))
        counts = np.arange(first, min(size, math.ceil(size * chance + reach)) + 1.0)
        pieces = np.convolve(pieces, binomial_pmf(counts, size, chance))
        kept = np.flatnonzero(pieces > 1e-18 * pieces.max())
        pieces = pieces[kept[0] : kept[-1] + 1]
        offset += first + int(kept[0])
    return log_scale + math.log(pieces[total - offset])


def size_for_risk_detection(
    populations: ArrayLike,
    relative_risks: ArrayLike,
    share: float,
    *,
    probability: float = 0.95,
    sensitivity: float = 1.0,
    split: ArrayLike | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
) -> Integers:
    """Fewest tests per risk tier that find at least one failing unit with `probability` if a share `share` fails.

    Without `split` the total is the smallest possible: a test is worth most where the risk is highest, so tiers are
    filled in order of risk, within the bounds. With `split` the tiers get ⌈total · split_i⌉ (as in R
    `epiR::rsu.sssep.rbsrg`), for the smallest total that does.

    Args:
        populations: units per tier.
        relative_risks: relative risk per tier.
        share: share of failing units overall to be noticed.
        probability: wanted probability of finding at least one, between 0 and 1.
        sensitivity: probability that the test of a failing unit shows it.
        split: share of the tests each tier is to get; scaled to a sum of 1. A tier that runs out of units is tested
            whole.
        lower: least tests per tier (0), upper: most tests per tier (its population).

    Returns:
        Tests per tier, integers, shape (tiers,).

    Raises:
        ValueError: for an argument outside its range, and where the bounds do not allow the probability.
    """
    N = _tiers(populations)
    wanted = open_fraction("probability", probability)
    least = np.zeros_like(N) if lower is None else np.atleast_1d(whole_numbers("lower", lower))
    most = N if upper is None else np.minimum(np.atleast_1d(whole_numbers("upper", upper)), N)
    _one_per_tier("lower", least, N, lower)
    _one_per_tier("upper", most, N, upper)
    if (least > most).any():
        raise ValueError(f"lower must not exceed upper and populations {most.astype(int).tolist()}, but got {lower!r}")
    s = positive_fraction("sensitivity", sensitivity)
    D = failing_units(positive_fraction("share", share), int(N.sum()))
    p = unit_risks(N, relative_risks, D / N.sum())
    if split is None:
        order = np.argsort(-p, kind="stable")
        room = (most - least)[order]
        before = np.concatenate([[0.0], np.cumsum(room)[:-1]])

        def tests(total: int) -> Floats:
            result = least.copy()
            result[order] += np.clip(total - before, 0.0, room)
            return result

        top = int(room.sum())
    else:
        parts = np.asarray(split, dtype=float)
        _one_per_tier("split", parts, N, split)
        if not (np.isfinite(parts) & (parts >= 0.0)).all() or parts.sum() <= 0.0:
            raise ValueError(f"split must be shares of 0 or more, not all 0, but got {split!r}")
        parts = parts / parts.sum()

        def tests(total: int) -> Floats:
            result: Floats = np.clip(np.ceil(total * parts - 1e-9), least, most)
            return result

        top = math.ceil(float((most[parts > 0.0] / parts[parts > 0.0]).max()))
    allowed = (1.0 - wanted) * (1.0 + 1e-12)
    low, high = -1, min(16, top)
    while _risk_miss(N, tests(high), p, D, s) > allowed:
        if high == top:
            reached = 1.0 - _risk_miss(N, tests(top), p, D, s)
            raise ValueError(f"probability cannot exceed {reached:.6g} within these tiers, but got {probability!r}")
        low, high = high, min(2 * high, top)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _risk_miss(N, tests(middle), p, D, s) <= allowed else (middle, high)
    return tests(high).astype(np.int64)


def _tiers(populations: ArrayLike) -> Floats:
    sizes = np.atleast_1d(whole_numbers("populations", populations))
    if sizes.sum() < 1.0:
        raise ValueError(f"populations must hold at least one unit, but got {populations!r}")
    return sizes


def _one_per_tier(name: str, array: Floats, populations: Floats, given: object) -> None:
    if array.shape != populations.shape:
        raise ValueError(f"{name} must have one value per tier, {populations.size}, but got {given!r}")
