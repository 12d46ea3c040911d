"""The dictionary in numbers: Fisher symbols from likelihoods, distances of steps and rates from real runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.fft
import scipy.linalg
import sympy as sp

import sobolevkernels as sk
from sobolevkernels import multipliers
from sobolevkernels.symbolic.jo2026_fisher import matern_constant

EPS = np.finfo(float).eps
PERIOD = 2 * np.pi
CLAIMS = {
    "jo2026.positive-symbol": "hypothesis", "jo2026.constant-metric": "hypothesis",
    "jo2026.identical-updates": "hypothesis", "jo2026.identical-updates.curved": "hypothesis",
    "jo2026.canonical-preconditioner": "hypothesis", "jo2026.any-order-helps": "hypothesis",
    "jo2026.truncation": "hypothesis", "jo2026.filtering": "hypothesis",
}


def right_side(label: str, **values) -> float:
    """The right side of a record at numbers."""
    side = sk.identities[label].statement.rhs
    return float(side.subs({symbol: values[symbol.name] for symbol in side.free_symbols}))


def frequencies(points: int, period: float = PERIOD) -> np.ndarray:
    """All angular frequencies of the grid, in the order of the full FFT."""
    return 2 * np.pi * scipy.fft.fftfreq(points, period / points)


def matern_density(xi, nu: float, kappa: float, variance: float):
    """S of a Matérn field on the line, with the constant of `sobolev.fisher-matern`."""
    constant = matern_constant(sp.Integer(1), sp.Rational(nu))
    c = float(constant.subs({symbol: {"kappa": kappa, "variance": variance}[symbol.name]
                             for symbol in constant.free_symbols}))
    return (kappa**2 + xi**2) ** -(nu + 0.5) / c


def quadratic(metric: sk.FourierMultiplier, exact: np.ndarray, spacing: float):
    """The L² gradient of ½⟨f-f*, F(f-f*)⟩."""
    return lambda f: metric.apply(f - exact, spacing)


def test_every_claim_of_the_abstract_that_fails_as_worded_is_listed():
    refuted = {record.label: record.flaw for record in sk.identities.find(source="jo2026", claim="refuted")}
    assert refuted == CLAIMS


# --- Fisher symbols -----------------------------------------------------------------------------


def test_a_dense_covariance_has_the_aliased_spectral_density_on_the_grid():
    """The circulant matrix of Matérn covariances, summed over images, against S with c from the record."""
    points, nu, kappa, variance = 32, 1.5, 3.0, 0.7
    spacing = PERIOD / points
    images = np.abs(np.arange(points)[:, None] * spacing + PERIOD * np.arange(-12, 13))
    kernel = sk.SobolevKernel(dim=1, order=2, kappa=kappa)
    row = variance * kernel.correlation(images).sum(axis=1)
    aliases = 2 * np.pi / spacing * np.arange(-3000, 3001)
    density = matern_density(frequencies(points)[:, None] + aliases, nu, kappa, variance).sum(axis=1)
    np.testing.assert_allclose(scipy.fft.fft(row).real * spacing, density, rtol=1e-10)
    alone = matern_density(frequencies(points), nu, kappa, variance)
    assert density[points // 2] > 2 * alone[points // 2]  # at the Nyquist mode two aliases are equal
    assert density[1] < 1.001 * alone[1]


def test_scores_of_a_simulated_matern_field_have_the_inverse_spectral_density():
    """Monte Carlo: scores from a dense Cholesky factor; their periodogram against cell·N/S with error bars."""
    points, samples, nu, kappa, variance = 48, 20_000, 1.5, 2.0, 1.3
    spacing, xi = PERIOD / points, frequencies(points)
    density = matern_density(xi, nu, kappa, variance)
    x = spacing * np.arange(points)
    covariance = np.cos((x[:, None] - x)[..., None] * xi) @ density / PERIOD
    factor = scipy.linalg.cholesky(covariance, lower=True)
    noise = factor @ np.random.default_rng(26).standard_normal((points, samples))
    scores = scipy.linalg.cho_solve((factor, True), noise)
    modes = scipy.fft.fft(scores, axis=0)
    predicted = points * spacing / density
    normalised = np.abs(modes) ** 2 / predicted[:, None]
    real = np.isin(np.arange(points), [0, points // 2])  # real modes have χ²₁, the others an exponential law
    error = np.where(real, np.sqrt(2), 1.0) / np.sqrt(samples)
    deviation = (normalised.mean(axis=1) - 1) / error
    assert np.abs(deviation).max() < 4
    assert 0.5 < np.std(deviation[: points // 2 + 1]) < 1.5  # the error bars are neither too wide nor too narrow
    # Different modes are uncorrelated: the metric is diagonal.
    correlation = (modes[3] * modes[7].conj()).mean() / np.sqrt(predicted[3] * predicted[7])
    assert abs(correlation) < 4 / np.sqrt(samples)


def test_the_dense_fisher_matrix_is_the_multiplier_with_the_bessel_potential_symbol():
    points, nu, kappa, variance = 48, 2.5, 2.0, 1.3
    spacing, xi = PERIOD / points, frequencies(points)
    x = spacing * np.arange(points)
    covariance = np.cos((x[:, None] - x)[..., None] * xi) @ matern_density(xi, nu, kappa, variance) / PERIOD
    metric = (1 / matern_density(1.0, nu, kappa, variance) / (kappa**2 + 1) ** (nu + 0.5)) * sk.sobolev_multiplier(
        order=nu + 0.5, kappa=kappa)
    h = np.random.default_rng(1).standard_normal(points)
    dense = scipy.linalg.solve(covariance, h, assume_a="pos")
    # The system is as badly conditioned as the symbol is wide.
    np.testing.assert_allclose(metric.apply(h, spacing) * spacing, dense, rtol=0,
                               atol=10 * EPS * metric.condition_number(points, spacing) * np.abs(dense).max())


def blur_and_fisher(points: int, weights: dict[int, float], sigma: float):
    """A blur by shifted copies, its Fisher multiplier |ĥ|²/S with S = σ²·cell, and the exact log-likelihood."""
    spacing = PERIOD / points

    def blur(u):
        return sum(weight * np.roll(u, shift) for shift, weight in weights.items())

    def symbol(xi):
        transfer = sum(weight * np.exp(-1j * xi * shift * spacing) for shift, weight in weights.items())
        return np.abs(transfer) ** 2 / (sigma**2 * spacing)

    def log_likelihood(u, data):
        return -np.sum((data - blur(u)) ** 2) / (2 * sigma**2)

    return blur, multipliers.from_callable(symbol), log_likelihood, spacing


def test_fisher_form_of_a_deconvolution_by_second_differences_of_the_log_likelihood():
    """The log-likelihood is quadratic, so second differences are exact; the blur is not even, ĥ is complex."""
    points, sigma = 24, 0.3
    blur, metric, log_likelihood, spacing = blur_and_fisher(points, {0: 0.5, 1: 0.3, 3: 0.15, -2: 0.05}, sigma)
    rng = np.random.default_rng(4)
    u, f, g = rng.standard_normal((3, points))
    data = blur(u) + sigma * rng.standard_normal(points)

    def at(a, b):
        return log_likelihood(u + a * f + b * g, data)

    mixed = -(at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / 4
    form = spacing * f @ metric.apply(g, spacing)
    assert abs(mixed - form) < 200 * EPS * abs(at(1, 1))


def test_a_box_blur_has_a_symbol_with_zeros_and_no_inverse():
    blur, metric, _, spacing = blur_and_fisher(24, dict.fromkeys(range(4), 0.25), 1.0)
    assert (blur(np.tile([1.0, 0.0, -1.0, 0.0], 6)) == 0).all()  # cos(6x)
    assert metric.on_grid(24, spacing)[6] < EPS**2 * metric.on_grid(24, spacing)[0]
    assert metric.condition_number(24, spacing) > 1 / EPS**2


def test_whittle_information_depends_on_the_point_and_the_two_steps_part():
    rng, samples = np.random.default_rng(5), 400_000
    for f in (0.5, 3.0):
        score = (f * rng.exponential(size=samples) - f) / f**2
        exact = right_side("sobolev.fisher-whittle", f=f)
        # The kurtosis of an exponential law is 9: the variance of the squared score is 8/f⁴.
        assert abs(np.mean(score**2) - exact) < 4 * np.sqrt(8 / samples) * exact
    f, g, eta = np.array([0.5, 3.0]), np.array([0.4, 0.1]), 0.25
    natural = f - eta * f**2 * g
    mirror = sk.mirror_step(f, g, sk.mirror.burg(), step=eta)
    np.testing.assert_allclose(mirror - natural, eta**2 * f**3 * g**2 / (1 + eta * f * g), rtol=1e-12)


def test_the_whittle_metric_of_parameters_is_half_the_sum_over_modes():
    """½ tr(C⁻¹ ∂C C⁻¹ ∂C) of the dense covariance, derivatives in kappa and variance, against ½ Σ ∂log f ∂log f."""
    points, nu, kappa, variance, h = 40, 1.5, 2.0, 1.3, 1e-5
    x, xi = PERIOD / points * np.arange(points), frequencies(points)
    waves = np.cos((x[:, None] - x)[..., None] * xi) / PERIOD

    def covariance(kappa, variance):
        return waves @ matern_density(xi, nu, kappa, variance)

    inverse = scipy.linalg.inv(covariance(kappa, variance))
    slopes = [(covariance(kappa + h, variance) - covariance(kappa - h, variance)) / (2 * h),
              covariance(kappa, variance) / variance]
    exact = [[np.trace(inverse @ left @ inverse @ right) / 2 for left in slopes] for right in slopes]
    logarithmic = [2 * nu / kappa - (2 * nu + 1) * kappa / (kappa**2 + xi**2), np.full(points, 1 / variance)]
    predicted = [[np.sum(left * right) / 2 for left in logarithmic] for right in logarithmic]
    np.testing.assert_allclose(exact, predicted, rtol=1e-6)


def test_with_white_noise_besides_no_order_fits_on_every_grid():
    """`sobolev.fisher-nugget`: the symbol follows the Sobolev one up to a frequency and is flat beyond it."""
    sobolev = sk.sobolev_multiplier(order=2)
    saturated = 1 / (1e-4 + 1 / sobolev)
    bound = 1e4
    for points in (64, 1024):
        values = saturated.on_grid(points, PERIOD / points)
        assert values.max() < bound
        gap = bound / (1 + 1e-4 * sobolev.on_grid(points, PERIOD / points))
        np.testing.assert_allclose(bound - values, gap, rtol=0, atol=4 * EPS * bound)
    coarse, fine = ((saturated / sobolev).condition_number(points, PERIOD / points) for points in (8, 1024))
    assert coarse < 1.03  # as good as proportional
    assert fine > 1e6


# --- one step against the other -----------------------------------------------------------------


@pytest.mark.parametrize("shape", [(256,), (31,), (32, 48)])
@pytest.mark.parametrize("constant", [1.0, 0.37])
def test_proportional_symbols_give_the_same_step_to_rounding(shape, constant):
    spacing = 0.11
    f, g = np.random.default_rng(6).standard_normal((2, *shape))
    fisher = constant * sk.sobolev_multiplier(order=1.5, kappa=0.8)
    phi = sk.mirror.sobolev(order=1.5, kappa=0.8, spacing=spacing)
    natural = sk.spectral_step(f, g, fisher, step=0.6, spacing=spacing)
    mirror = sk.mirror_step(f, g, phi, step=0.6 / constant)
    # The mirror step goes through the dual variable Mf and back. There, both agree to its rounding; in f the rounding
    # of Mf may come back amplified by the condition number, which the spectral step, that never forms Mf, avoids.
    metric = sk.sobolev_multiplier(order=1.5, kappa=0.8)
    apart, dual = metric.apply(natural - mirror, spacing), metric.apply(f, spacing)
    assert np.linalg.norm(apart) < 10 * EPS * np.linalg.norm(dual)


def test_two_modes_with_different_ratios_keep_the_steps_apart_by_the_proved_distance():
    points = 64
    spacing = PERIOD / points
    x = spacing * np.arange(points)
    k1, k2, g1, g2, eta_f = 1, 5, 1.5, 0.8, 0.4
    g = g1 * np.cos(k1 * x) + g2 * np.cos(k2 * x)
    fisher, metric = sk.sobolev_multiplier(order=2, kappa=1.0), sk.sobolev_multiplier(order=1, kappa=2.0)
    natural = sk.spectral_step(0 * g, g, fisher, step=eta_f, spacing=spacing)
    direction = -metric.solve(g, spacing)
    best = natural @ direction / (direction @ direction)  # least squares in the step size
    found = 2 / points * np.sum((sk.spectral_step(0 * g, g, metric, step=best, spacing=spacing) - natural) ** 2)
    proved = right_side("jo2026.identical-updates.only-if", eta_F=eta_f, g_1=g1, g_2=g2, a_1=(1 + k1**2) ** 2,
                        a_2=(1 + k2**2) ** 2, b_1=4 + k1**2, b_2=4 + k2**2)
    assert proved > 1e-4
    np.testing.assert_allclose(found, proved, rtol=1e-12)


def test_symbols_that_agree_on_the_excited_modes_are_enough_for_one_loss():
    points = 64
    spacing = PERIOD / points
    g = np.cos(3 * spacing * np.arange(points))
    fisher, metric = sk.sobolev_multiplier(order=2, kappa=1.0), sk.sobolev_multiplier(order=1, kappa=2.0)
    step = 0.4 * (4 + 9) / (1 + 9) ** 2
    np.testing.assert_allclose(sk.spectral_step(0 * g, g, metric, step=step, spacing=spacing),
                               sk.spectral_step(0 * g, g, fisher, step=0.4, spacing=spacing), atol=4 * EPS)


def test_replacing_a_step_costs_at_most_the_supremum_and_the_worst_mode_attains_it():
    points, kappa, eta = 128, 0.5, 0.7
    spacing, xi = PERIOD / points, np.arange(65)
    low, high = (sk.sobolev_multiplier(order=order, kappa=kappa) for order in (1, 2))
    distance = eta * np.abs(1 / (kappa**2 + xi**2) - 1 / (kappa**2 + xi**2) ** 2)
    worst = int(np.argmax(distance))
    rng = np.random.default_rng(7)
    for g, ratio in ((rng.standard_normal(points), None), (np.cos(worst * spacing * np.arange(points)), 1.0)):
        f = rng.standard_normal(points)
        parted = (sk.spectral_step(f, g, low, step=eta, spacing=spacing)
                  - sk.spectral_step(f, g, high, step=eta, spacing=spacing))
        quotient = np.linalg.norm(parted) / np.linalg.norm(g) / distance[worst]
        assert quotient < 1 + 1e-12
        assert ratio is None or abs(quotient - ratio) < 1e-12
    # Where w = κ²+ξ² ≥ 1 the supremum of the record is an upper bound free of the grid: 1/4, attained at w = 2.
    bound = right_side("sobolev.replacement-supremum", s=1, t=2)
    assert bound == 0.25
    assert distance[1:].max() <= eta * bound
    fine = np.linspace(1, 3, 2001)
    assert abs((1 / fine - 1 / fine**2).max() - bound) < 1e-6


# --- rates --------------------------------------------------------------------------------------


def test_each_mode_contracts_by_its_factor():
    points, eta = 64, 0.9
    spacing, xi = PERIOD / points, np.arange(33)
    fisher, metric = sk.sobolev_multiplier(order=2, kappa=2.0), sk.sobolev_multiplier(order=2, kappa=1.5)
    rng = np.random.default_rng(8)
    exact, f = rng.standard_normal((2, points))
    gradient = quadratic(fisher, exact, spacing)
    m_f, m_s = (4 + xi**2) ** 2, (2.25 + xi**2) ** 2
    for _ in range(6):
        before = scipy.fft.rfft(f - exact)
        f = sk.spectral_step(f, gradient(f), metric, step=eta, spacing=spacing)
        after = scipy.fft.rfft(f - exact)
        # The gradient is rounded relative to its norm, and the inverse metric passes that on; f and f* are rounded too.
        rounding = EPS * (np.linalg.norm(m_f * before) / m_s + np.linalg.norm(scipy.fft.rfft(exact)))
        assert (np.abs(after - (1 - eta * m_f / m_s) * before) < 5 * rounding).all()


def contractions(fisher, metric, error: np.ndarray, steps: int) -> tuple[list[float], float]:
    """The contraction factors along a run at the optimal step size, and the predicted one."""
    spacing = PERIOD / len(error)
    low, high = fisher.ratio_range(metric, len(error), spacing)
    factors = []
    for _ in range(steps):
        error = error / np.linalg.norm(error)
        error = sk.spectral_step(error, fisher.apply(error, spacing), metric, step=2 / (low + high), spacing=spacing)
        factors.append(float(np.linalg.norm(error)))
    return factors, right_side("sobolev.optimal-step", a=low, b=high)


def test_the_optimal_rate_bounds_every_step_and_is_sharp():
    fisher, metric = sk.sobolev_multiplier(order=2, kappa=2.0), sk.sobolev_multiplier(order=2, kappa=1.0)
    factors, predicted = contractions(fisher, metric, np.random.default_rng(9).standard_normal(64), 300)
    assert max(factors) <= predicted * (1 + 1e-12)
    assert factors[-1] > 0.999 * predicted  # the slowest modes are left
    assert abs(predicted - 15 / 17) < 2e-3  # the range is (1, 16]: 16 attained at 0, 1 approached at infinity
    two_ends = np.ones(64) + (-1.0) ** np.arange(64)  # the modes of the largest and of the smallest quotient
    factors, predicted = contractions(fisher, metric, two_ends, 20)
    np.testing.assert_allclose(factors, predicted, rtol=1e-11)


def test_steps_beyond_the_limit_diverge_and_below_it_converge():
    points = 32
    spacing = PERIOD / points
    fisher, metric = sk.sobolev_multiplier(order=1, kappa=2.0), sk.sobolev_multiplier(order=1, kappa=1.0)
    high = fisher.ratio_range(metric, points, spacing)[1]
    start = np.ones(points)  # the mode ξ = 0, where the quotient is largest
    for eta, factor in ((1.98 / high, -0.98), (2 / high, -1.0), (2.02 / high, -1.02)):
        f = sk.spectral_step(start, fisher.apply(start, spacing), metric, step=eta, spacing=spacing)
        np.testing.assert_allclose(f, factor * start, rtol=1e-13)


@pytest.mark.parametrize(("t_f", "t_s"), [(1, 0), (2, 1), (1.5, 1), (1, 2), (2, 2)])
def test_condition_numbers_grow_with_the_proved_exponent_and_constant(t_f, t_s):
    kappa, sizes = 1.5, (64, 256, 1024, 4096)
    quotient = sk.sobolev_multiplier(order=t_f, kappa=kappa) / sk.sobolev_multiplier(order=t_s, kappa=kappa)
    found = [quotient.condition_number(n, PERIOD / n) for n in sizes]
    low, high = sorted((t_f, t_s))
    exact = [right_side("sobolev.condition-growth", N=n, L=sp.Rational(PERIOD), kappa=sp.Rational(kappa), t_F=high,
                        t_S=low) for n in sizes]
    np.testing.assert_allclose(found, exact, rtol=1e-12)
    exponent = np.log2(found[-1] / found[-2]) / 2
    assert abs(exponent - 2 * abs(t_f - t_s)) < 1e-4


def test_equal_orders_are_bounded_on_every_grid_in_every_dimension():
    fisher, metric = sk.sobolev_multiplier(order=1.5, kappa=3.0), sk.sobolev_multiplier(order=1.5, kappa=1.0)
    bound = right_side("sobolev.equal-orders", kappa_F=3, kappa_S=1, t_F=sp.Rational(3, 2))
    assert bound == 27
    shapes = ((64,), (4096,), (64, 64), (16,) * 3)
    found = [(fisher / metric).condition_number(shape, PERIOD / shape[0]) for shape in shapes]
    assert all(0.7 * bound < condition <= bound for condition in found)
    assert bound - found[1] < 1e-4


def test_an_interior_extremum_is_where_the_record_puts_it():
    t_f, t_s, kappa_f, kappa_s = 2.0, 1.0, 4.0, 1.0
    square = (t_s * kappa_f**2 - t_f * kappa_s**2) / (t_f - t_s)
    quotient = (sk.sobolev_multiplier(order=2, kappa=kappa_f) / sk.sobolev_multiplier(order=1, kappa=kappa_s))
    points, period = 4096, 200.0
    values = quotient.on_grid(points, period / points)
    xi = 2 * np.pi * np.arange(points // 2 + 1) / period
    assert abs(xi[np.argmin(values)] - math.sqrt(square)) <= 2 * np.pi / period


def steps_needed(fisher, metric, points: int) -> int:
    """Steps of optimal size from white noise until the error is 1e-6 of the first."""
    spacing = PERIOD / points
    low, high = fisher.ratio_range(metric, points, spacing)
    error = np.random.default_rng(10).standard_normal(points)
    first, count = np.linalg.norm(error), 0
    while np.linalg.norm(error) > 1e-6 * first:
        error = sk.spectral_step(error, fisher.apply(error, spacing), metric, step=2 / (low + high), spacing=spacing)
        count += 1
    return count


def test_a_wrong_order_may_be_worse_than_none():
    fisher = sk.sobolev_multiplier(order=1)
    orders = (0, 0.5, 1, 1.5, 2, 2.5)
    counts = {order: steps_needed(fisher, sk.sobolev_multiplier(order=order), 16) for order in orders}
    assert counts[1] == 1
    assert counts[0.5] < counts[0]
    assert counts[1.5] < counts[0]
    assert abs(counts[2] / counts[0] - 1) < 0.1  # twice the order: the same condition number, and nothing gained
    assert counts[2.5] > 3 * counts[0]


def test_counts_are_free_of_the_grid_iff_the_orders_agree():
    fisher = multipliers.from_callable(lambda xi: 1 + xi**4)  # not a Bessel potential
    same = [steps_needed(fisher, sk.sobolev_multiplier(order=2), points) for points in (32, 256, 2048)]
    assert max(same) <= math.ceil(math.log(1e6) / math.log(3)) == 13  # rate 1/3
    assert len(set(same)) <= 2
    other = [steps_needed(fisher, sk.sobolev_multiplier(order=1.5), points) for points in (32, 64, 128)]
    assert 1.7 < other[1] / other[0] < 2.3  # the condition number grows like N, and so does the count
    assert 1.7 < other[2] / other[1] < 2.3
