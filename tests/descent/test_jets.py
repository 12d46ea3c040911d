"""Truncated polynomials against SymPy's polynomials, exactly: their coefficients are small integers."""

import math

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from sobolevkernels.descent.jets import Jets, below, binomials, factorial, multi_indices

DERIVATIVES = [((0,),), ((3,),), ((0, 0), (1, 0)), ((2, 0), (0, 2)), ((2, 1),), ((1, 1, 0), (0, 0, 2))]


@st.composite
def rings(draw):
    return Jets(below(draw(st.sampled_from(DERIVATIVES))))


def jets(ring):
    """Small integers, and zeros of both kinds."""
    return st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float)), min_size=len(ring.indices),
                    max_size=len(ring.indices))


def polynomial(ring, jet):
    x = sp.symbols(f"x:{len(ring.indices[0])}")
    return x, sum(0 if c is None else sp.Rational(c) * sp.prod(v**a for v, a in zip(x, alpha, strict=True))
                  for c, alpha in zip(jet, ring.indices, strict=True))


def coefficients(ring, x, expr):
    poly = sp.Poly(expr, *x)
    return [float(poly.coeff_monomial(alpha)) for alpha in ring.indices]


def numbers(jet):
    return [0.0 if c is None else float(c) for c in jet]


@pytest.mark.parametrize(("dim", "order"), [(1, 0), (1, 5), (2, 3), (3, 2), (4, 4)])
def test_there_are_as_many_multi_indices_as_monomials(dim, order):
    indices = multi_indices(dim, order)
    assert len(indices) == len(set(indices)) == math.comb(dim + order, order)
    assert [sum(alpha) for alpha in indices] == sorted(sum(alpha) for alpha in indices)
    assert indices == below(indices)


def test_binomials_sum_to_powers_of_two():
    assert sum(number for _, _, number in binomials((3, 2))) == 2**5
    assert all(factorial((3, 2)) == number * factorial(beta) * factorial(rest)
               for beta, rest, number in binomials((3, 2)))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_products_are_those_of_polynomials(data):
    ring = data.draw(rings())
    one, other = data.draw(jets(ring)), data.draw(jets(ring))
    x, p = polynomial(ring, one)
    _, q = polynomial(ring, other)
    expected = coefficients(ring, x, p * q)
    assert numbers(ring.multiply(one, other)) == expected == numbers(ring.multiply(other, one))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_multiplication_is_associative_and_distributive(data):
    ring = data.draw(rings())
    a, b, c = (data.draw(jets(ring)) for _ in range(3))
    assert numbers(ring.multiply(ring.multiply(a, b), c)) == numbers(ring.multiply(a, ring.multiply(b, c)))
    together = np.add(numbers(b), numbers(c)).tolist()
    assert numbers(ring.multiply(a, together)) == np.add(
        numbers(ring.multiply(a, b)), numbers(ring.multiply(a, c))).tolist()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_function_of_a_jet_is_its_taylor_polynomial(data):
    """σ = z⁵ - 2z², so that the composition is a polynomial too."""
    ring = data.draw(rings())
    jet = data.draw(jets(ring))
    z = sp.Symbol("z")
    sigma = z**5 - 2 * z**2
    x, p = polynomial(ring, jet)
    constant = 0.0 if jet[0] is None else jet[0]
    outer = [float(sp.diff(sigma, z, k).subs(z, constant)) for k in range(ring.order + 1)]
    found = numbers(ring.compose(outer, ring.powers(jet)))
    assert found == pytest.approx(coefficients(ring, x, sp.expand(sigma.subs(z, p))), rel=1e-12, abs=1e-9)


def test_composition_with_a_wrong_sign_is_another_jet():
    ring = Jets(multi_indices(1, 3))
    jet = [0.5, 1.0, -2.0, 0.25]
    outer = [math.sin(0.5), math.cos(0.5), -math.sin(0.5), -math.cos(0.5)]
    x = sp.Symbol("x")
    taylor = sp.series(sp.sin(sp.Rational(1, 2) + x - 2 * x**2 + x**3 / 4), x, 0, 4).removeO()
    expected = [float(taylor.coeff(x, k)) for k in range(4)]
    np.testing.assert_allclose(ring.compose(outer, ring.powers(jet)), expected, rtol=1e-14)
    for k in range(4):
        wrong = [-value if j == k else value for j, value in enumerate(outer)]
        assert not np.allclose(ring.compose(wrong, ring.powers(jet)), expected, atol=1e-3)


def test_without_derivatives_jets_are_arrays():
    ring = Jets(below([(0, 0)]))
    a, b = np.arange(3.0), np.ones(3)
    assert ring.powers([a]) == []
    assert ring.compose([b], []) == [b]
    np.testing.assert_array_equal(ring.multiply([a], [b])[0], a)


def test_coordinates():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    constant, along_x, along_y, mixed = Jets(below([(1, 1)])).coordinates(x)
    np.testing.assert_array_equal(constant, x.T)
    np.testing.assert_array_equal(along_x, [[1.0], [0.0]])
    np.testing.assert_array_equal(along_y, [[0.0], [1.0]])
    assert mixed is None
