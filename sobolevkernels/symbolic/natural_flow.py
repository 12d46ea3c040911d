"""Natural gradient flow does not depend on the coordinates of the parameters; the Euclidean one does.

Two parameters θ = φ(η). At a point, a flow knows of the model its Jacobian J, of the loss the gradient ∇L in V, of φ
the Jacobian K. All of it enters through the Gram matrix G = J^T J, through p = J^T ∇L and, where a velocity J dθ/ds is
tested on a function c, through q = J^T c; in the coordinates η these are K^T G K, K^T p and K^T q (the chain rule; for
undefined functions in derivation 18). G, K, p and q are free symbols, so that the model, the loss and the
diffeomorphism are generic.
"""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.algebraic_proofs import differentiated, rational
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.gram_matrices import solve
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.plane import METRIC, POSITIVE, n, norm2, p

s, rate, damping = sp.symbols("s k lambda", positive=True)
k1, k2, k3, k4, e, f, h1, h2, h3, h4, m1, m2 = sp.symbols("k1:5 e f h1:5 m1:3", real=True)
K = sp.Matrix([[k1, k2], [k3, k4]])
q = sp.Matrix(sp.symbols("q1:3", real=True))
eta = sp.Matrix(sp.symbols("eta1:3", real=True))
theta = sp.Matrix(sp.symbols("theta1:3", real=True))
C = sp.Matrix(2, 2, sp.symbols("c1:5", real=True))
INVERTIBLE = (*POSITIVE, sp.Ne(K.det(), 0))
GENERIC = "For every model, loss and diffeomorphism with two parameters: only first derivatives at the point enter."


# θ = φ(η) in the plane, and a surface v = (θ1, θ2, A(θ)) in a three-dimensional space with a quadratic loss.
_change = (k1 * eta[0] + eta[1] ** 2, eta[1] + k2 * eta[0] ** 3)
_surface = (theta[0], theta[1], e * theta[0] * theta[1])
_loss = f * theta[0] + (theta[1] - 1) ** 2 / 2


def _natural(functions: tuple[sp.Expr, ...], loss: sp.Expr, variables: sp.Matrix) -> sp.Matrix:
    """G^(-1)∇L of a model given by its coefficients in an orthonormal basis; derivatives unevaluated."""
    jacobian = sp.Matrix(len(functions), 2, lambda i, j: sp.Derivative(functions[i], variables[j]))
    return solve(jacobian.T * jacobian, sp.Matrix([sp.Derivative(loss, variable) for variable in variables]))


def _pulled(expr: sp.Expr) -> sp.Expr:
    return expr.subs(dict(zip(theta, _change, strict=True)), simultaneous=True)


_in_eta = _natural(tuple(_pulled(part) for part in _surface), _pulled(_loss), eta)
_in_theta = _natural(_surface, _loss, theta).doit()

# Two functions of θ with free coefficients, at θ = Kη: a coefficient of the model, and the loss.
_coefficient = m1 * theta[0] + m2 * theta[1] ** 2
_quadratic = e * theta[0] ** 2 + f * theta[0] * theta[1]


def _slope(expr: sp.Expr) -> sp.Matrix:
    """∇_θ at θ = Kη."""
    return sp.Matrix([expr.diff(variable) for variable in theta]).subs(
        dict(zip(theta, K * eta, strict=True)), simultaneous=True)


def _along(expr: sp.Expr) -> sp.Matrix:
    """∇_η of expr(Kη), unevaluated."""
    inner = expr.subs(dict(zip(theta, K * eta, strict=True)), simultaneous=True)
    return sp.Matrix([sp.Derivative(inner, variable) for variable in eta])


# The first component of a cubic φ along the step η = -s d, d being any direction.
_d = sp.Matrix(sp.symbols("d1:3", real=True))
_bend = h1 * eta[0] ** 2 + 2 * h2 * eta[0] * eta[1] + h3 * eta[1] ** 2
_step = k1 * eta[0] + k2 * eta[1] + _bend / 2 + h4 * eta[0] ** 3
_taken = _step.subs(dict(zip(eta, -s * _d, strict=True)), simultaneous=True)
_second = h1 * _d[0] ** 2 + 2 * h2 * _d[0] * _d[1] + h3 * _d[1] ** 2
_parabola = k1 * (-s * _d[0]) + h1 * (s * _d[0]) ** 2 / 2

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="sobolev.natural-flow-invariance",
        title="Natural gradient flow has the same velocity in V in all coordinates: JK(K^T G K)^(-1)(JK)^T = "
        "JG^(-1)J^T",
        statement=equation((K.T * q).dot(solve(K.T * METRIC * K, K.T * p)), q.dot(solve(METRIC, p))),
        where=INVERTIBLE,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("sobolev.euclidean-flow-invariant",),
        note="Tested on a free function c, with q = J^T c and p = J^T ∇L: dv/ds is the same vector of V. " + GENERIC,
    ),
    Identity(
        label="sobolev.natural-flow-family",
        title="The same for φ = (kη₁ + η₂², η₂ + k'η₁³) and a curved surface, derivatives carried out: Kdη/ds = dθ/ds",
        statement=equation(
            sp.Derivative(_change[0], eta[0]) * _in_eta[0] + sp.Derivative(_change[0], eta[1]) * _in_eta[1],
            _pulled(_in_theta[0]),
        ),
        where=(sp.Ne(k1 - 6 * k2 * eta[0] ** 2 * eta[1], 0), sp.Ne(f + e * eta[1], 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="The first component of dθ/ds; the metric is that of v = (θ₁, θ₂, eθ₁θ₂).",
    ),
    Identity(
        label="sobolev.euclidean-flow-invariant",
        title="Euclidean gradient flow has the same velocity in V in all coordinates",
        statement=equation(_along(_coefficient).dot(_along(_quadratic)), _slope(_coefficient).dot(_slope(_quadratic))),
        source="What one might hope; somacal2025, 'Gradient descent is biased in functional space', says otherwise",
        claim="refuted",
        flaw="hypothesis",
        points=({"k1": 2, "k2": 0, "k3": 0, "k4": 1, "eta1": 1, "eta2": 1, "e": 1, "f": 1, "m1": 1, "m2": 1},),
        note="Of one coefficient of v, for a quadratic loss, in coordinates Kη = θ. True iff K is orthogonal.",
    ),
    Identity(
        label="sobolev.euclidean-flow-not-invariant",
        title="Euclidean gradient flow depends on the coordinates: in those of η its velocity in V is -JKK^T J^T ∇L",
        statement=equation(
            _along(_coefficient).dot(_along(_quadratic)), (K.T * _slope(_coefficient)).dot(K.T * _slope(_quadratic))),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("sobolev.euclidean-flow-invariant",),
        note="Of one coefficient of v; the same as -JJ^T ∇L for every model iff KK^T = 1.",
    ),
    Identity(
        label="sobolev.flow-in-two-coordinates",
        title="One number: for v = θ = kη and the loss (v-1)²/2 the Euclidean flow in η from 0 is v = 1 - e^(-k²s)",
        statement=equation(
            sp.Derivative((1 - sp.exp(-(rate**2) * s)) / rate, s),
            -sp.Subs(sp.Derivative((rate * eta[0] - 1) ** 2 / 2, eta[0]), eta[0], (1 - sp.exp(-(rate**2) * s)) / rate),
        ),
        where=(sp.Lt(rate**2 * s, 60),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        note="At s = 1: 0.632 in θ, 0.982 in η = θ/2. The natural flow is v = 1 - e^(-s) for every k.",
    ),
    Identity(
        label="sobolev.natural-flow-rate",
        title="Along the natural gradient the loss falls at the rate p^T G^(-1) p, the same in all coordinates",
        statement=equation(
            -sp.Subs(sp.Derivative(p.dot(-s * solve(METRIC, p)) + e * s**2, s), s, 0),
            (K.T * p).dot(solve(K.T * METRIC * K, K.T * p)),
        ),
        where=(*INVERTIBLE, sp.Ne(norm2(p), 0)),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="It is |P∇L|² in V. Along the Euclidean gradient the rate is |p|², in η it is |K^T p|². " + GENERIC,
    ),
    Identity(
        label="sobolev.natural-step-affine-invariance",
        title="A natural gradient step of any size is the same in affine coordinates: φ(η') = θ'",
        statement=equation(
            q.dot(K * (eta - s * solve(K.T * METRIC * K, K.T * p))), q.dot(K * eta - s * solve(METRIC, p))),
        where=INVERTIBLE,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("sobolev.natural-step-invariant",),
        note="θ = Kη (a translation cancels), tested on a free covector q. " + GENERIC,
    ),
    Identity(
        label="sobolev.natural-step-invariant",
        title="A natural gradient step is the same in all coordinates",
        statement=equation(_parabola, -s * k1 * _d[0]),
        source="What is often said of the natural gradient; it holds for the flow",
        claim="refuted",
        flaw="hypothesis",
        points=({"k1": 1, "h1": 1, "d1": 1, "s": sp.Rational(1, 10)},),
        note="φ(η) = kη + hη²/2 for one parameter, at η = 0, where the two directions are related by dθ = k dη.",
    ),
    Identity(
        label="sobolev.natural-step-second-order",
        title="By how much it differs: φ(η - sd) = φ(η) - sKd + ½s² φ''[d, d] + O(s³); the second derivative at s = 0",
        statement=equation(sp.Subs(sp.Derivative(_taken, (s, 2)), s, 0), _second),
        where=(sp.Ne(_second, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        corrects=("sobolev.natural-step-invariant",),
        note="One component of φ, cubic; terms of higher order do not enter. d is the natural gradient in η and Kd the "
        "one in θ (`sobolev.natural-flow-invariance`), so that the steps agree to first order in s, and exactly for "
        "affine φ. The same expansion says by how much the retraction A(θ + dθ) differs from another one.",
    ),
    Identity(
        label="sobolev.damped-step-invariant",
        title="The step with the damping λ|dη|² is the same in affine coordinates",
        statement=equation(
            (K.T * q).dot(solve(K.T * METRIC * K + damping * sp.eye(2), K.T * p)),
            q.dot(solve(METRIC + damping * sp.eye(2), p))),
        where=INVERTIBLE,
        source="What the invariance of the undamped step suggests",
        claim="refuted",
        flaw="hypothesis",
        points=({"a": 1, "b": 0, "d": 1, "k1": 2, "k2": 0, "k3": 0, "k4": 1, "p1": 1, "p2": 0, "q1": 1, "q2": 0,
                 "lambda": 1},),
    ),
    Identity(
        label="sobolev.damped-step-coordinates",
        title="Damping by |dη|² is damping by |K^(-1)dθ|²: K(K^T G K + λ)^(-1)K^T = (G + λ(KK^T)^(-1))^(-1)",
        statement=equation(
            (K.T * q).dot(solve(K.T * METRIC * K + damping * sp.eye(2), K.T * p)),
            q.dot(solve(METRIC + damping * (K * K.T).adjugate() / K.det() ** 2, p))),
        where=INVERTIBLE,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("sobolev.damped-step-invariant",),
        note="Levenberg–Marquardt damping brings the coordinates back in; damping by a norm in V would not. A cutoff "
        "of singular values depends on the coordinates as well.",
    ),
    Identity(
        label="sobolev.transport-affine-invariance",
        title="So is the transported momentum: G_k^(-1) G_(k,k-1) dθ is the same step in affine coordinates",
        statement=equation(
            q.dot(K * solve(K.T * METRIC * K, K.T * C * K * solve(K, n))), q.dot(solve(METRIC, C * n))),
        where=INVERTIBLE,
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="G_(k,k-1) is any matrix (c), dθ = n and dη = K^(-1)n. The function J dθ is carried, not its "
        "coefficients.",
    ),
)
