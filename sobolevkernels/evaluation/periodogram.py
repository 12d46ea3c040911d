"""The spectral density of a stationary field, estimated from samples on a periodic grid.

A stationary field on the torus T has the covariance c(h) = (1/|T|) Σ S(ξ_k) e^(iξ_k h). The averaged
periodogram P_k = (cell/N) · mean |f̂_k|² is unbiased for S(ξ_k) and as noisy as it has few samples;
it is shrunk towards a smooth target.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import fourier_grid
from sobolevkernels.evaluation.fourier_grid import Array, Grid

#: Shells in which the target averages, for each doubling of |ξ|.
PER_OCTAVE = 4


def estimate(samples: NDArray[Any], grid: Grid, shrinkage: float | None, centre: bool, target: Array | None
             ) -> tuple[Array, int, float]:
    """The shrunk periodogram of samples (count, *shape), their number, and the share of the target.

    Raises
    ------
    ValueError
        If there are too few samples, they are not finite, or the share is not between 0 and 1.
    """
    if len(samples) <= centre:
        raise ValueError(f"{len(samples)} samples are too few: one at least, or two if their mean is subtracted")
    if not np.isfinite(samples).all():
        raise ValueError("samples must be finite; remove or repair those with NaN or infinity")
    values, freedom = periodogram(samples, grid, centre)
    aim = radial_average(values, grid) if target is None else target
    share = weight_of_target(values, aim, grid, freedom) if shrinkage is None else float(shrinkage)
    if not 0 <= share <= 1:
        raise ValueError(f"shrinkage must lie between 0 (the periodogram) and 1 (the target), got {shrinkage!r}")
    return (1 - share) * values + share * aim, len(samples), share


def periodogram(samples: NDArray[Any], grid: Grid, centre: bool) -> tuple[Array, int]:
    """The averaged periodogram on the half spectrum, and how many independent samples went into it.

    Parameters
    ----------
    samples : ndarray
        (count, *shape).
    grid : Grid
    centre : bool
        Whether the mean of the samples is subtracted, which costs one of them.

    Source: `sobolev.grid-parseval`.
    """
    mean = samples.mean(axis=0, dtype=np.float64) if centre else 0.0
    total = np.zeros(grid.half_shape)
    for sample in samples:  # one by one: no second copy of all of them
        spectrum = fourier_grid.forward(np.asarray(sample - mean, dtype=np.float64), grid)
        total += spectrum.real**2 + spectrum.imag**2
    freedom = len(samples) - centre
    return total * (grid.cell / (grid.size * freedom)), freedom


def radial_average(values: Array, grid: Grid) -> Array:
    """The mean over shells of |ξ|, linear in between on doubly logarithmic axes; 0 where a shell holds zeros only.

    Shells are as wide as the distance of two modes, and from there on a quarter of an octave.
    """
    first, *others = (axis * axis for axis in _axes(grid))
    widest = max(2 * np.pi / (n * h) for n, h in zip(grid.shape, grid.spacing, strict=True))
    radius = np.sqrt(sum(others, first)) / widest
    place = np.log2(1 + radius) * PER_OCTAVE
    shell = np.where(radius < PER_OCTAVE, np.rint(radius), np.floor(place) + PER_OCTAVE).astype(np.intp).reshape(-1)
    weights = np.broadcast_to(grid.multiplicity(), values.shape).reshape(-1)
    count = np.bincount(shell, weights)
    full = count > 0
    average = np.bincount(shell, weights * values.reshape(-1))[full] / count[full]
    centre = np.bincount(shell, weights * place.reshape(-1))[full] / count[full]
    positive = average > 0
    if not positive.any():
        return np.zeros_like(values)
    smooth = np.exp(np.interp(place.reshape(-1), centre[positive], np.log(average[positive])))
    empty = np.zeros(len(count), dtype=bool)
    empty[np.flatnonzero(full)[~positive]] = True
    return np.where(empty[shell], 0.0, smooth).reshape(values.shape)


def _axes(grid: Grid) -> list[Array]:
    return [axis.reshape([-1 if j == i else 1 for j in range(grid.dim)])
            for i, axis in enumerate(grid.frequencies())]


def weight_of_target(values: Array, target: Array, grid: Grid, freedom: int) -> float:
    """The share λ of the target in (1-λ) P + λ T that minimises the estimated relative squared error.

    A periodogram of ν samples has the relative variance v/ν, v = 1 for a pair of modes ±ξ and 2 for a
    mode that is its own opposite; unbiased for its variance is P² v/(ν+v). As in Ledoit and Wolf's
    estimator, λ = Σ v/(ν+v) (P/T)² / Σ (P/T - 1)² over all modes, at most 1: the noise there is, by
    the distance there is.
    """
    own = _self_opposite(grid)
    weights = np.broadcast_to(grid.multiplicity(), values.shape)
    valid = target > 0
    ratio = np.divide(values, target, out=np.ones_like(values), where=valid)
    variance = np.where(own, 2 / (freedom + 2), 1 / (freedom + 1)) * ratio**2
    distance = float(np.sum(weights * (ratio - 1) ** 2, where=valid))
    noise = float(np.sum(weights * variance, where=valid))
    return 1.0 if noise >= distance else noise / distance


def _self_opposite(grid: Grid) -> NDArray[np.bool_]:
    """Where a mode is its own opposite: every coordinate is zero or Nyquist."""
    result = np.ones(grid.half_shape, dtype=bool)
    for axis, (n, length) in enumerate(zip(grid.shape, grid.half_shape, strict=True)):
        k = np.arange(length)
        result &= (2 * k % n == 0).reshape([-1 if j == axis else 1 for j in range(grid.dim)])
    return result
