"""The steps against what they are defined by, and against each other where the theory says that they agree."""

import numpy as np
import pytest
import scipy.linalg
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import sobolevkernels as sk
from sobolevkernels import gradient_step, mirror, mirror_step, spectral_step

RNG = np.random.default_rng(4)


def dense(symbol, n, h):
    """A symbol as a circulant matrix, from the definition: columns are sums of plane waves."""
    xi = 2 * np.pi * np.fft.fftfreq(n, h)
    symbol = symbol(xi)
    return scipy.linalg.circulant(np.real(np.exp(1j * np.outer(np.arange(n) * h, xi)) @ symbol) / n)


def test_a_gradient_step():
    np.testing.assert_array_equal(gradient_step([[1.0, 2.0]], [[4.0, 8.0]], 0.25), [[0.0, 0.0]])


@pytest.mark.parametrize("n", [7, 8])
def test_a_spectral_step_applies_the_circulant_inverse_of_the_metric(n):
    h, metric = 0.3, sk.sobolev_multiplier(order=1.5, kappa=0.7)
    f, g = RNG.normal(size=(2, n))
    expected = f - 0.4 * dense(lambda xi: (0.7**2 + xi**2) ** -1.5, n, h) @ g
    np.testing.assert_allclose(spectral_step(f, g, metric, 0.4, h), expected, rtol=1e-13, atol=1e-14)


def test_one_spectral_step_ends_at_the_minimum_of_its_own_quadratic():
    n, h, metric = 32, 0.2, sk.sobolev_multiplier(order=2)
    target, start = RNG.normal(size=(2, n, n))
    g = metric.apply(start - target, h)
    np.testing.assert_allclose(spectral_step(start, g, metric, 1.0, h), target, atol=1e-12)


@pytest.mark.parametrize("domain", ["simplex", "orthant"])
def test_a_mirror_step_minimises_its_model(domain):
    """The argmin is found by a general optimiser, which knows neither gradients nor inverses of φ."""
    phi, eta = mirror.entropy(domain=domain), 0.3
    x, g = np.array([0.2, 0.3, 0.5]), np.array([0.7, -0.4, 0.1])

    def model(y):
        return g @ y + (np.sum(y * np.log(y / x)) - np.sum(y) + np.sum(x)) / eta

    constraints = [{"type": "eq", "fun": lambda y: y.sum() - 1}] if domain == "simplex" else []
    best = scipy.optimize.minimize(model, x, bounds=[(1e-9, None)] * 3, constraints=constraints,
                                   method="SLSQP", options={"ftol": 1e-15, "maxiter": 500})
    np.testing.assert_allclose(mirror_step(x, g, phi, eta), best.x, atol=2e-7)


def test_a_quadratic_mirror_map_is_a_natural_gradient():
    matrix = np.array([[2.0, 0.5], [0.5, 1.0]])
    x, g = RNG.normal(size=(2, 5, 2))
    expected = x - 0.1 * np.linalg.solve(matrix, g[..., None])[..., 0]
    np.testing.assert_allclose(mirror_step(x, g, mirror.quadratic(matrix), 0.1), expected, rtol=1e-13)


# --- the dictionary: a Sobolev mirror step and a spectral step ------------------------------------


@given(order=st.floats(-2, 4), kappa=st.floats(0.1, 10), rate=st.floats(1e-3, 10), seed=st.integers(0, 2**32 - 1))
def test_with_equal_symbols_mirror_and_spectral_steps_agree_to_rounding(order, kappa, rate, seed):
    f, g = np.random.default_rng(seed).normal(size=(2, 16, 15))
    h = (0.2, 0.3)
    metric = sk.sobolev_multiplier(order=order, kappa=kappa)
    by_metric = spectral_step(f, g, metric, rate, h)
    by_mirror = mirror_step(f, g, mirror.sobolev(multiplier=metric, spacing=h), rate)
    # The mirror step goes through ∇φ(f) = M f and back: it loses eps times the condition number of M.
    bound = 20 * np.finfo(float).eps * metric.condition_number((16, 15), h)
    error = np.linalg.norm(by_mirror - by_metric)
    assert error <= bound * (np.linalg.norm(f) + np.linalg.norm(by_metric - f))


def test_with_proportional_symbols_the_step_sizes_make_up_for_the_factor():
    f, g = RNG.normal(size=(2, 16, 16))
    metric = sk.sobolev_multiplier(order=1)
    by_mirror = mirror_step(f, g, mirror.sobolev(multiplier=metric, spacing=0.3), 0.2)
    np.testing.assert_allclose(spectral_step(f, g, 4.0 * metric, 0.8, 0.3), by_mirror, rtol=1e-12, atol=1e-12)


def test_with_other_symbols_they_part_mode_by_mode_by_the_difference_of_the_inverses():
    n, h, eta = 64, 0.1, 0.5
    f, g = RNG.normal(size=(2, n))
    fisher, sobolev = sk.sobolev_multiplier(order=2), sk.sobolev_multiplier(order=1, kappa=2)
    parted = (mirror_step(f, g, mirror.sobolev(multiplier=sobolev, spacing=h), eta)
              - spectral_step(f, g, fisher, eta, h))
    xi = 2 * np.pi * np.fft.rfftfreq(n, h)
    predicted = eta * ((1 + xi**2) ** -2 - 1 / (4 + xi**2)) * np.fft.rfft(g)
    np.testing.assert_allclose(np.fft.rfft(parted), predicted, atol=1e-12 * np.abs(predicted).max())
    assert np.abs(parted).max() > 0.05


# --- shapes and types ---------------------------------------------------------------------------


def test_a_batch_of_fields_is_a_loop_over_fields_and_steps_may_differ():
    f, g = RNG.normal(size=(2, 3, 8, 8))
    metric, rates = sk.sobolev_multiplier(order=1), np.array([0.1, 0.2, 0.3])
    batch = spectral_step(f, g, metric, rates[:, None, None], (0.5, 0.25))
    for one, field, gradient, rate in zip(batch, f, g, rates, strict=True):
        np.testing.assert_allclose(one, spectral_step(field, gradient, metric, rate, (0.5, 0.25)), rtol=1e-14,
                                   atol=1e-15)


def test_single_precision_stays():
    f = np.ones((8, 8), np.float32)
    for result in (gradient_step(f, f, 0.1), spectral_step(f, f, sk.sobolev_multiplier(order=1), 0.1, 0.5),
                   mirror_step(f, f, mirror.euclidean(), 0.1)):
        assert result.dtype == np.float32


def test_arguments_are_not_changed():
    f, g = RNG.normal(size=(2, 8, 8))
    before = f.copy(), g.copy()
    spectral_step(f, g, sk.sobolev_multiplier(order=1), 0.1, 0.5)
    gradient_step(f, g, 0.1)
    mirror_step(f, g, mirror.euclidean(), 0.1)
    np.testing.assert_array_equal(before, (f, g))


@pytest.mark.parametrize("take", [
    lambda f, g, step: gradient_step(f, g, step),
    lambda f, g, step: spectral_step(f, g, sk.sobolev_multiplier(order=1), step, 1.0),
    lambda f, g, step: mirror_step(f, g, mirror.euclidean(), step),
], ids=["gradient", "spectral", "mirror"])
class TestBadInput:
    def test_shapes(self, take):
        with pytest.raises(ValueError, match=r"one shape, got \(4,\) and \(5,\)"):
            take(np.ones(4), np.ones(5), 0.1)

    @pytest.mark.parametrize("step", [0.0, -1.0, np.nan, np.inf])
    def test_step_sizes(self, take, step):
        with pytest.raises(ValueError, match="step size must be positive and finite"):
            take(np.ones(4), np.ones(4), step)

    def test_steps_that_do_not_broadcast(self, take):
        with pytest.raises(ValueError, match="broadcast"):
            take(np.ones((2, 4)), np.ones((2, 4)), np.ones((3, 1)))

    def test_complex_fields(self, take):
        with pytest.raises(TypeError, match="must hold real numbers as float64, float32 or integers"):
            take(np.ones(4, complex), np.ones(4), 0.1)


def test_a_symbol_with_zeros_is_no_metric():
    with pytest.raises(ValueError, match="complement"):
        spectral_step(np.ones(8), np.ones(8), sk.laplacian_power(1), 0.1, 1.0)


def test_a_mirror_step_out_of_the_dual_domain():
    with pytest.raises(ValueError, match="burg"):
        mirror_step(np.ones(3), np.array([0.0, -20.0, 0.0]), mirror.burg(), 1.0)


def test_integers_are_real_numbers():
    assert gradient_step([1, 2], [1, 0], 0.5).tolist() == [0.5, 2.0]
    assert mirror_step([1, 2], [1, 0], mirror.euclidean(), 0.5).tolist() == [0.5, 2.0]


def test_geometries_of_the_wrong_kind_are_named():
    with pytest.raises(TypeError, match="must be a MirrorMap such as"):
        mirror_step([0.5, 0.5], [1.0, 0.0], mirror.entropy, 0.5)
    with pytest.raises(TypeError, match="must be a FourierMultiplier such as"):
        spectral_step(np.ones(8), np.ones(8), mirror.sobolev(order=1, spacing=0.5), 0.5, 0.5)
    with pytest.raises(ValueError, match="in float32, got 1e-50"):
        gradient_step(np.ones(1, np.float32), np.ones(1, np.float32), 1e-50)
