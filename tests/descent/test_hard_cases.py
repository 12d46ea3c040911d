"""Hard cases of the engine: what is not finite, not seen, not positive, not wanted."""

from functools import partial

import numpy as np
import pytest
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import losses, metrics, models
from sobolevkernels.descent.solves import least_squares

x, a, b = sp.symbols("x a b")
X = np.linspace(-1, 1, 20)
v = sp.Function("v")
EXPLODES = sk.Objective(models.expression(sp.exp(a * x) + b * x, (a, b), x),
                        losses.least_squares([0.1, 0.2], [3.0, 2.0]))


def test_one_saturated_point_does_not_drown_the_others():
    points, labels, lam = np.array([0.0, 1.0, 2.0]), np.array([1.0, 0.0, 1.0]), 1e-3
    vander = np.vander(points, 3, increasing=True)
    for logit in (-40.0, -80.0, -300.0, -1600.0):
        for loss, model in ((losses.cross_entropy(points, labels), models.linear([1, x, x**2], x)),
                            (losses.cross_entropy(points, np.c_[1 - labels, labels]),
                             models.linear([(0, 1), (0, x), (0, x**2)], x))):
            fit = sk.Objective(model, loss)
            theta = np.linalg.solve(vander, [logit, 0.5, 0.3])
            p = 1 / (1 + np.exp(-np.maximum(vander @ theta, -700)))
            gram = vander.T @ ((p * (1 - p) / 3)[:, None] * vander)
            expected = np.linalg.solve(gram + lam * np.eye(3), vander.T @ (p - labels) / 3)
            found = sk.natural_gradient(fit.linearize(theta), metrics.loss_hessian(loss), damping=lam).direction
            np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_damping_divides_what_the_metric_does_not_see():
    fit = sk.Objective(models.linear([1, x, x**2], x), losses.least_squares(X, np.exp(X)))
    here, metric = fit.linearize(np.zeros(3)), metrics.l2([0.3])
    factor = here.factor(metric)
    expected = np.linalg.solve(factor.T @ factor + 0.01 * np.eye(3), here.gradient)
    np.testing.assert_allclose(sk.natural_gradient(here, metric, damping=0.01).direction, expected, rtol=1e-10)


@pytest.mark.parametrize("options", [{"cutoff": 1e-8}, {"damping": 1e-6}])
def test_a_metric_that_is_not_finite_is_not_a_step_of_zero(options):
    step = partial(sk.natural_step, metric=metrics.l2([0.0, 900.0]), **options)
    run = EXPLODES.descend([1.0, 0.0], step, max_steps=4)
    assert (run.reason, run.steps) == ("not finite", 0)


def test_an_undamped_run_of_a_batch_keeps_its_cutoff():
    matrix, rhs = np.array([[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]), np.array([1.0, 2.0, 1.0])
    with pytest.warns(sk.SingularMetricWarning, match="rank is 1"):
        found = least_squares(np.stack([matrix] * 2), np.stack([rhs] * 2), None, np.array([0.0, 1e-3]))
    np.testing.assert_allclose(found.direction[0], [0.5, 0.5], rtol=1e-12)


def test_the_matrix_of_a_callable_kernel_is_left_alone():
    gram = sk.SobolevKernel(dim=1, order=1)(X)
    before = gram.copy()
    metrics.kernel(lambda points: gram, X, nugget=1e-3)
    np.testing.assert_array_equal(gram, before)


def test_a_run_that_looks_too_far_does_not_stop_the_searches_of_the_others():
    fit = sk.Objective(models.network((1, 4, 1), "tanh"), losses.least_squares(X, np.abs(X)))
    start = fit.model.initial(0, batch=(2,))
    step = partial(sk.heavy_ball_step, metric=metrics.euclidean(), step=sk.backtracking())
    whole = fit.descend(start, partial(step, momentum=[0.1, 1e308]), max_steps=8)
    one = fit.descend(start[0], partial(step, momentum=0.1), max_steps=8)
    np.testing.assert_allclose(whole.losses[:, 0], one.losses, rtol=1e-10)


def test_a_diverging_run_ends_without_warnings():
    fit = sk.Objective(models.linear([x], x), losses.least_squares([1.0], [0.0]))
    assert fit.descend([1.0], lambda theta, here: -1e60 * theta, max_steps=20).reason == "not finite"


def test_points_of_a_grid_in_another_order_are_refused():
    g = np.arange(8) / 8
    wrong = np.stack(np.meshgrid(g, g), axis=-1).reshape(-1, 2)
    with pytest.raises(ValueError, match="indexing"):
        metrics.fourier(sk.sobolev_multiplier(1), wrong, (8, 8), 1 / 8)


def test_armijo_never_goes_uphill():
    assert sk.backtracking(decrease=0.5)(lambda s: 1 + 0.1 * s, np.array(1.0), np.array(1.0)) == 0


def test_zero_weights_are_no_points():
    loss = losses.kullback_leibler([0.0, 1.0], [1.0, 1.0], [1.0, 0.0])
    assert loss.value(np.array([[1.0, -1.0]])) == 0


def test_operators_may_hold_absolute_values():
    loss = losses.residual(X, sp.Abs(v(x)) - 1, v(x))
    np.testing.assert_allclose(loss.gradient(np.full((1, 20), -3.0)), -2 / 20)


def test_values_where_a_loss_has_none_do_not_warn():
    assert np.isnan(sk.Objective(models.expression(x / a, a, x), losses.least_squares([0.1], [3.0])).value([np.nan]))
    assert np.isinf(sk.Objective(models.linear([1], x), losses.pointwise(X, a - sp.log(a), a)).value([0.0]))


def test_marquardt_leaves_a_plateau():
    loss = losses.cross_entropy([0.0, 1.0], [1, 0])
    fit = sk.Objective(models.linear([1, x], x), loss)
    step = partial(sk.levenberg_marquardt_step, metric=metrics.loss_hessian(loss))
    run = fit.descend([-300.0, 0.0], step, max_steps=60)
    assert run.losses[-1] < 1e-2


def test_a_run_continues_with_another_step():
    fit = sk.Objective(models.network((1, 4, 1), "tanh"), losses.least_squares(X, np.abs(X)))
    first = fit.descend(fit.model.initial(0), partial(sk.levenberg_marquardt_step, metric=metrics.l2(X)), max_steps=2)
    assert fit.descend(first.state, partial(sk.natural_step, metric=metrics.l2(X), damping=0.1), max_steps=2).steps == 2


def test_a_run_that_was_held_stays():
    """A single run ends where it leaves the numbers; in a batch it must not go on with a move that was never made."""
    fit = sk.Objective(models.linear([1, x], x), losses.kullback_leibler(X, np.exp(X)))
    for transport in ("LM", "FD"):
        step = partial(sk.heavy_ball_step, metric=metrics.l2(X), transport=transport)
        run = fit.descend([[1.0, 0.0], [0.3, 0.0]], partial(step, step=[0.05, 0.6], momentum=[0.1, 0.9]), max_steps=30)
        alone = fit.descend([0.3, 0.0], partial(step, step=0.6, momentum=0.9), max_steps=30)
        assert alone.reason == "not finite"
        np.testing.assert_allclose(run.state.theta[1], alone.state.theta)


def test_one_gradient_that_is_not_finite_leaves_the_others_alone():
    model = models.given(lambda t, p: t[0] * p[:, 0], lambda t, p: p * (np.nan if t[0] > 0.05 else 1.0), 1, 1)
    fit = sk.Objective(model, losses.least_squares(X, X))
    step = partial(sk.natural_step, metric=metrics.l2(X), step=0.1)
    whole = fit.descend([[0.0], [-50.0]], step, max_steps=5)
    assert whole.steps == 5
    np.testing.assert_allclose(whole.losses[:, 1], fit.descend([-50.0], step, max_steps=5).losses)
