"""bai2022, Section 5.2: pushforward and pullback under a change of coordinates, (21), flatness, Definition 7."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational

from sobolevkernels.symbolic.algebraic_proofs import squares
from sobolevkernels.symbolic.identity import Identity, Proof, equation
from sobolevkernels.symbolic.proofs import sides
from sobolevkernels.symbolic.tangent import (
    FAMILY,
    IMMERSION,
    SLOPE,
    SURFACE_PULLBACK,
    TANGENT,
    B,
    cross_product,
    eta,
    exact,
    inner,
    lettered,
    preimage,
    surface,
    t,
    theta,
    xi,
)

TWO = "Bai, Rosenberg & Xu 2022, Section 5.2"
OURS = "Derived here"

a, d, e, m, u = sp.symbols("a d e m u", positive=True)
b, c, p, q, x = sp.symbols("b c p q x", real=True)
k = sp.Symbol("k", integer=True, positive=True)
A = sp.Matrix(2, 2, sp.symbols("a11 a12 a21 a22", real=True))  # dα
third = sp.Matrix(sp.symbols("b13 b23 b33", real=True))
_g = sp.Matrix([[a, b], [b, d]])


def pushed(one: sp.Matrix, other: sp.Matrix) -> sp.Expr:
    """φ_* of the Euclidean metric on tangent vectors."""
    return preimage(one).dot(preimage(other))


_scaled = theta / 2  # φ in the coordinates y = 2x
_slopes = lambda row, at: [sp.Derivative(surface(at)[row], parameter) for parameter in theta]
_extended = B.row_join(third)
_extension = (_extended.inv(method="ADJ") * B * xi).dot(_extended.inv(method="ADJ") * B * eta)
_alpha = lambda at: sp.Matrix([at[0] + at[1] ** 2, c * at[1] + at[0] * at[1]])
_turn = _alpha(theta).jacobian(theta)
_at_image = dict(zip(theta, _alpha(theta), strict=True))

# --- volumes on a line of parameters, φ(x) = (a x, b x²), and a change of coordinates -----------

_cubic = lambda at: m * at + at**3
_speed = lambda at: sp.sqrt(sp.diff(a * at, x) ** 2 + sp.diff(b * at**2, x) ** 2)
_volume = lambda at, low, high: sp.Integral(_speed(at), (x, low, high))
_right_end, _left_end = (sp.sqrt(1 + 4 * e) - 1) / 2, (sp.sqrt(1 - 4 * e) - 1) / 2
_shallow = (sp.Lt(e, sp.Rational(1, 4)),)
_circle = sp.sqrt(sp.diff(a * sp.cos(x), x) ** 2 + sp.diff(a * sp.sin(x), x) ** 2)


def _substitution(sign: int) -> Proof:
    def proof(statement: Relational) -> Iterable[sp.Expr]:
        left, right = sides(statement)
        (one,), (other,) = left.atoms(sp.Integral), right.atoms(sp.Integral)
        new = sign * _cubic(x)
        slope = sp.diff(_cubic(x), x)
        density = left.subs(one, one.function), right.subs(other, other.function).subs(x, new) * slope
        at_one_point = [side.subs({a: 1, b: 1, m: 1, x: 1}) for side in density]
        ends = [new.subs(x, end) for end in one.limits[0][1:]][::sign]
        return [sp.expand(density[0] ** 2 - density[1] ** 2), sp.nsimplify(at_one_point[0] - at_one_point[1]),
                *(sp.expand(reached - end) for reached, end in zip(ends, other.limits[0][1:], strict=True))]

    proof.__doc__ = """The substitution turns the ends of one integral into those of the other. The squares of the
    integrands agree after multiplication with the derivative, and so do the integrands, which have no zero and
    agree at one point."""
    return proof


def _elementary(statement: Relational) -> Iterable[sp.Expr]:
    """The integrand is constant."""
    left, right = sides(statement)
    return [cross_product(lettered(sp.simplify(left.doit() - right)))]


IDENTITIES = (
    Identity(
        label="sobolev.pushforward-extension",
        title="(φ')_* g_E restricted to φ(W) is φ_* g_E, if both are embeddings",
        statement=equation(_extension, xi.dot(eta)),
        where=(*IMMERSION, sp.Ne(_extended.det(), 0)),
        source=OURS,
        claim="proved",
        proof=exact,
        note="Bai, Rosenberg & Xu 2022, Section 5.2, see no relationship between the two. The pullbacks behave in the "
        "same way. The kernel (14) gains the term of the new parameter.",
    ),
    Identity(
        label="bai2022.section5.scaling.kernel",
        title="y = 2x: the kernel (14) of ∂φ/∂y^i is a quarter of that of ∂φ/∂x^i",
        statement=equation(
            sp.Add(*(one * other for one, other in zip(_slopes(1, _scaled), _slopes(2, _scaled), strict=True))),
            sp.Add(*((TANGENT[1, i] * TANGENT[2, i]).subs(dict(zip(theta, _scaled, strict=True)), simultaneous=True)
                     for i in range(2))) / 4,
        ),
        source=TWO,
        claim="proved",
        proof=exact,
        note="True of this contravariant tensor, the kernel (14); the metric scales the other way. " + FAMILY,
    ),
    Identity(
        label="bai2022.section5.scaling",
        title="y = 2x: the pushforward metric of Section 5.1 is divided by 4",
        statement=equation(preimage(B * xi, B / 2).dot(preimage(B * eta, B / 2)), pushed(B * xi, B * eta) / 4),
        where=IMMERSION,
        source=TWO,
        claim="refuted",
        flaw="error",
        note="φ_* g_E is set equal to Σ ∂φ/∂x^i ⊗ ∂φ/∂x^i, which is the inverse of that metric on the tangent plane "
        "(`sobolev.cometric`). The vector ∂φ/∂x^i has twice the coordinates in y, so the metric is 4 times as large.",
    ),
    Identity(
        label="sobolev.pushforward-scaling",
        title="y = 2x: the pushforward of the Euclidean metric is multiplied by 4",
        statement=equation(preimage(B * xi, B / 2).dot(preimage(B * eta, B / 2)), 4 * pushed(B * xi, B * eta)),
        where=IMMERSION,
        source=OURS,
        claim="proved",
        corrects=("bai2022.section5.scaling",),
        proof=exact,
    ),
    Identity(
        label="sobolev.cometric",
        title="The kernel (14) is dual to φ_* g_E: dF(X)² ≤ Σ dF(X_i)² φ_* g_E(X, X)",
        statement=sp.Le(SLOPE.dot(xi) ** 2, SLOPE.dot(SLOPE) * xi.dot(xi), evaluate=False),
        source=OURS,
        claim="proved",
        proof=squares("Lagrange's identity: the difference is a square.", [(SLOPE[0] * xi[1] - SLOPE[1] * xi[0]) ** 2]),
        note="With equality for X = Σ dF(X_i) X_i. X = dφ ξ has the squared length |ξ|² in φ_* g_E.",
    ),
    Identity(
        label="sobolev.pushforward-natural",
        title="A pushforward depends on no coordinates either: the pushforward of α^* g by φ(α(x)) is φ_* g",
        statement=equation(
            (preimage(B * xi, B * A).T * A.T * _g * A * preimage(B * eta, B * A))[0], (xi.T * _g * eta)[0]
        ),
        where=(*IMMERSION, sp.Ne(A.det(), 0)),
        source=OURS,
        claim="proved",
        proof=exact,
        note="What depends on the chart is the Euclidean metric g_E, not the pushforward: α^* g_E is not g_E.",
    ),
    Identity(
        label="bai2022.eq21",
        title="(21): the pullback by φ(α(x)) is the pullback by α of the pullback by φ",
        statement=equation(
            inner(*(surface(_alpha(theta + t * one)).diff(t).subs(t, 0) for one in (xi, eta))),
            (xi.T * _turn.T * SURFACE_PULLBACK.subs(_at_image, simultaneous=True) * _turn * eta)[0],
        ),
        source=TWO + ", (21)",
        claim="proved",
        proof=exact,
        note="y = α(x): here φ is the map in the chart y and φ∘α the one in the chart x. " + FAMILY,
    ),
    Identity(
        label="bai2022.definition7",
        title="Definition 7: the flatness of (x + x²)² at 0 below ε = e², on two maximal connected sets",
        statement=equation(sp.Integral(1, (x, 0, _right_end)), sp.Integral(1, (x, _left_end, 0))),
        where=_shallow,
        source=TWO + ", Definition 7",
        claim="refuted",
        flaw="error",
        points=({"e": sp.Rational(6, 25)}, {"e": sp.Rational(1, 100)}),
        note="f(S) in the open interval leaves out the minimum itself, so on a line S lies on one side of it: (0, "
        "1/5) or (-2/5, 0) for e = 6/25, and two more such sets around the minimum -1, for nothing ties S to w_0. In "
        "more dimensions a valley of minima has the same effect, and a level bottom is not counted at all. With a "
        "closed bracket on the left the sets would contain their minima; there would still be two.",
    ),
    Identity(
        label="sobolev.flatness",
        title="Repaired: the component of {f < f(w_0) + ε} that contains w_0, here between the ends of both sets",
        statement=equation(
            sp.Integral(1, (x, _left_end, _right_end)), (sp.sqrt(1 + 4 * e) - sp.sqrt(1 - 4 * e)) / 2
        ),
        where=_shallow,
        source=OURS,
        claim="proved",
        corrects=("bai2022.definition7",),
        proof=_elementary,
        points=({"e": sp.Rational(6, 25)}, {"e": sp.Rational(1, 100)}),
        note="Connected components are unique, homeomorphisms preserve them, and two minima in one component have one "
        "flatness. It may be infinite, and is 0 for every loss where φ is nowhere an immersion.",
    ),
    Identity(
        label="bai2022.definition7.same-set",
        title="The volumes of S in the pullback metrics of φ(α(x)) and of φ, on the same S",
        statement=equation(_volume(_cubic(x), 0, p), _volume(x, 0, p)),
        where=(sp.Gt(p, 0),),
        source=TWO + ", after Definition 7",
        claim="refuted",
        flaw="slip",
        points=({"a": 1, "b": 1, "m": 2, "p": 1},),
        note="φ = (a x, b x²), α = m x + x³. (φ∘α)^* ḡ belongs to the chart in which the set is α⁻¹(S).",
    ),
    Identity(
        label="sobolev.flatness-invariant",
        title="The volume of S in the pullback metric of φ is that of α⁻¹(S) in the one of φ(α(x))",
        statement=equation(_volume(_cubic(x), p, q), _volume(x, _cubic(p), _cubic(q))),
        where=(sp.Lt(p, q),),
        source=OURS,
        claim="proved",
        corrects=("bai2022.definition7.same-set",),
        proof=_substitution(1),
        points=({"a": 1, "b": 1, "m": 2, "p": -1, "q": sp.Rational(1, 2)},),
        note="With `sobolev.volume-density` the change of variables in any dimension.",
    ),
    Identity(
        label="sobolev.flatness-reversed",
        title="The same for α = -(m x + x³), which reverses the orientation",
        statement=equation(_volume(-_cubic(x), p, q), _volume(x, -_cubic(q), -_cubic(p))),
        where=(sp.Lt(p, q),),
        source=OURS,
        claim="proved",
        proof=_substitution(-1),
        points=({"a": 1, "b": 1, "m": 2, "p": -1, "q": sp.Rational(1, 2)},),
        note="The source asks for orientation-preserving α; the volume is a density, and any diffeomorphism will do.",
    ),
    Identity(
        label="sobolev.volume-density",
        title="det α^* g = (det dα)² det g: the volume density takes the absolute value of det dα",
        statement=equation((A.T * _g * A).det(), A.det() ** 2 * _g.det()),
        source=OURS,
        claim="proved",
        proof=exact,
    ),
    Identity(
        label="bai2022.definition7.image",
        title="The volume of S in the pullback metric is that of φ(S): an arc of angle u > 2π and its circle",
        statement=equation(sp.Integral(_circle, (x, 0, u)), 2 * sp.pi * a),
        where=(sp.Gt(u, 2 * sp.pi),),
        source=TWO + ", after Definition 7",
        claim="refuted",
        flaw="hypothesis",
        points=({"a": 1, "u": 7}, {"a": 2, "u": 20}),
        note="φ(x) = a e^(ix) is an immersion. φ must be injective on S; in general the volume of S counts the points "
        "of the image as often as they are hit.",
    ),
    Identity(
        label="sobolev.volume-multiplicity",
        title="The volume of S counts the image with multiplicity: k turns of the circle",
        statement=equation(sp.Integral(_circle, (x, 0, 2 * sp.pi * k)), 2 * sp.pi * a * k),
        source=OURS,
        claim="proved",
        corrects=("bai2022.definition7.image",),
        proof=_elementary,
        points=({"a": 1, "k": 1}, {"a": 2, "k": 3}),
        note="Equal to the volume of the image iff k = 1.",
    ),
)
