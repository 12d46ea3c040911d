"""Arrays, tile by tile, on several threads: a road is run over pieces that fit the cache.

A *road* reads a tile of distances and writes a tile of values. It sees contiguous
float64 only; arrays of any layout and of both precisions are converted on the way,
tile by tile, so that no copy of an array is ever made. Which tiles there are does not
depend on the number of threads, and neither does any result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

Array = NDArray[np.float64]
#: Reads distances from its first argument and writes values into its second, which may be the first.
#: One that has a `grain` is that many times as quick as others: its tiles are larger, and what is worth sharing
#: is larger by the square of that, because memory cannot keep up with many.
Road = Callable[[Array, Array], None]
Task = TypeVar("Task")

#: Elements in a tile of a small array, and of one that is shared among threads: NumPy holds the
#: interpreter's lock between any two operations, so each has to be worth the hand-over.
TILE, SHARED_TILE = 16384, 65536
#: Elements from which a second thread pays.
WORTH_SHARING = 200_000

_threads: int | None = None
_pool: ThreadPoolExecutor | None = None


def threads() -> int:
    """The number of threads that large arrays are shared among; see `set_threads`.

    Examples
    --------
    >>> threads() >= 1
    True
    """
    if _threads is not None:
        return _threads
    value = os.environ.get("SOBOLEVKERNELS_NUM_THREADS")
    if value is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not value.isdecimal() or int(value) < 1:
        raise ValueError(f"SOBOLEVKERNELS_NUM_THREADS must be a positive integer, got {value!r}; "
                         "unset it to use every available core")
    return int(value)


def set_threads(number: int | None) -> None:
    """Set how many threads large arrays are shared among, in this process.

    Values and Gram matrices of fewer than 200 000 entries are computed by the calling thread
    alone. Results do not depend on this number, except for the last digits of a product with
    `SobolevKernel.operator`, whose order of summation follows it.

    Parameters
    ----------
    number : int or None
        At least 1. None, as in the beginning, means the environment variable
        SOBOLEVKERNELS_NUM_THREADS, and every available core where that is not set.

    Examples
    --------
    >>> set_threads(1)
    >>> threads()
    1
    >>> set_threads(None)
    """
    global _threads
    if number is not None and (isinstance(number, bool) or not isinstance(number, Integral) or number < 1):
        raise ValueError(f"the number of threads must be a positive integer or None, got {number!r}")
    _threads = None if number is None else int(number)


def tile_size(entries: int, grain: int = 1) -> int:
    """Elements in a tile of an array that has so many entries."""
    return grain * (SHARED_TILE if entries >= grain**2 * WORTH_SHARING else TILE)


def grain_of(road: Road) -> int:
    """How many times as quick as others a road is."""
    return getattr(road, "grain", 1)


def share(work: Callable[[Iterator[Task]], None], tasks: Iterable[Task], entries: int, grain: int = 1) -> None:
    """Let one or several threads `work` through the tasks, each taking the next one that is left.

    Parameters
    ----------
    work : callable
        Takes tasks from the iterator that it is given until there are none.
    tasks : iterable
        Independent of one another.
    entries, grain : int
        The size of all of it, and see `Road`; below grain² · `WORTH_SHARING` the calling thread works alone.
    """
    left = iter(list(tasks))  # of all iterators, that of a list is certainly safe to share
    worth = grain**2 * WORTH_SHARING
    helpers = min(threads(), 2 * entries // worth) - 1 if entries >= worth else 0
    if not helpers:
        return work(left)
    from concurrent.futures import wait

    pool = _workers(helpers)
    running = [pool.submit(work, left) for _ in range(helpers)]
    try:
        work(left)
    finally:
        for _ in left:  # after an error or an interrupt, nobody shall go on
            pass
        wait(running)
    for finished in running:
        finished.result()
    return None


def _workers(helpers: int) -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor

    global _pool
    if _pool is None or _pool._max_workers < helpers:
        _pool = ThreadPoolExecutor(helpers, thread_name_prefix="sobolevkernels")
    return _pool


def _forget_workers() -> None:
    """A forked process has none of the threads of its parent."""
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_workers)


def over_tiles(
    road: Road, r: NDArray[Any], out: NDArray[Any], check: Callable[[NDArray[Any]], None] | None = None
) -> None:
    """Run `road` over tiles of `r` and `out`, whatever their layout and precision.

    Parameters
    ----------
    road : callable
        See the module.
    r, out : ndarray
        Of one shape, float64 or float32. `out` may be `r` itself.
    check : callable, optional
        Raises where its argument is not what the road takes. It is given `r` before anything is
        written over it: tile by tile, which is quicker, unless `out` overlaps `r`.

    Examples
    --------
    >>> r, out = np.arange(6, dtype=np.float32).reshape(2, 3), np.empty((3, 2), dtype=np.float32).T
    >>> over_tiles(np.square, r, out)
    >>> out
    array([[ 0.,  1.,  4.],
           [ 9., 16., 25.]], dtype=float32)
    """
    if np.may_share_memory(r, out):
        if check is not None:
            check(r)
            check = None
        if not _same_place(r, out):
            r = r.copy()
    grain = grain_of(road)
    size = tile_size(r.size, grain)
    plain = r.flags.c_contiguous and out.flags.c_contiguous
    if plain:
        r, out = r.reshape(-1), out.reshape(-1)
    direct = plain and r.dtype == out.dtype == np.float64
    step = max(1, size * len(r) // r.size) if r.ndim and r.size else 1

    def work(starts: Iterator[int]) -> None:
        # Rounding to zero, to a subnormal number or to infinity is what the true value does here.
        with np.errstate(all="ignore"):
            for first in starts:
                piece = slice(first, first + step) if r.ndim else ...
                if check is not None:
                    check(r[piece])
                if direct:
                    road(r[piece], out[piece])
                else:
                    _converted(road, r[piece], out[piece])

    share(work, range(0, len(r), step) if r.ndim else [0], r.size, grain)


def _same_place(r: NDArray[Any], out: NDArray[Any]) -> bool:
    (start, other) = (array.__array_interface__["data"][0] for array in (r, out))
    return start == other and r.strides == out.strides and r.dtype == out.dtype


def _converted(road: Road, r: NDArray[Any], out: NDArray[Any]) -> None:
    layout: Any = ["contig", "overlap_assume_elementwise"]
    tiles = np.nditer(
        [r, out], flags=["external_loop", "buffered", "zerosize_ok", "copy_if_overlap"],
        op_flags=[["readonly", *layout], ["writeonly", *layout]],
        op_dtypes=[np.float64, np.float64], casting="same_kind", buffersize=TILE)
    with tiles:
        for tile, result in tiles:
            road(tile, result)
