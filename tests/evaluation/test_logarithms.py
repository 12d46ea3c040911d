"""log d(r) within 4 eps of max(1, |log d|), in every dimension to 4096 and at every distance."""

from fractions import Fraction

import flint
import numpy as np
import pytest
from certified import adversarial, at_zero_ball, correlation_ball, middle

from sobolevkernels.evaluation.asymptotic import zero_from
from sobolevkernels.evaluation.constants import ONE, at_zero
from sobolevkernels.evaluation.radial import log_road
from sobolevkernels.evaluation.tiles import over_tiles

EPS = Fraction(2) ** -52


def log_radial(nu, kappa_squared, r, out, scale=ONE):
    over_tiles(log_road(nu, kappa_squared, scale), r, out)


def exact_log(dim, nu, r):
    with flint.ctx.workprec(200):
        value = correlation_ball(nu, 1, r).log()
        return middle(value + at_zero_ball(dim, nu, 1).log() if dim else value)


@pytest.mark.parametrize("dim", [0, 1, 3, 200, 3072, 4096])
@pytest.mark.parametrize("nu", [Fraction(1, 100), Fraction(1, 2), Fraction(17, 10), Fraction(41, 2), Fraction(500)],
                         ids=str)
def test_logarithm(dim, nu):
    """Dimension 0 stands for the correlation alone."""
    r = np.concatenate([adversarial(np.random.default_rng(dim), 12), [127.99, 128.0, 1e3, 1e4, 1e6]])
    out = np.empty_like(r)
    log_radial(nu, Fraction(1), r, out, at_zero(dim, nu, Fraction(1)) if dim else ONE)
    for value, point in zip(out, r, strict=True):
        true = exact_log(dim, nu, Fraction(point))
        assert abs(Fraction(value) - true) <= 4 * EPS * max(1, abs(true)), point


def test_far_out_the_logarithm_is_minus_kappa_r():
    r = np.array([1e15, 1e300, np.inf])
    out = np.empty_like(r)
    for nu in (Fraction(1, 50), Fraction(300)):
        log_radial(nu, Fraction(1, 4), r, out)
        assert out[1:].tolist() == [-5e299, -np.inf]
        assert out[0] == pytest.approx(-5e14, rel=1e-10)


def test_extreme_scales_do_not_lose_the_product():
    r, out = np.array([1e-300, 1e300]), np.empty(2)
    log_radial(Fraction(17, 10), Fraction(10) ** 800, r, out)  # kappa is beyond the range of floats
    assert out[0] == pytest.approx(-1e100, rel=1e-13)
    assert out[1] == -np.inf


@pytest.mark.parametrize("nu", [Fraction(1, 1000), Fraction(600)], ids=str)
def test_outside_the_table_mpmath_answers(nu):
    r, out = np.array([0.0, 1e-2, 20.0, np.inf]), np.empty(4)
    log_radial(nu, Fraction(1), r, out)
    assert [float(exact_log(0, nu, Fraction(point))) for point in r[:3]] == pytest.approx(out[:3].tolist(), rel=1e-15)
    assert out[3] == -np.inf


def test_where_everything_is_zero():
    """e^(-κr) 2^exponent is below every float from (1075 + exponent) log(2)/κ on; a few bits are added for safety."""
    half = Fraction(1, 2)
    assert zero_from(half, 1.0, 0, 128, 4096) == 6 * 128  # 745.1 and a little, rounded up
    assert zero_from(half, 0.5, 0, 128, 4096) == 12 * 128
    assert zero_from(half, 1.0, 1000, 128, 4096) == 12 * 128
    assert zero_from(half, 1.0, -1000, 128, 4096) == 128
    assert zero_from(half, 0.1, 0, 128, 4096) == 4096  # nowhere
