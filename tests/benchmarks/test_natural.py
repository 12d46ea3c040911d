"""A natural-gradient step against the bare least-squares solve in it, a Jacobian against filling its array, memory."""

import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from fresh import fresh
from interleaved import Row, agree, race, record

import sobolevkernels as sk
from sobolevkernels import losses, metrics, models

SECTION = "Natural-gradient steps"
MEMORY = "Memory of the kernel metric"

KERNEL = """
import numpy as np, sobolevkernels as sk
from sobolevkernels import losses, metrics, models
model, X = models.network((4, 10, 1), 'tanh'), np.random.default_rng(0).normal(size=({count}, 4))
kernel, theta = sk.SobolevKernel(dim=4, order=3.5), model.initial(np.random.default_rng(1))
def step(points):
    fit = sk.Objective(model, losses.least_squares(points, points[:, 0]))
    return sk.natural_step(theta, fit.linearize(theta), metrics.kernel(kernel, points), cutoff=1e-10)
step(X[:700])
before = memory('VmRSS')
after = step(X)
print(memory('VmHWM') - before)
assert np.isfinite(after).all()
"""


@pytest.mark.parametrize("units", [333], ids=["2000 points, 1000 parameters"])
def test_step(benchmark, units):
    model, x = models.ridge(units), np.linspace(-1, 1, 2000)
    fit = sk.Objective(model, losses.least_squares(x, np.abs(x)))
    theta, cutoff = model.initial(np.random.default_rng(0), scale=5.0), 1e-12
    metric = metrics.loss_hessian(*fit.losses)
    here = fit.linearize(theta)
    factor, b = np.ascontiguousarray(here.factor(metric)), here.right_side(metric)
    contenders = {
        "step": lambda: sk.natural_step(theta, fit.linearize(theta), metric, cutoff=cutoff),
        "lstsq": lambda: theta - np.linalg.lstsq(factor, b, rcond=cutoff)[0]}
    # Parameters differ by what the cutoff hardly determines; the tangent functions must not.
    agree({name: partial(lambda run: factor @ (run() - theta), run) for name, run in contenders.items()},
          factor @ (contenders["lstsq"]() - theta), 1e-8 * np.abs(b).max())
    times = race(benchmark, contenders, 7)
    record(Row(SECTION, "a step, 2000 points and 1000 parameters: time in units of numpy.linalg.lstsq", "NumPy",
               times["step"] / times["lstsq"], 1.3), benchmark)


def test_jacobian(benchmark):
    model, x = models.network((4, 10, 1), "tanh"), np.random.default_rng(0).normal(size=(100_000, 4))
    theta = model.initial(np.random.default_rng(1))
    out = np.moveaxis(np.zeros((61, 100_000)), 0, -1)

    def fill():
        out[...] = 1.0
        return out

    np.testing.assert_allclose(model.jacobian(theta, x, out=out)[:50], model.jacobian(theta, x[:50]), rtol=1e-14)
    times = race(benchmark, {"jacobian": lambda: model.jacobian(theta, x, out=out), "fill": fill}, 15)
    record(Row(SECTION, "Jacobian of 61 parameters at 10⁵ points, out=: time in units of filling the array", "NumPy",
               times["jacobian"] / times["fill"], 10), benchmark)


def test_linear_model():
    """The residual after one step, from monomials whose Jacobian has a condition number near 1e10."""
    import sympy as sp

    x, points = sp.Symbol("x"), np.linspace(-1, 1, 2000)
    model = models.linear([x**k for k in range(28)], x)
    target = model(np.ones(28), points)
    fit = sk.Objective(model, losses.least_squares(points, target))
    start = np.random.default_rng(0).normal(size=28)
    metric = metrics.loss_hessian(*fit.losses)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        condition = sk.natural_gradient(fit.linearize(start), metric).condition
    after = sk.natural_step(start, fit.linearize(start), metric)
    record(Row(SECTION, f"relative residual of a linear model after one step, condition {condition:.1g}", "NumPy",
               np.linalg.norm(model(after, points) - target) / np.linalg.norm(target), 1e-14))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
def test_memory():
    count = 5000
    (used,) = fresh(KERNEL.format(count=count))
    record(Row(MEMORY, "a step at 5000 points, 61 parameters: in units of one Gram matrix and the Jacobian", "NumPy",
               used / (8 * count**2 + 8 * 61 * count), 1.1))
