"""Compiled loops (extra `fast`): one pass over a tile, without the interpreter's lock.

A fused multiply-add rounds a·b + c once, and so gives the rounding error of a product
exactly: that is what keeps polynomials and κr right to the last place here. Nothing may
be reordered or contracted by the compiler, so that equal input gives equal output
wherever it stands: Gram matrices are symmetric without being mirrored.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic
from numpy.polynomial import chebyshev

from sobolevkernels.evaluation.taylor import DEGREE, SPLIT


def _can_be_cached() -> bool:
    """Whether there is a folder to keep compiled code in; in a read-only installation there may be none."""
    try:
        njit(cache=True)(_can_be_cached)
    except RuntimeError:
        return False
    return True


COMPILE: dict[str, Any] = {"nogil": True, "cache": _can_be_cached(), "error_model": "numpy"}
#: For what is called inside a loop: to be part of it, so that the loop becomes vector instructions.
INLINE: dict[str, Any] = {"forceinline": True, "error_model": "numpy"}


@intrinsic
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """a·b + c, rounded once."""
    signature = types.float64(types.float64, types.float64, types.float64)
    return signature, lambda context, builder, signature, arguments: builder.fma(*arguments)


@intrinsic
def bits_of(typing_context: Any, number: Any) -> Any:
    """The 64 bits of a float as an integer."""
    signature = types.int64(types.float64)
    return signature, lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.IntType(64))


@intrinsic
def from_bits(typing_context: Any, bits: Any) -> Any:
    """The float that has these 64 bits."""
    signature = types.float64(types.int64)
    return signature, lambda context, builder, signature, arguments: builder.bitcast(arguments[0], ir.DoubleType())


def _exponential_series(terms: int, used: int, reach: float) -> list[float]:
    """Coefficients of (e^f - 1 - f)/f² on |f| ≤ reach, economised to `used` powers (Chebyshev)."""
    scaled = np.array([reach**k / math.factorial(k + 2) for k in range(terms)])
    nearest = chebyshev.cheb2poly(chebyshev.poly2cheb(scaled)[:used])
    return [float(c) / reach**k for k, c in enumerate(nearest)]


#: |f| ≤ log(2)/2 after the power of two is taken out; the series is right to 2^-56 there.
E2, E3, E4, E5, E6, E7, E8, E9, E10, E11 = _exponential_series(17, 10, 0.35)
#: Entries that are computed together from distance to value: they and a few rows of points nearly fit the first cache.
STRIP = 2048
PER_LOG2 = 1 / math.log(2)
#: log 2 as the sum of two floats, the first of 42 bits: its products with whole numbers to 2048 are exact.
LOG2 = math.floor(math.log(2) * 2**42) / 2**42
LOG2_REST = 5.497923018708371e-14
#: Adding it rounds a number to an integer, which is then found in the last bits.
ROUNDER = 1.5 * 2.0**52
ROUNDER_BITS = int(np.float64(ROUNDER).view(np.int64))


# A low part that is None does not exist: what it would take is not compiled.


@njit(**INLINE)
def scaled(r, kappa, kappa_rest, limit):  # type: ignore[no-untyped-def]
    """κ min(r, limit) as the sum of a float and a rest."""
    near = min(r, limit)
    x = near * kappa
    if kappa_rest is None:
        return x, None
    return x, fma(near, kappa_rest, fma(near, kappa, -x))


@njit(**INLINE)
def horner(high, low, x, rest, coefficient):  # type: ignore[no-untyped-def]
    """(high + low)(x + rest) + coefficient as the sum of two floats; none is negative."""
    product = high * x
    rounding = fma(high, x, -product)
    large, small = max(product, coefficient), min(product, coefficient)
    total = large + small
    rounding += small - (total - large)
    if rest is not None:
        rounding = fma(high, rest, rounding)
    if low is not None:
        rounding = fma(low, x, rounding)
    return total, rounding


@njit(**INLINE)
def times_exponential(high, low, x, rest, shift, factor):  # type: ignore[no-untyped-def]
    """(high + low) e^(-(x + rest)) 2^shift · factor, where 0 ≤ x and the power of two leaves a normal number."""
    rounded = fma(-x, PER_LOG2, ROUNDER)
    whole = rounded - ROUNDER
    f = fma(whole, -LOG2, -x)
    if rest is None:
        f = fma(whole, -LOG2_REST, f)
    else:
        f -= fma(whole, LOG2_REST, rest)
    series = fma(f, fma(f, E11, E10), E9)
    series = fma(f, fma(f, series, E8), E7)
    series = fma(f, fma(f, series, E6), E5)
    series = fma(f, fma(f, series, E4), E3)
    minus_one = fma(f * f, fma(f, series, E2), f)
    if low is None:  # noqa: SIM108
        value = fma(high, minus_one, high)
    else:
        value = high + fma(high, minus_one, fma(low, minus_one, low))
    power = from_bits((bits_of(rounded) - ROUNDER_BITS + (shift + 1023)) << 52)
    return value * power * factor


@njit(**COMPILE)
def table_values(  # type: ignore[no-untyped-def]
    coefficients, powers, octaves, reach, unit, factor, branch, exponent, shift, r, out
):
    """The Taylor table, as `taylor.Table` reads it: factor · powers[i] Σ_k coefficients[i, k] t^k; 0 from reach on.

    On interval 0, M = 1 - branch · r^exponent, where unit · r = 2^shift r may be rounded or zero.
    """
    last = (octaves + 1) << SPLIT
    for k in range(r.size):
        x = min(r[k] * unit, reach)
        bits = bits_of(x)
        interval = (bits >> (52 - SPLIT)) - (((1023 - octaves) << SPLIT) - 1)
        interval = min(max(interval, 0), last)
        if x >= 2.0:
            position = x * (1 << SPLIT - 1)
            floor = math.floor(position)
            t = 2.0 * (position - floor - 0.5)
            interval += min(np.int64(floor) - ((1 << SPLIT) - 1), len(powers) - 1 - last)
        else:
            inside = from_bits((bits & ((1 << 52 - SPLIT) - 1)) | (0x3FF << 52))
            t = (inside - (1.0 + 0.5 / (1 << SPLIT))) * (2 << SPLIT)
        value = coefficients[interval, DEGREE]
        for j in range(DEGREE - 1, -1, -1):
            value = fma(value, t, coefficients[interval, j])
        if interval == 0 and branch != 0.0:
            logarithm = math.log2(x) if x >= 2.0**-1022 else math.log2(r[k]) + shift
            value = 1.0 - branch * math.exp2(exponent * logarithm)
        out[k] = value * powers[interval] * factor if x < reach else 0.0


@njit(**INLINE)
def distances_from(point, y, start, row):  # type: ignore[no-untyped-def]
    """Distances of one point from the columns y[:, start + j], into row[j]; 1 component, or 4, 8, …."""
    count = row.size
    if len(y) == 1:
        here, column = point[0], y[0, start:start + count]
        for j in range(count):
            row[j] = abs(here - column[j])
        return
    for axis in range(0, len(y), 4):
        a, b, c, d = point[axis], point[axis + 1], point[axis + 2], point[axis + 3]
        y0, y1 = y[axis, start:start + count], y[axis + 1, start:start + count]
        y2, y3 = y[axis + 2, start:start + count], y[axis + 3, start:start + count]
        if axis == 0:
            for j in range(count):
                row[j] = ((a - y0[j]) ** 2 + (b - y1[j]) ** 2) + ((c - y2[j]) ** 2 + (d - y3[j]) ** 2)
        else:
            for j in range(count):
                row[j] += ((a - y0[j]) ** 2 + (b - y1[j]) ** 2) + ((c - y2[j]) ** 2 + (d - y3[j]) ** 2)
    for j in range(count):
        row[j] = math.sqrt(row[j])


@njit(**COMPILE)
def distances(x, y, first, start, out):  # type: ignore[no-untyped-def]
    """Distances of the rows x[first + i] from the columns y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        distances_from(x[first + i], y, start, out[i])
