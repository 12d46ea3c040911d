"""The table itself: it meets M(0) = 1 on its own, its intervals join, and more of it agrees with less."""

from fractions import Fraction

import numpy as np
import pytest

from sobolevkernels.evaluation import taylor
from sobolevkernels.evaluation.constants import reduced

NU = [Fraction(1, 100), Fraction(1, 2), Fraction(1), Fraction(17, 10), Fraction(300), Fraction(500)]


def values(rows, r):
    interval, t = rows.locate(r)
    return np.ldexp(rows.polynomial(interval, t), rows.exponents[interval].astype(np.intc)), interval, t


@pytest.mark.parametrize("nu", NU, ids=str)
@pytest.mark.parametrize("g", [Fraction(1), Fraction(26, 100)], ids=str)
def test_the_march_arrives_at_one(nu, g):
    """The start at the far end knows nothing of the normalisation at 0."""
    rows = taylor.table(nu, g)
    innermost = 2.0**-rows.octaves
    value = values(rows, np.array([innermost]))[0][0]
    assert value == pytest.approx(1 - rows.branch * innermost ** (2 * float(nu)), abs=2e-16)


@pytest.mark.parametrize("nu", NU, ids=str)
def test_intervals_join(nu):
    rows = taylor.table(nu, Fraction(1))
    starts = np.concatenate([2.0 ** np.arange(-31, 1)[:, None] * (1 + np.arange(8) / 8)], axis=None)
    starts = np.append(starts, np.arange(8, 4 * taylor.NEAR) / 4)
    after, interval, t = values(rows, starts)
    before, interval_before, t_before = values(rows, np.nextafter(starts, 0))
    assert (t == -1).all()
    assert (t_before > 1 - 1e-12).all()
    assert (interval == interval_before + 1).all()
    # from one float to the next M changes by at most their distance, since |M'/M| is about 1 at most
    assert (np.abs(after - before) <= (6e-16 + 1.2 * np.spacing(starts)) * after).all()


def test_the_longer_table_contains_the_shorter():
    near, far = (taylor.table(Fraction(17, 10), Fraction(1), reach) for reach in (128, 384))
    assert far.reach == 384
    size = near.exponents.size
    assert np.array_equal(far.exponents[:size], near.exponents)
    assert far.exponents.size - size == 4 * (384 - 128)


def test_every_distance_has_its_interval():
    rows = taylor.table(Fraction(17, 10), Fraction(1))
    r = np.array([0.0, -0.0, 5e-324, 2.0**-1022, 2.0**-33, np.nextafter(2.0**-32, 0), 2.0**-32])
    interval, t = rows.locate(r)
    assert interval.tolist() == [0, 0, 0, 0, 0, 0, 1]
    assert (np.abs(t) <= 1).all()


@pytest.mark.parametrize("square", [Fraction(1), Fraction(1, 4), Fraction(3), Fraction(4), Fraction(5), Fraction(16),
                                    Fraction(1, 3), Fraction(10) ** 400, Fraction(7, 10**401)], ids=str)
def test_kappa_is_reduced_into_the_range_of_the_tables(square):
    g, e = reduced(square)
    assert Fraction(1, 4) < g <= 1
    assert g * Fraction(4) ** e == square
