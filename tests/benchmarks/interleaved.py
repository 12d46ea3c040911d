"""Times that can be compared: every contender runs once a round, and only ratios of medians are reported.

A machine that slows down halfway slows all of them down. Nothing here passes or fails by
the clock; a benchmark does assert that its contenders compute the same numbers.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

import sobolevkernels as sk

Run = Callable[[], Any]

#: Extras that were wanted and absent: their rows are left out, and the summary says so.
ABSENT: set[str] = set()


@dataclass(frozen=True)
class Row:
    """A measured number and the bar it is held against, if there is one."""

    section: str
    what: str
    road: str
    measured: float
    bar: float | None = None
    at_least: bool = False

    def __str__(self) -> str:
        number = f"{self.measured:.0f}" if self.measured >= 100 else f"{self.measured:.3g}"
        if self.bar is None:
            return number
        met = self.measured >= self.bar if self.at_least else self.measured <= self.bar
        return f"{number} ({'≥' if self.at_least else '≤'} {self.bar:g}{'' if met else ', missed'})"


ROWS: list[Row] = []


def record(row: Row, benchmark: Any = None) -> None:
    """Keep a row for the summary, and with the benchmark that measured it."""
    ROWS.append(row)
    if benchmark is not None:
        benchmark.extra_info[f"ratio {row.what} ({row.road})"] = row.measured


def roads() -> list[str]:
    """The ways our own code can take here: NumPy alone, and compiled where the extra `fast` is installed."""
    if find_spec("numba") is None:
        ABSENT.add("numba")
        return ["NumPy"]
    return ["numba", "NumPy"]


def on(road: str, run: Run) -> Run:
    """`run` with our code on one of `roads()`."""

    def switched() -> Any:
        sk.set_fast(road == "numba")
        return run()

    return switched


def race(benchmark: Any, contenders: Mapping[str, Run], rounds: int) -> dict[str, float]:
    """Median seconds of each contender over rounds a, b, c, a, b, c, … after one that is not counted.

    The first contender is the one that pytest-benchmark times as well.
    """
    times: dict[str, list[float]] = {name: [] for name in contenders}

    def timed(name: str) -> None:
        start = time.perf_counter()
        contenders[name]()
        times[name].append(time.perf_counter() - start)

    first, *others = contenders

    def all_others() -> None:
        for name in others:
            timed(name)

    enabled = gc.isenabled()
    gc.disable()
    try:
        benchmark.pedantic(timed, args=(first,), setup=all_others, rounds=rounds, warmup_rounds=1)
    finally:
        if enabled:
            gc.enable()
    return {name: statistics.median(values[1:] or values) for name, values in times.items()}


def agree(contenders: Mapping[str, Run], expected: Any, tolerance: float = 1e-6) -> None:
    """Assert that all contenders return the same numbers, so that nobody is measured computing nonsense."""
    for name, run in contenders.items():
        difference = np.asarray(run()) - expected
        assert np.abs(difference, out=difference).max() <= tolerance, name


def tables(rows: list[Row]) -> Iterator[tuple[str, list[list[str]]]]:
    """For each section its name and a table: what was measured, by road."""
    for section in dict.fromkeys(row.section for row in rows):
        inside = [row for row in rows if row.section == section]
        roads = list(dict.fromkeys(row.road for row in inside))
        lines = [["", *roads]]
        for what in dict.fromkeys(row.what for row in inside):
            cells = {row.road: str(row) for row in inside if row.what == what}
            lines.append([what, *(cells.get(road, "") for road in roads)])
        yield section, lines
