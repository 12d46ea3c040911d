"""What a model v_θ(x) is: values, Jacobians in θ, derivatives of both in x, at many points and for many θ at once.

A model knows one thing, how to write D^α v_θ and ∂(D^α v_θ)/∂θ at given points into arrays. Models are
multiplied by fixed functions of x and added; `models` and `networks` make them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.expressions import Basis
from sobolevkernels.descent.jets import MultiIndex, below, binomials
from sobolevkernels.kernels.validation import destination, points, real_array

Array = NDArray[np.float64]
Derivatives = tuple[MultiIndex, ...]

#: Writes D^α v into an array (..., D, N, m) and its Jacobian into one of shape (..., p, D, N, m), where these are
#: not None, given θ (..., p), points (N, dim) and the multi-indices.
Evaluate = Callable[[Array, Array, Derivatives, Array | None, Array | None], None]

#: Numbers in a block of intermediate results, which should stay in the cache of a core.
BLOCK = 2**17


@dataclass(frozen=True, eq=False)
class Model:
    """A function v_θ from R^dim to R^outputs with p parameters θ.

    Use one of the constructors. Leading axes of θ are many models at once. The Jacobian is stored parameter by
    parameter: the axis of the parameters stands last and has the largest stride.

    Parameters
    ----------
    parameters, dim, outputs : int
        Their numbers p, n and m.
    name : str
        How the model was made, for its repr.
    evaluate : callable
        Writes features and Jacobian into arrays, see `Evaluate`.
    spread : ndarray of shape (p,), optional
        Standard deviations from which `initial` draws; ones by default.
    """

    parameters: int
    dim: int
    outputs: int
    name: str
    evaluate: Evaluate = field(repr=False)
    spread: Array | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"Model({self.name}, {self.parameters} parameter{'s' * (self.parameters != 1)})"

    def __call__(self, theta: ArrayLike, x: ArrayLike, derivative: Sequence[int] | int | None = None) -> Array:
        """v_θ, or D^α v_θ for derivative=α, at the points.

        Parameters
        ----------
        theta : array_like of shape (..., p)
        x : array_like of shape (N, dim)
            Or (N,) for dim 1.
        derivative : sequence of int, optional
            α, one entry for each coordinate of x; a number will do for dim 1.

        Returns
        -------
        ndarray of shape (..., N), or (..., N, m) if there are m > 1 outputs

        Raises
        ------
        ValueError
            If shapes do not fit, or a parameter or a point is not finite.
        """
        theta, x, alphas = self._checked(theta, x, (self._alpha(derivative),))
        values = np.empty((*theta.shape[:-1], 1, len(x), self.outputs))
        self.evaluate(theta, x, alphas, values, None)
        return values.reshape(*theta.shape[:-1], *self._shape(len(x)))

    def jacobian(self, theta: ArrayLike, x: ArrayLike, derivative: Sequence[int] | int | None = None,
                 out: Array | None = None) -> Array:
        """∂v_θ/∂θ, or that of D^α v_θ, at the points.

        Parameters
        ----------
        theta, x, derivative
            As for a call.
        out : ndarray, optional
            Where to write. It is fast if the parameters have the largest stride, as in
            `np.moveaxis(np.empty((..., p, N)), -2, -1)`.

        Returns
        -------
        ndarray of shape (..., N, p), or (..., N, m, p) if there are m > 1 outputs

        Source: `sobolev.ridge-jacobian`.
        """
        theta, x, alphas = self._checked(theta, x, (self._alpha(derivative),))
        batch, shape = theta.shape[:-1], self._shape(len(x))
        if out is None:
            out = _parameters_last(np.empty((*batch, self.parameters, *shape)), len(batch))
        else:
            out = destination(out, (*batch, *shape, self.parameters), np.dtype(np.float64))
            theta, x = (array.copy() if np.may_share_memory(out, array) else array for array in (theta, x))
        rows = np.expand_dims(np.moveaxis(out, -1, len(batch)), len(batch) + 1)
        self.evaluate(theta, x, alphas, None, rows if self.outputs > 1 else rows[..., None])
        return out

    def features(self, theta: ArrayLike, x: ArrayLike, derivatives: Sequence[Sequence[int]]) -> Array:
        """D^α v_θ at the points for several α.

        Returns
        -------
        ndarray of shape (..., D, R)
            R = N·m rows: point after point, the outputs of each together.
        """
        theta, x, alphas = self._checked(theta, x, derivatives)
        values = np.empty((*theta.shape[:-1], len(alphas), len(x), self.outputs))
        self.evaluate(theta, x, alphas, values, None)
        return _rows(values)

    def linearize(self, theta: ArrayLike, x: ArrayLike, derivatives: Sequence[Sequence[int]]) -> tuple[Array, Array]:
        """The features and their Jacobian, at little more than the cost of the latter.

        Returns
        -------
        features : ndarray of shape (..., D, R)
        jacobian : ndarray of shape (..., D, R, p)
            A view of an array (..., p, D, R).
        """
        theta, x, alphas = self._checked(theta, x, derivatives)
        batch, shape = theta.shape[:-1], (len(alphas), len(x), self.outputs)
        values, slopes = np.empty((*batch, *shape)), np.empty((*batch, self.parameters, *shape))
        self.evaluate(theta, x, alphas, values, slopes)
        return _rows(values), _parameters_last(_rows(slopes), len(batch))

    def initial(self, rng: np.random.Generator | int, batch: tuple[int, ...] = (), scale: float = 1.0) -> Array:
        """Random parameters to start from: independent normal numbers.

        Their standard deviations are `scale` times 1, except for the weights of a network, which have
        1/√(number of inputs of the layer). The same seed gives the same parameters, and the first of a batch are
        those that are drawn without one.

        Parameters
        ----------
        rng : numpy.random.Generator or int
            A generator, or a seed for one.
        batch : tuple of int
            Leading axes.
        scale : float

        Returns
        -------
        ndarray of shape (*batch, p)
        """
        normal = np.random.default_rng(rng).standard_normal((*batch, self.parameters))
        return normal * (scale * (1.0 if self.spread is None else self.spread))

    def times(self, factor: Any, variables: Any) -> Model:
        """w(x) v_θ(x) for a fixed function w: a boundary factor, a window, a constant.

        Derivatives follow Leibniz: D^α(wv) = Σ_β binom(α, β) D^(α-β)w D^β v.

        Parameters
        ----------
        factor : sympy.Expr
            w, in the variables.
        variables : sympy.Symbol or sequence of them
            The coordinates of x.

        Source: `sobolev.leibniz`.

        Examples
        --------
        A function that is 0 at both ends of an interval, whatever its parameters are:

        >>> import numpy as np
        >>> import sympy as sp
        >>> from sobolevkernels.descent.models import linear
        >>> x = sp.Symbol("x")
        >>> linear([1, x], x).times(x * (1 - x), x)([3.0, 1.0], np.array([0.0, 0.5, 1.0]))
        array([0.   , 0.875, 0.   ])
        """
        w = Basis((factor,), variables, "factor")
        if (w.dim, w.outputs) != (self.dim, 1):
            raise ValueError(f"the factor must be one expression in {self.dim} variables, those of the points, got "
                             f"{w.outputs} in {w.dim}")
        return replace(self, name=f"({self.name}) times {factor}", evaluate=_multiplied(self, w))

    def plus(self, other: Model) -> Model:
        """v_θ + u_η, with the parameters (θ, η).

        Examples
        --------
        >>> import sympy as sp
        >>> from sobolevkernels.descent.models import linear
        >>> x = sp.Symbol("x")
        >>> linear([1, x], x).plus(linear([x**2], x))
        Model(linear in 2 functions plus linear in 1 function, 3 parameters)
        """
        if not isinstance(other, Model):
            raise TypeError(f"only a Model can be added, got {other!r} of type {type(other).__name__}; "
                            "expression(g, (), x) makes one of a fixed function g")
        if (self.dim, self.outputs) != (other.dim, other.outputs):
            raise ValueError(f"models must agree in dim and outputs, got {(self.dim, self.outputs)} and "
                             f"{(other.dim, other.outputs)}")
        p = self.parameters

        def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None,
                     jacobian: Array | None) -> None:
            axis = theta.ndim - 1
            first, second = (None, None) if jacobian is None else np.split(jacobian, [p], axis=axis)
            self.evaluate(theta[..., :p], x, alphas, features, first)
            if features is None:
                other.evaluate(theta[..., p:], x, alphas, None, second)
            else:
                other.evaluate(theta[..., p:], x, alphas, added := np.empty_like(features), second)
                features += added

        spread = np.concatenate([np.ones(model.parameters) if model.spread is None else model.spread
                                 for model in (self, other)])
        return Model(p + other.parameters, self.dim, self.outputs, f"{self.name} plus {other.name}", evaluate, spread)

    # --- checks ---------------------------------------------------------------------------------

    def _shape(self, count: int) -> tuple[int, ...]:
        return (count,) if self.outputs == 1 else (count, self.outputs)

    def _alpha(self, alpha: Any) -> MultiIndex:
        if alpha is None:
            return (0,) * self.dim
        entries = (alpha,) if isinstance(alpha, int | np.integer) else tuple(alpha)
        if len(entries) != self.dim or not all(isinstance(a, int | np.integer) and a >= 0 for a in entries):
            raise ValueError(f"a derivative needs a non-negative integer for each of the {self.dim} coordinates, such "
                             f"as {(2, *(0,) * (self.dim - 1))}, got {alpha!r}")
        return tuple(map(int, entries))

    def _checked(self, theta: ArrayLike, x: ArrayLike, derivatives: Any) -> tuple[Array, Array, Derivatives]:
        theta = np.asarray(real_array(theta, "theta"), dtype=np.float64)
        if theta.ndim == 0 or theta.shape[-1] != self.parameters:
            raise ValueError(f"theta must have shape (..., {self.parameters}) for {self!r}, got {theta.shape}")
        if not np.isfinite(theta).all():
            index = tuple(map(int, np.argwhere(~np.isfinite(theta))[0]))
            raise ValueError(f"theta must be finite, but entry {index[0] if len(index) == 1 else index} is "
                             f"{theta[index]}; take a smaller step, or begin elsewhere")
        alphas = tuple(self._alpha(alpha) for alpha in derivatives)
        if not alphas:
            raise ValueError(f"derivatives must name at least one multi-index, such as {((0,) * self.dim,)}")
        return theta, np.asarray(points(x, self.dim, "x"), dtype=np.float64), alphas


# --- helpers ------------------------------------------------------------------------------------


def _multiplied(model: Model, factor: Basis) -> Evaluate:
    """Leibniz, in blocks of points if there are derivatives."""

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian: Array | None) -> None:
        targets = [target for target in (features, jacobian) if target is not None]
        if not any(map(any, alphas)):
            model.evaluate(theta, x, alphas, features, jacobian)
            for target in targets:
                np.multiply(target, factor(x, alphas[:1])[0], out=target)
            return
        lower = below(alphas)
        weights = _leibniz(factor(x, lower)[0, :, :, 0], alphas, lower)
        largest = max(math.prod(target.shape[:-3]) for target in targets)
        length = max(64, 4 * BLOCK // max(1, largest * len(lower) * model.outputs))
        for start in range(0, len(x), length):
            block = slice(start, start + length)
            sources = [np.empty((*target.shape[:-3], len(lower), len(x[block]), model.outputs)) for target in targets]
            model.evaluate(theta, x[block], lower, None if features is None else sources[0],
                           None if jacobian is None else sources[-1])
            for target, source in zip(targets, sources, strict=True):
                for d in range(len(alphas)):
                    np.einsum("bn,...bnm->...nm", weights[d, :, block], source, out=target[..., d, block, :])

    return evaluate


def _leibniz(w: Array, alphas: Derivatives, lower: Derivatives) -> Array:
    """binom(α, β) D^(α-β)w for every α, and every β that lies below one of them: (D, D', N)."""
    place = {alpha: i for i, alpha in enumerate(lower)}
    weights = np.zeros((len(alphas), *w.shape))
    for d, alpha in enumerate(alphas):
        for beta, rest, number in binomials(alpha):
            weights[d, place[beta]] = number * w[place[rest]]
    return weights


def _rows(array: Array) -> Array:
    """Points and outputs in one axis."""
    return array.reshape(*array.shape[:-2], array.shape[-2] * array.shape[-1])


def _parameters_last(array: Array, axis: int) -> Array:
    """A view whose last axis is that of the parameters."""
    return np.moveaxis(array, axis, -1)
