"""The roads on the torus against Arb sums that know nothing of them: images, Fourier sums with a bounded rest."""

import itertools
import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from certified import middle, ulps
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mp

from sobolevkernels.evaluation import periodic, periodic_sums
from sobolevkernels.evaluation.periodic import Bernoulli, Folding, Hyperbolic, Period, Torus, torus_road
from sobolevkernels.evaluation.periodic_precise import torus_ball, torus_mpf
from sobolevkernels.evaluation.periodic_sums import HeatSum, ImageSum, heat_sum, image_counts, image_tail, sum_road

ONE = Fraction(1)
ORDERS = (1, 2, 3, 4, 5, 6, 10, 16)
#: κL from where only the mean is left to where the period does not matter.
SCALES = (1e-8, 1e-4, 0.03, 0.7, 3.0, 9.5, 31.0, 140.0, 1300.0, 1e6)


def ball(number):
    exact = Fraction(number)
    return flint.arb(flint.fmpq(exact.numerator, exact.denominator))


def radius(bound):
    return flint.arb(0, bound.abs_upper())


def circle_images(order, kappa_squared, length, x, bits=200):
    """d for an integer order by images, each an elementary function, and a geometric bound for the rest."""
    with flint.ctx.workprec(bits):
        kappa, p = ball(kappa_squared).sqrt(), order - 1
        c = [Fraction(math.factorial(2 * p - j) * 2**j * math.factorial(p),
                      math.factorial(p - j) * math.factorial(j) * math.factorial(2 * p)) for j in range(order)]
        front = kappa ** (1 - 2 * order) * ball(Fraction(math.comb(2 * p, p), 2 ** (2 * p + 1)))
        reach = (bits + 60 + 10 * order) / (math.sqrt(kappa_squared) * float(length)) + 2
        total = flint.arb(0)
        for m in range(-math.ceil(reach), math.ceil(reach) + 1):
            y = kappa * ball(abs(x + m * length))
            total += front * (-y).exp() * sum((ball(value) * y**j for j, value in enumerate(c)), flint.arb(0))
        # Beyond, e^(-y) y^p falls by at least e^(-κL/2) an image, and every coefficient is at most 1.
        y = kappa * ball(Fraction(math.ceil(reach)) * length)
        rest = 2 * front * order * (-y).exp() * y**p / (1 - (-kappa * ball(length) / 2).exp())
        return total + radius(rest)


def circle_fourier(order, kappa_squared, length, x, bits=400, terms=600):
    """d for an integer order by its Fourier sum, term by term, with an integral as the bound of the rest."""
    with flint.ctx.workprec(bits):
        xi = 2 * flint.arb.pi() / ball(length)
        total = ball(kappa_squared) ** -order / ball(length) if kappa_squared else flint.arb(0)
        for k in range(1, terms + 1):
            weight = (ball(kappa_squared) + (xi * k) ** 2) ** order
            total += 2 / ball(length) * (2 * flint.arb.pi() * ball(x / length * k)).cos() / weight
        return total + radius(2 / ball(length) * xi ** (-2 * order) * flint.arb(terms) ** (1 - 2 * order))


def adversarial(length, seed=0, count=10):
    """Displacements near 0, L/2 and L, tiny, and far away."""
    near = [f * length for f in (0.5, 0.25, 0.75, 1.0, 1.5, 1 / 3)]
    fixed = [0.0, 5e-324, 1e-300, 1e-17, 1e-8 * length, 1e-3 * length, *near, *np.nextafter(near, 0),
             *np.nextafter(near, np.inf), -0.3 * length, 1e6 * length + 0.1, 1e15 * length]
    return np.concatenate([fixed, np.random.default_rng(seed).uniform(-2, 2, count) * length])


def values(torus, h):
    out = np.empty(len(h))
    with np.errstate(all="ignore"):
        torus_road(torus)(h, out)
    return out


def fold(h, length):
    rest = Fraction(float(h)) % length
    return min(rest, length - rest)


# --- closed forms -------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("scale", SCALES)
def test_the_hyperbolic_road_stays_within_six_ulp(order, scale):
    length, square = Fraction(0.7), (Fraction(scale) / Fraction(0.7)) ** 2
    torus = Torus(Fraction(order), square, (length,))
    assert isinstance(torus_road(torus).inner, Hyperbolic)
    h = adversarial(0.7, order, 6 if scale > 0.5 else 2)
    if scale <= 0.03:
        h = h[::3]
    worst = 0.0
    for value, point in zip(values(torus, h), h, strict=True):
        x = fold(point, length)
        if scale > 0.5:
            if scale * x / length > 1100:
                assert value == 0
                continue
            true = circle_images(order, square, length, x, bits=200 + int(1.5 * scale * float(x / length)))
        else:
            true = torus_ball(torus, (x,), 22)
        worst = max(worst, ulps(value, middle(true)))
    assert worst <= 6


@pytest.mark.parametrize("order", [1, 2, 3, 4, 6, 8, 10])
@pytest.mark.parametrize("length", [Fraction(3), Fraction(1, 3), Fraction(2 * math.pi), Fraction(10) ** 12])
def test_the_bernoulli_road_stays_within_eight_ulp_of_the_value_at_zero(order, length):
    torus = Torus(Fraction(order), Fraction(0), (length,))
    road = torus_road(torus)
    assert isinstance(road.inner, Bernoulli)
    h = adversarial(float(length), order)
    unit = Fraction(math.ulp(road.at_zero))
    with flint.ctx.workprec(300):
        for value, point in zip(values(torus, h), h, strict=True):
            u = ball(fold(point, length) / length)
            true = ((-1) ** (order - 1) * ball(length) ** (2 * order - 1) / flint.arb(math.factorial(2 * order))
                    * _bernoulli_polynomial(2 * order, u))
            assert abs(Fraction(value) - middle(true)) <= 8 * unit


def _bernoulli_polynomial(n, u):
    numbers = [Fraction(1)]
    for m in range(1, n + 1):
        numbers.append(-sum(math.comb(m + 1, j) * numbers[j] for j in range(m)) / (m + 1))
    return sum((ball(math.comb(n, j) * numbers[n - j]) * u**j for j in range(n + 1)), flint.arb(0))


def test_values_round_into_the_subnormal_numbers_and_then_to_zero():
    torus = Torus(ONE, Fraction(1), (Fraction(4000),))
    h = np.linspace(700, 750, 101)
    got = values(torus, h)
    for value, point in zip(got, h, strict=True):
        with flint.ctx.workprec(1500):
            true = middle((-ball(Fraction(point))).exp() / 2 + (-ball(4000 - Fraction(point))).exp() / 2)
        assert ulps(value, true) <= 3
    assert got[0] > 0
    assert got[-1] == 0


@pytest.mark.parametrize("kappa", [1e-200, 1e-120, 1e120, 1e200])
def test_extreme_scales_overflow_and_vanish_only_where_the_kernel_does(kappa):
    for order in (1, 2):
        torus = Torus(Fraction(order), Fraction(kappa) ** 2, (3 / Fraction(kappa),))
        got = values(torus, np.array([0.0, 0.4, 1.5]) / kappa)
        unit = values(Torus(Fraction(order), ONE, (Fraction(3),)), np.array([0.0, 0.4, 1.5]))
        factor = Fraction(kappa) ** (1 - 2 * order)
        for value, one in zip(got, unit, strict=True):
            true = Fraction(float(one)) * factor
            if true > Fraction(2) ** 1024:
                assert value == np.inf
            elif true < Fraction(2) ** -1080:
                assert value == 0
            else:
                assert abs(Fraction(float(value)) - true) <= true / 10**14 + Fraction(5e-324)


# --- every real order, every dimension ----------------------------------------------------------

CASES = [
    (Fraction(3, 5), 0.0, (1,)), (Fraction(3, 5), 1e-6, (1,)), (Fraction(3, 5), 2.0, (1,)), (Fraction(6, 5), 8.0, (1,)),
    (Fraction(7, 10), 1.0, (1,)), (Fraction(5, 2), 0.5, (2,)), (Fraction(20), 0.0, (1,)), (Fraction(20), 30.0, (1,)),
    (Fraction(12), 0.0, (1,)),
    (Fraction(7, 2), 60.0, (1,)), (Fraction(8, 5), 0.0, (1, 1.5)), (Fraction(8, 5), 1e-5, (1, 1.5)),
    (Fraction(11, 10), 3.0, (1, 1)), (Fraction(2), 15.0, (1, 1.5)), (Fraction(2), 60.0, (1, 1.5)),
    (Fraction(2), 2.0, (1, 20)), (Fraction(3), 0.0, (1, 20)), (Fraction(2), 1.0, (1, 2, 3)),
    (Fraction(8, 5), 20.0, (1, 1, 1)),
]


@pytest.mark.parametrize(("order", "kappa", "lengths"), CASES, ids=str)
def test_images_and_theta_functions_stay_within_1e_13(order, kappa, lengths):
    torus = Torus(order, Fraction(kappa) ** 2, tuple(map(Fraction, lengths)))
    h = np.random.default_rng(3).uniform(-1, 1, (4, len(lengths))) * np.array(lengths)
    h = np.concatenate([h, [np.zeros(len(lengths)), np.array(lengths) / 2, np.array(lengths) * 1e-9]])
    got = values(torus, h[:, 0] if len(lengths) == 1 else h)
    largest = got.max()
    for value, point in zip(got, h, strict=True):
        exact = tuple(Fraction(float(part)) for part in point)
        true = middle(torus_ball(torus, exact, 18))
        assert abs(Fraction(float(value)) - true) <= Fraction(1e-13) * (abs(true) if kappa else Fraction(largest))


@pytest.mark.parametrize("order", [Fraction(3, 5), Fraction(2), Fraction(37, 10)], ids=str)
@pytest.mark.parametrize("lengths", [(1,), (1, 1.5)], ids=str)
def test_both_roads_agree_where_both_can_go(order, lengths, monkeypatch):
    if order <= Fraction(len(lengths), 2):
        order += 1
    torus = Torus(order, Fraction(6) ** 2, tuple(map(Fraction, lengths)))
    monkeypatch.setattr(periodic_sums, "MOST_IMAGES", 10**6)
    counts = image_counts(torus)
    images = sum_road.__wrapped__(torus)
    assert isinstance(images, ImageSum)
    assert images.counts == counts
    x = [np.linspace(0, length / 2, 9) for length in lengths]
    one, other = np.empty(9), np.empty(9)
    with np.errstate(all="ignore"):
        images(x, one)
        heat_sum(torus)(x, other)
    assert np.allclose(one, other, rtol=3e-14, atol=0)


def test_the_roads_are_chosen_by_their_cost():
    def road(kappa, *lengths, order=Fraction(12, 5)):
        return torus_road(Torus(order, Fraction(kappa) ** 2, tuple(map(Fraction, lengths)))).inner

    assert isinstance(road(0, 1), HeatSum)
    assert isinstance(road(1e-3, 1, 1), HeatSum)
    assert isinstance(road(20, 1), ImageSum)
    assert isinstance(road(60, 1, 1, 1), ImageSum)
    assert isinstance(road(1, 1, order=Fraction(17)), HeatSum)  # past the closed forms


# --- the bound ----------------------------------------------------------------------------------


@example(Fraction(9), Fraction(2), 1, 0.3)
@settings(max_examples=12, deadline=None)
@given(st.fractions(Fraction(51, 100), 9), st.fractions(Fraction(1, 2), 20), st.integers(1, 4), st.floats(0, 0.5))
def test_the_bound_holds_for_the_images_left_out(order, scale, count, place):
    torus, x = Torus(order, scale**2, (ONE,)), Fraction(place)
    with mp.workdps(25):
        nu, kappa = mp.mpf((order - Fraction(1, 2)).numerator) / (order - Fraction(1, 2)).denominator, mp.mpf(
            scale.numerator) / scale.denominator
        front = 2 / (mp.sqrt(4 * mp.pi) * mp.gamma(nu + 0.5)) * kappa ** (-2 * nu)

        def kernel(r):
            z = kappa * mp.mpf(r.numerator) / r.denominator
            return front * (z / 2) ** nu * mp.besselk(nu, z)

        rest = sum(kernel(x + m) + kernel(m + 1 - x) for m in range(count, count + math.ceil(60 / scale) + 2))
        assert mp.log(rest) <= image_tail(torus, 0, count) + 1e-9


def test_the_bound_in_two_dimensions():
    torus = Torus(Fraction(2), Fraction(9), (ONE, Fraction(3, 2)))
    x = (Fraction(1, 5), Fraction(3, 4))
    limit = periodic_sums.at_zero(2, ONE, Fraction(9))
    road = periodic_sums.radial_road(ONE, Fraction(9), limit)
    for axis in (0, 1):
        for count in (1, 2):
            far = []
            for m in itertools.product(range(-14, 14), repeat=2):
                if not -count <= m[axis] < count:
                    far.append(math.hypot(*(float(v + i * length)
                                            for v, i, length in zip(x, m, torus.periods, strict=True))))
            out = np.empty(len(far))
            road(np.array(far), out)
            assert math.log(out.sum()) <= image_tail(torus, axis, count)
            assert math.log(out.sum()) > image_tail(torus, axis, count) - 6  # and it is not absurd


def test_more_images_change_nothing(monkeypatch):
    torus = Torus(Fraction(8, 5), Fraction(12) ** 2, (ONE,))
    road, out, more = sum_road.__wrapped__(torus), np.empty(5), np.empty(5)
    x = [np.linspace(0, 0.5, 5)]
    road(x, out)
    ImageSum(road.periods, tuple(count + 2 for count in road.counts), road.radial)(x, more)
    assert np.allclose(out, more, rtol=4e-16, atol=0)
    ImageSum(road.periods, (3,), road.radial)(x, more)
    assert not np.allclose(out, more, rtol=1e-15, atol=0)
    assert road.counts[0] <= 5  # the bound does not ask for many too many


# --- any number of digits -----------------------------------------------------------------------


@pytest.mark.parametrize(("order", "kappa", "lengths"), CASES[::2], ids=str)
def test_mpmath_and_arb_agree(order, kappa, lengths):
    torus = Torus(order, Fraction(kappa) ** 2, tuple(map(Fraction, lengths)))
    h = tuple(Fraction(3, 10) * Fraction(length) for length in lengths)
    enclosure = torus_ball(torus, h, 30)
    assert enclosure.rel_accuracy_bits() >= 90
    true, value = middle(enclosure), torus_mpf(torus, h, 28)
    with mp.workdps(40):
        assert abs(value * true.denominator / true.numerator - 1) < mp.mpf(10) ** -26


@pytest.mark.parametrize("order", [1, 2, 5])
def test_the_enclosures_contain_the_elementary_image_sum(order):
    torus = Torus(Fraction(order), Fraction(4), (Fraction(3, 2),))
    for x in (Fraction(0), Fraction(1, 7), Fraction(3, 4)):
        enclosure, other = torus_ball(torus, (x,), 40), circle_images(order, Fraction(4), Fraction(3, 2), x, bits=400)
        assert enclosure.overlaps(other)
        assert enclosure.rel_accuracy_bits() >= 130


@pytest.mark.parametrize("kappa_squared", [Fraction(0), Fraction(1, 10**6), Fraction(5)])
def test_the_enclosures_contain_the_brute_fourier_sum(kappa_squared):
    torus = Torus(Fraction(4), kappa_squared, (Fraction(2),))
    for x in (Fraction(0), Fraction(1, 3), Fraction(1)):
        brute = circle_fourier(4, kappa_squared, Fraction(2), x)
        assert brute.overlaps(torus_ball(torus, (x,), 30))
        assert float(brute.rad()) < 1e-19 * abs(float(brute.mid())) * max(1, float(1 / (kappa_squared or 1)) ** 4)


def test_a_plane_fourier_sum_by_brute_force():
    """|T|^(-1) Σ cos(ξ·h)/w in two dimensions with the tail of an integral."""
    lengths, h, order = (1.0, 1.5), (0.3, 0.6), 4
    k = np.arange(-300, 301)
    xi, eta = np.meshgrid(2 * np.pi * k / lengths[0], 2 * np.pi * k / lengths[1], indexing="ij")
    brute = (np.cos(xi * h[0] + eta * h[1]) / (2.0 + xi**2 + eta**2) ** order).sum() / math.prod(lengths)
    torus = Torus(Fraction(order), Fraction(2), tuple(map(Fraction, lengths)))
    assert math.isclose(values(torus, np.array([h]))[0], brute, rel_tol=1e-13)


# --- folding ------------------------------------------------------------------------------------


@given(st.floats(-1e12, 1e12), st.fractions(Fraction(1, 50), 50, max_denominator=60))
def test_folding_is_exact_for_floats_and_rounded_once_for_fractions(h, length):
    (x,) = Period.of(length).fold(np.array([h]))
    true = fold(h, length)
    if Fraction(float(length)) == length:
        assert Fraction(float(x)) == true
    slack = Fraction(abs(h)) * Fraction(2) ** -104 + length * Fraction(2) ** -105
    assert abs(Fraction(float(x)) - true) <= Fraction(2) ** -52 * true + slack


@given(st.floats(1e16, 1e300))
def test_folding_many_periods_that_are_no_float(h):
    length = Fraction(1, 3)
    (x,) = Period.of(length).fold(np.array([h]))
    assert float(x) == float(fold(h, length))


@pytest.mark.parametrize("spoil", [
    lambda road: Hyperbolic(road.kappa, road.rest, road.period, (*road.coefficients[:-1], -road.coefficients[-1]),
                            road.scale, road.at_zero),
    lambda road: Hyperbolic(road.kappa, road.rest, road.period, (1.0, road.coefficients[1] * (1 + 1e-14),
                            *road.coefficients[2:]), road.scale, road.at_zero),
    lambda road: Hyperbolic(road.kappa * (1 + 1e-15), road.rest, road.period, road.coefficients, road.scale,
                            road.at_zero),
])
def test_a_wrong_coefficient_is_seen(spoil):
    """A sign, a part in 10^14 of a coefficient, and one in 10^15 of κ."""
    order, square, length = 3, Fraction(40) ** 2, ONE
    good = periodic.hyperbolic(order, square, length)
    bad = Folding((Period.of(length),), spoil(good), math.inf)
    h, out = np.linspace(0.02, 0.5, 60), np.empty(60)
    bad(h, out)
    worst = max(ulps(value, middle(circle_images(order, square, length, Fraction(float(point)))))
                for value, point in zip(out, h, strict=True))
    assert worst > 4


@pytest.mark.parametrize("order", [17, 40, 100, 200, 1000])
@pytest.mark.parametrize("kappa_squared", [Fraction(0), Fraction(9, 10)])
def test_high_orders(order, kappa_squared):
    # On the circle of length 2π the slowest mode stays cos(x)/π, while its parts leave the range of floats.
    torus = Torus(Fraction(order), kappa_squared, (Fraction(2 * math.pi),))
    h = np.array([0.3, 1.0, 2.5, 3.1])
    size = float(middle(circle_fourier(order, kappa_squared, torus.periods[0], Fraction(0), terms=60)))
    for value, x in zip(values(torus, h), h, strict=True):
        wanted = float(middle(circle_fourier(order, kappa_squared, torus.periods[0], Fraction(x), terms=60)))
        assert abs(value - wanted) <= 1e-14 * size


@pytest.mark.parametrize("order", [Fraction(11, 10), Fraction(2), Fraction(9)], ids=str)
@pytest.mark.parametrize("periods", [(0.01, 100.0), (1e-6, 1300.0), (1e-75, 1e75)], ids=str)
def test_a_short_and_a_long_period(order, periods):
    # Only the mean is seen along the short axis: what is left is the kernel on a circle, here as good as the line.
    torus = Torus(order, ONE, tuple(map(Fraction, periods)))
    h = np.array([0.5, 3.0, 15.0, 40.0])
    line = Torus(order, ONE, (torus.periods[1],))
    wanted = values(line, h) / periods[0]
    np.testing.assert_allclose(values(torus, np.stack([np.zeros(4), h], axis=-1)), wanted, rtol=3e-14)


def test_a_rough_kernel_at_the_point_itself():
    # The integrand begins like s^(ν-1): at ν = 1e-12 without an end, if it is not taken apart.
    for order, kappa_squared, lengths in ((Fraction(1, 2), Fraction(9), (ONE,)), (ONE, Fraction(0), (ONE, ONE / 3))):
        torus = Torus(order + Fraction(1, 10**12), kappa_squared, lengths)
        value = torus_mpf(torus, (Fraction(0),) * torus.dim, 25)
        assert abs(torus_road(torus).at_zero / value - 1) < 1e-14
        if kappa_squared:
            assert abs(float(middle(torus_ball(torus, (Fraction(0),), 25))) / value - 1) < 1e-15


@pytest.mark.parametrize("p", range(16))
def test_the_coefficients_of_the_closed_form_are_those_of_the_record(p):
    import sympy as sp

    from sobolevkernels.symbolic.euclidean import half_integer_correlation

    r = sp.Symbol("r")
    polynomial = sp.Poly(sp.expand(half_integer_correlation(p, r) * sp.exp(r)), r)
    assert periodic.half_integer_coefficients(p) == [Fraction(int(c.p), int(c.q))
                                                     for c in reversed(polynomial.all_coeffs())]
