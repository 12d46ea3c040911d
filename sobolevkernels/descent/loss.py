"""What a loss is: a function of the values and derivatives of a function at points.

A loss knows nothing of parameters. It takes the *features* u of a function v: the values of the derivatives D^α v,
α in `derivatives`, at the points, as an array (..., D, R) with R = N rows, or N·m with the m outputs of a point
beside each other. Its gradient there is a covector: the derivative of the loss in each feature, to be paired
with the features of a tangent function. `root` and `residual` are the least-squares form of its quadratic model:
the Gauss-Newton Hessian is rootᵀroot and the gradient rootᵀresidual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.kernels import validation

Array = NDArray[Any]
MultiIndex = tuple[int, ...]

#: Largest slope/root of a row of the least-squares form: above it half of the digits of the other rows are lost.
STEEPEST = 1e8


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss at points: its value, gradient and Hessian in function space, and its least-squares form.

    Attributes
    ----------
    points : ndarray
        (N, dim).
    derivatives : tuple of multi-indices
        The features that the loss sees; ((0,),) are the values, in dimension 1.
    outputs : int
        Of the functions that it takes.
    value : callable
        Features (..., D, R) -> loss (...).
    gradient : callable
        Features -> derivative in each feature, (..., D, R).
    hessian : callable
        (features, direction (..., D, R)) -> the second derivative applied to the direction, (..., D, R).
    root : callable
        (features, directions (..., D, R, k)) -> rows (..., S, k), the factor of the Gauss-Newton Hessian.
    residual : callable
        Features -> (..., S), such that the gradient is rootᵀ residual.
    """

    points: Array = field(repr=False)
    derivatives: tuple[MultiIndex, ...]
    outputs: int
    value: Callable[[Array], Array] = field(repr=False)
    gradient: Callable[[Array], Array] = field(repr=False)
    hessian: Callable[[Array, Array], Array] = field(repr=False)
    root: Callable[[Array, Array], Array] = field(repr=False)
    residual: Callable[[Array], Array] = field(repr=False)
    name: str = "loss"


def elementwise(
    x: Array, outputs: int, w: Array, value: Callable[[Array], Array], slope: Callable[[Array], Array],
    root: Callable[[Array], Array], name: str, curvature: Callable[[Array], Array] | None = None,
) -> Loss:
    """Σ w ρ(v) from ρ, ρ' and √ρ''; ρ'' is the square of that unless it is given, because it may be negative."""
    scale = np.sqrt(w)

    def weighted(part: Array) -> Array:
        """w · part, and 0 where there is no weight, whatever the part is."""
        return np.multiply(w, part, out=np.zeros_like(part), where=w > 0)

    def residual(u: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            above, below = slope(u[..., 0, :]), root(u[..., 0, :])
            # Beyond 1e8 the rounding of such a row would drown the others: let the solve start from the gradient.
            rest = np.where(np.abs(above) <= STEEPEST * below, above / below, np.inf)
        return np.multiply(scale, rest, out=np.zeros_like(rest), where=scale > 0)

    return Loss(
        x, (zero_index(x),), outputs,
        value=lambda u: weighted(value(u[..., 0, :])).sum(axis=-1),
        gradient=lambda u: weighted(slope(u[..., 0, :]))[..., None, :],
        hessian=lambda u, h: w * (np.square(root(u)) if curvature is None else curvature(u)) * h,
        root=lambda u, du: (scale * root(u[..., 0, :]))[..., None] * du[..., 0, :, :],
        residual=residual, name=name)


def stacked(du: Array) -> Array:
    """(..., D, R, k) as rows (..., D·R, k)."""
    return du.reshape(*du.shape[:-3], du.shape[-3] * du.shape[-2], du.shape[-1])


def checked_points(points: ArrayLike) -> Array:
    array = validation.real_array(points, "points")
    checked = validation.points(array, 1 if array.ndim < 2 else array.shape[-1], "points")
    if not len(checked):
        raise ValueError("a loss or metric needs at least one point, got none")
    return np.array(checked, dtype=float)  # a copy: what the caller does to the array later is not seen


def checked_data(data: ArrayLike, count: int) -> tuple[Array, int]:
    """Rows of the data, and the number of outputs."""
    y = np.asarray(validation.real_array(data, "data"), dtype=float)
    if y.ndim not in (1, 2) or len(y) != count:
        raise ValueError(f"data must have shape ({count},) or ({count}, m), one row for each point, got {y.shape}")
    if not np.isfinite(y).all():
        raise ValueError("data must be finite; leave out the points where a value is missing")
    return y.flatten(), 1 if y.ndim == 1 else y.shape[1]


def checked_weights(weights: ArrayLike | None, count: int, outputs: int) -> Array:
    """One weight for each row, the same for all outputs of a point."""
    w = np.full(count, 1 / count) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != (count,):
        raise ValueError(f"weights must have shape ({count},), one for each point, got {w.shape}")
    if not ((w >= 0) & np.isfinite(w)).all():
        raise ValueError(f"weights must be finite and at least 0, got {w.min()}; "
                         "otherwise the metric that they make is not positive semidefinite")
    return np.repeat(w, outputs)


def zero_index(x: Array) -> MultiIndex:
    return (0,) * x.shape[1]
