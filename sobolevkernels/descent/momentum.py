"""Momentum in function space: heavy ball and Nesterov with the transports LM, FD and LG, over any metric.

What a step remembers is a function, and the next step needs its projection on the tangent space where it stands,
P f = argmin_d |J d - f|. Three functions have been proposed:

* LM, the last move as a tangent function, J_(k-1) dθ_(k-1);
* FD, the finite difference v_k - v_(k-1);
* LG, the last gradient of the loss, at v_(k-1). It enters with the sign of β: negative β pushes on, as momentum
  does; positive β, as it was printed, pulls back.

For a linear model LM and FD are the same, the heavy ball preconditioned by the metric.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.descent.metrics import Metric
from sobolevkernels.descent.natural import LineSearch, natural_gradient, step_length
from sobolevkernels.descent.objective import Linearization, parameters_of

Array = NDArray[Any]
Transport = Literal["LM", "FD", "LG"]


@dataclass(frozen=True, eq=False)
class Moving:
    """Parameters, and the function that momentum remembers.

    Attributes
    ----------
    theta : ndarray
        (..., p).
    memory : list of ndarray
        Features (LM, FD) or covectors (LG) of that function; in the Euclidean metric a vector of parameters.
    transport : {"LM", "FD", "LG"}
        Which function it is.
    projection : Metric
        The metric whose points it is seen at.
    """

    theta: Array
    memory: list[Array] = field(repr=False)
    transport: Transport
    projection: Metric


def heavy_ball_step(
    state: ArrayLike | Moving, here: Linearization, metric: Metric, step: ArrayLike | LineSearch = 1.0,
    momentum: ArrayLike = 0.9, transport: Transport = "LM", projection: Metric | None = None,
    cutoff: float | None = None, damping: ArrayLike = 0.0,
) -> Moving:
    """θ - η n + β P m: the natural gradient n, and the remembered function m projected on the tangent space.

    Parameters
    ----------
    state : array_like or Moving
        θ (..., p) at the start, then what the step before returned.
    here : Linearization
        At the state.
    metric : Metric
        Of the natural gradient; with `metrics.euclidean()` for it and for `projection` this is Polyak's heavy ball.
    step : float, array_like or line search
        η. A line search that only accepts decrease forbids what momentum is for: escape from a local minimum.
    momentum : float or array_like
        β, of either sign; an array holds one for each run of a batch.
    transport : {"LM", "FD", "LG"}
        Which function is remembered.
    projection : Metric, optional
        In which momentum is projected; `metric` unless given.
    cutoff, damping
        As for `natural_gradient`, for both solves.

    Returns
    -------
    Moving

    Raises
    ------
    ValueError
        If the transport is unknown, or LM or FD is to be projected with the metric of a loss that has none.

    Source: `somacal2025.heavy-ball`, `somacal2025.transport-lm`, `somacal2025.transport-fd`,
    `somacal2025.transport-lg`.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import partial
    >>> from sobolevkernels import Objective, losses, metrics, models
    >>> points = np.linspace(-1, 1, 40)
    >>> fit = Objective(models.network((1, 5, 1), "tanh"), losses.least_squares(points, np.abs(points)))
    >>> start = fit.model.initial(np.random.default_rng(1))
    >>> run = fit.descend(start, partial(heavy_ball_step, metric=metrics.l2(points), step=0.3, momentum=0.5,
    ...                                  cutoff=1e-3), max_steps=50)
    >>> bool(run.losses[-1] < 1e-4 < run.losses[0]), run.state.theta.shape
    (True, (16,))
    """
    space = metric if projection is None else projection
    theta, remembered = _opened(state, momentum, transport, space)
    carried = _each(momentum) * _projected(here, space, transport, remembered, cutoff, damping)
    descent = -natural_gradient(here, metric, cutoff, damping).direction
    # A line search starts where momentum alone would lead.
    origin = theta + carried
    move = carried + step_length(here, origin, descent, step)[..., None] * descent
    return _remember(theta + move, here, space, transport, move)


def nesterov_step(
    state: ArrayLike | Moving, here: Linearization, metric: Metric, step: ArrayLike | LineSearch = 1.0,
    momentum: ArrayLike = 0.9, transport: Transport = "LM", projection: Metric | None = None,
    cutoff: float | None = None, damping: ArrayLike = 0.0,
) -> Moving:
    """Look ahead to y = θ + β P m, then y - η n(y) with the natural gradient there.

    The gradient is projected on the tangent space at y, not at θ. A step therefore costs two linearisations.

    Parameters
    ----------
    state, here, metric, step, momentum, transport, projection, cutoff, damping
        As for `heavy_ball_step`.

    Returns
    -------
    Moving

    Source: `somacal2025.nesterov`.

    Examples
    --------
    >>> import numpy as np
    >>> from functools import partial
    >>> from sobolevkernels import Objective, losses, metrics, models
    >>> points = np.linspace(-1, 1, 40)
    >>> fit = Objective(models.network((1, 5, 1), "tanh"), losses.least_squares(points, np.abs(points)))
    >>> start = fit.model.initial(np.random.default_rng(1))
    >>> run = fit.descend(start, partial(nesterov_step, metric=metrics.l2(points), step=0.3, momentum=0.5,
    ...                                  transport="FD", cutoff=1e-3), max_steps=50)
    >>> bool(run.losses[-1] < 1e-4 < run.losses[0])
    True
    """
    space = metric if projection is None else projection
    theta, remembered = _opened(state, momentum, transport, space)
    ahead = theta + _each(momentum) * _projected(here, space, transport, remembered, cutoff, damping)
    # A run of a batch that looks too far ahead comes out as NaN; the others are not to suffer.
    finite = np.isfinite(ahead).all(axis=-1, keepdims=True)
    there = here.objective.linearize(np.where(finite, ahead, theta))
    descent = -natural_gradient(there, metric, cutoff, damping).direction
    reached = np.where(finite, ahead, np.nan) + step_length(there, there.theta, descent, step)[..., None] * descent
    if transport == "LG":
        return _remember(reached, there, space, transport, descent)
    return _remember(reached, here, space, transport, reached - theta)


def _opened(
    state: Any, momentum: ArrayLike, transport: str, space: Metric
) -> tuple[Array, list[Array] | None]:
    """θ, and what is remembered of the step before, if there was one."""
    if transport not in ("LM", "FD", "LG"):
        raise ValueError(f'transport must be "LM" (last move), "FD" (finite difference) or "LG" (last gradient), '
                         f"got {transport!r}")
    if not np.isfinite(momentum).all():
        raise ValueError(f"momentum must be finite, got {momentum!r}")
    if isinstance(state, Moving) and (state.transport != transport or state.projection is not space):
        raise ValueError(f"the state remembers {state.transport} in the metric {state.projection.name}, the step "
                         f"carries {transport} in {space.name}; go on with the same metric object, "
                         "or anew from state.theta")
    return np.asarray(parameters_of(state), dtype=float), state.memory if isinstance(state, Moving) else None


def _each(momentum: ArrayLike) -> Array:
    return np.asarray(momentum, dtype=float)[..., None]


def _remember(theta: Array, here: Linearization, space: Metric, transport: Transport, move: Array) -> Moving:
    """With θ what the next step will project; features belong to the parts of the metric, covectors to the losses."""
    if transport == "LG":
        memory = [here.gradient] if space.is_euclidean else here.covectors()
    elif space.is_euclidean:
        memory = [move]
    elif transport == "FD":
        memory = [here.features(part)[0] for part in space.parts]
    else:
        memory = [(here.features(part)[1] @ move[..., None, :, None])[..., 0] for part in space.parts]
    return Moving(theta, memory, transport, space)


def _projected(
    here: Linearization, space: Metric, transport: Transport, remembered: list[Array] | None, cutoff: float | None,
    damping: ArrayLike,
) -> Array:
    """Parameters (..., p) of the remembered function's projection on the tangent space; 0 at the first step."""
    if remembered is None:
        return np.zeros(here.theta.shape)
    if space.is_euclidean:
        return remembered[0]
    if transport == "LG":
        b, pulled = here.right_side(space, remembered), here.pull_back(remembered)
        return here.solve(space, b, pulled, cutoff, damping).direction
    moves = remembered
    if transport == "FD":
        moves = [here.features(part)[0] - before for part, before in zip(space.parts, remembered, strict=True)]
    return here.solve(space, here.push(space, moves), None, cutoff, damping).direction
