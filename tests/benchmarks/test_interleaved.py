"""The measuring itself: turns are taken, wrong values are noticed, missed bars are said."""

import numpy as np
import pytest
from interleaved import Row, agree, race, tables


def test_everybody_takes_a_turn_a_round(benchmark):
    turns = []
    times = race(benchmark, {name: lambda name=name: turns.append(name) for name in "abc"}, 4)
    assert sorted(times) == ["a", "b", "c"]
    for name in "abc":  # between two turns of one, everybody else has had one
        first, *others = np.flatnonzero(np.array(turns) == name)
        assert all(later - earlier == 3 for earlier, later in zip([first, *others], others, strict=False))


@pytest.mark.parametrize("wrong", [1.00001, np.nan])
def test_a_contender_with_wrong_values_is_not_measured(wrong):
    agree({"right": lambda: np.ones(3)}, np.ones(3))
    with pytest.raises(AssertionError, match="wrong"):
        agree({"wrong": lambda: np.array([1, wrong, 1])}, np.ones(3))


def test_bars_and_tables():
    rows = [Row("section", "time", "numba", 0.5, 0.7), Row("section", "time", "NumPy", 3, 2.2),
            Row("section", "speed", "NumPy", 5, 6, True)]
    assert list(tables(rows)) == [("section", [["", "numba", "NumPy"], ["time", "0.5 (≤ 0.7)", "3 (≤ 2.2, missed)"],
                                               ["speed", "", "5 (≥ 6, missed)"]])]
