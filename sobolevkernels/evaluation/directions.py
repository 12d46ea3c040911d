"""Derivatives for all pairs of points, tile by tile: distances, unit vectors, and what is made of both.

Nothing is kept but tiles. The unit vector u = (x-y)/r is right to the last digits for
differences of every size, subnormal ones included, and 0 where r is 0 or infinite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation.distances import distances
from sobolevkernels.evaluation.tiles import TILE, Array, share, tile_size

#: From the distances r, (P,), and unit vectors u, (axes, P), of a tile to pieces of its result: the index
#: of each in the trailing axes of the result, and its values, (P,), or (k, P) for one more axis.
Tile = Callable[[Array, Array], Iterable[tuple[tuple[int, ...], Array]]]

#: Numbers that the unit vectors of a tile may hold.
ROOM = 16 * TILE
#: Below this a distance may have lost digits to underflow.
NORMAL = 2.0**-1000


def over_pairs(
    tile: Tile, x: Array, y: Array, out: NDArray[Any], axes: Sequence[int], sign: int = 1,
    mirror: NDArray[Any] | None = None,
) -> None:
    """Run `tile` over all pairs of points and write the pieces it yields into `out`.

    Parameters
    ----------
    tile : callable
        See `Tile`.
    x, y : ndarray
        Points, (N, dim) and (M, dim), float64. When `y` is `x` itself and there is no `mirror`,
        half of the pairs is computed, and the rest is `sign` times that, to the last bit.
    out : ndarray
        Result, (N, M, ...), of any layout, float64 or float32.
    axes : sequence of int
        The components of u that `tile` needs.
    sign : {1, -1}
        For the other half: what becomes of the values when x and y change places, u -> -u.
    mirror : ndarray, optional
        A second array, (M, N, ...), for the transpose of the result.

    Examples
    --------
    >>> x, out = np.array([[0.0, 0.0], [3.0, 4.0]]), np.empty((2, 2, 2))
    >>> over_pairs(lambda r, u: [((), r * u)], x, x, out, axes=(0, 1), sign=-1)
    >>> out[1, 0], out[0, 1]
    (array([3., 4.]), array([-3., -4.]))
    """
    entries = len(x) * len(y)
    fill = distances(x, y, entries)
    half = y is x and mirror is None
    reflected, factor = (out, sign) if half else (mirror, 1)
    size = max(1, min(tile_size(entries), ROOM // max(len(axes), 1)))
    columns = math.isqrt(size) if half else min(max(len(y), 1), size)
    rows = columns if half else size // columns

    def work(tiles: Iterator[tuple[slice, slice]]) -> None:
        with np.errstate(all="ignore"):
            for left, right in tiles:
                r = np.empty((len(x[left]), len(y[right])))
                fill(left, right, r)
                u = _unit_vectors(x[left], y[right], r, axes)
                for index, piece in tile(r.reshape(-1), u):
                    values = piece.reshape(*piece.shape[:-1], *r.shape)
                    diagonal = half and left == right
                    if diagonal:
                        lower = np.tri(len(r), k=-1, dtype=np.bool_)
                        values[..., lower] = sign * values.swapaxes(-1, -2)[..., lower]
                    place: tuple[Any, ...] = (left, right, *index)
                    out[place] = np.moveaxis(values, (-2, -1), (0, 1))
                    if reflected is not None and not diagonal:
                        place = (right, left, *index)
                        reflected[place] = factor * np.moveaxis(values, (-1, -2), (0, 1))

    share(work, [(slice(i, min(i + rows, len(x))), slice(j, min(j + columns, len(y))))
                 for i in range(0, len(x), rows) for j in range(i if half else 0, len(y), columns)], entries)


def _unit_vectors(x: Array, y: Array, r: Array, axes: Sequence[int]) -> Array:
    """The components `axes` of (x-y)/r for all pairs, (axes, P)."""
    u = np.empty((len(axes), *r.shape))
    for axis, component in zip(axes, u, strict=True):
        np.subtract(x[:, axis, None], y[None, :, axis], out=component)
        component /= r
    if axes and not (r.min(initial=1.0) >= NORMAL and r.max(initial=1.0) < np.inf):
        lost = np.argwhere(~((r >= NORMAL) & (r < np.inf)))
        step = max(1, TILE // x.shape[1])
        for first in range(0, len(lost), step):
            i, j = lost[first:first + step].T
            u[:, i, j] = _normalised(x[i] - y[j])[:, axes].T
    return u.reshape(len(axes), r.size)


def _normalised(difference: Array) -> Array:
    """Rows divided by their norms, whatever their size; 0 for rows that are 0 or infinite."""
    largest = np.abs(difference).max(axis=1)
    scaled = np.ldexp(difference, -np.frexp(largest)[1][:, None])
    scaled /= np.sqrt(np.square(scaled).sum(axis=1))[:, None]
    scaled[(largest == 0.0) | np.isinf(largest)] = 0.0
    return scaled
