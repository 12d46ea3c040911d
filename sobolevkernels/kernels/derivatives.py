"""Derivatives of the kernel in its two points, exact where the points coincide.

With z = x - y, r = |z|, u = z/r and F_m = (-(1/r) d/dr)^m d, which is (2π)^m times the
kernel of the same order in dimension n + 2m, every derivative of total order N = |γ| is
∂^γ d(z) = Σ_(k ≤ γ/2) Π_i γ_i!/(k_i! (γ_i-2k_i)! 2^(k_i)) u_i^(γ_i-2k_i) · (-1)^m r^(2m-N) F_m(r), m = N - |k|.
It is continuous at coincident points iff N < 2ν. There the terms with a factor r vanish,
and nothing is divided by r.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.directions import Tile, over_pairs
from sobolevkernels.evaluation.tiles import Array
from sobolevkernels.kernels import validation
from sobolevkernels.kernels.partial import (
    KernelDerivative,
    MultiIndex,
    factor_of,
    in_range,
    multi_index,
    multi_indices,
    nu_of,
    require_continuity,
)


class Derivatives:
    """What a `SobolevKernel` knows of its derivatives."""

    dim: int
    order: Fraction
    kappa_squared: Fraction

    def gradient(self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """∂/∂x d(x, y) = -u r F_1(r) of all pairs; 0 where the points coincide.

        The gradient in y is its negative.

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim), as for the Gram matrix.
        out : ndarray, optional
            Where to write, (N, M, dim), of the dtype of the result.

        Returns
        -------
        ndarray
            (N, M, dim), in units of the kernel per length.

        Raises
        ------
        ValueError
            If ν ≤ 1/2, where the kernel has a kink at coincident points: take order > dim/2 + 1/2.

        Source: `sobolev.gradient`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=2, order=2.5)  # e^(-r) (1+r)/(6π)
        >>> (k.gradient([[3.0, 4.0]], [[0.0, 0.0], [3.0, 4.0]]) * 6 * np.pi * np.exp(5)).round(12)
        array([[[-3., -4.],
                [ 0.,  0.]]])
        """
        require_continuity(self, 1)
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (n, m, self.dim))

        def tile_at(exponent: int) -> Tile:
            first = factor_of(self, len(x) * len(y), 1, 1, exponent)

            def tile(r: Array, u: Array) -> Iterable[tuple[MultiIndex, Array]]:
                slope = first(r)
                for axis, component in enumerate(u):
                    piece = component * slope
                    yield (axis,), np.subtract(0.0, piece, out=piece)

            return tile

        over_pairs(in_range(tile_at), x, y, result, range(self.dim), sign=-1)
        return result

    def mixed_hessian(self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """∂/∂x ∂/∂yᵀ d(x, y) = F_1(r) I - r² F_2(r) u uᵀ of all pairs; F_1(0) I where the points coincide.

        It is the covariance of the gradients, at x and at y, of a random field of covariance d. The Hessian
        in x is its negative. With `Y` absent the result is symmetric to the last bit under (i, a) <-> (j, b).

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim), as for the Gram matrix.
        out : ndarray, optional
            Where to write, (N, M, dim, dim), of the dtype of the result.

        Returns
        -------
        ndarray
            (N, M, dim, dim): x's component, then y's.

        Raises
        ------
        ValueError
            If ν ≤ 1, where it is infinite at coincident points: take order > dim/2 + 1.

        Source: `sobolev.mixed-hessian`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=2, order=2.5)
        >>> (k.mixed_hessian([[0.0, 0.0]]) * 6 * np.pi).round(12)
        array([[[[1., 0.],
                 [0., 1.]]]])
        """
        require_continuity(self, 2)
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (n, m, self.dim, self.dim))

        def tile_at(exponent: int) -> Tile:
            first, second = (factor_of(self, len(x) * len(y), m, j, exponent) for m, j in ((1, 0), (2, 2)))

            def tile(r: Array, u: Array) -> Iterable[tuple[MultiIndex, Array]]:
                identity, dyad = first(r), second(r)
                for a, b in itertools.combinations_with_replacement(range(self.dim), 2):
                    piece = u[a] * u[b]
                    piece *= dyad
                    np.subtract(identity if a == b else 0.0, piece, out=piece)
                    yield (a, b), piece
                    if a != b:
                        yield (b, a), piece

            return tile

        over_pairs(in_range(tile_at), x, y, result, range(self.dim))
        return result

    def laplacian(self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Δ_x d(x, y) = r² F_2(r) - dim F_1(r) of all pairs; -dim F_1(0) where the points coincide.

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim), as for the Gram matrix.
        out : ndarray, optional
            Where to write, (N, M), of the dtype of the result.

        Returns
        -------
        ndarray
            (N, M). With `Y` absent it is symmetric to the last bit.

        Raises
        ------
        ValueError
            If ν ≤ 1, where it is infinite at coincident points: take order > dim/2 + 1.

        Source: `sobolev.laplacian`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=3, order=3)  # Δd = e^(-r) (r-3)/(32π)
        >>> (k.laplacian([[0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0], [2.0, 2.0, 1.0]]) * 32 * np.pi).round(12)
        array([[-3.,  0.]])
        """
        require_continuity(self, 2)
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (n, m))

        def tile_at(exponent: int) -> Tile:
            first, second = (factor_of(self, len(x) * len(y), m, j, exponent) for m, j in ((1, 0), (2, 2)))

            def tile(r: Array, u: Array) -> Iterable[tuple[MultiIndex, Array]]:
                trace = first(r)
                trace *= -self.dim
                trace += second(r)
                yield (), trace

            return tile

        over_pairs(in_range(tile_at), x, y, result, ())
        return result

    def derivative(self, alpha: int | Sequence[int], beta: int | Sequence[int]) -> KernelDerivative:
        """∂_x^α ∂_y^β d(x - y), as a function of points.

        Parameters
        ----------
        alpha, beta : sequence of int
            How often to differentiate by each component of x and of y: `dim` integers, or one for dim 1.

        Raises
        ------
        ValueError
            If |α| + |β| ≥ 2ν, where the derivative is not continuous at coincident points:
            take order > dim/2 + (|α| + |β|)/2.

        Source: `sobolev.partial-derivatives`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> slope = SobolevKernel(dim=1, order=2).derivative(1, 0)
        >>> slope
        SobolevKernel(dim=1, order=2, kappa=1).derivative(alpha=(1,), beta=(0,))  # ∂_x^α ∂_y^β d(x - y)
        >>> slope([0.0, 1.0], [0.0]) * 4 * np.e
        array([[ 0.],
               [-1.]])
        """
        return KernelDerivative(self, multi_index(alpha, self.dim, "alpha"), multi_index(beta, self.dim, "beta"))

    def derivative_gram(
        self, X: ArrayLike, alphas: Sequence[int | Sequence[int]], Y: ArrayLike | None = None,
        betas: Sequence[int | Sequence[int]] | None = None, out: NDArray[Any] | None = None,
    ) -> NDArray[Any]:
        """The Gram matrix of derivative observations: block (a, b) is ∂_x^alphas[a] ∂_y^betas[b] d(x_i - y_j).

        It is the covariance of the observations ∂^alphas[a] f(x_i) of a random field f of covariance d, and the
        matrix of Hermite interpolation. The zero multi-index stands for the value of f. With `Y` and `betas`
        absent it is symmetric to the last bit, and positive definite for distinct points and multi-indices.

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim), as for the Gram matrix. `Y` absent means `X`.
        alphas, betas : sequence of multi-indices
            What is observed at every point of `X`, and of `Y`. `betas` absent means `alphas`.
        out : ndarray, optional
            Where to write, (len(alphas)·N, len(betas)·M), of the dtype of the result.

        Raises
        ------
        ValueError
            If an order |α| ≥ ν: the derivative is then not a continuous functional on the space, and its
            variance is infinite. Take order > dim/2 + |α|.

        Source: `sobolev.partial-derivatives`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=1, order=2)  # (1+r) e^(-r)/4
        >>> k.derivative_gram([0.0], [0, 1]) * 4  # a value and a slope at one point
        array([[1., 0.],
               [0., 1.]])
        """
        left = multi_indices(alphas, self.dim, "alphas")
        right = left if betas is None else multi_indices(betas, self.dim, "betas")
        for index in dict.fromkeys([*left, *right]):
            if sum(index) >= nu_of(self):
                raise ValueError(
                    f"the derivative {index} of order {sum(index)} is not a continuous functional on this space: "
                    f"its order must be below ν = order - dim/2 = {nu_of(self)}; take order > dim/2 + {sum(index)} = "
                    f"{Fraction(self.dim, 2) + sum(index)}")
        x, y, result = validation.pairs(self.dim, X, Y, out, lambda n, m: (len(left) * n, len(right) * m))
        symmetric = y is x and right is left
        n, m = len(x), len(y)
        for a, alpha in enumerate(left):
            for b, beta in enumerate(right):
                if symmetric and b < a:
                    continue
                block = result[a * n:(a + 1) * n, b * m:(b + 1) * m]
                mirror = result[b * n:(b + 1) * n, a * n:(a + 1) * n] if symmetric and a < b else None
                KernelDerivative(self, alpha, beta).write(x, y, block, mirror)
        return result
