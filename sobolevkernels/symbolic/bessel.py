"""Modified Bessel functions of half-integer order: the finite sums and what is true of them."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import (
    bessel_normal,
    coefficient_of_index,
    near_zero,
    ratio,
    sides,
    under_the_integral,
)


def half_integer_sum(A: sp.Expr, r: sp.Expr) -> sp.Expr:
    """The sum Σ_{k<A} (A+k-1)!/(k!(A-k-1)!) (2r)^(-k) of every half-integer formula.

    It is sqrt(2r/π) e^r K_{A-1/2}(r); unevaluated when A is a symbol.

    Source: `bai2022.remark10.half-integer`.

    Examples
    --------
    >>> import sympy as sp
    >>> half_integer_sum(sp.Integer(2), sp.Symbol("r"))
    1 + 1/r
    """
    k = sp.Symbol("k", integer=True, nonnegative=True)
    term = sp.factorial(A + k - 1) / (sp.factorial(k) * sp.factorial(A - k - 1)) * (2 * r) ** (-k)
    series = sp.Sum(term, (k, 0, A - 1))
    return series.doit() if A.is_Integer else series


A = sp.Symbol("A", integer=True, positive=True)
nu, z, a, r, t = (sp.Symbol(name, positive=True) for name in ("nu", "z", "a", "r", "t"))

WATSON = "Bai, Rosenberg & Xu 2022, Remark 10, after Watson"


def _basset(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides solve Bessel's modified equation, stay bounded as z → ∞ and agree as z → 0.

    After t = zu/a the integrand is g(z, u) with z² g'' + z g' - (z²+ν²) g = ∂h/∂u for
    h = z^(1-ν) (1+u²)/u · ∂(z^ν g)/∂z, which vanishes at u = 0 and, for ν > 1/2, as u → ∞;
    by analytic continuation in ν the equation holds for all ν > -1/2. Bounded
    solutions are multiples of K_ν; z^ν times either side tends to the same value at 0.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(right)
    u = sp.Dummy("u", positive=True)
    g = sp.powdenest(sp.simplify(integrand.subs(variable, z * u / a) * z / a), force=True)
    g = g.replace(
        lambda part: part.is_Pow and part.base.is_Add,
        lambda part: sp.powdenest(sp.factor(part.base) ** part.exp, force=True),
    )
    certificate = z ** (1 - nu) * (1 + u**2) / u * sp.diff(z**nu * g, z)
    residual = z**2 * sp.diff(g, z, 2) + z * sp.diff(g, z) - (z**2 + nu**2) * g - sp.diff(certificate, u)
    start = sp.integrate(sp.simplify((z**nu * g).subs(sp.cos(z * u), 1)), (u, 0, sp.oo), conds="none")
    equation_of_left = bessel_normal(z**2 * sp.diff(left, z, 2) + z * sp.diff(left, z) - (z**2 + nu**2) * left)
    return [sp.simplify(residual), equation_of_left, ratio(near_zero(left) * z**nu, start)]


def _upward_recurrence(statement: Relational) -> Iterable[sp.Expr]:
    """Induction on A by K_(ν+1) = K_(ν-1) + (2ν/z) K_ν with ν = A - 1/2, coefficient by coefficient.

    With c(A, k) the coefficient of z^(-k) in the right side over sqrt(π/2z) e^(-z), the
    recurrence reads c(A+1, k) = c(A-1, k) + (2A-1) c(A, k-1), for symbolic A and k;
    1/(negative integer)! = 0 covers the ends of the sums. The bases are A = 1 and A = 2.
    """
    left, right = sides(statement)
    k = sp.Symbol("k", integer=True, positive=True)
    c = coefficient_of_index(right, A, k, sp.sqrt(sp.pi / (2 * z)) * sp.exp(-z) * z ** (-k))
    bases = [sp.simplify(sp.expand_func(left.subs(A, first)) - right.subs(A, first).doit()) for first in (1, 2)]
    return [
        *bases,
        sp.diff(c(A, k), z),
        bessel_normal(left.subs(A, A + 1) - left.subs(A, A - 1) - (2 * A - 1) / z * left),
        ratio(c(A - 1, k) + (2 * A - 1) * c(A, k - 1), c(A + 1, k)),
    ]


def _ladder(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate; K_(ν±1) reduce to two neighbours by their recurrence."""
    left, right = sides(statement)
    return [bessel_normal(left.doit() - right)]


IDENTITIES = (
    Identity(
        label="bai2022.remark10.basset",
        title="Basset's integral for K_ν",
        statement=equation(
            sp.besselk(nu, z),
            sp.gamma(nu + sp.Rational(1, 2))
            * (2 * z) ** nu
            / sp.sqrt(sp.pi)
            * sp.Integral(
                sp.cos(a * t) * a ** (-2 * nu) * (t**2 + (z / a) ** 2) ** (-nu - sp.Rational(1, 2)), (t, 0, sp.oo)
            ),
        ),
        source=WATSON + " p. 172, Eq. (1)",
        claim="proved",
        proof=_basset,
        points=(
            {"nu": sp.Rational(1, 2), "z": 1, "a": 1},
            {"nu": 2, "z": sp.Rational(1, 2), "a": 3},
            {"nu": sp.Rational(17, 10), "z": 3, "a": sp.Rational(1, 2)},
        ),
        note="Proved for ν > 0 and z > 0; the source asks Re(ν + 1/2) > 0 and should also ask Re z > 0, which "
        "analytic continuation then allows.",
    ),
    Identity(
        label="bai2022.remark10.half-integer",
        title="The finite sum of K at half-integer order",
        statement=equation(
            sp.besselk(A - sp.Rational(1, 2), z), sp.sqrt(sp.pi / (2 * z)) * sp.exp(-z) * half_integer_sum(A, z)
        ),
        source=WATSON + " p. 80, Eq. (12)",
        claim="proved",
        proof=_upward_recurrence,
        note="The source calls the argument ν; it is z here.",
    ),
    Identity(
        label="sobolev.ladder",
        title="The derivative ladder: d/d(r²) [r^ν K_ν(r)] = -½ r^(ν-1) K_(ν-1)(r)",
        statement=equation(
            sp.Derivative(r**nu * sp.besselk(nu, r), r) / (2 * r), -(r ** (nu - 1)) * sp.besselk(nu - 1, r) / 2
        ),
        source="Standard; derived here",
        claim="proved",
        proof=_ladder,
        oracle=lambda nu, r: oracles.kernel_derivative(nu, r),
    ),
)
