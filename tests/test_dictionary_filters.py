"""Filters and metrics in numbers: each filter against an iteration, a minimisation or a limit that knows no filters."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.linalg

import sobolevkernels as sk
from sobolevkernels import multipliers

POINTS = 24
SPACING = 2 * np.pi / POINTS
#: A box: its transform vanishes at the modes ±6 and ±12.
BOX = dict.fromkeys(range(4), 0.25)


def blur(u: np.ndarray) -> np.ndarray:
    """The mean of four neighbours."""
    return sum(weight * np.roll(u, shift, axis=0) for shift, weight in BOX.items())


def fisher_symbol(xi):
    """|ĥ|² of the blur, in white noise of density 1."""
    return np.abs(sum(weight * np.exp(-1j * xi * shift * SPACING) for shift, weight in BOX.items())) ** 2


FISHER = multipliers.from_callable(fisher_symbol)


@pytest.fixture
def truth():
    return np.random.default_rng(11).standard_normal(POINTS)


def gradient(u: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """The L² gradient of ½‖h*(u - u*)‖², from shifts and their adjoints alone."""
    misfit = blur(u - exact)
    return sum(weight * np.roll(misfit, -shift) for shift, weight in BOX.items())


def one_step(exact: np.ndarray, metric) -> np.ndarray:
    """One natural step from 0 of size 1 in the metric with that symbol."""
    zero = np.zeros(POINTS)
    return sk.spectral_step(zero, gradient(zero, exact), multipliers.from_callable(metric), 1.0, SPACING)


@pytest.mark.parametrize("k", [1, 2, 5, 12])
@pytest.mark.parametrize("eta", [0.4, 1.0, 1.9])
def test_landweber_steps_are_one_step_in_their_metric(truth, k, eta):
    """1/m = Σ_j η(1-ηλ)^j, which is (1-(1-ηλ)^k)/λ and finite where λ = 0."""
    u = np.zeros(POINTS)
    for _ in range(k):
        u = u - eta * gradient(u, truth)
    metric = lambda xi: 1 / (eta * sum((1 - eta * fisher_symbol(xi)) ** j for j in range(k)))
    np.testing.assert_allclose(one_step(truth, metric), u, atol=1e-13)
    symbol = FISHER.on_grid(POINTS, SPACING)
    np.testing.assert_allclose(scipy.fft.rfft(u), (1 - (1 - eta * symbol) ** k) * scipy.fft.rfft(truth), atol=1e-12)
    if eta <= 1:
        values = multipliers.from_callable(metric).on_grid(POINTS, SPACING)
        assert values.min() >= 1 / (k * eta) * (1 - 1e-12)
        assert values[6] == pytest.approx(1 / (k * eta), rel=1e-12)  # the least, where the data say nothing


def test_a_landweber_step_that_is_too_large_is_no_metric(truth):
    with pytest.raises(ValueError, match="ξ"):
        one_step(truth, lambda xi: 1 / sum((1 - 3 * fisher_symbol(xi)) ** j * 3 for j in range(2)))


@pytest.mark.parametrize("k", [1, 3, 8])
def test_proximal_steps_are_iterated_tikhonov(truth, k):
    """Each minimises ½‖h*(u-u*)‖² + ½α‖u-u_j‖² by dense least squares."""
    alpha = 0.2
    matrix = blur(np.eye(POINTS))
    u = np.zeros(POINTS)
    for _ in range(k):
        u = scipy.linalg.lstsq(np.vstack([matrix, np.sqrt(alpha) * np.eye(POINTS)]),
                               np.concatenate([matrix @ truth, np.sqrt(alpha) * u]))[0]
    symbol = FISHER.on_grid(POINTS, SPACING)
    filtered = (1 - (alpha / (symbol + alpha)) ** k) * scipy.fft.rfft(truth)
    np.testing.assert_allclose(scipy.fft.rfft(u), filtered, atol=1e-12)


def test_tikhonov_is_the_inverse_of_fisher_plus_penalty(truth):
    """Against dense least squares with a difference operator as penalty, whose symbol is (2 sin(ξh/2)/h)²."""
    alpha = 0.03
    matrix = blur(np.eye(POINTS))
    slope = (np.roll(np.eye(POINTS), -1, axis=0) - np.eye(POINTS)) / SPACING
    dense = scipy.linalg.lstsq(np.vstack([matrix, np.sqrt(alpha) * slope]),
                               np.concatenate([matrix @ truth, np.zeros(POINTS)]))[0]
    penalty = multipliers.from_callable(lambda xi: (2 * np.sin(xi * SPACING / 2) / SPACING) ** 2)
    metric = multipliers.tikhonov(FISHER, alpha, penalty)
    zero = np.zeros(POINTS)
    found = sk.spectral_step(zero, gradient(zero, truth), metric, 1.0, SPACING)
    np.testing.assert_allclose(found, dense, atol=1e-13)


def test_truncation_has_no_inverse_and_is_a_limit_of_metrics():
    points, cutoff = 64, 12.5
    spacing = 2 * np.pi / points
    low_pass = multipliers.low_pass(cutoff)
    g = np.random.default_rng(12).standard_normal(points)
    with pytest.raises(ValueError, match="complement"):
        low_pass.solve(g, spacing)
    cut = low_pass.apply(g, spacing)
    delta = np.log(12.5 / 12)  # the modes nearest to the cutoff: ξ = 12, and 13 a little less near
    for p in (10, 30, 100, 300):
        metric = multipliers.from_callable(lambda xi, p=p: 1 + (np.abs(xi) / cutoff) ** (2 * p))
        error = np.linalg.norm(metric.solve(g, spacing) - cut) / np.linalg.norm(g)
        assert 1e-3 * np.exp(-2 * p * delta) < error <= np.exp(-2 * p * delta)
    # At the cutoff itself the filter is 1/2 for every p: no convergence there.
    wave = np.cos(12 * spacing * np.arange(points))
    metric = multipliers.from_callable(lambda xi: 1 + (np.abs(xi) / 12) ** 600)
    np.testing.assert_allclose(metric.solve(wave, spacing), wave / 2, atol=1e-13)


def test_the_heat_filter_is_a_limit_of_bessel_potentials_of_growing_order():
    points, time = 64, 0.01
    spacing = 2 * np.pi / points
    f = np.random.default_rng(13).standard_normal(points)
    smooth = multipliers.heat(time).apply(f, spacing)
    exact = np.exp(-time * np.arange(33) ** 2)
    np.testing.assert_allclose(scipy.fft.rfft(smooth), exact * scipy.fft.rfft(f), atol=1e-13)
    errors = {}
    for k in (16, 64, 256):
        bessel = (1 + time / k * sk.laplacian_power(1)) ** k
        values = 1 / bessel.on_grid(points, spacing)
        x = time * np.arange(33) ** 2
        assert (values >= exact * (1 - 1e-11)).all()
        assert (values <= exact * np.exp(x**2 / (2 * k)) * (1 + 1e-11)).all()
        errors[k] = np.abs(values - exact).max()
    assert 3.5 < errors[16] / errors[64] < 4.5  # of first order in 1/k
    assert 3.5 < errors[64] / errors[256] < 4.5
