"""Input checks shared by the kernels: what was wrong, what was expected, what to do about it.

Nothing is clipped, guessed or swallowed. A parameter becomes the exact rational
number it was given as; arrays become float64 without a copy where they are.
"""

from __future__ import annotations

import math
import numbers
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def exact(value: Any, name: str) -> Fraction:
    """A parameter as the exact rational number that was given; a float means its binary value.

    Raises
    ------
    TypeError
        If it is not a real number: pass an int, a float, a Fraction or a SymPy Rational.
    ValueError
        If it is infinite or NaN.

    Examples
    --------
    >>> exact(0.5, "order"), exact(Fraction(11, 5), "order")
    (Fraction(1, 2), Fraction(11, 5))
    """
    if isinstance(value, numbers.Rational) and not isinstance(value, bool):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, numbers.Real) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise ValueError(f"{name} must be finite, got {value!r}")
        if hasattr(value, "as_integer_ratio"):
            return Fraction(*map(int, value.as_integer_ratio()))
        return Fraction(float(value))
    raise TypeError(
        f"{name} must be a real number (int, float, fractions.Fraction or a SymPy Rational), "
        f"got {value!r} of type {type(value).__name__}; convert others with Fraction(...) or float(...)"
    )


def positive(value: Any, name: str) -> Fraction:
    """A parameter that must be above zero, as an exact rational number."""
    number = exact(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {value!r}")
    return number


def dimension(dim: Any) -> int:
    """The dimension of the space, a positive integer."""
    if isinstance(dim, bool) or not isinstance(dim, numbers.Integral):
        raise TypeError(
            f"dim must be an integer, got {dim!r} of type {type(dim).__name__}; "
            "it is the dimension n of the space R^n, such as dim=3"
        )
    if dim < 1:
        raise ValueError(f"dim must be at least 1, got {dim}")
    return int(dim)


def real_array(values: ArrayLike, name: str) -> NDArray[Any]:
    """An array of float64 or float32; integers become float64."""
    array = np.asarray(values)
    if array.dtype in (np.float64, np.float32):
        return array
    if np.issubdtype(array.dtype, np.integer) or array.size == 0:
        return array.astype(np.float64)
    raise TypeError(
        f"{name} must hold real numbers as float64, float32 or integers, got dtype {array.dtype}; "
        f"convert with np.asarray({name}, dtype=np.float64)"
    )


def distances(values: ArrayLike) -> NDArray[Any]:
    """Distances r: any shape, at least zero, infinity allowed."""
    r = real_array(values, "r")
    if not r.min(initial=0.0) >= 0.0:  # NaN fails the comparison
        if np.isnan(r).any():
            raise ValueError(
                f"r must not contain NaN; {int(np.isnan(r).sum())} of {r.size} are: remove or repair them")
        raise ValueError(
            f"distances must be at least 0, got {r.min()}; r is |x - y|, pass np.abs(r) if a sign is meant"
        )
    return r


def exact_distance(value: Any) -> Fraction:
    """One distance r, finite and at least zero, as an exact rational number."""
    r = exact(value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value, "r")
    if r < 0:
        raise ValueError(f"a distance must be at least 0, got {value!r}; r is |x - y|")
    return r


def points(values: ArrayLike, dim: int, name: str) -> NDArray[Any]:
    """Points as an (N, dim) array; (N,) is accepted for dim 1."""
    array = real_array(values, name)
    if array.ndim == 1 and dim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.shape[1] != dim:
        expected = "(N, 1) or (N,)" if dim == 1 else f"(N, {dim})"
        hint = (f"; a single point goes in as {name}[None, :]" if array.shape == (dim,)
                else f"; transpose it if the points are its columns: {name}.T"
                if array.ndim == 2 and array.shape[0] == dim else "")
        raise ValueError(f"{name} must have shape {expected} for dim={dim}, got {array.shape}{hint}")
    # The extrema are NaN or infinite exactly when an entry is; no array of truth values is made.
    if not (np.isfinite(array.min(initial=0.0)) and np.isfinite(array.max(initial=0.0))):
        row = int(np.flatnonzero(~np.isfinite(array).all(axis=1))[0])
        raise ValueError(
            f"{name} must be finite, but row {row} is {array[row]}; remove or repair such points")
    return array


def destination(out: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """The array to write into: `out`, checked, or a new one."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    if out.shape != shape:
        raise ValueError(f"out must have shape {shape}, got {out.shape}")
    if out.dtype != dtype:
        raise TypeError(f"out must have dtype {dtype}, that of the result, got {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out is read-only; pass an array that can be written")
    return out
