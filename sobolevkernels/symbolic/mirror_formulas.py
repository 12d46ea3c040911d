"""The formulas of the mirror maps, each typed once: a potential, and what inverts its gradient.

Gradients and Hessians are derivatives of the potential, taken here. The inverse gradient and the
conjugate are typed; the records of `mirror` show that they belong to the potential. In a map that
couples its coordinates, one or two of them are written out and c collects all others: a derivative
treats them as constant, so that nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from sobolevkernels.symbolic.function_module import Function, function_module

x, y = sp.symbols("x y", positive=True)
z, w = sp.symbols("z w", real=True)
below = sp.Symbol("z", negative=True)
r = sp.Symbol("r", real=True)
a, m, k = sp.symbols("a m k", positive=True)
c = sp.Symbol("c", nonnegative=True)
p = sp.Symbol("p", positive=True)
ell = sp.Symbol("ell", real=True)

#: Terms of the series S(r) = Σ r^(2k)/(2k+3) that are printed: for |r| ≤ 1/3 the rest is below 2^-54 of the sum.
TERMS = 16


@dataclass(frozen=True)
class Formulas:
    """One coordinate of a mirror map.

    Parameters
    ----------
    potential : sympy.Expr
        In the symbol `primal`.
    inverse, conjugate : sympy.Expr
        The inverse of the gradient, and the Fenchel conjugate, in the symbol `dual`.
    """

    potential: sp.Expr
    inverse: sp.Expr
    conjugate: sp.Expr
    primal: sp.Symbol = x
    dual: sp.Symbol = z

    @cached_property
    def gradient(self) -> sp.Expr:
        """The derivative of the potential."""
        return sp.diff(self.potential, self.primal)

    @cached_property
    def hessian(self) -> sp.Expr:
        """The second derivative of the potential."""
        return sp.diff(self.potential, self.primal, 2)

    @cached_property
    def conjugate_hessian(self) -> sp.Expr:
        """The second derivative of the conjugate."""
        return sp.diff(self.conjugate, self.dual, 2)


QUADRATIC = Formulas(a * z**2 / 2, w / a, w**2 / (2 * a), primal=z, dual=w)
ENTROPY = Formulas(x * sp.log(x), sp.exp(z - 1), sp.exp(z - 1))
BURG = Formulas(-sp.log(x), -1 / below, -1 - sp.log(-below), dual=below)
#: ½‖x‖_p² in one positive coordinate, c being the sum of |x_j|^p over all others, and its conjugate ½‖z‖_q².
P_NORM = Formulas((x**p + c) ** (2 / p) / 2, y ** (p / (p - 1) - 1) * (y ** (p / (p - 1)) + c) ** (1 - 2 / p),
                  (y ** (p / (p - 1)) + c) ** (2 - 2 / p) / 2, dual=y)
#: The conjugate of the entropy on the simplex in one coordinate, c being the sum of e^(z_j) over all others.
LOG_SUM_EXP = sp.log(sp.exp(z) + c)
#: The same with two coordinates written out.
LOG_SUM_EXP_PAIR = sp.log(sp.exp(z) + sp.exp(w) + c)
P_NORM_PAIR = (x**p + y**p + c) ** (2 / p) / 2

#: The exponential family of N(m, v): natural parameters (m/v, -1/(2v)) and means of x and x².
NATURAL = (sp.Symbol("theta1", real=True), sp.Symbol("theta2", negative=True))
MEAN = (sp.Symbol("mu1", real=True), sp.Symbol("mu2", positive=True))
LOG_PARTITION = -(NATURAL[0] ** 2) / (4 * NATURAL[1]) - sp.log(-2 * NATURAL[1]) / 2 + sp.log(2 * sp.pi) / 2
_variance = MEAN[1] - MEAN[0] ** 2
NATURAL_OF_MEAN = (MEAN[0] / _variance, -1 / (2 * _variance))
NEGATIVE_ENTROPY = -sp.log(_variance) / 2 - (1 + sp.log(2 * sp.pi)) / 2

_SEPARABLE = {
    "quadratic": QUADRATIC,
    "entropy": ENTROPY,
    "simplex": Formulas(ENTROPY.potential, sp.exp(z) / (sp.exp(z) + c), LOG_SUM_EXP),
    "burg": BURG,
}


def bregman(potential: sp.Expr, at: sp.Symbol, there: sp.Expr, here: sp.Expr) -> sp.Expr:
    """V(there, here) = φ(there) - φ(here) - φ'(here)(there - here), of a potential in the symbol `at`.

    Source: `sobolev.mirror-bregman-entropy`.

    Examples
    --------
    >>> u = sp.Symbol("u")
    >>> sp.factor(bregman(u**2 / 2, u, y, x))
    (x - y)**2/2
    """
    slope = sp.diff(potential, at).subs(at, here)
    return potential.subs(at, there) - potential.subs(at, here) - slope * (there - here)


def series(r: sp.Expr, first: sp.Expr, end: sp.Expr) -> sp.Expr:
    """The terms from k = first to end-1 of (atanh r - r)/r³ = Σ r^(2k)/(2k+3).

    Source: `sobolev.mirror-series`.
    """
    index = sp.Symbol("k", integer=True, nonnegative=True)
    return sp.Sum(r ** (2 * index) / (2 * index + 3), (index, first, end - 1))


def entropy_divergence(x: sp.Expr, y: sp.Expr, ell: sp.Expr) -> sp.Expr:
    """V(y, x) of x log x, where ell = log(y/x).

    Source: `sobolev.mirror-bregman-entropy`.
    """
    return y * ell - y + x


def burg_divergence(x: sp.Expr, y: sp.Expr, ell: sp.Expr) -> sp.Expr:
    """V(y, x) of -log x, where ell = log(y/x).

    Source: `sobolev.mirror-bregman-burg`.
    """
    return y / x - 1 - ell


def entropy_factor(r: sp.Expr, series: sp.Expr) -> sp.Expr:
    """V(y, x) (x+y)/(y-x)² of x log x, where r = (y-x)/(y+x).

    Source: `sobolev.mirror-bregman-entropy-near`.
    """
    return 1 + (1 + r) * r * series


def burg_factor(r: sp.Expr, series: sp.Expr) -> sp.Expr:
    """V(y, x) x(x+y)/(y-x)² of -log x, where r = (y-x)/(y+x).

    Source: `sobolev.mirror-bregman-burg-near`.
    """
    return 1 - (1 - r) * r * series


def _by_norm(expr: sp.Expr) -> sp.Expr:
    """A derivative of the p-norm map by the coordinates and a = ‖x‖_p."""
    for call in expr.atoms(sp.Pow):
        if call.base.is_Add:
            expr = expr.xreplace({call: a ** (p * call.exp)})
    return sp.powsimp(sp.expand(expr))


def _relative(expr: sp.Expr) -> sp.Expr:
    """The same by the relative sizes m = |x|/a, k = |y|/a of coordinates, each power standing once."""
    expr = sp.powsimp(sp.expand_power_base(sp.expand(_by_norm(expr).subs({x: m * a, y: k * a}))))
    return sp.collect(expr, [power for power in expr.atoms(sp.Pow) if p in power.exp.free_symbols])


def expressions(key: str, **parameters: Any) -> dict[str, sp.Expr]:
    """Potential, gradient, inverse gradient and conjugate of a map of the catalogue.

    Parameters
    ----------
    key : str
        The map: `quadratic`, `entropy`, `simplex`, `burg`, `p_norm`, `log_det`, `gaussian` or `sobolev`.
    euclidean, p, symbol
        Whether the matrix is the identity; the exponent; the symbol: of the maps that have one.

    Source: `sobolev.mirror-entropy-gradient`, `sobolev.mirror-gaussian-mean`, `sobolev.mirror-log-det-gradient`.

    Examples
    --------
    >>> expressions("entropy")["gradient"]
    log(x) + 1
    """
    if key in _SEPARABLE:
        formulas = _SEPARABLE[key]
        parts = formulas.potential, formulas.gradient, formulas.inverse, formulas.conjugate
        if parameters.get("euclidean"):
            parts = tuple(part.subs(a, 1) for part in parts)
    elif key == "p_norm":
        exponent = sp.nsimplify(parameters["p"], rational=True)
        parts = tuple(sp.simplify(part.subs(p, exponent)) for part in (
            P_NORM.potential, P_NORM.gradient, P_NORM.inverse, P_NORM.conjugate))
    elif key == "gaussian":
        mean = sp.Tuple(*(sp.diff(LOG_PARTITION, theta) for theta in NATURAL))
        parts = LOG_PARTITION, mean, sp.Tuple(*NATURAL_OF_MEAN), NEGATIVE_ENTROPY
    elif key == "log_det":
        size = sp.Symbol("n", integer=True, positive=True)
        X, Z = sp.MatrixSymbol("X", size, size), sp.MatrixSymbol("Z", size, size)
        parts = -sp.log(sp.Determinant(X)), -X.I, -Z.I, -size - sp.log(sp.Determinant(-Z))
    elif key == "sobolev":
        symbol, (f, g) = parameters["symbol"], sp.symbols("f g")
        parts = symbol * sp.Abs(f) ** 2 / 2, symbol * f, g / symbol, sp.Abs(g) ** 2 / (2 * symbol)
    else:
        raise TypeError("a mirror map of functions has no formula; ask one of the catalogue, such as sk.mirror.burg()")
    return dict(zip(("potential", "gradient", "inverse_gradient", "conjugate"), parts, strict=True))


def functions() -> tuple[Function, ...]:
    """What `evaluation/mirror_maps.py` holds."""
    printed = [
        Function(f"{name}_{part}", (getattr(formulas, side),), getattr(formulas, part), title,
                 f"sobolev.mirror-{name}-{label}")
        for name, formulas in (("entropy", ENTROPY), ("burg", BURG))
        for part, side, label, title in (
            ("potential", "primal", "gradient", "The potential φ of one coordinate."),
            ("gradient", "primal", "gradient", "φ', the mirror map of one coordinate."),
            ("hessian", "primal", "hessian", "φ'' of one coordinate."),
            ("inverse", "dual", "inverse", "The inverse of φ'."),
            ("conjugate", "dual", "conjugate", "The Fenchel conjugate φ* of one coordinate."),
            ("conjugate_hessian", "dual", "hessian", "φ*'' of one coordinate."))
    ]
    square = sp.Symbol("q", nonnegative=True)
    head, tail = (sp.horner(part.doit().subs(r, sp.sqrt(square))) for part in (
        series(r, sp.Integer(0), sp.Integer(8)), sp.expand(series(r, sp.Integer(8), sp.Integer(TERMS)).doit() / r**16)))
    first, pair = sp.diff(P_NORM.potential, x), sp.diff(P_NORM_PAIR, x, y)
    return (
        *printed,
        Function("entropy_divergence", (x, y, ell), entropy_divergence(x, y, ell),
                 "V(y, x) of one coordinate, where ell = log(y/x).", "sobolev.mirror-bregman-entropy"),
        Function("burg_divergence", (x, y, ell), burg_divergence(x, y, ell),
                 "V(y, x) of one coordinate, where ell = log(y/x).", "sobolev.mirror-bregman-burg"),
        Function("series_head", (square,), head, "Eight terms of (atanh r - r)/r³, where q = r².",
                 "sobolev.mirror-series"),
        Function("series_tail", (square,), tail, "The next eight, divided by r^16.", "sobolev.mirror-series"),
        Function("entropy_factor", (r, ell), entropy_factor(r, ell),
                 "V(y, x) (x+y)/(y-x)² of one coordinate; r = (y-x)/(y+x), ell = series(r).",
                 "sobolev.mirror-bregman-entropy-near"),
        Function("burg_factor", (r, ell), burg_factor(r, ell),
                 "V(y, x) x(x+y)/(y-x)² of one coordinate; r = (y-x)/(y+x), ell = series(r).",
                 "sobolev.mirror-bregman-burg-near"),
        Function("p_norm_gradient", (m, a, p), _relative(first),
                 "∂/∂x of ½‖x‖_p² for x = m a > 0, where a = ‖x‖_p.", "sobolev.mirror-p-norm-gradient"),
        Function("p_norm_gradient_powers", (x, a, p), _by_norm(first),
                 "The same, where x/a may underflow.", "sobolev.mirror-p-norm-gradient"),
        Function("p_norm_stretch", (m, p), _relative(sp.diff(first, x)) - _relative(pair).subs(k, m),
                 "What ∂²/∂x² of ½‖x‖_p² has beyond ∂²/∂x∂y at y = x, for x = m ‖x‖_p > 0.",
                 "sobolev.mirror-p-norm-hessian-diagonal"),
        Function("p_norm_coupling", (m, k, p), _relative(pair),
                 "∂²/∂x∂y of ½‖x‖_p² for x = m ‖x‖_p and y = k ‖x‖_p, both positive.",
                 "sobolev.mirror-p-norm-hessian"),
    )


def mirror_maps_module() -> str:
    """The exact text of `sobolevkernels/evaluation/mirror_maps.py`."""
    return function_module("Mirror maps, coordinate by coordinate.", "symbolic/mirror_formulas.py", functions())
