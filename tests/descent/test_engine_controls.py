"""What the other tests of the engine would let pass."""
from functools import partial

import numpy as np
import pytest
import scipy.special
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import heavy_ball_step, losses, metrics, models, nesterov_step
from sobolevkernels.descent.solves import Factor, least_squares

x, a, b = sp.symbols("x a b")
X = np.linspace(-1, 1, 20)
RNG = np.random.default_rng(0)
WEIGHTS = np.linspace(1, 3, 20)
CURVED = models.expression(a * sp.sin(b * x) + a**2, (a, b), x)
fit_w = sk.Objective(CURVED, losses.least_squares(X, np.exp(X), WEIGHTS / 20))
START = np.array([0.7, 1.1])


# --- solves
@pytest.mark.parametrize("solve", [least_squares, lambda m, c: Factor.of(m).solve(c)], ids=["QR", "SVD"])
def test_working_precision_is_counted_in_the_longer_side(solve):
    matrix = np.zeros((1000, 2))
    matrix[0, 0], matrix[1, 1] = 1.0, 100 * np.finfo(float).eps
    with pytest.warns(sk.SingularMetricWarning, match="rank is 1"):
        assert solve(matrix, np.ones(1000)).rank == 1


@pytest.mark.parametrize("solve", [least_squares, lambda m, c, t: Factor.of(m).solve(c, t)], ids=["QR", "SVD"])
def test_a_singular_value_at_the_cutoff_is_left_out(solve):
    assert solve(np.diag([1.0, 0.25]), np.ones(2), 0.25).rank == 1


def test_the_gram_residual_is_what_the_metric_does_not_see():
    factor = Factor.of(np.array([[3.0, 0.0], [0.0, 0.0], [0.0, 0.0]]))
    assert factor.solve_gram(np.array([3.0, 4.0]), cutoff=1e-9).residual == pytest.approx(0.8)
    assert factor.solve_gram(np.array([3.0, 0.0]), cutoff=1e-9).residual == 0
    assert factor.solve_gram(np.array([3.0, 0.0]), 1e-9, damping=9.0).residual == pytest.approx(0.5)


# --- losses
def test_softmax_weights_and_shifts():
    y, w = scipy.special.softmax(RNG.normal(size=(3, 2)), axis=1), np.array([0.5, 0.0, 3.0])
    u = np.array([[0.0, 1.0, -900.0, -901.0, 700.0, 702.0]])     # points far apart: each has its own maximum
    expected = -(w[:, None] * y * scipy.special.log_softmax(u.reshape(3, 2), axis=1)).sum()
    assert losses.cross_entropy([0.0, 1.0, 2.0], y, w).value(u) == pytest.approx(expected, rel=1e-14)
    z = np.array([[0.3, -1.0, 2.0]])
    one = losses.cross_entropy([0.0, 1.0, 2.0], [1, 0, 1], w)
    assert one.value(z) == pytest.approx((w * np.log1p(np.exp([-0.3, -1.0, -2.0]))).sum())


def test_empirical_weights_are_means_over_points_not_outputs():
    loss = losses.least_squares([0.0, 1.0], [[3.0, 0.0], [0.0, 4.0]])
    assert loss.value(np.zeros((1, 4))) == pytest.approx(25 / 4)
    weighted = losses.least_squares([0.0, 1.0], [[3.0, 0.0], [0.0, 4.0]], [1.0, 10.0])
    assert weighted.value(np.zeros((1, 4))) == pytest.approx((9 + 160) / 2)


# --- metrics, objective
def test_the_nugget_is_relative_to_the_largest_entry():
    gram = np.diag([1.0, 4.0])
    root = metrics.kernel(lambda points: gram.copy(), [0.0, 1.0], nugget=0.5).parts[0].root(None, np.eye(2)[None])
    np.testing.assert_allclose(root.T @ root, np.diag([1 / 3, 1 / 6]))


def test_a_weight_of_zero_where_the_loss_has_none_needs_the_gram_form():
    fit = sk.Objective(models.linear([1, x], x), losses.least_squares(X, np.exp(X)))
    weights = np.r_[0.0, np.ones(19)]
    here, metric = fit.linearize(np.zeros(2)), metrics.l2(X, weights)
    assert here.right_side(metric) is None
    j = fit.model.jacobian(np.zeros(2), X)
    np.testing.assert_allclose(sk.natural_gradient(here, metric).direction,
                               np.linalg.solve(j.T @ (weights[:, None] * j), here.gradient))


def test_a_covector_of_a_derivative_is_put_in_its_place():
    f = sp.Function("f")
    fit = sk.Objective(models.linear([1, x, sp.sin(x)], x), losses.residual(X, f(x).diff(x) - 1, f(x)))
    here, metric = fit.linearize(np.ones(3)), metrics.sobolev(X, 2, kappa=2.0)
    np.testing.assert_allclose(here.factor(metric).T @ here.right_side(metric), here.gradient, atol=1e-13)


def test_a_metric_of_values_does_not_see_the_covector_of_a_derivative():
    f = sp.Function("f")
    fit = sk.Objective(models.linear([x, sp.sin(x)], x), losses.residual(X, f(x).diff(x) - 1, f(x)))
    here = fit.linearize(np.ones(2))
    assert here.right_side(metrics.l2(X)) is None
    j = fit.model.jacobian(np.ones(2), X)
    np.testing.assert_allclose(sk.natural_gradient(here, metrics.l2(X)).direction,
                               np.linalg.solve(j.T @ j / 20, here.gradient))


def test_each_metric_has_its_own_decomposition():
    here = fit_w.linearize(START)
    for metric in (metrics.l2(X), metrics.l2(X, WEIGHTS), metrics.sobolev(X, 1)):
        factor = here.factor(metric)
        np.testing.assert_allclose(sk.natural_gradient(here, metric, damping=0.1).direction,
                                   np.linalg.solve(factor.T @ factor + 0.1 * np.eye(2), here.gradient))


def test_a_batch_ends_when_no_run_is_left():
    fit = sk.Objective(models.expression(sp.exp(a * x), a, x), losses.least_squares([1.0], [0.0]))
    run = fit.descend([[1.0], [2.0]], lambda theta, here: theta + 400.0, max_steps=5)
    assert (run.reason, run.steps) == ("not finite", 0)


def test_large_losses_are_still_losses():
    fit = sk.Objective(models.linear([1], x), losses.least_squares([0.0], [0.0]))
    run = fit.descend([[1.0], [1.0]], lambda theta, here: theta * np.array([[1e50], [1.0]]), max_steps=1)
    np.testing.assert_array_equal(run.state, [[1e50], [1.0]])
    run = fit.descend([[1.0], [1.0]], lambda theta, here: theta * np.array([[1e80], [1.0]]), max_steps=1)
    np.testing.assert_array_equal(run.state, [[1.0], [1.0]])


def test_every_run_of_a_batch_has_its_residual():
    fit = sk.Objective(models.linear([1, x], x), losses.least_squares(X, X))
    theta = np.array([[0.0, 1.0], [2.0, 1.0]])
    run = fit.descend(theta, lambda state, here: state, max_steps=0)
    np.testing.assert_allclose(run.residuals[0], np.sqrt(np.mean(fit.gradient(theta) ** 2, axis=-1)), atol=1e-16)
    assert run.residuals.shape == (1, 2)


# --- natural
def test_armijo_wants_a_share_of_the_predicted_decrease():
    # at s = 1 the loss falls by 0.1 of the prediction, at ½ by 0.55, at ¼ by 0.775
    search = (lambda s: 1 - s + 0.9 * s**2, np.array(1.0), np.array(-1.0))
    assert sk.backtracking(decrease=0.05)(*search) == 1.0
    assert sk.backtracking(decrease=0.5)(*search) == 0.5
    assert sk.backtracking(decrease=0.7)(*search) == 0.25


def test_euclidean_damping_divides():
    here = fit_w.linearize(START)
    np.testing.assert_allclose(sk.natural_gradient(here, metrics.euclidean(), damping=3.0).direction, here.gradient / 4)


def test_marquardt_follows_the_textbook_step_by_step():
    """Trials, gain ratio and damping of one step, recomputed with scalars, for runs that need 1 and more trials."""
    fit = sk.Objective(CURVED, losses.least_squares(X, np.exp(X)))
    metric = metrics.loss_hessian(*fit.losses)
    starts, growth = np.random.default_rng(5).normal(size=(12, 2)) * 2, 3.0
    whole = sk.levenberg_marquardt_step(starts, fit.linearize(starts), metric, 1e-4, growth, trials=5)
    counts, shrunk = set(), set()
    for i, theta in enumerate(starts):
        here = fit.linearize(theta)
        gram, g = here.factor(metric).T @ here.factor(metric), here.gradient
        strength, value = 1e-4 * np.linalg.eigvalsh(gram)[-1], fit.value(theta)
        for trial in range(5):  # noqa: B007
            d = -np.linalg.solve(gram + strength * np.eye(2), g)
            if fit.value(theta + d) < value:
                gain = (value - fit.value(theta + d)) / (-g @ d - d @ gram @ d / 2)
                strength, theta = strength / growth if gain > 0.25 else strength, theta + d
                shrunk.add(bool(gain > 0.25))
                break
            strength *= growth
        counts.add(trial)
        np.testing.assert_allclose(whole.theta[i], theta, rtol=1e-7)
        np.testing.assert_allclose(whole.damping[i], strength, rtol=1e-9)
    assert len(counts) > 1
    assert shrunk == {True, False}


# --- momentum
def project(theta, function, weights=None):
    j, w = CURVED.jacobian(theta, X), np.full(20, 1 / 20) if weights is None else weights
    return np.linalg.solve(j.T @ (w[:, None] * j), j.T @ (w * function))


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
@pytest.mark.parametrize("transport", ["LM", "FD", "LG"])
@pytest.mark.parametrize("damping", [0.0, 0.05])
def test_projection_metric_and_damping_enter_both_solves(step, transport, damping):
    """Two steps written out: gradient in the loss Hessian, momentum in L², both damped."""
    metric, eta, beta = metrics.loss_hessian(*fit_w.losses), 0.2, 0.4
    run = partial(step, metric=metric, projection=metrics.l2(X), step=eta, momentum=beta, transport=transport,
                  damping=damping)
    state, found = START, []
    for _ in range(3):
        state = run(state, fit_w.linearize(state))
        found.append(state.theta)
    lam = damping * np.eye(2)

    def natural(theta):
        j = CURVED.jacobian(theta, X)
        return np.linalg.solve(j.T @ (WEIGHTS[:, None] / 20 * j) + lam, fit_w.gradient(theta))

    before = theta = last = START
    for k in range(3):
        j = CURVED.jacobian(theta, X)
        carried = {"LM": j.T @ CURVED.jacobian(before, X) @ (theta - before) / 20,
                   "FD": j.T @ (CURVED(theta, X) - CURVED(before, X)) / 20,
                   "LG": np.zeros(2) if k == 0 else j.T @ (WEIGHTS / 20 * (CURVED(last, X) - np.exp(X)))}[transport]
        carried = beta * np.linalg.solve(j.T @ j / 20 + lam, carried)
        last = theta + carried if step is nesterov_step else theta
        before, theta = theta, theta + carried - eta * natural(last)
        np.testing.assert_allclose(found[k], theta, rtol=1e-8)


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
def test_last_gradient_with_the_loss_hessian_and_without_a_metric(step):
    for metric in (metrics.loss_hessian(*fit_w.losses), metrics.euclidean()):
        state, last, theta = START, None, START
        for _ in range(3):
            state = step(state, fit_w.linearize(state), metric, 0.01, -0.02, "LG")

            def natural(at, covector, metric=metric):
                j = CURVED.jacobian(at, X)
                gram = j.T @ (WEIGHTS[:, None] / 20 * j)
                return covector if metric.is_euclidean else np.linalg.solve(gram, covector)

            if last is None:
                carried = np.zeros(2)
            elif metric.is_euclidean:
                carried = -0.02 * fit_w.gradient(last)
            else:
                covector = CURVED.jacobian(theta, X).T @ (WEIGHTS / 20 * (CURVED(last, X) - np.exp(X)))
                carried = -0.02 * natural(theta, covector)
            last = theta + carried if step is nesterov_step else theta
            theta = theta + carried - 0.01 * natural(last, fit_w.gradient(last))
            np.testing.assert_allclose(state.theta, theta, rtol=1e-9)


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
def test_a_line_search_looks_from_where_momentum_leads(step):
    """The search is called with the loss, its value and slope at θ + carried, along the natural gradient."""
    seen = []

    def search(loss, value, slope):
        seen.append((float(loss(np.array(0.0))), float(loss(np.array(1e-6))), float(value), float(slope)))
        return np.full(np.shape(value), 0.1)

    run = partial(step, metric=metrics.l2(X), momentum=0.5, transport="LM")
    state = run(START, fit_w.linearize(START), step=0.1)
    fixed, searched = run(state, fit_w.linearize(state), step=0.1), run(state, fit_w.linearize(state), step=search)
    np.testing.assert_allclose(searched.theta, fixed.theta, rtol=1e-12)
    carried = 0.5 * project(state.theta, CURVED.jacobian(START, X) @ (state.theta - START))
    zero, near, value, slope = seen[0]
    assert zero == value == pytest.approx(float(fit_w.value(state.theta + carried)), rel=1e-10)
    assert slope == pytest.approx((near - zero) / 1e-6, rel=1e-4)


def test_the_damping_of_marquardt_stays_within_bounds():
    fit = sk.Objective(models.linear([1, x], x), losses.least_squares(X, np.exp(X)))
    metric, here = metrics.loss_hessian(*fit.losses), fit.linearize(np.ones(2))
    largest = here.decomposed(metric).values.max() ** 2
    state = type(sk.levenberg_marquardt_step(np.ones(2), here, metric))(np.ones(2), np.asarray(2e-30 * largest))
    after = sk.levenberg_marquardt_step(state, here, metric, growth=4.0)
    np.testing.assert_allclose(after.damping, 1e-30 * largest)


def test_a_plateau_is_no_decrease():
    assert sk.geometric_grid()(np.ones_like, np.array(1.0), np.array(-1.0)) == 0


def test_one_parameter_that_does_nothing():
    with pytest.warns(sk.SingularMetricWarning, match="rank is 0 for 1"):
        solution = Factor.of(np.zeros((3, 1))).solve(np.ones(3))
    assert (solution.direction, solution.residual) == (0.0, 1.0)


@pytest.mark.parametrize("transport", ["LM", "FD"])
def test_the_projection_may_see_other_points_and_derivatives(transport):
    """What is remembered belongs to the metric of the projection, not to that of the gradient."""
    space = metrics.sobolev(X[:7] + 0.01, 1)
    run = partial(heavy_ball_step, metric=metrics.l2(X), projection=space, step=0.1, momentum=0.5, transport=transport)
    first = run(START, fit_w.linearize(START))
    second = run(first, fit_w.linearize(first))
    here, there = fit_w.linearize(START), fit_w.linearize(first)
    (u, jacobian), (v, _) = here.features(space.parts[0]), there.features(space.parts[0])
    function = jacobian @ (first.theta - START) if transport == "LM" else v - u
    rows = space.parts[0].root(v, function[..., None])[:, 0]
    carried = 0.5 * np.linalg.lstsq(there.factor(space), rows, rcond=None)[0]
    expected = first.theta + carried - 0.1 * sk.natural_gradient(there, metrics.l2(X)).direction
    np.testing.assert_allclose(second.theta, expected, rtol=1e-10)
