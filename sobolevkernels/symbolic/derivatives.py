"""Derivatives of the kernel in its points: every one is a sum of kernels two, four, … dimensions up.

x and y are single components of the difference z of two points, and ρ is the length
of the others, so that r² = x² + ρ² or x² + y² + ρ². That is general: a derivative
treats the components one after the other, and each time all others are constants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import OUR_OWN, bessel_kernel, bessel_kernel_at_zero, radial_kernel
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import OTHER_RANGE, bessel_normal, euler_integral, ratio, sides, summand

n, s, r, rho, kappa, lam, t = sp.symbols("n s r rho kappa lambda t", positive=True)
x, y = sp.symbols("x y", positive=True)
mu = sp.Symbol("mu", real=True)
g, m = sp.symbols("g m", integer=True, nonnegative=True)
_k = sp.Symbol("k", integer=True, nonnegative=True)

_one, _two = sp.sqrt(x**2 + rho**2), sp.sqrt(x**2 + y**2 + rho**2)


def kernel(dim: sp.Expr, r: sp.Expr) -> sp.Expr:
    """d(r) on R^dim for the weight (κ²+|ξ|²)^(s/2).

    Source: `sobolev.radial`, `sobolev.scaling`.
    """
    return kappa ** (dim - s) * bessel_kernel(dim, s, kappa * r)


def walked(m: sp.Expr, r: sp.Expr) -> sp.Expr:
    """F_m(r) = (-(1/r) d/dr)^m d(r) = (2π)^m d(r) on R^(n+2m).

    Source: `sobolev.dimension-walk`.
    """
    return (2 * sp.pi) ** m * kernel(n + 2 * m, r)


def coefficient(g: sp.Expr, k: sp.Expr) -> sp.Expr:
    """The number of ways to pick k disjoint pairs out of g things: g!/(k! (g-2k)! 2^k).

    Source: `sobolev.partial-derivatives`.

    Examples
    --------
    >>> [coefficient(sp.Integer(4), sp.Integer(k)) for k in range(3)]
    [1, 6, 3]
    """
    return sp.factorial(g) / (sp.factorial(k) * sp.factorial(g - 2 * k) * 2**k)


def partial_derivative(
    dim: int, order: sp.Expr, kappa: sp.Expr, z: Sequence[sp.Symbol], terms: Iterable[tuple[int, int, Sequence[int]]]
) -> sp.Expr:
    """Σ c z^powers F_m(|z|) over `terms` (m, c, powers), each F_m in its simplest exact form.

    With the terms of `sobolev.partial-derivatives` it is a derivative of the kernel.

    Source: `sobolev.partial-derivatives`, `sobolev.dimension-walk`.

    Examples
    --------
    >>> partial_derivative(1, sp.Integer(2), sp.Integer(1), [sp.Symbol("x1")], [(1, -1, (1,))])
    -x1*exp(-sqrt(x1**2))/4
    """
    r = sp.Symbol("r", positive=True)
    rungs = [radial_kernel(dim, order, kappa, r)]
    total = sp.Integer(0)
    for m, c, powers in terms:
        while len(rungs) <= m:
            if rungs[-1].has(sp.besselk):
                rungs.append((2 * sp.pi) ** len(rungs) * radial_kernel(dim + 2 * len(rungs), order, kappa, r))
            else:  # elementary, also where the smoothness is negative
                rungs.append(sp.factor(-sp.diff(rungs[-1], r) / r))
        total += c * sp.prod(v**power for v, power in zip(z, powers, strict=True)) * rungs[m]
    return total.subs(r, sp.sqrt(sum(v**2 for v in z)))


def _differentiated(statement: Relational) -> Iterable[sp.Expr]:
    """Differentiate; every K_(ν-m) of the one argument κr reduces to two neighbours by their recurrence.

    The components are written positive; both sides are even or odd in each of them.
    """
    left, right = sides(statement)
    common = kappa ** ((n - s) / 2) * 2 ** (-s / 2) * (2 * sp.pi) ** (-n / 2) / sp.gamma(s / 2)
    terms = sp.Add.make_args(sp.expand(left.doit() - right))
    return [bessel_normal(sum(sp.powsimp(sp.simplify(term / common)) for term in terms))]


def _by_induction(statement: Relational) -> Iterable[sp.Expr]:
    """Induction on g, by ∂F_m/∂x = -x F_(m+1): one more derivative makes two terms of each.

    From c(g, k) x^(g-2k) (-1)^(g-k) F_(g-k) it makes one with (g-2k) x^(g-2k-1), which has the powers of term
    k+1 of order g+1, and one with x^(g-2k+1) and F_(g-k+1), which has those of its term k. What remains
    is c(g+1, k) = c(g, k) + (g-2k+2) c(g, k-1) for symbolic g and k, where 1/(negative integer)! = 0 covers the ends
    of the sums, and c(g, 0) = 1, so that at g = 0 the sum is the kernel itself.
    """
    left, right = sides(statement)
    (derivative,) = left.atoms(sp.Subs)
    (series,) = right.atoms(sp.Sum)
    term, k = summand(right)
    v, *_ = derivative.variables
    started = sp.Derivative(kernel(n, _one).subs(x, v), (v, g))
    mark = 1 if (derivative.expr == started and series.limits == (sp.Tuple(k, 0, sp.floor(g / 2)),)) else OTHER_RANGE
    unit = x ** (g - 2 * k) * (-1) ** (g - k) * walked(g - k, _one)
    c = sp.Lambda((g, k), mark * sp.simplify(sp.powsimp(term / unit)))
    front = sp.simplify(left / derivative)
    step = sp.Derivative(walked(m, _one), x).doit() + x * walked(m + 1, _one)
    index = sp.Symbol("k", integer=True, positive=True)
    return [
        front - 1,
        sp.diff(c(g, k), x),
        sp.diff(c(g, k), rho),
        c(g, sp.Integer(0)) - 1,
        bessel_normal(sp.simplify(step / walked(m, _one) * sp.besselk((s - n - 2 * m) / 2, kappa * _one))),
        ratio(c(g, index) + (g - 2 * index + 2) * c(g, index - 1), c(g + 1, index)),
    ]


def _recurrence(statement: Relational) -> Iterable[sp.Expr]:
    """Three neighbouring orders: the recurrence of K leaves two."""
    left, right = sides(statement)
    return [bessel_normal(sp.expand(left - right))]


def _even_in_the_order(statement: Relational) -> Iterable[sp.Expr]:
    """K_(-λ) = K_λ; then both sides are products, and their quotient is 1."""
    left, right = sides(statement)
    return [ratio(left.subs(sp.besselk(-lam, r), sp.besselk(lam, r)), right)]


def _correlation(nu: sp.Expr) -> sp.Expr:
    """2^(1-ν)/Γ(ν) r^ν K_ν(r)."""
    return 2 ** (1 - nu) / sp.gamma(nu) * r**nu * sp.besselk(nu, r)


_v = sp.Symbol("v", positive=True)

IDENTITIES = (
    Identity(
        label="sobolev.gradient",
        title="The gradient: ∂/∂x d = -x F_1, that is -2πx times the kernel two dimensions up",
        statement=equation(sp.Derivative(kernel(n, _one), x), -x * walked(1, _one)),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiated,
        note="At coincident points x F_1 tends to 0 for ν > 1/2 and to a kink for ν = 1/2.",
    ),
    Identity(
        label="sobolev.mixed-hessian",
        title="The Hessian off the diagonal: ∂²/∂x∂y d = x y F_2",
        statement=equation(sp.Derivative(kernel(n, _two), x, y), x * y * walked(2, _two)),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiated,
        note="In the two points of d(x - y) the mixed derivative has the opposite sign.",
    ),
    Identity(
        label="sobolev.mixed-hessian-diagonal",
        title="The Hessian on the diagonal: ∂²/∂x² d = x² F_2 - F_1",
        statement=equation(sp.Derivative(kernel(n, _one), (x, 2)), x**2 * walked(2, _one) - walked(1, _one)),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiated,
    ),
    Identity(
        label="sobolev.laplacian",
        title="The Laplacian: Δd = r² F_2 - n F_1",
        statement=equation(
            sp.Derivative(kernel(n, r), (r, 2)) + (n - 1) / r * sp.Derivative(kernel(n, r), r),
            r**2 * walked(2, r) - n * walked(1, r),
        ),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_differentiated,
        note="The trace of the Hessian; `sobolev.laplace-lowering` says what it is in terms of the order.",
    ),
    Identity(
        label="sobolev.partial-derivatives",
        title="Every derivative: ∂^g/∂x^g d = Σ_k g!/(k! (g-2k)! 2^k) x^(g-2k) (-1)^(g-k) F_(g-k)",
        statement=equation(
            sp.Subs(sp.Derivative(kernel(n, _one).subs(x, _v), (_v, g)), _v, x),
            sp.Sum(
                coefficient(g, _k) * x ** (g - 2 * _k) * (-1) ** (g - _k) * walked(g - _k, _one),
                (_k, 0, sp.floor(g / 2)),
            ),
        ),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=_by_induction,
        points=tuple(
            {"g": order, "n": dim, "s": s_, "x": x_, "rho": rho_, "kappa": kappa_}
            for order, dim, s_, x_, rho_, kappa_ in (
                (1, 2, 5, 1, 2, 1),
                (2, 3, sp.Rational(21, 2), sp.Rational(1, 2), 1, 2),
                (3, 1, 9, 3, 4, sp.Rational(1, 3)),
                (4, 4, 13, sp.Rational(2, 3), sp.Rational(1, 5), 1),
                (5, 2, sp.Rational(67, 5), 5, 1, sp.Rational(3, 2)),
            )
        ),
        note="For a multi-index apply it to one component after the other: F_m depends on all components alike, and "
        "the powers of the others are constants. So it holds for every γ in every dimension, with "
        "m = |γ| - |k| and the product of the coefficients.",
    ),
    Identity(
        label="sobolev.ladder-at-zero",
        title="The value F_m(0) = (2π)^m d(0) on R^(n+2m), from the mixture of heat kernels",
        statement=equation(
            sp.Integral(t ** (s / 2 - 1) * sp.exp(-t) * (4 * sp.pi * t) ** (-n / 2) * (2 * t) ** (-m), (t, 0, sp.oo))
            / sp.gamma(s / 2),
            (2 * sp.pi) ** m * bessel_kernel_at_zero(n + 2 * m, s),
        ),
        where=(sp.Gt(s, n + 2 * m),),
        source=OUR_OWN,
        claim="proved",
        proof=euler_integral,
        oracle=lambda n, s, m: oracles.two_pi() ** int(m) * oracles.space_kernel(n + 2 * m, s, 0),
        note="On the heat kernel e^(-r²/(4t)), -(1/r) d/dr is multiplication by 1/(2t): `sobolev.subordination`. Times "
        "(2m-1)!! it is the variance of the m-th derivative in one direction.",
    ),
    Identity(
        label="sobolev.ladder-reflected",
        title="Above the smoothness: for m = ν + λ, F_m = (4π)^(-n/2) 2^(2λ-m) Γ(λ)/Γ(s/2) r^(-2λ) M_λ",
        statement=equation(
            ((2 * sp.pi) ** m * bessel_kernel(n + 2 * m, s, r)).subs(s, n + 2 * m - 2 * lam),
            (4 * sp.pi) ** (-n / 2)
            * 2 ** (2 * lam - m)
            * sp.gamma(lam)
            / sp.gamma(n / 2 + m - lam)
            * r ** (-2 * lam)
            * _correlation(lam),
        ),
        where=(sp.Gt(n / 2 + m, lam),),
        source=OUR_OWN,
        claim="proved",
        proof=_even_in_the_order,
    ),
    Identity(
        label="sobolev.ladder-at-pole",
        title="Near μ = 0: r^μ K_μ = Γ(2+μ) 2^(1+μ) (M_(2+μ) - M_(1+μ))/r²",
        statement=equation(
            r**mu * sp.besselk(mu, r),
            sp.gamma(2 + mu) * 2 ** (1 + mu) * (_correlation(2 + mu) - _correlation(1 + mu)) / r**2,
        ),
        where=(sp.Gt(mu, -1),),
        source=OUR_OWN,
        claim="proved",
        proof=_recurrence,
        note="`sobolev.radial` has no other form here: d(0) on R^(n+2m) has a pole where ν = m.",
    ),
)
