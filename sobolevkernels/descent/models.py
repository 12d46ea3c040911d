"""Models of SymPy expressions and of functions of yours. Networks are in `networks`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sobolevkernels.descent.expressions import Basis, compiled, derivative, expressions, symbols
from sobolevkernels.descent.model import Array, Derivatives, Model
from sobolevkernels.descent.networks import network, ridge
from sobolevkernels.kernels.validation import real_array

__all__ = ["Model", "expression", "given", "linear", "network", "quadratic_manifold", "ridge"]


def linear(basis: Sequence[Any], variables: Any) -> Model:
    """Σ_i θ_i φ_i(x).

    Parameters
    ----------
    basis : sequence of sympy.Expr
        The functions φ_i; each may be a sequence of m expressions, for m outputs.
    variables : sympy.Symbol or sequence of them
        The coordinates of x.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> v = linear([sp.sin(x), sp.cos(x)], x)
    >>> v, v([1.0, 2.0], np.array([0.0]), derivative=1)
    (Model(linear in 2 functions, 2 parameters), array([1.]))
    """
    functions = Basis(basis, variables)
    p = len(functions.entries)

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian: Array | None) -> None:
        in_place = jacobian is not None and theta.ndim == 1
        phi = functions(x, alphas, out=jacobian if in_place else None)
        if features is not None:
            features[...] = (theta @ phi.reshape(p, -1)).reshape(features.shape)
        if jacobian is not None and not in_place:
            jacobian[...] = phi

    return Model(p, functions.dim, functions.outputs, f"linear in {_count(p)}", evaluate)


def quadratic_manifold(basis: Sequence[Any], linear: ArrayLike, quadratic: ArrayLike, variables: Any) -> Model:
    """Σ_i θ_i (Bφ)_i + ½ Σ_ij θ_i θ_j Q_ij·φ: a manifold of second degree in the span of the q functions φ.

    Parameters
    ----------
    basis : sequence of sympy.Expr
        The functions φ, as for `linear`.
    linear : array_like of shape (p, q)
        B.
    quadratic : array_like of shape (p, p, q)
        Q; only its part that is symmetric in i and j matters.
    variables : sympy.Symbol or sequence of them
        The coordinates of x.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> v = quadratic_manifold([1, x], linear=[[1, 0]], quadratic=[[[0, 2]]], variables=x)  # θ + θ² x
    >>> v([3.0], np.array([0.0, 1.0])), v.jacobian([3.0], np.array([0.0, 1.0]))
    (array([ 3., 12.]), array([[1.],
           [7.]]))
    """
    functions = Basis(basis, variables)
    q = len(functions.entries)
    B, Q = (np.asarray(real_array(array, name), dtype=np.float64)
            for array, name in ((linear, "linear"), (quadratic, "quadratic")))
    p = len(B) if B.ndim else 0
    if B.shape != (p, q) or Q.shape != (p, p, q):
        raise ValueError(f"linear must have shape (p, {q}) and quadratic (p, p, {q}) for {_count(q)}, got {B.shape} "
                         f"and {Q.shape}")
    symmetric = (Q + Q.swapaxes(0, 1)) / 2

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian: Array | None) -> None:
        phi = functions(x, alphas).reshape(q, -1)
        bent = np.einsum("...j,ijq->...iq", theta, symmetric)
        if features is not None:
            coefficients = np.einsum("...i,...iq->...q", theta, B + bent / 2)
            features[...] = (coefficients @ phi).reshape(features.shape)
        if jacobian is not None:
            jacobian[...] = ((B + bent) @ phi).reshape(jacobian.shape)

    return Model(p, functions.dim, functions.outputs, f"quadratic manifold in {_count(q)}", evaluate)


def expression(expr: Any, parameters: Any, variables: Any) -> Model:
    """Any formula v(θ, x).

    It is differentiated by SymPy and compiled when derivatives are first asked for; v and its Jacobian are computed
    together and share their common subexpressions.

    Parameters
    ----------
    expr : sympy.Expr, or a sequence of them for several outputs
    parameters, variables : sympy.Symbol or sequence of them
        θ, which may be empty, and the coordinates of x.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> a, b, x = sp.symbols("a b x")
    >>> v = expression(a * sp.exp(-b * x), (a, b), x)
    >>> v.jacobian([2.0, 1.0], np.array([0.5, 1.0])).round(8)
    array([[ 0.60653066, -0.60653066],
           [ 0.36787944, -0.73575888]])
    """
    thetas, xs = symbols(parameters, "parameters"), symbols(variables, "variables")
    if shared := set(thetas) & set(xs):
        raise ValueError(f"{sorted(map(str, shared))} cannot be a parameter and a variable")
    exprs = expressions(expr, "expr", (*thetas, *xs))

    @lru_cache(maxsize=64)
    def function(alphas: Derivatives, values: bool, slopes: bool) -> Callable[..., list[Any]]:
        rows = [derivative(e, xs, alpha) for alpha in alphas for e in exprs]
        return compiled([*rows * values, *[derivative(row, (a,), (1,)) for a in thetas for row in rows] * slopes],
                        (*thetas, *xs))

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian: Array | None) -> None:
        entries = iter(function(alphas, features is not None, jacobian is not None)(
            *(theta[..., i, None] for i in range(len(thetas))), *x.T))
        if features is not None:
            for d, o in product(range(len(alphas)), range(len(exprs))):
                features[..., d, :, o] = next(entries)
        if jacobian is not None:
            for i, d, o in product(range(len(thetas)), range(len(alphas)), range(len(exprs))):
                jacobian[..., i, d, :, o] = next(entries)

    text = str(exprs[0]) if len(exprs) == 1 else f"({', '.join(map(str, exprs))})"
    return Model(len(thetas), len(xs), len(exprs), text if len(text) < 60 else "expression", evaluate)


def given(value: Callable[..., ArrayLike], jacobian: Callable[..., ArrayLike], parameters: int, dim: int,
          outputs: int = 1, vectorized: bool = False) -> Model:
    """A model made of two functions of yours, such as those of JAX or PyTorch. It has no derivatives in x.

    Parameters
    ----------
    value : callable
        value(theta, x) is v_θ at the points x (N, dim), of shape (N,), or (N, m) for m > 1 outputs.
    jacobian : callable
        jacobian(theta, x) is ∂v_θ/∂θ, of shape (N, p) or (N, m, p).
    parameters, dim, outputs : int
        p, the dimension of the points, and m.
    vectorized : bool
        Whether the functions accept leading axes of θ, and return them; if not, they are called for one θ after the
        other.

    Raises
    ------
    ValueError
        When the model is used: if a shape is not as stated, or a derivative in x is asked for.

    Examples
    --------
    >>> import numpy as np
    >>> v = given(lambda theta, x: theta[0] * x[:, 0], lambda theta, x: x, parameters=1, dim=1)
    >>> v([[2.0], [3.0]], np.array([1.0, 10.0]))
    array([[ 2., 20.],
           [ 3., 30.]])
    """
    for role, function in (("value", value), ("jacobian", jacobian)):
        if not callable(function):
            raise TypeError(f"{role} must be callable, got {function!r} of type {type(function).__name__}")
    p, n, m = (_positive(number, name) for number, name in (
        (parameters, "parameters"), (dim, "dim"), (outputs, "outputs")))

    def call(role: str, function: Callable[..., ArrayLike], theta: Array, x: Array, last: tuple[int, ...]) -> Array:
        shape = (len(x), *((m,) if m > 1 else ()), *last)
        batch = theta.shape[:-1]
        if vectorized or not batch:
            result = np.asarray(function(theta, x), dtype=np.float64)
        else:
            many = [np.asarray(function(row, x), dtype=np.float64) for row in theta.reshape(-1, p)]
            result = np.stack(many).reshape(*batch, *many[0].shape)
        if result.shape != (*batch, *shape):
            raise ValueError(f"{role}(theta, x) must have shape {(*batch, *shape)}, got {result.shape}")
        return result.reshape(*batch, len(x), m, *last)

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian_: Array | None) -> None:
        if any(map(any, alphas)):
            raise ValueError(f"a model that is given by its value and Jacobian has no derivatives in x, got {alphas}; "
                             "use expression or network, or a loss without derivatives")
        if features is not None:
            features[...] = call("value", value, theta, x, ())[..., None, :, :]
        if jacobian_ is not None:
            slopes = call("jacobian", jacobian, theta, x, (p,))
            jacobian_[...] = np.moveaxis(slopes, -1, theta.ndim - 1)[..., None, :, :]

    return Model(p, n, m, "given functions", evaluate)


def _count(number: int) -> str:
    return f"{number} function{'s' * (number != 1)}"


def _positive(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return int(value)
