"""Matérn covariances of variance 1 in other libraries, at kappa = 1, in float64: functions that fill a Gram matrix.

κ = sqrt(2ν)/length_scale, so that the length scale is sqrt(2ν). Each is called as its own
documentation advises; compilation (jit) happens in the round that is not counted.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any

from interleaved import ABSENT, Run
from numpy.typing import NDArray

Array = NDArray[Any]

#: What the libraries call themselves, where a function cannot.
NAMES = {"scikit_learn": "scikit-learn", "gpytorch": "GPyTorch", "gpjax": "GPJax", "keops_product": "KeOps"}


def scikit_learn(nu: float, X: Array) -> Run:
    from sklearn.gaussian_process.kernels import Matern

    kernel = Matern(length_scale=math.sqrt(2 * nu), nu=nu)
    return lambda: kernel(X)


def gpytorch(nu: float, X: Array) -> Run:
    import gpytorch
    import torch

    kernel = gpytorch.kernels.MaternKernel(nu=nu).double()
    kernel.lengthscale = torch.tensor(math.sqrt(2 * nu), dtype=torch.float64)  # it rounds Python's floats to float32
    points = torch.from_numpy(X)

    def run() -> Array:
        with torch.no_grad():
            return kernel(points).to_dense().numpy()

    return run


def gpjax(nu: float, X: Array) -> Run:
    jax = _jax()
    import gpjax

    kernels = {0.5: gpjax.kernels.Matern12, 1.5: gpjax.kernels.Matern32, 2.5: gpjax.kernels.Matern52}
    kernel = kernels[nu](lengthscale=math.sqrt(2 * nu), variance=1.0)
    compiled, points = jax.jit(lambda x: kernel.gram(x).as_matrix()), jax.numpy.asarray(X)
    return lambda: compiled(points).block_until_ready()


def tinygp(nu: float, X: Array) -> Run:
    jax = _jax()
    import tinygp

    kernels = {0.5: tinygp.kernels.Exp, 1.5: tinygp.kernels.Matern32, 2.5: tinygp.kernels.Matern52}
    kernel = kernels[nu](scale=math.sqrt(2 * nu), distance=tinygp.kernels.L2Distance())
    compiled, points = jax.jit(lambda x: kernel(x, x)), jax.numpy.asarray(X)
    return lambda: compiled(points).block_until_ready()


def george(nu: float, X: Array) -> Run:
    from george import kernels

    kinds = {0.5: kernels.ExpKernel, 1.5: kernels.Matern32Kernel, 2.5: kernels.Matern52Kernel}
    kernel = kinds[nu](2 * nu, ndim=X.shape[1])
    return lambda: kernel.get_value(X)


def keops_product(nu: float, X: Array, v: Array) -> Run:
    """K @ v without K."""
    from pykeops.numpy import LazyTensor

    rows, columns = LazyTensor(X[:, None, :]), LazyTensor(X[None, :, :])
    r = ((rows - columns) ** 2).sum(-1).sqrt()
    polynomial: dict[float, Callable[[], Any]] = {0.5: lambda: 1, 1.5: lambda: 1 + r, 2.5: lambda: 1 + r + r**2 / 3}
    kernel = (-r).exp() * polynomial[nu]()
    return lambda: (kernel @ v).reshape(v.shape)


def _jax() -> Any:
    import jax

    jax.config.update("jax_enable_x64", True)
    return jax


def installed(peers: Iterable[Callable[..., Run]], *arguments: Any) -> dict[str, Run]:
    """The peers that can be imported, ready to run; the others are noted as absent."""
    found = {}
    for peer in peers:
        name = NAMES.get(peer.__name__, peer.__name__)
        try:
            found[name] = peer(*arguments)
        except ImportError:
            ABSENT.add(name)
    return found
