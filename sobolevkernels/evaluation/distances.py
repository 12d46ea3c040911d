"""Gram matrices, tile by tile: distances from differences, then the kernel, nothing kept.

The expansion |x|² - 2x·y + |y|² is never used: it loses every digit for near
points. SciPy sums the squares, except on the line; sums that leave the safe range
of floats are done again with the largest difference taken out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.radial import TILE, Road

Array = NDArray[np.float64]

#: Distances outside this range have lost digits to the underflow or overflow of their squares.
SAFE = (2.0**-450, 2.0**500)


def gram(road: Road, x: Array, y: Array, out: NDArray[Any]) -> None:
    """Write the kernel of all pairs into `out`, an (N, M) array of float64 or float32.

    Parameters
    ----------
    road : callable
        Writes the kernel of a tile of distances; see `radial.radial_road`.
    x, y : ndarray
        Points, (N, dim) and (M, dim), float64. When `y` is `x` itself, the matrix is mirrored,
        so that it is symmetric to the last bit.
    out : ndarray
        Result, of any layout.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from sobolevkernels.evaluation.radial import radial_road
    >>> x, out = np.array([[0.0, 0.0], [3.0, 4.0]]), np.empty((2, 2))
    >>> gram(radial_road(Fraction(1, 2), Fraction(1)), x, x, out)
    >>> -np.log(out)
    array([[-0.,  5.],
           [ 5., -0.]])
    """
    symmetric = y is x
    columns = 128 if symmetric else min(max(len(y), 1), 512)
    rows = TILE // columns
    scratch = [np.empty(rows * columns) for _ in range(2)]
    with np.errstate(all="ignore"):
        for i in range(0, len(x), rows):
            left = x[i:i + rows]
            for j in range(i if symmetric else 0, len(y), columns):
                right = y[j:j + columns]
                shape = (len(left), len(right))
                distance, values = (part[: shape[0] * shape[1]].reshape(shape) for part in scratch)
                _distances(left, right, distance)
                road(distance.reshape(-1), values.reshape(-1))
                if symmetric and i == j:
                    square = values[:, : shape[0]]
                    lower = np.tri(shape[0], k=-1, dtype=bool)
                    square[lower] = square.T[lower]
                out[i:i + rows, j:j + columns] = values
                if symmetric:
                    out[j:j + columns, i:i + rows] = values.T


def _distances(x: Array, y: Array, out: Array) -> None:
    """Euclidean distances of all pairs, into `out`."""
    if x.shape[1] == 1:
        np.subtract(x, y.T, out=out)
        np.abs(out, out=out)
        return
    from scipy.spatial.distance import cdist

    cdist(x, y, out=out)
    if out.min(initial=1.0) < SAFE[0] or out.max(initial=1.0) > SAFE[1]:
        lost = np.argwhere((out < SAFE[0]) | (out > SAFE[1]))
        step = max(1, TILE // x.shape[1])
        for first in range(0, len(lost), step):
            i, j = lost[first:first + step].T
            out[i, j] = _scaled_norm(x[i] - y[j])


def _scaled_norm(difference: Array) -> Array:
    """Euclidean norms of rows whose squares may underflow or overflow."""
    _, exponent = np.frexp(np.abs(difference).max(axis=1))
    scaled = np.ldexp(difference, -exponent[:, None])
    return np.ldexp(np.sqrt(np.square(scaled).sum(axis=1)), exponent)
