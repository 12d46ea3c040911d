"""d(r) for arrays of distances: which road answers where.

* ν = 1/2, 3/2, 5/2, 7/2 up to κr = 690: the printed closed forms (`half_integer`).
* every other ν in [0.01, 500], and every r beyond that: the Taylor table (`taylor`).
* logarithms: the table while it lasts, then the expansion in 1/r (`asymptotic`).
* ν outside [0.01, 500]: mpmath, point by point, slow but right (`precise`).

Arrays of any layout and of both precisions are read and written through tiles of
float64, the only memory that is taken. A factor d(0) joins as mantissa and power
of two, so that zero and infinity appear only where the result itself leaves the
range of floats.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import asymptotic, precise
from sobolevkernels.evaluation.constants import ONE, Scale, power_of_two, reduced, square_root
from sobolevkernels.evaluation.half_integer import CORRELATIONS
from sobolevkernels.evaluation.taylor import NEAR, Table, table

Array = NDArray[np.float64]
#: Reads distances from its first argument and writes values into its second; both are tiles.
Road = Callable[[Array, Array], None]

#: Elements in a tile: a few tiles fit the second-level cache.
TILE = 8192
#: The closed forms are used up to here; e^(-690) is still a normal number.
CLOSED_FORM_END = 690.0
#: The smoothness the table serves.
TABLE_NU = (Fraction(1, 100), Fraction(500))
#: No table is longer; what lies beyond (huge kappa^(-2ν) times tiny M) goes to mpmath.
LONGEST = 4096


def radial(
    nu: Fraction, kappa_squared: Fraction, r: NDArray[Any], out: NDArray[Any], scale: Scale = ONE
) -> None:
    """Write scale · M(r) into `out`, M(r) = 2^(1-ν)/Γ(ν) (κr)^ν K_ν(κr).

    For scale 1 the error is at most 5 units in the last place from the closed forms and 2.5
    from the table, everywhere; a scale adds at most 1.5. The table never rounds κr, so this
    holds for it at any κ. The closed forms carry the rounding of κr along, which costs up to
    2 units more where κ is not a power of two.

    Parameters
    ----------
    nu : Fraction
        Smoothness, positive.
    kappa_squared : Fraction
        Square of the inverse length.
    r : ndarray
        Distances, at least 0, infinity included; not checked here.
    out : ndarray
        Result, float64 or float32, shaped like `r`; it may be `r`.
    scale : Scale
        d(0) for the kernel, nothing for its correlation.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> r, out = np.array([0.0, 1.0, np.inf]), np.empty(3)
    >>> radial(Fraction(5, 4), Fraction(1), r, out)
    >>> [f"{value:.12f}" for value in out]
    ['1.000000000000', '0.678305039004', '0.000000000000']
    """
    over_tiles(radial_road(nu, kappa_squared, scale), r, out)


def log_radial(
    nu: Fraction, kappa_squared: Fraction, r: NDArray[Any], out: NDArray[Any], scale: Scale = ONE
) -> None:
    """Write log(scale · M(r)) into `out`; it never underflows.

    The error is at most 4 eps · max(1, |log|) at κ = 1; elsewhere the rounding of κr, one part
    in 2^53, comes to it. Parameters as for `radial`.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> r, out = np.array([0.0, 1e6]), np.empty(2)
    >>> log_radial(Fraction(1, 2), Fraction(1), r, out)
    >>> out.round(6).tolist()
    [0.0, -1000000.0]
    """
    over_tiles(log_road(nu, kappa_squared, scale), r, out)


def over_tiles(road: Road, r: NDArray[Any], out: NDArray[Any]) -> None:
    """Run `road` over contiguous float64 tiles of `r` and `out`, whatever their layout and precision."""
    layout: Any = ["contig", "overlap_assume_elementwise"]
    tiles = np.nditer(
        [r, out], flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[["readonly", *layout], ["writeonly", *layout]],
        op_dtypes=[np.float64, np.float64], casting="same_kind", buffersize=TILE)
    # Rounding to zero, to a subnormal number or to infinity is what the true value does here.
    with np.errstate(all="ignore"), tiles:
        for tile, result in tiles:
            road(tile, result)


def radial_road(nu: Fraction, kappa_squared: Fraction, scale: Scale = ONE) -> Road:
    """The road that writes scale · M(r), for use on several tiles; see `radial`."""
    if not TABLE_NU[0] <= nu <= TABLE_NU[1]:
        return lambda r, out: _with_mpmath(nu, kappa_squared, scale, r, out)
    moderate = abs(reduced(kappa_squared)[1]) < 500  # so that κr is as good as it gets
    if moderate and nu.denominator == 2 and nu.numerator // 2 in CORRELATIONS:
        return lambda r, out: _with_closed_form(nu, kappa_squared, scale, r, out)
    return lambda r, out: _with_table(nu, kappa_squared, scale, r, out)


def log_road(nu: Fraction, kappa_squared: Fraction, scale: Scale = ONE) -> Road:
    """The road that writes log(scale · M(r)); see `log_radial`."""
    if not TABLE_NU[0] <= nu <= TABLE_NU[1]:
        return lambda r, out: _log_with_mpmath(nu, kappa_squared, scale, r, out)
    return lambda r, out: _log_with_table(nu, kappa_squared, scale, r, out)


def _with_closed_form(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    kappa, high, low = _split(kappa_squared)
    far = np.flatnonzero(r > CLOSED_FORM_END / kappa)
    distances = r[far]  # before anything is written: `out` may be `r`
    if far.size or np.may_share_memory(r, out):
        r = r.copy()
        r[far] = 0.0
    work = np.empty_like(out)
    if kappa == 1.0:
        CORRELATIONS[nu.numerator // 2](r, out, work)
    else:
        x = r * kappa
        CORRELATIONS[nu.numerator // 2](x, out, work)
        if math.frexp(kappa)[0] != 0.5 or low:
            # e^(-κr) = e^(-x) (1 - (κr - x)); the polynomial does not feel the rounding of x as much.
            np.multiply(_rounding(r, x, high, low), out, out=work)
            out -= work
    if scale is not ONE:
        _rescale(out, scale.mantissa, scale.exponent)
    if far.size:
        values = np.empty_like(distances)
        _with_table(nu, kappa_squared, scale, distances, values)
        out[far] = values


@lru_cache(maxsize=256)
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
        np.ldexp(values, _clipped(exponent), out=values)


def _with_table(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    g, shift = reduced(kappa_squared)
    scaled = np.ldexp(r, _clipped(shift)) if shift else r
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
        values = np.where(delicate, np.ldexp(values, _clipped(exponents - 1)), plain)
    if beyond is not None:
        values[beyond] = 0.0
        if not end:
            where = np.flatnonzero(beyond & np.isfinite(r))
            distant = np.empty(where.size)
            _with_mpmath(nu, kappa_squared, scale, r[where], distant)
            values[where] = distant
    out[...] = values


def _log_with_table(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    g, shift = reduced(kappa_squared)
    scaled = np.ldexp(r, _clipped(shift)) if shift else r
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
    x = np.ldexp(math.sqrt(g) * distances, _clipped(shift))
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
    return np.ldexp(mantissa, _clipped(powers)), bool(np.abs(powers).max() <= 1000)


def _clipped(exponents: Any) -> Any:
    """Exponents as the C integers `np.ldexp` takes; past ±5000 every float is 0 or infinity anyway."""
    return np.clip(exponents, -5000, 5000).astype(np.intc)


def _with_mpmath(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    from mpmath import mp

    with mp.workprec(120):
        for index, distance in enumerate(r.tolist()):
            if math.isinf(distance):
                out[index] = 0.0
                continue
            value = precise.correlation_mpf(nu, kappa_squared, Fraction(distance)) * scale.mantissa
            mantissa, exponent = mp.frexp(value)
            out[index] = power_of_two(float(mantissa), int(exponent) + scale.exponent)


def _log_with_mpmath(nu: Fraction, kappa_squared: Fraction, scale: Scale, r: Array, out: Array) -> None:
    from mpmath import mp

    with mp.workprec(120):
        for index, distance in enumerate(r.tolist()):
            if math.isinf(distance):
                out[index] = -math.inf
                continue
            log = mp.log(precise.correlation_mpf(nu, kappa_squared, Fraction(distance)))
            out[index] = float(log) + scale.log
