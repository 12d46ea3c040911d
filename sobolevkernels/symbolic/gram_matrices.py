"""A model with two parameters near one point: Gram matrices and projections in a small function space.

Functions are written in an orthonormal basis of V, here of dimension three. A step depends on the model through its
Jacobian J at the iterate, whose columns are ∂A/∂θ_i; the entries are free symbols, so that the model is generic. The
projection onto the tangent space is taken from its normal vector, which knows nothing of Gram matrices. Where an
equation between functions is tested on a free function c, all of its components are proved at once.
"""

from __future__ import annotations

import sympy as sp

SPACE = "For every model with two parameters; V has dimension three, and the equation is tested on a free function c."

J = sp.Matrix(3, 2, sp.symbols("j1:7", real=True))
c = sp.Matrix(sp.symbols("c1:4", real=True))
g = sp.Matrix(sp.symbols("g1:4", real=True))
_a, _d = sp.symbols("a d", positive=True)
#: A Jacobian after a rotation of the basis of V: its first two functions span the tangent space (Gram-Schmidt).
FRAME = sp.Matrix([[_a, sp.Symbol("b", real=True)], [0, _d], [0, 0]])
#: The Jacobian at the iterate before, in the same basis.
BEFORE = sp.Matrix(3, 2, sp.symbols("h1:7", real=True))
#: The inner product of a loss ½‖u-v‖²_K; positive definite on the tangent space of `FRAME`.
K = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"k{min(i, j) + 1}{max(i, j) + 1}", real=True))
DEFINITE = (sp.Gt(K[0, 0], 0), sp.Gt(K[0, 0] * K[1, 1], K[0, 1] ** 2))


def solve(matrix: sp.Matrix, vector: sp.Matrix) -> sp.Matrix:
    """matrix^(-1) vector by Cramer's rule, for two unknowns."""
    return matrix.adjugate() * vector / matrix.det()


def natural(jacobian: sp.Matrix, function: sp.Matrix, weight: sp.Matrix | None = None) -> sp.Matrix:
    """G^(-1) ∫ ∂A w dx, the parameters of the projection of w; G and the integral in the inner product of `weight`."""
    against = jacobian.T if weight is None else jacobian.T * weight
    return solve(against * jacobian, against * function)


def normal(jacobian: sp.Matrix) -> sp.Matrix:
    """A vector orthogonal to the tangent space."""
    return jacobian[:, 0].cross(jacobian[:, 1])


def projected(function: sp.Matrix, jacobian: sp.Matrix) -> sp.Matrix:
    """The orthogonal projection onto the tangent space, by its normal vector."""
    out = normal(jacobian)
    return function - out * out.dot(function) / out.dot(out)


#: The columns of J are independent.
REGULAR = (sp.Gt(normal(J).dot(normal(J)), 0),)
