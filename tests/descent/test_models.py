"""Models of expressions and of given functions against the written-out formula; products and sums of models."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from sobolevkernels.descent import model as model_module
from sobolevkernels.descent import models
from sobolevkernels.descent.models import expression, linear, network, quadratic_manifold, ridge

x, y = sp.symbols("x y")
RNG = np.random.default_rng(5)
POINTS = RNG.uniform(-1, 1, size=(6, 2))
ALPHAS = [(0, 0), (1, 0), (0, 2), (2, 1)]


def agree(one, other, theta, points=POINTS, alphas=ALPHAS):
    for found, expected in zip(one.linearize(theta, points, alphas), other.linearize(theta, points, alphas),
                               strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


# --- constructors -------------------------------------------------------------------------------


def test_a_linear_model_is_a_polynomial():
    """Against numpy.polynomial."""
    model, points = linear([x**k for k in range(6)], x), np.linspace(-1, 1, 7)
    theta = RNG.normal(size=6)
    for k in range(4):
        np.testing.assert_allclose(model(theta, points, derivative=k), Polynomial(theta).deriv(k)(points) if k
                                   else Polynomial(theta)(points), rtol=1e-13, atol=1e-13)
        columns = [Polynomial.basis(i).deriv(k)(points) if k else points**i for i in range(6)]
        np.testing.assert_allclose(model.jacobian(theta, points, derivative=k), np.stack(columns, -1), atol=1e-13)


@pytest.mark.parametrize("batch", [(), (4,), (2, 3)])
def test_linear_and_quadratic_models_are_their_formulas(batch):
    basis = [sp.sin(x), x * y, sp.exp(y)]
    B, Q = RNG.normal(size=(2, 3)), RNG.normal(size=(2, 2, 3))
    t = sp.symbols("t:3")
    agree(linear(basis, (x, y)), expression(sum(a * b for a, b in zip(t, basis, strict=True)), t, (x, y)),
          RNG.normal(size=(*batch, 3)))
    formula = sum(basis[q] * (sum(t[i] * B[i, q] for i in range(2))
                              + sum(t[i] * t[j] * Q[i, j, q] / 2 for i in range(2) for j in range(2)))
                  for q in range(3))
    agree(quadratic_manifold(basis, B, Q, (x, y)), expression(formula, t[:2], (x, y)), RNG.normal(size=(*batch, 2)))


def test_several_outputs():
    basis = [(sp.sin(x), x), (1, x**2)]
    t = sp.symbols("t:2")
    written = expression([t[0] * sp.sin(x) + t[1], t[0] * x + t[1] * x**2], t, x)
    theta, points = RNG.normal(size=(3, 2)), np.linspace(0, 1, 5)
    agree(linear(basis, x), written, theta, points, [(0,), (1,), (3,)])
    assert written(theta, points).shape == (3, 5, 2)
    assert written.jacobian(theta, points).shape == (3, 5, 2, 2)
    np.testing.assert_array_equal(written(theta, points)[..., 1].T,
                                  [theta[:, 0] * p + theta[:, 1] * p**2 for p in points])


def test_an_expression_against_mpmath():
    a, b = sp.symbols("a b")
    model = expression(a * sp.exp(-b * x**2) / (1 + a**2), (a, b), x)
    with mpmath.mp.workdps(50):
        for k in range(4):
            function = lambda s, t, z: s * mpmath.exp(-t * z**2) / (1 + s**2)
            expected = [float(mpmath.diff(function, (0.7, 1.3, 0.4), (*slot, k))) for slot in ((1, 0), (0, 1))]
            np.testing.assert_allclose(model.jacobian([0.7, 1.3], [0.4], k)[0], expected, rtol=1e-13)


def test_a_fixed_function_is_a_model_without_parameters():
    lift = expression(1 + x, (), x)
    assert lift.parameters == 0
    np.testing.assert_array_equal(lift(np.zeros((2, 0)), [0.0, 1.0]), [[1.0, 2.0], [1.0, 2.0]])
    assert lift.jacobian([], [0.0, 1.0]).shape == (2, 0)
    v = ridge(2).times(x * (1 - x), x).plus(lift)
    theta = v.initial(0)
    np.testing.assert_allclose(v(theta, [0.0, 1.0]), [1.0, 2.0])
    assert v.linearize(theta, [0.0, 1.0], [(0,), (1,)])[1].shape == (2, 2, 7)


# --- products and sums --------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [(), (3,)])
def test_products_follow_leibniz(batch):
    t = sp.symbols("t:3")
    formula = sp.sin(t[0] * x + t[1] * y) + t[2] ** 2 * x * y
    factor = sp.exp(x) * (1 - y**2)
    model = expression(formula, t, (x, y)).times(factor, (x, y))
    theta = RNG.normal(size=(*batch, 3))
    agree(model, expression(factor * formula, t, (x, y)), theta)
    np.testing.assert_allclose(model(theta, POINTS), model.features(theta, POINTS, [(0, 0)])[..., 0, :], rtol=1e-14)
    wrong = expression(formula, t, (x, y)).times(-factor, (x, y))
    assert not np.allclose(model.jacobian(theta, POINTS, (1, 1)), wrong.jacobian(theta, POINTS, (1, 1)))


@pytest.mark.parametrize("outputs", [1, 2])
def test_blocks_of_a_product_do_not_show(monkeypatch, outputs):
    model = network((2, 3, outputs)).times(x * y**2, (x, y))
    theta, points = model.initial(0, (2,)), RNG.normal(size=(150, 2))
    whole = model.linearize(theta, points, ALPHAS)
    monkeypatch.setattr(model_module, "BLOCK", 1)
    for one, other in zip(whole, model.linearize(theta, points, ALPHAS), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-13)


def test_sums():
    one, other = ridge(2, 2, "sine").times(x * y, (x, y)), linear([1, x * y], (x, y))
    model = one.plus(other)
    theta = model.initial(1, (3,))
    features, jacobian = model.linearize(theta, POINTS, ALPHAS)
    parts = one.linearize(theta[:, :9], POINTS, ALPHAS), other.linearize(theta[:, 9:], POINTS, ALPHAS)
    np.testing.assert_array_equal(features, parts[0][0] + parts[1][0])
    np.testing.assert_array_equal(jacobian, np.concatenate([parts[0][1], parts[1][1]], axis=-1))
    np.testing.assert_array_equal(model.jacobian(theta, POINTS, (2, 1)), jacobian[:, 3])
    np.testing.assert_array_equal(model.spread, [*one.spread, 1.0, 1.0])
    assert repr(model) == "Model((network 2-2-1 sine) times x*y plus linear in 2 functions, 11 parameters)"


@given(st.integers(0, 2**32), st.sampled_from(["tanh", "softplus", "sine"]))
@settings(max_examples=15, deadline=None)
def test_factors_multiply(seed, activation):
    """Two factors in turn are their product; a factor of one changes nothing."""
    v = ridge(2, 2, activation)
    theta, points = v.initial(seed), np.random.default_rng(seed).normal(size=(3, 2))
    agree(v.times(1 + x, (x, y)).times(y**2, (x, y)), v.times((1 + x) * y**2, (x, y)), theta, points)
    agree(v.times(1, (x, y)), v, theta, points)


@given(st.integers(0, 2**32))
@settings(max_examples=15, deadline=None)
def test_what_is_homogeneous_has_eulers_relation(seed):
    """J θ = v for a linear model, and 2v for one of second degree."""
    rng = np.random.default_rng(seed)
    basis, Q = [1, x, sp.cos(x)], rng.normal(size=(2, 2, 3))
    points = rng.normal(size=4)
    for model, degree in ((linear(basis, x), 1), (quadratic_manifold(basis, np.zeros((2, 3)), Q, x), 2)):
        theta = model.initial(rng)
        features, jacobian = model.linearize(theta, points, [(0,), (1,)])
        np.testing.assert_allclose(jacobian @ theta, degree * features, rtol=1e-12, atol=1e-12)


# --- given functions ----------------------------------------------------------------------------


def test_given_functions_one_by_one_and_all_at_once():
    reference = network((2, 3, 2))
    theta = reference.initial(0, (2, 3))
    calls = []

    def value(theta, points):
        calls.append(theta.shape)
        return reference(theta, points)

    for vectorized in (False, True):
        model = models.given(value, reference.jacobian, reference.parameters, dim=2, outputs=2, vectorized=vectorized)
        np.testing.assert_array_equal(model(theta, POINTS), reference(theta, POINTS))
        np.testing.assert_array_equal(model.jacobian(theta, POINTS), reference.jacobian(theta, POINTS))
        agree(model, reference, theta, alphas=[(0, 0)])
    assert calls[:6] == [(17,)] * 6
    assert calls[-1] == (2, 3, 17)
    scaled = model.times(x * y, (x, y))
    agree(scaled, reference.times(x * y, (x, y)), theta, alphas=[(0, 0)])


def test_given_functions_with_one_output():
    model = models.given(lambda theta, points: points @ theta, lambda theta, points: points, parameters=2, dim=2)
    theta = RNG.normal(size=(3, 2))
    np.testing.assert_allclose(model(theta, POINTS), theta @ POINTS.T, rtol=1e-15)
    assert model.jacobian(theta, POINTS).shape == (3, 6, 2)


# --- speed and bad input ------------------------------------------------------------------------


def test_a_basis_is_evaluated_once_for_all_parameters(monkeypatch):
    calls = []
    basis = models.Basis.__call__
    monkeypatch.setattr(models.Basis, "__call__", lambda *args, **kwargs: calls.append(1) or basis(*args, **kwargs))
    linear([1, x], x).linearize(np.zeros((50, 2)), np.zeros(4), [(0,), (1,)])
    assert len(calls) == 1


def test_equal_expressions_are_compiled_once(monkeypatch):
    compiled, built = models.compiled, []
    monkeypatch.setattr(models, "compiled", lambda *args: built.append(1) or compiled(*args))
    a = sp.Symbol("a")
    model = expression(a * x, a, x)
    for _ in range(3):
        model.linearize([1.0], [0.0], [(0,), (1,)])
    assert len(built) == 1


def unused(theta, points):
    return points


@pytest.mark.parametrize(("make", "error", "message"), [
    (lambda: linear([], x), ValueError, "at least one function"),
    (lambda: linear([1, y], x), ValueError, r"may contain the symbols \(x,\), got also \['y'\]"),
    (lambda: linear([1, sp.Symbol("x", real=True)], x), ValueError, "other assumptions are other symbols"),
    (lambda: linear([1, (x, x)], x), ValueError, "same number of outputs"),
    (lambda: linear([sp.Function("f")(x)], x), ValueError, "insert a function"),
    (lambda: linear([1], 3), TypeError, "variables must be SymPy symbols"),
    (lambda: linear([1], (x, "y")), TypeError, "must be SymPy symbols"),
    (lambda: linear([1], (x, x)), ValueError, "must be distinct"),
    (lambda: expression(x, x, x), ValueError, "a parameter and a variable"),
    (lambda: expression(sp.Eq(x, 1), (), x), TypeError, "must be a SymPy expression"),
    (lambda: quadratic_manifold([1, x], [[1, 0]], [[[1]]], x), ValueError, "quadratic"),
    (lambda: quadratic_manifold([1, x], 1.0, 1.0, x), ValueError, "linear must have shape"),
    (lambda: models.given(3, unused, 1, 1), TypeError, "value must be callable"),
    (lambda: models.given(unused, unused, 0, 1), ValueError, "parameters must be a positive integer"),
    (lambda: models.given(unused, unused, 2, 1)([0, 0], [1.0, 2.0]), ValueError, r"shape \(2,\), got \(2, 1\)"),
    (lambda: models.given(unused, unused, 2, 1).jacobian([0, 0], [1.0, 2.0]), ValueError, r"shape \(2, 2\)"),
    (lambda: models.given(unused, unused, 1, 1)([0], [1.0], derivative=1), ValueError, "has no derivatives in x"),
    (lambda: linear([1], x).times(y, x), ValueError, "factor may contain"),
    (lambda: linear([1], x).times(y, (x, y)), ValueError, "one expression in 1 variables"),
    (lambda: linear([1], x).plus(x), TypeError, "only a Model can be added"),
    (lambda: linear([1], x).plus(linear([1], (x, y))), ValueError, "agree in dim and outputs"),
    (lambda: linear([1], x)(np.zeros((2, 1), dtype=complex), [0.0]), TypeError, "theta must hold real numbers"),
    (lambda: linear([1], x)([[0.0], [np.inf]], [0.0]), ValueError, r"entry \(1, 0\) is inf"),
])
def test_bad_input(make, error, message):
    with pytest.raises(error, match=message):
        make()
