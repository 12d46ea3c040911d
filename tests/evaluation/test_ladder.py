"""r^j F_m against Arb: on both sides of every pole, at hard distances, at extreme scales."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from certified import DIGITS_BITS, adversarial, ball, middle

from sobolevkernels.evaluation import ladder
from sobolevkernels.evaluation.ladder import ladder_road

ONE = Fraction(1)
SMOOTHNESS = {
    "0.01": Fraction(1, 100), "1/2": Fraction(1, 2), "0.7": Fraction(0.7), "0.995": Fraction(199, 200),
    "just below 1": Fraction(np.nextafter(1, 0)), "1": ONE, "just above 1": Fraction(np.nextafter(1, 2)),
    "1 + 1e-40": 1 + Fraction(1, 10**40), "1.005": Fraction(1.005), "1.0099": Fraction(1.0099),
    "1.01": Fraction(101, 100), "3/2": Fraction(3, 2), "2": Fraction(2), "2.003": Fraction(2.003),
    "5/2": Fraction(5, 2), "2.7": Fraction(27, 10), "20": Fraction(20), "77.7": Fraction(777, 10),
    "499.9": Fraction(499.9), "500": Fraction(500),
}


def exact(dim, nu, kappa_squared, m, j):
    """r -> r^j F_m(r) = A κ^(-2μ) r^j x^μ K_μ(x), A = 2^(1-t)/((2π)^(n/2) Γ(t)), x = κr, as a fraction."""

    def value(r):
        if r == 0 and j > 0:
            return Fraction(0)
        precision = 200
        while True:
            with flint.ctx.workprec(precision):
                t, mu, square = ball(nu + Fraction(dim, 2)), ball(nu - m), ball(kappa_squared)
                front = flint.arb(2) ** (1 - t) / ((2 * flint.arb.pi()) ** ball(Fraction(dim, 2)) * t.gamma())
                if r == 0:
                    result = front * square**-mu * mu.gamma() * flint.arb(2) ** (mu - 1)
                else:
                    x = square.sqrt() * ball(r)
                    result = front * square**-mu * x**mu * x.bessel_k(mu) * ball(r) ** j
            if result.rel_accuracy_bits() >= DIGITS_BITS:
                return middle(result)
            precision *= 2

    return value


def values(dim, nu, kappa_squared, m, j, r):
    out = np.empty_like(r)
    with np.errstate(all="ignore"):
        ladder_road(dim, nu, kappa_squared, m, j)(r, out)
    return out


def error(value, true):
    """The relative error; where the result is subnormal or infinite, 0 or infinity for right or wrong."""
    if abs(true) >= Fraction(2) ** 1024:
        return 0.0 if value == math.inf else math.inf
    if not math.isfinite(value):
        return math.inf
    difference = abs(Fraction(float(value)) - true)
    if true < Fraction(2) ** -1022:
        return 0.0 if difference <= Fraction(51, 100) * Fraction(5e-324) + true / 10**15 else math.inf
    return float(difference / true)


def worst(dim, nu, kappa_squared, m, j, r):
    true = exact(dim, nu, kappa_squared, m, j)
    computed = values(dim, nu, kappa_squared, m, j, r)
    return max((error(value, true(Fraction(point))), point)
               for value, point in zip(computed.tolist(), r.tolist(), strict=True))


def rungs(nu):
    """Some m up to ν + 4, each with the least j, the next, and that of a first derivative."""
    for m in sorted({0, 1, 2, 3, math.ceil(nu), math.floor(nu) + 1, math.ceil(nu) + 4}):
        least = max(0, math.floor(2 * (m - nu)) + 1)
        yield from ((m, j) for j in sorted({least, least + 1, 2 * m - 1, 3}) if least <= j <= 1000)


@pytest.mark.parametrize("name", SMOOTHNESS)
def test_a_few_units_in_the_last_place(name):
    """The promise is 1e-13; what is measured is below 1e-15 nearly everywhere."""
    nu = SMOOTHNESS[name]
    r = np.unique(adversarial(np.random.default_rng(1), 4))[::5]
    for m, j in rungs(nu):
        assert worst(3, nu, ONE, m, j, np.append(r, [0.0, 1.0]))[0] <= 2e-15, (m, j)


@pytest.mark.slow
@pytest.mark.parametrize("kappa_squared", [Fraction(7, 10), Fraction(1, 10**7), Fraction(10**12, 7)], ids=str)
@pytest.mark.parametrize("name", SMOOTHNESS)
def test_a_few_units_in_the_last_place_at_other_scales(name, kappa_squared):
    nu = SMOOTHNESS[name]
    r = np.unique(adversarial(np.random.default_rng(2), 8))[::3] / math.sqrt(kappa_squared)
    for m, j in rungs(nu):
        assert worst(2, nu, kappa_squared, m, j, r)[0] <= 4e-15, (m, j)


@pytest.mark.parametrize("dim", [1, 500])
@pytest.mark.parametrize("kappa_squared", [Fraction(10**400), Fraction(1, 10**400)], ids=["1e400", "1e-400"])
@pytest.mark.parametrize(("nu", "m", "j"), [
    (Fraction(1, 100), 1, 3), (ONE, 1, 1), (ONE, 2, 3), (Fraction(3, 2), 1, 0), (Fraction(3, 2), 2, 2),
    (Fraction(27, 10), 2, 2), (Fraction(27, 10), 3, 3), (Fraction(20), 3, 2),
], ids=str)
def test_no_factor_leaves_the_range_before_the_result_does(dim, kappa_squared, nu, m, j):
    """Also where κ^(-2μ) or the constant alone is 10^(±thousands); r far out is where e^(-κr) makes up for it."""
    scale = 1e200 if kappa_squared < 1 else 1e-200
    true = exact(dim, nu, kappa_squared, m, j)
    if kappa_squared < 1:  # the smallest values that are finite, and those that round to zero
        reach = 1.0
        while true(Fraction(reach * scale)) > Fraction(10) ** 300 and reach < 4000:
            reach *= 2
        r = scale * np.append([0.0, 1e-8, 0.3, 1.0, 3.3], np.linspace(reach / 2, reach, 7))
    else:
        r = scale * np.array([0.0, 1e-8, 0.3, 1.0, 3.3, 30.0, 600.0])
    assert worst(dim, nu, kappa_squared, m, j, r)[0] <= 1e-13


def test_where_the_result_crosses_into_the_subnormal_numbers():
    for nu, m, j in ((ONE, 1, 1), (Fraction(3, 2), 2, 3), (Fraction(27, 10), 1, 1), (Fraction(20), 2, 8)):
        r = np.linspace(690, 900, 60)
        computed = values(3, nu, ONE, m, j, r)
        assert worst(3, nu, ONE, m, j, r)[0] <= 1e-14
        assert (computed == 0).any()
        assert (computed[computed > 0] < 2.0**-1022).any()


def test_infinity_and_zero():
    for nu, m, j in ((ONE, 1, 1), (Fraction(3, 2), 1, 0), (Fraction(27, 10), 3, 3), (Fraction(1.005), 1, 0)):
        at_zero, at_infinity = values(2, nu, ONE, m, j, np.array([0.0, np.inf]))
        assert at_infinity == 0
        assert error(at_zero, exact(2, nu, ONE, m, j)(0)) < 1e-15
        assert (at_zero == 0) == (j > 0)


def test_powers_of_two_only_move_the_exponent():
    """κ = 2^e: r^j F_m(r) = κ^(2m-2ν-j) (κr)^j F_m(κr at κ = 1), exactly where that exponent is an integer."""
    r = np.random.default_rng(3).uniform(0, 30, 50)
    for nu, m, j in ((ONE, 1, 1), (Fraction(3, 2), 2, 2), (Fraction(3), 2, 1)):
        for e in (-40, 3, 100):
            scaled = values(3, nu, Fraction(4) ** e, m, j, np.ldexp(r, -e))
            assert np.array_equal(scaled, np.ldexp(values(3, nu, ONE, m, j, r), int(e * (2 * m - 2 * nu - j))))


def test_out_may_be_r():
    for nu, m, j in ((ONE, 1, 1), (Fraction(3, 2), 2, 2), (Fraction(27, 10), 3, 3)):
        r = np.linspace(0, 20, 101)
        expected = values(3, nu, ONE, m, j, r)
        with np.errstate(all="ignore"):
            ladder_road(3, nu, ONE, m, j)(r, r)
        assert np.array_equal(r, expected)


@pytest.mark.parametrize(("nu", "m", "j"), [
    (ONE, 1, 0), (Fraction(1, 2), 1, 1), (ONE, 2, 2), (ONE, -1, 0), (ONE, 1, 1001)])
def test_what_has_no_limit_is_refused(nu, m, j):
    with pytest.raises(ValueError, match="raise the order"):
        ladder_road(3, nu, ONE, m, j)


@pytest.mark.parametrize(("nu", "m", "j", "name"), [
    (ONE, 1, 1, "_gammas"), (Fraction(27, 10), 3, 3, "_scale"), (Fraction(3, 2), 1, 1, "_scale")])
def test_a_constant_that_is_off_is_noticed(monkeypatch, nu, m, j, name):
    true_constant = getattr(ladder, name)

    def off(*arguments):
        value = true_constant(*arguments)
        if name == "_gammas":
            return (value[0] * (1 + 1e-12), *value[1:])
        return ladder.Scale(value.mantissa * (1 + 1e-12), value.exponent, value.log)

    r = np.array([0.5, 0.9])
    assert worst(3, nu, ONE, m, j, r)[0] <= 2e-15
    monkeypatch.setattr(ladder, name, off)
    assert worst(3, nu, ONE, m, j, r)[0] > 1e-13


def test_ordinary_values_are_multiplied_as_they_are(monkeypatch):
    """The road that keeps exponents apart is many times slower: it is for what is tiny or huge alone."""
    def never(*arguments):
        raise AssertionError("the slow road was taken")

    monkeypatch.setattr(ladder, "_apart", never)
    r = np.linspace(0.01, 200, 500)
    for nu, m, j in ((ONE, 1, 1), (Fraction(3, 2), 1, 1), (Fraction(27, 10), 2, 2)):
        assert (values(3, nu, ONE, m, j, r) > 0).all()
    with pytest.raises(AssertionError, match="slow road"):
        values(3, Fraction(3, 2), ONE, 1, 1, np.array([700.0]))
