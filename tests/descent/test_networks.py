"""Networks against the written-out formula: differentiated by mpmath in 50 digits, and by SymPy."""

import math
from itertools import islice, pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

from sobolevkernels.descent import networks
from sobolevkernels.descent.models import expression, network, ridge
from sobolevkernels.evaluation.activations import ACTIVATIONS
from sobolevkernels.symbolic import activations as formulas

FUNCTIONS = {
    "tanh": mpmath.tanh,
    "sigmoid": lambda z: 1 / (1 + mpmath.exp(-z)),
    "softplus": lambda z: mpmath.log1p(mpmath.exp(z)),
    "swish": lambda z: z / (1 + mpmath.exp(-z)),
    "gaussian": lambda z: mpmath.exp(-(z**2) / 2),
    "sine": mpmath.sin,
}


def written_out(widths, sigma, theta, x):
    """The network as its definition says: row by row, then the biases."""
    values, parameters, layers = list(x), iter(theta), list(pairwise(widths))
    for number, (inputs, outputs) in enumerate(layers):
        weights = [[next(parameters) for _ in range(inputs)] for _ in range(outputs)]
        s = [sum(w * a for w, a in zip(row, values, strict=True)) + next(parameters) for row in weights]
        values = s if number == len(layers) - 1 else [sigma(entry) for entry in s]
    return values


def by_mpmath(widths, sigma, theta, x, alpha, output, parameter=None):
    """D^α of one output, or of its derivative in one parameter, by finite differences in 50 digits."""
    with mp.workdps(50):
        theta, x = [mp.mpf(float(t)) for t in theta], [mp.mpf(float(t)) for t in x]
        if parameter is None:
            return float(mp.diff(lambda *x: written_out(widths, sigma, theta, x)[output], x, alpha))

        def function(t, *x):
            return written_out(widths, sigma, [*theta[:parameter], t, *theta[parameter + 1:]], x)[output]

        return float(mp.diff(function, (theta[parameter], *x), (1, *alpha)))


@pytest.mark.parametrize(("widths", "activation", "alphas"), [
    ((1, 3, 1), "tanh", [(0,), (1,), (4,)]),
    ((2, 3, 2), "swish", [(0, 0), (1, 1), (2, 1)]),
    ((1, 2, 2, 1), "softplus", [(0,), (2,), (3,)]),
    ((3, 2, 1), "sigmoid", [(1, 0, 1), (0, 2, 0)]),
    ((2, 2, 2, 3), "gaussian", [(0, 0), (2, 0)]),
    ((1, 2, 2, 2, 1), "sine", [(0,), (2,)]),
    ((2, 2), "tanh", [(0, 0), (1, 0), (1, 1)]),
])
def test_values_and_jacobians_are_those_of_the_definition(widths, activation, alphas):
    model = network(widths, activation)
    theta, x = model.initial(3), np.random.default_rng(4).normal(size=(2, widths[0]))
    features, jacobian = model.linearize(theta, x, alphas)
    for d, alpha in enumerate(alphas):
        for output in range(widths[-1]):
            exact = (widths, FUNCTIONS[activation], theta, x[1], alpha, output)
            row = widths[-1] + output
            assert features[d, row] == pytest.approx(by_mpmath(*exact), rel=1e-12, abs=1e-13)
            slopes = [by_mpmath(*exact, parameter) for parameter in range(model.parameters)]
            np.testing.assert_allclose(jacobian[d, row], slopes, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize(("widths", "alphas"), [
    ((1, 2, 1), [(0,), (1,), (2,), (3,), (4,)]),
    ((2, 2, 1, 2), [(0, 0), (0, 2), (1, 1)]),
    ((3, 2, 1, 1), [(0, 0, 0), (0, 1, 1)]),
])
def test_batches_agree_with_sympy_for_an_activation_of_ones_own(widths, alphas):
    z = sp.Symbol("z")
    model = network(widths, sp.atan(z) + z**2 / 5)
    thetas, xs = sp.symbols(f"t:{model.parameters}"), sp.symbols(f"x:{widths[0]}")
    exact = expression(written_out(widths, lambda s: sp.atan(s) + s**2 / 5, thetas, xs), thetas, xs)
    theta, x = model.initial(0, (2, 3)), np.random.default_rng(1).normal(size=(5, widths[0]))
    for one, other in zip(model.linearize(theta, x, alphas), exact.linearize(theta, x, alphas), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-12)


def test_a_wrong_slope_is_noticed(monkeypatch):
    """With the sign of σ' changed the Jacobian differs from the definition, but the values do not."""
    model = network((2, 3, 1), "tanh")
    theta, x = model.initial(0), np.ones((1, 2))
    right = model.linearize(theta, x, [(0, 0)])
    monkeypatch.setitem(ACTIVATIONS, "tanh", lambda z: iter([np.tanh(z), np.tanh(z) ** 2 - 1]))
    wrong = model.linearize(theta, x, [(0, 0)])
    np.testing.assert_array_equal(right[0], wrong[0])
    assert abs(right[1] - wrong[1]).max() > 0.1
    exact = [by_mpmath((2, 3, 1), mpmath.tanh, theta, x[0], (0, 0), 0, i) for i in range(model.parameters)]
    np.testing.assert_allclose(right[1][0, 0], exact, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_of_activations(name):
    """Up to the last printed order, and two beyond; far out, where e^z overflows, too."""
    z = np.array([-1e3, -40.0, -3.0, -0.25, 0.0, 1e-9, 0.7, 5.0, 38.0, 1e3])
    expr = formulas.ACTIVATIONS[name].expr
    order = formulas.ORDER + 2
    found = networks._activation(name)(z, order)
    exact = [sp.lambdify(formulas.z, sp.diff(expr, formulas.z, k), "mpmath", cse=True) for k in range(order + 1)]
    with mp.workdps(60):
        for k in range(order + 1):
            expected = [float(exact[k](mp.mpf(float(point)))) for point in z]
            scale = max(1.0, *map(abs, expected[1:-1]))
            np.testing.assert_allclose(found[k], expected, rtol=1e-13, atol=2e-13 * scale)


def test_names_are_those_of_the_formulas():
    assert list(ACTIVATIONS) == list(formulas.ACTIVATIONS) == list(FUNCTIONS)
    for printed in ACTIVATIONS.values():
        assert len(list(islice(printed(np.zeros(1)), 100))) == formulas.ORDER + 1


def test_high_orders():
    """The eleventh derivative of a ridge function is w^11 σ^(11), beyond the printed ones."""
    x, weight, bias = np.linspace(-1, 1, 5), 1.5, 0.3
    with mp.workdps(60):
        expected = [weight**11 * float(mp.diff(mpmath.tanh, mp.mpf(weight * point + bias), 11)) for point in x]
    np.testing.assert_allclose(ridge(1)([weight, bias, 1.0, 0.0], x, derivative=11), expected, rtol=1e-10)


# --- memory -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("outputs", "batch"), [(1, ()), (1, (3,)), (2, ()), (2, (3, 2))])
def test_writing_into_an_array_gives_the_same_bits(outputs, batch):
    model = network((2, 4, outputs))
    theta, x = model.initial(0, batch), np.random.default_rng(0).normal(size=(6, 2))
    expected = model.jacobian(theta, x, (1, 1))
    shape = (*batch, model.parameters, *expected.shape[len(batch):-1])
    fast = np.moveaxis(np.full(shape, np.nan), len(batch), -1)
    slow = np.full(expected.shape, np.nan)
    spaced = np.full((*expected.shape[:-1], 2 * model.parameters), np.nan)[..., ::2]
    for out in (fast, slow, spaced):
        assert model.jacobian(theta, x, (1, 1), out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_the_parameters_have_the_largest_stride():
    model = network((2, 4, 2))
    _, jacobian = model.linearize(model.initial(0, (5,)), np.zeros((7, 2)), [(0, 0), (1, 0)])
    assert jacobian.shape == (5, 2, 14, model.parameters)
    assert np.moveaxis(jacobian, -1, 1).flags.c_contiguous
    assert np.moveaxis(model.jacobian(model.initial(0, (5,)), np.zeros((7, 2))), -1, 1).flags.c_contiguous


def test_the_result_may_overwrite_its_input():
    model = network((1, 1))
    x = np.arange(8.0)
    points = x.reshape(4, 2)[:, :1]
    expected = model.jacobian([2.0, 1.0], points)
    np.testing.assert_array_equal(model.jacobian([2.0, 1.0], points, out=x.reshape(4, 2)), expected)


def test_blocks_do_not_show(monkeypatch):
    model = network((2, 5, 3, 2))
    theta, x = model.initial(0, (2,)), np.random.default_rng(0).normal(size=(200, 2))
    whole = model.linearize(theta, x, [(0, 0), (2, 0)])
    monkeypatch.setattr(networks, "BLOCK", 1)
    for one, other in zip(whole, model.linearize(theta, x, [(0, 0), (2, 0)]), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-13, atol=1e-14)


# --- laws ---------------------------------------------------------------------------------------


@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(1, 4), st.sampled_from(list(FUNCTIONS)))
@settings(max_examples=25, deadline=None)
def test_exchanging_units_changes_nothing(seed, dim, width, activation):
    """The order of hidden units is a symmetry of the network, and permutes the Jacobian."""
    model = ridge(width, dim, activation)
    theta, x = model.initial(seed), np.random.default_rng(seed).normal(size=(4, dim))
    order = np.random.default_rng(seed).permutation(width)
    places = np.concatenate([np.arange(width * dim).reshape(width, dim)[order].ravel(), width * dim + order,
                             width * (dim + 1) + order, [width * (dim + 2)]])
    np.testing.assert_allclose(model(theta[places], x), model(theta, x), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(model.jacobian(theta[places], x), model.jacobian(theta, x)[:, places],
                               rtol=1e-12, atol=1e-13)


def test_initial_parameters():
    model = network((4, 10, 1))
    assert model.parameters == 61
    many = model.initial(7, (20000,), scale=2.0)
    np.testing.assert_array_equal(many[0], model.initial(np.random.default_rng(7), scale=2.0))
    deviations = many.std(axis=0)
    np.testing.assert_allclose(deviations[:40], 2 / math.sqrt(4), rtol=0.04)
    np.testing.assert_allclose(deviations[40:50], 2.0, rtol=0.04)
    np.testing.assert_allclose(deviations[50:60], 2 / math.sqrt(10), rtol=0.04)
    np.testing.assert_allclose(deviations[60], 2.0, rtol=0.04)


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "message"), [
    (lambda: network((3,)), "at least two positive integers"),
    (lambda: network((3, 0, 1)), "at least two positive integers"),
    (lambda: network((3, 2.5, 1)), "at least two positive integers"),
    (lambda: network((1, 2, 1), "relu6"), "activation must be one of tanh, sigmoid"),
    (lambda: network((1, 2, 1), sp.Integer(3)), "a SymPy expression in one symbol"),
    (lambda: network((1, 2, 1), sp.Symbol("a") * sp.Symbol("b")), "in one symbol"),
    (lambda: network((1, 2, 1), sp.Function("f")(sp.Symbol("z"))), "insert a function"),
    (lambda: ridge(2)(np.zeros(7), np.zeros((3, 2))), r"x must have shape \(N, 1\) or \(N,\)"),
    (lambda: ridge(2)(np.zeros(6), np.zeros(3)), r"theta must have shape \(..., 7\)"),
    (lambda: ridge(2)(np.full(7, np.nan), np.zeros(3)), "theta must be finite, but entry 0 is nan"),
    (lambda: ridge(2)(np.zeros(7), [np.inf]), "x must be finite"),
    (lambda: ridge(2)(np.zeros(7), np.zeros(3), derivative=(1, 0)), "each of the 1 coordinates"),
    (lambda: ridge(2)(np.zeros(7), np.zeros(3), derivative=-1), "non-negative"),
    (lambda: ridge(2).features(np.zeros(7), np.zeros(3), ()), "at least one multi-index"),
    (lambda: ridge(2).jacobian(np.zeros(7), np.zeros(3), out=np.zeros((7, 3))), "out must have shape"),
    (lambda: ridge(2, activation=sp.Abs(sp.Symbol("z", real=True)))(np.zeros(7), np.zeros(3), derivative=2),
     "smoother functions"),
])
def test_bad_input(make, message):
    with pytest.raises(ValueError, match=message):
        make()
