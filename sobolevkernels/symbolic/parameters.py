"""The kernel as a function of its parameters: derivatives in the order, the smoothness and κ."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp
from mpmath import mp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import OUR_OWN, bessel_kernel, bessel_kernel_at_zero
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import OTHER_RANGE, bessel_normal, sides, under_the_integral
from sobolevkernels.symbolic.quadrature import settled_quadrature

n, nu, kappa, r, x, t = sp.symbols("n nu kappa r x t", positive=True)
v = sp.Symbol("v", real=True)


def _scaled_kernel(dim: sp.Expr) -> sp.Expr:
    """d(r) in dimension `dim` for the order nu + n/2 and the weight (κ² + |ξ|²)^order."""
    order = nu + n / 2
    return kappa ** (dim - 2 * order) * bessel_kernel(dim, 2 * order, kappa * r)


def _reduce_bessel(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate, divide by the constants, then reduce every K_(ν+m) to two neighbours by their recurrence."""
    left, right = sides(statement)
    constants = 2 ** (-nu - n / 2) * sp.pi ** (-n / 2) / sp.gamma(nu + n / 2)
    terms = sp.expand(left.doit() - right).args
    return [bessel_normal(sum(sp.gammasimp(sp.powsimp(sp.simplify(term / constants))) for term in terms))]


def _differentiate_constants(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate the powers and gamma functions, and divide by d(0)."""
    left, right = sides(statement)
    at_zero = kappa ** (-2 * nu) * bessel_kernel_at_zero(n, 2 * nu + n)
    return [sp.simplify((left.doit() - right).rewrite(sp.polygamma) / at_zero)]


def _differentiate_under_the_integral(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides become one integral over R with the same integrand.

    The integrand and its ν-derivative decay doubly exponentially at both ends, locally uniformly in ν > 0,
    so the derivative may be taken under the integral.
    """
    left, right = sides(statement)

    def integrand(expr: sp.Expr) -> sp.Expr:
        return expr.replace(
            lambda part: isinstance(part, sp.Integral),
            lambda part: part.function * (1 if part.limits == ((v, -sp.oo, sp.oo),) else OTHER_RANGE),
        )

    difference = integrand(left.doit()) - integrand(right)
    return [sp.simplify(difference.rewrite(sp.polygamma) * sp.gamma(nu))]


def _inhomogeneous_bessel(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides solve x² g'' + x g' - (x² + 1/4) g = K_(1/2), Bessel's equation differentiated in ν, and decay.

    Left, with p = t sinh(t/2) and the wave w = e^(-x cosh t): x² w_xx + x w_x - x² w = w_tt, so that the operator
    makes p w into cosh(t/2) w + ∂/∂t (p w_t - p_t w); the bracket vanishes at both ends, and ∫ cosh(t/2) w dt is
    K_(1/2)(x) = sqrt(π/2x) e^(-x). Right, J = ∫ e^(-2xt)/(1+t) dt satisfies J' = 2J - 1/x. The difference of the
    sides is then a decaying solution of Bessel's equation, a multiple of K_(1/2), and the multiple is 0: left by
    Laplace's method and right by J ≤ 1/(2x) both sides are O(x^(-3/2) e^(-x)).
    """
    left, right = sides(statement)
    wave = sp.exp(-x * sp.cosh(t))

    def operator(g: sp.Expr, derivative: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
        first = derivative(g)
        return x**2 * derivative(first) + x * first - (x**2 + sp.Rational(1, 4)) * g

    integrand, variable = under_the_integral(left)
    p = sp.simplify(integrand / wave)
    bracket = p * sp.diff(wave, variable) - sp.diff(p, variable) * wave
    inside = operator(integrand, lambda g: sp.diff(g, x)) - sp.cosh(t / 2) * wave - sp.diff(bracket, variable)
    (integral,) = right.atoms(sp.Integral)
    (unit, variable), J = under_the_integral(integral), sp.Dummy("J")
    rest = sp.integrate(sp.simplify(sp.diff(unit, x) - 2 * unit), (variable, 0, sp.oo))
    outside = operator(right.subs(integral, J), lambda g: sp.diff(g, x) + sp.diff(g, J) * (2 * J + rest))
    residual = (outside - sp.sqrt(sp.pi / (2 * x)) * sp.exp(-x)) / (sp.sqrt(x) * sp.exp(-x))
    return [sp.simplify((inside / wave).rewrite(sp.exp).expand()), sp.simplify(sp.expand(residual))]


# --- oracles ------------------------------------------------------------------------------------


def _at_zero_change(n: Any, nu: Any, kappa: Any) -> Any:
    """∂d(0)/∂order = -(2π)^(-n) ∫ log(w₁)/w₁^order dξ, w₁ = κ² + |ξ|²: the definition, over log |ξ|."""
    dim, square = _real(n), _real(kappa) ** 2
    order = _real(nu) + dim / 2
    reach = (mp.dps + 10) * mp.log(10)
    ends = mp.linspace(-reach / dim - abs(mp.log(square)), reach / (2 * _real(nu)) + abs(mp.log(square)), 33)
    sphere = 2 * mp.pi ** (dim / 2) / mp.gamma(dim / 2)

    def weighted(u: Any) -> Any:
        weight = square + mp.exp(2 * u)
        return mp.exp(dim * u) * mp.log(weight) * weight**-order

    return -sphere / (2 * mp.pi) ** dim * settled_quadrature(weighted, ends)


def _correlation_change(nu: Any, x: Any) -> Any:
    """∂M/∂ν as a difference quotient of M = 2^(1-ν)/Γ(ν) x^ν K_ν(x), with mpmath's Bessel function."""
    digits = mp.dps
    with mp.workdps(3 * digits + 10):
        order, argument, step = _real(nu), _real(x), mp.mpf(10) ** (-digits - 2)

        def correlation(order: Any) -> Any:
            return 2 * (argument / 2) ** order * mp.besselk(order, argument) / mp.gamma(order)

        return (correlation(order + step) - correlation(order - step)) / (2 * step)


def _half_change(x: Any) -> Any:
    """∂K_ν/∂ν at ν = 1/2 as a difference quotient of mpmath's Bessel function."""
    digits = mp.dps
    with mp.workdps(3 * digits + 10):
        half, argument, step = mp.mpf(1) / 2, _real(x), mp.mpf(10) ** (-digits - 2)
        return (mp.besselk(half + step, argument) - mp.besselk(half - step, argument)) / (2 * step)


def _real(value: Any) -> Any:
    rational = sp.Rational(value)
    return mp.mpf(rational.p) / rational.q


_gamma_mixture = sp.exp(nu * v - sp.exp(v) - x**2 * sp.exp(-v) / 4)

IDENTITIES = (
    Identity(
        label="sobolev.kappa-derivative",
        title="Derivative in κ at fixed order: κ ∂d/∂κ = -2ν d - 2π r² d^(n+2), the kernel two dimensions up",
        statement=equation(
            kappa * sp.Derivative(_scaled_kernel(n), kappa), -2 * nu * _scaled_kernel(n)
            - 2 * sp.pi * r**2 * _scaled_kernel(n + 2),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=_reduce_bessel,
        oracle=lambda n, nu, kappa, r: -oracles.exact(kappa**2 * (2 * nu + n))
        * oracles.space_kernel(n, 2 * nu + n + 2, r, kappa**2),
        note="Both terms have one sign. With F_1 = -d'/r = 2π d^(n+2) (`sobolev.dimension-walk`) the last one is r d'.",
    ),
    Identity(
        label="sobolev.at-zero-order-derivative",
        title="∂d(0)/∂order at fixed κ: d(0) times ψ(ν) - ψ(ν+n/2) - 2 log κ",
        statement=equation(
            sp.Derivative(kappa ** (-2 * nu) * bessel_kernel_at_zero(n, 2 * nu + n), nu),
            kappa ** (-2 * nu)
            * bessel_kernel_at_zero(n, 2 * nu + n)
            * (sp.digamma(nu) - sp.digamma(nu + n / 2) - 2 * sp.log(kappa)),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiate_constants,
        oracle=_at_zero_change,
        points=(
            {"n": 1, "nu": sp.Rational(1, 2), "kappa": 1},
            {"n": 2, "nu": sp.Rational(2, 3), "kappa": sp.Rational(1, 3)},
            {"n": 3, "nu": sp.Rational(5, 2), "kappa": 4},
        ),
        note="At fixed dimension the derivatives in the order and in ν are the same.",
    ),
    Identity(
        label="sobolev.order-derivative-integral",
        title="∂M/∂ν of the correlation M: the mean of (log U - ψ(ν)) e^(-x²/(4U)) for U of the gamma distribution",
        statement=equation(
            sp.Derivative(sp.Integral(_gamma_mixture, (v, -sp.oo, sp.oo)) / sp.gamma(nu), nu),
            sp.Integral((v - sp.digamma(nu)) * _gamma_mixture, (v, -sp.oo, sp.oo)) / sp.gamma(nu),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiate_under_the_integral,
        oracle=_correlation_change,
        points=(
            {"nu": sp.Rational(1, 2), "x": 1},
            {"nu": sp.Rational(5, 3), "x": sp.Rational(1, 3)},
            {"nu": 6, "x": 9},
        ),
        note="U = e^v. What is differentiated is `sobolev.subordination` divided by d(0), that is M itself; the oracle "
        "differentiates the Bessel function instead. The two factors of the mean both grow with U, so ∂M/∂ν > 0.",
    ),
    Identity(
        label="sobolev.order-derivative-half",
        title="∂K_ν/∂ν at ν = 1/2 is an exponential integral: sqrt(π/(2x)) e^x E_1(2x)",
        statement=equation(
            sp.Integral(t * sp.sinh(t / 2) * sp.exp(-x * sp.cosh(t)), (t, 0, sp.oo)),
            sp.sqrt(sp.pi / (2 * x)) * sp.exp(-x) * sp.Integral(sp.exp(-2 * x * t) / (1 + t), (t, 0, sp.oo)),
        ),
        source="DLMF 10.38.7; derived here",
        claim="proved",
        proof=_inhomogeneous_bessel,
        oracle=_half_change,
        points=({"x": 1}, {"x": sp.Rational(1, 5)}, {"x": 7}),
        note="The left side is the derivative of K_ν(x) = ∫ cosh(νt) e^(-x cosh t) dt under the integral; "
        "e^(-2x) times the integral on the right is E_1(2x).",
    ),
)
