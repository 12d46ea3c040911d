"""Metrics on functions, seen through values and derivatives at points.

A metric turns the features of tangent functions (see `losses`) into rows whose Euclidean inner products are the
inner products of the functions: a factor of the pullback metric G = BᵀB, B = root · J. The matrix of a metric is
never inverted: where the gradient of a loss is a covector on the same features, `coroot` gives the right side b
with rootᵀ b = c, and the natural gradient is the least-squares solution of B d = b.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.loss import Loss, MultiIndex, checked_points, checked_weights
from sobolevkernels.descent.losses import least_squares, sobolev_weights
from sobolevkernels.descent.losses import sobolev as sobolev_loss
from sobolevkernels.kernels.euclidean import SobolevKernel
from sobolevkernels.kernels.periodic import PeriodicSobolevKernel
from sobolevkernels.multipliers import FourierMultiplier

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Part:
    """What a metric does at one set of points.

    Attributes
    ----------
    points, derivatives, root
        As for `Loss`.
    coroot : callable or None
        Covectors (..., D, R) -> rows b with rootᵀ b = c; None if not every covector is one.
    outputs : int
        Of the functions that it sees.
    """

    points: Array = field(repr=False)
    derivatives: tuple[MultiIndex, ...]
    root: Callable[[Array, Array], Array] = field(repr=False)
    coroot: Callable[[Array], Array] | None = field(repr=False)
    outputs: int = 1


@dataclass(frozen=True, eq=False)
class Metric:
    """An inner product of functions, possibly depending on where it is taken.

    Made by `l2`, `sobolev`, `kernel`, `fourier`, `loss_hessian` and `euclidean`.
    """

    name: str
    parts: tuple[Part | Loss, ...] = field(default=(), repr=False)

    @property
    def is_euclidean(self) -> bool:
        """Whether it is that of the parameters and sees no functions."""
        return not self.parts


def euclidean() -> Metric:
    """The metric Σ dθ_i² of the parameters: its natural gradient is the gradient.

    It depends on coordinates; with it the steps of this package are those of gradient descent.

    Source: `sobolev.euclidean-flow-not-invariant`.

    Examples
    --------
    >>> euclidean()
    Metric(name='Euclidean')
    """
    return Metric("Euclidean")


def l2(points: ArrayLike, weights: ArrayLike | None = None, outputs: int = 1) -> Metric:
    """Σ_i w_i v(x_i)²: the L² metric by a quadrature, or the empirical one.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    weights : array_like, optional
        (N,), at least 0; 1/N unless given.
    outputs : int
        Of the functions; their squares are added.

    Raises
    ------
    ValueError
        If a weight is negative, or shapes do not fit.

    Source: `bai2022.eq2`.

    Examples
    --------
    >>> l2([0.0, 0.5, 1.0], weights=[0.25, 0.5, 0.25])
    Metric(name='L2')
    """
    x = checked_points(points)
    scale = np.sqrt(checked_weights(weights, len(x), outputs))
    flat = least_squares(x, np.zeros((len(x), outputs)) if outputs > 1 else np.zeros(len(x)), weights)
    return Metric("L2", (Part(x, flat.derivatives, flat.root, lambda c: _divided(c[..., 0, :], scale),
                              outputs),))


def sobolev(points: ArrayLike, order: int, kappa: float = 1.0, weights: ArrayLike | None = None) -> Metric:
    """The metric of H^t by derivatives, Σ_i w_i Σ_α c_α |D^α v(x_i)|², for an integer t.

    Parameters
    ----------
    points : array_like
        (N, dim), or (N,) in dimension 1.
    order : int
        t, at least 0.
    kappa : float
        κ > 0, an inverse length: the weight is (κ² + |ξ|²)^t.
    weights : array_like, optional
        (N,), at least 0; 1/N unless given.

    Source: `sobolev.weight-by-derivatives`.

    Examples
    --------
    >>> sobolev([0.0, 1.0], order=2).parts[0].derivatives
    ((0,), (1,), (2,))
    """
    x = checked_points(points)
    coefficients = sobolev_weights(x.shape[1], order, kappa)
    flat = sobolev_loss(x, np.zeros((len(coefficients), len(x))), order, kappa, weights)
    scale = np.sqrt(np.array(list(coefficients.values()))[:, None] * checked_weights(weights, len(x), 1))

    def coroot(c: Array) -> Array:
        return _divided(c, scale).reshape(*c.shape[:-2], -1)

    return Metric(f"H^{order}", (Part(x, flat.derivatives, flat.root, coroot),))


def kernel(kernel: Callable[[Array], Array], points: ArrayLike, nugget: float = 0.0, outputs: int = 1) -> Metric:
    """The kernel metric vᵀ K⁻¹ v of the values at the points: the squared norm of their interpolant.

    For a reproducing kernel that is the norm of the projection of v on the span of K(x_i, ·), hence at most the
    norm of v. K is factored once, K = CCᵀ, in place; its inverse is not formed.

    Parameters
    ----------
    kernel : callable
        Points (N, dim) -> Gram matrix (N, N): a `SobolevKernel`, or any positive definite kernel.
    points : array_like
        (N, dim), or (N,) in dimension 1; distinct.
    nugget : float
        Added to the diagonal of K, relative to its largest entry.
    outputs : int
        Of the functions; the metric of each is added.

    Raises
    ------
    ValueError
        If K is not positive definite to working precision: points coincide, or lie too close for the smoothness
        of the kernel. Give a nugget, such as 1e-10, or take a kernel of lower order.

    Source: `bai2022.eq22`, `sobolev.kernel-metric-least-squares`.

    Examples
    --------
    >>> from sobolevkernels import SobolevKernel
    >>> kernel(SobolevKernel(dim=1, order=1), [0.0, 0.5, 2.0])
    Metric(name='kernel')
    """
    from scipy.linalg import lapack, solve_triangular

    x = checked_points(points)
    gram = np.asarray(kernel(x))
    if gram.shape != (len(x), len(x)):
        raise ValueError(f"the kernel must return a matrix of shape ({len(x)}, {len(x)}), got {gram.shape}")
    if not 0 <= nugget < np.inf:
        raise ValueError(f"nugget must be finite and at least 0, got {nugget!r}")
    probe = np.random.default_rng(0).standard_normal(len(x))  # symmetry costs two products, no second matrix
    if not np.allclose(gram @ probe, probe @ gram, rtol=0, atol=1e-8 * np.abs(gram.diagonal()).max() * len(x)):
        raise ValueError("the Gram matrix of the kernel must be finite and symmetric; take (K + K.T)/2")
    # Kernels of this library return a new matrix, which may be overwritten; another callable may keep its own.
    fresh = isinstance(kernel, SobolevKernel | PeriodicSobolevKernel) and gram.flags.c_contiguous
    gram = gram.T if fresh else np.array(gram, dtype=float, order="F")
    gram.flat[::len(x) + 1] += nugget * gram.diagonal().max()  # the largest entry of a positive definite matrix
    largest = gram.diagonal().max()
    factor, failed = lapack.dpotrf(gram, lower=1, clean=0, overwrite_a=1)
    # What is left of a point whose section depends on the others is rounding, of either sign.
    if failed or np.square(factor.diagonal()).min() <= len(x) * np.finfo(float).eps * largest:
        raise ValueError(
            "the Gram matrix of the kernel is not positive definite to working precision: "
            "points coincide or lie too close for a kernel so smooth; give a nugget such as 1e-10, thin out the "
            "points, or take a lower order")

    def columns(operate: Callable[[Array], Array], rows: Array) -> Array:
        """Apply to the axis of points of (..., N·outputs, k)."""
        lead, k = rows.shape[:-2], rows.shape[-1]
        first = np.moveaxis(rows.reshape(*lead, len(x), outputs, k), -3, 0)
        done = operate(first.reshape(len(x), -1)).reshape(first.shape)
        return np.moveaxis(done, 0, -3).reshape(rows.shape)

    def root(u: Array, du: Array) -> Array:
        return columns(lambda b: solve_triangular(factor, b, lower=True, check_finite=False), du[..., 0, :, :])

    def coroot(c: Array) -> Array:
        from scipy.linalg.blas import dtrmm

        return columns(lambda b: dtrmm(1.0, factor, b, lower=1, trans_a=1), c[..., 0, :, None])[..., 0]

    return Metric("kernel", (Part(x, ((0,) * x.shape[1],), root, coroot, outputs),))


def fourier(
    multiplier: FourierMultiplier, points: ArrayLike, shape: Sequence[int], spacing: float | Sequence[float]
) -> Metric:
    """⟨v, Mv⟩ in L² of the torus, for a Fourier multiplier M and functions seen on a periodic grid.

    Parameters
    ----------
    multiplier : FourierMultiplier
        Where its symbol vanishes the metric is singular, and the solve says so.
    points : array_like
        (N, dim): the points of the grid in the order of `numpy.ndindex(*shape)`.
    shape : sequence of int
        Of the grid; N is the product.
    spacing : float or sequence of float
        Distance of the grid points, one number or one for each axis.

    Raises
    ------
    TypeError
        If `multiplier` is not one.
    ValueError
        If the number of points is not that of the grid.

    Source: `jo2026.identical-updates.precise`.

    Examples
    --------
    >>> import numpy as np
    >>> from sobolevkernels import sobolev_multiplier
    >>> fourier(sobolev_multiplier(order=1), np.arange(8) / 8, (8,), 1 / 8)
    Metric(name='Fourier')
    """
    if not isinstance(multiplier, FourierMultiplier):
        raise TypeError(f"multiplier must be a FourierMultiplier such as sk.sobolev_multiplier(1), got {multiplier!r}")
    x = checked_points(points)
    grid = tuple(np.atleast_1d(shape).tolist())
    if len(x) != np.prod(grid) or len(grid) != x.shape[1]:
        raise ValueError(f"points must hold the grid of shape {grid}, one row for each of its {np.prod(grid)} points "
                         f"and {len(grid)} columns, got {x.shape}")
    steps = np.broadcast_to(np.asarray(spacing, dtype=float), (len(grid),)).tolist()
    offsets = np.stack([h * k.ravel() for h, k in zip(steps, np.indices(grid), strict=True)], axis=1)
    if not np.allclose(x - x[0], offsets, rtol=0, atol=1e-6 * min(steps)):
        raise ValueError(f"points must be those of the grid {grid} with spacing {steps}, the last variable fastest; "
                         'take np.meshgrid(..., indexing="ij")')
    half, volume = multiplier ** 0.5, float(np.prod(steps))
    invertible = bool((half.on_grid(grid, steps) > 0).all())

    def act(operate: Callable[..., Any], rows: Array, scale: float) -> Array:
        """Apply to the axis of points of (..., N, k)."""
        fields = np.moveaxis(rows, -1, -2).reshape(*rows.shape[:-2], rows.shape[-1], *grid)
        done = operate(fields, steps).reshape(*rows.shape[:-2], rows.shape[-1], len(x))
        return scale * np.moveaxis(done, -2, -1)

    return Metric("Fourier", (Part(
        x, ((0,) * x.shape[1],),
        root=lambda u, du: act(half.apply, du[..., 0, :, :], volume**0.5),
        coroot=(lambda c: act(half.solve, c[..., 0, :, None], volume**-0.5)[..., 0]) if invertible else None),))


def loss_hessian(*losses: Loss) -> Metric:
    """The Gauss-Newton Hessian of losses at the current function; for likelihoods, the Fisher metric.

    Parameters
    ----------
    *losses : Loss
        All those of the objective, for a Gauss-Newton step.

    Source: `somacal2025.linear-newton`.

    Examples
    --------
    >>> from sobolevkernels import losses
    >>> loss_hessian(losses.least_squares([0.0, 1.0], [1.0, 3.0]))
    Metric(name='loss Hessian')
    """
    if not losses or not all(isinstance(loss, Loss) for loss in losses):
        raise TypeError("loss_hessian takes one or more losses, such as sk.losses.least_squares(x, y)")
    return Metric("loss Hessian", losses)


def _divided(c: Array, scale: Array) -> Array:
    """c/scale, and 0 where both vanish; infinite where only the scale does."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(c == 0, 0.0, c / scale)
