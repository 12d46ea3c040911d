"""Losses of one value, with slope and root of the curvature. Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `symbolic/losses.py`. Every function works
elementwise on arrays that broadcast, and checks nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def kullback_leibler_value(v: Array, u: Array) -> Array:
    """The loss of one value.

    Source: `sobolev.kullback-leibler-curvature`.
    """
    return u + v*np.log(v/u) - v


def kullback_leibler_slope(v: Array, u: Array) -> Array:
    """Its derivative.

    Source: `sobolev.kullback-leibler-slope`.
    """
    return np.log(v/u)


def kullback_leibler_root(v: Array, u: Array) -> Array:
    """The square root of its second derivative.

    Source: `sobolev.kullback-leibler-curvature`.
    """
    return 1/np.sqrt(v)


def cross_entropy_value(z: Array, y: Array) -> Array:
    """The loss of one value.

    Source: `sobolev.cross-entropy-curvature`.
    """
    return y*np.logaddexp(0, -z) + (1 - y)*np.logaddexp(0, z)


def cross_entropy_slope(z: Array, y: Array) -> Array:
    """Its derivative.

    Source: `sobolev.cross-entropy-slope`.
    """
    return -y*np.exp(-np.logaddexp(0, z)) + (1 - y)*np.exp(-np.logaddexp(0, -z))


def cross_entropy_root(z: Array, y: Array) -> Array:
    """The square root of its second derivative.

    Source: `sobolev.cross-entropy-curvature`.
    """
    return np.exp(-1/2*np.logaddexp(0, -z) - 1/2*np.logaddexp(0, z))
