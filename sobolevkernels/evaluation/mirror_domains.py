"""Whether a point lies where a mirror map is defined; the message names the constraint and the entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def refuse(needs: str, bad: NDArray[np.bool_], x: Array, remedy: str = "") -> None:
    """Raise for the first bad entry, if there is one.

    Raises
    ------
    ValueError
        With the constraint, the entry and its value, and the remedy.

    Examples
    --------
    >>> refuse("burg() needs x > 0", np.array([False, True]), np.array([1.0, -2.0]))
    Traceback (most recent call last):
        ...
    ValueError: burg() needs x > 0: entry 1 is -2.0
    """
    if bad.any():
        index = tuple(map(int, np.argwhere(bad)[0]))
        raise ValueError(f"{needs}: {place(index, 'entry', 'row')} is {x[index]}{remedy}")


def place(index: Sequence[int], inner: str, outer: str) -> str:
    """`entry 3 of row 0`: where something stands."""
    *rows, last = index
    if not rows:
        return f"{inner} {last}"
    return f"{inner} {last} of {outer} {rows[0] if len(rows) == 1 else tuple(rows)}"


def value(function: Callable[..., Any], *points: Array) -> Any:
    """The value, a number where it is one; infinite, without a warning, where it exceeds every float."""
    with np.errstate(over="ignore"):
        return np.asarray(function(*points))[()]


def shaped(geometry: Any, x: Array, name: str) -> Array:
    """An array whose trailing axes can be a point of the geometry."""
    axes, size = geometry.spatial(x.ndim), geometry.size
    if x.ndim < axes or 0 in x.shape[x.ndim - axes:] or (geometry.axes == 2 and x.shape[-1] != x.shape[-2]):
        raise ValueError(f"{geometry.name} needs {name} of shape (…{', n' * axes}) with n ≥ 1, got {x.shape}")
    if size is not None and x.shape[-1] != size:
        raise ValueError(f"{geometry.name} needs {name} of shape (…, {size}), got {x.shape}")
    return x


def alike(geometry: Any, h: Array, x: Array, name: str) -> Array:
    """An array whose trailing axes are those of the point x, and whose batch broadcasts with that of x."""
    axes = geometry.spatial(x.ndim)
    if geometry.spatial(h.ndim) != axes or h.shape[-axes:] != x.shape[-axes:]:
        raise ValueError(f"{geometry.name} needs {name} shaped like x, {x.shape}, got {h.shape}")
    try:
        np.broadcast_shapes(h.shape, x.shape)
    except ValueError:
        raise ValueError(f"{geometry.name} needs {name} and x with batch axes that broadcast, got the shapes {h.shape} "
                         f"and {x.shape}") from None
    finite(f"{geometry.name} needs real {name}", h)
    return h


def finite(needs: str, x: Array) -> None:
    """Every entry is a finite number."""
    refuse(f"{needs}, all finite", ~np.isfinite(x), x)


def positive(needs: str, x: Array, closed: bool) -> None:
    """Every entry is above 0, or at least 0 where the boundary belongs to the domain."""
    finite(needs, x)
    refuse(needs, ~(x >= 0 if closed else x > 0), x)


def negative(needs: str, z: Array) -> None:
    """Every entry is below 0."""
    finite(needs, z)
    refuse(needs, ~(z < 0), z)


def sums_to_one(needs: str, x: Array) -> None:
    """Every row sums to one, up to the rounding of its entries and of the sum."""
    with np.errstate(over="ignore"):
        total = np.asarray(x.sum(axis=-1))
    off = np.abs(total - 1) > (64 + x.shape[-1]) * np.finfo(x.dtype).eps
    if off.any():
        index = tuple(map(int, np.argwhere(off)[0]))
        where = f"the sum of {place(index, 'row', 'batch')}" if index else "the sum"
        raise ValueError(f"{needs}: {where} is {total[index]}; divide by the sum if x is not normalised yet")


def nowhere_zero(needs: str, x: Array) -> None:
    """No entry is 0."""
    refuse(needs, x == 0, x)


def symmetric(needs: str, x: Array) -> Array:
    """The symmetric part of matrices that are symmetric up to rounding."""
    finite(needs, x)
    mirrored = x.swapaxes(-1, -2)
    size = np.abs(x).max(axis=(-1, -2), keepdims=True, initial=0.0)
    with np.errstate(over="ignore"):
        apart = np.abs(x - mirrored)
    bad = apart > 32 * x.shape[-1] * np.finfo(x.dtype).eps * size
    if bad.any():
        *batch, i, j = map(int, np.argwhere(bad)[0])
        which = f" of matrix {batch[0] if len(batch) == 1 else tuple(batch)}" if batch else ""
        raise ValueError(f"{needs}: entry ({i}, {j}){which} is {x[(*batch, i, j)]}, but entry ({j}, {i}) is "
                         f"{x[(*batch, j, i)]}; symmetrise with (X + X.T) / 2 if that is rounding")
    return x / 2 + mirrored / 2  # the sum may overflow


def positive_definite(needs: str, called: str, x: Array) -> None:
    """Every matrix has a Cholesky factor."""
    try:
        np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        lowest = np.asarray(np.linalg.eigvalsh(x)[..., 0])
        index = tuple(map(int, np.unravel_index(np.argmin(lowest), lowest.shape)))
        which = f" number {index[0] if len(index) == 1 else index}" if index else ""
        rounding = ", which is 0 up to rounding" if lowest[index] >= 0 else ""
        raise ValueError(f"{needs}: {called}{which} has the eigenvalue {lowest[index]}{rounding}") from None
