"""Distances come from differences, at every magnitude; Gram matrices are symmetric to the last bit."""

from fractions import Fraction

import numpy as np
import pytest

from sobolevkernels.evaluation.distances import gram


def copy(tile, result):
    result[...] = tile


def distances(x, y):
    out = np.empty((len(x), len(y)))
    gram(copy, x, y, out)
    return out


def by_hand(x, y):
    return np.sqrt(((x[:, None] - y) ** 2).sum(axis=-1))


@pytest.mark.parametrize("dim", [1, 2, 3, 30, 300])
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 3), (200, 200), (65, 129)], ids=str)
def test_agrees_with_the_definition(dim, shape):
    rng = np.random.default_rng(dim)
    x, y = (rng.normal(size=(count, dim)) for count in shape)
    assert np.allclose(distances(x, y), by_hand(x, y), rtol=1e-14, atol=0)
    assert np.allclose(distances(x, x), by_hand(x, x), rtol=1e-14, atol=0)


@pytest.mark.parametrize("scale", [1e-320, 1e-250, 1e-160, 1e150, 1e200, 1e307])
def test_tiny_and_huge_coordinates(scale):
    x = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 2.0], [1.0, 2.0, 2.0]]) * scale
    assert np.allclose(distances(x, x)[0], [0, 3 * scale, 3 * scale], rtol=1e-15 if scale > 1e-300 else 1e-3,
                       atol=0)
    assert distances(x, x)[1, 2] == 0


def test_mixed_magnitudes_in_one_tile():
    x = np.array([[0.0, 0.0], [3e-200, 4e-200], [3.0, 4.0], [3e200, 4e200]])
    assert np.allclose(distances(x, x)[0], [0, 5e-200, 5, 5e200], rtol=1e-15, atol=0)


def test_near_points_keep_their_digits():
    base = np.full(3, 1e6)
    x = np.array([base, base + 2.0**-20])
    true = float(Fraction(3) ** 1) ** 0.5 * 2.0**-20
    assert distances(x, x)[0, 1] == pytest.approx(true, rel=4e-16)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 300])
def test_symmetric_even_when_the_road_depends_on_the_place(count):
    """A road whose answer depends on where in a tile a distance stands, as vectorised code may."""

    def uneven(tile, result):
        np.multiply(tile, 1 + 2.0**-50 * (np.arange(tile.size) % 3), out=result)

    x = np.random.default_rng(0).normal(size=(count, 2))
    out = np.empty((count, count))
    gram(uneven, x, x, out)
    assert np.array_equal(out, out.T)
    assert not out.diagonal().any()
    assert np.allclose(out, by_hand(x, x), rtol=1e-12)


def test_no_points():
    assert distances(np.empty((0, 2)), np.empty((4, 2))).shape == (0, 4)
    assert distances(np.empty((4, 2)), np.empty((0, 2))).shape == (4, 0)
