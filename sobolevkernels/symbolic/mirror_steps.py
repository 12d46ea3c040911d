"""Mirror descent as natural gradient: in the dual variable exactly, in the primal one to first order in the step."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, least_at, rational
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.mirror_formulas import (
    BURG,
    ENTROPY,
    LOG_PARTITION,
    NATURAL,
    Formulas,
    entropy_divergence,
    w,
    x,
    y,
    z,
)
from sobolevkernels.symbolic.proofs import OTHER_RANGE

a, b, q, eta = sp.symbols("a b q eta", positive=True)
e, f, g, h, t, u, x0, _u1, _u2 = sp.symbols("e f g h t u x0 u1 u2", real=True)
#: A convex function with three free coefficients, neither even nor of constant curvature.
FAMILY = a * u**2 / 2 + b * u**4 / 12 + q * sp.exp(u)
#: A loss with three free coefficients.
LOSS = e * u + f * u**2 + g * u**3
RASKUTTI = "Raskutti & Mukherjee (2015), Theorem 1, restated"


def slope(potential: sp.Expr, at: sp.Symbol, point: sp.Expr, order: int = 1) -> sp.Expr:
    """The derivative of `potential` at a point, unevaluated."""
    if point == at:
        return sp.Derivative(potential, (at, order))
    return sp.Subs(sp.Derivative(potential, (at, order)), at, point)


def _sign_of_terms(statement: Relational) -> Iterable[sp.Expr]:
    """For g ≥ 0 the gap is a sum of a positive and a non-negative term."""
    gap = sp.expand((statement.gts - statement.lts).subs(g, sp.Symbol("g", nonnegative=True)))
    return [sp.Integer(0) if gap.is_positive else OTHER_RANGE]


def _dual_step(formulas: Formulas) -> Relational:
    """∇φ(x⁺) of the natural-gradient step for f(∇φ*(z)) in the metric ∇²φ*, and of the mirror step."""
    dual = formulas.dual
    loss = LOSS.subs(u, formulas.inverse)
    metric = sp.Derivative(formulas.conjugate, (dual, 2))
    return equation(dual - eta * sp.Derivative(loss, dual) / metric,
                    dual - eta * sp.diff(LOSS, u).subs(u, formulas.inverse))


# Two-dimensional softmax with a reference category, which does not separate.
_partition = sp.log(1 + sp.exp(z) + sp.exp(w))
_probabilities = [sp.exp(z) / (1 + sp.exp(z) + sp.exp(w)), sp.exp(w) / (1 + sp.exp(z) + sp.exp(w))]
_plane_loss = e * _u1 + f * _u2 + g * _u1**2 + h * _u1 * _u2


def _natural_step(partition: sp.Expr, symbols: tuple[sp.Symbol, sp.Symbol], loss: sp.Expr) -> sp.Expr:
    """The first component of [∇²A]^-1 ∇ loss."""
    one, two = symbols
    hessian = [[sp.Derivative(partition, i, j) for j in symbols] for i in symbols]
    determinant = hessian[0][0] * hessian[1][1] - hessian[0][1] ** 2
    return (hessian[1][1] * sp.Derivative(loss, one) - hessian[0][1] * sp.Derivative(loss, two)) / determinant


_means = [sp.diff(LOG_PARTITION, theta) for theta in NATURAL]
_gaussian_loss = e * _u1 + f * _u2 + g * _u1**2

# The inverse function of X ↦ η in ∇φ(X) = ∇φ(x) - ηg.
_step = (sp.diff(FAMILY, u).subs(u, x0) - sp.diff(FAMILY, u)) / g


def _entropy_step(step: sp.Expr) -> sp.Expr:
    return ENTROPY.inverse.subs(z, ENTROPY.gradient - step * g)

IDENTITIES = (
    Identity(
        label="sobolev.bregman-hessian-inverse",
        title="∇²φ∗(∇φ(x)) ∇²φ(x) = 1 in the plane: the first row, on every vector (f, g)",
        statement=equation(
            _natural_step(_partition, (z, w), f * sp.diff(_partition, z) + g * sp.diff(_partition, w)), f),
        where=(sp.Ne(f, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="sobolev.mirror-step",
        title="The mirror step is stationary for gy + V(y, x)/η: ∂V(y, x)/∂y = -ηg where ∇φ(y) = ∇φ(x) - ηg (entropy)",
        statement=equation(sp.Subs(sp.Derivative(entropy_divergence(x, y, sp.log(y / x)), y), y, _entropy_step(eta)),
                           -eta * g),
        where=(sp.Ne(g, 0), sp.Lt(sp.Abs(eta * g), 100)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="∂V(y, x)/∂y = ∇φ(y) - ∇φ(x) for every φ; that the point is the minimum is `sobolev.mirror-step-least`.",
    ),
    Identity(
        label="sobolev.mirror-step-least",
        title="The mirror step minimises: ηgy + V(y, x) ≥ ηgx' + V(x', x) for all y, x' being the step (entropy)",
        statement=sp.Ge(
            eta * g * y + entropy_divergence(x, y, sp.log(y / x)),
            eta * g * _entropy_step(eta) + entropy_divergence(x, _entropy_step(eta), -eta * g), evaluate=False),
        where=(sp.Lt(sp.Abs(eta * g), 100),),
        source=OUR_OWN,
        claim="proved",
        proof=least_at(y, _entropy_step(eta)),
    ),
    Identity(
        label="sobolev.mirror-natural-gradient-entropy",
        title="The mirror step is the natural-gradient step of f(∇φ∗(z)) in the metric ∇²φ∗: φ = x log x",
        statement=_dual_step(ENTROPY),
        source=RASKUTTI,
        claim="proved",
        proof=differentiated,
        note="z = ∇φ(x), and z⁺ = z - η [∇²φ∗(z)]^(-1) ∇(f(∇φ∗(z))) = ∇φ(x) - η ∇f(x), by the chain rule. Exact for "
        "every step size, as long as z⁺ lies in the range of ∇φ, which here is everything. For every cubic loss f.",
    ),
    Identity(
        label="sobolev.mirror-natural-gradient-burg",
        title="The mirror step is the natural-gradient step of f(∇φ∗(z)) in the metric ∇²φ∗: φ = -log x",
        statement=_dual_step(BURG),
        source=RASKUTTI,
        claim="proved",
        proof=differentiated,
        note="The step exists only while z⁺ is negative: `sobolev.mirror-step-burg-leaves`.",
    ),
    Identity(
        label="sobolev.mirror-natural-gradient-softmax",
        title="The same in the plane: [∇²φ∗]^(-1) ∇(f(∇φ∗(z))) = ∇f, φ∗ = log(1 + e^z + e^w), every quadratic f",
        statement=equation(
            _natural_step(_partition, (z, w), _plane_loss.subs({_u1: _probabilities[0], _u2: _probabilities[1]})),
            sp.diff(_plane_loss, _u1).subs({_u1: _probabilities[0], _u2: _probabilities[1]}),
        ),
        source=RASKUTTI,
        claim="proved",
        proof=rational,
        note="The first component; φ is the negative entropy of three classes, the third being the reference. The "
        "losses have the terms x, y, x² and xy.",
    ),
    Identity(
        label="sobolev.mirror-natural-gradient-gaussian",
        title="The natural gradient in natural parameters is the plain gradient in mean parameters (Gaussians)",
        statement=equation(
            _natural_step(LOG_PARTITION, NATURAL, _gaussian_loss.subs({_u1: _means[0], _u2: _means[1]})),
            sp.diff(_gaussian_loss, _u1).subs(_u1, _means[0]),
        ),
        source=RASKUTTI,
        claim="proved",
        proof=rational,
        note="The first component. ∇²A is the Fisher information: the natural gradient needs no inverse of it.",
    ),
    Identity(
        label="sobolev.mirror-flow",
        title="In continuous time both are one flow: x(t) = x e^(-gt) solves x' = -[∇²φ(x)]^(-1) g for φ = x log x",
        statement=equation(
            sp.Derivative(x * sp.exp(-g * t), t),
            -g / slope(ENTROPY.potential, x, x * sp.exp(-g * t), 2),
        ),
        where=(sp.Ne(g, 0), sp.Lt(sp.Abs(g * t), 100)),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="For a linear loss with slope g; ∇φ(x(t)) = ∇φ(x) - gt is a mirror step of any length.",
    ),
    Identity(
        label="sobolev.mirror-step-is-not-natural",
        title="In x, one step of the natural gradient in the metric ∇²φ is the mirror step",
        statement=equation(_entropy_step(eta), x - eta * g / ENTROPY.hessian),
        where=(sp.Ne(g, 0), sp.Lt(sp.Abs(eta * g), 100)),
        source="A common reading of the equivalence of mirror descent and natural gradient; here for φ = x log x",
        claim="refuted",
        flaw="hypothesis",
        note="True in the dual variable (`sobolev.mirror-natural-gradient-entropy`), for quadratic φ, and in "
        "continuous time (`sobolev.mirror-flow`); in x the two steps agree to first order in the step only.",
    ),
    Identity(
        label="sobolev.mirror-step-second-order-entropy",
        title="How far they part: d²/dη² of the mirror step is -g² φ'''/φ''³ at η = 0, for φ = x log x",
        statement=equation(
            sp.Subs(sp.Derivative(_entropy_step(t), (t, 2)), t, 0),
            -(g**2) * sp.Derivative(ENTROPY.potential, (x, 3)) / sp.Derivative(ENTROPY.potential, (x, 2)) ** 3,
        ),
        where=(sp.Ne(g, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        corrects=("sobolev.mirror-step-is-not-natural",),
        note="The natural-gradient step x - ηg/φ'' is linear in η, and is the linear part of the mirror step: "
        "x⁺ = x - ηg/φ'' - ½η²g² φ'''/φ''³ + O(η³).",
    ),
    Identity(
        label="sobolev.mirror-step-second-order",
        title="The same for a family of potentials: the mirror step has the second derivative -g² φ'''/φ''³ in η",
        statement=equation(
            -slope(_step, u, x0, 2) / slope(_step, u, x0) ** 3,
            -(g**2) * slope(FAMILY, u, x0, 3) / slope(FAMILY, u, x0, 2) ** 3,
        ),
        where=(sp.Ne(g, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="On the left the second derivative of the inverse function of η(X) = (φ'(x) - φ'(X))/g, at X = x.",
    ),
    Identity(
        label="sobolev.mirror-step-burg-leaves",
        title="The mirror step of -log x always exists: ∇φ(x) - ηg is negative again",
        statement=sp.Lt(BURG.gradient - eta * g, 0, evaluate=False),
        source="The update as it is usually written, without a condition on its dual variable",
        claim="refuted",
        flaw="hypothesis",
        note="It exists if and only if ηg > -1/x. Entropy, p-norms and quadratic potentials have gradients that reach "
        "everything, and need no such condition; -log det X needs that X^(-1) + ηG is positive definite.",
    ),
    Identity(
        label="sobolev.mirror-step-burg-stays",
        title="The mirror step of -log x exists for every step size if g ≥ 0",
        statement=sp.Lt(BURG.gradient - eta * g, 0, evaluate=False),
        where=(sp.Ge(g, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=_sign_of_terms,
        corrects=("sobolev.mirror-step-burg-leaves",),
    ),
)
