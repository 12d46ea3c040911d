"""The reproducing kernel of the Sobolev space H^t on a torus.

The selected definition: f = Σ f_k e^(iξ_k·x) with ξ_k = 2πk/L, axis by axis, and the inner product
⟨f, g⟩ = |T| Σ_k f_k conj(g_k) w(ξ_k) with the weight w(ξ) = (κ² + |ξ|²)^order and the volume |T|. Its kernel is
d(h) = |T|^(-1) Σ_k e^(iξ_k·h)/w(ξ_k) = Σ_m d_R(|h + mL|), the Fourier sum and the image sum of the kernel on R^n.
For κ = 0 it is the kernel of the semi-norm on functions of mean zero, without k = 0.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.constants import square_root
from sobolevkernels.evaluation.distances import grams
from sobolevkernels.evaluation.periodic import Folding, over_displacements, torus_grams, torus_road
from sobolevkernels.evaluation.periodic_precise import torus_ball, torus_mpf
from sobolevkernels.evaluation.periodic_sums import Torus
from sobolevkernels.kernels import validation
from sobolevkernels.kernels.euclidean import SobolevKernel, _number, _root
from sobolevkernels.kernels.periodic_formula import CIRCLE, PeriodicFormula

#: The longest period over the shortest one.
MOST_UNEQUAL = 1e150


@dataclass(frozen=True, init=False, repr=False)
class PeriodicSobolevKernel(PeriodicFormula):
    """The reproducing kernel of H^order on the torus with the weight (κ² + |ξ|²)^order.

    It is the covariance of a periodic Matérn field, normalised so that ⟨d_x, f⟩ = f(x). Parameters are kept
    exactly: integers and fractions as such, a float at its binary value.

    Parameters
    ----------
    dim : int
        Dimension n of the torus.
    order : rational or float
        Sobolev order t of H^t, above dim/2.
    kappa : rational or float
        Inverse length κ, in radians per length. 0 means the semi-norm on functions of mean zero: the mode k = 0
        is left out, and the kernel changes sign.
    period : rational or float, or a sequence of dim such
        Length of the torus along every axis, or along each. The default is the float nearest to 2π.

    Raises
    ------
    ValueError
        If order ≤ dim/2, where point evaluation is not continuous and there is no kernel; if a period is not
        positive, or there are not as many as axes; if κ is negative.

    Source: `sobolev.poisson`.

    Examples
    --------
    >>> import numpy as np
    >>> k = PeriodicSobolevKernel(order=1, period=2)
    >>> k
    PeriodicSobolevKernel(dim=1, order=1, kappa=1, period=2)  # weight (1 + |ξ|²)^1
    >>> k(np.array([0.0, 0.5, 1.5])) * 2 * np.sinh(1)  # cosh(1 - |x-y|) for |x-y| up to 2
    array([[1.54308063, 1.12762597, 1.12762597],
           [1.12762597, 1.54308063, 1.        ],
           [1.12762597, 1.        , 1.54308063]])
    """

    dim: int
    order: Fraction
    kappa_squared: Fraction
    periods: tuple[Fraction, ...]

    def __init__(self, *, dim: int = 1, order: Any, kappa: Any = 1.0, period: Any = CIRCLE) -> None:
        dimension, inverse = validation.dimension(dim), validation.exact(kappa, "kappa")
        if inverse < 0:
            raise ValueError(
                f"kappa must be at least 0, got {kappa!r}; 0 means the semi-norm on functions of mean zero")
        self._set(dimension, validation.exact(order, "order"), inverse**2, _lengths(period, dimension))

    def _set(self, dim: int, order: Fraction, kappa_squared: Fraction, periods: tuple[Fraction, ...]) -> None:
        if order <= Fraction(dim, 2):
            raise ValueError(
                f"order must exceed dim/2 = {_number(Fraction(dim, 2))} for the kernel to exist, got "
                f"{_number(order)}; if that is the s of a Bessel potential or of bai2022, which is 2·order, "
                "pass order=s/2"
            )
        for name, value in (("dim", dim), ("order", order), ("kappa_squared", kappa_squared), ("periods", periods)):
            object.__setattr__(self, name, value)

    # --- parameters -----------------------------------------------------------------------------

    @property
    def nu(self) -> Fraction:
        """Matérn smoothness, order - dim/2, exact."""
        return self.order - Fraction(self.dim, 2)

    @property
    def kappa(self) -> float:
        """Inverse length; exact is its square, `kappa_squared`."""
        return square_root(self.kappa_squared) if self.kappa_squared else 0.0

    @property
    def period(self) -> float | tuple[float, ...]:
        """The length of the circle, or of each axis; exact are `periods`."""
        lengths = tuple(map(float, self.periods))
        return lengths[0] if self.dim == 1 else lengths

    @property
    def at_zero(self) -> float:
        """d(0) = |T|^(-1) Σ_k 1/w(ξ_k), the largest value.

        Source: `sobolev.poisson`.

        Examples
        --------
        >>> PeriodicSobolevKernel(order=1, kappa=0, period=12).at_zero  # L B_2(0)/2 = L/12
        1.0
        """
        return self._road().at_zero

    @property
    def limit(self) -> SobolevKernel:
        """The kernel on R^dim, to which this one tends as the period grows.

        In dim 1 and for order 1 the difference is cosh(κx)/(κ (e^(κL) - 1)), exactly; for every order it is
        exponentially small.

        Raises
        ------
        ValueError
            For κ = 0: as the period grows, there is no limit.

        Source: `sobolev.period-to-infinity`, `sobolev.image-tail`.

        Examples
        --------
        >>> PeriodicSobolevKernel(order=2, kappa=3).limit
        SobolevKernel(dim=1, order=2, kappa=3)  # weight (3² + |ξ|²)^2
        """
        if not self.kappa_squared:
            raise ValueError("the kernel of the semi-norm, kappa=0, has no limit as the period grows; take kappa > 0")
        kernel = SobolevKernel.__new__(SobolevKernel)
        kernel._set(self.dim, self.order, self.kappa_squared)
        return kernel

    # --- numbers --------------------------------------------------------------------------------

    def __call__(
        self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """Gram matrix d(x_i - y_j).

        Displacements are differences of the points as they are; they are reduced modulo the period without
        rounding. With `Y` absent or `X` itself the matrix is symmetric to the last bit and its diagonal is
        exactly `at_zero`. Beyond the result only small tiles are allocated, and copies of the points.

        Parameters
        ----------
        X, Y : array_like
            Points, (..., N, dim) and (..., M, dim), whose leading axes are broadcast; (N,) is accepted for dim 1.
            Float32 points give a float32 matrix, computed in float64.
        out : ndarray, optional
            Where to write, (..., N, M), of the dtype of the result.

        Returns
        -------
        ndarray
            (..., N, M).

        Raises
        ------
        ValueError
            If a point is NaN or infinite, or a shape does not fit dim.

        Source: `sobolev.poisson`.

        Examples
        --------
        >>> k = PeriodicSobolevKernel(order=2, period=1)
        >>> bool(k([0.25], [0.5]) == k([0.25], [7.5]))
        True
        """
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (n, m), batch=True)
        if self.dim == 1:
            grams(self._road(), x, y, result)
        else:
            torus_grams(self._road(), x, y, result)
        return result

    def at(self, h: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """d(h), for displacements.

        In dim 1, for integer orders up to 16 the error is at most 6 units in the last place for any κ > 0; for κ = 0,
        where d changes sign, and orders up to 10 it is at most 8 units of d(0). Elsewhere the relative error is below
        1e-13; for κ = 0 relative to d(0).

        Parameters
        ----------
        h : array_like
            Displacements, (..., dim), or of any shape (...) in dim 1. Float32 gives float32.
        out : ndarray, optional
            Where to write, (...); in dim 1 it may be `h`.

        Raises
        ------
        ValueError
            If a displacement is NaN or infinite, or its last axis is not dim long.

        Source: `sobolev.poisson`, `sobolev.periodic-order-2`.

        Examples
        --------
        >>> import numpy as np
        >>> k = PeriodicSobolevKernel(order=1, kappa=0, period=1)  # (u² - u + 1/6)/2
        >>> k.at([0.0, 0.5, 1.25]) * 96
        array([ 8., -4., -1.])
        """
        values = _displacements(h, self.dim)
        result = validation.destination(out, values.shape if self.dim == 1 else values.shape[:-1], values.dtype)
        over_displacements(self._road(), values, result)
        return result if out is not None else result[()]

    def on_grid(self, shape: int | Sequence[int]) -> NDArray[np.float64]:
        """d on the uniform grid with that many points an axis: the first row of its circulant Gram matrix.

        The points are those with the coordinates j·period/n, j = 0, …, n-1. The discrete Fourier transform of the
        result is the spectrum of the Gram matrix; it is not 1/w but the sum of 1/w over the frequencies that coincide
        on the grid.

        Parameters
        ----------
        shape : int or sequence of int
            Number of points per axis; one number serves every axis.

        Returns
        -------
        ndarray
            Of that shape, float64.

        Source: `sobolev.periodic-aliasing`.

        Examples
        --------
        >>> import numpy as np
        >>> k = PeriodicSobolevKernel(order=1, period=4)
        >>> row = k.on_grid(4)
        >>> bool((k([0.0, 1.0, 2.0, 3.0])[0] == row).all())
        True
        >>> spectrum = np.fft.fft(row).real
        >>> print(f"{spectrum[0]:.12f} {np.sinh(1) / (np.cosh(1) - 1) / 2:.12f}")
        1.081976706869 1.081976706869
        """
        sizes = _grid(shape, self.dim)
        halves = [float(length) * (np.arange(n // 2 + 1) / n) for length, n in zip(self.periods, sizes, strict=True)]
        corner = np.stack(np.meshgrid(*halves, indexing="ij"), axis=-1)
        values = self.at(corner[..., 0] if self.dim == 1 else corner)
        return values[np.ix_(*(np.minimum(np.arange(n), n - np.arange(n)) for n in sizes))]

    def evaluate(self, h: Any, digits: int = 50) -> Any:
        """d(h) to `digits` significant digits, as an mpmath number; for κ = 0 to digits of d(0).

        Parameters
        ----------
        h : rational or float, or a sequence of dim such
            One finite displacement, taken exactly.
        digits : int
            Significant digits of the result.

        Source: `sobolev.theta-poisson`.

        Examples
        --------
        >>> from mpmath import nstr
        >>> nstr(PeriodicSobolevKernel(order=1, period=2).evaluate(1, digits=30), 30)  # 1/(2 sinh(1))
        '0.425459064119660772566921381644'
        """
        return torus_mpf(self._torus(), self._displacement(h), validation.digits(digits))

    def enclosure(self, h: Any, digits: int = 50) -> Any:
        """A certified ball that contains d(h), of relative radius below 10^(-digits); for κ = 0 relative to d(0).

        Parameters
        ----------
        h : rational or float, or a sequence of dim such
            One finite displacement, taken exactly.
        digits : int
            Wanted relative accuracy.

        Returns
        -------
        flint.arb
            A ball of python-flint.

        Raises
        ------
        ImportError
            If python-flint is absent: pip install sobolevkernels[certify].

        Source: `sobolev.theta-poisson`, `sobolev.image-tail`.

        Examples
        --------
        >>> k = PeriodicSobolevKernel(order=1, kappa=0, period=12)
        >>> bool(k.enclosure(0).contains(1)), bool(k.enclosure(6).contains(-0.5))
        (True, True)
        """
        return torus_ball(self._torus(), self._displacement(h), validation.digits(digits))

    # --- inside ---------------------------------------------------------------------------------

    def _torus(self) -> Torus:
        return Torus(self.order, self.kappa_squared, self.periods)

    def _road(self) -> Folding:
        return torus_road(self._torus())

    def _displacement(self, h: Any) -> tuple[Fraction, ...]:
        """One displacement, exact."""
        parts = np.asarray(h, dtype=object).reshape(-1).tolist() if self.dim == 1 or not np.iterable(h) else list(h)
        if len(parts) != self.dim:
            raise ValueError(f"a displacement must have dim = {self.dim} components, got {len(parts)}")
        return tuple(validation.exact(part, "h") for part in parts)

    def __repr__(self) -> str:
        kappa = _root(self.kappa_squared) or Fraction(0)
        lengths = [_number(length) for length in self.periods]
        period = lengths[0] if len(set(lengths)) == 1 else f"({', '.join(lengths)})"
        return (f"PeriodicSobolevKernel(dim={self.dim}, order={_number(self.order)}, kappa={_number(kappa)}, "
                f"period={period})  # weight ({_square(kappa)} + |ξ|²)^{_number(self.order, short=True)}")


def _square(kappa: Fraction) -> str:
    return _number(kappa) if kappa in (0, 1) else f"{_number(kappa, short=True)}²"


def _lengths(period: Any, dim: int) -> tuple[Fraction, ...]:
    """One length per axis, exact and positive."""
    if not isinstance(period, (Sequence, np.ndarray)) or isinstance(period, str) or np.ndim(period) == 0:
        lengths = (validation.positive(period, "period"),) * dim
    elif len(period) != dim:
        raise ValueError(f"period must be one number or a sequence of dim = {dim} numbers, got {len(period)}")
    else:
        lengths = tuple(validation.positive(length, f"period[{i}]") for i, length in enumerate(period))
    if not (min(lengths) >= 5e-324 and max(lengths) <= sys.float_info.max):
        raise ValueError("a period must lie within the range of floats; measure lengths in another unit")
    if max(lengths) > MOST_UNEQUAL * min(lengths):
        raise ValueError(f"the longest period is more than {MOST_UNEQUAL:.0e} times the shortest, got {period!r}; "
                         "leave out the axis that is so short, on which only the mean is seen")
    return lengths


def _displacements(h: ArrayLike, dim: int) -> NDArray[Any]:
    """Displacements (..., dim), or of any shape in dim 1, all of them finite."""
    values = validation.real_array(h, "h")
    if dim > 1 and (values.ndim == 0 or values.shape[-1] != dim):
        raise ValueError(f"h must have shape (..., {dim}) for dim={dim}, got {values.shape}; "
                         "the last axis holds the components of a displacement")
    finite = np.isfinite(values)
    if not finite.all():
        where = tuple(map(int, np.argwhere(~finite)[0]))
        place = f"h[{', '.join(map(str, where))}]" if where else "it"
        raise ValueError(f"h must be finite, but {place} is {values[where]}; remove or repair such displacements")
    return values


def _grid(shape: Any, dim: int) -> tuple[int, ...]:
    """The number of points per axis."""
    sizes = tuple(shape) if np.iterable(shape) else (shape,) * dim
    if len(sizes) != dim:
        raise ValueError(f"shape must be one number or a sequence of dim = {dim} numbers, got {len(sizes)}")
    for n in sizes:
        if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
            raise ValueError(f"a grid must have a positive integer number of points an axis, got {n!r}")
    return tuple(map(int, sizes))
