"""Symbols of Fourier multipliers, as functions of |ξ|². Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `symbolic/multipliers.py`. Every function works
elementwise on arrays that broadcast, and checks nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def sobolev(square: Array, order: Array, kappa_squared: Array) -> Array:
    """(κ² + |ξ|²)^order.

    Source: `sobolev.symbol-composition`.
    """
    return (kappa_squared + square)**order


def laplacian(square: Array, order: Array) -> Array:
    """|ξ|^(2·order).

    Source: `sobolev.symbol-plane-wave`.
    """
    return square**order


def heat(square: Array, time: Array) -> Array:
    """e^(-time |ξ|²).

    Source: `sobolev.symbol-heat`.
    """
    return np.exp(-square*time)


def low_pass(square: Array, cutoff_squared: Array) -> Array:
    """1 where |ξ| ≤ cutoff, 0 elsewhere.

    Source: `sobolev.symbol-low-pass`.
    """
    return np.select([np.greater_equal(cutoff_squared, square),True], [1,0], default=np.nan)
