"""Derivatives of the kernel with respect to its parameters, with any number of digits (mpmath).

They are independent of the fast road: ∂M/∂ν is a mean over the gamma distribution, by the trapezoidal
rule, and ∂M/∂κ another Bessel function.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, Literal

from sobolevkernels.evaluation import precise
from sobolevkernels.evaluation.constants import at_zero_mpf, exact_mpf, precision

#: What to differentiate by: the order at fixed dim and κ, or κ at fixed order.
Parameter = Literal["order", "kappa"]


def derivative_mpf(
    parameter: Parameter, dim: int, nu: Fraction, kappa_squared: Fraction, r: Fraction, digits: int,
    correlation: bool = False,
) -> Any:
    """∂d/∂parameter at r, or ∂(d/d(0))/∂parameter, to `digits` significant digits, as an mpmath number.

    For ∂d/∂order, which changes sign, they are digits of the largest of its terms.

    Source: `sobolev.at-zero-order-derivative`, `sobolev.kappa-derivative`.

    Examples
    --------
    >>> print(derivative_mpf("kappa", 1, Fraction(1, 2), Fraction(4), Fraction(0), 30))  # d(0) = 1/(2κ)
    -0.125
    """
    with precision(int(3.33 * digits) + 30 + math.ceil(nu).bit_length() + dim.bit_length()) as mp:
        value = sensitivity_mpf(parameter, nu, kappa_squared, r)
        if not correlation:
            value += weight_mpf(parameter, dim, nu, kappa_squared) * precise.correlation_mpf(nu, kappa_squared, r)
            value *= at_zero_mpf(dim, nu, kappa_squared)
        if parameter == "kappa":
            value /= mp.sqrt(exact_mpf(kappa_squared))
        with mp.workdps(digits):
            return +value


def weight_mpf(parameter: Parameter, dim: int, nu: Fraction, kappa_squared: Fraction) -> Any:
    """The logarithmic derivative of d(0), times κ if it is with respect to κ, at mpmath's working precision."""
    from mpmath import mp

    order = exact_mpf(nu)
    if parameter == "kappa":
        return -2 * order
    return mp.digamma(order) - mp.digamma(order + mp.mpf(dim) / 2) - mp.log(exact_mpf(kappa_squared))


def sensitivity_mpf(parameter: Parameter, nu: Fraction, kappa_squared: Fraction, r: Fraction) -> Any:
    """∂M/∂ν ("order") or κ ∂M/∂κ = r M' ("kappa") at mpmath's working precision, r ≥ 0.

    M is the mean of e^(-z²/U) for z = κr/2 and U of the gamma distribution of shape ν; so ∂M/∂ν is the mean of
    (log U - ψ(ν)) e^(-z²/U), where 1 may be taken from the last factor since log U - ψ(ν) has mean 0.
    r M' = -2 (x/2)^ν x K_(ν-1)(x)/Γ(ν), x = κr.

    Source: `sobolev.order-derivative-integral`, `sobolev.kappa-derivative`.

    Examples
    --------
    >>> from mpmath import mp
    >>> print(mp.nstr(sensitivity_mpf("kappa", Fraction(1, 2), Fraction(1), Fraction(1)), 12))  # -1/e
    -0.367879441171
    """
    from mpmath import mp

    if r == 0:
        return mp.mpf(0)
    square = kappa_squared * r**2  # x²
    size = max(0, square.numerator.bit_length() - square.denominator.bit_length())
    bits = mp.prec + 10
    with mp.extraprec(size + 2 * math.ceil(nu).bit_length() + 30):
        order, z2 = exact_mpf(nu), exact_mpf(square) / 4
        if parameter == "kappa":
            x = 2 * mp.sqrt(z2)
            value = -2 * z2 ** (order / 2) * x * precise.bessel_k(abs(order - 1), x) / mp.gamma(order)
        else:
            value = _mean(nu, z2, bits)
    return +value


def _mean(nu: Fraction, z2: Any, bits: int) -> Any:
    """∂M/∂ν as ∫ (v - ψ(ν)) e^(νv - e^v) (e^(-z²e^(-v)) - c) dv/Γ(ν), by the trapezoidal rule; see `bessel_k`.

    To `bits` bits, at a working precision that makes up for the size of the exponents. c = 1 while z is small;
    but with c = 1 the integrand decays like e^(νv) only, which small ν cannot afford.
    """
    from mpmath import mp

    centred = nu >= 1 and z2 < exact_mpf(nu)
    fall = 0 if centred or z2 >= 1 else math.ceil(-mp.mag(z2) * min(nu, 1)) + 2
    with mp.extraprec(fall + 40):
        order = exact_mpf(nu)
        mean = mp.digamma(order)
        tolerance = mp.ldexp(1, -bits - fall - 2 * math.ceil(nu).bit_length())  # of the mean of absolute values
        peak = mp.log((order + mp.sqrt(order**2 + 4 * z2)) / 2)
        shape = mp.expm1 if centred else mp.exp

        def samples(first: Any, step: Any) -> tuple[Any, Any]:
            """Σ_j f(first + j step), j ≥ 0, and the sum of |f|."""
            v, total, mass, small = first, mp.mpf(0), mp.mpf(0), 0
            while small < 2:  # one small term may be that where f changes sign
                u = mp.exp(v)
                term = (v - mean) * mp.exp(order * v - u) * shape(-z2 / u)
                total += term
                mass += abs(term)
                small = small + 1 if abs(term) <= tolerance * mass / 1024 else 0
                v += step
            return total, mass

        step = mp.ldexp(1, -max(1, mp.mag(z2) // 2, math.ceil(nu).bit_length()) // 2)  # the width of the peak
        total = samples(peak, step)[0] + samples(peak - step, -step)[0]
        while True:
            right, left = samples(peak + step / 2, step), samples(peak - step / 2, -step)
            refined = total + right[0] + left[0]
            if abs(refined - 2 * total) <= tolerance * (right[1] + left[1]):
                return refined * step / 2 / mp.gamma(order)
            total, step = refined, step / 2
