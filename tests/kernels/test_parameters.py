"""Derivatives in order and κ as a user holds them, up to maximum likelihood with exact gradients."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import check_grad, minimize

from sobolevkernels import SobolevKernel

KERNELS = [SobolevKernel(dim=2, order=2.2, kappa=1.5), SobolevKernel(dim=1, order=1),
           SobolevKernel(dim=3, order=Fraction(5, 2))]


@pytest.mark.parametrize("parameter", ["order", "kappa"])
@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_against_differences_of_the_kernel(kernel, parameter):
    r, step = np.array([0.0, 1e-3, 0.5, 2.0, 9.0]), Fraction(1, 2**17)
    given = {"dim": kernel.dim, "order": kernel.order, "kappa": Fraction(kernel.kappa)}
    up, down = (SobolevKernel(**{**given, parameter: given[parameter] + sign * step}) for sign in (1, -1))
    change = kernel.parameter_derivative(parameter)
    for values in ("radial", "correlation"):
        quotient = (getattr(up, values)(r) - getattr(down, values)(r)) / float(2 * step)
        np.testing.assert_allclose(getattr(change, values)(r), quotient, rtol=1e-6, atol=1e-9)
    assert change.at_zero == pytest.approx((up.at_zero - down.at_zero) / float(2 * step), rel=1e-8)


@pytest.mark.parametrize("parameter", ["order", "kappa"])
def test_gram_matrices(parameter):
    kernel = KERNELS[0]
    change = kernel.parameter_derivative(parameter)
    points = np.random.default_rng(0).normal(size=(70, 2))
    gram = change(points)
    assert np.array_equal(gram, gram.T)
    assert (np.diag(gram) == change.at_zero).all()
    others = points[:9] + 0.5
    expected = change.radial(np.linalg.norm(points[:, None] - others[None], axis=-1))
    np.testing.assert_allclose(change(points, others), expected, rtol=1e-12)
    out = np.empty((70, 9))
    assert change(points, others, out=out) is out
    single = change(points.astype(np.float32))
    assert single.dtype == np.float32
    square = np.random.default_rng(1).normal(size=(2, 2))
    expected = change(square.copy())
    assert np.array_equal(change(square, out=square), expected)


@pytest.mark.parametrize("parameter", ["order", "kappa"])
def test_large_gram_matrices_are_symmetric_to_the_last_bit(parameter):
    """Also where the points are so near that the expansion at 0 answers."""
    points = np.random.default_rng(2).normal(size=(500, 2))
    points[::2] *= 1e-11
    gram = KERNELS[0].parameter_derivative(parameter)(points)
    assert np.array_equal(gram, gram.T)
    assert (np.diag(gram) == gram[0, 0]).all()


def test_names():
    kernel = KERNELS[0]
    assert kernel.parameter_derivative("nu") == kernel.parameter_derivative("order")
    for wrong in ("length_scale", "Kappa", None, ["order"]):
        with pytest.raises(ValueError, match=r'"order".*"kappa".*length scale.*-\(kappa/l\)'):
            kernel.parameter_derivative(wrong)


def test_it_is_a_value():
    change = KERNELS[0].parameter_derivative("order")
    change.radial(1.0)
    again = pickle.loads(pickle.dumps(change))
    assert again == change
    assert hash(again) == hash(change)
    assert again.radial(1.0) == change.radial(1.0)
    with pytest.raises(AttributeError):
        change.parameter = "kappa"


def test_input_is_checked():
    change = KERNELS[0].parameter_derivative("kappa")
    with pytest.raises(ValueError, match="at least 0"):
        change.radial([-1.0])
    with pytest.raises(ValueError, match="NaN"):
        change.correlation([np.nan])
    with pytest.raises(ValueError, match="shape"):
        change(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="digits"):
        change.evaluate(1, digits=0)
    with pytest.raises(ValueError, match="distance"):
        change.enclosure(-1)


def test_shapes_precisions_and_overlap():
    change = KERNELS[0].parameter_derivative("order")
    assert isinstance(change.radial(1.0), float)
    assert change.radial(np.ones((2, 3), dtype=np.float32)).dtype == np.float32
    r = np.linspace(0, 5, 7)
    expected = change.correlation(r)
    assert np.array_equal(change.correlation(r, out=r), expected)


def test_a_dimension_where_the_kernel_underflows():
    kernel = SobolevKernel(dim=4096, order=2050)
    for parameter in ("order", "kappa"):
        change = kernel.parameter_derivative(parameter)
        assert change.at_zero == 0
        assert abs(change.correlation(1.0)) > 0.01


def test_matern_length_scale_by_the_chain_rule():
    nu, length = Fraction(17, 10), Fraction(7, 10)
    kernel, r, step = SobolevKernel.from_matern(2, nu, length), np.array([0.1, 1.0, 3.0]), Fraction(1, 2**17)
    by_order, by_kappa = (kernel.parameter_derivative(name).correlation(r) for name in ("order", "kappa"))

    def quotient(nu_step, length_step):
        up, down = (SobolevKernel.from_matern(2, nu + sign * nu_step, length + sign * length_step).correlation(r)
                    for sign in (1, -1))
        return (up - down) / float(2 * step)

    np.testing.assert_allclose(-kernel.kappa / float(length) * by_kappa, quotient(0, step), rtol=1e-7)
    np.testing.assert_allclose(by_order + kernel.kappa / float(2 * nu) * by_kappa, quotient(step, 0), rtol=1e-6)


# --- maximum likelihood -------------------------------------------------------------------------


def negative_log_likelihood(parameters, points, values, noise=1e-4):
    """-log p(values) and its gradient in (order, κ), for a process of variance 1 with a little noise."""
    order, kappa = map(float, parameters)
    kernel = SobolevKernel(dim=2, order=order, kappa=kappa)
    distances = np.linalg.norm(points[:, None] - points[None], axis=-1)
    covariance = kernel.correlation(distances) + noise * np.eye(len(points))
    lower = np.linalg.cholesky(covariance)
    inverse = np.linalg.inv(covariance)
    weights = inverse @ values
    loss = 0.5 * values @ weights + np.log(np.diag(lower)).sum()
    gradient = []
    for name in ("order", "kappa"):
        change = kernel.parameter_derivative(name).correlation(distances)
        gradient.append(0.5 * ((inverse * change).sum() - weights @ change @ weights))
    return loss, np.array(gradient)


def test_maximum_likelihood_in_order_and_kappa():
    rng = np.random.default_rng(11)
    points = rng.uniform(0, 4, size=(80, 2))
    truth = SobolevKernel(dim=2, order=2.3, kappa=2)
    covariance = truth(points) / truth.at_zero + 1e-4 * np.eye(80)
    values = np.linalg.cholesky(covariance) @ rng.normal(size=80)
    loss = lambda p: negative_log_likelihood(p, points, values)[0]
    gradient = lambda p: negative_log_likelihood(p, points, values)[1]
    start = np.array([1.6, 1.0])
    for place in (start, [2.3, 2.0], [3.0, 4.0]):
        assert check_grad(loss, gradient, place, epsilon=1e-6) < 1e-4 * (1 + np.abs(gradient(place)).max())
    found = minimize(lambda p: negative_log_likelihood(p, points, values), start, jac=True, method="L-BFGS-B",
                     bounds=[(1.1, 8), (0.1, 20)], options={"ftol": 1e-14, "gtol": 1e-6})
    assert np.abs(gradient(found.x)).max() < 1e-4
    assert loss(found.x) < loss([2.3, 2.0])
    assert abs(found.x[0] - 2.3) < 1


def test_the_default_number_of_digits():
    kernel = KERNELS[2]
    for owner in (kernel, kernel.parameter_derivative("order"), kernel.parameter_derivative("kappa")):
        assert owner.evaluate(1) == owner.evaluate(1, digits=50)
        assert owner.enclosure(1).mid().man_exp() == owner.enclosure(1, digits=50).mid().man_exp()
        # the comparison sees a digit more or less
        assert owner.enclosure(1).mid().man_exp() != owner.enclosure(1, digits=51).mid().man_exp()
        assert owner.evaluate(1) != owner.evaluate(1, digits=51)
