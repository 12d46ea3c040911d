"""When the compiled roads answer (extra `fast`), and how they are called. Numba itself is loaded on first use.

They compute what the NumPy roads compute, from the same printed formulas and the same
tables, in one pass over a tile and without the interpreter's lock. Small arrays never
wake Numba up: what its import costs, NumPy does with them many times over.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache, partial
from importlib.util import find_spec

import numpy as np

from sobolevkernels.evaluation.constants import Scale
from sobolevkernels.evaluation.taylor import Table
from sobolevkernels.evaluation.tiles import Array

#: Entries from which a compiled road is worth its call.
WORTH_COMPILING = 20_000
#: Binary exponents of d(0) that the compiled roads serve; NumPy serves the others.
MOST_EXPONENT = 900
#: They form 2^(k+UP) times the mantissa first, which is a normal number, and round once, at the end.
UP = 90

_wanted = True


def set_fast(wanted: bool) -> None:
    """Choose whether arrays of 20 000 entries and more are computed by compiled code, in this process.

    The beginning is True. It takes Numba (`pip install "sobolevkernels[fast]"`); where that is
    absent NumPy computes everything. The two agree within the stated accuracy of each.

    Parameters
    ----------
    wanted : bool
        False for NumPy alone.

    Examples
    --------
    >>> set_fast(False)
    >>> worth(10**6)
    False
    >>> set_fast(True)
    """
    global _wanted
    if not isinstance(wanted, bool):
        raise TypeError(f"set_fast takes True or False, got {wanted!r}")
    _wanted = wanted


def worth(entries: int) -> bool:
    """Whether a compiled road shall compute an array of so many entries."""
    return _wanted and entries >= WORTH_COMPILING and _usable()


@lru_cache(maxsize=1)
def _usable() -> bool:
    if find_spec("numba") is None:
        return False
    try:
        import numba

        from sobolevkernels.evaluation import fused_half_integer  # noqa: F401
    except (ImportError, OSError, RuntimeError, AttributeError) as error:  # as broken installations raise
        warnings.warn(f"Numba is installed but cannot be used, so that NumPy computes everything, more slowly: "
                      f"{type(error).__name__}: {error}", RuntimeWarning, stacklevel=2)
        return False
    return not numba.config.DISABLE_JIT


class ClosedForm:
    """The compiled twin of `half_integer.CORRELATIONS[p]`, at any κ and with d(0) in it: a road.

    It computes an entry faster than its mirror image is copied, and equal ones equal to the bit.

    Parameters
    ----------
    p : int
        nu = p + 1/2.
    kappa, high, low : float
        κ, and a sum of two floats that is closer to it.
    scale : Scale
        The factor d(0), its exponent at most `MOST_EXPONENT`.

    Source: `sobolev.half-integer`.
    """

    grain = 4

    def __init__(self, p: int, kappa: float, high: float, low: float, scale: Scale) -> None:
        from sobolevkernels.evaluation.fused_half_integer import CORRELATIONS, GRAMS

        shift = scale.exponent + UP
        # Past this κr even the polynomial cannot lift 2^(k + shift) 2^(-UP) above 2^-1075.
        limit = (1022 + shift) * math.log(2) / kappa
        exact = math.frexp(kappa)[0] == 0.5 and high == kappa and not low
        rest = None if exact else (high - kappa) + low  # for powers of two less is compiled
        constants = kappa, rest, limit, shift, math.ldexp(scale.mantissa, -UP)
        self._correlation, self._gram = partial(CORRELATIONS[p], *constants), partial(GRAMS[p], *constants)

    def __call__(self, r: Array, out: Array) -> None:
        self._correlation(r, out)

    def between(self, x: Array, y: Array) -> Callable[[slice, slice, Array, Array], None]:
        """What writes the kernel of blocks of pairs in one pass; see `distances.between`."""
        write = _pairs(self._gram, x, y)
        return lambda left, right, values, room: write(left, right, values)


def with_table(rows: Table, nu: Fraction, shift: int, scale: Scale, r: Array, out: Array) -> None:
    """The compiled twin of the table road, for a table past whose end all is zero.

    Parameters
    ----------
    rows : Table
        It reaches every distance at which anything is left.
    nu : Fraction
        Smoothness, for the branch point at 0.
    shift : int
        2^shift r is what the table takes.
    scale : Scale
        The factor d(0), its exponent at most `MOST_EXPONENT`.
    r, out : ndarray
        Tiles.

    Source: `sobolev.radial`.
    """
    from sobolevkernels.evaluation.fused import table_values

    coefficients, powers = _row_by_row(rows, scale.exponent)
    table_values(coefficients, powers, rows.octaves, float(rows.reach), math.ldexp(1.0, shift),
                 math.ldexp(scale.mantissa, -UP), rows.branch, 2 * float(nu), float(shift), r, out)


@lru_cache(maxsize=64)
def _row_by_row(rows: Table, exponent: int) -> tuple[Array, Array]:
    powers = np.ldexp(1.0, np.maximum(rows.exponents + (exponent + UP), -1022).astype(np.intc))
    return np.column_stack(rows.coefficients), powers


def distances(x: Array, y: Array) -> Callable[[slice, slice, Array], None]:
    """What writes the distances of blocks of pairs, rows of x and rows of y, into its last argument."""
    from sobolevkernels.evaluation import fused

    return _pairs(fused.distances, x, y)


def _pairs(function: Callable[..., None], x: Array, y: Array) -> Callable[[slice, slice, Array], None]:
    missing = -x.shape[1] % 4 if x.shape[1] > 1 else 0
    if missing:  # components go by four; zeros change no distance
        x, y = (np.pad(points, ((0, 0), (0, missing))) for points in (x, y))
    rows, columns = np.ascontiguousarray(x), np.ascontiguousarray(y.T)
    return lambda left, right, out: function(rows, columns, left.start, right.start, out)
