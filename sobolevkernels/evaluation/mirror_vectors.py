"""Mirror maps of vectors, in numbers. The last axis of an array is the vector, all others are a batch.

Divergences keep their digits where the points nearly coincide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sobolevkernels.evaluation import mirror_domains as domains
from sobolevkernels.evaluation import mirror_maps as printed
from sobolevkernels.evaluation.mirror_geometry import Array, Geometry


@dataclass(frozen=True, eq=False)
class Quadratic(Geometry):
    """½ xᵀAx; without a matrix A = I."""

    key = "quadratic"
    matrix: Array | None = None
    factor: Array | None = field(default=None, repr=False)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"euclidean": self.matrix is None}

    @classmethod
    def of(cls, matrix: Array) -> Quadratic:
        """The geometry of a matrix, checked."""
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
            raise ValueError(f"quadratic needs one square matrix, got shape {matrix.shape}")
        needs = "quadratic needs a symmetric positive definite matrix"
        matrix = domains.symmetric(needs, matrix)
        domains.positive_definite(needs, "it", matrix)
        size = len(matrix)
        return cls(f"quadratic({size}×{size} matrix)", size, matrix, np.linalg.cholesky(matrix))

    def _apply(self, x: Array) -> Array:
        return x.copy() if self.matrix is None else x @ self.matrix.astype(x.dtype, copy=False)

    def _solve(self, z: Array) -> Array:
        if self.matrix is None or self.factor is None:
            return z.copy()
        from scipy.linalg import cho_solve

        rows = z.reshape(-1, z.shape[-1])
        return cho_solve((self.factor.astype(z.dtype, copy=False), True), rows.T).T.reshape(z.shape)

    def potential(self, x: Array) -> Array:
        return self.pairing(self._apply(x), x) / 2

    def gradient(self, x: Array) -> Array:
        return self._apply(x)

    def inverse_gradient(self, z: Array) -> Array:
        return self._solve(z)

    def conjugate(self, z: Array) -> Array:
        return self.pairing(z, self._solve(z)) / 2

    def divergence(self, y: Array, x: Array) -> Array:
        return self.potential(y - x)

    def hessian(self, x: Array) -> Array:
        matrix = np.eye(x.shape[-1]) if self.matrix is None else self.matrix
        return np.broadcast_to(matrix.astype(x.dtype), (*x.shape, x.shape[-1])).copy()

    def conjugate_hessian(self, z: Array) -> Array:
        identity = np.broadcast_to(np.eye(z.shape[-1], dtype=z.dtype), (*z.shape, z.shape[-1])).copy()
        inverse = self._solve(identity)
        return (inverse + inverse.swapaxes(-1, -2)) / 2

    def hessian_apply(self, x: Array, h: Array) -> Array:
        return self._apply(h)

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return self._solve(h)


@dataclass(frozen=True, eq=False)
class Entropy(Geometry):
    """Σ x log x on the positive orthant, whose boundary belongs to the domain of the potential."""

    key = "entropy"

    def check(self, x: Array, closed: bool = False) -> Array:
        domains.positive(f"{self.name} needs x {'≥' if closed else '>'} 0", x, closed)
        return x

    def potential(self, x: Array) -> Array:
        return np.asarray(printed.entropy_potential(np.where(x == 0, 1, x)).sum(axis=-1))  # 0 log 0 = 0 = 1 log 1

    def gradient(self, x: Array) -> Array:
        return printed.entropy_gradient(x)

    def inverse_gradient(self, z: Array) -> Array:
        return printed.entropy_inverse(z)

    def conjugate(self, z: Array) -> Array:
        return np.asarray(printed.entropy_conjugate(z).sum(axis=-1))

    def divergence(self, y: Array, x: Array) -> Array:
        return np.asarray(entropy_terms(y, x).sum(axis=-1))

    def hessian(self, x: Array) -> Array:
        return diagonal(printed.entropy_hessian(x))

    def conjugate_hessian(self, z: Array) -> Array:
        return diagonal(printed.entropy_conjugate_hessian(z))

    def hessian_apply(self, x: Array, h: Array) -> Array:
        return h / x

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return h * x


@dataclass(frozen=True, eq=False)
class Simplex(Entropy):
    """Σ x log x where Σ x = 1. Tangent vectors sum to 0, and gradients matter up to a multiple of (1, …, 1)."""

    key = "simplex"

    def check(self, x: Array, closed: bool = False) -> Array:
        needs = f"{self.name} needs x {'≥' if closed else '>'} 0 and Σx = 1"
        domains.positive(needs, x, closed)
        domains.sums_to_one(needs, x)
        return x

    def inverse_gradient(self, z: Array) -> Array:
        powers = np.exp(z - z.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)

    def conjugate(self, z: Array) -> Array:
        top = z.max(axis=-1, keepdims=True)
        return np.asarray(top[..., 0] + np.log(np.exp(z - top).sum(axis=-1)))

    def conjugate_hessian(self, z: Array) -> Array:
        x = self.inverse_gradient(z)
        return diagonal(x) - x[..., :, None] * x[..., None, :]

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return x * h - x * self.pairing(h, x)[..., None]


@dataclass(frozen=True, eq=False)
class Burg(Geometry):
    """-Σ log x on the positive orthant; its dual variable is negative."""

    key = "burg"

    def check(self, x: Array, closed: bool = False) -> Array:
        domains.positive(f"{self.name} needs x > 0", x, closed=False)
        return x

    def check_dual(self, z: Array) -> Array:
        domains.negative(f"the dual variable of {self.name} needs z < 0", z)
        return z

    def potential(self, x: Array) -> Array:
        return np.asarray(printed.burg_potential(x).sum(axis=-1))

    def gradient(self, x: Array) -> Array:
        return printed.burg_gradient(x)

    def inverse_gradient(self, z: Array) -> Array:
        return printed.burg_inverse(z)

    def conjugate(self, z: Array) -> Array:
        return np.asarray(printed.burg_conjugate(z).sum(axis=-1))

    def divergence(self, y: Array, x: Array) -> Array:
        return np.asarray(burg_terms(y, x).sum(axis=-1))

    def hessian(self, x: Array) -> Array:
        return diagonal(printed.burg_hessian(x))

    def conjugate_hessian(self, z: Array) -> Array:
        return diagonal(printed.burg_conjugate_hessian(z))

    def hessian_apply(self, x: Array, h: Array) -> Array:
        return h / x / x

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return h * x * x


@dataclass(frozen=True, eq=False)
class PNorm(Geometry):
    """½‖x‖_p²; its conjugate is ½‖z‖_q² with 1/p + 1/q = 1."""

    key = "p_norm"
    p: float = 2.0

    @classmethod
    def of(cls, name: str, p: float) -> PNorm:
        """The geometry of an exponent, checked."""
        if p <= 1:
            raise ValueError(f"p must exceed 1 for ½‖x‖_p² to be strictly convex, got {p!r}; take p = 1 + 1/log n for "
                             "the geometry of the 1-norm in n dimensions")
        if p / (p - 1) == 1:
            raise ValueError(f"p must be smaller, got {p!r}: the dual exponent p/(p-1) is rounded to 1")
        return cls(name, None, p)

    @property
    def parameters(self) -> dict[str, Any]:
        return {"p": self.p}

    @property
    def conjugate_map(self) -> PNorm:
        """The map of the dual exponent."""
        return PNorm(f"the dual of {self.name}", None, self.p / (self.p - 1))

    def check_hessian(self, x: Array) -> Array:
        self.check(x)
        if self.p < 2:
            domains.nowhere_zero(f"the Hessian of {self.name} needs x ≠ 0 in every entry because p < 2", x)
        if self.p > 2:
            bad = (x == 0).all(axis=-1)
            if bad.any():
                raise ValueError(f"the Hessian of {self.name} needs x ≠ 0 because p > 2: "
                                 f"{'a row' if x.ndim > 1 else 'x'} is 0")
        return x

    def check_dual_hessian(self, z: Array) -> Array:
        return self.conjugate_map.check_hessian(z)

    def norm(self, x: Array) -> Array:
        """‖x‖_p, with the axis kept; no power of an entry overflows."""
        size = np.abs(x)
        top = size.max(axis=-1, keepdims=True, initial=0.0)
        scale = np.where(top == 0, 1, top)
        return top * ((size / scale) ** self.p).sum(axis=-1, keepdims=True) ** (1 / self.p)

    def relative(self, x: Array) -> tuple[Array, Array]:
        """|x|/‖x‖_p and ‖x‖_p; zero for the zero vector."""
        norm = self.norm(x)
        return np.abs(x) / np.where(norm == 0, 1, norm), norm

    def potential(self, x: Array) -> Array:
        norm = self.norm(x)[..., 0]
        return norm * (norm / 2)

    def gradient(self, x: Array) -> Array:
        """Where |x|/‖x‖ underflows its powers need not, if p ≤ 2: then those of |x| and ‖x‖ are safe."""
        size, norm = self.relative(x)
        if self.p <= 2:
            size, norm = np.abs(x), np.where(norm == 0, 1, norm)
            return np.copysign(printed.p_norm_gradient_powers(size, norm, self.p), x)  # type: ignore[arg-type]
        return np.copysign(printed.p_norm_gradient(size, norm, self.p), x)  # type: ignore[arg-type]

    def inverse_gradient(self, z: Array) -> Array:
        return self.conjugate_map.gradient(z)

    def conjugate(self, z: Array) -> Array:
        return self.conjugate_map.potential(z)

    def hessian(self, x: Array) -> Array:
        (size, _), sign = self.relative(x), np.sign(x)
        coupling = printed.p_norm_coupling(size[..., :, None], size[..., None, :], self.p)  # type: ignore[arg-type]
        return diagonal(self._stretch(size)) + coupling * sign[..., :, None] * sign[..., None, :]

    def _stretch(self, size: Array) -> Array:
        with np.errstate(divide="ignore"):  # where |x|/‖x‖ underflows
            return printed.p_norm_stretch(size, self.p)  # type: ignore[arg-type]

    def conjugate_hessian(self, z: Array) -> Array:
        return self.conjugate_map.hessian(z)

    def hessian_apply(self, x: Array, h: Array) -> Array:
        """The coupling is (2-p) uuᵀ with the gradient u of the norm."""
        size, _ = self.relative(x)
        u = np.copysign(printed.p_norm_gradient(size, np.ones_like(size), self.p), x)  # type: ignore[arg-type]
        return self._stretch(size) * h + (2 - self.p) * u * self.pairing(u, h)[..., None]

    def hessian_solve(self, x: Array, h: Array) -> Array:
        """∇²φ*(∇φ(x)) h."""
        dual = self.conjugate_map
        return dual.hessian_apply(dual.check_hessian(self.gradient(x)), h)

    def divergence(self, y: Array, x: Array) -> Array:
        """With s = ‖y‖^p/‖x‖^p: ‖x‖² [½(s^(2/p) - 1 - (2/p)(s-1)) + (1/p) Σ of the divergences of |x_i/‖x‖|^p].

        That cancels little unless the norms differ much; then the definition, in which ⟨∇φ(x), x⟩ = ‖x‖², does not.
        The distance of the points does not decide: if p > 2, V may be small for distant ones.
        V is homogeneous: both points are scaled by a power of two, so that no square overflows.
        """
        top = np.maximum(np.abs(x).max(axis=-1, keepdims=True), np.abs(y).max(axis=-1, keepdims=True))
        unit = np.ldexp(np.ones_like(top), np.frexp(top)[1] - 1)
        return self._divergence(y / unit, x / unit) * unit[..., 0] * unit[..., 0]

    def _divergence(self, y: Array, x: Array) -> Array:
        p, (size, norm), step = self.p, self.relative(x), y - x
        reach = self.norm(y)
        near = (np.abs(reach - norm) <= norm * min(0.5, 4 / p))[..., 0]  # hence s ≤ e^4
        far = (reach[..., 0] ** 2 + norm[..., 0] ** 2) / 2 - self.pairing(self.gradient(x), y)
        if not near.any():
            return far
        scale, base = np.where(norm == 0, 1, norm), np.where(x == 0, 1, x)
        t = np.where(x == 0, 0, step / base)
        small = (np.abs(t) <= 0.5) & (x != 0)
        close = np.where(small, t, 0)
        grown = (np.abs(y) / scale) ** p
        shrunk = size**p
        growth = np.where(small, shrunk * np.expm1(p * np.log1p(close)), grown - shrunk)
        slope = np.copysign(size ** (p - 1), x) * step / scale
        terms = np.where(small, shrunk * power_excess(close, p), grown - shrunk - p * slope)
        total = growth.sum(axis=-1)
        inside = power_excess(np.where(near, total, 0), 2 / p) / 2 + terms.sum(axis=-1) / p
        return np.where(near, norm[..., 0] ** 2 * inside, far)


def diagonal(entries: Array) -> Array:
    """Diagonal matrices in the last two axes."""
    return np.where(np.eye(entries.shape[-1], dtype=bool), entries[..., None], 0)


def power_excess(t: Array, w: float) -> Array:
    """(1+t)^w - 1 - wt for t > -1: by the binomial series where the three terms nearly cancel."""
    small = np.abs(t) * max(4.0, w) <= 1
    near = np.where(small, t, 0)
    total, coefficient = np.zeros_like(near), 1.0
    coefficients = [coefficient := coefficient * (w - j) / (j + 1) for j in range(30)]
    for value in reversed(coefficients[1:]):
        total = (total + value) * near
    far = np.where(small, 0, t)
    return np.where(small, total * near, np.expm1(w * np.log1p(far)) - w * far)


def series(r: Array) -> Array:
    """(atanh r - r)/r³ for |r| ≤ 1/3."""
    square = r * r
    return printed.series_head(square) + square**8 * printed.series_tail(square)


def entropy_terms(y: Array, x: Array) -> Array:
    """y log(y/x) - y + x for y ≥ 0 and x > 0."""
    step, r = y - x, relative_step(y, x)
    near = np.abs(r) <= 1 / 3
    close = np.where(near, r, 0)
    value = step * close * printed.entropy_factor(close, series(close))
    return np.where(near, value, printed.entropy_divergence(x, y, log_ratio(y, x)))


def burg_terms(y: Array, x: Array) -> Array:
    """y/x - 1 - log(y/x) for y, x > 0."""
    step = y - x
    return burg_excess(relative_step(y, x), step / x, log_ratio(y, x))


def relative_step(y: Array, x: Array) -> Array:
    """(y-x)/(y+x); 1 where the sum overflows, which sends such points to the formulas for distant ones."""
    total = y + x
    return np.where(np.isinf(total), 1, (y - x) / total)


def burg_excess(r: Array, t: Array, ell: Array) -> Array:
    """t - log(1+t), given r = t/(2+t) and ell = log(1+t)."""
    near = np.abs(r) <= 1 / 3
    close = np.where(near, r, 0)
    value = np.where(near, t, 0) * close * printed.burg_factor(close, series(close))
    return np.where(near, value, printed.burg_divergence(np.ones_like(t), 1 + t, ell))


def log_ratio(y: Array, x: Array) -> Array:
    """log(y/x) where the quotient itself may overflow; 0 for y = 0, where it multiplies that y."""
    (top, upper), (bottom, lower) = np.frexp(np.where(y == 0, x, y)), np.frexp(x)
    return np.log(top / bottom) + (upper - lower).astype(x.dtype) * np.log(x.dtype.type(2))
