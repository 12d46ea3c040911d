"""Least-squares solves against exact arithmetic, and what they report."""

import warnings

import mpmath
import numpy as np
import pytest

from sobolevkernels import SingularMetricWarning
from sobolevkernels.descent.solves import Factor, least_squares

RNG = np.random.default_rng(5)


def graded(rows, columns, condition, seed=0):
    """A matrix with singular values from 1 down to 1/condition."""
    rng = np.random.default_rng(seed)
    size = min(rows, columns)
    left = np.linalg.qr(rng.normal(size=(rows, size)))[0]
    right = np.linalg.qr(rng.normal(size=(columns, size)))[0]
    return left * np.geomspace(1, 1 / condition, size) @ right.T


def exact(matrix, b, damping=0.0):
    """(BᵀB + λ)⁻¹ Bᵀb in sixty digits; for wide matrices Bᵀ(BBᵀ + λ)⁻¹ b."""
    with mpmath.workdps(60):
        m, c = mpmath.matrix(matrix.tolist()), mpmath.matrix(b.tolist())
        wide = matrix.shape[0] < matrix.shape[1]
        gram = m * m.T if wide else m.T * m
        gram = gram + mpmath.mpf(damping) * mpmath.eye(gram.rows)
        solution = m.T * mpmath.lu_solve(gram, c) if wide else mpmath.lu_solve(gram, m.T * c)
        return np.array([float(x) for x in solution])


def relative(found, true):
    return np.linalg.norm(found - true) / np.linalg.norm(true)


@pytest.mark.parametrize("shape", [(12, 5), (5, 5), (4, 9)])
@pytest.mark.parametrize("damping", [0.0, 1e-6, 1e-3])
def test_solution_is_that_of_exact_arithmetic(shape, damping):
    matrix, b = graded(*shape, 1e4), RNG.normal(size=shape[0])
    for solve in (lambda: least_squares(matrix, b, 0.0, damping), lambda: Factor.of(matrix).solve(b, 0.0, damping)):
        assert relative(solve().direction, exact(matrix, b, damping)) < 1e-10
    assert relative(least_squares(matrix, b, 0.0, damping).direction, exact(matrix, b, 10 * damping + 1e-5)) > 1e-6


@pytest.mark.parametrize("damping", [0.0, 1e-3])
def test_gram_solution_is_that_of_exact_arithmetic(damping):
    matrix, b = graded(12, 5, 1e3), RNG.normal(size=12)
    solution = Factor.of(matrix).solve_gram(matrix.T @ b, 0.0, damping)
    assert relative(solution.direction, exact(matrix, b, damping)) < 1e-9


@pytest.mark.parametrize(("rows", "columns"), [(40, 8), (200, 20), (20, 20)])
@pytest.mark.parametrize("seed", range(4))
def test_condition_numbers_are_not_squared(rows, columns, seed):
    matrix = graded(rows, columns, 1e10, seed)
    b = matrix @ np.random.default_rng(seed).normal(size=columns)
    squared = np.linalg.solve(matrix.T @ matrix, matrix.T @ b)
    assert np.linalg.norm(matrix @ squared - b) / np.linalg.norm(b) > 1e-12
    for solution in (least_squares(matrix, b), Factor.of(matrix).solve(b)):
        assert np.linalg.norm(matrix @ solution.direction - b) / np.linalg.norm(b) < 1e-14
        assert solution.condition == pytest.approx(1e10, rel=1e-4)
        assert solution.residual < 1e-14


def test_a_batch_is_many_solves():
    matrices, b = RNG.normal(size=(3, 7, 4)), RNG.normal(size=(3, 7))
    damping = np.array([0.0, 1e-3, 10.0])
    for cutoff, strengths in ((None, damping), (0.3, np.zeros(3)), (None, np.zeros(3))):
        batch = least_squares(matrices, b, cutoff, strengths)
        for i in range(3):
            one = least_squares(matrices[i], b[i], cutoff, strengths[i])
            np.testing.assert_allclose(batch.direction[i], one.direction, rtol=1e-12)
            assert batch.rank[i] == one.rank
            assert batch.condition[i] == pytest.approx(float(one.condition))
            assert batch.residual[i] == pytest.approx(float(one.residual))


def test_a_cutoff_leaves_out_small_directions():
    matrix, b = np.diag([1.0, 1e-3, 1e-6]), np.array([1.0, 1.0, 1.0])
    solution = least_squares(matrix, b, cutoff=1e-4)
    np.testing.assert_allclose(solution.direction, [1.0, 1e3, 0.0], atol=1e-12)
    assert solution.rank == 2
    assert solution.residual == pytest.approx(1 / np.sqrt(3))
    assert solution.condition == pytest.approx(1e6)


def test_a_singular_metric_is_an_answer_with_a_warning():
    matrix, b = np.array([[1.0, 1.0], [2.0, 2.0], [0.0, 0.0]]), np.array([1.0, 2.0, 0.0])
    for solve in (least_squares, lambda m, c: least_squares(m[None], c[None]), lambda m, c: Factor.of(m).solve(c),
                  lambda m, c: Factor.of(m).solve_gram(m.T @ c)):
        with pytest.warns(SingularMetricWarning, match="rank is 1 for 2 parameters"):
            solution = solve(matrix, b)
        np.testing.assert_allclose(solution.direction.ravel(), [0.5, 0.5], rtol=1e-12)
        assert np.isinf(solution.condition).all() or (solution.condition > 1e15).all()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # whoever says what shall happen is not warned
        least_squares(matrix, b, cutoff=1e-12)
        least_squares(matrix, b, damping=1e-12)


def test_more_parameters_than_points_take_the_least_step():
    matrix, b = RNG.normal(size=(3, 8)), RNG.normal(size=3)
    with pytest.warns(SingularMetricWarning, match="rank is 3 for 8"):
        solution = least_squares(matrix, b)
    assert relative(solution.direction, exact(matrix, b)) < 1e-12
    assert np.isinf(solution.condition)


def test_zero_right_side_and_zero_matrix():
    assert not least_squares(np.eye(2), np.zeros(2)).direction.any()
    with pytest.warns(SingularMetricWarning, match="rank is 0"):
        solution = least_squares(np.zeros((3, 2)), np.ones(3))
    assert not solution.direction.any()
    assert solution.residual == 1


@pytest.mark.parametrize(("kwargs", "message"), [
    ({"cutoff": -1e-3}, "cutoff must lie in"), ({"cutoff": 1.0}, "cutoff must lie in"),
    ({"damping": -1.0}, "damping must be finite"), ({"damping": np.nan}, "damping must be finite")])
def test_bad_parameters(kwargs, message):
    with pytest.raises(ValueError, match=message):
        least_squares(np.eye(2), np.ones(2), **kwargs)
