"""Products with a Gram matrix that is never formed: tiles of it, used and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from sobolevkernels.evaluation.distances import between
from sobolevkernels.evaluation.tiles import Array, Road, share, threads

#: Side of the square tiles.
SIDE = 256


def product(road: Road, x: Array, y: Array, vectors: Array) -> Array:
    """Σ_j d(|x_i - y_j|) v_j for several vectors v at once.

    Parameters
    ----------
    road : callable
        Writes the kernel of a tile of distances; see `radial.radial_road`.
    x, y : ndarray
        Points, (N, dim) and (M, dim), float64. When `y` is `x` itself, each pair is evaluated once.
    vectors : ndarray
        (M, K), float64.

    Returns
    -------
    ndarray
        (N, K). For each thread another array of this size is taken, and a few tiles.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from sobolevkernels.evaluation.radial import radial_road
    >>> x = np.array([[0.0], [np.log(2.0)]])
    >>> product(radial_road(Fraction(1, 2), Fraction(1)), x, x, np.array([[1.0], [2.0]]))
    array([[2. ],
           [2.5]])
    """
    symmetric = y is x
    write = between(road, x, y, len(x) * len(y))
    # Each thread has its own tiles and its own sums: for a number of threads the result is always the same.
    parts = min(threads(), max(1, len(x) * len(y) // (8 * SIDE**2)))
    sums = np.zeros((parts, len(x), vectors.shape[1]))

    def work(left: Iterator[int]) -> None:
        scratch, room = np.empty(SIDE * SIDE), np.empty(SIDE * SIDE)
        with np.errstate(all="ignore"):
            for part in left:
                total = sums[part]
                tiles = ((i, j) for i in range(0, len(x), SIDE)
                         for j in range(i if symmetric else 0, len(y), SIDE))
                for i, j in islice(tiles, part, None, parts):
                    rows, columns = slice(i, min(i + SIDE, len(x))), slice(j, min(j + SIDE, len(y)))
                    shape = (rows.stop - i, columns.stop - j)
                    values = scratch[: shape[0] * shape[1]].reshape(shape)
                    write(rows, columns, values, room)
                    total[rows] += values @ vectors[columns]
                    if symmetric and i != j:
                        total[columns] += values.T @ vectors[rows]

    share(work, range(parts), len(x) * len(y))
    return sums.sum(axis=0)
