"""bai2022, Appendix C.1: the norms, the inner products, the pairing, evaluation.

Functions are tried on Gaussians: their translates span a dense subspace, and
both sides of every statement here are continuous forms.
"""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import gaussian_integrals

PAPER = "Bai, Rosenberg & Xu 2022, Appendix C"

s, c, t = sp.symbols("s c t", positive=True)
degree = sp.Symbol("s", integer=True, positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
a, b, x, y = sp.symbols("a b x y", real=True)
xi = sp.Symbol("xi", real=True)


def gaussian(center: sp.Expr, at: sp.Expr = y) -> sp.Expr:
    """e^(-(y-center)²/2)."""
    return sp.exp(-((at - center) ** 2) / 2)


def transformed(center: sp.Expr) -> sp.Expr:
    """Unitary transform of `gaussian` (`sobolev.gaussian-transform`)."""
    return sp.exp(-sp.I * center * xi - xi**2 / 2)


def on_line(integrand: sp.Expr, variable: sp.Symbol = xi) -> sp.Integral:
    """Integral over the real line."""
    return sp.Integral(integrand, (variable, -sp.oo, sp.oo))


def kernel_transform(at: sp.Expr, order: sp.Expr) -> sp.Expr:
    """d̂_x(ξ) = (2π)^(-1/2) e^(-ixξ) (1+ξ²)^(-s/2) in one dimension."""
    return (2 * sp.pi) ** sp.Rational(-1, 2) * sp.exp(-sp.I * at * xi) * (1 + xi**2) ** (-order / 2)


def _inner(f_hat: sp.Expr, g_hat: sp.Expr, order: sp.Expr) -> sp.Expr:
    """⟨f, g⟩_s of (30) as an integrand: f̂ conj(ĝ) (1+ξ²)^(s/2)."""
    return sp.powsimp(product(f_hat, g_hat) * (1 + xi**2) ** (order / 2))


def product(f_hat: sp.Expr, g_hat: sp.Expr) -> sp.Expr:
    """f̂ conj(ĝ) with its exponentials combined."""
    return sp.powsimp(sp.expand_power_exp(f_hat * sp.conjugate(g_hat)))


def _energy(f: sp.Expr, g: sp.Expr) -> sp.Expr:
    """f g + f' g', the classical H¹ density."""
    return f * g + sp.diff(f, y) * sp.diff(g, y)


IDENTITIES = (
    Identity(
        label="bai2022.norm-classical",
        title="The classical norm Σ_(j≤s) ‖f^(j)‖² has the symbol Σ_(j≤s) ξ^(2j) (n = 1, s = 3)",
        statement=equation(
            on_line(sum(sp.diff(gaussian(a), y, k) * sp.diff(gaussian(b), y, k) for k in range(4)), y),
            on_line(sum(xi ** (2 * k) for k in range(4)) * product(transformed(a), transformed(b))),
        ),
        source=PAPER + ".1, first display",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "b": 1},),
    ),
    Identity(
        label="bai2022.norm-equivalence",
        title="The weight (1+|ξ|²)^(s/2) gives an equivalent norm: Σ_(j≤s) ξ^(2j) ≤ c (1+ξ²)^(s/2)",
        statement=sp.Le(
            sp.Sum((1 + c) ** (2 * j), (j, 0, degree)), c * (1 + (1 + c) ** 2) ** (degree / 2), evaluate=False
        ),
        source=PAPER + ".1, second display",
        claim="refuted",
        flaw="convention",
        note="Written at ξ = 1 + c, where the bound fails for every constant c ≥ 1 and s ≥ 1. The equivalent weight is "
        "(1+|ξ|²)^s: the paper's s counts derivatives in the first display and twice that from here on. "
        "Every later confusion of s > n/2 with s > n comes from this line.",
        points=({"c": 1, "s": 2}, {"c": 5, "s": 1}, {"c": 1000, "s": 3}),
    ),
    Identity(
        label="sobolev.norm-upper",
        title="Σ_(j≤s) ξ^(2j) ≤ (1+ξ²)^s",
        statement=sp.Le(sp.Sum(xi ** (2 * j), (j, 0, degree)), (1 + xi**2) ** degree, evaluate=False),
        source="Standard; derived here",
        claim="checked",
        corrects=("bai2022.norm-equivalence",),
        note="Every binomial coefficient is at least 1. In n variables the multinomial coefficients play the part.",
    ),
    Identity(
        label="sobolev.norm-lower",
        title="(1+ξ²)^s ≤ 2^s Σ_(j≤s) ξ^(2j)",
        statement=sp.Le((1 + xi**2) ** degree, 2**degree * sp.Sum(xi ** (2 * j), (j, 0, degree)), evaluate=False),
        source="Standard; derived here",
        claim="checked",
        note="Every binomial coefficient binom(s, j) is at most 2^s.",
    ),
    Identity(
        label="bai2022.eq30",
        title="The inner product (30) with s = 2 is the classical one of H¹",
        statement=equation(
            on_line(_inner(transformed(a), transformed(b), sp.Integer(2))),
            on_line(_energy(gaussian(a), gaussian(b)), y),
        ),
        source=PAPER + ".1, (30)",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "b": 1},),
        note="So the s of (30) is twice the classical order; and the transform must be unitary.",
    ),
    Identity(
        label="bai2022.inner-vector",
        title="The inner product of vector functions is the sum over components (s = 2, two components)",
        statement=equation(
            on_line(
                _inner(transformed(a), transformed(b), sp.Integer(2))
                + _inner(transformed(2 * a), transformed(b + 1), sp.Integer(2))
            ),
            on_line(_energy(gaussian(a), gaussian(b)), y) + on_line(_energy(gaussian(2 * a), gaussian(b + 1)), y),
        ),
        source=PAPER + ".1, display after (30)",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "b": 1},),
    ),
    Identity(
        label="bai2022.eq31",
        title="The pairing of H_s and H_(-s) is continuous: |∫ f g|² ≤ ‖f‖²_s ‖g‖²_(-s) (s = 2)",
        statement=sp.Le(
            on_line(gaussian(a) * gaussian(b), y) ** 2,
            on_line(sp.exp(-(xi**2)) * (1 + xi**2)) * on_line(sp.exp(-(xi**2)) / (1 + xi**2)),
            evaluate=False,
        ),
        source=PAPER + ".1, (31)",
        claim="checked",
        points=({"a": 0, "b": 0}, {"a": 0, "b": 1}),
        note="Cauchy-Schwarz for f̂ w^(1/2) and ĝ w^(-1/2); equality iff they are proportional. The map printed after "
        "the arrow sends H_(-s) to the dual of H_s, so it is the inverse of the arrow.",
    ),
    Identity(
        label="bai2022.evaluation",
        title="Evaluation is the inner product with d_x: ⟨d_x, f⟩_s = f(x)",
        statement=equation(on_line(sp.simplify(_inner(kernel_transform(x, s), transformed(a), s))), gaussian(a, x)),
        source=PAPER + ".1, display before (32)",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 1, "x": sp.Rational(1, 2)},),
        corrects=("bai2022.delta-pairing.line1",),
        note="The weight cancels, which is why no s is left; that d_x lies in H_s is `sobolev.evaluation-norm`.",
    ),
    Identity(
        label="bai2022.eq32",
        title="(32): the inner product of the components adds up (two components, s = 2)",
        statement=equation(
            on_line(
                _inner(transformed(a), transformed(b), sp.Integer(2))
                + _inner(transformed(b), transformed(a), sp.Integer(2))
            ),
            2 * on_line(_energy(gaussian(a), gaussian(b)), y),
        ),
        source=PAPER + ".1, (32)",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 0, "b": 1},),
        note="For f = (g_a, g_b) and g = (g_b, g_a). The printed exponent n of s^n should be the number of components.",
    ),
    Identity(
        label="bai2022.eq33",
        title="(33): evaluation acts on each component, c·f(x) = Σ c_j ⟨d_x, f_j⟩",
        statement=equation(
            c * on_line(sp.simplify(_inner(kernel_transform(x, s), transformed(a), s)))
            + t * on_line(sp.simplify(_inner(kernel_transform(x, s), transformed(b), s))),
            c * gaussian(a, x) + t * gaussian(b, x),
        ),
        source=PAPER + ".1, (33)",
        claim="proved",
        proof=gaussian_integrals,
        points=({"a": 1, "b": -1, "c": 2, "t": 3, "x": sp.Rational(1, 2)},),
    ),
)
