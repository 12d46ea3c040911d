"""Points and weights for integrals over boxes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def gauss_legendre(intervals: Sequence[Any], count: int | Sequence[int]) -> tuple[Array, Array]:
    """Gauss-Legendre points and weights on an interval or a box, exact to degree 2·count - 1 in each variable.

    Parameters
    ----------
    intervals : sequence
        (a, b) with a < b, or one such pair for each variable.
    count : int or sequence of int
        Points in each variable, at least 1.

    Returns
    -------
    points : ndarray
        (N, dim), N the product of the counts, the last variable fastest.
    weights : ndarray
        (N,), positive; their sum is the volume.

    Raises
    ------
    ValueError
        If an interval is empty or not finite, or there are no points in a variable.

    Examples
    --------
    >>> points, weights = gauss_legendre((0, 2), 3)
    >>> f"{weights @ points[:, 0]**5:.12f}"                  # ∫ x⁵ = 64/6
    '10.666666666667'
    >>> points, weights = gauss_legendre([(0, 1), (-1, 1)], (4, 6))
    >>> points.shape, f"{weights.sum():.12f}"
    ((24, 2), '2.000000000000')
    """
    ends = np.atleast_2d(np.asarray(intervals, dtype=float))
    if ends.ndim != 2 or ends.shape[1] != 2 or not (np.isfinite(ends).all() and (ends[:, 0] < ends[:, 1]).all()):
        raise ValueError(f"intervals must be (a, b) with finite a < b, or one such pair a variable, got {intervals!r}")
    counts = [count] * len(ends) if isinstance(count, int | np.integer) else list(count)
    if len(counts) != len(ends) or not all(int(n) == n and n >= 1 for n in counts):
        raise ValueError(f"a quadrature needs at least 1 point in each of the {len(ends)} variables, got {count!r}")
    axes, factors = [], []
    for (a, b), n in zip(ends, counts, strict=True):
        nodes, weights = np.polynomial.legendre.leggauss(int(n))
        axes.append((a + b) / 2 + (b - a) / 2 * nodes)
        factors.append((b - a) / 2 * weights)
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(ends))
    product = np.ones(1)
    for weights in factors:
        product = np.multiply.outer(product, weights).ravel()
    return points, product
