"""What every kernel has to satisfy. A new kernel joins `KERNELS`; a new promise becomes a law.

Each law is a function of a kernel that raises where it is broken. The end of the file breaks
kernels on purpose and sees the laws notice.
"""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from mpmath import mp
from scipy.special import jv

from sobolevkernels import SobolevKernel, set_fast
from sobolevkernels.evaluation import compiled

KERNELS = [
    SobolevKernel(dim=1, order=1), SobolevKernel(dim=1, order=0.6, kappa=1.3), SobolevKernel(dim=1, order=2, kappa=3),
    SobolevKernel(dim=2, order=2), SobolevKernel(dim=2, order=1.7, kappa=0.5), SobolevKernel(dim=2, order=3),
    SobolevKernel(dim=3, order=3), SobolevKernel(dim=3, order=4, kappa=0.7), SobolevKernel(dim=3, order=5),
    SobolevKernel(dim=3, order=Fraction(11, 5), kappa=2), SobolevKernel(dim=4, order=Fraction(11, 3)),
    SobolevKernel(dim=4, order=22.3), SobolevKernel.from_matern(dim=2, nu=1.5, length_scale=0.7),
    SobolevKernel.from_matern(dim=3, nu=40, length_scale=5),
]
EPS = 2.0**-52
#: The promise for d(r), in units in the last place, at any kappa.
ULP = 8.5


def points(kernel, count, seed=0):
    """Random points, a few correlation lengths apart; two of them coincide."""
    x = np.random.default_rng(seed).normal(size=(count, kernel.dim)) * 1.5 / kernel.kappa
    x[-1] = x[0]
    return x


def distances(kernel):
    return np.concatenate([[0.0, 1e-300, 1e-8], np.linspace(0.01, 4, 14), [9.0, 30.0]]) / kernel.kappa


def at_distance(kernel, r):
    """d for points that far apart."""
    if isinstance(kernel, SobolevKernel):
        return kernel.radial(r)
    r = np.asarray(r)
    h = np.zeros((*r.shape, kernel.dim), r.dtype if r.dtype == np.float32 else np.float64)
    h[..., 0] = r
    return kernel.at(h[..., 0] if kernel.dim == 1 else h)


def exactly(kernel, distance, digits):
    """The same by mpmath."""
    if isinstance(kernel, SobolevKernel) or kernel.dim == 1:
        return kernel.evaluate(distance, digits)
    return kernel.evaluate((distance, *(0,) * (kernel.dim - 1)), digits)


def both_roads(function):
    """The values that NumPy and compiled code give, compiled even where it is not worth it."""
    worth, values = compiled.WORTH_COMPILING, []
    try:
        compiled.WORTH_COMPILING = 0
        for fast in (False, True):
            set_fast(fast)
            values.append(function())
    finally:
        compiled.WORTH_COMPILING = worth
        set_fast(True)
    return values


def symmetry(kernel):
    x, y = points(kernel, 70), points(kernel, 40, seed=1)
    for matrix in both_roads(lambda: kernel(x)):
        assert np.array_equal(matrix, matrix.T)
        assert (matrix.diagonal() == kernel.at_zero).all()
        assert matrix[0, -1] == kernel.at_zero
        assert (matrix <= kernel.at_zero).all()
    for across, back in zip(both_roads(lambda: kernel(x, y)), both_roads(lambda: kernel(y, x)), strict=True):
        assert np.array_equal(across, back.T)


def positive_definiteness(kernel):
    """The exact matrix is positive definite, and rounding moves no eigenvalue further than it may (Weyl)."""
    t = np.cumsum([0.0, 0.5, 0.75, 0.25, 1.5, 0.5, 1.0, 0.125])  # dyadic: the distances are exact
    x = np.zeros((t.size, kernel.dim))
    x[:, 0] = t
    digits = 60 if isinstance(kernel, SobolevKernel) else 30
    value = {distance: exactly(kernel, distance, digits) for distance in {abs(a - b) for a in t for b in t}}
    with mp.workdps(digits):
        exact = mp.matrix([[value[abs(a - b)] for b in t] for a in t])
        eigenvalues = sorted(float(value) for value in mp.eigsy(exact, eigvals_only=True))
    assert eigenvalues[0] > 0
    for matrix in both_roads(lambda: kernel(x)):
        rounding = (ULP + 8) * EPS * np.abs(matrix).sum(axis=1).max()
        assert np.abs(np.linalg.eigvalsh(matrix) - eigenvalues).max() <= rounding
    crowd = kernel(points(kernel, 60))
    assert np.linalg.eigvalsh(crowd).min() >= -(ULP + 60) * EPS * np.abs(crowd).sum(axis=1).max()


def reproduction(kernel):
    """⟨d_0, f⟩ = f(0) for a Gaussian f, the transform of d computed by quadrature of its values.

    d̂(ξ) = ∫ d(r) r^(n-1) (rξ)^(1-n/2) J_(n/2-1)(rξ) dr, in the band where the weight is not yet 10^6 times
    what it is at 0; f is narrow there.
    """
    half, n = kernel.dim / 2, kernel.dim
    scale = kernel.kappa
    nodes, weights = np.polynomial.legendre.leggauss(40)

    def panels(edges):
        middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
        return (middle[:, None] + width[:, None] * nodes).ravel(), (width[:, None] * weights).ravel()

    end = 45 + 4 * math.sqrt(float(kernel.nu)) + float(kernel.nu) / 2
    r, dr = panels(np.concatenate([[0.0], 2.0 ** np.arange(-40.0, 0.0), np.arange(1.0, end)]) / scale)
    band = min(9.0, math.sqrt(10 ** (6 / kernel.order) - 1)) * scale
    xi, dxi = panels(np.linspace(0.0, band, 6))
    z = np.outer(xi, r)
    transform = (kernel.radial(r) * r ** (n - 1) * z ** (1 - half) * jv(half - 1, z)) @ dr
    weight = (scale**2 + xi**2) ** float(kernel.order)
    assert np.allclose(transform * weight, (2 * np.pi) ** -half, rtol=1e-8)
    width = band / 9
    gaussian = np.exp(-((xi / width) ** 2) / 2) * width**-n  # the transform of exp(-width²|x|²/2)
    sphere = 2 * np.pi**half / math.gamma(half)
    assert math.isclose((transform * weight * gaussian * xi ** (n - 1)) @ dxi * sphere, 1.0, rel_tol=1e-8)


def scaling(kernel):
    """d_(2κ)(r/2) = 2^(n - 2·order) d_κ(r); a power of two changes no rounding but that of d(0)."""
    r = distances(kernel)
    twice = _with(kernel, kappa_squared=4 * kernel.kappa_squared)
    factor = 2.0 ** float(kernel.dim - 2 * kernel.order)
    for slow, fast in zip(both_roads(lambda: twice.radial(r / 2)), both_roads(lambda: kernel.radial(r)), strict=True):
        assert np.allclose(slow, factor * fast, rtol=8 * EPS, atol=0)
    assert np.allclose(twice.correlation(r / 2), kernel.correlation(r), rtol=EPS, atol=0)


def monotonicity(kernel):
    """Down in r; up in the order for the correlation; and κ^(2t) K_t - κ^(2u) K_u is positive for t < u."""
    r = distances(kernel)
    assert (np.diff(kernel.radial(r)) <= 0).all()
    assert (np.diff(kernel.log_radial(r)) <= 0).all()
    larger = _with(kernel, order=kernel.order + Fraction(1, 3))
    assert (larger.correlation(r) >= kernel.correlation(r)).all()
    assert (larger.correlation(r[3:]) > kernel.correlation(r[3:])).all()
    x = points(kernel, 40)
    difference = kernel(x) - kernel.kappa ** (2 / 3) * larger(x)
    assert np.linalg.eigvalsh(difference).min() >= -100 * EPS * np.abs(difference).sum(axis=1).max()


def agreement(kernel):
    """NumPy, compiled code, mpmath, Arb and SymPy, each on its own."""
    r = distances(kernel)
    for values in both_roads(lambda: kernel.radial(r)):
        for value, point in zip(values, r, strict=True):
            true = kernel.evaluate(point, 40)
            assert abs(value - true) <= ULP * math.ulp(value)
            ball = kernel.enclosure(point, 30)
            assert abs(float(ball.mid()) / float(true) - 1) < 4 * EPS
            assert ball.rel_accuracy_bits() > 99
    for point in (Fraction(1, 4), Fraction(3)):
        symbolic = kernel.expr.evalf(30, subs={kernel.r: kernel.expr.func(point) if point == 0 else point})
        assert abs(float(symbolic) / float(kernel.evaluate(point, 30)) - 1) < 4 * EPS
    assert np.allclose(np.exp(kernel.log_radial(r)), kernel.radial(r), rtol=1e-12)
    assert np.allclose(kernel.correlation(r) * kernel.at_zero, kernel.radial(r), rtol=1e-14)
    x = points(kernel, 30)
    apart = np.sqrt(((x[:, None] - x) ** 2).sum(axis=-1))
    for matrix in both_roads(lambda: kernel(x)):
        assert np.allclose(matrix, kernel.radial(apart), rtol=1e-13)
    assert np.allclose(kernel.operator(x) @ np.arange(30.0), kernel(x) @ np.arange(30.0), rtol=1e-12)


def derivatives_in_space(kernel):
    """Against differences in 50 digits of the arbitrary-precision road, along an axis and across it."""
    x, y = np.zeros((1, kernel.dim)), np.zeros((1, kernel.dim))
    x[0, 0] = distance = 0.75
    if kernel.nu <= Fraction(1, 2):
        with pytest.raises(ValueError, match="not continuous"):
            kernel.gradient(x)
        return
    with mp.workdps(60):
        h = mp.mpf(10) ** -15
        step = Fraction(1, 10**15)
        before, here, after = (kernel.evaluate(Fraction(distance) + i * step, 60) for i in (-1, 0, 1))
        slope, bend = (after - before) / (2 * h), (after - 2 * here + before) / h**2
    gradient = kernel.gradient(x, y)[0, 0]
    assert math.isclose(gradient[0], slope, rel_tol=1e-12)
    assert not gradient[1:].any()
    assert np.array_equal(kernel.gradient(y, x)[0, 0], -gradient)
    assert not kernel.gradient(x).any()
    unit = tuple(int(axis == 0) for axis in range(kernel.dim))
    assert np.array_equal(kernel.derivative(unit, [0] * kernel.dim)(x, y), kernel.gradient(x, y)[..., 0])
    if kernel.nu <= 1:
        return
    hessian = kernel.mixed_hessian(x, y)[0, 0]
    across = -float(slope) / distance
    largest = max(abs(float(bend)), across)
    expected = np.diag([-float(bend)] + [across] * (kernel.dim - 1))
    assert np.allclose(hessian, expected, rtol=0, atol=1e-12 * largest)
    assert math.isclose(kernel.laplacian(x, y)[0, 0], -expected.trace(), rel_tol=0, abs_tol=1e-12 * largest)
    # (κ² - Δ) d = d of one order less
    lower = float(kernel.kappa_squared) * kernel(x, y) - kernel.laplacian(x, y)
    assert np.allclose(lower, _with(kernel, order=kernel.order - 1)(x, y), rtol=0, atol=1e-11 * largest)


def derivatives_in_the_parameters(kernel):
    """Against differences in 50 digits, in order and kappa."""
    step = Fraction(1, 10**15)
    r = np.array([0.0, 0.3, 2.0])
    root = Fraction(kernel.kappa)
    at = _with(kernel, kappa_squared=root**2)  # from_matern makes irrational ones
    shifted = {"order": [_with(at, order=at.order + i * step) for i in (-1, 1)],
               "kappa": [_with(at, kappa_squared=(root + i * step) ** 2) for i in (-1, 1)]}
    for parameter, (before, after) in shifted.items():
        derivative = at.parameter_derivative(parameter)
        with mp.workdps(60):
            true = [float((after.evaluate(point, 60) - before.evaluate(point, 60)) / (2 * mp.mpf(step.numerator)
                    / step.denominator)) for point in r]
        scale = max(map(abs, true))
        assert np.allclose(derivative.radial(r), true, rtol=0, atol=1e-12 * scale)
        for point, value in zip(r, true, strict=True):
            assert abs(float(derivative.enclosure(point, 25).mid()) - value) <= 1e-12 * scale
        x = points(at, 20)
        matrix = derivative(x)
        assert np.array_equal(matrix, matrix.T)
        assert math.isclose(matrix[0, 0], derivative.at_zero, rel_tol=1e-14)


def precision(kernel):
    x, r = points(kernel, 30).astype(np.float32), distances(kernel).astype(np.float32)
    for matrix in both_roads(lambda: kernel(x)):
        assert matrix.dtype == np.float32
        assert np.allclose(matrix, kernel(x.astype(np.float64)), rtol=1.2e-7)
    for values in both_roads(lambda: at_distance(kernel, r)):
        assert values.dtype == np.float32
        assert np.allclose(values, at_distance(kernel, r.astype(np.float64)), rtol=1.2e-7)
    assert at_distance(kernel, [0, 1, 2]).dtype == np.float64


def batches(kernel):
    x, y = points(kernel, 24).reshape(2, 3, 4, kernel.dim), points(kernel, 5, seed=3)
    for matrix in both_roads(lambda: kernel(x)):
        assert matrix.shape == (2, 3, 4, 4)
        assert all(np.array_equal(matrix[index], matrix[index].T) for index in np.ndindex(2, 3))
    together, across = kernel(x), kernel(x, y)
    for index in np.ndindex(2, 3):
        assert np.array_equal(together[index], kernel(x[index]))
        assert np.array_equal(across[index], kernel(x[index], y))
    assert np.array_equal(kernel(x[0], x[:, :1]), np.stack([kernel(x[0], x[i, 0]) for i in range(2)]))
    out = np.empty((2, 3, 4, 5))
    assert kernel(x, y, out=out) is out
    r = distances(kernel)[:18].reshape(3, 6)
    assert np.array_equal(at_distance(kernel, r), np.array([[at_distance(kernel, v) for v in row] for row in r]))


def identity(kernel):
    """Equal parameters make equal, hashable, immutable kernels, and a copy is one of them."""
    x = points(kernel, 5)
    expected = kernel(x)
    for twin in (pickle.loads(pickle.dumps(kernel)), copy.copy(kernel), copy.deepcopy(kernel), _with(kernel)):
        assert twin == kernel
        assert hash(twin) == hash(kernel)
        assert repr(twin) == repr(kernel)
        assert np.array_equal(twin(x), expected)
    assert kernel != _with(kernel, order=kernel.order + 1)
    with pytest.raises(AttributeError):
        kernel.order = Fraction(3)


def refusals(kernel):
    x = points(kernel, 4)
    spoiled = x.copy()
    spoiled[2, 0] = np.nan
    wrong = "must have shape"
    for bad, message in ((spoiled, "row 2"), (np.float64(1), wrong), (np.zeros((4, kernel.dim + 1)), wrong)):
        for arguments in ((bad,), (x, bad)):
            with pytest.raises(ValueError, match=message):
                kernel(*arguments)
    on_line = isinstance(kernel, SobolevKernel)
    for bad, message in ((-1.0, "at least 0"), (np.nan, "NaN")) if on_line else ((np.nan, "h must be finite"),):
        with pytest.raises(ValueError, match=message):
            at_distance(kernel, [1.0, bad])
    with pytest.raises(TypeError, match="real numbers"):
        kernel(x.astype(complex))
    with pytest.raises(ValueError, match="out must have shape"):
        kernel(x, out=np.empty((3, 3)))


LAWS = [symmetry, positive_definiteness, reproduction, scaling, monotonicity, agreement, derivatives_in_space,
        derivatives_in_the_parameters, precision, batches, identity, refusals]

def _with(kernel, **parameters):
    """The kernel with other parameters, κ given by its exact square."""
    other = object.__new__(type(kernel))
    other._set(kernel.dim, parameters.get("order", kernel.order),
               parameters.get("kappa_squared", kernel.kappa_squared),
               *([] if isinstance(kernel, SobolevKernel) else [parameters.get("periods", kernel.periods)]))
    return other


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law, kernel):
    law(kernel)


def _changed(change):
    return lambda original: lambda self, *arguments, **options: change(self, original(self, *arguments, **options))


def _with_last_bit(self, matrix):
    matrix[..., 0, 1] *= 1 + EPS
    return matrix


def _with_little_less_on_the_diagonal(self, matrix):
    return matrix - 1e-6 * self.at_zero * np.eye(*matrix.shape[-2:])


@pytest.mark.parametrize(("law", "method", "spoil"), [
    (symmetry, "__call__", _changed(_with_last_bit)),
    (positive_definiteness, "__call__", _changed(_with_little_less_on_the_diagonal)),
    (reproduction, "radial", _changed(lambda self, values: values * 1.000001)),
    (scaling, "radial", _changed(lambda self, values: values * (1 + 1e-12 * self.kappa))),
    (monotonicity, "correlation", lambda original: lambda self, r: np.exp(-self.kappa * r)),
    (agreement, "evaluate", _changed(lambda self, value: value * (1 + mp.mpf(10) ** -14))),
    (agreement, "operator", _changed(lambda self, operator: 1.0001 * operator)),
    (derivatives_in_space, "gradient", _changed(lambda self, values: values * (1 + 1e-10))),
    (derivatives_in_space, "laplacian", _changed(lambda self, values: values * (1 + 1e-10))),
    (derivatives_in_the_parameters, "parameter_derivative",
     lambda original: lambda self, name: original(self, "order" if name == "kappa" else "kappa")),
    (precision, "__call__", _changed(lambda self, matrix: matrix.astype(np.float64))),
    (batches, "__call__", _changed(lambda self, matrix: matrix[::-1])),
    (identity, "__hash__", lambda original: lambda self: id(self)),
    (refusals, "__call__", lambda original: lambda self, x, y=None, out=None: np.zeros((len(x), len(x)))),
], ids=lambda value: getattr(value, "__name__", None) if callable(value) else value)
def test_the_law_can_be_broken(law, method, spoil, monkeypatch):
    monkeypatch.setattr(SobolevKernel, method, spoil(getattr(SobolevKernel, method)))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law(KERNELS[7])
