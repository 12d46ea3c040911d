"""Correlations of half-integer smoothness. Printed from their formula: edit that, not this file.

`python -m sobolevkernels generate` writes this module from `sobolev.half-integer`.
Each function evaluates M(r) = d(r)/d(0), the kernel at kappa = 1 divided by its
value at the point, in Horner form and without allocating.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def correlation_1_2(r: Array, out: Array, work: Array) -> None:
    """M(r) = e^(-r), the correlation of smoothness nu = 1/2.

    Parameters
    ----------
    r : ndarray
        Distances in units of 1/kappa, at least 0 and at most 690, where e^(-r) is a normal number.
    out, work : ndarray
        The result, and room for an intermediate one; both shaped like `r` and distinct from it.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> r, out, work = np.array([0.0, 1.0]), np.empty(2), np.empty(2)
    >>> correlation_1_2(r, out, work)
    >>> [f"{value:.4f}" for value in out]
    ['1.0000', '0.3679']
    """
    np.negative(r, out=out)
    np.exp(out, out=out)


def correlation_3_2(r: Array, out: Array, work: Array) -> None:
    """M(r) = (1 + r) e^(-r), the correlation of smoothness nu = 3/2.

    Parameters
    ----------
    r : ndarray
        Distances in units of 1/kappa, at least 0 and at most 690, where e^(-r) is a normal number.
    out, work : ndarray
        The result, and room for an intermediate one; both shaped like `r` and distinct from it.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> r, out, work = np.array([0.0, 1.0]), np.empty(2), np.empty(2)
    >>> correlation_3_2(r, out, work)
    >>> [f"{value:.4f}" for value in out]
    ['1.0000', '0.7358']
    """
    np.add(r, 1, out=out)
    np.negative(r, out=work)
    np.exp(work, out=work)
    out *= work


def correlation_5_2(r: Array, out: Array, work: Array) -> None:
    """M(r) = (1 + r + r²/3) e^(-r), the correlation of smoothness nu = 5/2.

    Parameters
    ----------
    r : ndarray
        Distances in units of 1/kappa, at least 0 and at most 690, where e^(-r) is a normal number.
    out, work : ndarray
        The result, and room for an intermediate one; both shaped like `r` and distinct from it.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> r, out, work = np.array([0.0, 1.0]), np.empty(2), np.empty(2)
    >>> correlation_5_2(r, out, work)
    >>> [f"{value:.4f}" for value in out]
    ['1.0000', '0.8584']
    """
    np.multiply(r, 1 / 3, out=out)
    out += 1
    out *= r
    out += 1
    np.negative(r, out=work)
    np.exp(work, out=work)
    out *= work


def correlation_7_2(r: Array, out: Array, work: Array) -> None:
    """M(r) = (1 + r + 2r²/5 + r³/15) e^(-r), the correlation of smoothness nu = 7/2.

    Parameters
    ----------
    r : ndarray
        Distances in units of 1/kappa, at least 0 and at most 690, where e^(-r) is a normal number.
    out, work : ndarray
        The result, and room for an intermediate one; both shaped like `r` and distinct from it.

    Source: `sobolev.half-integer`.

    Examples
    --------
    >>> r, out, work = np.array([0.0, 1.0]), np.empty(2), np.empty(2)
    >>> correlation_7_2(r, out, work)
    >>> [f"{value:.4f}" for value in out]
    ['1.0000', '0.9074']
    """
    np.multiply(r, 1 / 15, out=out)
    out += 2 / 5
    out *= r
    out += 1
    out *= r
    out += 1
    np.negative(r, out=work)
    np.exp(work, out=work)
    out *= work


#: The functions correlation_ above by p, where nu = p + 1/2.
CORRELATIONS: Mapping[int, Callable[[Array, Array, Array], None]] = {
    0: correlation_1_2,
    1: correlation_3_2,
    2: correlation_5_2,
    3: correlation_7_2,
}
