"""The Gram matrix as an operator: what the matrix does, without the matrix."""

import tracemalloc

import numpy as np
import pytest
from scipy.sparse.linalg import cg

from sobolevkernels import SobolevKernel, set_fast, set_threads

KERNELS = [SobolevKernel(dim=1, order=1), SobolevKernel(dim=3, order=3, kappa=2), SobolevKernel(dim=2, order=1.7)]


@pytest.fixture(params=[False, True], ids=["numpy", "compiled"], autouse=True)
def _road(request):
    set_fast(request.param)
    yield
    set_fast(True)
    set_threads(None)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize("threads", [1, 2])
def test_it_does_what_the_matrix_does(kernel, threads):
    set_threads(threads)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(700, kernel.dim)), rng.normal(size=(333, kernel.dim))
    matrix, square = kernel(x, y), kernel(x)
    across, operator = kernel.operator(x, y), kernel.operator(x, diagonal=0.5)
    assert across.shape == (700, 333)
    assert operator.shape == (700, 700)
    for columns in ((), (1,), (4,)):
        v, w = rng.normal(size=(333, *columns)), rng.normal(size=(700, *columns))
        assert (across @ v).shape == (700, *columns)
        assert np.allclose(across @ v, matrix @ v, rtol=1e-12, atol=1e-13)
        assert np.allclose(across.T @ w, matrix.T @ w, rtol=1e-12, atol=1e-13)
        assert np.allclose(operator @ w, square @ w + 0.5 * w, rtol=1e-12, atol=1e-13)
        assert np.allclose(operator.H @ (w + 1j * w[::-1]), (square + 0.5 * np.eye(700)) @ (w + 1j * w[::-1]),
                           rtol=1e-12, atol=1e-13)
        assert not np.allclose(operator @ w, square @ w, rtol=1e-3)


def test_each_entry_of_the_diagonal_has_its_own_term():
    x, kernel = np.random.default_rng(1).normal(size=(300, 2)), KERNELS[2]
    noise = np.linspace(0.1, 2, 300)
    operator = kernel.operator(x, diagonal=noise)
    for v in (np.ones(300), np.random.default_rng(2).normal(size=(300, 3))):
        assert np.allclose(operator @ v, (kernel(x) + np.diag(noise)) @ v, rtol=1e-13)


def test_conjugate_gradients_solve_with_it():
    x = np.random.default_rng(3).normal(size=(400, 3))
    kernel = SobolevKernel(dim=3, order=3)
    right = np.sin(x[:, 0])
    noise = 0.1 * kernel.at_zero
    solution, failed = cg(kernel.operator(x, diagonal=noise), right, rtol=1e-12)
    assert not failed
    assert np.allclose(solution, np.linalg.solve(kernel(x) + noise * np.eye(400), right), rtol=1e-8, atol=1e-8)


def test_the_same_number_of_threads_gives_the_same_digits():
    x, kernel = np.random.default_rng(4).normal(size=(2000, 2)), KERNELS[2]
    v = np.random.default_rng(5).normal(size=2000)
    set_threads(2)
    assert np.array_equal(kernel.operator(x) @ v, kernel.operator(x) @ v)


def test_memory_is_that_of_a_few_vectors():
    x, kernel = np.random.default_rng(6).normal(size=(4000, 3)), SobolevKernel(dim=3, order=3)
    v = np.ones(4000)
    kernel.operator(x[:400]) @ v[:400]
    tracemalloc.start()
    kernel.operator(x) @ v
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8e6  # the matrix has 128e6 bytes


def test_no_points():
    operator = KERNELS[1].operator(np.empty((0, 3)), np.ones((4, 3)))
    assert (operator @ np.ones(4)).shape == (0,)
    assert not (operator.T @ np.ones(0)).any()


def test_bad_input():
    kernel, x = KERNELS[2], np.zeros((5, 2))
    with pytest.raises(ValueError, match=r"X must have shape \(N, 2\)"):
        kernel.operator(np.zeros((5, 3)))
    with pytest.raises(ValueError, match="must be finite"):
        kernel.operator(x, np.full((2, 2), np.nan))
    with pytest.raises(ValueError, match="leave Y out"):
        kernel.operator(x, np.zeros((5, 2)), diagonal=1.0)
    with pytest.raises(ValueError, match=r"a number or have shape \(5,\)"):
        kernel.operator(x, diagonal=np.ones(4))
    with pytest.raises(ValueError, match="diagonal must be finite"):
        kernel.operator(x, diagonal=np.inf)
    with pytest.raises(ValueError, match="dimension mismatch"):
        kernel.operator(x) @ np.ones(4)


def test_it_keeps_the_points_it_was_given():
    x, kernel = np.random.default_rng(7).normal(size=(30, 2)), KERNELS[2]
    noise = np.ones(30)
    operator = kernel.operator(x, diagonal=noise)
    before = operator @ noise
    x[:] = np.nan
    noise[:] = 2
    assert np.array_equal(operator @ np.ones(30), before)
