"""bai2022, Appendix F.2, (51) to (54): mirror descent, its dual metric, and the rate that needs F convex.

(52) is tried on a potential that is neither quadratic nor separable: w(x) = Σ x_i log x_i over the three
weights of a simplex, in the coordinates (x1, x2), whose conjugate is H(z) = log(1 + e^z1 + e^z2). The
missing hypothesis of the rate is shown on H(z) = log cosh z + εz²/2 with f(x) = x²/2: all that is asked
for holds, but F = f(∇H) is not convex.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import cancelled, rational, squares
from sobolevkernels.symbolic.bai2022_primal import OURS, PAPER, delta, h, u, w
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.plane import (
    C,
    R,
    norm2,
    p,
    v,
    y,
)
from sobolevkernels.symbolic.proofs import sides

DUAL = PAPER + ".2"

alpha, epsilon = sp.symbols("alpha epsilon", positive=True)
slope, cross, s1, s2, s3 = sp.symbols("p c s1:4", real=True)
z = sp.Matrix(sp.symbols("z1:3", real=True))
dual = sp.Symbol("z", real=True)
T = sp.Symbol("T", integer=True, positive=True)


def _simplex() -> tuple[sp.Matrix, sp.Matrix, sp.Matrix]:
    """h = ∇H, ∇²H, and ∇²w at h(z), of the potential of the simplex."""
    conjugate = sp.log(1 + sp.exp(z[0]) + sp.exp(z[1]))
    h = sp.Matrix([sp.diff(conjugate, variable) for variable in z])
    inverse = sp.ones(2, 2) / (1 - h[0] - h[1]) + sp.diag(1 / h[0], 1 / h[1])
    return h, sp.hessian(conjugate, z), inverse


def _dual_step() -> sp.Expr:
    """The first component of (52), for f(x) = p·x + c x1 x2."""
    h, hessian, _ = _simplex()
    composed = p.dot(h) + cross * h[0] * h[1]
    slopes = sp.Matrix([sp.diff(composed, variable) for variable in z])
    return z[0] - (hessian.inv() * slopes)[0] / alpha


def _conjugate_slope(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    """∂H/∂z1 at the given z."""
    return sp.exp(first) / (1 + sp.exp(first) + sp.exp(second))


def _logarithms(statement: Relational) -> Iterable[sp.Expr]:
    """Logarithms of products of positive quantities are expanded; nothing is left."""
    left, right = sides(statement)
    return [sp.expand(sp.expand_log(left - right, force=True))]


def _hyperbolic(statement: Relational) -> Iterable[sp.Expr]:
    """The derivative is carried out; sech² = 1 - tanh²."""
    left, right = sides(statement)
    return [sp.expand(left.doit() - right)]


# The family of the missing hypothesis. α = CL with C = 1/ε and L = (1+ε)²; a step moves z by εh(z)/L at most.
_h = lambda at: sp.tanh(at) + epsilon * at
_reached = dual - T * epsilon * _h(dual) / (1 + epsilon) ** 2
_composed = lambda at: _h(at) ** 2 / 2
_family_points = (
    {"z": 6, "T": 4000, "epsilon": sp.Rational(1, 1000)},
    {"z": 20, "T": 180000, "epsilon": sp.Rational(1, 10**4)},
)

S = sp.Matrix([[s1, 0], [s2, s3]])
_relative = -(R * R.T + S * S.T) * v  # ∇f(x), when v is the step and αW = RRᵀ + SSᵀ

IDENTITIES = (
    Identity(
        label="bai2022.mirror-update",
        title="The mirror update is an argmin: its objective exceeds its value at x e^(-p/α) by α V (w = x log x - x)",
        statement=equation(
            slope * h
            + alpha * (h * sp.log(h / u) - h + u)
            - (slope * u * sp.exp(-slope / alpha) + alpha * u * (sp.exp(-slope / alpha) * (-slope / alpha - 1) + 1)),
            alpha * (h * sp.log(h / (u * sp.exp(-slope / alpha))) - h + u * sp.exp(-slope / alpha)),
        ),
        source=DUAL + ", mirror descent update",
        claim="proved",
        proof=_logarithms,
        points=({"h": 2, "u": 1, "p": 1, "alpha": 3}, {"h": sp.Rational(1, 9), "u": 5, "p": -2, "alpha": 1}),
        note="x = u, y = h. α multiplies V, so what is called the step size is the inverse of one.",
    ),
    Identity(
        label="bai2022.eq52",
        title="(52): mirror descent is natural gradient descent for H in the dual variable (simplex, f = p·x + c x1 "
        "x2)",
        statement=equation(_dual_step(), z[0] - (p[0] + cross * _simplex()[0][1]) / alpha),
        source=DUAL + ", (52)",
        claim="proved",
        proof=rational,
        corrects=("bai2022.eq52.domain",),
        note="The right side is the mirror step ∇w(x⁺) = ∇w(x) - ∇f(x)/α. By the chain rule ∇_z f(h(z)) = ∇²H "
        "∇f(h(z)) for every f and H, if it is read as the gradient of the composition, at z_k. Here every z is in Φ.",
    ),
    Identity(
        label="bai2022.eq52.domain",
        title="(52) stays in ∇w(Q): here w = x²/2 on Q = (0, ∞), so ∇w(Q) = (0, ∞), and f(x) = x",
        statement=sp.Gt(u - 1 / alpha, 0, evaluate=False),
        source=DUAL + ", (52), first condition",
        claim="refuted",
        flaw="hypothesis",
        points=({"u": sp.Rational(1, 2), "alpha": 1},),
        note="At z = u. The argmin over the open Q does not exist then (`bai2022.definition12`). Needed: ∇w(x) - "
        "∇f(x)/α in Φ, for example Φ = R^n, which F.1 demands as well.",
    ),
    Identity(
        label="sobolev.dual-domain",
        title="∇w(Q) need not be convex: (x1, x2 + x2³) maps x2 < x1 to z2 < φ(z1), φ(s) = s + s³",
        statement=sp.Gt(
            ((u - delta) + (u - delta) ** 3 + (u + delta) + (u + delta) ** 3) / 2 - 2 * u * delta**2,
            u + u**3,
            evaluate=False,
        ),
        source=OURS,
        claim="proved",
        proof=squares("The difference is uδ².", [u * delta**2]),
        note="w = |x|²/2 + x2⁴/4 is strongly convex. Two points below the graph of φ at u-δ and u+δ have their "
        "midpoint above it. (46) on Φ, and with it Corollary 14, needs the segment from z_k to z_(k+1) in Φ.",
    ),
    Identity(
        label="bai2022.eq53",
        title="(53): h = ∇H is the inverse of ∇w, on the simplex",
        statement=equation(
            _conjugate_slope(sp.log(u) - sp.log(1 - u - w), sp.log(w) - sp.log(1 - u - w)),
            u,
        ),
        where=(sp.Lt(u + w, 1),),
        source=DUAL + ", (53) and after",
        claim="proved",
        proof=lambda statement: [cancelled(sp.expand(statement.lhs, power_exp=True) - statement.rhs)],
        points=({"u": sp.Rational(1, 3), "w": sp.Rational(1, 5)}, {"u": sp.Rational(1, 100), "w": sp.Rational(9, 10)}),
        note="x = (u, w), first component. It holds on Φ for every differentiable, strictly convex w.",
    ),
    Identity(
        label="bai2022.eq54.pullback",
        title="∇²H is the pullback of ∇²w by h: off-diagonal entry, on the simplex",
        statement=equation(
            (_simplex()[1].T * _simplex()[2] * _simplex()[1])[0, 1],
            -sp.exp(z[0] + z[1]) / (1 + sp.exp(z[0]) + sp.exp(z[1])) ** 2,
        ),
        source=DUAL + ", (54)",
        claim="proved",
        proof=rational,
        note="In this sense g = ∇²H is a pullback metric; it is not the one of the earlier sections. In (54) ∇^g F "
        "is to be taken at z_k.",
    ),
    Identity(
        label="sobolev.entropy-not-compatible",
        title="The entropy is excluded: its dual metric e^z violates (49) at z = -log(1+C), for every C",
        statement=sp.Gt(u**2, C * sp.exp(-sp.log(1 + C)) * u**2, evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("The difference is u²/(1+C).", [u**2 / (1 + C)]),
        note="∇²H = (∇²w)^-1, so ∇²H is E-compatible with C iff ∇²w ≤ C, that is iff ∇w is Lipschitz with constant "
        "C. With w strongly convex that leaves potentials between two quadratics.",
    ),
    Identity(
        label="bai2022.eq54.convex",
        title="F = f(∇H) is convex, as Lemma 16 demands: midpoint of 1 and 3, H = log cosh z + εz²/2, f = x²/2",
        statement=sp.Le(
            _composed(sp.Integer(2)), (_composed(sp.Integer(1)) + _composed(sp.Integer(3))) / 2, evaluate=False
        ),
        source=DUAL + ", after (54)",
        claim="refuted",
        flaw="hypothesis",
        points=({"epsilon": sp.Rational(1, 1000)}, {"epsilon": sp.Rational(1, 10)}),
        note="f is convex and w strongly convex, and ∇f, ∇w, ∇F are Lipschitz; yet F is not convex.",
    ),
    Identity(
        label="sobolev.dual-convexity",
        title="F'' = f''(h) h'² + f'(h) h'': the second term has any sign (same H and f)",
        statement=equation(
            sp.Derivative(_composed(dual), (dual, 2)),
            (1 - sp.tanh(dual) ** 2 + epsilon) ** 2 - 2 * _h(dual) * sp.tanh(dual) * (1 - sp.tanh(dual) ** 2),
        ),
        source=OURS,
        claim="proved",
        proof=_hyperbolic,
        corrects=("bai2022.eq54.convex",),
        points=({"z": 1, "epsilon": sp.Rational(1, 10)}, {"z": -2, "epsilon": 1}, {"z": 0, "epsilon": 3}),
        note="F is convex for every convex f only if h is affine, that is w quadratic. It shows too that |F''| ≤ "
        "(1+ε)².",
    ),
    Identity(
        label="bai2022.eq54.rate",
        title="F(z_T) - F(z*) ≤ 2LCR²/T, by Lemma 16, for an F that is not convex",
        statement=sp.Le(
            _composed(_reached),
            2 * (1 + epsilon) ** 2 * (sp.Rational(1, 2) + epsilon * dual**2) / (epsilon * T),
            evaluate=False,
        ),
        where=(sp.Ge(_reached, 0),),
        source=DUAL + ", second display after (54)",
        claim="refuted",
        flaw="hypothesis",
        repeats="bai2022.eq54.convex",
        points=_family_points,
        note="C = 1/ε, L = (1+ε)², z* = 0, R² ≤ 1/2 + εz² since z² sech² z ≤ 1/2. The left side bounds F(z_T) from "
        "below. The quotient of the sides grows without bound (1.7 at z = 6, 7.7 at z = 20): no constant in "
        "O(LCR²/T) helps.",
    ),
    Identity(
        label="sobolev.mirror-rate",
        title="What holds for the same run: F(z_T) - F(z*) ≤ (α/T) V_(x_0)(x*)",
        statement=sp.Le(
            _composed(_reached),
            (1 + epsilon) ** 2 / (epsilon * T) * (sp.log(sp.cosh(dual)) + epsilon * dual**2 / 2),
            evaluate=False,
        ),
        where=(sp.Ge(_reached, 0),),
        source=OURS + "; the argument is Bauschke, Bolte & Teboulle 2017",
        claim="checked",
        corrects=("bai2022.eq54.rate",),
        points=_family_points,
        note="V_(x_0)(x*) = H(z_0) - H(0). No convexity of F: f convex and αw - f convex suffice, which "
        "`sobolev.mirror-guarantee` shows step by step.",
    ),
    Identity(
        label="sobolev.mirror-guarantee",
        title="A mirror step with f and αw - f convex: from x to u, f(u) - f(y) ≤ α (V_x(y) - V_u(y)) for every y",
        statement=sp.Le(
            _relative.dot(v - y) + (norm2(v, R * R.T) - norm2(y, R * R.T)) / 2,
            (norm2(y, R * R.T + S * S.T) - norm2(y - v, R * R.T + S * S.T)) / 2,
            evaluate=False,
        ),
        source=OURS + "; the argument is Bauschke, Bolte & Teboulle 2017",
        claim="proved",
        proof=squares(
            "The difference is ½|Sᵀv|² + ½|Rᵀy|².",
            [*((S.T * v)[i] ** 2 / 2 for i in range(2)), *((R.T * y)[i] ** 2 / 2 for i in range(2))],
        ),
        note="x is the origin, v the step, y the other point; f'' = RRᵀ, αw'' = RRᵀ + SSᵀ, ∇f(x) = -αw''v. For "
        "general f and w the squares are αV_x(x⁺) less the Bregman divergence of f, and that of f from x to y. "
        "Summed over T steps with y = x*: f(x_T) - f* ≤ αV_(x_0)(x*)/T.",
    ),
)
