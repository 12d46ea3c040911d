"""A surface in a space of functions: its tangent plane, the pullback metric, the orthogonal projection.

Two tangent vectors b_1, b_2 and a gradient n = ∇F span at most three dimensions of the function space, so three
coordinates are enough, and they can be chosen orthogonal: ⟨u, v⟩ = Σ w_i u_i v_i, functions on three points with the
weights w. Keeping the weights keeps the gradient n apart from the differential dF = (w_i n_i). b_1 and b_2 are
independent; after renumbering the coordinates that says b_11 b_22 ≠ b_12 b_21. Where the surface is needed and not
only its tangent plane it is a polynomial map with free coefficients, and so is the loss.
"""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp
from sympy.core.relational import Relational
from sympy.polys.rings import PolyElement, PolyRing

from sobolevkernels.symbolic.proofs import gaussian_value, sides

GENERAL = (
    "In three orthogonal coordinates, which is general for two parameters: the tangent vectors and the gradient span "
    "no more."
)
FAMILY = "For a family of polynomial maps and losses; for unknown functions see derivation 13."

w = sp.symbols("w1:4", positive=True)
n = sp.Matrix(sp.symbols("n1:4", real=True))  # ∇F
v = sp.Matrix(sp.symbols("v1:4", real=True))
xi = sp.Matrix(sp.symbols("xi1:3", real=True))
eta = sp.Matrix(sp.symbols("eta1:3", real=True))
B = sp.Matrix(3, 2, sp.symbols("b11 b12 b21 b22 b31 b32", real=True))  # dφ; its columns are ∂φ/∂θ^i
METRIC = sp.diag(*w)
IMMERSION = (sp.Ne(B[0, 0] * B[1, 1], B[0, 1] * B[1, 0]),)


def general(*symbols: Iterable[sp.Symbol]) -> tuple[dict[str, sp.Rational], ...]:
    """Four points in general position for these symbols: where there are twenty symbols, sampling more is slow."""
    names = sorted((symbol for group in symbols for symbol in group), key=str)
    number = lambda row, column: sp.Rational((7 * column**2 + 5 * row + 3 * row * column) % 23 * 2 - 23, 2 + row)
    return tuple(
        {symbol.name: abs(number(row, column)) if symbol.is_positive else number(row, column)
         for column, symbol in enumerate(names)} for row in range(4)
    )


def inner(one: sp.Matrix, other: sp.Matrix) -> sp.Expr:
    """⟨one, other⟩ in the function space."""
    return (one.T * METRIC * other)[0]


def inverse(matrix: sp.Matrix) -> sp.Matrix:
    """The inverse of a 2 × 2 matrix by Cramer's rule, which is short."""
    return matrix.adjugate() / matrix.det()


PULLBACK = B.T * METRIC * B  # g̃
SLOPE = B.T * METRIC * n  # ∂F̃/∂θ^i
NATURAL = inverse(PULLBACK) * SLOPE  # ∇F̃, (4)


def pseudoinverse(vector: sp.Matrix) -> sp.Matrix:
    """The components in b_1, b_2 of the projection of a vector: g̃^(ij) ⟨vector, b_i⟩."""
    return inverse(PULLBACK) * B.T * METRIC * vector


def project(vector: sp.Matrix) -> sp.Matrix:
    """(3): P vector = g̃^(ij) ⟨vector, b_i⟩ b_j."""
    return B * pseudoinverse(vector)


def preimage(vector: sp.Matrix, differential: sp.Matrix = B) -> sp.Matrix:
    """(dφ)⁻¹ of a tangent vector, which its first two coordinates determine."""
    return inverse(differential[:2, :]) * vector[:2, :]


_first = B[:, 0]
_second = B[:, 1] - B[:, 0] * inner(B[:, 0], B[:, 1]) / inner(B[:, 0], B[:, 0])


def orthogonal_sum(one: sp.Matrix, other: sp.Matrix) -> sp.Expr:
    """Σ_i ⟨one, h_i⟩ ⟨h_i, other⟩ with h_1, h_2 from b_1, b_2 by Gram-Schmidt: ⟨P one, other⟩ without g̃."""
    return sp.Add(*(inner(one, h) * inner(h, other) / inner(h, h) for h in (_first, _second)))


def unit(row: int) -> sp.Matrix:
    """The function d_x of the point x = row, so that ⟨d_x, f⟩ = f(x)."""
    return sp.Matrix(3, 1, lambda k, _: 1 / w[k] if k == row else 0)


# --- a surface and a loss that are not linear ---------------------------------------------------

theta = sp.Matrix(sp.symbols("theta1:3", real=True))
t = sp.Symbol("t", real=True)
_c1, _c2 = sp.symbols("c1:3", real=True)
_f1, _f2, _f3 = sp.symbols("f1:4", real=True)


def surface(at: sp.Matrix) -> sp.Matrix:
    """φ(θ): curved in two of the three coordinates."""
    return sp.Matrix([at[0], at[1] + _c1 * at[0] ** 2, _c2 * at[0] * at[1]])


def loss(at: sp.Matrix) -> sp.Expr:
    """F(u), neither linear nor convex."""
    return _f1 * at[0] + _f2 * at[1] ** 2 + _f3 * at[0] * at[2]


TANGENT = surface(theta).jacobian(theta)  # dφ, which is injective because of its first two rows
LOSS_GRADIENT = sp.Matrix([sp.diff(loss(v), v[k]) / w[k] for k in range(3)]).subs(dict(zip(v, surface(theta),
                                                                                           strict=True)))
SURFACE_PULLBACK = TANGENT.T * METRIC * TANGENT
COMPOSITION_SLOPE = sp.Matrix([sp.Derivative(loss(surface(theta)), parameter) for parameter in theta])


def along(expr: sp.Expr) -> sp.Expr:
    """The derivative by t at t = 0, unevaluated."""
    return sp.Subs(sp.Derivative(expr, t), t, 0)


# --- the proof ----------------------------------------------------------------------------------


def exact(statement: Relational) -> Iterable[sp.Expr]:
    """Derivatives are taken, Gaussian integrals have exact values; with a letter for each exponential both sides are
    rational functions with equal cross products."""
    left, right = (gaussian_value(side.doit(integrals=False)) for side in sides(statement))
    return [cross_product(lettered(left - right))]


def lettered(expr: sp.Expr) -> sp.Expr:
    """A letter for e^(m/4) of each monomial m in an exponent, for √π, and for the roots that are left."""
    letters: dict[sp.Expr, sp.Symbol] = {}

    def letter(of: sp.Expr) -> sp.Symbol:
        return letters.setdefault(of, sp.Symbol(f"letter{len(letters)}", positive=True))

    def exponential(exponent: sp.Expr) -> sp.Expr:
        parts = (term.as_coeff_Mul() for term in sp.Add.make_args(sp.expand(exponent)))
        return sp.Mul(*(letter(sp.exp(monomial / 4)) ** (4 * factor) for factor, monomial in parts))

    return (
        expr.replace(sp.exp, exponential)
        .subs(sp.pi, letter(sp.sqrt(sp.pi)) ** 2)
        .replace(lambda part: part.is_Pow and part.exp.is_Rational and not part.exp.is_Integer,
                 lambda part: letter(part.base ** sp.Rational(1, part.exp.q)) ** part.exp.p)
    )


def cross_product(expr: sp.Expr) -> sp.Expr:
    """The numerator of a rational expression over the product of all denominators, expanded: 0 iff it is 0.

    Nothing is cancelled on the way, in a ring of sparse polynomials: that is what makes it fast.
    """
    ring = PolyRing(sorted(expr.free_symbols, key=str), sp.QQ)

    def fraction(part: sp.Expr) -> tuple[PolyElement, PolyElement]:
        if part.is_Add:
            over: dict[PolyElement, PolyElement] = {}
            for term in part.args:
                top, bottom = fraction(term)
                over[bottom] = over.get(bottom, ring.zero) + top
            (bottom, top), *rest = over.items()
            for other, more in rest:
                top, bottom = top * other + more * bottom, bottom * other
            return top, bottom
        if part.is_Mul:
            top = bottom = ring.one
            for factor in part.args:
                above, below = fraction(factor)
                top, bottom = top * above, bottom * below
            return top, bottom
        if part.is_Pow and part.exp.is_Integer:
            top, bottom = fraction(part.base)
            power = int(part.exp)
            return (top**power, bottom**power) if power > 0 else (bottom**-power, top**-power)
        return ring.from_expr(part), ring.one

    return fraction(expr)[0].as_expr()
