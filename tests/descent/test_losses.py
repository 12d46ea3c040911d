"""Losses against definitions from elsewhere, and their parts against each other."""

import mpmath
import numpy as np
import pytest
import scipy.special
import sympy as sp

from sobolevkernels import losses
from sobolevkernels.descent.losses import sobolev_weights

RNG = np.random.default_rng(3)
X = np.linspace(-1.0, 1.0, 6)
PLANE = RNG.normal(size=(6, 2))
W = np.array([0.5, 1.0, 2.0, 0.0, 1.5, 0.25])
SPD = (lambda a: a @ a.T + np.eye(6))(RNG.normal(size=(6, 6)))
x, y, v = sp.symbols("x y v")
f = sp.Function("f")

CASES = {
    "least squares": (losses.least_squares(X, np.cos(X)), "real"),
    "weighted": (losses.least_squares(X, np.cos(X), W), "real"),
    "matrix": (losses.least_squares(X, np.cos(X), SPD), "real"),
    "two outputs": (losses.least_squares(X, np.c_[X, X**2], W), "real"),
    "sobolev": (losses.sobolev(X, RNG.normal(size=(3, 6)), order=2, kappa=1.5, weights=W), "real"),
    "sobolev plane": (losses.sobolev(PLANE, RNG.normal(size=(3, 6)), order=1), "real"),
    "kullback-leibler": (losses.kullback_leibler(X, np.exp(X), W), "positive"),
    "cross-entropy": (losses.cross_entropy(X, [0, 1, 1, 0, 0.25, 1], W), "real"),
    "softmax": (losses.cross_entropy(X, scipy.special.softmax(RNG.normal(size=(6, 3)), axis=1), W), "real"),
    "poisson": (losses.pointwise(X, sp.exp(v) - y * v, v, {y: np.arange(6)}, W), "real"),
    "linear residual": (losses.residual(X, -f(x).diff(x, 2) + f(x).diff(x) - 1, f(x), W), "real"),
    "non-linear residual": (losses.residual(X, -f(x).diff(x, 2) + f(x)**3 * f(x).diff(x) - sp.cos(x), f(x), W), "real"),
    "plane residual": (losses.residual(PLANE, f(x, y).diff(x, y) * f(x, y) + f(x, y).diff(y, 2) - x, f(x, y)), "real"),
}
#: Losses whose Gauss-Newton Hessian is the Hessian.
CONVEX = [name for name in CASES if name not in ("non-linear residual", "plane residual")]


def features(loss, kind, batch=()):
    shape = (*batch, len(loss.derivatives), len(loss.points) * loss.outputs)
    u = np.random.default_rng(1).normal(size=shape)
    return np.exp(u) if kind == "positive" else u


@pytest.mark.parametrize("name", CASES)
def test_gradient_and_hessian_are_derivatives(name):
    loss, kind = CASES[name]
    u, h, step = features(loss, kind), np.random.default_rng(2).normal(size=features(loss, kind).shape), 1e-5
    slope = (loss.value(u + step * h) - loss.value(u - step * h)) / (2 * step)
    assert (loss.gradient(u) * h).sum() == pytest.approx(slope, rel=1e-7, abs=1e-8)
    turned = (loss.gradient(u + step * h) - loss.gradient(u - step * h)) / (2 * step)
    np.testing.assert_allclose(loss.hessian(u, h), turned, rtol=1e-6, atol=1e-8 * abs(turned).max())


@pytest.mark.parametrize("name", CASES)
def test_least_squares_form(name):
    loss, kind = CASES[name]
    u = features(loss, kind)
    directions = np.eye(u.size).reshape(*u.shape, u.size)
    root, b = loss.root(u, directions), loss.residual(u)
    np.testing.assert_allclose(root.T @ b, loss.gradient(u).ravel(), rtol=1e-10, atol=1e-12)
    hessian = np.stack([loss.hessian(u, directions[..., i]).ravel() for i in range(u.size)])
    same = np.allclose(root.T @ root, hessian, rtol=1e-10, atol=1e-12)
    assert same == (name in CONVEX)


@pytest.mark.parametrize("name", CASES)
def test_leading_axes_are_a_batch(name):
    loss, kind = CASES[name]
    u = features(loss, kind, (2, 3))
    h = np.random.default_rng(2).normal(size=u.shape)
    du = np.random.default_rng(4).normal(size=(*u.shape, 5))
    found = loss.value(u), loss.gradient(u), loss.hessian(u, h), loss.root(u, du), loss.residual(u)
    for i in np.ndindex(2, 3):
        v = u[i]
        one = loss.value(v), loss.gradient(v), loss.hessian(v, h[i]), loss.root(v, du[i]), loss.residual(v)
        for whole, part in zip(found, one, strict=True):
            np.testing.assert_allclose(whole[i], part, rtol=1e-12, atol=1e-14)


def test_values_are_those_of_other_libraries():
    u = features(*CASES["kullback-leibler"])
    assert CASES["kullback-leibler"][0].value(u) == pytest.approx((W * scipy.special.kl_div(u[0], np.exp(X))).sum())
    z, labels = np.array([[-3.0, 2.0]]), np.array([0.0, 1.0])
    p = scipy.special.expit(z[0])
    expected = -np.mean(scipy.special.xlogy(labels, p) + scipy.special.xlogy(1 - labels, 1 - p))
    assert losses.cross_entropy([0.0, 1.0], labels).value(z) == pytest.approx(expected)
    logits, one_hot = RNG.normal(size=(1, 6)), np.eye(3)[[2, 0]]
    expected = -np.mean((one_hot * scipy.special.log_softmax(logits.reshape(2, 3), axis=1)).sum(axis=1))
    assert losses.cross_entropy([0.0, 1.0], one_hot).value(logits) == pytest.approx(expected)


@pytest.mark.parametrize("logit", [-800.0, -50.0, 50.0, 800.0])
def test_cross_entropy_far_from_zero_keeps_its_digits(logit):
    for label in (0.0, 1.0):
        loss = losses.cross_entropy([0.0], [label])
        z = np.array([[logit]])
        with mpmath.workdps(40):
            sign = mpmath.mpf(logit) * (1 - 2 * label)
            value, slope = mpmath.log1p(mpmath.exp(sign)), (1 - 2 * label) / (1 + mpmath.exp(-sign))
            root = 1 / (2 * mpmath.cosh(mpmath.mpf(logit) / 2))
        assert float(loss.value(z)) == pytest.approx(float(value), rel=1e-13)
        assert float(loss.gradient(z)[0, 0]) == pytest.approx(float(slope), rel=1e-13)
        expected = float(slope / root)  # beyond 1e8 such a row would drown the others, and is refused
        assert float(loss.residual(z)[0]) == (pytest.approx(expected, rel=1e-12) if abs(expected) < 1e8 else np.inf)


def test_softmax_of_impossible_classes_is_finite():
    loss = losses.cross_entropy([0.0], [[1.0, 0.0, 0.0]])
    u = np.array([[0.0, -2000.0, -1.0]])
    assert np.isfinite(loss.residual(u)).all()
    np.testing.assert_allclose(loss.root(u, np.eye(3)[None]).T @ loss.residual(u), loss.gradient(u)[0], atol=1e-15)


def test_kullback_leibler_is_infinite_outside():
    loss = losses.kullback_leibler(X, np.exp(X))
    assert np.isinf(loss.value(np.array([[1.0, 1.0, -1e-9, 1.0, 1.0, 1.0]])))


@pytest.mark.parametrize(("dim", "order", "kappa"), [(1, 0, 1.0), (1, 3, 2.0), (2, 2, 1.0), (3, 2, 0.5), (2, 4, 3.0)])
def test_sobolev_weights_are_those_of_the_symbol(dim, order, kappa):
    xi = sp.symbols(f"xi1:{dim + 1}")
    symbol = sp.Poly((sp.Rational(kappa)**2 + sum(s**2 for s in xi))**order, *xi)
    expected = {tuple(power // 2 for power in powers): float(c) for powers, c in symbol.terms()}
    assert sobolev_weights(dim, order, kappa) == expected


def test_sobolev_loss_is_the_norm_in_frequency():
    """½ ∫ |f'|² + 2κ²... of a Gaussian, by quadrature in ξ with the unitary transform."""
    count, kappa = 400, 1.5
    nodes, weights = np.polynomial.legendre.leggauss(count)
    points, weights = 12 * nodes, 12 * weights
    g = sp.exp(-x**2 / 2)
    u = np.stack([sp.lambdify(x, sp.diff(g, x, k))(points) * np.ones(count) for k in range(3)])
    loss = losses.sobolev(points, np.zeros((3, count)), order=2, kappa=kappa, weights=weights)
    norm = mpmath.quad(lambda s: mpmath.exp(-s**2) * (kappa**2 + s**2)**2, [-mpmath.inf, 0, mpmath.inf])
    assert float(loss.value(u)) == pytest.approx(float(norm / 2), rel=1e-12)


def test_residual_reads_equations_and_constants():
    loss = losses.residual(X, sp.Eq(f(x).diff(x), 1), f(x))
    assert loss.derivatives == ((1,),)
    assert float(loss.value(np.full((1, 6), 3.0))) == pytest.approx(2.0)
    assert losses.residual(PLANE, f(x, y).diff(y) + f(x, y), f(x, y)).derivatives == ((0, 0), (0, 1))


@pytest.mark.parametrize(("make", "message"), [
    (lambda: losses.least_squares(X, np.ones(5)), r"data must have shape \(6,\)"),
    (lambda: losses.least_squares(X, [1, 2, np.nan, 4, 5, 6]), "data must be finite"),
    (lambda: losses.least_squares(X, X, -W), "at least 0"),
    (lambda: losses.least_squares(X, X, W[:3]), "weights must have shape"),
    (lambda: losses.least_squares(X, X, np.eye(5)), "weights must have shape"),
    (lambda: losses.least_squares(X, X, -np.eye(6)), "positive definite; its smallest eigenvalue is -1"),
    (lambda: losses.least_squares(X, X, np.triu(np.ones((6, 6)))), "symmetric"),
    (lambda: losses.least_squares([np.inf], [0.0]), "infin|finite"),
    (lambda: losses.sobolev(X, np.zeros((2, 6)), order=2), r"target must have shape \(3, 6\)"),
    (lambda: losses.sobolev(X, np.zeros((2, 6)), order=1.5), "integer"),
    (lambda: losses.kullback_leibler(X, X), "density must be positive"),
    (lambda: losses.cross_entropy(X, [0, 1, 2, 0, 0, 0]), "probabilities"),
    (lambda: losses.cross_entropy(X, np.ones((6, 2))), "add up to 1"),
    (lambda: losses.residual(X, f(x) - y, f(x)), "may hold f.x. and x only, found y"),
    (lambda: losses.residual(X, f(x) + sp.Function("g")(x), f(x)), r"found g\(x\)"),
    (lambda: losses.residual(X, x**2, f(x)), "does not occur"),
    (lambda: losses.residual(X, [f(x)], f(x)), "for a system give a loss|one differential"),
    (lambda: losses.residual(X, f(2 * x), f(2 * x)), "distinct symbols"),
    (lambda: losses.pointwise(X, v**2, v, {v: X}), "has data too"),
    (lambda: losses.residual(X, f(x), f), "applied to its variables"),
    (lambda: losses.residual(PLANE, f(x), f(x)), r"points must have shape \(N, 1\)"),
    (lambda: losses.pointwise(X, v**2 + y, v), "symbols with data"),
])
def test_bad_input(make, message):
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_a_loss_that_is_not_convex_is_no_metric():
    loss = losses.pointwise(X, sp.cos(v), v)
    with pytest.raises(ValueError, match="no metric"):
        loss.root(np.zeros((1, 6)), np.ones((1, 6, 1)))
