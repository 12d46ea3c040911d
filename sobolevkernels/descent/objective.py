"""An objective: a model and the losses of its functions; and its linearisation, on which every step works."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.loop import Descent, descend
from sobolevkernels.descent.loss import Loss, MultiIndex
from sobolevkernels.descent.metrics import Metric
from sobolevkernels.descent.model import Model
from sobolevkernels.descent.solves import Factor, Solution, least_squares

Array = NDArray[Any]

#: A loss from which a gradient and its square are still finite numbers.
_LARGEST = 1e150


@dataclass(frozen=True, eq=False)
class Objective:
    """θ ↦ the sum of the losses of v_θ.

    Parameters
    ----------
    model : Model
    *losses : Loss
        One or more; a boundary condition, for example, is a loss of its own.

    Raises
    ------
    ValueError
        If a loss is for another dimension or number of outputs than the model.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import partial
    >>> from sobolevkernels import backtracking, losses, metrics, models, natural_step
    >>> x = np.linspace(-1, 1, 50)
    >>> loss = losses.least_squares(x, np.sin(3 * x))
    >>> fit = Objective(models.network((1, 6, 1), "tanh"), loss)
    >>> start = fit.model.initial(np.random.default_rng(0))
    >>> step = partial(natural_step, metric=metrics.loss_hessian(loss), damping=1e-6, step=backtracking())
    >>> run = fit.descend(start, step, max_steps=40)
    >>> bool(fit.value(run.state) < 1e-6)
    True
    """

    model: Model
    losses: tuple[Loss, ...]

    def __init__(self, model: Model, *losses: Loss) -> None:
        if not losses:
            raise ValueError("an objective needs a loss, such as sk.losses.least_squares(x, y)")
        if not isinstance(model, Model) or not all(isinstance(loss, Loss) for loss in losses):
            raise TypeError("an objective takes a model such as sk.models.network((1, 8, 1)) and then losses such as "
                            f"sk.losses.least_squares(x, y), got {model!r}, {', '.join(map(repr, losses))}")
        for loss in losses:
            if loss.points.shape[1] != model.dim or loss.outputs != model.outputs:
                raise ValueError(f"{loss.name} takes functions of {loss.points.shape[1]} variables with {loss.outputs} "
                                 f"outputs, the model has {model.dim} and {model.outputs}")
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "losses", losses)

    def value(self, theta: Any) -> Array:
        """The loss (...) at θ (..., p), or at a state with momentum."""
        theta = _parameters(theta)
        finite = np.isfinite(theta).all(axis=-1)
        if not finite.all():
            if not finite.any():
                return np.full(finite.shape, np.nan)
            return np.where(finite, self.value(np.where(finite[..., None], theta, theta[finite][0])), np.nan)
        with np.errstate(all="ignore"):  # a loss that is not finite is the caller's to see
            return np.sum([loss.value(self.model.features(theta, loss.points, loss.derivatives))
                           for loss in self.losses], axis=0)

    def gradient(self, theta: Any) -> Array:
        """The Euclidean gradient (..., p) in the parameters."""
        return self.linearize(theta).gradient

    def linearize(self, theta: Any) -> Linearization:
        """What a step needs at θ (..., p), or at a state with momentum; Jacobians are computed when asked for."""
        return Linearization(self, _parameters(theta))

    def descend(self, theta: ArrayLike | Any, step: Any, **options: Any) -> Descent:
        """The loop `descend` from θ (..., p), with this objective's linearisation, loss and gradient norm.

        A run of a batch whose next loss is not finite, or beyond 1e150, stays where it is; a single run ends when
        its loss is not finite.

        Parameters
        ----------
        theta : array_like or state
            (..., p); leading axes are starts that run side by side.
        step : callable
            (state, linearisation) -> state, such as `natural_step` with its metric bound by `functools.partial`.
        **options
            Of `descend`: max_steps, tolerance (for the root mean square of the gradient, by default 0), callback,
            progress.
        """
        options.setdefault("tolerance", 0.0)
        options.setdefault("loss", self.value)
        options.setdefault("residual", lambda state, here: _root_mean_square(here.gradient))
        start = theta if hasattr(theta, "theta") else _parameters(theta).copy()

        latest: list[Any] = [None, None]

        def linearized(state: Any) -> Linearization:
            if latest[0] is not state:
                latest[:] = state, self.linearize(state)
            return latest[1]

        def held(state: Any, here: Linearization) -> Any:
            with np.errstate(all="ignore"):  # the loop looks at what comes out
                after = step(state, here)
                return self._held(state, after, linearized(after))

        return descend(linearized, start, held, **options)

    def _held(self, before: Any, after: Any, there: Linearization) -> Any:
        """The state after a step, but for the runs of a batch that go where squares overflow."""
        if np.ndim(parameters_of(after)) < 2:
            return after
        finite = (np.abs(self.value(after)) < _LARGEST) & np.isfinite(there.gradient).all(axis=-1)  # NaN is not
        if finite.all() or not finite.any():
            return after
        theta = np.where(finite[..., None], parameters_of(after), parameters_of(before))
        if hasattr(after, "memory"):  # so that it stays there: no momentum of a move that was never made
            memory = [np.where(np.expand_dims(finite, tuple(range(finite.ndim, m.ndim))), m, np.nan)
                      for m in after.memory]
            return replace(after, theta=theta, memory=memory)
        return replace(after, theta=theta) if hasattr(after, "theta") else theta


@dataclass(frozen=True, eq=False)
class Linearization:
    """v_θ and its tangent functions at one θ (or a batch), as features; computed when first asked for."""

    objective: Objective
    theta: Array
    _seen: list[tuple[Array, tuple[MultiIndex, ...], Array, Array]] = field(default_factory=list, repr=False)
    _gradient: list[Array] = field(default_factory=list, repr=False)
    _factors: list[tuple[Metric, Factor]] = field(default_factory=list, repr=False)

    def features(self, part: Any) -> tuple[Array, Array]:
        """Features (..., D, R) and Jacobian (..., D, R, p) at the points of a loss or a part of a metric."""
        for points, derivatives, u, jacobian in self._seen:
            if derivatives == part.derivatives and (points is part.points or np.array_equal(points, part.points)):
                return u, jacobian
        self._check(part)
        u, jacobian = self.objective.model.linearize(self.theta, part.points, part.derivatives)
        self._seen.append((part.points, part.derivatives, u, jacobian))
        return u, jacobian

    def _check(self, part: Any) -> None:
        seen, model = (part.outputs, part.points.shape[1]), self.objective.model
        if seen != (model.outputs, model.dim):
            raise ValueError(f"the metric is for functions with {seen[0]} outputs in dimension {seen[1]}, the model "
                             f"has {model.outputs} and {model.dim}; give outputs={model.outputs} and points to match")

    @property
    def gradient(self) -> Array:
        """The Euclidean gradient (..., p) of the objective."""
        if not self._gradient:
            finite = np.asarray(np.isfinite(self.theta).all(axis=-1))
            if not finite.any():
                self._gradient.append(np.full(self.theta.shape, np.nan))
            elif not finite.all():  # a run that is not finite must not spoil the others
                theta = np.where(finite[..., None], self.theta, self.theta[finite][0])
                self._gradient.append(np.where(finite[..., None], self.objective.gradient(theta), np.nan))
            else:
                with np.errstate(all="ignore"):
                    self._gradient.append(self.pull_back(self.covectors()))
        return self._gradient[0]

    def covectors(self) -> list[Array]:
        """The gradient in function space: for each loss its derivative in the features, (..., D, R)."""
        return [loss.gradient(self.features(loss)[0]) for loss in self.objective.losses]

    def pull_back(self, covectors: list[Array]) -> Array:
        """Jᵀc (..., p) of a covector for each loss."""
        total = np.zeros(self.theta.shape)
        for loss, c in zip(self.objective.losses, covectors, strict=True):
            jacobian = self.features(loss)[1]
            for d in range(jacobian.shape[-3]):
                total = total + (c[..., d, None, :] @ jacobian[..., d, :, :])[..., 0, :]
        return total

    def factor(self, metric: Metric) -> Array:
        """B (..., rows, p), with BᵀB the pullback of the metric."""
        rows = []
        for part in metric.parts:
            u, jacobian = self.features(part)
            rows.append(part.root(u, jacobian))
        return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=-2)

    def decomposed(self, metric: Metric) -> Factor:
        """The singular value decomposition of `factor`, taken once for each metric."""
        for known, factor in self._factors:
            if known is metric:
                return factor
        self._factors.append((metric, Factor.of(self.factor(metric))))
        return self._factors[-1][1]

    def solve(
        self, metric: Metric, b: Array | None = None, gradient: Array | None = None, cutoff: float | None = None,
        damping: ArrayLike = 0.0,
    ) -> Solution:
        """The d of least |B d - b|, or with BᵀB d = g where there is no b; g is the gradient unless given."""
        if b is None:
            return self.decomposed(metric).solve_gram(self.gradient if gradient is None else gradient, cutoff, damping)
        if self.theta.ndim == 1 and not np.any(damping):
            return least_squares(self.factor(metric), b, cutoff)
        return self.decomposed(metric).solve(b, cutoff, damping)

    def push(self, metric: Metric, moves: list[Array]) -> Array:
        """Rows (..., rows) of the metric for functions given by features (..., D, R), one for each part."""
        return np.concatenate([part.root(self.features(part)[0], move[..., None])[..., 0]
                               for part, move in zip(metric.parts, moves, strict=True)], axis=-1)

    def right_side(self, metric: Metric, covectors: list[Array] | None = None) -> Array | None:
        """b (..., rows) with Bᵀb the gradient, or the pullback of other covectors; None if the metric has none.

        It exists for the Hessian of the losses themselves, and where metric and loss see the same points.
        """
        losses, parts = self.objective.losses, metric.parts
        if len(losses) != len(parts):
            return None
        if covectors is None and all(part is loss for part, loss in zip(parts, losses, strict=True)):
            b = np.concatenate([loss.residual(self.features(loss)[0]) for loss in losses], axis=-1)
            return b if np.isfinite(b).all() else None
        if len(parts) > 1 or isinstance(parts[0], Loss):
            return None
        loss, part = losses[0], parts[0]
        self._check(part)
        seen = set(loss.derivatives) <= set(part.derivatives) and np.array_equal(loss.points, part.points)
        if part.coroot is None or not seen:
            return None
        (c,) = self.covectors() if covectors is None else covectors
        placed = np.zeros((*c.shape[:-2], len(part.derivatives), c.shape[-1]))
        placed[..., [part.derivatives.index(alpha) for alpha in loss.derivatives], :] = c
        b = part.coroot(placed)
        return b if np.isfinite(b).all() else None


def _root_mean_square(gradient: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):  # infinity ends the run
        return np.sqrt(np.mean(np.square(gradient), axis=-1))


def _parameters(state: Any) -> Array:
    return np.atleast_1d(np.asarray(parameters_of(state), dtype=float))


def parameters_of(state: Any) -> Any:
    """θ of a state: the state itself, or its `theta` if it remembers more."""
    return state.theta if hasattr(state, "theta") else state
