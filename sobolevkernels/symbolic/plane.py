"""The loss and the metric of bai2022, Appendix F, at two points of the plane.

The loss enters only through its gradient p and the Hessian averaged along the segment from x to y = x + v:
f(y) = f(x) + p·v + ½ vᵀHv with H = 2∫(1-t) ∇²f(x+tv) dt, so a quadratic f is as general as any. H ≤ L is
written H = L - RRᵀ with a triangular R (Cholesky), so that no condition is left over. C g ≥ 1 is a condition on
the minors of C g - 1, strict in the first one to divide by it; the inequalities extend to C g ≥ 1 by continuity.
Where that is shorter, the free vector is n = ∇^g f, and p = g n.
"""

from __future__ import annotations

import sympy as sp

PLANE = "Stated for n = 2 with general matrices; in n dimensions the squares are the norms of the same vectors."

C, L = sp.symbols("C L", positive=True)
a, d = sp.symbols("a d", positive=True)
b, r1, r2, r3 = sp.symbols("b r1:4", real=True)
x = sp.Matrix(sp.symbols("x1:3", real=True))
y = sp.Matrix(sp.symbols("y1:3", real=True))
v = sp.Matrix(sp.symbols("v1:3", real=True))
p = sp.Matrix(sp.symbols("p1:3", real=True))
n = sp.Matrix(sp.symbols("n1:3", real=True))
METRIC = sp.Matrix([[a, b], [b, d]])
POSITIVE = (sp.Gt(a * d, b**2),)
R = sp.Matrix([[r1, 0], [r2, r3]])
HESSIAN = L * sp.eye(2) - R * R.T
NATURAL = METRIC.inv() * p  # ∇^g f
EXCESS = C * METRIC - sp.eye(2)
COMPATIBLE = (sp.Gt(C * a, 1), sp.Ge((C * a - 1) * (C * d - 1), C**2 * b**2))
MINORS = (C * a - 1, (C * a - 1) * (C * d - 1) - C**2 * b**2)


def inner(metric: sp.Matrix, one: sp.Matrix, other: sp.Matrix) -> sp.Expr:
    """⟨one, other⟩ in a metric."""
    return (one.T * metric * other)[0]


def norm2(vector: sp.Matrix, metric: sp.Matrix | None = None) -> sp.Expr:
    """The squared norm, Euclidean unless a metric is given."""
    return inner(sp.eye(2) if metric is None else metric, vector, vector)


def model(along: sp.Matrix) -> sp.Expr:
    """What Definition 12 minimises: ⟨∇^g f, y-x⟩_g + CL/2 ‖y-x‖²_g, by (47)."""
    return p.dot(along) + C * L / 2 * norm2(along, METRIC)


def change(along: sp.Matrix, slope: sp.Matrix = p) -> sp.Expr:
    """f(y) - f(x)."""
    return slope.dot(along) + norm2(along, HESSIAN) / 2


def slack_of(along: sp.Matrix) -> list[sp.Expr]:
    """By how much (46) is not an equality: ½|Rᵀv|²."""
    return [(R.T * along)[i] ** 2 / 2 for i in range(2)]


def spare_of(along: sp.Matrix) -> list[sp.Expr]:
    """By how much (49), times L/2, is not an equality."""
    return [L / 2 * term for term in squares_of(EXCESS, along)]


def squares_of(metric: sp.Matrix, vector: sp.Matrix) -> list[sp.Expr]:
    """‖vector‖² in a general metric of the plane, as two squares with non-negative factors."""
    (aa, bb), (_, dd) = metric.tolist()
    return [(aa * vector[0] + bb * vector[1]) ** 2 / aa, (aa * dd - bb**2) * vector[1] ** 2 / aa]
