"""Truncated polynomials in the coordinates of a point: the numbers with which a network computes derivatives.

The Taylor coefficients of a smooth function at x, up to some order, form its jet there. Jets are added
and multiplied like polynomials of which the high powers are dropped, and a function of a jet is its
Taylor series, which ends because a jet without its constant is nilpotent. Every formula that is made
of sums, products and smooth functions holds for jets as it does for numbers: put jets into a network
and into its backpropagation, and out come the derivatives of the network and of its Jacobian.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
MultiIndex = tuple[int, ...]

#: Coefficients in the order of `Jets.indices`: arrays that broadcast against each other, and None for zero.
Jet = list[Any]


def multi_indices(dim: int, order: int) -> tuple[MultiIndex, ...]:
    """The multi-indices α with |α| ≤ order, by total order and then from the first coordinate to the last.

    Examples
    --------
    >>> multi_indices(2, 2)
    ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    """
    return _graded(alpha for alpha in product(range(order + 1), repeat=dim) if sum(alpha) <= order)


def below(derivatives: Iterable[MultiIndex]) -> tuple[MultiIndex, ...]:
    """The multi-indices that some of these dominate, entry by entry: what their Leibniz formulas need.

    Examples
    --------
    >>> below([(2, 0), (0, 2)])
    ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2))
    """
    return _graded({beta for alpha in derivatives for beta in product(*(range(a + 1) for a in alpha))})


def _graded(indices: Iterable[MultiIndex]) -> tuple[MultiIndex, ...]:
    return tuple(sorted(indices, key=lambda alpha: (sum(alpha), [-a for a in alpha])))


def factorial(alpha: MultiIndex) -> int:
    """α! = α_1! ⋯ α_n!."""
    return math.prod(map(math.factorial, alpha))


def binomials(alpha: MultiIndex) -> Iterable[tuple[MultiIndex, MultiIndex, int]]:
    """β, α-β and binom(α, β) for every β below α: the terms of the Leibniz formula.

    Examples
    --------
    >>> list(binomials((2,)))
    [((0,), (2,), 1), ((1,), (1,), 2), ((2,), (0,), 1)]
    """
    for beta in below([alpha]):
        yield (beta, tuple(a - b for a, b in zip(alpha, beta, strict=True)),
               math.prod(math.comb(a, b) for a, b in zip(alpha, beta, strict=True)))


@dataclass(frozen=True)
class Jets:
    """The ring of polynomials whose powers outside of `indices` are dropped.

    Parameters
    ----------
    indices : tuple of multi-indices
        With each one all that lie below it, in the order of `below`; the first is (0, …, 0).
    """

    indices: tuple[MultiIndex, ...]

    @cached_property
    def order(self) -> int:
        """The largest total order."""
        return sum(self.indices[-1])

    @cached_property
    def pairs(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For every coefficient of a product the places of those that are multiplied."""
        place = {alpha: i for i, alpha in enumerate(self.indices)}
        return tuple(tuple((place[beta], place[rest]) for beta, rest, _ in binomials(alpha)) for alpha in self.indices)

    def coordinates(self, x: Array) -> Jet:
        """The coordinates themselves, as a jet of columns (dim, N): x, and a unit vector for each first derivative."""
        jet: Jet = [np.ascontiguousarray(x.T), *[None] * (len(self.indices) - 1)]
        for i, alpha in enumerate(self.indices):
            if sum(alpha) == 1:
                jet[i] = np.array(alpha, dtype=np.float64)[:, None]
        return jet

    def multiply(self, one: Jet, other: Jet) -> Jet:
        """The product, entry by entry.

        Examples
        --------
        >>> import numpy as np
        >>> ring = Jets(multi_indices(1, 2))
        >>> one_plus_x = [np.array(1.0), np.array(1.0), None]
        >>> [float(c) for c in ring.multiply(one_plus_x, one_plus_x)]
        [1.0, 2.0, 1.0]
        """
        result: Jet = []
        for pairs in self.pairs:
            total: Array | None = None
            for i, j in pairs:
                a, b = one[i], other[j]
                if a is not None and b is not None:
                    total = a * b if total is None else total + a * b
            result.append(total)
        return result

    def powers(self, jet: Jet) -> list[Jet]:
        """h^j/j! for j = 1, 2, … up to the order, h being the jet without its constant."""
        rest: Jet = [None, *jet[1:]]
        powers = [rest] if self.order else []
        for j in range(2, self.order + 1):
            scaled: Jet = [None if a is None else a / j for a in rest]
            powers.append(self.multiply(powers[-1], scaled))
        return powers

    def compose(self, outer: Sequence[Array], powers: Sequence[Jet]) -> Jet:
        """σ of a jet: σ(s₀) + Σ_j σ^(j)(s₀) h^j/j!.

        Parameters
        ----------
        outer : sequence of ndarray
            σ and its derivatives at the constant s₀ of the jet, one more than there are powers, or more.
        powers : list of jets
            What `powers` returns for the jet.

        Source: `sobolev.jet-composition`.

        Examples
        --------
        The exponential of 1 + x to second order, in units of e:

        >>> import numpy as np
        >>> ring = Jets(multi_indices(1, 2))
        >>> one, e = np.array(1.0), np.array(np.e)
        >>> [round(float(c / e), 8) for c in ring.compose([e, e, e], ring.powers([one, one, None]))]
        [1.0, 1.0, 0.5]
        """
        result: Jet = [outer[0], *[None] * (len(self.indices) - 1)]
        for derivative, power in zip(outer[1:], powers, strict=False):
            for i, coefficient in enumerate(power):
                if coefficient is not None:
                    term, total = derivative * coefficient, result[i]
                    result[i] = term if total is None else total + term
        return result


@lru_cache(maxsize=64)
def jets_of(derivatives: tuple[MultiIndex, ...]) -> Jets:
    """The smallest ring in which products know these derivatives.

    Examples
    --------
    >>> jets_of(((1, 1),)).indices
    ((0, 0), (1, 0), (0, 1), (1, 1))
    """
    return Jets(below(derivatives))
