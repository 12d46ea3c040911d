"""The loop that runs any update rule: history, stopping, callback, progress, interruption."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal["converged", "max_steps", "callback", "not finite", "interrupted"]

#: Seconds between two lines of progress.
_PULSE = 0.2


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent ended, and how it got there.

    Attributes
    ----------
    state : any
        The last state whose residual and loss are finite.
    steps : int
        How many steps led to it.
    reason : {"converged", "max_steps", "callback", "not finite", "interrupted"}
        Why the loop ended.
    residuals : ndarray
        (steps + 1, ...): the residual at the start and after each step.
    losses : ndarray or None
        (steps + 1, ...): the losses, if one was given.
    """

    state: Any = field(repr=False)
    steps: int
    reason: Reason
    residuals: NDArray[np.floating] = field(repr=False)
    losses: NDArray[np.floating] | None = field(default=None, repr=False)

    @property
    def converged(self) -> bool:
        """Whether every residual came down to the tolerance."""
        return self.reason == "converged"


def root_mean_square(state: Any, gradient: NDArray[np.floating]) -> NDArray[np.floating]:
    """The root mean square of the gradient over all its axes; on a grid, its L² norm over √volume."""
    size = np.abs(gradient) if np.iscomplexobj(gradient) else gradient
    with np.errstate(over="ignore"):  # infinity ends the run
        return np.sqrt(np.mean(np.square(size)))


def descend(
    gradient: Callable[[Any], Any],
    start: Any,
    step: Callable[[Any, Any], Any],
    *,
    loss: Callable[[Any], Any] | None = None,
    residual: Callable[[Any, Any], Any] = root_mean_square,
    tolerance: float = 1e-10,
    max_steps: int = 1000,
    callback: Callable[[int, Any], Any] | None = None,
    progress: bool | None = None,
) -> Descent:
    """Repeat x ← step(x, gradient(x)) until the residual is small.

    The loop does not look into the state: it may be an array, a batch of them, or what a
    rule with momentum needs to remember.

    Parameters
    ----------
    gradient : callable
        State -> gradient.
    start : any
        The first state; it is not changed.
    step : callable
        (state, gradient) -> next state: one of the steps with its other arguments bound, for
        example by `functools.partial`. A step of your own must not write into its arguments.
    loss : callable, optional
        State -> loss, a number or one for each run of a batch; only recorded.
    residual : callable
        (state, gradient) -> what is compared with the tolerance, a number or one for each run.
        The root mean square of the gradient unless given.
    tolerance : float
        The loop ends when no residual exceeds it.
    max_steps : int
        The loop ends after so many steps.
    callback : callable, optional
        Called as callback(steps, state) at the start and after every step; a true result ends the loop.
    progress : bool, optional
        Whether to report on stderr; by default, if that is a terminal.

    Returns
    -------
    Descent
        Also after an interrupt from the keyboard: nothing that was computed is lost, and
        `reason` says so. A gradient, residual or loss that is not finite ends the loop too, at
        the last state before it.

    Raises
    ------
    ValueError
        If gradient, residual or loss is not finite at the start, a parameter is out of range, or residual or
        loss change their shape.

    Examples
    --------
    >>> from functools import partial
    >>> import numpy as np
    >>> from sobolevkernels import descend, gradient_step
    >>> run = descend(lambda x: 2 * (x - 3), np.zeros(1), partial(gradient_step, step=0.25), tolerance=1e-6)
    >>> run
    Descent(steps=23, reason='converged')
    >>> print(f"{run.state[0]:.6f}", run.residuals.shape)
    3.000000 (24,)
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be at least 0, got {tolerance!r}")
    if not max_steps >= 0:
        raise ValueError(f"max_steps must be at least 0, got {max_steps!r}")
    report = _Progress(sys.stderr.isatty() if progress is None else progress)

    def look(state: Any) -> tuple[Any, NDArray[Any], NDArray[Any] | None]:
        direction = gradient(state)
        return (direction, np.array(residual(state, direction), dtype=float),
                None if loss is None else np.array(loss(state), dtype=float))

    state = start
    direction, size, value = look(state)
    if not _finite(direction, size, value):
        raise ValueError(f"gradient, residual {size} or loss {value} is not finite at the start; start elsewhere")
    history, count = [(size, value)], 0
    reason: Reason | None = None
    try:
        while True:
            report(count, size, value)
            if callback is not None and callback(count, state):
                reason = "callback"
            elif (size <= tolerance).all():
                reason = "converged"
            elif count >= max_steps:
                reason = "max_steps"
            if reason is not None:
                break
            candidate = step(state, direction)
            candidate_direction, size, value = look(candidate)
            if _shapes(size, value) != _shapes(*history[0]):
                raise ValueError(f"residual and loss must keep their shapes, {_shapes(*history[0])} at the start, got "
                                 f"{_shapes(size, value)} after {count + 1} steps")
            if not _finite(candidate_direction, size, value):
                reason = "not finite"
                break
            history.append((size, value))
            state, direction, count = candidate, candidate_direction, count + 1
    except KeyboardInterrupt:
        reason = "interrupted"
    finally:
        report.end()
    residuals, losses = zip(*history[:count + 1], strict=True)
    return Descent(state, count, reason, np.array(residuals), None if loss is None else np.array(losses))


def _finite(direction: Any, size: NDArray[Any], value: NDArray[Any] | None) -> bool:
    parts = [size, value, direction if isinstance(direction, np.ndarray | np.number | float) else None]
    return all(part is None or bool(np.isfinite(part).all()) for part in parts)


def _shapes(size: NDArray[Any], value: NDArray[Any] | None) -> tuple[tuple[int, ...], ...]:
    return (size.shape,) if value is None else (size.shape, value.shape)


class _Progress:
    """A line on stderr that is rewritten a few times a second."""

    def __init__(self, wanted: bool) -> None:
        self._wanted, self._next, self._shown = wanted, time.monotonic() + _PULSE, False

    def __call__(self, count: int, size: NDArray[Any], value: NDArray[Any] | None) -> None:
        if self._wanted and time.monotonic() >= self._next:
            loss = "" if value is None else f", loss {value.max():.6g}"
            print(f"\r\x1b[Kstep {count}: residual {size.max():.3g}{loss}", end="", file=sys.stderr, flush=True)
            self._next, self._shown = time.monotonic() + _PULSE, True

    def end(self) -> None:
        if self._shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
