"""What every kernel has to satisfy, on the torus: the laws of `test_laws`, with displacements for distances."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from mpmath import mp
from test_laws import (
    EPS,
    _changed,
    _with,
    _with_last_bit,
    _with_little_less_on_the_diagonal,
    at_distance,
    batches,
    distances,
    exactly,
    identity,
    points,
    positive_definiteness,
    precision,
    refusals,
    symmetry,
)

from sobolevkernels.kernels.periodic import PeriodicSobolevKernel

#: On these the laws that name distances mean displacements along the first axis, up to half the period.
PERIODIC = [
    PeriodicSobolevKernel(order=1), PeriodicSobolevKernel(order=3, kappa=0.7, period=9),
    PeriodicSobolevKernel(order=1.3, kappa=2, period=8), PeriodicSobolevKernel(order=2.2, kappa=0.2, period=7.5),
    PeriodicSobolevKernel(dim=2, order=2, kappa=5, period=(7, 8)),
    PeriodicSobolevKernel(dim=2, order=2.6, kappa=0.5, period=(7, 10)),
]


def torus_reproduction(kernel):
    """∫ d(h) cos(ξ_k·h) dh w(ξ_k) = 1, and so ⟨d_0, f⟩ = f(0) for every wave f, by quadrature of the values."""
    nodes, weights = np.polynomial.legendre.leggauss(16)
    edges = np.concatenate([[0.0], 2.0 ** np.arange(-24.0, 0.0)]) if kernel.dim == 1 else np.array(
        [0.0, 2**-12, 2**-7, 2**-4, 0.2, 0.5])
    middle, width = (edges[1:] + edges[:-1]) / 2, np.diff(edges) / 2
    u, du = (middle[:, None] + width[:, None] * nodes).ravel(), (width[:, None] * weights).ravel()
    lengths = [float(length) for length in kernel.periods]
    h = np.stack(np.meshgrid(*(u * length for length in lengths), indexing="ij"), axis=-1)
    measure = math.prod(lengths) * 2**kernel.dim * (du if kernel.dim == 1 else np.multiply.outer(du, du))
    values = kernel.at(h[..., 0] if kernel.dim == 1 else h)
    for mode in ((0, 0), (1, 0), (2, 1), (0, 3)):
        xi = [2 * np.pi * k / length for k, length in zip(mode, lengths, strict=False)]
        wave = math.prod(np.cos(frequency * h[..., axis]) for axis, frequency in enumerate(xi))
        weight = (kernel.kappa**2 + sum(frequency**2 for frequency in xi)) ** float(kernel.order)
        assert math.isclose((values * wave * measure).sum() * weight, 1.0, rel_tol=1e-8)


def torus_scaling(kernel):
    """d_(2κ, L/2)(h/2) = 2^(n - 2·order) d_(κ, L)(h)."""
    r = distances(kernel)
    twice = _with(kernel, kappa_squared=4 * kernel.kappa_squared,
                  periods=tuple(length / 2 for length in kernel.periods))
    factor = 2.0 ** float(kernel.dim - 2 * kernel.order)
    assert np.allclose(at_distance(twice, r / 2), factor * at_distance(kernel, r), rtol=1e-13, atol=0)
    assert math.isclose(twice.at_zero, factor * kernel.at_zero, rel_tol=1e-14)


def torus_monotonicity(kernel):
    """Down up to half the period, by rounding at most up; κ^(2t) K_t - κ^(2u) K_u is positive for t < u."""
    r = np.linspace(0, float(kernel.periods[0]) / 2, 40)
    values = at_distance(kernel, r)
    assert (np.diff(values) <= 1e-13 * values[1:]).all()
    assert (np.diff(values[:-3]) < 0).all()
    x, larger = points(kernel, 40), _with(kernel, order=kernel.order + Fraction(1, 3))
    difference = kernel(x) - kernel.kappa ** (2 / 3) * larger(x)
    assert np.linalg.eigvalsh(difference).min() >= -1e-13 * np.abs(kernel(x)).sum(axis=1).max()


def torus_agreement(kernel):
    """Numbers, mpmath, Arb and, where there is a closed form, SymPy, each on its own; and exact periodicity."""
    length = kernel.periods[0]
    for point in (Fraction(0), Fraction(1, 8), length / 3, length / 2):
        value, true = at_distance(kernel, float(point)), float(exactly(kernel, Fraction(float(point)), 25))
        assert abs(value - true) <= 1e-13 * true
        place = Fraction(float(point)) if kernel.dim == 1 else (Fraction(float(point)), 0)
        assert math.isclose(float(kernel.enclosure(place, 20).mid()), true, rel_tol=4 * EPS)
        if kernel.dim == 1 and kernel.order.denominator == 1:
            symbolic = kernel.expr.subs(kernel.x, sp.Rational(*Fraction(float(point)).as_integer_ratio()))
            assert math.isclose(float(symbolic.evalf(30)), true, rel_tol=4 * EPS)
    steps = np.zeros((3, kernel.dim))
    steps[:, 0] = 0.25
    for axis in range(kernel.dim):
        steps[1, axis] += float(kernel.periods[axis]) * (kernel.periods[axis].denominator <= 2)
    matrix = kernel(steps, np.zeros((1, kernel.dim)))
    assert (matrix == matrix[0]).all()


TORUS_LAWS = [symmetry, positive_definiteness, torus_reproduction, torus_scaling, torus_monotonicity, torus_agreement,
              precision, batches, identity, refusals]


@pytest.mark.parametrize("kernel", PERIODIC, ids=repr)
@pytest.mark.parametrize("law", TORUS_LAWS, ids=lambda law: law.__name__)
def test_law_on_the_torus(law, kernel):
    law(kernel)


@pytest.mark.parametrize(("law", "method", "spoil"), [
    (symmetry, "__call__", _changed(_with_last_bit)),
    (positive_definiteness, "__call__", _changed(_with_little_less_on_the_diagonal)),
    (torus_reproduction, "at", _changed(lambda self, values: values * 1.000001)),
    (torus_scaling, "at", _changed(lambda self, values: values * (1 + 1e-12 * self.kappa))),
    (torus_monotonicity, "at", _changed(lambda self, values: -values)),
    (torus_agreement, "evaluate", _changed(lambda self, value: value * (1 + mp.mpf(10) ** -12))),
    (torus_agreement, "__call__", lambda original: lambda self, x, y: np.exp(-np.abs(x[:, :1] - y[:, 0]))),
    (precision, "__call__", _changed(lambda self, matrix: matrix.astype(np.float64))),
    (batches, "__call__", _changed(lambda self, matrix: matrix[::-1])),
    (identity, "__hash__", lambda original: lambda self: id(self)),
    (refusals, "at", lambda original: lambda self, h, out=None: np.zeros(np.shape(h))),
], ids=lambda value: getattr(value, "__name__", None) if callable(value) else value)
def test_the_law_can_be_broken_on_the_torus(law, method, spoil, monkeypatch):
    monkeypatch.setattr(PeriodicSobolevKernel, method, spoil(getattr(PeriodicSobolevKernel, method)))
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        law(PERIODIC[1])
