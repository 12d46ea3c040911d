"""Symbols as data: products of powers of leaves, whose exponents add up, so that equal symbols compare equal.

A leaf evaluates itself on pieces of a half spectrum. Algebra acts on what leaves are *on the grid*,
after the mean over signs at Nyquist modes: the multiplier of a product is then exactly the product of
the multipliers, and the inverse exactly the inverse, on every grid.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sobolevkernels.evaluation import symbols
from sobolevkernels.evaluation.constants import clipped
from sobolevkernels.evaluation.fourier_grid import Array, Grid, Slab

#: The values of an even function at ξ and at -ξ may differ by so much, relative to the larger.
EVEN = 1e-10
#: A power that is no float comes from its root of this degree: 3e-14 are lost, and powers up to e^181000 are in reach.
ROOT = 256


class Leaf(Protocol):
    """A symbol that is given, and not made of others."""

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        """Its power on a piece of a half spectrum."""

    def text(self, exponent: Fraction) -> str:
        """Its power as plain text."""


@dataclass(frozen=True)
class Named:
    """A closed form of `evaluation.symbols`; its exponent is the parameter in which it is a semigroup."""

    family: str
    parameters: tuple[Fraction, ...] = ()

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        squares = [nearest(parameter**2) for parameter in self.parameters]
        if self.family == "low_pass":  # modes at the cutoff, but for rounding, pass
            indicator = symbols.low_pass(slab.square, np.asarray(squares[0] * (1 + 1e-12)))
            return np.asarray(indicator if exponent > 0 else 1 / indicator, dtype=np.float64)
        return getattr(symbols, self.family)(slab.square, float(exponent), *squares)

    def text(self, exponent: Fraction) -> str:
        parameter = number(self.parameters[0]) if self.parameters else ""
        if self.family == "sobolev":
            return power(f"({'1' if parameter == '1' else parameter + '²'} + |ξ|²)", exponent)
        if self.family == "laplacian":
            return power("|ξ|", 2 * exponent)
        if self.family == "heat":
            factor = {1: "", -1: "-"}.get(-exponent, f"{number(-exponent)} ")  # type: ignore[call-overload]
            return f"exp({factor}|ξ|²)"
        return power(f"1[|ξ| ≤ {parameter}]", exponent)


@dataclass(frozen=True)
class Constant:
    """A positive number whose power is not rational."""

    value: Fraction

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        with np.errstate(all="ignore"):
            return np.full((1,) * slab.grid.dim, np.float64(nearest(self.value)) ** float(exponent))

    def text(self, exponent: Fraction) -> str:
        return power(number(self.value), exponent)


@dataclass(frozen=True)
class Given:
    """A function of ξ_1, …, ξ_d, or what an expression in them compiles to."""

    function: Callable[..., Any]
    expression: Any = None

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        with np.errstate(all="ignore"):
            there, back = slab.both_ways(self.function)
        odd = np.abs(there - back) > EVEN * np.maximum(np.abs(there), np.abs(back))
        if odd.any():
            place = int(np.argmax(odd))
            raise ValueError(f"a symbol must be even, but at {slab.name(place)} it is {there.flat[place]:.6g} and at "
                             f"-ξ {back.flat[place]:.6g}; real fields need m(ξ) = m(-ξ), as (m(ξ) + m(-ξ))/2 is")
        check(slab, there)
        return _power(there, exponent)

    def text(self, exponent: Fraction) -> str:
        name = str(self.expression) if self.expression is not None else getattr(self.function, "__name__", "m")
        return power(f"({name})" if self.expression is not None else f"{name}(ξ)", exponent)


@dataclass(frozen=True)
class Printed:
    """An expression in xi or xi_1, xi_2, … as a function of frequency arrays; it pickles, and compiles when called."""

    expr: Any

    def __post_init__(self) -> None:
        names = {symbol.name for symbol in self.expr.free_symbols}
        if names != {"xi"} and not all(name[:3] == "xi_" and name[3:].isdecimal() and int(name[3:]) for name in names):
            raise ValueError(f"a symbol is written in xi = |ξ|, or in xi_1, xi_2, …; got the symbols {sorted(names)}")

    def __call__(self, *xi: Any) -> Any:
        names, function = _compiled(self.expr)
        if names == ("xi",):
            first, *others = (axis * axis for axis in xi)
            return function(np.sqrt(sum(others, first)))
        if any(int(name[3:]) > len(xi) for name in names):
            raise ValueError(f"the symbol {self.expr} has no meaning in dimension {len(xi)}")
        shape = np.broadcast_shapes(*map(np.shape, xi))
        return np.broadcast_to(function(*(xi[int(name[3:]) - 1] for name in names)), shape)

    def compare(self, function: Callable[..., Any]) -> None:
        """Raise unless a function computes this expression, in the lowest dimension that both have."""
        dim = max((int(symbol.name[3:]) for symbol in self.expr.free_symbols if symbol.name != "xi"), default=1)
        if not isinstance(function, np.ufunc):
            wanted = [parameter for parameter in inspect.signature(function).parameters.values()
                      if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_POSITIONAL]
            dim = max(dim, len(wanted))
        for xi in np.random.default_rng(0).normal(size=(5, dim, 1)):
            left, right = np.asarray(function(*xi)), np.asarray(self(*xi))
            if not np.allclose(left, right, rtol=1e-9, atol=0, equal_nan=True):
                raise ValueError(f"the function is {left} at ξ = {xi.ravel()}, where the expression {self.expr} "
                                 f"is {right}")


@lru_cache(maxsize=64)
def _compiled(expr: Any) -> tuple[tuple[str, ...], Callable[..., Any]]:
    import sympy as sp

    symbols = sorted(expr.free_symbols, key=lambda symbol: symbol.name)
    return tuple(symbol.name for symbol in symbols), sp.lambdify(symbols, expr, "numpy")


@dataclass(frozen=True, eq=False)
class Sampled:
    """Values on one grid, estimated from so many samples."""

    grid: Grid
    half_spectrum: Array
    count: int
    shrinkage: float

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        if slab.grid.shape != self.grid.shape or not np.allclose(slab.grid.spacing, self.grid.spacing, rtol=1e-12,
                                                                 atol=0):
            raise ValueError(f"this symbol was estimated on the grid of shape {self.grid.shape} and spacing "
                             f"{self.grid.spacing} and is known nowhere else, not on {slab.grid.shape} with "
                             f"{slab.grid.spacing}; estimate it there, or fit a formula to it")
        return _power(self.half_spectrum[slab.rows], exponent)

    def text(self, exponent: Fraction) -> str:
        return power(f"[estimate from {self.count} samples, shrunk by {self.shrinkage:.3g}]", exponent)


@dataclass(frozen=True, eq=False)
class Product:
    """coefficient · Π leaf^exponent."""

    coefficient: Fraction = Fraction(1)
    factors: tuple[tuple[Leaf, Fraction], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Product) and self.coefficient == other.coefficient and self.parts == other.parts

    def __hash__(self) -> int:
        return hash((self.coefficient, self.parts))

    @cached_property
    def parts(self) -> frozenset[tuple[Leaf, Fraction]]:
        """The factors, whatever their order."""
        return frozenset(self.factors)

    def leaves(self) -> Iterator[Leaf]:
        """All that are not sums."""
        for leaf, _ in self.factors:
            if isinstance(leaf, Sum):
                for term in leaf.terms:
                    yield from term.leaves()
            else:
                yield leaf

    def values(self, slab: Slab) -> Array:
        """The symbol on a piece of a half spectrum, a new array."""
        result = np.full(slab.shape, nearest(self.coefficient))
        lost = _not_normal(result)
        with np.errstate(all="ignore"):  # rounding to 0 is the true value; what is infinite is found later
            for leaf, exponent in self.factors:
                values = leaf.values(slab, exponent)
                result *= values
                lost |= _not_normal(values) | _not_normal(result)
            if lost.any() and len(self.factors) + (self.coefficient != 1) > 1:  # one part lost what others may need
                result[lost] = self._with_exponents(slab)[lost]
        return result

    def _with_exponents(self, slab: Slab) -> Array:
        """The symbol, with mantissas and exponents apart; those of a power come from a root of it."""
        exponent = self.coefficient.numerator.bit_length() - self.coefficient.denominator.bit_length()
        result, exponents = np.full(slab.shape, float(self.coefficient / Fraction(2) ** exponent)), np.int64(exponent)
        for leaf, own in self.factors:
            mantissas, twos = np.frexp(leaf.values(slab, own / ROOT))
            result, more = np.frexp(result * mantissas**ROOT)
            exponents = exponents + ROOT * twos.astype(np.int64) + more
        return np.ldexp(result, clipped(exponents))

    def text(self) -> str:
        """Plain text, such as `2 · (1 + |ξ|²)²`."""
        if len(self.factors) == 1 and isinstance(self.factors[0][0], Sum) and self == Product(factors=(
                (self.factors[0][0], Fraction(1)),)):
            return self.factors[0][0].inside()
        parts = [leaf.text(exponent) for leaf, exponent in self.factors]
        if self.coefficient != 1 or not parts:
            parts.insert(0, number(self.coefficient))
        return " · ".join(parts)


@dataclass(frozen=True, eq=False)
class Sum:
    """Σ of products that differ by more than their coefficients."""

    terms: tuple[Product, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and frozenset(self.terms) == frozenset(other.terms)

    def __hash__(self) -> int:
        return hash(frozenset(self.terms))

    def values(self, slab: Slab, exponent: Fraction) -> Array:
        total = self.terms[0].values(slab)
        for term in self.terms[1:]:
            total += term.values(slab)
        return _power(total, exponent)

    def inside(self) -> str:
        """Plain text without parentheses."""
        return " + ".join(term.text() for term in self.terms)

    def text(self, exponent: Fraction) -> str:
        return power(f"({self.inside()})", exponent)


def multiply(left: Product, right: Product) -> Product:
    """The product; equal leaves merge and exponents that cancel disappear."""
    if not left.coefficient or not right.coefficient:
        return Product(Fraction(0))
    exponents: dict[Leaf, Fraction] = {}
    for leaf, exponent in (*left.factors, *right.factors):
        exponents[leaf] = exponents.get(leaf, Fraction(0)) + exponent
    return _normal(left.coefficient * right.coefficient, exponents)


def to_power(base: Product, exponent: Fraction) -> Product:
    """base^exponent, leaf by leaf."""
    if not base.coefficient:
        if exponent <= 0:
            raise ZeroDivisionError("the symbol is 0 everywhere; it has no inverse")
        return base
    exponents = {leaf: own * exponent for leaf, own in base.factors}
    if base.coefficient != 1:
        constant = Constant(base.coefficient)
        exponents[constant] = exponent
    return _normal(Fraction(1), exponents)


def plus(terms: Iterable[Product]) -> Product:
    """The sum; terms that differ by a factor only merge."""
    collected: dict[frozenset[tuple[Leaf, Fraction]], Product] = {}
    for product in terms:
        for term in _terms(product):
            if term.coefficient:
                held = collected.get(term.parts)
                total = term.coefficient + (held.coefficient if held else 0)
                collected[term.parts] = Product(total, term.factors)
    merged = tuple(collected.values())
    if len(merged) < 2:
        return merged[0] if merged else Product(Fraction(0))
    return Product(factors=((Sum(merged), Fraction(1)),))


def _terms(product: Product) -> Iterable[Product]:
    """The terms of a multiple of a sum; a product itself otherwise."""
    if len(product.factors) == 1:
        ((leaf, exponent),) = product.factors
        if isinstance(leaf, Sum) and exponent == 1:
            return [Product(product.coefficient * term.coefficient, term.factors) for term in leaf.terms]
    return [product]


def _normal(coefficient: Fraction, exponents: dict[Leaf, Fraction]) -> Product:
    factors = []
    for leaf, exponent in exponents.items():
        if isinstance(leaf, Constant) and exponent.denominator == 1:
            coefficient *= leaf.value ** int(exponent)
        elif exponent:
            if isinstance(leaf, Named) and leaf.family == "low_pass":  # a projection: its powers are itself
                exponent = Fraction(1 if exponent > 0 else -1)
            factors.append((leaf, exponent))
    product = Product(coefficient, tuple(factors))
    if coefficient != 1 and len(factors) == 1 and isinstance(factors[0][0], Sum) and factors[0][1] == 1:
        return plus([product])  # which multiplies out
    return product


def check(slab: Slab, values: Array) -> None:
    """Raise where a symbol is negative, infinite or NaN, and name the mode."""
    right = (values >= 0) & (values < np.inf)
    if right.all():
        return
    place = int(np.argmin(right))
    value, where = values.flat[place], slab.name(place)
    if np.isnan(value):
        raise ValueError(f"the symbol is NaN at {where}; it must have a value at every mode of the grid")
    if value < 0:
        raise ValueError(f"a symbol must be at least 0, but it is {value:.6g} at {where}; "
                         "a negative eigenvalue makes no metric")
    raise ValueError(f"the symbol is infinite at {where}: it overflows, or divides by 0; the inverse of a symbol with "
                     "zeros is not a multiplier, but `solve(g, spacing, complement=True)` of that symbol does its work")


def nearest(value: Fraction) -> float:
    """The float next to a number that is at least 0; infinity where that is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _not_normal(values: Array) -> NDArray[np.bool_]:
    """Where values are not normal floats above 0: zero, subnormal, infinite or NaN."""
    return ~((values >= np.finfo(np.float64).tiny) & (values < np.inf))


def number(value: Fraction) -> str:
    """A short decimal where that is exact, and six digits otherwise.

    Examples
    --------
    >>> number(Fraction(3)), number(Fraction(1, 3)), number(Fraction(2, 3 * 10**400))
    ('3', '0.333333', '6.66667e-401')
    """
    if value.denominator == 1 and abs(value) < 2**64:
        return str(value.numerator)
    if value and not 1e-300 < abs(value) < Fraction(10) ** 300:
        return f"{Decimal(value.numerator) / Decimal(value.denominator):.5e}"
    return f"{float(value):.6g}"


_SUPERSCRIPTS = {Fraction(2): "²", Fraction(3): "³"}


def power(base: str, exponent: Fraction) -> str:
    """base^exponent as plain text."""
    if exponent == 1:
        return base
    return base + _SUPERSCRIPTS.get(exponent, f"^{number(exponent)}")


def _power(values: Array, exponent: Fraction) -> Array:
    with np.errstate(all="ignore"):
        return values if exponent == 1 else values ** float(exponent)
