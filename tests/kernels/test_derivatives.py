"""Derivatives in the points: against 50-digit differentiation, at coincident points, at extreme differences."""

import itertools
import math
import pickle
import subprocess
import sys
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import sobolevkernels as sk
from sobolevkernels import SobolevKernel
from sobolevkernels.kernels import partial
from sobolevkernels.kernels.partial import partial_terms

RNG = np.random.default_rng(2022)
BELOW, ABOVE = Fraction(np.nextafter(1, 0)), Fraction(np.nextafter(1, 2))
#: Smoothness on both sides of what a first, second, … derivative needs, and at the poles between.
SMOOTHNESS = {
    "0.51": Fraction(51, 100), "just below 1": BELOW, "1": Fraction(1), "just above 1": ABOVE, "1.005": Fraction(1.005),
    "3/2": Fraction(3, 2), "1.7": Fraction(17, 10), "2": Fraction(2), "2.003": Fraction(2.003), "5/2": Fraction(5, 2),
    "4.3": Fraction(4.3),
}


def kernel(dim, nu, kappa=1):
    return sk.SobolevKernel(dim=dim, order=nu + Fraction(dim, 2), kappa=kappa)


def exact(number):
    number = Fraction(number)
    return mp.mpf(number.numerator) / number.denominator


def bessel_k(order, x):
    """K at mpmath's precision, by Arb: mpmath takes long at integer orders."""
    with flint.ctx.workprec(2 * mp.prec):
        order, x = (flint.arb((int(man), int(exp))) * (-1) ** sign for sign, man, exp, _ in (order._mpf_, x._mpf_))
        mantissa, exponent = x.bessel_k(order).mid().man_exp()
    return mp.ldexp(mp.mpf(int(mantissa)), int(exponent))


def radial(k, r, m=0):
    """F_m(r) = (2π)^m d(r) two times m dimensions up, from the closed form."""
    t, mu, half = exact(k.order), exact(k.nu) - m, mp.mpf(k.dim) / 2
    kappa = mp.sqrt(exact(k.kappa_squared))
    front = 2 ** (1 - t) / ((2 * mp.pi) ** half * mp.gamma(t)) * kappa ** (-2 * mu)
    return front * (kappa * r) ** mu * bessel_k(mu, kappa * r)


def differentiated(k, x, y, gamma):
    """∂^γ d at x - y by mpmath's numerical differentiation at 50 digits."""
    with mp.workdps(50):
        z = [exact(a) - exact(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        return mp.diff(lambda *z: radial(k, mp.sqrt(mp.fsum(c**2 for c in z))), tuple(z), gamma)


def size_of_terms(k, x, y, gamma):
    """Σ |terms| of the formula: what an error is measured against."""
    with mp.workdps(30):
        z = [exact(a) - exact(b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
        r = mp.sqrt(mp.fsum(c**2 for c in z))
        return mp.fsum(abs(c * mp.fprod((v / r) ** p for v, p in zip(z, powers, strict=True)))
                       * r ** (2 * m - sum(gamma)) * radial(k, r, m) for m, c, powers in partial_terms(gamma))


def multi_indices(dim, most):
    return [index for index in itertools.product(range(most + 1), repeat=dim) if 0 < sum(index) <= most]


# --- values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dim", [1, 2, 3])
@pytest.mark.parametrize("name", SMOOTHNESS)
def test_against_fifty_digits(name, dim):
    nu = SMOOTHNESS[name]
    k = kernel(dim, nu, Fraction(3, 2))
    points = np.vstack([RNG.normal(size=(2, dim)), RNG.normal(size=(1, dim)) * 1e-3])
    for gamma in multi_indices(dim, min(4, math.ceil(2 * nu) - 1))[::1 if dim < 3 else 4]:
        alpha = tuple(entry // 2 for entry in gamma)
        beta = tuple(a - b for a, b in zip(gamma, alpha, strict=True))
        values = k.derivative(alpha, beta)(points[:1], points[1:])[0]
        for value, y in zip(values, points[1:], strict=True):
            true = (-1) ** sum(beta) * differentiated(k, points[0], y, gamma)
            assert abs(value - true) <= 1e-14 * size_of_terms(k, points[0], y, gamma), (gamma, y)


@pytest.mark.parametrize("name", [name for name, nu in SMOOTHNESS.items() if nu > 1])
def test_direct_formulas_are_the_derivatives(name):
    k = kernel(3, SMOOTHNESS[name], 0.7)
    x, y = RNG.normal(size=(4, 3)), RNG.normal(size=(5, 3))
    y[0] = x[0]
    unit = np.eye(3, dtype=int)
    tolerance = {"rtol": 1e-13, "atol": 1e-14 * abs(k.laplacian(x[:1])).max()}
    gradient = np.stack([k.derivative(e, 0 * e)(x, y) for e in unit], axis=-1)
    np.testing.assert_allclose(k.gradient(x, y), gradient, **tolerance)
    hessian = np.stack([np.stack([k.derivative(e, f)(x, y) for f in unit], axis=-1) for e in unit], axis=-2)
    np.testing.assert_allclose(k.mixed_hessian(x, y), hessian, **tolerance)
    np.testing.assert_allclose(k.laplacian(x, y), -np.trace(hessian, axis1=2, axis2=3), **tolerance)


def test_the_laplacian_lowers_the_order():
    """(κ² - Δ) d is the kernel of order t - 1: an oracle with other constants."""
    x = RNG.normal(size=(6, 3))
    for nu in (Fraction(3, 2), Fraction(17, 10), Fraction(5)):
        k, lower = kernel(3, nu, 2), kernel(3, nu - 1, 2)
        np.testing.assert_allclose(4 * k(x) - k.laplacian(x), lower(x), rtol=1e-13)


@pytest.mark.parametrize("gamma", multi_indices(3, 4) + multi_indices(2, 6)[::3] + [(9,)], ids=str)
def test_coefficients_are_those_of_sympy(gamma):
    """For a function of s = r²/2: F_m stands for (-1)^m times its m-th derivative."""
    z = sp.symbols(f"z1:{len(gamma) + 1}", real=True)
    a, half = sp.Symbol("a"), sum(c**2 for c in z) / 2
    # e^(as) is generic enough: its derivatives, a^m e^(as), tell the orders apart.
    left = sp.diff(sp.exp(a * half), *((c, count) for c, count in zip(z, gamma, strict=True)))
    right = sum(c * (-a) ** m * sp.prod(v**p for v, p in zip(z, powers, strict=True))
                for m, c, powers in partial_terms(gamma))
    assert sp.expand(left / sp.exp(a * half) - right) == 0


@pytest.mark.parametrize("nu", [Fraction(5, 2), Fraction(17, 10), Fraction(2)], ids=str)
def test_expr_is_the_same_derivative(nu):
    mixed = kernel(2, nu, 2).derivative((1, 1), (0, 1))
    x1, x2 = sp.symbols("x1 x2")
    value = mixed.expr.subs({x1: sp.Rational(1, 2), x2: sp.Rational(-3, 4)}).evalf(30)
    assert math.isclose(mixed([[0.5, 0.25]], [[0.0, 1.0]])[0, 0], value, rel_tol=1e-14)
    assert mixed.expr.free_symbols == {x1, x2}


# --- where points coincide ------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMOOTHNESS)
def test_at_coincident_points_the_gradient_is_zero(name):
    k = kernel(3, SMOOTHNESS[name])
    x = RNG.normal(size=(5, 3))
    assert not k.gradient(x)[np.arange(5), np.arange(5)].any()
    assert not np.signbit(k.gradient(x)[np.arange(5), np.arange(5)]).any()
    assert not k.gradient(x[:1], x[:1].copy()).any()


@pytest.mark.parametrize("name", [name for name, nu in SMOOTHNESS.items() if nu > 1])
def test_at_coincident_points_the_mixed_hessian_is_a_multiple_of_the_identity(name):
    k = kernel(3, SMOOTHNESS[name], 0.3)
    x = RNG.normal(size=(4, 3))
    with mp.workdps(40):
        mu = exact(k.nu) - 1
        first = (4 * mp.pi) ** -1.5 / 2 * exact(k.kappa_squared) ** -mu * mp.gamma(mu) / mp.gamma(exact(k.order))
    for hessian in k.mixed_hessian(x)[np.arange(4), np.arange(4)]:
        assert np.array_equal(hessian, hessian[0, 0] * np.eye(3))
        assert abs(hessian[0, 0] / first - 1) < 2e-16
    assert np.array_equal(np.diag(k.laplacian(x)), np.full(4, -3 * hessian[0, 0]))


def test_near_points_tend_to_coincident_ones():
    k = kernel(2, Fraction(17, 10))
    steps = np.array([[5e-324, 5e-324], [1e-310, 3e-311], [1e-300, 0.0], [1e-160, 1e-161], [1e-20, 1e-18]])
    hessian, gradient = k.mixed_hessian(steps, np.zeros((1, 2)))[:, 0], k.gradient(steps, np.zeros((1, 2)))[:, 0]
    np.testing.assert_allclose(hessian, np.broadcast_to(k.mixed_hessian(np.zeros((1, 2)))[0, 0], hessian.shape),
                               rtol=1e-13, atol=1e-20)
    np.testing.assert_allclose(gradient, -hessian[0, 0, 0] * steps, rtol=1e-13, atol=1e-323)


@pytest.mark.parametrize("size", [5e-324, 1e-310, 1e-300, 1e-150, 1e150, 1e300])
def test_unit_vectors_are_unit_vectors_at_every_size(size):
    """The direction of the gradient, where a scale that fits makes it a number."""
    k = kernel(3, Fraction(3, 5), 1 / Fraction(size))
    direction = np.array([3.0, 1.0, -2.0])
    gradient = k.gradient(size * direction[None, :], np.zeros((1, 3)))[0, 0]
    assert gradient.all()
    true = -(size * direction) / size
    np.testing.assert_allclose(gradient / np.abs(gradient).max(), true / np.abs(true).max(), rtol=4e-16)


def test_zero_stays_zero_where_the_rest_overflows():
    k = kernel(3, Fraction(5, 2), Fraction(1, 10**200))  # F_1 is of size κ^(-3)
    x, y = np.array([[1.0, 0.0, 0.0]]), np.zeros((1, 3))
    assert k.gradient(x, y)[0, 0].tolist() == [-np.inf, 0, 0]
    assert k.derivative((0, 1, 0), (0, 0, 0))(x, y).tolist() == [[0]]
    assert (k.mixed_hessian(x, y)[0, 0] == np.where(np.eye(3) == 1, np.inf, 0.0)).all()


# --- layouts, types, symmetry ---------------------------------------------------------------------


METHODS = ("gradient", "mixed_hessian", "laplacian")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(30, 40), (300, 140)])
def test_layouts_and_precisions_agree(method, size):
    k = kernel(3, Fraction(17, 10))
    x, y = RNG.normal(size=(size[0], 3)), RNG.normal(size=(size[1], 3))
    values = getattr(k, method)(x, y)
    assert values.dtype == np.float64
    turned = np.empty(values.shape[::-1]).T
    assert getattr(k, method)(x, y, out=turned) is turned
    assert np.array_equal(turned, values)
    assert np.array_equal(getattr(k, method)(np.asfortranarray(x), y[::-1])[:, ::-1], values)
    single = getattr(k, method)(x.astype(np.float32), y.astype(np.float32))
    assert single.dtype == np.float32
    rounded = getattr(k, method)(x.astype(np.float32).astype(float), y.astype(np.float32).astype(float))
    assert np.array_equal(single, rounded.astype(np.float32))


def test_symmetry_to_the_last_bit():
    x = RNG.normal(size=(200, 3))
    for k in (kernel(3, Fraction(3, 2)), kernel(3, Fraction(17, 10))):
        assert np.array_equal(k.gradient(x), -k.gradient(x).transpose(1, 0, 2))
        assert np.array_equal(k.mixed_hessian(x), k.mixed_hessian(x).transpose(1, 0, 3, 2))
        assert np.array_equal(k.laplacian(x), k.laplacian(x).T)
        gram = k.derivative_gram(x[:50], [(0, 0, 0), (1, 0, 0), (0, 0, 1)])
        assert np.array_equal(gram, gram.T)
        y = RNG.normal(size=(70, 3))
        np.testing.assert_allclose(k.gradient(x, y), -k.gradient(y, x).transpose(1, 0, 2), rtol=1e-14)


def test_no_points_and_many_dimensions():
    k = kernel(2, Fraction(3))
    assert k.gradient(np.empty((0, 2)), np.zeros((3, 2))).shape == (0, 3, 2)
    assert k.derivative_gram(np.empty((0, 2)), [(0, 1)]).shape == (0, 0)
    wide = kernel(500, Fraction(5, 2), 30)
    x = RNG.normal(size=(3, 500))
    assert wide.gradient(x).shape == (3, 3, 500)
    up = sk.SobolevKernel(dim=502, order=wide.order, kappa=30)  # the dimension walk
    pairs = np.exp(np.log(2 * np.pi) + up.log_radial(np.linalg.norm(x[0] - x[1])))
    np.testing.assert_allclose(wide.gradient(x)[0, 1], -(x[0] - x[1]) * pairs, rtol=1e-10)


def test_numbers_need_no_symbols():
    program = """
import sys, sobolevkernels as sk
k = sk.SobolevKernel(dim=2, order=3)
k.gradient([[0.0, 1.0]]), k.mixed_hessian([[0.0, 1.0]]), k.laplacian([[0.0, 1.0]])
mixed = k.derivative((1, 0), (0, 1))
mixed([[0.0, 1.0]]), repr(mixed), k.derivative_gram([[0.0, 1.0]], [(0, 0), (1, 0)])
assert "sympy" not in sys.modules
mixed.expr
assert "sympy" in sys.modules
"""
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_out_may_overlap_the_points():
    k = kernel(1, Fraction(5, 2))
    buffer = RNG.normal(size=(3, 3))
    x = buffer[0].copy()
    assert np.array_equal(k.laplacian(buffer[0], out=buffer), k.laplacian(x))


def test_frozen_picklable_and_named():
    k = kernel(2, Fraction(3))
    mixed = k.derivative([1, 0], np.array([0, 2]))
    assert mixed == pickle.loads(pickle.dumps(mixed)) == k.derivative((1, 0), (0, 2))
    assert len({mixed, k.derivative((1, 0), (0, 2))}) == 1
    assert "alpha=(1, 0), beta=(0, 2)" in repr(mixed)
    assert eval(repr(mixed), {"SobolevKernel": sk.SobolevKernel}) == mixed
    with pytest.raises(AttributeError):
        mixed.alpha = (0, 0)


# --- Gram matrices of derivatives -----------------------------------------------------------------


def test_derivative_gram_is_positive_definite_and_its_blocks_are_derivatives():
    k = kernel(2, Fraction(5, 2))
    x = np.stack(np.meshgrid(np.arange(4.0), np.arange(3.0)), axis=-1).reshape(-1, 2)
    alphas = [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0)]
    gram = k.derivative_gram(x, alphas)
    np.linalg.cholesky(gram)
    for a, b in itertools.product(range(5), repeat=2):
        block = gram[12 * a:12 * (a + 1), 12 * b:12 * (b + 1)]
        np.testing.assert_allclose(block, k.derivative(alphas[a], alphas[b])(x), rtol=0, atol=1e-15)
    assert np.array_equal(gram[:12, :12], k.derivative((0, 0), (0, 0))(x))
    np.testing.assert_allclose(gram[:12, :12], k(x), rtol=4e-16)
    cross = k.derivative_gram(x, alphas, x[:5] + 0.5, [(0, 0)])
    assert cross.shape == (60, 5)
    np.testing.assert_allclose(cross[12:24], k.derivative((1, 0), (0, 0))(x, x[:5] + 0.5), rtol=1e-15)


def test_hermite_interpolation_has_the_derivatives_that_were_observed():
    """The interpolant of values and slopes of a function, and its derivative by finite differences."""
    k = kernel(1, Fraction(7, 2))
    x = np.linspace(0, 3, 6)
    data = np.concatenate([np.sin(x), np.cos(x)])
    weights = np.linalg.solve(k.derivative_gram(x, [0, 1]), data)

    def interpolant(points, alpha):
        return k.derivative_gram(points, [alpha], x, [0, 1]) @ weights

    np.testing.assert_allclose(interpolant(x, 1), np.cos(x), rtol=1e-9)
    between = x[:-1] + 0.27
    np.testing.assert_allclose(interpolant(between, 0), np.sin(between), atol=2e-4)
    step = 1e-4
    slope = (interpolant(between + step, 0) - interpolant(between - step, 0)) / (2 * step)
    np.testing.assert_allclose(interpolant(between, 1), slope, rtol=1e-7)


# --- what is refused, and a check that can fail ---------------------------------------------------


def test_derivatives_that_are_not_continuous_are_refused():
    rough = kernel(2, Fraction(1, 2))
    with pytest.raises(ValueError, match=r"N = 1 .*2ν = .* = 1; take order > .* = 3/2"):
        rough.gradient([[np.nan, 0.0]])  # before the points are looked at
    for method in ("mixed_hessian", "laplacian"):
        with pytest.raises(ValueError, match="N = 2 is not continuous"):
            getattr(kernel(2, Fraction(1)), method)([[0.0, 0.0]])
    getattr(kernel(2, 1 + Fraction(1, 10**40)), method)([[0.0, 0.0]])
    with pytest.raises(ValueError, match="N = 3 is not continuous"):
        kernel(2, Fraction(3, 2)).derivative((2, 0), (0, 1))
    with pytest.raises(ValueError, match="order 2 is not a continuous functional"):
        kernel(2, Fraction(2)).derivative_gram([[0.0, 0.0]], [(0, 0), (1, 1)])


@pytest.mark.parametrize(("alpha", "beta", "problem", "error"), [
    (1, (0, 0), "sequence of dim = 2", TypeError), ((1,), (0, 0), "one entry for each", ValueError),
    ((1, -1), (0, 0), "negative", ValueError), ((1, 0.5), (0, 0), "integers", TypeError),
    ((1, True), (0, 0), "integers", TypeError), ("ab", (0, 0), "integers", TypeError),
])
def test_bad_multi_indices(alpha, beta, problem, error):
    with pytest.raises(error, match=problem):
        kernel(2, Fraction(3)).derivative(alpha, beta)


def test_bad_input():
    k = kernel(2, Fraction(3))
    with pytest.raises(ValueError, match="finite"):
        k.gradient([[np.nan, 0.0]])
    with pytest.raises(ValueError, match=r"out must have shape \(1, 1, 2\)"):
        k.gradient([[0.0, 0.0]], out=np.empty((1, 1)))
    with pytest.raises(TypeError, match="multi-indices"):
        kernel(1, Fraction(3)).derivative_gram([0.0], 1)
    with pytest.raises(ValueError, match="at least one"):
        k.derivative_gram([[0.0, 0.0]], [])


def test_a_wrong_coefficient_is_noticed(monkeypatch):
    k, x, y = kernel(2, Fraction(3)), np.array([0.3, 0.4]), np.array([1.0, -0.5])
    gamma = (2, 1)
    true, size = differentiated(k, x, y, gamma), size_of_terms(k, x, y, gamma)
    assert abs(k.derivative(gamma, (0, 0))(x[None], y[None])[0, 0] - true) <= 1e-14 * size
    terms = [(m, c + (m == 2) * 1e-12, powers) for m, c, powers in partial_terms(gamma)]
    monkeypatch.setattr(partial, "partial_terms", lambda gamma: terms)
    assert abs(k.derivative(gamma, (0, 0))(x[None], y[None])[0, 0] - true) > 1e-13 * size


@pytest.mark.parametrize("method", METHODS)
def test_no_points_on_either_side(method):
    k, x, none = kernel(2, Fraction(3)), np.zeros((3, 2)), np.empty((0, 2))
    trailing = {"gradient": (2,), "mixed_hessian": (2, 2), "laplacian": ()}[method]
    assert getattr(k, method)(x, none).shape == (3, 0, *trailing)
    assert getattr(k, method)(none, x).shape == (0, 3, *trailing)
    assert k.derivative((1, 0), (0, 0))(x, none).shape == (3, 0)


def test_terms_beyond_the_range_of_floats_do_not_spoil_what_lies_within():
    """Two terms overflow with opposite signs; a factor overflows and a component of u makes up for it."""
    kernel = SobolevKernel(dim=1, order=3, kappa=1e-110)  # (κ/ρ = κr) Δd changes sign at κr = (1+√5)/2
    x = np.array([1e109, 1e110, 1.618e110, 1.6181e110, 3e110, 1e111])
    sign = np.where(x > 1.6180339887e110, 1.0, -1.0)
    assert np.array_equal(kernel.laplacian(x, [0.0])[:, 0], sign * np.inf)
    assert np.array_equal(kernel.derivative(2, 0)(x, [0.0])[:, 0], sign * np.inf)
    assert np.array_equal(kernel.mixed_hessian(x, [0.0])[:, 0, 0, 0], -sign * np.inf)
    plane = SobolevKernel(dim=2, order=4, kappa=1e-65)
    unit = SobolevKernel(dim=2, order=4)
    gradient = plane.gradient([[1e65, 1e35]], [[0.0, 0.0]])[0, 0]
    assert gradient[0] == -np.inf
    true = unit.gradient([[1.0, 1e-30]], [[0.0, 0.0]])[0, 0, 1]
    assert gradient[1] == pytest.approx(true * 1e300 * 1e25, rel=1e-12)


def test_coefficients_beyond_the_range_of_floats():
    """∂^300 d at 0 = (-1)^150 (2π)^-1 ∫ ξ^300 (1+ξ²)^-400 dξ = B(301/2, 799/2 - 150)/(2π)."""
    kernel = SobolevKernel(dim=1, order=400)
    with mp.workdps(40):
        true = mp.beta(mp.mpf(301) / 2, mp.mpf(499) / 2) / (2 * mp.pi)
    for alpha, beta in ((300, 0), (150, 150), (0, 300)):
        value = kernel.derivative(alpha, beta)([0.0])[0, 0]
        assert value == pytest.approx(float(true) * (-1) ** beta, rel=1e-12)
