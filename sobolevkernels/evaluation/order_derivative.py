"""How the kernel changes with its parameters: the ν-derivative of M = d/d(0), and its κ-derivative.

N = ∂M/∂ν, at fixed κ, solves r N'' + (1-2ν) N' - κ² r N = 2 M'. It is marched inward together
with M (see `taylor`), with more digits, because towards 0 both N and r M' fall below every
bound relative to M; each keeps its own power of two, and so all digits. κ ∂M/∂κ = r M' needs
no equation of its own. Both are positive or both zero, up to the sign of M'.

Below the last interval two terms of the series remain. With z = κr/2, L = log z, ε = 1-ν and
b = Γ(1+ε)/Γ(2-ε),
M = 1 + (z² - b z^(2ν))/ε + …, a difference that loses everything near ε = 0. Instead, with w = 2εL,
N = z^(2ν) (4L² (e^w-1-w)/w² - C₁ - 2L C₂) and r M' = -2 z^(2ν) (-2L νb (e^w-1)/w + C₃ e^w),
where C₁ = (b + ε ∂b/∂ν - 1)/ε², C₂ = (b-1)/ε and C₃ = (νb-1)/ε have limits at ε = 0.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import asymptotic, precise, taylor
from sobolevkernels.evaluation.constants import (
    at_zero,
    clipped,
    exact_mpf,
    one_at_a_time,
    power_of_two,
    precision,
    reduced,
)
from sobolevkernels.evaluation.precise_derivative import Parameter, sensitivity_mpf, weight_mpf
from sobolevkernels.evaluation.radial import LONGEST, TABLE_NU
from sobolevkernels.evaluation.taylor import DEGREE, FOLDED, KEPT, NEAR, Table
from sobolevkernels.evaluation.tiles import Array, Road

#: From here on the power z^(2ν) is nothing beside z², and its coefficient has poles at ν = 2, 3, ….
ONE_POWER = Fraction(19, 10)
#: Terms of the two series for |w| ≤ 1; the first one left out is below 2^-56.
TERMS = 18
#: Neither N/M nor r M'/M nor their weights reach 2^MARGIN where M is about to underflow.
MARGIN = 32



class Combination(NamedTuple):
    """mantissa · 2^exponent · (P + weight · M), with P = ∂M/∂ν or κ ∂M/∂κ."""

    mantissa: float
    exponent: int
    weight: float

    @property
    def at_zero(self) -> float:
        """Its value at r = 0, where P = 0 and M = 1."""
        return _signed(self.mantissa * self.weight, self.exponent)


def combination(
    parameter: Parameter, dim: int, nu: Fraction, kappa_squared: Fraction, correlation: bool = False
) -> Combination:
    """∂d/∂parameter, or ∂(d/d(0))/∂parameter, in terms of P and M.

    ∂d/∂order = d(0) (∂M/∂ν + (ψ(ν) - ψ(ν+n/2) - log κ²) M) and
    ∂d/∂κ = d(0)/κ (κ ∂M/∂κ - 2ν M).

    Source: `sobolev.at-zero-order-derivative`, `sobolev.kappa-derivative`.

    Examples
    --------
    >>> combination("kappa", 1, Fraction(1, 2), Fraction(4)).at_zero  # d(0) = 1/(2κ)
    -0.125
    """
    g, shift = reduced(kappa_squared)
    divisor, power = (1.0, 0) if parameter == "order" else (math.sqrt(g), shift)
    if correlation:
        return Combination(1.0 / divisor, -power, 0.0)
    scale = at_zero(dim, nu, kappa_squared)
    return Combination(scale.mantissa / divisor, scale.exponent - power, _weight(parameter, dim, nu, kappa_squared))


def parameter_road(parameter: Parameter, nu: Fraction, kappa_squared: Fraction, wanted: Combination) -> Road:
    """The road that writes mantissa · 2^exponent · (P + weight · M), for use on several tiles.

    For ν in [0.01, 500] P has a relative error below 1e-14 from r = 0 to infinity, at every κ,
    and the sum no larger one relative to |P| + |weight · M|. Zero and infinity appear only where
    the result itself leaves the range of floats. Outside that range of ν mpmath answers.

    Parameters
    ----------
    parameter : {"order", "kappa"}
        P is ∂M/∂ν or κ ∂M/∂κ = r ∂M/∂r.
    nu : Fraction
        Smoothness, positive.
    kappa_squared : Fraction
        Square of the inverse length.
    wanted : Combination
        See `combination`.

    Source: `sobolev.radial`, `sobolev.kappa-derivative`.

    Examples
    --------
    >>> road = parameter_road("kappa", Fraction(1, 2), Fraction(4), Combination(1.0, 0, 0.0))  # M = e^(-2r)
    >>> r = np.array([0.0, 1.0, np.inf])
    >>> road(r, r)
    >>> [f"{value:.12f}" for value in r]  # -2r e^(-2r)
    ['0.000000000000', '-0.270670566473', '0.000000000000']
    """
    road = _with_table if TABLE_NU[0] <= nu <= TABLE_NU[1] else _with_mpmath
    return partial(road, parameter, nu, kappa_squared, wanted)


@lru_cache(maxsize=256)
def _weight(parameter: Parameter, dim: int, nu: Fraction, kappa_squared: Fraction) -> float:
    for digits in (40, 800):
        with precision(int(3.33 * digits)) as mp:
            value = weight_mpf(parameter, dim, nu, kappa_squared)
            if abs(value) > mp.mpf(10) ** (-digits // 2):
                return float(value)
    return 0.0  # as for n = 1, order 1 and κ = 1/2, where d(0) is stationary


def _with_table(
    parameter: Parameter, nu: Fraction, kappa_squared: Fraction, wanted: Combination, r: Array, out: Array
) -> None:
    with np.errstate(all="ignore"):
        g, shift = reduced(kappa_squared)
        scaled = np.ldexp(r, clipped(shift)) if shift else r
        reach, end = _reach(nu, g, float(scaled.max(initial=0.0)), wanted.exponent)
        beyond = scaled >= reach
        near = np.where(beyond, 1.0, scaled)
        rows = tables(nu, g, reach)[parameter]
        interval, t = rows.locate(near)
        values, exponents = rows.polynomial(interval, t), rows.exponents[interval]
        tiny = np.flatnonzero(interval == 0)
        if tiny.size:
            values[tiny], exponents[tiny], most = _near_zero(parameter, nu, g, shift, r[tiny])
        if wanted.weight:
            rows = taylor.table(nu, g, reach)
            correlation, powers = rows.polynomial(interval, t), rows.exponents[interval]
            if tiny.size:
                correlation[tiny] = most
            common = np.maximum(powers, exponents)
            values = np.ldexp(values, clipped(exponents - common))
            values += wanted.weight * np.ldexp(correlation, clipped(powers - common))
            exponents = common
        values = np.ldexp(values * wanted.mantissa, clipped(exponents + wanted.exponent))
        if beyond.any():
            values[beyond] = 0.0
            if not end:
                where = np.flatnonzero(beyond & np.isfinite(r))
                distant = np.empty(where.size)
                _with_mpmath(parameter, nu, kappa_squared, wanted, r[where], distant)
                values[where] = distant
        out[...] = values


def _reach(nu: Fraction, g: Fraction, farthest: float, exponent: int) -> tuple[int, bool]:
    """Where a table should end to serve `farthest`, and whether past it all is zero."""
    if farthest < NEAR:
        return NEAR, True
    end = asymptotic.zero_from(nu, math.sqrt(g), exponent + MARGIN, NEAR, LONGEST)
    return min(end, NEAR * (int(min(farthest, end)) // NEAR + 1)), end < LONGEST


def _signed(mantissa: float, exponent: int) -> float:
    return math.copysign(power_of_two(abs(mantissa), exponent), mantissa)


# --- below the last interval --------------------------------------------------------------------


def _near_zero(
    parameter: Parameter, nu: Fraction, g: Fraction, shift: int, r: Array
) -> tuple[Array, NDArray[np.int64], Array]:
    """P without its power of two, that power, and M, for κr < 2^-32 or r = 0."""
    epsilon, first, second, third, ratio, branch = _origin(nu)
    mantissa, binary = np.frexp(np.where(r > 0, r, 1.0))
    binary = binary.astype(np.int64) + shift
    square = mantissa * mantissa * (float(g) / 4)  # z² = square 4^binary
    log = np.log(square) / 2 + binary * math.log(2)
    most = np.ones_like(r)
    w = 2 * epsilon * log
    if nu < 1:
        front, exponents = _power(square, binary, nu)
        most -= branch * np.ldexp(front, clipped(exponents))
    else:  # the same with z² = z^(2ν) e^w taken out, so that nothing overflows
        front, exponents = square, 2 * binary
        w = -w
    w = np.minimum(w, -1e-300)
    decay = np.exp(w)
    if parameter == "kappa":
        values = 4 * ratio * log * (np.expm1(w) / w) - 2 * third * decay
    elif nu < 1:
        values = 4 * log * log * _moments(w)[1] - (first + 2 * second * log)
    else:
        values = 4 * log * log * _moments(w)[0] - decay * (first + 2 * second * log)
    zero = r == 0
    most[zero] = 1.0
    return np.where(zero, 0.0, front * values), np.where(zero, 0, exponents), most


def _power(square: Array, binary: NDArray[np.int64], nu: Fraction) -> tuple[Array, NDArray[np.int64]]:
    """(square · 4^binary)^ν for ν < 1 as a number of moderate size and a binary exponent."""
    twice = 2 * nu
    high = Fraction(round(twice * 2**24), 2**24)  # times `binary` it is not rounded
    power = float(high) * binary
    whole = np.rint(power)
    rest = (power - whole) + float(twice - high) * binary
    return square ** float(nu) * np.exp2(rest), whole.astype(np.int64)


def _moments(w: Array) -> tuple[Array, Array]:
    """∫_0^1 s e^(sw) ds = (1-e^w+we^w)/w² and ∫_0^1 (1-s) e^(sw) ds = (e^w-1-w)/w² for w ≤ 0."""
    inside = np.maximum(w, -1.0)
    up, down = np.zeros_like(w), np.zeros_like(w)
    for k in reversed(range(TERMS)):
        up = up * inside + 1 / (math.factorial(k) * (k + 2))
        down = down * inside + 1 / math.factorial(k + 2)
    outside = np.minimum(w, -1.0)
    grown, square = np.expm1(outside), outside * outside
    far = w < -1.0
    return (np.where(far, (outside * (grown + 1.0) - grown) / square, up),
            np.where(far, (grown - outside) / square, down))


@lru_cache(maxsize=64)
def _origin(nu: Fraction) -> tuple[float, ...]:
    """ε, C₁, C₂, C₃, what multiplies (e^w-1)/w in r M', and the coefficient b/ε of z^(2ν) in 1 - M.

    The last is 0 where it counts for nothing at 2^-32.
    """
    if nu >= ONE_POWER:
        return float(1 - nu), 0.0, 0.0, 0.0, 1.0, 0.0
    with precision(320) as mp:
        epsilon = exact_mpf(1 - nu)
        if abs(epsilon) < mp.ldexp(1, -80):  # the limits, to as many bits
            epsilon = mp.ldexp(1, -80)
        b = mp.gamma(1 + epsilon) / mp.gamma(2 - epsilon)
        slope = -b * (mp.digamma(1 + epsilon) + mp.digamma(2 - epsilon))
        ratio = (1 - epsilon) * b
        constants = ((b + epsilon * slope - 1) / epsilon**2, (b - 1) / epsilon, (ratio - 1) / epsilon,
                     ratio if nu < 1 else 1, b / epsilon if nu <= Fraction(7, 8) else 0)
    return (float(1 - nu), *map(float, constants))


# --- the table ----------------------------------------------------------------------------------


def tables(nu: Fraction, g: Fraction, reach: int = NEAR) -> dict[Parameter, Table]:
    """The tables of ∂M/∂ν ("order") and of r M' ("kappa") for smoothness `nu` on [0, reach].

    They have the intervals of `taylor.table`; interval 0 is empty in them.

    Parameters
    ----------
    nu : Fraction
        Smoothness, in [0.01, 500].
    g : Fraction
        Square of the inverse length, scaled into (1/4, 1].
    reach : int
        Where the tables end, at least 128, in the units in which kappa² is `g`.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> sorted(tables(Fraction(17, 10), Fraction(1)))
    ['kappa', 'order']
    """
    with one_at_a_time():
        return _near(nu, g) if reach == NEAR else _extended(nu, g, reach)


@lru_cache(maxsize=64)
def _near(nu: Fraction, g: Fraction) -> dict[Parameter, Table]:
    octaves = taylor.table(nu, g).octaves
    nothing = np.zeros((DEGREE + 1, 1))
    return {parameter: Table(tuple(np.hstack([nothing, polynomials])), np.append(0, exponents), octaves, NEAR, 0.0)
            for parameter, (polynomials, exponents) in _march(nu, g, 0, NEAR, octaves).items()}


@lru_cache(maxsize=16)
def _extended(nu: Fraction, g: Fraction, reach: int) -> dict[Parameter, Table]:
    beyond, near = _march(nu, g, NEAR, reach, 0), _near(nu, g)
    return {parameter: rows.extended(*beyond[parameter], reach) for parameter, rows in near.items()}


def _march(
    nu: Fraction, g: Fraction, inner: int, outer: int, octaves: int
) -> dict[Parameter, tuple[Array, NDArray[np.int64]]]:
    """Polynomials and exponents of N and r M' on every interval of [inner, outer], as in `taylor`.

    The guard bits, beyond those of `taylor`, are what N loses against M on the way to 2^-octaves, where it
    is z²/(ν-1)² or larger than z^(2ν).
    """
    pieces = taylor.intervals(inner, outer, octaves)
    noise, edge = taylor.guard_bits(nu, pieces)
    fall = math.ceil(2 * octaves * min(nu, Fraction(1))) + 2 * math.ceil(nu).bit_length() + 8
    bits = taylor.BITS + noise + edge + fall
    factors = taylor.weights(nu, bits)
    value, change, exponent = taylor.start(nu, g, pieces[0][0], bits, KEPT + 8 + fall)
    marched: dict[Parameter, tuple[list[list[int]], list[int]]] = {"order": ([], []), "kappa": ([], [])}
    for A, octave in pieces:
        gamma = taylor.gamma(g, octave, bits)
        terms = taylor.series(A, gamma, *value, factors, bits, 4 << noise)
        changes = _changes(A, gamma, *change, terms, factors, bits, 4 << noise)
        for parameter, own in zip(marched, (changes, _times_r(A, terms)), strict=True):
            size = own[0].bit_length()
            rows, exponents = marched[parameter]
            rows.append(taylor.kept(own, size))
            exponents.append(exponent + size - bits)
        value, change = taylor.step(A, terms), taylor.step(A, changes)
        excess = value[0].bit_length() - bits
        if excess > 0:
            value, change = ((pair[0] >> excess, pair[1] >> excess) for pair in (value, change))
            exponent += excess
    return {parameter: taylor.economised(*rows) for parameter, rows in marched.items()}


def _changes(
    A: int, gamma: int, value: int, slope: int, terms: list[int], factors: list[int], bits: int, negligible: int
) -> list[int]:
    """Taylor coefficients n_k of N on one interval, where M has the coefficients e_k = `terms`.

    A (k+1)(k+2) n_(k+2) = γ (A n_k + 2 n_(k-1)) - 2 (k+1)(k+1-2ν) n_(k+1) + 4 (k+1) e_(k+1).
    """
    changes = [value, slope]
    twice_before, this, after = 0, value, slope
    small = False
    for k, weight in enumerate(factors):
        force = 4 * (k + 1) * terms[k + 1] if k + 1 < len(terms) else 0
        new = ((gamma * (A * this + twice_before) - weight * after >> bits) + force) // (A * (k + 1) * (k + 2))
        changes.append(new)
        if k + 3 >= len(terms) and -negligible < new < negligible:
            if small:
                break
            small = True
        else:
            small = False
        twice_before, this, after = 2 * this, after, new
    return changes


def _times_r(A: int, terms: list[int]) -> list[int]:
    """The coefficients of r M' = (A/2 + τ) dM/dτ that a table needs."""
    slopes = [k * e for k, e in enumerate(terms[: DEGREE + FOLDED + 2])] + [0]
    return [slopes[k] + (A * slopes[k + 1] >> 1) for k in range(DEGREE + FOLDED + 1)]


# --- outside the table ---------------------------------------------------------------------------


def _with_mpmath(
    parameter: Parameter, nu: Fraction, kappa_squared: Fraction, wanted: Combination, r: Array, out: Array
) -> None:
    with precision(120) as mp:
        for index, distance in enumerate(r.tolist()):
            if math.isinf(distance):
                out[index] = 0.0
                continue
            exact = Fraction(distance)
            value = sensitivity_mpf(parameter, nu, kappa_squared, exact)
            if wanted.weight:
                value += wanted.weight * precise.correlation_mpf(nu, kappa_squared, exact)
            mantissa, exponent = mp.frexp(value * wanted.mantissa)
            out[index] = _signed(float(mantissa), int(exponent) + wanted.exponent)
