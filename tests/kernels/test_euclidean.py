"""SobolevKernel: its parameters, its formula, its Gram matrices, and its link to the Matérn covariance."""

import copy
import pickle
import tracemalloc
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from sklearn.gaussian_process.kernels import Matern

from sobolevkernels import SobolevKernel, set_fast, set_threads

KERNELS = [
    SobolevKernel(dim=1, order=1), SobolevKernel(dim=3, order=3, kappa=2), SobolevKernel(dim=2, order=1.7),
    SobolevKernel(dim=3, order=Fraction(11, 5), kappa=0.3), SobolevKernel(dim=4, order=9, kappa=Fraction(1, 3)),
    SobolevKernel.from_matern(dim=3, nu=1.5, length_scale=0.7),
    SobolevKernel.from_matern(dim=2, nu=Fraction(1, 3), length_scale=2),
]


@pytest.mark.parametrize("order", [3, 3.0, Fraction(3), np.float64(3), np.int64(3), sp.Integer(3)])
def test_every_spelling_of_a_number_gives_the_same_kernel(order):
    kernel = SobolevKernel(dim=np.int64(3), order=order, kappa=order)
    assert kernel == SobolevKernel(dim=3, order=3, kappa=3.0)
    assert hash(kernel) == hash(SobolevKernel(dim=3, order=3, kappa=3.0))
    assert kernel != SobolevKernel(dim=3, order=3)


def test_parameters_are_kept_exactly():
    assert SobolevKernel(dim=1, order=sp.Rational(11, 5)).order == Fraction(11, 5)
    assert SobolevKernel(dim=1, order=2.2).order == Fraction(2.2) != Fraction(11, 5)
    assert SobolevKernel(dim=3, order=Fraction(11, 5)).nu == Fraction(7, 10)
    assert SobolevKernel(dim=1, order=1, kappa=Fraction(1, 3)).kappa_squared == Fraction(1, 9)
    assert SobolevKernel(dim=1, order=1, kappa=0.1).kappa == 0.1
    assert SobolevKernel.from_matern(dim=2, nu=1.5, length_scale=2).kappa_squared == Fraction(3, 4)
    assert sp.Rational(11, 5) - 1 in SobolevKernel(dim=2, order=Fraction(11, 5)).expr.atoms(sp.Rational)


def test_three_constructors_agree():
    kernel = SobolevKernel(dim=3, order=3)
    assert SobolevKernel.from_bessel_potential(dim=3, s=6) == kernel
    assert SobolevKernel.from_matern(dim=3, nu=Fraction(3, 2), length_scale=1).kappa_squared == 3
    assert SobolevKernel.from_matern(dim=1, nu=2, length_scale=2) == SobolevKernel(dim=1, order=2.5)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_immutable_and_picklable(kernel):
    for twin in (pickle.loads(pickle.dumps(kernel)), copy.deepcopy(kernel)):
        assert twin == kernel
        assert np.array_equal(twin.radial([0.0, 1.0]), kernel.radial([0.0, 1.0]))
    with pytest.raises(AttributeError):
        kernel.order = 2


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_repr_states_the_weight_and_reads_back(kernel):
    call, weight = repr(kernel).split("  # weight ")
    assert eval(call, {"SobolevKernel": SobolevKernel, "Fraction": Fraction}) == kernel
    assert "|ξ|²)^" in weight


def test_repr():
    assert repr(KERNELS[0]) == "SobolevKernel(dim=1, order=1, kappa=1)  # weight (1 + |ξ|²)^1"
    assert repr(KERNELS[3]) == ("SobolevKernel(dim=3, order=Fraction(11, 5), kappa=0.3)"
                                "  # weight (0.3² + |ξ|²)^(11/5)")


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_all_roads_agree(kernel):
    """NumPy, mpmath, Arb and SymPy, each on its own."""
    for r in (0.0, 0.3, 2.5, 40.0):
        value = kernel.evaluate(r, digits=30)
        assert float(value) == pytest.approx(kernel.radial(r), rel=1e-14)
        assert float(mp.log(value)) == pytest.approx(kernel.log_radial(r), rel=1e-14)
        assert float(kernel.enclosure(r, digits=30)) == pytest.approx(float(value), rel=1e-15)
        if r:
            # not subs: SymPy takes forever over 40**(p/q) with the large q of a float
            symbolic = kernel.expr.evalf(30, subs={kernel.r: sp.Rational(r)})
            assert abs(sp.Float(value, 30) / symbolic - 1) < 1e-24
    assert kernel.correlation(0.0) == 1
    assert kernel.at_zero == kernel.radial(0.0)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_scikit_learn_agrees_through_to_matern(kernel):
    parameters = kernel.to_matern()
    x = np.random.default_rng(0).normal(size=(30, kernel.dim))
    theirs = parameters["variance"] * Matern(length_scale=parameters["length_scale"], nu=parameters["nu"])(x)
    assert np.allclose(kernel(x), theirs, rtol=1e-11)


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_gram_matrix(kernel):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(150, kernel.dim)), rng.normal(size=(70, kernel.dim))
    matrix = kernel(x)
    assert np.array_equal(matrix, matrix.T)
    assert (matrix.diagonal() == kernel.at_zero).all()
    assert np.array_equal(kernel(x, x), matrix)
    assert np.allclose(kernel(x, x.copy()), matrix, rtol=1e-13)
    assert np.linalg.eigvalsh(matrix).min() > -1e-12 * kernel.at_zero
    distance = np.sqrt(((x[:, None] - y) ** 2).sum(axis=-1))
    assert np.allclose(kernel(x, y), kernel.radial(distance), rtol=1e-13)
    buffer = np.empty((70, 150))
    assert kernel(y, x, out=buffer) is buffer
    assert np.array_equal(buffer.T, kernel(x, y))


def test_gram_matrix_of_float32_points():
    kernel = SobolevKernel(dim=2, order=2.5)
    x = np.random.default_rng(2).normal(size=(40, 2)).astype(np.float32)
    matrix = kernel(x)
    assert matrix.dtype == np.float32
    assert np.array_equal(matrix, kernel(x.astype(np.float64)).astype(np.float32))
    assert kernel(x, x.astype(np.float64)).dtype == np.float64


def test_points_in_one_dimension_and_integers():
    kernel = SobolevKernel(dim=1, order=2)
    column = np.arange(5.0)[:, None]
    assert np.array_equal(kernel(range(5)), kernel(column))
    assert np.array_equal(kernel([0, 1], column), kernel(column[:2], column))


def test_out_may_overlap_the_points():
    kernel = SobolevKernel(dim=3, order=2)
    points = np.random.default_rng(3).normal(size=(3, 3))
    expected = kernel(points)
    assert np.array_equal(kernel(points, out=points), expected)
    other = np.random.default_rng(4).normal(size=(3, 3))
    y = other.copy()
    expected = kernel(other, y)
    assert np.array_equal(kernel(other, y, out=y), expected)


def test_shapes_of_scalar_functions():
    kernel = SobolevKernel(dim=3, order=3)
    for function in (kernel.radial, kernel.correlation, kernel.log_radial):
        assert isinstance(function(1.0), np.float64)
        assert isinstance(function(np.float32(1.0)), np.float32)
        assert function(2) == function(2.0)
        assert function(np.ones((2, 0, 3))).shape == (2, 0, 3)
        r = np.random.default_rng(5).uniform(0, 9, (2, 3, 4))
        out = np.empty_like(r)
        assert function(r, out=out) is out
        assert np.array_equal(function(r), out)
        assert function(r[1, 2, 3]) == out[1, 2, 3]


def test_high_dimensions_through_logarithms():
    kernel = SobolevKernel(dim=3072, order=1600)
    assert kernel.at_zero == 0
    assert kernel.radial(1.0) == 0
    difference = kernel.log_radial(5.0) - kernel.log_radial(0.0)
    assert difference == pytest.approx(np.log(kernel.correlation(5.0)), abs=1e-11)
    points = np.random.default_rng(6).normal(size=(3, 3072))
    assert not kernel(points).any()


def test_at_zero_overflows_and_underflows_only_where_it_does():
    assert SobolevKernel(dim=1, order=100, kappa=1e-3).at_zero == np.inf
    assert SobolevKernel(dim=1, order=100, kappa=1e-3).radial(1e6) < 1e300
    assert SobolevKernel(dim=1, order=100, kappa=1e3).at_zero == 0


def test_symbols():
    kernel = SobolevKernel(dim=3, order=3)
    r = sp.Symbol("r")
    assert kernel.r == r
    assert sp.simplify(kernel.expr - (1 + r) * sp.exp(-r) / (32 * sp.pi)) == 0
    assert kernel.weight_expr * kernel.spectral_density_expr == 1
    assert kernel.latex().startswith("d(r) = ")
    assert kernel._repr_latex_().startswith("$\\displaystyle d(r) = ")
    irrational = SobolevKernel.from_matern(dim=3, nu=1.5, length_scale=1)
    assert sp.simplify(irrational.weight_expr - (3 + sp.Symbol("xi") ** 2) ** 3) == 0


def test_missing_python_flint_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "flint", None)
    with pytest.raises(ImportError, match=r"sobolevkernels\[certify\]"):
        SobolevKernel(dim=1, order=1).enclosure(1)


@given(st.integers(1, 4096), st.floats(0.01, 300), st.floats(1e-3, 1e3))
def test_any_kernel_has_a_logarithm_everywhere(dim, nu, kappa):
    kernel = SobolevKernel(dim=dim, order=Fraction(nu) + Fraction(dim, 2), kappa=kappa)
    logs = kernel.log_radial([0.0, 1e-3, 1.0, 1e3, 1e6])
    assert np.isfinite(logs).all()
    assert (np.diff(logs) <= 0).all()


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("order", [3, 2.7])
def test_memory_is_the_result_and_small_tiles(order, fast):
    """The tiles of two threads are a tenth of a matrix of 5000 points at most, whatever the size of the result."""
    kernel = SobolevKernel(dim=3, order=order)
    points = np.random.default_rng(7).normal(size=(3000, 3))
    buffer = np.empty((3000, 3000), dtype=np.float32)
    set_fast(fast)
    set_threads(2)
    kernel(points[:200])  # what is built or compiled once stays out of the account
    try:
        for dtype, out in ((np.float64, None), (np.float32, buffer)):
            x = points.astype(dtype)
            tracemalloc.start()
            result = kernel(x, out=out)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert peak - (result.nbytes if out is None else 0) < 0.1 * 5000**2 * 8
    finally:
        set_fast(True)
        set_threads(None)
