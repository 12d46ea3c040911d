"""One partial derivative of a kernel in its points: a multi-index, its terms, and their sum over tiles.

The formula and its words stand in `derivatives`.
"""

from __future__ import annotations

import itertools
import math
import numbers
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sobolevkernels.evaluation.directions import Tile, over_pairs
from sobolevkernels.evaluation.ladder import ladder_road
from sobolevkernels.evaluation.tiles import Array
from sobolevkernels.kernels import validation

if TYPE_CHECKING:
    import sympy as sp

    from sobolevkernels.kernels.derivatives import Derivatives

MultiIndex = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class KernelDerivative:
    """∂_x^alpha ∂_y^beta d(x - y) as a function of points; made by `SobolevKernel.derivative`.

    Parameters
    ----------
    kernel : SobolevKernel
        Its kernel.
    alpha, beta : tuple of int
        How often it is differentiated by each component of x and of y.

    Source: `sobolev.partial-derivatives`.

    Examples
    --------
    >>> from sobolevkernels import SobolevKernel
    >>> mixed = SobolevKernel(dim=2, order=4).derivative((1, 0), (0, 1))
    >>> mixed([[1.0, 1.0]]).shape, mixed.alpha
    ((1, 1), (1, 0))
    """

    kernel: Derivatives
    alpha: MultiIndex
    beta: MultiIndex

    def __post_init__(self) -> None:
        require_continuity(self.kernel, sum(self.alpha) + sum(self.beta))

    def __call__(self, X: ArrayLike, Y: ArrayLike | None = None, out: NDArray[Any] | None = None) -> NDArray[Any]:
        """Its values for all pairs of points, (N, M); the limit where they coincide.

        Parameters
        ----------
        X, Y : array_like
            Points, (N, dim) and (M, dim), as for the Gram matrix. With `Y` absent the result is symmetric,
            or antisymmetric for an odd order, to the last bit.
        out : ndarray, optional
            Where to write, (N, M), of the dtype of the result.
        """
        x, y, result = validation.pairs(self.kernel.dim, X, Y, out, lambda n, m: (n, m))
        self.write(x, y, result)
        return result

    def write(self, x: Array, y: Array, out: NDArray[Any], mirror: NDArray[Any] | None = None) -> None:
        """The same for checked points, (N, dim) and (M, dim), into `out`, (N, M), and its transpose into `mirror`."""
        gamma = _sum(self.alpha, self.beta)
        axes = [axis for axis, entry in enumerate(gamma) if entry]
        part, sign = tuple(gamma[axis] for axis in axes), (-1) ** sum(self.beta)
        tile = in_range(lambda exponent: _partial(self.kernel, out.size, part, sign, exponent))
        over_pairs(tile, x, y, out, axes, sign=(-1) ** sum(gamma), mirror=mirror)

    @property
    def expr(self) -> sp.Expr:
        """The derivative as a SymPy expression in the plain symbols x1, x2, …, the components of x - y.

        Examples
        --------
        >>> from sobolevkernels import SobolevKernel
        >>> SobolevKernel(dim=1, order=2).derivative(1, 0).expr
        -x1*exp(-sqrt(x1**2))/4
        """
        import sympy as sp

        from sobolevkernels.symbolic.derivatives import partial_derivative

        kernel: Any = self.kernel
        order, kappa = kernel._symbolic()
        terms = partial_terms(_sum(self.alpha, self.beta))
        components = sp.symbols(f"x1:{kernel.dim + 1}")
        return (-1) ** sum(self.beta) * partial_derivative(kernel.dim, order, kappa, components, terms)

    def __repr__(self) -> str:
        kernel = repr(self.kernel).split("  #")[0]
        return f"{kernel}.derivative(alpha={self.alpha}, beta={self.beta})  # ∂_x^α ∂_y^β d(x - y)"


def partial_terms(gamma: MultiIndex) -> Iterable[tuple[int, int, MultiIndex]]:
    """The terms of ∂^γ d: the m of F_m, an integer coefficient, the powers of the components of u.

    ∂^γ d(z) = Σ coefficient · u^powers · r^(2m-N) F_m(r), N = |γ|.

    Source: `sobolev.partial-derivatives`.

    Examples
    --------
    >>> list(partial_terms((2, 1)))  # ∂₁²∂₂ d = -u₁² u₂ r³ F_3 + u₂ r F_2
    [(3, -1, (2, 1)), (2, 1, (0, 1))]
    """
    for halves in itertools.product(*(range(entry // 2 + 1) for entry in gamma)):
        m = sum(gamma) - sum(halves)
        coefficient = math.prod(math.factorial(entry) // (math.factorial(k) * math.factorial(entry - 2 * k) * 2**k)
                                for entry, k in zip(gamma, halves, strict=True))
        yield m, (-1) ** m * coefficient, tuple(entry - 2 * k for entry, k in zip(gamma, halves, strict=True))


def _sum(alpha: MultiIndex, beta: MultiIndex) -> MultiIndex:
    return tuple(map(sum, zip(alpha, beta, strict=True)))


def _partial(kernel: Derivatives, entries: int, gamma: MultiIndex, sign: int, exponent: int) -> Tile:
    """sign · 2^exponent ∂^γ d for the components of u that γ is about, all others being left out."""
    terms: dict[int, list[tuple[int, MultiIndex]]] = {}
    for m, coefficient, powers in partial_terms(gamma):
        terms.setdefault(m, []).append((sign * coefficient, powers))
    polynomials, factors = {}, {}
    for m, integers in terms.items():
        size = int(max(abs(c) for c, _ in integers)).bit_length()
        excess = size if size > 500 else 0  # far beyond a float, while F_m is as far below
        polynomials[m] = [(c / 2**excess, powers) for c, powers in integers]
        factors[m] = factor_of(kernel, entries, m, 2 * m - sum(gamma), exponent + excess)

    def tile(r: Array, u: Array) -> Iterable[tuple[MultiIndex, Array]]:
        values = np.zeros_like(r)
        for m, polynomial in polynomials.items():
            angular = np.zeros_like(r)
            for coefficient, powers in polynomial:
                angular += math.prod((component**power for component, power in zip(u, powers, strict=True) if power),
                                     start=coefficient)
            angular *= factors[m](r)
            values += angular
        yield (), values

    return tile


def factor_of(kernel: Derivatives, entries: int, m: int, j: int, exponent: int) -> Callable[[Array], Array]:
    """2^exponent r^j F_m as a function that makes a new array; so many entries will be asked for."""
    road = ladder_road(kernel.dim, nu_of(kernel), kernel.kappa_squared, m, j, entries, exponent)

    def factor(r: Array) -> Array:
        values = np.empty_like(r)
        road(r, values)
        return values

    return factor


def in_range(tile_at: Callable[[int], Tile]) -> Tile:
    """Its values, which may be sums and products of numbers that leave the range of floats where they do not.

    `tile_at(e)` makes a tile whose values are 2^e times those that are wanted.
    """
    plain = tile_at(0)

    def tile(r: Array, u: Array) -> Iterable[tuple[MultiIndex, Array]]:
        for place, (index, piece) in enumerate(plain(r, u)):
            lost, exponent = np.flatnonzero(~np.isfinite(piece)), 0
            while lost.size:
                exponent += 1000
                smaller = itertools.islice(tile_at(-exponent)(r[lost], u[:, lost]), place, None)
                values = next(iter(smaller))[1]
                found = np.isfinite(values)
                piece[lost[found]] = np.ldexp(values[found], exponent)
                lost = lost[~found]
            yield index, piece

    return tile


def nu_of(kernel: Derivatives) -> Fraction:
    """Smoothness, order - dim/2."""
    return kernel.order - Fraction(kernel.dim, 2)


def require_continuity(kernel: Derivatives, total: int) -> None:
    """Refuse a derivative of total order N ≥ 2ν."""
    twice = 2 * nu_of(kernel)
    if total >= twice:
        raise ValueError(
            f"a derivative of total order N = {total} is not continuous at coincident points: N must be below "
            f"2ν = 2·order - dim = {twice}; take order > dim/2 + N/2 = {Fraction(kernel.dim + total, 2)}")


def multi_indices(values: Any, dim: int, name: str) -> list[MultiIndex]:
    """A sequence of multi-indices, each checked."""
    if isinstance(values, numbers.Integral):
        raise TypeError(f"{name} must be a sequence of multi-indices, got {values!r}; "
                        f"a single one goes in as [{values!r}]")
    indices = [multi_index(value, dim, f"{name}[{place}]") for place, value in enumerate(values)]
    if not indices:
        raise ValueError(f"{name} must hold at least one multi-index; the zero one stands for the value itself")
    return indices


def multi_index(value: Any, dim: int, name: str) -> MultiIndex:
    """`dim` nonnegative integers; one integer stands for them in dimension 1."""
    value = value.tolist() if isinstance(value, np.ndarray) else value
    entries = (value,) if dim == 1 and isinstance(value, numbers.Integral) else value
    if not isinstance(entries, Iterable):
        raise TypeError(f"{name} must be a sequence of dim = {dim} integers, got {value!r}")
    entries = tuple(entries)
    if any(isinstance(entry, bool) or not isinstance(entry, numbers.Integral) for entry in entries):
        raise TypeError(f"{name} must hold integers, the number of derivatives by each component, got {value!r}")
    if len(entries) != dim:
        raise ValueError(f"{name} must have one entry for each of the dim = {dim} components, got {value!r}")
    if any(entry < 0 for entry in entries):
        raise ValueError(f"{name} must not be negative, got {value!r}; there are no antiderivatives here")
    return tuple(map(int, entries))
