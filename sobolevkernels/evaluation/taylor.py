"""One table for every smoothness: piecewise polynomials from the differential equation.

The correlation M(r) = d(r)/d(0) solves r M'' + (1-2ν) M' - κ² r M = 0. Far out,
Hankel's expansion of K gives M and M' to forty digits; from there the equation is
marched inward, which is the stable direction, by Taylor series in integer
arithmetic. Each interval keeps one polynomial of degree 10 in t ∈ [-1, 1], which
is the Taylor polynomial economised (Chebyshev) and rounded once, and the power
of two in front of it, so that nothing underflows.

Below r = 2 an octave is cut into 8 intervals, because M has a branch point r^(2ν)
at 0; from 2 on every interval is 1/4 wide, because |M'/M| ≤ κ there, up to a term of
order 1/r. Both are read off the bits of r. κ enters the equation through its exact square, so no
product κ·r is ever rounded; only its mantissa matters, κ² = g 4^e with 1/4 < g ≤ 1,
since multiplying r by 2^e is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import count
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.constants import exact_mpf, one_at_a_time, precision

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Intervals per octave below r = 2, as a power of two; from there they are 2^(1-SPLIT) wide.
SPLIT = 3
DEGREE = 10
#: Terms beyond DEGREE that economisation folds back; what follows is below 2^-62.
FOLDED = 6
#: Relative accuracy of the march, and what is kept of it for the final rounding, in bits.
BITS, KEPT = 80, 62
#: Terms at most; the series of ν = 500 on the innermost intervals take about 250.
MOST_TERMS = 500
#: A = (centre)/(half-width) of the first interval of an octave, which has the smallest A.
INNERMOST = (2 << SPLIT) + 1


#: Where the first table of a smoothness ends; `table` goes further on demand.
NEAR = 128


@dataclass(frozen=True, eq=False)
class Table:
    """M(r) = 2^exponents[i] Σ_k coefficients[k][i] t^k, -1 ≤ t ≤ 1, on interval i.

    Interval 0 is everything below 2^-octaves. There M is 1, or, when `branch` is not
    zero, M = 1 - branch r^(2ν). The last interval ends at `reach`.
    """

    coefficients: tuple[Array, ...]
    exponents: Integers
    octaves: int
    reach: int
    branch: float

    def locate(self, r: Array) -> tuple[Integers, Array]:
        """The interval and the t of each 0 ≤ r < reach, without rounding."""
        bits = r.view(np.int64)
        in_octaves = bits >> (52 - SPLIT)
        in_octaves -= ((1023 - self.octaves) << SPLIT) - 1
        np.clip(in_octaves, 0, (self.octaves + 1) << SPLIT, out=in_octaves)
        position = r * (1 << SPLIT - 1)
        floor = np.floor(position)
        position -= floor
        position -= 0.5
        position *= 2.0
        uniform = floor.astype(np.int64)
        uniform -= (1 << SPLIT) - 1
        np.maximum(uniform, 0, out=uniform)
        # Below 2 the same from the bits: the part of the mantissa inside the interval.
        inside = bits & ((1 << 52 - SPLIT) - 1)
        inside |= 0x3FF << 52
        t = inside.view(np.float64)
        t -= 1.0 + 0.5 / (1 << SPLIT)
        t *= 2 << SPLIT
        np.copyto(t, position, where=r >= 2.0)
        in_octaves += uniform
        return in_octaves, t

    def polynomial(self, interval: Integers, t: Array) -> Array:
        """M without its power of two, by Horner's rule."""
        value = np.take(self.coefficients[-1], interval, mode="clip")
        gathered = np.empty_like(value)
        for column in self.coefficients[-2::-1]:
            value *= t
            np.take(column, interval, out=gathered, mode="clip")
            value += gathered
        return value

    def extended(self, polynomials: Array, exponents: Integers, reach: int) -> Table:
        """The table with further intervals, one a column of `polynomials`."""
        columns = tuple(np.append(*pair) for pair in zip(self.coefficients, polynomials, strict=True))
        return replace(self, coefficients=columns, exponents=np.append(self.exponents, exponents), reach=reach)


def table(nu: Fraction, g: Fraction, reach: int = NEAR) -> Table:
    """The table for smoothness `nu` on [0, reach].

    Parameters
    ----------
    nu : Fraction
        Smoothness, in [0.01, 500].
    g : Fraction
        Square of the inverse length, scaled into (1/4, 1].
    reach : int
        Where the table ends, at least 128, in the units in which kappa² is `g`.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> rows = table(Fraction(17, 10), Fraction(1))
    >>> len(rows.coefficients), rows.reach
    (11, 128)
    """
    with one_at_a_time():
        return _near(nu, g) if reach == NEAR else _extended(nu, g, reach)


@lru_cache(maxsize=64)
def _near(nu: Fraction, g: Fraction) -> Table:
    # Below 2^-octaves, 1 - M is a single power of r and at most 1/8, or nothing.
    octaves = max(32, math.ceil(Fraction(3, 2) / nu))
    polynomials, exponents = economised(*_march(nu, g, 0, NEAR, octaves))
    one = np.zeros((DEGREE + 1, 1))
    one[0] = 1.0
    return Table(tuple(np.hstack([one, polynomials])), np.append(0, exponents), octaves, NEAR, _branch(nu, g))


@lru_cache(maxsize=16)
def _extended(nu: Fraction, g: Fraction, reach: int) -> Table:
    return _near(nu, g).extended(*economised(*_march(nu, g, NEAR, reach, 0)), reach)


def economised(rows: list[list[int]], exponents: list[int]) -> tuple[Array, Integers]:
    """Polynomials of degree DEGREE, one a column, and their exponents, from the origin outward."""
    integers = np.array(rows[::-1], dtype=np.int64).T
    high = integers.astype(np.float64)
    low = (integers - high.astype(np.int64)).astype(np.float64)
    folded = _folding() @ high[DEGREE + 1:]
    polynomials = (high[: DEGREE + 1] + (low[: DEGREE + 1] + folded)) * 2.0 ** -KEPT
    return polynomials, np.array(exponents[::-1], dtype=np.int64)


def _march(
    nu: Fraction, g: Fraction, inner: int, outer: int, octaves: int
) -> tuple[list[list[int]], list[int]]:
    """Taylor coefficients of every interval of [inner, outer], from far to near, and binary exponents."""
    pieces = intervals(inner, outer, octaves)
    noise, edge = guard_bits(nu, pieces)
    bits = BITS + noise + edge
    factors = weights(nu, bits)
    (value, slope), _, exponent = start(nu, g, pieces[0][0], bits, 96)
    rows, exponents = [], []
    for A, octave in pieces:
        terms = series(A, gamma(g, octave, bits), value, slope, factors, bits, 4 << noise)
        rows.append(kept(terms, bits))
        exponents.append(exponent)
        value, slope = step(A, terms)
        excess = value.bit_length() - bits
        if excess > 0:
            value, slope, exponent = value >> excess, slope >> excess, exponent + excess
    return rows, exponents


def intervals(inner: int, outer: int, octaves: int) -> list[tuple[int, int]]:
    """A and the octave of the intervals of [inner, outer], from far to near; octave 0 is from 2 on.

    For inner = 0 they end at 2^-octaves. An interval of width h and centre Ah/2, A an odd
    integer, is r = h(A/2 + τ), |τ| ≤ 1/2. Neighbours of the same width have their centres at
    τ = ±1: the next step starts from a plain sum of coefficients.
    """
    smallest = inner << SPLIT | 1 if inner else INNERMOST
    pieces = [(A, 0) for A in range((outer << SPLIT) - 1, smallest - 1, -2)]
    if not inner:
        pieces += [(A, octave) for octave in range(1, octaves + 2)
                   for A in range(2 * INNERMOST - 3, INNERMOST - 1, -2)]
    return pieces


def guard_bits(nu: Fraction, pieces: list[tuple[int, int]]) -> tuple[int, int]:
    """What rounding errors grow by inside an interval, in bits: in the terms, and from the centre outward.

    The other solutions of the equation grow like r^(2ν). They die out on the way in, but
    rounding errors grow with them inside an interval: by (1+2/A)^(2ν) at most in the terms,
    and by (1+1/A)^(2ν) from the centre to the outer edge.
    """
    smallest = min(A for A, _ in pieces)
    noise, edge = (math.ceil(2 * float(nu) * math.log2(1 + j / smallest)) for j in (2, 1))
    return noise, edge


def weights(nu: Fraction, bits: int) -> list[int]:
    """2k(k - 2ν), k = 1, 2, …, in fixed point."""
    return [2 * k * ((k << bits) - _fixed(2 * nu, bits)) for k in range(1, MOST_TERMS)]


def gamma(g: Fraction, octave: int, bits: int) -> int:
    """γ = κ²h² on the intervals of an octave, in fixed point."""
    return _fixed(g / (1 << 2 * (SPLIT + octave - 1)), bits)


def series(
    A: int, gamma: int, value: int, slope: int, factors: list[int], bits: int, negligible: int
) -> list[int]:
    """Taylor coefficients e_k in τ on one interval, until two in a row are negligible.

    With γ = κ²h² the equation is
    A (k+1)(k+2) e_(k+2) = γ (A e_k + 2 e_(k-1)) - 2 (k+1)(k+1-2ν) e_(k+1).
    """
    terms = [value, slope]
    twice_before, this, after = 0, value, slope
    small = False
    for k, weight in enumerate(factors):
        new = (gamma * (A * this + twice_before) - weight * after >> bits) // (A * (k + 1) * (k + 2))
        terms.append(new)
        if -negligible < new < negligible:
            if small and k + 3 > DEGREE + FOLDED:
                break
            small = True
        else:
            small = False
        twice_before, this, after = 2 * this, after, new
    return terms


def kept(terms: list[int], bits: int) -> list[int]:
    """The coefficients that economisation reads, in t = 2τ, rounded from `bits` to KEPT bits."""
    return [c >> (bits - KEPT + k) for k, c in enumerate(terms[: DEGREE + FOLDED + 1])]


def step(A: int, terms: list[int]) -> tuple[int, int]:
    """Value and τ-derivative at the centre of the next interval, in its units."""
    return _across(terms) if A == INNERMOST else _inward(terms)


def _inward(terms: list[int]) -> tuple[int, int]:
    """At τ = -1, where the next interval has the same width."""
    even, odd = terms[::2], terms[1::2]
    slope = sum(map(mul, odd, count(1, 2))) - sum(map(mul, even, count(0, 2)))
    return sum(even) - sum(odd), slope


def _across(terms: list[int]) -> tuple[int, int]:
    """At τ = -3/4, where the next interval is half as wide."""
    value = slope = 0
    for k in range(len(terms) - 1, 0, -1):
        value = terms[k] - (3 * value >> 2)
        slope = k * terms[k] - (3 * slope >> 2)
    return terms[0] - (3 * value >> 2), slope >> 1


def start(
    nu: Fraction, g: Fraction, A: int, bits: int, accuracy: int
) -> tuple[tuple[int, int], tuple[int, int], int]:
    """M and its τ-derivative, their derivatives with respect to ν, and the power of two taken out of all four.

    In fixed point, at the centre r of the interval A from 2 on. M(r) = c x^(ν-1/2) e^(-x) S_ν(x) and
    M'(r) = -κ c x^(ν-1/2) e^(-x) S_(ν-1)(x), where x = κr, c = 2^(1-ν) sqrt(π/2)/Γ(ν) and
    S_ν(x) = sqrt(2x/π) e^x K_ν(x). The logarithmic ν-derivative of c x^(ν-1/2) is log(x/2) - ψ(ν).
    """
    with precision(bits + 64) as mp:
        kappa, order = mp.sqrt(exact_mpf(g)), exact_mpf(nu)
        x = kappa * A / (1 << SPLIT)
        front = 2 ** (1 - order) * mp.sqrt(mp.pi / (2 * x)) / mp.gamma(order) * x**order * mp.exp(-x)
        growth = mp.log(x / 2) - mp.digamma(order)
        value, value_order = _hankel(order, x, bits + 32, accuracy)
        slope, slope_order = _hankel(order - 1, x, bits + 32, accuracy)
        front_slope = -kappa * mp.ldexp(1, 1 - SPLIT) * front
        exponent = mp.mag(front * value)

        def fixed(number: Any) -> int:
            return int(mp.ldexp(number, bits - exponent))

        return ((fixed(front * value), fixed(front_slope * slope)),
                (fixed(front * (growth * value + value_order)), fixed(front_slope * (growth * slope + slope_order))),
                exponent)


def _hankel(order: Any, x: Any, bits: int, accuracy: int) -> tuple[Any, Any]:
    """Hankel's series S_ν(x) = Σ_k Π_(j≤k) (4ν² - (2j-1)²)/(8xj) and its ν-derivative, for x ≥ 63.

    Both to 2^-accuracy of the first. The terms fall to e^(-2x) of the sum before they grow again.
    """
    from mpmath import mp

    four_nu2, eight_nu, eight_x = (int(mp.ldexp(number, bits)) for number in (4 * order**2, 8 * order, 8 * x))
    total = term = 1 << bits
    derivative = change = 0
    k = 0
    while max(abs(term), abs(change)) > total >> accuracy:
        k += 1
        factor = four_nu2 - ((2 * k - 1) ** 2 << bits)
        change = (change * factor + term * eight_nu) // (eight_x * k)
        term = term * factor // (eight_x * k)
        total += term
        derivative += change
    return mp.ldexp(mp.mpf(total), -bits), mp.ldexp(mp.mpf(derivative), -bits)


def _fixed(number: Fraction, bits: int) -> int:
    return (number.numerator << bits) // number.denominator


def _branch(nu: Fraction, g: Fraction) -> float:
    """Γ(1-ν)/Γ(1+ν) (κ/2)^(2ν), the coefficient of r^(2ν) in 1 - M; 0 where that is nothing at 2^-32."""
    if nu > Fraction(7, 8):
        return 0.0
    with precision(80) as mp:
        order = exact_mpf(nu)
        return float(mp.gamma(1 - order) / mp.gamma(1 + order) * (exact_mpf(g) / 4) ** order)


@lru_cache(maxsize=1)
def _folding() -> Array:
    """The polynomials of degree DEGREE nearest to t^k, one a column, for the FOLDED powers beyond.

    Nearest in the sense of Chebyshev: the terms of higher degree are dropped from the
    expansion in Chebyshev polynomials.
    """
    from numpy.polynomial import chebyshev

    columns = np.zeros((DEGREE + 1, FOLDED))
    for j in range(FOLDED):
        power = np.append(np.zeros(DEGREE + 1 + j), 1.0)
        nearest = chebyshev.cheb2poly(chebyshev.poly2cheb(power)[: DEGREE + 1])
        columns[: nearest.size, j] = nearest
    return columns
