"""The kernel on a torus with any number of digits (mpmath), and in certified balls (Arb).

Both take parameters and displacements exactly, and neither uses a closed form: they integrate
d(h) = Γ(t)^(-1) ∫ s^(t-1) e^(-sκ²) Π_i θ_i(s, h_i) ds over log s. mpmath does it by the trapezoidal rule, whose error
is squared when the step is halved. Arb integrates between two cuts, with the mode k = 0 apart, and bounds what
is beyond the cuts and behind the last term of every θ; where a few images suffice it sums those instead and
bounds the others by `sobolev.image-tail`.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

from sobolevkernels.evaluation.constants import at_zero_mpf, exact_mpf, precision
from sobolevkernels.evaluation.periodic_sums import Torus, image_tail
from sobolevkernels.evaluation.precise import python_flint, radial_ball

#: Balls are summed over images up to so many of them.
MOST_BALLS = 64


def folded(torus: Torus, h: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """The distances of the coordinates from the nearest multiple of their period, exact.

    Examples
    --------
    >>> folded(Torus(Fraction(1), Fraction(1), (Fraction(2),)), (Fraction(-7, 2),))
    (Fraction(1, 2),)
    """
    rests = [value % length for value, length in zip(h, torus.periods, strict=True)]
    return tuple(min(rest, length - rest) for rest, length in zip(rests, torus.periods, strict=True))


# --- mpmath -------------------------------------------------------------------------------------


def torus_mpf(torus: Torus, h: tuple[Fraction, ...], digits: int) -> Any:
    """d(h) to `digits` significant digits (for κ = 0, where d changes sign: of d(0) at least), as an mpmath number.

    Source: `sobolev.theta-poisson`, `sobolev.poisson`.

    Examples
    --------
    >>> from mpmath import nstr
    >>> nstr(torus_mpf(Torus(Fraction(1), Fraction(0), (Fraction(1),)), (Fraction(0),), 20), 20)  # B_2(0)/2
    '0.083333333333333333333'
    """
    bits = int(3.33 * digits) + 16
    x = folded(torus, h)
    with precision(bits + 40) as mp:
        t, square = exact_mpf(torus.order), exact_mpf(torus.kappa_squared)
        lengths, places = [exact_mpf(length) for length in torus.periods], [exact_mpf(value) for value in x]
        volume = mp.fprod(lengths)
        split = square * max(lengths) ** 2 < 40
        tolerance = mp.ldexp(1, -bits)
        # At the point itself a rough kernel, s^(ν-1), would take ages to begin: without that of R^n it is s^ν.
        rough = torus.nu < 1 and not any(x)
        narrow = torus.kappa_squared + 16 / min(torus.periods) ** 2
        width = exact_mpf(narrow)

        def integrand(v: Any) -> Any:
            s = mp.exp(v)
            if split and 4 * mp.pi * s >= max(lengths) ** 2:
                change = mp.mpf(0)
                for length, place in zip(lengths, places, strict=True):
                    wave = _waves(s, length, place, tolerance)
                    change += wave + change * wave
                theta = change / volume
            else:
                theta = mp.fprod((1 + _waves(s, length, place, tolerance)) / length
                                 if 4 * mp.pi * s >= length**2 else _images(s, length, place, tolerance)
                                 for length, place in zip(lengths, places, strict=True))
                theta -= 1 / volume if split else 0
            line = (4 * mp.pi * s) ** (-mp.mpf(torus.dim) / 2) * mp.exp(-s * width) if rough else 0
            return mp.exp(t * v) * (mp.exp(-s * square) * theta - line)

        distance = mp.sqrt(sum(place**2 for place in places))
        peak = distance / (2 * mp.sqrt(square)) if not split and distance else min(lengths) ** 2 / (4 * mp.pi)
        start = mp.log(peak)

        def samples(first: Any, step: Any) -> Any:
            """Σ f(first + j step) over j ≥ 0; it ends where several terms in a row are lost."""
            v, total, size, lost = first, mp.mpf(0), mp.mpf(0), 0
            while lost < 8 or (v < largest and step > 0):
                term = integrand(v)
                total += term
                size = max(size, abs(term), floor)
                lost = lost + 1 if abs(term) <= size * tolerance / 64 else 0
                v += step
            return total

        floor = abs(integrand(start))
        largest = mp.log(max(lengths) ** 2 / (4 * mp.pi)) if split else start
        step = mp.mpf(1) / 4
        total = samples(start, step) + samples(start - step, -step)
        while True:
            refined = total + samples(start + step / 2, step) + samples(start - step / 2, -step)
            if abs(refined - 2 * total) <= mp.ldexp(abs(refined), -int(0.6 * bits)):
                break
            total, step = refined, step / 2
        value = refined * step / 2 / mp.gamma(t)
        if rough:
            value += at_zero_mpf(torus.dim, torus.nu, narrow)
        if split and torus.kappa_squared:
            value += square**-t / volume
        with mp.workdps(digits):
            return +value


def _waves(s: Any, length: Any, x: Any, tolerance: Any) -> Any:
    """Lθ - 1 for s in the range where the Fourier sum is the shorter one."""
    from mpmath import mp

    total, k = mp.mpf(0), 1
    while True:
        size = 2 * mp.exp(-s * (2 * mp.pi * k / length) ** 2)
        total += size * mp.cos(2 * mp.pi * k * x / length)
        k += 1
        if size < tolerance * mp.exp(-s * (2 * mp.pi / length) ** 2):
            return total


def _images(s: Any, length: Any, x: Any, tolerance: Any) -> Any:
    from mpmath import mp

    total, m = mp.exp(-(x**2) / (4 * s)), 1
    while True:
        near = mp.exp(-((x - m * length) ** 2) / (4 * s))
        total += near + mp.exp(-((x + m * length) ** 2) / (4 * s))
        m += 1
        if near <= tolerance * total:
            return total / mp.sqrt(4 * mp.pi * s)


# --- Arb ----------------------------------------------------------------------------------------


def torus_ball(torus: Torus, h: tuple[Fraction, ...], digits: int) -> Any:
    """A ball (python-flint `arb`) that certainly contains d(h).

    Its radius is below 10^(-digits) times the value; for κ = 0, where d changes sign, times d(0).

    Raises
    ------
    ImportError
        If python-flint is absent: install the `certify` extra.

    Source: `sobolev.theta-poisson`, `sobolev.image-tail`.

    Examples
    --------
    >>> value = torus_ball(Torus(Fraction(1), Fraction(0), (Fraction(1),)), (Fraction(1, 2),), 30)  # B_2(1/2)/2
    >>> bool((24 * value + 1).contains(0))
    True
    """
    flint = python_flint()
    wanted, x = int(3.33 * digits) + 2, folded(torus, h)
    bits, size = wanted + 40, None
    if torus.kappa_squared and (sum_ := _image_ball(torus, x, digits)) is not None:
        return sum_
    if not torus.kappa_squared and any(x):
        size = torus_ball(torus, (Fraction(0),) * torus.dim, 5)
    while True:
        with flint.ctx.workprec(bits):
            value = _heat_ball(torus, x, bits)
            if flint.arb(value.rad()) <= abs(value if size is None else size).abs_lower() / flint.arb(2) ** wanted:
                return value
        bits *= 2


def _image_ball(torus: Torus, x: tuple[Fraction, ...], digits: int) -> Any:
    """The sum over few images and a radius for the others; None where that would be many."""
    flint = python_flint()
    nearest = _image_term(torus, x, (0,) * torus.dim, digits)
    floor = float(nearest.log().lower()) - 2.303 * digits - 2 - math.log(torus.dim)
    counts: list[int] = []
    for axis in range(torus.dim):
        count = 1
        while image_tail(torus, axis, count) + 1e-6 > floor:
            count += 1
            if 2 * count * math.prod(2 * other for other in counts) > MOST_BALLS:
                return None
        counts.append(count)
    with flint.ctx.workprec(int(3.33 * digits) + 60):
        total = flint.arb(0)
        for index in itertools.product(*(range(-count, count) for count in counts)):
            total += _image_term(torus, x, index, digits + 5)
        # The bound is computed in floats: a part in a million covers their rounding.
        tail = sum((flint.arb(image_tail(torus, axis, count) + 1e-6).exp() for axis, count in enumerate(counts)),
                   flint.arb(0))
        return total + flint.arb(0, tail.abs_upper())


def _image_term(torus: Torus, x: tuple[Fraction, ...], index: tuple[int, ...], digits: int) -> Any:
    """One image as a ball; its distance is a root, which is taken of κ² r² together."""
    square = sum(((value + m * length) ** 2 for value, m, length in zip(x, index, torus.periods, strict=True)),
                 Fraction(0))
    if not square:
        return radial_ball(torus.dim, torus.nu, torus.kappa_squared, Fraction(0), digits)
    # d_κ(r) = r^(2ν) d_(κr)(1), which needs r² alone.
    unit = radial_ball(torus.dim, torus.nu, torus.kappa_squared * square, Fraction(1), digits)
    with python_flint().ctx.workprec(int(3.33 * digits) + 60):
        return unit * _ball(square) ** _ball(torus.nu)


def _heat_ball(torus: Torus, x: tuple[Fraction, ...], bits: int) -> Any:
    """The integral over s, cut at both ends, the mode k = 0 apart, with every remainder in the radius.

    Up to a = min L²/4π the θ are image sums: θ ≤ 3 (4πs)^(-1/2) e^(-x²/4s) there, so that what is below s₀ is at most
    3^n (4π)^(-n/2) s₀^ν/ν e^(-r²/4s₀). Beyond s₁ ≥ max L²/4π, |Lθ - 1| ≤ 2.2 e^(-sξ₁²), and what is beyond s₁ is at
    most 3.2^n s₁^(t-1) e^(-βs₁)/(β - max(t-1,0)/s₁), β = κ² + min ξ₁².
    """
    flint = python_flint()
    t, nu, square, dim = _ball(torus.order), _ball(torus.nu), _ball(torus.kappa_squared), torus.dim
    lengths, places = [_ball(length) for length in torus.periods], [_ball(value) for value in x]
    volume = flint.arb(1)
    for length in lengths:
        volume *= length
    shortest, longest = float(min(torus.periods)), float(max(torus.periods))
    cut = math.log(shortest**2 / (4 * math.pi)) - 1e-9  # θ's bound below holds a little beyond a too
    distance_squared = sum((place**2 for place in places), flint.arb(0))
    rate = square + (2 * flint.arb.pi() / _ball(max(torus.periods))) ** 2
    lost = 0.7 * bits + 10
    first = cut - lost / float(torus.nu)
    if any(x):
        first = max(first, math.log(float(sum(value**2 for value in x)) / (4 * lost)))
    first = min(first, cut - 1)
    last = max(math.log(longest**2 / (4 * math.pi)) + 1e-9,
               math.log((lost + 2 * float(torus.order) * math.log(lost + float(torus.order))) / float(rate)), cut + 1)
    low, middle, high = (flint.arb(end).exp() for end in (first, cut, last))

    def below(v: Any, _: bool) -> Any:
        s = v.exp()
        product = (t * v - s * square).exp()
        for length, place in zip(lengths, places, strict=True):
            product *= _image_theta(s, length, place)
        return product

    def above(v: Any, _: bool) -> Any:
        s, change = v.exp(), flint.acb(0)
        for length, place in zip(lengths, places, strict=True):
            wave = _wave_theta(s, length, place, (shortest / longest) ** 2 / 16)
            change += wave + change * wave
        return (t * v - s * square).exp() * change / volume

    options = {"rel_tol": flint.arb(2) ** (8 - bits), "abs_tol": flint.arb(0)}
    total = flint.acb.integral(below, first, cut, **options).real
    options["abs_tol"] = abs(total).abs_upper() * flint.arb(2) ** (8 - bits)
    total += flint.acb.integral(above, cut, last, **options).real
    if torus.kappa_squared:
        total += (square * middle).gamma_upper(t) * square**-t / volume
    else:
        total -= middle**t / (t * volume)
    remainder = (flint.arb(3) ** dim * (4 * flint.arb.pi()) ** (-flint.arb(dim) / 2) * low**nu / nu
                 * (-distance_squared / (4 * low)).exp())
    growth = _ball(max(torus.order - 1, Fraction(0)))
    remainder += flint.arb("3.2") ** dim / volume * high ** (t - 1) * (-rate * high).exp() / (rate - growth / high)
    return (total + flint.arb(0, remainder.abs_upper())) / t.gamma()


def _image_theta(s: Any, length: Any, x: Any) -> Any:
    """(4πs)^(-1/2) Σ_m e^(-(x+mL)²/4s) for complex s, with the terms left out in its radius."""
    flint = python_flint()
    inverse = 1 / (4 * s)
    decay = inverse.real * length**2
    if not decay > 0.0625:
        return flint.acb("nan")
    count = int(math.sqrt(0.7 * flint.ctx.prec / float(decay.lower()))) + 2
    total = flint.acb(0)
    for m in range(-count, count + 1):
        total += (-((x + m * length) ** 2) * inverse).exp()
    tail = 2 * (-decay * (flint.arb(count) + 0.5) ** 2).exp() / (1 - (-2 * (count + 1) * decay).exp())
    root = (4 * flint.arb.pi() * s).sqrt(analytic=True)
    return (total + _disc(tail)) / root


def _wave_theta(s: Any, length: Any, x: Any, least: float) -> Any:
    """Lθ - 1 = 2 Σ_(k≥1) e^(-sξ_k²) cos(ξ_k x) for complex s, with the terms left out in its radius."""
    flint = python_flint()
    xi = 2 * flint.arb.pi() / length
    decay = s.real * xi**2
    if not decay > least:
        return flint.acb("nan")
    count = int(math.sqrt(0.7 * flint.ctx.prec / float(decay.lower()))) + 2
    total = flint.acb(0)
    for k in range(1, count + 1):
        total += 2 * (-s * (k * xi) ** 2).exp() * (k * xi * x).cos()
    tail = 2 * (-decay * (count + 1) ** 2).exp() / (1 - (-(2 * count + 3) * decay).exp())
    return total + _disc(tail)


def _ball(number: Fraction) -> Any:
    flint = python_flint()
    return flint.arb(flint.fmpq(number.numerator, number.denominator))


def _disc(bound: Any) -> Any:
    """The complex ball around 0 that holds everything up to `bound` in size."""
    flint = python_flint()
    radius = flint.arb(0, bound.abs_upper())
    return flint.acb(radius, radius)
