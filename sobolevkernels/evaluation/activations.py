"""Activation functions and their derivatives. Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `symbolic/activations.py`. Every function
yields its value at `z` and then derivative after derivative, so that what all of them are made of is
computed once and nothing is computed that nobody asks for. It works elementwise, and checks nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def tanh(z: Array) -> Iterator[Array]:
    """tanh z, and its derivatives up to order 8.

    Source: `sobolev.activation-tanh-8`.
    """
    t = np.tanh(z)
    yield t
    u = 1 - t**2
    yield u
    yield -2*t*u
    yield u*(6*t**2 - 2)
    yield t*u*(16 - 24*t**2)
    yield u*(t**2*(120*t**2 - 120) + 16)
    yield t*u*(t**2*(960 - 720*t**2) - 272)
    yield u*(t**2*(t**2*(5040*t**2 - 8400) + 3696) - 272)
    yield t*u*(t**2*(t**2*(80640 - 40320*t**2) - 48384) + 7936)


def sigmoid(z: Array) -> Iterator[Array]:
    """(1 + tanh(z/2))/2 = 1/(1 + e^(-z)), and its derivatives up to order 8.

    Source: `sobolev.activation-sigmoid-8`.
    """
    t = np.tanh((1/2)*z)
    yield (1/2)*t + 1/2
    u = 1 - t**2
    yield (1/4)*u
    yield -1/4*t*u
    yield u*((3/8)*t**2 - 1/8)
    yield t*u*(1/2 - 3/4*t**2)
    yield u*(t**2*((15/8)*t**2 - 15/8) + 1/4)
    yield t*u*(t**2*(15/2 - 45/8*t**2) - 17/8)
    yield u*(t**2*(t**2*((315/16)*t**2 - 525/16) + 231/16) - 17/16)
    yield t*u*(t**2*(t**2*(315/2 - 315/4*t**2) - 189/2) + 31/2)


def softplus(z: Array) -> Iterator[Array]:
    """log(1 + e^z), and its derivatives up to order 8.

    Source: `sobolev.activation-softplus-8`.
    """
    yield np.logaddexp(0, z)
    t = np.tanh((1/2)*z)
    yield (1/2)*t + 1/2
    u = 1 - t**2
    yield (1/4)*u
    yield -1/4*t*u
    yield u*((3/8)*t**2 - 1/8)
    yield t*u*(1/2 - 3/4*t**2)
    yield u*(t**2*((15/8)*t**2 - 15/8) + 1/4)
    yield t*u*(t**2*(15/2 - 45/8*t**2) - 17/8)
    yield u*(t**2*(t**2*((315/16)*t**2 - 525/16) + 231/16) - 17/16)


def swish(z: Array) -> Iterator[Array]:
    """z/(1 + e^(-z)), and its derivatives up to order 8.

    Source: `sobolev.activation-swish-8`.
    """
    t = np.tanh((1/2)*z)
    yield (1/2)*t*z + (1/2)*z
    yield t*(-1/4*t*z + 1/2) + (1/4)*z + 1/2
    u = 1 - t**2
    yield u*(-1/4*t*z + 1/2)
    yield u*(t*((3/8)*t*z - 3/4) - 1/8*z)
    yield u*(t*(t*(-3/4*t*z + 3/2) + (1/2)*z) - 1/2)
    yield u*(t*(t*(t*((15/8)*t*z - 15/4) - 15/8*z) + 5/2) + (1/4)*z)
    yield u*(t*(t*(t*(t*(-45/8*t*z + 45/4) + (15/2)*z) - 45/4) - 17/8*z) + 3/2)
    yield u*(t*(t*(t*(t*(t*((315/16)*t*z - 315/8) - 525/16*z) + 105/2) + (231/16)*z) - 119/8) - 17/16*z)
    yield u*(t*(t*(t*(t*(t*(t*(-315/4*t*z + 315/2) + (315/2)*z) - 525/2) - 189/2*z) + 231/2) + (31/2)*z) - 17/2)


def gaussian(z: Array) -> Iterator[Array]:
    """e^(-z²/2), and its derivatives up to order 8.

    Source: `sobolev.activation-gaussian-8`.
    """
    g = np.exp(-1/2*z**2)
    yield g
    yield -g*z
    yield g*(z**2 - 1)
    yield g*z*(3 - z**2)
    yield g*(z**2*(z**2 - 6) + 3)
    yield g*z*(z**2*(10 - z**2) - 15)
    yield g*(z**2*(z**2*(z**2 - 15) + 45) - 15)
    yield g*z*(z**2*(z**2*(21 - z**2) - 105) + 105)
    yield g*(z**2*(z**2*(z**2*(z**2 - 28) + 210) - 420) + 105)


def sine(z: Array) -> Iterator[Array]:
    """sin z, and its derivatives up to order 8.

    Source: `sobolev.activation-sine-8`.
    """
    s = np.sin(z)
    yield s
    c = np.cos(z)
    yield c
    yield -s
    yield -c
    yield s
    yield c
    yield -s
    yield -c
    yield s


#: By name.
ACTIVATIONS = {
    "tanh": tanh,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "swish": swish,
    "gaussian": gaussian,
    "sine": sine,
}
