"""Mirror maps made of what they are given: a Fourier multiplier on a grid, or functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sobolevkernels.evaluation.mirror_geometry import Array, Geometry


@dataclass(frozen=True, eq=False)
class Sobolev(Geometry):
    """½⟨f, Mf⟩ with the pairing of L²: the sum over the grid times the volume of a cell."""

    axes = 0
    key = "sobolev"
    multiplier: Any = None
    spacing: float | tuple[float, ...] = 1.0

    @property
    def parameters(self) -> dict[str, Any]:
        return {"symbol": self.multiplier.expr}

    def spatial(self, ndim: int) -> int:
        """All axes, or as many as there are spacings."""
        return len(self.spacing) if isinstance(self.spacing, tuple) else ndim

    def pairing(self, z: Array, x: Array) -> Array:
        count = self.spatial(max(z.ndim, x.ndim))
        volume = math.prod(self.spacing) if isinstance(self.spacing, tuple) else self.spacing**count
        return np.asarray((z * x).sum(axis=tuple(range(-count, 0))) * x.dtype.type(volume))

    def potential(self, x: Array) -> Array:
        return self.pairing(self.gradient(x), x) / 2

    def gradient(self, x: Array) -> Array:
        return self.multiplier.apply(x, self.spacing)

    def inverse_gradient(self, z: Array) -> Array:
        return self.multiplier.solve(z, self.spacing)

    def conjugate(self, z: Array) -> Array:
        return self.pairing(z, self.inverse_gradient(z)) / 2

    def divergence(self, y: Array, x: Array) -> Array:
        return self.potential(y - x)

    def hessian_apply(self, x: Array, h: Array) -> Array:
        return self.gradient(h)

    def hessian_solve(self, x: Array, h: Array) -> Array:
        return self.inverse_gradient(h)

    def hessian(self, x: Array) -> Array:
        return self._dense(self.gradient, x)

    def conjugate_hessian(self, z: Array) -> Array:
        return self._dense(self.inverse_gradient, z)

    def _dense(self, operator: Callable[[Array], Array], x: Array) -> Array:
        """The operator as an array whose first axes are those of the value and whose last are those of the field."""
        shape = x.shape[x.ndim - self.spatial(x.ndim):]
        columns = np.eye(math.prod(shape), dtype=x.dtype).reshape(-1, *shape)
        return np.stack([operator(column).ravel() for column in columns], axis=-1).reshape(*shape, *shape)


@dataclass(frozen=True, eq=False)
class Given(Geometry):
    """Functions of vectors, taken as they are."""

    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, **functions: Any) -> Given:
        """The geometry of those functions that are not None."""
        for role, function in functions.items():
            if function is not None and not callable(function):
                raise TypeError(f"{role} must be callable, got {function!r} of type {type(function).__name__}")
        return cls(name, functions={role: function for role, function in functions.items() if function is not None})

    def _call(self, name: str, x: Array) -> Array:
        function = self.functions.get(name)
        if function is None:
            raise TypeError(f"{self.name} has no {name}; pass {name}= to MirrorMap.from_callables")
        return np.asarray(function(x))

    def potential(self, x: Array) -> Array:
        return self._call("potential", x)

    def gradient(self, x: Array) -> Array:
        return self._call("gradient", x)

    def inverse_gradient(self, z: Array) -> Array:
        return self._call("inverse_gradient", z)

    def conjugate(self, z: Array) -> Array:
        """As given, or ⟨z, x⟩ - φ(x) at x = ∇φ*(z), where the supremum of it is reached."""
        if "conjugate" in self.functions:
            return self._call("conjugate", z)
        x = self.inverse_gradient(z)
        return self.pairing(z, x) - self.potential(x)

    def divergence(self, y: Array, x: Array) -> Array:
        return self.potential(y) - self.potential(x) - self.pairing(self.gradient(x), y - x)

    def hessian(self, x: Array) -> Array:
        return self._call("hessian", x)

    def conjugate_hessian(self, z: Array) -> Array:
        if "conjugate_hessian" not in self.functions and "hessian" in self.functions:
            return np.linalg.inv(self.hessian(self.inverse_gradient(z)))
        return self._call("conjugate_hessian", z)
