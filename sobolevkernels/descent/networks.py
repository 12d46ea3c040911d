"""Networks: affine maps and activation functions in turn, differentiated in θ and in x by the chain rule for jets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from itertools import islice, pairwise
from typing import Any

import numpy as np

from sobolevkernels.descent.expressions import compiled, derivative, expressions
from sobolevkernels.descent.jets import Jet, Jets, factorial, jets_of
from sobolevkernels.descent.model import BLOCK, Array, Derivatives, Model
from sobolevkernels.evaluation.activations import ACTIVATIONS

#: Weights and biases, or where their derivatives go, layer by layer.
Layers = Sequence[tuple[Array, ...]]

#: σ, σ', …, σ^(k) at z, given z and k.
Activation = Callable[[Array, int], Sequence[Array]]


def network(widths: Sequence[int], activation: Any = "tanh") -> Model:
    """A multilayer perceptron: affine maps with an activation function between them, the last layer affine.

    The parameters are those of the first layer, then those of the second, and so on; of each layer the weights, row
    by row (one row for each unit of the layer), then the biases.

    Parameters
    ----------
    widths : sequence of int
        The dimension of x, the widths of the hidden layers, the number of outputs.
    activation : str or sympy.Expr
        "tanh", "sigmoid", "softplus", "swish", "gaussian", "sine", or any smooth expression in one symbol.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If a width is not a positive integer, or the activation is neither a known name nor an expression in one
        symbol; when the model is used, if the activation has not enough derivatives: take a smoother one.

    Source: `sobolev.ridge-jacobian`, `sobolev.jet-composition`.

    Examples
    --------
    >>> import numpy as np
    >>> v = network((4, 10, 1), "tanh")
    >>> v, v.jacobian(v.initial(0), np.zeros((7, 4))).shape
    (Model(network 4-10-1 tanh, 61 parameters), (7, 61))
    """
    sizes = tuple(widths)
    if len(sizes) < 2 or not all(isinstance(width, int | np.integer) and width > 0 for width in sizes):
        raise ValueError(f"widths must be at least two positive integers, inputs first and outputs last, such as "
                         f"(4, 10, 1), got {widths!r}")
    layers = tuple(pairwise(map(int, sizes)))
    function = _activation(activation)
    spread = np.concatenate([np.r_[np.full(one * two, 1 / math.sqrt(one)), np.ones(two)] for one, two in layers])

    def evaluate(theta: Array, x: Array, alphas: Derivatives, features: Array | None, jacobian: Array | None) -> None:
        ring = jets_of(alphas)
        parts = _unpacked(theta, layers)
        targets = None if jacobian is None else _targets(jacobian, layers)
        largest = math.prod(theta.shape[:-1]) * max(sizes[1:]) * (1 if targets is None else sizes[-1])
        length = max(64, BLOCK // max(1, largest * len(ring.indices)))
        _keep_freed_memory()
        for start in range(0, len(x), length):
            block = slice(start, start + length)
            inputs, slopes = _forward(ring, parts, function, x[block], with_slopes=targets is not None)
            if features is not None:
                v = _affine(*parts[-1], inputs[-1])
                for d, alpha in enumerate(alphas):
                    value = v[ring.indices.index(alpha)]
                    features[..., d, block, :] = 0.0 if value is None else factorial(alpha) * value.swapaxes(-1, -2)
            if targets is not None:
                _backward(ring, alphas, parts, inputs, slopes, [
                    tuple(target[..., block] for target in layer) for layer in targets])

    name = f"network {'-'.join(map(str, sizes))} {activation}"
    return Model(len(spread), sizes[0], sizes[-1], name, evaluate, spread)


def ridge(width: int, dim: int = 1, activation: Any = "tanh") -> Model:
    """A sum of ridge functions Σ_i c_i σ(w_i·x + b_i) + d: the network with one hidden layer and one output.

    The parameters are the w_i one after the other, all b_i, all c_i, and d.

    Source: `sobolev.ridge-derivative`, `sobolev.ridge-jacobian-derivative`.

    Examples
    --------
    >>> import numpy as np
    >>> ridge(1)([2.0, 0.0, 3.0, 1.0], np.array([0.0, 0.5])).round(8)
    array([1.        , 3.28478247])
    """
    return network((dim, width, 1), activation)


# --- the chain rule -----------------------------------------------------------------------------


def _unpacked(theta: Array, layers: Sequence[tuple[int, int]]) -> list[tuple[Array, Array]]:
    """Views of the last axis: weights (..., out, in) and biases (..., out, 1) of every layer."""
    parts, start = [], 0
    for inputs, outputs in layers:
        middle, end = start + inputs * outputs, start + (inputs + 1) * outputs
        parts.append((theta[..., start:middle].reshape(*theta.shape[:-1], outputs, inputs),
                      theta[..., middle:end, None]))
        start = end
    return parts


def _targets(jacobian: Array, layers: Sequence[tuple[int, int]]) -> list[tuple[Array, Array]]:
    """Views of the Jacobian (..., p, D, N, m): (..., m, D, out, in, N) and (..., m, D, out, N) of every layer."""
    return [(np.moveaxis(weights, -3, -1), biases[..., 0].swapaxes(-1, -2))
            for weights, biases in _unpacked(jacobian.swapaxes(-1, -4), layers)]


def _forward(ring: Jets, parts: Layers, activation: Activation, x: Array,
             with_slopes: bool) -> tuple[list[Jet], list[Jet]]:
    """What enters each layer, and the slopes σ'(s) between them."""
    inputs, slopes = [ring.coordinates(x)], []
    for weights, biases in parts[:-1]:
        s = _affine(weights, biases, inputs[-1])
        derivatives, powers = activation(s[0], ring.order + with_slopes), ring.powers(s)
        inputs.append(ring.compose(derivatives, powers))
        if with_slopes:
            slopes.append(ring.compose(derivatives[1:], powers))
    return inputs, slopes


def _affine(weights: Array, biases: Array, jet: Jet) -> Jet:
    """W a + b; only the constant of the jet sees the biases."""
    first, *others = jet
    s = weights @ first
    s += biases
    return [s, *(None if a is None else weights @ a for a in others)]


def _backward(ring: Jets, alphas: Derivatives, parts: Layers, inputs: list[Jet], slopes: list[Jet],
              targets: Layers) -> None:
    """∂v/∂W_ij = λ_i a_j and ∂v/∂b_i = λ_i with λ = ∂v/∂s, from the last layer to the first.

    λ has an axis of outputs before that of the units; at the last layer it is the unit matrix.
    """
    outputs = parts[-1][0].shape[-2]
    adjoint: Jet = [np.eye(outputs)[:, :, None], *[None] * (len(ring.indices) - 1)]
    for layer in reversed(range(len(parts))):
        weights, biases = targets[layer]
        jet = [None if a is None else a[..., None, None, :, :] for a in inputs[layer]]
        for d, alpha in enumerate(alphas):
            place, scale = ring.indices.index(alpha), factorial(alpha)
            row = [a if a is None or scale == 1 else scale * a for a in adjoint]
            biases[..., d, :, :] = 0.0 if row[place] is None else row[place]
            _write_products([(row[i][..., None, :], jet[j]) for i, j in ring.pairs[place]
                             if row[i] is not None and jet[j] is not None], weights[..., d, :, :, :])
        if layer:
            back = parts[layer][0].swapaxes(-1, -2)[..., None, :, :]
            adjoint = ring.multiply([None if a is None else back @ a for a in adjoint],
                                    [a[..., None, :, :] for a in slopes[layer - 1]])


def _write_products(pairs: Sequence[tuple[Any, Any]], target: Array) -> None:
    """The sum of the products, written in place."""
    if not pairs:
        target[...] = 0.0
    for number, (one, other) in enumerate(pairs):
        if number == 0:
            np.multiply(one, other, out=target)
        else:
            target += one * other


def _keep_freed_memory() -> None:
    """Let the C library keep the memory of a block for the next one.

    glibc returns freed memory to the system, and then has every page of the next block zeroed again, which takes
    longer than the arithmetic; unless a larger piece has been freed before.
    """
    np.empty(16 * BLOCK)


# --- activations --------------------------------------------------------------------------------


def _activation(activation: Any) -> Activation:
    """σ and its derivatives: printed for the named ones, else compiled."""
    if isinstance(activation, str):
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, or a SymPy expression in one "
                             f"symbol, got {activation!r}")
        return partial(_named, activation)
    import sympy as sp

    expr = sp.sympify(activation)
    if not isinstance(expr, sp.Expr) or len(expr.free_symbols) != 1:
        raise ValueError(f"an activation must be a name or a SymPy expression in one symbol, got {activation!r}")
    (z,) = expr.free_symbols
    (sigma,) = expressions(expr, "activation", (z,))

    @lru_cache(maxsize=16)
    def function(order: int) -> Callable[..., list[Any]]:
        return compiled([derivative(sigma, (z,), (k,)) for k in range(order + 1)], (z,))

    return lambda values, order: [np.broadcast_to(np.asarray(value, dtype=np.float64), values.shape)
                                  for value in function(order)(values)]


def _named(name: str, z: Array, order: int) -> Sequence[Array]:
    values: list[Any] = list(islice(ACTIVATIONS[name](z), order + 1))
    return values if len(values) > order else _beyond_the_printed(name, order)(z)


@lru_cache(maxsize=16)
def _beyond_the_printed(name: str, order: int) -> Callable[..., list[Any]]:
    from sobolevkernels.symbolic import activations as formulas

    return compiled([formulas.ACTIVATIONS[name].derivative(k) for k in range(order + 1)], (formulas.z,))
