"""somacal2025, the toy examples: bases, Gram matrices, which steps reach the target, the quadratic manifold.

On the slides v = θ^T Bφ, so that J = B^T in the basis φ and c = B^T θ are the coefficients of v. Derivatives by θ
stand unevaluated on the left; equations between vectors are tested on a free vector q.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import differentiated, rational
from sobolevkernels.symbolic.euclidean import OUR_OWN
from sobolevkernels.symbolic.gram_matrices import solve
from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.proofs import sides

SLIDES = "Somacal & Nouy 2025, slides 'Toy example', "
ORTHONORMAL, BIASED = SLIDES + "Gradient descent trajectory", SLIDES + "Gradient descent is biased in functional space"
ISOTROPY, CURVED = SLIDES + "Non isotropic loss", SLIDES + "Nonlinear manifold"
LATER = "A later version of the talk"
TWO = "Two parameters, general B, K and target."

s = sp.Symbol("s", positive=True)
x, lam, b1, b2, b3, b4, k1, k2, k3 = sp.symbols("x lambda b1:5 k1:4", real=True)
theta, q, u, w = (sp.Matrix(sp.symbols(f"{name}1:3", real=True)) for name in ("theta", "q", "u", "w"))
B, K = sp.Matrix([[b1, b2], [b3, b4]]), sp.Matrix([[k1, k2], [k2, k3]])
DIAGONAL = sp.diag(1, sp.Rational(1, 5))
REGULAR = (sp.Ne(B.det(), 0),)

WAVE = sp.sin(2 * sp.pi * x)
UNIT = sp.Matrix([1, sp.sqrt(2) * WAVE])
PRINTED = sp.Matrix([1 / sp.sqrt(2), WAVE])
PAIR = sp.Matrix([WAVE, sp.cos(2 * sp.pi * x)])


def _integrated(statement: Relational) -> Iterable[sp.Expr]:
    """Products of sines, cosines and constants are integrated; then the two sides cancel."""
    left, right = (side.doit() for side in sides(statement))
    return [sp.expand(left - right)]


def _norm2(basis: sp.Matrix, low: int, high: int = 1, factor: sp.Matrix | None = None) -> sp.Expr:
    """∫ (θ^T Bφ)² dx, the quadratic form of the Gram matrix; B = 1 unless given."""
    model = theta.dot(basis if factor is None else factor * basis)
    return sp.Integral(model**2, (x, low, high))


def _slope(function: sp.Expr) -> sp.Matrix:
    return sp.Matrix([sp.Derivative(function, parameter) for parameter in theta])


_model = theta.dot(B * UNIT)
_entry = sp.Integral(sp.Derivative(_model, theta[0]) * sp.Derivative(_model, theta[1]), (x, 0, 1))
_twice = sp.Integral(sp.Derivative(theta.dot(sp.diag(b1, b4) * UNIT), theta[0]) ** 2 * b1**2, (x, 0, 1))


def _loss(weight: sp.Matrix) -> sp.Expr:
    """½‖u-v‖²_K, u and v in coefficients."""
    error = B.T * theta - u
    return (error.T * weight * error)[0] / 2


def _reached(metric: sp.Matrix, weight: sp.Matrix, step: sp.Expr) -> sp.Expr:
    """The coefficients of v after θ - s metric^(-1) ∇L, tested on q."""
    return q.dot(B.T * (theta - step * solve(metric, _slope(_loss(weight)))))


_coefficients = B.T * theta
_euclidean = q.dot(B.T * (theta - s * _slope(_loss(sp.eye(2)))))

# The first coefficient of the quadratic manifold has a matrix Q that need not be symmetric; the second has one entry.
_q11, _q12, _q21, _q22, _r = sp.symbols("q11 q12 q21 q22 r", real=True)
_Q = sp.Matrix([[_q11, _q12], [_q21, _q22]])
_symmetric = sp.Matrix([[_q11, _q12], [_q12, _q22]])
_first = lambda matrix: (B.T * theta)[0] + (theta.T * matrix * theta)[0] / 2
_second = (B.T * theta)[1] + _r * theta[0] ** 2 / 2
_curved = sp.Matrix([_first(_symmetric), _second])
_rows = (B + sp.Matrix([[(_symmetric * theta)[0], _r * theta[0]], [(_symmetric * theta)[1], 0]]))  # B + Qθ
_curved_entry = (sp.Matrix([sp.Derivative(part, theta[0]) for part in _curved]).T * K
                 * sp.Matrix([sp.Derivative(part, theta[1]) for part in _curved]))[0]

IDENTITIES: tuple[Identity, ...] = (
    Identity(
        label="somacal2025.toy-loss",
        title="The loss ½‖u-v‖ of the toy slides, without the square, has the Hessian δ_ij",
        statement=equation(sp.Derivative(sp.sqrt(w.dot(w)) / 2, (w[0], 2)), 1),
        source=ORTHONORMAL + " and all later toys; with the square on 'Minimization problem'",
        claim="refuted",
        flaw="slip",
        points=({"w1": 1, "w2": 1},),
        note="u - v = w in an orthonormal basis. The square is missing throughout the toys, also in ½‖u-v‖_K and "
        "½‖f(u)-f(v)‖_K.",
    ),
    Identity(
        label="sobolev.norm-hessian",
        title="Without the square the Hessian is (1 - ww^T/|w|²)/(2|w|): none along w = u-v",
        statement=equation(sp.Derivative(sp.sqrt(w.dot(w)) / 2, (w[0], 2)), w[1] ** 2 / (2 * sp.sqrt(w.dot(w)) ** 3)),
        where=(sp.Ne(w[1], 0),),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        corrects=("somacal2025.toy-loss",),
        note="With the square it is 1.",
    ),
    Identity(
        label="somacal2025.toy-gram.unit",
        title="φ = (1, √2 sin 2πx) is orthonormal in L²([0, 1]): G_ij = δ_ij",
        statement=equation(_norm2(UNIT, 0), theta.dot(theta)),
        source=ORTHONORMAL,
        claim="proved",
        proof=_integrated,
        note="All three entries of G at once, as a quadratic form. The printed δ_ij(x) is a number, not a function of "
        "x.",
    ),
    Identity(
        label="somacal2025.toy-basis",
        title="φ = (1/√2, sin 2πx), of the later slides, is orthonormal in L²([0, 1])",
        statement=equation(_norm2(PRINTED, 0), theta.dot(theta)),
        source=BIASED,
        claim="refuted",
        flaw="convention",
        points=({"theta1": 1, "theta2": 1},),
        note="It is on [-1, 1] (`sobolev.toy-basis-symmetric`). The transcription may have made a fraction of the "
        "column (1, √2 sin 2πx), which other slides have.",
    ),
    Identity(
        label="sobolev.toy-basis-half",
        title="On [0, 1] the Gram matrix of (1/√2, sin 2πx) is ½",
        statement=equation(_norm2(PRINTED, 0), theta.dot(theta) / 2),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
        corrects=("somacal2025.toy-basis",),
        note="Orthonormal for the measure 2dx. Natural gradient does not notice a factor other than in its step size.",
    ),
    Identity(
        label="sobolev.toy-basis-symmetric",
        title="On [-1, 1] the Gram matrix of (1/√2, sin 2πx) is 1",
        statement=equation(_norm2(PRINTED, -1), theta.dot(theta)),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
    ),
    Identity(
        label="somacal2025.toy-basis.later",
        title="φ = (sin 2πx, cos 2πx) is orthonormal in L²([-1, 1])",
        statement=equation(_norm2(PAIR, -1), theta.dot(theta)),
        source=LATER,
        claim="proved",
        proof=_integrated,
        note="For dx; on [0, 1], or for the mean dx/2, the Gram matrix is ½.",
    ),
    Identity(
        label="somacal2025.toy-gram.later",
        title="With B = diag(1, 1/5) its Gram matrix is diag(1, 1/25), of condition number 25",
        statement=equation(_norm2(PAIR, -1, 1, DIAGONAL), theta[0] ** 2 + theta[1] ** 2 / 25),
        source=LATER,
        claim="proved",
        proof=_integrated,
    ),
    Identity(
        label="somacal2025.toy-jacobian",
        title="∂A/∂θ_i = B_iφ for v = θ^T Bφ, B_i being the row",
        statement=equation(sp.Derivative(_model, theta[0]), b1 + b2 * sp.sqrt(2) * WAVE),
        source=BIASED,
        claim="proved",
        proof=differentiated,
        note="i = 1.",
    ),
    Identity(
        label="somacal2025.toy-gram",
        title="G_ij = ∫ ∂_iA ∂_jA dx = [B^T B]_ij for v = θ^T Bφ",
        statement=equation(_entry, (B.T * B)[0, 1]),
        source=BIASED + ", and the two slides after it",
        claim="refuted",
        flaw="slip",
        points=({"b1": 1, "b2": 1, "b3": 0, "b4": 2, "theta1": 1, "theta2": 1},),
        note="Wrong with the printed model and Jacobian, right for v = (Bθ)^T φ, and for normal B, the diagonal ones "
        "among them. i = 1, j = 2.",
    ),
    Identity(
        label="sobolev.toy-gram",
        title="G_ij = [BB^T]_ij for v = θ^T Bφ, φ orthonormal",
        statement=equation(_entry, (B * B.T)[0, 1]),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
        corrects=("somacal2025.toy-gram",),
        note="B^T B = JJ^T is what Euclidean gradient flow has in V (`sobolev.euclidean-flow-operator`).",
    ),
    Identity(
        label="sobolev.gram-spectrum",
        title="B^T B and BB^T have the same eigenvalues: det(B^T B - λ) = det(BB^T - λ)",
        statement=equation((B.T * B - lam * sp.eye(2)).det(), (B * B.T - lam * sp.eye(2)).det()),
        source=OUR_OWN,
        claim="proved",
        proof=rational,
        note="So the condition number, and every rate of convergence that depends on it, survive the slip.",
    ),
    Identity(
        label="somacal2025.toy-gram.double",
        title="The middle of that display: ∫ ∂_iA [B^T B]_ij ∂_jA dx = [B^T B]_ij",
        statement=equation(_twice, b1**2),
        source=BIASED + ", and all later displays of G",
        claim="refuted",
        flaw="slip",
        points=({"b1": 2, "b4": 1, "theta1": 1, "theta2": 1},),
        note="∂_iA contains B already. i = j = 1, B diagonal, so that the order of the factors plays no role.",
    ),
    Identity(
        label="sobolev.toy-gram-double",
        title="∫ ∂_iA [B^T B]_ij ∂_jA dx counts B twice: b₁^4 for a diagonal B and i = j = 1",
        statement=equation(_twice, b1**4),
        where=(sp.Ne(b1, 0),),
        source=OUR_OWN,
        claim="proved",
        proof=_integrated,
        corrects=("somacal2025.toy-gram.double",),
        note="What is meant has φ_i for ∂_iA and a sum: Σ B_ik B_jl ∫ φ_k φ_l dx.",
    ),
    Identity(
        label="somacal2025.gradient-bias",
        title="Gradient descent is biased in V: c' = c - sB^T B(c-u)",
        statement=equation(_euclidean, q.dot(_coefficients - s * B.T * B * (_coefficients - u))),
        source=BIASED + ", the title",
        claim="proved",
        proof=rational,
        note="c = B^T θ are the coefficients of v. It moves straight to the target only if c-u is an eigenvector. "
        + TWO,
    ),
    Identity(
        label="somacal2025.natural-descent",
        title="Natural gradient descent moves straight to the target: c' = c - s(c-u)",
        statement=equation(_reached(B * B.T, sp.eye(2), s), q.dot(_coefficients - s * (_coefficients - u))),
        where=REGULAR,
        source=SLIDES + "Natural gradient descent",
        claim="proved",
        proof=rational,
        note="For every B with an inverse, G = BB^T. " + TWO,
    ),
    Identity(
        label="somacal2025.toy-gram.anisotropic",
        title="For ½‖u-v‖²_K: G_ij = [B^T KB]_ij",
        statement=equation(sp.Derivative(_loss(K), *theta), (B.T * K * B)[0, 1]),
        source=ISOTROPY + ", and the slides after it",
        claim="refuted",
        flaw="slip",
        points=({"b1": 1, "b2": 1, "b3": 0, "b4": 2, "k1": 1, "k2": 0, "k3": 1, "theta1": 1, "theta2": 1, "u1": 1,
                 "u2": 1},),
        repeats="somacal2025.toy-gram",
        note="Right for symmetric B; otherwise only the transposed model has this matrix. i = 1, j = 2.",
    ),
    Identity(
        label="sobolev.toy-gram-anisotropic",
        title="For ½‖u-v‖²_K: G_ij = [BKB^T]_ij, the Hessian of the loss",
        statement=equation(sp.Derivative(_loss(K), *theta), (B * K * B.T)[0, 1]),
        where=(sp.Ne((B * K * B.T)[0, 1], 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        corrects=("somacal2025.toy-gram.anisotropic",),
        note="‖w‖²_K = w^T K w on coefficients.",
    ),
    Identity(
        label="sobolev.l2-gram-straight",
        title="Natural gradient with the L² Gram matrix moves straight to the target for every ½‖u-v‖²_K",
        statement=equation(_reached(B * B.T, K, s), q.dot(_coefficients - s * (_coefficients - u))),
        where=REGULAR,
        source="What the slide 'Non isotropic loss' shows not to be so",
        claim="refuted",
        flaw="hypothesis",
        points=({"b1": 1, "b2": 0, "b3": 0, "b4": 1, "k1": 2, "k2": 0, "k3": 1, "q1": 1, "q2": 0, "s": 1, "theta1": 1,
                 "theta2": 0, "u1": 0, "u2": 0},),
    ),
    Identity(
        label="somacal2025.non-isotropic",
        title="With the L² Gram matrix: c' = c - sK(c-u), biased unless K is a multiple of 1",
        statement=equation(_reached(B * B.T, K, s), q.dot(_coefficients - s * K * (_coefficients - u))),
        where=REGULAR,
        source=ISOTROPY,
        claim="proved",
        proof=rational,
        corrects=("sobolev.l2-gram-straight",),
        note=TWO,
    ),
    Identity(
        label="somacal2025.linear-newton",
        title="Linear model, Gram matrix of the loss: one step of size 1, which is Newton's, reaches u, for every K "
        "and B",
        statement=equation(_reached(B * K * B.T, K, sp.Integer(1)), q.dot(u)),
        where=(*REGULAR, sp.Ne(K.det(), 0), sp.Ne(q.dot(u), 0)),
        source=SLIDES + "Natural gradient descent with loss hessian, and Natural gradient and Newton method are "
        "equivalent",
        claim="proved",
        proof=rational,
        note="BKB^T is the Hessian (`sobolev.toy-gram-anisotropic`). Where V is "
        "larger than the model: `sobolev.linear-newton-projection`. " + TWO,
    ),
    Identity(
        label="somacal2025.quadratic-jacobian",
        title="∂A/∂θ_i = (B_i + Q_iθ)φ for v = (θ^T B + ½θ^T Qθ)φ, any Q",
        statement=equation(sp.Derivative(_first(_Q), theta[0]), b1 + (_Q * theta)[0]),
        source=CURVED,
        claim="refuted",
        flaw="hypothesis",
        points=({"b1": 1, "b3": 0, "q11": 0, "q12": 0, "q21": 1, "q22": 0, "theta1": 1, "theta2": 1},),
        note="Q must be symmetric in its two θ indices; only its symmetric part enters v. First coefficient, i = 1.",
    ),
    Identity(
        label="sobolev.quadratic-jacobian",
        title="∂A/∂θ_i = (B_i + Q_iθ)φ where Q is symmetric in its θ indices",
        statement=equation(sp.Derivative(_first(_symmetric), theta[0]), b1 + (_symmetric * theta)[0]),
        where=(sp.Ne(b1 + (_symmetric * theta)[0], 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        corrects=("somacal2025.quadratic-jacobian", "somacal2025.quadratic-model"),
        note="[Q_iθ]_k = Σ_j Q_ijk θ_j is a row of coefficients, for each i; the matrix of all rows is B + Qθ.",
    ),
    Identity(
        label="somacal2025.quadratic-model",
        title="Second line of the model: (θ^T B + ½θ^T Qθ)φ = θ^T Bφ",
        statement=equation(_first(_symmetric), (B.T * theta)[0]),
        source=CURVED,
        claim="refuted",
        flaw="slip",
        points=({"b1": 1, "b3": 0, "q11": 1, "q12": 0, "q22": 0, "theta1": 1, "theta2": 0},),
        note="The quadratic term is left out where φ is inserted. First coefficient.",
    ),
    Identity(
        label="somacal2025.quadratic-gram",
        title="G(θ)_ij = [(B + Q_iθ)^T K(B + Q_iθ)]_ij on the quadratic manifold",
        statement=equation(_curved_entry, (_rows.T * K * _rows)[0, 1]),
        source=CURVED,
        claim="refuted",
        flaw="slip",
        points=({"b1": 1, "b2": 1, "b3": 0, "b4": 2, "k1": 1, "k2": 0, "k3": 1, "q11": 0, "q12": 0, "q22": 0, "r": 0,
                 "theta1": 1, "theta2": 1},),
        repeats="somacal2025.toy-gram",
        note="Read with the matrix B + Qθ for B + Q_iθ, which adds a row to a matrix. The transpose stands on the "
        "wrong side, and the integrand counts twice, as before. i = 1, j = 2.",
    ),
    Identity(
        label="sobolev.quadratic-gram",
        title="G(θ)_ij = [(B + Qθ)K(B + Qθ)^T]_ij = (B_i + Q_iθ)K(B_j + Q_jθ)^T",
        statement=equation(_curved_entry, (_rows * K * _rows.T)[0, 1]),
        where=(sp.Ne((_rows * K * _rows.T)[0, 1], 0),),
        source=OUR_OWN,
        claim="proved",
        proof=differentiated,
        corrects=("somacal2025.quadratic-gram",),
        note="i = 1, j = 2; the second coefficient has Q_112 only, which is general enough to mix the two.",
    ),
)
