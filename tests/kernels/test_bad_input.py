"""Bad input of every kind gets an error that says what was wrong, what was expected and what to do."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sobolevkernels import SobolevKernel

KERNEL = SobolevKernel(dim=3, order=2.5)
LINE = SobolevKernel(dim=1, order=1)
NON_NUMBERS = ["3", None, True, 1j, [3], sp.Symbol("t"), sp.pi, np.array(["a"]), {}]


@pytest.mark.parametrize("bad", NON_NUMBERS, ids=repr)
@pytest.mark.parametrize("name", ["order", "kappa"])
def test_a_parameter_must_be_a_real_number(name, bad):
    with pytest.raises(TypeError, match=f"{name} must be a real number"):
        SobolevKernel(**{"dim": 3, "order": 3, name: bad})


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float32(np.nan)])
@pytest.mark.parametrize("name", ["order", "kappa"])
def test_a_parameter_must_be_finite(name, bad):
    with pytest.raises(ValueError, match=f"{name} must be finite"):
        SobolevKernel(**{"dim": 3, "order": 3, name: bad})


@pytest.mark.parametrize("bad", [2.0, "3", None, True, 3.5, Fraction(3), np.float64(3)])
def test_dim_must_be_an_integer(bad):
    for build in (lambda: SobolevKernel(dim=bad, order=9), lambda: SobolevKernel.from_matern(bad, 1.5, 1),
                  lambda: SobolevKernel.from_bessel_potential(bad, 9)):
        with pytest.raises(TypeError, match="dim must be an integer"):
            build()


@given(st.integers(max_value=0))
def test_dim_must_be_positive(dim):
    with pytest.raises(ValueError, match="dim must be at least 1"):
        SobolevKernel(dim=dim, order=3)


@given(st.integers(1, 50), st.fractions(0, 1))
def test_order_must_exceed_half_the_dimension(dim, part):
    with pytest.raises(ValueError, match=r"from_bessel_potential\(dim="):
        SobolevKernel(dim=dim, order=part * Fraction(dim, 2))
    with pytest.raises(ValueError, match="twice the Sobolev order"):
        SobolevKernel.from_bessel_potential(dim=dim, s=part * dim)


def test_order_just_above_the_border_is_accepted():
    assert SobolevKernel(dim=3, order=np.nextafter(1.5, 2)).nu == Fraction(1, 2**52)


@pytest.mark.parametrize("bad", [0, -1, 0.0, -1e-300])
def test_scales_must_be_positive(bad):
    with pytest.raises(ValueError, match="kappa must be positive"):
        SobolevKernel(dim=3, order=3, kappa=bad)
    with pytest.raises(ValueError, match="length_scale must be positive"):
        SobolevKernel.from_matern(dim=3, nu=1.5, length_scale=bad)
    with pytest.raises(ValueError, match="nu must be positive"):
        SobolevKernel.from_matern(dim=3, nu=bad, length_scale=1)


def test_parameters_go_by_name():
    with pytest.raises(TypeError):
        SobolevKernel(3, 3)


finite = st.floats(-10, 10)
spoiled = st.sampled_from([np.nan, np.inf, -np.inf])


@given(hnp.arrays(st.sampled_from([np.float64, np.float32]), st.tuples(st.integers(1, 8), st.just(3)),
                  elements=st.floats(-8, 8, width=32)), st.data())
def test_points_must_be_finite(x, data):
    row, column = data.draw(st.integers(0, len(x) - 1)), data.draw(st.integers(0, 2))
    good = x.copy()
    x[row, column] = data.draw(spoiled)
    for arguments in ((x,), (x, good), (good, x)):
        with pytest.raises(ValueError, match=rf"must be finite, but row {row} is"):
            KERNEL(*arguments)


@given(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
def test_points_must_have_the_right_shape(shape):
    points = np.zeros(shape)
    if len(shape) >= 2 and shape[-1] == 3:
        assert KERNEL(points).shape == (*shape[:-1], shape[-2])
        return
    with pytest.raises(ValueError, match=r"X must have shape \(N, 3\)"):
        KERNEL(points)
    with pytest.raises(ValueError, match=r"Y must have shape \(N, 3\)"):
        KERNEL(np.zeros((2, 3)), points)


def test_batches_must_broadcast():
    with pytest.raises(ValueError, match=r"leading axes of X and Y must broadcast, got \(4,\) and \(5,\); insert"):
        KERNEL(np.zeros((4, 2, 3)), np.zeros((5, 2, 3)))
    x = np.zeros((2, 4, 3))
    x[1, 2, 0] = np.nan
    with pytest.raises(ValueError, match=r"row \(1, 2\) is"):
        KERNEL(x)
    for alone in (KERNEL.operator, KERNEL.gradient):
        with pytest.raises(ValueError, match=r"X must have shape \(N, 3\)"):
            alone(np.zeros((4, 2, 3)))


def test_shape_errors_say_what_to_do():
    with pytest.raises(ValueError, match=r"X\[None, :\]"):
        KERNEL(np.zeros(3))
    with pytest.raises(ValueError, match=r"X\.T"):
        KERNEL(np.zeros((3, 50)))
    with pytest.raises(ValueError, match=r"\(N, 1\) or \(N,\)"):
        LINE(np.zeros((4, 2)))


@given(hnp.arrays(np.float64, hnp.array_shapes(max_dims=3, max_side=5), elements=st.floats(0, 9)), st.data())
def test_distances_must_not_be_negative_or_nan(r, data):
    index = data.draw(st.integers(0, r.size - 1))
    r.reshape(-1)[index] = data.draw(st.sampled_from([-1.0, -5e-324, -np.inf]))
    for function in (KERNEL.radial, KERNEL.correlation, KERNEL.log_radial):
        with pytest.raises(ValueError, match="at least 0"):
            function(r)
    r.reshape(-1)[index] = np.nan
    for function in (KERNEL.radial, KERNEL.correlation, KERNEL.log_radial):
        with pytest.raises(ValueError, match="must not contain NaN"):
            function(r)


@pytest.mark.parametrize("dtype", [complex, bool, object, "U3", np.float16, np.longdouble])
def test_arrays_must_hold_float64_float32_or_integers(dtype):
    with pytest.raises(TypeError, match=r"X must hold real numbers .* convert with"):
        KERNEL(np.zeros((2, 3), dtype=dtype))
    with pytest.raises(TypeError, match=r"r must hold real numbers .* convert with"):
        KERNEL.radial(np.zeros(2, dtype=dtype))


def test_out_must_fit():
    r, x = np.ones(4), np.zeros((4, 3))
    read_only = np.empty(4)
    read_only.flags.writeable = False
    for function, argument, shape in ((KERNEL.radial, r, (4,)), (KERNEL.log_radial, r, (4,)),
                                      (KERNEL.correlation, r, (4,)), (KERNEL, x, (4, 4))):
        with pytest.raises(ValueError, match="out must have shape"):
            function(argument, out=np.empty((5, 5)))
        with pytest.raises(TypeError, match="out must have dtype float64"):
            function(argument, out=np.empty(shape, np.float32))
        with pytest.raises(TypeError, match="out must be a NumPy array"):
            function(argument, out=[0.0])
    with pytest.raises(ValueError, match="read-only"):
        KERNEL.radial(r, out=read_only)


@pytest.mark.parametrize("bad", [-1, -0.5, math.nan, math.inf])
def test_exact_roads_take_one_finite_distance(bad):
    for function in (KERNEL.evaluate, KERNEL.enclosure):
        with pytest.raises(ValueError, match=r"at least 0|finite"):
            function(bad)
        with pytest.raises(TypeError, match="real number"):
            function("1")


@pytest.mark.parametrize("bad", [0, -3, 2.5])
def test_digits_must_be_a_positive_integer(bad):
    for function in (KERNEL.evaluate, KERNEL.enclosure):
        with pytest.raises(ValueError, match="digits must be a positive integer"):
            function(1, digits=bad)
