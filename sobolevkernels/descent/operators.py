"""Losses from SymPy expressions: residuals of differential equations, and any loss of one value.

The expressions are differentiated symbolically and lambdified, with shared parts computed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.expressions import compiled
from sobolevkernels.descent.loss import Loss, MultiIndex, checked_data, checked_points, checked_weights, elementwise

if TYPE_CHECKING:
    import sympy as sp

Array = NDArray[Any]


def residual(
    points: ArrayLike, operator: sp.Expr | sp.Equality, unknown: sp.Expr, weights: ArrayLike | None = None
) -> Loss:
    """½ Σ w_i N(v)(x_i)², the squared residual of a differential equation N(v) = 0, linear or not.

    Boundary conditions enter as losses of their own, at their own points, or in the model.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    operator : sympy.Expr or sympy.Eq
        N(v) in the unknown, its derivatives and the variables.
    unknown : sympy.Expr
        The unknown function applied to its variables, such as `v(x)` with `v = sympy.Function("v")`.
    weights : array_like, optional
        (N,), at least 0: those of a quadrature, 1/N unless given.

    Returns
    -------
    Loss
        Its Gauss-Newton factor is the linearisation of N; the Hessian has the curvature of N too.

    Raises
    ------
    TypeError
        If `unknown` is not applied to its variables.
    ValueError
        If the operator holds other symbols or functions than the unknown and its variables, or none of them.

    Source: `somacal2025.pde-gradient`, `somacal2025.pde-hessian`.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> x, v = sp.Symbol("x"), sp.Function("v")
    >>> loss = residual([0.0, 1.0], -v(x).diff(x, 2) + v(x)**3 - x, v(x))
    >>> loss.derivatives
    ((0,), (2,))
    >>> u = np.array([[1.0, 2.0], [0.0, 0.0]])       # v and v'' at the points: N(v) is 1, 7
    >>> float(loss.value(u))
    12.5
    """
    import sympy as sp

    if not isinstance(unknown, sp.core.function.AppliedUndef):
        raise TypeError(f"unknown must be a function applied to its variables, such as v(x), got {unknown!r}")
    variables = unknown.args
    if len(set(variables)) < len(variables) or not all(isinstance(variable, sp.Symbol) for variable in variables):
        raise ValueError(f"the variables of the unknown must be distinct symbols, as in v(x, y), got {unknown}")
    x = checked_points(points)
    if x.shape[1] != len(variables):
        raise ValueError(f"points must have shape (N, {len(variables)}), a column for each variable of {unknown}, "
                         f"got {x.shape}")
    expr = operator.lhs - operator.rhs if isinstance(operator, sp.Equality) else sp.sympify(operator)
    if not isinstance(expr, sp.Expr) or expr.has(sp.Integral):
        raise TypeError(f"operator must be one differential expression or equation, got {operator!r}; for a system "
                        "give a loss for each equation")
    expr = expr.doit()
    features = _features(expr, unknown)
    if not features:
        raise ValueError(f"{unknown} does not occur in {expr}; write the operator with {unknown} and its derivatives")
    symbols = [sp.Dummy(real=True) for _ in features]
    # Higher derivatives first: they hold the unknown itself.
    plain = expr
    for (_, atom), symbol in sorted(zip(features.items(), symbols, strict=True), key=lambda pair: -sum(pair[0][0])):
        plain = plain.subs(atom, symbol)
    strange = (plain.free_symbols - {*symbols, *variables}) | plain.atoms(sp.core.function.AppliedUndef, sp.Derivative)
    if strange:
        raise ValueError(f"the operator may hold {unknown} and {', '.join(map(str, variables))} only, found "
                         f"{', '.join(sorted(map(str, strange)))}; give parameters their numbers first")
    slopes = [sp.diff(plain, symbol) for symbol in symbols]
    evaluate = compiled([plain], (*symbols, *variables))
    differentiate = compiled([plain, *slopes], (*symbols, *variables))

    @cache
    def curve() -> Any:  # only the exact Hessian needs second derivatives
        return compiled([sp.diff(slope, symbol) for slope in slopes for symbol in symbols], (*symbols, *variables))

    w = checked_weights(weights, len(x), 1)
    scale = np.sqrt(w)

    def arguments(u: Array) -> list[Array]:
        return [*np.moveaxis(u, -2, 0), *x.T]

    def linear(u: Array) -> tuple[Array, Array]:
        """N (..., N) and its derivatives in the features (..., D, N)."""
        value, *slope = _full(differentiate(*arguments(u)), u[..., 0, :].shape)
        return value, np.stack(slope, axis=-2)

    def gradient(u: Array) -> Array:
        value, slope = linear(u)
        return (w * value)[..., None, :] * slope

    def hessian(u: Array, h: Array) -> Array:
        value, slope = linear(u)
        second = np.stack(_full(curve()(*arguments(u)), value.shape), axis=-2)
        second = second.reshape(*value.shape[:-1], len(symbols), len(symbols), value.shape[-1])
        turned = (second * h[..., None, :, :]).sum(axis=-2)
        return w * (slope * (slope * h).sum(axis=-2, keepdims=True) + value[..., None, :] * turned)

    def root(u: Array, du: Array) -> Array:
        _, slope = linear(u)
        factors = scale * slope
        rows = factors[..., 0, :, None] * du[..., 0, :, :]
        for d in range(1, len(symbols)):
            rows += factors[..., d, :, None] * du[..., d, :, :]
        return rows

    def values(u: Array) -> Array:
        return _full(evaluate(*arguments(u)), u[..., 0, :].shape)[0]

    return Loss(
        x, tuple(features), 1,
        value=lambda u: (w * np.square(values(u))).sum(axis=-1) / 2,
        gradient=gradient, hessian=hessian, root=root, residual=lambda u: scale * values(u),
        name=f"residual of {expr}")


def pointwise(
    points: ArrayLike, expr: sp.Expr, unknown: sp.Symbol, data: Mapping[Any, ArrayLike] | None = None,
    weights: ArrayLike | None = None,
) -> Loss:
    """Σ w_i ρ(v(x_i)) for any convex ρ, which may depend on data at the points.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    expr : sympy.Expr
        ρ, with ρ'' > 0 in the symbol `unknown`.
    unknown : sympy.Symbol
        The value v.
    data : mapping, optional
        Symbol of `expr` -> its values, (N,).
    weights : array_like, optional
        (N,), at least 0; 1/N unless given.

    Returns
    -------
    Loss

    Raises
    ------
    ValueError
        If `expr` holds a symbol without data; or, when a Gauss-Newton step is taken, where ρ'' is negative: there
        the loss Hessian is no metric, take `metrics.l2`.

    Source: `sobolev.kullback-leibler-slope`.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> v, y = sp.symbols("v y")
    >>> poisson = pointwise([0.0, 1.0], sp.exp(v) - y*v, v, {y: [2, 5]})
    >>> poisson.gradient(np.zeros((1, 2)))
    array([[-0.5, -2. ]])
    """
    import sympy as sp

    x = checked_points(points)
    rows = {symbol: checked_data(values, len(x))[0] for symbol, values in (data or {}).items()}
    missing = expr.free_symbols - {unknown, *rows}
    if unknown in rows:
        raise ValueError(f"{unknown} is the unknown and has data too; give data for the other symbols only")
    if missing or unknown not in expr.free_symbols:
        raise ValueError(f"{expr} must hold {unknown} and symbols with data, no others; found "
                         f"{', '.join(sorted(map(str, missing))) or 'no ' + str(unknown)}")
    arguments = (unknown, *rows)
    parts = cache(lambda k: compiled([sp.diff(expr, unknown, k)], arguments))  # ρ'' only when it is asked for

    def part(k: int, v: Array) -> Array:
        return _full(parts(k)(v, *rows.values()), v.shape)[0]

    def root(v: Array) -> Array:
        curvature = part(2, v)
        if (curvature < 0).any():
            raise ValueError(f"the second derivative of {expr} in {unknown} is negative, {curvature.min():.3g}: the "
                             "loss Hessian is no metric there; take metrics.l2 instead")
        return np.sqrt(curvature)

    return elementwise(x, 1, checked_weights(weights, len(x), 1), lambda v: part(0, v), lambda v: part(1, v), root,
                       f"mean of {expr}", curvature=lambda v: part(2, v))


def _features(expr: sp.Expr, unknown: sp.Expr) -> dict[MultiIndex, sp.Expr]:
    """Multi-index -> the derivative of the unknown, for those in the expression, in ascending order."""
    import sympy as sp

    found: dict[MultiIndex, sp.Expr] = {}
    for atom in expr.atoms(sp.Derivative):
        if atom.expr == unknown:
            counts = {variable: int(count) for variable, count in atom.variable_count}
            found[tuple(counts.get(variable, 0) for variable in unknown.args)] = atom
    without = expr.xreplace({atom: sp.Dummy() for atom in found.values()})
    if without.has(unknown):
        found[(0,) * len(unknown.args)] = unknown
    return dict(sorted(found.items(), key=lambda item: (sum(item[0]), tuple(-k for k in item[0]))))


def _full(values: list[Any], shape: tuple[int, ...]) -> list[Array]:
    """Constants of the expressions as arrays."""
    return [np.broadcast_to(value, shape) for value in values]
