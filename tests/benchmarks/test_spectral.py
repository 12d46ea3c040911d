"""One spectral step f - η M⁻¹ g against the two real FFTs that it cannot do without, and against a dense solve."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.fft
import scipy.linalg
from fresh import fresh
from interleaved import ABSENT, Row, Run, agree, race, record

import sobolevkernels as sk
from sobolevkernels.evaluation.tiles import threads

SECTION = "One spectral step f - η M⁻¹ g, M of order 2"
MEMORY = "Memory at the peak of a spectral step"
SHAPES = [(2**20,), (2048, 2048), (256, 256, 256)]

STEP = """
import numpy as np, scipy.fft, sobolevkernels as sk
M, shape = sk.sobolev_multiplier(order=2), {shape}
sk.spectral_step(np.ones(8), np.ones(8), M, 0.1, 1.0)
f, g = np.full(shape, 1.0), np.full(shape, 2.0)
if {later}:
    sk.spectral_step(f, g, M, 0.1, 0.1)
before = memory('VmRSS')
f = {step}
print(memory('VmHWM') - before)
"""
OURS = "sk.spectral_step(f, g, M, 0.1, 0.1)"
TRANSFORMS = "scipy.fft.irfftn(scipy.fft.rfftn(g, workers=2), shape, workers=2)"


def name(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))


def fields(shape: tuple[int, ...]) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=shape), rng.normal(size=shape)


def through(backend: Any, run: Run) -> Run:
    """`run` with the transforms of a backend of `scipy.fft`."""

    def switched() -> Any:
        with scipy.fft.set_backend(backend):
            return run()

    return switched


def backends() -> dict[str, Any]:
    """Backends of `scipy.fft` that are installed; the others are noted as absent."""
    found = {}
    for package, load in {"pyFFTW": _fftw, "mkl_fft": _mkl}.items():
        try:
            found[package] = load()
        except ImportError:
            ABSENT.add(package)
    return found


def _fftw() -> Any:
    import pyfftw.interfaces.scipy_fft

    pyfftw.interfaces.cache.enable()  # as its documentation advises: plans are kept between calls
    return pyfftw.interfaces.scipy_fft


def _mkl() -> Any:
    import mkl_fft.interfaces.scipy_fft

    return mkl_fft.interfaces.scipy_fft


@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_step(benchmark, shape):
    f, g = fields(shape)
    M, h = sk.sobolev_multiplier(order=2), 0.1

    def transforms() -> Any:
        return scipy.fft.irfftn(scipy.fft.rfftn(g, workers=threads()), shape, workers=threads())

    def step() -> Any:
        return sk.spectral_step(f, g, M, 0.3, h)

    steps = {"step": step, **{f"{package}, step": through(backend, step) for package, backend in backends().items()}}
    xi = [2 * np.pi * frequencies(n, h) for n, frequencies in zip(
        shape, [np.fft.fftfreq] * (len(shape) - 1) + [np.fft.rfftfreq], strict=True)]
    w = (1 + sum(axis**2 for axis in np.meshgrid(*xi, indexing="ij", sparse=True))) ** 2
    agree(steps, f - 0.3 * np.fft.irfftn(np.fft.rfftn(g) / w, shape, axes=range(len(shape))), 1e-12)
    bare = {f"{package}, transforms": through(backend, transforms) for package, backend in backends().items()}
    times = race(benchmark, {**steps, "transforms": transforms, **bare}, 7)
    record(Row(SECTION, f"{name(shape)}: time in units of two real FFTs", "scipy.fft", times["step"]
               / times["transforms"], 1.4), benchmark)
    for package in backends():
        record(Row(SECTION, f"{name(shape)}: time in units of two real FFTs", f"{package} as its backend",
                   times[f"{package}, step"] / times[f"{package}, transforms"]), benchmark)
        record(Row(SECTION, f"{name(shape)}: times as fast as with scipy.fft alone", f"{package} as its backend",
                   times["step"] / times[f"{package}, step"]), benchmark)


def test_dense_solve(benchmark):
    f, g = fields((2048,))
    M, h = sk.sobolev_multiplier(order=2), 0.1
    A = scipy.linalg.circulant(M.kernel(2048, h) * h)
    contenders: dict[str, Run] = {
        "step": lambda: sk.spectral_step(f, g, M, 0.3, h),
        "dense": lambda: f - 0.3 * scipy.linalg.solve(A, g, assume_a="pos")}
    agree(contenders, f - 0.3 * M.solve(g, h), 1e-6)
    times = race(benchmark, contenders, 5)
    record(Row(SECTION, "2048: times as fast as the dense solve (Cholesky)", "scipy.fft",
               times["dense"] / times["step"]), benchmark)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("shape", SHAPES, ids=name)
def test_memory(shape):
    for what, step, later, bar in (("first, with FFT plans and 1/m", OURS, False, None), ("later", OURS, True, 4),
                                   ("two FFTs alone, first", TRANSFORMS, False, None)):
        (used,) = fresh(STEP.format(shape=shape, step=step, later=later))
        used /= 8 * np.prod(shape)
        record(Row(MEMORY, f"{name(shape)}: fields beyond f, g and what was kept before", what, used, bar))
