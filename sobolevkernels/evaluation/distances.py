"""Gram matrices, tile by tile: distances from differences, then the kernel, nothing kept.

The expansion |x|² - 2x·y + |y|² is never used: it loses every digit for near
points. The squares are summed as they are where none of them can underflow or
overflow, and with the largest difference taken out elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import compiled
from sobolevkernels.evaluation.tiles import TILE, Array, Road, grain_of, share, tile_size

#: Writes the distances of a block of pairs, rows of x and rows of y, into its last argument.
Distances = Callable[[slice, slice, Array], None]
#: Coordinates that are zero or in this range have differences whose squares stay normal numbers.
SAFE = (2.0**-440, 2.0**500)


def gram(road: Road, x: Array, y: Array, out: NDArray[Any]) -> None:
    """Write the kernel of all pairs into `out`, an (N, M) array of float64 or float32.

    Parameters
    ----------
    road : callable
        Writes the kernel of a tile of distances; see `radial.radial_road`.
    x, y : ndarray
        Points, (N, dim) and (M, dim), float64. When `y` is `x` itself, the matrix is
        symmetric to the last bit.
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
    write = between(road, x, y, out.size)
    # A closed form is compiled to compute an entry faster than its mirror image is copied.
    mirrored = y is x and not isinstance(road, compiled.ClosedForm)
    direct = out.flags.c_contiguous and out.dtype == np.float64 and not mirrored
    grain = grain_of(road)
    size = tile_size(out.size, grain)
    # Squares where half of them is mirrored; else whole rows or parts of one, which lie in one piece.
    columns = math.isqrt(size) if mirrored else min(max(len(y), 1), size)
    rows = size // columns

    def work(tiles: Iterator[tuple[int, int]]) -> None:
        scratch, room = np.empty(rows * columns), np.empty(rows * columns)
        with np.errstate(all="ignore"):
            for i, j in tiles:
                block = out[i:i + rows, j:j + columns]
                in_place = direct and block.flags.c_contiguous
                values = block if in_place else scratch[: block.size].reshape(block.shape)
                write(slice(i, i + len(block)), slice(j, j + block.shape[1]), values, room)
                if mirrored and i == j:
                    np.maximum(values, values.T, out=values)  # either is right; let them be equal
                if not in_place:
                    block[...] = values
                if mirrored and i != j:
                    out[j:j + columns, i:i + rows] = values.T

    share(work, [(i, j) for i in range(0, len(x), rows)
                 for j in range(i if mirrored else 0, len(y), columns)], out.size, grain)


def grams(road: Road, x: Array, y: Array, out: NDArray[Any]) -> None:
    """`gram` for points (..., N, dim) and (..., M, dim), whose leading axes broadcast to those of `out`."""
    if out.ndim == 2:
        return gram(road, x, y, out)
    lefts, rights = (np.broadcast_to(points, (*out.shape[:-2], *points.shape[-2:])) for points in (x, y))
    for index in np.ndindex(out.shape[:-2]):
        left = lefts[index]
        gram(road, left, left if y is x else rights[index], out[index])
    return None


def between(road: Road, x: Array, y: Array, entries: int) -> Callable[[slice, slice, Array, Array], None]:
    """What writes the kernel of a block of pairs, rows of x and rows of y, into an array in one piece.

    Its last argument is room for as many distances.

    Examples
    --------
    >>> x, values = np.array([[0.0], [2.0], [5.0]]), np.empty((1, 2))
    >>> between(lambda r, out: np.negative(r, out=out), x, x, 9)(slice(0, 1), slice(1, 3), values, np.empty(2))
    >>> values
    array([[-2., -5.]])
    """
    if isinstance(road, compiled.ClosedForm) and _are_safe(x, y):
        return road.between(x, y)
    fill = distances(x, y, entries)

    def in_two_steps(left: slice, right: slice, values: Array, room: Array) -> None:
        distance = room[: values.size].reshape(values.shape)
        fill(left, right, distance)
        road(distance.reshape(-1), values.reshape(-1))

    return in_two_steps


def distances(x: Array, y: Array, entries: int) -> Distances:
    """What writes the Euclidean distances of blocks of pairs.

    Parameters
    ----------
    x, y : ndarray
        Points, (N, dim) and (M, dim), float64.
    entries : int
        How many distances will be asked for.

    Examples
    --------
    >>> x, out = np.array([[0.0, 0.0], [3e-200, 4e-200]]), np.empty((1, 2))
    >>> distances(x, x, 4)(slice(1, 2), slice(0, 2), out)
    >>> out
    array([[5.e-200, 0.e+000]])
    """
    safe = _are_safe(x, y)
    if safe and compiled.worth(entries):
        return compiled.distances(x, y)
    if safe and x.shape[1] > 1:
        from scipy.spatial.distance import cdist

        return lambda rows, columns, out: cdist(x[rows], y[columns], out=out)
    return lambda rows, columns, out: _distances(x[rows], y[columns], out)


def _are_safe(x: Array, y: Array) -> bool:
    for points in [x] if y is x else [x, y]:
        step = max(1, TILE // points.shape[1])
        for first in range(0, len(points), step):
            size = np.abs(points[first:first + step])
            size[size == 0.0] = 1.0
            if size.min() < SAFE[0] or size.max() > SAFE[1]:
                return False
    return True


def _distances(x: Array, y: Array, out: Array) -> None:
    """Distances of all pairs of points, whatever their size."""
    if x.shape[1] == 1:
        np.subtract(x, y.T, out=out)
        np.abs(out, out=out)
        return
    from scipy.spatial.distance import cdist

    cdist(x, y, out=out)
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
