"""A symbol on periodic grids as an operator on real fields: its action, inverse, kernel, spectrum, inner product."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation import fourier_grid
from sobolevkernels.evaluation.fourier_grid import Array, Grid, Spacing, field_of, grid_of
from sobolevkernels.evaluation.symbol_algebra import Product, check

#: Symbols kept for an operator: at most so many, and so many bytes, unless the last one alone is larger.
KEPT, KEPT_BYTES = 8, 2**29
#: A component is rounding below this multiple of the machine epsilon times the largest that the data could have.
ROUNDING = 16

Kept = tuple[NDArray[Any], NDArray[np.intp]]


class GridOperator:
    """The numbers of a `FourierMultiplier`: what its symbol does to real fields on periodic grids."""

    __slots__ = ("_cache", "_lock", "_symbol")
    _symbol: Product
    _cache: OrderedDict[tuple[Grid, str, bool], Kept]
    _lock: threading.RLock

    def __init__(self, symbol: Product) -> None:
        for name, value in (("_symbol", symbol), ("_cache", OrderedDict()), ("_lock", threading.RLock())):
            object.__setattr__(self, name, value)

    # --- action ---------------------------------------------------------------------------------

    def apply(self, f: ArrayLike, spacing: Spacing, *, scale: float | ArrayLike = 1.0,
              plus: ArrayLike | None = None) -> NDArray[Any]:
        """M f: the Fourier coefficients of f times m(ξ). With `scale` and `plus`, plus + scale · M f.

        Parameters
        ----------
        f : array_like
            A real field on a uniform periodic grid, float64 or float32; leading axes are a batch.
        spacing : float or sequence of float
            Distance of grid points: one number, then every axis is spatial; or one per trailing axis.
        scale : float or array_like
            A number costs nothing; an array broadcasts against `f`.
        plus : array_like, optional
            Added in the same sweep; shaped like `f`.

        Returns
        -------
        ndarray
            Shaped like `f`, float32 if everything is.

        Raises
        ------
        TypeError
            If `f` is complex: apply M to its real and imaginary part.
        ValueError
            If shape and spacing do not fit, the field is not finite, or the symbol is negative,
            not even, NaN or infinite at a mode of this grid; the message names the mode.

        Source: `sobolev.grid-exact`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> x = 2 * np.pi * np.arange(8) / 8
        >>> bool(np.allclose(sobolev_multiplier(order=2).apply(np.cos(3 * x), 2 * np.pi / 8), 100 * np.cos(3 * x)))
        True
        """
        field, plus, grid = _operands(f, plus, spacing, "f")
        return self._act(field, grid, scale, plus, self._kept(grid, field.dtype, False)[0], None)

    def solve(self, g: ArrayLike, spacing: Spacing, complement: bool = False, *, scale: float | ArrayLike = 1.0,
              plus: ArrayLike | None = None) -> NDArray[Any]:
        """M⁻¹ g: the Fourier coefficients of g divided by m(ξ). With `scale` and `plus`, plus + scale · M⁻¹ g.

        Parameters
        ----------
        g : array_like
            A real field, as for `apply`.
        spacing : float or sequence of float
            As for `apply`.
        complement : bool
            Where the symbol has zeros, solve on the orthogonal complement of these modes: the data
            must not have them, the solution does not have them either. Data that are zero there but
            for rounding pass: a coefficient Σ g e^(-iξx) up to 16 ε √N ‖g‖₂, of N points and the
            machine epsilon ε, where without cancellation it could be √N ‖g‖₂.
        scale, plus
            As for `apply`; f - η M⁻¹ g is `solve(g, spacing, scale=-η, plus=f)`.

        Returns
        -------
        ndarray
            Shaped like `g`.

        Raises
        ------
        ValueError
            As for `apply`; and if the symbol is zero at a mode of the grid (also by underflow)
            without `complement`, or the data have a component there.

        Source: `sobolev.symbol-inverse`.

        Examples
        --------
        >>> from sobolevkernels import laplacian_power
        >>> x = 2 * np.pi * np.arange(8) / 8
        >>> u = laplacian_power(1).solve(np.cos(2 * x), 2 * np.pi / 8, complement=True)
        >>> bool(np.allclose(u, np.cos(2 * x) / 4))
        True
        """
        field, plus, grid = _operands(g, plus, spacing, "g")
        inverse, null = self._kept(grid, field.dtype, True)
        if len(null) and not complement:
            more = f" and {len(null) - 1} more of the half spectrum" if len(null) > 1 else ""
            raise ValueError(f"the symbol is 0 at {grid.name(null[0])}{more}, where M has no inverse; with "
                             "complement=True data that do not have these modes are solved for, or add to the symbol")
        return self._act(field, grid, scale, plus, inverse, null)

    def _act(self, field: NDArray[Any], grid: Grid, scale: Any, plus: NDArray[Any] | None, values: NDArray[Any],
             null: NDArray[np.intp] | None) -> NDArray[Any]:
        factor = np.asarray(scale, dtype=field.dtype)
        if np.broadcast_shapes(factor.shape, field.shape) != field.shape:
            raise ValueError(f"scale of shape {factor.shape} must broadcast against the field of shape {field.shape}")
        if not field.size:
            return field.copy()
        spectrum = fourier_grid.forward(field, grid)
        if null is not None and len(null):
            _demand_none(field, spectrum, grid, null)
        fourier_grid.multiply(spectrum, values, 1.0 if factor.ndim else float(factor))
        result = fourier_grid.backward(spectrum, grid)
        corner: Any = (..., *(0,) * grid.dim)
        # A NaN or an infinity anywhere in a field has spread to all of it.
        if not np.isfinite(result[corner]).all():
            raise ValueError("the field, or its transform, is not finite; remove or repair NaN and infinity")
        if factor.ndim:
            result *= factor
        if plus is not None:
            fourier_grid.add(result, plus)
        return result

    def _kept(self, grid: Grid, dtype: Any, inverse: bool) -> Kept:
        """The symbol on a grid, or its inverse with 0 for 1/0; and the flat places of its zeros."""
        key = (grid, np.dtype(dtype).char, inverse)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            entry = self._cache[key] = self._computed(grid, np.dtype(dtype), inverse)
            while len(self._cache) > KEPT or (
                    len(self._cache) > 1 and sum(part.nbytes for kept in self._cache.values() for part in kept)
                    > KEPT_BYTES):
                self._cache.popitem(last=False)
            return entry

    def _computed(self, grid: Grid, dtype: np.dtype[Any], inverse: bool) -> Kept:
        values, null = np.empty(grid.half_shape, dtype), []
        for slab in grid.slabs():
            piece = self._symbol.values(slab)
            check(slab, piece)
            with np.errstate(all="ignore"):
                if inverse:
                    zeros = np.flatnonzero(piece == 0)
                    null.append(zeros + slab.rows.start * math.prod(slab.shape[1:]))
                    np.divide(1.0, piece, out=piece)
                    piece.reshape(-1)[zeros] = 0
                values[slab.rows] = piece
            lost = ~np.isfinite(values[slab.rows])
            if lost.any():
                raise ValueError(f"the {'inverse of the ' if inverse else ''}symbol overflows {dtype} at "
                                 f"{slab.name(int(np.argmax(lost)))}; use a coarser grid"
                                 + (" or float64" if dtype == np.float32 else ""))
        values.flags.writeable = False
        return values, np.concatenate(null) if null else np.empty(0, dtype=np.intp)

    # --- on a grid ------------------------------------------------------------------------------

    def on_grid(self, shape: int | Sequence[int], spacing: Spacing) -> Array:
        """The symbol on the half spectrum of a real field: what `scipy.fft.rfftn` of it is multiplied by.

        Parameters
        ----------
        shape : int or sequence of int
            Points along each spatial axis.
        spacing : float or sequence of float
            Distance of grid points, one number or one per axis.

        Returns
        -------
        ndarray
            (n_1, …, n_(d-1), ⌊n_d/2⌋ + 1), read-only.

        Source: `sobolev.grid-exact`.

        Examples
        --------
        >>> from sobolevkernels import laplacian_power
        >>> laplacian_power(1).on_grid(8, 2 * np.pi / 8)
        array([ 0.,  1.,  4.,  9., 16.])
        """
        return self._kept(grid_of(shape, spacing), np.float64, False)[0]

    def kernel(self, shape: int | Sequence[int], spacing: Spacing) -> Array:
        """The field k for which M f is the circular convolution of k and f times the volume of a cell.

        k(x) = (1/volume) Σ m(ξ) e^(iξx) over the modes of the grid: for the symbol 1/w the truncated
        Fourier sum of the periodic kernel. The origin is the first point; `np.fft.fftshift` centres it.

        Source: `sobolev.grid-orthogonality`.

        Examples
        --------
        >>> from sobolevkernels import laplacian_power
        >>> laplacian_power(1).kernel(2, np.pi) * np.pi  # the matrix [[½, -½], [-½, ½]]
        array([ 0.5, -0.5])
        """
        grid = grid_of(shape, spacing)
        return fourier_grid.backward(self.on_grid(shape, spacing) * complex(1 / grid.cell), grid)

    def spectrum(self, shape: int | Sequence[int], spacing: Spacing) -> Array:
        """All eigenvalues of the operator on a grid, ascending, each as often as it occurs.

        Returns
        -------
        ndarray
            (number of points,).

        Source: `sobolev.grid-exact`.

        Examples
        --------
        >>> from sobolevkernels import laplacian_power
        >>> laplacian_power(1).spectrum(5, 2 * np.pi / 5)
        array([0., 1., 1., 4., 4.])
        """
        grid, values = grid_of(shape, spacing), self.on_grid(shape, spacing)
        return np.sort(np.repeat(values, grid.multiplicity(), axis=-1), axis=None)

    def condition_number(self, shape: int | Sequence[int], spacing: Spacing) -> float:
        """The largest over the smallest eigenvalue on a grid; infinite if one is 0.

        Source: `sobolev.grid-exact`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> sobolev_multiplier(order=2).condition_number(8, 2 * np.pi / 8)
        289.0
        """
        values = self.on_grid(shape, spacing)
        with np.errstate(over="ignore"):
            return float(values.max() / values.min()) if values.min() else math.inf

    def ratio_range(self, other: GridOperator, shape: int | Sequence[int], spacing: Spacing) -> tuple[float, float]:
        """The smallest and largest m(ξ)/m_other(ξ) over the modes of a grid, but those where both are 0.

        These are the extreme eigenvalues of the operator preconditioned by the other one.

        Raises
        ------
        ValueError
            If both symbols are 0 everywhere.

        Source: `sobolev.symbol-inverse`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> sobolev_multiplier(order=2).ratio_range(sobolev_multiplier(order=1), 8, 2 * np.pi / 8)
        (1.0, 17.0)
        """
        mine, theirs = self.on_grid(shape, spacing), other.on_grid(shape, spacing)
        with np.errstate(all="ignore"):
            ratio = (mine / theirs)[(mine != 0) | (theirs != 0)]
        if not ratio.size:
            raise ValueError("both symbols are 0 at every mode of this grid; they have no ratio")
        return float(ratio.min()), float(ratio.max())

    def is_proportional(self, other: GridOperator, shape: int | Sequence[int], spacing: Spacing,
                        tolerance: float = 1e-12) -> bool:
        """Whether the symbols have one ratio at all modes of a grid, up to a relative `tolerance`.

        Source: `sobolev.symbol-inverse`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> M = sobolev_multiplier(order=2)
        >>> M.is_proportional(3 * M, 8, 0.1), M.is_proportional(M + 1, 8, 0.1)
        (True, False)
        """
        low, high = self.ratio_range(other, shape, spacing)
        return low > 0 and high < math.inf and high - low <= tolerance * high

    # --- inner product --------------------------------------------------------------------------

    def inner(self, f: ArrayLike, g: ArrayLike, spacing: Spacing) -> Any:
        """⟨f, M g⟩, times the volume of a cell: the integral of f M g, exact for fields without Nyquist modes.

        With `sobolev_multiplier` it is the inner product of the Sobolev space on the torus.

        Parameters
        ----------
        f, g : array_like
            Real fields on one grid; leading axes are a batch and broadcast.
        spacing : float or sequence of float
            As for `apply`.

        Returns
        -------
        float64
            One number, or an array over the batch.

        Source: `sobolev.grid-parseval`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> f = np.cos(2 * np.pi * np.arange(8) / 8)
        >>> print(f"{sobolev_multiplier(order=1).inner(f, f, 2 * np.pi / 8) / np.pi:.12f}")  # ∫ f² + f'²
        2.000000000000
        """
        (left, grid), (right, other) = field_of(f, spacing, "f"), field_of(g, spacing, "g")
        if grid != other:
            raise ValueError(f"f and g must live on one grid, got spatial shapes {grid.shape} and {other.shape}")
        weights = self._kept(grid, np.float64, False)[0] * (grid.multiplicity() * (grid.cell / grid.size))
        first = fourier_grid.forward(left, grid)
        second = first if g is f else fourier_grid.forward(right, grid)
        return np.sum((first.real * second.real + first.imag * second.imag) * weights, axis=grid.axes)

    def norm(self, f: ArrayLike, spacing: Spacing) -> Any:
        """√⟨f, M f⟩, the Sobolev norm of a field where M is a `sobolev_multiplier`.

        Source: `sobolev.grid-parseval`.

        Examples
        --------
        >>> from sobolevkernels import sobolev_multiplier
        >>> print(f"{sobolev_multiplier(order=3).norm(np.full(8, 2.0), 0.5):.12f}")  # 2 √(8 · 0.5)
        4.000000000000
        """
        return np.sqrt(self.inner(f, f, spacing))

    # --- identity -------------------------------------------------------------------------------

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change; make another one")

    def __reduce__(self) -> tuple[type[Self], tuple[Product]]:
        return type(self), (self._symbol,)

    def __eq__(self, other: object) -> bool:
        return self._symbol == other._symbol if isinstance(other, GridOperator) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._symbol)


def _operands(f: ArrayLike, plus: ArrayLike | None, spacing: Spacing, name: str
              ) -> tuple[NDArray[Any], NDArray[Any] | None, Grid]:
    """Both fields in one precision, and their grid."""
    field, grid = field_of(f, spacing, name)
    if plus is None:
        return field, None, grid
    other, _ = field_of(plus, spacing, "plus")
    if other.shape != field.shape:
        raise ValueError(f"plus must have the shape {field.shape} of {name}, got {other.shape}")
    kind = np.result_type(field, other)
    return field.astype(kind, copy=False), other.astype(kind, copy=False), grid


def _demand_none(field: NDArray[Any], spectrum: NDArray[Any], grid: Grid, null: NDArray[np.intp]) -> None:
    """Raise if the data have a component, beyond rounding, at the zeros of the symbol."""
    batch = field.shape[:field.ndim - grid.dim]
    found = np.abs(spectrum.reshape(*batch, -1)[..., null]).reshape(-1, len(null))
    norm = np.sqrt(np.sum(np.square(field, dtype=np.float64), axis=grid.axes)).reshape(-1, 1)
    excess = found - ROUNDING * np.finfo(field.dtype).eps * math.sqrt(grid.size) * norm
    if not (excess > 0).any():
        return
    row, column = np.unravel_index(np.argmax(excess), excess.shape)
    size = found[row, column] / grid.size
    what = f"a mean of magnitude {size:.6g}; subtract the mean" if null[column] == 0 else (
        f"a component e^(iξx) of magnitude {size:.6g}; remove it")
    raise ValueError(f"the symbol is 0 at {grid.name(null[column])} and the data have {what}, "
                     "for there is no solution")
