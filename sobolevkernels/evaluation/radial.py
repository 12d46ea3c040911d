"""d(r) for arrays of distances: which road answers where.

* ν = 1/2, 3/2, 5/2, 7/2 up to κr = 690: the printed closed forms (`half_integer`).
* every other ν in [0.01, 500], and every r beyond that: the Taylor table (`taylor`).
* logarithms: the table while it lasts, then the expansion in 1/r (`asymptotic`).
* ν outside [0.01, 500]: mpmath, point by point, slow but right (`precise`).

With the `fast` extra, compiled twins of the first two answer for large arrays
(`compiled`). A factor d(0) joins as mantissa and power of two, so that zero and
infinity appear only where the result itself leaves the range of floats.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import asymptotic, compiled, precise
from sobolevkernels.evaluation.constants import ONE, Scale, clipped, power_of_two, precision, reduced, square_root
from sobolevkernels.evaluation.half_integer import CORRELATIONS
from sobolevkernels.evaluation.taylor import NEAR, Table, table
from sobolevkernels.evaluation.tiles import Array, Road

#: The closed forms are used up to here; e^(-690) is still a normal number.
CLOSED_FORM_END = 690.0
#: The smoothness the table serves.
TABLE_NU = (Fraction(1, 100), Fraction(500))
#: No table is longer; what lies beyond (huge kappa^(-2ν) times tiny M) goes to mpmath.
LONGEST = 4096


def radial_road(nu: Fraction, kappa_squared: Fraction, scale: Scale = ONE, entries: int = 0) -> Road:
    """The road that writes scale · M(r), M(r) = 2^(1-ν)/Γ(ν) (κr)^ν K_ν(κr); see `tiles` for what runs on it.

    For scale 1 the error is at most 2.5 units in the last place, everywhere, and at most 5 from
    the closed forms in NumPy; a scale adds at most 1.5. The table never rounds κr and the compiled
    closed forms carry its rounding along, so that this holds for them at any κ. In NumPy the closed
    forms carry it along in part, which costs up to 2 units more where κ is not a power of two.

    Parameters
    ----------
    nu : Fraction
        Smoothness, positive.
    kappa_squared : Fraction
        Square of the inverse length.
    scale : Scale
        d(0) for the kernel, nothing for its correlation.
    entries : int
        How many values will be asked for: with the `fast` extra the road is a compiled one where
        that is worth it.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> r, out = np.array([0.0, 1.0, np.inf]), np.empty(3)
    >>> radial_road(Fraction(5, 4), Fraction(1))(r, out)
    >>> [f"{value:.12f}" for value in out]
    ['1.000000000000', '0.678305039004', '0.000000000000']
    """
    return _radial_road(nu, kappa_squared, scale, compiled.worth(entries))


@lru_cache(maxsize=256)
def _radial_road(nu: Fraction, kappa_squared: Fraction, scale: Scale, compile_: bool) -> Road:
    if not TABLE_NU[0] <= nu <= TABLE_NU[1]:
        return partial(_with_mpmath, nu, kappa_squared, scale)
    g, shift = reduced(kappa_squared)
    moderate = abs(shift) < 500  # so that κr is as good as it gets
    compile_ = compile_ and moderate and abs(scale.exponent) <= compiled.MOST_EXPONENT
    table_road = partial(_with_table, nu, g, shift, kappa_squared, scale)
    if moderate and nu.denominator == 2 and (p := nu.numerator // 2) in CORRELATIONS:
        kappa = _split(kappa_squared)
        return (compiled.ClosedForm(p, *kappa, scale) if compile_
                else partial(_with_closed_form, p, kappa, scale, table_road))
    return partial(_with_compiled_table, nu, g, shift, scale, table_road) if compile_ else table_road


def log_road(nu: Fraction, kappa_squared: Fraction, scale: Scale = ONE) -> Road:
    """The road that writes log(scale · M(r)); it never underflows.

    The error is at most 4 eps · max(1, |log|) at κ = 1; elsewhere the rounding of κr, one part
    in 2^53, comes to it. Parameters as for `radial_road`.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> out = np.empty(2)
    >>> log_road(Fraction(1, 2), Fraction(1))(np.array([2.0, 1e6]), out)
    >>> out.round(6).tolist()
    [-2.0, -1000000.0]
    """
    if not TABLE_NU[0] <= nu <= TABLE_NU[1]:
        return partial(_log_with_mpmath, nu, kappa_squared, scale)
    return partial(_log_with_table, nu, kappa_squared, scale)


def _with_closed_form(
    p: int, kappa: tuple[float, float, float], scale: Scale, far_road: Road, r: Array, out: Array
) -> None:
    rounded, high, low = kappa
    end = CLOSED_FORM_END / rounded
    far = np.flatnonzero(r > end) if r.max(initial=0.0) > end else None
    if far is not None:
        distances = r[far]  # before anything is written: `out` may be `r`
        r = r.copy()
        r[far] = 0.0
    elif np.may_share_memory(r, out):
        r = r.copy()
    work = np.empty_like(out)
    if rounded == 1.0 and not low:
        CORRELATIONS[p](r, out, work)
    else:
        x = r * rounded
        CORRELATIONS[p](x, out, work)
        if math.frexp(rounded)[0] != 0.5 or low:
            # e^(-κr) = e^(-x) (1 - (κr - x)); the polynomial does not feel the rounding of x as much.
            np.multiply(_rounding(r, x, high, low), out, out=work)
            out -= work
    if scale is not ONE:
        _rescale(out, scale.mantissa, scale.exponent)
    if far is not None:
        values = np.empty_like(distances)
        far_road(distances, values)
        out[far] = values


def _split(kappa_squared: Fraction) -> tuple[float, float, float]:
    """κ as a float, and as the sum of a float of 26 bits and a rest."""
    g, e = reduced(kappa_squared)
    root = Fraction(math.isqrt(int(g * 4**120)), 2**120)  # exact where √g is a float
    high = Fraction(round(root * 2**26), 2**26)
    return square_root(kappa_squared), power_of_two(float(high), e), power_of_two(float(root - high), e)


def _rounding(r: Array, x: Array, high: float, low: float) -> Array:
    """κr - x, where x is the rounded product and κ = high + low, by splitting r likewise (Dekker)."""
    upper = (r.view(np.int64) & -(1 << 27)).view(np.float64)
    rest = upper * high
    rest -= x
    np.subtract(r, upper, out=upper)
    upper *= high
    rest += upper
    np.multiply(r, low, out=upper)
    rest += upper
    return rest


def _rescale(values: Array, mantissa: float, exponent: int) -> None:
    """values · mantissa · 2^exponent in place, without leaving the range of floats on the way."""
    factor = power_of_two(mantissa, exponent)
    if 2.0**-1022 <= factor < math.inf:
        values *= factor
    else:
        values *= mantissa
        np.ldexp(values, clipped(exponent), out=values)


def _with_table(
    nu: Fraction, g: Fraction, shift: int, kappa_squared: Fraction, scale: Scale, r: Array, out: Array
) -> None:
    scaled = np.ldexp(r, clipped(shift)) if shift else r
    farthest = float(scaled.max(initial=0.0))
    rows, end = _table_for(nu, g, farthest, scale.exponent)
    beyond = scaled >= rows.reach if farthest >= rows.reach else None
    near = scaled if beyond is None else np.where(beyond, 0.0, scaled)
    interval, t = rows.locate(near)
    values = rows.polynomial(interval, t)
    if rows.branch:
        _apply_branch(rows, nu, r, shift, near, interval, values)
    factors, safe = _factors(nu, g, rows.reach, scale.mantissa, scale.exponent)
    if safe or not (delicate := np.abs(rows.exponents[interval] + scale.exponent) > 1000).any():
        values *= factors[interval]
    else:
        exponents = rows.exponents[interval] + scale.exponent
        plain = values * factors[interval]
        values *= scale.mantissa * 2
        values = np.where(delicate, np.ldexp(values, clipped(exponents - 1)), plain)
    if beyond is not None:
        values[beyond] = 0.0
        if not end:
            where = np.flatnonzero(beyond & np.isfinite(r))
            distant = np.empty(where.size)
            _with_mpmath(nu, kappa_squared, scale, r[where], distant)
            values[where] = distant
    out[...] = values


def _with_compiled_table(
    nu: Fraction, g: Fraction, shift: int, scale: Scale, otherwise: Road, r: Array, out: Array
) -> None:
    rows, end = _table_for(nu, g, power_of_two(float(r.max(initial=0.0)), shift), scale.exponent)
    if end:
        compiled.with_table(rows, nu, shift, scale, r, out)
    else:
        otherwise(r, out)


def _log_with_table(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    g, shift = reduced(kappa_squared)
    scaled = np.ldexp(r, clipped(shift)) if shift else r
    rows = table(nu, g)
    beyond = np.flatnonzero(scaled >= rows.reach)
    distances = r[beyond]
    near = np.minimum(scaled, np.nextafter(float(rows.reach), 0.0))
    interval, t = rows.locate(near)
    values = rows.polynomial(interval, t)
    if rows.branch:
        _apply_branch(rows, nu, r, shift, near, interval, values)
    values = np.log(values)
    values += rows.exponents[interval] * math.log(2)
    x = np.ldexp(math.sqrt(g) * distances, clipped(shift))
    values[beyond] = asymptotic.log_correlation(nu, x)
    np.add(values, scale.log, out=out)


def _apply_branch(
    rows: Table, nu: Fraction, r: Array, shift: int, scaled: Array, interval: NDArray[np.int64], values: Array
) -> None:
    """M = 1 - branch · r^(2ν) on interval 0, where `scaled` = 2^shift r may be rounded or zero."""
    tiny = np.flatnonzero(interval == 0)
    if tiny.size:
        log2 = np.log2(scaled[tiny])
        rounded = scaled[tiny] < 2.0**-1022
        log2[rounded] = np.log2(r[tiny[rounded]]) + shift
        values[tiny] = 1.0 - rows.branch * np.exp2(2 * float(nu) * log2)


def _table_for(nu: Fraction, g: Fraction, farthest: float, exponent: int) -> tuple[Table, bool]:
    """A table that reaches `farthest` if anything is left there, and whether past its end all is zero."""
    if farthest < NEAR:
        return table(nu, g), True
    end = asymptotic.zero_from(nu, math.sqrt(g), exponent, NEAR, LONGEST)
    reach = min(end, NEAR * (int(min(farthest, end)) // NEAR + 1))
    return table(nu, g, reach), end < LONGEST


@lru_cache(maxsize=64)
def _factors(nu: Fraction, g: Fraction, reach: int, mantissa: float, exponent: int) -> tuple[Array, bool]:
    """mantissa · 2^(exponent + exponents[i]) for a table, and whether all are far inside the range."""
    powers = table(nu, g, reach).exponents + exponent
    return np.ldexp(mantissa, clipped(powers)), bool(np.abs(powers).max() <= 1000)


def _with_mpmath(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    with precision(120) as mp:
        for index, distance in enumerate(r.tolist()):
            if math.isinf(distance):
                out[index] = 0.0
                continue
            value = precise.correlation_mpf(nu, kappa_squared, Fraction(distance)) * scale.mantissa
            mantissa, exponent = mp.frexp(value)
            out[index] = power_of_two(float(mantissa), int(exponent) + scale.exponent)


def _log_with_mpmath(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    with precision(120) as mp:
        for index, distance in enumerate(r.tolist()):
            if math.isinf(distance):
                out[index] = -math.inf
                continue
            log = mp.log(precise.correlation_mpf(nu, kappa_squared, Fraction(distance)))
            out[index] = float(log) + scale.log
