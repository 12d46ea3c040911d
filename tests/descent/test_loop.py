"""The loop: what it records, when it stops, and that nothing is lost."""

from functools import partial

import numpy as np
import pytest

from sobolevkernels import descend, gradient_step

HALVE = partial(gradient_step, step=0.5)


def identity(x):
    return x


def test_history_holds_the_start_and_every_step():
    run = descend(identity, np.array([8.0]), HALVE, loss=lambda x: x[0] ** 2 / 2, tolerance=0.6)
    assert run.converged
    assert run.steps == 4
    np.testing.assert_array_equal(run.residuals, [8, 4, 2, 1, 0.5])
    np.testing.assert_array_equal(run.losses, [32, 8, 2, 0.5, 0.125])
    assert run.state[0] == 0.5


def test_without_a_loss_there_are_no_losses():
    assert descend(identity, np.ones(2), HALVE).losses is None


def test_the_start_may_be_the_end():
    run = descend(identity, np.zeros(3), HALVE)
    assert (run.steps, run.reason, run.residuals.tolist()) == (0, "converged", [0.0])


def test_it_ends_after_max_steps():
    run = descend(identity, np.ones(1), HALVE, max_steps=3)
    assert (run.steps, run.reason, run.converged) == (3, "max_steps", False)
    assert run.state[0] == 0.125


def test_the_start_is_not_changed():
    start = np.ones(2)
    descend(identity, start, HALVE)
    assert start.tolist() == [1, 1]


def test_a_batch_runs_until_its_last_run_is_done():
    start = np.array([[1.0], [64.0]])
    run = descend(identity, start, HALVE, tolerance=1.0, residual=lambda x, g: np.abs(g).max(axis=-1),
                  loss=lambda x: (x**2).sum(axis=-1))
    assert run.residuals.shape == run.losses.shape == (7, 2)
    np.testing.assert_array_equal(run.residuals[-1], [1 / 64, 1])


def test_the_callback_sees_every_state_and_can_stop():
    seen = []

    def watch(count, state):
        seen.append((count, float(state[0])))
        return count == 2

    run = descend(identity, np.ones(1), HALVE, callback=watch)
    assert seen == [(0, 1.0), (1, 0.5), (2, 0.25)]
    assert run.reason == "callback"
    assert run.state[0] == 0.25


def test_a_run_that_blows_up_keeps_its_last_good_state():
    with np.errstate(over="ignore"):
        run = descend(lambda x: -(x**3), np.array([1e10]), HALVE, max_steps=9)
    assert run.steps == 1
    assert run.reason == "not finite"
    assert np.isfinite(run.state).all()
    assert np.isfinite(run.residuals).all()
    assert len(run.residuals) == run.steps + 1


def test_a_loss_that_is_not_finite_ends_the_run():
    run = descend(identity, np.array([1.0]), HALVE, loss=lambda x: np.inf if x[0] < 0.2 else x[0])
    assert (run.reason, run.steps, run.state[0]) == ("not finite", 2, 0.25)
    np.testing.assert_array_equal(run.losses, [1, 0.5, 0.25])


@pytest.mark.parametrize("where", ["gradient", "step", "loss", "callback", "residual"])
def test_an_interrupt_keeps_what_was_computed(where):
    calls = dict.fromkeys(("gradient", "step", "loss", "callback", "residual"), 0)

    def interrupted(name, function):
        def wrapper(*arguments):
            calls[name] += 1
            if name == where and calls[name] == 4:
                raise KeyboardInterrupt
            return function(*arguments)
        return wrapper

    run = descend(interrupted("gradient", identity), np.array([64.0]), interrupted("step", HALVE),
                  loss=interrupted("loss", lambda x: x[0]), callback=interrupted("callback", lambda k, x: None),
                  residual=interrupted("residual", lambda x, g: abs(g[0])))
    assert run.reason == "interrupted"
    assert run.steps == (2 if where in ("gradient", "loss", "residual") else 3)
    assert run.state[0] == 64.0 / 2**run.steps
    assert len(run.residuals) == len(run.losses) == run.steps + 1


def test_progress_goes_to_stderr_and_is_wiped(capsys, monkeypatch):
    from sobolevkernels.descent import loop

    monkeypatch.setattr(loop, "_PULSE", 0.0)
    descend(identity, np.ones(1), HALVE, loss=lambda x: x[0], max_steps=2, progress=True)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "step 1: residual 0.5, loss 0.5" in captured.err
    assert captured.err.endswith("\r\x1b[K")


def test_no_progress_where_stderr_is_not_a_terminal(capsys, monkeypatch):
    from sobolevkernels.descent import loop

    monkeypatch.setattr(loop, "_PULSE", 0.0)
    descend(identity, np.ones(1), HALVE, max_steps=2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("arguments", "message"), [
    ({"tolerance": -1.0}, "tolerance must be at least 0"),
    ({"tolerance": np.nan}, "tolerance must be at least 0"),
    ({"max_steps": -1}, "max_steps must be at least 0"),
    ({"max_steps": np.nan}, "max_steps must be at least 0"),
    ({"loss": lambda x: np.nan}, "not finite at the start"),
])
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        descend(identity, np.ones(1), HALVE, **arguments)


def test_a_gradient_that_is_not_finite_ends_the_run_even_if_the_residual_is():
    run = descend(lambda x: np.where(x < 0.2, np.nan, x), np.array([1.0]), HALVE, residual=lambda x, g: abs(x[0]))
    assert (run.reason, run.steps, run.state[0]) == ("not finite", 2, 0.25)


def test_a_gradient_that_is_a_plain_number_may_not_be_nan():
    run = descend(lambda x: float("nan") if x < 0.2 else x, 1.0, HALVE, residual=lambda x, g: x)
    assert (run.reason, run.steps, run.state) == ("not finite", 2, 0.25)


def test_the_residual_of_a_complex_gradient_is_real():
    run = descend(identity, np.array([1j]), lambda x, g: x - g / 2, max_steps=3)
    np.testing.assert_array_equal(run.residuals, [1, 0.5, 0.25, 0.125])


def test_a_residual_that_changes_its_shape_is_refused_at_once():
    with pytest.raises(ValueError, match=r"\(\(1,\),\) at the start, got \(\(3,\),\) after 2 steps"):
        descend(identity, np.ones(1), HALVE, residual=lambda x, g: np.ones(1 if x[0] > 0.3 else 3))


def test_an_exception_passes_and_leaves_no_line_on_the_terminal(capsys, monkeypatch):
    from sobolevkernels.descent import loop

    def fails(count, state):
        if count == 2:
            raise RuntimeError("mine")

    monkeypatch.setattr(loop, "_PULSE", 0.0)
    with pytest.raises(RuntimeError, match="mine"):
        descend(identity, np.ones(1), HALVE, callback=fails, progress=True)
    assert capsys.readouterr().err.endswith("\r\x1b[K")
