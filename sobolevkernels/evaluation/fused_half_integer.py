"""Correlations of half-integer smoothness, compiled. Printed from a formula: edit that, not this.

`python -m sobolevkernels generate` writes this module from `sobolev.half-integer`, as it does
`half_integer`. Each function writes d(r) = d(0) M(κr) in one pass, within 2.5 units in the last
place for the correlation and one more where d(0) is a factor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from numba import njit

from sobolevkernels.evaluation.fused import COMPILE, INLINE, STRIP, distances_from, horner, scaled, times_exponential


@njit(**INLINE)
def value_1_2(r, kappa, kappa_rest, limit, shift, factor):  # type: ignore[no-untyped-def]
    """M(r) = e^(-r), the correlation of smoothness nu = 1/2, at κr and times 2^shift · factor.

    Source: `sobolev.half-integer`.
    """
    x, rest = scaled(r, kappa, kappa_rest, limit)
    high, low = 1, None
    return times_exponential(high, low, x, rest, shift, factor)


@njit(**COMPILE)
def correlation_1_2(kappa, kappa_rest, limit, shift, factor, r, out):  # type: ignore[no-untyped-def]
    """`value_1_2` of each r[i], into out[i]."""
    for i in range(r.size):
        out[i] = value_1_2(r[i], kappa, kappa_rest, limit, shift, factor)


@njit(**COMPILE)
def gram_1_2(  # type: ignore[no-untyped-def]
    kappa, kappa_rest, limit, shift, factor, x, y, first, start, out
):
    """`value_1_2` of the distance of each x[first + i] from each y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], STRIP):
            strip = out[i, j:j + STRIP]
            distances_from(x[first + i], y, start + j, strip)
            for k in range(strip.size):
                strip[k] = value_1_2(strip[k], kappa, kappa_rest, limit, shift, factor)


@njit(**INLINE)
def value_3_2(r, kappa, kappa_rest, limit, shift, factor):  # type: ignore[no-untyped-def]
    """M(r) = (1 + r) e^(-r), the correlation of smoothness nu = 3/2, at κr and times 2^shift · factor.

    Source: `sobolev.half-integer`.
    """
    x, rest = scaled(r, kappa, kappa_rest, limit)
    high, low = 1, None
    high, low = horner(high, low, x, rest, 1)
    return times_exponential(high, low, x, rest, shift, factor)


@njit(**COMPILE)
def correlation_3_2(kappa, kappa_rest, limit, shift, factor, r, out):  # type: ignore[no-untyped-def]
    """`value_3_2` of each r[i], into out[i]."""
    for i in range(r.size):
        out[i] = value_3_2(r[i], kappa, kappa_rest, limit, shift, factor)


@njit(**COMPILE)
def gram_3_2(  # type: ignore[no-untyped-def]
    kappa, kappa_rest, limit, shift, factor, x, y, first, start, out
):
    """`value_3_2` of the distance of each x[first + i] from each y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], STRIP):
            strip = out[i, j:j + STRIP]
            distances_from(x[first + i], y, start + j, strip)
            for k in range(strip.size):
                strip[k] = value_3_2(strip[k], kappa, kappa_rest, limit, shift, factor)


@njit(**INLINE)
def value_5_2(r, kappa, kappa_rest, limit, shift, factor):  # type: ignore[no-untyped-def]
    """M(r) = (1 + r + r²/3) e^(-r), the correlation of smoothness nu = 5/2, at κr and times 2^shift · factor.

    Source: `sobolev.half-integer`.
    """
    x, rest = scaled(r, kappa, kappa_rest, limit)
    high, low = 1 / 3, 1 / 54043195528445952
    high, low = horner(high, low, x, rest, 1)
    high, low = horner(high, low, x, rest, 1)
    return times_exponential(high, low, x, rest, shift, factor)


@njit(**COMPILE)
def correlation_5_2(kappa, kappa_rest, limit, shift, factor, r, out):  # type: ignore[no-untyped-def]
    """`value_5_2` of each r[i], into out[i]."""
    for i in range(r.size):
        out[i] = value_5_2(r[i], kappa, kappa_rest, limit, shift, factor)


@njit(**COMPILE)
def gram_5_2(  # type: ignore[no-untyped-def]
    kappa, kappa_rest, limit, shift, factor, x, y, first, start, out
):
    """`value_5_2` of the distance of each x[first + i] from each y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], STRIP):
            strip = out[i, j:j + STRIP]
            distances_from(x[first + i], y, start + j, strip)
            for k in range(strip.size):
                strip[k] = value_5_2(strip[k], kappa, kappa_rest, limit, shift, factor)


@njit(**INLINE)
def value_7_2(r, kappa, kappa_rest, limit, shift, factor):  # type: ignore[no-untyped-def]
    """M(r) = (1 + r + 2r²/5 + r³/15) e^(-r), the correlation of smoothness nu = 7/2, at κr and times 2^shift · factor.

    Source: `sobolev.half-integer`.
    """
    x, rest = scaled(r, kappa, kappa_rest, limit)
    high, low = 1 / 15, 1 / 1080863910568919040
    high, low = horner(high, low, x, rest, 2 / 5)
    high, low = horner(high, low, x, rest, 1)
    high, low = horner(high, low, x, rest, 1)
    return times_exponential(high, low, x, rest, shift, factor)


@njit(**COMPILE)
def correlation_7_2(kappa, kappa_rest, limit, shift, factor, r, out):  # type: ignore[no-untyped-def]
    """`value_7_2` of each r[i], into out[i]."""
    for i in range(r.size):
        out[i] = value_7_2(r[i], kappa, kappa_rest, limit, shift, factor)


@njit(**COMPILE)
def gram_7_2(  # type: ignore[no-untyped-def]
    kappa, kappa_rest, limit, shift, factor, x, y, first, start, out
):
    """`value_7_2` of the distance of each x[first + i] from each y[:, start + j], into out[i, j]."""
    for i in range(out.shape[0]):
        for j in range(0, out.shape[1], STRIP):
            strip = out[i, j:j + STRIP]
            distances_from(x[first + i], y, start + j, strip)
            for k in range(strip.size):
                strip[k] = value_7_2(strip[k], kappa, kappa_rest, limit, shift, factor)


#: The functions correlation_ above by p, where nu = p + 1/2.
CORRELATIONS: Mapping[int, Callable[..., None]] = {
    0: correlation_1_2,
    1: correlation_3_2,
    2: correlation_5_2,
    3: correlation_7_2,
}


#: The functions gram_ above by p, where nu = p + 1/2.
GRAMS: Mapping[int, Callable[..., None]] = {
    0: gram_1_2,
    1: gram_3_2,
    2: gram_5_2,
    3: gram_7_2,
}
