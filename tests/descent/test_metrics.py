"""Metrics against their matrices, written out and inverted in high precision."""

from functools import partial

import mpmath
import numpy as np
import pytest
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import losses, metrics, models

RNG = np.random.default_rng(11)
X = np.sort(RNG.uniform(-1, 1, 8))
W = RNG.uniform(0.5, 2.0, 8)
x = sp.Symbol("x")
BASIS = [1, x, sp.sin(3 * x), sp.exp(x)]


def linear(points=X, target=np.abs):
    fit = sk.Objective(models.linear(BASIS, [x]), losses.least_squares(points, target(points)))
    return fit, fit.linearize(np.zeros(len(BASIS)))


def columns(order, points=X):
    """The k-th derivative of the basis at the points."""
    functions = [sp.lambdify(x, sp.diff(b, x, order)) for b in BASIS]
    return np.stack([np.broadcast_to(function(points), points.shape) for function in functions], axis=1)


def precise(gram_matrix):
    """Jᵀ K⁻¹ J in fifty digits."""
    with mpmath.workdps(50):
        j, k = mpmath.matrix(columns(0).tolist()), mpmath.matrix(gram_matrix.tolist())
        return np.array((j.T * mpmath.inverse(k) * j).tolist(), dtype=float)


def pullback(metric, here):
    factor = here.factor(metric)
    return factor.T @ factor


PERIOD = np.arange(8) / 4 - 1
CASES = {
    "l2": (metrics.l2(X, W), lambda: columns(0).T @ np.diag(W) @ columns(0), X),
    "empirical": (metrics.l2(X), lambda: columns(0).T @ columns(0) / 8, X),
    "sobolev": (metrics.sobolev(X, 2, kappa=3.0, weights=W),
                lambda: sum(c * columns(k).T @ np.diag(W) @ columns(k) for k, c in enumerate([81, 18, 1])), X),
    "kernel": (metrics.kernel(sk.SobolevKernel(dim=1, order=2), X),
               lambda: precise(sk.SobolevKernel(dim=1, order=2)(X)), X),
    "nugget": (metrics.kernel(sk.SobolevKernel(dim=1, order=3), X, nugget=1e-3),
               lambda: precise(sk.SobolevKernel(dim=1, order=3)(X)
                               + 1e-3 * sk.SobolevKernel(dim=1, order=3).at_zero * np.eye(8)), X),
    "fourier": (metrics.fourier(sk.sobolev_multiplier(1.5, kappa=2.0), PERIOD, (8,), 0.25),
                lambda: 0.25 * columns(0, PERIOD).T @ sk.sobolev_multiplier(1.5, kappa=2.0).apply(
                    columns(0, PERIOD).T, [0.25]).T, PERIOD),
}


@pytest.mark.parametrize("name", CASES)
def test_pullback_is_the_matrix_of_the_definition(name):
    metric, expected, points = CASES[name]
    _, here = linear(points)
    np.testing.assert_allclose(pullback(metric, here), expected(), rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_the_covector_of_the_loss_is_pulled_back_without_inverting(name):
    metric, _, points = CASES[name]
    _, here = linear(points)
    b = here.right_side(metric)
    np.testing.assert_allclose(here.factor(metric).T @ b, here.gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_natural_gradient_solves_with_the_pullback(name):
    metric, expected, points = CASES[name]
    _, here = linear(points)
    found = sk.natural_gradient(here, metric)
    np.testing.assert_allclose(found.direction, np.linalg.solve(expected(), here.gradient), rtol=1e-7)
    assert found.rank == 4
    assert found.condition == pytest.approx(np.sqrt(np.linalg.cond(expected())), rel=1e-5)


def test_metric_and_loss_at_different_points():
    _, here = linear()
    metric = metrics.l2(np.linspace(-1, 1, 30))
    assert here.right_side(metric) is None
    np.testing.assert_allclose(sk.natural_gradient(here, metric).direction,
                               np.linalg.solve(pullback(metric, here), here.gradient), rtol=1e-9)


def test_euclidean_natural_gradient_is_the_gradient():
    _, here = linear()
    np.testing.assert_array_equal(sk.natural_gradient(here, metrics.euclidean()).direction, here.gradient)


def test_the_kernel_metric_is_below_the_norm_and_grows_with_the_points():
    """Σ c_a K(x_a, ·) has the squared norm cᵀKc; the kernel metric sees less of it, and all of it at the x_a."""
    kernel, centres, c = sk.SobolevKernel(dim=1, order=2), np.array([-0.7, 0.1, 0.4]), np.array([1.0, -2.0, 0.5])
    norm = c @ kernel(centres) @ c
    seen = []
    for count in (2, 4, 8):
        points = np.linspace(-1, 1, count)
        root = metrics.kernel(kernel, points).parts[0].root
        values = (kernel(points, centres) @ c)[None, :, None]
        seen.append(float(np.square(root(None, values)).sum()))
    assert seen[0] < seen[1] < seen[2] < norm
    root = metrics.kernel(kernel, centres).parts[0].root
    assert np.square(root(None, (kernel(centres) @ c)[None, :, None])).sum() == pytest.approx(norm, rel=1e-12)


def test_two_outputs():
    model = models.network((1, 3, 2), "tanh")
    fit = sk.Objective(model, losses.least_squares(X, np.c_[X, X**2]))
    here = fit.linearize(model.initial(np.random.default_rng(0)))
    kernel = sk.SobolevKernel(dim=1, order=1)
    jacobian = model.jacobian(here.theta, X)
    inverse = np.linalg.inv(kernel(X))
    for metric, matrix in ((metrics.kernel(kernel, X, outputs=2), inverse), (metrics.l2(X, W, outputs=2), np.diag(W))):
        expected = sum(jacobian[:, k].T @ matrix @ jacobian[:, k] for k in range(2))
        np.testing.assert_allclose(pullback(metric, here), expected, rtol=1e-8, atol=1e-10)
    for metric in (metrics.kernel(kernel, X, outputs=2), metrics.l2(X, outputs=2)):
        np.testing.assert_allclose(here.factor(metric).T @ here.right_side(metric), here.gradient, atol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_batches_are_many_metrics(name):
    metric, _, points = CASES[name]
    model = models.network((1, 2, 1), "tanh")
    fit = sk.Objective(model, losses.least_squares(points, points**2))
    theta = model.initial(np.random.default_rng(0), batch=(2, 2))
    whole = sk.natural_gradient(fit.linearize(theta), metric, damping=1e-3).direction
    for i in np.ndindex(2, 2):
        one = sk.natural_gradient(fit.linearize(theta[i]), metric, damping=1e-3).direction
        np.testing.assert_allclose(whole[i], one, rtol=1e-8, atol=1e-12)


def test_spectral_and_natural_step_agree_on_a_grid():
    """With one parameter for each value of the grid, the Fourier metric gives the spectral step."""
    grid, multiplier = np.arange(16) / 16, sk.sobolev_multiplier(1, kappa=2.0)
    model = models.given(lambda theta, x: theta, lambda theta, x: np.eye(16), parameters=16, dim=1)
    target = RNG.normal(size=16)
    fit = sk.Objective(model, losses.least_squares(grid, target, np.full(16, 1 / 16)))
    metric = metrics.fourier(multiplier, grid, (16,), 1 / 16)
    found = sk.natural_step(np.zeros(16), fit.linearize(np.zeros(16)), metric, step=0.3)
    expected = sk.spectral_step(np.zeros(16), -target, multiplier, step=0.3, spacing=1 / 16)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


def test_two_dimensional_grid():
    shape, spacing = (4, 6), (0.5, 0.25)
    points = np.stack(np.meshgrid(*(h * np.arange(n) for n, h in zip(shape, spacing, strict=True)), indexing="ij"), -1)
    metric = metrics.fourier(sk.sobolev_multiplier(1), points.reshape(-1, 2), shape, spacing)
    field = RNG.normal(size=shape)
    rows = metric.parts[0].root(None, field.reshape(1, -1, 1))
    expected = (field * sk.sobolev_multiplier(1).apply(field, spacing)).sum() * 0.125
    assert np.square(rows).sum() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: metrics.l2(X, -W), "not positive semidefinite"),
    (lambda: metrics.sobolev(X, -1), "order by derivatives"),
    (lambda: metrics.sobolev(X, 1, kappa=0), "kappa must be positive"),
    (lambda: metrics.kernel(sk.SobolevKernel(dim=1, order=2), [0.0, 0.0, 1.0]), "not positive definite"),
    (lambda: metrics.kernel(sk.SobolevKernel(dim=1, order=8), np.linspace(0, 1, 40)), "give a nugget"),
    (lambda: metrics.kernel(lambda x: np.eye(3), X), "must return a matrix"),
    (lambda: metrics.kernel(lambda x: -np.eye(8), X), "not positive definite"),
    (lambda: metrics.kernel(sk.SobolevKernel(dim=1, order=2), X, nugget=-1), "nugget must be finite"),
    (lambda: metrics.fourier(sk.sobolev_multiplier(1), PERIOD, (7,), 0.25), "points must hold the grid"),
    (lambda: metrics.fourier(sk.sobolev_multiplier(1), PERIOD[::-1], (8,), 0.25), "points must be those of the grid"),
    (lambda: metrics.kernel(lambda x: np.triu(np.ones((8, 8))), X), "finite and symmetric"),
    (lambda: metrics.kernel(sk.PeriodicSobolevKernel(order=1, period=3), [-1.5, 0.0, 1.5]), "not positive definite"),
    (lambda: metrics.l2([]), "at least one point"),
    (lambda: metrics.fourier(lambda xi: xi, PERIOD, (8,), 0.25), "must be a FourierMultiplier"),
    (lambda: metrics.loss_hessian(), "one or more losses"),
    (partial(metrics.loss_hessian, metrics.euclidean()), "one or more losses"),
])
def test_bad_input(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_a_symbol_with_zeros_is_only_a_semimetric():
    """|ξ|² does not see constants: the warning says so, and the step has no part along them."""
    _, here = linear(PERIOD)
    metric = metrics.fourier(sk.laplacian_power(1), PERIOD, (8,), 0.25)
    with pytest.warns(sk.SingularMetricWarning, match="rank is 3 for 4"):
        solution = sk.natural_gradient(here, metric)
    assert np.isfinite(solution.direction).all()


@pytest.mark.parametrize(("intervals", "count", "message"), [
    ((1, 0), 3, "finite a < b"), ((0, np.inf), 3, "finite a < b"), ((0, 1), 0, "at least 1 point"),
    ([(0, 1), (0, 1)], (3,), "each of the 2 variables"), ((0, 1), 2.5, "at least 1 point|not iterable")])
def test_bad_quadratures(intervals, count, message):
    with pytest.raises((ValueError, TypeError), match=message):
        sk.gauss_legendre(intervals, count)


def test_quadrature_is_exact_to_its_degree_and_not_beyond():
    for count in (1, 2, 7):
        points, weights = sk.gauss_legendre([(-1, 2), (0, 0.5)], (count, 3))
        for degree, exact in ((2 * count - 1, True), (2 * count, False)):
            found = weights @ (points[:, 0] ** degree * points[:, 1] ** 5)
            expected = (2.0 ** (degree + 1) - (-1.0) ** (degree + 1)) / (degree + 1) * 0.5**6 / 6
            assert (abs(found - expected) < 1e-13 * abs(expected)) == exact
