"""Fourier multipliers against dense matrices built from the definition, plane waves, SciPy and mpmath."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.fft
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

import sobolevkernels as sk
from sobolevkernels import multipliers as fm
from sobolevkernels.evaluation import grid_operator
from sobolevkernels.multipliers import laplacian_power, sobolev_multiplier

SHAPES = [(7,), (8,), (1,), (2,), (5, 4), (4, 5), (6, 6), (1, 4), (3, 4, 6), (2, 3, 5)]


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def shear(*xi: np.ndarray) -> np.ndarray:
    """Neither radial nor symmetric in any axis alone."""
    total = sum((j + 1.0) * axis for j, axis in enumerate(xi))
    return 1.0 + total**2 + sum(axis**2 for axis in xi)


def dense(function, shape, spacing) -> np.ndarray:
    """The matrix by the definition: interpolate with shared Nyquist coefficients, multiply, sample."""
    points = list(itertools.product(*(range(n) for n in shape)))
    matrix = np.zeros((len(points), len(points)), dtype=complex)
    for modes in itertools.product(*([*range(-((n - 1) // 2), (n + 1) // 2), *([Fraction(n, 2)] if n % 2 == 0 else [])]
                                     for n in shape)):
        choices = [(k, -k) if 2 * k == n else (k,) for k, n in zip(modes, shape, strict=True)]
        signed = list(itertools.product(*choices))
        for exponents in signed:
            xi = [2 * np.pi * float(k) / (n * h) for k, n, h in zip(exponents, shape, spacing, strict=True)]
            wave = np.array([np.exp(1j * sum(w * h * p for w, h, p in zip(xi, spacing, point, strict=True)))
                             for point in points])
            # A coefficient is found with either sign; the Nyquist ones agree there.
            matrix += function(*xi) * np.outer(wave, wave.conj()) / (len(points) * len(signed))
    assert np.abs(matrix.imag).max() <= 1e-9 * np.abs(matrix).max()
    return matrix.real


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("kind", ["radial", "shear"])
def test_action_inverse_kernel_and_spectrum_are_those_of_the_dense_matrix(shape, kind):
    spacing = tuple(0.3 + 0.2 * j for j in range(len(shape)))
    function = shear if kind == "shear" else lambda *xi: (2.25 + sum(w * w for w in xi)) ** 1.5
    M = fm.from_callable(shear) if kind == "shear" else sobolev_multiplier(order=1.5, kappa=1.5)
    A = dense(function, shape, spacing)
    size, f = len(A), rng().normal(size=shape)
    scale = np.abs(A).max() * size
    assert np.abs(A - A.T).max() <= 1e-13 * scale
    assert np.abs(M.apply(f, spacing).ravel() - A @ f.ravel()).max() <= 1e-13 * scale
    assert np.abs(M.solve(f, spacing).ravel() - np.linalg.solve(A, f.ravel())).max() <= 1e-12
    eigenvalues = np.linalg.eigvalsh(A)
    assert np.allclose(M.spectrum(shape, spacing), eigenvalues, rtol=1e-10)
    assert M.condition_number(shape, spacing) == pytest.approx(eigenvalues[-1] / eigenvalues[0], rel=1e-10)
    assert np.abs(M.kernel(shape, spacing).ravel() * np.prod(spacing) - A[:, 0]).max() <= 1e-13 * scale
    g = rng().normal(size=shape) + f
    assert M.inner(f, g, spacing) == pytest.approx(np.prod(spacing) * f.ravel() @ A @ g.ravel(), rel=1e-11)
    assert M.norm(f, spacing) == pytest.approx(np.sqrt(np.prod(spacing) * f.ravel() @ A @ f.ravel()), rel=1e-11)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=3), st.floats(0.05, 3), st.floats(-3, 3), st.floats(0.1, 4),
       st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_solve_undoes_apply_and_both_are_symmetric(shape, spacing, order, kappa, seed):
    M = sobolev_multiplier(order=order, kappa=kappa)
    f, g = np.random.default_rng(seed).normal(size=(2, *shape))
    room = 1e-13 * M.condition_number(tuple(shape), spacing) * np.sqrt(f.size)
    assert np.abs(M.solve(M.apply(f, spacing), spacing) - f).max() <= room * 10
    left, right = np.sum(f * M.apply(g, spacing)), np.sum(g * M.apply(f, spacing))
    largest = M.spectrum(tuple(shape), spacing)[-1]
    assert abs(left - right) <= 1e-12 * largest * np.linalg.norm(f) * np.linalg.norm(g)


@pytest.mark.parametrize("n", [8, 9])
def test_plane_waves_below_nyquist_are_eigenfunctions_with_exact_eigenvalues(n):
    L = 3.0
    x, y = np.meshgrid(*(2 * [np.arange(n) * L / n]), indexing="ij")
    for k, l in ((0, 0), (1, 2), (-3, 1), (3, 3)):
        xi = 2 * np.pi / L * np.array([k, l])
        f = np.cos(xi[0] * x + xi[1] * y + 0.4)
        for M, value in ((sobolev_multiplier(0.75, 2), (4 + xi @ xi) ** 0.75), (fm.heat(0.01), np.exp(-0.01 * xi @ xi)),
                         (laplacian_power(1), xi @ xi), (fm.from_callable(shear), shear(*xi))):
            assert np.allclose(M.apply(f, L / n), value * f, rtol=0, atol=1e-12 * max(1, value))


def test_the_laplacian_agrees_with_derivatives_of_a_smooth_function():
    n = 64
    x = 2 * np.pi * np.arange(n) / n
    f = np.exp(np.sin(x))
    assert np.allclose(laplacian_power(1).apply(f, 2 * np.pi / n), f * (np.sin(x) - np.cos(x) ** 2), atol=1e-11)


def test_small_symbols_of_scipy_are_ours():
    """Periodic finite differences and Gaussian smoothing, whose eigenvalues are known."""
    f, h = rng().normal(size=(12, 15)), 0.5
    stencil = fm.from_callable(lambda a, b: (4 - 2 * np.cos(a * h) - 2 * np.cos(b * h)) / h**2)
    assert np.allclose(stencil.apply(f, h), -scipy.ndimage.laplace(f, mode="wrap") / h**2, atol=1e-11)
    smooth = scipy.ndimage.fourier_gaussian(np.fft.fftn(f), sigma=1.3)
    assert np.allclose(fm.heat((1.3 * h) ** 2 / 2).apply(f, h), np.fft.ifftn(smooth).real, atol=1e-12)


def test_the_kernel_is_the_truncated_fourier_sum():
    n, L, kappa = 9, 2.0, 1.5
    k = (sobolev_multiplier(order=1, kappa=kappa) ** -1).kernel(n, L / n)
    for place in (0, 1, 4, 8):
        total = sum(mpmath.cos(2 * mpmath.pi * m * place / n) / (kappa**2 + (2 * mpmath.pi * m / L) ** 2)
                    for m in range(-4, 5)) / L
        assert k[place] == pytest.approx(float(total), rel=1e-14)


def test_the_symbol_of_a_sampled_kernel_is_the_aliased_sum():
    """`sobolev.grid-periodic-symbol` in numbers: h·FFT of the sampled kernel is not 1/w."""
    n, h, kappa = 16, 0.5, 1.2
    x = h * np.arange(n)
    d = np.cosh(kappa * (n * h / 2 - x)) / (2 * kappa * np.sinh(kappa * n * h / 2))
    xi = 2 * np.pi * np.fft.rfftfreq(n, h)
    closed = h / (2 * kappa) * np.sinh(kappa * h) / (np.cosh(kappa * h) - np.cos(xi * h))
    assert np.allclose(h * np.fft.rfft(d).real, closed, rtol=1e-13)
    ends = [-mpmath.inf, mpmath.inf]
    brute = [float(mpmath.nsum(lambda j, w=w: 1 / (kappa**2 + (w + 2 * mpmath.pi * j / h) ** 2), ends)) for w in xi[:3]]
    assert np.allclose(closed[:3], brute, rtol=1e-10)
    assert not np.allclose(closed, sobolev_multiplier(-1, kappa).on_grid(n, h), rtol=0.01)


# --- shapes and precision -----------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5,), (6,), (4, 5), (3, 4, 4)], ids=str)
def test_leading_axes_are_a_batch(shape):
    spacing = [0.2] * len(shape)
    M, batch = sobolev_multiplier(2), rng().normal(size=(2, 3, *shape))
    for act in (M.apply, M.solve):
        together = act(batch, spacing)
        assert together.shape == batch.shape
        for place in np.ndindex(2, 3):
            assert np.array_equal(together[place], act(batch[place], spacing))
    inner = M.inner(batch, batch[0, 0], spacing)
    assert inner.shape == (2, 3)
    assert inner[1, 2] == pytest.approx(M.inner(batch[1, 2], batch[0, 0], spacing), rel=1e-13)
    assert M.apply(batch[:, :0], spacing).shape == (2, 0, *shape)


def test_one_number_means_that_every_axis_is_spatial():
    f = rng().normal(size=(4, 6))
    M = sobolev_multiplier(2)
    assert np.array_equal(M.apply(f, 0.3), M.apply(f, (0.3, 0.3)))
    assert np.abs(M.apply(f, 0.3) - M.apply(f, (0.3,))).max() > 1e-3


def test_float32_stays_float32_with_a_symbol_from_float64():
    f = rng().normal(size=(16, 16)).astype(np.float32)
    for M in (sobolev_multiplier(1.5), fm.from_callable(shear)):
        for act in (M.apply, M.solve):
            assert act(f, 0.1).dtype == np.float32
            exact = act(f.astype(np.float64), 0.1)
            assert np.abs(act(f, 0.1) - exact).max() <= 4e-6 * np.abs(exact).max()
    assert M.solve(f, 0.1, plus=f.astype(np.float64)).dtype == np.float64
    assert M.apply(np.arange(4), [1.0]).dtype == np.float64


def test_scale_and_plus_are_one_sweep():
    M, (f, g) = sobolev_multiplier(2, 0.5), rng().normal(size=(2, 3, 6, 5))
    plain = M.solve(g, (0.2, 0.4))
    assert np.allclose(M.solve(g, (0.2, 0.4), scale=-0.7, plus=f), f - 0.7 * plain, atol=1e-13)
    steps = np.array([0.1, 0.2, 0.3]).reshape(3, 1, 1)
    assert np.allclose(M.solve(g, (0.2, 0.4), scale=steps, plus=f), f + steps * plain, atol=1e-13)
    assert np.allclose(M.apply(g, (0.2, 0.4), scale=2.0, plus=f), f + 2 * M.apply(g, (0.2, 0.4)), atol=1e-10)


def test_arguments_are_left_alone_and_results_are_new():
    f = rng().normal(size=(8, 8))
    before, M = f.copy(), sobolev_multiplier(1)
    for result in (M.apply(f, 0.1), M.solve(f, 0.1), M.apply(f, 0.1, plus=f), M.apply(f[::-1, ::2], 0.1)):
        assert not np.shares_memory(result, f)
    assert np.array_equal(f, before)
    with pytest.raises(ValueError, match="read-only"):
        M.on_grid((8, 8), 0.1)[0] = 1


# --- zeros --------------------------------------------------------------------------------------


def test_zeros_need_the_complement_and_data_without_them():
    x = 2 * np.pi * np.arange(16) / 16
    M, h = laplacian_power(1), 2 * np.pi / 16
    with pytest.raises(ValueError, match=r"symbol is 0 at ξ = 0, .*complement=True"):
        M.solve(np.cos(x), h)
    u = M.solve(np.cos(3 * x), h, complement=True)
    assert np.allclose(u, np.cos(3 * x) / 9, atol=1e-15)
    with pytest.raises(ValueError, match=r"mean of magnitude 0\.25; subtract the mean"):
        M.solve(np.cos(x) + 0.25, h, complement=True)
    with pytest.raises(ValueError, match="mean of magnitude 1e-06"):
        M.solve(np.array([np.cos(x), np.cos(x) + 1e-6]), [h], complement=True)
    assert M.condition_number(16, h) == np.inf
    assert abs(M.solve(np.cos(3 * x) + 1e-15, h, complement=True).mean()) < 1e-17


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_zero_but_for_rounding_passes(dtype):
    for shape in ((1000,), (64, 63), (17, 16, 16)):
        f = (rng().normal(size=shape) + 3).astype(dtype)
        f = f - f.mean(dtype=np.float64).astype(dtype)
        u = laplacian_power(1).solve(f - f.mean(), 0.1, complement=True)
        assert abs(u.mean()) <= 100 * np.finfo(dtype).eps * np.abs(u).max()
        P = fm.low_pass(20)
        kept = P.apply(f, 0.1)
        assert np.allclose(P.solve(kept, 0.1, complement=True), kept, atol=100 * np.finfo(dtype).eps)


def test_the_low_pass_is_a_projection_that_keeps_its_boundary():
    n = 24
    for L, k in itertools.product((2 * np.pi, 0.7, 1.7, 3.0, 7.3, 10.0, 300.0), range(1, 12)):
        symbol = fm.low_pass(k * (2 * np.pi / L)).on_grid(n, L / n)
        assert np.array_equal(symbol, np.arange(n // 2 + 1) <= k)
    with pytest.raises(ValueError, match=r"component e\^\(iξx\) of magnitude 0\.5; remove it"):
        fm.low_pass(5).solve(np.cos(2 * np.pi * 7 * np.arange(n) / n), 2 * np.pi / n, complement=True)
    assert fm.low_pass(5) * fm.low_pass(5) == fm.low_pass(5) == fm.low_pass(5) ** 0.5


def test_symbols_that_underflow_or_overflow_say_so():
    flow, h = fm.heat(10), 0.05
    assert flow.on_grid(64, h)[-1] == 0
    assert flow.condition_number(64, h) == np.inf
    with pytest.raises(ValueError, match="symbol is 0 at"):
        flow.solve(np.ones(64), h)
    with pytest.raises(ValueError, match="infinite at ξ = "):
        (flow**-1).apply(np.ones(64), h)
    with pytest.raises(ValueError, match="infinite at ξ = 0"):
        (laplacian_power(-1)).apply(np.ones(64), h)
    steep = sobolev_multiplier(order=25)
    assert np.isfinite(steep.apply(np.ones(64), h)).all()
    with pytest.raises(ValueError, match=r"symbol overflows float32 .*float64"):
        steep.apply(np.ones(64, dtype=np.float32), h)
    gentle = fm.heat(Fraction(715, 20**2))  # e^-715 is subnormal, its inverse infinite
    with pytest.raises(ValueError, match="inverse of the symbol overflows float64"):
        gentle.solve(np.ones(8), np.pi / 20)


# --- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("function", "message"), [
    (lambda w: w**2 - 1, "at least 0, but it is -1 at ξ = 0"),
    (lambda w: 1 / w**2, "infinite at ξ = 0"),
    (lambda w: np.where(w == 0, np.nan, 1.0), "NaN at ξ = 0"),
    (lambda w: 2 + np.tanh(w), "must be even, but at ξ = 7.85398 it is 3 and at -ξ 1"),
    (lambda w: np.ones(3), "must work elementwise"),
])
def test_bad_symbols_name_the_mode(function, message):
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        fm.from_callable(function).apply(np.ones(8), 0.1)


def test_symbols_that_are_odd_only_where_the_half_spectrum_does_not_show_it():
    """Even in each axis alone is not needed, even in ξ is: ξ₁ξ₂ may be there, ξ₁ may not."""
    fm.from_callable(lambda a, b: 200 + a * b).on_grid((4, 4), 0.5)
    for shape in ((4, 5), (5, 4), (5, 5)):
        with pytest.raises(ValueError, match="must be even"):
            fm.from_callable(lambda a, b: 50 + a).on_grid(shape, 0.5)
        with pytest.raises(ValueError, match="must be even"):
            fm.from_callable(lambda a, b: 50 + b).on_grid(shape, 0.5)


@pytest.mark.parametrize(("act", "error", "message"), [
    (lambda M: M.apply(np.ones(4) * 1j, 0.1), TypeError, r"f\.real and f\.imag"),
    (lambda M: M.solve(["a"], 0.1), TypeError, "float64 or float32"),
    (lambda M: M.apply(1.0, 0.1), ValueError, "at least one axis"),
    (lambda M: M.apply(np.ones((2, 2)), (0.1, 0.1, 0.1)), ValueError, "one per trailing axis"),
    (lambda M: M.apply(np.ones(4), 0.0), ValueError, "positive and finite"),
    (lambda M: M.apply(np.ones(4), -1), ValueError, "positive and finite"),
    (lambda M: M.apply(np.ones(4), np.nan), ValueError, "positive and finite"),
    (lambda M: M.apply(np.ones(4), np.inf), ValueError, "positive and finite"),
    (lambda M: np.ones(2) * M, TypeError, "unsupported|does not support"),
    (lambda M: M.apply(np.ones(4), "1"), TypeError, "spacing must be a real number"),
    (lambda M: M.on_grid((4, 4), (0.1, 0.1, 0.1)), ValueError, "one per axis of the grid"),
    (lambda M: M.on_grid((4, 0), 0.1), ValueError, "positive number of points"),
    (lambda M: M.on_grid(4.0, 0.1), ValueError, "positive number of points"),
    (lambda M: M.apply(np.array([1, np.nan, 2, 3]), 0.1), ValueError, "not finite"),
    (lambda M: M.solve(np.array([[1, 2], [1, np.inf]]), (0.1,)), ValueError, "not finite"),
    (lambda M: M.apply(np.ones(4), 0.1, plus=np.ones(5)), ValueError, "plus must have the shape"),
    (lambda M: M.apply(np.ones(4), 0.1, scale=np.ones((2, 4))), ValueError, "scale of shape"),
    (lambda M: M.inner(np.ones(4), np.ones(5), 0.1), ValueError, "one grid"),
    (lambda M: -2 * M, ValueError, "at least 0"),
    (lambda M: M + (-1), ValueError, "at least 0"),
    (lambda M: M * {}, TypeError, "unsupported"),
    (lambda M: M**np.inf, ValueError, "finite"),
    (lambda M: M / 0, ZeroDivisionError, "no inverse"),
    (lambda M: M / (0 * M), ZeroDivisionError, "no inverse"),
    (lambda M: sobolev_multiplier(1, kappa=0), ValueError, "positive"),
    (lambda M: fm.heat(-1), ValueError, r"heat\(time\) \*\* -1"),
    (lambda M: fm.low_pass(0), ValueError, "positive"),
    (lambda M: fm.tikhonov(M, 0), ValueError, "positive"),
    (lambda M: fm.from_callable(3), TypeError, "function of frequency arrays"),
    (lambda M: fm.from_callable(lambda w: 1j * w).on_grid(4, 1.0), TypeError, "real"),
])
def test_bad_input_is_refused_with_a_remedy(act, error, message):
    with np.errstate(all="ignore"), pytest.raises(error, match=message):
        act(sobolev_multiplier(2))


# --- machinery ----------------------------------------------------------------------------------


def test_the_symbol_is_computed_once_a_grid_and_by_one_thread():
    calls, started = [], threading.Barrier(4)

    def counted(w):
        calls.append(len(w))
        time.sleep(0.02)
        return 1 + w**2

    M, f = fm.from_callable(counted), rng().normal(size=64)

    def solve(_):
        started.wait()
        return M.solve(f, 0.1)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(solve, range(4)))
    once = len(calls)
    assert all(np.array_equal(result, results[0]) for result in results)
    M.solve(2 * f, 0.1)
    assert len(calls) == once
    M.solve(f, 0.2)
    assert len(calls) == 2 * once


def test_the_cache_is_bounded(monkeypatch):
    M = sobolev_multiplier(1)
    for n in range(1, 40):
        M.on_grid(n, 0.1)
    assert len(M._cache) == grid_operator.KEPT
    monkeypatch.setattr(grid_operator, "KEPT_BYTES", 1000)
    for n in (1000, 1002):
        assert M.on_grid(n, 0.1).shape == (n // 2 + 1,)
        assert len(M._cache) == 1
    monkeypatch.setattr(grid_operator, "KEPT", 2)
    first, second = M.on_grid(8, 0.1), M.on_grid(9, 0.1)
    assert M.on_grid(8, 0.1) is first
    M.on_grid(10, 0.1)  # takes the place of the one that was not used for longest
    assert M.on_grid(8, 0.1) is first
    assert M.on_grid(9, 0.1) is not second


def test_threads_do_not_change_the_result():
    f, M = rng().normal(size=(700, 700)), sobolev_multiplier(2)
    results = []
    for count in (1, 2):
        sk.set_threads(count)
        try:
            results.append(M.solve(f, 0.1, scale=-0.5, plus=f))
        finally:
            sk.set_threads(None)
    assert np.array_equal(*results)


def test_the_transforms_are_those_of_scipy_fft_and_its_backends():
    called = []

    class Counting:
        __ua_domain__ = "numpy.scipy.fft"

        @staticmethod
        def __ua_function__(method, arguments, options):
            called.append(method.__name__)
            with scipy.fft.skip_backend(Counting):
                return method(*arguments, **options)

    f, M = rng().normal(size=(8, 9)), sobolev_multiplier(1)
    with scipy.fft.set_backend(Counting):
        through = M.solve(f, 0.1)
    assert {"rfftn", "irfft"} <= set(called)
    assert np.array_equal(through, M.solve(f, 0.1))


def test_large_symbols_are_evaluated_in_pieces_that_agree_with_the_whole():
    shape, h = (1000, 401), (0.1, 0.2)
    xi, eta = np.meshgrid(2 * np.pi * np.fft.fftfreq(1000, 0.1), 2 * np.pi * np.fft.rfftfreq(401, 0.2), indexing="ij")
    assert np.allclose(sobolev_multiplier(1.5, 2).on_grid(shape, h), (4 + xi**2 + eta**2) ** 1.5, rtol=1e-14)
    expected = shear(xi, eta)
    expected[500] = (shear(xi[500], eta[500]) + shear(-xi[500], eta[500])) / 2
    assert np.allclose(fm.from_callable(shear).on_grid(shape, h), expected, rtol=1e-14)
    P, wave = fm.low_pass(30), np.cos(2 * np.pi * 499 * np.arange(1000) / 1000)[:, None] * np.ones(401)
    with pytest.raises(ValueError, match=r"symbol is 0 at ξ = \(31\.\d+, 0\) and the data have a component"):
        P.solve(wave, h, complement=True)
    one = (200001,)
    assert np.allclose(sobolev_multiplier(1).on_grid(one, 0.1), 1 + (2 * np.pi * np.fft.rfftfreq(200001, 0.1)) ** 2)
