"""The kernel on a torus of any dimension and any real order: images, or theta functions.

**Images.** d(h) = Σ_m d_R(|h + mL|), as many as the bound of `sobolev.image-tail` demands. It rests on
d_R(r) ≤ (1-c²)^(-ν) e^(-cκr) d_R(0) for 0 ≤ c < 1 (`sobolev.exponential-bound`). In n dimensions the exponential is
spent on one axis i, whose images end, and Σ_m e^(-(h+mL)²/4s) ≤ 1 + sqrt(4πs)/L (`sobolev.theta-bound`) on every
other axis; the integral over s then gives, for each subset S of the other axes, the value at 0 of the kernel of the
same order in dimension n - |S|, divided by the lengths in S.

**Theta functions.** Where κL is small that would be too many images. Then
d(h) = Γ(t)^(-1) ∫ s^(t-1) e^(-sκ²) Π_i θ_i(s, h_i) ds, each θ in its faster form, and the trapezoidal rule in log s,
whose error is exponentially small in 1/step. Two things are taken out of the integral: for rough kernels the first J
terms of e^(-sκ²) = e^(-sb²) Σ_j (s(b²-κ²))^j/j!, whose kernels are so narrow that only the nearest image is left
(`sobolev.heat-split`), which leaves the incomplete gamma function P(J, s(b²-κ²)) as a factor; and for
small κ the mode k = 0, which is 1/(|T| κ^(2t)), or nothing for κ = 0. The step is small enough for the order and for
κ|h|: turning s by the angle y costs the integrand at most a factor e^(κ|h|(1-cos y)) (cos y)^(-t), and wins
e^(-2πy/step).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import numpy as np

from sobolevkernels.evaluation.constants import (
    Scale,
    at_zero,
    at_zero_mpf,
    clipped,
    exact_mpf,
    precision,
    rounded,
    square_root,
)
from sobolevkernels.evaluation.radial import log_road, radial_road
from sobolevkernels.evaluation.tiles import Array

#: What is left out of a sum, relative to the smallest value of the kernel.
NEGLIGIBLE = 2.0**-57
#: More images than this are dearer than theta functions,
MOST_IMAGES = 40
#: and more than this where the kernel falls by more than e^(-FARTHEST) over the torus, which wants a small step.
MOST_FAR_IMAGES, FARTHEST = 1000, 40.0
#: e^(-this) is 0 as a float, however it is multiplied by a unit in the last place: no value matters below.
GONE = 800.0
#: Largest step of the trapezoidal rule in log s.
STEP = 0.125
#: Decay in which an integrand is lost: e^(-41) < 2^(-59).
LOST = 41.0


@dataclass(frozen=True)
class Torus:
    """The exact parameters of a kernel on a torus: order, κ² (0 for the semi-norm) and a length per axis."""

    order: Fraction
    kappa_squared: Fraction
    periods: tuple[Fraction, ...]

    @property
    def dim(self) -> int:
        """The number of axes."""
        return len(self.periods)

    @property
    def nu(self) -> Fraction:
        """Smoothness, order - dim/2."""
        return self.order - Fraction(self.dim, 2)


def image_tail(torus: Torus, axis: int, count: int) -> float:
    """log of a bound for the images left out, for h in [0, L/2]^dim, when -count ≤ m < count on this axis.

    Source: `sobolev.image-tail`, `sobolev.exponential-bound`, `sobolev.theta-bound`.

    Examples
    --------
    >>> one = Torus(Fraction(1), Fraction(1), (Fraction(10),))  # at x = 0 the true tail is nearly e^(-10)/2
    >>> math.log(0.5) - 10 < image_tail(one, 0, 1) < math.log(0.5) - 7
    True
    """
    kappa, length = square_root(torus.kappa_squared), float(torus.periods[axis])
    others = [length for i, length in enumerate(torus.periods) if i != axis]
    best = math.inf
    for j in range(1, 9):
        c = 1 - 2.0**-j
        rate = c * kappa * length
        if rate == 0:
            continue
        terms = [math.log(math.fsum(math.prod(1 / float(length) for length in chosen)
                                    for chosen in itertools.combinations(others, k)) or 1.0)
                 + at_zero(torus.dim - k, torus.nu + Fraction(k, 2), torus.kappa_squared).log
                 - float(torus.nu + Fraction(k, 2)) * math.log1p(-c * c) for k in range(torus.dim)]
        geometric = -rate * count + math.log1p(math.exp(-rate / 2)) - math.log(-math.expm1(-rate))
        best = min(best, geometric + float(np.logaddexp.reduce(terms)))
    return best


def image_counts(torus: Torus) -> tuple[int, ...] | None:
    """How many images an axis, m from -count to count - 1; None where theta functions are the better road.

    Examples
    --------
    >>> [image_counts(Torus(Fraction(1), Fraction(1), (Fraction(length),))) for length in (1, 10, 100, 1000)]
    [None, (5,), (1,), (1,)]
    """
    if not torus.kappa_squared:
        return None
    diagonal = math.hypot(*map(float, torus.periods)) / 2
    floor = np.empty(1)
    with np.errstate(all="ignore"):
        log_road(torus.nu, torus.kappa_squared, at_zero(torus.dim, torus.nu, torus.kappa_squared))(
            np.array([diagonal]), floor)
    wanted = max(float(floor[0]) + math.log(NEGLIGIBLE / torus.dim), -GONE)
    most = MOST_IMAGES if square_root(torus.kappa_squared) * diagonal <= FARTHEST else MOST_FAR_IMAGES
    counts: list[int] = []
    for axis in range(torus.dim):
        count = 1
        while image_tail(torus, axis, count) > wanted:
            count += 1
            if (2 * count) * math.prod(2 * other for other in counts) > most:
                return None
        counts.append(count)
    return tuple(counts)


@dataclass(frozen=True)
class ImageSum:
    """Σ d_R(|x + mL|) over so many images an axis."""

    periods: tuple[float, ...]
    counts: tuple[int, ...]
    radial: Callable[[Array, Array], None]

    def __call__(self, coordinates: list[Array], out: Array) -> None:
        total, values = np.zeros_like(out), np.empty_like(out)
        for index in itertools.product(*(range(-count, count) for count in self.counts)):
            self.radial(_norm([x + m * length for x, m, length in zip(coordinates, index, self.periods, strict=True)]),
                        values)
            total += values
        out[...] = total


def _norm(components: list[Array]) -> Array:
    """Length of vectors; one component is not squared."""
    if len(components) == 1:
        return np.abs(components[0])
    return np.hypot.reduce(components)


@dataclass(frozen=True)
class HeatSum:
    """The mixture of theta functions, in units of `unit`.

    With the mode k = 0 apart, a weight holds e^(-sξ²) of the slowest mode where all θ are Fourier sums: for high orders
    that factor leaves the range of floats one way and the rest of the weight the other.

    Source: `sobolev.theta-poisson`, `sobolev.heat-split`.
    """

    unit: int
    periods: tuple[float, ...]
    near: tuple[Callable[[Array, Array], None], ...]
    constant: float
    split: bool
    times: tuple[float, ...]
    weights: tuple[float, ...]
    scale: Scale

    def __call__(self, coordinates: list[Array], out: Array) -> None:
        x = [np.ldexp(values, -self.unit) for values in coordinates]
        total, values = np.full_like(out, self.constant), np.empty_like(out)
        waves = [[np.cos(2 * np.pi * k / length * values) for k in range(1, 4)]
                 for values, length in zip(x, self.periods, strict=True)]
        volume, slowest = math.prod(self.periods), _slowest(self.periods)
        for time, weight in zip(self.times, self.weights, strict=True):
            slow = [4 * np.pi * time >= length**2 for length in self.periods]
            if self.split and _all_slow(time, self.periods):  # Π(1+a_i) - 1 without cancellation
                product = np.zeros_like(out)
                damped = math.exp(-time * slowest)
                for length, wave in zip(self.periods, waves, strict=True):
                    change = _waves(time, length, wave, slowest)
                    product = product + change + damped * product * change
                total += weight / volume * product
                continue
            product = np.ones_like(out)
            for axis, length in enumerate(self.periods):
                product *= ((1 + _waves(time, length, waves[axis])) / length if slow[axis]
                            else _images(time, length, x[axis]))
            if self.split:
                product -= 1 / volume
            total += weight * product
        distance = _norm(x)
        for road in self.near:
            road(distance, values)
            total += values
        total *= self.scale.mantissa
        np.ldexp(total, clipped(self.scale.exponent), out=out)


def _slowest(periods: tuple[float, ...]) -> float:
    """ξ² of the slowest mode."""
    return (2 * math.pi / max(periods)) ** 2


def _all_slow(time: float, periods: tuple[float, ...]) -> bool:
    """Whether every θ is a Fourier sum."""
    return bool(4 * np.pi * time >= max(periods) ** 2)


def _waves(time: float, length: float, waves: list[Array], less: float = 0.0) -> Array:
    """Lθ - 1 = 2 Σ e^(-sξ_k²) cos(ξ_k x) for 4πs ≥ L², times e^(s·less); the fourth term is below 10^(-21)."""
    total = np.zeros_like(waves[0])
    for k in range(3, 0, -1):
        total += 2 * math.exp(-time * ((2 * math.pi * k / length) ** 2 - less)) * waves[k - 1]
    return total


def _images(time: float, length: float, x: Array) -> Array:
    """θ = (4πs)^(-1/2) Σ e^(-(x+mL)²/4s) for 4πs < L² and 0 ≤ x ≤ L/2."""
    total, m = np.exp(x**2 / (-4 * time)), 1
    while m * (m - 1) * length**2 <= 4 * LOST * time:
        total += np.exp((x - m * length) ** 2 / (-4 * time))
        total += np.exp((x + m * length) ** 2 / (-4 * time))
        m += 1
    return total / math.sqrt(4 * math.pi * time)


def _step(order: float, decay: float) -> float:
    """The step of the trapezoidal rule, for an order and a decay κ|h|; see the module.

    Examples
    --------
    >>> _step(1.5, 1.0), 0.05 < _step(100.0, 1.0) < 0.07, 0.02 < _step(1.0, 800.0) < 0.03
    (0.125, True, True)
    """
    y = np.linspace(0.01, 1.57, 157)
    return min(STEP, 2 * math.pi / float(np.min((LOST + decay * (1 - np.cos(y)) - order * np.log(np.cos(y))) / y)))


def heat_sum(torus: Torus) -> HeatSum:
    """The theta road; see the module."""
    from scipy.special import gammainc

    _, unit = math.frexp(min(map(float, torus.periods)))
    lengths = [length / Fraction(2) ** unit for length in torus.periods]
    square = torus.kappa_squared * Fraction(4) ** unit
    t, nu, kappa = float(torus.order), float(torus.nu), square_root(square)
    periods = tuple(map(float, lengths))
    slowest = _slowest(periods)
    split = float(square) <= slowest
    diagonal = math.sqrt(sum(length**2 for length in periods)) / 2
    fall = min(kappa * diagonal, GONE)
    terms = 2 if nu < 2 else 0
    narrow = Fraction(math.ceil(2 * (LOST + fall) / min(periods) + 4 * t) ** 2)
    gap = narrow - square
    scale_t = max(t, 1.0)
    decay = slowest + float(square) if split else float(square)
    last = math.log((LOST + scale_t * math.log(LOST + scale_t) + fall) / decay)
    # Below, the integrand is s^(ν+J) (b²-κ²)^J up to a constant.
    first = (math.log(min(periods) ** 2 / 4) - LOST / (nu + terms) - math.log(LOST)
             if not terms else -math.log(float(gap)) - LOST / (nu + terms))
    step = _step(t, fall)
    times = np.exp(np.arange(math.floor(first / step), math.ceil(last / step) + 1) * step)
    with precision(120) as mp:
        order, volume = exact_mpf(torus.order), mp.fprod(map(exact_mpf, lengths))
        rates = [exact_mpf(square), exact_mpf(square) + (2 * mp.pi / exact_mpf(max(lengths))) ** 2]
        logs = [order * mp.log(mp.mpf(float(s))) - mp.loggamma(order)
                - mp.mpf(float(s)) * rates[split and _all_slow(s, periods)] for s in times]
        factors = [mp.rf(order, j) / mp.factorial(j) * exact_mpf(gap) ** j for j in range(terms)]
        constant = mp.mpf(0)
        if split:
            constant = -sum(f * exact_mpf(narrow) ** (-order - j) for j, f in enumerate(factors)) / volume
            constant += exact_mpf(square) ** -order / volume if square else 0
        # Everything relative to its largest part, which for high orders is no float.
        size = max(float(mp.log(abs(constant))) if constant else -math.inf, max(
            float(log) - sum(math.log(min(length, math.sqrt(4 * math.pi * s))) for length in periods)
            for s, log in zip(times, logs, strict=True)))
        shift = round(size / math.log(2))
        near = tuple(radial_road(torus.nu + j, narrow, rounded(mp.ldexp(
            f * at_zero_mpf(torus.dim, torus.nu + j, narrow), -shift))) for j, f in enumerate(factors))
        scale = rounded(mp.mpf(2) ** (unit * (2 * order - torus.dim) + shift))
        weights = step * np.exp([float(log - shift * mp.log(2)) for log in logs])
        constant = mp.ldexp(constant, -shift)
    weights *= gammainc(terms, float(gap) * times) if terms else 1.0
    return HeatSum(unit, periods, near, float(constant), split, tuple(times[weights > 0]),
                   tuple(weights[weights > 0]), scale)


@lru_cache(maxsize=64)
def sum_road(torus: Torus) -> ImageSum | HeatSum:
    """Images where few suffice, theta functions elsewhere.

    Examples
    --------
    >>> type(sum_road(Torus(Fraction(6, 5), Fraction(4), (Fraction(9),)))).__name__
    'ImageSum'
    >>> type(sum_road(Torus(Fraction(6, 5), Fraction(0), (Fraction(9),)))).__name__
    'HeatSum'
    """
    counts = image_counts(torus)
    if counts is None:
        return heat_sum(torus)
    radial = radial_road(torus.nu, torus.kappa_squared, at_zero(torus.dim, torus.nu, torus.kappa_squared))
    return ImageSum(tuple(map(float, torus.periods)), counts, radial)
