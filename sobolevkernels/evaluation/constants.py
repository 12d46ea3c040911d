"""The value at the point, d(0), with its exponent kept apart.

d(0) = (4π)^(-dim/2) κ^(-2ν) Γ(ν)/Γ(ν + dim/2) leaves the range of floats near
dimension 200, while d(r) and log d(r) are still asked for. Ratios of gamma
functions lose a dozen units in the last place, their logarithms hundreds; with
30 digits, once a kernel, both questions disappear.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Scale:
    """The positive number mantissa · 2^exponent, with 1/2 ≤ mantissa < 1, and its logarithm."""

    mantissa: float
    exponent: int
    log: float

    def __float__(self) -> float:
        return power_of_two(self.mantissa, self.exponent)


#: The number one, as a `Scale`.
ONE = Scale(0.5, 1, 0.0)


_lock = threading.RLock()


def one_at_a_time() -> Any:
    """The lock for what threads must not do at once: use mpmath, whose precision is one for all; make a table twice."""
    return _lock


def _forget_lock() -> None:
    """In a forked process nobody is left who could release the lock."""
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_lock)


@contextmanager
def precision(bits: int) -> Iterator[Any]:
    """mpmath at a precision, for one thread at a time.

    Examples
    --------
    >>> with precision(200) as mp:
    ...     print(mp.nstr(mp.pi, 50))
    3.1415926535897932384626433832795028841971693993751
    """
    from mpmath import mp

    with one_at_a_time(), mp.workprec(bits):
        yield mp


def power_of_two(mantissa: float, exponent: int) -> float:
    """mantissa · 2^exponent, or 0 or infinity where that leaves the range of floats."""
    try:
        return math.ldexp(mantissa, exponent)
    except OverflowError:
        return math.inf


def clipped(exponents: Any) -> Any:
    """Exponents as the C integers `np.ldexp` takes; past ±5000 every float is 0 or infinity anyway."""
    return np.clip(exponents, -5000, 5000).astype(np.intc)


def reduced(square: Fraction) -> tuple[Fraction, int]:
    """g in (1/4, 1] and e such that `square` = g 4^e.

    Examples
    --------
    >>> reduced(Fraction(9))
    (Fraction(9, 16), 2)
    """
    e = (square.numerator.bit_length() - square.denominator.bit_length()) // 2 - 1
    while square > Fraction(4) ** e:
        e += 1
    return square / Fraction(4) ** e, e


def square_root(square: Fraction) -> float:
    """The root of a rational number, within one unit in the last place and exact where it is a float.

    Examples
    --------
    >>> square_root(Fraction(1, 10**400)), square_root(Fraction(0.7) ** 2)
    (1e-200, 0.7)
    """
    g, e = reduced(square)
    return power_of_two(math.sqrt(g), e)


def exact_mpf(number: Fraction) -> Any:
    """A rational number at mpmath's working precision."""
    from mpmath import mpf

    return mpf(number.numerator) / number.denominator


def at_zero_mpf(dim: int, nu: Fraction, kappa_squared: Fraction) -> Any:
    """d(0) at mpmath's working precision.

    Source: `sobolev.at-zero`.
    """
    from mpmath import mp, mpf

    order, half_dim = exact_mpf(nu), mpf(dim) / 2
    return ((4 * mp.pi) ** (-half_dim) * exact_mpf(kappa_squared) ** (-order)
            * mp.gamma(order) / mp.gamma(order + half_dim))


@lru_cache(maxsize=256)
def at_zero(dim: int, nu: Fraction, kappa_squared: Fraction) -> Scale:
    """d(0) as a `Scale`, its mantissa and its logarithm correctly rounded.

    Parameters
    ----------
    dim : int
        Dimension of the space.
    nu : Fraction
        Smoothness, order - dim/2, positive.
    kappa_squared : Fraction
        Square of the inverse length.

    Source: `sobolev.at-zero`.

    Examples
    --------
    >>> float(at_zero(1, Fraction(1, 2), Fraction(1)))  # e^(-r)/2 on the line
    0.5
    >>> at_zero(4096, Fraction(1, 2), Fraction(1)).exponent
    -27052
    """
    with precision(140):
        return rounded(at_zero_mpf(dim, nu, kappa_squared))


def rounded(value: Any) -> Scale:
    """A positive mpmath number as a `Scale`, its mantissa and its logarithm correctly rounded."""
    from mpmath import mp

    mantissa, exponent = mp.frexp(value)
    nearest = float(mantissa)
    if nearest == 1.0:
        nearest, exponent = 0.5, exponent + 1
    return Scale(nearest, int(exponent), float(mp.log(value)))
