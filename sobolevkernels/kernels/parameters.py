"""The kernel differentiated by its own parameters: what maximum likelihood asks for.

A covariance σ² d(r)/d(0) has two parameters besides its variance: the order, or the smoothness
ν = order - dim/2, and κ. With both derivatives the likelihood has an exact gradient, so that the
smoothness is estimated like any other parameter instead of being chosen from a list of half-integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.distances import grams
from sobolevkernels.evaluation.enclosures import derivative_ball
from sobolevkernels.evaluation.order_derivative import combination, parameter_road
from sobolevkernels.evaluation.precise_derivative import Parameter, derivative_mpf
from sobolevkernels.evaluation.tiles import Road, over_tiles
from sobolevkernels.kernels import validation

if TYPE_CHECKING:
    from sobolevkernels.kernels.euclidean import SobolevKernel

NAMES: dict[str, Parameter] = {"order": "order", "nu": "order", "kappa": "kappa"}


class Parameters:
    """What a `SobolevKernel` knows of its dependence on order and κ."""

    def parameter_derivative(self, parameter: str) -> ParameterDerivative:
        """∂d/∂order at fixed κ, or ∂d/∂κ at fixed order: a function of distances and of points, as the kernel is.

        Parameters
        ----------
        parameter : {"order", "nu", "kappa"}
            "nu" means the same as "order": at fixed dim they differ by a constant.

        Raises
        ------
        ValueError
            If it is another name. For the length scale ℓ = sqrt(2ν)/κ of a Matérn covariance use the chain rule:
            ∂/∂ℓ = -(κ/ℓ) ∂/∂κ, and at fixed ℓ the derivative in ν is ∂/∂order + (κ/(2ν)) ∂/∂κ.

        Source: `sobolev.kappa-derivative`, `sobolev.order-derivative-integral`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> change = SobolevKernel(dim=1, order=1, kappa=2).parameter_derivative("kappa")
        >>> change.radial([0.0, 1.0])  # d = e^(-κr)/(2κ)
        array([-0.125     , -0.05075073])
        """
        try:
            return ParameterDerivative(self, NAMES[parameter])  # type: ignore[arg-type]
        except (KeyError, TypeError):
            raise ValueError(
                f'parameter must be "order" (or "nu", which is the same at fixed dim) or "kappa", got {parameter!r}; '
                "for a Matérn length scale l = sqrt(2 nu)/kappa the chain rule gives d/dl = -(kappa/l) d/dkappa, "
                "and at fixed l the derivative in nu is d/dorder + kappa/(2 nu) d/dkappa"
            ) from None


@dataclass(frozen=True)
class ParameterDerivative:
    """∂d/∂parameter of a kernel, where parameter is its order or its κ.

    For ν in [0.01, 500], every r and every κ the relative error is below 1e-14 for ∂d/∂κ and for both
    derivatives of the correlation. ∂d/∂order changes sign; its error is below 1e-14 of the larger of the two terms
    d(0) ∂M/∂ν and M ∂d(0)/∂order, where M = d/d(0). Outside that range of ν mpmath answers.

    Source: `sobolev.kappa-derivative`, `sobolev.at-zero-order-derivative`.

    Examples
    --------
    >>> from sobolevkernels import SobolevKernel
    >>> SobolevKernel(dim=2, order=2).parameter_derivative("order")
    ParameterDerivative(kernel=SobolevKernel(dim=2, order=2, kappa=1), parameter='order')
    """

    kernel: SobolevKernel
    parameter: Parameter

    @property
    def at_zero(self) -> float:
        """∂d(0)/∂parameter.

        Source: `sobolev.at-zero-order-derivative`, `sobolev.kappa-derivative`.

        Examples
        --------
        >>> import numpy as np
        >>> from sobolevkernels import SobolevKernel
        >>> SobolevKernel(dim=2, order=2).parameter_derivative("order").at_zero * 4 * np.pi  # d(0) = 1/(4π (order-1))
        -1.0
        """
        return combination(self.parameter, *self._exact).at_zero

    def __call__(
        self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None
    ) -> NDArray[Any]:
        """∂/∂parameter of the Gram matrix: the same arguments, shapes and symmetry as those of the kernel.

        Source: `sobolev.kappa-derivative`, `sobolev.order-derivative-integral`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> change = SobolevKernel(dim=1, order=1, kappa=2).parameter_derivative("kappa")
        >>> change([0.0, 1.0], [0.0])
        array([[-0.125     ],
               [-0.05075073]])
        """
        x, y, result = validation.pairs(self.kernel.dim, X, Y, out, lambda n, m: (n, m), batch=True)
        grams(self._radial_road, x, y, result)
        return result

    def radial(self, r: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """∂d(r)/∂parameter, for distances of any shape.

        Parameters
        ----------
        r : array_like
            Distances, at least 0; infinity gives 0. Float32 gives float32.
        out : ndarray, optional
            Where to write; it may be `r`.

        Source: `sobolev.kappa-derivative`, `sobolev.order-derivative-integral`.

        Examples
        --------
        >>> import numpy as np
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=3, order=2, kappa=2)  # d = e^(-κr)/(8πκ)
        >>> print(f"{k.parameter_derivative('kappa').radial(1.0) * 32 * np.pi * np.exp(2):.12f}")
        -3.000000000000
        """
        return _run(self._radial_road, r, out)

    def correlation(self, r: ArrayLike, out: NDArray[Any] | None = None) -> Any:
        """∂(d(r)/d(0))/∂parameter: at least 0 for the order, at most 0 for κ.

        Parameters
        ----------
        r : array_like
            Distances, at least 0; infinity gives 0. Float32 gives float32.
        out : ndarray, optional
            Where to write; it may be `r`.

        Source: `sobolev.kappa-derivative`, `sobolev.order-derivative-integral`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=1, order=1)  # ∂/∂ν at ν = 1/2: e^r E_1(2r) + e^(-r) (log(2r) + γ)
        >>> print(f"{k.parameter_derivative('order').correlation(1.0):.12f}")
        0.600265743333
        """
        return _run(self._correlation_road, r, out)

    def evaluate(self, r: Any, digits: int = 50, correlation: bool = False) -> Any:
        """∂d(r)/∂parameter, or ∂(d(r)/d(0))/∂parameter, as an mpmath number.

        Parameters
        ----------
        r : rational or float
            One finite distance, taken exactly.
        digits : int
            Significant digits of the result; for ∂d/∂order, which changes sign, of the largest of its terms.
        correlation : bool
            Differentiate d/d(0) instead of d.

        Source: `sobolev.kappa-derivative`, `sobolev.order-derivative-integral`.

        Examples
        --------
        >>> from mpmath import nstr
        >>> from sobolevkernels import SobolevKernel
        >>> change = SobolevKernel(dim=1, order=Fraction(6, 5)).parameter_derivative("order")
        >>> nstr(change.evaluate(1, digits=30), 30)
        '0.0183129082023347579544868835252'
        """
        return derivative_mpf(self.parameter, *self._exact, validation.exact_distance(r),
                              validation.digits(digits), correlation)

    def enclosure(self, r: Any, digits: int = 50, correlation: bool = False) -> Any:
        """A certified ball (python-flint `arb`) that contains what `evaluate` approximates, of the same accuracy.

        Parameters
        ----------
        r : rational or float
            One finite distance, taken exactly.
        digits : int
            Wanted accuracy, as for `evaluate`.
        correlation : bool
            Differentiate d/d(0) instead of d.

        Raises
        ------
        ImportError
            If python-flint is absent: pip install sobolevkernels[certify].

        Source: `sobolev.kappa-derivative`, `sobolev.at-zero-order-derivative`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> ball = SobolevKernel(dim=1, order=1, kappa=2).parameter_derivative("kappa").enclosure(0)
        >>> bool(ball.contains(-0.125))
        True
        """
        return derivative_ball(self.parameter, *self._exact, validation.exact_distance(r),
                               validation.digits(digits), correlation)

    @property
    def _exact(self) -> tuple[int, Fraction, Fraction]:
        return self.kernel.dim, self.kernel.nu, self.kernel.kappa_squared

    @cached_property
    def _radial_road(self) -> Road:
        return parameter_road(self.parameter, *self._exact[1:], combination(self.parameter, *self._exact))

    @cached_property
    def _correlation_road(self) -> Road:
        return parameter_road(self.parameter, *self._exact[1:], combination(self.parameter, *self._exact, True))

    def __repr__(self) -> str:
        kernel = repr(self.kernel).split("  #")[0]
        return f"ParameterDerivative(kernel={kernel}, parameter={self.parameter!r})"


def _run(road: Road, r: ArrayLike, out: NDArray[Any] | None) -> Any:
    values = validation.real_array(r, "r")
    result = validation.destination(out, values.shape, values.dtype)
    over_tiles(road, values, result, validation.distances)
    return result if out is not None else result[()]
