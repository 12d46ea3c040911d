"""The kernel on a torus for arrays of displacements: which road answers where.

* dim 1, integer order up to 16, κ > 0: the image sum in closed form (`Hyperbolic`). With q = e^(-κL) and x reduced
  to [0, L/2] it is e^(-κx) p(κx) + e^(-κ(L-x)) p(κ(L-x)) for a polynomial p with positive coefficients: nothing
  cancels and nothing overflows, for any κL.
* dim 1, integer order up to 10, κ = 0: a Bernoulli polynomial in v = u(1-u), u = x/L (`Bernoulli`).
* any dim and any real order: images (`ImageSum`) or, where too many would be needed, a mixture of theta functions
  (`HeatSum`), both in `periodic_sums`.

A displacement is folded before anything else: |h| modulo L is exact, and so is L - x for x ≥ L/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.constants import (
    Scale,
    at_zero_mpf,
    clipped,
    exact_mpf,
    precision,
    rounded,
    square_root,
)
from sobolevkernels.evaluation.periodic_sums import Torus, sum_road
from sobolevkernels.evaluation.tiles import Array, over_tiles, share, tile_size

#: Reads folded coordinates, one array an axis, and writes values.
TorusRoad = Callable[[list[Array], Array], None]
#: Up to this order the closed forms are used; the polynomials are short.
CLOSED_FORM_ORDER = 16
#: The same for κ = 0, where the terms of the polynomial alternate.
BERNOULLI_ORDER = 10
#: e^(-y) is a normal number up to here.
NORMAL_END = 690.0
#: Past this y = κx nothing is left of a closed form, whatever its scale.
NOTHING_LEFT = 2.0**18
#: ln 2 as a float of 33 bits, whose small multiples are exact, and a rest.
LN2 = (0.6931471803691238, 1.9082149292705877e-10)


@dataclass(frozen=True)
class Period:
    """A length L as the sum of a float and a rest, for folding."""

    high: float
    low: float
    exact: Fraction

    @classmethod
    def of(cls, length: Fraction) -> Period:
        """Split an exact length.

        Examples
        --------
        >>> Period.of(Fraction(1, 2))
        Period(high=0.5, low=0.0, exact=Fraction(1, 2))
        """
        return cls(float(length), float(length - Fraction(float(length))), length)

    def fold(self, h: Array) -> Array:
        """The distance of h from the nearest multiple of L, in [0, L/2]; exact if L is a float.

        Otherwise a rounding of the result and |h| 2^(-106) come to it.

        Examples
        --------
        >>> Period.of(Fraction(1)).fold(np.array([-2.25, 0.75, 7.5]))
        array([0.25, 0.25, 0.5 ])
        """
        size = np.abs(h)
        x = np.fmod(size, self.high) if size.max(initial=0.0) >= self.high else size
        if not self.low:
            return np.minimum(x, self.high - x)
        turns = np.rint((size - x) / self.high)
        beyond = 2 * x > self.high
        x = np.abs(np.where(beyond, x - self.high, x) - (turns + beyond) * self.low)
        far = np.flatnonzero(size > 2.0**50 * self.high)
        for i in far:  # so many periods that their number is not a float
            rest = Fraction(float(size[i])) % self.exact
            x[i] = min(rest, self.exact - rest)
        return x


@dataclass(frozen=True)
class Hyperbolic:
    """The closed form of dim 1, integer order and κ > 0, on folded displacements.

    Source: `sobolev.periodic-images-2`, `sobolev.periodic-order-2`.
    """

    kappa: float
    rest: float
    period: Period
    coefficients: tuple[float, ...]
    scale: Scale
    at_zero: float

    def __call__(self, coordinates: list[Array], out: Array) -> None:
        (x,) = coordinates
        y, rest = self._argument(x, np.zeros_like(x))
        beyond = self.period.high - x
        other = (self.period.high - 2 * x + self.period.low) * -self.kappa
        np.exp(other, out=other)
        other *= self._polynomial(*self._argument(beyond, (self.period.high - beyond - x) + self.period.low))
        np.add(self._polynomial(y, rest), other, out=out)
        out -= out * rest  # e^(-κx) = e^(-y) (1 - rest)
        self._decay(y, out)

    def _argument(self, x: Array, lost: Array) -> tuple[Array, Array]:
        """κ(x + lost) as a float and what its rounding has left."""
        y = x * self.kappa
        rest = _product_rest(x, self.kappa, y)
        rest += x * self.rest
        rest += lost * self.kappa
        return np.minimum(y, NOTHING_LEFT), np.where(y < NOTHING_LEFT, rest, 0.0)

    def _polynomial(self, y: Array, rest: Array) -> Array:
        """p(y + rest); a short polynomial does not feel the rest."""
        values = np.full_like(y, self.coefficients[-1])
        slope = np.zeros_like(y) if len(self.coefficients) > 3 else None
        for coefficient in self.coefficients[-2::-1]:
            if slope is not None:
                slope *= y
                slope += values
            values *= y
            values += coefficient
        return values if slope is None else values + slope * rest

    def _decay(self, y: Array, values: Array) -> None:
        """values · scale · e^(-y), rounded once where that is a subnormal number."""
        factor = float(self.scale)
        if y.max(initial=0.0) <= NORMAL_END and 2.0**-20 <= factor <= 2.0**900:
            values *= np.exp(-y)
            values *= factor
            return
        n = np.rint(y / LN2[0])
        rest = (y - n * LN2[0]) - n * LN2[1]
        values *= np.exp(-rest)
        values *= self.scale.mantissa
        np.ldexp(values, clipped(self.scale.exponent - n), out=values)


def _product_rest(x: Array, factor: float, product: Array) -> Array:
    """factor · x - product, where the product is the rounded one (Dekker)."""
    bits = -(1 << 27)
    high = float((np.float64(factor).view(np.int64) & bits).view(np.float64))
    upper = (np.ascontiguousarray(x).view(np.int64) & bits).view(np.float64)
    lower = x - upper
    return ((upper * high - product) + upper * (factor - high) + lower * high) + lower * (factor - high)


@lru_cache(maxsize=256)
def hyperbolic(order: int, kappa_squared: Fraction, length: Fraction) -> Hyperbolic:
    """The road of dim 1, integer order and κ > 0.

    The half-integer form M(y) = e^(-y) Σ c_j y^j at y = κ(x + mL), summed over m ≥ 0, has the coefficients
    a_i = Σ_(j≥i) c_j binom(j,i) λ^(j-i) S_(j-i), λ = κL, where S_i = Σ m^i q^m = Σ_k ⟨i,k⟩ q^(k+1)/(1-q)^(i+1)
    with Eulerian numbers: all positive.

    Source: `sobolev.half-integer`, `sobolev.periodic-images-2`.

    Examples
    --------
    >>> road = hyperbolic(1, Fraction(1), Fraction(2))
    >>> f"{road.at_zero:.12f} {0.5 / np.tanh(1):.12f}"
    '0.656517642750 0.656517642750'
    """
    c = half_integer_coefficients(order - 1)
    with precision(160) as mp:
        kappa = mp.sqrt(exact_mpf(kappa_squared))
        lam = kappa * exact_mpf(length)
        q, gap = mp.exp(-lam), -mp.expm1(-lam)
        sums = [1 / gap] + [sum(number * q ** (k + 1) for k, number in enumerate(_eulerian(i))) / gap ** (i + 1)
                            for i in range(1, order)]
        a = [sum(exact_mpf(c[j]) * math.comb(j, i) * lam ** (j - i) * sums[j - i] for j in range(i, order))
             for i in range(order)]
        front = at_zero_mpf(1, Fraction(2 * order - 1, 2), kappa_squared)
        nearest = square_root(kappa_squared)
        return Hyperbolic(
            kappa=nearest, rest=float(kappa - mp.mpf(nearest)), period=Period.of(length),
            coefficients=tuple(float(value / a[0]) for value in a), scale=rounded(front * a[0]),
            at_zero=float(rounded(front * (a[0] + q * sum(value * lam**i for i, value in enumerate(a))))))


def half_integer_coefficients(p: int) -> list[Fraction]:
    """c_0 = 1, c_1, …, c_p of M(y) = e^(-y) Σ c_j y^j, ν = p + 1/2, each from the one before.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> half_integer_coefficients(2)
    [Fraction(1, 1), Fraction(1, 1), Fraction(1, 3)]
    """
    c = [Fraction(1)]
    for j in range(p):
        c.append(c[-1] * Fraction(2 * (p - j), (2 * p - j) * (j + 1)))
    return c


def _eulerian(n: int) -> list[int]:
    """The Eulerian numbers ⟨n, k⟩ for k < n.

    Examples
    --------
    >>> _eulerian(4)
    [1, 11, 11, 1]
    """
    row = [1]
    for m in range(2, n + 1):
        row = [(k + 1) * (row[k] if k < m - 1 else 0) + (m - k) * (row[k - 1] if k else 0) for k in range(m)]
    return row


@dataclass(frozen=True)
class Bernoulli:
    """The closed form of dim 1, integer order and κ = 0, on folded displacements.

    Source: `sobolev.bernoulli-kernel`.
    """

    period: Period
    coefficients: tuple[float, ...]
    scale: Scale
    at_zero: float

    def __call__(self, coordinates: list[Array], out: Array) -> None:
        u = coordinates[0] / self.period.high
        v = u * (1 - u)
        out[...] = self.coefficients[-1]
        for coefficient in self.coefficients[-2::-1]:
            out *= v
            out += coefficient
        out *= self.scale.mantissa
        np.ldexp(out, self.scale.exponent, out=out)


@lru_cache(maxsize=256)
def bernoulli(order: int, length: Fraction) -> Bernoulli:
    """The road of dim 1, integer order and κ = 0: (-1)^(A-1) L^(2A-1)/(2A)! B_(2A)(x/L), A = order.

    Source: `sobolev.bernoulli-kernel`.

    Examples
    --------
    >>> road = bernoulli(1, Fraction(1))
    >>> road.at_zero * 12, [c / road.coefficients[0] for c in road.coefficients]  # (1/6 - v)/2
    (1.0, [1.0, -6.0])
    """
    c = [Fraction(1, 6), Fraction(-1)]  # B_2 in v
    for n in range(4, 2 * order + 1, 2):
        # B_n'' = n(n-1) B_(n-2), where d²/du² = (1-4v) d²/dv² - 2 d/dv; B_n has no linear term and mean zero.
        higher = [Fraction(0)] * (n // 2 + 1)
        for k in range(n // 2 - 1, 0, -1):
            above = (k + 2) * (k + 1) * higher[k + 2] if k + 2 < len(higher) else Fraction(0)
            higher[k + 1] = (above - n * (n - 1) * c[k]) / ((4 * k + 2) * (k + 1))
        means = [Fraction(math.factorial(k) ** 2, math.factorial(2 * k + 1)) for k in range(len(higher))]
        higher[0] = -sum((value * mean for value, mean in zip(higher, means, strict=True)), Fraction(0))
        c = higher
    with precision(160):
        front = exact_mpf(length) ** (2 * order - 1) / math.factorial(2 * order) * exact_mpf(abs(c[0]))
        scale = rounded(front)
        return Bernoulli(Period.of(length), tuple(float(value / c[0]) for value in c), scale, float(scale))


# --- roads that fold ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Folding:
    """A road on any displacements: it folds them, and keeps the values at and below that at 0."""

    periods: tuple[Period, ...]
    inner: TorusRoad
    at_zero: float

    def __call__(self, h: Array, out: Array) -> None:
        """Values at displacements (..., dim) or, in dim 1, of any shape."""
        axes = h[None] if len(self.periods) == 1 else np.moveaxis(h, -1, 0)
        x = [period.fold(axis.reshape(-1)) for period, axis in zip(self.periods, axes, strict=True)]
        values = np.empty(x[0].shape)
        self.inner(x, values)
        np.minimum(values, self.at_zero, out=values)
        coincident = np.logical_and.reduce([axis == 0 for axis in x])
        values[coincident] = self.at_zero
        out[...] = values.reshape(out.shape)


@lru_cache(maxsize=256)
def torus_road(torus: Torus) -> Folding:
    """The road for a kernel on a torus.

    Examples
    --------
    >>> out = np.empty(2)
    >>> torus_road(Torus(Fraction(1), Fraction(1), (Fraction(2),)))(np.array([0.0, -3.0]), out)
    >>> [f"{value:.12f}" for value in out], f"{0.5 / np.sinh(1):.12f}"  # cosh(1 - |x|)/(2 sinh(1))
    (['0.656517642750', '0.425459064120'], '0.425459064120')
    """
    periods = tuple(Period.of(length) for length in torus.periods)
    longest = CLOSED_FORM_ORDER if torus.kappa_squared else BERNOULLI_ORDER
    if torus.dim == 1 and torus.order.denominator == 1 and torus.order <= longest:
        closed: Any = (hyperbolic(int(torus.order), torus.kappa_squared, torus.periods[0]) if torus.kappa_squared
                       else bernoulli(int(torus.order), torus.periods[0]))
        return Folding(periods, closed, closed.at_zero)
    road: Any = sum_road(torus)
    origin = np.empty(1)
    with np.errstate(all="ignore"):
        road([np.zeros(1) for _ in periods], origin)
    return Folding(periods, road, float(origin[0]))


def torus_gram(road: Folding, x: Array, y: Array, out: NDArray[Any]) -> None:
    """Write the kernel of all pairs of points (N, dim) and (M, dim) into `out`, tile by tile; symmetric if y is x."""
    mirrored = y is x
    size = math.isqrt(tile_size(out.size) // x.shape[1])

    def work(tiles: Iterator[tuple[int, int]]) -> None:
        with np.errstate(all="ignore"):
            for i, j in tiles:
                block = x[i:i + size, None] - y[None, j:j + size]
                values = np.empty(block.shape[:-1])
                road(block, values)
                if mirrored and i == j:
                    np.maximum(values, values.T, out=values)  # either is right; let them be equal
                out[i:i + size, j:j + size] = values
                if mirrored and i != j:
                    out[j:j + size, i:i + size] = values.T

    share(work, [(i, j) for i in range(0, len(x), size) for j in range(i if mirrored else 0, len(y), size)],
          out.size)


def torus_grams(road: Folding, x: Array, y: Array, out: NDArray[Any]) -> None:
    """`torus_gram` for points (..., N, dim) and (..., M, dim), whose leading axes broadcast to those of `out`."""
    lefts, rights = (np.broadcast_to(points, (*out.shape[:-2], *points.shape[-2:])) for points in (x, y))
    for index in np.ndindex(out.shape[:-2]):
        left = lefts[index]
        torus_gram(road, left, left if y is x else rights[index], out[index])


def over_displacements(road: Folding, h: NDArray[Any], out: NDArray[Any]) -> None:
    """Values at displacements (..., dim), or of any shape in dim 1, tile by tile."""
    dim = len(road.periods)
    if dim == 1:
        return over_tiles(road, h, out)
    flat = h.reshape(-1, dim)
    target = out.reshape(-1) if out.flags.c_contiguous else np.empty(out.size, out.dtype)
    size = tile_size(flat.size) // dim

    def work(starts: Iterator[int]) -> None:
        with np.errstate(all="ignore"):
            for first in starts:
                piece = flat[first:first + size].astype(np.float64)
                values = np.empty(len(piece))
                road(piece, values)
                target[first:first + size] = values

    share(work, range(0, len(flat), size), flat.size)
    if not out.flags.c_contiguous:
        out[...] = target.reshape(out.shape)
    return None
