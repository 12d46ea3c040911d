"""log M(r) far out, where M itself underflows and a table would have no end.

With p = sqrt(ν² + x²) and x = κr, the uniform expansion of K_ν in 1/p holds for
small and large ν alike. Written relative to its value at x = 0 every term is of
the size of the result, so that no digits cancel:
log M = ν log(1 + (p-ν)/(2ν)) - (p-ν) - ½ log(p/ν) - μ(ν) + log Σ_k (-1)^k U_k(ν²/p²)/p^k,
where μ(ν) = log Γ(ν) - (ν-½) log ν + ν - ½ log 2π is the remainder of Stirling's formula.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.constants import exact_mpf, precision

Array = NDArray[np.float64]

#: Terms of the expansion; from p = 64 on the first one left out is below 1e-15.
TERMS = 9


def log_correlation(nu: Fraction, x: Array) -> Array:
    """log M at x = kappa·r, for sqrt(ν² + x²) ≥ 64 and ν in [0.01, 500].

    Parameters
    ----------
    nu : Fraction
        Smoothness.
    x : ndarray
        kappa·r, finite or infinite.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> float(log_correlation(Fraction(1, 2), np.array([1000.0]))[0])
    -1000.0
    """
    order = float(nu)
    finite = np.minimum(x, np.finfo(np.float64).max)
    p = np.hypot(order, finite)
    excess = finite * (finite / (p + order))  # p - nu, without cancellation or overflow
    with np.errstate(under="ignore"):
        t2 = (order / p) ** 2
        series = np.zeros_like(p)
        for polynomial in reversed(_debye()):
            coefficients = np.zeros_like(p)
            for coefficient in reversed(polynomial):
                coefficients = coefficients * t2 + coefficient
            series = coefficients - series / p
    # Past 1e300 the logarithms are lost beside p itself; their arguments must not overflow.
    log = order * np.log1p(np.minimum(excess, 1e300) / (2 * order)) - 0.5 * np.log(np.minimum(p, 1e300) / order)
    log += np.log(series) - _stirling(nu) - excess
    log[np.isinf(x)] = -np.inf
    return log


@lru_cache(maxsize=64)
def _stirling(nu: Fraction) -> float:
    with precision(140) as mp:
        order = exact_mpf(nu)
        half = mp.mpf(1) / 2
        return float(mp.loggamma(order) - (order - half) * mp.log(order) + order - half * mp.log(2 * mp.pi))


@lru_cache(maxsize=1)
def _debye() -> tuple[tuple[float, ...], ...]:
    """Coefficients of U_0, U_1, …, where u_k(t) = t^k U_k(t²) are the polynomials of Debye's expansion.

    u_(k+1) = ½ t² (1-t²) u_k' + ⅛ ∫_0^t (1-5s²) u_k ds, u_0 = 1.
    """
    polynomials = [[Fraction(1)]]
    for k in range(TERMS - 1):
        known = polynomials[-1]
        following = [Fraction(0)] * (len(known) + 1)
        for j, coefficient in enumerate(known):
            power = k + 2 * j
            following[j] += coefficient * (Fraction(power, 2) + Fraction(1, 8 * (power + 1)))
            following[j + 1] -= coefficient * (Fraction(power, 2) + Fraction(5, 8 * (power + 3)))
        polynomials.append(following)
    return tuple(tuple(map(float, polynomial)) for polynomial in polynomials)


@lru_cache(maxsize=64)
def zero_from(nu: Fraction, kappa: float, exponent: int, step: int, limit: int) -> int:
    """The first multiple of `step` up to `limit` past which 2^exponent · M(r) rounds to zero.

    `limit` itself where there is none.
    """
    candidates = np.arange(step, limit, step, dtype=np.float64)
    bits = log_correlation(nu, kappa * candidates) / math.log(2) + exponent
    past = candidates[bits < -1080]
    return int(past[0]) if past.size else limit
