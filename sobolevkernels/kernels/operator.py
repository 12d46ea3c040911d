"""A Gram matrix as a linear operator: its products, without its entries."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.products import product
from sobolevkernels.evaluation.tiles import Road
from sobolevkernels.kernels import validation

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator


class Operator:
    """What lets a `SobolevKernel` act on vectors."""

    dim: int
    _road: Callable[[int], Road]

    def operator(
        self, X: ArrayLike, Y: ArrayLike | None = None, diagonal: float | ArrayLike = 0.0
    ) -> LinearOperator:
        """The Gram matrix d(|x_i - y_j|) + diag(diagonal) as a SciPy linear operator that never forms it.

        Each product evaluates the kernel anew, tile by tile, for each pair of points once: its
        memory is that of a few vectors. With `scipy.sparse.linalg.cg` it solves systems for
        which a matrix would not fit. Threads follow `sobolevkernels.set_threads`.

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim); (N,) is accepted for dim 1.
        diagonal : float or array_like
            Added to the diagonal, a number or (N,); only without `Y`.

        Returns
        -------
        scipy.sparse.linalg.LinearOperator
            (N, M); it multiplies vectors and matrices, real or complex, and so does its transpose.

        Raises
        ------
        ValueError
            If a point is NaN or infinite, a shape does not fit dim, or there is a diagonal together
            with `Y`: a matrix between two sets of points has none.

        Source: `sobolev.radial`.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> k = SobolevKernel(dim=1, order=1)
        >>> k.operator([0.0, np.log(2.0)], diagonal=1.0) @ [1.0, 2.0]
        array([2.  , 3.25])
        """
        from scipy.sparse.linalg import LinearOperator

        # Copies: what becomes of the caller's arrays later does not concern the operator.
        x = np.array(validation.points(X, self.dim, "X"), dtype=np.float64)
        y = x if Y is None or Y is X else np.array(validation.points(Y, self.dim, "Y"), dtype=np.float64)
        added = np.array(validation.real_array(diagonal, "diagonal"), dtype=np.float64)
        if added.shape not in ((), (len(x),)):
            raise ValueError(f"diagonal must be a number or have shape ({len(x)},), got {added.shape}")
        if not np.isfinite(added).all():
            raise ValueError("diagonal must be finite; remove or repair its entries")
        if y is not x and added.any():
            raise ValueError("a diagonal is added to the square Gram matrix of X alone; leave Y out, or the diagonal")
        road = self._road(len(x) * len(y))

        def times(left: NDArray[Any], right: NDArray[Any]) -> Callable[[NDArray[Any]], NDArray[Any]]:
            def apply(vectors: NDArray[Any]) -> NDArray[Any]:
                columns = vectors if vectors.ndim == 2 else vectors[:, None]
                result = _product(road, left, right, columns).reshape(len(left), *vectors.shape[1:])
                return result + (added * vectors.T).T if added.any() else result

            return apply

        forward, backward = times(x, y), times(y, x)
        return LinearOperator((len(x), len(y)), matvec=forward, rmatvec=backward, matmat=forward,
                              rmatmat=backward, dtype=np.float64)


def _product(road: Road, x: NDArray[Any], y: NDArray[Any], vectors: NDArray[Any]) -> NDArray[Any]:
    if np.iscomplexobj(vectors):
        parts = np.ascontiguousarray(vectors, dtype=np.complex128).view(np.float64)
        return product(road, x, y, parts).view(np.complex128)
    return product(road, x, y, np.asarray(vectors, dtype=np.float64))
