"""Shrinkage for small cells: a beta-binomial model of the pass rates of many cells, an estimate beside the exact one.

Failures x_i of n_i tests in cell i are Binomial(n_i, θ_i), and the θ_i are draws from one Beta(μφ, (1 − μ)φ), whose mean
μ and size φ are estimated from all cells together. A cell with few tests is drawn towards the mean of the others, the
more so the more alike the cells are. The uncertainty of μ and φ is carried along by averaging over a grid of both,
weighted by their marginal likelihood (Gelman et al., Bayesian Data Analysis, 3rd ed., section 5.3): intervals that
take the estimated μ and φ for true are too short (Laird and Louis 1987).

A model, not a guarantee: where large cells differ from small ones its intervals can miss far more often than they say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

_MEANS = 32
_SIZES = 24
_LARGEST_SIZE = 1e4
_STEPS = 36
_NEGLIGIBLE = 1e-3


@dataclass(frozen=True)
class Shrunken:
    """Modelled rates of the cells, arrays of shape (m,).

    Attributes:
        rate: posterior mean of each cell's failure rate.
        lower, upper: equal-tailed posterior interval.
        mean: posterior mean of μ, what the cells are drawn towards; size: posterior median of φ, in tests.
    """

    rate: Floats
    lower: Floats
    upper: Floats
    mean: float
    size: float


def beta_binomial(
    failed: ArrayLike, tested: ArrayLike, *, untested: ArrayLike | None = None, confidence: float = 0.95
) -> Shrunken:
    """Modelled failure rates of several cells.

    Args:
        failed: failures per cell, shape (m,), 0 ≤ failed ≤ tested; weighted counts need not be whole.
        tested: tests per cell (effective ones under a complex design); 0 is allowed.
        untested: units per cell without a test, whole; the rates are then those of the untested units, whose number of
            failures is beta-binomial. Without it they are the θ, those of endless cells. A cell without untested units
            gets θ's mean and no width.
        confidence: posterior probability of each interval, in (0, 1).

    The prior is flat in φ^(−½), about the spread of the cells, for φ between 1 and 10⁴ tests (Gelman et al., p. 110), and
    Beta(½, ½) for μ.

    Raises:
        ValueError: shapes differ, counts are impossible, or nothing was tested at all.
    """
    x, n = np.asarray(failed, dtype=np.float64), np.asarray(tested, dtype=np.float64)
    if x.ndim != 1 or x.shape != n.shape:
        raise ValueError(f"`failed` and `tested` must have one and the same dimension, but got {x.shape!r}")
    if np.any(x < 0) or np.any(x > n * (1 + 1e-12)):
        raise ValueError(f"`failed` must lie between 0 and `tested`, but got {failed!r}")
    if not n.sum() > 0:
        raise ValueError(f"`tested` must hold at least one test, but got {tested!r}")
    if not 0 < confidence < 1:
        raise ValueError(f"`confidence` must lie between 0 and 1, but got {confidence!r}")
    x = np.minimum(x, n)
    means, sizes, weight = _hyperparameters(x, n)
    # Posterior of cell i given (μ, φ): Beta(x + μφ, n − x + (1 − μ)φ); all of shape (grid, cells).
    a = x[None, :] + (means * sizes)[:, None]
    b = (n - x)[None, :] + ((1 - means) * sizes)[:, None]
    order = np.argsort(sizes, kind="stable")
    median = sizes[order][np.searchsorted(np.cumsum(weight[order]), 0.5)]
    tail = (1 - confidence) / 2
    rate = weight @ (a / (a + b))
    if untested is None:
        lower, upper = (_mixture_quantile(a, b, weight, p) for p in (tail, 1 - tail))
    else:
        lower, upper = _of_untested(a, b, weight, np.asarray(untested, dtype=np.float64), rate, tail)
    return Shrunken(
        rate=rate,
        lower=lower,
        upper=upper,
        mean=float(weight @ means),
        size=float(median),
    )


def _of_untested(
    a: Floats, b: Floats, weight: Floats, untested: Floats, rate: Floats, tail: float
) -> tuple[Floats, Floats]:
    """Limits of the failure rate among the untested units, whole units, widened to the next one.

    The beta-binomial's share of m units has mean a/(a + b) and the variance of a beta distribution of size
    (s + 1)m/(s + m) − 1, s = a + b; that distribution stands in for it.
    """
    if untested.shape != rate.shape or np.any(untested < 0):
        raise ValueError(f"`untested` must hold a number ≥ 0 for each cell, but got {untested.tolist()!r}")
    m, s = np.maximum(untested, 1.0)[None, :], a + b
    size = np.maximum((s + 1) * m / (s + m) - 1, 1e-3)
    share = a / s
    low = _mixture_quantile(share * size, (1 - share) * size, weight, tail)
    high = _mixture_quantile(share * size, (1 - share) * size, weight, 1 - tail)
    low, high = np.floor(low * m[0] + 1e-6) / m[0], np.ceil(high * m[0] - 1e-6) / m[0]
    return np.where(untested > 0, low, rate), np.where(untested > 0, high, rate)


def _hyperparameters(x: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """A grid over (μ, φ) with its normalised posterior weights, points of no weight left out."""
    sizes = np.exp(np.linspace(0.0, np.log(_LARGEST_SIZE), _SIZES))
    # Quantiles of the pooled rate's own posterior, widened: that is where μ can be.
    informed = max(min(float(n.sum()), 4.0 * len(n)), 1.0)
    pooled = float(x.sum() / n.sum())
    edges = (np.arange(_MEANS) + 0.5) / _MEANS
    alpha, beta = pooled * informed / 4 + 0.5, (1 - pooled) * informed / 4 + 0.5
    means = np.clip(special.betaincinv(alpha, beta, edges), 1e-9, 1 - 1e-9)
    # The grid's points are not evenly spread in μ: their density is divided out, the prior Beta(½, ½) put in.
    proposal = (alpha - 1) * np.log(means) + (beta - 1) * np.log1p(-means)
    prior = -0.5 * (np.log(means) + np.log1p(-means))
    mu, phi = (g.ravel() for g in np.meshgrid(means, sizes, indexing="ij"))
    log_weight = np.repeat(prior - proposal, len(sizes)) - 0.5 * np.log(phi)
    a, b = mu * phi, (1 - mu) * phi
    for failed, tested in zip(x, n, strict=True):
        log_weight = log_weight + special.betaln(a + failed, b + tested - failed) - special.betaln(a, b)
    weight = np.exp(log_weight - log_weight.max())
    keep = weight > _NEGLIGIBLE
    return mu[keep], phi[keep], weight[keep] / weight[keep].sum()


def _mixture_quantile(a: Floats, b: Floats, weight: Floats, probability: float) -> Floats:
    """Quantile of the mixture of Beta(a[g, i], b[g, i]) over g for each i, by bisection."""
    low, high = np.zeros(a.shape[1]), np.ones(a.shape[1])
    for _ in range(_STEPS):
        middle = (low + high) / 2
        below = weight @ special.betainc(a, b, middle[None, :]) < probability
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return (low + high) / 2
