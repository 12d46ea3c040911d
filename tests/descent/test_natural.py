"""Natural steps: Newton for linear models, invariance, damping, line searches, and how runs end."""

from functools import partial

import numpy as np
import pytest
import scipy.optimize
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import losses, metrics, models, natural_step

RNG = np.random.default_rng(2)
X = np.linspace(-1, 1, 25)
x, a, b = sp.symbols("x a b")


def network_fit(width=4, target=np.abs):
    model = models.network((1, width, 1), "tanh")
    return sk.Objective(model, losses.least_squares(X, target(X)))


def test_a_linear_model_is_solved_in_one_step_at_any_condition_number():
    """Monomials to degree 25 on [-1, 1]: the condition number of the Jacobian grows to 2e9."""
    for degree in (10, 21, 25):
        model = models.linear([x**k for k in range(degree + 1)], x)
        points = np.linspace(-1, 1, 200)
        target = model(np.ones(degree + 1), points)
        loss = losses.least_squares(points, target)
        fit = sk.Objective(model, loss)
        start = RNG.normal(size=degree + 1)
        for metric in (metrics.loss_hessian(loss), metrics.l2(points)):
            after = natural_step(start, fit.linearize(start), metric)
            assert np.linalg.norm(model(after, points) - target) / np.linalg.norm(target) < 1e-14
    solution = sk.natural_gradient(fit.linearize(start), metrics.l2(points))
    assert solution.condition > 1e9
    jacobian = model.jacobian(start, points)
    normal = np.linalg.lstsq(jacobian.T @ jacobian, jacobian.T @ target, rcond=None)[0]
    assert np.linalg.norm(model(normal, points) - target) / np.linalg.norm(target) > 1e-13


def test_a_weighted_loss_needs_its_own_hessian_for_one_step():
    weights = (lambda m: m @ m.T + np.eye(25))(RNG.normal(size=(25, 25)))
    model = models.linear([1, x, x**2, sp.sin(9 * x)], x)
    loss = losses.least_squares(X, np.exp(X), weights)
    fit = sk.Objective(model, loss)
    best = np.linalg.solve(*(lambda j: (j.T @ weights @ j, j.T @ weights @ np.exp(X)))(model.jacobian(np.zeros(4), X)))
    start = np.ones(4)
    np.testing.assert_allclose(natural_step(start, fit.linearize(start), metrics.loss_hessian(loss)), best, rtol=1e-9)
    other = natural_step(start, fit.linearize(start), metrics.l2(X))
    assert np.linalg.norm(other - best) > 0.1


def test_the_step_does_not_depend_on_affine_coordinates():
    """v_θ and w_η with θ = Aη + c: natural steps lead to the same function, Euclidean ones do not."""
    change, shift = RNG.normal(size=(2, 2)), RNG.normal(size=2)
    expr = sp.exp(-a * x) + b * sp.sin(a + b * x)
    eta = sp.symbols("eta1:3")
    mapped = expr.subs(dict(zip((a, b), sp.Matrix(change) * sp.Matrix(eta) + sp.Matrix(shift), strict=True)),
                       simultaneous=True)
    theta_fit = sk.Objective(models.expression(expr, (a, b), x), losses.least_squares(X, np.cos(X)))
    eta_fit = sk.Objective(models.expression(mapped, eta, x), losses.least_squares(X, np.cos(X)))
    start = np.array([0.3, -0.2])
    theta = change @ start + shift
    far = []
    for metric in (metrics.l2(X), metrics.sobolev(X, 1), metrics.euclidean()):
        after = natural_step(theta, theta_fit.linearize(theta), metric, 0.1)
        moved = natural_step(start, eta_fit.linearize(start), metric, 0.1)
        far.append(np.abs(theta_fit.model(after, X) - eta_fit.model(moved, X)).max())
    assert max(far[:2]) < 1e-12
    assert far[2] > 1e-3


def test_gradient_of_the_objective_is_a_derivative():
    fit = sk.Objective(network_fit().model, losses.least_squares(X, np.abs(X)), losses.least_squares([0.0], [1.0]))
    theta, h = fit.model.initial(np.random.default_rng(0)), 1e-6
    numeric = [(fit.value(theta + h * e) - fit.value(theta - h * e)) / (2 * h) for e in np.eye(theta.size)]
    np.testing.assert_allclose(fit.gradient(theta), numeric, rtol=1e-7, atol=1e-9)


def test_several_losses_are_one_least_squares_problem():
    interior, boundary = losses.least_squares(X, np.abs(X)), losses.least_squares([-1.0, 1.0], [1.0, 1.0], [3.0, 3.0])
    fit = sk.Objective(models.linear([1, x**2, x**3], x), interior, boundary)
    start = np.zeros(3)
    after = natural_step(start, fit.linearize(start), metrics.loss_hessian(interior, boundary))
    np.testing.assert_allclose(fit.gradient(after), 0, atol=1e-14)
    other = natural_step(start, fit.linearize(start), metrics.loss_hessian(interior))
    assert np.abs(fit.gradient(other)).max() > 1e-3


def test_damping_solves_the_damped_normal_equations():
    fit = network_fit()
    theta = fit.model.initial(np.random.default_rng(4))
    here = fit.linearize(theta)
    gram = here.factor(metrics.l2(X)).T @ here.factor(metrics.l2(X))
    for damping in (1e-3, 1.0):
        expected = np.linalg.solve(gram + damping * np.eye(theta.size), here.gradient)
        found = sk.natural_gradient(here, metrics.l2(X), damping=damping)
        np.testing.assert_allclose(found.direction, expected, rtol=1e-8)


def test_levenberg_marquardt_reaches_what_scipy_reaches():
    fit = network_fit(target=lambda t: np.sin(4 * t))
    start = fit.model.initial(np.random.default_rng(1), batch=(4,))
    loss = fit.losses[0]
    run = fit.descend(start, partial(sk.levenberg_marquardt_step, metric=metrics.loss_hessian(loss)), max_steps=150)
    assert (np.diff(run.losses, axis=0) <= 0).all()
    for k in range(4):
        peer = scipy.optimize.least_squares(lambda t: fit.model(t, X) - np.sin(4 * X), start[k], method="lm",
                                            jac=lambda t: fit.model.jacobian(t, X), max_nfev=150)
        assert run.losses[-1, k] < 10 * peer.cost / 25 + 1e-9


def test_levenberg_marquardt_waits_with_a_larger_damping_where_nothing_decreases():
    """At the minimum no trial is better: the parameters stay and the damping grows."""
    model = models.linear([1, x], x)
    fit = sk.Objective(model, losses.least_squares(X, 1 + X))
    state = sk.levenberg_marquardt_step(np.ones(2), fit.linearize(np.ones(2)), metrics.l2(X), damping=1e-2, trials=3)
    np.testing.assert_array_equal(state.theta, np.ones(2))
    again = sk.levenberg_marquardt_step(state, fit.linearize(state), metrics.l2(X), trials=3)
    assert again.damping > state.damping


@pytest.mark.parametrize("search", [sk.backtracking(), sk.geometric_grid()])
def test_line_searches_never_increase_the_loss(search):
    fit = network_fit(6)
    start = fit.model.initial(np.random.default_rng(0), batch=(5,))
    run = fit.descend(start, partial(natural_step, metric=metrics.l2(X), step=search, cutoff=1e-8), max_steps=15)
    assert (np.diff(run.losses, axis=0) <= 0).all()
    assert (run.losses[-1] < run.losses[0]).all()


def test_line_searches_find_what_they_promise():
    parabola = (lambda s: (s - 0.3) ** 2, np.array(0.09), np.array(-0.6))
    grid = 0.5 ** np.arange(31)
    assert sk.geometric_grid()(*parabola) == grid[np.argmin((grid - 0.3) ** 2)]
    assert sk.backtracking()(*parabola) == 0.5
    assert sk.geometric_grid()(lambda s: 1 + s, np.array(1.0), np.array(1.0)) == 0
    assert sk.backtracking(trials=5)(lambda s: 1 + s, np.array(1.0), np.array(-1.0)) == 0
    assert sk.geometric_grid()(lambda s: np.where(s > 0.2, np.nan, -s), np.array(0.0), np.array(-1.0)) == 0.125
    for bad in ({"shrink": 1.0}, {"initial": 0}, {"decrease": 2.0}, {"trials": 0}):
        with pytest.raises(ValueError, match="backtracking needs"):
            sk.backtracking(**bad)
    with pytest.raises(ValueError, match="geometric_grid needs"):
        sk.geometric_grid(ratio=2.0)


def test_a_batch_of_starts_is_many_runs():
    fit = network_fit()
    start = fit.model.initial(np.random.default_rng(7), batch=(2, 3))
    rates = np.array([[0.1], [0.5]])
    step = partial(natural_step, metric=metrics.l2(X), cutoff=1e-6)
    whole = fit.descend(start, partial(step, step=rates), max_steps=5)
    assert whole.losses.shape == (6, 2, 3)
    for i in np.ndindex(2, 3):
        one = fit.descend(start[i], partial(step, step=rates[i[0], 0]), max_steps=5)
        np.testing.assert_allclose(whole.losses[(slice(None), *i)], one.losses, rtol=1e-6)


def test_runs_are_deterministic():
    fit = network_fit()
    start = fit.model.initial(np.random.default_rng(7))
    step = partial(natural_step, metric=metrics.l2(X), damping=1e-4)
    np.testing.assert_array_equal(*(fit.descend(start, step, max_steps=8).state for _ in range(2)))


def test_a_single_run_that_leaves_the_numbers_ends_at_its_last_state():
    model = models.expression(sp.exp(a * x), a, x)
    fit = sk.Objective(model, losses.least_squares([1.0], [0.0]))
    run = fit.descend([1.0], lambda theta, here: theta + 400.0, max_steps=5)
    assert (run.reason, run.steps) == ("not finite", 0)
    np.testing.assert_array_equal(run.state, [1.0])
    to_nothing = fit.descend([1.0], lambda theta, here: theta * np.nan, max_steps=5)
    assert (to_nothing.reason, to_nothing.steps) == ("not finite", 0)


def test_one_run_of_a_batch_that_leaves_the_numbers_stays_and_the_others_go_on():
    model = models.expression(sp.exp(a * x), a, x)
    fit = sk.Objective(model, losses.least_squares([1.0], [0.0]))
    run = fit.descend([[1.0], [-1.0]], lambda theta, here: theta + np.array([[400.0], [-1.0]]), max_steps=3)
    assert run.steps == 3
    np.testing.assert_array_equal(run.state, [[1.0], [-4.0]])
    assert np.isfinite(run.losses).all()


def test_a_start_without_a_finite_loss_is_refused():
    fit = sk.Objective(models.linear([1], x), losses.kullback_leibler(X, np.exp(X)))
    with pytest.raises(ValueError, match="not finite at the start"):
        fit.descend([-1.0], partial(natural_step, metric=metrics.l2(X)))


def test_kullback_leibler_with_the_fisher_metric():
    """Newton for ∫ v log(v/u) - v + u in the linear model v = θ·Φ that contains u, from a positive start."""
    nodes, weights = np.polynomial.legendre.leggauss(20)
    model = models.linear([1, x**2, x**4], x)
    target = np.array([0.5, 1.0, 0.25])
    loss = losses.kullback_leibler(nodes, model(target, nodes), weights)
    fit = sk.Objective(model, loss)
    start = np.array([1.0, 0.0, 0.0])
    run = fit.descend(start, partial(natural_step, metric=metrics.loss_hessian(loss)), tolerance=1e-13, max_steps=12)
    assert run.converged
    np.testing.assert_allclose(run.state, target, rtol=1e-10)
    slow = fit.descend(start, partial(natural_step, metric=metrics.l2(nodes, weights), step=0.5), max_steps=12)
    assert slow.losses[-1] > 1e6 * max(run.losses[-1], 1e-16)


def test_overparametrised_steps_fit_the_data():
    """More parameters than points: the damped step is the kernel (Woodbury) form, the cutoff takes the least norm."""
    model = models.network((1, 40, 1), "tanh")
    points = np.array([-0.5, 0.1, 0.8])
    loss = losses.least_squares(points, [1.0, -1.0, 0.5])
    fit = sk.Objective(model, loss)
    start = model.initial(np.random.default_rng(0))
    here = fit.linearize(start)
    factor, b = here.factor(metrics.loss_hessian(loss)), loss.residual(here.features(loss)[0])
    woodbury = factor.T @ np.linalg.solve(factor @ factor.T + 1e-3 * np.eye(3), b)
    found = sk.natural_gradient(here, metrics.loss_hessian(loss), damping=1e-3)
    np.testing.assert_allclose(found.direction, woodbury, rtol=1e-9)
    run = fit.descend(start, partial(natural_step, metric=metrics.l2(points), cutoff=1e-12, step=0.5), max_steps=60)
    assert run.losses[-1] < 1e-20


def test_what_the_caller_does_to_the_arrays_later_is_not_seen():
    points, target, weights = X.copy(), np.abs(X), np.eye(25)
    fit = sk.Objective(models.linear([1, x], x), losses.least_squares(points, target, weights))
    theta = np.array([0.3, -0.2])
    before, gradient = fit.value(theta), fit.gradient(theta)
    for array in (points, target, weights):
        array[:] = 7.0
    assert fit.value(theta) == before
    np.testing.assert_array_equal(fit.gradient(theta), gradient)


def test_a_metric_must_be_for_the_outputs_of_the_model():
    model = models.network((1, 3, 2))
    fit = sk.Objective(model, losses.least_squares(X, np.c_[X, X]))
    here = fit.linearize(model.initial(0))
    for metric in (metrics.l2(X), metrics.l2([0.3]), metrics.l2(np.zeros((4, 2)), outputs=2)):
        with pytest.raises(ValueError, match="the metric is for"):
            sk.natural_gradient(here, metric)
    with pytest.raises(TypeError, match=r"one of sk.metrics"):
        sk.natural_gradient(here, fit.losses[0])
    with pytest.raises(TypeError, match="takes a model"):
        sk.Objective(fit.losses[0], fit.losses[0])


@pytest.mark.parametrize(("call", "message"), [
    (lambda fit, t: natural_step(t, fit.linearize(t), metrics.l2(X), step=-1.0, damping=1), "positive and finite"),
    (lambda fit, t: natural_step(t, fit.linearize(t), metrics.l2(X), step=[1.0, 2.0], damping=1), "number for each"),
    (lambda fit, t: sk.levenberg_marquardt_step(t, fit.linearize(t), metrics.euclidean()), "metric on functions"),
    (lambda fit, t: sk.levenberg_marquardt_step(t, fit.linearize(t), metrics.l2(X), growth=0.5), "growth above 1"),
    (lambda fit, t: fit.value(t[:-1]), "13"),
    (lambda fit, t: sk.Objective(fit.model), "needs a loss"),
    (lambda fit, t: sk.Objective(fit.model, losses.least_squares(np.zeros((3, 2)), np.zeros(3))), "2 variables"),
    (lambda fit, t: sk.Objective(fit.model, losses.least_squares(X, np.c_[X, X])), "2 outputs"),
])
def test_bad_input(call, message):
    fit = network_fit()
    with pytest.raises(ValueError, match=message):
        call(fit, fit.model.initial(np.random.default_rng(0)))
