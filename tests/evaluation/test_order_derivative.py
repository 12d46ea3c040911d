"""The derivatives in ν and κ: against certified balls, 50-digit differences, the ladder and elementary forms."""

import dataclasses
import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from certified import ball, middle
from mpmath import mp

from sobolevkernels.evaluation import asymptotic, order_derivative, precise, taylor
from sobolevkernels.evaluation.constants import at_zero
from sobolevkernels.evaluation.enclosures import derivative_ball
from sobolevkernels.evaluation.ladder import ladder_road
from sobolevkernels.evaluation.order_derivative import Combination, combination, parameter_road
from sobolevkernels.evaluation.precise_derivative import derivative_mpf
from sobolevkernels.evaluation.radial import radial_road
from sobolevkernels.evaluation.tiles import over_tiles

ONE = Fraction(1)
NORMAL = Fraction(2) ** -1022
NU = {
    "0.01": Fraction(1, 100), "0.1": Fraction(0.1), "1/2": Fraction(1, 2), "7/8": Fraction(7, 8),
    "just above 7/8": Fraction(np.nextafter(0.875, 1)), "0.999": Fraction(0.999),
    "just below 1": Fraction(np.nextafter(1.0, 0)), "1": ONE, "just above 1": Fraction(np.nextafter(1.0, 2)),
    "1 + 1e-30": 1 + Fraction(1, 10**30), "1.0001": Fraction(1.0001), "3/2": Fraction(3, 2), "1.7": Fraction(1.7),
    "7/4": Fraction(7, 4), "just below 1.9": Fraction(1.8999999), "1.9": Fraction(19, 10),
    "just below 2": Fraction(np.nextafter(2.0, 0)), "2": Fraction(2), "just above 2": Fraction(np.nextafter(2.0, 3)),
    "3": Fraction(3), "20.5": Fraction(41, 2), "77.7": Fraction(77.7), "200": Fraction(200), "500": Fraction(500),
}
SCALES = [Fraction(0.7) ** 2, Fraction(1, 10**300), Fraction(10) ** 500]


def distances(nu, rng, count=3):
    """0, tiny, both sides of interval 0 and of other edges, the end of the table, and where M underflows."""
    innermost = 2.0 ** -taylor.table(nu, ONE).octaves
    edges = np.array([innermost, 1.0, 2.0, 128.0])
    return np.concatenate([
        [0.0, 5e-324, 1e-300, 1e-160, 1e-12, 127.99, 300.0], edges, np.nextafter(edges, 0), np.nextafter(edges, np.inf),
        np.exp(rng.uniform(-744, math.log(innermost), count)), np.exp(rng.uniform(math.log(innermost), 0, count)),
        rng.uniform(0, 200, count), rng.uniform(680, 760, count)])


def computed(parameter, nu, kappa_squared, r, correlation=True, dim=3):
    road = parameter_road(parameter, nu, kappa_squared, combination(parameter, dim, nu, kappa_squared, correlation))
    out = np.empty_like(r)
    with np.errstate(all="raise"):
        road(r, out)
    return out


def true(parameter, nu, kappa_squared, r, correlation=True, dim=3):
    enclosure = derivative_ball(parameter, dim, nu, kappa_squared, Fraction(r), 20, correlation)
    return middle(enclosure) if abs(enclosure) > flint.arb(2) ** -3000 else Fraction(0)


def relative_errors(parameter, nu, kappa_squared, r, correlation=True, dim=3):
    """|error| relative to the true value, or to the bounds that rounding into subnormals and overflow leave."""
    errors = []
    for value, distance in zip(computed(parameter, nu, kappa_squared, r, correlation, dim), r, strict=True):
        exact = true(parameter, nu, kappa_squared, distance, correlation, dim)
        if abs(exact) >= Fraction(2) ** 1024:
            errors.append(0.0 if value == (math.inf if exact > 0 else -math.inf) else math.inf)
        elif abs(exact) >= NORMAL:
            errors.append(float(abs(Fraction(float(value)) / exact - 1)))
        else:
            rounding = Fraction(51, 100) * Fraction(5e-324) + abs(exact) / 10**14
            errors.append(0.0 if abs(Fraction(float(value)) - exact) <= rounding else math.inf)
    return errors


@pytest.mark.parametrize("name", NU)
@pytest.mark.parametrize("parameter", ["order", "kappa"])
def test_derivatives_of_the_correlation_are_right_in_every_digit(parameter, name):
    r = distances(NU[name], np.random.default_rng(3))
    errors = relative_errors(parameter, NU[name], ONE, r)
    assert max(errors) <= 1e-14, r[int(np.argmax(errors))]


@pytest.mark.slow
@pytest.mark.parametrize("kappa_squared", SCALES, ids=["0.49", "1e-300", "1e500"])
@pytest.mark.parametrize("name", ["0.01", "just below 1", "1.7"])
@pytest.mark.parametrize("parameter", ["order", "kappa"])
def test_so_they_are_at_every_kappa(parameter, name, kappa_squared):
    r = distances(NU[name], np.random.default_rng(3), 2)
    unit = 1 / math.sqrt(kappa_squared) if kappa_squared < 10**300 else 1e-250
    with np.errstate(under="ignore"):
        r = np.concatenate([r[:5], r * unit])
    errors = relative_errors(parameter, NU[name], kappa_squared, r)
    assert max(errors) <= 1e-14, r[int(np.argmax(errors))]


@pytest.mark.parametrize("name", ["0.01", "1", "77.7"])
@pytest.mark.parametrize(("dim", "kappa_squared"), [(3, ONE), (1, Fraction(1, 10**8)), (150, Fraction(2))], ids=str)
def test_kappa_derivative_of_the_kernel(name, dim, kappa_squared):
    r = distances(NU[name], np.random.default_rng(4), 2) / math.sqrt(kappa_squared)
    assert max(relative_errors("kappa", NU[name], kappa_squared, r, False, dim)) <= 1e-14


@pytest.mark.parametrize("name", ["0.01", "1", "77.7"])
@pytest.mark.parametrize(("dim", "kappa_squared"), [(3, ONE), (1, Fraction(1, 5)), (2, Fraction(3))], ids=str)
def test_order_derivative_of_the_kernel_relative_to_its_terms(name, dim, kappa_squared):
    """It changes sign; at each r the error is measured by the two terms that are added."""
    nu = NU[name]
    r = distances(nu, np.random.default_rng(5), 2)
    scale, weight = float(at_zero(dim, nu, kappa_squared)), combination("order", dim, nu, kappa_squared).weight
    values = computed("order", nu, kappa_squared, r, False, dim)
    correlation = np.empty_like(r)
    over_tiles(radial_road(nu, kappa_squared), r, correlation)
    levels = computed("order", nu, kappa_squared, r) + abs(weight) * correlation
    for value, distance, level in zip(values, r, levels, strict=True):
        exact = true("order", nu, kappa_squared, distance, False, dim)
        assert abs(Fraction(float(value)) - exact) <= Fraction(1e-14) * Fraction(scale * level) + Fraction(5e-324)


def test_the_derivative_in_the_order_may_vanish_exactly():
    """d(0) = 1/(2κ) for n = 1, order 1, and there ψ(1/2) - ψ(1) - 2 log κ = 0 at κ = 1/2."""
    assert combination("order", 1, Fraction(1, 2), Fraction(1, 4)).at_zero == 0
    assert derivative_ball("order", 1, Fraction(1, 2), Fraction(1, 4), Fraction(0), 30).contains(0)


# --- independent roads --------------------------------------------------------------------------


def difference_quotient(parameter, nu, kappa_squared, r):
    """∂M/∂ν or ∂M/∂κ to 50 digits, from values of M alone."""
    with mp.workdps(260):
        step = Fraction(1, 10**90)
        if parameter == "order":
            pair = [precise.correlation_mpf(nu + sign * step, kappa_squared, r) for sign in (1, -1)]
        else:
            kappa = Fraction(math.isqrt(kappa_squared.numerator), math.isqrt(kappa_squared.denominator))
            assert kappa**2 == kappa_squared
            pair = [precise.correlation_mpf(nu, (kappa + sign * step) ** 2, r) for sign in (1, -1)]
        return (pair[0] - pair[1]) * 10**90 / 2


@pytest.mark.parametrize("parameter", ["order", "kappa"])
@pytest.mark.parametrize(("nu", "kappa", "r"), [
    (Fraction(1, 100), ONE, Fraction(1, 3)), (Fraction(1, 2), Fraction(3), Fraction(1e-12)), (ONE, ONE, Fraction(1e-5)),
    (Fraction(17, 10), Fraction(1, 7), Fraction(40)), (Fraction(2), ONE, Fraction(300)),
    (Fraction(200), ONE, Fraction(9)),
], ids=str)
def test_against_differences_of_fifty_digits(parameter, nu, kappa, r):
    expected = difference_quotient(parameter, nu, kappa**2, r)
    with mp.workdps(60):
        value = derivative_mpf(parameter, 1, nu, kappa**2, r, 50, True)
        assert mp.almosteq(value, expected, rel_eps=mp.mpf(10) ** -49)
        (quick,) = computed(parameter, nu, kappa**2, np.array([float(r)]))
        if Fraction(float(r)) == r:
            assert mp.almosteq(mp.mpf(float(quick)), expected, rel_eps=1e-14)


@pytest.mark.parametrize("correlation", [True, False])
@pytest.mark.parametrize("parameter", ["order", "kappa"])
@pytest.mark.parametrize(("nu", "r"), [
    (Fraction(1, 1000), Fraction(1e-30)), (Fraction(1, 2), Fraction(1)), (ONE, Fraction(1e-60)),
    (1 + Fraction(1, 2**52), Fraction(1e-20)), (Fraction(5, 2), Fraction(2000)), (Fraction(700), Fraction(3)),
    (Fraction(17, 10), Fraction(0)),
], ids=str)
def test_the_ball_contains_the_digits(parameter, nu, r, correlation):
    digits = 40
    value = derivative_mpf(parameter, 3, nu, Fraction(2), r, digits, correlation)
    enclosure = derivative_ball(parameter, 3, nu, Fraction(2), r, digits, correlation)
    centre = middle(enclosure)
    with mp.workdps(digits + 20):
        expected = mp.mpf(centre.numerator) / centre.denominator
        assert abs(value - expected) <= abs(expected) * mp.mpf(10) ** (3 - digits)
    if centre:
        assert enclosure.rel_accuracy_bits() > 3.3 * (digits - 3)
        with flint.ctx.workprec(400):
            again = derivative_ball(parameter, 3, nu, Fraction(2), r, 90, correlation)
            assert enclosure.overlaps(again)
            assert not enclosure.overlaps(again * (1 + flint.arb(10) ** (4 - digits)))


@pytest.mark.parametrize("nu", [Fraction(1, 10), Fraction(1, 2), Fraction(17, 10), Fraction(5)], ids=str)
def test_the_enclosure_meets_the_integral_over_t(nu):
    """∂K_ν/∂ν = ∫ t sinh(νt) e^(-x cosh t) dt, by Arb's own quadrature, with a bound for its tail."""
    x, end = Fraction(3, 2), 8
    with flint.ctx.workprec(200):
        order, argument = ball(nu), ball(x)
        integral = flint.acb.integral(
            lambda t, _: t * (order * t).sinh() * (-argument * t.cosh()).exp(), 0, end).real
        front = 2 * (argument / 2) ** order / order.gamma()
        tail = (end * (order + 1) - argument * flint.arb(end).cosh()).exp()  # the integrand's exponent falls beyond
        expected = front * (((argument / 2).log() - order.digamma()) * argument.bessel_k(order)
                            + integral + flint.arb(0, tail.abs_upper()))
        enclosure = derivative_ball("order", 1, nu, ONE, x, 40, True)
        assert enclosure.overlaps(expected)
        assert expected.rel_accuracy_bits() > 120


@pytest.mark.parametrize("nu", [Fraction(1, 10), Fraction(1, 2), ONE, Fraction(17, 10), Fraction(41, 2)], ids=str)
def test_kappa_derivative_against_the_ladder(nu):
    """κ ∂M/∂κ = -r² F_1/d(0)."""
    r = np.concatenate([np.exp(np.random.default_rng(6).uniform(-60, 5, 300)), [0.0, 1e-300, np.inf]])
    expected = np.empty_like(r)
    with np.errstate(all="ignore"):
        ladder_road(1, nu, ONE, 1, 2)(r, expected)
    expected /= -float(at_zero(1, nu, ONE))
    np.testing.assert_allclose(computed("kappa", nu, ONE, r), expected, rtol=2e-14, atol=0)


def test_half_order_by_the_exponential_integral():
    """M = e^(-r) at ν = 1/2, and ∂M/∂ν = e^r E_1(2r) + e^(-r) (log(2r) + γ)."""
    from scipy.special import exp1

    r = np.linspace(0.5, 20, 50)
    expected = np.exp(r) * exp1(2 * r) + np.exp(-r) * (np.log(2 * r) + np.euler_gamma)
    np.testing.assert_allclose(computed("order", Fraction(1, 2), ONE, r), expected, rtol=2e-15)


# --- limits, ranges, roads ----------------------------------------------------------------------


@pytest.mark.parametrize("nu", [Fraction(1, 1000), Fraction(501)], ids=str)
def test_outside_the_table_mpmath_answers(nu):
    r = np.array([0.0, 1e-3, 1.0, 30.0, np.inf])
    for parameter in ("order", "kappa"):
        assert max(relative_errors(parameter, nu, ONE, r[:-1])) <= 1e-15
        assert max(relative_errors(parameter, nu, ONE, r[:-1], False)) <= 1e-12
        assert computed(parameter, nu, ONE, r)[-1] == 0


def test_limits():
    r = np.array([0.0, np.inf, 1e308, 5e-324])
    for nu in (Fraction(1, 100), Fraction(17, 10)):
        for kappa_squared in SCALES:
            for parameter in ("order", "kappa"):
                values = computed(parameter, nu, kappa_squared, r)
                assert values[0] == values[1] == 0
                assert not np.isnan(values).any()
                full = computed(parameter, nu, kappa_squared, r, False)
                assert full[0] == combination(parameter, 3, nu, kappa_squared).at_zero
                assert full[1] == 0
                assert not np.isnan(full).any()


def test_overflow_has_the_sign_of_the_sum():
    """d(0) is near 10^1000: the terms of ∂d/∂order are both infinite as floats, and of opposite sign at κ > 1."""
    r = np.array([0.0, 1e-3, 1.0, 1e3, 1e100])
    for kappa_squared in (Fraction(1, 10**200), Fraction(10**6)):
        errors = relative_errors("order", Fraction(5), kappa_squared, r / math.sqrt(kappa_squared), False, dim=1)
        assert max(errors) <= 1e-13
    wanted = Combination(0.75, 5000, -0.5)
    out = np.empty(2)
    parameter_road("order", Fraction(5), ONE, wanted)(np.array([0.1, 30.0]), out)
    assert out.tolist() == [-np.inf, np.inf]


def test_a_scale_may_need_what_lies_beyond_every_table():
    """κ so small that d(0) is near 10^3000: values return to the range of floats past κr = 4096."""
    nu, kappa_squared = Fraction(200), Fraction(1, 10**30)
    r = np.array([7000.0, 9000.0]) * 1e15
    for parameter in ("order", "kappa"):
        assert max(relative_errors(parameter, nu, kappa_squared, r, False)) <= 1e-13


@pytest.mark.parametrize("name", NU)
def test_tables_join_the_expansion_at_zero(name):
    """The march, from κr = 128 inward, knows nothing of the constants below its end."""
    nu = NU[name]
    innermost = 2.0 ** -taylor.table(nu, ONE).octaves
    for parameter in ("order", "kappa"):
        below, above = computed(parameter, nu, ONE, np.array([np.nextafter(innermost, 0), innermost]))
        assert below == pytest.approx(above, rel=4e-15)


def test_the_longer_tables_contain_the_shorter():
    near, far = (order_derivative.tables(Fraction(17, 10), ONE, reach) for reach in (128, 384))
    for parameter in ("order", "kappa"):
        size = near[parameter].exponents.size
        assert far[parameter].reach == 384
        assert np.array_equal(far[parameter].exponents[:size], near[parameter].exponents)
        assert far[parameter].exponents.size - size == 4 * (384 - 128)


def test_a_changed_coefficient_is_noticed(monkeypatch):
    """One part in 10^12, in one coefficient of the tables, exceeds the bar of every test above."""
    original = order_derivative.tables

    def changed(*args):
        return {parameter: dataclasses.replace(rows, coefficients=(rows.coefficients[0] * (1 + 1e-12),
                                                                   *rows.coefficients[1:]))
                for parameter, rows in original(*args).items()}

    monkeypatch.setattr(order_derivative, "tables", changed)
    for parameter in ("order", "kappa"):
        assert min(relative_errors(parameter, Fraction(17, 10), ONE, np.array([0.01, 1.0, 30.0]))) > 1e-13


def test_a_changed_recurrence_is_noticed(monkeypatch):
    """Without the term 4(k+1) e_(k+1) the march would not arrive at the expansion."""
    monkeypatch.setattr(order_derivative, "_changes",
                        lambda A, gamma, value, slope, terms, *rest: taylor.series(A, gamma, value, slope, *rest))
    rows = order_derivative._near.__wrapped__(Fraction(17, 10), ONE)
    good = order_derivative.tables(Fraction(17, 10), ONE)
    changed, right = (table["order"].coefficients[0][1:] for table in (rows, good))
    assert not np.allclose(changed, right, rtol=1e-3)


@pytest.mark.parametrize("parameter", ["order", "kappa"])
def test_a_distance_on_the_very_end_of_a_table(parameter):
    nu = Fraction(17, 10)
    wanted = combination(parameter, 3, nu, ONE, correlation=True)
    last = asymptotic.zero_from(nu, 1.0, wanted.exponent + order_derivative.MARGIN, taylor.NEAR, 4096)
    for end in (128.0, 384.0, float(last)):
        assert max(relative_errors(parameter, nu, ONE, np.array([1.0, end]))) <= 1e-14
    assert computed(parameter, nu, ONE, np.array([float(last)])) == 0
