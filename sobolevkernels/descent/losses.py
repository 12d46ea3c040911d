"""The catalogue of losses.

Each takes its points first and is a `Loss`: value, gradient and Hessian in function space, and the least-squares
form of its quadratic model. Weights are those of a quadrature, or 1/N, the empirical mean.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import comb, factorial, prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.jets import multi_indices
from sobolevkernels.descent.loss import (
    STEEPEST,
    Loss,
    MultiIndex,
    checked_data,
    checked_points,
    checked_weights,
    elementwise,
    stacked,
    zero_index,
)
from sobolevkernels.descent.operators import pointwise, residual
from sobolevkernels.evaluation import loss_functions
from sobolevkernels.kernels import validation

__all__ = ["Loss", "cross_entropy", "kullback_leibler", "least_squares", "pointwise", "residual", "sobolev"]

Array = NDArray[Any]


def least_squares(points: ArrayLike, data: ArrayLike, weights: ArrayLike | None = None) -> Loss:
    """½ Σ w_i (v(x_i) - y_i)², or ½ rᵀWr with a matrix of weights.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    data : array_like
        y, (N,), or (N, m) for m outputs.
    weights : array_like, optional
        w, (N,), at least 0: those of a quadrature for an integral, 1/N (the empirical mean) unless given; or a
        symmetric positive definite W, (R, R).

    Returns
    -------
    Loss

    Raises
    ------
    ValueError
        If shapes do not fit, a weight is negative, or W is not positive definite.

    Source: `somacal2025.natural-step`.

    Examples
    --------
    >>> import numpy as np
    >>> loss = least_squares([0.0, 1.0], [1.0, 3.0])
    >>> u = np.array([[2.0, 3.0]])                   # the values of v, one feature
    >>> float(loss.value(u)), loss.gradient(u)
    (0.25, array([[0.5, 0. ]]))
    """
    x = checked_points(points)
    y, outputs = checked_data(data, len(x))
    given = None if weights is None else np.array(weights, dtype=float)
    if given is not None and given.ndim == 2:
        weight, root = _symmetric(given, y.size)
    else:
        diagonal = checked_weights(given, len(x), outputs)
        weight, root = _diagonal(diagonal), _diagonal(np.sqrt(diagonal))

    def misfit(u: Array) -> Array:
        return u[..., 0, :] - y

    return Loss(
        x, (zero_index(x),), outputs,
        value=lambda u: (misfit(u) * _apply(weight, misfit(u))).sum(axis=-1) / 2,
        gradient=lambda u: _apply(weight, misfit(u))[..., None, :],
        hessian=lambda u, h: _apply(weight, h[..., 0, :])[..., None, :],
        root=lambda u, du: root(du[..., 0, :, :]),
        residual=lambda u: _apply(root, misfit(u)),
        name="least squares")


def sobolev(
    points: ArrayLike, target: ArrayLike, order: int, kappa: float = 1.0, weights: ArrayLike | None = None
) -> Loss:
    """½ |v - u|² in H^t by derivatives: ½ Σ_i w_i Σ_α c_α |D^α (v - u)(x_i)|², from the weight (κ² + |ξ|²)^t.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    target : array_like
        (D, N): the derivatives of u in the order of `sobolev_weights(dim, order)`.
    order : int
        t, a non-negative integer.
    kappa : float
        κ > 0, an inverse length.
    weights : array_like, optional
        (N,), at least 0; 1/N unless given.

    Returns
    -------
    Loss

    Raises
    ------
    ValueError
        If shapes do not fit, or a weight is negative.

    Source: `sobolev.weight-by-derivatives`.

    Examples
    --------
    >>> import numpy as np
    >>> loss = sobolev([0.0, 0.5], [[0.0, 0.0], [1.0, 1.0]], order=1)
    >>> float(loss.value(np.zeros((2, 2))))          # ½ the mean of 0² + 1²
    0.5
    """
    x = checked_points(points)
    coefficients = sobolev_weights(x.shape[1], order, kappa)
    derivatives = tuple(coefficients)
    y = validation.real_array(target, "target")
    if y.shape != (len(derivatives), len(x)):
        raise ValueError(f"target must have shape ({len(derivatives)}, {len(x)}), a row for each of {derivatives}, "
                         f"got {y.shape}")
    c = np.array(list(coefficients.values()))[:, None] * checked_weights(weights, len(x), 1)
    root = np.sqrt(c)
    return Loss(
        x, derivatives, 1,
        value=lambda u: (c * np.square(u - y)).sum(axis=(-2, -1)) / 2,
        gradient=lambda u: c * (u - y),
        hessian=lambda u, h: c * h,
        root=lambda u, du: stacked(root[..., None] * du),
        residual=lambda u: (root * (u - y)).reshape(*u.shape[:-2], -1),
        name=f"H^{order}")


def kullback_leibler(points: ArrayLike, density: ArrayLike, weights: ArrayLike | None = None) -> Loss:
    """Σ w_i (v log(v/u) - v + u)(x_i): the Kullback-Leibler divergence of v > 0 from a density u > 0.

    For two densities of mass 1 that is ∫ v log(v/u). Its Hessian is 1/v: the Fisher metric.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    density : array_like
        u, (N,), positive.
    weights : array_like, optional
        (N,), at least 0, those of a quadrature; 1/N unless given.

    Returns
    -------
    Loss
        Infinite where v is not positive, so that a descent stops there or a line search turns back.

    Raises
    ------
    ValueError
        If shapes do not fit, `density` is not positive, or a weight is negative.

    Source: `sobolev.kullback-leibler-slope`, `sobolev.kullback-leibler-curvature`.

    Examples
    --------
    >>> import numpy as np
    >>> loss = kullback_leibler([0.0, 1.0], [1.0, 1.0])
    >>> float(loss.value(np.array([[1.0, 1.0]]))), loss.gradient(np.array([[np.e, 1.0]]))
    (0.0, array([[0.5, 0. ]]))
    """
    x = checked_points(points)
    u, outputs = checked_data(density, len(x))
    if not (u > 0).all():
        raise ValueError(f"density must be positive, got {u.min()}; leave out the points where it vanishes")

    def positive(part: Callable[[Array, Array], Array]) -> Callable[[Array], Array]:
        def of(v: Array) -> Array:
            good = v > 0
            return np.where(good, part(np.where(good, v, 1.0), u), np.inf)
        return of

    return elementwise(
        x, outputs, checked_weights(weights, len(x), outputs), positive(loss_functions.kullback_leibler_value),
        positive(loss_functions.kullback_leibler_slope), positive(loss_functions.kullback_leibler_root),
        "Kullback-Leibler")


def cross_entropy(points: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None) -> Loss:
    """Cross-entropy of a classifier: sigmoid of one logit v, or softmax of m of them.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    labels : array_like
        (N,): the probability of the class 1, mostly 0 or 1; or (N, m): probabilities of m classes.
    weights : array_like, optional
        (N,), at least 0; 1/N unless given.

    Returns
    -------
    Loss
        Of functions with one output, or with m; they are logits: the sigmoid or softmax belongs to the loss.

    Raises
    ------
    ValueError
        If a label is not in [0, 1], or those of a point do not add up to 1.

    Source: `sobolev.cross-entropy-slope`, `sobolev.cross-entropy-curvature`, `sobolev.softmax-curvature`.

    Examples
    --------
    >>> import numpy as np
    >>> loss = cross_entropy([[0.0, 0.0], [0.0, 1.0]], [0, 1])
    >>> f"{loss.value(np.zeros((1, 2))):.4f}", loss.gradient(np.zeros((1, 2)))
    ('0.6931', array([[ 0.25, -0.25]]))
    """
    x = checked_points(points)
    y, outputs = checked_data(labels, len(x))
    if not ((y >= 0) & (y <= 1)).all():
        raise ValueError(f"labels must be probabilities in [0, 1], got {y.min()} to {y.max()}")
    w = checked_weights(weights, len(x), 1)
    if outputs > 1:
        return _softmax(x, y.reshape(len(x), outputs), w)
    return elementwise(
        x, 1, w, partial(loss_functions.cross_entropy_value, y=y), partial(loss_functions.cross_entropy_slope, y=y),
        partial(loss_functions.cross_entropy_root, y=y), "cross-entropy")


def sobolev_weights(dim: int, order: int, kappa: float = 1.0) -> dict[MultiIndex, float]:
    """Multi-indices α with c_α > 0 of Σ_α c_α |D^α v|², the inner product of the weight (κ² + |ξ|²)^t.

    Source: `sobolev.weight-by-derivatives`.

    Examples
    --------
    >>> sobolev_weights(1, 2)
    {(0,): 1.0, (1,): 2.0, (2,): 1.0}
    >>> sobolev_weights(2, 1, kappa=3.0)
    {(0, 0): 9.0, (1, 0): 1.0, (0, 1): 1.0}
    """
    if order != int(order) or order < 0:
        raise ValueError(f"an order by derivatives is an integer at least 0, got {order!r}; "
                         "use metrics.fourier with sobolev_multiplier for another one")
    order, square = int(order), float(validation.positive(kappa, "kappa")) ** 2
    return {alpha: comb(order, sum(alpha)) * factorial(sum(alpha)) / prod(map(factorial, alpha))
            * square ** (order - sum(alpha)) for alpha in multi_indices(dim, order)}


# --- parts --------------------------------------------------------------------------------------


def _softmax(x: Array, y: Array, w: Array) -> Loss:
    classes = y.shape[1]
    if not np.allclose(y.sum(axis=1), 1, rtol=0, atol=1e-6):
        raise ValueError("the labels of each point must add up to 1; for one logit give labels of shape (N,)")
    w = w[:, None]

    def logarithms(u: Array) -> Array:
        z = u[..., 0, :].reshape(*u.shape[:-2], *y.shape)
        z = z - z.max(axis=-1, keepdims=True)
        return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

    def curved(u: Array, rows: Array) -> tuple[Array, Array]:
        """p, and the rows less their mean under p; rows are (..., N, m, k)."""
        p = np.exp(logarithms(u))
        return p, rows - (p[..., None] * rows).sum(axis=-2, keepdims=True)

    def hessian(u: Array, h: Array) -> Array:
        p, rest = curved(u, h[..., 0, :].reshape(*h.shape[:-2], *y.shape, 1))
        return (w * p * rest[..., 0]).reshape(h.shape)

    def root(u: Array, du: Array) -> Array:
        p, rest = curved(u, du[..., 0, :, :].reshape(*du.shape[:-3], *y.shape, du.shape[-1]))
        return (np.sqrt(w * p)[..., None] * rest).reshape(*du.shape[:-3], y.size, du.shape[-1])

    def residual(u: Array) -> Array:
        p = np.exp(logarithms(u))
        # The factor is singular along (1, …, 1), to which p - y is orthogonal.
        root = np.sqrt(p)
        steep = np.abs(p - y) > STEEPEST * root
        rest = np.where(steep, np.inf, (p - y) / np.where(root > 0, root, 1.0))
        return np.multiply(np.sqrt(w), rest, out=np.zeros_like(rest), where=w > 0).reshape(*u.shape[:-2], y.size)

    return Loss(
        x, (zero_index(x),), classes,
        value=lambda u: -(w * y * logarithms(u)).sum(axis=(-2, -1)),
        gradient=lambda u: (w * (np.exp(logarithms(u)) - y)).reshape(u.shape),
        hessian=hessian, root=root, residual=residual, name="cross-entropy")


def _apply(operator: Callable[[Array], Array], row: Array) -> Array:
    return operator(row[..., None])[..., 0]


def _diagonal(weights: Array) -> Callable[[Array], Array]:
    return lambda rows: weights[:, None] * rows


def _symmetric(matrix: Array, rows: int) -> tuple[Callable[[Array], Array], Callable[[Array], Array]]:
    """W and a factor C with CᵀC = W, as operators on rows."""
    if matrix.shape != (rows, rows):
        raise ValueError(f"weights must have shape ({rows},) or ({rows}, {rows}), got {matrix.shape}")
    if not np.allclose(matrix, matrix.T, rtol=1e-12, atol=0):
        raise ValueError("a matrix of weights must be symmetric; take (W + W.T)/2")
    try:
        factor = np.linalg.cholesky(matrix).T
    except np.linalg.LinAlgError:
        raise ValueError("a matrix of weights must be positive definite; its smallest eigenvalue is "
                         f"{np.linalg.eigvalsh(matrix)[0]:.3g}") from None
    return (lambda rows: matrix @ rows), (lambda rows: factor @ rows)
