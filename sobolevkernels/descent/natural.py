"""Natural gradients and the steps made of them, over any metric.

The natural gradient is the direction n in the parameters whose tangent function is nearest to the gradient of the
loss: G n = ∇_θ L with the pullback G of the metric, solved as least squares. A step is θ - η n. Step sizes are
positive numbers, one for each run of a batch if wanted, or a line search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.metrics import Metric
from sobolevkernels.descent.objective import Linearization, parameters_of
from sobolevkernels.descent.solves import Solution, checked_damping

Array = NDArray[Any]
#: (loss at θ + s·move as a function of s, the loss at s = 0, its slope there) -> s; all of shape (...).
LineSearch = Callable[[Callable[[Array], Array], Array, Array], Array]


def natural_gradient(
    here: Linearization, metric: Metric, cutoff: float | None = None, damping: ArrayLike = 0.0
) -> Solution:
    """The natural gradient: the n of least |J n - ∇L| in the metric.

    Parameters
    ----------
    here : Linearization
        From `objective.linearize(theta)`.
    metric : Metric
        From `sobolevkernels.metrics`.
    cutoff : float, optional
        Tangent directions whose singular value is at most `cutoff` times the largest are left out. Without it
        (and without damping) those below working precision, with a `SingularMetricWarning` if there are any.
    damping : float or array_like
        λ ≥ 0: the normal equations become (G + λ) n = ∇_θ L.

    Returns
    -------
    Solution
        Direction, rank, condition number and residual.

    Source: `somacal2025.natural-step`, `sobolev.natural-step-least-squares`.

    Examples
    --------
    >>> import numpy as np
    >>> import sympy as sp
    >>> from sobolevkernels import Objective, losses, metrics, models
    >>> x = sp.Symbol("x")
    >>> points = np.linspace(-1, 1, 30)
    >>> fit = Objective(models.linear([1, x, x**2], [x]), losses.least_squares(points, 1 + points**2))
    >>> solution = natural_gradient(fit.linearize(np.zeros(3)), metrics.l2(points))
    >>> np.round(solution.direction, 6) + 0.0
    array([-1.,  0., -1.])
    >>> int(solution.rank), f"{solution.condition:.2f}"
    (3, '3.58')
    """
    if not isinstance(metric, Metric):
        raise TypeError(f"metric must be one of sk.metrics, such as metrics.l2(x) or metrics.loss_hessian(loss), got "
                        f"{metric!r}")
    if metric.is_euclidean:
        checked_damping(damping)
        shape = here.theta.shape
        shrunk = here.gradient / (1 + np.expand_dims(np.asarray(damping, dtype=float), -1))
        return Solution(shrunk, np.full(shape[:-1], shape[-1]), np.ones(shape[:-1]), np.zeros(shape[:-1]))
    return here.solve(metric, here.right_side(metric), here.gradient, cutoff, damping)


def natural_step(
    theta: ArrayLike, here: Linearization, metric: Metric, step: ArrayLike | LineSearch = 1.0,
    cutoff: float | None = None, damping: ArrayLike = 0.0,
) -> Array:
    """θ - η n, with the natural gradient n of the metric.

    Parameters
    ----------
    theta : array_like
        (..., p).
    here : Linearization
        At `theta`; `objective.descend` provides it.
    metric : Metric
        From `sobolevkernels.metrics`; `metrics.euclidean()` makes this gradient descent.
    step : float, array_like or line search
        η > 0, or one for each run of a batch, or `backtracking()`, `geometric_grid()`.
    cutoff, damping
        As for `natural_gradient`.

    Returns
    -------
    ndarray
        (..., p).

    Raises
    ------
    ValueError
        If a step size is not positive.

    Source: `somacal2025.natural-step`.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import partial
    >>> from sobolevkernels import Objective, losses, metrics, models
    >>> points = np.linspace(0, 1, 40)
    >>> fit = Objective(models.network((1, 5, 1), "tanh"), losses.least_squares(points, np.exp(points)))
    >>> start = fit.model.initial(np.random.default_rng(1), batch=(3,))         # three starts side by side
    >>> run = fit.descend(start, partial(natural_step, metric=metrics.l2(points), step=geometric_grid(),
    ...                                  cutoff=1e-3), max_steps=30)
    >>> run.losses.shape, bool((run.losses[-1] < 1e-6).all())
    ((31, 3), True)
    """
    theta = np.asarray(parameters_of(theta), dtype=float)
    move = -natural_gradient(here, metric, cutoff, damping).direction
    return theta + step_length(here, theta, move, step)[..., None] * move


def backtracking(
    initial: float = 1.0, shrink: float = 0.5, decrease: float = 1e-4, trials: int = 40
) -> LineSearch:
    """Armijo's rule: the first s = initial · shrink^k with a loss of at most L(0) + decrease · s · L'(0).

    Parameters
    ----------
    initial, shrink, decrease : float
        Positive; `shrink` and `decrease` below 1.
    trials : int
        After so many the step is 0: a run that finds no descent stays where it is.

    Examples
    --------
    >>> import numpy as np
    >>> search = backtracking()
    >>> float(search(lambda s: (1 - 6 * s)**2, np.array(1.0), np.array(-12.0)))
    0.25
    """
    if not (initial > 0 and 0 < shrink < 1 and 0 < decrease < 1 and trials > 0):
        raise ValueError("backtracking needs initial > 0, shrink and decrease in (0, 1) and trials > 0, got "
                         f"{initial!r}, {shrink!r}, {decrease!r}, {trials!r}")

    def search(loss: Callable[[Array], Array], value: Array, slope: Array) -> Array:
        s = np.full(np.shape(value), float(initial))
        for _ in range(trials):
            # NaN fails; where the move leads uphill, any decrease will do.
            failed = ~(loss(s) <= value + decrease * s * np.minimum(slope, 0.0))
            if not failed.any():
                return s
            s = np.where(failed, shrink * s, s)
        return np.where(failed, 0.0, s)

    return search


def geometric_grid(largest: float = 1.0, ratio: float = 0.5, count: int = 31) -> LineSearch:
    """The best of largest · ratio^k, k < count, as for energy natural gradients; 0 if none of them decreases the loss.

    Examples
    --------
    >>> import numpy as np
    >>> search = geometric_grid()
    >>> float(search(lambda s: (1 - 3 * s)**2, np.array(1.0), np.array(-6.0)))
    0.25
    """
    if not (largest > 0 and 0 < ratio < 1 and count > 0):
        raise ValueError("geometric_grid needs largest > 0, ratio in (0, 1) and count > 0, got "
                         f"{largest!r}, {ratio!r}, {count!r}")

    def search(loss: Callable[[Array], Array], value: Array, slope: Array) -> Array:
        best, least = np.zeros(np.shape(value)), np.array(value, dtype=float)
        for k in range(count):
            s = np.full(np.shape(value), largest * ratio**k)
            trial = loss(s)
            better = trial < least
            best, least = np.where(better, s, best), np.where(better, trial, least)
        return best

    return search


@dataclass(frozen=True, eq=False)
class Damped:
    """Parameters and the damping of a Levenberg-Marquardt descent.

    Attributes
    ----------
    theta : ndarray
        (..., p).
    damping : ndarray
        (...): λ, one for each run.
    """

    theta: Array
    damping: Array


def levenberg_marquardt_step(
    state: ArrayLike | Damped, here: Linearization, metric: Metric, damping: ArrayLike = 1e-2, growth: float = 4.0,
    trials: int = 12,
) -> Damped:
    """θ + d with (G + λ) d = -∇_θ L, where λ grows until the loss decreases and shrinks after a good step.

    All trials share one singular value decomposition.

    Parameters
    ----------
    state : array_like or Damped
        θ (..., p) at the start, then what the step before returned.
    here : Linearization
        At the state.
    metric : Metric
        Usually `metrics.loss_hessian(*losses)`.
    damping : float or array_like
        λ at the start, relative to the largest eigenvalue of G; an array holds one for each run.
    growth : float
        Above 1: the factor by which λ grows; a step that decreases the loss as predicted divides λ by it.
    trials : int
        After so many a run stays where it is, with the larger λ.

    Returns
    -------
    Damped

    Source: `sobolev.natural-step-least-squares`.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import partial
    >>> from sobolevkernels import Objective, losses, metrics, models
    >>> points = np.linspace(0, 1, 40)
    >>> loss = losses.least_squares(points, np.sin(4 * points))
    >>> fit = Objective(models.network((1, 5, 1), "tanh"), loss)
    >>> start = fit.model.initial(np.random.default_rng(1))
    >>> run = fit.descend(start, partial(levenberg_marquardt_step, metric=metrics.loss_hessian(loss)), max_steps=60)
    >>> bool(run.losses[-1] < 1e-6), run.state.theta.shape
    (True, (16,))
    """
    if metric.is_euclidean:
        raise ValueError("Levenberg-Marquardt needs a metric on functions, such as metrics.loss_hessian(loss)")
    if not (np.all(np.asarray(damping) > 0) and growth > 1 and trials > 0):
        raise ValueError(f"damping must be positive, growth above 1, trials positive, got {damping!r}, {growth!r}, "
                         f"{trials!r}")
    theta = np.asarray(parameters_of(state), dtype=float)
    factor, b = here.decomposed(metric), here.right_side(metric)
    largest = np.square(factor.values.max(axis=-1))
    largest = np.where(largest > 0, largest, 1.0)
    strength = state.damping if isinstance(state, Damped) else np.asarray(damping, dtype=float) * largest
    value, gradient = here.objective.value(theta), here.gradient
    waiting = np.ones(value.shape, dtype=bool)
    for _ in range(trials):
        solution = factor.solve_gram(gradient, None, strength) if b is None else factor.solve(b, None, strength)
        move = -solution.direction
        trial = here.objective.value(theta + np.where(waiting[..., None], move, 0.0))
        # The quadratic model decreases by ½(λ|d|² - ⟨∇L, d⟩).
        predicted = ((strength[..., None] * move - gradient) * move).sum(axis=-1) / 2
        better = waiting & (trial < value)
        theta = np.where(better[..., None], theta + move, theta)
        good = better & (value - trial > predicted / 4)
        strength = np.where(good, strength / growth, np.where(waiting & ~better, strength * growth, strength))
        waiting &= ~better
        if not waiting.any():
            break
    return Damped(theta, np.clip(strength, 1e-30 * largest, 1e200))


def step_length(here: Linearization, theta: Array, move: Array, step: Any) -> Array:
    """The step sizes (...) of each run: numbers as given, or what a line search finds along the move."""
    objective, runs = here.objective, theta.shape[:-1]
    if callable(step):
        there = here
        if not np.array_equal(theta, here.theta):  # a run of a batch that is not finite must not spoil the others
            there = objective.linearize(np.where(np.isfinite(theta).all(axis=-1, keepdims=True), theta, here.theta))
        return step(lambda s: objective.value(theta + s[..., None] * move), objective.value(theta),
                    (there.gradient * move).sum(axis=-1))
    rate = np.asarray(step, dtype=float)
    if not ((rate > 0) & np.isfinite(rate)).all():
        raise ValueError(f"a step size must be positive and finite, or a line search, got {step!r}")
    try:
        return np.broadcast_to(rate, runs)
    except ValueError:
        raise ValueError(f"step of shape {rate.shape} must broadcast to one number for each run, {runs}") from None
