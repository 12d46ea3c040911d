"""The reproducing kernel of the Sobolev space H^t(R^n).

The selected definition: the inner product ⟨f, g⟩ = ∫ f̂ conj(ĝ) w dξ with the unitary
Fourier transform and the weight w(ξ) = (κ² + |ξ|²)^order. Its kernel,
d(r) = (2π)^(-n) ∫ e^(i(y-x)·ξ)/w(ξ) dξ with r = |x-y|, has the closed form
d(r) = κ^(n-2·order) 2^(1-order)/((2π)^(n/2) Γ(order)) (κr)^ν K_ν(κr), ν = order - n/2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation import compiled, precise
from sobolevkernels.evaluation.constants import Scale, at_zero, square_root
from sobolevkernels.evaluation.distances import grams
from sobolevkernels.evaluation.radial import log_road, radial_road
from sobolevkernels.evaluation.tiles import Road, over_tiles
from sobolevkernels.kernels import validation
from sobolevkernels.kernels.derivatives import Derivatives
from sobolevkernels.kernels.formula import Formula
from sobolevkernels.kernels.operator import Operator
from sobolevkernels.kernels.parameters import Parameters


@dataclass(frozen=True, init=False, repr=False)
class SobolevKernel(Formula, Operator, Derivatives, Parameters):
    """The reproducing kernel of H^order(R^dim) with the weight (κ² + |ξ|²)^order.

    It is a Matérn covariance of smoothness ν = order - dim/2 and inverse length κ,
    normalised so that ⟨d_x, f⟩ = f(x). Parameters are kept exactly: integers and
    fractions as such, a float at its binary value.

    Parameters
    ----------
    dim : int
        Dimension n of the space.
    order : rational or float
        Sobolev order t of H^t, above dim/2.
    kappa : rational or float
        Inverse length κ, in radians per length.

    Raises
    ------
    ValueError
        If order ≤ dim/2, where point evaluation is not continuous and there is no kernel.
        The s of bai2022 is 2·order: for it there is `from_bessel_potential`.

    Source: `sobolev.radial`.

    Examples
    --------
    >>> import numpy as np
    >>> k = SobolevKernel(dim=3, order=3)
    >>> k
    SobolevKernel(dim=3, order=3, kappa=1)  # weight (1 + |ξ|²)^3
    >>> k(np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]])) * 32 * np.pi  # (1 + r) e^(-r)
    array([[1.        , 0.19914827],
           [0.19914827, 1.        ]])
    """

    dim: int
    order: Fraction
    kappa_squared: Fraction

    def __init__(self, *, dim: int, order: Any, kappa: Any = 1.0) -> None:
        self._set(validation.dimension(dim), validation.exact(order, "order"),
                  validation.positive(kappa, "kappa") ** 2)

    def _set(self, dim: int, order: Fraction, kappa_squared: Fraction) -> None:
        if order <= Fraction(dim, 2):
            raise ValueError(
                f"order must exceed dim/2 = {_number(Fraction(dim, 2))} for the kernel to exist, got "
                f"{_number(order)}; if that is the s of a Bessel potential or of bai2022, which is 2·order, "
                f"use SobolevKernel.from_bessel_potential(dim={dim}, s=...)"
            )
        for name, value in (("dim", dim), ("order", order), ("kappa_squared", kappa_squared)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_bessel_potential(cls, dim: int, s: Any, kappa: Any = 1.0) -> SobolevKernel:
        """The kernel for the weight (κ² + |ξ|²)^(s/2), as bai2022 writes it: order = s/2.

        Parameters
        ----------
        dim : int
            Dimension of the space.
        s : rational or float
            Order of the Bessel potential, above dim.
        kappa : rational or float
            Inverse length.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> SobolevKernel.from_bessel_potential(dim=3, s=6) == SobolevKernel(dim=3, order=3)
        True
        """
        dimension, exact = validation.dimension(dim), validation.exact(s, "s")
        if exact <= dimension:
            raise ValueError(
                f"s must exceed dim = {dim} for the kernel to exist, got {s!r}; s is twice the Sobolev "
                "order: if that was given, use SobolevKernel(dim=, order=)"
            )
        return cls(dim=dimension, order=exact / 2, kappa=kappa)

    @classmethod
    def from_matern(cls, dim: int, nu: Any, length_scale: Any) -> SobolevKernel:
        """The kernel with the shape of a Matérn covariance, in Sobolev normalisation.

        order = ν + dim/2 and κ = sqrt(2ν)/length_scale. At r = 0 the value is `at_zero`, not 1:
        `correlation` is the covariance of variance 1.

        Parameters
        ----------
        dim : int
            Dimension of the space.
        nu : rational or float
            Smoothness.
        length_scale : rational or float
            Length scale in the sense of scikit-learn and GPyTorch.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> import numpy as np
        >>> k = SobolevKernel.from_matern(dim=3, nu=1.5, length_scale=0.7)
        >>> k
        SobolevKernel.from_matern(dim=3, nu=1.5, length_scale=0.7)  # weight (3/0.7² + |ξ|²)^3
        >>> print(f"{k.correlation(0.7):.12f} {(1 + 3**0.5) * np.exp(-3**0.5):.12f}")
        0.483357724597 0.483357724597
        """
        dimension = validation.dimension(dim)
        smoothness = validation.positive(nu, "nu")
        length = validation.positive(length_scale, "length_scale")
        kernel = cls.__new__(cls)
        kernel._set(dimension, smoothness + Fraction(dimension, 2), 2 * smoothness / length**2)
        return kernel

    # --- parameters -----------------------------------------------------------------------------

    @property
    def nu(self) -> Fraction:
        """Matérn smoothness, order - dim/2, exact."""
        return self.order - Fraction(self.dim, 2)

    @property
    def kappa(self) -> float:
        """Inverse length; exact is its square, `kappa_squared`."""
        return square_root(self.kappa_squared)

    @property
    def at_zero(self) -> float:
        """d(0) = (4π)^(-dim/2) κ^(-2ν) Γ(ν)/Γ(order).

        It underflows near dimension 200, where `log_radial(0)` does not.

        Source: `sobolev.at-zero`.

        Examples
        --------
        >>> SobolevKernel(dim=1, order=1).at_zero
        0.5
        """
        return float(at_zero(self.dim, self.nu, self.kappa_squared))

    def to_matern(self) -> dict[str, float]:
        """The same kernel as a Matérn covariance: nu, length_scale, variance.

        In the parametrisation of scikit-learn and GPyTorch, κ = sqrt(2ν)/length_scale.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> SobolevKernel(dim=1, order=1).to_matern()
        {'nu': 0.5, 'length_scale': 1.0, 'variance': 0.5}
        """
        return {"nu": float(self.nu), "length_scale": square_root(2 * self.nu / self.kappa_squared),
                "variance": self.at_zero}

    # --- numbers --------------------------------------------------------------------------------

    def __call__(
        self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """Gram matrix d(|x_i - y_j|).

        Distances come from differences. With `Y` absent or `X` itself the matrix is
        symmetric to the last bit and its diagonal is exactly `at_zero`. Beyond the result
        only small tiles are allocated, and copies of the points.

        Parameters
        ----------
        X, Y : array_like
            Points, (..., N, dim) and (..., M, dim), whose leading axes are broadcast; (N,) is
            accepted for dim 1. Float32 points give a float32 matrix, computed in float64.
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

        Source: `sobolev.radial`.

        Examples
        --------
        >>> SobolevKernel(dim=1, order=1)([0.0, 1.0], [0.0]) * 2
        array([[1.        ],
               [0.36787944]])
        """
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (n, m), batch=True)
        grams(self._road(result.size), x, y, result)
        return result

    def radial(self, r: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """d(r), for distances of any shape.

        Within 1.5 units in the last place more than `correlation`, also where the correlation
        alone is subnormal or zero.

        Parameters
        ----------
        r : array_like
            Distances, at least 0; infinity gives 0. Float32 gives float32.
        out : ndarray, optional
            Where to write; it may be `r`.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> import numpy as np
        >>> SobolevKernel(dim=3, order=2).radial([0.0, 1.0]) * 8 * np.pi  # e^(-r)
        array([1.        , 0.36787944])
        """
        values = validation.real_array(r, "r")
        result = validation.destination(out, values.shape, values.dtype)
        over_tiles(self._road(result.size), values, result, validation.distances)
        return result if out is not None else result[()]

    def correlation(self, r: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """d(r)/d(0) = 2^(1-ν)/Γ(ν) (κr)^ν K_ν(κr), the Matérn correlation.

        Within 2.5 units in the last place for every ν in [0.01, 500], every κ and every r. NumPy
        alone, without the `fast` extra or for small arrays, is within 5 for ν = 1/2, 3/2, 5/2, 7/2,
        whose closed forms are faster, and 7 where κ is not a power of 2 there.

        Parameters
        ----------
        r : array_like
            Distances, at least 0; infinity gives 0. Float32 gives float32.
        out : ndarray, optional
            Where to write; it may be `r`.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> SobolevKernel(dim=2, order=1.7).correlation(0.0)
        np.float64(1.0)
        """
        values = validation.real_array(r, "r")
        result = validation.destination(out, values.shape, values.dtype)
        over_tiles(radial_road(self.nu, self.kappa_squared, entries=values.size), values, result, validation.distances)
        return result if out is not None else result[()]

    def log_radial(self, r: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """log d(r); it never underflows, in r or in the dimension.

        Parameters
        ----------
        r : array_like
            Distances, at least 0; infinity gives minus infinity.
        out : ndarray, optional
            Where to write; it may be `r`.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> k = SobolevKernel(dim=4096, order=2049)
        >>> k.at_zero, round(float(k.log_radial(0.0)), 6)
        (0.0, -18755.48863)
        """
        values = validation.real_array(r, "r")
        result = validation.destination(out, values.shape, values.dtype)
        over_tiles(log_road(self.nu, self.kappa_squared, self._scale()), values, result, validation.distances)
        return result if out is not None else result[()]

    def evaluate(self, r: Any, digits: int = 50) -> Any:
        """d(r) to `digits` significant digits, as an mpmath number.

        Parameters
        ----------
        r : rational or float
            One finite distance, taken exactly.
        digits : int
            Significant digits of the result.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> from mpmath import nstr
        >>> nstr(SobolevKernel(dim=1, order=Fraction(6, 5)).evaluate(1, digits=40), 40)
        '0.1901100818532020622280997283567749343306'
        """
        return precise.radial_mpf(self.dim, self.nu, self.kappa_squared, validation.exact_distance(r),
                                  validation.digits(digits))

    def enclosure(self, r: Any, digits: int = 50) -> Any:
        """A certified ball that contains d(r), of relative radius below 10^(-digits).

        Parameters
        ----------
        r : rational or float
            One finite distance, taken exactly.
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

        Source: `sobolev.radial`.

        Examples
        --------
        >>> ball = SobolevKernel(dim=1, order=1).enclosure(0)
        >>> bool(ball.contains(0.5))
        True
        """
        return precise.radial_ball(self.dim, self.nu, self.kappa_squared, validation.exact_distance(r),
                                   validation.digits(digits))

    def _scale(self) -> Scale:
        return at_zero(self.dim, self.nu, self.kappa_squared)

    def _road(self, entries: int) -> Road:
        if compiled.worth(entries):
            return radial_road(self.nu, self.kappa_squared, self._scale(), entries)
        return self._small_road

    @cached_property
    def _small_road(self) -> Road:
        """Kept, because to choose it costs more than a small Gram matrix."""
        return radial_road(self.nu, self.kappa_squared, self._scale())

    def __repr__(self) -> str:
        kappa = _root(self.kappa_squared)
        if kappa is not None:
            call = f"SobolevKernel(dim={self.dim}, order={_number(self.order)}, kappa={_number(kappa)})"
            square = "1" if kappa == 1 else f"{_number(kappa, short=True)}²"
        else:  # only `from_matern` makes such a κ
            length = _root(2 * self.nu / self.kappa_squared) or Fraction(1)
            call = (f"SobolevKernel.from_matern(dim={self.dim}, nu={_number(self.nu)}, "
                    f"length_scale={_number(length)})")
            square = f"{_number(2 * self.nu, short=True)}/{_number(length, short=True)}²"
        return f"{call}  # weight ({square} + |ξ|²)^{_number(self.order, short=True)}"


def _root(square: Fraction) -> Fraction | None:
    """The exact root of a rational number, if it has one."""
    root = Fraction(math.isqrt(square.numerator), math.isqrt(square.denominator))
    return root if root**2 == square else None


def _number(number: Fraction, short: bool = False) -> str:
    """An exact number as Python would read it back: an integer, a float, or a fraction."""
    if number.denominator == 1:
        return str(number.numerator)
    if Fraction(float(number)) == number:
        return repr(float(number))
    return f"({number})" if short else repr(number)
