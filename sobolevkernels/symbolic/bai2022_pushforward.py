"""bai2022, Section 5.1: the tangent kernel and the map S, mixed and pushforward metrics, Lemma 6, (14) to (20)."""

from __future__ import annotations

import sympy as sp

from sobolevkernels.symbolic.identity import Identity, equation
from sobolevkernels.symbolic.tangent import (
    FAMILY,
    GENERAL,
    IMMERSION,
    LOSS_GRADIENT,
    METRIC,
    PULLBACK,
    SLOPE,
    TANGENT,
    B,
    along,
    eta,
    exact,
    general,
    inner,
    inverse,
    n,
    orthogonal_sum,
    preimage,
    project,
    pseudoinverse,
    surface,
    t,
    theta,
    unit,
    v,
    w,
    xi,
)

FIVE = "Bai, Rosenberg & Xu 2022, Section 5"
APPENDIX = "Bai, Rosenberg & Xu 2022, Appendix B"
OURS = "Derived here"

a, d, m = sp.symbols("a d m", positive=True)
b, c, x = sp.symbols("b c x", real=True)
labels = sp.Matrix(sp.symbols("y1:4", real=True))  # ∇L at the three points
_g = sp.Matrix([[a, b], [b, d]])
_positive = (sp.Gt(a * d, b**2),)

S = B * B.T * METRIC  # v ↦ Σ ⟨v, X_i⟩ X_i

_kernel = B * B.T  # (17)
_represent = B * inverse(B.T * B)  # Σ_x K(x, ·) c(x) = Bξ for c = _represent ξ
_square = B[:2, :]  # the values of the b_i at two points where they are independent
_parameter_gradient = TANGENT.T * METRIC * LOSS_GRADIENT
_angle = 2 * x + c * sp.sin(x)
_first_derivative = lambda at: sp.Subs(sp.Derivative(_angle, x), x, at)

IDENTITIES = (
    Identity(
        label="bai2022.eq15",
        title="(14), (15): S∇ℓ is the velocity of Euclidean gradient flow in W, seen in function space",
        statement=equation(
            along(surface(theta + t * _parameter_gradient)[2]),
            sp.Add(*(inner(LOSS_GRADIENT, TANGENT[:, i]) * TANGENT[2, i] for i in range(2))),
        ),
        source=FIVE + ".1, (14) and (15)",
        claim="proved",
        proof=exact,
        note="So the equality in (15) holds and (14) is the kernel of that flow. What ≈ loses: `bai2022.eq15.error`. "
        + FAMILY,
    ),
    Identity(
        label="bai2022.eq15.error",
        title="(15): P∇ℓ ≈ S∇ℓ is wrong by g - 1: ⟨S∇ℓ - P∇ℓ, dφ(X)⟩ = ⟨X, (g-1) df⟩",
        statement=equation(inner(S * n - project(n), B * xi), (xi.T * (PULLBACK - sp.eye(2)) * SLOPE)[0]),
        where=IMMERSION,
        source=FIVE + ".1, (15)",
        points=general(B, n, w, xi),
        claim="proved",
        proof=exact,
        note="0 for every loss iff the ∂φ/∂θ^i are orthonormal, (16). " + GENERAL,
    ),
    Identity(
        label="bai2022.section5.surjection",
        title="S maps onto the tangent plane, and the plane to itself by the matrix g: S(dφ g⁻¹ ξ) = dφ ξ",
        statement=equation((S * B * inverse(PULLBACK) * xi)[0], (B * xi)[0]),
        where=IMMERSION,
        source=FIVE + ".1, after (14)",
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.section5.complement",
        title="S vanishes on the orthogonal complement: S v = S P v",
        statement=equation((S * project(v))[2], (S * v)[2]),
        where=IMMERSION,
        source=FIVE + ".1, after (14)",
        points=general(B, v, w),
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.section5.square",
        title="The test of a projection: 'its square is the identity', tried on P",
        statement=equation(project(project(v))[0], v[0]),
        where=IMMERSION,
        source=FIVE + ".1, after (14)",
        claim="refuted",
        flaw="slip",
        note="Printed: S is not a projection, S² and S on the tangent plane are not the identity. No projection but "
        "the identity has that square. Meant is S² ≠ S, which is what S ≠ 1 on the plane says, S being onto.",
    ),
    Identity(
        label="sobolev.projection-square",
        title="The square of a projection is the projection: P(Pv) = Pv",
        statement=equation(project(project(v))[0], project(v)[0]),
        where=IMMERSION,
        source=OURS,
        points=general(B, v, w),
        claim="proved",
        corrects=("bai2022.section5.square",),
        proof=exact,
    ),
    Identity(
        label="bai2022.section5.not-projection",
        title="⟨S²v, v⟩ is the form g at the slopes ⟨v, X_i⟩, and ⟨Sv, v⟩ the form 1",
        statement=equation(inner(S * S * v, v), ((B.T * METRIC * v).T * PULLBACK * B.T * METRIC * v)[0]),
        source=FIVE + ".1, after (14), and (16)",
        claim="proved",
        proof=exact,
        note="So S is a projection iff g = 1, which is (16).",
    ),
    Identity(
        label="bai2022.section5.normalised",
        title="With X_i/‖X_i‖ for X_i, S still moves X_1, to X_1 + g_12/g_22 X_2",
        statement=equation(
            sp.Add(*(PULLBACK[0, i] / PULLBACK[i, i] * B[0, i] for i in range(2))),
            B[0, 0] + PULLBACK[0, 1] / PULLBACK[1, 1] * B[0, 1],
        ),
        where=IMMERSION,
        source=FIVE + ".1, after (15)",
        claim="proved",
        proof=exact,
        note="A projection iff the X_i are orthogonal: the diagonal of g does not replace g.",
    ),
    Identity(
        label="bai2022.section5.mixed",
        title="S is an orthogonal projection under the mixed metric",
        statement=equation((S * v)[0], project(v)[0]),
        where=IMMERSION,
        source=FIVE + ".1, after (16) and before Lemma 6",
        claim="refuted",
        flaw="convention",
        note="S has two meanings: Σ ⟨v, X_i⟩ X_i with the metric of the function space, whose square no metric "
        "changes, and v ↦ v^T, which is P itself. With the inner products of the mixed metric the sum is v^T, and "
        "nothing is left of the tangent kernel.",
    ),
    Identity(
        label="sobolev.mixed-metric",
        title="S∇ℓ is the tangential part of the gradient in the mixed metric: ⟨S∇ℓ + ∇ℓ - P∇ℓ, v⟩_mixed = dℓ(v)",
        statement=equation(
            SLOPE.dot(pseudoinverse(v)) + inner(n - project(n), v - project(v)), inner(n, v)
        ),
        where=IMMERSION,
        source=OURS,
        points=general(B, n, v, w),
        claim="proved",
        corrects=("bai2022.section5.mixed",),
        proof=exact,
        note="S∇ℓ = Σ dℓ(X_i) X_i and Pv have the inner product Σ dℓ(X_i) v^i in φ_* g_E, normal vectors that of the "
        "function space. What the mixed metric does for (15): the gradient changes, not S. " + GENERAL,
    ),
    Identity(
        label="bai2022.section5.exists",
        title="φ_* g exists for every immersion: two values of it at one point of the circle",
        statement=equation(1 / _first_derivative(sp.Integer(0)) ** 2, 1 / _first_derivative(sp.pi) ** 2),
        where=(sp.Gt(c, 0), sp.Lt(c, 2)),
        source=FIVE + ".1, before Lemma 6",
        claim="refuted",
        flaw="hypothesis",
        note="φ(x) = e^(i(2x + c sin x)) on the line, |c| < 2: x = 0 and x = π have the image 1, and the Euclidean "
        "metric gives the unit tangent there the squared lengths 1/(2+c)² and 1/(2-c)². φ must be injective as well.",
    ),
    Identity(
        label="sobolev.pushforward-embedding",
        title="For an embedding φ_* g is a metric, and φ^*φ_* g = g",
        statement=equation(
            (preimage(B * xi).T * _g * preimage(B * eta))[0], (xi.T * _g * eta)[0]
        ),
        where=(*IMMERSION, *_positive),
        source=OURS,
        claim="proved",
        corrects=("bai2022.section5.exists",),
        proof=exact,
    ),
    Identity(
        label="bai2022.eq29",
        title="(29): the b_i are in the span of the K(x, ·): b = Σ_x K(x, ·) C(x)",
        statement=equation((_kernel * _represent * xi)[0], (B * xi)[0]),
        where=IMMERSION,
        source=APPENDIX + ", proof of Lemma 6, (29)",
        claim="proved",
        proof=exact,
        note="C = b (bᵀb)⁻¹ on points where the b_i are independent; p points suffice, so the sums are finite. For "
        "vector-valued functions a row is a point and a component.",
    ),
    Identity(
        label="bai2022.lemma6",
        title="Lemma 6, (17): in the space of the kernel Σ b_i(x) b_i(x'), ⟨Σ ξ^i b_i, Σ η^j b_j⟩ = Σ ξ^i η^i",
        statement=equation(
            ((_represent * xi).T * _kernel * _represent * eta)[0], xi.dot(eta)
        ),
        where=IMMERSION,
        source=FIVE + ".1, Lemma 6, (17), and Appendix B",
        points=general(B, xi, eta),
        claim="proved",
        proof=exact,
        note="With b_i = ∂φ/∂θ^i, independent, it is (16) for the kernel (14).",
    ),
    Identity(
        label="sobolev.redundant-parameters",
        title="Lemma 6 needs a basis: for b and m b, dependent, ‖b‖² = 1/(1+m²) in the space of the kernel",
        statement=equation(
            (v.T * ((1 + m**2) * v * v.T) * v)[0] / ((1 + m**2) * v.dot(v)) ** 2, 1 / (1 + m**2)
        ),
        where=(sp.Gt(v.dot(v), 0),),
        source=OURS,
        claim="proved",
        proof=exact,
        note="c = v/((1+m²)|v|²) has K c = v. So for more parameters than dimensions (16) is not satisfied; the norm "
        "is that of the shortest parameter vector.",
    ),
    Identity(
        label="bai2022.section5.evaluation",
        title="The tangent plane has the kernel P d_x: ⟨X, P d_x⟩ = X(x)",
        statement=equation(inner(B * xi, project(unit(2))), (B * xi)[2]),
        where=IMMERSION,
        source=FIVE + ".1, before (18)",
        points=general(B, w, xi),
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.eq18",
        title="(18): (P d_x)(x') = Σ h_i(x) h_i(x'), for any orthonormal basis",
        statement=equation(project(unit(0))[2], orthogonal_sum(unit(0), unit(2))),
        where=IMMERSION,
        source=FIVE + ".1, (18)",
        points=general(B, w),
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.eq19",
        title="(19): Σ h_i(x) h_i(x') = g^(ij) ∂φ/∂θ^i(x) ∂φ/∂θ^j(x')",
        statement=equation(orthogonal_sum(unit(0), unit(1)), (B * inverse(PULLBACK) * B.T)[0, 1]),
        where=IMMERSION,
        source=FIVE + ".1, (19)",
        points=general(B, w),
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.lemma6.special-case",
        title="The space of the kernel g^(ij) b_i(x) b_j(x') has the Gram matrix g; Lemma 6 is g = 1",
        statement=equation(
            ((inverse(_square.T) * _g * xi).T * _square * inverse(_g) * _square.T * inverse(_square.T) * _g * eta)[0],
            (xi.T * _g * eta)[0],
        ),
        where=(*IMMERSION, *_positive),
        source=FIVE + ".1, after Lemma 6",
        points=tuple({**point, "a": 3, "b": -1, "d": 2} for point in general(_square, xi, eta)),
        claim="proved",
        proof=exact,
        note="On two points, with b = K c for c = (bᵀ)⁻¹ g. (19) says it of the tangent plane; a kernel has one "
        "space, so Lemma 6 follows.",
    ),
    Identity(
        label="bai2022.eq20",
        title="(20): Σ_i K_f(x_i, ·) ∇L_i is (10), three points",
        statement=equation(
            sp.Add(*(labels[i] * orthogonal_sum(unit(i), unit(0)) for i in range(3))),
            sp.Add(*(inverse(PULLBACK)[i, j] * (B.T * labels)[i] * B[0, j] for i in range(2) for j in range(2))),
        ),
        where=IMMERSION,
        source=FIVE + ".1, (20)",
        points=general(B, w, labels),
        claim="proved",
        proof=exact,
    ),
)
