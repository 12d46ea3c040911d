"""Tiles and threads change where the work is done, and nothing else."""

import multiprocessing
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from sobolevkernels import SobolevKernel, set_fast, set_threads
from sobolevkernels.evaluation import asymptotic, constants, taylor, tiles
from sobolevkernels.evaluation.tiles import over_tiles, share, threads

LARGE = 300_000


@pytest.fixture(autouse=True)
def _as_it_was():
    yield
    set_threads(None)
    set_fast(True)


def double(tile, result):
    np.multiply(tile, 2.0, out=result)


@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (7,), (LARGE,), (5, LARGE // 5), (LARGE // 4, 4),
                                   (2, 3, 50_001)], ids=str)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_every_entry_is_computed_once(shape, dtype):
    r = np.random.default_rng(0).uniform(0, 9, shape).astype(dtype)
    out = np.full_like(r, np.nan)
    over_tiles(double, r, out)
    assert np.array_equal(out, 2 * r)


def test_every_layout():
    base = np.random.default_rng(1).uniform(0, 9, (600, 1000))
    for r in (base.T, base[::-1], base[:, ::2], np.asfortranarray(base), np.broadcast_to(base[:1], base.shape)):
        for out in (np.empty(r.shape), np.empty(r.shape[::-1]).T, np.empty((*r.shape, 2))[..., 0]):
            over_tiles(double, r, out)
            assert np.array_equal(out, 2 * r)


def test_overlapping_arrays():
    for shift, size in ((0, LARGE), (1, LARGE), (1, 100), (50, 100)):
        memory = np.random.default_rng(2).uniform(0, 9, size + shift)
        expected = 2 * memory[:size]
        over_tiles(double, memory[:size], memory[shift:])
        assert np.array_equal(memory[shift:], expected)
    memory = np.random.default_rng(3).uniform(0, 9, LARGE)
    expected = 2 * memory
    over_tiles(double, memory, memory[::-1])
    assert np.array_equal(memory[::-1], expected)


def test_tiles_are_small_and_contiguous():
    sizes = []

    def note(tile, result):
        assert tile.flags.c_contiguous
        assert result.flags.c_contiguous
        assert tile.dtype == result.dtype == np.float64
        sizes.append(tile.size)
        np.copyto(result, tile)

    for r in (np.ones(LARGE), np.ones(LARGE, np.float32), np.ones((500, 1200))[:, ::2]):
        sizes.clear()
        over_tiles(note, r, np.empty_like(r))
        assert sum(sizes) == r.size
        assert max(sizes) <= tiles.SHARED_TILE


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("order", [3, 2.7])
def test_the_number_of_threads_does_not_change_a_bit(fast, order):
    set_fast(fast)
    kernel = SobolevKernel(dim=2, order=order, kappa=0.9)
    x, r = np.random.default_rng(4).normal(size=(700, 2)), np.random.default_rng(5).uniform(0, 9, LARGE)
    results = []
    for number in (1, 2, 5):
        set_threads(number)
        results.append((kernel(x), kernel(x, x[:400].copy()), kernel.radial(r)))
    for other in results[1:]:
        assert all(np.array_equal(a, b) for a, b in zip(results[0], other, strict=True))


def test_threads_are_used():
    names = set()
    meeting = threading.Barrier(2, timeout=20)

    def work(left):
        for _ in left:
            names.add(threading.current_thread().name)
            meeting.wait()

    set_threads(2)
    share(work, range(2), LARGE)
    assert len(names) == 2


def test_an_error_in_any_thread_arrives_and_stops_the_others():
    done = []

    def work(left):
        for task in left:
            if task == 3:
                raise RuntimeError("task three")
            done.append(task)

    for number in (1, 2):
        set_threads(number)
        with pytest.raises(RuntimeError, match="task three"):
            share(work, range(10_000), LARGE)
    done.clear()
    set_threads(2)
    share(work, range(3), LARGE)  # and the threads work on afterwards
    assert sorted(done) == [0, 1, 2]


def _in_a_child(queue):
    queue.put(float(SobolevKernel(dim=1, order=1).radial(np.zeros(LARGE)).sum()))


def test_a_forked_process_has_threads_of_its_own():
    set_threads(2)
    set_fast(False)
    SobolevKernel(dim=1, order=1).radial(np.zeros(LARGE))
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_child, args=(queue,))
    child.start()
    assert queue.get(timeout=60) == LARGE / 2
    child.join(timeout=60)


def test_a_process_forked_in_the_midst_of_mpmath_does_not_wait_for_it():
    set_threads(1)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_child_with_mpmath, args=(queue,))
    with constants.precision(100):  # held by the parent, and so by nobody in the child
        child.start()
    assert queue.get(timeout=60) == pytest.approx(np.exp(-1) / 2)
    child.join(timeout=60)


def _in_a_child_with_mpmath(queue):
    from mpmath import mp

    mp.prec = 53
    thread = threading.Thread(target=lambda: queue.put(float(SobolevKernel(dim=1, order=1).evaluate(1, 20))))
    thread.start()  # a lock that a thread of the parent held is held by no thread of the child
    thread.join(timeout=30)


def test_the_setting(monkeypatch):
    set_threads(3)
    assert threads() == 3
    set_threads(None)
    monkeypatch.setenv("SOBOLEVKERNELS_NUM_THREADS", "5")
    assert threads() == 5
    for wrong in ("0", "many", "-1", ""):
        monkeypatch.setenv("SOBOLEVKERNELS_NUM_THREADS", wrong)
        with pytest.raises(ValueError, match="SOBOLEVKERNELS_NUM_THREADS must be a positive integer"):
            threads()
    for wrong in (0, -2, 1.5, True, "2"):
        with pytest.raises(ValueError, match="positive integer or None"):
            set_threads(wrong)


def test_tables_and_digits_are_made_in_one_thread_at_a_time():
    """mpmath's precision is one for all threads: what two of them ask for at once must not mix."""
    kernels = [SobolevKernel(dim=3, order=Fraction(3, 2) + Fraction(k, 101)) for k in range(90, 130)]
    alone = [(kernel.radial(5.0), kernel.evaluate(1, 40), kernel.log_radial(1e3)) for kernel in kernels]
    for module in (taylor, asymptotic, constants):
        for value in vars(module).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(
                lambda kernel: (kernel.radial(5.0), kernel.evaluate(1, 40), kernel.log_radial(1e3)), kernels))
    finally:
        sys.setswitchinterval(interval)
    assert together == alone


def test_input_is_checked_before_anything_is_written_over_it():
    r = np.random.default_rng(6).uniform(0, 9, LARGE)
    r[-1] = -1.0
    before = r.copy()
    for out in (np.empty_like(r), r, r[::-1]):
        with pytest.raises(ValueError, match="at least 0"):
            SobolevKernel(dim=1, order=1).radial(r, out=out)
        assert np.array_equal(r, before)


def test_a_quick_road_has_larger_tiles():
    sizes = []

    def quick(tile, result):
        sizes.append(tile.size)

    quick.grain = 4
    over_tiles(quick, np.ones(12 * LARGE), np.empty(12 * LARGE))
    assert sizes[0] == 4 * tiles.SHARED_TILE
    sizes.clear()
    over_tiles(quick, np.ones(LARGE), np.empty(LARGE))
    assert sizes[0] == 4 * tiles.TILE


def test_an_error_in_a_helping_thread_alone_arrives():
    meeting = threading.Barrier(2, timeout=20)

    def work(left):
        for _ in left:
            meeting.wait()  # so that both threads have a task
            if threading.current_thread() is not threading.main_thread():
                raise RuntimeError("in a helper")

    set_threads(2)
    with pytest.raises(RuntimeError, match="in a helper"):
        share(work, range(2), LARGE)
