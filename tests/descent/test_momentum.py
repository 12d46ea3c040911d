"""Momentum against recursions written out, in coordinates where they are known."""

from functools import partial

import numpy as np
import pytest
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import heavy_ball_step, losses, metrics, models, nesterov_step

RNG = np.random.default_rng(8)
X = np.linspace(-1, 1, 20)
x, a, b = sp.symbols("x a b")
LINEAR = models.linear([1, x, x**2 + x], x)
CURVED = models.expression(a * sp.sin(b * x) + a**2, (a, b), x)
WEIGHTS = np.linspace(1, 3, 20)


def objective(model, weights=None):
    return sk.Objective(model, losses.least_squares(X, np.exp(X), weights))


def steps(fit, step, count, start):
    states = [np.asarray(start, dtype=float)]
    fit.descend(start, step, max_steps=count, callback=lambda k, state: states.append(getattr(state, "theta", state)))
    return np.array(states[1:])


def gram(theta, model, weights=None):
    j = model.jacobian(theta, X)
    return j.T @ ((np.full(20, 1 / 20) if weights is None else weights)[:, None] * j)


@pytest.mark.parametrize("transport", ["LM", "FD"])
def test_linear_models_have_one_preconditioned_heavy_ball(transport):
    """θ_(k+1) = θ_k - α G⁻¹g_k + β(θ_k - θ_(k-1)), for LM and FD alike, with a metric that is not the loss Hessian."""
    fit, alpha, beta, start = objective(LINEAR, WEIGHTS / 20), 0.1, 0.6, RNG.normal(size=3)
    found = steps(fit, partial(heavy_ball_step, metric=metrics.l2(X), step=alpha, momentum=beta, transport=transport),
                  6, start)
    before = theta = start
    for k in range(7):
        np.testing.assert_allclose(found[k], theta, rtol=1e-9, atol=1e-11)
        move = -alpha * np.linalg.solve(gram(theta, LINEAR), fit.gradient(theta)) + beta * (theta - before)
        before, theta = theta, theta + move


def test_last_gradient_is_another_method():
    fit, start = objective(LINEAR, WEIGHTS / 20), RNG.normal(size=3)
    runs = {t: steps(fit, partial(heavy_ball_step, metric=metrics.l2(X), step=0.1, momentum=0.6, transport=t), 4, start)
            for t in ("LM", "FD", "LG")}
    np.testing.assert_allclose(runs["LM"], runs["FD"], rtol=1e-9)
    assert np.abs(runs["LG"] - runs["LM"]).max() > 1e-2
    previous, theta = None, start
    for k in range(5):
        np.testing.assert_allclose(runs["LG"][k], theta, rtol=1e-9, atol=1e-11)
        g = fit.gradient(theta)
        theta, previous = theta + np.linalg.solve(
            gram(theta, LINEAR), -0.1 * g + (0 if previous is None else 0.6 * previous)), g


def test_curved_models_tell_the_transports_apart_as_their_gram_forms_do():
    fit, alpha, beta, start = objective(CURVED), 0.2, 0.5, np.array([0.7, 1.1])
    ball = partial(heavy_ball_step, metric=metrics.l2(X), step=alpha, momentum=beta)
    runs = {t: steps(fit, partial(ball, transport=t), 5, start) for t in ("LM", "FD", "LG")}
    for transport, found in runs.items():
        before = theta = start
        move = np.zeros(2)
        for k in range(6):
            np.testing.assert_allclose(found[k], theta, rtol=1e-8, err_msg=transport)
            j, g = CURVED.jacobian(theta, X), gram(theta, CURVED)
            carried = {
                "LM": j.T @ CURVED.jacobian(before, X) @ move / 20,
                "FD": j.T @ (CURVED(theta, X) - CURVED(before, X)) / 20,
                "LG": np.zeros(2) if k == 0 else j.T @ (CURVED(before, X) - np.exp(X)) / 20,
            }[transport]
            move = np.linalg.solve(g, -alpha * fit.gradient(theta) + beta * carried)
            before, theta = theta, theta + move
    assert np.abs(runs["LM"][-1] - runs["FD"][-1]).max() > 1e-3


def test_gradient_and_momentum_may_have_metrics_of_their_own():
    fit, start = objective(CURVED, WEIGHTS / 20), np.array([0.7, 1.1])
    metric = metrics.loss_hessian(*fit.losses)
    found = steps(fit, partial(heavy_ball_step, metric=metric, projection=metrics.l2(X), step=0.2, momentum=0.5,
                               transport="FD"), 3, start)
    before = theta = start
    for k in range(4):
        np.testing.assert_allclose(found[k], theta, rtol=1e-8)
        carried = CURVED.jacobian(theta, X).T @ (CURVED(theta, X) - CURVED(before, X)) / 20
        move = (-0.2 * np.linalg.solve(gram(theta, CURVED, WEIGHTS / 20), fit.gradient(theta))
                + 0.5 * np.linalg.solve(gram(theta, CURVED), carried))
        before, theta = theta, theta + move


@pytest.mark.parametrize("transport", ["LM", "FD"])
def test_euclidean_momentum_is_polyaks_and_nesterovs(transport):
    fit, alpha, beta, start = objective(CURVED), 0.05, 0.7, np.array([0.7, 1.1])
    metric = metrics.euclidean()
    ball = steps(fit, partial(heavy_ball_step, metric=metric, step=alpha, momentum=beta, transport=transport), 6, start)
    ahead = steps(fit, partial(nesterov_step, metric=metric, step=alpha, momentum=beta, transport=transport), 6, start)
    for found, at in ((ball, lambda t, m: t), (ahead, lambda t, m: t + m)):
        before = theta = start
        for k in range(7):
            np.testing.assert_allclose(found[k], theta, rtol=1e-10)
            carried = beta * (theta - before)
            before, theta = theta, theta + carried - alpha * fit.gradient(at(theta, carried))


@pytest.mark.parametrize("transport", ["LM", "FD", "LG"])
def test_nesterov_projects_the_gradient_where_it_looked_ahead(transport):
    fit, alpha, beta, start = objective(CURVED), 0.2, 0.4, np.array([0.7, 1.1])
    found = steps(fit, partial(nesterov_step, metric=metrics.l2(X), step=alpha, momentum=beta, transport=transport),
                  4, start)
    before = theta = ahead = start
    for k in range(5):
        np.testing.assert_allclose(found[k], theta, rtol=1e-8)
        j = CURVED.jacobian(theta, X)
        carried = {"LM": CURVED.jacobian(before, X) @ (theta - before), "FD": CURVED(theta, X) - CURVED(before, X),
                   "LG": np.zeros(20) if k == 0 else CURVED(ahead, X) - np.exp(X)}[transport]
        ahead = theta + beta * np.linalg.solve(gram(theta, CURVED), j.T @ carried / 20)
        before, theta = theta, ahead - alpha * np.linalg.solve(gram(ahead, CURVED), fit.gradient(ahead))


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
@pytest.mark.parametrize("transport", ["LM", "FD", "LG"])
@pytest.mark.parametrize("metric", [metrics.l2(X), metrics.sobolev(X, 1), metrics.euclidean(),
                                    metrics.kernel(sk.SobolevKernel(dim=1, order=1), X)],
                         ids=["l2", "sobolev", "euclidean", "kernel"])
def test_a_batch_of_starts_and_momenta_is_many_runs(step, transport, metric):
    fit, start = objective(CURVED), RNG.normal(size=(3, 2))
    betas = np.array([0.0, 0.3, -0.2])
    step = partial(step, metric=metric, step=0.02, transport=transport)
    whole = fit.descend(start, partial(step, momentum=betas), max_steps=4)
    for i in range(3):
        one = fit.descend(start[i], partial(step, momentum=betas[i]), max_steps=4)
        np.testing.assert_allclose(whole.losses[:, i], one.losses, rtol=1e-7)
    plain = fit.descend(start[0], partial(sk.natural_step, metric=metric, step=0.02), max_steps=4)
    np.testing.assert_allclose(whole.losses[:, 0], plain.losses, rtol=1e-9)


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
@pytest.mark.parametrize("transport", ["LM", "FD", "LG"])
def test_a_run_that_diverges_leaves_the_others_alone(step, transport):
    fit, start = objective(CURVED), np.array([[0.7, 1.1], [0.7, 1.1]])
    step = partial(step, metric=metrics.euclidean(), step=0.02, transport=transport)
    whole = fit.descend(start, partial(step, momentum=[0.1, 1e30]), max_steps=12)
    one = fit.descend(start[0], partial(step, momentum=0.1), max_steps=12)
    assert whole.steps == 12
    np.testing.assert_allclose(whole.losses[:, 0], one.losses, rtol=1e-10)
    assert np.isfinite(whole.losses).all()


def test_a_line_search_starts_where_momentum_leads():
    fit, start = objective(CURVED), np.array([0.7, 1.1])
    step = partial(heavy_ball_step, metric=metrics.l2(X), momentum=0.5, step=sk.backtracking())
    run = fit.descend(start, step, max_steps=10)
    assert run.losses[-1] < run.losses[0] / 5


@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
def test_a_state_goes_on_with_what_it_remembers_and_with_nothing_else(step):
    fit, metric, start = objective(CURVED), metrics.l2(X), np.array([0.7, 1.1])
    ball = partial(step, metric=metric, step=0.1, momentum=0.5)
    first = fit.descend(start, partial(ball, transport="FD"), max_steps=3)
    resumed = fit.descend(first.state, partial(ball, transport="FD"), max_steps=2)
    np.testing.assert_array_equal(resumed.state.theta,
                                  fit.descend(start, partial(ball, transport="FD"), max_steps=5).state.theta)
    for other in ({"transport": "LM"}, {"transport": "FD", "projection": metrics.sobolev(X, 1)}):
        with pytest.raises(ValueError, match="the state remembers FD in the metric L2"):
            fit.descend(first.state, partial(ball, **other), max_steps=2)


@pytest.mark.parametrize(("options", "message"), [
    ({"transport": "XY"}, 'transport must be "LM"'), ({"momentum": np.nan}, "momentum must be finite"),
    ({"step": 0.0}, "positive and finite")])
@pytest.mark.parametrize("step", [heavy_ball_step, nesterov_step])
def test_bad_input(step, options, message):
    fit = objective(LINEAR)
    with pytest.raises(ValueError, match=message):
        step(np.zeros(3), fit.linearize(np.zeros(3)), metrics.l2(X), **options)
