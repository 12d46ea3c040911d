"""Symbols: their algebra, equality, formulas, and their estimation from samples."""

import itertools
import pickle
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from sobolevkernels import multipliers as fm
from sobolevkernels.multipliers import FourierMultiplier, laplacian_power, sobolev_multiplier


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def shear(*xi: np.ndarray) -> np.ndarray:
    """Neither radial nor symmetric in any axis alone."""
    total = sum((j + 1.0) * axis for j, axis in enumerate(xi))
    return 1.0 + total**2 + sum(axis**2 for axis in xi)


# --- algebra ------------------------------------------------------------------------------------


def leaves() -> list[FourierMultiplier]:
    return [sobolev_multiplier(2, 0.5), sobolev_multiplier(-0.5), laplacian_power(1) + 1, fm.heat(0.01),
            fm.from_callable(shear), fm.from_callable(1 + sp.Symbol("xi") ** 2), 3 * sobolev_multiplier(1)]


@pytest.mark.parametrize("pair", [*itertools.combinations(range(7), 2)], ids=str)
def test_algebra_is_the_algebra_of_operators_on_every_grid(pair):
    M, N = (leaves()[index] for index in pair)
    f, h = rng().normal(size=(6, 8)), (0.4, 0.3)
    close = lambda a, b: np.allclose(a, b, rtol=1e-11, atol=1e-11 * np.abs(b).max())
    assert close((M * N).apply(f, h), M.apply(N.apply(f, h), h))
    assert close((M / N).apply(f, h), M.apply(N.solve(f, h), h))
    assert close((M + N).apply(f, h), M.apply(f, h) + N.apply(f, h))
    assert close((M**2).apply(f, h), M.apply(M.apply(f, h), h))
    assert close((M**-1).apply(f, h), M.solve(f, h))
    assert close((M**0.5).apply((M**0.5).apply(f, h), h), M.apply(f, h))
    assert close((2.5 * M + 1).apply(f, h), 2.5 * M.apply(f, h) + f)
    assert close((1 / M).apply(f, h), M.solve(f, h))
    assert M * N == N * M
    assert M + N == N + M
    assert hash(M * N) == hash(N * M)
    assert M * N / N == M


def test_exponents_add_and_equal_terms_merge():
    M, N = sobolev_multiplier(1, 2), fm.heat(1)
    assert sobolev_multiplier(0.5, 2) * sobolev_multiplier(1.5, 2) == M**2 == sobolev_multiplier(2, 2)
    assert sobolev_multiplier(1) != M
    assert N**3 == fm.heat(3) == N * fm.heat(2)
    assert M / M == 1 * laplacian_power(0) == sobolev_multiplier(0)
    assert M + M == 2 * M == M * 2
    assert (M + N) + 2 * M == 3 * M + N
    assert 2 * (M + N) == 2 * M + 2 * N
    assert (2 * M) ** 0.5 * (2 * M) ** 0.5 == 2 * M
    assert sum([M, N, M]) == 2 * M + N
    assert np.float64(2) * M == 2 * M == M * np.int64(2)
    assert M + 0 == M
    assert 0 * M == 0 * N
    assert M != "M"
    f = rng().normal(size=8)
    assert np.array_equal((0 * M).apply(f, 0.1), np.zeros(8))


def test_equality_is_of_parts_and_ratio_range_of_values():
    M, N = laplacian_power(1) + 1, sobolev_multiplier(1)
    assert M != N
    assert M.is_proportional(N, (8, 8), 0.1)
    assert N.is_proportional(7 * M, 9, 0.2)
    low, high = sobolev_multiplier(2).ratio_range(sobolev_multiplier(1), (8, 8), 0.1)
    assert (low, high) == pytest.approx((1, 1 + 2 * (np.pi / 0.1) ** 2), rel=1e-13)
    assert (2 * laplacian_power(1)).ratio_range(laplacian_power(1), 8, 0.1) == (2, 2)
    assert N.ratio_range(laplacian_power(1), 8, 0.1)[1] == np.inf
    assert not N.is_proportional(laplacian_power(1), 8, 0.1)
    with pytest.raises(ValueError, match="0 at every mode"):
        (0 * M).ratio_range(0 * N, 8, 0.1)


def test_tikhonov_minimises_its_quadratic():
    M, P, g = laplacian_power(1), sobolev_multiplier(2), rng().normal(size=(9, 10))
    T, h = fm.tikhonov(M, 0.1, P), 0.3
    f = T.solve(g, h)
    value = lambda u: M.inner(u, u, h) / 2 + 0.05 * P.inner(u, u, h) - h**2 * np.sum(u * g)
    for _ in range(5):
        assert value(f) < value(f + 1e-3 * rng().normal(size=f.shape))
    assert np.allclose((M / T).apply(g - g.mean(), h), T.solve(M.apply(g, h), h), atol=1e-10)


# --- formulas -----------------------------------------------------------------------------------


def test_expressions_say_what_the_numbers_do():
    xi = sp.Symbol("xi")
    M = sobolev_multiplier(Fraction(3, 2), 2) * fm.heat(Fraction(1, 10)) + 3 * laplacian_power(1)
    expected = (xi**2 + 4) ** sp.Rational(3, 2) * sp.exp(-(xi**2) / 10) + 3 * xi**2
    assert sp.simplify(M.expr - expected) == 0
    assert np.allclose(M.on_grid(12, 0.3), [float(M.expr.subs(xi, w)) for w in 2 * np.pi * np.fft.rfftfreq(12, 0.3)])
    a, b = sp.symbols("xi_1 xi_2")
    mixed = fm.from_callable((a + b) ** 2 + 1) * sobolev_multiplier(1)
    assert sp.expand(mixed.expr - ((a + b) ** 2 + 1) * (1 + a**2 + b**2)) == 0
    assert fm.from_callable(mixed.expr).is_proportional(mixed, (7, 9), 0.4)
    assert fm.low_pass(2).expr.subs(xi, 2) == 1
    assert fm.low_pass(2).expr.subs(xi, sp.Rational(201, 100)) == 0
    assert (2 * M ** 0.5).latex().startswith("m(\\xi) = ")
    assert "displaystyle" in M._repr_latex_()
    assert fm.from_callable(shear)._repr_latex_() is None


def test_functions_and_expressions_are_compared():
    xi = sp.Symbol("xi")
    assert fm.from_callable(lambda w: 1 + w**2, 1 + xi**2).expr == 1 + xi**2
    assert fm.from_callable(lambda a, b: 1 + a**2 + b**2, 1 + xi**2).on_grid((2, 2), np.pi)[1, 1] == 3
    with pytest.raises(ValueError, match="where the expression"):
        fm.from_callable(lambda w: 1 + w**4, 1 + xi**2)
    with pytest.raises(ValueError, match=r"symbols \['q'\]"):
        fm.from_callable(1 + sp.Symbol("q"))
    with pytest.raises(ValueError, match="no meaning in dimension 1"):
        fm.from_callable(1 + sp.Symbol("xi_2") ** 2).on_grid(8, 0.1)
    with pytest.raises(ValueError, match="values only"):
        _ = fm.from_callable(shear).expr
    assert fm.from_callable(sp.Integer(3)).on_grid(4, 1.0).tolist() == [3, 3, 3]


@pytest.mark.parametrize(("M", "text"), [
    (sobolev_multiplier(2), "(1 + |ξ|²)²"), (sobolev_multiplier(1.5, 0.5), "(0.5² + |ξ|²)^1.5"),
    (laplacian_power(0.5), "|ξ|"), (fm.heat(1), "exp(-|ξ|²)"), (fm.heat(0.5) ** -1, "exp(0.5 |ξ|²)"),
    (2 * sobolev_multiplier(1) + 1, "2 · (1 + |ξ|²) + 1"), (fm.low_pass(3), "1[|ξ| ≤ 3]"),
    (fm.from_callable(shear) ** 2, "shear(ξ)²")])
def test_repr_shows_the_symbol_and_the_convention(M, text):
    assert repr(M) == f"FourierMultiplier(m(ξ) = {text})  # ξ in radians per length"


def test_numbers_load_no_sympy():
    used = subprocess.run([sys.executable, "-c", """
import sys, numpy as np, sobolevkernels as sk
fm, f = sk.multipliers, np.ones((4, 8))
M = fm.tikhonov(sk.sobolev_multiplier(2) * fm.heat(0.1), 0.1) / fm.low_pass(100)
M.solve(M.apply(f, 0.1), 0.1), repr(M), fm.from_callable(lambda x, y: 1 + x**2 + y**2).spectrum((4, 8), 0.1)
fm.from_samples(np.random.default_rng(0).normal(size=(3, 8)), 0.1).on_grid(8, 0.1)
print('sympy' in sys.modules, 'scipy.fft' in sys.modules)"""], capture_output=True, text=True, check=True)
    assert used.stdout.split() == ["False", "True"]


def test_multipliers_pickle_compare_and_do_not_change():
    for M in (sobolev_multiplier(2.5), fm.from_callable(1 + sp.Symbol("xi") ** 2), fm.from_callable(shear) + 1):
        M.on_grid(8, 0.1)
        again = pickle.loads(pickle.dumps(M))
        assert again == M
        assert np.array_equal(again.on_grid(8, 0.1), M.on_grid(8, 0.1))
    with pytest.raises(AttributeError, match="does not change"):
        M.order = 3


# --- samples ------------------------------------------------------------------------------------


def stationary(S: FourierMultiplier, count: int, shape, spacing: float) -> np.ndarray:
    """Samples whose covariance is (1/|T|) Σ S e^(iξh): √(S/cell) on white noise."""
    noise = rng().normal(size=(count, *shape))
    return (S**0.5).apply(noise, (spacing,) * len(shape)) / spacing ** (len(shape) / 2)


def test_samples_recover_the_covariance_they_came_from():
    S, shape, h = sobolev_multiplier(-2, 3), (16, 12), 0.25
    estimate = fm.from_samples(stationary(S, 20000, shape, h), h, shrinkage=0.0, centre=False)
    assert np.allclose(estimate.on_grid(shape, h), S.on_grid(shape, h), rtol=0.08)
    samples = stationary(S, 20000, shape, h)
    volume = h**2 * 16 * 12
    covariance = np.mean(samples[:, 0, 0] * samples[:, 2, 1])
    xi = np.meshgrid(*(2 * np.pi * np.fft.fftfreq(n, h) for n in shape), indexing="ij")
    exact = np.sum((9 + xi[0] ** 2 + xi[1] ** 2) ** -2.0 * np.cos(2 * h * xi[0] + h * xi[1])) / volume
    assert covariance == pytest.approx(exact, rel=0.1)


@pytest.mark.parametrize("shape", [(128,), (32, 32), (16, 15)], ids=str)
def test_shrinkage_pays_for_few_samples_and_fades_for_many(shape):
    S, h = sobolev_multiplier(-2, 3), 0.1
    truth = S.on_grid(shape, h)

    def error(count, **options):
        estimate = fm.from_samples(stationary(S, count, shape, h), h, **options).on_grid(shape, h)
        return np.mean((estimate / truth - 1) ** 2)

    assert error(4) < 0.5 * error(4, shrinkage=0.0)
    rough = fm.from_callable(lambda *xi: 2 + np.cos(3 * sum(xi)))
    samples = stationary(rough, 4000, shape, h)
    share = float(repr(fm.from_samples(samples, h)).split("shrunk by ")[1].split("]")[0])
    assert share < 0.02


def test_the_shrinkage_formula_in_a_small_case():
    """λ = Σ v/(ν+v) (P/T)² / Σ (P/T-1)², over all modes one by one, with a target that was given."""
    samples, h = rng().normal(size=(3, 6)), 0.5
    target = fm.from_callable(lambda w: 0.5 + 0.1 * w**2)
    T = 0.5 + 0.1 * (2 * np.pi * np.fft.fftfreq(6, h)) ** 2
    for centre, freedom in ((False, 3), (True, 2)):
        data = samples - samples.mean(axis=0) if centre else samples
        P = h / 6 * np.sum(np.abs(np.fft.fft(data)) ** 2, axis=0) / freedom
        v = np.where(np.isin(np.arange(6), (0, 3)), 2, 1)
        share = min(1, np.sum(v / (freedom + v) * (P / T) ** 2) / np.sum((P / T - 1) ** 2))
        expected = ((1 - share) * P + share * T)[:4]
        found = fm.from_samples(samples, h, target=target, centre=centre).on_grid(6, h)
        assert share > 0
        assert np.allclose(found, expected, rtol=1e-12)


def test_an_estimate_lives_on_its_grid_only():
    samples = rng().normal(size=(5, 8, 8))
    S = fm.from_samples(samples, 0.1)
    assert np.isfinite((1 / S).apply(samples[0], 0.1)).all()
    for shape, h in (((8, 9), 0.1), ((8, 8), 0.2)):
        with pytest.raises(ValueError, match="known nowhere else"):
            S.on_grid(shape, h)
    assert S == S
    assert fm.from_samples(samples, 0.1) != S
    constant = fm.from_samples(samples - samples.mean(axis=(1, 2), keepdims=True), 0.1).on_grid((8, 8), 0.1)
    assert constant[0, 0] < 1e-30 < constant[0, 1]


def test_samples_that_do_not_do():
    x = rng().normal(size=(3, 8))
    with pytest.raises(ValueError, match="leading axis"):
        fm.from_samples(x[0], 0.1)
    with pytest.raises(ValueError, match="leading axis"):
        fm.from_samples(x, (0.1, 0.1))
    with pytest.raises(ValueError, match="too few"):
        fm.from_samples(x[:1], 0.1)
    with pytest.raises(ValueError, match="finite"):
        fm.from_samples(np.where(x > 1, np.nan, x), 0.1)
    with pytest.raises(ValueError, match="between 0"):
        fm.from_samples(x, 0.1, shrinkage=1.5)


# --- the ends of the floats ---------------------------------------------------------------------


@pytest.mark.parametrize("k", [256, 2000])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_coefficient_and_a_power_that_are_no_floats_can_have_a_product_that_is(k, sign):
    # (1 + ξ²/100k)^k, which tends to e^(ξ²/100): the coefficient is below 1e-1100, the power above 1e1100.
    M = ((0.01 / k) * sobolev_multiplier(order=1, kappa=(k / 0.01) ** 0.5)) ** (sign * k)
    square = np.arange(5.0) ** 2
    np.testing.assert_allclose(M.on_grid(8, np.pi / 4), np.exp(sign * k * np.log1p(0.01 * square / k)), rtol=2e-13)
    assert "e-" in repr(M) if sign > 0 else "e+" in repr(M)


def test_parts_that_underflow_against_parts_that_overflow():
    square = (2 * np.pi * np.fft.rfftfreq(64, 0.05)) ** 2
    grow = fm.from_callable(sp.exp(sp.Symbol("xi") ** 2 / 8)) ** 7
    values = (fm.heat(0.9) * grow).on_grid(64, 0.05)  # e^(-ξ²/40), of e^(-0.9ξ²) and e^(0.875ξ²)
    np.testing.assert_allclose(values, np.exp(-square / 40), rtol=1e-11)


def test_zeros_and_poles_stay_what_they_are():
    assert (2 * laplacian_power(1)).on_grid(4, 1.0)[0] == 0
    with pytest.raises(ValueError, match="infinite at ξ = 0"):
        (2 / laplacian_power(1)).on_grid(4, 1.0)
    with pytest.raises(ValueError, match="NaN at ξ = 0"):
        (laplacian_power(1) / (laplacian_power(1) + laplacian_power(2))).on_grid(4, 1.0)


def test_parameters_whose_squares_are_no_floats():
    assert (fm.low_pass(1e200).on_grid(4, 1.0) == 1).all()
    with pytest.raises(ValueError, match="infinite at ξ = 0"):
        sobolev_multiplier(order=1, kappa=1e200).on_grid(4, 1.0)


def test_fields_that_overflow_raise_and_do_not_warn(recwarn):
    for act in (lambda: sobolev_multiplier(order=1).apply(np.full(4, 1e308), 1.0),
                lambda: sobolev_multiplier(order=1, kappa=1e-3).solve(np.full(4, 1e305), 1.0),
                lambda: sobolev_multiplier(order=1).apply(np.ones(4), 1.0, scale=np.inf)):
        with pytest.raises(ValueError, match="not finite"):
            act()
    assert not recwarn.list


def test_spacing_and_shape_as_arrays():
    f, M = rng().normal(size=(4, 6)), laplacian_power(1)
    assert (M.apply(f, np.array(0.5)) == M.apply(f, 0.5)).all()
    assert (M.on_grid(np.array([4, 6]), np.array([0.5, 0.25])) == M.on_grid((4, 6), (0.5, 0.25))).all()
