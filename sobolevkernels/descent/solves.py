"""Least-squares solves for natural gradients: no Gram matrix is formed, none is inverted.

A metric on functions makes a Gram matrix G = BᵀB of the tangent functions; its factor B has one row for each
value that the metric sees and one column for each parameter. All solves go through the singular values of B, so
that no condition number is squared. With more parameters than rows the same solves are the kernel (Woodbury)
form: the direction is a combination of the rows, and the cost is that of BBᵀ.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class SingularMetricWarning(UserWarning):
    """The metric does not determine the step: tangent functions are linearly dependent to working precision."""


@dataclass(frozen=True, eq=False)
class Solution:
    """A direction in the parameters, and what its solve was like.

    Attributes
    ----------
    direction : ndarray
        (..., p), of least Euclidean norm where several solve the problem.
    rank : ndarray of int
        (...): how many singular values of B were used.
    condition : ndarray
        (...): largest over smallest singular value of B; infinite if that is 0.
    residual : ndarray
        (...): the part of the right side that the solution leaves, relative to its norm.
    """

    direction: Array = field(repr=False)
    rank: NDArray[np.int_]
    condition: Array
    residual: Array


@dataclass(frozen=True, eq=False)
class Factor:
    """B = U diag(s) Vᵀ, taken once for several right sides or damping values.

    Attributes
    ----------
    matrix : ndarray
        B, (..., rows, p).
    left, values, right : ndarray
        U (..., rows, k), s (..., k) and Vᵀ (..., k, p), k the smaller of rows and p.
    """

    matrix: Array
    left: Array
    values: Array
    right: Array

    @classmethod
    def of(cls, matrix: Array) -> Factor:
        """Factor of a matrix (..., rows, p), or of each of a batch."""
        finite = np.asarray(np.isfinite(matrix).all(axis=(-2, -1), keepdims=True))  # otherwise NaN, never a step of 0
        if matrix.shape[-1] == 1:  # for one parameter LAPACK would cost more than all the rest of a step
            length = np.linalg.norm(matrix, axis=-2, keepdims=True)
            left = np.divide(matrix, length, out=np.zeros_like(matrix), where=length > 0)
            return cls(matrix, left, length[..., 0], np.ones((*matrix.shape[:-2], 1, 1)))
        left, values, right = np.linalg.svd(np.where(finite, matrix, 0.0), full_matrices=False)
        return cls(matrix, left, np.where(finite[..., 0], values, np.nan), right)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and parameters of B."""
        return self.left.shape[-2], self.right.shape[-1]

    def solve(self, b: Array, cutoff: float | None = None, damping: Any = 0.0) -> Solution:
        """The d of least |B d - b|² + λ|d|², for b (..., rows).

        Source: `sobolev.natural-step-least-squares`.
        """
        inverse, rank = self._inverse(cutoff, damping)
        direction = _times(_times(b, self.left) * inverse, self.right)
        bare = np.asarray(damping) == 0
        if bare.any():  # what rounding in U left of the residual, which is otherwise 10 times that of QR
            left = _times(_times(self._missed(direction, b), self.left) * inverse, self.right)
            direction = direction + np.where(bare[..., None], left, 0.0)
        return self._solution(direction, rank, self._missed(direction, b), b)

    def _missed(self, direction: Array, b: Array) -> Array:
        return b - (self.matrix @ direction[..., None])[..., 0]

    def solve_gram(self, gradient: Array, cutoff: float | None = None, damping: Any = 0.0) -> Solution:
        """The d with (BᵀB + λ) d = g on the singular vectors that are kept, for g (..., p)."""
        inverse, rank = self._inverse(cutoff, damping)
        components = _times(gradient, self.right.swapaxes(-1, -2))
        safe = np.where(inverse > 0, self.values, 1.0)  # 1/(s² + λ) = inverse/s: the square is never formed
        direction = _times(components * inverse / safe, self.right)
        strength = np.expand_dims(np.asarray(damping, dtype=float), -1)
        if not cutoff and strength.any():  # on what B does not see, (BᵀB + λ)⁻¹ is 1/λ
            unseen = gradient - _times(np.where(inverse > 0, components, 0.0), self.right)
            size, rounding = (np.linalg.norm(part, axis=-1, keepdims=True) for part in (unseen, gradient))
            real = (strength > 0) & (size > 8 * max(self.shape) * np.finfo(float).eps * rounding)
            direction = direction + np.where(real, unseen, 0.0) / np.where(strength > 0, strength, 1.0)
        missed = gradient - _times(components * inverse * self.values, self.right)
        return self._solution(direction, rank, missed, gradient)

    def _inverse(self, cutoff: float | None, damping: Any) -> tuple[Array, NDArray[np.int_]]:
        """s/(s² + λ) for the singular values that are kept, 0 for the others; and how many are kept."""
        damping = np.expand_dims(checked_damping(damping), -1)
        # Damping alone says what should happen, run by run.
        relative = np.where((damping > 0) & (cutoff is None), 0.0, _limit(cutoff, self.shape))
        kept = (self.values > relative * self.values.max(axis=-1, keepdims=True)) & (self.values > 0)
        rank = np.asarray(kept.sum(axis=-1))
        if cutoff is None:
            bare = (damping[..., 0] == 0) & np.isfinite(self.values).all(axis=-1)
            _warn_if_singular(np.where(bare, rank, self.shape[1]), self.shape[1])
        safe = np.where(kept, self.values, 1.0)
        inverse = np.where(kept, 1 / (safe + damping / safe), 0.0)
        return np.where(np.isfinite(self.values), inverse, np.nan), rank

    def _solution(self, direction: Array, rank: NDArray[np.int_], missed: Array, b: Array) -> Solution:
        return Solution(direction, rank, _condition(self.values, self.shape[1]), _relative(missed, b))


def least_squares(matrix: Array, b: Array, cutoff: float | None = None, damping: Any = 0.0) -> Solution:
    """The d of least |B d - b|² + λ|d|²; among several, that of least norm.

    Parameters
    ----------
    matrix : ndarray
        B, (..., rows, p).
    b : ndarray
        (..., rows).
    cutoff : float, optional
        Singular values of at most `cutoff` times the largest count as 0. Without it (and without damping),
        max(rows, p) units of rounding; then a rank below p is a warning, because the answer is one of many.
    damping : float or array_like
        λ ≥ 0, or one for each matrix of a batch.

    Returns
    -------
    Solution

    Source: `sobolev.natural-step-least-squares`, `sobolev.woodbury-step`.

    Examples
    --------
    >>> import numpy as np
    >>> solution = least_squares(np.array([[1.0, 0.0], [0.0, 1e-9], [0.0, 0.0]]), np.array([1.0, 2e-9, 1.0]))
    >>> solution.direction
    array([1., 2.])
    >>> int(solution.rank), f"{solution.condition:.0e}"
    (2, '1e+09')
    """
    rows, parameters = matrix.shape[-2:]
    if matrix.ndim > 2 or np.any(damping) or rows < parameters or not np.isfinite(matrix).all():
        return Factor.of(matrix).solve(b, cutoff, damping)
    # NumPy alone: the threads of its BLAS and of SciPy's would wait for each other.
    both: Array = np.asarray(np.linalg.qr(np.concatenate([matrix, b[:, None]], axis=1), mode="r"))
    triangle, rotated = both[:parameters, :parameters], both[:parameters, parameters]
    direction, _, rank, values = np.linalg.lstsq(triangle, rotated, rcond=_limit(cutoff, matrix.shape))
    if rank == parameters:  # nothing is cut off: the triangular solve leaves a tenth of the rounding
        direction = np.linalg.solve(triangle, rotated)
    elif cutoff is None:
        _warn_if_singular(np.asarray(rank), parameters)
    return Solution(direction, np.asarray(rank), _condition(values, parameters),
                    _relative(b - matrix @ direction, b))


def checked_damping(damping: Any) -> Array:
    """λ as an array, one for each run."""
    strength = np.asarray(damping, dtype=float)
    if not (np.isfinite(strength) & (strength >= 0)).all():
        raise ValueError(f"damping must be finite and at least 0, got {damping!r}")
    return strength


def _limit(cutoff: float | None, shape: tuple[int, ...]) -> float:
    if cutoff is None:
        return max(shape) * float(np.finfo(float).eps)
    if not 0 <= cutoff < 1:
        raise ValueError(f"cutoff must lie in [0, 1), relative to the largest singular value, got {cutoff!r}")
    return cutoff


def _times(row: Array, matrix: Array) -> Array:
    return (row[..., None, :] @ matrix)[..., 0, :]


def _condition(values: Array, parameters: int) -> Array:
    """Largest over smallest singular value; fewer rows than parameters leave zeros."""
    if values.shape[-1] < parameters:
        return np.full(values.shape[:-1], np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(values[..., -1] > 0, values[..., 0] / values[..., -1], np.inf)


def _relative(missed: Array, b: Array) -> Array:
    whole = np.linalg.norm(b, axis=-1)
    return np.linalg.norm(missed, axis=-1) / np.where(whole > 0, whole, 1.0)


def _warn_if_singular(rank: NDArray[np.int_], parameters: int) -> None:
    if (rank < parameters).any():
        warnings.warn(f"the metric is singular: its rank is {rank.min()} for {parameters} parameters. The step of "
                      "least norm was taken; choose a cutoff or a damping to say what should happen",
                      SingularMetricWarning, stacklevel=3)
