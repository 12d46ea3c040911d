"""bai2022, Section 2 and Appendix A: projected gradients, the pullback metric, (1) to (4) and (26) to (28).

F is the loss on the function space, f(θ) = F(φ(θ)) the loss of the parameters, g = dφᵀ dφ the pullback metric: in
the source they are F, F with a tilde and g with a tilde.
"""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.tangent import (
    COMPOSITION_SLOPE,
    FAMILY,
    GENERAL,
    IMMERSION,
    LOSS_GRADIENT,
    METRIC,
    NATURAL,
    PULLBACK,
    SLOPE,
    SURFACE_PULLBACK,
    TANGENT,
    B,
    along,
    cross_product,
    eta,
    exact,
    general,
    inner,
    inverse,
    loss,
    n,
    orthogonal_sum,
    project,
    pseudoinverse,
    surface,
    t,
    theta,
    unit,
    w,
    xi,
)

SECTION = "Bai, Rosenberg & Xu 2022, Section 2"
APPENDIX = "Bai, Rosenberg & Xu 2022, Appendix A"
OURS = "Derived here"

a, d, c = sp.symbols("a d c", positive=True)
b, h12 = sp.symbols("b h12", real=True)
h11, h22 = sp.symbols("h11 h22", positive=True)
w1, w2 = sp.symbols("omega1:3", positive=True)
r = sp.Matrix(sp.symbols("r1:4", real=True))
x = sp.Symbol("x", real=True)
time, start = sp.symbols("time start", positive=True)

_tangent = B * xi
_coefficients = sp.Matrix(sp.symbols("a1:3", real=True))
_distance = inner(n - B * _coefficients, n - B * _coefficients)
_areas = sp.Add(*(w[j] * w[k] * B.extract([j, k], [0, 1]).det() ** 2 for j, k in ((0, 1), (0, 2), (1, 2))))
_printed_twice = sp.Add(*(inverse(PULLBACK)[i, j] * SLOPE[i] * B[0, i] for i in range(2) for j in range(2)))
_pushed = TANGENT * inverse(SURFACE_PULLBACK) * COMPOSITION_SLOPE
_surface_projection = TANGENT * inverse(SURFACE_PULLBACK) * TANGENT.T * METRIC * LOSS_GRADIENT
_g, _h = sp.Matrix([[a, b], [b, d]]), sp.Matrix([[h11, h12], [h12, h22]])
_flow = [start * (sp.exp((b - a) * time) + sign * sp.exp(-(a + b) * time)) / 2 * sign for sign in (1, -1)]
_node = sp.Matrix([x**2 - c**2, x * (x**2 - c**2)])


def _node_gradient(at: sp.Expr) -> sp.Expr:
    """The second component of P∇F on φ(x) = (x²-c², x(x²-c²)) for F(u, v) = u."""
    slope = lambda expr: sp.Derivative(expr, x) if at == x else sp.Subs(sp.Derivative(expr, x), x, at)
    first, second = map(slope, _node)
    return first * second / (first**2 + second**2)


def _on_slice(scale: sp.Expr) -> sp.Matrix:
    """dφ(∇f) on the slice ω1 = scale of φ = ω1 ω2 r: the tangent vector is scale·r, the metric scale²|r|²."""
    return scale * r * inner(n, scale * r) / inner(scale * r, scale * r)


IDENTITIES = (
    Identity(
        label="bai2022.eq2",
        title="(2): ⟨dφ(X), dφ(Y)⟩ is bilinear, with the coefficients ⟨∂φ/∂θ^i, ∂φ/∂θ^j⟩",
        statement=equation(
            inner(surface(theta + t * xi).diff(t).subs(t, 0), surface(theta + t * eta).diff(t).subs(t, 0)),
            sp.Add(*(xi[i] * eta[j] * inner(surface(theta).diff(theta[i]), surface(theta).diff(theta[j]))
                     for i in range(2) for j in range(2))),
        ),
        source=SECTION + ", (2)",
        claim="proved",
        proof=exact,
        note=FAMILY,
    ),
    Identity(
        label="bai2022.eq2.immersion",
        title="The pullback metric is degenerate exactly where dφ is not injective: its determinant is an area squared",
        statement=equation(PULLBACK.det(), _areas),
        source=SECTION + ", after (2)",
        claim="proved",
        proof=exact,
        note="The sum of the squared 2 × 2 minors of dφ, with weights (Cauchy-Binet): 0 iff the columns are "
        "dependent. Of rank below p the volume of Definition 7 is 0 as well.",
    ),
    Identity(
        label="bai2022.lemma1.i",
        title="Lemma 1 (i): P∇F is the gradient of F on φ(W), Σ dF(h_i) h_i in an orthonormal basis",
        statement=equation(orthogonal_sum(n, unit(0)), project(n)[0]),
        where=IMMERSION,
        source=SECTION + ", Lemma 1 (i)",
        points=general(B, n, w),
        claim="proved",
        proof=exact,
        note="The first coordinate; so are the others. On the left the metric of Φ alone is used, on the right that "
        "of the parameters. Flow lines go up: the sign of a descent is the reader's. " + GENERAL,
    ),
    Identity(
        label="bai2022.eq26",
        title="(26): ⟨P∇F, X⟩ = dF(X) for tangent X, which determines the gradient of F on φ(W)",
        statement=equation(inner(project(n), _tangent), inner(n, _tangent)),
        where=IMMERSION,
        source=APPENDIX + ".2, (26)",
        points=general(B, n, w, xi),
        claim="proved",
        proof=exact,
        note=GENERAL,
    ),
    Identity(
        label="bai2022.lemma1.ii",
        title="Lemma 1 (ii) as printed: dφ(∇f) = ∇F",
        statement=equation((B * NATURAL)[0], n[0]),
        where=IMMERSION,
        source=SECTION + ", Lemma 1 (ii); repeated in the last line of the proof",
        claim="refuted",
        flaw="slip",
        note="dφ(∇f) is tangent to Φ and ∇F is not. Meant is ∇(F|Φ), which (26) says is P∇F; a lost restriction bar, "
        "twice. The proof establishes (27).",
    ),
    Identity(
        label="bai2022.eq27",
        title="(27): dφ(∇f) = P∇F, with ∇f from derivatives of F(φ(θ))",
        statement=equation(_pushed[1], _surface_projection[1]),
        source=APPENDIX + ".2, (27)",
        claim="proved",
        corrects=("bai2022.lemma1.ii", "bai2022.eq4.proof"),
        proof=exact,
        note=FAMILY,
    ),
    Identity(
        label="sobolev.projection-pythagoras",
        title="What the projection loses: |∇F|² = |dφ(∇f)|² + |∇F - P∇F|²",
        statement=equation(inner(n - project(n), n - project(n)), inner(n, n) - SLOPE.dot(NATURAL)),
        where=IMMERSION,
        source=OURS,
        points=general(B, n, w),
        claim="proved",
        proof=exact,
        note="|dφ(∇f)|² = df · g⁻¹ df is computable from the slopes alone. The printed Lemma 1 (ii) says that nothing "
        "is lost. " + GENERAL,
    ),
    Identity(
        label="bai2022.introduction.flow",
        title="The gradient flow projects to the flow on φ(W): F = (a(u² + v²) + 2b u v)/2 on the line v = 0",
        statement=equation(_flow[0], start * sp.exp(-a * time)),
        source="Bai, Rosenberg & Xu 2022, introduction, outline of Section 4.1; similarly Section 5.1",
        claim="refuted",
        flaw="slip",
        points=({"a": 2, "b": 1, "start": 1, "time": 1}, {"a": 2, "b": -1, "start": 3, "time": sp.Rational(1, 10)}),
        note="The gradient field projects, its flow does not: it leaves φ(W), as Section 2.1 says itself. Left: the "
        "first coordinate of the descent flow from (start, 0); right: the flow of the projected gradient.",
    ),
    Identity(
        label="sobolev.flow-leaves",
        title="The projected flow line has the velocity P∇F of the point that has left the line",
        statement=equation(sp.Derivative(_flow[0], time), -(a * _flow[0] + b * _flow[1])),
        source=OURS,
        claim="proved",
        corrects=("bai2022.introduction.flow",),
        proof=exact,
        note="The two flows agree to first order in the time, and differ by b² t²/2 times the start in second order.",
    ),
    Identity(
        label="bai2022.lemma1.ii.flow",
        title="Lemma 1 (ii): dφ(X) = P∇F has the one solution X = ∇f, so flow lines correspond in both directions",
        statement=equation(pseudoinverse(B * pseudoinverse(n))[0], NATURAL[0]),
        where=IMMERSION,
        source=SECTION + ", Lemma 1 (ii)",
        points=general(B, n, w),
        claim="proved",
        proof=exact,
        note="g⁻¹ dφᵀ is a left inverse of dφ because dφ is injective. The time along the curves is the same.",
    ),
    Identity(
        label="bai2022.remark2",
        title="Remark 2: with a metric h on W, ⟨dφ(h⁻¹df) - P∇F, dφ(X)⟩ = ⟨X, g h⁻¹ (g-h) ∇f⟩",
        statement=equation((xi.T * _g * (_h.inv() * _g * eta - eta))[0], (xi.T * _g * _h.inv() * (_g - _h) * eta)[0]),
        where=(sp.Gt(a * d, b**2), sp.Gt(h11 * h22, h12**2)),
        source=SECTION + ", Remark 2",
        claim="proved",
        proof=exact,
        note="η = ∇f. It is 0 for all X and ∇f iff h = g, so Lemma 1 (ii) fails for every other metric, the Euclidean "
        "one included, for some F; where ∇f is 0, or an eigenvector to the eigenvalue 1, it does not.",
    ),
    Identity(
        label="bai2022.lemma3",
        title="Lemma 3, (3): g^(ij) ⟨∇F, ∂φ/∂θ^i⟩ ∂φ/∂θ^j is the tangent vector closest to ∇F",
        statement=sp.Le(inner(n - project(n), n - project(n)), inner(n - _tangent, n - _tangent), evaluate=False),
        where=IMMERSION,
        source=SECTION + ", Lemma 3, (3)",
        points=general(B, n, w, xi),
        claim="proved",
        proof=lambda statement: [cross_product(statement.gts - statement.lts - inner(project(n) - _tangent,
                                                                                     project(n) - _tangent))],
        note=GENERAL,
    ),
    Identity(
        label="bai2022.lemma3.derivative",
        title="Proof of Lemma 3: the derivative of |v - Σ a^i b_i|² by a^i",
        statement=equation(
            sp.Derivative(_distance, _coefficients[0]),
            -2 * inner(n, B[:, 0]) + 2 * sp.Add(*(_coefficients[j] * PULLBACK[0, j] for j in range(2))),
        ),
        source=APPENDIX + ".2, proof of Lemma 3",
        claim="proved",
        proof=exact,
        note="The coefficients are printed with upper and with lower indices; there is one set of them.",
    ),
    Identity(
        label="bai2022.lemma3.coefficients",
        title="Proof of Lemma 3: a^j = g^(ij) ⟨v, b_i⟩ solves Σ_j g_ij a^j = ⟨v, b_i⟩",
        statement=equation((PULLBACK * pseudoinverse(n))[1], inner(n, B[:, 1])),
        where=IMMERSION,
        source=APPENDIX + ".2, proof of Lemma 3",
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.eq4",
        title="(4): ∇f = g^(ij) ∂f/∂θ^i ∂/∂θ^j is the gradient: ⟨∇f, X⟩ is the derivative of F(φ(θ)) along X",
        statement=equation(
            along(loss(surface(theta + t * xi))),
            inner(_pushed, TANGENT * xi),
        ),
        source=SECTION + ", (4)",
        claim="proved",
        proof=exact,
        note="The inner product in W is that of dφ(∇f) and dφ(X), which is the chain of equalities under (27). "
        + FAMILY,
    ),
    Identity(
        label="bai2022.eq28",
        title="(28) and the proof of (4): ∂f/∂θ^i = dF(∂φ/∂θ^i) = ⟨∇F, ∂φ/∂θ^i⟩",
        statement=equation(COMPOSITION_SLOPE[0], inner(LOSS_GRADIENT, TANGENT[:, 0])),
        source=APPENDIX + ".2, (28) and the last display",
        claim="proved",
        proof=exact,
        note="So (3) and (4) are the same vector, as Section 2 says. " + FAMILY,
    ),
    Identity(
        label="bai2022.eq4.proof",
        title="Proof of (4): P∇F = g^(ij) ∂f/∂θ^i ∂φ/∂θ^i, with θ^i twice",
        statement=equation(orthogonal_sum(n, unit(0)), _printed_twice),
        where=IMMERSION,
        source=APPENDIX + ".2, proof of (4)",
        claim="refuted",
        flaw="slip",
        note="∂φ/∂θ^j; summed over both indices as printed. One letter, perhaps of the transcription.",
    ),
    Identity(
        label="bai2022.eq4.diffeomorphism",
        title="An immersion is a diffeomorphism onto φ(W): P∇F at the double point of a curve, x = c and x = -c",
        statement=equation(_node_gradient(c), _node_gradient(-c)),
        source=SECTION + ", after (4)",
        claim="refuted",
        flaw="hypothesis",
        points=({"c": 1}, {"c": sp.Rational(1, 100)}),
        note="φ(x) = (x²-c², x(x²-c²)) is an immersion that passes twice through 0, with two tangents: Φ is no "
        "manifold there, and P at φ(w) is not defined by φ(w). φ must be injective too (an embedding), or P be "
        "indexed by w.",
    ),
    Identity(
        label="sobolev.projection-along-map",
        title="Indexed by the parameter the projection is defined for every immersion: the curve with a double point",
        statement=equation(
            _node_gradient(x), 2 * x * (3 * x**2 - c**2) / (4 * x**2 + (3 * x**2 - c**2) ** 2)
        ),
        source=OURS,
        claim="proved",
        corrects=("bai2022.eq4.diffeomorphism",),
        proof=exact,
        note="At x = ±c it is ±c/(1+c²): two projections at one point of the plane, one for each parameter. All "
        "statements of Section 2 hold with T_w = dφ(T_w W) in place of the tangent space at φ(w).",
    ),
    Identity(
        label="bai2022.appendix-a1.kernel",
        title="A.1: dφ vanishes on the tangent (ω1, -ω2) of the hyperbola through (ω1, ω2), for φ = φ(ω1 ω2)",
        statement=equation(
            w1 * sp.Derivative(surface(sp.Matrix([w1 * w2, w1**2 * w2**2]))[2], w1),
            w2 * sp.Derivative(surface(sp.Matrix([w1 * w2, w1**2 * w2**2]))[2], w2),
        ),
        source=APPENDIX + ".1",
        claim="proved",
        proof=exact,
        note="dφ restricted to the level set is 0, that is on vectors tangent to it; dφ itself is not. The metric g "
        "is degenerate on all of W, and φ is one-to-one on the hyperbolas only if ω1 ω2 is determined by φ.",
    ),
    Identity(
        label="bai2022.appendix-a1.slice",
        title="A.1: on the slice ω1 = c the natural gradient is pushed to the same P∇F for every c",
        statement=equation(_on_slice(c)[0], r[0] * inner(n, r) / inner(r, r)),
        where=(sp.Ne(r[0], 0),),
        source=APPENDIX + ".1",
        claim="proved",
        proof=exact,
        note="φ = ω1 ω2 r, as for one rectified unit with ω1 > 0. One line ω1 = c meets each hyperbola once. A "
        "pseudoinverse of the degenerate g gives the same direction in function space, without a slice.",
    ),
)
