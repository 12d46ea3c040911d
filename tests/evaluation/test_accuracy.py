"""The promises in units in the last place, against Arb, on random and adversarial points."""

import math
from fractions import Fraction

import numpy as np
import pytest
from certified import adversarial, at_zero_ball, correlation_ball, middle, ulps, worst
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sobolevkernels.evaluation import compiled, precise
from sobolevkernels.evaluation.asymptotic import zero_from
from sobolevkernels.evaluation.constants import ONE as UNIT
from sobolevkernels.evaluation.constants import Scale, at_zero
from sobolevkernels.evaluation.half_integer import CORRELATIONS
from sobolevkernels.evaluation.radial import LONGEST, _table_for, log_road, radial_road
from sobolevkernels.evaluation.taylor import NEAR
from sobolevkernels.evaluation.tiles import over_tiles

ONE = Fraction(1)
SMOOTHNESS = {
    "0.01": Fraction(1, 100), "0.0123": Fraction(0.0123), "0.1": Fraction(1, 10), "1/4": Fraction(1, 4),
    "just below 1/2": Fraction(np.nextafter(0.5, 0)), "just above 1/2": Fraction(np.nextafter(0.5, 1)),
    "0.7": Fraction(0.7), "7/8": Fraction(7, 8), "just above 7/8": Fraction(np.nextafter(0.875, 1)),
    "just below 1": Fraction(np.nextafter(1.0, 0)), "1": ONE, "just above 1": Fraction(np.nextafter(1.0, 2)),
    "near 3/2": Fraction(3, 2) + Fraction(1, 10**30), "1.7": Fraction(17, 10), "2": Fraction(2),
    "just below 2": Fraction(np.nextafter(2.0, 0)), "9/2": Fraction(9, 2), "21/2": Fraction(21, 2),
    "20": Fraction(20), "41/2": Fraction(41, 2), "77.7": Fraction(777, 10), "200": Fraction(200),
    "499.9": Fraction(4999, 10), "500": Fraction(500),
}


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def road(request, monkeypatch):
    """Every promise is kept by both roads; the compiled one answers for small arrays here, too."""
    monkeypatch.setattr(compiled, "_wanted", request.param == "compiled")
    monkeypatch.setattr(compiled, "WORTH_COMPILING", 0)
    return request.param


def radial(nu, kappa_squared, r, out, scale=UNIT):
    over_tiles(radial_road(nu, kappa_squared, scale, r.size), r, out)


def log_radial(nu, kappa_squared, r, out, scale=UNIT):
    over_tiles(log_road(nu, kappa_squared, scale), r, out)


def correlation(nu, kappa_squared, r):
    out = np.empty_like(r)
    radial(nu, kappa_squared, r, out)
    return out


def exact_correlation(nu, kappa_squared):
    return lambda r: middle(correlation_ball(nu, kappa_squared, Fraction(r)))


@pytest.mark.parametrize("p", CORRELATIONS)
def test_closed_forms_stay_within_five_ulp_or_half_of_it_compiled(p, road):
    nu = Fraction(2 * p + 1, 2)
    r = adversarial(np.random.default_rng(p), 250)
    error, where = worst(correlation(nu, ONE, r), r, exact_correlation(nu, ONE))
    assert error <= (5 if road == "numpy" else 2.5), where


@pytest.mark.parametrize("p", CORRELATIONS)
@pytest.mark.parametrize("kappa_squared", [Fraction(7, 10), Fraction(0.3) ** 2, Fraction(12345, 7)], ids=str)
def test_closed_forms_carry_the_rounding_of_kappa_r_along(p, kappa_squared, road):
    nu = Fraction(2 * p + 1, 2)
    r = adversarial(np.random.default_rng(p), 100) / math.sqrt(kappa_squared)
    error, where = worst(correlation(nu, kappa_squared, r), r, exact_correlation(nu, kappa_squared))
    assert error <= (7 if road == "numpy" else 2.5), where


@pytest.mark.parametrize("name", SMOOTHNESS)
def test_table_stays_within_two_and_a_half_ulp(name):
    nu = SMOOTHNESS[name]
    r = adversarial(np.random.default_rng(1), 60)
    error, where = worst(correlation(nu, ONE, r), r, exact_correlation(nu, ONE))
    assert error <= 2.5, where


@pytest.mark.parametrize("kappa_squared", [Fraction(1, 3), Fraction(0.7) ** 2, Fraction(10**40, 7)], ids=str)
@pytest.mark.parametrize("nu", [Fraction(1, 50), Fraction(17, 10), Fraction(101, 2)], ids=str)
def test_table_does_not_round_kappa_r(nu, kappa_squared):
    r = adversarial(np.random.default_rng(2), 60) / math.sqrt(kappa_squared)
    error, where = worst(correlation(nu, kappa_squared, r), r, exact_correlation(nu, kappa_squared))
    assert error <= 2.5, where


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.01, 200), st.floats(0, 700), st.floats(1e-3, 1e3))
def test_any_smoothness_any_distance_any_scale(road, nu, x, kappa):
    nu, kappa_squared, r = Fraction(nu), Fraction(kappa) ** 2, x / kappa
    (value,) = correlation(nu, kappa_squared, np.array([r]))
    true = exact_correlation(nu, kappa_squared)(r)
    assert ulps(value, true) <= (7 if road == "numpy" and nu.denominator == 2 and nu < 4 else 2.5)


@pytest.mark.parametrize("nu", [Fraction(1, 100), Fraction(1, 2), Fraction(7, 2), Fraction(17, 10), Fraction(41, 2),
                                Fraction(500)], ids=str)
def test_values_round_into_the_subnormal_numbers_and_then_to_zero(nu, road):
    """Where the result crosses 2^-1022, and where it vanishes: the true value decides, not an intermediate one."""
    exact = exact_correlation(nu, ONE)

    def crossing(level):
        low, high = 1.0, 4000.0
        for _ in range(60):
            r = (low + high) / 2
            low, high = (r, high) if exact(r) > level else (low, r)
        return low

    normal, vanishing = crossing(Fraction(2) ** -1022), crossing(Fraction(2) ** -1075)
    r = np.concatenate([np.linspace(normal - 3, vanishing + 2, 60), [normal, np.nextafter(normal, np.inf)]])
    values = correlation(nu, ONE, r)
    assert worst(values, r, exact)[0] <= (5 if road == "numpy" else 2.5)
    assert values[r < vanishing - 0.1].all()
    assert not values[r > vanishing + 0.5].any()
    assert correlation(nu, ONE, np.array([1e4, 1e308, np.inf])).tolist() == [0, 0, 0]


@pytest.mark.parametrize(("dim", "nu", "kappa_squared"), [
    (1, Fraction(1, 50), ONE), (3, Fraction(3, 2), ONE), (2, Fraction(17, 10), ONE), (170, Fraction(5, 2), ONE),
    (180, Fraction(17, 10), ONE), (3, Fraction(17, 10), Fraction(1, 10**6)), (3, Fraction(5, 2), Fraction(1, 10**100)),
    (5, Fraction(100), Fraction(1, 10**6)), (5, Fraction(100), Fraction(10)),
], ids=str)
def test_radial_is_right_wherever_it_is_a_normal_number(dim, nu, kappa_squared, road):
    """Also where d(0) overflows, or the correlation alone is subnormal or zero."""
    rng = np.random.default_rng(dim)
    r = np.append(rng.uniform(0, 1200, 100), rng.uniform(0, 60, 30)) / math.sqrt(kappa_squared)
    out = np.empty_like(r)
    radial(nu, kappa_squared, r, out, at_zero(dim, nu, kappa_squared))
    front = middle(at_zero_ball(dim, nu, kappa_squared))
    checked = 0
    for value, point in zip(out, r, strict=True):
        true = front * exact_correlation(nu, kappa_squared)(point)
        if true >= Fraction(2) ** 1024:
            assert value == np.inf
        elif true >= Fraction(2) ** -1022:
            assert ulps(value, true) <= (8.5 if road == "numpy" else 4)
            checked += 1
        else:
            assert abs(Fraction(value) - true) <= Fraction(51, 100) * Fraction(5e-324) + true / 10**15
    assert checked > 20


@pytest.mark.parametrize("nu", [Fraction(3, 2), Fraction(17, 10)], ids=str)
@pytest.mark.parametrize("exponent", [1025, 1026, -1022, -1040, -1070])
def test_a_scale_beyond_the_range_may_give_values_within(nu, exponent):
    scale = Scale(0.8, exponent, math.nan)
    r = np.linspace(0.3, 4, 200)
    out = np.empty_like(r)
    radial(nu, ONE, r, out, scale)
    finite = 0
    for value, point in zip(out, r, strict=True):
        true = Fraction(0.8) * Fraction(2) ** exponent * exact_correlation(nu, ONE)(point)
        if true >= Fraction(2) ** 1024:
            assert value == np.inf
        else:
            finite += 1
            assert abs(Fraction(value) - true) <= Fraction(51, 100) * Fraction(5e-324) + true / 10**15
    assert finite > 50


def test_tiny_distances_and_tiny_kappa_together():
    """kappa r is below every float, yet at nu = 0.01 the correlation is not yet 1."""
    nu, kappa_squared = Fraction(1, 100), Fraction(2) ** -240 / 3
    r = np.array([0.0, 5e-324, 1e-310, 2.0**-1022, 1e-290, 1e-270, 1e-250])
    values = correlation(nu, kappa_squared, r)
    assert worst(values, r, exact_correlation(nu, kappa_squared))[0] <= 1
    assert values[1] < 1


def test_the_end_of_the_longest_table_is_left_to_mpmath():
    """kappa so small that d(0) is near 10^3000: normal numbers appear only beyond every table."""
    nu, kappa_squared = Fraction(200), Fraction(1, 10**30)
    r = np.array([7000.0, 14500.0]) * 1e15
    out = np.empty_like(r)
    radial(nu, kappa_squared, r, out, at_zero(3, nu, kappa_squared))
    front = middle(at_zero_ball(3, nu, kappa_squared))
    assert [ulps(value, front * exact_correlation(nu, kappa_squared)(point)) < 2 if value < np.inf
            else front * exact_correlation(nu, kappa_squared)(point) > 10**308
            for value, point in zip(out, r, strict=True)] == [True, True]
    assert np.isfinite(out).any()


@pytest.mark.parametrize("nu", [Fraction(1, 1000), Fraction(501)], ids=str)
def test_outside_the_table_mpmath_answers(nu):
    r = np.array([0.0, 1e-3, 1.0, 30.0, np.inf])
    values = correlation(nu, ONE, r)
    assert worst(values[:-1], r[:-1], exact_correlation(nu, ONE))[0] <= 1
    assert values[-1] == 0


@pytest.mark.parametrize("nu", [Fraction(1, 50), Fraction(3, 2), Fraction(17, 10)], ids=str)
def test_float32_is_right_to_its_own_last_place(nu):
    r = adversarial(np.random.default_rng(5), 60, end=80.0).astype(np.float32)
    out = np.empty_like(r)
    radial(nu, ONE, r, out)
    assert out.dtype == np.float32
    assert worst(out, r, exact_correlation(nu, ONE), np.float32)[0] <= 1


def test_layout_and_aliasing_change_nothing():
    r = np.random.default_rng(6).uniform(0, 30, (40, 1001))
    for nu in (Fraction(3, 2), Fraction(17, 10)):
        expected = correlation(nu, Fraction(7), r)
        strided = np.empty((2002, 40)).T[:, ::2]
        radial(nu, Fraction(7), r[::-1, ::-1], strided)
        assert np.array_equal(strided, expected[::-1, ::-1])
        inplace = r.copy()
        radial(nu, Fraction(7), inplace, inplace)
        assert np.array_equal(inplace, expected)


def test_no_warning_even_where_floating_point_errors_raise():
    r = np.array([0.0, 5e-324, 1e-310, 1.0, 700.0, 745.0, 1e308, np.inf])
    for nu in (Fraction(1, 100), Fraction(3, 2), Fraction(17, 10), Fraction(500)):
        for kappa_squared in (ONE, Fraction(1, 10**300), Fraction(10**600)):
            out = np.empty_like(r)
            with np.errstate(all="raise"):
                radial(nu, kappa_squared, r, out, at_zero(3, nu, kappa_squared))
                log_radial(nu, kappa_squared, r, out, at_zero(3, nu, kappa_squared))
            assert not np.isnan(out).any()


@pytest.mark.parametrize("nu", [Fraction(1, 100), Fraction(17, 10), Fraction(41, 2)], ids=str)
def test_a_distance_on_the_very_end_of_a_table(nu):
    """The intervals are closed on the left: `reach` itself belongs to the next table, or to what is zero."""
    last = zero_from(nu, 1.0, UNIT.exponent, NEAR, LONGEST)
    r = np.append(np.arange(NEAR, last + 1.0, NEAR), 1.0)
    for end in range(1, r.size):
        points = np.append(r[:end], r[-1])
        values = correlation(nu, ONE, points)
        assert worst(values, points, exact_correlation(nu, ONE))[0] <= 2.5
    assert values[-2] == 0


@pytest.mark.parametrize("nu", [Fraction(1, 100), Fraction(17, 10), Fraction(41, 2)], ids=str)
def test_a_small_scale_and_a_small_correlation_are_rounded_once(nu):
    """Neither is subnormal, only their product is."""
    scale = Scale(0.8, -340, math.nan)
    r = np.linspace(480, 540, 150)
    out = np.empty_like(r)
    radial(nu, ONE, r, out, scale)
    for value, point in zip(out, r, strict=True):
        true = Fraction(0.8) * Fraction(2) ** scale.exponent * exact_correlation(nu, ONE)(point)
        assert abs(Fraction(value) - true) <= Fraction(51, 100) * Fraction(5e-324) + true / 10**15


@pytest.mark.parametrize("nu", [Fraction(76, 100), Fraction(4, 5), Fraction(86, 100)], ids=str)
def test_the_power_of_r_that_a_rough_kernel_begins_with(nu):
    """Below the last interval of the table 1 - M is still a few units in the last place."""
    r = np.append(2.0**-32 * np.linspace(0.5, 0.999999, 20), np.nextafter(2.0**-32, 0))
    assert worst(correlation(nu, ONE, r), r, exact_correlation(nu, ONE))[0] <= 1


@pytest.mark.parametrize("nu", [Fraction(1, 100), Fraction(500)], ids=str)
def test_the_table_serves_both_ends_of_its_range(nu, monkeypatch):
    def never(*arguments):
        raise AssertionError("mpmath was asked")

    monkeypatch.setattr(precise, "correlation_mpf", never)
    r, out = np.array([0.0, 0.5, 30.0]), np.empty(3)
    radial(nu, ONE, r, out)
    log_radial(nu, ONE, r, out)
    with pytest.raises(AssertionError, match="mpmath"):
        radial(nu / 2 if nu < 1 else nu + 1, ONE, r, out)


def test_no_more_is_computed_than_is_asked_for(monkeypatch):
    """A table ends at the next multiple of 128, and mpmath answers for the distances beyond the longest one alone."""
    assert [_table_for(Fraction(17, 10), ONE, farthest, 1)[0].reach for farthest in (1.0, 130.0, 300.0, 1e9)] == [
        128, 256, 384, zero_from(Fraction(17, 10), 1.0, 1, NEAR, LONGEST)]
    asked, correlation_mpf = [], precise.correlation_mpf

    def noted(nu, kappa_squared, r):
        asked.append(r)
        return correlation_mpf(nu, kappa_squared, r)

    monkeypatch.setattr(precise, "correlation_mpf", noted)
    nu, kappa_squared = Fraction(200), Fraction(1, 10**30)
    r, out = np.array([0.0, 5.0, 14500.0, np.inf]) * 1e15, np.empty(4)
    radial(nu, kappa_squared, r, out, at_zero(3, nu, kappa_squared))
    assert asked == [Fraction(r[2])]
    assert out[3] == 0
