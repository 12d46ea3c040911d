"""Losses of one value: gradient, Hessian, and the factor of a least-squares step.

A loss ρ(v) with ρ'' > 0 gives each Gauss-Newton step the factor √ρ'' and the right side ρ'/√ρ''. The NumPy
functions of `evaluation/loss_functions.py` are printed from the expressions of this chapter.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import sympy as sp
from sympy.codegen.numpy_nodes import logaddexp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import cancelled, least_at, rational
from sobolevkernels.symbolic.function_module import Function, function_module
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides

OURS = "Derived here"

v, u = sp.symbols("v u", positive=True)
z, w = sp.symbols("z w", real=True)
y = sp.Symbol("y", nonnegative=True)
PROBABILITY = (sp.Le(y, 1),)


def kullback_leibler(value: sp.Expr, target: sp.Expr) -> sp.Expr:
    """v log(v/u) - v + u: the integrand of the divergence of v from u, mass not assumed equal."""
    return value * sp.log(value / target) - value + target


def cross_entropy(logit: sp.Expr, label: sp.Expr) -> sp.Expr:
    """(1-y) log(1 + e^z) + y log(1 + e^-z), both terms non-negative."""
    return (1 - label) * logaddexp(0, logit) + label * logaddexp(0, -logit)


def sigmoid(logit: sp.Expr) -> sp.Expr:
    """1/(1 + e^-z), with all digits also where it is small."""
    return sp.exp(-logaddexp(0, -logit))


KULLBACK_LEIBLER = (kullback_leibler(v, u), sp.log(v / u), 1 / sp.sqrt(v))
CROSS_ENTROPY = (
    cross_entropy(z, y),
    (1 - y) * sigmoid(z) - y * sigmoid(-z),
    sp.exp(-(logaddexp(0, z) + logaddexp(0, -z)) / 2),
)


def _plain(expr: sp.Expr) -> sp.Expr:
    """logaddexp written out."""
    return expr.replace(logaddexp, lambda a, b: sp.log(sp.exp(a) + sp.exp(b)))


def _logarithms(statement: Relational) -> Iterable[sp.Expr]:
    """With t = e^z, the derivatives of both sides are rational in t, and so is what remains of the roots."""
    left, right = (side.doit() for side in sides(statement))
    t = sp.Symbol("t", positive=True)
    return [cancelled(sp.simplify((left - right).subs(z, sp.log(t))))]


# The Hessian of the softmax loss is diag(p) - ppᵀ; the factor √p (h - ⟨p, h⟩) is right where p sums to 1.
p1, p2 = sp.symbols("p1 p2", positive=True)
h1, h2, h3 = sp.symbols("h1:4", real=True)
_p = sp.Matrix([p1, p2, 1 - p1 - p2])
_h = sp.Matrix([h1, h2, h3])
_mean = _p.dot(_h)

# (κ² + |ξ|²)^t as a sum over the multi-indices of derivatives.
kappa = sp.Symbol("kappa", positive=True)
xi = sp.symbols("xi1:4", real=True)


def weight_by_derivatives(order: int) -> sp.Expr:
    """Σ_α (t choose |α|) |α|!/α! κ^(2(t-|α|)) ξ^(2α) in dimension 3."""
    terms = []
    for alpha in multi_indices(order, len(xi)):
        degree = sum(alpha)
        count = sp.binomial(order, degree) * sp.factorial(degree) / sp.prod(map(sp.factorial, alpha))
        powers = sp.prod(x ** (2 * a) for x, a in zip(xi, alpha, strict=True))
        terms.append(count * kappa ** (2 * (order - degree)) * powers)
    return sp.Add(*terms)


def multi_indices(order: int, dim: int) -> list[tuple[int, ...]]:
    """All multi-indices of at most this total degree."""
    return [alpha for alpha in product(range(order + 1), repeat=dim) if sum(alpha) <= order]


IDENTITIES = (
    Identity(
        label="sobolev.weight-by-derivatives",
        title="The weight (κ² + |ξ|²)^t as a sum of squares of derivatives, here for t = 3 in dimension 3",
        statement=equation((kappa**2 + sum(x**2 for x in xi)) ** 3, weight_by_derivatives(3)),
        source="Multinomial theorem",
        claim="proved",
        proof=rational,
        note="The coefficient of |D^α v|² is the number beside ξ^(2α). For integer orders the inner product of H^t is "
        "so a sum over derivatives; tests compare other orders and dimensions.",
    ),
    Identity(
        label="sobolev.kullback-leibler-slope",
        title="The derivative of v log(v/u) - v + u in v is log(v/u)",
        statement=equation(sp.Derivative(KULLBACK_LEIBLER[0], v), KULLBACK_LEIBLER[1]),
        source=OURS,
        claim="proved",
        proof=rational,
        note="Without the term -v + u, as for densities of mass one, it is log(v/u) + 1; the constant is orthogonal to "
        "tangent functions of mass 0 only.",
    ),
    Identity(
        label="sobolev.kullback-leibler-curvature",
        title="The second derivative of v log(v/u) - v + u in v is the square of 1/√v",
        statement=equation(sp.Derivative(KULLBACK_LEIBLER[0], (v, 2)), KULLBACK_LEIBLER[2] ** 2),
        source=OURS,
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="sobolev.kullback-leibler-least",
        title="v log(v/u) + u ≥ v, with equality at v = u only",
        statement=sp.Ge(v * sp.log(v / u) + u, v, evaluate=False),
        source=OURS,
        claim="proved",
        proof=least_at(v, u),
    ),
    Identity(
        label="sobolev.cross-entropy-slope",
        title="The derivative of the cross-entropy in the logit is (1-y) σ(z) - y σ(-z), which is σ(z) - y",
        statement=equation(sp.Derivative(_plain(CROSS_ENTROPY[0]), z), _plain(CROSS_ENTROPY[1])),
        where=PROBABILITY,
        source=OURS,
        claim="proved",
        proof=_logarithms,
        note="Written so, nothing cancels for labels 0 and 1.",
    ),
    Identity(
        label="sobolev.cross-entropy-curvature",
        title="The second derivative of the cross-entropy in the logit is σ(z) σ(-z), for every label",
        statement=equation(sp.Derivative(_plain(CROSS_ENTROPY[0]), (z, 2)), _plain(CROSS_ENTROPY[2]) ** 2),
        where=PROBABILITY,
        source=OURS,
        claim="proved",
        proof=_logarithms,
    ),
    Identity(
        label="sobolev.softmax-curvature",
        title="⟨h, (diag(p) - pp^T) h⟩ is the sum of p_i (h_i - ⟨p, h⟩)², if p has the sum 1",
        statement=equation(
            (_h.T * (sp.diag(*_p) - _p * _p.T) * _h)[0],
            sum(p * (h - _mean) ** 2 for p, h in zip(_p, _h, strict=True)),
        ),
        where=(sp.Lt(p1 + p2, 1),),
        source=OURS,
        claim="proved",
        proof=rational,
        note="Stated for three classes. The factor of the Gauss-Newton step of the cross-entropy with softmax outputs "
        "has the rows √p_i (h_i - ⟨p, h⟩), of rank one less than there are classes.",
    ),
)


def loss_functions_module() -> str:
    """The exact text of `sobolevkernels/evaluation/loss_functions.py`."""
    rows = [("kullback_leibler", (v, u), KULLBACK_LEIBLER), ("cross_entropy", (z, y), CROSS_ENTROPY)]
    parts = [("value", "The loss of one value", "curvature"), ("slope", "Its derivative", "slope"),
             ("root", "The square root of its second derivative", "curvature")]
    return function_module("Losses of one value, with slope and root of the curvature.", "symbolic/losses.py", [
        Function(f"{name}_{part}", arguments, expr, f"{what}.", f"sobolev.{name.replace('_', '-')}-{record}")
        for name, arguments, formulas in rows for (part, what, record), expr in zip(parts, formulas, strict=True)])
