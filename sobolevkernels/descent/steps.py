"""Update rules: pure functions from a state and a gradient to the next state.

The step size is the learning rate η > 0 throughout: a mirror step minimises
⟨g, y⟩ + V_x(y)/η, where others write α = 1/η before the divergence. Gradients of
losses of fields are L² gradients, the derivative of the discretised loss divided
by the volume of a cell, so that a step size means the same on every grid.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.kernels.validation import real_array
from sobolevkernels.mirror import MirrorMap
from sobolevkernels.multipliers import FourierMultiplier


def gradient_step(x: ArrayLike, gradient: ArrayLike, step: ArrayLike) -> NDArray[np.floating]:
    """x - η g: steepest descent in the metric that the gradient belongs to.

    Parameters
    ----------
    x, gradient : array_like
        State and gradient, of one shape.
    step : float or array_like
        η > 0; an array holds one for each run and broadcasts against the state.

    Returns
    -------
    ndarray
        Shaped like `x`.

    Raises
    ------
    ValueError
        If the shapes differ or a step is not positive and finite.

    Examples
    --------
    >>> gradient_step([1.0, 2.0], [1.0, 0.0], step=0.5)
    array([0.5, 2. ])
    """
    x, gradient, step = _checked(x, gradient, step)
    return x - step * gradient


def mirror_step(x: ArrayLike, gradient: ArrayLike, mirror: MirrorMap, step: ArrayLike) -> NDArray[np.floating]:
    """∇φ*(∇φ(x) - η g): the minimiser of ⟨g, y⟩ + V_x(y)/η, V the Bregman divergence of φ.

    Parameters
    ----------
    x, gradient : array_like
        State inside the domain of φ, and the gradient there.
    mirror : MirrorMap
        φ, from `sobolevkernels.mirror`.
    step : float or array_like
        η > 0; it broadcasts against the state.

    Returns
    -------
    ndarray
        Shaped like `x`, and again inside the domain.

    Raises
    ------
    ValueError
        If `x` is outside of the domain, or the step leaves the range of ∇φ, where no minimiser
        exists (the logarithmic barriers): take a smaller step.

    Source: `sobolev.mirror-step`.

    Examples
    --------
    >>> import numpy as np
    >>> from sobolevkernels import mirror
    >>> mirror_step([0.5, 0.5], [np.log(3), 0.0], mirror.entropy(domain="simplex"), step=1.0)
    array([0.25, 0.75])
    """
    if not isinstance(mirror, MirrorMap):
        raise TypeError(f"mirror must be a MirrorMap such as sk.mirror.entropy(), got {mirror!r}")
    x, gradient, step = _checked(x, gradient, step)
    return mirror.inverse_gradient(mirror.gradient(x) - step * gradient)


def spectral_step(
    f: ArrayLike, gradient: ArrayLike, multiplier: FourierMultiplier, step: ArrayLike,
    spacing: float | Sequence[float],
) -> NDArray[np.floating]:
    """f - η M⁻¹ g, the Spectral Natural Gradient: the metric is a Fourier multiplier, its inverse two FFTs.

    Parameters
    ----------
    f, gradient : array_like
        A real field on a uniform periodic grid, and the L² gradient of its loss.
    multiplier : FourierMultiplier
        The symbol of the metric.
    step : float or array_like
        η > 0; an array holds one for each field of a batch and broadcasts.
    spacing : float or sequence of float
        Distance of grid points: one number, every axis is spatial; or one for each trailing axis.

    Returns
    -------
    ndarray
        Shaped like `f`.

    Raises
    ------
    ValueError
        If the shapes differ, or the symbol vanishes at a mode: there the metric has no inverse.

    Source: `jo2026.identical-updates.precise`.

    Examples
    --------
    >>> import numpy as np
    >>> from sobolevkernels import sobolev_multiplier
    >>> x = np.arange(8) * 2 * np.pi / 8
    >>> f = spectral_step(np.zeros(8), -np.cos(x), sobolev_multiplier(order=1), step=1.0, spacing=2 * np.pi / 8)
    >>> bool(np.allclose(f, np.cos(x) / 2))
    True
    """
    if not isinstance(multiplier, FourierMultiplier):
        raise TypeError(f"multiplier must be a FourierMultiplier such as sk.sobolev_multiplier(1), got {multiplier!r}")
    f, gradient, step = _checked(f, gradient, step)
    return multiplier.solve(gradient, spacing, scale=-step, plus=f)


def _checked(
    x: ArrayLike, gradient: ArrayLike, step: ArrayLike
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.floating]]:
    """State and gradient of one shape and floating type, and a positive step of that type."""
    x, gradient = real_array(x, "state"), real_array(gradient, "gradient")
    if x.shape != gradient.shape:
        raise ValueError(f"state and gradient must have one shape, got {x.shape} and {gradient.shape}")
    kind = np.result_type(x, gradient)
    rate = np.asarray(step, dtype=kind)
    if not ((rate > 0) & np.isfinite(rate)).all():
        raise ValueError(f"a step size must be positive and finite in {kind}, got {step!r}")
    try:
        fits = np.broadcast_shapes(rate.shape, x.shape) == x.shape
    except ValueError:
        fits = False
    if not fits:
        raise ValueError(f"step of shape {rate.shape} must broadcast against the state of shape {x.shape}; "
                         "insert axes of length 1 behind the batch axes")
    return x.astype(kind, copy=False), gradient.astype(kind, copy=False), rate
