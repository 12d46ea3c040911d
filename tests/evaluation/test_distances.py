"""Distances come from differences, at every magnitude; Gram matrices are symmetric to the last bit."""

from fractions import Fraction

import numpy as np
import pytest

from sobolevkernels.evaluation import compiled
from sobolevkernels.evaluation.distances import gram


@pytest.fixture(params=["numpy", "compiled"], autouse=True)
def road(request, monkeypatch):
    monkeypatch.setattr(compiled, "_wanted", request.param == "compiled")
    monkeypatch.setattr(compiled, "WORTH_COMPILING", 0)
    return request.param


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
def test_symmetric_even_when_the_road_depends_on_the_place(count, monkeypatch):
    """A road whose answer depends on where in a tile a distance stands, as vectorised NumPy code may."""
    monkeypatch.setattr(compiled, "_wanted", False)

    def uneven(tile, result):
        np.multiply(tile, 1 + 2.0**-50 * (np.arange(tile.size) % 3), out=result)

    x = np.random.default_rng(0).normal(size=(count, 2))
    out = np.empty((count, count))
    gram(uneven, x, x, out)
    assert np.array_equal(out, out.T)
    assert not out.diagonal().any()
    assert np.allclose(out, by_hand(x, x), rtol=1e-12)


@pytest.mark.parametrize("dim", [1, 2, 3, 4, 7])
def test_more_columns_than_a_tile_holds(dim):
    rng = np.random.default_rng(dim)
    x, y = rng.normal(size=(3, dim)), rng.normal(size=(20_000, dim))
    assert np.allclose(distances(x, y), by_hand(x, y), rtol=1e-14, atol=0)
    assert np.allclose(distances(y, x), by_hand(y, x), rtol=1e-14, atol=0)


@pytest.mark.parametrize("dim", [1, 2, 3, 6, 11])
def test_equal_distances_are_equal_to_the_bit(dim):
    x = np.random.default_rng(dim).normal(size=(301, dim))
    matrix = distances(x, x)
    assert np.array_equal(matrix, matrix.T)
    assert np.array_equal(distances(x, x.copy()), matrix)
    assert not matrix.diagonal().any()


def test_out_of_any_layout_and_precision():
    x = np.random.default_rng(0).normal(size=(150, 3))
    expected = distances(x, x)
    for out in (np.empty((150, 150), np.float32), np.empty((150, 150)).T, np.empty((150, 300))[:, ::2],
                np.empty((300, 150))[::-2]):
        gram(copy, x, x, out)
        assert np.array_equal(out, expected.astype(out.dtype))


def test_no_points():
    assert distances(np.empty((0, 2)), np.empty((4, 2))).shape == (0, 4)
    assert distances(np.empty((4, 2)), np.empty((0, 2))).shape == (4, 0)


def test_compiled_distances_are_for_whom_they_are_wanted(road, monkeypatch):
    def never(*arguments):
        raise AssertionError("compiled distances were made")

    monkeypatch.setattr(compiled, "distances", never)
    x, huge = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [3e200, 4e200]])
    assert np.allclose(distances(huge, huge), [[0, 5e200], [5e200, 0]], rtol=1e-15)
    if road == "numpy":
        assert distances(x, x)[0, 1] == 5
    else:
        with pytest.raises(AssertionError, match="compiled distances"):
            distances(x, x)
