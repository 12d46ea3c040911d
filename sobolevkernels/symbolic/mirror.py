"""Mirror maps: potentials, gradients, inverse gradients, conjugates."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, least_at
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.mirror_formulas import (
    BURG,
    ENTROPY,
    LOG_SUM_EXP,
    LOG_SUM_EXP_PAIR,
    P_NORM,
    P_NORM_PAIR,
    QUADRATIC,
    Formulas,
    c,
    p,
    w,
    x,
    y,
    z,
)
from sobolevkernels.symbolic.proofs import ratio, sides

t, f, g = sp.symbols("t f g", real=True)


def _separable(name: str, words: str, formulas: Formulas, note: str) -> Iterable[Identity]:
    """The five records of one coordinate."""
    point, dual, phi = formulas.primal, formulas.dual, formulas.potential
    slope = sp.Derivative(phi, point)
    common = {"source": OUR_OWN, "claim": "proved"}
    yield Identity(
        label=f"sobolev.mirror-{name}-gradient", title=f"{words}: the gradient is the derivative of the potential",
        statement=equation(slope, formulas.gradient), proof=differentiated, note=note, **common)  # type: ignore[arg-type]
    yield Identity(
        label=f"sobolev.mirror-{name}-inverse", title=f"{words}: ∇φ(∇φ∗(z)) = z",
        statement=equation(sp.Subs(slope, point, formulas.inverse), dual), proof=differentiated, **common)  # type: ignore[arg-type]
    yield Identity(
        label=f"sobolev.mirror-{name}-conjugate", title=f"{words}: φ∗(z) = xz - φ(x) at x = ∇φ∗(z)",
        statement=equation(formulas.conjugate, dual * formulas.inverse - phi.subs(point, formulas.inverse)),
        proof=differentiated, note=f"That this is the supremum is `sobolev.mirror-{name}-fenchel-young`.",
        **common)  # type: ignore[arg-type]
    yield Identity(
        label=f"sobolev.mirror-{name}-fenchel-young", title=f"{words}: xz ≤ φ(x) + φ∗(z), with equality at x = ∇φ∗(z)",
        statement=sp.Le(point * dual, phi + formulas.conjugate, evaluate=False),
        proof=least_at(point, formulas.inverse), **common)  # type: ignore[arg-type]
    yield Identity(
        label=f"sobolev.mirror-{name}-hessian",
        title=f"{words}: the second derivatives are inverse, φ∗''(∇φ(x)) φ''(x) = 1",
        statement=equation(sp.Subs(sp.Derivative(formulas.conjugate, (dual, 2)), dual, formulas.gradient)
                           * sp.Derivative(phi, (point, 2)), 1),
        proof=differentiated, **common)  # type: ignore[arg-type]


def _by_norm(statement: Relational) -> Iterable[sp.Expr]:
    """With a = ‖x‖_p for c + x^p = a^p every norm is a power of a; then both sides are equal.

    Σ|z_j|^q = ‖x‖^(q(2-p)) Σ|x_j|^p follows for all coordinates at once, because (p-1)q = p.
    """
    left, right = (_powers_of_norm(side.doit()) for side in sides(statement))
    return [ratio(left, right)]


def _powers_of_norm(expr: sp.Expr) -> sp.Expr:
    def add(part: sp.Expr) -> sp.Expr:
        total = sp.powsimp(sp.expand(sp.powdenest(part, force=True))).replace(
            lambda power: power.is_Pow, lambda power: power.base ** sp.factor(sp.simplify(power.exp)))
        return sp.factor_terms(sp.simplify(total))

    expr = expr.subs(c, _size**p - x**p)
    expr = expr.replace(lambda part: part.is_Add and part.has(_size), add)
    return sp.powsimp(sp.powdenest(expr, force=True), force=True)


def _softmax(z: sp.Expr, rest: sp.Expr) -> sp.Expr:
    return sp.exp(z) / (sp.exp(z) + rest)


_size, _others = sp.symbols("a c_z", positive=True)
_q = p / (p - 1)
_contribution = c * (x**p + c) ** ((2 / p - 1) * _q)
_three = sp.log(sp.exp(z) + sp.exp(w) + sp.exp(t))
_norm = x**p + c

_P_NORM_POINTS = tuple({"x": a, "c": b, "p": e} for a, b, e in (
    (1, 2, 3), (sp.Rational(1, 3), 5, sp.Rational(3, 2)), (7, sp.Rational(1, 10), sp.Rational(6, 5))))

IDENTITIES = (
    *_separable("quadratic", "½ax²", QUADRATIC, "½xᵀAx is a sum of these in the eigenvectors of A; a = 1 is Euclid's."),
    *_separable("entropy", "x log x", ENTROPY, ""),
    *_separable("burg", "-log x", BURG, "The dual variable is negative: the gradient reaches no other."),
    Identity(
        label="sobolev.mirror-simplex-inverse",
        title="Entropy on the simplex: the gradient of log Σ e^z is the softmax",
        statement=equation(sp.Derivative(LOG_SUM_EXP, z), _softmax(z, c)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="c collects the other coordinates, Σ e^(z_j), so that this is every dimension.",
    ),
    Identity(
        label="sobolev.mirror-simplex-constants",
        title="Entropy on the simplex: ∇φ(softmax z) = z + (1 - log Σ e^z)(1, …, 1)",
        statement=equation(sp.Subs(sp.Derivative(ENTROPY.potential, x), x, _softmax(z, c)), z + 1 - LOG_SUM_EXP),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="The constant is the same in every coordinate: gradients on the simplex are defined modulo (1, …, 1), "
        "which no tangent vector sees.",
    ),
    Identity(
        label="sobolev.mirror-simplex-conjugate",
        title="Entropy on the simplex: log Σ e^z = ⟨z, x⟩ - Σ x log x at x = softmax z (two coordinates)",
        statement=equation(
            sp.log(sp.exp(z) + sp.exp(w)),
            z * _softmax(z, sp.exp(w)) + w * _softmax(w, sp.exp(z))
            - ENTROPY.potential.subs(x, _softmax(z, sp.exp(w))) - ENTROPY.potential.subs(x, _softmax(w, sp.exp(z))),
        ),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-simplex-hessian-diagonal",
        title="Entropy on the simplex: ∂²/∂z² log Σ e^z = p - p² with p = softmax z",
        statement=equation(sp.Derivative(LOG_SUM_EXP, (z, 2)), _softmax(z, c) - _softmax(z, c) ** 2),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        where=(sp.Gt(c, 0),),
    ),
    Identity(
        label="sobolev.mirror-simplex-hessian",
        title="Entropy on the simplex: ∂²/∂z∂w log Σ e^z = -p q with (p, q, …) = softmax (z, w, …)",
        statement=equation(
            sp.Derivative(LOG_SUM_EXP_PAIR, z, w), -_softmax(z, sp.exp(w) + c) * _softmax(w, sp.exp(z) + c)
        ),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-simplex-tangent",
        title="Entropy on the simplex: diag(x) - x x^T inverts diag(1/x) on tangent vectors (three coordinates)",
        statement=equation(sum((
            sp.Subs(sp.Derivative(_three, z, other), (z, w, t), (sp.log(x), sp.log(y), sp.log(1 - x - y))) * tangent
            for other, tangent in ((z, f / x), (w, g / y), (t, -(f + g) / (1 - x - y)))), sp.Integer(0)), f),
        where=(sp.Lt(x + y, 1),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="The tangent vector is (f, g, -f-g). Off the tangent space nothing is inverted: (1, …, 1) is mapped to 0.",
    ),
    Identity(
        label="sobolev.mirror-p-norm-gradient",
        title="½‖x‖_p²: ∂/∂x = x^(p-1) ‖x‖^(2-p) for x > 0",
        statement=equation(sp.Derivative(P_NORM.potential, x), x ** (p - 1) * (_norm ** (1 / p)) ** (2 - p)),
        where=(sp.Gt(p, 1),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="c collects the other coordinates, Σ |x_j|^p. For x < 0 the sign is the opposite: φ is even.",
    ),
    Identity(
        label="sobolev.mirror-p-norm-inverse",
        title="½‖x‖_p²: ∇φ∗ is the same map with the exponent q = p/(p-1)",
        statement=equation(
            sp.Subs(P_NORM.inverse.subs(c, _others), (y, _others), (P_NORM.gradient, _contribution)),
            x,
        ),
        where=(sp.Gt(p, 1),),
        points=_P_NORM_POINTS,
        source=OUR_OWN,
        claim="proved",
        proof=_by_norm,
        note="The others contribute Σ|z_j|^q = Σ|x_j|^p times the common factor ‖x‖^(q(2-p)), since (p-1)q = p.",
    ),
    Identity(
        label="sobolev.mirror-p-norm-conjugate",
        title="½‖x‖_p²: ½‖z‖_q² = ⟨z, x⟩ - ½‖x‖_p² at z = ∇φ(x), and ‖z‖_q = ‖x‖_p",
        statement=equation(
            P_NORM.conjugate.subs({y: P_NORM.gradient, c: _contribution}, simultaneous=True),
            x * P_NORM.gradient + c * _norm ** (2 / p - 1) - P_NORM.potential,
        ),
        where=(sp.Gt(p, 1),),
        points=_P_NORM_POINTS,
        source=OUR_OWN,
        claim="proved",
        proof=_by_norm,
        note="The supremum is Hölder's inequality and ab ≤ ½a² + ½b².",
    ),
    Identity(
        label="sobolev.mirror-p-norm-hessian-diagonal",
        title="½‖x‖_p²: ∂²/∂x² = (p-1)(x/‖x‖)^(p-2) + (2-p)(x/‖x‖)^(2p-2)",
        statement=equation(
            sp.Derivative(P_NORM.potential, (x, 2)),
            (p - 1) * (x * _norm ** (-1 / p)) ** (p - 2) + (2 - p) * (x * _norm ** (-1 / p)) ** (2 * p - 2),
        ),
        where=(sp.Gt(p, 1),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
    Identity(
        label="sobolev.mirror-p-norm-hessian",
        title="½‖x‖_p²: ∂²/∂x∂y = (2-p)(xy/‖x‖²)^(p-1)",
        statement=equation(
            sp.Derivative(P_NORM_PAIR, x, y), (2 - p) * (x * y * (x**p + y**p + c) ** (-2 / p)) ** (p - 1)
        ),
        where=(sp.Gt(p, 1), sp.Ne(p, 2)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
    ),
)
