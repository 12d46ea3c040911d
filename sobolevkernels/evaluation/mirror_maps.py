"""Mirror maps, coordinate by coordinate. Printed from their formulas: edit those, not this file.

`python -m sobolevkernels generate` writes this module from `symbolic/mirror_formulas.py`. Every function works
elementwise on arrays that broadcast, and checks nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def entropy_potential(x: Array) -> Array:
    """The potential φ of one coordinate.

    Source: `sobolev.mirror-entropy-gradient`.
    """
    return x*np.log(x)


def entropy_gradient(x: Array) -> Array:
    """φ', the mirror map of one coordinate.

    Source: `sobolev.mirror-entropy-gradient`.
    """
    return np.log(x) + 1


def entropy_hessian(x: Array) -> Array:
    """φ'' of one coordinate.

    Source: `sobolev.mirror-entropy-hessian`.
    """
    return x**(-1.0)


def entropy_inverse(z: Array) -> Array:
    """The inverse of φ'.

    Source: `sobolev.mirror-entropy-inverse`.
    """
    return np.exp(z - 1)


def entropy_conjugate(z: Array) -> Array:
    """The Fenchel conjugate φ* of one coordinate.

    Source: `sobolev.mirror-entropy-conjugate`.
    """
    return np.exp(z - 1)


def entropy_conjugate_hessian(z: Array) -> Array:
    """φ*'' of one coordinate.

    Source: `sobolev.mirror-entropy-hessian`.
    """
    return np.exp(z - 1)


def burg_potential(x: Array) -> Array:
    """The potential φ of one coordinate.

    Source: `sobolev.mirror-burg-gradient`.
    """
    return -np.log(x)


def burg_gradient(x: Array) -> Array:
    """φ', the mirror map of one coordinate.

    Source: `sobolev.mirror-burg-gradient`.
    """
    return -1/x


def burg_hessian(x: Array) -> Array:
    """φ'' of one coordinate.

    Source: `sobolev.mirror-burg-hessian`.
    """
    return x**(-2.0)


def burg_inverse(z: Array) -> Array:
    """The inverse of φ'.

    Source: `sobolev.mirror-burg-inverse`.
    """
    return -1/z


def burg_conjugate(z: Array) -> Array:
    """The Fenchel conjugate φ* of one coordinate.

    Source: `sobolev.mirror-burg-conjugate`.
    """
    return -np.log(-z) - 1


def burg_conjugate_hessian(z: Array) -> Array:
    """φ*'' of one coordinate.

    Source: `sobolev.mirror-burg-hessian`.
    """
    return z**(-2.0)


def entropy_divergence(x: Array, y: Array, ell: Array) -> Array:
    """V(y, x) of one coordinate, where ell = log(y/x).

    Source: `sobolev.mirror-bregman-entropy`.
    """
    return ell*y + x - y


def burg_divergence(x: Array, y: Array, ell: Array) -> Array:
    """V(y, x) of one coordinate, where ell = log(y/x).

    Source: `sobolev.mirror-bregman-burg`.
    """
    return -ell - 1 + y/x


def series_head(q: Array) -> Array:
    """Eight terms of (atanh r - r)/r³, where q = r².

    Source: `sobolev.mirror-series`.
    """
    return q*(q*(q*(q*(q*(q*((1/17)*q + 1/15) + 1/13) + 1/11) + 1/9) + 1/7) + 1/5) + 1/3


def series_tail(q: Array) -> Array:
    """The next eight, divided by r^16.

    Source: `sobolev.mirror-series`.
    """
    return q*(q*(q*(q*(q*(q*((1/33)*q + 1/31) + 1/29) + 1/27) + 1/25) + 1/23) + 1/21) + 1/19


def entropy_factor(r: Array, ell: Array) -> Array:
    """V(y, x) (x+y)/(y-x)² of one coordinate; r = (y-x)/(y+x), ell = series(r).

    Source: `sobolev.mirror-bregman-entropy-near`.
    """
    return ell*r*(r + 1) + 1


def burg_factor(r: Array, ell: Array) -> Array:
    """V(y, x) x(x+y)/(y-x)² of one coordinate; r = (y-x)/(y+x), ell = series(r).

    Source: `sobolev.mirror-bregman-burg-near`.
    """
    return -ell*r*(1 - r) + 1


def p_norm_gradient(m: Array, a: Array, p: Array) -> Array:
    """∂/∂x of ½‖x‖_p² for x = m a > 0, where a = ‖x‖_p.

    Source: `sobolev.mirror-p-norm-gradient`.
    """
    return a*m**(p - 1)


def p_norm_gradient_powers(x: Array, a: Array, p: Array) -> Array:
    """The same, where x/a may underflow.

    Source: `sobolev.mirror-p-norm-gradient`.
    """
    return a**(2 - p)*x**(p - 1)


def p_norm_stretch(m: Array, p: Array) -> Array:
    """What ∂²/∂x² of ½‖x‖_p² has beyond ∂²/∂x∂y at y = x, for x = m ‖x‖_p > 0.

    Source: `sobolev.mirror-p-norm-hessian-diagonal`.
    """
    return m**(p - 2)*(p - 1)


def p_norm_coupling(m: Array, k: Array, p: Array) -> Array:
    """∂²/∂x∂y of ½‖x‖_p² for x = m ‖x‖_p and y = k ‖x‖_p, both positive.

    Source: `sobolev.mirror-p-norm-hessian`.
    """
    return (k*m)**(p - 1)*(2 - p)
