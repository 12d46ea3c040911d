"""Sections 2 to 5 of bai2022: every verdict has its record, and the statements hold in more dimensions than two."""

from __future__ import annotations

from itertools import combinations

import mpmath
import numpy as np
import pytest
import sympy as sp
from scipy.linalg import expm

from sobolevkernels.symbolic import (
    bai2022_empirical_loss,
    bai2022_flatness,
    bai2022_pullback,
    bai2022_pushforward,
    tangent,
)
from sobolevkernels.symbolic.catalogue import identities
from sobolevkernels.symbolic.identity import equation

CHAPTERS = (bai2022_pullback, bai2022_empirical_loss, bai2022_pushforward, bai2022_flatness)
RECORDS = [record for chapter in CHAPTERS for record in chapter.IDENTITIES]


PAIRS = [
    (record, identities[label]) for record in RECORDS if record.proof for label in record.corrects
    if isinstance(record.statement, sp.Eq) and isinstance(identities[label].statement, sp.Eq)
]


@pytest.mark.parametrize(("correction", "misprint"), PAIRS, ids=lambda record: record.label)
def test_the_proof_of_a_correction_rejects_the_misprint(correction, misprint):
    residuals = tuple(correction.proof(misprint.statement))
    assert any(residual != 0 for residual in residuals)


def test_most_misprints_are_paired():
    assert len(PAIRS) >= 14


# --- three parameters, five points, a metric that is not diagonal -------------------------------

_entries = iter(sp.Rational(j * j * 7 % 41 - 19, 6) for j in range(2, 400))
_matrix = lambda rows, columns: sp.Matrix(rows, columns, lambda *_: next(_entries))
_factor, J, N, U, V = _matrix(5, 5), _matrix(5, 3), _matrix(5, 1), _matrix(5, 1), _matrix(3, 1)
G = _factor * _factor.T + sp.eye(5)
PULLBACK = J.T * G * J
P = J * PULLBACK.inv() * J.T * G
S = J * J.T * G
LEFT_INVERSE = PULLBACK.inv() * J.T * G


def _inner(one: sp.Matrix, other: sp.Matrix, metric: sp.Matrix = G) -> sp.Expr:
    return (one.T * metric * other)[0]


def _orthonormal() -> list[tuple[sp.Matrix, sp.Expr]]:
    """Gram-Schmidt in the metric: vectors and their squared lengths."""
    basis: list[tuple[sp.Matrix, sp.Expr]] = []
    for k in range(3):
        vector = J[:, k]
        for h, length in basis:
            vector = vector - h * _inner(J[:, k], h) / length
        basis.append((vector, _inner(vector, vector)))
    return basis


def test_the_setting_is_general_enough():
    assert G.is_positive_definite
    assert J.rank() == 3
    assert not G.is_diagonal()


def test_section_2_with_three_parameters():
    slope = J.T * G * N
    natural = PULLBACK.inv() * slope
    by_basis = sum((h * _inner(N, h) / length for h, length in _orthonormal()), sp.zeros(5, 1))
    assert J * natural == P * N == by_basis  # Lemma 1 (i), (27)
    assert J * natural != N  # Lemma 1 (ii) as printed
    assert natural == LEFT_INVERSE * P * N  # the flow lines correspond
    assert all(_inner(P * N, J[:, k]) == _inner(N, J[:, k]) for k in range(3))  # (26)
    assert _inner(N, N) == slope.dot(natural) + _inner(N - P * N, N - P * N)
    assert _inner(N - J * V, N - J * V) - _inner(N - P * N, N - P * N) == _inner(P * N - J * V, P * N - J * V) > 0
    printed = sum((PULLBACK.inv()[i, j] * slope[i] * J[:, i] for i in range(3) for j in range(3)), sp.zeros(5, 1))
    assert all(one != other for one, other in zip(printed, P * N, strict=True))  # the proof of (4)
    metric = sp.eye(3) + V * V.T
    error = _inner(J * (metric.inv() * slope - natural), J * V)
    assert error == (V.T * PULLBACK * metric.inv() * (PULLBACK - metric) * natural)[0] != 0  # Remark 2


def test_proposition_5_with_three_parameters():
    pairings, inverse = J.T * N, PULLBACK.inv()
    right = sum((inverse[k, l] * pairings[k] * J[:, l] for k in range(3) for l in range(3)), sp.zeros(5, 1))
    line1 = sum((inverse[k, l] * pairings[l] * J[:, l] for k in range(3) for l in range(3)), sp.zeros(5, 1))
    gradient = G.inv() * N  # Σ_i K(x_i, ·) c_i with the kernel matrix G⁻¹
    assert right == P * gradient  # (10), (20)
    assert line1 != right


def test_kernels_of_the_tangent_space_with_three_parameters():
    kernel = P * G.inv()  # column x is P d_x
    by_basis = sum((h * h.T / length for h, length in _orthonormal()), sp.zeros(5, 5))
    assert kernel == by_basis == J * PULLBACK.inv() * J.T  # (18), (19)
    assert all(_inner(J * V, kernel[:, x]) == (J * V)[x] for x in range(5))
    euclidean = J * (J.T * J).inv()
    assert J * J.T * euclidean == J  # (29)
    assert euclidean.T * J * J.T * euclidean == sp.eye(3)  # Lemma 6
    represented = euclidean * PULLBACK
    assert represented.T * kernel * represented == PULLBACK  # its generalisation


def test_the_map_s_with_three_parameters():
    assert S * P == S
    assert S * S == J * PULLBACK * J.T * G != S
    assert S * J * PULLBACK.inv() == J  # onto
    assert P * P == P != sp.eye(5)
    normalised = J * sp.diag(*(1 / PULLBACK[k, k] for k in range(3))) * J.T * G
    moved = sum((PULLBACK[0, k] / PULLBACK[k, k] * J[:, k] for k in (1, 2)), sp.zeros(5, 1))
    assert normalised * J[:, 0] == J[:, 0] + moved != J[:, 0]
    normal = sp.eye(5) - P
    mixed = LEFT_INVERSE.T * LEFT_INVERSE + normal.T * G * normal
    gradient = mixed.inv() * G * N  # in the mixed metric
    assert P * gradient == S * N
    assert normal * gradient == normal * N


def test_vector_valued_functions_are_rows_of_points_and_components():
    """Lemma 6 for two outputs at three points, with the kernel as a matrix of 2 × 2 blocks."""
    basis = _matrix(6, 2)
    block = lambda x, y: sum((basis[2 * x : 2 * x + 2, l] * basis[2 * y : 2 * y + 2, l].T for l in range(2)),
                             sp.zeros(2, 2))
    kernel = sp.Matrix(sp.BlockMatrix([[block(x, y) for y in range(3)] for x in range(3)]))
    assert block(0, 1) != block(0, 1).T
    coefficients = basis * (basis.T * basis).inv()
    assert kernel * coefficients == basis
    assert coefficients.T * kernel * coefficients == sp.eye(2)


def test_pushforwards_with_three_parameters():
    left = (J.T * J).inv() * J.T
    halved = ((J / 2).T * J / 2).inv() * (J / 2).T
    assert halved.T * halved != left.T * left / 4
    assert J.T * halved.T * halved * J == 4 * J.T * left.T * left * J == 4 * sp.eye(3)
    assert (J / 2) * (J / 2).T == J * J.T / 4
    wider = J.row_join(_matrix(5, 1))
    extended = (wider.T * wider).inv() * wider.T
    assert J.T * extended.T * extended * J == sp.eye(3)
    assert wider * wider.T != J * J.T
    slopes = J.T * N  # the tangent kernel is dual to the pushforward
    assert N.dot(J * slopes) ** 2 == (N.T * J * J.T * N)[0] * slopes.dot(slopes)


def test_pullback_determinant_is_the_sum_of_squared_minors():
    minors = [J.extract(list(rows), [0, 1, 2]).det() for rows in combinations(range(5), 3)]
    assert (J.T * J).det() == sum(minor**2 for minor in minors)


# --- functions of the line ----------------------------------------------------------------------


def test_lemma_4_with_the_kernel_itself():
    """⟨Σ_i d_(x_i) L', h⟩ in H¹(R) by quadrature of f g + f' g', with d_x = e^(-|x-y|)/2, against differences."""
    places, slopes = [-0.5, 1.25], [0.7, -1.9]
    h, dh = (lambda y: mpmath.exp(-(y**2)) * (1 + y)), (lambda y: mpmath.exp(-(y**2)) * (1 - 2 * y - 2 * y**2))
    gradient = lambda y: sum(c * mpmath.exp(-abs(y - x)) / 2 for x, c in zip(places, slopes, strict=True))
    dgradient = lambda y: sum(-c * mpmath.sign(y - x) * mpmath.exp(-abs(y - x)) / 2
                              for x, c in zip(places, slopes, strict=True))
    pairing = mpmath.quad(lambda y: gradient(y) * h(y) + dgradient(y) * dh(y), [-12, *places, 12])
    loss = lambda t: sum(mpmath.sin(c * t * h(x)) for x, c in zip(places, slopes, strict=True))  # slope c at f = 0
    assert mpmath.almosteq(pairing, mpmath.diff(loss, 0), rel_eps=1e-10)


def test_stochastic_descent_is_a_sum_of_kernels():
    """(13) on a grid, six steps with the kernel of H¹, against descent of the function itself; z_t is from before."""
    grid = np.linspace(-3, 3, 61)
    rng = np.random.default_rng(13)
    seen, labels, steps = rng.choice(61, 6, replace=False), rng.normal(size=6), rng.uniform(0.5, 2, 6)
    kernel = lambda one, other: np.exp(-np.abs(one - other)) / 2
    slope = lambda z, label: np.tanh(z - label) + (z - label) ** 3
    f, before, after = np.zeros(61), [], []
    for x, label, step in zip(seen, labels, steps, strict=True):
        before.append(f[x])
        f = f - step * kernel(grid, grid[x]) * slope(f[x], label)
        after.append(f[x])
    expansion = lambda values: -sum(step * kernel(grid, grid[x]) * slope(z, label) for x, label, step, z
                                    in zip(seen, labels, steps, values, strict=True))
    np.testing.assert_allclose(expansion(before), f, rtol=0, atol=1e-13 * np.abs(f).max())
    assert np.abs(expansion(after) - f).max() > 0.1


def test_the_flow_of_the_record_is_the_matrix_exponential():
    record = identities["bai2022.introduction.flow"]
    values = {"a": 2.0, "b": -1.5, "start": 3.0, "time": 0.7}
    left, right = (float(side.subs({symbol: values[symbol.name] for symbol in side.free_symbols}))
                   for side in record.statement.args)
    flow = expm(-0.7 * np.array([[2.0, -1.5], [-1.5, 2.0]])) @ [3.0, 0.0]
    assert left == pytest.approx(flow[0], rel=1e-13)
    assert right == pytest.approx(3 * np.exp(-1.4), rel=1e-13)


def test_a_rectified_unit_has_a_degenerate_metric_and_a_slice():
    """A.1: v(x) = ω2 max(ω1 x, 0); the metric of the plane is singular, that of a slice is not."""
    x = np.linspace(-1, 1, 21)
    unit = np.maximum(x, 0)
    target = np.cos(x)
    directions = []
    for scale in (0.5, 1.0, 4.0):
        product = 0.9
        J = np.stack([product / scale * unit, scale * unit], axis=1)
        assert np.linalg.matrix_rank(J) == 1
        gradient = product * unit - target
        on_slice = J[:, 1] * (J[:, 1] @ gradient) / (J[:, 1] @ J[:, 1])
        np.testing.assert_allclose(J @ np.linalg.pinv(J) @ gradient, on_slice, atol=1e-13)
        directions.append(on_slice)
    np.testing.assert_allclose(directions[1:], directions[:1] * np.ones((2, 1)), atol=1e-14)


# --- flatness -----------------------------------------------------------------------------------


def _components(values: np.ndarray) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], values, [False]]).astype(int)))
    return list(zip(edges[::2], edges[1::2] - 1, strict=True))


def test_definition_7_has_several_sets_and_the_repaired_one_has_one():
    x = np.linspace(-1.5, 0.5, 200_001)
    loss, epsilon = (x + x**2) ** 2, 36 / 625
    printed = [(x[i], x[j]) for i, j in _components((loss > 1e-18) & (loss < epsilon))]
    expected = [(-1.2, -1.0), (-1.0, -0.6), (-0.4, 0.0), (0.0, 0.2)]
    np.testing.assert_allclose(printed, expected, atol=3e-5)
    repaired = [(x[i], x[j]) for i, j in _components(loss < epsilon)]
    around = [ends for ends in repaired if ends[0] < 0 < ends[1]]
    np.testing.assert_allclose(around, [(-0.4, 0.2)], atol=3e-5)
    record = identities["sobolev.flatness"]
    value = record.statement.rhs.subs(sp.Symbol("e", positive=True), sp.Rational(6, 25))
    assert value == sp.Rational(3, 5)


@pytest.mark.parametrize("turn", [1, -1])
def test_the_repaired_flatness_does_not_depend_on_the_chart(turn):
    """The component is found again in the chart α(x) = ± sinh(2x), and measured there."""
    loss = lambda y: (y + y**2) ** 2 - 36 / 625
    speed = lambda y: np.sqrt(1 + 4 * y**2)  # φ(y) = (y, y²)
    nodes, weights = np.polynomial.legendre.leggauss(60)

    def volume(level, density, outer):
        ends = []
        for inside, outside in ((0.0, -outer), (0.0, outer)):
            step = np.linspace(inside, outside, 4001)
            outside = step[np.argmax(level(step) >= 0)]
            inside = outside - (step[1] - step[0])
            for _ in range(80):
                middle = (inside + outside) / 2
                inside, outside = (middle, outside) if level(middle) < 0 else (inside, middle)
            ends.append(outside)
        at = (ends[1] - ends[0]) / 2 * nodes + (ends[0] + ends[1]) / 2
        return abs(ends[1] - ends[0]) / 2 * weights @ density(at)

    alpha = lambda x: turn * np.sinh(2 * x)
    here = volume(loss, speed, 0.5)
    there = volume(lambda x: loss(alpha(x)), lambda x: speed(alpha(x)) * 2 * np.cosh(2 * x), 0.4)
    assert there == pytest.approx(here, rel=1e-12)


def test_a_pushforward_along_an_immersion_of_the_line_has_two_values():
    """bai2022.section5.exists: both parameters have the image 1, the speeds there are 2 ± c."""
    c = 0.75
    phi = lambda x: np.exp(1j * (2 * x + c * np.sin(x)))
    assert abs(phi(0) - phi(np.pi)) < 1e-15
    speeds = [abs(phi(x + 1e-6) - phi(x - 1e-6)) / 2e-6 for x in (0, np.pi)]
    np.testing.assert_allclose(speeds, [2 + c, 2 - c], rtol=1e-9)
    record = identities["bai2022.section5.exists"]
    sides = [float(side.doit().subs(sp.Symbol("c", real=True), sp.Rational(3, 4))) for side in record.statement.args]
    np.testing.assert_allclose(sides, 1 / np.square(speeds), rtol=1e-8)


# --- the proof that these chapters share --------------------------------------------------------


def test_the_cross_product_is_zero_for_zero_only():
    x, y = sp.symbols("x y", real=True)
    assert tangent.cross_product(1 / (x - y) + 1 / (x + y) - 2 * x / (x**2 - y**2)) == 0
    assert tangent.cross_product(1 / (x - y) + 1 / (x + y) - 2 * y / (x**2 - y**2)) != 0
    expr = x / (1 + y) ** 2 + (x - 1) ** 3 / y - 5
    top, bottom = sp.fraction(sp.together(expr))
    assert sp.rem(tangent.cross_product(expr), sp.expand(top), x) == 0
    assert sp.simplify(tangent.cross_product(expr) / top).free_symbols <= bottom.free_symbols


def test_exponentials_roots_and_pi_get_letters():
    x, y = sp.symbols("x y", positive=True)
    assert list(tangent.exact(equation(sp.exp((x - y) ** 2 / 2), sp.exp(x**2 / 2) * sp.exp(y**2 / 2 - x * y)))) == [0]
    assert list(tangent.exact(equation(sp.sqrt(sp.pi * x) * sp.sqrt(2), sp.sqrt(2 * sp.pi) * sp.sqrt(x)))) == [0]
    assert list(tangent.exact(equation(sp.exp(x / 2), sp.exp(x / 4)))) != [0]
    assert list(tangent.exact(equation(sp.sqrt(sp.pi), sp.pi))) != [0]
