"""The kernel with any number of digits (mpmath), and in certified balls (Arb).

Both take the parameters exactly as rational numbers, and a float r at its exact
binary value. They are independent of each other and of the fast road: mpmath
integrates K_ν(x) = ∫_0^∞ exp(-x cosh t) cosh(νt) dt by the trapezoidal rule, Arb
encloses it by its own series and expansions.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from sobolevkernels.evaluation.constants import at_zero_mpf, exact_mpf, precision


def bessel_k(nu: Any, x: Any) -> Any:
    """K_ν(x) for ν ≥ 0 and x > 0 at mpmath's working precision.

    The integrand is analytic and decays doubly exponentially: halving the step of the
    trapezoidal rule squares its error, so two steps that agree are both right. (mpmath's own
    function fails to converge for large orders.)

    Examples
    --------
    >>> from mpmath import mp, mpf
    >>> print(mp.nstr(bessel_k(mpf(0), mpf(1)), 10))
    0.4210244382
    """
    from mpmath import mp

    bits = mp.prec
    # e^(-x) loses as many bits as x has before the point; powers of e^(νt) likewise.
    size = max(1, mp.mag(x), mp.mag(nu) if nu else 1)
    with mp.workprec(bits + size + 40):
        tolerance = mp.ldexp(1, -bits - 4)
        peak = mp.asinh(nu / x)

        def samples(first: Any, step: Any) -> Any:
            """Σ_j f(first + j step); the powers of e^t and e^(νt) are carried along."""
            t, total = first, mp.mpf(0)
            up, up_step = mp.exp(t), mp.exp(step)
            wave, wave_step = mp.exp(nu * t), mp.exp(nu * step)
            while True:
                term = mp.exp(-x * (up + 1 / up) / 2) * (wave + 1 / wave) / 2
                total += term
                if t > peak and term <= tolerance * total / 64:
                    return total
                t, up, wave = t + step, up * up_step, wave * wave_step

        step = mp.ldexp(1, -size // 2)  # a little above the width of the peak
        total = mp.exp(-x) / 2 + samples(step, step)
        while True:
            refined = total + samples(step / 2, step)
            if abs(refined - 2 * total) <= tolerance * refined:
                return refined * step / 2
            total, step = refined, step / 2


def correlation_mpf(nu: Fraction, kappa_squared: Fraction, r: Fraction) -> Any:
    """M(r) = d(r)/d(0) = 2^(1-ν)/Γ(ν) (κr)^ν K_ν(κr) at mpmath's working precision, r ≥ 0.

    Source: `sobolev.radial`.
    """
    from mpmath import mp

    if r == 0:
        return mp.mpf(1)
    with mp.extraprec(20):
        size = mp.mag(exact_mpf(kappa_squared) * exact_mpf(r) ** 2) // 2 + 1
    with mp.extraprec(max(0, size) + math.ceil(nu).bit_length() + 10):
        order = exact_mpf(nu)
        x = mp.sqrt(exact_mpf(kappa_squared)) * exact_mpf(r)
        value = 2 ** (1 - order) / mp.gamma(order) * x**order * bessel_k(order, x)
    return +value


def radial_mpf(dim: int, nu: Fraction, kappa_squared: Fraction, r: Fraction, digits: int) -> Any:
    """d(r) to `digits` significant digits, as an mpmath number.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> print(radial_mpf(1, Fraction(1, 2), Fraction(1), Fraction(0), 30))
    0.5
    """
    with precision(int(3.33 * digits) + 30 + math.ceil(nu).bit_length() + dim.bit_length()) as mp:
        value = at_zero_mpf(dim, nu, kappa_squared) * correlation_mpf(nu, kappa_squared, r)
        with mp.workdps(digits):
            return +value


def radial_ball(dim: int, nu: Fraction, kappa_squared: Fraction, r: Fraction, digits: int) -> Any:
    """A ball (python-flint `arb`) that certainly contains d(r), of relative radius below 10^(-digits).

    Raises
    ------
    ImportError
        If python-flint is absent: install the `certify` extra.

    Source: `sobolev.radial`.
    """
    flint = python_flint()

    def ball(number: Fraction) -> Any:
        return flint.arb(flint.fmpq(number.numerator, number.denominator))

    wanted = int(3.33 * digits) + 2
    precision = wanted + 32
    while True:
        with flint.ctx.workprec(precision):
            order, half_dim, square = ball(nu), ball(Fraction(dim, 2)), ball(kappa_squared)
            front = (4 * flint.arb.pi()) ** -half_dim * square**-order / (order + half_dim).gamma()
            if r == 0:
                value = front * order.gamma()
            else:
                x = square.sqrt() * ball(r)
                value = front * 2 * (x / 2) ** order * x.bessel_k(order)
            if value.rel_accuracy_bits() >= wanted:
                return value
        precision *= 2


def python_flint() -> Any:
    """The module `flint`.

    Raises
    ------
    ImportError
        If python-flint is absent: install the `certify` extra.
    """
    try:
        import flint
    except ImportError as error:
        raise ImportError(
            "certified enclosures need python-flint; install it with: pip install sobolevkernels[certify]"
        ) from error
    return flint
