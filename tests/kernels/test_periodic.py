"""PeriodicSobolevKernel: parameters, Gram matrices, grids, formulas, bad input."""

import math
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from sobolevkernels import SobolevKernel
from sobolevkernels.kernels.periodic import PeriodicSobolevKernel

KERNELS = [
    PeriodicSobolevKernel(order=1), PeriodicSobolevKernel(order=2, kappa=3, period=1),
    PeriodicSobolevKernel(order=0.6, kappa=1.3, period=20), PeriodicSobolevKernel(order=3, kappa=0, period=0.7),
    PeriodicSobolevKernel(order=1.3, kappa=0, period=Fraction(1, 3)),
    PeriodicSobolevKernel(dim=2, order=2, period=(1, 1.5)), PeriodicSobolevKernel(dim=2, order=1.6, kappa=30, period=1),
    PeriodicSobolevKernel(dim=3, order=2, kappa=0, period=(1, 2, 3)),
]
EVERY = pytest.mark.parametrize("kernel", KERNELS, ids=repr)


def lengths(kernel):
    return np.array([float(length) for length in kernel.periods])


def points(kernel, count, seed=0):
    x = np.random.default_rng(seed).uniform(-2, 2, (count, kernel.dim)) * lengths(kernel)
    x[-1] = x[0]
    return x


def displacements(kernel, count=7):
    h = points(kernel, count, seed=5)
    return h[:, 0] if kernel.dim == 1 else h


@EVERY
def test_the_gram_matrix_is_symmetric_to_the_last_bit_and_its_diagonal_is_at_zero(kernel):
    x, y = points(kernel, 70), points(kernel, 30, seed=1)
    matrix = kernel(x)
    assert np.array_equal(matrix, matrix.T)
    assert (matrix.diagonal() == kernel.at_zero).all()
    assert matrix[0, -1] == kernel.at_zero
    assert (matrix <= kernel.at_zero).all()
    assert np.array_equal(kernel(x, y), kernel(y, x).T)
    assert np.array_equal(kernel(x, x.copy()), matrix)


@EVERY
def test_the_gram_matrix_holds_the_values_at_the_differences(kernel):
    x, y = points(kernel, 40), points(kernel, 20, seed=2)
    h = x[:, None] - y
    assert np.array_equal(kernel(x, y), kernel.at(h[..., 0] if kernel.dim == 1 else h))


def test_large_matrices_are_shared_among_threads():
    kernel = PeriodicSobolevKernel(dim=2, order=2, kappa=60, period=(1, 1.5))
    x = points(kernel, 700)
    matrix = kernel(x)
    assert np.array_equal(matrix, matrix.T)
    assert np.allclose(matrix[:5], kernel(x[:5], x), rtol=1e-14)
    assert kernel(x, out=matrix) is matrix


@EVERY
def test_it_is_periodic_and_even(kernel):
    h = np.random.default_rng(4).integers(-(2**20), 2**20, (12, kernel.dim)) * 2.0**-22 * lengths(kernel).round(3)
    shift = np.array([1, -3, 64, 1])[: kernel.dim] if kernel.dim > 1 else np.array([3])
    flat = (lambda v: v[:, 0]) if kernel.dim == 1 else (lambda v: v)
    assert np.array_equal(kernel.at(flat(h)), kernel.at(flat(-h)))
    moved = kernel.at(flat(h + shift * lengths(kernel)))  # h + L is rounded: the kernel is continuous
    slack = 1e-11 if kernel.nu >= 0.5 else 1e-4
    assert np.allclose(moved, kernel.at(flat(h)), rtol=0, atol=slack * kernel.at_zero)


@given(st.integers(-(2**30), 2**30), st.integers(-1000, 1000))
def test_periodicity_is_exact_where_the_arithmetic_is(numerator, turns):
    for kernel in (PeriodicSobolevKernel(order=2, period=4), PeriodicSobolevKernel(order=1.2, kappa=9, period=4)):
        h = numerator * 2.0**-20
        assert kernel.at(h) == kernel.at(h + 4.0 * turns)


@EVERY
def test_the_values_are_those_of_arb_and_mpmath(kernel):
    h = displacements(kernel, 4)
    for value, point in zip(kernel.at(h), h, strict=True):
        place = float(point) if kernel.dim == 1 else tuple(map(float, point))
        enclosure, digits = kernel.enclosure(place, 20), kernel.evaluate(place, 25)
        scale = abs(float(value)) if kernel.kappa else kernel.at_zero
        assert abs(value - float(enclosure.mid())) <= 1e-13 * scale
        assert abs(value - float(digits)) <= 1e-13 * scale


@EVERY
def test_the_formula_is_the_kernel(kernel):
    if kernel.dim > 1 or kernel.order.denominator > 1:
        assert kernel.expr.atoms(sp.Sum)
        assert "sum" in kernel.latex()
        return
    x = sp.Rational(1, 5) * kernel._symbolic_periods()[0]
    value = kernel.expr.subs(kernel.x, x).evalf(30)
    assert abs(float(value) - float(kernel.at(float(x)))) <= 1e-14 * kernel.at_zero
    assert kernel.latex().startswith("d(x) = ")
    assert kernel.weight_expr == (sp.Symbol("xi") ** 2 + sp.nsimplify(kernel.kappa) ** 2) ** int(kernel.order)
    assert kernel._repr_latex_().startswith("$\\displaystyle d(x)")


def test_the_sum_that_a_kernel_shows_is_the_kernel():
    kernel = PeriodicSobolevKernel(order=3.25, kappa=2, period=3)
    term = kernel.expr.subs(kernel.x, 1).replace(lambda part: isinstance(part, sp.Sum), lambda part: sum(
        part.function.subs(part.limits[0][0], k).evalf(20) for k in range(1, 400)))
    assert math.isclose(float(term), kernel.at(1.0), rel_tol=1e-12)
    plane = PeriodicSobolevKernel(dim=2, order=2, period=(1, 2)).expr
    assert plane.subs({"x1": 0, "x2": 0}).atoms(sp.cos) == set()
    assert isinstance(PeriodicSobolevKernel(dim=2, order=2, kappa=0).expr.atoms(sp.Sum).pop().function, sp.Piecewise)


def test_two_pi_is_shown_as_such_and_meant_as_a_float():
    kernel = PeriodicSobolevKernel(order=1)
    assert kernel.expr.has(sp.pi)
    assert kernel.periods == (Fraction(2 * math.pi),)
    assert kernel.period == 2 * math.pi
    assert not PeriodicSobolevKernel(order=1, period=6.25).expr.has(sp.pi)


# --- grids --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kernel", "shape"), [
    (KERNELS[0], 12), (KERNELS[1], 9), (KERNELS[2], 64), (KERNELS[3], 10), (KERNELS[5], (6, 5)), (KERNELS[6], (4, 8)),
    (KERNELS[7], (3, 4, 5)),
], ids=str)
def test_the_spectrum_on_a_grid_is_the_aliased_inverse_weight(kernel, shape):
    """Σ_l 1/w(ξ_(k+lN)) N/|T|, from the Fourier coefficients and not from any value of the kernel."""
    row = kernel.on_grid(shape)
    sizes = row.shape
    spectrum = np.fft.fftn(row)
    assert np.abs(spectrum.imag).max() <= 1e-13 * spectrum.real.max()
    spectrum = spectrum.real
    many = 200_000 if kernel.dim == 1 else 300 if kernel.dim == 2 else 12
    order = float(kernel.order)
    squares = []
    for n, length in zip(sizes, lengths(kernel), strict=True):
        k = np.fft.fftfreq(n, 1 / n)[:, None] + n * np.arange(-many, many + 1)
        squares.append((2 * np.pi * k / length) ** 2)
    total = np.zeros(sizes)
    for index in np.ndindex(*sizes):
        w = kernel.kappa**2
        for axis, i in enumerate(index):
            w = np.add.outer(w, squares[axis][i])
        with np.errstate(divide="ignore"):
            terms = w**-order
        terms[~np.isfinite(terms)] = 0
        total[index] = terms.sum()
    expected = total * math.prod(sizes) / lengths(kernel).prod()
    rest = many ** (kernel.dim - 2 * order)  # what the brute sum leaves out, roughly
    assert np.allclose(spectrum, expected, rtol=1e-11 + 5 * rest, atol=(1e-13 + 5 * rest) * spectrum.max())
    assert spectrum.min() >= -1e-13 * spectrum.max()


def test_the_spectrum_is_not_the_inverse_weight():
    kernel, n = PeriodicSobolevKernel(order=1, period=1), 16
    spectrum = np.fft.fft(kernel.on_grid(n)).real / n
    xi = 2 * np.pi * np.fft.fftfreq(n, 1 / n)
    w, step = 1 + xi**2, 1 / n
    assert np.allclose(spectrum, step / 2 * np.sinh(step) / (np.cosh(step) - np.cos(step * xi)), rtol=1e-13)
    assert (spectrum * w > 1).all()
    assert abs((spectrum * w)[n // 2] - np.pi**2 / 4) < 0.02


@EVERY
def test_the_grid_is_the_first_row_of_the_circulant_gram_matrix(kernel):
    row = kernel.on_grid(4)
    axes = np.meshgrid(*(length * np.arange(4) / 4 for length in lengths(kernel)), indexing="ij")
    x = np.stack(axes, axis=-1).reshape(-1, kernel.dim)
    assert np.allclose(kernel(x)[0], row.reshape(-1), rtol=0, atol=1e-13 * kernel.at_zero)
    assert np.array_equal(row, np.roll(np.flip(row), 1, axis=tuple(range(kernel.dim))))
    eigenvalues = np.sort(np.linalg.eigvalsh(kernel(x)))
    assert np.allclose(eigenvalues, np.sort(np.fft.fftn(row).real.ravel()), rtol=0, atol=1e-12 * eigenvalues[-1])


# --- the limit ----------------------------------------------------------------------------------


def test_it_tends_to_the_kernel_on_the_line_at_the_rate_of_the_record():
    line = SobolevKernel(dim=1, order=1, kappa=2)
    for length in (3, 6, 12):
        circle = PeriodicSobolevKernel(order=1, kappa=2, period=length)
        assert circle.limit == line
        x = np.array([0.25, length / 2])
        excess = np.array([float(circle.evaluate(v, 30) - line.evaluate(v, 30)) for v in x])
        assert np.allclose(excess, np.cosh(2 * x) / (2 * np.expm1(2 * length)), rtol=1e-12)


def test_as_kappa_vanishes_the_mean_is_left_and_then_the_semi_norm():
    for order in (1, 2, 1.4):
        limit = PeriodicSobolevKernel(order=order, kappa=0, period=2)
        near = PeriodicSobolevKernel(order=order, kappa=Fraction(1, 10**6), period=2)
        for x in (Fraction(1, 3), Fraction(1)):
            with mp.workdps(50):
                mean = mp.mpf(10) ** (12 * mp.mpf(order)) / 2
                assert abs(near.evaluate(x, 45) - mean - limit.evaluate(x, 45)) < mp.mpf(10) ** -11


def test_the_semi_norm_has_no_limit():
    with pytest.raises(ValueError, match="no limit"):
        _ = PeriodicSobolevKernel(order=2, kappa=0).limit


# --- arrays -------------------------------------------------------------------------------------


@EVERY
def test_float32_stays_float32(kernel):
    x, h = points(kernel, 20).astype(np.float32), np.float32(displacements(kernel))
    assert kernel(x).dtype == kernel.at(h).dtype == np.float32
    assert np.allclose(kernel(x), kernel(x.astype(np.float64)), rtol=1.2e-7, atol=1e-30)
    assert np.allclose(kernel.at(h), kernel.at(h.astype(np.float64)), rtol=1.2e-7, atol=1e-30)


@EVERY
def test_batches(kernel):
    x, y = points(kernel, 24).reshape(2, 3, 4, kernel.dim), points(kernel, 5, seed=3)
    matrix, across = kernel(x), kernel(x, y)
    assert matrix.shape == (2, 3, 4, 4)
    for index in np.ndindex(2, 3):
        assert np.array_equal(matrix[index], kernel(x[index]))
        assert np.array_equal(across[index], kernel(x[index], y))
    h = displacements(kernel, 12).reshape((3, 4) if kernel.dim == 1 else (3, 4, kernel.dim))
    out = np.empty((4, 3)).T
    assert kernel.at(h, out=out) is out
    assert np.array_equal(out, kernel.at(h))
    assert np.ndim(kernel.at(h[0, 0])) == 0


@EVERY
def test_a_copy_is_equal_and_nothing_can_be_changed(kernel):
    twin = pickle.loads(pickle.dumps(kernel))
    assert twin == kernel
    assert hash(twin) == hash(kernel)
    assert np.array_equal(twin(points(kernel, 4)), kernel(points(kernel, 4)))
    names = {"PeriodicSobolevKernel": PeriodicSobolevKernel, "Fraction": Fraction}
    assert eval(repr(kernel).split("  #")[0], names) == kernel
    with pytest.raises(AttributeError):
        kernel.order = Fraction(9)
    assert kernel != PeriodicSobolevKernel(dim=kernel.dim, order=kernel.order + 1)


def test_parameters_are_kept_exactly():
    kernel = PeriodicSobolevKernel(dim=2, order=sp.Rational(7, 3), kappa=0.1, period=[1, Fraction(2, 3)])
    assert (kernel.order, kernel.kappa_squared, kernel.periods) == (
        Fraction(7, 3), Fraction(0.1) ** 2, (Fraction(1), Fraction(2, 3)))
    assert (kernel.nu, kernel.kappa, kernel.period) == (Fraction(4, 3), 0.1, (1.0, 2 / 3))
    assert PeriodicSobolevKernel(order=1, kappa=0).kappa == 0.0


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("parameters", "error", "message"), [
    ({"order": 0.5}, ValueError, "order must exceed dim/2 = 0.5.*pass order=s/2"),
    ({"dim": 3, "order": 1.5}, ValueError, "order must exceed dim/2 = 1.5"),
    ({"order": 1, "kappa": -1}, ValueError, "kappa must be at least 0"),
    ({"order": 1, "kappa": math.nan}, ValueError, "kappa must be finite"),
    ({"order": 1, "period": 0}, ValueError, "period must be positive"),
    ({"order": 1, "period": -2.0}, ValueError, "period must be positive"),
    ({"order": 1, "period": math.inf}, ValueError, "period must be finite"),
    ({"order": 1, "period": "2"}, TypeError, "period must be a real number"),
    ({"order": 1, "period": None}, TypeError, "period must be a real number"),
    ({"dim": 2, "order": 2, "period": (1, 2, 3)}, ValueError, "sequence of dim = 2 numbers, got 3"),
    ({"dim": 2, "order": 2, "period": [1, 0]}, ValueError, r"period\[1\] must be positive"),
    ({"dim": 0, "order": 2}, ValueError, "dim must be at least 1"),
    ({"dim": 1.0, "order": 2}, TypeError, "dim must be an integer"),
    ({"order": "1"}, TypeError, "order must be a real number"),
])
def test_bad_parameters(parameters, error, message):
    with pytest.raises(error, match=message):
        PeriodicSobolevKernel(**parameters)


def test_bad_arrays():
    line, plane = KERNELS[0], KERNELS[5]
    with pytest.raises(TypeError):
        PeriodicSobolevKernel(1, 1)
    for bad in (np.nan, np.inf, -np.inf):
        with pytest.raises(ValueError, match="X must be finite, but row 1"):
            line([0.0, bad])
        with pytest.raises(ValueError, match=r"h must be finite, but h\[1\] is"):
            line.at([0.0, bad])
        with pytest.raises(ValueError, match=r"h\[0, 1\]"):
            plane.at([[0.0, bad]])
    with pytest.raises(ValueError, match=r"h must have shape \(..., 2\)"):
        plane.at([0.0, 1.0, 2.0])
    with pytest.raises(ValueError, match=r"h must have shape \(..., 2\)"):
        plane.at(0.0)
    with pytest.raises(ValueError, match=r"X must have shape \(N, 2\)"):
        plane(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="out must have shape"):
        line.at([0.0, 1.0], out=np.empty(3))
    with pytest.raises(ValueError, match="out must have shape"):
        plane(np.zeros((3, 2)), out=np.empty((2, 3)))
    with pytest.raises(TypeError, match="real numbers"):
        line.at(np.array([1j]))
    with pytest.raises(ValueError, match="h must be finite, but it is nan"):
        line.at(np.nan)
    with pytest.raises(ValueError, match="must have dim = 2 components, got 1"):
        plane.evaluate(0.5)
    with pytest.raises(ValueError, match="must have dim = 2 components"):
        plane.evaluate((1, 2, 3))
    with pytest.raises(ValueError, match="digits must be a positive integer"):
        line.enclosure(0, digits=0)


@pytest.mark.parametrize(("shape", "message"), [
    (0, "positive integer"), ((3, 4), "dim = 1 numbers, got 2"), ((2.5,), "positive integer"),
    ((True,), "positive integer"), (2.0, "positive integer"),
])
def test_bad_grids(shape, message):
    with pytest.raises(ValueError, match=message):
        KERNELS[0].on_grid(shape)


@pytest.mark.parametrize(("period", "message"), [
    (10**400, "range of floats"), (Fraction(1, 10**400), "range of floats"), ((1e-200, 1e200), "leave out the axis"),
])
def test_periods_beyond_the_floats(period, message):
    with pytest.raises(ValueError, match=message):
        PeriodicSobolevKernel(dim=2, order=2, period=period)


def test_numbers_load_no_sympy():
    code = ("import sys, numpy as np\nfrom sobolevkernels.kernels.periodic import PeriodicSobolevKernel as P\n"
            "assert not {'sympy', 'scipy', 'mpmath', 'flint'} & set(sys.modules)\n"
            "for k in (P(order=2), P(order=1.4, kappa=0), P(dim=2, order=2, kappa=9)):\n"
            "    k(np.zeros((3, k.dim))), k.on_grid(4), k.at_zero, repr(k), hash(k), k.evaluate([0.5] * k.dim, 10)\n"
            "assert 'sympy' not in sys.modules\nk.expr\nassert 'sympy' in sys.modules")
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True)
