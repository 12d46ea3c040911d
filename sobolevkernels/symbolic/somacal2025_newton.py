"""somacal2025: from gradient to Newton to natural gradient, Gram matrices, flows in function space.

The slides repeat their displays; each has one record, under the title of the slide on which it stands first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, rational, squares
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.gram_matrices import (
    DEFINITE,
    FRAME,
    REGULAR,
    SPACE,
    J,
    K,
    c,
    g,
    natural,
    normal,
    projected,
)
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.plane import METRIC, NATURAL, POSITIVE, a, b, n, norm2, p, squares_of
from sobolevkernels.symbolic.plane import d as last
from sobolevkernels.symbolic.proofs import sides

SLIDES = "Somacal & Nouy 2025, slides "
MINIMIZATION, GRADIENT = SLIDES + "'Minimization problem'", SLIDES + "'Gradient descent'"
NEWTON, PROPERTIES = SLIDES + "'Natural gradient'", SLIDES + "'Natural gradient', Some properties"
PLANE = "For two parameters with general matrices."

s = sp.Symbol("s", positive=True)
x, y, t, w0, w1, h0, h1 = sp.symbols("x y t w0 w1 h0 h1", real=True)
e, f, k, m1, m2, m3, m4, m5 = sp.symbols("e f k m1:6", real=True)
q, d, theta = (sp.Matrix(sp.symbols(f"{name}1:3", real=True)) for name in ("q", "d", "theta"))
B = sp.Matrix(2, 2, sp.symbols("b1:5", real=True))


def _integrated(statement: Relational) -> Iterable[sp.Expr]:
    """Polynomials are integrated, derivatives taken; then the two sides cancel."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.expand(left - right)]


# u - v and a direction h on [0, 1].
_error, _direction = w0 + w1 * x, h0 + h1 * x


def _over_interval(integrand: sp.Expr) -> sp.Expr:
    return sp.Integral(integrand, (x, 0, 1))


def _derivative(loss: sp.Expr, order: int = 1) -> sp.Expr:
    """Of a loss along v + t h, at t = 0, unevaluated."""
    return sp.Subs(sp.Derivative(loss, (t, order)), t, 0)


_moved = _error - t * _direction
_nodes = sp.symbols("r1:4", real=True), sp.symbols("z1:4", real=True)
_empirical = sp.Add(*((r - t * z) ** 2 for r, z in zip(*_nodes, strict=True))) / 6

# A cubic loss of two parameters, and a penalty that is not quadratic.
_cubic = e * theta[0] + f * theta[1] + k * theta[0] ** 2 * theta[1] + m1 * theta[1] ** 2
_segment = _cubic.subs({theta[0]: theta[0] + t * d[0], theta[1]: theta[1] + t * d[1]}, simultaneous=True)
_penalty = a * d[0] ** 2 + 2 * b * d[0] * d[1] + last * d[1] ** 2 + k * d[0] ** 4

# A model with two coefficients, quadratic in θ, and a cubic loss on them.
_v = sp.symbols("v1:3", real=True)
_coefficients = (m1 * theta[0] + m2 * theta[1] + m3 * theta[0] * theta[1], m4 * theta[0] ** 2 + m5 * theta[1])
_functional = e * _v[0] + _v[0] * _v[1] + f * _v[1] ** 2 / 2 + k * _v[0] ** 3
_at = dict(zip(_v, _coefficients, strict=True))
_jacobian = sp.Matrix(_coefficients).jacobian(theta)
_slope = sp.Matrix([_functional.diff(part) for part in _v]).subs(_at)
_hessian = sp.hessian(_functional, _v).subs(_at)
_gram_term = (_jacobian[:, 0].T * _hessian * _jacobian[:, 1])[0]
_curvature_term = _slope.dot(sp.Matrix([part.diff(*theta) for part in _coefficients]))
_linearised = _functional.subs(
    dict(zip(_v, sp.Matrix(_coefficients) + _jacobian * d, strict=True)), simultaneous=True)

# A loss with a kernel that is not symmetric, on v = θ1 + θ2 x.
_kernel = e + k * x**2 * y
_linear = theta[0] + theta[1] * x
_quadratic = sp.Integral(_linear * _kernel * _linear.subs(x, y), (x, 0, 1), (y, 0, 1)) / 2


def _polarised(e: Any, k: Any) -> Any:
    """∂²/∂θ₁∂θ₂ of that loss, whatever θ is: L(1, 1) - L(1, 0) - L(0, 1) + L(0, 0), by Gauss quadrature."""
    e, k = (mpmath.mpf(number.p) / number.q for number in map(sp.Rational, (e, k)))
    shift = mpmath.sqrt(mpmath.mpf(3) / 5) / 2  # three points are exact to degree 5
    rule = [(mpmath.mpf(1) / 2 - shift, mpmath.mpf(5) / 18), (mpmath.mpf(1) / 2, mpmath.mpf(4) / 9),
            (mpmath.mpf(1) / 2 + shift, mpmath.mpf(5) / 18)]

    def loss(one: int, two: int) -> Any:
        return sum(v * w * (one + two * a) * (e + k * a**2 * b) * (one + two * b) for a, v in rule for b, w in rule) / 2

    return loss(1, 1) - loss(1, 0) - loss(0, 1) + loss(0, 0)


_second_variation = (_kernel + _kernel.subs({x: y, y: x}, simultaneous=True)) / 2
_fit = m1 + m2 * x - theta[0] * (1 + e * x) - theta[1] * x**2

_weighted_out = K.adjugate() * normal(FRAME)
_penalised = lambda along, metric: p.dot(along) + norm2(along, metric) / (2 * s)

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="somacal2025.loss",
        title="The continuous loss ½∫(u-v)² has the gradient v-u in L²: its derivative along h is -∫(u-v)h",
        statement=equation(_derivative(_over_interval(_moved**2) / 2), -_over_interval(_error * _direction)),
        source=MINIMIZATION,
        claim="proved",
        proof=_integrated,
        note="u-v and h are affine on [0, 1] here.",
    ),
    Identity(
        label="somacal2025.loss.sobolev",
        title="½‖u-v‖² in the Hilbert space V, say H¹, is ½∫(u-v)²",
        statement=equation(_over_interval(_error**2 + sp.Derivative(_error, x) ** 2) / 2,
                           _over_interval(_error**2) / 2),
        source=MINIMIZATION + ", third line, with V = H¹ of 'Problem formulation'",
        claim="refuted",
        flaw="hypothesis",
        points=({"w0": 0, "w1": 1},),
        note="The third line is for V = L²(μ).",
    ),
    Identity(
        label="sobolev.loss-h1",
        title="The loss ½‖u-v‖² of H¹ has the derivative -∫(u-v)h - ∫(u-v)'h' along h",
        statement=equation(_derivative(_over_interval(_moved**2 + sp.Derivative(_moved, x) ** 2) / 2),
                           -_over_interval(_error * _direction + _error.diff(x) * _direction.diff(x))),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
        corrects=("somacal2025.loss.sobolev",),
        note="So v-u is its gradient in H¹; its gradient in L² is another function. Affine functions on [0, 1].",
    ),
    Identity(
        label="somacal2025.discrete-loss",
        title="The discrete loss ½m^(-1) Σ(u-v)²(x_i) is the continuous one for the empirical measure: gradient v-u "
        "again",
        statement=equation(_derivative(_empirical), -sp.Add(*(r * z for r, z in zip(*_nodes, strict=True))) / 3),
        source=MINIMIZATION,
        claim="proved",
        proof=differentiated,
        note="m = 3, any values r of u-v and z of h at the points.",
    ),
    Identity(
        label="somacal2025.taylor",
        title="Taylor at θ_k: the derivative of L along θ-θ_k is ⟨∇L(θ_k), θ-θ_k⟩",
        statement=equation(_derivative(_segment), _cubic.diff(theta[0]) * d[0] + _cubic.diff(theta[1]) * d[1]),
        source=GRADIENT,
        claim="proved",
        proof=differentiated,
        note="d = θ-θ_k; cubic losses of two parameters with free coefficients.",
    ),
    Identity(
        label="somacal2025.stationarity",
        title="0 = ∇[L(θ_k) + ⟨∇L, θ-θ_k⟩ + ρ/2s] says -2s∇L = ∇ρ: 2s times the first component is 2s∇L + ∇ρ",
        statement=equation(2 * s * sp.Derivative(p.dot(d) + _penalty / (2 * s), d[0]),
                           2 * s * p[0] + _penalty.diff(d[0])),
        source=GRADIENT + ", the third and fourth display",
        claim="proved",
        proof=differentiated,
        note="p = ∇L(θ_k), d = θ-θ_k, for a penalty that is not quadratic. Signs and factors are right as printed.",
    ),
    Identity(
        label="somacal2025.gradient-step",
        title="ρ = |θ-θ_k|²: the penalised expansion is least at θ_k - s∇L",
        statement=sp.Le(_penalised(-s * p, sp.eye(2)), _penalised(d, sp.eye(2)), evaluate=False),
        source=GRADIENT,
        claim="proved",
        proof=squares("The difference is |d + s∇L|²/2s.", [(d + s * p)[i] ** 2 / (2 * s) for i in range(2)]),
        note=PLANE,
    ),
    Identity(
        label="somacal2025.preconditioned-step",
        title="ρ = ‖θ-θ_k‖²_M: the penalised expansion is least at θ_k - sM^(-1)∇L",
        statement=sp.Le(_penalised(-s * NATURAL, METRIC), _penalised(d, METRIC), evaluate=False),
        where=POSITIVE,
        source=GRADIENT + ", Preconditioned gradient",
        claim="proved",
        proof=squares("The difference is ‖d + sM^(-1)∇L‖²_M/2s.",
                      [term / (2 * s) for term in squares_of(METRIC, d + s * NATURAL)], given=[a * last - b**2]),
        note="M positive definite. " + PLANE,
    ),
    Identity(
        label="somacal2025.newton-step",
        title="Newton's step θ_k - sH^(-1)∇L leaves the gradient (1-s)∇L of a quadratic loss; s = 1 arrives",
        statement=equation(q.dot(p + METRIC * (-s * NATURAL)), (1 - s) * q.dot(p)),
        where=(sp.Ne(a * last, b**2), sp.Ne(s, 1), sp.Ne(q.dot(p), 0)),
        source=GRADIENT + ", Newton's method",
        claim="proved",
        proof=rational,
        note="For every symmetric H with an inverse, positive or not. " + PLANE,
    ),
    Identity(
        label="somacal2025.newton-penalty",
        title="ρ = ‖θ-θ_k‖²_H penalises distance: it is nowhere negative, H the Hessian of the loss",
        statement=sp.Ge(a * d[0] ** 2 + 2 * b * d[0] * d[1] + last * d[1] ** 2, 0, evaluate=False),
        source=GRADIENT + ", Newton's method",
        claim="refuted",
        flaw="hypothesis",
        points=({"a": 1, "b": 2, "d": 1, "d1": 1, "d2": -1},),
        note="H must be positive definite; elsewhere the step may lead to a saddle. The Gram matrix of a convex loss "
        "is never indefinite: `sobolev.gram-distance`.",
    ),
    Identity(
        label="sobolev.newton-penalty",
        title="‖θ-θ_k‖²_H ≥ 0 where H is positive definite",
        statement=sp.Ge(a * d[0] ** 2 + 2 * b * d[0] * d[1] + last * d[1] ** 2, 0, evaluate=False),
        where=POSITIVE,
        source=OUR_OWN,
        claim="proved",
        proof=squares("Two squares.", squares_of(METRIC, d), given=[a * last - b**2]),
        corrects=("somacal2025.newton-penalty",),
        note=PLANE,
    ),
    Identity(
        label="somacal2025.hessian",
        title="H_ij = ⟨H_V L ∂_iA, ∂_jA⟩ + ⟨∇L, ∂_i∂_jA⟩",
        statement=equation(sp.Derivative(_functional.subs(_at), *theta), _gram_term + _curvature_term),
        where=(sp.Ne(_gram_term + _curvature_term, 0),),
        source=NEWTON + ", first display",
        claim="proved",
        proof=rational,
        note="i = 1, j = 2; a cubic loss and a quadratic model with free coefficients, V of dimension two. In the last "
        "expression of the first line the index of ∂A/∂θ_j is lost, and the inner product of V is taken to be that of "
        "L².",
    ),
    Identity(
        label="somacal2025.model-linearization",
        title="Without the second term, G is the Hessian of the loss on the linearised model v + J dθ",
        statement=equation(sp.Subs(sp.Derivative(_linearised, *d), tuple(d), (0, 0)), _gram_term),
        where=(sp.Ne(_gram_term, 0),),
        source=NEWTON + ", G + ⟨∇L, H_A⟩, 'Model linearization'",
        claim="proved",
        proof=rational,
        note="H = G where the model is linear, or ∇L = 0.",
    ),
    Identity(
        label="somacal2025.gram-kernel",
        title="G_ij = ∫∫ ∂_iA(x) (H_V L)(x, y) ∂_jA(y) dx dy",
        statement=equation(sp.Derivative(_quadratic, *theta),
                           sp.Integral(_linear.diff(theta[0]) * _second_variation * _linear.diff(theta[1]).subs(x, y),
                                       (y, 0, 1), (x, 0, 1))),
        source=NEWTON + ", the display of G_ij",
        claim="proved",
        proof=_integrated,
        oracle=_polarised,
        points=({"e": 1, "k": 2, "theta1": 1, "theta2": 3},),
        note="For the loss ½∫∫ v(x)K(x, y)v(y) dx dy with K = e + kx²y and v = θ₁ + θ₂x. H_V L is the symmetric part "
        "of K.",
    ),
    Identity(
        label="somacal2025.hessian-delta",
        title="For L = ‖u-v‖², without ½, H_V L = δ(x, y): the second derivative along h is ∫h²",
        statement=equation(_derivative(_over_interval(_moved**2), 2), _over_interval(_direction**2)),
        source=NEWTON + ", 'In the case of'",
        claim="refuted",
        flaw="slip",
        points=({"h0": 1, "h1": 1, "w0": 1, "w1": 0},),
        note="H_V L = 2δ; the loss of 'Minimization problem' has the factor ½, for which δ is right.",
    ),
    Identity(
        label="sobolev.hessian-square",
        title="For L = ‖u-v‖² the second derivative along h is 2∫h²: H_V L = 2δ",
        statement=equation(_derivative(_over_interval(_moved**2), 2), 2 * _over_interval(_direction**2)),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
        corrects=("somacal2025.hessian-delta",),
    ),
    Identity(
        label="somacal2025.gram-l2",
        title="For L = ½‖u-v‖² and a linear model the Hessian is G_ij = ∫ ∂_iA ∂_jA dx",
        statement=equation(sp.Derivative(_over_interval(_fit**2) / 2, *theta),
                           _over_interval(_fit.diff(theta[0]) * _fit.diff(theta[1]))),
        source=NEWTON + ", the last display of G_ij",
        claim="proved",
        proof=_integrated,
        note="v = θ₁(1 + ex) + θ₂x².",
    ),
    Identity(
        label="sobolev.gram-distance",
        title="‖dθ‖²_G = ‖J dθ‖²: the distance that the Gram matrix penalises is the one travelled in V",
        statement=equation(norm2(d, J.T * J), (J * d).dot(J * d)),
        where=(sp.Ne((J * d).dot(J * d), 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
    ),
    Identity(
        label="somacal2025.natural-step",
        title="ρ = ‖θ-θ_k‖²_G: the penalised expansion is least at θ_k - sG^(-1)∇_θL",
        statement=sp.Le(
            g.dot(FRAME * (-s * natural(FRAME, g))) + s * norm2(FRAME * natural(FRAME, g), sp.eye(3)) / 2,
            g.dot(FRAME * d) + norm2(FRAME * d, sp.eye(3)) / (2 * s), evaluate=False),
        source=PROPERTIES,
        claim="proved",
        proof=squares("The difference is ‖J(d + sG^(-1)J^T ∇L)‖²/2s.",
                      [(FRAME * (d + s * natural(FRAME, g)))[i] ** 2 / (2 * s) for i in range(2)]),
        note="∇_θL = J^T ∇L, G = J^T J: among all dθ the step is the best for the loss, linearised in V, that is "
        "penalised by the distance in V. Every model with two parameters; V of dimension three.",
    ),
    Identity(
        label="somacal2025.natural-flow-parameters",
        title="dθ/ds = -G^(-1)∇L: for a linear model with L = ½‖u-v‖², θ(s) = θ∗ + (θ₀ - θ∗)e^(-s)",
        statement=equation(q.dot(n) * sp.Derivative(sp.exp(-s), s),
                           -q.dot(METRIC.adjugate() * (METRIC * n * sp.exp(-s))) / METRIC.det()),
        where=(*POSITIVE, sp.Ne(q.dot(n), 0)),
        source=PROPERTIES,
        claim="proved",
        proof=rational,
        note="n = θ₀ - θ∗, tested on q: all directions relax alike, whatever G. A step of size s is Euler's for this "
        "flow.",
    ),
    Identity(
        label="somacal2025.natural-flow-function",
        title="dv/ds = -P∇L: JG^(-1)J^T is the orthogonal projection onto the tangent space",
        statement=equation(c.dot(J * natural(J, g)), c.dot(projected(g, J))),
        where=(*REGULAR, sp.Ne(c.dot(projected(g, J)), 0)),
        source=PROPERTIES,
        claim="proved",
        proof=rational,
        note="G = J^T J, the Gram matrix in V. " + SPACE,
    ),
    Identity(
        label="somacal2025.natural-flow-function.loss-hessian",
        title="The same with the G_ij of the display before, in which the Hessian of the loss stands",
        statement=equation(c.dot(FRAME * natural(FRAME, g, K)), c.dot(projected(K * g, FRAME))),
        where=DEFINITE,
        source=PROPERTIES + ", with G_ij = ∫∫ ∂_iA [H_V L] ∂_jA",
        claim="refuted",
        flaw="hypothesis",
        points=({"a": 1, "b": 0, "d": 1, "c1": 1, "c2": 0, "g1": 1, "g2": 0, "g3": 1, "k11": 2, "k12": 0,
                 "k13": 1, "k22": 1, "k23": 0},),
        note="∇L = Kg, H_V L = K. P and ∇L then belong to the inner product of K: `sobolev.natural-flow-weighted`.",
    ),
    Identity(
        label="sobolev.natural-flow-weighted",
        title="With G = J^T K J, K = H_V L, dv/ds = -P_K K^(-1)∇L: the K-orthogonal projection of Newton's direction "
        "in V",
        statement=equation(c.dot(FRAME * natural(FRAME, g, K)),
                           c.dot(g - _weighted_out * normal(FRAME).dot(g) / normal(FRAME).dot(_weighted_out))),
        where=(*DEFINITE, sp.Ne(c.dot(c), 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("somacal2025.natural-flow-function.loss-hessian",),
        note="∇L = Kg. K^(-1) times the normal vector is K-orthogonal to the tangent space. " + SPACE,
    ),
    Identity(
        label="sobolev.linear-newton-projection",
        title="Linear model in a larger space: one step of size 1 reaches the K-projection of u, J^T K(Jθ' - u) = 0",
        statement=equation(d.dot(FRAME.T * K * FRAME * (theta - natural(FRAME, FRAME * theta - g, K))),
                           d.dot(FRAME.T * K * g)),
        where=(*DEFINITE, sp.Ne(d.dot(d), 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="u = g, from any θ: the normal equations, tested on d. In the coordinates of V it is "
        "`somacal2025.linear-newton`.",
    ),
    Identity(
        label="somacal2025.euclidean-flow-function",
        title="dθ/ds = -∇_θL is dv/ds = -GP∇L, with G the Gram matrix acting on V",
        statement=equation(-sp.Matrix(c[:2]).dot(B.T * (B * sp.Matrix(g[:2]))),
                           -sp.Matrix(c[:2]).dot(B * B.T * sp.Matrix(g[:2]))),
        source=PROPERTIES + ", last display",
        claim="refuted",
        flaw="convention",
        points=({"b1": 1, "b2": 1, "b3": 0, "b4": 1, "c1": 1, "c2": 0, "g1": 1, "g2": 0},),
        note="G is a matrix of parameters, P∇L a function: the product has a meaning only if both have the same "
        "dimension, as for v = θ^T Bφ here (P = 1, G = BB^T), and is then wrong. Right if G stands for JJ^T on V, or "
        "acts on the parameters of P∇L: `sobolev.euclidean-flow-operator`.",
    ),
    Identity(
        label="sobolev.euclidean-flow-operator",
        title="Euclidean flow in V: dv/ds = -JJ^T ∇L, JJ^T = Σ ∂_iA ⟨∂_iA, ·⟩; in parameters of P∇L it is G",
        statement=equation(c.dot(FRAME * (FRAME.T * projected(g, FRAME))),
                           c.dot(FRAME * (FRAME.T * FRAME * natural(FRAME, g)))),
        where=(sp.Ne(c.dot(FRAME * FRAME.T * g), 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("somacal2025.euclidean-flow-function",),
        note="Both are c·JJ^T ∇L: the projection drops out. With a preconditioner M it is -JM^(-1)J^T ∇L. " + SPACE,
    ),
)
