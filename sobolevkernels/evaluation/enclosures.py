"""Certified balls (Arb) for the derivatives of the kernel with respect to its parameters.

Arb has K_ν but not ∂K_ν/∂ν. What stands in for it is a difference quotient with a proved
remainder. With z = κr/2, M(ζ) = Γ(ζ)^(-1) ∫ u^(ζ-1) e^(-u-z²/u) du is analytic for Re ζ > 0, and for
|ζ-ν| ≤ R = min(ν,1)/4, a = Re ζ, the triangle inequality gives |M(ζ)| ≤ Γ(a)/|Γ(ζ)| M(a) and
|1-M(ζ)| ≤ Γ(a)/|Γ(ζ)| (1-M(a)). The quotient of the gamma functions is at most e^(3/4), since
(Γ(a)/|Γ(a+ib)|)² = Π_k (1 + b²/(a+k)²) ≤ exp(b²/a² + b²/a), with b ≤ a and b² ≤ a/2 here. And M(a)
grows with a. So a bound for M, or for M-1, on the disc is e^(3/4) min(M(ν+R), 1-M(ν-R)); Cauchy's
inequality then bounds every Taylor coefficient in ν, and with them the remainder.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sobolevkernels.evaluation import precise
from sobolevkernels.evaluation.precise_derivative import Parameter


def derivative_ball(
    parameter: Parameter, dim: int, nu: Fraction, kappa_squared: Fraction, r: Fraction, digits: int,
    correlation: bool = False,
) -> Any:
    """A ball (python-flint `arb`) that certainly contains ∂d/∂parameter at r, or ∂(d/d(0))/∂parameter.

    Its radius is below 10^(-digits) times the value, except for ∂d/∂order, which changes sign: there it
    is 10^(-digits) times the sum of the sizes of the terms of `combination`.

    Raises
    ------
    ImportError
        If python-flint is absent: install the `certify` extra.

    Source: `sobolev.at-zero-order-derivative`, `sobolev.kappa-derivative`.

    Examples
    --------
    >>> ball = derivative_ball("kappa", 1, Fraction(1, 2), Fraction(4), Fraction(0), 30)  # d(0) = 1/(2κ)
    >>> bool(ball.contains(-0.125))
    True
    """
    flint = precise.python_flint()
    wanted = int(3.33 * digits) + 3
    precision = wanted + 64
    while True:
        with flint.ctx.workprec(precision):
            order, half, square = _ball(nu), _ball(Fraction(dim, 2)), _ball(kappa_squared)
            x = square.sqrt() * _ball(r)
            terms = [_sensitivity(parameter, nu, x) if r else flint.arb(0)]
            front = flint.arb(1) if parameter == "order" else 1 / square.sqrt()
            if not correlation:
                value = _correlation(nu, x) if r else flint.arb(1)
                front *= (4 * flint.arb.pi()) ** -half * square**-order * order.gamma() / (order + half).gamma()
                if parameter == "order":
                    terms += [value * (order.digamma() - (order + half).digamma()), -value * square.log()]
                else:
                    terms += [-2 * order * value]
            total = front * sum(terms, flint.arb(0))
            size = front * sum((abs(term) for term in terms), flint.arb(0))
            if flint.arb(total.rad()) <= size.abs_lower() / flint.arb(2) ** wanted:
                return total
        precision *= 2


def _sensitivity(parameter: Parameter, nu: Fraction, x: Any) -> Any:
    """∂M/∂ν, or κ ∂M/∂κ = -2 (x/2)^ν x K_(ν-1)(x)/Γ(ν), as a ball; x = κr > 0."""
    import flint

    if parameter == "kappa":
        return -2 * (x / 2) ** _ball(nu) * x * x.bessel_k(_ball(nu - 1)) / _ball(nu).gamma()
    radius = min(nu, Fraction(1)) / 4
    ratio = Fraction(1, 2 ** (flint.ctx.prec // 3))
    step = radius * ratio
    bound = flint.arb(0.75).exp() * _correlation(nu + radius, x).min(1 - _correlation(nu - radius, x))
    quotient = (_correlation(nu + step, x) - _correlation(nu - step, x)) / (2 * _ball(step))
    # Σ_(j≥1) bound/R (step/R)^(2j) is below twice its first term.
    remainder = 2 * bound / _ball(radius) * _ball(ratio**2)
    return quotient + flint.arb(0, remainder.abs_upper())


def _correlation(nu: Fraction, x: Any) -> Any:
    """M = 2 (x/2)^ν K_ν(x)/Γ(ν) as a ball, x > 0."""
    return 2 * (x / 2) ** _ball(nu) * x.bessel_k(_ball(nu)) / _ball(nu).gamma()


def _ball(number: Fraction) -> Any:
    import flint

    return flint.arb(flint.fmpq(number.numerator, number.denominator))
