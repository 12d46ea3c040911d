"""The radial functions of which every derivative of the kernel is made.

F_m = (-(1/r) d/dr)^m d is (2π)^m times the kernel of the same order two times m
dimensions up, of smoothness μ = ν - m. A derivative multiplies it by powers of the
unit vector (x-y)/r and by r^j; only the product r^j F_m has a value at r = 0, and is
computed as one:

* μ ≥ 0.01: r^j times a correlation of smoothness μ.
* μ ≤ -0.01: K_μ = K_|μ| turns it into r^(j+2μ) times a correlation of smoothness |μ|.
* between them, where the scale of the correlation has its pole: Temme's series up to κr = 1,
  and from there x^μ K_μ(x) = Γ(2+μ) 2^(1+μ) (M_(2+μ) - M_(1+μ))/x², the recurrence of K.

Constants and powers of r are kept as mantissa and exponent wherever one factor
alone would leave the range of floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.constants import Scale, exact_mpf, precision, reduced, rounded
from sobolevkernels.evaluation.radial import TABLE_NU, log_road, radial_road
from sobolevkernels.evaluation.tiles import Array, Road

#: Two factors inside this range can be multiplied as they are.
MODERATE = (2.0**-500, 2.0**500)
#: Correlations far below 1 are computed times 2^GROUP, 2^(2·GROUP), …
GROUP = 800
#: Temme's series at κr ≤ 1: the last term is below 2^-60.
TERMS = 13


def ladder_road(
    dim: int, nu: Fraction, kappa_squared: Fraction, m: int, j: int, entries: int = 0, exponent: int = 0
) -> Road:
    """The road that writes 2^exponent r^j F_m(r), F_m = (-(1/r) d/dr)^m d, for use on several tiles.

    F_m(r) = (2π)^m d_(n+2m)(r), where d_(n+2m) is the kernel of the same order and κ in dimension
    n + 2m. At r = 0 it writes the limit: 0 for j > 0, F_m(0) for j = 0. Zero and infinity appear
    only where the result itself leaves the range of floats; r may be infinite.

    Parameters
    ----------
    dim : int
        Dimension n of the space.
    nu : Fraction
        Smoothness of d, positive.
    kappa_squared : Fraction
        Square of the inverse length.
    m : int
        Number of derivatives -(1/r) d/dr, at least 0.
    j : int
        Power of r, from 0 to 1000.
    entries : int
        How many values will be asked for; see `radial.radial_road`.
    exponent : int
        Of a power of two that joins before anything is rounded to the range of floats.

    Returns
    -------
    callable
        road(r, out) for contiguous tiles of float64; `out` may be `r`. Like all roads it runs under
        `np.errstate(all="ignore")`, see `tiles.over_tiles`.

    Raises
    ------
    ValueError
        If 2ν + j - 2m ≤ 0, where a derivative that contains r^j F_m is not continuous at coincident
        points: raise the order of the kernel. If m or j is outside its range.

    Source: `sobolev.dimension-walk`.

    Examples
    --------
    >>> road = ladder_road(1, Fraction(3, 2), Fraction(1), 1, 0)  # d = (1+r) e^(-r)/4, F_1 = e^(-r)/4
    >>> r = np.array([0.0, 1.0])
    >>> road(r, r)
    >>> 4 * r
    array([1.        , 0.36787944])
    """
    mu = nu - m
    if 2 * mu + j <= 0 or not (m >= 0 and 0 <= j <= 1000):
        raise ValueError(f"r^j F_m is computed for m ≥ 0, 0 ≤ j ≤ 1000 and 2ν + j - 2m > 0 (elsewhere it does not "
                         f"tend to a limit that a derivative could have), got ν = {nu}, m = {m}, j = {j}; "
                         "raise the order of the kernel")
    if abs(mu) < TABLE_NU[0]:
        return _near_pole(dim, nu, kappa_squared, m, j, exponent)
    smoothness = abs(mu)
    scale = _scale(dim, nu, kappa_squared, mu, smoothness, exponent)
    power = j + 2 * mu if mu < 0 else Fraction(j)
    plain = radial_road(smoothness, kappa_squared, scale, entries)
    if power == 0:
        return plain
    correlation = partial(radial_road, smoothness, kappa_squared)
    return partial(_with_power, plain, correlation, log_road(smoothness, kappa_squared), scale, power)


def _with_power(
    plain: Road, correlation: Callable[[Scale], Road], log: Road, scale: Scale, power: Fraction, r: Array, out: Array
) -> None:
    """Write scale · r^power · M(r).

    `plain` writes scale · M(r), `correlation(scale)` makes such a road for any scale, `log` writes log M(r).
    """
    factor = _power(r, power)
    distances = r.copy() if np.may_share_memory(r, out) else r
    plain(distances, out)
    delicate = np.flatnonzero(~(_moderate(factor) & _moderate(out)))
    out *= factor
    if delicate.size:
        out[delicate] = _apart(correlation, log, scale, power, distances[delicate])


def _moderate(values: Array) -> NDArray[np.bool_]:
    """Whether values can be multiplied as they are; false for NaN."""
    return (values > MODERATE[0]) & (values < MODERATE[1])


def _apart(correlation: Callable[[Scale], Road], log: Road, scale: Scale, power: Fraction, r: Array) -> Array:
    """scale · r^power · M(r), every exponent kept apart."""
    bits = np.empty_like(r)
    log(r, bits)
    bits /= math.log(2)
    size = bits + float(power) * np.log2(r) + scale.exponent
    live = np.flatnonzero(size > -1080)  # not where r is 0 or infinite
    groups = np.rint(bits[live] / -GROUP).astype(np.int64) * GROUP
    result = np.zeros_like(r)
    for group in np.unique(groups):
        where = live[groups == group]
        values = np.empty(where.size)
        correlation(Scale(scale.mantissa, int(group), math.nan))(r[where], values)
        result[where] = _product(values, r[where], power, scale.exponent - int(group))
    return result


def _product(values: Array, r: Array, power: Fraction, exponent: int) -> Array:
    """values · r^power · 2^exponent for r > 0, rounded to the range of floats once."""
    whole = math.floor(power)
    mantissa, exponents = np.frexp(r)
    values, shift = np.frexp(values)
    values *= _power(mantissa, Fraction(whole))
    total = exponents.astype(np.int64) * whole + shift + exponent
    if power != whole:  # this part of the power never leaves the range
        fraction, shift = np.frexp(_power(r, power - whole))
        values *= fraction
        total += shift
    return np.ldexp(values, np.clip(total, -5000, 5000).astype(np.intc))


def _power(r: Array, power: Fraction) -> Array:
    """r^power, where the rounding of the exponent does not count."""
    high = float(power)
    values = r**high
    low = float(power - Fraction(high))
    if low:
        values *= 1.0 + low * np.log(r)
    return values


def _near_pole(dim: int, nu: Fraction, kappa_squared: Fraction, m: int, j: int, exponent: int) -> Road:
    """r^j F_m for |ν - m| < 0.01; the value at 0 is 0 or, for j = 0, that of a scale."""
    mu = nu - m
    g, shift = reduced(kappa_squared)
    root = math.sqrt(g)
    near_scale = _scale(dim, nu, kappa_squared, mu, None, exponent)
    at_zero = float(_scale(dim, nu, kappa_squared, mu, mu, exponent)) if j == 0 else 0.0
    series = _temme(mu)

    def difference(scale: Scale) -> Road:
        upper, lower = (radial_road(order + mu, kappa_squared, scale) for order in (2, 1))

        def road(r: Array, out: Array) -> None:
            other = np.empty_like(out)
            lower(r, other)
            upper(r, out)
            out -= other

        return road

    far_scale = _scale(dim, nu, kappa_squared, mu, 2 + mu, exponent)
    far = partial(_with_power, difference(far_scale), difference, log_road(2 + mu, kappa_squared), far_scale,
                  Fraction(j - 2))

    def road(r: Array, out: Array) -> None:
        inside = np.ldexp(r, min(shift, 5000)) * root <= 1.0
        near, beyond = np.flatnonzero(inside & (r > 0)), np.flatnonzero(~inside)
        distances, distant = r[near], r[beyond]
        out[...] = at_zero
        if distant.size:
            values = np.empty_like(distant)
            far(distant, values)
            out[beyond] = values
        if distances.size:
            mantissa, exponents = np.frexp(distances)
            values = near_scale.mantissa * series(mantissa * root, exponents + shift)
            out[near] = _product(values, distances, Fraction(j), near_scale.exponent)

    return road


def _temme(mu: Fraction) -> Callable[[Array, NDArray[Any]], Array]:
    """(x/2)^μ K_μ(x) for 0 < x ≤ 1, x = mantissa · 2^exponent, |μ| < 0.01, by Temme's series.

    With q = (x/2)^(2μ) it is Σ_k (x²/4)^k/k! f_k, where f_0 = γ₂ (1-q)/(2μ) + γ₁ (1+q)/2,
    γ₁ = (Γ(1+μ) - Γ(1-μ))/(2μ), γ₂ = (Γ(1+μ) + Γ(1-μ))/2, p_0 = Γ(1+μ)/2, q_0 = q Γ(1-μ)/2 and
    f_k = (k f_(k-1) + p_(k-1) + q_(k-1))/(k²-μ²), p_k = p_(k-1)/(k-μ), q_k = q_(k-1)/(k+μ).
    """
    order = float(mu)
    odd, even, up, down = _gammas(mu)

    def series(mantissa: Array, exponent: NDArray[Any]) -> Array:
        log = np.log(mantissa) + (exponent - 1) * math.log(2)
        slope = np.expm1(2 * order * log)  # q - 1
        f = odd * (1.0 + slope / 2)
        f -= even * (log if abs(order) < 1e-30 else slope / (2 * order))
        p, q = up / 2, (1.0 + slope) * (down / 2)
        square = np.ldexp(mantissa, np.maximum(exponent - 1, -600)) ** 2
        factor = np.ones_like(square)
        total = f.copy()
        for k in range(1, TERMS):
            f = (k * f + p + q) / (k * k - order * order)
            p, q = p / (k - order), q / (k + order)
            factor *= square / k
            total += factor * f
        return total

    return series


@lru_cache(maxsize=64)
def _gammas(mu: Fraction) -> tuple[float, float, float, float]:
    """(Γ(1+μ) - Γ(1-μ))/(2μ), (Γ(1+μ) + Γ(1-μ))/2, Γ(1+μ) and Γ(1-μ)."""
    with precision(270) as mp:  # below 1e-40 the first is its limit to as many digits
        order = exact_mpf(mu)
        up, down = mp.gamma(1 + order), mp.gamma(1 - order)
        odd = (up - down) / (2 * order) if abs(order) > mp.mpf(10) ** -40 else -mp.euler
        return float(odd), float((up + down) / 2), float(up), float(down)


@lru_cache(maxsize=256)
def _scale(
    dim: int, nu: Fraction, kappa_squared: Fraction, mu: Fraction, smoothness: Fraction | None, exponent: int
) -> Scale:
    """2^exponent c, where F_m = c r^(μ-λ) M_λ(r), or without a smoothness λ F_m = c (x/2)^μ K_μ(x), x = κr.

    F_m = A κ^(-2μ) x^μ K_μ(x) with A = 2^(1-t)/((2π)^(n/2) Γ(t)), t = ν + n/2, and
    x^λ K_λ(x) = 2^(λ-1) Γ(λ) M_λ. λ is |μ|, or 2 + μ, which stands for M_(2+μ) - M_(1+μ).
    """
    with precision(170) as mp:
        half, order = mp.mpf(dim) / 2, exact_mpf(nu + Fraction(dim, 2))
        value = 2 ** (1 - order) / ((2 * mp.pi) ** half * mp.gamma(order))
        if smoothness is None:
            value *= 2 ** exact_mpf(mu) * exact_mpf(kappa_squared) ** -exact_mpf(mu)
        else:
            value *= 2 ** exact_mpf(smoothness - 1) * mp.gamma(exact_mpf(smoothness))
            value *= exact_mpf(kappa_squared) ** exact_mpf(-(mu + smoothness) / 2)
        return rounded(mp.ldexp(value, exponent))
