"""Section 6.1 and Appendix E of bai2022: the statements in more points, other kernels and real activations."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import sympy as sp
from mpmath import mp

import sobolevkernels as sk
from sobolevkernels.symbolic import bai2022_network, bai2022_projection, kernel_metric
from sobolevkernels.symbolic.bai2022_network import A, B, X, alpha, e, w
from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.evaluate import evaluate

RECORDS = [*bai2022_projection.IDENTITIES, *bai2022_network.IDENTITIES]
PAIRS = [
    (record, identities[label]) for record in RECORDS if record.proof for label in record.corrects
    if isinstance(record.statement, sp.Eq) == isinstance(identities[label].statement, sp.Eq)
]


@pytest.mark.parametrize(("correction", "misprint"), PAIRS, ids=lambda record: record.label)
def test_the_proof_of_a_correction_rejects_the_misprint(correction, misprint):
    assert all(residual == 0 for residual in correction.proof(correction.statement))
    assert any(residual != 0 for residual in correction.proof(misprint.statement))


def test_most_misprints_are_paired():
    assert len(PAIRS) >= 10


def test_the_labels_that_the_solvers_cite_are_proved():
    for name in ("kernel-metric-least-squares", "woodbury-step", "natural-step-least-squares"):
        assert identities[f"sobolev.{name}"].verify().status == "proved"


# --- any number of points -----------------------------------------------------------------------


def exact(rows: int, columns: int, seed: int) -> sp.Matrix:
    """A matrix of small rational numbers, the same in every run."""
    return sp.Matrix(rows, columns, lambda p, q: sp.Rational((7 * p * p + 5 * q + 3 * p * q + seed) % 19 - 9, 6))


@pytest.mark.parametrize("count", [1, 3, 5])
def test_the_projection_in_any_number_of_points(count):
    """E is the evaluation in an orthonormal basis of a space of larger dimension: P = Eᵀ K^(-1) E."""
    E = exact(count, count + 2, 4).col_insert(0, sp.eye(count))
    K = E * E.T
    P = E.T * K.inv() * E
    assert P * P == P == P.T
    assert E * P == E
    J = E * exact(E.cols, 2, 1)
    tangent = exact(E.cols, 2, 1)
    assert J.T * K.inv() * J == (P * tangent).T * (P * tangent)
    loewner = tangent.T * tangent - J.T * K.inv() * J
    assert min(loewner[0, 0], loewner[1, 1], loewner.det()) >= 0
    fewer = J[:-1, :].T * K[:-1, :-1].inv() * J[:-1, :] if count > 1 else sp.zeros(2)
    grown = J.T * K.inv() * J - fewer
    assert min(grown[0, 0], grown[1, 1], grown.det()) >= 0


@pytest.mark.parametrize(("points", "parameters"), [(4, 2), (2, 5)])
def test_the_solves_in_other_shapes(points, parameters):
    C = exact(points, points, 2).lower_triangular() + 3 * sp.eye(points)
    J, g, r = exact(points, parameters, 5), exact(points, 1, 3), exact(points, 1, 8)
    step, weight = exact(parameters, 1, 7), sp.Rational(3, 10)
    square = lambda vector: vector.dot(vector)
    K = C * C.T
    assert square(C.inv() * J * step + C.T * g) == (
        square(C.inv() * J * step) + 2 * step.dot(J.T * g) + (g.T * K * g)[0])
    dual = J.T * (J * J.T + weight * sp.eye(points)).inv() * r
    assert dual == (J.T * J + weight * sp.eye(parameters)).inv() * J.T * r


# --- the kernel of the line ---------------------------------------------------------------------


def line_metric(x: np.ndarray, values: np.ndarray) -> float:
    """uᵀ K^(-1) u by a solve with the dense Gram matrix."""
    return float(values @ np.linalg.solve(sk.SobolevKernel(dim=1, order=1)(x), values))


def test_the_markov_formula_for_many_unequal_points():
    x = np.cumsum([0.1, 0.7, 0.05, 1.3, 2.0, 0.4, 0.9])
    u = np.sin(3 * x) + x
    rho = np.exp(-np.diff(x))
    formula = 2 * u[0] ** 2 + 2 * ((u[1:] - rho * u[:-1]) ** 2 / (1 - rho**2)).sum()
    assert formula == pytest.approx(line_metric(x, u), rel=1e-12)


@pytest.mark.parametrize(("N", "h"), [(2, 1.0), (17, 0.3), (40, 2.0)])
def test_eigenvalues_constants_and_waves(N, h):
    x = h * np.arange(N)
    eigenvalues = np.linalg.eigvalsh(sk.SobolevKernel(dim=1, order=1)(x))
    assert np.tanh(h / 2) / 2 < eigenvalues[0]
    assert eigenvalues[-1] < 1 / (2 * np.tanh(h / 2))
    assert line_metric(x, np.ones(N)) == pytest.approx(2 + 2 * (N - 1) * np.tanh(h / 2), rel=1e-12)
    both = line_metric(x, np.cos(1.7 * x + 1)) + line_metric(x, np.sin(1.7 * x + 1))
    assert both == pytest.approx(2 + 2 * (N - 1) * (np.cosh(h) - np.cos(1.7 * h)) / np.sinh(h), rel=1e-12)


def test_the_bounds_of_the_condition_number_are_sharp():
    bound = 1 / np.tanh(0.25) ** 2
    conditions = [np.linalg.cond(sk.SobolevKernel(dim=1, order=1)(0.5 * np.arange(N))) for N in (3, 10, 100)]
    assert conditions == sorted(conditions)
    assert 0.99 * bound < conditions[-1] < bound


def test_dense_points_give_the_norm_of_the_least_continuation():
    u = lambda s: mpmath.sin(2 * s) + s**2
    limit = u(-1) ** 2 + u(1) ** 2 + mpmath.quad(lambda s: u(s) ** 2 + mpmath.diff(u, s) ** 2, [-1, 1])
    errors = []
    for count in (21, 41, 81):
        x = np.linspace(-1, 1, count)
        errors.append(float(limit) - line_metric(x, np.sin(2 * x) + x**2))
    assert errors[0] > errors[1] > errors[2] > 0
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize("order", [1, 2])
def test_below_the_norm_where_there_is_one_and_growing_where_there_is_none(order):
    """A Gaussian, whose norm is ∫ (1+ξ²)^order e^(-ξ²) dξ, and tanh, which has none."""
    kernel = sk.SobolevKernel(dim=1, order=order)
    norm = float(mpmath.quad(lambda s: (1 + s**2) ** order * mpmath.exp(-(s**2)), [-mpmath.inf, mpmath.inf]))
    gauss, step = [], []
    for reach in (2, 4, 8, 16):
        x = np.linspace(-reach, reach, 8 * reach + 1)
        solve = np.linalg.solve(kernel(x), np.stack([np.exp(-(x**2) / 2), np.tanh(x)], axis=1))
        gauss.append(np.exp(-(x**2) / 2) @ solve[:, 0])
        step.append(np.tanh(x) @ solve[:, 1])
    assert all(low < high * (1 + 1e-9) for low, high in zip(gauss, [*gauss[1:], norm], strict=True))
    assert gauss[-1] > 0.99 * norm
    assert np.diff(step)[1:] == pytest.approx([8, 16], rel=0.01)  # 1 per length: tanh² far from 0


def test_two_points_of_smaller_distance_are_worse_conditioned():
    kernel = sk.SobolevKernel.from_bessel_potential(dim=3, s=6)
    points = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0]])
    for scale in (1, 20, 400):
        condition = np.linalg.cond(kernel(points / scale))
        assert condition > 4 * scale**2 / 9 - 1
        assert condition < 4 * scale**2 / 9 * (1 + 10 / scale) + 10


# --- the Kronecker factors ----------------------------------------------------------------------


def test_the_block_of_a_layer_and_the_order_of_its_factors():
    rng = np.random.default_rng(0)
    inputs, slopes = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
    K = sk.SobolevKernel(dim=1, order=2)(np.arange(6.0))
    weight = np.linalg.inv(K)
    jacobian = np.einsum("nd,na->nda", slopes, inputs)  # ∂φ/∂W, W of shape (outputs, inputs)
    columns = jacobian.transpose(0, 2, 1).reshape(6, -1)  # vec stacks columns
    block = sum(weight[i, j] * np.kron(np.outer(inputs[i], inputs[j]), np.outer(slopes[i], slopes[j]))
                for i in range(6) for j in range(6))
    np.testing.assert_allclose(columns.T @ weight @ columns, block, atol=1e-9 * abs(block).max())
    A_factor, S_factor, V = inputs.T @ weight @ inputs, slopes.T @ weight @ slopes, rng.normal(size=(2, 3))
    solution = np.linalg.solve(np.kron(A_factor, S_factor), V.ravel(order="F"))
    expected = np.linalg.inv(S_factor) @ V @ np.linalg.inv(A_factor)
    np.testing.assert_allclose(solution, expected.ravel(order="F"), rtol=1e-8)
    np.testing.assert_allclose(np.linalg.solve(np.kron(S_factor, A_factor), V.ravel()), expected.ravel(), rtol=1e-8)


# --- real activations ---------------------------------------------------------------------------

ACTIVATIONS = {
    "tanh": mpmath.tanh, "softplus": lambda s: mpmath.log(1 + mpmath.exp(s)), "sine": mpmath.sin,
    "gaussian": lambda s: mpmath.exp(-(s**2)),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("label", ["outer-weight", "inner-weight", "bias"])
def test_quadratics_are_as_good_as_any_activation(label, name):
    """Fit the quadratics of a record to an activation where it is needed; the record then has its derivative."""
    f = ACTIVATIONS[name]
    record = identities[f"sobolev.network-{label}"]
    numbers = {symbol: sp.Rational(k * k % 7 - 3, 4) or sp.Rational(1, 5)
               for k, symbol in enumerate(sorted(record.statement.free_symbols, key=str))}
    with mp.workdps(40):
        value = lambda expr: mp.mpf(sp.N(numbers.get(expr, 0), 40))  # 0 for the entries that w replaces
        at = value(w)

        def forward(weight):
            first = [[value(A[p, q]) for q in range(2)] for p in range(2)]
            second = [[value(B[p, q]) for q in range(2)] for p in range(2)]
            bias = weight if label == "bias" else mp.mpf(0)
            if label == "inner-weight":
                first[1][0] = value(alpha) * weight
            if label == "outer-weight":
                second[1][0] = value(sp.Symbol("beta", real=True)) * weight
            z = [sum(first[p][q] * value(X[q]) for q in range(2)) + p * bias for p in range(2)]
            y = [sum(second[p][q] * f(z[q]) for q in range(2)) for p in range(2)]
            return z, y

        z, y = forward(at)
        slope = lambda s: mpmath.diff(f, s)
        first = mpmath.lu_solve(mpmath.matrix([[1, z[0], z[0] ** 2], [1, z[1], z[1] ** 2], [0, 1, 2 * z[1]]]),
                                mpmath.matrix([f(z[0]), f(z[1]), slope(z[1])]))
        second = mpmath.lu_solve(mpmath.matrix([[1, 2 * y[0]], [1, 2 * y[1]]]), mpmath.matrix([slope(s) for s in y]))
        fitted = {f"p{k}": first[k] for k in range(3)} | {"q1": second[0], "q2": second[1], "q0": mp.mpf(0)}
        point = {symbol: fitted.get(symbol.name, value(symbol)) for symbol in numbers}
        formula = sp.lambdify(list(point), record.statement.rhs, "mpmath")(*point.values())
        truth = mpmath.diff(lambda s: sum(value(e[k]) * f(forward(s)[1][k]) for k in range(2)), at)
        assert mpmath.almosteq(formula, truth, rel_eps=mp.mpf(10) ** -12)


@pytest.mark.parametrize("f", [mpmath.sech, lambda s: s * mpmath.exp(-(s**2)), lambda s: mpmath.exp(-((s - 1) ** 2))])
def test_no_square_integrable_activation_makes_the_blocks_orthogonal(f):
    scale, outer = mp.mpf(3) / 2, mp.mpf(2)
    line = [-mpmath.inf, -2, 0, 2, mpmath.inf]
    entry = mpmath.quad(lambda s: outer * s * mpmath.diff(f, scale * s) * f(scale * s), line)
    norm = mpmath.quad(lambda s: f(scale * s) ** 2, line)
    assert mpmath.almosteq(entry, -outer / (2 * scale) * norm, rel_eps=1e-10)


def test_the_off_diagonal_entry_converges_while_the_diagonal_one_does_not():
    entry, diagonal = (identities[label].statement.rhs
                       for label in ("bai2022.appendix-e.off-diagonal", "sobolev.network-l2-outer"))
    at = lambda expr, reach: evaluate(expr.subs(
        {symbol: {"R": reach, "a": 2, "w2": 3}[symbol.name] for symbol in expr.free_symbols})).middle
    assert at(entry, 30) == pytest.approx(3 / 4, rel=1e-12)
    assert at(diagonal, 300) - at(diagonal, 30) == pytest.approx(540, rel=1e-12)


def test_a_second_activation_can_make_a_tangent_function_decay_in_the_plane():
    """tanh(z_1² + z_2²) for the identity as A: the outer weight has sech²(r²) z_1², which is in L²(R²)."""
    radial = lambda s: mpmath.pi * 3 / 4 * s**5 * mpmath.sech(s**2) ** 4  # ∫ cos⁴ = 3π/4
    inside, outside = mpmath.quad(radial, [0, 1, 4]), mpmath.quad(radial, [4, 8])
    assert inside > 0.1
    assert outside < 1e-10 * inside


def test_the_formulas_of_the_line_are_those_of_the_kernel():
    gram = kernel_metric.line_gram(sp.Rational(1, 2), sp.Integer(2))
    np.testing.assert_allclose(
        np.array(gram.evalf(), float), sk.SobolevKernel(dim=1, order=1)(np.array([0.0, 0.5, 2.5])), rtol=1e-14)
