"""SymPy expressions as functions of arrays, compiled when they are first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import sympy as sp

Array = NDArray[np.float64]


def compiled(expressions: Sequence[Any], arguments: Sequence[Any]) -> Callable[..., list[Any]]:
    """A function of arrays that returns the values of all expressions, their common parts computed once.

    Raises
    ------
    ValueError
        If something has no values, such as a derivative that SymPy cannot take or that of a jump: declare symbols
        real, or use smoother functions.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x")
    >>> compiled([x**2, 2 * x], [x])(3.0)
    [9.0, 6.0]
    """
    import sympy as sp

    for expr in map(sp.sympify, expressions):
        if expr.has(sp.Derivative, sp.Subs, sp.DiracDelta):
            raise ValueError(f"{expr} has no values; declare the symbols real=True, or use smoother functions")
    return sp.lambdify(list(arguments), list(expressions), modules=["scipy", "numpy"], cse=True)


def symbols(values: Any, name: str) -> tuple[sp.Symbol, ...]:
    """Distinct symbols; a single one stands for a tuple of one.

    Raises
    ------
    TypeError
        If something is not a symbol: pass `sympy.symbols("x y")`.
    ValueError
        If one occurs twice.
    """
    import sympy as sp

    given = tuple(values) if isinstance(values, Iterable) else (values,)
    for value in given:
        if not isinstance(value, sp.Symbol):
            raise TypeError(f"{name} must be SymPy symbols, such as sympy.symbols('x y'), got {value!r} of type "
                            f"{type(value).__name__}")
    if len(set(given)) != len(given):
        raise ValueError(f"{name} must be distinct, got {given}")
    return given


def expressions(values: Any, name: str, allowed: Sequence[Any]) -> tuple[sp.Expr, ...]:
    """Expressions in the allowed symbols; a single one stands for a tuple of one.

    Raises
    ------
    TypeError
        If something is no expression.
    ValueError
        If it contains other symbols, or functions that have no name in SymPy.
    """
    import sympy as sp
    from sympy.core.function import AppliedUndef

    listed = list(values) if isinstance(values, sp.MatrixBase | list | tuple) else [values]
    exprs = tuple(sp.sympify(value) for value in listed)
    for expr in exprs:
        if not isinstance(expr, sp.Expr):
            raise TypeError(f"{name} must be a SymPy expression, got {expr!r} of type {type(expr).__name__}")
        if extra := expr.free_symbols - set(allowed):
            raise ValueError(f"{name} may contain the symbols {tuple(allowed)}, got also "
                             f"{sorted(map(str, extra))}; symbols with other assumptions are other symbols")
        if undefined := expr.atoms(AppliedUndef):
            raise ValueError(f"{name} contains {sorted(map(str, undefined))}, which has no values; insert a function")
    return exprs


def derivative(expr: Any, variables: Sequence[Any], alpha: Sequence[int]) -> Any:
    """D^α of an expression."""
    import sympy as sp

    orders = [(symbol, count) for symbol, count in zip(variables, alpha, strict=True) if count]
    return sp.diff(expr, *orders) if orders else expr


class Basis:
    """Functions φ_i(x) of a basis, and their derivatives, each compiled once.

    Parameters
    ----------
    basis : sequence of sympy.Expr
        Or of sequences of m expressions, for m outputs.
    variables : sympy.Symbol or sequence of them
    name : str
        What they are called in messages.
    """

    def __init__(self, basis: Sequence[Any], variables: Any, name: str = "basis") -> None:
        self.variables = symbols(variables, "variables")
        self.entries = [expressions(entry, name, self.variables) for entry in basis]
        if not self.entries:
            raise ValueError("basis must hold at least one function")
        self.dim, self.outputs = len(self.variables), len(self.entries[0])
        if len({len(entry) for entry in self.entries}) > 1:
            raise ValueError(f"every function of a basis needs the same number of outputs, got {self.entries}")
        self._compiled = lru_cache(maxsize=64)(self._compile)

    def _compile(self, alpha: tuple[int, ...]) -> Callable[..., list[Any]]:
        return compiled([derivative(expr, self.variables, alpha) for entry in self.entries for expr in entry],
                        self.variables)

    def __call__(self, x: Array, alphas: Sequence[tuple[int, ...]], out: Array | None = None) -> Array:
        """D^α φ at the points, of shape (q, D, N, m)."""
        values = np.empty((len(self.entries), len(alphas), len(x), self.outputs)) if out is None else out
        for d, alpha in enumerate(alphas):
            for i, value in enumerate(self._compiled(alpha)(*x.T)):
                values[i // self.outputs, d, :, i % self.outputs] = value
        return values
