"""Input checks shared by the kernels: what was wrong, what was expected, what to do about it.

Nothing is clipped, guessed or swallowed. A parameter becomes the exact rational
number it was given as; arrays become float64 without a copy where they are.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
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


def distances(r: NDArray[Any]) -> None:
    """Distances are at least zero; infinity is one."""
    if not r.min(initial=0.0) >= 0.0:  # NaN fails the comparison
        if np.isnan(r).any():
            raise ValueError("r must not contain NaN; remove or repair such distances")
        raise ValueError(
            f"distances must be at least 0, got {r.min()}; r is |x - y|, pass np.abs(r) if a sign is meant"
        )


def exact_distance(value: Any) -> Fraction:
    """One distance r, finite and at least zero, as an exact rational number."""
    r = exact(value.item() if isinstance(value, np.ndarray) and value.ndim == 0 else value, "r")
    if r < 0:
        raise ValueError(f"a distance must be at least 0, got {value!r}; r is |x - y|")
    return r


def points(values: ArrayLike, dim: int, name: str, batch: bool = False) -> NDArray[Any]:
    """Points as an (N, dim) array, with leading axes where there may be a batch; (N,) is accepted for dim 1."""
    array = real_array(values, name)
    if array.ndim == 1 and dim == 1:
        array = array[:, None]
    if array.ndim < 2 or array.shape[-1] != dim or (array.ndim > 2 and not batch):
        expected = "(N, 1) or (N,)" if dim == 1 else f"(N, {dim})"
        hint = (f"; a single point goes in as {name}[None, :]" if array.shape == (dim,)
                else f"; transpose it if the points are its columns: {name}.T"
                if array.ndim == 2 and array.shape[0] == dim else "")
        raise ValueError(f"{name} must have shape {expected} for dim={dim}, got {array.shape}{hint}")
    finite = np.isfinite(array)
    if not finite.all():
        *row, _ = map(int, np.argwhere(~finite)[0])
        raise ValueError(f"{name} must be finite, but row {row[0] if len(row) == 1 else tuple(row)} is "
                         f"{array[tuple(row)]}; remove or repair such points")
    return array


def batch_shape(x: NDArray[Any], y: NDArray[Any]) -> tuple[int, ...]:
    """The common shape of the leading axes of two arrays of points."""
    try:
        return np.broadcast_shapes(x.shape[:-2], y.shape[:-2])
    except ValueError:
        raise ValueError(f"the leading axes of X and Y must broadcast, got {x.shape[:-2]} and {y.shape[:-2]}; "
                         "insert axes of length 1 where one shall be repeated") from None


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


def pairs(
    dim: int, X: ArrayLike, Y: ArrayLike | None, out: NDArray[Any] | None,
    shape: Callable[[int, int], tuple[int, ...]], batch: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[Any]]:
    """Checked points in float64, the second being the first itself where `Y` is, and the result's array."""
    x = points(X, dim, "X", batch)
    y = x if Y is None or Y is X else points(Y, dim, "Y", batch)
    result = destination(out, (*batch_shape(x, y), *shape(x.shape[-2], y.shape[-2])), np.result_type(x, y))
    left = np.asarray(x, dtype=np.float64)
    left = left.copy() if np.may_share_memory(result, left) else left
    if y is x:
        return left, left, result
    right = np.asarray(y, dtype=np.float64)
    return left, right.copy() if np.may_share_memory(result, right) else right, result


def digits(value: Any) -> int:
    """A number of significant digits."""
    if exact(value, "digits").denominator != 1 or value < 1:
        raise ValueError(f"digits must be a positive integer, got {value!r}")
    return int(value)
