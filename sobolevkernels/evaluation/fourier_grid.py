"""Uniform periodic grids: their frequencies, half spectra, transforms, and what a symbol is at a Nyquist mode.

A field of n points an axis has the period n·spacing and the angular frequencies ξ = 2π k/(n·spacing).
Fields are real, so that half of the spectrum says everything: the last axis keeps k = 0 … ⌊n/2⌋. On
an even axis the mode k = n/2 is the sampled cos(ξx), of both ξ and -ξ; a symbol acts there by its mean
over the signs. That is what it does to the trigonometric interpolant whose Nyquist coefficient is
shared equally, and it keeps fields real and the operator symmetric.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.tiles import SHARED_TILE, WORTH_SHARING, share, threads

Array = NDArray[np.float64]
Spacing = float | Sequence[float]


@dataclass(frozen=True)
class Grid:
    """A uniform grid on a torus: points and distance of points along each axis."""

    shape: tuple[int, ...]
    spacing: tuple[float, ...]

    @property
    def dim(self) -> int:
        """Number of spatial axes."""
        return len(self.shape)

    @property
    def axes(self) -> tuple[int, ...]:
        """The spatial axes of an array, counted from its end."""
        return tuple(range(-self.dim, 0))

    @property
    def size(self) -> int:
        """Number of points, which is the number of modes."""
        return math.prod(self.shape)

    @property
    def cell(self) -> float:
        """Volume of a cell."""
        return math.prod(self.spacing)

    @property
    def half_shape(self) -> tuple[int, ...]:
        """The shape of a half spectrum."""
        return (*self.shape[:-1], self.shape[-1] // 2 + 1)

    def frequencies(self) -> list[Array]:
        """The angular frequencies ξ of each axis, in the order of `scipy.fft.rfftn`.

        Examples
        --------
        >>> first, last = Grid((3, 4), (1.0, 2.0)).frequencies()
        >>> first / np.pi, last / np.pi
        (array([ 0.        ,  0.66666667, -0.66666667]), array([0.  , 0.25, 0.5 ]))
        """
        *others, last = zip(self.shape, self.spacing, strict=True)
        axes = [*(np.fft.fftfreq(n, h) for n, h in others), np.fft.rfftfreq(*last)]
        return [np.asarray(2 * np.pi * axis, dtype=np.float64) for axis in axes]

    def multiplicity(self) -> NDArray[np.intp]:
        """How many modes of the whole spectrum each entry along the last axis stands for: 1 or 2.

        Examples
        --------
        >>> Grid((4,), (1.0,)).multiplicity(), Grid((5,), (1.0,)).multiplicity()
        (array([1, 2, 1]), array([1, 2, 2]))
        """
        n = self.shape[-1]
        weights = np.full(n // 2 + 1, 2)
        weights[0] = 1
        if n % 2 == 0:
            weights[-1] = 1
        return weights

    def slabs(self) -> Iterator[Slab]:
        """The half spectrum in pieces that fit the cache."""
        rows = max(1, SHARED_TILE // math.prod(self.half_shape[1:]))
        for start in range(0, self.half_shape[0], rows):
            yield Slab(self, slice(start, min(start + rows, self.half_shape[0])))

    def name(self, place: int) -> str:
        """The mode at a flat place of the half spectrum, in words.

        Examples
        --------
        >>> Grid((3, 4), (1.0, 1.0)).name(5)
        'ξ = (2.0944, 3.14159)'
        """
        indices = np.unravel_index(place, self.half_shape)
        numbers = [f"{axis[index]:.6g}" for axis, index in zip(self.frequencies(), indices, strict=True)]
        return f"ξ = {numbers[0]}" if self.dim == 1 else f"ξ = ({', '.join(numbers)})"


@dataclass(frozen=True)
class Slab:
    """Some rows of a half spectrum."""

    grid: Grid
    rows: slice

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the piece."""
        return (self.rows.stop - self.rows.start, *self.grid.half_shape[1:])

    @cached_property
    def coordinates(self) -> list[Array]:
        """ξ_1, …, ξ_d, which broadcast to `shape`."""
        first, *others = self.grid.frequencies()
        return [axis.reshape([-1 if j == i else 1 for j in range(self.grid.dim)])
                for i, axis in enumerate([first[self.rows], *others])]

    @cached_property
    def square(self) -> Array:
        """|ξ|²."""
        first, *others = (axis * axis for axis in self.coordinates)
        return sum(others, first)

    def name(self, place: int) -> str:
        """The mode at a flat place of the piece, in words."""
        return self.grid.name(place + self.rows.start * math.prod(self.grid.half_shape[1:]))

    def both_ways(self, function: Callable[..., Any]) -> tuple[Array, Array]:
        """A function of ξ_1, …, ξ_d, at ξ and at -ξ; where coordinates are Nyquist, its mean over their signs.

        Source: `sobolev.grid-nyquist`.
        """
        there, back = (_elementwise(function, [sign * axis for axis in self.coordinates]) for sign in (1, -1))
        nyquist = self._nyquist()
        for axis, index in enumerate(nyquist):
            if index is not None:
                cut = tuple(slice(index, index + 1) if j == axis else slice(None) for j in range(self.grid.dim))
                planes = [_elementwise(function, [c[cut] if j == axis else c for j, c in enumerate(coordinates)])
                          for coordinates in self._flips(nyquist)]
                there[cut] = back[cut] = sum(planes[1:], planes[0]) / len(planes)
        return there, back

    def _nyquist(self) -> list[int | None]:
        """Where along each axis of the slab the Nyquist frequency stands."""
        places: list[int | None] = [n // 2 if n % 2 == 0 else None for n in self.grid.shape]
        if places[0] is not None:
            places[0] = places[0] - self.rows.start if places[0] in range(self.rows.start, self.rows.stop) else None
        return places

    def _flips(self, nyquist: Sequence[int | None]) -> Iterator[list[Array]]:
        """The coordinates with every choice of signs at their Nyquist frequencies."""
        choices = [(1, -1) if index is not None else (1,) for index in nyquist]
        for signs in itertools.product(*choices):
            flipped = [axis.copy() for axis in self.coordinates]
            for axis, index, sign in zip(flipped, nyquist, signs, strict=True):
                if index is not None:
                    axis.reshape(-1)[index] *= sign
            yield flipped


def _elementwise(function: Callable[..., Any], coordinates: Sequence[Array]) -> Array:
    """The values of a stranger's function, checked and of full shape."""
    shape = np.broadcast_shapes(*(axis.shape for axis in coordinates))
    values = np.asarray(function(*coordinates))
    if np.iscomplexobj(values):
        raise TypeError("a symbol must be real, but this function returns complex numbers; take the real part "
                        "if the imaginary one is rounding")
    if values.ndim > len(shape) or any(have not in (1, want) for have, want in zip(values.shape[::-1], shape[::-1],
                                                                                   strict=False)):
        raise ValueError(f"the symbol's function was given arrays that broadcast to {shape} and returned shape "
                         f"{values.shape}; it must work elementwise")
    return np.array(np.broadcast_to(values, shape), dtype=np.float64)


# --- what callers pass --------------------------------------------------------------------------


def grid_of(shape: int | Sequence[int], spacing: Spacing) -> Grid:
    """The grid of this many points an axis.

    Raises
    ------
    ValueError
        If there is no axis or no point, spacing is not positive, or not one number or one per axis.

    Examples
    --------
    >>> grid_of((4, 8), 0.5)
    Grid(shape=(4, 8), spacing=(0.5, 0.5))
    """
    points: tuple[Any, ...] = tuple(shape) if np.iterable(shape) else (shape,)
    if not points or any(isinstance(n, bool) or not isinstance(n, Integral) or n < 1 for n in points):
        raise ValueError(f"a grid has at least one axis, and a positive number of points along each, got {shape!r}")
    if isinstance(spacing, np.ndarray) and spacing.ndim == 0:
        spacing = spacing.item()
    lengths: list[Any] = [spacing] * len(points) if np.ndim(spacing) == 0 else list(spacing)  # type: ignore[arg-type]
    if len(lengths) != len(points):
        raise ValueError(f"spacing must be one number or one per axis of the grid {points}, got {spacing!r}")
    for length in lengths:
        if isinstance(length, bool) or not isinstance(length, Real):
            raise TypeError(f"spacing must be a real number, or one per axis, got {spacing!r}")
        if not 0 < float(length) < math.inf:
            raise ValueError(f"spacing must be positive and finite, got {spacing!r}; it is the distance of grid "
                             "points, period / number of points")
    return Grid(tuple(map(int, points)), tuple(map(float, lengths)))


def field_of(values: ArrayLike, spacing: Spacing, name: str) -> tuple[NDArray[Any], Grid]:
    """A real field, float64 or float32, and the grid of its spatial axes: all, or as many as spacing has numbers."""
    array = np.asarray(values)
    if np.iscomplexobj(array):
        raise TypeError(f"{name} must be a real field, got dtype {array.dtype}; the operator is real and linear: "
                        f"give it {name}.real and {name}.imag one after the other")
    if np.issubdtype(array.dtype, np.integer):
        array = array.astype(np.float64)
    if array.dtype not in (np.float64, np.float32):
        raise TypeError(f"{name} must be float64 or float32, got dtype {array.dtype}; "
                        f"convert it with np.asarray({name}, dtype=np.float64)")
    if np.ndim(spacing) == 0:
        return array, grid_of(array.shape, spacing)
    dim = len(spacing)  # type: ignore[arg-type]
    if not 1 <= dim <= array.ndim:
        raise ValueError(f"spacing must be one number or one per trailing axis, but {spacing!r} has {dim} numbers "
                         f"and {name} has shape {array.shape}")
    return array, grid_of(array.shape[-dim:], spacing)


# --- transforms ---------------------------------------------------------------------------------


def forward(field: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """The half spectrum of the trailing axes."""
    from scipy import fft

    return fft.rfftn(field, axes=grid.axes, workers=_workers(field))


def backward(spectrum: NDArray[Any], grid: Grid) -> NDArray[Any]:
    """The real field of a half spectrum, which is overwritten."""
    from scipy import fft

    # Axis by axis, because `irfftn` copies its argument: so it takes no room but that of the result.
    if grid.dim > 1:
        spectrum = fft.ifftn(spectrum, axes=grid.axes[:-1], overwrite_x=True, workers=_workers(spectrum))
    return fft.irfft(spectrum, grid.shape[-1], axis=-1, overwrite_x=True, workers=_workers(spectrum))


def _workers(array: NDArray[Any]) -> int:
    """Threads for a transform; a small one is over before a second thread has begun."""
    return threads() if array.size >= WORTH_SHARING else 1


def multiply(spectrum: NDArray[Any], values: NDArray[Any], scale: float = 1.0) -> None:
    """spectrum *= scale · values, where leading axes of the spectrum are a batch; on several threads."""
    rows = max(1, SHARED_TILE // math.prod(values.shape[1:]))

    def work(starts: Iterator[int]) -> None:
        with np.errstate(all="ignore"):  # the caller looks whether the result is finite
            for start in starts:
                piece = values[start:start + rows]
                if scale != 1.0:
                    piece = piece * values.dtype.type(scale)
                place: Any = (..., slice(start, start + rows), *(slice(None),) * (values.ndim - 1))
                np.multiply(spectrum[place], piece, out=spectrum[place])

    share(work, range(0, len(values), rows), spectrum.size)


def add(result: NDArray[Any], term: NDArray[Any]) -> None:
    """result += term, of one shape; on several threads."""
    rows = max(1, SHARED_TILE * len(result) // max(1, result.size))

    def work(starts: Iterator[int]) -> None:
        for start in starts:
            piece = slice(start, start + rows)
            np.add(result[piece], term[piece], out=result[piece])

    share(work, range(0, len(result), rows), result.size)
