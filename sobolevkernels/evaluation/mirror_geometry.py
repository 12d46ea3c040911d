"""What a mirror map can compute, before anything is checked: the interface that `MirrorMap` stands on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from sobolevkernels.evaluation import mirror_domains as domains
from sobolevkernels.evaluation.mirror_domains import Array


@dataclass(frozen=True, eq=False)
class Geometry(ABC):
    """A potential and what derives from it. It knows its constraints, and nothing of types.

    What stands here is right for vectors, all of which are allowed; other maps say otherwise.

    Parameters
    ----------
    name : str
        How the map was made, for its repr and for messages.
    size : int, optional
        The length of the last axis, if only one will do.
    """

    name: str
    size: int | None = None
    #: How many trailing axes are the point, and what `symbolic.mirror_formulas` calls the map.
    axes: ClassVar[int] = 1
    key: ClassVar[str] = ""

    @property
    def parameters(self) -> dict[str, Any]:
        """What the formulas depend on."""
        return {}

    def spatial(self, ndim: int) -> int:
        """How many of the trailing axes of an array are the point."""
        return self.axes

    # --- where ----------------------------------------------------------------------------------

    def check(self, x: Array, closed: bool = False) -> Array:
        """The point, if it lies in the interior, or where φ is finite if `closed`."""
        domains.finite(f"{self.name} needs real x", x)
        return x

    def check_hessian(self, x: Array) -> Array:
        """The point, if φ has a Hessian there."""
        return self.check(x)

    def check_dual(self, z: Array) -> Array:
        """The dual point, if it is the gradient of some point."""
        domains.finite(f"the dual variable of {self.name} needs real z", z)
        return z

    def check_dual_hessian(self, z: Array) -> Array:
        """The dual point, if φ* has a Hessian there."""
        return self.check_dual(z)

    # --- what -----------------------------------------------------------------------------------

    def pairing(self, z: Array, x: Array) -> Array:
        """⟨z, x⟩."""
        return np.asarray((z * x).sum(axis=-1))

    @abstractmethod
    def potential(self, x: Array) -> Array:
        """φ(x)."""

    @abstractmethod
    def gradient(self, x: Array) -> Array:
        """∇φ(x)."""

    @abstractmethod
    def inverse_gradient(self, z: Array) -> Array:
        """∇φ*(z)."""

    @abstractmethod
    def conjugate(self, z: Array) -> Array:
        """φ*(z)."""

    @abstractmethod
    def hessian(self, x: Array) -> Array:
        """∇²φ(x)."""

    @abstractmethod
    def conjugate_hessian(self, z: Array) -> Array:
        """∇²φ*(z)."""

    @abstractmethod
    def divergence(self, y: Array, x: Array) -> Array:
        """V(y, x)."""

    def hessian_apply(self, x: Array, h: Array) -> Array:
        """∇²φ(x) h."""
        return np.einsum("...ij,...j->...i", self.hessian(x), h)

    def hessian_solve(self, x: Array, h: Array) -> Array:
        """The tangent vector that ∇²φ(x) takes to h."""
        return np.linalg.solve(self.hessian(x), h[..., None])[..., 0]
