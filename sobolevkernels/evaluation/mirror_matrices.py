"""Mirror maps of symmetric positive definite matrices, and of Gaussian distributions, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sobolevkernels.evaluation import mirror_domains as domains
from sobolevkernels.evaluation.mirror_geometry import Array, Geometry
from sobolevkernels.evaluation.mirror_vectors import burg_excess


@dataclass(frozen=True, eq=False)
class LogDet(Geometry):
    """-log det X in the last two axes, with the pairing tr(ZX)."""

    axes = 2
    key = "log_det"

    def check(self, x: Array, closed: bool = False) -> Array:
        needs = f"{self.name} needs a symmetric positive definite matrix"
        matrix = domains.symmetric(needs, x)
        domains.positive_definite(needs, "X", matrix)
        return matrix

    def check_dual(self, z: Array) -> Array:
        needs = f"the dual variable Z of {self.name} needs -Z symmetric positive definite"
        matrix = domains.symmetric(needs, z)
        domains.positive_definite(needs, "-Z", -matrix)
        return matrix

    def pairing(self, z: Array, x: Array) -> Array:
        return np.asarray((z * x).sum(axis=(-1, -2)))

    def potential(self, x: Array) -> Array:
        return -log_determinant(np.linalg.cholesky(x))

    def gradient(self, x: Array) -> Array:
        return -inverse(x)

    def inverse_gradient(self, z: Array) -> Array:
        return inverse(-z)

    def conjugate(self, z: Array) -> Array:
        return -z.shape[-1] - log_determinant(np.linalg.cholesky(-z))

    def divergence(self, y: Array, x: Array) -> Array:
        return log_det_divergence(y - x, np.linalg.cholesky(y), np.linalg.cholesky(x))

    def hessian(self, x: Array) -> Array:
        p = inverse(x)
        return (np.einsum("...ik,...lj->...ijkl", p, p) + np.einsum("...il,...kj->...ijkl", p, p)) / 2

    def conjugate_hessian(self, z: Array) -> Array:
        return self.hessian(-z)

    def hessian_apply(self, x: Array, h: Array) -> Array:
        p = inverse(x)
        return p @ symmetric_part(h) @ p

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return x @ symmetric_part(h) @ x


@dataclass(frozen=True, eq=False)
class Gaussian(Geometry):
    """The log-partition of N(m, Σ) in its natural parameters.

    With T(x) = (x_i; x_i x_j for i ≤ j) the density is e^(θ·T - A(θ)): θ packs Λm and the precision Λ = Σ^-1,
    as -Λ_ii/2 and -Λ_ij; the gradient packs m and the second moments Σ + mmᵀ.
    """

    key = "gaussian"
    dim: int = 1

    @cached_property
    def pairs(self) -> tuple[Array, Array]:
        """The indices i ≤ j in the order of their packing: row by row."""
        return np.triu_indices(self.dim)

    def _pack(self, vector: Array, matrix: Array) -> Array:
        return np.concatenate([vector, matrix[(..., *self.pairs)]], axis=-1)

    def _unpack(self, packed: Array) -> tuple[Array, Array]:
        i, j = self.pairs
        matrix = np.empty((*packed.shape[:-1], self.dim, self.dim), packed.dtype)
        matrix[..., i, j] = matrix[..., j, i] = packed[..., self.dim:]
        return packed[..., :self.dim], matrix

    def precision(self, x: Array) -> tuple[Array, Array]:
        """Λm and Λ."""
        vector, matrix = self._unpack(x)
        return vector, -matrix * (1 + np.eye(self.dim, dtype=x.dtype))

    def moments(self, x: Array) -> tuple[Array, Array]:
        """m and Σ of natural parameters."""
        vector, precision = self.precision(x)
        covariance = inverse(precision)
        return np.einsum("...ij,...j->...i", covariance, vector), covariance

    def natural(self, mean: Array, covariance: Array) -> Array:
        """Natural parameters of N(m, Σ)."""
        precision = inverse(covariance)
        return self._pack(np.einsum("...ij,...j->...i", precision, mean),
                          -precision / (1 + np.eye(self.dim, dtype=precision.dtype)))

    def covariance(self, z: Array) -> tuple[Array, Array]:
        """m and Σ of mean parameters."""
        mean, second = self._unpack(z)
        return mean, second - mean[..., :, None] * mean[..., None, :]

    def check(self, x: Array, closed: bool = False) -> Array:
        needs = f"{self.name} needs a positive definite precision matrix in its natural parameters"
        domains.finite(needs, x)
        domains.positive_definite(needs, "the precision matrix", self.precision(x)[1])
        return x

    def check_dual(self, z: Array) -> Array:
        needs = f"the mean parameters of {self.name} need a positive definite covariance E[xxᵀ] - E[x]E[x]ᵀ"
        domains.finite(needs, z)
        domains.positive_definite(needs, "the covariance", self.covariance(z)[1])
        return z

    def potential(self, x: Array) -> Array:
        vector, precision = self.precision(x)
        mean, _ = self.moments(x)
        constant = self.dim / 2 * math.log(2 * math.pi)
        return self.pairing(vector, mean) / 2 - log_determinant(np.linalg.cholesky(precision)) / 2 + constant

    def gradient(self, x: Array) -> Array:
        mean, covariance = self.moments(x)
        return self._pack(mean, covariance + mean[..., :, None] * mean[..., None, :])

    def inverse_gradient(self, z: Array) -> Array:
        return self.natural(*self.covariance(z))

    def conjugate(self, z: Array) -> Array:
        entropy = self.dim / 2 * (1 + math.log(2 * math.pi))
        return -log_determinant(np.linalg.cholesky(self.covariance(z)[1])) / 2 - entropy

    def divergence(self, y: Array, x: Array) -> Array:
        """KL(N_x ‖ N_y), from the differences of the parameters."""
        there, here, mean = self.precision(y)[1], self.precision(x)[1], self.moments(x)[0]
        shift_vector, shift = self.precision(y - x)
        residual = shift_vector - np.einsum("...ij,...j->...i", shift, mean)  # Λ_y (m_y - m_x)
        moved = np.linalg.solve(there, residual[..., None])[..., 0]
        spread = log_det_divergence(shift, np.linalg.cholesky(there), np.linalg.cholesky(here))
        return (spread + self.pairing(residual, moved)) / 2

    def hessian(self, x: Array) -> Array:
        """The covariance of T, that is the Fisher information, by Isserlis' formula."""
        mean, s = self.moments(x)
        i, j = self.pairs
        k, l = i[None, :], j[None, :]
        i, j = i[:, None], j[:, None]
        a = np.arange(self.dim)[:, None]
        mixed = mean[..., k] * s[..., a, l] + mean[..., l] * s[..., a, k]
        second = s[..., i, k] * s[..., j, l] + s[..., i, l] * s[..., j, k]
        for one, other in ((i, j), (j, i)):
            second = second + mean[..., one] * (mean[..., k] * s[..., other, l] + mean[..., l] * s[..., other, k])
        return np.concatenate([np.concatenate([s, mixed], axis=-1),
                               np.concatenate([mixed.swapaxes(-1, -2), second], axis=-1)], axis=-2)

    def conjugate_hessian(self, z: Array) -> Array:
        return inverse(self.hessian(self.inverse_gradient(z)))


def natural_parameters(mean: Array, covariance: Array) -> Array:
    """Natural parameters of N(mean, covariance), both checked."""
    if mean.ndim < 1 or covariance.shape[-2:] != mean.shape[-1:] * 2 or not mean.shape[-1]:
        raise ValueError(f"mean and covariance must have shapes (…, n) and (…, n, n), got {mean.shape} and "
                         f"{covariance.shape}")
    domains.finite("gaussian_parameters needs a real mean", mean)
    needs = "gaussian_parameters needs a symmetric positive definite covariance"
    covariance = domains.symmetric(needs, covariance)
    domains.positive_definite(needs, "it", covariance)
    return Gaussian("gaussian", dim=mean.shape[-1]).natural(mean, covariance)


def inverse(x: Array) -> Array:
    """The inverse of a symmetric positive definite matrix, exactly symmetric."""
    return symmetric_part(np.linalg.inv(x))


def symmetric_part(x: Array) -> Array:
    """The symmetric part of a matrix, which is all that tr(ZX) sees of Z if X is symmetric."""
    return (x + x.swapaxes(-1, -2)) / 2


def log_determinant(factor: Array) -> Array:
    """log det of the matrix whose Cholesky factor this is."""
    return 2 * np.log(np.diagonal(factor, axis1=-2, axis2=-1)).sum(axis=-1)


def log_det_divergence(step: Array, there: Array, here: Array) -> Array:
    """tr(X^-1 Y) - log det(X^-1 Y) - n for Y = X + step, given the Cholesky factors of Y and of X.

    A sum of t - log(1+t) over the eigenvalues t of L^-1 step L^-T. Where one of them is near -1, and 1+t
    rounded away, nothing cancels, and the determinants are taken apart.
    """
    half = np.linalg.solve(here, step)
    t = np.linalg.eigvalsh(np.linalg.solve(here, half.swapaxes(-1, -2)))
    near = t[..., :1] > -0.5
    close = np.where(near, t, 0)
    far = t.sum(axis=-1) - (log_determinant(there) - log_determinant(here))
    total = burg_excess(close / (2 + close), close, np.log1p(close)).sum(axis=-1)
    return np.where(near[..., 0], total, far)


