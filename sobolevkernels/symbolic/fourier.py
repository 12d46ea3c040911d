"""The Fourier side: Parseval, the conventions in use, and why point evaluation needs order > n/2.

The unitary transform f̂(ξ) = (2π)^(-n/2) ∫ f(x) e^(-ix·ξ) dx is ours; three other
conventions are in use, and each changes the kernel by a factor or a rescaling.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic import oracles
from sobolevkernels.symbolic.euclidean import bessel_kernel, bessel_kernel_at_zero
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import euler_integral, gaussian_integrals, ratio, sides, under_the_integral

n, R, c, x, xi, rho, u = (sp.Symbol(name, positive=True) for name in ("n", "R", "c", "x", "xi", "rho", "u"))
r, s, t, m = (sp.Symbol(name, positive=True) for name in ("r", "s", "t", "m"))
a, b = sp.symbols("a b", real=True)
y, eta = sp.symbols("y eta", real=True)
kappa = sp.Symbol("kappa", positive=True)
order = sp.Symbol("order", positive=True)
alpha, beta, mu = sp.symbols("alpha beta mu", positive=True)
nu = sp.Symbol("nu", positive=True, integer=False)

OUR_OWN = "Standard; derived here"


def _gaussian(center: sp.Expr) -> sp.Expr:
    return sp.exp(-((y - center) ** 2) / 2)


def _gaussian_transform(center: sp.Expr) -> sp.Expr:
    """Unitary transform of the Gaussian around `center`: e^(-i·center·η) e^(-η²/2)."""
    return sp.exp(-sp.I * center * eta - eta**2 / 2)


def _rescale(statement: Relational) -> Iterable[sp.Expr]:
    """The substitution ξ = kappa·η turns the left integrand into that of the theorem at distance kappa·r.

    Residuals: the substituted integrand, times dξ/dη = kappa, divided by kappa^(n-s)
    times the theorem's integrand, is 1; and the right side is kappa^(n-s) times the
    theorem's right side at kappa·r (`sobolev.radial`, proved separately).
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    theorem = (
        (2 * sp.pi) ** (-n / 2)
        * (kappa * r) ** (1 - n / 2)
        * variable ** (n / 2)
        * sp.besselj(n / 2 - 1, kappa * r * variable)
        * (1 + variable**2) ** (-s / 2)
    )
    substituted = integrand.subs(variable, kappa * variable) * kappa
    return [
        ratio(_factor_scale(substituted), kappa ** (n - s) * theorem),
        ratio(right, kappa ** (n - s) * bessel_kernel(n, s, kappa * r)),
    ]


def _factor_scale(expr: sp.Expr) -> sp.Expr:
    """(kappa² + kappa²η²)^p as kappa^(2p) (1+η²)^p, which holds for positive kappa."""
    return expr.replace(
        lambda part: part.is_Pow and part.base.is_Add,
        lambda part: sp.powdenest(sp.factor(part.base) ** part.exp, force=True),
    )


def _change_convention(statement: Relational) -> Iterable[sp.Expr]:
    """The substitution ξ -> ξ·kappa turns the left integrand into that of the theorem (n = 1) at
    distance β·kappa·r, where `sobolev.radial` gives the integral; what remains are constants.

    Residuals: the substituted integrand against theorem's, and the two sides after replacing the integral.
    """
    left, right = sides(statement)
    integrand, variable = under_the_integral(left)
    substituted = _factor_scale(integrand.subs(variable, kappa * variable) * kappa)
    theorem = sp.cos(beta * kappa * r * variable) * (1 + variable**2) ** (-order) / sp.pi
    constant = sp.simplify(substituted / theorem)
    return [
        sp.diff(constant, variable),
        ratio(constant * bessel_kernel(sp.Integer(1), 2 * order, beta * kappa * r), right),
    ]


def _logarithmic_growth(statement: Relational) -> Iterable[sp.Expr]:
    """Both sides vanish or are non-negative at R = 1, and the derivative in R of the larger side is at
    least that of the smaller one for R ≥ 1: their quotient to the power 2/n is 2R²/(1+R²), which is
    1 at R = 1 and increases (its derivative is 4R/(1+R²)²)."""
    larger, smaller = statement.gts, statement.lts
    growth = [
        sp.diff(side, R) if not side.has(sp.Integral) else under_the_integral(side, sp.Integer(0), R)[0].subs(rho, R)
        for side in (larger, smaller)
    ]
    quotient = sp.powdenest(growth[0] / growth[1], force=True)
    return [
        sp.simplify(sp.powdenest(quotient ** (2 / n), force=True) - 2 * R**2 / (1 + R**2)),
        smaller.subs(R, 1),
        sp.simplify(sp.diff(2 * R**2 / (1 + R**2), R) - 4 * R / (1 + R**2) ** 2),
    ]


def _expand_in_growing_solutions(statement: Relational) -> Iterable[sp.Expr]:
    """K_ν = π (I_(-ν) - I_ν)/(2 sin πν) is SymPy's own definition of K for non-integer ν; what is
    left is the constant, which the reflection formula for the gamma function settles."""
    left, right = sides(statement)
    return [sp.simplify(sp.gammasimp(left.rewrite(sp.besseli) - right))]


_partial_norm = sp.Integral(rho ** (n - 1) * (1 + rho**2) ** (-n / 2), (rho, 0, R))
_sphere = 2 * sp.pi ** (n / 2) / sp.gamma(n / 2)

IDENTITIES = (
    Identity(
        label="sobolev.gaussian-transform",
        title="The unitary transform of a Gaussian is a Gaussian: f̂(η) = e^(-iaη) e^(-η²/2)",
        statement=equation(
            (2 * sp.pi) ** sp.Rational(-1, 2) * sp.Integral(_gaussian(a) * sp.exp(-sp.I * y * eta), (y, -sp.oo, sp.oo)),
            _gaussian_transform(a),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "eta": 1}, {"a": 1, "eta": sp.Rational(1, 3)}, {"a": sp.Rational(-3, 2), "eta": 2}),
        note="The convention of this library: unitary, f̂(ξ) = (2π)^(-n/2) ∫ f(x) e^(-ix·ξ) dx.",
    ),
    Identity(
        label="sobolev.parseval",
        title="Parseval: the unitary transform keeps the L² inner product",
        statement=equation(
            sp.Integral(_gaussian(a) * _gaussian(b), (y, -sp.oo, sp.oo)),
            sp.Integral(_gaussian_transform(a) * sp.conjugate(_gaussian_transform(b)), (eta, -sp.oo, sp.oo)),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "b": 0}, {"a": 1, "b": sp.Rational(1, 3)}, {"a": -2, "b": 1}),
        note="Proved for all translates of a Gaussian in one dimension; these span a dense subspace of "
        "L²(R), and tensor products of them one of L²(R^n).",
    ),
    Identity(
        label="sobolev.convention-reproduction",
        title="In any convention f̂ = α∫f e^(-iβxξ), ⟨f,g⟩ = μ∫ f̂ conj(ĝ) w: the kernel has d̂_x = β/(2παμ) e^(-iβxξ)/w",
        statement=equation(
            mu
            * beta
            / (2 * sp.pi * alpha * mu)
            * sp.Integral(
                sp.exp(-sp.I * beta * b * eta)
                * sp.conjugate(alpha * sp.sqrt(2 * sp.pi) * sp.exp(-sp.I * beta * a * eta - beta**2 * eta**2 / 2)),
                (eta, -sp.oo, sp.oo),
            ),
            sp.exp(-((a - b) ** 2) / 2),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 1, "b": 0, "alpha": 1, "beta": 2},),
        note="⟨d_x, f⟩ = f(x) at x = b for every Gaussian around a; the weight w has cancelled. n = 1.",
    ),
    Identity(
        label="sobolev.conventions",
        title="The kernel in any convention: β^(2·order+1)/(2πα²μ) times ours at β·kappa (n = 1)",
        statement=equation(
            (beta / (2 * sp.pi * alpha)) ** 2
            / mu
            * 2
            * sp.Integral(sp.cos(beta * r * xi) * (kappa**2 + xi**2) ** (-order), (xi, 0, sp.oo)),
            beta ** (2 * order + 1)
            / (2 * sp.pi * alpha**2 * mu)
            * (beta * kappa) ** (1 - 2 * order)
            * bessel_kernel(sp.Integer(1), 2 * order, beta * kappa * r),
        ),
        where=(sp.Gt(order, sp.Rational(1, 2)),),
        source=OUR_OWN,
        claim="proved",
        proof=_change_convention,
        oracle=lambda alpha, beta, mu, order, kappa, r: (
            oracles.space_kernel(1, 2 * order, beta * r, kappa**2)
            * oracles.exact(beta**2 / alpha**2 / mu)
            / oracles.two_pi()
        ),
        note="In n dimensions the factor is β^(2·order) (β/(2πα²))^n / μ with α, β per axis. Unitary: α = (2π)^(-1/2), "
        "β = μ = 1, factor 1. Non-unitary with dξ: (2π)^(-n). Non-unitary with dξ/(2π)^n: 1. "
        "With e^(-2πixξ): (2π)^(2·order) at 2π·kappa.",
    ),
    Identity(
        label="sobolev.scaling",
        title="General kappa: d(r) = kappa^(n-s) d_1(kappa·r)",
        statement=equation(
            (2 * sp.pi) ** (-n / 2)
            * r ** (1 - n / 2)
            * sp.Integral(
                rho ** (n / 2) * sp.besselj(n / 2 - 1, r * rho) * (kappa**2 + rho**2) ** (-s / 2), (rho, 0, sp.oo)
            ),
            kappa ** (n - s) * bessel_kernel(n, s, kappa * r),
        ),
        where=(sp.Gt(s, n), sp.Ge(n, 1)),
        source=OUR_OWN,
        claim="proved",
        proof=_rescale,
        oracle=lambda n, s, r, kappa: oracles.space_kernel(n, s, r, kappa**2),
    ),
    Identity(
        label="sobolev.evaluation-norm",
        title="The squared norm of point evaluation is (2π)^(-n) ∫ dξ/w = d(0)",
        statement=equation(
            (2 * sp.pi) ** (-n) * _sphere * sp.Integral(rho ** (n - 1) * (1 + rho**2) ** (-s / 2), (rho, 0, sp.oo)),
            bessel_kernel_at_zero(n, s),
        ),
        where=(sp.Gt(s, n),),
        source=OUR_OWN,
        claim="proved",
        proof=euler_integral,
        oracle=lambda n, s: oracles.space_kernel(n, s, 0),
        note="By Cauchy-Schwarz |f(x)|² ≤ ‖f‖² (2π)^(-n) ∫ dξ/w, with equality for f̂ = e^(-ix·ξ)/w. "
        "It is finite iff s > n, that is order > n/2.",
    ),
    Identity(
        label="sobolev.evaluation-border",
        title="At the border s = n the partial integrals grow at least like log R: evaluation is not continuous",
        statement=sp.Ge(_partial_norm, 2 ** (-n / 2) * sp.log(R), evaluate=False),
        where=(sp.Ge(R, 1), sp.Q.integer(n)),
        source=OUR_OWN,
        claim="proved",
        proof=_logarithmic_growth,
        points=(
            {"n": 1, "R": 2},
            {"n": 1, "R": 10**9},
            {"n": 2, "R": 10**6},
            {"n": 5, "R": 100},
            {"n": 3, "R": sp.Rational(11, 10)},
        ),
        corrects=("bai2022.evaluation-order", "bai2022.introduction.order"),
        note="The functions with f̂ = 1/w on |ξ| ≤ R and 0 beyond have |f(0)|²/‖f‖² = (2π)^(-n) vol(S^(n-1)) "
        "times the left side.",
    ),
    Identity(
        label="sobolev.derivative-moment",
        title="The moment of |ξ|^(2m)/w, finite iff 2m < s-n: then d has 2m continuous derivatives",
        statement=equation(
            sp.Integral(rho ** (n - 1 + 2 * m) * (1 + rho**2) ** (-s / 2), (rho, 0, sp.oo)),
            sp.gamma(n / 2 + m) * sp.gamma((s - n) / 2 - m) / (2 * sp.gamma(s / 2)),
        ),
        where=(sp.Gt(s, n + 2 * m), sp.Q.integer(m), sp.Q.integer(n)),
        source=OUR_OWN,
        claim="proved",
        proof=euler_integral,
        oracle=lambda n, s, m: oracles.radial_moment(n + 2 * m + 1, s),
    ),
    Identity(
        label="sobolev.smoothness",
        title="r^ν K_ν(r) as an even power series plus r^(2ν) times one, for non-integer ν",
        statement=equation(
            x**nu * sp.besselk(nu, x),
            sp.gamma(nu) * sp.gamma(1 - nu) / 2 * (x**nu * sp.besseli(-nu, x) - x**nu * sp.besseli(nu, x)),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=_expand_in_growing_solutions,
        points=tuple(
            {"nu": sp.Rational(*p), "x": sp.Rational(*q)}
            for p, q in (((1, 2), (1, 3)), ((3, 2), (2, 1)), ((17, 10), (1, 100)), ((9, 2), (5, 1)))
        ),
        note="x^ν I_(-ν)(x) is a power series in x², and x^ν I_ν(x) is x^(2ν) times one: "
        "the first term that is not smooth at 0 is of order r^(2ν). For integer ν a logarithm takes its place.",
    ),
    Identity(
        label="bai2022.evaluation-order",
        title="Point evaluation is bounded on H_s for n/2 < s ≤ n",
        statement=sp.Le(
            sp.Integral(rho ** (n - 1) * (1 + rho**2) ** (-s / 2), (rho, 0, sp.exp(2 ** (n / 2) * (c + 1)))),
            c,
            evaluate=False,
        ),
        where=(sp.Gt(s, n / 2), sp.Le(s, n)),
        points=(
            {"n": 1, "s": 1, "c": 1},
            {"n": 1, "s": sp.Rational(3, 4), "c": 5},
            {"n": 2, "s": 2, "c": 10},
            {"n": 3, "s": 2, "c": 1},
        ),
        source="Bai, Rosenberg & Xu 2022, Appendix C.1, after (31): the assumption s > n/2 for the weight of (30)",
        claim="refuted",
        flaw="convention",
        repeats="bai2022.norm-equivalence",
        note="A bound c on |f(0)|²/‖f‖² (up to the factor (2π)^(-n) vol(S^(n-1))) would have to hold for every cut-off "
        "R; at R = exp(2^(n/2)(c+1)) it fails, whatever c is. With the weight (1+|ξ|²)^(s/2) of (30) the "
        "condition is s > n; s > n/2 belongs to the weight (1+|ξ|²)^s.",
    ),
)
